//! Articles filed: a new text, a page that changed, or a text that is here already.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{ArticleId, Candidates, Change, Evidence, Filing, Origin, Relation, ScrapeCommit, StoryId, Timestamp, Verdict};

use super::article::{self, Place};
use super::columns::{At, after, clean, from_list, hash};
use super::raw::{self, Kept, RawWriter};
use super::scrape::{Claimed, is_taken_down};
use super::story::{self, Member, Why};
use super::{Error, Result, candidates, learning, next_seq, reconcile};

/// How often one text may stand among an article's revisions: a correction that was taken back is news once, a page that
/// shows now this and now that is not.
const SWINGS: i64 = 2;
/// From this revision on an article gets at most one a day: between two the newer text takes the place of the last one.
const MANY: i64 = 12;
/// The least time between two revisions of such an article.
const DAY: Duration = Duration::from_secs(24 * 3600);

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
        Some(of) => story::of(db, of)?.is_none(),
        None => false,
    };
    // The article judged against may have been taken down since: that verdict says nothing any more.
    let overtaken = gone || candidates::overtaken(db, own, filing.seen, judged)?;
    if overtaken && !filing.settle {
        return Ok(Filed::Overtaken(candidates::find_newer(db, own, filing.seen, HANDED_BACK)?));
    }
    let mut writing = Writing { db, raw, row, filing, commit, now: commit.scraped_at };
    let moved = match filing.verdict {
        Verdict::Copy { relation: Relation::Exact, .. } => own_article(db, row, own.text)?,
        Verdict::Original | Verdict::Revision { .. } | Verdict::Copy { .. } => None,
    };
    let article = match (&filing.verdict, moved) {
        (_, Some(of)) => writing.revise(of)?,
        (Verdict::Revision { of }, None) if !gone => writing.revise(*of)?,
        (Verdict::Copy { of, joins, relation, evidence }, None) if !gone => writing.copy(*of, joins, *relation, evidence)?,
        (Verdict::Original | Verdict::Revision { .. } | Verdict::Copy { .. }, None) => writing.original()?,
    };
    writing.own_keys(article)?;
    if overtaken {
        reconcile::queue(db, article)?;
    }
    Ok(Filed::Article(article))
}

/// The entry's own article, if it has this very text: the entry moved to another address.
fn own_article(db: &Connection, row: &Claimed, text: Option<[u8; 16]>) -> Result<Option<ArticleId>> {
    let own = db
        .prepare_cached("SELECT a.id FROM entry e JOIN article a ON a.id = e.article_id WHERE e.id = ?1 AND a.text_hash = ?2")?
        .query_row(params![row.entry, text], |row| row.get(0).map(ArticleId));
    Ok(own.optional()?)
}

