//! The fetcher against a scripted server: manners (B1-B50 of the politeness list) and attacks, one test each.

#![allow(clippy::unwrap_used, reason = "a test may")]

pub(crate) mod server;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use tokio::net::TcpListener;
use tokio::time::Instant;
use wireroom::fetch::freshness::{self, Stated, http_date};
use wireroom::fetch::{AT_ONCE, CLASSES, Error, Fetcher, LARGEST, Limits, Lookup, Manners};
use wireroom::model::{Document, Failure, Fetched, Head, HostState, Purpose, Request, Timestamp, Url, Validators};

use server::{Reply, Server, Step, ok, ok_with, raw, redirect, robots, status, unchanged};

// ---------------------------------------------------------------- the client's side

/// A wall clock that stands still until it is moved.
#[derive(Clone)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn new() -> Clock {
        Clock(Arc::new(AtomicI64::new(http_date(b"Tue, 23 Apr 2024 13:00:00 GMT").unwrap().as_second())))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }

    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn shared(&self) -> wireroom::fetch::Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

/// Limits scaled down to a test's patience; loopback is excepted.
fn limits() -> Limits {
    Limits {
        contact: "mailto:desk@example.org".to_owned(),
        per_host_delay: Duration::ZERO,
        per_host_connections: 2,
        concurrency: 16,
        timeout: Duration::from_millis(700),
        connect_timeout: Duration::from_millis(300),
        max_body: 256 * 1024,
        max_redirects: 5,
        allow_private: vec!["127.0.0.1".to_owned()],
        manners: Manners::default(),
    }
}

fn strict() -> Limits {
    Limits { allow_private: Vec::new(), ..limits() }
}

fn fetcher_with(limits: Limits) -> (Fetcher, Clock) {
    let clock = Clock::new();
    (Fetcher::new(limits, clock.shared()).unwrap(), clock)
}

fn fetcher() -> Fetcher {
    fetcher_with(limits()).0
}

/// Names that lead where the test says; the answers of one name are given in turn.
fn names(table: &[(&str, &[&str])]) -> Lookup {
    let table: HashMap<String, Vec<IpAddr>> = table
        .iter()
        .map(|(name, addresses)| ((*name).to_owned(), addresses.iter().map(|address| address.parse().unwrap()).collect()))
        .collect();
    Arc::new(move |host| {
        let found = table.get(&host).cloned().ok_or_else(|| std::io::Error::other("no such name"));
        Box::pin(async move { found })
    })
}

fn feed(url: Url) -> Request {
    Request { url, validators: Validators::default(), purpose: Purpose::Feed }
}

fn page(url: Url) -> Request {
    Request { purpose: Purpose::Page, ..feed(url) }
}

fn with(mut request: Request, etag: Option<&str>, last_modified: Option<&str>) -> Request {
    request.validators = Validators {
        etag: etag.map(|text| text.as_bytes().to_vec()),
        last_modified: last_modified.map(|text| text.as_bytes().to_vec()),
    };
    request
}

async fn get(fetcher: &Fetcher, request: Request) -> Result<Fetched, Error> {
    fetcher.get(request, &HostState::default()).await.0
}

#[track_caller]
fn document(fetched: Result<Fetched, Error>) -> Document {
    match fetched {
        Ok(Fetched::Document(document)) => *document,
        other => panic!("no document: {other:?}"),
    }
}

#[track_caller]
fn not_modified(fetched: Result<Fetched, Error>) -> Head {
    match fetched {
        Ok(Fetched::NotModified(head)) => head,
        other => panic!("no 304: {other:?}"),
    }
}

/// The error's class, after a look at its message.
#[track_caller]
fn class(fetched: Result<Fetched, Error>) -> &'static str {
    let error = fetched.expect_err("an error");
    assert!(CLASSES.contains(&error.class()), "{} is a class to be explained", error.class());
    let text = error.to_string();
    assert!(!text.contains('\n') && !text.ends_with('.') && text.len() < 700, "{text}");
    error.class()
}

async fn class_of(server: &Server, reply: Reply) -> &'static str {
    server.on("/x", [reply]);
    class(get(&fetcher(), feed(server.url("/x"))).await)
}

// ---------------------------------------------------------------- validators

/// B1-B4, B2 and B3 in odd forms: what came is sent back byte for byte.
#[tokio::test]
async fn b01_to_b04_validators_are_echoed_byte_for_byte() {
    let server = Server::start().await;
    let long = format!("\"{}\"", "e".repeat(300));
    let cases = [
        (Some("\"a\""), None),
        (Some("W/\"x\""), None),
        (Some("x"), None),
        (Some(long.as_str()), None),
        (Some("\"a, b c\""), None),
        (None, Some("Tue, 5 Mar 2024 1:02:03 +0000")),
        (None, Some("tue, 05 mar 2024 01:02:03 gmt")),
        (Some("\"both\""), Some("Tue, 05 Mar 2024 01:02:03 GMT")),
    ];
    for (etag, modified) in cases {
        let fields = [etag.map(|etag| format!("ETag: {etag}\r\n")), modified.map(|date| format!("Last-Modified: {date}\r\n"))];
        let fields: String = fields.into_iter().flatten().collect();
        server.on("/feed", [ok(&fields), unchanged("")]);
        let fetcher = fetcher();
        let first = document(get(&fetcher, feed(server.url("/feed"))).await);
        assert_eq!((server.last().field("if-none-match"), server.last().field("if-modified-since")), (None, None));
        let request = Request { validators: first.head.validators, ..feed(server.url("/feed")) };
        not_modified(get(&fetcher, request).await);
        assert_eq!(server.last().field("if-none-match"), etag);
        assert_eq!(server.last().field("if-modified-since"), modified);
    }
}

#[tokio::test]
async fn b02_bytes_beyond_ascii_are_echoed_too() {
    let server = Server::start().await;
    let reply = raw(b"HTTP/1.1 200 OK\r\nETag: \"\xe9\xff\"\r\nContent-Length: 2\r\n\r\nok");
    server.on("/feed", [reply]);
    let validators = document(get(&fetcher(), feed(server.url("/feed"))).await).head.validators;
    assert_eq!(validators.etag.as_deref(), Some(&b"\"\xe9\xff\""[..]));
    let _ = get(&fetcher(), Request { validators, ..feed(server.url("/feed")) }).await;
    assert!(server.last().head.contains("\"\u{fffd}\u{fffd}\""), "{}", server.last().head);
}

#[tokio::test]
async fn b05_no_validators_none_invented() {
    let server = Server::start().await;
    server.on("/feed", [ok("Date: Tue, 23 Apr 2024 13:00:00 GMT\r\n")]);
    let document = document(get(&fetcher(), feed(server.url("/feed"))).await);
    assert!(document.head.validators.is_empty());
}

#[tokio::test]
async fn b06_b07_a_304_keeps_or_renews_validators() {
    let server = Server::start().await;
    server.on("/feed", [unchanged(""), unchanged("ETag: \"new\"\r\n")]);
    let request = || with(feed(server.url("/feed")), Some("\"old\""), Some("Mon, 01 Jan 2024 00:00:00 GMT"));
    let head = not_modified(get(&fetcher(), request()).await);
    assert_eq!(head.validators, request().validators);
    let head = not_modified(get(&fetcher(), request()).await);
    assert_eq!(head.validators.etag.as_deref(), Some(&b"\"new\""[..]));
    assert_eq!(head.validators.last_modified, request().validators.last_modified);
}

#[tokio::test]
async fn b08_b09_a_200_replaces_validators_even_by_none() {
    let server = Server::start().await;
    server.on("/feed", [ok("ETag: \"b\"\r\n"), ok("")]);
    let request = || with(feed(server.url("/feed")), Some("\"a\""), Some("Mon, 01 Jan 2024 00:00:00 GMT"));
    let validators = document(get(&fetcher(), request()).await).head.validators;
    assert_eq!(validators, with(request(), Some("\"b\""), None).validators);
    assert!(document(get(&fetcher(), request()).await).head.validators.is_empty());
}

#[tokio::test]
async fn a_304_nobody_asked_for_is_an_error() {
    let server = Server::start().await;
    server.on("/feed", [unchanged("ETag: \"a\"\r\n")]);
    let error = get(&fetcher(), feed(server.url("/feed"))).await.unwrap_err();
    assert_eq!((error.class(), error.failure()), ("bad_status", Failure::Persistent));
}

/// Attack 52: line breaks in a stored validator never reach the wire.
#[tokio::test]
async fn a52_line_breaks_in_validators_are_not_sent() {
    let server = Server::start().await;
    server.on("/feed", [ok("")]);
    document(get(&fetcher(), with(feed(server.url("/feed")), Some("\"a\"\r\nX-Evil: 1"), Some("b\nc"))).await);
    assert!(!server.last().head.to_lowercase().contains("evil"));
    assert_eq!((server.last().field("if-none-match"), server.last().field("if-modified-since")), (None, None));
    let contact = Limits { contact: "mailto:a@example.org\r\nX-Evil: 1".to_owned(), ..limits() };
    assert_eq!(Fetcher::new(contact, Clock::new().shared()).unwrap_err().class(), "settings");
}

// ---------------------------------------------------------------- what the server asks for

