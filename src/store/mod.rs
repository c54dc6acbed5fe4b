//! The ledger: what is known, what is filed, what is to be done next; nothing that matters lives only in memory.
//!
//! [`Ledger`] is what may be written, [`Reader`] what may be asked, [`StoreHandle`] the only door. Both traits are
//! synchronous and know no database: every call of `Ledger` is one transaction, every closure handed to
//! [`StoreHandle::read`] sees one snapshot.
//!
//! One backend stands behind them, `sqlite`. A second one (`postgres`) would be a folder beside it with its own
//! `schema/postgres/`: the same two traits, claims by `FOR UPDATE SKIP LOCKED`, leases on the server's clock and a
//! host leased to one daemon at a time, and the same `tests/it/store.rs` run on it. It is not built; nothing above
//! the traits would change.

mod error;
mod rows;
mod handle;
mod threads;
mod files;
mod lock;
mod sqlite;

use std::path::PathBuf;
use std::time::Duration;

use crate::model::{
    ArticleId, Candidates, ClaimId, Committed, Entry, EntryClaim, EntryId, EntryKey, EntryState, FeedClaim, FeedId, FiledArticle,
    Fingerprint, Heard, HostState, HubClaim, HubCommit, KeptPage, KnownEntries, KnownPage, Learnt, LineEvidence, Member, Pace,
    PollCommit, Pushed, RawResponse, Reconciliation, Reread, Rereading, Rhythm, Scope, ScrapeCommit, Secret, Source, SourceId,
    StoryId, Taken, Timestamp, Verification, WalkId, WalkOrder,
};

pub use error::Error;
pub use handle::{Role, StoreHandle};
pub use rows::{
    ArticleRow, Begun, BoilerplateRow, DriftRow, EntryRow, FeedRow, Forgotten, GapRow, Hit, HubRow, MendingRow, RevisionRow,
    SourceRow, Status, StoryRow, Synced, Takedown, WalkRow,
};

/// What this room gives, or why it cannot.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where the ledger is and how long it keeps what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The SQLite file (`sqlite:PATH`).
    pub path: PathBuf,
    /// Readable by the group `wireroom` (0640/0750), or only by its owner (0600/0700).
    pub group_readable: bool,
    /// How long raw responses are kept; `None`: for ever.
    pub keep_raw: Option<Duration>,
    /// How long a text stays in the index of near-copies; `None`: for ever.
    pub window: Option<Duration>,
}

/// Which loop asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// The poll lane: feeds.
    Poll,
    /// The scrape lane: entries.
    Scrape,
}

/// What `retry` and `forget` are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A source, by its name.
    Source(String),
    /// An entry.
    Entry(EntryId),
    /// An article.
    Article(ArticleId),
    /// A page, by its key (`address::key`), filed or not.
    Page(String),
}

/// Everything that is ever written. Each call is one transaction: all of it, or nothing.
pub trait Ledger: Send {
    /// Voids every lease: with one process on a ledger, none can be alive when its lanes start.
    fn recover(&mut self, now: Timestamp) -> Result<()>;

    /// Binds validators to the version of the feed reader that vouched for them. Another version than the last one
    /// drops them all (so that a mended reader sees refused entries once more) and answers true.
    fn bind_parser(&mut self, version: u32) -> Result<bool>;

    /// Makes the ledger's sources those of the configuration. Pending entries of a source that is disabled or gone
    /// become `skipped`, and come back when it is enabled again; articles stay.
    fn sync_sources(&mut self, sources: &[Source], now: Timestamp) -> Result<Synced>;

    /// Claims feeds to poll, at most one turn a host.
    fn claim_feeds(&mut self, now: Timestamp, limit: usize, scope: Scope, pace: &Pace, lease: Duration) -> Result<Vec<FeedClaim>>;

    /// Writes a poll: entries, validators and next poll time, or nothing of it.
    fn commit_poll(&mut self, claim: &FeedClaim, commit: &PollCommit) -> Result<Committed>;

