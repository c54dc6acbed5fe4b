//! When to ask again: the planner, and everything that outranks it.
//!
//! Who wins, from the strongest (`precedence`): 410 and robots.txt, `Retry-After`, `skipHours`/`skipDays`, what the server
//! or the feed says of freshness (`max-age` or `Expires`, `ttl`, `sy:updatePeriod`; the longest of them), the planner
//! between the operator's floor and ceiling. Every wish from outside is capped, so that no server can retire a
//! feed by mistake.

mod backoff;
mod discovery;
mod explain;
mod habits;
mod index;
mod lessons;
mod plan;
mod planner;
mod precedence;
mod moves;
pub mod push;
mod skip;
pub mod stale;
pub mod walk;
mod window;

pub use backoff::{next_page, next_recheck, next_scrape};
pub use discovery::{does_answer, is_discovery_due, look_again, next_discovery};
pub use explain::{Outlook, explain};
pub use moves::{Agreement, whereabouts};
pub use window::{Listed, learn, listed, take_stock};

use std::time::Duration;

use crate::model::{Planned, PollOutcome, Rhythm, Timestamp};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// No wish of a server and no back-off reaches further than this.
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;
/// Share of the interval that jitter may add; it only ever lengthens.
const JITTER: f64 = 0.05;

/// The operator's word about when to ask.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The floor: no feed is polled more often.
    pub min_interval: Duration,
    /// The ceiling: no healthy feed is polled more rarely unless the server asks for it.
    pub max_interval: Duration,
    /// Mean budget of polls a feed and day.
    pub polls_per_day: u32,
    /// How much an entry of this source counts beside one of any other.
    pub weight: f64,
    /// Longest that a server's or a feed's word about its freshness is followed.
    pub max_freshness: Duration,
    /// Least pause of a feed whose server shuts the door (401, 403, 451).
    pub forbidden_rest: Duration,
    /// Pause between two looks at a feed that is gone for good (410).
    pub gone_rest: Duration,
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
            weight: 1.0,
            max_freshness: Duration::from_secs(DAY),
            forbidden_rest: Duration::from_secs(4 * HOUR),
            gone_rest: Duration::from_secs(30 * DAY),
            scrape_attempts: 8,
            rechecks: [HOUR, 6 * HOUR, DAY].map(Duration::from_secs).to_vec(),
        }
    }
}

/// What the operator decided for one source besides.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// How much an entry of it counts beside one of any other source.
    pub weight: f64,
    /// A floor of its own.
    pub min_interval: Option<Duration>,
    /// A ceiling of its own.
    pub max_interval: Option<Duration>,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms { weight: 1.0, min_interval: None, max_interval: None }
    }
}

impl Policy {
    /// The policy towards one source. Its own ceiling may lie below the floor of the house, which then gives way.
    pub fn on(&self, terms: &Terms) -> Policy {
        let max_interval = terms.max_interval.or(terms.min_interval.map(|least| least.max(self.max_interval)));
        let max_interval = max_interval.unwrap_or(self.max_interval);
        let min_interval = terms.min_interval.unwrap_or(self.min_interval).min(max_interval);
        Policy { min_interval, max_interval, weight: terms.weight, ..self.clone() }
    }
}

/// Plans the next poll of a feed. `failures` counts the failures in a row before this poll; `dice`
/// is a number in `[0, 1)`.
pub fn next_poll(policy: &Policy, rhythm: &Rhythm, failures: u32, outcome: &PollOutcome, now: Timestamp, dice: f64) -> Planned {
    let (hints, head) = match outcome {
        PollOutcome::Failed(trouble) => {
            let planned = backoff::after_failure(policy, rhythm, failures + 1, trouble, now, dice);
            return precedence::outside_of_skipped(&rhythm.hints, planned, now);
        }
        PollOutcome::Found(_) => return next_discovery(now, now, dice),
        PollOutcome::Unchanged(head) => (&rhythm.hints, head),
        PollOutcome::Read(read) => (&read.hints, &read.head),
    };
    precedence::merged(policy, hints, head.fresh_for, plan::of(policy, rhythm, outcome, now), now, dice)
}

/// The rhythm after a poll that was planned so: what was learnt, and what the feed takes of the budget from now on.
pub fn remember(policy: &Policy, rhythm: &Rhythm, outcome: &PollOutcome, next: &Planned, now: Timestamp) -> Rhythm {
    let learnt = Rhythm { interval_s: next.interval_s, ..learn(rhythm, outcome, now) };
    let fresh_for = match outcome {
        PollOutcome::Read(read) => read.head.fresh_for,
        PollOutcome::Unchanged(head) => head.fresh_for,
        PollOutcome::Failed(_) | PollOutcome::Found(_) => return learnt,
    };
    Rhythm { costs: plan::costs(policy, &learnt, fresh_for, now), ..learnt }
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
