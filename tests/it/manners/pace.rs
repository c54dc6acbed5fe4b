//! B16, B18 and B49: how fast one host is asked, by the lanes themselves: no stampede, no burst after the clock was set,
//! one request after the other, and slower where the host is slow.

#![allow(clippy::disallowed_methods, reason = "a test that measures how long something took")]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use newsweb::{Agency, Fault, Logged, NewsWeb, Plan, Scope};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use wireroom::daemon::{self, Beats, Lanes};
use wireroom::ingest::{Clock, Context};
use wireroom::model::{Source, Timestamp};
use wireroom::observe::Tally;
use wireroom::store::{self, Role, StoreHandle};

use crate::operator::{Desk, LIMIT};

use super::bureau::{context, present, rss, settings};

/// The lanes, running; stopped when a test is done with them.
struct Running {
    ctx: Context,
    stop: CancellationToken,
    lanes: tokio::task::JoinHandle<Result<(), store::Error>>,
}

impl Running {
    /// Starts the lanes of a desk under a clock.
    async fn start(desk: &Desk, clock: Clock) -> Running {
        let settings = settings(desk);
        let mut ctx = context(&settings, StoreHandle::open(&settings.store, Role::Lanes).unwrap(), clock);
        let throw = Arc::new(AtomicI64::new(0));
        ctx.dice = Arc::new(move || (throw.fetch_add(617, Ordering::Relaxed) % 1000) as f64 / 1000.0);
        let sources: Vec<Source> = settings.sources.iter().map(|desk| desk.source.clone()).collect();
        let now = (ctx.clock)();
        ctx.store.write(move |ledger| ledger.sync_sources(&sources, now).map(drop)).await.unwrap();
        let (_, receiver) = watch::channel(ctx.clone());
        let stop = CancellationToken::new();
        let lanes: Lanes = settings.lanes.clone();
        let running = daemon::run(receiver, lanes, Arc::new(Tally::default()), Arc::new(Beats::default()), stop.clone());
        Running { ctx, stop, lanes: tokio::spawn(running) }
    }

    async fn end(self) {
        self.stop.cancel();
        self.lanes.await.unwrap().unwrap();
    }
}

fn machines_clock() -> Clock {
    Arc::new(present)
}

/// Most requests of a host under way at one time, by its log. Requests that touch in one millisecond do not overlap.
fn peak(log: &[Logged]) -> usize {
    let mut edges: Vec<(u64, i32)> = log
        .iter()
        .flat_map(|row| [(row.at_ms, 1), (row.done_at_ms.unwrap_or(u64::MAX), -1)])
        .filter(|(at, _)| *at < u64::MAX)
        .collect();
    edges.sort_unstable();
    let (mut now, mut most) = (0i32, 0);
    for (_, change) in edges {
        now += change;
        most = most.max(now);
    }
    usize::try_from(most).unwrap()
}

