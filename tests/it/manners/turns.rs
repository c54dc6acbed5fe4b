//! B47 to B49 on a host that is slower than a request waits: nothing is lost, nothing fails, and all of it comes at its turn.

use newsweb::{Agency, NewsWeb, Plan, Response};

use crate::operator::{Desk, LIMIT};

use super::bureau::rss;

/// A desk whose requests wait for 600 ms, towards a host that may be slowed to two seconds.
fn desk(web: &NewsWeb) -> Desk {
    let mut desk = Desk::empty();
    desk.fetch = "per_host_delay = \"100ms\"\nper_host_connections = 1\ntimeout = \"500ms\"\ncrawl_delay_max = \"2s\"\n".to_owned();
    desk.allow(&[web.host("gazette")]);
    desk.schedule = "min_interval = \"1s\"\nmax_interval = \"1s\"\nrechecks = []\n".to_owned();
    desk
}

#[test]
fn b49_a_host_that_was_down_is_asked_again_at_the_pace() {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, gzip: false, ..Agency::new("gazette") }])).unwrap();
    let paths = ["/a.xml", "/b.xml", "/c.xml", "/d.xml"];
    let mut desk = desk(&web);
    for (number, path) in paths.iter().enumerate() {
        web.set_page("gazette", path, Response::status(503));
        desk.source(&format!("desk-{number}"), &web.url("gazette", path), "");
    }
    let daemon = desk.start();
    web.wait_for(LIMIT, |log| log.len() >= 9).unwrap();
    for path in paths {
        web.set_page("gazette", path, rss("", &["Ferry back in service"]));
    }
    let well = |log: &[newsweb::Logged], path: &str| log.iter().filter(|row| row.path == path && row.status < 400).count();
    web.wait_for(LIMIT, |log| paths.iter().all(|path| well(log, path) >= 2)).unwrap();
    let starts: Vec<(u64, u16)> = web.log().iter().map(|row| (row.at_ms, row.status)).collect();
    let first = starts.iter().position(|(_, status)| *status < 400).unwrap();
    // The host was slowed to the limit, and the first request after that kept the distance.
    assert!(starts[first].0 - starts[first - 1].0 >= 1_800, "{starts:?}");
    assert!(starts.windows(2).all(|two| two[1].0 - two[0].0 >= 60), "{starts:?}");
    assert_eq!(daemon.stop().code(), Some(0));
    assert_eq!(desk.ledger().count("select count(*) from feeds where failures > 0"), 0);
}

#[test]
fn b47_a_crawl_delay_beyond_our_patience_delays_and_fails_nothing() {
    let web = NewsWeb::start(Plan::of([Agency { items: 3, gzip: false, ..Agency::new("gazette") }])).unwrap();
    web.set_page("gazette", "/robots.txt", Response::bytes("text/plain", "User-agent: *\nCrawl-delay: 2\n"));
    let mut desk = desk(&web);
    desk.source("gazette", &web.feed("gazette"), "");
    let daemon = desk.start();
    daemon.wait_for_line("wireroom is running");
    let ledger = desk.ledger();
    // While a page waits for its turn, it is said whose pace that is.
    ledger.wait_for("select count(*) from entries where class = 'pace'", 1);
    let said = desk.say(&["status"]);
    assert!(said.contains("pace: Our own pace"), "{said}");
    // The feed wants every turn there is; it gets its share, and the pages theirs.
    ledger.wait_for("select count(*) from articles", 3);
    assert_eq!(ledger.count("select max(attempts) from entries"), 1, "what was not asked for took no attempt");
    let feed = web.feed("gazette");
    web.wait_for(LIMIT, |log| log.iter().filter(|row| feed.ends_with(&row.path)).count() >= 3).unwrap();
    let log = web.log();
    let robots = log.iter().position(|row| row.path == "/robots.txt").unwrap();
    let starts: Vec<u64> = log[robots..].iter().map(|row| row.at_ms).collect();
    assert!(starts.windows(2).all(|two| two[1] - two[0] >= 1_800), "{starts:?}");
    assert_eq!(ledger.count("select max(failures) from feeds"), 0, "our own pace is no failure");
    drop(ledger);
    assert_eq!(daemon.stop().code(), Some(0));
}

/// The ledger's side of a clock that was set: the time in which robots.txt could not be had stays as long as it was.
#[tokio::test]
async fn b45_a_clock_set_forward_makes_no_month_without_robots() {
    let web = super::bureau::web();
    let bureau = super::bureau::Bureau::of(&web).await;
    let host = web.host("gazette");
    let (before, since) = (bureau.now(), super::bureau::later(bureau.now(), -600));
    let now = super::bureau::later(before, 40 * 86_400);
    let pace = bureau.ctx.rules.pace;
    let scope = wireroom::model::Scope::Due;
    let lease = std::time::Duration::from_secs(600);
    let claims = bureau.ctx.store.write(move |ledger| ledger.claim_feeds(before, 1, scope, &pace, lease)).await.unwrap();
    let mut claim = claims.into_iter().next().unwrap();
    claim.host.robots_failing_since = Some(since);
    let commit = wireroom::ingest::broken_poll(&bureau.ctx, &claim, "crashed", "by the test");
    bureau.ctx.store.write(move |ledger| ledger.commit_poll(&claim, &commit)).await.unwrap();
    bureau.ctx.store.write(move |ledger| ledger.clock_was_set(before, now)).await.unwrap();
    let known = bureau.ctx.store.read(move |ledger| ledger.host(&host)).await.unwrap();
    assert_eq!(known.robots_failing_since, Some(super::bureau::later(since, 40 * 86_400)));
}
