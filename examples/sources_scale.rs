//! A ledger with very many sources: how long a start takes, what a turn of the poll lane costs, how much memory is held.
//!
//! `cargo run --release --example sources_scale -- [sources] [hosts]`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that measures prints, and ends where it cannot go on"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use wireroom::config;
use wireroom::daemon;
use wireroom::model::{
    Address, Entry, EntryKey, FeedClaim, Head, HostState, HubWish, NewEntry, Pace, PollCommit, PollOutcome, PollRead, Precision,
    PressTime, Rhythm, Scope, Timestamp, Validators, Window, ZoneSource,
};
use wireroom::schedule::{self, Policy};
use wireroom::store::{Lane, Role, Settings, StoreHandle};

const NOW: i64 = 1_780_000_000;
const PACE: Pace = Pace { delay: Duration::from_secs(1), per_host: 1 };
const LEASE: Duration = Duration::from_secs(600);
/// As many polls at once as the shipped configuration allows.
const WIDTH: usize = 16;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    if let [word, folder] = &arguments[..]
        && word == "measure"
    {
        return runtime.block_on(measure(Path::new(folder)));
    }
    let number = |index: usize, default: usize| arguments.get(index).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (sources, hosts) = (number(0, 100_000), number(1, 20_000));
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("wireroom.toml"), configuration(sources, hosts)).expect("written");
    runtime.block_on(fill(folder.path(), sources));
    // A process of its own, so that its memory is that of a start and no more.
    let own = std::env::current_exe().expect("this program");
    let status = std::process::Command::new(own).arg("measure").arg(folder.path()).status().expect("it runs");
    assert!(status.success());
}

fn configuration(sources: usize, hosts: usize) -> String {
    let mut text = "[fetch]\ncontact = \"mailto:desk@example.org\"\n\n[store]\nurl = \"sqlite:ledger.db\"\n\n".to_owned();
    for index in 0..sources {
        let host = index % hosts;
        text += &format!(
            "[[source]]\nname = \"desk-{index}\"\nagency = \"Agency {host}\"\nfeed = \"https://h{host}.example.org/{index}/feed.xml\"\n\n"
        );
    }
    text
}

fn load(folder: &Path) -> config::Settings {
    let text = std::fs::read_to_string(folder.join("wireroom.toml")).expect("readable");
    let file = config::File { name: "wireroom.toml".to_owned(), text };
    config::parse_files(&file, &[], &folder.display().to_string()).expect("a configuration")
}

fn now(after: i64) -> Timestamp {
    Timestamp::from_second(NOW + after).expect("an instant of this century")
}

fn open(settings: &Settings) -> StoreHandle {
    StoreHandle::open(settings, Role::Lanes).expect("a ledger")
}

