//! What the test's thread and the server's thread hold in common: one lock over everything, and a bell.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::desk::{Desk, page_key, path_of};
use crate::event::Event;
use crate::log::Logged;
use crate::plan::{Clock, Fault, Faults, Scope};

/// Shared between control and server.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    /// Rung for blocking waiters …
    rung: Condvar,
    /// … and for asynchronous ones.
    pub(crate) version: watch::Sender<u64>,
    started: Instant,
}

/// Everything that changes while the web runs.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) desks: Vec<Desk>,
    pub(crate) seed: u64,
    pub(crate) chance: Faults,
    pub(crate) armed: Vec<Armed>,
    pub(crate) gates: Vec<Gated>,
    pub(crate) log: Vec<Logged>,
    /// The number of the next request.
    pub(crate) requests: u64,
    pub(crate) connections: u64,
    /// How many gates there ever were.
    pub(crate) gates_made: u64,
    /// Per agency and page.
    pub(crate) asked: HashMap<(usize, String), Asked>,
    pub(crate) events: Vec<Event>,
    pub(crate) ticks: u64,
    clock: Clock,
}

/// How often a page was asked for, and how often in a row chance spoilt the answer.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) times: u32,
    pub(crate) faults_in_a_row: u32,
}

/// A fault that waits for its requests.
#[derive(Debug)]
pub(crate) struct Armed {
    pub(crate) scope: Scope,
    pub(crate) fault: Fault,
    /// How many answers it still spoils; `None` for all.
    pub(crate) left: Option<u32>,
}

/// A gate before answers.
#[derive(Debug)]
pub(crate) struct Gated {
    pub(crate) number: u64,
    pub(crate) scope: Scope,
    pub(crate) open: watch::Receiver<bool>,
    /// How many requests stand before it.
    pub(crate) waiting: usize,
}

impl Shared {
    pub(crate) fn new(desks: Vec<Desk>, seed: u64, chance: Faults, clock: Clock) -> Self {
        let state = State {
            desks,
            seed,
            chance,
            armed: Vec::new(),
            gates: Vec::new(),
            log: Vec::new(),
            requests: 0,
            connections: 0,
            gates_made: 0,
            asked: HashMap::new(),
            events: Vec::new(),
            ticks: 0,
            clock,
        };
        Shared { state: Mutex::new(state), rung: Condvar::new(), version: watch::Sender::new(0), started: Instant::now() }
    }

    pub(crate) fn read(&self) -> MutexGuard<'_, State> {
        // A test that panicked while it looked has changed nothing half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and rings.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.read());
        self.rung.notify_all();
        self.version.send_modify(|version| *version += 1);
        result
    }

    /// Waits on this thread until the state is as wished; `false` when the limit comes first.
    pub(crate) fn wait(&self, limit: Duration, mut wish: impl FnMut(&State) -> bool) -> bool {
        let waited = self.rung.wait_timeout_while(self.read(), limit, |state| !wish(state));
        let (_state, result) = waited.unwrap_or_else(PoisonError::into_inner);
        !result.timed_out()
    }

    /// As `wait`, for a caller that must not block its thread.
    pub(crate) async fn wait_async(&self, limit: Duration, mut wish: impl FnMut(&State) -> bool) -> bool {
        let mut version = self.version.subscribe();
        let wished = async {
            while !wish(&self.read()) {
                if version.changed().await.is_err() {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(limit, wished).await.unwrap_or(false)
    }

    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }
}

impl State {
    /// The present of something published: the machine's, or one minute after the thing before.
    pub(crate) fn present(&mut self) -> i64 {
        if let Clock::Stepped(at) = &mut self.clock {
            *at += 60;
        }
        self.clock.now()
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    pub(crate) fn desk(&self, agency: &str) -> usize {
        let place = self.desks.iter().position(|desk| desk.agency.name == agency);
        place.unwrap_or_else(|| panic!("there is no agency `{agency}` in this web"))
    }

    /// The agency and the target of a URL of this web.
    pub(crate) fn locate(&self, url: &str) -> Option<(usize, String)> {
        self.desks.iter().enumerate().find_map(|(index, desk)| {
            let target = url.strip_prefix(&desk.base)?;
            (target.is_empty() || target.starts_with(['/', '?'])).then(|| (index, target.to_owned()))
        })
    }

    /// The agency and the number of the article behind a URL.
    pub(crate) fn article(&self, url: &str) -> (usize, usize) {
        let found = self.locate(url).and_then(|(desk, target)| Some((desk, self.desks[desk].find(&target)?)));
        found.unwrap_or_else(|| panic!("there is no article at {url}"))
    }

    /// Whether a request to `desk` for `target` is meant by `scope`.
    pub(crate) fn meant(&self, scope: &Scope, desk: usize, target: &str) -> bool {
        match scope {
            Scope::Everything => true,
            Scope::Agency(name) => self.desks[desk].agency.name == *name,
            Scope::Articles(name) => self.desks[desk].agency.name == *name && self.desks[desk].find(target).is_some(),
            Scope::Url(url) => {
                let wanted = match url.strip_prefix(&self.desks[desk].base) {
                    Some("") => "/",
                    Some(rest) => rest,
                    // A bare path is meant at every agency.
                    None if url.starts_with('/') => url,
                    None => return false,
                };
                let wanted = page_key(wanted);
                if wanted.contains('?') { wanted == page_key(target) } else { wanted == path_of(target) }
            }
        }
    }
}

impl Clock {
    pub(crate) fn now(self) -> i64 {
        match self {
            Clock::Stepped(at) => at,
            Clock::Real => {
                #[expect(clippy::disallowed_methods, reason = "a web that runs beside a real daemon lives in its present")]
                let now = std::time::SystemTime::now();
                now.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
            }
        }
    }
}
