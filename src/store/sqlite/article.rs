//! An article's row: inserted, replaced by a newer text, or filled in where it was silent.

use std::borrow::Cow;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, ToSql, params};

use crate::model::{Article, ArticleId, Evidence, Fingerprint, Relation, StoryId, Timestamp};

use super::columns::{At, clean, list, offset, stamp};
use super::{Result, index, next_seq, search};

/// Where a new article stands among the others.
pub(super) struct Place<'a> {
    pub(super) story: StoryId,
    pub(super) duplicate_of: Option<ArticleId>,
    pub(super) relation: Option<Relation>,
    pub(super) evidence: Option<&'a Evidence>,
    /// Its body is not kept where an article of the story has the very text.
    pub(super) dropped: bool,
}

/// A new article.
pub(super) fn insert(
    db: &Connection,
    source: i64,
    place: &Place<'_>,
    article: &Article,
    fingerprint: &Fingerprint,
    now: Timestamp,
) -> Result<ArticleId> {
    let mut columns = Columns::of(article);
    columns.credit = columns.credit.or_else(|| fingerprint.credit.as_deref().map(clean));
    let body_of = if place.dropped { keeper(db, place.story, fingerprint)? } else { None };
    if body_of.is_some() {
        columns.body.clear();
    }
    let seq = next_seq(db, 1)?;
    let mut values = columns.values();
    let at = now;
    let (now, duplicate_of, relation) =
        (At::of(now), place.duplicate_of.map(|origin| origin.0), place.relation.map(Relation::as_str));
    let evidence = place.evidence.map(serde_json::to_string).transpose()?;
    values.extend_from_slice(&[
        (":seq", &seq),
        (":now", &now),
        (":source", &source),
        (":story", &place.story.0),
        (":duplicate_of", &duplicate_of),
        (":relation", &relation),
        (":evidence", &evidence),
        (":url_key", &fingerprint.url_key),
        (":text_hash", &fingerprint.text),
        (":words", &fingerprint.words),
        (":body_of", &body_of),
    ]);
    let mut statement = db.prepare_cached(
        "INSERT INTO article (seq, changed_at, source_id, story_id, duplicate_of, relation, evidence, url_key, text_hash,
                     revision, extractor_version, words, body_of, unspaced, stored_at, fetched_at, published_at, published_offset,
                     published_precision, zone_source, modified_at, url, canonical_url, dateline_place, dateline_date,
                     dateline_agency, section, image, language, credit, authors, tags, notes, captions, free,
                     live, marker, cut, provenance, reservations, title, summary, body)
                 VALUES (:seq, :now, :source, :story, :duplicate_of, :relation, :evidence, :url_key, :text_hash,
                     1, :extractor_version, :words, :body_of, :unspaced, :now, :now, :published_at, :published_offset,
                     :published_precision, :zone_source, :modified_at, :url, :canonical_url, :dateline_place, :dateline_date,
                     :dateline_agency, :section, :image, :language, :credit, :authors, :tags, :notes, :captions, :free,
                     :live, :marker, :cut, :provenance, :reservations, :title, :summary, :body)",
    )?;
    let id = ArticleId(statement.insert(values.as_slice())?);
    index::put(db, id, seq, &fingerprint.samples, at)?;
    Ok(id)
}

/// The article of a story whose body can stand for that of a copy: it has the very text, and keeps it.
fn keeper(db: &Connection, story: StoryId, copy: &Fingerprint) -> Result<Option<i64>> {
    let Some(text) = copy.text else { return Ok(None) };
    Ok(db
        .prepare_cached("SELECT id FROM article WHERE text_hash = ?1 AND +story_id = ?2 AND body_of IS NULL ORDER BY id LIMIT 1")?
        .query_row(params![text, story.0], |row| row.get(0))
        .optional()?)
}

