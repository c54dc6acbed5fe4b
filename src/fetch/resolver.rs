//! Names to addresses, through the guard: only what it lets pass is ever dialled.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::{self, Exceptions};

/// How a name becomes addresses; the system's resolver unless a caller brings another one.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The system's resolver.
pub(super) fn system_lookup() -> Lookup {
    Arc::new(|host| Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect()) }))
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
            let allowed: Vec<SocketAddr> = addresses
                .into_iter()
                .filter(|address| excepted || guard::is_public(*address))
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
