//! How good a find is, and why, in words.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::address;
use crate::model::{Entry, Feed, FeedKind, Precision, Timestamp, Url, ZoneSource};

use super::Candidate;
use super::words::{is_of_comments, is_of_one_tag};

/// Two feeds of which at least so many of a hundred entries are the same are one in two formats.
const SAME_ENTRIES: usize = 80;

/// The page that feeds are looked for on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Where it came from in the end.
    pub url: Url,
    /// BCP 47 language, as it says itself.
    pub language: Option<String>,
}

/// A feed or sitemap that was asked for and read.
#[derive(Debug, Clone)]
pub struct Find {
    /// Where it is, behind permanent and passing redirects.
    pub url: Url,
    /// What it is.
    pub kind: FeedKind,
    /// Its title, or what the page calls it.
    pub title: Option<String>,
    /// How many entries it has.
    pub entries: usize,
    /// How good it is, and why.
    pub rank: Rank,
    /// Whether it tells of the page it was found for, and not of a larger whole.
    pub fits: bool,
    /// A better find that lists the same articles.
    pub same_as: Option<Url>,
    /// What an operator should know of its dates.
    pub dates: Option<String>,
}

/// What is kept of a find that was read.
pub fn read(site: &Site, candidate: &Candidate, answered: &Url, feed: &Feed, now: Timestamp) -> Find {
    let kind = kind_of(feed);
    Find {
        url: answered.clone(),
        kind,
        title: feed.title.clone().or_else(|| candidate.title.clone()),
        entries: feed.entries.len(),
        rank: rank(&site.url, candidate, answered, feed, kind, now),
        fits: fits(site, answered, feed),
        same_as: None,
        dates: about_dates(feed),
    }
}

/// What a document turned out to be: sitemaps have no title, no page and no ids.
pub fn kind_of(feed: &Feed) -> FeedKind {
    let map_like = feed.title.is_none() && feed.link.is_none() && feed.entries.iter().all(|entry| entry.id.is_none());
    if !feed.children.is_empty() || map_like { FeedKind::Sitemap } else { FeedKind::Feed }
}

/// How good a find is, and why, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank {
    /// The more, the better.
    pub points: i32,
    /// The reasons, those that weigh most first.
    pub reasons: Vec<String>,
    /// Whether it can be recommended at all: it has entries, they are no comments.
    pub usable: bool,
}

/// Judges a find that was read. `site` is the page it was found for, `answered` where the feed came from in the end.
pub fn rank(site: &Url, candidate: &Candidate, answered: &Url, feed: &Feed, kind: FeedKind, now: Timestamp) -> Rank {
    let entries = &feed.entries;
    let mut points: Vec<(i32, String)> = Vec::new();
    let mut say = |weight: i32, reason: String| points.push((weight, reason));
    let news = is_news(entries);
    match kind {
        FeedKind::Sitemap if news => say(40, "a news sitemap".to_owned()),
        FeedKind::Sitemap => say(0, "a sitemap without news in it".to_owned()),
        _ => say(100, "a feed".to_owned()),
    }
    say(10 - 2 * candidate.found as i32, candidate.found.as_str().to_owned());
    if !address::same_site(site, answered) {
        say(-20, format!("on another site, {}", address::host_key(answered)));
    }
    match entries.len() {
        0 => say(-200, "without entries".to_owned()),
        count => say(if count >= 10 { 10 } else { 0 }, format!("{count} entries")),
    }
    if !entries.is_empty() {
        of_dates(entries, now, &mut say);
    }
    let titled = entries.iter().filter(|entry| entry.title.is_some()).count();
    if titled < entries.len() {
        say(-20, format!("{} entries without a title", entries.len() - titled));
    }
    let unlinked = entries.iter().filter(|entry| entry.url.is_none()).count();
    if unlinked * 2 > entries.len() {
        say(-60, format!("{unlinked} entries without a page"));
    }
    let title = feed.title.as_deref().or(candidate.title.as_deref());
    let comments = is_of_comments(answered, title) || is_of_comments(&candidate.url, candidate.title.as_deref());
    if comments {
        say(-150, "readers' comments".to_owned());
    }
    if is_of_one_tag(answered) {
        say(-30, "one tag, author or section only".to_owned());
    }
    points.sort_by_key(|(weight, _)| std::cmp::Reverse(weight.abs()));
    let total = points.iter().map(|(weight, _)| weight).sum();
    let usable = !comments && unlinked * 2 <= entries.len() && !entries.is_empty() && (kind != FeedKind::Sitemap || news);
    Rank { points: total, reasons: points.into_iter().map(|(_, reason)| reason).collect(), usable }
}

