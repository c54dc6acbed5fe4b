//! WebSub: a feed that names a hub is subscribed there, and what the hub delivers is read as a poll.

use crate::feed;
use crate::model::{
    Delivery, Document, FeedClaim, FeedKind, Head, Hints, HubClaim, HubCommit, HubOutcome, HubWish, PollCommit, PollOutcome,
    Validators,
};
use crate::schedule;
use crate::store;

use super::poll::{planned, read};
use super::{Context, trouble};

/// Reads what a hub delivered, as the poll would have; it vouches for nothing that was not delivered.
pub(super) async fn read_delivery(ctx: &Context, claim: &FeedClaim, delivery: &Delivery) -> store::Result<PollCommit> {
    let head = Head {
        status: 200,
        final_url: claim.url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: delivery.received_at,
        fields: Vec::new(),
    };
    let document = Document {
        url: claim.url.clone(),
        head,
        content_type: delivery.content_type.clone(),
        content_language: None,
        body: delivery.body.clone(),
        complete: true,
    };
    let outcome = read(ctx, claim, document).await?;
    let mut commit = planned(ctx, claim, outcome, claim.host.clone());
    // A hub may leave out of its document what the feed says of itself.
    commit.rhythm.hints.clone_from(&claim.rhythm.hints);
    Ok(commit)
}

/// What a poll wants of the feed's subscription.
pub(super) fn wish(ctx: &Context, claim: &FeedClaim, outcome: &PollOutcome, hints: &Hints) -> HubWish {
    if matches!(outcome, PollOutcome::Failed(_)) || claim.delivered.is_some() {
        return HubWish::Keep;
    }
    let is_named = claim.kind == FeedKind::Feed && !claim.place.found;
    let offer = feed::hub::offer(hints, &claim.url).filter(|_| is_named && ctx.rules.websub.is_some());
    match offer.filter(|offer| ctx.fetcher_of(&claim.source_name).may_lead(&claim.url, &offer.hub)) {
        Some(offer) => HubWish::Subscribe(offer),
        None => HubWish::Drop,
    }
}

/// Asks a hub for one subscription, or for its renewal.
pub async fn subscribe(ctx: &Context, claim: &HubClaim) -> HubCommit {
    let Some(callback) = ctx.rules.websub.as_ref() else {
        return HubCommit { outcome: HubOutcome::Asked, host: claim.host.clone(), next_at: (ctx.clock)() };
    };
    let callback = format!("{}/{}", callback.as_str().trim_end_matches('/'), claim.path.0);
    let lease = schedule::push::LEASE.as_secs().to_string();
    let form = [
        ("hub.mode", "subscribe"),
        ("hub.topic", claim.offer.topic.as_str()),
        ("hub.callback", callback.as_str()),
        ("hub.secret", claim.secret.0.as_str()),
        ("hub.lease_seconds", lease.as_str()),
    ];
    let (answer, host) = ctx.fetcher_of(&claim.source_name).post(&claim.offer.hub, &form, &claim.host).await;
    let (now, dice) = ((ctx.clock)(), (ctx.dice)());
    match answer {
        Ok(()) => HubCommit { outcome: HubOutcome::Asked, host, next_at: schedule::push::asked_again(claim.failures, now, dice) },
        Err(error) => {
            let trouble = trouble(error.failure(), error.class(), &error);
            let next_at = schedule::push::next_subscription(claim.failures, trouble.failure, now, dice);
            HubCommit { outcome: HubOutcome::Failed(trouble), host, next_at }
        }
    }
}
