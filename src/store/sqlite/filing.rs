//! Articles filed: a new text, a page that changed, or a text that is here already.

use rusqlite::{Connection, OptionalExtension, named_params, params};

use crate::model::{Article, ArticleId, Candidates, Evidence, Filing, Relation, ScrapeCommit, StoryId, Timestamp, Verdict};

use super::columns::{At, clean, hash, list, offset, stamp};
use super::raw::{Kept, RawWriter};
use super::scrape::{Claimed, is_taken_down};
use super::story::{self, Member};
use super::{Error, Result, candidates, next_seq, search};

/// How many candidates are handed back when a verdict was overtaken.
const HANDED_BACK: usize = 32;

/// What came of an article to be filed.
pub(super) enum Filed {
    /// It is this article.
    Article(ArticleId),
    /// The page, or this text of this source, was taken down.
    TakenDown,
    /// Articles it was not judged against have come; nothing is written.
    Overtaken(Candidates),
}

/// Files an article as its verdict says, unless the verdict is too old.
pub(super) fn file(
    db: &Connection,
    raw: Option<&mut RawWriter>,
    row: &Claimed,
    filing: &Filing,
    commit: &ScrapeCommit,
) -> Result<Filed> {
    let own = &filing.fingerprint;
    let keys = std::iter::once(&own.url_key).chain(&own.also).chain(&row.url_key).map(String::as_str);
    if is_taken_down(db, row.source, keys, own.text)? {
        return Ok(Filed::TakenDown);
    }
    let judged = match filing.verdict {
        Verdict::Original => None,
        Verdict::Revision { of } | Verdict::Copy { of, .. } => Some(of),
    };
    let gone = match judged {
        Some(of) => story_of(db, of)?.is_none(),
        None => false,
    };
    // The article judged against may have been taken down since: that verdict says nothing any more.
    if (gone || candidates::overtaken(db, own, filing.seen, judged)?) && !filing.settle {
        return Ok(Filed::Overtaken(candidates::find(db, own, HANDED_BACK)?));
    }
    let mut writing = Writing { db, raw, row, filing, commit, now: commit.scraped_at };
    let article = match &filing.verdict {
        Verdict::Revision { of } if !gone => writing.revise(*of)?,
        Verdict::Copy { of, joins, relation, evidence } if !gone => writing.copy(*of, joins, *relation, evidence)?,
        Verdict::Original | Verdict::Revision { .. } | Verdict::Copy { .. } => writing.original()?,
    };
    writing.own_keys(article)?;
    Ok(Filed::Article(article))
}

fn story_of(db: &Connection, article: ArticleId) -> Result<Option<StoryId>> {
    Ok(db
        .prepare_cached("SELECT story_id FROM article WHERE id = ?1")?
        .query_row([article.0], |row| row.get(0).map(StoryId))
        .optional()?)
}

/// One filing under way.
struct Writing<'a> {
    db: &'a Connection,
    raw: Option<&'a mut RawWriter>,
    row: &'a Claimed,
    filing: &'a Filing,
    commit: &'a ScrapeCommit,
    now: Timestamp,
}

/// Where a new article stands among the others.
struct Place<'a> {
    story: StoryId,
    duplicate_of: Option<ArticleId>,
    relation: Option<Relation>,
    evidence: Option<&'a Evidence>,
}

