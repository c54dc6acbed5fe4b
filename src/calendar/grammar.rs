//! How the press puts a date, a time and a zone together.

use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::names;
use super::order::Order;
use super::scan::{Kind, Token};
use super::zones::{self, Named, Zone};

/// A day as said; the year may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) year: Option<i16>,
    pub(super) month: i8,
    pub(super) day: i8,
}

/// A time of day as said; hour 24 is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: Option<u8>,
    pub(super) nanos: u32,
}

/// Everything a text said about an instant.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) day: Day,
    pub(super) clock: Option<Clock>,
    pub(super) zone: Option<Zone>,
}

/// What stands where a zone may stand.
enum ZoneAt {
    Found(Zone, usize),
    /// A name that says nothing certain.
    Ambiguous(usize),
    /// An offset no place on Earth has: the whole date is not to be trusted.
    Absurd,
    Nothing,
}

/// A reading of one line.
pub(super) struct Grammar<'t> {
    pub(super) tokens: &'t [Token],
    pub(super) order: Order,
    pub(super) timezone: Option<&'t str>,
    pub(super) language: Option<&'t str>,
    /// Whether the date stands somewhere in a line, which asks for plainer signs of a date.
    pub(super) within: bool,
}

impl Grammar<'_> {
    /// The whole line as a date.
    pub(super) fn whole(&self) -> Option<Said> {
        let skipped = self.pass_between(0);
        for start in if skipped > 0 { vec![0, skipped] } else { vec![0] } {
            if let Some((said, end)) = self.when(start)
                && self.only_filling(end)
            {
                return Some(said);
            }
        }
        None
    }

    /// The first date in the line.
    pub(super) fn first(&self) -> Option<Said> {
        (0..self.tokens.len()).filter(|start| !self.is_inside(*start)).find_map(|start| self.when(start)).map(|(said, _)| said)
    }

    /// Date then time, or time then date.
    fn when(&self, at: usize) -> Option<(Said, usize)> {
        self.date_first(at).or_else(|| self.time_first(at))
    }

    fn date_first(&self, at: usize) -> Option<(Said, usize)> {
        if let Some(found) = self.run_together(at) {
            return self.with_zone(found.0, Some(found.1), found.2);
        }
        let (day, after) = self.day_at(at)?;
        let between = self.pass_between(after);
        if let Some((clock, after)) = self.clock_at(between, true) {
            return self.with_zone(day, Some(clock), after);
        }
        if day.year.is_none() && self.within {
            return None;
        }
        // An XML Schema date may carry a zone: 2024-04-23+04:00, 2024-04-23Z.
        let glued = self.tokens.get(after).is_some_and(|token| !token.spaced);
        if glued && (self.is_word(after, "z") || (self.any_mark(after, "+-") && self.mark(after + 2) == Some(':'))) {
            return self.with_zone(day, None, after);
        }
        Some((Said { day, clock: None, zone: None }, after))
    }

    /// Zone and late year after a time: `21:00:00 CEST 2024`, `21:00 (UTC +04:00)`, `21:00:00 2024 +0400`.
    fn with_zone(&self, mut day: Day, clock: Option<Clock>, after: usize) -> Option<(Said, usize)> {
        let (mut zone, mut end) = self.zone_or_nothing(after)?;
        if day.year.is_none() {
            let at = if self.any_mark(end, ",") { end + 1 } else { end };
            if let Some((year, 4)) = self.number(at) {
                day.year = i16::try_from(year).ok();
                end = at + 1;
                if zone.is_none() {
                    (zone, end) = self.zone_or_nothing(end)?;
                }
            }
        }
        Some((Said { day, clock, zone }, end))
    }

    fn time_first(&self, at: usize) -> Option<(Said, usize)> {
        let (clock, after) = self.clock_at(at, false)?;
        let (zone, after) = self.zone_or_nothing(after)?;
        let (day, end) = self.day_at(self.pass_between(after))?;
        day.year?;
        let (zone, end) = match zone {
            Some(zone) => (Some(zone), end),
            None => self.zone_or_nothing(end)?,
        };
        Some((Said { day, clock: Some(clock), zone }, end))
    }

    /// `None` only for an absurd zone.
    fn zone_or_nothing(&self, at: usize) -> Option<(Option<Zone>, usize)> {
        match self.zone_at(at) {
            ZoneAt::Found(zone, end) => Some((Some(zone), end)),
            ZoneAt::Ambiguous(end) => Some((None, end)),
            ZoneAt::Nothing => Some((None, at)),
            ZoneAt::Absurd => None,
        }
    }

    // ---- days ----

    fn day_at(&self, at: usize) -> Option<(Day, usize)> {
        // "mar 23 abr 2024" is a Tuesday in April: a weekday before a full date is only a weekday.
        let after = self.pass_weekday(at);
        if after > at
            && let Some(found) = self.bare_day_at(after)
        {
            return Some(found);
        }
        self.bare_day_at(at)
    }

    fn bare_day_at(&self, at: usize) -> Option<(Day, usize)> {
        self.han_day(at).or_else(|| self.named_day(at)).or_else(|| self.numeric_day(at)).or_else(|| self.iso_day(at))
    }

    /// With a month's name: `23 April 2024`, `April 23, 2024`, `2024 április 23.`.
    fn named_day(&self, at: usize) -> Option<(Day, usize)> {
        if let Some((month, after)) = self.month_at(at) {
            let (day, after) = self.day_number(self.pass(after, ".-,/", false))?;
            let (year, after) = self.year_at(after);
            return Some((Day { year, month, day }, after));
        }
        let (value, digits) = self.number(at)?;
        if digits == 4 {
            let year = i16::try_from(value).ok()?;
            let next = self.pass(at + 1, ".-,/", true);
            if let Some((month, after)) = self.month_at(next) {
                let (day, after) = self.day_number(self.pass(after, ".-,/", false))?;
                return Some((Day { year: Some(year), month, day }, after));
            }
            let (day, after) = self.day_number(next)?;
            let (month, after) = self.month_at(self.pass(after, ".-,/", true))?;
            return Some((Day { year: Some(year), month, day }, after));
        }
        let (day, after) = self.day_number(at)?;
        let (month, after) = self.month_at(self.pass(after, ".-,/'", true))?;
        let (year, after) = self.year_at(after);
        Some((Day { year, month, day }, after))
    }

    /// A day's number with its ordinal ending.
    fn day_number(&self, at: usize) -> Option<(i8, usize)> {
        let (value, digits) = self.number(at)?;
        if digits > 2 || !(1..=31).contains(&value) || self.mark(at + 1) == Some(':') && self.number(at + 2).is_some() {
            return None;
        }
        let mut after = at + 1;
        let ordinal = |word: &str| {
            matches!(word, "st" | "nd" | "rd" | "th" | "er" | "º" | "ª" | "o" | "ος" | "η" | "an" | "en" | "i" | "ain")
        };
        if self.word(after).is_some_and(ordinal) && !self.tokens[after].spaced {
            after += 1;
        } else if self.any_mark(after, "°") {
            after += 1;
        } else if self.any_mark(after, "-")
            && self.word(after + 1).is_some_and(|word| matches!(word, "an" | "en" | "i" | "ei" | "е" | "го"))
        {
            after += 2;
        }
        Some((value as i8, after))
    }

    /// A year after day and month, or none.
    fn year_at(&self, after: usize) -> (Option<i16>, usize) {
        let at = self.pass(after, ".,-/'", true);
        match self.number(at) {
            Some((year, 4)) if self.mark(at + 1) != Some(':') => (i16::try_from(year).ok(), at + 1),
            Some((year, 2)) if self.mark(at + 1) != Some(':') && self.is_short_year(after, at) => {
                // RFC 2822 §4.3.
                let year = year as i16;
                (Some(if year < 50 { 2000 + year } else { 1900 + year }), at + 1)
            }
            // RFC 2822 §4.3: clocks that counted on from 1900.
            Some((year @ 100..=199, 3)) if !self.within => (Some(1900 + year as i16), at + 1),
            _ => (None, after),
        }
    }

    /// Whether two digits after a month are a year and not an hour or a count.
    fn is_short_year(&self, after: usize, at: usize) -> bool {
        let hour_follows = self
            .word(at + 1)
            .is_some_and(|word| matches!(word, "h" | "uhr" | "時" | "时" | "点" | "시") || names::half(word).is_some());
        if hour_follows || self.mark(at + 1) == Some('.') && self.within {
            return false;
        }
        !self.within || self.any_mark(after, "'-/") || self.clock_at(self.pass_between(at + 1), false).is_some()
    }

    /// A month's name, perhaps in two words or with its other name after a slash.
    fn month_at(&self, at: usize) -> Option<(i8, usize)> {
        let word = self.word(at)?;
        // Vietnamese counts its months.
        if word == "thang" {
            let (value @ 1..=12, 1..=2) = self.number(at + 1)? else { return None };
            return Some((value as i8, at + 2));
        }
        if let Some(second) = self.word(at + 1)
            && let Some(month) = names::month(&format!("{word} {second}"), self.language)
        {
            return Some((month as i8, at + 2));
        }
        let month = names::month(word, self.language)?;
        let mut after = at + 1;
        if self.any_mark(after, "./") && self.word(after + 1).and_then(|word| names::month(word, self.language)) == Some(month) {
            after += 2;
        }
        if self.any_mark(after, ".") {
            after += 1;
        }
        Some((month as i8, after))
    }

    /// `2024年4月23日`, `2024년 4월 23일`, `令和6年4月23日`, `4月23日`.
    fn han_day(&self, at: usize) -> Option<(Day, usize)> {
        let (era, at) = match self.word(at) {
            Some("令和") => (2018, at + 1),
            Some("平成") => (1988, at + 1),
            Some("民國" | "民国") => (1911, at + 1),
            _ => (0, at),
        };
        let (value, digits) = self.number(at)?;
        let unit = self.word(at + 1)?;
        let (year, at) = match unit {
            "年" | "년" if era > 0 || digits == 4 => (Some(i16::try_from(value).ok()?.checked_add(era)?), at + 2),
            "月" | "월" => (None, at),
            _ => return None,
        };
        let (month @ 1..=12, 1..=2) = self.number(at)? else { return None };
        if !matches!(self.word(at + 1)?, "月" | "월") {
            return None;
        }
        let (day @ 1..=31, 1..=2) = self.number(at + 2)? else { return None };
        matches!(self.word(at + 3)?, "日" | "일" | "号" | "號")
            .then_some((Day { year, month: month as i8, day: day as i8 }, at + 4))
    }

    /// Three numbers: `2024-04-23`, `2024. 4. 23.`, `23.04.2024`, `04/23/2024`.
    fn numeric_day(&self, at: usize) -> Option<(Day, usize)> {
        let (first, first_digits) = self.number(at)?;
        let separator = self.mark(at + 1).filter(|mark| ".-/".contains(*mark))?;
        let (second, 1..=2) = self.number(at + 2)? else { return None };
        if self.mark(at + 3) != Some(separator) {
            return None;
        }
        let (third, third_digits) = self.number(at + 4)?;
        let loose = (at + 1..at + 5).any(|index| self.tokens[index].spaced);
        if loose && self.within && separator != '.' || self.within && self.goes_on(at + 5, separator) {
            return None;
        }
        let (year, month, day) = match (first_digits, third_digits) {
            (4, 1..=2) => (first, second, third),
            (1..=2, 4) => {
                let (day, month) = self.day_and_month(first, second, separator)?;
                (third, month, day)
            }
            (1..=2, 2) if !self.within && self.order != Order::YearFirst => {
                let (day, month) = self.day_and_month(first, second, if self.order == Order::Unknown { '/' } else { separator })?;
                // 24/04/23 may begin with the year.
                if self.order == Order::Unknown && separator != '.' {
                    return None;
                }
                (if third < 50 { 2000 + third } else { 1900 + third }, month, day)
            }
            _ => return None,
        };
        // Years of other calendars (1403, 1445) are written like this; nobody writes the 15th century so.
        if year < 1700
            && (separator != '-' || self.language.is_some_and(|tag| matches!(tag.get(..2), Some("fa" | "ps" | "ar" | "ck"))))
        {
            return None;
        }
        let (1..=12, 1..=31) = (month, day) else { return None };
        Some((Day { year: i16::try_from(year).ok(), month: month as i8, day: day as i8 }, at + 5))
    }

    /// Which of two numbers is the day; with dots it is always the first one, where that can be.
    fn day_and_month(&self, first: u64, second: u64, separator: char) -> Option<(u64, u64)> {
        match (first, second) {
            (13.., 13..) => None,
            (13.., _) => Some((first, second)),
            (_, 13..) => Some((second, first)),
            _ if first == second || separator == '.' => Some((first, second)),
            _ => match self.order {
                Order::DayFirst => Some((first, second)),
                Order::MonthFirst => Some((second, first)),
                Order::YearFirst | Order::Unknown => None,
            },
        }
    }

    /// ISO 8601 without separators, by week or by day of the year.
    fn iso_day(&self, at: usize) -> Option<(Day, usize)> {
        let (value, digits) = self.number(at)?;
        let timed = self.is_word(at + 1, "t");
        match digits {
            8 if timed || !self.within => {
                let day =
                    Day { year: i16::try_from(value / 10_000).ok(), month: (value / 100 % 100) as i8, day: (value % 100) as i8 };
                (timed || (1970..=2200).contains(&(value / 10_000))).then_some((day, at + 1))
            }
            7 if timed => Some((day_of_year((value / 1000) as i16, (value % 1000) as i16)?, at + 1)),
            4 => {
                let year = value as i16;
                let next = if self.mark(at + 1) == Some('-') { at + 2 } else { at + 1 };
                if self.is_word(next, "w") {
                    let (week, day, after) = match self.number(next + 1)? {
                        (value, 3) => (value / 10, value % 10, next + 2),
                        (value, 2) if self.mark(next + 2) == Some('-') => {
                            (value, self.number(next + 3).filter(|it| it.1 == 1)?.0, next + 4)
                        }
                        _ => return None,
                    };
                    let weekday = Weekday::from_monday_one_offset(day as i8).ok()?;
                    let date = ISOWeekDate::new(year, week as i8, weekday).ok()?.date();
                    return Some((Day { year: Some(date.year()), month: date.month(), day: date.day() }, after));
                }
                let (value, 3) = self.number(next)? else { return None };
                (next == at + 2 && (timed || !self.within)).then(|| day_of_year(year, value as i16).map(|day| (day, next + 1)))?
            }
            _ => None,
        }
    }

    /// Date and time in one number: `20240423210000`, `202404232100`.
    fn run_together(&self, at: usize) -> Option<(Day, Clock, usize)> {
        let (value, digits) = self.number(at)?;
        let value = match digits {
            14 => value,
            12 => value * 100,
            _ => return None,
        };
        let part = |divisor: u64, modulus: u64| (value / divisor % modulus) as u8;
        let year = (value / 10_000_000_000) as i16;
        if self.within || !(1970..=2200).contains(&year) {
            return None;
        }
        let day = Day { year: Some(year), month: part(100_000_000, 100) as i8, day: part(1_000_000, 100) as i8 };
        let clock =
            Clock { hour: part(10_000, 100), minute: part(100, 100), second: (digits == 14).then(|| part(1, 100)), nanos: 0 };
        Some((day, clock.checked()?, at + 1))
    }

    // ---- times ----

    /// A time of day. `after_date`: `21.30` is one only there.
    fn clock_at(&self, at: usize, after_date: bool) -> Option<(Clock, usize)> {
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
            (_, Some("h" | "ч" | "u" | "時" | "时" | "点" | "點" | "시")) => after = self.with_units(&mut clock, after),
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
        match half {
            Some(true) if clock.hour < 12 => clock.hour += 12,
            Some(false) if clock.hour == 12 => clock.hour = 0,
            _ => {}
        }
        if self.word(after).is_some_and(|word| matches!(word, "uhr" | "h" | "hs" | "hrs" | "hr" | "ч")) {
            after += 1;
        }
        Some((clock.checked()?, after))
    }

    /// `:MM[:SS[.frac]]`, from the first separator.
    fn minutes_and_seconds(&self, clock: &mut Clock, at: usize, separator: char) -> Option<usize> {
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
    fn with_units(&self, clock: &mut Clock, at: usize) -> usize {
        let mut after = at + 1;
        let units = ["分", "분"];
        if let Some((minute @ 0..=59, 1..=2)) = self.number(after)
            && self.word(after + 1).is_some_and(|it| units.contains(&it))
        {
            clock.minute = minute as u8;
            after += 2;
            if let Some((second @ 0..=60, 1..=2)) = self.number(after)
                && self.word(after + 1).is_some_and(|it| matches!(it, "秒" | "초"))
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
            }
        }
        after
    }

    /// A decimal fraction of the second, to nanoseconds.
    fn fraction(&self, at: usize) -> (u32, usize) {
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

    /// `am`, `p.m.`, `오후`, `下午`, `π.μ.`: whether it is the half after noon.
    fn half_at(&self, at: usize) -> Option<(bool, usize)> {
        let word = self.word(at)?;
        if let Some(half) = names::half(word) {
            let end = if self.any_mark(at + 1, ".") { at + 2 } else { at + 1 };
            return Some((half, end));
        }
        // Hungarian "de." and "du." mean other things elsewhere.
        if self.language.is_some_and(|tag| tag.get(..2) == Some("hu")) && matches!(word, "de" | "du") {
            return Some((word == "du", if self.any_mark(at + 1, ".") { at + 2 } else { at + 1 }));
        }
        if self.mark(at + 1) == Some('.') && word.chars().count() == 1 {
            let second = self.word(at + 2).filter(|second| second.chars().count() == 1)?;
            let half = names::half(&format!("{word}{second}"))?;
            let end = if self.any_mark(at + 3, ".") { at + 4 } else { at + 3 };
            return Some((half, end));
        }
        None
    }

    /// Whether the word before says that a time follows.
    fn says_time(&self, at: usize) -> bool {
        let before = if at > 0 && self.any_mark(at - 1, ".") { at.checked_sub(2) } else { at.checked_sub(1) };
        before
            .and_then(|at| self.word(at))
            .is_some_and(|word| matches!(word, "kl" | "klo" | "kello" | "godz" | "ore" | "saat" | "um"))
    }

    // ---- zones ----

    fn zone_at(&self, at: usize) -> ZoneAt {
        if self.any_mark(at, "([") {
            return match self.bare_zone_at(at + 1) {
                ZoneAt::Found(zone, end) => self.closing(end).map_or(ZoneAt::Nothing, |end| ZoneAt::Found(zone, end)),
                ZoneAt::Ambiguous(end) => self.closing(end).map_or(ZoneAt::Nothing, ZoneAt::Ambiguous),
                other => other,
            };
        }
        match self.bare_zone_at(at) {
            // A comment may say the zone again: "+0300 (MSK)", "+02:00[Europe/Berlin]", "+0000 UTC".
            ZoneAt::Found(zone, mut end) => {
                if self.any_mark(end, "([")
                    && let Some(closed) = self.closing(end + 1)
                {
                    end = closed;
                } else if self
                    .word(end)
                    .is_some_and(|word| word != "z" && zones::named(word, self.timezone, self.language).is_some())
                {
                    end += 1;
                }
                ZoneAt::Found(zone, end)
            }
            other => other,
        }
    }

    fn bare_zone_at(&self, at: usize) -> ZoneAt {
        if self.any_mark(at, "+-") {
            return self.offset_at(at);
        }
        let Some(word) = self.word(at) else { return ZoneAt::Nothing };
        if self.mark(at + 1) == Some('/')
            && let Some((zone, end)) = self.region_at(at)
        {
            return ZoneAt::Found(zone, end);
        }
        let Some(named) = zones::named(word, self.timezone, self.language) else { return ZoneAt::Nothing };
        // "GMT+3", "UTC +04:00", "EST-0500": the number is what counts.
        if self.any_mark(at + 1, "+-") {
            match self.offset_at(at + 1) {
                ZoneAt::Nothing => {}
                other => return other,
            }
        }
        match named {
            Named::Zone(zone) => ZoneAt::Found(zone, at + 1),
            Named::Ambiguous => ZoneAt::Ambiguous(at + 1),
        }
    }

    /// `+04:00`, `+0400`, `+04`, `-3`.
    fn offset_at(&self, at: usize) -> ZoneAt {
        let east = self.mark(at) == Some('+');
        let Some((value, digits)) = self.number(at + 1).filter(|_| !self.tokens[at + 1].spaced) else { return ZoneAt::Nothing };
        let (hours, minutes, end) = match digits {
            4 => (value / 100, value % 100, at + 2),
            3 if matches!(value % 100, 0 | 30 | 45) => (value / 100, value % 100, at + 2),
            1..=2 => match self.number(at + 3) {
                Some((minutes, 2)) if self.mark(at + 2) == Some(':') => (value, minutes, at + 4),
                _ if !east && (self.any_mark(at + 2, "-./") || self.month_at(at + 2).is_some()) => return ZoneAt::Nothing,
                _ => (value, 0, at + 2),
            },
            _ => return ZoneAt::Absurd,
        };
        if hours > 14 || minutes > 59 {
            return ZoneAt::Absurd;
        }
        let minutes = (hours * 60 + minutes) as i16;
        ZoneAt::Found(Zone::Fixed(if east { minutes } else { -minutes }), end)
    }

    /// `America/New_York`, `Etc/GMT+3`; the longest name that exists.
    fn region_at(&self, at: usize) -> Option<(Zone, usize)> {
        let mut name = self.word(at)?.to_owned();
        let mut found = None;
        let mut at = at + 1;
        while name.len() < 60 {
            match (&self.tokens.get(at)?.kind, self.tokens[at].spaced) {
                (Kind::Mark(mark @ ('/' | '-' | '+')), false) => name.push(*mark),
                (Kind::Word(word), false) => name.push_str(word),
                (Kind::Number(value, _), false) => name.push_str(&value.to_string()),
                _ => break,
            }
            at += 1;
            if let Some(zone) = zones::region_of(&name) {
                found = Some((zone, at));
            }
            if self.tokens.get(at).is_none() {
                break;
            }
        }
        found
    }

    /// The place behind the closing bracket, if it is near.
    fn closing(&self, at: usize) -> Option<usize> {
        (at..at + 8).find(|index| self.any_mark(*index, ")]")).map(|index| index + 1)
    }

    // ---- between ----

    /// Passes over a weekday, in up to three words.
    fn pass_weekday(&self, at: usize) -> usize {
        let mut after = at;
        while after < at + 6 {
            match self.tokens.get(after).map(|token| &token.kind) {
                Some(Kind::Word(word)) if names::is_weekday(word) => after += 1,
                Some(Kind::Mark('.' | ',' | '-' | ')')) if after > at => after += 1,
                Some(Kind::Mark('(')) if self.word(after + 1).is_some_and(names::is_weekday) => after += 1,
                _ => break,
            }
        }
        after
    }

    /// Passes over what may stand between date and time.
    fn pass_between(&self, at: usize) -> usize {
        let mut after = at;
        while after < at + 8 {
            match self.tokens.get(after).map(|token| &token.kind) {
                // "오후 9:00" and "م" belong to the time.
                Some(Kind::Word(_)) if self.half_at(after).is_some() => break,
                Some(Kind::Word(word)) if names::is_glue(word) || names::is_weekday(word) || is_han_weekday(word) => after += 1,
                Some(Kind::Mark(',' | '.' | '-' | '|' | '·' | '/' | '(' | ')' | '[' | ']' | '\'' | '@' | ';' | '*')) => after += 1,
                _ => break,
            }
        }
        after
    }

    /// Passes over up to three of the given marks (and glue words).
    fn pass(&self, at: usize, marks: &str, words: bool) -> usize {
        let mut after = at;
        while after < at + 3 {
            match self.tokens.get(after).map(|token| &token.kind) {
                Some(Kind::Mark(mark)) if marks.contains(*mark) => after += 1,
                Some(Kind::Word(word)) if words && names::is_glue(word) => after += 1,
                _ => break,
            }
        }
        after
    }

    /// Whether nothing but filling stands from here to the end.
    fn only_filling(&self, at: usize) -> bool {
        self.tokens.get(at..).unwrap_or_default().iter().all(|token| match &token.kind {
            Kind::Word(word) => names::is_glue(word) || names::is_weekday(word) || is_han_weekday(word),
            Kind::Mark(mark) => ",.;-|·()[]'*/".contains(*mark),
            Kind::Number(..) => false,
        })
    }

    /// Whether a place in the line is the middle of a longer number (a version, an address, a phone number).
    fn is_inside(&self, at: usize) -> bool {
        let glued = |at: usize| self.tokens.get(at).is_some_and(|token| !token.spaced);
        if !matches!(self.tokens[at].kind, Kind::Number(..)) || at < 2 || !glued(at) {
            return false;
        }
        self.any_mark(at - 1, ".-/:+") && (self.number(at - 2).is_some() && glued(at - 1) || self.any_mark(at - 1, "/+"))
    }

    /// Whether a dotted or dashed number goes on behind a date, so that it is none.
    fn goes_on(&self, at: usize, separator: char) -> bool {
        self.mark(at) == Some(separator)
            && self.tokens.get(at + 1).is_some_and(|token| !token.spaced && matches!(token.kind, Kind::Number(..)))
    }

    // ---- tokens ----

    fn number(&self, at: usize) -> Option<(u64, u8)> {
        match self.tokens.get(at)?.kind {
            Kind::Number(value, digits) => Some((value, digits)),
            _ => None,
        }
    }

    fn word(&self, at: usize) -> Option<&str> {
        match &self.tokens.get(at)?.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    fn mark(&self, at: usize) -> Option<char> {
        match self.tokens.get(at)?.kind {
            Kind::Mark(mark) => Some(mark),
            _ => None,
        }
    }

    fn is_word(&self, at: usize, wanted: &str) -> bool {
        self.word(at) == Some(wanted)
    }

    fn any_mark(&self, at: usize, marks: &str) -> bool {
        self.mark(at).is_some_and(|mark| marks.contains(mark))
    }
}

impl Clock {
    /// The clock, if it can show this. A leap second is read as the last second of its minute.
    fn checked(mut self) -> Option<Clock> {
        if self.second == Some(60) {
            self.second = Some(59);
        }
        let second = self.second.unwrap_or(0);
        let valid = self.hour <= 23 && self.minute <= 59 && second <= 59 || self.hour == 24 && self.minute == 0 && second == 0;
        valid.then_some(self)
    }
}

fn day_of_year(year: i16, number: i16) -> Option<Day> {
    let date = Date::new(year, 1, 1).ok()?.with().day_of_year(number).build().ok()?;
    Some(Day { year: Some(date.year()), month: date.month(), day: date.day() })
}

fn is_han_weekday(word: &str) -> bool {
    matches!(word, "日" | "月" | "火" | "水" | "木" | "金" | "土" | "一" | "二" | "三" | "四" | "五" | "六")
}
