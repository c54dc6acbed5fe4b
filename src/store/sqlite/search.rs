//! Full-text search: any text is a valid query, and scripts without spaces between words are searchable.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::ArticleId;

use super::{Hit, Result};

/// Most words of a query that are looked for.
const MOST_TERMS: usize = 32;
/// Longest word that is looked for, characters.
const LONGEST_TERM: usize = 100;
/// Most answers.
const MOST_HITS: usize = 1000;
/// How many matches are ranked, the latest first.
const LATEST: i64 = 5000;
/// Answers looked at beyond those asked for, so that among equals the newer ones come first.
const SPARE: usize = 50;
/// Characters of text shown before and after a find.
const AROUND: usize = 90;

/// Whether a text has characters of a script that puts no spaces between words (or, as Korean, glues particles to them).
pub(super) fn has_unspaced(text: &str) -> bool {
    // None of these characters is written with fewer than three bytes, and most texts have no longer ones but dashes.
    text.bytes().any(|byte| byte >= 0xE0) && text.chars().any(is_unspaced)
}

fn is_unspaced(character: char) -> bool {
    matches!(u32::from(character),
        0x0E00..=0x0EFF        // Thai, Lao
        | 0x0F00..=0x0FFF      // Tibetan
        | 0x1000..=0x109F      // Myanmar
        | 0x1780..=0x17FF      // Khmer
        | 0x3040..=0x30FF | 0x31F0..=0x31FF | 0xFF66..=0xFF9F // Kana
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF // Han
        | 0xAC00..=0xD7AF      // Hangul
    )
}

/// Every character of such a script on its own, so that the index has it as a word.
fn segmented(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() * 4 / 3);
    for character in text.chars() {
        if is_unspaced(character) {
            spaced.push(' ');
            spaced.push(character);
            spaced.push(' ');
        } else {
            spaced.push(character);
        }
    }
    spaced
}

/// Brings the texts of a transaction into the indexes, at its end and outside of every savepoint.
pub(super) fn index_waiting(db: &Connection) -> Result<()> {
    let mut waiting = db.prepare_cached("SELECT article_id FROM unindexed ORDER BY article_id")?;
    let ids: Vec<i64> = waiting.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    if ids.is_empty() {
        return Ok(());
    }
    let mut read = db.prepare_cached("SELECT title, body, unspaced FROM article WHERE id = ?1")?;
    let mut words = db.prepare_cached("INSERT INTO article_fts (rowid, title, body) VALUES (?1, ?2, ?3)")?;
    let mut characters = db.prepare_cached("INSERT INTO article_chars (rowid, title, body) VALUES (?1, ?2, ?3)")?;
    for id in ids {
        let mut rows = read.query([id])?;
        let Some(row) = rows.next()? else { continue };
        let (title, body): (Option<String>, String) = (row.get(0)?, row.get(1)?);
        words.execute(params![id, title, body])?;
        if row.get(2)? {
            characters.execute(params![id, title.as_deref().map(segmented), segmented(&body)])?;
        }
    }
    db.prepare_cached("DELETE FROM unindexed")?.execute([])?;
    Ok(())
}

/// Articles that carry all these words.
pub(super) fn search(db: &Connection, query: &str, limit: usize) -> Result<Vec<Hit>> {
    let terms = terms(query);
    let limit = limit.min(MOST_HITS);
    if terms.is_empty() || limit == 0 {
        return Ok(Vec::new());
    }
    let wanted = limit + SPARE;
    let mut found = ranked(
        db,
        "SELECT rowid, bm25(article_chars, 5.0, 1.0) FROM article_chars WHERE article_chars MATCH ?1 ORDER BY rowid DESC LIMIT ?2",
        &expression(&terms, true),
        wanted,
    )?;
    // Only the index of characters has words of such a script; other words may stand in either.
    if !has_unspaced(query) {
        let mut plain = ranked(
            db,
            "SELECT rowid, bm25(article_fts, 5.0, 1.0) FROM article_fts WHERE article_fts MATCH ?1 ORDER BY rowid DESC LIMIT ?2",
            &expression(&terms, false),
            wanted,
        )?;
        plain.extend(found.into_iter().filter(|(id, _)| !plain.iter().any(|(known, _)| known == id)).collect::<Vec<_>>());
        found = plain;
    }
    let mut hits = Vec::with_capacity(found.len());
    for (id, rank) in found {
        hits.extend(read(db, id, rank)?);
    }
    hits.sort_by(|one, other| one.0.rank.total_cmp(&other.0.rank).then_with(|| other.1.cmp(&one.1)));
    hits.truncate(limit);
    hits.into_iter().map(|(hit, _)| with_snippet(db, hit, &terms)).collect()
}

