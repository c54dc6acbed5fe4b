//! Upkeep in slices: old raw responses go, their space goes back to the disk, search indexes are merged.

use std::time::Duration;

use rusqlite::Connection;
use tokio::time::Instant;

use crate::model::Timestamp;

use super::Result;
use super::raw::RawWriter;

/// Pages of a search index merged between two looks at the clock.
const MERGE: i64 = 32;

/// One slice: as much as fits into the budget. True when there is more to do.
pub(super) fn slice(
    db: &Connection,
    raw: Option<&mut RawWriter>,
    keep_raw: Option<Duration>,
    now: Timestamp,
    budget: Duration,
) -> Result<bool> {
    let begun = Instant::now();
    if let Some(raw) = raw
        && raw.drop_old(now, keep_raw, begun, budget)?
    {
        return Ok(true);
    }
    for index in ["article_fts", "article_chars"] {
        while merge(db, index)? {
            if begun.elapsed() >= budget {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Merges a little. FTS5 says whether anything was left by the number of rows it wrote (its documentation, §6.8).
fn merge(db: &Connection, index: &str) -> Result<bool> {
    let before = db.total_changes();
    db.prepare_cached(&format!("INSERT INTO {index} ({index}, rank) VALUES ('merge', ?1)"))?.execute([MERGE])?;
    Ok(db.total_changes() - before >= 2)
}
