//! The times a server states: `Retry-After`, `Cache-Control`, `Expires`, and dates as HTTP writes them.

use std::time::Duration;

use crate::model::Timestamp;

/// The longest that a `Retry-After` binds.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);
/// The longest that an answer is believed to be fresh.
pub const MAX_FRESH: Duration = Duration::from_secs(365 * 24 * 3600);

/// How long from now an answer stays fresh (RFC 9111 §4.2.1); `None` when the server says nothing or says not at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stated<'a> {
    /// All `Cache-Control` lines, joined by commas.
    pub cache_control: Option<&'a [u8]>,
    /// `Age`.
    pub age: Option<&'a [u8]>,
    /// `Expires`.
    pub expires: Option<&'a [u8]>,
    /// `Date`.
    pub date: Option<&'a [u8]>,
}

impl Stated<'_> {
    /// The time left; `now` stands in for a missing `Date`.
    pub fn fresh_for(&self, now: Timestamp) -> Option<Duration> {
        let directives = Directives::of(self.cache_control.unwrap_or_default());
        if directives.forbids {
            return None;
        }
        let lifetime = match directives.max_age {
            Some(seconds) => Duration::from_secs(seconds),
            None => {
                let expires = http_date(self.expires?)?;
                let date = self.date.and_then(http_date).unwrap_or(now);
                Duration::try_from(expires.duration_since(date)).ok()?
            }
        };
        let age = Duration::from_secs(self.age.and_then(seconds).unwrap_or(0));
        Some(lifetime.min(MAX_FRESH).saturating_sub(age)).filter(|left| !left.is_zero())
    }
}

/// How long a server asks to be left alone (RFC 9110 §10.2.3), at most [`MAX_RETRY_AFTER`]; nonsense and the past are no wish.
pub fn retry_after(value: &[u8], now: Timestamp) -> Option<Duration> {
    let wait = match seconds(value) {
        Some(seconds) => Duration::from_secs(seconds),
        None => Duration::try_from(http_date(value)?.duration_since(now)).ok()?,
    };
    Some(wait.min(MAX_RETRY_AFTER)).filter(|wait| !wait.is_zero())
}

/// A date in one of the three forms of RFC 9110 §5.6.7: IMF-fixdate, RFC 850, asctime.
pub fn http_date(value: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(value).ok()?.trim();
    if text.len() > 64 {
        return None;
    }
    let words: Vec<&str> = text.split([' ', ',', '\t']).filter(|word| !word.is_empty()).collect();
    match words[..] {
        [_, day, month, year, time, "GMT" | "UTC"] => instant(number(year, 4)?, named_month(month)?, number(day, 2)?, time),
        [_, date, time, "GMT" | "UTC"] => {
            let mut parts = date.split('-');
            let (day, month, year) = (number(parts.next()?, 2)?, named_month(parts.next()?)?, parts.next()?);
            // Two digits: the century that lies nearest to the protocol's own life time.
            let year = match (year.len(), number(year, 4)?) {
                (2, year @ 70..) => 1900 + year,
                (2, year) => 2000 + year,
                (_, year) => year,
            };
            if parts.next().is_some() { None } else { instant(year, month, day, time) }
        }
        [_, month, day, time, year] => instant(number(year, 4)?, named_month(month)?, number(day, 2)?, time),
        _ => None,
    }
}

/// The directives of `Cache-Control` that bear on when to ask again.
#[derive(Default)]
struct Directives {
    forbids: bool,
    max_age: Option<u64>,
}

impl Directives {
    fn of(value: &[u8]) -> Directives {
        let mut directives = Directives::default();
        for directive in value.split(|byte| *byte == b',') {
            let mut parts = directive.splitn(2, |byte| *byte == b'=');
            let name = parts.next().unwrap_or_default().trim_ascii();
            if name.eq_ignore_ascii_case(b"no-cache") || name.eq_ignore_ascii_case(b"no-store") {
                directives.forbids = true;
            } else if name.eq_ignore_ascii_case(b"max-age") {
                let stated = seconds(parts.next().unwrap_or_default()).unwrap_or(0);
                directives.max_age = Some(directives.max_age.map_or(stated, |other| other.min(stated)));
            }
        }
        directives
    }
}

/// Digits only; more than fit mean "for ever".
fn seconds(value: &[u8]) -> Option<u64> {
    let digits = value.trim_ascii();
    let digits = digits.strip_prefix(b"\"").and_then(|digits| digits.strip_suffix(b"\"")).unwrap_or(digits);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'))))
}

fn number(text: &str, longest: usize) -> Option<i64> {
    (text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn named_month(name: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    MONTHS.iter().position(|month| name.eq_ignore_ascii_case(month)).map(|index| index as i64 + 1)
}

fn instant(year: i64, month: i64, day: i64, time: &str) -> Option<Timestamp> {
    let mut parts = time.split(':').map(|part| number(part, 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    // A leap second is read as the second after it.
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 60 || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let second = days_since_epoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    // The last day of 9999, a common way to say "never", lies just behind the last instant there is.
    Some(Timestamp::from_second(second).unwrap_or(Timestamp::MAX))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the Gregorian calendar; years are counted from March, so that the leap day comes last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}
