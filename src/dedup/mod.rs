//! Is the entry known, is the text filed, which story.

use std::time::Duration;

/// Which entries of a source are scraped. `exclude` wins over `include`.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// When not empty, one must match URL or title.
    pub include: Vec<regex::Regex>,
    /// None may match URL or title.
    pub exclude: Vec<regex::Regex>,
    /// Entries older than this at first sight are not scraped.
    pub max_age: Option<Duration>,
}

/// Where the judge draws its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds {
    /// Fewest words of a text that can identify a story.
    pub min_words: u32,
}
