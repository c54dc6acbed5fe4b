//! `wireroom backfill` through the real binary: what is walked, what is not, how politely, and what a kill costs.

use std::collections::HashMap;
use std::process::Stdio;
use std::time::Duration;

use newsweb::{Agency, Archives, Faults, Guid, NewsWeb, Plan, Robots, Scope, Sitemaps};

use super::operator::{Desk, LIMIT, both, wait_until};

const DAY: i64 = 86_400;

/// An agency with a long past, of which its feed shows little.
fn agency(items: usize, days: i64) -> Agency {
    Agency {
        items,
        window: 10,
        guid: Guid::Opaque,
        reaches_back: Some(Duration::from_secs((days * DAY) as u64)),
        ..Agency::new("gazette")
    }
}

fn start(agency: Agency) -> NewsWeb {
    NewsWeb::start(Plan::of([agency])).unwrap()
}

/// A desk that follows its feed, and the sitemap index where one is named.
fn desk(web: &NewsWeb, sitemap: Option<&str>) -> Desk {
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    let keys = sitemap.map(|path| format!("sitemap = {:?}", web.url("gazette", path))).unwrap_or_default();
    desk.source("gazette", &web.feed("gazette"), &format!("max_age = \"1d\"\n{keys}"));
    desk.write();
    desk
}

/// The moment `back` seconds before the newest article, as an operator writes it.
fn before(web: &NewsWeb, back: i64) -> String {
    let newest = web.truth().iter().map(|truth| truth.article.published_at).max().unwrap();
    wireroom::model::Timestamp::from_second(newest - back).unwrap().to_string()
}

fn published_since(web: &NewsWeb, since: &str) -> i64 {
    let since = since.parse::<wireroom::model::Timestamp>().unwrap().as_second();
    web.truth().iter().filter(|truth| truth.article.published_at >= since).count() as i64
}

fn long_ago(web: &NewsWeb) -> String {
    before(web, 400 * DAY)
}

#[test]
fn the_archives_of_a_feed_are_walked_to_the_day_asked_for_and_no_further() {
    let web = start(Agency { archives: Some(Archives::Chain(10)), ..agency(100, 100) });
    let desk = desk(&web, None);
    let since = before(&web, 45 * DAY);
    let said = desk.say(&["backfill", "gazette", "--since", &since]);
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), published_since(&web, &since), "{said}");
    assert_eq!(ledger.count("select count(*) from entries where state <> 'filed'"), 0, "older entries are not stored");
    assert!(web.requests_for(web.url("gazette", "/archive/6.xml")).len() == 1, "back to the day asked for");
    assert!(web.requests_for(web.url("gazette", "/archive/4.xml")).is_empty(), "and no further");
    // What was put aside for its age comes when it is asked for; what is filed is not fetched again.
    web.clear_log();
    let said = desk.say(&["backfill", "gazette", "--since", &long_ago(&web)]);
    assert_eq!(ledger.count("select count(*) from articles"), 100, "{said}");
    for truth in web.truth() {
        let times = web.requests_for(&truth.url).len();
        assert!(
            times == usize::from(truth.article.published_at < since.parse::<wireroom::model::Timestamp>().unwrap().as_second())
        );
    }
}

#[test]
fn entries_put_aside_for_their_age_are_taken_up_and_pages_of_a_feed_are_followed() {
    let web = start(Agency { archives: Some(Archives::Paged), ..agency(40, 40) });
    let desk = desk(&web, None);
    desk.once();
    let ledger = desk.ledger();
    assert!(ledger.count("select count(*) from entries where state = 'skipped'") > 5);
    let said = desk.say(&["backfill", "gazette", "--since", &long_ago(&web)]);
    assert_eq!(ledger.count("select count(*) from articles"), 40, "{said}");
    assert_eq!(ledger.count("select count(*) from entries"), 40, "{said}");
}

#[test]
fn since_and_until_bound_what_a_sitemap_brings() {
    let sitemaps = Some(Sitemaps { part: 10, nested: true, ..Sitemaps::default() });
    let web = start(Agency { sitemaps, ..agency(100, 100) });
    let desk = desk(&web, Some("/sitemap_index.xml"));
    desk.once();
    let ledger = desk.ledger();
    let before_it = ledger.count("select count(*) from articles");
    let (since, until) = (before(&web, 60 * DAY), before(&web, 30 * DAY));
    let said = desk.say(&["backfill", "gazette", "--since", &since, "--until", &until, "--json"]);
    let wanted = published_since(&web, &since) - published_since(&web, &until);
    let filed = ledger.count("select count(*) from articles") - before_it;
    assert!((wanted..=wanted + 1).contains(&filed), "{filed} of {wanted}: {said}");
    let answer: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(answer["interrupted"], false);
    assert_eq!(answer["walk"]["entries_filed"], filed, "{said}");
    assert!(web.requests_for(web.url("gazette", "/sitemaps/part-2.xml")).is_empty(), "a sitemap that changed last before that day");
}

