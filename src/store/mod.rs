//! The ledger.

use std::path::PathBuf;
use std::time::Duration;

/// Where the ledger is and how long it keeps what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The SQLite file (`sqlite:PATH`).
    pub path: PathBuf,
    /// Readable by the group `wireroom` (0640/0750), or only by its owner (0600/0700).
    pub group_readable: bool,
    /// How long raw responses are kept; `None`: for ever.
    pub keep_raw: Option<Duration>,
}