/// B19, B20, B22, B23 and fault 20.
#[tokio::test]
async fn b19_to_b23_retry_after() {
    let cases = [
        ("429 Too Many Requests", "120", Some(120)),
        ("429 Too Many Requests", "Tue, 23 Apr 2024 13:02:00 GMT", Some(120)),
        ("503 Service Unavailable", "60", Some(60)),
        ("503 Service Unavailable", "317100", Some(86_400)),
        ("429 Too Many Requests", "99999999999999999999999", Some(86_400)),
        ("429 Too Many Requests", "5", Some(5)),
        // Too many is too many, whatever else is said.
        ("429 Too Many Requests", "-5", Some(60)),
        ("429 Too Many Requests", "0", Some(60)),
        ("429 Too Many Requests", "soon", Some(60)),
        ("429 Too Many Requests", "Tue, 23 Apr 2024 12:00:00 GMT", Some(60)),
        ("503 Service Unavailable", "0", None),
        ("503 Service Unavailable", "soon", None),
        ("500 Internal Server Error", "120", None),
    ];
    for (line, value, seconds) in cases {
        let server = Server::start().await;
        server.on("/feed", [status(line, &format!("Retry-After: {value}\r\n")), ok("")]);
        let (fetcher, clock) = fetcher_with(limits());
        let (answer, state) = fetcher.get(feed(server.url("/feed")), &HostState::default()).await;
        let error = answer.unwrap_err();
        let Some(seconds) = seconds else {
            assert_eq!((error.failure(), state.retry_until), (Failure::Transient, None), "{line} {value}");
            continue;
        };
        assert_eq!(error.failure(), Failure::Deferred(Duration::from_secs(seconds)), "{line} {value}");
        assert_eq!(state.retry_until.unwrap().duration_since(clock.now()).as_secs(), seconds as i64);

        // Not even another page of the host, with a claim that knows nothing of it.
        clock.advance(seconds as i64 - 1);
        let early = get(&fetcher, feed(server.url("/other"))).await.unwrap_err();
        assert_eq!((early.class(), early.failure()), ("rate_limited", Failure::Waits(Duration::from_secs(1))));
        assert_eq!(server.hits().len(), 1);
        clock.advance(1);
        document(get(&fetcher, feed(server.url("/feed"))).await);
    }
}

/// A 429 that does not say for how long holds the whole host for a minute.
#[tokio::test]
async fn b19_a_429_without_retry_after_holds_the_host() {
    let server = Server::start().await;
    server.on("/feed", [status("429 Too Many Requests", "")]).on("/other", [ok("")]);
    let (fetcher, clock) = fetcher_with(limits());
    let (answer, state) = fetcher.get(feed(server.url("/feed")), &HostState::default()).await;
    let error = answer.unwrap_err();
    assert_eq!((error.class(), error.failure()), ("rate_limited", Failure::Deferred(Duration::from_secs(60))));
    assert_eq!(state.retry_until, Some(clock.now() + Duration::from_secs(60)));
    clock.advance(59);
    let (other, _) = fetcher_with(limits());
    for (process, state) in [(&fetcher, &HostState::default()), (&other, &state)] {
        // The other process's clock still stands at the 429.
        let early = process.get(feed(server.url("/other")), state).await.0.unwrap_err();
        assert_eq!(early.class(), "rate_limited");
    }
    assert_eq!(server.paths(), ["/feed"]);
    clock.advance(1);
    document(get(&fetcher, feed(server.url("/other"))).await);
}

#[tokio::test]
async fn b19_the_ledger_remembers_across_a_restart() {
    let server = Server::start().await;
    server.on("/feed", [ok("")]);
    let (fetcher, clock) = fetcher_with(limits());
    let state = HostState { retry_until: Some(clock.now() + Duration::from_secs(60)), ..HostState::default() };
    let (answer, after) = fetcher.get(feed(server.url("/feed")), &state).await;
    assert_eq!(answer.unwrap_err().failure(), Failure::Waits(Duration::from_secs(60)));
    assert_eq!(after.retry_until, state.retry_until);
    assert!(server.hits().is_empty());
    // B18: a clock that jumped back does not silence a host for longer than a day.
    clock.advance(-400 * 86_400);
    assert_eq!(get_with(&fetcher, &server, &state).await.unwrap_err().failure(), Failure::Waits(Duration::from_secs(86_400)));
}

async fn get_with(fetcher: &Fetcher, server: &Server, state: &HostState) -> Result<Fetched, Error> {
    fetcher.get(feed(server.url("/feed")), state).await.0
}

/// B25-B28: pure, over the fields alone.
#[test]
fn b25_to_b28_freshness() {
    let now = http_date(b"Tue, 23 Apr 2024 13:00:00 GMT").unwrap();
    let check = |cache_control: &str, age: &str, expires: &str, date: &str, expected: Option<u64>| {
        fn some(text: &str) -> Option<&[u8]> {
            (!text.is_empty()).then_some(text.as_bytes())
        }
        let stated = Stated { cache_control: some(cache_control), age: some(age), expires: some(expires), date: some(date) };
        assert_eq!(stated.fresh_for(now), expected.map(Duration::from_secs), "{stated:?}");
    };
    let (in_an_hour, an_hour_ago) = ("Tue, 23 Apr 2024 14:00:00 GMT", "Tue, 23 Apr 2024 12:00:00 GMT");
    check("max-age=3600", "", "", "", Some(3600));
    check("max-age=3600", "600", "", "", Some(3000));
    check("max-age=3600", "3600", "", "", None);
    check("public, MAX-AGE=\"60\"", "junk", "", "", Some(60));
    check("max-age=60, max-age=3600", "", "", "", Some(60));
    check("max-age=0", "", in_an_hour, "", None);
    check("no-cache, max-age=60", "", in_an_hour, "", None);
    check("no-store", "", "", "", None);
    check("max-age=junk", "", in_an_hour, "", None);
    check("", "", in_an_hour, "", Some(3600));
    check("public", "", in_an_hour, "", Some(3600));
    check("", "", in_an_hour, an_hour_ago, Some(7200));
    check("", "", "0", "", None);
    check("", "", an_hour_ago, "", None);
    check("max-age=31536000", "", "", "", Some(31_536_000));
    check("max-age=99999999999999999999", "", "", "", Some(31_536_000));
    check("", "", "Fri, 31 Dec 9999 23:59:59 GMT", "", Some(31_536_000));
    check("", "", "", "", None);
}

#[tokio::test]
async fn b25_freshness_is_read_from_both_kinds_of_answer() {
    let server = Server::start().await;
    let fields = "Cache-Control: public\r\nCache-Control: max-age=900\r\nAge: 100\r\n";
    server.on("/feed", [ok(fields), unchanged(fields)]);
    let fetcher = fetcher();
    assert_eq!(document(get(&fetcher, feed(server.url("/feed"))).await).head.fresh_for, Some(Duration::from_secs(800)));
    let again = not_modified(get(&fetcher, with(feed(server.url("/feed")), Some("\"a\""), None)).await);
    assert_eq!(again.fresh_for, Some(Duration::from_secs(800)));
}

