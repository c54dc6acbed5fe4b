//! The rules of cleaning, line by line: each looks at the line, and at where it stands.

use std::collections::{HashMap, HashSet};

use super::patterns::{self, Where};
use super::{Kind, Known, Line, Reason};
use crate::article::body::{ends_sentence, phrases, words};
use crate::article::{byline, date};
use crate::markup;

/// Fewest words of a paragraph of prose.
pub(super) const FEW_WORDS: usize = 12;

/// A line with its words.
pub(super) struct Weighed {
    pub(super) line: Line,
    pub(super) words: Vec<u32>,
    hits: phrases::Hits,
    prose: bool,
}

impl Weighed {
    pub(super) fn of(line: Line) -> Weighed {
        let words = words::of_text(&line.text);
        let prose = line.kind != Kind::Caption && words.len() >= FEW_WORDS && line.link_share < 0.5 && ends_sentence(&line.text);
        let hits = phrases::of(&words);
        Weighed { line, words, hits, prose }
    }
}

/// Why each line goes, in the lines' order; `None` where it stays.
pub(super) fn judge(lines: &[Weighed], known: &Known<'_>, trusted: bool) -> Vec<Option<Reason>> {
    let titles: Vec<Vec<u32>> =
        known.titles.iter().flat_map(|title| [Some(*title), markup::without_mark(title)]).flatten().map(words::of_text).collect();
    let often = said_often(lines);
    let form = form_of_templates(lines);
    let mut first_prose = lines.iter().position(|line| line.prose).unwrap_or(lines.len());
    // The head goes on behind a standfirst, which is prose as well.
    if let (Some(first), Some(summary)) = (lines.get(first_prose), known.summary)
        && first.words == words::of_text(summary)
    {
        first_prose =
            lines.iter().skip(first_prose + 1).position(|line| line.prose).map_or(first_prose, |next| first_prose + 1 + next);
    }
    let last_prose = lines.iter().rposition(|line| line.prose).unwrap_or(0);
    let judged = lines.iter().enumerate().map(|(index, line)| {
        let (head, tail) = (index <= first_prose, index > last_prose);
        let near_end = index + 3 > last_prose;
        let text = line.line.text.as_str();
        let pattern = || {
            patterns::judge(text, may_be_text(line), |place| match place {
                Where::Anywhere => true,
                Where::Edges => head || near_end,
                Where::Tail => near_end,
                Where::Linked => line.line.link_share > 0.3,
            })
            // The operator's selectors are trusted in all but the calls.
            .filter(|reason| !trusted || *reason == Reason::Call)
        };
        let length = line.words.len();
        if line.words.is_empty() {
            Some(Reason::Empty)
        } else if is_template(text) || form.contains(&index) {
            Some(Reason::Template)
        } else if is_clock(text) {
            Some(Reason::DateLine)
        } else if often.contains(text) {
            Some(Reason::Repeated)
        } else if is_title(line, &titles) {
            Some(Reason::Headline)
        } else if is_teaser(line, &lines[index + 1..]) {
            Some(Reason::Teaser)
        } else if (head && length <= 30 || tail && length <= 12) && !says_something(line) && byline::is_byline(text, known.authors)
        {
            Some(Reason::Byline)
        } else if (head && length <= 20 || index == first_prose + 1 && length <= STAMP) && date::is_date_line(text) {
            Some(Reason::DateLine)
        } else if head && !line.prose && known.section.is_some_and(|section| words::of_text(section) == line.words) {
            Some(Reason::Kicker)
        } else if let Some(reason) = pattern() {
            Some(reason)
        } else if line.line.kind == Kind::Caption {
            Some(Reason::Caption)
        } else if is_call(line, near_end) {
            Some(Reason::Call)
        } else if trusted {
            None
        } else if is_promo(line) {
            Some(Reason::Promo)
        } else if tail && is_foot(line) {
            Some(Reason::Foot)
        } else if tail && is_signature(line) && stands_alone(lines, index, last_prose) {
            Some(Reason::Signature)
        } else if head && index < first_prose && is_head(line, known) {
            Some(Reason::Head)
        } else if !head && !tail && is_link(line) {
            Some(Reason::LinkOnly)
        } else {
            None
        }
    });
    judged.collect()
}

