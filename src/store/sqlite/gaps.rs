//! What a feed costs us: stretches of time whose entries were gone before the next poll, and documents that had to be mended.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use tokio::time::Instant;

use crate::model::{FeedKind, Gap, PollRead, SignedDuration, Timestamp, Walk};

use super::Result;
use super::columns::{At, clean, stamp};

/// Steps that are counted of one feed; a reader that names more of them is not believed.
const MOST_STEPS: i64 = 64;
/// How near to a gap an entry has to be to stand for its end: as far as the gap is long, within these bounds.
const NEAR: (SignedDuration, SignedDuration) = (SignedDuration::from_hours(1), SignedDuration::from_hours(24));
/// How long the gaps of a day stand each for itself.
const APART: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Feeds whose gaps of a day are put together between two looks at the clock.
const FOLDS: i64 = 16;

/// Writes a gap. What came of its time already, from a sitemap or an archive of the same source, was not lost.
pub(super) fn note(db: &Connection, source: i64, feed: i64, gap: &Gap, now: Timestamp) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO gap (feed_id, source_id, from_at, to_at, estimated, filled, reason, noticed_at)
         VALUES (?1, ?7, ?2, ?3, ?4,
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

/// The gaps that the entries of one document may fill: looked up once, however many entries it brings.
pub(super) struct Open {
    gaps: Vec<OpenGap>,
}

struct OpenGap {
    id: i64,
    from: String,
    to: String,
    /// The document is no feed: it speaks for all gaps of its source, their ends included.
    whole: bool,
    /// Entries that are still missing.
    missing: i64,
}

impl Open {
    /// Open gaps of the time that these dates span. A feed speaks for its own gaps, a sitemap or an archive for all of its
    /// source. (The ends of a gap are seconds, and a fast feed has other entries of the same second.)
    pub(super) fn of(db: &Connection, source: i64, feed: i64, dates: impl Iterator<Item = String>) -> Result<Open> {
        let span = dates.fold(None, |span: Option<(String, String)>, date| match span {
            None => Some((date.clone(), date)),
            Some((first, last)) if date < first => Some((date, last)),
            Some((first, last)) if date > last => Some((first, date)),
            span => span,
        });
        let Some((first, last)) = span else { return Ok(Open { gaps: Vec::new() }) };
        let mut statement = db.prepare_cached(
            "SELECT g.id, g.from_at, g.to_at, f.kind <> ?5, g.estimated - g.filled FROM gap g JOIN feed f ON f.id = ?2
             WHERE g.source_id = ?1 AND g.filled < g.estimated AND g.to_at >= ?3 AND g.from_at <= ?4
               AND (g.feed_id = ?2 OR f.kind <> ?5)
             ORDER BY g.id",
        )?;
        let rows = statement.query_map(params![source, feed, first, last, FeedKind::Feed.as_str()], |row| {
            Ok(OpenGap { id: row.get(0)?, from: row.get(1)?, to: row.get(2)?, whole: row.get(3)?, missing: row.get(4)? })
        })?;
        Ok(Open { gaps: rows.collect::<rusqlite::Result<_>>()? })
    }

    /// Counts an entry that is new to its source and of the time of a gap: it was not lost after all.
    pub(super) fn fill(&mut self, db: &Connection, published_at: &str) -> Result<()> {
        let holds = |gap: &&mut OpenGap| {
            let (from, to) = (gap.from.as_str(), gap.to.as_str());
            gap.missing > 0 && (from < published_at && published_at < to || gap.whole && from <= published_at && published_at <= to)
        };
        let Some(gap) = self.gaps.iter_mut().find(holds) else { return Ok(()) };
        gap.missing -= 1;
        db.prepare_cached("UPDATE gap SET filled = filled + 1 WHERE id = ?1")?.execute([gap.id])?;
        Ok(())
    }
}

/// Takes note of the gaps whose ends a page of a walk shows. A sitemap has to show both, since it may hold anything; the pages of
/// a feed and its archives hang together, and one may show the one end, one the other.
pub(super) fn see(db: &Connection, source: i64, walk: &Walk, kind: FeedKind, dates: &[Timestamp]) -> Result<()> {
    if dates.is_empty() {
        return Ok(());
    }
    let (from, to) = (At(walk.window.from), At(walk.window.to));
    let mut statement = db.prepare_cached(
        "SELECT id, from_at, to_at FROM gap
         WHERE source_id = ?1 AND filled < estimated AND to_at >= ?2 AND from_at >= ?2 AND (?3 = '' OR to_at <= ?3)",
    )?;
    type Stretch = (i64, At, At);
    let gaps: Vec<Stretch> = statement
        .query_map(params![source, from, to], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (gap, from, to) in gaps {
        let (Some(from), Some(to)) = (from.0, to.0) else { continue };
        let near = to.duration_since(from).clamp(NEAR.0, NEAR.1);
        let has = |first: Timestamp, last: Timestamp| {
            let at = dates.partition_point(|date| *date < first);
            dates.get(at).is_some_and(|date| *date <= last)
        };
        let after = has(to, to.checked_add(near).unwrap_or(Timestamp::MAX));
        let before = has(from.checked_sub(near).unwrap_or(Timestamp::MIN), from);
        let ends = i64::from(after) | i64::from(before) << 1;
        if ends == 3 || ends > 0 && kind != FeedKind::Sitemap {
            db.prepare_cached(
                "UPDATE gap SET ends_seen = CASE WHEN walk_id IS ?2 THEN ends_seen | ?3 ELSE ?3 END, walk_id = ?2 WHERE id = ?1",
            )?
            .execute(params![gap, walk.id.0, ends])?;
        }
    }
    Ok(())
}

/// A walk that saw what came before a gap and what came after it, and read every page, has seen what there was: how many entries
/// were lost is no longer estimated, it is none but those that came.
pub(super) fn close(db: &Connection, source: i64, walk: i64, saw_all: bool) -> Result<()> {
    db.prepare_cached(
        "UPDATE gap SET estimated = CASE WHEN ?3 AND ends_seen = 3 THEN filled ELSE estimated END, walk_id = NULL, ends_seen = 0
         WHERE source_id = ?1 AND filled < estimated AND walk_id = ?2",
    )?
    .execute(params![source, walk, saw_all])?;
    Ok(())
}

/// Puts the gaps of a feed together, those of one day each, once they are a week old: a feed that outruns its poller for years
/// leaves a row a day. What was lost, and what was found, stays the same. True when nothing is left to do.
pub(super) fn fold(db: &Connection, now: Timestamp, begun: Instant, budget: Duration) -> Result<bool> {
    let until = &stamp(now.checked_sub(APART).unwrap_or(Timestamp::MIN))[..10];
    let folded: Option<String> =
        db.prepare_cached("SELECT value FROM memo WHERE name = 'gaps_folded'")?.query_row([], |row| row.get(0)).optional()?;
    let from = folded.unwrap_or_default();
    if from.as_str() >= until {
        return Ok(true);
    }
    loop {
        let mut statement = db.prepare_cached(
            "SELECT feed_id, substr(noticed_at, 1, 10) AS day FROM gap WHERE noticed_at >= ?1 AND noticed_at < ?2
             GROUP BY feed_id, day HAVING count(*) > 1 LIMIT ?3",
        )?;
        let days: Vec<(i64, String)> = statement
            .query_map(params![from, until, FOLDS], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        if days.is_empty() {
            break;
        }
        days.iter().try_for_each(|(feed, day)| fold_day(db, *feed, day))?;
        if begun.elapsed() >= budget {
            return Ok(false);
        }
    }
    db.prepare_cached("INSERT OR REPLACE INTO memo (name, value) VALUES ('gaps_folded', ?1)")?.execute([until])?;
    Ok(true)
}

/// One row for the gaps of a feed that were noticed on one day.
fn fold_day(db: &Connection, feed: i64, day: &str) -> Result<()> {
    // Every time of that day, and none of the next: '~' stands behind all of them.
    let (first, last) = (day.to_owned(), format!("{day}~"));
    db.prepare_cached(
        "UPDATE gap SET from_at = day.from_at, to_at = day.to_at, estimated = day.lost + day.filled, filled = day.filled,
             reason = day.gaps || ' gaps of a day: ' || reason
         FROM (SELECT min(id) AS id, min(from_at) AS from_at, max(to_at) AS to_at, sum(max(estimated - filled, 0)) AS lost,
                      sum(filled) AS filled, count(*) AS gaps
               FROM gap WHERE feed_id = ?1 AND noticed_at >= ?2 AND noticed_at < ?3) AS day
         WHERE gap.id = day.id",
    )?
    .execute(params![feed, first, last])?;
    db.prepare_cached(
        "DELETE FROM gap WHERE feed_id = ?1 AND noticed_at >= ?2 AND noticed_at < ?3
           AND id > (SELECT min(id) FROM gap WHERE feed_id = ?1 AND noticed_at >= ?2 AND noticed_at < ?3)",
    )?
    .execute(params![feed, first, last])?;
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
