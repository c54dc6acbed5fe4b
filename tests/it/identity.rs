//! Identity that survives churn, through the real binary: ids, links, headlines and dates that change while the article
//! stays, and ids that stay while the article changes. Nothing is filed twice, nothing is swallowed, nothing scraped in vain.

use std::fmt::Write as _;

use newsweb::{Agency, Format, NewsWeb, Plan, Response};
use proptest::prelude::*;
use wireroom::dedup::{Selection, triage};
use wireroom::model::{Entry, EntryId, EntryState, FeedId, KnownEntries, KnownEntry, NewEntry, Timestamp, Url};

use super::operator::{Desk, Ledger};

// ---------------------------------------------------------------- a site written by hand

/// One entry as the feed writes it; what is empty is left out.
#[derive(Debug, Clone, Default)]
struct Item {
    id: String,
    path: String,
    title: String,
    date: String,
    updated: String,
}

impl Item {
    fn new(id: &str, path: &str, title: &str) -> Item {
        Item { id: id.to_owned(), path: path.to_owned(), title: title.to_owned(), date: hour(9), updated: String::new() }
    }

    fn dated(mut self, date: &str) -> Item {
        self.date = date.to_owned();
        self
    }

    fn updated(mut self, date: &str) -> Item {
        self.updated = date.to_owned();
        self
    }
}

fn hour(hour: usize) -> String {
    format!("Wed, 25 Nov 2026 {:02}:{:02}:00 GMT", hour % 24, hour / 24)
}

struct Site {
    web: NewsWeb,
    desk: Desk,
}

impl Site {
    fn new() -> Site {
        let web = NewsWeb::start(Plan::of([Agency { items: 0, ..Agency::new("gazette") }])).unwrap();
        let desk = Desk::of(&web);
        Site { web, desk }
    }

    /// Puts an article at a path; the same number is the same text.
    fn page(&self, path: &str, title: &str, number: usize) {
        self.web.set_page("gazette", path, Response::html(html(title, number)));
    }

    fn feed(&self, items: &[Item]) {
        self.feed_at(Format::Rss2, items);
    }

    fn feed_at(&self, format: Format, items: &[Item]) {
        let base = self.web.base("gazette");
        let mut out = "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:dcterms=\"http://purl.org/dc/terms/\"><channel><title>Gazette</title>".to_owned();
        for item in items {
            out.push_str("<item>");
            let link = if item.path.starts_with('/') { format!("{base}{}", item.path) } else { item.path.clone() };
            for (name, text) in [
                ("title", &item.title),
                ("link", &link),
                ("guid", &item.id),
                ("pubDate", &item.date),
                ("dcterms:modified", &item.updated),
            ] {
                if !text.is_empty() && (name != "link" || !item.path.is_empty()) {
                    let text = text.replace('&', "&amp;");
                    write!(out, "<{name}>{text}</{name}>").unwrap();
                }
            }
            out.push_str("</item>");
        }
        out.push_str("</channel></rss>");
        self.web.set_feed_raw("gazette", format, out);
    }

    fn poll(&self) -> Ledger {
        self.desk.once();
        self.desk.ledger()
    }

    /// Lists these entries and polls.
    fn brings(&self, items: &[Item]) -> Ledger {
        self.feed(items);
        self.poll()
    }

    /// Pages asked for so far.
    fn scrapes(&self) -> usize {
        let feeds = Format::ALL.map(Format::path);
        self.web.log().iter().filter(|row| row.target != "/robots.txt" && !feeds.contains(&row.target.as_str())).count()
    }

    #[track_caller]
    fn holds(&self, articles: i64, entries: i64, scrapes: usize) {
        let ledger = self.desk.ledger();
        let state = ledger.pairs("select entry_key || ' ' || state, coalesce(title, '') || coalesce(reason, '') from entries");
        assert_eq!(ledger.count("select count(*) from articles"), articles, "articles: {state:#?}");
        assert_eq!(ledger.count("select count(*) from entries"), entries, "entries: {state:#?}");
        assert_eq!(self.scrapes(), scrapes, "scrapes: {state:#?}");
    }
}

