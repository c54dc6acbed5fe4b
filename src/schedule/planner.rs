//! The planner: polls are spent where news is expected, as the square root of how much (Sia, Cho and Cho 2007).
//!
//! Each feed has a density of polls over the time to come, `effort * sqrt(weight * rate)`, raised where its window would
//! overflow and held between ceiling and floor. The next poll is where the density adds up to one. The effort is the same
//! for all feeds, such that their densities together are the budget: what each feed would take at some levels of effort is
//! a sum that the ledger keeps, so the right one is read off it. Nothing is measured and fed back, so nothing can swing.

use super::Policy;
use super::habits::{DAY, HOURS, Habits, SLOT, SLOTS, hour_of, slot_of};
use crate::model::{Budget, Timestamp};

/// Levels of effort at which costs are reckoned: powers of two from this one on.
const LOWEST: f32 = 1.0 / 16.0;
const LEVELS: usize = 16;
/// Entries in the time of watching that are assumed of every feed beforehand, and that time in days.
const PRIOR: (f32, f32) = (0.5, 0.5);
/// How many entries' worth of doubt there is about an hour of the day, a day of the week, an hour of the week, a slot.
const DOUBT_HOUR: f32 = 1.0;
const DOUBT_DAY: f32 = 3.0;
const DOUBT_CELL: f32 = 8.0;
const DOUBT_SLOT: f32 = 0.3;
/// How far slots are believed at most, and the entries at which that is half so.
const SLOTS_MOST: f32 = 0.8;
const SLOTS_HALF: f32 = 40.0;
/// How a slot takes part in its neighbours.
const SMOOTH: [f32; 5] = [0.1, 0.2, 0.4, 0.2, 0.1];
/// A burst is what lies above so many times the usual rate; so much of it is expected to go on.
const BURST_OVER: f32 = 1.5;
const BURST_GOES_ON: f32 = 0.5;
/// A window is read this often in the time in which it is expected to be filled.
const WINDOW_READS: f32 = 3.0;
/// A feed is new until so many entries were counted, or so long.
const NEW_ENTRIES: f32 = 10.0;
const NEW_FOR: i64 = 2 * DAY;
/// What is polled for the density alone: jitter only ever lengthens, bursts and full windows shorten again.
const OF_PLAN: f32 = 1.01;

/// How much news a feed is expected to bring, entries a day, at any time.
pub(super) struct Rates {
    /// By slot of the day, on a day as good as any.
    day: [f32; SLOTS],
    /// By hour of the week: how much more than on such a day.
    week: [f32; HOURS],
    /// What a burst adds, as of `at`.
    excess: f32,
    habits: Habits,
    /// Entries counted, fading.
    pub(super) counted: f32,
    /// Entries a day on the whole.
    pub(super) mean: f32,
}

impl Rates {
    pub(super) fn of(habits: &Habits, now: i64) -> Rates {
        let (hours, slots, counted) = habits.counts(now);
        let watched = habits.watched(now);
        let mean = (counted + PRIOR.0) / (watched.iter().sum::<f32>() + PRIOR.1);
        // Of an hour of the day and a day of the week: what came against what was to be expected of the mean.
        let ((came_hour, came_day), (watched_hour, watched_day)) = (by_hour_and_day(&hours), by_hour_and_day(&watched));
        let factor = |came: f32, watched: f32, doubt: f32| (came + doubt) / (mean * watched + doubt);
        let by_hour: [f32; 24] = std::array::from_fn(|hour| factor(came_hour[hour], watched_hour[hour], DOUBT_HOUR));
        let by_day: [f32; 7] = std::array::from_fn(|day| factor(came_day[day], watched_day[day], DOUBT_DAY));
        let week = std::array::from_fn(|cell| {
            let expected = mean * by_hour[cell % 24] * by_day[cell / 24] * watched[cell];
            by_day[cell / 24] * (hours[cell] + DOUBT_CELL) / (expected + DOUBT_CELL)
        });
        let believed = SLOTS_MOST * counted / (counted + SLOTS_HALF);
        let day = std::array::from_fn(|slot| {
            let hour = by_hour[slot / 12];
            let near = |offset: usize| slots[(slot + SLOTS + offset - 2) % SLOTS];
            let came: f32 = SMOOTH.iter().enumerate().map(|(offset, part)| part * near(offset)).sum();
            let expected = mean * watched_hour[slot / 12] / 12.0;
            let own = (came + DOUBT_SLOT * hour) / (expected + DOUBT_SLOT);
            mean * ((1.0 - believed) * hour + believed * own)
        });
        let mut rates = Rates { day, week, excess: 0.0, habits: habits.clone(), counted, mean };
        rates.excess = BURST_GOES_ON * (habits.burst - BURST_OVER * rates.usual(habits.at)).max(0.0);
        rates
    }

