//! Kept pages read again: what changes is written in place, never as a revision; runs can be interrupted and go on.

use newsweb::{Agency, NewsWeb, Plan, Response, Story};

use crate::boilerplate::Writer;
use crate::operator::{Desk, both};

/// Publishes a story whose page names its desk where nobody looks for it unasked.
fn publish(web: &NewsWeb, writer: &mut Writer) {
    let title = writer.sentence().trim_end_matches(", the council said.").to_owned();
    let text = writer.text(6);
    let url = web.publish("gazette", Story { title: Some(title.clone()), paragraphs: Some(text.clone()), ..Story::new() }).url;
    let text: String = text.iter().map(|line| format!("<p>{line}</p>\n")).collect();
    let page = format!(
        "<!DOCTYPE html><html lang=en><head><title>{title}</title></head><body><main><article><h1>{title}</h1>\n{text}</article></main>\
         <footer><i id=x7>Harbour desk</i></footer></body></html>"
    );
    web.set_page("gazette", &url[url.match_indices('/').nth(2).unwrap().0..], Response::html(page));
}

#[test]
fn new_rules_are_brought_to_what_is_filed() {
    let web =
        NewsWeb::start(Plan::of([Agency { items: 0, ..Agency::new("gazette") }, Agency { items: 3, ..Agency::new("courier") }]))
            .unwrap();
    let mut writer = Writer::new(21);
    for _ in 0..5 {
        publish(&web, &mut writer);
    }
    let mut desk = Desk::of(&web);
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 8);
    let seq = ledger.count("select max(seq) from articles");
    let said = desk.say(&["reprocess"]);
    assert!(said.contains("8 articles looked at: 0 changed, 8 say what they said; 0 have no page kept"), "{said}");
    assert_eq!(ledger.count("select max(seq) from articles"), seq, "what says the same is not touched");
    // The operator finds out where the section really stands.
    desk.clear();
    desk.source("gazette", &web.feed("gazette"), "[source.extract]\nsection = \"#x7\"");
    desk.source("courier", &web.feed("courier"), "");
    desk.write();
    let dry: serde_json::Value = serde_json::from_str(&desk.say(&["reprocess", "--dry-run", "--json"])).unwrap();
    assert_eq!((&dry["changed"], &dry["fields"]["section"]["articles"]), (&5.into(), &5.into()), "{dry:#}");
    assert_eq!(dry["fields"]["section"]["examples"].as_array().unwrap().len(), 3);
    assert_eq!(ledger.count("select max(seq) from articles"), seq, "a dry run writes nothing");
    let other = desk.say(&["reprocess", "--source", "courier"]);
    assert!(other.contains("3 articles looked at: 0 changed"), "{other}");
    let said = desk.say(&["reprocess", "--source", "gazette"]);
    assert!(said.contains("5 articles looked at: 5 changed") && said.contains("section: 5 articles"), "{said}");
    assert_eq!(ledger.count("select count(*) from articles where section = 'Harbour desk'"), 5);
    assert_eq!(ledger.count(&format!("select count(*) from articles where seq > {seq}")), 5, "who follows the numbers sees it");
    assert_eq!(ledger.count("select count(*) from revisions"), 8, "a better reader makes no revision");
    let wrong = desk.run(&["reprocess", "--source", "gazete"]);
    assert!(!wrong.status.success() && both(&wrong).contains("did you mean \"gazette\""), "{}", both(&wrong));
    ledger.keeps_the_promise(&web);
}

#[test]
fn it_works_beside_the_daemon_and_goes_on_where_it_was_stopped() {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, window: 400, ..Agency::new("gazette") }])).unwrap();
    let mut writer = Writer::new(22);
    for _ in 0..300 {
        publish(&web, &mut writer);
    }
    let mut desk = Desk::of(&web);
    let daemon = desk.start();
    daemon.wait_for_line("wireroom is running");
    let ledger = desk.ledger();
    ledger.wait_for("select count(*) from articles", 300);
    desk.clear();
    desk.source("gazette", &web.feed("gazette"), "[source.extract]\nsection = \"#x7\"");
    desk.write();
    let child =
        desk.command(&["reprocess"]).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    ledger.wait_for("select count(*) from articles where section = 'Harbour desk'", 20);
    let sent = std::process::Command::new("kill").arg("-INT").arg(child.id().to_string()).status().unwrap();
    assert!(sent.success());
    let first = child.wait_with_output().unwrap();
    let text = both(&first);
    assert!(first.status.success() && (text.contains("interrupted") || text.contains("300 articles looked at")), "{text}");
    let done = ledger.count("select count(*) from articles where section = 'Harbour desk'");
    let rest = desk.run(&["reprocess"]);
    assert!(rest.status.success(), "{}", both(&rest));
    if text.contains("interrupted") {
        assert!(both(&rest).contains("going on after article"), "{}", both(&rest));
        assert!(both(&rest).contains(&format!("{} changed", 300 - done)), "{done} were done: {}", both(&rest));
    }
    assert_eq!(ledger.count("select count(*) from articles where section = 'Harbour desk'"), 300);
    let again = desk.say(&["reprocess"]);
    assert!(again.contains("300 articles looked at: 0 changed"), "a run that ended leaves no mark: {again}");
    assert!(daemon.stop().success());
    ledger.keeps_the_promise(&web);
}

