//! Identity that survives churn, through the real binary: ids, links, headlines and dates that change while the article
//! stays, and ids that stay while the article changes. Nothing is filed twice, nothing is swallowed, nothing scraped in vain.

use std::fmt::Write as _;

use newsweb::{Agency, Format, NewsWeb, Plan, Response};
use proptest::prelude::*;
use wireroom::dedup::{Selection, triage};
use wireroom::model::{
    Entry, EntryId, EntryKey, EntryState, FeedId, KnownEntries, KnownEntry, NewEntry, Precision, PressTime, Timestamp, Url,
    ZoneSource,
};

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

// ---------------------------------------------------------------- numbers and dates in addresses are no tokens

/// Addresses of one column on successive days, as editorial systems make them.
const COLUMNS: [(&str, [&str; 3]); 7] = [
    ("slug", ["2026-11-23-morning-briefing", "2026-11-24-morning-briefing", "2026-11-25-morning-briefing"]),
    ("tail", ["morning-briefing-20261123", "morning-briefing-20261124", "morning-briefing-20261125"]),
    ("short", ["c5y4gqz8p7do", "cx2p9k1w3e7o", "c8v1n4m6t2ro"]),
    ("mongo", ["6563a1f2e4b0c9d8a7f61234", "6564f3e2d1c0b9a8f7e65678", "6565b7c8d9e0f1a2b3c49012"]),
    (
        "uuid",
        ["0b6f3c1e-52aa-4c1d-9f7e-3a2b1c0d9e8f", "7d1e9a42-8bc3-4f05-a6d7-e8f90a1b2c3d", "c4a5b6d7-19e8-4f7a-8b9c-0d1e2f3a4b5c"],
    ),
    ("count", ["1201", "1202", "1203"]),
    ("folder", ["2026/11/23/briefing", "2026/11/24/briefing", "2026/11/25/briefing"]),
];

/// All columns in all ways to date and to name them, on one day of three.
fn columns(day: usize) -> Vec<(String, Item)> {
    let mut all = Vec::new();
    for (kind, paths) in COLUMNS {
        for dating in ["none", "day", "instant"] {
            for naming in ["same", "new", "none"] {
                let column = format!("{kind}-{dating}-{naming}");
                let date = match dating {
                    "none" => String::new(),
                    "day" => format!("2026-11-{}", 23 + day),
                    _ => format!("Mon, {} Nov 2026 06:30:00 GMT", 23 + day),
                };
                let id = match naming {
                    "same" => column.clone(),
                    "new" => format!("{column}-{day}"),
                    _ => String::new(),
                };
                let path = format!("/{dating}/{naming}/{}", paths[day]);
                all.push((column.clone(), Item::new(&id, &path, &format!("The briefing of {column}")).dated(&date)));
            }
        }
    }
    all
}

#[test]
fn a_daily_column_under_one_headline_is_an_article_every_day() {
    for beside in [false, true] {
        let site = Site::new();
        let mut published = Vec::new();
        for day in 0..3 {
            let today = columns(day);
            for (number, (_, item)) in today.iter().enumerate() {
                site.page(&item.path, &item.title, day * 100 + number);
                published.push(item.path.clone());
            }
            let mut items: Vec<Item> = today.into_iter().map(|(_, item)| item).collect();
            if beside && day > 0 {
                items.extend(columns(day - 1).into_iter().map(|(_, item)| item));
            }
            site.brings(&items);
            site.brings(&items);
            let scraped = site.scrapes();
            items.reverse();
            site.brings(&items);
            assert_eq!(site.scrapes(), scraped, "nothing is read again for being listed again, on day {day}");
        }
        let ledger = site.desk.ledger();
        let base = site.web.base("gazette");
        for path in &published {
            let filed = ledger.count(&format!("select count(*) from articles where url = '{base}{path}'"));
            assert_eq!(filed, 1, "{path}, yesterday's {}", if beside { "beside it" } else { "gone" });
        }
        assert_eq!(ledger.count("select count(*) from articles"), published.len() as i64);
        assert!(site.scrapes() <= published.len(), "{} scrapes", site.scrapes());
    }
}

