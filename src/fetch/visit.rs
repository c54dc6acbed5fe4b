//! One visit: the hops of one request, each with its turn, its guard and its robots.txt, within one budget of time.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    AGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, DATE, EXPIRES, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use tokio::time::Instant;

use crate::address;
use crate::model::{Document, Fetched, Head, HostState, Purpose, Request, Timestamp, Url, Validators};

use super::body::Bounds;
use super::freshness::{self, Stated};
use super::guard::shown;
use super::large::Hold;
use super::manners::{Adaption, Answered, Gate, Turn};
use super::own::Party;
use super::redirect::Trail;
use super::{Error, Fetcher, Inner, Recall, RetryScope, body, fields, guard};

/// Parts of the time limit in which a body has to move.
pub(super) const WINDOWS: u32 = 4;

/// How long a host is left alone that says "too many requests" and not until when.
const TOO_MANY_HOLD: Duration = Duration::from_secs(60);

/// One visit.
pub(super) struct Visit<'a> {
    pub(super) fetcher: &'a Inner,
    /// The source whose visit it is; `None` for what a person asks for by hand.
    pub(super) party: Option<&'a Party>,
    /// What the ledger knows of hosts on the way.
    pub(super) recall: Option<&'a Recall>,
    /// The manners of the host asked first, and in `met` those of the others.
    pub(super) state: HostState,
    /// Whether the document itself was asked for yet, be it where a redirect leads on from.
    pub(super) begun: bool,
    /// How long it still waits for turns.
    pub(super) patience: Duration,
    /// Whether a `Retry-After` keeps away this request alone.
    pub(super) alone: bool,
    /// Whether a body beyond the usual limit is wanted, and the hold it came with.
    pub(super) may_be_large: bool,
    pub(super) hold: Option<Hold>,
}

impl<'a> Visit<'a> {
    pub(super) fn new(fetcher: &'a Fetcher, url: &Url, state: &HostState) -> Visit<'a> {
        let (fetcher, party, recall) = (&*fetcher.inner, fetcher.party.as_deref(), fetcher.recall.as_ref());
        let mut state = state.clone();
        state.host = address::host_key(url);
        let patience = fetcher.limits.patience();
        Visit { fetcher, party, recall, state, begun: false, patience, alone: false, may_be_large: false, hold: None }
    }

    /// What is known of a host of this visit, to be learnt further.
    pub(super) fn known(&mut self, host: &str) -> &mut HostState {
        if self.state.host == host {
            return &mut self.state;
        }
        let met = &mut self.state.met;
        let place = met.iter().position(|known| known.host == host).unwrap_or_else(|| {
            met.push(HostState { host: host.to_owned(), ..HostState::default() });
            met.len() - 1
        });
        &mut met[place]
    }

    /// Meets a host that no claim speaks of: what the ledger knows of it counts as if a claim had brought it.
    pub(super) async fn meet(&mut self, url: &Url) {
        let host = address::host_key(url);
        if self.state.host == host || self.state.met.iter().any(|known| known.host == host) {
            return;
        }
        let known = self.fetcher.recall(self.recall, host).await;
        self.state.meet(known);
    }

    /// Asks for what was requested, hop by hop.
    pub(super) async fn get(&mut self, request: &Request) -> Result<Fetched, Error> {
        let limits = &self.fetcher.limits;
        let named = request.purpose == Purpose::Feed;
        self.alone = named && limits.manners.retry_after_scope == RetryScope::Feed;
        let mut trail = Trail::new(request.url.clone(), limits.max_redirects);
        let mut budget = Budget::new(limits.timeout);
        loop {
            let url = trail.here().clone();
            guard::check(&url, self.fetcher.clients.exceptions())?;
            self.may_step(&trail)?;
            self.meet(&url).await;
            if !named || limits.manners.feeds_obey_robots {
                self.obey_robots(&url).await?;
            }
            let _turn = self.turn(&url).await?;
            self.begin();
            let asked = if self.may_validate(request, &trail) { request.validators.clone() } else { Validators::default() };
            let (mut headers, conditional) = fields::request(request.purpose, &asked);
            if let Some(party) = self.party.filter(|party| trail.hops().iter().all(|hop| party.owns(hop))) {
                headers.extend(party.dress().clone());
            }
            let response = self.send(&url, headers, &mut budget).await?;
            if trail.follow(&response)? {
                continue;
            }
            return self.finish(request, &trail, response, conditional.then_some(asked), &mut budget).await;
        }
    }

    /// From now on the document is asked for: what the way to it takes besides, on a slow host, is waited for.
    pub(super) fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            self.patience = self.patience.saturating_add(self.fetcher.limits.endurance());
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
        let headers = response.headers().clone();
        // What a passing redirect led to says nothing about what was asked for: its validators, shown
        // to that one later, could hide a document that was never seen.
        let mut validators = if trail.is_lasting() { fields::validators(&headers) } else { Validators::default() };
        if status == StatusCode::NOT_MODIFIED {
            let Some(asked) = asked else { return Err(Error::NotAsked { url: shown(url) }) };
            // A 304 may leave out what has not changed (RFC 9110 §15.4.5).
            validators.etag = validators.etag.or(asked.etag);
            validators.last_modified = validators.last_modified.or(asked.last_modified);
            self.fetcher.moves.note(&request.url, url, &validators);
            return Ok(Fetched::NotModified(self.head(trail, status, &headers, validators)));
        }
        if !matches!(status, StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION) {
            return Err(self.refusal(url, status, &headers));
        }
        let limits = &self.fetcher.limits;
        let large = self.may_be_large.then_some(&self.fetcher.large);
        let bounds = Bounds { bytes: limits.max_body, cut: false, window: limits.timeout / WINDOWS, large };
        let (body, hold) = budget.spend(url, body::read(response, url, bounds)).await??;
        self.hold = hold;
        self.fetcher.moves.note(&request.url, url, &validators);
        Ok(Fetched::Document(Box::new(Document {
            url: request.url.clone(),
            head: self.head(trail, status, &headers, validators),
            content_type: fields::text(&headers, CONTENT_TYPE),
            content_language: fields::text(&headers, CONTENT_LANGUAGE),
            body,
            complete: true,
        })))
    }

