//! The pages a document leads to, as rows of `feed`: the sitemaps of an index, the archives of a feed.
//!
//! A found page rests (inactive) until its index says that it changed or a walk wants it; then it goes through the poll lane
//! like any feed.

use std::cell::Cell;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{
    FeedClaim, FeedId, FeedKind, KnownPage, Page, Pages, PollCommit, PollOutcome, PressTime, Timestamp, WalkId, WalkReason,
};

use super::columns::{At, address};
use super::hosts::{self, HostId};
use super::{Result, walk};

/// Most found pages of one source.
const MOST_FOUND: i64 = 100_000;

/// The sitemaps that the indexes of an index's source have led to.
pub(super) fn of(db: &Connection, index: FeedId) -> Result<Vec<KnownPage>> {
    let mut statement = db.prepare_cached(
        "SELECT id, url, listed_at, followed, walk_id, parent_id = ?1, last_success_at FROM feed
         WHERE source_id = (SELECT source_id FROM feed WHERE id = ?1) AND parent_id IS NOT NULL AND named = 0 AND kind = ?2",
    )?;
    let mut rows = statement.query(params![index.0, FeedKind::Sitemap.as_str()])?;
    let mut pages = Vec::new();
    while let Some(row) = rows.next()? {
        pages.push(KnownPage {
            feed: FeedId(row.get(0)?),
            url: address(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?,
            listed: row.get::<_, At>(2)?.0,
            followed: row.get(3)?,
            walk: row.get::<_, Option<i64>>(4)?.map(WalkId),
            ours: row.get(5)?,
            read: row.get::<_, At>(6)?.0,
        });
    }
    Ok(pages)
}

/// Writes what a document said of other pages.
pub(super) fn take_up(db: &Connection, claim: &FeedClaim, pages: &Pages, now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    let feed = claim.feed.0;
    if let Some(from) = pages.wanted_from {
        db.prepare_cached(
            "UPDATE feed SET wanted_from = coalesce(wanted_from, ?2), looks_back = looks_back AND NOT ?3 WHERE id = ?1",
        )?
        .execute(params![feed, At::of(from), pages.seen_all])?;
    }
    for gone in &pages.vanished {
        switch_off(db, *gone, touched)?;
    }
    for page in &pages.unfollowed {
        db.prepare_cached("UPDATE feed SET followed = 0 WHERE id = ?1")?.execute([page.0])?;
    }
    if pages.next.is_empty() {
        return Ok(());
    }
    let led = Led {
        db,
        claim,
        wanted_from: pages.wanted_from,
        now,
        room: Cell::new(room(db, claim.source.0)?),
        left: Cell::new(false),
        walk_full: Cell::new(false),
    };
    pages.next.iter().try_for_each(|page| led.to(page, touched))?;
    if led.left.get() || led.walk_full.get() {
        tracing::warn!(source = claim.source_name, feed = %claim.url, "more pages than a source or a walk may have; the rest is left");
    }
    if led.left.get() {
        // Its validators would vouch for pages that were not taken up.
        db.prepare_cached("UPDATE feed SET etag = NULL, last_modified = NULL, body_hash = NULL WHERE id = ?1")?.execute([feed])?;
    }
    Ok(())
}

/// How many more pages a source may have.
fn room(db: &Connection, source: i64) -> Result<i64> {
    let found: i64 = db
        .prepare_cached("SELECT count(*) FROM feed WHERE source_id = ?1 AND parent_id IS NOT NULL")?
        .query_row([source], |row| row.get(0))?;
    Ok(MOST_FOUND - found)
}

/// A page that its index no longer lists is not asked for any more, unless a walk has yet to read it. Its row goes, or stays for
/// the entries it brought, which belong to whoever lists them from now on.
fn switch_off(db: &Connection, page: FeedId, touched: &mut Vec<HostId>) -> Result<()> {
    let host: Option<HostId> = db
        .prepare_cached(
            "UPDATE feed SET active = 0, followed = 0, listed_at = NULL, parent_id = NULL, next_why = 'no longer listed'
             WHERE id = ?1 AND named = 0 AND walk_open = 0 RETURNING host_id",
        )?
        .query_row([page.0], |row| row.get(0))
        .optional()?;
    let Some(host) = host else { return Ok(()) };
    touched.push(host);
    db.prepare_cached(
        "DELETE FROM feed WHERE id = ?1 AND lease_until IS NULL
           AND NOT EXISTS (SELECT 1 FROM entry WHERE feed_id = ?1) AND NOT EXISTS (SELECT 1 FROM feed c WHERE c.parent_id = ?1)
           AND NOT EXISTS (SELECT 1 FROM feed f WHERE f.home_id = ?1)",
    )?
    .execute([page.0])?;
    Ok(())
}

/// A document that leads to pages.
struct Led<'a> {
    db: &'a Connection,
    claim: &'a FeedClaim,
    wanted_from: Option<Timestamp>,
    now: Timestamp,
    /// How many more pages the source may have.
    room: Cell<i64>,
    /// There was no room in the source for a page.
    left: Cell<bool>,
    /// There was none in the walk.
    walk_full: Cell<bool>,
}

