//! Zones in a text: offsets, abbreviations, IANA names, alone or in brackets.

use super::grammar::Grammar;
use super::scan::Kind;
use super::zones::{self, Zone};

/// What stands where a zone may stand.
pub(super) enum ZoneAt {
    Found(Zone, usize),
    /// An offset no place on Earth has: the whole date is not to be trusted.
    Absurd,
    Nothing,
}

impl Grammar<'_> {
    pub(super) fn zone_at(&self, at: usize) -> ZoneAt {
        if self.any_mark(at, "([") {
            return match self.bare_zone_at(at + 1) {
                ZoneAt::Found(zone, end) => self.closing(end).map_or(ZoneAt::Nothing, |end| ZoneAt::Found(zone, end)),
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
                } else if self.word(end).is_some_and(|word| word != "z" && zones::named(word).is_some()) {
                    end += 1;
                }
                ZoneAt::Found(zone, end)
            }
            other => other,
        }
    }

    pub(super) fn bare_zone_at(&self, at: usize) -> ZoneAt {
        if self.any_mark(at, "+-") {
            return self.offset_at(at);
        }
        let Some(word) = self.word(at) else { return ZoneAt::Nothing };
        if self.mark(at + 1) == Some('/')
            && let Some((zone, end)) = self.region_at(at)
        {
            return ZoneAt::Found(zone, end);
        }
        if let Some(found) = self.long_zone_at(at) {
            return found;
        }
        // RFC 5322 §4.3: the letters of RFC 822 were defined wrongly and say nothing.
        if !self.within && at + 1 == self.tokens.len() && matches!(word.as_bytes(), [b'a'..=b'i' | b'k'..=b'y']) {
            return ZoneAt::Found(Zone::Unknown, at + 1);
        }
        let Some(zone) = zones::named(word) else { return ZoneAt::Nothing };
        // "GMT+3", "UTC +04:00", "EST-0500": the number is what counts.
        if self.any_mark(at + 1, "+-") {
            match self.offset_at(at + 1) {
                ZoneAt::Nothing => {}
                other => return other,
            }
        }
        ZoneAt::Found(zone, at + 1)
    }

    /// A zone by name, not by number.
    pub(super) fn zone_word_at(&self, at: usize) -> Option<(Zone, usize)> {
        self.word(at)?;
        match self.bare_zone_at(at) {
            ZoneAt::Found(zone, end) => Some((zone, end)),
            _ => None,
        }
    }

    /// `Eastern Time`, `Central European Summer Time`, `московского времени`.
    fn long_zone_at(&self, at: usize) -> Option<ZoneAt> {
        let mut name = self.word(at)?.to_owned();
        if !zones::begins_long_name(&name) {
            return None;
        }
        for end in at + 1..at + 5 {
            name.push(' ');
            name.push_str(self.word(end)?);
            if let Some(zone) = zones::long_named(&name) {
                return Some(ZoneAt::Found(zone, end + 1));
            }
        }
        None
    }

    /// `+04:00`, `+0400`, `+04`, `-3`.
    pub(super) fn offset_at(&self, at: usize) -> ZoneAt {
        let east = self.mark(at) == Some('+');
        let Some((value, digits)) = self.number(at + 1).filter(|_| !self.tokens[at + 1].spaced) else { return ZoneAt::Nothing };
        let (hours, minutes, end) = match digits {
            4 => (value / 100, value % 100, at + 2),
            3 if matches!(value % 100, 0 | 30 | 45) => (value / 100, value % 100, at + 2),
            1..=2 => match self.number(at + 3) {
                Some((minutes, 2)) if self.mark(at + 2) == Some(':') => (value, minutes, at + 4),
                // "+00:0": cut off.
                Some((0, 1)) if self.mark(at + 2) == Some(':') && digits == 2 => (value, 0, at + 4),
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
    pub(super) fn region_at(&self, at: usize) -> Option<(Zone, usize)> {
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
    pub(super) fn closing(&self, at: usize) -> Option<usize> {
        (at..at + 8).find(|index| self.any_mark(*index, ")]")).map(|index| index + 1)
    }
}