/// The best of the latest articles that match: a word that stands in every second text costs no more than a rare one.
fn ranked(db: &Connection, sql: &str, expression: &str, limit: usize) -> Result<Vec<(i64, f64)>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params![expression, LATEST], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut found: Vec<(i64, f64)> = rows.collect::<rusqlite::Result<_>>()?;
    found.sort_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)));
    found.truncate(limit);
    Ok(found)
}

/// One thing looked for: a word, or words in double quotes.
struct Term {
    text: String,
    /// Words that begin like this, too.
    prefix: bool,
}

/// What a query asks for: words, `"words in order"`, and `begin*`. Nothing of it is an operator, so nothing can be wrong.
fn terms(query: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    for (index, part) in query.split('"').enumerate() {
        if index % 2 == 1 {
            terms.push(Term { text: part.to_owned(), prefix: false });
        } else {
            terms.extend(part.split_whitespace().map(|word| Term { text: word.to_owned(), prefix: word.ends_with('*') }));
        }
        if terms.len() > MOST_TERMS * 4 {
            break;
        }
    }
    for term in &mut terms {
        term.text = term.text.chars().filter(|character| *character != '\0').take(LONGEST_TERM).collect();
    }
    terms.retain(|term| term.text.chars().any(char::is_alphanumeric));
    terms.truncate(MOST_TERMS);
    terms
}

/// The query as FTS5 reads it: quoted strings side by side, all of which must be there.
fn expression(terms: &[Term], characters: bool) -> String {
    let mut expression = String::new();
    for term in terms {
        let text = if characters { segmented(&term.text) } else { term.text.clone() };
        expression.push('"');
        expression.push_str(&text.replace('"', " "));
        expression.push_str(if term.prefix { "\"* " } else { "\" " });
    }
    expression
}

/// An article found, with the instant that orders it among equals.
fn read(db: &Connection, id: i64, rank: f64) -> Result<Option<(Hit, String)>> {
    Ok(db
        .prepare_cached(
            "SELECT a.title, s.name, a.url, a.published_at, a.ordered_at FROM article a JOIN source s ON s.id = a.source_id WHERE a.id = ?1",
        )?
        .query_row([id], |row| {
            let hit = Hit {
                id: ArticleId(id),
                title: row.get(0)?,
                source: row.get(1)?,
                url: row.get(2)?,
                published_at: row.get(3)?,
                snippet: String::new(),
                rank,
            };
            Ok((hit, row.get(4)?))
        })
        .optional()?)
}

fn with_snippet(db: &Connection, mut hit: Hit, terms: &[Term]) -> Result<Hit> {
    let body: String = db.prepare_cached("SELECT body FROM article WHERE id = ?1")?.query_row([hit.id.0], |row| row.get(0))?;
    hit.snippet = snippet(&body, terms);
    Ok(hit)
}

/// The text around the first word found, or its beginning.
fn snippet(body: &str, terms: &[Term]) -> String {
    let body: Vec<char> = body.split_whitespace().flat_map(|word| word.chars().chain([' '])).collect();
    let lower: Vec<char> = body.iter().map(|character| character.to_lowercase().next().unwrap_or(*character)).collect();
    let at = terms
        .iter()
        .filter_map(|term| {
            let wanted: Vec<char> = term.text.trim_matches('*').to_lowercase().chars().collect();
            lower.windows(wanted.len().max(1)).position(|window| window == wanted)
        })
        .min()
        .unwrap_or(0);
    let from = at.saturating_sub(AROUND);
    let to = (at + AROUND).min(body.len());
    // Cut at a space where one is near; a script without spaces is cut where it stands.
    let from = if from == 0 { 0 } else { body[from..at].iter().position(|c| *c == ' ').map_or(from, |space| from + space + 1) };
    let to = if to == body.len() { to } else { body[at..to].iter().rposition(|c| *c == ' ').map_or(to, |space| at + space) };
    let mut text: String = body[from..to.max(from)].iter().collect::<String>().trim().to_owned();
    if from > 0 {
        text.insert(0, '…');
    }
    if to < body.len() {
        text.push('…');
    }
    text
}
