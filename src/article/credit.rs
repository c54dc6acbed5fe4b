//! Credits: whose text it is, as the lines before and after it say: "Source: Xinhua", "© 2026 AFP", "… (dpa)".
//!
//! `dedup` reads credits of its own off texts that came without an article; what stands here goes into the article's field.

use super::dateline::is_listed;
use super::metadata::likeness::{fold, tidy};

/// Words before the colon that say where a text is from.
const LABELS: &[&str] = &[
    "source",
    "sources",
    "text source",
    "news source",
    "quelle",
    "quellen",
    "fuente",
    "fonte",
    "fonti",
    "źródło",
    "источник",
    "джерело",
    "mənbə",
    "menbe",
    "kaynak",
    "haber kaynağı",
    "المصدر",
    "مصدر",
    "स्रोत",
    "सोर्स",
    "出典",
    "情報元",
    "提供",
    "출처",
    "来源",
    "來源",
    "文章来源",
    "新闻来源",
    "稿件来源",
    "资料来源",
    "via",
];

/// Lines at either end of a text that may be a credit.
const EDGE: usize = 3;

/// Longest credit line.
const LONGEST: usize = 90;

/// The outlet that the ends of a text, or the lines cleaned from it, credit.
pub(super) fn read<'a>(paragraphs: &'a [String], dropped: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    let head = paragraphs.iter().take(EDGE.min(paragraphs.len() / 2)).map(String::as_str);
    let tail = paragraphs.iter().rev().take(EDGE).map(String::as_str);
    let lines = head.chain(tail).chain(dropped);
    lines
        .clone()
        .find_map(labelled)
        .or_else(|| paragraphs.last().and_then(|last| signed(last)))
        .or_else(|| lines.clone().find_map(alone))
        .or_else(|| lines.clone().find_map(rights))
}

/// "Source: Xinhua", "Quelle: dpa", "来源：新华社".
fn labelled(line: &str) -> Option<String> {
    let line = short(line)?;
    let line = line.trim_matches(|c: char| "()[]（）【】*–— ".contains(c));
    let (label, name) = line.split_once([':', '：'])?;
    let known = LABELS.iter().any(|known| fold(known) == fold(label));
    let name = tidy(name.trim_matches(|c: char| c.is_whitespace() || "()[]（）.。;,".contains(c)));
    let words = name.split_whitespace().count();
    let plausible = known
        && (1..=6).contains(&words)
        && name.chars().count() <= 60
        && name.chars().any(char::is_alphabetic)
        && !name.contains(['?', '!', '"', '“', '„', '«'])
        && !name.contains("://")
        // "via": the word is too common for any name behind it.
        && (fold(label) != "via" || is_listed(&name));
    plausible.then_some(name)
}

/// "… he said. (dpa)": an agency alone in the bracket that ends the text.
fn signed(last: &str) -> Option<String> {
    let last = last.trim_end().trim_end_matches(['.', '*', '#']);
    let open = last.rfind(['(', '（', '['])?;
    let inner = last[open..].trim_start_matches(['(', '（', '[']).strip_suffix([')', '）', ']'])?.trim();
    let before = last[..open].trim_end();
    let ends = before.is_empty() || before.ends_with(['.', '!', '?', '"', '”', '“', '»', '…', '。', '」', '\'', '’', '।']);
    (ends && inner.len() <= 40 && is_listed(inner)).then(|| inner.to_owned())
}

/// A line that is an agency's name and nothing else: "dpa", "— AFP", "/Trend/".
fn alone(line: &str) -> Option<String> {
    let line = short(line)?;
    let marked = line.trim_matches(|c: char| c.is_whitespace() || "()[]/–—-*.:©".contains(c));
    // One word in capitals or small letters; "Report" and "Online" stand alone as anything.
    let plain = marked.len() == line.len();
    let told = !plain || marked.chars().count() <= 5 || marked.contains(' ');
    (told
        && marked.chars().count() >= 2
        && is_listed(marked)
        && !matches!(fold(marked).as_str(), "online" | "report" | "na" | "map" | "pl" | "uni" | "ep" | "dire" | "tap"))
    .then(|| marked.to_owned())
}

/// "© 2026 AFP", "Copyright 2026 The Associated Press. All rights reserved.": a notice that names an agency, not the site.
fn rights(line: &str) -> Option<String> {
    let line = tidy(line);
    if line.chars().count() > 300 {
        return None;
    }
    let at =
        ["©", "(c)", "(C)", "Copyright", "COPYRIGHT"].iter().filter_map(|mark| line.find(mark).map(|at| at + mark.len())).min()?;
    let rest = line[at..].trim_start_matches(|c: char| c.is_whitespace() || c.is_ascii_digit() || "©(c)C,-–:/by".contains(c));
    let end = rest.find(['.', ',', '|', ';', ')', '/', '–', '—', '\n']).unwrap_or(rest.len());
    let name = rest[..end].trim();
    let words: Vec<&str> = name.split_whitespace().take(5).collect();
    // "dpa Deutsche Presse-Agentur GmbH", "The Associated Press All rights reserved": the longest run that is a name.
    (1..=words.len()).rev().map(|count| words[..count].join(" ")).find(|name| is_listed(name.trim_end_matches('-')))
}

fn short(line: &str) -> Option<String> {
    let line = tidy(line);
    (!line.is_empty() && line.chars().count() <= LONGEST).then_some(line)
}
