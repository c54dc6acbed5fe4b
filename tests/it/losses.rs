//! What is lost between two polls: estimated from turnover, none where nothing is lost; and what had to be mended.

use std::time::Duration;

use newsweb::{Agency, Dates, Guid, NewsWeb, Plan, Story};
use proptest::prelude::*;
use wireroom::model::{
    Entry, Head, Hints, PollOutcome, PollRead, Precision, PressTime, Rhythm, Sight, Timestamp, Url, Validators, ZoneSource,
};
use wireroom::schedule::{Policy, learn, listed, next_poll, take_stock};

use super::operator::{Desk, LIMIT};

// ---------------------------------------------------------------- a feed that goes round, and a poller beside it

const NOON: i64 = 1_780_000_000;

fn second(at: f64) -> Timestamp {
    Timestamp::from_millisecond(NOON * 1000 + (at * 1000.0) as i64).unwrap()
}

/// How a feed names and dates its entries.
#[derive(Debug, Clone, Copy)]
struct Habits {
    window: usize,
    dated: bool,
    numbered: bool,
    /// An entry of the first day that is listed for ever, above all others.
    pinned: bool,
    oldest_first: bool,
    shuffled: bool,
    /// All dates are the instant of the answer.
    re_dated: bool,
}

const PLAIN: Habits =
    Habits { window: 20, dated: true, numbered: false, pinned: false, oldest_first: false, shuffled: false, re_dated: false };

/// A poller's memory of one feed: what the ledger would know.
struct Poller {
    habits: Habits,
    rhythm: Rhythm,
    known: std::collections::HashSet<usize>,
    estimated: u32,
    gaps: usize,
}

impl Poller {
    fn new(habits: Habits) -> Poller {
        Poller { habits, rhythm: Rhythm::default(), known: std::collections::HashSet::new(), estimated: 0, gaps: 0 }
    }

    /// Polls a feed that published at these instants.
    fn poll(&mut self, published: &[f64], now: f64) -> PollOutcome {
        let out = published.iter().filter(|at| **at <= now).count();
        let mut window: Vec<usize> = (out.saturating_sub(self.habits.window)..out).rev().collect();
        if self.habits.shuffled {
            window.sort_by_key(|index| (index * 7919 + out * 31) % 101);
        }
        if self.habits.oldest_first {
            window.reverse();
        }
        if self.habits.pinned && out > 0 && !window.contains(&0) {
            window.insert(0, 0);
        }
        let entries: Vec<Entry> = window.iter().map(|index| self.entry(*index, published[*index], now)).collect();
        let sights: Vec<Sight> =
            window.iter().map(|index| if self.known.contains(index) { Sight::Ours } else { Sight::New }).collect();
        let now = second(now);
        let (stock, gap) = take_stock(&self.rhythm, &listed(&entries, now), &sights, now);
        self.estimated += gap.as_ref().map_or(0, |gap| gap.estimated);
        self.gaps += usize::from(gap.is_some());
        self.known.extend(window);
        let outcome = PollOutcome::Read(Box::new(PollRead { window: Some(stock), gap, ..read() }));
        self.rhythm = learn(&self.rhythm, &outcome, now);
        outcome
    }

    fn entry(&self, index: usize, at: f64, now: f64) -> Entry {
        let words = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove"];
        let at = if self.habits.re_dated { now } else { at };
        let name = if self.habits.numbered {
            format!("{}", 9000 + index)
        } else {
            // A name without a number in it, one for each entry.
            let mut rest = index;
            let mut name = String::new();
            for _ in 0..6 {
                name.push_str(words[rest % 7]);
                rest /= 7;
            }
            name
        };
        let time = PressTime {
            at: Timestamp::from_second(second(at).as_second()).unwrap(),
            offset_minutes: Some(0),
            precision: Precision::Instant,
            zone_source: ZoneSource::Page,
        };
        Entry {
            id: Some(name.clone()),
            title: Some(name.clone()),
            published: self.habits.dated.then_some(time),
            ..Entry::of_page(Url::parse(&format!("https://agency.example.org/{name}")).ok(), second(now))
        }
    }

    /// How many were never seen, of those that left the window before the last poll.
    fn lost(&self, published: &[f64], now: f64) -> usize {
        let out = published.iter().filter(|at| **at <= now).count();
        let begun = *self.known.iter().filter(|index| !self.habits.pinned || **index > 0).min().unwrap_or(&0);
        (begun..out).filter(|index| !self.known.contains(index)).count()
    }
}

