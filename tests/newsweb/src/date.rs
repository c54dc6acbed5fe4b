//! Dates as feeds, headers and agency pages write them, computed from Unix seconds and an offset.

use crate::plan::Language;
use crate::words::Words;

const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// One instant on the wall of one place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: usize,
    pub(crate) day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    weekday: usize,
    offset_minutes: i32,
}

impl Civil {
    pub(crate) fn new(unix: i64, offset_minutes: i32) -> Self {
        let local = unix + i64::from(offset_minutes) * 60;
        let (days, rest) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = from_days(days);
        let weekday = (days + 4).rem_euclid(7) as usize;
        Civil { year, month, day, hour: rest / 3600, minute: rest / 60 % 60, second: rest % 60, weekday, offset_minutes }
    }

    /// `Tue, 23 Apr 2024 21:00:00 +0400`.
    pub(crate) fn rfc822(&self) -> String {
        let Civil { year, day, hour, minute, second, .. } = *self;
        let (weekday, month) = (DAYS[self.weekday], MONTHS[self.month - 1]);
        format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} {}", self.offset(""))
    }

    /// `2024-04-23T21:00:00+04:00`.
    pub(crate) fn iso(&self) -> String {
        format!("{}{}", self.iso_without_zone(), if self.offset_minutes == 0 { "Z".into() } else { self.offset(":") })
    }

    /// `2024-04-23T21:00:00`, the zone left to the reader's knowledge of the agency.
    pub(crate) fn iso_without_zone(&self) -> String {
        let Civil { year, month, day, hour, minute, second, .. } = *self;
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }

    /// `23.04.2024 21:00`.
    pub(crate) fn dotted(&self) -> String {
        let Civil { year, month, day, hour, minute, .. } = *self;
        format!("{day:02}.{month:02}.{year} {hour:02}:{minute:02}")
    }

    /// The day and the minute in words: `23 April 2024 21:00`, `2024年4月23日 21:00`.
    pub(crate) fn words(&self, words: &Words) -> String {
        let Civil { year, day, hour, minute, .. } = *self;
        let month = words.list("months")[self.month - 1];
        match words.language() {
            Language::Chinese => format!("{year}年{month}{day}日 {hour:02}:{minute:02}"),
            _ => format!("{day} {month} {year} {hour:02}:{minute:02}"),
        }
    }

    /// As `words`, with the zone stamped behind: `23 April 2024 21:00 (UTC +04:00)`.
    pub(crate) fn stamped(&self, words: &Words) -> String {
        format!("{} (UTC {})", self.words(words), self.offset(":"))
    }

    /// `+0400`, or with `:` between.
    fn offset(&self, between: &str) -> String {
        let (sign, minutes) = (if self.offset_minutes < 0 { '-' } else { '+' }, self.offset_minutes.abs());
        format!("{sign}{:02}{between}{:02}", minutes / 60, minutes % 60)
    }
}

/// `Tue, 23 Apr 2024 17:00:00 GMT`, as RFC 9110 §5.6.7 wants it.
pub(crate) fn http_date(unix: i64) -> String {
    Civil::new(unix, 0).rfc822().replace("+0000", "GMT")
}

/// Unix seconds of an `http_date`; anything else is no date.
pub(crate) fn parse_http_date(text: &str) -> Option<i64> {
    let parts: Vec<&str> = text.split([' ', ':']).filter(|part| !part.is_empty()).collect();
    let [_, day, month, year, hour, minute, second, "GMT"] = parts[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let number = |text: &str| text.parse::<i64>().ok();
    let days = to_days(number(year)?, month, number(day)?);
    Some(days * 86_400 + number(hour)? * 3600 + number(minute)? * 60 + number(second)?)
}

/// Days since 1970-01-01 to year, month, day in the proleptic Gregorian calendar (era of 400 years, March first).
fn from_days(days: i64) -> (i64, usize, i64) {
    let z = days + 719_468;
    let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month as usize, doy - (153 * mp + 2) / 5 + 1)
}

fn to_days(year: i64, month: usize, day: i64) -> i64 {
    let month = month as i64;
    let year = if month <= 2 { year - 1 } else { year };
    let (era, yoe) = (year.div_euclid(400), year.rem_euclid(400));
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_on_the_wall_of_its_place() {
        let civil = Civil::new(1_713_891_600, 240);
        assert_eq!(civil.rfc822(), "Tue, 23 Apr 2024 21:00:00 +0400");
        assert_eq!(civil.iso(), "2024-04-23T21:00:00+04:00");
        assert_eq!(civil.stamped(Language::English.words()), "23 April 2024 21:00 (UTC +04:00)");
        assert_eq!(Civil::new(951_782_400, -210).iso(), "2000-02-28T20:30:00-03:30");
    }

    #[test]
    fn http_dates_travel_both_ways() {
        assert_eq!(http_date(1_713_891_600), "Tue, 23 Apr 2024 17:00:00 GMT");
        for unix in [0, 951_782_399, 951_868_800, 1_713_891_600, 4_102_444_800] {
            assert_eq!(parse_http_date(&http_date(unix)), Some(unix));
        }
        assert_eq!(parse_http_date("yesterday"), None);
    }
}
