//! Marks of the headline that say a text follows on an earlier one: "UPDATE 1-", "CORRECTED", "REFILE", "ОБНОВЛЕНО", "(종합)".

use std::collections::HashMap;
use std::sync::OnceLock;

use super::fold;

/// How a text follows on an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Follows {
    /// The text again.
    Repeat,
    /// The text again, with news in it.
    Update,
    /// The text again, put right.
    Correction,
}

/// The mark of a headline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadlineMark {
    /// What it announces; where it says several things, the gravest.
    pub follows: Follows,
    /// The mark as printed, without the signs that part it from the headline.
    pub printed: String,
}

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

/// The mark of a headline, before it or behind it; the headline itself keeps it.
pub fn headline_mark(title: &str) -> Option<HeadlineMark> {
    let title = title.trim();
    let printed = in_brackets(title).or_else(|| at_head(title)).or_else(|| at_end(title))?;
    let words = printed.split([' ', '-', '.', ',', ':', '/', '(', ')']).chain([printed.as_str()]);
    let digits = |c: char| c.is_ascii_digit();
    let follows = words.filter_map(|word| mark(word).or_else(|| mark(word.trim_end_matches(digits)))).max()?;
    Some(HeadlineMark { follows, printed })
}

/// A headline without its mark; `None` when it bears none.
pub fn without_mark(title: &str) -> Option<&str> {
    let HeadlineMark { printed, .. } = headline_mark(title)?;
    let at = title.find(&printed)?;
    let signs = |c: char| !c.is_alphanumeric();
    let (before, behind) = (title[..at].trim_end_matches(signs), title[at + printed.len()..].trim_start_matches(signs));
    Some(if before.is_empty() { behind } else { before })
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

fn is_mark(word: &str) -> bool {
    mark(word).is_some()
}

/// What a word announces, when it is a mark.
fn mark(word: &str) -> Option<Follows> {
    static TABLE: OnceLock<HashMap<String, Follows>> = OnceLock::new();
    if word.is_empty() || word.len() > 60 {
        return None;
    }
    TABLE.get_or_init(table).get(&fold(word)).copied()
}

fn table() -> HashMap<String, Follows> {
    let mut table = HashMap::new();
    let mut follows = Follows::Update;
    for line in include_str!("headline_marks.txt").lines().filter(|line| !line.starts_with('#')) {
        match line {
            "[update]" => follows = Follows::Update,
            "[correction]" => follows = Follows::Correction,
            "[repeat]" => follows = Follows::Repeat,
            _ if line.is_empty() => {}
            word => {
                table.insert(fold(word), follows);
            }
        }
    }
    table
}
