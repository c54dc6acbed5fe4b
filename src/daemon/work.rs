//! The two kinds of work: polls and scrapes, each claimed, done by `ingest`, committed, and said.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time;

use crate::ingest::{self, Context};
use crate::model::{
    Address, ClaimId, Committed, EntryClaim, Failure, FeedClaim, PollCommit, PollOutcome, PollRead, Scope, ScrapeCommit,
    ScrapeOutcome, Timestamp, Trouble, Verdict,
};
use crate::observe::{Count, Tally};
use crate::store;

use super::lane::Work;

/// A claim not committed after this long is void. Longer than pace, fetch and extraction together (`config` checks it).
pub const LEASE: Duration = Duration::from_secs(900);
/// Pause of a job whose source has no rules yet.
const RULES: Duration = Duration::from_millis(200);
/// Pause before a second request in a run by hand.
const HICCUP: Duration = Duration::from_millis(500);
/// Longest pause asked for by a server that a run by hand sits out.
const SHORT: Duration = Duration::from_secs(10);
/// Rounds of judging before an article is filed and its story reconciled later.
const ROUNDS: usize = 3;

/// Polls of feeds.
#[derive(Clone)]
pub(super) struct Polls {
    /// Rung when entries are pending.
    pub(super) news: Arc<Notify>,
    pub(super) tally: Arc<Tally>,
    pub(super) scope: Scope,
}

impl Work for Polls {
    type Claim = FeedClaim;
    const NAME: &'static str = "poll";

    async fn claim(&self, ctx: &Context, room: usize) -> store::Result<Vec<FeedClaim>> {
        let (now, scope, pace) = ((ctx.clock)(), self.scope, ctx.rules.pace);
        ctx.store
            .write(move |ledger| {
                // What hubs delivered goes before what is due: it is here already.
                let mut claims = match scope {
                    Scope::Due => ledger.claim_deliveries(now, room, LEASE)?,
                    Scope::Asked { .. } | Scope::Source(_) => Vec::new(),
                };
                let left = room - claims.len();
                if left > 0 {
                    claims.extend(ledger.claim_feeds(now, left, scope, &pace, LEASE)?);
                }
                Ok(claims)
            })
            .await
    }

    async fn perform(&self, ctx: &Context, claim: FeedClaim) -> store::Result<()> {
        if !ctx.rules.desks.contains_key(&claim.source_name) {
            return give_back(ctx, claim.claim).await;
        }
        let mut commit = ingest::poll(ctx, &claim).await?;
        if let PollOutcome::Failed(trouble) = &commit.outcome
            && let Some(pause) = second_chance(self.scope, trouble)
        {
            time::sleep(pause).await;
            let again = FeedClaim { host: commit.host.clone(), ..claim.clone() };
            commit = ingest::poll(ctx, &again).await?;
        }
        self.commit(ctx, claim, commit).await
    }

    async fn broken(&self, ctx: &Context, claim: FeedClaim, class: &'static str, why: &str) -> store::Result<()> {
        let commit = ingest::broken_poll(ctx, &claim, class, why);
        self.commit(ctx, claim, commit).await
    }

    async fn next_turn(&self, ctx: &Context) -> store::Result<Option<Timestamp>> {
        let (now, scope, pace) = ((ctx.clock)(), self.scope, ctx.rules.pace);
        ctx.store.read(move |ledger| ledger.next_turn(now, scope, store::Lane::Poll, &pace)).await
    }

    fn id(claim: &FeedClaim) -> ClaimId {
        claim.claim
    }
}

impl Polls {
    /// Commits a poll and says what it brought.
    async fn commit(&self, ctx: &Context, claim: FeedClaim, commit: PollCommit) -> store::Result<()> {
        let commit = Arc::new(commit);
        let shared = commit.clone();
        let own = claim.clone();
        let committed = ctx.store.write(move |ledger| ledger.commit_poll(&own, &shared)).await?;
        if matches!(committed, Committed::Stale) {
            tracing::warn!(source = claim.source_name, feed = %claim.url, "the claim had lapsed; the poll is discarded");
            return Ok(());
        }
        self.say(&claim, &commit);
        say_where(&claim, &commit.address);
        if matches!(&commit.outcome, PollOutcome::Read(_)) {
            self.news.notify_one();
        }
        Ok(())
    }

