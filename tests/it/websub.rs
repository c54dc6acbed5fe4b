//! WebSub (B52, B53): hubs are asked, believed as far as they are signed, and polled behind as far as they are not.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use newsweb::{Agency, NewsWeb, Plan, Response};
use ring::hmac;
use wireroom::feed;
use wireroom::model::{
    Entry, FeedClaim, FeedKind, FeedSpec, Head, Hints, HubClaim, HubCommit, HubOffer, HubOutcome, HubWish, Planned, PollOutcome,
    PollRead, Push, Pushed, Scope, Secret, Source, Taken, Timestamp, Trust, Url, Validators, Verification, VerificationMode,
};
use wireroom::schedule::push;
use wireroom::serve;

use super::operator::{Daemon, Desk, Ledger, wait_until};
use super::store::{Ground, NO_PACE, at, entry, poll, polled, read};

/// A hub on loopback: it writes down what it is asked, and answers by path.
struct Hub {
    address: String,
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl Hub {
    fn start(answer: fn(&str) -> String) -> Hub {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let seen = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (head, body) = request(&mut stream);
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                seen.lock().unwrap().push((format!("{} {path}", head.split(' ').next().unwrap()), body));
                let _ = stream.write_all(answer(&path).as_bytes());
            }
        });
        Hub { address, asked }
    }

    /// A hub that takes everything.
    fn willing() -> Hub {
        Hub::start(|_| "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned())
    }

    fn requests(&self) -> Vec<(String, String)> {
        self.asked.lock().unwrap().clone()
    }

    /// Waits for the request of this number, from 1; its form.
    fn wait_for(&self, number: usize) -> Vec<(String, String)> {
        wait_until(|| self.requests().len() >= number, || format!("the hub was asked {} times", self.requests().len()));
        let form = self.requests()[number - 1].1.clone();
        Url::parse(&format!("form:?{form}")).unwrap().query_pairs().map(|(name, value)| (name.into(), value.into())).collect()
    }
}

/// A request's head and body.
fn request(stream: &mut TcpStream) -> (String, String) {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return (head.to_owned(), body.to_owned());
            }
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return (text, String::new()),
            Ok(count) => bytes.extend(&chunk[..count]),
        }
    }
}

fn value(form: &[(String, String)], name: &str) -> String {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_else(|| panic!("no {name} in {form:?}"))
}

/// A daemon that follows one feed with a hub, and what the hub knows.
struct House {
    web: NewsWeb,
    hub: Hub,
    desk: Desk,
    daemon: Daemon,
    port: u16,
    path: String,
    secret: String,
}

fn feed_of(web: &NewsWeb, hub: &str, pages: &[&str]) -> String {
    let topic = web.url("gazette", "/feed.rss");
    let mut items = String::new();
    for page in pages {
        let url = web.set_page("gazette", &format!("/{page}.html"), Response::html(article(page)));
        write!(items, "<item><title>On {page}</title><link>{url}</link><guid>{url}</guid></item>").unwrap();
    }
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel><title>G</title><link/>\
         <description/><atom:link rel=\"hub\" href=\"http://{hub}/hub\"/><atom:link rel=\"self\" href=\"{topic}\"/>{items}</channel></rss>"
    )
}

fn article(page: &str) -> String {
    let text: String =
        (0..12).map(|it| format!("<p>Sentence {it} of the report on {page} says what was seen that day.</p>")).collect();
    format!("<html><head><title>On {page}</title></head><body><article><h1>On {page}</h1>{text}</article></body></html>")
}

impl House {
    fn with(hub: Hub) -> (NewsWeb, Hub, Desk) {
        let web = NewsWeb::start(Plan::of([Agency { items: 0, ..Agency::new("gazette") }])).unwrap();
        let feed = feed_of(&web, &hub.address, &["one"]);
        web.set_page("gazette", "/feed.rss", Response::bytes("application/rss+xml", feed).with_etag());
        let mut desk = Desk::empty();
        desk.allow(&[web.host("gazette"), hub.address.clone()]);
        let own = format!("[source.request]\nhosts = [{:?}]\n", hub.address);
        desk.source("gazette", &web.url("gazette", "/feed.rss"), &own);
        desk.daemon = "[serve]\nlisten = \"127.0.0.1:0\"\n[websub]\ncallback = \"https://news.example.org/push\"\n".to_owned();
        (web, hub, desk)
    }

