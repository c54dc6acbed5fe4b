//! B1 to B13: what a server calls a version of its feed comes back to it byte for byte, and vouches for nothing unread.

use newsweb::{Fault, NewsWeb, Response, Scope};
use wireroom::model::PollOutcome;

use super::bureau::{Bureau, rss, serve, web};
use crate::operator::Desk;

const ITEMS: [&str; 3] = ["Ferry back in service", "Bridge closed until noon", "Market opens"];

/// The validators of each request for the feed, in order.
fn asked(web: &NewsWeb) -> Vec<(Option<String>, Option<String>)> {
    let field = |row: &newsweb::Logged, name: &str| row.header(name).map(str::to_owned);
    let requests = web.requests_for(web.feed("gazette").as_str());
    requests.iter().map(|row| (field(row, "if-none-match"), field(row, "if-modified-since"))).collect()
}

fn tagged(tag: &str) -> Response {
    rss("", &ITEMS).with_header("ETag", tag)
}

/// What is sent back after an answer with this tag, if any, and this date, if any.
async fn echoed(tag: Option<&str>, date: Option<&str>) -> (Option<String>, Option<String>) {
    let web = web();
    let mut answer = rss("", &ITEMS);
    for (name, value) in [("ETag", tag), ("Last-Modified", date)] {
        if let Some(value) = value {
            answer = answer.with_header(name, value);
        }
    }
    serve(&web, answer);
    let bureau = Bureau::of(&web).await;
    bureau.next_poll().await;
    bureau.next_poll().await;
    let asked = asked(&web);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0], (None, None), "the first request has nothing to show");
    asked[1].clone()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test]
async fn b01_an_etag_is_sent_back_byte_for_byte() {
    assert_eq!(echoed(Some("\"a\""), None).await, (some("\"a\""), None));
}

#[tokio::test]
async fn b02_weak_unquoted_long_and_odd_tags_are_sent_back_unchanged() {
    let long = format!("\"{}\"", "x".repeat(300));
    for tag in ["W/\"x\"", "x", &long, "\"a, b\"", "\"a b,c\""] {
        assert_eq!(echoed(Some(tag), None).await, (some(tag), None), "{tag}");
    }
}

#[tokio::test]
async fn b03_a_date_in_an_odd_form_is_never_written_anew() {
    for date in ["Tue, 5 Mar 2024 1:02:03 +0000", "tue, 05 mar 2024 01:02:03 gmt", "yesterday"] {
        assert_eq!(echoed(None, Some(date)).await, (None, some(date)), "{date}");
    }
}

#[tokio::test]
async fn b04_both_validators_are_sent() {
    let date = "Tue, 05 Mar 2024 01:02:03 GMT";
    assert_eq!(echoed(Some("\"a\""), Some(date)).await, (some("\"a\""), some(date)));
}

#[tokio::test]
async fn b05_without_validators_none_is_invented_and_equal_bytes_cost_nothing() {
    let web = web();
    serve(&web, rss("", &ITEMS));
    let bureau = Bureau::of(&web).await;
    assert!(matches!(bureau.next_poll().await.outcome, PollOutcome::Read(read) if read.fresh.len() == 3));
    assert!(matches!(bureau.next_poll().await.outcome, PollOutcome::Unchanged(_)), "200 with the bytes that are known");
    assert_eq!(asked(&web), [(None, None), (None, None)]);
}

#[tokio::test]
async fn b06_a_304_without_validators_keeps_those_that_are_known() {
    let web = web();
    serve(&web, tagged("\"a\""));
    let bureau = Bureau::of(&web).await;
    bureau.next_poll().await;
    serve(&web, Response::status(304));
    assert!(matches!(bureau.next_poll().await.outcome, PollOutcome::Unchanged(_)));
    bureau.next_poll().await;
    assert_eq!(asked(&web)[1..], [(some("\"a\""), None), (some("\"a\""), None)]);
}

#[tokio::test]
async fn b07_a_304_with_a_new_tag_renews_it() {
    let web = web();
    serve(&web, tagged("\"a\""));
    let bureau = Bureau::of(&web).await;
    bureau.next_poll().await;
    serve(&web, Response::status(304).with_header("ETag", "\"b\""));
    bureau.next_poll().await;
    bureau.next_poll().await;
    assert_eq!(asked(&web)[1..], [(some("\"a\""), None), (some("\"b\""), None)]);
}

