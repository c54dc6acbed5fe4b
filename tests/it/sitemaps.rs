//! Sitemaps as sources, through the real binary: indexes and their children, nested, in a circle, far too many; with a feed beside.

use std::collections::HashSet;
use std::time::Duration;

use newsweb::{Agency, Archives, Format, NewsWeb, Plan, Response, Robots, Scope, Sitemaps, Story};
use wireroom::dedup::window::{Terms, Wanted, sift};
use wireroom::dedup::{Selection, triage};
use wireroom::model::{
    Child, Entry, Failure, FeedId, FeedKind, Head, KnownEntries, KnownPage, Place, PollOutcome, Precision, PressTime, Rhythm, Span,
    Timestamp, Trouble, Url, Validators, Walk, WalkId, WalkReason, ZoneSource,
};
use wireroom::schedule::walk::{MOST_AT_ONCE, MOST_FOLLOWED, children, goes_on, named_span};
use wireroom::schedule::{Policy, next_page, next_poll};

use super::operator::{Desk, LIMIT};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const NOW: i64 = 1_780_000_000;

// ---------------------------------------------------------------- which children are read: data in, data out

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn time(second: i64, precision: Precision) -> PressTime {
    PressTime { at: at(second), offset_minutes: None, precision, zone_source: ZoneSource::Page }
}

fn url(path: &str) -> Url {
    Url::parse(&format!("https://gazette.example.org/{path}")).unwrap()
}

fn child(path: &str, modified: Option<i64>) -> Child {
    Child { url: url(path), modified: modified.map(|second| time(second, Precision::Instant)) }
}

fn known(path: &str, listed: Option<i64>) -> KnownPage {
    KnownPage { feed: FeedId(1), url: url(path), listed: listed.map(at), followed: false, walk: None, ours: true, read: None }
}

/// The paths that are woken, in order.
fn woken(listed: &[Child], known: &[KnownPage], since: Option<i64>) -> Vec<String> {
    let pages = children(listed, true, known, &Place::default(), since.map(at), at(NOW));
    pages.next.iter().filter(|page| page.wake).map(|page| page.url.path().trim_start_matches('/').to_owned()).collect()
}

#[test]
fn children_that_changed_are_read_and_those_that_did_not_are_not() {
    let listed = [child("a.xml", Some(NOW - 50)), child("b.xml", Some(NOW - 40)), child("c.xml", Some(NOW - 30 * DAY))];
    assert_eq!(woken(&listed, &[], None), ["b.xml", "a.xml", "c.xml"], "the latest change first");
    assert_eq!(woken(&listed, &[], Some(NOW - DAY)), ["b.xml", "a.xml"], "what changed before the source was followed is old");
    let read = [known("a.xml", Some(NOW - 50)), known("b.xml", Some(NOW - 60))];
    assert_eq!(woken(&listed, &read, Some(NOW - DAY)), ["b.xml"], "one moved on, the other did not");
}

#[test]
fn news_come_first_and_are_asked_for_every_time() {
    let listed = [child("posts.xml", Some(NOW)), child("google-news.xml", Some(NOW - DAY))];
    assert_eq!(woken(&listed, &[], None), ["google-news.xml", "posts.xml"]);
    let read = [known("posts.xml", Some(NOW)), known("google-news.xml", Some(NOW - DAY))];
    assert_eq!(woken(&listed, &read, None), ["google-news.xml"]);
    // A word that all of them carry sets none apart.
    let all: Vec<Child> = (0..20).map(|number| child(&format!("news-{number}.xml"), Some(NOW - number * DAY))).collect();
    assert_eq!(woken(&all, &[], Some(NOW - 2 * DAY)), ["news-0.xml", "news-1.xml", "news-2.xml"]);
}

#[test]
fn where_an_index_is_silent_the_newest_names_are_asked_for() {
    let months: Vec<Child> =
        (2015..2026).flat_map(|year| (1..=12).map(move |month| child(&format!("map-{year}-{month:02}.xml"), None))).collect();
    assert_eq!(woken(&months, &[], None), ["map-2025-12.xml", "map-2025-11.xml", "map-2025-10.xml", "map-2025-09.xml"]);
    let numbers: Vec<Child> = (1..=457).map(|number| child(&format!("map{number}.xml"), None)).collect();
    assert_eq!(
        woken(&numbers, &[], None).into_iter().collect::<HashSet<_>>(),
        HashSet::from(["map1.xml", "map2.xml", "map456.xml", "map457.xml"].map(str::to_owned)),
        "both ends of what is numbered"
    );
}

#[test]
fn ten_thousand_children_are_bounded_and_what_vanished_is_switched_off() {
    let listed: Vec<Child> = (0..10_000).map(|number| child(&format!("part-{number}.xml"), Some(NOW - number))).collect();
    let pages = children(&listed, true, &[known("gone.xml", None)], &Place::default(), None, at(NOW));
    assert_eq!(pages.next.len(), MOST_AT_ONCE);
    assert_eq!(pages.left, 10_000 - MOST_AT_ONCE, "the validators of such an index are not kept");
    assert_eq!(pages.vanished, [FeedId(1)]);
    let silent: Vec<Child> = (0..10_000).map(|number| child(&format!("part-{number}.xml"), None)).collect();
    assert_eq!(woken(&silent, &[], None).len(), MOST_FOLLOWED);
    let deep = Place { depth: 3, ..Place::default() };
    assert!(children(&listed, true, &[], &deep, None, at(NOW)).next.is_empty(), "an index below an index below an index");
}

