//! What a feed costs us: stretches of time whose entries were gone before the next poll, and documents that had to be mended.

use rusqlite::{Connection, params};

use crate::model::{FeedKind, Gap, PollRead, Timestamp};

use super::Result;
use super::columns::{At, clean};

/// Steps that are counted of one feed; a reader that names more of them is not believed.
const MOST_STEPS: i64 = 64;

/// Writes a gap. What came of its time already, from a sitemap or an archive of the same source, was not lost.
pub(super) fn note(db: &Connection, source: i64, feed: i64, gap: &Gap, now: Timestamp) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO gap (feed_id, from_at, to_at, estimated, filled, reason, noticed_at)
         VALUES (?1, ?2, ?3, ?4,
             (SELECT count(*) FROM feed f JOIN entry e ON e.feed_id = f.id
              WHERE f.source_id = ?7 AND f.kind <> ?8 AND e.published_at > ?2 AND e.published_at < ?3), ?5, ?6)",
    )?
    .execute(params![
        feed,
        At::of(gap.from),
        At::of(gap.to),
        gap.estimated,
        clean(&gap.reason),
        At::of(now),
        source,
        FeedKind::Feed.as_str()
    ])?;
    Ok(())
}

/// Counts an entry that is new to its source and of the time of a gap: it was not lost after all. A feed speaks for its own
/// gaps, a sitemap or an archive for all of its source. (The ends of a gap are seconds, and a fast feed has other entries of
/// the same second.)
pub(super) fn fill(db: &Connection, source: i64, feed: i64, published_at: &str) -> Result<()> {
    db.prepare_cached(
        "UPDATE gap SET filled = filled + 1 WHERE id =
             (SELECT g.id FROM feed f JOIN gap g ON g.feed_id = f.id
              WHERE f.source_id = ?1 AND g.from_at <= ?3 AND g.to_at >= ?3
                AND (f.id = ?2 AND g.from_at < ?3 AND g.to_at > ?3 OR (SELECT kind FROM feed WHERE id = ?2) <> ?4)
              ORDER BY g.filled >= g.estimated, g.id LIMIT 1)",
    )?
    .execute(params![source, feed, published_at, FeedKind::Feed.as_str()])?;
    Ok(())
}

/// Adds a document's mendings to those of its feed.
pub(super) fn mended(db: &Connection, feed: i64, read: &PollRead, now: Timestamp) -> Result<()> {
    let mut count = db.prepare_cached(
        "INSERT INTO mended (feed_id, step, polls, count, first_at, last_at)
         SELECT ?1, ?2, 1, ?3, ?4, ?4
         WHERE (SELECT count(*) FROM mended WHERE feed_id = ?1) < ?5 OR EXISTS (SELECT 1 FROM mended WHERE feed_id = ?1 AND step = ?2)
         ON CONFLICT (feed_id, step) DO UPDATE SET polls = polls + 1, count = count + excluded.count, last_at = excluded.last_at",
    )?;
    for step in &read.diagnostics {
        count.execute(params![feed, clean(&step.step), step.count.max(1), At::of(now), MOST_STEPS])?;
    }
    Ok(())
}
