//! Walks: their begin, the pages of theirs that are awake, and their end.
//!
//! The ledger is the queue of a walk as of everything else: its pages are rows of `feed`, woken a few at a time.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};
use tokio::time::Instant;

use crate::model::{
    Chain, Entry, EntryId, EntryKey, Failure, FeedClaim, FeedKind, Gap, Place, PollCommit, PollOutcome, Rhythm, SignedDuration,
    SourceId, Span, Timestamp, Url, Walk, WalkId, WalkOrder, WalkReason,
};

use super::columns::{At, clean};
use super::hosts::{self, HostId};
use super::{Begun, Result, WalkRow, gaps, pages};

/// Pages of one walk that are awake at a time.
const AWAKE: i64 = 8;
/// Attempts of a walk at a feed that the operator named.
const NAMED_TRIES: u32 = 3;
/// Most pages of one walk.
const MOST_OF_A_WALK: i64 = 20_000;
/// The same, where only gaps are looked for: nobody asked for it, and a feed that outruns its poller has gaps all day.
const MOST_OF_A_GAP: i64 = 20;
/// From the begin of a source's walk for gaps to that of the next one. What falls into the time between is looked for at once.
const BETWEEN_GAPS: SignedDuration = SignedDuration::from_hours(4);
/// How long an ended walk for gaps stays on record; what it found is on record with the gaps.
const KEEP: SignedDuration = SignedDuration::from_hours(7 * 24);

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

/// After a commit: a found page rests or is tried again, a walk takes note of its page, and the source's walk goes on.
pub(super) fn settle_page(db: &Connection, claim: &FeedClaim, commit: &PollCommit, touched: &mut Vec<HostId>) -> Result<()> {
    let now = commit.polled_at;
    let rests = commit.next.at == Timestamp::MAX;
    pages::rest(db, claim, commit)?;
    // A walk that came to want a feed while that was in hand has it polled once more.
    db.prepare_cached(
        "UPDATE feed SET next_poll_at = max(?2, forbidden_before), next_why = 'its turn in a walk'
         WHERE id = ?1 AND named = 1 AND active = 1 AND walk_open = 1 AND walk_id IS NOT ?3",
    )?
    .execute(params![claim.feed.0, At::of(now), claim.place.walk.map(|walk| walk.id.0)])?;
    if let Some(walk) = &claim.place.walk {
        take_note(db, claim, walk, &commit.outcome, rests)?;
    }
    go_on(db, claim.source.0, now, touched)
}

/// What a page of a walk brought, or that it could not be had.
fn take_note(db: &Connection, claim: &FeedClaim, walk: &Walk, outcome: &PollOutcome, rests: bool) -> Result<()> {
    let (read, given_up, pages) = match outcome {
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
             entries_new = entries_new + ?5
         WHERE id = ?1",
    )?
    .execute(params![walk.id.0, read, given_up, pages.map_or(0, |pages| count(pages.found)), count(within.len())])?;
    if let Some(pages) = pages {
        gaps::see(db, claim.source.0, walk, claim.kind, &pages.dates)?;
    }
    if walk.reason == WalkReason::Backfill {
        within.iter().try_for_each(|key| mark(db, claim.source, walk.id, key))?;
    }
    Ok(())
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
    let awake: i64 = db.prepare_cached(AWAKE_OF_A_WALK)?.query_row([walk], |row| row.get(0))?;
    if awake >= AWAKE {
        return Ok(());
    }
    let mut statement = db.prepare_cached(
        "UPDATE feed SET active = 1, failures = 0, next_poll_at = ?2, next_why = 'its turn in a walk'
         WHERE id IN (SELECT id FROM feed WHERE walk_id = ?1 AND walk_open = 1 AND active = 0 AND named = 0 AND parent_id IS NOT NULL
                        AND (SELECT enabled FROM source WHERE id = source_id) ORDER BY id LIMIT ?3)
         RETURNING host_id",
    )?;
    for host in statement.query_map(params![walk, At::of(now), AWAKE - awake], |row| row.get(0))? {
        touched.push(host?);
    }
    Ok(())
}

/// How many pages of a walk are awake.
const AWAKE_OF_A_WALK: &str = "SELECT count(*) FROM feed WHERE walk_id = ?1 AND walk_open = 1 AND active = 1 AND named = 0";

/// Goes on with the walk of a source when it was switched on again, and lets go of pages that nobody names any more; without a
/// source that is on, its found pages rest with it.
pub(super) fn follow_source(db: &Connection, source: i64, enabled: bool, now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    if !enabled {
        let mut statement =
            db.prepare_cached("UPDATE feed SET active = 0 WHERE source_id = ?1 AND active = 1 AND named = 0 RETURNING host_id")?;
        for host in statement.query_map([source], |row| row.get(0))? {
            touched.push(host?);
        }
        return Ok(());
    }
    forsake(db, source)?;
    go_on(db, source, now, touched)
}

