//! Identities: numbers the ledger gave, and the key of an entry within its source.

/// Declares a ledger-given row number as a type of its own, so that two kinds cannot be confused.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A source (one desk of an agency) in the ledger.
    SourceId
);
id!(
    /// One pollable URL of a source.
    FeedId
);
id!(
    /// One element of a feed, as remembered by the ledger.
    EntryId
);
id!(
    /// One filed article.
    ArticleId
);
id!(
    /// One story: the articles that carry one text.
    StoryId
);

/// The name of an entry, unique within its source (never across sources: two agencies may use one guid).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct EntryKey(pub String);

impl std::fmt::Display for EntryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The right to do one job: which row, and the epoch the claim raised it to.
/// A commit that carries an older epoch than the row is stale and writes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClaimId {
    /// A claim on a feed.
    Feed {
        /// The feed's row.
        feed: FeedId,
        /// The epoch this claim raised it to.
        epoch: i64,
    },
    /// A claim on an entry.
    Entry {
        /// The entry's row.
        entry: EntryId,
        /// The epoch this claim raised it to.
        epoch: i64,
    },
}
