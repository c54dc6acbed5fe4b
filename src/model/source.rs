//! Sources and their feeds, as the operator named them.

use url::Url;

/// One desk of an agency, as named in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Stable id, `[a-z0-9-]+`.
    pub name: String,
    /// The former name, when the operator renamed it: history moves along.
    pub was: Option<String>,
    /// The agency's name as shown to readers; `name` when not given.
    pub agency: String,
    /// Whether it is polled and scraped.
    pub enabled: bool,
    /// Its pollable URLs, at least one.
    pub feeds: Vec<FeedSpec>,
    /// IANA zone for dates without one.
    pub timezone: Option<String>,
    /// BCP 47 language.
    pub language: Option<String>,
}

/// One pollable URL of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedSpec {
    /// Where it is.
    pub url: Url,
    /// What stands there.
    pub kind: FeedKind,
}

/// What a pollable URL is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedKind {
    /// RSS, Atom, RDF or JSON Feed.
    Feed,
    /// A (news) sitemap.
    Sitemap,
    /// An archive page of a feed (RFC 5005).
    Archive,
    /// A home page, on which feeds are discovered.
    Home,
}

impl FeedKind {
    /// The word used in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            FeedKind::Feed => "feed",
            FeedKind::Sitemap => "sitemap",
            FeedKind::Archive => "archive",
            FeedKind::Home => "home",
        }
    }
}
