//! HTTP with manners: conditional GET, robots.txt, pace, limits, and the guard against private addresses.

use std::time::Duration;

use crate::model::{Failure, Fetched, HostState, Request, Timestamp};

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
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Placeholder.
    #[error("not yet")]
    NotYet,
}

impl Error {
    /// What it means for the next attempt.
    pub fn failure(&self) -> Failure {
        Failure::Transient
    }

    /// A stable class for the operator: `dns`, `refused`, `timeout`, `blocked_address`, `robots`, `too_large`, `gone`, ….
    pub fn class(&self) -> &'static str {
        "transient"
    }
}

/// The one client there is: every request of the daemon goes through it.
#[derive(Debug, Clone)]
pub struct Fetcher {}

impl Fetcher {
    /// Builds the client. `clock` is the wall clock.
    pub fn new(limits: Limits, clock: std::sync::Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Result<Fetcher, Error> {
        let _ = (limits, clock);
        Ok(Fetcher {})
    }

    /// Asks for one thing, at the host's pace, and returns the answer with the host's new manners.
    pub async fn get(&self, request: Request, host: &HostState) -> (Result<Fetched, Error>, HostState) {
        let _ = request;
        (Err(Error::NotYet), host.clone())
    }
}