#[test]
fn a_date_alone_is_a_whole_day() {
    let day = |second| Child { url: url("day.xml"), modified: Some(time(second, Precision::Day)) };
    let midnight = NOW - NOW.rem_euclid(DAY);
    let read = [known("day.xml", Some(midnight))];
    assert_eq!(woken(&[day(midnight)], &read, None), ["day.xml"], "it may have changed again today");
    assert!(woken(&[day(midnight - 3 * DAY)], &[known("day.xml", Some(midnight - 3 * DAY))], None).is_empty());
}

#[test]
fn a_walk_reads_what_may_reach_into_its_window() {
    let span = |from: &str, to: Option<&str>| Span { from: Some(from.parse().unwrap()), to: to.map(|to| to.parse().unwrap()) };
    let walk =
        Walk { id: WalkId(7), reason: WalkReason::Backfill, window: span("2024-03-10T00:00:00Z", Some("2024-04-05T00:00:00Z")) };
    let place = Place { walk: Some(walk), ..Place::default() };
    let listed = [
        child("2024-02.xml", None),
        child("2024-03.xml", None),
        child("2024/04/", None),
        child("20240405.xml", None),
        child("20240407.xml", None),
        child("any.xml", None),
        child("old.xml", Some(1_700_000_000)),
    ];
    let mut been_there = known("any.xml", None);
    been_there.walk = Some(WalkId(7));
    let pages = children(&listed, true, &[], &place, Some(at(NOW)), at(NOW));
    let wanted: Vec<&str> = pages.next.iter().filter(|page| page.walk).map(|page| page.url.path()).collect();
    assert_eq!(wanted, ["/2024/04/", "/20240405.xml", "/2024-03.xml", "/any.xml"], "a day begins and ends with the zones");
    let again = children(&listed, true, &[been_there], &place, Some(at(NOW)), at(NOW));
    assert!(!again.next.iter().any(|page| page.walk && page.url.path() == "/any.xml"), "no page twice in one walk");
    assert!(goes_on(&walk, &place, 10, Some("2024-03-09T00:00:00Z".parse().unwrap()), 5).is_none(), "behind the window");
    assert!(
        goes_on(&walk, &place, 10, Some("2024-03-11T00:00:00Z".parse().unwrap()), 0).is_some(),
        "a backfill goes on through what is known"
    );
    assert!(goes_on(&walk, &place, 0, None, 0).is_none(), "an empty page is the end");
    let gap = Walk { reason: WalkReason::Gap, ..walk };
    assert!(goes_on(&gap, &Place { found: true, ..place.clone() }, 10, None, 0).is_none(), "a gap ends where entries are known");
}

#[test]
fn what_is_older_than_the_watermark_is_counted_and_not_kept() {
    let entry = |path: &str, published: Option<i64>| Entry {
        published: published.map(|second| time(second, Precision::Instant)),
        ..Entry::of_page(Some(url(path)), at(NOW))
    };
    let entries = vec![
        entry("old", Some(NOW - 9 * DAY)),
        entry("new", Some(NOW)),
        entry("undated", None),
        entry("2020/05/17/by-its-address", None),
        entry("a-number-20200517", None),
    ];
    let sifted = sift(entries.clone(), &Wanted { since: Some(at(NOW - 7 * DAY)), window: None });
    let paths: Vec<&str> = sifted.entries.iter().map(|entry| entry.url.as_ref().unwrap().path()).collect();
    assert_eq!(paths, ["/new", "/undated", "/a-number-20200517"]);
    assert_eq!((sifted.kept, sifted.beyond), (3, 2));
    let window = Span { from: Some(at(NOW - 10 * DAY)), to: Some(at(NOW - DAY)) };
    let sifted = sift(entries, &Wanted { since: None, window: Some(window) });
    let paths: Vec<&str> = sifted.entries.iter().map(|entry| entry.url.as_ref().unwrap().path()).collect();
    assert_eq!(paths, ["/old", "/undated", "/a-number-20200517"]);
    assert_eq!(sifted.found, 3);
}