    /// Claims feeds of which a hub delivered a body that waits; they take no turn of a host.
    fn claim_deliveries(&mut self, now: Timestamp, limit: usize, lease: Duration) -> Result<Vec<FeedClaim>>;

    /// Claims subscriptions that hubs are to be asked for; the claim runs out after `lease`.
    fn claim_hubs(&mut self, now: Timestamp, limit: usize, lease: Duration) -> Result<Vec<HubClaim>>;

    /// Writes what a request for a subscription came to.
    fn commit_hub(&mut self, claim: &HubClaim, commit: &HubCommit) -> Result<()>;

    /// A hub asks back whether it was asked, or says that it will not serve; false: nobody asked it for that.
    fn verify_hub(&mut self, said: &Verification, now: Timestamp) -> Result<bool>;

    /// Takes a body that a hub delivered, its signature verified, while there is room.
    fn take_delivery(&mut self, pushed: &Pushed, now: Timestamp) -> Result<Taken>;

    /// Writes down since when a source is silent against its own rhythm, or that it no longer is; whether that is new.
    fn set_stale(&mut self, source: SourceId, since: Option<Timestamp>) -> Result<bool>;

    /// Claims entries to scrape, only of hosts whose turn has come.
    fn claim_entries(
        &mut self,
        now: Timestamp,
        limit: usize,
        scope: Scope,
        pace: &Pace,
        lease: Duration,
    ) -> Result<Vec<EntryClaim>>;

    /// Writes a scrape, or answers that newer articles have to be judged first.
    fn commit_scrape(&mut self, claim: &EntryClaim, commit: &ScrapeCommit) -> Result<Committed>;

    /// Takes a walk through a source's older pages into the queue, or finds it there.
    fn begin_walk(&mut self, order: &WalkOrder, now: Timestamp) -> Result<Begun>;

    /// Brings the times ahead to a wall clock that was set while the lanes ran: it says `now` and would have said `expected`.
    fn clock_was_set(&mut self, expected: Timestamp, now: Timestamp) -> Result<()>;

    /// Gives claims back, attempt included.
    fn release(&mut self, claims: &[ClaimId]) -> Result<()>;

    /// Polls or scrapes again now. The number of feeds and entries set going.
    fn retry(&mut self, target: &Target, now: Timestamp) -> Result<usize>;

    /// Takes down an article or a page: text, revisions, raw responses and search index go, and it does not come back.
    fn forget(&mut self, target: &Target, now: Timestamp) -> Result<Forgotten>;

    /// Binds the index of near-copies to the version of the fingerprint that samples texts. Another version than the last
    /// one empties it, and answers true: what is filed from now on is found again.
    fn bind_fingerprint(&mut self, version: u32) -> Result<bool>;

    /// Joins stories by hand into the first one, with this origin. It overrules an earlier parting.
    fn merge(&mut self, stories: &[StoryId], origin: ArticleId, now: Timestamp) -> Result<()>;

    /// Parts an article from its story by hand; they are never joined again unless by hand. `heir` is the origin of those
    /// that stay. The article's new story; `None` when it was alone already.
    fn split(&mut self, article: ArticleId, heir: Option<ArticleId>, now: Timestamp) -> Result<Option<StoryId>>;

    /// Writes what was said of a filed article when it was judged again.
    fn reconcile(&mut self, said: &Reconciliation, now: Timestamp) -> Result<()>;

    /// The operator's word that a line is no boilerplate. False where there is no such line.
    fn veto(&mut self, line: i64, now: Timestamp) -> Result<bool>;

    /// Writes what a filed article says when its kept page is read again: no revision, but a new number.
    fn reread(&mut self, reading: &Rereading, now: Timestamp) -> Result<Reread>;

    /// Remembers how far a long piece of work has come, under its name; `None`: it is done.
    fn bookmark(&mut self, name: &str, place: Option<&str>) -> Result<()>;

