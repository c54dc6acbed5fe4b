//! B40 to B44 and B50: the request itself, and what it costs when the other side does not play along.

#![allow(clippy::disallowed_methods, reason = "a test that measures how long something took")]

use std::time::{Duration, Instant};

use newsweb::{Agency, Fault, Format, NewsWeb, Plan, Response, Robots, Scope};

use wireroom::fetch::{Fetcher, Parts};

use super::bureau::{Bureau, FIVE_MINUTES, rss, serve, web};

#[tokio::test]
async fn b40_cookies_are_not_kept() {
    let web = web();
    let cookie = |path: &str, response: Response| web.set_page("gazette", path, response.with_header("Set-Cookie", "id=1; Path=/"));
    cookie(Format::Rss2.path(), rss("", &["News"]));
    cookie("/robots.txt", Response::bytes("text/plain", "User-agent: *\nAllow: /\n"));
    let bureau = Bureau::of(&web).await;
    for _ in 0..3 {
        bureau.next_poll().await;
    }
    web.unset_page("gazette", Format::Rss2.path());
    bureau.next_poll().await;
    bureau.scrape_due(9).await;
    assert!(web.log().len() > 5);
    assert!(web.log().iter().all(|row| row.header("cookie").is_none()));
}

#[tokio::test]
async fn b41_nothing_is_added_to_a_request_and_no_address_is_made_up() {
    let web = NewsWeb::start(Plan::of([Agency { items: 4, links: newsweb::Links::Tracked, ..Agency::new("gazette") }])).unwrap();
    let bureau = Bureau::of(&web).await;
    bureau.next_poll().await;
    bureau.scrape_due(9).await;
    bureau.next_poll().await;
    let mut expected: Vec<String> = web.truth().into_iter().map(|truth| truth.url).collect();
    expected.extend([web.feed("gazette"), web.url("gazette", "/robots.txt")]);
    for row in web.log() {
        let url = web.url("gazette", &row.path);
        assert!(expected.contains(&url), "made up: {}", row.target);
        // The feed's own links carry tracking parameters: an address is asked as it is written, or without them.
        let query = row.target.split_once('?').map_or("", |(_, query)| query);
        assert!(query.split('&').all(|pair| pair.is_empty() || pair.starts_with("utm_")), "{}", row.target);
        let known = ["host", "accept", "accept-encoding", "user-agent", "if-none-match", "if-modified-since"];
        let added: Vec<&String> = row.headers.iter().map(|(name, _)| name).filter(|name| !known.contains(&name.as_str())).collect();
        assert!(added.is_empty(), "{added:?}");
    }
}

#[tokio::test]
async fn b42_the_user_agent_says_who_and_its_token_is_matched_in_robots_txt() {
    let robots = "User-agent: *\nDisallow:\n\nUser-agent: WireRoom\nDisallow: /\n".to_owned();
    let web = NewsWeb::start(Plan::of([Agency { items: 2, robots: Robots::Text(robots), ..Agency::new("gazette") }])).unwrap();
    let bureau = Bureau::of(&web).await;
    bureau.next_poll().await;
    bureau.scrape_due(9).await;
    let agents: std::collections::BTreeSet<String> =
        web.log().iter().map(|row| row.header("user-agent").unwrap_or_default().to_owned()).collect();
    let expected = format!("wireroom/{} (+mailto:desk@example.net)", env!("CARGO_PKG_VERSION"));
    assert_eq!(agents, [expected].into(), "one name for feeds, robots.txt and pages");
    let paths: Vec<String> = web.log().into_iter().map(|row| row.path).collect();
    assert_eq!(paths, ["/rss.xml", "/robots.txt"], "the group of its own name binds it");
}

#[tokio::test]
async fn b43_compression_is_offered_and_decoded_and_a_bomb_stops_at_the_limit() {
    let web = NewsWeb::start(Plan::of([Agency { items: 3, gzip: true, ..Agency::new("gazette") }])).unwrap();
    let bureau = Bureau::with(&web, FIVE_MINUTES, "max_body = \"1MiB\"\n").await;
    assert!(!bureau.next_poll().await.is_failed());
    let offered = web.log()[0].header("accept-encoding").unwrap_or_default().to_owned();
    assert!(offered.contains("gzip"), "{offered}");
    assert_eq!(bureau.count("select count(*) from entries"), 3);
    web.fault_times(1, Scope::Everything, Fault::GzipBomb(200 << 20));
    web.publish("gazette", newsweb::Story::new());
    assert_eq!(bureau.next_poll().await.class(), "too_large");
    bureau.next_poll().await;
    assert_eq!(bureau.count("select count(*) from entries"), 4, "nothing is lost by it");
}

#[tokio::test]
async fn b44_a_body_that_drips_or_never_ends_frees_its_slot() {
    for fault in [Fault::Drip(1, Duration::from_millis(80)), Fault::Silence, Fault::Swell(64 << 20)] {
        let web = web();
        let limits = "timeout = \"600ms\"\nconnect_timeout = \"600ms\"\nmax_body = \"256KiB\"\nconcurrency = 8\n";
        let bureau = Bureau::with(&web, FIVE_MINUTES, limits).await;
        web.fault_times(1, Scope::Everything, fault.clone());
        let begun = Instant::now();
        let class = bureau.next_poll().await.class();
        assert!(["timeout", "too_large"].contains(&class), "{fault:?} {class}");
        assert!(begun.elapsed() < Duration::from_secs(6), "{fault:?} took {:?}", begun.elapsed());
        assert!(!bureau.next_poll().await.is_failed(), "{fault:?}");
    }
}

#[tokio::test]
async fn b50_one_connection_serves_consecutive_requests() {
    let web = web();
    let bureau = Bureau::of(&web).await;
    for index in 0..6 {
        serve(&web, rss("", &[&format!("News {index}")]));
        bureau.next_poll().await;
    }
    web.unset_page("gazette", Format::Rss2.path());
    bureau.next_poll().await;
    bureau.scrape_due(9).await;
    assert!(web.log().len() >= 10);
    assert_eq!(web.connections(), 1);
}

/// The pool's own figure is 45 s, and it looks around once in that time; here both are shorter.
#[tokio::test]
async fn b50_an_idle_connection_is_closed_within_twice_its_time() {
    let web = web();
    let mut bureau = Bureau::of(&web).await;
    let parts = Parts { idle: Duration::from_millis(700), ..Parts::default() };
    assert!((45..=90).contains(&(2 * Parts::default().idle.as_secs())), "closed after 45 to 90 s");
    bureau.ctx.fetcher = Fetcher::with_parts(bureau.settings.fetch.clone(), bureau.ctx.clock.clone(), parts).unwrap();
    bureau.next_poll().await;
    let port = web.address("gazette").port();
    let open = || {
        let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
        // The client's side of an established connection (state 01) to the web's port.
        let is_ours = |fields: Vec<&str>| {
            fields.get(2).is_some_and(|to| to.ends_with(&format!(":{port:04X}"))) && fields.get(3) == Some(&"01")
        };
        table.lines().filter(|line| is_ours(line.split_whitespace().collect())).count()
    };
    assert_eq!(open(), 1);
    let begun = Instant::now();
    while open() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "still open");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("an idle connection was closed after {} ms (kept for 700 to 1400)", begun.elapsed().as_millis());
}
