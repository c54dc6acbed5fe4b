//! Stories: the articles that carry one text, and which of them is the origin.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{self, ArticleId, Evidence, Precision, PressTime, Relation, StoryId, Timestamp, ZoneSource};

use super::columns::{At, after};
use super::{Result, article, next_seq, ruling};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// An article as a candidate for a story's origin; `None` stands for the one about to be filed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) article: Option<ArticleId>,
    pub(super) published: Option<PressTime>,
}

impl Member {
    /// The other one if its page says that it was published strictly earlier, else this one.
    pub(super) fn or_earlier(self, other: Member) -> Member {
        let (Some(own), Some(others)) = (self.published, other.published) else { return self };
        // A day without a time could be any instant of it: only when all of it lies before is it earlier.
        let latest = match others.precision {
            Precision::Day => after(others.at, DAY),
            Precision::Minute | Precision::Instant => others.at,
        };
        let earlier = if others.precision == Precision::Day { latest <= own.at } else { latest < own.at };
        if earlier { other } else { self }
    }
}

/// A new story without articles; to be closed once it has one.
pub(super) fn open(db: &Connection, now: Timestamp) -> Result<StoryId> {
    let seq = next_seq(db, 1)?;
    let id = db
        .prepare_cached(
            "INSERT INTO story (seq, changed_at, origin_article, articles, sources, first_at, last_at) VALUES (?1, ?2, 0, 0, 0, ?2, ?2)",
        )?
        .insert(params![seq, At::of(now)])?;
    Ok(StoryId(id))
}

/// Writes a story's row from its articles. The number it was given when opened stands for this change too.
pub(super) fn close(db: &Connection, story: StoryId, origin: ArticleId, now: Timestamp) -> Result<()> {
    let known: i64 = db.prepare_cached("SELECT articles FROM story WHERE id = ?1")?.query_row([story.0], |row| row.get(0))?;
    let seq = if known == 0 { None } else { Some(next_seq(db, 1)?) };
    db.prepare_cached(
        "UPDATE story SET seq = coalesce(?4, seq), changed_at = ?3, origin_article = ?2, articles = now.articles,
             sources = now.sources, first_at = now.first_at, last_at = now.last_at
         FROM (SELECT count(*) AS articles, count(DISTINCT source_id) AS sources, min(ordered_at) AS first_at,
                      max(ordered_at) AS last_at FROM article WHERE story_id = ?1) AS now
         WHERE id = ?1",
    )?
    .execute(params![story.0, origin.0, At::of(now), seq])?;
    Ok(())
}

/// Writes a story's row again after one of its articles changed.
pub(super) fn refresh(db: &Connection, story: Option<StoryId>, now: Timestamp) -> Result<()> {
    let Some(story) = story else { return Ok(()) };
    let origin: i64 =
        db.prepare_cached("SELECT origin_article FROM story WHERE id = ?1")?.query_row([story.0], |row| row.get(0))?;
    close(db, story, ArticleId(origin), now)
}

/// A story's origin.
pub(super) fn origin(db: &Connection, story: StoryId) -> Result<Member> {
    let mut statement = db.prepare_cached(
        "SELECT a.id, a.published_at, a.published_precision FROM story s JOIN article a ON a.id = s.origin_article WHERE s.id = ?1",
    )?;
    Ok(statement.query_row([story.0], |row| {
        Ok(Member { article: Some(ArticleId(row.get(0)?)), published: press_time(row.get(1)?, row.get(2)?) })
    })?)
}

/// A time of publication read back.
pub(super) fn press_time(at: At, precision: Option<String>) -> Option<PressTime> {
    let precision = match precision.as_deref() {
        Some("day") => Precision::Day,
        Some("minute") => Precision::Minute,
        _ => Precision::Instant,
    };
    at.0.map(|at| PressTime { at, offset_minutes: None, precision, zone_source: ZoneSource::Page })
}

