//! The ledger in one SQLite file (and raw responses in a second one): opened, brought up to date, written and read.

pub(in crate::store) mod columns;
mod open;
mod hosts;
mod clock;
mod moves;
mod sources;
mod found;
mod poll;
mod budget;
mod hub;
mod silence;
mod arrivals;
mod gaps;
mod pages;
mod walk;
mod scrape;
mod filing;
mod article;
mod story;
mod again;
mod forget;
mod candidates;
mod index;
mod ruling;
mod reconcile;
mod turns;
mod raw;
mod search;
mod views;
mod maintain;
mod learning;
mod reread;

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use crate::model::{
    ArticleId, Candidates, ClaimId, Committed, Entry, EntryClaim, EntryId, EntryKey, EntryState, FeedClaim, FeedId, FiledArticle,
    Fingerprint, Heard, HostState, HubClaim, HubCommit, KeptPage, KnownEntries, KnownPage, Learnt, LineEvidence, Member, Pace,
    PollCommit, Pushed, RawResponse, Reconciliation, Reread, Rereading, Rhythm, Scope, ScrapeCommit, Secret, Source, SourceId,
    StoryId, Taken, Timestamp, Verification, WalkId, WalkOrder,
};

use super::files::{self, Files, Identity};
use super::threads::held;
use super::{
    ArticleRow, Begun, BoilerplateRow, DriftRow, EntryRow, Error, FeedRow, Forgotten, GapRow, Hit, HubRow, Lane, Ledger,
    MendingRow, Reader, Result, RevisionRow, Settings, SourceRow, Status, StoryRow, Synced, Takedown, Target, WalkRow,
};

use index::Index;
use open::{Deadline, Quiet};
use raw::{RawReader, RawWriter};

/// The writing connection.
pub(super) struct SqliteLedger {
    db: Connection,
    raw: Option<RawWriter>,
    keep_raw: Option<Duration>,
    window: Option<Duration>,
    identity: Identity,
    /// The last error that ended a transaction.
    trouble: Option<Error>,
}

impl SqliteLedger {
    /// Opens the ledger to run lanes on it: makes it if there is none, migrates it if it is older.
    pub(super) fn make(files: &Files, settings: &Settings) -> Result<SqliteLedger> {
        let db = open::make(files)?;
        let raw = Some(RawWriter::make(files)?);
        let identity = Identity::of(&files.ledger)?;
        Ok(SqliteLedger { db, raw, keep_raw: settings.keep_raw, window: settings.window, identity, trouble: None })
    }

    /// Opens the ledger to write beside running lanes.
    pub(super) fn open(files: &Files, settings: &Settings) -> Result<SqliteLedger> {
        let db = open::existing(files)?;
        let raw = RawWriter::existing(files)?;
        let identity = Identity::of(&files.ledger)?;
        Ok(SqliteLedger { db, raw, keep_raw: settings.keep_raw, window: settings.window, identity, trouble: None })
    }

    /// Opens a transaction for a group of tasks.
    pub(super) fn begin(&mut self) -> Result<()> {
        self.trouble = None;
        Ok(run(&self.db, "BEGIN IMMEDIATE")?)
    }

    /// Commits it: raw responses first, so that no article points at one that was lost.
    pub(super) fn commit(&mut self) -> Result<()> {
        search::index_waiting(&self.db)?;
        if let Some(raw) = &mut self.raw {
            raw.commit()?;
        }
        Ok(run(&self.db, "COMMIT")?)
    }