impl Writing<'_> {
    /// A new text: an article, its story, its first revision.
    fn original(&mut self) -> Result<ArticleId> {
        let story = story::open(self.db, self.now)?;
        let article = self.insert(&Place { story, duplicate_of: None, relation: None, evidence: None })?;
        story::close(self.db, story, article, self.now)?;
        Ok(article)
    }

    /// A text that is here: an article of its own in the story of the other. The origin stays, unless this page, or that of
    /// a story joined, says that it is older.
    fn copy(&mut self, of: ArticleId, joins: &[StoryId], relation: Relation, evidence: &Evidence) -> Result<ArticleId> {
        let story = story_of(self.db, of)?.ok_or(Error::Refused("a copy of an article that is gone"))?;
        let mut origin = story::origin(self.db, story)?;
        for other in joins.iter().filter(|other| **other != story) {
            if let Some(joined) = story::join(self.db, *other, story, self.now)? {
                origin = origin.or_earlier(joined);
            }
        }
        let own = Member { article: None, published: self.filing.article.published };
        let first = origin.or_earlier(own);
        let place = match first.article {
            Some(origin) => Place { story, duplicate_of: Some(origin), relation: Some(relation), evidence: Some(evidence) },
            None => Place { story, duplicate_of: None, relation: None, evidence: None },
        };
        let article = self.insert(&place)?;
        let origin = first.article.unwrap_or(article);
        story::crown(self.db, story, origin, Some((story::reversed(relation), evidence)), self.now)?;
        story::close(self.db, story, origin, self.now)?;
        Ok(article)
    }

    /// A page that is filed: a revision when its text or headline changed; else only what was missing is filled in.
    fn revise(&mut self, of: ArticleId) -> Result<ArticleId> {
        let old = self
            .db
            .prepare_cached("SELECT text_hash, title, body, revision FROM article WHERE id = ?1")?
            .query_row([of.0], |row| {
                Ok((hash(row.get(0)?), row.get::<_, Option<String>>(1)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?))
            })?;
        let (old_hash, old_title, old_body, revision) = old;
        let article = &self.filing.article;
        let body = article.text();
        let same_text = match (old_hash, self.filing.fingerprint.text) {
            (Some(old), Some(new)) => old == new,
            _ => old_body == clean(&body),
        };
        let same_title = match (&old_title, &article.title) {
            (Some(old), Some(new)) => *old == clean(new),
            // A headline that is missing now is no change, one that was missing is filled in.
            _ => true,
        };
        if same_text && same_title {
            self.fill_in(of)?;
        } else {
            self.new_revision(of, revision, old_title, old_body, &body)?;
        }
        Ok(of)
    }

    /// The page was read again and says the same: fields it did not give before are kept, nothing else changes.
    fn fill_in(&mut self, of: ArticleId) -> Result<()> {
        self.db
            .prepare_cached("UPDATE article SET fetched_at = max(fetched_at, ?2) WHERE id = ?1")?
            .execute(params![of.0, At::of(self.now)])?;
        let columns = Columns::of(&self.filing.article);
        let filled = self
            .db
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
            .execute(named_params! {
                ":id": of.0,
                ":canonical_url": columns.canonical_url,
                ":summary": columns.summary,
                ":published_at": columns.published_at,
                ":published_offset": columns.published_offset,
                ":published_precision": columns.published_precision,
                ":zone_source": columns.zone_source,
                ":modified_at": columns.modified_at,
                ":dateline_place": columns.dateline_place,
                ":dateline_date": columns.dateline_date,
                ":dateline_agency": columns.dateline_agency,
                ":section": columns.section,
                ":image": columns.image,
                ":language": columns.language,
                ":credit": columns.credit,
                ":authors": columns.authors,
                ":tags": columns.tags,
            })?;
        // The headline stands in the search index, so it is only written when it is new.
        let titled = match &self.filing.article.title {
            Some(title) => self
                .db
                .prepare_cached("UPDATE article SET title = ?2 WHERE id = ?1 AND title IS NULL")?
                .execute(params![of.0, clean(title)])?,
            None => 0,
        };
        if filled + titled == 0 {
            return Ok(());
        }
        touch(self.db, of, self.now)?;
        story::refresh(self.db, story_of(self.db, of)?, self.now)
    }

    /// The text that stood there moves into its revision, the new one takes its place.
    fn new_revision(&mut self, of: ArticleId, last: i64, old_title: Option<String>, old_body: String, body: &str) -> Result<()> {
        self.db
            .prepare_cached("UPDATE revision SET title = ?3, body = ?4 WHERE article_id = ?1 AND revision = ?2")?
            .execute(params![of.0, last, old_title, old_body])?;
        let article = &self.filing.article;
        let columns = Columns::of(article);
        let seq = next_seq(self.db, 1)?;
        self.db
            .prepare_cached(
                "UPDATE article SET seq = :seq, changed_at = :now, revision = :revision, text_hash = :text_hash,
                     extractor_version = :extractor_version, words = :words, fetched_at = max(fetched_at, :now),
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
                     language = coalesce(:language, language), credit = coalesce(:credit, credit), notes = :notes
                 WHERE id = :id",
            )?
            .execute(named_params! {
                ":id": of.0,
                ":seq": seq,
                ":now": At::of(self.now),
                ":revision": last + 1,
                ":text_hash": self.filing.fingerprint.text,
                ":extractor_version": article.extractor_version,
                ":words": self.filing.fingerprint.words,
                ":unspaced": is_unspaced(article, body),
                ":url": article.url.as_str(),
                ":canonical_url": columns.canonical_url,
                ":title": columns.title,
                ":summary": columns.summary,
                ":body": clean(body),
                ":authors": columns.authors,
                ":published_at": columns.published_at,
                ":published_offset": columns.published_offset,
                ":published_precision": columns.published_precision,
                ":zone_source": columns.zone_source,
                ":modified_at": columns.modified_at,
                ":dateline_place": columns.dateline_place,
                ":dateline_date": columns.dateline_date,
                ":dateline_agency": columns.dateline_agency,
                ":section": columns.section,
                ":tags": columns.tags,
                ":image": columns.image,
                ":language": columns.language,
                ":credit": columns.credit,
                ":notes": columns.notes,
            })?;
        self.insert_revision(of, last + 1, "updated")?;
        story::refresh(self.db, story_of(self.db, of)?, self.now)
    }

    fn insert(&mut self, place: &Place<'_>) -> Result<ArticleId> {
        let article = &self.filing.article;
        let body = article.text();
        let columns = Columns::of(article);
        let unspaced = is_unspaced(article, &body);
        let seq = next_seq(self.db, 1)?;
        let id = self
            .db
            .prepare_cached(
                "INSERT INTO article (seq, changed_at, source_id, story_id, duplicate_of, relation, evidence, url_key, text_hash,
                     revision, extractor_version, words, unspaced, stored_at, fetched_at, published_at, published_offset,
                     published_precision, zone_source, modified_at, url, canonical_url, dateline_place, dateline_date,
                     dateline_agency, section, image, language, credit, authors, tags, notes, title, summary, body)
                 VALUES (:seq, :now, :source, :story, :duplicate_of, :relation, :evidence, :url_key, :text_hash,
                     1, :extractor_version, :words, :unspaced, :now, :now, :published_at, :published_offset,
                     :published_precision, :zone_source, :modified_at, :url, :canonical_url, :dateline_place, :dateline_date,
                     :dateline_agency, :section, :image, :language, :credit, :authors, :tags, :notes, :title, :summary, :body)",
            )?
            .insert(named_params! {
                ":seq": seq,
                ":now": At::of(self.now),
                ":source": self.row.source,
                ":story": place.story.0,
                ":duplicate_of": place.duplicate_of.map(|origin| origin.0),
                ":relation": place.relation.map(Relation::as_str),
                ":evidence": place.evidence.map(serde_json::to_string).transpose()?,
                ":url_key": self.filing.fingerprint.url_key,
                ":text_hash": self.filing.fingerprint.text,
                ":extractor_version": article.extractor_version,
                ":words": self.filing.fingerprint.words,
                ":unspaced": unspaced,
                ":published_at": columns.published_at,
                ":published_offset": columns.published_offset,
                ":published_precision": columns.published_precision,
                ":zone_source": columns.zone_source,
                ":modified_at": columns.modified_at,
                ":url": article.url.as_str(),
                ":canonical_url": columns.canonical_url,
                ":dateline_place": columns.dateline_place,
                ":dateline_date": columns.dateline_date,
                ":dateline_agency": columns.dateline_agency,
                ":section": columns.section,
                ":image": columns.image,
                ":language": columns.language,
                ":credit": columns.credit,
                ":authors": columns.authors,
                ":tags": columns.tags,
                ":notes": columns.notes,
                ":title": columns.title,
                ":summary": columns.summary,
                ":body": clean(&body),
            })?;
        let id = ArticleId(id);
        self.insert_revision(id, 1, "first")?;
        Ok(id)
    }

    fn insert_revision(&mut self, of: ArticleId, revision: i64, change: &str) -> Result<()> {
        let kept: Option<Kept> = match (&mut self.raw, &self.commit.raw) {
            (Some(raw), Some(response)) => Some(raw.keep(response, of, revision)?),
            _ => None,
        };
        let seq = next_seq(self.db, 1)?;
        self.db
            .prepare_cached(
                "INSERT INTO revision (article_id, revision, seq, seen_at, change, raw_month, raw_hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                of.0,
                revision,
                seq,
                At::of(self.now),
                change,
                kept.as_ref().map(|kept| kept.month.as_str()),
                kept.as_ref().map(|kept| kept.hash),
            ])?;
        Ok(())
    }

    /// The page's keys name this article from now on. The key of the page itself and that of the address asked for move
    /// here even from another article: the address is used anew. A further key does not take another page's own name.
    fn own_keys(&self, article: ArticleId) -> Result<()> {
        let own = &self.filing.fingerprint;
        let mut take = self.db.prepare_cached(
            "INSERT INTO article_key (key, article_id) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET article_id = ?2
             WHERE article_id <> ?2",
        )?;
        let mut ask = self.db.prepare_cached(
            "INSERT INTO article_key (key, article_id) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET article_id = ?2
             WHERE article_id <> ?2 AND (SELECT url_key FROM article WHERE id = article_id) <> ?1",
        )?;
        take.execute(params![own.url_key, article.0])?;
        for key in own.also.iter().filter(|key| **key != own.url_key) {
            let asked_for = self.row.url_key.as_ref() == Some(key);
            let statement = if asked_for { &mut take } else { &mut ask };
            statement.execute(params![key, article.0])?;
        }
        Ok(())
    }
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

