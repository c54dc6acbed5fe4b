//! The tables of all files → settings and sources, checked key by key and then against each other.

use std::collections::HashMap;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::daemon::LEASE;
use crate::fetch::Limits;
use crate::model::{FeedKind, FeedSpec, Source, Url};

use super::check::{check, kind_of};
use super::mistake::{Mistake, Place, Wrong};
use super::quantity::written;
use super::schema::{Draft, Entry, INCLUDE, SETTINGS, SOURCE};
use super::text::Reader;
use super::{Desk, File, Settings};

/// What a job needs beside its request: waiting for a core, reading the page, the commit.
const LEASE_MARGIN: Duration = Duration::from_secs(120);

/// The tables within a source, and how their keys begin in the schema.
const SUBTABLES: [(&str, &str); 2] = [("extract", "source.extract."), ("request", "source.request.")];

/// What has been read so far.
pub(super) struct Book {
    pub(super) settings: Settings,
    pub(super) mistakes: Vec<Mistake>,
    /// Where the keys of the house are given.
    given: HashMap<&'static str, Place>,
    /// Where the names, former names and addresses of the sources are given.
    names: HashMap<String, Place>,
    former: HashMap<String, Place>,
    feeds: HashMap<String, Place>,
}

impl Book {
    pub(super) fn new() -> Book {
        Book {
            settings: defaults(),
            mistakes: Vec::new(),
            given: HashMap::new(),
            names: HashMap::new(),
            former: HashMap::new(),
            feeds: HashMap::new(),
        }
    }

    /// Reads the main file, or one that it includes, which can only hold sources.
    pub(super) fn read(&mut self, file: &File, is_main: bool) {
        let mut reader = Reader::new(file);
        let text = reader.readable_text();
        let (table, _) = DeTable::parse_recoverable(&text);
        for (key, value) in table.into_inner() {
            let (name, at) = (key.get_ref().as_ref(), key.span().start);
            let value = match name {
                "source" => {
                    self.sources(&mut reader, value);
                    continue;
                }
                _ => &value,
            };
            match name {
                _ if !is_main => {
                    let wrong = Wrong::new("only [[source]] can stand in an included file; move this to the main file");
                    reader.complain(at, name, wrong);
                }
                "include" => {
                    patterns(&mut reader, value);
                }
                _ if sections().any(|section| section == name) => self.section(&mut reader, name, value),
                _ => unknown_at_top(&mut reader, name, at),
            }
        }
        let mut found = reader.mistakes;
        found.sort_by(|one, other| one.place.cmp(&other.place));
        self.mistakes.append(&mut found);
    }

    fn section(&mut self, reader: &mut Reader<'_>, section: &str, value: &Spanned<DeValue<'_>>) {
        let DeValue::Table(table) = value.get_ref() else {
            let wrong = Wrong::new(format!("expected the table [{section}], found {}", kind_of(value.get_ref())));
            return reader.complain(value.span().start, section, wrong);
        };
        for (key, value) in table.iter() {
            let (name, at) = (key.get_ref().as_ref(), key.span().start);
            let path = format!("{section}.{name}");
            let Some(entry) = SETTINGS.iter().find(|entry| entry.key.path == path) else {
                let known = SETTINGS.iter().filter_map(|entry| entry.key.path.split_once('.'));
                reader.unknown_key(at, &path, name, known.filter(|(table, _)| *table == section).map(|(_, leaf)| leaf));
                continue;
            };
            self.given.insert(entry.key.path, reader.place(value.span().start));
            put(reader, entry, &path, value, &mut self.settings);
        }
    }

    /// Each table goes as soon as it is read: with very many sources, what was read takes the place of what is to be.
    fn sources(&mut self, reader: &mut Reader<'_>, value: Spanned<DeValue<'_>>) {
        let wrong = |found: &DeValue<'_>| Wrong::new(format!("expected tables under [[source]], found {}", kind_of(found)));
        let at = value.span().start;
        match value.into_inner() {
            DeValue::Array(tables) => {
                self.settings.sources.reserve_exact(tables.len());
                for (index, table) in tables.into_iter().enumerate() {
                    match table.get_ref() {
                        DeValue::Table(keys) => self.source(reader, index, keys, table.span().start),
                        other => reader.complain(table.span().start, "source", wrong(other)),
                    }
                }
            }
            DeValue::Table(keys) => {
                let single = Wrong::new("a source begins with double brackets: [[source]]");
                reader.complain(at, "source", single);
                self.source(reader, 0, &keys, at);
            }
            other => reader.complain(at, "source", wrong(&other)),
        }
    }

