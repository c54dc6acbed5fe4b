//! The attacks with bytes (20 to 29 of the list), one test each.

#![allow(clippy::disallowed_methods, reason = "a test that measures how long something took")]

use std::io::Write as _;
use std::time::{Duration, Instant};

use wireroom::fetch::{Fetcher, Limits};
use wireroom::model::{Document, Fetched};

use super::super::fetch::server::{Reply, Server, Step, ok, ok_with, raw};
use super::super::operator::{Desk, both};
use super::super::tls_server::{Authority, NAME, Speech, TlsServer, frame};
use super::{class, clock, get, leading, limits};

/// 200 MiB of zeros in each coding; each is smaller than the largest body.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    const SIZE: usize = 200 << 20;
    let fill = |write: &mut dyn FnMut(&[u8])| (0..SIZE >> 20).for_each(|_| write(&[0; 1 << 20]));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    fill(&mut |chunk| gzip.write_all(chunk).unwrap());
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    fill(&mut |chunk| zlib.write_all(chunk).unwrap());
    let mut zstd = zstd::Encoder::new(Vec::new(), 1).unwrap();
    fill(&mut |chunk| zstd.write_all(chunk).unwrap());
    // 2 MiB of zeros; brotli has no encoder here.
    let brotli = vec![0x9b, 0xff, 0xff, 0x1f, 0xf8, 0x27, 0x00, 0xe2, 0xb1, 0x40, 0x20, 0xf7, 0xfe, 0x03];
    vec![("gzip", gzip.finish().unwrap()), ("deflate", zlib.finish().unwrap()), ("zstd", zstd.finish().unwrap()), ("br", brotli)]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn coded(coding: &str, body: &[u8]) -> Reply {
    ok_with(&format!("Content-Encoding: {coding}\r\n"), body)
}

fn fetcher() -> Fetcher {
    Fetcher::new(Limits { timeout: Duration::from_millis(1200), ..limits(&["127.0.0.1"]) }, clock()).unwrap()
}

async fn class_of(server: &Server, reply: Reply) -> &'static str {
    server.on("/x", [reply]);
    class(get(&fetcher(), server.url("/x")).await)
}

#[tokio::test]
async fn a20_bombs_stop_at_the_limit() {
    let server = Server::start().await;
    for (coding, bomb) in bombs() {
        assert!(bomb.len() < 256 * 1024, "{coding}: it must pass as a body");
        assert_eq!(class_of(&server, coded(coding, &bomb)).await, "too_large", "{coding}");
    }
    // A window of 128 MiB, as the coding's header may ask for it.
    let mut wide = zstd::Encoder::new(Vec::new(), 1).unwrap();
    wide.window_log(27).unwrap();
    wide.include_contentsize(false).unwrap();
    wide.write_all(&[b'x'; 4096]).unwrap();
    assert_eq!(class_of(&server, coded("zstd", &wide.finish().unwrap())).await, "bad_coding");
}

#[tokio::test]
async fn a21_codings_on_top_of_each_other() {
    let server = Server::start().await;
    let twice = gzip(&gzip(b"<rss/>"));
    for coding in ["gzip, gzip", "gzip,br", "br, zstd", "compress", "gzip, identity"] {
        assert_eq!(class_of(&server, coded(coding, &twice)).await, "bad_coding", "{coding}");
    }
    let fields = "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n";
    assert_eq!(class_of(&server, ok_with(fields, &twice)).await, "bad_coding", "in two fields");
    for coding in ["gzip", "zstd"] {
        assert_eq!(class_of(&server, coded(coding, b"this is no such thing at all")).await, "bad_coding", "{coding}");
    }
    // Coded twice and labelled once, it comes out as the file it is, within the limit.
    server.on("/x", [coded("gzip", &twice)]);
    assert!(matches!(get(&fetcher(), server.url("/x")).await, Ok(Fetched::Document(document)) if document.body == gzip(b"<rss/>")));
}

