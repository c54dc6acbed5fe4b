//! `wireroom check`: every mistake of the configuration at once.

use std::process::ExitCode;

use serde_json::json;

use super::exit::BadConfiguration;
use super::{World, configuration, exit, print};

/// Runs the verb.
pub(crate) fn run(world: &World, form: &print::Form) -> anyhow::Result<ExitCode> {
    let read = configuration::find(world).and_then(|path| configuration::read(&path).map(|settings| (path, settings)));
    let (path, settings) = match read {
        Ok(read) => read,
        Err(BadConfiguration(mistakes)) if form.json => {
            print::json(&json!({ "ok": false, "mistakes": mistakes }))?;
            return Ok(exit::code(&BadConfiguration(mistakes).into()));
        }
        Err(mistakes) => return Err(mistakes.into()),
    };
    let feeds: usize = settings.sources.iter().map(|desk| desk.source.feeds.len()).sum();
    let (sources, warnings) = (settings.sources.len(), settings.warnings());
    if form.json {
        print::json(&json!({ "ok": true, "sources": sources, "feeds": feeds, "warnings": warnings }))?;
        return Ok(ExitCode::SUCCESS);
    }
    print::line(&format!("{}: fine; {sources} sources with {feeds} feeds", path.display()))?;
    for warning in warnings {
        print::aside(&format!("warning: {warning}"));
    }
    Ok(ExitCode::SUCCESS)
}
