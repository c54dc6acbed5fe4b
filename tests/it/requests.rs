//! What a source's requests carry, where to, through which proxy, and that nobody gets to see it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use wireroom::config;
use wireroom::fetch::{Error, Fetcher, Own, Secret, SourceRequest, Sources};
use wireroom::model::{Fetched, HostState, Purpose, Request, Url};

use super::attacks::{class, clock, feed, get, leading, limits};
use super::fetch::server::{Server, ok, redirect, status};
use super::operator::{Desk, both};

fn secret(text: &str) -> Option<Secret> {
    Some(Secret::new(text))
}

/// A request with everything that can be asked for but a proxy.
fn dressed() -> SourceRequest {
    SourceRequest {
        hosts: Vec::new(),
        headers: vec![("X-Api-Key".to_owned(), Secret::new("key-7731"))],
        cookies: secret("session=c00k1e"),
        user_agent: secret("HouseReader/2"),
        username: secret("desk"),
        password: secret("pa:ss w0rd"),
        proxy: None,
    }
}

/// A fetcher for the source `own` with this address; every name leads to loopback.
fn fetcher_of(address: &Url, request: SourceRequest, hosts: &[&str]) -> Result<Fetcher, Error> {
    let (lookup, _) = leading(&[&["127.0.0.1"]]);
    let sources = Sources::from([("own".to_owned(), Own { addresses: vec![address.clone()], request })]);
    Ok(Fetcher::with_lookup(limits(hosts), clock(), lookup)?.with_sources(sources)?.of("own"))
}

const FIELDS: [&str; 3] = ["x-api-key", "cookie", "authorization"];

#[tokio::test]
async fn a_source_s_own_hosts_get_what_is_asked_for() {
    let server = Server::start().await;
    server.on("/feed", [ok("Set-Cookie: other=1\r\n")]).on("/robots.txt", [status("404 Not Found", "")]).on("/page", [ok("")]);
    let fetcher = fetcher_of(&server.url("/feed"), dressed(), &["127.0.0.1"]).unwrap();
    for _ in 0..2 {
        assert!(get(&fetcher, server.url("/feed")).await.is_ok());
        let hit = server.last();
        assert_eq!(hit.field("x-api-key"), Some("key-7731"));
        assert_eq!(hit.field("cookie"), Some("session=c00k1e"), "and none that the server sets");
        assert_eq!(hit.field("authorization"), Some("Basic ZGVzazpwYTpzcyB3MHJk"));
        assert_eq!(hit.field("user-agent"), Some("HouseReader/2"));
    }
    let page = Request { purpose: Purpose::Page, ..feed(server.url("/page")) };
    assert!(fetcher.get(page, &HostState::default()).await.0.is_ok());
    assert_eq!(server.last().field("x-api-key"), Some("key-7731"));
    let robots = server.hits().into_iter().find(|hit| hit.path == "/robots.txt").unwrap();
    assert!(FIELDS.iter().all(|field| robots.field(field).is_none()));
    assert!(robots.field("user-agent").unwrap().starts_with("wireroom/"), "robots.txt is asked for under our own name");
}

/// Attack 57: what was meant for one host reaches no other, and is not taken up again when a redirect leads back.
#[tokio::test]
async fn a57_other_origins_get_nothing() {
    let (own, other) = (Server::start().await, Server::start().await);
    own.on("/feed", [redirect(302, other.url("/over").as_str())]).on("/back", [ok("")]);
    other.on("/over", [redirect(302, own.url("/back").as_str())]).on("/page", [ok("")]);
    let fetcher = fetcher_of(&own.url("/feed"), dressed(), &["127.0.0.1"]).unwrap();
    assert!(get(&fetcher, own.url("/feed")).await.is_ok());
    assert!(get(&fetcher, other.url("/page")).await.is_ok(), "a link to elsewhere");
    let first = own.hits().remove(0);
    assert!(FIELDS.iter().all(|field| first.field(field).is_some()));
    for hit in own.hits().into_iter().skip(1).chain(other.hits()) {
        assert!(FIELDS.iter().all(|field| hit.field(field).is_none()), "{} got {}", hit.path, hit.head);
        assert!(hit.field("user-agent").unwrap().starts_with("wireroom/"));
    }
    // Nor do the requests of other sources, or of a person, carry it.
    let by_hand = fetcher.of("another");
    assert!(get(&by_hand, own.url("/back")).await.is_err(), "a host that is excepted for the other source");
}

