//! Entries: claimed when their host's turn has come, and a scrape written in one piece.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{
    ArticleId, ClaimId, Committed, Entry, EntryClaim, EntryId, Failure, HostState, Pace, Recheck, Scope, ScrapeCommit,
    ScrapeOutcome, SourceId, Span, Timestamp, Validators,
};

use super::columns::{At, address, after, clean};
use super::filing::{self, Filed};
use super::hosts::{self, HostId, Round};
use super::raw::RawWriter;
use super::{Error, Lane, Result, candidates, learning, sources};

/// Claims in a row without a commit after which a job is no longer given.
pub(super) const MOST_UNSETTLED: u32 = 3;
/// Why an entry of a page that was taken down is not scraped. The words are kept in the ledger and recognised there.
pub(super) const TAKEN_DOWN: &str = "taken down";
/// Why an entry was filed without a fetch of its own.
const SAME_PAGE: &str = "same page";
/// Entries that one call settles without giving them out, so that no call grows long.
const SETTLED_A_CALL: usize = 256;

/// Claims entries, host by host in the order of their turns, few of each.
pub(super) fn claim(
    db: &Connection,
    now: Timestamp,
    limit: usize,
    scope: Scope,
    pace: &Pace,
    lease: Duration,
) -> Result<Vec<EntryClaim>> {
    hosts::void_leases(db, Some(now))?;
    let mut claiming = Claiming { db, now, scope, pace, lease_until: after(now, lease), settled: 0, claims: Vec::new() };
    let mut round = Round::default();
    while claiming.wants(limit) {
        let page = hosts::waiting(db, Lane::Scrape, scope, now, &mut round)?;
        if page.is_empty() {
            break;
        }
        for host in page {
            if !claiming.wants(limit) {
                break;
            }
            claiming.claim_on_host(host, limit)?;
        }
    }
    Ok(claiming.claims)
}

const DUE: &str = "SELECT id, unsettled, article_id, first_seen_at, url_key FROM entry
     WHERE host_id = ?1 AND state = 'pending' AND lease_until IS NULL AND next_attempt_at <= ?2
       AND (unsettled = 0 OR unsettled >= ?3 OR NOT ?4)
     ORDER BY next_attempt_at, id LIMIT 1";
const NEWS: &str = "SELECT id, unsettled, article_id, first_seen_at, url_key FROM entry INDEXED BY entry_news
     WHERE host_id = ?1 AND state = 'pending' AND lease_until IS NULL AND next_attempt_at <= ?2 AND walk_id IS NULL
       AND (unsettled = 0 OR unsettled >= ?3 OR NOT ?4)
     ORDER BY next_attempt_at, id LIMIT 1";
const ASKED: &str = "SELECT id, unsettled, article_id, first_seen_at, url_key FROM entry
     WHERE host_id = ?1 AND state = 'pending' AND lease_until IS NULL AND last_attempt_at < ?2
       AND (unsettled = 0 OR unsettled >= ?3 OR NOT ?4)
     ORDER BY last_attempt_at, id LIMIT 1";
const RECHECK: &str = "SELECT id, unsettled, article_id, first_seen_at, url_key FROM entry
     WHERE host_id = ?1 AND state = 'filed' AND lease_until IS NULL AND recheck_at IS NOT NULL AND recheck_at <= ?2
       AND (unsettled = 0 OR unsettled >= ?3 OR NOT ?4)
     ORDER BY recheck_at, id LIMIT 1";

/// A claim being made.
struct Claiming<'a> {
    db: &'a Connection,
    now: Timestamp,
    scope: Scope,
    pace: &'a Pace,
    lease_until: Timestamp,
    settled: usize,
    claims: Vec<EntryClaim>,
}

/// A pending entry, as the claim looks at it.
struct Waiting {
    id: i64,
    unsettled: u32,
    article: Option<i64>,
    first_seen_at: String,
    url_key: Option<String>,
    /// Its page is filed and is to be looked at again.
    recheck: bool,
}

