//! Bytes of a feed → `Feed`: decode, parse, recover, salvage; sitemaps too.

use crate::model::{Assume, Document, Failure, Feed, FeedKind};

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
}

impl Error {
    /// What it means for the next attempt.
    pub fn failure(&self) -> Failure {
        Failure::Persistent
    }

    /// A stable class for the operator.
    pub fn class(&self) -> &'static str {
        "not_a_feed"
    }
}

/// Reads a feed or sitemap.
pub fn parse(document: &Document, reading: &Reading<'_>) -> Result<Feed, Error> {
    let _ = (document, reading);
    Err(Error::NotAFeed("no reader yet".into()))
}
