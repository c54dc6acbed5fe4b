//! The loop that asks hubs for subscriptions and renewals. It is rare work, and keeps no queue: rows say what is due.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::ingest::{self, Context};
use crate::model::{HubClaim, HubOutcome};
use crate::store;

use super::work::LEASE;

/// How often it is looked whether a hub is to be asked.
const LOOK: Duration = Duration::from_secs(2);
/// Requests to hubs at the same time.
const WIDTH: usize = 4;

/// Asks hubs until `stop`. Trouble with the ledger is the lanes' to judge; here it only puts work off.
pub(super) async fn run(ctx: watch::Receiver<Context>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = time::sleep(LOOK) => {}
        }
        let now = ctx.borrow().clone();
        if now.rules.websub.is_none() {
            continue;
        }
        tokio::select! {
            // A request in hand is repeated after the next start: its claim runs out.
            () = stop.cancelled() => return,
            asked = ask(&now) => if let Err(error) = asked {
                tracing::warn!(%error, "hubs will be asked later");
            }
        }
    }
}

/// Asks those hubs that are to be asked now.
async fn ask(ctx: &Context) -> store::Result<()> {
    let now = (ctx.clock)();
    if !ctx.store.read(move |ledger| ledger.is_hub_due(now)).await? {
        return Ok(());
    }
    let claims = ctx.store.write(move |ledger| ledger.claim_hubs(now, WIDTH, LEASE)).await?;
    let mut jobs = JoinSet::new();
    for claim in claims {
        let ctx = ctx.clone();
        jobs.spawn(async move {
            let commit = ingest::subscribe(&ctx, &claim).await;
            say(&claim, &commit.outcome);
            ctx.store.write(move |ledger| ledger.commit_hub(&claim, &commit)).await
        });
    }
    while let Some(joined) = jobs.join_next().await {
        match joined {
            Ok(written) => written?,
            Err(error) => tracing::error!(%error, "asking a hub failed in the house; this is a defect worth reporting"),
        }
    }
    Ok(())
}

fn say(claim: &HubClaim, outcome: &HubOutcome) {
    let (source, hub) = (&claim.source_name, &claim.offer.hub);
    match outcome {
        HubOutcome::Asked => tracing::debug!(source, %hub, "asked a hub for a subscription"),
        HubOutcome::Failed(trouble) => {
            let (class, reason) = (trouble.class, &trouble.reason);
            tracing::warn!(source, %hub, class, reason, "a hub took no subscription; the feed is polled");
        }
    }
}
