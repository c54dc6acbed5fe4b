//! The public views, read.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{ArticleId, EntryId, EntryState, SourceId, StoryId, Timestamp};

use super::columns::{At, from_list};
use super::{
    ArticleRow, EntryRow, FeedRow, Files, GapRow, MendingRow, Result, RevisionRow, SourceRow, Status, StoryRow, Takedown, last_seq,
};

/// Most rows of one answer.
const MOST: usize = 10_000;

/// The columns of `ArticleRow`, in its order.
const ARTICLE: &str = "id, seq, changed_at, source, agency, url, canonical_url, title, summary, body, authors, published_at,
    published_offset, published_precision, zone_source, modified_at, dateline_place, dateline_date, section, tags, image,
    language, credit, words, stored_at, revision, extractor_version, duplicate_of, relation, story_id, origin,
    retracted_at, evidence, body_of, captions, free, live, marker, cut, provenance, reservations";

fn most(limit: usize) -> i64 {
    limit.min(MOST) as i64
}

/// The ledger at a glance.
pub(super) fn status(db: &Connection, files: &Files, now: Timestamp) -> Result<Status> {
    let count = |sql: &str| -> Result<i64> {
        let now = At::of(now);
        let mut statement = db.prepare_cached(sql)?;
        let takes = statement.parameter_count();
        Ok(if takes == 0 { statement.query_row([], |row| row.get(0))? } else { statement.query_row([now], |row| row.get(0))? })
    };
    let text = |sql: &str| -> Result<Option<String>> { Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?) };
    let size = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |about| about.len());
    let entries = count("SELECT count(*) FROM entry")?;
    let pending = count("SELECT count(*) FROM entry WHERE state = 'pending'")?;
    let failed = count("SELECT count(*) FROM entry WHERE (state = 'failed' OR refused = 1) AND state = 'failed'")?;
    // One look at all feeds for all that is said of them: with very many it takes its time.
    let feeds = feeds_at_a_glance(db, now)?;
    Ok(Status {
        articles: count("SELECT count(*) FROM article")?,
        stories: count("SELECT count(*) FROM story")?,
        sources: count("SELECT count(*) FROM source WHERE enabled = 1")?,
        feeds: feeds.polled,
        feeds_failing: feeds.failing,
        feeds_due: feeds.due,
        feeds_mended: feeds.mended,
        entries_lost: count("SELECT coalesce(sum(max(estimated - filled, 0)), 0) FROM gap")?,
        pending,
        pending_due: count("SELECT count(*) FROM entry WHERE state = 'pending' AND lease_until IS NULL AND next_attempt_at <= ?1")?,
        in_hand: super::turns::in_hand(db, now)? as i64,
        failed,
        skipped: count("SELECT count(*) FROM entry WHERE state = 'skipped'")?,
        entries,
        last_stored_at: text("SELECT (SELECT stored_at FROM article ORDER BY id DESC LIMIT 1)")?,
        last_poll_at: feeds.last_poll_at,
        next_poll_at: feeds.next_poll_at,
        sources_stale: count("SELECT count(*) FROM source WHERE enabled = 1 AND stale_since IS NOT NULL")?,
        feeds_pushed: count("SELECT count(*) FROM subscription WHERE state = 'active' AND lease_until > ?1")?,
        seq: last_seq(db)?,
        schema: db.query_row("PRAGMA user_version", [], |row| row.get(0))?,
        ledger_bytes: size(&files.ledger),
        raw_bytes: size(&files.raw),
    })
}

/// What is said of the feeds as a whole.
struct FeedsAtAGlance {
    polled: i64,
    failing: i64,
    due: i64,
    mended: i64,
    last_poll_at: Option<String>,
    next_poll_at: Option<String>,
}

fn feeds_at_a_glance(db: &Connection, now: Timestamp) -> Result<FeedsAtAGlance> {
    let mut statement = db.prepare_cached(
        "SELECT count(*) FILTER (WHERE active = 1 AND named = 1), count(*) FILTER (WHERE active = 1 AND failures > 0),
                count(*) FILTER (WHERE active = 1 AND lease_until IS NULL AND next_poll_at <= ?1),
                count(*) FILTER (WHERE active = 1 AND mended_since IS NOT NULL), nullif(max(last_poll_at), ''),
                min(next_poll_at) FILTER (WHERE active = 1)
         FROM feed",
    )?;
    Ok(statement.query_row([At::of(now)], |row| {
        Ok(FeedsAtAGlance {
            polled: row.get(0)?,
            failing: row.get(1)?,
            due: row.get(2)?,
            mended: row.get(3)?,
            last_poll_at: row.get(4)?,
            next_poll_at: row.get(5)?,
        })
    })?)
}

