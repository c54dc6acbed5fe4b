//! `wireroom check`: every mistake of the configuration at once.

use std::process::ExitCode;

use serde_json::json;
use wireroom::config::Settings;

use super::exit::BadConfiguration;
use wireroom::fetch;

use super::{World, configuration, exit, print, secrets};

/// Runs the verb.
pub(crate) fn run(world: &World, form: &print::Form) -> anyhow::Result<ExitCode> {
    let read = configuration::find(world).and_then(|path| {
        let settings = configuration::read(&path)?;
        let kept = secrets::check(&settings)?;
        Ok((path, settings, kept))
    });
    let (path, settings, kept) = match read {
        Ok(read) => read,
        Err(BadConfiguration(mistakes)) if form.json => {
            print::json(&json!({ "ok": false, "mistakes": mistakes }))?;
            return Ok(exit::code(&BadConfiguration(mistakes).into()));
        }
        Err(mistakes) => return Err(mistakes.into()),
    };
    let feeds: usize = settings.sources.iter().map(|desk| desk.source.feeds.len()).sum();
    let sources = settings.sources.len();
    let warnings: Vec<String> = settings.warnings().into_iter().chain(kept).collect();
    let warnings = [warnings, secrets::open_to_all(&settings), shut_out(&settings)].concat();
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

/// What the unit keeps from working: to be seen from within the unit only.
pub(crate) fn shut_out(settings: &Settings) -> Vec<String> {
    settings.shut_out(&fetch::system_name_servers(), fetch::is_shut_out)
}