/// A page that neither the operator nor a document names any more is wanted by no walk.
pub(super) fn forsake(db: &Connection, source: i64) -> Result<()> {
    db.prepare_cached(
        "UPDATE feed SET walk_open = 0
         WHERE walk_id IN (SELECT id FROM walk WHERE source_id = ?1 AND ended_at IS NULL) AND walk_open = 1
           AND named = 0 AND parent_id IS NULL",
    )?
    .execute([source])?;
    Ok(())
}

/// The walk of a source whose turn it is.
struct Turn {
    walk: i64,
    begun: bool,
    for_gaps: bool,
}

/// The walk that has begun, else the next one: one for gaps not before it is time for it. None while the source is off.
fn turn(db: &Connection, source: i64, now: Timestamp) -> Result<Option<Turn>> {
    let lately = now.checked_sub(BETWEEN_GAPS).unwrap_or(Timestamp::MIN);
    let first = db
        .prepare_cached(
            "SELECT w.id, w.begun_at IS NOT NULL, w.reason = 'gap' FROM walk w
             WHERE w.source_id = ?1 AND w.ended_at IS NULL AND (SELECT enabled FROM source WHERE id = ?1)
               AND (w.begun_at IS NOT NULL OR w.reason <> 'gap'
                    OR NOT EXISTS (SELECT 1 FROM walk g WHERE g.source_id = ?1 AND g.reason = 'gap' AND g.begun_at > ?2))
             ORDER BY w.begun_at IS NULL, w.id LIMIT 1",
        )?
        .query_row(params![source, At::of(lately)], |row| {
            Ok(Turn { walk: row.get(0)?, begun: row.get(1)?, for_gaps: row.get(2)? })
        });
    Ok(first.optional()?)
}

/// Wakes pages of the source's walk, ends it when it has none left, and begins the next one.
fn go_on(db: &Connection, source: i64, now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    while let Some(turn) = turn(db, source, now)? {
        if !turn.begun {
            seed(db, turn.walk, source, now, touched)?;
        }
        wake(db, turn.walk, now, touched)?;
        let open: bool = db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM feed WHERE walk_id = ?1 AND walk_open = 1)")?
            .query_row([turn.walk], |row| row.get(0))?;
        if open {
            return Ok(());
        }
        end(db, &turn, source, now)?;
    }
    Ok(())
}

/// Ends a walk that has no page left.
fn end(db: &Connection, turn: &Turn, source: i64, now: Timestamp) -> Result<()> {
    let (pages, saw_all): (i64, bool) = db
        .prepare_cached("SELECT pages, pages_failed = 0 AND cut_short = 0 FROM walk WHERE id = ?1")?
        .query_row([turn.walk], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if turn.for_gaps && pages == 0 {
        // A source that keeps nothing of what its feed drops: as if it had never been looked for.
        db.prepare_cached("DELETE FROM walk WHERE id = ?1")?.execute([turn.walk])?;
        return Ok(());
    }
    db.prepare_cached("UPDATE walk SET ended_at = ?2 WHERE id = ?1")?.execute(params![turn.walk, At::of(now)])?;
    gaps::close(db, source, turn.walk, saw_all)
}

/// Whether a walk may have one page more. One that may not did not see everything.
pub(super) fn has_room(db: &Connection, walk: &Walk) -> Result<bool> {
    let most = if walk.reason == WalkReason::Gap { MOST_OF_A_GAP } else { MOST_OF_A_WALK };
    let has_room: bool = db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM walk WHERE id = ?1 AND ended_at IS NULL AND pages < ?2)")?
        .query_row(params![walk.id.0, most], |row| row.get(0))?;
    if !has_room {
        db.prepare_cached("UPDATE walk SET cut_short = 1 WHERE id = ?1 AND cut_short = 0")?.execute([walk.id.0])?;
    }
    Ok(has_room)
}

/// Takes a walk into the queue, or finds it there already.
pub(super) fn begin(db: &Connection, order: &WalkOrder, now: Timestamp) -> Result<Begun> {
    let mut touched = Vec::new();
    for host in &order.hosts {
        touched.extend(hosts::merge(db, host)?);
    }
    let source: Option<i64> =
        db.prepare_cached("SELECT id FROM source WHERE name = ?1")?.query_row([&order.source], |row| row.get(0)).optional()?;
    let begun = match source {
        Some(source) => enqueue(db, source, order, now, &mut touched)?,
        None => Begun::default(),
    };
    hosts::settle_all(db, touched)?;
    Ok(begun)
}