    /// One slice of upkeep; true when there is more to do.
    fn maintain(&mut self, now: Timestamp, budget: Duration) -> Result<bool>;
}

/// Everything that may be asked. Every answer within one closure comes from one snapshot.
pub trait Reader: Send {
    /// What is known of these entries of a source.
    fn known_entries(&self, source: SourceId, keys: &[EntryKey]) -> Result<KnownEntries>;

    /// Whether a hub is to be asked for a subscription now.
    fn is_hub_due(&self, now: Timestamp) -> Result<bool>;

    /// What signs the deliveries to this callback, by the last part of its path; `None`: nobody is subscribed there.
    fn hub_secret(&self, path: &str) -> Result<Option<Secret>>;

    /// The subscriptions at hubs, without what is secret.
    fn hubs(&self) -> Result<Vec<HubRow>>;

    /// What enabled sources after this one brought lately, at most so many news of each, and the last source that was looked
    /// at; those that brought something within `quiet` of being listened to, and are not known as silent, are left out.
    fn heard(&self, after: SourceId, sources: usize, news: usize, quiet: Duration) -> Result<(Vec<Heard>, Option<SourceId>)>;

    /// The pages that an index has led to.
    fn pages(&self, index: FeedId) -> Result<Vec<KnownPage>>;

    /// The latest walks, of one source or of all; with `open`, those that have pages or entries left.
    fn walks(&self, source: Option<&str>, open: bool, limit: usize) -> Result<Vec<WalkRow>>;

    /// One walk.
    fn walk(&self, id: WalkId) -> Result<Option<WalkRow>>;

    /// The entries of a source that were not wanted, each with the reason.
    fn put_aside(&self, source: SourceId) -> Result<Vec<(EntryId, String, Entry)>>;

    /// Filed articles that may be the same page or the same text.
    fn candidates(&self, own: &Fingerprint, limit: usize) -> Result<Candidates> {
        self.candidates_and(own, &[], limit)
    }

    /// The same, and these articles whatever the search finds, all as they are at one instant.
    fn candidates_and(&self, own: &Fingerprint, known: &[ArticleId], limit: usize) -> Result<Candidates>;

    /// The articles of these stories, as far as it matters for which one is the origin.
    fn members(&self, stories: &[StoryId]) -> Result<Vec<Member>>;

    /// Filed articles after this one, first filed at or after this instant, in the order of filing, to be judged again.
    fn filed(&self, after: ArticleId, since: Timestamp, limit: usize) -> Result<Vec<FiledArticle>>;

    /// What was said by hand: pairs of articles that are one story, or (false) never are.
    fn rulings(&self) -> Result<Vec<(ArticleId, ArticleId, bool)>>;

    /// One filed article, to be judged again.
    fn filed_article(&self, id: ArticleId) -> Result<Option<FiledArticle>>;

    /// Articles that were filed although newer ones had come, and are to be judged again.
    fn unreconciled(&self, limit: usize) -> Result<Vec<ArticleId>>;

    /// The earliest instant at which something becomes claimable; `None`: nothing ever will in this scope. What is in
    /// hand does not count, nor does a host that has its full width in hand (a commit rings there).
    fn next_turn(&self, now: Timestamp, scope: Scope, lane: Lane, pace: &Pace) -> Result<Option<Timestamp>>;

    /// How many feeds and entries are under a live lease.
    fn in_hand(&self, now: Timestamp) -> Result<usize>;

    /// The ledger at a glance.
    fn status(&self, now: Timestamp) -> Result<Status>;

    /// What is known of the manners of a host (`address::host_key`).
    fn host(&self, name: &str) -> Result<HostState>;

    /// A source by its name, when the ledger knows it.
    fn source_id(&self, name: &str) -> Result<Option<SourceId>>;

    /// The sources, by name.
    fn sources(&self) -> Result<Vec<SourceRow>>;

