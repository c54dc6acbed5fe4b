//! Lines that a source puts around its texts: learnt from the ledger, cut, kept beside the article, brought back on a word;
//! and paragraphs of background that are repeated as well, and are none.

#![allow(clippy::disallowed_methods, reason = "a test that measures how long something took")]

use newsweb::{Agency, NewsWeb, Plan, Story};
use wireroom::article::boilerplate;
use wireroom::model::{
    Article, ArticleId, ChangeNumber, Committed, Edge, LineEvidence, Scope, ScrapeOutcome, SourceId, Timestamp, Url, Verdict,
};
use wireroom::store::Target;

use crate::operator::Desk;
use crate::store::{self, Ground};

/// What the agency prints under every text: no call to follow, which the cleaner knows by itself.
const TRAILER: [&str; 2] = [
    "The Harbour Gazette is read in forty countries and edited in nine bureaus on three continents.",
    "Harbour Gazette Wire / Room 12",
];

/// Short lines, which are learnt from few texts.
const SIGNS: [&str; 2] = ["Harbour Gazette Wire / Room 12", "Northern bureau / Room 14"];

/// What it repeats wherever the subject comes up.
pub(crate) const BACKGROUND: [&str; 5] = [
    "The two ports have argued over the right to dredge the northern channel since the old lighthouse was closed.",
    "The ferry line carried more than two million passengers in its best season and has lost a third of them since.",
    "Under the harbour treaty both towns share the income of the customs house in equal parts.",
    "The ministry has promised a new breakwater in each of its last four budgets, and built none of them.",
    "Fishermen of the outer islands say that the catch of herring has halved within one generation.",
];

/// A generator of texts whose words are drawn anew for each: no two of them are copies.
pub(crate) struct Writer(u64);

