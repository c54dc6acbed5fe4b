//! The ledger's contract: one suite, run on every backend there is. Data in, data out, through the store's door.

use std::path::PathBuf;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use rusqlite::Connection;
use wireroom::model::{
    Article, ArticleId, Candidate, ChangeNumber, ClaimId, Committed, Entry, EntryClaim, EntryKey, EntryState, Evidence, Failure,
    FeedClaim, FeedKind, FeedSpec, Filing, Fingerprint, Head, Hints, HostState, NewEntry, Pace, Planned, PollCommit,
    PollOutcome, PollRead, Precision, PressTime, RawResponse, Refused, Relation, Scope, ScrapeCommit, ScrapeOutcome, Source,
    StoryId, Timestamp, Trouble, Url, Validators, Verdict, ZoneSource,
};
use wireroom::store::{Error, Lane, Ledger, Role, Settings, StoreHandle, Target};

// ---------------------------------------------------------------- the ground a test stands on

/// A ledger in a directory of its own, examined when the test is over.
struct Ground {
    directory: tempfile::TempDir,
    store: StoreHandle,
}

const NO_PACE: Pace = Pace { delay: Duration::ZERO, per_host: 100 };
const LEASE: Duration = Duration::from_secs(120);

impl Ground {
    fn new() -> Ground {
        let directory = tempfile::tempdir().unwrap();
        let store = StoreHandle::open(&settings(&directory), Role::Lanes).unwrap();
        Ground { directory, store }
    }

    /// A ledger with these sources.
    fn with(sources: &[Source]) -> Ground {
        let ground = Ground::new();
        ground.sync(sources, 0);
        ground
    }

    fn settings(&self) -> Settings {
        settings(&self.directory)
    }

    fn path(&self) -> PathBuf {
        self.settings().path
    }

    fn sync(&self, sources: &[Source], now: i64) -> wireroom::store::Synced {
        let sources = sources.to_vec();
        self.write(move |ledger| ledger.sync_sources(&sources, at(now)))
    }

