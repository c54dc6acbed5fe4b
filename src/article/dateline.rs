//! Datelines: the words that open a wire story, "BAKU, Azerbaijan, April 23." or "WASHINGTON (AP) —".

use crate::calendar;
use crate::model::{Assume, Dateline, PressTime, Timestamp};

use super::byline::is_organisation;
use super::metadata::likeness::{fold, is_unspaced, tidy};
use super::metadata::vocabulary::{MONTHS, NO_PLACE, PLACE_PARTICLES, WEEKDAYS};

/// Characters of the first paragraph that are looked at.
const HEAD: usize = 160;

/// Most words a place has, its country included.
const MOST_WORDS: usize = 7;

const SECONDS_OF_A_DAY: i64 = 86_400;

/// The dateline that opens a text, as a field of its own; the text itself is left as it is.
pub(super) fn read(paragraphs: &[String], published: Option<&PressTime>) -> Option<Dateline> {
    let opening = opening(paragraphs)?;
    let place = opening.place?;
    let date = opening.date.and_then(|date| complete(&date, published));
    Some(Dateline { place, date, agency: opening.agency })
}

/// The agency the opening of a text names, also where it names no place: "(Reuters) -",
/// "(MENAFN- Trend News Agency) BAKU, …".
pub(super) fn agency(paragraphs: &[String]) -> Option<String> {
    opening(paragraphs)?.agency
}

/// What an opening says, its date as printed.
#[derive(Debug, Default)]
struct Opening {
    place: Option<String>,
    date: Option<String>,
    agency: Option<String>,
}

fn opening(paragraphs: &[String]) -> Option<Opening> {
    let first: String = tidy(paragraphs.first()?).chars().take(HEAD).collect();
    let cut = paragraphs.first()?.chars().count() > HEAD;
    if let Some(opening) = unspaced(&first) {
        return Some(opening);
    }
    let (lead, rest) = lead_agency(&first);
    let mut cursor = Cursor { text: rest, at: 0 };
    let Some(mut opening) = placed(&mut cursor, cut) else {
        return lead.map(|agency| Opening { agency: Some(agency), ..Opening::default() });
    };
    if opening.agency.is_none() {
        opening.agency = lead;
    }
    // Three paragraphs: the dateline alone, then "Trend:" or "By A. Name - Trend:", then the text.
    if opening.agency.is_none() && cursor.rest().trim().is_empty() {
        opening.agency = paragraphs.get(1).and_then(|line| agency_line(line));
    }
    Some(opening)
}

/// "(Reuters) - text", "(MENAFN- Trend News Agency) BAKU, …", "(ANSA) - ROMA, 23 APR - …".
fn lead_agency(text: &str) -> (Option<String>, &str) {
    let Some((name, rest)) = bracketed(text) else { return (None, text) };
    let behind = skip_dashes(rest);
    let dashed = behind.len() < rest.len() && rest.trim_start().len() - behind.len() > 0 && rest.trim_start() != behind;
    let agency = name_of_agency(name, false);
    match agency {
        Some(agency) if dashed || name.contains(['-', '–']) => (Some(agency), behind.trim_start()),
        _ => (None, text),
    }
}

