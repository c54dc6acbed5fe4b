//! Datelines: the words that open a wire story, "BAKU, Azerbaijan, April 23." or "WASHINGTON (AP) —".

mod agency;
mod cursor;
mod day;
mod unspaced;

pub(super) use agency::is_listed;

use crate::model::{Dateline, PressTime};

use super::metadata::likeness::{similarity, tidy};
use agency::{is_capitals, is_known};
use cursor::{Cursor, skip_dashes};

/// Characters of the first paragraph that are looked at.
const HEAD: usize = 160;
/// Share of their words from which on a paragraph is the standfirst or the headline.
const SAME: f64 = 0.7;

/// The text from its lede on: a standfirst or a headline that stands above it opens with no place and no agency.
pub(super) fn from_lede<'a>(paragraphs: &'a [String], above: [Option<&str>; 2]) -> &'a [String] {
    let Some((first, rest)) = paragraphs.split_first().filter(|(_, rest)| !rest.is_empty()) else { return paragraphs };
    if opening(paragraphs).is_some() {
        return paragraphs;
    }
    let stands_above = above.into_iter().flatten().any(|known| similarity(known, first) >= SAME);
    // Where the page does not say what its first paragraph is, a place with its agency in the second one does.
    let told = || opening(rest).is_some_and(|opening| opening.place.is_some() && opening.agency.is_some());
    if stands_above || told() { rest } else { paragraphs }
}

/// The dateline that opens a text, as a field of its own; the text itself is left as it is.
pub(super) fn read(paragraphs: &[String], published: Option<&PressTime>) -> Option<Dateline> {
    let opening = opening(paragraphs)?;
    let place = opening.place?;
    let date = opening.date.and_then(|date| day::complete(&date, published));
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
    if let Some(opening) = unspaced::read(&first) {
        return Some(opening);
    }
    if let Some(opening) = hyphened(&first).or_else(|| dated_first(&first)) {
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
        opening.agency = paragraphs.get(1).and_then(|line| agency::of_line(line));
    }
    Some(opening)
}

/// "(Reuters) - text", "(MENAFN- Trend News Agency) BAKU, …", "(ANSA) - ROMA, 23 APR - …".
fn lead_agency(text: &str) -> (Option<String>, &str) {
    let Some((name, rest)) = agency::bracketed(text) else { return (None, text) };
    let behind = skip_dashes(rest);
    let dashed = behind.len() < rest.len() && rest.trim_start().len() - behind.len() > 0 && rest.trim_start() != behind;
    let agency = agency::of_bracket(name, false);
    match agency {
        Some(agency) if dashed || name.contains(['-', '–']) => (Some(agency), behind.trim_start()),
        _ => (None, text),
    }
}

/// "Baku-APA. Text", "[Baku-APA] Text", "ANKARA-AA Text": town and agency in one word, the agency in capitals.
fn hyphened(text: &str) -> Option<Opening> {
    let boxed = text.strip_prefix('[').and_then(|inner| inner.split_once(']'));
    let (word, rest) = boxed.or_else(|| text.split_once(' '))?;
    let stopped = boxed.is_some() || word.ends_with(['.', ':']);
    let word = word.trim_end_matches(['.', ':']);
    let (place, name) = word.rsplit_once(['-', '–'])?;
    let (place, name) = (place.trim_end(), name.trim_start());
    let believed = place.starts_with(char::is_uppercase)
        && place.chars().count() >= 3
        && !place.contains(' ')
        && is_capitals(name)
        // "Jean-AP Martin" is a person.
        && (stopped || is_capitals(place))
        && name.chars().count() <= 6
        && is_listed(name)
        && starts_a_text(rest);
    believed.then(|| Opening { place: Some(place.to_owned()), date: None, agency: Some(name.to_owned()) })
}

/// "23 апреля, Минск /Корр. БЕЛТА/. Текст": the date before the place, believed only with a known agency.
fn dated_first(text: &str) -> Option<Opening> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut cursor = Cursor { text, at: 0 };
    let date = cursor.date()?;
    cursor.skip(|c| c.is_whitespace() || c == ',');
    let place = cursor.place()?;
    cursor.skip(char::is_whitespace);
    let agency = cursor.agency(false).filter(|agency| is_known(agency))?;
    Some(Opening { place: Some(place), date: Some(date), agency: Some(agency) })
}

