//! Stories joined and parted by hand: pairs of articles that must be one story, and pairs that must never be.

use rusqlite::{Connection, params};

use crate::model::{ArticleId, StoryId, Timestamp};

use super::columns::At;
use super::story::Why;
use super::{Error, Result, article, next_seq, story};

/// Which of these stories were parted by hand, as pairs.
pub(super) fn apart(db: &Connection, stories: &[StoryId]) -> Result<Vec<(StoryId, StoryId)>> {
    if stories.len() < 2 || !db.prepare_cached("SELECT 1 FROM ruling")?.exists([])? {
        return Ok(Vec::new());
    }
    let mut stories: Vec<i64> = stories.iter().map(|story| story.0).collect();
    stories.sort_unstable();
    stories.dedup();
    let mut statement = db.prepare_cached(
        "SELECT o.story_id FROM article a CROSS JOIN ruling r ON r.article_id = a.id CROSS JOIN article o ON o.id = r.other_id
         WHERE a.story_id = ?1 AND r.same = 0 AND o.story_id > ?1
         UNION
         SELECT o.story_id FROM article a CROSS JOIN ruling r ON r.other_id = a.id CROSS JOIN article o ON o.id = r.article_id
         WHERE a.story_id = ?1 AND r.same = 0 AND o.story_id > ?1",
    )?;
    let mut pairs = Vec::new();
    for story in &stories {
        let others: Vec<i64> = statement.query_map([story], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        pairs.extend(others.into_iter().filter(|other| stories.contains(other)).map(|other| (StoryId(*story), StoryId(other))));
    }
    Ok(pairs)
}

/// All that was said by hand.
pub(super) fn all(db: &Connection) -> Result<Vec<(ArticleId, ArticleId, bool)>> {
    let mut statement = db.prepare_cached("SELECT article_id, other_id, same FROM ruling ORDER BY article_id, other_id")?;
    let rows = statement.query_map([], |row| Ok((ArticleId(row.get(0)?), ArticleId(row.get(1)?), row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Joins stories into the first one, and remembers that they are one.
pub(super) fn merge(db: &Connection, stories: &[StoryId], origin: ArticleId, now: Timestamp) -> Result<()> {
    let [into, others @ ..] = stories else { return Err(Error::Refused("there are no stories to merge")) };
    let mut known = db.prepare_cached("SELECT 1 FROM story WHERE id = ?1")?;
    for story in stories {
        if !known.exists([story.0])? {
            return Err(Error::Refused("one of these stories is not there"));
        }
    }
    let mut firsts = story::members(db, *into)?;
    for other in others.iter().filter(|other| *other != into) {
        let joining = story::members(db, *other)?;
        // One pair is enough to hold two stories together; what parted them has to go.
        for one in &firsts {
            for other in &joining {
                let lower = one.min(other);
                db.prepare_cached("DELETE FROM ruling WHERE article_id = ?1 AND other_id = ?2")?
                    .execute([lower, one.max(other)])?;
            }
        }
        if let (Some(one), Some(other)) = (firsts.first(), joining.first()) {
            rule(db, *one, *other, true, now)?;
        }
        story::join(db, *other, *into, now)?;
        firsts.extend(joining);
    }
    story::crown(db, *into, origin, Why::Hand("merged by hand"), now)?;
    story::close(db, *into, origin, now)
}

/// Parts an article from its story, and remembers that it is none of it. Its new story; `None` when it was alone.
pub(super) fn split(db: &Connection, article: ArticleId, heir: Option<ArticleId>, now: Timestamp) -> Result<Option<StoryId>> {
    let Some(former) = story::of(db, article)? else { return Err(Error::Refused("there is no such article")) };
    let others: Vec<i64> = story::members(db, former)?.into_iter().filter(|other| *other != article.0).collect();
    if others.is_empty() {
        return Ok(None);
    }
    for other in &others {
        rule(db, article.0, *other, false, now)?;
    }
    let origin = story::origin(db, former)?.article.unwrap_or(article);
    let heir = match heir.filter(|heir| others.contains(&heir.0)) {
        Some(heir) => heir,
        None if origin != article => origin,
        None => story::earliest_but(db, former, article)?.unwrap_or(article),
    };
    article::stand_alone(db, article)?;
    let own = story::open(db, now)?;
    db.prepare_cached(
        "UPDATE article SET seq = ?2, changed_at = ?3, story_id = ?4, duplicate_of = NULL, relation = NULL, evidence = NULL
         WHERE id = ?1",
    )?
    .execute(params![article.0, next_seq(db, 1)?, At::of(now), own.0])?;
    story::close(db, own, article, now)?;
    story::crown(db, former, heir, Why::Hand("its origin was split off by hand"), now)?;
    story::close(db, former, heir, now)?;
    Ok(Some(own))
}

fn rule(db: &Connection, one: i64, other: i64, same: bool, now: Timestamp) -> Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO ruling (article_id, other_id, same, at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![one.min(other), one.max(other), same, At::of(now)])?;
    Ok(())
}
