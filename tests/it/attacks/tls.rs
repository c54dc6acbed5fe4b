//! The attacks on secure connections (12, 58), and what a good one looks like.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wireroom::fetch::{Fetcher, Limits, Parts};
use wireroom::model::{Failure, Fetched, HostState, Purpose, Request, Url};

use super::super::fetch::server::{Server, ok};
use super::super::tls_server::{Authority, NAME, Speech, TlsServer, self_signed};
use super::{class, clock, feed, get, leading, limits};

/// A fetcher that trusts an authority, and for which every name leads to loopback.
fn trusting(authority: &Authority, hosts: &[&str]) -> Fetcher {
    let (lookup, _) = leading(&[&["127.0.0.1"]]);
    let parts = Parts { lookup, roots: vec![authority.root.clone()], ..Parts::default() };
    Fetcher::with_parts(Limits { timeout: Duration::from_secs(5), ..limits(hosts) }, clock(), parts).unwrap()
}

fn redirecting(target: &str) -> Speech {
    Speech::Http1(format!("HTTP/1.1 301 Moved\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n").into_bytes())
}

#[tokio::test]
async fn a12_https_never_leads_to_http() {
    let authority = Authority::new();
    let plain = Server::start().await;
    plain.on("/x", [ok("")]);
    let fetcher = trusting(&authority, &[NAME, "127.0.0.1"]);
    for target in [plain.url_at(NAME, "/x"), plain.url("/x")] {
        let server = TlsServer::start(authority.issue(NAME, 2099), redirecting(target.as_str())).await;
        assert_eq!(class(get(&fetcher, server.url(NAME, "/x")).await), "bad_redirect", "{target}");
    }
    assert!(plain.hits().is_empty());
    // The other way round it is an improvement.
    let secure =
        TlsServer::start(authority.issue(NAME, 2099), Speech::Http1(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec()))
            .await;
    plain.on("/up", [super::redirect(301, secure.url(NAME, "/x").as_str())]);
    assert!(get(&fetcher, plain.url_at(NAME, "/up")).await.is_ok());
}

#[tokio::test]
async fn a58_certificates_that_are_not_good() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let cases = [
        ("tls_untrusted", self_signed(NAME)),
        ("tls_untrusted", stranger.issue(NAME, 2099)),
        ("tls_expired", authority.issue(NAME, 2021)),
        ("tls_name", authority.issue("other.example.test", 2099)),
    ];
    let fetcher = trusting(&authority, &[NAME]);
    for (expected, identity) in cases {
        let server = TlsServer::start(identity, Speech::Http1(Vec::new())).await;
        for purpose in [Purpose::Feed, Purpose::Page] {
            let request = Request { purpose, ..feed(server.url(NAME, "/x")) };
            let error = fetcher.get(request, &HostState::default()).await.0.unwrap_err();
            assert_eq!((error.class(), error.failure()), (expected, Failure::Persistent), "{error}");
        }
        assert!(server.asked.lock().unwrap().is_empty(), "nothing is asked over such a connection");
    }
    let good =
        TlsServer::start(authority.issue(NAME, 2099), Speech::Http1(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec()))
            .await;
    assert!(matches!(get(&fetcher, good.url(NAME, "/x")).await, Ok(Fetched::Document(_))));
}

/// TLS 1.0 and 1.1 are not spoken, and what is no TLS is no puzzle.
#[tokio::test]
async fn a58_versions_that_are_too_old() {
    let authority = Authority::new();
    for version in [1_u8, 2] {
        // A ServerHello of that version: random, no session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
        let hello = [&[2, 0, 0, 38, 3, version][..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
        let record = [&[0x16, 3, version, 0, u8::try_from(hello.len()).unwrap()][..], &hello].concat();
        assert_eq!(answered_with(&authority, record).await, "tls", "TLS 1.{}", version - 1);
    }
    // An alert: protocol_version.
    assert_eq!(answered_with(&authority, vec![0x15, 3, 1, 0, 2, 2, 70]).await, "tls");
    assert_eq!(answered_with(&authority, b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()).await, "tls");
}

/// The class when a client's greeting is answered with these bytes.
async fn answered_with(authority: &Authority, bytes: Vec<u8>) -> &'static str {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("https://{NAME}:{}/x", listener.local_addr().unwrap().port()).parse().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut greeting = [0; 4096];
            let _ = stream.read(&mut greeting).await;
            let _ = stream.write_all(&bytes).await;
            let _ = stream.read(&mut greeting).await;
        }
    });
    class(get(&trusting(authority, &[NAME]), url).await)
}
