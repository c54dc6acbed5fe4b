//! Lines that a source puts around its texts, learnt from the texts themselves: which may be such, which are, and the cut.
//!
//! A line is learnt from what the ledger counted: it recurs in different stories on different days, always at an end of the
//! text, and in nearly every text of the source (a call to follow or to write need not). A paragraph of background that is
//! repeated wherever a subject comes up recurs as well, but on a part of the texts only: it is the share that parts the two,
//! and the doubt is the text's.

use std::collections::HashSet;

use super::{features, phrases, words};
use crate::calendar;
use crate::model::{Article, Boilerplate, Edge, LineEvidence, SeenLine};

/// Lines at each end that are counted, and may be cut.
const HEAD: usize = 3;
/// The same at the end, where sources say more.
const TAIL: usize = 5;
/// The longest line that is counted, characters.
const LONGEST: usize = 400;
/// Lines in the midst of a text that are looked up among those known.
const LOOKED_UP: usize = 60;

/// Stories a line must have been seen in.
const STORIES: u32 = 8;
/// Days these stories must be of.
const DAYS: u32 = 3;
/// Least share of its articles that show the line at an end.
const AT_EDGE: f64 = 0.9;
/// Least share of the source's texts that show a line which reads like a sentence of the text.
const SHARE_OF_PROSE: f64 = 0.9;
/// Fewest texts by which such a line is judged.
const TEXTS_OF_PROSE: u32 = 40;
/// The same of a short line.
const SHARE: f64 = 0.7;
/// From so many articles on a share is certain enough that this one does for any line.
const MANY: (u32, f64) = (40, 0.75);
/// Least share of a line that addresses its reader.
const SHARE_OF_CALL: f64 = 0.05;
/// From this many words on a line reads like a sentence of the text.
const PROSE: usize = 10;

/// The lines of a text that may be boilerplate, cut ones included: those at its ends, and those between, which tell of a line
/// that it does not always stand at an end. What quotes somebody or names a date is none.
pub fn lines(article: &Article) -> Vec<SeenLine> {
    let cut = article.cut.iter().map(|line| (Some(Edge::Tail), line));
    let count = article.body.len();
    let body = article.body.iter().enumerate().map(|(at, line)| {
        let edge = if at + TAIL >= count + article.cut.len() && at > 0 {
            Some(Edge::Tail)
        } else {
            (at < HEAD && at + 1 < count).then_some(Edge::Head)
        };
        (edge, line)
    });
    let mut out: Vec<SeenLine> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    for (edge, line) in cut.chain(body) {
        if !may_be(line) || (edge.is_none() && out.len() >= LOOKED_UP) {
            continue;
        }
        let normal = normal(line);
        if seen.insert(normal.clone()) {
            out.push(SeenLine { edge, line: line.clone(), normal, learnt: false });
        }
    }
    out
}

/// What of these lines is to be counted, with those that are boilerplate from now on by what was counted before.
pub fn learn(lines: Vec<SeenLine>, known: &[LineEvidence]) -> Vec<SeenLine> {
    let known_of = |line: &SeenLine| known.iter().find(|evidence| evidence.normal == line.normal);
    let counted = lines.into_iter().filter(|line| line.edge.is_some() || known_of(line).is_some());
    counted
        .map(|line| {
            let learnt = known_of(&line).is_some_and(is_boilerplate);
            SeenLine { learnt, ..line }
        })
        .collect()
}

/// Whether a line is boilerplate by what is known of it.
pub fn is_boilerplate(evidence: &LineEvidence) -> bool {
    if evidence.vetoed_at.is_some() || evidence.stories < STORIES || evidence.days < DAYS {
        return false;
    }
    let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
    let least = if is_call(&evidence.line) {
        SHARE_OF_CALL
    } else if is_prose(&evidence.line) {
        SHARE_OF_PROSE
    } else {
        SHARE
    };
    // What closes nearly every text of a small source for some days may be the event of these days.
    if !is_call(&evidence.line) && is_prose(&evidence.line) && evidence.texts < TEXTS_OF_PROSE {
        return false;
    }
    let least = if evidence.articles >= MANY.0 { least.min(MANY.1) } else { least };
    share(evidence.at_edge, evidence.articles) >= AT_EDGE && share(evidence.articles, evidence.texts) >= least
}

/// Cuts learnt lines from the ends of a text; what was cut, in its order. A text that would be nothing but such lines stays.
pub(in crate::article) fn cut(paragraphs: Vec<String>, learnt: &Boilerplate) -> (Vec<String>, Vec<String>) {
    if learnt.lines.is_empty() {
        return (paragraphs, Vec::new());
    }
    let known: HashSet<String> = learnt.lines.iter().map(|line| normal(line)).collect();
    let count = paragraphs.len();
    let goes: Vec<bool> = paragraphs
        .iter()
        .enumerate()
        .map(|(at, line)| (at < HEAD || at + TAIL >= count) && line.len() <= 4 * LONGEST && known.contains(&normal(line)))
        .collect();
    if goes.iter().all(|goes| *goes) {
        return (paragraphs, Vec::new());
    }
    let (mut kept, mut cut) = (Vec::with_capacity(count), Vec::new());
    for (line, goes) in paragraphs.into_iter().zip(goes) {
        if goes { cut.push(line) } else { kept.push(line) }
    }
    (kept, cut)
}

/// An article that gets back what was cut of it and is boilerplate no more: at the end it was cut from.
pub fn restore(article: &mut Article, line: &str, edge: Edge) -> bool {
    let wanted = normal(line);
    let Some(at) = article.cut.iter().position(|line| normal(line) == wanted) else { return false };
    let line = article.cut.remove(at);
    match edge {
        Edge::Head => article.body.insert(0, line),
        Edge::Tail => article.body.push(line),
    }
    true
}

/// A line without what may differ from page to page. Numbers stay: another number is another line.
pub fn normal(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars().flat_map(char::to_lowercase) {
        match c {
            '“' | '”' | '„' | '«' | '»' => out.push('"'),
            '’' | '‘' | 'ʼ' | '`' => out.push('\''),
            '–' | '—' | '−' | '‑' => out.push('-'),
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => {}
            c if c.is_whitespace() => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    let end = out.trim_end_matches([' ', '.', '…', '!']).len();
    out.truncate(end);
    out
}

/// Whether a line may be boilerplate at all.
fn may_be(line: &str) -> bool {
    line.chars().take(LONGEST + 1).count() <= LONGEST
        && line.chars().any(char::is_alphabetic)
        && !line.contains(['"', '“', '”', '„', '«', '»', '「', '」', '『'])
        && !phrases::has_date(line)
        && !calendar::names_a_day(line)
}

/// Whether it asks its reader to do something, or says where to write to.
fn is_call(line: &str) -> bool {
    let hits = phrases::of(&words::of_text(line));
    let names_a_place = line.split_whitespace().any(|word| {
        let word = word.trim_matches(|c: char| c.is_ascii_punctuation() && c != '@');
        let mail = word.split_once('@').is_some_and(|(_, host)| host.is_empty() || host.contains('.')) || word.starts_with('@');
        word.starts_with("http://") || word.starts_with("https://") || word.starts_with("www.") || (mail && word.len() > 3)
    });
    hits.calls_to_action() || names_a_place
}

/// Whether it reads like a sentence of the text.
fn is_prose(line: &str) -> bool {
    words::of_text(line).len() >= PROSE || features::ends_sentence(line)
}
