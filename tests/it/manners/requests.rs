//! B14, B15, B17, B51, B54 and B55: how often a feed is asked, and nothing asked twice.

#![allow(clippy::disallowed_methods, reason = "a test that measures how long something took")]

use std::time::Duration;

use newsweb::{Agency, NewsWeb, Plan, Scope, Story};
use wireroom::config;

use super::bureau::{Bureau, rss, serve, web};
use crate::operator::{Desk, LIMIT};

#[test]
fn b14_a_new_feed_costs_one_request() {
    let web = web();
    let mut desk = Desk::of(&web);
    desk.schedule = "min_interval = \"5m\"\n".to_owned();
    let daemon = desk.start();
    daemon.wait_for_line("wireroom is running");
    desk.ledger().wait_for("select count(*) from articles", 2);
    // The second in which a hasty client asks again.
    std::thread::sleep(Duration::from_millis(1_100));
    let asked: Vec<String> = web.requests_for(web.feed("gazette").as_str()).into_iter().map(|row| row.method).collect();
    assert_eq!(asked, ["GET"]);
    assert!(web.log().iter().all(|row| row.method == "GET"), "no HEAD, nothing tried out");
}

#[tokio::test]
async fn b15_restarts_bring_no_poll_forward() {
    let web = web();
    let mut bureau = Bureau::with(&web, "min_interval = \"20m\"\nmax_interval = \"20m\"\n", "").await;
    let mut polls = vec![bureau.next_poll().await.at];
    for _ in 0..20 {
        bureau.advance(180);
        bureau.restart().await;
        polls.extend(bureau.poll_due().await.into_iter().map(|polled| polled.at));
    }
    assert_eq!(polls.len(), 3, "an hour and twenty restarts: {polls:?}");
    assert!(polls.windows(2).all(|two| two[1].duration_since(two[0]).as_secs() >= 20 * 60), "{polls:?}");
}

#[tokio::test]
async fn b17_polls_keep_the_floor_and_jitter_only_lengthens() {
    for (floor, seconds) in [("5m", 300), ("60m", 3600)] {
        let web = web();
        let mut bureau =
            Bureau::with(&web, &format!("min_interval = {floor:?}\nmax_interval = \"4h\"\npolls_per_day = 288\n"), "").await;
        let throw = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
        bureau.ctx.dice =
            std::sync::Arc::new(move || (throw.fetch_add(7919, std::sync::atomic::Ordering::Relaxed) % 1000) as f64 / 1000.0);
        let mut last = bureau.next_poll().await.at;
        let mut spread = std::collections::BTreeSet::new();
        for round in 0..40 {
            if round % 3 != 0 {
                serve(
                    &web,
                    rss(
                        "",
                        &(0..8)
                            .map(|item| format!("News {round} {item}"))
                            .collect::<Vec<_>>()
                            .iter()
                            .map(String::as_str)
                            .collect::<Vec<_>>(),
                    ),
                );
            }
            let at = bureau.next_poll().await.at;
            let gap = at.duration_since(last).as_secs();
            assert!(gap >= seconds, "{gap} s after the last poll, with a floor of {seconds}");
            spread.insert(gap);
            last = at;
        }
        assert!(spread.len() > 5, "there is jitter: {spread:?}");
    }
}

/// Two spellings of one address are one feed: the configuration says so before anything is asked twice.
#[test]
fn b51_one_feed_is_followed_once_however_its_address_is_written() {
    let source = |name: &str, feed: &str| format!("[[source]]\nname = {name:?}\nfeed = {feed:?}\n");
    let first = "https://news.example.org/feed?desk=1";
    for second in [
        first,
        "http://news.example.org/feed?desk=1",
        "https://NEWS.example.org:443/feed?desk=1",
        "https://news.example.org/feed?desk=1#latest",
        "https://news.example.org/./feed?desk=1",
    ] {
        let text = source("one", first) + &source("two", second);
        let error = config::parse(&text).expect_err(second);
        assert!(error.to_string().contains("given already at"), "{error}");
    }
    for other in ["https://news.example.org/feed?desk=2", "https://news.example.org/feed", "https://www.example.org/feed?desk=1"] {
        let text = source("one", first) + &source("two", other);
        assert!(config::parse(&text).is_ok(), "{other}");
    }
}

#[tokio::test]
async fn b51_a_feed_that_moves_to_one_that_is_followed_is_not_asked_twice() {
    let web = web();
    let new = web.set_page("gazette", "/new.xml", rss("", &["Ferry back in service"]));
    let old = web.set_page("gazette", "/old.xml", newsweb::Response::status(301).with_header("Location", &new));
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.fetch.push_str("redirects_before_move_for = \"0s\"\n");
    super::bureau::FIVE_MINUTES.clone_into(&mut desk.schedule);
    desk.table(&format!("name = \"gazette\"\nfeeds = [{old:?}, {new:?}]"));
    let mut bureau = Bureau::at(desk).await;
    for _ in 0..6 {
        bureau.next_poll().await;
    }
    web.clear_log();
    bureau.restart().await;
    for _ in 0..4 {
        bureau.advance(320);
        bureau.poll_due().await;
    }
    let asked: Vec<String> = web.log().into_iter().map(|row| row.path).collect();
    assert_eq!(asked, ["/new.xml"; 4], "once an interval");
}

#[tokio::test]
async fn b54_a_feed_that_turns_over_between_polls_is_asked_sooner_and_the_gap_is_counted() {
    let web = NewsWeb::start(Plan::of([Agency { items: 5, window: 5, ..Agency::new("gazette") }])).unwrap();
    let bureau = Bureau::with(&web, "min_interval = \"5m\"\nmax_interval = \"4h\"\n", "").await;
    bureau.next_poll().await;
    let quiet = bureau.wait().await;
    for _ in 0..12 {
        web.publish("gazette", Story::new());
    }
    bureau.next_poll().await;
    let busy = bureau.wait().await;
    assert!(busy * 2 <= quiet, "{busy} s after a gap, {quiet} s before");
    let lost = bureau.count("select entries_lost from feeds");
    assert!((1..=20).contains(&lost), "twelve came, five are listed: {lost} counted as lost");
}

#[test]
fn b55_a_stop_during_a_fetch_leaves_nothing_half_written() {
    let web = web();
    let mut desk = Desk::of(&web);
    desk.daemon = "grace = \"300ms\"".to_owned();
    let gate = web.hold(Scope::Url(web.feed("gazette")));
    let daemon = desk.start();
    gate.wait_for(LIMIT, 1).unwrap();
    let begun = std::time::Instant::now();
    assert_eq!(daemon.stop().code(), Some(0));
    println!("left {} ms after SIGTERM", begun.elapsed().as_millis());
    {
        let ledger = rusqlite::Connection::open(desk.ledger_path()).unwrap();
        let count = |sql: &str| ledger.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(
            count("select count(*) from feed where etag is null and lease_until is null and unsettled = 0 and failures = 0"),
            1
        );
        assert_eq!(count("select count(*) from entry"), 0);
    }
    gate.release();
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 2);
    ledger.keeps_the_promise(&web);
}
