//! Bytes of feeds to `Feed`, through `feed::parse`.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};
use wireroom::calendar;
use wireroom::feed::{self, Error, Reading};
use wireroom::model::{Assume, Document, Entry, Feed, FeedKind, Head, Timestamp, Url, Validators};

use crate::feed_faults::{ENTRIES, core, samples, span};

const SEEN: &str = "2024-05-02T12:00:00Z";

pub(crate) fn seen() -> Timestamp {
    SEEN.parse().expect("a constant instant")
}

pub(crate) fn document(body: impl Into<Vec<u8>>, url: &str, content_type: Option<&str>) -> Document {
    let url = Url::parse(url).expect("an address of a test");
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: seen(),
        fields: Vec::new(),
    };
    Document { url, head, content_type: content_type.map(Into::into), content_language: None, body: body.into(), complete: true }
}

pub(crate) fn read_as(body: impl Into<Vec<u8>>, content_type: Option<&str>) -> Result<Feed, Error> {
    let assume = Assume { timezone: None, language: None, seen_at: seen() };
    feed::parse(&document(body, "https://desk.example.org/feeds/all.xml", content_type), &Reading { kind: FeedKind::Feed, assume })
}

pub(crate) fn read(body: impl Into<Vec<u8>>) -> Result<Feed, Error> {
    read_as(body, None)
}

// ---- fixtures: input.* and expected.json in one folder each ----

/// What a fixture is held against.
fn shown(result: &Result<Feed, Error>) -> Value {
    let feed = match result {
        Ok(feed) => feed,
        Err(error) => return json!({"error": error.to_string(), "class": error.class()}),
    };
    let mut shown = json!({
        "title": feed.title, "link": feed.link, "subtitle": feed.subtitle, "language": feed.language, "complete": feed.complete,
        "entries": feed.entries.iter().map(shown_entry).collect::<Vec<_>>(),
        "children": feed.children.iter().map(|child| child.url.as_str()).collect::<Vec<_>>(),
        "refused": feed.refused.iter().map(|it| json!({"key": it.key, "title": it.title, "reason": it.reason})).collect::<Vec<_>>(),
        "hints": feed.hints,
        "diagnostics": feed.diagnostics.iter().map(|it| format!("{}: {}", it.step, it.detail)).collect::<Vec<_>>(),
    });
    prune(&mut shown);
    shown
}

fn shown_entry(entry: &Entry) -> Value {
    let date = |time: Option<_>| time.map(|time| calendar::to_iso(&time));
    let enclosures: Vec<String> =
        entry.enclosures.iter().map(|it| format!("{} {}", it.url, it.media_type.as_deref().unwrap_or("-"))).collect();
    json!({
        "id": entry.id, "url": entry.url, "title": entry.title, "summary": entry.summary, "content": entry.content,
        "published": date(entry.published), "updated": date(entry.updated), "authors": entry.authors, "categories": entry.categories,
        "enclosures": enclosures, "image": entry.image, "language": entry.language, "credit": entry.credit,
    })
}

/// Leaves out what says nothing.
fn prune(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(prune);
            object.retain(|_, value| {
                !(value.is_null()
                    || value.as_array().is_some_and(Vec::is_empty)
                    || value.as_object().is_some_and(|it| it.is_empty()))
            });
        }
        Value::Array(values) => values.iter_mut().for_each(prune),
        _ => {}
    }
}

/// Compares one fixture; `UPDATE_EXPECT=1` rewrites what is expected.
fn check(folder: &Path) -> Result<(), String> {
    let files = std::fs::read_dir(folder).expect("a fixture's folder");
    let input = files.map(|it| it.expect("a file").path()).find(|path| path.file_stem().is_some_and(|stem| stem == "input"));
    let body = std::fs::read(input.expect("a fixture has an input")).expect("a readable input");
    let header = std::fs::read_to_string(folder.join("content-type")).ok();
    let found = shown(&read_as(body, header.as_deref().map(str::trim)));
    let path = folder.join("expected.json");
    let text = serde_json::to_string_pretty(&found).expect("JSON") + "\n";
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, text).expect("a writable fixture");
        return Ok(());
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    if expected == text { Ok(()) } else { Err(format!("{}\n--- expected\n{expected}--- found\n{text}", folder.display())) }
}

#[test]
fn fixtures() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/feeds");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root).expect("fixtures").map(|it| it.expect("a folder").path()).collect();
    folders.sort();
    assert!(folders.len() >= 30, "only {} fixtures", folders.len());
    let wrong: Vec<String> = folders.iter().filter_map(|folder| check(folder).err()).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), folders.len(), wrong.join("\n"));
}

