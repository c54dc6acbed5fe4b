//! `skipHours` and `skipDays` (RSS 2.0): hours and weekdays, GMT, in which a feed asks not to be read.

use crate::model::Timestamp;

const HOUR: i64 = 3600;

/// When the feed may be read again, if `at` falls into a skipped hour or day; `None` when it does
/// not. A feed that skips everything says nothing and is ignored.
pub(super) fn open_from(hours: &[u8], days: &[u8], at: Timestamp) -> Option<Timestamp> {
    if hours.is_empty() && days.is_empty() {
        return None;
    }
    let closed = |second: i64| {
        let hour = second.rem_euclid(24 * HOUR) / HOUR;
        // 1970-01-01 was a Thursday, day 3 when Monday is 0.
        let day = (second.div_euclid(24 * HOUR) + 3).rem_euclid(7);
        hours.iter().any(|&skipped| i64::from(skipped % 24) == hour) || days.iter().any(|&skipped| i64::from(skipped) == day)
    };
    let start = at.as_second();
    if !closed(start) {
        return None;
    }
    let hour_begin = start - start.rem_euclid(HOUR);
    (1..=7 * 24)
        .map(|step| hour_begin + step * HOUR)
        .find(|&second| !closed(second))
        .and_then(|second| Timestamp::from_second(second).ok())
}