impl Writer {
    pub(crate) fn new(seed: u64) -> Writer {
        Writer(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % count
    }

    fn word(&mut self) -> String {
        const PARTS: [&str; 24] = [
            "ba", "den", "mo", "lis", "ter", "ka", "run", "ve", "sol", "pi", "gan", "hor", "est", "ni", "dal", "fer", "wick",
            "mar", "ton", "el", "qua", "sto", "bri", "um",
        ];
        (0..2 + self.below(2)).map(|_| PARTS[self.below(PARTS.len())]).collect()
    }

    pub(crate) fn sentence(&mut self) -> String {
        let words: Vec<String> = (0..10 + self.below(8)).map(|_| self.word()).collect();
        let text = words.join(" ");
        format!("{}{}, the council said.", text[..1].to_uppercase(), &text[1..])
    }

    pub(crate) fn text(&mut self, paragraphs: usize) -> Vec<String> {
        (0..paragraphs).map(|_| format!("{} {}", self.sentence(), self.sentence())).collect()
    }
}

/// Publishes articles `from..to` of the agency, 20 a day, the last of them today.
fn publish(web: &NewsWeb, writer: &mut Writer, range: std::ops::Range<usize>, in_a_row: bool) {
    let now = jiff::Timestamp::now().as_second();
    for number in range {
        let mut text = writer.text(9);
        if number % 10 < 3 {
            if in_a_row {
                text.extend(BACKGROUND.map(str::to_owned));
            } else {
                for _ in 0..2 {
                    let place = text.len() - writer.below(text.len() / 3 + 1);
                    let line = BACKGROUND[writer.below(BACKGROUND.len())].to_owned();
                    if !text.contains(&line) {
                        text.insert(place, line);
                    }
                }
            }
        }
        text.extend(TRAILER.map(str::to_owned));
        let title = writer.sentence().trim_end_matches(", the council said.").to_owned();
        let published_at = Some(now - 86_400 * 10 + number as i64 * 4_320);
        web.publish("gazette", Story { title: Some(title), paragraphs: Some(text), published_at, ..Story::new() });
    }
}

fn of(lines: &[&str]) -> String {
    let any = lines.iter().map(|line| format!("instr(body, '{line}') > 0"));
    any.collect::<Vec<_>>().join(" or ")
}

fn learns(in_a_row: bool) {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, window: 250, ..Agency::new("gazette") }])).unwrap();
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.source("gazette", &web.feed("gazette"), "max_age = \"60d\"");
    let mut writer = Writer::new(7);
    let mut cut_after = None;
    for round in 0..5 {
        publish(&web, &mut writer, round * 40..(round + 1) * 40, in_a_row);
        desk.once();
        let cut = desk.ledger().count("select count(*) from articles where cut <> '[]'");
        if cut > 0 && cut_after.is_none() {
            cut_after = Some(round);
        }
        if let Some(first) = cut_after
            && round > first
        {
            // Once learnt, every one of them.
            let newest =
                format!("select count(*) from (select body from articles order by id desc limit 40) where {}", of(&TRAILER));
            assert_eq!(desk.ledger().count(&newest), 0);
        }
    }
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 200);
    assert_eq!(ledger.count("select count(*) from stories"), 200, "texts with the same trailer are no copies");
    let before = ledger.count(&format!("select count(*) from articles where {}", of(&TRAILER)));
    let shown = desk.say(&["sources", "--boilerplate", "gazette"]);
    assert!(TRAILER.iter().all(|line| shown.contains(line)) && shown.contains("tail, cut since"), "{shown}");
    let rows: serde_json::Value = serde_json::from_str(&desk.say(&["sources", "--boilerplate", "gazette", "--json"])).unwrap();
    let learnt: Vec<&serde_json::Value> = rows.as_array().unwrap().iter().filter(|row| !row["learnt_at"].is_null()).collect();
    assert_eq!(learnt.len(), TRAILER.len(), "{learnt:#?}");

    let rows = ledger.count("select count(*) from edge_line");
    assert!(rows < 200 * 8, "{rows} lines are counted");
    let dry = desk.say(&["reprocess", "--dry-run"]);
    assert!(dry.contains(&format!("{before} would change")), "{dry}");
    assert_eq!(desk.ledger().count(&format!("select count(*) from articles where {}", of(&TRAILER))), before);
    let said = desk.say(&["reprocess", "--source", "gazette"]);
    assert!(said.contains(&format!("{before} changed")), "{said}");
    let ledger = desk.ledger();
    assert_eq!(ledger.count(&format!("select count(*) from articles where {}", of(&TRAILER))), 0, "of the earlier ones too");
    assert_eq!(ledger.count("select count(*) from articles where json_array_length(cut) = 2"), 200, "what was cut is kept");
    assert_eq!(ledger.count("select count(*) from revisions where revision > 1"), 0, "the pages did not change");
    let mut wanted = 0;
    for truth in web.truth() {
        let background = |text: &str| BACKGROUND.iter().filter(|line| text.contains(**line)).count();
        let body = ledger.text(&format!("select body from articles where url = '{}'", truth.url)).unwrap();
        wanted += background(&truth.article.paragraphs.join("\n"));
        assert_eq!(background(&body), background(&truth.article.paragraphs.join("\n")), "{}", truth.url);
    }
    println!(
        "boilerplate{}: 200 articles, learnt in round {} of 5, {before} earlier texts cut by reprocess, 0 trailers left, {wanted} of {wanted} background paragraphs kept, {rows} rows of counted lines",
        if in_a_row { " (background in a row at the end)" } else { "" },
        cut_after.unwrap() + 1
    );
    ledger.keeps_the_promise(&web);
    veto(&desk, &web, &mut writer);
}

/// A word against a line: what was cut comes back, later texts keep it.
fn veto(desk: &Desk, web: &NewsWeb, writer: &mut Writer) {
    let said = desk.say(&["sources", "--boilerplate", "gazette", "--veto", &TRAILER[0].to_uppercase()]);
    assert!(said.contains("200 articles got it back"), "{said}");
    publish(web, writer, 200..205, false);
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count(&format!("select count(*) from articles where {}", of(&TRAILER[..1]))), 205);
    assert_eq!(ledger.count(&format!("select count(*) from articles where {}", of(&TRAILER[1..]))), 0);
    assert_eq!(ledger.count("select count(*) from revisions where revision > 1"), 0);
    assert!(desk.say(&["sources", "--boilerplate", "gazette"]).contains("kept by your word"));
    let missing = desk.run(&["sources", "--boilerplate", "gazette", "--veto", "no such line"]);
    assert!(!missing.status.success());
    let again = desk.say(&["reprocess"]);
    assert!(again.contains("0 changed"), "what a word brought back stays: {again}");
}