    /// Subscribed and confirmed.
    fn open() -> House {
        let (web, hub, desk) = House::with(Hub::willing());
        let daemon = desk.start();
        let port = port_of(&daemon);
        let form = hub.wait_for(1);
        let callback = value(&form, "hub.callback");
        let path = callback.strip_prefix("https://news.example.org/push/").unwrap().to_owned();
        let house = House { secret: value(&form, "hub.secret"), path, port, web, hub, desk, daemon };
        assert_eq!(value(&form, "hub.mode"), "subscribe");
        assert_eq!(value(&form, "hub.topic"), house.topic());
        assert!(house.path.len() == 32 && house.secret.len() >= 32 && house.path != house.secret);
        let said = house.verify("subscribe", &house.topic(), 864_000);
        assert_eq!(said, (200, "what-is-asked".to_owned()));
        assert_eq!(house.state(), "active");
        house.ledger().wait_for("select count(*) from articles", 1);
        house
    }

    fn topic(&self) -> String {
        self.web.url("gazette", "/feed.rss")
    }

    fn ledger(&self) -> Ledger {
        self.desk.ledger()
    }

    fn state(&self) -> String {
        self.ledger().text("select state from subscription").unwrap()
    }

    fn verify(&self, mode: &str, topic: &str, lease: u64) -> (u16, String) {
        let mut query = Url::parse("query:?").unwrap();
        query.query_pairs_mut().extend_pairs([
            ("hub.mode", mode),
            ("hub.topic", topic),
            ("hub.challenge", "what-is-asked"),
            ("hub.lease_seconds", &lease.to_string()),
            ("hub.reason", "no more of this"),
        ]);
        ask(self.port, "GET", &format!("/push/{}?{}", self.path, query.query().unwrap()), &[], b"")
    }

    fn push(&self, body: &str, signature: &str) -> u16 {
        let headers = [("X-Hub-Signature", signature), ("Content-Type", "application/rss+xml")];
        ask(self.port, "POST", &format!("/push/{}", self.path), &headers, body.as_bytes()).0
    }

    fn signed(&self, method: &str, body: &str) -> String {
        sign(&self.secret, method, body)
    }

    /// Hours until the next poll, as planned.
    fn hours(&self) -> f64 {
        let sql = "select cast(round((julianday(next_poll_at) - julianday('now')) * 2400) as integer) from feeds";
        self.ledger().count(sql) as f64 / 100.0
    }
}

