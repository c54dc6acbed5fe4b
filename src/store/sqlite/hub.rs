//! Subscriptions at hubs and what the hubs delivered, in rows: nothing of them is lost with the process.
//!
//! The last part of a callback's path and the secret are 128 random bits each, by SQLite's generator (ChaCha20, keyed by the
//! system). Both stand in no view.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{
    ClaimId, Delivery, DeliveryId, FeedClaim, FeedId, HubClaim, HubCommit, HubOffer, HubOutcome, HubWish, PollCommit, PollOutcome,
    Push, Pushed, Secret, Taken, Timestamp, Trust, Verification, VerificationMode,
};

use super::columns::{At, address, after, clean};
use super::hosts::{self, HostId};
use super::{HubRow, Result, poll};

/// Bodies of one feed that wait for the poll lane, and of all: bodies and bytes.
const MOST_OF_A_FEED: i64 = 8;
const MOST_WAITING: i64 = 1000;
const MOST_BYTES: i64 = 64 << 20;
/// Deliveries in hand at the same time: their bodies are in memory.
const IN_HAND: usize = 8;
/// Claims of a body without a commit after which it is thrown away.
const MOST_ATTEMPTS: i64 = 3;
/// The lease of a hub that names none, and the longest one believed.
const LEASE: Duration = Duration::from_secs(86_400);
const LONGEST_LEASE: Duration = Duration::from_secs(30 * 86_400);
/// No hub is asked for a renewal more often.
const RENEWAL: Duration = Duration::from_secs(3600);
/// How long a hub that denied a subscription is not asked again.
const DENIED: Duration = Duration::from_secs(7 * 86_400);

/// What a claim brings of the feed's subscription.
pub(super) fn push(db: &Connection, feed: i64) -> Result<Option<Push>> {
    let mut statement = db.prepare_cached(
        "SELECT s.state, s.lease_until, s.pushes, s.misses, f.last_poll_at, f.next_poll_at, s.due_at
         FROM subscription s JOIN feed f ON f.id = s.feed_id WHERE s.feed_id = ?1",
    )?;
    let found = statement.query_row([feed], |row| {
        let active = row.get_ref(0)?.as_str()? == "active";
        Ok(Push {
            active_until: row.get::<_, At>(1)?.0.filter(|_| active),
            trust: Trust { pushes: row.get(2)?, misses: row.get(3)?, due_at: row.get::<_, At>(6)?.0 },
            polled_at: row.get::<_, At>(4)?.0,
            next_poll_at: row.get::<_, At>(5)?.0.unwrap_or(Timestamp::MIN),
        })
    });
    Ok(found.optional()?)
}

/// What a poll wants of the subscription, and how far it trusts the pushes.
pub(super) fn settle(db: &Connection, feed: i64, commit: &PollCommit) -> Result<()> {
    match &commit.hub {
        HubWish::Keep => {}
        HubWish::Drop => {
            db.prepare_cached("DELETE FROM subscription WHERE feed_id = ?1")?.execute([feed])?;
        }
        HubWish::Subscribe(offer) => {
            db.prepare_cached("DELETE FROM subscription WHERE feed_id = ?1 AND (hub <> ?2 OR topic <> ?3)")?.execute(params![
                feed,
                offer.hub.as_str(),
                offer.topic.as_str()
            ])?;
            db.prepare_cached(
                "INSERT INTO subscription (feed_id, hub, topic, path, secret, next_at)
                 VALUES (?1, ?2, ?3, lower(hex(randomblob(16))), lower(hex(randomblob(16))), ?4) ON CONFLICT (feed_id) DO NOTHING",
            )?
            .execute(params![feed, offer.hub.as_str(), offer.topic.as_str(), At::of(commit.polled_at)])?;
        }
    }
    if let Some(trust) = commit.trust {
        db.prepare_cached("UPDATE subscription SET pushes = ?2, misses = ?3, due_at = ?4 WHERE feed_id = ?1")?.execute(params![
            feed,
            trust.pushes,
            trust.misses,
            At(trust.due_at)
        ])?;
    }
    Ok(())
}