#[test]
fn a_source_without_sitemaps_is_looked_for_them_in_robots_txt() {
    let sitemaps = Some(Sitemaps { part: 20, ..Sitemaps::default() });
    let web = start(Agency { sitemaps, ..agency(60, 30) });
    let line = format!("User-agent: *\nDisallow: /nowhere/\n\nSitemap: {}\n", web.url("gazette", "/sitemap_index.xml"));
    web.change_agency("gazette", |agency| agency.robots = Robots::Text(line));
    let desk = desk(&web, None);
    let said = desk.say(&["backfill", "gazette", "--since", &long_ago(&web)]);
    assert_eq!(desk.ledger().count("select count(*) from articles"), 60, "{said}");
}

#[test]
fn what_cannot_be_walked_is_said_in_a_sentence() {
    let web = start(Agency { reaches_back: Some(Duration::from_secs(3600)), ..agency(3, 1) });
    web.change_agency("gazette", |agency| agency.robots = Robots::Status(404));
    let desk = desk(&web, None);
    desk.once();
    let fails = |arguments: &[&str]| {
        let output = desk.run(arguments);
        assert!(!output.status.success(), "{}", both(&output));
        both(&output)
    };
    assert!(fails(&["backfill", "gazete", "--since", "2024-05-01"]).contains("did you mean \"gazette\""));
    assert!(fails(&["backfill", "gazette", "--since", "yesteryear"]).contains("is no date"));
    assert!(fails(&["backfill", "gazette", "--since", "2024-05-01", "--until", "2024-04-01"]).contains("before --since"));
    let said = fails(&["backfill", "gazette", "--since", "2024-05-01"]);
    assert!(said.contains("nothing to walk") && said.contains("sitemap = "), "{said}");
    assert_eq!(desk.ledger().count("select count(*) from walks"), 0);
}

#[test]
fn a_feed_alone_gives_what_was_put_aside_for_its_age() {
    let web = start(agency(8, 8));
    web.change_agency("gazette", |agency| agency.robots = Robots::Status(404));
    let desk = desk(&web, None);
    desk.once();
    let ledger = desk.ledger();
    let aside = ledger.count("select count(*) from entries where state = 'skipped'");
    assert!(aside >= 5, "{aside}");
    let said = desk.say(&["backfill", "gazette", "--since", &long_ago(&web)]);
    assert!(said.contains(&format!("{aside} filed")), "{said}");
    assert_eq!(ledger.count("select count(*) from articles"), 8);
    assert_eq!(ledger.count("select count(*) from walks where ended_at is not null and pages = 0"), 1);
}

#[test]
fn the_pace_is_kept_and_robots_txt_obeyed() {
    let sitemaps = Some(Sitemaps { part: 5, ..Sitemaps::default() });
    let web = start(Agency { sitemaps, ..agency(12, 12) });
    web.change_agency("gazette", |agency| agency.robots = Robots::Disallow("/sitemaps/part-1.xml".to_owned()));
    let mut desk = desk(&web, Some("/sitemap_index.xml"));
    desk.schedule = "min_interval = \"1h\"\nmax_interval = \"1h\"\n".to_owned();
    desk.fetch =
        desk.fetch.replace("per_host_delay = \"0s\"", "per_host_delay = \"150ms\"").replace("connections = 8", "connections = 1");
    desk.write();
    let said = desk.say(&["backfill", "gazette", "--since", &long_ago(&web)]);
    assert!(web.requests_for(web.url("gazette", "/sitemaps/part-1.xml")).is_empty(), "a forbidden sitemap is not asked for");
    assert!(said.contains("could not be had"), "{said}");
    assert!(desk.ledger().count("select count(*) from articles") >= 7, "{said}");
    let starts: Vec<u64> = web.log().iter().map(|asked| asked.at_ms).collect();
    // Seen from the other end of a busy machine: none close to its neighbour, and all of them together no faster.
    assert!(starts.windows(2).all(|pair| pair[1] - pair[0] >= 75), "requests closer than the pace: {starts:?}");
    let whole = starts.last().unwrap() - starts[0];
    assert!(whole + 75 >= 150 * (starts.len() as u64 - 1), "{} requests within {whole} ms", starts.len());
}

