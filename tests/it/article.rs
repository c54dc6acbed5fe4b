//! Page in, article out: fixtures held against snapshots, hostile pages, and what holds of any bytes.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use wireroom::article::{self, Rules};
use wireroom::calendar;
use wireroom::model::{Article, Boilerplate, Document, Entry, Extracted, Failure, Head, Timestamp, Url, Validators};

/// A page as `fetch` would hand it over.
fn document(body: impl Into<Vec<u8>>, url: &str, content_type: Option<&str>) -> Document {
    let url = Url::parse(url).expect("a URL");
    let fetched_at = seen_at();
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at,
        fields: Vec::new(),
    };
    Document { url, head, content_type: content_type.map(str::to_owned), content_language: None, body: body.into(), complete: true }
}

/// First sight of every page here: after each date that a fixture stands for.
fn seen_at() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().expect("an instant")
}

fn read_by(document: &Document, rules: &Rules) -> Result<Article, article::Error> {
    let entry = Entry::of_page(Some(document.url.clone()), seen_at());
    match article::extract(std::slice::from_ref(document), &entry, rules, &Boilerplate::default())? {
        Extracted::Article(article) => Ok(*article),
        Extracted::Needs(pages) => panic!("one page was given, {pages:?} are wanted"),
    }
}

fn read(html: &str) -> Article {
    read_by(&document(html, "https://news.example.org/2026/11/20/story.html", Some("text/html")), &Rules::default())
        .expect("an article")
}

/// The article as its fixture's `expected.toml` writes it: a string of JSON is one of TOML.
fn snapshot(article: &Article) -> String {
    let mut out = String::new();
    let mut text = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            out += &format!("{key} = {}\n", serde_json::to_string(&value).unwrap());
        }
    };
    text("title", article.title.clone());
    text("summary", article.summary.clone());
    text("published", article.published.as_ref().map(calendar::to_iso));
    text("published_precision", article.published.map(|time| time.precision.as_str().to_owned()));
    text("published_zone", article.published.map(|time| time.zone_source.as_str().to_owned()));
    text("modified", article.modified.as_ref().map(calendar::to_iso));
    text("section", article.section.clone());
    text("image", article.image.as_ref().map(Url::to_string));
    text("language", article.language.clone());
    text("canonical", article.canonical.as_ref().map(Url::to_string));
    text("credit", article.credit.clone());
    let dateline = article.dateline.clone();
    text("dateline_place", dateline.as_ref().map(|dateline| dateline.place.clone()));
    text("dateline_date", dateline.as_ref().and_then(|dateline| dateline.date.clone()));
    text("dateline_agency", dateline.as_ref().and_then(|dateline| dateline.agency.clone()));
    let notes: Vec<String> = article.notes.iter().map(|note| format!("{}: {}", note.field, note.detail)).collect();
    for (key, values) in [("authors", &article.authors), ("tags", &article.tags), ("notes", &notes), ("body", &article.body)] {
        out += &format!("{key} = [\n");
        for value in values {
            out += &format!("    {},\n", serde_json::to_string(value).unwrap());
        }
        out += "]\n";
    }
    out
}

/// Holds one fixture folder against its snapshot; `UPDATE_EXPECT=1` writes it instead.
fn check(folder: &Path) {
    let source: toml::Table = match std::fs::read_to_string(folder.join("source.toml")) {
        Ok(text) => text.parse().unwrap(),
        Err(_) => toml::Table::new(),
    };
    let text = |key: &str| source.get(key).and_then(|value| value.as_str());
    let rules = Rules {
        body: text("body").map(str::to_owned),
        remove: source
            .get("remove")
            .and_then(|value| value.as_array())
            .into_iter()
            .flatten()
            .filter_map(|value| value.as_str())
            .map(str::to_owned)
            .collect(),
        timezone: text("timezone").map(str::to_owned),
        language: text("language").map(str::to_owned),
        ..Rules::default()
    };
    let page = std::fs::read(folder.join("input.html")).unwrap();
    let page = document(page, text("url").unwrap_or("https://news.example.org/story.html"), text("content_type"));
    let found = snapshot(&read_by(&page, &rules).unwrap());
    let file = folder.join("expected.toml");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(found, expected, "{} (UPDATE_EXPECT=1 accepts what was found)", folder.display());
}

