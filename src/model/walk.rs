//! Walks: the pages a source has besides its feeds (the sitemaps of an index, the archives of a feed), and which of them are read.

use jiff::Timestamp;
use url::Url;

use super::{EntryId, EntryKey, FeedId, FeedKind, PressTime};

/// A walk through the pages of a source, in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct WalkId(pub i64);

/// A stretch of time, both ends included. An end that is absent has no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// Its first instant.
    pub from: Option<Timestamp>,
    /// Its last instant.
    pub to: Option<Timestamp>,
}

/// Why a source is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WalkReason {
    /// Two polls of a feed did not overlap: what fell between them is looked for.
    Gap,
    /// The operator asked for it.
    Backfill,
}

impl WalkReason {
    /// The word used in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            WalkReason::Gap => "gap",
            WalkReason::Backfill => "backfill",
        }
    }
}

/// A walk, as a claim on one of its pages brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walk {
    /// Which one.
    pub id: WalkId,
    /// Why.
    pub reason: WalkReason,
    /// The entries that are looked for.
    pub window: Span,
}

/// Where a pollable URL stands among the pages of its source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Named by an index, a feed or robots.txt, not by the operator: robots.txt is obeyed, and it rests between two reads.
    pub found: bool,
    /// How many pages lead from the configuration to it.
    pub depth: u32,
    /// Whether what it lists at first sight was there before the source was followed.
    pub looks_back: bool,
    /// Entries of a sitemap before this instant are not wanted, however often it lists them. `None`: not decided yet.
    pub wanted_from: Option<Timestamp>,
    /// The walk that wants it read, if one does.
    pub walk: Option<Walk>,
    /// What its index said of its last change when it was last set going.
    pub listed: Option<Timestamp>,
    /// Where the chain of older pages stands that led to it.
    pub chain: Chain,
}

/// How far the pages of a feed that lead to older ones have come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Chain {
    /// The oldest date on the pages so far.
    pub oldest: Option<Timestamp>,
    /// How many pages in a row led no further back and brought nothing.
    pub stalled: u32,
}

/// A page that the ledger knows of the source of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPage {
    /// Its row.
    pub feed: FeedId,
    /// Where it is.
    pub url: Url,
    /// What the index said of its last change when it was last asked for.
    pub listed: Option<Timestamp>,
    /// Whether it is asked for with every poll of its index.
    pub followed: bool,
    /// The last walk that wanted it.
    pub walk: Option<WalkId>,
    /// Whether this index led to it, not another one of the source.
    pub ours: bool,
    /// When it was last read.
    pub read: Option<Timestamp>,
}

/// A page to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it is.
    pub url: Url,
    /// What is expected there.
    pub kind: FeedKind,
    /// What the index says of its last change.
    pub listed: Option<PressTime>,
    /// To be read now, because it is new or changed.
    pub wake: bool,
    /// To be asked for with every poll of its index, since nothing else tells whether it changed.
    pub follow: bool,
    /// To be read in full for the walk that read this document.
    pub walk: bool,
    /// To be read although its index says nothing new of it: it was read before the day that stands there was over.
    pub again: bool,
    /// What it lists at first sight was there before the source was followed.
    pub looks_back: bool,
    /// Where the chain of older pages stands that leads to it.
    pub chain: Chain,
}

/// What a document says of other pages, decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pages {
    /// Pages to be read, the most promising first.
    pub next: Vec<Page>,
    /// Known pages that the document no longer lists: switched off.
    pub vanished: Vec<FeedId>,
    /// Known pages that are no longer asked for with every poll.
    pub unfollowed: Vec<FeedId>,
    /// Pages that are wanted and were too many for this time: the document's validators are not kept.
    pub left: usize,
    /// Pages that are to be read again when their day is over: the document's validators are not kept either.
    pub waiting: usize,
    /// Whether all that the document lists was seen by now: what it lists besides, later on, is news.
    pub seen_all: bool,
    /// Entries before this instant are not wanted in this document and those below it, now and later.
    pub wanted_from: Option<Timestamp>,
    /// Entries within the walk's window.
    pub found: usize,
    /// Whether the document goes back to the beginning of the walk's window.
    pub reached: bool,
    /// Keys of the fresh entries within the walk's window.
    pub within: Vec<EntryKey>,
    /// Entries that are older than wanted: counted, not kept.
    pub beyond: usize,
}

/// A walk that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkOrder {
    /// The source's name.
    pub source: String,
    /// Why.
    pub reason: WalkReason,
    /// What is looked for.
    pub window: Span,
    /// Sitemaps that are known from elsewhere (robots.txt), to begin with.
    pub sitemaps: Vec<Url>,
    /// Entries that were put aside for their age and are wanted now.
    pub revived: Vec<EntryId>,
}