fn sign(secret: &str, method: &str, body: &str) -> String {
    let algorithm = match method {
        "sha1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        "sha256" => hmac::HMAC_SHA256,
        "sha384" => hmac::HMAC_SHA384,
        _ => hmac::HMAC_SHA512,
    };
    let tag = hmac::sign(&hmac::Key::new(algorithm, secret.as_bytes()), body.as_bytes());
    tag.as_ref().iter().fold(format!("{method}="), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn port_of(daemon: &Daemon) -> u16 {
    daemon.wait_for_line("serving /livez");
    daemon.wait_for_line("wireroom is running");
    let log = daemon.log();
    let line = log.lines().find(|line| line.contains("serving /livez")).unwrap().to_owned();
    line.rsplit_once("127.0.0.1:").unwrap().1.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

/// One request to the listener, as a reverse proxy makes it.
fn ask(port: u16, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: news.example.org\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length")) && method == "POST" {
        write!(head, "Content-Length: {}\r\n", body.len()).unwrap();
    }
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    // The listener may answer before it has read everything.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer to {method} {target}: {answer:?}"));
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.trim_end().to_owned())
}

#[test]
fn b52_a_feed_with_a_hub_is_subscribed_pushes_are_read_and_polls_fall_to_a_back_up() {
    let house = House::open();
    let ledger = house.ledger();
    assert!(house.hours() < 1.0, "a hub that has brought nothing yet is polled behind as ever");
    let etag = ledger.text("select cast(etag as text) from feed").unwrap();
    let push = feed_of(&house.web, &house.hub.address, &["two"]);
    assert_eq!(house.push(&push, &house.signed("sha256", &push)), 202);
    ledger.wait_for("select count(*) from articles", 2);
    wait_until(|| house.hours() > 22.0, || format!("the next poll is {} h away", house.hours()));
    assert!(house.hours() < 26.0, "one poll a day stays");
    assert_eq!(ledger.text("select cast(etag as text) from feed").unwrap(), etag, "validators are the poll's alone");
    assert_eq!(ledger.count("select count(*) from delivery"), 0);
    let status = house.desk.say(&["status"]);
    assert!(status.contains("hubs: 1 subscriptions, 1 of them with pushes"), "{status}");

    // The back-up poll finds what nobody pushed: polling is the rule again.
    let feed = feed_of(&house.web, &house.hub.address, &["three", "two", "one"]);
    house.web.set_page("gazette", "/feed.rss", Response::bytes("application/rss+xml", feed).with_etag());
    house.desk.say(&["retry", "gazette"]);
    ledger.wait_for("select count(*) from articles", 3);
    wait_until(|| house.hours() < 1.0, || format!("the next poll is {} h away", house.hours()));
    assert_eq!(ledger.count("select misses from subscription"), 1);
    // One push is not enough then, two are.
    for page in ["four", "five"] {
        assert!(house.hours() < 1.0);
        let push = feed_of(&house.web, &house.hub.address, &[page]);
        assert_eq!(house.push(&push, &house.signed("sha256", &push)), 202);
        ledger.wait_for(&format!("select count(*) from articles where url like '%/{page}.html'"), 1);
    }
    wait_until(|| house.hours() > 22.0, || format!("the next poll is {} h away", house.hours()));
    let log = house.daemon.log();
    assert!(!log.contains(&house.secret) && !log.contains(&house.path), "{log}");
    for secret in [&house.secret, &house.path] {
        assert!(!house.desk.say(&["status", "--json"]).contains(secret.as_str()));
    }
    assert_eq!(ledger.count("select count(*) from sqlite_master where type = 'view' and sql like '%subscription%'"), 0);
    assert_eq!(house.hub.requests().len(), 1, "the hub was asked once");
}

#[test]
fn b52_what_was_acknowledged_survives_a_kill_and_the_subscription_too() {
    let house = House::open();
    // The pages wait; the body is a row when the hub is answered.
    let push = feed_of(&house.web, &house.hub.address, &["two"]);
    assert_eq!(house.push(&push, &house.signed("sha512", &push)), 202);
    let House { web, hub, desk, daemon, path, secret, .. } = house;
    daemon.kill();
    let daemon = desk.start();
    let port = port_of(&daemon);
    let ledger = desk.ledger();
    ledger.wait_for("select count(*) from articles", 2);
    assert_eq!(hub.requests().len(), 1, "a running lease is not asked for again");
    let push = feed_of(&web, &hub.address, &["three"]);
    let signature = sign(&secret, "sha384", &push);
    assert_eq!(ask(port, "POST", &format!("/push/{path}"), &[("X-Hub-Signature", &signature)], push.as_bytes()).0, 202);
    ledger.wait_for("select count(*) from articles", 3);
}

#[test]
fn b53_what_is_not_signed_as_agreed_is_acknowledged_and_dropped() {
    let house = House::open();
    let ledger = house.ledger();
    let forged = feed_of(&house.web, &house.hub.address, &["forged"]);
    let good = house.signed("sha256", &forged);
    let last = if good.ends_with('0') { "1" } else { "0" };
    let altered = good[..good.len() - 1].to_owned() + last;
    for signature in [
        altered.as_str(),
        &sign("another secret", "sha256", &forged),
        &good.replace("sha256", "sha512"),
        &good.replace("sha256", "md5"),
        "sha256=",
        "sha256=zz",
        "nonsense",
        &format!("sha256={}", "é".repeat(16)),
    ] {
        let status = house.push(&forged, signature);
        assert!(status == 202, "{signature}: {status}");
    }
    let unsigned = ask(house.port, "POST", &format!("/push/{}", house.path), &[], forged.as_bytes()).0;
    assert_eq!(unsigned, 202);
    assert_eq!(ledger.count("select count(*) from delivery") + ledger.count("select deliveries from subscription"), 0);
    // After them one that counts, so that none of the others can be on its way any more.
    let real = feed_of(&house.web, &house.hub.address, &["real"]);
    assert_eq!(house.push(&real, &house.signed("sha1", &real)), 202);
    ledger.wait_for("select count(*) from articles where url like '%/real.html'", 1);
    assert_eq!(ledger.count("select count(*) from entries where url like '%forged%'"), 0);
    // The same once more brings nothing.
    assert_eq!(house.push(&real, &house.signed("sha1", &real)), 202);
    assert_eq!(ledger.count("select count(*) from delivery"), 0, "a replay is no row");
    assert_eq!(ledger.count("select deliveries from subscription"), 1);
}

#[test]
fn b53_strangers_learn_and_change_nothing() {
    let house = House::open();
    let stranger = "/push/0123456789abcdef0123456789abcdef";
    assert_eq!(ask(house.port, "POST", stranger, &[], b"x").0, 410, "an unknown path");
    assert_eq!(ask(house.port, "GET", &format!("{stranger}?hub.mode=subscribe&hub.topic=x&hub.challenge=c"), &[], b"").0, 404);
    let own = format!("/push/{}", house.path);
    assert_eq!(ask(house.port, "GET", &own, &[], b"").0, 400, "no verification at all");
    assert_eq!(ask(house.port, "PUT", &own, &[], b"").0, 405);
    assert_eq!(ask(house.port, "GET", "/livez", &[], b"").0, 421, "the proxy's name opens nothing but callbacks");
    assert_eq!(house.verify("subscribe", "http://elsewhere.example.org/feed", 60).0, 404, "a topic never asked for");
    assert_eq!(house.verify("denied", "http://elsewhere.example.org/feed", 60).0, 404);
    assert_eq!(house.verify("unsubscribe", &house.topic(), 60).0, 404, "nobody asked for an end");
    assert_eq!(house.verify("dance", &house.topic(), 60).0, 400);
    let until = house.ledger().text("select lease_until from subscription");
    assert_eq!(house.state(), "active");
    let oversized = [("X-Hub-Signature", "sha256=00"), ("Content-Length", "999999999")];
    assert_eq!(ask(house.port, "POST", &own, &oversized, b"").0, 413, "a body that says that it is too large");
    let mut desk_limit = vec![b'x'; 9 << 20];
    desk_limit[0] = b'<';
    let chunked = [("X-Hub-Signature", "sha256=00"), ("Content-Length", "9437184")];
    assert_eq!(ask(house.port, "POST", &own, &chunked, &desk_limit[..1]).0, 413);
    assert_eq!(house.ledger().text("select lease_until from subscription"), until, "nothing moved");
    // A denial that is real is believed.
    assert_eq!(house.verify("denied", &house.topic(), 60).0, 200);
    assert_eq!(house.state(), "denied");
    let said = house.desk.say(&["status"]);
    assert!(said.contains("denied") && said.contains("no more of this") && said.contains("The hub serves us no longer."), "{said}");
    assert_eq!(ask(house.port, "POST", &own, &[], b"x").0, 410, "what it sends from now on is not read");
}

#[test]
fn b52_a_hub_that_refuses_or_moves_is_asked_with_care() {
    let hub = Hub::start(|path| match path {
        "/hub" => {
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: /moved\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned()
        }
        _ => "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
    });
    let (_web, hub, desk) = House::with(hub);
    let daemon = desk.start();
    daemon.wait_for_line("wireroom is running");
    let ledger = desk.ledger();
    ledger.wait_for("select count(*) from subscription where failures > 0", 1);
    let paths: Vec<String> = hub.requests().into_iter().map(|(asked, _)| asked).collect();
    assert_eq!(paths, ["POST /hub", "POST /moved"], "the method is kept");
    assert_eq!(ledger.text("select state || ' ' || class from subscription").as_deref(), Some("failed forbidden"));
    assert_eq!(ledger.count("select count(*) from subscription where julianday(next_at) - julianday('now') > 0.9"), 1, "not soon");
    ledger.wait_for("select count(*) from articles", 1);
}

// ---------------------------------------------------------------- the ledger's side

const FEED: &str = "https://alpha.example.org/feed";

fn ground() -> Ground {
    let feeds = vec![FeedSpec { url: Url::parse(FEED).unwrap(), kind: FeedKind::Feed }];
    let source = Source {
        name: "alpha".to_owned(),
        was: None,
        agency: "Alpha".to_owned(),
        enabled: true,
        feeds,
        timezone: None,
        language: None,
    };
    Ground::with(&[source])
}

fn offer() -> HubOffer {
    HubOffer { hub: Url::parse("https://hub.example.org/").unwrap(), topic: Url::parse(FEED).unwrap() }
}

/// A ground whose feed is subscribed and was asked for once, at 0.
fn subscribed() -> (Ground, HubClaim) {
    let ground = ground();
    let claim = ground.feeds(0, Scope::Due, NO_PACE).remove(0);
    let commit = wireroom::model::PollCommit { hub: HubWish::Subscribe(offer()), ..poll(&claim, 0, read()) };
    ground.commit_poll(&claim, &commit);
    let asked = ask_hub(&ground, 0);
    (ground, asked)
}

fn ask_hub(ground: &Ground, now: i64) -> HubClaim {
    let mut claims = ground.write(move |ledger| ledger.claim_hubs(at(now), 10, Duration::from_secs(600)));
    assert_eq!(claims.len(), 1);
    let claim = claims.remove(0);
    let commit = HubCommit { outcome: HubOutcome::Asked, host: claim.host.clone(), next_at: at(now + 3600) };
    let own = claim.clone();
    ground.write(move |ledger| ledger.commit_hub(&own, &commit));
    claim
}

fn confirm(ground: &Ground, claim: &HubClaim, now: i64, lease: u64) -> bool {
    let said = Verification {
        path: claim.path.0.clone(),
        mode: VerificationMode::Subscribe,
        topic: claim.offer.topic.to_string(),
        lease: Some(Duration::from_secs(lease)),
        reason: None,
    };
    ground.write(move |ledger| ledger.verify_hub(&said, at(now)))
}

fn deliver(ground: &Ground, claim: &HubClaim, now: i64, body: &[u8]) -> Taken {
    let pushed = Pushed { path: claim.path.0.clone(), content_type: None, body: body.to_vec() };
    ground.write(move |ledger| ledger.take_delivery(&pushed, at(now)))
}

fn deliveries(ground: &Ground, now: i64) -> Vec<FeedClaim> {
    ground.write(move |ledger| ledger.claim_deliveries(at(now), 10, Duration::from_secs(120)))
}

#[test]
fn b52_leases_are_renewed_before_their_end_whatever_their_length() {
    let due = |ground: &Ground, now: i64| ground.ask(move |reader| reader.is_hub_due(at(now)));
    for (lease, before, after) in [(864_000, 640_000, 650_000), (1, 3_500, 3_700), (315_360_000, 1_900_000, 2_000_000)] {
        let (ground, claim) = subscribed();
        assert!(confirm(&ground, &claim, 10, lease));
        assert!(!due(&ground, before), "a lease of {lease} s is not asked for again yet");
        assert!(due(&ground, after), "a lease of {lease} s is asked for again");
        let again = ask_hub(&ground, after);
        assert_eq!((&again.path, &again.secret, again.failures), (&claim.path, &claim.secret, 0), "a renewal, not another one");
        let hubs = ground.ask(|reader| reader.hubs());
        // While the lease runs it stays; one that ran out waits for the hub.
        assert_eq!(hubs[0].state, if lease == 1 { "asked" } else { "active" });
    }
}

#[test]
fn b52_a_hub_that_never_asks_back_has_failed() {
    let (ground, _) = subscribed();
    let again = ask_hub(&ground, 3601);
    assert_eq!(again.failures, 1);
    let hub = ground.ask(|reader| reader.hubs()).remove(0);
    assert_eq!(hub.class.as_deref(), Some("hub_silent"));
    assert!(confirm(&ground, &again, 3700, 1000));
    assert_eq!(ground.ask(|reader| reader.hubs())[0].class, None);
}

#[test]
fn b52_a_feed_that_names_no_hub_any_more_is_subscribed_nowhere() {
    let (ground, asked) = subscribed();
    assert!(confirm(&ground, &asked, 10, 1000));
    let claim = ground.feeds(400, Scope::Asked { since: at(400) }, NO_PACE).remove(0);
    assert!(claim.push.is_some_and(|push| push.active_until == Some(at(1010))));
    let commit = wireroom::model::PollCommit { hub: HubWish::Drop, ..poll(&claim, 400, read()) };
    ground.commit_poll(&claim, &commit);
    assert_eq!(deliver(&ground, &asked, 500, b"late"), Taken::Unknown);
    assert_eq!(ground.ask(|reader| reader.hubs()), []);
}

#[test]
fn b52_deliveries_are_bounded_claimed_once_and_end_with_their_commit() {
    let (ground, claim) = subscribed();
    assert!(confirm(&ground, &claim, 10, 100_000));
    for number in 0..8u8 {
        assert_eq!(deliver(&ground, &claim, 20, &[number]), Taken::Kept);
    }
    assert_eq!(deliver(&ground, &claim, 20, &[0]), Taken::Known);
    assert_eq!(deliver(&ground, &claim, 20, b"one too many"), Taken::Full);
    let turn = ground.ask(|reader| reader.next_turn(at(20), Scope::Due, wireroom::store::Lane::Poll, &NO_PACE));
    assert_eq!(turn, Some(at(20)), "they wake the lane");
    let claims = deliveries(&ground, 20);
    assert_eq!(claims.len(), 1, "one at a time of a feed");
    assert!(deliveries(&ground, 20).is_empty());
    let delivered = claims[0].delivered.clone().unwrap();
    assert_eq!((delivered.body, delivered.received_at), (vec![0], at(20)));
    let page = "https://alpha.example.org/1";
    let trust = Some(Trust { pushes: 1, ..Trust::default() });
    let commit = wireroom::model::PollCommit { trust, ..poll(&claims[0], 21, PollRead { fresh: vec![entry(page, 21)], ..read() }) };
    ground.commit_poll(&claims[0], &commit);
    assert_eq!(ground.entries(30, 10, Scope::Due, NO_PACE).len(), 1, "its entry is there to be scraped");
    assert_eq!(deliver(&ground, &claim, 30, b"now there is room"), Taken::Kept);
    assert_eq!(deliver(&ground, &claim, 30, &[0]), Taken::Known, "what was just read is not read again");
    // A reader that dies over one gives it up in the end, and the others get their turn.
    for attempt in 0..3 {
        let claims = deliveries(&ground, 40 + attempt);
        assert_eq!(claims[0].delivered.clone().unwrap().body, [1]);
        ground.write(move |ledger| ledger.recover(at(41 + attempt)));
    }
    assert_eq!(deliveries(&ground, 50)[0].delivered.clone().unwrap().body, [2]);
}

/// All that waits together has a bound, in rows and in bytes.
#[test]
#[ignore = "a thousand transactions: cargo test --test it bounded_together -- --ignored"]
fn b53_all_that_hubs_deliver_is_bounded_together() {
    let feeds: Vec<FeedSpec> =
        (0..130).map(|number| FeedSpec { url: Url::parse(&format!("{FEED}/{number}")).unwrap(), kind: FeedKind::Feed }).collect();
    let source = Source {
        name: "alpha".to_owned(),
        was: None,
        agency: "Alpha".to_owned(),
        enabled: true,
        feeds,
        timezone: None,
        language: None,
    };
    let ground = Ground::with(&[source]);
    let width = wireroom::model::Pace { delay: Duration::ZERO, per_host: 200 };
    let mut asked = Vec::new();
    loop {
        let claims = ground.feeds(0, Scope::Due, width);
        if claims.is_empty() {
            break;
        }
        for claim in claims {
            let commit = wireroom::model::PollCommit { hub: HubWish::Subscribe(offer()), ..poll(&claim, 0, read()) };
            ground.commit_poll(&claim, &commit);
        }
        asked.extend(ground.write(move |ledger| ledger.claim_hubs(at(0), 200, Duration::from_secs(600))));
    }
    assert_eq!(asked.len(), 130);
    let large = vec![b'x'; 7 << 20];
    let fill = |hub: &HubClaim, number: usize, body: &[u8]| {
        let mut body = body.to_vec();
        body.extend_from_slice(&number.to_be_bytes());
        deliver(&ground, hub, 20, &body)
    };
    let taken: Vec<Taken> = (0..10).map(|number| fill(&asked[number / 5], number, &large)).collect();
    assert_eq!(taken.iter().filter(|taken| **taken == Taken::Kept).count(), 9, "of 7 MiB each: 64 MiB at most");
    assert_eq!(taken[9], Taken::Full);
    assert_eq!(fill(&asked[2], 0, b"small"), Taken::Kept, "what is small still has room");
    let mut kept = 10;
    for number in 0..1100 {
        let taken = fill(&asked[3 + number / 8 % 127], number, b"small");
        assert_eq!(taken, if kept < 1000 { Taken::Kept } else { Taken::Full }, "row {kept}");
        kept += u32::from(taken == Taken::Kept);
        if kept == 1000 && taken == Taken::Full {
            break;
        }
    }
    assert_eq!(kept, 1000);
}

/// The listener with little to share, and the path of one subscription.
fn listener(share: serve::Share) -> (Ground, tokio::runtime::Runtime, u16, String) {
    let (ground, claim) = subscribed();
    assert!(confirm(&ground, &claim, 10, 100_000));
    let hubs = serve::Hubs {
        host: "news.example.org".to_owned(),
        max_body: 1000,
        clock: Arc::new(|| at(20)),
        bell: Arc::default(),
        tally: Arc::default(),
        share,
    };
    let stop = tokio_util::sync::CancellationToken::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listen = serve::serve("127.0.0.1:0".parse().unwrap(), ground.store.clone(), Some(hubs), stop);
    let bound = runtime.block_on(listen).unwrap();
    (ground, runtime, bound.port(), format!("/push/{}", claim.path.0))
}

/// A body that is begun and not ended.
fn begin(port: u16, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "POST {path} HTTP/1.1\r\nHost: news.example.org\r\nContent-Length: 100\r\n\r\nx").unwrap();
    stream
}

