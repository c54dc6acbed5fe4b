//! What it costs to know a text again: its fingerprint, the verdict beside candidates, the search among 140,000 texts.

use divan::{Bencher, black_box};
use wireroom::dedup::{self, Index, Search, Thresholds};
use wireroom::model::{Article, ArticleId, Candidate, Fingerprint, SourceId, StoryId, Timestamp, Url};

fn main() {
    divan::main();
}

const NOW: i64 = 1_780_000_000;
const WORDS: [&str; 24] = [
    "port",
    "authority",
    "said",
    "Tuesday",
    "that",
    "the",
    "third",
    "berth",
    "had",
    "opened",
    "ahead",
    "of",
    "plan",
    "ministers",
    "talked",
    "about",
    "grain",
    "duties",
    "with",
    "Laronia",
    "while",
    "prices",
    "of",
    "fuel",
];

/// A text of so many words, another one for each seed.
fn text(seed: u64, words: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let mut text = String::new();
    for word in 0..words {
        match next() % 30 {
            0 => text.push_str(&format!("{}", next() % 1000)),
            1..=6 => text.push_str(&format!("w{}x", next() % 5000)),
            _ => text.push_str(WORDS[next() % WORDS.len()]),
        }
        text.push_str(if word % 17 == 16 { ". " } else { " " });
    }
    text
}

fn article(name: u64, body: String) -> Article {
    Article {
        title: Some("Third berth of the port opened ahead of plan".to_owned()),
        body: vec![body],
        extractor_version: 1,
        ..Article::new(Url::parse(&format!("https://a.example.org/{name}")).expect("an address"))
    }
}

fn print_of(article: &Article) -> Fingerprint {
    dedup::fingerprint(&Thresholds::default(), article, &article.url)
}

fn candidate(id: i64, article: &Article) -> Candidate {
    let own = print_of(article);
    Candidate {
        article: ArticleId(id),
        story: StoryId(id),
        source: SourceId(1),
        agency: "Agency".to_owned(),
        credit: None,
        keys: vec![own.url_key.clone()],
        named: Vec::new(),
        url_key: own.url_key,
        text: own.text,
        title: own.title,
        body: own.body,
        published_at: Timestamp::from_second(NOW).expect("a constant instant"),
        is_origin: true,
    }
}

/// Words of a text: a brief, a story, a long read.
const LENGTHS: [usize; 3] = [60, 380, 3000];

#[divan::bench(args = LENGTHS)]
fn fingerprint(bencher: Bencher<'_, '_>, words: usize) {
    let article = article(1, text(1, words));
    bencher.bench_local(|| print_of(black_box(&article)).samples.len());
}

/// Beside three candidates: a copy with other words at every thirtieth place, the head, and another text.
#[divan::bench(args = LENGTHS)]
fn judge(bencher: Bencher<'_, '_>, words: usize) {
    let whole = text(1, words);
    let edited: Vec<&str> =
        whole.split(' ').enumerate().map(|(place, word)| if place % 30 == 29 { "rather" } else { word }).collect();
    let own = print_of(&article(1, whole.clone()));
    let candidates = [
        candidate(2, &article(2, edited.join(" "))),
        candidate(3, &article(3, whole[..whole.len() * 2 / 5].to_owned())),
        candidate(4, &article(4, text(9, words))),
    ];
    bencher.bench_local(|| dedup::judge(&Thresholds::default(), black_box(&own), black_box(&candidates)));
}

/// Among 140,000 live texts: a week of 20,000 a day.
#[divan::bench(sample_count = 20)]
fn search(bencher: Bencher<'_, '_>) {
    let mut index = Index::default();
    for text in 0..140_000u64 {
        let mut samples: Vec<u32> =
            (0..24u64).map(|sample| ((text * 24 + sample).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32).collect();
        samples.sort_unstable();
        index.add(NOW, &samples);
    }
    let own = print_of(&article(1, text(1, 380))).samples;
    index.add(NOW, &own);
    bencher.bench_local(|| index.find(&Search::default(), NOW + 60, black_box(&own)).len());
}
