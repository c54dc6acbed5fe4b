//! One poll of one feed.

use crate::dedup;
use crate::feed;
use crate::fetch::Hold;
use crate::model::{
    Assume, Diagnostic, Document, EntryKey, Failure, Feed, FeedClaim, FeedKind, Fetched, HostState, KnownEntries, PollCommit,
    PollOutcome, PollRead, Purpose, Request, SourceId, Timestamp, Trouble,
};
use crate::schedule;
use crate::store;

use super::{Context, discovery, trouble, unfetched, walk, websub};

/// One poll of one feed, from claim to what is to be committed.
pub async fn poll(ctx: &Context, claim: &FeedClaim) -> store::Result<PollCommit> {
    if claim.kind == FeedKind::Home {
        return discovery::poll_home(ctx, claim).await;
    }
    if let Some(delivery) = &claim.delivered {
        return websub::read_delivery(ctx, claim, delivery).await;
    }
    let request = Request { url: claim.url.clone(), validators: claim.validators.clone(), purpose: purpose(claim) };
    let fetcher = ctx.fetcher_of(&claim.source_name);
    let (fetched, host, hold) = match claim.kind {
        FeedKind::Sitemap | FeedKind::Archive => fetcher.get_large(request, &claim.host).await,
        FeedKind::Feed | FeedKind::Home => fetcher.get_held(request, &claim.host).await,
    };
    let outcome = match fetched {
        Ok(Fetched::NotModified(head)) => PollOutcome::Unchanged(head),
        Ok(Fetched::Document(document)) => {
            // A file that is packed grows when it is read; what is large and what is read of it are in memory together.
            let is_held = hold.as_ref().is_some_and(Hold::is_large);
            let _unpacked = if !is_held && feed::is_packed(&document) { ctx.fetcher.hold().await } else { None };
            read(ctx, claim, *document).await?
        }
        Err(error) => PollOutcome::Failed(unfetched(&error)),
    };
    Ok(planned(ctx, claim, outcome, host))
}

/// What is committed for a feed whose poll came to no commit of its own: a panic, or a commit the ledger refused.
pub fn broken_poll(ctx: &Context, claim: &FeedClaim, class: &'static str, why: &str) -> PollCommit {
    let trouble = Trouble { failure: Failure::Persistent, class, reason: format!("{class}: {why}") };
    planned(ctx, claim, PollOutcome::Failed(trouble), claim.host.clone())
}

/// An outcome with what it means for the next poll.
pub(super) fn planned(ctx: &Context, claim: &FeedClaim, outcome: PollOutcome, host: HostState) -> PollCommit {
    let polled_at = (ctx.clock)();
    // A named feed on its rhythm, a found page when something names it again.
    let (policy, dice) = (&ctx.rules.schedule.on(&ctx.rules.desk(&claim.source_name).terms), (ctx.dice)());
    let next = match claim.place.found {
        true => schedule::next_page(policy, &claim.rhythm, &claim.place, claim.failures, &outcome, polled_at, dice),
        false => schedule::next_poll(policy, &claim.rhythm, claim.failures, &outcome, polled_at, dice),
    };
    let hints = match &outcome {
        PollOutcome::Read(read) if claim.delivered.is_none() => &read.hints,
        _ => &claim.rhythm.hints,
    };
    let is_pushed = claim.delivered.is_some();
    let (next, trust) = schedule::push::with_push(claim.push.as_ref(), is_pushed, &outcome, next, hints, polled_at, dice);
    let mut rhythm = schedule::remember(policy, &claim.rhythm, &outcome, &next, polled_at);
    if claim.place.found {
        // A page that rests until something names it takes no part in the budget.
        rhythm.costs = Vec::new();
    }
    let (times, over) = ctx.fetcher.redirects_before_move();
    let agreement = schedule::Agreement { times: if claim.place.found { 0 } else { times }, over };
    let address = schedule::whereabouts(&mut rhythm, &outcome, claim.failures, claim.moved, agreement, polled_at);
    let hub = websub::wish(ctx, claim, &outcome, &rhythm.hints);
    let look_again = if claim.discovered { schedule::look_again(claim.failures, &outcome, polled_at) } else { None };
    PollCommit { outcome, host, polled_at, next, rhythm, met: Vec::new(), look_again, address, hub, trust }
}

/// The operator named a feed and thereby allowed it; where a stranger's document leads, robots.txt is asked.
fn purpose(claim: &FeedClaim) -> Purpose {
    if claim.place.found || claim.discovered { Purpose::Probe } else { Purpose::Feed }
}

