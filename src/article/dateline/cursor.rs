//! Reading forward through the head of a text: places, dates, agencies, dashes.

use super::agency;
use crate::article::metadata::likeness::fold;
use crate::article::metadata::vocabulary::{MONTHS, NO_PLACE, PLACE_PARTICLES, WEEKDAYS};

/// Most words a place has, its country included.
const MOST_WORDS: usize = 7;

/// Reads forward through the head of a text.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn starts_with(&self, marks: [char; 2]) -> bool {
        self.rest().starts_with(marks)
    }

    pub(super) fn skip(&mut self, what: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(what).len();
    }

    /// The next word as printed, up to white space or a mark that ends it; an abbreviation keeps its point.
    fn word(&self) -> Option<&'a str> {
        let rest = self.rest();
        let end = rest
            .char_indices()
            .find(|(index, c)| {
                c.is_whitespace()
                    || matches!(c, ',' | '،' | '(' | ')' | ':' | ';' | '—' | '–' | '/' | '[' | ']')
                    || rest[*index..].starts_with("--")
                    || *c == '.' && !rest[index + 1..].starts_with(|c: char| c.is_alphanumeric())
            })
            .map_or(rest.len(), |(index, _)| index);
        (end > 0).then(|| &rest[..end])
    }

    /// A place: one to seven capitalised words, in up to three parts separated by commas.
    pub(super) fn place(&mut self) -> Option<String> {
        let start = self.at;
        let mut end = start;
        let mut words = 0;
        while let Some(word) = self.word() {
            let behind = self.rest()[word.len()..].trim_start_matches(['.', ' ']);
            if !is_place_word(word, words, behind) || words == MOST_WORDS {
                break;
            }
            words += 1;
            self.at += word.len();
            end = self.at;
            // "St. Petersburg", "Frankfurt/Main", "WASHINGTON D.C."
            let rest = self.rest();
            // "RALEIGH, N.C. (AP)", "LA CROSSE, Wis. (AP)": the point belongs to the abbreviation.
            let short = word.chars().count() <= 5
                && words > 1
                && rest.strip_prefix('.').is_some_and(|behind| behind.trim_start().starts_with(['(', '—', '–', '-']));
            if rest.starts_with('.') && word.contains('.') || short {
                self.at += 1;
                end = self.at;
            } else if rest.starts_with(". ") && word.chars().count() <= 3 && !NO_PLACE.has(&fold(word)) {
                self.at += 1;
            } else if rest.starts_with('/') && rest[1..].starts_with(char::is_uppercase) && !self.text[..self.at].ends_with(' ') {
                self.at += 1;
                continue;
            }
            let before = self.at;
            self.skip(char::is_whitespace);
            if self.rest().starts_with(',') {
                self.at += 1;
                self.skip(char::is_whitespace);
            } else if self.at == before {
                break;
            }
        }
        self.at = end;
        let place = self.text[start..end].trim_end_matches([',', ' ']).to_owned();
        let folded = fold(&place);
        let nowhere = NO_PLACE.has(&folded)
            || folded.split(' ').any(|word| WEEKDAYS.has(word))
            || folded.split(' ').next().is_some_and(|word| NO_PLACE.has(word));
        (words > 0 && !nowhere && !PLACE_PARTICLES.has(folded.split(' ').next_back().unwrap_or_default())).then_some(place)
    }

    /// A place, and the country that stands behind it in brackets: "Kyiv (Ukraine) (AFP)", "New Delhi [India], April 23".
    pub(super) fn place_with_country(&mut self) -> Option<String> {
        let start = self.at;
        let place = self.place()?;
        let rest = self.rest();
        let behind = rest.trim_start();
        let close = match behind.chars().next() {
            Some('(') => ')',
            Some('[') => ']',
            _ => return Some(place),
        };
        let Some(end) = behind.find(close).filter(|end| (3..=40).contains(end)) else { return Some(place) };
        let country = &behind[1..end];
        let after = behind[end + 1..].trim_start();
        let follows = after.starts_with('(')
            || after.strip_prefix(',').is_some_and(|after| {
                after.trim_start().starts_with(|c: char| c.is_ascii_digit())
                    || after.split_whitespace().next().is_some_and(|word| is_month(word.trim_end_matches('.')))
            });
        let named = country.starts_with(char::is_uppercase) && country.split_whitespace().count() <= 4;
        if follows && named && !agency::is_listed(country) {
            self.at += rest.len() - behind.len() + end + 1;
            return Some(self.text[start..self.at].to_owned());
        }
        Some(place)
    }

    /// "BARCELONA, 23 (EUROPA PRESS)": a day alone, before a bracket that names an agency.
    pub(super) fn day_before_bracket(&mut self, from: usize) -> Option<String> {
        let rest = &self.text[from..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (name, _) = agency::bracketed(rest[digits..].trim_start())?;
        ((1..=2).contains(&digits) && agency::is_known(name)).then(|| {
            self.at = from + digits;
            rest[..digits].to_owned()
        })
    }

    /// "Baku/23.04.24/Turan:".
    pub(super) fn date_in_slashes(&mut self) -> Option<String> {
        let rest = self.rest();
        let inner = rest.trim_start().strip_prefix('/')?.trim_start();
        let end = inner.find('/').filter(|end| *end <= 12)?;
        let date = inner[..end].trim();
        let numbers: Vec<&str> = date.split('.').collect();
        let numeric = numbers.len() == 3 && numbers.iter().all(|part| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_digit()));
        let year = numbers.last().copied().unwrap_or_default();
        numeric.then(|| {
            self.at = self.text.len() - inner.len() + end;
            let century = if year.len() == 2 { "20" } else { "" };
            format!("{}.{}.{century}{year}", numbers[0], numbers[1])
        })
    }

    /// "April 23", "Nov. 2, 2024", "23 апр", "23. April 2024", "23 de abril", "23.04.2024", as printed.
    pub(super) fn date(&mut self) -> Option<String> {
        let start = self.at;
        let (mut day, mut month, mut year) = (false, false, false);
        let mut end = start;
        for _ in 0..5 {
            let Some(word) = self.word() else { break };
            let digits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
            let numeric = word.split('.').count() == 3
                && word.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
            let ordinal = word
                .strip_suffix("st")
                .or_else(|| word.strip_suffix("nd"))
                .or_else(|| word.strip_suffix("rd"))
                .or_else(|| word.strip_suffix("th"));
            if numeric && !day && !month {
                (day, month, year) = (true, true, true);
            } else if digits && word.len() <= 2 && !day
                || ordinal.is_some_and(|number| !day && number.len() <= 2 && number.bytes().all(|b| b.is_ascii_digit()))
            {
                day = true;
            } else if digits && word.len() == 4 && day && month && !year {
                year = true;
            } else if !month && is_month(word) {
                month = true;
            } else {
                let folded = fold(word);
                let between = day && !month && matches!(word, "de" | "del");
                let behind = year && matches!(folded.as_str(), "г" | "года" | "il" | "yil");
                if !between && !behind && !WEEKDAYS.has(&folded) {
                    break;
                }
            }
            self.at += word.len();
            end = self.at;
            if self.rest().starts_with('.') && !(day && month && (year || word.bytes().all(|b| b.is_ascii_digit()))) {
                self.at += 1;
                end = self.at;
            }
            let mark = self.at;
            self.skip(char::is_whitespace);
            // A comma goes on only to a year ("April 23, 2024") or from a weekday.
            if self.rest().starts_with(',') {
                let behind = self.rest()[1..].trim_start();
                let next_is_year =
                    behind.len() >= 4 && behind.is_char_boundary(4) && behind[..4].bytes().all(|b| b.is_ascii_digit());
                if next_is_year && day && month || !day && !month {
                    self.at += 1;
                    self.skip(char::is_whitespace);
                } else {
                    self.at = mark;
                    break;
                }
            } else if self.at == mark {
                break;
            }
        }
        self.at = end;
        self.second_name();
        (day && month).then(|| self.text[start..end].trim_end_matches('.').to_owned())
    }

    /// "23 أبريل نيسان": the month's other name is passed over.
    fn second_name(&mut self) {
        loop {
            let mark = self.at;
            self.skip(char::is_whitespace);
            match self.word().map(|word| (word.len(), word.trim_start_matches('/'))) {
                Some((length, word)) if SECOND_NAMES.contains(&word) => self.at += length,
                _ => {
                    self.at = mark;
                    return;
                }
            }
        }
    }

    /// "LONDON, Tuesday (Agency) -": the weekday is passed over.
    pub(super) fn weekday(&mut self) {
        if let Some(word) = self.word()
            && WEEKDAYS.has(&fold(word))
        {
            self.at += word.len();
            self.skip(char::is_whitespace);
        }
    }

    /// "(Reuters)", "/TASS/", "/ Trend:", "/By AzerTac/", ", AZERTAC".
    pub(super) fn agency(&mut self, dated: bool) -> Option<String> {
        let rest = self.rest();
        if let Some((name, behind)) = agency::bracketed(rest) {
            let agency = agency::of_bracket(name, dated)?;
            self.at = self.text.len() - behind.len();
            return Some(agency);
        }
        if let Some(inner) = rest.strip_prefix('/') {
            let end = inner.find(['/', ':']).filter(|end| *end <= 40)?;
            let agency = agency::of_bracket(inner[..end].trim(), true).or_else(|| agency::listed(inner[..end].trim()))?;
            self.at += 1 + end + 1;
            return Some(agency);
        }
        if !dated {
            return None;
        }
        // A known agency in words, followed by a stop: "23 апреля. INTERFAX.RU -", "April 23, AZERTAC".
        self.bare_agency().or_else(|| self.capital_agency())
    }

    /// "Bakı, 23 aprel, AZƏRTAC Text": an agency's name in capitals, before a word that begins a sentence.
    fn capital_agency(&mut self) -> Option<String> {
        let word = self.word()?;
        let behind = self.rest()[word.len()..].trim_start();
        let told = agency::is_capitals(word) && agency::is_listed(word) && behind.starts_with(char::is_uppercase);
        told.then(|| {
            self.at += word.len();
            word.to_owned()
        })
    }

    /// "أبوظبي في 23 أبريل": the word between place and date is passed over.
    pub(super) fn skip_particle(&mut self) {
        if let Some(word) = self.word().filter(|word| NO_PART.contains(word)) {
            self.at += word.len();
            self.skip(char::is_whitespace);
        }
    }

    /// A known agency's name, without brackets, that ends in a stop, a colon, a dash or the line.
    pub(super) fn bare_agency(&mut self) -> Option<String> {
        let rest = self.rest();
        if rest.starts_with(['-', '–', '—']) {
            return None;
        }
        let end = rest
            .char_indices()
            .find(|(index, c)| {
                matches!(c, ':' | '–' | '—' | ',' | '/')
                    || *c == '.' && rest[index + 1..].starts_with(' ')
                    || rest[*index..].starts_with(" - ")
                    || rest[*index..].starts_with(" --")
            })
            .map_or(rest.len(), |(index, _)| index);
        let name = rest[..end].trim().trim_end_matches('.');
        let words = name.split_whitespace().count();
        if !(1..=4).contains(&words) || !agency::is_known(name) {
            return None;
        }
        self.at += end;
        self.skip(|c| matches!(c, ':' | '.' | '/'));
        Some(name.to_owned())
    }

    /// A dash that stands by itself: "—", "–", "--", ".-", " - ".
    pub(super) fn dash(&mut self) -> bool {
        let behind = skip_dashes(self.rest());
        let found = behind.len() < self.rest().trim_start().len();
        if found {
            self.at = self.text.len() - behind.len();
        }
        found
    }
}

