//! What is a source's own: the hosts it names, what its requests carry there, and the proxy they go through.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Client, Proxy};

use crate::address;
use crate::model::Url;

use super::guard::{Exceptions, bare};
use super::secret::Secret;
use super::{Error, client::Workshop};

/// Fields that the client sets itself, and on which its understanding of an answer hangs.
const OURS: &[&str] = &[
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "accept-encoding",
    "if-none-match",
    "if-modified-since",
    "if-match",
    "if-unmodified-since",
    "if-range",
    "range",
    "proxy-authorization",
    "proxy-connection",
    "keep-alive",
    "cookie",
    "user-agent",
];

/// `[source.request]`: what a source's requests carry, with each value as `V` keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRequest<V = Secret> {
    /// Further hosts, as `host` or `host:port`, that belong to the source.
    pub hosts: Vec<String>,
    /// Header fields.
    pub headers: Vec<(String, V)>,
    /// The `Cookie` field.
    pub cookies: Option<V>,
    /// The `User-Agent` field, in place of ours.
    pub user_agent: Option<V>,
    /// The name for basic authentication (RFC 7617).
    pub username: Option<V>,
    /// The password for it.
    pub password: Option<V>,
    /// The proxy that all of its requests go through.
    pub proxy: Option<V>,
}

impl<V> Default for SourceRequest<V> {
    fn default() -> SourceRequest<V> {
        let (cookies, user_agent, username, password, proxy) = (None, None, None, None, None);
        SourceRequest { hosts: Vec::new(), headers: Vec::new(), cookies, user_agent, username, password, proxy }
    }
}

impl<V> SourceRequest<V> {
    /// The same with each value read from where it is kept; `read` is told the value's key.
    pub fn try_map<W, E>(self, mut read: impl FnMut(&str, V) -> Result<W, E>) -> Result<SourceRequest<W>, E> {
        let headers = self.headers.into_iter().map(|(name, value)| {
            let value = read(&format!("headers.{name}"), value)?;
            Ok((name, value))
        });
        let headers = headers.collect::<Result<Vec<_>, E>>()?;
        let mut one = |key: &str, value: Option<V>| value.map(|value| read(key, value)).transpose();
        Ok(SourceRequest {
            hosts: self.hosts,
            headers,
            cookies: one("cookies", self.cookies)?,
            user_agent: one("user_agent", self.user_agent)?,
            username: one("username", self.username)?,
            password: one("password", self.password)?,
            proxy: one("proxy", self.proxy)?,
        })
    }
}

/// Whether the operator may set a header field: its name is one, and it is not the client's business.
pub fn is_free_field(name: &str) -> bool {
    HeaderName::from_bytes(name.as_bytes()).is_ok_and(|name| !OURS.contains(&name.as_str()))
}

/// What is a source's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// The addresses that the operator named: feeds, sitemaps, the home page.
    pub addresses: Vec<Url>,
    /// What its requests carry.
    pub request: SourceRequest,
}

/// What is own to each source, by its name.
pub type Sources = HashMap<String, Own>;

/// A source as the client sees it. One without anything of its own names nothing, and carries nothing.
#[derive(Debug, Default)]
pub(super) struct Party {
    /// Hosts, as the operator wrote them down for this source.
    named: HashSet<String>,
    origins: Vec<Origin>,
    dress: HeaderMap,
    /// The client that goes through the source's proxy.
    proxied: Option<Client>,
}

/// Where a source is at home.
#[derive(Debug)]
struct Origin {
    host: String,
    /// `None`: the usual port of either scheme.
    port: Option<u16>,
    /// The registrable domain, all hosts of which are the source's.
    domain: Option<String>,
    /// Whether plain http is no way to it.
    secure: bool,
}

/// The parties of all sources that need one.
pub(super) fn parties(sources: &Sources, workshop: &Workshop<'_>) -> Result<HashMap<String, Arc<Party>>, Error> {
    let mut clients: HashMap<Secret, Client> = HashMap::new();
    let mut parties = HashMap::new();
    for (name, own) in sources {
        let named_private = own.addresses.iter().any(|url| url.host_str().is_some_and(|host| workshop.exceptions.names(host)));
        if own.request == SourceRequest::default() && !named_private {
            continue;
        }
        let wrong = |key: &str, reason: &'static str| Error::SourceRequest { name: name.clone(), key: key.to_owned(), reason };
        let mut party = Party::of(own, wrong)?;
        if let Some(proxy) = &own.request.proxy {
            let client = match clients.get(proxy) {
                Some(client) => client.clone(),
                None => {
                    let client = proxied(workshop, proxy, wrong)?;
                    clients.insert(proxy.clone(), client.clone());
                    client
                }
            };
            party.proxied = Some(client);
        }
        parties.insert(name.clone(), Arc::new(party));
    }
    Ok(parties)
}

