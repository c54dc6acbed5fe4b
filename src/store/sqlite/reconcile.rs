//! Articles judged again after they were filed: those that newer ones had overtaken to the last.

use rusqlite::{Connection, Row, params};

use crate::model::{Article, ArticleId, Dateline, FiledArticle, Reconciliation, SourceId, StoryId, Timestamp, Verdict};

use super::columns::{At, address};
use super::{Result, story};

/// Remembers that an article is to be judged again.
pub(super) fn queue(db: &Connection, article: ArticleId) -> Result<()> {
    db.prepare_cached("INSERT INTO unreconciled (article_id) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([article.0])?;
    Ok(())
}

/// Articles that are to be judged again.
pub(super) fn waiting(db: &Connection, limit: usize) -> Result<Vec<ArticleId>> {
    let mut statement = db.prepare_cached("SELECT article_id FROM unreconciled ORDER BY article_id LIMIT ?1")?;
    let rows = statement.query_map([limit as i64], |row| row.get(0).map(ArticleId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Writes what was said of an article when it was judged again: its story becomes one with those it was found to be of.
pub(super) fn settle(db: &Connection, said: &Reconciliation, now: Timestamp) -> Result<()> {
    db.prepare_cached("DELETE FROM unreconciled WHERE article_id = ?1")?.execute([said.article.0])?;
    let Verdict::Copy { of, joins, relation, evidence } = &said.verdict else { return Ok(()) };
    let (Some(own), Some(into)) = (story::of(db, said.article)?, story::of(db, *of)?) else { return Ok(()) };
    let others: Vec<StoryId> = std::iter::once(own).chain(joins.iter().copied()).filter(|story| *story != into).collect();
    if others.is_empty() {
        return Ok(());
    }
    let mut first = story::origin(db, into)?;
    for other in others {
        if let Some(joined) = story::join(db, other, into, now)? {
            first = first.or_earlier(joined);
        }
    }
    let named = match said.origin {
        Some(origin) if story::of(db, origin)? == Some(into) => Some(origin),
        _ => first.article,
    };
    let origin = named.unwrap_or(*of);
    let relation = if origin == said.article { story::reversed(*relation) } else { *relation };
    story::crown(db, into, origin, Some((relation, evidence)), now)?;
    story::close(db, into, origin, now)
}

/// What is read of an article to judge it again.
const FILED: &str =
    "SELECT a.id, a.story_id, a.source_id, s.name, s.agency, a.duplicate_of IS NULL, a.stored_at, a.url, a.canonical_url,
        a.title, coalesce(o.body, a.body), a.published_at, a.published_precision,
        a.dateline_place, a.dateline_date, a.dateline_agency, a.language, a.credit, a.extractor_version, a.summary
    FROM article a JOIN source s ON s.id = a.source_id LEFT JOIN article o ON o.id = a.body_of";

/// Filed articles in the order of filing.
pub(super) fn filed(db: &Connection, after: ArticleId, since: Timestamp, limit: usize) -> Result<Vec<FiledArticle>> {
    let mut statement = db.prepare_cached(&format!("{FILED} WHERE a.id > ?1 AND a.stored_at >= ?2 ORDER BY a.id LIMIT ?3"))?;
    let mut rows = statement.query(params![after.0, At::of(since), limit as i64])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// One filed article.
pub(super) fn filed_article(db: &Connection, id: ArticleId) -> Result<Option<FiledArticle>> {
    let mut statement = db.prepare_cached(&format!("{FILED} WHERE a.id = ?1"))?;
    let mut rows = statement.query([id.0])?;
    rows.next()?.map(read).transpose()
}

fn read(row: &Row<'_>) -> Result<FiledArticle> {
    let place: Option<String> = row.get(13)?;
    let body: String = row.get(10)?;
    let article = Article {
        url: address(row.get_ref(7)?.as_str().unwrap_or_default())?,
        canonical: row.get::<_, Option<String>>(8)?.as_deref().map(address).transpose()?,
        title: row.get(9)?,
        summary: row.get(19)?,
        body: body.split("\n\n").filter(|paragraph| !paragraph.is_empty()).map(str::to_owned).collect(),
        authors: Vec::new(),
        published: story::press_time(row.get(11)?, row.get(12)?),
        modified: None,
        dateline: place
            .map(|place| -> rusqlite::Result<Dateline> { Ok(Dateline { place, date: row.get(14)?, agency: row.get(15)? }) })
            .transpose()?,
        section: None,
        tags: Vec::new(),
        image: None,
        language: row.get(16)?,
        credit: row.get(17)?,
        notes: Vec::new(),
        extractor_version: row.get(18)?,
    };
    Ok(FiledArticle {
        id: ArticleId(row.get(0)?),
        story: StoryId(row.get(1)?),
        source: SourceId(row.get(2)?),
        source_name: row.get(3)?,
        agency: row.get(4)?,
        is_origin: row.get(5)?,
        stored_at: row.get::<_, At>(6)?.0.unwrap_or_default(),
        article,
    })
}