    fn write<T: Send + 'static>(
        &self,
        task: impl FnOnce(&mut dyn Ledger) -> wireroom::store::Result<T> + Send + 'static,
    ) -> T {
        self.store.write_blocking(task).unwrap()
    }

    fn feeds(&self, now: i64, scope: Scope, pace: Pace) -> Vec<FeedClaim> {
        self.write(move |ledger| ledger.claim_feeds(at(now), 100, scope, &pace, LEASE))
    }

    fn entries(&self, now: i64, limit: usize, scope: Scope, pace: Pace) -> Vec<EntryClaim> {
        self.write(move |ledger| ledger.claim_entries(at(now), limit, scope, &pace, LEASE))
    }

    /// Polls the one feed that is due and commits these entries.
    fn bring(&self, now: i64, fresh: Vec<NewEntry>) {
        let claims = self.feeds(now, Scope::Due, NO_PACE);
        assert_eq!(claims.len(), 1, "one feed is due");
        let commit = poll(&claims[0], now, PollRead { fresh, ..read() });
        self.commit_poll(&claims[0], &commit);
    }

    fn commit_poll(&self, claim: &FeedClaim, commit: &PollCommit) -> Committed {
        let (claim, commit) = (claim.clone(), commit.clone());
        self.write(move |ledger| ledger.commit_poll(&claim, &commit))
    }

    fn commit(&self, claim: &EntryClaim, commit: &ScrapeCommit) -> Committed {
        let (claim, commit) = (claim.clone(), commit.clone());
        self.write(move |ledger| ledger.commit_scrape(&claim, &commit))
    }

    /// Scrapes the one entry that is due and files what is given for it.
    fn file(&self, now: i64, page: &Page, verdict: Verdict) -> ArticleId {
        let claims = self.entries(now, 1, Scope::Due, NO_PACE);
        assert_eq!(claims.len(), 1, "one entry is due");
        match self.commit(&claims[0], &filing(&claims[0], now, page, verdict, ChangeNumber(i64::MAX))) {
            Committed::Filed(Some(article)) => article,
            other => panic!("not filed: {other:?}"),
        }
    }

    /// A source's entry for a page appears, is scraped and filed.
    fn publish(&self, now: i64, page: &Page, verdict: Verdict) -> ArticleId {
        self.bring(now, vec![entry(&page.url, now)]);
        self.file(now, page, verdict)
    }

    fn ask<T: Send + 'static>(
        &self,
        task: impl FnOnce(&dyn wireroom::store::Reader) -> wireroom::store::Result<T> + Send + 'static,
    ) -> T {
        self.store.read_blocking(task).unwrap()
    }

    fn article(&self, id: ArticleId) -> wireroom::store::ArticleRow {
        self.ask(move |reader| reader.article(id)).expect("the article is there")
    }

    fn next(&self, now: i64, scope: Scope, lane: Lane, pace: Pace) -> Option<i64> {
        let next = self.ask(move |reader| reader.next_turn(at(now), scope, lane, &pace));
        next.map(|next| next.as_second() - at(0).as_second())
    }

    fn found(&self, query: &str) -> Vec<ArticleId> {
        let query = query.to_owned();
        self.ask(move |reader| reader.search(&query, 10)).into_iter().map(|hit| hit.id).collect()
    }

    /// One value of a statement on the file, as `sqlite3` would show it.
    fn sql<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        Connection::open(self.path()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// (state, reason) of the entry with this key.
    fn state(&self, key: &str) -> (String, Option<String>) {
        let db = Connection::open(self.path()).unwrap();
        db.query_row("SELECT state, reason FROM entries WHERE entry_key = ?1", [key], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    }
}

/// Whatever a test did, the ledger is sound afterwards.
impl Drop for Ground {
    fn drop(&mut self) {
        self.store.close();
        if std::thread::panicking() {
            return;
        }
        let log = self.path().with_extension("db-wal");
        assert!(!log.exists(), "a clean stop leaves no write-ahead log");
        let db = Connection::open(self.path()).unwrap();
        let text = |sql: &str| db.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(text("PRAGMA integrity_check"), "ok");
        assert!(!db.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
        for check in [
            "INSERT INTO article_fts (article_fts, rank) VALUES ('integrity-check', 1)",
            "INSERT INTO article_chars (article_chars) VALUES ('integrity-check')",
        ] {
            db.execute_batch(check).unwrap();
        }
        assert_eq!(
            number("SELECT count(*) FROM article WHERE unspaced = 1"),
            number("SELECT count(*) FROM article_chars"),
            "every text of such a script is in the index of characters"
        );
        // Each of these finds what must not be.
        for wrong in [
            "SELECT count(*) FROM story s WHERE articles <> (SELECT count(*) FROM article WHERE story_id = s.id)",
            "SELECT count(*) FROM story s WHERE sources <> (SELECT count(DISTINCT source_id) FROM article WHERE story_id = s.id)",
            "SELECT count(*) FROM story s WHERE NOT EXISTS (SELECT 1 FROM article WHERE id = s.origin_article AND story_id = s.id)",
            "SELECT count(*) FROM article a JOIN story s ON s.id = a.story_id
             WHERE a.duplicate_of IS NOT nullif(s.origin_article, a.id)",
            "SELECT count(*) FROM article WHERE (duplicate_of IS NULL) <> (relation IS NULL)",
            "SELECT count(*) FROM article a WHERE revision <> (SELECT max(revision) FROM revision WHERE article_id = a.id)",
            "SELECT count(*) FROM revision r JOIN article a ON a.id = r.article_id
             WHERE (r.revision = a.revision) <> (r.body IS NULL)",
            "SELECT count(*) FROM (SELECT seq FROM article UNION ALL SELECT seq FROM story UNION ALL SELECT seq FROM revision
             UNION ALL SELECT seq FROM takedown) GROUP BY seq HAVING count(*) > 1 UNION ALL SELECT 0",
            "SELECT count(*) FROM entry WHERE state = 'filed' AND article_id IS NULL",
            "SELECT count(*) FROM entry WHERE lease_until IS NOT NULL AND state IN ('filed', 'failed')",
            "SELECT count(*) FROM article a WHERE NOT EXISTS (SELECT 1 FROM article_key WHERE key = a.url_key)",
            // What is derived for each host is what its rows say.
            "SELECT count(*) FROM host h WHERE poll_due_at IS NOT max(next_feed_at, retry_until,
                (SELECT min(next_poll_at) FROM feed WHERE host_id = h.id AND active = 1 AND lease_until IS NULL))",
            "SELECT count(*) FROM host h WHERE scrape_due_at IS NOT max(next_fetch_at, retry_until,
                (SELECT min(next_attempt_at) FROM entry WHERE host_id = h.id AND state = 'pending' AND lease_until IS NULL))",
            "SELECT count(*) FROM host WHERE (scrape_turn_at IS NULL) <> (scrape_due_at IS NULL)",
            "SELECT count(*) FROM host WHERE (poll_turn_at IS NULL) <> (poll_due_at IS NULL)",
            "SELECT count(*) FROM host WHERE scrape_turn_at <> max(next_fetch_at, retry_until)",
        ] {
            assert_eq!(number(wrong), 0, "{wrong}");
        }
    }
}

fn settings(directory: &tempfile::TempDir) -> Settings {
    Settings { path: directory.path().join("wireroom.db"), group_readable: true, keep_raw: Some(Duration::from_secs(90 * 86_400)) }
}