#[test]
fn dates_as_http_writes_them() {
    let second = |text: &str| http_date(text.as_bytes()).map(|date| date.as_second());
    for text in [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "sun, 6 nov 1994 8:49:37 GMT",
    ] {
        assert_eq!(second(text), Some(784_111_777), "{text}");
    }
    assert_eq!(second("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
    assert_eq!(second("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800));
    assert_eq!(second("Wed, 01 Mar 2023 00:00:00 GMT"), Some(1_677_628_800));
    assert_eq!(http_date(b"Fri, 31 Dec 9999 23:59:59 GMT"), Some(Timestamp::MAX));
    for text in [
        "",
        "0",
        "-1",
        "Thu, 30 Feb 2024 00:00:00 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 +0100",
        "Sun, 00 Nov 1994 08:49:37 GMT",
    ] {
        assert_eq!(second(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn stated_times_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), text in "[A-Za-z]{0,9},? ?[0-9]{0,9}[ -][A-Za-z]{0,4}[ -]?[0-9]{0,20} [0-9:]{0,12} ?(GMT)?") {
        for value in [&bytes[..], text.as_bytes()] {
            let _ = http_date(value);
            let wait = freshness::retry_after(value, Timestamp::UNIX_EPOCH);
            prop_assert!(wait.is_none_or(|wait| wait <= freshness::MAX_RETRY_AFTER));
            let fresh = Stated { cache_control: Some(value), age: Some(value), expires: Some(value), date: Some(value) }.fresh_for(Timestamp::MAX);
            prop_assert!(fresh.is_none_or(|fresh| fresh <= freshness::MAX_FRESH));
        }
    }

    /// Every second between 1970 and 2100 survives being written and read.
    #[test]
    fn dates_are_read_as_written(second in 0i64..4_102_444_800) {
        let date = Timestamp::from_second(second).unwrap();
        let zoned = date.to_string();
        let (year, month, day, time) = (&zoned[..4], &zoned[5..7], &zoned[8..10], &zoned[11..19]);
        let name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month.parse::<usize>().unwrap() - 1];
        let text = format!("Xxx, {day} {name} {year} {time} GMT");
        prop_assert_eq!(http_date(text.as_bytes()), Some(date));
    }
}

// ---------------------------------------------------------------- statuses

#[tokio::test]
async fn statuses_have_classes_and_failures() {
    let cases = [
        ("204 No Content", "empty", Failure::Transient),
        ("206 Partial Content", "bad_status", Failure::Persistent),
        ("400 Bad Request", "bad_status", Failure::Persistent),
        ("401 Unauthorized", "unauthorized", Failure::Persistent),
        ("403 Forbidden", "forbidden", Failure::Persistent),
        ("404 Not Found", "not_found", Failure::Persistent),
        ("408 Request Timeout", "server_error", Failure::Transient),
        ("410 Gone", "gone", Failure::Final),
        ("425 Too Early", "server_error", Failure::Transient),
        ("429 Too Many Requests", "rate_limited", Failure::Deferred(Duration::from_secs(60))),
        ("451 Unavailable", "forbidden", Failure::Persistent),
        ("500 Oops", "server_error", Failure::Transient),
        ("503 Busy", "server_error", Failure::Transient),
        ("300 Multiple Choices", "bad_status", Failure::Persistent),
    ];
    let server = Server::start().await;
    for (line, expected, failure) in cases {
        let head = format!("HTTP/1.1 {line}\r\n{}\r\n", if line.starts_with("204") { "" } else { "Content-Length: 0\r\n" });
        server.on("/x", [raw(head)]);
        let error = get(&fetcher(), feed(server.url("/x"))).await.unwrap_err();
        assert_eq!((error.class(), error.failure()), (expected, failure), "{line}");
    }
}

// ---------------------------------------------------------------- redirects

#[tokio::test]
async fn b32_only_permanent_redirects_move_a_feed() {
    let server = Server::start().await;
    server.on("/new", [ok("")]);
    for (first, second, moved) in [(301, 308, true), (308, 301, true), (301, 302, false), (307, 301, false), (303, 303, false)] {
        server.on("/old", [redirect(first, "/middle")]).on("/middle", [redirect(second, "/new#there")]);
        let document = document(get(&fetcher(), feed(server.url("/old"))).await);
        assert_eq!(document.head.moved_to, moved.then(|| server.url("/new")), "{first} {second}");
        assert_eq!((document.url, document.head.final_url), (server.url("/old"), server.url("/new")));
    }
    assert_eq!(document(get(&fetcher(), feed(server.url("/new"))).await).head.moved_to, None);
}

#[tokio::test]
async fn redirects_are_resolved_as_references() {
    let server = Server::start().await;
    let host = format!("127.0.0.1:{}", server.port);
    let cases = [
        ("next", "/a/next"),
        ("../b/next", "/b/next"),
        ("?page=2", "/a/x?page=2"),
        ("/c d", "/c%20d"),
        ("/\u{fc}", "/%C3%BC"),
        ("/e#top", "/e"),
        (&format!("//{host}/f"), "/f"),
        (&format!("http://user:secret@{host}/g"), "/g"),
    ];
    for (location, path) in cases {
        server.on("/a/x", [redirect(302, location)]).on(path, [ok("")]);
        let document = document(get(&fetcher(), feed(server.url("/a/x"))).await);
        assert_eq!((server.last().path.as_str(), &document.head.final_url), (path, &server.url(path)), "{location}");
        assert_eq!(server.last().field("authorization"), None);
    }
}

/// B34 and attack 11.
#[tokio::test]
async fn b34_loops_and_long_chains_end() {
    let server = Server::start().await;
    server.on("/a", [redirect(301, "/b")]).on("/b", [redirect(302, "/a")]).on("/self", [redirect(302, "/self")]);
    for path in ["/a", "/self"] {
        assert_eq!(class(get(&fetcher(), feed(server.url(path))).await), "redirect_loop");
    }
    for step in 0..20 {
        server.on(&format!("/{step}"), [redirect(301, &format!("/{}", step + 1))]);
    }
    let before = server.hits().len();
    assert_eq!(class(get(&fetcher(), feed(server.url("/0"))).await), "too_many_redirects");
    assert_eq!(server.hits().len() - before, 6);
    server.on("/15", [ok("")]);
    document(get(&fetcher(), feed(server.url("/10"))).await);
}

/// B35: validators given by one address are not shown to another, until that one has given its own.
#[tokio::test]
async fn b35_validators_stay_with_the_address_that_gave_them() {
    let (old, new) = (Server::start().await, Server::start().await);
    old.on("/feed", [redirect(301, new.url("/feed").as_str())]);
    new.on("/feed", [ok("ETag: \"n\"\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\nSet-Cookie: a=b\r\n"), unchanged("")]);
    let fetcher = fetcher();
    let stale = with(feed(old.url("/feed")), Some("\"o\""), Some("Tue, 02 Jan 2024 00:00:00 GMT"));
    let first = document(get(&fetcher, stale).await);
    assert_eq!(old.last().field("if-none-match"), Some("\"o\""));
    assert_eq!((new.last().field("if-none-match"), new.last().field("if-modified-since")), (None, None));
    let request = || Request { validators: first.head.validators.clone(), ..feed(old.url("/feed")) };
    let head = not_modified(get(&fetcher, request()).await);
    assert_eq!(new.last().field("if-none-match"), Some("\"n\""));
    assert_eq!((old.last().field("if-none-match"), old.last().field("if-modified-since")), (None, None));
    assert_eq!((head.final_url, head.moved_to), (new.url("/feed"), Some(new.url("/feed"))));
    assert_eq!(head.validators, first.head.validators);

    // A process that does not remember who gave them asks the new address for all of it.
    new.on("/feed", [ok("ETag: \"n\"\r\n")]);
    document(get(&self::fetcher(), request()).await);
    assert_eq!((new.last().field("if-none-match"), new.last().field("if-modified-since")), (None, None));

    // The move is taken back, or passes on the same way for a while: what is new there is read.
    old.on("/feed", [ok("ETag: \"o\"\r\n")]);
    let back = document(get(&fetcher, request()).await);
    assert_eq!((old.last().field("if-none-match"), old.last().field("if-modified-since")), (None, None));
    old.on("/feed", [unchanged("")]);
    not_modified(get(&fetcher, Request { validators: back.head.validators, ..feed(old.url("/feed")) }).await);
    assert_eq!(old.last().field("if-none-match"), Some("\"o\""));
}

/// A feed that was somewhere else for a while never gets to see the dates of that place: a 304 to a
/// date that is newer than its own would hide its items.
#[tokio::test]
async fn b35_a_passing_redirect_leaves_no_validators() {
    const NEWER: &str = "ETag: \"b\"\r\nLast-Modified: Tue, 02 Jan 2024 00:00:00 GMT\r\n";
    let (a, elsewhere) = (Server::start().await, Server::start().await);
    let own = || with(feed(a.url("/feed")), Some("\"a\""), Some("Mon, 01 Jan 2024 00:00:00 GMT"));
    elsewhere.on("/b", [ok(NEWER)]);
    a.on("/b", [ok(NEWER)]).on("/lasting", [redirect(301, "/feed")]);
    for code in [302, 303, 307] {
        // Another host or the same one.
        for target in [elsewhere.url("/b"), a.url("/b")] {
            let fetcher = fetcher();
            a.on("/feed", [redirect(code, target.as_str()), redirect(code, target.as_str()), ok("")]);
            let away = document(get(&fetcher, own()).await);
            let seen = if target == a.url("/b") { a.last() } else { elsewhere.last() };
            assert_eq!((seen.field("if-none-match"), seen.field("if-modified-since")), (None, None), "{code} {target}");
            assert!(away.head.validators.is_empty(), "{code} {target}");
            // One passing step on the way is enough.
            let longer = document(get(&fetcher, feed(a.url("/lasting"))).await);
            assert_eq!((longer.head.final_url, longer.head.validators.is_empty()), (target.clone(), true));
            document(get(&fetcher, Request { validators: away.head.validators, ..own() }).await);
            assert_eq!(a.last().path, "/feed");
            assert_eq!((a.last().field("if-none-match"), a.last().field("if-modified-since")), (None, None), "{code} {target}");
        }
    }
}

/// The same when the passing redirect leads where a lasting one led before.
#[tokio::test]
async fn b35_a_move_that_becomes_passing_is_read_anew() {
    let (old, new) = (Server::start().await, Server::start().await);
    let to_new = |code| redirect(code, new.url("/feed").as_str());
    old.on("/feed", [to_new(308), to_new(302), ok("")]);
    new.on("/feed", [ok("Last-Modified: Tue, 02 Jan 2024 00:00:00 GMT\r\n")]);
    let fetcher = fetcher();
    let kept = document(get(&fetcher, feed(old.url("/feed"))).await).head.validators;
    assert!(kept.last_modified.is_some());
    let request = || Request { validators: kept.clone(), ..feed(old.url("/feed")) };
    assert!(document(get(&fetcher, request()).await).head.validators.is_empty());
    assert_eq!(new.last().field("if-modified-since"), None);
    // A caller that found the body unchanged still holds what the new address gave.
    document(get(&fetcher, request()).await);
    assert_eq!(old.last().field("if-modified-since"), None);
}

/// B35: pace of the new host.
#[tokio::test]
async fn b35_pace_and_robots_of_the_new_host_apply() {
    let (old, new) = (Server::start().await, Server::start().await);
    old.on("/robots.txt", [robots("")]).on("/news", [redirect(301, new.url("/secret/news").as_str())]);
    new.on("/robots.txt", [robots("user-agent: wireroom\ndisallow: /secret/\n")]).on("/secret/news", [ok("")]);
    let (answer, state) = fetcher().get(page(old.url("/news")), &HostState::default()).await;
    let error = answer.unwrap_err();
    assert_eq!((error.class(), error.failure()), ("robots", Failure::Final));
    assert_eq!(new.paths(), ["/robots.txt"]);
    assert_eq!(state.robots.as_deref(), Some(&b""[..]), "the first host's robots.txt, not the second's");

    let (fetcher, _) = fetcher_with(Limits { per_host_delay: Duration::from_millis(120), ..limits() });
    new.on("/feed", [ok("")]);
    old.on("/feed", [redirect(302, new.url("/feed").as_str())]);
    // The first start is not before this instant, and the second arrival not before its own start: however busy the machine,
    // a second start that kept its distance arrives no earlier.
    let begun = Instant::now();
    document(get(&fetcher, feed(new.url("/feed"))).await);
    document(get(&fetcher, feed(old.url("/feed"))).await);
    assert!(new.last().at - begun >= Duration::from_millis(119), "{:?}", new.last().at - begun);
}

/// B36 and attack 10, with the guard in its place: nothing is asked of the target.
#[tokio::test]
async fn b36_redirects_that_are_not_followed() {
    let server = Server::start().await;
    let bad = [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "data:text/xml,<rss/>",
        "ftp://example.org/feed",
        "javascript:1",
        "http://",
        "http://[::1",
    ];
    for target in bad {
        server.on("/x", [redirect(302, target)]);
        assert_eq!(class(get(&fetcher(), feed(server.url("/x"))).await), "bad_redirect", "{target}");
    }
    server.on("/x", [status("302 Found", "")]);
    assert_eq!(class(get(&fetcher(), feed(server.url("/x"))).await), "bad_redirect");

    let other = Server::start().await;
    let narrow = Limits { allow_private: vec![format!("127.0.0.1:{}", server.port)], ..limits() };
    let (fetcher, _) = fetcher_with(narrow);
    let targets = [
        other.url("/x").to_string(),
        format!("http://localhost:{}/x", other.port),
        format!("http://[::ffff:127.0.0.1]:{}/x", other.port),
        "http://169.254.169.254/latest".to_owned(),
        "//10.0.0.1/x".to_owned(),
    ];
    for target in targets {
        server.on("/x", [redirect(301, &target)]);
        assert_eq!(class(get(&fetcher, feed(server.url("/x"))).await), "blocked_address", "{target}");
    }
    assert!(other.hits().is_empty());
}

/// Attack 13, the other side of it (see `redirect.rs` for the refusal).
#[tokio::test]
async fn a13_a_feed_of_the_operators_own_net_may_move_within_it() {
    let server = Server::start().await;
    let other = Server::start().await;
    server.on("/old", [redirect(301, other.url_at("lan.example.test", "/new").as_str())]);
    other.on("/new", [ok("")]);
    let allow_private = vec!["lan.example.test".to_owned(), format!("127.0.0.1:{}", server.port)];
    let lookup = names(&[("lan.example.test", &["127.0.0.1"])]);
    let fetcher = Fetcher::with_lookup(Limits { allow_private, ..limits() }, Clock::new().shared(), lookup).unwrap();
    assert!(document(get(&fetcher, feed(server.url("/old"))).await).head.moved_to.is_some());
}

/// Attack 57: credentials in a URL reach the host they were written for, and no other place.
#[tokio::test]
async fn a57_credentials_stay_with_their_host() {
    let (old, new) = (Server::start().await, Server::start().await);
    old.on("/feed", [redirect(302, new.url("/feed").as_str())]);
    new.on("/feed", [ok("")]);
    let mut url = old.url("/feed");
    url.set_username("desk").unwrap();
    url.set_password(Some("secret")).unwrap();
    document(get(&fetcher(), feed(url.clone())).await);
    assert!(old.last().field("authorization").is_some());
    assert_eq!(new.last().field("authorization"), None);
    old.on("/feed", [status("403 Forbidden", "")]);
    let error = get(&fetcher(), feed(url.clone())).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    old.on("/feed", [ok("")]);
    assert!(!document(get(&fetcher(), feed(url)).await).head.final_url.as_str().contains("secret"));
}

// ---------------------------------------------------------------- the guard

/// Attacks 1-6, 18: literal addresses in every spelling. Refused before anything is dialled.
#[tokio::test]
async fn a01_to_a06_private_and_special_addresses_are_refused() {
    let hosts = [
        "127.0.0.1",
        "127.1.2.3",
        "[::1]",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "[fd00::1]",
        "[fc00::1]",
        "[fe80::1]",
        "0.0.0.0",
        "0.0.0.1",
        "[::]",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.8",
        "198.18.0.1",
        "198.19.255.255",
        "240.0.0.1",
        "224.0.0.1",
        "239.1.1.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "[ff02::1]",
        "[2001:db8::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2002:a00:1::]",
        "[2001:0:7f00:1::]",
        "[2001:0:808:808:0:0:80ff:fffe]",
        "[fec0::1]",
        "[100::1]",
        "[3fff::1]",
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "127.1",
        "0",
        "0x7f000001",
        "127.0.0.1.",
        "127。0。0。1",
        "a@127.0.0.1",
        "a:b@[::1]",
        "①②⑦.0.0.1",
    ];
    let (fetcher, _) = fetcher_with(strict());
    for host in hosts {
        for purpose in [Purpose::Feed, Purpose::Page] {
            let url: Url = format!("http://{host}/x").parse().unwrap();
            let error = get(&fetcher, Request { purpose, ..feed(url) }).await.unwrap_err();
            assert_eq!((error.class(), error.failure()), ("blocked_address", Failure::Persistent), "{host}: {error}");
        }
    }
}

#[tokio::test]
async fn a18_tabs_and_backslashes_are_read_as_browsers_do() {
    let (fetcher, _) = fetcher_with(strict());
    for text in [
        "http:\\\\127.0.0.1\\x",
        "http://127.0\t.0.1/x",
        "http:/127.0.0.1/",
        "http://example.org\\@127.0.0.1/",
        "ht\ntp://127.0.0.1",
    ] {
        let url: Url = text.parse().unwrap();
        let expected = if url.host_str() == Some("127.0.0.1") { "blocked_address" } else { "dns" };
        let lookup = names(&[]);
        let named = Fetcher::with_lookup(strict(), Clock::new().shared(), lookup).unwrap();
        assert_eq!(class(get(&named, feed(url)).await), expected, "{text:?}");
    }
    for text in ["file:///etc/passwd", "ftp://example.org/", "data:,x", "unix:/run/x"] {
        assert_eq!(class(get(&fetcher, feed(text.parse().unwrap())).await), "bad_address", "{text}");
    }
}

/// Attacks 1, 7, 9: names. `localhost` goes the way of the system's resolver.
#[tokio::test]
async fn a07_a09_names_that_lead_inside() {
    let server = Server::start().await;
    server.on("/x", [ok("")]);
    let (fetcher, _) = fetcher_with(strict());
    for host in ["localhost", "LOCALHOST"] {
        assert_eq!(class(get(&fetcher, feed(server.url_at(host, "/x"))).await), "blocked_address", "{host}");
    }
    let lookup = names(&[
        ("inside.example.test", &["10.1.2.3", "fd00::1", "127.0.0.1"]),
        ("mapped.example.test", &["::ffff:127.0.0.1"]),
        ("mixed.example.test", &["127.0.0.1", "2001:4860::1"]),
        ("empty.example.test", &[]),
    ]);
    let short = Limits { connect_timeout: Duration::from_millis(60), timeout: Duration::from_millis(200), ..strict() };
    let fetcher = Fetcher::with_lookup(short, Clock::new().shared(), lookup).unwrap();
    let classes = [("inside", "blocked_address"), ("mapped", "blocked_address"), ("empty", "dns"), ("unknown", "dns")];
    for (host, expected) in classes {
        let url = server.url_at(&format!("{host}.example.test"), "/x");
        assert_eq!(class(get(&fetcher, feed(url)).await), expected, "{host}");
    }
    // Of mixed answers only the public part is dialled; here nothing answers there.
    let mixed = class(get(&fetcher, feed(server.url_at("mixed.example.test", "/x"))).await);
    assert!(matches!(mixed, "timeout" | "unreachable" | "refused"), "{mixed}");
    assert!(server.hits().is_empty());
}

/// Attack 8: a name that answers first public, then private. Each connection is judged by the answer it dials.
#[tokio::test]
async fn a08_rebinding() {
    let server = Server::start().await;
    server.on("/robots.txt", [ok("")]).on("/x", [ok("")]);
    let asked = Arc::new(AtomicI64::new(0));
    let counter = asked.clone();
    let lookup: Lookup = Arc::new(move |_| {
        let turn = counter.fetch_add(1, Ordering::SeqCst);
        let address: IpAddr = if turn == 0 { "2001:4860::1".parse().unwrap() } else { "127.0.0.1".parse().unwrap() };
        Box::pin(async move { Ok(vec![address]) })
    });
    let short = Limits { connect_timeout: Duration::from_millis(60), timeout: Duration::from_millis(200), ..strict() };
    let fetcher = Fetcher::with_lookup(short, Clock::new().shared(), lookup).unwrap();
    let url = server.url_at("rebound.example.test", "/x");
    let first = class(get(&fetcher, feed(url.clone())).await);
    assert!(matches!(first, "timeout" | "unreachable" | "refused"), "{first}");
    assert_eq!(class(get(&fetcher, feed(url)).await), "blocked_address");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert!(server.hits().is_empty());
}

/// Attack 15: this very binary, started anew with a proxy in its environment, runs a test that asks a server.
#[tokio::test]
async fn a15_proxies_of_the_environment_are_ignored() {
    let proxy = Server::start().await;
    let address = proxy.url("/").to_string();
    let child = tokio::task::spawn_blocking(move || {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "fetch::b40_to_b43_the_request_itself"]);
        for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            command.env(name, &address);
        }
        command.output()
    });
    let output = child.await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    assert!(proxy.hits().is_empty());
}

/// Attack 16: exceptions are as narrow as they are written.
#[tokio::test]
async fn a16_exceptions_are_narrow() {
    let (one, other) = (Server::start().await, Server::start().await);
    one.on("/x", [ok("")]);
    other.on("/x", [ok("")]);
    let lookup = || {
        names(&[("lan.example.test", &["127.0.0.1"]), ("lan.example.test.", &["127.0.0.1"]), ("wan.example.test", &["127.0.0.1"])])
    };
    let open = |entry: String| {
        let limits = Limits { allow_private: vec![entry], ..limits() };
        Fetcher::with_lookup(limits, Clock::new().shared(), lookup()).unwrap()
    };
    let port = one.port;
    let cases = [
        ("LAN.example.test".to_owned(), "lan.example.test", true, true),
        (format!("lan.example.test:{port}"), "lan.example.test", true, false),
        (format!("lan.example.test:{port}"), "lan.example.test.", true, false),
        (format!("lan.example.test:{port}"), "wan.example.test", false, false),
        (format!("lan.example.test:{port}"), "127.0.0.1", false, false),
        (format!("127.0.0.1:{port}"), "127.0.0.1", true, false),
        (format!("127.0.0.1:{port}"), "lan.example.test", false, false),
        ("127.0.0.1".to_owned(), "[::ffff:127.0.0.1]", false, false),
    ];
    for (entry, host, here, there) in cases {
        let fetcher = open(entry.clone());
        for (server, allowed) in [(&one, here), (&other, there)] {
            let answer = get(&fetcher, feed(server.url_at(host, "/x"))).await;
            match answer {
                Ok(_) => assert!(allowed, "{entry} lets {host}:{} in", server.port),
                Err(error) => assert!(!allowed && error.class() == "blocked_address", "{entry} {host}: {error}"),
            }
        }
    }
}

#[tokio::test]
async fn a16_exceptions_may_be_ipv6_and_bad_ones_are_named() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        println!("SKIPPED: no IPv6 on loopback");
        return;
    };
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    for entry in ["::1".to_owned(), "[::1]".to_owned(), format!("[::1]:{port}")] {
        let (fetcher, _) = fetcher_with(Limits { allow_private: vec![entry], ..limits() });
        assert_eq!(class(get(&fetcher, feed(format!("http://[::1]:{port}/").parse().unwrap())).await), "refused");
    }
    for entry in ["", "http://lan/", "lan:port", "lan:99999", "[::1", "*.lan", "a b", ":80"] {
        let limits = Limits { allow_private: vec![entry.to_owned()], ..limits() };
        let error = Fetcher::new(limits, Clock::new().shared()).unwrap_err();
        assert!(error.class() == "settings" && error.to_string().contains(&format!("{entry:?}")), "{error}");
    }
}

