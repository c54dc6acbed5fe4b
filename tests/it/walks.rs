//! Walks and gaps in the ledger: how many there may be, what ends them, what they cost, and what they say was lost.

use std::time::Duration;

use rusqlite::Connection;
use wireroom::dedup::window::{Wanted, sift};
use wireroom::model::{
    Chain, Child, Entry, EntryKey, Failure, FeedClaim, FeedKind, FeedSpec, Gap, HostState, NewEntry, Page, Pages, Place,
    PollCommit, PollOutcome, PollRead, Precision, PressTime, Scope, Source, Span, Timestamp, Trouble, Url, Walk, WalkId, WalkOrder,
    WalkReason, ZoneSource,
};
use wireroom::schedule::walk::{MOST_FOLLOWED, MOST_OF_A_GAP, children};

use super::store::{Ground, NO_PACE, at, entry, poll, polled, read, source, url};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const FEED: &str = "https://alpha.example.org/feed";
const MAP: &str = "https://alpha.example.org/map.xml";

/// A source with a feed and a sitemap.
fn alpha() -> Source {
    let mut alpha = source("alpha", &[FEED]);
    alpha.feeds.push(FeedSpec { url: url(MAP), kind: FeedKind::Sitemap });
    alpha
}

fn claim(ground: &Ground, now: i64, address: &str) -> FeedClaim {
    let claims = ground.feeds(now, Scope::Due, NO_PACE);
    let (ours, others): (Vec<FeedClaim>, Vec<FeedClaim>) = claims.into_iter().partition(|claim| claim.url.as_str() == address);
    let others = others.iter().map(|claim| claim.claim).collect::<Vec<_>>();
    ground.write(move |ledger| ledger.release(&others));
    ours.into_iter().next().unwrap_or_else(|| panic!("{address} is due"))
}

fn is_due(ground: &Ground, now: i64, address: &str) -> bool {
    let claims = ground.feeds(now, Scope::Due, NO_PACE);
    let ids = claims.iter().map(|claim| claim.claim).collect::<Vec<_>>();
    ground.write(move |ledger| ledger.release(&ids));
    claims.iter().any(|claim| claim.url.as_str() == address)
}

fn gap(from: i64, to: i64, estimated: u32) -> Option<Gap> {
    Some(Gap { from: at(from), to: at(to), estimated, reason: "by its turnover".to_owned() })
}

/// A named feed's poll, after which it rests for an hour.
fn read_feed(ground: &Ground, now: i64, address: &str, read: PollRead) {
    let claim = claim(ground, now, address);
    let mut commit = poll(&claim, now, read);
    commit.next.at = at(now + HOUR);
    ground.commit_poll(&claim, &commit);
}

/// A found page's read, after which it rests.
fn rested(claim: &FeedClaim, now: i64, outcome: PollOutcome) -> PollCommit {
    let mut commit = polled(claim, now, outcome);
    commit.next.at = Timestamp::MAX;
    commit
}

fn of_pages(pages: Pages) -> PollRead {
    PollRead { pages, ..read() }
}

fn child(address: &str, listed: i64, walk: bool) -> Page {
    Page {
        url: url(address),
        kind: FeedKind::Sitemap,
        listed: Some(instant(listed)),
        wake: !walk,
        follow: false,
        walk,
        again: false,
        looks_back: false,
        chain: Chain::default(),
    }
}

fn instant(seconds: i64) -> PressTime {
    PressTime { at: at(seconds), offset_minutes: None, precision: Precision::Instant, zone_source: ZoneSource::Page }
}

fn dated(path: &str, published: i64) -> NewEntry {
    let mut new = entry(&format!("https://alpha.example.org/{path}"), published);
    new.entry.published = Some(instant(published));
    new
}

fn plan(db: &Connection, sql: &str) -> String {
    let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let plan: Vec<String> = statement.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
    plan.join("; ")
}

// ---------------------------------------------------------------- how many

