//! A bureau: the lanes of some sources by hand, under a clock that the test sets, against the fake news web.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use newsweb::{Agency, Format, NewsWeb, Plan, Response};
use wireroom::config::{self, Settings};
use wireroom::fetch::Fetcher;
use wireroom::ingest::{self, Clock, Context, Extractor, Rules};
use wireroom::model::{EntryClaim, FeedClaim, Pace, PollOutcome, Scope, ScrapeOutcome, Source, Timestamp};
use wireroom::store::{FeedRow, Lane, Role, StoreHandle};

use crate::operator::Desk;

/// A lease that outlasts every test.
const LEASE: Duration = Duration::from_secs(600);

/// Floor and ceiling that leave the planner nothing to plan: polls every five minutes.
pub(super) const FIVE_MINUTES: &str = "min_interval = \"5m\"\nmax_interval = \"5m\"\nrechecks = []\n";

/// When the tests begin: the made-up web dates its articles by the present.
#[expect(clippy::disallowed_methods, reason = "the articles of the made-up web are of today")]
pub(super) fn present() -> Timestamp {
    Timestamp::try_from(std::time::SystemTime::now()).unwrap()
}

/// A web of one agency, whose articles are not in the way.
pub(super) fn web() -> NewsWeb {
    NewsWeb::start(Plan::of([Agency { items: 2, gzip: false, ..Agency::new("gazette") }])).unwrap()
}

/// A small RSS document; `head` goes into its channel.
pub(super) fn rss(head: &str, items: &[&str]) -> Response {
    let items: String = items
        .iter()
        .map(|item| {
            format!("<item><title>{item}</title><guid isPermaLink=\"false\">{item}</guid><description>{item}</description></item>")
        })
        .collect();
    let sy = "xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\"";
    let text = format!("<rss version=\"2.0\" {sy}><channel><title>Gazette</title>{head}{items}</channel></rss>");
    Response::bytes("application/rss+xml", text)
}

/// Puts an answer in the place of an agency's principal feed.
pub(super) fn serve(web: &NewsWeb, response: Response) {
    web.set_page("gazette", Format::Rss2.path(), response);
}

/// One poll as it was made.
#[derive(Debug)]
pub(super) struct Polled {
    pub(super) at: Timestamp,
    pub(super) outcome: PollOutcome,
}

impl Polled {
    /// What went wrong.
    #[track_caller]
    pub(super) fn class(&self) -> &'static str {
        match &self.outcome {
            PollOutcome::Failed(trouble) => trouble.class,
            other => panic!("no failure: {other:?}"),
        }
    }

    pub(super) fn is_failed(&self) -> bool {
        matches!(self.outcome, PollOutcome::Failed(_))
    }
}

/// The lanes of a configuration, under a clock that is set.
pub(super) struct Bureau {
    pub(super) ctx: Context,
    present: Arc<Mutex<Timestamp>>,
    pub(super) settings: Settings,
    desk: Desk,
}

impl Bureau {
    /// Follows every agency of a web by its principal feed, every five minutes.
    pub(super) async fn of(web: &NewsWeb) -> Bureau {
        Bureau::with(web, FIVE_MINUTES, "").await
    }

    /// The same under other keys of `[schedule]`, and further ones of `[fetch]`.
    pub(super) async fn with(web: &NewsWeb, schedule: &str, fetch: &str) -> Bureau {
        let mut desk = Desk::of(web);
        schedule.clone_into(&mut desk.schedule);
        desk.fetch.push_str(fetch);
        Bureau::at(desk).await
    }

    /// The lanes of a desk.
    pub(super) async fn at(desk: Desk) -> Bureau {
        let settings = settings(&desk);
        // Whole seconds: the ledger does not keep all digits that the machine's clock gives.
        let present = Arc::new(Mutex::new(Timestamp::from_second(present().as_second()).unwrap()));
        let clock: Clock = Arc::new({
            let present = present.clone();
            move || *present.lock().unwrap()
        });
        let ctx = context(&settings, StoreHandle::open(&settings.store, Role::Lanes).unwrap(), clock);
        let bureau = Bureau { ctx, present, settings, desk };
        bureau.sync().await;
        bureau
    }

    async fn sync(&self) {
        let sources: Vec<Source> = self.settings.sources.iter().map(|desk| desk.source.clone()).collect();
        let now = self.now();
        self.ctx.store.write(move |ledger| ledger.sync_sources(&sources, now)).await.unwrap();
    }

    /// The operator changes the configuration.
    pub(super) async fn reload(&mut self, change: impl FnOnce(&mut Desk)) {
        change(&mut self.desk);
        self.settings = settings(&self.desk);
        let rules = context(&self.settings, self.ctx.store.clone(), self.ctx.clock.clone()).rules;
        let fetcher = self.ctx.fetcher.with_limits(self.settings.fetch.clone()).unwrap();
        (self.ctx.rules, self.ctx.fetcher) = (rules, fetcher);
        self.sync().await;
    }

    /// The process ends and another one begins: all that is left is the ledger.
    pub(super) async fn restart(&mut self) {
        let now = self.now();
        self.ctx.fetcher = Fetcher::new(self.settings.fetch.clone(), self.ctx.clock.clone()).unwrap();
        self.ctx.store.write(move |ledger| ledger.recover(now)).await.unwrap();
        self.sync().await;
    }

    pub(super) fn now(&self) -> Timestamp {
        *self.present.lock().unwrap()
    }

    pub(super) fn set(&self, at: Timestamp) {
        *self.present.lock().unwrap() = at;
    }

    pub(super) fn advance(&self, seconds: i64) {
        self.set(later(self.now(), seconds));
    }

