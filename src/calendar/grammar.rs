//! How the press puts a date, a time and a zone together.

use super::names;
use super::offset::ZoneAt;
use super::order::Order;
use super::scan::{Kind, Token};
use super::zones::Zone;

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

/// A reading of one line.
pub(super) struct Grammar<'t> {
    pub(super) tokens: &'t [Token],
    pub(super) order: Order,
    pub(super) language: Option<&'t str>,
    /// Whether the date stands somewhere in a line, which asks for plainer signs of a date.
    pub(super) within: bool,
}

impl Grammar<'_> {
    /// The whole line as a date.
    pub(super) fn whole(&self) -> Option<Said> {
        self.bare_whole().or_else(|| {
            // RFC 5322 §3.2.2: comments may stand anywhere between brackets.
            let tokens = without_comments(self.tokens)?;
            Grammar { tokens: &tokens, ..*self }.bare_whole()
        })
    }

    fn bare_whole(&self) -> Option<Said> {
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
        let starts = (0..self.tokens.len()).filter(|start| !self.is_inside(*start));
        let said = starts.filter_map(|start| Some((start, self.when(start)?.0))).find(|(start, said)| {
            // The end of "27 Jul 07" is no seventh of July.
            let day_before = start.checked_sub(1).and_then(|before| self.number(before)).is_some_and(|(_, digits)| digits <= 2);
            said.day.year.is_some() || !day_before
        });
        said.map(|(_, said)| said)
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
        // "8 January 2024 UTC 14:13", "2018-11-28CET12:22:00+0100"
        if let Some((zone, end)) = self.zone_word_at(between)
            && let Some((clock, end)) = self.clock_at(self.pass_between(end), true)
        {
            let (said, end) = self.with_zone(day, Some(clock), end)?;
            return Some((Said { zone: said.zone.or(Some(zone)), ..said }, end));
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
        let named_after_comma = self.any_mark(after, ",") && self.zone_word_at(after + 1).is_some();
        let (mut zone, mut end) = self.zone_or_nothing(if named_after_comma { after + 1 } else { after })?;
        if clock.is_some_and(|clock| clock.second.is_none() && self.is_span(clock, after)) {
            (zone, end) = (None, after);
        }
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

    /// Whether `-11:30` behind a time is where an event ends. Offsets are written so in ISO 8601; behind other dates it
    /// is one when it stands apart (` -05:00`) or cannot be an end, since it lies before the beginning.
    fn is_span(&self, clock: Clock, at: usize) -> bool {
        let (true, Some((hour, 2))) = (self.any_mark(at, "-") && self.mark(at + 2) == Some(':'), self.number(at + 1)) else {
            return false;
        };
        let Some((minute, 2)) = self.number(at + 3) else { return false };
        let ends_later = (hour, minute) > (u64::from(clock.hour), u64::from(clock.minute));
        let is_offset = hour <= 10 && matches!(minute, 0 | 30) && (self.tokens[at].spaced || !ends_later);
        !self.first_number_is_year() && !is_offset
    }

    fn first_number_is_year(&self) -> bool {
        let first = self.tokens.iter().find_map(|token| match token.kind {
            Kind::Number(_, digits) => Some(digits),
            _ => None,
        });
        first == Some(4) || first == Some(8)
    }

    /// `None` only for an absurd zone.
    fn zone_or_nothing(&self, at: usize) -> Option<(Option<Zone>, usize)> {
        match self.zone_at(at) {
            ZoneAt::Found(zone, end) => Some((Some(zone), end)),
            ZoneAt::Nothing => Some((None, at)),
            ZoneAt::Absurd => None,
        }
    }

    /// Passes over a weekday, in up to three words.
    pub(super) fn pass_weekday(&self, at: usize) -> usize {
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
    pub(super) fn pass_between(&self, at: usize) -> usize {
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

    /// Passes over up to four of the given marks (and glue words).
    pub(super) fn pass(&self, at: usize, marks: &str, words: bool) -> usize {
        let mut after = at;
        while after < at + 4 {
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
        // "-05:00" is an offset, and no beginning.
        if self.any_mark(at - 1, "-") && !glued(at - 1) && self.mark(at + 1) == Some(':') {
            return true;
        }
        self.any_mark(at - 1, ".-/:+") && (self.number(at - 2).is_some() && glued(at - 1) || self.any_mark(at - 1, "/+"))
    }

    /// Whether a dotted or dashed number goes on behind a date, so that it is none.
    pub(super) fn goes_on(&self, at: usize, separator: char) -> bool {
        self.mark(at) == Some(separator)
            && self.tokens.get(at + 1).is_some_and(|token| !token.spaced && matches!(token.kind, Kind::Number(..)))
    }

    pub(super) fn number(&self, at: usize) -> Option<(u64, u8)> {
        match self.tokens.get(at)?.kind {
            Kind::Number(value, digits) => Some((value, digits)),
            _ => None,
        }
    }

    pub(super) fn word(&self, at: usize) -> Option<&str> {
        match &self.tokens.get(at)?.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn mark(&self, at: usize) -> Option<char> {
        match self.tokens.get(at)?.kind {
            Kind::Mark(mark) => Some(mark),
            _ => None,
        }
    }

    /// Whether the desk writes one of these languages.
    pub(super) fn speaks(&self, languages: &[&str]) -> bool {
        let primary = self.language.and_then(|tag| tag.split(['-', '_']).next());
        primary.is_some_and(|primary| languages.iter().any(|language| primary.eq_ignore_ascii_case(language)))
    }

    pub(super) fn is_word(&self, at: usize, wanted: &str) -> bool {
        self.word(at) == Some(wanted)
    }

    pub(super) fn any_mark(&self, at: usize, marks: &str) -> bool {
        self.mark(at).is_some_and(|mark| marks.contains(mark))
    }
}

/// The tokens outside round brackets, if there are such brackets.
fn without_comments(tokens: &[Token]) -> Option<Vec<Token>> {
    let mut depth = 0u32;
    let mut kept = Vec::with_capacity(tokens.len());
    for token in tokens {
        match token.kind {
            Kind::Mark('(') => depth += 1,
            Kind::Mark(')') => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(token.clone()),
            _ => {}
        }
    }
    (depth == 0 && kept.len() < tokens.len()).then_some(kept)
}

fn is_han_weekday(word: &str) -> bool {
    matches!(word, "日" | "月" | "火" | "水" | "木" | "金" | "土" | "一" | "二" | "三" | "四" | "五" | "六")
}