/// Seconds after noon of the day these tests stand for.
fn at(seconds: i64) -> Timestamp {
    "2026-11-25T12:00:00Z".parse::<Timestamp>().unwrap() + Duration::from_secs(seconds.unsigned_abs()) * (seconds >= 0) as u32
        - Duration::from_secs(seconds.unsigned_abs()) * (seconds < 0) as u32
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn source(name: &str, feeds: &[&str]) -> Source {
    Source {
        name: name.to_owned(),
        was: None,
        agency: format!("{name} news"),
        enabled: true,
        feeds: feeds.iter().map(|feed| FeedSpec { url: url(feed), kind: FeedKind::Feed }).collect(),
        timezone: None,
        language: None,
    }
}

fn alpha() -> Source {
    source("alpha", &["https://alpha.example.org/feed"])
}

/// A page with its text.
struct Page {
    url: String,
    title: String,
    body: Vec<String>,
    published: Option<PressTime>,
    also: Vec<String>,
}

impl Page {
    fn new(url: &str, text: &str) -> Page {
        Page {
            url: url.to_owned(),
            title: format!("On {url}"),
            body: vec![text.to_owned(), "Second paragraph of the dispatch.".to_owned()],
            published: None,
            also: Vec::new(),
        }
    }

    fn published(mut self, seconds: i64, precision: Precision) -> Page {
        self.published =
            Some(PressTime { at: at(seconds), offset_minutes: Some(240), precision, zone_source: ZoneSource::Page });
        self
    }

    fn titled(mut self, title: &str) -> Page {
        self.title = title.to_owned();
        self
    }

    fn article(&self) -> Article {
        Article {
            url: url(&self.url),
            canonical: None,
            title: Some(self.title.clone()),
            summary: None,
            body: self.body.clone(),
            authors: vec!["Leyla Nadir".to_owned()],
            published: self.published,
            modified: None,
            dateline: None,
            section: None,
            tags: vec!["harbour".to_owned()],
            image: None,
            language: Some("en".to_owned()),
            credit: None,
            notes: Vec::new(),
            extractor_version: 1,
        }
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint {
            url_key: key(&self.url),
            also: self.also.clone(),
            foreign_canonical: None,
            text: Some(text_hash(&self.article().text())),
            words: 9,
        }
    }
}

/// Stands for `address::key`: any function of the URL does.
fn key(url: &str) -> String {
    url.trim_start_matches("https://").to_owned()
}

/// Stands for the hash of the normalised text.
fn text_hash(text: &str) -> [u8; 16] {
    let mut hash = [0u8; 16];
    for (index, byte) in text.bytes().enumerate() {
        hash[index % 16] = hash[index % 16].wrapping_mul(31).wrapping_add(byte);
    }
    hash
}

fn entry(page: &str, seen: i64) -> NewEntry {
    let address = url(page);
    NewEntry {
        key: EntryKey(page.to_owned()),
        entry: Entry { title: Some(format!("Entry {page}")), content: Some("long".to_owned()), ..Entry::of_page(Some(address.clone()), at(seen)) },
        url_key: Some(key(page)),
        host: address.host_str().map(str::to_owned),
        digest: text_hash(page),
        skipped: None,
    }
}

fn head() -> Head {
    Head {
        status: 200,
        final_url: url("https://alpha.example.org/feed"),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: at(0),
    }
}

fn read() -> PollRead {
    PollRead {
        head: head(),
        title: Some("Alpha".to_owned()),
        fresh: Vec::new(),
        changed: Vec::new(),
        unchanged: 0,
        refused: Vec::new(),
        validators: None,
        body_hash: None,
        diagnostics: Vec::new(),
        hints: Hints::default(),
    }
}

fn poll(claim: &FeedClaim, now: i64, read: PollRead) -> PollCommit {
    polled(claim, now, PollOutcome::Read(Box::new(read)))
}

/// A poll's commit; the next one is due at once, so that tests can go on.
fn polled(claim: &FeedClaim, now: i64, outcome: PollOutcome) -> PollCommit {
    PollCommit {
        outcome,
        host: claim.host.clone(),
        polled_at: at(now),
        next: Planned { at: at(now), why: "test".to_owned(), forbidden_before: None, interval_s: 300 },
    }
}

fn trouble(reason: &str) -> Trouble {
    Trouble { failure: Failure::Transient, class: "timeout", reason: reason.to_owned() }
}

fn scraped(claim: &EntryClaim, now: i64, outcome: ScrapeOutcome) -> ScrapeCommit {
    ScrapeCommit { outcome, host: claim.host.clone(), scraped_at: at(now), raw: None }
}

fn filing(claim: &EntryClaim, now: i64, page: &Page, verdict: Verdict, seen: ChangeNumber) -> ScrapeCommit {
    let filing = Filing { article: page.article(), fingerprint: page.fingerprint(), verdict, seen, settle: false };
    scraped(claim, now, ScrapeOutcome::Filed(Box::new(filing)))
}

fn copy_of(of: ArticleId) -> Verdict {
    Verdict::Copy { of, joins: Vec::new(), relation: Relation::Exact, evidence: Evidence { why: "the same text".to_owned() } }
}

// ---------------------------------------------------------------- sources

#[test]
fn sources_come_and_go_and_their_waiting_entries_with_them() {
    let ground = Ground::with(&[alpha()]);
    let page = "https://alpha.example.org/1";
    ground.bring(1, vec![entry(page, 1)]);

    let off = Source { enabled: false, ..alpha() };
    let synced = ground.sync(std::slice::from_ref(&off), 2);
    assert_eq!((synced.disabled, synced.entries_skipped), (vec!["alpha".to_owned()], 1));
    assert_eq!(ground.state(page), ("skipped".to_owned(), Some("source disabled".to_owned())));
    assert!(ground.feeds(3, Scope::Due, NO_PACE).is_empty());
    assert!(ground.feeds(3, Scope::Asked { since: at(3) }, NO_PACE).is_empty());
    assert!(ground.entries(3, 9, Scope::Due, NO_PACE).is_empty());

    assert_eq!(ground.sync(&[alpha()], 4).entries_returned, 1);
    assert_eq!(ground.state(page), ("pending".to_owned(), None));

    let synced = ground.sync(&[], 5);
    assert_eq!((synced.removed, synced.entries_skipped), (vec!["alpha".to_owned()], 1));
    assert_eq!(ground.state(page).1.as_deref(), Some("source removed"));
    let sources = ground.ask(|reader| reader.sources());
    assert_eq!((sources[0].enabled, sources[0].reason.as_deref()), (false, Some("removed from the configuration")));

    ground.sync(&[alpha()], 6);
    assert_eq!(ground.entries(7, 9, Scope::Due, NO_PACE).len(), 1);
    assert_eq!(ground.feeds(7, Scope::Due, NO_PACE).len(), 1);
}

#[test]
fn a_renamed_source_keeps_its_history_in_any_order_of_the_chain() {
    let ground = Ground::with(&[alpha(), source("beta", &["https://beta.example.org/feed"])]);
    let id = ground.sql::<i64>("SELECT id FROM source WHERE name = 'alpha'");
    let renamed = [
        Source { was: Some("alpha".to_owned()), ..source("beta", &["https://alpha.example.org/feed"]) },
        Source { was: Some("beta".to_owned()), ..source("gamma", &["https://beta.example.org/feed"]) },
    ];
    let synced = ground.sync(&renamed, 1);
    assert_eq!(synced.renamed.len(), 2);
    assert!(synced.added.is_empty() && synced.removed.is_empty() && synced.feeds_added == 0);
    assert_eq!(ground.sql::<i64>("SELECT id FROM source WHERE name = 'beta'"), id);
    // Said again, it does nothing.
    assert_eq!(ground.sync(&renamed, 2), wireroom::store::Synced::default());
}

#[test]
fn a_renamed_source_raises_the_numbers_of_its_articles() {
    let ground = Ground::with(&[alpha()]);
    let article = ground.publish(1, &Page::new("https://alpha.example.org/1", "Text"), Verdict::Original);
    let seq = ground.article(article).seq;
    let renamed = Source { was: Some("alpha".to_owned()), ..source("omega", &["https://alpha.example.org/feed"]) };
    ground.sync(&[renamed], 2);
    let changed = ground.ask(move |reader| reader.articles_since(seq, 10));
    assert_eq!((changed.len(), changed[0].source.as_str(), changed[0].id), (1, "omega", article));
}

#[test]
fn a_feed_with_a_new_address_starts_without_validators() {
    let ground = Ground::with(&[alpha()]);
    let claim = ground.feeds(1, Scope::Due, NO_PACE).remove(0);
    let validators = Validators { etag: Some(b"\"1\"".to_vec()), last_modified: None };
    ground.commit_poll(&claim, &poll(&claim, 1, PollRead { validators: Some(validators.clone()), body_hash: Some([7; 16]), ..read() }));
    let claim = ground.feeds(2, Scope::Due, NO_PACE).remove(0);
    assert_eq!((claim.validators.clone(), claim.body_hash), (validators, Some([7; 16])));
    ground.commit_poll(&claim, &polled(&claim, 2, PollOutcome::Unchanged(head())));

    let synced = ground.sync(&[source("alpha", &["https://alpha.example.org/other"])], 3);
    assert_eq!((synced.feeds_added, synced.feeds_dropped), (1, 1));
    let claims = ground.feeds(4, Scope::Due, NO_PACE);
    assert_eq!(claims.len(), 1, "the old address is not polled");
    assert!(claims[0].validators.is_empty() && claims[0].body_hash.is_none());
}

// ---------------------------------------------------------------- polls

#[test]
fn validators_stay_only_with_what_they_vouch_for() {
    let ground = Ground::with(&[alpha()]);
    let etag = |tag: &str| Validators { etag: Some(tag.as_bytes().to_vec()), last_modified: Some(b"not a date".to_vec()) };
    let mut now = 1;
    let mut step = |outcome: PollOutcome| {
        let claim = ground.feeds(now, Scope::Due, NO_PACE).remove(0);
        ground.commit_poll(&claim, &polled(&claim, now, outcome));
        now += 1;
        let claim = ground.feeds(now, Scope::Due, NO_PACE).remove(0);
        let claims = vec![claim.claim];
        ground.write(move |ledger| ledger.release(&claims));
        claim
    };
    let with = |tag: &str| PollOutcome::Read(Box::new(PollRead { validators: Some(etag(tag)), body_hash: Some([1; 16]), ..read() }));
    assert_eq!(step(with("\"a\"")).validators, etag("\"a\""));
    // 304 without headers keeps them, with a new one renews it.
    assert_eq!(step(PollOutcome::Unchanged(head())).validators, etag("\"a\""));
    let renewed = Head { validators: Validators { etag: Some(b"W/\"b\"".to_vec()), last_modified: None }, ..head() };
    assert_eq!(step(PollOutcome::Unchanged(renewed)).validators, etag("W/\"b\""));
    // A failure leaves them; the copy we hold is still ours.
    let failed = step(PollOutcome::Failed(trouble("timeout after 30 s")));
    assert_eq!((failed.validators, failed.failures), (etag("W/\"b\""), 1));
    // An incomplete document vouches for nothing.
    let cut = step(PollOutcome::Read(Box::new(read())));
    assert!(cut.validators.is_empty() && cut.body_hash.is_none());
    assert_eq!(cut.failures, 0);
    // Another version of the reader drops them.
    step(with("\"c\""));
    assert!(!ground.write(|ledger| ledger.bind_parser(1)), "the first version known is no other version");
    step(with("\"c\""));
    assert!(ground.write(|ledger| ledger.bind_parser(2)));
    assert!(!ground.write(|ledger| ledger.bind_parser(2)));
    assert!(ground.feeds(99, Scope::Due, NO_PACE).remove(0).validators.is_empty());
}

#[test]
fn a_poll_writes_all_its_entries_once() {
    let ground = Ground::with(&[alpha()]);
    let claim = ground.feeds(1, Scope::Due, NO_PACE).remove(0);
    let pages = ["https://alpha.example.org/1", "https://alpha.example.org/2"];
    let mut old = entry("https://alpha.example.org/old", 1);
    old.skipped = Some("older than 7d".to_owned());
    let mut homeless = entry("https://alpha.example.org/none", 1);
    (homeless.entry.url, homeless.url_key, homeless.host) = (None, None, None);
    let refused = Refused { key: "hash:77".to_owned(), title: None, reason: "no link and no text".to_owned() };
    let fresh = vec![entry(pages[0], 1), entry(pages[1], 1), entry(pages[0], 1), old, homeless];
    let commit = poll(&claim, 1, PollRead { fresh: fresh.clone(), refused: vec![refused.clone(), refused], ..read() });
    assert!(matches!(ground.commit_poll(&claim, &commit), Committed::Filed(None)));
    // The same claim again is stale only once somebody else has it; writing it twice adds nothing.
    ground.commit_poll(&claim, &commit);
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM entries"), 5);
    assert_eq!(ground.state("hash:77"), ("skipped".to_owned(), Some("refused: no link and no text".to_owned())));
    assert_eq!(ground.state("https://alpha.example.org/old").1.as_deref(), Some("older than 7d"));
    assert_eq!(ground.state("https://alpha.example.org/none").0, "skipped");
    let sources = ground.ask(|reader| reader.sources());
    assert_eq!(sources[0].entries_lost, 1);

    let (source, keys) = (claim.source, fresh.iter().map(|new| new.key.clone()).collect::<Vec<_>>());
    let known = ground.ask(move |reader| reader.known_entries(source, &keys));
    assert_eq!((known.entries.len(), known.first_poll), (4, false));
    let one = &known.entries[&EntryKey(pages[0].to_owned())];
    assert_eq!((one.digest, one.url_key.as_deref()), (text_hash(pages[0]), Some(key(pages[0]).as_str())));
    // Another source may use the same keys.
    let other = wireroom::model::SourceId(source.0 + 1);
    let keys = vec![EntryKey(pages[0].to_owned())];
    let known = ground.ask(move |reader| reader.known_entries(other, &keys));
    assert!(known.entries.is_empty() && known.first_poll);
    let kept: String = ground.sql("SELECT entry FROM entry WHERE key LIKE '%/1'");
    assert!(!kept.contains("long"), "the content stays with the page: {kept}");
}

#[test]
fn a_changed_entry_is_scraped_again_and_keeps_its_article() {
    let ground = Ground::with(&[alpha()]);
    let page = Page::new("https://alpha.example.org/1", "Text");
    let article = ground.publish(1, &page, Verdict::Original);
    let claim = ground.feeds(2, Scope::Due, NO_PACE).remove(0);
    let (source, keys) = (claim.source, vec![EntryKey(page.url.clone())]);
    let id = ground.ask(move |reader| reader.known_entries(source, &keys)).entries[&EntryKey(page.url.clone())].id;
    let mut new = entry(&page.url, 2);
    new.digest = [9; 16];
    ground.commit_poll(&claim, &poll(&claim, 2, PollRead { changed: vec![(id, new.clone())], ..read() }));
    let again = ground.entries(3, 9, Scope::Due, NO_PACE);
    assert_eq!((again.len(), again[0].attempt, again[0].entry_id), (1, 1, id), "it is fetched, although its page is filed");
    assert_eq!(ground.sql::<i64>("SELECT article_id FROM entries"), article.0);
    // Changed once more while in hand: that scrape saw the page too early.
    let claim = ground.feeds(4, Scope::Due, NO_PACE).remove(0);
    ground.commit_poll(&claim, &poll(&claim, 4, PollRead { changed: vec![(id, new)], ..read() }));
    let stale = filing(&again[0], 4, &page, Verdict::Revision { of: article }, ChangeNumber(i64::MAX));
    assert!(matches!(ground.commit(&again[0], &stale), Committed::Stale));
    assert_eq!(ground.entries(5, 9, Scope::Due, NO_PACE).len(), 1);
}

// ---------------------------------------------------------------- claims

#[test]
fn a_claim_has_an_epoch_and_an_older_one_writes_nothing() {
    let ground = Ground::with(&[alpha()]);
    let old = ground.feeds(1, Scope::Due, NO_PACE).remove(0);
    assert!(ground.feeds(1, Scope::Due, NO_PACE).is_empty(), "it is in hand");
    assert_eq!(ground.ask(|reader| reader.in_hand(at(2))), 1);
    assert_eq!(ground.next(2, Scope::Due, Lane::Poll, NO_PACE), None);
    let after_lease = 1 + LEASE.as_secs() as i64;
    assert_eq!(ground.next(after_lease, Scope::Due, Lane::Poll, NO_PACE), Some(after_lease));
    let new = ground.feeds(after_lease, Scope::Due, NO_PACE).remove(0);
    let page = "https://alpha.example.org/1";
    let late = poll(&old, 200, PollRead { fresh: vec![entry(page, 200)], ..read() });
    assert!(matches!(ground.commit_poll(&old, &late), Committed::Stale));
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM entries"), 0);
    assert!(matches!(ground.commit_poll(&new, &late), Committed::Filed(None)));

    let old = ground.entries(201, 1, Scope::Due, NO_PACE).remove(0);
    let new = ground.entries(201 + after_lease, 1, Scope::Due, NO_PACE).remove(0);
    assert_eq!((old.attempt, new.attempt), (1, 2));
    assert_eq!((new.source_name.as_str(), new.url.as_str()), ("alpha", page));
    let failed = scraped(&old, 400, ScrapeOutcome::Failed(trouble("gone")));
    assert!(matches!(ground.commit(&old, &failed), Committed::Stale));
    assert_eq!(ground.state(page).0, "pending");
    assert!(matches!(ground.commit(&new, &failed), Committed::Filed(None)));
    assert_eq!(ground.state(page), ("failed".to_owned(), Some("gone".to_owned())));
}

#[test]
fn three_claims_without_a_commit_end_a_job() {
    let ground = Ground::with(&[alpha()]);
    let page = "https://alpha.example.org/poisoned";
    ground.bring(0, vec![entry(page, 0), entry("https://alpha.example.org/sound", 0)]);
    let mut now = 1;
    for attempt in 1..=3 {
        let claims = ground.entries(now, 1, Scope::Due, NO_PACE);
        assert_eq!((claims[0].attempt, claims[0].entry.url.as_ref().unwrap().as_str()), (attempt, page));
        // The process dies here, and its successor voids all leases.
        ground.write(move |ledger| ledger.recover(at(now)));
        now += 1;
    }
    let claims = ground.entries(now, 1, Scope::Due, NO_PACE);
    assert_eq!(claims[0].url.as_str(), "https://alpha.example.org/sound", "the rest goes on");
    assert_eq!(ground.state(page), ("failed".to_owned(), Some("crashed".to_owned())));

    // A feed is not given up for good: it rests.
    for round in 0..3 {
        assert_eq!(ground.feeds(100 + round, Scope::Due, NO_PACE).len(), 1);
        ground.write(move |ledger| ledger.recover(at(100 + round)));
    }
    assert!(ground.feeds(110, Scope::Due, NO_PACE).is_empty());
    let feeds = ground.ask(|reader| reader.feeds(None));
    assert_eq!((feeds[0].failures, feeds[0].reason.as_deref()), (1, Some("crashed")));
    assert_eq!(ground.next(110, Scope::Due, Lane::Poll, NO_PACE), Some(110 + 3600));
}

#[test]
fn a_released_claim_gives_its_attempt_back() {
    let ground = Ground::with(&[alpha()]);
    ground.bring(0, vec![entry("https://alpha.example.org/1", 0)]);
    for now in 1..10 {
        let claim = ground.entries(now, 1, Scope::Due, NO_PACE).remove(0);
        assert_eq!(claim.attempt, 1);
        let claims = vec![claim.claim];
        ground.write(move |ledger| ledger.release(&claims));
    }
    for now in 10..20 {
        let claim = ground.feeds(now, Scope::Due, NO_PACE).remove(0).claim;
        ground.write(move |ledger| ledger.release(&[claim]));
    }
    assert_eq!(ground.ask(|reader| reader.in_hand(at(20))), 0);
}

#[test]
fn a_host_is_asked_at_its_pace() {
    let pace = Pace { delay: Duration::from_secs(10), per_host: 2 };
    let ground = Ground::with(&[alpha()]);
    ground.bring(0, (0..5).map(|number| entry(&format!("https://alpha.example.org/{number}"), 0)).collect());
    let first = ground.entries(1, 9, Scope::Due, pace);
    assert_eq!(first.len(), 1, "one turn, one page");
    assert_eq!(ground.next(1, Scope::Due, Lane::Scrape, pace), Some(11));
    assert!(ground.entries(10, 9, Scope::Due, pace).is_empty());
    let second = ground.entries(11, 9, Scope::Due, pace);
    assert_eq!(second.len(), 1, "the first is still in hand, but two may be");
    assert!(ground.entries(21, 9, Scope::Due, pace).is_empty(), "its width is in hand");
    assert_eq!(ground.next(21, Scope::Due, Lane::Scrape, pace), None, "a commit will ring");

    // The host asks for more distance, and later for a pause: the longer delay and the later time win.
    let host = |delay: u64, retry: i64| HostState {
        host: "alpha.example.org".to_owned(),
        delay: Some(Duration::from_secs(delay)),
        retry_until: Some(at(retry)),
        ..HostState::default()
    };
    let again = |now: i64| ScrapeOutcome::Retry { trouble: trouble("503"), at: at(now), counted: false };
    let commit = ScrapeCommit { host: host(30, 100), ..scraped(&first[0], 22, again(22)) };
    ground.commit(&first[0], &commit);
    let commit = ScrapeCommit { host: host(20, 50), ..scraped(&second[0], 23, again(23)) };
    ground.commit(&second[0], &commit);
    assert_eq!(ground.next(23, Scope::Due, Lane::Scrape, pace), Some(100));
    assert!(ground.entries(99, 9, Scope::Due, pace).is_empty());
    assert!(ground.feeds(99, Scope::Due, pace).is_empty(), "feeds of the host wait too");
    assert_eq!(ground.feeds(100, Scope::Due, pace).len(), 1);
    assert_eq!(ground.next(100, Scope::Due, Lane::Scrape, pace), Some(130), "the feed took a turn");
    let third = ground.entries(130, 9, Scope::Due, pace).remove(0);
    assert_eq!(third.host.delay, Some(Duration::from_secs(30)));
    assert_eq!(ground.next(130, Scope::Due, Lane::Scrape, pace), None, "feed and page are in hand");
}

#[test]
fn robots_are_kept_and_the_newer_ones_win() {
    let ground = Ground::with(&[alpha()]);
    ground.bring(0, vec![entry("https://alpha.example.org/1", 0)]);
    let step = |now: i64, robots: &str, until: i64, delay: Option<u64>| {
        let claim = ground.entries(now, 1, Scope::Due, NO_PACE).remove(0);
        let host = HostState {
            host: "alpha.example.org".to_owned(),
            robots: Some(robots.as_bytes().to_vec()),
            robots_until: Some(at(until)),
            delay: delay.map(Duration::from_secs),
            ..HostState::default()
        };
        let outcome = ScrapeOutcome::Retry { trouble: trouble("503"), at: at(now), counted: false };
        ground.commit(&claim, &ScrapeCommit { host, ..scraped(&claim, now, outcome) });
        let claim = ground.entries(now + 1, 1, Scope::Due, Pace { delay: Duration::ZERO, per_host: 100 });
        let state = claim.first().map(|claim| claim.host.clone());
        let claims: Vec<ClaimId> = claim.iter().map(|claim| claim.claim).collect();
        ground.write(move |ledger| ledger.release(&claims));
        state.unwrap()
    };
    let state = step(100, "one", 1000, None);
    assert_eq!((state.robots.as_deref(), state.robots_until), (Some(b"one".as_slice()), Some(at(1000))));
    let state = step(200, "two", 2000, None);
    assert_eq!(state.robots.as_deref(), Some(b"two".as_slice()));
    let state = step(300, "one", 1000, None);
    assert_eq!((state.robots.as_deref(), state.robots_until), (Some(b"two".as_slice()), Some(at(2000))));
}

#[test]
fn one_host_with_a_long_queue_does_not_keep_others_waiting() {
    let pace = Pace { delay: Duration::from_secs(1), per_host: 1 };
    let ground = Ground::with(&[alpha()]);
    let mut fresh: Vec<NewEntry> = (0..3000).map(|number| entry(&format!("https://big.example.org/{number}"), 0)).collect();
    fresh.extend((0..20).map(|number| entry(&format!("https://small{number}.example.org/1"), 0)));
    ground.bring(0, fresh);
    let claims = ground.entries(1, 50, Scope::Due, pace);
    assert_eq!(claims.len(), 21, "one page of every host");
    let of_big = claims.iter().filter(|claim| claim.url.host_str() == Some("big.example.org")).count();
    assert_eq!(of_big, 1);
    // Without a delay the width is the limit.
    let ground = Ground::with(&[alpha()]);
    ground.bring(0, (0..50).map(|number| entry(&format!("https://big.example.org/{number}"), 0)).collect());
    let width = Pace { delay: Duration::ZERO, per_host: 4 };
    assert_eq!(ground.entries(1, 50, Scope::Due, width).len(), 4);
    assert_eq!(ground.entries(1, 50, Scope::Due, width).len(), 0);
}

#[test]
fn feeds_of_one_host_take_turns_and_never_starve_behind_pages() {
    let pace = Pace { delay: Duration::from_secs(5), per_host: 1 };
    let feeds = ["https://alpha.example.org/a", "https://alpha.example.org/b", "https://other.example.org/c"];
    let ground = Ground::with(&[source("alpha", &feeds)]);
    let first = ground.feeds(0, Scope::Due, pace);
    assert_eq!(first.len(), 2, "one of each host");
    let fresh = (0..10).map(|number| entry(&format!("https://alpha.example.org/{number}"), 0)).collect();
    let of_alpha = first.iter().find(|claim| claim.url.host_str() == Some("alpha.example.org")).unwrap();
    let mut commit = poll(of_alpha, 0, PollRead { fresh, ..read() });
    commit.next.at = at(1000);
    ground.commit_poll(of_alpha, &commit);
    // A page takes the very turn at which the second feed comes, and stays in hand.
    assert_eq!(ground.entries(5, 9, Scope::Due, pace).len(), 1);
    let second = ground.feeds(5, Scope::Due, pace);
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].host.next_fetch_at, Some(at(10)), "it starts a delay after the page");
}