/// A page whose text follows from its number.
fn html(title: &str, number: usize) -> String {
    let paragraph = |part: usize| {
        let mut text = String::new();
        for word in 0..40 {
            let mut seed = (number * 1_000 + part * 50 + word) as u64;
            seed = (seed ^ 0x9E37_79B9).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            seed ^= seed >> 29;
            let letters: String = (0..4 + seed % 5).map(|at| char::from(b'a' + ((seed >> (at * 5)) % 26) as u8)).collect();
            text.push_str(&letters);
            text.push_str(if word == 39 { ". " } else { " " });
        }
        text
    };
    format!(
        "<!doctype html><html lang=\"en\"><head><title>{title}</title><meta property=\"og:title\" content=\"{title}\"></head><body>\
         <article><h1>{title}</h1><p>{}</p><p>{}</p><p>{}</p></article></body></html>",
        paragraph(0),
        paragraph(1),
        paragraph(2)
    )
}

// ---------------------------------------------------------------- the threads of the reference

#[test]
fn without_ids_a_link_that_carries_another_session_is_the_same_entry() {
    for (name, link) in [
        ("tracking", "/news/1.html?utm_source=rss&utm_term=TOKEN"),
        ("session", "/news/1.html?PHPSESSID=TOKEN"),
        ("token", "/news/1.html?visit=TOKEN"),
        ("path", "/news/1.html;jsessionid=TOKEN"),
        ("folder", "/news/TOKEN/1.html"),
        ("cookieless", "/(S(TOKEN))/news/1.html"),
    ] {
        for with_id in [false, true] {
            let site = Site::new();
            for (poll, token) in ["a83kf92hd7", "q1w2e3r4t5", "z9x8c7v6b5", "m4n5b6v7c8"].into_iter().enumerate() {
                let path = link.replace("TOKEN", token);
                // An id that is the volatile link itself says no more than the link.
                let id = if with_id { format!("{}{path}", site.web.base("gazette")) } else { String::new() };
                site.page(&path, "Ferry back in service", 1);
                site.page("/news/1.html", "Ferry back in service", 1);
                site.brings(&[Item::new(&id, &path, "Ferry back in service")]);
                site.holds(1, 1, 1);
                assert!(poll < 4, "{name}");
            }
        }
    }
}

#[test]
fn without_ids_two_links_that_carry_tokens_are_two_entries_beside_each_other() {
    let site = Site::new();
    let paths = ["/news/a83kf92hd7", "/news/q1w2e3r4t5"];
    paths.iter().enumerate().for_each(|(number, path)| site.page(path, "In brief", number));
    let items = paths.map(|path| Item::new("", path, "In brief"));
    site.brings(&items);
    site.holds(2, 2, 2);
    site.brings(&[items[1].clone(), items[0].clone()]);
    site.holds(2, 2, 2);
    // A third of that look, with another text, is no less an article.
    site.page("/news/z9x8c7v6b5", "In brief", 3);
    site.brings(&[Item::new("", "/news/z9x8c7v6b5", "In brief"), items[0].clone(), items[1].clone()]);
    site.holds(3, 3, 3);
}

