//! What can go wrong with a request, in words an operator understands.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::time::Duration;

use crate::model::{Failure, Url};

use super::Limits;
use super::guard::{self, shown};
use super::resolver::{BlockedName, Unresolved};

/// Every class that [`Error::class`] gives, in the order of a request's journey: for tables of sentences and remedies.
pub const CLASSES: &[&str] = &[
    "settings",
    "bad_address",
    "blocked_address",
    "pace",
    "robots",
    "robots_unreachable",
    "dns",
    "refused",
    "unreachable",
    "proxy",
    "reset",
    "timeout",
    "tls_expired",
    "tls_name",
    "tls_untrusted",
    "tls",
    "protocol",
    "bad_redirect",
    "redirect_loop",
    "too_many_redirects",
    "unauthorized",
    "forbidden",
    "not_found",
    "gone",
    "rate_limited",
    "server_error",
    "empty",
    "bad_status",
    "too_large",
    "truncated",
    "bad_coding",
];

/// Why there is no answer. URLs inside are shortened and free of credentials.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The contact cannot stand in a user agent.
    #[error("the contact {contact:?} cannot be sent in a header; write a mailto: or https: address")]
    Contact {
        /// As configured.
        contact: String,
    },
    /// An exception to the guard that is no host.
    #[error("allow_private has {entry:?}, which is no host, host:port or [ipv6]:port")]
    AllowPrivate {
        /// As configured.
        entry: String,
    },
    /// The HTTP client could not be built.
    #[error("the HTTP client cannot be set up: {reason}")]
    Client {
        /// What the client says.
        reason: String,
    },
    /// What a source's requests should carry cannot be sent. The value itself is never part of this.
    #[error("source.request.{key} of the source {name:?} {reason}")]
    SourceRequest {
        /// The source's name.
        name: String,
        /// The key.
        key: String,
        /// What is wrong with its value.
        reason: &'static str,
    },
    /// No http or https URL.
    #[error("{url} is no http or https address")]
    Address {
        /// The URL.
        url: String,
    },
    /// The host is, or resolves only to, an address that is not public.
    #[error(
        "{host} leads to the private or special address {address}; if that is meant, add \"{host}:{port}\" to fetch.allow_private"
    )]
    Blocked {
        /// The URL's host.
        host: String,
        /// The URL's port.
        port: u16,
        /// The address.
        address: String,
    },
    /// A stranger led to a host that the operator excepted from the guard, and did not name for this source.
    #[error(
        "{host} is in fetch.allow_private, but the source does not name it; if its news stands there, add it to source.request.hosts"
    )]
    NotNamed {
        /// The URL's host.
        host: String,
    },
    /// The port belongs to a service that is no web server.
    #[error("port {port} of {host} is no web server's; if it is one, add \"{host}:{port}\" to fetch.allow_private")]
    BlockedPort {
        /// The URL's host.
        host: String,
        /// The URL's port.
        port: u16,
    },
    /// The name has no address.
    #[error("the name {host} cannot be resolved: {reason}")]
    Dns {
        /// The name.
        host: String,
        /// What the resolver says.
        reason: String,
    },
    /// Nobody listens.
    #[error("{host} refuses connections")]
    Refused {
        /// The host.
        host: String,
    },
    /// The network does not lead there.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable {
        /// The host.
        host: String,
        /// What the system says.
        reason: String,
    },
    /// A TLS handshake failed.
    #[error("no secure connection to {host}: {reason}")]
    Tls {
        /// The host.
        host: String,
        /// What about it.
        trouble: TlsTrouble,
        /// What the TLS library says.
        reason: String,
    },
    /// A limit of time ran out.
    #[error("{host} did not answer completely within {} s", limit.as_secs_f64())]
    Timeout {
        /// The host.
        host: String,
        /// The limit.
        limit: Duration,
    },
    /// The body came too slowly to be worth waiting for.
    #[error("{host} sends less than {bytes} bytes in {} s", window.as_secs_f64())]
    Stalled {
        /// The host.
        host: String,
        /// The fewest bytes.
        bytes: usize,
        /// The time they had.
        window: Duration,
    },
    /// The connection was cut before an answer.
    #[error("{host} cut the connection: {reason}")]
    Reset {
        /// The host.
        host: String,
        /// What the system says.
        reason: String,
    },
    /// The source's proxy does not take the request on.
    #[error("the proxy on the way to {host} does not serve: {reason}")]
    Proxy {
        /// The host behind it.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The other side went away without an answer, or the answer is no HTTP.
    #[error("{host} broke off or does not speak HTTP: {reason}")]
    Protocol {
        /// The host.
        host: String,
        /// What the client says.
        reason: String,
    },
    /// The body ended before its end.
    #[error("the answer of {url} ended early: {reason}")]
    Truncated {
        /// The URL.
        url: String,
        /// How it was noticed.
        reason: String,
    },
    /// The body cannot be decoded.
    #[error("the answer of {url} cannot be decoded: {reason}")]
    Coding {
        /// The URL.
        url: String,
        /// The coding, or what its decoder says.
        reason: String,
    },
    /// The body, decoded, is larger than allowed.
    #[error("the answer of {url} is larger than {limit} bytes; if that is meant, raise fetch.max_body")]
    TooLarge {
        /// The URL.
        url: String,
        /// The limit, bytes after decoding.
        limit: u64,
    },
    /// A redirect leads back.
    #[error("{url} redirects in a circle")]
    RedirectLoop {
        /// Where the circle closes.
        url: String,
    },
    /// More redirects than allowed.
    #[error("{url} redirects more than {limit} times")]
    TooManyRedirects {
        /// What was asked for.
        url: String,
        /// The limit.
        limit: usize,
    },
    /// A redirect to nowhere, to another scheme, or from https to http.
    #[error("{url} redirects to {target}, which is not followed")]
    BadRedirect {
        /// The URL.
        url: String,
        /// The `Location`, shortened.
        target: String,
    },
    /// A status that carries no document.
    #[error("{url} answers {status}")]
    Status {
        /// The URL.
        url: String,
        /// The status code.
        status: u16,
        /// How long to stay away: what the server says, or a minute for a 429 that does not say.
        retry_after: Option<Duration>,
        /// The page that came with a refusal (403, 429, 503), as far as it is looked at.
        page: Option<Box<RefusalPage>>,
    },
    /// 304 although nothing was there to compare with.
    #[error("{url} answers 304 to a request without validators")]
    NotAsked {
        /// The URL.
        url: String,
    },
    /// robots.txt forbids it.
    #[error("robots.txt of {host} forbids {url}")]
    Robots {
        /// The host.
        host: String,
        /// The URL.
        url: String,
    },
    /// robots.txt could not be had, which forbids everything for now (RFC 9309 §2.3.1.4).
    #[error("robots.txt of {host} cannot be read now: {reason}")]
    RobotsUnreachable {
        /// The host.
        host: String,
        /// Why.
        reason: String,
        /// When to ask again.
        retry_in: Duration,
    },
    /// The host asked to be left alone, and that time is not over.
    #[error("{host} asked to be left alone for another {} s", wait.as_secs())]
    LeftAlone {
        /// The host.
        host: String,
        /// The time that is left.
        wait: Duration,
        /// Whether the document was asked for by then, and a redirect led on.
        begun: bool,
    },
    /// The body is large, and those that are in memory leave no room for it now.
    #[error("the answer of {host} is large, and there is no room for it beside others now")]
    NoPlace {
        /// The host.
        host: String,
        /// When to ask again.
        wait: Duration,
    },
    /// The host's turn is further away than a request waits.
    #[error("the next turn of {host} is {} s away", wait.as_secs())]
    NotItsTurn {
        /// The host.
        host: String,
        /// The time until then.
        wait: Duration,
        /// Whether the document was asked for by then, and a redirect led on.
        begun: bool,
    },
}

