//! When to ask again: interval, back-off, freshness, jitter.
//!
//! Who wins, from the strongest: 410 and robots.txt, `Retry-After`, `skipHours`/`skipDays`, what
//! the server or the feed says of freshness, the planner between the operator's floor and ceiling.
//! Every wish from outside is capped at a day, so that no server can retire a feed by mistake.

pub mod push;
mod skip;
pub mod stale;
pub mod walk;
mod window;

pub use window::{Listed, learn, listed, take_stock};

use std::time::Duration;

use crate::model::{Failure, FeedKind, LookAgain, Place, Planned, PollOutcome, PollRead, Rhythm, Timestamp};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// No wish of a server and no back-off reaches further than this.
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;
/// A feed that is gone for good (410) is looked at this rarely.
const MONTH: u64 = 30 * DAY;
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
/// Failures in a row after which a discovered feed no longer counts as one that answers.
const TIRED: u32 = 3;
/// How long after the last look a home page is looked at again whose feeds do not answer.
const LOOK_AGAIN: Duration = Duration::from_secs(DAY);
/// Least distance of a further look at a page from the last one.
const RECHECK_GAP: Duration = Duration::from_millis(100);
/// Fewest entries of a document of which a share says something.
const FLOODED: usize = 5;
/// Share of the interval that jitter may add; it only ever lengthens.
const JITTER: f64 = 0.05;

/// The operator's word about when to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The floor: no feed is polled more often.
    pub min_interval: Duration,
    /// The ceiling: no healthy feed is polled more rarely unless the server asks for it.
    pub max_interval: Duration,
    /// Mean budget of polls a feed and day.
    pub polls_per_day: u32,
    /// Attempts at one article before it is given up.
    pub scrape_attempts: u32,
    /// Ages of an article at which its page is looked at again, for corrections and withdrawals.
    pub rechecks: Vec<Duration>,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            min_interval: Duration::from_secs(5 * MINUTE),
            max_interval: Duration::from_secs(4 * HOUR),
            polls_per_day: 24,
            scrape_attempts: 8,
            rechecks: [HOUR, 6 * HOUR, DAY].map(Duration::from_secs).to_vec(),
        }
    }
}

/// Plans the next poll of a feed. `failures` counts the failures in a row before this poll; `dice`
/// is a number in `[0, 1)`.
pub fn next_poll(policy: &Policy, rhythm: &Rhythm, failures: u32, outcome: &PollOutcome, now: Timestamp, dice: f64) -> Planned {
    match outcome {
        PollOutcome::Failed(trouble) => after_failure(policy, rhythm, failures + 1, trouble.failure, now, dice),
        PollOutcome::Unchanged(head) => {
            let interval = guarded(policy, planned_interval(policy, rhythm, News::of_pages(rhythm)), rhythm, outcome, now);
            after_success(&rhythm.hints, head.fresh_for, interval, now, dice)
        }
        PollOutcome::Read(read) => {
            let interval = guarded(policy, planned_interval(policy, rhythm, News::of(read, rhythm)), rhythm, outcome, now);
            after_success(&read.hints, read.head.fresh_for, interval, now, dice)
        }
        PollOutcome::Found(_) => next_discovery(now, now, dice),
    }
}

/// What a poll brought, to the planner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    None,
    Some,
    /// Most of what the feed lists, or more than it lists.
    Flood,
}

impl News {
    /// An index has no entries of its own: what the pages it led to brought is its news.
    fn of_pages(rhythm: &Rhythm) -> News {
        if rhythm.brought > 0 { News::Some } else { News::None }
    }

    fn of(read: &PollRead, rhythm: &Rhythm) -> News {
        let (fresh, listed) = (read.fresh.len(), read.fresh.len() + read.changed.len() + read.unchanged);
        if read.gap.is_some() || listed >= FLOODED && fresh * 5 > listed * 3 {
            News::Flood
        } else if fresh + read.changed.len() > 0 {
            News::Some
        } else {
            News::of_pages(rhythm)
        }
    }
}

/// An interval, and what it rests on.
struct Interval {
    length: Duration,
    /// The time that the feed's window covers, where that is what limits the interval.
    covers: Option<Duration>,
}

