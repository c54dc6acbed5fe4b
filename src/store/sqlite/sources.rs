//! The configuration's sources and feeds, brought into the ledger.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Source, Timestamp};

use super::columns::At;
use super::{Result, Synced, budget, found, hosts, moves, next_seq, walk};

/// Why an entry waits for its source to be switched on again. The words are kept in the ledger and recognised there.
pub(super) const DISABLED: &str = "source disabled";
/// Why an entry waits for its source to be named again.
pub(super) const REMOVED: &str = "source removed";

/// Drops validators that another version of the feed reader vouched for.
pub(super) fn bind_parser(db: &Connection, version: u32) -> Result<bool> {
    let version = version.to_string();
    let last: Option<String> =
        db.query_row("SELECT value FROM memo WHERE name = 'feed_reader'", [], |row| row.get(0)).optional()?;
    if last.as_deref() == Some(version.as_str()) {
        return Ok(false);
    }
    db.execute("INSERT OR REPLACE INTO memo (name, value) VALUES ('feed_reader', ?1)", [version])?;
    // What another reader saw in a document cannot be laid beside what this one sees: no gap is read out of it. A child of
    // an index is read again when the index says that it changed: what it said before is forgotten.
    db.execute(
        "UPDATE feed SET etag = NULL, last_modified = NULL, body_hash = NULL, listed_at = NULL,
             rhythm = json_remove(rhythm, '$.window')",
        [],
    )?;
    Ok(last.is_some())
}

/// Makes the ledger's sources those of the configuration.
pub(super) fn sync(db: &Connection, sources: &[Source], now: Timestamp) -> Result<Synced> {
    let mut synced = Synced::default();
    rename(db, sources, now, &mut synced)?;
    let mut touched = Vec::new();
    let settled = settled(db, sources)?;
    for source in sources.iter().filter(|source| !settled.contains(source.name.as_str())) {
        let id = sync_source(db, source, now, &mut synced)?;
        sync_feeds(db, id, source, now, &mut synced, &mut touched)?;
        let reason = (!source.enabled).then_some(DISABLED);
        hold_entries(db, id, reason, now, &mut synced, &mut touched)?;
        walk::follow_source(db, id, source.enabled, now, &mut touched)?;
    }
    let named: HashSet<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    remove(db, &named, now, &mut synced, &mut touched)?;
    moves::wake_resting(db, None, now, &mut touched)?;
    hosts::settle_all(db, touched)?;
    budget::recount(db)?;
    Ok(synced)
}

/// The sources that stand in the ledger just as they do in the configuration, switched on, with nothing open about them. It
/// takes one look at all of them, where each by itself takes a dozen: with very many, that is most of a start.
fn settled<'a>(db: &Connection, sources: &'a [Source]) -> Result<HashSet<&'a str>> {
    let mut named: HashMap<&str, Option<&Source>> = HashMap::with_capacity(sources.len());
    for source in sources {
        // What is named twice is looked at by itself.
        named.entry(&source.name).and_modify(|known| *known = None).or_insert(Some(source));
    }
    let mut statement = db.prepare(
        "SELECT s.name, s.agency, f.url, f.kind, f.active = 1 AND f.home_id IS NULL AND f.lives_at IS NULL
         FROM source s JOIN feed f ON f.source_id = s.id AND f.named = 1
         WHERE s.named = 1 AND s.enabled = 1 AND NOT EXISTS (SELECT 1 FROM walk w WHERE w.source_id = s.id AND w.ended_at IS NULL)
         ORDER BY s.id",
    )?;
    let mut rows = statement.query([])?;
    let mut alike: HashMap<&'a str, usize> = HashMap::with_capacity(sources.len());
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let Some(source) = named.get(text(0)?).copied().flatten() else { continue };
        let (agency, url, kind, is_plain): (_, _, _, bool) = (text(1)?, text(2)?, text(3)?, row.get(4)?);
        let is_alike = is_plain
            && source.agency == agency
            && source.feeds.iter().find(|feed| feed.url.as_str() == url).is_some_and(|feed| feed.kind.as_str() == kind);
        // Each row has another address: as many that are alike as are named is all of them.
        *alike.entry(&source.name).or_default() += if is_alike { 1 } else { source.feeds.len() + 1 };
    }
    let is_settled = |source: &&Source| source.enabled && alike.get(source.name.as_str()) == Some(&source.feeds.len());
    Ok(named.into_values().flatten().filter(is_settled).map(|source| source.name.as_str()).collect())
}

