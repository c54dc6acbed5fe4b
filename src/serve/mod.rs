//! The listener: `/livez` and `/readyz` for whoever watches the daemon, callbacks for hubs. It decides nothing.
//!
//! Live means that the process answers; ready means that the ledger does too. Only loopback names
//! are accepted as `Host`, so that no page in a browser can reach it by rebinding a name; a callback also answers to the name that hubs know.

mod hub;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::store::StoreHandle;

use hub::Callbacks;

pub use hub::{Hubs, Share};

/// An answer.
type Answer = Response<Full<Bytes>>;

/// Connections at once; more wait in the kernel's queue. Hubs have a [`Share`] of them.
const CONNECTIONS: usize = 32;
/// A client gets this long for its request.
const REQUEST: Duration = Duration::from_secs(5);
/// A connection lives no longer than this.
const CONNECTION: Duration = Duration::from_secs(30);
/// The ledger gets this long to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// Why nothing can be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be listened on.
    #[error("serve.listen: cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Listens, and answers until `stop`. The address bound (its port may have been 0) is returned at once.
pub async fn serve(
    address: SocketAddr,
    store: StoreHandle,
    hubs: Option<Hubs>,
    stop: CancellationToken,
) -> Result<SocketAddr, Error> {
    let listener = TcpListener::bind(address).await.map_err(|source| Error::Listen { address, source })?;
    let bound = listener.local_addr().unwrap_or(address);
    let callbacks = hubs.map(|hubs| Callbacks::new(hubs, store.clone()));
    tokio::spawn(accept(listener, store, callbacks, stop));
    Ok(bound)
}

/// Takes connections, a bounded number at a time.
async fn accept(listener: TcpListener, store: StoreHandle, callbacks: Option<Callbacks>, stop: CancellationToken) {
    let seats = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(seat) = seats.clone().acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file handles, most likely: the news goes first.
            time::sleep(Duration::from_millis(200)).await;
            continue;
        };
        let (store, callbacks) = (store.clone(), callbacks.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(request, store.clone(), callbacks.clone()));
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(REQUEST).max_headers(64).max_buf_size(16 << 10);
            // A client that breaks off is its own business.
            let _ = time::timeout(CONNECTION, http.serve_connection(TokioIo::new(stream), service)).await;
            drop(seat);
        });
    }
}

/// Answers one request.
async fn answer(request: Request<Incoming>, store: StoreHandle, callbacks: Option<Callbacks>) -> Result<Answer, Infallible> {
    if let Some(callbacks) = callbacks
        && let Some(path) = hub::callback(request.uri().path()).map(str::to_owned)
        && request.headers().get(HOST).is_none_or(|host| is_local(host) || callbacks.is_own(host))
    {
        return Ok(callbacks.answer(&path, request).await);
    }
    if !request.headers().get(HOST).is_none_or(is_local) {
        return Ok(reply(StatusCode::MISDIRECTED_REQUEST, "this listener answers to loopback names only"));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(reply(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD"));
    }
    Ok(match request.uri().path() {
        "/livez" => reply(StatusCode::OK, "live"),
        "/readyz" => match time::timeout(ANSWER, store.beat()).await {
            Ok(Ok(())) => reply(StatusCode::OK, "ready"),
            Ok(Err(error)) => reply(StatusCode::SERVICE_UNAVAILABLE, error.class()),
            Err(_) => reply(StatusCode::SERVICE_UNAVAILABLE, "the ledger does not answer"),
        },
        _ => reply(StatusCode::NOT_FOUND, "/livez and /readyz are served"),
    })
}

/// A short text.
fn reply(status: StatusCode, text: &str) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from(format!("{text}\n"))));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// Whether a `Host` is an address or `localhost`, with or without a port.
fn is_local(host: &HeaderValue) -> bool {
    let Ok(host) = host.to_str() else { return false };
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name);
    name.eq_ignore_ascii_case("localhost") || name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>().is_ok()
}