/// A place at the head, with whatever of date, agency and dash makes it a dateline.
fn placed(cursor: &mut Cursor<'_>, cut: bool) -> Option<Opening> {
    let place = cursor.place()?;
    // "DAKAR, Senegal": the town in capitals is enough.
    let capitals = is_capitals(place.split(',').next().unwrap_or(&place));
    let mut opening = Opening { place: Some(place.clone()), ..Opening::default() };
    cursor.skip(|c| c.is_whitespace() || matches!(c, ',' | '.'));
    let separated = cursor.text[..cursor.at].ends_with([' ', ',', '.']);
    let mark = cursor.at;
    if separated && let Some(date) = cursor.date() {
        opening.date = Some(date);
    } else {
        cursor.at = mark;
        cursor.weekday();
    }
    let stopped = cursor.text[..cursor.at].trim_end().ends_with(['.', ':']) || cursor.starts_with(['.', ':']);
    cursor.skip(|c| c.is_whitespace() || matches!(c, ',' | '.' | ':'));
    opening.agency = cursor.agency(opening.date.is_some());
    let closed = opening.agency.is_some() && (cursor.starts_with(['.', ':']) || cursor.text[..cursor.at].ends_with(':'));
    let before = cursor.at;
    let mut dashed = cursor.dash();
    if !dashed {
        cursor.skip(|c| matches!(c, '.' | ':' | ',' | ' '));
        dashed = cursor.dash();
    }
    if dashed && opening.agency.is_none() {
        // "МОСКВА, 23 апр - РИА Новости. Текст", "Baku, April 23 - Trend:".
        opening.agency = cursor.bare_agency();
        dashed |= opening.agency.is_some();
    }
    let ended = cursor.rest().trim().is_empty() && !cut;
    let text_follows = starts_a_text(cursor.rest());
    let credible = match (&opening.date, &opening.agency) {
        (Some(_), Some(_)) => true,
        (Some(_), None) => (stopped || dashed) && (text_follows || ended) || ended && before > 0,
        (None, Some(agency)) => (dashed || closed) && (capitals || is_known(agency)) || (ended || stopped) && capitals,
        (None, None) => dashed && capitals && text_follows && !is_capitals(cursor.rest()) && chunk_words(&place) <= 4,
    };
    credible.then_some(opening)
}

/// Reads forward through the head of a text.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn starts_with(&self, marks: [char; 2]) -> bool {
        self.rest().starts_with(marks)
    }

    fn skip(&mut self, what: impl Fn(char) -> bool) {
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
                    || matches!(c, ',' | '(' | ')' | ':' | ';' | '—' | '–' | '/' | '[' | ']')
                    || *c == '.' && !rest[index + 1..].starts_with(|c: char| c.is_alphanumeric())
            })
            .map_or(rest.len(), |(index, _)| index);
        (end > 0).then(|| &rest[..end])
    }

    /// A place: one to seven capitalised words, in up to three parts separated by commas.
    fn place(&mut self) -> Option<String> {
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

    /// "April 23", "Nov. 2, 2024", "23 апр", "23. April 2024", "23 de abril", "23.04.2024", as printed.
    fn date(&mut self) -> Option<String> {
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
            } else if !month && MONTHS.has(&fold(word)) {
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
        (day && month).then(|| self.text[start..end].trim_end_matches('.').to_owned())
    }

    /// "LONDON, Tuesday (Agency) -": the weekday is passed over.
    fn weekday(&mut self) {
        if let Some(word) = self.word()
            && WEEKDAYS.has(&fold(word))
        {
            self.at += word.len();
            self.skip(char::is_whitespace);
        }
    }

    /// "(Reuters)", "/TASS/", "/ Trend:", "/By AzerTac/", ", AZERTAC".
    fn agency(&mut self, dated: bool) -> Option<String> {
        let rest = self.rest();
        if let Some((name, behind)) = bracketed(rest) {
            let agency = name_of_agency(name, dated)?;
            self.at = self.text.len() - behind.len();
            return Some(agency);
        }
        if let Some(inner) = rest.strip_prefix('/') {
            let end = inner.find(['/', ':']).filter(|end| *end <= 40)?;
            let agency = name_of_agency(inner[..end].trim().trim_start_matches("By ").trim_start_matches("by "), true)?;
            self.at += 1 + end + 1;
            return Some(agency);
        }
        if !dated {
            return None;
        }
        // A known agency in words, followed by a stop: "23 апреля. INTERFAX.RU -", "April 23, AZERTAC".
        self.bare_agency()
    }

    /// A known agency's name, without brackets, that ends in a stop, a colon, a dash or the line.
    fn bare_agency(&mut self) -> Option<String> {
        let rest = self.rest();
        if rest.starts_with(['-', '–', '—']) {
            return None;
        }
        let end = rest
            .char_indices()
            .find(|(index, c)| {
                matches!(c, ':' | '–' | '—' | ',')
                    || *c == '.' && rest[index + 1..].starts_with(' ')
                    || rest[*index..].starts_with(" - ")
            })
            .map_or(rest.len(), |(index, _)| index);
        let name = rest[..end].trim().trim_end_matches('.');
        let words = name.split_whitespace().count();
        if !(1..=4).contains(&words) || !is_known(name) {
            return None;
        }
        self.at += end;
        self.skip(|c| matches!(c, ':' | '.'));
        Some(name.to_owned())
    }

    /// A dash that stands by itself: "—", "–", "--", ".-", " - ".
    fn dash(&mut self) -> bool {
        let behind = skip_dashes(self.rest());
        let found = behind.len() < self.rest().trim_start().len();
        if found {
            self.at = self.text.len() - behind.len();
        }
        found
    }
}

