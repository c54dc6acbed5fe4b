//! Feeds that moved for good: asked at their new address under the row, the history and the name they have.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Address, FeedSpec, PollCommit, PollOutcome, Timestamp, Url};

use super::Result;
use super::columns::{At, after};
use super::hosts::{self, HostId};

/// Why a feed rests whose new address another feed of its source is asked at already.
const RESTS: &str =
    "it moved to an address that another feed of its source is asked at: looked at once a day, and back when that ends";
/// How often it is looked at where it was named.
const LOOK: Duration = Duration::from_secs(86_400);

/// Writes where a feed is asked from now on, and brings it to that address's host.
pub(super) fn settle(db: &Connection, feed: i64, commit: &PollCommit, touched: &mut Vec<HostId>) -> Result<()> {
    let now = commit.polled_at;
    look_at_resting(db, feed, commit)?;
    match &commit.address {
        Address::Stays => {}
        Address::Moves(to) => match asked_at(db, feed, to)? {
            Some(other) => {
                let url: String = db.prepare_cached("SELECT url FROM feed WHERE id = ?1")?.query_row([feed], |row| row.get(0))?;
                go_home(db, feed, &url, touched)?;
                db.prepare_cached("UPDATE feed SET rests_on = ?2, lives_at = ?3 WHERE id = ?1")?.execute(params![
                    feed,
                    other,
                    to.as_str()
                ])?;
                rest(db, feed, now)?;
            }
            None => {
                let to_host = hosts::id(db, &hosts::name_of(to))?;
                // Back where it is named, it lives nowhere else.
                db.prepare_cached(
                    "UPDATE feed SET lives_at = nullif(?2, url), moved_to = NULL, rests_on = NULL, host_id = ?3 WHERE id = ?1",
                )?
                .execute(params![feed, to.as_str(), to_host])?;
                touched.push(to_host);
            }
        },
        Address::Returns => {
            let url: String = db.prepare_cached("SELECT url FROM feed WHERE id = ?1")?.query_row([feed], |row| row.get(0))?;
            go_home(db, feed, &url, touched)?;
        }
    }
    wake_resting(db, Some(feed), now, touched)
}

/// A feed that rests and was looked at: it goes on while it is led to where the other one is asked.
fn look_at_resting(db: &Connection, feed: i64, commit: &PollCommit) -> Result<()> {
    let resting: Option<String> = db
        .prepare_cached("SELECT lives_at FROM feed WHERE id = ?1 AND rests_on IS NOT NULL")?
        .query_row([feed], |row| row.get(0))
        .optional()?;
    let Some(at) = resting else { return Ok(()) };
    let led = match &commit.outcome {
        PollOutcome::Unchanged(head) => head.moved_to.as_ref(),
        PollOutcome::Read(read) => read.head.moved_to.as_ref(),
        PollOutcome::Found(_) | PollOutcome::Failed(_) => None,
    };
    if led.is_some_and(|to| to.as_str() == at) {
        return rest(db, feed, commit.polled_at);
    }
    db.prepare_cached("UPDATE feed SET rests_on = NULL, lives_at = NULL WHERE id = ?1")?.execute([feed])?;
    Ok(())
}

fn rest(db: &Connection, feed: i64, now: Timestamp) -> Result<()> {
    db.prepare_cached("UPDATE feed SET next_poll_at = max(next_poll_at, ?2), next_why = ?3 WHERE id = ?1")?.execute(params![
        feed,
        At::of(after(now, LOOK)),
        RESTS
    ])?;
    Ok(())
}

/// The feed of the same source that is asked at an address already, and answers.
fn asked_at(db: &Connection, feed: i64, to: &Url) -> Result<Option<i64>> {
    Ok(db
        .prepare_cached(
            "SELECT other.id FROM feed AS other JOIN feed ON feed.id = ?1 AND other.source_id = feed.source_id
             WHERE other.id <> ?1 AND other.active = 1 AND other.rests_on IS NULL AND other.failures = 0
               AND coalesce(other.lives_at, other.url) = ?2
             ORDER BY other.id LIMIT 1",
        )?
        .query_row(params![feed, to.as_str()], |row| row.get(0))
        .optional()?)
}

/// Feeds rest only while the one they rest on is asked where they were led, and answers: else they are asked at once where
/// they are named. `on` is the feed that may have changed; `None`: all of them.
pub(super) fn wake_resting(db: &Connection, on: Option<i64>, now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    let which = if on.is_some() { "rests_on = ?2" } else { "rests_on IS NOT NULL AND ?2 IS NULL" };
    let mut statement = db.prepare_cached(&format!(
        "UPDATE feed SET rests_on = NULL, lives_at = NULL, next_poll_at = min(next_poll_at, ?1),
             next_why = 'the feed that it rested on is not asked there, or does not answer'
         WHERE {which}
           AND NOT EXISTS (SELECT 1 FROM feed AS other WHERE other.id = feed.rests_on AND other.active = 1 AND other.failures = 0
                           AND coalesce(other.lives_at, other.url) = feed.lives_at)
         RETURNING host_id"
    ))?;
    for host in statement.query_map(params![At::of(now), on], |row| row.get(0))? {
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
            .prepare_cached("SELECT id, url FROM feed WHERE source_id = ?1 AND lives_at = ?2 AND named = 1 AND rests_on IS NULL ORDER BY id LIMIT 1")?
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
        "UPDATE feed SET lives_at = NULL, moved_to = NULL, rests_on = NULL, host_id = ?2, etag = NULL, last_modified = NULL WHERE id = ?1",
    )?
    .execute(params![feed, host])?;
    touched.push(host);
    Ok(())
}
