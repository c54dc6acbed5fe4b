//! The solar calendar of Iran, in which the Persian press dates its pages.

use jiff::ToSpan;
use jiff::civil::Date;

use super::grammar::Day;

/// The months, folded as the scanner folds words, with the spellings met.
const MONTHS: [&[&str]; 12] = [
    &["فروردين"],
    &["ارديبهشت"],
    &["خرداد"],
    &["تير"],
    &["مرداد", "امرداد"],
    &["شهريور"],
    &["مهر"],
    &["ابان"],
    &["اذر"],
    &["دي"],
    &["بهمن"],
    &["اسفند"],
];

/// The month that a folded word names.
pub(super) fn month(word: &str) -> Option<i8> {
    (1i8..).zip(MONTHS).find(|(_, names)| names.contains(&word)).map(|(month, _)| month)
}

/// The day by the common calendar. The leap years follow the cycle of 33 years, which agrees with the observed new year
/// from 1178 to 1633 (K. M. Borkowski, The Persian calendar for 3000 years, 1996).
pub(super) fn day(year: i16, month: i8, day: i8) -> Option<Day> {
    if !(1250..=1500).contains(&year) || !(1..=12).contains(&month) || day < 1 {
        return None;
    }
    let leap = |year: i16| matches!(year % 33, 1 | 5 | 9 | 13 | 17 | 22 | 26 | 30);
    let length = match month {
        1..=6 => 31,
        7..=11 => 30,
        _ if leap(year) => 30,
        _ => 29,
    };
    if day > length {
        return None;
    }
    let years = if year >= 1400 {
        (1400..year).map(|it| 365 + i64::from(leap(it))).sum::<i64>()
    } else {
        -(year..1400).map(|it| 365 + i64::from(leap(it))).sum::<i64>()
    };
    let months = i64::from(month) - 1;
    let within = months * 30 + months.min(6) + i64::from(day) - 1;
    // The first day of 1400.
    let date = Date::constant(2021, 3, 21).checked_add((years + within).days()).ok()?;
    Some(Day { year: Some(date.year()), month: date.month(), day: date.day() })
}
