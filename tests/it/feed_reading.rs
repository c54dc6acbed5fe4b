//! What a feed is read to besides its entries: gzip files, what was lost, what the feed says of itself; and that clean feeds stay as they are.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use wireroom::feed::{self, Error, Reading};
use wireroom::model::{Assume, Feed, FeedKind};

use crate::feed::{document, read, read_as, seen};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn sitemap(urls: usize) -> String {
    // Numbers that do not pack well, as addresses of a real site.
    let url = |it: usize| {
        format!(
            "<url><loc>https://desk.example.org/news/{}</loc><lastmod>2024-04-23</lastmod></url>\n",
            it.wrapping_mul(2_654_435_761)
        )
    };
    let urls: String = (0..urls).map(url).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{urls}</urlset>\n"
    )
}

#[test]
fn a_gzip_file_is_read_as_what_is_in_it() {
    let plain = read(sitemap(50)).unwrap();
    let packed = read_as(gzip(sitemap(50).as_bytes()), Some("application/gzip")).unwrap();
    assert_eq!(plain.entries, packed.entries);
    assert_eq!((packed.entries.len(), packed.complete, packed.bytes_lost), (50, true, 0));
}

#[test]
fn a_gzip_file_of_several_members_is_one_document() {
    let text = sitemap(50);
    let (head, tail) = text.as_bytes().split_at(text.len() / 3);
    let mut packed = [gzip(head), gzip(tail)].concat();
    packed.extend_from_slice(&[0; 512]);
    let feed = read(packed).unwrap();
    assert_eq!((feed.entries.len(), feed.complete), (50, true));
}

#[test]
fn of_a_gzip_file_cut_in_transfer_the_head_is_read() {
    let packed = gzip(sitemap(2000).as_bytes());
    let feed = read(&packed[..packed.len() / 2]).unwrap();
    assert!((100..2000).contains(&feed.entries.len()), "{}", feed.entries.len());
    assert!(!feed.complete);
    assert_eq!(feed.diagnostics[0].step, "damaged-gzip");
    let mut damaged = packed.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 8].fill(0xFF);
    match read(damaged) {
        Ok(feed) => assert!(!feed.complete && feed.entries.len() < 2000),
        Err(error) => assert_eq!(error.class(), "unreadable"),
    }
}

#[test]
fn bombs_are_refused_while_they_are_small() {
    let bomb = gzip(&vec![b' '; 200 << 20]);
    assert!(bomb.len() < 1 << 20);
    assert!(matches!(read(bomb), Err(Error::Unreadable(_) | Error::TooLarge { .. })));
    let many = [sitemap(1).as_bytes().to_vec(), vec![b' '; 8 << 20]].concat();
    let many = gzip(&many).repeat(20);
    assert!(matches!(read(many), Err(Error::Unreadable(_) | Error::TooLarge { .. })));
    let twice = gzip(&gzip(sitemap(5).as_bytes()));
    assert!(matches!(read(twice), Err(Error::Unreadable(_))));
}

#[test]
fn what_was_lost_is_counted() {
    let head = "<rss version=\"2.0\"><channel><title>T</title>";
    let item = "<item><title>One</title><link>https://a.example.org/1</link></item>";
    for (what, text, lost) in [
        ("nothing", format!("{head}{item}</channel></rss>\n"), 0),
        ("text before the root", format!("Warning{head}{item}</channel></rss>"), 7),
        ("markup before the root", format!("<br />{head}{item}</channel></rss>"), 6),
        ("text behind the end", format!("{head}{item}</channel></rss>cached"), 6),
        ("text between entries", format!("{head}{item}stray{item}</channel></rss>"), 5),
        ("a stray end tag", format!("{head}{item}</b></channel></rss>"), 4),
        ("a cut tag", format!("{head}{item}</channel></rs"), 4),
        ("a control character", format!("{head}<item><title>O\u{b}ne</title></item></channel></rss>"), 1),
        ("a cut entry", format!("{head}{item}<item><link>https://a.exa"), 25),
    ] {
        let feed = read(text.as_str()).unwrap();
        assert_eq!(feed.bytes_lost, lost, "{what}: {:?} {:?}", feed.diagnostics, feed.refused);
        assert_eq!(feed.diagnostics.is_empty() && feed.refused.is_empty(), lost == 0, "{what}");
    }
    let wide: Vec<u8> = format!("\u{feff}stray{head}{item}</channel></rss>").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let feed = read(wide).unwrap();
    assert!((9..=11).contains(&feed.bytes_lost), "{}", feed.bytes_lost);
}

#[test]
fn what_a_feed_says_of_itself_is_kept() {
    let feed = read(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:fh=\"http://purl.org/syndication/history/1.0\" xml:lang=\"az\"><title>T</title><fh:archive/>\
         <logo>/logo.png</logo><link rel=\"self\" href=\"/a.xml\"/><link rel=\"hub\" href=\"https://hub.example.org/\"/>\
         <link rel=\"next\" href=\"?page=2\"/><link rel=\"prev-archive\" href=\"/2024/03.xml\"/><entry><id>1</id></entry></feed>",
    )
    .unwrap();
    let hints = &feed.hints;
    assert_eq!(hints.image.as_deref(), Some("https://desk.example.org/logo.png"));
    assert_eq!(hints.next_page.as_deref(), Some("https://desk.example.org/feeds/all.xml?page=2"));
    assert_eq!(hints.archive_page.as_deref(), Some("https://desk.example.org/2024/03.xml"));
    assert_eq!((hints.hub.as_deref(), hints.is_archive, hints.is_whole), (Some("https://hub.example.org/"), true, false));
    assert_eq!((feed.language.as_deref(), feed.dialect), (Some("az"), "atom"));
}