/// Kill -9 again and again while a long walk is on, then once more to its end.
#[test]
fn kill_9_costs_at_most_the_page_in_hand() {
    let sitemaps = Some(Sitemaps { part: 10, ..Sitemaps::default() });
    let plan = Plan {
        faults: Faults { latency: (Duration::from_millis(5), Duration::from_millis(25)), ..Faults::default() },
        ..Plan::of([Agency { sitemaps, archives: Some(Archives::Chain(25)), ..agency(300, 300) }])
    };
    let web = NewsWeb::start(plan).unwrap();
    let mut desk = desk(&web, Some("/sitemap_index.xml"));
    desk.fetch = desk.fetch.replace("connections = 8", "connections = 1");
    // So that what is asked for is asked for by the walk alone.
    desk.schedule = "min_interval = \"1h\"\nmax_interval = \"1h\"\n".to_owned();
    desk.write();
    let since = long_ago(&web);
    // While the index, a sitemap or an archive is in hand, and while articles are.
    let moments = ["/sitemap_index.xml", "/sitemaps/part-27.xml", "/sitemaps/part-8.xml", "/archive/9.xml", "", "", ""];
    for (round, moment) in moments.iter().enumerate() {
        let gate = (!moment.is_empty()).then(|| web.hold(Scope::Url(web.url("gazette", moment))));
        let before = web.log().len();
        let mut run = desk.command(&["backfill", "gazette", "--since", &since]);
        let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        match gate {
            Some(gate) => {
                gate.wait_for(LIMIT, 1).unwrap();
                run.kill().unwrap();
                gate.release();
            }
            None => {
                web.wait_for(LIMIT, |log| log.len() >= before + 15 + 7 * round).unwrap();
                run.kill().unwrap();
            }
        }
        run.wait().unwrap();
        assert_eq!(desk.ledger().text("pragma integrity_check").as_deref(), Some("ok"));
    }
    let kills = moments.len();
    let said = desk.run(&["backfill", "gazette", "--since", &since]);
    assert!(said.status.success(), "{}", both(&said));
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 300, "{}", both(&said));
    assert_eq!(ledger.count("select count(*) from walks where ended_at is not null"), 1, "one walk, gone on with");
    assert_eq!(ledger.count("select count(*) from entries where state <> 'filed'"), 0);
    let mut pages: HashMap<String, usize> = HashMap::new();
    let of_walk = |path: &str| path.starts_with("/sitemaps/") || path.starts_with("/archive/") || path == "/sitemap_index.xml";
    web.log().iter().filter(|asked| of_walk(&asked.path)).for_each(|asked| *pages.entry(asked.path.clone()).or_default() += 1);
    assert!(pages.len() >= 30, "{pages:?}");
    let again: usize = pages.values().map(|times| times - 1).sum();
    println!("kill -9: {kills} kills, {} pages of the walk, {again} of them read once more", pages.len());
    assert!(again <= kills, "{pages:?}");
    let articles: usize = web.truth().iter().map(|truth| web.requests_for(&truth.url).len() - 1).sum();
    assert!(articles <= kills, "{articles} articles were fetched twice");
    ledger.keeps_the_promise(&web);
}

#[test]
fn ctrl_c_leaves_the_rest_queued_and_the_daemon_goes_on_with_it() {
    let sitemaps = Some(Sitemaps { part: 10, ..Sitemaps::default() });
    let web = start(Agency { sitemaps, ..agency(80, 80) });
    let desk = desk(&web, Some("/sitemap_index.xml"));
    let gate = web.hold(Scope::Url(web.url("gazette", "/sitemaps/part-3.xml")));
    let run = desk
        .command(&["backfill", "gazette", "--since", &long_ago(&web)])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    gate.wait_for(LIMIT, 1).unwrap();
    let sent = std::process::Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap();
    assert!(sent.success());
    gate.release();
    let output = run.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    assert!(both(&output).contains("stays in the queue"), "{}", both(&output));
    let said = desk.say(&["status"]);
    assert!(said.contains("backfill of gazette"), "{said}");
    let daemon = desk.start();
    let ledger = desk.ledger();
    ledger.wait_for("select count(*) from articles", 80);
    ledger.wait_for("select count(*) from walks where ended_at is not null", 1);
    // A daemon that runs takes a walk from the queue.
    let said = desk.say(&["backfill", "gazette", "--since", &before(&web, 10 * DAY)]);
    assert!(said.contains("the running daemon"), "{said}");
    wait_until(
        || ledger.count("select count(*) from walks where ended_at is not null") == 2,
        || format!("{:?}", ledger.pairs("select source, ended_at from walks")),
    );
    assert_eq!(daemon.stop().code(), Some(0));
    assert_eq!(ledger.count("select count(*) from articles"), 80);
}

#[test]
fn the_news_go_before_a_backfill() {
    let sitemaps = Some(Sitemaps { part: 50, ..Sitemaps::default() });
    let web = start(Agency { sitemaps, ..agency(100, 100) });
    let mut desk = desk(&web, Some("/sitemap_index.xml"));
    desk.once();
    desk.fetch = desk.fetch.replace("per_host_delay = \"0s\"", "per_host_delay = \"80ms\"");
    let daemon = desk.start();
    daemon.wait_for_line("wireroom is running");
    desk.say(&["backfill", "gazette", "--since", &long_ago(&web)]);
    let ledger = desk.ledger();
    ledger.wait_for("select count(*) from entries where state = 'pending'", 60);
    let new = web.publish("gazette", newsweb::Story::new());
    ledger.wait_for(&format!("select count(*) from articles where url = '{}'", new.url), 1);
    let waiting = ledger.count("select count(*) from entries where state = 'pending'");
    assert!(waiting > 20, "{waiting} old ones still wait");
    assert_eq!(daemon.stop().code(), Some(0));
}
