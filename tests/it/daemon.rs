//! End to end through the real binary, on the fake news web: ingest, second poll, signals, crashes.

use std::time::Duration;

use newsweb::{Agency, Faults, Format, Layout, NewsWeb, Plan, Response, Scope, Story};

use super::operator::{Desk, LIMIT, both, fixture, wait_until};

/// Requests that are neither for a feed nor for robots.txt: article pages.
fn article_requests(web: &NewsWeb) -> usize {
    let pages: Vec<String> = web.truth().iter().map(|truth| truth.url.splitn(4, '/').nth(3).unwrap().to_owned()).collect();
    web.log().iter().filter(|asked| pages.iter().any(|page| *page == asked.target.trim_start_matches('/'))).count()
}

#[test]
fn everything_listed_is_filed_once_and_a_second_run_asks_only_for_feeds() {
    let web = NewsWeb::start(Plan::mixed(6, 5, 11)).unwrap();
    let desk = Desk::of(&web);
    let said = desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 30, "{said}");
    ledger.keeps_the_promise(&web);
    let mut differing = Vec::new();
    for truth in web.truth() {
        let title = ledger.text(&format!("select title from articles where url = '{}'", truth.url));
        let body = ledger.text(&format!("select body from articles where url = '{}'", truth.url)).unwrap();
        assert_eq!(title.as_deref(), Some(truth.article.title.as_str()), "{}", truth.url);
        let read: Vec<&str> = body.split("\n\n").collect();
        let served: Vec<&str> = truth.article.paragraphs.iter().map(String::as_str).collect();
        if read != served {
            let only = |one: &[&str], other: &[&str]| {
                one.iter().filter(|text| !other.contains(text)).map(|text| (*text).to_owned()).collect::<Vec<_>>()
            };
            differing.push((truth.url, only(&read, &served), only(&served, &read)));
        }
    }
    assert!(differing.is_empty(), "texts that are not as they were served (page, too much, missing): {differing:#?}");

    web.clear_log();
    desk.once();
    let log = web.log();
    assert_eq!(article_requests(&web), 0, "no article is fetched again");
    assert!(log.iter().filter(|asked| asked.path != "/robots.txt").all(|asked| asked.status == 304), "only 304s: {log:?}");
    assert_eq!(log.iter().filter(|asked| asked.status == 304).count(), 6, "one for each feed");

    let new = [web.publish("agency-001", Story::new()), web.publish("agency-003", Story::new())];
    web.clear_log();
    desk.once();
    assert_eq!(ledger.count("select count(*) from articles"), 32);
    assert_eq!(article_requests(&web), new.len(), "only what is new is fetched");
    ledger.keeps_the_promise(&web);
}

#[test]
fn the_daemon_files_what_is_published_while_it_runs() {
    let web = NewsWeb::start(Plan::mixed(3, 2, 5)).unwrap();
    let desk = Desk::of(&web);
    let daemon = desk.start();
    daemon.wait_for_line("wireroom is running");
    let ledger = desk.ledger();
    ledger.wait_for("select count(*) from articles", 6);
    let new = web.publish("agency-000", Story::new());
    ledger.wait_for(&format!("select count(*) from articles where url = '{}'", new.url), 1);
    web.update(&new.url);
    ledger.wait_for(&format!("select revision from articles where url = '{}'", new.url), 2);
    assert_eq!(ledger.count("select count(*) from revisions where change = 'updated'"), 1);
    ledger.keeps_the_promise(&web);
    // Whoever closes the ledger last tidies up: our own eyes are closed first.
    drop(ledger);
    assert_eq!(daemon.stop().code(), Some(0));
    assert!(!desk.path("ledger.db-wal").exists(), "a clean stop leaves no log beside the ledger");
}

#[test]
fn sigterm_lets_jobs_in_hand_finish() {
    let web = NewsWeb::start(Plan::of([Agency { items: 3, ..Agency::new("gazette") }])).unwrap();
    let desk = Desk::of(&web);
    let gate = web.hold(Scope::Articles("gazette".to_owned()));
    let daemon = desk.start();
    gate.wait_for(LIMIT, 3).unwrap();
    daemon.signal("TERM");
    daemon.wait_for_line("stopping");
    gate.release();
    assert_eq!(daemon.wait().code(), Some(0));
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 3, "what was in hand was finished");
    ledger.keeps_the_promise(&web);
}

