//! Drift of a source's pages against its own history: layout changes are found soon, steady sources are never accused.

use newsweb::{Agency, NewsWeb, Plan, Story};
use wireroom::article;
use wireroom::model::{Facet, Shape};

use crate::boilerplate::Writer;
use crate::operator::Desk;

/// How often the history is followed.
const BEFORE: usize = 200;

/// A kind of source: how long its texts are, how often it names authors and dates.
#[derive(Clone, Copy)]
struct Kind {
    median: f64,
    spread: f64,
    authors: f64,
    dates: f64,
    /// Of a hundred pages, so many come in stretches without a byline.
    bursts: bool,
}

const KINDS: [Kind; 5] = [
    Kind { median: 2_400.0, spread: 0.4, authors: 0.95, dates: 1.0, bursts: false },
    Kind { median: 900.0, spread: 0.9, authors: 0.75, dates: 0.97, bursts: true },
    Kind { median: 5_000.0, spread: 0.6, authors: 0.85, dates: 1.0, bursts: true },
    Kind { median: 1_500.0, spread: 1.1, authors: 0.0, dates: 0.9, bursts: false },
    Kind { median: 3_000.0, spread: 0.7, authors: 1.0, dates: 1.0, bursts: false },
];

struct Source {
    kind: Kind,
    dice: Writer,
    quiet: usize,
}

impl Source {
    fn chance(&mut self, p: f64) -> bool {
        (self.dice.below(1_000_000) as f64) < p * 1e6
    }

    /// A page as this source prints it: lengths are log-normal, some hours have no byline.
    fn page(&mut self) -> Shape {
        let normal: f64 = (0..12).map(|_| self.dice.below(1_000_000) as f64 / 1e6).sum::<f64>() - 6.0;
        if self.kind.bursts && self.quiet == 0 && self.chance(0.02) {
            self.quiet = 4;
        }
        self.quiet = self.quiet.saturating_sub(1);
        let (authors, dates) = (self.kind.authors, self.kind.dates);
        Shape {
            characters: (self.kind.median * (self.kind.spread * normal).exp()) as u32,
            authors: self.quiet == 0 && self.chance(authors),
            dated: self.chance(dates),
            selectors: self.chance(0.99),
        }
    }
}

/// Follows a source as the ledger does; the page at which an alarm of this facet first rose.
fn follow(pages: &[Shape], from: usize) -> Vec<(usize, Facet)> {
    let mut alarms = Vec::new();
    for at in from..pages.len() {
        let before = &pages[at.saturating_sub(BEFORE)..at];
        for drift in article::drifts(before, &pages[at..=at]) {
            if !alarms.iter().any(|(_, facet)| *facet == drift.facet) {
                alarms.push((at, drift.facet));
            }
        }
    }
    alarms
}