impl Claiming<'_> {
    fn wants(&self, limit: usize) -> bool {
        self.claims.len() < limit && self.settled < SETTLED_A_CALL
    }

    fn claim_on_host(&mut self, host: HostId, limit: usize) -> Result<()> {
        let mut room = hosts::room(self.db, Lane::Scrape, host, self.pace)?;
        if room == 0 {
            return Ok(());
        }
        while room > 0 && self.wants(limit) {
            let Some(entry) = self.next_on_host(host)? else { break };
            let settled = if entry.recheck { self.look_no_more(&entry)? } else { self.settle_without_fetch(&entry)? };
            if settled {
                self.settled += 1;
                continue;
            }
            let state = hosts::state(self.db, host)?;
            hosts::take_turn(self.db, Lane::Scrape, &state, host, self.now, self.pace)?;
            room = if hosts::delay(self.pace, &state).is_zero() { room - 1 } else { 0 };
            self.give(&entry, state)?;
        }
        hosts::settle(self.db, host)
    }

    fn next_on_host(&self, host: HostId) -> Result<Option<Waiting>> {
        match self.scope {
            Scope::Asked { since } => self.first(ASKED, host, since),
            // A look at what is filed waits for what is not, and is nothing that a run by hand asks for.
            // Nor does what a backfill brought come before the news.
            Scope::Due => {
                let first = [NEWS, DUE, RECHECK].into_iter().find_map(|sql| self.first(sql, host, self.now).transpose());
                first.transpose()
            }
            Scope::Source(source) => {
                let sql = DUE.replace("WHERE", &format!("WHERE source_id = {} AND", source.0));
                self.first(&sql, host, self.now)
            }
        }
    }

    fn first(&self, sql: &str, host: HostId, time: Timestamp) -> Result<Option<Waiting>> {
        let barred = hosts::suspect_in_hand(self.db)?;
        let found = self.db.prepare_cached(sql)?.query_row(params![host, At::of(time), MOST_UNSETTLED, barred], |row| {
            Ok(Waiting {
                id: row.get(0)?,
                unsettled: row.get(1)?,
                article: row.get(2)?,
                first_seen_at: row.get(3)?,
                url_key: row.get(4)?,
                recheck: sql == RECHECK,
            })
        });
        Ok(found.optional()?)
    }

    /// Whether a filed page is not to be looked at after all: its source is off, or the looks never came to an end.
    fn look_no_more(&self, entry: &Waiting) -> Result<bool> {
        let source: i64 =
            self.db.prepare_cached("SELECT source_id FROM entry WHERE id = ?1")?.query_row([entry.id], |row| row.get(0))?;
        if entry.unsettled < MOST_UNSETTLED && sources::held(self.db, source)?.is_none() {
            return Ok(false);
        }
        self.db.prepare_cached("UPDATE entry SET recheck_at = NULL, unsettled = 0 WHERE id = ?1")?.execute([entry.id])?;
        Ok(true)
    }

    /// Whether there is no need, or no use, to fetch this entry's page now.
    fn settle_without_fetch(&self, entry: &Waiting) -> Result<bool> {
        if entry.unsettled >= MOST_UNSETTLED {
            self.db
                .prepare_cached(
                    "UPDATE entry SET state = 'failed', class = 'crashed', reason = 'crashed', next_attempt_at = NULL WHERE id = ?1",
                )?
                .execute([entry.id])?;
            return Ok(true);
        }
        let Some(key) = &entry.url_key else { return Ok(false) };
        // A page read after this entry was first seen says what the entry would bring; a scrape asked for again does not count.
        if entry.article.is_none()
            && let Some(article) = candidates::fetched_since(self.db, key, &entry.first_seen_at)?
        {
            self.db
                .prepare_cached(
                    "UPDATE entry SET state = 'filed', article_id = ?2, class = NULL, reason = ?3, next_attempt_at = NULL WHERE id = ?1",
                )?
                .execute(params![entry.id, article, SAME_PAGE])?;
            return Ok(true);
        }
        // The page is in hand for another entry: this one waits for what comes of it.
        let parked = self
            .db
            .prepare_cached(
                "UPDATE entry SET parked = 1, lease_until = other.lease_until
                 FROM (SELECT lease_until FROM entry WHERE state <> 'filed' AND url_key IS NOT NULL AND url_key = ?2
                         AND lease_until IS NOT NULL AND parked = 0 AND id <> ?1 LIMIT 1) AS other
                 WHERE entry.id = ?1",
            )?
            .execute(params![entry.id, key])?;
        Ok(parked > 0)
    }

    fn give(&mut self, entry: &Waiting, host: HostState) -> Result<()> {
        let (epoch, attempt): (i64, u32) = self
            .db
            .prepare_cached(
                "UPDATE entry SET epoch = epoch + 1, attempts = attempts + (state = 'pending'), unsettled = unsettled + 1, parked = 0,
                     lease_until = ?2, last_attempt_at = ?3
                 WHERE id = ?1 RETURNING epoch, attempts",
            )?
            .query_row(params![entry.id, At::of(self.lease_until), At::of(self.now)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut statement = self.db.prepare_cached(
            "SELECT e.source_id, s.name, s.agency, e.url, e.entry, e.title, e.first_seen_at, e.recheck_at, e.etag, e.last_modified, e.missed,
                    w.from_at, w.to_at
             FROM entry e JOIN source s ON s.id = e.source_id LEFT JOIN walk w ON w.id = e.walk_id WHERE e.id = ?1",
        )?;
        type Row = (i64, String, String, String, Option<String>, Option<String>, At, Recheck, Span);
        let (source, source_name, agency, url, kept, title, seen_at, again, span): Row =
            statement.query_row([entry.id], |row| {
                let again = Recheck {
                    at: row.get::<_, At>(7)?.0.unwrap_or(self.now),
                    validators: Validators { etag: row.get(8)?, last_modified: row.get(9)? },
                    missed: row.get(10)?,
                };
                let span = Span { from: row.get::<_, At>(11)?.0, to: row.get::<_, At>(12)?.0 };
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?, again, span))
            })?;
        let url = address(&url)?;
        // An entry kept by another version of us is scraped for what stands on its page alone.
        let read = kept
            .and_then(|kept| serde_json::from_str::<Entry>(&kept).ok())
            .unwrap_or_else(|| Entry { title, ..Entry::of_page(Some(url.clone()), seen_at.0.unwrap_or(self.now)) });
        let entry_id = EntryId(entry.id);
        self.claims.push(EntryClaim {
            claim: ClaimId::Entry { entry: entry_id, epoch },
            entry_id,
            source: SourceId(source),
            source_name,
            agency,
            url,
            entry: read,
            attempt,
            host,
            article: entry.article.map(ArticleId),
            missed: again.missed,
            recheck: entry.recheck.then_some(again),
            // What is filed already stays, whatever its page says of its date.
            asked_for: (entry.article.is_none() && span != Span::default()).then_some(span),
        });
        Ok(())
    }
}