/// By name: the hosts of one registrable domain at their usual ports, named ports, `hosts`; never http in place of https.
#[tokio::test]
async fn what_is_own_is_told_by_host_port_and_scheme() {
    let server = Server::start().await;
    server.on("/x", [ok("")]);
    let port = server.port;
    let all = ["feeds.harbour.example.org", "www.harbour.example.org", "cdn.example.net", "harbour.example.com"];
    let given = |address: &str, hosts: &[&str]| {
        let request = SourceRequest { hosts: hosts.iter().map(|host| (*host).to_owned()).collect(), ..dressed() };
        let mut sources = Sources::new();
        let addresses = vec![address.parse().unwrap(), server.url_at("127.0.0.1", "/")];
        // All four are named by a request of their own, so that loopback may serve them; what they carry is what is asked here.
        sources.insert("own".to_owned(), Own { addresses, request });
        sources
    };
    let named_port = format!("http://feeds.harbour.example.org:{port}/feed");
    let cases = [
        (named_port.as_str(), vec![], "feeds.harbour.example.org", true),
        ("http://feeds.harbour.example.org/feed", vec![], "feeds.harbour.example.org", false),
        ("https://feeds.harbour.example.org/feed", vec![], "feeds.harbour.example.org", false),
        (
            "http://feeds.harbour.example.org/feed",
            vec![format!("feeds.harbour.example.org:{port}")],
            "feeds.harbour.example.org",
            true,
        ),
        ("http://feeds.harbour.example.org/feed", vec![format!("cdn.example.net:{port}")], "cdn.example.net", true),
    ];
    for (address, hosts, asked, expected) in cases {
        let (lookup, _) = leading(&[&["127.0.0.1"]]);
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let fetcher = Fetcher::with_lookup(limits(&all), clock(), lookup).unwrap().with_sources(given(address, &hosts)).unwrap();
        let answer = get(&fetcher.of("own"), server.url_at(asked, "/x")).await;
        assert!(answer.is_ok(), "{address} {asked}: {:?}", answer.err());
        assert_eq!(server.last().field("x-api-key").is_some(), expected, "{address} {hosts:?} {asked}");
    }
}

#[tokio::test]
async fn an_http_proxy_takes_all_of_a_source_s_requests() {
    let proxy = Server::start().await;
    proxy.on("http://news.example.test/feed", [ok("")]).on("http://news.example.test/robots.txt", [status("404 Not Found", "")]);
    proxy.on("http://news.example.test/page", [ok("")]).on("http://elsewhere.example.net/page", [ok("")]);
    proxy.on("http://elsewhere.example.net/robots.txt", [status("404 Not Found", "")]);
    let (lookup, _) = leading(&[&["2606:4700::1111"]]);
    let through = format!("http://gate:k33per@127.0.0.1:{}", proxy.port);
    let own = Own {
        addresses: vec!["http://news.example.test/feed".parse().unwrap()],
        request: SourceRequest { proxy: secret(&through), ..dressed() },
    };
    let fetcher = Fetcher::with_lookup(limits(&[]), clock(), lookup).unwrap();
    let fetcher = fetcher.with_sources(Sources::from([("own".to_owned(), own)])).unwrap().of("own");
    let page = |url: &str| Request { purpose: Purpose::Page, ..feed(url.parse().unwrap()) };
    assert!(get(&fetcher, "http://news.example.test/feed".parse().unwrap()).await.is_ok());
    for url in ["http://news.example.test/page", "http://elsewhere.example.net/page"] {
        assert!(fetcher.get(page(url), &HostState::default()).await.0.is_ok(), "{url}");
    }
    let hits = proxy.hits();
    assert_eq!(hits.len(), 5, "{:?}", proxy.paths());
    assert!(hits.iter().all(|hit| hit.field("proxy-authorization") == Some("Basic Z2F0ZTprMzNwZXI=")));
    assert!(hits.iter().filter(|hit| hit.path.contains("elsewhere")).all(|hit| hit.field("x-api-key").is_none()));
    // The guard stands before the proxy as well.
    for (url, expected) in [
        ("http://127.0.0.1/x", "blocked_address"),
        ("http://0x7f.1/x", "blocked_address"),
        ("http://a.example.org:22/", "blocked_address"),
    ] {
        assert_eq!(class(get(&fetcher, url.parse().unwrap()).await), expected, "{url}");
    }
    assert_eq!(proxy.hits().len(), 5);
    // A proxy with a trouble of its own.
    proxy.on("http://news.example.test/feed", [status("407 Proxy Authentication Required", "")]);
    let error = get(&fetcher, "http://news.example.test/feed".parse().unwrap()).await.unwrap_err();
    assert!(error.class() == "proxy" && !format!("{error} {error:?}").contains("k33per"), "{error}");
    let secure = get(&fetcher, "https://news.example.test/feed".parse().unwrap()).await.unwrap_err();
    assert!(secure.class() == "proxy" && !format!("{secure} {secure:?}").contains("k33per"), "{secure:?}");
}