/// A client through a proxy. The proxy itself may be private: the operator named it.
fn proxied(workshop: &Workshop<'_>, proxy: &Secret, wrong: impl Fn(&str, &'static str) -> Error) -> Result<Client, Error> {
    const EXPECTED: &str = "is no proxy; expected http://HOST:PORT, socks5://HOST:PORT or socks5h://HOST:PORT";
    let url: Url = proxy.reveal().parse().map_err(|_| wrong("proxy", EXPECTED))?;
    let known = matches!(url.scheme(), "http" | "socks5" | "socks5h") && matches!(url.path(), "" | "/");
    let host = url.host_str().filter(|host| known && !host.is_empty()).ok_or_else(|| wrong("proxy", EXPECTED))?;
    // What the library says of it could repeat the credentials in it.
    let through = Proxy::all(proxy.reveal()).map_err(|_| wrong("proxy", EXPECTED))?;
    workshop.client(Exceptions::with(workshop.exceptions, host), Some(through))
}

impl Party {
    fn of(own: &Own, wrong: impl Fn(&str, &'static str) -> Error) -> Result<Party, Error> {
        let mut party = Party { dress: dress(&own.request, wrong)?, ..Party::default() };
        for url in &own.addresses {
            let Some(host) = url.host_str() else { continue };
            party.named.insert(bare(host));
            party.origins.push(Origin {
                host: bare(host),
                port: url.port(),
                domain: Some(address::registrable_domain(url)),
                secure: url.scheme() == "https",
            });
        }
        let secure = own.addresses.iter().all(|url| url.scheme() == "https");
        for (host, port) in own.request.hosts.iter().filter_map(|entry| super::guard::split(entry)) {
            party.named.insert(host.clone());
            party.origins.push(Origin { host, port, domain: None, secure });
        }
        Ok(party)
    }

    /// Whether the operator named this host for the source.
    pub(super) fn names(&self, url: &Url) -> bool {
        url.host_str().is_some_and(|host| self.named.contains(&bare(host)))
    }

    /// Whether an address is the source's own: a host it names, or one of the same registrable domain at its usual port.
    /// What was named with https is not the source's own without it.
    pub(super) fn owns(&self, url: &Url) -> bool {
        let Some(host) = url.host_str().map(bare) else { return false };
        let is_secure = url.scheme() == "https";
        self.origins.iter().filter(|origin| is_secure || !origin.secure).any(|origin| {
            let same_domain = || url.port().is_none() && origin.domain.as_ref() == Some(&address::registrable_domain(url));
            origin.host == host && origin.port == url.port() || same_domain()
        })
    }

    /// What a request to the source's own carries.
    pub(super) fn dress(&self) -> &HeaderMap {
        &self.dress
    }

    pub(super) fn proxied(&self) -> Option<&Client> {
        self.proxied.as_ref()
    }
}

/// The header fields of a source's requests, marked so that no dump of them shows their values.
fn dress(request: &SourceRequest, wrong: impl Fn(&str, &'static str) -> Error) -> Result<HeaderMap, Error> {
    const NO_VALUE: &str = "cannot stand in a header field; it may have one line of printable characters";
    let mut fields = HeaderMap::new();
    let value = |key: &str, value: &Secret| {
        let mut value = HeaderValue::from_str(value.reveal()).map_err(|_| wrong(key, NO_VALUE))?;
        value.set_sensitive(true);
        Ok::<_, Error>(value)
    };
    for (name, secret) in &request.headers {
        let key = format!("headers.{name}");
        let field = HeaderName::from_bytes(name.as_bytes()).ok().filter(|_| is_free_field(name));
        let field = field.ok_or_else(|| wrong(&key, "is no header field that can be set"))?;
        fields.append(field, value(&key, secret)?);
    }
    for (field, key, secret) in [(COOKIE, "cookies", &request.cookies), (USER_AGENT, "user_agent", &request.user_agent)] {
        if let Some(secret) = secret {
            fields.insert(field, value(key, secret)?);
        }
    }
    if request.username.is_some() || request.password.is_some() {
        fields.insert(AUTHORIZATION, basic(request).ok_or_else(|| wrong("username", "has a colon or a line break in it"))?);
    }
    Ok(fields)
}

/// The field for basic authentication, as the client itself would write it.
fn basic(request: &SourceRequest) -> Option<HeaderValue> {
    let username = request.username.as_ref().map_or("", Secret::reveal);
    // A colon ends the name (RFC 7617 §2).
    if username.contains(':') || username.contains(char::is_control) {
        return None;
    }
    let built = Client::new().get("http://localhost/").basic_auth(username, request.password.as_ref().map(Secret::reveal)).build();
    let mut value = built.ok()?.headers_mut().remove(AUTHORIZATION)?;
    value.set_sensitive(true);
    Some(value)
}
