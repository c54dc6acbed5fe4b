//! Large bodies: a sitemap may be fifty megabytes, and what is read of it several times that, so few are in memory at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::model::Url;

use super::Error;

/// Bytes of a large body, decoded: what the protocol allows a sitemap (50 MB) and a little.
pub const LARGEST: u64 = 52 * 1024 * 1024;
/// Large bodies in memory at once, from the byte that makes them large until they are read: a sitemap of 50,000 pages in
/// 50 MB takes 320 MB while it is read, and the shipped unit has 768 MB for everything.
pub const AT_ONCE: usize = 1;
/// How long a large body stays away that found no place.
const AWAY: Duration = Duration::from_secs(60);

/// The right to hold one large body in memory, until dropped.
#[derive(Debug)]
pub struct Hold {
    _place: OwnedSemaphorePermit,
}

/// The places for large bodies.
#[derive(Debug, Clone)]
pub(super) struct Places(Arc<Semaphore>);

impl Default for Places {
    fn default() -> Places {
        Places(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Places {
    pub(super) async fn take(&self) -> Option<Hold> {
        // The semaphore is never closed.
        self.0.clone().acquire_owned().await.ok().map(|place| Hold { _place: place })
    }

    /// A place for a body whose server is waiting: soon, or another time.
    pub(super) async fn take_soon(&self, url: &Url, patience: Duration) -> Result<Hold, Error> {
        let host = || url.host_str().unwrap_or_default().to_owned();
        let taken = tokio::time::timeout(patience, self.take()).await.ok().flatten();
        taken.ok_or_else(|| Error::NotItsTurn { host: host(), wait: AWAY, begun: true })
    }
}
