//! What a feed says of itself, and when it wants to be asked again.

use std::borrow::Cow;
use std::time::Duration;

use crate::address;
use crate::model::{Feed, Url};

use super::entry::{self, Inherited};
use super::node::Node;
use super::text;
use super::vocabulary::Ns;

/// Reads one field of a feed.
pub(super) fn read(node: &Node<'_>, feed: &mut Feed, inherited: &mut Inherited, update: &mut UpdateRate) {
    match (node.ns, node.name.as_ref()) {
        (Ns::Rss | Ns::Atom, "title") => set(&mut feed.title, || text::plain(node).map(|title| entry::bounded_title(&title))),
        (Ns::Dc, "title") => set(&mut feed.title, || text::plain(node).map(|title| entry::bounded_title(&title))),
        (Ns::Rss | Ns::Atom, "description" | "subtitle" | "tagline" | "abstract") => set(&mut feed.subtitle, || text::plain(node)),
        (Ns::Itunes, "subtitle" | "summary") => set(&mut feed.subtitle, || text::plain(node)),
        (Ns::Rss | Ns::Atom, "link") => link(node, feed, inherited),
        (Ns::Rss | Ns::Dc, "language") => set(&mut feed.language, || language(&node.text())),
        (Ns::Rss | Ns::Atom, "author") | (Ns::Dc, "creator") => {
            if let Some(name) = entry::person(node)
                && !inherited.authors.contains(&name)
            {
                inherited.authors.push(name);
            }
        }
        (Ns::Rss, "ttl") => feed.hints.ttl = minutes(&node.text()).or(feed.hints.ttl),
        (Ns::Rss, "skiphours") => feed.hints.skip_hours = hours(node),
        (Ns::Rss, "skipdays") => feed.hints.skip_days = days(node),
        (Ns::Rss, "image") => image(node, node.elements().find(|child| child.name == "url").map(|url| url.text()), feed, inherited),
        (Ns::Atom, "logo") => image(node, Some(node.text()), feed, inherited),
        (Ns::Itunes | Ns::GooglePlay, "image") => image(node, node.attribute("href").map(Into::into), feed, inherited),
        (Ns::History, "archive") => feed.hints.is_archive = true,
        (Ns::History, "complete") => feed.hints.is_whole = true,
        (Ns::Syndication, "updateperiod") => {
            update.period = period(&node.text());
            update.is_nonsense |= update.period.is_none();
        }
        (Ns::Syndication, "updatefrequency") => update.frequency = node.text().parse().ok().filter(|count| *count > 0),
        _ => {}
    }
}

/// What the syndication module says: so many times in a period.
#[derive(Debug, Default)]
pub(super) struct UpdateRate {
    period: Option<Duration>,
    frequency: Option<u32>,
    is_nonsense: bool,
}

impl UpdateRate {
    /// The time between two updates.
    pub(super) fn between(&self) -> Option<Duration> {
        match (self.period, self.frequency) {
            (None, None) => None,
            // A period that is given and is none is no day either.
            _ if self.is_nonsense => None,
            // RSS 1.0 syndication module: the period is a day and the frequency 1 when not given.
            (period, frequency) => Some(period.unwrap_or(Duration::from_secs(86_400)) / frequency.unwrap_or(1)),
        }
    }
}

/// The picture that stands for the feed: the first one that says where it is.
fn image(node: &Node<'_>, reference: Option<Cow<'_, str>>, feed: &mut Feed, inherited: &Inherited) {
    let url = |reference: Cow<'_, str>| address::resolve(inherited.base(node), &reference).map(String::from);
    set(&mut feed.hints.image, || reference.filter(|it| !it.trim().is_empty()).and_then(url));
}

/// A `link` of a feed: its page, or one of its relations.
fn link(node: &Node<'_>, feed: &mut Feed, inherited: &mut Inherited) {
    let document = inherited.document.clone();
    let absolute = |reference: &str| address::resolve(node.base.as_deref().or(document.as_ref()), reference);
    let Some(href) = node.attribute("href") else {
        let text = node.text();
        if !text.is_empty() {
            page(&text, absolute(&text), feed, inherited);
        }
        return;
    };
    let whole = || absolute(href).map_or_else(|| href.to_owned(), String::from);
    for relation in node.attribute("rel").unwrap_or("alternate").to_ascii_lowercase().split_whitespace() {
        match relation {
            "alternate" if node.attribute("type").is_none_or(|kind| kind.contains("html")) => {
                page(href, absolute(href), feed, inherited)
            }
            "hub" => set(&mut feed.hints.hub, || Some(whole())),
            "self" => set(&mut feed.hints.self_link, || Some(whole())),
            "next" => set(&mut feed.hints.next_page, || Some(whole())),
            "prev-archive" => set(&mut feed.hints.archive_page, || Some(whole())),
            _ => {}
        }
    }
}

fn page(written: &str, url: Option<Url>, feed: &mut Feed, inherited: &mut Inherited) {
    set(&mut feed.link, || Some(url.clone().map_or_else(|| written.to_owned(), String::from)));
    if inherited.link.is_none() {
        inherited.link = url.filter(|_| written.contains("://"));
    }
}

/// Sets a field that has no value yet.
fn set<T>(field: &mut Option<T>, value: impl FnOnce() -> Option<T>) {
    if field.is_none() {
        *field = value();
    }
}

/// A BCP 47 tag, as far as it looks like one.
pub(super) fn language(text: &str) -> Option<String> {
    let tag = text.trim().replace('_', "-");
    let fits = (2..=35).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    fits.then_some(tag)
}

fn minutes(text: &str) -> Option<Duration> {
    let count: u64 = text.parse().ok()?;
    // A year is longer than anybody means.
    (1..=525_600).contains(&count).then(|| Duration::from_secs(count * 60))
}

fn hours(node: &Node<'_>) -> Vec<u8> {
    let mut hours: Vec<u8> = node
        .elements()
        .filter_map(|hour| hour.text().parse::<u8>().ok())
        .filter(|hour| *hour <= 24)
        .map(|hour| hour % 24)
        .collect();
    hours.sort_unstable();
    hours.dedup();
    hours
}

fn days(node: &Node<'_>) -> Vec<u8> {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let day = |text: &str| NAMES.iter().position(|name| text.get(..3).is_some_and(|head| head.eq_ignore_ascii_case(name)));
    let mut days: Vec<u8> = node.elements().filter_map(|it| day(&it.text())).map(|day| day as u8).collect();
    days.sort_unstable();
    days.dedup();
    days
}

fn period(text: &str) -> Option<Duration> {
    let hours = match text.to_ascii_lowercase().as_str() {
        "hourly" => 1,
        "daily" => 24,
        "weekly" => 24 * 7,
        "monthly" => 24 * 30,
        "yearly" => 24 * 365,
        _ => return None,
    };
    Some(Duration::from_secs(hours * 3600))
}
