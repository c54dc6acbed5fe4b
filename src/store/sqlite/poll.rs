//! Feeds: claimed when their turn has come, and a poll written in one piece.

use std::collections::HashMap;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{
    ClaimId, Committed, DeliveryId, EntryId, EntryKey, EntryState, Failure, FeedClaim, FeedId, FeedKind, Head, HostState,
    KnownEntries, KnownEntry, Pace, PollCommit, PollOutcome, PollRead, Rhythm, Scope, SourceId, Timestamp, Trouble, Validators,
};

use super::columns::{At, address, after, clean, hash};
use super::hosts::{self, HostId, Round};
use super::scrape::{MOST_UNSETTLED, TAKEN_DOWN};
use super::{Error, Lane, Result, arrivals, budget, found, gaps, hub, moves, pages, sources, walk};

/// How long a feed rests that was claimed again and again without a commit.
const CRASHED_REST: Duration = Duration::from_secs(3600);

/// Claims feeds, host by host in the order of their turns.
pub(super) fn claim(
    db: &Connection,
    now: Timestamp,
    limit: usize,
    scope: Scope,
    pace: &Pace,
    lease: Duration,
) -> Result<Vec<FeedClaim>> {
    hosts::void_leases(db, Some(now))?;
    let mut claims = Vec::new();
    let mut round = Round::default();
    while claims.len() < limit {
        let page = hosts::waiting(db, Lane::Poll, scope, now, &mut round)?;
        if page.is_empty() {
            break;
        }
        for host in page {
            if claims.len() >= limit {
                break;
            }
            claim_on_host(db, host, now, limit - claims.len(), scope, pace, lease, &mut claims)?;
        }
    }
    Ok(claims)
}

#[expect(clippy::too_many_arguments, reason = "what a claim is made with, passed on as it came")]
fn claim_on_host(
    db: &Connection,
    host: HostId,
    now: Timestamp,
    limit: usize,
    scope: Scope,
    pace: &Pace,
    lease: Duration,
    claims: &mut Vec<FeedClaim>,
) -> Result<()> {
    let mut room = hosts::room(db, Lane::Poll, host, pace)?.min(limit);
    while room > 0 {
        let state = hosts::state(db, host)?;
        if !hosts::is_near(db, &state, host, now, pace)? {
            break;
        }
        let Some(feed) = next_on_host(db, host, now, scope)? else { break };
        // Whoever asks for a poll by hand gets one.
        if !matches!(scope, Scope::Asked { .. }) && rest_if_crashed(db, feed, now)? {
            continue;
        }
        hosts::take_turn(db, Lane::Poll, &state, host, now, pace)?;
        if !hosts::delay(pace, &state).is_zero() {
            room = 1;
        }
        let epoch: i64 = db
            .prepare_cached(
                "UPDATE feed SET epoch = epoch + 1, unsettled = unsettled + 1, lease_until = ?2 WHERE id = ?1 RETURNING epoch",
            )?
            .query_row(params![feed, At::of(after(now, lease))], |row| row.get(0))?;
        claims.push(read_claim(db, feed, epoch, state)?);
        room -= 1;
    }
    hosts::settle(db, host)
}

/// The feed of a host whose turn came first.
const DUE: &str =
    "SELECT id FROM feed WHERE host_id = ?1 AND named = ?3 AND active = 1 AND lease_until IS NULL AND next_poll_at <= ?2
                   ORDER BY next_poll_at, id LIMIT 1";

fn next_on_host(db: &Connection, host: HostId, now: Timestamp, scope: Scope) -> Result<Option<i64>> {
    let found = match scope {
        Scope::Due => {
            // The named ones first. Two steps in an index, where one statement for both would sort all that is due.
            let mut due = db.prepare_cached(DUE)?;
            match due.query_row(params![host, At::of(now), true], |row| row.get(0)) {
                Err(rusqlite::Error::QueryReturnedNoRows) => due.query_row(params![host, At::of(now), false], |row| row.get(0)),
                named => named,
            }
        }
        Scope::Source(source) => db
            .prepare_cached(
                "SELECT id FROM feed WHERE host_id = ?1 AND active = 1 AND lease_until IS NULL AND next_poll_at <= ?2 AND source_id = ?3
                 ORDER BY next_poll_at, id LIMIT 1",
            )?
            .query_row(params![host, At::of(now), source.0], |row| row.get(0)),
        Scope::Asked { since } => db
            .prepare_cached(
                "SELECT id FROM feed WHERE host_id = ?1 AND active = 1 AND lease_until IS NULL AND last_poll_at < ?3
                   AND forbidden_before <= ?2
                 ORDER BY last_poll_at, id LIMIT 1",
            )?
            .query_row(params![host, At::of(now), At::of(since)], |row| row.get(0)),
    };
    Ok(found.optional()?)
}

