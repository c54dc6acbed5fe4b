//! `wireroom demo`: the real daemon on made-up agencies served from loopback.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use newsweb::{NewsWeb, demo_plan};
use tokio::sync::watch;
use tokio::time;
use tokio_util::sync::CancellationToken;
use wireroom::config::{self, File, Settings};
use wireroom::daemon::{self, Beats};
use wireroom::observe::Tally;
use wireroom::store::{ArticleRow, Role, StoreHandle};

use super::{World, folder, print, wiring};

/// The agencies make news this often.
const NEWS_EVERY: Duration = Duration::from_millis(1500);
/// New articles are looked for this often.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Most articles printed at one look.
const SHOWN: usize = 100;

/// What `demo` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// End after this time, such as 20s, instead of at Ctrl-C
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    time: Option<Duration>,
}

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let web = NewsWeb::start(demo_plan()).context("the made-up agencies cannot be served on loopback")?;
    let folder = folder::fresh(world, "wireroom-demo")?;
    let file = folder.join("wireroom.toml");
    std::fs::write(&file, toml(&web)).with_context(|| format!("{}: cannot be written", file.display()))?;
    let settings = settings(&file)?;
    print::line("Five made-up agencies on loopback; the daemon polls them as it would poll real ones.\n")?;
    let store = wiring::open(&settings, Role::Lanes)?;
    let closing = store.clone();
    web.tick_every(NEWS_EVERY);
    wiring::block_on(live(world, &settings, store, arguments.time))?;
    web.stop_ticking();
    summary(&closing, &file, &settings)?;
    closing.close();
    Ok(ExitCode::SUCCESS)
}