#[test]
fn fixtures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pages");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= 2);
    folders.iter().for_each(|folder| check(folder));
}

#[test]
fn the_founding_page_word_for_word() {
    for name in ["founding-jsonld", "founding-plain"] {
        let page = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pages").join(name).join("input.html"))
            .unwrap();
        let article =
            read_by(&document(page, "https://en.trend.example.org/azerbaijan/politics/3889021.html", None), &Rules::default())
                .unwrap();
        assert_eq!(
            article.title.as_deref(),
            Some("Current state of Azerbaijani-Russian ties implies their strategic nature - analyst"),
            "{name}"
        );
        assert_eq!(article.section.as_deref(), Some("Politics"), "{name}");
        let published = article.published.expect("a publication time");
        assert_eq!(published.at.to_string(), "2024-04-23T17:00:00Z", "{name}");
        assert_eq!(published.offset_minutes, Some(240), "{name}");
        assert_eq!(article.authors, ["Ali Gasimov"], "{name}");
        let dateline = article.dateline.as_ref().expect("a dateline");
        assert_eq!((dateline.place.as_str(), dateline.date.as_deref()), ("BAKU, Azerbaijan", Some("2024-04-23")), "{name}");
        assert_eq!(article.body.len(), 24, "{name}: {:#?}", article.body);
        assert!(
            article.body[0].starts_with("BAKU, Azerbaijan, April 23. The current level of Azerbaijani-Russian relations"),
            "{name}"
        );
        assert!(article.body[23].ends_with("railway workers and national security employees of Russia."), "{name}");
    }
}

/// Six paragraphs that are an article wherever they stand.
const STORY: [&str; 6] = [
    "The harbour of Nordhavn was closed on Tuesday after a storm tore a crane from its rails, the port authority said in a statement.",
    "Nobody was hurt, but three ships had to wait outside the breakwater until the evening, and two ferries to the islands were cancelled.",
    "\"We have never seen wind like this in November,\" harbour master Lena Oksholm told reporters, adding that repairs would take a week.",
    "Engineers were inspecting the remaining cranes, she said, and expected to release the first of them for work by Thursday morning.",
    "The storm, the third this autumn, also cut power to 4,000 homes in the north of the region, according to the grid operator.",
    "Schools in the valley stayed closed, and the railway said that trains would run at half their usual speed until the weekend.",
];

fn story_page(between: &str) -> String {
    let paragraphs: Vec<String> = STORY.iter().map(|text| format!("<p>{text}</p>")).collect();
    format!(
        "<!doctype html><html lang=en><head><title>Storm closes harbour of Nordhavn | Example Wire</title></head><body>\
         <nav><ul><li><a href=/>Home</a><li><a href=/world>World</a></ul></nav><article><h1>Storm closes harbour of Nordhavn</h1>\
         {}{between}{}</article><footer><p>© 2026 Example Wire. All rights reserved.</p></footer></body></html>",
        paragraphs[..3].concat(),
        paragraphs[3..].concat()
    )
}

#[test]
fn calls_to_action_go_and_quotes_of_them_stay() {
    for line in [
        "Stay up-to-date with more news at Example Wire's WhatsApp channel",
        "Follow us on Facebook, Twitter and Instagram",
        "Subscribe to our newsletter and never miss a story",
        "Folgen Sie uns auf Instagram und Facebook",
        "Подписывайтесь на наш канал в Telegram",
        "Síguenos en nuestro canal de WhatsApp",
        "Abonnez-vous à notre newsletter",
        "Bizi WhatsApp kanalımızdan takip edin",
        "Bizi Telegram kanalımızda izləyin",
        "تابعونا على فيسبوك وتويتر",
        "关注我们的微信公众号",
    ] {
        let page = story_page("").replace("</article>", &format!("<p>{line}</p></article>"));
        assert_eq!(read(&page).body, STORY, "{line}");
    }
    let quoted =
        "The ministry said people should follow its Telegram channel for warnings, and that 3,000 residents had done so by noon.";
    assert!(read(&story_page(&format!("<p>{quoted}</p>"))).body.iter().any(|line| line == quoted));
}

