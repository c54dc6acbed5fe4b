//! Feeds that moved for good: asked at their new address under the row, the history and the name they have.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Address, FeedSpec, Url};

use super::Result;
use super::hosts::{self, HostId};

/// Why a feed rests whose new address another feed of its source is asked at already.
const SHADOWED: &str = "it moved to an address that its source follows already";

/// Writes where a feed is asked from now on, and brings it to that address's host.
pub(super) fn settle(db: &Connection, feed: i64, address: &Address, touched: &mut Vec<HostId>) -> Result<()> {
    match address {
        Address::Stays => Ok(()),
        Address::Moves(to) => {
            let to_host = hosts::id(db, &hosts::name_of(to))?;
            // Back where it is named, it lives nowhere else.
            db.prepare_cached("UPDATE feed SET lives_at = nullif(?2, url), moved_to = NULL, host_id = ?3 WHERE id = ?1")?
                .execute(params![feed, to.as_str(), to_host])?;
            touched.push(to_host);
            let source: i64 = db.prepare_cached("SELECT source_id FROM feed WHERE id = ?1")?.query_row([feed], |row| row.get(0))?;
            rest_shadowed(db, source, touched)
        }
        Address::Returns => {
            let url: String = db.prepare_cached("SELECT url FROM feed WHERE id = ?1")?.query_row([feed], |row| row.get(0))?;
            go_home(db, feed, &url, touched)
        }
    }
}

/// A feed whose new address is asked already, under its name or under another feed's move, is not asked twice.
pub(super) fn rest_shadowed(db: &Connection, source: i64, touched: &mut Vec<HostId>) -> Result<()> {
    let mut statement = db.prepare_cached(
        "UPDATE feed SET active = 0, next_why = ?2
         WHERE source_id = ?1 AND active = 1 AND lives_at IS NOT NULL
           AND EXISTS (SELECT 1 FROM feed AS other WHERE other.source_id = ?1 AND other.active = 1 AND other.id <> feed.id
                       AND (coalesce(other.lives_at, other.url) = feed.lives_at)
                       AND (other.lives_at IS NULL OR other.id < feed.id))
         RETURNING host_id",
    )?;
    for host in statement.query_map(params![source, SHADOWED], |row| row.get(0))? {
        touched.push(host?);
    }
    Ok(())
}

/// The operator's word about addresses: who writes a new address into the configuration means the feed that lives there.
pub(super) fn rename_named(db: &Connection, source: i64, named: &[FeedSpec]) -> Result<()> {
    for feed in named {
        let url = feed.url.as_str();
        let known: bool = db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM feed WHERE source_id = ?1 AND url = ?2)")?
            .query_row(params![source, url], |row| row.get(0))?;
        if known {
            continue;
        }
        let row: Option<(i64, String)> = db
            .prepare_cached("SELECT id, url FROM feed WHERE source_id = ?1 AND lives_at = ?2 AND named = 1 ORDER BY id LIMIT 1")?
            .query_row(params![source, url], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((id, old)) = row
            && !named.iter().any(|other| other.url.as_str() == old)
        {
            db.prepare_cached("UPDATE feed SET url = ?2, lives_at = NULL WHERE id = ?1")?.execute(params![id, url])?;
        }
    }
    Ok(())
}

/// Back to the address that the configuration names.
pub(super) fn go_home(db: &Connection, feed: i64, url: &str, touched: &mut Vec<HostId>) -> Result<()> {
    let Ok(named) = Url::parse(url) else { return Ok(()) };
    let host = hosts::id(db, &hosts::name_of(&named))?;
    // What the validators vouch for stands in the ledger, but they are another address's.
    db.prepare_cached(
        "UPDATE feed SET lives_at = NULL, moved_to = NULL, host_id = ?2, etag = NULL, last_modified = NULL WHERE id = ?1",
    )?
    .execute(params![feed, host])?;
    touched.push(host);
    Ok(())
}