/// Whether a line may be a sentence of the article: it ends like one and is no link, or is an item of a list, which says
/// what to do without a full stop. Behind a label a question is a headline.
fn may_be_text(line: &Weighed) -> bool {
    let text = line.line.text.trim_end_matches(['"', '\'', '”', '’', '»', '«', '“', ')', ']', '」', '』', '）', ' ']);
    let breaks_off = text.ends_with("..") || text.ends_with('…');
    let ends = text.ends_with(['.', '。', '۔', '।', '։', '።'])
        || text.ends_with(['!', '?', '！', '？', '؟']) && !text.contains([':', '：', '|']);
    line.line.link_share <= 0.3 && (ends && !breaks_off || line.line.kind == Kind::Item && line.words.len() >= 4)
}

/// Words at most of a date that stands behind the first paragraph, which may be a standfirst: "Stand: 03.05.2024, 21:00 Uhr".
const STAMP: usize = 8;

/// Words from which on a line that ends like a sentence is one, and no byline: "The report was published by Senate staff on Monday."
const SENTENCE: usize = 8;

/// Whether a line is a sentence, and no list of who did what.
fn says_something(line: &Weighed) -> bool {
    line.words.len() >= SENTENCE && may_be_text(line) && !line.line.text.contains([';', ':', '|', '/', '•'])
}

/// Whether the line is one of the headlines.
fn is_title(line: &Weighed, titles: &[Vec<u32>]) -> bool {
    titles.iter().any(|title| !title.is_empty() && *title == line.words)
}

/// A standfirst cut from the text itself: it breaks off with an ellipsis, and one of the next lines goes on with the same words.
fn is_teaser(line: &Weighed, next: &[Weighed]) -> bool {
    let cut = line.line.text.ends_with('…') || line.line.text.ends_with("...");
    // The last word may be cut as well.
    let said = &line.words[..line.words.len().saturating_sub(1)];
    cut && said.len() >= 5 && next.iter().take(4).any(|other| other.words.len() > said.len() && other.words.starts_with(said))
}

/// A verb of calls and where to, in a line of its own that quotes nobody and is no sentence: what no pattern knows.
fn is_call(line: &Weighed, near_end: bool) -> bool {
    let most = if near_end { 45 } else { 20 };
    let linked = line.line.link_share > 0.0;
    line.hits.calls_to_action()
        && line.words.len() <= most
        && (linked || line.line.kind != Kind::Item)
        && !line.line.text.contains(['"', '“', '„', '«', '”', '「'])
        && if near_end { linked || !ends_sentence(&line.line.text) } else { linked && !ends_sentence(&line.line.text) }
}

/// "Read more", "Related articles": phrases and nothing else, or a phrase before a link.
fn is_promo(line: &Weighed) -> bool {
    let phrases = line.hits.promo + line.hits.consent;
    (phrases > 0 && line.hits.other == 0 && line.words.len() <= 12)
        || (line.hits.promo > 0 && line.line.link_share > 0.4 && line.words.len() <= 40)
}

/// Times a short line is said at least that is the page's and not the article's: "Article content", "Advertisement 3".
const OFTEN: usize = 4;

/// Short lines that are said again and again: no cells of tables, no labels ("Pros:"), no prices.
fn said_often(lines: &[Weighed]) -> HashSet<&str> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let may_recur =
        |line: &&Weighed| line.line.kind == Kind::Row || line.line.text.contains(|c: char| matches!(c, ':' | '：') || is_money(c));
    for line in lines.iter().filter(|line| line.words.len() <= 4 && !may_recur(line)) {
        *counts.entry(line.line.text.as_str()).or_default() += 1;
    }
    let often: HashSet<&str> = counts.into_iter().filter(|(_, count)| *count >= OFTEN).map(|(text, _)| text).collect();
    // Names that take turns are those of speakers.
    let speakers: Vec<&str> = often.iter().copied().filter(|text| byline::looks_like_name(text)).collect();
    if speakers.len() < 2 { often } else { often.into_iter().filter(|text| !speakers.contains(text)).collect() }
}