/// The articles of stories, as far as it matters for their origin.
pub(super) fn candidates_for_origin(db: &Connection, stories: &[StoryId]) -> Result<Vec<model::Member>> {
    let mut statement = db.prepare_cached(
        "SELECT a.id, s.agency, a.credit, a.published_at, a.published_precision, a.stored_at
         FROM article a JOIN source s ON s.id = a.source_id WHERE a.story_id = ?1 ORDER BY a.id",
    )?;
    let mut members = Vec::new();
    for story in stories {
        let rows = statement.query_map([story.0], |row| {
            Ok(model::Member {
                article: Some(ArticleId(row.get(0)?)),
                agency: row.get(1)?,
                credit: row.get(2)?,
                published: press_time(row.get(3)?, row.get(4)?),
                stored_at: row.get::<_, At>(5)?.0.unwrap_or_default(),
            })
        })?;
        for member in rows {
            members.push(member?);
        }
    }
    Ok(members)
}

/// Moves a story's articles into another one. Its former origin, if the story was there and was not parted from the other.
pub(super) fn join(db: &Connection, other: StoryId, into: StoryId, now: Timestamp) -> Result<Option<Member>> {
    if !db.prepare_cached("SELECT 1 FROM story WHERE id = ?1")?.exists([other.0])? {
        return Ok(None);
    }
    if !ruling::apart(db, &[other, into])?.is_empty() {
        return Ok(None);
    }
    let former = origin(db, other)?;
    let mut statement = db.prepare_cached("UPDATE article SET seq = ?2, changed_at = ?3, story_id = ?4 WHERE id = ?1")?;
    for id in members(db, other)? {
        statement.execute(params![id, next_seq(db, 1)?, At::of(now), into.0])?;
    }
    db.prepare_cached("DELETE FROM story WHERE id = ?1")?.execute([other.0])?;
    Ok(Some(former))
}

/// The story of an article that is there.
pub(super) fn of(db: &Connection, article: ArticleId) -> Result<Option<StoryId>> {
    Ok(db
        .prepare_cached("SELECT story_id FROM article WHERE id = ?1")?
        .query_row([article.0], |row| row.get(0).map(StoryId))
        .optional()?)
}

