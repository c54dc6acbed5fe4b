//! What the pushes of a hub mean for the polls of a feed, and when a hub is asked.
//!
//! Pushes have to earn it: until some of them could be read, the feed is polled as ever. Then one poll a day is the back-up.
//! When it finds what no push had brought, or the lease ends, polling is the rule again, and more pushes are asked for before
//! it is not.

use std::time::Duration;

use crate::model::{Failure, Hints, Planned, PollOutcome, PollRead, Push, Timestamp, Trust};

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
/// be the next poll without it; `delivered` says that the outcome is of a push. The hours in
/// which the feed asks not to be read, as `hints` say, bind the back-up too.
pub fn with_push(
    push: Option<&Push>,
    delivered: bool,
    outcome: &PollOutcome,
    planned: Planned,
    hints: &Hints,
    now: Timestamp,
    dice: f64,
) -> (Planned, Option<Trust>) {
    let Some(push) = push else { return (planned, None) };
    let worked = works(push, push.trust, now);
    let failed = matches!(outcome, PollOutcome::Failed(_));
    // What the feed, its server and the operator allow, a push does not widen.
    let due = if delivered { push.trust.due_at.unwrap_or(push.next_poll_at) } else { planned.at };
    let trust = Trust { due_at: Some(due), ..push.trust };
    let trust = match outcome {
        // News were announced and could not be read: the feed has them.
        PollOutcome::Failed(_) if delivered => Trust { pushes: 0, ..trust },
        PollOutcome::Read(_) if delivered => Trust { pushes: trust.pushes.saturating_add(1), ..trust },
        PollOutcome::Read(read) if worked && was_missed(read, now) => {
            Trust { pushes: 0, misses: trust.misses.saturating_add(1), ..trust }
        }
        _ => trust,
    };
    let planned = Planned { at: due, ..planned };
    if failed || !works(push, trust, now) {
        return (planned, Some(trust));
    }
    let polled_at = if delivered { push.polled_at.unwrap_or(now) } else { now };
    let back_up = later(polled_at, jittered(Duration::from_secs(DAY), dice));
    let at = push.active_until.map_or(back_up, |end| back_up.min(end)).max(due).max(now);
    let why = "the hub tells of news; one poll a day as back-up".to_owned();
    (super::precedence::outside_of_skipped(hints, Planned { at, why, ..planned }, now), Some(trust))
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
