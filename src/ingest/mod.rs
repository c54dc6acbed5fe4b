//! The order of the steps: a claim goes in, everything that is to be written comes out.

mod discovery;
mod poll;
mod walk;
mod backfill;
mod scrape;
mod stale;
mod websub;
mod reconcile;
mod recheck;
mod reread;
mod parts;
mod extractor;

pub use backfill::begin_backfill;
pub use discovery::{Discovery, MOST_REQUESTS, discover};
pub use extractor::{Extractor, Reader};
pub use parts::{Means, Pages, read_whole};
pub use poll::{broken_poll, poll};
pub use reconcile::reconcile;
pub use reread::{Again, read_again, restore};
pub use scrape::{broken_scrape, rejudge, scrape};
pub use stale::{Turn, listen};
pub use websub::subscribe;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::runtime::{Handle, RuntimeFlavor};

use crate::article;
use crate::charset;
use crate::dedup;
use crate::feed;
use crate::fetch::{self, Fetcher};
use crate::markup;
use crate::model::{Failure, Pace, Timestamp, Trouble, Url};
use crate::schedule;
use crate::store::StoreHandle;

/// The version of the reader of feeds: validators are bound to it.
pub const FEED_READER_VERSION: u32 = feed::VERSION;
/// The version of the fingerprint: the index of near-copies is bound to it.
pub const FINGERPRINT_VERSION: u32 = dedup::VERSION;

/// Reads the present; the only one that does is made in `main`.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
/// Throws a number in `[0, 1)`.
pub type Dice = Arc<dyn Fn() -> f64 + Send + Sync>;

/// Everything a job needs besides its claim. Cheap to clone; a reload publishes a new one, and a
/// job in hand keeps the one it started with.
#[derive(Clone)]
pub struct Context {
    /// The ledger's door.
    pub store: StoreHandle,
    /// The one client.
    pub fetcher: Fetcher,
    /// The reader of pages.
    pub extractor: Extractor,
    /// What the operator decided.
    pub rules: Arc<Rules>,
    /// The present.
    pub clock: Clock,
    /// Chance.
    pub dice: Dice,
}

impl Context {
    /// The client for the requests of one source, which knows what the ledger knows of the hosts that redirects lead to.
    fn fetcher_of(&self, source: &str) -> Fetcher {
        let store = self.store.clone();
        self.fetcher.of(source).recalling(Arc::new(move |host| {
            let store = store.clone();
            // A ledger that cannot be read now knows nothing; the commit will tell of its trouble.
            Box::pin(async move { store.read(move |ledger| ledger.host(&host)).await.ok() })
        }))
    }
}

/// What the operator decided, for the steps.
#[derive(Debug, Clone)]
pub struct Rules {
    /// When to ask again.
    pub schedule: schedule::Policy,
    /// Where the judge draws its lines.
    pub dedup: dedup::Thresholds,
    /// What is kept of a copy.
    pub keep: dedup::Keep,
    /// How fast one host may be asked.
    pub pace: Pace,
    /// Where hubs reach us; `None`: no feed is subscribed.
    pub websub: Option<Url>,
    /// By source name.
    pub desks: HashMap<String, Desk>,
}

/// The rules of one source.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    /// Which entries are scraped.
    pub selection: dedup::Selection,
    /// How its pages are read, its zone and its language.
    pub pages: article::Rules,
    /// Which texts its texts are compared with.
    pub reach: dedup::Reach,
    /// How often it is asked, where that is its own.
    pub terms: schedule::Terms,
}

impl Rules {
    /// Which texts a source's are compared with.
    pub fn reach(&self, source: &str) -> dedup::Reach {
        self.desks.get(source).map_or(dedup::Reach::All, |desk| desk.reach)
    }

    /// The rules of a source; the defaults for one that was just removed.
    pub fn desk(&self, source: &str) -> Desk {
        self.desks.get(source).cloned().unwrap_or_default()
    }
}

/// Does what may take long (a text compared with many, the origin of a large story) without holding up the jobs that share
/// the thread.
fn aside<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        // A runtime of one thread has no other to go on with.
        _ => work(),
    }
}

/// An error and its chain of causes as one line, with what it means.
fn trouble(failure: Failure, class: &'static str, error: &dyn std::error::Error) -> Trouble {
    Trouble { failure, class, reason: chain(error) }
}

/// A fetch that failed. A challenge for browsers is told apart from other refusals; what it means for the next attempt, its
/// status says.
fn unfetched(error: &fetch::Error) -> Trouble {
    let told = trouble(error.failure(), error.class(), error);
    let Some(page) = error.refusal_page() else { return told };
    let decoded = charset::decode(&page.start, page.content_type.as_deref(), charset::Markup::Html);
    match markup::wall(&decoded.text, "") {
        Some(markup::Wall::Challenge) => {
            let reason = format!("{}, with a challenge for browsers", told.reason);
            Trouble { class: "captcha", reason, ..told }
        }
        _ => told,
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // Some packages repeat their cause in their own message.
        if !line.contains(&said) {
            line.push_str(": ");
            line.push_str(&said);
        }
        cause = error.source();
    }
    line.replace(['\n', '\r'], " ")
}
