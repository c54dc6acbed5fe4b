//! Lanes, signals, reload, supervision, sd_notify: the loops around the steps.
//!
//! The lanes hold no queue: the ledger is the queue, and a lane claims only what it has room for.
//! There is one way to start, the one that also follows a crash.

mod hooks;
mod hubs;
mod lane;
mod notify;
mod steady;
mod supervise;
mod work;

pub use supervise::{House, asked_to_stop, enrol, supervise};
pub use work::LEASE;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::ingest::{self, Context};
use crate::model::{Scope, SourceId, Timestamp};
use crate::observe::Tally;
use crate::serve;
use crate::store;

use lane::{Beat, Lane, Until};
use steady::Steady;
use work::{Polls, Scrapes};

/// How wide the lanes are and how long they wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lanes {
    /// Polls at the same time.
    pub polls: usize,
    /// Scrapes at the same time.
    pub scrapes: usize,
    /// Longest sleep of an idle lane.
    pub idle: Duration,
    /// Time that jobs in hand get at shutdown.
    pub grace: Duration,
}

/// Trouble of the house: the daemon leaves, and its supervisor starts it again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The ledger.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The listener.
    #[error(transparent)]
    Serve(#[from] serve::Error),
    /// The settings make no context.
    #[error("the settings cannot be put to work: {0}")]
    Context(String),
    /// A lane ended by a defect.
    #[error("a lane ended: {0}")]
    Lane(String),
}

/// A run by hand waits this long for a host whose turn comes, and no longer: what a server forbade
/// for longer is left to a later run.
const PATIENCE: Duration = Duration::from_secs(125);

/// What may pass between a host's turn and the claim of it.
const BETWEEN_TURNS: Duration = Duration::from_millis(100);

/// Signs of life of the two lanes, for the watchdog.
#[derive(Debug, Default)]
pub struct Beats {
    polls: Beat,
    scrapes: Beat,
    /// Rings the poll lane: a hub delivered something.
    bell: Arc<Notify>,
}

/// Runs both lanes until `stop`, or until one of them ends by a trouble of the house.
pub async fn run(
    ctx: watch::Receiver<Context>,
    lanes: Lanes,
    tally: Arc<Tally>,
    beats: Arc<Beats>,
    stop: CancellationToken,
) -> Result<(), store::Error> {
    both(ctx, lanes, tally, beats, Scope::Due, stop).await
}

/// Runs both lanes for one source until `stop`: its walk, and what is due besides.
pub async fn walk(
    ctx: watch::Receiver<Context>,
    lanes: Lanes,
    tally: Arc<Tally>,
    source: SourceId,
    stop: CancellationToken,
) -> Result<(), store::Error> {
    both(ctx, lanes, tally, Arc::new(Beats::default()), Scope::Source(source), stop).await
}

async fn both(
    ctx: watch::Receiver<Context>,
    lanes: Lanes,
    tally: Arc<Tally>,
    beats: Arc<Beats>,
    scope: Scope,
    stop: CancellationToken,
) -> Result<(), store::Error> {
    let news = Arc::new(Notify::new());
    let steady = Arc::new(Steady::default());
    let polls = Lane {
        work: Polls { news: news.clone(), tally: tally.clone(), scope },
        ctx: ctx.clone(),
        width: lanes.polls,
        lanes: lanes.clone(),
        bell: beats.bell.clone(),
        until: Until::Stopped,
        steady: steady.clone(),
    };
    let scrapes =
        Lane { work: Scrapes { tally, scope }, ctx, width: lanes.scrapes, lanes, bell: news, until: Until::Stopped, steady };
    // Whichever lane ends first, by error or by order, ends the other one as well.
    let either = async |lane: Result<(), store::Error>| {
        stop.cancel();
        lane
    };
    let (polls, scrapes) = tokio::join!(async { either(polls.run(&beats.polls, &stop).await).await }, async {
        either(scrapes.run(&beats.scrapes, &stop).await).await
    },);
    polls.and(scrapes)
}

/// One run by hand: polls, then scrapes everything pending at the end of that, then is done.
/// `since` is the run's start: nothing is asked twice after it. With `due`, the schedule binds.
pub async fn once(
    ctx: watch::Receiver<Context>,
    lanes: Lanes,
    tally: Arc<Tally>,
    since: Timestamp,
    due: bool,
    stop: CancellationToken,
) -> Result<(), store::Error> {
    let scope = if due { Scope::Due } else { Scope::Asked { since } };
    let delay = ctx.borrow().rules.pace.delay;
    // A run that keeps to the schedule waits for the next turn of a host, not for what falls due meanwhile.
    let turn = if delay.is_zero() { Duration::ZERO } else { delay + BETWEEN_TURNS };
    let patience = if due { turn } else { PATIENCE.max(turn) };
    let polls = Lane {
        work: Polls { news: Arc::new(Notify::new()), tally: tally.clone(), scope },
        ctx: ctx.clone(),
        width: lanes.polls,
        lanes: lanes.clone(),
        bell: Arc::new(Notify::new()),
        until: Until::Idle(patience),
        steady: Arc::default(),
    };
    polls.run(&Beat::default(), &stop).await?;
    let scrapes = Lane {
        work: Scrapes { tally, scope },
        ctx,
        width: lanes.scrapes,
        lanes,
        bell: Arc::new(Notify::new()),
        until: Until::Idle(patience),
        steady: Arc::default(),
    };
    let tending = scrapes.ctx.clone();
    scrapes.run(&Beat::default(), &stop).await?;
    if !stop.is_cancelled() {
        tend(&tending).await?;
    }
    Ok(())
}

/// Upkeep after a run by hand, where no daemon does it: stories are reconciled, what has had its time goes.
async fn tend(ctx: &watch::Receiver<Context>) -> Result<(), store::Error> {
    let ctx = ctx.borrow().clone();
    while ingest::reconcile(&ctx).await? > 0 {}
    let now = (ctx.clock)();
    for _ in 0..SLICES {
        if !ctx.store.write(move |ledger| ledger.maintain(now, SLICE)).await? {
            break;
        }
    }
    Ok(())
}

/// One slice of upkeep, and most of them after one run by hand.
const SLICE: Duration = Duration::from_millis(50);
const SLICES: usize = 40;
