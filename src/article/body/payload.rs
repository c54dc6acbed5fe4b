//! The text of pages whose elements hold none: in scripts, in `articleBody`, in the feed.

use scraper::Html;
use serde_json::Value;

use super::outline::{Outline, Removed};
use super::{evidence, features, lines, words};
use crate::article::page::Page;
use crate::markup;
use crate::model::Entry;

/// Characters below which a string in a script is no article.
const SHORTEST: usize = 400;

/// Paragraphs found elsewhere than in the page's elements, when they are far more than the ones `found` there, and of the same article.
pub(super) fn elsewhere(page: &Page, entry: &Entry, found: &[String]) -> Option<(Vec<String>, &'static str)> {
    let words = super::count(found);
    let article = Article::of(page, entry, found);
    let texts = [
        (from_json_ld(page, &article), "its structured data"),
        (from_scripts(page, &article), "a script"),
        (from_feed(entry), "the feed"),
    ];
    texts
        .into_iter()
        .map(|(paragraphs, from)| (super::count(&paragraphs), paragraphs, from))
        .filter(|(count, _, _)| *count > 3 * words && *count >= 40)
        // The first that is not much poorer than another.
        .reduce(|best, next| if next.0 > 2 * best.0 { next } else { best })
        .map(|(_, paragraphs, from)| (paragraphs, from))
}

/// What is known of the article, to tell its text from that of another story, of terms, of settings.
struct Article {
    /// Runs of four words of what its elements hold.
    found: words::Set,
    /// Words there.
    count: usize,
    /// Its headlines, as words.
    titles: Vec<Vec<u32>>,
    /// Headlines and descriptions that are long enough to tell.
    told: Vec<Vec<u32>>,
}

/// Words of the page's elements below which they may be anything: "Loading", "Please enable scripts".
const EMPTY: usize = 20;
/// Words of a headline or a description below which it tells nothing.
const TELLING: usize = 2;

/// How well a text fits of which nothing is known.
const UNKNOWN: f32 = 0.1;

impl Article {
    fn of(page: &Page, entry: &Entry, found: &[String]) -> Article {
        let all = |names: &'static [&str]| {
            page.meta.iter().filter(|(name, _)| names.contains(&name.as_str())).map(|(_, content)| content.as_str())
        };
        let titles = [page.title.as_deref(), entry.title.as_deref()].into_iter().flatten().chain(all(&["og:title"]));
        let titles: Vec<Vec<u32>> = titles.map(telling_words).collect();
        let described = all(&["description", "og:description"]).map(telling_words);
        let told = titles.iter().cloned().chain(described).filter(|words| words.len() >= TELLING).collect();
        Article {
            found: found.iter().flat_map(|text| evidence::grams(&words::of_text(text)).collect::<Vec<u32>>()).collect(),
            count: super::count(found),
            titles,
            told,
        }
    }

    /// How well a text fits, from 0 (another story's) on: it says what the elements say, or what headline and description tell.
    fn fits(&self, paragraphs: &[String]) -> f32 {
        let text: Vec<Vec<u32>> = paragraphs.iter().map(|text| words::of_text(text)).collect();
        let grams: words::Set = text.iter().flat_map(|words| evidence::grams(words).collect::<Vec<u32>>()).collect();
        let again = self.found.iter().filter(|gram| grams.contains(*gram)).count() as f32 / self.found.len().max(1) as f32;
        if again >= 0.5 {
            return 1.0 + again;
        }
        if self.count >= EMPTY {
            return 0.0;
        }
        // A page without a headline tells nothing: any text is better than none.
        if self.told.is_empty() {
            return UNKNOWN;
        }
        let text: words::Set = text.into_iter().flatten().collect();
        let there = |told: &Vec<u32>| told.iter().filter(|word| text.contains(word)).count() as f32 / told.len() as f32;
        let told = self.told.iter().map(there).fold(0.0, f32::max);
        if told >= 0.5 { told } else { 0.0 }
    }

    /// Whether a headline is the article's.
    fn is_headline(&self, headline: &str) -> bool {
        let words = telling_words(headline);
        let shares = |told: &Vec<u32>| 2 * words.iter().filter(|word| told.contains(word)).count() > words.len();
        !words.is_empty() && self.titles.iter().any(shares)
    }
}

/// The words of a headline without the short ones, which stand in every text.
fn telling_words(text: &str) -> Vec<u32> {
    let long = text.split_whitespace().filter(|word| word.chars().count() > 3 || word.chars().any(words::is_wide));
    words::of_text(&long.collect::<Vec<&str>>().join(" "))
}

/// `articleBody` of the object that tells of this page.
fn from_json_ld(page: &Page, article: &Article) -> Vec<String> {
    let texts = page.json_ld.iter().filter_map(|object| {
        let body = object.get("articleBody").and_then(Value::as_str)?;
        let headline = object.get("headline").and_then(Value::as_str);
        let paragraphs = text_of(body);
        let fits = article.fits(&paragraphs);
        let is_headline = headline.is_some_and(|headline| article.is_headline(headline));
        let is_own = is_headline || fits >= 1.0 || (headline.is_none() || article.told.is_empty()) && fits > 0.0;
        is_own.then_some((fits + f32::from(u8::from(is_headline)), body.len(), paragraphs))
    });
    texts
        .max_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)))
        .map(|(_, _, paragraphs)| paragraphs)
        .unwrap_or_default()
}

fn from_feed(entry: &Entry) -> Vec<String> {
    entry.content.as_deref().map(text_of).unwrap_or_default()
}

/// The text in a script's data: one long string of prose with markup, or many short ones under one name; of several the one
/// that fits best.
fn from_scripts(page: &Page, article: &Article) -> Vec<String> {
    let mut wholes: Vec<String> = Vec::new();
    let mut lists: Vec<(String, Vec<String>)> = Vec::new();
    for script in &page.scripts() {
        for (name, string) in strings(script) {
            if string.len() > SHORTEST && is_prose(&string) {
                wholes.push(string);
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
    let length = |paragraphs: &[String]| paragraphs.iter().map(String::len).sum::<usize>();
    wholes.sort_by_key(|text| std::cmp::Reverse(text.len()));
    let best = |texts: Vec<Vec<String>>| {
        let weighed = texts.into_iter().map(|text| (article.fits(&text), length(&text), text)).filter(|(fits, _, _)| *fits > 0.0);
        weighed.max_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)))
    };
    let whole = best(wholes.iter().take(MOST_TEXTS).map(|text| text_of(text)).collect());
    let lists = lists.into_iter().map(|(_, list)| list).filter(|list| list.len() > 2 && length(list) > SHORTEST);
    let list = best(lists.map(|list| list.iter().flat_map(|text| text_of(text)).collect()).collect());
    match (whole, list) {
        (Some((_, whole, text)), Some((_, list, _))) if whole >= list => text,
        (_, Some((_, _, text))) if article.count < EMPTY => text,
        (Some((_, _, text)), _) => text,
        _ => Vec::new(),
    }
}

/// Texts of a page's scripts, the longest first, of which the one that fits best is taken.
const MOST_TEXTS: usize = 24;

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
    let is_data = text.starts_with(['{', '[']) || ["\":{", "\":[", "\":\""].iter().any(|mark| text.contains(mark));
    marks >= 2 && sentences >= 4 && !is_data && !text.contains("function(") && text.contains([' ', '。'])
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