/// A feed whose polls never end is not polled in a circle: it counts as failed and rests.
fn rest_if_crashed(db: &Connection, feed: i64, now: Timestamp) -> Result<bool> {
    let rested = db
        .prepare_cached(
            "UPDATE feed SET unsettled = 0, failures = failures + 1, class = 'crashed', reason = 'crashed',
                 failing_since = coalesce(failing_since, ?2), last_poll_at = ?2, next_poll_at = ?3, next_why = 'rests after polls that never ended'
             WHERE id = ?1 AND unsettled >= ?4",
        )?
        .execute(params![feed, At::of(now), At::of(after(now, CRASHED_REST)), MOST_UNSETTLED])?;
    Ok(rested > 0)
}

pub(super) fn read_claim(db: &Connection, feed: i64, epoch: i64, host: HostState) -> Result<FeedClaim> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT f.source_id, s.name, f.url, f.kind, f.etag, f.last_modified, f.body_hash, f.failures, f.rhythm,
                f.mended_since IS NOT NULL, f.home_id IS NOT NULL, f.habits, f.costs, CASE WHEN f.rests_on IS NULL THEN f.lives_at END, {}
         FROM feed f JOIN source s ON s.id = f.source_id LEFT JOIN walk w ON w.id = f.walk_id WHERE f.id = ?1",
        walk::PLACE
    ))?;
    let mut rows = statement.query([feed])?;
    let row = rows.next()?.ok_or(Error::Unreadable { what: "feed", value: feed.to_string() })?;
    let feed = FeedId(feed);
    let place = walk::place(row, 14)?;
    // A walk reads a page in full: what the validators vouch for may have been too old when it was read.
    let in_full = place.walk.is_some();
    let lives_at: Option<String> = row.get(13)?;
    Ok(FeedClaim {
        claim: ClaimId::Feed { feed, epoch },
        feed,
        source: SourceId(row.get(0)?),
        source_name: row.get(1)?,
        url: address(lives_at.as_deref().map_or_else(|| row.get_ref(2)?.as_str().map_err(rusqlite::Error::from), Ok)?)?,
        kind: kind(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?),
        validators: if in_full { Validators::default() } else { Validators { etag: row.get(4)?, last_modified: row.get(5)? } },
        body_hash: hash(row.get(6)?).filter(|_| !in_full),
        failures: row.get(7)?,
        rhythm: Rhythm { brought: pages::brought(db, feed.0)?, budget: budget::read(db)?, ..rhythm(row, [8, 11, 12])? },
        mended: row.get(9)?,
        discovered: row.get(10)?,
        moved: lives_at.is_some(),
        host,
        place,
        push: hub::push(db, feed.0)?,
        delivered: None,
    })
}

/// The columns `rhythm`, `habits` and `costs`. What of them cannot be read is a planner's memory lost, not a feed.
fn rhythm(row: &Row<'_>, [told, habits, costs]: [usize; 3]) -> Result<Rhythm> {
    Ok(Rhythm {
        habits: row.get::<_, Option<_>>(habits)?.unwrap_or_default(),
        costs: row.get::<_, Option<Vec<u8>>>(costs)?.map(|packed| budget::unpack(&packed)).unwrap_or_default(),
        ..serde_json::from_str(row.get_ref(told)?.as_str().map_err(rusqlite::Error::from)?).unwrap_or_default()
    })
}

/// The rhythms of a source's feeds that are polled by themselves.
pub(super) fn rhythms(db: &Connection, source: &str) -> Result<Vec<(String, Rhythm)>> {
    let budget = budget::read(db)?;
    let mut statement = db.prepare_cached(
        "SELECT f.url, f.rhythm, f.habits, f.costs FROM feed f JOIN source s ON s.id = f.source_id
         WHERE s.name = ?1 AND f.named = 1 ORDER BY f.url",
    )?;
    let mut rows = statement.query([source])?;
    let mut told = Vec::new();
    while let Some(row) = rows.next()? {
        told.push((row.get(0)?, Rhythm { budget: budget.clone(), ..rhythm(row, [1, 2, 3])? }));
    }
    Ok(told)
}

