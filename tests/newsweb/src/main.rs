//! The fake news web by hand: prints its feeds, publishes now and then, logs what is asked to standard output.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use newsweb::{Faults, NewsWeb, Plan, demo_plan};

const USAGE: &str = "newsweb [--agencies N] [--items N] [--seed N] [--publish-every 5s] [--p503 0.05] [--p429 0.03] [--preset 0.02]
        [--latency-ms LOW-HIGH] [--for 60s] [--log FILE.tsv]
Without --agencies, the five agencies of `wireroom demo`.";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = options(std::env::args().skip(1))?;
    let text = |name: &str| options.get(name).map(String::as_str);
    let number = |name: &str, default: usize| text(name).map_or(Ok(default), str::parse);
    let chance = |name: &str| text(name).map_or(Ok(0.0), str::parse::<f64>);

    let seed = number("seed", 7)? as u64;
    let mut plan = match text("agencies") {
        Some(count) => Plan::mixed(count.parse()?, number("items", 10)?, seed),
        None => Plan { seed, ..demo_plan() },
    };
    plan.faults = Faults { p503: chance("p503")?, p429: chance("p429")?, preset: chance("preset")?, ..Faults::default() };
    if let Some((low, high)) = text("latency-ms").and_then(|range| range.split_once('-')) {
        plan.faults.latency = (Duration::from_millis(low.parse()?), Duration::from_millis(high.parse()?));
    }

    let web = NewsWeb::start(plan)?;
    for agency in web.agencies() {
        println!("{agency}\t{}", web.feed(&agency));
    }
    if let Some(period) = text("publish-every") {
        web.tick_every(seconds(period)?);
    }
    let life = text("for").map(seconds).transpose()?;
    watch(&web, life);
    if let Some(path) = text("log") {
        web.write_log(path)?;
    }
    Ok(())
}

/// Prints requests and events as they come, until the time is over.
fn watch(web: &NewsWeb, life: Option<Duration>) {
    let started = tokio::time::Instant::now();
    let (mut answered, mut events) = (0, 0);
    while life.is_none_or(|life| started.elapsed() < life) {
        // Whether something came or the wait ended, both lists are looked through.
        let _ =
            web.wait_for(Duration::from_millis(500), |log| log.iter().filter(|row| row.done_at_ms.is_some()).count() > answered);
        for event in web.events().into_iter().skip(events) {
            events += 1;
            println!("{:>8} ms  {:?}: {} {}", event.at_ms, event.deed, event.url, event.title);
        }
        let log = web.log();
        let mut done: Vec<_> = log.iter().filter(|row| row.done_at_ms.is_some()).collect();
        done.sort_by_key(|row| row.done_at_ms);
        for row in &done[answered.min(done.len())..] {
            println!("{:>8} ms  {} {} {}{} {}", row.at_ms, row.status, row.method, row.host, row.target, row.faults.join(", "));
        }
        answered = done.len();
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> io::Result<BTreeMap<String, String>> {
    let known = ["agencies", "items", "seed", "publish-every", "p503", "p429", "preset", "latency-ms", "for", "log"];
    let mut options = BTreeMap::new();
    while let Some(argument) = arguments.next() {
        let name = argument.strip_prefix("--").filter(|name| known.contains(name));
        let (Some(name), Some(value)) = (name, arguments.next()) else { return Err(io::Error::other(USAGE)) };
        options.insert(name.to_owned(), value);
    }
    Ok(options)
}

/// `1.5s` or `90`.
fn seconds(text: &str) -> Result<Duration, Box<dyn std::error::Error>> {
    Ok(Duration::try_from_secs_f64(text.trim_end_matches('s').parse()?)?)
}