/// Whether a page, or a text of this source, was taken down.
pub(super) fn is_taken_down<'k>(
    db: &Connection,
    source: i64,
    keys: impl IntoIterator<Item = &'k str>,
    text: Option<[u8; 16]>,
) -> Result<bool> {
    let mut by_key = db.prepare_cached("SELECT 1 FROM takedown_key WHERE key = ?1")?;
    for key in keys {
        if by_key.exists([key])? {
            return Ok(true);
        }
    }
    let Some(text) = text else { return Ok(false) };
    Ok(db.prepare_cached("SELECT 1 FROM takedown WHERE text_hash = ?1 AND source_id = ?2")?.exists(params![text, source])?)
}

/// An entry's row as a commit finds it.
pub(super) struct Claimed {
    pub(super) entry: i64,
    pub(super) source: i64,
    pub(super) url_key: Option<String>,
    /// What it is filed as.
    pub(super) article: Option<ArticleId>,
    host: Option<HostId>,
}

/// Writes a scrape in one piece.
pub(super) fn commit(db: &Connection, raw: Option<&mut RawWriter>, claim: &EntryClaim, commit: &ScrapeCommit) -> Result<Committed> {
    let ClaimId::Entry { entry, epoch } = claim.claim else { return Ok(Committed::Stale) };
    let row = db
        .prepare_cached("SELECT source_id, url_key, host_id, article_id FROM entry WHERE id = ?1 AND epoch = ?2")?
        .query_row(params![entry.0, epoch], |row| {
            let article = row.get::<_, Option<i64>>(3)?.map(ArticleId);
            Ok(Claimed { entry: entry.0, source: row.get(0)?, url_key: row.get(1)?, host: row.get(2)?, article })
        })
        .optional()?;
    let Some(row) = row else { return Ok(Committed::Stale) };
    let filed = match &commit.outcome {
        ScrapeOutcome::Filed(filing) => match filing::file(db, raw, &row, filing, commit)? {
            Filed::Overtaken(found) => return Ok(Committed::Overtaken(found.found, found.seen)),
            Filed::TakenDown => {
                end(db, &row, "skipped", None, TAKEN_DOWN)?;
                None
            }
            Filed::Article(article) => {
                end_filed(db, &row, article)?;
                Some(article)
            }
        },
        ScrapeOutcome::Retry { trouble, at, counted } => {
            retry(db, &row, trouble.class, &trouble.reason, *at, *counted)?;
            None
        }
        ScrapeOutcome::Failed(trouble) => {
            end(db, &row, "failed", Some(trouble.class), &trouble.reason)?;
            None
        }
        ScrapeOutcome::Skipped(reason) => {
            end(db, &row, "skipped", None, reason)?;
            forget_content(db, &row)?;
            None
        }
        ScrapeOutcome::Unchanged => {
            settle(db, &row)?;
            None
        }
        ScrapeOutcome::Missed { retracted, .. } => {
            settle(db, &row)?;
            if *retracted {
                filing::retract(db, &row, commit.scraped_at)?;
            }
            None
        }
    };
    if let Some(looked) = &commit.looked {
        learning::look(db, row.source, looked, commit.scraped_at)?;
    }
    // An attempt that is to be made again leaves the looks as they were planned.
    if !matches!(commit.outcome, ScrapeOutcome::Retry { .. }) {
        plan_recheck(db, &row, commit.recheck.as_ref())?;
    }
    let mut touched: Vec<HostId> = row.host.into_iter().collect();
    touched.extend(hosts::merge(db, &commit.host)?);
    if let ScrapeOutcome::Retry { trouble, .. } | ScrapeOutcome::Missed { trouble, .. } = &commit.outcome
        && matches!(trouble.failure, Failure::Waits(_))
    {
        hosts::give_turn_back(db, &commit.host)?;
    }
    hosts::unpark(db, row.entry, &mut touched)?;
    hosts::settle_all(db, touched)?;
    Ok(Committed::Filed(filed))
}

