//! Discovery: from a home page to the feeds, sitemaps and hubs of its site, each asked for and read before it is offered.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::address;
use crate::feed;
use crate::feed::discovery::{self as finds, Candidate, Discovered, Found, Rank};
use crate::fetch::Fetcher;
use crate::model::{
    Assume, Document, Failure, Feed, FeedClaim, FeedKind, FeedSpec, Fetched, HostState, PollCommit, PollOutcome, Purpose, Request,
    SignedDuration, Timestamp, Trouble, Url, Validators,
};
use crate::schedule;
use crate::store;

use super::poll::planned;
use super::{Clock, Context, trouble};

/// Most requests for one home page, the page itself among them; robots.txt comes on top, once a host.
pub const MOST_REQUESTS: usize = 24;
/// Of these, most that go to what the page declares, to anchors, to usual places, and to sitemaps.
const MOST_LINKS: usize = 8;
const MOST_ANCHORS: usize = 6;
const MOST_USUAL: usize = 12;
const MOST_SITEMAPS: usize = 5;
/// No probe begins later than this: a job has to end within its lease.
const PATIENCE: SignedDuration = SignedDuration::from_secs(90);
/// Failures in a row after which a discovered feed no longer counts as one that answers.
const TIRED: i64 = 3;
/// A new find takes the place of a feed that is followed and answers only when it is better by so many points.
const BETTER_BY: i32 = 30;
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

/// A feed or sitemap that was asked for and read.
#[derive(Debug, Clone)]
pub struct Find {
    /// Where it is, behind permanent and passing redirects.
    pub url: Url,
    /// What it is.
    pub kind: FeedKind,
    /// Its title, or what the page calls it.
    pub title: Option<String>,
    /// How many entries it has.
    pub entries: usize,
    /// How good it is, and why.
    pub rank: Rank,
    /// A better find that lists the same articles.
    pub same_as: Option<Url>,
    /// What an operator should know of its dates.
    pub dates: Option<String>,
}

impl Discovery {
    /// What to follow: the best feed, or where there is none the best news sitemap.
    pub fn chosen(&self) -> Option<&Find> {
        let usable = |kind: FeedKind| self.finds.iter().find(move |find| find.kind == kind && find.rank.usable);
        usable(FeedKind::Feed).or_else(|| usable(FeedKind::Sitemap))
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
    let mut search = Search::new(fetcher, clock, host);
    let page = match search.get(home, Purpose::Page).await {
        Ok(page) => page,
        Err(trouble) => return Err((trouble, search.state(home))),
    };
    search.site = page.head.final_url.clone();
    search.seen.insert(page.head.final_url.clone());
    let own = Candidate { url: page.head.final_url.clone(), found: Found::Asked, title: None };
    if let Ok(feed) = search.read(&page).await {
        let kind = finds::kind_of(&feed);
        search.keep(own, page.head.final_url.clone(), &page.body, kind, feed);
        return Ok(search.finish(Discovered::default()));
    }
    let robots = search.state(&search.site).robots.map(|robots| String::from_utf8_lossy(&robots).into_owned());
    let found = on_blocking(move || finds::discover(&page, robots.as_deref())).await.unwrap_or_default();
    if let Some(what) = &found.not_a_page {
        search.tried.push((search.site.clone(), format!("{what}, not a page")));
        return Ok(search.finish(Discovered::default()));
    }
    search.feeds(&found).await;
    search.sitemaps(&found).await;
    Ok(search.finish(found))
}

/// One look at a home page: its feeds are discovered when none is known that answers, or a week after they were.
pub(super) async fn poll_home(ctx: &Context, claim: &FeedClaim) -> store::Result<PollCommit> {
    let name = claim.source_name.clone();
    let rows = ctx.store.read(move |ledger| ledger.feeds(Some(&name))).await?;
    let discovered_at =
        rows.iter().find(|row| row.url == claim.url.as_str()).and_then(|row| row.last_success_at.as_ref()?.parse().ok());
    let found: Vec<_> = rows.into_iter().filter(|row| row.enabled && row.home.as_deref() == Some(claim.url.as_str())).collect();
    let answers = found.iter().any(|row| row.failures < TIRED);
    let now = (ctx.clock)();
    if let Some(discovered_at) = discovered_at.filter(|at| !schedule::is_discovery_due(*at, answers, now)) {
        let next = schedule::next_discovery(discovered_at, now, (ctx.dice)());
        let (outcome, host, rhythm) = (PollOutcome::Found(None), claim.host.clone(), claim.rhythm.clone());
        return Ok(PollCommit { outcome, host, polled_at: now, next, rhythm });
    }
    let current: Vec<String> = found.into_iter().filter(|row| row.failures < TIRED).map(|row| row.url).collect();
    let (outcome, host) = match discover(&ctx.fetcher, &ctx.clock, &claim.url, &claim.host).await {
        Ok(discovery) => (discovery.outcome(claim, &current), discovery.host(claim)),
        Err((trouble, host)) => (PollOutcome::Failed(trouble), host),
    };
    Ok(planned(ctx, claim, outcome, host))
}

impl Discovery {
    fn outcome(&self, claim: &FeedClaim, current: &[String]) -> PollOutcome {
        let failed =
            |class: &'static str, reason: String| PollOutcome::Failed(Trouble { failure: Failure::Persistent, class, reason });
        match self.to_follow(current) {
            None => failed("no_feed", self.vain()),
            Some(find) if find.url == claim.url => {
                failed("not_a_home", format!("{} is a {} itself: name it so instead of home", find.url, find.kind.as_str()))
            }
            Some(find) => PollOutcome::Found(Some(vec![FeedSpec { url: find.url.clone(), kind: find.kind }])),
        }
    }