fn answer(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

/// Asks until a place is taken: what was begun is read by the listener in its own time.
fn until_full(port: u16, path: &str) -> String {
    for _ in 0..400 {
        let said = ask_with(port, path);
        if said.contains("503") {
            return said;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("never full");
}

fn ask_with(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "POST {path} HTTP/1.1\r\nHost: news.example.org\r\nContent-Length: 1\r\n\r\nx").unwrap();
    answer(stream)
}

#[test]
fn b53_bodies_have_a_time_and_a_number() {
    let share = serve::Share { requests: 24, bodies: 2, patience: Duration::from_millis(1500) };
    let (_ground, _runtime, port, path) = listener(share);
    let slow = [begin(port, &path), begin(port, &path)];
    let said = until_full(port, &path);
    assert!(said.contains("too many bodies at once") && said.to_lowercase().contains("retry-after: 60"), "{said}");
    for stream in slow {
        assert!(answer(stream).contains("408"), "a body that does not come");
    }
    assert!(ask_with(port, &path).contains("202"), "and the places are free again");
}

#[test]
fn b53_hubs_leave_places_to_whoever_watches() {
    let share = serve::Share { requests: 1, bodies: 4, patience: Duration::from_secs(20) };
    let (_ground, _runtime, port, path) = listener(share);
    // It has its place when no answer comes.
    let slow = begin(port, &path);
    slow.set_read_timeout(Some(Duration::from_millis(700))).unwrap();
    assert!(slow.peek(&mut [0]).is_err(), "the first one is let in");
    let said = until_full(port, &path);
    assert!(said.contains("too many requests at once"), "{said}");
    let watch = |what: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
        write!(stream, "GET {what} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        answer(stream)
    };
    // Connections that were answered and are kept open by the other side take no place.
    let kept: Vec<TcpStream> = (0..64)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            write!(stream, "POST {path} HTTP/1.1\r\nHost: news.example.org\r\nContent-Length: 1\r\n\r\nx").unwrap();
            stream
        })
        .collect();
    assert!(watch("/livez").contains("200") && watch("/readyz").contains("200"));
    drop(kept);
}