#[test]
fn what_has_no_page_is_left_alone() {
    let web = NewsWeb::start(Plan::of([Agency { items: 4, ..Agency::new("gazette") }])).unwrap();
    let desk = Desk::of(&web);
    desk.once();
    let id = desk.ledger().count("select min(id) from articles");
    desk.say(&["forget", &id.to_string()]);
    let raw = desk.path("ledger.raw.db");
    assert!(desk.say(&["reprocess"]).contains("3 articles looked at: 0 changed, 3 say what they said; 0 have no page kept"));
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", raw.display()));
    }
    let said = desk.say(&["reprocess"]);
    assert!(said.contains("0 changed") && said.contains("3 have no page kept"), "{said}");
}

#[test]
fn pages_reserved_meanwhile_are_said_to_be_reserved() {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, ..Agency::new("gazette") }])).unwrap();
    let mut writer = Writer::new(23);
    let url = web.publish("gazette", Story { title: Some("Harbour report".to_owned()), ..Story::new() }).url;
    let text: String = writer.text(6).iter().map(|line| format!("<p>{line}</p>\n")).collect();
    let page = format!(
        "<!DOCTYPE html><html lang=en><head><title>Harbour report</title><meta name=robots content=noai></head><body><main><article>\
         <h1>Harbour report</h1>\n{text}</article></main></body></html>"
    );
    web.set_page("gazette", &url[url.match_indices('/').nth(2).unwrap().0..], Response::html(page));
    let mut desk = Desk::of(&web);
    desk.once();
    assert_eq!(desk.ledger().count("select count(*) from articles"), 1);
    desk.fetch += "obey_reservations = [\"noai\"]\n";
    desk.write();
    let said = desk.say(&["reprocess"]);
    assert!(said.contains("0 changed") && said.contains("1 left alone: the publisher reserves the use"), "{said}");
    let said: serde_json::Value = serde_json::from_str(&desk.say(&["reprocess", "--json"])).unwrap();
    assert_eq!((&said["reserved"], &said["failed"]), (&1.into(), &0.into()), "{said:#}");
}

#[test]
fn status_says_how_many_articles_an_older_reader_read() {
    let web = NewsWeb::start(Plan::of([Agency { items: 3, ..Agency::new("gazette") }])).unwrap();
    let desk = Desk::of(&web);
    desk.once();
    assert!(!desk.say(&["status"]).contains("older reader"));
    // As an earlier program filed two of them.
    let ledger = rusqlite::Connection::open(desk.ledger_path()).unwrap();
    let older = "UPDATE article SET extractor_version = 1 WHERE id IN (SELECT id FROM article ORDER BY id LIMIT 2)";
    assert_eq!(ledger.execute(older, []).unwrap(), 2);
    drop(ledger);
    assert!(desk.say(&["status"]).contains("2 articles were read by an older reader"));
    let status: serde_json::Value = serde_json::from_str(&desk.say(&["status", "--json"])).unwrap();
    assert_eq!(status["articles_outdated"], 2);
    desk.say(&["reprocess"]);
    let status: serde_json::Value = serde_json::from_str(&desk.say(&["status", "--json"])).unwrap();
    assert_eq!(status["articles_outdated"], 0);
}

#[test]
fn what_stood_in_the_place_of_a_page_does_not_replace_the_feeds_text() {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, ..Agency::new("gazette") }])).unwrap();
    let mut writer = Writer::new(24);
    let lines = writer.text(8);
    let wall = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>Just a moment...</h1>\
                <div class=cf-turnstile></div><p>The site needs to review the security of your connection before proceeding.</p>\
                <p>Please verify you are human by completing the action below.</p></body></html>";
    let url = web.set_page("gazette", "/report.html", Response::html(wall));
    let text: String = lines.iter().map(|line| format!("<p>{line}</p>")).collect();
    let feed = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>G</title>\
         <link>{url}</link><description/><item><title>Harbour report</title><link>{url}</link>\
         <content:encoded><![CDATA[{text}]]></content:encoded></item></channel></rss>"
    );
    web.set_page("gazette", "/feed.rss", Response::bytes("application/rss+xml", feed));
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.source("gazette", &web.url("gazette", "/feed.rss"), "");
    desk.schedule.push_str("scrape_attempts = 1\n");
    desk.once();
    let ledger = desk.ledger();
    let body = ledger.text("select body from articles").unwrap();
    assert!(body.contains(&lines[7]), "{body}");
    desk.say(&["reprocess"]);
    assert_eq!(ledger.text("select body from articles").unwrap(), body);
}
