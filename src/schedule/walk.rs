//! Which pages of a source are read next: of a sitemap index its new, changed and newest-looking children, of a feed its older pages.
//!
//! An index is believed about its children as far as it says something: a `lastmod` that moved is a reason to read, one that
//! did not is none. Where it says nothing, the addresses do (`sitemap-2024-05.xml`), and only a handful is asked for.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::model::{
    Chain, Child, FeedKind, KnownPage, Page, Pages, Place, Precision, PressTime, Span, Timestamp, Url, Walk, WalkReason,
};

/// Children of an index that one poll of it may set going; the others wait for the next poll.
pub const MOST_AT_ONCE: usize = 50;
/// Children that are asked for with every poll of their index, because nothing tells whether they changed.
pub const MOST_FOLLOWED: usize = 4;
/// How deep indexes may lead to indexes.
pub const DEEPEST: u32 = 3;
/// Longest chain of older pages of a feed.
const LONGEST_CHAIN: u32 = 5_000;
/// The same, where only a gap is looked for.
const LONGEST_OF_A_GAP: u32 = 50;
/// Pages in a row of such a chain that lead no further back and bring nothing: the server repeats itself.
const STALLED: u32 = 5;
/// A child that carries the date of a day that is not over is read again this long after it was read.
const STAMPED_AGAIN: i64 = 2 * 3600;
/// A day, and the hours by which zones differ from UTC: a date alone may mean any instant within.
const LONG_DAY: i64 = 36 * 3600;

/// The children of an index that are read next: on the rhythm of the index, and for a walk. `known` are the pages of its source,
/// whoever led to them.
///
/// `since`: children that did not change after it hold nothing that is wanted. `None`: everything is wanted.
/// `whole`: the index was not cut short, so that what it does not list is gone.
pub fn children(
    listed: &[Child],
    whole: bool,
    known: &[KnownPage],
    place: &Place,
    since: Option<Timestamp>,
    now: Timestamp,
) -> Pages {
    let by_url: HashMap<&str, &KnownPage> = known.iter().map(|page| (page.url.as_str(), page)).collect();
    let mut pages = Pages::default();
    if whole {
        let addresses: HashSet<&str> = listed.iter().map(|child| child.url.as_str()).collect();
        let gone = known.iter().filter(|page| page.ours && !addresses.contains(page.url.as_str()));
        pages.vanished = gone.map(|page| page.feed).collect();
    }
    if place.depth >= DEEPEST {
        return pages;
    }
    let mut seen = HashSet::new();
    let mut ranked: Vec<Ranked<'_>> = listed
        .iter()
        .enumerate()
        .filter(|(_, child)| seen.insert(child.url.as_str()))
        .map(|(position, child)| Ranked::of(child, position, by_url.get(child.url.as_str()).copied()))
        .collect();
    // A word that most of them carry sets none of them apart.
    if ranked.iter().filter(|child| child.news).count() > MOST_FOLLOWED {
        ranked.iter_mut().for_each(|child| child.news = false);
    }
    ranked.sort_by_key(Ranked::order);
    let followed = followed(&ranked, now);
    // An index that stamps very many of its children with today's date says nothing by it.
    let stamped = ranked.iter().filter(|child| child.was_read_within_its_day()).count();
    let patience = if stamped > MOST_AT_ONCE { LONG_DAY } else { STAMPED_AGAIN };
    let mut woken = 0;
    for child in &ranked {
        let follow = followed.contains(child.child.url.as_str());
        let again = child.is_to_be_read_again(patience, since, now);
        let wanted = follow || again || child.is_news_to_us(since);
        let wake = wanted && woken < MOST_AT_ONCE;
        woken += usize::from(wake);
        pages.left += usize::from(wanted && !wake);
        pages.waiting += usize::from(!wanted && child.was_read_within_its_day());
        let walk = place.walk.is_some_and(|walk| child.is_part_of(&walk));
        if wake || walk {
            pages.next.push(Page {
                url: child.child.url.clone(),
                kind: FeedKind::Sitemap,
                listed: child.child.modified,
                wake,
                follow: follow && wake,
                walk,
                again,
                looks_back: place.looks_back,
                chain: Chain::default(),
            });
        } else if let Some(known) = child.known.filter(|known| known.followed && known.ours) {
            pages.unfollowed.push(known.feed);
        }
    }
    look_back(&mut pages.next, &by_url);
    pages
}

