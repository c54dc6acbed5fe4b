//! When: the first readable date in order of trust, completed by others that agree with it, never in the future.

use super::choice::Choice;
use super::{Candidate, Gathered, Origin, STRAY};
use crate::calendar;
use crate::model::{Assume, Entry, Note, Precision, PressTime, Timestamp, Url, ZoneSource};

/// Seconds a page's clock may run ahead of ours before its date is called a future one.
const CLOCK_SLACK: i64 = 10 * 60;

/// The farthest offset from UTC in minutes that any place keeps.
const FARTHEST_OFFSET: i64 = 14 * 60;

const SECONDS_OF_A_DAY: i64 = 86_400;

/// A candidate for a time, read.
struct Dated {
    /// Its place among the candidates.
    at: usize,
    time: PressTime,
    /// What the writer's clock showed, as seconds: what a naive and a zoned writing of one time share.
    wall: i64,
    origin: Origin,
}

/// The day of publication that the address has, as the last candidate.
pub(super) fn add_address(url: &Url, gathered: &mut Gathered) {
    let Some(segments) = url.path_segments() else { return };
    let segments: Vec<&str> = segments.collect();
    let number = |segment: &&str, digits: usize| segment.len() == digits && segment.bytes().all(|b| b.is_ascii_digit());
    let day = segments
        .windows(3)
        .find(|window| number(&window[0], 4) && window[0].starts_with("20") && number(&window[1], 2) && number(&window[2], 2));
    let day = day.map(|day| day.join("-")).or_else(|| segments.last().and_then(|segment| day_of_number(segment)));
    if let Some(day) = day {
        gathered.published.push(Candidate { origin: Origin::Address, label: "path", value: day });
    }
}

/// The day that a numbered article begins with: `A2024042312000001`, `20240423-harbour`.
fn day_of_number(segment: &str) -> Option<String> {
    let digits = segment.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let number = digits.split(|c: char| !c.is_ascii_digit()).next()?;
    let (year, month, day) = (number.get(..4)?, number.get(4..6)?, number.get(6..8)?);
    let whole = number.len() == 8 || number.len() >= 12;
    (whole
        && segment.len() - digits.len() <= 3
        && year.starts_with("20")
        && ("01"..="12").contains(&month)
        && ("01"..="31").contains(&day))
    .then(|| format!("{year}-{month}-{day}"))
}

/// The first readable date in order of trust; an offset or a clock that it lacks is taken from another
/// candidate that otherwise says the same.
pub(super) fn published(
    entry: &Entry,
    gathered: &Gathered,
    assume: &Assume<'_>,
    notes: &mut Vec<Note>,
) -> (Option<PressTime>, Choice) {
    let candidates = &gathered.published;
    let own = |candidate: &Candidate| !matches!(candidate.origin, Origin::Entry | Origin::Address);
    let stray = |candidate: &Candidate| candidate.label == STRAY || own(candidate) && candidate.label == "title";
    let mut choice = Choice::default();
    let mut read: Vec<Dated> = Vec::new();
    for (at, candidate) in candidates.iter().enumerate() {
        match dated(at, candidate, entry, assume) {
            Some(dated) => read.push(dated),
            None => choice.object(at, "cannot be read as a date"),
        }
    }
    let ahead = |dated: &Dated| dated.time.at.as_second() > assume.seen_at.as_second() + SECONDS_OF_A_DAY;
    read.retain(|dated| dated.origin != Origin::Address || !ahead(dated));
    let (mut page, others): (Vec<Dated>, Vec<Dated>) = read.into_iter().partition(|dated| own(&candidates[dated.at]));
    if candidates.iter().any(stray) {
        let day = |one: &Dated| one.wall.div_euclid(SECONDS_OF_A_DAY);
        // The window's title dates the article and not its neighbours.
        let of_title = page.iter().find(|dated| candidates[dated.at].label == "title").map(day);
        if let Some(of_title) = of_title
            && page.iter().filter(|dated| day(dated) == of_title).count() > 1
        {
            page.iter().filter(|dated| day(dated) != of_title).for_each(|dated| {
                choice.object(dated.at, "stands far from the headline, and the page's title names another day");
            });
            page.retain(|dated| day(dated) == of_title);
        }
        if !page.windows(2).all(|pair| day(&pair[0]) == day(&pair[1])) {
            page.iter().for_each(|dated| choice.object(dated.at, "stands far from the headline, and others there name other days"));
            page.clear();
        }
    } else if page.is_empty()
        && let Some(first) = candidates.iter().find(|candidate| own(candidate))
    {
        let far = Assume { seen_at: Timestamp::MAX, ..*assume };
        let at = candidates.iter().position(own).unwrap_or_default();
        // A year that nobody guessed is the page's own mistake.
        let ahead = dated(at, first, entry, &far).filter(|dated| first.value.contains(&dated.time.at.to_string()[..4]));
        if let Some(ahead) = ahead.filter(|_| !others.iter().any(|dated| dated.origin == Origin::Entry)) {
            choice.winners.push(ahead.at);
            choice.rule = "the page's date lies far in the future: first sight taken";
            return (Some(clamped(ahead.time, assume, notes)), choice);
        }
        let value: String = first.value.chars().take(80).collect();
        notes.push(Note { field: "published".into(), detail: format!("the page's date could not be read: {value}") });
    }
    let spare = page.is_empty() && !others.iter().any(|dated| dated.origin == Origin::Entry);
    page.extend(others.into_iter().filter(|dated| dated.origin == Origin::Entry || spare));
    let Some((first, others)) = page.split_first() else { return (None, choice) };
    let (time, more) = completed(first, others);
    choice.winners.push(first.at);
    choice.winners.extend(more);
    choice.rule = match (first.origin, choice.winners.len()) {
        (Origin::Operator, _) => "the source's selector decides",
        (Origin::Entry, _) => "the page gives none: the feed's",
        (Origin::Address, _) => "nothing but the address gives a day",
        (_, 1) => "the most trusted place with a readable date",
        _ => "the most trusted place with a readable date, what it lacks from one that agrees with it",
    };
    (Some(clamped(time, assume, notes)), choice)
}