/// What fell between two polls of a feed is looked for where its source keeps what the feed no longer lists: by the walk that
/// waits for its turn, whose window grows, or by a new one.
pub(super) fn look_for(db: &Connection, claim: &FeedClaim, gap: &Gap, now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    let (source, from, to) = (claim.source.0, At::of(gap.from), At::of(gap.to));
    let joined = db
        .prepare_cached(
            "UPDATE walk SET from_at = min(from_at, ?2), to_at = max(to_at, ?3)
             WHERE source_id = ?1 AND reason = 'gap' AND ended_at IS NULL AND begun_at IS NULL",
        )?
        .execute(params![source, from, to])?;
    if joined == 0 {
        insert(db, source, WalkReason::Gap, from, to, now)?;
    }
    go_on(db, source, now, touched)
}

fn insert(db: &Connection, source: i64, reason: WalkReason, from: At, to: At, now: Timestamp) -> Result<i64> {
    Ok(db
        .prepare_cached("INSERT INTO walk (source_id, reason, from_at, to_at, asked_at) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .insert(params![source, reason.as_str(), from, to, At::of(now)])?)
}

/// The walk of this order, begun or gone on with, and what it wants.
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
        None => insert(db, source, order.reason, from, to, now)?,
    };
    let revived = revive(db, source, walk, &order.revived, now, touched)?;
    let parent: Option<i64> =
        db.prepare_cached("SELECT min(id) FROM feed WHERE source_id = ?1 AND named = 1")?.query_row([source], |row| row.get(0))?;
    for url in &order.sitemaps {
        open(db, source, parent, url, FeedKind::Sitemap, walk, now)?;
    }
    go_on(db, source, now, touched)?;
    let begun = db.prepare_cached("SELECT pages, begun_at IS NULL, ended_at IS NOT NULL FROM walk WHERE id = ?1")?.query_row(
        [walk],
        |row| {
            let (pages, waits, ended) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(Begun { walk: Some(WalkId(walk)), resumed: same.is_some(), pages, waits, ended })
        },
    )?;
    if begun.pages == 0 && begun.ended && same.is_none() && revived == 0 {
        // There is nothing to walk: as if it had never been asked for.
        db.prepare_cached("DELETE FROM walk WHERE id = ?1")?.execute([walk])?;
        return Ok(Begun::default());
    }
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
    Ok(())
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
    // One that had ended, and has entries waiting, goes on with it.
    db.prepare_cached("UPDATE walk SET pages = pages + ?2, ended_at = CASE WHEN ?2 = 0 THEN ended_at END WHERE id = ?1")?
        .execute(params![walk, count(added)])?;
    Ok(())
}

/// Entries that were put aside for their age are wanted now; how many there were.
fn revive(
    db: &Connection,
    source: i64,
    walk: i64,
    entries: &[EntryId],
    now: Timestamp,
    touched: &mut Vec<HostId>,
) -> Result<usize> {
    let mut revived = 0;
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
        revived += usize::from(host.is_some());
        touched.extend(host.flatten());
    }
    Ok(revived)
}

/// The latest walks; with `open`, those that have not ended or whose entries wait for their pages.
pub(super) fn walks(db: &Connection, source: Option<&str>, open: bool, limit: usize) -> Result<Vec<WalkRow>> {
    let mut statement = db.prepare_cached(&format!(
        "{WALK} WHERE (?1 IS NULL OR source = ?1) AND (ended_at IS NULL OR entries_pending > 0 OR NOT ?2) ORDER BY id DESC LIMIT ?3"
    ))?;
    let rows = statement.query_map(params![source, open, count(limit)], walk_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One walk.
pub(super) fn one(db: &Connection, walk: WalkId) -> Result<Option<WalkRow>> {
    Ok(db.prepare_cached(&format!("{WALK} WHERE id = ?1"))?.query_row([walk.0], walk_row).optional()?)
}

/// The columns of `WalkRow`.
const WALK: &str = "SELECT id, source, reason, from_at, to_at, asked_at, begun_at, ended_at, pages, pages_read, pages_failed,
    entries_found, entries_new, entries_pending, entries_filed, next_at FROM walks";

fn walk_row(row: &Row<'_>) -> rusqlite::Result<WalkRow> {
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
}

/// Takes walks for gaps off the record that ended a while ago. True when nothing is left to do.
pub(super) fn expire(db: &Connection, now: Timestamp, begun: Instant, budget: Duration) -> Result<bool> {
    let before = At::of(now.checked_sub(KEEP).unwrap_or(Timestamp::MIN));
    loop {
        let old: Option<i64> = db
            .prepare_cached("SELECT id FROM walk WHERE reason = 'gap' AND ended_at < ?1 ORDER BY ended_at LIMIT 1")?
            .query_row(params![before], |row| row.get(0))
            .optional()?;
        let Some(walk) = old else { return Ok(true) };
        db.prepare_cached("UPDATE feed SET walk_id = NULL WHERE walk_id = ?1")?.execute([walk])?;
        db.prepare_cached("UPDATE entry SET walk_id = NULL WHERE walk_id = ?1")?.execute([walk])?;
        db.prepare_cached("DELETE FROM walk WHERE id = ?1")?.execute([walk])?;
        if begun.elapsed() >= budget {
            return Ok(false);
        }
    }
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
