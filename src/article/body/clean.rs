//! The cleaning of what was chosen: headline, byline, date line, promos and repeats go, the text stays as published.

use std::collections::HashSet;

use super::outline::{Outline, Tag};
use super::{features, phrases, words};
use crate::article::{byline, date};

/// What is known of the article already, and need not stand in its text again.
#[derive(Default)]
pub(in crate::article) struct Known<'a> {
    /// Headlines, as given in several places.
    pub(in crate::article) titles: Vec<&'a str>,
    /// Persons of the byline.
    pub(in crate::article) authors: &'a [String],
    /// The section.
    pub(in crate::article) section: Option<&'a str>,
    /// Lines learnt to be boilerplate of the source.
    pub(in crate::article) learnt: &'a [String],
}

/// One line of the text, before cleaning.
#[derive(Debug)]
pub(super) struct Line {
    text: String,
    heading: bool,
    link_share: f32,
    words: Vec<u32>,
    hits: phrases::Hits,
}

impl Line {
    pub(super) fn of_text(text: String) -> Line {
        let words = words::of_text(&text);
        let hits = phrases::of(&words);
        Line { text, heading: false, link_share: 0.0, words, hits }
    }

    /// Whether it reads like a paragraph of an article.
    fn is_prose(&self) -> bool {
        self.words.len() >= 12 && self.link_share < 0.5 && features::ends_sentence(&self.text)
    }
}

/// The blocks taken, as lines; the cells of one row of a table are one line.
pub(super) fn lines_of(outline: &Outline, taken: &[bool]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut last_row = None;
    for (block, _) in outline.blocks.iter().zip(taken).filter(|(_, taken)| **taken) {
        let row = outline.chain(block.owner).take(6).find(|index| outline.elements[*index].tag == Tag::Tr);
        if row.is_some()
            && row == last_row
            && let Some(line) = lines.last_mut()
        {
            line.text = format!("{} | {}", line.text, block.text);
            line.words.extend(words::of_text(&block.text));
            continue;
        }
        last_row = row;
        lines.push(Line {
            heading: outline.chain(block.owner).take(4).any(|index| outline.elements[index].tag.heading().is_some()),
            link_share: block.link_share,
            ..Line::of_text(block.text.clone())
        });
    }
    lines
}

/// Drops what is no text of the article. With `trusted` (the operator's selectors) only what is known for certain goes.
pub(super) fn clean(lines: Vec<Line>, known: &Known<'_>, trusted: bool) -> Vec<String> {
    let titles: Vec<Vec<u32>> = known.titles.iter().map(|title| words::of_text(title)).collect();
    let learnt: HashSet<&str> = known.learnt.iter().map(String::as_str).collect();
    let first_prose = lines.iter().position(Line::is_prose).unwrap_or(lines.len());
    let last_prose = lines.iter().rposition(Line::is_prose).unwrap_or(0);
    let mut out: Vec<(String, bool)> = Vec::with_capacity(lines.len());
    let mut seen: HashSet<Vec<u32>> = HashSet::new();
    for (index, line) in lines.into_iter().enumerate() {
        let head = index <= first_prose;
        let tail = index > last_prose;
        let known_line = is_title(&line, &titles)
            || (head && line.words.len() <= 30 && byline::is_byline(&line.text, known.authors))
            || (head && line.words.len() <= 20 && date::is_date_line(&line.text))
            || (head && !line.is_prose() && known.section.is_some_and(|section| words::of_text(section) == line.words))
            || learnt.contains(line.text.as_str())
            || is_call(&line, index + 3 > last_prose)
            || is_empty(&line);
        let guessed = is_promo(&line) || (tail && is_foot(&line)) || (head && index < first_prose && is_head(&line, known));
        // A short line may be said twice, a paragraph not.
        let repeated = line.words.len() > 5 && !seen.insert(line.words.clone());
        if !known_line && !repeated && (trusted || !guessed) {
            out.push((line.text, line.heading));
        }
    }
    // A subhead that heads nothing.
    while out.last().is_some_and(|(_, heading)| *heading) && out.len() > 1 {
        out.pop();
    }
    out.into_iter().map(|(text, _)| text).collect()
}

/// Whether the line is one of the headlines.
fn is_title(line: &Line, titles: &[Vec<u32>]) -> bool {
    titles.iter().any(|title| !title.is_empty() && *title == line.words)
}

/// A line without a letter or digit.
fn is_empty(line: &Line) -> bool {
    line.words.is_empty()
}

/// "Follow us on …", "Subscribe to our newsletter": a call and where to, in a line of its own that quotes nobody.
fn is_call(line: &Line, near_end: bool) -> bool {
    let most = if near_end { 45 } else { 20 };
    line.hits.calls_to_action()
        && line.words.len() <= most
        && !line.text.contains(['"', '“', '„', '«', '”', '「'])
        && (near_end || line.link_share > 0.0)
}

/// "Read more", "Related articles": phrases and nothing else, or a phrase before a link.
fn is_promo(line: &Line) -> bool {
    let phrases = line.hits.promo + line.hits.consent;
    (phrases > 0 && line.hits.other == 0 && line.words.len() <= 12)
        || (line.hits.promo > 0 && line.link_share > 0.4 && line.words.len() <= 40)
        || (line.link_share > 0.9 && line.words.len() > 3 && !features::ends_sentence(&line.text) && !line.heading)
}

/// What stands under the text: credits, rights, tags.
fn is_foot(line: &Line) -> bool {
    let short = line.words.len() <= 25;
    short && (line.hits.consent > 0 || (line.link_share > 0.6 && !features::ends_sentence(&line.text)))
}

/// What stands over the text: persons, dates, reading time.
fn is_head(line: &Line, known: &Known<'_>) -> bool {
    if line.words.len() > 14 || features::ends_sentence(&line.text) {
        return false;
    }
    let names: HashSet<u32> = known.authors.iter().flat_map(|name| words::of_text(name)).collect();
    let strange = line.words.iter().filter(|word| !names.contains(word)).count();
    let author = line.words.len() > strange && strange <= 2 + usize::from(line.hits.byline);
    let dated = phrases::has_date(&line.text) && line.words.len() <= 12;
    author || dated || (line.hits.posted > 0 && line.hits.other <= 3)
}
