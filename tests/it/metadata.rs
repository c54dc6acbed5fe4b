//! What a page says about its article: who wins, field by field, in the page's many ways of saying it.

use proptest::prelude::*;
use wireroom::article::{self, Rules};
use wireroom::model::{Article, Boilerplate, Document, Entry, Extracted, Head, Precision, PressTime, Url, Validators, ZoneSource};

const PAGE: &str = "https://news.example.org/politics/harbour-fees-to-be-reformed-after-talks.html";
const SEEN: &str = "2024-04-24T06:00:00Z";

const PROSE: &str = "<p>The ministers discussed the reform of the harbour fees for three hours and agreed to meet again in the autumn, officials said.</p>\
    <p>A spokesman for the port authority said that the talks had been constructive, and that a draft would be sent to parliament in due course.</p>\
    <p>Trade unions, which had called for a strike last week, welcomed the announcement but said that many questions were still open.</p>";

fn document(html: &str, url: &str) -> Document {
    let url: Url = url.parse().expect("a URL");
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: SEEN.parse().expect("an instant"),
        fields: Vec::new(),
    };
    let content_type = Some("text/html; charset=utf-8".to_owned());
    Document { url, head, content_type, content_language: None, body: html.as_bytes().to_vec(), complete: true }
}

fn bare_entry() -> Entry {
    Entry::of_page(Some(PAGE.parse().expect("a URL")), SEEN.parse().expect("an instant"))
}

fn read_with(html: &str, entry: &Entry, rules: &Rules) -> Article {
    match article::extract(&[document(html, PAGE)], entry, rules, &Boilerplate::default()).expect("a page") {
        Extracted::Article(article) => *article,
        Extracted::Needs(_) => panic!("one page is all there is"),
    }
}

/// An article page with `head` in its head and `body` before its text.
fn page(head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html><head>{head}</head><body><article>{body}<div class=\"text\">{PROSE}</div></article></body></html>"
    )
}

fn read(head: &str, body: &str) -> Article {
    read_with(&page(head, body), &bare_entry(), &Rules::default())
}

/// A page with one NewsArticle; `members` are its further members.
fn structured(members: &str) -> Article {
    read(
        &format!(
            r#"<script type="application/ld+json">{{"@context":"https://schema.org","@type":"NewsArticle","headline":"Harbour fees to be reformed",{members}}}</script>"#
        ),
        "<h1>Harbour fees to be reformed</h1>",
    )
}

fn instant(time: Option<PressTime>) -> String {
    let Some(time) = time else { return "none".to_owned() };
    format!("{} {:?} {} {}", time.at, time.offset_minutes, time.precision.as_str(), time.zone_source.as_str())
}

/// A page as the agency that wireroom was founded on lays it out, with invented words.
fn founding(json_ld: &str) -> String {
    format!(
        r#"<!doctype html><html lang="en"><head><title>Ferry links bring both shores closer - analyst - Example News Agency</title>{json_ld}</head><body>
        <header><nav><ul><li><a href="/">Home</a></li><li><a href="/politics">Politics</a></li><li><a href="/economy">Economy</a></li><li><a href="/materials">Oil &amp; Gas</a></li></ul></nav></header>
        <main>
        <h1>Ferry links bring both shores closer - analyst</h1>
        <div>Politics Materials 23 April 2024 21:00 (UTC +04:00)</div>
        <div><img src="/media/ferry.jpg" alt="Ferry links bring both shores closer - analyst"></div>
        <div>Ferry links bring both shores closer - analyst</div>
        <div>Anar Dagli</div>
        <div>Anar Dagli</div>
        <div><a href="/authors/42">Read more</a></div>
        <div><p>BAKU, Azerbaijan, April 23. The present state of the ferry links shows how near both shores have come, the analyst Igor Beregov told Example.</p>{PROSE}
        <p>Stay up-to-date with more news at Example News Agency's channel</p></div>
        </main>
        <aside><h3>Latest</h3><ul><li><a href="/a">Talks on grain go on</a></li><li><a href="/b">Rain expected on Friday</a></li></ul></aside>
        <footer>© Example News Agency</footer></body></html>"#
    )
}

