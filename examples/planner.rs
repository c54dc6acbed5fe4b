//! A synthetic month of news, polled by the real `schedule` and by simpler policies at the same number of polls.
//!
//! `cargo run --release --example planner -- [feeds] [seeds] [first seed] [polls a day]`

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "an example that measures and prints")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use wireroom::model::{
    Budget, Entry, EntryKey, Failure, Head, Hints, NewEntry, PollOutcome, PollRead, Precision, PressTime, Rhythm, Sight, Timestamp,
    Trouble, Url, Validators, ZoneSource,
};
use wireroom::schedule::{self, Policy};

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
/// A Monday, 0 h UTC.
const ORIGIN: i64 = 1_779_667_200;
/// What is generated before the first poll, what is learnt and not measured, what is measured.
const BEFORE: f64 = 30.0 * DAY;
const LEARNING: f64 = 14.0 * DAY;
const MONTH: f64 = 28.0 * DAY;
/// Polls go on so long after the month, so that its last items are seen.
const AFTER: f64 = DAY;
const FLOOR: f64 = 5.0 * MINUTE;
const CAP: f64 = 4.0 * HOUR;

fn main() {
    let mut arguments =
        std::env::args().skip(1).map(|text| text.parse::<u64>().expect("numbers: feeds, seeds, first seed, polls a day"));
    let feeds = arguments.next().unwrap_or(300) as usize;
    let seeds = arguments.next().unwrap_or(5);
    let first = arguments.next().unwrap_or(1);
    let polls_per_day = arguments.next().unwrap_or(24) as u32;
    println!(
        "{feeds} feeds, seeds {first} to {}, {polls_per_day} polls a feed and day, floor 5 min, ceiling 4 h",
        first + seeds - 1
    );
    println!(
        "hints: ttl on 30 % (5 to 60 min), max-age on 20 % (1 to 15 min), none longer than a sixth of what the window lasts; skipHours at night on 2 %, Retry-After (2 to 30 min) at 0.1 % of polls;"
    );
    println!("every policy keeps to them. forced: lost although polled as soon as server and floor allowed.\n");
    let names = ["fixed", "ttl only", "entry frequency", "AIMD (before)", "planner"];
    let mut sums = vec![Report::default(); names.len()];
    for seed in first..first + seeds {
        let world: Vec<Feed> = (0..feeds).map(|index| Feed::new(index, &mut Dice::new(seed * 1_000_003 + index as u64))).collect();
        let begun = Instant::now();
        let planner = run(&world, seed, &mut Planner::new(&world, polls_per_day, seed));
        let took = begun.elapsed();
        let target = planner.polls;
        let reports = [
            at_equal_polls(target, 60.0, 40_000.0, |interval| run(&world, seed, &mut Fixed(interval))),
            at_equal_polls(target, 0.02, 50.0, |scale| run(&world, seed, &mut TtlOnly(scale))),
            at_equal_polls(target, 0.02, 500.0, |scale| run(&world, seed, &mut EntryFrequency::new(&world, scale))),
            at_equal_polls(target, 1.005, 6.0, |growth| run(&world, seed, &mut Aimd::new(&world, growth))),
            planner,
        ];
        let a_day = reports[4].items as f64 / feeds as f64 / (MONTH / DAY);
        println!("seed {seed}: {a_day:.1} items a feed and day; planner ran {:.1} s", took.as_secs_f64());
        print_table(&names, &reports);
        for (sum, report) in sums.iter_mut().zip(&reports) {
            sum.add(report, seeds as f64);
        }
    }
    println!("mean of {seeds} seeds");
    print_table(&names, &sums);
    let [fixed, .., planner] = &sums[..] else { return };
    println!(
        "planner against fixed: mean x{:.3} (goal 0.40), median x{:.3} (goal 0.25), missed {:.4} % (goal 0.05), violations {} (goal 0)",
        planner.mean / fixed.mean,
        planner.median / fixed.median,
        planner.missed,
        planner.violations
    );
    for (kind, share) in KINDS.iter().zip(&planner.by_kind) {
        println!("  {kind:7}: planner mean {:6.1} min, {:5.1} polls a day, missed {:.4} %", share.0, share.1, share.2);
    }
}