#[test]
fn sigterm_gives_back_what_cannot_be_finished() {
    let web = NewsWeb::start(Plan::of([Agency { items: 3, ..Agency::new("gazette") }])).unwrap();
    let mut desk = Desk::of(&web);
    desk.daemon = "grace = \"300ms\"".to_owned();
    let gate = web.hold(Scope::Articles("gazette".to_owned()));
    let daemon = desk.start();
    gate.wait_for(LIMIT, 3).unwrap();
    assert_eq!(daemon.stop().code(), Some(0));
    let ledger = desk.ledger();
    assert_eq!(
        ledger.count("select count(*) from entries where state = 'pending' and attempts = 0"),
        3,
        "the attempt is given back"
    );
    gate.release();
    desk.once();
    assert_eq!(ledger.count("select count(*) from articles"), 3);
    ledger.keeps_the_promise(&web);
}

#[test]
fn a_page_that_crashes_the_reader_costs_itself_only() {
    let web = NewsWeb::start(Plan::of([Agency { items: 4, ..Agency::new("gazette") }])).unwrap();
    let poison = web.publish(
        "gazette",
        Story::text(
            "A marked page",
            &["It holds the words POISON-FOR-THE-READER and some more of them.", "And a second paragraph."],
        ),
    );
    let mut desk = Desk::of(&web);
    desk.environment("WIREROOM_TEST_PANIC", "POISON-FOR-THE-READER");
    let mut daemon = desk.start();
    daemon.wait_for_line("given up");
    let ledger = desk.ledger();
    ledger.wait_for("select count(*) from articles", 4);
    assert!(daemon.is_running(), "the daemon goes on");
    let rows = ledger.pairs("select url, reason from entries where state = 'failed'");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].0, poison.url);
    assert!(rows[0].1.contains("crashed"), "{rows:?}");
    assert_eq!(daemon.stop().code(), Some(0));
    desk.once();
    assert_eq!(web.requests_for(&poison.url).len(), 1, "it is not fetched again and again");
}

#[test]
fn sighup_applies_a_good_file_and_keeps_the_old_one_for_a_bad_one() {
    let web =
        NewsWeb::start(Plan::of([Agency { items: 1, ..Agency::new("gazette") }, Agency { items: 1, ..Agency::new("courier") }]))
            .unwrap();
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette"), web.host("courier")]);
    desk.source("gazette", &web.feed("gazette"), "");
    let mut daemon = desk.start();
    daemon.wait_for_line("wireroom is running");
    let ledger = desk.ledger();
    ledger.wait_for("select count(*) from articles", 1);

    desk.source("courier", "not an address", "tiemzone = \"Mars/Olympus\"");
    desk.write();
    daemon.signal("HUP");
    daemon.wait_for_line("configuration not reloaded");
    let log = daemon.log();
    assert!(
        log.contains("tiemzone") && log.contains("timezone") && log.contains("not an address"),
        "every mistake, with the nearest name:\n{log}"
    );
    let new = web.publish("gazette", Story::new());
    ledger.wait_for(&format!("select count(*) from articles where url = '{}'", new.url), 1);

    let mut good = Desk::empty();
    good.fetch = desk.fetch.clone();
    good.source("gazette", &web.feed("gazette"), "");
    good.source("courier", &web.feed("courier"), "");
    std::fs::write(desk.path("wireroom.toml"), good.toml()).unwrap();
    daemon.signal("HUP");
    daemon.wait_for_line("configuration reloaded");
    ledger.wait_for("select count(*) from articles where source = 'courier'", 1);

    let mut without = Desk::empty();
    without.fetch = desk.fetch.clone();
    without.source("courier", &web.feed("courier"), "");
    std::fs::write(desk.path("wireroom.toml"), without.toml()).unwrap();
    daemon.signal("HUP");
    wait_until(
        || ledger.count("select enabled from sources where name = 'gazette'") == 0,
        || "the source is still enabled".to_owned(),
    );
    assert_eq!(ledger.count("select count(*) from articles where source = 'gazette'"), 2, "its articles stay");
    assert!(daemon.is_running());
    assert_eq!(daemon.stop().code(), Some(0));
}