#[test]
fn what_has_no_date_is_old_at_first_sight_unless_something_speaks_for_it() {
    let selection = Selection { max_age: Some(Duration::from_secs(7 * DAY as u64)), ..Selection::default() };
    let pending = |path: &str, polls: u64, looks_back: bool, entries: usize| {
        let place = Place { found: true, looks_back, wanted_from: Some(at(NOW - 7 * DAY)), ..Place::default() };
        let days = named_span(&url(path));
        let terms = Terms { kind: FeedKind::Sitemap, place: &place, polls, days, selection: &selection, now: at(NOW) };
        let entries = (0..entries).map(|number| Entry::of_page(Some(url(&format!("page-{number}"))), at(NOW)));
        let mut fresh = triage(FeedId(1), entries.collect(), &KnownEntries::default(), &terms.selection(), at(NOW)).fresh;
        terms.put_aside(&mut fresh);
        fresh.iter().filter(|new| new.skipped.is_none()).count()
    };
    assert_eq!(pending("map-7.xml", 0, true, 3), 0, "it was there before the source was followed");
    assert_eq!(pending("map-7.xml", 1, true, 3), 0, "and is still being seen for the first time");
    assert_eq!(pending("map-7.xml", 1, false, 3000), 3000, "what is added to it is news");
    assert_eq!(pending("map-7.xml", 0, false, 3), 3, "it turned up later, and is small");
    assert_eq!(pending("map-7.xml", 0, false, 3000), 0, "it turned up later, and cannot have been filled since");
    // NOW is in May 2026.
    assert_eq!(pending("map-2026-05-27.xml", 0, true, 3000), 3000, "its name says that it is new");
    assert_eq!(pending("map-2026-05.xml", 0, false, 3000), 0, "a month that began before");
    assert_eq!(pending("map-2025-05.xml", 0, false, 3), 0, "its name says that it is old");
    assert_eq!(pending("map-2030.xml", 0, true, 3), 0, "a number that looks like a year to come");
}

#[test]
fn many_children_that_turn_up_at_once_are_old_ones() {
    let listed: Vec<Child> = (0..20).map(|number| child(&format!("part-{number}.xml"), Some(NOW - number))).collect();
    let old = |known: &[KnownPage]| {
        let place = Place { looks_back: false, ..Place::default() };
        let pages = children(&listed, true, known, &place, None, at(NOW));
        pages.next.iter().filter(|page| page.looks_back).count()
    };
    assert_eq!(old(&[]), 20, "an index that was made anew");
    let known: Vec<KnownPage> = (2..20).map(|number| known(&format!("part-{number}.xml"), None)).collect();
    assert_eq!(old(&known), 0, "two new ones beside those that are known");
}

#[test]
fn a_day_is_over_before_its_children_count_as_read() {
    let midnight = NOW - NOW.rem_euclid(DAY);
    let listed: Vec<Child> = (0..12)
        .map(|number| Child { url: url(&format!("part-{number:02}.xml")), modified: Some(time(midnight, Precision::Day)) })
        .collect();
    let read_at = |read: i64| -> Vec<KnownPage> {
        listed.iter().map(|child| KnownPage { url: child.url.clone(), read: Some(at(read)), ..known("", Some(midnight)) }).collect()
    };
    let at_once = |read: i64, now: i64| {
        let pages = children(&listed, true, &read_at(read), &Place::default(), Some(at(NOW - 7 * DAY)), at(now));
        (pages.next.iter().filter(|page| page.wake).count(), pages.waiting)
    };
    assert_eq!(at_once(midnight + HOUR, midnight + 2 * HOUR), (MOST_FOLLOWED, 8), "the others wait, and so do the validators");
    assert_eq!(at_once(midnight + HOUR, midnight + 4 * HOUR), (12, 0), "a while later each is asked for again");
    assert_eq!(at_once(midnight + 30 * HOUR, midnight + 37 * HOUR).0, 12, "and when the day is over everywhere");
    assert_eq!(at_once(midnight + 37 * HOUR, midnight + 90 * HOUR), (0, 0), "then they are read");
}

#[test]
fn an_index_knows_the_children_of_another_and_speaks_for_its_own() {
    let other = KnownPage { ours: false, ..known("theirs.xml", Some(NOW - 50)) };
    let gone = KnownPage { ours: false, feed: FeedId(9), ..known("not-listed-here.xml", None) };
    let listed = [child("theirs.xml", Some(NOW - 50)), child("ours.xml", Some(NOW - 60))];
    let pages = children(&listed, true, &[other, gone], &Place::default(), None, at(NOW));
    let paths: Vec<&str> = pages.next.iter().map(|page| page.url.path()).collect();
    assert_eq!(paths, ["/ours.xml"], "what another index had read is not read again");
    assert_eq!(pages.vanished, [], "and not given up because this one does not list it");
}

#[test]
fn an_index_cut_short_switches_nothing_off() {
    let listed = [child("a.xml", Some(NOW))];
    let pages = |whole| children(&listed, whole, &[known("b.xml", None)], &Place::default(), None, at(NOW));
    assert_eq!(pages(false).vanished, []);
    assert_eq!(pages(true).vanished, [FeedId(1)]);
}

#[test]
fn a_chain_that_repeats_itself_comes_to_an_end() {
    let window = Span { from: Some(at(NOW - 900 * DAY)), to: None };
    let walk = Walk { id: WalkId(7), reason: WalkReason::Backfill, window };
    let length = |page: &dyn Fn(usize) -> (Option<i64>, usize)| {
        let mut place = Place { found: true, walk: Some(walk), ..Place::default() };
        (0..400)
            .take_while(|number| {
                let (oldest, fresh) = page(*number);
                let chain = goes_on(&walk, &place, 10, oldest.map(at), fresh);
                place.chain = chain.unwrap_or_default();
                chain.is_some()
            })
            .count()
    };
    assert!(length(&|number| (Some(NOW - number.min(30) as i64 * DAY), 0)) < 40, "the last page again and again");
    assert!(length(&|_| (None, 0)) < 10, "known pages without a date");
    assert_eq!(length(&|number| (Some(NOW - number as i64 * DAY), 0)), 400, "known pages that lead further back");
    assert_eq!(length(&|_| (None, 1)), 400, "new entries");
}

