//! Discovery: what a page says of feeds, how finds are ranked, and the verb and the `home` of a source end to end.

use std::fmt::Write as _;
use std::fs;
use std::process::Output;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use newsweb::{Agency, Fault, Format, NewsWeb, Plan, Response, Robots, Story};
use proptest::prelude::*;
use serde_json::Value;
use wireroom::feed::discovery::{self, Candidate, Discovered, Find, Found, Listing, Site};
use wireroom::fetch::{Fetcher, Limits};
use wireroom::ingest::{self, Clock, Context, Extractor, Rules};
use wireroom::model::{
    Assume, Document, Failure, Feed, FeedKind, FeedSpec, Head, Pace, PollOutcome, Scope, Source, Timestamp, Trouble, Url,
    Validators,
};
use wireroom::store::{FeedRow, Role, StoreHandle};
use wireroom::{config, feed, schedule};

use super::operator::{Desk, both};

fn now() -> Timestamp {
    "2024-05-02T12:00:00Z".parse().unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn document(body: impl Into<Vec<u8>>, at: &str) -> Document {
    let head = Head {
        status: 200,
        final_url: url(at),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: now(),
        fields: Vec::new(),
    };
    Document { url: url(at), head, content_type: None, content_language: None, body: body.into(), complete: true }
}

fn found(html: &str) -> Discovered {
    discovery::discover(&document(html, "https://gazette.example.org/en/"), None)
}

fn urls(candidates: &[Candidate]) -> Vec<&str> {
    candidates.iter().map(|it| it.url.as_str()).collect()
}

/// What the page declares, and which anchors speak of feeds.
#[track_caller]
fn check(html: &str, links: &[&str], anchors: &[&str]) {
    let found = found(html);
    assert_eq!(urls(&found.links), links, "links of {html}");
    assert_eq!(urls(&found.anchors), anchors, "anchors of {html}");
}

const RSS: &str = "https://gazette.example.org/en/rss.xml";

#[test]
fn declared_feeds_are_found_wherever_and_however_they_stand() {
    check(r#"<html><head><link rel="alternate" type="application/rss+xml" title="All" href="rss.xml"></head>"#, &[RSS], &[]);
    check(r#"<LINK HREF='rss.xml' TYPE='Application/ATOM+xml; charset=utf-8' REL='Alternate nofollow'>"#, &[RSS], &[]);
    check(r#"<link rel=alternate type=text/xml href=rss.xml>"#, &[RSS], &[]);
    check(r#"<link rel="alternate" type="application/json" href="/feed.json">"#, &["https://gazette.example.org/feed.json"], &[]);
    check(r#"<link rel="feed" href="rss.xml">"#, &[RSS], &[]);
    check(
        r#"<head><base href="//cdn.example.net/x/"><link rel=alternate type=application/rss+xml href="a&amp;b">"#,
        &["https://cdn.example.net/x/a&b"],
        &[],
    );
    // In the body, inside of broken markup, before anything else.
    check(r#"<p <b>x</p></div><link rel="alternate" type="application/rss+xml" href="rss.xml"><"#, &[RSS], &[]);
    // Twice the same; comments and one tag last.
    let many = r#"<link rel=alternate type=application/rss+xml href="comments/feed" title="Gazette » Comments"><link rel=alternate
        type=application/rss+xml href="tag/oil/feed"><link rel=alternate type=application/rss+xml href="rss.xml#x"><link rel=alternate
        type=application/rss+xml href="rss.xml">"#;
    check(many, &[RSS, "https://gazette.example.org/en/comments/feed", "https://gazette.example.org/en/tag/oil/feed"], &[]);
}

#[test]
fn other_alternates_and_strange_addresses_are_none() {
    for html in [
        r#"<link rel="alternate" hreflang="az" href="https://gazette.example.org/az/">"#,
        r#"<link rel="alternate" type="text/html" media="print" href="/print">"#,
        r#"<link rel="alternate stylesheet" type="text/css" href="/feed.css">"#,
        r#"<link rel="alternate" type="application/json+oembed" href="/oembed?format=json">"#,
        r#"<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">"#,
        r#"<link rel="alternate" type="application/rss+xml" href="javascript:feed()">"#,
        r#"<link rel="alternate" type="application/rss+xml" href="data:text/xml,<rss/>">"#,
        r#"<!-- <link rel="alternate" type="application/rss+xml" href="old.xml"> -->"#,
        r#"<script>document.write('<link rel="alternate" type="application/rss+xml" href="js.xml">')</script>"#,
        r#"<a href="/feedback">Feedback</a><a href="/atomkraft-news">Atomkraft</a><a href="javascript:rss()">RSS</a><a>RSS</a>"#,
        r#"<a href="https://reader.example.net/add?url=https://gazette.example.org/rss">RSS</a><a href="/rss.png">RSS</a>"#,
    ] {
        check(html, &[], &[]);
    }
}

#[test]
fn anchors_speak_of_feeds_in_many_languages() {
    for html in [
        r#"<a href="x">RSS</a>"#,
        r#"<a href="x"><img alt="Our news feed"></a>"#,
        r#"<a href="x" class="icon icon-rss"></a>"#,
        r#"<a href="x"><b>RSS</b>-лента</a>"#,
        r#"<a href="x">Лента новостей</a>"#,
        r#"<a href="x">RSS-стрічка</a>"#,
        r#"<a href="x">订阅</a>"#,
        r#"<a href="x" title="خلاصات الموقع">…</a>"#,
        r#"<a href="x">Flux RSS"#,
    ] {
        check(html, &[], &["https://gazette.example.org/en/x"]);
    }
    check(
        r#"<a href="/world.rss">World</a><a href="/?feed=rss2">x</a>"#,
        &[],
        &["https://gazette.example.org/world.rss", "https://gazette.example.org/?feed=rss2"],
    );
}

#[test]
fn the_page_tells_site_language_hubs_and_usual_places() {
    let html = r#"<html lang="en-GB"><title>Front page</title><meta property="og:site_name" content="Gazette &amp; Sons">
        <link rel="hub" href="https://hub.example.net/"><link rel=sitemap href=/own-map.xml>"#;
    let robots =
        "\u{feff}User-agent: *\nsitemap : /sitemap.xml\nSITEMAP:https://gazette.example.org/news.xml # new\nSitemap: ftp://x/\n";
    let found = discovery::discover(&document(html, "https://gazette.example.org/en/"), Some(robots));
    assert_eq!((found.site.as_deref(), found.language.as_deref()), (Some("Gazette & Sons"), Some("en-GB")));
    assert_eq!(found.hubs, [url("https://hub.example.net/")]);
    assert_eq!(urls(&found.sitemaps), ["https://gazette.example.org/news.xml", "https://gazette.example.org/sitemap.xml"]);
    assert_eq!(urls(&found.usual)[..2], ["https://gazette.example.org/en/feed", "https://gazette.example.org/en/rss"]);
    assert!(urls(&found.usual).contains(&"https://gazette.example.org/feed"), "{:?}", urls(&found.usual));
    assert_eq!(found.usual_sitemaps[0].url.path(), "/own-map.xml");
    assert_eq!(found.not_a_page, None);
    let pdf = discovery::discover(&document("%PDF-1.7\n%âã", "https://gazette.example.org/a.pdf"), None);
    assert_eq!(pdf.not_a_page.as_deref(), Some("a PDF file"));
}

#[test]
fn a_page_of_a_hundred_thousand_links_is_bounded() {
    let mut html = String::from("<body>");
    for number in 0..100_000 {
        write!(
            html,
            "<a href=\"/rss/{number}\">RSS {}</a><link rel=alternate type=application/rss+xml href=/f/{number}>",
            "x".repeat(20)
        )
        .unwrap();
    }
    assert!(html.len() > 10_000_000);
    let found = found(&html);
    assert!(found.anchors.len() <= 32 && found.links.len() <= 32);
    assert_eq!(found.links[0].url.path(), "/f/0");
}

fn read(text: &str) -> Feed {
    let assume = Assume { timezone: None, language: None, seen_at: now() };
    feed::parse(&document(text, "https://gazette.example.org/x"), &feed::Reading { kind: FeedKind::Feed, assume }).unwrap()
}

fn rss(title: &str, items: usize, date: &str) -> Feed {
    let items: String = (0..items)
        .map(|it| {
            format!("<item><title>t{it}</title><link>https://gazette.example.org/{it}</link><pubDate>{date}</pubDate></item>")
        })
        .collect();
    read(&format!(
        "<rss version='2.0'><channel><title>{title}</title><link>https://gazette.example.org/</link>{items}</channel></rss>"
    ))
}

fn ranked(feed: &Feed, at: &str, found: Found) -> discovery::Rank {
    let candidate = Candidate { url: url(at), found, title: None };
    discovery::rank(&url("https://gazette.example.org/"), &candidate, &url(at), feed, discovery::kind_of(feed), now())
}

fn listing(items: usize) -> Listing {
    Listing::of(&rss("News", items, ""))
}

#[test]
fn finds_are_ranked_with_reasons() {
    let fresh = "Thu, 02 May 2024 10:00:00 +0400";
    let good = ranked(&rss("News", 20, fresh), "https://gazette.example.org/rss", Found::Link);
    assert!(good.usable);
    assert_eq!(good.reasons, ["a feed", "news of the last days", "20 entries", "the page declares it"]);
    let worse = [
        (
            "is older",
            ranked(&rss("News", 20, "Mon, 01 Apr 2024 10:00:00 GMT"), "https://gazette.example.org/rss", Found::Link),
            "31 days old",
        ),
        ("has no dates", ranked(&rss("News", 20, ""), "https://gazette.example.org/rss", Found::Link), "without dates"),
        ("is of a tag", ranked(&rss("News", 20, fresh), "https://gazette.example.org/tag/oil/rss", Found::Link), "one tag"),
        (
            "is elsewhere",
            ranked(&rss("News", 20, fresh), "https://feeds.example.net/rss", Found::Link),
            "on another site, feeds.example.net",
        ),
        ("was guessed", ranked(&rss("News", 20, fresh), "https://gazette.example.org/rss", Found::Usual), "a usual place"),
    ];
    for (what, rank, reason) in worse {
        assert!(rank.points < good.points && rank.usable, "what {what}: {rank:?}");
        assert!(rank.reasons.iter().any(|it| it.contains(reason)), "{rank:?}");
    }
    for useless in [
        ranked(&rss("Comments on: News", 20, fresh), "https://gazette.example.org/rss", Found::Link),
        ranked(&rss("News", 0, fresh), "https://gazette.example.org/rss", Found::Link),
    ] {
        assert!(!useless.usable && useless.points < 0, "{useless:?}");
    }
    let map = |news: &str| {
        read(&format!(
            "<urlset xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>https://gazette.example.org/1</loc>{news}</url></urlset>"
        ))
    };
    let news =
        "<news:news><news:title>t</news:title><news:publication_date>2024-05-02T10:00:00Z</news:publication_date></news:news>";
    assert!(ranked(&map(news), "https://gazette.example.org/n.xml", Found::Robots).usable);
    assert!(!ranked(&map(""), "https://gazette.example.org/n.xml", Found::Robots).usable);
    assert!(discovery::lists_the_same(&listing(9), &listing(10)));
    assert!(!discovery::lists_the_same(&listing(3), &listing(0)));
    assert_eq!(discovery::about_dates(&rss("a", 2, "Thu, 02 May 2024 10:00:00 GMT")), None);
    assert!(discovery::about_dates(&rss("a", 2, fresh)).unwrap().contains("+04:00"));
    assert!(discovery::about_dates(&rss("a", 2, "2024-05-02 10:00")).unwrap().contains("without a zone"));
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300), html in "(<link |<a |rel=alternate |type=application/rss\\+xml |href=|/x|\"|'|>|<base |</a>|RSS|<title>|&amp;|\u{feff}|é| ){0,60}", robots in "(Sitemap:|sitemap|\n|https://h/| |#|é){0,30}") {
        let page = document(bytes, "https://gazette.example.org/");
        let _ = discovery::discover(&page, Some(&robots));
        let page = document(html, "https://gazette.example.org/a/b");
        let one = discovery::discover(&page, Some(&robots));
        prop_assert_eq!(&one, &discovery::discover(&page, Some(&robots)), "deterministic");
        let kept = one.links.iter().chain(&one.anchors).chain(&one.sitemaps);
        prop_assert!(kept.into_iter().all(|it| matches!(it.url.scheme(), "http" | "https")));
    }
}

// ---- the verb ----

fn web_of(agencies: impl IntoIterator<Item = Agency>) -> (NewsWeb, Desk) {
    let web = NewsWeb::start(Plan::of(agencies)).unwrap();
    let mut desk = Desk::empty();
    desk.allow(&web.agencies().iter().map(|agency| web.host(agency)).collect::<Vec<_>>());
    desk.write();
    (web, desk)
}

fn gazette() -> (NewsWeb, Desk) {
    web_of([Agency { items: 6, ..Agency::new("gazette") }])
}

/// A home page with this in it.
fn set_home(web: &NewsWeb, inside: &str) {
    web.set_page("gazette", "/", Response::html(format!("<html lang=en><title>Gazette</title>{inside}<p>Welcome</p></html>")));
}

fn shown(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", both(output)))
}

/// What `discover` finds on the home page.
fn discovered(web: &NewsWeb, desk: &Desk) -> Value {
    shown(&desk.run(&["discover", &web.url("gazette", "/"), "--json"]))
}

/// Pages asked for, robots.txt aside.
fn asked(web: &NewsWeb) -> Vec<String> {
    web.log().iter().map(|it| it.path.clone()).filter(|path| path != "/robots.txt").collect()
}

#[test]
fn what_discover_prints_can_be_pasted() {
    let (web, desk) = gazette();
    let printed = desk.say(&["discover", &web.url("gazette", "/")]);
    let feed = web.feed_url("gazette", Format::Rss2);
    assert!(printed.contains(&format!("feed = {feed:?}\n")), "{printed}");
    assert!(printed.contains(&format!("\nsitemap = {:?}\n", web.feed_url("gazette", Format::NewsSitemap))), "{printed}");
    for part in
        ["agency = \"Gazette News Agency\"", "language = \"en\"", "# feed = ", "the same articles as", "a news sitemap", "home = "]
    {
        assert!(printed.contains(part), "{part:?} expected in {printed}");
    }
    let settings = config::parse(&printed).unwrap();
    assert_eq!(settings.sources.len(), 1);
    fs::write(desk.path("wireroom.toml"), desk.toml() + &printed).unwrap();
    assert!(desk.say(&["check"]).contains("1 sources with 2 feeds"));
    desk.say(&["once"]);
    assert_eq!(desk.ledger().count("select count(*) from articles"), 6);
    assert!(web.log().iter().filter(|it| it.path == "/robots.txt").count() > 0, "robots.txt is asked");
}

#[test]
fn a_feed_gives_itself() {
    let (web, desk) = gazette();
    for format in [Format::Rss2, Format::JsonFeed, Format::NewsSitemap] {
        web.clear_log();
        let printed = desk.say(&["discover", &web.feed_url("gazette", format)]);
        let settings = config::parse(&printed).unwrap();
        assert_eq!(settings.sources[0].source.feeds[0].url.as_str(), web.feed_url("gazette", format), "{printed}");
        assert_eq!(asked(&web).len(), 1, "nothing else is asked for");
    }
}

#[test]
fn dead_links_and_pages_are_not_offered() {
    let (web, desk) = gazette();
    let dead = "<link rel=alternate type=application/rss+xml href=/gone.xml><link rel=alternate type=application/rss+xml href=/page>\
                <link rel=alternate type=application/rss+xml href=/moved>";
    set_home(&web, dead);
    web.set_page("gazette", "/page", Response::html("<html><title>Subscribe</title></html>"));
    let moved = Response::status(301).with_header("Location", "/atom.xml");
    web.set_page("gazette", "/moved", moved);
    let found = discovered(&web, &desk);
    assert_eq!(found["chosen"], web.feed_url("gazette", Format::Atom), "{found:#}");
    let offered = found["toml"].as_str().unwrap();
    assert!(!offered.contains("gone.xml") && !offered.contains("/page") && !offered.contains("/moved"), "{offered}");
    let tried: Vec<&str> = found["tried"].as_array().unwrap().iter().map(|it| it["why"].as_str().unwrap()).collect();
    assert!(tried[0].contains("404") && tried[1].contains("HTML page titled \"Subscribe\""), "{tried:?}");
}

#[test]
fn usual_places_and_pages_about_feeds_are_tried() {
    let (web, desk) = gazette();
    set_home(&web, "");
    assert_eq!(discovered(&web, &desk)["chosen"], web.feed_url("gazette", Format::Rss2), "a usual place");
    set_home(&web, "<a href=/service/rss>RSS</a>");
    web.set_page(
        "gazette",
        "/service/rss",
        Response::html("<html><a href=/feed.rdf>World, as a feed</a><a href=/service/rss>RSS</a></html>"),
    );
    assert_eq!(discovered(&web, &desk)["chosen"], web.feed_url("gazette", Format::Rdf), "a page about feeds is followed");
}

#[test]
fn robots_are_obeyed_and_sitemaps_followed() {
    let (web, desk) = gazette();
    set_home(&web, "<link rel=alternate type=application/rss+xml href=/rss.xml>");
    let robots = format!(
        "User-agent: *\nDisallow: /rss\nDisallow: /atom\nDisallow: /feed\nSitemap: {}\n",
        web.url("gazette", "/sitemap.xml")
    );
    web.change_agency("gazette", |agency| agency.robots = Robots::Text(robots));
    let found = discovered(&web, &desk);
    assert_eq!(found["chosen"], web.feed_url("gazette", Format::NewsSitemap), "through the index: {found:#}");
    assert!(!asked(&web).iter().any(|path| path.starts_with("/rss") || path.starts_with("/feed")), "{:?}", asked(&web));
    assert!(found["toml"].as_str().unwrap().contains("\nsitemap = "), "{found:#}");
}

#[test]
fn nothing_found_says_what_was_tried() {
    let (web, desk) = gazette();
    let none = || Response::status(404);
    for format in Format::ALL {
        web.set_page("gazette", format.path(), none());
    }
    web.change_agency("gazette", |agency| agency.robots = Robots::Status(404));
    set_home(&web, "<a href=/world>World</a>");
    web.set_page("gazette", "/sitemap.xml", none());
    let run = desk.run(&["discover", &web.url("gazette", "/")]);
    assert_eq!(run.status.code(), Some(1));
    let told = both(&run);
    assert!(told.contains("no feed was found: ") && told.contains("addresses on 1 host were tried"), "{told}");
    assert!(asked(&web).len() <= 24, "{:?}", asked(&web));

    web.set_page("gazette", "/", Response::bytes("application/pdf", "%PDF-1.7 x"));
    let run = desk.run(&["discover", &web.url("gazette", "/")]);
    assert_eq!(run.status.code(), Some(1));
    assert!(both(&run).contains("a PDF file, not a page"), "{}", both(&run));
    web.fault(web.url("gazette", "/").as_str(), Fault::Status(500));
    assert!(both(&desk.run(&["discover", &web.url("gazette", "/")])).contains("500"));
}

#[test]
fn a_flood_of_links_costs_a_bounded_number_of_requests() {
    let (web, desk) = gazette();
    let links: String =
        (0..5000).map(|n| format!("<link rel=alternate type=application/rss+xml href=/f{n}><a href=/a{n}/rss>RSS</a>")).collect();
    set_home(&web, &links);
    desk.run(&["discover", &web.url("gazette", "/")]);
    assert!(asked(&web).len() <= 24, "{} requests", asked(&web).len());
}

#[test]
fn private_addresses_stay_closed() {
    let (web, _) = gazette();
    let desk = Desk::empty();
    desk.write();
    let run = desk.run(&["discover", &web.url("gazette", "/")]);
    assert_eq!(run.status.code(), Some(1));
    assert!(both(&run).contains("private or special address"), "{}", both(&run));
    assert_eq!(web.log().len(), 0);
}

// ---- `home` ----

/// A desk that knows nothing but home pages.
fn at_home(web: &NewsWeb) -> Desk {
    let mut desk = Desk::empty();
    desk.allow(&web.agencies().iter().map(|agency| web.host(agency)).collect::<Vec<_>>());
    for agency in web.agencies() {
        desk.table(&format!("name = {agency:?}\nhome = {:?}", web.url(&agency, "/")));
    }
    desk
}

#[test]
fn a_home_page_is_enough_to_follow_an_agency() {
    let web = NewsWeb::start(Plan::mixed(3, 4, 3)).unwrap();
    let desk = at_home(&web);
    let said = desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 12, "{said}");
    assert_eq!(ledger.count("select count(*) from feeds where kind = 'home' and enabled and failures = 0"), 3);
    assert_eq!(ledger.count("select count(*) from feeds where kind = 'feed' and enabled"), 3, "one each");
    assert_eq!(ledger.count("select count(*) from feeds where kind = 'sitemap' and enabled"), 3, "and a news sitemap");
    assert_eq!(ledger.count("select count(*) from entries"), 12, "what both list is one entry");
    ledger.keeps_the_promise(&web);

    web.clear_log();
    let said = desk.once();
    let log = web.log();
    assert_eq!(log.iter().filter(|it| it.path != "/robots.txt").count(), 6, "one request for each feed and sitemap: {said}");
    assert!(log.iter().filter(|it| it.path != "/robots.txt").all(|it| it.status == 304), "{log:?}");
    let new = web.publish("agency-001", Story::new());
    desk.once();
    assert_eq!(ledger.count(&format!("select count(*) from articles where url = '{}'", new.url)), 1);
}

#[test]
fn a_home_page_without_feeds_fails_and_is_asked_again() {
    let (web, _) = gazette();
    let desk = at_home(&web);
    web.fault(web.url("gazette", "/").as_str(), Fault::Status(404));
    desk.once();
    let ledger = desk.ledger();
    let reason = ledger.text("select reason from feeds where kind = 'home'").unwrap();
    assert!(reason.contains("404"), "{reason}");
    web.heal_all();
    desk.once();
    assert_eq!(ledger.count("select count(*) from articles"), 6);
}

#[test]
fn naming_the_feed_takes_over_from_the_home_page_and_back() {
    let (web, _) = gazette();
    let mut desk = at_home(&web);
    desk.once();
    let ledger = desk.ledger();
    let home = desk.clear();
    desk.source("gazette", &web.feed_url("gazette", Format::Rss2), "");
    desk.once();
    assert_eq!(ledger.count("select count(*) from feeds where enabled"), 1);
    assert_eq!(ledger.count("select count(*) from feeds where enabled and kind = 'feed'"), 1);
    desk.clear();
    desk.table(&home.replace("[[source]]", ""));
    desk.once();
    assert_eq!(ledger.count("select count(*) from feeds where enabled"), 2);
    assert_eq!(ledger.count("select count(*) from articles"), 6);
    desk.clear();
    desk.once();
    assert_eq!(ledger.count("select count(*) from feeds where enabled"), 0, "what was found goes with its home page");
}

// ---- which finds are followed: data in, data out ----

fn find(at: &str, feed: &Feed, language: Option<&str>) -> Find {
    let site = Site { url: url("https://gazette.example.org/en/"), language: language.map(str::to_owned) };
    let candidate = Candidate { url: url(at), found: Found::Link, title: None };
    discovery::read(&site, &candidate, &url(at), feed, now())
}

/// A news sitemap of pages below a folder, in a language.
fn news_sitemap(folder: &str, language: &str) -> Feed {
    let page = |number: usize| {
        format!(
            "<url><loc>https://gazette.example.org/{folder}{number}</loc><news:news><news:publication><news:language>{language}\
             </news:language></news:publication><news:title>t</news:title><news:publication_date>2024-05-02T10:00:00Z\
             </news:publication_date></news:news></url>"
        )
    };
    let pages: String = (0..10).map(page).collect();
    read(&format!("<urlset xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>{pages}</urlset>"))
}

const FRESH: &str = "Thu, 02 May 2024 10:00:00 +0400";
const MAP: &str = "https://gazette.example.org/news.xml";

/// Which of a feed and a sitemap are chosen, by their paths.
#[track_caller]
fn check_chosen(finds: &[Find], expected: &[&str]) {
    let chosen: Vec<&str> = discovery::choose(finds).iter().map(|find| find.url.path()).collect();
    assert_eq!(chosen, expected);
}

#[test]
fn a_news_sitemap_is_followed_beside_the_feed_where_it_tells_of_the_same_page() {
    let feed = || find(RSS, &rss("News", 20, FRESH), Some("en"));
    check_chosen(&[feed(), find(MAP, &news_sitemap("en/", "en-GB"), Some("en"))], &["/en/rss.xml", "/news.xml"]);
    check_chosen(&[feed(), find(MAP, &news_sitemap("en/", "en"), None)], &["/en/rss.xml", "/news.xml"]);
    for (what, map) in [
        ("another language", find(MAP, &news_sitemap("en/", "az"), Some("en"))),
        ("another section", find(MAP, &news_sitemap("az/", "en"), Some("en"))),
        ("another site", find("https://other.example.net/news.xml", &news_sitemap("en/", "en"), Some("en"))),
    ] {
        assert!(map.rank.usable, "{what}");
        check_chosen(&[feed(), map.clone()], &["/en/rss.xml"]);
        check_chosen(&[map], &["/news.xml"]);
    }
}

#[test]
fn what_answers_stays_unless_it_was_asked_in_vain_or_something_is_far_better() {
    let spec = |at: &str, kind| FeedSpec { url: url(at), kind };
    let other = "https://gazette.example.org/en/atom.xml";
    let finds = [
        find(other, &rss("News", 20, FRESH), None),
        find(RSS, &rss("News", 5, FRESH), None),
        find(MAP, &news_sitemap("en/", "en"), None),
    ];
    let follow = |finds: &[Find], tried: &[(Url, String)], current: &[FeedSpec]| -> Vec<String> {
        discovery::follow(finds, tried, current).iter().map(|feed| feed.url.path().to_owned()).collect()
    };
    assert_eq!(follow(&finds, &[], &[]), ["/en/atom.xml", "/news.xml"]);
    let own = [spec(RSS, FeedKind::Feed)];
    assert_eq!(follow(&finds, &[], &own), ["/en/rss.xml", "/news.xml"], "about as good");
    let old = find(RSS, &rss("News", 20, "Mon, 01 Jan 2024 10:00:00 GMT"), None);
    assert_eq!(follow(&[finds[0].clone(), old], &[], &own), ["/en/atom.xml"], "far better");
    // What was not reached this time is followed on; what was asked in vain is not.
    let own = [spec(RSS, FeedKind::Feed), spec(MAP, FeedKind::Sitemap)];
    assert_eq!(follow(&finds[..1], &[], &own), ["/en/rss.xml", "/news.xml"]);
    let tried = [(url(RSS), "404".to_owned()), (url(MAP), "404".to_owned())];
    assert_eq!(follow(&finds[..1], &tried, &own), ["/en/atom.xml"]);
    assert!(follow(&[], &tried, &own).is_empty());
}

#[test]
fn a_home_page_is_due_after_a_week_or_when_none_of_a_kind_answers() {
    let due = |found: &[(FeedKind, u32)], days| schedule::is_discovery_due(day(0), found, day(days));
    assert!(due(&[], 1) && due(&[(FeedKind::Feed, 0)], 7) && !due(&[(FeedKind::Feed, 2)], 6));
    assert!(due(&[(FeedKind::Feed, 3), (FeedKind::Sitemap, 0)], 1), "the sitemap does not stand for the feed");
    assert!(!due(&[(FeedKind::Feed, 3), (FeedKind::Feed, 0), (FeedKind::Sitemap, 0)], 1));
    let failed = PollOutcome::Failed(Trouble { failure: Failure::Transient, class: "timeout", reason: String::new() });
    assert_eq!(schedule::look_again(1, &failed, day(5)), None);
    assert_eq!(schedule::look_again(2, &failed, day(5)).map(|wish| (wish.failures, wish.before)), Some((3, day(4))));
    assert_eq!(schedule::look_again(9, &PollOutcome::Found(None), day(5)), None);
}

// ---- rediscovery, under a clock of our own ----

/// Days after the tests began: the made-up web dates its articles by the present.
fn day(days: i64) -> Timestamp {
    hour(days * 24)
}

#[expect(clippy::disallowed_methods, reason = "the articles of the made-up web are of today")]
fn hour(hours: i64) -> Timestamp {
    static BEGUN: LazyLock<Timestamp> = LazyLock::new(|| Timestamp::try_from(std::time::SystemTime::now()).unwrap());
    Timestamp::from_second(BEGUN.as_second() + hours * 3600).unwrap()
}

/// The lanes of one desk, under a clock that is set.
struct Lanes {
    ctx: Context,
    present: Arc<Mutex<Timestamp>>,
    limits: Limits,
}

impl Lanes {
    async fn of(desk: &Desk) -> Lanes {
        let file = config::File { name: "wireroom.toml".to_owned(), text: desk.toml() };
        let settings = config::parse_files(&file, &[], &desk.path("").to_string_lossy()).unwrap();
        let store = StoreHandle::open(&settings.store, Role::Lanes).unwrap();
        let sources: Vec<Source> = settings.sources.iter().map(|desk| desk.source.clone()).collect();
        store.write(move |ledger| ledger.sync_sources(&sources, day(0))).await.unwrap();
        let present = Arc::new(Mutex::new(day(0)));
        let clock: Clock = Arc::new({
            let present = present.clone();
            move || *present.lock().unwrap()
        });
        let ctx = Context {
            store,
            fetcher: Fetcher::new(settings.fetch.clone(), clock.clone()).unwrap(),
            extractor: Extractor::new(1, Arc::new(wireroom::article::extract)),
            rules: Arc::new(Rules {
                websub: None,
                keep: wireroom::dedup::Keep::All,
                schedule: settings.schedule.clone(),
                dedup: settings.dedup.clone(),
                pace: Pace { delay: Duration::ZERO, per_host: 8 },
                desks: [("gazette".to_owned(), ingest::Desk::default())].into(),
            }),
            clock,
            dice: Arc::new(|| 0.0),
        };
        Lanes { ctx, present, limits: settings.fetch }
    }

    /// Another process on the same ledger.
    fn restart(&mut self) {
        self.ctx.fetcher = Fetcher::new(self.limits.clone(), self.ctx.clock.clone()).unwrap();
    }

    /// Polls everything that is due at an instant, as the lane does; what each poll came to.
    async fn poll_due(&self, at: Timestamp) -> Vec<(String, PollOutcome)> {
        *self.present.lock().unwrap() = at;
        let pace = Pace { delay: Duration::ZERO, per_host: 8 };
        let mut polled = Vec::new();
        loop {
            let lease = Duration::from_secs(600);
            let claims = self.ctx.store.write(move |ledger| ledger.claim_feeds(at, 10, Scope::Due, &pace, lease)).await.unwrap();
            if claims.is_empty() {
                return polled;
            }
            for claim in claims {
                let commit = ingest::poll(&self.ctx, &claim).await.unwrap();
                polled.push((claim.url.path().to_owned(), commit.outcome.clone()));
                self.ctx.store.write(move |ledger| ledger.commit_poll(&claim, &commit)).await.unwrap();
            }
        }
    }

    /// The feeds that are followed, by path, sorted.
    async fn followed(&self) -> Vec<String> {
        let rows = self.rows().await;
        let path = |text: &str| url(text).path().to_owned();
        let mut paths: Vec<_> = rows.iter().filter(|row| row.enabled && row.home.is_some()).map(|row| path(&row.url)).collect();
        paths.sort();
        paths
    }

    async fn rows(&self) -> Vec<FeedRow> {
        self.ctx.store.read(|ledger| ledger.feeds(None)).await.unwrap()
    }
}

/// Lanes that follow the gazette by its home page.
async fn lanes_at_home(web: &NewsWeb, mut desk: Desk) -> (Lanes, Desk) {
    desk.table(&format!("name = \"gazette\"\nhome = {:?}", web.url("gazette", "/")));
    (Lanes::of(&desk).await, desk)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn feeds_are_looked_for_again_weekly_and_when_none_answers() {
    let (web, desk) = gazette();
    let (lanes, _desk) = lanes_at_home(&web, desk).await;
    let polled = lanes.poll_due(day(0)).await;
    assert!(matches!(&polled[0], (path, PollOutcome::Found(Some(feeds))) if path == "/" && feeds.len() == 2), "{polled:?}");
    let news = Format::NewsSitemap.path();
    assert_eq!(lanes.followed().await, [news, "/rss.xml"]);

    // Within the week the home page is left alone while both answer.
    web.clear_log();
    lanes.poll_due(day(3)).await;
    let mut paths = asked(&web);
    paths.sort();
    assert_eq!(paths, [news, "/rss.xml"]);

    // A week later it is looked at, and the feed that answers is kept though another one comes first.
    set_home(
        &web,
        "<link rel=alternate type=application/atom+xml href=/atom.xml><link rel=alternate type=application/rss+xml href=/rss.xml>",
    );
    let polled = lanes.poll_due(day(8)).await;
    assert!(polled.iter().any(|(path, outcome)| path == "/" && matches!(outcome, PollOutcome::Found(Some(_)))), "{polled:?}");
    assert_eq!(lanes.followed().await, [news, "/rss.xml"]);

    // The feed goes away: after three failures another one is looked for, long before the week is over, though the sitemap
    // answers.
    web.set_page("gazette", "/rss.xml", Response::status(404));
    for on in [9, 10, 11, 12] {
        lanes.poll_due(day(on)).await;
    }
    assert_eq!(lanes.followed().await, ["/atom.xml", news]);
    let rows = lanes.rows().await;
    assert!(rows.iter().any(|row| row.url.ends_with("/rss.xml") && !row.enabled), "the dead one is given up: {rows:?}");
}

/// Nobody named what was discovered: robots.txt binds it, also when it changes its mind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_discovered_feed_obeys_robots_txt_later_too() {
    let (web, desk) = gazette();
    let (lanes, _desk) = lanes_at_home(&web, desk).await;
    lanes.poll_due(day(0)).await;
    web.change_agency("gazette", |agency| agency.robots = Robots::Text("User-agent: *\nDisallow: /rss\n".to_owned()));
    web.clear_log();
    let polled = lanes.poll_due(day(3)).await;
    let (_, outcome) = polled.iter().find(|(path, _)| path == "/rss.xml").unwrap();
    assert!(matches!(outcome, PollOutcome::Failed(trouble) if trouble.class == "robots"), "{outcome:?}");
    assert!(!asked(&web).contains(&"/rss.xml".to_owned()), "{:?}", asked(&web));
}

/// A home page whose only link leads to another host, which asks to be left alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_other_hosts_asked_for_is_remembered_over_a_restart() {
    let (web, desk) = web_of([Agency { items: 2, ..Agency::new("gazette") }, Agency { items: 2, ..Agency::new("harbour") }]);
    for format in Format::ALL {
        web.set_page("gazette", format.path(), Response::status(404));
    }
    web.change_agency("gazette", |agency| agency.robots = Robots::Status(404));
    web.set_page("gazette", "/sitemap.xml", Response::status(404));
    let busy = Response::status(429).with_header("Retry-After", "80000");
    let wire = web.set_page("harbour", "/wire.xml", busy);
    set_home(&web, &format!("<link rel=alternate type=application/rss+xml href={wire:?}>"));
    let (mut lanes, _desk) = lanes_at_home(&web, desk).await;
    lanes.poll_due(day(0)).await;
    assert!(asked(&web).contains(&"/wire.xml".to_owned()));
    let name = web.host("harbour");
    let host = lanes.ctx.store.read(move |ledger| ledger.host(&name)).await.unwrap();
    assert_eq!(host.retry_until, Some(day(0) + Duration::from_secs(80_000)));
    assert!(host.robots.is_some(), "its robots.txt too");

    lanes.restart();
    web.clear_log();
    let polled = lanes.poll_due(hour(20)).await;
    assert_eq!(polled.len(), 1, "{polled:?}");
    assert!(asked(&web).contains(&"/".to_owned()) && !asked(&web).contains(&"/wire.xml".to_owned()), "{:?}", asked(&web));
}

/// `example.org` that redirects to `www.example.org`: the sitemaps are named there.
#[test]
fn the_robots_txt_of_the_host_that_answers_names_the_sitemaps() {
    let (web, desk) = web_of([Agency::new("gazette"), Agency { items: 2, ..Agency::new("harbour") }]);
    let home = web.url("harbour", "/");
    web.set_page("gazette", "/", Response::status(301).with_header("Location", &home));
    let odd = web.url("harbour", "/odd/place.xml");
    let there = Response::status(302).with_header("Location", &web.feed_url("harbour", Format::NewsSitemap));
    web.set_page("harbour", "/odd/place.xml", there);
    web.change_agency("harbour", |agency| agency.robots = Robots::Text(format!("User-agent: *\nSitemap: {odd}\n")));
    let found = discovered(&web, &desk);
    assert!(asked(&web).contains(&"/odd/place.xml".to_owned()), "{:?}", asked(&web));
    assert_eq!(found["beside"][0], web.feed_url("harbour", Format::NewsSitemap), "{found:#}");
}
