//! Patience: after a poll that failed, a page that could not be read, an article that could not be had.

use std::time::Duration;

use super::{DAY, HOUR, MINUTE, Policy, WEEK, in_words, index, jittered, later};
use crate::model::{Failure, Place, Planned, PollOutcome, Rhythm, Timestamp, Trouble};

/// First wait after a failed article; doubled with every further attempt.
const SCRAPE_BACKOFF: u64 = 2 * MINUTE;
/// Longest wait between two attempts at one article.
const SCRAPE_BACKOFF_MAX: u64 = 6 * HOUR;
/// First wait when the failure is likely to last.
const SCRAPE_PERSISTENT: u64 = 2 * HOUR;
/// Attempts at an article whose failure is likely to last (a 404, a page without text).
const PERSISTENT_ATTEMPTS: u32 = 3;
/// How many times more attempts an article gets whose host only asks for patience.
const DEFERRED_TIMES: u32 = 6;
/// Attempts at a found page after the first.
const PAGE_TRIES: u32 = 3;
/// Least distance of a further look at a page from the last one.
const RECHECK_GAP: Duration = Duration::from_millis(100);

/// Plans the next attempt at an article; `None` when it is given up. `attempts` counts this one.
pub fn next_scrape(policy: &Policy, attempts: u32, failure: Failure, now: Timestamp, dice: f64) -> Option<Timestamp> {
    let limit = match failure {
        Failure::Final => return None,
        Failure::Persistent => policy.scrape_attempts.min(PERSISTENT_ATTEMPTS),
        Failure::Transient => policy.scrape_attempts,
        // A host that asks for patience, or whose robots.txt is out of reach, costs no article its life soon.
        Failure::Deferred(_) => policy.scrape_attempts.saturating_mul(DEFERRED_TIMES),
    };
    if attempts >= limit {
        return None;
    }
    let doubled = |first: u64, attempts: u32| first.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(SCRAPE_BACKOFF_MAX);
    let wait = match failure {
        // What was asked for; with own patience when the asking does not end.
        Failure::Deferred(wait) if attempts > policy.scrape_attempts => {
            wait.as_secs().min(DAY).max(doubled(SCRAPE_BACKOFF, attempts - policy.scrape_attempts))
        }
        Failure::Deferred(wait) => wait.as_secs().clamp(1, DAY),
        Failure::Persistent => doubled(SCRAPE_PERSISTENT, attempts),
        _ => doubled(SCRAPE_BACKOFF, attempts),
    };
    Some(later(now, jittered(Duration::from_secs(wait), dice)))
}

/// Plans what becomes of a found page (a child of a sitemap index, an archive) after a poll: it rests once it was read, and is
/// tried again as an article's page is, and then ever more rarely: its index listed it, and may not say so again. A walk gives up.
/// `failures` counts the failures in a row before this poll.
pub fn next_page(
    policy: &Policy,
    rhythm: &Rhythm,
    place: &Place,
    failures: u32,
    outcome: &PollOutcome,
    now: Timestamp,
    dice: f64,
) -> Planned {
    let planned = |at: Timestamp, why: &str| Planned {
        at,
        why: why.to_owned(),
        forbidden_before: None,
        interval_s: rhythm.interval_s.max(1),
    };
    let PollOutcome::Failed(trouble) = outcome else { return planned(Timestamp::MAX, "read; rests until it is named again") };
    let tries = match trouble.failure {
        Failure::Deferred(_) => PAGE_TRIES * DEFERRED_TIMES,
        Failure::Transient => PAGE_TRIES,
        Failure::Persistent | Failure::Final => 0,
    };
    let again = (failures < tries).then(|| next_scrape(policy, failures + 1, trouble.failure, now, dice)).flatten();
    match again {
        Some(at) => planned(at, "tried again"),
        None if place.walk.is_some() => planned(Timestamp::MAX, "given up; rests until it is named again"),
        None => {
            let wait = match trouble.failure {
                Failure::Final => WEEK,
                _ => HOUR.saturating_mul(1 << (failures + 1).saturating_sub(tries).min(16)).min(WEEK),
            };
            let wait = Duration::from_secs(wait);
            let why = format!("failure {} in a row, while its index lists it: {}", failures + 1, in_words(wait));
            planned(later(now, jittered(wait, dice)), &why)
        }
    }
}

/// Plans the next look at a page that is filed; `None` when the article is too old for a further one. `born` is when it
/// was published, or first seen.
pub fn next_recheck(policy: &Policy, born: Timestamp, now: Timestamp, dice: f64) -> Option<Timestamp> {
    let due = |age: &Duration| later(born, jittered(*age, dice));
    policy.rechecks.iter().map(due).filter(|at| *at > later(now, RECHECK_GAP)).min()
}

/// A feed that failed: back-off that grows to a day.
pub(super) fn after_failure(
    policy: &Policy,
    rhythm: &Rhythm,
    failures: u32,
    trouble: &Trouble,
    now: Timestamp,
    dice: f64,
) -> Planned {
    let interval = index::interval(policy, rhythm, false);
    let doubled = interval.as_secs().max(1).saturating_mul(1 << failures.min(16)).min(DAY.max(interval.as_secs()));
    let (wait, why, forbidden) = match trouble.failure {
        Failure::Deferred(asked) => {
            let asked = Duration::from_secs(asked.as_secs().min(DAY));
            // "Too many requests" means ours: besides the pause that is asked for, there are to be fewer.
            let fewer =
                if matches!(trouble.class, "rate_limited" | "captcha") { Duration::from_secs(doubled) } else { Duration::ZERO };
            let wait = asked.max(policy.min_interval).max(fewer);
            let why = match trouble.class {
                "pace" => format!("its turn is {} away", in_words(asked)),
                "robots_unreachable" => format!("robots.txt is asked for again in {}", in_words(asked)),
                _ => format!("the server asked for {}", in_words(asked)),
            };
            (wait, why, Some(later(now, asked)))
        }
        Failure::Final => (policy.gone_rest, format!("gone: one look every {}", in_words(policy.gone_rest)), None),
        Failure::Persistent if matches!(trouble.class, "forbidden" | "unauthorized" | "captcha") => {
            let wait = Duration::from_secs(doubled).max(policy.forbidden_rest);
            (wait, format!("failure {failures} in a row, the door is shut: {}", in_words(wait)), None)
        }
        Failure::Persistent => {
            let wait = Duration::from_secs(doubled.max(HOUR.min(policy.max_interval.as_secs().max(1))));
            (wait, format!("failure {failures} in a row, likely to last: {}", in_words(wait)), None)
        }
        Failure::Transient => {
            // The first failure may be a hiccup: half the interval, never under the floor.
            let wait = if failures == 1 { (interval / 2).max(policy.min_interval) } else { Duration::from_secs(doubled) };
            (wait, format!("failure {failures} in a row: {}", in_words(wait)), None)
        }
    };
    Planned { at: later(now, jittered(wait, dice)), why, forbidden_before: forbidden, interval_s: rhythm.interval_s.max(1) }
}
