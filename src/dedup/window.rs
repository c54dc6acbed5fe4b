//! Which entries of a sitemap or an archive are wanted at all: those of the time a source is followed, and of a walk's window.
//!
//! A sitemap lists fifty thousand old pages as readily as one new one. What lies before the watermark is counted and not kept;
//! the watermark itself is kept, so that a document's validators still vouch for everything in it.

use crate::model::{
    Article, Entry, EntryId, FeedClaim, FeedKind, NewEntry, Place, Precision, PressTime, SignedDuration, Span, Timestamp, Url,
    Walk, WalkReason,
};

use super::Selection;

/// Why an entry without a date is put aside.
const UNDATED: &str = "without a date, and listed before the source was new";
/// Why an article is not filed that is older than a backfill asked for.
const BEFORE: &str = "from before the time that was asked for";
/// A day, and the hours by which zones differ from UTC.
const LONG_DAY: i64 = 36 * 3600;

/// So many entries without a date may well be new ones, in a sitemap that turned up after its index was known.
const FEW: usize = 100;
/// Documents of one address after which even one that is always cut short counts as seen.
const SEEN: u64 = 2;

/// What a source wants of one of its documents.
#[derive(Debug, Clone)]
pub struct Terms<'a> {
    /// What the document is.
    pub kind: FeedKind,
    /// Where it stands.
    pub place: &'a Place,
    /// How often it was read before.
    pub polls: u64,
    /// The days that its address speaks of.
    pub days: Option<Span>,
    /// The operator's selection.
    pub selection: &'a Selection,
    /// The present.
    pub now: Timestamp,
}

impl<'a> Terms<'a> {
    /// The terms of a claimed document. It is what it turned out to be (`dialect`), whatever key named it.
    pub fn of(claim: &'a FeedClaim, dialect: &str, days: Option<Span>, selection: &'a Selection, now: Timestamp) -> Terms<'a> {
        let kind = match (claim.kind, dialect) {
            (FeedKind::Feed, "sitemap" | "sitemap-index" | "lines") => FeedKind::Sitemap,
            (kind, _) => kind,
        };
        Terms { kind, place: &claim.place, polls: claim.rhythm.polls, days, selection, now }
    }

    /// Whether the document lists news, dated or not; a sitemap and an archive list all there is.
    pub fn lists_news(&self) -> bool {
        self.kind == FeedKind::Feed
    }

    /// Entries of a sitemap before this instant are not wanted.
    pub fn watermark(&self) -> Timestamp {
        self.place.wanted_from.unwrap_or_else(|| {
            let age = self.selection.max_age.and_then(|age| SignedDuration::try_from(age).ok());
            age.and_then(|age| self.now.checked_sub(age).ok()).unwrap_or(Timestamp::MIN)
        })
    }

    /// What is kept of its entries. A feed's own window is short, and all of it goes to triage.
    pub fn wanted(&self) -> Wanted {
        let since = match self.kind {
            FeedKind::Feed | FeedKind::Home => Some(Timestamp::MIN),
            FeedKind::Sitemap => Some(self.watermark()),
            FeedKind::Archive => None,
        };
        Wanted { since, window: self.place.walk.map(|walk| walk.window) }
    }

    /// The operator's selection; an age that a backfill reaches beyond does not bind it, and what a sitemap or an archive may
    /// bring was sifted already.
    pub fn selection(&self) -> Selection {
        let reaches_back = match (self.place.walk, self.selection.max_age) {
            (Some(Walk { reason: WalkReason::Backfill, window, .. }), Some(max_age)) => {
                let back = window.from.and_then(|from| self.now.duration_since(from).try_into().ok());
                back.map(|back| max_age.max(back))
            }
            (Some(_), None) => None,
            (_, max_age) => max_age,
        };
        let max_age = if self.kind == FeedKind::Feed { reaches_back } else { None };
        Selection { max_age, ..self.selection.clone() }
    }

    /// Puts fresh entries without a date aside where nothing tells that they are news: what a sitemap lists at first sight.
    /// What is added to it later is news.
    pub fn put_aside(&self, fresh: &mut [NewEntry]) {
        let asked_for = self.place.walk.is_some_and(|walk| walk.reason == WalkReason::Backfill);
        if self.kind != FeedKind::Sitemap || self.selection.max_age.is_none() || asked_for {
            return;
        }
        let is_undated = |new: &&mut NewEntry| new.skipped.is_none() && days_of(&new.entry).is_none();
        let undated = fresh.iter_mut().filter(is_undated).count();
        if self.is_old(undated) {
            fresh.iter_mut().filter(is_undated).for_each(|new| new.skipped = Some(UNDATED.to_owned()));
        }
    }

    /// Whether so many entries without a date are old ones.
    fn is_old(&self, undated: usize) -> bool {
        if self.polls > 0 && !self.place.looks_back {
            return false;
        }
        let watermark = self.watermark();
        match self.days {
            Some(Span { to: Some(to), .. }) if to < watermark => true,
            // A day that is yet to come is a number.
            Some(Span { from: Some(from), .. }) if from >= watermark && from <= self.now => false,
            _ => self.place.looks_back || undated > FEW,
        }
    }

    /// Whether all that the document lists was seen by now. `whole`: it was not cut short; `left`: pages it leads to that have
    /// to wait.
    pub fn has_seen_all(&self, whole: bool, left: usize) -> bool {
        (whole || self.polls >= SEEN) && left == 0
    }
}

