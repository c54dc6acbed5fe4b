//! Bad input through the real binary: a clear message with the remedy, the other sources untouched, nothing lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use newsweb::{Agency, Fault, NewsWeb, Plan, Response};
use rusqlite::Connection;

use super::operator::{Desk, both};

/// A web with a healthy agency and one to be broken.
fn web() -> NewsWeb {
    NewsWeb::start(Plan::of([Agency { items: 3, ..Agency::new("healthy") }, Agency { items: 3, ..Agency::new("broken") }])).unwrap()
}

/// After a run: the healthy agency is filed, the broken one's feed failed with this class in its reason.
fn only_the_broken_feed_suffers(web: &NewsWeb, words: &[&str]) {
    let mut desk = Desk::of(web);
    desk.fetch.push_str("timeout = \"20s\"\n");
    let said = desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles where source = 'healthy'"), 3, "{said}");
    let reason = ledger.text("select reason from feeds where source = 'broken'").unwrap_or_default();
    assert!(ledger.count("select failures from feeds where source = 'broken'") > 0, "{said}{reason}");
    assert!(words.iter().any(|word| reason.to_lowercase().contains(word)), "the reason says what it is: {reason:?}");
    // Mended, it is read to the end: nothing of it was lost behind a validator.
    web.heal_all();
    desk.once();
    assert_eq!(ledger.count("select count(*) from articles where source = 'broken'"), 3);
}

#[test]
fn a_feed_that_is_a_page() {
    let web = web();
    let feed = web.feed("broken");
    web.fault(&feed, Fault::Redirect(web.truth_of(&web.truth().iter().find(|truth| truth.agency == "broken").unwrap().url).url));
    only_the_broken_feed_suffers(&web, &["html", "not a feed"]);
}

#[test]
fn a_feed_that_is_empty() {
    let web = web();
    web.fault(web.feed("broken"), Fault::Empty);
    only_the_broken_feed_suffers(&web, &["empty"]);
}

#[test]
fn a_feed_cut_short_on_the_way() {
    let web = web();
    web.fault(web.feed("broken"), Fault::CutBody(700));
    only_the_broken_feed_suffers(&web, &["early", "cut", "short", "truncated", "incomplete", "ended", "closed"]);
}

#[test]
fn a_feed_of_50_megabytes() {
    let web = web();
    web.fault(web.feed("broken"), Fault::Swell(50 << 20));
    only_the_broken_feed_suffers(&web, &["large", "bytes", "limit", "mib"]);
}

#[test]
fn a_feed_truncated_by_its_author_loses_nothing_when_it_is_whole_again() {
    let web = web();
    let whole = web.feed("broken");
    let mut desk = Desk::of(&web);
    let healthy = desk.once();
    drop(healthy);
    // The same bytes up to the middle, served as if they were all: what can be read is filed, no validator is kept.
    let truth: Vec<String> = web.truth().iter().filter(|truth| truth.agency == "broken").map(|truth| truth.url.clone()).collect();
    let items: String =
        truth.iter().map(|url| format!("<item><title>An item</title><link>{url}</link><guid>{url}</guid></item>")).collect();
    let document = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>T</title><link>{whole}</link><description/>{items}</channel></rss>"
    );
    let cut = document.find("</item>").unwrap() + "</item>".len() + 10;
    let url = web.set_page("broken", "/cut.xml", Response::bytes("application/rss+xml", &document[..cut]).with_etag());
    desk = Desk::empty();
    desk.allow(&[web.host("broken")]);
    desk.source("cut", &url, "");
    desk.once();
    let ledger = desk.ledger();
    assert!(ledger.count("select count(*) from articles") >= 1, "the whole item is filed");
    web.set_page("broken", "/cut.xml", Response::bytes("application/rss+xml", document).with_etag());
    desk.once();
    assert_eq!(ledger.count("select count(*) from articles"), 3);
}