/// What a service manager hears: READY after the start, RELOADING and READY around a reload, signs of life, STOPPING.
#[test]
fn the_service_manager_is_told() {
    let web = NewsWeb::start(Plan::of([Agency { items: 1, ..Agency::new("gazette") }])).unwrap();
    let mut desk = Desk::of(&web);
    let socket = desk.path("notify");
    let manager = std::os::unix::net::UnixDatagram::bind(&socket).unwrap();
    manager.set_read_timeout(Some(LIMIT)).unwrap();
    desk.environment("NOTIFY_SOCKET", socket.to_str().unwrap());
    desk.environment("WATCHDOG_USEC", "1500000");
    let hear = |word: &str| {
        let mut heard = String::new();
        let mut bytes = [0; 4096];
        while !heard.lines().any(|line| line == word || line.starts_with(&format!("{word}="))) {
            let length = manager.recv(&mut bytes).unwrap_or_else(|error| panic!("{word} was not heard ({error}) after {heard}"));
            heard = String::from_utf8_lossy(&bytes[..length]).into_owned();
        }
        heard
    };
    let daemon = desk.start();
    assert!(hear("READY=1").contains("STATUS="));
    hear("WATCHDOG=1");
    daemon.signal("HUP");
    assert!(hear("RELOADING=1").contains("MONOTONIC_USEC="));
    hear("READY=1");
    hear("WATCHDOG=1");
    daemon.signal("TERM");
    hear("STOPPING=1");
    assert_eq!(daemon.wait().code(), Some(0));
}

/// Kill -9 at seeded instants while articles are flowing; the number of rounds can be raised for a long run.
#[test]
fn kill_9_loses_nothing() {
    let rounds: u64 = std::env::var("WIREROOM_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(12);
    let plan = Plan {
        faults: Faults { latency: (Duration::ZERO, Duration::from_millis(40)), ..Faults::default() },
        ..Plan::mixed(8, 6, 3)
    };
    let web = NewsWeb::start(plan).unwrap();
    for agency in web.agencies() {
        web.change_agency(&agency, |agency| agency.window = 10_000);
    }
    let desk = Desk::of(&web);
    let mut between = 0;
    for round in 0..rounds {
        for agency in web.agencies() {
            for _ in 0..6 {
                web.publish(&agency, Story::new());
            }
        }
        let first = web.log().len() as u64;
        let daemon = desk.start();
        // A seeded instant within 1 to 2,000 ms (a small generator: Knuth's multiplicative hash).
        let instant = 1 + (round + 1).wrapping_mul(2_654_435_761) % 2000;
        std::thread::sleep(Duration::from_millis(instant));
        daemon.kill();
        if !desk.ledger_path().exists() {
            continue;
        }
        let ledger = desk.ledger();
        assert_eq!(ledger.text("pragma integrity_check").as_deref(), Some("ok"), "round {round}, killed after {instant} ms");
        // Pages that were delivered whole and whose article is not there: killed between fetch and commit.
        let tables = ledger.count("select count(*) from sqlite_schema where name = 'articles'");
        let filed: Vec<String> = if tables == 0 {
            Vec::new()
        } else {
            ledger.pairs("select url, '' from articles").into_iter().map(|(url, _)| url).collect()
        };
        let of_this_round = |asked: &newsweb::Logged| asked.number >= first && asked.delivered();
        let delivered = web
            .truth()
            .iter()
            .filter(|truth| !filed.contains(&truth.url) && web.requests_for(&truth.url).iter().any(of_this_round))
            .count();
        between += u64::from(delivered > 0);
    }
    let said = desk.once();
    let said = format!("{said}{}", desk.once());
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from entries where state <> 'filed'"), 0, "{said}");
    assert_eq!(ledger.count("select count(*) from articles"), i64::try_from(web.truth().len()).unwrap(), "{said}");
    ledger.keeps_the_promise(&web);
    println!(
        "kill -9: {rounds} rounds, {between} of them between fetch and commit; {} articles, none lost, none twice",
        web.truth().len()
    );
    assert!(between * 5 >= rounds, "only {between} of {rounds} kills fell between fetch and commit");
}

#[test]
fn a_bad_day_loses_nothing() {
    let faults = Faults {
        p503: 0.05,
        p429: 0.03,
        preset: 0.02,
        latency: (Duration::from_millis(20), Duration::from_millis(100)),
        ..Faults::default()
    };
    let web = NewsWeb::start(Plan { faults, ..Plan::mixed(12, 12, 23) }).unwrap();
    let desk = Desk::of(&web);
    let mut said = String::new();
    for _ in 0..3 {
        said.push_str(&desk.once());
    }
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 144, "{said}");
    assert_eq!(ledger.count("select count(*) from entries where state <> 'filed'"), 0, "{said}");
    ledger.keeps_the_promise(&web);
}