#[test]
fn an_index_says_when_its_sitemaps_changed() {
    let feed = read(
        "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><sitemap><loc>https://desk.example.org/a.xml.gz</loc>\
         <lastmod>2024-04-23T10:00:00+04:00</lastmod></sitemap><sitemap><loc>https://desk.example.org/b.xml</loc></sitemap></sitemapindex>",
    )
    .unwrap();
    let changed: Vec<_> = feed.children.iter().map(|it| it.modified.map(|time| time.at.to_string())).collect();
    assert_eq!(changed, [Some("2024-04-23T06:00:00Z".to_owned()), None]);
}

#[test]
fn json_is_found_behind_what_a_server_put_before_it() {
    let json = "{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"T\", \"items\": [{\"id\": \"1\", \"url\": \"https://a.example.org/1\"}]}";
    for junk in ["Warning: cache is cold\n", "<br />\n<b>Warning</b>: x() on line <b>3</b><br />\n"] {
        let feed = read(format!("{junk}{json}")).unwrap();
        assert_eq!((feed.entries.len(), feed.dialect), (1, "json"), "{junk}");
        assert!(feed.bytes_lost > 0);
    }
}

// ---- clean feeds stay as they are ----

/// An entry as it was written.
#[derive(Debug, Clone)]
struct Written {
    title: String,
    page: u32,
    hour: u32,
    text: String,
}

fn written() -> impl Strategy<Value = Vec<Written>> {
    let words = "[A-Za-zÀ-žА-яəğıöşüç0-9]{1,8}( (& )?[A-Za-zА-я0-9,.'\"-]{1,9}){0,7}";
    let entry = (words, any::<u32>(), 0u32..24, words).prop_map(|(title, page, hour, text)| Written { title, page, hour, text });
    prop::collection::vec(entry, 0..12)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// The same entries in one of the formats.
fn write(entries: &[Written], format: usize) -> String {
    let of =
        |write: &dyn Fn(usize, &Written) -> String| entries.iter().enumerate().map(|(at, it)| write(at, it)).collect::<Vec<_>>();
    let link = |it: &Written| format!("https://desk.example.org/news/{}", it.page);
    let date = |it: &Written| format!("2024-04-23T{:02}:00:00+04:00", it.hour);
    match format {
        0 => {
            let items = of(&|at, it| {
                format!(
                    "<item><title>{}</title><link>{}</link><guid isPermaLink=\"false\">{at}</guid><pubDate>Tue, 23 Apr 2024 {:02}:00:00 +0400</pubDate><description><![CDATA[{}]]></description></item>\n",
                    escaped(&it.title),
                    link(it),
                    it.hour,
                    escaped(&it.text)
                )
            });
            format!("<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>T</title>\n{}</channel></rss>\n", items.concat())
        }
        1 => {
            let items = of(&|at, it| {
                format!(
                    "<entry><id>{at}</id><title>{}</title><link href=\"{}\"/><published>{}</published><summary type=\"html\">{}</summary></entry>\n",
                    escaped(&it.title),
                    link(it),
                    date(it),
                    escaped(&escaped(&it.text))
                )
            });
            format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>T</title>\n{}</feed>\n", items.concat())
        }
        2 => {
            let items = of(&|at, it| {
                format!(
                    "<item rdf:about=\"{at}\"><title>{}</title><link>{}</link><dc:date>{}</dc:date><description>{}</description></item>\n",
                    escaped(&it.title),
                    link(it),
                    date(it),
                    escaped(&escaped(&it.text))
                )
            });
            format!(
                "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel rdf:about=\"x\"><title>T</title></channel>\n{}</rdf:RDF>",
                items.concat()
            )
        }
        _ => {
            let items = of(&|at, it| {
                serde_json::json!({"id": at.to_string(), "title": escaped(&it.title), "url": link(it), "date_published": date(it), "summary": it.text})
                    .to_string()
            });
            format!("{{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"T\", \"items\": [{}]}}", items.join(","))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn recovery_of_a_clean_feed_changes_nothing(entries in written(), format in 0usize..4, packed in any::<bool>()) {
        let text = write(&entries, format);
        let feed: Feed = if packed { read(gzip(text.as_bytes())) } else { read(text.as_str()) }.unwrap();
        prop_assert!(feed.diagnostics.is_empty() && feed.refused.is_empty() && feed.bytes_lost == 0 && feed.complete, "{:?}", feed);
        prop_assert_eq!(feed.entries.len(), entries.len());
        for (at, (read, written)) in feed.entries.iter().zip(&entries).enumerate() {
            prop_assert_eq!(read.id.clone(), Some(at.to_string()));
            prop_assert_eq!(read.title.as_deref(), Some(written.title.as_str()));
            let page = format!("https://desk.example.org/news/{}", written.page);
            prop_assert_eq!(read.url.as_ref().map(|url| url.as_str()), Some(page.as_str()));
            let hour = read.published.map(|it| it.at.as_second() - 1_713_816_000).map(|seconds| seconds / 3600);
            prop_assert_eq!(hour, Some(i64::from(written.hour)));
            let text = escaped(&written.text).replace("&quot;", "\"");
            prop_assert_eq!(read.summary.as_deref().map(|it| it.replace("&quot;", "\"")), Some(text));
        }
    }

    #[test]
    fn any_gzip_data_is_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), flip in any::<prop::sample::Index>()) {
        let mut packed = gzip(sitemap(20).as_bytes());
        let at = flip.index(packed.len());
        packed[at] ^= 0x55;
        packed.extend_from_slice(&bytes);
        let assume = Assume { timezone: None, language: None, seen_at: seen() };
        let reading = Reading { kind: FeedKind::Sitemap, assume };
        let _ = feed::parse(&document(packed, "https://desk.example.org/sitemap.xml.gz", None), &reading);
    }
}