/// The window guard: a feed is polled at least twice in the time that its window covers, as far as the floor allows.
fn guarded(policy: &Policy, length: Duration, rhythm: &Rhythm, outcome: &PollOutcome, now: Timestamp) -> Interval {
    let covers = learn(rhythm, outcome, now).covers_s.filter(|covers| covers.is_finite() && *covers >= 0.0);
    let covers = covers.map(|covers| Duration::from_secs_f64(covers.min(DAY as f64)));
    match covers {
        Some(covers) if covers / 2 < length => {
            Interval { length: (covers / 2).max(policy.min_interval).min(length), covers: Some(covers) }
        }
        _ => Interval { length, covers: None },
    }
}

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

/// The planner's own interval: shorter when the last poll brought news, longer when it brought
/// none, around the budget, between floor and ceiling.
fn planned_interval(policy: &Policy, rhythm: &Rhythm, news: News) -> Duration {
    let budget = Duration::from_secs(DAY / u64::from(policy.polls_per_day.max(1)));
    let last = if rhythm.interval_s == 0 { budget } else { Duration::from_secs(rhythm.interval_s) };
    let wish = if rhythm.polls == 0 {
        budget
    } else {
        match news {
            News::Flood => last.mul_f64(0.5),
            News::Some => last.mul_f64(0.6),
            News::None => last.mul_f64(1.25),
        }
    };
    wish.clamp(policy.min_interval, policy.max_interval.max(policy.min_interval))
}

/// A feed that answered: the planner, unless server or feed ask for more patience.
fn after_success(
    hints: &crate::model::Hints,
    fresh_for: Option<Duration>,
    interval: Interval,
    now: Timestamp,
    dice: f64,
) -> Planned {
    let Interval { length: interval, covers } = interval;
    let day = Duration::from_secs(DAY);
    let mut wait = interval;
    let mut why = match covers {
        Some(covers) => format!("every {}: its window covers {}", in_words(interval), in_words(covers)),
        None => format!("every {}", in_words(interval)),
    };
    for (wish, name) in
        [(fresh_for, "the server calls it fresh"), (hints.ttl, "the feed's ttl"), (hints.update_period, "the feed's update period")]
    {
        if let Some(wish) = wish.map(|wish| wish.min(day))
            && wish > wait
        {
            wait = wish;
            why = format!("{name}: {}", in_words(wish));
        }
    }
    let mut at = later(now, jittered(wait, dice));
    let mut forbidden_before = None;
    if let Some(open) = skip::open_from(&hints.skip_hours, &hints.skip_days, at) {
        at = open;
        why = "the feed's skipHours or skipDays".to_owned();
    }
    if let Some(open) = skip::open_from(&hints.skip_hours, &hints.skip_days, now) {
        forbidden_before = Some(open);
    }
    Planned { at, why, forbidden_before, interval_s: interval.as_secs().max(1) }
}

/// A feed that failed: back-off that grows to a day.
fn after_failure(policy: &Policy, rhythm: &Rhythm, failures: u32, failure: Failure, now: Timestamp, dice: f64) -> Planned {
    let interval = planned_interval(policy, rhythm, News::None);
    let doubled = interval.as_secs().max(1).saturating_mul(1 << failures.min(16)).min(DAY.max(interval.as_secs()));
    let (wait, why, forbidden) = match failure {
        Failure::Deferred(asked) => {
            let asked = Duration::from_secs(asked.as_secs().min(DAY));
            (asked.max(policy.min_interval), format!("the server asked for {}", in_words(asked)), Some(later(now, asked)))
        }
        Failure::Final => (Duration::from_secs(MONTH), "gone: one look a month".to_owned(), None),
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

/// `wait` and up to a twentieth more.
fn jittered(wait: Duration, dice: f64) -> Duration {
    wait + wait.mul_f64(JITTER * dice.clamp(0.0, 1.0))
}

/// `now + wait`, or the end of time.
fn later(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// A duration as an operator would say it.
fn in_words(wait: Duration) -> String {
    let seconds = wait.as_secs();
    match seconds {
        0 => format!("{} ms", wait.as_millis()),
        1..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / MINUTE),
        _ => format!("{} h", seconds / HOUR),
    }
}