#[test]
fn a_column_that_was_not_read_yet_is_not_overwritten_by_the_next_one() {
    for date in ["", "2026-11-25"] {
        let site = Site::new();
        // The pages answer only after both days were listed.
        let items =
            ["c5y4gqz8p7do", "cx2p9k1w3e7o"].map(|path| Item::new("briefing", &format!("/a/{path}"), "Briefing").dated(date));
        site.web.fault(site.web.url("gazette", &items[0].path), newsweb::Fault::Status(503));
        items.iter().enumerate().for_each(|(number, item)| site.page(&item.path, &item.title, number));
        site.brings(&items[..1]);
        let ledger = site.brings(&items[1..]);
        assert_eq!(ledger.count("select count(*) from entries"), 2);
        assert_eq!(ledger.count("select count(*) from entries where state = 'pending'"), 1, "the first is waiting");
    }
}

#[test]
fn ids_that_are_places_in_the_feed_bring_every_article_once() {
    for paths in [
        ["c5y4gqz8p7do", "cx2p9k1w3e7o", "c8v1n4m6t2ro", "c1q2w3e4r5to", "c9z8x7c6v5bo", "c4f5g6h7j8ko"],
        [
            "2026-11-25-g20-summit-2026",
            "2026-11-25-covid-19-cases-up-10-percent",
            "2026-11-25-budget-passes",
            "2026-11-24-harbour-strike-day-3",
            "2026-11-24-a320-grounded",
            "2026-11-24-b2b-fair-opens",
        ],
    ] {
        for dated in [false, true] {
            let site = Site::new();
            let date = |number: usize| if dated { hour(10 + number) } else { String::new() };
            for number in 0..6 {
                site.page(&format!("/a/{}", paths[number]), &format!("Report {number}"), number);
                let first = number.saturating_sub(2);
                let item = |(place, number): (usize, usize)| {
                    Item::new(&place.to_string(), &format!("/a/{}", paths[number]), &format!("Report {number}"))
                        .dated(&date(number))
                };
                let items: Vec<Item> = (first..=number).rev().enumerate().map(item).collect();
                site.brings(&items);
                site.brings(&items);
            }
            site.holds(6, 6, 6);
        }
    }
}

#[test]
fn a_slug_that_was_mended_before_the_page_was_read_is_followed() {
    for (wrong, right) in [("2026-11-25-mornig-briefing", "2026-11-25-morning-briefing"), ("c5y4-budgte-2026", "c5y4-budget-2026")]
    {
        let site = Site::new();
        site.brings(&[Item::new("a1", &format!("/a/{wrong}"), "Morning briefing")]);
        site.page(&format!("/a/{right}"), "Morning briefing", 1);
        let ledger = site.brings(&[Item::new("a1", &format!("/a/{right}"), "Morning briefing")]);
        assert_eq!(ledger.count("select count(*) from articles"), 1);
        assert_eq!(ledger.count("select count(*) from entries"), 1);
    }
}

#[test]
fn a_link_of_a_session_without_a_date_starts_no_storm_under_a_lasting_id() {
    let site = Site::new();
    for poll in 0..8 {
        let path = format!("/news/a{poll}3kf92h{poll}7/1.html");
        site.page(&path, "Ferry back in service", 1);
        site.brings(&[Item::new("ferry", &path, "Ferry back in service").dated("")]);
    }
    let ledger = site.desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 1, "its text says that it is the same article");
    assert_eq!(ledger.count("select count(*) from entries"), 1);
    assert!(site.scrapes() <= 4, "{} scrapes", site.scrapes());
}

