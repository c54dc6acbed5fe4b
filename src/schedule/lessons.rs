//! What a poll teaches of a feed's hours: when its entries were published, or else between which polls they came.

use super::habits::{DAY, Habits};
use super::window;
use crate::model::{Entry, PollOutcome, PollRead, Precision, Rhythm, Timestamp};

/// An entry dated farther ahead than this has no date.
const AHEAD: i64 = 600;
/// What was published longer ago teaches nothing.
const LOOK_BACK: i64 = 56 * DAY;
/// An entry that is new to us and dated before the last poll was published late; dated earlier still, its date is absurd.
const LATE: i64 = 2 * DAY;
/// Entries without a date that makes sense that are believed to be news, a poll: more of them are an archive.
const MOST_UNDATED: usize = 10;

/// What is known of a feed's hours after a poll, packed.
pub(super) fn taught(rhythm: &Rhythm, outcome: &PollOutcome, now: Timestamp) -> Vec<u8> {
    let second = now.as_second();
    let read = match outcome {
        PollOutcome::Failed(_) | PollOutcome::Found(_) => return rhythm.habits.clone(),
        PollOutcome::Unchanged(_) => None,
        PollOutcome::Read(read) => Some(read),
    };
    let answered = rhythm.answered_at.map(Timestamp::as_second).filter(|at| *at <= second);
    let habits = match (Habits::unpack(&rhythm.habits, second), answered, read) {
        (Some(mut habits), _, read) => {
            let last = answered.unwrap_or(habits.at).min(second);
            habits.pass(second);
            read.into_iter().for_each(|read| news(&mut habits, read, last, second));
            habits
        }
        (None, None, Some(read)) => backlog(read, second),
        (None, _, _) => Habits::begun(second),
    };
    habits.pack()
}

/// The first document is a look back: its dates tell of hours, and of no burst.
fn backlog(read: &PollRead, now: i64) -> Habits {
    let mut times: Vec<Timestamp> =
        read.fresh.iter().filter_map(|new| Timestamp::from_second(dated(&new.entry, now)?).ok()).collect();
    times.sort_unstable_by(|one, other| other.cmp(one));
    let run = window::without_stragglers(&times);
    let Some(oldest) = run.last().map(|at| at.as_second()) else { return Habits::begun(now) };
    let mut habits = Habits::begun(oldest.max(now - LOOK_BACK));
    habits.pass(now);
    let since = habits.since;
    run.iter().map(|at| at.as_second()).filter(|at| *at > since).for_each(|at| habits.count(at, 1.0));
    habits
}

/// News since the last poll. Entries whose date says nothing came at even distances.
fn news(habits: &mut Habits, read: &PollRead, last: i64, now: i64) {
    let mut undated = 0;
    let mut late = 0;
    for new in &read.fresh {
        match dated(&new.entry, now) {
            Some(at) if at > last => {
                habits.count(at, 1.0);
                habits.hurry(at);
            }
            Some(at) if at > last - LATE => late += 1,
            _ => undated += 1,
        }
    }
    let spread = late + undated.min(MOST_UNDATED);
    for index in 0..spread {
        let at = last + ((now - last) as f64 * (index as f64 + 0.5) / spread as f64) as i64;
        habits.count(at, 1.0);
        habits.hurry(at);
    }
}

/// When an entry was published, to the minute, where it says so and that can be.
fn dated(entry: &Entry, now: i64) -> Option<i64> {
    let time = entry.published.or(entry.updated).filter(|time| time.precision != Precision::Day)?;
    let second = time.at.as_second();
    (second > 0 && second <= now + AHEAD).then_some(second.min(now))
}