fn kind(word: &str) -> FeedKind {
    [FeedKind::Sitemap, FeedKind::Archive, FeedKind::Home].into_iter().find(|kind| kind.as_str() == word).unwrap_or(FeedKind::Feed)
}

/// What the ledger knows of these entries: by their keys and later names, and by their pages.
pub(super) fn known(db: &Connection, source: SourceId, keys: &[EntryKey]) -> Result<KnownEntries> {
    let read_before: bool = db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM feed WHERE source_id = ?1 AND last_success_at IS NOT NULL)")?
        .query_row([source.0], |row| row.get(0))?;
    let columns = known_columns();
    let mut by_key = db.prepare_cached(&format!("{columns} WHERE e.source_id = ?1 AND e.key = ?2"))?;
    let mut by_alias =
        db.prepare_cached(&format!("{columns} WHERE e.id = (SELECT entry_id FROM entry_alias WHERE source_id = ?1 AND key = ?2)"))?;
    let mut by_page = db.prepare_cached(&format!(
        "{columns} WHERE e.source_id = ?1 AND e.url_key = ?2 ORDER BY e.id DESC LIMIT {MOST_OF_A_PAGE}"
    ))?;
    let mut known = KnownEntries {
        entries: HashMap::with_capacity(keys.len()),
        pages: HashMap::new(),
        first_poll: !read_before,
        lists_news: false,
    };
    for key in keys {
        let name = params![source.0, clean(&key.0)];
        let found = match by_key.query_row(name, known_entry).optional()? {
            Some(entry) => Some(entry),
            None => by_alias.query_row(name, known_entry).optional()?,
        };
        known.entries.extend(found.map(|entry| (key.clone(), entry)));
        let page: Vec<KnownEntry> = by_page.query_map(name, known_entry)?.collect::<rusqlite::Result<_>>()?;
        if !page.is_empty() {
            known.pages.insert(key.0.clone(), page);
        }
    }
    Ok(known)
}

/// Most entries of one page that are told of: the newest ones.
const MOST_OF_A_PAGE: usize = 8;

/// The columns of `KnownEntry`. What a scrape set aside has been asked for, and is not for another document to reconsider.
fn known_columns() -> String {
    let [taken_down, disabled, removed] = [TAKEN_DOWN, sources::DISABLED, sources::REMOVED];
    format!(
        "SELECT e.id, e.url_key, e.title, e.digest, CASE WHEN f.active = 1 OR f.parent_id IS NOT NULL THEN e.feed_id END,
            e.published_at, e.last_attempt_at,
            CASE WHEN e.stood = a.id || '.' || a.revision THEN e.idle + 1 ELSE 0 END, a.id IS NOT NULL, e.state,
            CASE WHEN e.state = 'skipped' AND e.last_attempt_at = '' AND e.reason NOT IN ('{taken_down}', '{disabled}', '{removed}')
                 THEN e.reason END
        FROM entry e JOIN feed f ON f.id = e.feed_id LEFT JOIN article a ON a.id = e.article_id"
    )
}

fn known_entry(row: &Row<'_>) -> rusqlite::Result<KnownEntry> {
    Ok(KnownEntry {
        id: EntryId(row.get(0)?),
        url_key: row.get(1)?,
        title: row.get(2)?,
        digest: hash(row.get(3)?).unwrap_or_default(),
        feed: row.get::<_, Option<i64>>(4)?.map(FeedId),
        published: row.get::<_, At>(5)?.0,
        scraped_at: row.get::<_, At>(6)?.0,
        idle: row.get(7)?,
        filed: row.get(8)?,
        state: state(row.get_ref(9)?.as_str()?),
        aside: row.get(10)?,
    })
}

fn state(word: &str) -> EntryState {
    let states = [EntryState::Filed, EntryState::Failed, EntryState::Skipped];
    states.into_iter().find(|state| state.as_str() == word).unwrap_or(EntryState::Pending)
}

/// A feed's row as a commit finds it.
struct Claimed {
    feed: i64,
    source: i64,
    host: HostId,
    failures: u32,
    active: bool,
    costs: Vec<f32>,
}