/// From a document to what it means for the ledger.
pub(super) async fn read(ctx: &Context, claim: &FeedClaim, document: Document) -> store::Result<PollOutcome> {
    let body_hash = hash(&document.body);
    let head = document.head.clone();
    let document_complete = document.complete;
    if claim.body_hash == Some(body_hash) {
        return Ok(PollOutcome::Unchanged(head));
    }
    let mut feed = match parse(ctx, claim, document).await {
        Ok(feed) => feed,
        Err(trouble) => return Ok(PollOutcome::Failed(trouble)),
    };
    feed::hub::read_head(&mut feed.hints, &head.fields);
    let desk = ctx.rules.desk(&claim.source_name);
    let now = (ctx.clock)();
    let walking = walk::Walking::of(claim, &feed, document_complete, &desk.selection, now);
    let sifted = walking.sift(&mut feed);
    let source = claim.source;
    let mut known = known_entries(ctx, source, dedup::keys(&feed.entries, &desk.selection.tracking)).await?;
    // The first document of each feed is a look back; a source may get a further feed later.
    known.first_poll = claim.rhythm.polls == 0;
    known.lists_news = walking.lists_news();
    let listed = schedule::listed(&feed.entries, now);
    let entries = std::mem::take(&mut feed.entries);
    let mut triage = dedup::triage(claim.feed, entries, &known, &walking.selection(), now);
    walking.put_aside(&mut triage.fresh);
    let mut pages = walking.pages(ctx, &mut feed, &sifted, &triage.fresh).await?;
    let named = pages.next.len();
    let fetcher = ctx.fetcher_of(&claim.source_name);
    pages.next.retain(|page| fetcher.may_lead(&claim.url, &page.url));
    if pages.next.len() < named {
        let (detail, count) = ("pages on private hosts, to which no public page leads", named - pages.next.len());
        feed.diagnostics.push(Diagnostic { step: "private-pages".into(), detail: detail.into(), count: count as u32 });
    }
    // What a hub delivers may be a part of the feed: it vouches for nothing and is no window.
    // A document cut short vouches for nothing: asked without validators, the rest comes next time.
    let vouched = claim.delivered.is_none() && document_complete && feed.complete && pages.left + pages.waiting == 0;
    // Only a named feed has a window that news could run out of; a sitemap or an archive is read for what it holds.
    let has_window = vouched && claim.kind == FeedKind::Feed && !claim.place.found;
    let stock = has_window.then(|| schedule::take_stock(&claim.rhythm, &listed, &triage.sights, now));
    let (window, gap) = stock.map_or((None, None), |(window, gap)| (Some(window), gap));
    Ok(PollOutcome::Read(Box::new(PollRead {
        validators: vouched.then(|| head.validators.clone()),
        body_hash: vouched.then_some(body_hash),
        head,
        title: feed.title,
        fresh: triage.fresh,
        changed: triage.changed,
        unchanged: triage.unchanged,
        refused: feed.refused,
        diagnostics: feed.diagnostics,
        bytes_lost: feed.bytes_lost,
        renamed: triage.renamed,
        completed: triage.completed,
        window,
        gap,
        hints: feed.hints,
        pages,
    })))
}

/// Keys that are asked for in one read: a reader's snapshot has a limit, and a sitemap may list fifty thousand pages.
const KEYS_A_READ: usize = 2_000;

/// What the ledger knows of a document's entries. What is written between two of the reads, the commit meets.
async fn known_entries(ctx: &Context, source: SourceId, mut keys: Vec<EntryKey>) -> store::Result<KnownEntries> {
    let mut known = KnownEntries::default();
    while !keys.is_empty() {
        let chunk = keys.split_off(keys.len().saturating_sub(KEYS_A_READ));
        let more = ctx.store.read(move |ledger| ledger.known_entries(source, &chunk)).await?;
        known.entries.extend(more.entries);
        known.pages.extend(more.pages);
    }
    Ok(known)
}

/// Reads the feed on the blocking pool; a reader that panics costs this poll, not the lane.
async fn parse(ctx: &Context, claim: &FeedClaim, document: Document) -> Result<Feed, Trouble> {
    let pages = ctx.rules.desk(&claim.source_name).pages;
    let seen_at: Timestamp = (ctx.clock)();
    let kind = claim.kind;
    let task = tokio::task::spawn_blocking(move || {
        let assume = Assume { timezone: pages.timezone.as_deref(), language: pages.language.as_deref(), seen_at };
        feed::parse(&document, &feed::Reading { kind, assume })
    });
    match task.await {
        Ok(Ok(feed)) => Ok(feed),
        Ok(Err(error)) => Err(trouble(error.failure(), error.class(), &error)),
        Err(_) => Err(Trouble {
            failure: Failure::Persistent,
            class: "crashed",
            reason: "crashed: the reader of the feed panicked".to_owned(),
        }),
    }
}

/// Names a body.
fn hash(body: &[u8]) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.copy_from_slice(&blake3::hash(body).as_bytes()[..16]);
    hash
}