    /// Entries a day that are usual at an instant.
    pub(super) fn usual(&self, second: i64) -> f32 {
        self.day[slot_of(second)] * self.week[hour_of(second)]
    }

    /// Entries a day that are expected at an instant, as things stand.
    fn expected(&self, second: i64) -> f32 {
        let burst = if self.excess > 0.0 { self.excess * self.habits.burst_at(second) / self.habits.burst } else { 0.0 };
        self.usual(second) + burst
    }

    /// The hour of the week, Monday 0 h first, in which most is expected.
    pub(super) fn busiest(&self) -> usize {
        let of = |hour: usize| (0..12).map(|slot| self.day[hour % 24 * 12 + slot]).sum::<f32>() * self.week[hour];
        (0..HOURS).max_by(|one, other| of(*one).total_cmp(&of(*other))).unwrap_or(0)
    }

    /// From when on entries were counted.
    pub(super) fn since(&self) -> i64 {
        self.habits.since
    }

    /// Whether too little is known of a feed to plan by it.
    pub(super) fn is_new(&self, now: i64) -> bool {
        self.counted < NEW_ENTRIES && now - self.habits.since < NEW_FOR
    }

    /// Entries a day of an average day, slot by slot.
    fn average_day(&self) -> impl Iterator<Item = f32> + '_ {
        let week: [f32; 24] = std::array::from_fn(|hour| (0..7).map(|day| self.week[day * 24 + hour]).sum::<f32>() / 7.0);
        (0..SLOTS).map(move |slot| self.day[slot] * week[slot / 12])
    }
}

/// Cells of a week, summed by hour of the day and by day of the week: in one pass, since every poll asks for it.
fn by_hour_and_day(cells: &[f32; HOURS]) -> ([f32; 24], [f32; 7]) {
    let (mut hours, mut days) = ([0.0; 24], [0.0; 7]);
    for (cell, value) in cells.iter().enumerate() {
        hours[cell % 24] += value;
        days[cell / 24] += value;
    }
    (hours, days)
}

/// How densely one feed is polled: polls a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Density {
    weight: f32,
    /// What its document lists, if that limits the interval.
    window: Option<f32>,
    /// Polls a day at least and at most.
    least: f32,
    most: f32,
}

impl Density {
    /// By the operator's floor and ceiling; `window` is how many entries its document lists.
    pub(super) fn of(policy: &Policy, window: Option<u32>) -> Density {
        let most = per_day(policy.min_interval.as_secs_f32());
        let least = per_day(policy.max_interval.as_secs_f32()).min(most);
        let window = window.filter(|entries| *entries > 0).map(|entries| entries as f32);
        Density { weight: policy.weight as f32, window, least, most }
    }

    /// The same where a server or feed asks for a distance of its polls.
    pub(super) fn not_within(self, seconds: f32) -> Density {
        let most = self.most.min(per_day(seconds));
        Density { most, least: self.least.min(most), ..self }
    }

    fn at(&self, effort: f32, rate: f32) -> f32 {
        self.of_root(effort, rate, (self.weight * rate).sqrt())
    }