/// The first start, and one poll of every feed, so that each has its rhythm.
async fn fill(folder: &Path, sources: usize) {
    let begun = Instant::now();
    let settings = load(folder);
    println!("{sources} sources: configuration read in {:.2} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let store = open(&settings.store);
    daemon::enrol(&store, &settings, now(0)).await.expect("enrolled");
    println!("first start, all sources new: {:.2} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let mut polled = 0;
    let mut at = 1;
    while polled < sources {
        let count = store
            .write(move |ledger| {
                let pace = Pace { delay: Duration::ZERO, per_host: 64 };
                let claims = ledger.claim_feeds(now(at), 500, Scope::Due, &pace, LEASE)?;
                for claim in &claims {
                    let commit = first_poll(claim, now(at));
                    ledger.commit_poll(claim, &commit)?;
                }
                Ok(claims.len())
            })
            .await
            .expect("polled");
        assert!(count > 0, "every feed is due once");
        polled += count;
        at += 1;
    }
    println!("one poll of each: {:.2} s", begun.elapsed().as_secs_f64());
    store.close();
}

/// What is learnt of a feed with a window of twenty entries, and one poll of it that brought nothing new.
fn first_poll(claim: &FeedClaim, now: Timestamp) -> PollCommit {
    let pace = 600 + claim.feed.0 % 97 * 900;
    let fresh: Vec<NewEntry> = (0..20).map(|index| entry(now, index * pace)).collect();
    let window = Window {
        entries: 20,
        fresh: 20,
        newest: (0..16).map(|index| now - Duration::from_secs(index * pace as u64)).collect(),
        oldest: Some(now - Duration::from_secs(19 * pace as u64)),
        dated: 20,
        ..Window::default()
    };
    let outcome = PollOutcome::Read(Box::new(PollRead {
        validators: Some(Validators::default()),
        window: Some(window),
        ..PollRead::of_entries(head(claim, now), fresh)
    }));
    planned(claim, &claim.rhythm, outcome, now, 0.5)
}

fn head(claim: &FeedClaim, now: Timestamp) -> Head {
    let validators = Validators { etag: Some(b"\"0123456789abcdef\"".to_vec()), last_modified: None };
    Head {
        status: 200,
        final_url: claim.url.clone(),
        validators,
        fresh_for: None,
        moved_to: None,
        fetched_at: now,
        fields: Default::default(),
    }
}

fn entry(now: Timestamp, age: i64) -> NewEntry {
    let at = now - Duration::from_secs(age.unsigned_abs());
    let time = PressTime { at, offset_minutes: Some(0), precision: Precision::Instant, zone_source: ZoneSource::Page };
    let entry = Entry { published: Some(time), ..Entry::of_page(None, now) };
    NewEntry { key: EntryKey(String::new()), also: Vec::new(), entry, url_key: None, host: None, digest: [0; 16], skipped: None }
}

/// The commit of a poll: what it taught is kept, no entry is written.
fn planned(claim: &FeedClaim, rhythm: &Rhythm, outcome: PollOutcome, now: Timestamp, dice: f64) -> PollCommit {
    let policy = Policy::default();
    let next = schedule::next_poll(&policy, rhythm, claim.failures, &outcome, now, dice);
    let rhythm = schedule::remember(&policy, rhythm, &outcome, &next, now);
    let host = HostState { host: claim.host.host.clone(), ..HostState::default() };
    let outcome = PollOutcome::Unchanged(head(claim, now));
    PollCommit {
        outcome,
        host,
        polled_at: now,
        next,
        rhythm,
        met: Vec::new(),
        look_again: None,
        address: Address::Stays,
        hub: HubWish::Keep,
        trust: None,
    }
}

/// A start on the full ledger, and turns of the poll lane.
async fn measure(folder: &Path) {
    let begun = Instant::now();
    let settings = load(folder);
    let read = begun.elapsed();
    let store = open(&settings.store);
    let opened = begun.elapsed();
    daemon::enrol(&store, &settings, now(4000)).await.expect("enrolled");
    let started = begun.elapsed();
    println!(
        "start: {:.2} s (configuration {:.2}, ledger opened {:.2}, enrolled {:.2}); goal 5 s",
        started.as_secs_f64(),
        read.as_secs_f64(),
        (opened - read).as_secs_f64(),
        (started - opened).as_secs_f64()
    );
    println!("memory after start: {} MiB, at most so far {} MiB", memory("VmRSS"), memory("VmHWM"));
    let mut times: Vec<[f64; 4]> = Vec::new();
    for turn in 0..300 {
        let at = now(20_000 + turn);
        let begun = Instant::now();
        let claims = store.write(move |ledger| ledger.claim_feeds(at, WIDTH, Scope::Due, &PACE, LEASE)).await.expect("claimed");
        let claimed = begun.elapsed();
        assert_eq!(claims.len(), WIDTH, "enough is due");
        let begun = Instant::now();
        let commits: Vec<PollCommit> =
            claims.iter().map(|claim| planned(claim, &claim.rhythm, PollOutcome::Unchanged(head(claim, at)), at, 0.5)).collect();
        let planned = begun.elapsed();
        let begun = Instant::now();
        let pairs: Vec<(FeedClaim, PollCommit)> = claims.into_iter().zip(commits).collect();
        store
            .write(move |ledger| pairs.iter().try_for_each(|(claim, commit)| ledger.commit_poll(claim, commit).map(drop)))
            .await
            .expect("committed");
        let committed = begun.elapsed();
        let begun = Instant::now();
        store.read(move |ledger| ledger.next_turn(at, Scope::Due, Lane::Poll, &PACE)).await.expect("told");
        times.push([claimed, planned, committed, begun.elapsed()].map(|time| time.as_secs_f64() * 1000.0));
    }
    let at = |which: usize, part: f64| {
        let mut list: Vec<f64> = times.iter().map(|time| if which == 4 { time[0] + time[1] } else { time[which] }).collect();
        list.sort_by(f64::total_cmp);
        list[((list.len() - 1) as f64 * part) as usize]
    };
    println!("a turn of {WIDTH} polls, ms (median, 95 of 100, longest), wall:");
    for (which, name) in [(0, "claim"), (1, "plan"), (4, "claim and plan (goal 10)"), (2, "commit"), (3, "next turn")] {
        println!("  {name:26} {:7.2} {:7.2} {:7.2}", at(which, 0.5), at(which, 0.95), at(which, 1.0));
    }
    println!("memory at the end: {} MiB, at most {} MiB; goal 150", memory("VmRSS"), memory("VmHWM"));
    let size = std::fs::metadata(folder.join("ledger.db")).map(|about| about.len()).unwrap_or_default();
    println!("ledger: {} MiB", size >> 20);
    store.close();
}

/// A line of this process's status, MiB.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.split_whitespace().nth(1)?.parse::<u64>().ok());
    found.unwrap_or_default() / 1024
}