/// A site adds a sitemap or two at a time. Where more turn up that were never read, their index was made anew, and they are old.
fn look_back(pages: &mut [Page], known: &HashMap<&str, &KnownPage>) {
    let mut unread: Vec<&mut Page> = pages.iter_mut().filter(|page| page.wake && !known.contains_key(page.url.as_str())).collect();
    if unread.len() > MOST_FOLLOWED {
        unread.iter_mut().for_each(|page| page.looks_back = true);
    }
}

/// Whether a walk goes on to the page before this one: where its chain stands then. `oldest` is the oldest date of the page's
/// entries, `fresh` how many of them were new to the ledger.
pub fn goes_on(walk: &Walk, place: &Place, entries: usize, oldest: Option<Timestamp>, fresh: usize) -> Option<Chain> {
    let longest = if walk.reason == WalkReason::Gap { LONGEST_OF_A_GAP } else { LONGEST_CHAIN };
    if entries == 0 || place.depth >= longest {
        return None;
    }
    // An archive may begin with what the feed still lists: only where nothing is dated does it end with what is known.
    if walk.reason == WalkReason::Gap && place.found && fresh == 0 && oldest.is_none() {
        return None;
    }
    if matches!((oldest, walk.window.from), (Some(oldest), Some(from)) if oldest < from) {
        return None;
    }
    let Chain { oldest: before, stalled } = place.chain;
    let further = fresh > 0 || oldest.is_some_and(|oldest| before.is_none_or(|before| oldest < before));
    let stalled = if further { 0 } else { stalled + 1 };
    let oldest = [before, oldest].into_iter().flatten().min();
    (stalled < STALLED).then_some(Chain { oldest, stalled })
}

/// The page before this one, for the walk that read this one.
pub fn older(url: Url, chain: Chain) -> Page {
    Page {
        url,
        kind: FeedKind::Archive,
        listed: None,
        wake: false,
        follow: false,
        walk: true,
        again: false,
        looks_back: true,
        chain,
    }
}

/// The days that the address of a sitemap speaks of.
pub fn named_span(url: &Url) -> Option<Span> {
    named_days(&name_of(url)).map(|(from, to)| Span { from: Some(from), to: Some(to) })
}

/// One child of an index, with what its place in the order hangs on.
struct Ranked<'a> {
    child: &'a Child,
    position: usize,
    known: Option<&'a KnownPage>,
    /// Its name says news.
    news: bool,
    /// The days its name speaks of.
    span: Option<(Timestamp, Timestamp)>,
}

impl<'a> Ranked<'a> {
    fn of(child: &'a Child, position: usize, known: Option<&'a KnownPage>) -> Ranked<'a> {
        let name = name_of(&child.url);
        Ranked { child, position, known, news: says_news(&name), span: named_days(&name) }
    }

    /// News first, then what changed last, then what speaks of the latest days, then as the index has it.
    fn order(&self) -> (bool, Reverse<Option<Timestamp>>, Reverse<Option<Timestamp>>, usize) {
        (!self.news, Reverse(self.child.modified.map(|time| time.at)), Reverse(self.span.map(|(_, end)| end)), self.position)
    }

    /// New or changed, and not all of it from before `since`.
    fn is_news_to_us(&self, since: Option<Timestamp>) -> bool {
        let Some(modified) = self.child.modified else { return false };
        let moved = self.known.and_then(|known| known.listed) != Some(modified.at);
        moved && since.is_none_or(|since| latest(modified) >= since)
    }

    /// Read for the change that stands in the index, which is a day alone that was not over: it may have changed since.
    fn was_read_within_its_day(&self) -> bool {
        let (Some(modified), Some(known)) = (self.child.modified, self.known) else { return false };
        modified.precision == Precision::Day
            && known.listed == Some(modified.at)
            && known.read.is_some_and(|read| read < latest(modified))
    }

    /// Once more when the day is over, and before that after some `patience`.
    fn is_to_be_read_again(&self, patience: i64, since: Option<Timestamp>, now: Timestamp) -> bool {
        let (Some(modified), Some(read)) = (self.child.modified, self.known.and_then(|known| known.read)) else { return false };
        let due = now >= latest(modified) || now.as_second() - read.as_second() >= patience;
        self.was_read_within_its_day() && due && since.is_none_or(|since| latest(modified) >= since)
    }

    /// Whether the walk's window may reach into it, and the walk has not been there.
    fn is_part_of(&self, walk: &Walk) -> bool {
        let Span { from, to } = walk.window;
        let been_there = self.known.is_some_and(|known| known.walk == Some(walk.id));
        let changed_before = self.child.modified.is_some_and(|modified| from.is_some_and(|from| latest(modified) < from));
        let other_days =
            self.span.is_some_and(|(start, end)| from.is_some_and(|from| end < from) || to.is_some_and(|to| start > to));
        !been_there && !changed_before && !other_days
    }
}