/// The page of an article was withdrawn. Its text stays; a revision says since when the page is gone.
pub(super) fn retract(db: &Connection, row: &Claimed, now: Timestamp) -> Result<()> {
    let found = db
        .prepare_cached(
            "SELECT a.id, a.revision, a.title, coalesce(o.body, a.body) FROM entry e JOIN article a ON a.id = e.article_id
             LEFT JOIN article o ON o.id = a.body_of WHERE e.id = ?1 AND a.retracted_at IS NULL",
        )?
        .query_row([row.entry], |row| Ok((ArticleId(row.get(0)?), row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((of, last, title, body)): Option<(ArticleId, i64, Option<String>, String)> = found else { return Ok(()) };
    db.prepare_cached("UPDATE revision SET title = ?3, body = ?4 WHERE article_id = ?1 AND revision = ?2")?
        .execute(params![of.0, last, title, body])?;
    let seq = next_seq(db, 1)?;
    db.prepare_cached("INSERT INTO revision (article_id, revision, seq, seen_at, change) VALUES (?1, ?2, ?3, ?4, 'retracted')")?
        .execute(params![of.0, last + 1, seq, At::of(now)])?;
    db.prepare_cached("UPDATE article SET revision = ?2, retracted_at = ?3 WHERE id = ?1")?.execute(params![
        of.0,
        last + 1,
        At::of(now)
    ])?;
    article::touch(db, of, now)?;
    story::refresh(db, story::of(db, of)?, now)
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

impl Writing<'_> {
    /// A new text: an article, its story, its first revision.
    fn original(&mut self) -> Result<ArticleId> {
        let story = story::open(self.db, self.now)?;
        let article = self.insert(&Place { story, duplicate_of: None, relation: None, evidence: None, dropped: false })?;
        story::close(self.db, story, article, self.now)?;
        Ok(article)
    }

    /// A text that is here: an article of its own in the story of the other. The origin is the one the filing names; without
    /// a name it stays, unless this page, or that of a story joined, says that it is older.
    fn copy(&mut self, of: ArticleId, joins: &[StoryId], relation: Relation, evidence: &Evidence) -> Result<ArticleId> {
        let story = story::of(self.db, of)?.ok_or(Error::Refused("a copy of an article that is gone"))?;
        let mut origin = story::origin(self.db, story)?;
        for other in joins.iter().filter(|other| **other != story) {
            if let Some(joined) = story::join(self.db, *other, story, self.now)? {
                origin = origin.or_earlier(joined);
            }
        }
        let own = Member { article: None, published: self.filing.article.published };
        let first = match self.filing.origin {
            Some(Origin::Own) => own,
            Some(Origin::Filed(named)) if story::of(self.db, named)? == Some(story) => {
                Member { article: Some(named), published: None }
            }
            // The article named is gone, or none was: the story's rows decide.
            Some(Origin::Filed(_)) | None => origin.or_earlier(own),
        };
        let place = match first.article {
            // Of the one it was laid beside; crowning leads it to the origin.
            Some(_) => Place {
                story,
                duplicate_of: Some(of),
                relation: Some(relation),
                evidence: Some(evidence),
                dropped: self.filing.drop_body,
            },
            None => Place { story, duplicate_of: None, relation: None, evidence: None, dropped: false },
        };
        let article = self.insert(&place)?;
        let origin = first.article.unwrap_or(article);
        story::crown(self.db, story, origin, Why::Copy { one: article, other: of, relation, evidence }, self.now)?;
        story::close(self.db, story, origin, self.now)?;
        Ok(article)
    }

    /// A page that is filed: a revision when its text or headline changed; else only what was missing is filled in.
    fn revise(&mut self, of: ArticleId) -> Result<ArticleId> {
        type Old = (Option<[u8; 16]>, Option<String>, String, i64, bool, String);
        let (old_hash, old_title, old_body, revision, retracted, old_cut): Old = self
            .db
            .prepare_cached(
                "SELECT a.text_hash, a.title, coalesce(o.body, a.body), a.revision, a.retracted_at IS NOT NULL,
                     coalesce(a.cut, '[]')
                 FROM article a LEFT JOIN article o ON o.id = a.body_of WHERE a.id = ?1",
            )?
            .query_row([of.0], |row| Ok((hash(row.get(0)?), row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)))?;
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
        // What was learnt meanwhile to be boilerplate is no change of the page.
        let relearnt = !same_text && same_title && same_lines(&old_body, &from_list(&old_cut), &body, &article.cut);
        if relearnt && !retracted {
            self.amend(of, revision)?;
            self.moved(of)?;
            return Ok(of);
        }
        // A text that is back after it was withdrawn is news, whatever it says.
        let unchanged = same_text && same_title || self.swings(of, old_title.as_deref(), &body)?;
        if unchanged && !retracted {
            self.fill_in(of)?;
        } else {
            if !retracted && self.changes_all_the_time(of, revision)? {
                self.amend(of, revision)?;
            } else {
                self.new_revision(of, revision, old_title, old_body)?;
            }
            // Another text may be another story's, and is judged by all that is filed.
            reconcile::queue(self.db, of)?;
            reconcile::queue_copies(self.db, of)?;
        }
        self.moved(of)?;
        Ok(of)
    }

    /// Whether this text stood here before, so often that it is no change any more that it stands here again.
    fn swings(&self, of: ArticleId, old_title: Option<&str>, body: &str) -> Result<bool> {
        let title = self.filing.article.title.as_deref().map(clean);
        let times: i64 = self
            .db
            .prepare_cached(
                "SELECT count(*) FROM revision WHERE article_id = ?1 AND change <> 'retracted' AND body = ?2 AND title IS ?3",
            )?
            .query_row(params![of.0, clean(body), title.as_deref().or(old_title)], |row| row.get(0))?;
        Ok(times >= SWINGS)
    }

    /// Whether a page that has changed very often has changed within the day. What says that it is corrected is told always.
    fn changes_all_the_time(&self, of: ArticleId, revision: i64) -> Result<bool> {
        if revision < MANY || self.filing.change == Change::Corrected {
            return Ok(false);
        }
        let last: At = self
            .db
            .prepare_cached("SELECT seen_at FROM revision WHERE article_id = ?1 AND revision = ?2")?
            .query_row(params![of.0, revision], |row| row.get(0))?;
        Ok(last.0.is_some_and(|last| after(last, DAY) > self.now))
    }

    /// The text takes the place of the last one without a revision of its own.
    fn amend(&mut self, of: ArticleId, revision: i64) -> Result<()> {
        article::replace(self.db, of, revision, &self.filing.article, &self.filing.fingerprint, self.now)?;
        let seq = next_seq(self.db, 1)?;
        let former = raw::names(self.db, of, Some(revision))?;
        let (kept, more) = self.keep(of, revision)?;
        // A text is read again from the page that it is of.
        self.db
            .prepare_cached(
                "UPDATE revision SET seq = ?3, raw_month = ?4, raw_hash = ?5, raw_more = ?6 WHERE article_id = ?1 AND revision = ?2",
            )?
            .execute(params![
                of.0,
                revision,
                seq,
                kept.as_ref().map(|kept| kept.month.as_str()),
                kept.as_ref().map(|kept| kept.hash),
                more
            ])?;
        // Nothing would name the former page any more, so that a take-down could not find it.
        if let Some(raw) = &mut self.raw {
            let kept = raw::names(self.db, of, None)?;
            for (month, hash) in former.iter().filter(|name| !kept.contains(name)) {
                raw.remove(month, hash)?;
            }
        }
        story::refresh(self.db, story::of(self.db, of)?, self.now)
    }

    /// The page of an entry that is filed as this article has an address that is new to us: it is the article's from now on.
    fn moved(&self, of: ArticleId) -> Result<()> {
        let key = &self.filing.fingerprint.url_key;
        if self.row.article == Some(of)
            && !self.db.prepare_cached("SELECT 1 FROM article_key WHERE key = ?1 AND own = 1")?.exists([key])?
        {
            self.db.prepare_cached("UPDATE article SET url_key = ?2 WHERE id = ?1")?.execute(params![of.0, key])?;
        }
        Ok(())
    }

    /// The page was read again and says the same: fields it did not give before are kept, nothing else changes.
    fn fill_in(&mut self, of: ArticleId) -> Result<()> {
        if article::fill_in(self.db, of, &self.filing.article, self.now)? {
            article::touch(self.db, of, self.now)?;
            story::refresh(self.db, story::of(self.db, of)?, self.now)?;
        }
        Ok(())
    }

    /// The text that stood there moves into its revision, the new one takes its place.
    fn new_revision(&mut self, of: ArticleId, last: i64, old_title: Option<String>, old_body: String) -> Result<()> {
        self.db
            .prepare_cached("UPDATE revision SET title = ?3, body = ?4 WHERE article_id = ?1 AND revision = ?2")?
            .execute(params![of.0, last, old_title, old_body])?;
        article::replace(self.db, of, last + 1, &self.filing.article, &self.filing.fingerprint, self.now)?;
        self.insert_revision(of, last + 1, self.filing.change.as_str())?;
        story::refresh(self.db, story::of(self.db, of)?, self.now)
    }

    fn insert(&mut self, place: &Place<'_>) -> Result<ArticleId> {
        let id = article::insert(self.db, self.row.source, place, &self.filing.article, &self.filing.fingerprint, self.now)?;
        self.insert_revision(id, 1, "first")?;
        learning::count(self.db, self.row.source, (id, Some(place.story)), self.filing, self.now)?;
        Ok(id)
    }

    fn insert_revision(&mut self, of: ArticleId, revision: i64, change: &str) -> Result<()> {
        let (kept, more) = self.keep(of, revision)?;
        let seq = next_seq(self.db, 1)?;
        self.db
            .prepare_cached(
                "INSERT INTO revision (article_id, revision, seq, seen_at, change, raw_month, raw_hash, raw_more)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                of.0,
                revision,
                seq,
                At::of(self.now),
                change,
                kept.as_ref().map(|kept| kept.month.as_str()),
                kept.as_ref().map(|kept| kept.hash),
                more,
            ])?;
        Ok(())
    }

    /// Keeps the pages that the text was read from; where the first is, and the names of the others.
    fn keep(&mut self, of: ArticleId, revision: i64) -> Result<(Option<Kept>, Option<String>)> {
        let (Some(raw), Some(response)) = (&mut self.raw, &self.commit.raw) else { return Ok((None, None)) };
        let first = raw.keep(response, of, revision)?;
        let mut others = Vec::new();
        for response in &self.commit.raw_more {
            others.push(raw.keep(response, of, revision)?);
        }
        Ok((Some(first), raw::name_further(&others)))
    }

    /// The page's keys name this article from now on. The key of the page itself and that of the address asked for move
    /// here even from another article: the address is used anew. A canonical URL is a word of this page about another
    /// one: it is noted, and takes no name of a page that was read.
    fn own_keys(&self, article: ArticleId) -> Result<()> {
        let own = &self.filing.fingerprint;
        let mut take = self.db.prepare_cached(
            "INSERT INTO article_key (key, article_id, own) VALUES (?1, ?2, 1)
             ON CONFLICT (key) DO UPDATE SET article_id = ?2, own = 1 WHERE article_id <> ?2 OR own = 0",
        )?;
        let mut ask = self.db.prepare_cached(
            "INSERT INTO article_key (key, article_id, own) VALUES (?1, ?2, 0)
             ON CONFLICT (key) DO UPDATE SET article_id = ?2 WHERE article_id <> ?2 AND own = 0",
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

/// Whether two readings have the same lines, those that were cut included.
fn same_lines(old: &str, old_cut: &[String], new: &str, new_cut: &[String]) -> bool {
    if old_cut == new_cut {
        return false;
    }
    let lines = |body: &str, cut: &[String]| {
        let mut lines: Vec<String> =
            body.split("\n\n").chain(cut.iter().map(String::as_str)).map(|line| clean(line).into_owned()).collect();
        lines.sort_unstable();
        lines
    };
    lines(old, old_cut) == lines(new, new_cut)
}
