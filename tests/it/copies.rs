//! Copies told from siblings: invented texts in five languages, the founding case, and what holds for any text.

use std::path::Path;

use proptest::prelude::*;
use wireroom::dedup::{self, Index, Member, Search, Thresholds};
use wireroom::model::{
    Article, ArticleId, Candidate, Fingerprint, Precision, PressTime, Relation, SourceId, StoryId, Timestamp, Url, Verdict,
    ZoneSource,
};

const NOW: i64 = 1_780_000_000;

fn instant(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn article(name: &str, title: &str, body: &str) -> Article {
    Article {
        url: Url::parse(&format!("https://{name}.example.org/{}", title.len() + body.len())).unwrap(),
        canonical: None,
        title: Some(title.to_owned()),
        summary: None,
        body: body.split('\n').map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect(),
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
    }
}

fn print_of(article: &Article) -> Fingerprint {
    dedup::fingerprint(&Thresholds::default(), article, &article.url)
}

/// An article as the ledger would offer it for comparison.
fn filed(id: i64, agency: &str, article: &Article) -> Candidate {
    let own = print_of(article);
    Candidate {
        article: ArticleId(id),
        story: StoryId(id * 10),
        source: SourceId(id),
        agency: agency.to_owned(),
        credit: own.credit,
        keys: vec![own.url_key.clone()],
        url_key: own.url_key,
        text: own.text,
        title: own.title,
        body: own.body,
        published_at: instant(NOW),
        is_origin: true,
    }
}

fn judged(new: &Article, candidates: &[Candidate]) -> Verdict {
    dedup::judge(&Thresholds::default(), &print_of(new), candidates)
}

/// The relation of one article to another filed before it; `None` where they are two stories.
fn relation(new: &Article, old: &Article) -> Option<Relation> {
    match judged(new, &[filed(1, "Old Agency", old)]) {
        Verdict::Copy { relation, .. } => Some(relation),
        _ => None,
    }
}

/// Whether the search by samples would offer the one for the other.
fn found(new: &Article, old: &Article) -> bool {
    let mut index = Index::default();
    index.add(NOW, &print_of(old).samples);
    !index.find(&Search::default(), NOW + 3600, &print_of(new).samples).is_empty()
}

const DISCLAIMER: &str = "\nPORTAL2304202400001234ID1107000000\nLegal Disclaimer: the portal provides the information as it is and takes no responsibility for the accuracy, content, images, completeness or legality of what stands in this article. Complaints are to be sent to the provider above.";

/// What a portal makes of an agency's text: a credit in front, blanks lost, other quotation marks, a disclaimer behind.
fn as_portal(agency: &str, body: &str) -> String {
    let mut words = 0;
    let joined: String = body
        .chars()
        .filter_map(|c| match c {
            ' ' => {
                words += 1;
                (words % 13 != 0).then_some(' ')
            }
            '"' => Some('”'),
            other => Some(other),
        })
        .collect();
    format!("(PORTAL- {agency}) {joined}{DISCLAIMER}")
}

fn head(body: &str, percent: usize) -> String {
    let letters = body.chars().count();
    body.chars().take(letters * percent / 100).collect()
}

struct Case {
    base: Article,
    copies: Vec<(&'static str, Article)>,
    others: Vec<(&'static str, Article)>,
}

fn cases(language: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/copies/{language}.json"));
    let file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let replaced = |text: &str, pairs: &serde_json::Value| {
        pairs
            .as_array()
            .unwrap()
            .iter()
            .fold(text.to_owned(), |text, pair| text.replace(pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
    };
    let cases = file["texts"].as_array().unwrap().iter().map(|text| {
        let (title, body) = (text["title"].as_str().unwrap(), text["body"].as_str().unwrap());
        let edited = replaced(body, &text["edits"]);
        assert_ne!(edited, body, "{title}: the edits change something");
        let sibling_title = replaced(title, &text["sibling"]);
        let sibling = article("agency", &sibling_title, &replaced(body, &text["sibling"]));
        let sibling_elsewhere = article("portal", &sibling_title, &as_portal("Agency News", &replaced(body, &text["sibling"])));
        Case {
            base: article("agency", title, body),
            copies: vec![
                ("copy", article("portal", title, &as_portal("Agency News", body))),
                ("truncated", article("short", title, &format!("{}…", head(body, 45)))),
                ("edited", article("desk", title, &edited)),
                ("edited elsewhere", article("portal", title, &as_portal("Agency News", &edited))),
            ],
            others: vec![
                ("sibling", sibling),
                ("sibling elsewhere", sibling_elsewhere),
                ("same topic", article("other", text["other"]["title"].as_str().unwrap(), text["other"]["body"].as_str().unwrap())),
            ],
        }
    });
    cases.collect()
}

/// Pairs judged one, by kind: how many of how many. Every pair in both orders.
fn measure(language: &str) -> (usize, usize, usize, usize) {
    let (mut joined, mut copies, mut wrong, mut others) = (0, 0, 0, 0);
    for case in cases(language) {
        for (kind, copy) in &case.copies {
            for (new, old) in [(copy, &case.base), (&case.base, copy)] {
                copies += 1;
                let one = relation(new, old).is_some() && found(new, old);
                joined += usize::from(one);
                if !one {
                    eprintln!("{language}: missed {kind} of {:?} (found: {})", case.base.title, found(new, old));
                }
            }
        }
        for (kind, other) in &case.others {
            let old = std::iter::once(&case.base).chain(case.copies.iter().map(|(_, copy)| copy));
            for old in old {
                for (new, old) in [(other, old), (old, other)] {
                    others += 1;
                    if relation(new, old).is_some() {
                        wrong += 1;
                        eprintln!("{language}: merged {kind} of {:?}", case.base.title);
                    }
                }
            }
        }
    }
    (joined, copies, wrong, others)
}

#[test]
fn copies_are_told_from_siblings_in_five_languages() {
    for language in ["ru", "az", "ar", "zh", "ja"] {
        let (joined, copies, wrong, others) = measure(language);
        let precision = joined as f64 / (joined + wrong).max(1) as f64;
        let recall = joined as f64 / copies as f64;
        eprintln!(
            "{language}: precision {precision:.3}, recall {recall:.3} ({joined} of {copies} joined, {wrong} of {others} merged)"
        );
        assert!(wrong == 0, "{language}: {wrong} of {others} pairs of different stories were merged");
        assert!(recall >= 0.95, "{language}: recall {recall:.3}");
    }
}

proptest! {
    #[test]
    fn nothing_breaks_on_any_text(title in ".{0,40}", one in ".{0,400}", other in "(\\PC|\\s){0,400}") {
        let (one, other) = (article("a", &title, &one), article("b", &title, &other));
        let verdict = judged(&one, &[filed(1, "B", &other)]);
        prop_assert_eq!(verdict, judged(&one, &[filed(1, "B", &other)]));
        prop_assert!(print_of(&one).samples.len() <= 24);
    }
}
