//! A source that brings nothing although it should.

use jiff::Timestamp;

use super::SourceId;

/// What is known of when a source brought news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The source.
    pub source: SourceId,
    /// Its name in the configuration.
    pub name: String,
    /// The agency it is a desk of.
    pub agency: String,
    /// The instants of its latest entries, in any order.
    pub news: Vec<Timestamp>,
    /// When one of its feeds last answered: no silence is known beyond that.
    pub listened_until: Option<Timestamp>,
    /// Since when it is known to be silent.
    pub stale_since: Option<Timestamp>,
}

/// A silence that is not the source's rhythm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Silence {
    /// Its last sign of life.
    pub since: Timestamp,
    /// How many news it would have brought by now, by its own rhythm.
    pub expected: u32,
    /// Of the silences it is known for, the longest that recurred, seconds.
    pub usual_s: u64,
}
