//! Who wins: what servers and feeds ask for is laid over what the planner wants, in one order.
//!
//! 1. 410 and a robots.txt that forbids, then `Retry-After`: failures, see `backoff`.
//! 2. `skipHours` and `skipDays`: no poll in them, the next one when they are over.
//! 3. `Cache-Control: max-age` or `Expires`, the feed's `ttl`, its `sy:updatePeriod`: the longest of them, up to `max_freshness`.
//! 4. The planner, between the operator's floor and ceiling.
//!
//! A later one never makes a poll earlier than an earlier one allows, and jitter only lengthens.

use std::time::Duration;

use super::plan::Plan;
use super::{JITTER, MINUTE, Policy, in_words, jittered, later, skip};
use crate::model::{Hints, Planned, Timestamp};

/// Jitter of the planner's own times never grows beyond this: it knows the minute at which news is due.
const MOST_JITTER: Duration = Duration::from_secs(3 * MINUTE);
/// And is at least this share of the interval.
const LEAST_JITTER: f64 = 0.01;

/// What servers and feeds ask for, the longest: what it is, and how long it is.
pub(super) fn wish(policy: &Policy, hints: &Hints, fresh_for: Option<Duration>) -> Option<(&'static str, Duration)> {
    [(fresh_for, "the server calls it fresh"), (hints.ttl, "the feed's ttl"), (hints.update_period, "the feed's update period")]
        .into_iter()
        .filter_map(|(wish, name)| Some((name, wish?.min(policy.max_freshness))))
        // Of equal ones the first.
        .rev()
        .max_by_key(|(_, wish)| *wish)
}

/// A feed that answered: the planner, unless server or feed ask for more patience.
pub(super) fn merged(
    policy: &Policy,
    hints: &Hints,
    fresh_for: Option<Duration>,
    plan: Plan,
    now: Timestamp,
    dice: f64,
) -> Planned {
    let Plan { length, mut why } = plan;
    let share = LEAST_JITTER + (JITTER - LEAST_JITTER) * dice.clamp(0.0, 1.0);
    let mut at = later(now, length + length.mul_f64(share).min(MOST_JITTER));
    if let Some((name, wish)) = wish(policy, hints, fresh_for)
        && later(now, wish) > later(now, length)
    {
        at = at.max(later(now, jittered(wish, dice)));
        why = format!("{name}: {}", in_words(wish));
    }
    let planned = Planned { at, why, forbidden_before: None, interval_s: length.as_secs().max(1) };
    outside_of_skipped(hints, planned, now)
}

/// A plan that keeps out of the hours and days in which the feed asks not to be read, whatever it was made for.
pub(super) fn outside_of_skipped(hints: &Hints, mut planned: Planned, now: Timestamp) -> Planned {
    if let Some(open) = skip::open_from(&hints.skip_hours, &hints.skip_days, planned.at) {
        planned.at = open;
        planned.why = "the feed's skipHours or skipDays".to_owned();
    }
    if let Some(open) = skip::open_from(&hints.skip_hours, &hints.skip_days, now) {
        planned.forbidden_before = planned.forbidden_before.max(Some(open));
    }
    planned
}