const FOUNDING_JSON_LD: &str = r#"<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",
    "mainEntityOfPage":{"@type":"WebPage","@id":"https://news.example.org/politics/harbour-fees-to-be-reformed-after-talks.html"},
    "headline":"Ferry links bring both shores closer - analyst","datePublished":"2024-04-23T21:00:00+04:00","dateModified":"2024-04-23T21:05:00+04:00",
    "author":{"@type":"Person","name":"Anar Dagli"},"publisher":{"@type":"Organization","name":"Example News Agency"},"articleSection":"Politics"}</script>"#;

#[test]
fn the_founding_page_is_read_with_and_without_json_ld() {
    for (json_ld, precision) in [("", "minute"), (FOUNDING_JSON_LD, "instant")] {
        let article = read_with(&founding(json_ld), &bare_entry(), &Rules::default());
        assert_eq!(article.title.as_deref(), Some("Ferry links bring both shores closer - analyst"));
        assert_eq!(article.section.as_deref(), Some("Politics"));
        assert_eq!(instant(article.published), format!("2024-04-23T17:00:00Z Some(240) {precision} page"));
        assert_eq!(article.authors, ["Anar Dagli"]);
        assert_eq!(article.dateline.as_ref().map(|line| line.place.as_str()), Some("BAKU, Azerbaijan"));
        assert_eq!(article.dateline.and_then(|line| line.date).as_deref(), Some("2024-04-23"));
        assert_eq!(article.language.as_deref(), Some("en"));
    }
}

