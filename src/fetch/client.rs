//! The HTTP client: what it offers, what it refuses, whom it trusts.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::{Client, Proxy, redirect};

use crate::model::Url;

use super::guard::Exceptions;
use super::own::{self, Party, Sources};
use super::resolver::Guarded;
use super::{Error, Limits, Parts, body};

/// What robots.txt calls us (RFC 9309 §2.2.1); the user agent begins with it.
pub const PRODUCT_TOKEN: &str = "wireroom";

/// Most header fields of an answer.
const MAX_FIELDS: usize = 200;
/// Most bytes of an HTTP/2 answer's header; HTTP/1 is bounded by the client's own buffer.
const MAX_HEADER_BYTES: u32 = 64 * 1024;
/// How long an idle connection is kept at least. The pool looks around once in this time, so that it is twice that at most:
/// below the 90 s after which many servers hang up themselves.
pub(super) const IDLE: Duration = Duration::from_secs(45);

/// The clients there are. The first two differ in one point: which names may be private.
#[derive(Debug, Clone)]
pub(super) struct Clients {
    exceptions: Exceptions,
    public: Client,
    /// For hosts and ports the operator excepted; `None` when there are none.
    excepted: Option<Client>,
    sources: Option<Arc<Sources>>,
    /// What is own to the sources; `None` while nobody said what the sources are.
    parties: Option<Arc<HashMap<String, Arc<Party>>>>,
}

impl Clients {
    pub(super) fn build(limits: &Limits, parts: &Parts, sources: Option<Arc<Sources>>) -> Result<Clients, Error> {
        let exceptions = Exceptions::of(&limits.allow_private)?;
        let workshop = Workshop { limits, parts, exceptions: &exceptions };
        let public = workshop.client(Exceptions::default(), None)?;
        let excepted = match exceptions.is_empty() {
            true => None,
            false => Some(workshop.client(exceptions.clone(), None)?),
        };
        let parties = sources.as_ref().map(|sources| own::parties(sources, &workshop)).transpose()?.map(Arc::new);
        Ok(Clients { exceptions, public, excepted, sources, parties })
    }

    /// The same clients for other sources.
    pub(super) fn with_sources(&self, limits: &Limits, parts: &Parts, sources: Sources) -> Result<Clients, Error> {
        let workshop = Workshop { limits, parts, exceptions: &self.exceptions };
        let parties = Some(Arc::new(own::parties(&sources, &workshop)?));
        Ok(Clients { sources: Some(Arc::new(sources)), parties, ..self.clone() })
    }

    pub(super) fn sources(&self) -> Option<Arc<Sources>> {
        self.sources.clone()
    }

    pub(super) fn exceptions(&self) -> &Exceptions {
        &self.exceptions
    }

    /// What is own to a source; `None` while nobody said what the sources are.
    pub(super) fn party(&self, source: &str) -> Option<Arc<Party>> {
        self.parties.as_ref().map(|parties| parties.get(source).cloned().unwrap_or_default())
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

/// What clients are made from.
pub(super) struct Workshop<'a> {
    limits: &'a Limits,
    parts: &'a Parts,
    pub(super) exceptions: &'a Exceptions,
}

impl Workshop<'_> {
    /// A client that may reach private addresses by the names in `exceptions`, through a proxy or not.
    pub(super) fn client(&self, exceptions: Exceptions, proxy: Option<Proxy>) -> Result<Client, Error> {
        let limits = self.limits;
        // The client takes the process's provider; whoever was first to install one is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // The bundled roots work on a machine without any; those of the system are added to them.
        let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(AsRef::as_ref);
        let roots = bundled.chain(self.parts.roots.iter().map(Vec::as_slice));
        let builder = Client::builder()
            .user_agent(user_agent(&limits.contact)?)
            .default_headers(HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(body::OFFERED))]))
            .tls_certs_merge(roots.filter_map(|root| reqwest::Certificate::from_der(root).ok()))
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .dns_resolver(Guarded::new(self.parts.lookup.clone(), exceptions))
            .no_proxy()
            .referer(false)
            .redirect(redirect::Policy::none())
            .connect_timeout(limits.connect_timeout)
            .pool_idle_timeout(self.parts.idle)
            .pool_max_idle_per_host(limits.per_host_connections.clamp(1, 4))
            .http1_max_headers(MAX_FIELDS)
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http2_max_header_list_size(MAX_HEADER_BYTES);
        let builder = match proxy {
            Some(proxy) => builder.proxy(proxy),
            None => builder,
        };
        builder.build().map_err(|error| Error::Client { reason: error.to_string() })
    }
}

fn user_agent(contact: &str) -> Result<HeaderValue, Error> {
    let bad = || Error::Contact { contact: contact.to_owned() };
    if contact.is_empty() || !contact.bytes().all(|byte| (b'!'..=b'~').contains(&byte)) {
        return Err(bad());
    }
    HeaderValue::from_str(&format!("{PRODUCT_TOKEN}/{} (+{contact})", env!("CARGO_PKG_VERSION"))).map_err(|_| bad())
}