    fn of_root(&self, effort: f32, rate: f32, root: f32) -> f32 {
        let wished = effort * root;
        let needed = self.window.map_or(0.0, |window| WINDOW_READS * rate / window);
        let density = wished.max(needed);
        // Whatever is no number counts as nothing.
        if density >= self.least { density.min(self.most) } else { self.least }
    }

    /// Polls a day at each level of effort, on the average of the days.
    pub(super) fn costs(&self, rates: &Rates) -> Vec<f32> {
        let day: Vec<(f32, f32)> = rates.average_day().map(|rate| (rate, (self.weight * rate).sqrt())).collect();
        let cost = |effort| day.iter().map(|(rate, root)| self.of_root(effort, *rate, *root)).sum::<f32>();
        levels().map(|effort| cost(effort) / SLOTS as f32 / OF_PLAN).collect()
    }

    /// Seconds from `now` until the density adds up to one poll.
    pub(super) fn wait(&self, effort: f32, rates: &Rates, now: Timestamp) -> f64 {
        let begin = now.as_millisecond() as f64 / 1000.0;
        let (mut at, mut left) = (begin, 1.0);
        loop {
            let slot_end = ((at / SLOT as f64).floor() + 1.0) * SLOT as f64;
            let middle = ((at + slot_end) / 2.0).floor() as i64;
            let density = f64::from(self.at(effort, rates.expected(middle - middle.rem_euclid(SLOT) + SLOT / 2))) / DAY as f64;
            let needs = left / density;
            if at + needs <= slot_end || !needs.is_finite() {
                return at + if needs.is_finite() { needs } else { 0.0 } - begin;
            }
            left -= density * (slot_end - at);
            at = slot_end;
        }
    }
}

/// What a feed costs that is asked at an interval, whatever the effort.
pub(super) fn costs_of_interval(seconds: f32) -> Vec<f32> {
    vec![per_day(seconds); LEVELS]
}

fn per_day(seconds: f32) -> f32 {
    // Nobody polls more than ten times a second, or less than once in ten years.
    DAY as f32 / seconds.clamp(0.1, 3.2e8)
}

fn levels() -> impl Iterator<Item = f32> {
    (0..LEVELS).map(|level| LOWEST * (level as f32).exp2())
}

/// The effort at which all feeds together take what they may: read off the sums, in a straight line between two levels. With
/// no sums yet, `own` is all there is.
pub(super) fn effort(polls_per_day: u32, budget: &Budget, own: &[f32]) -> f32 {
    let is_sane = budget.polls.len() == LEVELS && budget.feeds > 0 && budget.polls.iter().all(|polls| polls.is_finite());
    let (feeds, sums) = if is_sane {
        (budget.feeds as f64, budget.polls.clone())
    } else {
        (1.0, own.iter().map(|cost| f64::from(*cost)).collect())
    };
    let may = f64::from(polls_per_day) * feeds;
    let levels: Vec<f32> = levels().collect();
    let Some(above) = sums.iter().position(|sum| *sum >= may) else { return levels[LEVELS - 1] };
    if above == 0 {
        return levels[0];
    }
    let (low, high) = (sums[above - 1], sums[above]);
    let part = if high > low { ((may - low) / (high - low)).clamp(0.0, 1.0) } else { 1.0 };
    levels[above - 1] + (levels[above] - levels[above - 1]) * part as f32
}

/// What a feed takes at an effort, in a straight line between two levels.
pub(super) fn cost_at(costs: &[f32], effort: f32) -> f32 {
    let place = (effort / LOWEST).max(1.0).log2().min((LEVELS - 1) as f32);
    let below = place.floor() as usize;
    let [low, high] = [below, below + 1].map(|level| costs.get(level.min(LEVELS - 1)).copied().unwrap_or_default());
    let part = (effort / LOWEST) / (below as f32).exp2() - 1.0;
    low + (high - low) * part.clamp(0.0, 1.0)
}