#[test]
fn parameters_that_the_operator_calls_tracking_are_no_identity_of_an_entry() {
    let mut site = Site::new();
    site.desk.daemon.push_str("[dedup]\ntracking_parameters = [\"edition\"]\n");
    let long = format!("/a/{}", "very-long-".repeat(60));
    for path in ["/a/1", &long] {
        for poll in 0..3 {
            site.page(&format!("{path}?edition={poll}"), "Report", path.len());
        }
    }
    let items = |poll: usize, id: &str| {
        ["/a/1", long.as_str()].map(|path| {
            Item::new(&format!("{id}{}", if id.is_empty() { "" } else { path }), &format!("{path}?edition={poll}"), "Report")
                .dated("")
        })
    };
    site.brings(&items(0, ""));
    site.brings(&items(1, ""));
    site.brings(&items(2, "new"));
    site.brings(&items(1, "newer"));
    site.holds(2, 2, 2);
}

// ---------------------------------------------------------------- what one feed set aside, another brings

/// A source with a plain sitemap and a feed; both as the test writes them.
struct Two {
    site: Site,
}

impl Two {
    fn new(keys: &str) -> Two {
        let mut site = Site::new();
        site.desk.clear();
        let map = site.web.url("gazette", "/map.xml");
        site.desk.source("gazette", &site.web.feed("gazette"), &format!("sitemap = {map:?}\n{keys}"));
        let two = Two { site };
        two.lists(&[]);
        two.site.feed(&[]);
        two
    }

    /// What the sitemap lists: addresses without titles and dates.
    fn lists(&self, paths: &[&str]) {
        let base = self.site.web.base("gazette");
        let urls: String = paths.iter().map(|path| format!("<url><loc>{base}{path}</loc></url>")).collect();
        let map = format!("<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{urls}</urlset>");
        self.site.web.set_page("gazette", "/map.xml", Response::bytes("application/xml", map));
    }

    fn filed(&self) -> Vec<String> {
        self.site.desk.ledger().pairs("select title, '' from articles order by title").into_iter().map(|(title, _)| title).collect()
    }
}

const TITLES: [(&str, &str); 3] = [("/a/1", "Baku line opens"), ("/a/2", "Horoscope for Baku"), ("/a/3", "Harbour strike ends")];

#[test]
fn the_operators_patterns_are_asked_again_when_another_feed_knows_the_headline() {
    for (keys, sitemap_alone, both) in [
        ("include = [\"Baku\"]\nexclude = [\"Horoscope\"]\n", 0, vec!["Baku line opens"]),
        ("exclude = [\"Horoscope\"]\n", 3, vec!["Baku line opens", "Harbour strike ends"]),
    ] {
        for order in ["sitemap first", "feed first", "at once"] {
            let two = Two::new(keys);
            TITLES.iter().enumerate().for_each(|(number, (path, title))| two.site.page(path, title, number));
            two.site.poll();
            let items: Vec<Item> = TITLES.iter().map(|(path, title)| Item::new(&format!("id{path}"), path, title)).collect();
            let map = TITLES.map(|(path, _)| path);
            if order != "feed first" {
                two.lists(&map);
            }
            if order == "sitemap first" {
                two.site.poll();
                assert_eq!(two.filed().len(), sitemap_alone, "{keys} {order}");
            }
            two.site.feed(&items);
            two.site.poll();
            two.lists(&map);
            for _ in 0..2 {
                two.site.poll();
            }
            // What a sitemap listed alone was read before anything named it a horoscope.
            let filed = two.filed();
            let read_before = sitemap_alone == 3 && order != "feed first";
            let wanted: Vec<&String> = filed.iter().filter(|title| !(read_before && title.starts_with("Horoscope"))).collect();
            assert_eq!(wanted, both, "{keys} {order}");
            assert_eq!(two.site.desk.ledger().count("select count(*) from entries"), 3, "{keys} {order}");
        }
    }
}