// ---- whatever the bytes ----

/// Texts that are costly for a careless reader.
fn hostile() -> Vec<(&'static str, String)> {
    let of = |piece: &str| piece.repeat(400_000 / piece.len());
    let head = "<rss version=\"2.0\"><channel><title>T</title>";
    let item = "<item><title>One</title><link>https://a.example.org/1</link><description>";
    vec![
        ("items", format!("{head}{}", of("<item>"))),
        ("nested elements", format!("{head}{item}{}", of("<div>"))),
        ("nested channels", format!("{head}{}", of("<channel>"))),
        ("nested attributes", format!("{head}{item}<a {}>x</a>", of("a=\"b\" "))),
        ("open tags", format!("{head}{item}{}", of("<a "))),
        ("open quotes", format!("{head}{item}{}", of("<a b=\""))),
        ("mixed quotes", format!("{head}{item}{}", of("<a b=\"<c d='"))),
        ("open sections", format!("{head}{item}{}", of("<![CDATA["))),
        ("sections with one end", format!("{head}{item}{}]]>", of("<![CDATA[</description>"))),
        ("open comments", format!("{head}{}", of("<!--"))),
        ("comments with one end", format!("{head}{}-->", of("<!--"))),
        ("open instructions", format!("{head}{}", of("<?x "))),
        ("document types", format!("{head}{}", of("<!DOCTYPE x ["))),
        ("ampersands", format!("{head}{item}{}", of("&"))),
        ("half references", format!("{head}{item}{}", of("&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))),
        ("end tags", format!("{head}{item}{}", of("</x>"))),
        ("brackets", format!("{head}{item}{}", of("<"))),
        ("bindings", format!("{head}<item {}>", (0..20_000).map(|it| format!("xmlns:p{it}=\"u\" ")).collect::<String>())),
        ("entities", format!("<!DOCTYPE x [{}]>{head}{item}{}", of("<!ENTITY a \"&a;&a;\">"), of("&a;"))),
        ("arrays", of("[")),
        ("objects", of("{\"a\":")),
        ("quotes", format!("{{\"items\":[{}", of("\""))),
        ("blanks", of(" ")),
    ]
}

#[test]
fn hostile_documents_are_read_in_linear_time() {
    for (name, text) in hostile() {
        let feed = read(text.as_str());
        if let Ok(feed) = feed {
            assert!(!feed.complete, "{name} is complete");
            assert!(feed.refused.len() <= 1002, "{name}: {}", feed.refused.len());
            assert!(feed.entries.len() + feed.refused.len() <= feed::MOST_ENTRIES + 1002, "{name}");
        }
    }
}

#[test]
fn entries_are_bounded_and_the_rest_is_said() {
    let items: String = (0..feed::MOST_ENTRIES + 7).map(|it| format!("<item><guid>{it}</guid></item>")).collect();
    let feed = read(format!("<rss version=\"2.0\"><channel><title>T</title>{items}</channel></rss>")).expect("a feed");
    assert_eq!(feed.entries.len(), feed::MOST_ENTRIES);
    assert_eq!(feed.refused.len(), 1);
    assert!(feed.refused[0].reason.contains("7 entries"), "{}", feed.refused[0].reason);
}

#[test]
fn long_fields_are_bounded() {
    let (long, id) = ("x".repeat(10_000), "y".repeat(10_000));
    let text = |tail: &str| {
        format!("<rss version=\"2.0\"><channel><item><title>{long}</title><guid>{id}{tail}</guid></item></channel></rss>")
    };
    let [one, same, other] = ["a", "a", "b"].map(|tail| read(text(tail)).expect("a feed").entries.remove(0));
    assert_eq!(one.title.as_ref().map(String::len), Some(2000));
    assert!(one.id.as_ref().is_some_and(|id| id.len() <= 4096));
    assert_eq!(one.id, same.id);
    assert_ne!(one.id, other.id);
}

#[test]
fn too_much_is_refused_unread() {
    let error = read(vec![b' '; feed::LARGEST + 1]).expect_err("too large");
    assert_eq!(error.class(), "too_large");
}

#[test]
fn a_document_cut_in_transfer_is_never_complete() {
    let mut cut = document(samples().remove(0).text, "https://desk.example.org/", None);
    cut.complete = false;
    let assume = Assume { timezone: None, language: None, seen_at: seen() };
    let feed = feed::parse(&cut, &Reading { kind: FeedKind::Feed, assume }).expect("a feed");
    assert!(!feed.complete);
}

/// `feed-rs` as the oracle: on clean feeds both readers see the same entries.
#[test]
fn clean_feeds_read_as_feed_rs_reads_them() {
    for sample in samples().iter().filter(|sample| {
        !sample.name.contains("0.3") && !sample.name.contains("sitemap") && !sample.name.contains("json") && sample.name != "cdf"
    }) {
        let oracle = feed_rs::parser::parse(sample.text.as_bytes()).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        let ours = read(sample.text.as_str()).expect("a clean sample");
        assert_eq!(oracle.entries.len(), ours.entries.len(), "{}", sample.name);
        for (theirs, ours) in oracle.entries.iter().zip(&ours.entries) {
            assert_eq!(theirs.title.as_ref().map(|it| it.content.as_str()), ours.title.as_deref(), "{}", sample.name);
            assert_eq!(theirs.links.first().map(|it| it.href.as_str()), ours.url.as_ref().map(Url::as_str), "{}", sample.name);
            assert_eq!(theirs.published.map(|it| it.timestamp()), ours.published.map(|it| it.at.as_second()), "{}", sample.name);
            if sample.name != "rdf" {
                assert_eq!(Some(&theirs.id), ours.id.as_ref(), "{}", sample.name);
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(bytes);
    }

    #[test]
    fn anything_like_a_feed_is_read_without_panic(
        parts in proptest::collection::vec("<rss version='2.0'>|<feed xmlns='http://www.w3.org/2005/Atom'>|<channel>|<item>|<entry>|</?(item|title|link|description|content|b|div|id)( type='(xhtml|html|text)')?/?>|<!\\[CDATA\\[|\\]\\]>|<!--|-->|&[a-z]{1,5};?|&#x?[0-9a-f]{1,7};|[ -~]{0,8}|\\PC{0,3}|[\"'=<>/?!]", 0..60),
    ) {
        let text = parts.concat();
        let first = read(text.as_str()).map(|feed| feed.entries).map_err(|error| error.to_string());
        let second = read(text.as_str()).map(|feed| feed.entries).map_err(|error| error.to_string());
        prop_assert_eq!(first, second);
    }

    #[test]
    fn anything_like_a_json_feed_is_read_without_panic(
        parts in proptest::collection::vec("[\\[\\]{},:\"]|\"(id|url|items|title|tags|authors|version)\":|\"https://jsonfeed.org/version/1\"|true|null|-?[0-9.e]{1,6}|\\PC{0,4}|\\\\u[0-9a-f]{0,4}", 0..60),
    ) {
        let _ = read(format!("{{{}", parts.concat()));
    }

    #[test]
    fn a_damaged_feed_keeps_the_order_of_its_entries(
        sample in 0usize..22,
        damages in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0usize..3), 1..6),
    ) {
        let mut bytes = samples().remove(sample).text.into_bytes();
        for (at, byte, kind) in damages {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        if let Ok(feed) = read(bytes) {
            let numbers: Vec<u32> = feed.entries.iter().filter_map(|it| it.id.as_deref()?.strip_prefix("desk-")?.parse().ok()).collect();
            // A damaged digit may name another entry; the others stand in their order.
            let falls = numbers.windows(2).filter(|pair| pair[0] >= pair[1]).count();
            prop_assert!(falls <= 6, "{:?}", numbers);
        }
    }

    #[test]
    fn a_feed_cut_anywhere_keeps_what_was_whole(sample in 0usize..22, at in any::<prop::sample::Index>()) {
        let sample = samples().remove(sample);
        let whole: Vec<_> = read(sample.text.as_str()).expect("a clean sample").entries.iter().map(core).collect();
        let end = at.index(sample.text.len());
        let Ok(feed) = read(&sample.text.as_bytes()[..end]) else { return Ok(()) };
        prop_assert!(!feed.complete || end + 1 >= sample.text.len());
        prop_assert!(!feed.complete || feed.entries.len() == whole.len());
        let found: Vec<_> = feed.entries.iter().map(core).collect();
        let cut = found.iter().filter(|core| !whole.contains(core)).count();
        prop_assert!(cut <= 1, "{} of {} strange at {end}", cut, found.len());
        prop_assert!(found.len() + 1 + feed.refused.len() >= (0..ENTRIES).filter(|entry| span(&sample.text, *entry).is_some_and(|(_, stop)| stop <= end)).count());
    }
}