/// The beginning of a page that came with a refusal. What it says is not for this room to tell.
#[derive(Clone, PartialEq, Eq)]
pub struct RefusalPage {
    /// `Content-Type` as sent.
    pub content_type: Option<String>,
    /// The first bytes, decoded from their transport.
    pub start: Vec<u8>,
}

impl fmt::Debug for RefusalPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusalPage").field("bytes", &self.start.len()).finish_non_exhaustive()
    }
}

/// What about TLS failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsTrouble {
    /// The certificate is no longer or not yet valid.
    Expired,
    /// The certificate belongs to another name.
    Name,
    /// The certificate's issuer is not trusted, or the certificate is bad.
    Untrusted,
    /// The two sides found no common ground.
    Handshake,
}

impl Error {
    /// The page that came with a refusal.
    pub fn refusal_page(&self) -> Option<&RefusalPage> {
        match self {
            Error::Status { page, .. } => page.as_deref(),
            _ => None,
        }
    }

    /// What it means for the next attempt.
    pub fn failure(&self) -> Failure {
        match self {
            Error::Status { retry_after: Some(wait), .. } => Failure::Deferred(*wait),
            // Nobody was asked for the document: that is no failure of whoever would have been.
            Error::LeftAlone { wait, begun: false, .. } | Error::NotItsTurn { wait, begun: false, .. } => Failure::Waits(*wait),
            Error::RobotsUnreachable { retry_in: wait, .. }
            | Error::LeftAlone { wait, .. }
            | Error::NotItsTurn { wait, .. }
            | Error::NoPlace { wait, .. } => Failure::Deferred(*wait),
            Error::Status { status: 410, .. } | Error::Robots { .. } => Failure::Final,
            Error::Status { status: 202 | 204 | 205 | 408 | 425 | 429 | 500.., .. } => Failure::Transient,
            Error::Tls { trouble: TlsTrouble::Handshake, .. } => Failure::Transient,
            Error::Dns { .. }
            | Error::Refused { .. }
            | Error::Unreachable { .. }
            | Error::Timeout { .. }
            | Error::Stalled { .. }
            | Error::Reset { .. }
            | Error::Proxy { .. }
            | Error::Protocol { .. }
            | Error::Truncated { .. }
            | Error::Coding { .. } => Failure::Transient,
            Error::Contact { .. }
            | Error::AllowPrivate { .. }
            | Error::Client { .. }
            | Error::Address { .. }
            | Error::Blocked { .. }
            | Error::NotNamed { .. }
            | Error::BlockedPort { .. }
            | Error::SourceRequest { .. }
            | Error::Tls { .. }
            | Error::TooLarge { .. }
            | Error::RedirectLoop { .. }
            | Error::TooManyRedirects { .. }
            | Error::BadRedirect { .. }
            | Error::Status { .. }
            | Error::NotAsked { .. } => Failure::Persistent,
        }
    }

