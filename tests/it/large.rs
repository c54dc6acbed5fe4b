//! Large and packed sitemaps, through the real binary: beyond `max_body`, as gzip files, and as gzip files that are cut.

use std::fmt::Write as _;
use std::io::Write as _;

use newsweb::{Agency, NewsWeb, Plan, Response};

use super::operator::Desk;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A sitemap of the agency's pages, with so many bytes of what does not pack well after them.
fn sitemap(web: &NewsWeb, padding: usize) -> String {
    let mut text = String::from("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">");
    for truth in web.truth() {
        write!(text, "<url><loc>{}</loc><lastmod>{}</lastmod></url>", truth.url, now()).unwrap();
    }
    text.push_str("<!-- ");
    let mut number = 1_u64;
    while text.len() < padding {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        write!(text, "{number:x}").unwrap();
    }
    text + " --></urlset>"
}

#[expect(clippy::disallowed_methods, reason = "a source that is new wants what is new")]
fn now() -> String {
    let now = std::time::SystemTime::now();
    wireroom::model::Timestamp::try_from(now).unwrap().to_string()
}

/// The web, and a desk that follows it by `/map.xml` alone, with pages of at most 64 KiB.
fn followed_by(body: impl Fn(&NewsWeb) -> Vec<u8>) -> (NewsWeb, Desk) {
    let web = NewsWeb::start(Plan::of([Agency { items: 4, ..Agency::new("gazette") }])).unwrap();
    web.set_page("gazette", "/map.xml", Response::bytes("application/xml", body(&web)).with_etag());
    let mut desk = Desk::empty();
    desk.fetch.push_str("max_body = \"64KiB\"\n");
    desk.allow(&[web.host("gazette")]);
    desk.sitemap("gazette", &web.url("gazette", "/map.xml"), "");
    (web, desk)
}

#[test]
fn a_sitemap_may_be_larger_than_a_page() {
    for pack in [|text: String| text.into_bytes(), |text: String| gzip(text.as_bytes())] {
        let (web, desk) = followed_by(|web| pack(sitemap(web, 1 << 20)));
        let said = desk.once();
        let ledger = desk.ledger();
        assert_eq!(ledger.count("select count(*) from articles"), 4, "{said}");
        assert_eq!(ledger.count("select bytes_lost from feeds"), 0);
        web.clear_log();
        desk.once();
        assert!(web.log().iter().all(|asked| asked.path != "/map.xml" || asked.status == 304), "its validators are kept");
    }
}

#[test]
fn a_gzip_file_that_is_cut_is_read_as_far_as_it_goes_and_read_again() {
    let (web, desk) = followed_by(|web| {
        let packed = gzip(sitemap(web, 40_000).as_bytes());
        packed[..packed.len() / 2].to_vec()
    });
    let said = desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 4, "{said}");
    let diagnostics = ledger.text("select diagnostics from feeds").unwrap();
    assert!(diagnostics.contains("damaged-gzip"), "{diagnostics}");
    web.clear_log();
    desk.once();
    assert!(web.log().iter().any(|asked| asked.path == "/map.xml" && asked.status == 200), "a cut file vouches for nothing");
}
