//! Bylines: who wrote it, out of "By A, B and C, Political Editor (Reuters)".

use super::metadata::likeness::{fold, is_unspaced, tidy};
use super::metadata::vocabulary::{
    AGENCIES, AGENCY_WORDS, BYLINE_WORDS, EVERYDAY, GENERATIONS, GENRES, JOINTS, LEADS, ORGANISATION_WORDS, PARTICLES, PHOTO,
    ROLES, SHORT_JOINTS, among,
};

/// Longest text that is looked at as a byline; what is longer is prose.
const LONGEST: usize = 600;

/// Most names taken from one byline.
const MOST_NAMES: usize = 40;

/// One party named by a byline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Party {
    /// The name as printed.
    pub(super) name: String,
    /// Whether it is a human being as far as the words tell.
    pub(super) person: bool,
}

/// The persons a byline names, each once, without organisations, roles, addresses and photo credits.
pub(super) fn parse(text: &str, organisations: &[String]) -> Vec<String> {
    parties(text, organisations).into_iter().filter(|party| party.person).map(|party| party.name).collect()
}

/// Everyone a byline names, persons and organisations, each once.
pub(super) fn parties(text: &str, organisations: &[String]) -> Vec<Party> {
    let mut found: Vec<Party> = Vec::new();
    if text.len() > LONGEST || text.contains("://") && !text.contains(' ') {
        return found;
    }
    let organisations: Vec<String> = organisations.iter().map(|name| fold(name)).collect();
    for line in text.lines() {
        let line = before_photo_credit(&without_addresses(&tidy(line))).to_owned();
        for part in split(without_lead(&line)) {
            let Some(party) = judge(&part, &organisations) else { continue };
            if found.len() < MOST_NAMES && !found.iter().any(|known| fold(&known.name) == fold(&party.name)) {
                found.push(party);
            }
        }
    }
    found
}

/// Whether a line of the page is nothing but the byline: the authors' names, perhaps with "By",
/// their roles, an agency or an e-mail address. Never a sentence.
pub(super) fn is_byline(line: &str, authors: &[String]) -> bool {
    let line = tidy(line);
    if line.is_empty() || line.chars().count() > 240 {
        return false;
    }
    let bare = without_addresses(&line);
    let rest = without_lead(&bare);
    let led = rest.len() < bare.len();
    if led && rest.chars().count() <= 160 {
        let parts = split(rest);
        if !parts.is_empty()
            && parts.iter().all(|part| looks_like_name(part) || is_role(&fold(part)) || is_organisation(&fold(part)))
        {
            return parts.iter().any(|part| looks_like_name(part) || is_organisation(&fold(part)));
        }
    }
    let mut folded = format!(" {} ", fold(&bare));
    let before = folded.len();
    let mut names: Vec<String> = authors.iter().map(|name| fold(name)).filter(|name| !name.is_empty()).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    for name in &names {
        folded = folded.replace(&format!(" {name} "), "  ");
    }
    if folded.len() == before {
        return false;
    }
    folded.split(' ').filter(|word| !word.is_empty()).all(is_byline_word)
}