#[test]
fn gaps_all_day_are_looked_for_by_few_walks_one_at_a_time() {
    let ground = Ground::with(&[alpha()]);
    read_feed(&ground, 0, FEED, read());
    read_feed(&ground, 0, MAP, read());
    // Every five minutes a gap, for a day; the sitemap is read whenever a walk asks for it.
    for poll in 1..=288 {
        let now = poll * 300;
        ground.write(move |ledger| ledger.retry(&wireroom::store::Target::Source("alpha".to_owned()), at(now)));
        read_feed(&ground, now, FEED, PollRead { gap: gap(now - 200, now - 100, 9), ..read() });
        read_feed(&ground, now, MAP, read());
        assert!(ground.sql::<i64>("SELECT count(*) FROM walk WHERE ended_at IS NULL") <= 2, "one that runs, one that waits");
    }
    let walks = ground.sql::<i64>("SELECT count(*) FROM walk WHERE begun_at IS NOT NULL");
    assert!((5..=7).contains(&walks), "{walks} walks in a day");
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM gap"), 288);
    // What waits covers all that came since the last one was begun.
    let missed =
        "SELECT count(*) FROM gap g WHERE NOT EXISTS (SELECT 1 FROM walk w WHERE w.from_at <= g.from_at AND g.to_at <= w.to_at)";
    assert_eq!(ground.sql::<i64>(missed), 0);
}

#[test]
fn a_walk_for_a_gap_reads_few_pages_and_says_nothing_of_what_it_left() {
    let ground = Ground::with(&[alpha()]);
    read_feed(&ground, 0, MAP, read());
    read_feed(&ground, 0, FEED, PollRead { gap: gap(-900, -300, 9), ..read() });
    let index = claim(&ground, 1, MAP);
    assert_eq!(index.place.walk.map(|walk| walk.reason), Some(WalkReason::Gap));
    let next = (0..500).map(|number| child(&format!("https://alpha.example.org/part-{number}.xml"), 0, true)).collect();
    let dates = vec![at(-1000), at(-250)];
    ground.commit_poll(&index, &poll(&index, 1, of_pages(Pages { next, dates, ..Pages::default() })));
    assert_eq!(ground.sql::<i64>("SELECT pages FROM walk"), 20);
    for round in 2..100 {
        let claims = ground.feeds(round, Scope::Due, NO_PACE);
        for claim in claims.iter().filter(|claim| claim.place.found) {
            ground.commit_poll(claim, &rested(claim, round, PollOutcome::Read(Box::new(read()))));
        }
        let named: Vec<_> = claims.iter().filter(|claim| !claim.place.found).map(|claim| claim.claim).collect();
        ground.write(move |ledger| ledger.release(&named));
        if claims.iter().all(|claim| !claim.place.found) {
            break;
        }
    }
    assert_eq!(ground.sql::<i64>("SELECT pages_read FROM walk WHERE ended_at IS NOT NULL"), 20);
    assert_eq!(ground.sql::<i64>("SELECT entries_lost FROM sources"), 9, "it did not see everything");
}

#[test]
fn for_a_gap_only_children_are_read_of_which_something_says_that_they_may_hold_it() {
    let window = Span { from: Some(at(-HOUR)), to: Some(at(0)) };
    let walk = |reason| Place { walk: Some(Walk { id: WalkId(1), reason, window }), ..Place::default() };
    let read = |listed: &[Child], reason| -> Vec<String> {
        let pages = children(listed, true, &[], &walk(reason), Some(at(0)), at(0));
        pages.next.iter().filter(|page| page.walk).map(|page| page.url.path().to_owned()).collect()
    };
    let silent = |name: String| Child { url: url(&format!("https://alpha.example.org/{name}.xml")), modified: None };
    let numbered: Vec<Child> = (1..=1500).map(|number| silent(format!("part-{number}"))).collect();
    assert_eq!(read(&numbered, WalkReason::Gap).len(), MOST_FOLLOWED, "those that are asked for anyway");
    assert_eq!(read(&numbered, WalkReason::Backfill).len(), 1500, "an operator who asks for all of it gets it");
    let mut months: Vec<Child> = (1..=11).map(|month| silent(format!("map-2026-{month:02}"))).collect();
    months.push(Child { modified: Some(instant(-30)), ..silent("changed".to_owned()) });
    months.push(Child { modified: Some(instant(-2 * HOUR)), ..silent("unchanged".to_owned()) });
    let wanted = read(&months, WalkReason::Gap);
    assert!(wanted.iter().any(|path| path == "/changed.xml") && wanted.iter().any(|path| path == "/map-2026-11.xml"), "{wanted:?}");
    assert_eq!(wanted.len(), 2, "{wanted:?}");
    let regenerated: Vec<Child> = numbered.into_iter().map(|child| Child { modified: Some(instant(-1)), ..child }).collect();
    assert_eq!(read(&regenerated, WalkReason::Gap).len(), MOST_OF_A_GAP as usize, "where everything says it changed, a few");
}

