//! Manners towards hosts in rows: whose turn has come, a turn taken, what a job learnt, leases ended.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use crate::model::{ClaimId, HostState, Pace, Scope, Timestamp, Url, Validators};

use super::columns::{At, after, from_micros, micros, stamp};
use super::{Lane, Result};

/// A host's row.
pub(super) type HostId = i64;

/// The row of a host, made when there is none.
pub(super) fn id(db: &Connection, name: &str) -> Result<HostId> {
    let known = db.prepare_cached("SELECT id FROM host WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?;
    match known {
        Some(id) => Ok(id),
        None => Ok(db.prepare_cached("INSERT INTO host (name) VALUES (?1)")?.insert([name])?),
    }
}

/// The name of the host an address is on, in the form `HostState::host` has.
pub(super) fn name_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// What a claim brings of its host. `next_fetch_at` is the turn that the claim has got.
pub(super) fn state(db: &Connection, host: HostId) -> Result<HostState> {
    let mut statement = db.prepare_cached(
        "SELECT h.name, h.next_fetch_at, h.delay_us, h.retry_until, r.body, r.until, h.slowed_us, h.robots_failing_since,
             r.etag, r.last_modified
         FROM host h LEFT JOIN robots r ON r.host_id = h.id WHERE h.id = ?1",
    )?;
    Ok(statement.query_row([host], |row| {
        Ok(HostState {
            host: row.get(0)?,
            next_fetch_at: row.get::<_, At>(1)?.0,
            delay: row.get::<_, Option<i64>>(2)?.map(from_micros),
            retry_until: row.get::<_, At>(3)?.0,
            robots: row.get(4)?,
            robots_until: row.get::<_, At>(5)?.0,
            slowed: row.get::<_, Option<i64>>(6)?.map(from_micros),
            robots_failing_since: row.get::<_, At>(7)?.0,
            robots_validators: Validators { etag: row.get(8)?, last_modified: row.get(9)? },
            met: Vec::new(),
        })
    })?)
}

/// What is known of a host by its name; nothing of one that was never asked.
pub(super) fn known(db: &Connection, name: &str) -> Result<HostState> {
    let id: Option<HostId> =
        db.prepare_cached("SELECT id FROM host WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?;
    match id {
        Some(id) => state(db, id),
        None => Ok(HostState { host: name.to_owned(), ..HostState::default() }),
    }
}

/// Takes a host's turn: the next one comes a delay later. Feeds may take theirs ahead (`is_near`), so that a host with a
/// long queue of pages still has its feeds polled; after a feed a page that waits comes first, so that pages have their share.
pub(super) fn take_turn(db: &Connection, lane: Lane, host: &HostState, id: HostId, now: Timestamp, pace: &Pace) -> Result<()> {
    let (turn, delay) = (host.next_fetch_at.map_or(now, |turn| turn.max(now)), delay(pace, host));
    let next = after(turn, delay);
    let sql = match lane {
        Lane::Poll => "UPDATE host SET next_fetch_at = ?2, next_feed_at = ?3 WHERE id = ?1",
        Lane::Scrape => "UPDATE host SET next_fetch_at = ?2 WHERE id = ?1 AND ?3 <> ''",
    };
    let page_waits = lane == Lane::Poll
        && db
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM entry WHERE host_id = ?1 AND state = 'pending' AND lease_until IS NULL
                                AND next_attempt_at <= ?2)",
            )?
            .query_row(params![id, At::of(next)], |row| row.get::<_, bool>(0))?;
    let next_feed = if page_waits { ahead(after(next, delay), pace) } else { after(now, delay) };
    db.prepare_cached(sql)?.execute(params![id, At::of(next), At::of(next_feed)])?;
    Ok(())
}

/// When a feed may take a turn that comes then: as much ahead as a request waits for at least.
fn ahead(turn: Timestamp, pace: &Pace) -> Timestamp {
    turn.checked_sub(pace.delay).unwrap_or(turn)
}

