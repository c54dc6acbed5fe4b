//! The callbacks of WebSub hubs (§5.3 verification of intent, §7 content distribution).
//!
//! A callback's path ends in 128 random bits that only its hub was told. A body counts only when it is signed with the
//! subscription's secret; then it is a row before it is acknowledged. Whatever is too much is refused in a way that makes
//! hubs come again.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use ring::hmac;
use tokio::sync::{Notify, Semaphore};
use tokio::time;

use crate::model::{Pushed, Secret, Taken, Timestamp, Url, Verification, VerificationMode};
use crate::observe::{Count, Tally};
use crate::store::StoreHandle;

use super::{Answer, reply};

/// Hexadecimal digits of the last part of a callback's path.
const PATH: usize = 32;
/// What finds no place is to come again after this time, seconds.
const COME_AGAIN: u64 = 60;
/// Longest challenge that is echoed.
const CHALLENGE: usize = 1024;

/// What the listener needs to answer hubs.
#[derive(Clone)]
pub struct Hubs {
    /// The host of `websub.callback`, which a reverse proxy may pass on as `Host`.
    pub host: String,
    /// Largest body.
    pub max_body: u64,
    /// The present.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Rung when a body waits for the poll lane.
    pub bell: Arc<Notify>,
    /// What is counted.
    pub tally: Arc<Tally>,
    /// How much of the listener hubs may take.
    pub share: Share,
}

/// How much of the listener hubs may take, so that who watches the daemon always finds a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Requests at the same time; fewer than there are connections.
    pub requests: usize,
    /// Bodies in memory at the same time.
    pub bodies: usize,
    /// A body has to come within this time.
    pub patience: Duration,
}

impl Default for Share {
    fn default() -> Share {
        Share { requests: 24, bodies: 4, patience: Duration::from_secs(10) }
    }
}

/// The hubs' side of the listener.
#[derive(Clone)]
pub(super) struct Callbacks {
    pub(super) hubs: Hubs,
    store: StoreHandle,
    requests: Arc<Semaphore>,
    bodies: Arc<Semaphore>,
}

/// The random part of a path, when the path is one of a callback.
pub(super) fn callback(path: &str) -> Option<&str> {
    let last = path.rsplit('/').next()?;
    (last.len() == PATH && last.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))).then_some(last)
}

impl Callbacks {
    pub(super) fn new(hubs: Hubs, store: StoreHandle) -> Callbacks {
        let (requests, bodies) = (Arc::new(Semaphore::new(hubs.share.requests)), Arc::new(Semaphore::new(hubs.share.bodies)));
        Callbacks { hubs, store, requests, bodies }
    }

