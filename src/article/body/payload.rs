//! The text of pages whose elements hold none: in scripts, in `articleBody`, in the feed.

use serde_json::Value;

use crate::article::page::Page;
use crate::markup;
use crate::model::Entry;

/// Characters below which a string in a script is no article.
const SHORTEST: usize = 400;

/// Paragraphs found elsewhere than in the page's elements, when they hold far more than the `words` found there.
pub(super) fn elsewhere(page: &Page, entry: &Entry, words: usize) -> Option<(Vec<String>, &'static str)> {
    let found = [(from_json_ld(page), "its structured data"), (from_scripts(page), "a script"), (from_feed(entry), "the feed")];
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

/// The longest string of prose with markup in a script's data.
fn from_scripts(page: &Page) -> Vec<String> {
    let mut best = String::new();
    for script in &page.scripts() {
        for string in strings(script) {
            if string.len() > best.len().max(SHORTEST) && is_prose(&string) {
                best = string;
            }
        }
    }
    text_of(&best)
}

/// Plain text keeps its line breaks as paragraphs.
fn text_of(text: &str) -> Vec<String> {
    let lower = text.len() < 200_000 && !text.contains("<p") && !text.contains("<br") && !text.contains("<div");
    if lower { text.lines().flat_map(markup::blocks).collect() } else { markup::blocks(text) }
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

/// The string literals of a script, unescaped; a literal that holds JSON or escaped literals gives those too.
fn strings(script: &str) -> Vec<String> {
    let mut out = Vec::new();
    literals(script.get(..LONGEST_SCRIPT).unwrap_or(script), &mut out);
    let nested: Vec<String> = out.iter().filter(|string| string.len() > SHORTEST && string.contains("\":\"")).cloned().collect();
    for string in nested {
        literals(&string, &mut out);
    }
    out
}

/// Double-quoted literals longer than an article is short.
fn literals(text: &str, out: &mut Vec<String>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(open) = bytes[at..].iter().position(|byte| *byte == b'"') {
        let start = at + open + 1;
        let mut end = start;
        while end < bytes.len() && bytes[end] != b'"' && bytes[end] != b'\n' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        if end >= bytes.len() {
            return;
        }
        if end - start > SHORTEST && bytes[end] == b'"' {
            let quoted = &text[start - 1..=end];
            if let Ok(string) = serde_json::from_str::<String>(quoted) {
                out.push(string);
            }
        }
        at = end + 1;
        if at >= bytes.len() {
            return;
        }
    }
}