#[test]
fn b52_a_delivery_that_cannot_be_read_is_no_failure_of_the_feed() {
    let (ground, claim) = subscribed();
    assert!(confirm(&ground, &claim, 10, 100_000));
    assert_eq!(deliver(&ground, &claim, 20, b"no feed"), Taken::Kept);
    let claims = deliveries(&ground, 20);
    let trouble = wireroom::model::Trouble {
        failure: wireroom::model::Failure::Persistent,
        class: "not_a_feed",
        reason: "not a feed".to_owned(),
    };
    ground.commit_poll(&claims[0], &polled(&claims[0], 21, PollOutcome::Failed(trouble)));
    let feed = ground.ask(|reader| reader.feeds(None)).remove(0);
    assert_eq!((feed.failures, feed.class), (0, None));
    assert_eq!(ground.ask(|reader| reader.hubs())[0].waiting, 0);
}

// ---------------------------------------------------------------- the dry side

fn planned(seconds: i64) -> Planned {
    Planned { at: at(seconds), why: "every hour".to_owned(), forbidden_before: None, interval_s: 3600 }
}

fn outcome(fresh: Vec<wireroom::model::NewEntry>) -> PollOutcome {
    let final_url = Url::parse(FEED).unwrap();
    let head = Head {
        status: 200,
        final_url,
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: at(0),
        fields: Vec::new(),
    };
    PollOutcome::Read(Box::new(PollRead::of_entries(head, fresh)))
}

