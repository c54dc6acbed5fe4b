//! The text of pages whose elements hold none: in scripts, in `articleBody`, in the feed.

use scraper::Html;
use serde_json::Value;

use super::outline::{Outline, Removed};
use super::{features, lines, words};
use crate::article::page::Page;
use crate::markup;
use crate::model::Entry;

/// Characters below which a string in a script is no article.
const SHORTEST: usize = 400;

/// Paragraphs found elsewhere than in the page's elements, when they hold far more than the `words` found there.
pub(super) fn elsewhere(page: &Page, entry: &Entry, words: usize) -> Option<(Vec<String>, &'static str)> {
    let found =
        [(from_json_ld(page), "its structured data"), (from_scripts(page, words), "a script"), (from_feed(entry), "the feed")];
    found
        .into_iter()
        .map(|(paragraphs, from)| (super::count(&paragraphs), paragraphs, from))
        .filter(|(count, _, _)| *count > 3 * words && *count >= 40)
        // The first that is not much poorer than another.
        .reduce(|best, next| if next.0 > 2 * best.0 { next } else { best })
        .map(|(_, paragraphs, from)| (paragraphs, from))
}

fn from_json_ld(page: &Page) -> Vec<String> {
    let bodies = page.json_ld.iter().filter_map(|object| object.get("articleBody").and_then(Value::as_str));
    bodies.max_by_key(|body| body.len()).map(text_of).unwrap_or_default()
}

fn from_feed(entry: &Entry) -> Vec<String> {
    entry.content.as_deref().map(text_of).unwrap_or_default()
}

/// The text in a script's data: one long string of prose with markup, or many short ones under one name.
fn from_scripts(page: &Page, words: usize) -> Vec<String> {
    let mut best = String::new();
    let mut lists: Vec<(String, Vec<String>)> = Vec::new();
    for script in &page.scripts() {
        for (name, string) in strings(script) {
            if string.len() > best.len().max(SHORTEST) && is_prose(&string) {
                best = string;
            } else if is_paragraph(&string) {
                let known = lists.iter().position(|(known, _)| *known == name);
                match known {
                    Some(at) if lists[at].1.len() < MOST_PARAGRAPHS && !lists[at].1.contains(&string) => lists[at].1.push(string),
                    None if lists.len() < MOST_NAMES => lists.push((name, vec![string])),
                    _ => {}
                }
            }
        }
    }
    let whole = text_of(&best);
    let length = |paragraphs: &[String]| paragraphs.iter().map(String::len).sum::<usize>();
    let longest = lists.into_iter().map(|(_, list)| list).filter(|list| list.len() > 2).max_by_key(|list| length(list));
    match longest.map(|list| list.iter().flat_map(|text| text_of(text)).collect::<Vec<String>>()) {
        Some(list) if length(&list) > length(&whole).max(SHORTEST) && is_of_page(page, &list, words) => list,
        _ => whole,
    }
}

/// Words of the page's elements above which a list of sentences in a script needs no second look: it is no article.
const EMPTY: usize = 20;

/// Whether sentences in a script are the article of an empty page, and not its settings, terms or consent texts:
/// half of the words of its title stand in them.
fn is_of_page(page: &Page, list: &[String], words: usize) -> bool {
    let title = words::of_text(page.title.as_deref().unwrap_or_default());
    let text: words::Set = list.iter().flat_map(|text| words::of_text(text)).collect();
    let there = title.iter().filter(|word| text.contains(word)).count();
    words < EMPTY && 2 * there >= title.len()
}

/// Paragraphs of one name, and names, that are gathered from a page's scripts.
const MOST_PARAGRAPHS: usize = 400;
const MOST_NAMES: usize = 64;

/// Whether a string is a paragraph by itself: a sentence or more, and no code.
fn is_paragraph(text: &str) -> bool {
    let wide = text.chars().filter(|character| words::is_wide(*character)).take(20).count() == 20;
    (60..20_000).contains(&text.len())
        && (wide || text.split(' ').count() >= 8)
        && !text.starts_with(['{', '[', '/', '.', '#'])
        && !text.contains(['{', '}'])
        && (text.starts_with('<') || !text.contains(['=', ';']))
        && features::ends_sentence(markup::plain(text).trim_end())
}

/// Plain text keeps its line breaks as paragraphs; in markup, what stands under pictures is no paragraph.
fn text_of(text: &str) -> Vec<String> {
    let lower = text.len() < 200_000 && !text.contains("<p") && !text.contains("<br") && !text.contains("<div");
    if lower {
        return text.lines().flat_map(markup::blocks).collect();
    }
    let mut paragraphs = markup::blocks(text);
    if text.contains("caption") {
        let captions = lines::captions(&Outline::of(&Html::parse_fragment(text), "", &Removed::new()));
        paragraphs.retain(|paragraph| !captions.contains(paragraph));
    }
    paragraphs
}

/// Whether a string is HTML with sentences in it.
fn is_prose(text: &str) -> bool {
    let marks = text.matches("<p").count() + text.matches("<br").count();
    let sentences = text.matches(['.', '。', '!', '?', '।']).count();
    // A string that is data itself gives its own strings.
    marks >= 2 && sentences >= 4 && !text.starts_with(['{', '[']) && !text.contains("function(") && text.contains([' ', '。'])
}

/// Most bytes of a script that are looked at.
const LONGEST_SCRIPT: usize = 4 << 20;

/// The string literals of a script, unescaped, with their names; a literal that holds JSON or escaped literals gives those too.
fn strings(script: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    literals(script.get(..LONGEST_SCRIPT).unwrap_or(script), &mut out);
    let nested: Vec<String> = out
        .iter()
        .filter(|(_, string)| string.len() > SHORTEST && string.contains("\":"))
        .map(|(_, string)| string.clone())
        .collect();
    for string in nested {
        literals(&string, &mut out);
    }
    out
}

/// Double-quoted literals that are long enough for a sentence, each with the name before it.
fn literals(text: &str, out: &mut Vec<(String, String)>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut name = "";
    while let Some(open) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'"')) {
        let start = at + open + 1;
        let mut end = start;
        while end < bytes.len() && bytes[end] != b'"' && bytes[end] != b'\n' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        if end >= bytes.len() {
            return;
        }
        if end - start >= SENTENCE && bytes[end] == b'"' {
            if let Ok(string) = serde_json::from_str::<String>(&text[start - 1..=end]) {
                out.push((name.to_owned(), string));
            }
        } else if bytes.get(end + 1) == Some(&b':') {
            name = text.get(start..end).unwrap_or_default();
        }
        at = end + 1;
    }
}

/// Bytes below which a string is no sentence worth keeping.
const SENTENCE: usize = 60;
