//! Bytes of feeds to `Feed`, through `feed::parse`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};
use wireroom::calendar;
use wireroom::feed::{self, Error, Reading};
use wireroom::model::{Assume, Document, Entry, Feed, FeedKind, Head, Timestamp, Url, Validators};

const SEEN: &str = "2024-05-02T12:00:00Z";

fn seen() -> Timestamp {
    SEEN.parse().expect("a constant instant")
}

fn document(body: impl Into<Vec<u8>>, url: &str, content_type: Option<&str>) -> Document {
    let url = Url::parse(url).expect("an address of a test");
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: seen(),
    };
    Document { url, head, content_type: content_type.map(Into::into), content_language: None, body: body.into(), complete: true }
}

fn read_as(body: impl Into<Vec<u8>>, content_type: Option<&str>) -> Result<Feed, Error> {
    let assume = Assume { timezone: None, language: None, seen_at: seen() };
    feed::parse(&document(body, "https://desk.example.org/feeds/all.xml", content_type), &Reading { kind: FeedKind::Feed, assume })
}

fn read(body: impl Into<Vec<u8>>) -> Result<Feed, Error> {
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

// ---- one fault costs at most one entry ----

/// A feed of our own making, in one of the dialects; entries numbered from 0.
struct Sample {
    name: String,
    text: String,
}

const ENTRIES: usize = 8;
const TITLES: [&str; 4] =
    ["Port opens third berth", "Жатва завершена на юге", "Größte Brücke wird saniert", "Limanda yeni körpü açıldı"];

fn title(entry: usize) -> String {
    format!("{} {entry}", TITLES[entry % TITLES.len()])
}

fn rss_item(entry: usize, style: usize) -> String {
    let title = title(entry);
    let title = if style == 1 { format!("<![CDATA[{title}]]>") } else { title };
    let text = match style {
        1 => format!("<![CDATA[<p>Text <b>number</b> {entry}</p>]]>"),
        2 => format!("&lt;p&gt;Text number {entry}&lt;/p&gt;"),
        3 => format!("<p>Text <i>number</i> {entry}</p>"),
        _ => format!("Text number {entry}"),
    };
    format!(
        "<item>\n<title>{title}</title>\n<link>https://desk.example.org/news/{entry}</link>\n<guid isPermaLink=\"false\">desk-{entry}</guid>\n\
         <pubDate>Tue, 23 Apr 2024 1{entry}:00:00 +0400</pubDate>\n<description>{text}</description>\n\
         <enclosure url=\"https://desk.example.org/pictures/{entry}.jpg\" type=\"image/jpeg\" length=\"1\"/>\n<category>World</category>\n</item>\n"
    )
}

fn atom_entry(entry: usize, style: usize) -> String {
    let (content, kind) = match style {
        1 => (format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Text <b>number</b> {entry}</p></div>"), "xhtml"),
        2 => (format!("&lt;p&gt;Text number {entry}&lt;/p&gt;"), "html"),
        _ => (format!("Text number {entry}"), "text"),
    };
    format!(
        "<entry>\n<id>desk-{entry}</id>\n<title>{}</title>\n<link rel=\"alternate\" href=\"https://desk.example.org/news/{entry}\"/>\n\
         <published>2024-04-23T1{entry}:00:00+04:00</published>\n<updated>2024-04-23T1{entry}:00:00+04:00</updated>\n\
         <author><name>A. Reporter</name></author>\n<content type=\"{kind}\">{content}</content>\n</entry>\n",
        title(entry)
    )
}

fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    let declaration = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
    let entries = |write: &dyn Fn(usize) -> String| (0..ENTRIES).map(write).collect::<String>();
    for style in 0..4 {
        for version in ["2.0", "0.92"] {
            let items = entries(&|entry| rss_item(entry, style));
            let text = format!(
                "{declaration}<rss version=\"{version}\"><channel>\n<title>Desk</title>\n<link>https://desk.example.org/</link>\n\
                 <description>News</description>\n<image><url>https://desk.example.org/logo.png</url><title>Desk</title></image>\n{items}</channel></rss>\n"
            );
            samples.push(Sample { name: format!("rss {version} style {style}"), text });
        }
    }
    let modular = |entry: usize| {
        rss_item(entry, 1).replace("<category>", "<dc:creator>A. Reporter</dc:creator><media:content url=\"https://desk.example.org/m.jpg\" medium=\"image\"><media:title>m</media:title></media:content><content:encoded><![CDATA[<p>Long</p>]]></content:encoded><category>")
    };
    let head = "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"";
    samples.push(Sample {
        name: "rss with modules".into(),
        text: format!(
            "{declaration}<rss version=\"2.0\" {head}><channel><title>Desk</title>\n{}</channel></rss>",
            entries(&modular)
        ),
    });
    samples.push(Sample {
        name: "rss in one line".into(),
        text: format!(
            "<rss version=\"2.0\"><channel><title>Desk</title>{}</channel></rss>",
            entries(&|entry| rss_item(entry, 0)).replace('\n', "")
        ),
    });
    for style in 0..3 {
        for (name, namespace) in [("atom", "http://www.w3.org/2005/Atom"), ("atom 0.3", "http://purl.org/atom/ns#")] {
            let text = format!(
                "{declaration}<feed xmlns=\"{namespace}\">\n<title>Desk</title>\n<link href=\"https://desk.example.org/\"/>\n<id>desk</id>\n{}</feed>\n",
                entries(&|entry| atom_entry(entry, style))
            );
            samples.push(Sample { name: format!("{name} style {style}"), text });
        }
    }
    let prefixed = entries(&|entry| atom_entry(entry, 0)).replace("</", "</a:").replace('<', "<a:").replace("<a:/a:", "</a:");
    samples.push(Sample {
        name: "atom with a prefix".into(),
        text: format!("{declaration}<a:feed xmlns:a=\"http://www.w3.org/2005/Atom\"><a:title>Desk</a:title>\n{prefixed}</a:feed>"),
    });
    let rdf = |entry: usize| {
        rss_item(entry, 0).replace("<item>", &format!("<item rdf:about=\"desk-{entry}\">")).replace("pubDate", "dc:date")
    };
    samples.push(Sample {
        name: "rdf".into(),
        text: format!(
            "{declaration}<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n\
             <channel rdf:about=\"x\"><title>Desk</title><link>https://desk.example.org/</link></channel>\n{}</rdf:RDF>\n",
            entries(&rdf)
        ),
    });
    let url = |entry: usize| {
        format!(
            "<url>\n<loc>https://desk.example.org/news/{entry}</loc>\n<news:news><news:publication><news:name>Desk</news:name><news:language>en</news:language></news:publication>\n\
             <news:publication_date>2024-04-23T1{entry}:00:00+04:00</news:publication_date>\n<news:title>{}</news:title></news:news>\n</url>\n",
            title(entry)
        )
    };
    samples.push(Sample {
        name: "news sitemap".into(),
        text: format!(
            "{declaration}<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">\n{}</urlset>\n",
            entries(&url)
        ),
    });
    samples
}

/// One damage: what it is called, and the damaged bytes; `None` where the sample has no such place.
type Fault = (String, Box<dyn Fn(&str) -> Option<Vec<u8>>>);

/// Where the entry with this number stands.
fn span(text: &str, entry: usize) -> Option<(usize, usize)> {
    let mut starts = text.match_indices('<').filter(|(at, _)| {
        let name = text[at + 1..].trim_start_matches("a:");
        ["item>", "item ", "entry>", "url>\n"].iter().any(|start| name.starts_with(start))
    });
    let start = starts.nth(entry)?.0;
    let end = starts.next().map_or(text.len(), |(at, _)| at);
    Some((start, end))
}

/// Damages one entry by replacing the first `from` in it.
fn swap(text: &str, entry: usize, from: &str, to: &[u8]) -> Option<Vec<u8>> {
    let (start, end) = span(text, entry)?;
    let at = start + text[start..end].find(from)?;
    let mut bytes = text.as_bytes()[..at].to_vec();
    bytes.extend_from_slice(to);
    bytes.extend_from_slice(&text.as_bytes()[at + from.len()..]);
    Some(bytes)
}

fn faults() -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    let mut within = |name: &str, from: &'static str, to: &'static [u8]| {
        for entry in [0, 3, ENTRIES - 1] {
            faults.push((format!("{name} in entry {entry}"), Box::new(move |text| swap(text, entry, from, to))));
        }
    };
    within("bare ampersand", "Text", b"R&D text");
    within("bare ampersands in a title", "<title>", b"<title>A & B &c; &amp C &");
    within("bare bracket", "Text", b"5 < 6 text");
    within("bracket before a letter", "Text", b"a <b and c");
    within("heart", "Text", b"<3 <> <<");
    within("unclosed inline tag", "Text", b"<b>Text");
    within("unclosed tag with an attribute", "Text", b"<a href=\"x\" Text");
    within("unclosed break", "Text", b"Te<br>xt");
    within("unclosed paragraph list", "Text", b"<ul><li>one<li>two");
    within("stray end tag", "Text", b"</b>Text");
    within("stray end tag of a field", "Text", b"</title>Text");
    within("stray end tag of a foreign field", "Text", b"</media:title>Text");
    within("windows-1252 byte", "Text", b"don\x92t");
    within("cut UTF-8 sequence", "Text", b"\xD0 text");
    within("overlong UTF-8", "Text", b"\xC0\x80 text");
    within("control character", "Text", b"Te\x0bxt\x08");
    within("zero byte", "Text", b"Te\x00xt");
    within("control character by number", "Text", b"Te&#x0B;xt&#0;");
    within("undeclared entity", "Text", b"Te&nbsp;x&rsquo;t &unknown;");
    within("upper-case hexadecimal reference", "Text", b"&#X41;");
    within("reference out of range", "Text", b"&#x110000; &#99999999999;");
    within("end of CDATA alone", "Text", b"Te]]>xt");
    within("unclosed CDATA", "Text", b"<![CDATA[Text");
    within("unclosed comment", "Text", b"<!-- Text");
    within("comment with dashes", "Text", b"<!-- a -- b --->Text");
    within("processing instruction", "Text", b"<?php echo 1 ?>Text");
    within("unclosed processing instruction", "Text", b"<?php echo 1 >Text");
    within("missing end tag of the title", "</title>", b"");
    within("misspelt end tag of the title", "</title>", b"</titel>");
    within("wrong case of an end tag", "</title>", b"</TITLE>");
    within("missing end tag of the link", "</link>", b"");
    within("missing end tag of the guid", "</guid>", b"");
    within("missing end tag of the id", "</id>", b"");
    within("missing end tag of the date", "</pubDate>", b"");
    within("missing end tag of the publication date", "</published>", b"");
    within("missing end tag of the description", "</description>", b"");
    within("missing end tag of the content", "</content>", b"");
    within("missing end tag of the location", "</loc>", b"");
    within("missing end tag of the item", "</item>", b"");
    within("missing end tag of the entry", "</entry>", b"");
    within("doubled end tag of the item", "</item>", b"</item></item>");
    within("doubled end tag of the entry", "</entry>", b"</entry></entry>");
    within("missing start tag of a title", "<title>", b"");
    within("missing quote at the end", "type=\"image/jpeg\"", b"type=\"image/jpeg");
    within("missing quotes", "type=\"image/jpeg\"", b"type=image/jpeg");
    within("missing quote of a link", "\"/>", b"/>");
    within("doubled attribute", "type=\"", b"type=\"x\" type=\"");
    within("attribute without a value", "type=\"", b"hidden type=\"");
    within("bracket in an attribute", "type=\"", b"title=\"a > b\" type=\"");
    within("invalid type", "type=\"", b"type=\"nonsense\" x=\"");
    within("broken date", "2024", b"20x4");
    within("chunk length in the text", "Text", b"\r\n1ff8\r\nText");
    within("another declaration", "Text", b"<?xml version=\"1.0\"?>Text");
    within("undeclared prefix", "Text", b"<foo:bar>Text</foo:bar>");
    within("binding lost", "Text", b"<o:p xmlns:o=>Text</o:p>");
    within("colon alone", "Text", b"<:>Text</:>");
    within("empty element in HTML's way", "Text", b"<img src=a.png alt='x'>Text");
    within("script", "Text", b"<script>if (a < b && c > d) { }</script>Text");
    let mut whole = |name: &str, damage: fn(&str) -> Option<Vec<u8>>| faults.push((name.into(), Box::new(damage)));
    whole("junk before the prolog", |text| {
        Some(format!("\n<br />\n<b>Warning</b>: x() in <b>/y.php</b> on line <b>3</b><br />\n{text}").into())
    });
    whole("text before the prolog", |text| Some(format!("Error: cache is cold & so on\n{text}").into()));
    whole("blank lines before the prolog", |text| Some(format!("\n\n  \n{text}").into()));
    whole("comment before the root", |text| Some(format!("<!-- {{}} -->{text}").into()));
    whole("mark twice", |text| Some(format!("\u{FEFF}\u{FEFF}{text}").into()));
    whole("junk behind the end", |text| Some(format!("{text}<script>var x = '<item>' && 1;</script><!-- cached").into()));
    whole("two documents", |text| Some(format!("{text}\n<html><body><p>502 & more</body></html>").into()));
    whole("wrong encoding declared", |text| Some(text.replace("utf-8", "windows-1251").into()));
    whole("unknown encoding declared", |text| Some(text.replace("utf-8", "x-nothing").into()));
    whole("UTF-16 declared", |text| Some(text.replace("utf-8", "utf-16").into()));
    whole("UTF-16 without a mark", |text| Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()));
    whole("UTF-16 with a mark", |text| Some(format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()));
    whole("declaration without its end", |text| text.contains("?>").then(|| text.replacen("?>", ">", 1).into()));
    whole("version missing", |text| {
        text.contains("<rss").then(|| text.replace(" version=\"2.0\"", "").replace(" version=\"0.92\"", "").into())
    });
    whole("version odd", |text| text.contains("<rss").then(|| text.replace("version=\"2.0\"", "version=2.01").into()));
    whole("namespaces lost", |text| {
        let mut out = text.to_owned();
        while let Some(at) = out.find(" xmlns:") {
            let end = at + 8 + out[at + 8..].find('"')? + 1;
            let end = end + out[end..].find('"')? + 1;
            out.replace_range(at..end, "");
        }
        Some(out.into())
    });
    whole("default namespace lost", |text| {
        let at = text.find(" xmlns=\"")?;
        let end = at + 8 + text[at + 8..].find('"')? + 1;
        Some(format!("{}{}", &text[..at], &text[end..]).into())
    });
    whole("root in capitals", |text| Some(text.replace("<rss", "<RSS").replace("</rss>", "</RSS>").into()));
    whole("root not closed", |text| Some(text[..text.rfind("</")?].into()));
    whole("channel not closed", |text| text.contains("</channel></rss>").then(|| text.replace("</channel>", "").into()));
    whole("channel missing", |text| text.contains("<rss").then(|| text.replace("<channel>", "").replace("</channel>", "").into()));
    whole("feed title not closed", |text| Some(text.replacen("Desk</title>", "Desk", 1).into()));
    whole("feed image not closed", |text| text.contains("</image>").then(|| text.replace("</image>", "").into()));
    whole("cut by 40 bytes", |text| Some(text.as_bytes()[..text.len() - 40].into()));
    whole("cut by 333 bytes", |text| Some(text.as_bytes()[..text.len() - 333].into()));
    whole("carriage returns", |text| Some(text.replace('\n', "\r\n").into()));
    whole("entity bomb", |text| {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;\">]>";
        let at = text.find("?>").map_or(0, |at| at + 2);
        Some(format!("{}{bomb}{}", &text[..at], text[at..].replace("Text", "&c;")).into())
    });
    whole("document type of RSS 0.91", |text| {
        let at = text.find("?>").map_or(0, |at| at + 2);
        let kind = "<!DOCTYPE rss PUBLIC \"-//Netscape Communications//DTD RSS 0.91//EN\" \"http://example.org/rss-0.91.dtd\">";
        Some(format!("{}{kind}{}", &text[..at], &text[at..]).into())
    });
    faults
}