/// Attack 17.
#[tokio::test]
async fn a17_ports_of_other_services_are_refused() {
    let open = |allow: &[&str]| {
        fetcher_with(Limits { allow_private: allow.iter().map(|entry| (*entry).to_owned()).collect(), ..limits() }).0
    };
    for port in [22, 25, 6379, 11434, 5432, 3306, 11211] {
        let url: Url = format!("http://127.0.0.1:{port}/").parse().unwrap();
        assert_eq!(class(get(&open(&["127.0.0.1"]), feed(url.clone())).await), "blocked_address", "{port}");
        let answer = get(&open(&[&format!("127.0.0.1:{port}")]), feed(url)).await.unwrap_err();
        assert_ne!(answer.class(), "blocked_address", "{port}");
    }
}

// ---------------------------------------------------------------- bodies

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// `<rss>made-up news</rss>`, sixty times, in each coding; brotli has no encoder here.
fn news() -> (Vec<u8>, Vec<(&'static str, Vec<u8>)>) {
    let plain = "<rss>made-up news</rss>".repeat(60).into_bytes();
    let brotli = hex("1b6305f89d09b6cd88bd4e1e0b0fc85cd4733c3e20bbcc0dae4ebdc855cb5da9e26099e084f239c84d4a0e");
    let coded =
        vec![("gzip", gzip(&plain)), ("deflate", zlib(&plain)), ("zstd", zstd::encode_all(&plain[..], 3).unwrap()), ("br", brotli)];
    (plain, coded)
}

fn coded(coding: &str, body: &[u8]) -> Reply {
    ok_with(&format!("Content-Encoding: {coding}\r\n"), body)
}

#[tokio::test]
async fn b43_codings_are_offered_and_decoded() {
    let server = Server::start().await;
    let (plain, bodies) = news();
    for (coding, body) in bodies {
        server.on("/x", [coded(coding, &body)]);
        assert_eq!(document(get(&fetcher(), feed(server.url("/x"))).await).body, plain, "{coding}");
        assert!(server.last().field("accept-encoding").is_some_and(|offer| offer.contains(coding)));
    }
    for coding in ["identity", "", "none"] {
        server.on("/x", [coded(coding, &plain)]);
        assert_eq!(document(get(&fetcher(), feed(server.url("/x"))).await).body, plain, "{coding:?}");
    }
    for coding in ["GZIP", "x-gzip"] {
        server.on("/x", [coded(coding, &gzip(&plain))]);
        assert_eq!(document(get(&fetcher(), feed(server.url("/x"))).await).body, plain, "{coding}");
    }
}

/// What other clients lose or refuse: several gzip members, padding after the last, deflate without its envelope.
#[tokio::test]
async fn b43_odd_but_honest_codings() {
    let server = Server::start().await;
    let (plain, _) = news();
    let mut bare = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut bare, &plain).unwrap();
    let bodies = [
        ("gzip", [gzip(&plain[..50]), gzip(&plain[50..])].concat()),
        ("gzip", [gzip(&plain), vec![0; 20]].concat()),
        ("gzip", [gzip(&plain), b"junk".to_vec()].concat()),
        ("deflate", bare.finish().unwrap()),
    ];
    for (coding, body) in bodies {
        server.on("/x", [coded(coding, &body)]);
        assert_eq!(document(get(&fetcher(), feed(server.url("/x"))).await).body, plain, "{coding}");
    }
    server.on("/x", [coded("gzip", b"")]);
    assert_eq!(document(get(&fetcher(), feed(server.url("/x"))).await).body, b"");
}

