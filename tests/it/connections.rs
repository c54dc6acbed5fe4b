//! Connections and names: HTTP/2 where it is offered, one connection for consecutive requests, none kept for long, names
//! remembered for as long as they say, and no time lost on an address that does not answer.

#![allow(clippy::disallowed_methods, reason = "a test that measures how long something took")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpSocket, UdpSocket};
use wireroom::fetch::{Fetcher, Limits, Lookup, Parts, name_servers};
use wireroom::model::{Fetched, HostState, Request, Validators};

use super::attacks::{clock, feed, get, leading, limits};
use super::fetch::server::{Server, ok, unchanged};
use super::tls_server::{Authority, NAME, Speech, TlsServer};

fn trusting(authority: &Authority) -> Fetcher {
    let (lookup, _) = leading(&[&["127.0.0.1"]]);
    let parts = Parts { lookup, roots: vec![authority.root.clone()], ..Parts::default() };
    Fetcher::with_parts(limits(&[NAME]), clock(), parts).unwrap()
}

#[tokio::test]
async fn http2_is_spoken_where_it_is_offered() {
    let authority = Authority::new();
    let server = TlsServer::start(authority.issue(NAME, 2099), Speech::Http2(b"<rss/>".to_vec())).await;
    let fetcher = trusting(&authority);
    for path in ["/one", "/two", "/three"] {
        let Ok(Fetched::Document(document)) = get(&fetcher, server.url(NAME, path)).await else { panic!("no document") };
        assert_eq!((document.body, document.head.validators.etag), (b"<rss/>".to_vec(), Some(b"\"h2\"".to_vec())));
    }
    assert_eq!(*server.asked.lock().unwrap(), ["HTTP/2.0 /one", "HTTP/2.0 /two", "HTTP/2.0 /three"]);
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    // Where it is not, nothing is missing.
    let old = TlsServer::start(
        authority.issue(NAME, 2099),
        Speech::Http1(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>".to_vec()),
    )
    .await;
    for _ in 0..2 {
        assert!(get(&fetcher, old.url(NAME, "/one")).await.is_ok());
    }
    assert_eq!(*old.asked.lock().unwrap(), ["GET /one HTTP/1.1", "GET /one HTTP/1.1"]);
    assert_eq!(old.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn consecutive_requests_share_a_connection_and_idle_ones_are_closed() {
    let server = Server::start().await;
    server.on("/feed", [ok("ETag: \"a\"\r\n"), unchanged(""), unchanged("")]);
    let parts = Parts { idle: Duration::from_millis(300), ..Parts::default() };
    let fetcher = Fetcher::with_parts(limits(&["127.0.0.1"]), clock(), parts).unwrap();
    let known = Validators { etag: Some(b"\"a\"".to_vec()), last_modified: None };
    assert!(get(&fetcher, server.url("/feed")).await.is_ok());
    let again = Request { validators: known, ..feed(server.url("/feed")) };
    for _ in 0..2 {
        assert!(matches!(fetcher.get(again.clone(), &HostState::default()).await.0, Ok(Fetched::NotModified(_))));
    }
    assert!(server.hits().iter().all(|hit| hit.connection == 1), "a 304 keeps its connection too");
    // The time that an idle connection has is the wall's, which a test can only wait out.
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(get(&fetcher, server.url("/feed")).await.is_ok() || server.hits().len() == 4);
    assert_eq!(server.last().connection, 2, "the idle one was closed");
    // Idle ones are looked for once in this time, so one may stand for twice as long: 90 s at most.
    assert!((30..=45).contains(&Parts::default().idle.as_secs()));
}

/// A name server on loopback: each name has an address and a time to live; others do not exist. Counts the questions for A.
#[derive(Clone)]
struct NameServer {
    address: SocketAddr,
    asked: Arc<Mutex<HashMap<String, usize>>>,
}

impl NameServer {
    async fn start(names: &[(&str, [u8; 4], u32)]) -> NameServer {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let names: HashMap<String, ([u8; 4], u32)> =
            names.iter().map(|(name, ip, ttl)| ((*name).to_owned(), (*ip, *ttl))).collect();
        let server = NameServer { address: socket.local_addr().unwrap(), asked: Arc::default() };
        let counting = server.clone();
        tokio::spawn(async move {
            let mut query = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut query).await {
                let answer = counting.answer(&query[..length], &names);
                let _ = socket.send_to(&answer, from).await;
            }
        });
        server
    }

    fn asked(&self, name: &str) -> usize {
        self.asked.lock().unwrap().get(name).copied().unwrap_or(0)
    }

    /// RFC 1035 §4.1: the question again, and one record or the reason why there is none, with its time to live.
    fn answer(&self, query: &[u8], names: &HashMap<String, ([u8; 4], u32)>) -> Vec<u8> {
        let (mut at, mut labels) = (12, Vec::new());
        while query[at] != 0 {
            let length = usize::from(query[at]);
            labels.push(String::from_utf8_lossy(&query[at + 1..at + 1 + length]).to_lowercase());
            at += length + 1;
        }
        let (name, is_a, end) = (labels.join("."), query[at + 2] == 1, at + 5);
        if is_a {
            *self.asked.lock().unwrap().entry(name.clone()).or_default() += 1;
        }
        let known = names.get(&name);
        let record = known.filter(|_| is_a);
        let code = if known.is_some() { 0x80 } else { 0x83 };
        let counts = if record.is_some() { [0, 1, 0, 1, 0, 0, 0, 0] } else { [0, 1, 0, 0, 0, 1, 0, 0] };
        let mut answer = [&query[..2], &[0x81, code], &counts, &query[12..end]].concat();
        match record {
            Some((ip, ttl)) => answer.extend([&[0xc0, 12, 0, 1, 0, 1][..], &ttl.to_be_bytes(), &[0, 4], ip].concat()),
            // The SOA of the root, by whose last figure absence is remembered (RFC 2308 §5).
            None => {
                let times = [1_u32, 60, 60, 60, 30].map(u32::to_be_bytes).concat();
                answer.extend([&[0, 0, 6, 0, 1, 0, 0, 0, 30, 0, 22, 0, 0][..], &times].concat());
            }
        }
        answer
    }
}

async fn ask(lookup: &Lookup, name: &str) -> Result<Vec<String>, std::io::ErrorKind> {
    lookup(name.to_owned()).await.map(|found| found.iter().map(ToString::to_string).collect()).map_err(|error| error.kind())
}

#[tokio::test]
async fn names_are_remembered_for_their_time_to_live() {
    let long = ("long.example.test", [192, 0, 2, 1], 3600);
    let server = NameServer::start(&[long, ("short.example.test", [192, 0, 2, 2], 1)]).await;
    let lookup = name_servers(&[server.address]);
    for _ in 0..5 {
        assert_eq!(ask(&lookup, "long.example.test").await.unwrap(), ["192.0.2.1"]);
        assert_eq!(ask(&lookup, "absent.example.test").await, Err(std::io::ErrorKind::NotFound));
    }
    assert_eq!((server.asked("long.example.test"), server.asked("absent.example.test")), (1, 1));
    let begun = Instant::now();
    while server.asked("short.example.test") < 2 {
        assert_eq!(ask(&lookup, "short.example.test").await.unwrap(), ["192.0.2.2"]);
        assert!(begun.elapsed() < Duration::from_secs(20), "it is asked for again when its time is over");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(begun.elapsed() >= Duration::from_millis(900), "and not before: {:?}", begun.elapsed());
    assert_eq!(server.asked("long.example.test"), 1);
}

/// What name servers say goes through the guard as everything does.
#[tokio::test]
async fn what_name_servers_say_is_checked() {
    let server = NameServer::start(&[("inside.example.test", [10, 1, 2, 3], 60)]).await;
    let fetcher = Fetcher::with_lookup(limits(&[]), clock(), name_servers(&[server.address])).unwrap();
    for (host, expected) in [("inside.example.test", "blocked_address"), ("absent.example.test", "dns")] {
        let error = get(&fetcher, format!("http://{host}/x").parse().unwrap()).await.unwrap_err();
        assert_eq!(error.class(), expected, "{error}");
    }
}

/// RFC 8305: an IPv6 address behind which nobody answers costs a moment, not the time for connecting.
#[tokio::test]
async fn a_dead_ipv6_address_does_not_cost_the_connect_timeout() {
    let Ok(listener) = TcpListener::bind("127.0.0.1:0").await else { return };
    let port = listener.local_addr().unwrap().port();
    let socket = TcpSocket::new_v6().unwrap();
    if socket.bind(format!("[::1]:{port}").parse().unwrap()).is_err() {
        println!("SKIPPED: no IPv6 on loopback");
        return;
    }
    // Nobody accepts here, and the queue is full: further greetings are not answered.
    let _deaf = socket.listen(1).unwrap();
    let mut waiting = Vec::new();
    for _ in 0..8 {
        let dialling = tokio::net::TcpStream::connect(format!("[::1]:{port}"));
        match tokio::time::timeout(Duration::from_millis(100), dialling).await {
            Ok(stream) => waiting.push(stream),
            Err(_) => break,
        }
    }
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>").await;
        }
    });
    let (lookup, _) = leading(&[&["::1", "127.0.0.1"]]);
    let limits = Limits { connect_timeout: Duration::from_secs(8), timeout: Duration::from_secs(9), ..limits(&[NAME]) };
    let fetcher = Fetcher::with_lookup(limits, clock(), lookup).unwrap();
    let begun = Instant::now();
    let answer = get(&fetcher, format!("http://{NAME}:{port}/x").parse().unwrap()).await;
    println!("a dead IPv6 address cost {:?}", begun.elapsed());
    assert!(answer.is_ok(), "{:?}", answer.err());
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}
