//! Text to a fingerprint, twice the same; then the judge, whose verdict must not hang on the order of what is filed.
#![no_main]

use wireroom::dedup::{self, Thresholds};
use wireroom::model::{Article, ArticleId, Candidate, SourceId, StoryId, Url};

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
    // The text in two halves, the whole of it and its first half are laid side by side.
    let middle = article.body.len() / 2;
    let part = |body: &[String]| Article { body: body.to_vec(), ..article.clone() };
    let halves = [part(&article.body[..middle]), part(&article.body[middle..]), article.clone()];
    let mut filed: Vec<Candidate> = (1..).zip(&halves).map(|(id, half)| candidate(id, half, &url)).collect();
    for own in &halves {
        let own = dedup::fingerprint(&Thresholds::default(), own, &url);
        let verdict = dedup::judge(&Thresholds::default(), &own, &filed);
        filed.reverse();
        assert_eq!(verdict, dedup::judge(&Thresholds::default(), &own, &filed));
    }
});

/// An article as the ledger offers it for comparison, on a page of its own.
fn candidate(id: i64, article: &Article, url: &Url) -> Candidate {
    let own = dedup::fingerprint(&Thresholds::default(), article, url);
    Candidate {
        article: ArticleId(id),
        story: StoryId(id),
        source: SourceId(id),
        agency: format!("agency {id}"),
        credit: own.credit,
        keys: vec![format!("example.org/{id}")],
        named: Vec::new(),
        url_key: format!("example.org/{id}"),
        text: own.text,
        title: own.title,
        body: own.body,
        published_at: Default::default(),
        is_origin: true,
    }
}
