//! Discovery: from a home page to the feeds, sitemaps and hubs of its site, each asked for and read before it is offered.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::address;
use crate::feed;
use crate::feed::discovery::{self as finds, Candidate, Discovered, Find, Found, Listing, Site};
use crate::fetch::Fetcher;
use crate::model::{
    Assume, Document, Failure, FeedClaim, FeedKind, FeedSpec, Fetched, HostState, PollCommit, PollOutcome, Purpose, Request,
    SignedDuration, Timestamp, Trouble, Url, Validators,
};
use crate::schedule;
use crate::store::{self, StoreHandle};

use super::poll::planned;
use super::{Clock, Context, unfetched};

/// Most requests for one home page, the page itself among them; robots.txt comes on top, once a host.
pub const MOST_REQUESTS: usize = 24;
/// Of these, most that go to what the page declares, to anchors, to usual places, and to sitemaps.
const MOST_LINKS: usize = 8;
const MOST_ANCHORS: usize = 6;
const MOST_USUAL: usize = 12;
const MOST_SITEMAPS: usize = 5;
/// No probe begins later than this: a job has to end within its lease.
const PATIENCE: SignedDuration = SignedDuration::from_secs(90);
/// Pages about feeds that are followed.
const MOST_PAGES: usize = 2;

/// What a home page led to.
#[derive(Debug, Clone)]
pub struct Discovery {
    /// Where the page came from in the end.
    pub site: Url,
    /// The agency's name, as its page or its best feed gives it.
    pub agency: Option<String>,
    /// BCP 47 language.
    pub language: Option<String>,
    /// Feeds and sitemaps that answered and could be read, the best first.
    pub finds: Vec<Find>,
    /// WebSub hubs, of the page and the feeds.
    pub hubs: Vec<Url>,
    /// What was asked for in vain, with the reason.
    pub tried: Vec<(Url, String)>,
    /// The hosts' manners after all this.
    pub hosts: Vec<HostState>,
    /// When the last answer was in.
    pub at: Timestamp,
}

impl Discovery {
    /// What to follow: the best feed, and a news sitemap besides; the best news sitemap where there is no feed.
    pub fn chosen(&self) -> Vec<&Find> {
        finds::choose(&self.finds)
    }

    /// What was tried in vain, as one sentence.
    pub fn vain(&self) -> String {
        let hosts: HashSet<String> = self.tried.iter().map(|(url, _)| address::host_key(url)).collect();
        let first: Vec<String> = self.tried.iter().take(3).map(|(url, why)| format!("{url} ({why})")).collect();
        match self.tried.len() {
            0 => format!("no feed was found: {} links to none, and nothing else could be tried", self.site),
            count => format!(
                "no feed was found: {count} addresses on {} host{} were tried (what the page declares and links to, usual places, sitemaps of robots.txt), among them {}",
                hosts.len(),
                if hosts.len() == 1 { "" } else { "s" },
                first.join(", ")
            ),
        }
    }
}

/// Finds the feeds of a site, beginning at `home`: the page or a feed itself. At the hosts' pace, obeying their robots.txt.
pub async fn discover(fetcher: &Fetcher, clock: &Clock, home: &Url, host: &HostState) -> Result<Discovery, (Trouble, HostState)> {
    Search::new(fetcher, clock, home, host, None).run().await
}

/// One look at a home page: its feeds are discovered when none is known that answers, or a week after they were.
pub(super) async fn poll_home(ctx: &Context, claim: &FeedClaim) -> store::Result<PollCommit> {
    let name = claim.source_name.clone();
    let rows = ctx.store.read(move |ledger| ledger.feeds(Some(&name))).await?;
    let discovered_at =
        rows.iter().find(|row| row.url == claim.url.as_str()).and_then(|row| row.last_success_at.as_ref()?.parse().ok());
    let found = rows.iter().filter(|row| row.enabled && row.home.as_deref() == Some(claim.url.as_str()));
    let found: Vec<(FeedSpec, u32)> = found.filter_map(|row| Some((spec(row)?, row.failures.try_into().ok()?))).collect();
    let answers: Vec<(FeedKind, u32)> = found.iter().map(|(feed, failures)| (feed.kind, *failures)).collect();
    let now = (ctx.clock)();
    if let Some(discovered_at) = discovered_at.filter(|at| !schedule::is_discovery_due(*at, &answers, now)) {
        let next = schedule::next_discovery(discovered_at, now, (ctx.dice)());
        let planned = planned(ctx, claim, PollOutcome::Found(None), claim.host.clone());
        return Ok(PollCommit { next, rhythm: claim.rhythm.clone(), ..planned });
    }
    let current: Vec<FeedSpec> =
        found.into_iter().filter(|(_, failures)| schedule::does_answer(*failures)).map(|(feed, _)| feed).collect();
    let fetcher = ctx.fetcher_of(&claim.source_name);
    let search = Search::new(&fetcher, &ctx.clock, &claim.url, &claim.host, Some(&ctx.store));
    Ok(match search.run().await {
        Ok(discovery) => {
            let outcome = discovery.outcome(claim, &current);
            let (own, met) = discovery.hosts.into_iter().partition(|state| state.host == claim.host.host);
            let own: Vec<HostState> = own;
            let host = own.into_iter().next().unwrap_or_else(|| claim.host.clone());
            PollCommit { met, ..planned(ctx, claim, outcome, host) }
        }
        Err((trouble, host)) => planned(ctx, claim, PollOutcome::Failed(trouble), host),
    })
}

