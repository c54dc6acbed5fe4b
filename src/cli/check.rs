//! `wireroom check`: every mistake of the configuration at once.

use std::process::ExitCode;

use super::{World, configuration, print};

/// Runs the verb.
pub(crate) fn run(world: &World) -> anyhow::Result<ExitCode> {
    let path = configuration::find(world)?;
    let settings = configuration::load(world)?;
    let feeds: usize = settings.sources.iter().map(|desk| desk.source.feeds.len()).sum();
    print::line(&format!("{}: fine; {} sources with {feeds} feeds", path.display(), settings.sources.len()))?;
    for warning in settings.warnings() {
        eprintln!("warning: {warning}");
    }
    Ok(ExitCode::SUCCESS)
}
