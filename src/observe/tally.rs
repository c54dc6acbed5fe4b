//! Counters of work done since the start.

use std::sync::atomic::{AtomicU64, Ordering};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Polls answered, with or without news.
    Polls,
    /// Of these, polls that brought nothing (304, or the bytes we know).
    PollsUnchanged,
    /// Polls that failed.
    PollsFailed,
    /// Entries new to their source.
    EntriesFresh,
    /// Entries skipped or refused, with their reason in the ledger.
    EntriesSkipped,
    /// Articles filed for the first time.
    Articles,
    /// Of these, copies of a text that was filed already.
    Copies,
    /// Pages fetched again whose article was filed already.
    Revisits,
    /// Attempts at an article that will be repeated.
    Retries,
    /// Articles given up.
    Failed,
    /// Sources that fell silent against their own rhythm.
    SourcesSilent,
    /// Bodies taken from hubs.
    Pushes,
    /// Bodies dropped because they were not signed as agreed.
    PushesForged,
    /// Bodies that had to be delivered again because too much was waiting.
    PushesDeferred,
}

/// Counters, cheap to share and to bump.
#[derive(Debug, Default)]
pub struct Tally {
    counts: [AtomicU64; 14],
}

impl Tally {
    /// Adds to a counter.
    pub fn add(&self, count: Count, number: u64) {
        self.counts[count as usize].fetch_add(number, Ordering::Relaxed);
    }

    /// Reads a counter.
    pub fn get(&self, count: Count) -> u64 {
        self.counts[count as usize].load(Ordering::Relaxed)
    }
}