fn is_unspaced(article: &Article, body: &str) -> bool {
    article.title.as_deref().is_some_and(search::has_unspaced) || search::has_unspaced(body)
}

/// An article's fields as they stand in columns.
struct Columns<'a> {
    canonical_url: Option<&'a str>,
    title: Option<std::borrow::Cow<'a, str>>,
    summary: Option<std::borrow::Cow<'a, str>>,
    authors: String,
    published_at: Option<String>,
    published_offset: Option<String>,
    published_precision: Option<&'static str>,
    zone_source: Option<&'static str>,
    modified_at: Option<String>,
    dateline_place: Option<&'a str>,
    dateline_date: Option<&'a str>,
    dateline_agency: Option<&'a str>,
    section: Option<&'a str>,
    tags: String,
    image: Option<&'a str>,
    language: Option<&'a str>,
    credit: Option<&'a str>,
    notes: Option<String>,
}

impl<'a> Columns<'a> {
    fn of(article: &'a Article) -> Columns<'a> {
        let published = article.published;
        let dateline = article.dateline.as_ref();
        Columns {
            canonical_url: article.canonical.as_ref().map(|url| url.as_str()),
            title: article.title.as_deref().map(clean),
            summary: article.summary.as_deref().map(clean),
            authors: list(&article.authors),
            published_at: published.map(|time| stamp(time.at)),
            published_offset: published.and_then(|time| time.offset_minutes).map(offset),
            published_precision: published.map(|time| time.precision.as_str()),
            zone_source: published.map(|time| time.zone_source.as_str()),
            modified_at: article.modified.map(|time| stamp(time.at)),
            dateline_place: dateline.map(|line| line.place.as_str()),
            dateline_date: dateline.and_then(|line| line.date.as_deref()),
            dateline_agency: dateline.and_then(|line| line.agency.as_deref()),
            section: article.section.as_deref(),
            tags: list(&article.tags),
            image: article.image.as_ref().map(|url| url.as_str()),
            language: article.language.as_deref(),
            credit: article.credit.as_deref(),
            // Vectors of plain text always become JSON.
            notes: (!article.notes.is_empty()).then(|| serde_json::to_string(&article.notes).unwrap_or_default()),
        }
    }
}