    fn say(&self, claim: &FeedClaim, commit: &PollCommit) {
        let (source, feed, why) = (&claim.source_name, &claim.url, &commit.next.why);
        let rests = commit.next.at == Timestamp::MAX;
        let next_at = if rests { "none: it rests".to_owned() } else { commit.next.at.to_string() };
        match &commit.outcome {
            PollOutcome::Unchanged(_) => {
                self.tally.add(Count::Polls, 1);
                self.tally.add(Count::PollsUnchanged, 1);
                tracing::debug!(source, %feed, %next_at, why, "nothing new");
            }
            PollOutcome::Read(read) => {
                let skipped = read.refused.len() + read.fresh.iter().filter(|entry| entry.skipped.is_some()).count();
                self.tally.add(Count::Polls, 1);
                self.tally.add(Count::EntriesFresh, read.fresh.len() as u64);
                self.tally.add(Count::EntriesSkipped, skipped as u64);
                let (fresh, changed, mended) = (read.fresh.len(), read.changed.len(), read.diagnostics.len());
                say_what_it_cost(claim, read);
                let (pages, older) = (read.pages.next.len() + read.pages.left, read.pages.beyond);
                if fresh + changed > 0 {
                    tracing::info!(source, %feed, fresh, changed, skipped, older, pages, mended, %next_at, "news");
                } else {
                    tracing::debug!(source, %feed, older, pages, mended, %next_at, why, "nothing new");
                }
            }
            PollOutcome::Found(found) => {
                self.tally.add(Count::Polls, 1);
                match found {
                    Some(feeds) => {
                        let feeds: Vec<&str> = feeds.iter().map(|feed| feed.url.as_str()).collect();
                        tracing::info!(source, home = %feed, ?feeds, %next_at, "feeds discovered");
                    }
                    None => {
                        self.tally.add(Count::PollsUnchanged, 1);
                        tracing::debug!(source, home = %feed, %next_at, why, "feeds were discovered lately");
                    }
                }
            }
            PollOutcome::Failed(trouble) if claim.delivered.is_some() => {
                let (class, reason) = (trouble.class, &trouble.reason);
                tracing::warn!(source, %feed, class, reason, "what the hub delivered cannot be read");
            }
            PollOutcome::Failed(Trouble { failure: Failure::Waits(_), class, reason }) => {
                tracing::debug!(source, %feed, class, reason, %next_at, why, "not asked yet: its host's turn comes later");
            }
            PollOutcome::Failed(trouble) => {
                self.tally.add(Count::PollsFailed, 1);
                let (failures, class, reason) = (claim.failures + 1, trouble.class, &trouble.reason);
                tracing::warn!(source, %feed, failures, class, reason, %next_at, "poll failed");
            }
        }
    }
}

/// Scrapes of articles.
#[derive(Clone)]
pub(super) struct Scrapes {
    pub(super) tally: Arc<Tally>,
    pub(super) scope: Scope,
}

impl Work for Scrapes {
    type Claim = EntryClaim;
    const NAME: &'static str = "scrape";

    async fn claim(&self, ctx: &Context, room: usize) -> store::Result<Vec<EntryClaim>> {
        let (now, scope, pace) = ((ctx.clock)(), self.scope, ctx.rules.pace);
        ctx.store.write(move |ledger| ledger.claim_entries(now, room, scope, &pace, LEASE)).await
    }

    async fn perform(&self, ctx: &Context, claim: EntryClaim) -> store::Result<()> {
        if !ctx.rules.desks.contains_key(&claim.source_name) {
            return give_back(ctx, claim.claim).await;
        }
        let mut commit = ingest::scrape(ctx, &claim).await?;
        if let ScrapeOutcome::Retry { trouble, .. } = &commit.outcome
            && let Some(pause) = second_chance(self.scope, trouble)
        {
            time::sleep(pause).await;
            let again = EntryClaim { host: commit.host.clone(), ..claim.clone() };
            commit = ingest::scrape(ctx, &again).await?;
        }
        self.commit(ctx, claim, commit).await
    }

    async fn broken(&self, ctx: &Context, claim: EntryClaim, class: &'static str, why: &str) -> store::Result<()> {
        let commit = ingest::broken_scrape(ctx, &claim, class, why);
        self.commit(ctx, claim, commit).await
    }

    async fn next_turn(&self, ctx: &Context) -> store::Result<Option<Timestamp>> {
        let (now, scope, pace) = ((ctx.clock)(), self.scope, ctx.rules.pace);
        ctx.store.read(move |ledger| ledger.next_turn(now, scope, store::Lane::Scrape, &pace)).await
    }

    fn id(claim: &EntryClaim) -> ClaimId {
        claim.claim
    }
}

impl Scrapes {
    /// Commits a scrape, judging again whenever another article came first, and says what became of it.
    async fn commit(&self, ctx: &Context, claim: EntryClaim, commit: ScrapeCommit) -> store::Result<()> {
        let claim = Arc::new(claim);
        let mut commit = Arc::new(commit);
        for round in 1.. {
            let (own, shared) = (claim.clone(), commit.clone());
            match ctx.store.write(move |ledger| ledger.commit_scrape(&own, &shared)).await? {
                Committed::Filed(_) => break,
                Committed::Stale => {
                    tracing::warn!(source = claim.source_name, url = %claim.url, "the claim had lapsed; the scrape is discarded");
                    return Ok(());
                }
                Committed::Overtaken(newer, _) => {
                    ingest::rejudge(ctx, &claim, Arc::make_mut(&mut commit), newer, round >= ROUNDS).await?;
                }
            }
        }
        self.say(&claim, &commit);
        Ok(())
    }

