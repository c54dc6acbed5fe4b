//! Which entries of a sitemap or an archive are wanted at all: those of the time a source is followed, and of a walk's window.
//!
//! A sitemap lists fifty thousand old pages as readily as one new one. What lies before the watermark is counted and not kept;
//! the watermark itself is kept, so that a document's validators still vouch for everything in it.

use crate::model::{Entry, EntryId, NewEntry, Precision, SignedDuration, Span, Timestamp, Url};

/// Why an entry without a date is put aside.
const UNDATED: &str = "without a date, and listed before the source was new";
/// A day, and the hours by which zones differ from UTC.
const LONG_DAY: i64 = 36 * 3600;

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
    let wanted = aside.into_iter().filter(|(_, reason, entry)| was_put_aside_for_age(reason) && is_within(window, entry));
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

/// Puts fresh entries without a date aside: a sitemap's first document does not tell which of them are news. The ones added
/// later are.
pub fn put_undated_aside(fresh: &mut [NewEntry]) {
    for new in fresh.iter_mut().filter(|new| new.skipped.is_none() && days_of(&new.entry).is_none()) {
        new.skipped = Some(UNDATED.to_owned());
    }
}

/// Whether an entry was put aside for its age alone, in the words its row carries.
pub fn was_put_aside_for_age(reason: &str) -> bool {
    reason == UNDATED || reason.starts_with(super::triage::OLDER_THAN)
}

fn reaches(window: &Span, days: Option<(Timestamp, Timestamp)>) -> bool {
    let Some((first, last)) = days else { return true };
    window.from.is_none_or(|from| last >= from) && window.to.is_none_or(|to| first <= to)
}

/// The first and the last instant an entry's date may mean: when it was published, else when it was changed, else what its
/// address says.
fn days_of(entry: &Entry) -> Option<(Timestamp, Timestamp)> {
    match entry.published.or(entry.updated) {
        Some(time) if time.precision == Precision::Day => Some((time.at, later(time.at, LONG_DAY))),
        Some(time) if time.precision == Precision::Minute => Some((time.at, later(time.at, 59))),
        Some(time) => Some((time.at, time.at)),
        None => entry.url.as_ref().and_then(day_in),
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