    /// A stable class for the operator: one of [`CLASSES`].
    pub fn class(&self) -> &'static str {
        match self {
            Error::Contact { .. } | Error::AllowPrivate { .. } | Error::Client { .. } | Error::SourceRequest { .. } => "settings",
            Error::Address { .. } => "bad_address",
            Error::Blocked { .. } | Error::NotNamed { .. } | Error::BlockedPort { .. } => "blocked_address",
            Error::Dns { .. } => "dns",
            Error::Refused { .. } => "refused",
            Error::Unreachable { .. } => "unreachable",
            Error::Tls { trouble: TlsTrouble::Expired, .. } => "tls_expired",
            Error::Tls { trouble: TlsTrouble::Name, .. } => "tls_name",
            Error::Tls { trouble: TlsTrouble::Untrusted, .. } => "tls_untrusted",
            Error::Tls { trouble: TlsTrouble::Handshake, .. } => "tls",
            Error::Timeout { .. } | Error::Stalled { .. } => "timeout",
            Error::Reset { .. } => "reset",
            Error::Proxy { .. } => "proxy",
            Error::Protocol { .. } => "protocol",
            Error::Truncated { .. } => "truncated",
            Error::Coding { .. } => "bad_coding",
            Error::TooLarge { .. } => "too_large",
            Error::RedirectLoop { .. } => "redirect_loop",
            Error::TooManyRedirects { .. } => "too_many_redirects",
            Error::BadRedirect { .. } => "bad_redirect",
            Error::Status { status, .. } => status_class(*status),
            Error::NotAsked { .. } => "bad_status",
            Error::Robots { .. } => "robots",
            Error::RobotsUnreachable { .. } => "robots_unreachable",
            Error::LeftAlone { .. } => "rate_limited",
            Error::NotItsTurn { .. } | Error::NoPlace { .. } => "pace",
        }
    }

    /// Reads a failure of the HTTP client before the answer's head was there. Behind a proxy, it is the proxy that
    /// refuses, breaks off or does not answer.
    pub(super) fn before_answer(error: &reqwest::Error, url: &Url, limits: &Limits, is_proxied: bool) -> Error {
        let read = Error::on_the_way(error, url, limits);
        match read {
            Error::Refused { .. } => Error::behind_proxy(url, "it refuses connections").or(read, is_proxied),
            Error::Dns { ref reason, .. } | Error::Unreachable { ref reason, .. } | Error::Reset { ref reason, .. } => {
                Error::behind_proxy(url, reason).or(read, is_proxied)
            }
            Error::Protocol { ref reason, .. } if error.is_connect() => Error::behind_proxy(url, reason).or(read, is_proxied),
            read => read,
        }
    }

    /// The error of a proxy.
    pub(super) fn behind_proxy(url: &Url, reason: &str) -> Error {
        Error::Proxy { host: url.host_str().unwrap_or_default().to_owned(), reason: reason.to_owned() }
    }

    fn or(self, other: Error, this: bool) -> Error {
        if this { self } else { other }
    }

    fn on_the_way(error: &reqwest::Error, url: &Url, limits: &Limits) -> Error {
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut cause = error.source();
        while let Some(link) = cause {
            if let Some(name) = link.downcast_ref::<BlockedName>() {
                return guard::blocked(url, &name.address);
            }
            if let Some(unresolved) = link.downcast_ref::<Unresolved>() {
                return Error::Dns { host, reason: unresolved.to_string() };
            }
            if let Some(tls) = tls_error(link) {
                return Error::Tls { host, trouble: tls_trouble(tls), reason: tls.to_string() };
            }
            match link.downcast_ref::<io::Error>().map(io::Error::kind) {
                Some(io::ErrorKind::ConnectionRefused) => return Error::Refused { host },
                Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::AddrNotAvailable) => {
                    return Error::Unreachable { host, reason: link.to_string() };
                }
                Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe) => {
                    return Error::Reset { host, reason: link.to_string() };
                }
                _ => cause = link.source(),
            }
        }
        if error.is_timeout() {
            let limit = if error.is_connect() { limits.connect_timeout } else { limits.timeout };
            return Error::Timeout { host, limit };
        }
        Error::Protocol { host, reason: root_cause(error) }
    }

    /// Reads a failure of the HTTP client while the body was read.
    pub(super) fn in_body(error: &reqwest::Error, url: &Url) -> Error {
        let reason = root_cause(error);
        // A decoder's complaint comes bare; the connection's comes wrapped in the HTTP library's.
        match error.source().and_then(|source| source.downcast_ref::<io::Error>()).map(io::Error::kind) {
            None | Some(io::ErrorKind::UnexpectedEof) => Error::Truncated { url: shown(url), reason },
            Some(_) => Error::Coding { url: shown(url), reason },
        }
    }
}