#[test]
fn asked_for_by_hand_everything_is_tried_once() {
    let ground = Ground::with(&[source("alpha", &["https://alpha.example.org/a", "https://beta.example.org/b"])]);
    for claim in ground.feeds(0, Scope::Due, NO_PACE) {
        let host = claim.url.host_str().unwrap().to_owned();
        let mut commit = poll(&claim, 0, PollRead { fresh: vec![entry(&format!("https://{host}/1"), 0)], ..read() });
        commit.next.at = at(5000);
        if host.starts_with("beta") {
            commit.next.forbidden_before = Some(at(5000));
        }
        ground.commit_poll(&claim, &commit);
    }
    for claim in ground.entries(1, 9, Scope::Due, NO_PACE) {
        let outcome = ScrapeOutcome::Retry { trouble: trouble("503"), at: at(6000), counted: true };
        ground.commit(&claim, &scraped(&claim, 1, outcome));
    }
    assert_eq!(ground.next(100, Scope::Due, Lane::Poll, NO_PACE), Some(5000));
    assert_eq!(ground.next(100, Scope::Due, Lane::Scrape, NO_PACE), Some(6000));

    let run = Scope::Asked { since: at(100) };
    assert!(ground.next(100, run, Lane::Poll, NO_PACE).unwrap() <= 100);
    let claims = ground.feeds(100, run, NO_PACE);
    assert_eq!(claims.len(), 1, "max-age does not bind, Retry-After does");
    assert_eq!(claims[0].url.host_str(), Some("alpha.example.org"));
    ground.commit_poll(&claims[0], &polled(&claims[0], 101, PollOutcome::Unchanged(head())));
    assert_eq!(ground.next(102, run, Lane::Poll, NO_PACE), None);
    assert!(ground.feeds(102, run, NO_PACE).is_empty());

    assert!(ground.next(102, run, Lane::Scrape, NO_PACE).unwrap() <= 102);
    let claims = ground.entries(102, 9, run, NO_PACE);
    assert_eq!(claims.len(), 2);
    for claim in &claims {
        assert_eq!(claim.attempt, 2);
        let outcome = ScrapeOutcome::Retry { trouble: trouble("503"), at: at(103), counted: true };
        ground.commit(claim, &scraped(claim, 103, outcome));
    }
    assert_eq!(ground.next(104, run, Lane::Scrape, NO_PACE), None, "each once a run");
    assert!(ground.entries(104, 9, run, NO_PACE).is_empty());
    // A host that asked for a pause counts with its time.
    let run = Scope::Asked { since: at(200) };
    let claim = ground.entries(200, 1, run, NO_PACE).remove(0);
    let host = HostState { host: claim.host.host.clone(), retry_until: Some(at(300)), ..HostState::default() };
    let outcome = ScrapeOutcome::Retry { trouble: trouble("429"), at: at(300), counted: false };
    ground.commit(&claim, &ScrapeCommit { host, ..scraped(&claim, 200, outcome) });
    let rest = ground.entries(201, 9, run, NO_PACE);
    assert_eq!(rest.len(), 1);
    let outcome = ScrapeOutcome::Skipped("robots.txt disallows it".to_owned());
    ground.commit(&rest[0], &scraped(&rest[0], 201, outcome));
    let run = Scope::Asked { since: at(250) };
    assert_eq!(ground.next(250, run, Lane::Scrape, NO_PACE), Some(300));
}

