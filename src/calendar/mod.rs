//! Dates as the press writes them: zones, month names, precision.

mod scan;
mod grammar;
mod day;
mod order;
mod clock;
mod offset;
mod names;
mod persian;
mod zone_names;
mod zones;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, ToSpan};

use crate::model::{Assume, Precision, PressTime, Timestamp, ZoneSource};

pub use zone_names::{is_known_zone, zone_names};

use grammar::{Day, Grammar, Said};
use zones::Zone;

/// Longest text that is read as a date.
const LONGEST_DATE: usize = 200;
/// How much of a line is searched for a date.
const LONGEST_LINE: usize = 1200;
/// The first newspaper was printed in 1605: smaller years are counted by another calendar.
const FIRST_YEAR: i16 = 1600;
/// A date farther ahead than this is a mistake of the page.
const AHEAD: SignedDuration = SignedDuration::from_hours(366 * 24);

/// Reads a date as found in a feed, an attribute or a line of a page; `None` when it is not
/// certainly a date in the years 1600 to 9999: a wrong instant is worse than none.
pub fn parse(text: &str, assume: &Assume<'_>) -> Option<PressTime> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST_DATE {
        return None;
    }
    if let Some(at) = epoch(text) {
        let at = at?;
        let time = PressTime { at, offset_minutes: Some(0), precision: Precision::Instant, zone_source: ZoneSource::Page };
        return bounded(time, assume);
    }
    let tokens = scan::tokens(text, 64);
    let said = reading(&tokens, assume, false).whole()?;
    settle(&said, assume)
}

/// Whether a line names a day by number and month, be it without a year: `on 20 November`, `Nov. 20`, `20 ноября`, `11月20日`.
pub fn names_a_day(line: &str) -> bool {
    let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_day = |word: &str| {
        let digits = word.trim_end_matches(char::is_alphabetic);
        (1..=2).contains(&digits.len()) && digits.parse().is_ok_and(|day: u8| (1..=31).contains(&day))
    };
    let is_month = |word: &str| names::month(&scan::folded(word), None).is_some();
    let side_by_side = |pair: &[&str]| is_day(pair[0]) && is_month(pair[1]) || is_month(pair[0]) && is_day(pair[1]);
    // One small word may stand between: "20 de noviembre".
    words.windows(2).any(side_by_side)
        || words.windows(3).any(|three| names::is_glue(&scan::folded(three[1])) && side_by_side(&[three[0], three[2]]))
        || words
            .iter()
            .any(|word| word.split_once(['月', '월']).is_some_and(|(month, _)| month.ends_with(|c: char| c.is_ascii_digit())))
}

/// Finds the first date in a longer line, such as `Politics Materials 23 April 2024 21:00 (UTC +04:00)`.
/// It asks for plainer signs than `parse`: a month's name or a full numeric date, and a year.
pub fn find(line: &str, assume: &Assume<'_>) -> Option<PressTime> {
    let mut end = line.len().min(LONGEST_LINE);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let tokens = scan::tokens(&line[..end], 400);
    let said = reading(&tokens, assume, true).first()?;
    settle(&said, assume)
}

/// ISO 8601: with the offset if the page gave one, else without; only the day when only the day was said.
pub fn to_iso(time: &PressTime) -> String {
    to_iso_in(time, None)
}

/// As `to_iso`, where a time without a zone is written in the source's own time, its zone being given here.
pub fn to_iso_in(time: &PressTime, timezone: Option<&str>) -> String {
    let zone = match (time.offset_minutes, time.zone_source) {
        (Some(minutes), _) => fixed(minutes).unwrap_or(TimeZone::UTC),
        (None, ZoneSource::Source) => timezone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC),
        (None, _) => TimeZone::UTC,
    };
    let mut at = time.at;
    if time.precision == Precision::Day
        && time.offset_minutes.is_none()
        && time.zone_source == ZoneSource::Source
        && timezone.is_none()
    {
        // Midnight somewhere on Earth: twelve hours later it is the same day in London, nearly everywhere.
        at = at.checked_add(12.hours()).unwrap_or(at);
    }
    let local = zone.to_datetime(at);
    match (time.precision, time.offset_minutes) {
        (Precision::Day, _) => local.date().to_string(),
        (_, Some(minutes)) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{local}{sign}{:02}:{:02}", minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60)
        }
        (_, None) => local.to_string(),
    }
}

fn reading<'t>(tokens: &'t [scan::Token], assume: &Assume<'t>, within: bool) -> Grammar<'t> {
    Grammar { tokens, order: order::of(assume), language: assume.language, within }
}