    fn source(&mut self, reader: &mut Reader<'_>, index: usize, table: &DeTable<'_>, at: usize) {
        let label = match table.get("name").map(|name| name.get_ref()) {
            Some(DeValue::String(name)) if super::words::source_name(name).is_ok() => format!("source[{name}]"),
            _ => format!("source[#{}]", index + 1),
        };
        let mut draft = blank_draft();
        source_keys(reader, "source.", &label, table, &mut draft);
        for (name, prefix) in SUBTABLES {
            let Some(value) = table.get(name) else { continue };
            let path = format!("{label}.{name}");
            match value.get_ref() {
                DeValue::Table(keys) => source_keys(reader, prefix, &path, keys, &mut draft),
                other => {
                    let wrong = Wrong::new(format!("expected the table [source.{name}], found {}", kind_of(other)));
                    reader.complain(value.span().start, &path, wrong);
                }
            }
        }
        self.name_of_source(reader, &label, table, at, &draft);
        if let (Some(least), Some(most)) = (draft.terms.min_interval, draft.terms.max_interval)
            && least > most
        {
            let at = table.get("min_interval").map_or(at, |value| value.span().start);
            let message = format!("min_interval ({}) must not be above max_interval ({})", written(least), written(most));
            reader.complain(at, &format!("{label}.min_interval"), Wrong::new(message));
        }
        let feeds = self.feeds_of_source(reader, &label, table, at, &draft);
        self.settings.sources.push(desk(draft, feeds, reader.file_name()));
    }

    fn name_of_source(&mut self, reader: &mut Reader<'_>, label: &str, table: &DeTable<'_>, at: usize, draft: &Draft) {
        let position = |key: &str| table.get(key).map_or(at, |value| value.span().start);
        if !table.contains_key("name") && reader.is_readable() {
            let wrong = Wrong::new("the source has no name; expected e.g. name = \"trend-en\"");
            reader.complain(at, &format!("{label}.name"), wrong);
        }
        if !draft.name.is_empty() {
            let place = reader.place(position("name"));
            if let Some(first) = self.names.get(&draft.name) {
                let wrong = Wrong::new(format!("the name is taken by the source at {first}"));
                reader.complain(position("name"), &format!("{label}.name"), wrong);
            } else {
                self.names.insert(draft.name.clone(), place);
            }
        }
        let Some(was) = &draft.was else { return };
        let path = format!("{label}.was");
        if *was == draft.name {
            reader.complain(position("was"), &path, Wrong::new("the former name is the present one; remove the key"));
        } else if let Some(first) = self.former.get(was) {
            let wrong = Wrong::new(format!("the former name is claimed by the source at {first}"));
            reader.complain(position("was"), &path, wrong);
        } else {
            self.former.insert(was.clone(), reader.place(position("was")));
        }
    }

    fn feeds_of_source(
        &mut self,
        reader: &mut Reader<'_>,
        label: &str,
        table: &DeTable<'_>,
        at: usize,
        draft: &Draft,
    ) -> Vec<FeedSpec> {
        let feeds = draft.feed.iter().chain(&draft.feeds).map(|feed| (feed, FeedKind::Feed));
        let sitemaps = draft.sitemaps.iter().map(|feed| (feed, FeedKind::Sitemap));
        let mut specs = Vec::new();
        // Beside feeds a home page is the site's address; alone it is what is polled.
        let nothing_else = draft.feed.is_none() && draft.feeds.is_empty() && draft.sitemaps.is_empty();
        let tries_else = ["feed", "feeds", "sitemap"].iter().any(|key| table.get(*key).is_some_and(|value| !is_empty(value)));
        let homes = draft.home.iter().filter(|_| nothing_else && !tries_else).map(|home| (home, FeedKind::Home));
        for (feed, kind) in feeds.chain(sitemaps).chain(homes) {
            let variant = variant(&feed.url);
            if let Some(first) = self.feeds.get(&variant) {
                let wrong = Wrong::new(format!("the address is given already at {first}; every feed belongs to one source"));
                let key = match kind {
                    FeedKind::Sitemap => "sitemap",
                    FeedKind::Home => "home",
                    FeedKind::Feed | FeedKind::Archive => "feed",
                };
                reader.complain(feed.at, &format!("{label}.{key}"), wrong);
                continue;
            }
            self.feeds.insert(variant, reader.place(feed.at));
            specs.push(FeedSpec { url: feed.url.clone(), kind });
        }
        // A key that is there and gave nothing was complained about, or is empty.
        let tried = ["feed", "feeds", "sitemap", "home"].iter().any(|key| table.get(*key).is_some_and(|value| !is_empty(value)));
        if specs.is_empty() && !tried && reader.is_readable() {
            let wrong = Wrong::new(
                "the source has nothing to poll; expected feed = \"https://…\", feeds = […], sitemap = \"https://…\" or home = \"https://…\"",
            );
            reader.complain(at, &format!("{label}.feed"), wrong);
        }
        specs
    }