#[test]
fn equal_articles_released_at_one_instant_are_one_story_each() {
    let pairs = 100;
    let quiet = |name: &str| Agency { items: 0, window: 500, layout: Layout::Modern, ..Agency::new(name) };
    let names = [("origin-a", "mirror-a"), ("origin-b", "mirror-b")];
    let web = NewsWeb::start(Plan::of(names.iter().flat_map(|(origin, mirror)| [quiet(origin), quiet(mirror)]))).unwrap();
    for number in 0..pairs {
        let (origin, mirror) = names[number % 2];
        let first = web.publish(origin, Story::new());
        let text = web.truth_of(&first.url).article;
        let paragraphs: Vec<&str> = text.paragraphs.iter().map(String::as_str).collect();
        web.publish(mirror, Story::text(&text.title, &paragraphs));
    }
    let mut desk = Desk::of(&web);
    desk.fetch.push_str("concurrency = 320\n");
    desk.fetch = desk.fetch.replace("per_host_connections = 8", "per_host_connections = 60");
    let gates: Vec<_> = web.agencies().into_iter().map(|agency| web.hold(Scope::Articles(agency))).collect();
    desk.write();
    let mut run = desk.command(&["once"]).spawn().unwrap();
    for gate in &gates {
        gate.wait_for(LIMIT, pairs / 2).unwrap();
    }
    for gate in gates {
        gate.release();
    }
    assert!(run.wait().unwrap().success());
    let (ledger, pairs) = (desk.ledger(), pairs as i64);
    assert_eq!(ledger.count("select count(*) from articles"), 2 * pairs);
    assert_eq!(ledger.count("select count(*) from articles where duplicate_of is null"), pairs, "one article");
    assert_eq!(
        ledger.count("select count(*) from articles where duplicate_of is not null and relation = 'exact'"),
        pairs,
        "and one copy each"
    );
    assert_eq!(ledger.count("select count(*) from stories where articles = 2"), pairs);
}

#[test]
fn once_due_keeps_to_the_schedule_and_to_every_feed_of_a_host() {
    let web = NewsWeb::start(Plan::of([Agency { items: 3, ..Agency::new("gazette") }])).unwrap();
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.fetch = desk.fetch.replace("per_host_delay = \"0s\"", "per_host_delay = \"300ms\"");
    desk.schedule = "min_interval = \"1h\"\nmax_interval = \"2h\"".to_owned();
    desk.source("one", &web.feed_url("gazette", Format::Rss2), "");
    desk.source("two", &web.feed_url("gazette", Format::Atom), "");
    desk.source("three", &web.feed_url("gazette", Format::JsonFeed), "");
    desk.write();
    desk.say(&["once", "--due"]);
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from feeds where last_success_at is not null"), 3, "all three feeds of one host");
    assert_eq!(ledger.count("select count(*) from articles"), 3);
    web.clear_log();
    desk.say(&["once", "--due"]);
    assert_eq!(web.log().len(), 0, "nothing is due");
    desk.say(&["once"]);
    assert_eq!(web.count_status(304), 3, "a run by hand asks all the same");
}