/// What of an entry must survive another entry's fault.
fn core(entry: &Entry) -> (Option<String>, String, Option<String>, Option<Timestamp>) {
    let url = entry.url.as_ref().map(ToString::to_string).unwrap_or_default();
    (entry.id.clone(), url, entry.title.clone(), entry.published.map(|it| it.at))
}

#[test]
fn one_fault_costs_at_most_one_entry() {
    let samples = samples();
    let faults = faults();
    assert!(samples.len() >= 19 && faults.len() >= 200, "{} samples, {} faults", samples.len(), faults.len());
    let mut wrong = String::new();
    let mut tried = 0;
    for sample in &samples {
        let clean = read(sample.text.as_str()).expect("a clean sample");
        assert_eq!(
            (clean.entries.len(), clean.complete, clean.diagnostics.len()),
            (ENTRIES, true, 0),
            "{}: {:?}",
            sample.name,
            clean.diagnostics
        );
        let cores: Vec<_> = clean.entries.iter().map(core).collect();
        for (name, damage) in &faults {
            let Some(bytes) = damage(&sample.text) else { continue };
            tried += 1;
            let found = match read(bytes) {
                Ok(feed) => feed.entries.iter().map(core).collect::<Vec<_>>(),
                Err(error) => {
                    writeln!(wrong, "{}: {name}: {error}", sample.name).expect("a string");
                    continue;
                }
            };
            let lost = cores.iter().filter(|core| !found.contains(core)).count();
            let strange = found.iter().filter(|core| !cores.contains(core)).count();
            if lost > 1 || strange > 1 {
                writeln!(wrong, "{}: {name}: {lost} lost, {strange} strange of {}", sample.name, found.len()).expect("a string");
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{wrong}", wrong.lines().count());
    assert!(tried > 2000, "only {tried} tried");
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
    for sample in samples().iter().filter(|sample| !sample.name.contains("0.3") && !sample.name.contains("sitemap")) {
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
        sample in 0usize..19,
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
    fn a_feed_cut_anywhere_keeps_what_was_whole(sample in 0usize..19, at in any::<prop::sample::Index>()) {
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
