//! Raw responses: pages as fetched, compressed, a table a month in a file of their own, dropped whole by age.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use tokio::time::Instant;

use crate::model::{ArticleId, RawResponse, Timestamp};

use super::columns::{At, address, after, clean, stamp};
use super::{Error, Files, Result, open, run};

/// How hard bodies are compressed.
const LEVEL: i32 = 3;
/// `WIRR`: says in the file's header whose it is.
const APPLICATION_ID: i32 = 0x5749_5252;
/// Rows taken out of an old table between two looks at the clock.
const ROWS_A_STEP: usize = 64;
/// Free pages given back to the disk between two looks at the clock.
const PAGES_A_STEP: usize = 256;

/// Where a revision's page is kept.
pub(super) struct Kept {
    /// `2026_11`: the table is `raw_2026_11`.
    pub(super) month: String,
    /// Its key there.
    pub(super) hash: [u8; 16],
}

/// The writing connection. Its transaction is open from the first response of a group to the group's commit.
pub(super) struct RawWriter {
    db: Connection,
    compressor: zstd::bulk::Compressor<'static>,
    months: HashSet<String>,
    open: bool,
}

impl RawWriter {
    /// Opens the file, making it if there is none.
    pub(super) fn make(files: &Files) -> Result<RawWriter> {
        let path = &files.raw;
        files.make(path)?;
        RawWriter::on(path)
    }

    /// Opens the file if there is one.
    pub(super) fn existing(files: &Files) -> Result<Option<RawWriter>> {
        files.raw.exists().then(|| RawWriter::on(&files.raw)).transpose()
    }