/// Names that are words as well, and no agency where nothing but a dash says so.
const WORDS_TOO: [&str; 5] = ["trend", "report", "mena", "online", "dire"];

/// A place at the head, with whatever of date, agency and dash makes it a dateline.
fn placed(cursor: &mut Cursor<'_>, cut: bool) -> Option<Opening> {
    let mut place = cursor.place_with_country()?;
    // "DAKAR, Senegal": the town in capitals is enough.
    let capitals = is_capitals(place.split([',', '(', '[']).next().unwrap_or(&place));
    let mut opening = Opening::default();
    // "Tehran, IRNA – ": the agency where another's country stands.
    if let Some((town, agency)) = place.rsplit_once(", ").filter(|(_, last)| is_capitals(last) && is_listed(last)) {
        opening.agency = Some(agency.to_owned());
        place = town.to_owned();
    }
    opening.place = Some(place.clone());
    cursor.skip(|c| c.is_whitespace() || matches!(c, ',' | '.'));
    let separated = cursor.text[..cursor.at].ends_with([' ', ',', '.']);
    cursor.skip_particle();
    let mark = cursor.at;
    if separated && let Some(date) = cursor.date() {
        opening.date = Some(date);
    } else if let Some(date) = cursor.day_before_bracket(mark) {
        opening.date = Some(date);
    } else if let Some(date) = cursor.date_in_slashes() {
        opening.date = Some(date);
    } else {
        cursor.at = mark;
        cursor.weekday();
    }
    let stopped = cursor.text[..cursor.at].trim_end().ends_with(['.', ':']) || cursor.starts_with(['.', ':']);
    cursor.skip(|c| c.is_whitespace() || matches!(c, ',' | '.' | ':'));
    if opening.agency.is_none() {
        opening.agency = cursor.agency(opening.date.is_some());
    }
    if opening.agency.is_none() && opening.date.is_none() && separated {
        // "Tehran, IRNA – ", "ASTANA. KAZINFORM - ", "Bakı. Trend: ".
        let mark = cursor.at;
        let name = cursor.bare_agency().filter(|agency| is_listed(agency));
        let ends = cursor.text[..cursor.at].ends_with(':') || skip_dashes(cursor.rest()) != cursor.rest().trim_start();
        opening.agency = name.filter(|_| ends);
        if opening.agency.is_none() {
            cursor.at = mark;
        }
    }
    let closed = opening.agency.as_deref().is_some_and(|agency| {
        let read = &cursor.text[..cursor.at];
        cursor.starts_with(['.', ':']) || read.ends_with(':') || read.ends_with('/') && is_listed(agency)
    });
    let before = cursor.at;
    let mut dashed = cursor.dash();
    if !dashed {
        cursor.skip(|c| matches!(c, '.' | ':' | ',' | ' '));
        dashed = cursor.dash();
    }
    if dashed && opening.agency.is_none() {
        // "МОСКВА, 23 апр - РИА Новости. Текст", "Baku, April 23 - Trend:".
        // "LONDON--(BUSINESS WIRE)--Text".
        let in_bracket = cursor.rest().starts_with('(');
        opening.agency = if in_bracket { cursor.agency(false).filter(|agency| is_listed(agency)) } else { cursor.bare_agency() };
        cursor.dash();
        dashed |= opening.agency.is_some();
    }
    let ended = cursor.rest().trim().is_empty() && !cut;
    let text_follows = starts_a_text(cursor.rest());
    let credible = match (&opening.date, &opening.agency) {
        (Some(_), Some(_)) => true,
        (Some(_), None) => (stopped || dashed) && (text_follows || ended) || ended && before > 0,
        (None, Some(agency)) => (dashed || closed) && (capitals || is_known(agency)) || (ended || stopped) && capitals,
        (None, None) if dashed && is_listed(&place) && place.chars().count() <= 5 => {
            let word = !text_follows || WORDS_TOO.contains(&place.to_lowercase().as_str());
            return (!word && capitals).then(|| Opening { agency: Some(place.clone()), ..Opening::default() });
        }
        (None, None) => dashed && capitals && text_follows && !is_capitals(cursor.rest()) && chunk_words(&place) <= 4,
    };
    credible.then_some(opening)
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
