//! Day first or month first: what `03/04/2024` means to a desk.

use crate::model::Assume;

/// Which of two numbers is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
    /// Nothing settles it.
    /// Numeric dates begin with the year; the other orders are foreign.
    YearFirst,
    Unknown,
}

/// English-speaking countries that write the day first.
const DAY_FIRST_ENGLISH: &[&str] =
    &["gb", "au", "nz", "ie", "in", "za", "sg", "hk", "pk", "ng", "ke", "gh", "mt", "jm", "az", "tr"];
/// Countries that write the month first.
const MONTH_FIRST: &[&str] = &["us", "ph", "pr", "gu", "as", "fm"];
/// Languages whose numeric dates begin with the year, so that the other order says nothing.
const YEAR_FIRST: &[&str] = &["ja", "zh", "ko", "hu", "lt", "mn", "fa", "eu"];

/// How the source writes numeric dates.
pub(super) fn of(assume: &Assume<'_>) -> Order {
    let Some(language) = assume.language else { return Order::Unknown };
    let mut parts = language.split(['-', '_']);
    let primary = parts.next().unwrap_or_default().to_ascii_lowercase();
    let region = parts.find(|part| part.len() == 2).map(str::to_ascii_lowercase);
    if let Some(region) = &region
        && MONTH_FIRST.contains(&region.as_str())
    {
        return Order::MonthFirst;
    }
    match primary.as_str() {
        "" | "und" | "mul" => Order::Unknown,
        "en" => match region {
            Some(region) if DAY_FIRST_ENGLISH.contains(&region.as_str()) => Order::DayFirst,
            Some(_) => Order::Unknown,
            None => english_by_zone(assume.timezone),
        },
        "fil" | "tl" => Order::MonthFirst,
        other if YEAR_FIRST.contains(&other) => Order::YearFirst,
        _ => Order::DayFirst,
    }
}

/// Plain `en` is settled by where the desk is: everywhere but in America the day comes first.
fn english_by_zone(timezone: Option<&str>) -> Order {
    const UNITED_STATES: &[&str] = &[
        "America/New_York",
        "America/Chicago",
        "America/Denver",
        "America/Los_Angeles",
        "America/Phoenix",
        "America/Anchorage",
        "America/Detroit",
        "America/Boise",
        "Pacific/Honolulu",
        "Asia/Manila",
    ];
    match timezone {
        None => Order::Unknown,
        Some(zone) if UNITED_STATES.contains(&zone) || zone.starts_with("US/") || zone.starts_with("America/Indiana/") => {
            Order::MonthFirst
        }
        Some(zone) if zone.starts_with("America/") || !zone.contains('/') || zone.starts_with("Etc/") => Order::Unknown,
        Some(_) => Order::DayFirst,
    }
}