/// Claims feeds of which a body waits. No request is made for them: they take no turn of a host.
pub(super) fn claim_deliveries(db: &Connection, now: Timestamp, limit: usize, lease: Duration) -> Result<Vec<FeedClaim>> {
    let mut claims = Vec::new();
    while claims.len() < limit.min(IN_HAND) {
        let next = db
            .prepare_cached(
                "SELECT d.id, d.feed_id, f.host_id, d.attempts FROM delivery d CROSS JOIN feed f ON f.id = d.feed_id
                 WHERE f.active = 1 AND f.lease_until IS NULL ORDER BY d.id LIMIT 1",
            )?
            .query_row([], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, HostId>(2)?, row.get::<_, i64>(3)?))
            })
            .optional()?;
        let Some((id, feed, host, attempts)) = next else { break };
        if attempts >= MOST_ATTEMPTS {
            tracing::warn!(feed, "what a hub delivered was read again and again without an end; it is thrown away");
            db.prepare_cached("DELETE FROM delivery WHERE id = ?1")?.execute([id])?;
            continue;
        }
        db.prepare_cached("UPDATE delivery SET attempts = attempts + 1 WHERE id = ?1")?.execute([id])?;
        let epoch: i64 = db
            .prepare_cached("UPDATE feed SET epoch = epoch + 1, lease_until = ?2 WHERE id = ?1 RETURNING epoch")?
            .query_row(params![feed, At::of(after(now, lease))], |row| row.get(0))?;
        let mut claim = poll::read_claim(db, feed, epoch, hosts::state(db, host)?)?;
        claim.delivered = Some(delivery(db, id)?);
        claims.push(claim);
        hosts::settle(db, host)?;
    }
    Ok(claims)
}

fn delivery(db: &Connection, id: i64) -> Result<Delivery> {
    let mut statement = db.prepare_cached("SELECT content_type, received_at, body FROM delivery WHERE id = ?1")?;
    Ok(statement.query_row([id], |row| {
        Ok(Delivery {
            id: DeliveryId(id),
            content_type: row.get(0)?,
            received_at: row.get::<_, At>(1)?.0.unwrap_or(Timestamp::MIN),
            body: row.get(2)?,
        })
    })?)
}

/// Whether a body waits that could be claimed.
pub(super) fn is_waiting(db: &Connection) -> Result<bool> {
    // CROSS JOIN keeps the order: the few bodies are looked through, and not all feeds there are.
    let sql = "SELECT EXISTS (SELECT 1 FROM delivery d CROSS JOIN feed f ON f.id = d.feed_id WHERE f.active = 1 AND f.lease_until IS NULL)";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Ends the claim of a delivered body: the feed's validators, failures and manners stay as they were.
pub(super) fn settle_delivery(db: &Connection, feed: i64, delivery: DeliveryId, commit: &PollCommit) -> Result<()> {
    let was_read = !matches!(commit.outcome, PollOutcome::Failed(_));
    db.prepare_cached(
        "UPDATE feed SET epoch = epoch + 1, lease_until = NULL, next_poll_at = ?2, next_why = ?3, rhythm = ?4,
             last_success_at = CASE WHEN ?5 THEN ?6 ELSE last_success_at END
         WHERE id = ?1",
    )?
    .execute(params![
        feed,
        At::of(commit.next.at),
        commit.next.why,
        serde_json::to_string(&commit.rhythm)?,
        was_read,
        At::of(commit.polled_at)
    ])?;
    db.prepare_cached(
        "UPDATE subscription SET last_hash = (SELECT hash FROM delivery WHERE id = ?2),
             deliveries = deliveries + ?3, pushed_at = CASE WHEN ?3 THEN ?4 ELSE pushed_at END
         WHERE feed_id = ?1",
    )?
    .execute(params![feed, delivery.0, was_read, At::of(commit.polled_at)])?;
    db.prepare_cached("DELETE FROM delivery WHERE id = ?1")?.execute([delivery.0])?;
    Ok(())
}

/// Whether a hub is to be asked now.
pub(super) fn is_due(db: &Connection, now: Timestamp) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM subscription WHERE next_at <= ?1)";
    Ok(db.prepare_cached(sql)?.query_row([At::of(now)], |row| row.get(0))?)
}