/// The shortest time that ten requests in a row took from the first start to the last, in milliseconds. Single
/// distances say little on a machine that is busy with other tests: a late one makes the next one look early.
fn shortest_run(log: &[Logged]) -> u64 {
    let starts: Vec<u64> = log.iter().map(|row| row.at_ms).collect();
    starts.windows(11).map(|run| run[10] - run[0]).min().unwrap_or(u64::MAX)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b16_a_thousand_overdue_feeds_on_ten_hosts_are_no_stampede() {
    const HOSTS: usize = 10;
    const FEEDS: usize = 100;
    const DELAY_MS: u64 = 25;
    let agencies = (0..HOSTS).map(|number| Agency { items: 0, gzip: false, ..Agency::new(&format!("host-{number}")) });
    let web = NewsWeb::start(Plan::of(agencies)).unwrap();
    let mut desk = Desk::empty();
    desk.allow(&web.agencies().iter().map(|agency| web.host(agency)).collect::<Vec<_>>());
    desk.fetch = desk.fetch.replace(
        "per_host_delay = \"0s\"\nper_host_connections = 8",
        &format!("per_host_delay = \"{DELAY_MS}ms\"\nper_host_connections = 1\nslow_down = 0"),
    );
    desk.schedule = "min_interval = \"10m\"\nmax_interval = \"10m\"\n".to_owned();
    for agency in web.agencies() {
        web.set_page(&agency, "/rss.xml", rss("", &[]));
        for number in 0..FEEDS {
            desk.source(&format!("{agency}-{number}"), &format!("{}?desk={number}", web.feed(&agency)), "");
        }
    }
    let begun = std::time::Instant::now();
    let running = Running::start(&desk, machines_clock()).await;
    web.wait_for_async(LIMIT * 2, |log| log.iter().filter(|row| row.done_at_ms.is_some()).count() >= HOSTS * FEEDS).await.unwrap();
    let took = begun.elapsed();
    let rows = running.ctx.store.clone();
    // The last commits are on their way when the last answer is out.
    let polled = async || rows.read(|ledger| ledger.feeds(None)).await.unwrap();
    let mut feeds = polled().await;
    while feeds.iter().any(|row| row.last_poll_at.is_none()) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        feeds = polled().await;
    }
    running.end().await;
    let log = web.log();
    assert_eq!(log.len(), HOSTS * FEEDS, "each feed once");
    let mut of_hosts: HashMap<String, Vec<Logged>> = HashMap::new();
    for row in log {
        of_hosts.entry(row.agency.clone()).or_default().push(row);
    }
    let peaks: Vec<usize> = of_hosts.values().map(|log| peak(log)).collect();
    let runs: Vec<u64> = of_hosts.values().map(|log| shortest_run(log)).collect();
    let next: Vec<i64> =
        feeds.iter().map(|row| row.next_poll_at.as_deref().unwrap().parse::<Timestamp>().unwrap().as_second()).collect();
    let (first, last) = (next.iter().min().unwrap(), next.iter().max().unwrap());
    let busiest = next.iter().map(|at| next.iter().filter(|other| *other == at).count()).max().unwrap();
    println!(
        "{} polls in {:.1} s; most at once on a host {}, shortest run of ten starts {} ms (pace: {} ms); the next round is spread over {} s, at most {busiest} in one of them",
        HOSTS * FEEDS,
        took.as_secs_f64(),
        peaks.iter().max().unwrap(),
        runs.iter().min().unwrap(),
        10 * DELAY_MS,
        last - first
    );
    assert!(peaks.iter().all(|peak| *peak <= 1), "one at a time: {peaks:?}");
    assert!(runs.iter().all(|run| *run >= 10 * DELAY_MS * 8 / 10), "start to start: {runs:?}");
    assert!(last - first >= 20, "the next round is spread, not all at one instant: {} s", last - first);
}

/// A clock that goes as the machine's does, and can be set.
#[derive(Clone, Default)]
struct Wound(Arc<AtomicI64>);

impl Wound {
    fn set(&self, seconds: i64) {
        self.0.store(seconds, Ordering::SeqCst);
    }

