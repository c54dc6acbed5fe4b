//! Exit codes (sysexits.h), so that a service manager and a script can tell what went wrong.

use std::process::ExitCode;

use wireroom::fetch;
use wireroom::store;

/// The input is not what it should be.
const DATAERR: u8 = 65;
/// There is no such input.
const NOINPUT: u8 = 66;
/// A file cannot be created.
const CANTCREAT: u8 = 73;
/// Reading or writing failed.
const IOERR: u8 = 74;
/// Try again later.
const TEMPFAIL: u8 = 75;
/// The configuration is wrong.
const CONFIG: u8 = 78;

/// The configuration is wrong: every mistake, a line each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub(crate) struct BadConfiguration(pub(crate) Vec<String>);

impl BadConfiguration {
    /// With one mistake.
    pub(crate) fn of(mistake: String) -> BadConfiguration {
        BadConfiguration(vec![mistake])
    }
}

/// The code for an error.
pub(crate) fn code(error: &anyhow::Error) -> ExitCode {
    for cause in error.chain() {
        if cause.is::<BadConfiguration>() || cause.is::<fetch::Error>() {
            return CONFIG.into();
        }
        if let Some(error) = cause.downcast_ref::<store::Error>() {
            return match error.class() {
                "in_use" | "locked" | "empty_ledger" => TEMPFAIL,
                "newer_schema" | "not_a_database" | "foreign_database" | "corrupt" | "symbolic_link" => DATAERR,
                "read_only" | "denied" => CANTCREAT,
                "no_ledger" => NOINPUT,
                _ => IOERR,
            }
            .into();
        }
    }
    ExitCode::FAILURE
}