    /// Undoes it, as far as SQLite has not done so already.
    pub(super) fn roll_back(&mut self) {
        if let Some(raw) = &mut self.raw {
            raw.roll_back();
        }
        if self.in_transaction()
            && let Err(error) = run(&self.db, "ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be undone");
        }
    }

    /// Whether the group's transaction is still open.
    pub(super) fn in_transaction(&self) -> bool {
        !self.db.is_autocommit()
    }

    /// Why it is not.
    pub(super) fn last_trouble(&mut self) -> Error {
        self.trouble.take().unwrap_or(Error::Refused("the transaction ended before its time"))
    }

    pub(super) fn set_savepoint(&mut self) -> Result<()> {
        Ok(run(&self.db, "SAVEPOINT task")?)
    }

    pub(super) fn release_savepoint(&mut self) -> Result<()> {
        Ok(run(&self.db, "RELEASE task")?)
    }

    pub(super) fn roll_back_savepoint(&mut self) -> Result<()> {
        run(&self.db, "ROLLBACK TO task")?;
        Ok(run(&self.db, "RELEASE task")?)
    }

    /// Whether the ledger's name still means the file that is written here.
    pub(super) fn check_identity(&self) -> Result<()> {
        self.identity.check()
    }

    /// Closes the files; the last connection to close folds the write-ahead log into its file.
    pub(super) fn close(self) {
        if let Some(raw) = self.raw {
            raw.close();
        }
        self.db.flush_prepared_statement_cache();
        if let Err((_, error)) = self.db.close() {
            tracing::warn!(%error, "the ledger was not closed cleanly");
        }
    }

    /// One call of the contract: all of it or nothing, even when the task goes on after its error.
    fn whole<T>(&mut self, call: impl FnOnce(&Connection, &mut Option<RawWriter>) -> Result<T>) -> Result<T> {
        run(&self.db, "SAVEPOINT call")?;
        let result = call(&self.db, &mut self.raw);
        match &result {
            Ok(_) => run(&self.db, "RELEASE call")?,
            Err(error) if self.db.is_autocommit() => self.trouble = Some(error.clone()),
            Err(_) => {
                run(&self.db, "ROLLBACK TO call")?;
                run(&self.db, "RELEASE call")?;
            }
        }
        result
    }
}

impl Ledger for SqliteLedger {
    fn recover(&mut self, now: Timestamp) -> Result<()> {
        self.whole(|db, _| {
            index::bring_back(db, now)?;
            hosts::void_leases_of_the_dead(db, now)
        })
    }

    fn bind_parser(&mut self, version: u32) -> Result<bool> {
        self.whole(|db, _| sources::bind_parser(db, version))
    }

    fn sync_sources(&mut self, sources: &[Source], now: Timestamp) -> Result<Synced> {
        self.whole(|db, _| sources::sync(db, sources, now))
    }

    fn claim_feeds(&mut self, now: Timestamp, limit: usize, scope: Scope, pace: &Pace, lease: Duration) -> Result<Vec<FeedClaim>> {
        self.whole(|db, _| poll::claim(db, now, limit, scope, pace, lease))
    }

    fn commit_poll(&mut self, claim: &FeedClaim, commit: &PollCommit) -> Result<Committed> {
        self.whole(|db, _| poll::commit(db, claim, commit))
    }

    fn claim_deliveries(&mut self, now: Timestamp, limit: usize, lease: Duration) -> Result<Vec<FeedClaim>> {
        self.whole(|db, _| hub::claim_deliveries(db, now, limit, lease))
    }

    fn claim_hubs(&mut self, now: Timestamp, limit: usize, lease: Duration) -> Result<Vec<HubClaim>> {
        self.whole(|db, _| hub::claim(db, now, limit, lease))
    }

    fn commit_hub(&mut self, claim: &HubClaim, commit: &HubCommit) -> Result<()> {
        self.whole(|db, _| hub::commit(db, claim, commit))
    }

    fn verify_hub(&mut self, said: &Verification, now: Timestamp) -> Result<bool> {
        self.whole(|db, _| hub::verify(db, said, now))
    }

    fn take_delivery(&mut self, pushed: &Pushed, now: Timestamp) -> Result<Taken> {
        self.whole(|db, _| hub::take(db, pushed, now))
    }

    fn set_stale(&mut self, source: SourceId, since: Option<Timestamp>) -> Result<bool> {
        self.whole(|db, _| silence::set(db, source, since))
    }

    fn claim_entries(
        &mut self,
        now: Timestamp,
        limit: usize,
        scope: Scope,
        pace: &Pace,
        lease: Duration,
    ) -> Result<Vec<EntryClaim>> {
        self.whole(|db, _| scrape::claim(db, now, limit, scope, pace, lease))
    }

    fn commit_scrape(&mut self, claim: &EntryClaim, commit: &ScrapeCommit) -> Result<Committed> {
        self.whole(|db, raw| scrape::commit(db, raw.as_mut(), claim, commit))
    }

