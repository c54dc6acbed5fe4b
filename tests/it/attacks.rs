//! The attacks that reach for addresses (1 to 19 of the list), one test each; bodies and TLS stand in their own files.

mod bodies;
mod tls;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use wireroom::fetch::{CLASSES, Error, Fetcher, Limits, Lookup, Own, SourceRequest, Sources};
use wireroom::model::{Failure, Fetched, HostState, Purpose, Request, Timestamp, Url, Validators};

use super::fetch::server::{Server, ok, ok_with, redirect};
use super::operator::{Desk, both};

/// Limits scaled down to a test's patience; only these hosts may be private.
pub(crate) fn limits(allow_private: &[&str]) -> Limits {
    let mut limits = wireroom::config::Settings::default().fetch;
    limits.contact = "mailto:desk@example.org".to_owned();
    limits.per_host_delay = Duration::ZERO;
    limits.per_host_connections = 2;
    limits.timeout = Duration::from_secs(5);
    limits.connect_timeout = Duration::from_millis(300);
    limits.max_body = 256 * 1024;
    limits.allow_private = allow_private.iter().map(|host| (*host).to_owned()).collect();
    limits
}

pub(crate) fn clock() -> wireroom::fetch::Clock {
    Arc::new(|| Timestamp::from_second(1_713_877_200).unwrap())
}

fn fetcher(allow_private: &[&str], lookup: Lookup) -> Fetcher {
    Fetcher::with_lookup(limits(allow_private), clock(), lookup).unwrap()
}

/// Every name leads to these addresses, in turn; the last ones again and again.
pub(crate) fn leading(turns: &[&[&str]]) -> (Lookup, Arc<AtomicUsize>) {
    let turns: Vec<Vec<IpAddr>> = turns.iter().map(|found| found.iter().map(|ip| ip.parse().unwrap()).collect()).collect();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let lookup: Lookup = Arc::new(move |_| {
        let turn = counter.fetch_add(1, Ordering::SeqCst);
        let found = turns[turn.min(turns.len() - 1)].clone();
        Box::pin(async move { Ok(found) })
    });
    (lookup, asked)
}

fn nowhere() -> Lookup {
    Arc::new(|_| Box::pin(async { Err(std::io::Error::from(std::io::ErrorKind::NotFound)) }))
}

pub(crate) fn feed(url: Url) -> Request {
    Request { url, validators: Validators::default(), purpose: Purpose::Feed }
}

pub(crate) async fn get(fetcher: &Fetcher, url: Url) -> Result<Fetched, Error> {
    fetcher.get(feed(url), &HostState::default()).await.0
}

/// The class of an error, which is one of those that are explained to operators.
#[track_caller]
pub(crate) fn class(answer: Result<Fetched, Error>) -> &'static str {
    let error = answer.map(|_| ()).expect_err("an error");
    assert!(CLASSES.contains(&error.class()), "{error}");
    error.class()
}

/// Hosts in any spelling, for every purpose: refused for good, before any name server or host is asked.
async fn are_blocked(hosts: &[&str]) {
    let fetcher = fetcher(&[], nowhere());
    for host in hosts {
        for purpose in [Purpose::Feed, Purpose::Page, Purpose::Probe] {
            let url: Url = format!("http://{host}/x").parse().unwrap_or_else(|error| panic!("{host}: {error}"));
            let error = fetcher.get(Request { purpose, ..feed(url) }, &HostState::default()).await.0.unwrap_err();
            assert_eq!((error.class(), error.failure()), ("blocked_address", Failure::Persistent), "{host}: {error}");
        }
    }
}

#[tokio::test]
async fn a01_loopback_in_figures_and_by_name() {
    are_blocked(&["127.0.0.1", "127.1.2.3", "127.255.255.254", "[::1]"]).await;
    let server = Server::start().await;
    server.on("/x", [ok("")]);
    let fetcher = Fetcher::new(limits(&[]), clock()).unwrap();
    for host in ["localhost", "LOCALHOST"] {
        assert_eq!(class(get(&fetcher, server.url_at(host, "/x")).await), "blocked_address", "{host}");
    }
    // Not every system's resolver knows it with its dot.
    assert!(matches!(class(get(&fetcher, server.url_at("localhost.", "/x")).await), "blocked_address" | "dns"));
    assert!(server.hits().is_empty());
}

