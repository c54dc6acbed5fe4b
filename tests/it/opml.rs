//! Lists of feeds in and out: OPML as found, its way through the verbs, and back.

use std::fmt::Write as _;
use std::fs;

use proptest::prelude::*;
use wireroom::config::{self, Proposal};
use wireroom::feed::opml::{self, List, Subscription};
use wireroom::model::{FeedKind, Url};

use super::operator::{Desk, both};

fn list(text: &str) -> List {
    opml::parse(text.as_bytes(), None).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A body of outlines.
fn body(outlines: &str) -> String {
    format!("<?xml version=\"1.0\"?>\n<opml version=\"2.0\"><head><title>Desk</title></head><body>{outlines}</body></opml>")
}

/// Addresses and titles of a list.
fn told(list: &List) -> Vec<(&str, &str)> {
    list.subscriptions.iter().map(|it| (it.url.as_str(), it.title.as_deref().unwrap_or("-"))).collect()
}

#[track_caller]
fn check(outlines: &str, expected: &[(&str, &str)]) {
    let list = list(&body(outlines));
    assert_eq!(told(&list), expected, "{outlines}");
    assert_eq!(list.title.as_deref(), Some("Desk"));
}

const RSS: &str = "https://gazette.example.org/rss";

#[test]
fn outlines_are_read_as_programs_write_them() {
    check(r#"<outline text="Gazette" type="rss" xmlUrl="https://gazette.example.org/rss"/>"#, &[(RSS, "Gazette")]);
    check(r#"<OUTLINE TITLE='Gazette' XMLURL='https://gazette.example.org/rss'></OUTLINE>"#, &[(RSS, "Gazette")]);
    check(r#"<outline text="Gazette" type="rss" url="https://gazette.example.org/rss"/>"#, &[(RSS, "Gazette")]);
    check(
        r#"<outline text=" Oil &amp;&#32;gas " xmlUrl=" https://gazette.example.org/a?b=1&amp;c=2 "/>"#,
        &[("https://gazette.example.org/a?b=1&c=2", "Oil & gas")],
    );
    check(
        r#"<outline text="&eacute;t&eacute;" xmlUrl="feed://gazette.example.org/rss"/>"#,
        &[("http://gazette.example.org/rss", "été")],
    );
    check(r#"<outline xmlUrl="feed:https://gazette.example.org/rss"/>"#, &[(RSS, "-")]);
}

#[test]
fn broken_lists_lose_no_feed() {
    // A bare ampersand, a missing quote's worth of attributes, tags never closed, and the end cut off.
    check(
        "<outline text=\"A & B\" xmlUrl=https://a.example.org/?x=1&y=2 />\
         <outline text=\"Open\" xmlUrl=\"https://b.example.org/\">\
         <outline text='1 < 2' xmlUrl='https://c.example.org/'></outline></nonsense>\
         <outline text=\"D\" xmlUrl=\"https://d.example.org/\"",
        &[
            ("https://a.example.org/?x=1&y=2", "A & B"),
            ("https://b.example.org/", "Open"),
            ("https://c.example.org/", "1 < 2"),
            ("https://d.example.org/", "D"),
        ],
    );
    let rootless = list("<outline text='x' xmlUrl='https://a.example.org/'/>");
    assert_eq!(told(&rootless), [("https://a.example.org/", "x")]);
    let koi8 = b"<?xml version='1.0' encoding='koi8-r'?><opml><body><outline text='\xed\xc9\xd2' xmlUrl='https://a.example.org/'/></body></opml>";
    assert_eq!(told(&opml::parse(koi8, None).unwrap()), [("https://a.example.org/", "Мир")]);
}

#[test]
fn folders_homes_and_languages_are_kept_and_repeats_are_counted() {
    let list = list(&body(
        r#"<outline text="World"><outline title="Asia">
             <outline text="Gazette" language="az" xmlUrl="https://gazette.example.org/rss" htmlUrl="https://gazette.example.org/"/>
           </outline><outline text="again" xmlUrl="https://gazette.example.org/rss"/></outline>
           <outline text="Home only" htmlUrl="https://home.example.org/" xmlUrl=""/>
           <outline text="Map" type="sitemap" xmlUrl="https://map.example.org/news.xml"/>"#,
    ));
    let first = &list.subscriptions[0];
    assert_eq!(first.folders, ["World", "Asia"]);
    assert_eq!(first.home.as_ref().map(Url::as_str), Some("https://gazette.example.org/"));
    assert_eq!(first.language.as_deref(), Some("az"));
    assert_eq!(list.repeated, 1);
    let kinds: Vec<FeedKind> = list.subscriptions.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [FeedKind::Feed, FeedKind::Home, FeedKind::Sitemap]);
}

#[test]
fn what_cannot_be_followed_is_named_with_its_reason() {
    let list = list(&body(
        r#"<outline text="a" xmlUrl="/relative"/><outline text="b" xmlUrl="javascript:alert(1)"/>
           <outline text="c" xmlUrl="https://user:secret@c.example.org/"/>
           <outline text="d" type="include" url="https://d.example.org/more.opml"/><outline text="note"/>"#,
    ));
    assert_eq!(list.subscriptions, []);
    let reasons: Vec<&str> = list.refused.iter().map(|it| it.reason.as_str()).collect();
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    for (reason, part) in reasons.iter().zip(["not an http address", "not an http address", "credentials", "another list"]) {
        assert!(reason.contains(part), "{reason}");
    }
    assert!(!format!("{:?}", list.refused).contains("secret"), "{:?}", list.refused);
}

#[test]
fn lists_of_people_and_their_feeds_are_read_too() {
    let list = list(
        r#"<rdf:RDF xmlns:rdf="r" xmlns:foaf="f" xmlns:rss="s"><foaf:Group><foaf:member><foaf:Agent><foaf:name>Reporter</foaf:name>
           <foaf:weblog><foaf:Document rdf:about="https://r.example.org/"><rdfs:seeAlso><rss:channel rdf:about="https://r.example.org/rss"/>
           </rdfs:seeAlso></foaf:Document></foaf:weblog></foaf:Agent></foaf:member><foaf:name>Planet</foaf:name></foaf:Group></rdf:RDF>"#,
    );
    assert_eq!(told(&list), [("https://r.example.org/rss", "Reporter")]);
    assert_eq!(list.subscriptions[0].folders, ["Planet"]);
    assert_eq!(list.subscriptions[0].home.as_ref().map(Url::as_str), Some("https://r.example.org/"));
}

#[test]
fn other_documents_are_refused() {
    for (text, part) in
        [("<html><title>Shop</title></html>", "HTML page titled \"Shop\""), ("", "empty"), ("%PDF-1.7", "a PDF file")]
    {
        let error = opml::parse(text.as_bytes(), None).unwrap_err().to_string();
        assert!(error.contains("OPML") && error.contains(part), "{error}");
    }
}

#[test]
fn ten_thousand_outlines_and_deep_nesting_are_bearable() {
    let mut outlines = String::new();
    for number in 0..10_000 {
        write!(outlines, "<outline text='Same name' xmlUrl='https://host-{number}.example.org/rss'/>").unwrap();
    }
    let desk = Desk::empty();
    desk.write();
    fs::write(desk.path("big.opml"), body(&outlines)).unwrap();
    let run = desk.run(&["import", "big.opml", "--output", "big.toml"]);
    assert!(run.status.success(), "{}", both(&run));
    let text = fs::read_to_string(desk.path("big.toml")).unwrap();
    assert_eq!(config::parse(&text).unwrap().sources.len(), 10_000);

    let deep = "<outline text='f'>".repeat(200_000) + "<outline xmlUrl='https://deep.example.org/'/>";
    let list = list(&body(&deep));
    assert_eq!(list.subscriptions.len(), 1);
    assert!(list.subscriptions[0].folders.len() <= 8);

    // Few bytes that name much again and again.
    let long = format!("<outline text='{}'>", "x".repeat(5000)).repeat(8)
        + &"<outline xmlUrl='https://a.example.org/' text='y'/>".repeat(2000);
    assert_eq!(self::list(&body(&long)).repeated, 1999);
    let names = format!("<outline text='{}'>", "x".repeat(5000)).repeat(8) + &outlines;
    let held: usize = self::list(&body(&names)).subscriptions.iter().flat_map(|it| &it.folders).map(String::len).sum();
    assert_eq!(held, 10_000 * 8 * 200, "names are bounded");
}

#[test]
fn a_list_becomes_sources_that_pass_check_and_goes_out_again() {
    let mut desk = Desk::empty();
    desk.source("known", RSS, "");
    fs::write(desk.path("wireroom.toml"), "include = [\"sources.d/*.toml\"]\n".to_owned() + &desk.toml()).unwrap();
    fs::create_dir(desk.path("sources.d")).unwrap();
    let outlines = r#"<outline text="News"><outline text="Known &quot;Desk&quot;" xmlUrl="https://gazette.example.org/rss"/>
        <outline text="Known" language="klingon?" xmlUrl="https://second.example.org/rss"/></outline>
        <outline text="Тренд" xmlUrl="https://en.trend.example.com/rss"/><outline text="x" xmlUrl="ftp://x.example.org/"/>
        <outline text="Home" htmlUrl="https://home.example.org/"/>"#;
    fs::write(desk.path("list.opml"), body(outlines)).unwrap();
    let run = desk.run(&["import", "list.opml", "--output", "sources.d/opml.toml"]);
    assert!(run.status.success(), "{}", both(&run));
    let told = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(
        told.contains("3 sources in sources.d/opml.toml; 1 in the configuration already, 0 repeated in the list, 1 left out"),
        "{told}"
    );
    assert!(told.contains("left out: ftp://x.example.org/ (x): its xmlUrl is not an http address"), "{told}");
    let written = fs::read_to_string(desk.path("sources.d/opml.toml")).unwrap();
    for part in
        ["# News\n[[source]]\nname = \"known-2\"\n", "name = \"example-en-trend\"\nagency = \"Тренд\"\n", "home = \"https://home"]
    {
        assert!(written.contains(part), "{part:?} expected in {written}");
    }
    let checked = desk.say(&["check"]);
    assert!(checked.contains("4 sources"), "{checked}");

    let again = desk.run(&["import", "list.opml", "--output", "sources.d/opml.toml"]);
    assert!(again.status.success(), "nothing is left to write: {}", both(&again));
    fs::write(desk.path("more.opml"), body("<outline xmlUrl='https://more.example.org/'/>")).unwrap();
    let refused = desk.run(&["import", "more.opml", "--output", "sources.d/opml.toml"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(both(&refused).contains("--force"), "{}", both(&refused));
    assert_eq!(fs::read_to_string(desk.path("sources.d/opml.toml")).unwrap(), written, "nothing is overwritten unasked");

    let exported = list(&desk.say(&["export", "--opml"]));
    let mut urls: Vec<&str> = exported.subscriptions.iter().map(|it| it.url.as_str()).collect();
    urls.sort_unstable();
    assert_eq!(urls, ["https://en.trend.example.com/rss", RSS, "https://home.example.org/", "https://second.example.org/rss"]);
    let empty = desk.run(&["import", "wireroom.toml"]);
    assert_eq!(empty.status.code(), Some(1), "{}", both(&empty));
}

prop_compose! {
    fn subscription()(
        host in "[a-z]{1,8}", path in "[a-zA-Z0-9/&?=%;._-]{0,30}", title in proptest::option::of("\\PC{0,40}"),
        folders in proptest::collection::vec("[^\\p{C}\\s<&]{1,10}", 0..4), kind in 0..3usize, home: bool, language in proptest::option::of("[a-z]{2}"),
    ) -> Subscription {
        let at = |path: &str| Url::parse(&format!("https://{host}.example.org/{path}")).unwrap();
        let kind = [FeedKind::Feed, FeedKind::Sitemap, FeedKind::Home][kind];
        Subscription { title, url: at(&path), kind, home: home.then(|| at("")), language, folders }
    }
}

proptest! {
    #[test]
    fn what_goes_out_comes_in(subscriptions in proptest::collection::vec(subscription(), 0..12)) {
        let read = list(&opml::write("A <list> & \"more\"", &subscriptions));
        prop_assert_eq!(read.title.as_deref(), Some("A <list> & \"more\""));
        prop_assert_eq!(&read.refused, &[]);
        let mut expected: Vec<(&Url, FeedKind, &[String])> = Vec::new();
        for it in &subscriptions {
            if !expected.iter().any(|(url, ..)| *url == &it.url) {
                expected.push((&it.url, it.kind, &it.folders));
            }
        }
        let found: Vec<(&Url, FeedKind, &[String])> = read.subscriptions.iter().map(|it| (&it.url, it.kind, it.folders.as_slice())).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400), text in "(<|</|outline|opml| xmlUrl=|\"|'|>|/>|&|a|https://h/|rdf:RDF|foaf:Agent|<!\\[CDATA\\[| ){0,60}") {
        let _ = opml::parse(&bytes, None);
        let _ = opml::parse(text.as_bytes(), Some("text/xml; charset=utf-16"));
        let one = opml::parse(text.as_bytes(), None).ok();
        prop_assert_eq!(one, opml::parse(text.as_bytes(), None).ok());
    }

    #[test]
    fn proposals_always_pass_check(
        name in proptest::option::of("\\PC{0,80}"), agency in proptest::option::of(any::<String>()), language in proptest::option::of(any::<String>()),
        remark in any::<String>(), paths in proptest::collection::vec("\\PC{0,20}", 1..4), zone in proptest::option::of("\\PC{0,12}"),
    ) {
        let feeds: Vec<Url> = paths.iter().enumerate().filter_map(|(at, path)| Url::parse(&format!("https://h{at}.example.org/{}", path.replace('#', ""))).ok()).collect();
        prop_assume!(!feeds.is_empty());
        let proposal = Proposal { remarks: vec![remark.clone()], name, agency, feeds, language, timezone: zone, notes: vec![remark], ..Proposal::default() };
        let other = Proposal { feeds: vec![Url::parse("https://other.example.org/").unwrap()], ..proposal.clone() };
        let text = config::write(&[proposal.clone(), other], &["source", "h0"]);
        let settings = config::parse(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(settings.sources.len(), 2);
        let feeds: Vec<&Url> = settings.sources[0].source.feeds.iter().map(|feed| &feed.url).collect();
        prop_assert_eq!(feeds, proposal.feeds.iter().collect::<Vec<_>>());
    }
}
