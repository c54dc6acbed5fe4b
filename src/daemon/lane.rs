//! A lane: a bounded loop of one kind of work.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::ingest::Context;
use crate::model::{ClaimId, Failure, Timestamp};
use crate::store;

use super::Lanes;
use super::steady::Steady;

/// A lane shows that it is alive this often, whatever it waits for.
const HEARTBEAT: Duration = Duration::from_millis(500);
/// A lane looks into the ledger at least this often: commands in other processes ring no bell.
const LOOK: Duration = Duration::from_secs(3);
/// Pause before claiming again when the ledger said "now" and gave nothing (a race, or a busy host).
const BREATH: Duration = Duration::from_millis(50);

/// A counter that grows while a lane is alive.
#[derive(Debug, Default)]
pub(super) struct Beat(AtomicU64);

impl Beat {
    /// One more round.
    fn tick(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Rounds so far.
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One kind of work: what is claimed, and what is done with it.
pub(super) trait Work: Clone + Send + Sync + 'static {
    /// The right to one job.
    type Claim: Clone + Send + Sync + 'static;

    /// For the log.
    const NAME: &'static str;

    /// Claims at most `room` jobs.
    fn claim(&self, ctx: &Context, room: usize) -> impl Future<Output = store::Result<Vec<Self::Claim>>> + Send;
    /// Does one job and commits it.
    fn perform(&self, ctx: &Context, claim: Self::Claim) -> impl Future<Output = store::Result<()>> + Send;
    /// Commits the attempt of a job that came to no commit of its own.
    fn broken(
        &self,
        ctx: &Context,
        claim: Self::Claim,
        class: &'static str,
        why: &str,
    ) -> impl Future<Output = store::Result<()>> + Send;
    /// The earliest instant at which there is something to claim.
    fn next_turn(&self, ctx: &Context) -> impl Future<Output = store::Result<Option<Timestamp>>> + Send;
    /// The claim's identity, for its release.
    fn id(claim: &Self::Claim) -> ClaimId;
}

/// When a lane is done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Until {
    /// When it is told to stop.
    Stopped,
    /// When nothing can be claimed within this time.
    Idle(Duration),
}

/// A bounded loop of one kind of work.
pub(super) struct Lane<W> {
    pub(super) work: W,
    pub(super) ctx: watch::Receiver<Context>,
    pub(super) width: usize,
    pub(super) lanes: Lanes,
    /// Rings when there may be work sooner than expected.
    pub(super) bell: Arc<Notify>,
    pub(super) until: Until,
    pub(super) steady: Arc<Steady>,
}

/// Jobs in hand, with their claims.
struct Hand<W: Work> {
    jobs: JoinSet<store::Result<()>>,
    claims: HashMap<Id, W::Claim>,
}

