//! HTTP with manners: conditional GET, robots.txt, pace, limits, and the guard against private addresses.
//!
//! Deliberately absent: cookies that servers set, a referer, proxies from the environment, and any other client. What
//! is asked of a stranger goes through [`Fetcher::get`].

mod error;
mod client;
mod kernel;
mod resolver;
mod guard;
mod manners;
mod visit;
mod post;
mod obedience;
mod fields;
mod moves;
mod redirect;
mod body;
mod large;
mod own;
mod secret;
pub mod robots;
pub mod freshness;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::address;
use crate::model::{Fetched, HostState, Request, Timestamp, Url};

use client::Clients;
use manners::Gates;
use moves::Moves;
use own::Party;
use visit::Visit;

pub use client::PRODUCT_TOKEN;
pub use error::{CLASSES, Error, RefusalPage, TlsTrouble};
pub use kernel::{is_shut_out, system_name_servers};
pub use large::{AT_ONCE, Hold, LARGEST, SMALL, TOGETHER};
pub use own::{Own, SourceRequest, Sources, is_free_field};
pub use resolver::{Lookup, name_servers, system_lookup};
pub use secret::{Keeping, Secret};

/// The wall clock.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Asks what the ledger knows of a host that a redirect led to, and that no claim speaks of.
pub type Recall = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = Option<HostState>> + Send>> + Send + Sync>;

/// How requests are made. Every wait and size has its bound here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// `mailto:` or `https:` address of the operator; part of the user agent.
    pub contact: String,
    /// Start-to-start distance of requests to one host.
    pub per_host_delay: Duration,
    /// Requests to one host at the same time.
    pub per_host_connections: usize,
    /// Requests at the same time, all hosts.
    pub concurrency: usize,
    /// Longest whole request, redirects and body included.
    pub timeout: Duration,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Largest body, after content decoding, bytes.
    pub max_body: u64,
    /// Most redirects followed.
    pub max_redirects: usize,
    /// Hosts that may resolve to a private or special address: `host` (any port) or `host:port`.
    pub allow_private: Vec<String>,
    /// How far the wishes of a host go.
    pub manners: Manners,
}

/// Whom a `Retry-After` given for one feed keeps away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RetryScope {
    /// Every request to the host.
    #[default]
    Host,
    /// The feed that was asked for alone.
    Feed,
}

/// How far the wishes of a host go: figures that the standards leave to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manners {
    /// Whom a `Retry-After` given for one feed keeps away. Given for a page, it keeps every request away.
    pub retry_after_scope: RetryScope,
    /// Polls in a row that a permanent redirect must lead to one address before that is asked instead.
    pub redirects_before_move: u32,
    /// And how long they must have done so, from the first of these polls to the last.
    pub redirects_before_move_for: Duration,
    /// The longest distance of requests that a robots.txt, or a host's slowness, can bring about.
    pub crawl_delay_max: Duration,
    /// How many times an answer's time may pass until the next request, at least; 0: slowness is not looked at.
    pub slow_down: u32,
    /// Whether robots.txt binds polls of feeds that the operator named.
    pub feeds_obey_robots: bool,
    /// How long a robots.txt may be out of reach until it counts as absent (RFC 9309 §2.3.1.4).
    pub robots_unreachable_after: Duration,
}

impl Default for Manners {
    fn default() -> Manners {
        Manners {
            retry_after_scope: RetryScope::Host,
            redirects_before_move: 3,
            redirects_before_move_for: Duration::from_secs(86_400),
            crawl_delay_max: Duration::from_secs(120),
            slow_down: 2,
            feeds_obey_robots: false,
            robots_unreachable_after: Duration::from_secs(30 * 86_400),
        }
    }
}

/// Most of [`Limits::endurance`], whatever a host may ask for: a job has to end within its lease.
const MOST_ENDURANCE: Duration = Duration::from_secs(120);

impl Limits {
    /// Longest that a [`Fetcher::get`] waits for its first turn; a turn further away is an error that says when.
    pub fn patience(&self) -> Duration {
        self.timeout.saturating_add(self.per_host_delay)
    }

    /// Longest that it waits besides for the turns after the first one, where a redirect leads on: what was begun on a
    /// slow host is brought to an end.
    pub fn endurance(&self) -> Duration {
        self.manners.crawl_delay_max.min(MOST_ENDURANCE)
    }