#[test]
fn a_page_that_fails_is_tried_ever_more_rarely_as_long_as_its_index_lists_it() {
    let policy = Policy::default();
    let outcome = |failure| PollOutcome::Failed(Trouble { failure, class: "status", reason: String::new() });
    let wait = |place: &Place, failure, failures| {
        let next = next_page(&policy, &Rhythm::default(), place, failures, &outcome(failure), at(NOW), 0.0);
        (next.at != Timestamp::MAX).then(|| next.at.as_second() - NOW)
    };
    let listed = Place { found: true, ..Place::default() };
    let waits = [0, 1, 2, 30].map(|failures| wait(&listed, Failure::Persistent, failures).unwrap());
    assert_eq!(waits, [2 * HOUR, 4 * HOUR, 8 * HOUR, 7 * DAY]);
    assert!(wait(&listed, Failure::Transient, 0).unwrap() < HOUR, "what may be over soon is tried soon");
    assert!(wait(&listed, Failure::Transient, 9).unwrap() > HOUR);
    assert_eq!(wait(&listed, Failure::Final, 0), Some(7 * DAY));
    let walk = Walk { id: WalkId(7), reason: WalkReason::Gap, window: Span::default() };
    assert_eq!(wait(&Place { walk: Some(walk), ..listed }, Failure::Persistent, 0), None, "a walk does not wait for it");
}

#[test]
fn what_its_pages_brought_sets_the_rhythm_of_an_index() {
    let interval = |brought| {
        let rhythm = Rhythm { interval_s: 3600, polls: 9, brought, leads: true, ..Rhythm::default() };
        let head = Head {
            status: 304,
            final_url: url("index.xml"),
            validators: Validators::default(),
            fresh_for: None,
            moved_to: None,
            fetched_at: at(NOW),
            fields: Vec::new(),
        };
        next_poll(&Policy::default(), &rhythm, 0, &PollOutcome::Unchanged(head), at(NOW), 0.0).interval_s
    };
    assert!(interval(3) < 3600 && interval(0) > 3600, "{} {}", interval(3), interval(0));
}

// ---------------------------------------------------------------- through the real binary

/// A desk that follows an agency by a sitemap alone.
fn by_sitemap(web: &NewsWeb, path: &str, keys: &str) -> Desk {
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.sitemap("gazette", &web.url("gazette", path), keys);
    desk
}

fn times(web: &NewsWeb, path: &str) -> usize {
    web.log().iter().filter(|asked| asked.path == path).count()
}

fn agency(items: usize, sitemaps: Sitemaps) -> Agency {
    let reaches_back = Some(Duration::from_secs(3 * DAY as u64));
    Agency { items, sitemaps: Some(sitemaps), reaches_back, ..Agency::new("gazette") }
}

#[test]
fn an_index_is_a_source_and_only_changed_children_are_fetched_again() {
    let web = NewsWeb::start(Plan::of([agency(25, Sitemaps { part: 10, ..Sitemaps::default() })])).unwrap();
    let desk = by_sitemap(&web, "/sitemap_index.xml", "");
    let said = desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 25, "{said}");
    assert_eq!(ledger.count("select count(*) from feeds where kind = 'sitemap'"), 4, "the index and three children");
    web.clear_log();
    desk.once();
    assert_eq!(times(&web, "/sitemap_index.xml"), 1);
    assert_eq!(web.log().iter().filter(|asked| asked.path.starts_with("/sitemaps/")).count(), 0, "no child is asked for again");

    let new = web.publish("gazette", Story::new());
    web.clear_log();
    desk.once();
    assert_eq!(ledger.count(&format!("select count(*) from articles where url = '{}'", new.url)), 1);
    assert_eq!((times(&web, "/sitemaps/part-3.xml"), times(&web, "/sitemaps/part-1.xml")), (1, 0), "the one that changed");
    ledger.keeps_the_promise(&web);
}

#[test]
fn indexes_below_indexes_and_in_a_circle_come_to_an_end() {
    let web = NewsWeb::start(Plan::of([agency(40, Sitemaps { part: 10, nested: true, ..Sitemaps::default() })])).unwrap();
    let desk = by_sitemap(&web, "/sitemap_index.xml", "");
    for round in 0..3 {
        web.clear_log();
        desk.once();
        assert_eq!(times(&web, "/sitemap_index.xml"), 1, "round {round}");
        assert_eq!(times(&web, "/sitemaps/newer.xml"), 1, "round {round}");
        assert_eq!(times(&web, "/sitemaps/part-4.xml"), usize::from(round == 0), "round {round}");
    }
    assert_eq!(desk.ledger().count("select count(*) from articles"), 40);
}

