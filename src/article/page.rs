//! The parsed page: decoded once, parsed once, its structured data read once.

use scraper::{Html, Node};
use serde_json::Value;

use super::{Error, structured};
use crate::charset;
use crate::markup;
use crate::model::{Document, Note, Url};

/// A page after the guard, the parse, and one reading of its scripts and meta elements.
pub(super) struct Page {
    /// Where it was found, after redirects.
    pub(super) url: Url,
    /// What relative references are relative to (`<base href>` or `url`).
    pub(super) base: Url,
    /// The DOM.
    pub(super) html: Html,
    /// Every JSON-LD object of the page, `@graph`s and arrays flattened, in document order.
    pub(super) json_ld: Vec<Value>,
    /// `(name or property or itemprop or http-equiv, lower case; content)` of every `<meta>`, in document order.
    pub(super) meta: Vec<(String, String)>,
    /// The fields of the answer's head that speak of the document.
    pub(super) fields: Vec<(String, String)>,
    /// `Content-Language` of the answer.
    pub(super) content_language: Option<String>,
    /// The text of `<title>`, tidied, as it stands.
    pub(super) title: Option<String>,
    /// Defects met on the way.
    pub(super) notes: Vec<Note>,
}

impl Page {
    /// Decodes, guards and parses a document; an error says what it is instead of a page.
    pub(super) fn read(document: &Document) -> Result<Page, Error> {
        let content_type = document.content_type.as_deref();
        if let Some(other) = not_a_page(&document.body, content_type) {
            return Err(Error::NotAPage(other));
        }
        let decoded = charset::decode(&document.body, content_type, charset::Markup::Html);
        let mut notes = Vec::new();
        let guarded = markup::guard(&decoded.text, &markup::Limits::default());
        if guarded.cut != markup::Cut::default() {
            notes.push(note("page", format!("the markup is beyond the limits and was cut: {:?}", guarded.cut)));
        }
        let html = Html::parse_document(&guarded.text);
        let mut page = Page {
            base: document.head.final_url.clone(),
            url: document.head.final_url.clone(),
            html,
            json_ld: Vec::new(),
            meta: Vec::new(),
            fields: document.head.fields.clone(),
            content_language: document.content_language.clone(),
            title: None,
            notes,
        };
        page.look();
        if !document.complete {
            page.notes.push(note("page", "the document ended early".to_owned()));
        }
        Ok(page)
    }

    /// One walk over the tree for what stands in the head and in scripts.
    fn look(&mut self) {
        let mut base = None;
        let mut budget = structured::Budget::default();
        let mut frames = false;
        for node in self.html.tree.nodes() {
            let Node::Element(element) = node.value() else { continue };
            match element.name() {
                "meta" if self.meta.len() < MOST_META => self.meta.extend(meta_of(element)),
                "base" if base.is_none() => base = element.attr("href").and_then(|href| self.url.join(href.trim()).ok()),
                "title" if self.title.is_none() && !in_foreign(element) => {
                    let text: String =
                        node.children().filter_map(|child| child.value().as_text().map(|text| text.to_string())).collect();
                    self.title = Some(markup::tidy(&text)).filter(|title| !title.is_empty());
                }
                "script" if is_json_ld(element) => {
                    for text in node.children().filter_map(|child| child.value().as_text()) {
                        structured::read(text, &mut self.json_ld, &mut budget);
                    }
                }
                "frameset" => frames = true,
                _ => {}
            }
        }
        if let Some(base) = base.filter(|base| matches!(base.scheme(), "http" | "https")) {
            self.base = base;
        }
        if frames {
            self.notes.push(note("page", "the page is a frameset: its text stands on other pages".to_owned()));
        }
        if let Some((_, refresh)) =
            self.meta.iter().find(|(name, content)| name == "refresh" && content.to_ascii_lowercase().contains("url="))
        {
            self.notes
                .push(note("page", format!("the page sends its reader on: {}", refresh.chars().take(200).collect::<String>())));
        }
    }

    /// The scripts that may carry data.
    pub(super) fn scripts(&self) -> Vec<String> {
        let mut scripts = Vec::new();
        for node in self.html.tree.nodes() {
            let Node::Element(element) = node.value() else { continue };
            if element.name() == "script" && !is_json_ld(element) {
                scripts.extend(
                    node.children()
                        .filter_map(|child| child.value().as_text())
                        .filter(|text| text.len() > 400)
                        .map(|text| text.to_string()),
                );
            }
        }
        scripts
    }
}

