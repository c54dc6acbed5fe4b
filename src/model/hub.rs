//! WebSub: a hub tells what a feed would have to be asked for (W3C Recommendation of 23 January 2018).

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::{FeedId, HostState, Trouble};

/// The hub that a feed names, and the feed's name there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubOffer {
    /// `rel=hub`.
    pub hub: Url,
    /// `rel=self`: the topic.
    pub topic: Url,
}

/// What a poll wants of the feed's subscription.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum HubWish {
    /// It stays as it is.
    #[default]
    Keep,
    /// The feed is to be subscribed here; a subscription to the same topic at the same hub stays as it is.
    Subscribe(HubOffer),
    /// The feed names no hub any more, or the operator wants none: there is to be no subscription.
    Drop,
}

/// How far the pushes of a hub are trusted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trust {
    /// Pushes that could be read since the last miss.
    pub pushes: u32,
    /// Times that a poll found what no push had brought.
    pub misses: u32,
    /// When the feed would be asked if no hub told of it; no push brings its poll forward of that.
    pub due_at: Option<Timestamp>,
}

/// How a feed's subscription stands, as a claim of the feed brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Push {
    /// The end of the confirmed lease; `None`: not confirmed, denied or lost.
    pub active_until: Option<Timestamp>,
    /// How far its pushes are trusted.
    pub trust: Trust,
    /// When the feed itself was last asked.
    pub polled_at: Option<Timestamp>,
    /// When it is to be asked next, as planned so far.
    pub next_poll_at: Timestamp,
}

/// The row of a delivered body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeliveryId(pub i64);

/// A body that a hub delivered, verified when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its row.
    pub id: DeliveryId,
    /// The `Content-Type` field value.
    pub content_type: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
    /// The bytes.
    pub body: Vec<u8>,
}

/// What only a hub and we know: it signs what the hub delivers. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The right to ask a hub for one subscription.
#[derive(Debug, Clone)]
pub struct HubClaim {
    /// The feed.
    pub feed: FeedId,
    /// The attempt this is; an older one's commit writes nothing.
    pub epoch: i64,
    /// The source's name in the configuration.
    pub source_name: String,
    /// Where the feed is.
    pub feed_url: Url,
    /// The hub and the topic.
    pub offer: HubOffer,
    /// The last part of the callback's path: 128 random bits in hexadecimal digits.
    pub path: Secret,
    /// What the hub is to sign with.
    pub secret: Secret,
    /// Failures in a row so far.
    pub failures: u32,
    /// Manners towards the hub's host.
    pub host: HostState,
}

/// What a request for a subscription came to.
#[derive(Debug, Clone)]
pub enum HubOutcome {
    /// The hub took the request; it will ask back.
    Asked,
    /// It did not.
    Failed(Trouble),
}

/// Everything one request for a subscription wants written.
#[derive(Debug, Clone)]
pub struct HubCommit {
    /// What happened.
    pub outcome: HubOutcome,
    /// The host's manners as they are now.
    pub host: HostState,
    /// When it is asked again, unless the hub confirms before.
    pub next_at: Timestamp,
}

/// What a hub asks back (§5.3), or says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerificationMode {
    /// Whether we asked for the subscription.
    Subscribe,
    /// Whether we asked for its end.
    Unsubscribe,
    /// It will not serve us, or no longer (§5.2).
    Denied,
}

/// One request of a hub to a callback.
#[derive(Debug, Clone)]
pub struct Verification {
    /// The last part of the callback's path.
    pub path: String,
    /// What it is about.
    pub mode: VerificationMode,
    /// The topic it names.
    pub topic: String,
    /// How long the subscription will be served.
    pub lease: Option<Duration>,
    /// Why it is denied.
    pub reason: Option<String>,
}

/// A body as it came, its signature verified.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// The last part of the callback's path.
    pub path: String,
    /// The `Content-Type` field value.
    pub content_type: Option<String>,
    /// The bytes.
    pub body: Vec<u8>,
}

/// What became of a delivered body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It waits for the poll lane.
    Kept,
    /// The very bytes are there already.
    Known,
    /// There is no room now: the hub has to come again.
    Full,
    /// Nobody subscribed there.
    Unknown,
}
