//! When two texts are one to a reader: case, accents, quotes and spacing aside.

pub(in crate::article) use crate::markup::fold;

/// Characters of a text that are compared: a headline has some dozens of words.
const LONGEST_COMPARED: usize = 600;

/// Whether two texts read the same.
pub(in crate::article) fn same(one: &str, other: &str) -> bool {
    fold(one) == fold(other)
}

/// How much of the words of two texts is common, 0 to 1 (Dice's coefficient over distinct words;
/// over pairs of characters where the script has no spaces).
pub(in crate::article) fn similarity(one: &str, other: &str) -> f64 {
    likeness(&units(one), &units(other))
}

/// The same of texts whose units are known.
pub(super) fn likeness(one: &[String], other: &[String]) -> f64 {
    if one.is_empty() || other.is_empty() {
        return 0.0;
    }
    let common = one.iter().filter(|unit| other.contains(*unit)).count();
    2.0 * common as f64 / (one.len() + other.len()) as f64
}

/// White space collapsed, invisible characters dropped, ends trimmed.
pub(in crate::article) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        // Most of a text is words in ASCII, which go over as they are.
        let plain = rest.bytes().position(|byte| !byte.is_ascii_graphic()).unwrap_or(rest.len());
        out.push_str(&rest[..plain]);
        let mut characters = rest[plain..].chars();
        let Some(c) = characters.next() else { break };
        rest = characters.as_str();
        match c {
            '\u{ad}' | '\u{200b}' | '\u{200c}' | '\u{2060}' | '\u{feff}' | '\u{200e}' | '\u{200f}' => {}
            c if c.is_whitespace() || c.is_control() => {
                if !out.ends_with(' ') && !out.is_empty() {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Distinct words, or pairs of characters where one "word" is a whole clause.
pub(super) fn units(text: &str) -> Vec<String> {
    let head = text.char_indices().nth(LONGEST_COMPARED).map_or(text, |(end, _)| &text[..end]);
    let folded = fold(head);
    let mut units: Vec<String> = Vec::new();
    for word in folded.split(' ').filter(|word| !word.is_empty()) {
        if word.chars().any(is_unspaced) {
            let chars: Vec<char> = word.chars().collect();
            units.extend(chars.windows(2).map(|pair| pair.iter().collect::<String>()));
        } else {
            units.push(word.to_owned());
        }
    }
    units.sort_unstable();
    units.dedup();
    units
}

/// Scripts that write without spaces between words.
pub(in crate::article) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}
