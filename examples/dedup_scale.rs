//! What finding near-copies costs as the ledger grows: documents of 2.3 KB, a fifth of them copies, through the real
//! fingerprint, ledger and judge. Prints CPU, latency and size at every step.
//!
//! `cargo run --release --example dedup_scale -- DOCUMENTS LIVE [FOLDER]`: `LIVE` documents are in the window, whatever the
//! history; as many as there are documents, and nothing ever leaves it. With `WIREROOM_INDEX_ONLY=1` texts are one sentence and their
//! samples are made up, so that millions of them show what the index alone costs.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program that measures prints, and ends where it cannot go on")]

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;
use wireroom::address;
use wireroom::dedup::{self, Thresholds};
use wireroom::model::{
    Address, Article, Change, Committed, Entry, EntryClaim, EntryKey, FeedKind, FeedSpec, Filing, Head, HubWish, NewEntry, Pace,
    Planned, PollCommit, PollOutcome, PollRead, Precision, PressTime, Scope, ScrapeCommit, ScrapeOutcome, Source, Timestamp, Url,
    Validators, Verdict, ZoneSource,
};
use wireroom::store::{Role, Settings, StoreHandle};

/// Documents committed in one group, as when lanes are busy.
const GROUP: usize = 32;
/// Documents a day, so that the window of a week holds `LIVE`.
const DAYS: usize = 7;
const PACE: Pace = Pace { delay: Duration::ZERO, per_host: 1_000_000 };
const LEASE: Duration = Duration::from_secs(600);

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|word| word != "--bench");
    let documents: usize = arguments.next().map_or(20_000, |text| text.parse().unwrap());
    let live: usize = arguments.next().map_or(documents, |text| text.parse().unwrap());
    let folder = arguments.next().map_or_else(std::env::temp_dir, Into::into).join(format!("dedup_scale.{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("scale.db");
    let window = (live < documents).then(|| Duration::from_secs(DAYS as u64 * 86_400));
    let settings = Settings { path: path.clone(), group_readable: false, keep_raw: None, window };
    let store = StoreHandle::open(&settings, Role::Lanes).unwrap();
    let mut bench = Bench {
        store,
        random: Random(0x9e37_79b9_7f4a_7c15),
        vocabulary: vocabulary(),
        recent: VecDeque::new(),
        // Seconds between two documents, so that a week holds as many as are to be live.
        step: DAYS as f64 * 86_400.0 / live as f64,
        filed: 0,
        figures: Figures::default(),
        index_only: std::env::var_os("WIREROOM_INDEX_ONLY").is_some(),
        samples: VecDeque::new(),
        readers_ns: 0,
        thresholds: Thresholds::default(),
    };
    bench.enrol();
    println!(
        "documents  live     us CPU: text+judge  look-up  sum   (with candidates)  commit    p50 us  p99 us  found  index B/doc  ledger MB"
    );
    let step = (documents / 10).max(GROUP);
    while bench.filed < documents {
        bench.group();
        if bench.filed % step < GROUP {
            bench.report(&path);
        }
    }
    insert_alone(&folder);
    bench.store.close();
    println!("peak memory {} MB", peak_memory());
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Figures since the last report.
#[derive(Default)]
struct Figures {
    documents: usize,
    with_candidates: usize,
    own_ns: u64,
    read_ns: u64,
    own_with_ns: u64,
    read_with_ns: u64,
    write_ns: u64,
    waits: Vec<u64>,
    copies: usize,
    found: usize,
}

struct Bench {
    store: StoreHandle,
    random: Random,
    vocabulary: Vec<String>,
    /// Texts that can be copied.
    recent: VecDeque<Vec<String>>,
    step: f64,
    filed: usize,
    figures: Figures,
    /// Made-up samples instead of texts.
    index_only: bool,
    samples: VecDeque<Vec<u32>>,
    /// CPU of the readers at the last report: nothing but look-ups is asked of them.
    readers_ns: u64,
    thresholds: Thresholds,
}

impl Bench {
    fn enrol(&self) {
        let source = Source {
            name: "alpha".to_owned(),
            was: None,
            agency: "Alpha".to_owned(),
            enabled: true,
            feeds: vec![FeedSpec { url: Url::parse("https://alpha.example.org/feed").unwrap(), kind: FeedKind::Feed }],
            timezone: None,
            language: None,
        };
        self.store.write_blocking(move |ledger| ledger.sync_sources(&[source], instant(0.0))).unwrap();
    }

    fn now(&self) -> Timestamp {
        instant(self.filed as f64 * self.step)
    }

    /// A group of documents, from the feed to the ledger.
    fn group(&mut self) {
        let now = self.now();
        let pages: Vec<(Article, bool)> = (0..GROUP).map(|index| self.document(self.filed + index)).collect();
        let claims = self.claims(&pages, now);
        let mut commits = Vec::new();
        for claim in claims {
            let number: usize = claim.url.path().trim_start_matches("/news/").parse().unwrap();
            let (article, copied) = pages[number - self.filed].clone();
            let commit = self.judge(&claim, article, copied, now);
            commits.push((claim, commit));
        }
        let writer = cpu("store-writer");
        let left = self.store.write_blocking(move |ledger| {
            let mut left = Vec::new();
            for (claim, commit) in commits {
                if let Committed::Overtaken(..) = ledger.commit_scrape(&claim, &commit)? {
                    left.push((claim, commit));
                }
            }
            Ok(left)
        });
        self.figures.write_ns += cpu("store-writer") - writer;
        // Chance likenesses within one group: filed as they were judged.
        for (claim, mut commit) in left.unwrap() {
            if let ScrapeOutcome::Filed(filing) = &mut commit.outcome {
                filing.settle = true;
            }
            self.store.write_blocking(move |ledger| ledger.commit_scrape(&claim, &commit)).unwrap();
        }
        self.filed += GROUP;
        // As the daemon does between two commits.
        self.store.write_blocking(move |ledger| ledger.maintain(now, Duration::from_millis(20))).unwrap();
    }

    fn judge(&mut self, claim: &EntryClaim, article: Article, copied: bool, now: Timestamp) -> ScrapeCommit {
        let begun = Instant::now();
        let (own, readers) = (own_cpu(), cpu("store-reader-"));
        let mut fingerprint = dedup::fingerprint(&self.thresholds, &article, &claim.url);
        if self.index_only {
            fingerprint.samples = self.made_up(copied);
            fingerprint.text = None;
        }
        let asked = fingerprint.clone();
        let candidates = self.store.read_blocking(move |ledger| ledger.candidates(&asked, 32)).unwrap();
        let verdict = match candidates.found.first() {
            Some(_) if !self.index_only => dedup::judge(&self.thresholds, &fingerprint, &candidates.found),
            // Not joined: the story would have nothing to show for it.
            _ => Verdict::Original,
        };
        let (own, readers) = (own_cpu() - own, cpu("store-reader-") - readers);
        let figures = &mut self.figures;
        figures.waits.push(begun.elapsed().as_nanos() as u64);
        figures.documents += 1;
        figures.own_ns += own;
        if !candidates.found.is_empty() {
            figures.with_candidates += 1;
            figures.own_with_ns += own;
            figures.read_with_ns += readers;
        }
        if copied {
            figures.copies += 1;
            figures.found +=
                usize::from(matches!(verdict, Verdict::Copy { .. }) || self.index_only && !candidates.found.is_empty());
        }
        let filing = Filing {
            article,
            fingerprint,
            verdict,
            seen: candidates.seen,
            settle: false,
            change: Change::Updated,
            origin: None,
            drop_body: false,
            lines: Vec::new(),
        };
        let outcome = ScrapeOutcome::Filed(Box::new(filing));
        ScrapeCommit {
            outcome,
            host: claim.host.clone(),
            scraped_at: now,
            raw: None,
            recheck: None,
            looked: None,
            raw_more: Vec::new(),
        }
    }

    fn claims(&mut self, pages: &[(Article, bool)], now: Timestamp) -> Vec<EntryClaim> {
        let fresh: Vec<NewEntry> = pages.iter().map(|(article, _)| entry(article, now)).collect();
        self.store
            .write_blocking(move |ledger| {
                let feeds = ledger.claim_feeds(now, 1, Scope::Due, &PACE, LEASE)?;
                let claim = feeds.first().expect("the feed is due");
                ledger.commit_poll(claim, &poll(claim.host.clone(), claim.rhythm.clone(), fresh, now))?;
                ledger.claim_entries(now, GROUP, Scope::Due, &PACE, LEASE)
            })
            .unwrap()
    }

    /// A new text, or a fifth of the time half to all of one of the last thousands, with a credit in front.
    fn document(&mut self, number: usize) -> (Article, bool) {
        let copied = self.recent.len().max(self.samples.len()) > 256 && self.random.below(5) == 0;
        let body = if self.index_only {
            vec![self.sentence(6)]
        } else if copied {
            let from = &self.recent[self.random.below(self.recent.len() - 128)];
            let kept = from.len() / 2 + self.random.below(from.len() / 2 + 1);
            let mut body: Vec<String> = from[..kept].to_vec();
            body[0] = format!("(PORTAL- Beta Agency) {}", body[0]);
            body
        } else {
            let body: Vec<String> = (0..8).map(|_| self.paragraph()).collect();
            self.recent.push_back(body.clone());
            if self.recent.len() > 4096 {
                self.recent.pop_front();
            }
            body
        };
        let title = self.sentence(9);
        let at = instant((self.filed + number % GROUP) as f64 * self.step);
        let article = Article {
            title: Some(title),
            body,
            published: Some(PressTime { at, offset_minutes: None, precision: Precision::Instant, zone_source: ZoneSource::Page }),
            language: Some("en".to_owned()),
            extractor_version: 1,
            ..Article::new(Url::parse(&format!("https://alpha.example.org/news/{number}")).unwrap())
        };
        (article, copied)
    }

    /// Samples as of a new text, or two thirds of another one's.
    fn made_up(&mut self, copied: bool) -> Vec<u32> {
        let mut samples: Vec<u32> = (0..24).map(|_| self.random.below(1 << 32) as u32).collect();
        if copied {
            let place = self.random.below(self.samples.len() - 128);
            samples[..16].copy_from_slice(&self.samples[place][..16]);
        }
        samples.sort_unstable();
        self.samples.push_back(samples.clone());
        if self.samples.len() > 4096 {
            self.samples.pop_front();
        }
        samples
    }

    fn paragraph(&mut self) -> String {
        (0..3).map(|_| self.sentence(14)).collect::<Vec<_>>().join(" ")
    }

    fn sentence(&mut self, words: usize) -> String {
        let mut sentence = String::new();
        for place in 0..words {
            // Few words are common, most are rare.
            let rank = self.random.below(self.vocabulary.len()) * self.random.below(1000) / 1000;
            match self.random.below(20) {
                0 => sentence.push_str(&self.random.below(5000).to_string()),
                1 if place > 0 => {
                    let word = &self.vocabulary[rank];
                    sentence.push_str(&word[..1].to_uppercase());
                    sentence.push_str(&word[1..]);
                }
                _ => sentence.push_str(&self.vocabulary[rank]),
            }
            sentence.push(if place + 1 == words { '.' } else { ' ' });
        }
        sentence
    }

    fn report(&mut self, path: &std::path::Path) {
        let mut figures = std::mem::take(&mut self.figures);
        let readers = cpu("store-reader-");
        figures.read_ns = readers - std::mem::replace(&mut self.readers_ns, readers);
        figures.waits.sort_unstable();
        let at = |share: usize| figures.waits[(figures.waits.len() * share / 100).min(figures.waits.len() - 1)] / 1000;
        let mean = |ns: u64, of: usize| ns as f64 / 1000.0 / of.max(1) as f64;
        let db = rusqlite::Connection::open(path).unwrap();
        let size: f64 = db
            .query_row(
                "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name IN ('sample', 'sqlite_autoindex_sample_1', 'sample_filed')",
                [],
                |row| row.get(0),
            )
            .unwrap_or(f64::NAN);
        let rows: i64 = db.query_row("SELECT count(*) FROM sample", [], |row| row.get(0)).unwrap();
        println!(
            "{:>9}  {:>7}  {:>18.0}  {:>7.0}  {:>4.0}  {:>17.0}  {:>6.0}  {:>8}  {:>6}  {:>5.3}  {:>11.0}  {:>9}",
            self.filed,
            rows,
            mean(figures.own_ns, figures.documents),
            mean(figures.read_ns, figures.documents),
            mean(figures.own_ns + figures.read_ns, figures.documents),
            mean(figures.own_with_ns + figures.read_with_ns, figures.with_candidates),
            mean(figures.write_ns, figures.documents),
            at(50),
            at(99),
            figures.found as f64 / figures.copies.max(1) as f64,
            size / rows.max(1) as f64,
            std::fs::metadata(path).unwrap().len() / 1_000_000,
        );
    }
}

/// What the index's own row costs, apart from the article's: the same two statements on a file of their own.
fn insert_alone(folder: &std::path::Path) {
    let db = rusqlite::Connection::open(folder.join("alone.db")).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE sample (seq INTEGER PRIMARY KEY, article_id INTEGER NOT NULL UNIQUE, filed_at INTEGER NOT NULL, hashes BLOB NOT NULL) STRICT;
         CREATE INDEX sample_filed ON sample (filed_at);",
    )
    .unwrap();
    let documents = 50_000usize;
    let begun = own_cpu();
    for group in 0..documents / GROUP {
        db.execute_batch("BEGIN IMMEDIATE").unwrap();
        for index in 0..GROUP {
            let id = (group * GROUP + index) as i64;
            db.prepare_cached("DELETE FROM sample WHERE article_id = ?1").unwrap().execute([id]).unwrap();
            db.prepare_cached("INSERT INTO sample (seq, article_id, filed_at, hashes) VALUES (?1, ?2, ?3, ?4)")
                .unwrap()
                .execute(rusqlite::params![id * 3, id, id, [7u8; 96]])
                .unwrap();
        }
        db.execute_batch("COMMIT").unwrap();
    }
    println!(
        "the index's own row: {:.1} us CPU a document, commits of {GROUP} included",
        (own_cpu() - begun) as f64 / 1000.0 / documents as f64
    );
}

fn entry(article: &Article, now: Timestamp) -> NewEntry {
    NewEntry {
        key: EntryKey(article.url.to_string()),
        also: Vec::new(),
        url_key: Some(address::key(&article.url)),
        host: Some("alpha.example.org".to_owned()),
        digest: [0; 16],
        skipped: None,
        entry: Entry::of_page(Some(article.url.clone()), now),
    }
}

fn poll(host: wireroom::model::HostState, rhythm: wireroom::model::Rhythm, fresh: Vec<NewEntry>, now: Timestamp) -> PollCommit {
    let head = Head {
        status: 200,
        final_url: Url::parse("https://alpha.example.org/feed").unwrap(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: now,
        fields: Vec::new(),
    };
    let read = PollRead::of_entries(head, fresh);
    PollCommit {
        outcome: PollOutcome::Read(Box::new(read)),
        host,
        polled_at: now,
        next: Planned { at: now, why: String::new(), forbidden_before: None, interval_s: 300 },
        rhythm,
        met: Vec::new(),
        look_again: None,
        address: Address::Stays,
        hub: HubWish::Keep,
        trust: None,
    }
}

fn instant(seconds: f64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds as i64).unwrap()
}

/// Made-up words.
fn vocabulary() -> Vec<String> {
    let mut random = Random(7);
    let syllables = ["ka", "lo", "mi", "ren", "tas", "vo", "dur", "el", "shi", "pra", "go", "nu", "ber", "fi", "zan", "ot"];
    (0..20_000).map(|_| (0..2 + random.below(3)).map(|_| syllables[random.below(syllables.len())]).collect()).collect()
}

/// xorshift64 (Marsaglia 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// Nanoseconds of CPU of this thread.
fn own_cpu() -> u64 {
    // The kernel brings the figure up to date when the thread gives way.
    std::thread::yield_now();
    first_number("/proc/thread-self/schedstat")
}

/// Nanoseconds of CPU of this process's threads of a name.
fn cpu(name: &str) -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let named = tasks.filter(|task| std::fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.starts_with(name)));
    named.map(|task| first_number(task.path().join("schedstat"))).sum()
}

fn first_number(path: impl AsRef<std::path::Path>) -> u64 {
    std::fs::read_to_string(path).ok().and_then(|text| text.split(' ').next()?.parse().ok()).unwrap_or(0)
}

fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}
