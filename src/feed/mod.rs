//! Bytes of a feed → `Feed`: decode, parse, recover, salvage; sitemaps too.

mod xml;
mod entities;
mod vocabulary;
mod tree;
mod text;
mod entry;
mod channel;
mod sitemap;
mod json;
mod witness;
mod lookalike;
pub mod discovery;
pub mod opml;

use crate::charset::{self, Decoded, Markup};
use crate::model::{Assume, Diagnostic, Document, Failure, Feed, FeedKind, Refused, Url};

use channel::UpdateRate;
use entry::Inherited;
use tree::{Node, Piece, Pieces};
use xml::Mended;

/// Largest document that is read.
pub const LARGEST: usize = 64 * 1024 * 1024;
/// Most entries of one document.
pub const MOST_ENTRIES: usize = 50_000;
/// Most elements refused one by one.
const MOST_REFUSED: usize = 1000;

/// The reader's version, raised with every change of what it reads: validators are bound to it, so
/// that a mended reader sees once more what an earlier one refused.
pub const VERSION: u32 = 1;

/// What the reader is told besides the bytes.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// What is expected to stand there.
    pub kind: FeedKind,
    /// Zone, language and instant of first sight.
    pub assume: Assume<'a>,
}

/// Why there is no feed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The document is something else.
    #[error("not a feed: {0}")]
    NotAFeed(String),
    /// The document is longer than anything a feed should be.
    #[error("a document of {bytes} bytes, more than the {limit} that are read")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The most that is read.
        limit: usize,
    },
    /// The document cannot be read as text.
    #[error("unreadable: {0}")]
    Unreadable(String),
}

impl Error {
    /// What it means for the next attempt.
    pub fn failure(&self) -> Failure {
        Failure::Persistent
    }

    /// A stable class for the operator.
    pub fn class(&self) -> &'static str {
        match self {
            Error::NotAFeed(_) => "not_a_feed",
            Error::TooLarge { .. } => "too_large",
            Error::Unreadable(_) => "unreadable",
        }
    }
}

/// Reads a feed or sitemap. Never panics, whatever the bytes.
pub fn parse(document: &Document, reading: &Reading<'_>) -> Result<Feed, Error> {
    if document.body.len() > LARGEST {
        return Err(Error::TooLarge { bytes: document.body.len(), limit: LARGEST });
    }
    if let Some(what) = packed(&document.body) {
        return Err(Error::Unreadable(what.into()));
    }
    let decoded = charset::decode(&document.body, document.content_type.as_deref(), Markup::Xml);
    let base = &document.head.final_url;
    let assume = &reading.assume;
    let start = decoded.text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\u{FEFF}' | '\0'));
    let mut mended = Mended::default();
    let mut feed = if start.starts_with(['{', '[']) {
        json::read(start, Some(base), assume, MOST_ENTRIES, &mut mended).map_err(Error::NotAFeed)?
    } else if let Some(entries) = sitemap::from_lines(start, assume, MOST_ENTRIES) {
        Feed { entries, complete: true, ..Feed::default() }
    } else {
        from_xml(&decoded.text, base, assume, &mut mended)?
    };
    feed.complete &= document.complete;
    if feed.language.is_none() {
        feed.language =
            document.content_language.as_deref().and_then(|tag| channel::language(tag.split(',').next().unwrap_or(tag)));
    }
    diagnose(&mut feed, &decoded, &mended);
    Ok(feed)
}

/// What the document's own element makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Feed,
    Sitemap,
    Index,
}

fn from_xml(text: &str, base: &Url, assume: &Assume<'_>, mended: &mut Mended) -> Result<Feed, Error> {
    let mut pieces = Pieces::new(text, Some(base));
    let mut feed = Feed::default();
    let mut kind = None;
    let mut channelled = false;
    let mut inherited = Inherited { document: Some(base.clone()), ..Inherited::default() };
    let mut update = UpdateRate::default();
    let mut more = 0usize;
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Root(node) if kind.is_none() => {
                kind = kind_of(&node)?;
                channelled |= kind.is_some() && (node.name != "rdf" || pieces.speaks_rss());
                own_language(&node, &mut feed);
            }
            Piece::Container(node) => {
                channelled = true;
                own_language(&node, &mut feed);
            }
            Piece::Field(node) if kind.is_some() => {
                channelled |= matches!(node.name.as_ref(), "title" | "items");
                channel::read(&node, &mut feed, &mut inherited, &mut update);
            }
            Piece::Entry(node) => {
                let kind = *kind.get_or_insert(Kind::Feed);
                if feed.entries.len() + feed.children.len() >= MOST_ENTRIES {
                    more += 1;
                } else {
                    read_entry(&node, kind, &mut feed, &inherited, assume);
                }
            }
            _ => {}
        }
    }
    feed.complete = pieces.complete;
    feed.hints.update_period = update.between();
    if more > 0 {
        refuse(&mut feed, "more".into(), None, format!("{more} entries beyond the first {MOST_ENTRIES}"));
    }
    std::mem::swap(mended, pieces.mended());
    if kind.is_none() || !channelled && feed.entries.is_empty() && feed.refused.is_empty() {
        return Err(Error::NotAFeed(lookalike::describe(text)));
    }
    second_reading(text, base, assume, &mut feed, mended);
    Ok(feed)
}

/// What a document is by its root; documents that are known to be no feeds are refused here.
fn kind_of(node: &Node<'_>) -> Result<Option<Kind>, Error> {
    let refusal = |what: &str| Err(Error::NotAFeed(what.into()));
    match node.name.as_ref() {
        "rss" | "feed" | "rdf" | "channel" => Ok(Some(Kind::Feed)),
        "urlset" => Ok(Some(Kind::Sitemap)),
        "sitemapindex" => Ok(Some(Kind::Index)),
        "service" => refusal("an AtomPub service document"),
        "categories" => refusal("an AtomPub category document"),
        "opml" => refusal("an OPML document, a list of feeds"),
        _ => Ok(None),
    }
}