    fn shared(&self) -> Clock {
        let by = self.0.clone();
        Arc::new(move || {
            let now = present();
            Timestamp::from_microsecond(now.as_microsecond() + by.load(Ordering::SeqCst) * 1_000_000).unwrap()
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b18_a_clock_that_is_set_makes_no_burst_and_no_stall() {
    for days in [-1, 1] {
        let web =
            NewsWeb::start(Plan::of((0..4).map(|number| Agency { items: 0, ..Agency::new(&format!("host-{number}")) }))).unwrap();
        let mut desk = Desk::of(&web);
        for agency in web.agencies() {
            web.set_page(&agency, "/rss.xml", rss("", &["News"]));
        }
        desk.schedule = "min_interval = \"2s\"\nmax_interval = \"2s\"\n".to_owned();
        // One of them wants to be left alone, longer than the test lasts.
        web.fault(Scope::Url(web.feed("host-3")), Fault::RetryAfter(429, "3600".to_owned()));
        let clock = Wound::default();
        let running = Running::start(&desk, clock.shared()).await;
        let asked = |log: &[Logged], agency: &str| log.iter().filter(|row| row.agency == agency).count();
        web.wait_for_async(LIMIT, |log| asked(log, "host-0") >= 3 && asked(log, "host-3") >= 1).await.unwrap();
        clock.set(days * 86_400);
        let begun = web.log().last().unwrap().at_ms;
        web.wait_for_async(LIMIT, |log| {
            (0..3).all(|number| log.iter().filter(|row| row.agency == format!("host-{number}") && row.at_ms > begun).count() >= 4)
        })
        .await
        .expect("no stall");
        running.end().await;
        for number in 0..3 {
            let starts: Vec<u64> =
                web.log().iter().filter(|row| row.agency == format!("host-{number}")).map(|row| row.at_ms).collect();
            let gaps: Vec<u64> = starts.windows(2).map(|two| two[1] - two[0]).collect();
            println!("clock set by {days} days: distances of polls {gaps:?} ms");
            // The poll at the jump itself may come early, planned by one clock and due by the other; it is one.
            let early = gaps.iter().filter(|gap| **gap < 1_700).count();
            assert!(early <= 1, "no burst: {gaps:?}");
            assert!(gaps.iter().all(|gap| *gap < 9_000), "no stall: {gaps:?}");
        }
        assert_eq!(asked(&web.log(), "host-3"), 1, "who wants to be left alone is, whatever the clock says");
    }
}

/// The articles of one agency at these limits; their requests.
async fn articles(count: usize, fetch: &str, fault: Option<Fault>) -> (NewsWeb, Vec<Logged>) {
    let web = NewsWeb::start(Plan::of([Agency { items: count, window: count, gzip: false, ..Agency::new("gazette") }])).unwrap();
    if let Some(fault) = fault {
        web.fault(Scope::Articles("gazette".to_owned()), fault);
    }
    let mut desk = Desk::of(&web);
    desk.fetch = desk.fetch.replace("per_host_delay = \"0s\"\nper_host_connections = 8\n", fetch);
    desk.schedule = "min_interval = \"1h\"\n".to_owned();
    let running = Running::start(&desk, machines_clock()).await;
    let scope = Scope::Articles("gazette".to_owned());
    web.wait_for_async(LIMIT * 2, |log| {
        log.iter().filter(|row| row.path != "/rss.xml" && row.path != "/robots.txt" && row.done_at_ms.is_some()).count() >= count
    })
    .await
    .unwrap();
    running.end().await;
    let log = web.requests_for(scope);
    (web, log)
}

fn median(mut of: Vec<u64>) -> u64 {
    of.sort_unstable();
    of[of.len() / 2]
}

fn distances(log: &[Logged]) -> Vec<u64> {
    log.windows(2).map(|two| two[1].at_ms - two[0].at_ms).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b49_two_hundred_articles_of_one_host_come_one_after_the_other() {
    let (web, log) = articles(200, "per_host_delay = \"20ms\"\nper_host_connections = 1\n", None).await;
    let all = web.log();
    println!(
        "{} pages: most at once {}, shortest run of ten starts {} ms (pace: 200 ms), {} connections",
        log.len(),
        peak(&all),
        shortest_run(&all),
        web.connections()
    );
    assert_eq!(log.len(), 200);
    assert_eq!(peak(&all), 1, "one at a time, the feed and robots.txt included");
    assert!(shortest_run(&all) >= 160, "start to start: {}", shortest_run(&all));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b49_a_slow_host_is_asked_more_slowly() {
    let own = "per_host_delay = \"20ms\"\nper_host_connections = 1\n";
    let slow = Fault::Slow(Duration::from_millis(150));
    let (_, log) = articles(16, own, Some(slow.clone())).await;
    let adapted = median(distances(&log[8..]));
    let (_, log) = articles(16, &format!("{own}slow_down = 0\n"), Some(slow.clone())).await;
    let plain = median(distances(&log[8..]));
    let (_, log) = articles(16, &format!("{own}slow_down = 4\n"), Some(slow)).await;
    let fourfold = median(distances(&log[8..]));
    println!("answers after 150 ms: a request every {plain} ms, with slow_down = 2 every {adapted} ms, with 4 every {fourfold} ms");
    assert!(adapted >= 280, "twice the time of an answer: {adapted}");
    assert!(fourfold >= 560, "four times: {fourfold}");
}

/// Errors come fast, and speed nothing up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b49_errors_never_speed_up_and_a_restart_forgets_nothing() {
    let web = super::bureau::web();
    let mut bureau = super::bureau::Bureau::with(&web, super::bureau::FIVE_MINUTES, "").await;
    bureau.reload(|desk| desk.fetch = desk.fetch.replace("per_host_delay = \"0s\"", "per_host_delay = \"50ms\"")).await;
    let told = async |bureau: &super::bureau::Bureau| {
        let host = web.host("gazette");
        bureau.ctx.store.read(move |ledger| ledger.host(&host)).await.unwrap().slowed.unwrap_or_default().as_millis()
    };
    bureau.next_poll().await;
    let mut delays = vec![told(&bureau).await];
    web.fault_times(4, Scope::Everything, Fault::Status(503));
    for _ in 0..4 {
        bureau.next_poll().await;
        delays.push(told(&bureau).await);
    }
    assert!(delays[1..].windows(2).all(|two| two[1] >= two[0] * 2 && two[1] > 0), "each error doubles: {delays:?}");
    let strained = *delays.last().unwrap();
    bureau.restart().await;
    web.fault_times(1, Scope::Everything, Fault::Status(404));
    bureau.next_poll().await;
    assert!(told(&bureau).await >= strained, "neither a restart nor a quick error shortens it");
    let mut back = Vec::new();
    for _ in 0..10 {
        bureau.next_poll().await;
        back.push(told(&bureau).await);
    }
    println!("distance learnt: {delays:?} ms under errors, {back:?} ms after them");
    assert!(back.windows(2).all(|two| two[1] <= two[0].max(60)), "{back:?}");
    assert!(*back.last().unwrap() <= 60, "and comes back to the operator's: {back:?}");
}