/// The articles of a story, by their numbers.
pub(super) fn members(db: &Connection, story: StoryId) -> Result<Vec<i64>> {
    let mut statement = db.prepare_cached("SELECT id FROM article WHERE story_id = ?1 ORDER BY id")?;
    Ok(statement.query_map([story.0], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Why articles that were origins until now are copies of another one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Why<'a> {
    /// The one was judged a copy of the other.
    Copy { one: ArticleId, other: ArticleId, relation: Relation, evidence: &'a Evidence },
    /// Somebody said so.
    Hand(&'a str),
    /// Their origin is gone.
    Gone,
}

impl Why<'_> {
    /// What is known of a former origin: the article it was laid beside, how it relates to that one, and why.
    fn of(self, article: ArticleId) -> (Option<ArticleId>, Relation, Option<Evidence>) {
        match self {
            Why::Copy { one, other, relation, evidence } if article == one => (Some(other), relation, Some(evidence.clone())),
            Why::Copy { one, other, relation, evidence } if article == other => {
                (Some(one), reversed(relation), Some(evidence.clone()))
            }
            // The text of this one was not looked at: another one's belongs to both stories.
            Why::Copy { one, .. } => {
                let why = format!("its story became one with the others by article {one}");
                (None, Relation::Edited, Some(Evidence { why, via: Some(one), ..Evidence::default() }))
            }
            Why::Hand(why) => (None, Relation::Edited, Some(Evidence { why: why.to_owned(), ..Evidence::default() })),
            Why::Gone => (None, Relation::Edited, None),
        }
    }
}

/// Makes one article the origin of its story: all others name it, and every row that changes gets its number. What is said
/// of a copy was found by laying it beside another article than its new origin: the evidence says which.
pub(super) fn crown(db: &Connection, story: StoryId, origin: ArticleId, why: Why<'_>, now: Timestamp) -> Result<()> {
    article::stand_alone(db, origin)?;
    let crowned = db.prepare_cached("SELECT 1 FROM article WHERE id = ?1 AND duplicate_of IS NOT NULL")?.exists([origin.0])?;
    if crowned {
        db.prepare_cached(
            "UPDATE article SET seq = ?2, changed_at = ?3, duplicate_of = NULL, relation = NULL, evidence = NULL WHERE id = ?1",
        )?
        .execute(params![origin.0, next_seq(db, 1)?, At::of(now)])?;
    }
    let mut follow = db.prepare_cached(
        "UPDATE article SET seq = ?2, changed_at = ?3, duplicate_of = ?4, relation = ?5, evidence = ?6 WHERE id = ?1",
    )?;
    for copy in astray(db, story, origin)? {
        let (beside, relation, evidence) = match copy.of {
            Some(of) => (Some(of), copy.relation, copy.evidence),
            None => {
                let (beside, relation, evidence) = why.of(copy.id);
                (beside, relation.as_str().to_owned(), evidence)
            }
        };
        let relation = match beside {
            _ if copy.equal => Relation::Exact.as_str().to_owned(),
            // What is the same as another one's text relates to the origin as that one does.
            Some(beside) if beside != origin && relation == Relation::Exact.as_str() => {
                relation_of(db, beside)?.unwrap_or(Relation::Edited.as_str().to_owned())
            }
            _ => relation,
        };
        let evidence = evidence.map(|mut evidence| {
            evidence.via = evidence.via.or(beside).filter(|via| *via != origin);
            serde_json::to_string(&evidence)
        });
        follow.execute(params![copy.id.0, next_seq(db, 1)?, At::of(now), origin.0, relation, evidence.transpose()?])?;
    }
    Ok(())
}

/// An article of a story that does not name the story's origin yet.
struct Astray {
    id: ArticleId,
    /// What it is a copy of until now; `None`: it was an origin.
    of: Option<ArticleId>,
    relation: String,
    evidence: Option<Evidence>,
    /// It has the origin's text to the letter.
    equal: bool,
}

/// Those articles, former origins first: what hung on them relates to the origin through them.
fn astray(db: &Connection, story: StoryId, origin: ArticleId) -> Result<Vec<Astray>> {
    let mut statement = db.prepare_cached(
        "SELECT a.id, a.duplicate_of, coalesce(a.relation, 'edited'), a.evidence, coalesce(a.text_hash = o.text_hash, 0)
         FROM article a JOIN article o ON o.id = ?2
         WHERE a.story_id = ?1 AND a.id <> ?2 AND a.duplicate_of IS NOT ?2 ORDER BY a.duplicate_of IS NOT NULL, a.id",
    )?;
    let rows = statement.query_map([story.0, origin.0], |row| {
        let evidence: Option<String> = row.get(3)?;
        Ok(Astray {
            id: ArticleId(row.get(0)?),
            of: row.get::<_, Option<i64>>(1)?.map(ArticleId),
            relation: row.get(2)?,
            evidence: evidence.and_then(|text| serde_json::from_str(&text).ok()),
            equal: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn relation_of(db: &Connection, article: ArticleId) -> Result<Option<String>> {
    let mut statement = db.prepare_cached("SELECT relation FROM article WHERE id = ?1")?;
    Ok(statement.query_row([article.0], |row| row.get(0)).optional()?.flatten())
}

/// How the other one relates, seen from this one.
fn reversed(relation: Relation) -> Relation {
    match relation {
        Relation::Truncated => Relation::Update,
        Relation::Update => Relation::Truncated,
        other => other,
    }
}

/// The article that comes first when this one is gone: the earliest, then the one filed first.
pub(super) fn earliest_but(db: &Connection, story: StoryId, going: ArticleId) -> Result<Option<ArticleId>> {
    Ok(db
        .prepare_cached("SELECT id FROM article WHERE story_id = ?1 AND id <> ?2 ORDER BY ordered_at, id LIMIT 1")?
        .query_row([story.0, going.0], |row| row.get(0).map(ArticleId))
        .optional()?)
}
