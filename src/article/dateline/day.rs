//! The day of a dateline, its year completed from the publication.

use crate::article::metadata::likeness::fold;
use crate::article::metadata::vocabulary::WEEKDAYS;
use crate::calendar;
use crate::model::{Assume, PressTime, Timestamp};

const SECONDS_OF_A_DAY: i64 = 86_400;

/// The day as ISO 8601. A missing year is the one that brings the day nearest to the publication
/// without lying more than a day behind it; without a publication time there is none to choose.
pub(super) fn complete(printed: &str, published: Option<&PressTime>) -> Option<String> {
    let printed = printed.split_whitespace().filter(|word| !WEEKDAYS.has(&fold(word))).collect::<Vec<_>>().join(" ");
    if printed.chars().all(|c| c.is_ascii_digit() || c == '日') {
        return latest_of(&printed, published?);
    }
    let has_year = printed.split(|c: char| !c.is_ascii_digit()).any(|number| number.len() == 4);
    let seen_at = published.map_or(Timestamp::UNIX_EPOCH, |time| time.at);
    let assume = Assume { timezone: None, language: None, seen_at };
    if has_year {
        return day_of(&printed, &assume).map(|(_, day)| day);
    }
    let published = published?;
    let local = published.at.as_second() + i64::from(published.offset_minutes.unwrap_or(0)) * 60;
    let latest = local - local.rem_euclid(SECONDS_OF_A_DAY) + SECONDS_OF_A_DAY;
    let this_year: i64 = Timestamp::from_second(local).ok()?.to_string().get(..4)?.parse().ok()?;
    [this_year + 1, this_year, this_year - 1]
        .into_iter()
        .filter_map(|year| {
            let dated = if printed.contains('月') {
                format!("{year}年{printed}")
            } else if printed.contains('월') {
                format!("{year}년 {printed}")
            } else {
                format!("{printed} {year}")
            };
            day_of(&dated, &assume)
        })
        .find(|(second, _)| *second <= latest)
        .map(|(_, day)| day)
}

/// The last day of that number, tomorrow at the latest: "BARCELONA, 23 (EUROPA PRESS)", "東京 23日".
fn latest_of(day: &str, published: &PressTime) -> Option<String> {
    let wanted: u32 = day.trim_end_matches('日').parse().ok().filter(|day| (1..=31).contains(day))?;
    let local = published.at.as_second() + i64::from(published.offset_minutes.unwrap_or(0)) * 60;
    (-1..62).find_map(|back| {
        let date = Timestamp::from_second(local - back * SECONDS_OF_A_DAY).ok()?.to_string().get(..10)?.to_owned();
        (date.get(8..)?.parse() == Ok(wanted)).then_some(date)
    })
}

/// The day a text names, in UTC seconds and as ISO 8601.
fn day_of(text: &str, assume: &Assume<'_>) -> Option<(i64, String)> {
    let time = calendar::parse(text, assume)?;
    Some((time.at.as_second(), time.at.to_string().get(..10)?.to_owned()))
}
