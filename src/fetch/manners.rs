//! Manners towards each host: whose turn it is, how many at once, who asked to be left alone, and what robots.txt says.
//!
//! What stands here is the short memory of one process; what must outlast it travels in `HostState`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::model::{HostState, Timestamp};

use super::Error;
use super::robots::Rules;

/// How long a gate without visitors is remembered; longer than any pause between two starts.
const REMEMBERED: Duration = Duration::from_secs(600);
/// Gates that are kept before it is looked whether some can go.
const FEW: usize = 64;

/// The gates of all hosts.
#[derive(Debug, Default)]
pub(super) struct Gates {
    hosts: Mutex<Hosts>,
}

#[derive(Debug, Default)]
struct Hosts {
    gates: HashMap<String, Arc<Gate>>,
    /// Number of gates at which the next sweep is worth its time.
    sweep_at: usize,
}

impl Gates {
    /// The gate of a host. Gates that nobody holds and nobody needs are dropped now and then; one whose host asked to be
    /// left alone is needed until that is over.
    pub(super) fn of(&self, host: &str, now: Timestamp) -> Arc<Gate> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = hosts.gates.get(host) {
            return gate.clone();
        }
        if hosts.gates.len() >= hosts.sweep_at.max(FEW) {
            hosts.gates.retain(|_, gate| Arc::strong_count(gate) > 1 || gate.is_needed(now));
            hosts.sweep_at = hosts.gates.len() * 2;
        }
        let gate = Arc::new(Gate::new());
        hosts.gates.insert(host.to_owned(), gate.clone());
        gate
    }
}

/// The gate of one host.
#[derive(Debug)]
pub(super) struct Gate {
    /// One at a time waits for the next turn; the others queue behind, in order of arrival.
    queue: Semaphore,
    /// One at a time asks for robots.txt.
    asking: Semaphore,
    memory: Mutex<Memory>,
}

#[derive(Debug)]
struct Memory {
    width: usize,
    slots: Arc<Semaphore>,
    used: Instant,
    started: Option<Instant>,
    not_before: Option<Instant>,
    retry_until: Option<Timestamp>,
    robots: Option<Robots>,
    unreachable_until: Option<(Timestamp, String)>,
}

/// A robots.txt, read.
#[derive(Debug, Clone)]
pub(super) struct Robots {
    pub(super) rules: Arc<Rules>,
    pub(super) body: Arc<[u8]>,
    pub(super) until: Timestamp,
}

/// The right to one request, until dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _slot: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

impl Gate {
    fn new() -> Gate {
        let memory = Memory {
            width: 1,
            slots: Arc::new(Semaphore::new(1)),
            used: Instant::now(),
            started: None,
            not_before: None,
            retry_until: None,
            robots: None,
            unreachable_until: None,
        };
        Gate { queue: Semaphore::new(1), asking: Semaphore::new(1), memory: Mutex::new(memory) }
    }

    /// Waits for a slot of this host, for its next start, and for a place among all hosts'
    /// requests, in this order, so that a slow host holds up nobody else. `patience` bounds the
    /// wait and shrinks by it.
    pub(super) async fn turn(
        &self,
        host: &str,
        width: usize,
        delay: Duration,
        places: &Arc<Semaphore>,
        patience: &mut Duration,
    ) -> Result<Turn, Error> {
        let arrived = Instant::now();
        let not_its_turn = |wait: Duration| Error::NotItsTurn { host: host.to_owned(), wait: wait.max(Duration::from_secs(1)) };
        let wait = self.next_start(delay).saturating_duration_since(arrived);
        if wait > *patience {
            return Err(not_its_turn(wait));
        }
        let waiting = async {
            let slot = self.slots(width).acquire_owned().await.ok()?;
            let _head = self.queue.acquire().await.ok()?;
            let start = self.next_start(delay);
            // A timer is never shorter than its tick, even for an instant that has passed.
            if start > Instant::now() {
                tokio::time::sleep_until(start).await;
            }
            let place = places.clone().acquire_owned().await.ok()?;
            self.memory().started = Some(Instant::now());
            Some(Turn { _slot: slot, _place: place })
        };
        let turn = tokio::time::timeout(*patience, waiting).await;
        *patience = patience.saturating_sub(arrived.elapsed());
        match turn {
            Ok(Some(turn)) => Ok(turn),
            // The semaphores are never closed; a queue longer than the patience comes back later.
            Ok(None) | Err(_) => Err(not_its_turn(delay)),
        }
    }

