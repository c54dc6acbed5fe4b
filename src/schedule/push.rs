//! What the pushes of a hub mean for the polls of a feed, and when a hub is asked.
//!
//! Pushes have to earn it: until some of them could be read, the feed is polled as ever. Then one poll a day is the back-up.
//! When it finds what no push had brought, or the lease ends, polling is the rule again, and more pushes are asked for before
//! it is not.

use std::time::Duration;

use crate::model::{Failure, Planned, PollOutcome, PollRead, Push, Timestamp, Trust};

use super::{DAY, HOUR, MINUTE, jittered, later};

/// News younger than this may be on their way by push.
const ON_THE_WAY: Duration = Duration::from_secs(15 * MINUTE);
/// Doublings of the pushes that a hub has to bring after its misses.
const MOST_DOUBLINGS: u32 = 6;
/// A hub that took a request asks back within this time, or is asked again.
const ASKS_BACK: u64 = HOUR;
/// First wait after a hub could not be asked.
const HUB_BACKOFF: u64 = 15 * MINUTE;
/// Longest wait before a hub is asked again that does not want us.
const HUB_REFUSED: u64 = 7 * DAY;

/// How long a subscription is asked for. The hub decides.
pub const LEASE: Duration = Duration::from_secs(10 * DAY);

/// The next poll of a feed that a hub may tell of, and how far its pushes are trusted from now on. `planned` is what would
/// be the next poll without it; `delivered` says that the outcome is of a push.
pub fn with_push(
    push: Option<&Push>,
    delivered: bool,
    outcome: &PollOutcome,
    planned: Planned,
    now: Timestamp,
    dice: f64,
) -> (Planned, Option<Trust>) {
    let Some(push) = push else { return (planned, None) };
    let worked = works(push, push.trust, now);
    let trust = match outcome {
        PollOutcome::Read(_) if delivered => Trust { pushes: push.trust.pushes.saturating_add(1), ..push.trust },
        PollOutcome::Read(read) if worked && was_missed(read, now) => {
            Trust { pushes: 0, misses: push.trust.misses.saturating_add(1) }
        }
        _ => push.trust,
    };
    let polled_at = if delivered { push.polled_at.unwrap_or(now) } else { now };
    let failed = matches!(outcome, PollOutcome::Failed(_));
    if failed && !delivered || !works(push, trust, now) {
        // A push takes no poll away that was planned.
        let planned = if delivered { Planned { at: push.next_poll_at, ..planned } } else { planned };
        return (planned, Some(trust));
    }
    let back_up = later(polled_at, jittered(Duration::from_secs(DAY), dice));
    let at = push.active_until.map_or(back_up, |end| back_up.min(end)).max(if delivered { now } else { planned.at });
    let why = "the hub tells of news; one poll a day as back-up".to_owned();
    (Planned { at, why, ..planned }, Some(trust))
}

/// Whether pushes can stand for polls.
fn works(push: &Push, trust: Trust, now: Timestamp) -> bool {
    push.active_until.is_some_and(|end| end > now) && trust.pushes >= 1 << trust.misses.min(MOST_DOUBLINGS)
}

/// Whether a poll found what a push should have brought.
fn was_missed(read: &PollRead, now: Timestamp) -> bool {
    let old = now.checked_sub(ON_THE_WAY).unwrap_or(Timestamp::MIN);
    read.fresh.iter().any(|new| new.entry.published.is_none_or(|time| time.at < old))
}

/// When a hub that took the request is asked again, should it not ask back. `failures` counts those in a row before.
pub fn asked_again(failures: u32, now: Timestamp, dice: f64) -> Timestamp {
    later(now, jittered(Duration::from_secs(doubled(ASKS_BACK, failures).min(DAY)), dice))
}

/// When a hub is asked again that could not be asked, or refused. `failures` counts those in a row before this one.
pub fn next_subscription(failures: u32, failure: Failure, now: Timestamp, dice: f64) -> Timestamp {
    let wait = match failure {
        Failure::Waits(wait) => return later(now, wait),
        Failure::Transient => doubled(HUB_BACKOFF, failures).min(DAY),
        Failure::Deferred(wait) => wait.as_secs().clamp(MINUTE, DAY).max(doubled(HUB_BACKOFF, failures).min(DAY)),
        Failure::Persistent | Failure::Final => doubled(DAY, failures).min(HUB_REFUSED),
    };
    later(now, jittered(Duration::from_secs(wait), dice))
}

fn doubled(first: u64, failures: u32) -> u64 {
    first.saturating_mul(1 << failures.min(16))
}