    /// Whether the proxy passed the callback's own host on.
    pub(super) fn is_own(&self, host: &HeaderValue) -> bool {
        let Ok(host) = host.to_str() else { return false };
        let name =
            host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name);
        name.eq_ignore_ascii_case(&self.hubs.host)
    }

    /// Answers a hub, and ends the connection: one that is kept is a place that is taken.
    pub(super) async fn answer(&self, path: &str, request: Request<Incoming>) -> Answer {
        let mut answer = match self.requests.clone().try_acquire_owned() {
            Ok(_place) => self.serve(path, request).await,
            Err(_) => come_again("too many requests at once"),
        };
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        answer
    }

    async fn serve(&self, path: &str, request: Request<Incoming>) -> Answer {
        match *request.method() {
            Method::GET => self.verify(path, request.uri().query().unwrap_or_default()).await,
            Method::POST => self.take(path, request).await,
            _ => reply(StatusCode::METHOD_NOT_ALLOWED, "only GET and POST"),
        }
    }

    /// A hub asks whether we asked it.
    async fn verify(&self, path: &str, query: &str) -> Answer {
        let Some((said, challenge)) = verification(path, query) else {
            return reply(StatusCode::BAD_REQUEST, "no verification of WebSub");
        };
        let (now, denied) = ((self.hubs.clock)(), said.mode == VerificationMode::Denied);
        match time::timeout(super::ANSWER, self.store.write(move |ledger| ledger.verify_hub(&said, now))).await {
            Ok(Ok(true)) if denied => reply(StatusCode::OK, "noted"),
            Ok(Ok(true)) => echo(challenge),
            Ok(Ok(false)) => reply(StatusCode::NOT_FOUND, "nobody asked for that"),
            Ok(Err(_)) | Err(_) => come_again("the ledger does not answer"),
        }
    }

    /// A hub delivers.
    async fn take(&self, path: &str, request: Request<Incoming>) -> Answer {
        let own = path.to_owned();
        let secret = match time::timeout(super::ANSWER, self.store.read(move |ledger| ledger.hub_secret(&own))).await {
            Ok(Ok(Some(secret))) => secret,
            // Gone ends what a hub may still believe in (§7).
            Ok(Ok(None)) => return reply(StatusCode::GONE, "nobody is subscribed here"),
            Ok(Err(_)) | Err(_) => return come_again("the ledger does not answer"),
        };
        let said = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if said.is_some_and(|said| said > self.hubs.max_body) {
            return reply(StatusCode::PAYLOAD_TOO_LARGE, "larger than fetch.max_body");
        }
        let Ok(_place) = self.bodies.clone().try_acquire_owned() else { return come_again("too many bodies at once") };
        let (head, body) = request.into_parts();
        let limit = usize::try_from(self.hubs.max_body).unwrap_or(usize::MAX);
        let body = match time::timeout(self.hubs.share.patience, Limited::new(body, limit).collect()).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
                return reply(StatusCode::PAYLOAD_TOO_LARGE, "larger than fetch.max_body");
            }
            Ok(Err(_)) => return reply(StatusCode::BAD_REQUEST, "the body broke off"),
            Err(_) => return reply(StatusCode::REQUEST_TIMEOUT, "the body came too slowly"),
        };
        // What is not signed as agreed is ignored, and acknowledged all the same (§8): nothing is to be learnt here.
        if !is_signed(&head.headers, &secret, &body) {
            self.hubs.tally.add(Count::PushesForged, 1);
            tracing::warn!("a delivery without the right signature was dropped");
            return reply(StatusCode::ACCEPTED, "received");
        }
        self.keep(path, &head.headers, body).await
    }

    /// Makes a row of a body; only then it is received.
    async fn keep(&self, path: &str, head: &HeaderMap, body: Bytes) -> Answer {
        let content_type =
            head.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(|text| text.chars().take(256).collect());
        let pushed = Pushed { path: path.to_owned(), content_type, body: body.into() };
        let now = (self.hubs.clock)();
        match time::timeout(super::ANSWER, self.store.write(move |ledger| ledger.take_delivery(&pushed, now))).await {
            Ok(Ok(Taken::Kept)) => {
                self.hubs.tally.add(Count::Pushes, 1);
                self.hubs.bell.notify_one();
                reply(StatusCode::ACCEPTED, "received")
            }
            Ok(Ok(Taken::Known)) => reply(StatusCode::ACCEPTED, "received"),
            Ok(Ok(Taken::Unknown)) => reply(StatusCode::GONE, "nobody is subscribed here"),
            Ok(Ok(Taken::Full)) => {
                self.hubs.tally.add(Count::PushesDeferred, 1);
                come_again("too much is waiting")
            }
            Ok(Err(_)) | Err(_) => come_again("the ledger does not answer"),
        }
    }
}

/// What a hub asks or says, with its challenge.
fn verification(path: &str, query: &str) -> Option<(Verification, String)> {
    let asked = Url::parse(&format!("callback:?{query}")).ok()?;
    let value = |name: &str| asked.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let mode = match value("hub.mode")?.as_str() {
        "subscribe" => VerificationMode::Subscribe,
        "unsubscribe" => VerificationMode::Unsubscribe,
        "denied" => VerificationMode::Denied,
        _ => return None,
    };
    let challenge = value("hub.challenge").unwrap_or_default();
    if mode != VerificationMode::Denied && (challenge.is_empty() || challenge.len() > CHALLENGE) {
        return None;
    }
    let lease = value("hub.lease_seconds").and_then(|text| text.parse::<u64>().ok()).map(Duration::from_secs);
    let reason = value("hub.reason").map(|text| text.chars().filter(|c| !c.is_control()).take(200).collect());
    Some((Verification { path: path.to_owned(), mode, topic: value("hub.topic")?, lease, reason }, challenge))
}

/// Whether a body is signed with the secret: `X-Hub-Signature: METHOD=HEX` (§7.1). SHA-1 is taken as well: large hubs know
/// nothing else, and as an HMAC it is unbroken.
fn is_signed(head: &HeaderMap, secret: &Secret, body: &[u8]) -> bool {
    let signature = head.get("x-hub-signature").and_then(|value| value.to_str().ok()).and_then(|value| value.split_once('='));
    let Some((method, digits)) = signature else { return false };
    let method = match method.trim().to_ascii_lowercase().as_str() {
        "sha1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        "sha256" => hmac::HMAC_SHA256,
        "sha384" => hmac::HMAC_SHA384,
        "sha512" => hmac::HMAC_SHA512,
        _ => return false,
    };
    let Some(tag) = bytes(digits.trim()) else { return false };
    hmac::verify(&hmac::Key::new(method, secret.0.as_bytes()), body, &tag).is_ok()
}

/// The bytes of hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || digits.len() > 128 || !digits.is_ascii() {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect()
}

/// The challenge, and nothing that a browser would make a page of.
fn echo(challenge: String) -> Answer {
    let mut answer = reply(StatusCode::OK, "");
    *answer.body_mut() = Bytes::from(challenge).into();
    answer.headers_mut().insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    answer
}

fn come_again(why: &str) -> Answer {
    let mut answer: Response<_> = reply(StatusCode::SERVICE_UNAVAILABLE, why);
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(COME_AGAIN));
    answer
}
