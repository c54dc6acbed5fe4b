//! Lanes, signals, reload, supervision, sd_notify.

use std::time::Duration;

/// How wide the lanes are and how long they wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lanes {
    /// Polls at the same time.
    pub polls: usize,
    /// Scrapes at the same time.
    pub scrapes: usize,
    /// Longest sleep of an idle lane.
    pub idle: Duration,
    /// Time that jobs in hand get at shutdown.
    pub grace: Duration,
}