/// Entries of `<meta>` that are read; who reads them may compare each with each.
const MOST_META: usize = 500;

fn note(field: &str, detail: String) -> Note {
    Note { field: field.to_owned(), detail }
}

/// Whether a `<title>` is one of a drawing.
fn in_foreign(element: &scraper::node::Element) -> bool {
    &*element.name.ns != "http://www.w3.org/1999/xhtml"
}

fn is_json_ld(element: &scraper::node::Element) -> bool {
    element.attr("type").is_some_and(|kind| kind.trim().to_ascii_lowercase().starts_with("application/ld+json"))
}

/// Name and content of a `<meta>`; one element may carry several names.
fn meta_of(element: &scraper::node::Element) -> Vec<(String, String)> {
    // Some savers of pages rename `content` to `value`.
    let Some(content) = element.attr("content").or_else(|| element.attr("value")) else { return Vec::new() };
    let names = ["name", "property", "itemprop", "http-equiv"].iter().filter_map(|key| element.attr(key));
    let mut out: Vec<(String, String)> = Vec::new();
    for name in names {
        let name = name.trim().to_ascii_lowercase();
        if !name.is_empty() && !out.iter().any(|(known, _)| *known == name) {
            out.push((name, content.to_owned()));
        }
    }
    out
}

/// What the document is, when it is certainly no page.
fn not_a_page(body: &[u8], content_type: Option<&str>) -> Option<String> {
    const MAGIC: [(&[u8], &str); 15] = [
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"RIFF", "a media file"),
        (b"OggS", "a media file"),
        (b"ID3", "a media file"),
        (b"\x1aE\xdf\xa3", "a media file"),
        (b"PK\x03\x04", "a ZIP archive or office document"),
        (b"\x1f\x8b", "gzip data"),
        (b"\x28\xb5\x2f\xfd", "zstd data"),
        (b"BZh", "bzip2 data"),
        (b"\xd0\xcf\x11\xe0", "an office document"),
        (b"\x7fELF", "a program"),
        (b"{\\rtf", "an RTF document"),
    ];
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| body.starts_with(magic)) {
        return Some((*what).to_owned());
    }
    if body.get(4..8) == Some(b"ftyp") {
        return Some("a media file".to_owned());
    }
    let text = body.trim_ascii_start();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii();
    if text.is_empty() {
        return Some(format!("the document is empty ({} bytes)", body.len()));
    }
    if looks_like_html(body) {
        return None;
    }
    if matches!(text[0], b'{' | b'[') && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok() {
        return Some("JSON".to_owned());
    }
    let start = &text[..text.len().min(2_000)];
    let has = |mark: &str| start.windows(mark.len()).any(|window| window.eq_ignore_ascii_case(mark.as_bytes()));
    if has("<rss") || has("<feed") || has("<rdf:rdf") || has("<urlset") || has("<sitemapindex") {
        return Some("a feed or sitemap".to_owned());
    }
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let other = kind.starts_with("image/") || kind.starts_with("audio/") || kind.starts_with("video/") || kind.starts_with("font/");
    let other = other || (kind.starts_with("application/") && !kind.contains("html") && !kind.contains("xml"));
    if other || matches!(kind.as_str(), "text/css" | "text/javascript" | "text/csv" | "text/calendar") {
        return Some(kind);
    }
    // Text in UTF-16 has zeros too; anything else with many of them is data.
    let zeros = body.iter().take(4_096).filter(|byte| **byte == 0).count();
    if zeros > 8 && !matches!(body.get(..2), Some(b"\xff\xfe" | b"\xfe\xff")) && !wide_html(body) {
        return Some("binary data".to_owned());
    }
    None
}

/// Whether tags of a page stand near its beginning.
fn looks_like_html(body: &[u8]) -> bool {
    const MARKS: [&[u8]; 8] = [b"<!doctype html", b"<html", b"<head", b"<body", b"<title", b"<div", b"<p", b"<meta"];
    let start = &body[..body.len().min(16_384)];
    start
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'<')
        .any(|(at, _)| MARKS.iter().any(|mark| start[at..].get(..mark.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(mark))))
}

/// The same in UTF-16 without a byte order mark.
fn wide_html(body: &[u8]) -> bool {
    let narrow: Vec<u8> = body.iter().take(4_096).copied().filter(|byte| *byte != 0).collect();
    looks_like_html(&narrow)
}