#[tokio::test]
async fn names_that_lead_inside_are_not_asked_of_a_proxy() {
    let proxy = Server::start().await;
    let address: Url = "http://inside.example.test/feed".parse().unwrap();
    for scheme in ["http", "socks5h", "socks5"] {
        let through = format!("{scheme}://127.0.0.1:{}", proxy.port);
        let fetcher = fetcher_of(&address, SourceRequest { proxy: secret(&through), ..SourceRequest::default() }, &[]).unwrap();
        assert_eq!(class(get(&fetcher, address.clone()).await), "blocked_address", "{scheme}");
    }
    assert!(proxy.hits().is_empty());
    for bad in ["ftp://127.0.0.1:1", "127.0.0.1:8080", "http://", "socks5://h/path", "nonsense s3cr3t"] {
        let error = fetcher_of(&address, SourceRequest { proxy: secret(bad), ..SourceRequest::default() }, &[]).unwrap_err();
        assert!(error.class() == "settings" && !format!("{error} {error:?}").contains("s3cr3t"), "{error}");
    }
}

/// A proxy as of RFC 1928, which takes a name and a password (RFC 1929) and notes what it was asked to connect to.
async fn socks() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noting = asked.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(relay(stream, noting.clone()));
        }
    });
    (port, asked)
}

async fn relay(mut stream: TcpStream, asked: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).await?;
    stream.read_exact(&mut vec![0; usize::from(head[1])]).await?;
    stream.write_all(&[5, 2]).await?;
    let mut words = Vec::new();
    stream.read_u8().await?;
    for _ in 0..2 {
        let mut word = vec![0; usize::from(stream.read_u8().await?)];
        stream.read_exact(&mut word).await?;
        words.push(String::from_utf8_lossy(&word).into_owned());
    }
    stream.write_all(&[1, 0]).await?;
    let mut order = [0; 4];
    stream.read_exact(&mut order).await?;
    let host = match order[3] {
        1 => std::net::Ipv4Addr::from_bits(stream.read_u32().await?).to_string(),
        _ => {
            let mut name = vec![0; usize::from(stream.read_u8().await?)];
            stream.read_exact(&mut name).await?;
            String::from_utf8_lossy(&name).into_owned()
        }
    };
    let port = stream.read_u16().await?;
    asked.lock().unwrap().push(format!("{} {host}", words.join("/")));
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).await?;
    copy_bidirectional(&mut stream, &mut server).await.map(drop)
}

#[tokio::test]
async fn a_socks_proxy_is_given_the_address_or_the_name() {
    let server = Server::start().await;
    server.on("/feed", [ok("")]);
    let address = server.url_at("lan.example.test", "/feed");
    for (scheme, expected) in [("socks5", "gate/k33per 127.0.0.1"), ("socks5h", "gate/k33per lan.example.test")] {
        let (port, asked) = socks().await;
        let through = format!("{scheme}://gate:k33per@127.0.0.1:{port}");
        let request = SourceRequest { proxy: secret(&through), ..dressed() };
        let fetcher = fetcher_of(&address, request, &["lan.example.test"]).unwrap();
        let answer = get(&fetcher, address.clone()).await;
        assert!(matches!(answer, Ok(Fetched::Document(_))), "{scheme}: {:?}", answer.err());
        assert_eq!(*asked.lock().unwrap(), [expected]);
        assert_eq!(server.last().field("x-api-key"), Some("key-7731"));
    }
}

#[tokio::test]
async fn values_that_cannot_be_sent_are_named_without_them() {
    let address: Url = "https://news.example.org/feed".parse().unwrap();
    let bad = [
        SourceRequest { cookies: secret("a=s3cr3t\r\nX: y"), ..SourceRequest::default() },
        SourceRequest { username: secret("s3:cr3t"), ..SourceRequest::default() },
        SourceRequest { headers: vec![("Host".to_owned(), Secret::new("s3cr3t"))], ..SourceRequest::default() },
        SourceRequest { headers: vec![("X-A".to_owned(), Secret::new("s3cr3t\n"))], ..SourceRequest::default() },
    ];
    for request in bad {
        let error = fetcher_of(&address, request, &[]).unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(error.class() == "settings" && said.contains("own") && !said.contains("s3cr3t") && !said.contains("s3:"), "{said}");
    }
    assert_eq!(format!("{:?}", Secret::new("s3cr3t")), "Secret");
}