#[test]
fn a_page_is_fetched_once_whoever_lists_it() {
    let sources = [alpha(), source("beta", &["https://beta.example.org/feed"])];
    let ground = Ground::with(&sources);
    let page = Page::new("https://alpha.example.org/1", "Text");
    let claims = ground.feeds(1, Scope::Due, NO_PACE);
    let fresh = |name: &str| {
        let mut new = entry(&page.url, 1);
        new.key = EntryKey(name.to_owned());
        new
    };
    ground.commit_poll(&claims[0], &poll(&claims[0], 1, PollRead { fresh: vec![fresh("a"), fresh("b")], ..read() }));
    ground.commit_poll(&claims[1], &poll(&claims[1], 1, PollRead { fresh: vec![fresh("c")], ..read() }));
    let claims = ground.entries(2, 9, Scope::Due, NO_PACE);
    assert_eq!(claims.len(), 1, "the others wait for it");
    assert_eq!(ground.ask(|reader| reader.in_hand(at(2))), 1);
    assert_eq!(ground.next(2, Scope::Due, Lane::Scrape, NO_PACE), None);
    ground.commit(&claims[0], &filing(&claims[0], 3, &page, Verdict::Original, ChangeNumber(0)));
    assert!(ground.next(3, Scope::Due, Lane::Scrape, NO_PACE).is_some());
    assert!(ground.entries(4, 9, Scope::Due, NO_PACE).is_empty());
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM entries WHERE state = 'filed' AND article_id = 1"), 3);
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM entries WHERE reason = 'same page'"), 2);
    // An entry that appears later may say something new: its page is fetched.
    let claims = ground.feeds(10, Scope::Due, NO_PACE);
    let mut late = fresh("d");
    late.entry.seen_at = at(10);
    ground.commit_poll(&claims[0], &poll(&claims[0], 10, PollRead { fresh: vec![late], ..read() }));
    assert_eq!(ground.entries(11, 9, Scope::Due, NO_PACE).len(), 1);
}

