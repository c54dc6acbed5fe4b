//! Lists of feeds, in and out: OPML as readers of feeds write it, and the FOAF lists of planets.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::address;
use crate::charset::{self, Markup};
use crate::markup;
use crate::model::{FeedKind, Refused, Url};

use super::xml::{self, Event, Tokenizer};
use super::{Error, LARGEST, channel, lookalike};

/// Most feeds of one list.
pub const MOST: usize = 50_000;
/// Folders within folders beyond this many are passed over; what stands in them is kept. Every subscription remembers its
/// folders, so that their number and the length of names bound what a small document can cost.
const DEEPEST: usize = 8;
/// Longest name of a feed or folder, in characters.
const LONGEST_NAME: usize = 200;
/// Longest text of an element that is collected.
const LONGEST_TEXT: usize = 4096;

/// A list of feeds, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// The list's title.
    pub title: Option<String>,
    /// What it subscribes to, each address once, in document order.
    pub subscriptions: Vec<Subscription>,
    /// Outlines that could not be subscribed to, each with its reason.
    pub refused: Vec<Refused>,
    /// Outlines whose address was in the list already.
    pub repeated: usize,
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its title, as plain text.
    pub title: Option<String>,
    /// Where it is.
    pub url: Url,
    /// Feed, sitemap, or the home page of a site whose feed the list does not name.
    pub kind: FeedKind,
    /// The site's home page.
    pub home: Option<Url>,
    /// BCP 47 language.
    pub language: Option<String>,
    /// The folders it stands in, outermost first; of a repeated one, those of its first place.
    pub folders: Vec<String>,
}

/// Reads a list of feeds. Never panics, whatever the bytes.
pub fn parse(bytes: &[u8], content_type: Option<&str>) -> Result<List, Error> {
    if bytes.len() > LARGEST {
        return Err(Error::TooLarge { bytes: bytes.len(), limit: LARGEST });
    }
    let decoded = charset::decode(bytes, content_type, Markup::Xml);
    let mut reader = Reader { tokens: Tokenizer::new(&decoded.text), ..Reader::default() };
    reader.read();
    if !reader.rooted {
        return Err(Error::NotAFeed(format!("expected a list of feeds (OPML), found {}", lookalike::describe(&decoded.text))));
    }
    Ok(reader.list)
}

/// Writes a list as OPML 2.0 (<http://opml.org/spec2.opml>). What stands in one folder in a row shares its outline.
pub fn write(title: &str, subscriptions: &[Subscription]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<opml version=\"2.0\">\n  <head>\n    <title>");
    out.push_str(&quoted(title));
    out.push_str("</title>\n  </head>\n  <body>\n");
    let mut open: &[String] = &[];
    let indent = |depth: usize| "  ".repeat(depth + 2);
    for subscription in subscriptions {
        let folders = &subscription.folders[..subscription.folders.len().min(DEEPEST)];
        let shared = open.iter().zip(folders).take_while(|(one, other)| one == other).count();
        for depth in (shared..open.len()).rev() {
            out.push_str(&format!("{}</outline>\n", indent(depth)));
        }
        for (depth, folder) in folders.iter().enumerate().skip(shared) {
            out.push_str(&format!("{}<outline text=\"{}\">\n", indent(depth), quoted(folder)));
        }
        open = folders;
        out.push_str(&indent(folders.len()));
        outline(&mut out, subscription);
    }
    for depth in (0..open.len()).rev() {
        out.push_str(&format!("{}</outline>\n", indent(depth)));
    }
    out.push_str("  </body>\n</opml>\n");
    out
}

fn outline(out: &mut String, subscription: &Subscription) {
    let text = subscription.title.as_deref().unwrap_or(subscription.url.as_str());
    let kind = match subscription.kind {
        FeedKind::Sitemap => "sitemap",
        FeedKind::Home => "link",
        FeedKind::Feed | FeedKind::Archive => "rss",
    };
    out.push_str(&format!("<outline text=\"{0}\" title=\"{0}\" type=\"{kind}\"", quoted(text)));
    let home = if subscription.kind == FeedKind::Home { Some(&subscription.url) } else { subscription.home.as_ref() };
    if subscription.kind != FeedKind::Home {
        out.push_str(&format!(" xmlUrl=\"{}\"", quoted(subscription.url.as_str())));
    }
    if let Some(home) = home {
        out.push_str(&format!(" htmlUrl=\"{}\"", quoted(home.as_str())));
    }
    if let Some(language) = &subscription.language {
        out.push_str(&format!(" language=\"{}\"", quoted(language)));
    }
    out.push_str("/>\n");
}

/// Text for an attribute or an element, without the characters XML does not know (XML 1.0 §2.2).
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\r' | '\t' => out.push(' '),
            '\u{FFFE}' | '\u{FFFF}' => {}
            character if character.is_control() => {}
            character => out.push(character),
        }
    }
    out
}

