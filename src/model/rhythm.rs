//! How a feed behaves: what it lists, how fast it turns over, and what was lost when it was faster than us.

use jiff::Timestamp;

use super::Hints;

/// How a feed has behaved, as the planner remembers it. Kept as JSON in the ledger.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Rhythm {
    /// The interval the planner chose last, seconds.
    pub interval_s: u64,
    /// Polls that brought entries or were answered, in all.
    pub polls: u64,
    /// News that the pages it led to brought since its last poll.
    #[serde(skip)]
    pub brought: u32,
    /// The feed's own hints, from its last complete document.
    pub hints: Hints,
    /// What its last complete document listed.
    pub window: Option<Window>,
    /// When it last answered.
    pub answered_at: Option<Timestamp>,
    /// Entries that came, fading with time.
    pub arrived: f64,
    /// The time in which they came, seconds, fading alike.
    pub over_s: f64,
    /// Steps from entry to entry within its windows, fading from poll to poll.
    pub run: f64,
    /// The time they took, seconds, fading alike.
    pub run_s: f64,
    /// The shortest time that its window covered lately, seconds.
    pub covers_s: Option<f64>,
    /// Where its last answers said it moved for good.
    pub moved_to: Option<String>,
    /// How many of them in a row.
    pub moves: u32,
}

/// What one complete document of a feed lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Window {
    /// How many entries.
    pub entries: u32,
    /// How many of them were new to the source.
    pub fresh: u32,
    /// The instants of its newest entries, the newest first.
    pub newest: Vec<Timestamp>,
    /// The instant of its oldest entry, those aside that do not belong to its run of dates.
    pub oldest: Option<Timestamp>,
    /// Entries from `oldest` on that have an instant.
    pub dated: u32,
    /// The greatest of its entries' running numbers, where they have such: in their addresses, in their ids.
    pub last_numbers: [Option<u64>; 2],
    /// Whether new entries come above the old ones, where that was seen.
    pub newest_first: Option<bool>,
}

/// How the ledger knew an entry of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Not at all.
    New,
    /// From this feed.
    Ours,
    /// From another feed of its source.
    Others,
}

/// Entries that were published and gone again between two polls.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Gap {
    /// The last instant that the poll before had seen.
    pub from: Timestamp,
    /// The first instant that this poll saw.
    pub to: Timestamp,
    /// How many entries that were, by the feed's turnover.
    pub estimated: u32,
    /// How it was noticed, in words.
    pub reason: String,
}