#[test]
fn a_feed_takes_up_what_an_undated_sitemap_put_aside() {
    for (date, order) in [(hour(9), 0), (String::new(), 0), (hour(9), 1), (hour(9), 2), (String::new(), 2)] {
        let two = Two::new("max_age = \"7d\"\n");
        let paths: Vec<String> = (1..=6).map(|number| format!("/a/{number}")).collect();
        paths.iter().enumerate().for_each(|(number, path)| two.site.page(path, &format!("Report {number}"), number));
        let map: Vec<&str> = paths.iter().map(String::as_str).collect();
        // Two of the six are in the feed, and one more that is a year old.
        let item = |number: usize| Item::new(&format!("id{number}"), &paths[number], &format!("Report {number}"));
        let items = [item(0).dated(&date), item(1).dated(&date), item(2).dated("Mon, 24 Nov 2025 09:00:00 GMT")];
        let feed = two.site.web.feed("gazette");
        let gone = |gone: bool| {
            let path = Format::Rss2.path();
            match gone {
                true => two.site.web.fault(two.site.web.url("gazette", path), newsweb::Fault::Status(503)),
                false => two.site.web.heal_all(),
            }
        };
        assert!(feed.ends_with(Format::Rss2.path()));
        match order {
            0 => {
                gone(true);
                two.lists(&map);
                two.site.poll();
                assert_eq!(two.filed().len(), 0);
                gone(false);
                two.site.feed(&items);
                two.site.poll();
            }
            1 => {
                two.site.web.fault(two.site.web.url("gazette", "/map.xml"), newsweb::Fault::Status(503));
                two.site.feed(&items);
                two.site.poll();
                gone(false);
                two.lists(&map);
                two.site.poll();
            }
            _ => {
                two.lists(&map);
                two.site.feed(&items);
                two.site.poll();
            }
        }
        for poll in 0..3 {
            // The documents change, so that they are read again.
            let mut more = items.to_vec();
            more.push(Item::new("", "", &format!("Notice {poll}")));
            two.site.feed(&more);
            let mut listed = map.clone();
            listed.rotate_left(poll + 1);
            two.lists(&listed);
            two.site.poll();
        }
        assert_eq!(two.filed(), ["Report 0", "Report 1"], "{date} {order}");
    }
}

#[test]
#[ignore = "measures: a sitemap of fifty thousand pages without dates, at a first and at a second look"]
#[expect(clippy::disallowed_methods, reason = "it measures how long a poll takes")]
fn fifty_thousand_entries_are_triaged_within_a_snapshot() {
    let two = Two::new("max_age = \"7d\"\n");
    let paths: Vec<String> = (0..49_000).map(|number| format!("/archive/of/the/gazette/{number}.html")).collect();
    for more in 0..2 {
        let mut listed: Vec<&str> = paths.iter().map(String::as_str).collect();
        listed.rotate_left(more);
        two.lists(&listed);
        let begun = std::time::Instant::now();
        two.site.poll();
        println!("look {more}: {} ms", begun.elapsed().as_millis());
        let ledger = two.site.desk.ledger();
        assert_eq!(ledger.count("select count(*) from entries where state = 'skipped'"), 49_000);
        assert_eq!(ledger.count("select count(*) from feeds where failures > 0"), 0);
    }
}