    fn head(&self, trail: &Trail, status: StatusCode, headers: &HeaderMap, validators: Validators) -> Head {
        let fetched_at = (self.fetcher.clock)();
        let cache_control = fields::joined(headers, CACHE_CONTROL);
        let bytes = |name: HeaderName| headers.get(name).map(HeaderValue::as_bytes);
        let stated =
            Stated { cache_control: cache_control.as_deref(), age: bytes(AGE), expires: bytes(EXPIRES), date: bytes(DATE) };
        // Credentials in an address the operator wrote are for asking, not for keeping.
        let final_url = address::resolve(None, trail.here().as_str()).unwrap_or_else(|| trail.here().clone());
        let moved_to = trail.moved_to(|url| self.fetcher.clients.is_excepted(url)).cloned();
        let fresh_for = stated.fresh_for(fetched_at);
        Head {
            status: status.as_u16(),
            final_url,
            validators,
            fresh_for,
            moved_to,
            fetched_at,
            fields: fields::of_document(headers),
        }
    }

    /// The error for a status without document; a wish to be left alone is remembered for the host.
    /// 429 is such a wish even when it does not say for how long.
    pub(super) fn refusal(&mut self, url: &Url, status: StatusCode, headers: &HeaderMap) -> Error {
        let now = (self.fetcher.clock)();
        let retry_after = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
            .then(|| headers.get(RETRY_AFTER))
            .flatten()
            .and_then(|value| freshness::retry_after(value.as_bytes(), now))
            .or((status == StatusCode::TOO_MANY_REQUESTS).then_some(TOO_MANY_HOLD));
        if let Some(wait) = retry_after.filter(|_| !self.alone) {
            let until = self.gate(url).retry_until(later(now, wait), later(now, freshness::MAX_RETRY_AFTER).unwrap_or(now));
            let known = self.known(&address::host_key(url));
            known.retry_until = known.retry_until.max(until);
        }
        Error::Status { url: shown(url), status: status.as_u16(), retry_after }
    }