/// What is packed without its transport is a file, whatever its label says: whoever reads it knows what a cut one is worth.
#[tokio::test]
async fn gzip_files_are_handed_out_as_they_are() {
    let server = Server::start().await;
    let (plain, _) = news();
    let file = gzip(&plain);
    let cut = file[..file.len() - 5].to_vec();
    for (kind, body) in [("application/gzip", &file), ("text/xml", &file), ("application/octet-stream", &cut)] {
        server.on("/s.xml.gz", [ok_with(&format!("Content-Type: {kind}\r\n"), body)]);
        let document = document(get(&fetcher(), feed(server.url("/s.xml.gz"))).await);
        assert_eq!((&document.body, document.content_type.as_deref()), (body, Some(kind)));
    }
    // A file within the transport's own coding loses the coding.
    server.on("/s.xml.gz", [coded("gzip", &gzip(&file))]);
    assert_eq!(document(get(&fetcher(), feed(server.url("/s.xml.gz"))).await).body, file);
    // A robots.txt is read all the same.
    server.on("/robots.txt", [ok_with("", &gzip(b"user-agent: *\ndisallow: /"))]).on("/news", [ok("")]);
    assert_eq!(class(get(&fetcher(), page(server.url("/news"))).await), "robots");
}

/// A sitemap may be larger than a page, but only so many of them are in memory at once.
#[tokio::test]
async fn large_bodies_come_with_a_hold() {
    let server = Server::start().await;
    let (fetcher, _) = fetcher_with(limits());
    let large = b"<url><loc>https://example.org/1</loc></url>".repeat(10_000);
    assert!(large.len() as u64 > limits().max_body);
    server.on("/plain", [ok_with("", &large)]).on("/small", [ok("")]);
    server.on("/coded", [coded("gzip", &gzip(&large))]).on("/bare", [coded("deflate", &zlib(&large))]);
    let large_one = async |path: &str| {
        let (answer, _, hold) = fetcher.get_large(feed(server.url(path)), &HostState::default()).await;
        (answer, hold)
    };
    for path in ["/plain", "/coded", "/bare"] {
        assert_eq!(class(get(&fetcher, feed(server.url(path))).await), "too_large", "{path} is no page");
        let (answer, hold) = large_one(path).await;
        assert_eq!(document(answer).body, large, "{path}");
        assert!(hold.is_some(), "{path}");
    }
    let (answer, hold) = large_one("/small").await;
    document(answer);
    assert!(hold.is_none(), "what is small needs none");

    let mut held = Vec::new();
    for _ in 0..AT_ONCE {
        held.push(large_one("/plain").await);
    }
    for path in ["/plain", "/coded"] {
        let (answer, hold) = large_one(path).await;
        assert_eq!((answer.unwrap_err().failure(), hold.is_none()), (Failure::Deferred(Duration::from_secs(60)), true), "{path}");
    }
    document(large_one("/small").await.0);
    held.pop();
    document(large_one("/coded").await.0);

    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", LARGEST + 1);
    server.on("/endless", [vec![Step::Send(head.into_bytes()), Step::Hang]]);
    assert_eq!(large_one("/endless").await.0.unwrap_err().class(), "too_large");
    server.on("/bomb", [coded("gzip", &gzip(&vec![b' '; LARGEST as usize + 1]))]);
    let patient = Limits { timeout: Duration::from_secs(20), ..limits() };
    let (answer, _, _) = fetcher_with(patient).0.get_large(feed(server.url("/bomb")), &HostState::default()).await;
    assert_eq!(answer.unwrap_err().class(), "too_large");
}

/// Attack 20: bombs stop at the decoded limit.
#[tokio::test]
async fn a20_bombs_stop_at_the_limit() {
    let zeros = vec![0; 16 * 1024 * 1024];
    let server = Server::start().await;
    let brotli = hex("9bffff1ff82700e2b14020f7fe03"); // 2 MiB of zeros
    let bodies =
        [("gzip", gzip(&zeros)), ("deflate", zlib(&zeros)), ("zstd", zstd::encode_all(&zeros[..], 1).unwrap()), ("br", brotli)];
    for (coding, body) in bodies {
        assert!(body.len() < 256 * 1024, "{coding}: the bomb must pass as such");
        assert_eq!(class_of(&server, coded(coding, &body)).await, "too_large", "{coding}");
    }
}

/// Attack 21.
#[tokio::test]
async fn a21_double_and_unknown_codings_are_refused() {
    let server = Server::start().await;
    let (plain, _) = news();
    for coding in ["gzip, gzip", "gzip,br", "compress", "aes128gcm", "gzip, identity"] {
        assert_eq!(class_of(&server, coded(coding, &gzip(&gzip(&plain)))).await, "bad_coding", "{coding}");
    }
    assert_eq!(class_of(&server, coded("gzip", b"this is no gzip at all")).await, "bad_coding");
}

/// B44 and attack 22.
#[tokio::test]
async fn b44_a22_endless_bodies_end() {
    let server = Server::start().await;
    let head = Step::Send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec());
    let chunk = [b"4000\r\n".to_vec(), vec![b'x'; 0x4000], b"\r\n".to_vec()].concat();
    assert_eq!(class_of(&server, vec![head.clone(), Step::Endless(chunk, Duration::ZERO)]).await, "too_large");
    // Fast enough to be alive, too slow to end: the whole time limit.
    let chunk = [b"400\r\n".to_vec(), vec![b'x'; 0x400], b"\r\n".to_vec()].concat();
    let begun = Instant::now();
    assert_eq!(class_of(&server, vec![head, Step::Endless(chunk, Duration::from_millis(40))]).await, "timeout");
    assert!(begun.elapsed() < Duration::from_millis(1500));
}