fn read() -> PollRead {
    PollRead {
        head: Head {
            status: 200,
            final_url: Url::parse("https://agency.example.org/feed").unwrap(),
            validators: Validators::default(),
            fresh_for: None,
            moved_to: None,
            fetched_at: second(0.0),
            fields: Vec::new(),
        },
        title: None,
        fresh: Vec::new(),
        changed: Vec::new(),
        unchanged: 0,
        refused: Vec::new(),
        validators: Some(Validators::default()),
        body_hash: None,
        diagnostics: Vec::new(),
        pages: Default::default(),
        bytes_lost: 0,
        renamed: Vec::new(),
        completed: Vec::new(),
        window: None,
        gap: None,
        hints: Hints::default(),
    }
}

/// Chance with a seed: enough for arrivals.
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// The wait for the next of things that come at this rate by chance.
    fn wait(&mut self, rate: f64) -> f64 {
        -(1.0 - self.throw()).ln() / rate
    }
}

/// Instants of publication at a mean rate, evenly or by chance.
fn arrivals(rate: f64, until: f64, by_chance: bool, seed: u64) -> Vec<f64> {
    let mut dice = Dice(seed | 1);
    let mut at = 0.0;
    let mut all = Vec::new();
    while at < until {
        at += if by_chance { dice.wait(rate) } else { 1.0 / rate };
        all.push(at);
    }
    all
}

/// Polls at a fixed interval; estimated and lost.
fn run(habits: Habits, published: &[f64], interval: f64, polls: usize) -> (u32, usize) {
    let mut poller = Poller::new(habits);
    let start = 3600.0;
    let mut now = start;
    for _ in 0..polls {
        poller.poll(published, now);
        now += interval;
    }
    let lost = poller.lost(published, now - interval);
    (poller.estimated, lost)
}

fn assert_near(name: &str, (estimated, lost): (u32, usize)) {
    let off = (f64::from(estimated) - lost as f64).abs() / lost as f64;
    println!("{name}: {lost} lost, {estimated} estimated ({:+.1} %)", (f64::from(estimated) / lost as f64 - 1.0) * 100.0);
    assert!(lost > 0 && off <= 0.2, "{name}: {lost} lost, {estimated} estimated");
}

#[test]
fn the_estimate_of_what_was_lost_is_near_the_truth() {
    // A minute between entries, twenty in the window, polled so that two, five or fifteen windows pass between polls.
    for (name, by_chance) in [("evenly", false), ("by chance", true)] {
        for windows in [2.0, 5.0, 15.0] {
            let published = arrivals(1.0 / 60.0, 3600.0 + 1200.0 * windows * 31.0, by_chance, 11);
            assert_near(&format!("{name}, {windows} windows"), run(PLAIN, &published, 1200.0 * windows, 30));
            for (habit, habits) in [
                ("pinned", Habits { pinned: true, ..PLAIN }),
                ("oldest first", Habits { oldest_first: true, ..PLAIN }),
                ("in no order", Habits { shuffled: true, ..PLAIN }),
                ("numbered, no dates", Habits { dated: false, numbered: true, ..PLAIN }),
                ("a hundred listed", Habits { window: 100, ..PLAIN }),
            ] {
                let interval = 60.0 * habits.window as f64 * windows;
                let published = arrivals(1.0 / 60.0, 3600.0 + interval * 31.0, by_chance, 23);
                assert_near(&format!("{name}, {habit}, {windows} windows"), run(habits, &published, interval, 30));
            }
        }
    }
    // Ten a second, where a date in whole seconds says little.
    let published = arrivals(10.0, 3600.0 + 400.0, true, 5);
    assert_near("ten a second", run(PLAIN, &published, 10.37, 30));
}

#[test]
fn nothing_is_lost_where_nothing_was() {
    for seed in 1..20 {
        for habits in [
            PLAIN,
            Habits { pinned: true, ..PLAIN },
            Habits { oldest_first: true, ..PLAIN },
            Habits { shuffled: true, ..PLAIN },
            Habits { dated: false, ..PLAIN },
            Habits { dated: false, numbered: true, ..PLAIN },
            Habits { re_dated: true, ..PLAIN },
            Habits { dated: false, pinned: true, ..PLAIN },
        ] {
            let published = arrivals(1.0 / 60.0, 100_000.0, true, seed);
            // A quarter of the window a poll: by chance never all of it.
            let (estimated, lost) = run(habits, &published, 300.0, 200);
            assert_eq!((estimated, lost), (0, 0), "{habits:?}, seed {seed}");
        }
    }
}