#[test]
fn the_operators_selectors_win() {
    let page = "<html><body><div id=a><p>Short text.</p><p class=x>Not this.</p></div><div id=b>".to_owned()
        + &STORY.map(|text| format!("<p>{text}</p>")).concat()
        + "</div></body></html>";
    let page = document(page, "https://news.example.org/s", Some("text/html"));
    let rules = Rules { body: Some("#a".to_owned()), remove: vec![".x".to_owned()], ..Rules::default() };
    assert_eq!(read_by(&page, &rules).unwrap().body, ["Short text."]);
    // A selector that no longer matches is noted, and the reader goes on without it.
    let rules = Rules { body: Some("#gone".to_owned()), ..Rules::default() };
    let article = read_by(&page, &rules).unwrap();
    assert_eq!(article.body.len(), STORY.len());
    assert!(article.notes.iter().any(|note| note.field == "body"), "{:?}", article.notes);
}

#[test]
fn selectors_are_checked() {
    assert!(article::check_selector("article > p.lead, .text p:not(.ad)").is_ok());
    for wrong in ["", "p[", "::before", "p:has(a:has(b:has(c)))", &"a ".repeat(2_000)] {
        assert!(article::check_selector(wrong).is_err(), "{wrong:.30}");
    }
}

#[test]
fn learnt_lines_are_cut() {
    let line = "Example Wire, the voice of the north since 1911, at your service";
    let page =
        document(story_page("").replace("</article>", &format!("<p>{line}.</p></article>")), "https://news.example.org/s", None);
    let entry = Entry::of_page(None, seen_at());
    let learnt = Boilerplate { version: 1, lines: vec![format!("{line}.")] };
    let Ok(Extracted::Article(article)) = article::extract(&[page], &entry, &Rules::default(), &learnt) else {
        panic!("no article")
    };
    assert_eq!(article.body, STORY);
}

#[test]
fn text_is_tidied() {
    let page = story_page(
        "<p>In the\u{a0}after\u{ad}noon, wind speeds of 41 metres a second\u{200b} were measured,\r\n\tthe weather service&nbsp;said.</p>",
    );
    assert_eq!(read(&page).body[3], "In the afternoon, wind speeds of 41 metres a second were measured, the weather service said.");
}

#[test]
fn structured_data_is_read_with_its_faults() {
    let text = STORY.join("\\n");
    for script in [
        format!("{{\"@type\":\"NewsArticle\",\"headline\":\"Storm\",\"articleBody\":\"{text}\"}}"),
        format!("<!-- {{\"@graph\":[{{\"@type\":\"WebPage\"}},{{\"@type\":\"NewsArticle\",\"articleBody\":\"{text}\",}},]}} -->"),
        format!("//<![CDATA[\n[{{\"@type\":\"WebPage\",\"mainEntity\":{{\"@type\":\"NewsArticle\",\"headline\":\"Storm\",\"articleBody\":\"{text}\"}}}}];\n//]]>"),
        format!("{{\"@type\":\"NewsArticle\",\"articleBody\":\"{}\", \"x\": \"a\\'b\"", STORY.join("\n")),
    ]
    .map(|script| script.replace("\"We have", "\\\"We have").replace("November,\"", "November,\\\""))
    {
        let page = format!("<html><head><script type='application/ld+json'>{script}</script></head><body><div id=root></div></body></html>");
        let article = read(&page);
        assert_eq!(article.body, STORY, "{script}");
        assert!(article.notes.iter().any(|note| note.detail.contains("structured data")), "{:?}", article.notes);
    }
}