/// The row of a page, as it is found.
struct Known {
    id: i64,
    host: HostId,
    named: bool,
    active: bool,
    ours: bool,
    listed: Option<Timestamp>,
    walk: Option<i64>,
}

impl Led<'_> {
    fn to(&self, page: &Page, touched: &mut Vec<HostId>) -> Result<()> {
        match self.known(page)? {
            None => self.insert(page, touched),
            Some(known) => self.update(page, &known, touched),
        }
    }

    /// A page is led to by one document: the one nearest to the configuration. Indexes that name each other go no further.
    fn known(&self, page: &Page) -> Result<Option<Known>> {
        let known = self
            .db
            .prepare_cached(
                "SELECT f.id, f.host_id, f.named, f.active, f.listed_at, f.walk_id,
                        f.id <> ?4 AND (p.id IS NULL OR p.id = ?4 OR p.depth >= ?3)
                 FROM feed f LEFT JOIN feed p ON p.id = f.parent_id WHERE f.source_id = ?1 AND f.url = ?2",
            )?
            .query_row(params![self.claim.source.0, page.url.as_str(), self.claim.place.depth, self.claim.feed.0], |row| {
                Ok(Known {
                    id: row.get(0)?,
                    host: row.get(1)?,
                    named: row.get(2)?,
                    active: row.get(3)?,
                    listed: row.get::<_, At>(4)?.0,
                    walk: row.get(5)?,
                    ours: row.get(6)?,
                })
            })
            .optional()?;
        Ok(known)
    }

    fn insert(&self, page: &Page, touched: &mut Vec<HostId>) -> Result<()> {
        let source = self.claim.source.0;
        let walk = self.walk(page)?;
        if !(page.wake || walk.is_some()) {
            return Ok(());
        }
        if self.room.get() <= 0 {
            self.left.set(true);
            return Ok(());
        }
        self.room.set(self.room.get() - 1);
        let host = hosts::id(self.db, &hosts::name_of(&page.url))?;
        self.db
            .prepare_cached(
                "INSERT INTO feed (source_id, url, kind, host_id, named, active, next_poll_at, next_why, parent_id, depth, looks_back,
                     listed_at, followed, wanted_from, walk_id, walk_open, chain_oldest, chain_stalled)
                 VALUES (?1, ?2, ?3, ?4, 0, ?5 AND (SELECT enabled FROM source WHERE id = ?1), ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
                     ?14 IS NOT NULL, ?15, ?16)",
            )?
            .execute(params![
                source,
                page.url.as_str(),
                page.kind.as_str(),
                host,
                page.wake,
                At::of(self.now),
                if page.wake { "its index lists it" } else { "waits for its turn in a walk" },
                self.claim.feed.0,
                self.claim.place.depth.saturating_add(1),
                page.looks_back,
                listed(page).filter(|_| page.wake),
                page.follow,
                self.wanted_from.map(At::of),
                walk,
                page.chain.oldest.map(At::of),
                page.chain.stalled,
            ])?;
        touched.push(host);
        self.count(walk)
    }

    fn update(&self, page: &Page, known: &Known, touched: &mut Vec<HostId>) -> Result<()> {
        let ours = known.ours && !known.named;
        // Another document may have set it going for the same change; and what is awake is asked for at its own time.
        let changed = page.again || page.follow && !known.active || page.listed.map(|time| time.at) != known.listed;
        if page.wake && ours && changed {
            self.db
                .prepare_cached(
                    "UPDATE feed SET active = (SELECT enabled FROM source WHERE id = source_id), failures = 0, listed_at = ?2,
                         followed = ?3, parent_id = ?4, depth = ?5, wanted_from = coalesce(wanted_from, ?6), next_poll_at = ?7,
                         next_why = 'its index lists it'
                     WHERE id = ?1",
                )?
                .execute(params![
                    known.id,
                    listed(page),
                    page.follow,
                    self.claim.feed.0,
                    self.claim.place.depth.saturating_add(1),
                    self.wanted_from.map(At::of),
                    At::of(self.now),
                ])?;
            touched.push(known.host);
        } else if page.follow && ours {
            self.db.prepare_cached("UPDATE feed SET followed = 1 WHERE id = ?1")?.execute([known.id])?;
        }
        let walk = self.walk(page)?.filter(|walk| known.walk != Some(*walk));
        if let Some(walk) = walk {
            self.db
                .prepare_cached(
                    "UPDATE feed SET walk_id = ?2, walk_open = 1, next_poll_at = CASE WHEN active = 1 THEN min(next_poll_at, ?3)
                         ELSE next_poll_at END, parent_id = CASE WHEN named = 1 THEN parent_id ELSE coalesce(parent_id, ?4) END,
                         chain_oldest = ?5, chain_stalled = ?6
                     WHERE id = ?1",
                )?
                .execute(params![
                    known.id,
                    walk,
                    At::of(self.now),
                    self.claim.feed.0,
                    page.chain.oldest.map(At::of),
                    page.chain.stalled
                ])?;
            touched.push(known.host);
        }
        self.count(walk)
    }

    /// The walk that wants this page read, while it has room.
    fn walk(&self, page: &Page) -> Result<Option<i64>> {
        let Some(walk) = self.claim.place.walk.filter(|_| page.walk) else { return Ok(None) };
        let has_room = walk::has_room(self.db, &walk)?;
        // A gap is looked for in a few pages; there may well be more.
        self.walk_full.set(self.walk_full.get() || !has_room && walk.reason == WalkReason::Backfill);
        Ok(has_room.then_some(walk.id.0))
    }

    fn count(&self, walk: Option<i64>) -> Result<()> {
        if let Some(walk) = walk {
            self.db.prepare_cached("UPDATE walk SET pages = pages + 1 WHERE id = ?1")?.execute([walk])?;
        }
        Ok(())
    }
}