/// The copies for whose bodies this article's stands get theirs back, before it goes or another text takes its place: what
/// stands there until then is theirs to the letter.
pub(super) fn hand_back(db: &Connection, article: ArticleId, now: Timestamp) -> Result<()> {
    let mut copies = db.prepare_cached("SELECT id FROM article WHERE body_of = ?1 ORDER BY id")?;
    let copies: Vec<i64> = copies.query_map([article.0], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for copy in copies {
        stand_alone(db, ArticleId(copy))?;
        touch(db, ArticleId(copy), now)?;
    }
    Ok(())
}

/// An article whose body was not kept has one of its own again: the very text, from where it stands.
pub(super) fn stand_alone(db: &Connection, article: ArticleId) -> Result<()> {
    db.prepare_cached(
        "UPDATE article SET body_of = NULL, body = (SELECT o.body FROM article o WHERE o.id = article.body_of)
         WHERE id = ?1 AND body_of IS NOT NULL",
    )?
    .execute([article.0])?;
    Ok(())
}

/// A newer text of the same page. What the page no longer says stays as it was.
pub(super) fn replace(
    db: &Connection,
    id: ArticleId,
    revision: i64,
    article: &Article,
    fingerprint: &Fingerprint,
    now: Timestamp,
) -> Result<()> {
    hand_back(db, id, now)?;
    let mut columns = Columns::of(article);
    columns.credit = columns.credit.or_else(|| fingerprint.credit.as_deref().map(clean));
    let seq = next_seq(db, 1)?;
    index::put(db, id, seq, &fingerprint.samples, now)?;
    let now = At::of(now);
    let mut values = columns.values();
    values.extend_from_slice(&[
        (":id", &id.0),
        (":seq", &seq),
        (":now", &now),
        (":revision", &revision),
        (":text_hash", &fingerprint.text),
        (":words", &fingerprint.words),
    ]);
    db.prepare_cached(
        "UPDATE article SET seq = :seq, changed_at = :now, revision = :revision, text_hash = :text_hash, retracted_at = NULL,
                     extractor_version = :extractor_version, words = :words, body_of = NULL, fetched_at = max(fetched_at, :now),
                     unspaced = :unspaced, url = :url,
                     canonical_url = coalesce(:canonical_url, canonical_url), title = coalesce(:title, title),
                     summary = coalesce(:summary, summary), body = :body,
                     authors = CASE WHEN :authors = '[]' THEN authors ELSE :authors END,
                     published_offset = CASE WHEN :published_at IS NULL THEN published_offset ELSE :published_offset END,
                     published_precision = coalesce(:published_precision, published_precision),
                     zone_source = coalesce(:zone_source, zone_source), published_at = coalesce(:published_at, published_at),
                     modified_at = coalesce(:modified_at, modified_at), dateline_place = coalesce(:dateline_place, dateline_place),
                     dateline_date = coalesce(:dateline_date, dateline_date),
                     dateline_agency = coalesce(:dateline_agency, dateline_agency), section = coalesce(:section, section),
                     tags = CASE WHEN :tags = '[]' THEN tags ELSE :tags END, image = coalesce(:image, image),
                     language = coalesce(:language, language), credit = coalesce(:credit, credit), notes = :notes,
                     captions = coalesce(:captions, captions), free = coalesce(:free, free), live = :live, marker = :marker,
                     cut = :cut, provenance = :provenance, reservations = :reservations
                 WHERE id = :id",
    )?
    .execute(values.as_slice())?;
    Ok(())
}

/// The same text, read again: fields the page did not give before. Whether there were any.
pub(super) fn fill_in(db: &Connection, id: ArticleId, article: &Article, now: Timestamp) -> Result<bool> {
    db.prepare_cached("UPDATE article SET fetched_at = max(fetched_at, ?2) WHERE id = ?1")?.execute(params![id.0, At::of(now)])?;
    let columns = Columns::of(article);
    let mut values = columns.given();
    values.push((":id", &id.0));
    let filled = db
        .prepare_cached(
            "UPDATE article SET canonical_url = coalesce(canonical_url, :canonical_url),
                     summary = coalesce(summary, :summary), published_offset = CASE WHEN published_at IS NULL
                         THEN :published_offset ELSE published_offset END,
                     published_precision = coalesce(published_precision, :published_precision),
                     zone_source = coalesce(zone_source, :zone_source), published_at = coalesce(published_at, :published_at),
                     modified_at = coalesce(modified_at, :modified_at), dateline_place = coalesce(dateline_place, :dateline_place),
                     dateline_date = coalesce(dateline_date, :dateline_date),
                     dateline_agency = coalesce(dateline_agency, :dateline_agency), section = coalesce(section, :section),
                     image = coalesce(image, :image), language = coalesce(language, :language),
                     credit = coalesce(credit, :credit), authors = CASE WHEN authors = '[]' THEN :authors ELSE authors END,
                     tags = CASE WHEN tags = '[]' THEN :tags ELSE tags END
                 WHERE id = :id AND (
                     (canonical_url IS NULL AND :canonical_url IS NOT NULL) OR (summary IS NULL AND :summary IS NOT NULL)
                     OR (published_at IS NULL AND :published_at IS NOT NULL) OR (modified_at IS NULL AND :modified_at IS NOT NULL)
                     OR (dateline_place IS NULL AND :dateline_place IS NOT NULL) OR (section IS NULL AND :section IS NOT NULL)
                     OR (image IS NULL AND :image IS NOT NULL) OR (language IS NULL AND :language IS NOT NULL)
                     OR (credit IS NULL AND :credit IS NOT NULL) OR (authors = '[]' AND :authors <> '[]')
                     OR (tags = '[]' AND :tags <> '[]'))",
        )?
        .execute(values.as_slice())?;
    // The headline stands in the search index, so it is only written when it is new.
    let titled = match &columns.title {
        Some(title) => {
            db.prepare_cached("UPDATE article SET title = ?2 WHERE id = ?1 AND title IS NULL")?.execute(params![id.0, title])?
        }
        None => 0,
    };
    Ok(filled + titled > 0)
}

/// An article that all articles first filed at or after this instant come after: numbers are given in the order of filing,
/// so their rows are halved instead of read. A clock that was put back by less than a day makes no difference.
pub(super) fn last_before(db: &Connection, since: Timestamp) -> Result<ArticleId> {
    let since = At::of(since.checked_sub(Duration::from_secs(24 * 3600)).unwrap_or(Timestamp::MIN));
    let last: Option<i64> = db.prepare_cached("SELECT max(id) FROM article")?.query_row([], |row| row.get(0))?;
    let mut from = db.prepare_cached("SELECT stored_at >= ?2 FROM article WHERE id > ?1 ORDER BY id LIMIT 1")?;
    let (mut before, mut high) = (0, last.unwrap_or(0));
    while before < high {
        let middle = before + (high - before) / 2;
        // The first row behind the middle is new enough, or there is none: the place is here or before.
        if from.query_row(params![middle, since], |row| row.get(0)).optional()?.unwrap_or(true) {
            high = middle;
        } else {
            before = middle + 1;
        }
    }
    Ok(ArticleId(before))
}

/// Raises an article's number: it changed.
pub(super) fn touch(db: &Connection, article: ArticleId, now: Timestamp) -> Result<()> {
    let seq = next_seq(db, 1)?;
    db.prepare_cached("UPDATE article SET seq = ?2, changed_at = ?3 WHERE id = ?1")?.execute(params![
        article.0,
        seq,
        At::of(now)
    ])?;
    Ok(())
}

/// An article's fields as they stand in columns.
pub(super) struct Columns<'a> {
    url: &'a str,
    extractor_version: u32,
    pub(super) unspaced: bool,
    pub(super) body: String,
    canonical_url: Option<&'a str>,
    pub(super) title: Option<Cow<'a, str>>,
    summary: Option<Cow<'a, str>>,
    authors: String,
    published_at: Option<String>,
    published_offset: Option<String>,
    published_precision: Option<&'static str>,
    zone_source: Option<&'static str>,
    modified_at: Option<String>,
    dateline_place: Option<Cow<'a, str>>,
    dateline_date: Option<&'a str>,
    dateline_agency: Option<&'a str>,
    section: Option<Cow<'a, str>>,
    tags: String,
    image: Option<&'a str>,
    language: Option<&'a str>,
    credit: Option<Cow<'a, str>>,
    notes: Option<String>,
    captions: Option<String>,
    free: Option<bool>,
    live: bool,
    marker: Option<Cow<'a, str>>,
    cut: Option<String>,
    provenance: Option<String>,
    reservations: Option<String>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(article: &'a Article) -> Columns<'a> {
        let published = article.published;
        let dateline = article.dateline.as_ref();
        let body = clean(&article.text()).into_owned();
        Columns {
            url: article.url.as_str(),
            extractor_version: article.extractor_version,
            unspaced: article.title.as_deref().is_some_and(search::has_unspaced) || search::has_unspaced(&body),
            body,
            canonical_url: article.canonical.as_ref().map(|url| url.as_str()),
            title: article.title.as_deref().map(clean),
            summary: article.summary.as_deref().map(clean),
            authors: list(&article.authors),
            published_at: published.map(|time| stamp(time.at)),
            published_offset: published.and_then(|time| time.offset_minutes).map(offset),
            published_precision: published.map(|time| time.precision.as_str()),
            zone_source: published.map(|time| time.zone_source.as_str()),
            modified_at: article.modified.map(|time| stamp(time.at)),
            dateline_place: dateline.map(|line| clean(&line.place)),
            dateline_date: dateline.and_then(|line| line.date.as_deref()),
            dateline_agency: dateline.and_then(|line| line.agency.as_deref()),
            section: article.section.as_deref().map(clean),
            tags: list(&article.tags),
            image: article.image.as_ref().map(|url| url.as_str()),
            language: article.language.as_deref(),
            credit: article.credit.as_deref().map(clean),
            notes: some_json(&article.notes),
            captions: some_list(&article.captions),
            free: article.free,
            live: article.live,
            marker: article.marker.as_deref().map(clean),
            cut: some_list(&article.cut),
            provenance: some_json(&article.provenance),
            reservations: some_list(&article.reservations),
        }
    }

    /// What a page may give now and may not have given before.
    fn given(&self) -> Vec<(&'static str, &dyn ToSql)> {
        vec![
            (":canonical_url", &self.canonical_url),
            (":summary", &self.summary),
            (":authors", &self.authors),
            (":published_at", &self.published_at),
            (":published_offset", &self.published_offset),
            (":published_precision", &self.published_precision),
            (":zone_source", &self.zone_source),
            (":modified_at", &self.modified_at),
            (":dateline_place", &self.dateline_place),
            (":dateline_date", &self.dateline_date),
            (":dateline_agency", &self.dateline_agency),
            (":section", &self.section),
            (":tags", &self.tags),
            (":image", &self.image),
            (":language", &self.language),
            (":credit", &self.credit),
        ]
    }

    /// All of it.
    pub(super) fn values(&self) -> Vec<(&'static str, &dyn ToSql)> {
        let mut values = self.given();
        values.extend_from_slice(&[
            (":url", &self.url),
            (":extractor_version", &self.extractor_version),
            (":unspaced", &self.unspaced),
            (":title", &self.title),
            (":body", &self.body),
            (":notes", &self.notes),
            (":captions", &self.captions),
            (":free", &self.free),
            (":live", &self.live),
            (":marker", &self.marker),
            (":cut", &self.cut),
            (":provenance", &self.provenance),
            (":reservations", &self.reservations),
        ]);
        values
    }
}

/// A list as JSON; nothing where it is empty, which most are.
fn some_json<T: serde::Serialize>(list: &[T]) -> Option<String> {
    // Vectors of plain text always become JSON.
    (!list.is_empty()).then(|| serde_json::to_string(list).unwrap_or_default())
}

/// The same of texts.
fn some_list(texts: &[String]) -> Option<String> {
    (!texts.is_empty()).then(|| list(texts))
}
