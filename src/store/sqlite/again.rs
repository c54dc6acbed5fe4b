//! By hand: poll or scrape again now.

use rusqlite::{Connection, params};

use crate::model::Timestamp;

use super::columns::At;
use super::hosts::{self, HostId};
use super::scrape::TAKEN_DOWN;
use super::{Result, Target};

/// Sets feeds and entries going. What a server forbade stays forbidden; what was taken down stays down.
pub(super) fn retry(db: &Connection, target: &Target, now: Timestamp) -> Result<usize> {
    let mut hosts = Vec::new();
    let set_going = match target {
        Target::Source(name) => {
            let feeds = feeds(db, name, now, &mut hosts)?;
            // Of a source, only what has no article yet.
            let condition = "source_id = (SELECT id FROM source WHERE name = ?3) AND (state = 'failed' OR state = 'pending')";
            feeds + entries(db, condition, name, now, &mut hosts)?
        }
        Target::Entry(entry) => entries(db, "id = ?3", &entry.0, now, &mut hosts)?,
        Target::Article(article) => entries(db, "article_id = ?3", &article.0, now, &mut hosts)?,
        Target::Page(key) => {
            let condition = "(article_id = (SELECT article_id FROM article_key WHERE key = ?3)
                              OR (state <> 'filed' AND url_key IS NOT NULL AND url_key = ?3))";
            entries(db, condition, key, now, &mut hosts)?
        }
    };
    hosts::settle_all(db, hosts)?;
    Ok(set_going)
}

/// Feeds are asked in full: what is asked for by hand may be what a restored backup lacks.
fn feeds(db: &Connection, source: &str, now: Timestamp, hosts: &mut Vec<HostId>) -> Result<usize> {
    let mut statement = db.prepare_cached(
        "UPDATE feed SET next_poll_at = max(?2, forbidden_before), next_why = 'asked for by hand',
             etag = NULL, last_modified = NULL, body_hash = NULL
         WHERE source_id = (SELECT id FROM source WHERE name = ?1) AND active = 1 RETURNING host_id",
    )?;
    let set: Vec<HostId> = statement.query_map(params![source, At::of(now)], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    hosts.extend(&set);
    // The children of an index are asked for again with it.
    db.prepare_cached(
        "UPDATE feed SET listed_at = NULL, etag = NULL, last_modified = NULL, body_hash = NULL
         WHERE source_id = (SELECT id FROM source WHERE name = ?1) AND named = 0 AND parent_id IS NOT NULL",
    )?
    .execute([source])?;
    Ok(set.len())
}

/// Entries back to pending. Their source must be on, their page known; a scrape in hand comes to its end by itself.
fn entries(
    db: &Connection,
    condition: &str,
    value: &dyn rusqlite::ToSql,
    now: Timestamp,
    hosts: &mut Vec<HostId>,
) -> Result<usize> {
    let mut statement = db.prepare(&format!(
        "UPDATE entry SET state = 'pending', attempts = 0, unsettled = 0, next_attempt_at = ?1, last_attempt_at = '',
             class = NULL, reason = NULL
         WHERE {condition} AND lease_until IS NULL AND reason IS NOT ?2 AND url IS NOT NULL AND host_id IS NOT NULL
           AND source_id IN (SELECT id FROM source WHERE enabled = 1)
         RETURNING host_id"
    ))?;
    let set: Vec<HostId> =
        statement.query_map(params![At::of(now), TAKEN_DOWN, value], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    hosts.extend(&set);
    Ok(set.len())
}