    fn say(&self, claim: &EntryClaim, commit: &ScrapeCommit) {
        let (source, url, attempt) = (&claim.source_name, &claim.url, claim.attempt);
        match &commit.outcome {
            ScrapeOutcome::Filed(filing) => {
                let (words, verdict) = (filing.fingerprint.words, verdict(&filing.verdict));
                match filing.verdict {
                    Verdict::Original => self.tally.add(Count::Articles, 1),
                    Verdict::Revision { .. } => self.tally.add(Count::Revisits, 1),
                    Verdict::Copy { .. } => {
                        self.tally.add(Count::Articles, 1);
                        self.tally.add(Count::Copies, 1);
                    }
                }
                tracing::debug!(source, %url, words, verdict, "filed");
            }
            ScrapeOutcome::Retry { trouble, at, .. } => {
                self.tally.add(Count::Retries, 1);
                tracing::debug!(source, %url, attempt, class = trouble.class, reason = trouble.reason, next_at = %at, "will be tried again");
            }
            ScrapeOutcome::Failed(trouble) => {
                self.tally.add(Count::Failed, 1);
                tracing::warn!(source, %url, attempt, class = trouble.class, reason = trouble.reason, "given up");
            }
            ScrapeOutcome::Skipped(reason) => tracing::debug!(source, %url, reason, "skipped"),
            ScrapeOutcome::Unchanged => tracing::debug!(source, %url, "looked at again: unchanged"),
            ScrapeOutcome::Missed { trouble, retracted: true } => {
                tracing::info!(source, %url, class = trouble.class, reason = trouble.reason, "taken back by the agency");
            }
            ScrapeOutcome::Missed { trouble, retracted: false } => {
                tracing::debug!(source, %url, class = trouble.class, reason = trouble.reason, "looked at again: not to be had");
            }
        }
    }
}

/// During a reload the ledger knows a new source a moment before its rules are in force: the job waits for them.
/// A feed that begins to need mending is said once, not at every poll; a gap at every one.
fn say_what_it_cost(claim: &FeedClaim, read: &PollRead) {
    let (source, feed) = (&claim.source_name, &claim.url);
    if read.needed_mending() && !claim.mended {
        let steps: Vec<&str> = read.diagnostics.iter().map(|step| step.step.as_str()).collect();
        let (mended, refused, bytes_lost) = (steps.join(" "), read.refused.len(), read.bytes_lost);
        if refused > 0 || bytes_lost > 0 {
            tracing::warn!(source, %feed, mended, refused, bytes_lost, "the feed began to need mending, and not all of it could be read");
        } else {
            tracing::info!(source, %feed, mended, "the feed began to need mending");
        }
    }
    if let Some(gap) = &read.gap {
        let (lost, from, to, reason) = (gap.estimated, gap.from, gap.to, &gap.reason);
        tracing::warn!(source, %feed, lost, %from, %to, reason, "entries came and went between two polls");
    }
}

/// A move is said once, for the operator to write it into the configuration.
fn say_where(claim: &FeedClaim, address: &Address) {
    let (source, feed) = (&claim.source_name, &claim.url);
    match address {
        Address::Stays => {}
        Address::Moves(to) => {
            tracing::warn!(source, %feed, %to, "the feed moved for good and is asked there from now on; write the new address into the configuration");
        }
        Address::Returns => {
            tracing::warn!(source, %feed, "the address that the feed moved to does not answer as a feed; the one in the configuration is asked again");
        }
    }
}

async fn give_back(ctx: &Context, claim: ClaimId) -> store::Result<()> {
    time::sleep(RULES).await;
    ctx.store.write(move |ledger| ledger.release(&[claim])).await
}

/// A run by hand has no later attempt: a hiccup gets a second request within this one, after the
/// pause that was asked for if it is short. A wait that ran out is not waited for twice.
fn second_chance(scope: Scope, trouble: &Trouble) -> Option<Duration> {
    match (scope, trouble.failure) {
        (Scope::Asked { .. }, Failure::Transient) if trouble.class != "timeout" => Some(HICCUP),
        (Scope::Asked { .. }, Failure::Deferred(pause) | Failure::Waits(pause)) if pause <= SHORT => Some(pause),
        _ => None,
    }
}

/// The verdict in one word.
fn verdict(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Original => "original",
        Verdict::Revision { .. } => "revision",
        Verdict::Copy { .. } => "copy",
    }
}