#[test]
fn a_removed_page_that_leads_to_the_front_page_is_not_the_front_page() {
    let web = NewsWeb::start(Plan::of([Agency { items: 3, ..Agency::new("gazette") }])).unwrap();
    let gone = [web.truth()[0].url.clone(), web.truth()[1].url.clone()];
    for url in &gone {
        web.fault(url, newsweb::Fault::Redirect("/".to_owned()));
    }
    let desk = Desk::of(&web);
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 1, "the front page is no article");
    assert_eq!(ledger.count("select count(*) from entries where state = 'pending' and reason like '%the page is gone%'"), 2);
    web.heal_all();
    desk.once();
    assert_eq!(ledger.count("select count(*) from articles"), 3);
}

#[test]
fn a_reprint_word_for_word_joins_the_origins_story() {
    let web =
        NewsWeb::start(Plan::of([Agency { items: 1, ..Agency::new("origin") }, Agency { items: 0, ..Agency::new("portal") }]))
            .unwrap();
    let origin = web.truth()[0].url.clone();
    let desk = Desk::of(&web);
    desk.once();
    let text = web.truth_of(&origin).article;
    let paragraphs: Vec<&str> = text.paragraphs.iter().map(String::as_str).collect();
    let copy = web.publish("portal", Story::text("Another headline", &paragraphs));
    desk.once();
    let ledger = desk.ledger();
    let joined = format!(
        "select count(*) from articles a join articles b on a.story_id = b.story_id where a.url = '{origin}' and b.url = '{}'",
        copy.url
    );
    assert_eq!(ledger.count(&joined), 1);
}

#[test]
fn the_founding_page_comes_out_perfect() {
    for variant in ["founding-jsonld", "founding-plain"] {
        let web = NewsWeb::start(Plan::of([Agency { items: 0, ..Agency::new("trend") }])).unwrap();
        let page = web.set_page(
            "trend",
            "/azerbaijan/politics/3890001.html",
            Response::html(fixture(&format!("pages/{variant}/input.html"))),
        );
        let feed = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><title>Politics</title><link>{page}</link><description/>\
             <item><title>Current state of Azerbaijani-Russian ties implies their strategic nature - analyst</title><link>{page}</link></item></channel></rss>"
        );
        web.set_page("trend", "/feed.rss", Response::bytes("application/rss+xml", feed));
        let mut desk = Desk::empty();
        desk.allow(&[web.host("trend")]);
        desk.source(
            "trend-en",
            &web.url("trend", "/feed.rss"),
            "agency = \"Trend News Agency\"\ntimezone = \"Asia/Baku\"\nlanguage = \"en\"",
        );
        desk.once();
        let ledger = desk.ledger();
        let field = |name: &str| ledger.text(&format!("select {name} from articles")).unwrap_or_default();
        assert_eq!(
            field("title"),
            "Current state of Azerbaijani-Russian ties implies their strategic nature - analyst",
            "{variant}"
        );
        assert_eq!(field("section"), "Politics", "{variant}");
        assert_eq!(field("published_at"), "2024-04-23T17:00:00.000000Z", "{variant}");
        assert_eq!(field("published_offset"), "+04:00", "{variant}");
        assert_eq!(field("authors"), "[\"Ali Gasimov\"]", "{variant}");
        assert_eq!(field("dateline_place"), "BAKU, Azerbaijan", "{variant}");
        assert_eq!(field("dateline_date"), "2024-04-23", "{variant}");
        let body = field("body");
        let paragraphs: Vec<&str> = body.split("\n\n").collect();
        assert_eq!(paragraphs.len(), 24, "{variant}: {body}");
        assert!(paragraphs[0].starts_with("BAKU, Azerbaijan, April 23. The current level of"), "{variant}: {}", paragraphs[0]);
        assert!(
            paragraphs[23].ends_with("railway workers and national security employees of Russia."),
            "{variant}: {}",
            paragraphs[23]
        );
        for unwanted in ["Ali Gasimov", "Read more", "WhatsApp", "Stay up-to-date"] {
            assert!(!body.contains(unwanted), "{variant}: {unwanted}");
        }
    }
}

