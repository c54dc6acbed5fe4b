//! Text to a fingerprint, twice the same; its halves judged by each other, the same in both directions.
#![no_main]

use wireroom::dedup::{self, Thresholds};
use wireroom::model::{Article, ArticleId, Candidate, Fingerprint, SourceId, StoryId, Timestamp, Verdict};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let url = wireroom_fuzz::document(b"", None).url;
    let (title, body) = text.split_once('\n').unwrap_or(("", text));
    let article = Article {
        title: Some(title.into()),
        body: body.lines().filter(|line| !line.trim().is_empty()).map(Into::into).collect(),
        extractor_version: 1,
        ..Article::new(url.clone())
    };
    judged(&article);
    let print = |article: &Article| format!("{:?}", dedup::fingerprint(&Thresholds::default(), article, &url));
    assert_eq!(print(&article), print(&article));
});

/// The first half of the lines is judged by the second, and the second by the first.
fn judged(article: &Article) {
    let thresholds = Thresholds::default();
    let (one, other) = article.body.split_at(article.body.len() / 2);
    let print = |name: &str, body: &[String]| {
        let url = article.url.join(name).unwrap_or_else(|_| article.url.clone());
        let half = Article { url: url.clone(), body: body.to_vec(), ..article.clone() };
        dedup::fingerprint(&thresholds, &half, &url)
    };
    let (one, other) = (print("/one", one), print("/other", other));
    let is_copy =
        |new: &Fingerprint, old: &Fingerprint| matches!(dedup::judge(&thresholds, new, &[candidate(old)]), Verdict::Copy { .. });
    assert_eq!(is_copy(&one, &other), is_copy(&other, &one));
    dedup::collapsed(&candidate(&one), &other);
}

fn candidate(filed: &Fingerprint) -> Candidate {
    Candidate {
        article: ArticleId(1),
        story: StoryId(1),
        source: SourceId(1),
        agency: "Desk".into(),
        credit: filed.credit.clone(),
        url_key: filed.url_key.clone(),
        keys: vec![filed.url_key.clone()],
        named: Vec::new(),
        text: filed.text,
        title: filed.title.clone(),
        body: filed.body.clone(),
        published_at: Timestamp::UNIX_EPOCH,
        is_origin: true,
    }
}