    /// What was chosen, unless what is followed already is about as good.
    fn to_follow(&self, current: &[String]) -> Option<&Find> {
        let chosen = self.chosen()?;
        let followed = self.finds.iter().find(|find| current.iter().any(|url| find.url.as_str() == url));
        Some(followed.filter(|find| find.rank.usable && find.rank.points + BETTER_BY >= chosen.rank.points).unwrap_or(chosen))
    }

    fn host(&self, claim: &FeedClaim) -> HostState {
        self.hosts.iter().find(|state| state.host == claim.host.host).unwrap_or(&claim.host).clone()
    }
}

/// A search in progress.
struct Search<'a> {
    fetcher: &'a Fetcher,
    clock: &'a Clock,
    site: Url,
    hosts: HashMap<String, HostState>,
    requests: usize,
    /// When patience ends.
    until: Timestamp,
    pages: usize,
    seen: HashSet<Url>,
    bodies: HashSet<[u8; 32]>,
    kept: Vec<(Find, Feed)>,
    hubs: Vec<Url>,
    tried: Vec<(Url, String)>,
}

impl<'a> Search<'a> {
    fn new(fetcher: &'a Fetcher, clock: &'a Clock, host: &HostState) -> Search<'a> {
        Search {
            fetcher,
            clock,
            site: Url::parse("about:blank").expect("a constant address parses"),
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

    fn state(&self, url: &Url) -> HostState {
        let host = address::host_key(url);
        self.hosts.get(&host).cloned().unwrap_or_else(|| HostState { host, ..HostState::default() })
    }

    async fn get(&mut self, url: &Url, purpose: Purpose) -> Result<Arc<Document>, Trouble> {
        self.requests += 1;
        let request = Request { url: url.clone(), validators: Validators::default(), purpose };
        let (answer, state) = self.fetcher.get(request, &self.state(url)).await;
        self.hosts.insert(state.host.clone(), state);
        match answer {
            Ok(Fetched::Document(document)) => Ok(Arc::new(*document)),
            Ok(Fetched::NotModified(_)) => Err(Trouble {
                failure: Failure::Persistent,
                class: "not_asked",
                reason: "304 to an unconditional request".to_owned(),
            }),
            Err(error) => Err(trouble(error.failure(), error.class(), &error)),
        }
    }

    /// The document as a feed, on the blocking pool.
    async fn read(&self, document: &Arc<Document>) -> Result<Feed, String> {
        let (seen_at, document) = ((self.clock)(), document.clone());
        let read = on_blocking(move || {
            let assume = Assume { timezone: None, language: None, seen_at };
            feed::parse(&document, &feed::Reading { kind: FeedKind::Feed, assume }).map_err(|error| error.to_string())
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
            let children = self.kept.last().map(|(_, feed)| finds::news_of_index(feed)).unwrap_or_default();
            for child in children.iter().take(left.min(2)) {
                left -= usize::from(self.probe(child).await);
            }
        }
        // An index is a way to sitemaps, and nothing to poll beside one of them.
        if self.has(FeedKind::Sitemap) {
            self.kept.retain(|(_, feed)| feed.children.is_empty() || !feed.entries.is_empty());
        }
    }

    fn has(&self, kind: FeedKind) -> bool {
        self.kept.iter().any(|(find, _)| find.kind == kind && find.rank.usable)
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
            match self.read(&document).await {
                Ok(feed) => {
                    let kind = finds::kind_of(&feed);
                    self.keep(candidate, answered, &document.body, kind, feed);
                }
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

    fn keep(&mut self, candidate: Candidate, answered: Url, body: &[u8], kind: FeedKind, feed: Feed) {
        if !self.bodies.insert(*blake3::hash(body).as_bytes()) {
            self.tried.push((candidate.url, "the same document as another one".to_owned()));
            return;
        }
        if let Some(hub) = feed.hints.hub.as_deref().and_then(|hub| address::resolve(Some(&answered), hub))
            && !self.hubs.contains(&hub)
        {
            self.hubs.push(hub);
        }
        let rank = finds::rank(&self.site, &candidate, &answered, &feed, kind, (self.clock)());
        let find = Find {
            url: answered,
            kind,
            title: feed.title.clone().or(candidate.title),
            entries: feed.entries.len(),
            rank,
            same_as: None,
            dates: finds::about_dates(&feed),
        };
        self.kept.push((find, feed));
    }

    fn finish(mut self, found: Discovered) -> Discovery {
        self.kept.sort_by_key(|(find, _)| (!find.rank.usable, std::cmp::Reverse(find.rank.points)));
        for index in 1..self.kept.len() {
            let (better, own) = self.kept.split_at_mut(index);
            let (find, feed) = &mut own[0];
            find.same_as = better.iter().find(|(_, other)| finds::lists_the_same(feed, other)).map(|(it, _)| it.url.clone());
        }
        let language = self.kept.first().and_then(|(_, feed)| feed.language.clone()).or(found.language);
        let agency = found.site.or_else(|| self.kept.first().and_then(|(find, _)| find.title.clone()));
        let mut hubs = found.hubs;
        hubs.extend(self.hubs.into_iter().filter(|hub| !hubs.contains(hub)).collect::<Vec<_>>());
        Discovery {
            site: self.site,
            agency,
            language,
            finds: self.kept.into_iter().map(|(find, _)| find).collect(),
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
