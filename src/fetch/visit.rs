//! One visit: the hops of one request, each with its turn, its guard and its robots.txt, within one budget of time.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    AGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, DATE, ETAG, EXPIRES, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, RETRY_AFTER,
};
use reqwest::{Response, StatusCode};
use tokio::time::Instant;

use crate::address;
use crate::model::{Document, Fetched, Head, HostState, Purpose, Request, Timestamp, Url, Validators};

use super::body::Bounds;
use super::freshness::{self, Stated};
use super::guard::shown;
use super::manners::{Gate, Robots, Turn};
use super::redirect::Trail;
use super::{Error, Inner, body, client, guard, robots};

/// Redirects followed for robots.txt (RFC 9309 §2.3.1.2).
const ROBOTS_REDIRECTS: usize = 5;
/// How long a robots.txt is believed (RFC 9309 §2.4).
const ROBOTS_FRESH: Duration = Duration::from_secs(24 * 3600);
/// How long after a failure robots.txt is asked for again.
const ROBOTS_RETRY: Duration = Duration::from_secs(600);
/// Longest validator kept; longer ones are payload.
const MAX_VALIDATOR: usize = 4096;
/// Parts of the time limit in which a body has to move.
const WINDOWS: u32 = 4;

/// One visit.
pub(super) struct Visit<'a> {
    fetcher: &'a Inner,
    /// The host asked first: its manners travel in `state`, those of others stay in their gates.
    home: String,
    state: HostState,
    /// How long it still waits for turns.
    patience: Duration,
}