#[test]
fn b52_pushes_earn_their_trust_and_lose_it() {
    let day = 86_400;
    let push = |pushes, misses, until: i64| Push {
        active_until: Some(at(until)),
        trust: Trust { pushes, misses, due_at: None },
        polled_at: Some(at(-1000)),
        next_poll_at: at(500),
    };
    let plan = |push: Push, delivered, outcome: &PollOutcome| {
        let (next, trust) = push::with_push(Some(&push), delivered, outcome, planned(3600), &Hints::default(), at(0), 0.0);
        let trust = trust.unwrap();
        assert_eq!(trust.due_at, Some(if delivered { at(500) } else { at(3600) }));
        (next, (trust.pushes, trust.misses))
    };
    let nothing = outcome(Vec::new());
    let missed = outcome(vec![entry("https://alpha.example.org/1", 0)]);
    // The first push: from now on the daily poll is enough, counted from the last poll.
    let (next, trust) = plan(push(0, 0, 30 * day), true, &nothing);
    assert_eq!((next.at, trust), (at(day - 1000), (1, 0)));
    // A push of a hub that is not trusted yet takes no planned poll away.
    assert_eq!(plan(push(0, 1, 30 * day), true, &nothing).0.at, at(500));
    assert_eq!(plan(push(1, 1, 30 * day), true, &nothing).0.at, at(day - 1000));
    // The lease ends sooner: polling begins again then; and it has ended: as planned.
    assert_eq!(plan(push(1, 0, 7200), false, &nothing).0.at, at(7200));
    assert_eq!(plan(push(9, 0, -1), false, &nothing).0.at, at(3600));
    // A poll that finds what was not pushed.
    assert_eq!(plan(push(3, 0, 30 * day), false, &missed), (planned(3600), (0, 1)));
    // While the hub is on probation, that says nothing.
    assert_eq!(plan(push(0, 0, 30 * day), false, &missed).1, (0, 0));
    // What was published a moment ago may be on its way.
    let mut young = entry("https://alpha.example.org/2", 0);
    young.entry.published = Some(wireroom::model::PressTime {
        at: at(-60),
        offset_minutes: None,
        precision: wireroom::model::Precision::Instant,
        zone_source: wireroom::model::ZoneSource::Page,
    });
    assert_eq!(plan(push(3, 0, 30 * day), false, &outcome(vec![young])).1, (3, 0));
    assert_eq!(push::with_push(None, false, &missed, planned(3600), &Hints::default(), at(0), 0.0), (planned(3600), None));
}

