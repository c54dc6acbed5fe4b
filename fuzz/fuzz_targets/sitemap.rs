//! Bytes to a sitemap, an index of them, or a gzip file of one.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    wireroom_fuzz::read_feed(bytes, wireroom::model::FeedKind::Sitemap);
    let head = b"<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">";
    wireroom_fuzz::read_feed(&[head, bytes].concat(), wireroom::model::FeedKind::Sitemap);
});