impl<'a> Visit<'a> {
    pub(super) fn new(fetcher: &'a Inner, url: &Url, state: &HostState) -> Visit<'a> {
        let home = address::host_key(url);
        let mut state = state.clone();
        if state.host.is_empty() {
            state.host.clone_from(&home);
        }
        Visit { fetcher, home, state, patience: fetcher.limits.patience() }
    }

    /// The host's manners after the visit.
    pub(super) fn into_state(self) -> HostState {
        self.state
    }

    /// Asks for what was requested, hop by hop.
    pub(super) async fn get(&mut self, request: &Request) -> Result<Fetched, Error> {
        let limits = &self.fetcher.limits;
        let mut trail = Trail::new(request.url.clone(), limits.max_redirects);
        let mut budget = Budget::new(limits.timeout);
        loop {
            let url = trail.here().clone();
            guard::check(&url, self.fetcher.clients.exceptions())?;
            if request.purpose == Purpose::Page {
                self.obey_robots(&url).await?;
            }
            let _turn = self.turn(&url).await?;
            let asked = if self.may_validate(request, &url) { request.validators.clone() } else { Validators::default() };
            let (headers, conditional) = headers(request.purpose, &asked);
            let response = self.send(&url, headers, &mut budget).await?;
            if trail.follow(&response)? {
                continue;
            }
            return self.finish(request, &trail, response, conditional.then_some(asked), &mut budget).await;
        }
    }

    /// Reads the last answer of a trail. `asked` are the validators that were sent, if any.
    async fn finish(
        &mut self,
        request: &Request,
        trail: &Trail,
        response: Response,
        asked: Option<Validators>,
        budget: &mut Budget,
    ) -> Result<Fetched, Error> {
        let url = trail.here();
        let status = response.status();
        let fields = response.headers().clone();
        let mut validators = validators_of(&fields);
        if status == StatusCode::NOT_MODIFIED {
            let Some(asked) = asked else { return Err(Error::NotAsked { url: shown(url) }) };
            // A 304 may leave out what has not changed (RFC 9110 §15.4.5).
            validators.etag = validators.etag.or(asked.etag);
            validators.last_modified = validators.last_modified.or(asked.last_modified);
            self.fetcher.moves.note(&request.url, url, &validators);
            return Ok(Fetched::NotModified(self.head(trail, status, &fields, validators)));
        }
        if !matches!(status, StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION) {
            return Err(self.refusal(url, status, &fields));
        }
        let limits = &self.fetcher.limits;
        let bounds = Bounds { bytes: limits.max_body, cut: false, window: limits.timeout / WINDOWS };
        let body = budget.spend(url, body::read(response, url, bounds)).await??;
        self.fetcher.moves.note(&request.url, url, &validators);
        Ok(Fetched::Document(Box::new(Document {
            url: request.url.clone(),
            head: self.head(trail, status, &fields, validators),
            content_type: text(&fields, CONTENT_TYPE),
            content_language: text(&fields, CONTENT_LANGUAGE),
            body,
            complete: true,
        })))
    }

    fn head(&self, trail: &Trail, status: StatusCode, fields: &HeaderMap, validators: Validators) -> Head {
        let fetched_at = (self.fetcher.clock)();
        let cache_control = joined(fields, CACHE_CONTROL);
        let bytes = |name: HeaderName| fields.get(name).map(HeaderValue::as_bytes);
        let stated =
            Stated { cache_control: cache_control.as_deref(), age: bytes(AGE), expires: bytes(EXPIRES), date: bytes(DATE) };
        // Credentials in an address the operator wrote are for asking, not for keeping.
        let final_url = address::resolve(None, trail.here().as_str()).unwrap_or_else(|| trail.here().clone());
        // A public address never turns into a private one by what a stranger says.
        let stays_public =
            |target: &Url| !self.fetcher.clients.is_excepted(target) || self.fetcher.clients.is_excepted(trail.start());
        let moved_to = trail.moved_to().filter(|target| stays_public(target)).cloned();
        let fresh_for = stated.fresh_for(fetched_at);
        Head { status: status.as_u16(), final_url, validators, fresh_for, moved_to, fetched_at }
    }

    /// The error for a status without document; a wish to be left alone is remembered for the host.
    fn refusal(&mut self, url: &Url, status: StatusCode, fields: &HeaderMap) -> Error {
        let now = (self.fetcher.clock)();
        let retry_after = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
            .then(|| fields.get(RETRY_AFTER))
            .flatten()
            .and_then(|value| freshness::retry_after(value.as_bytes(), now));
        if let Some(wait) = retry_after {
            let until = self.gate(url).retry_until(later(now, wait), later(now, freshness::MAX_RETRY_AFTER).unwrap_or(now));
            if address::host_key(url) == self.home {
                self.state.retry_until = self.state.retry_until.max(until);
            }
        }
        Error::Status { url: shown(url), status: status.as_u16(), retry_after }
    }

    /// Sends validators only where they come from: a `Last-Modified` of one host, shown to another,
    /// could hide a document that was never seen.
    fn may_validate(&self, request: &Request, url: &Url) -> bool {
        address::host_key(url) == self.home || self.fetcher.moves.matches(&request.url, url, &request.validators)
    }

    async fn send(&self, url: &Url, headers: HeaderMap, budget: &mut Budget) -> Result<Response, Error> {
        let sending = self.fetcher.clients.of(url).get(url.clone()).headers(headers).send();
        budget.spend(url, sending).await?.map_err(|error| Error::before_answer(&error, url, &self.fetcher.limits))
    }

    /// Waits for the host's turn and writes down when the next one may be.
    async fn turn(&mut self, url: &Url) -> Result<Turn, Error> {
        let limits = &self.fetcher.limits;
        let (host, gate) = (address::host_key(url), self.gate(url));
        let is_home = host == self.home;
        let now = (self.fetcher.clock)();
        let brought = if is_home { self.state.retry_until } else { None };
        let latest = later(now, freshness::MAX_RETRY_AFTER).unwrap_or(now);
        if let Some(wait) = gate.retry_until(brought, latest).and_then(|until| left(until, now)) {
            return Err(Error::LeftAlone { host, wait });
        }
        let asked_for =
            gate.robots().and_then(|robots| robots.rules.crawl_delay()).or(if is_home { self.state.delay } else { None });
        let delay = limits.per_host_delay.max(asked_for.unwrap_or_default().min(robots::MAX_DELAY));
        if let Some(wait) = self.state.next_fetch_at.filter(|_| is_home).and_then(|at| left(at, now)) {
            gate.hold(wait.min(delay));
        }
        let turn = gate.turn(&host, limits.per_host_connections, delay, &self.fetcher.places, &mut self.patience).await;
        if is_home {
            let next = match &turn {
                Ok(_) => delay,
                Err(Error::NotItsTurn { wait, .. }) => *wait,
                Err(_) => Duration::ZERO,
            };
            self.state.next_fetch_at = self.state.next_fetch_at.max(later((self.fetcher.clock)(), next));
        }
        turn
    }

    fn gate(&self, url: &Url) -> Arc<Gate> {
        self.fetcher.gates.of(&address::host_key(url))
    }

    /// Fails unless robots.txt of the URL's host lets us in; reads it if it is not known.
    async fn obey_robots(&mut self, url: &Url) -> Result<(), Error> {
        let robots = self.robots(url).await?;
        if address::host_key(url) == self.home {
            self.state.robots = Some(robots.body.to_vec());
            self.state.robots_until = Some(robots.until);
            self.state.delay = robots.rules.crawl_delay();
        }
        let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        if robots.rules.allows(&path) {
            return Ok(());
        }
        Err(Error::Robots { host: address::host_key(url), url: shown(url) })
    }

    async fn robots(&mut self, url: &Url) -> Result<Robots, Error> {
        let gate = self.gate(url);
        if let Some(robots) = self.known_robots(url, &gate) {
            return Ok(robots);
        }
        // Who had to wait here finds the answer of the one before.
        let begun = Instant::now();
        let asking = tokio::time::timeout(self.patience, gate.asking().acquire()).await;
        self.patience = self.patience.saturating_sub(begun.elapsed());
        let Ok(_asking) = asking else {
            let wait = self.fetcher.limits.per_host_delay.max(Duration::from_secs(1));
            return Err(Error::NotItsTurn { host: address::host_key(url), wait });
        };
        if let Some(robots) = self.known_robots(url, &gate) {
            return Ok(robots);
        }
        let now = (self.fetcher.clock)();
        let failed = gate.unreachable_until().and_then(|(until, reason)| Some((left(until, now)?, reason)));
        let failed = failed.filter(|(wait, _)| *wait <= ROBOTS_FRESH);
        let (wait, reason) = match failed {
            Some(failed) => failed,
            None => match self.ask_robots(url).await {
                Ok(body) => return Ok(keep(&gate, body, later((self.fetcher.clock)(), ROBOTS_FRESH))),
                Err(error) if is_about_robots(&error) => {
                    let wait = match error.failure() {
                        crate::model::Failure::Deferred(wait) => wait,
                        _ => ROBOTS_RETRY,
                    };
                    let until = later((self.fetcher.clock)(), wait);
                    gate.keep_unreachable(until.unwrap_or(now), error.to_string());
                    (wait, error.to_string())
                }
                // The host itself cannot be had: that is the page's error too, and says more.
                Err(error) => return Err(error),
            },
        };
        match self.old_robots(url, &gate) {
            // An older copy is better than none, and for a while as good as a new one.
            Some(body) => Ok(keep(&gate, body, later(now, wait))),
            None => Err(Error::RobotsUnreachable { host: address::host_key(url), reason, retry_in: wait }),
        }
    }

    /// The rules that are remembered or were brought by the claim, if they are still current.
    fn known_robots(&self, url: &Url, gate: &Gate) -> Option<Robots> {
        let now = (self.fetcher.clock)();
        // Further ahead than a day lies only the trace of a clock that jumped.
        let current = |until: Timestamp| left(until, now).is_some_and(|left| left <= ROBOTS_FRESH);
        if let Some(robots) = gate.robots().filter(|robots| current(robots.until)) {
            return Some(robots);
        }
        let until = self.state.robots_until.filter(|until| address::host_key(url) == self.home && current(*until))?;
        Some(keep(gate, self.state.robots.clone()?, Some(until)))
    }

    fn old_robots(&self, url: &Url, gate: &Gate) -> Option<Vec<u8>> {
        let brought = || self.state.robots.clone().filter(|_| address::host_key(url) == self.home);
        gate.robots().map(|robots| robots.body.to_vec()).or_else(brought)
    }

    /// Asks for robots.txt; empty when there is none (RFC 9309 §2.3.1).
    async fn ask_robots(&mut self, page: &Url) -> Result<Vec<u8>, Error> {
        let limits = &self.fetcher.limits;
        let mut start = page.clone();
        start.set_path("/robots.txt");
        start.set_query(None);
        start.set_fragment(None);
        let mut trail = Trail::new(start, ROBOTS_REDIRECTS);
        let mut budget = Budget::new(limits.timeout);
        loop {
            let url = trail.here().clone();
            if !trail.is_start() && guard::check(&url, self.fetcher.clients.exceptions()).is_err() {
                return Ok(Vec::new());
            }
            let _turn = self.turn(&url).await?;
            let (headers, _) = headers(Purpose::Page, &Validators::default());
            let response = match self.send(&url, headers, &mut budget).await {
                Ok(response) => response,
                Err(_) if !trail.is_start() => return Ok(Vec::new()),
                Err(error) => return Err(error),
            };
            match trail.follow(&response) {
                Ok(true) => continue,
                Ok(false) => {}
                // Redirects that lead nowhere are as good as no file.
                Err(_) => return Ok(Vec::new()),
            }
            let status = response.status();
            return match status.as_u16() {
                200 | 203 => {
                    let window = limits.timeout / WINDOWS;
                    let bounds = Bounds { bytes: robots::MAX_BYTES as u64 + 1, cut: true, window };
                    budget.spend(&url, body::read(response, &url, bounds)).await?
                }
                429 | 500.. => {
                    let fields = response.headers().clone();
                    Err(self.refusal(&url, status, &fields))
                }
                _ => Ok(Vec::new()),
            };
        }
    }
}

/// Whether a failure says something about robots.txt rather than about the whole host or our own pace.
fn is_about_robots(error: &Error) -> bool {
    matches!(
        error,
        Error::Status { .. }
            | Error::Timeout { .. }
            | Error::Stalled { .. }
            | Error::Truncated { .. }
            | Error::Coding { .. }
            | Error::Protocol { .. }
            | Error::TooLarge { .. }
    )
}

fn keep(gate: &Gate, body: Vec<u8>, until: Option<Timestamp>) -> Robots {
    let rules = Arc::new(robots::parse(&body, client::PRODUCT_TOKEN));
    let robots = Robots { rules, body: body.into(), until: until.unwrap_or(Timestamp::UNIX_EPOCH) };
    gate.keep_robots(robots.clone());
    robots
}

/// The time a request may still take, spent by every wait for the other side and by no wait for a turn.
struct Budget {
    limit: Duration,
    left: Duration,
}

impl Budget {
    fn new(limit: Duration) -> Budget {
        Budget { limit, left: limit }
    }