    fn begin_walk(&mut self, order: &WalkOrder, now: Timestamp) -> Result<Begun> {
        self.whole(|db, _| walk::begin(db, order, now))
    }

    fn clock_was_set(&mut self, expected: Timestamp, now: Timestamp) -> Result<()> {
        self.whole(|db, _| clock::was_set(db, expected, now))
    }

    fn release(&mut self, claims: &[ClaimId]) -> Result<()> {
        self.whole(|db, _| hosts::release(db, claims))
    }

    fn retry(&mut self, target: &Target, now: Timestamp) -> Result<usize> {
        self.whole(|db, _| again::retry(db, target, now))
    }

    fn forget(&mut self, target: &Target, now: Timestamp) -> Result<Forgotten> {
        self.whole(|db, raw| forget::forget(db, raw.as_mut(), target, now))
    }

    fn bind_fingerprint(&mut self, version: u32) -> Result<bool> {
        self.whole(|db, _| index::bind(db, version))
    }

    fn merge(&mut self, stories: &[StoryId], origin: ArticleId, now: Timestamp) -> Result<()> {
        self.whole(|db, _| ruling::merge(db, stories, origin, now))
    }

    fn split(&mut self, article: ArticleId, heir: Option<ArticleId>, now: Timestamp) -> Result<Option<StoryId>> {
        self.whole(|db, _| ruling::split(db, article, heir, now))
    }

    fn reconcile(&mut self, said: &Reconciliation, now: Timestamp) -> Result<()> {
        self.whole(|db, _| reconcile::settle(db, said, now))
    }

    fn veto(&mut self, line: i64, now: Timestamp) -> Result<bool> {
        self.whole(|db, _| learning::veto(db, line, now))
    }

    fn reread(&mut self, reading: &Rereading, now: Timestamp) -> Result<Reread> {
        self.whole(|db, _| reread::reread(db, reading, true, now))
    }

    fn bookmark(&mut self, name: &str, place: Option<&str>) -> Result<()> {
        self.whole(|db, _| {
            match place {
                Some(place) => db
                    .prepare_cached("INSERT OR REPLACE INTO memo (name, value) VALUES (?1, ?2)")?
                    .execute(rusqlite::params![name, place])?,
                None => db.prepare_cached("DELETE FROM memo WHERE name = ?1")?.execute([name])?,
            };
            Ok(())
        })
    }

    fn maintain(&mut self, now: Timestamp, budget: Duration) -> Result<bool> {
        let (keep, window) = (self.keep_raw, self.window);
        self.whole(|db, raw| maintain::slice(db, raw.as_mut(), keep, window, now, budget))
    }
}

/// A reading connection.
pub(super) struct SqliteReader {
    db: Connection,
    quiet: Quiet,
    raw: RawReader,
    files: Files,
    index: Index,
    deadline: Deadline,
}

impl SqliteReader {
    /// Opens the ledger to look at it. Nothing is made, nothing is locked against the writer.
    pub(super) fn open(files: &Files) -> Result<SqliteReader> {
        let (db, quiet) = open::read_only(files)?;
        SqliteReader::on(db, quiet, files, Index::default())
    }

    /// Opens the ledger beside this process's own writing connection.
    pub(super) fn beside_writer(files: &Files) -> Result<SqliteReader> {
        SqliteReader::on(open::beside_writer(files)?, Quiet(false), files, Index::default())
    }

    /// Opens the ledger for the lanes: several connections that share one index of near-copies, read at once.
    pub(super) fn for_lanes(files: &Files, count: usize) -> Result<Vec<SqliteReader>> {
        let index = Index::default();
        index.warm(&open::beside_writer(files)?)?;
        (0..count).map(|_| SqliteReader::on(open::beside_writer(files)?, Quiet(false), files, index.clone())).collect()
    }

    fn on(mut db: Connection, quiet: Quiet, files: &Files, index: Index) -> Result<SqliteReader> {
        let deadline = Deadline::new();
        deadline.guard(&mut db)?;
        Ok(SqliteReader { db, quiet, raw: RawReader::new(files), files: files.clone(), index, deadline })
    }

