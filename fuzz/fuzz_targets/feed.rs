//! Bytes to a feed, whatever it is written in.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wireroom_fuzz::read_feed(bytes, wireroom::model::FeedKind::Feed));
