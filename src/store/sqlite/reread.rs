//! Filed articles read again from the pages kept: by a better reader, or with other lines cut. Never a revision: the page did
//! not change, we did.

use rusqlite::types::{ToSqlOutput, Value};
use rusqlite::{Connection, OptionalExtension, ToSql, params};

use crate::model::{ArticleId, Entry, FieldChange, KeptPage, Reread, Rereading, SourceId, Timestamp};

use super::article::{self, Columns};
use super::columns::{At, address};
use super::raw::RawReader;
use super::{Result, index, next_seq, reconcile, story};

/// Longest piece of a field shown as what changed, characters.
const SHOWN: usize = 160;

/// Fields that a reading replaces, with the column each stands in.
const REPLACED: &[&str] = &[
    "authors",
    "dateline_place",
    "dateline_date",
    "dateline_agency",
    "section",
    "tags",
    "credit",
    "notes",
    "captions",
    "free",
    "live",
    "marker",
    "cut",
    "provenance",
    "reservations",
];
/// Fields that a reading which is silent of them leaves: other looks at the page, or the feed, may have given them.
const KEPT: &[&str] = &[
    "title",
    "summary",
    "canonical_url",
    "published_at",
    "published_offset",
    "published_precision",
    "zone_source",
    "modified_at",
    "image",
    "language",
];
/// Of these a change is written, and is no news.
const UNTOLD: &[&str] = &["notes", "provenance"];

/// Articles after this one, of one source or of all, in the order of filing.
pub(super) fn after(db: &Connection, source: Option<SourceId>, after: ArticleId, limit: usize) -> Result<Vec<ArticleId>> {
    let sql = match source {
        Some(_) => "SELECT id FROM article WHERE source_id = ?3 AND id > ?1 ORDER BY id LIMIT ?2",
        None => "SELECT id FROM article WHERE ?3 IS NULL AND id > ?1 ORDER BY id LIMIT ?2",
    };
    let mut statement = db.prepare_cached(sql)?;
    let found =
        statement.query_map(params![after.0, limit as i64, source.map(|source| source.0)], |row| row.get(0).map(ArticleId))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// How many articles there are, of one source or of all.
pub(super) fn count(db: &Connection, source: Option<SourceId>) -> Result<u64> {
    let count: i64 = db
        .prepare_cached("SELECT count(*) FROM article WHERE ?1 IS NULL OR source_id = ?1")?
        .query_row([source.map(|source| source.0)], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// How many articles were read by an older reader, of those whose pages are kept.
pub(super) fn outdated(db: &Connection, raw: &RawReader, version: u32) -> Result<u64> {
    let mut statement = db.prepare_cached(
        "SELECT r.raw_month, count(*) FROM article a JOIN revision r ON r.article_id = a.id AND r.revision = a.revision
         WHERE a.extractor_version < ?1 AND r.raw_hash IS NOT NULL GROUP BY r.raw_month",
    )?;
    let months = statement.query_map([version], |row| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, i64>(1)?)))?;
    let mut outdated = 0;
    for month in months {
        let (Some(month), count) = month? else { continue };
        if raw.keeps(&month)? {
            outdated += u64::try_from(count).unwrap_or(0);
        }
    }
    Ok(outdated)
}

/// The page of an article's current text with its entry; `None` where it is not kept (any more).
pub(super) fn kept(db: &Connection, raw: &RawReader, id: ArticleId) -> Result<Option<KeptPage>> {
    let row = db
        .prepare_cached(
            "SELECT a.seq, a.source_id, s.name, a.title, a.stored_at, e.url, e.entry FROM article a JOIN source s ON s.id = a.source_id
             LEFT JOIN entry e ON e.article_id = a.id WHERE a.id = ?1 ORDER BY e.id LIMIT 1",
        )?
        .query_row([id.0], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, Option<String>>(3)?,
                row.get::<_, At>(4)?,
                row.get::<_, Option<String>>(5)?,
                row.get::<_, Option<String>>(6)?,
            ))
        })
        .optional()?;
    let Some((seq, source, source_name, title, stored_at, asked, entry)) = row else { return Ok(None) };
    let pages = raw.pages_of(db, id)?;
    let Some(first) = pages.first() else { return Ok(None) };
    let asked = match asked {
        Some(asked) => address(&asked)?,
        None => first.final_url.clone(),
    };
    let entry = entry
        .and_then(|entry| serde_json::from_str::<Entry>(&entry).ok())
        .unwrap_or_else(|| Entry { title, ..Entry::of_page(Some(asked.clone()), stored_at.0.unwrap_or_default()) });
    Ok(Some(KeptPage { article: id, seq, source: SourceId(source), source_name, asked, entry, pages }))
}

