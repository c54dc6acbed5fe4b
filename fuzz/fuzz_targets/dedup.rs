//! Text to a fingerprint, twice the same.
#![no_main]

use wireroom::dedup::{self, Thresholds};
use wireroom::model::Article;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let url = wireroom_fuzz::document(b"", None).url;
    let (title, body) = text.split_once('\n').unwrap_or(("", text));
    let article = Article {
        url: url.clone(),
        canonical: None,
        title: Some(title.into()),
        summary: None,
        body: body.lines().filter(|line| !line.trim().is_empty()).map(Into::into).collect(),
        authors: Vec::new(),
        published: None,
        modified: None,
        dateline: None,
        section: None,
        tags: Vec::new(),
        image: None,
        language: None,
        credit: None,
        notes: Vec::new(),
        extractor_version: 1,
    };
    let print = |article: &Article| format!("{:?}", dedup::fingerprint(&Thresholds::default(), article, &url));
    assert_eq!(print(&article), print(&article));
});
