//! Entries as a poll brings them: new ones, changed ones, and elements that could not be read.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Entry, EntryId, EntryKey, NewEntry, PollRead, Refused, Timestamp};

use super::columns::{At, clean, stamp};
use super::hosts::{self, HostId};
use super::scrape::{TAKEN_DOWN, is_taken_down};
use super::{Result, gaps, sources};

/// Further names that are kept of one entry: the newest ones.
const MOST_NAMES: i64 = 8;

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
    for entry in &read.fresh {
        whole &= arrivals.insert(entry)?;
    }
    read.changed.iter().try_for_each(|(id, entry)| arrivals.change(*id, entry))?;
    for element in &read.refused {
        arrivals.refuse(element)?;
    }
    read.renamed.iter().try_for_each(|(id, name)| arrivals.rename(id.0, name))?;
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
        self.db.prepare_cached(
        "UPDATE entry SET feed_id = ?2, host_id = ?3, state = ?4, refused = 0, attempts = 0, unsettled = 0, epoch = epoch + 1,
             parked = 0, lease_until = NULL, next_attempt_at = ?5, last_attempt_at = '', digest = ?6, url = ?7, url_key = ?8,
             title = ?9, class = NULL, reason = ?10, entry = ?11, published_at = ?12, changes = changes + 1
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

/// The entry as kept: without its content, which the page has better.
fn entry_json(new: &NewEntry) -> Result<String> {
    let entry = &new.entry;
    let kept = Entry {
        id: entry.id.clone(),
        url: entry.url.clone(),
        title: entry.title.clone(),
        summary: entry.summary.clone(),
        content: None,
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