#[test]
fn dumps_and_beginnings_are_no_losses() {
    // Twenty entries once a day at one blow, within twenty seconds, polled every half an hour: the window is replaced whole,
    // and nothing was lost.
    let published: Vec<f64> =
        (0..10).flat_map(|day| (0..20).map(move |entry| f64::from(day) * 86_400.0 + 900.0 + f64::from(entry))).collect();
    for interval in [1800.0, 1700.0, 7200.0] {
        let (estimated, lost) = run(PLAIN, &published, interval, (9.0 * 86_400.0 / interval) as usize);
        assert_eq!((estimated, lost), (0, 0), "every {interval} s");
    }
    // A feed that begins empty, and one that was silent for a week.
    let published: Vec<f64> = (0..15)
        .map(|entry| 10_000.0 + f64::from(entry) * 30.0)
        .chain((0..15).map(|entry| 600_000.0 + f64::from(entry) * 30.0))
        .collect();
    assert_eq!(run(PLAIN, &published, 600.0, 1100), (0, 0));
}

#[test]
fn a_feed_that_was_sorted_or_addressed_anew_lost_nothing() {
    let published = arrivals(1.0 / 60.0, 20_000.0, true, 3);
    for habits in [PLAIN, Habits { numbered: true, ..PLAIN }] {
        let mut poller = Poller::new(habits);
        poller.poll(&published, 3600.0);
        // Every name is another one, the dates are the same: nothing is known, nothing is lost.
        poller.known.clear();
        poller.poll(&published, 3900.0);
        assert_eq!(poller.estimated, 0, "{habits:?}");
        // The publisher takes the newest entries away again.
        let fewer: Vec<f64> = published.iter().copied().filter(|at| *at < 3840.0 || *at > 4000.0).collect();
        poller.poll(&fewer, 4200.0);
        assert_eq!(poller.estimated, 0, "{habits:?}");
    }
}

// ---------------------------------------------------------------- the planner

#[test]
fn a_window_that_turns_over_fast_is_polled_twice_in_its_time() {
    let policy = Policy { min_interval: Duration::from_secs(60), max_interval: Duration::from_secs(4 * 3600), ..Policy::default() };
    let published = arrivals(1.0 / 30.0, 40_000.0, false, 1);
    let mut poller = Poller::new(PLAIN);
    let mut now = 3600.0;
    let (mut waits, mut last) = (Vec::new(), now);
    for _ in 0..20 {
        last = now;
        let before = poller.rhythm.clone();
        let outcome = poller.poll(&published, now);
        let next = next_poll(&policy, &before, 0, &outcome, second(now), 0.5);
        poller.rhythm.interval_s = next.interval_s;
        let wait = next.at.duration_since(second(now)).as_secs_f64();
        assert!(wait >= 60.0, "never under the floor");
        waits.push(wait);
        now += wait;
    }
    // Ten minutes pass through the window of twenty.
    assert!(waits.iter().all(|wait| *wait <= 330.0), "{waits:?}");
    assert_eq!((poller.estimated, poller.lost(&published, last)), (0, 0));
}

#[test]
fn a_gap_shortens_the_interval() {
    let policy = Policy::default();
    let published = arrivals(1.0 / 60.0, 100_000.0, false, 1);
    let mut poller = Poller::new(PLAIN);
    poller.poll(&published, 3600.0);
    poller.rhythm.interval_s = 4 * 3600;
    let before = poller.rhythm.clone();
    let outcome = poller.poll(&published, 3600.0 + 4.0 * 3600.0);
    assert_eq!(poller.gaps, 1);
    let next = next_poll(&policy, &before, 0, &outcome, second(18_000.0), 0.0);
    assert!(next.interval_s <= 600, "the window covers twenty minutes: {next:?}");
    assert!(next.why.contains("window"), "{next:?}");
}