/// What the server, the feed and the operator allow, no push widens: neither a lease that ends, nor a body, readable or not.
#[test]
fn b52_no_push_brings_a_poll_forward() {
    let failed = PollOutcome::Failed(wireroom::model::Trouble {
        failure: wireroom::model::Failure::Persistent,
        class: "not_a_feed",
        reason: "no feed".to_owned(),
    });
    let read = outcome(Vec::new());
    for due in [10, 3600, 70_000, 90_000] {
        for lease in [-5, 30, 7200, 1_000_000] {
            for standing in [due, due + 50_000] {
                for (outcome, delivered) in [(&read, true), (&failed, true), (&read, false), (&failed, false)] {
                    let push = Push {
                        active_until: Some(at(lease)),
                        trust: Trust { pushes: 9, misses: 0, due_at: Some(at(due)) },
                        polled_at: Some(at(-1000)),
                        next_poll_at: at(standing),
                    };
                    let (next, trust) =
                        push::with_push(Some(&push), delivered, outcome, planned(due), &Hints::default(), at(0), 0.5);
                    assert!(next.at >= at(due), "{due} {lease} {delivered}: {next:?}");
                    assert_eq!(trust.unwrap().due_at, Some(at(due)));
                    if matches!(outcome, PollOutcome::Failed(_)) {
                        assert_eq!(next.at, at(due), "what could not be read is asked for as soon as may be");
                    }
                }
            }
        }
    }
    // The tests' time begins at noon; the back-up a day later would come in that hour.
    let skips = Hints { skip_hours: vec![12, 13], ..Hints::default() };
    let push = Push {
        active_until: Some(at(1_000_000)),
        trust: Trust { pushes: 9, ..Trust::default() },
        polled_at: Some(at(0)),
        next_poll_at: at(500),
    };
    let (next, _) = push::with_push(Some(&push), true, &read, planned(3600), &skips, at(20), 0.0);
    assert_eq!(next.at, at(86_400 + 2 * 3600), "skipHours bind the back-up");
}