const KINDS: [&str; 6] = ["agency", "paper", "blog", "batch", "cron", "dead"];

// ---------------------------------------------------------------- the world

/// Chance, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.next()).ln()
    }

    fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        let normal = (-2.0 * (1.0 - self.next()).ln()).sqrt() * (std::f64::consts::TAU * self.next()).cos();
        median * (sigma * normal).exp()
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[(self.next() * list.len() as f64) as usize % list.len()]
    }
}

/// One feed: what it publishes, and what its server asks for.
struct Feed {
    kind: usize,
    /// Seconds from the first day of polls, ascending.
    published: Vec<f64>,
    window: usize,
    ttl: Option<f64>,
    fresh_for: Option<f64>,
    skip_hours: Vec<u8>,
}

impl Feed {
    fn new(index: usize, dice: &mut Dice) -> Feed {
        let kind = match index % 100 {
            ..6 => 0,
            6..50 => 1,
            50..75 => 2,
            75..84 => 3,
            84..89 => 4,
            _ => 5,
        };
        let window =
            if kind == 0 { dice.of(&[20, 25, 30, 40, 50, 75, 100]) } else { dice.of(&[10, 15, 20, 25, 30, 40, 50, 75, 100]) };
        let zone = dice.between(-12.0, 12.0) * HOUR;
        let mut published = match kind {
            0 => newsroom(dice, 220.0, 0.7, 0.3, zone),
            1 => newsroom(dice, 16.0, 0.5, 0.02, zone),
            2 => newsroom(dice, 0.5, 0.7, 0.02, zone),
            3 => batches(dice, zone, window),
            4 => cron(dice),
            _ => vec![-BEFORE + dice.next() * DAY],
        };
        published.iter_mut().for_each(|at| *at = at.floor());
        published.sort_by(f64::total_cmp);
        // Nobody lists less than half an hour of news, on the average.
        let window = window.max((published.len() as f64 / ((BEFORE + LEARNING + MONTH) / DAY) / 48.0) as usize);
        // Nobody asks for longer than a sixth of what the window lasts on the average: such news would reach nobody.
        let lasts = window as f64 * (BEFORE + LEARNING + MONTH) / published.len() as f64;
        let night = (-zone / HOUR).rem_euclid(24.0);
        Feed {
            kind,
            published,
            window,
            ttl: (dice.next() < 0.3)
                .then(|| dice.of(&[5.0, 5.0, 10.0, 10.0, 15.0, 15.0, 30.0, 30.0, 60.0]) * MINUTE)
                .filter(|ttl| *ttl <= lasts / 6.0),
            fresh_for: (dice.next() < 0.2).then(|| dice.of(&[60.0, 300.0, 600.0, 900.0])).filter(|fresh| *fresh <= lasts / 6.0),
            skip_hours: if dice.next() < 0.02 {
                (1..5).map(|hour| ((night + f64::from(hour)) % 24.0) as u8).collect()
            } else {
                Vec::new()
            },
        }
    }

    /// Whether a poll at this time falls into hours in which the feed asks not to be read.
    fn skips(&self, at: f64) -> bool {
        self.skip_hours.contains(&((at.rem_euclid(DAY) / HOUR) as u8))
    }

    /// The first time from `at` on that is not skipped.
    fn open(&self, mut at: f64) -> f64 {
        while self.skips(at) {
            at = (at / HOUR).floor() * HOUR + HOUR;
        }
        at
    }

    fn wish(&self) -> f64 {
        self.ttl.unwrap_or(0.0).max(self.fresh_for.unwrap_or(0.0))
    }
}

/// How busy a newsroom is by local hour; 1 on the average.
fn profile(hour: f64, night: f64) -> f64 {
    let day =
        [0.3, 0.2, 0.1, 0.1, 0.2, 0.5, 0.9, 1.3, 1.6, 1.7, 1.8, 1.8, 1.6, 1.6, 1.7, 1.7, 1.6, 1.5, 1.2, 1.0, 0.9, 0.8, 0.6, 0.4];
    let mean = day.iter().sum::<f64>() / 24.0;
    let here = day[hour as usize % 24] / mean;
    night + (1.0 - night) * here
}