#[tokio::test]
async fn a02_private_and_link_local_networks() {
    are_blocked(&[
        "10.0.0.1",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "192.168.255.255",
        "169.254.169.254",
        "[fd00::1]",
        "[fc00::1]",
        "[fe80::1]",
        "[fec0::1]",
    ])
    .await;
}

#[tokio::test]
async fn a03_no_address_at_all() {
    are_blocked(&["0.0.0.0", "0.0.0.1", "0.255.255.255", "[::]"]).await;
}

#[tokio::test]
async fn a04_addresses_set_aside() {
    are_blocked(&[
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "[ff02::1]",
        "[2001:db8::1]",
        "[2001:20::1]",
        "[100::1]",
        "[3fff::1]",
        "[4000::1]",
    ])
    .await;
}

#[tokio::test]
async fn a05_addresses_within_addresses() {
    are_blocked(&[
        "[::ffff:127.0.0.1]",
        "[::ffff:8.8.8.8]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::10.1.2.3]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2002:a9fe:a9fe::]",
        "[2001:0:7f00:1::]",
        "[2001:0:808:808:0:0:80ff:fffe]",
    ])
    .await;
}

#[tokio::test]
async fn a06_figures_as_nobody_writes_them() {
    are_blocked(&[
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "0x7f.1",
        "0x7f000001",
        "127.1",
        "127.0.1",
        "0",
        "0x0",
        "127.0.0.1.",
        "3232235777",
        "0xa9fea9fe",
    ])
    .await;
}

#[tokio::test]
async fn a07_a_name_that_leads_inside() {
    let server = Server::start().await;
    server.on("/x", [ok("")]);
    for addresses in
        [&["127.0.0.1"][..], &["10.1.2.3", "fd00::1"], &["::ffff:127.0.0.1"], &["64:ff9b::7f00:1"], &["169.254.169.254"]]
    {
        let (lookup, asked) = leading(&[addresses]);
        let answer = get(&fetcher(&[], lookup), server.url_at("inside.example.test", "/x")).await;
        assert_eq!((class(answer), asked.load(Ordering::SeqCst)), ("blocked_address", 1), "{addresses:?}");
    }
    assert!(server.hits().is_empty());
}

/// Whatever a name says from one moment to the next: what is dialled is what was checked.
#[tokio::test]
async fn a08_a_name_that_changes_its_mind() {
    let server = Server::start().await;
    server.on("/x", [ok("")]);
    let (lookup, asked) = leading(&[&["2001:4860::1"], &["127.0.0.1"]]);
    let fetcher = fetcher(&[], lookup);
    let url = server.url_at("rebound.example.test", "/x");
    let first = class(get(&fetcher, url.clone()).await);
    assert!(matches!(first, "timeout" | "unreachable" | "refused"), "{first}");
    assert_eq!(asked.load(Ordering::SeqCst), 1, "no second look between the check and the dial");
    assert_eq!(class(get(&fetcher, url).await), "blocked_address");
    assert!(server.hits().is_empty());
}

#[tokio::test]
async fn a09_of_mixed_answers_only_the_public_part_is_dialled() {
    let server = Server::start().await;
    server.on("/x", [ok("")]);
    let (lookup, _) = leading(&[&["127.0.0.1", "2001:4860::1", "10.0.0.1"]]);
    let mixed = class(get(&fetcher(&[], lookup), server.url_at("mixed.example.test", "/x")).await);
    assert!(matches!(mixed, "timeout" | "unreachable" | "refused"), "{mixed}");
    assert!(server.hits().is_empty());
}

