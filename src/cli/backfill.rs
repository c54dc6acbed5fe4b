//! `wireroom backfill SOURCE --since DATE`: walks a source's sitemaps and archives for what it published before it was followed.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::json;
use tokio::sync::watch;
use tokio::time;
use tokio_util::sync::CancellationToken;
use wireroom::address;
use wireroom::calendar;
use wireroom::config::{self, Settings};
use wireroom::daemon;
use wireroom::dedup;
use wireroom::feed;
use wireroom::ingest::Context;
use wireroom::model::{
    Assume, Fetched, HostState, Precision, Purpose, Request, SignedDuration, Source, Span, Timestamp, Url, WalkOrder, WalkReason,
};
use wireroom::observe::Tally;
use wireroom::store::{self, Begun, Role, StoreHandle, WalkRow};

use super::{World, configuration, print, wiring};

/// How often progress is looked at.
const LOOK: Duration = Duration::from_millis(300);
/// How often it is printed where there is no terminal.
const LINE: Duration = Duration::from_secs(10);
/// What is tried again later than this is left to the daemon.
const PATIENCE: SignedDuration = SignedDuration::from_secs(300);
/// Cells of the bar.
const BAR: usize = 24;

/// What `backfill` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The source's name in the configuration
    source: String,
    /// The first day, e.g. 2024-05-01
    #[arg(long, value_name = "DATE")]
    since: String,
    /// The last day [default: today]
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    #[command(flatten)]
    form: print::Form,
}

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let source = named(&settings, &arguments.source)?;
    let window = window(arguments, &source, (world.clock)())?;
    match wiring::open(&settings, Role::Lanes) {
        Ok(store) => {
            let closing = store.clone();
            let answer = walk(world, &settings, &store, &source, window, arguments);
            closing.close();
            answer
        }
        Err(error) if error.downcast_ref::<store::Error>().is_some_and(|error| error.class() == "in_use") => {
            let store = wiring::open(&settings, Role::Writer)?;
            let answer = queue(world, &settings, &store, &source, window, arguments);
            store.close();
            answer
        }
        Err(error) => Err(error),
    }
}

/// The source of this name, or the one that was probably meant.
fn named(settings: &Settings, name: &str) -> anyhow::Result<Source> {
    let names = || settings.sources.iter().map(|desk| desk.source.name.as_str());
    match settings.sources.iter().find(|desk| desk.source.name == name) {
        Some(desk) if !desk.source.enabled => bail!("the source {name} is disabled; set enabled = true first"),
        Some(desk) => Ok(desk.source.clone()),
        None => match config::nearest(name, names()) {
            Some(nearest) => bail!("there is no source {name:?} in the configuration; did you mean {nearest:?}?"),
            None => {
                let known: Vec<&str> = names().take(20).collect();
                bail!("there is no source {name:?} in the configuration; it has: {}", known.join(", "))
            }
        },
    }
}

/// The days asked for, in the source's zone, the last one whole.
fn window(arguments: &Arguments, source: &Source, now: Timestamp) -> anyhow::Result<Span> {
    let assume = Assume { timezone: source.timezone.as_deref(), language: source.language.as_deref(), seen_at: now };
    let date = |option: &str, text: &str| {
        calendar::parse(text, &assume).with_context(|| format!("--{option} {text:?} is no date; write it as 2024-05-01"))
    };
    let from = date("since", &arguments.since)?;
    let until = arguments.until.as_deref().map(|text| date("until", text)).transpose()?;
    let to = until.map(|until| match until.precision {
        Precision::Day => until.at.checked_add(SignedDuration::from_secs(86_399)).unwrap_or(until.at),
        _ => until.at,
    });
    if from.at > now {
        bail!("--since {:?} lies ahead: there is nothing to look for yet", arguments.since);
    }
    if to.is_some_and(|to| to < from.at) {
        bail!("--until lies before --since");
    }
    Ok(Span { from: Some(from.at), to })
}