/// Writes a poll: entries, validators, manners and the next poll, in one piece.
pub(super) fn commit(db: &Connection, claim: &FeedClaim, commit: &PollCommit) -> Result<Committed> {
    let ClaimId::Feed { feed, epoch } = claim.claim else { return Ok(Committed::Stale) };
    let row = db
        .prepare_cached("SELECT source_id, host_id, failures, active AND named, costs FROM feed WHERE id = ?1 AND epoch = ?2")?
        .query_row(params![feed.0, epoch], |row| {
            let costs = row.get_ref(4)?.as_blob_or_null()?.map(budget::unpack).unwrap_or_default();
            Ok(Claimed { feed: feed.0, source: row.get(0)?, host: row.get(1)?, failures: row.get(2)?, active: row.get(3)?, costs })
        })
        .optional()?;
    let Some(row) = row else { return Ok(Committed::Stale) };
    let mut touched = vec![row.host];
    if let Some(delivery) = hub::delivered(claim) {
        return commit_delivery(db, &row, delivery, commit, touched);
    }
    for host in std::iter::once(&commit.host).chain(&commit.met) {
        touched.extend(hosts::merge(db, host)?);
    }
    if let PollOutcome::Failed(trouble @ Trouble { failure: Failure::Waits(_), .. }) = &commit.outcome {
        postpone(db, &row, commit, trouble)?;
        hosts::give_turn_back(db, &commit.host)?;
        hosts::settle_all(db, touched)?;
        return Ok(Committed::Filed(None));
    }
    match &commit.outcome {
        PollOutcome::Unchanged(head) => unchanged(db, &row, head)?,
        PollOutcome::Read(read) => {
            write_read(db, &row, read, commit.polled_at, &mut touched)?;
            pages::take_up(db, claim, &read.pages, commit.polled_at, &mut touched)?;
        }
        PollOutcome::Found(Some(feeds)) => found::write(db, row.source, row.feed, feeds, commit.polled_at, &mut touched)?,
        PollOutcome::Found(None) | PollOutcome::Failed(_) => {}
    }
    settle_feed(db, &row, commit)?;
    moves::settle(db, row.feed, commit, &mut touched)?;
    hub::settle(db, row.feed, commit)?;
    pages::report(db, claim, commit)?;
    if matches!(commit.outcome, PollOutcome::Failed(_)) {
        if let Some(wish) = &commit.look_again {
            found::look_again(db, row.feed, wish, commit.polled_at, &mut touched)?;
        }
    } else {
        pages::wake_followed(db, claim.feed, commit.polled_at, &mut touched)?;
    }
    walk::settle_page(db, claim, commit, &mut touched)?;
    if let PollOutcome::Read(read) = &commit.outcome
        && let Some(gap) = read.gap.as_ref().filter(|_| !claim.place.found)
    {
        walk::look_for(db, claim, gap, commit.polled_at, &mut touched)?;
    }
    hosts::settle_all(db, touched)?;
    Ok(Committed::Filed(None))
}

/// Writes what a hub delivered: the entries as those of a poll, and nothing that only a poll can vouch for.
fn commit_delivery(
    db: &Connection,
    row: &Claimed,
    delivery: DeliveryId,
    commit: &PollCommit,
    mut touched: Vec<HostId>,
) -> Result<Committed> {
    if let PollOutcome::Read(read) = &commit.outcome {
        arrivals::write(db, row.source, row.feed, read, commit.polled_at, &mut touched)?;
    }
    hub::settle_delivery(db, row.feed, delivery, commit)?;
    hub::settle(db, row.feed, commit)?;
    hosts::settle_all(db, touched)?;
    Ok(Committed::Filed(None))
}

/// A feed that was not asked for, since its host's turn is far off: it comes then, and all else is as it was.
fn postpone(db: &Connection, row: &Claimed, commit: &PollCommit, trouble: &Trouble) -> Result<()> {
    db.prepare_cached(
        "UPDATE feed SET epoch = epoch + 1, lease_until = NULL, unsettled = 0, next_poll_at = ?2, next_why = ?3, forbidden_before = ?4,
             class = CASE WHEN failures = 0 THEN ?5 ELSE class END, reason = CASE WHEN failures = 0 THEN ?6 ELSE reason END
         WHERE id = ?1",
    )?
    .execute(params![
        row.feed,
        At::of(commit.next.at),
        commit.next.why,
        At(commit.next.forbidden_before),
        trouble.class,
        clean(&trouble.reason)
    ])?;
    Ok(())
}