/// Whether a text on the page looks like one person's full name: strict, for texts nobody declared to be a name.
pub(super) fn looks_like_name(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty()
        || text.len() > 80
        || text.chars().any(|c| c.is_ascii_digit() || "?!:;\"“”„«»()[]{}|/@#%&*=+<>_…".contains(c))
    {
        return false;
    }
    let folded = fold(text);
    if is_role(&folded) || is_organisation(&folded) || folded.split(' ').any(|word| is_everyday(word)) {
        return false;
    }
    if text.chars().any(is_unspaced) {
        let letters = text.chars().filter(|c| !c.is_whitespace()).count();
        return (2..=6).contains(&letters) && text.chars().all(|c| is_unspaced(c) || c.is_whitespace());
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    if !(2..=6).contains(&words.len()) || text.ends_with('.') && words.last().is_some_and(|word| word.chars().count() > 4) {
        return false;
    }
    let mut capitalised = 0;
    for word in &words {
        let mut letters = word.chars().filter(|c| c.is_alphabetic());
        let Some(first) = letters.next() else { return false };
        if first.is_uppercase() {
            capitalised += 1;
        } else if first.is_lowercase() && !among(PARTICLES, fold(word).as_str()) && !word.contains('\'') && !word.contains('’') {
            return false;
        } else if !first.is_lowercase() {
            capitalised += 1;
        }
    }
    capitalised >= 2
}

/// What one part of a byline is: a party, or nothing (a role, a place after an agency, a leftover).
fn judge(part: &str, organisations: &[String]) -> Option<Party> {
    let name = clean(part);
    let folded = fold(&name);
    if folded.is_empty() || name.contains('@') || name.contains("://") || name.starts_with("www.") || name.starts_with('/') {
        return None;
    }
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let words = folded.split(' ').count();
    if letters < 2 || name.chars().count() > 70 || words > 7 || is_role(&folded) || folded.split(' ').all(is_joint) {
        return None;
    }
    let known = organisations.iter().any(|organisation| {
        folded == *organisation
            || organisation.len() > 3
                && (folded.starts_with(&format!("{organisation} ")) || without_the(organisation) == without_the(&folded))
    });
    let person = !known
        && !is_organisation(&folded)
        && !is_domain(&name)
        && !name.chars().any(|c| c.is_ascii_digit())
        && !name.contains('/')
        && !is_initials(&name);
    Some(Party { name, person })
}

/// A part without brackets, dangling punctuation and titles of rank.
fn clean(part: &str) -> String {
    let mut name = part.trim();
    for open in ['(', '[', '<'] {
        if let Some(at) = name.find(open)
            && at > 0
        {
            name = &name[..at];
        }
    }
    let name = name.trim_matches(|c: char| c.is_whitespace() || "·•|,;:-–—*\"“”„«»()[]<>".contains(c));
    let name = name.strip_suffix("'s").or_else(|| name.strip_suffix("’s")).unwrap_or(name);
    tidy(name)
}

/// Splits at commas, semicolons, bars, slashes and the languages' words for "and".
fn split(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut depth = 0_i32;
    let mut rough: Vec<String> = vec![String::new()];
    for c in text.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = (depth - 1).max(0),
            _ => {}
        }
        if depth == 0 && matches!(c, ',' | ';' | '|' | '\n' | '•' | '·' | '、' | '，' | '؛' | '،' | '・' | '/') {
            rough.push(String::new());
        } else if let Some(last) = rough.last_mut() {
            last.push(c);
        }
    }
    for piece in rough {
        let piece = piece.trim();
        let folded = fold(piece);
        if among(GENERATIONS, folded.as_str()) {
            if let Some(last) = parts.last_mut() {
                last.push_str(", ");
                last.push_str(piece);
            }
            continue;
        }
        parts.extend(split_at_and(piece));
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// Splits at standing words for "and", at " - " and before a role that follows in lower case.
fn split_at_and(piece: &str) -> Vec<String> {
    let words: Vec<&str> = piece.split_whitespace().collect();
    let mut parts = vec![String::new()];
    for (index, word) in words.iter().enumerate() {
        let lower = word.to_lowercase();
        let between = index + 1 < words.len();
        let joint = between
            && (among(JOINTS, lower.as_str()) && (index > 0 || word.chars().next().is_some_and(char::is_lowercase))
            // One-letter joints are joints only between two capitalised words.
            || index > 0 && among(SHORT_JOINTS, word) && starts_upper(words[index - 1]) && starts_upper(words[index + 1]) && words.len() >= 4
            || matches!(*word, "-" | "–" | "—"));
        if joint {
            parts.push(String::new());
            continue;
        }
        if let Some(last) = parts.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    parts
}

/// The text behind "By", "Von", "Автор:" and their like, as often as they stand there.
fn without_lead(text: &str) -> &str {
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || "-–—|•·*".contains(c));
    for _ in 0..3 {
        let Some(shorter) = LEADS.split('|').find_map(|lead| strip_word(rest, lead)) else { break };
        rest = shorter;
    }
    // "Ein Kommentar von Anna Berg": a genre before the word for "by".
    let words: Vec<&str> = rest.split_whitespace().take(5).collect();
    for (index, word) in words.iter().enumerate().skip(1) {
        if matches!(*word, "von" | "by" | "par" | "por" | "di" | "av" | "af" | "door" | "od")
            && words[..index].iter().any(|word| among(GENRES, fold(word).as_str()))
            && let Some(at) = rest.find(&format!(" {word} "))
        {
            return rest[at + word.len() + 2..].trim_start();
        }
    }
    rest
}

/// `rest` behind `lead` when it begins with it as a word (any case), and something follows.
fn strip_word<'a>(rest: &'a str, lead: &str) -> Option<&'a str> {
    let mut at = 0;
    let mut wanted = lead.chars();
    let mut chars = rest.char_indices();
    loop {
        let Some(expected) = wanted.next() else { break };
        let (index, c) = chars.next()?;
        if !c.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
        at = index + c.len_utf8();
    }
    let tail = &rest[at..];
    let next = tail.chars().next()?;
    if !(next.is_whitespace() || next == ':' || next == '：') {
        return None;
    }
    let tail = tail.trim_start_matches(|c: char| c.is_whitespace() || c == ':' || c == '：');
    (!tail.is_empty()).then_some(tail)
}

