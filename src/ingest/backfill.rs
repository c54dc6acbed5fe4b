//! The begin of a backfill: what the ledger is told to walk.

use crate::address;
use crate::dedup;
use crate::feed;
use crate::model::{Fetched, HostState, Purpose, Request, Source, Span, Url, WalkOrder, WalkReason};
use crate::schedule;
use crate::store::{self, Begun};

use super::Context;

/// Takes a backfill into the ledger, or finds it there. A source of which nothing but feeds is known is looked for sitemaps in
/// the robots.txt of its sites; without a walk in the answer there is nothing that could be walked.
pub async fn begin_backfill(ctx: &Context, source: &Source, window: Span) -> store::Result<Begun> {
    let name = source.name.clone();
    let aside = ctx
        .store
        .read(move |ledger| match ledger.source_id(&name)? {
            Some(id) => ledger.put_aside(id),
            None => Ok(Vec::new()),
        })
        .await?;
    let revived = dedup::window::taken_up(aside, &window);
    let (reason, sitemaps, hosts) = (WalkReason::Backfill, Vec::new(), Vec::new());
    let order = WalkOrder { source: source.name.clone(), reason, window, sitemaps, revived, hosts };
    let begun = begin(ctx, order.clone()).await?;
    let name = source.name.clone();
    let feeds = ctx.store.read(move |ledger| ledger.feeds(Some(&name))).await?;
    if begun.walk.is_some() && !schedule::walk::wants_sitemaps(feeds.iter().map(|feed| feed.kind.as_str())) {
        return Ok(begun);
    }
    let (sitemaps, hosts) = named_by_robots(ctx, source).await?;
    if sitemaps.is_empty() {
        return Ok(begun);
    }
    begin(ctx, WalkOrder { sitemaps, hosts, ..order }).await
}

async fn begin(ctx: &Context, order: WalkOrder) -> store::Result<Begun> {
    let now = (ctx.clock)();
    ctx.store.write(move |ledger| ledger.begin_walk(&order, now)).await
}

/// The sitemaps that the robots.txt of the source's sites name, and what was learnt of their hosts. A site that does not answer
/// names none.
async fn named_by_robots(ctx: &Context, source: &Source) -> store::Result<(Vec<Url>, Vec<HostState>)> {
    let (mut found, mut hosts) = (Vec::new(), Vec::new());
    for robots in feed::discovery::robots_of(source.feeds.iter().map(|feed| &feed.url)) {
        let name = address::host_key(&robots);
        let host = ctx.store.read(move |ledger| ledger.host(&name)).await?;
        let request = Request { url: robots.clone(), validators: Default::default(), purpose: Purpose::Page };
        let (answer, host) = ctx.fetcher_of(&source.name).get(request, &host).await;
        if let Ok(Fetched::Document(document)) = answer {
            let text = String::from_utf8_lossy(&document.body);
            found.extend(feed::discovery::sitemaps(&robots, &text).into_iter().map(|candidate| candidate.url));
        }
        hosts.push(host);
    }
    Ok((found, hosts))
}