fn end_filed(db: &Connection, row: &Claimed, article: ArticleId) -> Result<()> {
    db.prepare_cached(
        "UPDATE entry SET state = 'filed', article_id = ?2, epoch = epoch + 1, lease_until = NULL, unsettled = 0,
             entry = CASE WHEN json_extract(entry, '$.content') IS NOT NULL THEN json_remove(entry, '$.content') ELSE entry END,
             next_attempt_at = NULL, class = NULL, reason = NULL
         WHERE id = ?1",
    )?
    .execute(params![row.entry, article.0])?;
    Ok(())
}

fn end(db: &Connection, row: &Claimed, state: &str, class: Option<&str>, reason: &str) -> Result<()> {
    db.prepare_cached(
        "UPDATE entry SET state = ?2, class = ?3, reason = ?4, epoch = epoch + 1, lease_until = NULL, unsettled = 0,
             next_attempt_at = NULL
         WHERE id = ?1",
    )?
    .execute(params![row.entry, state, class, clean(reason)])?;
    Ok(())
}

/// What a feed carried in full of a page that is not wanted is not kept either.
fn forget_content(db: &Connection, row: &Claimed) -> Result<()> {
    db.prepare_cached(
        "UPDATE entry SET entry = json_remove(entry, '$.content') WHERE id = ?1 AND json_extract(entry, '$.content') IS NOT NULL",
    )?
    .execute([row.entry])?;
    Ok(())
}

/// The look at a filed page is over; what is filed stays.
fn settle(db: &Connection, row: &Claimed) -> Result<()> {
    db.prepare_cached(
        "UPDATE entry SET epoch = epoch + 1, lease_until = NULL, unsettled = 0,
             entry = CASE WHEN json_extract(entry, '$.content') IS NOT NULL THEN json_remove(entry, '$.content') ELSE entry END,
             state = 'filed', next_attempt_at = NULL, class = NULL, reason = NULL
         WHERE id = ?1 AND article_id IS NOT NULL",
    )?
    .execute([row.entry])?;
    Ok(())
}

/// When the page of a filed entry is looked at again. One entry does it for all of the same article.
fn plan_recheck(db: &Connection, row: &Claimed, recheck: Option<&Recheck>) -> Result<()> {
    db.prepare_cached(
        "UPDATE entry SET recheck_at = ?2, missed = ?3, etag = ?4, last_modified = ?5
         WHERE id = ?1 AND (?2 IS NOT NULL OR recheck_at IS NOT NULL)",
    )?
    .execute(params![
        row.entry,
        recheck.map(|recheck| At::of(recheck.at)),
        recheck.map_or(0, |recheck| recheck.missed),
        recheck.and_then(|recheck| recheck.validators.etag.as_deref()),
        recheck.and_then(|recheck| recheck.validators.last_modified.as_deref()),
    ])?;
    if recheck.is_some() {
        db.prepare_cached(
            "UPDATE entry SET recheck_at = NULL
             WHERE article_id = (SELECT article_id FROM entry WHERE id = ?1) AND id <> ?1 AND recheck_at IS NOT NULL",
        )?
        .execute([row.entry])?;
    }
    Ok(())
}

/// Back to waiting; or aside, when the source was switched off while the job was in hand.
fn retry(db: &Connection, row: &Claimed, class: &str, reason: &str, at: Timestamp, counted: bool) -> Result<()> {
    let held = sources::held(db, row.source)?;
    let changed = db
        .prepare_cached(
            "UPDATE entry SET state = ?2, class = ?3, reason = ?4, next_attempt_at = ?5, epoch = epoch + 1, lease_until = NULL,
                 unsettled = 0, attempts = CASE WHEN ?6 THEN attempts ELSE max(attempts - 1, 0) END
             WHERE id = ?1",
        )?
        .execute(params![
            row.entry,
            if held.is_some() { "skipped" } else { "pending" },
            class,
            held.unwrap_or(&clean(reason)),
            At::of(at),
            counted,
        ])?;
    if changed == 0 {
        return Err(Error::Unreadable { what: "entry", value: row.entry.to_string() });
    }
    Ok(())
}
