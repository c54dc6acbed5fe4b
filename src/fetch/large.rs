//! Places for bodies that are more than a page usually is: few of them are in memory at once.
//!
//! Small bodies have no place; there are as many of them as requests at the same time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::model::Url;

use super::Error;

/// A body up to this many bytes is small.
pub const SMALL: u64 = 1024 * 1024;
/// Bytes that all bodies beyond [`SMALL`] may grow to together, those beyond `max_body` aside. Each counts as a whole
/// `max_body` from the byte that makes it more than small, so that none waits half read for another.
pub const TOGETHER: u64 = 128 * 1024 * 1024;
/// Bytes of a large body, decoded: what the protocol allows a sitemap (50 MB) and a little.
pub const LARGEST: u64 = 52 * 1024 * 1024;
/// Large bodies in memory at once, from the byte that makes them large until they are read: a sitemap of 50,000 pages in
/// 50 MB takes 320 MB while it is read, and the shipped unit has 768 MB for everything.
pub const AT_ONCE: usize = 1;
/// How long a body stays away that found no place.
const AWAY: Duration = Duration::from_secs(60);

/// The right to hold one body in memory, until dropped.
#[derive(Debug)]
pub struct Hold {
    is_large: bool,
    _place: OwnedSemaphorePermit,
}

impl Hold {
    /// Whether it is one of the few for large bodies.
    pub fn is_large(&self) -> bool {
        self.is_large
    }

    fn new(is_large: bool, place: OwnedSemaphorePermit) -> Hold {
        Hold { is_large, _place: place }
    }
}

/// The places.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// For those beyond `max_body`.
    large: Arc<Semaphore>,
    /// For those beyond [`SMALL`], by mebibytes.
    middling: Arc<Semaphore>,
}

impl Default for Places {
    fn default() -> Places {
        Places { large: Arc::new(Semaphore::new(AT_ONCE)), middling: Arc::new(Semaphore::new(mebibytes(TOGETHER) as usize)) }
    }
}

impl Places {
    pub(super) async fn take(&self) -> Option<Hold> {
        // The semaphore is never closed.
        self.large.clone().acquire_owned().await.ok().map(|place| Hold::new(true, place))
    }

    /// A place for a large body whose server is waiting: soon, or another time.
    pub(super) async fn take_soon(&self, url: &Url, patience: Duration) -> Result<Hold, Error> {
        soon(url, patience, self.take()).await
    }

    /// A place for a body that may grow to so many bytes.
    pub(super) async fn take_middling(&self, bytes: u64, url: &Url, patience: Duration) -> Result<Hold, Error> {
        let wanted = mebibytes(bytes.min(TOGETHER));
        let taken = async { self.middling.clone().acquire_many_owned(wanted).await.ok() };
        soon(url, patience, async { taken.await.map(|place| Hold::new(false, place)) }).await
    }
}

async fn soon(url: &Url, patience: Duration, taken: impl Future<Output = Option<Hold>>) -> Result<Hold, Error> {
    let taken = tokio::time::timeout(patience, taken).await.ok().flatten();
    taken.ok_or_else(|| Error::NoPlace { host: url.host_str().unwrap_or_default().to_owned(), wait: AWAY })
}

/// Rounded up.
fn mebibytes(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(1 << 20)).unwrap_or(u32::MAX)
}