/// Places of a template in a row that make what stands between them a form.
const PLACES: usize = 4;

/// Lines between the places that a script would have filled: a dialog of log-in, not the text.
fn form_of_templates(lines: &[Weighed]) -> std::ops::Range<usize> {
    let is_place = |line: &&Weighed| line.line.text.starts_with("{*") || line.line.text.starts_with("{{");
    let count = lines.iter().filter(is_place).count();
    let first = lines.iter().position(|line| is_place(&line));
    let last = lines.iter().rposition(|line| is_place(&line));
    match first.zip(last) {
        // Prose is no part of a form: at least every fifth line is a place.
        Some((first, last)) if count >= PLACES && count * 5 > last - first => first..last + 1,
        _ => 0..0,
    }
}

fn is_money(character: char) -> bool {
    matches!(character, '$' | '€' | '£' | '¥' | '₹' | '₽' | '₺' | '₼' | '₴')
}

/// `{* captcha *}`, `{{ headline }}`, `$$AD$$`: a place that the page's script should have filled.
fn is_template(text: &str) -> bool {
    let within = |open: &str, close: &str| text.len() > open.len() + close.len() && text.starts_with(open) && text.ends_with(close);
    within("{*", "*}") || within("{{", "}}") || within("$$", "$$") && !text.contains(' ')
}

/// A time of day and nothing else: the marks of a live blog.
fn is_clock(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':' || c == '.').trim().to_lowercase();
    text.len() <= 12
        && (3..=4).contains(&digits)
        && text.contains(':')
        && matches!(rest.as_str(), "" | "am" | "pm" | "a.m." | "p.m." | "uhr" | "h")
}

/// A link and nothing else, that is no sentence.
fn is_link(line: &Weighed) -> bool {
    let address = line.line.text.starts_with("http") && !line.line.text.contains(char::is_whitespace);
    address
        || line.line.kind == Kind::Text
            && line.line.link_share > 0.95
            && (3..=25).contains(&line.words.len())
            && !ends_sentence(&line.line.text)
}

/// What stands under the text: credits, rights, tags.
fn is_foot(line: &Weighed) -> bool {
    let short = line.words.len() <= 25;
    let notice = line.hits.consent > 0 && (line.line.link_share > 0.0 || !ends_sentence(&line.line.text));
    short && (notice || (line.line.link_share > 0.6 && !ends_sentence(&line.line.text)))
}

/// Whether no other line under the prose is like it, and none leads to it: names in a row are the winners, the teams, the dead.
fn stands_alone(lines: &[Weighed], index: usize, last_prose: usize) -> bool {
    let before = index.checked_sub(1).and_then(|before| lines.get(before));
    lines[index].line.kind != Kind::Item
        && !before.is_some_and(|line| line.line.text.ends_with([':', '：']))
        && lines[last_prose + 1..].iter().filter(|line| is_signature(line)).count() == 1
}

/// Names and nothing else under the text: who wrote it.
fn is_signature(line: &Weighed) -> bool {
    let names: Vec<&str> = line.line.text.split([',', ';', '/', '&']).map(str::trim).collect();
    let is_name = |name: &&str| {
        let words: Vec<&str> = name.split_whitespace().collect();
        (2..=4).contains(&words.len())
            && words.iter().all(|word| {
                word.chars().next().is_some_and(char::is_uppercase) && word.chars().all(|c| c.is_alphabetic() || ".-'’".contains(c))
            })
    };
    names.len() <= 4 && names.iter().all(is_name)
}

/// What stands over the text: persons, dates, reading time.
fn is_head(line: &Weighed, known: &Known<'_>) -> bool {
    if line.words.len() > 14 || ends_sentence(&line.line.text) {
        return false;
    }
    let names: HashSet<u32> = known.authors.iter().flat_map(|name| words::of_text(name)).collect();
    let strange = line.words.iter().filter(|word| !names.contains(word)).count();
    let author = line.words.len() > strange && strange <= 2 + usize::from(line.hits.byline);
    let dated = phrases::has_date(&line.line.text) && line.words.len() <= 12;
    author || dated || (line.hits.posted > 0 && line.hits.other <= 3)
}
