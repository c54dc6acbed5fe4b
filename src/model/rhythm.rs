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
    /// The first of them.
    pub moves_since: Option<Timestamp>,
    /// The last one that was counted.
    pub moves_last: Option<Timestamp>,
    /// Whether its last document led to others and had no entries of its own: an index.
    pub leads: bool,
    /// What was learnt of its hours, as `schedule` packs it; empty: nothing. A column of its own in the ledger.
    #[serde(skip)]
    pub habits: Vec<u8>,
    /// Polls a day that it would take at each level of effort, as `schedule` reckons them; empty: not known yet. A column
    /// of its own in the ledger.
    #[serde(skip)]
    pub costs: Vec<f32>,
    /// What all feeds together would take, as the ledger knew it at the claim.
    #[serde(skip)]
    pub budget: Budget,
}

/// Polls a day that all feeds together would take at each level of effort. A sum that is kept up with every poll, so that
/// nobody has to look at all feeds to know what one may have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Budget {
    /// How many feeds are in the sums.
    pub feeds: u64,
    /// The sums.
    pub polls: Vec<f64>,
}

impl Budget {
    /// Takes a feed's former costs out and its present ones in. Sums of another make than `new` are begun anew.
    pub fn exchange(&mut self, old: &[f32], new: &[f32]) {
        if !new.is_empty() && self.polls.len() != new.len() {
            *self = Budget { feeds: 0, polls: vec![0.0; new.len()] };
        }
        for (costs, sign) in [(old, -1.0), (new, 1.0)] {
            let is_sane = costs.iter().all(|cost| cost.is_finite() && *cost >= 0.0);
            if costs.is_empty() || costs.len() != self.polls.len() || !is_sane {
                continue;
            }
            self.feeds = if sign < 0.0 { self.feeds.saturating_sub(1) } else { self.feeds.saturating_add(1) };
            for (sum, cost) in self.polls.iter_mut().zip(costs) {
                *sum = (*sum + sign * f64::from(*cost)).max(0.0);
            }
        }
    }
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
