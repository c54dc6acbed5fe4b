//! `wireroom feed`.

use std::process::ExitCode;

use wireroom::model::Timestamp;

/// What `feed` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A file, a URL, or - for standard input
    input: Option<String>,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments, now: Timestamp) -> anyhow::Result<ExitCode> {
    let _ = (arguments, now);
    Ok(ExitCode::SUCCESS)
}