    fn on(path: &Path) -> Result<RawWriter> {
        // Pages of dropped months go back to the disk, in slices; to be said before the first table is made.
        let db = open::connect(path, "PRAGMA auto_vacuum = INCREMENTAL")?;
        let ours: i32 = db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        if ours == 0 {
            db.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}"))?;
        } else if ours != APPLICATION_ID {
            return Err(Error::Foreign { path: path.to_owned() });
        }
        let compressor = zstd::bulk::Compressor::new(LEVEL).map_err(|error| Error::file(path, error))?;
        Ok(RawWriter { db, compressor, months: HashSet::new(), open: false })
    }

    /// Keeps a response. The same bytes are kept once a month.
    pub(super) fn keep(&mut self, response: &RawResponse, article: ArticleId, revision: i64) -> Result<Kept> {
        self.begin()?;
        let month = month_of(response.fetched_at);
        let table = self.table(&month)?;
        let body = self.compressor.compress(&response.body).map_err(|error| Error::file(Path::new("zstd"), error))?;
        let hash = digest(&body);
        self.db
            .prepare_cached(&format!(
                "INSERT INTO {table} (hash, final_url, status, content_type, fetched_at, article_id, revision, size, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (hash) DO NOTHING"
            ))?
            .execute(params![
                hash,
                response.final_url.as_str(),
                response.status,
                response.content_type.as_deref().map(clean),
                At::of(response.fetched_at),
                article.0,
                revision,
                response.body.len() as i64,
                body,
            ])?;
        Ok(Kept { month, hash })
    }

    /// Takes a response out. The number of rows that went.
    pub(super) fn remove(&mut self, month: &str, hash: &[u8]) -> Result<usize> {
        let Some(table) = existing_table(&self.db, month)? else { return Ok(0) };
        self.begin()?;
        self.db.execute_batch("PRAGMA secure_delete = ON")?;
        let gone = self.db.prepare_cached(&format!("DELETE FROM {table} WHERE hash = ?1"))?.execute([hash])?;
        self.db.execute_batch("PRAGMA secure_delete = OFF")?;
        Ok(gone)
    }

    /// Drops what is older than `keep`, a step at a time until the budget is spent. True when there is more to do.
    pub(super) fn drop_old(&mut self, now: Timestamp, keep: Option<Duration>, begun: Instant, budget: Duration) -> Result<bool> {
        let Some(keep) = keep else { return Ok(false) };
        for month in months(&self.db)? {
            // A month is old when its last instant is.
            if after_month(&month).is_none_or(|end| after(end, keep) > now) {
                continue;
            }
            let table = format!("raw_{month}");
            self.begin()?;
            loop {
                if begun.elapsed() >= budget {
                    return Ok(true);
                }
                let gone = self
                    .db
                    .execute(&format!("DELETE FROM {table} WHERE id IN (SELECT id FROM {table} LIMIT {ROWS_A_STEP})"), [])?;
                if gone < ROWS_A_STEP {
                    break;
                }
            }
            self.db.execute_batch(&format!("DROP TABLE {table}"))?;
            self.months.remove(&month);
            return Ok(true);
        }
        while begun.elapsed() < budget {
            let free: i64 = self.db.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
            if free == 0 {
                return Ok(false);
            }
            self.begin()?;
            self.db.execute_batch(&format!("PRAGMA incremental_vacuum({PAGES_A_STEP})"))?;
            let left: i64 = self.db.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
            if left == free {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn commit(&mut self) -> Result<()> {
        if std::mem::take(&mut self.open) {
            run(&self.db, "COMMIT")?;
        }
        Ok(())
    }

    pub(super) fn roll_back(&mut self) {
        self.open = false;
        // Tables made in the lost transaction are gone with it.
        self.months.clear();
        if !self.db.is_autocommit()
            && let Err(error) = run(&self.db, "ROLLBACK")
        {
            tracing::error!(%error, "a transaction on raw responses could not be undone");
        }
    }

    pub(super) fn close(self) {
        self.db.flush_prepared_statement_cache();
        if let Err((_, error)) = self.db.close() {
            tracing::warn!(%error, "the file of raw responses was not closed cleanly");
        }
    }

    fn begin(&mut self) -> Result<()> {
        if !self.open {
            run(&self.db, "BEGIN IMMEDIATE")?;
            self.open = true;
        }
        Ok(())
    }

    fn table(&mut self, month: &str) -> Result<String> {
        let table = format!("raw_{month}");
        if !self.months.contains(month) {
            self.db.execute_batch(&format!(
                "CREATE TABLE IF NOT EXISTS {table} (
                     id           INTEGER PRIMARY KEY,
                     hash         BLOB NOT NULL UNIQUE,
                     final_url    TEXT NOT NULL,
                     status       INTEGER NOT NULL,
                     content_type TEXT,
                     fetched_at   TEXT NOT NULL,
                     article_id   INTEGER NOT NULL,
                     revision     INTEGER NOT NULL,
                     size         INTEGER NOT NULL,
                     body         BLOB NOT NULL
                 ) STRICT"
            ))?;
            self.months.insert(month.to_owned());
        }
        Ok(table)
    }
}

/// The reading connection, opened when it is first needed.
pub(super) struct RawReader {
    path: PathBuf,
    db: RefCell<Option<Connection>>,
}

impl RawReader {
    pub(super) fn new(files: &Files) -> RawReader {
        RawReader { path: files.raw.clone(), db: RefCell::new(None) }
    }

    /// The pages of an article as they were fetched for its current revision, in order; none when not all of them are kept.
    pub(super) fn pages_of(&self, ledger: &Connection, article: ArticleId) -> Result<Vec<RawResponse>> {
        type Kept = (Option<String>, Option<Vec<u8>>, Option<String>);
        let kept: Option<Kept> = ledger
            .prepare_cached(
                "SELECT raw_month, raw_hash, raw_more FROM revision WHERE article_id = ?1 AND change <> 'retracted'
                 ORDER BY revision DESC LIMIT 1",
            )?
            .query_row([article.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((Some(month), Some(hash), more)) = kept else { return Ok(Vec::new()) };
        let mut pages = Vec::new();
        for (month, hash) in std::iter::once((month, hash)).chain(further(more.as_deref())) {
            match self.page(&month, &hash)? {
                Some(page) => pages.push(page),
                None => return Ok(Vec::new()),
            }
        }
        Ok(pages)
    }

    /// Whether the pages of a month are kept.
    pub(super) fn keeps(&self, month: &str) -> Result<bool> {
        if !self.path.exists() {
            return Ok(false);
        }
        let mut db = self.db.borrow_mut();
        let db = match &mut *db {
            Some(db) => db,
            empty => empty.insert(open::look(&self.path)?.0),
        };
        Ok(existing_table(db, month)?.is_some())
    }

    /// One page.
    fn page(&self, month: &str, hash: &[u8]) -> Result<Option<RawResponse>> {
        if !self.path.exists() {
            return Ok(None);
        }
        let mut db = self.db.borrow_mut();
        let db = match &mut *db {
            Some(db) => db,
            empty => empty.insert(open::look(&self.path)?.0),
        };
        let Some(table) = existing_table(db, month)? else { return Ok(None) };
        let row = db
            .prepare_cached(&format!(
                "SELECT final_url, status, content_type, fetched_at, size, body FROM {table} WHERE hash = ?1"
            ))?
            .query_row([hash], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, u16>(1)?,
                    row.get::<_, Option<String>>(2)?,
                    row.get::<_, At>(3)?,
                    row.get::<_, i64>(4)?,
                    row.get::<_, Vec<u8>>(5)?,
                ))
            })
            .optional()?;
        let Some((final_url, status, content_type, fetched_at, size, body)) = row else { return Ok(None) };
        let body = zstd::bulk::decompress(&body, usize::try_from(size).unwrap_or(0))
            .map_err(|_| Error::Unreadable { what: "raw response", value: final_url.clone() })?;
        Ok(Some(RawResponse {
            final_url: address(&final_url)?,
            status,
            content_type,
            fetched_at: fetched_at.0.unwrap_or_default(),
            body,
        }))
    }

    /// Lets go of the connection: it holds no snapshot, but a file that was quiet when it was opened may not be so next time.
    pub(super) fn let_go(&mut self) {
        *self.db.get_mut() = None;
    }
}