#[tokio::test]
async fn a10_redirects_to_private_hosts_and_other_schemes() {
    let (outside, inside) = (Server::start().await, Server::start().await);
    inside.on("/x", [ok("")]);
    let host = format!("127.0.0.1:{}", outside.port);
    let fetcher = Fetcher::new(limits(&[&host]), clock()).unwrap();
    let private = [
        inside.url("/x").to_string(),
        inside.url_at("localhost", "/x").to_string(),
        inside.url_at("[::ffff:127.0.0.1]", "/x").to_string(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "//0x7f000001/x".to_owned(),
    ];
    for code in [301, 302, 303, 307, 308] {
        for target in &private {
            outside.on("/x", [redirect(code, target)]);
            assert_eq!(class(get(&fetcher, outside.url("/x")).await), "blocked_address", "{code} {target}");
        }
    }
    for target in
        ["file:///etc/passwd", "gopher://127.0.0.1/", "data:text/xml,<rss/>", "ftp://example.org/", "javascript:1", "http://["]
    {
        outside.on("/x", [redirect(302, target)]);
        assert_eq!(class(get(&fetcher, outside.url("/x")).await), "bad_redirect", "{target}");
    }
    assert!(inside.hits().is_empty());
}

#[tokio::test]
async fn a11_redirects_in_a_circle_and_without_end() {
    let server = Server::start().await;
    let fetcher = Fetcher::new(limits(&["127.0.0.1"]), clock()).unwrap();
    server.on("/a", [redirect(302, "/b")]).on("/b", [redirect(302, "/a")]);
    assert_eq!(class(get(&fetcher, server.url("/a")).await), "redirect_loop");
    for step in 0..20 {
        server.on(&format!("/{step}"), [redirect(302, &format!("/{}", step + 1))]);
    }
    let before = server.hits().len();
    assert_eq!(class(get(&fetcher, server.url("/0")).await), "too_many_redirects");
    assert_eq!(server.hits().len() - before, 11, "the first and ten more");
}

/// What a redirect says for good is not believed when it leads from the public to the private.
#[tokio::test]
async fn a13_a_public_feed_never_moves_inside() {
    let (outside, inside) = (Server::start().await, Server::start().await);
    inside.on("/feed", [ok("")]);
    let target = inside.url_at("lan.example.test", "/feed");
    outside.on("/feed", [redirect(301, target.as_str())]);
    let (lookup, _) = leading(&[&["127.0.0.1"]]);
    // Both stand on loopback here; the source names the first alone.
    let allowed = [format!("127.0.0.1:{}", outside.port), "lan.example.test".to_owned()];
    let fetcher = fetcher(&[&allowed[0], &allowed[1]], lookup).with_sources(named("outside", &outside.url("/feed"))).unwrap();
    assert_eq!(class(get(&fetcher.of("outside"), outside.url("/feed")).await), "blocked_address");
    assert!(inside.hits().is_empty());
    // By hand, from one host of the own net to another: the move is as good as the operator's word.
    assert!(
        matches!(get(&fetcher, outside.url("/feed")).await, Ok(Fetched::Document(document)) if document.head.moved_to == Some(target))
    );
}

/// A source with one address.
fn named(name: &str, url: &Url) -> Sources {
    Sources::from([(name.to_owned(), Own { addresses: vec![url.clone()], request: SourceRequest::default() })])
}

/// Attack 14 through the real binary: wherever a feed's links lead, the same guard stands there.
#[test]
fn a14_every_link_meets_the_same_guard() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (outside, inside) = runtime.block_on(async { (Server::start().await, Server::start().await) });
    let secret = |path: &str| inside.url_at("localhost", path);
    let text = format!(
        r#"<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Outside</title>
        <atom:link rel="hub" href="{}"/><atom:link rel="next" href="{}"/><atom:link rel="self" href="{}"/>
        <atom:link rel="prev-archive" href="{}"/><image><url>{}</url></image>
        <item><title>One</title><guid isPermaLink="false">1</guid><link>{}</link><enclosure url="{}" type="image/png" length="1"/></item>
        <item><title>Two</title><guid isPermaLink="false">2</guid><link>http://[::ffff:127.0.0.1]:{}/two</link></item>
        <item><title>Three</title><guid isPermaLink="false">3</guid><link>{}</link></item></channel></rss>"#,
        secret("/hub"),
        secret("/next"),
        secret("/self"),
        secret("/archive"),
        secret("/icon"),
        secret("/one"),
        secret("/enclosure"),
        inside.port,
        outside.url("/three"),
    );
    let page = format!(
        r#"<!doctype html><link rel="canonical" href="{0}"><link rel="next" href="{0}"><link rel="icon" href="{0}">
        <meta http-equiv="refresh" content="0;url={0}"><h1>Three</h1><article><p>{1}</p><img src="{0}"></article>"#,
        secret("/page"),
        "The harbour board met on Tuesday and agreed on the new pier after a long debate. ".repeat(6)
    );
    let sitemap = format!("<sitemapindex><sitemap><loc>{}</loc></sitemap></sitemapindex>", secret("/map.xml"));
    outside.on("/feed", [ok_with("Content-Type: application/rss+xml\r\n", text.as_bytes())]);
    outside.on("/three", [ok_with("Content-Type: text/html\r\n", page.as_bytes())]);
    outside.on("/sitemap.xml", [ok_with("Content-Type: application/xml\r\n", sitemap.as_bytes())]);
    let mut desk = Desk::empty();
    desk.allow(&[format!("127.0.0.1:{}", outside.port)]);
    desk.source("outside", outside.url("/feed").as_str(), &format!("sitemap = {:?}", outside.url("/sitemap.xml").as_str()));
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 1);
    let refused = "select count(*) from entries where state <> 'filed' and reason like '%private or special address%'";
    assert_eq!(ledger.count(refused), 2, "{:?}", ledger.pairs("select url, reason from entries"));
    assert!(inside.hits().is_empty(), "{:?}", inside.paths());
}