#[tokio::test]
async fn a22_bodies_without_end() {
    let server = Server::start().await;
    let head = Step::Send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec());
    let chunk = |size: usize| [format!("{size:x}\r\n").into_bytes(), vec![b'x'; size], b"\r\n".to_vec()].concat();
    assert_eq!(class_of(&server, vec![head.clone(), Step::Endless(chunk(0x4000), Duration::ZERO)]).await, "too_large");
    let begun = Instant::now();
    assert_eq!(class_of(&server, vec![head, Step::Endless(chunk(0x400), Duration::from_millis(40))]).await, "timeout");
    assert!(begun.elapsed() < Duration::from_secs(4), "the whole time limit and no more: {:?}", begun.elapsed());
}

#[tokio::test]
async fn a23_a_byte_now_and_then() {
    let server = Server::start().await;
    let head = Step::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n".to_vec());
    let patient = Fetcher::new(Limits { timeout: Duration::from_secs(20), ..limits(&["127.0.0.1"]) }, clock()).unwrap();
    server.on("/x", [vec![head, Step::Endless(b"x".to_vec(), Duration::from_millis(20))]]);
    let begun = Instant::now();
    assert_eq!(class(get(&patient, server.url("/x")).await), "timeout");
    assert!(begun.elapsed() < Duration::from_secs(12), "long before the time limit: {:?}", begun.elapsed());
    for drip in [&b"HTTP/1.1 200 OK\r\nX: "[..], b"HTTP/1.1 2", b""] {
        let reply = vec![Step::Send(drip.to_vec()), Step::Endless(b"x".to_vec(), Duration::from_millis(20))];
        assert!(matches!(class_of(&server, reply).await, "timeout" | "protocol"), "{drip:?}");
    }
    assert_eq!(class_of(&server, vec![Step::Hang]).await, "timeout");
}

#[tokio::test]
async fn a24_heads_without_end() {
    let server = Server::start().await;
    let many: String = (0..1000).map(|number| format!("X-{number}: y\r\n")).collect();
    assert_eq!(class_of(&server, ok(&many)).await, "protocol");
    assert_eq!(class_of(&server, ok(&format!("X-Long: {}\r\n", "y".repeat(1 << 20)))).await, "protocol");
    let endless = vec![Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec()), Step::Endless(b"X: yyyyyyyy\r\n".repeat(500), Duration::ZERO)];
    assert_eq!(class_of(&server, endless).await, "protocol");
    // Interim answers without end.
    let interim = vec![Step::Endless(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(50), Duration::ZERO)];
    assert!(matches!(class_of(&server, interim).await, "timeout" | "protocol"));
}