/// B44 and attack 23: a byte now and then frees the place long before the time limit.
#[tokio::test]
async fn b44_a23_dripping_bodies_are_left() {
    let server = Server::start().await;
    let head = Step::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n".to_vec());
    let begun = Instant::now();
    assert_eq!(class_of(&server, vec![head, Step::Endless(b"x".to_vec(), Duration::from_millis(20))]).await, "timeout");
    assert!(begun.elapsed() < Duration::from_millis(600), "{:?}", begun.elapsed());
    // Dripping heads and silence: the whole limit.
    let head = Step::Send(b"HTTP/1.1 200 OK\r\nX: ".to_vec());
    assert_eq!(class_of(&server, vec![head, Step::Endless(b"x".to_vec(), Duration::from_millis(20))]).await, "timeout");
    assert_eq!(class_of(&server, vec![Step::Hang]).await, "timeout");
}

/// Attack 24.
#[tokio::test]
async fn a24_heads_without_end() {
    let server = Server::start().await;
    let many: String = (0..1000).map(|n| format!("X-{n}: y\r\n")).collect();
    assert_eq!(class_of(&server, ok(&many)).await, "protocol");
    let long = format!("X-Long: {}\r\n", "y".repeat(1024 * 1024));
    assert_eq!(class_of(&server, ok(&long)).await, "protocol");
    let head = Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec());
    assert_eq!(class_of(&server, vec![head, Step::Endless(b"X: yyyyyyyy\r\n".repeat(500), Duration::ZERO)]).await, "protocol");
    assert_eq!(class_of(&server, raw("220 mail.example.test ESMTP\r\n")).await, "protocol");
    assert_eq!(class_of(&server, vec![Step::Close]).await, "protocol");
    assert_eq!(class_of(&server, vec![Step::Reset]).await, "reset");
}

/// B11, attacks 25 and 26: nothing half is handed out.
#[tokio::test]
async fn b11_a25_a26_bodies_that_end_early() {
    let server = Server::start().await;
    let short = |end: Step| vec![Step::Send(b"HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: 100\r\n\r\n<rss>".to_vec()), end];
    assert_eq!(class_of(&server, short(Step::Close)).await, "truncated");
    assert_eq!(class_of(&server, short(Step::Reset)).await, "truncated");
    let chunked = |body: &str| {
        vec![Step::Send(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}").into_bytes()), Step::Close]
    };
    assert_eq!(class_of(&server, chunked("5\r\n<rss>\r\n")).await, "truncated");
    assert_eq!(class_of(&server, chunked("5\r\n<rss>\r\nzz\r\n")).await, "truncated");
    let (plain, bodies) = news();
    for (coding, body) in bodies {
        assert_eq!(class_of(&server, coded(coding, &body[..body.len() - 5])).await, "truncated", "{coding}");
        // Without a length the end of the connection is the end of the body: only the coding tells.
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n\r\n").into_bytes();
        let cut = vec![Step::Send([head, body[..body.len() / 2].to_vec()].concat()), Step::Close];
        assert_eq!(class_of(&server, cut).await, "truncated", "{coding}");
    }
    assert_eq!(class_of(&server, coded("gzip", &gzip(&plain)[..50])).await, "truncated");
    let error = Error::failure(&get(&fetcher(), feed(server.url("/x"))).await.unwrap_err());
    assert_eq!(error, Failure::Transient);
}

/// Attack 25, the other lie: what follows a body that is too long is never taken for the next answer.
#[tokio::test]
async fn a25_a_body_longer_than_its_length_poisons_nothing() {
    let server = Server::start().await;
    let poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
    server.on("/x", [raw(format!("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood{poison}"))]).on("/y", [ok_with("", b"fine")]);
    let fetcher = fetcher();
    assert_eq!(document(get(&fetcher, feed(server.url("/x"))).await).body, b"good");
    assert_eq!(document(get(&fetcher, feed(server.url("/y"))).await).body, b"fine");
}

/// Attack 27.
#[tokio::test]
async fn a27_large_bodies_are_refused_before_and_during() {
    let server = Server::start().await;
    let head = Step::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n".to_vec());
    let begun = Instant::now();
    assert_eq!(class_of(&server, vec![head, Step::Hang]).await, "too_large");
    assert!(begun.elapsed() < Duration::from_millis(500));
    let at_limit = vec![b'x'; limits().max_body as usize];
    server.on("/x", [ok_with("", &at_limit)]);
    assert_eq!(document(get(&fetcher(), feed(server.url("/x"))).await).body.len(), at_limit.len());
    assert_eq!(class_of(&server, ok_with("", &[&at_limit[..], b"x"].concat())).await, "too_large");
}

#[tokio::test]
async fn refused_connections_have_their_class() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = get(&fetcher(), feed(format!("http://127.0.0.1:{port}/").parse().unwrap())).await.unwrap_err();
    assert_eq!((error.class(), error.failure()), ("refused", Failure::Transient));
    // A server without TLS.
    let server = Server::start().await;
    let error = get(&fetcher(), feed(format!("https://127.0.0.1:{}/", server.port).parse().unwrap())).await.unwrap_err();
    assert!(matches!(error.class(), "tls" | "timeout"), "{error}");
}

// ---------------------------------------------------------------- what we say of ourselves

/// B40-B43.
#[tokio::test]
async fn b40_to_b43_the_request_itself() {
    let server = Server::start().await;
    server.on("/feed?a=1&b", [ok("Set-Cookie: id=1; Path=/\r\n")]);
    let fetcher = fetcher();
    for _ in 0..2 {
        document(get(&fetcher, feed(server.url("/feed?a=1&b"))).await);
        let hit = server.last();
        assert!(hit.head.starts_with("GET /feed?a=1&b HTTP/1.1\r\n"), "{}", hit.head);
        for absent in ["cookie", "referer", "authorization", "range", "x-forwarded-for"] {
            assert_eq!(hit.field(absent), None, "{absent}");
        }
        assert_eq!(hit.field("user-agent"), Some(concat!("wireroom/", env!("CARGO_PKG_VERSION"), " (+mailto:desk@example.org)")));
    }
    assert_eq!(server.paths(), ["/feed?a=1&b", "/feed?a=1&b"], "no robots.txt for feeds, no favicon, no HEAD");
}

/// B50: one connection serves one request after the other.
#[tokio::test]
async fn b50_connections_are_kept() {
    let server = Server::start().await;
    server.on("/feed", [ok(""), unchanged(""), ok("")]);
    let fetcher = fetcher();
    for _ in 0..3 {
        get(&fetcher, with(feed(server.url("/feed")), Some("\"a\""), None)).await.unwrap();
    }
    let connections: Vec<usize> = server.hits().iter().map(|hit| hit.connection).collect();
    assert_eq!(connections, [1, 1, 1]);
}

// ---------------------------------------------------------------- robots.txt

const FORBIDS: &str = "user-agent: wireroom\ndisallow: /secret/\n\nuser-agent: *\ndisallow: /\n";

/// B42, B45, B47.
#[tokio::test]
async fn b45_b47_pages_obey_robots_txt_and_ask_for_it_once() {
    let server = Server::start().await;
    server.on("/robots.txt", [robots(FORBIDS)]).on("/news/1", [ok("")]).on("/news/2", [ok("")]).on("/secret/1", [ok("")]);
    let (fetcher, clock) = fetcher_with(limits());
    let (answer, state) = fetcher.get(page(server.url("/news/1")), &HostState::default()).await;
    document(answer);
    assert_eq!(state.robots.as_deref(), Some(FORBIDS.as_bytes()));
    assert_eq!(state.robots_until.unwrap().duration_since(clock.now()).as_secs(), 86_400);
    assert_eq!(state.host, format!("127.0.0.1:{}", server.port));
    let (answer, after) = fetcher.get(page(server.url("/secret/1")), &state).await;
    let error = answer.unwrap_err();
    assert_eq!((error.class(), error.failure()), ("robots", Failure::Final));
    assert_eq!((after.robots, after.robots_until), (state.robots.clone(), state.robots_until));
    // A second process knows it from the ledger alone; a claim with an old state is served from memory.
    let (other, _) = fetcher_with(limits());
    document(other.get(page(server.url("/news/2")), &state).await.0);
    assert_eq!(class(other.get(page(server.url("/secret/1")), &state).await.0), "robots");
    document(get(&fetcher, page(server.url("/news/2"))).await);
    assert_eq!(server.paths(), ["/robots.txt", "/news/1", "/news/2", "/news/2"]);
    // Feeds are the operator's word.
    server.on("/secret/feed", [ok("")]);
    document(fetcher.get(feed(server.url("/secret/feed")), &state).await.0);
    // After a day it is asked for again.
    clock.advance(86_401);
    document(fetcher.get(page(server.url("/news/2")), &state).await.0);
    assert_eq!(server.paths().iter().filter(|path| *path == "/robots.txt").count(), 2);
}

#[tokio::test]
async fn b47_many_pages_at_once_share_one_robots_txt() {
    let server = Server::start().await;
    server.on("/robots.txt", [robots(FORBIDS)]);
    let fetcher = fetcher();
    let pages = (0..8).map(|n| {
        let (fetcher, url) = (fetcher.clone(), server.on(&format!("/n/{n}"), [ok("")]).url(&format!("/n/{n}")));
        async move { document(get(&fetcher, page(url)).await) }
    });
    futures_util::future::join_all(pages).await;
    assert_eq!(server.paths().iter().filter(|path| *path == "/robots.txt").count(), 1);
    assert_eq!(server.hits().len(), 9);
}

