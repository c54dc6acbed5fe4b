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

/// The blocks taken, as lines; the cells of one row of a table are one line, unless the table only lays out prose.
pub(super) fn lines_of(outline: &Outline, taken: &[bool]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut last = (None, None);
    for (block, _) in outline.blocks.iter().zip(taken).filter(|(_, taken)| **taken) {
        let around = |tag: Tag| outline.chain(block.owner).take(8).find(|index| outline.elements[*index].tag == tag);
        let (row, cell) = (around(Tag::Tr), around(Tag::Td));
        let next_cell = row.is_some() && row == last.0 && cell != last.1;
        last = (row, cell);
        let line = Line {
            heading: outline.chain(block.owner).take(4).any(|index| outline.elements[index].tag.heading().is_some()),
            link_share: block.link_share,
            ..Line::of_text(block.text.clone())
        };
        match lines.last_mut() {
            Some(before) if next_cell && !before.is_prose() && !line.is_prose() => {
                before.text = format!("{} | {}", before.text, line.text);
                before.words.extend(line.words);
            }
            _ => lines.push(line),
        }
    }
    lines
}

/// Drops what is no text of the article. With `trusted` (the operator's selectors) only what is known for certain goes.
pub(super) fn clean(lines: Vec<Line>, known: &Known<'_>, trusted: bool) -> Vec<String> {
    let titles: Vec<Vec<u32>> = known.titles.iter().map(|title| words::of_text(title)).collect();
    let first_prose = lines.iter().position(Line::is_prose).unwrap_or(lines.len());
    let last_prose = lines.iter().rposition(Line::is_prose).unwrap_or(0);
    let teasers: Vec<bool> = (0..lines.len()).map(|index| is_teaser(&lines[index], &lines[index + 1..])).collect();
    let mut out: Vec<(String, bool)> = Vec::with_capacity(lines.len());
    let mut seen: HashSet<Vec<u32>> = HashSet::new();
    for (index, line) in lines.into_iter().enumerate() {
        let head = index <= first_prose;
        let tail = index > last_prose;
        let known_line = teasers[index]
            || is_title(&line, &titles)
            || ((head && line.words.len() <= 30 || tail && line.words.len() <= 12) && byline::is_byline(&line.text, known.authors))
            || (head && line.words.len() <= 20 && date::is_date_line(&line.text))
            || (head && !line.is_prose() && known.section.is_some_and(|section| words::of_text(section) == line.words))
            || is_call(&line, index + 3 > last_prose)
            || is_empty(&line);
        let guessed = is_promo(&line)
            || (tail && (is_foot(&line) || is_signature(&line)))
            || (head && index < first_prose && is_head(&line, known));
        // A short line may be said twice, a paragraph not.
        let repeated = line.words.len() > 5 && !seen.insert(line.words.clone());
        if !known_line && !repeated && (trusted || !guessed) {
            out.push((line.text, line.heading));
        }
    }
    // A subhead that heads nothing; several in a row are a list.
    let headings = out.iter().rev().take_while(|(_, heading)| *heading).count();
    if headings == 1 && out.len() > 1 {
        out.pop();
    }
    out.into_iter().map(|(text, _)| text).collect()
}

/// Whether the line is one of the headlines.
fn is_title(line: &Line, titles: &[Vec<u32>]) -> bool {
    titles.iter().any(|title| !title.is_empty() && *title == line.words)
}

/// A standfirst cut from the text itself: it breaks off with an ellipsis, and one of the next lines goes on with the same words.
fn is_teaser(line: &Line, next: &[Line]) -> bool {
    let cut = line.text.ends_with('…') || line.text.ends_with("...");
    // The last word may be cut as well.
    let said = &line.words[..line.words.len().saturating_sub(1)];
    cut && said.len() >= 5 && next.iter().take(4).any(|other| other.words.len() > said.len() && other.words.starts_with(said))
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
}

/// What stands under the text: credits, rights, tags.
fn is_foot(line: &Line) -> bool {
    let short = line.words.len() <= 25;
    short && (line.hits.consent > 0 || (line.link_share > 0.6 && !features::ends_sentence(&line.text)))
}

/// Names and nothing else under the text: who wrote it.
fn is_signature(line: &Line) -> bool {
    let names: Vec<&str> = line.text.split([',', ';', '/', '&']).map(str::trim).collect();
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
