//! Bytes to a JSON Feed, well-formed or not.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let head = b"{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[";
    wireroom_fuzz::read_feed(&[head, bytes].concat(), wireroom::model::FeedKind::Feed);
});
