//! What is learnt of a source: lines at the ends of its texts, counted, and how its latest pages were read.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{
    ArticleId, Boilerplate, Drift, Edge, Facet, Filing, Learnt, LineEvidence, Looked, Shape, SourceId, StoryId, Timestamp,
};

use super::columns::{At, clean, stamp};
use super::{BoilerplateRow, DriftRow, Result};

/// Articles kept as evidence of one line; from half of that on only those of further days.
const EVIDENCE: i64 = 24;
/// Texts after which a line that was seen once is no more looked for.
const ONCE: i64 = 200;
/// The same of any line that is not learnt.
const SELDOM: i64 = 1000;
/// How many of the latest pages are remembered.
const LOOKS: i64 = 500;
/// How many before an alarm are compared with.
const BEFORE: i64 = 200;
/// How many of the latest are looked at while an alarm is on.
const LATELY: i64 = 24;
/// Articles shown as evidence of a line.
const SHOWN: i64 = 3;

/// What a scrape has to know of its source.
pub(super) fn learnt(db: &Connection, source: SourceId) -> Result<Learnt> {
    let habit: Option<(u32, i64)> = db
        .prepare_cached("SELECT version, looks FROM habit WHERE source_id = ?1")?
        .query_row([source.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((version, looks)) = habit else { return Ok(Learnt::default()) };
    let mut statement = db.prepare_cached("SELECT facet, from_look FROM drift WHERE source_id = ?1")?;
    let alarms: Vec<(String, i64)> =
        statement.query_map([source.0], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    let until = alarms.iter().map(|(_, from)| *from).min();
    let last = until.unwrap_or(looks);
    let lately = if until.is_some() { shapes(db, source, last.max(looks - LATELY), looks)? } else { Vec::new() };
    Ok(Learnt {
        boilerplate: Boilerplate { version, lines: lines(db, source)? },
        before: shapes(db, source, last - BEFORE, last)?,
        lately,
        drifts: alarms.iter().filter_map(|(name, _)| facet(name)).collect(),
    })
}

/// The lines that are cut.
fn lines(db: &Connection, source: SourceId) -> Result<Vec<String>> {
    let mut statement = db.prepare_cached(
        "SELECT line FROM edge_line WHERE source_id = ?1 AND learnt_at IS NOT NULL AND vetoed_at IS NULL ORDER BY id",
    )?;
    Ok(statement.query_map([source.0], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Pages after this number up to that one.
fn shapes(db: &Connection, source: SourceId, after: i64, until: i64) -> Result<Vec<Shape>> {
    let mut statement = db.prepare_cached(
        "SELECT characters, authors, dated, selectors FROM look WHERE source_id = ?1 AND number > ?2 AND number <= ?3 ORDER BY number",
    )?;
    let shapes = statement.query_map(params![source.0, after, until], |row| {
        Ok(Shape { characters: row.get(0)?, authors: row.get(1)?, dated: row.get(2)?, selectors: row.get(3)? })
    })?;
    Ok(shapes.collect::<rusqlite::Result<_>>()?)
}

fn facet(name: &str) -> Option<Facet> {
    Facet::ALL.into_iter().find(|facet| facet.as_str() == name)
}

/// What is read of a line.
const LINE: &str = "SELECT l.id, l.edge, l.line, l.normal, l.articles, l.at_edge, max(h.texts - l.first_text + 1, l.articles),
        (SELECT count(DISTINCT a.story_id) FROM edge_story e JOIN article a ON a.id = e.article_id WHERE e.line_id = l.id),
        (SELECT count(DISTINCT e.day) FROM edge_story e WHERE e.line_id = l.id),
        l.learnt_at, l.vetoed_at, l.first_day, l.last_day
    FROM edge_line l JOIN habit h ON h.source_id = l.source_id";

fn line(row: &Row<'_>) -> rusqlite::Result<LineEvidence> {
    Ok(LineEvidence {
        id: row.get(0)?,
        edge: if row.get_ref(1)?.as_str()? == Edge::Head.as_str() { Edge::Head } else { Edge::Tail },
        line: row.get(2)?,
        normal: row.get(3)?,
        articles: row.get(4)?,
        at_edge: row.get(5)?,
        texts: row.get(6)?,
        stories: row.get(7)?,
        days: row.get(8)?,
        learnt_at: row.get::<_, At>(9)?.0,
        vetoed_at: row.get::<_, At>(10)?.0,
    })
}

/// What is known of these lines of a source.
pub(super) fn evidence(db: &Connection, source: SourceId, normals: &[String]) -> Result<Vec<LineEvidence>> {
    let mut statement = db.prepare_cached(&format!("{LINE} WHERE l.source_id = ?1 AND l.normal = ?2"))?;
    let mut found = Vec::new();
    for normal in normals {
        found.extend(statement.query_row(params![source.0, clean(normal)], line).optional()?);
    }
    Ok(found)
}

/// Counts the lines of a new article.
pub(super) fn count(
    db: &Connection,
    source: i64,
    (article, story): (ArticleId, Option<StoryId>),
    filing: &Filing,
    now: Timestamp,
) -> Result<()> {
    if filing.lines.is_empty() {
        return Ok(());
    }
    let texts: i64 = db
        .prepare_cached(
            "INSERT INTO habit (source_id, texts) VALUES (?1, 1) ON CONFLICT (source_id) DO UPDATE SET texts = texts + 1 RETURNING texts",
        )?
        .query_row([source], |row| row.get(0))?;
    // A walk through an archive sees many days in an hour: the day is the text's. Dates ahead are none.
    let day = stamp(filing.article.published_or(now).min(now))[..10].to_owned();
    let mut learnt = 0;
    for seen in &filing.lines {
        let Some(edge) = seen.edge else {
            db.prepare_cached("UPDATE edge_line SET articles = articles + 1 WHERE source_id = ?1 AND normal = ?2")?
                .execute(params![source, clean(&seen.normal)])?;
            continue;
        };
        let id: i64 = db
            .prepare_cached(
                "INSERT INTO edge_line (source_id, normal, line, edge, articles, at_edge, first_text, last_text, first_day, last_day)
                 VALUES (?1, ?2, ?3, ?4, 1, 1, ?5, ?5, ?6, ?6)
                 ON CONFLICT (source_id, normal) DO UPDATE SET articles = articles + 1, at_edge = at_edge + 1, last_text = ?5,
                     edge = CASE WHEN learnt_at IS NULL THEN ?4 ELSE edge END, first_day = min(first_day, ?6), last_day = max(last_day, ?6)
                 RETURNING id",
            )?
            .query_row(params![source, clean(&seen.normal), clean(&seen.line), edge.as_str(), texts, day], |row| row.get(0))?;
        testify(db, id, article, story, &day)?;
        if seen.learnt {
            learnt += db
                .prepare_cached("UPDATE edge_line SET learnt_at = ?2 WHERE id = ?1 AND learnt_at IS NULL AND vetoed_at IS NULL")?
                .execute(params![id, At::of(now)])?;
        }
    }
    if learnt > 0 {
        raise(db, source)?;
    }
    db.prepare_cached(
        "DELETE FROM edge_line WHERE source_id = ?1 AND learnt_at IS NULL AND vetoed_at IS NULL
         AND (last_text < ?2 OR last_text < ?3 AND articles = 1)",
    )?
    .execute(params![source, texts - SELDOM, texts - ONCE])?;
    Ok(())
}

/// An article is evidence of a line when it is of another story than those before, or of another day.
fn testify(db: &Connection, line: i64, article: ArticleId, story: Option<StoryId>, day: &str) -> Result<()> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO edge_story (line_id, article_id, day)
         SELECT ?1, ?2, ?4 WHERE NOT EXISTS
             (SELECT 1 FROM edge_story e JOIN article a ON a.id = e.article_id WHERE e.line_id = ?1 AND a.story_id = ?3)
         AND (SELECT count(*) FROM edge_story WHERE line_id = ?1) <
             CASE WHEN EXISTS (SELECT 1 FROM edge_story WHERE line_id = ?1 AND day = ?4) THEN ?5 / 2 ELSE ?5 END",
    )?
    .execute(params![line, article.0, story.map(|story| story.0), day, EVIDENCE])?;
    Ok(())
}

/// The lines of a source are not what they were.
fn raise(db: &Connection, source: i64) -> Result<()> {
    db.prepare_cached("UPDATE habit SET version = version + 1 WHERE source_id = ?1")?.execute([source])?;
    Ok(())
}

/// Lines of an article that is taken down, and of no other, go with it.
pub(super) fn forget(db: &Connection, article: ArticleId) -> Result<()> {
    db.prepare_cached(
        "DELETE FROM edge_line WHERE articles <= 1 AND id IN (SELECT line_id FROM edge_story WHERE article_id = ?1)",
    )?
    .execute([article.0])?;
    Ok(())
}

/// The operator's word that a line is no boilerplate; false where there is no such line.
pub(super) fn veto(db: &Connection, line: i64, now: Timestamp) -> Result<bool> {
    let source: Option<i64> = db
        .prepare_cached("UPDATE edge_line SET vetoed_at = coalesce(vetoed_at, ?2) WHERE id = ?1 RETURNING source_id")?
        .query_row(params![line, At::of(now)], |row| row.get(0))
        .optional()?;
    if let Some(source) = source {
        raise(db, source)?;
    }
    Ok(source.is_some())
}

/// The lines of a source that are cut, that were vetoed, and that are likely to be learnt next, with their evidence.
pub(super) fn boilerplate(db: &Connection, source: &str) -> Result<Vec<BoilerplateRow>> {
    let mut statement = db.prepare_cached(&format!(
        "{LINE} JOIN source s ON s.id = l.source_id WHERE s.name = ?1
         AND (l.learnt_at IS NOT NULL OR l.vetoed_at IS NOT NULL OR l.articles >= 3)
         ORDER BY l.learnt_at IS NULL, l.vetoed_at IS NOT NULL, l.articles DESC, l.id LIMIT 100"
    ))?;
    let mut rows = statement.query([source])?;
    let mut found = Vec::new();
    let mut examples =
        db.prepare_cached("SELECT article_id FROM edge_story WHERE line_id = ?1 ORDER BY article_id DESC LIMIT ?2")?;
    while let Some(row) = rows.next()? {
        let known = line(row)?;
        let examples = examples.query_map(params![known.id, SHOWN], |row| row.get(0).map(ArticleId))?;
        found.push(BoilerplateRow {
            examples: examples.collect::<rusqlite::Result<_>>()?,
            first_day: row.get(11)?,
            last_day: row.get(12)?,
            learnt_at: known.learnt_at.map(stamp),
            vetoed_at: known.vetoed_at.map(stamp),
            id: known.id,
            edge: known.edge,
            line: known.line,
            articles: known.articles,
            at_edge: known.at_edge,
            texts: known.texts,
            stories: known.stories,
            days: known.days,
        });
    }
    Ok(found)
}

/// Articles of a source after this one that lines were cut from.
pub(super) fn cut_articles(db: &Connection, source: SourceId, after: ArticleId, limit: usize) -> Result<Vec<ArticleId>> {
    let mut statement =
        db.prepare_cached("SELECT id FROM article WHERE source_id = ?1 AND id > ?2 AND cut IS NOT NULL ORDER BY id LIMIT ?3")?;
    let found = statement.query_map(params![source.0, after.0, limit as i64], |row| row.get(0).map(ArticleId))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Remembers how a page was read, and what that says of its source.
pub(super) fn look(db: &Connection, source: i64, looked: &Looked, now: Timestamp) -> Result<()> {
    let number: i64 = db
        .prepare_cached(
            "INSERT INTO habit (source_id, looks) VALUES (?1, 1) ON CONFLICT (source_id) DO UPDATE SET looks = looks + 1 RETURNING looks",
        )?
        .query_row([source], |row| row.get(0))?;
    let Shape { characters, authors, dated, selectors } = looked.shape;
    db.prepare_cached(
        "INSERT INTO look (source_id, number, characters, authors, dated, selectors) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![source, number, characters, authors, dated, selectors])?;
    db.prepare_cached("DELETE FROM look WHERE source_id = ?1 AND number <= ?2")?.execute(params![source, number - LOOKS])?;
    for facet in Facet::ALL {
        match looked.drifts.iter().find(|drift| drift.facet == facet) {
            Some(drift) => alarm(db, source, number, drift, now)?,
            None => {
                db.prepare_cached("DELETE FROM drift WHERE source_id = ?1 AND facet = ?2")?
                    .execute(params![source, facet.as_str()])?;
            }
        }
    }
    Ok(())
}

fn alarm(db: &Connection, source: i64, number: i64, drift: &Drift, now: Timestamp) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO drift (source_id, facet, from_look, noticed_at, was, is_now, pages) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (source_id, facet) DO UPDATE SET is_now = ?6, pages = ?7",
    )?
    .execute(params![
        source,
        drift.facet.as_str(),
        number - i64::from(drift.pages),
        At::of(now),
        drift.was,
        drift.is,
        drift.pages
    ])?;
    Ok(())
}

/// What of sources' pages is not as it was.
pub(super) fn drifts(db: &Connection) -> Result<Vec<DriftRow>> {
    let mut statement = db.prepare_cached(
        "SELECT s.name, d.facet, d.noticed_at, d.was, d.is_now, h.looks - d.from_look,
             (SELECT max(a.id) FROM article a WHERE a.source_id = s.id)
         FROM drift d JOIN source s ON s.id = d.source_id JOIN habit h ON h.source_id = s.id
         WHERE s.enabled = 1 ORDER BY s.name, d.facet",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(DriftRow {
            source: row.get(0)?,
            facet: row.get(1)?,
            noticed_at: row.get(2)?,
            was: row.get(3)?,
            is_now: row.get(4)?,
            pages: row.get(5)?,
            example: row.get::<_, Option<i64>>(6)?.map(ArticleId),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
