//! One article, be it in parts: its further pages are fetched like the first, as few as are needed.

use crate::article;
use crate::model::{
    Article, Boilerplate, Document, EntryClaim, Extracted, Failure, Fetched, HostState, Purpose, Request, Trouble, Url, Validators,
};

use super::Context;

/// Bytes of all pages of one article.
const MOST_BYTES: usize = 32 << 20;
/// How long the further pages of one article may take; the lease of the claim goes on meanwhile.
const LONGEST_S: i64 = 60;
/// How often the reader may ask for more.
const ROUNDS: usize = 20;

/// Reads an article off its page and the further pages that the reader asks for. The pages that were had, in order.
pub(super) async fn read(
    ctx: &Context,
    claim: &EntryClaim,
    first: Document,
    host: HostState,
    rules: &article::Rules,
    learnt: &Boilerplate,
) -> (Vec<Document>, Result<Article, Trouble>, HostState) {
    let begun = (ctx.clock)();
    let mut host = host;
    let mut pages = vec![first];
    for _ in 0..ROUNDS {
        let (back, extracted) = ctx.extractor.read(pages, claim.entry.clone(), rules.clone(), learnt.clone()).await;
        let Some(back) = back else {
            return (Vec::new(), Err(extracted.err().unwrap_or_else(too_many)), host);
        };
        pages = back;
        let urls = match extracted {
            Ok(Extracted::Article(article)) => return (had(pages), Ok(*article), host),
            Err(trouble) => return (had(pages), Err(trouble), host),
            Ok(Extracted::Needs(urls)) => urls,
        };
        for url in urls {
            let bytes: usize = pages.iter().map(|page| page.body.len()).sum();
            let now = (ctx.clock)();
            let in_time = now.as_second() - begun.as_second() < LONGEST_S;
            // What follows a page that could not be had is not asked for.
            let given_up = pages.iter().any(article::is_missing_page);
            let page = if bytes < MOST_BYTES && in_time && !given_up { get(ctx, &pages[0], &url, &mut host).await } else { None };
            pages.push(page.unwrap_or_else(|| article::missing_page(url, now)));
        }
    }
    (had(pages), Err(too_many()), host)
}

/// One further page, under the manners of any page.
async fn get(ctx: &Context, first: &Document, url: &Url, host: &mut HostState) -> Option<Document> {
    if !ctx.fetcher.may_lead(&first.head.final_url, url) {
        return None;
    }
    let request = Request { url: url.clone(), validators: Validators::default(), purpose: Purpose::Page };
    let manners = ctx.fetcher.manners(url);
    let (fetched, state) =
        if manners.host == host.host { ctx.fetcher.get(request, host).await } else { ctx.fetcher.get(request, &manners).await };
    if state.host == host.host {
        *host = state;
    }
    match fetched {
        Ok(Fetched::Document(document)) => Some(*document),
        Ok(Fetched::NotModified(_)) => None,
        Err(error) => {
            tracing::debug!(%url, %error, "a further page of an article could not be had");
            None
        }
    }
}

/// The pages without those that only stand for missing ones.
fn had(pages: Vec<Document>) -> Vec<Document> {
    pages.into_iter().filter(|page| !article::is_missing_page(page)).collect()
}

fn too_many() -> Trouble {
    let reason = "the article comes in more parts than are read".to_owned();
    Trouble { failure: Failure::Persistent, class: "parts", reason }
}
