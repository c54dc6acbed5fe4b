//! One fault in a feed costs at most one entry: two hundred faults and more in each of some twenty feeds of our own making.

use wireroom::model::{Entry, Timestamp};

use crate::feed::read;

/// A feed of our own making, in one of the dialects; entries numbered from 0.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) text: String,
}

pub(crate) const ENTRIES: usize = 8;
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

pub(crate) fn samples() -> Vec<Sample> {
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
    let cdf = |entry: usize| {
        format!(
            "<ITEM HREF=\"https://desk.example.org/news/{entry}\" LASTMOD=\"2024-04-23T1{entry}:00:00+04:00\">\n<TITLE>{}</TITLE>\n<ABSTRACT>Text number {entry}</ABSTRACT>\n</ITEM>\n",
            title(entry)
        )
    };
    samples.push(Sample {
        name: "cdf".into(),
        text: format!(
            "{declaration}<CHANNEL HREF=\"https://desk.example.org/\">\n<TITLE>Desk</TITLE>\n{}</CHANNEL>\n",
            entries(&cdf)
        ),
    });
    samples.push(Sample { name: "json".into(), text: json(false) });
    samples.push(Sample { name: "json in lines".into(), text: json(true) });
    samples
}

/// A JSON Feed, in one line or as an editor lays it out.
fn json(in_lines: bool) -> String {
    let item = |entry: usize| {
        format!(
            "{{\"id\": \"desk-{entry}\", \"url\": \"https://desk.example.org/news/{entry}\", \"title\": \"{}\", \"date_published\": \"2024-04-23T1{entry}:00:00+04:00\", \"authors\": [{{\"name\": \"A. Reporter\"}}], \"tags\": [\"World\", \"Ports\"], \"content_html\": \"<p class=\\\"lede\\\">Text number {entry}</p>\"}}",
            title(entry)
        )
    };
    let items: Vec<String> = (0..ENTRIES).map(item).collect();
    let text =
        format!("{{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"Desk\", \"items\": [{}]}}\n", items.join(", "));
    if in_lines { text.replace(", \"", ",\n  \"").replace(", {", ",\n{") } else { text }
}

/// One damage: what it is called, and the damaged bytes; `None` where the sample has no such place.
type Fault = (String, Box<dyn Fn(&str) -> Option<Vec<u8>>>);

/// Where the entry with this number stands.
pub(crate) fn span(text: &str, entry: usize) -> Option<(usize, usize)> {
    let mut starts = text.match_indices('<').filter(|(at, _)| {
        let name = text[at + 1..].trim_start_matches("a:");
        ["item>", "item ", "entry>", "url>\n", "ITEM "].iter().any(|start| name.starts_with(start))
    });
    if text.starts_with('{') {
        let mut starts = text.match_indices("{\"id\"");
        let start = starts.nth(entry)?.0;
        return Some((start, starts.next().map_or(text.len(), |(at, _)| at)));
    }
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

/// Faults that any text can have, at places that a fixed sequence of numbers chooses.
fn anywhere(text: &str) -> Vec<(String, Vec<u8>)> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let bytes = text.as_bytes();
    let mut faults = Vec::new();
    let mut push = |name: &str, at: usize, from: usize, to: &[u8]| {
        let damaged = [&bytes[..at], to, &bytes[at + from..]].concat();
        faults.push((format!("{name} at {at}"), damaged));
    };
    for _ in 0..18 {
        push("byte dropped", next(bytes.len()), 1, b"");
        let at = next(bytes.len());
        push("byte doubled", at, 0, &bytes[at..=at]);
        let at = next(bytes.len());
        push("bit flipped", at, 1, &[bytes[at] ^ (1 << next(7))]);
        push("cut in transfer", at, bytes.len() - at, b"");
    }
    for noise in
        [&b"<"[..], b"&", b">", b"\"", b"'", b"\0", b"\x0b", b"\xff", b"\xc3", b"]]>", b"<!--", b"</", b"<b>", b"{", b"}", b"\\"]
    {
        for _ in 0..3 {
            push("byte inserted", next(bytes.len()), 0, noise);
        }
    }
    // Tags as a whole, or in JSON what holds it together.
    let marks: Vec<(usize, usize)> = match text.starts_with('{') {
        true => text.match_indices(['{', '}', '[', ']', ',', ':', '"']).map(|(at, _)| (at, 1)).collect(),
        false => text.match_indices('<').map(|(at, _)| (at, text[at..].find('>').map_or(1, |end| end + 1))).collect(),
    };
    for _ in 0..20 {
        let (at, length) = marks[next(marks.len())];
        push("mark missing", at, length, b"");
        let (at, length) = marks[next(marks.len())];
        push("mark doubled", at, 0, &bytes[at..at + length]);
        let (at, length) = marks[next(marks.len())];
        push("mark without its end", at + length - 1, 1, b"");
    }
    faults
}