    /// Takes a snapshot.
    pub(super) fn begin(&mut self) -> Result<()> {
        if self.quiet == Quiet(true) {
            (self.db, self.quiet) = open::read_only(&self.files)?;
            self.deadline.guard(&mut self.db)?;
        }
        self.deadline.set();
        Ok(run(&self.db, "BEGIN")?)
    }

    /// Lets it go.
    pub(super) fn end(&mut self) {
        self.deadline.clear();
        self.raw.let_go();
        if !self.db.is_autocommit()
            && let Err(error) = run(&self.db, "ROLLBACK")
        {
            tracing::warn!(%error, "a snapshot could not be let go");
        }
    }
}

impl Reader for SqliteReader {
    fn known_entries(&self, source: SourceId, keys: &[EntryKey]) -> Result<KnownEntries> {
        poll::known(&self.db, source, keys)
    }

    fn is_hub_due(&self, now: Timestamp) -> Result<bool> {
        hub::is_due(&self.db, now)
    }

    fn hub_secret(&self, path: &str) -> Result<Option<Secret>> {
        hub::secret(&self.db, path)
    }

    fn hubs(&self) -> Result<Vec<HubRow>> {
        hub::rows(&self.db)
    }

    fn heard(&self, after: SourceId, sources: usize, news: usize, quiet: Duration) -> Result<(Vec<Heard>, Option<SourceId>)> {
        silence::heard(&self.db, after, sources, news, quiet)
    }

    fn pages(&self, index: FeedId) -> Result<Vec<KnownPage>> {
        pages::of(&self.db, index)
    }

    fn walks(&self, source: Option<&str>, open: bool, limit: usize) -> Result<Vec<WalkRow>> {
        walk::walks(&self.db, source, open, limit)
    }

    fn walk(&self, id: WalkId) -> Result<Option<WalkRow>> {
        walk::one(&self.db, id)
    }

    fn put_aside(&self, source: SourceId) -> Result<Vec<(EntryId, String, Entry)>> {
        walk::aside(&self.db, source)
    }

    fn candidates_and(&self, own: &Fingerprint, known: &[ArticleId], limit: usize) -> Result<Candidates> {
        candidates::find(&self.db, &self.index, own, known, limit)
    }

    fn members(&self, stories: &[StoryId]) -> Result<Vec<Member>> {
        story::candidates_for_origin(&self.db, stories)
    }

    fn filed(&self, after: ArticleId, since: Timestamp, limit: usize) -> Result<Vec<FiledArticle>> {
        reconcile::filed(&self.db, after, since, limit)
    }

    fn rulings(&self) -> Result<Vec<(ArticleId, ArticleId, bool)>> {
        ruling::all(&self.db)
    }

    fn filed_article(&self, id: ArticleId) -> Result<Option<FiledArticle>> {
        reconcile::filed_article(&self.db, id)
    }

    fn unreconciled(&self, limit: usize) -> Result<Vec<ArticleId>> {
        reconcile::waiting(&self.db, limit)
    }

    fn next_turn(&self, now: Timestamp, scope: Scope, lane: Lane, pace: &Pace) -> Result<Option<Timestamp>> {
        turns::next(&self.db, now, scope, lane, pace)
    }

    fn in_hand(&self, now: Timestamp) -> Result<usize> {
        turns::in_hand(&self.db, now)
    }

    fn status(&self, now: Timestamp) -> Result<Status> {
        views::status(&self.db, &self.files, now)
    }

    fn host(&self, name: &str) -> Result<HostState> {
        hosts::known(&self.db, name)
    }

    fn source_id(&self, name: &str) -> Result<Option<SourceId>> {
        views::source_id(&self.db, name)
    }

    fn sources(&self) -> Result<Vec<SourceRow>> {
        views::sources(&self.db)
    }

    fn feeds(&self, source: Option<&str>) -> Result<Vec<FeedRow>> {
        views::feeds(&self.db, source)
    }

    fn rhythms(&self, source: &str) -> Result<Vec<(String, Rhythm)>> {
        poll::rhythms(&self.db, source)
    }

    fn mendings(&self, source: Option<&str>) -> Result<Vec<MendingRow>> {
        views::mendings(&self.db, source)
    }