/// The names of all pages kept of an article, or of one revision of it.
pub(super) fn names(ledger: &Connection, article: ArticleId, revision: Option<i64>) -> Result<Vec<(String, Vec<u8>)>> {
    let mut statement = ledger.prepare_cached(
        "SELECT raw_month, raw_hash, raw_more FROM revision
         WHERE article_id = ?1 AND raw_hash IS NOT NULL AND (?2 IS NULL OR revision = ?2)",
    )?;
    let mut rows = statement.query(params![article.0, revision])?;
    let mut names = Vec::new();
    while let Some(row) = rows.next()? {
        names.push((row.get(0)?, row.get(1)?));
        names.extend(further(row.get::<_, Option<String>>(2)?.as_deref()));
    }
    Ok(names)
}

/// Further pages of one revision, as its row names them: `[["2026_11","0123…"]]`.
fn further(json: Option<&str>) -> Vec<(String, Vec<u8>)> {
    let names: Vec<(String, String)> = json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let byte = |hex: &[u8]| u8::from_str_radix(std::str::from_utf8(hex).unwrap_or_default(), 16).unwrap_or(0);
    names.into_iter().map(|(month, hash)| (month, hash.as_bytes().chunks(2).map(byte).collect())).collect()
}

/// The same, to be written.
pub(super) fn name_further(kept: &[Kept]) -> Option<String> {
    let name = |kept: &Kept| (kept.month.clone(), kept.hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    (!kept.is_empty()).then(|| serde_json::to_string(&kept.iter().map(name).collect::<Vec<_>>()).unwrap_or_default())
}

/// `2026_11`.
fn month_of(at: Timestamp) -> String {
    let stamp = stamp(at);
    format!("{}_{}", &stamp[..4], &stamp[5..7])
}

/// The instant after a month's last one.
fn after_month(month: &str) -> Option<Timestamp> {
    let (year, number) = month.split_once('_')?;
    let (year, number): (i32, u32) = (year.parse().ok()?, number.parse().ok()?);
    let (year, number) = if number >= 12 { (year + 1, 1) } else { (year, number + 1) };
    format!("{year:04}-{number:02}-01T00:00:00Z").parse().ok()
}

/// The months there are tables of, the oldest first.
fn months(db: &Connection) -> Result<Vec<String>> {
    let mut statement = db.prepare_cached(
        "SELECT substr(name, 5) FROM sqlite_schema WHERE type = 'table' AND name GLOB 'raw_[0-9]*' ORDER BY name",
    )?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// The table of a month, if it is (still) there. Only names that the file itself holds are ever put into a statement.
fn existing_table(db: &Connection, month: &str) -> Result<Option<String>> {
    Ok(months(db)?.into_iter().find(|known| known == month).map(|month| format!("raw_{month}")))
}

/// A name for a body within its month, the same in every version and on every machine.
fn digest(compressed: &[u8]) -> [u8; 16] {
    let mut digest = [0; 16];
    digest.copy_from_slice(&blake3::hash(compressed).as_bytes()[..16]);
    digest
}
