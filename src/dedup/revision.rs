//! What a later look at a filed page shows: a corrected text, or an article taken back.

use crate::model::{Article, Candidate, Change, Fingerprint, Trouble, Verdict};

use super::compare::{self, Text};

/// Looks in a row at a missing page after which the article counts as taken back: one may be a bad hour of the site.
const MISSED: u32 = 2;

/// Fewest words of a text that can collapse.
const LONG: usize = 40;
/// A stub that has this share of its words from the text before is the text, shortened.
const STILL_ITS_TEXT: f64 = 0.3;

/// The article that is revised, among the candidates it was judged by.
pub fn revised<'a>(verdict: &Verdict, found: &'a [Candidate]) -> &'a [Candidate] {
    let Verdict::Revision { of } = verdict else { return &[] };
    found.iter().position(|candidate| candidate.article == *of).map_or(&[], |at| &found[at..=at])
}

/// What became of the text of the article that is revised ([`revised`]).
pub fn change(of: &[Candidate], own: &Article) -> Change {
    let said_before =
        |text: &str| of.iter().any(|old| old.title.as_deref().is_some_and(|t| t.contains(text)) || old.body.contains(text));
    let headline = own.title.iter().map(String::as_str);
    let lines = headline.chain(own.body.iter().map(String::as_str));
    let corrected = lines.filter(|line| says_corrected(line)).any(|line| !said_before(line));
    if corrected { Change::Corrected } else { Change::Updated }
}

/// Whether what a filed page says now is no text of its article: a long text gave way to a few other words, as where a site
/// asks for cookies, a login or a script. It says nothing of the article; the page is to be looked at again.
pub fn collapsed(old: &Candidate, new: &Fingerprint) -> bool {
    let was = Text::new(old.title.as_deref(), &old.body);
    let is = Text::new(new.title.as_deref(), &new.body);
    was.length() >= LONG && is.length() * 2 <= was.length() && compare::compare(&was, &is).contained < STILL_ITS_TEXT
}

/// What a page that could not be had means for its article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// The agency took it back.
    Retracted,
    /// It is missing; a further look decides.
    Missing,
    /// The trouble lies elsewhere and says nothing of the article.
    Unknown,
}

/// Tells an article taken back from a page that cannot be had now. `missed`: looks in a row that found no page before.
pub fn absence(trouble: &Trouble, missed: u32) -> Absence {
    match trouble.class {
        "gone" => Absence::Retracted,
        "not_found" | "empty" | "gone_home" if missed + 1 >= MISSED => Absence::Retracted,
        "not_found" | "empty" | "gone_home" => Absence::Missing,
        _ => Absence::Unknown,
    }
}

/// Whether a line says that something was corrected: it opens with the word, marked off from what follows, or it is a
/// short note that carries a phrase of such notes.
fn says_corrected(line: &str) -> bool {
    let opening = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let lower = opening.to_lowercase();
    let opens = |word: &str| {
        let Some(rest) = lower.strip_prefix(word) else { return false };
        // "Correction of the market goes on" is news: the word must stand in brackets, in capitals, or before a mark.
        let bracketed = line.trim_start().starts_with(['(', '[', '【', '（']);
        let capitals =
            opening.chars().take(word.chars().count()).all(|c| !c.is_lowercase()) && opening.starts_with(char::is_uppercase);
        let marked = rest.trim_start().chars().next().is_none_or(|c| !c.is_alphanumeric() && c != ',');
        bracketed || capitals && !rest.starts_with(char::is_alphanumeric) || marked
    };
    let note = lower.chars().count() <= NOTE;
    WORDS.iter().any(|word| opens(word)) || note && PHRASES.iter().any(|phrase| lower.contains(phrase))
}

/// Longest line that is a note and not part of the text, in characters.
const NOTE: usize = 400;

/// Words with which agencies open a corrected headline or the note that explains it.
const WORDS: [&str; 38] = [
    "correct:",
    "corrected",
    "correction",
    "corrects",
    "refile-corrected",
    "editor's note: corrected",
    "clarification",
    "berichtigung",
    "korrektur",
    "korrigiert",
    "rectificatif",
    "rectification",
    "correctif",
    "corrigé",
    "corrección",
    "rectificación",
    "corrige",
    "fe de errores",
    "errata",
    "correzione",
    "rettifica",
    "correção",
    "correcção",
    "errámos",
    "sprostowanie",
    "korekta",
    "исправлено",
    "исправление",
    "уточнение",
    "поправка",
    "виправлено",
    "уточнення",
    "düzeltme",
    "düzəliş",
    "تصحيح",
    "訂正",
    "更正",
    "정정",
];
/// Phrases of such a note.
const PHRASES: [&str; 20] = [
    "has been corrected",
    "was corrected",
    "this corrects",
    "corrects the",
    "corrected version",
    "earlier version of this",
    "previous version of this",
    "wurde korrigiert",
    "frühere version",
    "frühere fassung",
    "a été corrigé",
    "version précédente",
    "ha sido corregid",
    "versión anterior",
    "è stato corretto",
    "foi corrigid",
    "została poprawiona",
    "исправленная версия",
    "в предыдущей версии",
    "düzeltilmiştir",
];
