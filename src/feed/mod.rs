//! Bytes of a feed → `Feed`: decode, parse, recover, salvage; sitemaps too.

mod unpack;
mod xml;
mod entities;
mod vocabulary;
mod node;
mod closing;
mod tree;
mod text;
mod entry;
mod channel;
mod sitemap;
mod json;
mod lenient;
mod witness;
mod lookalike;
mod explain;
pub mod discovery;
pub mod hub;
pub mod opml;

use crate::charset::{self, Decoded, Markup};
use crate::markup;
use crate::model::{Assume, Diagnostic, Document, Entry, Failure, Feed, FeedKind, Refused, Url};

use channel::UpdateRate;
use entry::Inherited;
use node::Node;
use tree::{Piece, Pieces};
use xml::Mended;

/// Largest document that is read.
pub const LARGEST: usize = 64 * 1024 * 1024;
/// Most entries of one document.
pub const MOST_ENTRIES: usize = 50_000;
/// Most elements refused one by one.
const MOST_REFUSED: usize = 1000;

/// The reader's version, raised with every change of what it reads: validators are bound to it, so
/// that a mended reader sees once more what an earlier one refused.
pub const VERSION: u32 = 2;

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
    /// A challenge for browsers stands in the feed's place.
    #[error("a challenge for browsers stands in the place of the feed")]
    Challenge,
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
            Error::Challenge => "captcha",
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
    if unpack::is_gzip(&document.body) {
        // A sitemap is often a gzip file of its own, whatever the transport does.
        let unpacked = unpack::gunzip(&document.body, LARGEST)?;
        let mut feed = read_bytes(&unpacked.bytes, document, reading)?;
        if !unpacked.whole {
            feed.complete = false;
            feed.bytes_lost += unpacked.lost as u64;
            let detail = format!("the gzip data is cut or damaged, {} bytes of it were not unpacked", unpacked.lost);
            feed.diagnostics.insert(0, Diagnostic { step: "damaged-gzip".into(), detail, count: 1 });
        }
        return Ok(feed);
    }
    if let Some(what) = packed(&document.body) {
        return Err(Error::Unreadable(what.into()));
    }
    read_bytes(&document.body, document, reading).map_err(|error| match error {
        Error::NotAFeed(_) if is_challenge(document) => Error::Challenge,
        error => error,
    })
}

/// Whether what is no feed is a challenge for browsers.
fn is_challenge(document: &Document) -> bool {
    let decoded = charset::decode(&document.body, document.content_type.as_deref(), Markup::Html);
    markup::wall(&decoded.text, "") == Some(markup::Wall::Challenge)
}

/// Whether a document is a file that grows when it is read: sitemaps often come as gzip files.
pub fn is_packed(document: &Document) -> bool {
    unpack::is_gzip(&document.body)
}

