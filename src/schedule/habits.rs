//! What was learnt of a feed's hours: counts by hour of the week and by five minutes of the day, fading, and a burst.
//!
//! Times are UTC throughout: a desk that moves its clocks twice a year is learnt anew within two weeks. Counts are kept as
//! of an instant `base` and fade by growing the weight of what comes later, so that a poll that brings nothing changes none.

use std::ops::Range;

/// Hours of a week, Monday 0 h first.
pub(super) const HOURS: usize = 168;
/// Slots of five minutes in a day.
pub(super) const SLOTS: usize = 288;
/// Seconds of a slot.
pub(super) const SLOT: i64 = 300;
const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;
/// What was counted is worth half after this time.
pub(super) const HALF_LIFE: i64 = 14 * DAY;
/// A burst fades with this time constant.
const BURST: f64 = 3600.0;
/// Where the week begins: 1970-01-05 was a Monday.
const MONDAY: i64 = 4 * DAY;
/// The make of the packed form.
const MAKE: u8 = 1;
/// Bytes before the counts: make, two scales, base, since, at, burst.
const HEAD: usize = 1 + 1 + 1 + 8 + 8 + 8 + 4;
/// A packed form has this many bytes.
const PACKED: usize = HEAD + HOURS + SLOTS;
/// Scales of counts, as powers of two, lie within these.
const SCALES: Range<i8> = -24..40;
/// Most news a day that a burst is believed to be.
const MOST_BURST: f32 = 1e6;

/// Which hour of the week a second is in.
pub(super) fn hour_of(second: i64) -> usize {
    ((second - MONDAY).rem_euclid(WEEK) / HOUR) as usize
}

/// Which slot of the day a second is in.
pub(super) fn slot_of(second: i64) -> usize {
    (second.rem_euclid(DAY) / SLOT) as usize
}

/// What one entry that came `age` seconds ago is worth now.
fn worth(age: i64) -> f64 {
    (-(age as f64) / HALF_LIFE as f64).exp2()
}

/// What was learnt of one feed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Habits {
    /// The instant that the counts are as of.
    base: i64,
    /// From when on entries are counted.
    pub(super) since: i64,
    /// Up to when.
    pub(super) at: i64,
    hours: [f32; HOURS],
    slots: [f32; SLOTS],
    /// Entries a day over the last hour, as of `at`.
    pub(super) burst: f32,
}

impl Habits {
    /// Nothing learnt yet; what comes from `since` on will be.
    pub(super) fn begun(since: i64) -> Habits {
        Habits { base: since, since, at: since, hours: [0.0; HOURS], slots: [0.0; SLOTS], burst: 0.0 }
    }

    /// Lets time pass up to `now`: the burst fades, and the counts are taken to a base nearby.
    pub(super) fn pass(&mut self, now: i64) {
        let now = now.max(self.since);
        // A clock that went back: what was learnt stays, the burst cannot be dated.
        self.burst = if now < self.at { 0.0 } else { self.burst_at(now) };
        self.at = now;
        let halvings = (now - self.base).div_euclid(HALF_LIFE).clamp(-40, 40);
        if halvings != 0 {
            let factor = (-(halvings as f32)).exp2();
            self.hours.iter_mut().chain(&mut self.slots).for_each(|count| *count *= factor);
            self.base = now - (now - self.base).rem_euclid(HALF_LIFE);
        }
    }

    /// Counts entries that came at an instant.
    pub(super) fn count(&mut self, second: i64, entries: f64) {
        let weight = (entries / worth(second - self.base)) as f32;
        if weight.is_finite() {
            self.hours[hour_of(second)] += weight;
            self.slots[slot_of(second)] += weight;
        }
    }

    /// Takes entries that came at an instant into the burst, which is as of `at`.
    pub(super) fn hurry(&mut self, second: i64) {
        let fade = (-((self.at - second).max(0) as f64) / BURST).exp();
        self.burst = (self.burst + (DAY as f64 / BURST * fade) as f32).min(MOST_BURST);
    }

    /// The burst as it will be.
    pub(super) fn burst_at(&self, second: i64) -> f32 {
        self.burst * (-((second - self.at).max(0) as f64) / BURST).exp() as f32
    }

    /// Counts by hour of the week, by slot of the day, and all of them, as of now.
    pub(super) fn counts(&self, now: i64) -> ([f32; HOURS], [f32; SLOTS], f32) {
        let fade = worth(now - self.base) as f32;
        let (hours, slots) = (self.hours.map(|count| count * fade), self.slots.map(|count| count * fade));
        (hours, slots, hours.iter().sum())
    }