/// Unix time in seconds, milliseconds or microseconds. The inner `None` is a number that is no plausible time.
fn epoch(text: &str) -> Option<Option<Timestamp>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: i64 = match whole.len() {
        // Eight, twelve and fourteen digits are calendar dates.
        8 | 12 | 14 if fraction.is_empty() => return None,
        9 | 10 | 13 | 16 => whole.parse().ok()?,
        _ => return Some(None),
    };
    // 1990 and later: smaller numbers are counters, not times.
    Some(
        match whole.len() {
            13 => Timestamp::from_millisecond(value).ok(),
            16 => Timestamp::from_microsecond(value).ok(),
            _ => Timestamp::from_second(value).ok(),
        }
        .filter(|at| at.as_second() >= 631_152_000),
    )
}

/// Turns what was said into an instant.
fn settle(said: &Said, assume: &Assume<'_>) -> Option<PressTime> {
    let date = civil_date(&said.day, assume)?;
    let (time, precision) = match said.clock {
        None => (Time::midnight(), Precision::Day),
        Some(clock) => {
            let hour = if clock.hour == 24 { 0 } else { clock.hour };
            let second = clock.second.unwrap_or(0);
            let time = Time::new(hour as i8, clock.minute as i8, second as i8, clock.nanos as i32).ok()?;
            (time, if clock.second.is_some() { Precision::Instant } else { Precision::Minute })
        }
    };
    let mut local = DateTime::from_parts(date, time);
    if said.clock.is_some_and(|clock| clock.hour == 24) {
        local = local.checked_add(1.day()).ok()?;
    }
    let own = assume.timezone.and_then(|name| TimeZone::get(name).ok());
    let (zone, zone_source) = match (&said.zone, own) {
        (Some(Zone::Fixed(minutes)), _) => (fixed(*minutes)?, ZoneSource::Page),
        (Some(Zone::Region(zone)), _) => (zone.clone(), ZoneSource::Page),
        (Some(Zone::Several(name)), own) => {
            let offset =
                own.and_then(|zone| local.to_zoned_datetime(zone).ok()).map(|there| (there.offset().seconds() / 60) as i16);
            match zones::settled(name, assume.timezone, offset, assume.language) {
                Some(minutes) => (fixed(minutes)?, ZoneSource::Page),
                None => (TimeZone::UTC, ZoneSource::Assumed),
            }
        }
        // A zone was said, so the desk's own is not meant.
        (Some(Zone::Unknown), _) => (TimeZone::UTC, ZoneSource::Assumed),
        (None, Some(zone)) => (zone, ZoneSource::Source),
        (None, None) => (TimeZone::UTC, ZoneSource::Assumed),
    };
    let zoned = local.to_zoned_datetime(zone).ok()?;
    let offset_minutes = (zone_source == ZoneSource::Page).then(|| (zoned.offset().seconds() / 60) as i16);
    bounded(PressTime { at: zoned.timestamp(), offset_minutes, precision, zone_source }, assume)
}

fn fixed(minutes: i16) -> Option<TimeZone> {
    Offset::from_seconds(i32::from(minutes) * 60).ok().map(TimeZone::fixed)
}

/// The day on the calendar; a missing year is the latest one that does not lie ahead.
fn civil_date(day: &Day, assume: &Assume<'_>) -> Option<Date> {
    if let Some(year) = day.year {
        // Thailand counts from the death of the Buddha.
        let thai = assume.language.is_some_and(|tag| tag.get(..2).is_some_and(|tag| tag.eq_ignore_ascii_case("th")));
        let year = if thai && (2400..2700).contains(&year) { year - 543 } else { year };
        return Date::new(year, day.month, day.day).ok();
    }
    let tomorrow = TimeZone::UTC.to_datetime(assume.seen_at).date().checked_add(1.day()).ok()?;
    let this_year = Date::new(tomorrow.year(), day.month, day.day).ok().filter(|date| *date <= tomorrow);
    this_year.or_else(|| Date::new(tomorrow.year() - 1, day.month, day.day).ok())
}

/// Years 1600 to 9999, and not far ahead of the first sight.
fn bounded(time: PressTime, assume: &Assume<'_>) -> Option<PressTime> {
    let year = TimeZone::UTC.to_datetime(time.at).year();
    let latest = assume.seen_at.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    ((FIRST_YEAR..=9999).contains(&year) && time.at <= latest).then_some(time)
}