/// What a reading would change, or changes.
pub(super) fn reread(db: &Connection, reading: &Rereading, write: bool, now: Timestamp) -> Result<Reread> {
    let columns = Columns::of(&reading.read);
    let Some(filed) = Filed::of(db, reading)? else { return Ok(Reread::Gone) };
    if filed.seq != reading.seq {
        return Ok(Reread::Overtaken);
    }
    let found = filed.compare(reading, &columns)?;
    if !found.differs {
        return Ok(Reread::Same);
    }
    if write {
        set_fields(db, reading, &columns)?;
        if found.texts {
            set_text(db, reading, &columns, now)?;
        }
        // A change of the reader's version alone is none that others want to hear of.
        if !found.changes.is_empty() {
            article::touch(db, reading.article, now)?;
            if filed.hash.as_deref() != reading.fingerprint.text.as_ref().map(|hash| hash.as_slice()) {
                sample(db, reading, now)?;
            }
            story::refresh(db, story::of(db, reading.article)?, now)?;
        }
    }
    Ok(Reread::Changed(found.changes))
}

/// The fields that a reading replaces, and those that it may leave.
fn fields(reading: &Rereading) -> (&'static [&'static str], &'static [&'static str]) {
    if reading.text_alone { (&["cut"], &[]) } else { (REPLACED, KEPT) }
}

/// An article as it stands.
struct Filed {
    seq: i64,
    body: String,
    hash: Option<Vec<u8>>,
    version: u32,
    /// In the order of the names.
    fields: Vec<(&'static str, Value)>,
}

/// How a reading differs from what is filed.
struct Found {
    changes: Vec<FieldChange>,
    /// Whether anything is to be written at all.
    differs: bool,
    /// Whether headline or body is.
    texts: bool,
}

impl Filed {
    fn of(db: &Connection, reading: &Rereading) -> Result<Option<Filed>> {
        let (replaced, kept) = fields(reading);
        let names: Vec<&'static str> = replaced.iter().chain(kept).copied().collect();
        let columns: Vec<String> = names.iter().map(|name| format!("a.{name}")).collect();
        let sql = format!(
            "SELECT a.seq, coalesce(o.body, a.body), a.text_hash, a.extractor_version, {}
             FROM article a LEFT JOIN article o ON o.id = a.body_of WHERE a.id = ?1",
            columns.join(", ")
        );
        let filed = db.prepare_cached(&sql)?.query_row([reading.article.0], |row| {
            let fields = names.iter().enumerate().map(|(at, name)| Ok((*name, row.get(at + 4)?)));
            let fields = fields.collect::<rusqlite::Result<_>>()?;
            Ok(Filed { seq: row.get(0)?, body: row.get(1)?, hash: row.get(2)?, version: row.get(3)?, fields })
        });
        Ok(filed.optional()?)
    }