fn listed(page: &Page) -> Option<At> {
    page.listed.map(|time: PressTime| At::of(time.at))
}

/// Sets the pages going that are asked for with every poll of their index.
pub(super) fn wake_followed(db: &Connection, index: FeedId, now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    let mut statement = db.prepare_cached(
        "UPDATE feed SET active = 1, failures = 0, next_poll_at = ?2, next_why = 'asked for with its index'
         WHERE parent_id = ?1 AND followed = 1 AND active = 0 AND named = 0
           AND (SELECT enabled FROM source WHERE id = source_id) RETURNING host_id",
    )?;
    for host in statement.query_map(params![index.0, At::of(now)], |row| row.get(0))? {
        touched.push(host?);
    }
    Ok(())
}

/// A page that was read, or given up, rests. Not when something was said of it while it was in hand: the operator named it,
/// another walk wants it, its index lists a further change. One that was given up was not read, whatever its index listed.
pub(super) fn rest(db: &Connection, claim: &FeedClaim, commit: &PollCommit) -> Result<()> {
    if !claim.place.found || commit.next.at != Timestamp::MAX {
        return Ok(());
    }
    db.prepare_cached(
        "UPDATE feed SET next_poll_at = ?2,
             active = active AND (named = 1 OR walk_open = 1 AND walk_id IS NOT ?3 OR coalesce(listed_at, '') <> ?4),
             listed_at = CASE WHEN ?5 AND coalesce(listed_at, '') = ?4 THEN NULL ELSE listed_at END
         WHERE id = ?1",
    )?
    .execute(params![
        claim.feed.0,
        At::of(commit.polled_at),
        claim.place.walk.map(|walk| walk.id.0),
        At(claim.place.listed),
        matches!(commit.outcome, PollOutcome::Failed(_)),
    ])?;
    Ok(())
}

/// Reports the news of a found page to the document that led to it, whose rhythm hangs on them.
pub(super) fn report(db: &Connection, claim: &FeedClaim, commit: &PollCommit) -> Result<()> {
    let own = match &commit.outcome {
        PollOutcome::Failed(_) => return Ok(()),
        PollOutcome::Read(read) if claim.place.walk.is_none() => read.fresh.iter().filter(|new| new.skipped.is_none()).count(),
        _ => 0,
    };
    db.prepare_cached("UPDATE feed SET brought = 0 WHERE id = ?1 AND brought > 0")?.execute([claim.feed.0])?;
    let news = u32::try_from(own).unwrap_or(u32::MAX).saturating_add(claim.rhythm.brought);
    if claim.place.found && news > 0 {
        db.prepare_cached(
            "UPDATE feed SET brought = min(brought + ?2, 1000000) WHERE id = (SELECT parent_id FROM feed WHERE id = ?1)",
        )?
        .execute(params![claim.feed.0, news.min(1_000_000)])?;
    }
    Ok(())
}