#[test]
fn ids_that_change_at_every_poll_name_the_same_pages() {
    let site = Site::new();
    (1..=3).for_each(|number| site.page(&format!("/a/{number}"), &format!("Report {number}"), number));
    for poll in 0..12 {
        let items: Vec<Item> = (1..=3)
            .map(|number| Item::new(&format!("urn:{number}#{poll}"), &format!("/a/{number}"), &format!("Report {number}")))
            .collect();
        site.brings(&items);
    }
    site.holds(3, 3, 3);
    let ledger = rusqlite::Connection::open(site.desk.ledger_path()).unwrap();
    let names: i64 = ledger
        .query_row("select max(n) from (select count(*) n from entry_alias group by entry_id)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(names, 8, "names are kept, and not without bound");
}

#[test]
fn one_id_for_all_entries_swallows_none() {
    for title in ["", "Press release"] {
        let site = Site::new();
        let item = |number: usize| {
            let title = if title.is_empty() { format!("Report {number}") } else { title.to_owned() };
            Item::new("feed", &format!("/a/{number}"), &title).dated(&hour(number))
        };
        (1..=6).for_each(|number| site.page(&format!("/a/{number}"), &item(number).title, number));
        site.brings(&[item(3), item(2), item(1)]);
        site.holds(3, 3, 3);
        site.brings(&[item(2), item(3), item(1)]);
        site.holds(3, 3, 3);
        // The next day one of them stands alone under that id.
        site.brings(&[item(4), item(3)]);
        site.holds(4, 4, 4);
        site.brings(&[item(5)]);
        site.brings(&[item(6)]);
        site.holds(6, 6, 6);
        site.brings(&[item(6), item(5), item(4), item(3), item(2), item(1)]);
        site.holds(6, 6, 6);
    }
}

#[test]
fn an_article_that_moved_keeps_its_entry() {
    let site = Site::new();
    site.page("/world/1", "Harbour strike ends", 1);
    site.brings(&[Item::new("a1", "/world/1", "Harbour strike ends")]);
    site.page("/economy/1-harbour", "Harbour strike ends", 1);
    for _ in 0..3 {
        site.brings(&[Item::new("a1", "/economy/1-harbour", "Harbour strike ends")]);
    }
    site.holds(1, 1, 1);
    // The new address is a name of it: another id there is the same entry.
    site.brings(&[Item::new("b1", "/economy/1-harbour", "Harbour strike ends")]);
    site.holds(1, 1, 1);
}

#[test]
fn an_article_that_moved_before_it_was_read_is_read_where_it_is() {
    let site = Site::new();
    site.brings(&[Item::new("a1", "/world/1", "Harbour strike ends")]);
    assert_eq!(site.desk.ledger().count("select count(*) from articles"), 0, "the page is not there");
    site.page("/economy/1-harbour", "Harbour strike ends", 1);
    let ledger = site.brings(&[Item::new("a1", "/economy/1-harbour", "Harbour strike ends")]);
    assert_eq!(ledger.count("select count(*) from articles"), 1);
    assert_eq!(ledger.count("select count(*) from entries"), 1);
}

#[test]
fn entries_without_id_and_link_are_on_record_once() {
    let site = Site::new();
    let items = [Item::new("", "", "Weather warning"), Item::new("", "", "Roads closed")];
    site.brings(&items);
    site.brings(&items);
    site.holds(0, 2, 0);
    assert_eq!(site.desk.ledger().count("select count(*) from entries where state = 'skipped' and reason like '%link%'"), 2);
}

#[test]
fn edited_headlines_are_read_again_and_become_revisions_only_if_the_page_changed() {
    let site = Site::new();
    site.page("/a/1", "Minister to resign", 1);
    site.brings(&[Item::new("a1", "/a/1", "Minister to resign")]);
    // The feed words it another way, the page stays.
    site.brings(&[Item::new("a1", "/a/1", "Minister may resign")]);
    site.holds(1, 1, 2);
    assert_eq!(site.desk.ledger().count("select max(revision) from articles"), 1);
    site.page("/a/1", "Minister resigns", 2);
    let ledger = site.brings(&[Item::new("a1", "/a/1", "Minister resigns")]);
    assert_eq!(ledger.count("select count(*) from entries"), 1);
    assert_eq!(site.scrapes(), 3);
}

#[test]
fn dates_that_move_at_every_poll_start_no_storm() {
    let site = Site::new();
    (1..=6).for_each(|number| site.page(&format!("/a/{number}"), &format!("Report {number}"), number));
    for poll in 0..10 {
        // `pubDate` is the hour of the answer, and so is the date of change; another feed counts every entry's back from it.
        let item = |number: usize| {
            let back = if poll % 2 == 0 { 0 } else { number };
            Item::new(&format!("a{number}"), &format!("/a/{number}"), &format!("Report {number}"))
                .dated(&hour(8 + poll))
                .updated(&hour(9 + poll + back))
        };
        site.brings(&(1..=6).map(item).collect::<Vec<_>>());
    }
    site.holds(6, 6, 6);
    assert_eq!(site.desk.ledger().count("select count(*) from revisions"), 6);
}

#[test]
fn a_date_of_change_of_one_entry_is_believed_until_it_cries_wolf() {
    let site = Site::new();
    (1..=4).for_each(|number| site.page(&format!("/a/{number}"), &format!("Report {number}"), number));
    let item = |number: usize, changed: usize| {
        Item::new(&format!("a{number}"), &format!("/a/{number}"), &format!("Report {number}")).updated(&hour(10 + changed))
    };
    site.brings(&(1..=4).map(|number| item(number, 0)).collect::<Vec<_>>());
    site.page("/a/2", "Report 2", 22);
    let ledger = site.brings(&[item(1, 0), item(2, 1), item(3, 0), item(4, 0)]);
    assert_eq!((site.scrapes(), ledger.count("select count(*) from articles")), (5, 5 - 1 + i64::from(reused(&ledger))));
    // The next ten changes of the date change nothing else.
    for changed in 1..=10 {
        site.brings(&[item(1, changed), item(2, 1), item(3, 0), item(4, 0)]);
    }
    assert!(site.scrapes() <= 5 + 2, "{} scrapes", site.scrapes());
}

/// Whether a page with quite another text was filed as another article.
fn reused(ledger: &Ledger) -> bool {
    ledger.count("select max(revision) from articles") == 1
}

#[test]
fn one_article_in_two_feeds_of_a_source_is_one_entry() {
    let site = Site::new();
    (1..=3).for_each(|number| site.page(&format!("/a/{number}"), &format!("Report {number}"), number));
    let item =
        |feed: &str, number: usize| Item::new(&format!("{feed}-{number}"), &format!("/a/{number}"), &format!("Report {number}"));
    let two =
        format!("feeds = [{:?}, {:?}]", site.web.feed_url("gazette", Format::Rss2), site.web.feed_url("gazette", Format::Rdf));
    let toml = site.desk.toml().replace(&format!("feed = {:?}", site.web.feed("gazette")), &two);
    for poll in 0..4 {
        site.feed_at(Format::Rss2, &[item("top", 1), item("top", 2)]);
        site.feed_at(Format::Rdf, &[item("world", 2), item("world", 3)]);
        std::fs::write(site.desk.path("wireroom.toml"), &toml).unwrap();
        site.desk.say(&["once"]);
        site.holds(3, 3, 3);
        assert!(poll < 4);
    }
}

#[test]
fn scheme_host_prefix_and_slash_are_no_identity() {
    let site = Site::new();
    site.page("/a/1/", "Report", 1);
    site.page("/a/1", "Report", 1);
    site.page("//a/1/index.html", "Report", 1);
    let base = site.web.base("gazette");
    let secure = base.replace("http://", "https://");
    for link in ["/a/1", "/a/1/", "//a/1/index.html"] {
        site.brings(&[Item::new("", &format!("{base}{link}"), "Report")]);
        site.brings(&[Item::new(&format!("{base}{link}"), &format!("{base}{link}"), "Report")]);
    }
    site.brings(&[Item::new(&format!("{secure}/a/1"), &format!("{secure}/a/1"), "Report")]);
    site.holds(1, 1, 1);
}

#[test]
fn a_new_system_that_changes_every_id_and_address_ends_in_the_same_stories() {
    let site = Site::new();
    (1..=5).for_each(|number| {
        site.page(&format!("/news.php?id={number}"), &format!("Report {number}"), number);
        site.page(&format!("/world/report-{number}"), &format!("Report {number}"), number);
    });
    let old = |number: usize| Item::new(&format!("{number}"), &format!("/news.php?id={number}"), &format!("Report {number}"));
    let new = |number: usize| Item::new(&format!("urn:{number}"), &format!("/world/report-{number}"), &format!("Report {number}"));
    site.brings(&(1..=5).map(old).collect::<Vec<_>>());
    let ledger = site.brings(&(1..=5).map(new).collect::<Vec<_>>());
    // Each page is read once more; its text says that it is the old article's.
    assert_eq!(site.scrapes(), 10);
    assert_eq!(ledger.count("select count(*) from stories"), 5, "five stories, as before");
    assert_eq!(ledger.count("select count(*) from articles where duplicate_of is null"), 5);
    assert_eq!(ledger.count("select entries_lost from sources"), 0, "and no gap");
    site.brings(&(1..=5).map(new).collect::<Vec<_>>());
    assert_eq!(site.scrapes(), 10);
}

#[test]
fn a_live_page_with_a_new_id_for_each_of_its_headlines_is_read_again() {
    let site = Site::new();
    for update in 1..=4 {
        site.page("/live", &format!("Vote count, part {update}"), update);
        let ledger = site.brings(&[Item::new(&format!("live-{update}"), "/live", &format!("Vote count, part {update}"))]);
        assert_eq!(site.scrapes(), update);
        assert_eq!(ledger.count("select count(*) from entries"), 1, "one page, one entry");
        let newest = format!("select count(*) from articles where title = 'Vote count, part {update}'");
        assert_eq!(ledger.count(&newest), 1, "the newest text is there");
    }
    // The same, the old ones listed beside the new ones: one page, read no more often than it says something new.
    let site = Site::new();
    let item = |update: usize| Item::new(&format!("live-{update}"), "/live", &format!("Vote count, part {update}"));
    for update in 1..=4 {
        site.page("/live", &format!("Vote count, part {update}"), update);
        site.brings(&(1..=update).rev().map(item).collect::<Vec<_>>());
        site.brings(&(1..=update).map(item).collect::<Vec<_>>());
        assert_eq!(site.scrapes(), update);
    }
}

// ---------------------------------------------------------------- fifty polls of churn

/// Chance with a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[test]
fn fifty_polls_of_churn_file_every_article_once() {
    for seed in [3u64, 71] {
        let site = Site::new();
        let mut dice = Dice(seed * 7_919);
        let (mut published, mut edits) = (0usize, 0usize);
        let mut titles: Vec<String> = Vec::new();
        for poll in 0..50 {
            for _ in 0..dice.below(3) {
                published += 1;
                titles.push(format!("Report {published} of the day"));
                site.page(&format!("/a/{published}.html"), &titles[published - 1], published);
            }
            let listed: Vec<usize> = (published.saturating_sub(10) + 1..=published).rev().collect();
            let mut items = Vec::new();
            for number in listed {
                let path = format!("/a/{number}.html");
                let page = match dice.below(6) {
                    0 => format!("{path}?utm_campaign=c{poll}"),
                    1 => format!("{path}?fbclid=x{poll}"),
                    2 => format!("{path}#poll{poll}"),
                    3 => format!("{path};jsessionid=S{poll}"),
                    _ => path.clone(),
                };
                let id = match dice.below(5) {
                    0 => String::new(),
                    1 => format!("v{poll}-{number}"),
                    2 => format!("{}{path}", site.web.base("gazette")),
                    _ => format!("id-{number}"),
                };
                if dice.below(40) == 0 {
                    edits += 1;
                    titles[number - 1] = format!("Report {number} of the day, edition {edits}");
                }
                let date = hour(number + if dice.below(4) == 0 { dice.below(5) } else { 0 });
                items.push(Item::new(&id, &page, &titles[number - 1]).dated(&date));
            }
            if poll % 7 == 3 {
                items.reverse();
            }
            // Some links are of a session: their pages answer as well.
            for item in items.iter().filter(|item| item.path.contains(';')) {
                let number: usize = item.path.trim_start_matches("/a/").split('.').next().unwrap().parse().unwrap();
                site.page(&item.path, &titles[number - 1], number);
            }
            site.brings(&items);
        }
        let ledger = site.desk.ledger();
        let scrapes = site.scrapes();
        println!("seed {seed}: {published} published, {edits} edited, {scrapes} scrapes");
        assert_eq!(ledger.count("select count(*) from articles"), published as i64);
        assert_eq!(ledger.count("select count(*) from entries where state = 'filed'"), published as i64);
        assert_eq!(ledger.count("select count(*) from entries"), published as i64);
        assert!(scrapes <= published + edits, "{scrapes} scrapes of {published} articles with {edits} edits");
        assert_eq!(ledger.count("select entries_lost from sources"), 0);
    }
}

// ---------------------------------------------------------------- properties of triage

fn now() -> Timestamp {
    Timestamp::from_second(1_780_000_000).unwrap()
}

/// What the ledger would know after these were committed: by key, by further names, by page.
fn known(committed: &[NewEntry]) -> KnownEntries {
    let mut known = KnownEntries::default();
    for (row, new) in committed.iter().enumerate() {
        let entry = KnownEntry {
            id: EntryId(row as i64 + 1),
            url_key: new.url_key.clone(),
            title: new.entry.title.clone(),
            digest: new.digest,
            feed: Some(FeedId(1)),
            published: None,
            scraped_at: None,
            idle: 0,
            filed: true,
            state: EntryState::Filed,
            aside: None,
        };
        new.also.iter().for_each(|name| _ = known.entries.insert(name.clone(), entry.clone()));
        new.url_key.iter().for_each(|page| known.pages.entry(page.clone()).or_default().insert(0, entry.clone()));
        known.entries.insert(new.key.clone(), entry);
    }
    known
}

fn some_entry() -> impl Strategy<Value = Entry> {
    (proptest::option::of("[ab]{1,2}"), proptest::option::of("[12]|a8f3k2h9d[12]"), "[xyz]{0,2}").prop_map(|(id, page, title)| {
        Entry {
            id,
            title: Some(title),
            ..Entry::of_page(page.and_then(|page| Url::parse(&format!("http://a.example.org/{page}")).ok()), now())
        }
    })
}

proptest! {
    #[test]
    fn triage_counts_every_entry_and_the_order_of_a_document_says_nothing(
        entries in proptest::collection::vec(some_entry(), 0..10),
        later in proptest::collection::vec(some_entry(), 0..10),
    ) {
        let sort = |entries: Vec<Entry>, known: &KnownEntries| triage(FeedId(1), entries, known, &Selection::default(), now());
        let first = sort(entries.clone(), &KnownEntries::default());
        prop_assert_eq!(first.fresh.len() + first.changed.len() + first.unchanged, entries.len());
        let ledger = known(&first.fresh);
        let mut again = entries;
        again.reverse();
        let second = sort(again, &ledger);
        prop_assert_eq!((second.fresh.len(), second.renamed.len()), (0, 0), "what is known is known in any order");
        let third = sort(later.clone(), &ledger);
        prop_assert_eq!(third.fresh.len() + third.changed.len() + third.unchanged, later.len());
        prop_assert_eq!(third.sights.len(), later.len());
        let twice = third.changed.iter().any(|(id, _)| third.changed.iter().filter(|(other, _)| other == id).count() > 1);
        prop_assert!(!twice, "no entry changes twice in one document");
    }
}
