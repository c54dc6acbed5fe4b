//! What a feed says.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::PressTime;

/// One document of a feed, read.
#[derive(Debug, Clone, Default)]
pub struct Feed {
    /// The feed's title, as plain text.
    pub title: Option<String>,
    /// The page the feed belongs to.
    pub link: Option<String>,
    /// What the feed says of itself, as plain text.
    pub subtitle: Option<String>,
    /// BCP 47 language the feed declares.
    pub language: Option<String>,
    /// The entries, in document order.
    pub entries: Vec<Entry>,
    /// The sitemaps that a sitemap index lists.
    pub children: Vec<Child>,
    /// Elements that could not be read as entries, each with its reason.
    pub refused: Vec<Refused>,
    /// What the feed says about when to ask again.
    pub hints: Hints,
    /// What had to be mended, in words an operator understands.
    pub diagnostics: Vec<Diagnostic>,
    /// Bytes of the document that could not be made anything of.
    pub bytes_lost: u64,
    /// The encoding it was read by, and what decided that (see `charset::Decoded`).
    pub encoding: &'static str,
    /// What decided the encoding.
    pub decoded_by: &'static str,
    /// What it is written in: `rss`, `rdf`, `atom`, `cdf`, `json`, `sitemap`, `sitemap-index`, `lines`.
    pub dialect: &'static str,
    /// Whether the document ended as it should (root closed). False: its validators vouch for nothing.
    pub complete: bool,
}

/// A sitemap that a sitemap index lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Where it is, absolute.
    pub url: Url,
    /// When it last changed, where the index says so (`lastmod`).
    pub modified: Option<PressTime>,
}

/// One element of a feed.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Entry {
    /// guid, `atom:id`, `rdf:about`, JSON Feed `id`; `None` when the feed gave none (never invented).
    pub id: Option<String>,
    /// The article's page, absolute.
    pub url: Option<Url>,
    /// Headline as plain text.
    pub title: Option<String>,
    /// Summary as given (may be HTML).
    pub summary: Option<String>,
    /// Full content as given (may be HTML).
    pub content: Option<String>,
    /// When it was published.
    pub published: Option<PressTime>,
    /// When it was last changed.
    pub updated: Option<PressTime>,
    /// Authors' names.
    pub authors: Vec<String>,
    /// Categories, as shown to readers.
    pub categories: Vec<String>,
    /// Attached media.
    pub enclosures: Vec<Enclosure>,
    /// BCP 47 language, when the entry says so.
    pub language: Option<String>,
    /// An illustration.
    pub image: Option<Url>,
    /// The outlet the entry was taken from (`source` element), if it names one.
    pub credit: Option<String>,
    /// When we first saw it.
    pub seen_at: Timestamp,
}

impl Entry {
    /// An entry that only has a page, as for `wireroom extract`.
    pub fn of_page(url: Option<Url>, seen_at: Timestamp) -> Entry {
        Entry {
            id: None,
            url,
            title: None,
            summary: None,
            content: None,
            published: None,
            updated: None,
            authors: Vec::new(),
            categories: Vec::new(),
            enclosures: Vec::new(),
            language: None,
            image: None,
            credit: None,
            seen_at,
        }
    }
}

/// Attached media of an entry.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Enclosure {
    /// Where it is, as given.
    pub url: String,
    /// Its media type, as given.
    pub media_type: Option<String>,
}

/// An element of a feed that could not become an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// A stable name for it: its id or link where it had one, else a hash of its bytes.
    pub key: String,
    /// Its title, when it could be read.
    pub title: Option<String>,
    /// Why, in words.
    pub reason: String,
}

/// Something the reader had to mend or leave.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Diagnostic {
    /// A stable short name, e.g. `bare-ampersand`.
    pub step: String,
    /// One sentence.
    pub detail: String,
    /// How many times.
    pub count: u32,
}

/// What a feed says about when to ask again, and where else to look.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Hints {
    /// RSS `ttl`.
    pub ttl: Option<Duration>,
    /// RSS `skipHours`, GMT, 0 to 23.
    pub skip_hours: Vec<u8>,
    /// RSS `skipDays`, Monday is 0.
    pub skip_days: Vec<u8>,
    /// `sy:updatePeriod` divided by `sy:updateFrequency`.
    pub update_period: Option<Duration>,
    /// WebSub hub.
    pub hub: Option<String>,
    /// The feed's own address (`rel=self`).
    pub self_link: Option<String>,
    /// The next page of older entries (RFC 5005 §3, JSON Feed `next_url`).
    pub next_page: Option<String>,
    /// The archive before this document (RFC 5005 §4, `prev-archive`).
    pub archive_page: Option<String>,
    /// The image that stands for the feed.
    pub image: Option<String>,
    /// This document is an archive, which never changes (RFC 5005 §4, `fh:archive`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_archive: bool,
    /// This document has all entries there are (RFC 5005 §2, `fh:complete`): there is nothing older to look for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_whole: bool,
}
