//! Obedience to robots.txt: the copy at hand, a new one, or an older one when there is no new one (RFC 9309 §2.3.1).

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::address;
use crate::model::{Failure, Purpose, Timestamp, Url, Validators};

use super::guard::shown;
use super::manners::{Gate, Robots};
use super::redirect::Trail;
use super::visit::{Budget, Visit, later, left};
use super::{Error, body, client, fields, guard, robots};

/// Redirects followed for robots.txt (RFC 9309 §2.3.1.2).
const ROBOTS_REDIRECTS: usize = 5;
/// How long a robots.txt is believed (RFC 9309 §2.4).
const ROBOTS_FRESH: Duration = Duration::from_secs(24 * 3600);
/// How long after a failure robots.txt is asked for again.
const ROBOTS_RETRY: Duration = Duration::from_secs(600);

impl Visit<'_> {
    /// Fails unless robots.txt of the URL's host lets us in; reads it if it is not known.
    pub(super) async fn obey_robots(&mut self, url: &Url) -> Result<(), Error> {
        let robots = self.robots(url).await;
        let (failing_since, most) = (self.gate(url).is_failing_since(), self.fetcher.limits.manners.crawl_delay_max);
        let known = self.known(&address::host_key(url));
        known.robots_failing_since = failing_since;
        let robots = robots?;
        known.robots = Some(robots.body.to_vec());
        known.robots_until = Some(robots.until);
        known.robots_validators = robots.validators.clone();
        known.delay = robots.rules.crawl_delay().map(|delay| delay.min(most));
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
            return Err(Error::NotItsTurn { host: address::host_key(url), wait, begun: self.begun });
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
                Ok((body, validators)) => {
                    let robots = read(body, validators, later((self.fetcher.clock)(), ROBOTS_FRESH));
                    gate.keep_robots(robots.clone());
                    return Ok(robots);
                }
                Err(Unread::Robots(error)) => {
                    let wait = match error.failure() {
                        Failure::Deferred(wait) => wait,
                        _ => ROBOTS_RETRY,
                    };
                    let until = later((self.fetcher.clock)(), wait);
                    gate.keep_unreachable(until.unwrap_or(now), error.to_string());
                    (wait, error.to_string())
                }
                Err(Unread::Visit(error)) => return Err(error),
            },
        };
        let brought = self.known(&address::host_key(url)).robots_failing_since;
        let since = gate.failing_since(brought, now);
        let given_up = later(since, self.fetcher.limits.manners.robots_unreachable_after).is_some_and(|until| until <= now);
        // An older copy is better than none, and for a while as good as a new one. After a month without, there is none.
        let old = self.old_robots(url, &gate).or_else(|| given_up.then(Default::default));
        let Some((body, validators)) = old else {
            return Err(Error::RobotsUnreachable { host: address::host_key(url), reason, retry_in: wait });
        };
        let robots = read(body, validators, later(now, wait));
        gate.keep_old_robots(robots.clone());
        Ok(robots)
    }

    /// The rules that are remembered or were brought by the claim, if they are still current.
    fn known_robots(&mut self, url: &Url, gate: &Gate) -> Option<Robots> {
        let now = (self.fetcher.clock)();
        // Further ahead than a day lies only the trace of a clock that jumped.
        let current = |until: Timestamp| left(until, now).is_some_and(|left| left <= ROBOTS_FRESH);
        if let Some(robots) = gate.robots().filter(|robots| current(robots.until)) {
            return Some(robots);
        }
        let known = self.known(&address::host_key(url));
        let until = known.robots_until.filter(|until| current(*until))?;
        let robots = read(known.robots.clone()?, known.robots_validators.clone(), Some(until));
        gate.keep_old_robots(robots.clone());
        Some(robots)
    }

    fn old_robots(&mut self, url: &Url, gate: &Gate) -> Option<(Vec<u8>, Validators)> {
        let known = self.known(&address::host_key(url));
        let brought = || Some((known.robots.clone()?, known.robots_validators.clone()));
        gate.robots().map(|robots| (robots.body.to_vec(), robots.validators)).or_else(brought)
    }

    /// Asks for robots.txt; empty when there is none (RFC 9309 §2.3.1).
    async fn ask_robots(&mut self, page: &Url) -> Result<(Vec<u8>, Validators), Unread> {
        let gate = self.gate(page);
        let known = self.old_robots(page, &gate);
        let mut start = page.clone();
        start.set_path("/robots.txt");
        start.set_query(None);
        start.set_fragment(None);
        let mut trail = Trail::new(start, ROBOTS_REDIRECTS);
        let read = self.follow_robots(&mut trail, known).await;
        read.or_else(|error| match error {
            // A redirect to where nobody may be led is as good as no file.
            Error::Blocked { .. } if !trail.is_start() => Ok(Default::default()),
            Error::LeftAlone { .. } | Error::NotItsTurn { .. } => Err(Unread::Visit(error)),
            error if !trail.is_start() || is_about_robots(&error) => Err(Unread::Robots(error)),
            error => Err(Unread::Visit(error)),
        })
    }

    /// `known`: the copy at hand, which is asked about where it came from.
    async fn follow_robots(
        &mut self,
        trail: &mut Trail,
        known: Option<(Vec<u8>, Validators)>,
    ) -> Result<(Vec<u8>, Validators), Error> {
        let limits = &self.fetcher.limits;
        let mut budget = Budget::new(limits.timeout);
        loop {
            let url = trail.here().clone();
            if !trail.is_start() && guard::check(&url, self.fetcher.clients.exceptions()).is_err() {
                return Ok(Default::default());
            }
            self.meet(&url).await;
            let _turn = self.turn(&url).await?;
            let asked = known.as_ref().filter(|_| trail.is_start()).map(|(_, validators)| validators.clone()).unwrap_or_default();
            let (headers, conditional) = fields::request(Purpose::Page, &asked);
            let response = self.send(&url, headers, &mut budget).await?;
            match trail.follow(&response) {
                Ok(true) => continue,
                Ok(false) => {}
                // Redirects that lead nowhere are as good as no file.
                Err(_) => return Ok(Default::default()),
            }
            let status = response.status();
            // Validators of an address that a redirect led to are not for the one that is asked first.
            let mut validators = if trail.is_start() { fields::validators(response.headers()) } else { Validators::default() };
            return match status.as_u16() {
                304 if conditional => {
                    validators.etag = validators.etag.or(asked.etag);
                    validators.last_modified = validators.last_modified.or(asked.last_modified);
                    Ok((known.map(|(body, _)| body).unwrap_or_default(), validators))
                }
                200 | 203 => {
                    let bounds = self.bounds(robots::MAX_BYTES as u64 + 1, true);
                    let (body, _) = budget.spend(&url, body::read(response, &url, bounds)).await??;
                    // What is packed and does not say so is a file to everybody else; here not to read it would be rude.
                    Ok((body::unpacked(body, &url, bounds)?, validators))
                }
                429 | 500.. => Err(self.refusal(&url, status, response.headers())),
                _ => Ok(Default::default()),
            };
        }
    }
}

/// Why robots.txt was not read.
enum Unread {
    /// It cannot be had, there or where it redirects to.
    Robots(Error),
    /// The host itself cannot be had or its turn is far: that is the page's error too, and says more.
    Visit(Error),
}

/// Whether a failure of the host itself says something about robots.txt rather than about the whole host or our own pace.
fn is_about_robots(error: &Error) -> bool {
    matches!(
        error,
        Error::Status { .. }
            | Error::Timeout { .. }
            | Error::Stalled { .. }
            | Error::Truncated { .. }
            | Error::Coding { .. }
            | Error::Protocol { .. }
            | Error::Reset { .. }
            | Error::TooLarge { .. }
    )
}

fn read(body: Vec<u8>, validators: Validators, until: Option<Timestamp>) -> Robots {
    let rules = Arc::new(robots::parse(&body, client::PRODUCT_TOKEN));
    Robots { rules, body: body.into(), until: until.unwrap_or(Timestamp::UNIX_EPOCH), validators }
}