#[test]
fn a_feed_that_is_an_index_is_followed_like_one() {
    let web = NewsWeb::start(Plan::of([agency(12, Sitemaps { part: 5, ..Sitemaps::default() })])).unwrap();
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.source("gazette", &web.url("gazette", "/sitemap_index.xml"), "");
    desk.once();
    assert_eq!(desk.ledger().count("select count(*) from articles"), 12);
}

#[test]
fn packed_children_are_read() {
    let web = NewsWeb::start(Plan::of([agency(30, Sitemaps { part: 10, packed: true, ..Sitemaps::default() })])).unwrap();
    let desk = by_sitemap(&web, "/sitemap_index.xml", "");
    desk.once();
    assert_eq!(times(&web, "/sitemaps/part-2.xml.gz"), 1);
    assert_eq!(desk.ledger().count("select count(*) from articles"), 30);
}

#[test]
fn ten_thousand_children_cost_a_bounded_number_of_requests() {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, ..Agency::new("gazette") }])).unwrap();
    let base = web.base("gazette");
    let lines: String = (0..10_000).map(|number| format!("<sitemap><loc>{base}/many/{number}.xml</loc></sitemap>")).collect();
    web.set_page("gazette", "/many.xml", Response::bytes("application/xml", format!("<sitemapindex>{lines}</sitemapindex>")));
    for number in 0..10_000 {
        if !(10..=9_990).contains(&number) {
            let page = format!("<urlset><url><loc>{base}/page/{number}</loc></url></urlset>");
            web.set_page("gazette", &format!("/many/{number}.xml"), Response::bytes("application/xml", page));
        }
    }
    let desk = by_sitemap(&web, "/many.xml", "");
    for _ in 0..3 {
        web.clear_log();
        desk.once();
        let asked = web.log().iter().filter(|asked| asked.path.starts_with("/many/")).count();
        assert_eq!(asked, MOST_FOLLOWED);
    }
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from feeds"), 1 + MOST_FOLLOWED as i64);
    let skipped = ledger.pairs("select entry_key, reason from entries where state <> 'skipped'");
    assert_eq!(skipped, [], "without a date, what stands there at first sight is no news");
}

#[test]
fn the_first_look_obeys_max_age_without_a_row_for_every_old_page_and_so_do_later_ones() {
    let sitemaps = Sitemaps { part: 100, ..Sitemaps::default() };
    let agency = Agency { reaches_back: Some(Duration::from_secs(100 * DAY as u64)), ..agency(100, sitemaps) };
    let web = NewsWeb::start(Plan::of([agency])).unwrap();
    let desk = by_sitemap(&web, "/sitemap_index.xml", "max_age = \"10d\"");
    desk.once();
    let ledger = desk.ledger();
    let young = ledger.count("select count(*) from articles");
    assert!((9..=11).contains(&young), "{young}");
    assert_eq!(ledger.count("select count(*) from entries"), young, "the old ones are counted, not kept");
    let new = web.publish("gazette", Story::new());
    desk.once();
    assert_eq!(ledger.count("select count(*) from articles"), young + 1, "the watermark stays where it was");
    assert_eq!(ledger.count(&format!("select count(*) from articles where url = '{}'", new.url)), 1);
}

#[test]
fn children_that_vanish_are_switched_off_and_disallowed_ones_are_not_asked_for() {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, ..Agency::new("gazette") }])).unwrap();
    let base = web.base("gazette");
    let index = |names: &[&str]| {
        let lines: String = names.iter().map(|name| format!("<sitemap><loc>{base}{name}</loc></sitemap>")).collect();
        Response::bytes("application/xml", format!("<sitemapindex>{lines}</sitemapindex>"))
    };
    let empty = || Response::bytes("application/xml", "<urlset></urlset>");
    web.change_agency("gazette", |agency| agency.robots = Robots::Disallow("/private/".to_owned()));
    web.set_page("gazette", "/index.xml", index(&["/one.xml", "/two.xml", "/private/three.xml"]));
    for name in ["/one.xml", "/two.xml", "/private/three.xml"] {
        web.set_page("gazette", name, empty());
    }
    let desk = by_sitemap(&web, "/index.xml", "");
    desk.once();
    assert_eq!((times(&web, "/one.xml"), times(&web, "/two.xml"), times(&web, "/private/three.xml")), (1, 1, 0));
    let reason = desk.ledger().text(&format!("select reason from feeds where url = '{base}/private/three.xml'"));
    assert!(reason.clone().unwrap_or_default().contains("robots"), "{reason:?}");
    web.set_page("gazette", "/index.xml", index(&["/two.xml"]));
    desk.once();
    web.clear_log();
    desk.once();
    assert_eq!((times(&web, "/one.xml"), times(&web, "/two.xml")), (0, 1));
}

#[test]
fn a_feed_and_a_news_sitemap_of_one_source_make_one_article_of_each_page() {
    let web = NewsWeb::start(Plan::of([Agency { guid: newsweb::Guid::Opaque, ..Agency::new("gazette") }])).unwrap();
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.fetch = desk.fetch.replace("per_host_connections = 8", "per_host_connections = 1");
    let news = web.feed_url("gazette", Format::NewsSitemap);
    desk.source("gazette", &web.feed("gazette"), &format!("sitemap = {news:?}"));
    for _ in 0..2 {
        desk.once();
        web.publish("gazette", Story::new());
    }
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 12);
    assert_eq!(ledger.count("select count(*) from entries"), 12, "one row of an entry, whoever said it first");
    for truth in web.truth() {
        assert_eq!(web.requests_for(&truth.url).len(), 1, "{} is fetched once", truth.url);
    }
}

