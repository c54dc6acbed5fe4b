//! The agency a dateline or a credit names.

use std::collections::HashSet;
use std::sync::OnceLock;

use crate::article::byline::is_organisation;
use crate::article::metadata::likeness::{fold, tidy};

/// Whether a name is one of the agencies' own, by the table alone.
pub(in crate::article) fn is_listed(name: &str) -> bool {
    static TABLE: OnceLock<HashSet<String>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let lines = include_str!("agencies.txt").lines().filter(|line| !line.starts_with('#'));
        lines.map(fold).filter(|line| !line.is_empty()).collect()
    });
    table.contains(&fold(name))
}

/// The content of the bracket `text` begins with, and what follows.
pub(super) fn bracketed(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('(')?;
    let end = inner.find(')').filter(|end| (2..=60).contains(end))?;
    Some((inner[..end].trim(), &inner[end + 1..]))
}

/// The agency a bracket names: short, without sentence marks, not a number; "MENAFN- Trend News Agency"
/// names the agency behind the portal. Where the dateline is `sure` without it, any name will do.
pub(super) fn of_bracket(name: &str, sure: bool) -> Option<String> {
    let name = name.trim();
    let behind = name.split_once(['-', '–']).map(|(portal, agency)| (portal, agency.trim()));
    let name = match behind {
        // "ANSA-AFP" are two that share a text.
        Some((portal, agency))
            if is_capitals(portal)
                && (name.contains("- ") || name.contains(" -") || name.contains('–'))
                && (agency.contains(' ') || is_known(agency)) =>
        {
            agency
        }
        _ => name,
    };
    let name = of_correspondent(name).unwrap_or(name);
    let words = name.split_whitespace().count();
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let plausible = (1..=5).contains(&words)
        && (letters >= 2 || is_listed(name))
        && name.chars().count() <= 45
        && !name.chars().any(|c| c.is_ascii_digit() || "?!;\"“”„%$€@".contains(c));
    let agency =
        sure && name.starts_with(char::is_uppercase) || is_known(name) || is_capitals(name) && !name.contains('-') && letters <= 16;
    (plausible && agency).then(|| name.to_owned())
}

/// The name when the table has it, whatever marks it bears: "НИАТ «Ховар»", "أ ش أ".
pub(super) fn listed(name: &str) -> Option<String> {
    is_listed(name).then(|| name.to_owned())
}

/// "Корр. ТАСС Иван Петров", "By AzerTac": the agency among the words of who wrote it.
fn of_correspondent(name: &str) -> Option<&str> {
    let rest = ["Корр.", "корр.", "By ", "by "].iter().find_map(|lead| name.strip_prefix(lead))?.trim();
    rest.split_whitespace().find(|word| is_listed(word)).or(Some(rest))
}

/// Whether a name is one of an agency by its words; `dpa/tmn` by its first part.
pub(super) fn is_known(name: &str) -> bool {
    let folded = fold(name);
    is_listed(name)
        || is_organisation(&folded)
        || name.split(['/', ',', '.']).any(|part| is_organisation(&fold(part)) || is_listed(part))
        || folded.split(' ').next().is_some_and(|word| word.len() > 3 && (is_organisation(word) || is_listed(word)))
}

/// "Trend:", "By Umid Niayesh - Trend:": the agency's own line of a dateline in three paragraphs.
pub(super) fn of_line(line: &str) -> Option<String> {
    let line = tidy(line);
    let inner = line.strip_suffix(':').or_else(|| line.strip_prefix('/').and_then(|line| line.strip_suffix('/')))?;
    let name = inner.rsplit([' ', '-', '–']).next().filter(|_| inner.contains(" - ")).unwrap_or(inner).trim();
    (is_known(name) || name.split_whitespace().count() == 1 && name.starts_with(char::is_uppercase)).then(|| name.to_owned())
}

/// Whether every letter is a capital, and there are two at least.
pub(super) fn is_capitals(text: &str) -> bool {
    let mut letters = 0;
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        if !c.is_uppercase() {
            return false;
        }
        letters += 1;
    }
    letters >= 2
}