// ---------------------------------------------------------------- the configuration

#[test]
fn mistakes_in_secrets_are_named_without_them() {
    let parse = |keys: &str| {
        let source = "[[source]]\nname = \"own\"\nfeed = \"https://news.example.org/feed\"\n[source.request]\n";
        config::parse(&format!("{source}{keys}\n"))
    };
    let bad = [
        ("password = 53112", "source[own].request.password"),
        ("password = [\"s3cr3t\"]", "source[own].request.password"),
        ("cookies = \"s3cr3t\\nx\"", "source[own].request.cookies"),
        ("username = \"s3cr3t:x\"", "source[own].request.username"),
        ("proxy = \"s3cr3t\"", "source[own].request.proxy"),
        ("proxy = \"ftp://u:s3cr3t@example.org\"", "source[own].request.proxy"),
        ("headers = { Host = \"s3cr3t\" }", "source[own].request.headers"),
        ("headers = { Cookie = \"s3cr3t\" }", "source[own].request.headers"),
        ("headers = { X-A = 53112 }", "source[own].request.headers"),
        ("headers = \"s3cr3t\"", "source[own].request.headers"),
        ("password = { credentials = \"a\" }", "did you mean \"credential\"?"),
        ("password = { credential = \"a/b\" }", "LoadCredential="),
        ("password = { file = \"relative\" }", "whole path"),
        ("password = { credential = \"a\", file = \"/b\" }", "one of the two"),
        ("pasword = \"s3cr3t\"", "did you mean \"password\"?"),
        ("password = \"s3cr3t", "source.request.password"),
    ];
    for (keys, part) in bad {
        let said = parse(keys).unwrap_err().to_string();
        assert!(said.contains(part), "{keys}: {said}");
        assert!(!said.contains("s3cr3t") && !said.contains("53112"), "{keys}: {said}");
    }
    let settings =
        parse("headers = { X-Api-Key = \"s3cr3t\", Authorization = { credential = \"token\" } }\npassword = \"s3cr3t\"").unwrap();
    assert_eq!(settings.sources[0].request.headers.len(), 2);
    assert!(!format!("{settings:?}").contains("s3cr3t"));
    let other = parse("password = \"another\"").unwrap();
    assert_eq!(config::diff(&settings, &other).sources_changed, ["own"]);
}

/// Puts a secret into a file of this mode.
fn keep(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Every command on a configuration with secrets of all kinds, as talkative as it can be: none of them is in what was said,
/// nor in the ledger, nor in any file beside it.
#[test]
fn secrets_are_found_nowhere() {
    const SECRETS: [&str; 6] = ["k3y-inline", "c00k1e-file", "n4me-credential", "w0rd-credential", "ag3nt-inline", "k33per-proxy"];
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (server, locked) = runtime.block_on(async { (Server::start().await, Server::start().await) });
    let item = |number: u32| format!("<item><title>{number}</title><link>{}</link></item>", server.url(&format!("/{number}")));
    let text = format!("<rss version='2.0'><channel><title>T</title>{}{}</channel></rss>", item(1), item(2));
    let page =
        format!("<h1>One</h1><article><p>{}</p></article>", "The harbour board met on Tuesday and agreed on a pier. ".repeat(8));
    server.on("/feed", [super::fetch::server::ok_with("Content-Type: text/xml\r\n", text.as_bytes())]);
    server.on("/1", [super::fetch::server::ok_with("Content-Type: text/html\r\n", page.as_bytes())]);
    locked.on("/feed", [status("401 Unauthorized", "WWW-Authenticate: Basic\r\n")]);
    let mut desk = Desk::empty();
    let kept = desk.path("kept");
    fs::create_dir(&kept).unwrap();
    keep(&kept.join("cookie"), "session=c00k1e-file\n", 0o600);
    keep(&kept.join("name"), "n4me-credential", 0o400);
    keep(&kept.join("word"), "w0rd-credential\n", 0o440);
    let keys = format!(
        "[source.request]\nheaders = {{ X-Key = \"k3y-inline\" }}\ncookies = {{ file = {:?} }}\nuser_agent = \"ag3nt-inline\"\n\
         username = {{ credential = \"name\" }}\npassword = {{ credential = \"word\" }}\n",
        kept.join("cookie").display().to_string()
    );
    desk.allow(&["127.0.0.1".to_owned()]);
    desk.environment("CREDENTIALS_DIRECTORY", &kept.display().to_string());
    desk.environment("WIREROOM_LOG", "trace");
    desk.source("own", server.url("/feed").as_str(), &keys);
    desk.source("locked", locked.url("/feed").as_str(), &keys);
    let proxied = "[source.request]\nproxy = \"http://gate:k33per-proxy@127.0.0.1:9\"\n";
    desk.source("proxied", "http://127.0.0.1:8090/feed", proxied);
    let toml = desk.write();
    let mut said = String::new();
    let verbs: [&[&str]; 9] = [
        &["check"],
        &["check", "--json"],
        &["poll", "own"],
        &["poll", "locked"],
        &["once"],
        &["status"],
        &["status", "--json"],
        &["sources", "--json"],
        &["export"],
    ];
    for verb in verbs {
        said.push_str(&both(&desk.run(verb)));
    }
    assert!(
        server
            .hits()
            .iter()
            .any(|hit| hit.field("x-key") == Some("k3y-inline") && hit.field("cookie") == Some("session=c00k1e-file"))
    );
    assert!(server.hits().iter().any(|hit| hit.field("authorization").is_some()));
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 1, "{said}");
    let reasons = ledger.pairs("select source, reason from feeds where failures > 0 order by source");
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    drop(ledger);
    fs::remove_file(toml).unwrap();
    fs::remove_dir_all(kept).unwrap();
    let mut searched = 0;
    for entry in fs::read_dir(desk.path("")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap_or_default();
        searched += bytes.len();
        for secret in SECRETS {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
        }
    }
    assert!(searched > 100_000, "the ledger was there to be searched");
    for secret in SECRETS.iter().chain(&["ZGVzay", "bjRtZS1jcmVkZW50aWFs"]) {
        assert!(!said.contains(secret), "{secret} was said:\n{said}");
    }
}

