//! Times of day: with colons, with dots, with units, by halves of the day.

use super::grammar::{Clock, Grammar};
use super::names::{self, Half};

impl Grammar<'_> {
    /// A time of day. `after_date`: `21.30` is one only there.
    pub(super) fn clock_at(&self, at: usize, after_date: bool) -> Option<(Clock, usize)> {
        let (half_before, at) = match self.half_at(at) {
            Some((half, after)) => (Some(half), self.pass(after, ".", false)),
            None => (None, at),
        };
        let (value, digits) = self.number(at)?;
        if at > 0 && self.is_word(at - 1, "t") && matches!(digits, 4 | 6) {
            let value = if digits == 4 { value * 100 } else { value };
            let (nanos, after) = self.fraction(at + 1);
            let second = (digits == 6).then_some((value % 100) as u8);
            let clock = Clock { hour: (value / 10_000) as u8, minute: (value / 100 % 100) as u8, second, nanos };
            return Some((clock.checked()?, after));
        }
        if digits > 2 {
            return None;
        }
        let mut clock = Clock { hour: value as u8, minute: 0, second: None, nanos: 0 };
        let mut after = at + 1;
        let separator = self.mark(after);
        let unit = self.word(after);
        let mut bare = false;
        match (separator, unit) {
            (Some(':'), _) => after = self.minutes_and_seconds(&mut clock, after, ':')?,
            (Some('.'), _) if after_date || self.says_time(at) || self.word(after + 2) == Some("uhr") => {
                let (_, 2) = self.number(after + 1)? else { return None };
                if self.tokens[after + 1].spaced
                    || self.mark(after + 2) == Some('.') && self.number(after + 3).is_some_and(|it| it.1 > 2)
                {
                    return None;
                }
                after = self.minutes_and_seconds(&mut clock, after, '.')?;
            }
            (_, Some("h" | "ч" | "u" | "時" | "时" | "点" | "點" | "시" | "นาฬิกา")) => {
                after = self.with_units(&mut clock, after)
            }
            (_, Some("uhr")) => after += 1,
            _ => bare = true,
        }
        if bare && half_before.is_none() && self.half_at(after).is_none() && !(at > 0 && self.is_word(at - 1, "t") && digits == 2) {
            return None;
        }
        let half = match half_before {
            Some(half) => Some(half),
            None => match self.half_at(after) {
                Some((half, end)) => {
                    after = end;
                    Some(half)
                }
                None => None,
            },
        };
        if let Some(half) = half {
            clock.hour = hour_in(half, clock.hour)?;
        }
        if self.word(after).is_some_and(|word| matches!(word, "uhr" | "h" | "hs" | "hrs" | "hr" | "ч")) {
            after = self.pass(after + 1, ".", false);
        }
        Some((clock.checked()?, after))
    }

    /// `:MM[:SS[.frac]]`, from the first separator.
    pub(super) fn minutes_and_seconds(&self, clock: &mut Clock, at: usize, separator: char) -> Option<usize> {
        let (minute, digits) = self.number(at + 1)?;
        let seconds = match self.number(at + 3) {
            Some((second, 1..=2)) if self.mark(at + 2) == Some(separator) && !self.tokens[at + 3].spaced => Some(second),
            _ => None,
        };
        if digits > 2 || digits == 1 && seconds.is_none() || minute > 59 {
            return None;
        }
        clock.minute = minute as u8;
        let Some(second) = seconds else { return Some(at + 2) };
        clock.second = Some(u8::try_from(second).ok()?);
        let (nanos, after) = self.fraction(at + 4);
        clock.nanos = nanos;
        Some(after)
    }

    /// `h30`, `時30分15秒`, from the unit of the hour.
    pub(super) fn with_units(&self, clock: &mut Clock, at: usize) -> usize {
        let mut after = at + 1;
        let units = ["分", "분", "นาที"];
        if let Some((minute @ 0..=59, 1..=2)) = self.number(after)
            && self.word(after + 1).is_some_and(|it| units.contains(&it))
        {
            clock.minute = minute as u8;
            after += 2;
            if let Some((second @ 0..=60, 1..=2)) = self.number(after)
                && self.word(after + 1).is_some_and(|it| matches!(it, "秒" | "초" | "วินาที"))
            {
                clock.second = Some(second as u8);
                after += 2;
            }
        } else if let Some((minute @ 0..=59, 2)) = self.number(after)
            && (!self.tokens[after].spaced || self.tokens[at].spaced && self.month_at(self.pass(after + 1, ".", true)).is_none())
        {
            clock.minute = minute as u8;
            after += 1;
            if self.word(after).is_some_and(|it| matches!(it, "min" | "m")) {
                after += 1;
                // "14 h 13 min 04 s"
                if let Some((second @ 0..=60, 1..=2)) = self.number(after)
                    && self.word(after + 1).is_some_and(|it| matches!(it, "s" | "sec" | "sek"))
                {
                    clock.second = Some(second as u8);
                    after += 2;
                }
            }
        }
        after
    }

    /// A decimal fraction of the second, to nanoseconds.
    pub(super) fn fraction(&self, at: usize) -> (u32, usize) {
        if !self.any_mark(at, ".,") || self.tokens.get(at + 1).is_none_or(|token| token.spaced) {
            return (0, at);
        }
        let Some((value, digits)) = self.number(at + 1) else { return (0, at) };
        let nanos = match digits {
            0..=9 => value * 10u64.pow(9 - u32::from(digits)),
            10..=18 => value / 10u64.pow(u32::from(digits) - 9),
            _ => 0,
        };
        (nanos as u32, at + 2)
    }

    /// `am`, `p.m.`, `오후`, `下午`, `π.μ.`: which part of the day it is.
    pub(super) fn half_at(&self, at: usize) -> Option<(Half, usize)> {
        let word = self.word(at)?;
        if let Some(half) = names::half(word, self.language) {
            let end = if self.any_mark(at + 1, ".") { at + 2 } else { at + 1 };
            return Some((half, end));
        }
        if self.mark(at + 1) == Some('.') && word.chars().count() == 1 {
            let second = self.word(at + 2).filter(|second| second.chars().count() == 1)?;
            let half = names::half(&format!("{word}{second}"), self.language)?;
            let end = if self.any_mark(at + 3, ".") { at + 4 } else { at + 3 };
            return Some((half, end));
        }
        None
    }

    /// Whether the word before says that a time follows.
    pub(super) fn says_time(&self, at: usize) -> bool {
        let before = if at > 0 && self.any_mark(at - 1, ".") { at.checked_sub(2) } else { at.checked_sub(1) };
        before
            .and_then(|at| self.word(at))
            .is_some_and(|word| matches!(word, "kl" | "klo" | "kello" | "godz" | "ore" | "saat" | "um"))
    }
}

/// The hour of the day that a clock of twelve hours shows in this part of the day; `None` when it shows none, or either
/// of two.
fn hour_in(half: Half, hour: u8) -> Option<u8> {
    match (half, hour) {
        (Half::Morning, 12) => Some(0),
        (Half::Morning, 13..) | (Half::Evening, 12) => None,
        (Half::Afternoon | Half::Evening, 0..12) | (Half::Noon, 0..=4) => Some(hour + 12),
        _ => Some(hour),
    }
}

impl Clock {
    /// The clock, if it can show this. A leap second is read as the last second of its minute.
    pub(super) fn checked(mut self) -> Option<Clock> {
        if self.second == Some(60) {
            self.second = Some(59);
        }
        let second = self.second.unwrap_or(0);
        let valid = self.hour <= 23 && self.minute <= 59 && second <= 59 || self.hour == 24 && self.minute == 0 && second == 0;
        valid.then_some(self)
    }
}