proptest! {
    #[test]
    fn no_stock_taken_breaks_anything(
        times in proptest::collection::vec(proptest::option::of(-1_000_000_000i64..1_000_000_000), 0..12),
        fresh in proptest::collection::vec(any::<bool>(), 12),
        polls in 1usize..4,
    ) {
        let mut rhythm = Rhythm::default();
        for poll in 0..polls {
            let now = second(poll as f64 * 1000.0);
            let entries: Vec<Entry> = times
                .iter()
                .enumerate()
                .map(|(index, at)| Entry {
                    id: Some(format!("{}", index * poll)),
                    published: at.and_then(|at| Timestamp::from_second(NOON + at).ok()).map(|at| PressTime {
                        at,
                        offset_minutes: None,
                        precision: Precision::Minute,
                        zone_source: ZoneSource::Assumed,
                    }),
                    ..Entry::of_page(None, now)
                })
                .collect();
            let sights: Vec<Sight> = fresh.iter().take(entries.len()).map(|fresh| if *fresh { Sight::New } else { Sight::Ours }).collect();
            let (window, gap) = take_stock(&rhythm, &listed(&entries, now), &sights, now);
            if rhythm.window.is_none() {
                prop_assert_eq!(&gap, &None, "a first look shows no gap");
            }
            if sights.iter().all(|sight| *sight != Sight::New) {
                prop_assert_eq!(&gap, &None, "who knows all has lost nothing");
            }
            let outcome = PollOutcome::Read(Box::new(PollRead { window: Some(window), gap, ..read() }));
            rhythm = learn(&rhythm, &outcome, now);
            prop_assert!(rhythm.arrived.is_finite() && rhythm.over_s.is_finite() && rhythm.run_s.is_finite());
            let next = next_poll(&Policy::default(), &rhythm, 0, &outcome, now, 0.0);
            prop_assert!(next.interval_s >= 300);
        }
    }
}

// ---------------------------------------------------------------- through the real binary

/// Publishes at an agency and polls it by hand, `bursts` times; the entries that were never listed at a poll.
fn overrun(web: &NewsWeb, desk: &Desk, bursts: &[usize]) -> i64 {
    let window = 5;
    let mut lost = 0;
    for burst in bursts {
        for _ in 0..*burst {
            web.publish("gazette", Story::new());
        }
        lost += burst.saturating_sub(window) as i64;
        desk.once();
    }
    lost
}

fn small_window(change: impl FnOnce(&mut Agency)) -> NewsWeb {
    let mut agency = Agency { items: 5, window: 5, ..Agency::new("gazette") };
    change(&mut agency);
    NewsWeb::start(Plan::of([agency])).unwrap()
}

#[test]
fn a_feed_faster_than_its_poller_is_counted_logged_and_shown() {
    for (name, guid, dates, near) in [
        ("numbered", Guid::Opaque, Dates::Zoned, 0.0),
        ("permalinks", Guid::Permalink, Dates::Zoned, 0.0),
        ("no dates", Guid::Opaque, Dates::Absent, 0.0),
    ] {
        let web = small_window(|agency| (agency.guid, agency.dates) = (guid, dates));
        let desk = Desk::of(&web);
        desk.once();
        let lost = overrun(&web, &desk, &[12, 3, 30, 5, 1, 17]);
        let ledger = desk.ledger();
        let counted = ledger.count("select entries_lost from sources");
        println!(
            "{name}: {lost} lost, {counted} counted: {:?}",
            ledger.pairs("select from_at || ' ' || to_at, estimated || ' ' || reason from gaps")
        );
        assert!((counted - lost).abs() as f64 <= lost as f64 * near, "{name}: {lost} lost, {counted} counted");
        assert_eq!(ledger.count("select count(*) from gaps where filled = 0 and reason <> ''"), 3, "{name}");
        assert!(desk.say(&["status"]).contains("entries lost between two polls"), "{name}");
        let status: serde_json::Value = serde_json::from_str(&desk.say(&["status", "--json"])).unwrap();
        assert_eq!(status["status"]["entries_lost"], lost);
        assert_eq!(status["gaps"].as_array().unwrap().len(), 3);
    }
}

#[test]
fn a_feed_slower_than_its_poller_loses_nothing() {
    for dates in [Dates::Zoned, Dates::Absent, Dates::Local] {
        let web = small_window(|agency| agency.dates = dates);
        let desk = Desk::of(&web);
        desk.once();
        overrun(&web, &desk, &[4, 3, 0, 4, 1]);
        let ledger = desk.ledger();
        assert_eq!(ledger.count("select entries_lost from sources"), 0, "{dates:?}");
        assert_eq!(ledger.count("select count(*) from gaps"), 0, "{dates:?}");
    }
}

