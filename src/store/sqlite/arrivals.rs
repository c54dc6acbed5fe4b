//! Entries as a poll brings them: new ones, changed ones, and elements that could not be read.

use std::collections::HashMap;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Entry, EntryId, EntryKey, NewEntry, PollRead, Refused, Timestamp};

use super::columns::{At, clean, stamp};
use super::hosts::{self, HostId};
use super::scrape::{TAKEN_DOWN, is_taken_down};
use super::{Result, gaps, sources};

/// Further names that are kept of one entry: the newest ones.
const MOST_NAMES: i64 = 8;
/// Polls of two feeds that may have been in hand at one time.
const AT_ONCE: Duration = Duration::from_secs(600);

/// How the reason of an entry begins that the operator's patterns exclude.
const EXCLUDED: &str = "excluded by";

/// Whether an entry was set aside for a reason that no document can take away.
fn is_final(reason: &str) -> bool {
    [TAKEN_DOWN, sources::DISABLED, sources::REMOVED].contains(&reason)
}

/// Writes everything a document brought, so that its validators may vouch for it. False when they may not: an entry's
/// key was taken by another page a moment ago, and the next triage has to tell the two apart.
pub(super) fn write(
    db: &Connection,
    source: i64,
    feed: i64,
    read: &PollRead,
    now: Timestamp,
    touched: &mut Vec<HostId>,
) -> Result<bool> {
    let mut whole = true;
    let mut arrivals = Arrivals { db, source, feed, held: sources::held(db, source)?, now, touched };
    let mut on_page: HashMap<&str, usize> = HashMap::new();
    read.fresh.iter().filter_map(|new| new.url_key.as_deref()).for_each(|page| *on_page.entry(page).or_default() += 1);
    for entry in &read.fresh {
        let alone = entry.url_key.as_deref().filter(|page| on_page.get(page) == Some(&1));
        if let Some(twin) = alone.map(|page| arrivals.twin(page)).transpose()?.flatten() {
            whole &= arrivals.meet(twin, entry)?;
            continue;
        }
        whole &= arrivals.insert(entry)?;
    }
    read.changed.iter().try_for_each(|(id, entry)| arrivals.change(*id, entry))?;
    for element in &read.refused {
        arrivals.refuse(element)?;
    }
    read.renamed.iter().try_for_each(|(id, name)| arrivals.rename(id.0, name))?;
    read.completed.iter().try_for_each(|(id, entry)| arrivals.complete(id.0, entry))?;
    Ok(whole)
}

/// What one document's entries have in common.
struct Arrivals<'a> {
    db: &'a Connection,
    source: i64,
    feed: i64,
    /// Why entries of the source may not be scraped now, if they may not.
    held: Option<&'static str>,
    now: Timestamp,
    touched: &'a mut Vec<HostId>,
}