#[test]
fn trailers_are_learnt_and_background_is_not() {
    learns(false);
}

#[test]
fn background_in_a_row_before_the_trailer_is_not_learnt() {
    learns(true);
}

#[test]
fn copies_meet_across_the_moment_of_learning_and_a_page_read_again_is_no_revision() {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, window: 250, ..Agency::new("gazette") }])).unwrap();
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.source("gazette", &web.feed("gazette"), "max_age = \"60d\"");
    let mut writer = Writer::new(11);
    let now = jiff::Timestamp::now().as_second();
    let mut text = writer.text(6);
    text.extend(TRAILER.map(str::to_owned));
    let story = |title: &str, at| Story {
        title: Some(title.to_owned()),
        paragraphs: Some(text.clone()),
        published_at: Some(at),
        ..Story::new()
    };
    let early = web.publish("gazette", story("Council sells the old pier", now - 86_400 * 9));
    for round in 0..2 {
        publish(&web, &mut writer, round * 40..(round + 1) * 40, false);
        desk.once();
    }
    let late = web.publish("gazette", story("Old pier is sold by the council", now - 3_600));
    desk.once();
    let ledger = desk.ledger();
    let story_of = |url: &str| ledger.count(&format!("select story_id from articles where url = '{url}'"));
    let cut = |url: &str| ledger.count(&format!("select json_array_length(cut) from articles where url = '{url}'"));
    assert_eq!((cut(&early.url), cut(&late.url)), (0, 2), "one was filed before the lines were known, one after");
    assert_eq!(story_of(&early.url), story_of(&late.url));
    // The page of the early one is read again: the lines are cut now, and the page says what it said.
    let id = ledger.count(&format!("select id from articles where url = '{}'", early.url));
    desk.say(&["retry", &id.to_string()]);
    desk.once();
    assert_eq!(cut(&early.url), 2);
    assert_eq!(ledger.count(&format!("select revision from articles where id = {id}")), 1);
    assert_eq!(story_of(&early.url), story_of(&late.url));
}

fn evidence(line: &str) -> LineEvidence {
    LineEvidence {
        id: 1,
        edge: Edge::Tail,
        line: line.to_owned(),
        normal: boilerplate::normal(line),
        articles: 8,
        at_edge: 8,
        texts: 8,
        stories: 8,
        days: 3,
        learnt_at: None,
        vetoed_at: None,
    }
}

#[test]
fn a_line_is_learnt_by_its_evidence_alone() {
    assert!(boilerplate::is_boilerplate(&evidence(SIGNS[0])));
    let few = evidence(TRAILER[0]);
    assert!(!boilerplate::is_boilerplate(&few), "a sentence that closes few texts may be the event of these days");
    let line = LineEvidence { articles: 40, at_edge: 40, texts: 40, ..few };
    assert!(boilerplate::is_boilerplate(&line));
    for (less, why) in [
        (LineEvidence { stories: 7, ..line.clone() }, "seven stories"),
        (LineEvidence { days: 2, ..line.clone() }, "two days"),
        (LineEvidence { at_edge: 35, ..line.clone() }, "it stands within texts too"),
        (LineEvidence { texts: 60, ..line.clone() }, "a sentence that a third of the texts lack"),
        (LineEvidence { vetoed_at: Some(Timestamp::UNIX_EPOCH), ..line.clone() }, "the operator's word"),
    ] {
        assert!(!boilerplate::is_boilerplate(&less), "{why}");
    }
    let call = evidence("Write to the desk at news@gazette.example.org");
    assert!(boilerplate::is_boilerplate(&LineEvidence { texts: 100, ..call }), "an address to write to is no news");
}