#[test]
fn secrets_that_cannot_be_read_stop_the_start() {
    let cases: [(&str, u32, &str, &str); 4] = [
        ("open\n", 0o644, "{ file = \"PATH\" }", "chmod 0600"),
        ("", 0o600, "{ file = \"PATH\" }", "is empty"),
        ("x", 0o600, "{ file = \"PATH-not\" }", "cannot be read"),
        ("x", 0o600, "{ credential = \"absent\" }", "LoadCredential=absent"),
    ];
    for (text, mode, value, expected) in cases {
        let mut desk = Desk::empty();
        let path = desk.path("word");
        keep(&path, text, mode);
        let value = value.replace("PATH", &path.display().to_string());
        desk.source("own", "https://news.example.org/feed", &format!("[source.request]\npassword = {value}\n"));
        desk.write();
        let output = desk.run(&["once"]);
        let said = both(&output);
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(said.contains(expected) && said.contains("source[own].request.password"), "{said}");
        let checked = desk.run(&["check"]);
        let fine = value.contains("credential");
        assert_eq!(checked.status.code(), Some(if fine { 0 } else { 78 }), "{}", both(&checked));
        assert!(!fine || both(&checked).contains("within the unit only"), "{}", both(&checked));
    }
}

/// Secrets in a configuration that everybody may read are told of; where nobody else may, nothing is said.
#[test]
fn a59_a_configuration_open_to_all_with_secrets_in_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let mut desk = super::operator::Desk::empty();
    desk.source("plain", "https://a.example.org/feed", "[source.request]\nheaders = { Accept-Language = \"de\" }");
    desk.source("agency", "https://b.example.org/feed", "[source.request]\nusername = \"desk\"\npassword = \"hunter2-hunter2\"");
    let path = folder.path().join("wireroom.toml");
    std::fs::write(&path, desk.toml()).unwrap();
    let may = |path: &std::path::Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let check = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wireroom"));
        let output = command.arg("check").arg("--config").arg(&path).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        super::operator::both(&output)
    };
    may(folder.path(), 0o755);
    may(&path, 0o644);
    let said = check();
    assert!(said.contains("everybody on this machine can read it") && said.contains("source[agency].request.password"), "{said}");
    assert!(said.contains("chmod 0640") && said.contains("credential") && !said.contains("hunter2"), "{said}");
    assert!(!said.contains("source[plain]"), "a language is no secret: {said}");
    may(&path, 0o640);
    assert!(!check().contains("everybody"));
    may(&path, 0o644);
    may(folder.path(), 0o700);
    assert!(!check().contains("everybody"), "the folder lets nobody in");
}