    /// Sends validators only where they come from: a `Last-Modified` of one document, shown to
    /// another, could hide one that was never seen.
    fn may_validate(&self, request: &Request, trail: &Trail) -> bool {
        match self.fetcher.moves.giver(&request.url, &request.validators) {
            Some(giver) => trail.is_lasting() && giver == *trail.here(),
            None => trail.is_same_document(),
        }
    }

    pub(super) async fn send(&mut self, url: &Url, headers: HeaderMap, budget: &mut Budget) -> Result<Response, Error> {
        let begun = Instant::now();
        let answer = self.exchange(url, headers, budget).await;
        self.pace_by(url, begun.elapsed(), &answer);
        answer
    }

    /// Adapts the host's pace to how it answered. A name that leads nowhere says nothing of a host.
    fn pace_by(&mut self, url: &Url, took: Duration, answer: &Result<Response, Error>) {
        let limits = &self.fetcher.limits;
        if limits.manners.slow_down == 0 || limits.per_host_delay.is_zero() {
            return;
        }
        let answered = match answer {
            Ok(response) => match response.status().as_u16() {
                408 | 425 | 429 | 500.. => Answered::Strained,
                400.. => Answered::Badly,
                _ => Answered::Well,
            },
            Err(Error::Timeout { .. } | Error::Stalled { .. } | Error::Unreachable { .. } | Error::Protocol { .. }) => {
                Answered::Strained
            }
            Err(_) => Answered::Badly,
        };
        let by = Adaption { own: limits.per_host_delay, times: limits.manners.slow_down, most: limits.manners.crawl_delay_max };
        let slowed = self.gate(url).learn(took, answered, by);
        let next = later((self.fetcher.clock)(), slowed.saturating_sub(took));
        let known = self.known(&address::host_key(url));
        known.slowed = Some(slowed);
        known.next_fetch_at = known.next_fetch_at.max(next);
    }

    /// What the operator excepted from the guard, he excepted for what he names: a source for hosts that it names itself,
    /// a person for the address that he gives and what it leads to on such hosts.
    fn may_step(&self, trail: &Trail) -> Result<(), Error> {
        let (url, clients) = (trail.here(), &self.fetcher.clients);
        let may = match self.party {
            Some(party) => party.names(url),
            None => trail.before().is_none_or(|before| clients.is_excepted(before)),
        };
        if may || !clients.is_excepted(url) { Ok(()) } else { Err(not_named(url)) }
    }

    async fn exchange(&self, url: &Url, headers: HeaderMap, budget: &mut Budget) -> Result<Response, Error> {
        self.pass(url, budget, |client| client.get(url.clone()).headers(headers)).await
    }

    /// The one door through which anything leaves: the source's proxy if it has one, and who answered is looked at.
    pub(super) async fn pass(
        &self,
        url: &Url,
        budget: &mut Budget,
        request: impl FnOnce(&Client) -> RequestBuilder,
    ) -> Result<Response, Error> {
        let clients = &self.fetcher.clients;
        if clients.is_excepted(url) && self.party.is_some_and(|party| !party.names(url)) {
            return Err(not_named(url));
        }
        let proxied = self.party.and_then(Party::proxied);
        if proxied.is_some() {
            budget.spend(url, self.look_behind_proxy(url)).await??;
        }
        let sent = budget.spend(url, request(proxied.unwrap_or_else(|| clients.of(url))).send()).await?;
        let response = sent.map_err(|error| Error::before_answer(&error, url, &self.fetcher.limits, proxied.is_some()))?;
        if proxied.is_some() {
            return match response.status() {
                StatusCode::PROXY_AUTHENTICATION_REQUIRED => Err(Error::behind_proxy(url, "it asks for other credentials")),
                _ => Ok(response),
            };
        }
        // Who answered is looked at once more, whatever the resolver and the client made of the guard's word.
        match response.remote_addr().map(|peer| peer.ip().to_canonical()) {
            Some(address) if !guard::is_public(address) && !clients.is_excepted(url) => Err(guard::blocked(url, &address)),
            _ => Ok(response),
        }
    }

