//! Whether a source is silent against its own rhythm.
//!
//! A night, a weekend and the pause between two batches are rhythm. So the time is measured in news: what the source would
//! have brought by the hours of its days and the days of its weeks. In that measure its usual silences are all about as
//! long, and one that is much longer than they are is none of its rhythm. The first sign of life after months of them can be
//! no measure, nor can one silence that never recurred.

use std::time::Duration;

use crate::model::{Silence, Timestamp};

/// No silence below this is one, however lively the source is.
pub const FLOOR: Duration = Duration::from_secs(4 * 3600);
/// How many of the latest news are looked at, at most.
pub const NEWS: usize = 600;

/// News closer together than this are one event: a batch.
const BATCH_S: i64 = 600;
/// How far back the rhythm is learnt.
const LEARNT_S: i64 = 180 * DAY_S;
/// Fewest events, and the shortest time they must cover, weekends included.
const EVENTS: usize = 20;
const COVERED_S: i64 = 10 * DAY_S;
/// A silence is none until the source would have brought so many events …
const EXPECTED: f64 = 4.0;
/// … and so many times those of the longest silence that recurred.
const TIMES: f64 = 2.5;

const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;
const WEEK_S: i64 = 7 * DAY_S;

/// The silence of a source whose latest news came at these instants and that was listened to until then; `None` when it
/// is no silence, or not enough is known to say so.
pub fn silence(news: &[Timestamp], listened_until: Timestamp) -> Option<Silence> {
    let until = listened_until.as_second();
    let events = events(news, until);
    let (first, last) = (*events.first()?, *events.last()?);
    let floor = i64::try_from(FLOOR.as_secs()).unwrap_or(i64::MAX);
    if until - last < floor || events.len() < EVENTS || last - first < COVERED_S {
        return None;
    }
    let week = Week::learn(&events);
    let mut usual: Vec<f64> = events.windows(2).map(|pair| week.expected(pair[0], pair[1])).collect();
    let mut gaps: Vec<i64> = events.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let recurred = second(&mut usual, f64::total_cmp);
    let expected = week.expected(last, until);
    if expected < EXPECTED.max(TIMES * recurred) {
        return None;
    }
    let since = Timestamp::from_second(last).ok()?;
    let usual_s = u64::try_from(second(&mut gaps, i64::cmp)).unwrap_or(0);
    Some(Silence { since, expected: expected.round() as u32, usual_s })
}

/// The second greatest: once is an accident.
fn second<T: Copy + Default>(values: &mut [T], order: impl Fn(&T, &T) -> std::cmp::Ordering) -> T {
    values.sort_by(|one, other| order(other, one));
    values.get(1).or(values.first()).copied().unwrap_or_default()
}

/// When something came, oldest first, in seconds: a batch once.
fn events(news: &[Timestamp], until: i64) -> Vec<i64> {
    let mut seconds: Vec<i64> = news.iter().map(|at| at.as_second()).filter(|at| *at <= until).collect();
    seconds.sort_unstable();
    let newest = seconds.last().copied().unwrap_or(until);
    seconds.retain(|at| *at >= newest - LEARNT_S);
    let mut events: Vec<i64> = Vec::new();
    for at in seconds {
        match events.last() {
            Some(last) if at - last < BATCH_S => {}
            _ => events.push(at),
        }
    }
    events
}

/// How many events an hour brings, by the hour of the day and the day of the week (UTC).
struct Week {
    hours: [f64; 24],
    days: [f64; 7],
    /// Events a second, on the whole.
    rate: f64,
}

impl Week {
    fn learn(events: &[i64]) -> Week {
        let (first, last) = (events[0], events[events.len() - 1]);
        let span = (last - first).max(1) as f64;
        let (mut by_hour, mut by_day) = ([0.0; 24], [0.0; 7]);
        for at in events {
            by_hour[hour(*at)] += 1.0;
            by_day[day(*at)] += 1.0;
        }
        // A release comes a little earlier or later than yesterday, and an hour of summer time apart.
        let smooth: [f64; 24] =
            std::array::from_fn(|it| by_hour[(it + 23) % 24] * 0.25 + by_hour[it] * 0.5 + by_hour[(it + 1) % 24] * 0.25);
        let days_covered = days_covered(first, last);
        // What was never seen is not impossible: a tenth of an even share, and one event more for every day of the week.
        let share = events.len() as f64 / 24.0;
        let hours = smooth.map(|count| (count + share * 0.1) / (share * 1.1));
        let even = events.len() as f64 / span * DAY_S as f64;
        let days = std::array::from_fn(|it| (by_day[it] + even) / (even * (days_covered[it] + 1.0)));
        Week { hours, days, rate: events.len() as f64 / span }
    }

    /// How many events would have come between two instants.
    fn expected(&self, from: i64, to: i64) -> f64 {
        let (mut at, mut sum) = (from, 0.0);
        while at < to {
            let next = (at.div_euclid(HOUR_S) + 1) * HOUR_S;
            sum += self.rate * self.hours[hour(at)] * self.days[day(at)] * (next.min(to) - at) as f64;
            at = next;
        }
        sum
    }
}

/// How many days of each kind lie between two instants, parts counted as such.
fn days_covered(first: i64, last: i64) -> [f64; 7] {
    let weeks = ((last - first) / WEEK_S) as f64;
    let mut covered = [weeks; 7];
    let mut at = last - (last - first) % WEEK_S;
    while at < last {
        let next = ((at.div_euclid(DAY_S) + 1) * DAY_S).min(last);
        covered[day(at)] += (next - at) as f64 / DAY_S as f64;
        at = next;
    }
    covered
}

fn hour(at: i64) -> usize {
    (at.rem_euclid(DAY_S) / HOUR_S) as usize
}

/// Monday is 0; the epoch was a Thursday.
fn day(at: i64) -> usize {
    ((at.div_euclid(DAY_S) + 3).rem_euclid(7)) as usize
}
