//! Feeds that were discovered on a home page: as good as named while their home page is.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{FeedSpec, LookAgain, Timestamp};

use super::Result;
use super::columns::At;
use super::hosts::{self, HostId};

/// What the operator names is no longer somebody's find.
pub(super) fn claim_named(db: &Connection, source: i64, named: &[FeedSpec]) -> Result<()> {
    let mut statement =
        db.prepare_cached("UPDATE feed SET home_id = NULL WHERE source_id = ?1 AND url = ?2 AND home_id IS NOT NULL")?;
    for feed in named {
        statement.execute(params![source, feed.url.as_str()])?;
    }
    Ok(())
}

/// Finds go with their home page: named and polled as long as it is.
pub(super) fn follow_homes(db: &Connection, source: i64, touched: &mut Vec<HostId>) -> Result<()> {
    let mut statement = db.prepare_cached(
        "UPDATE feed SET named = home.named, active = home.active FROM feed AS home
         WHERE feed.source_id = ?1 AND feed.home_id = home.id AND (feed.named <> home.named OR feed.active <> home.active)
         RETURNING host_id",
    )?;
    for host in statement.query_map([source], |row| row.get(0))? {
        touched.push(host?);
    }
    Ok(())
}

/// Makes the feeds of a home page those that were found.
pub(super) fn write(
    db: &Connection,
    source: i64,
    home: i64,
    found: &[FeedSpec],
    now: Timestamp,
    touched: &mut Vec<HostId>,
) -> Result<()> {
    // The source may have been switched off while its home page was read.
    let active: bool = db.prepare_cached("SELECT active FROM feed WHERE id = ?1")?.query_row([home], |row| row.get(0))?;
    let urls: HashSet<&str> = found.iter().map(|feed| feed.url.as_str()).collect();
    for feed in found {
        let known: Option<(i64, bool)> = db
            .prepare_cached("SELECT id, named = 1 AND home_id IS NULL FROM feed WHERE source_id = ?1 AND url = ?2")?
            .query_row(params![source, feed.url.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let host = hosts::id(db, &hosts::name_of(&feed.url))?;
        match known {
            // The operator named it.
            Some((_, true)) => continue,
            Some((row, false)) => db
                .prepare_cached(
                    "UPDATE feed SET kind = ?2, named = 1, home_id = ?3, next_poll_at = CASE WHEN active = 0 THEN ?5 ELSE next_poll_at END,
                         active = ?4 WHERE id = ?1",
                )?
                .execute(params![row, feed.kind.as_str(), home, active, At::of(now)])?,
            None => db
                .prepare_cached(
                    "INSERT INTO feed (source_id, url, kind, host_id, named, active, next_poll_at, home_id) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7)",
                )?
                .execute(params![source, feed.url.as_str(), feed.kind.as_str(), host, active, At::of(now), home])?,
        };
        touched.push(host);
    }
    let mut statement = db.prepare_cached("SELECT id, url, host_id FROM feed WHERE source_id = ?1 AND home_id = ?2")?;
    let rows: Vec<(i64, String, HostId)> =
        statement.query_map([source, home], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<rusqlite::Result<_>>()?;
    for (row, _, host) in rows.into_iter().filter(|(_, url, _)| !urls.contains(url.as_str())) {
        db.prepare_cached("UPDATE feed SET named = 0, active = 0, home_id = NULL WHERE id = ?1")?.execute([row])?;
        touched.push(host);
    }
    Ok(())
}

/// Brings forward the home page of a feed that failed, when no feed of its kind answers any more.
pub(super) fn look_again(db: &Connection, feed: i64, wish: &LookAgain, now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    let host: Option<HostId> = db
        .prepare_cached(
            "UPDATE feed SET next_poll_at = ?2, next_why = 'no feed that was found on it answers'
             WHERE id = (SELECT home_id FROM feed WHERE id = ?1) AND active = 1 AND lease_until IS NULL AND next_poll_at > ?2
               AND last_poll_at < ?3
               AND NOT EXISTS (SELECT 1 FROM feed AS other WHERE other.home_id = feed.id AND other.active = 1 AND other.failures < ?4
                               AND other.kind = (SELECT kind FROM feed AS own WHERE own.id = ?1))
             RETURNING host_id",
        )?
        .query_row(params![feed, At::of(now), At::of(wish.before), wish.failures], |row| row.get(0))
        .optional()?;
    touched.extend(host);
    Ok(())
}
