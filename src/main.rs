//! The edge of the process: arguments, logging, wiring, exit codes.

mod cli;

use std::process::ExitCode;

use clap::Parser;
use wireroom::model::Timestamp;

fn main() -> ExitCode {
    match cli::run(cli::Arguments::parse(), now) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("wireroom: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The only clock (Law 3).
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn now() -> Timestamp {
    Timestamp::now()
}