/// Whether a host's next turn is near enough for a feed to take it. If not, it is kept that feeds come later: a turn that is
/// taken too far ahead is one that no request waits for.
pub(super) fn is_near(db: &Connection, host: &HostState, id: HostId, now: Timestamp, pace: &Pace) -> Result<bool> {
    let Some(from) = host.next_fetch_at.map(|turn| ahead(turn, pace)).filter(|from| *from > now) else { return Ok(true) };
    db.prepare_cached("UPDATE host SET next_feed_at = max(next_feed_at, ?2) WHERE id = ?1")?.execute(params![id, At::of(from)])?;
    Ok(false)
}

/// Gives a turn back that no request was made in: the next one is as far off as the visit found it.
pub(super) fn give_turn_back(db: &Connection, found: &HostState) -> Result<()> {
    let Some(next) = found.next_fetch_at else { return Ok(()) };
    db.prepare_cached(
        "UPDATE host SET next_fetch_at = min(next_fetch_at, ?2), next_feed_at = min(next_feed_at, ?2) WHERE name = ?1",
    )?
    .execute(params![found.host, At::of(next)])?;
    Ok(())
}

/// Start-to-start distance on a host: the operator's, or the host's own when that is longer, or what its slowness asks for.
/// Where the operator switched the pace off, slowness asks for nothing.
pub(super) fn delay(pace: &Pace, host: &HostState) -> Duration {
    let slowed = host.slowed.filter(|_| !pace.delay.is_zero()).unwrap_or_default();
    pace.delay.max(host.delay.unwrap_or_default()).max(slowed)
}

/// Keeps what a job learnt of a host: the later time and the longer delay win, so that two jobs never undo each other. A
/// newer robots.txt replaces the older one, and with it the delay that came from it and the memory that it was out of reach.
pub(super) fn merge(db: &Connection, learnt: &HostState) -> Result<Vec<HostId>> {
    let mut ids = Vec::new();
    for host in std::iter::once(learnt).chain(&learnt.met) {
        ids.extend(merge_one(db, host)?);
    }
    Ok(ids)
}

fn merge_one(db: &Connection, learnt: &HostState) -> Result<Option<HostId>> {
    if learnt.host.is_empty() {
        return Ok(None);
    }
    let id = id(db, &learnt.host)?;
    let newer = match &learnt.robots {
        None => false,
        Some(_) => {
            let known: Option<String> = db
                .prepare_cached("SELECT until FROM robots WHERE host_id = ?1")?
                .query_row([id], |row| row.get(0))
                .optional()?
                .flatten();
            known.as_deref().unwrap_or_default() < learnt.robots_until.map(stamp).unwrap_or_default().as_str()
        }
    };
    if newer {
        db.prepare_cached("INSERT OR REPLACE INTO robots (host_id, body, until, etag, last_modified) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![
                id,
                learnt.robots,
                At(learnt.robots_until),
                learnt.robots_validators.etag,
                learnt.robots_validators.last_modified
            ])?;
    }
    db.prepare_cached(
        "UPDATE host SET next_fetch_at = max(next_fetch_at, :next), retry_until = max(retry_until, :retry),
             delay_us = CASE WHEN :newer THEN :delay ELSE nullif(max(coalesce(delay_us, 0), coalesce(:delay, 0)), 0) END,
             slowed_us = coalesce(:slowed, slowed_us),
             robots_failing_since = CASE WHEN :failing <> '' THEN :failing WHEN NOT :newer THEN robots_failing_since END
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": id,
        ":next": At(learnt.next_fetch_at),
        ":retry": At(learnt.retry_until),
        ":delay": learnt.delay.map(micros),
        ":newer": newer,
        // Both come from the one gate of the host in this process: what is written last is what it knows now.
        ":slowed": learnt.slowed.map(micros),
        ":failing": At(learnt.robots_failing_since),
    })?;
    Ok(Some(id))
}

