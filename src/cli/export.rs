//! `wireroom export --opml`: the configured sources for other readers of feeds.

use std::process::ExitCode;

use wireroom::config::{Desk, Settings};
use wireroom::feed::opml::{self, Subscription};

use super::{World, configuration, print};

/// What `export` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write OPML 2.0 (the only form there is)
    #[arg(long, required = true)]
    opml: bool,
}

/// Runs the verb.
pub(crate) fn run(world: &World, _: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    print::line(opml::write("wireroom", &subscriptions(&settings)).trim_end())?;
    Ok(ExitCode::SUCCESS)
}

/// Every feed of every source; several of one source share a folder of its name.
fn subscriptions(settings: &Settings) -> Vec<Subscription> {
    let of_desk = |desk: &Desk| {
        let source = desk.source.clone();
        let home = desk.home.clone();
        let folders = if source.feeds.len() > 1 { vec![source.agency.clone()] } else { Vec::new() };
        source.feeds.into_iter().map(move |feed| Subscription {
            title: Some(source.agency.clone()),
            url: feed.url,
            kind: feed.kind,
            home: home.clone(),
            language: source.language.clone(),
            folders: folders.clone(),
        })
    };
    settings.sources.iter().flat_map(of_desk).collect()
}
