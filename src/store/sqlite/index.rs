//! The index of near-copies: a row of sampled shingles for every text of the window, and the same rows in memory to be searched.
//!
//! A B-tree with a row for each shingle costs two dozen page changes a document and as many page reads a look-up; one row a
//! text costs one page, and memory answers in microseconds. Memory is never ahead of the ledger: it follows the rows by their
//! change numbers, within the snapshot that asks, and is made again from them at every start.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use tokio::time::Instant;

use crate::model::{ArticleId, ChangeNumber, Timestamp};

use super::{Result, held};

/// Fewest common samples of a near-copy; of texts that have as many.
const LEAST: usize = 2;
/// A sample of more live texts than this says nothing.
const MOST_TEXTS: usize = 64;
/// The worth of a sample that one text has. It counts the more the fewer texts have it, so that what a desk puts under
/// every text does not crowd out the text.
const WHOLE: u64 = 720_720;
/// Texts held apart, unsorted, before they are made into a run.
const FRESH: usize = 64;
/// Rows of a run that is not merged any more: its merging would be felt, and it leaves memory as a whole.
const FULL: usize = 1 << 23;
/// Rows deleted between two looks at the clock.
const SLICE: usize = 512;

/// Puts a text into the index, in the place of the article's former one.
pub(super) fn put(db: &Connection, article: ArticleId, seq: i64, samples: &[u32], now: Timestamp) -> Result<()> {
    db.prepare_cached("DELETE FROM sample WHERE article_id = ?1")?.execute([article.0])?;
    if samples.is_empty() {
        return Ok(());
    }
    let mut samples = samples.to_vec();
    samples.sort_unstable();
    samples.dedup();
    let hashes: Vec<u8> = samples.iter().flat_map(|hash| hash.to_be_bytes()).collect();
    db.prepare_cached("INSERT INTO sample (seq, article_id, filed_at, hashes) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        seq,
        article.0,
        now.as_second(),
        hashes
    ])?;
    Ok(())
}