/// Writes when a host's next feed and page may be claimed. To be called after every change of its turns, and of the
/// feeds and entries that wait for it.
pub(super) fn settle(db: &Connection, host: HostId) -> Result<()> {
    // Two statements and not an UPDATE FROM: that one opens a statement journal, which after a long statement in the same
    // transaction costs as much as all of it, for every host.
    type Derived = [Option<String>; 6];
    let mut derive = db.prepare_cached(
        "SELECT max(h.next_feed_at, h.retry_until, waiting.feed),
                CASE WHEN waiting.feed IS NOT NULL THEN max(h.next_feed_at, h.retry_until) END, waiting.feed_asked,
                max(h.next_fetch_at, h.retry_until, coalesce(min(waiting.entry, waiting.recheck), waiting.entry, waiting.recheck)),
                CASE WHEN waiting.entry IS NOT NULL THEN max(h.next_fetch_at, h.retry_until) END, waiting.entry_asked
         FROM (SELECT (SELECT min(next_poll_at) FROM feed WHERE host_id = ?1 AND active = 1 AND lease_until IS NULL) AS feed,
                      (SELECT min(last_poll_at) FROM feed WHERE host_id = ?1 AND active = 1 AND lease_until IS NULL) AS feed_asked,
                      (SELECT min(next_attempt_at) FROM entry
                       WHERE host_id = ?1 AND state = 'pending' AND lease_until IS NULL) AS entry,
                      (SELECT min(last_attempt_at) FROM entry
                       WHERE host_id = ?1 AND state = 'pending' AND lease_until IS NULL) AS entry_asked,
                      (SELECT min(recheck_at) FROM entry
                       WHERE host_id = ?1 AND state = 'filed' AND lease_until IS NULL AND recheck_at IS NOT NULL) AS recheck) AS waiting,
              host h
         WHERE h.id = ?1",
    )?;
    let [poll_due, poll_turn, poll_asked, scrape_due, scrape_turn, scrape_asked]: Derived =
        derive.query_row([host], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?]))?;
    db.prepare_cached(
        "UPDATE host SET poll_due_at = ?2, poll_turn_at = ?3, poll_asked_at = ?4, scrape_due_at = ?5, scrape_turn_at = ?6,
             scrape_asked_at = ?7
         WHERE id = ?1",
    )?
    .execute(params![host, poll_due, poll_turn, poll_asked, scrape_due, scrape_turn, scrape_asked])?;
    Ok(())
}

/// Settles each of some hosts once.
pub(super) fn settle_all(db: &Connection, mut hosts: Vec<HostId>) -> Result<()> {
    hosts.sort_unstable();
    hosts.dedup();
    hosts.into_iter().try_for_each(|host| settle(db, host))
}

/// Where a round over waiting hosts stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Round {
    at: String,
    id: HostId,
}

/// The next hosts that may be asked by `now` for something in scope: of what is due those whose turn comes first, of what
/// was asked for by hand those whose last attempt is the longest ago.
pub(super) fn waiting(db: &Connection, lane: Lane, scope: Scope, now: Timestamp, round: &mut Round) -> Result<Vec<HostId>> {
    let sql = match (lane, scope) {
        (Lane::Poll, Scope::Source(_)) => {
            "SELECT DISTINCT ?2, h.id FROM feed f JOIN host h ON h.id = f.host_id
             WHERE f.source_id = ?4 AND f.active = 1 AND f.lease_until IS NULL AND f.next_poll_at <= ?1
               AND max(h.next_feed_at, h.retry_until) <= ?1 AND h.id > ?3 ORDER BY h.id LIMIT 64"
        }
        (Lane::Scrape, Scope::Source(_)) => {
            "SELECT DISTINCT ?2, h.id FROM entry e JOIN host h ON h.id = e.host_id
             WHERE e.source_id = ?4 AND e.state = 'pending' AND e.lease_until IS NULL AND e.next_attempt_at <= ?1
               AND max(h.next_fetch_at, h.retry_until) <= ?1 AND h.id > ?3 ORDER BY h.id LIMIT 64"
        }
        (Lane::Poll, Scope::Due) => {
            "SELECT poll_due_at, id FROM host
             WHERE poll_due_at <= ?1 AND (poll_due_at, id) > (?2, ?3) ORDER BY poll_due_at, id LIMIT 64"
        }
        (Lane::Scrape, Scope::Due) => {
            "SELECT scrape_due_at, id FROM host
             WHERE scrape_due_at <= ?1 AND (scrape_due_at, id) > (?2, ?3) ORDER BY scrape_due_at, id LIMIT 64"
        }
        (Lane::Poll, Scope::Asked { .. }) => {
            "SELECT poll_asked_at, id FROM host
             WHERE poll_asked_at < ?4 AND poll_turn_at <= ?1 AND (poll_asked_at, id) > (?2, ?3) ORDER BY poll_asked_at, id LIMIT 64"
        }
        (Lane::Scrape, Scope::Asked { .. }) => {
            "SELECT scrape_asked_at, id FROM host
             WHERE scrape_asked_at < ?4 AND scrape_turn_at <= ?1 AND (scrape_asked_at, id) > (?2, ?3)
             ORDER BY scrape_asked_at, id LIMIT 64"
        }
    };
    let mut statement = db.prepare_cached(sql)?;
    let place = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let page: Vec<(String, HostId)> = match scope {
        Scope::Due => statement.query_map(params![At::of(now), round.at, round.id], place)?.collect::<rusqlite::Result<_>>()?,
        Scope::Source(source) => {
            statement.query_map(params![At::of(now), round.at, round.id, source.0], place)?.collect::<rusqlite::Result<_>>()?
        }
        Scope::Asked { since } => {
            statement.query_map(params![At::of(now), round.at, round.id, At::of(since)], place)?.collect::<rusqlite::Result<_>>()?
        }
    };
    if let Some((at, id)) = page.last() {
        *round = Round { at: at.clone(), id: *id };
    }
    Ok(page.into_iter().map(|(_, id)| id).collect())
}

