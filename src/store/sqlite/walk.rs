//! Walks: their begin, the pages of theirs that are awake, and their end.
//!
//! The ledger is the queue of a walk as of everything else: its pages are rows of `feed`, woken a few at a time.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{
    Chain, Entry, EntryId, EntryKey, Failure, FeedClaim, FeedKind, Gap, Place, PollCommit, PollOutcome, Rhythm, SourceId, Span,
    Timestamp, Url, Walk, WalkId, WalkOrder, WalkReason,
};

use super::columns::{At, clean};
use super::hosts::{self, HostId};
use super::{Begun, Result, WalkRow, pages};

/// Pages of one walk that are awake at a time.
const AWAKE: i64 = 8;
/// Attempts of a walk at a feed that the operator named.
const NAMED_TRIES: u32 = 3;

/// The columns of a claim that `place` reads.
pub(super) const PLACE: &str = "f.named, f.parent_id IS NOT NULL, f.depth, f.looks_back, f.wanted_from, f.walk_open,
    w.id, w.reason, w.from_at, w.to_at, f.listed_at, f.chain_oldest, f.chain_stalled";

/// Where a claimed feed stands, from [`PLACE`] beginning at a column.
pub(super) fn place(row: &Row<'_>, first: usize) -> rusqlite::Result<Place> {
    let (named, led_to): (bool, bool) = (row.get(first)?, row.get(first + 1)?);
    let walk = match (row.get(first + 5)?, row.get::<_, Option<i64>>(first + 6)?) {
        (true, Some(id)) => Some(Walk {
            id: WalkId(id),
            reason: reason(row.get_ref(first + 7)?.as_str()?),
            window: Span { from: row.get::<_, At>(first + 8)?.0, to: row.get::<_, At>(first + 9)?.0 },
        }),
        _ => None,
    };
    Ok(Place {
        found: !named && led_to,
        depth: row.get(first + 2)?,
        looks_back: row.get(first + 3)?,
        wanted_from: row.get::<_, Option<At>>(first + 4)?.and_then(|at| at.0),
        walk,
        listed: row.get::<_, At>(first + 10)?.0,
        chain: Chain { oldest: row.get::<_, At>(first + 11)?.0, stalled: row.get(first + 12)? },
    })
}

fn reason(word: &str) -> WalkReason {
    if word == WalkReason::Gap.as_str() { WalkReason::Gap } else { WalkReason::Backfill }
}

