//! When something becomes claimable again, and how much is in hand.

use rusqlite::{Connection, params};

use crate::model::{Pace, Scope, SourceId, Timestamp};

use super::columns::At;
use super::hosts::{self, HostId, Round};
use super::{Lane, Result, hub};

/// The earliest instant at which a claim would give something.
pub(super) fn next(db: &Connection, now: Timestamp, scope: Scope, lane: Lane, pace: &Pace) -> Result<Option<Timestamp>> {
    if lapsed(db, now)? || lane == Lane::Poll && scope == Scope::Due && hub::is_waiting(db)? {
        return Ok(Some(now));
    }
    let mut round = Round::default();
    loop {
        let page = hosts::waiting(db, lane, scope, now, &mut round)?;
        if page.is_empty() {
            return later(db, now, scope, lane, pace);
        }
        for host in page {
            if has_work(db, now, scope, lane, host, pace)? {
                return Ok(Some(now));
            }
        }
    }
}

/// The first turn to come, when none has.
fn later(db: &Connection, now: Timestamp, scope: Scope, lane: Lane, pace: &Pace) -> Result<Option<Timestamp>> {
    if let Scope::Source(source) = scope {
        return later_of_source(db, lane, source);
    }
    let (sql, since) = match (lane, scope) {
        (_, Scope::Source(_)) => return Ok(None),
        (Lane::Poll, Scope::Due) => {
            ("SELECT poll_due_at, id FROM host WHERE poll_due_at > ?1 AND ?2 <> '' ORDER BY poll_due_at", now)
        }
        (Lane::Scrape, Scope::Due) => {
            ("SELECT scrape_due_at, id FROM host WHERE scrape_due_at > ?1 AND ?2 <> '' ORDER BY scrape_due_at", now)
        }
        (Lane::Poll, Scope::Asked { since }) => {
            ("SELECT poll_turn_at, id FROM host WHERE poll_asked_at < ?2 AND poll_turn_at > ?1 ORDER BY poll_turn_at", since)
        }
        (Lane::Scrape, Scope::Asked { since }) => (
            "SELECT scrape_turn_at, id FROM host WHERE scrape_asked_at < ?2 AND scrape_turn_at > ?1 ORDER BY scrape_turn_at",
            since,
        ),
    };
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params![At::of(now), At::of(since)])?;
    while let Some(row) = rows.next()? {
        let turn: At = row.get(0)?;
        if has_work(db, now, scope, lane, row.get(1)?, pace)? {
            return Ok(turn.0);
        }
    }
    Ok(None)
}

/// The first turn to come of one source.
fn later_of_source(db: &Connection, lane: Lane, source: SourceId) -> Result<Option<Timestamp>> {
    let sql = match lane {
        Lane::Poll => {
            "SELECT min(max(f.next_poll_at, h.next_feed_at, h.retry_until)) FROM feed f JOIN host h ON h.id = f.host_id
             WHERE f.source_id = ?1 AND f.active = 1 AND f.lease_until IS NULL"
        }
        Lane::Scrape => {
            "SELECT min(max(e.next_attempt_at, h.next_fetch_at, h.retry_until)) FROM entry e JOIN host h ON h.id = e.host_id
             WHERE e.source_id = ?1 AND e.state = 'pending' AND e.lease_until IS NULL"
        }
    };
    Ok(db.prepare_cached(sql)?.query_row([source.0], |row| row.get::<_, At>(0))?.0)
}

/// How many feeds and entries are under a live lease.
pub(super) fn in_hand(db: &Connection, now: Timestamp) -> Result<usize> {
    let count: i64 = db
        .prepare_cached(
            "SELECT (SELECT count(*) FROM feed INDEXED BY feed_lease WHERE lease_until > ?1)
                  + (SELECT count(*) FROM entry INDEXED BY entry_lease WHERE lease_until > ?1 AND parked = 0)",
        )?
        .query_row(params![At::of(now)], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Whether a lease has run out that the next claim will end: until then its job fills a place on its host, even when it
/// is one that will not be given again.
fn lapsed(db: &Connection, now: Timestamp) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM feed INDEXED BY feed_lease WHERE lease_until <= ?1)
                   OR EXISTS (SELECT 1 FROM entry INDEXED BY entry_lease WHERE lease_until <= ?1)";
    Ok(db.prepare_cached(sql)?.query_row(params![At::of(now)], |row| row.get(0))?)
}

/// Whether a host that has something waiting may be given some of it: there is room, and no server forbids all of it.
fn has_work(db: &Connection, now: Timestamp, scope: Scope, lane: Lane, host: HostId, pace: &Pace) -> Result<bool> {
    if hosts::room(db, lane, host, pace)? == 0 {
        return Ok(false);
    }
    let (Scope::Asked { since }, Lane::Poll) = (scope, lane) else { return Ok(true) };
    let sql = "SELECT EXISTS (SELECT 1 FROM feed WHERE host_id = ?1 AND active = 1 AND lease_until IS NULL
                              AND last_poll_at < ?2 AND forbidden_before <= ?3)";
    Ok(db.prepare_cached(sql)?.query_row(params![host, At::of(since), At::of(now)], |row| row.get(0))?)
}