/// How many more jobs of this lane a host may be given. Feeds count feeds alone, pages count both.
pub(super) fn room(db: &Connection, lane: Lane, host: HostId, pace: &Pace) -> Result<usize> {
    let sql = match lane {
        Lane::Poll => "SELECT count(*) FROM feed INDEXED BY feed_in_hand WHERE host_id = ?1 AND lease_until IS NOT NULL",
        Lane::Scrape => {
            "SELECT (SELECT count(*) FROM entry INDEXED BY entry_in_hand WHERE host_id = ?1 AND lease_until IS NOT NULL AND parked = 0)
                  + (SELECT count(*) FROM feed INDEXED BY feed_in_hand WHERE host_id = ?1 AND lease_until IS NOT NULL)"
        }
    };
    let in_hand: i64 = db.prepare_cached(sql)?.query_row([host], |row| row.get(0))?;
    Ok(pace.per_host.max(1).saturating_sub(usize::try_from(in_hand).unwrap_or(usize::MAX)))
}

/// Ends leases that have run out by `now`, or all of them.
pub(super) fn void_leases(db: &Connection, until: Option<Timestamp>) -> Result<()> {
    let limit = At::of(until.unwrap_or(Timestamp::MAX));
    let host = |row: &Row<'_>| row.get::<_, Option<HostId>>(0);
    let mut hosts = Vec::new();
    for sql in [
        "UPDATE feed INDEXED BY feed_lease SET lease_until = NULL WHERE lease_until <= ?1 RETURNING host_id",
        "UPDATE entry INDEXED BY entry_lease SET lease_until = NULL, parked = 0 WHERE lease_until <= ?1 RETURNING host_id",
    ] {
        let mut statement = db.prepare_cached(sql)?;
        for id in statement.query_map(params![limit], host)? {
            hosts.extend(id?);
        }
    }
    settle_all(db, hosts)
}

/// Pauses of a job that was in hand when the process ended, by its claims in a row without a commit. A page that ends the
/// process does so again at once; a process that is killed from outside is not killed three times at one page over minutes.
const PAUSES: [(u32, Duration); 2] = [(1, Duration::from_secs(2)), (2, Duration::from_secs(120))];

/// Voids every lease when the lanes start. What was in hand when the process ended may be what ended it: such a suspect
/// comes back after a pause, behind what is above suspicion.
pub(super) fn void_leases_of_the_dead(db: &Connection, now: Timestamp) -> Result<()> {
    for (unsettled, pause) in PAUSES {
        let until = At::of(after(now, pause));
        db.prepare_cached(
            "UPDATE entry SET next_attempt_at = max(next_attempt_at, ?2)
             WHERE lease_until IS NOT NULL AND parked = 0 AND state = 'pending' AND unsettled = ?1",
        )?
        .execute(params![unsettled, until])?;
    }
    db.prepare_cached("UPDATE feed SET next_poll_at = max(next_poll_at, ?1) WHERE lease_until IS NOT NULL AND unsettled > 1")?
        .execute(params![At::of(after(now, PAUSES[0].1))])?;
    void_leases(db, None)?;
    bring_back(db, now)
}

