//! B45 to B48: robots.txt is asked for once a day, kept through restarts, and obeyed.

use newsweb::{Agency, Fault, NewsWeb, Plan, Response, Robots, Scope, Story};
use wireroom::model::Scope::Due;
use wireroom::model::{ScrapeOutcome, Timestamp};
use wireroom::store::Lane;

use super::bureau::{Bureau, FIVE_MINUTES};

const DAY: i64 = 86_400;

fn web(robots: Robots) -> NewsWeb {
    NewsWeb::start(Plan::of([Agency { items: 3, robots, ..Agency::new("gazette") }])).unwrap()
}

/// How many article pages were asked for.
fn pages(web: &NewsWeb) -> usize {
    web.requests_for(Scope::Articles("gazette".to_owned())).len()
}

/// The requests for robots.txt: whether each was conditional.
fn robots(web: &NewsWeb) -> Vec<bool> {
    web.requests_for("/robots.txt").iter().map(newsweb::Logged::conditional).collect()
}

#[tokio::test]
async fn b45_a_forbidden_article_is_never_fetched_and_a_feed_as_configured() {
    let web = web(Robots::Disallow("/".to_owned()));
    let bureau = Bureau::of(&web).await;
    assert!(!bureau.next_poll().await.is_failed(), "the operator named the feed");
    for (_, outcome) in bureau.scrape_due(9).await {
        assert!(!matches!(outcome, ScrapeOutcome::Retry { .. }), "a door that is shut is not tried again: {outcome:?}");
    }
    assert_eq!((pages(&web), robots(&web).len()), (0, 1));
    assert_eq!(bureau.count("select count(*) from entries where reason like '%robots%'"), 3, "and the reason is kept");

    let strict = Bureau::with(&web, FIVE_MINUTES, "feeds_obey_robots = true\n").await;
    web.clear_log();
    assert_eq!(strict.next_poll().await.class(), "robots");
    assert_eq!(web.log().iter().map(|row| row.path.as_str()).collect::<Vec<_>>(), ["/robots.txt"]);
}