#[test]
fn authors_in_every_shape_of_json_ld() {
    for (members, authors) in [
        (r#""author":"Anna Berg""#, vec!["Anna Berg"]),
        (r#""author":{"@type":"Person","name":"Anna Berg"}"#, vec!["Anna Berg"]),
        (
            r#""author":[{"@type":"Person","name":"Anna Berg"},{"@type":"Person","name":"John Lake"}]"#,
            vec!["Anna Berg", "John Lake"],
        ),
        (r#""author":[["Anna Berg"],["John Lake",["Eva Field"]]]"#, vec!["Anna Berg", "John Lake", "Eva Field"]),
        (r#""author":{"@type":"Person","name":["Anna Berg","John Lake"]}"#, vec!["Anna Berg", "John Lake"]),
        (r#""author":{"@type":"Person","givenName":"Anna","familyName":"Berg"}"#, vec!["Anna Berg"]),
        (r#""author":{"@type":"Person","name":"By Anna Berg and John Lake, Political Editors"}"#, vec!["Anna Berg", "John Lake"]),
        (r#""author":[{"@type":"Person","name":"ANNA BERG"},{"@type":"Person","name":"Anna Berg"}]"#, vec!["ANNA BERG"]),
        (
            r#""author":[{"@type":"Organization","name":"Example News Agency"},{"@type":"Person","name":"Anna Berg"}]"#,
            vec!["Anna Berg"],
        ),
        // Nobody is named: who signs is better than nobody.
        (r#""author":{"@type":"Organization","name":"Harbour Watch"}"#, vec!["Harbour Watch"]),
        (r#""author":{"@type":"Person","name":"Reuters"}"#, vec!["Reuters"]),
        (
            r#""author":{"@type":"Person","name":"Harbour Watch"},"publisher":{"@type":"Organization","name":"Harbour Watch"}"#,
            vec!["Harbour Watch"],
        ),
        (r#""author":{"@type":"Person","name":"anna.berg@example.org"}"#, vec![]),
        (r#""author":{"@type":"Person","name":"Anna Berg","url":"https://example.org/anna"}"#, vec!["Anna Berg"]),
        (r#""author":{"@type":"Person","name":"Ren&eacute; D&#39;Arc"}"#, vec!["René D'Arc"]),
        (r#""creator":["Anna Berg"]"#, vec!["Anna Berg"]),
    ] {
        assert_eq!(structured(members).authors, authors, "{members}");
    }
}

#[test]
fn references_between_objects_are_followed() {
    let article = read(
        r##"<script type="application/ld+json">{"@context":"https://schema.org","@graph":[
            {"@type":"WebSite","@id":"#site","name":"Example News"},
            {"@type":"NewsArticle","@id":"#article","headline":"Harbour fees to be reformed","author":{"@id":"#anna"},"image":{"@id":"#picture"},"isPartOf":{"@id":"#page"},"publisher":{"@id":"#site"}},
            {"@type":"Person","@id":"#anna","name":"Anna Berg"},
            {"@type":"ImageObject","@id":"#picture","url":"/media/harbour.jpg"},
            {"@type":"WebPage","@id":"#page","name":"Harbour fees to be reformed | Example News","inLanguage":"en_gb"}]}</script>"##,
        "<h1>Harbour fees to be reformed</h1>",
    );
    assert_eq!(article.authors, ["Anna Berg"]);
    assert_eq!(article.image.map(String::from).as_deref(), Some("https://news.example.org/media/harbour.jpg"));
    assert_eq!(article.language.as_deref(), Some("en-GB"));
}

#[test]
fn the_object_about_this_page_is_told_from_teasers() {
    let article = read(
        r#"<script type="application/ld+json">[
            {"@type":"NewsArticle","headline":"Rain expected on Friday","url":"https://news.example.org/rain.html","datePublished":"2024-01-01T00:00:00Z","author":"Wrong Person"},
            {"@type":"NewsArticle","headline":"Harbour fees to be reformed","url":"https://news.example.org/politics/harbour-fees-to-be-reformed-after-talks.html","datePublished":"2024-04-23T10:00:00Z","author":"Anna Berg"},
            {"@type":"NewsArticle","headline":"Talks on grain go on","url":"https://news.example.org/grain.html","datePublished":"2024-02-02T00:00:00Z","author":"Other Person"}]</script>"#,
        "<h1>Harbour fees to be reformed</h1>",
    );
    assert_eq!(article.authors, ["Anna Berg"]);
    assert_eq!(instant(article.published), "2024-04-23T10:00:00Z Some(0) instant page");
    let article = read(
        r#"<script type="application/ld+json">{"@type":"NewsArticle","headline":"Rain expected on Friday","url":"https://news.example.org/rain.html","author":"Wrong Person"}</script>"#,
        "<h1>Harbour fees to be reformed</h1>",
    );
    assert!(article.authors.is_empty());
}

#[test]
fn titles_lose_the_site_and_the_kicker() {
    for (head, body, title) in [
        (
            "<title>Harbour fees to be reformed | Example News</title>",
            "<h1>Harbour fees to be reformed</h1>",
            "Harbour fees to be reformed",
        ),
        (
            r#"<title>Harbour fees to be reformed - Example News</title><meta property="og:site_name" content="Example News">"#,
            "",
            "Harbour fees to be reformed",
        ),
        (
            r#"<title>Example News: home</title><meta property="og:title" content="Harbour fees to be reformed | Example News"><meta property="og:site_name" content="Example News">"#,
            "",
            "Harbour fees to be reformed",
        ),
        (
            "<title>Harbour fees to be reformed</title>",
            r#"<h1><span class="kicker">Shipping</span> <span class="head">Harbour fees to be reformed</span></h1>"#,
            "Harbour fees to be reformed",
        ),
        (
            "<title>Harbour fees to be reformed</title>",
            "<h1>Example News</h1><h2 class=\"article-title\">Harbour fees to be reformed</h2>",
            "Harbour fees to be reformed",
        ),
        (
            "",
            r#"<h1><span>Shipping</span><span>:</span> <em>Har</em>bour fees to be reformed</h1>"#,
            "Shipping: Harbour fees to be reformed",
        ),
        (
            r#"<meta property="og:title" content="Ferry - a dash belongs to this headline">"#,
            "<h1>Ferry - a dash belongs to this headline</h1>",
            "Ferry - a dash belongs to this headline",
        ),
        (r#"<meta property="og:title" content="Fish &amp;amp; ships: fees reformed">"#, "", "Fish & ships: fees reformed"),
    ] {
        assert_eq!(read(head, body).title.as_deref(), Some(title), "{head} {body}");
    }
}

#[test]
fn bylines_of_the_page() {
    for (byline, authors) in [
        (r#"<span itemprop="author" itemscope><span itemprop="name">Anna Berg</span></span>"#, vec!["Anna Berg"]),
        (r#"<a rel="author" href="/team/anna">Anna Berg</a>"#, vec!["Anna Berg"]),
        (
            r#"<div class="byline">By <a href="/authors/anna-berg">Anna Berg</a> and <a href="/authors/john-lake">John Lake</a></div>"#,
            vec!["Anna Berg", "John Lake"],
        ),
        (r#"<div class="article__byline">Von Anna Berg und Jörg Wald</div>"#, vec!["Anna Berg", "Jörg Wald"]),
        (r#"<p>By Anna Berg</p>"#, vec!["Anna Berg"]),
        (r#"<div>Anna Berg | 23.04.2024</div>"#, vec!["Anna Berg"]),
        (r#"<div class="author">Redaktion</div>"#, vec![]),
        (r#"<div>Read More</div><div>Read More</div>"#, vec![]),
        (r#"<div class="byline">Photo: Anna Berg</div>"#, vec![]),
    ] {
        assert_eq!(read("", &format!("<h1>Harbour fees to be reformed</h1>{byline}")).authors, authors, "{byline}");
    }
    for (meta, authors) in [
        (r#"<meta name="author" content="Anna Berg">"#, vec!["Anna Berg"]),
        (r#"<meta name="author" content="Anna Berg, John Lake">"#, vec!["Anna Berg", "John Lake"]),
        (r#"<meta property="article:author" content="https://social.example.org/anna">"#, vec![]),
        (
            r#"<meta name="parsely-author" content="Anna Berg"><meta name="parsely-author" content="John Lake">"#,
            vec!["Anna Berg", "John Lake"],
        ),
        (r#"<meta name="dc.creator" content="Anna Berg (Reuters)">"#, vec!["Anna Berg"]),
        (
            r#"<meta name="author" content="Example News"><meta property="og:site_name" content="Example News">"#,
            vec!["Example News"],
        ),
    ] {
        assert_eq!(read(meta, "<h1>Harbour fees to be reformed</h1>").authors, authors, "{meta}");
    }
}

#[test]
fn times_keep_the_offset_the_page_gave() {
    for (head, body, expected) in [
        (
            r#"<meta property="article:published_time" content="2024-04-23T21:00:00+04:00">"#,
            "",
            "2024-04-23T17:00:00Z Some(240) instant page",
        ),
        (r#"<meta name="article:published:time" content="2024-04-23T21:00:00Z">"#, "", "2024-04-23T21:00:00Z Some(0) instant page"),
        (r#"<meta name="date" content="2024-04-23 21:00:00">"#, "", "2024-04-23T21:00:00Z None instant assumed"),
        // A naive time finds its offset in another place of the page that shows the same clock.
        (
            r#"<meta name="date" content="2024-04-23 21:00:00">"#,
            r#"<time datetime="2024-04-23T21:00:00+04:00">today</time>"#,
            "2024-04-23T17:00:00Z Some(240) instant page",
        ),
        // A day finds its time likewise.
        (
            r#"<meta name="date" content="2024-04-23">"#,
            r#"<time datetime="2024-04-23T21:00:00+04:00">today</time>"#,
            "2024-04-23T17:00:00Z Some(240) instant page",
        ),
        (
            r#"<meta name="date" content="2024-04-23">"#,
            r#"<time datetime="2024-04-22T21:00:00+04:00">then</time>"#,
            "2024-04-23T00:00:00Z None day assumed",
        ),
        (
            "",
            r#"<div itemprop="datePublished" content="2024-04-23T21:00:00+04:00">23 April</div>"#,
            "2024-04-23T17:00:00Z Some(240) instant page",
        ),
        ("", r#"<div class="date">23 April 2024 21:00 (UTC +04:00)</div>"#, "2024-04-23T17:00:00Z Some(240) minute page"),
        ("", r#"<div>23. April 2024, 21:00 Uhr</div>"#, "2024-04-23T21:00:00Z None minute assumed"),
    ] {
        assert_eq!(
            instant(read(head, &format!("<h1>Harbour fees to be reformed</h1>{body}")).published),
            expected,
            "{head} {body}"
        );
    }
}

#[test]
fn naive_times_are_the_sources() {
    let rules = Rules { timezone: Some("Asia/Baku".to_owned()), ..Rules::default() };
    let html = page(r#"<meta name="date" content="2024-04-23 21:00:00">"#, "<h1>Harbour fees to be reformed</h1>");
    let time = read_with(&html, &bare_entry(), &rules).published.unwrap();
    assert_eq!((time.at.to_string().as_str(), time.zone_source), ("2024-04-23T17:00:00Z", ZoneSource::Source));
    // The same clock elsewhere on the page, with its offset, is worth more than the operator's zone.
    let html = page(
        r#"<meta name="date" content="2024-04-23 21:00:00">"#,
        r#"<h1>Harbour fees to be reformed</h1><time datetime="2024-04-23T21:00:00+03:00">today</time>"#,
    );
    let time = read_with(&html, &bare_entry(), &rules).published.unwrap();
    assert_eq!((time.at.to_string().as_str(), time.zone_source), ("2024-04-23T18:00:00Z", ZoneSource::Page));
}

#[test]
fn a_future_date_becomes_first_sight_and_an_unreadable_one_a_note() {
    let article = read(
        r#"<meta property="article:published_time" content="2024-05-23T21:00:00+04:00">"#,
        "<h1>Harbour fees to be reformed</h1>",
    );
    assert_eq!(article.published.map(|time| time.at.to_string()).as_deref(), Some(SEEN));
    assert!(article.notes.iter().any(|note| note.field == "published" && note.detail.contains("future")), "{:?}", article.notes);

    let article =
        read(r#"<meta property="article:published_time" content="some day soon">"#, "<h1>Harbour fees to be reformed</h1>");
    assert_eq!(article.published, None);
    assert!(
        article.notes.iter().any(|note| note.field == "published" && note.detail.contains("some day soon")),
        "{:?}",
        article.notes
    );
}

#[test]
fn change_and_publication_are_kept_apart() {
    let article = read(
        r#"<meta property="article:published_time" content="2024-04-23T10:00:00Z"><meta property="article:modified_time" content="2024-04-23T12:00:00Z">"#,
        "<h1>Harbour fees to be reformed</h1>",
    );
    assert_eq!(article.published.map(|time| time.at.to_string()).as_deref(), Some("2024-04-23T10:00:00Z"));
    assert_eq!(article.modified.map(|time| time.at.to_string()).as_deref(), Some("2024-04-23T12:00:00Z"));
    let article = read(
        "",
        "<h1>Harbour fees to be reformed</h1><div>Updated: 23 April 2024 12:00 UTC</div><div>22 April 2024 10:00 UTC</div>",
    );
    assert_eq!(article.published.map(|time| time.at.to_string()).as_deref(), Some("2024-04-22T10:00:00Z"));
    assert_eq!(article.modified.map(|time| time.at.to_string()).as_deref(), Some("2024-04-23T12:00:00Z"));
}

#[test]
fn the_section_comes_from_where_it_is_said() {
    let crumbs = r#"<script type="application/ld+json">{"@type":"BreadcrumbList","itemListElement":[
        {"@type":"ListItem","position":2,"name":"Shipping"},{"@type":"ListItem","position":1,"name":"Home"},
        {"@type":"ListItem","position":3,"item":{"name":"Harbour fees to be reformed"}}]}</script>"#;
    for (head, body, section) in [
        (r#"<meta property="article:section" content="Shipping">"#, "", Some("Shipping")),
        (crumbs, "", Some("Shipping")),
        ("", r#"<ol class="breadcrumbs"><li><a href="/">Home</a></li><li><a href="/s">Shipping</a></li></ol>"#, Some("Shipping")),
        ("", r#"<a rel="category tag" href="/s">Shipping</a>"#, Some("Shipping")),
        ("", r#"<nav><a href="/politics">Politics</a><a href="/sport">Sport</a></nav>"#, Some("Politics")),
        (
            "",
            r#"<nav><a href="/politics">Politics</a></nav><div>Politics Materials 23 April 2024 21:00 (UTC +04:00)</div>"#,
            Some("Politics"),
        ),
        ("", r#"<nav><a href="/sport">Sport</a></nav><div>Anything Else 23 April 2024 21:00 (UTC +04:00)</div>"#, None),
        ("", "", None),
    ] {
        assert_eq!(read(head, &format!("<h1>Harbour fees to be reformed</h1>{body}")).section.as_deref(), section, "{head} {body}");
    }
    assert_eq!(structured(r#""articleSection":["Shipping","Economy"]"#).section.as_deref(), Some("Shipping"));
}

#[test]
fn tags_are_words_for_readers_each_once() {
    for (members, tags) in [
        (r#""keywords":"harbour, fees, Fees""#, vec!["harbour", "fees"]),
        (r#""keywords":["harbour","fees, old and new"]"#, vec!["harbour", "fees, old and new"]),
        (r#""keywords":["harbour,fees"]"#, vec!["harbour", "fees"]),
        (r#""keywords":[{"@type":"DefinedTerm","name":"harbour"}]"#, vec!["harbour"]),
        (r#""keywords":["harbour","type:story","20240423-117","a1b2_c3"]"#, vec!["harbour"]),
    ] {
        assert_eq!(structured(members).tags, tags, "{members}");
    }
    let article = read(
        r#"<meta property="article:tag" content="harbour"><meta property="article:tag" content="fees"><meta name="news_keywords" content="Harbour, ships">"#,
        r#"<h1>Harbour fees to be reformed</h1><a rel="tag" href="/t/port">port</a>"#,
    );
    assert_eq!(article.tags, ["harbour", "fees", "ships", "port"]);
}

#[test]
fn addresses_are_absolute_and_languages_are_tags() {
    let article = read(
        r#"<link rel="canonical" href="/politics/harbour.html"><meta property="og:image" content="//media.example.org/a.jpg"><meta property="og:locale" content="en_gb">"#,
        "<h1>Harbour fees to be reformed</h1>",
    );
    assert_eq!(article.canonical.map(String::from).as_deref(), Some("https://news.example.org/politics/harbour.html"));
    assert_eq!(article.image.map(String::from).as_deref(), Some("https://media.example.org/a.jpg"));
    assert_eq!(article.language.as_deref(), Some("en-GB"));
}

#[test]
fn the_operators_selectors_win_outright() {
    let rules = Rules {
        title: Some(".real-title".to_owned()),
        authors: Some(".real-author".to_owned()),
        published: Some(".real-date".to_owned()),
        section: Some(".real-section".to_owned()),
        ..Rules::default()
    };
    let html = page(
        FOUNDING_JSON_LD,
        r#"<h1>Another headline</h1><div class="real-title">The operator's headline</div><div class="real-author">Eva Field</div>
           <time class="real-date" datetime="2024-04-20T08:00:00+02:00">then</time><div class="real-section">Harbours</div>"#,
    );
    let article = read_with(&html, &bare_entry(), &rules);
    assert_eq!(article.title.as_deref(), Some("The operator's headline"));
    assert_eq!(article.authors, ["Eva Field"]);
    assert_eq!(instant(article.published), "2024-04-20T06:00:00Z Some(120) instant page");
    assert_eq!(article.section.as_deref(), Some("Harbours"));
}

#[test]
fn the_entry_speaks_where_the_page_is_silent() {
    let entry = Entry {
        title: Some("Harbour fees to be reformed".to_owned()),
        authors: vec!["Anna Berg".to_owned(), "Example News Agency".to_owned()],
        published: Some(PressTime {
            at: "2024-04-23T17:00:00Z".parse().unwrap(),
            offset_minutes: Some(240),
            precision: Precision::Instant,
            zone_source: ZoneSource::Page,
        }),
        categories: vec!["harbour".to_owned()],
        ..bare_entry()
    };
    let article = read_with(&page("", ""), &entry, &Rules::default());
    assert_eq!(article.title.as_deref(), Some("Harbour fees to be reformed"));
    assert_eq!(article.authors, ["Anna Berg"]);
    assert_eq!(instant(article.published), "2024-04-23T17:00:00Z Some(240) instant page");
    assert_eq!(article.tags, ["harbour"]);
    // The page's own word is worth more.
    let html = page(r#"<meta name="author" content="John Lake">"#, "<h1>Harbour fees reformed at last</h1>");
    let article = read_with(&html, &entry, &Rules::default());
    assert_eq!(article.authors, ["John Lake"]);
    assert_eq!(article.title.as_deref(), Some("Harbour fees reformed at last"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Whatever stands in the places that are read, reading ends, says the same twice, and gives no control characters.
    #[test]
    fn any_words_anywhere_are_survived(words in "\\PC{0,60}", json in "[\\[\\]{}\",:@a-z0-9年日月 .+/-]{0,80}", date in "[0-9年月日 :./+TZ-]{0,30}") {
        let escaped = words.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let html = page(
            &format!("<title>{escaped}</title><meta name=\"author\" content=\"{escaped}\"><meta name=\"date\" content=\"{date}\"><script type=\"application/ld+json\">{{\"@type\":\"NewsArticle\",\"headline\":{json}}}</script>"),
            &format!("<h1>{escaped}</h1><div class=\"byline\">{escaped}</div><div class=\"date\">{date}</div><p>{escaped}</p><div>{escaped} {date}</div><div>{date} {escaped}</div>"),
        );
        let once = read_with(&html, &bare_entry(), &Rules::default());
        let twice = read_with(&html, &bare_entry(), &Rules::default());
        prop_assert_eq!(&once, &twice);
        for text in once.title.iter().chain(&once.authors).chain(&once.tags).chain(&once.section) {
            prop_assert!(!text.chars().any(char::is_control), "{:?}", text);
        }
    }
}