#[test]
fn what_a_sitemap_lacks_the_feed_says() {
    let sitemaps = Some(Sitemaps { part: 20, ..Sitemaps::default() });
    let web =
        NewsWeb::start(Plan::of([Agency { items: 5, guid: newsweb::Guid::Opaque, sitemaps, ..Agency::new("gazette") }])).unwrap();
    let desk = by_sitemap(&web, "/sitemap_index.xml", "");
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from entries where title is null"), 5, "a plain sitemap knows pages alone");
    let mut both = Desk::empty();
    both.fetch = desk.fetch.clone();
    both.source("gazette", &web.feed("gazette"), &format!("sitemap = {:?}", web.url("gazette", "/sitemap_index.xml")));
    std::fs::write(desk.path("wireroom.toml"), both.toml()).unwrap();
    desk.say(&["once"]);
    for truth in web.truth() {
        let title = ledger.text(&format!("select title from entries where url = '{}'", truth.url));
        assert_eq!(title.as_deref(), Some(truth.article.title.as_str()));
        assert_eq!(web.requests_for(&truth.url).len(), 1, "and is not read again for it");
    }
    assert_eq!(ledger.count("select count(*) from entries"), 5);
}

#[test]
fn a_gap_is_filled_from_the_archives() {
    let web =
        NewsWeb::start(Plan::of([Agency { items: 10, window: 10, archives: Some(Archives::Chain(10)), ..Agency::new("gazette") }]))
            .unwrap();
    fill_a_gap(&web, "");
}

#[test]
fn a_gap_is_filled_from_further_pages_of_the_feed() {
    let agency = Agency { items: 10, window: 10, archives: Some(Archives::Paged), ..Agency::new("gazette") };
    fill_a_gap(&NewsWeb::start(Plan::of([agency])).unwrap(), "");
}

#[test]
fn a_gap_is_filled_from_a_sitemap() {
    let sitemaps = Some(Sitemaps { part: 20, ..Sitemaps::default() });
    let agency = Agency { items: 10, window: 10, sitemaps, ..Agency::new("gazette") };
    let web = NewsWeb::start(Plan::of([agency])).unwrap();
    let index = web.url("gazette", "/sitemap_index.xml");
    fill_a_gap(&web, &format!("sitemap = {index:?}"));
}

/// A feed of ten entries turns over three times between two polls.
fn fill_a_gap(web: &NewsWeb, keys: &str) {
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.fetch = desk.fetch.replace("per_host_connections = 8", "per_host_connections = 1");
    desk.source("gazette", &web.feed("gazette"), keys);
    desk.once();
    desk.once();
    let now = web.truth().iter().map(|truth| truth.article.published_at).max().unwrap();
    for number in 0..30 {
        web.publish("gazette", Story { published_at: Some(now + 60 + number), ..Story::new() });
    }
    desk.once();
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 40, "{:?}", ledger.pairs("select reason, cast(pages_read as text) || ' of ' || pages || ' failed ' || pages_failed || ' found ' || entries_found || ' ' || coalesce(from_at, '-') || ' ' || coalesce(to_at, '-') from walks"));
    assert_eq!(
        ledger.count("select entries_lost from sources"),
        0,
        "{:?}",
        ledger.pairs("select cast(estimated as text), cast(filled as text) from gaps")
    );
    ledger.keeps_the_promise(web);
}

/// A site of maps made by hand.
struct Maps {
    web: NewsWeb,
    now: i64,
}

impl Maps {
    fn new() -> Maps {
        let web = NewsWeb::start(Plan::of([Agency { items: 1, ..Agency::new("gazette") }])).unwrap();
        let now = web.truth()[0].article.published_at;
        Maps { web, now }
    }

    fn index(&self, path: &str, children: &[(String, Option<i64>)]) {
        let base = self.web.base("gazette");
        let lines = children.iter().map(|(name, modified)| {
            let modified = modified.map(|second| format!("<lastmod>{}</lastmod>", at(second))).unwrap_or_default();
            format!("<sitemap><loc>{base}{name}</loc>{modified}</sitemap>")
        });
        let body = format!("<sitemapindex>{}</sitemapindex>", lines.collect::<String>());
        self.web.set_page("gazette", path, Response::bytes("application/xml", body));
    }

    /// Pages without a date.
    fn map(&self, path: &str, pages: std::ops::Range<usize>) {
        let base = self.web.base("gazette");
        let lines: String = pages.map(|number| format!("<url><loc>{base}/page{path}/{number}</loc></url>")).collect();
        self.web.set_page("gazette", path, Response::bytes("application/xml", format!("<urlset>{lines}</urlset>")));
    }
}

