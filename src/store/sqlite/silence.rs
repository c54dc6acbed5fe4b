//! When sources brought news, and which are known to be silent.

use std::time::Duration;

use rusqlite::{Connection, params};

use crate::model::{Heard, SourceId, Timestamp};

use super::Result;
use super::columns::At;

/// Feeds of a source that are looked at: the ones that answered last.
const FEEDS: usize = 16;

/// What the next sources after this one brought lately, as far as a silence of them could have begun or ended: a source that
/// brought something within `quiet` before it was last listened to is passed over. The last source that was looked at comes
/// with them; `None`: there is none after it.
pub(super) fn heard(
    db: &Connection,
    after: SourceId,
    sources: usize,
    news: usize,
    quiet: Duration,
) -> Result<(Vec<Heard>, Option<SourceId>)> {
    let mut statement = db.prepare_cached(
        "SELECT s.id, s.name, s.agency, s.stale_since,
                (SELECT max(f.last_success_at) FROM feed f WHERE f.source_id = s.id AND f.active = 1)
         FROM source s WHERE s.id > ?1 AND s.enabled = 1 ORDER BY s.id LIMIT ?2",
    )?;
    let rows = statement.query_map(params![after.0, sources as i64], |row| {
        Ok(Heard {
            source: SourceId(row.get(0)?),
            name: row.get(1)?,
            agency: row.get(2)?,
            stale_since: row.get::<_, At>(3)?.0,
            listened_until: row.get::<_, At>(4)?.0,
            news: Vec::new(),
        })
    })?;
    let (mut found, mut last) = (Vec::new(), None);
    for heard in rows {
        let mut heard = heard?;
        last = Some(heard.source);
        let Some(listened) = heard.listened_until else { continue };
        heard.news = news_of(db, heard.source, 1)?;
        let recent = heard.news.iter().any(|at| listened.duration_since(*at).unsigned_abs() < quiet);
        if recent && heard.stale_since.is_none() {
            continue;
        }
        if !recent {
            heard.news = news_of(db, heard.source, news)?;
        }
        found.push(heard);
    }
    Ok((found, last))
}

/// The instants of a source's latest entries: when they were published, and never later than we saw them.
fn news_of(db: &Connection, source: SourceId, most: usize) -> Result<Vec<Timestamp>> {
    let mut feeds = db.prepare_cached("SELECT id FROM feed WHERE source_id = ?1 ORDER BY last_success_at DESC LIMIT ?2")?;
    let feeds: Vec<i64> = feeds.query_map(params![source.0, FEEDS as i64], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut statement = db.prepare_cached(
        "SELECT published_at, first_seen_at FROM entry WHERE feed_id = ?1 ORDER BY published_at DESC, id DESC LIMIT ?2",
    )?;
    let mut news = Vec::new();
    for feed in feeds {
        let rows = statement.query_map(params![feed, most as i64], |row| {
            let (published, seen): (At, At) = (row.get(0)?, row.get(1)?);
            Ok(match (published.0, seen.0) {
                (Some(published), Some(seen)) => Some(published.min(seen)),
                (published, seen) => published.or(seen),
            })
        })?;
        for at in rows {
            news.extend(at?);
        }
    }
    news.sort_unstable();
    news.drain(..news.len().saturating_sub(most));
    Ok(news)
}

/// Writes down that a source is silent, or no longer; whether that is new.
pub(super) fn set(db: &Connection, source: SourceId, since: Option<Timestamp>) -> Result<bool> {
    let changed = db
        .prepare_cached("UPDATE source SET stale_since = ?2 WHERE id = ?1 AND stale_since IS NOT ?2")?
        .execute(params![source.0, since.map(At::of)])?;
    Ok(changed > 0)
}
