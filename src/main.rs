//! The edge of the process: arguments, logging, clock and chance, exit codes.

mod cli;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use wireroom::model::Timestamp;
use wireroom::observe;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    if let Err(error) = start_logging(arguments.quiet()) {
        eprintln!("wireroom: {error}");
        return ExitCode::from(78);
    }
    match cli::run(arguments, Arc::new(now), Arc::new(dice)) {
        Ok(code) => code,
        Err(error) => {
            cli::print::aside(&format!("wireroom: {error:#}"));
            cli::exit::code(&error)
        }
    }
}

/// Logs go to standard error, quietly where the verb prints its own story: as lines for a person, with priorities for the journal, as JSON when asked for.
fn start_logging(quiet: bool) -> Result<(), observe::Error> {
    let filter = std::env::var("WIREROOM_LOG").ok().or_else(|| quiet.then(|| "warn".to_owned()));
    let journald = std::env::var_os("JOURNAL_STREAM").is_some() && !std::io::stderr().is_terminal();
    let json = std::env::var("WIREROOM_LOG_FORMAT").is_ok_and(|format| format == "json");
    observe::start(filter.as_deref(), journald, json)
}

/// The only clock (Law 3).
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// A number in `[0, 1)`. Each `RandomState` is seeded anew; jitter needs no better chance.
fn dice() -> f64 {
    let random = RandomState::new().build_hasher().finish();
    (random >> 11) as f64 / (1u64 << 53) as f64
}
