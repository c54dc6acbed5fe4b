//! Bytes to an article, through the guard and the tree.
#![no_main]

use wireroom::article::{self, Rules};
use wireroom::markup::{self, Limits};
use wireroom::model::{Boilerplate, Entry};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let document = wireroom_fuzz::document(bytes, Some("text/html"));
    let entry = Entry::of_page(Some(document.url.clone()), wireroom_fuzz::seen());
    let _ = article::extract(&[document], &entry, &Rules::default(), &Boilerplate::default());
    let text = String::from_utf8_lossy(bytes);
    let small = Limits { depth: 16, attributes: 4, nodes: 500, repeats: 50 };
    let guarded = markup::guard(&text, &small);
    let _ = markup::plain(&guarded.text);
});