fn newsroom(dice: &mut Dice, median: f64, sigma: f64, night: f64, zone: f64) -> Vec<f64> {
    let rate = dice.lognormal(median, sigma);
    let weekend = dice.between(0.5, 0.75);
    let (begin, end) = (-BEFORE, LEARNING + MONTH + AFTER);
    let mut published = Vec::new();
    let usual = |at: f64| {
        let local = at + zone;
        let day = (local / DAY).floor().rem_euclid(7.0);
        profile(local.rem_euclid(DAY) / HOUR, night) * if day >= 5.0 { weekend } else { 1.0 }
    };
    // The rate is one of clusters, of one and a half entries on the average; by thinning.
    let most = rate * 2.2 / DAY;
    let mut at = begin;
    while at < end {
        at += dice.exponential(1.0 / most);
        if dice.next() * 2.2 > usual(at) {
            continue;
        }
        published.push(at);
        let mut more = at;
        while dice.next() < 1.0 / 3.0 {
            more += dice.exponential(3.0 * MINUTE);
            published.push(more);
        }
    }
    // Breaking news: once in five days or so, fading within 40 minutes.
    if median > 1.0 {
        let mut at = begin;
        while at < end {
            at += dice.exponential(5.0 * DAY);
            let extra = 1.0 + dice.exponential((rate / 24.0 * 2.0).clamp(2.0, 30.0));
            for _ in 0..extra as usize {
                published.push(at + dice.exponential(40.0 * MINUTE));
            }
        }
    }
    published.retain(|at| *at < end);
    published
}

fn batches(dice: &mut Dice, zone: f64, window: usize) -> Vec<f64> {
    let times: Vec<f64> =
        (0..1 + (dice.next() * 4.0) as usize).map(|_| (dice.between(5.0, 22.0) * HOUR - zone).rem_euclid(DAY)).collect();
    let size = dice.between(3.0, 0.8 * window.min(30) as f64);
    let mut published = Vec::new();
    let mut day = -BEFORE;
    while day < LEARNING + MONTH + AFTER {
        for time in &times {
            let at = day + time + dice.between(0.0, 4.0 * MINUTE);
            for _ in 0..dice.between(0.5 * size, size) as usize + 1 {
                published.push(at + dice.between(0.0, 30.0));
            }
        }
        day += DAY;
    }
    published
}

fn cron(dice: &mut Dice) -> Vec<f64> {
    let period = dice.of(&[1.0, 2.0, 3.0, 4.0, 6.0]) * HOUR;
    let mut at = -BEFORE + dice.between(0.0, period);
    let mut published = Vec::new();
    while at < LEARNING + MONTH + AFTER {
        for _ in 0..1 + (dice.next() * 3.0) as usize {
            published.push(at + dice.between(0.0, 60.0));
        }
        at += period;
    }
    published
}

// ---------------------------------------------------------------- a month

/// What a poll showed.
struct Seen {
    feed: usize,
    now: f64,
    /// Items listed, published so far in all, and new ones among those listed.
    listed: usize,
    out: usize,
    fresh: usize,
    /// The server asked for this time instead of answering.
    retry_after: Option<f64>,
}

/// A policy: when a feed is polled next.
trait Poller {
    /// The next poll, by the policy's own lights.
    fn next(&mut self, world: &[Feed], seen: &Seen) -> f64;
    /// Whether it knows of floor, hints and Retry-After itself.
    fn is_whole(&self) -> bool {
        false
    }
}

#[derive(Debug, Clone, Default)]
struct Report {
    polls: f64,
    items: usize,
    median: f64,
    mean: f64,
    p95: f64,
    per_feed: f64,
    missed: f64,
    forced: f64,
    hits: f64,
    violations: usize,
    by_kind: [(f64, f64, f64); 6],
}

impl Report {
    fn add(&mut self, other: &Report, of: f64) {
        for (sum, value) in [
            (&mut self.polls, other.polls),
            (&mut self.median, other.median),
            (&mut self.mean, other.mean),
            (&mut self.p95, other.p95),
            (&mut self.per_feed, other.per_feed),
            (&mut self.missed, other.missed),
            (&mut self.forced, other.forced),
            (&mut self.hits, other.hits),
        ] {
            *sum += value / of;
        }
        for (sum, value) in self.by_kind.iter_mut().zip(&other.by_kind) {
            *sum = (sum.0 + value.0 / of, sum.1 + value.1 / of, sum.2 + value.2 / of);
        }
        self.items += other.items;
        self.violations += other.violations;
    }
}