#[test]
fn a15_proxies_of_the_environment_are_ignored() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (server, proxy) = runtime.block_on(async { (Server::start().await, Server::start().await) });
    server.on("/feed", [ok_with("", b"<rss version='2.0'><channel><title>T</title></channel></rss>")]);
    let mut desk = Desk::empty();
    desk.allow(&["127.0.0.1".to_owned()]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        desk.environment(name, proxy.url("/").as_str());
    }
    desk.write();
    desk.say(&["feed", server.url("/feed").as_str()]);
    assert_eq!((server.hits().len(), proxy.hits().len()), (1, 0));
}

/// An exception is for the host and port it names, and for the sources that name it.
#[tokio::test]
async fn a16_exceptions_are_narrow() {
    let (lan, other) = (Server::start().await, Server::start().await);
    for server in [&lan, &other] {
        server.on("/feed", [ok("")]).on("/robots.txt", [ok("")]);
    }
    let (lookup, _) = leading(&[&["127.0.0.1"]]);
    let entry = format!("lan.example.test:{}", lan.port);
    let fetcher = fetcher(&[&entry], lookup);
    let at = |server: &Server, host: &str| server.url_at(host, "/feed");
    assert!(get(&fetcher, at(&lan, "lan.example.test")).await.is_ok());
    for (server, host) in
        [(&other, "lan.example.test"), (&lan, "wan.example.test"), (&lan, "127.0.0.1"), (&lan, "x.lan.example.test")]
    {
        assert_eq!(class(get(&fetcher, at(server, host)).await), "blocked_address", "{host}:{}", server.port);
    }
    // A stranger's feed leads there: by a link, by a redirect, by a document.
    let lan_url = at(&lan, "lan.example.test");
    let mut sources = named("lan", &lan_url);
    sources.extend(named("stranger", &"https://news.example.org/feed".parse().unwrap()));
    let extended = Own {
        addresses: vec!["https://else.example.org/feed".parse().unwrap()],
        request: SourceRequest { hosts: vec![entry.clone()], ..SourceRequest::default() },
    };
    sources.insert("extended".to_owned(), extended);
    let fetcher = fetcher.with_sources(sources).unwrap();
    for (source, may) in [("lan", true), ("extended", true), ("stranger", false), ("removed-since", false)] {
        let answer = get(&fetcher.of(source), lan_url.clone()).await;
        assert_eq!(answer.is_ok(), may, "{source}");
        if !may {
            let error = answer.unwrap_err();
            assert!(error.class() == "blocked_address" && error.to_string().contains("source.request.hosts"), "{error}");
        }
        let elsewhere: Url = "https://news.example.org/feed".parse().unwrap();
        assert_eq!(fetcher.of(source).may_lead(&elsewhere, &lan_url), may, "{source}");
        assert!(fetcher.of(source).may_lead(&lan_url, &elsewhere), "{source}");
    }
}

#[tokio::test]
async fn a17_ports_of_other_services() {
    for port in [22, 25, 53, 110, 143, 445, 3306, 5432, 6379, 9200, 11211, 11434, 27017] {
        let host = format!("127.0.0.1:{port}");
        let url: Url = format!("http://{host}/").parse().unwrap();
        let any_port = Fetcher::new(limits(&["127.0.0.1"]), clock()).unwrap();
        assert_eq!(class(get(&any_port, url.clone()).await), "blocked_address", "{port}");
        let this_port = Fetcher::new(limits(&[&host]), clock()).unwrap();
        assert_ne!(get(&this_port, url).await.map(|_| ()).map_err(|error| error.class()), Err("blocked_address"), "{port}");
    }
}