#[tokio::test]
async fn b08_a_200_without_validators_drops_the_old_ones() {
    let web = web();
    serve(&web, tagged("\"a\""));
    let bureau = Bureau::of(&web).await;
    bureau.next_poll().await;
    serve(&web, rss("", &["Something new"]));
    bureau.next_poll().await;
    bureau.next_poll().await;
    assert_eq!(asked(&web)[1..], [(some("\"a\""), None), (None, None)]);
}

#[tokio::test]
async fn b09_the_latest_tag_is_sent_and_none_out_of_sequence() {
    let web = web();
    let bureau = Bureau::of(&web).await;
    let tags = ["\"a\"", "\"b\"", "\"a\"", "\"c\""];
    for (index, tag) in tags.iter().enumerate() {
        serve(&web, rss("", &[&format!("News {index}")]).with_header("ETag", tag));
        bureau.next_poll().await;
    }
    let sent: Vec<Option<String>> = asked(&web).into_iter().map(|(tag, _)| tag).collect();
    assert_eq!(sent, [None, some("\"a\""), some("\"b\""), some("\"a\"")]);
}

#[tokio::test]
async fn b10_the_tag_of_what_cannot_be_read_is_not_kept() {
    let web = web();
    serve(&web, tagged("\"good\""));
    let bureau = Bureau::of(&web).await;
    bureau.next_poll().await;
    serve(&web, Response::html("<!doctype html><title>Down for maintenance</title><p>Back soon").with_header("ETag", "\"bad\""));
    assert!(bureau.next_poll().await.is_failed());
    serve(&web, tagged("\"bad\""));
    bureau.next_poll().await;
    assert!(asked(&web).iter().all(|(tag, _)| tag.as_deref() != Some("\"bad\"")), "{:?}", asked(&web));
}

#[tokio::test]
async fn b11_the_tag_of_a_body_cut_short_is_not_kept_and_it_is_asked_for_again() {
    for fault in [Fault::CutBody(150), Fault::CutChunked(150), Fault::ResetAfter(150)] {
        let web = web();
        serve(&web, tagged("\"a\""));
        web.fault_times(1, Scope::Url(web.feed("gazette")), fault.clone());
        let bureau = Bureau::of(&web).await;
        let first = bureau.next_poll().await;
        let second = bureau.next_poll().await;
        assert!(second.at.duration_since(first.at).as_secs() >= 300, "not at once: {fault:?}");
        assert_eq!(asked(&web), [(None, None), (None, None)], "{fault:?}");
        assert_eq!(bureau.count("select count(*) from entries"), 3, "{fault:?}");
    }
}

/// Entries and validators are one commit: the real daemon is killed at moments spread over its first poll.
#[test]
fn b12_after_a_kill_there_are_entries_and_validator_or_neither() {
    let web = web();
    let (mut both, mut neither) = (0, 0);
    for round in 0..8 {
        let desk = Desk::of(&web);
        let gate = web.hold(Scope::Url(web.feed("gazette")));
        let daemon = desk.start();
        gate.wait_for(crate::operator::LIMIT, 1).unwrap();
        gate.release();
        std::thread::sleep(std::time::Duration::from_millis(round * 6));
        daemon.kill();
        let ledger = rusqlite::Connection::open(desk.ledger_path()).unwrap();
        let count = |sql: &str| ledger.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        let (entries, tags) = (count("select count(*) from entry"), count("select count(*) from feed where etag is not null"));
        match (entries, tags) {
            (2, 1) => both += 1,
            (0, 0) => neither += 1,
            other => panic!("half a poll was committed: {other:?}"),
        }
    }
    println!("killed {both} times after the commit, {neither} times before");
}

#[tokio::test]
async fn b13_one_request_without_a_condition_in_a_feeds_life() {
    let web = web();
    let mut bureau = Bureau::of(&web).await;
    let feed = web.feed("gazette");
    for round in 0..20 {
        match round {
            4 | 9 => drop(web.publish("gazette", newsweb::Story::new())),
            6 => web.fault_times(1, Scope::Url(feed.clone()), Fault::Status(503)),
            7 => web.fault_times(1, Scope::Url(feed.clone()), Fault::CutBody(100)),
            11 => web.fault_times(1, Scope::Url(feed.clone()), Fault::Reset),
            _ => {}
        }
        if round % 3 == 0 {
            bureau.restart().await;
        }
        bureau.next_poll().await;
    }
    let unconditional = web.requests_for(feed.as_str()).iter().filter(|row| !row.conditional()).count();
    assert_eq!(unconditional, 1);
}
