//! `wireroom sources`: the sources, with their feeds.

use std::process::ExitCode;

use serde_json::json;
use wireroom::store::Role;

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
    let store = wiring::open(&settings, Role::Reader)?;
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