fn status_class(status: u16) -> &'static str {
    match status {
        204 | 205 => "empty",
        401 => "unauthorized",
        403 | 451 => "forbidden",
        404 => "not_found",
        410 => "gone",
        429 => "rate_limited",
        408 | 425 | 500.. => "server_error",
        _ => "bad_status",
    }
}

/// The TLS library's error in a link of the chain; an `io::Error` hides what it wraps from `source()`.
fn tls_error<'a>(link: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    match link.downcast_ref::<io::Error>() {
        Some(io) => tls_error(io.get_ref()?),
        None => link.downcast_ref::<rustls::Error>(),
    }
}

fn tls_trouble(error: &rustls::Error) -> TlsTrouble {
    use rustls::CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            Certificate::Expired
            | Certificate::ExpiredContext { .. }
            | Certificate::NotValidYet
            | Certificate::NotValidYetContext { .. } => TlsTrouble::Expired,
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => TlsTrouble::Name,
            _ => TlsTrouble::Untrusted,
        },
        _ => TlsTrouble::Handshake,
    }
}

/// The innermost cause: the links above it repeat the URL or say nothing.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    // Strangers' bytes can stand in it: no control characters, no novels.
    cause.to_string().chars().filter(|c| !c.is_control()).take(160).collect()
}