#[test]
fn layout_changes_are_found_within_twenty_articles_and_steady_sources_are_left_alone() {
    let (mut false_alarms, mut steady) = (0, 0);
    for seed in 0..6 {
        for (number, kind) in KINDS.into_iter().enumerate() {
            let mut source = Source { kind, dice: Writer::new(1_000 * seed + number as u64 + 1), quiet: 0 };
            let pages: Vec<Shape> = (0..1_000).map(|_| source.page()).collect();
            let alarms = follow(&pages, 0);
            assert_eq!(alarms, [], "seed {seed}, kind {number}");
            false_alarms += alarms.len();
            steady += pages.len();
        }
    }
    type Change = fn(&mut Shape);
    let changes: [(&str, Facet, usize, Change); 10] = [
        ("the body is a teaser", Facet::Body, 0, |page| page.characters = 160),
        ("the body is empty", Facet::Body, 1, |page| page.characters = 0),
        ("the body is its first fifth", Facet::Body, 2, |page| page.characters /= 5),
        ("the body swallows the page", Facet::Body, 0, |page| page.characters = 4 * page.characters + 9_000),
        ("no author", Facet::Authors, 0, |page| page.authors = false),
        ("no author where three of four pages had one", Facet::Authors, 1, |page| page.authors = false),
        ("no author on most pages", Facet::Authors, 4, |page| page.authors = page.authors && page.characters % 8 == 0),
        ("no date", Facet::Dates, 0, |page| page.dated = false),
        ("no date on most pages", Facet::Dates, 3, |page| page.dated = page.dated && page.characters % 8 == 0),
        ("selectors match no more", Facet::Selectors, 2, |page| page.selectors = false),
    ];
    let mut worst = 0;
    for (what, facet, kind, change) in changes {
        for seed in 0..10 {
            let mut source = Source { kind: KINDS[kind], dice: Writer::new(77 * seed + 5), quiet: 0 };
            let mut pages: Vec<Shape> = (0..300).map(|_| source.page()).collect();
            pages.extend((0..40).map(|_| {
                let mut page = source.page();
                change(&mut page);
                page
            }));
            let found = follow(&pages, 290).into_iter().find(|(_, found)| *found == facet).map(|(at, _)| at as i64 - 299);
            let after = found.unwrap_or(i64::MAX);
            assert!((1..=20).contains(&after), "{what}, seed {seed}: found after {after}");
            worst = worst.max(after);
        }
    }
    println!(
        "drift: {false_alarms} alarms on {steady} steady articles of 30 sources; 10 layout changes x 10 seeds found after {worst} articles at most"
    );
}

#[test]
fn an_alarm_stays_until_the_pages_are_as_they_were() {
    let mut source = Source { kind: KINDS[0], dice: Writer::new(3), quiet: 0 };
    let before: Vec<Shape> = (0..200).map(|_| source.page()).collect();
    let mut lately: Vec<Shape> = (0..24).map(|_| Shape { authors: false, ..source.page() }).collect();
    assert!(article::drifts(&before, &lately).iter().any(|drift| drift.facet == Facet::Authors));
    lately.extend((0..18).map(|_| source.page()));
    assert_eq!(article::drifts(&before, &lately), []);
    assert_eq!(article::drifts(&before[..20], &lately), [], "a short history says nothing");
}

#[test]
fn status_tells_of_a_new_layout_and_the_log_tells_it_once() {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, window: 80, ..Agency::new("gazette") }])).unwrap();
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.source(
        "gazette",
        &web.feed("gazette"),
        "[source.extract]\nbody = \"main article, [itemprop=articleBody], .article-content, article\"",
    );
    for _ in 0..50 {
        web.publish("gazette", Story::new());
    }
    desk.once();
    let status = |desk: &Desk| -> serde_json::Value { serde_json::from_str(&desk.say(&["status", "--json"])).unwrap() };
    assert_eq!(status(&desk)["drifts"], serde_json::json!([]));
    // The new layout shows a teaser and loads the rest with a script.
    let mut logs = String::new();
    for number in 0..20 {
        let story = web.publish("gazette", Story::new());
        let path = &story.url[story.url.match_indices('/').nth(2).unwrap().0..];
        let title = web.truth_of(&story.url).article.title;
        let page = format!(
            "<html lang=en><head><title>{title}</title></head><body><div class=app><h1>{title}</h1><section><p>Officials met on the quay to talk about matter {number} of the day, and more is to come.</p></section></div></body></html>"
        );
        web.set_page("gazette", path, newsweb::Response::html(page));
        desk.write();
        let output = desk.run(&["once"]);
        logs += &String::from_utf8_lossy(&output.stderr);
    }
    let drifts = status(&desk)["drifts"].clone();
    let facets: Vec<&str> = drifts.as_array().unwrap().iter().map(|row| row["facet"].as_str().unwrap()).collect();
    assert!(facets.contains(&"body") && facets.contains(&"selectors"), "{drifts:#}");
    let said = desk.say(&["status"]);
    assert!(said.contains("new layout") && said.contains("gazette: body of "), "{said}");
    let warned = logs.lines().filter(|line| line.contains("its layout may have changed")).count();
    assert_eq!(warned, facets.len(), "once each:\n{logs}");
}