#[test]
fn the_verbs_look_into_the_ledger_and_change_it() {
    let web = NewsWeb::start(Plan::of([Agency { items: 3, ..Agency::new("gazette") }])).unwrap();
    let mut desk = Desk::of(&web);
    let word = web.publish(
        "gazette",
        Story::text(
            "Zeppelin over the harbour",
            &[
                "A zeppelin was seen over the harbour on Monday, the coast guard said in a statement.",
                "It left in the evening, in the direction of the open sea, and nobody was hurt.",
            ],
        ),
    );
    desk.once();
    let ledger = desk.ledger();
    let id = ledger.count(&format!("select id from articles where url = '{}'", word.url)).to_string();

    assert!(desk.say(&["search", "zeppelin", "harbour"]).contains("Zeppelin over the harbour"));
    let hits: serde_json::Value = serde_json::from_str(&desk.say(&["search", "zeppelin", "--json"])).unwrap();
    assert_eq!(hits.as_array().unwrap().len(), 1);
    assert_eq!(desk.run(&["search", "nosuchword"]).status.code(), Some(1));
    assert!(desk.say(&["show", &id]).contains("nobody was hurt"));
    let shown: serde_json::Value = serde_json::from_str(&desk.say(&["show", &id, "--json"])).unwrap();
    assert_eq!(shown["article"]["url"], word.url.as_str());
    assert_eq!(desk.run(&["show", "999999"]).status.code(), Some(1));
    let story = shown["article"]["story_id"].to_string();
    assert!(desk.say(&["story", &story]).contains("origin"));
    let status: serde_json::Value = serde_json::from_str(&desk.say(&["status", "--json"])).unwrap();
    assert_eq!(status["status"]["articles"], 4);
    assert!(desk.say(&["status"]).contains("4 articles"));
    assert!(desk.say(&["sources"]).contains("gazette"));
    assert!(desk.say(&["check"]).contains("1 sources"));

    web.publish("gazette", Story::new());
    let dry: serde_json::Value = serde_json::from_str(&desk.say(&["poll", "gazette", "--json"])).unwrap();
    assert_eq!(dry[0]["fresh"].as_array().unwrap().len(), 1, "a dry run says what would be committed: {dry}");
    assert_eq!(ledger.count("select count(*) from entries"), 4, "and writes nothing");
    assert_eq!(desk.run(&["poll", "gazete"]).status.code(), Some(1));

    assert!(desk.say(&["forget", &word.url]).contains("1 articles"));
    assert_eq!(ledger.count(&format!("select count(*) from articles where url = '{}'", word.url)), 0);
    assert_eq!(desk.run(&["search", "zeppelin"]).status.code(), Some(1), "the search index forgets as well");
    assert!(desk.say(&["retry", "gazette"]).contains("to be tried again"));
    desk.once();
    assert_eq!(ledger.count(&format!("select count(*) from articles where url = '{}'", word.url)), 0, "it does not come back");
    assert_eq!(ledger.count("select count(*) from articles"), 4);
    desk.source("second", &web.feed_url("gazette", newsweb::Format::Atom), "");
    desk.once();
    assert_eq!(ledger.count(&format!("select count(*) from articles where url = '{}'", word.url)), 0, "nor by another feed");
}

#[test]
fn run_refuses_the_placeholder_contact_and_a_second_daemon() {
    let web = NewsWeb::start(Plan::of([Agency { items: 1, ..Agency::new("gazette") }])).unwrap();
    let desk = Desk::of(&web);
    let daemon = desk.start();
    daemon.wait_for_line("wireroom is running");
    for verb in ["run", "once"] {
        let second = desk.run(&[verb]);
        assert_eq!(second.status.code(), Some(75), "{}", both(&second));
        assert!(String::from_utf8_lossy(&second.stderr).contains(&daemon.pid().to_string()), "{}", both(&second));
    }
    daemon.stop();
    std::fs::write(desk.path("wireroom.toml"), desk.toml().replace("mailto:desk@example.net", "mailto:you@example.org")).unwrap();
    let refused = desk.run(&["run"]);
    assert_eq!(refused.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("fetch.contact"), "{}", both(&refused));
}