#[tokio::test]
async fn a18_hosts_in_disguise() {
    are_blocked(&[
        "a@127.0.0.1",
        "a:b@[::1]",
        "example.org@10.0.0.1",
        "127。0。0。1",
        "127．0．0．1",
        "①②⑦.0.0.1",
        "%31%32%37.0.0.1",
    ])
    .await;
    let strict = fetcher(&[], nowhere());
    for text in ["http:\\\\127.0.0.1\\x", "http://127.0\t.0.1/x", "http:/127.0.0.1/", "ht\ntp://127.0.0.1", "http:127.0.0.1"] {
        assert_eq!(class(get(&strict, text.parse().unwrap()).await), "blocked_address", "{text:?}");
    }
    assert_eq!(class(get(&strict, "http://example.org\\@127.0.0.1/".parse().unwrap()).await), "dns", "the host is example.org");
    for text in ["file:///etc/passwd", "ftp://127.0.0.1/", "data:,x", "unix:/run/x"] {
        assert_eq!(class(get(&strict, text.parse().unwrap()).await), "bad_address", "{text}");
    }
}

/// The kernel's wall: what the guard refuses, the shipped unit with its strict drop-in denies too, down to the addresses within addresses. That the
/// kernel does as it is told is systemd's promise; that it is told everything is ours.
#[test]
fn a19_the_unit_denies_what_the_guard_refuses() {
    let plain = include_str!("../../systemd/wireroom.service");
    let unit = &format!("{plain}{}", include_str!("../../systemd/wireroom.service.d/strict-network.conf"));
    let lists = |unit: &str, key: &str| -> Vec<String> {
        let lines = unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        lines.flat_map(str::split_whitespace).map(str::to_owned).collect()
    };
    let (denied, allowed) = (lists(unit, "IPAddressDeny"), lists(unit, "IPAddressAllow"));
    let within = |ranges: &[String], address: IpAddr| {
        ranges.iter().any(|range| match range.as_str() {
            "localhost" => address.is_loopback(),
            "link-local" => covers("169.254.0.0/16", address) || covers("fe80::/64", address),
            "multicast" => address.is_multicast(),
            range => covers(range, address),
        })
    };
    let refused = [
        "0.0.0.0",
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.8.8.8",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "64:ff9b::7f00:1",
        "64:ff9b::a01:203",
        "64:ff9b::c0a8:101",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "2002:c0a8:101::1",
        "2002:a9fe:a9fe::1",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "100::1",
        "::ffff:7f00:1",
        "::7f00:1",
    ];
    for text in refused {
        let address: IpAddr = text.parse().unwrap();
        assert!(within(&denied, address), "the unit lets {text} pass");
        assert!(!within(&allowed, address), "the unit allows {text}");
    }
    // Without the drop-in, name servers and whoever asks for health are let through, and the metadata of clouds is not.
    let always = lists(plain, "IPAddressDeny");
    for text in ["127.0.0.1", "::1", "10.0.0.2", "192.168.1.1", "172.17.0.1", "100.64.0.1", "fd00::53"] {
        assert!(!within(&always, text.parse().unwrap()), "the unit keeps the name server {text} out");
    }
    for text in ["169.254.169.254", "fe80::1", "64:ff9b::a9fe:a9fe", "0.0.0.0", "224.0.0.1"] {
        assert!(within(&always, text.parse().unwrap()), "the plain unit lets {text} pass");
    }
    for text in [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.216.34",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700::1111",
        "2001:4860:4860::8888",
        "2a00:1450::1",
    ] {
        assert!(!within(&denied, text.parse().unwrap()), "the unit denies {text}, which is public");
    }
}

/// Whether a range in the form `address/bits` covers an address.
fn covers(range: &str, address: IpAddr) -> bool {
    let (base, bits) = range.split_once('/').unwrap_or_else(|| panic!("{range} is no range"));
    let (base, bits): (IpAddr, u32) = (base.parse().unwrap(), bits.parse().unwrap());
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            Ipv4Addr::to_bits(base) & mask == Ipv4Addr::to_bits(address) & mask
        }
        (IpAddr::V6(base), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            Ipv6Addr::to_bits(base) & mask == Ipv6Addr::to_bits(address) & mask
        }
        _ => false,
    }
}

/// A source's error is told once, with its remedy, and does not come hot again.
#[test]
fn blocked_feeds_say_so_in_status() {
    let mut desk = Desk::empty();
    desk.source("inside", "http://127.0.0.1:8099/feed", "");
    desk.once();
    let said = both(&desk.run(&["status"]));
    assert!(said.contains("add \"127.0.0.1:8099\" to fetch.allow_private"), "{said}");
    assert_eq!(desk.ledger().count("select failures from feeds"), 1);
}
