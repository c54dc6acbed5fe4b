//! Manners towards each host: whose turn it is, how many at once, who asked to be left alone, and what robots.txt says.
//!
//! What stands here is the short memory of one process; what must outlast it travels in `HostState`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::model::{HostState, Timestamp, Validators};

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

    /// Moves what is remembered by the wall clock, after that clock was set.
    pub(super) fn shift(&self, by: Duration, back: bool) {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.gates.values().for_each(|gate| gate.shift(by, back));
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
    /// The distance learnt from its slowness and its errors; zero: it keeps up; `None`: nothing is known.
    slowed: Option<Duration>,
    retry_until: Option<Timestamp>,
    robots: Option<Robots>,
    unreachable_until: Option<(Timestamp, String)>,
    /// Since when robots.txt could not be had.
    failing_since: Option<Timestamp>,
    /// Whether what the ledger knows of the host was brought here.
    acquainted: bool,
}

/// A robots.txt, read.
#[derive(Debug, Clone)]
pub(super) struct Robots {
    pub(super) rules: Arc<Rules>,
    pub(super) body: Arc<[u8]>,
    pub(super) until: Timestamp,
    pub(super) validators: Validators,
}

/// How an answer came, for the pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    /// As wished.
    Well,
    /// With an error that says nothing of the host's strength: a page that is not there, a door that is shut.
    Badly,
    /// With an error of a host that has too much to do, or not at all.
    Strained,
}