#[test]
fn b52_hub_and_topic_are_read_off_document_and_head() {
    let base = Url::parse(FEED).unwrap();
    let offer = |hints: &Hints| feed::hub::offer(hints, &base).map(|offer| (offer.hub.to_string(), offer.topic.to_string()));
    let hints = Hints { hub: Some("/hub".to_owned()), self_link: Some(FEED.to_owned()), ..Hints::default() };
    assert_eq!(offer(&hints), Some(("https://alpha.example.org/hub".to_owned(), FEED.to_owned())));
    assert_eq!(offer(&Hints { hub: None, ..hints.clone() }), None);
    assert_eq!(offer(&Hints { self_link: None, ..hints.clone() }), None, "a feed that does not say what it is called");
    assert_eq!(offer(&Hints { hub: Some("ftp://hub.example.org/".to_owned()), ..hints.clone() }), None);
    let head = |value: &str| {
        let mut hints = hints.clone();
        feed::hub::read_head(&mut hints, &[("link".to_owned(), value.to_owned())]);
        offer(&hints).unwrap()
    };
    let said = head("<https://a.example.org/a,b>; rel=\"hub\", <https://b.example.org/>; title=\"x, y; rel=z\"; rel=\"next SELF\"");
    assert_eq!(said, ("https://a.example.org/a,b".to_owned(), "https://b.example.org/".to_owned()));
    assert_eq!(head("<https://c.example.org/>; rel=self").1, FEED, "without a hub the document speaks for itself");
    for broken in ["", "<", "<>", "<x", ";rel=hub", "<a>;;;=,,,<b>;rel", "\"<a>;rel=hub", "<é>; rel=\"hub"] {
        head(broken);
    }
}

#[test]
fn secrets_are_not_printed() {
    assert_eq!(format!("{:?}", Secret("hush".to_owned())), "Secret(…)");
    let (_ground, claim) = subscribed();
    let shown = format!("{claim:?}");
    assert!(!shown.contains(&claim.secret.0) && !shown.contains(&claim.path.0), "{shown}");
    let _ = (Entry::of_page(None, Timestamp::UNIX_EPOCH), offer());
}