#[test]
fn a_day_without_its_year_is_a_date() {
    let lines = |line: &str| {
        let mut article = Article::new(Url::parse("https://gazette.example.org/1").unwrap());
        article.body = ["First.", "Second.", line].map(str::to_owned).to_vec();
        boilerplate::lines(&article).len() - 2
    };
    for dated in [
        "The earthquake of 20 November killed forty people in the valley.",
        "The vote is on Nov. 20th, the council said.",
        "El terremoto del 20 de noviembre dejó cuarenta muertos.",
        "Das Beben vom 20. November forderte vierzig Tote.",
        "Землетрясение 20 ноября унесло сорок жизней.",
        "地震は11月20日に起きた。",
    ] {
        assert_eq!(lines(dated), 0, "{dated}");
    }
    for plain in ["Stay up-to-date with more news at our channel", "Call 20 Harbour Street for more", "Read on: 3 more stories"] {
        assert_eq!(lines(plain), 1, "{plain}");
    }
}

#[test]
fn what_quotes_or_dates_is_no_line_to_learn() {
    let mut article = Article::new(Url::parse("https://gazette.example.org/1").unwrap());
    article.body = [
        "First.",
        "Second.",
        "Third.",
        "Fourth.",
        "Fifth.",
        "Sixth.",
        "Seventh.",
        "“We will see,” he said.",
        "Filed on 3 May 2026.",
        "Last  line!",
    ]
    .map(str::to_owned)
    .to_vec();
    let lines = boilerplate::lines(&article);
    let at = |edge| lines.iter().filter(|line| line.edge == edge).map(|line| line.normal.as_str()).collect::<Vec<_>>();
    assert_eq!(at(Some(Edge::Head)), ["first", "second", "third"]);
    assert_eq!(at(Some(Edge::Tail)), ["sixth", "seventh", "last line"]);
    assert_eq!(at(None), ["fourth", "fifth"]);
    assert_ne!(boilerplate::normal("Room 12"), boilerplate::normal("Room 13"), "numbers stay");
    assert_eq!(boilerplate::normal("“It’s  here…”"), boilerplate::normal("\"it's here…\""));
}

proptest::proptest! {
    #[test]
    fn any_line_can_be_counted(text in proptest::collection::vec("\\PC{0,60}", 0..20), cut in proptest::collection::vec("\\PC{0,60}", 0..4)) {
        let mut article = Article::new(Url::parse("https://gazette.example.org/1").unwrap());
        (article.body, article.cut) = (text.clone(), cut);
        let lines = boilerplate::lines(&article);
        let mut normals: Vec<&str> = lines.iter().map(|line| line.normal.as_str()).collect();
        normals.sort_unstable();
        normals.dedup();
        proptest::prop_assert_eq!(normals.len(), lines.len(), "each line once");
        for line in &text {
            let normal = boilerplate::normal(line);
            proptest::prop_assert_eq!(boilerplate::normal(&normal), normal);
        }
        // What was cut comes back, whatever stands around it.
        let before = article.cut.len() + article.body.len();
        if let Some(line) = article.cut.first().cloned() {
            proptest::prop_assert!(boilerplate::restore(&mut article, &line, Edge::Tail));
            proptest::prop_assert_eq!(article.cut.len() + article.body.len(), before);
            proptest::prop_assert_eq!(article.body.last(), Some(&line));
        }
    }
}

/// Files an article whose text ends with these lines; what is counted of it is what the reader says.
fn file(ground: &Ground, now: i64, name: &str, verdict: Verdict, tail: &[&str]) -> ArticleId {
    file_cut(ground, now, name, verdict, tail, &[])
}