    /// How long each hour of the week was watched, in days that fade as the counts do.
    pub(super) fn watched(&self, now: i64) -> [f32; HOURS] {
        let span = (now - self.since).max(0);
        if span >= 4 * HALF_LIFE {
            let all = HALF_LIFE as f64 / DAY as f64 / std::f64::consts::LN_2 * (1.0 - worth(span));
            return [(all / HOURS as f64) as f32; HOURS];
        }
        let mut watched = [0.0; HOURS];
        let mut from = self.since;
        let mut weight = worth(span);
        let an_hour = 1.0 / worth(HOUR);
        while from < now {
            let to = (from - from.rem_euclid(HOUR) + HOUR).min(now);
            watched[hour_of(from)] += (weight * (to - from) as f64 / DAY as f64) as f32;
            weight *= an_hour;
            from = to;
        }
        watched
    }

    /// The counts in a byte each, with a scale. What lies between two steps of the scale is rounded by chance, drawn from
    /// `now`: a small count beside a large one is right on the average.
    pub(super) fn pack(&self) -> Vec<u8> {
        let mut packed = Vec::with_capacity(PACKED);
        let scales = [scale_of(&self.hours), scale_of(&self.slots)];
        packed.push(MAKE);
        packed.extend(scales.map(|scale| scale as u8));
        for second in [self.base, self.since, self.at] {
            packed.extend(second.to_le_bytes());
        }
        packed.extend(self.burst.to_le_bytes());
        let mut dice = Dice(self.at as u64);
        for (counts, scale) in [(&self.hours[..], scales[0]), (&self.slots[..], scales[1])] {
            let step = f32::from(scale).exp2();
            packed.extend(counts.iter().map(|count| dice.rounded(count / step)));
        }
        packed
    }

    /// Reads what `pack` wrote. Whatever else stands there, and what was learnt in a time to come, is nothing.
    pub(super) fn unpack(packed: &[u8], now: i64) -> Option<Habits> {
        let (head, counts) = packed.split_at_checked(HEAD).filter(|(_, counts)| counts.len() == HOURS + SLOTS)?;
        let [make, hours_scale, slots_scale, head @ ..] = head else { return None };
        let scales = [*hours_scale as i8, *slots_scale as i8];
        if *make != MAKE || scales.iter().any(|scale| !SCALES.contains(scale)) {
            return None;
        }
        let mut seconds = head.chunks(8).filter_map(|bytes| Some(i64::from_le_bytes(bytes.try_into().ok()?)));
        let (base, since, at) = (seconds.next()?, seconds.next()?, seconds.next()?);
        let burst = f32::from_le_bytes(head.get(24..28)?.try_into().ok()?);
        let is_sane = (0..=now.saturating_add(DAY)).contains(&at)
            && (0..=at).contains(&since)
            && base.saturating_sub(at).saturating_abs() <= 2 * HALF_LIFE
            && (0.0..=MOST_BURST).contains(&burst);
        if !is_sane {
            return None;
        }
        let mut habits = Habits { base, at, since, burst, ..Habits::begun(since) };
        let (hours, slots) = counts.split_at(HOURS);
        let read = |into: &mut [f32], from: &[u8], scale: i8| {
            let step = f32::from(scale).exp2();
            into.iter_mut().zip(from).for_each(|(count, byte)| *count = f32::from(*byte) * step);
        };
        read(&mut habits.hours, hours, scales[0]);
        read(&mut habits.slots, slots, scales[1]);
        Some(habits)
    }
}

/// The least power of two at which all counts are at most 255 steps.
fn scale_of(counts: &[f32]) -> i8 {
    let most = counts.iter().copied().fold(0.0, f32::max);
    SCALES.clone().find(|scale| most <= 255.0 * f32::from(*scale).exp2() && most < 1e15).unwrap_or(SCALES.end - 1).max(-6)
}

/// Chance without a source of it: the same state is packed alike.
struct Dice(u64);

impl Dice {
    fn rounded(&mut self, count: f32) -> u8 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let chance = (self.0 >> 40) as f32 / (1u64 << 24) as f32;
        let whole = count.floor();
        // A cast saturates.
        (whole + if count - whole > chance { 1.0 } else { 0.0 }) as u8
    }
}
