//! Bytes as the JSON-LD, the state of a script and the meta elements of a page that has no text of its own.
#![no_main]

use wireroom::article::{self, Rules};
use wireroom::model::{Boilerplate, Entry};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for (before, behind) in [
        ("<script type=\"application/ld+json\">", "</script><h1>Ship sinks</h1>"),
        ("<div id=root></div><script>window.__STATE__=", "</script>"),
        ("<meta property=article:published_time content=\"", "\"><h1>Ship sinks</h1>"),
        ("<meta name=author content=\"", "\"><h1>Ship sinks</h1>"),
    ] {
        let page = [before.as_bytes(), bytes, behind.as_bytes()].concat();
        let document = wireroom_fuzz::document(&page, Some("text/html"));
        let entry = Entry::of_page(Some(document.url.clone()), wireroom_fuzz::seen());
        let _ = article::extract(&[document], &entry, &Rules::default(), &Boilerplate::default());
    }
});
