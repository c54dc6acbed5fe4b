//! Names to addresses, through the guard: only what it lets pass is ever dialled.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use hickory_resolver::config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::{ResolverBuilder, TokioResolver};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::{self, Exceptions};

/// How a name becomes addresses. What does not exist is an error of the kind `NotFound`.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Most addresses of one name that are tried, of each family: a name with a thousand of them is no invitation.
const MOST_ADDRESSES: usize = 4;
/// Most answers of name servers that are remembered.
const REMEMBERED: u64 = 4096;
/// Longest time that an answer is believed, whatever its TTL says.
const LONGEST_TTL: Duration = Duration::from_secs(6 * 3600);
/// Longest time that a name is believed not to exist.
const LONGEST_ABSENCE: Duration = Duration::from_secs(60);
/// Shortest: a name that does not exist is not asked for by every link to it.
const SHORTEST_ABSENCE: Duration = Duration::from_secs(5);
/// How long a name server may take, and how often it is asked.
const PATIENCE: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 2;

/// The system's resolver, which knows more kinds of names than those of the Internet, and remembers none.
pub fn system_lookup() -> Lookup {
    Arc::new(|host| Box::pin(ask_system(host)))
}

/// Name servers of one's own choice.
pub fn name_servers(servers: &[SocketAddr]) -> Lookup {
    let servers: Vec<NameServerConfig> = servers
        .iter()
        .map(|server| {
            let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
            (udp.port, tcp.port) = (server.port(), server.port());
            NameServerConfig::new(server.ip(), true, vec![udp, tcp])
        })
        .collect();
    asking(move || {
        let config = ResolverConfig::from_parts(None, Vec::new(), servers.clone());
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
    })
}

/// The name servers that the system names, with its own resolver for what they cannot answer.
pub(super) fn default_lookup() -> Lookup {
    let servers = asking_if(|| TokioResolver::builder_tokio().ok());
    Arc::new(move |host| {
        let asked = if is_of_this_net(&host) { None } else { Some(servers(host.clone())) };
        Box::pin(async move {
            match asked {
                None => ask_system(host).await,
                Some(asked) => match asked.await {
                    // Servers that do not answer, or that nobody names, are not the only way of every machine.
                    Err(error) if error.kind() != io::ErrorKind::NotFound => ask_system(host).await,
                    answer => answer,
                },
            }
        })
    })
}

/// Names that no name server of the Internet knows.
fn is_of_this_net(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    !host.contains('.') || host.ends_with(".local") || host.ends_with(".localhost")
}

async fn ask_system(host: String) -> io::Result<Vec<IpAddr>> {
    Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
}

fn asking(builder: impl Fn() -> ResolverBuilder<TokioRuntimeProvider> + Send + Sync + 'static) -> Lookup {
    asking_if(move || Some(builder()))
}

/// Asks name servers, and remembers what they said for as long as they said. The resolver is made when it is first needed.
fn asking_if(builder: impl Fn() -> Option<ResolverBuilder<TokioRuntimeProvider>> + Send + Sync + 'static) -> Lookup {
    let made: Arc<OnceLock<Option<TokioResolver>>> = Arc::default();
    Arc::new(move |host| {
        let resolver = made.get_or_init(|| resolver(builder()?)).clone();
        Box::pin(async move {
            let Some(resolver) = resolver else { return Err(io::Error::other("there is no name server")) };
            // The last dot keeps the names of this net from being tried behind it.
            let name = if host.ends_with('.') { host } else { format!("{host}.") };
            match resolver.lookup_ip(name).await {
                Ok(found) => {
                    let mut addresses: Vec<IpAddr> = found.iter().collect();
                    // IPv6 has a start of a moment, and no more when it leads nowhere (RFC 8305 §4, §5).
                    addresses.sort_by_key(IpAddr::is_ipv4);
                    Ok(addresses)
                }
                Err(error) if error.is_nx_domain() => Err(io::Error::new(io::ErrorKind::NotFound, "there is no such name")),
                Err(error) if error.is_no_records_found() => Err(io::Error::new(io::ErrorKind::NotFound, "it has no address")),
                Err(error) => Err(io::Error::other(error.to_string())),
            }
        })
    })
}

fn resolver(mut builder: ResolverBuilder<TokioRuntimeProvider>) -> Option<TokioResolver> {
    let options = builder.options_mut();
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.cache_size = REMEMBERED;
    options.positive_max_ttl = Some(LONGEST_TTL);
    options.negative_min_ttl = Some(SHORTEST_ABSENCE);
    options.negative_max_ttl = Some(LONGEST_ABSENCE);
    options.timeout = PATIENCE;
    options.attempts = ATTEMPTS;
    builder.build().ok()
}

/// The resolver of the client: since it is asked at every new connection and hands out checked
/// addresses only, a name that changes its mind between check and use gains nothing.
pub(super) struct Guarded {
    lookup: Lookup,
    /// Hosts that may be private; the front door has checked the port.
    exceptions: Exceptions,
}

impl Guarded {
    pub(super) fn new(lookup: Lookup, exceptions: Exceptions) -> Guarded {
        Guarded { lookup, exceptions }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let excepted = self.exceptions.names(&host);
        let found = (self.lookup)(host);
        Box::pin(async move {
            let addresses = found.await.map_err(Unresolved::Failed)?;
            let refused = addresses.iter().copied().find(|address| !guard::is_public(*address));
            let mut tried = [0, 0];
            let allowed: Vec<SocketAddr> = addresses
                .into_iter()
                .filter(|address| excepted || guard::is_public(*address))
                .filter(|address| {
                    let family = &mut tried[usize::from(address.is_ipv6())];
                    *family += 1;
                    *family <= MOST_ADDRESSES
                })
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            match (allowed.is_empty(), refused) {
                (true, Some(address)) => Err(BlockedName { address }.into()),
                (true, None) => Err(Unresolved::Empty.into()),
                (false, _) => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

/// A name that leads to private addresses only.
#[derive(Debug, thiserror::Error)]
#[error("the address {address} is not public")]
pub(super) struct BlockedName {
    pub(super) address: IpAddr,
}

/// A name without address.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unresolved {
    #[error("{0}")]
    Failed(io::Error),
    #[error("it has no address")]
    Empty,
}