/// After a commit: a found page rests or is tried again, and a walk takes note of its page.
pub(super) fn settle_page(db: &Connection, claim: &FeedClaim, commit: &PollCommit, touched: &mut Vec<HostId>) -> Result<()> {
    let now = commit.polled_at;
    let rests = commit.next.at == Timestamp::MAX;
    pages::rest(db, claim, commit)?;
    let Some(walk) = claim.place.walk else { return Ok(()) };
    let (read, given_up, pages) = match &commit.outcome {
        PollOutcome::Read(read) => (true, false, Some(&read.pages)),
        PollOutcome::Unchanged(_) | PollOutcome::Found(_) => (true, false, None),
        PollOutcome::Failed(trouble) => {
            let lasting = matches!(trouble.failure, Failure::Persistent | Failure::Final);
            let given_up = if claim.place.found { rests } else { lasting || claim.failures + 1 >= NAMED_TRIES };
            (false, given_up, None)
        }
    };
    if !read && !given_up {
        return Ok(());
    }
    db.prepare_cached("UPDATE feed SET walk_open = 0 WHERE id = ?1 AND walk_id = ?2")?.execute(params![claim.feed.0, walk.id.0])?;
    let within = pages.map(|pages| pages.within.as_slice()).unwrap_or_default();
    db.prepare_cached(
        "UPDATE walk SET pages_read = pages_read + ?2, pages_failed = pages_failed + ?3, entries_found = entries_found + ?4,
             entries_new = entries_new + ?5,
             reached = max(reached, ?6)
         WHERE id = ?1",
    )?
    .execute(params![
        walk.id.0,
        read,
        given_up,
        pages.map_or(0, |pages| count(pages.found)),
        count(within.len()),
        pages.is_some_and(|pages| pages.reached)
    ])?;
    if walk.reason == WalkReason::Backfill {
        within.iter().try_for_each(|key| mark(db, claim.source, walk.id, key))?;
    }
    wake(db, walk.id.0, now, touched)?;
    end(db, claim.source.0, now, touched)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// An entry that a backfill brought lets the news go first.
fn mark(db: &Connection, source: SourceId, walk: WalkId, key: &EntryKey) -> Result<()> {
    db.prepare_cached("UPDATE entry SET walk_id = ?3 WHERE source_id = ?1 AND key = ?2 AND article_id IS NULL")?
        .execute(params![source.0, clean(&key.0), walk.0])?;
    Ok(())
}

/// Wakes the next pages of a walk, few at a time, so that a long walk stands in nobody's way.
fn wake(db: &Connection, walk: i64, now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    let awake: i64 = db
        .prepare_cached("SELECT count(*) FROM feed WHERE walk_id = ?1 AND walk_open = 1 AND active = 1 AND named = 0")?
        .query_row([walk], |row| row.get(0))?;
    let mut statement = db.prepare_cached(
        "UPDATE feed SET active = 1, failures = 0, next_poll_at = ?2, next_why = 'its turn in a walk'
         WHERE id IN (SELECT id FROM feed WHERE walk_id = ?1 AND walk_open = 1 AND active = 0 AND named = 0
                        AND (SELECT enabled FROM source WHERE id = source_id) ORDER BY id LIMIT ?3)
         RETURNING host_id",
    )?;
    for host in statement.query_map(params![walk, At::of(now), (AWAKE - awake).max(0)], |row| row.get(0))? {
        touched.push(host?);
    }
    Ok(())
}

/// Wakes the pages of a source's walk when it was switched on again; without one, its found pages rest with it.
pub(super) fn follow_source(db: &Connection, source: i64, enabled: bool, now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    if !enabled {
        let mut statement =
            db.prepare_cached("UPDATE feed SET active = 0 WHERE source_id = ?1 AND active = 1 AND named = 0 RETURNING host_id")?;
        for host in statement.query_map([source], |row| row.get(0))? {
            touched.push(host?);
        }
        return Ok(());
    }
    match running(db, source)? {
        Some((walk, true)) => wake(db, walk, now, touched),
        _ => Ok(()),
    }
}

/// The walk of a source whose turn it is, and whether it has begun.
fn running(db: &Connection, source: i64) -> Result<Option<(i64, bool)>> {
    let first = db
        .prepare_cached("SELECT id, begun_at IS NOT NULL FROM walk WHERE source_id = ?1 AND ended_at IS NULL ORDER BY id LIMIT 1")?
        .query_row([source], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(first.optional()?)
}

/// Ends the walk of a source that has no page left, and begins the next one.
fn end(db: &Connection, source: i64, now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    while let Some((walk, begun)) = running(db, source)? {
        if !begun {
            seed(db, walk, source, now, touched)?;
        }
        let open: bool = db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM feed WHERE walk_id = ?1 AND walk_open = 1)")?
            .query_row([walk], |row| row.get(0))?;
        if open {
            return Ok(());
        }
        db.prepare_cached("UPDATE walk SET ended_at = ?2 WHERE id = ?1")?.execute(params![walk, At::of(now)])?;
        close_gaps(db, walk)?;
    }
    Ok(())
}

/// A walk that reached behind a gap and read every page has seen what there was: how many entries were lost is no longer estimated.
fn close_gaps(db: &Connection, walk: i64) -> Result<()> {
    db.prepare_cached(
        "UPDATE gap SET estimated = min(estimated, filled)
         WHERE feed_id IN (SELECT f.id FROM walk w JOIN feed f ON f.source_id = w.source_id WHERE w.id = ?1)
           AND EXISTS (SELECT 1 FROM walk w WHERE w.id = ?1 AND w.reached = 1 AND w.pages_failed = 0
                         AND gap.from_at >= w.from_at AND (w.to_at = '' OR gap.to_at <= w.to_at))",
    )?
    .execute([walk])?;
    Ok(())
}

/// Takes a walk into the queue, or finds it there already.
pub(super) fn begin(db: &Connection, order: &WalkOrder, now: Timestamp) -> Result<Begun> {
    let source: Option<i64> =
        db.prepare_cached("SELECT id FROM source WHERE name = ?1")?.query_row([&order.source], |row| row.get(0)).optional()?;
    let Some(source) = source else { return Ok(Begun::default()) };
    let mut touched = Vec::new();
    let begun = enqueue(db, source, order, now, &mut touched)?;
    hosts::settle_all(db, touched)?;
    Ok(begun)
}

/// What fell between two polls of a feed is looked for where its source keeps what the feed no longer lists.
pub(super) fn look_for(db: &Connection, claim: &FeedClaim, gap: &Gap, now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    let window = Span { from: Some(gap.from), to: Some(gap.to) };
    let source = claim.source_name.clone();
    let order = WalkOrder { source, reason: WalkReason::Gap, window, sitemaps: Vec::new(), revived: Vec::new() };
    enqueue(db, claim.source.0, &order, now, touched).map(drop)
}

fn enqueue(db: &Connection, source: i64, order: &WalkOrder, now: Timestamp, touched: &mut Vec<HostId>) -> Result<Begun> {
    let (from, to) = (At(order.window.from), At(order.window.to));
    let same: Option<i64> = db
        .prepare_cached(
            "SELECT id FROM walk WHERE source_id = ?1 AND reason = ?2 AND from_at = ?3 AND to_at = ?4
               AND (ended_at IS NULL OR EXISTS (SELECT 1 FROM entry WHERE walk_id = walk.id AND state = 'pending'))
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row(params![source, order.reason.as_str(), from, to], |row| row.get(0))
        .optional()?;
    let walk = match same {
        Some(walk) => walk,
        None => db
            .prepare_cached("INSERT INTO walk (source_id, reason, from_at, to_at, asked_at) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .insert(params![source, order.reason.as_str(), from, to, At::of(now)])?,
    };
    let parent: Option<i64> =
        db.prepare_cached("SELECT min(id) FROM feed WHERE source_id = ?1 AND named = 1")?.query_row([source], |row| row.get(0))?;
    for url in &order.sitemaps {
        open(db, source, parent, url, FeedKind::Sitemap, walk, now)?;
    }
    end(db, source, now, touched)?;
    let begun = db.prepare_cached("SELECT pages, begun_at IS NULL, ended_at IS NOT NULL FROM walk WHERE id = ?1")?.query_row(
        [walk],
        |row| {
            let (pages, waits, ended) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(Begun { walk: Some(WalkId(walk)), resumed: same.is_some(), pages, waits, ended })
        },
    )?;
    if begun.pages == 0 && begun.ended {
        // There is nothing to walk: as if it had never been asked for.
        db.prepare_cached("DELETE FROM walk WHERE id = ?1")?.execute([walk])?;
        return Ok(Begun::default());
    }
    revive(db, source, walk, &order.revived, now, touched)?;
    Ok(begun)
}

/// The pages a walk begins with: the sitemaps of the source in full, and the older pages its feeds have named.
fn seed(db: &Connection, walk: i64, source: i64, now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    db.prepare_cached("UPDATE walk SET begun_at = ?2 WHERE id = ?1")?.execute(params![walk, At::of(now)])?;
    let mut statement = db.prepare_cached(
        "SELECT f.id, f.url, f.kind, f.host_id, f.named, f.rhythm,
                (f.last_success_at IS NULL AND ?2) OR f.wanted_from IS NOT NULL OR EXISTS (SELECT 1 FROM feed c WHERE c.parent_id = f.id AND c.kind = 'sitemap'
                                                     AND c.listed_at IS NOT NULL)
         FROM feed f LEFT JOIN feed p ON p.id = f.parent_id
         WHERE f.source_id = ?1 AND f.kind <> 'home' AND (f.named = 1 OR (f.kind = 'sitemap' AND f.depth = 1 AND p.kind = 'feed'))
         ORDER BY f.id",
    )?;
    let reason: String = db.prepare_cached("SELECT reason FROM walk WHERE id = ?1")?.query_row([walk], |row| row.get(0))?;
    let is_backfill = reason == WalkReason::Backfill.as_str();
    type Root = (i64, String, String, HostId, bool, String, bool);
    let roots: Vec<Root> = statement
        .query_map(params![source, is_backfill], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for (feed, own, kind, host, named, rhythm, in_full) in roots {
        touched.push(host);
        if kind == FeedKind::Sitemap.as_str() || in_full {
            let added = db
                .prepare_cached(
                    "UPDATE feed SET walk_id = ?2, walk_open = 1, next_poll_at = CASE WHEN active = 1 THEN ?3 ELSE next_poll_at END
                     WHERE id = ?1 AND walk_id IS NOT ?2 AND (named = 0 OR active = 1)",
                )?
                .execute(params![feed, walk, At::of(now)])?;
            db.prepare_cached("UPDATE walk SET pages = pages + ?2 WHERE id = ?1")?.execute(params![walk, count(added)])?;
        } else if named {
            let hints = serde_json::from_str::<Rhythm>(&rhythm).unwrap_or_default().hints;
            let older = hints.archive_page.or(hints.next_page).filter(|link| *link != own);
            if let Some(url) = older.and_then(|link| Url::parse(&link).ok()) {
                open(db, source, Some(feed), &url, FeedKind::Archive, walk, now)?;
            }
        }
    }
    wake(db, walk, now, touched)
}

/// A page that a walk begins with, found elsewhere than in a document.
fn open(db: &Connection, source: i64, parent: Option<i64>, url: &Url, kind: FeedKind, walk: i64, now: Timestamp) -> Result<()> {
    let host = hosts::id(db, &hosts::name_of(url))?;
    let added = db
        .prepare_cached(
            "INSERT INTO feed (source_id, url, kind, host_id, named, active, next_poll_at, parent_id, depth, walk_id, walk_open)
             VALUES (?1, ?2, ?3, ?4, 0, 0, ?5, ?6, 1, ?7, 1)
             ON CONFLICT (source_id, url) DO UPDATE SET walk_id = ?7, walk_open = 1 WHERE walk_id IS NOT ?7",
        )?
        .execute(params![source, url.as_str(), kind.as_str(), host, At::of(now), parent, walk])?;
    db.prepare_cached("UPDATE walk SET pages = pages + ?2 WHERE id = ?1")?.execute(params![walk, count(added)])?;
    Ok(())
}

/// Entries that were put aside for their age are wanted now.
fn revive(db: &Connection, source: i64, walk: i64, entries: &[EntryId], now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    for entry in entries {
        let host: Option<Option<HostId>> = db
            .prepare_cached(
                "UPDATE entry SET state = 'pending', reason = NULL, next_attempt_at = ?3, walk_id = ?4
                 WHERE id = ?1 AND source_id = ?2 AND state = 'skipped' AND url IS NOT NULL AND host_id IS NOT NULL
                   AND (SELECT enabled FROM source WHERE id = ?2)
                 RETURNING host_id",
            )?
            .query_row(params![entry.0, source, At::of(now), walk], |row| row.get(0))
            .optional()?;
        touched.extend(host.flatten());
    }
    Ok(())
}

/// The latest walks; with `open`, those that have not ended or whose entries wait for their pages.
pub(super) fn walks(db: &Connection, source: Option<&str>, open: bool, limit: usize) -> Result<Vec<WalkRow>> {
    let mut statement = db.prepare_cached(
        "SELECT id, source, reason, from_at, to_at, asked_at, begun_at, ended_at, pages, pages_read, pages_failed, entries_found,
                entries_new, entries_pending, entries_filed, next_at
         FROM walks WHERE (?1 IS NULL OR source = ?1) AND (ended_at IS NULL OR entries_pending > 0 OR NOT ?2) ORDER BY id DESC LIMIT ?3",
    )?;
    let rows = statement.query_map(params![source, open, count(limit)], |row| {
        Ok(WalkRow {
            id: row.get(0)?,
            source: row.get(1)?,
            reason: row.get(2)?,
            from_at: row.get(3)?,
            to_at: row.get(4)?,
            asked_at: row.get(5)?,
            begun_at: row.get(6)?,
            ended_at: row.get(7)?,
            pages: row.get(8)?,
            pages_read: row.get(9)?,
            pages_failed: row.get(10)?,
            entries_found: row.get(11)?,
            entries_new: row.get(12)?,
            entries_pending: row.get(13)?,
            entries_filed: row.get(14)?,
            next_at: row.get(15)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Entries of a source that were not wanted, with the reason; the caller tells which of them were so for their age.
pub(super) fn aside(db: &Connection, source: SourceId) -> Result<Vec<(EntryId, String, Entry)>> {
    let mut statement = db.prepare_cached(
        "SELECT id, reason, entry FROM entry WHERE source_id = ?1 AND state = 'skipped' AND reason IS NOT NULL AND entry IS NOT NULL",
    )?;
    let rows = statement.query_map([source.0], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))?;
    let mut aside = Vec::new();
    for row in rows {
        let (id, reason, entry) = row?;
        // An entry that cannot be read back stays where it is.
        if let Ok(entry) = serde_json::from_str(&entry) {
            aside.push((EntryId(id), reason, entry));
        }
    }
    Ok(aside)
}