#[test]
fn dates_around_a_window_are_told_and_a_day_is_no_instant() {
    let mut entries: Vec<Entry> =
        [-3 * DAY, -DAY, -10, 5 * DAY].iter().map(|published| dated(&published.to_string(), *published).entry).collect();
    let mut of_a_day = dated("day", -10).entry;
    of_a_day.published = Some(PressTime { precision: Precision::Day, ..instant(-10) });
    entries.push(of_a_day);
    let window = Span { from: Some(at(-HOUR)), to: Some(at(0)) };
    let around = sift(entries, &Wanted { since: None, window: Some(window) }).around;
    assert_eq!(around, [at(-DAY), at(-10)]);
}

// ---------------------------------------------------------------- what is lost

/// One gap of nine, looked for in documents with these dates; what is lost then.
fn lost_after(documents: &[(FeedKind, &[i64], bool)]) -> i64 {
    let ground = Ground::with(&[alpha()]);
    read_feed(&ground, 0, MAP, read());
    read_feed(&ground, 0, FEED, PollRead { gap: gap(-1200, -600, 9), ..read() });
    let index = claim(&ground, 1, MAP);
    let page = |number: usize, kind| Page { kind, ..child(&format!("https://alpha.example.org/{number}.xml"), 0, true) };
    let next = documents.iter().enumerate().map(|(number, (kind, ..))| page(number, *kind)).collect();
    let mut commit = poll(&index, 1, of_pages(Pages { next, ..Pages::default() }));
    commit.next.at = at(HOUR);
    ground.commit_poll(&index, &commit);
    for (number, (_, dates, fails)) in documents.iter().enumerate() {
        let claim = claim(&ground, 2, &format!("https://alpha.example.org/{number}.xml"));
        let dates = dates.iter().map(|date| at(*date)).collect();
        let fresh = dated(&format!("of-{number}"), -900);
        let outcome = match fails {
            true => PollOutcome::Failed(Trouble { failure: Failure::Final, class: "http", reason: "404".to_owned() }),
            false => PollOutcome::Read(Box::new(PollRead { fresh: vec![fresh], ..of_pages(Pages { dates, ..Pages::default() }) })),
        };
        ground.commit_poll(&claim, &rested(&claim, 2, outcome));
    }
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM walk WHERE ended_at IS NOT NULL"), 1);
    ground.sql("SELECT entries_lost FROM sources")
}

#[test]
fn a_gap_is_closed_by_what_saw_both_its_ends_and_by_nothing_else() {
    let (map, archive) = (FeedKind::Sitemap, FeedKind::Archive);
    assert_eq!(lost_after(&[(map, &[-1300, -900, -500], false)]), 0, "before it and after it, in one sitemap");
    assert_eq!(lost_after(&[(map, &[-900_000], false)]), 8, "static pages of long ago say nothing");
    assert_eq!(lost_after(&[(map, &[-80_000, -100], false)]), 8, "nor does one old and one new date");
    assert_eq!(lost_after(&[(map, &[-1300], false), (map, &[-500], false)]), 7, "one end in each of two sitemaps");
    assert_eq!(lost_after(&[(archive, &[-1300], false), (archive, &[-500], false)]), 0, "archives hang together");
    assert_eq!(lost_after(&[(map, &[-1300, -500], false), (map, &[], true)]), 8, "a page that could not be had");
}

#[test]
fn an_entry_fills_one_gap_of_its_time_and_none_more_than_was_missing() {
    let ground = Ground::with(&[alpha()]);
    read_feed(&ground, 0, FEED, PollRead { gap: gap(-1200, -600, 2), ..read() });
    let own = vec![dated("a", -1200), dated("b", -700)];
    read_feed(&ground, HOUR, FEED, PollRead { fresh: own, ..read() });
    assert_eq!(ground.sql::<i64>("SELECT filled FROM gaps"), 1, "the feed had listed the end itself");
    let others = (0..5).map(|number| dated(&format!("c{number}"), -1200 + number * 10)).collect();
    read_feed(&ground, HOUR, MAP, PollRead { fresh: others, ..read() });
    assert_eq!(ground.sql::<i64>("SELECT filled FROM gaps"), 2);
    assert_eq!(ground.sql::<i64>("SELECT entries_lost FROM sources"), 0);
}

