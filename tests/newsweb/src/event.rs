//! What happened at the agencies while the web ran.

/// One thing an agency did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Milliseconds since the web started.
    pub at_ms: u64,
    /// Who.
    pub agency: String,
    /// What.
    pub deed: Deed,
    /// Where it can be read.
    pub url: String,
    /// The headline after it.
    pub title: String,
}

/// What an agency can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// A story of its own.
    Published,
    /// A story of another agency, at this URL there.
    Reprinted(String),
    /// A new state of a story under its old URL.
    Updated,
    /// A wrong figure put right, and said so.
    Corrected,
    /// Any other change of a page by hand.
    Edited,
    /// Taken down: 410, and gone from the feeds.
    Withdrawn,
}