    /// What only all keys together can show; then the derived fields.
    pub(super) fn finish(&mut self, base_dir: &str) {
        self.former_names_are_free();
        let fetch = &mut self.settings.fetch;
        if !self.given.contains_key("fetch.connect_timeout") {
            fetch.connect_timeout = fetch.connect_timeout.min(fetch.timeout);
        }
        let Limits { timeout, connect_timeout, per_host_connections, concurrency, .. } = *fetch;
        let (least, most) = (self.settings.schedule.min_interval, self.settings.schedule.max_interval);
        self.not_above("schedule.min_interval", least, "schedule.max_interval", most, written);
        self.not_above("fetch.connect_timeout", connect_timeout, "fetch.timeout", timeout, written);
        self.not_above("fetch.per_host_connections", per_host_connections, "fetch.concurrency", concurrency, |n| n.to_string());
        self.within_the_lease();
        self.hubs_reach_the_listener();
        if let Some(window) = self.settings.store.window {
            self.settings.dedup.window = window;
        }
        let store = &mut self.settings.store;
        store.path = std::path::Path::new(base_dir).join(&store.path);
        widen_lanes(&mut self.settings);
    }

    fn former_names_are_free(&mut self) {
        for (was, place) in &self.former {
            if let Some(present) = self.names.get(was) {
                self.mistakes.push(Mistake {
                    place: place.clone(),
                    key: "source.was".to_owned(),
                    message: format!("\"{was}\" is still the name of the source at {present}"),
                    nearest: None,
                });
            }
        }
    }

    /// A scrape that outlasts its lease is claimed a second time while the first one still runs.
    fn within_the_lease(&mut self) {
        let fetch = &self.settings.fetch;
        let most = LEASE.saturating_sub(LEASE_MARGIN);
        if fetch.longest() <= most {
            return;
        }
        let keys = ["fetch.timeout", "fetch.per_host_delay", "fetch.max_redirects", "fetch.crawl_delay_max"];
        let Some((key, place)) = keys.iter().find_map(|key| self.given.get_key_value(key)) else { return };
        let message = format!(
            "with timeout {}, per_host_delay {}, crawl_delay_max {} and max_redirects {} one request may take {}; expected at most {}, so that a job ends within its lease of {}",
            written(fetch.timeout),
            written(fetch.per_host_delay),
            written(fetch.manners.crawl_delay_max),
            fetch.max_redirects,
            written(fetch.longest()),
            written(most),
            written(LEASE),
        );
        self.mistakes.push(Mistake { place: place.clone(), key: (*key).to_owned(), message, nearest: None });
    }

    /// A callback leads to the listener, through a proxy: without one nobody answers there.
    fn hubs_reach_the_listener(&mut self) {
        if self.settings.websub.is_none() || self.settings.serve.is_some() {
            return;
        }
        let Some(place) = self.given.get("websub.callback") else { return };
        let message = "hubs are answered by the listener; set serve.listen, and let a reverse proxy lead the callback there";
        self.mistakes.push(Mistake {
            place: place.clone(),
            key: "websub.callback".to_owned(),
            message: message.to_owned(),
            nearest: None,
        });
    }

    /// Complains at the key that was given, when `lower` is above `upper`.
    fn not_above<T: PartialOrd>(&mut self, lower: &'static str, low: T, upper: &'static str, high: T, show: fn(T) -> String) {
        if low <= high {
            return;
        }
        let (key, place) = match (self.given.get(lower), self.given.get(upper)) {
            (Some(place), _) => (lower, place.clone()),
            (None, Some(place)) => (upper, place.clone()),
            (None, None) => return,
        };
        let note = |key| if self.given.contains_key(key) { "" } else { " by default" };
        let message = format!("{lower} ({}{}) must not be above {upper} ({}{})", show(low), note(lower), show(high), note(upper));
        self.mistakes.push(Mistake { place, key: key.to_owned(), message, nearest: None });
    }
}

/// What two spellings of one feed's address have in common: either scheme, no fragment, no empty query.
fn variant(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    if url.query() == Some("") {
        url.set_query(None);
    }
    let text = url.as_str();
    text.split_once("://").map_or(text, |(_, rest)| rest).to_owned()
}

/// The patterns of a text's `include`, checked.
pub(super) fn include_patterns(file: &File) -> Result<Vec<String>, Vec<Mistake>> {
    let mut reader = Reader::new(file);
    let text = reader.readable_text();
    let (table, _) = DeTable::parse_recoverable(&text);
    reader.mistakes.clear();
    let found = table.get_ref().get("include").map(|value| patterns(&mut reader, value)).unwrap_or_default();
    if reader.mistakes.is_empty() { Ok(found) } else { Err(reader.mistakes) }
}