fn spec(row: &store::FeedRow) -> Option<FeedSpec> {
    let kind = if row.kind == FeedKind::Sitemap.as_str() { FeedKind::Sitemap } else { FeedKind::Feed };
    Some(FeedSpec { url: Url::parse(&row.url).ok()?, kind })
}

impl Discovery {
    fn outcome(&self, claim: &FeedClaim, current: &[FeedSpec]) -> PollOutcome {
        let failed =
            |class: &'static str, reason: String| PollOutcome::Failed(Trouble { failure: Failure::Persistent, class, reason });
        let follow = finds::follow(&self.finds, &self.tried, current);
        if follow.is_empty() {
            return failed("no_feed", self.vain());
        }
        match follow.iter().find(|find| find.url == claim.url) {
            Some(find) => {
                failed("not_a_home", format!("{} is a {} itself: name it so instead of home", find.url, find.kind.as_str()))
            }
            None => PollOutcome::Found(Some(follow)),
        }
    }
}

/// A search in progress.
struct Search<'a> {
    fetcher: &'a Fetcher,
    clock: &'a Clock,
    /// Where more is known of the hosts.
    ledger: Option<&'a StoreHandle>,
    /// The page as the operator names it.
    home: Url,
    site: Site,
    hosts: HashMap<String, HostState>,
    requests: usize,
    /// When patience ends.
    until: Timestamp,
    pages: usize,
    seen: HashSet<Url>,
    bodies: HashSet<[u8; 32]>,
    kept: Vec<Kept>,
    hubs: Vec<Url>,
    tried: Vec<(Url, String)>,
}

/// What is kept of a feed or sitemap that was read; the feeds of a site may be large.
struct Kept {
    find: Find,
    listing: Listing,
    language: Option<String>,
    hub: Option<Url>,
    /// The sitemaps of news that an index lists.
    news: Vec<Candidate>,
    /// An index, without entries of its own.
    is_mere_index: bool,
}