fn run(world: &[Feed], seed: u64, poller: &mut dyn Poller) -> Report {
    let mut dice = Dice::new(seed ^ 0x5555);
    let end = LEARNING + MONTH + AFTER;
    let measured = |at: f64| (LEARNING..LEARNING + MONTH).contains(&at);
    let mut queue: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    // Rounded up: a policy that waits for just as long as it must is not to be taken for one that came too early.
    let key = |at: f64| (at * 1000.0).ceil() as u64;
    for feed in 0..world.len() {
        queue.push(Reverse((key(dice.next() * HOUR), feed)));
    }
    // Published and known so far; the last poll, and when the server allows the next one.
    let mut known = vec![0usize; world.len()];
    let mut last = vec![(f64::NEG_INFINITY, f64::NEG_INFINITY); world.len()];
    let mut delays: Vec<Vec<f32>> = vec![Vec::new(); world.len()];
    let (mut polls, mut hits, mut violations) = (vec![0usize; world.len()], 0usize, 0usize);
    let (mut missed, mut forced) = (vec![0usize; world.len()], 0usize);
    while let Some(Reverse((at, feed))) = queue.pop() {
        let now = at as f64 / 1000.0;
        if now >= end {
            continue;
        }
        let truth = &world[feed];
        let (before, allowed) = last[feed];
        let is_early = |than: f64| now < than - 1e-6;
        if measured(now) && (is_early(allowed) || truth.skips(now) || is_early(before + FLOOR)) {
            violations += 1;
        }
        let retry_after = (dice.next() < 0.001).then(|| dice.of(&[120.0, 300.0, 900.0, 1800.0]));
        let out = truth.published.partition_point(|at| *at <= now);
        let begin = out.saturating_sub(truth.window);
        let mut fresh = 0;
        if retry_after.is_none() {
            let is_first = before == f64::NEG_INFINITY;
            fresh = out - begin.max(known[feed]);
            if !is_first {
                let lost = (known[feed]..begin).filter(|item| measured(truth.published[*item])).count();
                missed[feed] += lost;
                if now <= allowed.max(before + FLOOR) + 0.06 * (allowed.max(before + FLOOR) - before) {
                    forced += lost;
                }
                let seen = truth.published[begin.max(known[feed])..out].iter().filter(|at| measured(**at));
                delays[feed].extend(seen.map(|at| (now - at) as f32));
            }
            known[feed] = out;
        }
        if measured(now) {
            polls[feed] += 1;
            hits += usize::from(fresh > 0);
        }
        let seen = Seen { feed, now, listed: out - begin, out, fresh, retry_after };
        let mut next = poller.next(world, &seen);
        let allowed = now + retry_after.unwrap_or_else(|| truth.wish());
        if !poller.is_whole() {
            next = truth.open(next.max(now + FLOOR).max(allowed));
        }
        last[feed] = (now, allowed);
        queue.push(Reverse((key(next.max(now + 0.001)), feed)));
    }
    report(world, &delays, &polls, hits, &missed, forced, violations)
}

fn report(
    world: &[Feed],
    delays: &[Vec<f32>],
    polls: &[usize],
    hits: usize,
    missed: &[usize],
    forced: usize,
    violations: usize,
) -> Report {
    let mut all: Vec<f32> = delays.iter().flatten().copied().collect();
    all.sort_by(f32::total_cmp);
    let seen = all.len().max(1);
    let mean = |list: &[f32]| list.iter().map(|delay| f64::from(*delay)).sum::<f64>() / list.len().max(1) as f64 / MINUTE;
    let at = |part: f64| f64::from(all.get(((all.len() as f64) * part) as usize).copied().unwrap_or_default()) / MINUTE;
    let lively: Vec<f64> = delays.iter().filter(|list| !list.is_empty()).map(|list| mean(list)).collect();
    let lost: usize = missed.iter().sum();
    let total: usize = polls.iter().sum();
    let percent = |part: usize, of: usize| part as f64 * 100.0 / of.max(1) as f64;
    let by_kind = std::array::from_fn(|kind| {
        let of: Vec<usize> = (0..world.len()).filter(|feed| world[*feed].kind == kind).collect();
        let all: Vec<f32> = of.iter().flat_map(|feed| delays[*feed].iter().copied()).collect();
        let lost: usize = of.iter().map(|feed| missed[*feed]).sum();
        let polls: usize = of.iter().map(|feed| polls[*feed]).sum();
        (mean(&all), polls as f64 / of.len().max(1) as f64 / (MONTH / DAY), percent(lost, lost + all.len()))
    });
    Report {
        polls: total as f64 / world.len() as f64 / (MONTH / DAY),
        items: seen + lost,
        median: at(0.5),
        mean: mean(&all),
        p95: at(0.95),
        per_feed: lively.iter().sum::<f64>() / lively.len().max(1) as f64,
        missed: percent(lost, seen + lost),
        forced: percent(forced, seen + lost),
        hits: percent(hits, total),
        violations,
        by_kind,
    }
}