/// The feed's own row: when it is polled next, and how it is doing.
fn settle_feed(db: &Connection, row: &Claimed, commit: &PollCommit) -> Result<()> {
    let trouble: Option<&Trouble> = match &commit.outcome {
        PollOutcome::Failed(trouble) => Some(trouble),
        PollOutcome::Unchanged(_) | PollOutcome::Read(_) | PollOutcome::Found(_) => None,
    };
    db.prepare_cached(
        "UPDATE feed SET epoch = epoch + 1, lease_until = NULL, unsettled = 0, failures = ?2, rhythm = ?3, next_poll_at = ?4, next_why = ?5,
             forbidden_before = ?6, last_poll_at = ?7, last_success_at = CASE WHEN ?8 THEN ?7 ELSE last_success_at END,
             class = ?9, reason = ?10, habits = ?11, costs = ?12,
             failing_since = CASE WHEN ?9 IS NOT NULL THEN coalesce(failing_since, ?7) END
         WHERE id = ?1",
    )?
    .execute(params![
        row.feed,
        if trouble.is_some() { row.failures.saturating_add(1) } else { 0 },
        serde_json::to_string(&commit.rhythm)?,
        At::of(commit.next.at),
        commit.next.why,
        At(commit.next.forbidden_before),
        At::of(commit.polled_at),
        // A home page's last success is the last time that feeds were looked for on it.
        trouble.is_none() && !matches!(commit.outcome, PollOutcome::Found(None)),
        trouble.map(|trouble| trouble.class),
        trouble.map(|trouble| clean(&trouble.reason).into_owned()),
        (!commit.rhythm.habits.is_empty()).then_some(&commit.rhythm.habits),
        budget::pack(&commit.rhythm.costs),
    ])?;
    if row.active { budget::exchange(db, &row.costs, &commit.rhythm.costs) } else { Ok(()) }
}

/// The copy we hold is current: its validators may have been renewed (RFC 9111 §4.3.4).
fn unchanged(db: &Connection, row: &Claimed, head: &Head) -> Result<()> {
    db.prepare_cached(
        "UPDATE feed SET etag = coalesce(?2, etag), last_modified = coalesce(?3, last_modified),
             moved_to = coalesce(?4, moved_to) WHERE id = ?1",
    )?
    .execute(params![
        row.feed,
        head.validators.etag,
        head.validators.last_modified,
        head.moved_to.as_ref().map(|url| url.as_str())
    ])?;
    Ok(())
}

/// A document read: what it brought, and the validators only if it vouches for all of it.
fn write_read(db: &Connection, row: &Claimed, read: &PollRead, now: Timestamp, touched: &mut Vec<HostId>) -> Result<()> {
    let whole = arrivals::write(db, row.source, row.feed, read, now, touched)?;
    let validators = read.validators.as_ref().filter(|_| whole);
    let diagnostics = (!read.diagnostics.is_empty()).then(|| serde_json::to_string(&read.diagnostics)).transpose()?;
    db.prepare_cached(
        "UPDATE feed SET etag = ?2, last_modified = ?3, body_hash = ?4, title = coalesce(?5, title), diagnostics = ?6,
             moved_to = ?7, mended_since = CASE WHEN ?8 THEN coalesce(mended_since, ?9) END, bytes_lost = bytes_lost + ?10
         WHERE id = ?1",
    )?
    .execute(params![
        row.feed,
        validators.and_then(|validators| validators.etag.as_deref()),
        validators.and_then(|validators| validators.last_modified.as_deref()),
        read.body_hash.filter(|_| whole),
        read.title.as_deref().map(clean),
        diagnostics,
        read.head.moved_to.as_ref().map(|url| url.as_str()),
        read.needed_mending(),
        At::of(now),
        i64::try_from(read.bytes_lost).unwrap_or(i64::MAX),
    ])?;
    gaps::mended(db, row.feed, read, now)?;
    if let Some(gap) = &read.gap {
        gaps::note(db, row.source, row.feed, gap, now)?;
    }
    Ok(())
}