    /// Longest that a [`Fetcher::get`] takes, for whoever has to outwait one (a lease, say).
    ///
    /// It includes all waits for turns and places together ([`patience`](Limits::patience) and
    /// [`endurance`](Limits::endurance)), once
    /// `timeout` for the request with its redirects and its body, and once `timeout` for the
    /// robots.txt, with its own redirects, of each of the `max_redirects + 1` addresses that a page
    /// may lead over. It does not include what is done with the answer. Any limits have one: what
    /// is too long to count is [`Duration::MAX`].
    pub fn longest(&self) -> Duration {
        let timeouts = u32::try_from(self.max_redirects.saturating_add(2)).unwrap_or(u32::MAX);
        self.patience().saturating_add(self.endurance()).saturating_add(self.timeout.saturating_mul(timeouts))
    }
}

/// What the client is made of besides its limits.
#[derive(Clone)]
pub struct Parts {
    /// Where names lead; the guard checks what it says all the same.
    pub lookup: Lookup,
    /// Certificates (DER) that are trusted besides those of the system and the bundled ones.
    pub roots: Vec<Vec<u8>>,
    /// How long an idle connection is kept.
    pub idle: Duration,
}

impl Default for Parts {
    fn default() -> Parts {
        Parts { lookup: resolver::default_lookup(), roots: Vec::new(), idle: client::IDLE }
    }
}

/// The one client there is: every request of the daemon goes through it. Clones share everything.
#[derive(Clone)]
pub struct Fetcher {
    inner: Arc<Inner>,
    /// The source whose requests these are; `None` for what a person asks for by hand.
    party: Option<Arc<Party>>,
    /// What the ledger knows of hosts on the way.
    recall: Option<Recall>,
}

/// What the clones share.
struct Inner {
    limits: Limits,
    clock: Clock,
    parts: Parts,
    clients: Clients,
    /// Places for requests at the same time.
    places: Arc<Semaphore>,
    /// Places for large bodies.
    large: large::Places,
    gates: Arc<Gates>,
    moves: Arc<Moves>,
}

impl Fetcher {
    /// Builds the client. `clock` is the wall clock.
    pub fn new(limits: Limits, clock: Clock) -> Result<Fetcher, Error> {
        Fetcher::with_parts(limits, clock, Parts::default())
    }

    /// Builds the client with another source of addresses; the guard checks what it says all the same.
    pub fn with_lookup(limits: Limits, clock: Clock, lookup: Lookup) -> Result<Fetcher, Error> {
        Fetcher::with_parts(limits, clock, Parts { lookup, ..Parts::default() })
    }

    /// Builds the client from its parts.
    pub fn with_parts(limits: Limits, clock: Clock, parts: Parts) -> Result<Fetcher, Error> {
        let clients = Clients::build(&limits, &parts, None)?;
        let places = Arc::new(Semaphore::new(limits.concurrency.max(1)));
        let (large, gates, moves) = Default::default();
        Ok(Fetcher::of_inner(Inner { limits, clock, parts, clients, places, large, gates, moves }))
    }

    /// The same client under other limits, for a reload: what is known of each host's pace and robots.txt is kept.
    pub fn with_limits(&self, limits: Limits) -> Result<Fetcher, Error> {
        let old = &*self.inner;
        let clients = match limits == old.limits {
            true => old.clients.clone(),
            false => Clients::build(&limits, &old.parts, old.clients.sources())?,
        };
        let places = match limits.concurrency == old.limits.concurrency {
            true => old.places.clone(),
            false => Arc::new(Semaphore::new(limits.concurrency.max(1))),
        };
        Ok(Fetcher::of_inner(Inner { limits, clients, places, ..old.shared() }))
    }

    /// The same client, told what is own to the sources: from now on [`of`](Fetcher::of) knows them.
    pub fn with_sources(&self, sources: Sources) -> Result<Fetcher, Error> {
        let old = &*self.inner;
        let clients = old.clients.with_sources(&old.limits, &old.parts, sources)?;
        Ok(Fetcher::of_inner(Inner { clients, ..old.shared() }))
    }

    /// The same client for the requests of one source: they carry what is its own, to what is its own, through its
    /// proxy, and reach hosts excepted from the guard only where the source names them.
    pub fn of(&self, source: &str) -> Fetcher {
        Fetcher { inner: self.inner.clone(), party: self.inner.clients.party(source), recall: self.recall.clone() }
    }