    /// The feeds, of one source or of all.
    fn feeds(&self, source: Option<&str>) -> Result<Vec<FeedRow>>;

    /// How the polled feeds of a source behave, by address, and the budget they share.
    fn rhythms(&self, source: &str) -> Result<Vec<(String, Rhythm)>>;

    /// What had to be mended in the documents of feeds, of one source or of all; the most polls first.
    fn mendings(&self, source: Option<&str>) -> Result<Vec<MendingRow>>;

    /// The latest gaps of feeds, of one source or of all.
    fn gaps(&self, source: Option<&str>, limit: usize) -> Result<Vec<GapRow>>;

    /// The latest entries in this state, of one source or of all.
    fn entries(&self, source: Option<&str>, state: Option<EntryState>, limit: usize) -> Result<Vec<EntryRow>>;

    /// Articles that carry these words, best first, the newer first among equals. Any text is a valid query.
    fn search(&self, query: &str, limit: usize) -> Result<Vec<Hit>>;

    /// One article.
    fn article(&self, id: ArticleId) -> Result<Option<ArticleRow>>;

    /// Articles changed after this number, in the order of their changes.
    fn articles_since(&self, seq: i64, limit: usize) -> Result<Vec<ArticleRow>>;

    /// What was taken down after this number.
    fn takedowns_since(&self, seq: i64, limit: usize) -> Result<Vec<Takedown>>;

    /// The revisions of an article, the first one first.
    fn revisions(&self, id: ArticleId) -> Result<Vec<RevisionRow>>;

    /// One story.
    fn story(&self, id: StoryId) -> Result<Option<StoryRow>>;

    /// The articles of a story, the origin first, then by time.
    fn story_articles(&self, id: StoryId) -> Result<Vec<ArticleRow>>;

    /// The article filed for a page, by the page's key.
    fn page(&self, url_key: &str) -> Result<Option<ArticleId>>;

    /// The page of an article as it was fetched for its current revision, while it is kept.
    fn raw(&self, id: ArticleId) -> Result<Option<RawResponse>>;

    /// What a scrape has to know of its source.
    fn learnt(&self, source: SourceId) -> Result<Learnt>;

    /// What is known of these lines (normalised) of a source.
    fn line_evidence(&self, source: SourceId, normals: &[String]) -> Result<Vec<LineEvidence>>;

    /// The lines of a source that are cut, vetoed, or counted.
    fn boilerplate(&self, source: &str) -> Result<Vec<BoilerplateRow>>;

    /// Articles of a source after this one that lines were cut from.
    fn cut_articles(&self, source: SourceId, after: ArticleId, limit: usize) -> Result<Vec<ArticleId>>;

    /// What of sources' pages is not as it was.
    fn drifts(&self) -> Result<Vec<DriftRow>>;

    /// Articles after this one, of one source or of all, in the order of filing.
    fn articles_after(&self, source: Option<SourceId>, after: ArticleId, limit: usize) -> Result<Vec<ArticleId>>;

    /// How many articles there are, of one source or of all.
    fn count_articles(&self, source: Option<SourceId>) -> Result<u64>;

    /// How many articles were read by a reader older than this version, of those whose pages are kept.
    fn count_outdated(&self, version: u32) -> Result<u64>;

    /// The pages of an article's current text, to be read again; `None` where they are not kept (any more).
    fn kept_page(&self, id: ArticleId) -> Result<Option<KeptPage>>;

    /// What [`Ledger::reread`] would change.
    fn compare(&self, reading: &Rereading) -> Result<Reread>;

    /// How far a long piece of work has come.
    fn bookmarked(&self, name: &str) -> Result<Option<String>>;
}

/// An instant as the ledger writes it: `YYYY-MM-DDTHH:MM:SS.ffffffZ`, years 1000 to 9999, so that text order is time order.
pub fn stamp(at: Timestamp) -> String {
    sqlite::columns::stamp(at)
}