#[test]
fn gaps_of_a_day_become_one_row_and_walks_for_them_go_off_the_record() {
    let ground = Ground::with(&[alpha()]);
    read_feed(&ground, 0, MAP, read());
    for poll in 0..6 {
        read_feed(&ground, poll * HOUR, FEED, PollRead { gap: gap(poll * HOUR - 60, poll * HOUR - 30, 5), ..read() });
    }
    while is_due(&ground, 6 * HOUR, MAP) {
        read_feed(&ground, 6 * HOUR, MAP, PollRead { fresh: vec![dated("late", HOUR - 45)], ..read() });
    }
    let lost = ground.sql::<i64>("SELECT entries_lost FROM sources");
    assert_eq!((lost, ground.sql::<i64>("SELECT count(*) FROM gaps")), (29, 6));
    let walks = ground.sql::<i64>("SELECT count(*) FROM walks");
    let keep = |now: i64| while ground.write(move |ledger| ledger.maintain(at(now), Duration::from_millis(50))) {};
    keep(6 * DAY);
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM gaps"), 6, "those of this week stand each for itself");
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM walks"), walks);
    keep(9 * DAY);
    assert_eq!(ground.sql::<i64>("SELECT entries_lost FROM sources"), lost);
    assert_eq!(ground.sql::<i64>("SELECT sum(filled) FROM gaps"), 1);
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM gaps"), 1);
    let reason = ground.sql::<String>("SELECT reason FROM gaps");
    assert!(reason.starts_with("6 gaps of a day"), "{reason}");
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM walks WHERE ended_at IS NOT NULL"), 0);
    // The ids of walks that went mean nothing to the next one.
    read_feed(&ground, 9 * DAY, FEED, PollRead { gap: gap(9 * DAY - 60, 9 * DAY - 30, 5), ..read() });
    assert_eq!(ground.sql::<i64>("SELECT entries_lost FROM sources"), lost + 5);
}

// ---------------------------------------------------------------- pages in hand

fn walk_order(sitemaps: Vec<Url>) -> WalkOrder {
    let window = Span { from: Some(at(-100 * DAY)), to: None };
    let source = "alpha".to_owned();
    WalkOrder { source, reason: WalkReason::Backfill, window, sitemaps, revived: Vec::new(), hosts: Vec::<HostState>::new() }
}

#[test]
fn a_feed_that_is_dropped_while_a_walk_wants_it_is_not_polled_any_more_and_the_walk_ends() {
    let ground = Ground::with(&[alpha()]);
    read_feed(&ground, 0, FEED, read());
    let order = walk_order(Vec::new());
    ground.write(move |ledger| ledger.begin_walk(&order, at(1)));
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM feed WHERE walk_open = 1"), 1);
    ground.sync(&[source("alpha", &[FEED])], 2);
    for now in [3, HOUR, 2 * HOUR] {
        assert!(!is_due(&ground, now, MAP), "it is not in the configuration any more");
    }
    read_feed(&ground, 2 * HOUR, FEED, read());
    assert!(!is_due(&ground, 2 * HOUR, MAP));
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM walk WHERE ended_at IS NULL"), 0);
    // With the whole source gone and back, the walk goes on.
    ground.sync(&[alpha()], 3 * HOUR);
    let order = walk_order(Vec::new());
    ground.write(move |ledger| ledger.begin_walk(&order, at(3 * HOUR)));
    ground.sync(&[], 3 * HOUR);
    ground.sync(&[alpha()], 4 * HOUR);
    assert!(claim(&ground, 4 * HOUR, MAP).place.walk.is_some());
}

#[test]
fn a_discovered_sitemap_that_is_dropped_while_a_walk_wants_it_ends_the_walk() {
    let home = "https://alpha.example.org/";
    let mut alpha = source("alpha", &[]);
    alpha.feeds.push(FeedSpec { url: url(home), kind: FeedKind::Home });
    let ground = Ground::with(&[alpha]);
    let found = |now: i64, address: &str, kind| {
        let claim = claim(&ground, now, home);
        let mut commit = polled(&claim, now, PollOutcome::Found(Some(vec![FeedSpec { url: url(address), kind }])));
        commit.next.at = at(now + HOUR);
        ground.commit_poll(&claim, &commit);
    };
    found(0, MAP, FeedKind::Sitemap);
    let order = walk_order(Vec::new());
    ground.write(move |ledger| ledger.begin_walk(&order, at(1)));
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM feed WHERE walk_open = 1"), 1);
    found(HOUR, FEED, FeedKind::Feed);
    assert!(!is_due(&ground, 3 * HOUR, MAP));
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM walk WHERE ended_at IS NULL"), 0);
}