/// The content of the bracket `text` begins with, and what follows.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('(')?;
    let end = inner.find(')').filter(|end| (2..=60).contains(end))?;
    Some((inner[..end].trim(), &inner[end + 1..]))
}

/// The text behind a dash that stands at its head, with the space around it.
fn skip_dashes(text: &str) -> &str {
    let rest = text.trim_start();
    let behind = rest.trim_start_matches(['—', '–', '-', '―', '.']);
    let dashes = &rest[..rest.len() - behind.len()];
    let standing = dashes.contains(['—', '–', '―', '-']);
    // "-" without space behind it is a hyphen.
    let open = behind.is_empty() || behind.starts_with(char::is_whitespace) || dashes.contains(['—', '–', '―']) || dashes.len() > 1;
    if standing && open { behind.trim_start() } else { rest }
}

/// The agency a bracket names: short, without sentence marks, not a number; "MENAFN- Trend News Agency"
/// names the agency behind the portal. Where the dateline is `sure` without it, any name will do.
fn name_of_agency(name: &str, sure: bool) -> Option<String> {
    let name = name.trim();
    let behind = name.split_once(['-', '–']).map(|(portal, agency)| (portal.trim(), agency.trim()));
    let name = match behind {
        Some((portal, agency)) if is_capitals(portal) && (agency.contains(' ') || is_known(agency)) => agency,
        _ => name,
    };
    let words = name.split_whitespace().count();
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let plausible = (1..=5).contains(&words)
        && letters >= 2
        && name.chars().count() <= 45
        && !name.chars().any(|c| c.is_ascii_digit() || "?!;\"“”„«»%$€@".contains(c));
    let agency =
        sure && name.starts_with(char::is_uppercase) || is_known(name) || is_capitals(name) && !name.contains('-') && letters <= 16;
    (plausible && agency).then(|| name.to_owned())
}

/// Whether a name is one of an agency by its words; `dpa/tmn` by its first part.
fn is_known(name: &str) -> bool {
    let folded = fold(name);
    is_organisation(&folded)
        || name.split(['/', ',', '.']).any(|part| is_organisation(&fold(part)))
        || folded.split(' ').next().is_some_and(|word| word.len() > 3 && is_organisation(word))
}

/// "Trend:", "By Umid Niayesh - Trend:": the agency's own line of a dateline in three paragraphs.
fn agency_line(line: &str) -> Option<String> {
    let line = tidy(line);
    let inner = line.strip_suffix(':').or_else(|| line.strip_prefix('/').and_then(|line| line.strip_suffix('/')))?;
    let name = inner.rsplit([' ', '-', '–']).next().filter(|_| inner.contains(" - ")).unwrap_or(inner).trim();
    (is_known(name) || name.split_whitespace().count() == 1 && name.starts_with(char::is_uppercase)).then(|| name.to_owned())
}

/// Whether a word can be part of a place's name.
fn is_place_word(word: &str, index: usize, behind: &str) -> bool {
    let folded = fold(word);
    // A month is one beside a number or at the head; "RIO DE JANEIRO" has the name of one too.
    let month = MONTHS.has(&folded) && (index == 0 || behind.starts_with(|c: char| c.is_ascii_digit()));
    if month || folded.is_empty() || word.chars().any(|c| c.is_ascii_digit() || "\"“”„«»?!%$€&".contains(c)) {
        return false;
    }
    if word.starts_with(['-', '–', '—']) {
        return false;
    }
    let first = word.chars().find(|c| c.is_alphabetic());
    first.is_some_and(char::is_uppercase) || index > 0 && PLACE_PARTICLES.has(&folded)
}

/// Whether every letter is a capital, and there are two at least.
fn is_capitals(text: &str) -> bool {
    let mut letters = 0;
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        if c.is_lowercase() {
            return false;
        }
        letters += 1;
    }
    letters >= 2
}

