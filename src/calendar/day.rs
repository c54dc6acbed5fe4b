//! Days: with a month's name, as three numbers, as ISO 8601 has them.

use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::grammar::{Clock, Day, Grammar};
use super::names;
use super::order::Order;
use super::persian;

impl Grammar<'_> {
    pub(super) fn day_at(&self, at: usize) -> Option<(Day, usize)> {
        // "mar 23 abr 2024" is a Tuesday in April, "Tue Mar 17 2020" a day in March: of the words that
        // can be weekdays, as many are passed over as leave a date.
        let mut after = self.pass_weekday(at);
        while after > at {
            if let Some(found) = self.bare_day_at(after) {
                return Some(found);
            }
            after -= 1;
        }
        self.bare_day_at(at)
    }

    pub(super) fn bare_day_at(&self, at: usize) -> Option<(Day, usize)> {
        self.han_day(at)
            .or_else(|| self.persian_day(at))
            .or_else(|| self.named_day(at))
            .or_else(|| self.numeric_day(at))
            .or_else(|| self.iso_day(at))
    }

    /// With a month's name: `23 April 2024`, `April 23, 2024`, `2024 április 23.`.
    pub(super) fn named_day(&self, at: usize) -> Option<(Day, usize)> {
        if let Some((month, after)) = self.month_at(at) {
            let (day, after) = self.day_number(self.pass(after, ".-,/", false))?;
            let (year, after) = self.year_at(after);
            return (year.is_some() || self.is_plain_month(at)).then_some((Day { year, month, day }, after));
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
        // Some words stand between the parts of a date in one language and are months in another: "1. des. 2024".
        let at_month = (after..=self.pass(after, ".-,/'", true)).rev().find(|at| self.month_at(*at).is_some())?;
        // "7 m ago" is no seventh of August; "1 d'abril" is one of April.
        let is_unit = |at: usize| matches!(self.word(at), Some("m" | "d" | "h" | "s" | "min")) && self.mark(at + 1) != Some('\'');
        if (after..at_month).any(is_unit) {
            return None;
        }
        let (month, after) = self.month_at(at_month)?;
        let (year, after) = self.year_at(after);
        if year.is_none() && !self.is_plain_month(at_month) {
            return None;
        }
        Some((Day { year, month, day }, after))
    }

    /// Whether a word is a month by itself: "ago", "set" and "out" are other words in other languages.
    pub(super) fn is_plain_month(&self, at: usize) -> bool {
        self.word(at).is_some_and(|word| word.chars().count() > 3 || names::is_month_of(word, self.language.unwrap_or("en")))
    }

    /// A day's number with its ordinal ending.
    pub(super) fn day_number(&self, at: usize) -> Option<(i8, usize)> {
        let (value, digits) = self.number(at)?;
        if digits > 2 || !(1..=31).contains(&value) || self.mark(at + 1) == Some(':') && self.number(at + 2).is_some() {
            return None;
        }
        let mut after = at + 1;
        let ordinal = |word: &str| {
            matches!(word, "st" | "nd" | "rd" | "th" | "er" | "º" | "ª" | "o" | "ος" | "η" | "an" | "en" | "i" | "ain")
        };
        if self.any_mark(after, "°") || self.word(after).is_some_and(ordinal) && !self.tokens[after].spaced {
            after += 1;
        } else if self.any_mark(after, "-")
            && self.word(after + 1).is_some_and(|word| matches!(word, "an" | "en" | "i" | "ei" | "е" | "го"))
        {
            after += 2;
        }
        Some((value as i8, after))
    }

    /// A year after day and month, or none.
    pub(super) fn year_at(&self, after: usize) -> (Option<i16>, usize) {
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
    pub(super) fn is_short_year(&self, after: usize, at: usize) -> bool {
        let hour_follows = self.word(at + 1).is_some_and(|word| {
            matches!(word, "h" | "uhr" | "時" | "时" | "点" | "시") || names::half(word, self.language).is_some()
        });
        if hour_follows || self.mark(at + 1) == Some('.') && self.within {
            return false;
        }
        !self.within || self.any_mark(after, "'-/") || self.clock_at(self.pass_between(at + 1), true).is_some()
    }

    /// A month's name, perhaps in two words or with its other name after a slash.
    pub(super) fn month_at(&self, at: usize) -> Option<(i8, usize)> {
        let word = self.word(at)?;
        // Vietnamese counts its months.
        if matches!(word, "thang" | "thg") {
            let (value @ 1..=12, 1..=2) = self.number(at + 1)? else { return None };
            return Some((value as i8, at + 2));
        }
        let two_words = self.word(at + 1).and_then(|second| names::month(&format!("{word} {second}"), self.language));
        let (month, mut after) = match two_words {
            Some(month) => (month, at + 2),
            None => (names::month(word, self.language)?, at + 1),
        };
        if self.any_mark(after, "./") && self.word(after + 1).and_then(|word| names::month(word, self.language)) == Some(month) {
            after += 2;
        }
        if self.any_mark(after, ".") {
            after += 1;
        }
        Some((month as i8, after))
    }

    /// `21 اردیبهشت 1399`: a day of the solar calendar of Iran.
    fn persian_day(&self, at: usize) -> Option<(Day, usize)> {
        let (day @ 1..=31, 1..=2) = self.number(at)? else { return None };
        let month = persian::month(self.word(at + 1)?)?;
        let after = self.pass(at + 2, ",", true);
        let (year, 4) = self.number(after)? else { return None };
        Some((persian::day(year as i16, month, day as i8)?, after + 1))
    }

    /// `2024年4月23日`, `2024년 4월 23일`, `令和6年4月23日`, `4月23日`.
    pub(super) fn han_day(&self, at: usize) -> Option<(Day, usize)> {
        // The first year of an era has its own word.
        let first = usize::from(self.is_word(at + 1, "元"));
        let (era, at) = match self.word(at) {
            Some("令和") => (2018, at + 1),
            Some("平成") => (1988, at + 1),
            Some("昭和") => (1925, at + 1),
            Some("民國" | "民国") => (1911, at + 1),
            _ => (0, at),
        };
        if era > 0 && first == 1 && self.is_word(at + 1, "年") {
            return self.han_month_and_day(Some(era + 1), at + 2);
        }
        let (value, digits) = self.number(at)?;
        let unit = self.word(at + 1)?;
        let (year, at) = match unit {
            "年" | "년" if era > 0 || digits == 4 => (Some(i16::try_from(value).ok()?.checked_add(era)?), at + 2),
            "月" | "월" => (None, at),
            _ => return None,
        };
        self.han_month_and_day(year, at)
    }

    fn han_month_and_day(&self, year: Option<i16>, at: usize) -> Option<(Day, usize)> {
        let (month @ 1..=12, 1..=2) = self.number(at)? else { return None };
        if !matches!(self.word(at + 1)?, "月" | "월") {
            return None;
        }
        let (day @ 1..=31, 1..=2) = self.number(at + 2)? else { return None };
        matches!(self.word(at + 3)?, "日" | "일" | "号" | "號")
            .then_some((Day { year, month: month as i8, day: day as i8 }, at + 4))
    }

    /// Three numbers: `2024-04-23`, `2024. 4. 23.`, `23.04.2024`, `04/23/2024`.
    pub(super) fn numeric_day(&self, at: usize) -> Option<(Day, usize)> {
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
                let (day, month) = self.day_and_month(at, (first, second), third, separator)?;
                (third, month, day)
            }
            (1..=2, 1..=2) if !self.within => {
                let full = if third < 50 { 2000 + third } else { 1900 + third };
                match self.order {
                    // Korea, China and Japan shorten the year in its place: 24.04.23.
                    Order::YearFirst if self.speaks(&["ko", "zh", "ja"]) && first < 50 => (2000 + first, second, third),
                    _ if third_digits == 1 || self.order == Order::YearFirst => return None,
                    // 24/04/23 may begin with the year, unless no month has that many days.
                    Order::Unknown if third <= 31 => return None,
                    _ => {
                        let (day, month) = self.day_and_month(at, (first, second), full, separator)?;
                        (full, month, day)
                    }
                }
            }
            _ => return None,
        };
        // The solar years of Iran are written like this; those of other calendars (1445) are no years of the press.
        if (1250..=1500).contains(&year) && self.speaks(&["fa"]) {
            return persian::day(year as i16, month as i8, day as i8).map(|day| (day, at + 5));
        }
        let (1..=12, 1..=31) = (month, day) else { return None };
        Some((Day { year: i16::try_from(year).ok(), month: month as i8, day: day as i8 }, at + 5))
    }

    /// Which of two numbers is the day: the one that can be; the one that falls on the weekday said before; with dots
    /// the first, but where months come first nobody knows; else what the desk's country does. The others are no date.
    fn day_and_month(&self, at: usize, (first, second): (u64, u64), year: u64, separator: char) -> Option<(u64, u64)> {
        match (first, second) {
            (13.., 13..) => return None,
            (13.., _) => return Some((first, second)),
            (_, 13..) => return Some((second, first)),
            _ if first == second => return Some((first, second)),
            _ => {}
        }
        let falls = |day: u64, month: u64| {
            let date = Date::new(i16::try_from(year).ok()?, month as i8, day as i8).ok()?;
            Some(date.weekday().to_monday_one_offset() == self.weekday_before(at)?)
        };
        match (falls(first, second), falls(second, first)) {
            (Some(true), Some(false)) => return Some((first, second)),
            (Some(false), Some(true)) => return Some((second, first)),
            _ => {}
        }
        match (separator, self.order) {
            (_, Order::DayFirst) | ('.', Order::YearFirst | Order::Unknown) => Some((first, second)),
            ('/' | '-', Order::MonthFirst) => Some((second, first)),
            _ => None,
        }
    }

    /// The weekday, in English, that stands before a date.
    fn weekday_before(&self, at: usize) -> Option<i8> {
        let at = if at > 0 && self.any_mark(at - 1, ",.") { at - 1 } else { at };
        self.word(at.checked_sub(1)?).and_then(names::english_weekday)
    }

    /// ISO 8601 without separators, by week or by day of the year.
    pub(super) fn iso_day(&self, at: usize) -> Option<(Day, usize)> {
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
    pub(super) fn run_together(&self, at: usize) -> Option<(Day, Clock, usize)> {
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
}

fn day_of_year(year: i16, number: i16) -> Option<Day> {
    let date = Date::new(year, 1, 1).ok()?.with().day_of_year(number).build().ok()?;
    Some(Day { year: Some(date.year()), month: date.month(), day: date.day() })
}
