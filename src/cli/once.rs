//! `wireroom once`: one run by hand.

use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use wireroom::daemon;
use wireroom::observe::{Count, Tally};
use wireroom::store::Role;

use super::{World, configuration, print, wiring};

/// What `once` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Keep to the schedule: poll and scrape only what is due
    #[arg(long)]
    due: bool,
    #[command(flatten)]
    form: print::Form,
}

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let store = wiring::open(&settings, Role::Lanes)?;
    let closing = store.clone();
    let tally = Arc::new(Tally::default());
    let counts = tally.clone();
    let pending = wiring::block_on(async move {
        let ctx = wiring::context(world, &settings, &store, None)?;
        let since = (world.clock)();
        daemon::enrol(&store, &settings, since).await?;
        let stop = CancellationToken::new();
        let (_keep, ctx) = watch::channel(ctx);
        let run = daemon::once(ctx, settings.lanes.clone(), tally, since, arguments.due, stop.clone());
        tokio::pin!(run);
        tokio::select! {
            done = &mut run => done?,
            () = daemon::asked_to_stop() => {
                stop.cancel();
                run.await?;
            }
        }
        Ok(store.read(move |ledger| ledger.status(since)).await?.pending)
    })?;
    closing.close();
    if arguments.form.json {
        print::json(&as_json(&counts, pending))?;
    } else {
        print::line(&summary(&counts, pending))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The run for a program.
fn as_json(tally: &Tally, pending: i64) -> Value {
    let get = |count| tally.get(count);
    json!({
        "polled": get(Count::Polls) + get(Count::PollsFailed),
        "polls_unchanged": get(Count::PollsUnchanged),
        "polls_failed": get(Count::PollsFailed),
        "entries_fresh": get(Count::EntriesFresh),
        "entries_skipped": get(Count::EntriesSkipped),
        "articles": get(Count::Articles),
        "copies": get(Count::Copies),
        "revisits": get(Count::Revisits),
        "retries": get(Count::Retries),
        "failed": get(Count::Failed),
        "pending": pending,
    })
}

/// The run in one line.
fn summary(tally: &Tally, pending: i64) -> String {
    let get = |count| tally.get(count);
    format!(
        "polled {} feeds ({} unchanged, {} failed): {} new entries ({} skipped); filed {} articles ({} copies), {} seen again, {} to be retried, {} given up; {} pending",
        get(Count::Polls) + get(Count::PollsFailed),
        get(Count::PollsUnchanged),
        get(Count::PollsFailed),
        get(Count::EntriesFresh),
        get(Count::EntriesSkipped),
        get(Count::Articles),
        get(Count::Copies),
        get(Count::Revisits),
        get(Count::Retries),
        get(Count::Failed),
        pending,
    )
}
