//! Failures, in the four words that policy understands.

use std::time::Duration;

/// What a failure means for the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// Soon over: try again with back-off.
    Transient,
    /// The other side said when.
    Deferred(Duration),
    /// Will last a while: try again rarely.
    Persistent,
    /// Never try again.
    Final,
}

impl Failure {
    /// The word used in logs and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Failure::Transient => "transient",
            Failure::Deferred(_) => "deferred",
            Failure::Persistent => "persistent",
            Failure::Final => "final",
        }
    }
}

/// A failure with its reason, as kept by the ledger and shown by `wireroom status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What it means for the next attempt.
    pub failure: Failure,
    /// A stable class, e.g. `dns`, `timeout`, `not_a_feed`, `robots`, `crashed`.
    pub class: &'static str,
    /// The chain of causes in one line.
    pub reason: String,
}