/// Somebody in a FOAF list, or a group of them.
#[derive(Debug, Default)]
struct Agent {
    group: bool,
    /// Whether its name was met already: those of its acquaintances come later.
    name: Option<String>,
    home: Option<Url>,
    feeds: Vec<(String, Option<String>, Option<Url>)>,
}

/// Walks over the document.
struct Reader<'d> {
    tokens: Tokenizer<'d>,
    list: List,
    known: HashMap<Url, usize>,
    rooted: bool,
    /// What the open outlines are called; `None` for those that are no folders.
    folders: Vec<Option<String>>,
    /// How many outlines are open beyond those.
    deeper: usize,
    agents: Vec<Agent>,
    /// The element whose text is collected, and the text.
    collecting: Option<(&'d str, String)>,
}

impl Default for Reader<'_> {
    fn default() -> Self {
        Reader {
            tokens: Tokenizer::new(""),
            list: List::default(),
            known: HashMap::new(),
            rooted: false,
            folders: Vec::new(),
            deeper: 0,
            agents: Vec::new(),
            collecting: None,
        }
    }
}

impl<'d> Reader<'d> {
    fn read(&mut self) {
        while let Some(event) = self.tokens.next(None) {
            match event {
                Event::Start { name, attributes, empty } => self.start(name, attributes, empty),
                Event::End { name } => self.end(name),
                Event::Text(raw) => {
                    let text = xml::decode(raw, &self.tokens.declared, &mut self.tokens.mended);
                    collect(&mut self.collecting, &text);
                }
                Event::Literal(text) => collect(&mut self.collecting, text),
            }
        }
        while let Some(agent) = self.agents.pop() {
            self.leave(agent);
        }
    }

