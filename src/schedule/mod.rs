//! When to ask again: interval, back-off, freshness, jitter.

use std::time::Duration;

/// The operator's word about when to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The floor: no feed is polled more often.
    pub min_interval: Duration,
    /// The ceiling: no healthy feed is polled more rarely unless the server asks for it.
    pub max_interval: Duration,
    /// Mean budget of polls a feed and day.
    pub polls_per_day: u32,
    /// Attempts at one article before it is given up.
    pub scrape_attempts: u32,
}
