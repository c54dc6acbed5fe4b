//! The HTTP client: what it offers, what it refuses, whom it trusts.

use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::{Client, redirect};

use crate::model::Url;

use super::guard::Exceptions;
use super::resolver::{Guarded, Lookup};
use super::{Error, Limits, body};

/// What robots.txt calls us (RFC 9309 §2.2.1); the user agent begins with it.
pub const PRODUCT_TOKEN: &str = "wireroom";

/// Most header fields of an answer.
const MAX_FIELDS: usize = 200;
/// Most bytes of an HTTP/2 answer's header; HTTP/1 is bounded by the client's own buffer.
const MAX_HEADER_BYTES: u32 = 64 * 1024;
/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(60);

/// The two faces of the client. They differ in one point: which names may be private.
#[derive(Debug, Clone)]
pub(super) struct Clients {
    exceptions: Exceptions,
    public: Client,
    /// For hosts and ports the operator excepted; `None` when there are none.
    excepted: Option<Client>,
}

impl Clients {
    pub(super) fn build(limits: &Limits, lookup: &Lookup) -> Result<Clients, Error> {
        let exceptions = Exceptions::of(&limits.allow_private)?;
        let public = client(limits, Guarded::new(lookup.clone(), Exceptions::default()))?;
        let excepted = match exceptions.is_empty() {
            true => None,
            false => Some(client(limits, Guarded::new(lookup.clone(), exceptions.clone()))?),
        };
        Ok(Clients { exceptions, public, excepted })
    }

    pub(super) fn exceptions(&self) -> &Exceptions {
        &self.exceptions
    }

    /// The client for a URL that the guard has passed. A resolver never learns the port, so that an
    /// exception for one port of a name has to be decided here.
    pub(super) fn of(&self, url: &Url) -> &Client {
        match &self.excepted {
            Some(client) if self.is_excepted(url) => client,
            _ => &self.public,
        }
    }

    /// Whether the operator said that this host and port may be private.
    pub(super) fn is_excepted(&self, url: &Url) -> bool {
        url.host_str().zip(url.port_or_known_default()).is_some_and(|(host, port)| self.exceptions.allow(host, port))
    }
}

fn client(limits: &Limits, resolver: Guarded) -> Result<Client, Error> {
    // The client takes the process's provider; whoever was first to install one is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // The bundled roots work on a machine without any; those of the system are added to them.
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|root| reqwest::Certificate::from_der(root).ok());
    Client::builder()
        .user_agent(user_agent(&limits.contact)?)
        .default_headers(HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(body::OFFERED))]))
        .gzip(false)
        .deflate(false)
        .tls_certs_merge(roots)
        .tls_version_min(reqwest::tls::Version::TLS_1_2)
        .dns_resolver(resolver)
        .no_proxy()
        .referer(false)
        .redirect(redirect::Policy::none())
        .connect_timeout(limits.connect_timeout)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(limits.per_host_connections.clamp(1, 4))
        .http1_max_headers(MAX_FIELDS)
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http2_max_header_list_size(MAX_HEADER_BYTES)
        .build()
        .map_err(|error| Error::Client { reason: error.to_string() })
}

fn user_agent(contact: &str) -> Result<HeaderValue, Error> {
    let bad = || Error::Contact { contact: contact.to_owned() };
    if contact.is_empty() || !contact.bytes().all(|byte| (b'!'..=b'~').contains(&byte)) {
        return Err(bad());
    }
    HeaderValue::from_str(&format!("{PRODUCT_TOKEN}/{} (+{contact})", env!("CARGO_PKG_VERSION"))).map_err(|_| bad())
}
