//! Marks of the headline that say a text follows on an earlier one: "UPDATE 1-", "CORRECTED", "REFILE", "ОБНОВЛЕНО", "(종합)".

use std::collections::HashSet;
use std::sync::OnceLock;

use super::metadata::likeness::fold;

/// Words of a mark at most: "REFILE-UPDATE 2", "CORRECTED-(OFFICIAL)".
const MOST_WORDS: usize = 4;

/// What ends a mark at the head of a headline.
const ENDS: [char; 9] = [':', '-', '–', '—', '|', '/', '：', '=', '·'];

/// Words that stand beside a mark and are none themselves.
const BESIDE: [&str; 5] = ["official", "exclusive", "video", "photo", "foto"];

/// Marks that are words as well: only in capitals outside of brackets.
const CAPITALS_ONLY: [&str; 16] = [
    "amp",
    "ampl",
    "ampliacion",
    "ampliada",
    "opis",
    "krotka",
    "repeat",
    "repeats",
    "adds",
    "maj",
    "wdh",
    "roundup",
    "rpt",
    "recast",
    "recasts",
    "updates",
];

/// The mark as printed, without the signs that part it from the headline; the headline itself keeps it.
pub(super) fn read(title: &str) -> Option<String> {
    let title = title.trim();
    in_brackets(title).or_else(|| at_head(title)).or_else(|| at_end(title))
}

/// "UPDATE 1-Oil falls", "CORRECTED-(OFFICIAL)-Oil falls", "WDH/ROUNDUP 2: Öl", "ОБНОВЛЕНО: нефть".
fn at_head(title: &str) -> Option<String> {
    let mut mark = 0;
    let mut at = 0;
    for _ in 0..MOST_WORDS {
        let rest = &title[at..];
        let end = rest.find(|c: char| ENDS.contains(&c) || c.is_whitespace() || c == '(' || c == ')').unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) && word.len() <= 2;
        let beside = BESIDE.contains(&fold(word).as_str());
        let small = word.chars().any(char::is_lowercase) && CAPITALS_ONLY.contains(&fold(word).as_str());
        if !(is_mark(word) && !small || at > 0 && (number || beside || word.is_empty())) {
            break;
        }
        let ended = behind.trim_start_matches([')', ' ']);
        if ended.starts_with(ENDS) && !word.is_empty() {
            mark = at + end + usize::from(behind.starts_with(')'));
        }
        at += end + behind.chars().next().map_or(0, char::len_utf8);
        // "UPDATE 1 - Oil", "UPDATE: Oil": the spaces and signs between.
        at += title[at..].len() - title[at..].trim_start_matches(|c: char| c == ' ' || ENDS.contains(&c)).len();
        if at >= title.len() {
            break;
        }
    }
    let printed = title[..mark].trim_end_matches(|c: char| c.is_whitespace() || ENDS.contains(&c));
    (!printed.is_empty() && mark < title.len()).then(|| printed.to_owned())
}

/// "(CORRECTED) Oil falls", "Oil falls (UPDATED)", "【訂正】原油", "[정정] 유가", "유가 하락(종합2보)", "**UPDATE** Oil".
fn in_brackets(title: &str) -> Option<String> {
    const PAIRS: [(char, char); 8] =
        [('(', ')'), ('[', ']'), ('（', '）'), ('【', '】'), ('〔', '〕'), ('＜', '＞'), ('<', '>'), ('*', '*')];
    for (open, close) in PAIRS {
        let head = title.strip_prefix(open).and_then(|rest| {
            let rest = rest.trim_start_matches(open);
            rest.split_once(close).map(|(inner, _)| inner)
        });
        let tail =
            title.trim_end_matches(['.', ' ']).strip_suffix(close).and_then(|rest| rest.rsplit_once(open).map(|(_, inner)| inner));
        for inner in [head, tail].into_iter().flatten() {
            if inner.chars().count() > 24 {
                continue;
            }
            let words: Vec<&str> = inner.split([' ', '-', '.', ',', ':']).filter(|word| !word.is_empty()).collect();
            let number = |word: &str| word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
            let all = words.iter().all(|word| is_mark(word) || number(word) || BESIDE.contains(&fold(word).as_str()));
            if is_mark(inner) || all && words.iter().any(|word| is_mark(word)) {
                return Some(inner.trim().to_owned());
            }
        }
    }
    None
}

/// "Neft ucuzlaşıb - YENİLƏNİB", "Нефть дешевеет - ОБНОВЛЕНО-2": in capitals, behind a dash, at the end.
fn at_end(title: &str) -> Option<String> {
    let (_, last) =
        [" - ", " – ", " — ", " | "].iter().filter_map(|dash| title.rsplit_once(dash)).min_by_key(|(_, last)| last.len())?;
    let last = last.trim();
    let word = last.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-' || c == ' ');
    let capitals = word.chars().filter(|c| c.is_alphabetic()).all(|c| !c.is_lowercase());
    (capitals && is_mark(word) && last.chars().count() <= 24).then(|| last.to_owned())
}

/// Whether a word is a mark. In scripts with capitals it is one in capitals or with a capital at its head, never small.
fn is_mark(word: &str) -> bool {
    static TABLE: OnceLock<HashSet<String>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let lines = include_str!("markers.txt").lines().filter(|line| !line.starts_with('#'));
        lines.map(fold).filter(|line| !line.is_empty()).collect()
    });
    !word.is_empty() && word.len() <= 60 && table.contains(&fold(word))
}
