//! Silences: what is a night, a weekend or the pause between two batches, and what is not; told once, and not again.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use proptest::prelude::*;
use wireroom::model::{FeedKind, FeedSpec, Scope, Source, Timestamp, Url};
use wireroom::schedule::stale::silence;

use super::operator::{Desk, wait_until};
use super::store::{Ground, NO_PACE, at, entry, poll, read};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// A Monday, 00:00 UTC.
const MONDAY: i64 = 1_749_427_200;

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

/// News of these weeks: on each day those hours, with a little disorder.
fn news(weeks: i64, hours: impl Fn(i64) -> Vec<i64>) -> Vec<Timestamp> {
    let mut news = Vec::new();
    for day in 0..weeks * 7 {
        for (turn, hour) in hours(day % 7).into_iter().enumerate() {
            let disorder = (day * 7919 + turn as i64 * 104_729) % 2400;
            news.push(time(MONDAY + day * DAY + hour * HOUR + disorder));
        }
    }
    news
}

/// A paper: 16 a weekday between 6 and 22, three on a day of the weekend.
fn paper(day: i64) -> Vec<i64> {
    if day < 5 { (6..22).collect() } else { vec![9, 13, 18] }
}

fn stale_after(news: &[Timestamp]) -> Option<f64> {
    let last = news.iter().max().unwrap().as_second();
    (1..24 * 60).find(|hours| silence(news, time(last + hours * HOUR)).is_some()).map(|hours| hours as f64 / 24.0)
}

#[test]
fn nights_and_weekends_are_rhythm() {
    let told = news(6, paper);
    // At every hour of a further week that goes on as ever, nothing is said.
    let all = news(7, paper);
    for hour in 0..7 * 24 {
        let now = MONDAY + 42 * DAY + hour * HOUR;
        let so_far: Vec<Timestamp> = all.iter().copied().filter(|at| at.as_second() <= now).collect();
        assert_eq!(silence(&so_far, time(now)), None, "hour {hour} of the week");
    }
    // Silent from a Sunday evening on: known before Tuesday.
    let days = stale_after(&told).unwrap();
    assert!((0.4..1.6).contains(&days), "{days} days");
    let found = silence(&told, time(told.iter().max().unwrap().as_second() + 3 * DAY)).unwrap();
    assert_eq!(found.since, *told.iter().max().unwrap());
    assert!(found.expected > 20, "{found:?}");
}

#[test]
fn a_batch_a_day_is_a_rhythm_and_so_is_a_lively_agency() {
    let batch = |_| vec![6; 20];
    let told = news(8, batch);
    let days = stale_after(&told).unwrap();
    assert!((2.0..6.0).contains(&days), "{days} days");
    let agency = |_| (0..24).flat_map(|hour| [hour, hour, hour]).collect();
    let days = stale_after(&news(4, agency)).unwrap();
    assert!((4.0 / 24.0..0.6).contains(&days), "no silence below the floor, and soon after it: {days} days");
    let weekly = |day| if day == 2 { vec![8] } else { vec![] };
    let days = stale_after(&news(25, weekly)).unwrap();
    assert!(days > 14.0, "a weekly may be late by a week: {days} days");
}

#[test]
fn too_little_is_known_at_first() {
    assert_eq!(silence(&[], time(MONDAY)), None);
    assert_eq!(stale_after(&news(1, paper)), None, "a week is not enough");
    let few: Vec<Timestamp> = (0..10).map(|week| time(MONDAY + week * 7 * DAY)).collect();
    assert_eq!(stale_after(&few), None);
    let old = vec![time(MONDAY); 500];
    assert_eq!(stale_after(&old), None, "one batch is no rhythm");
}

#[test]
fn one_long_silence_that_passed_does_not_hide_the_next() {
    let mut told: Vec<Timestamp> = news(8, paper);
    // An outage of nine days in the middle.
    told.retain(|at| !(MONDAY + 20 * DAY..MONDAY + 29 * DAY).contains(&at.as_second()));
    assert!(stale_after(&told).unwrap() < 3.0, "{:?}", stale_after(&told));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_instants_are_taken(seconds in proptest::collection::vec(-60_000_000_000i64..250_000_000_000, 0..60), until in -60_000_000_000i64..250_000_000_000) {
        let news: Vec<Timestamp> = seconds.into_iter().map(time).collect();
        if let Some(found) = silence(&news, time(until)) {
            prop_assert!(found.since <= time(until) && news.contains(&found.since) || news.len() > 1);
        }
    }

    /// A source whose pauses vary at random within a day's rhythm is hardly ever called silent while it is not.
    #[test]
    fn chance_is_no_silence(seed in 0u64..1000) {
        let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut dice = || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random >> 11) as f64 / (1u64 << 53) as f64
        };
        let (mut now, mut news) = (MONDAY, Vec::new());
        // Exponential pauses of 3 h in the mean, by day only.
        while now < MONDAY + 40 * DAY {
            now += (-(1.0 - dice()).ln() * 3.0 * HOUR as f64) as i64 + 1;
            if (6..22).contains(&(now.rem_euclid(DAY) / HOUR)) {
                news.push(time(now));
            }
        }
        let half = news.len() / 2;
        let false_alarms = (half..news.len() - 1).filter(|it| silence(&news[..=*it], time(news[it + 1].as_second() - 1)).is_some()).count();
        prop_assert!(false_alarms <= 2, "{false_alarms} of {}", news.len() - half);
    }
}

fn source() -> Source {
    Source {
        name: "gazette".to_owned(),
        was: None,
        agency: "The Gazette".to_owned(),
        enabled: true,
        feeds: vec![FeedSpec { url: Url::parse("https://gazette.example.org/feed").unwrap(), kind: FeedKind::Feed }],
        timezone: None,
        language: None,
    }
}