/// Why entries of a source may not be scraped now, if they may not.
pub(super) fn held(db: &Connection, source: i64) -> Result<Option<&'static str>> {
    let (named, enabled): (bool, bool) = db
        .prepare_cached("SELECT named, enabled FROM source WHERE id = ?1")?
        .query_row([source], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(match (named, enabled) {
        (false, _) => Some(REMOVED),
        (true, false) => Some(DISABLED),
        (true, true) => None,
    })
}

/// Renames go first and until none is left to do, so that a chain of them (`b` was `a`, `c` was `b`) works in any order.
fn rename(db: &Connection, sources: &[Source], now: Timestamp, synced: &mut Synced) -> Result<()> {
    loop {
        let before = synced.renamed.len();
        for source in sources {
            let Some(was) = source.was.as_deref().filter(|was| *was != source.name) else { continue };
            if id_of(db, &source.name)?.is_some() {
                continue;
            }
            let Some(id) = id_of(db, was)? else { continue };
            db.execute("UPDATE source SET name = ?2 WHERE id = ?1", params![id, source.name])?;
            touch_articles(db, id, now)?;
            synced.renamed.push((was.to_owned(), source.name.clone()));
        }
        if synced.renamed.len() == before {
            return Ok(());
        }
    }
}

fn id_of(db: &Connection, name: &str) -> Result<Option<i64>> {
    Ok(db.prepare_cached("SELECT id FROM source WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?)
}

/// The view `articles` shows its source's name and agency, and those of its origin: when they change, so do its rows.
fn touch_articles(db: &Connection, source: i64, now: Timestamp) -> Result<()> {
    let shown = "source_id = ?1 OR duplicate_of IN (SELECT id FROM article WHERE source_id = ?1)";
    let count: i64 = db.query_row(&format!("SELECT count(*) FROM article WHERE {shown}"), [source], |row| row.get(0))?;
    if count > 0 {
        let first = next_seq(db, count)?;
        db.execute(
            &format!(
                "UPDATE article SET seq = ?2 + turn.number - 1, changed_at = ?3
                 FROM (SELECT id, row_number() OVER (ORDER BY seq) AS number FROM article WHERE {shown}) AS turn
                 WHERE article.id = turn.id"
            ),
            params![source, first, At::of(now)],
        )?;
    }
    Ok(())
}

fn sync_source(db: &Connection, source: &Source, now: Timestamp, synced: &mut Synced) -> Result<i64> {
    let known: Option<(i64, String, bool, bool)> = db
        .prepare_cached("SELECT id, agency, named, enabled FROM source WHERE name = ?1")?
        .query_row([&source.name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((id, agency, named, enabled)) = known else {
        synced.added.push(source.name.clone());
        return Ok(db
            .prepare_cached("INSERT INTO source (name, agency, named, enabled, added_at) VALUES (?1, ?2, 1, ?3, ?4)")?
            .insert(params![source.name, source.agency, source.enabled, At::of(now)])?);
    };
    if agency != source.agency || !named || enabled != source.enabled {
        db.prepare_cached("UPDATE source SET agency = ?2, named = 1, enabled = ?3 WHERE id = ?1")?.execute(params![
            id,
            source.agency,
            source.enabled
        ])?;
    }
    if agency != source.agency {
        touch_articles(db, id, now)?;
    }
    match (enabled, source.enabled) {
        (false, true) => synced.enabled.push(source.name.clone()),
        (true, false) => synced.disabled.push(source.name.clone()),
        _ => {}
    }
    Ok(id)
}

/// A feed is its source and its URL: a changed URL is a new row, which has no validators. Feeds no longer named stay, with
/// what their entries point at, but are not polled.
fn sync_feeds(
    db: &Connection,
    id: i64,
    source: &Source,
    now: Timestamp,
    synced: &mut Synced,
    touched: &mut Vec<i64>,
) -> Result<()> {
    let mut urls = HashSet::new();
    found::claim_named(db, id, &source.feeds)?;
    moves::rename_named(db, id, &source.feeds)?;
    for feed in &source.feeds {
        let url = feed.url.as_str();
        if !urls.insert(url) {
            continue;
        }
        let known: Option<(i64, String, bool, bool, i64)> = db
            .prepare_cached("SELECT id, kind, named, active, host_id FROM feed WHERE source_id = ?1 AND url = ?2")?
            .query_row(params![id, url], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
            .optional()?;
        match known {
            Some((row, kind, named, active, host)) => {
                // Named anew, it is asked where it is named.
                if !named {
                    moves::go_home(db, row, url, touched)?;
                }
                if kind != feed.kind.as_str() || !named || active != source.enabled {
                    db.prepare_cached("UPDATE feed SET kind = ?2, named = 1, active = ?3 WHERE id = ?1")?.execute(params![
                        row,
                        feed.kind.as_str(),
                        source.enabled
                    ])?;
                    touched.push(host);
                }
            }
            None => {
                let host = hosts::id(db, &hosts::name_of(&feed.url))?;
                db.prepare_cached(
                    "INSERT INTO feed (source_id, url, kind, host_id, named, active, next_poll_at) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)",
                )?
                .execute(params![id, url, feed.kind.as_str(), host, source.enabled, At::of(now)])?;
                synced.feeds_added += 1;
                touched.push(host);
            }
        }
    }
    let mut statement =
        db.prepare_cached("SELECT id, url, host_id FROM feed WHERE source_id = ?1 AND named = 1 AND home_id IS NULL")?;
    let rows: Vec<(i64, String, i64)> =
        statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<rusqlite::Result<_>>()?;
    for (row, url, host) in rows {
        if !urls.contains(url.as_str()) {
            db.prepare_cached("UPDATE feed SET named = 0, active = 0 WHERE id = ?1")?.execute([row])?;
            synced.feeds_dropped += 1;
            touched.push(host);
        }
    }
    found::follow_homes(db, id, touched)?;
    Ok(())
}

/// Switches off the sources that are no longer named.
fn remove(db: &Connection, named: &HashSet<&str>, now: Timestamp, synced: &mut Synced, touched: &mut Vec<i64>) -> Result<()> {
    let mut statement = db.prepare_cached("SELECT id, name FROM source WHERE named = 1")?;
    let rows: Vec<(i64, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    for (id, name) in rows {
        if named.contains(name.as_str()) {
            continue;
        }
        db.prepare_cached("UPDATE source SET named = 0, enabled = 0 WHERE id = ?1")?.execute([id])?;
        let mut statement =
            db.prepare_cached("UPDATE feed SET named = 0, active = 0 WHERE source_id = ?1 AND named = 1 RETURNING host_id")?;
        for host in statement.query_map([id], |row| row.get(0))? {
            touched.push(host?);
        }
        hold_entries(db, id, Some(REMOVED), now, synced, touched)?;
        walk::follow_source(db, id, false, now, touched)?;
        synced.removed.push(name);
    }
    Ok(())
}

/// Puts a source's pending entries aside, or brings back those that were.
fn hold_entries(
    db: &Connection,
    source: i64,
    reason: Option<&str>,
    now: Timestamp,
    synced: &mut Synced,
    touched: &mut Vec<i64>,
) -> Result<()> {
    let moved: Vec<Option<i64>> = match reason {
        Some(reason) => db
            .prepare_cached(
                "UPDATE entry SET state = 'skipped', reason = ?2, class = NULL
                 WHERE source_id = ?1 AND state = 'pending' RETURNING host_id",
            )?
            .query_map(params![source, reason], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?,
        None => db
            .prepare_cached(
                "UPDATE entry SET state = 'pending', reason = NULL, next_attempt_at = ?4
                 WHERE source_id = ?1 AND state = 'skipped' AND reason IN (?2, ?3) RETURNING host_id",
            )?
            .query_map(params![source, DISABLED, REMOVED, At::of(now)], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?,
    };
    match reason {
        Some(_) => synced.entries_skipped += moved.len(),
        None => synced.entries_returned += moved.len(),
    }
    touched.extend(moved.into_iter().flatten());
    Ok(())
}
