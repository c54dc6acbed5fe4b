//! When feeds are looked for on a home page.

use std::time::Duration;

use super::{DAY, MINUTE, WEEK, jittered, later};
use crate::model::{FeedKind, LookAgain, Planned, PollOutcome, Timestamp};

/// Failures in a row after which a discovered feed no longer counts as one that answers.
const TIRED: u32 = 3;
/// How long after the last look a home page is looked at again whose feeds do not answer.
const LOOK_AGAIN: Duration = Duration::from_secs(DAY);

/// Plans when feeds are looked for again on a home page: a week after they were looked for.
pub fn next_discovery(discovered_at: Timestamp, now: Timestamp, dice: f64) -> Planned {
    let at = later(discovered_at, jittered(Duration::from_secs(WEEK), dice));
    let why = "feeds are looked for again every week".to_owned();
    Planned { at: at.max(later(now, Duration::from_secs(MINUTE))), why, forbidden_before: None, interval_s: WEEK }
}

/// Whether a feed that failed so often in a row still counts as one that answers.
pub fn does_answer(failures: u32) -> bool {
    failures < TIRED
}

/// Whether feeds have to be looked for again on a home page: a week has passed, or of one kind none answers of those that
/// were found. `found` are these, each with its failures in a row.
pub fn is_discovery_due(discovered_at: Timestamp, found: &[(FeedKind, u32)], now: Timestamp) -> bool {
    let answers = |kind: FeedKind| found.iter().any(|(other, failures)| *other == kind && does_answer(*failures));
    let all_answer = !found.is_empty() && found.iter().all(|(kind, _)| answers(*kind));
    !all_answer || later(discovered_at, Duration::from_secs(WEEK)) <= now
}

/// What it would take to look at a home page again at once, after a failure of a feed that was found on it; `None` while
/// the feed counts as one that answers. `failures` counts the failures in a row before this one.
pub fn look_again(failures: u32, outcome: &PollOutcome, now: Timestamp) -> Option<LookAgain> {
    let is_tired = matches!(outcome, PollOutcome::Failed(_)) && !does_answer(failures.saturating_add(1));
    let before = now.checked_sub(LOOK_AGAIN).unwrap_or(Timestamp::MIN);
    is_tired.then_some(LookAgain { failures: TIRED, before })
}
