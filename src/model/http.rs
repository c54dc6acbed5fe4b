//! What goes out to a host and what comes back, free of any HTTP package.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

/// Cache validators, kept as opaque bytes and echoed byte for byte (RFC 9110 §8.8, §13.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag` field value as it arrived.
    pub etag: Option<Vec<u8>>,
    /// The `Last-Modified` field value as it arrived.
    pub last_modified: Option<Vec<u8>>,
}

impl Validators {
    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// Why something is asked for; manners differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A feed or sitemap that the operator named: robots.txt is not consulted.
    Feed,
    /// An article page: robots.txt is obeyed (RFC 9309).
    Page,
    /// An address where a feed may be, which nobody named: robots.txt is obeyed.
    Probe,
}

/// One thing to ask of a host.
#[derive(Debug, Clone)]
pub struct Request {
    /// What to ask for.
    pub url: Url,
    /// Validators of the copy we hold, empty for an unconditional request.
    pub validators: Validators,
    /// Why it is asked for.
    pub purpose: Purpose,
}

/// The answer's head: what matters of it besides the body.
#[derive(Debug, Clone)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// Where the answer came from, after redirects.
    pub final_url: Url,
    /// The validators of the answer.
    pub validators: Validators,
    /// How long the server says the answer stays fresh (`max-age` less `Age`, or `Expires`; RFC 9111 §4.2).
    pub fresh_for: Option<Duration>,
    /// The new address, when every redirect on the way was permanent (301, 308).
    pub moved_to: Option<Url>,
    /// When the answer was complete.
    pub fetched_at: Timestamp,
    /// Lines of the answer's head that speak of the document rather than of its transport, `(name in lower case, value)`:
    /// `link`, `x-robots-tag`, `tdm-reservation`, `tdm-policy`.
    pub fields: Vec<(String, String)>,
}

/// A body, decoded from its content coding, with its head.
#[derive(Debug, Clone)]
pub struct Document {
    /// What was asked for.
    pub url: Url,
    /// The answer's head.
    pub head: Head,
    /// The `Content-Type` field value.
    pub content_type: Option<String>,
    /// The `Content-Language` field value.
    pub content_language: Option<String>,
    /// The bytes after content decoding.
    pub body: Vec<u8>,
    /// False when the body ended early or was cut; its validators must not be kept then.
    pub complete: bool,
}

/// A successful answer.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one exists for each request in flight, and is moved a few times")]
pub enum Fetched {
    /// The copy we hold is current (304).
    NotModified(Head),
    /// A body.
    Document(Box<Document>),
}

/// What the ledger remembers of a host's manners. The claim brings it, the answer returns the new
/// one, the commit merges: the later time and the longer delay win.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostState {
    /// `host[:port]` in the form `address::host_key` gives.
    pub host: String,
    /// No request starts earlier than this.
    pub next_fetch_at: Option<Timestamp>,
    /// Start-to-start distance asked for by robots.txt (`Crawl-delay`), if any; the operator's own delay is no part of it.
    pub delay: Option<Duration>,
    /// Start-to-start distance learnt from how slow the host answers and how often it fails; zero: it keeps up.
    pub slowed: Option<Duration>,
    /// The host said (429 or 503 with Retry-After) not to come before this.
    pub retry_until: Option<Timestamp>,
    /// The robots.txt body as fetched; empty when there is none. `None`: never asked.
    pub robots: Option<Vec<u8>>,
    /// When `robots` has to be asked for again.
    pub robots_until: Option<Timestamp>,
    /// The validators that `robots` came with.
    pub robots_validators: Validators,
    /// Since when robots.txt could not be had, when it cannot.
    pub robots_failing_since: Option<Timestamp>,
    /// Manners of further hosts that were asked on the way: where redirects led, where robots.txt is, where parts are.
    pub met: Vec<HostState>,
}

impl HostState {
    /// Takes in what was learnt of another host on the way; the newer word on a host replaces the older one.
    pub fn meet(&mut self, mut other: HostState) {
        for further in std::mem::take(&mut other.met) {
            self.meet(further);
        }
        if other.host == self.host || other.host.is_empty() {
            return;
        }
        self.met.retain(|known| known.host != other.host);
        self.met.push(other);
    }
}