/// The settings of an empty file: the defaults of the schema, read as if an operator had written them.
pub(super) fn defaults() -> Settings {
    let mut settings = Settings::blank();
    for entry in &SETTINGS {
        put_default(entry, &mut settings);
    }
    widen_lanes(&mut settings);
    settings
}

fn blank_draft() -> Draft {
    let mut draft = Draft::default();
    for entry in &SOURCE {
        put_default(entry, &mut draft);
    }
    draft
}

fn put_default<T>(entry: &Entry<T>, target: &mut T) {
    let Ok(value) = DeValue::parse(entry.key.default) else { return };
    if let Ok(checked) = check(&entry.kind, entry.key.what, &value) {
        (entry.put)(target, checked, 0);
    }
}

/// Polls may take a quarter of the requests, scrapes the rest; each lane is at least one wide.
fn widen_lanes(settings: &mut Settings) {
    let concurrency = settings.fetch.concurrency;
    settings.lanes.polls = (concurrency / 4).max(1);
    settings.lanes.scrapes = concurrency.saturating_sub(settings.lanes.polls).max(1);
}

fn desk(draft: Draft, feeds: Vec<FeedSpec>, file: &str) -> Desk {
    let mut rules = draft.rules;
    let home = draft.home.map(|home| home.url);
    rules.timezone.clone_from(&draft.timezone);
    rules.language.clone_from(&draft.language);
    let source = Source {
        agency: draft.agency.unwrap_or_else(|| draft.name.clone()),
        name: draft.name,
        was: draft.was,
        enabled: draft.enabled,
        feeds,
        timezone: draft.timezone,
        language: draft.language,
    };
    Desk {
        source,
        selection: draft.selection,
        reach: draft.reach,
        rules,
        terms: draft.terms,
        request: draft.request,
        file: file.to_owned(),
        home,
    }
}

/// The keys directly below `prefix`.
fn source_keys(reader: &mut Reader<'_>, prefix: &str, label: &str, table: &DeTable<'_>, draft: &mut Draft) {
    let leaves = SOURCE.iter().filter_map(|entry| entry.key.path.strip_prefix(prefix)).filter(|leaf| !leaf.contains('.'));
    for (key, value) in table.iter() {
        let name = key.get_ref().as_ref();
        if prefix == "source." && SUBTABLES.iter().any(|(table, _)| *table == name) {
            continue;
        }
        let path = format!("{label}.{name}");
        match SOURCE.iter().find(|entry| entry.key.path.strip_prefix(prefix) == Some(name)) {
            Some(entry) => put(reader, entry, &path, value, draft),
            None => {
                let tables = SUBTABLES.iter().filter(|_| prefix == "source.").map(|(table, _)| *table);
                reader.unknown_key(key.span().start, &path, name, leaves.clone().chain(tables));
            }
        }
    }
}

/// Checks a value and puts it into its field, or says what is wrong with it.
fn put<T>(reader: &mut Reader<'_>, entry: &Entry<T>, path: &str, value: &Spanned<DeValue<'_>>, target: &mut T) {
    match check(&entry.kind, entry.key.what, value) {
        Ok(checked) => (entry.put)(target, checked, value.span().start),
        Err(wrongs) => wrongs.into_iter().for_each(|(at, wrong)| reader.complain(at, path, wrong)),
    }
}

fn patterns(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>) -> Vec<String> {
    let mut found = Vec::new();
    put(reader, &INCLUDE, INCLUDE.key.path, value, &mut found);
    found
}

fn sections() -> impl Iterator<Item = &'static str> + Clone {
    SETTINGS.iter().filter_map(|entry| entry.key.path.split_once('.')).map(|(section, _)| section)
}

/// A key without its table is told where it belongs.
fn unknown_at_top(reader: &mut Reader<'_>, name: &str, at: usize) {
    let home = SETTINGS.iter().find(|entry| entry.key.path.split_once('.').is_some_and(|(_, leaf)| leaf == name));
    match home {
        Some(entry) => {
            let guess = Some(entry.key.path.to_owned());
            reader.complain(at, name, Wrong::new("there is no such key outside of a table").meaning(guess));
        }
        None => reader.unknown_key(at, name, name, sections().chain(["source", "include"])),
    }
}

fn is_empty(value: &Spanned<DeValue<'_>>) -> bool {
    match value.get_ref() {
        DeValue::String(text) => text.is_empty(),
        DeValue::Array(elements) => elements.is_empty(),
        _ => false,
    }
}