    fn gaps(&self, source: Option<&str>, limit: usize) -> Result<Vec<GapRow>> {
        views::gaps(&self.db, source, limit)
    }

    fn entries(&self, source: Option<&str>, state: Option<EntryState>, limit: usize) -> Result<Vec<EntryRow>> {
        views::entries(&self.db, source, state, limit)
    }

    fn search(&self, query: &str, limit: usize) -> Result<Vec<Hit>> {
        search::search(&self.db, query, limit)
    }

    fn article(&self, id: ArticleId) -> Result<Option<ArticleRow>> {
        views::article(&self.db, id)
    }

    fn articles_since(&self, seq: i64, limit: usize) -> Result<Vec<ArticleRow>> {
        views::articles_since(&self.db, seq, limit)
    }

    fn takedowns_since(&self, seq: i64, limit: usize) -> Result<Vec<Takedown>> {
        views::takedowns_since(&self.db, seq, limit)
    }

    fn revisions(&self, id: ArticleId) -> Result<Vec<RevisionRow>> {
        views::revisions(&self.db, id)
    }

    fn story(&self, id: StoryId) -> Result<Option<StoryRow>> {
        views::story(&self.db, id)
    }

    fn story_articles(&self, id: StoryId) -> Result<Vec<ArticleRow>> {
        views::story_articles(&self.db, id)
    }

    fn page(&self, url_key: &str) -> Result<Option<ArticleId>> {
        candidates::owner(&self.db, url_key)
    }

    fn raw(&self, id: ArticleId) -> Result<Option<RawResponse>> {
        Ok(self.raw.pages_of(&self.db, id)?.into_iter().next())
    }

    fn learnt(&self, source: SourceId) -> Result<Learnt> {
        learning::learnt(&self.db, source)
    }

    fn line_evidence(&self, source: SourceId, normals: &[String]) -> Result<Vec<LineEvidence>> {
        learning::evidence(&self.db, source, normals)
    }

    fn boilerplate(&self, source: &str) -> Result<Vec<BoilerplateRow>> {
        learning::boilerplate(&self.db, source)
    }

    fn cut_articles(&self, source: SourceId, after: ArticleId, limit: usize) -> Result<Vec<ArticleId>> {
        learning::cut_articles(&self.db, source, after, limit)
    }

    fn drifts(&self) -> Result<Vec<DriftRow>> {
        learning::drifts(&self.db)
    }

    fn articles_after(&self, source: Option<SourceId>, after: ArticleId, limit: usize) -> Result<Vec<ArticleId>> {
        reread::after(&self.db, source, after, limit)
    }

    fn count_articles(&self, source: Option<SourceId>) -> Result<u64> {
        reread::count(&self.db, source)
    }

    fn count_outdated(&self, version: u32) -> Result<u64> {
        reread::outdated(&self.db, &self.raw, version)
    }

    fn kept_page(&self, id: ArticleId) -> Result<Option<KeptPage>> {
        reread::kept(&self.db, &self.raw, id)
    }

    fn compare(&self, reading: &Rereading) -> Result<Reread> {
        reread::reread(&self.db, reading, false, Timestamp::UNIX_EPOCH)
    }

    fn bookmarked(&self, name: &str) -> Result<Option<String>> {
        let mut statement = self.db.prepare_cached("SELECT value FROM memo WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }
}

/// Runs one statement that takes and gives nothing.
fn run(db: &Connection, sql: &str) -> rusqlite::Result<()> {
    db.prepare_cached(sql)?.execute([]).map(|_| ())
}

/// The next `count` numbers of the change sequence; the first of them is returned.
fn next_seq(db: &Connection, count: i64) -> Result<i64> {
    let last: i64 = db
        .prepare_cached("UPDATE sequence SET value = value + ?1 WHERE one = 1 RETURNING value")?
        .query_row([count], |row| row.get(0))?;
    Ok(last - count + 1)
}

/// The last number given.
fn last_seq(db: &Connection) -> Result<i64> {
    Ok(db.prepare_cached("SELECT value FROM sequence WHERE one = 1")?.query_row([], |row| row.get(0))?)
}