/// Whether the entries of a sitemap are news: most carry a title and a date of publication.
fn is_news(entries: &[Entry]) -> bool {
    let news = entries.iter().filter(|entry| entry.title.is_some() && entry.published.is_some()).count();
    news > 0 && news * 2 >= entries.len()
}

fn of_dates(entries: &[Entry], now: Timestamp, say: &mut impl FnMut(i32, String)) {
    const DAY: i64 = 86_400;
    let times: Vec<_> = entries.iter().filter_map(|entry| entry.published.or(entry.updated)).collect();
    let Some(newest) = times.iter().map(|time| time.at).max() else {
        return say(-15, "entries without dates".to_owned());
    };
    let days = (now.as_second() - newest.as_second()).div_euclid(DAY);
    match days {
        ..=2 => say(20, "news of the last days".to_owned()),
        3..=14 => say(10, format!("newest entry {days} days old")),
        15..=90 => say(-10, format!("newest entry {days} days old")),
        _ => say(-60, format!("newest entry {days} days old")),
    }
    let full = times.iter().filter(|time| time.precision != Precision::Day && time.zone_source != ZoneSource::Assumed).count();
    if full < entries.len() {
        say(-5, format!("{} entries without a full date", entries.len() - full));
    }
}

/// The pages that a feed lists, in short: enough to tell whether another one lists the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing(HashSet<u64>);

impl Listing {
    /// Of a feed.
    pub fn of(feed: &Feed) -> Listing {
        let short = |url: &Url| {
            let mut hasher = DefaultHasher::new();
            address::key(url).hash(&mut hasher);
            hasher.finish()
        };
        Listing(feed.entries.iter().filter_map(|entry| entry.url.as_ref().map(short)).collect())
    }
}

/// Whether two feeds list the same articles, as one feed in two formats does.
pub fn lists_the_same(Listing(one): &Listing, Listing(other): &Listing) -> bool {
    let fewer = one.len().min(other.len());
    fewer > 0 && one.intersection(other).count() * 100 >= fewer * SAME_ENTRIES
}

/// Whether a find tells of the page it was found for and not of a larger whole: of the same site, for the most part in the
/// page's language, and for the most part of its section.
fn fits(site: &Site, answered: &Url, feed: &Feed) -> bool {
    let primary = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let most = |count: usize, of: usize| count * 10 >= of * 8;
    let spoken: Vec<String> = feed.entries.iter().filter_map(|entry| entry.language.as_deref().map(primary)).collect();
    let speaks = site.language.as_deref().map(primary).is_none_or(|own| {
        let same = spoken.iter().filter(|other| **other == own).count();
        most(same, spoken.len())
    });
    let section = super::section_of(&site.url);
    let pages = feed.entries.iter().filter_map(|entry| entry.url.as_ref());
    let (below, all) = pages.fold((0, 0), |(below, all), url| (below + usize::from(url.path().starts_with(&section)), all + 1));
    address::same_site(&site.url, answered) && speaks && most(below, all)
}

/// What an operator should know of the dates: the offset they carry is no zone, and without one a zone has to be named.
pub fn about_dates(feed: &Feed) -> Option<String> {
    let times: Vec<_> = feed.entries.iter().filter_map(|entry| entry.published.or(entry.updated)).collect();
    if times.iter().any(|time| time.zone_source == ZoneSource::Assumed) {
        return Some("dates come without a zone: set timezone = \"Area/City\", or they are taken for UTC".to_owned());
    }
    let mut offsets: Vec<i16> = times.iter().filter_map(|time| time.offset_minutes).collect();
    offsets.sort_unstable();
    offsets.dedup();
    match offsets.as_slice() {
        [] | [0] => None,
        offsets => {
            let shown: Vec<String> = offsets.iter().take(4).map(|offset| shown_offset(*offset)).collect();
            Some(format!(
                "dates carry their offset ({}); a timezone is needed only for pages whose dates have none",
                shown.join(", ")
            ))
        }
    }
}

fn shown_offset(minutes: i16) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60)
}