/// The text behind a dash that stands at its head, with the space around it.
pub(super) fn skip_dashes(text: &str) -> &str {
    let rest = text.trim_start();
    let behind = rest.trim_start_matches(['—', '–', '-', '―', '.']);
    let dashes = &rest[..rest.len() - behind.len()];
    let standing = dashes.contains(['—', '–', '―', '-']);
    // "-" without space behind it is a hyphen.
    let open = behind.is_empty() || behind.starts_with(char::is_whitespace) || dashes.contains(['—', '–', '―']) || dashes.len() > 1;
    if standing && open { behind.trim_start() } else { rest }
}

/// Words of the scripts without capitals that stand between place and date.
const NO_PART: [&str; 3] = ["في", "فى", "من"];

/// The second names of the months that the Levant prints behind the first.
const SECOND_NAMES: [&str; 12] =
    ["كانون", "الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول", "تشرين", "الأول"];

/// Whether a letter is of a script that has no capitals but spaces between words: Arabic, Hebrew, those of India.
fn is_caseless(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{7ff}' | '\u{900}'..='\u{dff}')
}

/// Whether a word is a month; the table holds those of Hindi as printed.
fn is_month(word: &str) -> bool {
    MONTHS.has(&fold(word)) || MONTHS.has(word)
}

/// Whether a word can be part of a place's name.
fn is_place_word(word: &str, index: usize, behind: &str) -> bool {
    let folded = fold(word);
    // A month is one beside a number or at the head; "RIO DE JANEIRO" has the name of one too.
    let month = is_month(word) && (index == 0 || behind.starts_with(|c: char| c.is_ascii_digit()));
    if month || folded.is_empty() || word.chars().any(|c| c.is_ascii_digit() || "\"“”„«»?!%$€&".contains(c)) {
        return false;
    }
    if word.starts_with(['-', '–', '—']) {
        return false;
    }
    let first = word.chars().find(|c| c.is_alphabetic());
    first.is_some_and(|first| first.is_uppercase() || is_caseless(first) && index < 3 && !NO_PART.contains(&word))
        || index > 0 && PLACE_PARTICLES.has(&folded)
}