    /// The same client, which asks the ledger what it knows of a host that a redirect leads to.
    pub fn recalling(&self, recall: Recall) -> Fetcher {
        Fetcher { inner: self.inner.clone(), party: self.party.clone(), recall: Some(recall) }
    }

    fn of_inner(inner: Inner) -> Fetcher {
        Fetcher { inner: Arc::new(inner), party: None, recall: None }
    }

    /// Asks for one thing, at the host's pace, and returns the answer with the host's new manners.
    pub async fn get(&self, request: Request, host: &HostState) -> (Result<Fetched, Error>, HostState) {
        let (answer, state, _) = self.get_held(request, host).await;
        (answer, state)
    }

    /// As [`get`](Fetcher::get). A document that is larger than [`SMALL`] comes with a hold, to be kept as long as it is in
    /// memory: those that are there at once are [`TOGETHER`] together, and a body that finds no place comes back later.
    pub async fn get_held(&self, request: Request, host: &HostState) -> (Result<Fetched, Error>, HostState, Option<Hold>) {
        let mut visit = Visit::new(self, &request.url, host);
        let answer = visit.get(&request).await;
        (answer, visit.state, visit.hold)
    }

    /// As [`get_held`](Fetcher::get_held), for a document that may be as large as a sitemap ([`LARGEST`]). Of those that are
    /// larger than `max_body` there are [`AT_ONCE`].
    pub async fn get_large(&self, request: Request, host: &HostState) -> (Result<Fetched, Error>, HostState, Option<Hold>) {
        let mut visit = Visit { may_be_large: true, ..Visit::new(self, &request.url, host) };
        let answer = visit.get(&request).await;
        (answer, visit.state, visit.hold)
    }

    /// Polls in a row that a permanent redirect must lead to one address before that is asked instead, and for how long.
    pub fn redirects_before_move(&self) -> (u32, Duration) {
        let manners = &self.inner.limits.manners;
        (manners.redirects_before_move, manners.redirects_before_move_for)
    }

    /// What this process has learnt of the manners of a URL's host, its next turn aside; redirects lead to hosts that
    /// nobody has a claim on.
    pub fn manners(&self, url: &Url) -> HostState {
        let host = address::host_key(url);
        self.inner.gates.of(&host, (self.inner.clock)()).state(host, self.inner.limits.manners.crawl_delay_max)
    }

    /// What is known of the manners of a URL's host: to this process, or else to the ledger.
    pub async fn known(&self, url: &Url) -> HostState {
        self.inner.recall(self.recall.as_ref(), address::host_key(url)).await
    }

    /// Moves what this process remembers by the wall clock, after that clock was set forward by so much, or back.
    pub fn clock_was_set(&self, by: Duration, back: bool) {
        self.inner.gates.shift(by, back);
    }

    /// Whether a document at `from` may lead to `to`: to a host that is excepted from the guard only from such a host,
    /// since the operator excepted it for what he names himself and not for what strangers do. To a source, only hosts
    /// that it names itself are excepted.
    pub fn may_lead(&self, from: &Url, to: &Url) -> bool {
        let clients = &self.inner.clients;
        !clients.is_excepted(to) || self.party.as_ref().map_or_else(|| clients.is_excepted(from), |party| party.names(to))
    }

    /// Waits for the right to unpack something large.
    pub async fn hold(&self) -> Option<Hold> {
        self.inner.large.take().await
    }
}

impl Inner {
    /// What is known of a host: to the ledger when this process meets it for the first time, then to its gate.
    async fn recall(&self, recall: Option<&Recall>, host: String) -> HostState {
        let gate = self.gates.of(&host, (self.clock)());
        let recalled = match recall.filter(|_| !gate.acquaint()) {
            Some(recall) => recall(host.clone()).await,
            None => None,
        };
        let known = recalled.unwrap_or_else(|| gate.state(host.clone(), self.limits.manners.crawl_delay_max));
        HostState { host, met: Vec::new(), ..known }
    }

    /// Another one that shares everything.
    fn shared(&self) -> Inner {
        Inner {
            limits: self.limits.clone(),
            clock: self.clock.clone(),
            parts: self.parts.clone(),
            clients: self.clients.clone(),
            places: self.places.clone(),
            large: self.large.clone(),
            gates: self.gates.clone(),
            moves: self.moves.clone(),
        }
    }
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher").field("limits", &self.inner.limits).finish_non_exhaustive()
    }
}
