//! Take-downs: a text goes, wherever we keep it, and what names it stays behind so that it does not come back.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{ArticleId, StoryId, Timestamp};

use super::columns::At;
use super::hosts::{self, HostId};
use super::raw::{self, RawWriter};
use super::scrape::TAKEN_DOWN;
use super::{Error, Forgotten, Result, Target, article, candidates, learning, maintain, next_seq, story};

/// Takes down an article, or a page that is not filed (yet).
pub(super) fn forget(db: &Connection, raw: Option<&mut RawWriter>, target: &Target, now: Timestamp) -> Result<Forgotten> {
    let (article, mut keys) = match target {
        Target::Source(_) => return Err(Error::Refused("a source cannot be taken down, only an article or a page")),
        Target::Article(article) => (Some(*article), Vec::new()),
        Target::Page(key) => (candidates::owner(db, key)?, vec![key.clone()]),
        Target::Entry(entry) => {
            let row: Option<(Option<i64>, Option<String>)> = db
                .prepare_cached("SELECT article_id, url_key FROM entry WHERE id = ?1")?
                .query_row([entry.0], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((article, key)) = row else { return Ok(Forgotten::default()) };
            (article.map(ArticleId), key.into_iter().collect())
        }
    };
    // Overwritten, not only unlinked: the bytes go too. What the search index still holds of them goes by upkeep.
    db.execute_batch("PRAGMA secure_delete = ON")?;
    let forgotten = take_down(db, raw, article, &mut keys, now);
    db.execute_batch("PRAGMA secure_delete = OFF")?;
    let forgotten = forgotten?;
    if forgotten.articles > 0 {
        maintain::want_purge(db)?;
    }
    Ok(forgotten)
}

/// What of an article has to be known before it goes.
struct Going {
    source: i64,
    story: StoryId,
    text: Option<Vec<u8>>,
}

fn take_down(
    db: &Connection,
    raw: Option<&mut RawWriter>,
    article: Option<ArticleId>,
    keys: &mut Vec<String>,
    now: Timestamp,
) -> Result<Forgotten> {
    let mut forgotten = Forgotten::default();
    let going = match article {
        Some(article) => db
            .prepare_cached(
                // A text that its source runs under other headlines as well is a notice of the site, and bars nothing.
                "SELECT a.source_id, a.story_id, CASE WHEN NOT EXISTS (SELECT 1 FROM article o WHERE o.text_hash = a.text_hash
                     AND o.source_id = a.source_id AND o.title IS NOT a.title) THEN a.text_hash END, a.url_key
                 FROM article a WHERE a.id = ?1",
            )?
            .query_row([article.0], |row| {
                Ok((Going { source: row.get(0)?, story: StoryId(row.get(1)?), text: row.get(2)? }, row.get::<_, String>(3)?))
            })
            .optional()?,
        None => None,
    };
    if let (Some(article), Some((_, key))) = (article, &going) {
        // A key that another article has taken over since is not this page's any more.
        // Nor is one that its page only named: a section that every page calls canonical would bar them all.
        let mut statement = db.prepare_cached("SELECT key FROM article_key WHERE article_id = ?1 AND own = 1")?;
        for key in statement.query_map([article.0], |row| row.get(0))? {
            keys.push(key?);
        }
        if candidates::owner(db, key)?.is_none() {
            keys.push(key.clone());
        }
    }
    keys.sort_unstable();
    keys.dedup();
    if going.is_none() && keys.is_empty() {
        return Ok(forgotten);
    }
    let seq = next_seq(db, 1)?;
    let takedown = db
        .prepare_cached("INSERT INTO takedown (article_id, seq, at, source_id, text_hash) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .insert(params![
            going.as_ref().and(article).map(|article| article.0),
            seq,
            At::of(now),
            going.as_ref().map(|(going, _)| going.source),
            going.as_ref().and_then(|(going, _)| going.text.as_deref()),
        ])?;
    for key in keys.iter() {
        forgotten.pages += db
            .prepare_cached("INSERT INTO takedown_key (key, takedown_id) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING")?
            .execute(params![key, takedown])?;
    }
    forgotten.entries = entries(db, article, keys)?;
    if let (Some(article), Some((going, _))) = (article, &going) {
        forgotten.raw_responses = raw_responses(db, raw, article)?;
        delete(db, article, going.story, now)?;
        forgotten.articles = 1;
    }
    Ok(forgotten)
}

/// The entries that led to the page, or would: no text stays in them, and a scrape in hand comes back stale.
fn entries(db: &Connection, article: Option<ArticleId>, keys: &[String]) -> Result<usize> {
    let mut hosts: Vec<HostId> = Vec::new();
    let mut count = 0;
    let set = "UPDATE entry SET state = 'skipped', class = NULL, reason = ?2, article_id = NULL, epoch = epoch + 1,
                   lease_until = NULL, parked = 0, next_attempt_at = NULL, title = NULL, entry = NULL";
    let mut by_article = db.prepare_cached(&format!("{set} WHERE article_id = ?1 RETURNING host_id"))?;
    let mut by_key =
        db.prepare_cached(&format!("{set} WHERE state <> 'filed' AND url_key IS NOT NULL AND url_key = ?1 RETURNING host_id"))?;
    let mut collect = |rows: rusqlite::Result<Vec<Option<HostId>>>| -> Result<()> {
        let rows = rows?;
        count += rows.len();
        hosts.extend(rows.into_iter().flatten());
        Ok(())
    };
    for key in keys {
        collect(by_key.query_map(params![key, TAKEN_DOWN], |row| row.get(0))?.collect())?;
    }
    if let Some(article) = article {
        collect(by_article.query_map(params![article.0, TAKEN_DOWN], |row| row.get(0))?.collect())?;
    }
    hosts::settle_all(db, hosts)?;
    Ok(count)
}

fn raw_responses(db: &Connection, raw: Option<&mut RawWriter>, article: ArticleId) -> Result<usize> {
    let Some(writer) = raw else { return Ok(0) };
    let kept = raw::names(db, article, None)?;
    kept.iter().try_fold(0, |count, (month, hash)| Ok(count + writer.remove(month, hash)?))
}

/// Deletes the article. Of an origin's copies, the earliest becomes the origin; a story without articles goes.
fn delete(db: &Connection, article: ArticleId, of: StoryId, now: Timestamp) -> Result<()> {
    learning::forget(db, article)?;
    db.prepare_cached("UPDATE revision SET title = NULL, body = NULL WHERE article_id = ?1")?.execute([article.0])?;
    let origin: i64 = db.prepare_cached("SELECT origin_article FROM story WHERE id = ?1")?.query_row([of.0], |row| row.get(0))?;
    let heir = match story::earliest_but(db, of, article)? {
        Some(_) if origin != article.0 => Some(ArticleId(origin)),
        heir => heir,
    };
    if let Some(heir) = heir
        && origin == article.0
    {
        story::crown(db, of, heir, story::Why::Gone, now)?;
    }
    // The very text of another page is that page's own: only this one goes.
    article::hand_back(db, article, now)?;
    db.prepare_cached("DELETE FROM article WHERE id = ?1")?.execute([article.0])?;
    match heir {
        Some(heir) => story::close(db, of, heir, now),
        None => {
            db.prepare_cached("DELETE FROM story WHERE id = ?1")?.execute([of.0])?;
            Ok(())
        }
    }
}
