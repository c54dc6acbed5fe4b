//! The interval of an index, which has no entries of its own to learn hours from: what its pages brought is its news.

use std::time::Duration;

use super::{DAY, Policy};
use crate::model::Rhythm;

/// Shorter when the pages it led to brought news, longer when they brought none, around the budget, between floor and
/// ceiling.
pub(super) fn interval(policy: &Policy, rhythm: &Rhythm, brought: bool) -> Duration {
    let budget = Duration::from_secs(DAY / u64::from(policy.polls_per_day.max(1)));
    let last = if rhythm.interval_s == 0 { budget } else { Duration::from_secs(rhythm.interval_s) };
    let wish = match (rhythm.polls, brought) {
        (0, _) => budget,
        (_, true) => last.mul_f64(0.6),
        (_, false) => last.mul_f64(1.25),
    };
    wish.clamp(policy.min_interval, policy.max_interval.max(policy.min_interval))
}