#[test]
fn an_element_that_one_feed_cut_is_whole_in_another() {
    let sort = |entries: Vec<Entry>, known: &KnownEntries| triage(FeedId(2), entries, known, &Selection::default(), now());
    let whole = Entry { id: Some("a1".to_owned()), ..Entry::of_page(Url::parse("http://a.example.org/1").ok(), now()) };
    let mut ledger = known(&sort(vec![whole.clone()], &KnownEntries::default()).fresh);
    for row in ledger.entries.values_mut() {
        *row = KnownEntry {
            url_key: None,
            digest: [0; 16],
            filed: false,
            state: EntryState::Skipped,
            aside: Some("refused: it has no end".to_owned()),
            ..row.clone()
        };
    }
    ledger.pages.clear();
    ledger.lists_news = true;
    let sorted = sort(vec![whole], &ledger);
    assert_eq!((sorted.fresh.len(), sorted.changed.len()), (0, 1));
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

// ---------------------------------------------------------------- a site with a known truth, and a ledger that follows it

/// How a made-up site names, links, dates and heads its articles.
#[derive(Debug, Clone, Copy)]
struct Habits {
    naming: usize,
    linking: usize,
    dating: usize,
    fixed_title: bool,
    window: usize,
}

const PLAIN: usize = 0;
const SLUG: usize = 1;
const NUMBER: usize = 2;
const FOLDER_TOKEN: usize = 3;
const QUERY_TOKEN: usize = 4;

/// Eight letters and digits that follow from a number and look drawn by lot.
fn lot(number: usize) -> String {
    let mut seed = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut text = String::new();
    for place in 0..10 {
        seed ^= seed >> 31;
        seed = seed.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let letter = b"bcdfghkmnp"[(seed % 10) as usize];
        text.push(if place % 2 == 0 { char::from(letter) } else { char::from(b'0' + ((seed >> 8) % 10) as u8) });
    }
    text
}

impl Habits {
    /// The article as the feed lists it at a poll; its number is its summary.
    fn entry(&self, article: usize, place: usize, poll: usize) -> Entry {
        let token = lot(10_000 + poll * 100 + article);
        let day = format!("2026-{:02}-{:02}", 1 + article / 28, 1 + article % 28);
        let path = match self.linking {
            PLAIN => format!("a/{article}"),
            SLUG => format!("{day}-morning-briefing"),
            NUMBER => format!("articles/{}", lot(article)),
            FOLDER_TOKEN => format!("news/{token}/{article}.html"),
            _ => format!("news/{article}.html?visit={token}"),
        };
        let id = match self.naming {
            0 => Some(format!("id-{article}")),
            1 => Some(format!("id-{article}-{poll}")),
            2 => Some("feed".to_owned()),
            3 => Some(place.to_string()),
            _ => None,
        };
        let time = |text: String, precision| PressTime {
            at: text.parse().unwrap(),
            offset_minutes: Some(0),
            precision,
            zone_source: ZoneSource::Page,
        };
        let published = match self.dating {
            0 => None,
            1 => Some(time(format!("{day}T00:00:00Z"), Precision::Day)),
            _ => Some(time(format!("{day}T06:30:{:02}Z", article % 60), Precision::Instant)),
        };
        let title = if self.fixed_title { "Morning briefing".to_owned() } else { format!("Report {article}") };
        let url = Url::parse(&format!("http://a.example.org/{path}")).ok();
        Entry { id, title: Some(title), summary: Some(article.to_string()), published, ..Entry::of_page(url, now()) }
    }

    fn volatile(&self) -> bool {
        matches!(self.linking, FOLDER_TOKEN | QUERY_TOKEN)
    }
}

/// A ledger of one feed, and what was read of the pages it named. The feed is polled every other day: an entry that was
/// read again in vain rests for a day at most.
#[derive(Default)]
struct Shelf {
    polls: i64,
    rows: Vec<Shelved>,
    reads: Vec<usize>,
}

struct Shelved {
    new: NewEntry,
    names: Vec<EntryKey>,
    waits: bool,
    filed: bool,
    read_at: Option<Timestamp>,
    idle: u32,
    article: Option<usize>,
}

impl Shelf {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(now().as_second() + self.polls * 2 * 86_400).unwrap()
    }

    fn known(&self) -> KnownEntries {
        let mut known = KnownEntries { lists_news: true, ..KnownEntries::default() };
        for (id, row) in self.rows.iter().enumerate() {
            let entry = KnownEntry {
                id: EntryId(id as i64),
                url_key: row.new.url_key.clone(),
                title: row.new.entry.title.clone(),
                digest: row.new.digest,
                feed: Some(FeedId(1)),
                published: row.new.entry.published.map(|time| time.at),
                scraped_at: row.read_at,
                idle: row.idle,
                filed: row.filed,
                state: if row.waits { EntryState::Pending } else { EntryState::Filed },
                aside: None,
            };
            row.names.iter().for_each(|name| _ = known.entries.entry(name.clone()).or_insert(entry.clone()));
            row.new.url_key.iter().for_each(|page| known.pages.entry(page.clone()).or_default().insert(0, entry.clone()));
        }
        // A key is a key before it is another entry's further name.
        for (id, row) in self.rows.iter().enumerate() {
            let entry = known.entries.values().find(|known| known.id == EntryId(id as i64)).cloned();
            entry.into_iter().for_each(|entry| _ = known.entries.insert(row.names[0].clone(), entry));
        }
        known
    }

    fn poll(&mut self, entries: Vec<Entry>) {
        self.polls += 1;
        let sorted = triage(FeedId(1), entries, &self.known(), &Selection::default(), self.now());
        for new in sorted.fresh {
            assert!(self.rows.iter().all(|row| row.names[0] != new.key), "{:?} is taken", new.key);
            let names = std::iter::once(new.key.clone()).chain(new.also.clone()).collect();
            self.rows.push(Shelved { new, names, waits: true, filed: false, read_at: None, idle: 0, article: None });
        }
        for (id, new) in sorted.changed {
            let row = &mut self.rows[id.0 as usize];
            row.names.extend(new.also.clone());
            (row.new, row.waits) = (new, true);
        }
        for (id, name) in sorted.renamed {
            self.rows[id.0 as usize].names.push(name);
        }
    }

    /// Reads the pages that wait, or some of them.
    fn read(&mut self, mut wanted: impl FnMut() -> bool) {
        let now = self.now();
        for row in self.rows.iter_mut().filter(|row| row.waits) {
            if wanted() {
                let article: usize = row.new.entry.summary.as_deref().unwrap().parse().unwrap();
                row.idle = if row.article == Some(article) { row.idle + 1 } else { 0 };
                (row.waits, row.filed, row.article, row.read_at) = (false, true, Some(article), Some(now));
                self.reads.push(article);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn whatever_a_feeds_habits_nothing_is_lost_and_nothing_is_published_again(
        (naming, linking, dating, fixed_title, window) in (0usize..5, 0usize..5, 0usize..3, any::<bool>(), 1usize..6),
        steps in proptest::collection::vec((0usize..4, any::<bool>(), 0usize..3), 1..14),
        seed in 1u64..1_000_000,
    ) {
        let habits = Habits { naming, linking, dating, fixed_title, window };
        let (mut shelf, mut dice, mut published) = (Shelf::default(), Dice(seed), 0usize);
        let mut listed = std::collections::BTreeSet::new();
        for (poll, (more, reversed, pace)) in steps.into_iter().enumerate() {
            published += more;
            let mut shown: Vec<usize> = (published.saturating_sub(habits.window)..published).rev().collect();
            if reversed {
                shown.reverse();
            }
            listed.extend(shown.iter().copied());
            shelf.poll(shown.iter().enumerate().map(|(place, article)| habits.entry(*article, place, poll)).collect());
            shelf.read(|| pace == 0 || pace == 1 && dice.below(2) == 0);
        }
        shelf.read(|| true);
        let read: std::collections::BTreeSet<usize> = shelf.reads.iter().copied().collect();
        prop_assert_eq!(&read, &listed, "{:?}: every article is read", habits);
        // A link of a token without an instant may be another article's: only its page can tell.
        if !habits.volatile() || habits.dating == 2 {
            prop_assert_eq!(shelf.reads.len(), listed.len(), "{:?}: and once: {:?}", habits, shelf.reads);
        }
    }
}
