//! `wireroom sources`: the sources, with their feeds.

use std::process::ExitCode;

use anyhow::bail;
use serde_json::{Value, json};
use wireroom::config::Settings;
use wireroom::schedule;
use wireroom::store::{FeedRow, Role};

use super::{World, boilerplate, configuration, print, wiring};

/// What `sources` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The lines that this source puts around its texts, with their evidence
    #[arg(long, value_name = "NAME")]
    boilerplate: Option<String>,
    /// A line of them, or its number, that is to stay
    #[arg(long, value_name = "LINE", requires = "boilerplate")]
    veto: Option<String>,
    /// When the feeds of this source are polled next, and what that rests on
    #[arg(long, value_name = "NAME", conflicts_with = "boilerplate")]
    plan: Option<String>,
    #[command(flatten)]
    form: print::Form,
}

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let form = &arguments.form;
    match (&arguments.boilerplate, &arguments.veto) {
        (Some(name), Some(line)) => return boilerplate::veto(world, name, line, form),
        (Some(name), None) => return boilerplate::show(world, name, form),
        (None, _) => {}
    }
    let settings = configuration::load(world)?;
    match &arguments.plan {
        Some(name) => plan(world, &settings, name, form),
        None => list(&settings, form),
    }
}

/// What each feed of a source is polled by.
fn plan(world: &World, settings: &Settings, name: &str, form: &print::Form) -> anyhow::Result<ExitCode> {
    let store = wiring::open(settings, Role::Reader)?;
    let asked = name.to_owned();
    let (known, feeds, rhythms) =
        store.read_blocking(move |ledger| Ok((ledger.source_id(&asked)?, ledger.feeds(Some(&asked))?, ledger.rhythms(&asked)?)))?;
    if known.is_none() {
        bail!("there is no source {name:?} in the ledger; `wireroom sources` lists them");
    }
    let terms = settings.sources.iter().find(|desk| desk.source.name == name).map(|desk| desk.terms.clone()).unwrap_or_default();
    let policy = settings.schedule.on(&terms);
    let now = (world.clock)();
    let told: Vec<(&FeedRow, schedule::Outlook)> = rhythms
        .iter()
        .filter_map(|(url, rhythm)| Some((feeds.iter().find(|feed| feed.url == *url)?, schedule::explain(&policy, rhythm, now))))
        .collect();
    if form.json {
        print::json(&told.iter().map(|(feed, outlook)| as_json(feed, outlook)).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    for (feed, outlook) in told {
        let next =
            if feed.enabled { feed.next_poll_at.as_deref().unwrap_or("at the next start") } else { "never: it is switched off" };
        let why = feed.next_why.as_deref().unwrap_or("it was not polled yet");
        print::line(&format!("{}: next poll {next} ({}). {}", feed.url, print::tame_line(why), outlook.sentence))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(feed: &FeedRow, outlook: &schedule::Outlook) -> Value {
    json!({
        "feed": feed.url,
        "enabled": feed.enabled,
        "next_poll_at": feed.next_poll_at,
        "next_why": feed.next_why,
        "entries_per_day": outlook.entries_per_day,
        "entries_per_day_now": outlook.entries_per_day_now,
        "busiest": outlook.busiest,
        "entries_counted": outlook.entries_counted,
        "learnt_since": outlook.learnt_since.map(|at| at.to_string()),
        "asked_for_s": outlook.asked_for_s,
        "polls_per_day": outlook.polls_per_day,
        "budget_per_feed": outlook.budget_per_feed,
        "feeds": outlook.feeds,
        "sentence": outlook.sentence,
    })
}

fn list(settings: &Settings, form: &print::Form) -> anyhow::Result<ExitCode> {
    let store = wiring::open(settings, Role::Reader)?;
    let (sources, feeds) = store.read_blocking(|ledger| Ok((ledger.sources()?, ledger.feeds(None)?)))?;
    if form.json {
        let rows: Vec<_> = sources
            .iter()
            .map(|source| json!({ "source": source, "feeds": feeds.iter().filter(|feed| feed.source == source.name).collect::<Vec<_>>() }))
            .collect();
        print::json(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = sources
        .iter()
        .map(|source| {
            let own: Vec<_> = feeds.iter().filter(|feed| feed.source == source.name).collect();
            let next = own.iter().filter_map(|feed| feed.next_poll_at.as_deref()).min().unwrap_or("-");
            let state = if !source.enabled {
                "disabled"
            } else if own.iter().any(|feed| feed.failures > 0) {
                "failing"
            } else if own.iter().any(|feed| feed.mended_since.is_some()) {
                "mended"
            } else {
                "well"
            };
            let reason = source.reason.clone().unwrap_or_default();
            vec![
                source.name.clone(),
                source.agency.clone(),
                state.to_owned(),
                source.articles.to_string(),
                source.entries_lost.to_string(),
                next.to_owned(),
                reason,
            ]
        })
        .collect();
    print::table(&["SOURCE", "AGENCY", "STATE", "ARTICLES", "LOST", "NEXT POLL", "REASON"], &rows)?;
    Ok(ExitCode::SUCCESS)
}
