//! Date lines: which lines of a page are only a date, and what stands beside it.

use super::metadata::likeness::{fold, is_unspaced, tidy};
use super::metadata::vocabulary::{CHANGED, DATE_WORDS, MONTHS, among};

/// What the words of a line amount to.
#[derive(Debug, Default)]
struct Reading {
    day: bool,
    month: bool,
    year: bool,
    clock: bool,
    /// Words that say something about dates: weekdays, zones, "updated", "ago".
    about: usize,
    /// Words that say nothing about dates.
    others: usize,
    /// Whether a word that says nothing about dates is written small.
    small: bool,
    /// Byte offset of the first word that belongs to the date.
    begins: Option<usize>,
}

/// Whether a line of the page is only a date or time, perhaps with the section's name, "Updated:" and
/// their like, and a zone. Never a sentence, and never the dateline of a wire story
/// ("BAKU, Azerbaijan, July 14"), which belongs to the text.
pub(super) fn is_date_line(line: &str) -> bool {
    let line = tidy(line);
    let length = line.chars().count();
    if !(4..=140).contains(&length) || line.ends_with(['?', '!', '"', '”', '»']) {
        return false;
    }
    let reading = read(&line);
    let full = reading.day && reading.month;
    if reading.others == 0 {
        // Enough of a date: a whole one, or a clock or a lapse of time with a word about it.
        return full && (reading.year || reading.clock || reading.about > 0 || length <= 20)
            || reading.month && reading.year
            || reading.clock && (reading.about > 0 || length <= 8)
            || reading.about >= 2 && line.chars().any(|c| c.is_ascii_digit()) && length <= 40;
    }
    if reading.small || reading.others > 4 || line.ends_with('.') {
        return false;
    }
    let head = reading.begins.map_or("", |at| &line[..at]);
    // "Politics Materials 23 April 2024 21:00": the section's words stand before; a place with its comma does not count.
    full && reading.year && (reading.clock || reading.others <= 2 && !head.contains(','))
}

/// The words that stand before the date on a date line: "Politics Materials".
pub(super) fn words_before(line: &str) -> Option<String> {
    let line = tidy(line);
    let begins = read(&line).begins?;
    let head = line[..begins].trim_matches(|c: char| c.is_whitespace() || "|,;:·•-–—/()[]".contains(c));
    (!head.is_empty()).then(|| head.to_owned())
}

/// Whether words say that the date beside them is the one of a change, not of publication.
pub(super) fn speaks_of_change(text: &str) -> bool {
    fold(text).split(' ').any(|word| among(CHANGED, word))
}

fn read(line: &str) -> Reading {
    let mut reading = Reading::default();
    for (at, word) in words(line) {
        let date = classify(word, &mut reading);
        if date && reading.begins.is_none() {
            reading.begins = Some(at);
        }
    }
    reading
}

/// Counts one word; whether it belongs to the date.
fn classify(word: &str, reading: &mut Reading) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits > 0 {
        return classify_number(word, digits, reading);
    }
    let folded = fold(word);
    if folded.is_empty() {
        return false;
    }
    if among(MONTHS, &folded) {
        reading.month = true;
        return true;
    }
    if among(DATE_WORDS, &folded) {
        reading.about += 1;
        return reading.others == 0 || !word.chars().next().is_some_and(char::is_lowercase);
    }
    reading.others += 1;
    reading.small |= word.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_lowercase);
    false
}

/// `23`, `23rd`, `2024`, `23.04.2024`, `2024-04-23T21:00`, `21:00`, `9pm`, `+04:00`.
fn classify_number(word: &str, digits: usize, reading: &mut Reading) -> bool {
    let numbers: Vec<&str> = word.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()).collect();
    let is_year = |number: &&str| number.len() == 4 && (number.starts_with("19") || number.starts_with("20"));
    let colon = word.contains(':');
    let separators = word.chars().filter(|c| matches!(c, '.' | '/' | '-' | '年' | '月' | '日' | '년' | '월' | '일')).count();
    if numbers.len() >= 3 && separators >= 2 && digits >= 5 {
        (reading.day, reading.month, reading.year) = (true, true, true);
        reading.clock |= colon;
        return true;
    }
    if colon
        || word.contains(['時', '时', '시'])
        || word.ends_with("am")
        || word.ends_with("pm")
        || word.ends_with(['h', 'H'])
        || numbers.len() == 2 && word.contains('h')
    {
        reading.clock = true;
        return true;
    }
    if numbers.iter().any(is_year) {
        reading.year = true;
        reading.month |= word.contains(['月', '월']) || numbers.len() == 2;
        return true;
    }
    if numbers.len() == 2 && separators == 1 {
        // `21.00`, `23/04`: a clock or a day and a month.
        reading.clock = true;
        return true;
    }
    if digits <= 2 {
        reading.day |= numbers.first().and_then(|number| number.parse::<u32>().ok()).is_some_and(|day| (1..=31).contains(&day));
        return true;
    }
    reading.others += 1;
    false
}

/// The words of a line with their byte offsets; characters of scripts without spaces stand together.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |c: char| {
        c.is_alphanumeric()
            || matches!(c, ':' | '.' | '/' | '-' | '+' | '\'' | '’')
            || ('\u{0300}'..='\u{036f}').contains(&c)
            || c == '\u{093e}'
            || ('\u{0900}'..='\u{097f}').contains(&c)
    };
    let mut offset = 0;
    std::iter::from_fn(move || {
        let rest = &line[offset..];
        let skipped = rest.find(is_part)?;
        let start = offset + skipped;
        let tail = &line[start..];
        let end = tail.find(|c: char| !is_part(c)).unwrap_or(tail.len());
        offset = start + end;
        let word = tail[..end].trim_end_matches(['.', ':', '-', '/']);
        Some((start, word))
    })
    .filter(|(_, word)| word.chars().any(|c| c.is_alphanumeric() || is_unspaced(c)))
}