impl<W: Work> Lane<W> {
    /// Runs until the lane is done; jobs in hand at `stop` get the grace time, then their claims are given back.
    pub(super) async fn run(mut self, beat: &Beat, stop: &CancellationToken) -> Result<(), store::Error> {
        let mut hand: Hand<W> = Hand { jobs: JoinSet::new(), claims: HashMap::new() };
        while !stop.is_cancelled() {
            beat.tick();
            let ctx = self.ctx.borrow_and_update().clone();
            let looked = match self.steady.look(&ctx).await {
                Ok(()) => self.look(&ctx, &mut hand).await,
                Err(error) => Err(error),
            };
            let wait = match looked {
                Ok(Some(wait)) => wait,
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.wait_out(error, stop).await?;
                    continue;
                }
            };
            self.rest(&ctx, &mut hand, wait, beat, stop).await?;
        }
        self.drain(hand).await
    }

    /// Claims what there is room for; how long to rest then, or nothing when the lane is done.
    async fn look(&self, ctx: &Context, hand: &mut Hand<W>) -> Result<Option<Duration>, store::Error> {
        let claimed = self.fill(ctx, hand).await?;
        let wait = self.lanes.idle.min(LOOK);
        if hand.jobs.len() >= self.width {
            return Ok(Some(wait));
        }
        let now = (ctx.clock)();
        let ahead = self.work.next_turn(ctx).await?.map(|turn| duration_until(now, turn));
        if let Until::Idle(patience) = self.until
            && hand.jobs.is_empty()
            && claimed == 0
            && ahead.is_none_or(|ahead| ahead > patience)
        {
            return Ok(None);
        }
        let least = if claimed == 0 { BREATH } else { Duration::ZERO };
        Ok(Some(ahead.map_or(wait, |ahead| wait.min(ahead.max(least)))))
    }

    /// Rests until a job ends, the bell rings, the time is over, or the lane is told to stop.
    async fn rest(
        &self,
        ctx: &Context,
        hand: &mut Hand<W>,
        wait: Duration,
        beat: &Beat,
        stop: &CancellationToken,
    ) -> Result<(), store::Error> {
        let over = time::Instant::now() + wait;
        loop {
            beat.tick();
            let next = over.min(time::Instant::now() + HEARTBEAT);
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                Some(joined) = hand.jobs.join_next_with_id() => {
                    self.settle(ctx, hand, joined).await?;
                    while let Some(joined) = hand.jobs.try_join_next_with_id() {
                        self.settle(ctx, hand, joined).await?;
                    }
                    return Ok(());
                }
                () = self.bell.notified() => return Ok(()),
                () = time::sleep_until(next) => {}
            }
            if time::Instant::now() >= over {
                return Ok(());
            }
        }
    }

    /// Claims what there is room for, and starts it.
    async fn fill(&self, ctx: &Context, hand: &mut Hand<W>) -> Result<usize, store::Error> {
        let room = self.width.saturating_sub(hand.jobs.len());
        if room == 0 {
            return Ok(0);
        }
        let claims = self.work.claim(ctx, room).await?;
        let claimed = claims.len();
        for claim in claims {
            let (work, ctx, own) = (self.work.clone(), ctx.clone(), claim.clone());
            let id = hand.jobs.spawn(async move { work.perform(&ctx, own).await }).id();
            hand.claims.insert(id, claim);
        }
        Ok(claimed)
    }

    /// Waits when the ledger cannot be written for now (a full disk, a lock held elsewhere); what will
    /// not mend itself, or what a run by hand meets, ends the lane.
    async fn wait_out(&self, error: store::Error, stop: &CancellationToken) -> Result<(), store::Error> {
        if error.failure() == Failure::Final || matches!(self.until, Until::Idle(_)) {
            return Err(error);
        }
        tracing::error!(lane = W::NAME, class = error.class(), error = %error, "nothing can be claimed; trying again");
        tokio::select! {
            () = stop.cancelled() => {}
            () = time::sleep(LOOK) => {}
        }
        Ok(())
    }

    /// Takes note of a finished job. Trouble of one job is its own, and committed as an attempt; what will not mend
    /// itself ends the lane.
    async fn settle(
        &self,
        ctx: &Context,
        hand: &mut Hand<W>,
        joined: Result<(Id, store::Result<()>), JoinError>,
    ) -> Result<(), store::Error> {
        let (claim, class, why) = match joined {
            Ok((id, Ok(()))) => {
                hand.claims.remove(&id);
                return Ok(());
            }
            Ok((_, Err(error))) if error.failure() == Failure::Final => return Err(error),
            Ok((id, Err(error))) if error.failure() == Failure::Transient => {
                // A full disk, a lock held elsewhere: the lease runs out by itself, and the job is claimed again.
                hand.claims.remove(&id);
                tracing::error!(lane = W::NAME, class = error.class(), %error, "a job could not be committed; it will be claimed again");
                return Ok(());
            }
            Ok((id, Err(error))) => (hand.claims.remove(&id), "not_committed", error.to_string()),
            Err(error) => (hand.claims.remove(&error.id()), "crashed", "the job panicked".to_owned()),
        };
        tracing::error!(lane = W::NAME, class, why, "a job failed in the house; this is a defect worth reporting");
        let Some(claim) = claim else { return Ok(()) };
        self.tolerate(self.work.broken(ctx, claim, class, &why).await)
    }

    /// Lets a write pass that failed for now: the lease it was about runs out by itself.
    fn tolerate(&self, written: store::Result<()>) -> Result<(), store::Error> {
        match written {
            Err(error) if error.failure() != Failure::Final => {
                tracing::error!(lane = W::NAME, class = error.class(), %error, "the ledger cannot be written for now");
                Ok(())
            }
            other => other,
        }
    }

    /// Lets the jobs in hand finish within the grace time, then gives their claims back.
    async fn drain(&self, mut hand: Hand<W>) -> Result<(), store::Error> {
        let ctx = self.ctx.borrow().clone();
        let deadline = time::Instant::now() + self.lanes.grace;
        while let Ok(Some(joined)) = time::timeout_at(deadline, hand.jobs.join_next_with_id()).await {
            self.settle(&ctx, &mut hand, joined).await?;
        }
        if hand.jobs.is_empty() {
            return Ok(());
        }
        tracing::warn!(lane = W::NAME, jobs = hand.jobs.len(), "the grace time is over; jobs in hand are given back");
        hand.jobs.abort_all();
        while let Some(joined) = hand.jobs.join_next_with_id().await {
            if let Ok((id, _)) = joined {
                hand.claims.remove(&id);
            }
        }
        self.give_back(&ctx, hand.claims.values().map(W::id).collect()).await
    }

    /// Gives claims back to the ledger, attempts included.
    async fn give_back(&self, ctx: &Context, claims: Vec<ClaimId>) -> Result<(), store::Error> {
        if claims.is_empty() {
            return Ok(());
        }
        self.tolerate(ctx.store.write(move |ledger| ledger.release(&claims)).await)
    }
}

/// How far `then` lies ahead; nothing when it is past.
fn duration_until(now: Timestamp, then: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(now)).unwrap_or(Duration::ZERO)
}
