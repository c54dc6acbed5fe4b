//! How the rooms are put together for a run.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::runtime::Runtime;
use wireroom::article;
use wireroom::config::Settings;
use wireroom::dedup::Selection;
use wireroom::fetch::Fetcher;
use wireroom::ingest::{Context, Desk, Extractor, Reader, Rules};
use wireroom::model::Pace;
use wireroom::store::{self, StoreHandle};

use super::{World, rights, secrets};

/// Threads for blocking work: page parsing (bounded by the extractor), feed parsing, name look-ups.
const BLOCKING_THREADS: usize = 32;
/// A parse that hangs must not hold up the end.
const LEAVE_BEHIND: Duration = Duration::from_secs(2);

/// Runs a future on a runtime of its own, and leaves hanging threads behind.
pub(crate) fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = runtime()?;
    let result = runtime.block_on(future);
    runtime.shutdown_timeout(LEAVE_BEHIND);
    result
}

fn runtime() -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_name("wireroom")
        .build()
        .context("the runtime cannot start")
}

/// Opens the ledger, under its owner's rights.
pub(crate) fn open(settings: &Settings, role: store::Role) -> anyhow::Result<StoreHandle> {
    rights::take_on_owner(&settings.store.path);
    Ok(StoreHandle::open(&settings.store, role)?)
}

/// A context of settings; with `before`, the host pace of an earlier one lives on.
pub(crate) fn context(
    world: &World,
    settings: &Settings,
    store: &StoreHandle,
    before: Option<&Fetcher>,
) -> anyhow::Result<Context> {
    let fetcher = match before {
        Some(fetcher) => fetcher.with_limits(settings.fetch.clone())?,
        None => Fetcher::new(settings.fetch.clone(), world.clock.clone())?,
    };
    let fetcher = fetcher.with_sources(secrets::sources(settings)?)?;
    let desks: HashMap<String, Desk> = settings
        .sources
        .iter()
        .map(|desk| {
            let selection = tracked(&desk.selection, settings);
            let pages = article::Rules { obey: settings.obey_reservations.clone(), ..desk.rules.clone() };
            (desk.source.name.clone(), Desk { selection, pages, reach: desk.reach, terms: desk.terms.clone() })
        })
        .collect();
    Ok(Context {
        store: store.clone(),
        fetcher,
        extractor: extractor(),
        rules: Arc::new(Rules {
            schedule: settings.schedule.clone(),
            dedup: settings.dedup.clone(),
            keep: settings.keep,
            pace: Pace { delay: settings.fetch.per_host_delay, per_host: settings.fetch.per_host_connections },
            websub: settings.websub.clone(),
            desks,
        }),
        clock: world.clock.clone(),
        dice: world.dice.clone(),
    })
}

/// The door to the reader of pages.
pub(crate) fn extractor() -> Extractor {
    Extractor::new(cores(), reader())
}

/// Cores this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// The reader of pages.
#[cfg(not(debug_assertions))]
fn reader() -> Reader {
    Arc::new(article::extract)
}

/// The reader of pages; in builds for tests, pages that hold the text of `WIREROOM_TEST_PANIC` make
/// it panic, so that what follows a defect of the reader can be tried through the real binary.
#[cfg(debug_assertions)]
fn reader() -> Reader {
    let Some(marker) = std::env::var("WIREROOM_TEST_PANIC").ok().filter(|marker| !marker.is_empty()) else {
        return Arc::new(article::extract);
    };
    Arc::new(move |pages, entry, rules, learnt| {
        let marked = |page: &wireroom::model::Document| page.body.windows(marker.len()).any(|window| window == marker.as_bytes());
        assert!(!pages.iter().any(marked), "the page holds the marker of WIREROOM_TEST_PANIC");
        article::extract(pages, entry, rules, learnt)
    })
}

/// A desk's selection with the house's tracking parameters.
fn tracked(selection: &Selection, settings: &Settings) -> Selection {
    Selection { tracking: settings.dedup.tracking.clone(), ..selection.clone() }
}