/// The text without e-mail addresses, web addresses and @handles.
fn without_addresses(text: &str) -> String {
    let is_address = |word: &str| word.contains('@') || word.contains("://") || word.starts_with("www.");
    if !text.split_whitespace().any(is_address) {
        return text.to_owned();
    }
    text.split_whitespace().filter(|word| !is_address(word)).collect::<Vec<_>>().join(" ")
}

/// What stands before "Photo:", "Foto", "Illustration by" and their like.
fn before_photo_credit(text: &str) -> &str {
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        if among(PHOTO, fold(word).as_str())
            && (offset == 0 || text[offset..].contains(':') || text[offset..].split_whitespace().count() > 1)
        {
            return text[..offset].trim_end_matches(|c: char| c.is_whitespace() || "|,;·•(-–—/&".contains(c));
        }
        offset += word.len();
    }
    text
}

/// Whether a folded text is only a person's role.
fn is_role(folded: &str) -> bool {
    let mut any = false;
    for word in folded.split(' ') {
        if among(ROLES, word) {
            any = true;
        }
    }
    any
}

/// Whether a folded text is an organisation by its words.
pub(super) fn is_organisation(folded: &str) -> bool {
    among(AGENCIES, folded)
        || folded.split(' ').any(|word| among(ORGANISATION_WORDS, word) || among(AGENCY_WORDS, word))
        || folded.starts_with("the ") && folded.split(' ').count() <= 5
}

/// Words a byline consists of besides names.
fn is_byline_word(word: &str) -> bool {
    is_joint(word)
        || among(ROLES, word)
        || among(ORGANISATION_WORDS, word)
        || among(AGENCIES, word)
        || among(AGENCY_WORDS, word)
        || among(BYLINE_WORDS, word)
        || LEADS.split('|').any(|lead| fold(lead) == word)
}

fn is_joint(word: &str) -> bool {
    among(JOINTS, word) || among(SHORT_JOINTS, word)
}

/// `orf.at`, `example.com`: a site's address used as a name.
fn is_domain(name: &str) -> bool {
    !name.contains(' ')
        && name.rsplit_once('.').is_some_and(|(head, tail)| {
            head.chars().count() >= 2 && (2..=6).contains(&tail.len()) && tail.chars().all(|c| c.is_ascii_lowercase())
        })
}

/// `dpa`, `kesm`, `AFP`: initials or an abbreviation rather than a name.
fn is_initials(name: &str) -> bool {
    let letters = name.chars().count();
    !name.contains(' ')
        && letters <= 4
        && name.is_ascii()
        && (name.chars().all(|c| c.is_ascii_lowercase()) || name.chars().all(|c| c.is_ascii_uppercase()))
}

fn starts_upper(word: &str) -> bool {
    word.chars().find(|c| c.is_alphabetic()).is_some_and(|c| !c.is_lowercase())
}

fn without_the(name: &str) -> &str {
    name.strip_prefix("the ").unwrap_or(name)
}

fn is_everyday(word: &str) -> bool {
    among(EVERYDAY, word)
}

/// Whether a name is a news agency's, by its words.
pub(super) fn is_agency(name: &str) -> bool {
    let folded = fold(name);
    among(AGENCIES, &folded) || folded.split(' ').any(|word| among(AGENCY_WORDS, word))
}