fn chunk_words(place: &str) -> usize {
    place.split_whitespace().count()
}

/// Whether what follows reads like the beginning of a text.
fn starts_a_text(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.starts_with(|c: char| {
        c.is_uppercase() || c.is_ascii_digit() || "\"“”„«‘'($€£".contains(c) || c.is_alphabetic() && !c.is_lowercase()
    })
}

/// The forms of the scripts without spaces: `新华社北京4月23日电`, `【ロンドン共同】`, `(서울=연합뉴스)`.
fn unspaced(text: &str) -> Option<Opening> {
    let first = text.chars().next()?;
    let (open, close) = match first {
        '(' | '（' => ('(', [')', '）']),
        '[' | '［' | '【' => ('[', [']', '】']),
        c if is_unspaced(c) => return wired(text),
        _ => return None,
    };
    let inner = &text[first.len_utf8()..];
    let inner = &inner[..inner.find(close).filter(|end| *end <= 60)?];
    if let Some((place, agency)) = inner.split_once('=') {
        let hangul = place.chars().any(|c| ('\u{ac00}'..='\u{d7a3}').contains(&c));
        return hangul.then(|| Opening {
            place: Some(place.trim().to_owned()),
            date: None,
            agency: Some(agency.split([' ', '=']).next().unwrap_or(agency).to_owned()),
        });
    }
    let agency = ["共同", "時事", "ロイター", "ＡＦＰ", "AFP"]
        .into_iter()
        .find(|agency| inner.ends_with(agency) && inner.len() > agency.len());
    let place = inner.strip_suffix(agency?)?.trim_end_matches(['=', '＝']);
    (open == '[').then(|| Opening { place: Some(place.to_owned()), date: None, agency: agency.map(str::to_owned) })
}

/// `新华社北京4月23日电`: agency, place, date, and the word for "wire".
fn wired(text: &str) -> Option<Opening> {
    let agency = ["新华社", "中新社", "中新网", "新華社", "中央社"].into_iter().find(|agency| text.starts_with(agency))?;
    let rest = &text[agency.len()..];
    let digit = rest.find(|c: char| c.is_ascii_digit()).filter(|at| (3..=30).contains(at))?;
    let end = rest.find('日').filter(|end| *end > digit)? + '日'.len_utf8();
    if !rest[end..].starts_with(['电', '電']) {
        return None;
    }
    Some(Opening {
        place: Some(rest[..digit].to_owned()),
        date: Some(rest[digit..end].to_owned()),
        agency: Some(agency.to_owned()),
    })
}

/// The day as ISO 8601. A missing year is the one that brings the day nearest to the publication
/// without lying more than a day behind it; without a publication time there is none to choose.
fn complete(printed: &str, published: Option<&PressTime>) -> Option<String> {
    let printed = printed.split_whitespace().filter(|word| !WEEKDAYS.has(&fold(word))).collect::<Vec<_>>().join(" ");
    let has_year = printed.split(|c: char| !c.is_ascii_digit()).any(|number| number.len() == 4);
    let seen_at = published.map_or(Timestamp::UNIX_EPOCH, |time| time.at);
    let assume = Assume { timezone: None, language: None, seen_at };
    if has_year {
        return day_of(&printed, &assume).map(|(_, day)| day);
    }
    let published = published?;
    let local = published.at.as_second() + i64::from(published.offset_minutes.unwrap_or(0)) * 60;
    let latest = local - local.rem_euclid(SECONDS_OF_A_DAY) + SECONDS_OF_A_DAY;
    let this_year: i64 = Timestamp::from_second(local).ok()?.to_string().get(..4)?.parse().ok()?;
    [this_year + 1, this_year, this_year - 1]
        .into_iter()
        .filter_map(|year| {
            let dated = if printed.contains('月') { format!("{year}年{printed}") } else { format!("{printed} {year}") };
            day_of(&dated, &assume)
        })
        .find(|(second, _)| *second <= latest)
        .map(|(_, day)| day)
}

/// The day a text names, in UTC seconds and as ISO 8601.
fn day_of(text: &str, assume: &Assume<'_>) -> Option<(i64, String)> {
    let time = calendar::parse(text, assume)?;
    Some((time.at.as_second(), time.at.to_string().get(..10)?.to_owned()))
}