#[test]
fn text_that_stands_only_in_a_script_is_found() {
    let html = STORY.map(|text| format!("<p>{text}</p>")).concat();
    let state = serde_json::json!({ "props": { "article": { "title": "Storm", "html": html } } }).to_string();
    let page =
        format!("<html><body><div id=__next></div><script id=__NEXT_DATA__ type='application/json'>{state}</script></body></html>");
    assert_eq!(read(&page).body, STORY);
    let twice = serde_json::to_string(&state).expect("a string");
    let page = format!("<html><body><div id=app></div><script>self.__next_f.push([1,{twice}])</script></body></html>");
    assert_eq!(read(&page).body, STORY);
}

#[test]
fn what_is_no_page_is_named() {
    for (body, content_type, what) in [
        (&b"%PDF-1.7 ..."[..], Some("text/html"), "PDF"),
        (b"\x89PNG\r\n\x1a\n0000", None, "PNG"),
        (b"\xff\xd8\xff\xe0", Some("image/jpeg"), "JPEG"),
        (b"", Some("text/html"), "empty"),
        (b" \r\n\t ", None, "empty"),
        (b"{\"a\": [1, 2]}", Some("application/json"), "JSON"),
        (b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>", None, "feed"),
        (b"a{color:red}", Some("text/css"), "text/css"),
        (b"abc\0\0\0\0\0\0\0\0\0\0\0def", None, "binary"),
    ] {
        let error = read_by(&document(body, "https://news.example.org/x", content_type), &Rules::default()).unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
        assert_eq!((error.class(), error.failure()), ("not_a_page", Failure::Persistent));
    }
}

#[test]
fn hostile_pages_end_and_keep_their_text() {
    let story = story_page("");
    let attributes: String = (0..100_000).map(|number| format!(" a{number}=1")).collect();
    for (name, bomb) in [
        ("depth", "<div>".repeat(100_000)),
        ("attributes", format!("<div{attributes}>")),
        ("lists", "<ul><li>".repeat(64_000)),
        ("formatting", "<b><i><a><p>".repeat(20_000)),
        ("fonts", (0..8_000).map(|number| format!("<p><font size={number}>")).collect()),
        ("comments", "<!-->".repeat(250_000)),
        ("nothing but zeros", "\0".repeat(200_000)),
        ("one word", "a".repeat(400_000)),
        ("blocks", "<p>x".repeat(30_000)),
    ] {
        let page = story.replace("</article>", &format!("</article>{bomb}"));
        let article = read(&page);
        assert!(
            STORY.iter().filter(|text| article.body.iter().any(|line| line == **text)).count() >= 5,
            "{name}: {:?}",
            article.body
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Never a panic, the same twice, clean text, no longer than the page.
    #[test]
    fn any_bytes_are_survived(noise in prop::collection::vec(any::<u8>(), 0..400), at in 0..3_000_usize, cut in 0..4_000_usize) {
        let mut page = story_page("<table><tr><td>1<td>2</table><ul><li>one<li>two</ul>").into_bytes();
        let at = at.min(page.len());
        page.splice(at..at, noise.clone());
        page.truncate(cut.max(1));
        for body in [page, noise] {
            let page = document(body.clone(), "https://news.example.org/x", None);
            let Ok(article) = read_by(&page, &Rules::default()) else { continue };
            let again = read_by(&page, &Rules::default());
            prop_assert_eq!(&article, &again.expect("the same page is a page again"));
            for line in &article.body {
                prop_assert!(!line.is_empty() && line.trim() == line && !line.chars().any(char::is_control), "{line:?}");
            }
            // A byte that is no UTF-8 becomes a character of up to three bytes.
            prop_assert!(article.body.iter().map(String::len).sum::<usize>() <= 3 * body.len());
        }
    }
}