/// B46: RFC 9309 §2.3.1.
#[tokio::test]
async fn b46_robots_txt_that_cannot_be_had() {
    let reset = vec![Step::Reset];
    let hang = vec![Step::Hang];
    let cases = [
        (status("404 Not Found", ""), None),
        (status("403 Forbidden", ""), None),
        (status("410 Gone", ""), None),
        (raw("HTTP/1.1 204 No Content\r\n\r\n"), None),
        (redirect(302, "/robots.txt"), None),
        (redirect(302, "file:///etc/passwd"), None),
        (redirect(302, "http://10.0.0.1/robots.txt"), None),
        (ok_with("", b"<!doctype html><p>Welcome"), None),
        (status("500 Oops", ""), Some(600)),
        (status("503 Busy", "Retry-After: 30\r\n"), Some(30)),
        (status("429 Slow down", ""), Some(60)),
        (hang, Some(600)),
        (reset, Some(600)),
    ];
    for (number, (reply, wait)) in cases.into_iter().enumerate() {
        let server = Server::start().await;
        server.on("/robots.txt", [reply]).on("/news", [ok("")]);
        let (fetcher, _) = fetcher_with(Limits { timeout: Duration::from_millis(300), ..limits() });
        let (answer, state) = fetcher.get(page(server.url("/news")), &HostState::default()).await;
        match wait {
            None => {
                document(answer);
                assert!(state.robots.is_some(), "case {number}");
            }
            Some(seconds) => {
                let error = answer.unwrap_err();
                assert_eq!(
                    (error.class(), error.failure()),
                    ("robots_unreachable", Failure::Deferred(Duration::from_secs(seconds))),
                    "case {number}"
                );
                assert_eq!(state.robots, None);
                // The next page does not ask again at once, and neither is fetched.
                assert!(get(&fetcher, page(server.url("/news"))).await.is_err());
                assert_eq!(server.hits().len(), 1, "case {number}: {:?}", server.paths());
            }
        }
    }
}