/// Where a daemon runs the lanes it is its work: the walk is put into the ledger's queue.
fn queue(
    world: &World,
    settings: &Settings,
    store: &StoreHandle,
    source: &Source,
    window: Span,
    arguments: &Arguments,
) -> anyhow::Result<ExitCode> {
    let begun = wiring::block_on(async {
        let ctx = wiring::context(world, settings, store, None)?;
        begin(&ctx, source, window).await
    })?;
    if arguments.form.json {
        print::json(&json!({ "source": source.name, "walk": begun.walk, "queued": true, "pages": begun.pages }))?;
    } else {
        print::line(&format!(
            "{}: the running daemon walks {} known so far; `wireroom status` shows how far it is",
            source.name,
            pages(begun.pages)
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Walks in the foreground, to the end or until it is told to stop.
fn walk(
    world: &World,
    settings: &Settings,
    store: &StoreHandle,
    source: &Source,
    window: Span,
    arguments: &Arguments,
) -> anyhow::Result<ExitCode> {
    let (row, interrupted) = wiring::block_on(async {
        let ctx = wiring::context(world, settings, store, None)?;
        daemon::enrol(store, settings, (world.clock)()).await?;
        let begun = begin(&ctx, source, window).await?;
        let mut progress = Progress::of(&source.name, arguments.form.json);
        if begun.resumed {
            progress.remark("going on where it was left");
        }
        drive(&ctx, settings, source, &begun, &mut progress).await
    })?;
    if arguments.form.json {
        print::json(&json!({ "walk": row, "interrupted": interrupted }))?;
        return Ok(ExitCode::SUCCESS);
    }
    print::line(&summary(&row))?;
    if interrupted {
        print::line("interrupted: the rest stays in the queue; run the same command again, or let the daemon go on")?;
    } else if row.entries_pending > 0 || row.ended_at.is_none() {
        print::line("what could not be had now is tried again by the daemon, or by this command")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Puts the walk into the ledger. A source without sitemap or archive is looked for one in its site's robots.txt.
async fn begin(ctx: &Context, source: &Source, window: Span) -> anyhow::Result<Begun> {
    let name = source.name.clone();
    let aside = ctx
        .store
        .read(move |ledger| match ledger.source_id(&name)? {
            Some(id) => ledger.put_aside(id),
            None => Ok(Vec::new()),
        })
        .await?;
    let wanted = aside.into_iter().filter(|(_, reason, entry)| dedup::window::is_wanted_after_all(&window, reason, entry));
    let revived = wanted.map(|(id, _, _)| id).collect();
    let mut order = WalkOrder { source: source.name.clone(), reason: WalkReason::Backfill, window, sitemaps: Vec::new(), revived };
    let now = (ctx.clock)();
    let asked = order.clone();
    let begun = ctx.store.write(move |ledger| ledger.begin_walk(&asked, now)).await?;
    if begun.walk.is_some() && !only_its_feeds(ctx, source).await? {
        return Ok(begun);
    }
    order.sitemaps = named_by_robots(ctx, source).await;
    let asked = order.clone();
    let with_robots = match order.sitemaps.is_empty() {
        true => begun,
        false => ctx.store.write(move |ledger| ledger.begin_walk(&asked, now)).await?,
    };
    if with_robots.walk.is_none() {
        bail!(
            "{}: its feed names no archive and its robots.txt no sitemap, so there is nothing to walk; add sitemap = \"https://…\" to the source",
            source.name
        );
    }
    Ok(with_robots)
}

/// Whether nothing but feeds is known of a source: no sitemap, no archive.
async fn only_its_feeds(ctx: &Context, source: &Source) -> anyhow::Result<bool> {
    let name = source.name.clone();
    let feeds = ctx.store.read(move |ledger| ledger.feeds(Some(&name))).await?;
    Ok(feeds.iter().all(|feed| matches!(feed.kind.as_str(), "feed" | "home")))
}

/// The sitemaps that the robots.txt of the source's sites name. A site that does not answer names none.
async fn named_by_robots(ctx: &Context, source: &Source) -> Vec<Url> {
    let mut sites: Vec<Url> = source.feeds.iter().filter_map(|feed| address::resolve(Some(&feed.url), "/robots.txt")).collect();
    sites.sort();
    sites.dedup();
    let mut found = Vec::new();
    for site in sites {
        let request = Request { url: site.clone(), validators: Default::default(), purpose: Purpose::Page };
        let host = HostState { host: address::host_key(&site), ..HostState::default() };
        if let (Ok(Fetched::Document(document)), _) = ctx.fetcher.get(request, &host).await {
            let robots = String::from_utf8_lossy(&document.body);
            found.extend(feed::discovery::sitemaps(&site, &robots).into_iter().map(|candidate| candidate.url));
        }
    }
    found
}

/// Runs the lanes for the source until its walk has ended and what it brought is filed.
async fn drive(
    ctx: &Context,
    settings: &Settings,
    source: &Source,
    begun: &Begun,
    progress: &mut Progress,
) -> anyhow::Result<(WalkRow, bool)> {
    let name = source.name.clone();
    let id = ctx.store.read(move |ledger| ledger.source_id(&name)).await?.context("the source is not in the ledger")?;
    let stop = CancellationToken::new();
    let (_keep, watched) = watch::channel(ctx.clone());
    let lanes = daemon::walk(watched, settings.lanes.clone(), Arc::new(Tally::default()), id, stop.clone());
    let asked_to_stop = daemon::asked_to_stop();
    tokio::pin!(lanes, asked_to_stop);
    let mut looks = time::interval(LOOK);
    loop {
        tokio::select! {
            ended = &mut lanes => {
                ended?;
                bail!("the lanes ended before the walk did");
            }
            () = &mut asked_to_stop => {
                progress.remark("stopping; what is in hand is finished first");
                stop.cancel();
                lanes.await?;
                return Ok((state(ctx, source, begun).await?, true));
            }
            _ = looks.tick() => {
                let row = state(ctx, source, begun).await?;
                progress.show(&row);
                let done = row.ended_at.is_some() && row.entries_pending == 0;
                if done || comes_later(&row, (ctx.clock)()) {
                    progress.end();
                    stop.cancel();
                    lanes.await?;
                    return Ok((state(ctx, source, begun).await?, false));
                }
            }
        }
    }
}

/// Whether everything that is left of a walk comes later than a run by hand waits for.
fn comes_later(row: &WalkRow, now: Timestamp) -> bool {
    let patience = store::stamp(now.checked_add(PATIENCE).unwrap_or(now));
    row.next_at.as_ref().is_some_and(|at| *at > patience)
}

/// The walk as it stands.
async fn state(ctx: &Context, source: &Source, begun: &Begun) -> anyhow::Result<WalkRow> {
    let (name, walk) = (source.name.clone(), begun.walk);
    let rows = ctx.store.read(move |ledger| ledger.walks(Some(&name), false, 1000)).await?;
    let ours = |row: &WalkRow| walk.is_some_and(|walk| walk.0 == row.id);
    rows.into_iter().find(ours).context("the walk is no longer in the ledger")
}

/// One line of what a walk has done.
fn summary(row: &WalkRow) -> String {
    let failed = if row.pages_failed > 0 { format!(" ({} could not be had)", row.pages_failed) } else { String::new() };
    format!(
        "{}: {} of {} read{failed}; {} entries found, {} of them new; {} filed, {} waiting",
        print::tame_line(&row.source),
        row.pages_read,
        pages(row.pages),
        row.entries_found,
        row.entries_new,
        row.entries_filed,
        row.entries_pending
    )
}

/// One line about a walk that has not ended.
pub(crate) fn in_progress(row: &WalkRow) -> String {
    let what = if row.reason == WalkReason::Gap.as_str() { "a gap" } else { "backfill" };
    let begun = if row.begun_at.is_none() { " (another walk comes first)" } else { "" };
    format!(
        "{what} of {}{begun}: {} of {} read, {} entries found, {} new, {} filed",
        print::tame_line(&row.source),
        row.pages_read + row.pages_failed,
        pages(row.pages),
        row.entries_found,
        row.entries_new,
        row.entries_filed
    )
}

fn pages(count: i64) -> String {
    format!("{count} {}", if count == 1 { "page" } else { "pages" })
}

/// How far it is: a bar on a terminal, a line now and then elsewhere. On standard error, so that the answer stays clean.
struct Progress {
    source: String,
    terminal: bool,
    silent: bool,
    last: String,
    printed: Option<time::Instant>,
}

impl Progress {
    fn of(source: &str, silent: bool) -> Progress {
        let terminal = std::io::stderr().is_terminal();
        Progress { source: source.to_owned(), terminal, silent: silent && !terminal, last: String::new(), printed: None }
    }

    fn show(&mut self, row: &WalkRow) {
        let done = row.pages_read + row.pages_failed;
        // Pages lead to pages and to articles: both are the work.
        let (all, finished) = (row.pages + row.entries_new, done + (row.entries_new - row.entries_pending).max(0));
        let filled = if all == 0 { 0 } else { (BAR as i64 * finished / all).clamp(0, BAR as i64) as usize };
        let counts = format!(
            "{done} of {}, {} entries found, {} new, {} filed",
            pages(row.pages),
            row.entries_found,
            row.entries_new,
            row.entries_filed
        );
        if counts == self.last {
            return;
        }
        if self.terminal {
            let bar = "#".repeat(filled) + &"-".repeat(BAR - filled);
            // Whoever closed standard error does not want to see it.
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K{} [{bar}] {counts}", self.source);
        } else if !self.silent && self.printed.is_none_or(|printed| printed.elapsed() >= LINE) {
            print::aside(&format!("{}: {counts}", self.source));
            self.printed = Some(time::Instant::now());
        } else {
            return;
        }
        self.last = counts;
    }

    fn remark(&mut self, text: &str) {
        self.end();
        if !self.silent {
            print::aside(&format!("{}: {text}", self.source));
        }
    }

    fn end(&mut self) {
        if self.terminal && !self.last.is_empty() {
            let _ = writeln!(std::io::stderr().lock());
            self.last.clear();
        }
    }
}