    async fn spend<T>(&mut self, url: &Url, task: impl Future<Output = T>) -> Result<T, Error> {
        let begun = Instant::now();
        let done = tokio::time::timeout(self.left, task).await;
        self.left = self.left.saturating_sub(begun.elapsed());
        done.map_err(|_| Error::Timeout { host: url.host_str().unwrap_or_default().to_owned(), limit: self.limit })
    }
}

/// The fields of a request, and whether it is conditional. A validator that could not have come
/// from a header field is not sent.
fn headers(purpose: Purpose, validators: &Validators) -> (HeaderMap, bool) {
    let mut fields = HeaderMap::new();
    let (name, kinds) = client::accept(purpose);
    fields.insert(name, kinds);
    let mut conditional = false;
    for (name, value) in [(IF_NONE_MATCH, &validators.etag), (IF_MODIFIED_SINCE, &validators.last_modified)] {
        if let Some(value) = value.as_deref().and_then(|bytes| HeaderValue::from_bytes(bytes).ok()) {
            fields.insert(name, value);
            conditional = true;
        }
    }
    (fields, conditional)
}

fn validators_of(fields: &HeaderMap) -> Validators {
    let bytes = |name: HeaderName| {
        let value = fields.get(name)?.as_bytes();
        (!value.is_empty() && value.len() <= MAX_VALIDATOR).then(|| value.to_vec())
    };
    Validators { etag: bytes(ETAG), last_modified: bytes(LAST_MODIFIED) }
}

/// A field's value as text; bytes that are none are replaced, and nothing longer than a line comes through.
fn text(fields: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = fields.get(name)?.as_bytes();
    Some(String::from_utf8_lossy(&value[..value.len().min(256)]).into_owned())
}

fn joined(fields: &HeaderMap, name: HeaderName) -> Option<Vec<u8>> {
    let lines: Vec<&[u8]> = fields.get_all(name).iter().map(HeaderValue::as_bytes).collect();
    (!lines.is_empty()).then(|| lines.join(&b','))
}

/// The time left until an instant, if any.
fn left(until: Timestamp, now: Timestamp) -> Option<Duration> {
    Duration::try_from(until.duration_since(now)).ok().filter(|left| !left.is_zero())
}

fn later(now: Timestamp, wait: Duration) -> Option<Timestamp> {
    now.checked_add(wait).ok()
}