    /// A proxy resolves names itself: as far as our own resolver can tell, what it is asked for is public. A name that we
    /// cannot resolve is left to it; there are networks in which only the proxy can.
    async fn look_behind_proxy(&self, url: &Url) -> Result<(), Error> {
        let Some(host) = url.host_str().filter(|host| guard::literal(host).is_none()) else { return Ok(()) };
        if self.fetcher.clients.is_excepted(url) {
            return Ok(());
        }
        let looking = (self.fetcher.parts.lookup)(host.to_owned());
        let found = tokio::time::timeout(self.fetcher.limits.connect_timeout, looking).await;
        let addresses = found.ok().and_then(Result::ok).unwrap_or_default();
        match addresses.into_iter().find(|address| !guard::is_public(*address)) {
            Some(address) => Err(guard::blocked(url, &address)),
            None => Ok(()),
        }
    }

    /// Waits for the host's turn and writes down when the next one may be.
    pub(super) async fn turn(&mut self, url: &Url) -> Result<Turn, Error> {
        let limits = &self.fetcher.limits;
        let (host, gate) = (address::host_key(url), self.gate(url));
        let HostState { retry_until: brought, delay: stated, slowed, next_fetch_at, .. } = *self.known(&host);
        let now = (self.fetcher.clock)();
        let latest = later(now, freshness::MAX_RETRY_AFTER).unwrap_or(now);
        if let Some(wait) = gate.retry_until(brought, latest).and_then(|until| left(until, now)) {
            return Err(Error::LeftAlone { host, wait, begun: self.begun });
        }
        let asked_for = gate.robots().and_then(|robots| robots.rules.crawl_delay()).or(stated);
        let slowed = gate.slowed(slowed);
        let slowed = if limits.per_host_delay.is_zero() || limits.manners.slow_down == 0 { Duration::ZERO } else { slowed };
        let delay = limits.per_host_delay.max(asked_for.unwrap_or_default().min(limits.manners.crawl_delay_max)).max(slowed);
        self.known(&host).slowed = Some(slowed);
        if let Some(wait) = next_fetch_at.and_then(|at| left(at, now)) {
            gate.hold(wait.min(delay));
        }
        let begun = self.begun;
        let turn = gate.turn(&host, limits.per_host_connections, delay, &self.fetcher.places, &mut self.patience).await;
        let now = (self.fetcher.clock)();
        let known = self.known(&host);
        known.next_fetch_at = match &turn {
            Ok(_) => known.next_fetch_at.max(later(now, delay)),
            // The turn that was not taken is the next one: nothing was asked for.
            Err(Error::NotItsTurn { wait, .. }) => later(now, *wait),
            Err(_) => known.next_fetch_at,
        };
        match turn {
            Err(Error::NotItsTurn { host, wait, .. }) => Err(Error::NotItsTurn { host, wait, begun }),
            turn => turn,
        }
    }

    pub(super) fn gate(&self, url: &Url) -> Arc<Gate> {
        self.fetcher.gates.of(&address::host_key(url), (self.fetcher.clock)())
    }
}

fn not_named(url: &Url) -> Error {
    Error::NotNamed { host: address::host_key(url) }
}

/// The time a request may still take, spent by every wait for the other side and by no wait for a turn.
pub(super) struct Budget {
    limit: Duration,
    left: Duration,
}

impl Budget {
    pub(super) fn new(limit: Duration) -> Budget {
        Budget { limit, left: limit }
    }

    pub(super) async fn spend<T>(&mut self, url: &Url, task: impl Future<Output = T>) -> Result<T, Error> {
        let begun = Instant::now();
        let done = tokio::time::timeout(self.left, task).await;
        self.left = self.left.saturating_sub(begun.elapsed());
        done.map_err(|_| Error::Timeout { host: url.host_str().unwrap_or_default().to_owned(), limit: self.limit })
    }
}

/// The time left until an instant, if any.
pub(super) fn left(until: Timestamp, now: Timestamp) -> Option<Duration> {
    Duration::try_from(until.duration_since(now)).ok().filter(|left| !left.is_zero())
}

pub(super) fn later(now: Timestamp, wait: Duration) -> Option<Timestamp> {
    now.checked_add(wait).ok()
}