#[tokio::test]
async fn b46_no_file_allows_and_one_out_of_reach_forbids() {
    for status in [404, 403, 401, 410, 400] {
        let web = web(Robots::Status(status));
        let bureau = Bureau::of(&web).await;
        bureau.next_poll().await;
        bureau.scrape_due(9).await;
        assert_eq!(pages(&web), 3, "{status}");
    }
    for fault in [Fault::Status(500), Fault::Status(503), Fault::Silence, Fault::RetryAfter(429, "600".to_owned())] {
        let web = web(Robots::Allow);
        web.fault(Scope::Url("/robots.txt".to_owned()), fault.clone());
        let bureau = Bureau::with(&web, FIVE_MINUTES, "timeout = \"400ms\"\nconnect_timeout = \"400ms\"\n").await;
        bureau.next_poll().await;
        bureau.scrape_due(9).await;
        assert_eq!(pages(&web), 0, "{fault:?}");
        assert_eq!(robots(&web).len(), 1, "one question for all three pages: {fault:?}");
        // Back within reach, the articles are fetched: none is lost by the wait.
        web.heal_all();
        for _ in 0..4 {
            bureau.advance(700);
            bureau.scrape_due(9).await;
        }
        assert_eq!(pages(&web), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn b46_an_older_copy_serves_while_there_is_no_newer_one() {
    let web = web(Robots::Disallow("/news/".to_owned()));
    let mut bureau = Bureau::of(&web).await;
    bureau.next_poll().await;
    bureau.scrape_due(9).await;
    let before = pages(&web);
    web.fault(Scope::Url("/robots.txt".to_owned()), Fault::Status(503));
    bureau.advance(40 * DAY);
    bureau.restart().await;
    web.publish("gazette", Story::new());
    bureau.next_poll().await;
    let after = bureau.scrape_due(9).await;
    assert_eq!(after.len(), 1);
    let forbidden = before == 0;
    assert_eq!(pages(&web) == before, forbidden, "what the old copy says counts, for as long as it takes");
}

#[tokio::test]
async fn b46_after_thirty_days_out_of_reach_it_counts_as_absent() {
    let web = web(Robots::Allow);
    web.fault(Scope::Url("/robots.txt".to_owned()), Fault::Status(500));
    let mut bureau = Bureau::of(&web).await;
    bureau.next_poll().await;
    bureau.scrape_due(9).await;
    assert_eq!(pages(&web), 0);
    for day in 1..=31 {
        bureau.advance(DAY);
        bureau.restart().await;
        // News of the day, dated by the web's own clock: what is too old for the daemon is not in question here.
        web.publish("gazette", Story::new());
        bureau.poll_due().await;
        bureau.scrape_due(40).await;
        if day < 30 {
            assert_eq!(pages(&web), 0, "day {day}");
        }
    }
    assert!(pages(&web) > 0, "after a month of it");
}

#[tokio::test]
async fn b47_robots_txt_is_asked_for_once_a_day_with_a_condition_and_kept_through_restarts() {
    let web = web(Robots::Allow);
    let text = "\u{feff}User-agent: *\r\nDisallow: /print/\rDisallow: /secret/\n";
    web.set_page("gazette", "/robots.txt", Response::bytes("text/plain", text).with_etag());
    let mut bureau = Bureau::of(&web).await;
    bureau.next_poll().await;
    bureau.scrape_due(9).await;
    assert_eq!((pages(&web), robots(&web)), (3, vec![false]));
    for _ in 0..11 {
        bureau.advance(2 * 3600);
        bureau.restart().await;
        web.publish("gazette", Story::new());
        bureau.poll_due().await;
        bureau.scrape_due(9).await;
    }
    assert_eq!(robots(&web), [false], "once for the 22 hours and all restarts");
    bureau.advance(3 * 3600);
    bureau.restart().await;
    web.publish("gazette", Story::new());
    bureau.poll_due().await;
    bureau.scrape_due(9).await;
    assert_eq!(robots(&web), [false, true], "then with a condition");
    assert_eq!(web.requests_for("/robots.txt")[1].status, 304);
    // The copy that the 304 stands for is obeyed for a further day.
    bureau.advance(3600);
    bureau.restart().await;
    let secret = web.publish("gazette", Story { path: Some("/secret/1.html".to_owned()), ..Story::new() });
    bureau.poll_due().await;
    bureau.scrape_due(9).await;
    assert!(web.requests_for(secret.url.as_str()).is_empty());
    assert_eq!(robots(&web).len(), 2);
}

/// The time that three pages of a host took from start to start, by its log, in milliseconds. The ledger's clock is moved to
/// each turn; the distance itself is kept in real time.
async fn distances(fetch: &str, seconds: u32) -> Vec<u64> {
    let web = web(Robots::Delay(seconds));
    let bureau = Bureau::with(&web, FIVE_MINUTES, fetch).await;
    bureau.next_poll().await;
    for _ in 0..3 {
        bureau.scrape_due(1).await;
        bureau.set(scrape_turn(&bureau).await.unwrap_or_else(|| bureau.now()));
    }
    let pages: Vec<u64> = web.requests_for(Scope::Articles("gazette".to_owned())).iter().map(|row| row.at_ms).collect();
    assert_eq!(pages.len(), 3);
    pages.windows(2).map(|two| two[1] - two[0]).collect()
}

/// When the next page may be claimed.
async fn scrape_turn(bureau: &Bureau) -> Option<Timestamp> {
    let (now, pace) = (bureau.now(), bureau.ctx.rules.pace);
    bureau.ctx.store.read(move |ledger| ledger.next_turn(now, Due, Lane::Scrape, &pace)).await.unwrap()
}

#[tokio::test]
async fn b48_crawl_delay_is_kept_up_to_its_cap() {
    // By the ledger: the next page's turn is so far away, the own delay being shorter.
    for (fetch, delay, expected) in
        [("", 30, 30), ("crawl_delay_max = \"10s\"\n", 30, 10), ("", 86_400, 120), ("crawl_delay_max = \"5m\"\n", 200, 200)]
    {
        let web = web(Robots::Delay(delay));
        let bureau = Bureau::with(&web, FIVE_MINUTES, fetch).await;
        bureau.next_poll().await;
        bureau.scrape_due(1).await;
        let wait = scrape_turn(&bureau).await.unwrap().duration_since(bureau.now()).as_secs_f64();
        assert!((f64::from(expected) - 1.0..=f64::from(expected) + 1.0).contains(&wait), "{wait} s, not {expected}");
    }
    // And by the server's log, in real time.
    let seen = distances("crawl_delay_max = \"1s\"\n", 30).await;
    assert!(seen.iter().all(|distance| *distance >= 900), "{seen:?}");
}
