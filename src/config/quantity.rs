//! Durations and sizes as an operator writes them: `90s`, `1h30m`, `8MiB`.

use std::time::Duration;

use super::mistake::{Wrong, shown};

/// Units of time, longest first, in nanoseconds.
const TIMES: [(&str, u128); 5] = [
    ("d", 86_400 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

/// What people write instead of a unit of time.
const TIME_WORDS: [(&str, &str); 17] = [
    ("", "s"),
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("msec", "ms"),
    ("millis", "ms"),
];

/// Units of size in bytes.
const SIZES: [(&str, u128); 7] =
    [("B", 1), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// What people write instead of a unit of size.
const SIZE_WORDS: [(&str, &str); 9] = [
    ("", "B"),
    ("k", "KiB"),
    ("m", "MiB"),
    ("g", "GiB"),
    ("byte", "B"),
    ("bytes", "B"),
    ("ki", "KiB"),
    ("mi", "MiB"),
    ("gi", "GiB"),
];

/// Longest duration and largest size that can be meant: anything beyond is a slip of the pen.
const LONGEST: u128 = 36_525 * 86_400 * 1_000_000_000;

/// Reads a duration between two bounds, both allowed.
pub(super) fn duration(text: &str, least: Duration, most: Duration) -> Result<Duration, Wrong> {
    let Some(nanos) = sum_of_times(text) else {
        let guess = respelt(text, &TIME_WORDS, |candidate| sum_of_times(candidate).is_some());
        return Err(Wrong::new(format!("expected a duration such as \"90s\", \"5m\", \"1h30m\" or \"7d\", found {}", shown(text)))
            .meaning(guess));
    };
    let read = Duration::new((nanos / 1_000_000_000) as u64, (nanos % 1_000_000_000) as u32);
    if read < least || read > most {
        return Err(Wrong::new(format!("expected a duration from {} to {}, found {}", written(least), written(most), shown(text))));
    }
    Ok(read)
}

/// Reads a size in bytes between two bounds, both allowed.
pub(super) fn size(text: &str, least: u64, most: u64) -> Result<u64, Wrong> {
    let read = one_part(text).filter(|(_, rest)| rest.is_empty()).and_then(|((number, unit), _)| {
        let scale = SIZES.iter().find(|(name, _)| *name == unit)?.1;
        u64::try_from(number.times(scale)?).ok()
    });
    let Some(bytes) = read else {
        let guess = respelt(text, &SIZE_WORDS, |candidate| size(candidate, 0, u64::MAX).is_ok());
        return Err(
            Wrong::new(format!("expected a size such as \"8MiB\", \"500KiB\" or \"10MB\", found {}", shown(text))).meaning(guess)
        );
    };
    if bytes < least || bytes > most {
        return Err(Wrong::new(format!("expected a size from {least} to {most} bytes, found {}", shown(text))));
    }
    Ok(bytes)
}

/// A duration in the spelling that [`duration`] reads.
pub(super) fn written(duration: Duration) -> String {
    let mut rest = duration.as_nanos();
    let mut out = String::new();
    for (unit, scale) in TIMES {
        let count = rest / scale;
        rest %= scale;
        if count > 0 {
            out.push_str(&format!("{count}{unit}"));
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

/// Nanoseconds of `1h30m`; units must fall, so that each occurs once.
fn sum_of_times(text: &str) -> Option<u128> {
    let mut total: u128 = 0;
    let mut rest = text;
    let mut units = TIMES.iter();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let ((number, unit), after) = one_part(rest)?;
        let (_, scale) = units.find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.times(*scale)?)?;
        rest = after;
    }
    (total <= LONGEST).then_some(total)
}

/// A decimal number, kept exact.
struct Decimal {
    digits: u64,
    /// Digits after the point.
    places: u32,
}

impl Decimal {
    fn times(&self, scale: u128) -> Option<u128> {
        Some(u128::from(self.digits).checked_mul(scale)? / 10_u128.checked_pow(self.places)?)
    }
}

/// One number with the letters after it, and what follows them.
fn one_part(text: &str) -> Option<((Decimal, &str), &str)> {
    let number_ends = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(number_ends);
    let unit_ends = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_ends);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let well_formed = !whole.is_empty() && !fraction.contains('.') && fraction.len() <= 9 && !number.ends_with('.');
    if !well_formed {
        return None;
    }
    let digits = format!("{whole}{fraction}").parse().ok()?;
    Some(((Decimal { digits, places: fraction.len() as u32 }, unit), rest))
}

/// The spelling that was probably meant: blanks out, units by their names; only if it then reads.
fn respelt(text: &str, words: &[(&str, &str)], reads: impl Fn(&str) -> bool) -> Option<String> {
    if text.len() > 40 {
        return None;
    }
    let lower: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect();
    let mut out = String::new();
    let mut rest = lower.as_str();
    while !rest.is_empty() {
        let number_ends = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let unit_ends =
            rest[number_ends..].find(|c: char| !c.is_ascii_alphabetic()).map_or(rest.len(), |length| number_ends + length);
        if unit_ends == 0 {
            return None;
        }
        let unit = &rest[number_ends..unit_ends];
        let known = words.iter().find(|(word, _)| *word == unit).map(|(_, unit)| *unit);
        let sized = SIZES.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).map(|(name, _)| *name);
        out.push_str(&rest[..number_ends]);
        out.push_str(known.or(sized).unwrap_or(unit));
        rest = &rest[unit_ends..];
    }
    (out != text && reads(&out)).then_some(out)
}