/// Brings times back that lie farther ahead than anything is ever planned: the clock was wrong once. No lease is left, so
/// that what waits stands in the indexes of what waits: a table of millions is not looked through at every start.
fn bring_back(db: &Connection, now: Timestamp) -> Result<()> {
    let (day, month) = (after(now, Duration::from_secs(25 * 3600)), after(now, Duration::from_secs(33 * 86_400)));
    // The latest look that can be asked for comes a year after the article, with its jitter.
    let looks = after(now, Duration::from_secs(2 * 365 * 86_400));
    let mut hosts: Vec<HostId> = Vec::new();
    for (sql, limit) in [
        ("UPDATE host SET next_fetch_at = min(next_fetch_at, ?1), retry_until = min(retry_until, ?1), next_feed_at = min(next_feed_at, ?1)
          WHERE max(next_fetch_at, retry_until, next_feed_at) > ?1 RETURNING id", day),
        ("UPDATE entry INDEXED BY entry_due SET next_attempt_at = ?1
          WHERE state = 'pending' AND lease_until IS NULL AND next_attempt_at > ?1 RETURNING host_id", day),
        ("UPDATE entry INDEXED BY entry_recheck SET recheck_at = ?1
          WHERE recheck_at IS NOT NULL AND state = 'filed' AND lease_until IS NULL AND recheck_at > ?1 RETURNING host_id", looks),
        ("UPDATE feed SET next_poll_at = min(next_poll_at, ?1), forbidden_before = min(forbidden_before, ?1)
          WHERE max(next_poll_at, forbidden_before) > ?1 RETURNING host_id", month),
    ] {
        let mut statement = db.prepare_cached(sql)?;
        for host in statement.query_map(params![At::of(limit)], |row| row.get::<_, Option<HostId>>(0))? {
            hosts.extend(host?);
        }
    }
    settle_all(db, hosts)
}

/// Whether a suspect is in hand: an entry that was claimed before without a commit. Only one is given out at a time, so
/// that the next end of the process points at it and at nothing else.
pub(super) fn suspect_in_hand(db: &Connection) -> Result<bool> {
    let mut statement =
        db.prepare_cached("SELECT EXISTS (SELECT 1 FROM entry WHERE unsettled > 1 AND lease_until IS NOT NULL AND parked = 0)")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Gives claims back, with the attempts they counted.
pub(super) fn release(db: &Connection, claims: &[ClaimId]) -> Result<()> {
    let mut hosts = Vec::new();
    for claim in claims {
        let host: Option<HostId> = match claim {
            ClaimId::Feed { feed, epoch } => db
                .prepare_cached(
                    "UPDATE feed SET lease_until = NULL, unsettled = max(unsettled - 1, 0)
                     WHERE id = ?1 AND epoch = ?2 AND lease_until IS NOT NULL RETURNING host_id",
                )?
                .query_row(params![feed.0, epoch], |row| row.get(0))
                .optional()?,
            ClaimId::Entry { entry, epoch } => {
                unpark(db, entry.0, &mut hosts)?;
                db.prepare_cached(
                    "UPDATE entry SET lease_until = NULL, parked = 0, unsettled = max(unsettled - 1, 0),
                         attempts = CASE WHEN state = 'pending' THEN max(attempts - 1, 0) ELSE attempts END, last_attempt_at = ''
                     WHERE id = ?1 AND epoch = ?2 AND lease_until IS NOT NULL RETURNING host_id",
                )?
                .query_row(params![entry.0, epoch], |row| row.get(0))
                .optional()?
                .flatten()
            }
        };
        hosts.extend(host);
    }
    settle_all(db, hosts)
}

/// Lets go of the entries that waited for another entry of the same page.
pub(super) fn unpark(db: &Connection, entry: i64, hosts: &mut Vec<HostId>) -> Result<()> {
    let mut statement = db.prepare_cached(
        "UPDATE entry SET lease_until = NULL, parked = 0
         WHERE state <> 'filed' AND url_key IS NOT NULL AND parked = 1
           AND url_key = (SELECT url_key FROM entry WHERE id = ?1)
         RETURNING host_id",
    )?;
    for host in statement.query_map([entry], |row| row.get::<_, Option<HostId>>(0))? {
        hosts.extend(host?);
    }
    Ok(())
}
