//! When something becomes claimable again, and how much is in hand.

use rusqlite::{Connection, params};

use crate::model::{Pace, Scope, Timestamp};

use super::columns::At;
use super::hosts::{self, Walk};
use super::{Lane, Result};

/// The earliest instant at which a claim would give something.
pub(super) fn next(db: &Connection, now: Timestamp, scope: Scope, lane: Lane, pace: &Pace) -> Result<Option<Timestamp>> {
    if lapsed(db, now, scope, lane)? {
        return Ok(Some(now));
    }
    let mut walk = Walk::default();
    loop {
        let page = hosts::waiting(db, lane, scope, None, &mut walk)?;
        if page.is_empty() {
            return Ok(None);
        }
        for (turn, host) in page {
            if hosts::room(db, lane, host, pace)? == 0 || !has_work(db, now, scope, lane, host)? {
                continue;
            }
            let turn: Option<Timestamp> = if turn.is_empty() { None } else { turn.parse().ok() };
            return Ok(Some(turn.unwrap_or(now)));
        }
    }
}

/// How many feeds and entries are under a live lease.
pub(super) fn in_hand(db: &Connection, now: Timestamp) -> Result<usize> {
    let count: i64 = db
        .prepare_cached(
            "SELECT (SELECT count(*) FROM feed WHERE lease_until > ?1)
                  + (SELECT count(*) FROM entry WHERE lease_until > ?1 AND parked = 0)",
        )?
        .query_row(params![At::of(now)], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Whether a lease has run out whose job is in scope: the next claim ends it and may give the job again.
fn lapsed(db: &Connection, now: Timestamp, scope: Scope, lane: Lane) -> Result<bool> {
    let since = match scope {
        Scope::Due => Timestamp::MAX,
        Scope::Asked { since } => since,
    };
    let sql = match lane {
        Lane::Poll => {
            "SELECT EXISTS (SELECT 1 FROM feed WHERE lease_until <= ?1 AND active = 1 AND last_poll_at < ?2
                            AND (?3 OR next_poll_at <= ?1))"
        }
        Lane::Scrape => {
            "SELECT EXISTS (SELECT 1 FROM entry WHERE lease_until <= ?1 AND state = 'pending' AND last_attempt_at < ?2
                            AND (?3 OR next_attempt_at <= ?1))"
        }
    };
    let asked = scope != Scope::Due;
    Ok(db.prepare_cached(sql)?.query_row(params![At::of(now), At::of(since), asked], |row| row.get(0))?)
}

/// Whether a host that has something waiting has something in scope.
fn has_work(db: &Connection, now: Timestamp, scope: Scope, lane: Lane, host: i64) -> Result<bool> {
    let Scope::Asked { since } = scope else { return Ok(true) };
    let sql = match lane {
        Lane::Poll => {
            "SELECT EXISTS (SELECT 1 FROM feed WHERE host_id = ?1 AND active = 1 AND lease_until IS NULL
                            AND last_poll_at < ?2 AND forbidden_before <= ?3)"
        }
        Lane::Scrape => {
            "SELECT EXISTS (SELECT 1 FROM entry WHERE host_id = ?1 AND state = 'pending' AND lease_until IS NULL
                            AND last_attempt_at < ?2 AND ?3 <> '')"
        }
    };
    Ok(db.prepare_cached(sql)?.query_row(params![host, At::of(since), At::of(now)], |row| row.get(0))?)
}
