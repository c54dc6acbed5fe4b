//! One article, be it in parts: its further pages are fetched like the first, as few as are needed.

use crate::article;
use crate::fetch::Fetcher;
use crate::model::{
    Article, Boilerplate, Document, Entry, Extracted, Failure, Fetched, HostState, Purpose, Request, Trouble, Url, Validators,
};

use super::{Clock, Extractor};

/// Bytes of all pages of one article.
const MOST_BYTES: usize = 32 << 20;
/// How long the further pages of one article may take; the lease of the claim goes on meanwhile.
const LONGEST_S: i64 = 60;
/// How often the reader may ask for more.
const ROUNDS: usize = 20;

/// By whom pages are fetched and read.
pub struct Means<'a> {
    /// The client, as the source's own.
    pub fetcher: Fetcher,
    /// The reader of pages.
    pub extractor: &'a Extractor,
    /// The present.
    pub clock: &'a Clock,
}

/// What came of an article's pages.
pub struct Pages {
    /// Those that were had, in order.
    pub pages: Vec<Document>,
    /// Whether these are all that were asked for.
    pub whole: bool,
    /// The article, or why there is none.
    pub read: Result<Article, Trouble>,
    /// What is known of the host now.
    pub host: HostState,
}

/// Reads an article off its page and the further pages that the reader asks for.
pub async fn read_whole(
    means: &Means<'_>,
    entry: &Entry,
    first: Document,
    host: HostState,
    rules: &article::Rules,
    learnt: &Boilerplate,
) -> Pages {
    let begun = (means.clock)();
    let mut host = host;
    let mut pages = vec![first];
    for _ in 0..ROUNDS {
        let (back, extracted) = means.extractor.read(pages, entry.clone(), rules.clone(), learnt.clone()).await;
        let Some(back) = back else {
            let read = Err(extracted.err().unwrap_or_else(too_many));
            return Pages { pages: Vec::new(), whole: true, read, host };
        };
        pages = back;
        let urls = match extracted {
            Ok(Extracted::Article(article)) => return had(pages, Ok(*article), host),
            Err(trouble) => return had(pages, Err(trouble), host),
            Ok(Extracted::Needs(urls)) => urls,
        };
        let mut given_up = false;
        for url in urls {
            let bytes: usize = pages.iter().map(|page| page.body.len()).sum();
            let now = (means.clock)();
            let in_time = now.as_second() - begun.as_second() < LONGEST_S;
            let page = if bytes < MOST_BYTES && in_time && !given_up {
                get(&means.fetcher, &pages[0], &url, &mut host).await
            } else {
                None
            };
            // What follows a page that could not be had is not asked for.
            given_up = page.is_none();
            pages.push(page.unwrap_or_else(|| article::missing_page(url, now)));
        }
    }
    had(pages, Err(too_many()), host)
}

/// One further page, under the manners of any page.
async fn get(fetcher: &Fetcher, first: &Document, url: &Url, host: &mut HostState) -> Option<Document> {
    if !fetcher.may_lead(&first.head.final_url, url) {
        return None;
    }
    let request = Request { url: url.clone(), validators: Validators::default(), purpose: Purpose::Page };
    let of_url = fetcher.manners(url).host;
    let (fetched, state) = if of_url == host.host {
        fetcher.get(request, host).await
    } else {
        let known = match host.met.iter().find(|known| known.host == of_url) {
            Some(known) => known.clone(),
            None => fetcher.known(url).await,
        };
        fetcher.get(request, &known).await
    };
    if state.host == host.host {
        *host = state;
    } else {
        host.meet(state);
    }
    match fetched {
        // The number behind the last part leads to the newest article, on some sites.
        Ok(Fetched::Document(document)) => Some(*document).filter(|page| article::is_further_page(&first.head.final_url, page)),
        Ok(Fetched::NotModified(_)) => None,
        Err(error) => {
            tracing::debug!(%url, %error, "a further page of an article could not be had");
            None
        }
    }
}

/// The pages without those that only stand for missing ones.
fn had(mut pages: Vec<Document>, read: Result<Article, Trouble>, host: HostState) -> Pages {
    let all = pages.len();
    pages.retain(|page| !article::is_missing_page(page));
    Pages { whole: pages.len() == all, pages, read, host }
}

fn too_many() -> Trouble {
    let reason = "the article comes in more parts than are read".to_owned();
    Trouble { failure: Failure::Persistent, class: "parts", reason }
}