/// A source whose sitemap has one child, in hand; and the claim on it.
fn child_in_hand(ground: &Ground) -> FeedClaim {
    let index = claim(ground, 0, MAP);
    let pages = Pages { next: vec![child("https://alpha.example.org/part.xml", 0, false)], ..Pages::default() };
    ground.commit_poll(&index, &poll(&index, 0, of_pages(pages)));
    claim(ground, 1, "https://alpha.example.org/part.xml")
}

#[test]
fn a_child_that_changes_again_while_it_is_in_hand_is_read_again() {
    let ground = Ground::with(&[alpha()]);
    let part = child_in_hand(&ground);
    let index = claim(&ground, 2, MAP);
    let pages = Pages { next: vec![child("https://alpha.example.org/part.xml", 2, false)], ..Pages::default() };
    ground.commit_poll(&index, &poll(&index, 2, of_pages(pages)));
    ground.commit_poll(&part, &rested(&part, 3, PollOutcome::Read(Box::new(read()))));
    let again = claim(&ground, 4, part.url.as_str());
    ground.commit_poll(&again, &rested(&again, 4, PollOutcome::Read(Box::new(read()))));
    assert!(!is_due(&ground, 5, part.url.as_str()), "and rests then");
}

#[test]
fn a_page_in_hand_that_a_walk_comes_to_want_does_not_keep_it_open_for_ever() {
    let ground = Ground::with(&[alpha()]);
    read_feed(&ground, 0, FEED, read());
    let part = child_in_hand(&ground);
    // The walk wants the page, and the page alone: all others are read.
    let order = walk_order(vec![part.url.clone()]);
    ground.write(move |ledger| ledger.begin_walk(&order, at(2)));
    let index = claim(&ground, 2, MAP);
    assert!(index.place.walk.is_some());
    ground.commit_poll(&index, &poll(&index, 2, read()));
    ground.commit_poll(&part, &rested(&part, 3, PollOutcome::Read(Box::new(read()))));
    let again = claim(&ground, 4, part.url.as_str());
    assert!(again.place.walk.is_some());
    ground.commit_poll(&again, &rested(&again, 4, PollOutcome::Read(Box::new(read()))));
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM walk WHERE ended_at IS NULL"), 0);
}

#[test]
fn a_page_that_the_operator_names_while_it_is_in_hand_keeps_being_polled() {
    let ground = Ground::with(&[alpha()]);
    let part = child_in_hand(&ground);
    let mut named = alpha();
    named.feeds.push(FeedSpec { url: part.url.clone(), kind: FeedKind::Sitemap });
    ground.sync(&[named], 2);
    ground.commit_poll(&part, &rested(&part, 3, PollOutcome::Read(Box::new(read()))));
    assert!(is_due(&ground, HOUR, part.url.as_str()));
}

#[test]
fn a_feed_in_hand_that_a_walk_comes_to_want_is_polled_once_more_at_once() {
    let ground = Ground::with(&[alpha()]);
    let map = claim(&ground, 0, MAP);
    let order = walk_order(Vec::new());
    ground.write(move |ledger| ledger.begin_walk(&order, at(1)));
    let mut commit = poll(&map, 2, read());
    commit.next.at = at(4 * HOUR);
    ground.commit_poll(&map, &commit);
    assert!(claim(&ground, 3, MAP).place.walk.is_some());
}

// ---------------------------------------------------------------- what it costs