/// Runs the daemon's lanes and prints what they file.
async fn live(world: &World, settings: &Settings, store: StoreHandle, limit: Option<Duration>) -> anyhow::Result<()> {
    let ctx = wiring::context(world, settings, &store, None)?;
    daemon::enrol(&store, settings, (world.clock)()).await?;
    let stop = CancellationToken::new();
    let (_keep, ctx) = watch::channel(ctx);
    let lanes = daemon::run(ctx, settings.lanes.clone(), Arc::new(Tally::default()), Arc::new(Beats::default()), stop.clone());
    tokio::pin!(lanes);
    let over = async {
        match limit {
            Some(limit) => time::sleep(limit).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(over);
    let asked = daemon::asked_to_stop();
    tokio::pin!(asked);
    let mut look = time::interval(LOOK_EVERY);
    let mut seen = 0;
    loop {
        tokio::select! {
            ended = &mut lanes => {
                ended?;
                tell(&store, seen).await?;
                return Ok(());
            }
            () = &mut over, if !stop.is_cancelled() => stop.cancel(),
            () = &mut asked, if !stop.is_cancelled() => stop.cancel(),
            _ = look.tick() => seen = tell(&store, seen).await?,
        }
    }
}

/// Prints the articles that changed since `seen`.
async fn tell(store: &StoreHandle, seen: i64) -> anyhow::Result<i64> {
    let rows = store.read(move |ledger| ledger.articles_since(seen, SHOWN)).await?;
    for row in &rows {
        article(row)?;
    }
    Ok(rows.last().map_or(seen, |row| row.seq))
}

/// One article as it is filed.
fn article(row: &ArticleRow) -> anyhow::Result<()> {
    let what = match (row.duplicate_of, row.revision) {
        (Some(of), _) => format!("copy of {of}"),
        (None, 1) => "filed".to_owned(),
        (None, revision) => format!("revision {revision}"),
    };
    let title = print::tame_line(row.title.as_deref().unwrap_or("(no headline)"));
    print::line(&format!("{:>4}  {what:<12} {:<20} {title}", row.id.0, row.agency))?;
    let place = row.dateline_place.as_deref().map(|place| format!("{place}; ")).unwrap_or_default();
    let by = if row.authors.is_empty() { String::new() } else { format!("by {}; ", row.authors.join(", ")) };
    let when = row.published_at.as_deref().map_or("no date".to_owned(), |at| {
        format!("{} ({})", at.get(..19).unwrap_or(at), row.published_offset.as_deref().unwrap_or("zone not given"))
    });
    print::line(&format!("      {}{}{when}; {} words", print::tame_line(&place), print::tame_line(&by), row.words))
}

/// What was filed, which copies were recognised, and where to try more.
fn summary(store: &StoreHandle, file: &std::path::Path, settings: &Settings) -> anyhow::Result<()> {
    let (articles, copies, revised, feeds) = store.read_blocking(move |ledger| {
        let mut rows: Vec<ArticleRow> = Vec::new();
        while let more = ledger.articles_since(rows.last().map_or(0, |row| row.seq), SHOWN)?
            && !more.is_empty()
        {
            rows.extend(more);
        }
        let copies: Vec<ArticleRow> = rows.iter().filter(|row| row.duplicate_of.is_some()).cloned().collect();
        Ok((rows.len(), copies, rows.iter().filter(|row| row.revision > 1).count(), ledger.feeds(None)?))
    })?;
    print::line(&format!(
        "\n{articles} articles from {} feeds; {} recognised as copies, {revised} revised on their page.",
        feeds.len(),
        copies.len()
    ))?;
    for copy in copies.iter().take(5) {
        let of = copy.duplicate_of.map_or(0, |of| of.0);
        print::line(&format!(
            "  {} of {} is a copy ({}) of {of}, origin {}",
            copy.id,
            print::tame_line(&copy.agency),
            copy.relation.as_deref().unwrap_or("-"),
            print::tame_line(&copy.origin)
        ))?;
    }
    print::line(&format!("\nThe ledger lies at {}. Try:", settings.store.path.display()))?;
    let wireroom = std::env::args().next().unwrap_or_else(|| "wireroom".to_owned());
    print::line(&format!("  {wireroom} search --config {} minister", file.display()))?;
    print::line(&format!("  {wireroom} show --config {} 1", file.display()))?;
    print::line(&format!("  sqlite3 {} \"select source, title, duplicate_of from articles\"", settings.store.path.display()))
}

/// A configuration that follows the made-up agencies, as an operator would write it.
fn toml(web: &NewsWeb) -> String {
    let hosts: Vec<String> = web.agencies().iter().map(|agency| web.host(agency)).collect();
    let mut text = format!(
        "[store]\nurl = \"sqlite:wireroom.db\"\n\n[fetch]\ncontact = \"mailto:demo@localhost\"\nper_host_delay = \"100ms\"\nallow_private = {hosts:?}\n\n\
         [schedule]\nmin_interval = \"1s\"\nmax_interval = \"2s\"\n"
    );
    for agency in web.agencies() {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n[[source]]\nname = {agency:?}\nagency = {:?}\nfeed = {:?}\n", title(&agency), web.feed(&agency));
    }
    text
}

/// `morning-mirror` → `Morning Mirror`.
fn title(name: &str) -> String {
    let capital =
        |word: &str| word.chars().enumerate().map(|(index, c)| if index == 0 { c.to_ascii_uppercase() } else { c }).collect();
    name.split('-').map(capital).collect::<Vec<String>>().join(" ")
}

/// Reads the demo's configuration by the same way as any other.
fn settings(file: &PathBuf) -> anyhow::Result<Settings> {
    let text = std::fs::read_to_string(file)?;
    let base = file.parent().map(|base| base.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(config::parse_files(&File { name: file.display().to_string(), text }, &[], &base)?)
}

/// `20s`, `2m`, or plain seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len()));
    let factor = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("{text:?} is no time; try 20s or 2m")),
    };
    let seconds = number.parse::<f64>().map_err(|_| format!("{text:?} is no time; try 20s or 2m"))? * factor;
    Duration::try_from_secs_f64(seconds).map_err(|_| format!("{text:?} is no time; try 20s or 2m"))
}