    fn compare(&self, reading: &Rereading, columns: &Columns<'_>) -> Result<Found> {
        let values = columns.values();
        let (_, kept) = fields(reading);
        let mut differs = !reading.text_alone && self.version != reading.read.extractor_version;
        let mut changes = Vec::new();
        for (name, old) in &self.fields {
            let Some(new) = value(&values, name)? else { continue };
            if *old == new || (kept.contains(name) && new == Value::Null) {
                continue;
            }
            differs = true;
            if !UNTOLD.contains(name) {
                changes.push(FieldChange { field: (*name).to_owned(), before: shown(old), after: shown(&new) });
            }
        }
        let body = self.body != columns.body;
        if body {
            changes.push(difference(&self.body, &columns.body));
        }
        let texts = body || changes.iter().any(|change| change.field == "title");
        Ok(Found { changes, differs: differs || body, texts })
    }
}

/// Writes everything but headline and body, which stand in the search index.
fn set_fields(db: &Connection, reading: &Rereading, columns: &Columns<'_>) -> Result<()> {
    let (replaced, kept) = fields(reading);
    let version = (!reading.text_alone).then_some("extractor_version");
    let replace = replaced.iter().copied().chain(version).map(|name| format!("{name} = :{name}"));
    let keep = kept.iter().filter(|name| **name != "title").map(|name| match *name {
        // The offset belongs to its instant.
        "published_offset" => {
            "published_offset = CASE WHEN :published_at IS NULL THEN published_offset ELSE :published_offset END".to_owned()
        }
        name => format!("{name} = coalesce(:{name}, {name})"),
    });
    let set: Vec<String> = replace.chain(keep).collect();
    // Only what the statement names may be bound.
    let named: Vec<&str> = replaced.iter().chain(kept).copied().chain(version).filter(|name| *name != "title").collect();
    let mut values = columns.values();
    values.retain(|(bound, _)| bound.strip_prefix(':').is_some_and(|name| named.contains(&name)));
    values.push((":id", &reading.article.0));
    db.prepare_cached(&format!("UPDATE article SET {} WHERE id = :id", set.join(", ")))?.execute(values.as_slice())?;
    Ok(())
}

/// Writes headline and body; the current revision shows them, so that its number rises too, and stories are judged again.
fn set_text(db: &Connection, reading: &Rereading, columns: &Columns<'_>, now: Timestamp) -> Result<()> {
    let id = reading.article;
    article::hand_back(db, id, now)?;
    db.prepare_cached(
        "UPDATE article SET title = coalesce(?2, title), body = ?3, body_of = NULL, words = ?4, text_hash = ?5, unspaced = ?6
         WHERE id = ?1",
    )?
    .execute(params![
        id.0,
        columns.title,
        columns.body,
        reading.fingerprint.words,
        reading.fingerprint.text,
        columns.unspaced
    ])?;
    db.prepare_cached(
        "UPDATE revision SET seq = ?2 WHERE article_id = ?1 AND revision = (SELECT revision FROM article WHERE id = ?1)",
    )?
    .execute(params![id.0, next_seq(db, 1)?])?;
    reconcile::queue(db, id)?;
    reconcile::queue_copies(db, id)
}

/// The samples of the text as it is now, under its number.
fn sample(db: &Connection, reading: &Rereading, now: Timestamp) -> Result<()> {
    let id = reading.article;
    let seq: i64 = db.prepare_cached("SELECT seq FROM article WHERE id = ?1")?.query_row([id.0], |row| row.get(0))?;
    index::put(db, id, seq, &reading.fingerprint.samples, now)
}

/// A column's new value.
fn value(values: &[(&'static str, &dyn ToSql)], name: &str) -> Result<Option<Value>> {
    let Some((_, value)) = values.iter().find(|(bound, _)| bound.strip_prefix(':') == Some(name)) else { return Ok(None) };
    Ok(match value.to_sql()? {
        ToSqlOutput::Borrowed(value) => Some(value.try_into().unwrap_or(Value::Null)),
        ToSqlOutput::Owned(value) => Some(value),
        _ => None,
    })
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Blob(_) => "(bytes)".to_owned(),
    };
    text.chars().take(SHOWN).collect()
}

/// The first paragraph that is only in one of two texts, on either side.
fn difference(before: &str, after: &str) -> FieldChange {
    let only = |one: &str, other: &str| {
        let there: std::collections::HashSet<&str> = other.split("\n\n").collect();
        let line = one.split("\n\n").find(|line| !there.contains(line)).unwrap_or_default();
        line.chars().take(SHOWN).collect::<String>()
    };
    FieldChange { field: "body".to_owned(), before: only(before, after), after: only(after, before) }
}