/// The same of which these lines were cut.
fn file_cut(ground: &Ground, now: i64, name: &str, verdict: Verdict, tail: &[&str], cut: &[&str]) -> ArticleId {
    let address = format!("https://alpha.example.org/{name}");
    ground.bring(now, vec![store::entry(&address, now)]);
    let claims = ground.entries(now, 1, Scope::Due, store::NO_PACE);
    let mut page = store::Page::new(&address, name);
    page.body = vec![name.to_owned()];
    let mut commit = store::filing(&claims[0], now, &page, verdict, ChangeNumber(i64::MAX));
    let ScrapeOutcome::Filed(filing) = &mut commit.outcome else { panic!("it is filed") };
    filing.article.published = None;
    filing.article.body.extend(tail.iter().map(|line| (*line).to_owned()));
    filing.article.cut = cut.iter().map(|line| (*line).to_owned()).collect();
    let lines = boilerplate::lines(&filing.article);
    let normals: Vec<String> = lines.iter().map(|line| line.normal.clone()).collect();
    let known = ground.ask(move |ledger| ledger.line_evidence(SourceId(1), &normals));
    filing.lines = boilerplate::learn(lines, &known);
    match ground.commit(&claims[0], &commit) {
        Committed::Filed(Some(article)) => article,
        other => panic!("not filed: {other:?}"),
    }
}

#[test]
fn the_ledger_counts_stories_and_days_and_keeps_its_counts() {
    const DAY: i64 = 86_400;
    let ground = Ground::with(&[store::alpha()]);
    let first = file(&ground, 10, "n0", Verdict::Original, &SIGNS);
    file(&ground, 20, "n1", store::copy_of(first), &SIGNS);
    let of = |ground: &Ground| {
        let found = ground.ask(|ledger| ledger.line_evidence(SourceId(1), &[boilerplate::normal(SIGNS[0])]));
        (found[0].articles, found[0].stories, found[0].days, found[0].texts)
    };
    assert_eq!(of(&ground), (2, 1, 1, 2), "a copy is no other story");
    for number in 2..9 {
        file(&ground, 30 + number * DAY / 4, &format!("n{number}"), Verdict::Original, &SIGNS);
    }
    assert_eq!(of(&ground), (9, 8, 3, 9));
    let learnt = |ground: &Ground| ground.ask(|ledger| ledger.learnt(SourceId(1))).boilerplate;
    assert_eq!(learnt(&ground).lines, [] as [&str; 0], "what was counted decides at the next text");
    let last = file(&ground, 4 * DAY, "n9", Verdict::Original, &SIGNS);
    assert_eq!(learnt(&ground).lines, SIGNS);
    let version = learnt(&ground).version;
    let line = ground.ask(|ledger| ledger.boilerplate("alpha"))[0].id;
    assert!(ground.write(move |ledger| ledger.veto(line, store::at(5 * DAY))));
    assert_eq!(learnt(&ground).lines, SIGNS[1..]);
    assert!(learnt(&ground).version > version, "the version tells one state of learning from another");
    // A taken-down article leaves no line behind that was its own.
    let own: i64 = ground.sql("SELECT count(*) FROM edge_line WHERE normal = 'n9'");
    ground.write(move |ledger| ledger.forget(&Target::Article(last), store::at(6 * DAY)));
    assert_eq!((own, ground.sql::<i64>("SELECT count(*) FROM edge_line WHERE normal = 'n9'")), (1, 0));
}

#[test]
fn a_line_learnt_at_the_head_is_known_to_stand_there_once_it_is_cut() {
    const DAY: i64 = 86_400;
    let ground = Ground::with(&[store::alpha()]);
    let text = |number: i64| -> Vec<String> { (0..8).map(|line| format!("Sentence {line} of text {number}.")).collect() };
    for number in 0..10 {
        let lines = text(number);
        let lines: Vec<&str> = std::iter::once(SIGNS[1]).chain(lines.iter().map(String::as_str)).collect();
        file(&ground, 30 + number * DAY / 2, &format!("n{number}"), Verdict::Original, &lines);
    }
    let known =
        |ground: &Ground| ground.ask(|ledger| ledger.line_evidence(SourceId(1), &[boilerplate::normal(SIGNS[1])])).remove(0);
    assert!(known(&ground).learnt_at.is_some());
    let (lines, cut) = (text(10), [SIGNS[1]]);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    file_cut(&ground, 6 * DAY, "n10", Verdict::Original, &lines, &cut);
    assert_eq!((known(&ground).edge, known(&ground).articles), (Edge::Head, 11), "on a word it comes back where it stood");
}
