//! How fast feeds are read: a plain one, one with long HTML, one that has to be mended, and `feed-rs` beside it.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use wireroom::calendar;
use wireroom::feed::{self, Reading};
use wireroom::model::{Assume, Document, FeedKind, Head, Timestamp, Url, Validators};

fn main() {
    divan::main();
}

const KINDS: [&str; 4] = ["plain", "long", "atom", "broken"];

fn seen() -> Timestamp {
    "2024-05-02T12:00:00Z".parse().expect("a constant instant")
}

fn text(kind: &str) -> String {
    let paragraph = "<p>The port authority said on Tuesday that the third berth had opened, <a href=\"https://a.example.org/x\">as planned</a>.</p>\n";
    let items: String = (0..200)
        .map(|it| {
            let date = format!("Tue, 23 Apr 2024 1{}:{:02}:00 +0400", it % 10, it % 60);
            let (title, link) = (format!("Headline number {it} of the day"), format!("https://a.example.org/news/2024/04/{it}.html"));
            match kind {
                "atom" => format!(
                    "<entry><id>urn:example:{it}</id><title type=\"html\">{title}</title><link href=\"{link}\"/><updated>2024-04-23T10:00:00+04:00</updated>\
                     <author><name>A. Reporter</name></author><content type=\"html\">{}</content></entry>\n",
                    paragraph.replace('<', "&lt;").replace('>', "&gt;").repeat(8)
                ),
                _ => {
                    let body = if kind == "plain" { "A short summary of what happened.".to_owned() } else { format!("<![CDATA[{}]]>", paragraph.repeat(20)) };
                    let fault = if kind == "broken" { "R&D &nbsp; <b>open" } else { "" };
                    format!(
                        "<item><title>{title}{fault}</title><link>{link}</link><guid isPermaLink=\"false\">{it}</guid><pubDate>{date}</pubDate>\
                         <dc:creator>A. Reporter</dc:creator><category>World</category><description>{body}</description></item>\n"
                    )
                }
            }
        })
        .collect();
    match kind {
        "atom" => format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>T</title>{items}</feed>"
        ),
        _ => format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>T</title>{items}</channel></rss>"
        ),
    }
}

#[divan::bench(args = KINDS)]
fn ours(bencher: Bencher<'_, '_>, kind: &str) {
    let body = text(kind).into_bytes();
    let url = Url::parse("https://a.example.org/rss").expect("an address");
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: seen(),
        fields: Vec::new(),
    };
    let bytes = BytesCount::new(body.len());
    let document = Document { url, head, content_type: None, content_language: None, body, complete: true };
    let reading = Reading { kind: FeedKind::Feed, assume: Assume { timezone: None, language: None, seen_at: seen() } };
    bencher.counter(bytes).bench_local(|| feed::parse(black_box(&document), &reading).expect("a feed").entries.len());
}

#[divan::bench(args = ["plain", "long", "atom"])]
fn feed_rs(bencher: Bencher<'_, '_>, kind: &str) {
    let text = text(kind);
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(|| feed_rs::parser::parse(black_box(text.as_bytes())).expect("a feed").entries.len());
}

#[divan::bench(args = ["2024-04-23T21:00:00+04:00", "Tue, 23 Apr 2024 21:00:00 +0400", "23 апреля 2024, 21:00"])]
fn dates(bencher: Bencher<'_, '_>, date: &str) {
    let assume = Assume { timezone: None, language: None, seen_at: seen() };
    bencher.bench_local(|| calendar::parse(black_box(date), &assume));
}