#[test]
fn what_every_commit_asks_of_walks_and_gaps_is_a_step_in_an_index() {
    let ground = Ground::new();
    let db = Connection::open(ground.path()).unwrap();
    for (sql, index) in [
        (
            "SELECT count(*) FROM feed WHERE walk_id = 1 AND walk_open = 1 AND active = 1 AND named = 0",
            "feed_walk (walk_id=? AND walk_open=? AND active=? AND named=?)",
        ),
        (
            "SELECT id FROM feed WHERE walk_id = 1 AND walk_open = 1 AND active = 0 AND named = 0 AND parent_id IS NOT NULL
             ORDER BY id LIMIT 8",
            "feed_walk (walk_id=? AND walk_open=? AND active=? AND named=?)",
        ),
        ("SELECT EXISTS (SELECT 1 FROM feed WHERE walk_id = 1 AND walk_open = 1)", "feed_walk (walk_id=? AND walk_open=?)"),
        (
            "SELECT id FROM feed WHERE host_id = 1 AND named = 1 AND active = 1 AND lease_until IS NULL AND next_poll_at <= 'x'
             ORDER BY next_poll_at, id LIMIT 1",
            "feed_turn (host_id=? AND named=? AND next_poll_at<?)",
        ),
        (
            "SELECT g.id FROM gap g JOIN feed f ON f.id = 2 WHERE g.source_id = 1 AND g.filled < g.estimated AND g.to_at >= 'x'",
            "gap_open (source_id=? AND to_at>?)",
        ),
        (
            "SELECT coalesce(sum(estimated - filled), 0) FROM gap WHERE source_id = 1 AND filled < estimated",
            "gap_open (source_id=?)",
        ),
        (
            "SELECT id FROM walk WHERE source_id = 1 AND reason = 'backfill' AND from_at = 'x' AND to_at = 'y' ORDER BY id DESC",
            "walk_window (source_id=? AND reason=? AND from_at=? AND to_at=?)",
        ),
        (
            "SELECT 1 FROM walk g WHERE g.source_id = 1 AND g.reason = 'gap' AND g.begun_at > 'x'",
            "walk_begun (source_id=? AND begun_at>?)",
        ),
        ("UPDATE feed SET walk_id = NULL WHERE walk_id = 1", "feed_walk (walk_id=?)"),
    ] {
        let plan = plan(&db, sql);
        assert!(plan.contains(index), "{sql}: {plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it measures how long a commit takes")]
fn a_document_of_many_dated_entries_is_written_in_time_beside_many_found_pages() {
    let ground = Ground::with(&[alpha()]);
    read_feed(&ground, 0, FEED, PollRead { gap: gap(-900, -300, 9), ..read() });
    // Twenty thousand children that were found, as a large index leaves them.
    let db = Connection::open(ground.path()).unwrap();
    db.execute_batch(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
         INSERT INTO feed (source_id, url, kind, host_id, named, active, next_poll_at, parent_id, depth)
         SELECT 1, 'https://alpha.example.org/part-' || n || '.xml', 'sitemap', 1, 0, 0, '', 2, 1 FROM n",
    )
    .unwrap();
    drop(db);
    let fresh =
        (0..5000).map(|number| NewEntry { key: EntryKey(format!("{number}")), ..dated(&format!("{number}"), -400) }).collect();
    let claim = claim(&ground, 1, MAP);
    let commit = poll(&claim, 1, PollRead { fresh, ..read() });
    let begun = std::time::Instant::now();
    ground.commit_poll(&claim, &commit);
    let took = begun.elapsed();
    println!("5,000 dated entries beside 20,000 found pages and a gap: {took:?}");
    // It took ten seconds when every entry was laid beside every page; a busy machine is allowed for.
    assert!(took < Duration::from_secs(4), "{took:?}");
    assert_eq!(ground.sql::<i64>("SELECT filled FROM gaps"), 9);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it measures how long a commit takes")]
fn an_index_of_many_children_is_written_in_time() {
    let ground = Ground::with(&[alpha()]);
    read_feed(&ground, 0, FEED, read());
    let order = walk_order(Vec::new());
    ground.write(move |ledger| ledger.begin_walk(&order, at(1)));
    let index = claim(&ground, 1, MAP);
    let next = (0..15_000).map(|number| child(&format!("https://alpha.example.org/part-{number}.xml"), 0, true)).collect();
    let commit = poll(&index, 1, of_pages(Pages { next, ..Pages::default() }));
    let begun = std::time::Instant::now();
    ground.commit_poll(&index, &commit);
    let took = begun.elapsed();
    println!("an index of 15,000 children: {took:?}");
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM feed WHERE walk_open = 1"), 15_000);
    assert!(took < Duration::from_secs(3), "{took:?}");
    // And the pages that come after it are no dearer for those that wait.
    let page = ground.feeds(2, Scope::Due, NO_PACE).into_iter().find(|claim| claim.place.found).unwrap();
    let begun = std::time::Instant::now();
    ground.commit_poll(&page, &rested(&page, 2, PollOutcome::Read(Box::new(read()))));
    println!("a page of it: {:?}", begun.elapsed());
}