impl<'a> Search<'a> {
    fn new(fetcher: &'a Fetcher, clock: &'a Clock, home: &Url, host: &HostState, ledger: Option<&'a StoreHandle>) -> Search<'a> {
        Search {
            fetcher,
            clock,
            ledger,
            home: home.clone(),
            site: Site { url: home.clone(), language: None },
            hosts: HashMap::from([(host.host.clone(), host.clone())]),
            requests: 0,
            until: clock().checked_add(PATIENCE).unwrap_or(Timestamp::MAX),
            pages: 0,
            seen: HashSet::new(),
            bodies: HashSet::new(),
            kept: Vec::new(),
            hubs: Vec::new(),
            tried: Vec::new(),
        }
    }

    async fn run(mut self) -> Result<Discovery, (Trouble, HostState)> {
        let home = self.home.clone();
        let page = match self.get(&home, Purpose::Page).await {
            Ok(page) => page,
            Err(trouble) => return Err((trouble, self.state(&home).await)),
        };
        self.site.url = page.head.final_url.clone();
        self.seen.insert(page.head.final_url.clone());
        let own = Candidate { url: page.head.final_url.clone(), found: Found::Asked, title: None };
        if let Ok(kept) = self.read(own.clone(), &page).await {
            self.keep(own, &page.body, kept);
            return Ok(self.finish(Discovered::default()).await);
        }
        let site = self.site.url.clone();
        let robots = self.state(&site).await.robots.map(|robots| String::from_utf8_lossy(&robots).into_owned());
        let found = on_blocking(move || finds::discover(&page, robots.as_deref())).await.unwrap_or_default();
        if let Some(what) = &found.not_a_page {
            self.tried.push((site, format!("{what}, not a page")));
            return Ok(self.finish(Discovered::default()).await);
        }
        self.site.language.clone_from(&found.language);
        self.feeds(&found).await;
        self.sitemaps(&found).await;
        Ok(self.finish(found).await)
    }

    /// The manners of a URL's host: what was learnt here, else what the ledger knows. One that cannot be read now knows
    /// nothing; the commit will tell of its trouble.
    async fn state(&mut self, url: &Url) -> HostState {
        let host = address::host_key(url);
        if let Some(state) = self.hosts.get(&host) {
            return state.clone();
        }
        let name = host.clone();
        let known = match self.ledger {
            Some(ledger) => ledger.read(move |ledger| ledger.host(&name)).await.ok(),
            None => None,
        };
        let state = known.unwrap_or_else(|| HostState { host: host.clone(), ..HostState::default() });
        self.hosts.insert(host, state.clone());
        state
    }

    async fn get(&mut self, url: &Url, purpose: Purpose) -> Result<Arc<Document>, Trouble> {
        self.requests += 1;
        let request = Request { url: url.clone(), validators: Validators::default(), purpose };
        let state = self.state(url).await;
        let (answer, state) = self.fetcher.get(request, &state).await;
        // A redirect may have led to hosts that are others', each with a robots.txt of its own.
        let mut state = state;
        let met = std::mem::take(&mut state.met);
        self.hosts.extend(met.into_iter().chain([state]).map(|state| (state.host.clone(), state)));
        match answer {
            Ok(Fetched::Document(document)) => Ok(Arc::new(*document)),
            Ok(Fetched::NotModified(_)) => Err(Trouble {
                failure: Failure::Persistent,
                class: "not_asked",
                reason: "304 to an unconditional request".to_owned(),
            }),
            Err(error) => Err(unfetched(&error)),
        }
    }

    /// The document as a feed, on the blocking pool.
    async fn read(&self, candidate: Candidate, document: &Arc<Document>) -> Result<Kept, String> {
        let (seen_at, document, site) = ((self.clock)(), document.clone(), self.site.clone());
        let _hold = if feed::is_packed(&document) { self.fetcher.hold().await } else { None };
        let read = on_blocking(move || {
            let assume = Assume { timezone: None, language: None, seen_at };
            let reading = feed::Reading { kind: FeedKind::Feed, assume };
            let feed = feed::parse(&document, &reading).map_err(|error| error.to_string())?;
            let answered = &document.head.final_url;
            Ok(Kept {
                find: finds::read(&site, &candidate, answered, &feed, seen_at),
                listing: Listing::of(&feed),
                hub: feed.hints.hub.as_deref().and_then(|hub| address::resolve(Some(answered), hub)),
                news: finds::news_of_index(&feed),
                is_mere_index: !feed.children.is_empty() && feed.entries.is_empty(),
                language: feed.language,
            })
        });
        read.await.unwrap_or_else(|| Err("the reader of feeds crashed".to_owned()))
    }

    /// Feeds in the order of trust: declared ones; usual places and anchors only while there is no good one.
    async fn feeds(&mut self, found: &Discovered) {
        self.probe_all(&found.links, MOST_LINKS).await;
        if !self.has(FeedKind::Feed) {
            self.probe_all(&found.anchors, MOST_ANCHORS).await;
        }
        let mut left = MOST_USUAL;
        for candidate in &found.usual {
            if left == 0 || self.has(FeedKind::Feed) {
                break;
            }
            left -= usize::from(self.probe(candidate).await);
        }
    }

    /// Sitemaps that robots.txt names, else those at usual places, down to the news ones of an index.
    async fn sitemaps(&mut self, found: &Discovered) {
        let named = if found.sitemaps.is_empty() { &found.usual_sitemaps } else { &found.sitemaps };
        let mut left = MOST_SITEMAPS;
        for candidate in named {
            if left == 0 || self.has(FeedKind::Sitemap) {
                break;
            }
            left -= usize::from(self.probe(candidate).await);
            let children = self.kept.last().map(|kept| kept.news.clone()).unwrap_or_default();
            for child in children.iter().take(left.min(2)) {
                left -= usize::from(self.probe(child).await);
            }
        }
        // An index is a way to sitemaps, and nothing to poll beside one of them.
        if self.has(FeedKind::Sitemap) {
            self.kept.retain(|kept| !kept.is_mere_index);
        }
    }

    fn has(&self, kind: FeedKind) -> bool {
        self.kept.iter().any(|kept| kept.find.kind == kind && kept.find.rank.usable)
    }

    async fn probe_all(&mut self, candidates: &[Candidate], most: usize) {
        let mut left = most;
        for candidate in candidates {
            if left == 0 {
                return;
            }
            left -= usize::from(self.probe(candidate).await);
        }
    }

    /// Asks for a candidate; whether a request was spent. A page about feeds is followed, one step.
    async fn probe(&mut self, candidate: &Candidate) -> bool {
        let mut waiting = vec![candidate.clone()];
        let mut spent = false;
        while let Some(candidate) = waiting.pop() {
            if self.requests >= MOST_REQUESTS || (self.clock)() >= self.until || !self.seen.insert(candidate.url.clone()) {
                continue;
            }
            if !self.fetcher.may_lead(&self.home, &candidate.url) {
                self.tried.push((candidate.url, "a private host, to which no public page leads".to_owned()));
                continue;
            }
            spent = true;
            let document = match self.get(&candidate.url, Purpose::Probe).await {
                Ok(document) => document,
                Err(trouble) => {
                    self.tried.push((candidate.url, trouble.reason));
                    continue;
                }
            };
            let answered = document.head.final_url.clone();
            if answered != candidate.url && !self.seen.insert(answered.clone()) {
                self.tried.push((candidate.url, format!("leads to {answered}")));
                continue;
            }
            match self.read(candidate.clone(), &document).await {
                Ok(kept) => self.keep(candidate, &document.body, kept),
                Err(why) => {
                    self.tried.push((candidate.url.clone(), why));
                    if candidate.found == Found::Anchor && self.pages < MOST_PAGES {
                        self.pages += 1;
                        let inner = on_blocking(move || finds::discover(&document, None)).await.unwrap_or_default();
                        let mut inner: Vec<Candidate> = inner
                            .links
                            .into_iter()
                            .chain(inner.anchors)
                            .take(MOST_ANCHORS)
                            .map(|it| Candidate { found: Found::Anchor, ..it })
                            .collect();
                        inner.reverse();
                        // What is found there is a feed or nothing: such pages link to each other.
                        self.pages = MOST_PAGES;
                        waiting.extend(inner);
                    }
                }
            }
        }
        spent
    }

    fn keep(&mut self, candidate: Candidate, body: &[u8], kept: Kept) {
        if !self.bodies.insert(*blake3::hash(body).as_bytes()) {
            self.tried.push((candidate.url, "the same document as another one".to_owned()));
            return;
        }
        if let Some(hub) = kept.hub.clone().filter(|hub| !self.hubs.contains(hub)) {
            self.hubs.push(hub);
        }
        self.kept.push(kept);
    }

    async fn finish(self, found: Discovered) -> Discovery {
        let mut kept = self.kept;
        let kept = on_blocking(move || {
            kept.sort_by_key(|kept| (!kept.find.rank.usable, std::cmp::Reverse(kept.find.rank.points)));
            for index in 1..kept.len() {
                let (better, own) = kept.split_at_mut(index);
                let same = better.iter().find(|other| finds::lists_the_same(&own[0].listing, &other.listing));
                own[0].find.same_as = same.map(|other| other.find.url.clone());
            }
            kept
        });
        let kept = kept.await.unwrap_or_default();
        let language = kept.first().and_then(|kept| kept.language.clone()).or(found.language);
        let agency = found.site.or_else(|| kept.first().and_then(|kept| kept.find.title.clone()));
        let mut hubs = found.hubs;
        hubs.extend(self.hubs.into_iter().filter(|hub| !hubs.contains(hub)).collect::<Vec<_>>());
        Discovery {
            site: self.site.url,
            agency,
            language,
            finds: kept.into_iter().map(|kept| kept.find).collect(),
            hubs,
            tried: self.tried,
            hosts: self.hosts.into_values().filter(|state| !state.host.is_empty()).collect(),
            at: (self.clock)(),
        }
    }
}

/// Computes on the blocking pool; `None` when it panicked.
async fn on_blocking<T: Send + 'static>(task: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(task).await.ok()
}