/// The report of a policy whose one parameter is set so that it polls as often as the planner did. A greater one polls less.
fn at_equal_polls(target: f64, mut low: f64, mut high: f64, mut run: impl FnMut(f64) -> Report) -> Report {
    let mut report = Report::default();
    for _ in 0..14 {
        let middle = (low * high).sqrt();
        report = run(middle);
        if (report.polls / target - 1.0).abs() < 0.002 {
            break;
        }
        if report.polls > target { low = middle } else { high = middle }
    }
    report
}

fn print_table(names: &[&str], reports: &[Report]) {
    println!("| policy | polls/d | median min | mean | p95 | per-feed mean | missed % | of them forced % | hit % | violations |");
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for (name, it) in names.iter().zip(reports) {
        println!(
            "| {name} | {:.2} | {:.1} | {:.1} | {:.1} | {:.1} | {:.4} | {:.4} | {:.0} | {} |",
            it.polls, it.median, it.mean, it.p95, it.per_feed, it.missed, it.forced, it.hits, it.violations
        );
    }
    println!();
}

// ---------------------------------------------------------------- simpler policies

struct Fixed(f64);

impl Poller for Fixed {
    fn next(&mut self, _: &[Feed], seen: &Seen) -> f64 {
        seen.now + self.0
    }
}

/// What the feed says, an hour where it says nothing, scaled.
struct TtlOnly(f64);

impl Poller for TtlOnly {
    fn next(&mut self, world: &[Feed], seen: &Seen) -> f64 {
        seen.now + (world[seen.feed].ttl.unwrap_or(HOUR) * self.0).min(DAY)
    }
}

/// A week by the number of entries in the last one (Miniflux), scaled.
struct EntryFrequency {
    scale: f64,
    counted: Vec<usize>,
}

impl EntryFrequency {
    fn new(world: &[Feed], scale: f64) -> EntryFrequency {
        EntryFrequency { scale, counted: vec![0; world.len()] }
    }
}

impl Poller for EntryFrequency {
    fn next(&mut self, world: &[Feed], seen: &Seen) -> f64 {
        let published = &world[seen.feed].published;
        let first = &mut self.counted[seen.feed];
        while *first < seen.out && published[*first] < seen.now - 7.0 * DAY {
            *first += 1;
        }
        let weekly = (seen.out - *first).max(1) as f64;
        seen.now + (7.0 * DAY / weekly * self.scale).clamp(FLOOR, DAY)
    }
}

/// What wireroom did before: shorter by 0.5 or 0.6 with news, longer by a factor without.
struct Aimd {
    growth: f64,
    interval: Vec<f64>,
}

impl Aimd {
    fn new(world: &[Feed], growth: f64) -> Aimd {
        Aimd { growth, interval: vec![HOUR; world.len()] }
    }
}

impl Poller for Aimd {
    fn next(&mut self, _: &[Feed], seen: &Seen) -> f64 {
        let factor = match seen.fresh {
            0 => self.growth,
            fresh if seen.listed >= 5 && fresh * 5 > seen.listed * 3 => 0.5,
            _ => 0.6,
        };
        let interval = &mut self.interval[seen.feed];
        *interval = (*interval * factor).clamp(FLOOR, CAP);
        seen.now + *interval
    }
}