#[test]
fn no_child_whenever_it_is_first_read_brings_a_flood_of_old_pages() {
    let maps = Maps::new();
    let mut listed: Vec<(String, Option<i64>)> =
        (0..MOST_AT_ONCE + 10).map(|number| (format!("/part-{number}.xml"), Some(maps.now - 60))).collect();
    listed.push(("/map-2015-03.xml".to_owned(), Some(maps.now - 900 * DAY)));
    listed.push(("/old.xml".to_owned(), Some(maps.now - 900 * DAY)));
    listed.iter().for_each(|(name, _)| maps.map(name, 0..3));
    maps.map("/old.xml", 0..150);
    maps.index("/index.xml", &listed);
    let desk = by_sitemap(&maps.web, "/index.xml", "");
    let ledger_of = |desk: &Desk| desk.ledger().count("select count(*) from entries where state <> 'skipped'");
    for _ in 0..3 {
        desk.once();
    }
    assert_eq!(times(&maps.web, &format!("/part-{}.xml", MOST_AT_ONCE + 9)), 1, "all were read");
    assert_eq!(ledger_of(&desk), 0, "more children than one poll reads");
    // The site is made anew, and says that its old maps changed.
    let last = listed.len() - 1;
    listed[last].1 = Some(maps.now + 60);
    listed[last - 1].1 = Some(maps.now + 60);
    maps.index("/index.xml", &listed);
    desk.once();
    desk.once();
    assert_eq!((times(&maps.web, "/old.xml"), times(&maps.web, "/map-2015-03.xml")), (1, 1));
    assert_eq!(ledger_of(&desk), 0, "an old map that is stamped anew");
    // A new one, and what is added to an old one, is news.
    listed[0].1 = Some(maps.now + 120);
    listed.push(("/new.xml".to_owned(), Some(maps.now + 120)));
    maps.map("/part-0.xml", 0..5);
    maps.map("/new.xml", 0..4);
    maps.index("/index.xml", &listed);
    desk.once();
    desk.once();
    assert_eq!(ledger_of(&desk), 2 + 4);
}

#[test]
fn a_sitemap_named_as_a_feed_is_a_sitemap() {
    let maps = Maps::new();
    maps.map("/sitemap.xml", 0..30);
    let mut desk = Desk::empty();
    desk.allow(&[maps.web.host("gazette")]);
    // The other one lists the same old pages, and no news by that.
    maps.map("/other.xml", 0..0);
    let other = maps.web.url("gazette", "/other.xml");
    desk.table(&format!("name = \"gazette\"\nfeeds = [{:?}, {other:?}]", maps.web.url("gazette", "/sitemap.xml")));
    desk.once();
    let wanted = "select count(*) from entries where state <> 'skipped'";
    assert_eq!(desk.ledger().count(wanted), 0, "what stands there at first sight is no news");
    let base = maps.web.base("gazette");
    let lines: String = (0..9).map(|number| format!("<url><loc>{base}/page/sitemap.xml/{number}</loc></url>")).collect();
    maps.web.set_page("gazette", "/other.xml", Response::bytes("application/xml", format!("<urlset>{lines}</urlset>")));
    maps.map("/sitemap.xml", 0..32);
    desk.once();
    assert_eq!(desk.ledger().count(wanted), 2);
}

#[test]
fn children_under_new_names_every_time_leave_no_rows_behind() {
    let maps = Maps::new();
    let desk = by_sitemap(&maps.web, "/index.xml", "");
    for round in 0..4 {
        let name = format!("/sitemap.xml/{round}");
        maps.web.set_page("gazette", &name, Response::bytes("application/xml", "<urlset></urlset>"));
        maps.index("/index.xml", &[(name, Some(maps.now + round))]);
        desk.once();
    }
    assert_eq!(desk.ledger().count("select count(*) from feeds"), 2, "the index and the child it lists");
}

#[test]
fn an_index_keeps_the_rhythm_of_the_news_below_it() {
    let maps = Maps::new();
    maps.index("/index.xml", &[("/posts.xml".to_owned(), None)]);
    maps.map("/posts.xml", 0..3);
    let mut desk = by_sitemap(&maps.web, "/index.xml", "");
    desk.schedule = "min_interval = \"60s\"\nmax_interval = \"4h\"\n".to_owned();
    let interval = |desk: &Desk| {
        desk.once();
        desk.ledger().count("select json_extract(rhythm, '$.interval_s') from feed where named = 1")
    };
    interval(&desk);
    let quiet = interval(&desk);
    maps.map("/posts.xml", 0..6);
    let before = interval(&desk);
    let after = interval(&desk);
    assert!(before > quiet && after < before, "{quiet} {before} {after}");
}

#[test]
fn a_backfill_files_nothing_from_before_the_day_asked_for() {
    let past = Agency { reaches_back: Some(Duration::from_secs(40 * DAY as u64)), items: 40, ..Agency::new("gazette") };
    let web = NewsWeb::start(Plan::of([past])).unwrap();
    let mut truth: Vec<(i64, String)> = web.truth().iter().map(|it| (it.article.published_at, it.url.clone())).collect();
    truth.sort();
    let lines: String = truth.iter().map(|(_, url)| format!("<url><loc>{url}</loc></url>")).collect();
    web.set_page("gazette", "/plain.xml", Response::bytes("application/xml", format!("<urlset>{lines}</urlset>")));
    let desk = by_sitemap(&web, "/plain.xml", "max_age = \"1d\"");
    desk.once();
    let since = |index: usize| at(truth[index].0).to_string();
    let said = desk.say(&["backfill", "gazette", "--since", &since(30)]);
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 10, "{said}");
    assert_eq!(ledger.count("select count(*) from entries where state = 'skipped'"), 30, "{said}");
    // What was too old for one is not read again for another that asks no further back, and is filed by one that does.
    web.clear_log();
    desk.say(&["backfill", "gazette", "--since", &since(20)]);
    assert_eq!(ledger.count("select count(*) from articles"), 20);
    assert_eq!(truth[..20].iter().map(|(_, url)| web.requests_for(url).len()).sum::<usize>(), 0);
}

