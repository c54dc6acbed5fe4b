//! Text as an operator's selectors: refused with a reason, or matched against a page.
#![no_main]

use wireroom::article::{self, Rules};
use wireroom::model::{Boilerplate, Entry};

const PAGE: &[u8] =
    b"<article class=story id=a><h1>Ship sinks</h1><p class=by>By Jane Roe<div><p>Nobody was hurt.<ul><li>x</ul></div></article>";

libfuzzer_sys::fuzz_target!(|text: &str| {
    if article::check_selector(text).is_err() {
        return;
    }
    let some = || Some(text.to_owned());
    let rules = Rules {
        body: some(),
        title: some(),
        authors: some(),
        published: some(),
        section: some(),
        remove: vec![text.to_owned()],
        ..Rules::default()
    };
    let document = wireroom_fuzz::document(PAGE, Some("text/html"));
    let entry = Entry::of_page(Some(document.url.clone()), wireroom_fuzz::seen());
    let _ = article::extract(&[document], &entry, &rules, &Boilerplate::default());
});
