//! The plan in words, for an operator who asks.

use std::time::Duration;

use super::plan::{a_day, outlook};
use super::planner;
use super::{DAY, Policy, in_words, precedence};
use crate::model::{Rhythm, Timestamp};

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// What the planner holds of one feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// Entries a day on the whole, where that is known.
    pub entries_per_day: Option<f64>,
    /// Entries a day that are usual now.
    pub entries_per_day_now: Option<f64>,
    /// Its busiest hour of the week, UTC.
    pub busiest: Option<String>,
    /// Entries that were counted, fading by half in two weeks.
    pub entries_counted: f64,
    /// From when on they were counted.
    pub learnt_since: Option<Timestamp>,
    /// What its server or its document asks for, seconds between two polls.
    pub asked_for_s: Option<u64>,
    /// Polls a day that it takes of the budget.
    pub polls_per_day: Option<f64>,
    /// Polls a day that a feed may take on the average.
    pub budget_per_feed: u32,
    /// Feeds that share the budget.
    pub feeds: u64,
    /// What was learnt, what binds, and the part of the budget, in sentences.
    pub sentence: String,
}

/// Explains what the plans of a feed rest on.
pub fn explain(policy: &Policy, rhythm: &Rhythm, now: Timestamp) -> Outlook {
    let mut told = Outlook {
        entries_per_day: None,
        entries_per_day_now: None,
        busiest: None,
        entries_counted: 0.0,
        learnt_since: None,
        asked_for_s: None,
        polls_per_day: None,
        budget_per_feed: policy.polls_per_day,
        feeds: rhythm.budget.feeds,
        sentence: String::new(),
    };
    let mut sentences = vec![learnt(policy, rhythm, now, &mut told)];
    if let Some((name, wish)) = precedence::wish(policy, &rhythm.hints, None) {
        told.asked_for_s = Some(wish.as_secs());
        let binds = if wish > Duration::from_secs(rhythm.interval_s) { "and that binds" } else { "which does not bind now" };
        sentences.push(format!("{} is {}, {binds}.", capital(name), in_words(wish)));
    }
    if !rhythm.hints.skip_hours.is_empty() || !rhythm.hints.skip_days.is_empty() {
        sentences.push("Its skipHours and skipDays are kept.".to_owned());
    }
    sentences.push(share(policy, rhythm, &mut told));
    told.sentence = sentences.join(" ");
    told
}

fn learnt(policy: &Policy, rhythm: &Rhythm, now: Timestamp, told: &mut Outlook) -> String {
    if rhythm.leads {
        return "It is an index: its interval follows the news of the pages it leads to.".to_owned();
    }
    let Some((rates, _)) = outlook(policy, rhythm, now) else { return "Nothing was learnt of its hours yet.".to_owned() };
    let since = rates.since();
    told.entries_counted = f64::from(rates.counted);
    told.learnt_since = Timestamp::from_second(since).ok();
    let span = in_words(Duration::from_secs(now.as_second().saturating_sub(since).max(0).unsigned_abs()));
    if rates.is_new(now.as_second()) {
        return format!("It is new: {:.0} entries were counted in {span}, too few to plan by.", rates.counted);
    }
    let busiest = rates.busiest();
    let busiest = format!("{} {:02}:00 UTC", DAYS[busiest / 24], busiest % 24);
    let usual = rates.usual(now.as_second());
    told.entries_per_day = Some(f64::from(rates.mean));
    told.entries_per_day_now = Some(f64::from(usual));
    let sentence = format!("Learnt in {span}: {}, most at {busiest}; {} at this hour.", a_day(rates.mean), a_day(usual));
    told.busiest = Some(busiest);
    sentence
}

fn share(policy: &Policy, rhythm: &Rhythm, told: &mut Outlook) -> String {
    let budget = format!("the budget is {} polls a feed and day", policy.polls_per_day);
    if rhythm.costs.is_empty() {
        return format!("It takes no part in the budget yet; {budget}.");
    }
    let effort = planner::effort(policy.polls_per_day, &rhythm.budget, &rhythm.costs);
    let own = planner::cost_at(&rhythm.costs, effort);
    told.polls_per_day = Some(f64::from(own));
    let weight = if policy.weight == 1.0 { String::new() } else { format!(" at weight {}", policy.weight) };
    let held = if rhythm.interval_s > 0 && own > 0.0 {
        let bound = |limit: Duration| (DAY as f32 / own - limit.as_secs_f32()).abs() < limit.as_secs_f32() * 0.02;
        match (bound(policy.max_interval), bound(policy.min_interval)) {
            (true, _) => ", held up by max_interval",
            (_, true) => ", held down by min_interval",
            _ => "",
        }
    } else {
        ""
    };
    format!("Its part is {own:.1} polls a day{weight}{held}; {budget}, shared by {} feeds.", rhythm.budget.feeds.max(1))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