/// Reads the bytes of a document, unpacked.
fn read_bytes(body: &[u8], document: &Document, reading: &Reading<'_>) -> Result<Feed, Error> {
    let decoded = charset::decode(body, document.content_type.as_deref(), Markup::Xml);
    let base = &document.head.final_url;
    let assume = &reading.assume;
    let start = decoded.text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\u{FEFF}' | '\0'));
    let mut mended = Mended::default();
    let mut feed = if start.starts_with(['{', '[']) {
        json::read(start, Some(base), assume, MOST_ENTRIES, &mut mended).map_err(Error::NotAFeed)?
    } else if let Some(entries) = sitemap::from_lines(start, assume, MOST_ENTRIES) {
        Feed { entries, complete: true, dialect: "lines", ..Feed::default() }
    } else {
        match from_xml(&decoded.text, base, assume, &mut mended) {
            Ok(feed) => feed,
            Err(error) => {
                let json = json::behind_junk(start).ok_or(error)?;
                mended = Mended::default();
                mended.note("junk-before-root");
                mended.lose(start.len() - json.len());
                json::read(json, Some(base), assume, MOST_ENTRIES, &mut mended).map_err(Error::NotAFeed)?
            }
        }
    };
    feed.complete &= document.complete;
    if feed.language.is_none() {
        feed.language =
            document.content_language.as_deref().and_then(|tag| channel::language(tag.split(',').next().unwrap_or(tag)));
    }
    feed.bytes_lost = lost_of(body, &decoded, mended.lost as u64 + feed.bytes_lost);
    (feed.encoding, feed.decoded_by) = (decoded.encoding, decoded.by);
    explain::diagnose(&mut feed, &decoded, &mended);
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
                feed.dialect = dialect_of(&node);
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
            Piece::Entry { node, bytes, closed } => {
                if kind.is_none() {
                    (feed.dialect, kind) = without_root(&node);
                }
                let kind = kind.unwrap_or(Kind::Feed);
                if feed.entries.len() + feed.children.len() >= MOST_ENTRIES {
                    more += 1;
                    feed.bytes_lost += bytes as u64;
                } else if let Err(refused) = read_entry(&node, closed, kind, &mut feed, &inherited, assume) {
                    feed.bytes_lost += bytes as u64;
                    refuse(&mut feed, refused);
                }
            }
            _ => {}
        }
    }
    feed.complete = pieces.complete;
    feed.hints.update_period = update.between();
    if more > 0 {
        refuse(
            &mut feed,
            Refused { key: "more".into(), title: None, reason: format!("{more} entries beyond the first {MOST_ENTRIES}") },
        );
    }
    std::mem::swap(mended, pieces.mended());
    // What only looks like a part of a sitemap must have an address to show.
    let nothing = feed.entries.is_empty() && feed.children.is_empty() && (feed.refused.is_empty() || kind != Some(Kind::Feed));
    if kind.is_none() || !channelled && nothing {
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

/// What a document is written in, by its root.
fn dialect_of(node: &Node<'_>) -> &'static str {
    match node.name.as_ref() {
        "rdf" => "rdf",
        "feed" => "atom",
        "channel" if node.ns == vocabulary::Ns::Rss && node.attributes().any(|(name, _)| name.eq_ignore_ascii_case("href")) => {
            "cdf"
        }
        "urlset" => "sitemap",
        "sitemapindex" => "sitemap-index",
        _ => "rss",
    }
}

/// What an entry is that stands in no document of its own.
fn without_root(node: &Node<'_>) -> (&'static str, Option<Kind>) {
    match (node.ns, node.name.as_ref()) {
        (vocabulary::Ns::Sitemap, "sitemap") => ("sitemap-index", Some(Kind::Index)),
        (vocabulary::Ns::Sitemap, _) => ("sitemap", Some(Kind::Sitemap)),
        (vocabulary::Ns::Atom, _) => ("atom", Some(Kind::Feed)),
        _ => ("rss", Some(Kind::Feed)),
    }
}

fn own_language(node: &Node<'_>, feed: &mut Feed) {
    if feed.language.is_none() {
        feed.language = node.language.as_deref().and_then(channel::language);
    }
}

/// Reads one element as what the document lists; the error is what is refused.
fn read_entry(
    node: &Node<'_>,
    closed: bool,
    kind: Kind,
    feed: &mut Feed,
    inherited: &Inherited,
    assume: &Assume<'_>,
) -> Result<(), Refused> {
    const CUT: &str = "cut off by the end of the document";
    let refusal = |entry: Option<Entry>, reason: &str| {
        let (id, title) = entry.map_or((None, None), |entry| (entry.id, entry.title));
        Refused { key: id.unwrap_or_else(|| key_of(node)), title, reason: reason.into() }
    };
    match kind {
        Kind::Index => {
            let child = sitemap::child(node, inherited, assume).filter(|_| !node.cut);
            feed.children.push(child.ok_or_else(|| refusal(None, if node.cut { CUT } else { "a sitemap without an address" }))?);
        }
        Kind::Sitemap => {
            let entry = sitemap::read(node, inherited, assume);
            match entry.url {
                Some(_) if !node.cut => feed.entries.push(entry),
                Some(_) => return Err(refusal(Some(entry), CUT)),
                None => return Err(refusal(Some(entry), "an element without an address")),
            }
        }
        Kind::Feed => {
            let entry = entry::read(node, inherited, assume);
            if node.cut {
                return Err(refusal(Some(entry), CUT));
            }
            // An element that was written as an entry is one, even with fields we have no use for or none
            // at all; what becomes of it is `dedup`'s to say. An empty one that nothing closed is a stray tag.
            if !(closed || entry::is_something(&entry) || node.elements().next().is_some() || node.attribute("lastmod").is_some()) {
                return Err(refusal(None, "an empty element"));
            }
            feed.entries.push(entry);
        }
    }
    Ok(())
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
fn refuse(feed: &mut Feed, refused: Refused) {
    match feed.refused.len() {
        0..MOST_REFUSED => feed.refused.push(refused),
        MOST_REFUSED => feed.refused.push(Refused {
            key: "further".into(),
            title: None,
            reason: "further elements that could not be read".into(),
        }),
        _ => {}
    }
}

/// Bytes of the document that were lost, given how much of its text was: the two differ where a character is two or four bytes.
fn lost_of(body: &[u8], decoded: &Decoded, of_text: u64) -> u64 {
    let (whole, text) = (body.len() as u128, decoded.text.len().max(1) as u128);
    let of_text = if decoded.encoding.starts_with("utf-8") { u128::from(of_text) } else { u128::from(of_text) * whole / text };
    u64::try_from((of_text + decoded.lost as u128).min(whole)).unwrap_or(u64::MAX)
}

/// Where a mended document shows more entries than were read, `feed-rs` is heard too.
fn second_reading(text: &str, base: &Url, assume: &Assume<'_>, feed: &mut Feed, mended: &mut Mended) {
    let read = feed.entries.len() + feed.refused.len() + feed.children.len();
    if mended.is_empty() || read >= MOST_ENTRIES || starts_of_entries(text) <= read {
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
        [0x1F, 0x8B, ..] => Some("gzip data of a kind nobody uses"),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Some("zstd data that was not unpacked"),
        [b'P', b'K', 3, 4, ..] => Some("a zip archive"),
        _ => None,
    }
}