    /// Takes over what a claim knows of the host: no start before `wait` is over.
    pub(super) fn hold(&self, wait: Duration) {
        let mut memory = self.memory();
        memory.not_before = memory.not_before.max(Some(Instant::now() + wait));
    }

    /// The time until which the host wants to be left alone, the later of the one remembered and
    /// `brought`, but never after `latest`: a time further off is the trace of a clock that jumped.
    pub(super) fn retry_until(&self, brought: Option<Timestamp>, latest: Timestamp) -> Option<Timestamp> {
        let mut memory = self.memory();
        memory.retry_until = memory.retry_until.max(brought).map(|until| until.min(latest));
        memory.retry_until
    }

    pub(super) fn robots(&self) -> Option<Robots> {
        self.memory().robots.clone()
    }

    pub(super) fn keep_robots(&self, robots: Robots) {
        let mut memory = self.memory();
        memory.unreachable_until = None;
        memory.robots = Some(robots);
    }

    /// Until when robots.txt was found not to be had, and why.
    pub(super) fn unreachable_until(&self) -> Option<(Timestamp, String)> {
        self.memory().unreachable_until.clone()
    }

    pub(super) fn keep_unreachable(&self, until: Timestamp, reason: String) {
        self.memory().unreachable_until = Some((until, reason));
    }

    /// The right to ask for robots.txt; the others wait and find the answer.
    pub(super) fn asking(&self) -> &Semaphore {
        &self.asking
    }

    fn is_needed(&self, now: Timestamp) -> bool {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.used.elapsed() < REMEMBERED || memory.retry_until.is_some_and(|until| until > now)
    }

    /// What is remembered of a host, in the form in which it outlives the process.
    pub(super) fn state(&self, host: String) -> HostState {
        let memory = self.memory();
        let robots = memory.robots.as_ref();
        HostState {
            host,
            next_fetch_at: None,
            delay: robots.and_then(|robots| robots.rules.crawl_delay()),
            retry_until: memory.retry_until,
            robots: robots.map(|robots| robots.body.to_vec()),
            robots_until: robots.map(|robots| robots.until),
        }
    }

    fn next_start(&self, delay: Duration) -> Instant {
        let memory = self.memory();
        let turn = memory.started.map(|started| started + delay);
        turn.max(memory.not_before).unwrap_or_else(Instant::now)
    }

    /// The slots of this host; a new width from a reload counts for those who come after it.
    fn slots(&self, width: usize) -> Arc<Semaphore> {
        let mut memory = self.memory();
        if memory.width != width {
            (memory.width, memory.slots) = (width, Arc::new(Semaphore::new(width.max(1))));
        }
        memory.slots.clone()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.used = Instant::now();
        memory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Time that passes while nobody asks cannot be waited for through the seam.
    #[tokio::test]
    async fn a_host_that_asked_to_be_left_alone_is_not_forgotten() {
        let (gates, now) = (Gates::default(), Timestamp::UNIX_EPOCH);
        let tomorrow = now + Duration::from_secs(86_000);
        gates.of("busy.example.org", now).retry_until(Some(tomorrow), tomorrow);
        gates.of("idle.example.org", now);
        for gate in gates.hosts.lock().unwrap().gates.values() {
            gate.memory().used = Instant::now().checked_sub(REMEMBERED).unwrap();
        }
        for number in 0..FEW {
            gates.of(&format!("{number}.example.org"), now);
        }
        let known = |host: &str| gates.hosts.lock().unwrap().gates.contains_key(host);
        assert_eq!((known("busy.example.org"), known("idle.example.org")), (true, false));
        assert_eq!(gates.of("busy.example.org", now).state(String::new()).retry_until, Some(tomorrow));
    }
}