#[tokio::test]
async fn a25_lengths_that_lie() {
    let server = Server::start().await;
    let short = |end| vec![Step::Send(b"HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: 100\r\n\r\n<rss>".to_vec()), end];
    assert_eq!(class_of(&server, short(Step::Close)).await, "truncated");
    assert_eq!(class_of(&server, short(Step::Reset)).await, "truncated");
    assert_eq!(class_of(&server, raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef")).await, "protocol");
    assert_eq!(class_of(&server, raw("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabcdef")).await, "protocol");
    // What follows a body that is too long is never taken for the next answer.
    let poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
    server.on("/x", [raw(format!("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood{poison}"))]).on("/y", [ok_with("", b"fine")]);
    let fetcher = fetcher();
    for (path, expected) in [("/x", &b"good"[..]), ("/y", b"fine")] {
        let answer = get(&fetcher, server.url(path)).await;
        assert!(matches!(&answer, Ok(Fetched::Document(document)) if document.body == expected), "{path}: {answer:?}");
    }
}

/// In each coding: nothing half is handed out, and the validators that came with it are not kept.
#[tokio::test]
async fn a26_bodies_cut_within_their_coding() {
    let server = Server::start().await;
    let text = "<rss>made-up news</rss>".repeat(600).into_bytes();
    let brotli = vec![0x9b, 0xff, 0xff, 0x1f, 0xf8, 0x27, 0x00, 0xe2, 0xb1, 0x40, 0x20, 0xf7, 0xfe, 0x03];
    let bodies = [("gzip", gzip(&text)), ("zstd", zstd::encode_all(&text[..], 3).unwrap()), ("br", brotli)];
    for (coding, body) in bodies {
        for cut in [body.len() / 2, body.len() - 1] {
            let class = class_of(&server, coded(coding, &body[..cut])).await;
            assert!(class == "truncated" || coding == "br" && class == "too_large", "{coding} at {cut} of {}: {class}", body.len());
        }
    }
}

#[tokio::test]
async fn a27_a_hundred_megabytes() {
    let server = Server::start().await;
    let begun = Instant::now();
    let announced = vec![Step::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n".to_vec()), Step::Hang];
    assert_eq!(class_of(&server, announced).await, "too_large");
    assert!(begun.elapsed() < Duration::from_secs(1), "refused by its length, unread");
    let unannounced = vec![Step::Send(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()), Step::Endless(vec![b'x'; 1 << 16], Duration::ZERO)];
    assert_eq!(class_of(&server, unannounced).await, "too_large");
    let at_limit = vec![b'x'; 256 * 1024];
    server.on("/x", [ok_with("", &at_limit)]);
    let whole = |answer| matches!(answer, Ok(Fetched::Document(document)) if Document::clone(&document).body.len() == 256 * 1024);
    assert!(whole(get(&fetcher(), server.url("/x")).await));
}

/// Frames of HTTP/2 that cost the sender nothing: the connection is closed, and the next one serves.
#[tokio::test]
async fn a28_floods_of_http2() {
    let settings = frame(4, 0, 0, &[]);
    // `:status: 200`, from the static table; stream 1 is the first request.
    let open_head = [settings.clone(), frame(1, 0, 1, &[0x88])].concat();
    let answered = [settings.clone(), frame(1, 4, 1, &[0x88])].concat();
    let field = [&[0x40, 1, b'x', 127, 0x81, 0x07][..], &[b'y'; 262]].concat();
    let floods = [
        ("continuation", open_head.clone(), frame(9, 0, 1, &field).repeat(64)),
        ("empty continuation", open_head, frame(9, 0, 1, &[]).repeat(500)),
        ("empty data", answered.clone(), frame(0, 0, 1, &[]).repeat(500)),
        ("padding", answered, frame(0, 8, 1, &[255; 256]).repeat(100)),
        ("reset", settings.clone(), frame(3, 0, 1, &[0, 0, 0, 8]).repeat(500)),
        ("settings", settings.clone(), settings.repeat(500)),
        ("ping", settings, frame(6, 0, 0, &[0; 8]).repeat(500)),
    ];
    let authority = Authority::new();
    for (name, first, again) in floods {
        let server = TlsServer::start(authority.issue(NAME, 2099), Speech::Flood(first, again)).await;
        let (lookup, _) = leading(&[&["127.0.0.1"]]);
        let parts = wireroom::fetch::Parts { lookup, roots: vec![authority.root.clone()], ..Default::default() };
        let limits = Limits { timeout: Duration::from_millis(1500), ..limits(&[NAME]) };
        let fetcher = Fetcher::with_parts(limits, clock(), parts).unwrap();
        let begun = Instant::now();
        let class = class(get(&fetcher, server.url(NAME, "/x")).await);
        println!("a28 {name}: {class} after {:?}", begun.elapsed());
        assert!(matches!(class, "protocol" | "reset" | "truncated" | "timeout"), "{name}: {class}");
        assert!(begun.elapsed() < Duration::from_secs(6), "{name}: {:?}", begun.elapsed());
    }
}

#[test]
fn a29_a_body_that_grows_a_hundredfold_is_logged() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(Server::start());
    let text =
        format!("<rss version='2.0'><channel><title>T</title><description>{}</description></channel></rss>", " ".repeat(1 << 20));
    server.on("/bomb", [coded("gzip", &gzip(text.as_bytes()))]).on("/plain", [coded("gzip", &gzip(&text.as_bytes()[..1000]))]);
    let mut desk = Desk::empty();
    desk.allow(&["127.0.0.1".to_owned()]);
    desk.write();
    let said = |path: &str| both(&desk.run(&["feed", server.url(path).as_str()]));
    let told = said("/bomb");
    assert!(told.contains("hundredfold") && told.contains("packed_bytes"), "{told}");
    assert!(!said("/plain").contains("hundredfold"));
}

/// Bodies that are more than small share their bytes; small ones pass beside them, and what finds no place comes back.
#[tokio::test]
async fn a27_large_bodies_share_their_room() {
    use wireroom::fetch::{SMALL, TOGETHER};
    let server = Server::start().await;
    let more = vec![b'x'; SMALL as usize + 1];
    server
        .on("/more", [ok_with("", &more), ok_with("", &more), ok_with("", &more), ok_with("", &more)])
        .on("/packed", [coded("gzip", &gzip(&more)), coded("gzip", &gzip(&more))])
        .on("/small", [ok_with("", &more[..1000])]);
    let limits = Limits { timeout: Duration::from_secs(4), max_body: TOGETHER / 2, ..limits(&["127.0.0.1"]) };
    let fetcher = Fetcher::new(limits, clock()).unwrap();
    let held = |path: &str| {
        let request = wireroom::model::Request {
            url: server.url(path),
            validators: Default::default(),
            purpose: wireroom::model::Purpose::Feed,
        };
        let fetcher = fetcher.clone();
        async move {
            let (answer, _, hold) = fetcher.get_held(request, &Default::default()).await;
            (answer, hold)
        }
    };
    let first = held("/more").await;
    let second = held("/more").await;
    assert!(first.1.is_some() && second.1.is_some());
    let (small, hold) = held("/small").await;
    assert!(small.is_ok() && hold.is_none());
    for path in ["/more", "/packed"] {
        let error = held(path).await.0.unwrap_err();
        assert_eq!((error.class(), error.failure()), ("pace", wireroom::model::Failure::Deferred(Duration::from_secs(60))));
    }
    drop(first);
    assert!(held("/packed").await.0.is_ok(), "a place is free again");
    assert!(held("/more").await.0.is_ok(), "it was given back");
}

/// 64 of them at once through the real binary, each on a host of its own; prints the peak of its memory. The bound: what the
/// process has without work, and for each of the 64 one largest body.
#[test]
#[ignore = "a measurement: cargo test --release --test it memory_while -- --ignored --nocapture"]
fn a20_to_a27_memory_while_64_run_at_once() {
    const AT_ONCE: usize = 64;
    const BOUND_KIB: usize = (768 << 10) - 1;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut replies: Vec<(String, Reply)> =
        bombs().into_iter().map(|(coding, bomb)| (coding.to_owned(), coded(coding, &bomb))).collect();
    let endless = vec![Step::Send(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()), Step::Endless(vec![b'x'; 1 << 16], Duration::ZERO)];
    replies.push(("endless".to_owned(), endless));
    let head = vec![Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec()), Step::Endless(b"X: yyyyyyyy\r\n".repeat(500), Duration::ZERO)];
    replies.push(("endless head".to_owned(), head));
    replies.push(("seven MiB".to_owned(), coded("gzip", &gzip(&b"<a>".repeat(7 << 20 >> 1)))));
    for (name, reply) in replies {
        let mut desk = Desk::empty();
        desk.fetch.push_str(&format!("concurrency = {}\ntimeout = \"20s\"\n", AT_ONCE * 4));
        desk.allow(&["127.0.0.1".to_owned()]);
        for number in 0..AT_ONCE {
            let server = runtime.block_on(Server::start());
            server.on("/feed", [reply.clone()]);
            desk.source(&format!("host-{number}"), server.url("/feed").as_str(), "");
        }
        desk.write();
        let mut child =
            desk.command(&["once"]).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0;
        while child.try_wait().unwrap().is_none() {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
            peak = peak.max(line.trim().trim_end_matches(" kB").parse().unwrap_or(0));
            std::thread::sleep(Duration::from_millis(5));
        }
        println!("{AT_ONCE} at once, {name}: peak {} MiB", peak >> 10);
        assert!(peak < BOUND_KIB, "{name}: {peak} KiB");
    }
}
