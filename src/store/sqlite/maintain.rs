//! Upkeep in slices: old raw responses go, their space goes back to the disk, search indexes are merged.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};
use tokio::time::Instant;

use crate::model::Timestamp;

use super::raw::RawWriter;
use super::{Result, gaps, index, walk};

/// The search indexes.
const INDEXES: [&str; 2] = ["article_fts", "article_chars"];
/// Pages of a search index merged between two looks at the clock.
const MERGE: i64 = 32;

/// One slice: as much as fits into the budget. True when there is more to do.
pub(super) fn slice(
    db: &Connection,
    raw: Option<&mut RawWriter>,
    keep_raw: Option<Duration>,
    window: Option<Duration>,
    now: Timestamp,
    budget: Duration,
) -> Result<bool> {
    let begun = Instant::now();
    if let Some(raw) = raw
        && raw.drop_old(now, keep_raw, begun, budget)?
    {
        return Ok(true);
    }
    if let Some(window) = window
        && let Ok(before) = now.checked_sub(window)
        && !index::expire(db, before, begun, budget)?
    {
        return Ok(true);
    }
    if !gaps::fold(db, now, begun, budget)? || !walk::expire(db, now, begun, budget)? {
        return Ok(true);
    }
    if !purge(db, begun, budget)? {
        return Ok(true);
    }
    for index in INDEXES {
        while merge(db, index, MERGE)? {
            if begun.elapsed() >= budget {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// After a take-down: the search indexes are to be written anew, since a deleted text's words stay in them until a merge
/// passes. (FTS5's own `secure-delete` is not for an index that was ever without it: it brings back older entries.)
pub(super) fn want_purge(db: &Connection) -> Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO memo (name, value) VALUES ('purge', 'wanted')")?.execute([])?;
    Ok(())
}

/// One slice of writing the search indexes anew, if that is wanted. True when nothing is left to do.
fn purge(db: &Connection, begun: Instant, budget: Duration) -> Result<bool> {
    let state: Option<String> =
        db.prepare_cached("SELECT value FROM memo WHERE name = 'purge'")?.query_row([], |row| row.get(0)).optional()?;
    let Some(state) = state else { return Ok(true) };
    db.execute_batch("PRAGMA secure_delete = ON")?;
    let purged = (|| {
        if state == "wanted" {
            // A negative number begins a merge of everything, which positive ones go on with (FTS5 documentation, "merge").
            for index in INDEXES {
                merge(db, index, -MERGE)?;
            }
            db.prepare_cached("UPDATE memo SET value = 'begun' WHERE name = 'purge'")?.execute([])?;
        }
        for index in INDEXES {
            while merge(db, index, MERGE)? {
                if begun.elapsed() >= budget {
                    return Ok(false);
                }
            }
        }
        db.prepare_cached("DELETE FROM memo WHERE name = 'purge'")?.execute([])?;
        Ok(true)
    })();
    db.execute_batch("PRAGMA secure_delete = OFF")?;
    purged
}

/// Merges a little. FTS5 says whether anything was left by the number of rows it wrote (its documentation, "merge").
fn merge(db: &Connection, index: &str, pages: i64) -> Result<bool> {
    let before = db.total_changes();
    db.prepare_cached(&format!("INSERT INTO {index} ({index}, rank) VALUES ('merge', ?1)"))?.execute([pages])?;
    Ok(db.total_changes() - before >= 2)
}
