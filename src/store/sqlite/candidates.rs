//! Filed articles that may be the same page or the same text as a new one.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{ArticleId, Candidate, Candidates, ChangeNumber, Fingerprint, SourceId, StoryId};

use super::columns::{At, hash};
use super::index::{self, Index};
use super::{Result, last_seq, ruling};

/// The article that a page's key names.
pub(super) fn owner(db: &Connection, key: &str) -> Result<Option<ArticleId>> {
    Ok(db
        .prepare_cached("SELECT article_id FROM article_key WHERE key = ?1")?
        .query_row([key], |row| row.get(0).map(ArticleId))
        .optional()?)
}

/// The article of a page, if the page was fetched at or after this instant. That another page names it as its canonical
/// URL is no fetch of it.
pub(super) fn fetched_since(db: &Connection, key: &str, since: &str) -> Result<Option<i64>> {
    Ok(db
        .prepare_cached(
            "SELECT a.id FROM article_key k JOIN article a ON a.id = k.article_id
             WHERE k.key = ?1 AND k.own = 1 AND a.fetched_at >= ?2",
        )?
        .query_row(params![key, since], |row| row.get(0))
        .optional()?)
}

/// Articles that share a key of the page or the text, the one a canonical on another site names, and those that share
/// most of the sampled shingles; in this order of worth, at most `limit`.
/// Those `known` to the asker come besides.
pub(super) fn find(db: &Connection, index: &Index, own: &Fingerprint, known: &[ArticleId], limit: usize) -> Result<Candidates> {
    let text = Equal::of(db, own.text)?;
    let mut ids = ids(db, own, &text, limit)?;
    for id in text.sift(db, index.find(db, &own.samples, NEAR.min(limit))?)? {
        if ids.len() < limit && !ids.contains(&id) {
            ids.push(id);
        }
    }
    for article in known {
        if !ids.contains(&article.0) {
            ids.push(article.0);
        }
    }
    all(db, ids)
}

/// Of these, what came after a verdict: for a commit that was overtaken.
pub(super) fn find_newer(db: &Connection, own: &Fingerprint, seen: ChangeNumber, limit: usize) -> Result<Candidates> {
    let text = Equal::of(db, own.text)?;
    let mut newer = ids(db, own, &text, limit)?;
    newer.extend(text.sift(db, index::newer(db, &own.samples, seen)?)?.into_iter().take(limit));
    newer.sort_unstable();
    newer.dedup();
    all(db, newer)
}

fn all(db: &Connection, ids: Vec<i64>) -> Result<Candidates> {
    let seen = ChangeNumber(last_seq(db)?);
    let found: Vec<Candidate> = ids.into_iter().map(|id| read(db, id)).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    let stories: Vec<StoryId> = found.iter().map(|candidate| candidate.story).collect();
    let apart = ruling::apart(db, &stories)?;
    let mut name = db.prepare_cached("SELECT name FROM source WHERE id = ?1")?;
    let mut desks: Vec<(SourceId, String)> = Vec::new();
    for candidate in &found {
        if !desks.iter().any(|(source, _)| *source == candidate.source) {
            desks.push((candidate.source, name.query_row([candidate.source.0], |row| row.get(0))?));
        }
    }
    Ok(Candidates { found, seen, apart, desks })
}

/// Near-copies that are compared word by word.
const NEAR: usize = 8;

/// Whether an article that changed after `seen` may be the same page or text, `judged` apart.
pub(super) fn overtaken(db: &Connection, own: &Fingerprint, seen: ChangeNumber, judged: Option<ArticleId>) -> Result<bool> {
    if last_seq(db)? <= seen.0 {
        return Ok(false);
    }
    let mut newer = db.prepare_cached("SELECT 1 FROM article WHERE id = ?1 AND seq > ?2")?;
    let text = Equal::of(db, own.text)?;
    for id in ids(db, own, &text, NEWER)? {
        if Some(ArticleId(id)) != judged && newer.exists(params![id, seen.0])? {
            return Ok(true);
        }
    }
    Ok(text.sift(db, index::newer(db, &own.samples, seen)?)?.into_iter().any(|id| Some(ArticleId(id)) != judged))
}

/// How many candidates are looked at for newer ones: the newest come first.
const NEWER: usize = 256;