#[test]
fn pages_that_are_no_articles_are_given_up_with_their_reason() {
    let web = NewsWeb::start(Plan::of([Agency { items: 2, ..Agency::new("healthy") }, Agency { items: 0, ..Agency::new("odd") }]))
        .unwrap();
    let deep = "<div>".repeat(100_000) + "Deep text that nobody can see, but which must not hold anything up.";
    let attributes = format!(
        "<html><body><p {}>One tag with very many attributes, and a text of a dozen words in it.</p></body></html>",
        (0..100_000).map(|n| format!("a{n}=1 ")).collect::<String>()
    );
    let odd: Vec<(&str, Response)> = vec![
        ("/pdf", Response::bytes("application/pdf", "%PDF-1.7\n%\u{e2}\u{e3}\n1 0 obj\n")),
        ("/image", Response::bytes("image/jpeg", vec![0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F', 0])),
        ("/empty", Response::html("")),
        ("/deep", Response::html(deep)),
        ("/attributes", Response::html(attributes)),
        (
            "/year-0",
            Response::html(
                "<html><head><meta property=\"article:published_time\" content=\"0000-00-00T00:00:00Z\"></head><body><article><h1>Year nought</h1><p>A text about a year that never was, long enough to be taken for the body of an article by anybody.</p><p>And a second paragraph, so that there is no doubt about it.</p></article></body></html>",
            ),
        ),
        (
            "/year-9999",
            Response::html(
                "<html><head><meta property=\"article:published_time\" content=\"9999-12-31T23:59:59Z\"></head><body><article><h1>Year ten thousand</h1><p>A text about the end of the calendar, long enough to be taken for the body of an article by anybody at all.</p><p>And a second paragraph, so that there is no doubt about it.</p></article></body></html>",
            ),
        ),
    ];
    let mut items = String::new();
    for (path, response) in &odd {
        let url = web.set_page("odd", path, response.clone());
        items.push_str(&format!("<item><title>An entry of {path}</title><link>{url}</link></item>"));
    }
    let feed = web.set_page(
        "odd",
        "/odd.rss",
        Response::bytes(
            "application/rss+xml",
            format!(
                "<rss version=\"2.0\"><channel><title>Odd</title><link>{}</link><description/>{items}</channel></rss>",
                web.base("odd")
            ),
        ),
    );
    let mut desk = Desk::empty();
    desk.allow(&[web.host("healthy"), web.host("odd")]);
    desk.source("healthy", &web.feed("healthy"), "");
    desk.source("odd", &feed, "");
    desk.schedule.push_str("scrape_attempts = 1\n");
    let said = desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles where source = 'healthy'"), 2, "{said}");
    assert_eq!(ledger.count("select count(*) from entries where source = 'odd'"), odd.len() as i64, "every entry has its row");
    assert_eq!(ledger.count("select count(*) from entries where state = 'pending'"), 0, "{said}");
    let given_up = ledger.pairs("select url, reason from entries where source = 'odd' and state = 'failed'");
    for path in ["/pdf", "/image", "/empty"] {
        let reason =
            &given_up.iter().find(|(url, _)| url.ends_with(path)).unwrap_or_else(|| panic!("{path} is given up: {given_up:?}")).1;
        assert!(!reason.is_empty(), "{path} has a reason");
    }
    for path in ["/year-0", "/year-9999"] {
        let published = ledger.pairs(&format!("select url, published_at from articles where url like '%{path}'"));
        assert_eq!(published.len(), 1, "{path} is filed: {given_up:?}");
        assert_eq!(published[0].1, "", "{path} has no instant rather than a wrong one");
    }
}

#[test]
fn a_database_that_is_none_of_ours() {
    let web = web();
    let desk = Desk::of(&web);
    desk.write();
    fs::write(desk.ledger_path(), "This is a letter, not a database, and it is long enough to be taken for one. ".repeat(40))
        .unwrap();
    let before = fs::read(desk.ledger_path()).unwrap();
    let run = desk.run(&["once"]);
    assert_eq!(run.status.code(), Some(65), "{}", both(&run));
    assert!(String::from_utf8_lossy(&run.stderr).contains("ledger.db"), "{}", both(&run));
    assert_eq!(fs::read(desk.ledger_path()).unwrap(), before, "untouched");
}

#[test]
fn a_ledger_of_a_later_version_is_refused_untouched() {
    let web = web();
    let desk = Desk::of(&web);
    desk.once();
    Connection::open(desk.ledger_path())
        .unwrap()
        .execute_batch("pragma user_version = 4000; pragma wal_checkpoint(truncate);")
        .unwrap();
    let before = fs::read(desk.ledger_path()).unwrap();
    for verb in ["once", "status"] {
        let run = desk.run(&[verb]);
        assert_eq!(run.status.code(), Some(65), "{verb}: {}", both(&run));
        assert!(String::from_utf8_lossy(&run.stderr).contains("4000"), "{}", both(&run));
    }
    assert_eq!(fs::read(desk.ledger_path()).unwrap(), before);
}

#[test]
fn a_locked_ledger_is_waited_for_and_then_named() {
    let web = web();
    let desk = Desk::of(&web);
    desk.once();
    let other = Connection::open(desk.ledger_path()).unwrap();
    other.execute_batch("begin exclusive").unwrap();
    let run = desk.run(&["retry", "healthy"]);
    assert_eq!(run.status.code(), Some(75), "{}", both(&run));
    assert!(String::from_utf8_lossy(&run.stderr).contains("locked"), "{}", both(&run));
    other.execute_batch("rollback").unwrap();
    desk.once();
}

#[test]
fn a_read_only_folder_is_named() {
    let web = web();
    let mut desk = Desk::of(&web);
    let folder = desk.path("closed");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(folder.join("probe"), "").is_ok() {
        // Root writes anywhere: a folder that is a file stands in for it.
        eprintln!("NOTE: running as root, rights do not bind; a path through a file is tried instead");
        fs::remove_dir_all(&folder).unwrap();
        fs::write(&folder, "a file").unwrap();
    }
    desk.fetch.push_str("");
    fs::write(desk.path("wireroom.toml"), desk.toml().replace("sqlite:ledger.db", "sqlite:closed/ledger.db")).unwrap();
    let run = desk.run(&["once"]);
    assert!(matches!(run.status.code(), Some(73 | 74)), "{}", both(&run));
    assert!(String::from_utf8_lossy(&run.stderr).contains("closed"), "{}", both(&run));
}

#[test]
fn looking_into_a_ledger_that_is_not_there_makes_none() {
    let web = web();
    let desk = Desk::of(&web);
    desk.write();
    for verb in [&["status"][..], &["search", "x"], &["sources"]] {
        let run = desk.run(verb);
        assert_eq!(run.status.code(), Some(66), "{}", both(&run));
    }
    assert!(!desk.ledger_path().exists());
}

#[test]
fn ten_mistakes_are_reported_at_once() {
    let desk = Desk::empty();
    let text = r#"
[fetch]
contact = 5
per_host_delay = "soon"
max_boddy = "8MiB"
[schedule]
min_interval = "9h"
max_interval = "1h"
[[source]]
name = "Upper Case"
feed = "ftp://agency.example.org/feed"
timezone = "Mars/Olympus"
[[source]]
name = "twice"
feed = "https://agency.example.org/feed"
include = ["("]
[[source]]
name = "twice"
enabled = "yes"
[source.extract]
body = "div["
"#;
    fs::write(desk.path("wireroom.toml"), text).unwrap();
    for verb in ["check", "once", "run"] {
        let run = desk.run(&[verb]);
        assert_eq!(run.status.code(), Some(78), "{}", both(&run));
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        for word in [
            "contact",
            "per_host_delay",
            "max_boddy",
            "max_body",
            "min_interval",
            "Upper Case",
            "ftp://",
            "Mars/Olympus",
            "include",
            "twice",
            "enabled",
            "body",
        ] {
            assert!(said.contains(word), "{verb} does not name {word}:\n{said}");
        }
        assert!(said.contains("wireroom.toml:3:"), "with file, line and column:\n{said}");
    }
}