#[test]
fn a_running_daemon_says_what_it_lost_and_a_sitemap_gives_it_back() {
    let web = small_window(|agency| agency.guid = Guid::Permalink);
    let desk = Desk::of(&web);
    let daemon = desk.start();
    daemon.wait_for_line("wireroom is running");
    let ledger = desk.ledger();
    ledger.wait_for("select count(*) from articles", 5);
    let gate = web.hold(web.feed("gazette").as_str());
    gate.wait_for(LIMIT, 1).unwrap();
    let listed: Vec<String> = (0..20).map(|_| web.publish("gazette", Story::new()).url).collect();
    gate.release();
    daemon.wait_for_line("entries came and went between two polls");
    ledger.wait_for("select entries_lost from sources", 15);
    assert!(daemon.log().contains("lost=15"), "{}", daemon.log());
    daemon.stop();
    // A sitemap of the same source lists what was missed.
    web.change_agency("gazette", |agency| agency.window = 100);
    let (feed, sitemap) = (web.feed("gazette"), web.feed_url("gazette", newsweb::Format::NewsSitemap));
    let toml = desk.toml().replace(&format!("feed = {feed:?}"), &format!("sitemap = {sitemap:?}"));
    std::fs::write(desk.path("wireroom.toml"), toml).unwrap();
    desk.say(&["once"]);
    assert_eq!(ledger.count("select entries_lost from sources"), 0, "what came later was not lost");
    assert_eq!(ledger.count("select count(*) from articles"), 25);
    assert_eq!(listed.len(), 20);
    ledger.keeps_the_promise(&web);
}

#[test]
fn what_a_feed_needs_is_kept_and_said_once() {
    let web = NewsWeb::start(Plan::of([Agency { items: 6, ..Agency::new("gazette") }])).unwrap();
    let desk = Desk::of(&web);
    let daemon = desk.start();
    daemon.wait_for_line("wireroom is running");
    let ledger = desk.ledger();
    ledger.wait_for("select count(*) from articles", 6);
    assert_eq!(ledger.count("select count(*) from mendings"), 0, "a clean feed needs nothing");
    assert_eq!(ledger.count("select count(*) from feeds where mended_since is null and bytes_lost = 0 and diagnostics is null"), 1);
    web.change_agency("gazette", |agency| agency.malformed = Some(newsweb::Malformed::BareAmpersand));
    for article in 7..10 {
        web.publish("gazette", Story::new());
        ledger.wait_for("select count(*) from articles", article);
    }
    ledger.wait_for("select max(polls) >= 3 from mendings", 1);
    let log = daemon.log();
    assert_eq!(log.matches("the feed began to need mending").count(), 1, "said once, not at every poll: {log}");
    assert_eq!(ledger.count("select count(*) from feeds where mended_since is not null and json_array_length(diagnostics) > 0"), 1);
    let status = desk.say(&["status"]);
    assert!(status.contains("feeds that need mending") && status.contains(" polls"), "{status}");
    let json: serde_json::Value = serde_json::from_str(&desk.say(&["status", "--json"])).unwrap();
    assert_eq!((&json["status"]["feeds_mended"], json["mended_feeds"].as_array().unwrap().len()), (&1.into(), 1), "{json}");
    assert!(json["mendings"][0]["count"].as_i64().unwrap() > 0, "{json}");
    assert!(desk.say(&["sources"]).contains("mended"));
    web.change_agency("gazette", |agency| agency.malformed = None);
    web.publish("gazette", Story::new());
    ledger.wait_for("select count(*) from feeds where mended_since is null", 1);
    assert!(ledger.count("select count(*) from mendings") > 0, "what was, stays on record");
    assert!(!desk.say(&["status"]).contains("feeds that need mending"));
    daemon.stop();
}

#[test]
fn over_a_run_of_the_daemon_the_sum_is_near_the_truth() {
    for clock in [newsweb::Clock::Real, newsweb::Clock::Stepped(1_700_000_000)] {
        let agency = Agency { items: 10, window: 10, ..Agency::new("gazette") };
        let web = NewsWeb::start(Plan { clock, ..Plan::of([agency]) }).unwrap();
        let mut desk = Desk::of(&web);
        desk.schedule = "min_interval = \"500ms\"\nmax_interval = \"500ms\"".to_owned();
        let daemon = desk.start();
        daemon.wait_for_line("wireroom is running");
        let ledger = desk.ledger();
        ledger.wait_for("select count(*) from entries", 10);
        web.tick_every(Duration::from_millis(12));
        super::operator::wait_until(|| web.events().len() >= 400, || "the web stands still".to_owned());
        web.stop_ticking();
        let newest = web.events().last().unwrap().url.clone();
        ledger.wait_for(&format!("select count(*) from entries where url = '{newest}'"), 1);
        assert_eq!(daemon.stop().code(), Some(0));
        let published = 10 + web.events().len() as i64;
        let lost = published - ledger.count("select count(*) from entries");
        let counted = ledger.count("select entries_lost from sources");
        println!("{clock:?}: {published} published, {lost} lost, {counted} counted");
        assert!(lost > 100, "{lost}");
        assert!((counted - lost).abs() * 5 <= lost, "{lost} lost, {counted} counted");
    }
}