/// What of an entry must survive another entry's fault.
pub(crate) fn core(entry: &Entry) -> (Option<String>, String, Option<String>, Option<Timestamp>) {
    let url = entry.url.as_ref().map(ToString::to_string).unwrap_or_default();
    (entry.id.clone(), url, entry.title.clone(), entry.published.map(|it| it.at))
}

/// Tries the faults on every feed, each `every`-th of them; says what went wrong, and how many were tried.
fn probe(every: usize) -> (usize, Vec<String>) {
    let kinds = faults();
    let mut wrong = Vec::new();
    let mut tried = 0;
    for sample in samples() {
        let clean = read(sample.text.as_str()).expect("a clean sample");
        assert_eq!(
            (clean.entries.len(), clean.complete, clean.diagnostics.len(), clean.bytes_lost),
            (ENTRIES, true, 0, 0),
            "{}: {:?}",
            sample.name,
            clean.diagnostics
        );
        let cores: Vec<_> = clean.entries.iter().map(core).collect();
        let named = kinds.iter().filter_map(|(name, damage)| Some((name.clone(), damage(&sample.text)?)));
        let cases: Vec<_> = named.chain(anywhere(&sample.text)).collect();
        assert!(cases.len() >= 200, "only {} faults for {}", cases.len(), sample.name);
        for (name, bytes) in cases.into_iter().skip(tried % every).step_by(every) {
            tried += 1;
            let number = |prefix: &str| name.strip_prefix(prefix)?.trim_end_matches(" bytes").parse::<usize>().ok();
            let cut_at = number("cut in transfer at ").or_else(|| number("cut by ").map(|bytes| sample.text.len() - bytes));
            let place = name.rsplit_once(" at ").and_then(|(_, at)| at.parse::<usize>().ok()).unwrap_or(0).min(bytes.len());
            let around = String::from_utf8_lossy(&bytes[place.saturating_sub(20)..bytes.len().min(place + 20)]).into_owned();
            let found = match read(bytes) {
                Ok(feed) => feed.entries.iter().map(core).collect::<Vec<_>>(),
                // Nothing was there yet.
                Err(_) if cut_at.is_some_and(|at| span(&sample.text, 0).is_some_and(|(_, end)| at < end)) => continue,
                Err(error) => {
                    wrong.push(format!("{}: {name}: {error}", sample.name));
                    continue;
                }
            };
            // What the transfer cut off was never here.
            let here = (0..ENTRIES).filter(|it| cut_at.is_none_or(|at| span(&sample.text, *it).is_some_and(|(_, end)| end <= at)));
            let lost = here.filter(|it| !found.contains(&cores[*it])).count();
            let strange = found.iter().filter(|core| !cores.contains(core)).count();
            if lost > 1 || strange > 1 {
                wrong.push(format!(
                    "{}: {name}: {lost} lost, {strange} strange of {}, around {around:?}",
                    sample.name,
                    found.len()
                ));
            }
        }
    }
    (tried, wrong)
}

#[test]
fn one_fault_costs_at_most_one_entry() {
    let (tried, wrong) = probe(7);
    assert!(tried > 500, "only {tried} tried");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}

/// All of them, for `tests/quality.sh`, which prints the figure.
#[test]
#[ignore = "takes some seconds; tests/quality.sh runs it"]
fn every_fault_costs_at_most_one_entry() {
    let (tried, wrong) = probe(1);
    println!("single faults: {tried} in {} feeds, {} cost more than one entry", samples().len(), wrong.len());
    assert!(tried >= 4000, "only {tried} tried");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}