/// What is wanted of a document.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Entries from this instant on: the watermark. `None`: none but those of the window.
    pub since: Option<Timestamp>,
    /// And those within a walk's window.
    pub window: Option<Span>,
}

/// A document's entries, sifted.
#[derive(Debug, Clone, Default)]
pub struct Sifted {
    /// Those that are wanted, in document order.
    pub entries: Vec<Entry>,
    /// How many they are.
    pub kept: usize,
    /// How many of them are within the window.
    pub found: usize,
    /// How many were not wanted.
    pub beyond: usize,
    /// The oldest date of all entries, wanted or not.
    pub oldest: Option<Timestamp>,
    /// The instants of entries within the window and a day around it, wanted or not, ascending. A date alone is no instant.
    pub around: Vec<Timestamp>,
}

/// Parts the wanted entries from the others. What has no date is wanted: only its page can tell.
pub fn sift(entries: Vec<Entry>, wanted: &Wanted) -> Sifted {
    let mut sifted = Sifted::default();
    for entry in entries {
        let days = days_of(&entry);
        if let Some((first, _)) = days {
            sifted.oldest = Some(sifted.oldest.map_or(first, |oldest| oldest.min(first)));
        }
        let within = wanted.window.is_some_and(|window| reaches(&window, days));
        if let (Some(window), Some((first, last))) = (wanted.window, days)
            && last.as_second() - first.as_second() < 60
            && reaches(&widened(&window), days)
        {
            sifted.around.push(first);
        }
        let new = wanted.since.is_some_and(|since| days.is_none_or(|(_, last)| last >= since));
        sifted.found += usize::from(within);
        if within || new {
            sifted.kept += 1;
            sifted.entries.push(entry);
        } else {
            sifted.beyond += 1;
        }
    }
    sifted.around.sort_unstable();
    sifted
}

/// Which of the entries that were put aside (each with the reason) a walk takes up: those put aside for their age alone that may
/// be of its window's time.
pub fn taken_up(aside: Vec<(EntryId, String, Entry)>, window: &Span) -> Vec<EntryId> {
    let wanted = aside.into_iter().filter(|(_, reason, entry)| is_wanted_after_all(window, reason, entry));
    wanted.map(|(id, _, _)| id).collect()
}

/// A window and a day on both its sides.
fn widened(window: &Span) -> Span {
    let from = window.from.map(|from| from.checked_sub(SignedDuration::from_secs(86_400)).unwrap_or(Timestamp::MIN));
    Span { from, to: window.to.map(|to| later(to, 86_400)) }
}

/// Whether an entry may be of a window's time.
pub fn is_within(window: &Span, entry: &Entry) -> bool {
    reaches(window, days_of(entry))
}

/// Why an article is not filed that its page dates before the time a backfill asked for. Its entry had no date, or the one of
/// a later change.
pub fn too_old_to_file(asked_for: Option<Span>, article: &Article) -> Option<String> {
    let (from, published) = (asked_for?.from?, article.published?);
    let (_, last) = days(published);
    (last < from).then(|| format!("{BEFORE} (published {last})"))
}

/// Whether an entry was put aside for its age alone, in the words its row carries.
pub fn was_put_aside_for_age(reason: &str) -> bool {
    reason == UNDATED || reason.starts_with(BEFORE) || reason.starts_with(super::triage::OLDER_THAN)
}

/// Whether an entry was put aside for its age alone, and may be of a window's time.
fn is_wanted_after_all(window: &Span, reason: &str, entry: &Entry) -> bool {
    if let Some(known) = reason.strip_prefix(BEFORE) {
        let last = known.rsplit(' ').next().and_then(|at| at.trim_end_matches(')').parse::<Timestamp>().ok());
        return last.is_none_or(|last| window.from.is_none_or(|from| last >= from));
    }
    was_put_aside_for_age(reason) && is_within(window, entry)
}

fn reaches(window: &Span, days: Option<(Timestamp, Timestamp)>) -> bool {
    let Some((first, last)) = days else { return true };
    window.from.is_none_or(|from| last >= from) && window.to.is_none_or(|to| first <= to)
}

/// The first and the last instant an entry's date may mean: when it was published, else when it was changed, else what its
/// address says.
fn days_of(entry: &Entry) -> Option<(Timestamp, Timestamp)> {
    entry.published.or(entry.updated).map(days).or_else(|| entry.url.as_ref().and_then(day_in))
}

/// The first and the last instant a date may mean.
fn days(time: PressTime) -> (Timestamp, Timestamp) {
    match time.precision {
        Precision::Day => (time.at, later(time.at, LONG_DAY)),
        Precision::Minute => (time.at, later(time.at, 59)),
        Precision::Instant => (time.at, time.at),
    }
}

/// The day in an address: `/2024/05/12/` or `2024-05-12`. Digits without a separator are as likely a number.
fn day_in(url: &Url) -> Option<(Timestamp, Timestamp)> {
    let parts: Vec<&str> = url.path().split(['/', '-', '_', '.']).collect();
    parts.windows(3).find_map(|parts| {
        let [year, month, day] = parts else { return None };
        let number = |text: &str, length: usize| (text.len() == length).then(|| text.parse::<u32>().ok()).flatten();
        let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
        (1990..=2100).contains(&year).then_some(())?;
        let start: Timestamp = format!("{year:04}-{month:02}-{day:02}T00:00:00Z").parse().ok()?;
        Some((later(start, -14 * 3600), later(start, LONG_DAY)))
    })
}

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}