/// Articles whose text came after `seen` and shares samples, the newest first: what a verdict did not see.
pub(super) fn newer(db: &Connection, samples: &[u32], seen: ChangeNumber) -> Result<Vec<i64>> {
    if samples.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = db.prepare_cached("SELECT article_id, hashes FROM sample WHERE seq > ?1 ORDER BY seq DESC")?;
    let mut rows = statement.query([seen.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let theirs = row.get_ref(1)?.as_blob().unwrap_or_default();
        if common(samples, hashes(theirs)) >= LEAST.min(samples.len()).min(theirs.len() / 4) {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}

/// Texts leave the window. True when none is left to.
pub(super) fn expire(db: &Connection, before: Timestamp, begun: Instant, budget: Duration) -> Result<bool> {
    // By the time of filing, not by the change number: a clock that was wrong once must not hold up all that came after.
    let mut oldest = db.prepare_cached(
        "DELETE FROM sample WHERE seq IN (SELECT seq FROM sample WHERE filed_at < ?1 ORDER BY filed_at LIMIT ?2)",
    )?;
    while oldest.execute(params![before.as_second(), SLICE as i64])? > 0 {
        if begun.elapsed() >= budget {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Texts filed by a clock that ran ahead: their window begins now.
pub(super) fn bring_back(db: &Connection, now: Timestamp) -> Result<()> {
    db.prepare_cached("UPDATE sample SET filed_at = ?1 WHERE filed_at > ?1")?.execute([now.as_second()])?;
    Ok(())
}

/// Empties the index when another version of the fingerprint, which samples texts in another way, filled it.
pub(super) fn bind(db: &Connection, version: u32) -> Result<bool> {
    let version = version.to_string();
    let last: Option<String> =
        db.query_row("SELECT value FROM memo WHERE name = 'fingerprint'", [], |row| row.get(0)).optional()?;
    if last.as_deref() == Some(version.as_str()) {
        return Ok(false);
    }
    db.execute("INSERT OR REPLACE INTO memo (name, value) VALUES ('fingerprint', ?1)", [version])?;
    db.execute("DELETE FROM sample", [])?;
    Ok(last.is_some())
}

/// The index in memory, shared by the connections of a process.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    memory: Arc<Mutex<Memory>>,
}

impl Index {
    /// Reads what is not read yet, without a limit of time: for the start, when the index may be long.
    pub(super) fn warm(&self, db: &Connection) -> Result<()> {
        held(&self.memory).follow(db)
    }

    /// Articles that share samples with a text, those that share most first, the later of equals first.
    pub(super) fn find(&self, db: &Connection, samples: &[u32], limit: usize) -> Result<Vec<i64>> {
        if samples.is_empty() {
            return Ok(Vec::new());
        }
        let mut memory = held(&self.memory);
        memory.follow(db)?;
        Ok(memory.find(samples, limit))
    }
}

/// A sampled shingle of a text: where it stands in its run.
type Posting = (u32, u32);

/// Texts of a stretch of changes, sorted by their samples.
#[derive(Debug, Default)]
struct Run {
    /// (change, article), ascending.
    texts: Vec<(i64, i64)>,
    postings: Vec<Posting>,
}

/// What is held in memory.
#[derive(Debug, Default)]
struct Memory {
    /// The last change read.
    followed: i64,
    /// The first change still in the window.
    floor: i64,
    /// The oldest first. Lengths fall from run to run, so that there are few.
    runs: Vec<Run>,
    fresh: Vec<(i64, i64, Vec<u32>)>,
}

impl Memory {
    /// Reads what came since the last look, and lets go of what left the window.
    fn follow(&mut self, db: &Connection) -> Result<()> {
        let floor: Option<i64> =
            db.prepare_cached("SELECT seq FROM sample ORDER BY seq LIMIT 1")?.query_row([], |row| row.get(0)).optional()?;
        // A reader with an older snapshot than the last one's must not bring back what has gone.
        self.floor = self.floor.max(floor.unwrap_or(self.followed + 1));
        let floor = self.floor;
        self.runs.retain(|run| run.texts.last().is_some_and(|(seq, _)| *seq >= floor));
        let mut statement = db.prepare_cached("SELECT seq, article_id, hashes FROM sample WHERE seq > ?1 ORDER BY seq")?;
        let mut rows = statement.query([self.followed])?;
        while let Some(row) = rows.next()? {
            let seq = row.get(0)?;
            self.fresh.push((seq, row.get(1)?, hashes(row.get_ref(2)?.as_blob().unwrap_or_default()).collect()));
            // Kept step by step: a look that is cut short has not read in vain.
            self.followed = seq;
            if self.fresh.len() >= FRESH {
                self.seal();
            }
        }
        Ok(())
    }

    /// Makes a run of what is fresh, and merges runs of like length.
    fn seal(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        let mut run = Run::default();
        for (slot, (seq, article, samples)) in (0u32..).zip(fresh) {
            run.texts.push((seq, article));
            run.postings.extend(samples.into_iter().map(|hash| (hash, slot)));
        }
        run.postings.sort_unstable();
        while let Some(last) = self.runs.pop() {
            if last.postings.len() > 2 * run.postings.len() || last.postings.len() + run.postings.len() > FULL {
                self.runs.push(last);
                break;
            }
            run = merged(last, run, self.floor);
        }
        self.runs.push(run);
    }

    fn find(&self, samples: &[u32], limit: usize) -> Vec<i64> {
        let mut shared: Vec<(i64, u64)> = Vec::new();
        let mut texts: Vec<i64> = Vec::new();
        for hash in samples {
            texts.clear();
            let fresh = self.fresh.iter().filter(|(seq, _, theirs)| *seq >= self.floor && theirs.binary_search(hash).is_ok());
            for article in self.runs.iter().flat_map(|run| run.of(*hash, self.floor)).chain(fresh.map(|(_, article, _)| *article)) {
                // A revised article may stand here with its former text as well.
                if !texts.contains(&article) {
                    texts.push(article);
                }
                // What very many texts have would cost most to read, and says nothing.
                if texts.len() > MOST_TEXTS {
                    break;
                }
            }
            if (1..=MOST_TEXTS).contains(&texts.len()) {
                let worth = WHOLE / texts.len() as u64;
                shared.extend(texts.iter().map(|article| (*article, worth)));
            }
        }
        shared.sort_unstable();
        let least = LEAST.min(samples.len());
        let mut counted: Vec<(u64, i64)> = shared
            .chunk_by(|one, other| one.0 == other.0)
            .filter(|same| same.len() >= least)
            .map(|same| (same.iter().map(|(_, worth)| worth).sum(), same[0].0))
            .collect();
        counted.sort_unstable_by(|one, other| other.cmp(one));
        counted.into_iter().take(limit).map(|(_, article)| article).collect()
    }
}

impl Run {
    /// The articles that have this sample.
    fn of(&self, hash: u32, floor: i64) -> impl Iterator<Item = i64> + '_ {
        let first = self.first(hash);
        let postings = self.postings[first..].iter().take_while(move |posting| posting.0 == hash);
        postings.map(|(_, slot)| self.texts[*slot as usize]).filter(move |(seq, _)| *seq >= floor).map(|(_, article)| article)
    }

    /// Where a sample's postings begin. Samples are spread evenly, so the search starts near the place and widens from it.
    fn first(&self, hash: u32) -> usize {
        let postings = &self.postings;
        let guess = ((u64::from(hash) * postings.len() as u64) >> 32) as usize;
        let (mut low, mut high, mut step) = (guess, guess, 8);
        while low > 0 && postings[low].0 >= hash {
            low = low.saturating_sub(step);
            step *= 4;
        }
        step = 8;
        while high < postings.len() && postings[high].0 < hash {
            high = (high + step).min(postings.len());
            step *= 4;
        }
        low + postings[low..high.max(low)].partition_point(|posting| posting.0 < hash)
    }
}

/// Two neighbouring runs as one, without what left the window.
fn merged(older: Run, newer: Run, floor: i64) -> Run {
    let mut run = Run::default();
    let mut places = Vec::with_capacity(2);
    for part in [&older, &newer] {
        let gone = part.texts.partition_point(|(seq, _)| *seq < floor);
        places.push((gone, run.texts.len()));
        run.texts.extend_from_slice(&part.texts[gone..]);
    }
    run.postings.reserve_exact(older.postings.len() + newer.postings.len());
    let live = |part: &Run, (gone, from): (usize, usize)| -> Vec<Posting> {
        let kept = part.postings.iter().filter(|(_, slot)| *slot as usize >= gone);
        kept.map(|(hash, slot)| (*hash, (*slot as usize - gone + from) as u32)).collect()
    };
    let (ones, others) = (live(&older, places[0]), live(&newer, places[1]));
    let (mut one, mut other) = (ones.iter().peekable(), others.iter().peekable());
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        let next = if a <= b { one.next() } else { other.next() };
        run.postings.extend(next);
    }
    run.postings.extend(one);
    run.postings.extend(other);
    run
}

/// The hashes of a row.
fn hashes(blob: &[u8]) -> impl Iterator<Item = u32> + '_ {
    blob.chunks_exact(4).map(|bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

/// How many of these samples, ascending, are among those.
fn common(samples: &[u32], theirs: impl Iterator<Item = u32>) -> usize {
    theirs.filter(|hash| samples.binary_search(hash).is_ok()).count()
}