// ---------------------------------------------------------------- the planner itself

struct Planner {
    policy: Policy,
    rhythms: Vec<Rhythm>,
    failures: Vec<u32>,
    budget: Budget,
    dice: Dice,
}

impl Planner {
    fn new(world: &[Feed], polls_per_day: u32, seed: u64) -> Planner {
        let policy = Policy {
            min_interval: Duration::from_secs_f64(FLOOR),
            max_interval: Duration::from_secs_f64(CAP),
            polls_per_day,
            ..Policy::default()
        };
        Planner {
            policy,
            rhythms: vec![Rhythm::default(); world.len()],
            failures: vec![0; world.len()],
            budget: Budget::default(),
            dice: Dice::new(seed ^ 0xaaaa),
        }
    }

    fn outcome(&self, feed: &Feed, seen: &Seen, now: Timestamp) -> PollOutcome {
        if let Some(asked) = seen.retry_after {
            let failure = Failure::Deferred(Duration::from_secs_f64(asked));
            return PollOutcome::Failed(Trouble { failure, class: "busy", reason: "503".to_owned() });
        }
        let head = Head {
            fields: Vec::new(),
            status: 200,
            final_url: Url::parse("https://agency.example.org/feed").expect("an address"),
            validators: Validators::default(),
            fresh_for: feed.fresh_for.map(Duration::from_secs_f64),
            moved_to: None,
            fetched_at: now,
        };
        let rhythm = &self.rhythms[seen.feed];
        if seen.fresh == 0 && rhythm.polls > 0 {
            return PollOutcome::Unchanged(head);
        }
        let first = seen.out - seen.listed;
        let entries: Vec<Entry> = feed.published[first..seen.out].iter().rev().map(|at| entry(*at, now)).collect();
        let sights: Vec<Sight> = (0..seen.listed).map(|index| if index < seen.fresh { Sight::New } else { Sight::Ours }).collect();
        let (window, gap) = schedule::take_stock(rhythm, &schedule::listed(&entries, now), &sights, now);
        let fresh = entries.into_iter().take(seen.fresh).map(|entry| NewEntry {
            key: EntryKey(String::new()),
            also: Vec::new(),
            entry,
            url_key: None,
            host: None,
            digest: [0; 16],
            skipped: None,
        });
        let hints = Hints { ttl: feed.ttl.map(Duration::from_secs_f64), skip_hours: feed.skip_hours.clone(), ..Hints::default() };
        let fresh: Vec<NewEntry> = fresh.collect();
        PollOutcome::Read(Box::new(PollRead {
            unchanged: seen.listed - seen.fresh,
            validators: Some(Validators::default()),
            window: Some(window),
            gap,
            hints,
            ..PollRead::of_entries(head, fresh)
        }))
    }
}

impl Poller for Planner {
    fn next(&mut self, world: &[Feed], seen: &Seen) -> f64 {
        let now = instant(seen.now);
        let outcome = self.outcome(&world[seen.feed], seen, now);
        let rhythm = Rhythm { budget: self.budget.clone(), ..std::mem::take(&mut self.rhythms[seen.feed]) };
        let dice = self.dice.next();
        let next = schedule::next_poll(&self.policy, &rhythm, self.failures[seen.feed], &outcome, now, dice);
        let learnt = schedule::remember(&self.policy, &rhythm, &outcome, &next, now);
        self.budget.exchange(&rhythm.costs, &learnt.costs);
        self.failures[seen.feed] = if matches!(outcome, PollOutcome::Failed(_)) { self.failures[seen.feed] + 1 } else { 0 };
        self.rhythms[seen.feed] = learnt;
        (next.at.as_nanosecond() - ORIGIN as i128 * 1_000_000_000) as f64 / 1e9
    }

    fn is_whole(&self) -> bool {
        true
    }
}

fn instant(at: f64) -> Timestamp {
    Timestamp::from_millisecond(ORIGIN * 1000 + (at * 1000.0).round() as i64).expect("an instant of this century")
}

fn entry(at: f64, now: Timestamp) -> Entry {
    let time = PressTime { at: instant(at), offset_minutes: Some(0), precision: Precision::Instant, zone_source: ZoneSource::Page };
    Entry { published: Some(time), ..Entry::of_page(None, now) }
}