/// Claims subscriptions to be asked for. The claim holds for `lease`; one that was asked for and not confirmed has failed.
pub(super) fn claim(db: &Connection, now: Timestamp, limit: usize, lease: Duration) -> Result<Vec<HubClaim>> {
    let mut due = db.prepare_cached(
        "SELECT s.feed_id FROM subscription s CROSS JOIN feed f ON f.id = s.feed_id
         WHERE s.next_at <= ?1 AND f.active = 1 ORDER BY s.next_at LIMIT ?2",
    )?;
    let due: Vec<i64> = due.query_map(params![At::of(now), limit as i64], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    due.into_iter().map(|feed| claim_one(db, feed, now, lease)).collect()
}

fn claim_one(db: &Connection, feed: i64, now: Timestamp, lease: Duration) -> Result<HubClaim> {
    db.prepare_cached(
        "UPDATE subscription SET epoch = epoch + 1, next_at = ?2,
             failures = failures + (state = 'asked'),
             class = CASE WHEN state = 'asked' THEN 'hub_silent' ELSE class END,
             reason = CASE WHEN state = 'asked' THEN 'the hub took the request and did not ask back' ELSE reason END
         WHERE feed_id = ?1",
    )?
    .execute(params![feed, At::of(after(now, lease))])?;
    let mut statement = db.prepare_cached(
        "SELECT s.epoch, s.hub, s.topic, s.path, s.secret, s.failures, f.url, src.name
         FROM subscription s JOIN feed f ON f.id = s.feed_id JOIN source src ON src.id = f.source_id WHERE s.feed_id = ?1",
    )?;
    type Row = (i64, String, String, String, String, u32, String, String);
    let (epoch, hub, topic, path, secret, failures, url, source_name): Row = statement.query_row([feed], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?))
    })?;
    let offer = HubOffer { hub: address(&hub)?, topic: address(&topic)? };
    let host = hosts::known(db, &hosts::name_of(&offer.hub))?;
    Ok(HubClaim {
        feed: FeedId(feed),
        epoch,
        source_name,
        feed_url: address(&url)?,
        offer,
        path: Secret(path),
        secret: Secret(secret),
        failures,
        host,
    })
}

/// Writes what a request for a subscription came to. A confirmation that was faster stays, and so does a lease that runs.
pub(super) fn commit(db: &Connection, claim: &HubClaim, commit: &HubCommit) -> Result<()> {
    let (asked, trouble) = match &commit.outcome {
        HubOutcome::Asked => (true, None),
        HubOutcome::Failed(trouble) => (false, Some(trouble)),
    };
    db.prepare_cached(
        "UPDATE subscription SET
             state = CASE WHEN confirmed_epoch = epoch THEN state WHEN state = 'active' AND lease_until > ?6 THEN state
                          WHEN ?3 THEN 'asked' ELSE 'failed' END,
             next_at = CASE WHEN confirmed_epoch = epoch THEN next_at ELSE ?4 END,
             failures = CASE WHEN ?3 THEN failures ELSE failures + 1 END,
             class = CASE WHEN ?3 THEN class ELSE ?5 END, reason = CASE WHEN ?3 THEN reason ELSE ?7 END
         WHERE feed_id = ?1 AND epoch = ?2",
    )?
    .execute(params![
        claim.feed.0,
        claim.epoch,
        asked,
        At::of(commit.next_at),
        trouble.map(|trouble| trouble.class),
        At::of(commit.next_at),
        trouble.map(|trouble| clean(&trouble.reason).into_owned()),
    ])?;
    let touched: Vec<HostId> = hosts::merge(db, &commit.host)?;
    hosts::settle_all(db, touched)
}

/// Answers a hub that asks back, or takes note of what it says; false: nobody asked it for that.
pub(super) fn verify(db: &Connection, said: &Verification, now: Timestamp) -> Result<bool> {
    match said.mode {
        VerificationMode::Unsubscribe => Ok(false),
        VerificationMode::Subscribe => {
            let lease = said.lease.unwrap_or(LEASE).min(LONGEST_LEASE);
            // In time before its end, and no more often than is decent.
            let renewal = (lease / 4 * 3).max(RENEWAL);
            let changed = db
                .prepare_cached(
                    "UPDATE subscription SET state = 'active', lease_until = ?3, next_at = ?4, confirmed_epoch = epoch,
                         failures = 0, class = NULL, reason = NULL
                     WHERE path = ?1 AND topic = ?2 AND epoch > 0 AND state <> 'denied'",
                )?
                .execute(params![said.path, said.topic, At::of(after(now, lease)), At::of(after(now, renewal))])?;
            Ok(changed > 0)
        }
        VerificationMode::Denied => deny(db, said, now),
    }
}