#[test]
fn a_job_whose_source_is_switched_off_meanwhile_still_ends_well() {
    let ground = Ground::with(&[alpha()]);
    ground.bring(0, vec![entry("https://alpha.example.org/1", 0), entry("https://alpha.example.org/2", 0)]);
    let claims = ground.entries(1, 9, Scope::Due, NO_PACE);
    let feed = ground.feeds(1, Scope::Due, NO_PACE).remove(0);
    ground.sync(&[Source { enabled: false, ..alpha() }], 2);
    let page = Page::new("https://alpha.example.org/1", "Text");
    assert!(matches!(
        ground.commit(&claims[0], &filing(&claims[0], 3, &page, Verdict::Original, ChangeNumber(0))),
        Committed::Filed(Some(_))
    ));
    let outcome = ScrapeOutcome::Retry { trouble: trouble("503"), at: at(9), counted: true };
    ground.commit(&claims[1], &scraped(&claims[1], 3, outcome));
    ground.commit_poll(&feed, &poll(&feed, 3, PollRead { fresh: vec![entry("https://alpha.example.org/3", 3)], ..read() }));
    assert_eq!(ground.state("https://alpha.example.org/1").0, "filed");
    for page in ["https://alpha.example.org/2", "https://alpha.example.org/3"] {
        assert_eq!(ground.state(page), ("skipped".to_owned(), Some("source disabled".to_owned())));
    }
    assert_eq!(ground.next(10, Scope::Due, Lane::Scrape, NO_PACE), None);
    assert_eq!(ground.sync(&[alpha()], 11).entries_returned, 2);
}