/// RFC 9309 §2.3.1.4 holds for where robots.txt redirects to as well; a redirect that must not be
/// followed is as good as no file.
#[tokio::test]
async fn b46_robots_txt_that_redirects_to_what_cannot_be_had() {
    let elsewhere = Server::start().await;
    elsewhere.on("/hang", [vec![Step::Hang]]).on("/reset", [vec![Step::Reset]]).on("/close", [vec![Step::Close]]);
    elsewhere.on("/500", [status("500 Oops", "")]).on("/503", [status("503 Busy", "Retry-After: 30\r\n")]);
    elsewhere.on("/short", [vec![Step::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nuser".to_vec()), Step::Close]]);
    elsewhere.on("/on", [redirect(302, "/500")]).on("/404", [status("404 Not Found", "")]);
    // Bound and not listening: it refuses, and nobody else gets the port.
    let refusing = tokio::net::TcpSocket::new_v4().unwrap();
    refusing.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let closed = refusing.local_addr().unwrap().port();
    let cases = [
        (elsewhere.url("/hang").to_string(), Some(600)),
        (elsewhere.url("/reset").to_string(), Some(600)),
        (elsewhere.url("/close").to_string(), Some(600)),
        (elsewhere.url("/short").to_string(), Some(600)),
        (elsewhere.url("/500").to_string(), Some(600)),
        (elsewhere.url("/on").to_string(), Some(600)),
        (format!("http://127.0.0.1:{closed}/robots.txt"), Some(600)),
        // No TLS is spoken there: the usual way to https, gone wrong.
        (format!("https://127.0.0.1:{}/robots.txt", elsewhere.port), Some(600)),
        ("http://unknown.example.test/robots.txt".to_owned(), Some(600)),
        (elsewhere.url("/503").to_string(), Some(30)),
        // Blocked by its name, by its port, by its literal address; and no file.
        ("http://inside.example.test/robots.txt".to_owned(), None),
        ("http://127.0.0.1:22/robots.txt".to_owned(), None),
        ("http://10.0.0.1/robots.txt".to_owned(), None),
    ];
    let lookup = || names(&[("inside.example.test", &["10.0.0.1"])]);
    for (target, wait) in cases {
        let server = Server::start().await;
        server.on("/robots.txt", [redirect(301, &target)]).on("/news", [ok("")]).on("/secret/1", [ok("")]);
        let clock = Clock::new();
        let fetcher = Fetcher::with_lookup(limits(), clock.shared(), lookup()).unwrap();
        let (answer, state) = fetcher.get(page(server.url("/news")), &HostState::default()).await;
        let Some(seconds) = wait else {
            document(answer);
            assert_eq!(state.robots.as_deref(), Some(&b""[..]), "{target}");
            continue;
        };
        let error = answer.unwrap_err();
        let deferred = Failure::Deferred(Duration::from_secs(seconds));
        assert_eq!((error.class(), error.failure()), ("robots_unreachable", deferred), "{target}: {error}");
        assert_eq!((state.robots, server.paths()), (None, vec!["/robots.txt".to_owned()]), "{target}");
        // The same for the next page, without asking again; then it is asked again.
        assert_eq!(class(get(&fetcher, page(server.url("/secret/1"))).await), "robots_unreachable", "{target}");
        assert_eq!(server.hits().len(), 1, "{target}");
        clock.advance(seconds as i64 + 1);
        server.on("/robots.txt", [robots(FORBIDS)]);
        assert_eq!(class(get(&fetcher, page(server.url("/secret/1"))).await), "robots", "{target}");
        // An older copy is better than none here too.
        let old = HostState { robots: Some(FORBIDS.as_bytes().to_vec()), robots_until: Some(clock.now()), ..HostState::default() };
        server.on("/robots.txt", [redirect(301, &target)]);
        let other = Fetcher::with_lookup(limits(), clock.shared(), lookup()).unwrap();
        assert_eq!(class(other.get(page(server.url("/secret/1")), &old).await.0), "robots", "{target}");
    }
    let server = Server::start().await;
    server.on("/robots.txt", [redirect(301, elsewhere.url("/404").as_str())]).on("/news", [ok("")]);
    document(get(&fetcher(), page(server.url("/news"))).await);
}

#[tokio::test]
async fn b46_an_older_copy_serves_while_robots_txt_is_unreachable() {
    let server = Server::start().await;
    server.on("/robots.txt", [status("500 Oops", "")]).on("/news", [ok("")]).on("/secret/1", [ok("")]);
    let (fetcher, clock) = fetcher_with(limits());
    let old = HostState { robots: Some(FORBIDS.as_bytes().to_vec()), robots_until: Some(clock.now()), ..HostState::default() };
    let (answer, state) = fetcher.get(page(server.url("/news")), &old).await;
    document(answer);
    assert_eq!(state.robots, old.robots);
    assert_eq!(state.robots_until.unwrap().duration_since(clock.now()).as_secs(), 600);
    assert_eq!(class(fetcher.get(page(server.url("/secret/1")), &state).await.0), "robots");
    assert_eq!(server.paths(), ["/robots.txt", "/news"]);
}

#[tokio::test]
async fn b46_unreachable_hosts_say_so_themselves() {
    let lookup = names(&[]);
    let fetcher = Fetcher::with_lookup(strict(), Clock::new().shared(), lookup).unwrap();
    assert_eq!(class(get(&fetcher, page("http://news.example.test/1".parse().unwrap())).await), "dns");
    assert_eq!(class(get(&fetcher, page("http://127.0.0.1/1".parse().unwrap())).await), "blocked_address");
}

#[tokio::test]
async fn robots_txt_is_followed_over_five_redirects() {
    let server = Server::start().await;
    for step in 0..6 {
        server.on(&format!("/r{step}"), [redirect(302, &format!("/r{}", step + 1))]);
    }
    server.on("/robots.txt", [redirect(301, "/r2")]).on("/r6", [robots(FORBIDS)]).on("/secret/1", [ok("")]);
    assert_eq!(class(get(&fetcher(), page(server.url("/secret/1"))).await), "robots");
    server.on("/robots.txt", [redirect(301, "/r0")]);
    document(get(&fetcher(), page(server.url("/secret/1"))).await);
}

/// Attack 68.
#[tokio::test]
async fn a68_an_endless_robots_txt_is_cut() {
    let server = Server::start().await;
    let head = Step::Send(format!("HTTP/1.1 200 OK\r\n\r\n{FORBIDS}").into_bytes());
    server.on("/robots.txt", [vec![head, Step::Endless(b"allow: /secret/1\n".repeat(4000), Duration::ZERO)]]);
    server.on("/news/1", [ok("")]);
    // What is over the limit is not read, but what is within counts; here all of it belongs to everyone's group.
    let (answer, state) =
        fetcher_with(Limits { max_body: 1000, ..limits() }).0.get(page(server.url("/secret/1")), &HostState::default()).await;
    assert_eq!(class(answer), "robots");
    assert!(state.robots.unwrap().len() <= 500 * 1024 + 1);
}

// ---------------------------------------------------------------- pace

/// B49: start to start, one at a time, in order; robots.txt counts as a request.
#[tokio::test]
async fn b49_one_host_is_asked_at_its_pace() {
    let server = Server::start().await;
    server.on("/robots.txt", [robots("")]);
    let delay = Duration::from_millis(60);
    let (fetcher, _) = fetcher_with(Limits { per_host_delay: delay, per_host_connections: 1, ..limits() });
    let pages = (0..8).map(|n| {
        let (fetcher, url) = (fetcher.clone(), server.on(&format!("/n/{n}"), [ok("")]).url(&format!("/n/{n}")));
        async move { document(get(&fetcher, page(url)).await) }
    });
    futures_util::future::join_all(pages).await;
    let hits = server.hits();
    assert_eq!(hits.len(), 9);
    for pair in hits.windows(2) {
        // The server's clock starts after the way there: a little tolerance.
        assert!(pair[1].at - pair[0].at >= delay - Duration::from_millis(12), "{:?}", pair[1].at - pair[0].at);
    }
    assert_eq!(server.open.lock().unwrap().1, 1);
}

#[tokio::test]
async fn b49_width_and_hosts_are_independent() {
    let slow = vec![Step::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".to_vec()), Step::Hang];
    let (stuck, lively) = (Server::start().await, Server::start().await);
    stuck.on("/x", [slow]);
    lively.on("/x", [ok("")]);
    let (fetcher, _) = fetcher_with(Limits { per_host_connections: 2, concurrency: 3, ..limits() });
    let stuck_ones = futures_util::future::join_all((0..5).map(|_| get(&fetcher, feed(stuck.url("/x")))));
    let lively_ones = async {
        let begun = Instant::now();
        for _ in 0..5 {
            document(get(&fetcher, feed(lively.url("/x"))).await);
        }
        begun.elapsed()
    };
    let (stuck_ones, took) = futures_util::future::join(stuck_ones, lively_ones).await;
    assert!(took < Duration::from_millis(500), "{took:?}: the slow host held up the other");
    assert!(stuck_ones.iter().all(Result::is_err));
    let hits = stuck.hits();
    assert_eq!(hits.len(), 5);
    assert!(hits.windows(3).all(|three| three[2].at - three[0].at > Duration::from_millis(100)), "three at once");
}

/// The state that a claim brings and the answer returns.
#[tokio::test]
async fn pace_travels_in_the_host_state() {
    let server = Server::start().await;
    server.on("/x", [ok("")]);
    let delay = Duration::from_millis(200);
    let (fetcher, clock) = fetcher_with(Limits { per_host_delay: delay, ..limits() });
    let (_, state) = fetcher.get(feed(server.url("/x")), &HostState::default()).await;
    assert_eq!(state.next_fetch_at, Some(clock.now() + delay));
    assert_eq!((state.delay, &state.robots), (None, &None));

    // Another process, told that the turn is a little away: it waits for it.
    let (other, _) = fetcher_with(Limits { per_host_delay: delay, ..limits() });
    let begun = Instant::now();
    other.get(feed(server.url("/x")), &state).await.0.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(195), "{:?}", begun.elapsed());
    // A turn that lies behind costs nothing.
    let (other, _) = fetcher_with(Limits { per_host_delay: delay, ..limits() });
    let begun = Instant::now();
    let past = HostState { next_fetch_at: Some(clock.now() - Duration::from_secs(5)), ..HostState::default() };
    other.get(feed(server.url("/x")), &past).await.0.unwrap();
    assert!(begun.elapsed() < Duration::from_millis(150), "{:?}", begun.elapsed());
    // B18: a turn a day ahead is a clock that jumped, and the wait no longer than the delay.
    let (other, _) = fetcher_with(Limits { per_host_delay: delay, ..limits() });
    let jumped = HostState { next_fetch_at: Some(clock.now() + Duration::from_secs(86_400)), ..HostState::default() };
    other.get(feed(server.url("/x")), &jumped).await.0.unwrap();
}

/// B48: `Crawl-delay` counts when it is longer than our own; a turn too far away is said, not slept.
#[tokio::test]
async fn b48_crawl_delay() {
    let server = Server::start().await;
    server.on("/robots.txt", [robots("user-agent: *\ncrawl-delay: 0.15\n")]).on("/n/1", [ok("")]).on("/n/2", [ok("")]);
    let (fetcher, clock) = fetcher_with(limits());
    let (_, state) = fetcher.get(page(server.url("/n/1")), &HostState::default()).await;
    assert_eq!(state.delay, Some(Duration::from_millis(150)));
    assert_eq!(state.next_fetch_at, Some(clock.now() + Duration::from_millis(150)));
    fetcher.get(page(server.url("/n/2")), &state).await.0.unwrap();
    let hits = server.hits();
    assert!(hits.windows(2).all(|pair| pair[1].at - pair[0].at >= Duration::from_millis(135)), "{hits:?}");

    let server = Server::start().await;
    server.on("/robots.txt", [robots("user-agent: *\ncrawl-delay: 3600\n")]).on("/n/1", [ok("")]);
    let (answer, state) = fetcher.get(page(server.url("/n/1")), &HostState::default()).await;
    let error = answer.unwrap_err();
    let Failure::Waits(wait) = error.failure() else { panic!("{error:?}") };
    assert_eq!(error.class(), "pace");
    assert!(wait > Duration::from_secs(115) && wait <= Duration::from_secs(120), "{wait:?}");
    assert_eq!(state.delay, Some(Duration::from_secs(120)));
    assert!(state.next_fetch_at.unwrap().duration_since(clock.now()).as_secs() > 115);
    assert_eq!(server.paths(), ["/robots.txt"]);
}

/// B55: a request that is given up (at shutdown, say) leaves its place to the next.
#[tokio::test]
async fn b55_a_request_given_up_holds_nothing() {
    let server = Server::start().await;
    server.on("/stuck", [vec![Step::Hang]]).on("/x", [ok("")]);
    let (fetcher, _) = fetcher_with(Limits { per_host_connections: 1, concurrency: 1, ..limits() });
    let given_up = tokio::spawn({
        let (fetcher, url) = (fetcher.clone(), server.url("/stuck"));
        async move { get(&fetcher, feed(url)).await.map(drop) }
    });
    while server.hits().is_empty() {
        tokio::task::yield_now().await;
    }
    given_up.abort();
    assert!(given_up.await.unwrap_err().is_cancelled());
    let begun = Instant::now();
    document(get(&fetcher, feed(server.url("/x"))).await);
    assert!(begun.elapsed() < limits().timeout / 2);
}

/// What the settings are checked against, so that it has to stand any of them.
#[test]
fn the_longest_request_is_known() {
    let limits = Limits { timeout: Duration::from_secs(10), per_host_delay: Duration::from_secs(2), max_redirects: 3, ..limits() };
    // Turns, those of a slow host besides, the request, and robots.txt of four addresses.
    assert_eq!(limits.longest(), Duration::from_secs(12 + 120 + 10 + 4 * 10));
    let without = Limits { max_redirects: 0, ..limits.clone() };
    assert_eq!(without.longest(), Duration::from_secs(12 + 120 + 10 + 10));
    for absurd in [
        Limits { timeout: Duration::MAX, ..limits.clone() },
        Limits { per_host_delay: Duration::MAX, ..limits.clone() },
        Limits { timeout: Duration::MAX, max_redirects: usize::MAX, ..limits.clone() },
    ] {
        assert_eq!(absurd.longest(), Duration::MAX);
    }
}

/// What a redirect taught of the host that it led to, for whoever keeps it.
#[tokio::test]
async fn manners_of_further_hosts_can_be_asked_for() {
    let (old, new) = (Server::start().await, Server::start().await);
    old.on("/robots.txt", [robots("")]).on("/news", [redirect(302, new.url("/news").as_str())]);
    new.on("/robots.txt", [robots("user-agent: *\ncrawl-delay: 3\n")]).on("/news", [status("503 Busy", "Retry-After: 90\r\n")]);
    let (fetcher, clock) = fetcher_with(Limits { timeout: Duration::from_secs(5), ..limits() });
    assert!(fetcher.get(page(old.url("/news")), &HostState::default()).await.0.is_err());
    let manners = fetcher.manners(&new.url("/"));
    assert_eq!(manners.host, format!("127.0.0.1:{}", new.port));
    assert_eq!((manners.delay, manners.robots.is_some()), (Some(Duration::from_secs(3)), true));
    assert_eq!(manners.retry_until, Some(clock.now() + Duration::from_secs(90)));
    assert_eq!(fetcher.manners(&"http://unknown.example.test/".parse().unwrap()).robots, None);
}

#[test]
fn strangers_do_not_lead_to_excepted_hosts() {
    let lookup = names(&[]);
    let limits =
        Limits { allow_private: vec!["intranet.example.test".to_owned(), "other.example.test:8080".to_owned()], ..limits() };
    let fetcher = Fetcher::with_lookup(limits, Clock::new().shared(), lookup).unwrap();
    let may = |from: &str, to: &str| fetcher.may_lead(&from.parse().unwrap(), &to.parse().unwrap());
    let (public, inside) = ("https://news.example.org/", "http://intranet.example.test/map.xml");
    assert!(may(public, "https://else.example.org/") && may(inside, inside) && may(inside, public));
    assert!(may(inside, "http://other.example.test:8080/") && may(public, "http://other.example.test/"));
    assert!(!may(public, inside) && !may(public, "http://other.example.test:8080/"));
}

#[tokio::test]
async fn pace_outlives_a_reload() {
    let server = Server::start().await;
    server.on("/x", [status("429 Too Many Requests", "Retry-After: 60\r\n")]);
    let (fetcher, _) = fetcher_with(limits());
    assert!(get(&fetcher, feed(server.url("/x"))).await.is_err());
    let reloaded = fetcher.with_limits(Limits { per_host_delay: Duration::from_millis(1), concurrency: 3, ..limits() }).unwrap();
    assert_eq!(class(get(&reloaded, feed(server.url("/x"))).await), "rate_limited");
    assert_eq!(server.hits().len(), 1);
}

// ---------------------------------------------------------------- TLS

/// Serves one TLS connection with a certificate of `tests/fixtures/tls` (P-256, for
/// news.example.test, made by `openssl ca -selfsign`) and goes away.
fn tls_server(certificate: &'static [u8]) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(&include_bytes!("../fixtures/tls/key.der")[..]);
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], key.into())
        .unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        while connection.is_handshaking() && connection.complete_io(&mut stream).is_ok() {}
    });
    port
}

/// Attack 58 and fault 26: each trouble has its class, and none is worth a hot retry.
#[tokio::test]
async fn a58_certificates_that_are_not_good() {
    let (expired, selfsigned) =
        (&include_bytes!("../fixtures/tls/expired.der")[..], &include_bytes!("../fixtures/tls/selfsigned.der")[..]);
    let lookup = names(&[("news.example.test", &["127.0.0.1"])]);
    let limits = Limits { allow_private: vec!["news.example.test".to_owned()], ..limits() };
    let fetcher = Fetcher::with_lookup(limits, Clock::new().shared(), lookup).unwrap();
    for (certificate, expected) in [(expired, "tls_expired"), (selfsigned, "tls_untrusted")] {
        for purpose in [Purpose::Feed, Purpose::Page] {
            let url: Url = format!("https://news.example.test:{}/feed", tls_server(certificate)).parse().unwrap();
            let error = get(&fetcher, Request { purpose, ..feed(url) }).await.unwrap_err();
            assert_eq!((error.class(), error.failure()), (expected, Failure::Persistent), "{error}");
        }
    }
}