#[test]
fn the_ledger_tells_what_was_heard_and_keeps_a_silence_once() {
    let ground = Ground::with(&[source()]);
    let fresh = (0..30).map(|number| entry(&format!("https://gazette.example.org/{number}"), number * 60)).collect();
    let claim = ground.feeds(0, Scope::Due, NO_PACE).remove(0);
    ground.commit_poll(&claim, &poll(&claim, 2000, wireroom::model::PollRead { fresh, ..read() }));
    let listen =
        |quiet: u64| ground.ask(move |reader| reader.heard(wireroom::model::SourceId(0), 10, 20, Duration::from_secs(quiet)));
    let (heard, last) = listen(60);
    assert_eq!((heard.len(), heard[0].news.len()), (1, 20), "the latest twenty");
    assert_eq!((heard[0].name.as_str(), heard[0].agency.as_str()), ("gazette", "The Gazette"));
    assert_eq!(heard[0].listened_until, Some(at(2000)), "a silence reaches no further than we listened");
    assert!(listen(86_400).0.is_empty(), "who was heard lately is passed over");
    let id = heard[0].source;
    assert_eq!(last, Some(id));
    let after = ground.ask(move |reader| reader.heard(id, 10, 20, Duration::ZERO));
    assert_eq!(after, (Vec::new(), None));
    assert!(ground.write(move |ledger| ledger.set_stale(id, Some(at(1740)))));
    assert!(!ground.write(move |ledger| ledger.set_stale(id, Some(at(1740)))), "once");
    assert_eq!(ground.ask(|reader| reader.status(at(3000))).sources_stale, 1);
    assert!(ground.ask(|reader| reader.sources())[0].stale_since.is_some());
    assert_eq!(listen(86_400).0.len(), 1, "who is known as silent is looked at, to be heard again");
    assert!(ground.write(move |ledger| ledger.set_stale(id, None)));
    assert_eq!(ground.ask(|reader| reader.sources())[0].stale_since, None);
}

#[test]
fn a_silence_is_told_once_by_log_status_and_hook() {
    // A feed that has been lively for four weeks and then stopped, a fortnight ago.
    let web =
        newsweb::NewsWeb::start(newsweb::Plan::of([newsweb::Agency { items: 0, ..newsweb::Agency::new("gazette") }])).unwrap();
    let item = |number: i64, age: i64| {
        let url = web.url("gazette", &format!("/{number}.html"));
        format!("<item><title>News {number}</title><link>{url}</link><pubDate>@{age}@</pubDate></item>")
    };
    let items: String = (0..200).map(|number| item(number, 14 * DAY + number * 3 * HOUR)).collect();
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.source("gazette", &web.url("gazette", "/feed.rss"), "agency = \"The Gazette\"\nmax_age = \"1d\"");
    let script = desk.path("tell.sh");
    let told = desk.path("told");
    fs::write(
        &script,
        format!("#!/bin/sh\necho \"$1|$WIREROOM_HOOK|$WIREROOM_SOURCE|$WIREROOM_AGENCY|$WIREROOM_STALE_SINCE|$WIREROOM_EXPECTED\" >> {}\necho printed\n", told.display()),
    )
    .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    desk.daemon = format!("[hooks]\nstale = \"{} 'two words'\"\n", script.display());
    web.set_page("gazette", "/feed.rss", newsweb::Response::bytes("application/rss+xml", dated(&items)));
    // The source is known before the daemon looks for silences.
    desk.once();
    let daemon = desk.start();
    daemon.wait_for_line("the source is silent against its own rhythm");
    wait_until(|| fs::read_to_string(&told).is_ok_and(|text| text.ends_with('\n')), || daemon.log());
    daemon.wait_for_line("hook was run");
    let line = fs::read_to_string(&told).unwrap();
    let parts: Vec<&str> = line.trim_end().split('|').collect();
    assert_eq!(parts[..4], ["two words", "stale", "gazette", "The Gazette"], "{line}");
    assert!(parts[4].parse::<Timestamp>().is_ok() && parts[5].parse::<u32>().unwrap() > 20, "{line}");
    assert!(daemon.log().contains("printed"), "{}", daemon.log());
    let said = desk.say(&["status"]);
    assert!(said.contains("(1 silent)") && said.contains("silent sources") && said.contains("gazette since 2"), "{said}");
    assert_eq!(daemon.stop().code(), Some(0));

    // Another start says nothing again; news end it.
    let daemon = desk.start();
    let news = item(1000, 60) + &items;
    web.set_page("gazette", "/1000.html", newsweb::Response::html("<p>News</p>"));
    web.set_page("gazette", "/feed.rss", newsweb::Response::bytes("application/rss+xml", dated(&news)));
    daemon.wait_for_line("the source is heard again");
    assert!(!daemon.log().contains("silent against"), "{}", daemon.log());
    assert_eq!(fs::read_to_string(&told).unwrap(), line, "the hook ran once");
    assert_eq!(desk.ledger().count("select count(*) from sources where stale_since is not null"), 0);
}

#[expect(clippy::disallowed_methods, reason = "a feed is as old as the clock of the daemon says")]
/// A feed whose `@AGE@` are dates so many seconds ago.
fn dated(items: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    let mut parts = items.split('@');
    let mut feed = String::new();
    while let Some(text) = parts.next() {
        feed.push_str(text);
        if let Some(age) = parts.next() {
            feed.push_str(&time(now - age.parse::<i64>().unwrap()).to_string());
        }
    }
    format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>G</title><link/><description/>{feed}</channel></rss>")
}