#[test]
fn a_child_that_changes_while_it_is_in_hand_is_read_again() {
    let maps = Maps::new();
    let listed = |modified: i64| maps.index("/index.xml", &[("/posts.xml".to_owned(), Some(modified))]);
    listed(maps.now - 60);
    maps.map("/posts.xml", 0..3);
    let mut desk = by_sitemap(&maps.web, "/index.xml", "");
    desk.schedule = "min_interval = \"100ms\"\nmax_interval = \"200ms\"\n".to_owned();
    desk.write();
    let gate = maps.web.hold(Scope::Url(maps.web.url("gazette", "/posts.xml")));
    let daemon = desk.start();
    gate.wait_for(LIMIT, 1).unwrap();
    listed(maps.now);
    let asked = |path: &'static str, more: usize| {
        maps.web.wait_for(LIMIT, |log| log.iter().filter(|asked| asked.path == path).count() >= more).unwrap();
    };
    asked("/index.xml", times(&maps.web, "/index.xml") + 3);
    gate.release();
    asked("/posts.xml", 2);
    assert_eq!(daemon.stop().code(), Some(0));
}

#[test]
fn a_child_that_failed_is_read_although_its_index_says_nothing_new() {
    let maps = Maps::new();
    maps.index("/index.xml", &[("/posts.xml".to_owned(), Some(maps.now))]);
    maps.web.set_page("gazette", "/posts.xml", Response::bytes("text/plain", "out of order"));
    let desk = by_sitemap(&maps.web, "/index.xml", "");
    desk.once();
    assert_eq!(desk.ledger().count("select count(*) from entries"), 0);
    maps.map("/posts.xml", 0..3);
    desk.once();
    assert_eq!(desk.ledger().count("select count(*) from entries"), 3);
    assert_eq!(desk.ledger().count("select enabled from feeds where url like '%/posts.xml'"), 0, "it rests again");
}

#[test]
fn two_indexes_of_one_source_do_not_starve_each_other() {
    let maps = Maps::new();
    let mut listed: Vec<(String, Option<i64>)> =
        (0..MOST_AT_ONCE + 10).map(|number| (format!("/part-{number}.xml"), Some(maps.now - 60))).collect();
    maps.index("/one.xml", &listed);
    listed.push(("/own.xml".to_owned(), Some(maps.now - 90)));
    maps.index("/two.xml", &listed);
    listed.iter().for_each(|(name, _)| maps.map(name, 0..1));
    let mut desk = Desk::empty();
    desk.allow(&[maps.web.host("gazette")]);
    let url = |path| maps.web.url("gazette", path);
    desk.table(&format!("name = \"gazette\"\nsitemap = [{:?}, {:?}]", url("/one.xml"), url("/two.xml")));
    for _ in 0..4 {
        desk.once();
    }
    listed.iter().for_each(|(name, _)| assert_eq!(times(&maps.web, name), 1, "{name}"));
}

#[test]
fn an_index_whose_pages_find_no_room_is_not_vouched_for() {
    let maps = Maps::new();
    let listed = |count: usize| -> Vec<(String, Option<i64>)> {
        (0..count).map(|number| (format!("/part-{number}.xml"), Some(maps.now))).collect()
    };
    listed(2).iter().for_each(|(name, _)| maps.map(name, 0..1));
    maps.index("/index.xml", &listed(1));
    let desk = by_sitemap(&maps.web, "/index.xml", "");
    desk.once();
    let vouched = "select count(*) from feed where named = 1 and body_hash is not null";
    assert_eq!(desk.ledger().count(vouched), 1);
    // As if another index had filled the source.
    let ledger = rusqlite::Connection::open(desk.ledger_path()).unwrap();
    ledger
        .execute_batch(
            "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 100000)
             INSERT INTO feed (source_id, url, kind, host_id, named, active, next_poll_at, parent_id)
             SELECT f.source_id, f.url || '?' || n, 'archive', f.host_id, 0, 0, '', f.id FROM number, feed f WHERE f.named = 0",
        )
        .unwrap();
    maps.index("/index.xml", &listed(2));
    desk.once();
    assert_eq!((desk.ledger().count(vouched), times(&maps.web, "/part-1.xml")), (0, 0));
    ledger.execute("DELETE FROM feed WHERE kind = 'archive'", []).unwrap();
    desk.once();
    assert_eq!((desk.ledger().count(vouched), times(&maps.web, "/part-1.xml")), (1, 1), "it is taken up when there is room");
}