    fn start(&mut self, raw: &'d str, attributes: &'d str, empty: bool) {
        let local = raw.rsplit_once(':').map_or(raw, |(_, local)| local).to_ascii_lowercase();
        match local.as_str() {
            "opml" | "rdf" => self.rooted = true,
            // Lists that lost their root are lists all the same.
            "outline" => {
                self.rooted = true;
                self.outline(attributes, empty);
            }
            "title" if !empty && self.list.title.is_none() && self.list.subscriptions.is_empty() => {
                self.collecting = Some((raw, String::new()));
            }
            "agent" | "person" | "group" | "organization" if !empty && self.agents.len() < DEEPEST => {
                self.agents.push(Agent { group: local == "group", ..Agent::default() });
            }
            "name" | "member_name" if !empty && !self.agents.is_empty() => self.collecting = Some((raw, String::new())),
            "document" => {
                let about = self.attribute(attributes, &["about"]);
                if let Some(agent) = self.agents.last_mut() {
                    agent.home = about.and_then(|about| address::resolve(None, &about));
                }
            }
            "channel" | "feed" if !self.agents.is_empty() => {
                let title = self.attribute(attributes, &["title"]);
                if let Some(feed) = self.attribute(attributes, &["resource", "about"])
                    && let Some(agent) = self.agents.last_mut()
                    && agent.feeds.len() < MOST
                {
                    agent.feeds.push((feed, title, None));
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, raw: &'d str) {
        if let Some((name, _)) = &self.collecting
            && name.eq_ignore_ascii_case(raw)
            && let Some((name, text)) = self.collecting.take()
        {
            let text = title(&text);
            if name.rsplit(':').next().is_some_and(|local| local.eq_ignore_ascii_case("title")) {
                self.list.title = self.list.title.take().or(text);
            } else if let Some(agent) = self.agents.last_mut() {
                agent.name = agent.name.take().or(text);
            }
        }
        let local = raw.rsplit_once(':').map_or(raw, |(_, local)| local).to_ascii_lowercase();
        match local.as_str() {
            "outline" if self.deeper > 0 => self.deeper -= 1,
            "outline" => {
                self.folders.pop();
            }
            "agent" | "person" | "group" | "organization" => {
                if let Some(agent) = self.agents.pop() {
                    self.leave(agent);
                }
            }
            _ => {}
        }
    }

    /// What an agent's feeds are called is known when it ends; what a group is called, later still.
    fn leave(&mut self, agent: Agent) {
        let Agent { group, name, home, feeds } = agent;
        if !group && let Some(parent) = self.agents.last_mut().filter(|parent| parent.group) {
            parent.feeds.extend(feeds.into_iter().map(|(feed, title, _)| (feed, title.or_else(|| name.clone()), home.clone())));
            return;
        }
        let folders: Vec<String> = name.clone().filter(|_| group).into_iter().collect();
        for (feed, title, its_home) in feeds {
            let title = title.or_else(|| name.clone().filter(|_| !group));
            self.subscribe(&feed, FeedKind::Feed, title, its_home.or_else(|| home.clone()), None, folders.clone());
        }
    }

    fn outline(&mut self, attributes: &'d str, empty: bool) {
        let text = self.attribute(attributes, &["text"]).and_then(|text| title(&text));
        let name = text.or_else(|| self.attribute(attributes, &["title"]).and_then(|text| title(&text)));
        let kind = self.attribute(attributes, &["type"]).unwrap_or_default().to_ascii_lowercase();
        let feed = self.attribute(attributes, &["xmlurl", "feedurl", "rssurl", "atomurl"]);
        let other = self.attribute(attributes, &["url"]);
        let page = self.attribute(attributes, &["htmlurl"]);
        let home = page.as_deref().and_then(|page| address::resolve(None, page));
        let language = self.attribute(attributes, &["language", "lang"]).and_then(|tag| channel::language(&tag));
        let folders: Vec<String> = self.folders.iter().flatten().cloned().collect();
        let is_leaf = feed.is_some() || other.is_some() || page.is_some();
        match (feed, other, page) {
            (Some(feed), _, _) => {
                let kind = if kind == "sitemap" { FeedKind::Sitemap } else { FeedKind::Feed };
                self.subscribe(&feed, kind, name.clone(), home, language, folders);
            }
            (None, Some(url), _) if matches!(kind.as_str(), "rss" | "atom" | "feed" | "rdf" | "json") => {
                self.subscribe(&url, FeedKind::Feed, name.clone(), home, language, folders);
            }
            (None, Some(url), None) => {
                let what = if kind == "include" || url.to_ascii_lowercase().contains(".opml") {
                    "another list of feeds: import it on its own"
                } else {
                    "a link without a feed"
                };
                self.refuse(url, name.clone(), what);
            }
            (None, _, Some(page)) => self.subscribe(&page, FeedKind::Home, name.clone(), None, language, folders),
            (None, None, None) => {}
        }
        if empty {
            return;
        }
        // An outline of a feed that is not closed is no folder of what follows.
        if self.folders.len() < DEEPEST { self.folders.push(name.filter(|_| !is_leaf)) } else { self.deeper += 1 }
    }

    fn subscribe(
        &mut self,
        written: &str,
        kind: FeedKind,
        title: Option<String>,
        home: Option<Url>,
        language: Option<String>,
        folders: Vec<String>,
    ) {
        let Some(url) = address_of(written) else {
            let what =
                if kind == FeedKind::Home { "its htmlUrl is not an http address" } else { "its xmlUrl is not an http address" };
            return self.refuse(written.to_owned(), title, what);
        };
        if has_credentials(written) {
            return self.refuse(
                url.to_string(),
                title,
                "the address holds credentials, which would stand in the ledger and in logs",
            );
        }
        if let Some(index) = self.known.get(&url) {
            self.list.repeated += 1;
            let first = &mut self.list.subscriptions[*index];
            first.title = first.title.take().or(title);
            first.home = first.home.take().or(home);
            return;
        }
        if self.list.subscriptions.len() >= MOST {
            return self.refuse(url.to_string(), title, "beyond the most feeds of one list");
        }
        self.known.insert(url.clone(), self.list.subscriptions.len());
        self.list.subscriptions.push(Subscription { title, url, kind, home, language, folders });
    }

    fn refuse(&mut self, key: String, title: Option<String>, reason: &str) {
        if self.list.refused.len() < MOST {
            let key = key.chars().take(200).collect();
            self.list.refused.push(Refused { key, title, reason: reason.to_owned() });
        }
    }

    /// The first of these attributes (lower case), whatever its prefix and case; `None` when it is empty.
    fn attribute(&mut self, attributes: &'d str, names: &[&str]) -> Option<String> {
        let local = |name: &'d str| name.rsplit_once(':').map_or(name, |(_, local)| local);
        let raw = names.iter().find_map(|wanted| {
            xml::attributes(attributes)
                .find(|(name, value)| local(name).eq_ignore_ascii_case(wanted) && !value.trim().is_empty())
                .map(|(_, value)| value)
        })?;
        let value: Cow<'_, str> = xml::decode(raw, &self.tokens.declared, &mut self.tokens.mended);
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    }
}

fn collect(collecting: &mut Option<(&str, String)>, text: &str) {
    if let Some((_, collected)) = collecting
        && collected.len() < LONGEST_TEXT
    {
        collected.push_str(text);
    }
}

/// A name of one line.
fn title(text: &str) -> Option<String> {
    let tidy = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // Some programs escape twice.
    let name: String = markup::decode_entities(&tidy).chars().take(LONGEST_NAME).collect();
    Some(name.trim().to_owned()).filter(|title| !title.is_empty())
}

/// The address in an outline; `feed:` is what some programs write for http.
fn address_of(written: &str) -> Option<Url> {
    let written = written.trim();
    let scheme = written.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("feed:"));
    match scheme.map(|scheme| &written[scheme.len()..]) {
        Some(rest) if rest.starts_with("//") => address::resolve(None, &format!("http:{rest}")),
        Some(rest) => address::resolve(None, rest),
        None => address::resolve(None, written),
    }
}

fn has_credentials(written: &str) -> bool {
    let authority = written.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    authority.contains('@')
}