/// What the pace of a host is adapted by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Adaption {
    /// The operator's own distance.
    pub(super) own: Duration,
    /// So many times an answer's time passes until the next request.
    pub(super) times: u32,
    /// The longest distance.
    pub(super) most: Duration,
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
            slowed: None,
            retry_until: None,
            robots: None,
            unreachable_until: None,
            failing_since: None,
            acquainted: false,
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
        let not_its_turn =
            |wait: Duration| Error::NotItsTurn { host: host.to_owned(), wait: wait.max(Duration::from_secs(1)), begun: false };
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

    /// Whether what the ledger knows of the host was brought here already; from now on it was.
    pub(super) fn acquaint(&self) -> bool {
        std::mem::replace(&mut self.memory().acquainted, true)
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
        memory.failing_since = None;
        memory.robots = Some(robots);
    }

    /// Goes on with an older copy for a while; robots.txt itself is still out of reach.
    pub(super) fn keep_old_robots(&self, robots: Robots) {
        self.memory().robots = Some(robots);
    }

    /// Since when robots.txt could not be had, the earlier one of what is remembered and what was brought.
    pub(super) fn failing_since(&self, brought: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let mut memory = self.memory();
        let known = [memory.failing_since, brought].into_iter().flatten().min();
        *memory.failing_since.insert(known.map_or(now, |since| since.min(now)))
    }

    /// Since when robots.txt could not be had, as far as this process knows.
    pub(super) fn is_failing_since(&self) -> Option<Timestamp> {
        self.memory().failing_since
    }

    /// The distance that the host's slowness asks for. What this process knows counts more than what was brought.
    pub(super) fn slowed(&self, brought: Option<Duration>) -> Duration {
        let mut memory = self.memory();
        *memory.slowed.get_or_insert(brought.unwrap_or_default())
    }

    /// Learns from an answer, as AutoThrottle does: the distance moves half way to what the answer's time asks for. An
    /// error never shortens it, one of a host with too much to do doubles it, and answers that come well bring it back.
    pub(super) fn learn(&self, took: Duration, answered: Answered, by: Adaption) -> Duration {
        let mut memory = self.memory();
        let before = memory.slowed.unwrap_or_default().max(by.own);
        let wish = took.saturating_mul(by.times).clamp(by.own, by.most.max(by.own));
        let halfway = before.saturating_add(wish) / 2;
        let after = match answered {
            Answered::Well => halfway,
            Answered::Badly => halfway.max(before),
            Answered::Strained => halfway.max(before.saturating_mul(2)),
        };
        let after = after.min(by.most.max(by.own));
        // Close to the operator's own distance is there: halves alone would never arrive.
        let slowed = if after <= by.own + by.own / 8 { Duration::ZERO } else { after };
        memory.slowed = Some(slowed);
        slowed
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
        memory.used.elapsed() < REMEMBERED
            || memory.retry_until.is_some_and(|until| until > now)
            || memory.slowed.is_some_and(|slowed| !slowed.is_zero())
            || memory.failing_since.is_some()
            || memory.robots.as_ref().is_some_and(|robots| robots.until > now)
    }

    /// Moves what is remembered by the wall clock, after that clock was set: by so much later, or earlier if `back`.
    fn shift(&self, by: Duration, back: bool) {
        let moved = |at: Timestamp| if back { at.checked_sub(by) } else { at.checked_add(by) }.unwrap_or(at);
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.retry_until = memory.retry_until.map(moved);
        if let Some((until, _)) = &mut memory.unreachable_until {
            *until = moved(*until);
        }
        // A time without robots.txt is as long as it was: a clock set forward by a month makes no month of it.
        memory.failing_since = memory.failing_since.map(moved);
        // A copy that was believed for a day is believed for a day.
        if let Some(robots) = memory.robots.as_mut().filter(|_| back) {
            robots.until = moved(robots.until);
        }
    }

    /// What is remembered of a host, in the form in which it outlives the process. `most` caps its `Crawl-delay`.
    pub(super) fn state(&self, host: String, most: Duration) -> HostState {
        let memory = self.memory();
        let robots = memory.robots.as_ref();
        HostState {
            host,
            next_fetch_at: None,
            delay: robots.and_then(|robots| robots.rules.crawl_delay()).map(|delay| delay.min(most)),
            slowed: memory.slowed,
            retry_until: memory.retry_until,
            robots: robots.map(|robots| robots.body.to_vec()),
            robots_until: robots.map(|robots| robots.until),
            robots_validators: robots.map(|robots| robots.validators.clone()).unwrap_or_default(),
            robots_failing_since: memory.failing_since,
            met: Vec::new(),
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
        assert_eq!(gates.of("busy.example.org", now).state(String::new(), Duration::MAX).retry_until, Some(tomorrow));
    }

    /// The time without robots.txt is as long as it was, whichever way the clock is set.
    #[test]
    fn a_clock_set_forward_makes_no_month_without_robots() {
        let (gate, month) = (Gate::new(), Duration::from_secs(40 * 86_400));
        let boot = Timestamp::UNIX_EPOCH + Duration::from_secs(90 * 86_400);
        gate.failing_since(None, boot);
        gate.shift(month, false);
        assert_eq!(gate.is_failing_since(), Some(boot + month));
        gate.shift(month, true);
        assert_eq!(gate.is_failing_since(), Some(boot));
    }

    /// The arithmetic of the pace; what it does to requests is shown in `tests/it/manners`.
    #[test]
    fn the_distance_follows_the_answers_time_and_no_error_shortens_it() {
        let by = Adaption { own: Duration::from_secs(1), times: 2, most: Duration::from_secs(120) };
        let (gate, quick, slow) = (Gate::new(), Duration::from_millis(50), Duration::from_secs(5));
        assert_eq!(gate.learn(quick, Answered::Well, by), Duration::ZERO, "a host that keeps up is asked at the operator's pace");
        assert_eq!(gate.learn(slow, Answered::Well, by), Duration::from_millis(5500));
        assert_eq!(gate.learn(quick, Answered::Badly, by), Duration::from_millis(5500), "a quick error speeds nothing up");
        assert_eq!(gate.learn(quick, Answered::Strained, by), Duration::from_secs(11));
        for _ in 0..10 {
            gate.learn(quick, Answered::Strained, by);
        }
        assert_eq!(gate.slowed(None), by.most, "there is an end to it");
        let mut last = by.most;
        for _ in 0..12 {
            let now = gate.learn(quick, Answered::Well, by);
            assert!(now < last || now.is_zero());
            last = now;
        }
        assert_eq!(last, Duration::ZERO, "and a way back");
    }
}