    /// Polls everything that is due, as the lane does.
    pub(super) async fn poll_due(&self) -> Vec<Polled> {
        let (now, pace) = (self.now(), self.ctx.rules.pace);
        let mut polled = Vec::new();
        loop {
            let claims = self.ctx.store.write(move |ledger| ledger.claim_feeds(now, 10, Scope::Due, &pace, LEASE)).await.unwrap();
            if claims.is_empty() {
                return polled;
            }
            for claim in claims {
                polled.push(self.poll(now, claim).await);
            }
        }
    }

    /// Polls everything once, as a run by hand does.
    pub(super) async fn poll_asked(&self) {
        let (since, pace) = (self.now(), self.ctx.rules.pace);
        loop {
            let scope = Scope::Asked { since };
            let claims = self.ctx.store.write(move |ledger| ledger.claim_feeds(since, 10, scope, &pace, LEASE)).await.unwrap();
            if claims.is_empty() {
                return;
            }
            for claim in claims {
                self.poll(since, claim).await;
            }
        }
    }

    async fn poll(&self, at: Timestamp, claim: FeedClaim) -> Polled {
        let commit = ingest::poll(&self.ctx, &claim).await.unwrap();
        let polled = Polled { at, outcome: commit.outcome.clone() };
        self.ctx.store.write(move |ledger| ledger.commit_poll(&claim, &commit)).await.unwrap();
        polled
    }

    /// Goes on to the next poll there is, and makes it.
    pub(super) async fn next_poll(&self) -> Polled {
        let (now, pace) = (self.now(), self.ctx.rules.pace);
        let turn = self.ctx.store.read(move |ledger| ledger.next_turn(now, Scope::Due, Lane::Poll, &pace)).await.unwrap();
        self.set(turn.expect("a poll is planned").max(now));
        let (now, pace) = (self.now(), self.ctx.rules.pace);
        let claims = self.ctx.store.write(move |ledger| ledger.claim_feeds(now, 1, Scope::Due, &pace, LEASE)).await.unwrap();
        let claim = claims.into_iter().next().expect("the poll that is planned can be claimed");
        self.poll(now, claim).await
    }

    /// The seconds from one poll of the only feed to each of the next ones.
    pub(super) async fn gaps(&self, polls: usize) -> Vec<i64> {
        let mut gaps = Vec::new();
        let mut last = self.next_poll().await.at;
        for _ in 0..polls {
            let next = self.next_poll().await.at;
            gaps.push(next.duration_since(last).as_secs());
            last = next;
        }
        gaps
    }

    /// The seconds until the only feed is polled again.
    pub(super) async fn wait(&self) -> i64 {
        let rows = self.rows().await;
        let next: Timestamp = rows[0].next_poll_at.as_deref().expect("a poll is planned").parse().unwrap();
        next.duration_since(self.now()).as_secs()
    }

    /// Scrapes what is due, as the lane does, at most so many; what each came to, by path.
    pub(super) async fn scrape_due(&self, most: usize) -> Vec<(String, ScrapeOutcome)> {
        let (now, pace) = (self.now(), self.ctx.rules.pace);
        let mut scraped = Vec::new();
        while scraped.len() < most {
            let claims = self.ctx.store.write(move |ledger| ledger.claim_entries(now, 1, Scope::Due, &pace, LEASE)).await.unwrap();
            let Some(claim) = claims.into_iter().next() else { break };
            scraped.push(self.scrape(claim).await);
        }
        scraped
    }

    async fn scrape(&self, claim: EntryClaim) -> (String, ScrapeOutcome) {
        let commit = ingest::scrape(&self.ctx, &claim).await.unwrap();
        let scraped = (claim.url.path().to_owned(), commit.outcome.clone());
        self.ctx.store.write(move |ledger| ledger.commit_scrape(&claim, &commit)).await.unwrap();
        scraped
    }

    pub(super) async fn rows(&self) -> Vec<FeedRow> {
        self.ctx.store.read(|ledger| ledger.feeds(None)).await.unwrap()
    }

    /// A number that the public views tell.
    pub(super) fn count(&self, sql: &str) -> i64 {
        self.desk.ledger().count(sql)
    }
}

pub(super) fn later(at: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond() + seconds * 1_000_000).unwrap()
}

/// Whether a wait is this one, with the jitter that only lengthens.
pub(super) fn is_about(wait: i64, seconds: i64) -> bool {
    (seconds..=seconds + seconds / 20).contains(&wait)
}

/// A date as HTTP writes it.
pub(super) fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

pub(super) fn settings(desk: &Desk) -> Settings {
    let file = config::File { name: "wireroom.toml".to_owned(), text: desk.toml() };
    config::parse_files(&file, &[], &desk.path("").to_string_lossy()).unwrap_or_else(|error| panic!("{error}\n{}", desk.toml()))
}

pub(super) fn context(settings: &Settings, store: StoreHandle, clock: Clock) -> Context {
    let desks = settings.sources.iter().map(|desk| (desk.source.name.clone(), ingest::Desk::default())).collect();
    Context {
        store,
        fetcher: Fetcher::new(settings.fetch.clone(), clock.clone()).unwrap(),
        extractor: Extractor::new(2, Arc::new(wireroom::article::extract)),
        rules: Arc::new(Rules {
            websub: None,
            schedule: settings.schedule.clone(),
            dedup: settings.dedup.clone(),
            keep: settings.keep,
            pace: Pace { delay: settings.fetch.per_host_delay, per_host: settings.fetch.per_host_connections },
            desks,
        }),
        clock,
        dice: Arc::new(|| 0.0),
    }
}
