//! Rows as the ledger shows them: the public views as plain data, ready for JSON.

use serde::Serialize;

use crate::model::{ArticleId, Edge, EntryId, Evidence, Provenance, StoryId, WalkId};

/// What `sync_sources` changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Synced {
    /// Sources new to the ledger.
    pub added: Vec<String>,
    /// Sources that took over a former name's history: (former, now).
    pub renamed: Vec<(String, String)>,
    /// Sources switched on again.
    pub enabled: Vec<String>,
    /// Sources switched off.
    pub disabled: Vec<String>,
    /// Sources no longer named.
    pub removed: Vec<String>,
    /// Feeds new to the ledger.
    pub feeds_added: usize,
    /// Feeds no longer polled because they are no longer named.
    pub feeds_dropped: usize,
    /// Entries that became `skipped` because their source is off or gone.
    pub entries_skipped: usize,
    /// Entries that came back with their source.
    pub entries_returned: usize,
}

/// What `forget` took away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// Articles, with their revisions and search index.
    pub articles: usize,
    /// Entries that will not be scraped (again).
    pub entries: usize,
    /// Raw responses.
    pub raw_responses: usize,
    /// Page keys that are kept from coming back.
    pub pages: usize,
}

/// The ledger at a glance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Articles filed.
    pub articles: i64,
    /// Stories they make.
    pub stories: i64,
    /// Enabled sources.
    pub sources: i64,
    /// Feeds that are polled.
    pub feeds: i64,
    /// Of those, feeds whose last poll failed.
    pub feeds_failing: i64,
    /// Of those, feeds whose time has come.
    pub feeds_due: i64,
    /// Of those, feeds whose last document had to be mended.
    pub feeds_mended: i64,
    /// Entries that came and went between two polls, by the feeds' turnover, and did not come later.
    pub entries_lost: i64,
    /// Entries waiting for their page.
    pub pending: i64,
    /// Of those, entries whose time has come.
    pub pending_due: i64,
    /// Feeds and entries in hand.
    pub in_hand: i64,
    /// Entries given up.
    pub failed: i64,
    /// Entries not wanted or not readable.
    pub skipped: i64,
    /// Entries in all.
    pub entries: i64,
    /// When an article was last filed.
    pub last_stored_at: Option<String>,
    /// When a feed was last polled.
    pub last_poll_at: Option<String>,
    /// The earliest poll to come.
    pub next_poll_at: Option<String>,
    /// Enabled sources that are silent against their own rhythm.
    pub sources_stale: i64,
    /// Subscriptions at hubs whose lease runs.
    pub feeds_pushed: i64,
    /// The last number of the change sequence.
    pub seq: i64,
    /// The schema's number.
    pub schema: u32,
    /// Size of the ledger's file.
    pub ledger_bytes: u64,
    /// Size of the file of raw responses.
    pub raw_bytes: u64,
}

/// A subscription at a hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are documented in docs/schema.md")]
pub struct HubRow {
    pub source: String,
    pub feed: String,
    pub hub: String,
    pub state: String,
    pub lease_until: Option<String>,
    pub next_at: Option<String>,
    pub failures: i64,
    pub class: Option<String>,
    pub reason: Option<String>,
    pub pushed_at: Option<String>,
    pub deliveries: i64,
    pub pushes: i64,
    pub misses: i64,
    pub waiting: i64,
}

/// A row of the view `sources`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are documented in docs/schema.md")]
pub struct SourceRow {
    pub name: String,
    pub agency: String,
    pub enabled: bool,
    pub articles: i64,
    pub entries_lost: i64,
    pub stale_since: Option<String>,
    pub reason: Option<String>,
    pub entries_failed: i64,
}

/// A row of the view `feeds`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are documented in docs/schema.md")]
pub struct FeedRow {
    pub source: String,
    pub url: String,
    pub kind: String,
    pub last_poll_at: Option<String>,
    pub last_success_at: Option<String>,
    pub next_poll_at: Option<String>,
    pub failures: i64,
    pub reason: Option<String>,
    pub enabled: bool,
    pub next_why: Option<String>,
    pub title: Option<String>,
    pub moved_to: Option<String>,
    pub lives_at: Option<String>,
    pub mended_since: Option<String>,
    pub entries_refused: i64,
    pub bytes_lost: i64,
    pub entries_lost: i64,
    pub home: Option<String>,
    pub class: Option<String>,
    pub failing_since: Option<String>,
}

/// A row of the view `mendings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are documented in docs/schema.md")]
pub struct MendingRow {
    pub source: String,
    pub feed: String,
    pub step: String,
    pub polls: i64,
    pub count: i64,
    pub first_at: String,
    pub last_at: String,
}

/// A row of the view `gaps`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are documented in docs/schema.md")]
pub struct GapRow {
    pub source: String,
    pub feed: String,
    pub from_at: String,
    pub to_at: String,
    pub estimated: i64,
    pub filled: i64,
    pub reason: String,
    pub noticed_at: String,
    pub id: i64,
}

/// A row of the view `entries`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are documented in docs/schema.md")]
pub struct EntryRow {
    pub source: String,
    pub feed: String,
    pub entry_key: String,
    pub url: Option<String>,
    pub title: Option<String>,
    pub first_seen_at: String,
    pub state: String,
    pub attempts: i64,
    pub next_attempt_at: Option<String>,
    pub reason: Option<String>,
    pub article_id: Option<ArticleId>,
    pub id: EntryId,
    pub class: Option<String>,
}