/// The children asked for with every poll: news sitemaps, those that changed today by a date alone, and the newest-looking of
/// those about which the index says nothing.
fn followed<'a>(ranked: &[Ranked<'a>], now: Timestamp) -> HashSet<&'a str> {
    let url = |child: &Ranked<'a>| child.child.url.as_str();
    let today = |child: &&Ranked<'a>| {
        child
            .child
            .modified
            .is_some_and(|time| time.precision == Precision::Day && now.as_second() - time.at.as_second() < LONG_DAY)
    };
    let mut followed: HashSet<&str> = ranked.iter().filter(|child| child.news).take(MOST_FOLLOWED).map(url).collect();
    followed.extend(ranked.iter().filter(|child| !child.news).filter(today).take(MOST_FOLLOWED).map(url));
    let silent: Vec<&Ranked<'a>> = ranked.iter().filter(|child| !child.news && child.child.modified.is_none()).collect();
    if silent.iter().any(|child| child.span.is_some()) {
        followed.extend(silent.iter().take(MOST_FOLLOWED).map(|child| url(child)));
    } else {
        // Numbered sitemaps grow at their end, or at their beginning.
        let half = MOST_FOLLOWED / 2;
        followed.extend(silent.iter().take(half).chain(silent.iter().rev().take(half)).map(|child| url(child)));
    }
    followed
}

/// The last instant that a time may mean.
fn latest(time: PressTime) -> Timestamp {
    match time.precision {
        Precision::Day => later(time.at, LONG_DAY),
        Precision::Minute => later(time.at, 60),
        Precision::Instant => time.at,
    }
}

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(crate::model::SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

/// Path and query, in lower case.
fn name_of(url: &Url) -> String {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{query}", url.path()).to_ascii_lowercase()
}

fn says_news(name: &str) -> bool {
    let (path, query) = name.split_once('?').unwrap_or((name, ""));
    let file = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
    [file, query]
        .into_iter()
        .flat_map(|part| part.split(|c: char| !c.is_ascii_alphanumeric()))
        .any(|word| matches!(word, "news" | "googlenews" | "newssitemap"))
}

/// The days a name speaks of: `2024`, `2024-05`, `202405`, `2024/05/12`, `20240512`, `yyyy=2024&mm=05`.
fn named_days(name: &str) -> Option<(Timestamp, Timestamp)> {
    let groups: Vec<&str> = name.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    groups.iter().enumerate().find_map(|(index, group)| {
        let (year, month, day) = match group.len() {
            8 => (&group[..4], Some(&group[4..6]), Some(&group[6..])),
            6 => (&group[..4], Some(&group[4..]), None),
            4 => {
                let short = |at: usize| groups.get(at).copied().filter(|group| group.len() <= 2);
                let month = short(index + 1);
                (*group, month, month.and_then(|_| short(index + 2)))
            }
            _ => return None,
        };
        let year = number(year, 1990..=2100)?;
        match group.len() {
            4 => {
                let month = month.and_then(|month| number(month, 1..=12));
                let day = month.and(day).and_then(|day| number(day, 1..=31));
                days(year, month, day).or_else(|| days(year, month, None))
            }
            _ => days(
                year,
                Some(number(month?, 1..=12)?),
                day.map(|day| number(day, 1..=31)).map_or(Some(None), |day| day.map(Some))?,
            ),
        }
    })
}

fn number(text: &str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
    text.parse().ok().filter(|number| range.contains(number))
}

/// From the first instant of these days anywhere on earth to the last.
fn days(year: u32, month: Option<u32>, day: Option<u32>) -> Option<(Timestamp, Timestamp)> {
    let midnight = |year: u32, month: u32, day: u32| format!("{year:04}-{month:02}-{day:02}T00:00:00Z").parse::<Timestamp>().ok();
    let (start, end) = match (month, day) {
        (None, _) => (midnight(year, 1, 1)?, midnight(year + 1, 1, 1)?),
        (Some(month), None) => {
            (midnight(year, month, 1)?, if month == 12 { midnight(year + 1, 1, 1)? } else { midnight(year, month + 1, 1)? })
        }
        (Some(month), Some(day)) => {
            let start = midnight(year, month, day)?;
            (start, later(start, 24 * 3600))
        }
    };
    Some((later(start, -14 * 3600), later(end, 12 * 3600)))
}
