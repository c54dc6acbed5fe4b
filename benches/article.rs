//! How long a page takes: the guard alone, the whole reading, and the pages that are made to take long.
//!
//! `cargo bench --bench article`; the fixture pages are small, so a figure here is a floor.
#![expect(clippy::unwrap_used, reason = "a bench that cannot read its fixtures should stop")]

use divan::{Bencher, counter::BytesCount};
use wireroom::article::{self, Rules};
use wireroom::markup;
use wireroom::model::{Boilerplate, Document, Entry, Head, Timestamp, Url, Validators};

fn main() {
    divan::main();
}

fn fixture(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/fixtures/pages/{name}/input.html", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn document(body: String) -> Document {
    let url = Url::parse("https://news.example.org/2024/04/23/story.html").unwrap();
    let fetched_at = Timestamp::UNIX_EPOCH;
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at,
        fields: Vec::new(),
    };
    Document { url, head, content_type: None, content_language: None, body: body.into_bytes(), complete: true }
}

fn read(bencher: Bencher<'_, '_>, body: String) {
    let page = document(body);
    let entry = Entry::of_page(Some(page.url.clone()), Timestamp::UNIX_EPOCH);
    bencher
        .counter(BytesCount::new(page.body.len()))
        .bench_local(|| article::extract(std::slice::from_ref(&page), &entry, &Rules::default(), &Boilerplate::default()));
}

#[divan::bench(args = ["founding-jsonld", "founding-plain"])]
fn page(bencher: Bencher<'_, '_>, name: &str) {
    read(bencher, fixture(name));
}

/// The guard alone, on a page it has nothing to cut from.
#[divan::bench]
fn guard(bencher: Bencher<'_, '_>) {
    let page = fixture("founding-plain").repeat(20);
    bencher.counter(BytesCount::new(page.len())).bench_local(|| markup::guard(&page, &markup::Limits::default()).cut);
}

/// Eight MiB (the largest body that is fetched) of each attack: none may take a second.
#[divan::bench(sample_count = 3, sample_size = 1, args = ["depth", "lists", "attributes", "formatting", "fonts", "tables", "paragraphs", "words", "entities"])]
fn attack(bencher: Bencher<'_, '_>, name: &str) {
    const SIZE: usize = 8 << 20;
    let piece = |number: usize| match name {
        "depth" => "<div>".to_owned(),
        "lists" => "<ul><li>".to_owned(),
        "attributes" => (0..256).fold("<p".to_owned(), |tag, name| tag + &format!(" a{name}")) + ">x",
        "formatting" => "<b><i><a><p>".to_owned(),
        "fonts" => format!("<p><font size={number}>x"),
        "tables" => "<table><tr><td>x".to_owned(),
        "paragraphs" => format!("<p>Nobody was hurt, but {number} ships had to wait outside the harbour, she said."),
        "words" => format!("word{number} "),
        _ => "&amp;&lt;&hellip;".to_owned(),
    };
    let mut body = String::with_capacity(SIZE);
    for number in 0.. {
        if body.len() >= SIZE {
            break;
        }
        body += &piece(number);
    }
    read(bencher, body);
}