/// A row of the view `articles`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are documented in docs/schema.md")]
pub struct ArticleRow {
    pub id: ArticleId,
    pub seq: i64,
    pub changed_at: String,
    pub source: String,
    pub agency: String,
    pub url: String,
    pub canonical_url: Option<String>,
    pub title: Option<String>,
    pub summary: Option<String>,
    pub body: String,
    pub authors: Vec<String>,
    pub published_at: Option<String>,
    pub published_offset: Option<String>,
    pub published_precision: Option<String>,
    pub zone_source: Option<String>,
    pub modified_at: Option<String>,
    pub dateline_place: Option<String>,
    pub dateline_date: Option<String>,
    pub section: Option<String>,
    pub tags: Vec<String>,
    pub image: Option<String>,
    pub language: Option<String>,
    pub credit: Option<String>,
    pub words: i64,
    pub stored_at: String,
    pub revision: i64,
    pub extractor_version: i64,
    pub duplicate_of: Option<ArticleId>,
    pub relation: Option<String>,
    pub story_id: StoryId,
    pub origin: String,
    pub retracted_at: Option<String>,
    pub evidence: Option<Evidence>,
    pub body_of: Option<ArticleId>,
    pub captions: Vec<String>,
    pub free: Option<bool>,
    pub live: bool,
    pub marker: Option<String>,
    pub cut: Vec<String>,
    pub provenance: Vec<Provenance>,
    pub reservations: Vec<String>,
}

/// A row of the view `stories`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are documented in docs/schema.md")]
pub struct StoryRow {
    pub id: StoryId,
    pub seq: i64,
    pub changed_at: String,
    pub origin_article: ArticleId,
    pub articles: i64,
    pub sources: i64,
    pub first_at: String,
    pub last_at: String,
    pub title: Option<String>,
}

/// A row of the view `revisions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are documented in docs/schema.md")]
pub struct RevisionRow {
    pub article_id: ArticleId,
    pub revision: i64,
    pub seq: i64,
    pub seen_at: String,
    pub title: Option<String>,
    pub body: String,
    pub change: String,
}

/// What became of a walk that was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Begun {
    /// The walk; `None`: the source is unknown, or has nothing that could be walked.
    pub walk: Option<WalkId>,
    /// It was in the queue already.
    pub resumed: bool,
    /// Pages known so far.
    pub pages: i64,
    /// Another walk of the source comes first.
    pub waits: bool,
    /// There was nothing to read.
    pub ended: bool,
}

/// A row of the view `walks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are documented in docs/schema.md")]
pub struct WalkRow {
    pub id: i64,
    pub source: String,
    pub reason: String,
    pub from_at: Option<String>,
    pub to_at: Option<String>,
    pub asked_at: String,
    pub begun_at: Option<String>,
    pub ended_at: Option<String>,
    pub pages: i64,
    pub pages_read: i64,
    pub pages_failed: i64,
    pub entries_found: i64,
    pub entries_new: i64,
    pub entries_pending: i64,
    pub entries_filed: i64,
    pub next_at: Option<String>,
}

/// A row of the view `takedowns`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns are documented in docs/schema.md")]
pub struct Takedown {
    pub article_id: ArticleId,
    pub seq: i64,
    pub taken_down_at: String,
}

/// One article found by `search`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// The article.
    pub id: ArticleId,
    /// Its headline.
    pub title: Option<String>,
    /// Its source.
    pub source: String,
    /// Where it is.
    pub url: String,
    /// When it was published.
    pub published_at: Option<String>,
    /// The text around the first word found.
    pub snippet: String,
    /// How well it fits: the lower, the better (bm25).
    pub rank: f64,
}

/// A line at the ends of a source's texts: cut, vetoed, or counted so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoilerplateRow {
    /// Its number, for a veto.
    pub id: i64,
    /// The end it stands at.
    pub edge: Edge,
    /// The line.
    pub line: String,
    /// Articles that show it.
    pub articles: u32,
    /// Of those, articles that show it at an end.
    pub at_edge: u32,
    /// Texts of the source since it was first seen.
    pub texts: u32,
    /// Different stories among the articles that are kept as evidence.
    pub stories: u32,
    /// Different days of these.
    pub days: u32,
    /// The day of the earliest article.
    pub first_day: String,
    /// The day of the latest one.
    pub last_day: String,
    /// Since when it is cut.
    pub learnt_at: Option<String>,
    /// Since when it is not, by the operator's word.
    pub vetoed_at: Option<String>,
    /// Articles that show it.
    pub examples: Vec<ArticleId>,
}

/// What of a source's pages is not as it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DriftRow {
    /// The source.
    pub source: String,
    /// `selectors`, `body`, `authors` or `dates`.
    pub facet: String,
    /// When it was noticed.
    pub noticed_at: String,
    /// How it was: the median length of bodies, or the share of pages.
    pub was: f64,
    /// How it is.
    pub is_now: f64,
    /// Pages since it began.
    pub pages: i64,
    /// A late article.
    pub example: Option<ArticleId>,
}
