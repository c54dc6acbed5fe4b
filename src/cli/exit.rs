//! Exit codes (sysexits.h), so that a service manager and a script can tell what went wrong.

use std::process::ExitCode;

use wireroom::fetch;
use wireroom::store;

/// The input is not what it should be.
const DATAERR: u8 = 65;
/// A file cannot be created.
const CANTCREAT: u8 = 73;
/// Reading or writing failed.
const IOERR: u8 = 74;
/// Try again later.
const TEMPFAIL: u8 = 75;
/// The configuration is wrong.
const CONFIG: u8 = 78;

/// The configuration is wrong; every mistake stands in the text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadConfiguration(pub(crate) String);

/// The code for an error.
pub(crate) fn code(error: &anyhow::Error) -> ExitCode {
    for cause in error.chain() {
        if cause.is::<BadConfiguration>() || cause.is::<fetch::Error>() {
            return CONFIG.into();
        }
        if let Some(error) = cause.downcast_ref::<store::Error>() {
            return match error {
                store::Error::Locked { .. } | store::Error::Busy { .. } => TEMPFAIL,
                store::Error::NewerSchema { .. } | store::Error::NotALedger { .. } | store::Error::Corrupt { .. } => DATAERR,
                store::Error::ReadOnly { .. } | store::Error::CannotCreate { .. } => CANTCREAT,
                _ => IOERR,
            }
            .into();
        }
    }
    ExitCode::FAILURE
}
