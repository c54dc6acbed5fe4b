//! The ledger.

use std::path::PathBuf;
use std::time::Duration;

/// Where the ledger is and how long it keeps what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The SQLite file (`sqlite:PATH`).
    pub path: PathBuf,
    /// Readable by the group `wireroom` (0640/0750), or only by its owner (0600/0700).
    pub group_readable: bool,
    /// How long raw responses are kept; `None`: for ever.
    pub keep_raw: Option<Duration>,
}
use crate::model::*;
pub type Result<T> = std::result::Result<T, Error>;
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("x")]
    Locked {},
    #[error("{0}")]
    House(String),
}
impl Error {
    pub fn is_fatal(&self) -> bool {
        true
    }
}
pub enum Lane {
    Poll,
    Scrape,
}
pub trait Ledger: Send {
    fn sync_sources(&mut self, sources: &[Source], now: Timestamp) -> Result<()>;
    fn claim_feeds(&mut self, now: Timestamp, limit: usize, scope: Scope, pace: &Pace, lease: Duration) -> Result<Vec<FeedClaim>>;
    fn commit_poll(&mut self, claim: &FeedClaim, commit: &PollCommit) -> Result<Committed>;
    fn claim_entries(
        &mut self,
        now: Timestamp,
        limit: usize,
        scope: Scope,
        pace: &Pace,
        lease: Duration,
    ) -> Result<Vec<EntryClaim>>;
    fn commit_scrape(&mut self, claim: &EntryClaim, commit: &ScrapeCommit) -> Result<Committed>;
    fn release(&mut self, claims: &[ClaimId]) -> Result<()>;
    fn maintain(&mut self, now: Timestamp, budget: Duration) -> Result<bool>;
}
pub trait Reader: Send {
    fn known_entries(&self, source: SourceId, keys: &[EntryKey]) -> Result<KnownEntries>;
    fn candidates(&self, own: &Fingerprint, limit: usize) -> Result<Candidates>;
    fn next_turn(&self, now: Timestamp, scope: Scope, kind: Lane, pace: &Pace) -> Result<Option<Timestamp>>;
}
#[derive(Clone)]
pub struct StoreHandle {}
impl StoreHandle {
    pub async fn write<T, F>(&self, _t: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Ledger) -> Result<T> + Send + 'static,
    {
        Err(Error::Locked {})
    }
    pub async fn read<T, F>(&self, _t: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Reader) -> Result<T> + Send + 'static,
    {
        Err(Error::Locked {})
    }
}