/// What the first candidate lacks, from others that agree with it; and who gave it.
fn completed(first: &Dated, others: &[Dated]) -> (PressTime, Option<usize>) {
    if first.origin == Origin::Operator {
        return (first.time, None);
    }
    let mut best = first;
    // A midnight is how systems write a day.
    let vague = |dated: &Dated| dated.time.precision == Precision::Day || dated.wall.rem_euclid(SECONDS_OF_A_DAY) == 0;
    if vague(first) {
        let day = first.wall.div_euclid(SECONDS_OF_A_DAY);
        let finer =
            |other: &&Dated| other.origin != Origin::Entry && !vague(other) && other.wall.div_euclid(SECONDS_OF_A_DAY) == day;
        best = others.iter().find(finer).unwrap_or(first);
    }
    if best.time.zone_source == ZoneSource::Page {
        let (time, shown) = localised(best, others);
        return (time, shown.or((best.at != first.at).then_some(best.at)));
    }
    let minute = best.wall.div_euclid(60);
    let zoned = |other: &&Dated| other.time.zone_source == ZoneSource::Page && other.wall.div_euclid(60) == minute;
    let best = others.iter().find(zoned).unwrap_or(best);
    (best.time, (best.at != first.at).then_some(best.at))
}

/// A time that a system wrote in UTC, with the offset that the page shows its readers: another candidate names the
/// same instant with its offset, or shows the clock of the place, whole half hours away.
fn localised(best: &Dated, others: &[Dated]) -> (PressTime, Option<usize>) {
    let mut time = best.time;
    if time.offset_minutes != Some(0) || time.precision == Precision::Day {
        return (time, None);
    }
    let minute = best.time.at.as_second().div_euclid(60);
    let offset = others.iter().filter(|other| other.time.precision != Precision::Day).find_map(|other| {
        let zoned = other.time.zone_source == ZoneSource::Page;
        let away = other.wall.div_euclid(60) - minute;
        let same = !zoned || other.time.at.as_second().div_euclid(60) == minute;
        let offset = (same && away != 0 && away % 30 == 0 && away.abs() <= FARTHEST_OFFSET).then_some(away)?;
        Some((i16::try_from(offset).ok()?, other.at))
    });
    match offset {
        Some((offset, shown)) => {
            time.offset_minutes = Some(offset);
            (time, Some(shown))
        }
        None => (time, None),
    }
}

/// The reading of the clock where the page was written, as far as the page says where.
fn wall_of(time: &PressTime) -> i64 {
    time.at.as_second() + i64::from(time.offset_minutes.unwrap_or(0)) * 60
}

/// A time in the future is first sight's.
fn clamped(mut time: PressTime, assume: &Assume<'_>, notes: &mut Vec<Note>) -> PressTime {
    if time.at.as_second() > assume.seen_at.as_second() + CLOCK_SLACK {
        notes.push(Note {
            field: "published".into(),
            detail: format!("the page's date {} lies in the future; first sight taken", time.at),
        });
        time.at = assume.seen_at;
    }
    time
}

fn dated(at: usize, candidate: &Candidate, entry: &Entry, assume: &Assume<'_>) -> Option<Dated> {
    let origin = candidate.origin;
    if origin == Origin::Entry {
        let time = if candidate.label == "updated" { entry.updated } else { entry.published }?;
        return Some(Dated { at, time, wall: wall_of(&time), origin });
    }
    let time = read(candidate, assume)?;
    let wall = match time.zone_source {
        // The source's zone moved the naive time: read it once more without one.
        ZoneSource::Source => wall_of(&read(candidate, &Assume { timezone: None, ..*assume }).unwrap_or(time)),
        _ => wall_of(&time),
    };
    Some(Dated { at, time, wall, origin })
}

fn read(candidate: &Candidate, assume: &Assume<'_>) -> Option<PressTime> {
    let line = if candidate.origin == Origin::Line { calendar::find(&candidate.value, assume) } else { None };
    line.or_else(|| calendar::parse(&candidate.value, assume)).or_else(|| calendar::find(&candidate.value, assume))
}

/// The change's time, when it lies after publication.
pub(super) fn modified(
    gathered: &Gathered,
    published: Option<&PressTime>,
    entry: &Entry,
    assume: &Assume<'_>,
) -> (Option<PressTime>, Choice) {
    let mut choice = Choice::default();
    for (at, candidate) in gathered.modified.iter().enumerate() {
        let objection = match dated(at, candidate, entry, assume) {
            None => "cannot be read as a date",
            Some(dated) if published.is_some_and(|published| dated.time.at < published.at) => "lies before publication",
            Some(dated) if dated.time.at.as_second() > assume.seen_at.as_second() + CLOCK_SLACK => "lies in the future",
            Some(dated) => {
                choice.winners.push(at);
                choice.rule = "the most trusted place with a date after publication";
                return (Some(dated.time), choice);
            }
        };
        choice.object(at, objection);
    }
    (None, choice)
}
