//! Date lines: which lines of a page are only a date, and what stands beside it.

use super::metadata::likeness::{fold, is_unspaced, tidy};
use super::metadata::vocabulary::{CHANGED, DATE_WORDS, MONTHS};

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
    // Most lines of a page are prose; no form of a date does without a digit.
    if line.len() > 600 || !line.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let line = tidy(line);
    let length = line.chars().count();
    if !(4..=140).contains(&length) || line.ends_with(['?', '!', '"', '”', '»']) || line.contains(['$', '€', '£', '%']) {
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

/// Whether the first date of a line is the one of a change, by the words before it: "Updated 3 May", but not
/// "3 May, updated 4 May".
pub(super) fn is_of_change(line: &str) -> bool {
    let first_number = line.find(|c: char| c.is_ascii_digit()).unwrap_or(line.len());
    fold(&line[..first_number]).split(' ').any(|word| CHANGED.has(word))
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
    let folded = fold(word).replace(' ', "");
    if folded.is_empty() {
        return false;
    }
    // Folding takes the marks off that Indian scripts cannot do without.
    if MONTHS.has(&folded) || MONTHS.has(word) {
        reading.month = true;
        return true;
    }
    if DATE_WORDS.has(&folded) || DATE_WORDS.has(word) {
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
    let foreign = word.chars().any(|c| {
        c.is_ascii_alphabetic()
            && !matches!(c, 'T' | 'Z' | 'h' | 'H' | 'a' | 'p' | 'm' | 'A' | 'P' | 'M' | 's' | 't' | 'n' | 'd' | 'r')
    });
    if foreign || numbers.len() > 9 {
        reading.others += 1;
        return false;
    }
    if numbers.len() >= 3 && (!colon || numbers.len() > 3) && is_numeric_date(&numbers) {
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
    if let [hour, minute] = numbers.as_slice()
        && word.contains(['.', '/'])
        && hour.len() <= 2
        && minute.len() == 2
    {
        // `21.00`, `23/04`: a clock, or a day and a month.
        reading.clock = true;
        return true;
    }
    if digits <= 2 && numbers.len() == 1 {
        reading.day |= numbers.first().and_then(|number| number.parse::<u32>().ok()).is_some_and(|day| (1..=31).contains(&day));
        return true;
    }
    reading.others += 1;
    false
}

/// Whether the first three numbers can be a year, a month and a day in some order.
fn is_numeric_date(numbers: &[&str]) -> bool {
    let value = |index: usize| numbers[index].parse::<u32>().unwrap_or(0);
    let day = |index: usize| (1..=31).contains(&value(index)) && numbers[index].len() <= 2;
    let year = |index: usize| numbers[index].len() == 4 && (1900..2100).contains(&value(index));
    let rest = numbers.len() == 3 || numbers.len() >= 5 && numbers[3..].iter().all(|number| number.len() <= 9);
    rest && (year(0) && day(1) && day(2) || day(0) && day(1) && (year(2) || numbers[2].len() == 2 && numbers[0].len() == 2))
        && (if year(0) { value(1) <= 12 } else { value(0) <= 12 || value(1) <= 12 })
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

#[cfg(test)]
mod tests {
    use super::{is_date_line, is_of_change, words_before};

    #[test]
    fn lines_that_are_only_a_date() {
        for line in [
            "Politics Materials 23 April 2024 21:00 (UTC +04:00)",
            "23 April 2024 21:00 (UTC +04:00)",
            "23 April 2024, 21:00",
            "April 23, 2024",
            "Tuesday, April 23, 2024 9:00 p.m. EDT",
            "Published: 23.04.2024",
            "Updated 3 hours ago",
            "Updated: April 24, 2024 at 10:15 AM",
            "Last updated 24 April 2024",
            "23.04.2024, 21:00 Uhr",
            "Stand: 23.04.2024 21:00",
            "Aktualisiert am 23. April 2024 um 21:00 Uhr",
            "Publié le 23 avril 2024 à 21h00",
            "Mis à jour le 24 avril 2024",
            "23 de abril de 2024 21:00",
            "Pubblicato il 23 aprile 2024 alle 21:00",
            "23 kwietnia 2024, 21:00",
            "23 апреля 2024, 21:00",
            "Обновлено: 23 апреля 2024 в 21:00 (МСК)",
            "23 aprel 2024, 21:00",
            "23 Nisan 2024 Salı 21:00",
            "2024-04-23T21:00:00+04:00",
            "2024年4月23日 21時00分",
            "2024.04.23 21:00",
            "입력 2024.04.23 21:00",
            "23 أبريل 2024",
            "21:00",
            "World 23 April 2024 21:00",
            "7 min read",
        ] {
            assert!(is_date_line(line), "{line}");
        }
    }

    #[test]
    fn lines_that_are_more_than_a_date() {
        for line in [
            "BAKU, Azerbaijan, April 23",
            "BAKU, Azerbaijan, July 14",
            "Baku, Azerbaijan, Nov. 2",
            "Baku, Azerbaijan, Nov. 2, 2023",
            "On 23 April 2024 at 21:00 the harbour was closed.",
            "The harbour was closed on April 23, 2024.",
            "In April 2024 nobody came",
            "Call 02-751-1500",
            "$139.00",
            "Weeks 1-2",
            "Version 6.4.102",
            "https://news.example.org/2024/04/23/harbour",
            "23 people died",
            "May",
            "Trend:",
            "",
            "2024 was a good year",
        ] {
            assert!(!is_date_line(line), "{line}");
        }
    }

    #[test]
    fn the_words_before_the_date_are_kept_as_printed() {
        assert_eq!(words_before("Politics Materials 23 April 2024 21:00 (UTC +04:00)").as_deref(), Some("Politics Materials"));
        assert_eq!(words_before("Anna Berg | 23.04.2024").as_deref(), Some("Anna Berg"));
        assert_eq!(words_before("23 April 2024"), None);
    }

    #[test]
    fn a_change_is_said_before_its_date() {
        assert!(is_of_change("Updated: 24 April 2024"));
        assert!(is_of_change("Zuletzt aktualisiert: 24.04.2024"));
        assert!(!is_of_change("23.04.2024 - Güncelleme: 24.04.2024"));
        assert!(!is_of_change("Published 23 April 2024"));
    }
}