impl Arrivals<'_> {
    /// How an entry starts: pending, or skipped with the reason.
    fn beginning(&self, entry: &NewEntry) -> Result<(&'static str, Option<String>)> {
        let taken_down = match &entry.url_key {
            Some(key) => is_taken_down(self.db, self.source, [key.as_str()], None)?,
            None => false,
        };
        let reason = match (&entry.skipped, self.held) {
            _ if taken_down => Some(TAKEN_DOWN.to_owned()),
            (Some(reason), _) => Some(clean(reason).into_owned()),
            _ if entry.entry.url.is_none() => Some("it names no page".to_owned()),
            (None, Some(reason)) => Some(reason.to_owned()),
            (None, None) => None,
        };
        Ok((if reason.is_some() { "skipped" } else { "pending" }, reason))
    }

    /// The entry that another feed of the source brought for this page since this document was compared with the ledger:
    /// a feed and a sitemap that are polled at one moment list the same articles.
    fn twin(&self, page: &str) -> Result<Option<i64>> {
        let since = self.now.checked_sub(AT_ONCE).unwrap_or(self.now);
        Ok(self
            .db
            .prepare_cached(
                "SELECT id FROM entry WHERE source_id = ?1 AND url_key = ?2 AND feed_id <> ?3 AND first_seen_at >= ?4
                 ORDER BY id DESC LIMIT 1",
            )?
            .query_row(params![self.source, page, self.feed, At::of(since)], |row| row.get(0))
            .optional()?)
    }

    /// Brings what this document says of a page to the entry that another feed brought a moment ago. False when only triage
    /// can tell whether the two together are wanted.
    fn meet(&mut self, twin: i64, new: &NewEntry) -> Result<bool> {
        self.rename(twin, &new.key)?;
        let (state, untried, reason): (String, bool, Option<String>) = self
            .db
            .prepare_cached("SELECT state, last_attempt_at = '', reason FROM entry WHERE id = ?1")?
            .query_row([twin], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let aside = state == "skipped" && untried && !reason.as_deref().is_some_and(is_final);
        match &new.skipped {
            None if aside && !reason.as_deref().is_some_and(|reason| reason.starts_with(EXCLUDED)) => {
                self.change(EntryId(twin), new)?;
            }
            None if aside => return Ok(false),
            Some(_) if state == "pending" => return Ok(false),
            _ => self.complete(twin, &NewEntry { skipped: None, ..new.clone() })?,
        }
        Ok(true)
    }

    /// A key that is there already (another poll was faster) stays as it is. False when it stands for another page.
    fn insert(&mut self, new: &NewEntry) -> Result<bool> {
        let (state, reason) = self.beginning(new)?;
        let host = host_of(self.db, new)?;
        let inserted = self.db
        .prepare_cached(
            "INSERT INTO entry (source_id, feed_id, host_id, state, next_attempt_at, first_seen_at, digest, key, url, url_key, title,
                 reason, entry, published_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT (source_id, key) DO NOTHING",
        )?
        .execute(params![
            self.source,
            self.feed,
            host,
            state,
            (state == "pending").then(|| stamp(self.now)),
            At::of(new.entry.seen_at),
            new.digest,
            clean(&new.key.0),
            new.entry.url.as_ref().map(|url| url.as_str()),
            new.url_key,
            new.entry.title.as_deref().map(clean),
            reason,
            entry_json(new)?,
            published(new),
        ])?;
        if inserted == 0 {
            let mut same = self.db.prepare_cached("SELECT url_key IS ?3 FROM entry WHERE source_id = ?1 AND key = ?2")?;
            return Ok(same.query_row(params![self.source, clean(&new.key.0), new.url_key], |row| row.get(0))?);
        }
        let id = self.db.last_insert_rowid();
        if let Some(published) = published(new) {
            gaps::fill(self.db, self.source, self.feed, &published)?;
        }
        if !new.also.is_empty() {
            new.also.iter().try_for_each(|name| self.rename(id, name))?;
        }
        if state == "pending" {
            self.touched.extend(host);
        }
        Ok(true)
    }

    /// What another feed of the source says of an entry fills what the entry lacks; what it has, stays.
    /// The headline it brings may be one that the operator does not want.
    fn complete(&mut self, id: i64, new: &NewEntry) -> Result<()> {
        let known: Option<Option<String>> = self
            .db
            .prepare_cached("SELECT entry FROM entry WHERE id = ?1 AND source_id = ?2 AND refused = 0")?
            .query_row(params![id, self.source], |row| row.get(0))
            .optional()?;
        let Some(mut entry) = known.flatten().and_then(|json| serde_json::from_str::<Entry>(&json).ok()) else { return Ok(()) };
        let more = &new.entry;
        entry.title = entry.title.or_else(|| more.title.clone());
        entry.summary = entry.summary.or_else(|| more.summary.clone());
        // A sitemap tells when the page was changed, which is no date of publication.
        entry.published = entry.published.or(more.published);
        entry.language = entry.language.or_else(|| more.language.clone());
        entry.image = entry.image.or_else(|| more.image.clone());
        entry.credit = entry.credit.or_else(|| more.credit.clone());
        if entry.authors.is_empty() {
            entry.authors.clone_from(&more.authors);
        }
        if entry.categories.is_empty() {
            entry.categories.clone_from(&more.categories);
        }
        self.db
            .prepare_cached("UPDATE entry SET entry = ?2, title = ?3, published_at = coalesce(?4, published_at) WHERE id = ?1")?
            .execute(params![
                id,
                serde_json::to_string(&entry)?,
                entry.title.as_deref().map(clean),
                entry.published.map(|time| stamp(time.at)),
            ])?;
        if let Some(reason) = &new.skipped {
            self.put_aside(id, reason)?;
        }
        Ok(())
    }

    /// A pending entry is not wanted after all. A scrape of it in hand ends.
    fn put_aside(&mut self, id: i64, reason: &str) -> Result<()> {
        hosts::unpark(self.db, id, self.touched)?;
        let host: Option<Option<HostId>> = self
            .db
            .prepare_cached(
                "UPDATE entry SET state = 'skipped', reason = ?2, class = NULL, next_attempt_at = NULL, lease_until = NULL,
                     parked = 0, epoch = epoch + 1
                 WHERE id = ?1 AND state = 'pending' AND article_id IS NULL RETURNING host_id",
            )?
            .query_row(params![id, clean(reason)], |row| row.get(0))
            .optional()?;
        self.touched.extend(host.flatten());
        Ok(())
    }

    /// A further name of an entry. What is an entry's key already, or another entry's name, stays so.
    fn rename(&self, id: i64, name: &EntryKey) -> Result<()> {
        let name = clean(&name.0);
        let named = self
            .db
            .prepare_cached(
                "INSERT INTO entry_alias (source_id, key, entry_id, seen_at) SELECT ?1, ?2, ?3, ?4
                 WHERE EXISTS (SELECT 1 FROM entry WHERE id = ?3 AND source_id = ?1)
                   AND NOT EXISTS (SELECT 1 FROM entry WHERE source_id = ?1 AND key = ?2)
                 ON CONFLICT (source_id, key) DO UPDATE SET seen_at = excluded.seen_at WHERE entry_id = excluded.entry_id",
            )?
            .execute(params![self.source, name, id, At::of(self.now)])?;
        if named > 0 {
            self.db
                .prepare_cached(
                    "DELETE FROM entry_alias WHERE (source_id, key) IN
                         (SELECT source_id, key FROM entry_alias WHERE entry_id = ?1 ORDER BY seen_at DESC, key LIMIT -1 OFFSET ?2)",
                )?
                .execute(params![id, MOST_NAMES])?;
        }
        Ok(())
    }

    /// An entry that says something new is scraped again. A scrape of it in hand was begun before that, so its claim ends.
    fn change(&mut self, id: EntryId, new: &NewEntry) -> Result<()> {
        let old: Option<(Option<HostId>, Option<String>)> = self
            .db
            .prepare_cached("SELECT host_id, reason FROM entry WHERE id = ?1 AND source_id = ?2")?
            .query_row(params![id.0, self.source], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((old_host, old_reason)) = old else { return self.insert(new).map(drop) };
        if old_reason.as_deref() == Some(TAKEN_DOWN) {
            self.db.prepare_cached("UPDATE entry SET digest = ?2 WHERE id = ?1")?.execute(params![id.0, new.digest])?;
            return Ok(());
        }
        hosts::unpark(self.db, id.0, self.touched)?;
        let (state, reason) = self.beginning(new)?;
        let host = host_of(self.db, new)?;
        self.note_what_it_brought(id)?;
        self.db.prepare_cached(
        "UPDATE entry SET feed_id = ?2, host_id = ?3, state = ?4, refused = 0, attempts = 0, unsettled = 0, epoch = epoch + 1,
             parked = 0, lease_until = NULL, next_attempt_at = ?5, last_attempt_at = '', digest = ?6, url = ?7, url_key = ?8,
             title = ?9, class = NULL, reason = ?10, entry = ?11, published_at = ?12
         WHERE id = ?1",
    )?
    .execute(params![
        id.0,
        self.feed,
        host,
        state,
        (state == "pending").then(|| stamp(self.now)),
        new.digest,
        new.entry.url.as_ref().map(|url| url.as_str()),
        new.url_key,
        new.entry.title.as_deref().map(clean),
        reason,
        entry_json(new)?,
        published(new),
    ])?;
        self.touched.extend(old_host);
        self.touched.extend(host);
        Ok(())
    }

    /// Before an entry is scraped again: whether the last time it said something new its page had changed.
    fn note_what_it_brought(&self, id: EntryId) -> Result<()> {
        self.db
            .prepare_cached(
                "UPDATE entry SET stood = now.stood, idle = CASE WHEN entry.stood IS NOT now.stood THEN 0
                     WHEN last_attempt_at = '' THEN idle ELSE idle + 1 END
                 FROM (SELECT a.id || '.' || a.revision AS stood FROM entry e JOIN article a ON a.id = e.article_id WHERE e.id = ?1) AS now
                 WHERE entry.id = ?1",
            )?
            .execute([id.0])?;
        Ok(())
    }

    /// An element that could not be read is on record, so that the document's validators may be kept.
    fn refuse(&self, element: &Refused) -> Result<()> {
        let refused = self
            .db
            .prepare_cached(
                "INSERT INTO entry (source_id, feed_id, state, refused, first_seen_at, digest, key, title, class, reason)
         VALUES (?1, ?2, 'skipped', 1, ?3, zeroblob(16), ?4, ?5, 'refused', ?6) ON CONFLICT (source_id, key) DO NOTHING",
            )?
            .execute(params![
                self.source,
                self.feed,
                At::of(self.now),
                clean(&element.key),
                element.title.as_deref().map(clean),
                format!("refused: {}", clean(&element.reason)),
            ])?;
        // The same element is refused at every poll; it is one all the same.
        if refused > 0 {
            self.db.prepare_cached("UPDATE feed SET entries_refused = entries_refused + 1 WHERE id = ?1")?.execute([self.feed])?;
        }
        Ok(())
    }
}

fn published(new: &NewEntry) -> Option<String> {
    new.entry.published.or(new.entry.updated).map(|time| stamp(time.at))
}

fn host_of(db: &Connection, new: &NewEntry) -> Result<Option<HostId>> {
    match (&new.host, &new.entry.url) {
        (Some(host), Some(_)) => Ok(Some(hosts::id(db, host)?)),
        (None, Some(url)) => Ok(Some(hosts::id(db, &hosts::name_of(url))?)),
        (_, None) => Ok(None),
    }
}

/// Most bytes of an entry's content that are kept until its page is filed, in case that cannot be had.
const CONTENT: usize = 256 << 10;
/// Fewest bytes of a content worth keeping.
const TEASER: usize = 400;

/// The entry as kept: with its content only where that may be the whole text, and only until its page is filed.
fn entry_json(new: &NewEntry) -> Result<String> {
    let entry = &new.entry;
    let kept = Entry {
        id: entry.id.clone(),
        url: entry.url.clone(),
        title: entry.title.clone(),
        summary: entry.summary.clone(),
        content: entry.content.clone().filter(|content| (TEASER..=CONTENT).contains(&content.len())),
        published: entry.published,
        updated: entry.updated,
        authors: entry.authors.clone(),
        categories: entry.categories.clone(),
        enclosures: entry.enclosures.clone(),
        language: entry.language.clone(),
        image: entry.image.clone(),
        credit: entry.credit.clone(),
        seen_at: entry.seen_at,
    };
    Ok(serde_json::to_string(&kept)?)
}