fn own_language(node: &Node<'_>, feed: &mut Feed) {
    if feed.language.is_none() {
        feed.language = node.language.as_deref().and_then(channel::language);
    }
}

fn read_entry(node: &Node<'_>, kind: Kind, feed: &mut Feed, inherited: &Inherited, assume: &Assume<'_>) {
    match kind {
        Kind::Index => match sitemap::child(node, inherited, assume) {
            Some(child) => feed.children.push(child),
            None => refuse(feed, key_of(node), None, "a sitemap without an address".into()),
        },
        Kind::Sitemap => {
            let entry = sitemap::read(node, inherited, assume);
            match entry.url {
                Some(_) if node.cut => refuse(feed, key_of(node), entry.title, "cut off by the end of the document".into()),
                Some(_) => feed.entries.push(entry),
                None => refuse(feed, key_of(node), entry.title, "an element without an address".into()),
            }
        }
        Kind::Feed => {
            let entry = entry::read(node, inherited, assume);
            if node.cut {
                refuse(feed, entry.id.unwrap_or_else(|| key_of(node)), entry.title, "cut off by the end of the document".into());
                return;
            }
            // An element with fields, even ones we have no use for, is an entry; what becomes of it is `dedup`'s to say.
            if entry::is_something(&entry) || node.elements().next().is_some() || node.attribute("lastmod").is_some() {
                feed.entries.push(entry);
            } else {
                refuse(feed, key_of(node), None, "an empty element".into());
            }
        }
    }
}

/// A name for an element that has none of its own.
fn key_of(node: &Node<'_>) -> String {
    let mut seen = node.name.to_string();
    for child in node.elements() {
        seen.push_str(&child.name);
        seen.push_str(&child.text());
    }
    format!("{:016x}", entry::stable_hash(seen.as_bytes()))
}

/// Records what could not become an entry, up to a bearable number.
fn refuse(feed: &mut Feed, key: String, title: Option<String>, reason: String) {
    match feed.refused.len() {
        0..MOST_REFUSED => feed.refused.push(Refused { key, title, reason }),
        MOST_REFUSED => feed.refused.push(Refused {
            key: "further".into(),
            title: None,
            reason: "further elements that could not be read".into(),
        }),
        _ => {}
    }
}

/// Where a mended document shows more entries than were read, `feed-rs` is heard too.
fn second_reading(text: &str, base: &Url, assume: &Assume<'_>, feed: &mut Feed, mended: &mut Mended) {
    let read = feed.entries.len() + feed.refused.len() + feed.children.len();
    if mended.iter().next().is_none() || read >= MOST_ENTRIES || starts_of_entries(text) <= read {
        return;
    }
    let second = witness::entries(text, base, assume);
    if second.len() > read {
        mended.note("second-reader");
        feed.entries = second;
        feed.entries.truncate(MOST_ENTRIES);
    }
}

/// How many start tags of entries the text shows, wherever they stand.
fn starts_of_entries(text: &str) -> usize {
    let begins = |name: &str| {
        text.match_indices(name)
            .filter(|(at, _)| text[at + name.len()..].starts_with(|c: char| c == '>' || c == '/' || c.is_whitespace()))
            .count()
    };
    begins("<item") + begins("<entry")
}

/// Archives and compressed data, by their first bytes.
fn packed(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x1F, 0x8B, ..] => Some("gzip data that was not unpacked"),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Some("zstd data that was not unpacked"),
        [b'P', b'K', 3, 4, ..] => Some("a zip archive"),
        _ => None,
    }
}

/// Puts into words what had to be forgiven.
fn diagnose(feed: &mut Feed, decoded: &Decoded, mended: &Mended) {
    let mut say = |step: &str, detail: String, count: u32| {
        feed.diagnostics.push(Diagnostic { step: step.into(), detail, count });
    };
    match decoded.by {
        "near-utf8" => say("encoding-repair", "stray bytes in UTF-8 were read as windows-1252".into(), 1),
        "detected" => say("encoding-detected", format!("the encoding was guessed: {}", decoded.encoding), 1),
        _ => {}
    }
    if decoded.replaced > 0 {
        let count = u32::try_from(decoded.replaced).unwrap_or(u32::MAX);
        say("undecodable", format!("{count} places could not be decoded as {}", decoded.encoding), count);
    }
    for (step, count) in mended.iter() {
        let what = match step {
            "bare-ampersand" => "an ampersand that begins no reference",
            "bare-bracket" => "a bracket that opens no tag",
            "control-character" => "a control character",
            "json-mended" => "JSON that is not well-formed",
            "junk-before-root" => "markup before the feed begins",
            "second-reader" => "entries only the second reader found",
            "stray-end-tag" => "an end tag that closes nothing",
            "too-much-markup" => "an element nested too deep, or one of too many",
            "truncated" => "the document ends before it is complete",
            "unclosed-cdata" => "a CDATA section without an end",
            "unclosed-comment" => "a comment without an end",
            "unclosed-element" => "an element without an end tag",
            "unclosed-quote" => "an attribute without a closing quote",
            "unclosed-tag" => "a tag without a closing bracket",
            "undeclared-entity" => "an HTML entity that the document does not declare",
            other => other,
        };
        say(
            step,
            if count == 1 { what.into() } else { format!("{what}, {count} times") },
            u32::try_from(count).unwrap_or(u32::MAX),
        );
    }
}
