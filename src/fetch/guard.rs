//! The guard: which addresses and ports a request may reach, decided on what is dialled.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::Url;

use super::Error;

/// Ports of services that are no web servers: the list of the Fetch standard and the data stores
/// that have been reached through feed readers before.
const OTHER_SERVICES: &[u16] = &[
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113,
    115, 117, 119, 123, 135, 137, 138, 139, 143, 161, 162, 179, 389, 427, 445, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540,
    548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389,
    3659, 4045, 4190, 5060, 5061, 5432, 5672, 5900, 5984, 6000, 6379, 6380, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 9042,
    9092, 9200, 9300, 10080, 10250, 11211, 11434, 27017, 27018, 50070,
];

/// The operator's exceptions: hosts that may be private, with the ports that may be asked there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Exceptions {
    /// Host to its ports; `None` among them stands for any port of the web.
    hosts: HashMap<String, Vec<Option<u16>>>,
}

impl Exceptions {
    /// Reads entries of the form `host`, `host:port`, `[v6]`, `[v6]:port`.
    pub(super) fn of(entries: &[String]) -> Result<Exceptions, Error> {
        let mut hosts: HashMap<String, Vec<Option<u16>>> = HashMap::new();
        for entry in entries {
            let (host, port) = split(entry).ok_or_else(|| Error::AllowPrivate { entry: entry.clone() })?;
            hosts.entry(host).or_default().push(port);
        }
        Ok(Exceptions { hosts })
    }

    /// These, and one more host at any port: for the name of a proxy, which nobody but its owner leads to.
    pub(super) fn with(others: &Exceptions, host: &str) -> Exceptions {
        let mut hosts = others.hosts.clone();
        hosts.entry(bare(host)).or_default().push(None);
        Exceptions { hosts }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.hosts.is_empty()
    }

    /// Whether a name may resolve to a private address at some port.
    pub(super) fn names(&self, host: &str) -> bool {
        self.hosts.contains_key(&bare(host))
    }

    /// Whether this very host and port may be private.
    pub(super) fn allow(&self, host: &str, port: u16) -> bool {
        self.hosts.get(&bare(host)).is_some_and(|ports| ports.iter().any(|allowed| allowed.is_none_or(|allowed| allowed == port)))
    }

    fn allow_service(&self, host: &str, port: u16) -> bool {
        self.hosts.get(&bare(host)).is_some_and(|ports| ports.contains(&Some(port)))
    }
}

/// Checks what can be seen of a URL before its name is resolved: scheme, host, port, literal address.
pub(super) fn check(url: &Url, exceptions: &Exceptions) -> Result<(), Error> {
    let (host, port) = match (url.scheme(), url.host_str(), url.port_or_known_default()) {
        ("http" | "https", Some(host), Some(port)) if !host.is_empty() => (host, port),
        _ => return Err(Error::Address { url: shown(url) }),
    };
    if OTHER_SERVICES.contains(&port) && !exceptions.allow_service(host, port) {
        return Err(Error::BlockedPort { host: host.to_owned(), port });
    }
    match literal(host) {
        Some(address) if !is_public(address) && !exceptions.allow(host, port) => Err(blocked(url, &address)),
        _ => Ok(()),
    }
}

/// The error for a URL that leads to an address which is not public.
pub(super) fn blocked(url: &Url, address: &IpAddr) -> Error {
    let host = url.host_str().unwrap_or_default().to_owned();
    Error::Blocked { host, port: url.port_or_known_default().unwrap_or_default(), address: address.to_string() }
}

/// Whether an address belongs to the public Internet (IANA special-purpose registries, RFC 6890),
/// seen through the forms that carry an IPv4 address inside.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224.., _, _) // this network, private, loopback, multicast and reserved, broadcast
            | (100, 64..=127, _) // shared by carriers (RFC 6598)
            | (169, 254, _) // link-local, the metadata services of clouds among them
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2) // protocol assignments, documentation
            | (192, 88, 99) // 6to4 relays
            | (198, 18 | 19, _) // benchmarks
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b) {
        // NAT64 with its well-known prefix (RFC 6052): as public as what it leads to.
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => embedded(g, h),
        // 6to4 (RFC 3056).
        (0x2002, _) => embedded(b, c),
        // Teredo (RFC 4380): server, and client with its bits turned over.
        (0x2001, 0) => embedded(c, d) && embedded(!g, !h),
        // ORCHID, benchmarks, documentation, and what else is assigned to protocols.
        (0x2001, 0x1..=0x1ff | 0xdb8) | (0x3fff, 0..=0xfff) => false,
        // Global unicast; everything else is loopback, mapped, compatible, local, link-local, multicast or unassigned.
        _ => (0x2000..=0x3fff).contains(&a),
    }
}

/// The address that a URL's host spells out, if it is no name.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    bare(host).parse().ok()
}

/// A URL for a message: without credentials, and not longer than a line.
pub(super) fn shown(url: &Url) -> String {
    const LONGEST: usize = 200;
    let mut url = url.clone();
    // Both fail only where there can be no credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    if url.as_str().len() > LONGEST && url.query().is_some() {
        url.set_query(Some("…"));
    }
    let text = url.as_str();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.replace("?%E2%80%A6", "?…"),
    }
}

/// A host without brackets, trailing dot and upper case.
pub(super) fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}

/// The host and the port of an entry `host`, `host:port`, `[v6]` or `[v6]:port`.
pub(super) fn split(entry: &str) -> Option<(String, Option<u16>)> {
    let entry = entry.trim();
    // A bare IPv6 address is full of colons and has no port.
    if let Ok(address) = entry.parse::<IpAddr>() {
        return Some((address.to_string(), None));
    }
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
        _ => (entry, None),
    };
    let host = match host.strip_prefix('[') {
        Some(inside) => inside.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?.to_string(),
        None => bare(host),
    };
    let is_host = !host.is_empty() && !host.contains(['/', '@', ' ', '*']);
    is_host.then_some((host, port))
}