/// Different headlines over one text from which on the text says nothing: a cookie notice, a wall before the page.
const MOST_HEADLINES: usize = 16;

/// The articles that carry one text to the letter.
#[derive(Debug, Default)]
struct Equal {
    text: Option<[u8; 16]>,
    /// With the origins they are copies of, the newest first.
    articles: Vec<(i64, i64)>,
    /// Too many stand under headlines of their own: having this text in common means nothing.
    says_nothing: bool,
}

impl Equal {
    fn of(db: &Connection, text: Option<[u8; 16]>) -> Result<Equal> {
        if text.is_none() {
            return Ok(Equal::default());
        }
        let mut statement = db.prepare_cached(
            "SELECT id, coalesce(duplicate_of, id), title FROM article WHERE text_hash = ?1 ORDER BY id DESC LIMIT ?2",
        )?;
        let mut rows = statement.query(params![text, NEWER as i64])?;
        let (mut articles, mut headlines) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            articles.push((row.get(0)?, row.get(1)?));
            let headline: Option<String> = row.get(2)?;
            if !headlines.contains(&headline) && headlines.len() <= MOST_HEADLINES {
                headlines.push(headline);
            }
        }
        let says_nothing = headlines.len() > MOST_HEADLINES;
        if says_nothing {
            articles.clear();
        }
        Ok(Equal { text, articles, says_nothing })
    }

    /// Without the articles that have nothing but this text in common, where it says nothing.
    fn sift(&self, db: &Connection, mut ids: Vec<i64>) -> Result<Vec<i64>> {
        if self.says_nothing {
            let mut carries = db.prepare_cached("SELECT 1 FROM article WHERE id = ?1 AND text_hash = ?2")?;
            for place in (0..ids.len()).rev() {
                if carries.exists(params![ids[place], self.text])? {
                    ids.remove(place);
                }
            }
        }
        Ok(ids)
    }
}

fn ids(db: &Connection, own: &Fingerprint, text: &Equal, limit: usize) -> Result<Vec<i64>> {
    let mut ids = Vec::new();
    let mut add = |id: i64| {
        if !ids.contains(&id) {
            ids.push(id);
        }
    };
    for key in std::iter::once(&own.url_key).chain(&own.also) {
        if let Some(id) = owner(db, key)? {
            add(id.0);
        }
    }
    if let Some(key) = &own.foreign_canonical
        && let Some(id) = owner(db, key)?
    {
        add(id.0);
    }
    // The newest of one text, and before them the origins they are copies of.
    let same = &text.articles[..limit.min(text.articles.len())];
    same.iter().for_each(|(_, origin)| add(*origin));
    same.iter().for_each(|(id, _)| add(*id));
    ids.truncate(limit);
    Ok(ids)
}

fn read(db: &Connection, id: i64) -> Result<Option<Candidate>> {
    let candidate = db
        .prepare_cached(
            "SELECT a.story_id, a.url_key, a.text_hash, a.title, coalesce(o.body, a.body), a.ordered_at,
                 a.duplicate_of IS NULL, a.source_id, s.agency, a.credit
             FROM article a JOIN source s ON s.id = a.source_id LEFT JOIN article o ON o.id = a.body_of WHERE a.id = ?1",
        )?
        .query_row([id], |row| {
            Ok(Candidate {
                article: ArticleId(id),
                story: StoryId(row.get(0)?),
                url_key: row.get(1)?,
                keys: Vec::new(),
                named: Vec::new(),
                text: hash(row.get(2)?),
                title: row.get(3)?,
                body: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
                published_at: row.get::<_, At>(5)?.0.unwrap_or_default(),
                is_origin: row.get(6)?,
                source: SourceId(row.get(7)?),
                agency: row.get(8)?,
                credit: row.get(9)?,
            })
        })
        .optional()?;
    let Some(mut candidate) = candidate else { return Ok(None) };
    let mut keys = db.prepare_cached("SELECT key, own FROM article_key WHERE article_id = ?1 ORDER BY key")?;
    let mut keys = keys.query([id])?;
    while let Some(row) = keys.next()? {
        let list = if row.get(1)? { &mut candidate.keys } else { &mut candidate.named };
        list.push(row.get(0)?);
    }
    Ok(Some(candidate))
}
