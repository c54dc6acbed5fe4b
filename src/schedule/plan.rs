//! One feed's plan: what its hours, its window and the budget come to, before anybody else is asked.

use std::time::Duration;

use super::habits::Habits;
use super::planner::{self, Density, Rates};
use super::{DAY, MINUTE, Policy, in_words, index, learn, precedence};
use crate::model::{PollOutcome, Rhythm, Timestamp};

/// Interval of a feed of which too little is known yet.
const NEW: Duration = Duration::from_secs(30 * MINUTE);
/// Fewest entries of a document of which a share says something.
const FLOODED: usize = 5;

/// An interval, and why it is that.
pub(super) struct Plan {
    pub(super) length: Duration,
    pub(super) why: String,
}

/// Plans by what was learnt, this poll included.
pub(super) fn of(policy: &Policy, rhythm: &Rhythm, outcome: &PollOutcome, now: Timestamp) -> Plan {
    let learnt = learn(rhythm, outcome, now);
    let mut plan = if learnt.leads || rhythm.brought > 0 {
        let length = index::interval(policy, rhythm, rhythm.brought > 0);
        Plan { length, why: format!("an index, every {}", in_words(length)) }
    } else {
        by_hours(policy, &learnt, now)
    };
    let is_known = outlook(policy, &learnt, now).is_some_and(|(rates, _)| !rates.is_new(now.as_second()));
    let flooded = is_flooded(rhythm, outcome);
    if flooded {
        plan.length = plan.length.div_f64(2.0).max(policy.min_interval).min(plan.length);
        plan.why = format!("every {}: most of what it lists was new", in_words(plan.length));
    }
    // Where hours are known the density minds the window, until a poll shows that it did not.
    if flooded || !is_known { guarded(policy, plan, &learnt) } else { plan }
}

/// What a feed takes at each level of effort, server's and feed's wishes included; nothing of a new one, which is asked as
/// often as it takes to know it.
pub(super) fn costs(policy: &Policy, learnt: &Rhythm, fresh_for: Option<Duration>, now: Timestamp) -> Vec<f32> {
    if learnt.leads {
        return planner::costs_of_interval(learnt.interval_s as f32);
    }
    let Some((rates, density)) = outlook(policy, learnt, now).filter(|(rates, _)| !rates.is_new(now.as_second())) else {
        return Vec::new();
    };
    let wish = precedence::wish(policy, &learnt.hints, fresh_for);
    wish.map_or(density, |(_, wish)| density.not_within(wish.as_secs_f32())).costs(&rates)
}

/// What is expected of a feed, and how densely it may be polled.
pub(super) fn outlook(policy: &Policy, learnt: &Rhythm, now: Timestamp) -> Option<(Rates, Density)> {
    let habits = Habits::unpack(&learnt.habits, now.as_second())?;
    let density = Density::of(policy, learnt.window.as_ref().map(|window| window.entries));
    Some((Rates::of(&habits, now.as_second()), density))
}

fn by_hours(policy: &Policy, learnt: &Rhythm, now: Timestamp) -> Plan {
    let within = |length: Duration| length.clamp(policy.min_interval, policy.max_interval.max(policy.min_interval));
    let known = outlook(policy, learnt, now).filter(|(rates, _)| !rates.is_new(now.as_second()));
    let Some((rates, density)) = known else {
        let length = within(NEW.min(Duration::from_secs(DAY / u64::from(policy.polls_per_day.max(1)))));
        return Plan { length, why: format!("every {} while its hours are learnt", in_words(length)) };
    };
    let own = density.costs(&rates);
    let effort = planner::effort(policy.polls_per_day, &learnt.budget, &own);
    // A number that is none is no interval.
    let wait = Duration::try_from_secs_f64(density.wait(effort, &rates, now)).unwrap_or(policy.max_interval);
    let length = within(wait);
    let usual = rates.usual(now.as_second());
    Plan { length, why: format!("after {}: {} expected now", in_words(length), a_day(usual)) }
}

/// A rate of entries in words.
pub(super) fn a_day(rate: f32) -> String {
    match rate {
        rate if rate >= 9.5 => format!("{rate:.0} entries a day"),
        rate if rate >= 0.95 => format!("{rate:.1} entries a day"),
        rate if rate >= 0.14 => format!("{:.1} entries a week", rate * 7.0),
        _ => "hardly anything".to_owned(),
    }
}

/// Whether a poll brought most of what the feed lists, or more than it lists.
fn is_flooded(rhythm: &Rhythm, outcome: &PollOutcome) -> bool {
    let PollOutcome::Read(read) = outcome else { return false };
    let (fresh, listed) = (read.fresh.len(), read.fresh.len() + read.changed.len() + read.unchanged);
    rhythm.polls > 0 && (read.gap.is_some() || listed >= FLOODED && fresh * 5 > listed * 3)
}

/// The window guard: a feed is polled at least twice in the time that its window covers, as far as the floor allows.
fn guarded(policy: &Policy, plan: Plan, learnt: &Rhythm) -> Plan {
    let Some(half) = half_covered(learnt).map(Duration::from_secs_f32).filter(|half| *half <= plan.length) else { return plan };
    let length = half.max(policy.min_interval).min(plan.length);
    Plan { length, why: format!("every {}: its window covers {}", in_words(length), in_words(half * 2)) }
}

/// Half the time that the feed's window covered lately, seconds.
fn half_covered(learnt: &Rhythm) -> Option<f32> {
    let covers = learnt.covers_s.filter(|covers| covers.is_finite() && *covers >= 0.0);
    covers.map(|covers| (covers.min(DAY as f64) / 2.0) as f32)
}