/// The hub serves us no longer: the feed is polled as ever.
fn deny(db: &Connection, said: &Verification, now: Timestamp) -> Result<bool> {
    let reason = said.reason.as_deref().unwrap_or("the hub gave no reason");
    let feed: Option<i64> = db
        .prepare_cached(
            "UPDATE subscription SET state = 'denied', lease_until = NULL, next_at = ?3, pushes = 0, failures = failures + 1,
                 class = 'hub_denied', reason = ?4
             WHERE path = ?1 AND topic = ?2 AND epoch > 0 RETURNING feed_id",
        )?
        .query_row(params![said.path, said.topic, At::of(after(now, DENIED)), clean(reason)], |row| row.get(0))
        .optional()?;
    let Some(feed) = feed else { return Ok(false) };
    let host: HostId = db
        .prepare_cached(
            "UPDATE feed SET next_poll_at = min(next_poll_at, max(?2, forbidden_before, ifnull(nullif(s.due_at, ''), next_poll_at))),
                 next_why = 'the hub denied the subscription'
             FROM (SELECT due_at FROM subscription WHERE feed_id = ?1) AS s WHERE id = ?1 RETURNING host_id",
        )?
        .query_row(params![feed, At::of(now)], |row| row.get(0))?;
    hosts::settle(db, host)?;
    Ok(true)
}

/// What signs the deliveries at this path, while a subscription stands there.
pub(super) fn secret(db: &Connection, path: &str) -> Result<Option<Secret>> {
    let mut statement = db.prepare_cached(
        "SELECT secret FROM subscription s JOIN feed f ON f.id = s.feed_id
         WHERE path = ?1 AND s.epoch > 0 AND state <> 'denied' AND f.active = 1",
    )?;
    Ok(statement.query_row([path], |row| row.get(0).map(Secret)).optional()?)
}

/// Takes a body that a hub delivered, while there is room.
pub(super) fn take(db: &Connection, pushed: &Pushed, now: Timestamp) -> Result<Taken> {
    let found: Option<(i64, Option<Vec<u8>>)> = db
        .prepare_cached(
            "SELECT feed_id, last_hash FROM subscription s JOIN feed f ON f.id = s.feed_id
             WHERE path = ?1 AND s.epoch > 0 AND state <> 'denied' AND f.active = 1",
        )?
        .query_row([&pushed.path], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((feed, last)) = found else { return Ok(Taken::Unknown) };
    let mut hash = [0; 16];
    hash.copy_from_slice(&blake3::hash(&pushed.body).as_bytes()[..16]);
    let is_waiting = db.prepare_cached("SELECT 1 FROM delivery WHERE feed_id = ?1 AND hash = ?2")?.exists(params![feed, hash])?;
    if is_waiting || last.as_deref() == Some(hash.as_slice()) {
        return Ok(Taken::Known);
    }
    let (own, all, bytes): (i64, i64, i64) = db
        .prepare_cached("SELECT coalesce(sum(feed_id = ?1), 0), count(*), coalesce(sum(length(body)), 0) FROM delivery")?
        .query_row([feed], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let size = i64::try_from(pushed.body.len()).unwrap_or(i64::MAX);
    if own >= MOST_OF_A_FEED || all >= MOST_WAITING || bytes.saturating_add(size) > MOST_BYTES {
        return Ok(Taken::Full);
    }
    db.prepare_cached("INSERT INTO delivery (feed_id, received_at, content_type, hash, body) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![feed, At::of(now), pushed.content_type.as_deref().map(clean), hash, pushed.body])?;
    Ok(Taken::Kept)
}

/// The subscriptions as `status` shows them, without what is secret.
pub(super) fn rows(db: &Connection) -> Result<Vec<HubRow>> {
    let mut statement = db.prepare_cached(
        "SELECT src.name, f.url, s.hub, s.state, s.lease_until, nullif(s.next_at, ''), s.failures, s.class, s.reason, s.pushed_at,
                s.deliveries, s.pushes, s.misses, (SELECT count(*) FROM delivery d WHERE d.feed_id = s.feed_id)
         FROM subscription s JOIN feed f ON f.id = s.feed_id JOIN source src ON src.id = f.source_id ORDER BY src.name, f.url",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(HubRow {
            source: row.get(0)?,
            feed: row.get(1)?,
            hub: row.get(2)?,
            state: row.get(3)?,
            lease_until: row.get(4)?,
            next_at: row.get(5)?,
            failures: row.get(6)?,
            class: row.get(7)?,
            reason: row.get(8)?,
            pushed_at: row.get(9)?,
            deliveries: row.get(10)?,
            pushes: row.get(11)?,
            misses: row.get(12)?,
            waiting: row.get(13)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether a claim is one of a delivered body.
pub(super) fn delivered(claim: &FeedClaim) -> Option<DeliveryId> {
    matches!(claim.claim, ClaimId::Feed { .. }).then_some(claim.delivered.as_ref()).flatten().map(|delivery| delivery.id)
}