/// A source by its name.
pub(super) fn source_id(db: &Connection, name: &str) -> Result<Option<SourceId>> {
    let mut statement = db.prepare_cached("SELECT id FROM source WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?.map(SourceId))
}

/// The sources, by name.
pub(super) fn sources(db: &Connection) -> Result<Vec<SourceRow>> {
    let mut statement = db.prepare_cached(
        "SELECT name, agency, enabled, articles, entries_lost, stale_since, reason, entries_failed FROM sources ORDER BY name",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(SourceRow {
            name: row.get(0)?,
            agency: row.get(1)?,
            enabled: row.get(2)?,
            articles: row.get(3)?,
            entries_lost: row.get(4)?,
            stale_since: row.get(5)?,
            reason: row.get(6)?,
            entries_failed: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The feeds, by source and address.
pub(super) fn feeds(db: &Connection, source: Option<&str>) -> Result<Vec<FeedRow>> {
    let mut statement = db.prepare_cached(
        "SELECT source, url, kind, last_poll_at, last_success_at, next_poll_at, failures, reason, enabled, next_why, title, moved_to,
             mended_since, entries_refused, bytes_lost, entries_lost, home, class, failing_since, lives_at
         FROM feeds WHERE ?1 IS NULL OR source = ?1 ORDER BY source, url",
    )?;
    let rows = statement.query_map([source], |row| {
        Ok(FeedRow {
            source: row.get(0)?,
            url: row.get(1)?,
            kind: row.get(2)?,
            last_poll_at: row.get(3)?,
            last_success_at: row.get(4)?,
            next_poll_at: row.get(5)?,
            failures: row.get(6)?,
            reason: row.get(7)?,
            enabled: row.get(8)?,
            next_why: row.get(9)?,
            title: row.get(10)?,
            moved_to: row.get(11)?,
            mended_since: row.get(12)?,
            entries_refused: row.get(13)?,
            bytes_lost: row.get(14)?,
            entries_lost: row.get(15)?,
            home: row.get(16)?,
            class: row.get(17)?,
            failing_since: row.get(18)?,
            lives_at: row.get(19)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What had to be mended, the most polls first.
pub(super) fn mendings(db: &Connection, source: Option<&str>) -> Result<Vec<MendingRow>> {
    let mut statement = db.prepare_cached(
        "SELECT source, feed, step, polls, count, first_at, last_at FROM mendings WHERE ?1 IS NULL OR source = ?1
         ORDER BY source, feed, polls DESC, step",
    )?;
    let rows = statement.query_map([source], |row| {
        Ok(MendingRow {
            source: row.get(0)?,
            feed: row.get(1)?,
            step: row.get(2)?,
            polls: row.get(3)?,
            count: row.get(4)?,
            first_at: row.get(5)?,
            last_at: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Gaps, the latest first.
pub(super) fn gaps(db: &Connection, source: Option<&str>, limit: usize) -> Result<Vec<GapRow>> {
    let mut statement = db.prepare_cached(
        "SELECT source, feed, from_at, to_at, estimated, filled, reason, noticed_at, id FROM gaps
         WHERE ?1 IS NULL OR source = ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![source, most(limit)], |row| {
        Ok(GapRow {
            source: row.get(0)?,
            feed: row.get(1)?,
            from_at: row.get(2)?,
            to_at: row.get(3)?,
            estimated: row.get(4)?,
            filled: row.get(5)?,
            reason: row.get(6)?,
            noticed_at: row.get(7)?,
            id: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Entries, the latest first.
pub(super) fn entries(db: &Connection, source: Option<&str>, state: Option<EntryState>, limit: usize) -> Result<Vec<EntryRow>> {
    let mut statement = db.prepare_cached(
        "SELECT source, feed, entry_key, url, title, first_seen_at, state, attempts, next_attempt_at, reason, article_id, id, class
         FROM entries WHERE (?1 IS NULL OR source = ?1) AND (?2 IS NULL OR state = ?2) ORDER BY id DESC LIMIT ?3",
    )?;
    let rows = statement.query_map(params![source, state.map(EntryState::as_str), most(limit)], |row| {
        Ok(EntryRow {
            source: row.get(0)?,
            feed: row.get(1)?,
            entry_key: row.get(2)?,
            url: row.get(3)?,
            title: row.get(4)?,
            first_seen_at: row.get(5)?,
            state: row.get(6)?,
            attempts: row.get(7)?,
            next_attempt_at: row.get(8)?,
            reason: row.get(9)?,
            article_id: row.get::<_, Option<i64>>(10)?.map(ArticleId),
            id: EntryId(row.get(11)?),
            class: row.get(12)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One article.
pub(super) fn article(db: &Connection, id: ArticleId) -> Result<Option<ArticleRow>> {
    let mut statement = db.prepare_cached(&format!("SELECT {ARTICLE} FROM articles WHERE id = ?1"))?;
    Ok(statement.query_row([id.0], article_row).optional()?)
}

/// Articles in the order of their changes.
pub(super) fn articles_since(db: &Connection, seq: i64, limit: usize) -> Result<Vec<ArticleRow>> {
    let mut statement = db.prepare_cached(&format!("SELECT {ARTICLE} FROM articles WHERE seq > ?1 ORDER BY seq LIMIT ?2"))?;
    Ok(statement.query_map(params![seq, most(limit)], article_row)?.collect::<rusqlite::Result<_>>()?)
}

/// The articles of a story, the origin first.
pub(super) fn story_articles(db: &Connection, id: StoryId) -> Result<Vec<ArticleRow>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {ARTICLE} FROM articles WHERE story_id = ?1 ORDER BY duplicate_of IS NOT NULL, coalesce(published_at, stored_at), id LIMIT ?2"
    ))?;
    Ok(statement.query_map(params![id.0, most(MOST)], article_row)?.collect::<rusqlite::Result<_>>()?)
}

fn article_row(row: &Row<'_>) -> rusqlite::Result<ArticleRow> {
    let list = |column: usize| Ok::<_, rusqlite::Error>(from_list(row.get_ref(column)?.as_str().unwrap_or("[]")));
    Ok(ArticleRow {
        id: ArticleId(row.get(0)?),
        seq: row.get(1)?,
        changed_at: row.get(2)?,
        source: row.get(3)?,
        agency: row.get(4)?,
        url: row.get(5)?,
        canonical_url: row.get(6)?,
        title: row.get(7)?,
        summary: row.get(8)?,
        body: row.get(9)?,
        authors: list(10)?,
        published_at: row.get(11)?,
        published_offset: row.get(12)?,
        published_precision: row.get(13)?,
        zone_source: row.get(14)?,
        modified_at: row.get(15)?,
        dateline_place: row.get(16)?,
        dateline_date: row.get(17)?,
        section: row.get(18)?,
        tags: list(19)?,
        image: row.get(20)?,
        language: row.get(21)?,
        credit: row.get(22)?,
        words: row.get(23)?,
        stored_at: row.get(24)?,
        revision: row.get(25)?,
        extractor_version: row.get(26)?,
        duplicate_of: row.get::<_, Option<i64>>(27)?.map(ArticleId),
        relation: row.get(28)?,
        story_id: StoryId(row.get(29)?),
        origin: row.get(30)?,
        retracted_at: row.get(31)?,
        evidence: row.get_ref(32)?.as_str_or_null()?.and_then(|text| serde_json::from_str(text).ok()),
        body_of: row.get::<_, Option<i64>>(33)?.map(ArticleId),
        captions: from_list(&row.get::<_, String>(34)?),
        free: row.get(35)?,
        live: row.get(36)?,
        marker: row.get(37)?,
        cut: from_list(&row.get::<_, String>(38)?),
        provenance: serde_json::from_str(row.get_ref(39)?.as_str()?).unwrap_or_default(),
        reservations: from_list(&row.get::<_, String>(40)?),
    })
}

/// What was taken down, in that order.
pub(super) fn takedowns_since(db: &Connection, seq: i64, limit: usize) -> Result<Vec<Takedown>> {
    let mut statement =
        db.prepare_cached("SELECT article_id, seq, taken_down_at FROM takedowns WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
    let rows = statement.query_map(params![seq, most(limit)], |row| {
        Ok(Takedown { article_id: ArticleId(row.get(0)?), seq: row.get(1)?, taken_down_at: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The revisions of an article, the first one first.
pub(super) fn revisions(db: &Connection, id: ArticleId) -> Result<Vec<RevisionRow>> {
    let mut statement = db.prepare_cached(
        "SELECT article_id, revision, seq, seen_at, title, body, change FROM revisions WHERE article_id = ?1 ORDER BY revision",
    )?;
    let rows = statement.query_map([id.0], |row| {
        Ok(RevisionRow {
            article_id: ArticleId(row.get(0)?),
            revision: row.get(1)?,
            seq: row.get(2)?,
            seen_at: row.get(3)?,
            title: row.get(4)?,
            body: row.get(5)?,
            change: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One story.
pub(super) fn story(db: &Connection, id: StoryId) -> Result<Option<StoryRow>> {
    let mut statement = db.prepare_cached(
        "SELECT id, seq, changed_at, origin_article, articles, sources, first_at, last_at, title FROM stories WHERE id = ?1",
    )?;
    let row = statement.query_row([id.0], |row| {
        Ok(StoryRow {
            id: StoryId(row.get(0)?),
            seq: row.get(1)?,
            changed_at: row.get(2)?,
            origin_article: ArticleId(row.get(3)?),
            articles: row.get(4)?,
            sources: row.get(5)?,
            first_at: row.get(6)?,
            last_at: row.get(7)?,
            title: row.get(8)?,
        })
    });
    Ok(row.optional()?)
}
