//! Articles judged again after they were filed: those that newer ones had overtaken to the last, and those that were revised.

use rusqlite::{Connection, Row, params};

use crate::model::{
    Article, ArticleId, Dateline, Evidence, FiledArticle, Reconciliation, Relation, SourceId, Standing, StoryId, Timestamp, Verdict,
};

use super::columns::{At, address, from_list};
use super::{Result, article, next_seq, story};

/// Remembers that an article is to be judged again.
pub(super) fn queue(db: &Connection, article: ArticleId) -> Result<()> {
    db.prepare_cached("INSERT INTO unreconciled (article_id) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([article.0])?;
    Ok(())
}

/// The same of the copies of an article whose text changed, the first of them.
pub(super) fn queue_copies(db: &Connection, origin: ArticleId) -> Result<()> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO unreconciled (article_id) SELECT id FROM article WHERE duplicate_of = ?1 ORDER BY id LIMIT 32",
    )?
    .execute([origin.0])?;
    Ok(())
}

/// Articles that are to be judged again.
pub(super) fn waiting(db: &Connection, limit: usize) -> Result<Vec<ArticleId>> {
    let mut statement = db.prepare_cached("SELECT article_id FROM unreconciled ORDER BY article_id LIMIT ?1")?;
    let rows = statement.query_map([limit as i64], |row| row.get(0).map(ArticleId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Writes what was said of an article when it was judged again: it leaves a story that it is none of any more, and its story
/// becomes one with those it was found to be of.
pub(super) fn settle(db: &Connection, said: &Reconciliation, now: Timestamp) -> Result<()> {
    db.prepare_cached("DELETE FROM unreconciled WHERE article_id = ?1")?.execute([said.article.0])?;
    match &said.standing {
        Standing::Stays => {}
        Standing::As(relation, evidence) => relate(db, said.article, *relation, evidence, now)?,
        Standing::Parts => part(db, said.article, now)?,
    }
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
    let why = story::Why::Copy { one: said.article, other: *of, relation: *relation, evidence };
    story::crown(db, into, origin, why, now)?;
    story::close(db, into, origin, now)
}

/// A copy relates to its origin in this way now.
fn relate(db: &Connection, article: ArticleId, relation: Relation, evidence: &Evidence, now: Timestamp) -> Result<()> {
    let changed = db
        .prepare_cached(
            "UPDATE article SET relation = ?2, evidence = ?3
             WHERE id = ?1 AND duplicate_of IS NOT NULL AND (relation IS NOT ?2 OR evidence IS NOT ?3)",
        )?
        .execute(params![article.0, relation.as_str(), serde_json::to_string(evidence)?])?;
    if changed > 0 {
        article::touch(db, article, now)?;
    }
    Ok(())
}

/// An article leaves its story for one of its own, unless it was put there by hand.
fn part(db: &Connection, article: ArticleId, now: Timestamp) -> Result<()> {
    let Some(former) = story::of(db, article)? else { return Ok(()) };
    let by_hand = db
        .prepare_cached(
            "SELECT 1 FROM article a JOIN ruling r ON r.article_id = a.id JOIN article o ON o.id = r.other_id
             WHERE a.story_id = ?1 AND o.story_id = ?1 AND r.same = 1",
        )?
        .exists([former.0])?;
    let Some(earliest) = story::earliest_but(db, former, article)? else { return Ok(()) };
    if by_hand {
        return Ok(());
    }
    let heir = story::origin(db, former)?.article.filter(|origin| *origin != article).unwrap_or(earliest);
    article::stand_alone(db, article)?;
    let own = story::open(db, now)?;
    db.prepare_cached(
        "UPDATE article SET seq = ?2, changed_at = ?3, story_id = ?4, duplicate_of = NULL, relation = NULL, evidence = NULL
         WHERE id = ?1",
    )?
    .execute(params![article.0, next_seq(db, 1)?, At::of(now), own.0])?;
    story::close(db, own, article, now)?;
    story::crown(db, former, heir, story::Why::Told("the page of its origin shows another text now"), now)?;
    story::close(db, former, heir, now)
}

/// What is read of an article to judge it again.
const FILED: &str =
    "SELECT a.id, a.story_id, a.source_id, s.name, s.agency, a.duplicate_of IS NULL, a.stored_at, a.url, a.canonical_url,
        a.title, coalesce(o.body, a.body), a.published_at, a.published_precision,
        a.dateline_place, a.dateline_date, a.dateline_agency, a.language, a.credit, a.extractor_version, a.summary, a.notes,
        coalesce(a.cut, '[]')
    FROM article a JOIN source s ON s.id = a.source_id LEFT JOIN article o ON o.id = a.body_of";

/// Filed articles in the order of filing.
pub(super) fn filed(db: &Connection, after: ArticleId, since: Timestamp, limit: usize) -> Result<Vec<FiledArticle>> {
    let after = if after.0 == 0 { article::last_before(db, since)? } else { after };
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
    let notes = row.get::<_, Option<String>>(20)?.and_then(|notes| serde_json::from_str(&notes).ok());
    let article = Article {
        canonical: row.get::<_, Option<String>>(8)?.as_deref().map(address).transpose()?,
        title: row.get(9)?,
        summary: row.get(19)?,
        body: body.split("\n\n").filter(|paragraph| !paragraph.is_empty()).map(str::to_owned).collect(),
        published: story::press_time(row.get(11)?, row.get(12)?),
        dateline: place
            .map(|place| -> rusqlite::Result<Dateline> { Ok(Dateline { place, date: row.get(14)?, agency: row.get(15)? }) })
            .transpose()?,
        language: row.get(16)?,
        credit: row.get(17)?,
        notes: notes.unwrap_or_default(),
        cut: from_list(row.get_ref(21)?.as_str().unwrap_or_default()),
        extractor_version: row.get(18)?,
        ..Article::new(address(row.get_ref(7)?.as_str().unwrap_or_default())?)
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
