//! The pages a document leads to, as rows of `feed`: the sitemaps of an index, the archives of a feed.
//!
//! A found page rests (inactive) until its index says that it changed or a walk wants it; then it goes through the poll lane
//! like any feed.

use std::cell::{Cell, OnceCell};

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{FeedClaim, FeedId, KnownPage, Page, Pages, PressTime, Timestamp, WalkId, WalkReason};

use super::columns::{At, address};
use super::hosts::{self, HostId};
use super::{Result, walk};

/// Most found pages of one source.
const MOST_FOUND: i64 = 100_000;

/// The pages that an index has led to.
pub(super) fn of(db: &Connection, index: FeedId) -> Result<Vec<KnownPage>> {
    let mut statement =
        db.prepare_cached("SELECT id, url, listed_at, followed, walk_id FROM feed WHERE parent_id = ?1 AND named = 0")?;
    let mut rows = statement.query([index.0])?;
    let mut pages = Vec::new();
    while let Some(row) = rows.next()? {
        pages.push(KnownPage {
            feed: FeedId(row.get(0)?),
            url: address(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?,
            listed: row.get::<_, At>(2)?.0,
            followed: row.get(3)?,
            walk: row.get::<_, Option<i64>>(4)?.map(WalkId),
        });
    }
    Ok(pages)
}

/// Writes what a document said of other pages.
pub(super) fn take_up(db: &Connection, claim: &FeedClaim, pages: &Pages, now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    let feed = claim.feed.0;
    if let Some(from) = pages.wanted_from {
        db.prepare_cached("UPDATE feed SET wanted_from = coalesce(wanted_from, ?2) WHERE id = ?1")?
            .execute(params![feed, At::of(from)])?;
    }
    let led = Led { db, claim, wanted_from: pages.wanted_from, now, full: Cell::new(false), found: OnceCell::new() };
    pages.next.iter().try_for_each(|page| led.to(page, touched))?;
    if led.full.get() {
        tracing::warn!(source = claim.source_name, feed = %claim.url, "more pages than a source or a walk may have; the rest is left");
    }
    for gone in &pages.vanished {
        switch_off(db, *gone, touched)?;
    }
    for page in &pages.unfollowed {
        db.prepare_cached("UPDATE feed SET followed = 0 WHERE id = ?1")?.execute([page.0])?;
    }
    Ok(())
}

/// A page that its index no longer lists is not asked for any more, unless a walk has yet to read it.
fn switch_off(db: &Connection, page: FeedId, touched: &mut Vec<HostId>) -> Result<()> {
    let host: Option<HostId> = db
        .prepare_cached(
            "UPDATE feed SET active = 0, followed = 0, listed_at = NULL, next_why = 'no longer listed'
             WHERE id = ?1 AND named = 0 AND walk_open = 0 RETURNING host_id",
        )?
        .query_row([page.0], |row| row.get(0))
        .optional()?;
    touched.extend(host);
    Ok(())
}

/// A document that leads to pages.
struct Led<'a> {
    db: &'a Connection,
    claim: &'a FeedClaim,
    wanted_from: Option<Timestamp>,
    now: Timestamp,
    /// There was no room for a page.
    full: Cell<bool>,
    /// Pages of the source, counted once and then kept up.
    found: OnceCell<Cell<i64>>,
}

/// The row of a page, as it is found.
struct Known {
    id: i64,
    host: HostId,
    named: bool,
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
                "SELECT f.id, f.host_id, f.named, f.listed_at, f.walk_id, f.id <> ?4 AND (p.id IS NULL OR p.id = ?4 OR p.depth >= ?3)
                 FROM feed f LEFT JOIN feed p ON p.id = f.parent_id WHERE f.source_id = ?1 AND f.url = ?2",
            )?
            .query_row(params![self.claim.source.0, page.url.as_str(), self.claim.place.depth, self.claim.feed.0], |row| {
                Ok(Known {
                    id: row.get(0)?,
                    host: row.get(1)?,
                    named: row.get(2)?,
                    listed: row.get::<_, At>(3)?.0,
                    walk: row.get(4)?,
                    ours: row.get(5)?,
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
        if !self.has_room()? {
            self.full.set(true);
            return Ok(());
        }
        let host = hosts::id(self.db, &hosts::name_of(&page.url))?;
        let first_look = self.claim.rhythm.polls == 0 && self.claim.place.looks_back;
        self.db
            .prepare_cached(
                "INSERT INTO feed (source_id, url, kind, host_id, named, active, next_poll_at, next_why, parent_id, depth, looks_back,
                     listed_at, followed, wanted_from, walk_id, walk_open)
                 VALUES (?1, ?2, ?3, ?4, 0, ?5 AND (SELECT enabled FROM source WHERE id = ?1), ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
                     ?14 IS NOT NULL)",
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
                first_look,
                listed(page).filter(|_| page.wake),
                page.follow,
                self.wanted_from.map(At::of),
                walk,
            ])?;
        touched.push(host);
        self.count(walk)
    }

    fn update(&self, page: &Page, known: &Known, touched: &mut Vec<HostId>) -> Result<()> {
        // Another document may have set it going for the same change.
        let changed = page.follow || page.listed.map(|time| time.at) != known.listed;
        if page.wake && changed && known.ours && !known.named {
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
        }
        let walk = self.walk(page)?.filter(|walk| known.walk != Some(*walk));
        if let Some(walk) = walk {
            self.db
                .prepare_cached(
                    "UPDATE feed SET walk_id = ?2, walk_open = 1, next_poll_at = CASE WHEN named = 1 THEN min(next_poll_at, ?3)
                         ELSE next_poll_at END
                     WHERE id = ?1",
                )?
                .execute(params![known.id, walk, At::of(self.now)])?;
            touched.push(known.host);
        }
        self.count(walk)
    }

    /// Takes a place among the pages of the source, while there is one.
    fn has_room(&self) -> Result<bool> {
        let found = match self.found.get() {
            Some(found) => found,
            None => {
                let mut count = self.db.prepare_cached("SELECT count(*) FROM feed WHERE source_id = ?1")?;
                let counted = count.query_row([self.claim.source.0], |row| row.get(0))?;
                self.found.get_or_init(|| Cell::new(counted))
            }
        };
        found.set(found.get() + 1);
        Ok(found.get() <= MOST_FOUND)
    }

    /// The walk that wants this page read, while it has room.
    fn walk(&self, page: &Page) -> Result<Option<i64>> {
        let Some(walk) = self.claim.place.walk.filter(|_| page.walk) else { return Ok(None) };
        let has_room = walk::has_room(self.db, &walk)?;
        // A gap is looked for in a few pages; there may well be more.
        self.full.set(self.full.get() || !has_room && walk.reason == WalkReason::Backfill);
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
