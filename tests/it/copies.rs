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
        title: Some(title.to_owned()),
        body: body.split('\n').map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect(),
        extractor_version: 1,
        ..Article::new(Url::parse(&format!("https://{name}.example.org/{}", title.len() + body.len())).unwrap())
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
        named: Vec::new(),
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
                ("sibling", sibling.clone()),
                ("sibling under one headline", Article { title: Some(title.to_owned()), ..sibling }),
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
                    if let Verdict::Copy { evidence, .. } = judged(new, &[filed(1, "Old Agency", old)]) {
                        wrong += 1;
                        eprintln!("{language}: merged {kind} of {:?} with {}: {}", case.base.title, old.url, evidence.why);
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

/// A wire story of the founding case's shape: an interview, with the agency's dateline.
const INTERVIEW: &str = "PORT LARON, Laronia, April 23. The current level of Laronian-Tiverian trade signifies its strategic nature, the director of the Institute for Coastal Studies Igor Belmont told Harbour.\n\
\"Relations between Laronia and Tiveria are going well in all sectors, including transport, fisheries and cooperation of the regions. The declaration signed in 2022 by President Adan Merel and Prime Minister Oskar Lind serves as the foundation of the two nations' partnership,\" he noted.\n\
According to him, shipments between the two capitals grew by 18 percent last year, and the road across the Salt Pass carries 240 trucks a day.\n\
Belmont stressed that the further development of the corridor, in particular of its northern section, would benefit the whole coast. \"No fewer than 14 companies want to take part in this programme, and I believe their number will grow,\" he said.\n\
He recalled that the talks on the customs union are to be held in Port Laron on May 17 with the participation of both finance ministers.\n\
\"It is important to emphasise once again that the role of Laronia as a reliable transit country remains constant, and the experience of the past three years, under the pressure of storms, quarantines and dear fuel, speaks to that,\" the director said.\n\
The analyst added that the level of mutual investment, now 1.2 billion larons, can double within five years if the two sides agree on tariffs.\n\
Stay up-to-date with more news at Harbour News Agency's channel";

/// The day after: the same desk, persons and turns of phrase, other news.
const FOLLOW_UP: &str = "PORT LARON, Laronia, April 24. The customs union of Laronia and Tiveria will open the market for small fishing companies, the director of the Institute for Coastal Studies Igor Belmont told Harbour.\n\
\"The first effect will be felt by the ports of the north, where 60 vessels stand idle for lack of quotas,\" he noted.\n\
According to him, the finance ministers still have to settle duties on frozen fish, timber and engines, and the parliaments must vote by the end of autumn.\n\
Belmont stressed that without an arbitration court the union would remain on paper. \"It is important to emphasise once again that business needs rules that do not change every season,\" he said.\n\
Stay up-to-date with more news at Harbour News Agency's channel";

fn founding() -> (Article, Article) {
    let title = "Current state of Laronian-Tiverian ties implies strategic nature - analyst";
    (article("harbour", title, INTERVIEW), article("portal", title, &as_portal("Harbour News Agency", INTERVIEW)))
}

#[test]
fn the_founding_case_is_one_story_in_both_orders() {
    let (origin, copy) = founding();
    assert!(found(&copy, &origin) && found(&origin, &copy));
    for (new, old, agency) in [(&copy, &origin, "Harbour News Agency"), (&origin, &copy, "Portal")] {
        let Verdict::Copy { relation, evidence, joins, .. } = judged(new, &[filed(1, agency, old)]) else { panic!("one story") };
        assert_eq!(relation, Relation::Syndicated, "{evidence:?}");
        assert!(evidence.containment >= 90 && evidence.conflicting == 0 && joins.is_empty(), "{evidence:?}");
    }
    assert_eq!(print_of(&copy).credit.as_deref(), Some("Harbour News Agency"));
    let short = article("short", origin.title.as_deref().unwrap(), &head(INTERVIEW, 40));
    assert_eq!(relation(&short, &origin), Some(Relation::Truncated));
    assert_eq!(relation(&short, &copy), Some(Relation::Truncated));
    let next_day = article("harbour", "Customs union to open market for small companies - analyst", FOLLOW_UP);
    for other in [&origin, &copy, &short] {
        assert_eq!(relation(&next_day, other), None, "the next day's interview is another story");
        assert_eq!(relation(other, &next_day), None);
    }
}

const RATES: &str = "The Central Bank has set the official rate of the Laronian manat for the week of April 1-5.\n\
The official rate of the US dollar was 1.7000 manat on Monday, 1.7012 on Tuesday and 1.7031 on Friday.\n\
The official rate of the euro fell by 0.0057 manat to 1.8391, and the weighted average rate was 1.8415.\n\
The official rate of the Tiverian ruble rose by 0.0002 manat and amounted to 0.0184.\n\
The table shows the official rates of the week.";

#[test]
fn the_weekly_table_of_rates_is_never_the_one_of_another_week() {
    let first = article("harbour", "Weekly review of the Laronian currency market", RATES);
    let changes = [
        ("April 1-5", "April 8-12"),
        ("1.7012", "1.6998"),
        ("1.7031", "1.6984"),
        ("0.0057", "0.0043"),
        ("1.8391", "1.8434"),
        ("1.8415", "1.8440"),
        ("0.0002", "0.0001"),
        ("0.0184", "0.0185"),
    ];
    let next = changes.iter().fold(RATES.to_owned(), |text, (from, to)| text.replace(from, to));
    let second = article("harbour", "Weekly review of the Laronian currency market", &next);
    let elsewhere = article("portal", "Weekly review of the Laronian currency market", &as_portal("Harbour News Agency", &next));
    for (new, old) in [(&first, &second), (&second, &first), (&first, &elsewhere), (&elsewhere, &first)] {
        assert_eq!(relation(new, old), None);
    }
    assert_eq!(relation(&elsewhere, &second), Some(Relation::Syndicated), "and its own copy is one");
}

/// The seed as an agency published it lies beside the checkout; it is read in place.
#[test]
fn the_seed_article_and_its_portal_copy_are_one_story() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seed");
    let Some(file) = std::fs::read_dir(&folder).ok().and_then(|mut files| files.next()) else {
        eprintln!("SKIPPED, NOT CHECKED: there is no seed at ../shared/seed");
        return;
    };
    let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
    let (title, body) = text.split_once('\n').unwrap();
    let origin = article("agency", title, body);
    let copy = article("portal", title, &as_portal("Trend News Agency", body));
    assert!(found(&copy, &origin) && found(&origin, &copy));
    assert_eq!(relation(&copy, &origin), Some(Relation::Syndicated));
    assert_eq!(relation(&origin, &copy), Some(Relation::Syndicated));
    assert_eq!(relation(&article("short", title, &head(body, 40)), &origin), Some(Relation::Truncated));
}

fn member(id: i64, agency: &str, credit: Option<&str>, published: Option<(i64, Precision)>) -> Member {
    let time = |(second, precision)| PressTime {
        at: instant(NOW + second),
        offset_minutes: None,
        precision,
        zone_source: ZoneSource::Page,
    };
    Member {
        article: ArticleId(id),
        agency: agency.to_owned(),
        credit: credit.map(str::to_owned),
        published: published.map(time),
        filed_at: instant(NOW + id * 1000),
    }
}

#[test]
fn the_origin_is_whom_the_copies_credit_else_the_earliest() {
    let at = |second| Some((second, Precision::Instant));
    let portal = member(1, "Portal", Some("Harbour News Agency"), at(0));
    let harbour = member(2, "Harbour", Some("Harbour"), at(500));
    let mirror = member(3, "Mirror", None, at(100));
    let agencies = |members: &[Member]| members[dedup::origin(members)].agency.clone();
    assert_eq!(agencies(&[portal.clone(), harbour.clone(), mirror.clone()]), "Harbour");
    assert_eq!(agencies(&[mirror.clone(), harbour, portal.clone()]), "Harbour");
    assert_eq!(agencies(&[mirror.clone(), portal]), "Portal", "the credited agency is not among the sources: the earliest");
    let dated = member(4, "Dated", None, Some((0, Precision::Day)));
    assert_eq!(agencies(&[dated.clone(), mirror]), "Mirror", "a day is over at its end");
    let untimed = member(5, "Untimed", None, None);
    assert_eq!(agencies(&[dated, untimed]), "Untimed", "it was filed before that day's end");
    let mut zoneless = member(6, "Zoneless", None, at(-3600));
    let said = member(7, "Said", None, at(0));
    assert_eq!(agencies(&[zoneless.clone(), said.clone()]), "Zoneless");
    zoneless.published.as_mut().unwrap().zone_source = ZoneSource::Assumed;
    assert_eq!(agencies(&[zoneless, said]), "Said", "an assumed zone may be hours off");
    assert!(dedup::same_agency("Trend", "TREND News Agency") && !dedup::same_agency("Trend", "Report News Agency"));
    assert!(dedup::same_agency("News Agency", "news agency") && !dedup::same_agency("", ""));
}

#[test]
fn the_origin_of_a_story_of_thousands_is_found_at_once() {
    let mut members: Vec<Member> =
        (0..20_000).map(|id| member(id, &format!("Mirror {}", id % 50), Some("Harbour News Agency"), None)).collect();
    members.push(member(20_000, "Harbour", Some("Harbour"), None));
    assert_eq!(dedup::origin(&members), 20_000, "a count by pairs would take minutes");
}

#[test]
fn what_differs_between_instances_of_a_form_and_what_stands_on_a_wall() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/copies/siblings.json");
    let file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for group in file["groups"].as_array().unwrap() {
        let texts = group["texts"].as_array().unwrap().iter().enumerate();
        let text = |number, text: &serde_json::Value| {
            article(&format!("desk{number}"), text["title"].as_str().unwrap(), text["body"].as_str().unwrap())
        };
        let texts: Vec<Article> = texts.map(|(number, one)| text(number, one)).collect();
        for (new, old) in texts.iter().flat_map(|new| texts.iter().map(move |old| (new, old))) {
            if new.url != old.url && relation(new, old).is_some() != group["one"].as_bool().unwrap() {
                wrong.push(format!("{}: {:?} / {:?}", group["why"], new.title, old.title));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn credits_are_found_as_desks_write_them() {
    for (text, credit) in [
        ("(PORTAL- Harbour News Agency) PORT LARON, April 23. The level", Some("Harbour News Agency")),
        ("NEW LARON, Feb 27 (Coastwire) — The minister said", Some("Coastwire")),
        ("NEW LARON (Coastwire) - The minister said", Some("Coastwire")),
        ("(Coastwire) - The minister said on Tuesday", Some("Coastwire")),
        ("The minister said.\nSource: Harbour News", Some("Harbour News")),
        ("Министр сообщил об этом.\nИсточник: Гавань", Some("Гавань")),
        ("Порт принял суда, сообщает агентство «Гавань».", Some("Гавань")),
        ("The minister said so.\n© 2025 Coastwire. All rights reserved.", Some("Coastwire")),
        ("The minister said so.\n(c) 2025 Coastwire", Some("Coastwire")),
        ("The minister said so.\nCopyright (c) 2024-2025 Coastwire.", Some("Coastwire")),
        ("The law has to (a) lower fees and (c) Protect the port.", None),
        ("Copyright Reform was on the table when the ministers met.", None),
        ("The bank (founded in 1920) - once the largest - closed.", None),
        ("The minister said on Tuesday that nothing had changed.", None),
    ] {
        assert_eq!(dedup::credit(text).as_deref(), credit, "{text}");
    }
}

#[test]
fn what_a_headline_says_of_its_text_is_believed() {
    let body = INTERVIEW.replace("18 percent", "28 percent");
    let (origin, _) = founding();
    let title = origin.title.clone().unwrap();
    for (mark, expected) in [
        (format!("UPDATE 2-{title}"), Relation::Update),
        (format!("CORRECTED-{title}"), Relation::Corrected),
        (format!("Исправлено: {title}"), Relation::Corrected),
        (format!("{title} (YENİLƏNİB)"), Relation::Update),
        (title.clone(), Relation::Edited),
    ] {
        assert_eq!(relation(&article("desk", &mark, &body), &origin), Some(expected), "{mark}");
    }
}

#[test]
fn a_document_between_two_stories_joins_them() {
    let (origin, _) = founding();
    let title = origin.title.clone().unwrap();
    let lines: Vec<&str> = INTERVIEW.lines().collect();
    let one = article("one", &title, &lines[..4].join("\n"));
    let other = article("other", &title, &[&lines[..1], &lines[4..]].concat().join("\n"));
    let whole = judged(&origin, &[filed(1, "One", &one), filed(2, "Other", &other)]);
    let Verdict::Copy { joins, .. } = &whole else { panic!("a copy of both") };
    assert_eq!(joins.len(), 1);
    assert_eq!(whole, judged(&origin, &[filed(2, "Other", &other), filed(1, "One", &one)]));
}

#[test]
fn an_amp_edition_is_the_page_when_the_text_says_so() {
    let (page, _) = founding();
    let at = |url: &str, article: &Article| Article { url: Url::parse(url).unwrap(), ..article.clone() };
    let page = at("https://harbour.example.org/news/ties-1001.html", &page);
    let amp = at("https://harbour.example.org/amp/news/ties-1001.html", &page);
    let short = Article { body: vec![head(INTERVIEW, 60)], ..at("https://m.harbour.example.org/news/ties-1001.html", &page) };
    for (new, old) in [(&amp, &page), (&page, &amp), (&page, &short)] {
        assert_eq!(judged(new, &[filed(1, "Harbour", old)]), Verdict::Revision { of: ArticleId(1) }, "{} {}", new.url, old.url);
    }
    assert_eq!(relation(&short, &page), Some(Relation::Truncated), "a part of it stands beside the page, not in its place");
    let other = at("https://harbour.example.org/amp/news/ties-1001.html", &article("x", "Customs union", FOLLOW_UP));
    assert_eq!(judged(&other, &[filed(1, "Harbour", &page)]), Verdict::Original, "the address alone says nothing");
}

#[test]
fn arrival_in_any_order_gives_one_set() {
    // Each order files the documents one after the other; a document may bridge what came before it.
    let (origin, copy) = founding();
    let title = origin.title.clone().unwrap();
    let documents = [
        origin,
        copy,
        article("short", &title, &head(INTERVIEW, 40)),
        article("desk", &format!("UPDATE 2-{title}"), &INTERVIEW.replace("18 percent", "19 percent")),
        article("harbour", "Customs union to open market for small companies - analyst", FOLLOW_UP),
    ];
    let mut orders = vec![Vec::new()];
    for next in 0..documents.len() {
        orders = orders
            .iter()
            .flat_map(|order: &Vec<usize>| {
                (0..=order.len()).map(move |place| {
                    let mut longer = order.clone();
                    longer.insert(place, next);
                    longer
                })
            })
            .collect();
    }
    assert_eq!(orders.len(), 120);
    for order in orders {
        let mut ledger: Vec<Candidate> = Vec::new();
        for &number in &order {
            let mut new = filed(number as i64, "Desk", &documents[number]);
            if let Verdict::Copy { of, joins, .. } = judged(&documents[number], &ledger) {
                new.story = ledger.iter().find(|filed| filed.article == of).unwrap().story;
                ledger.iter_mut().filter(|filed| joins.contains(&filed.story)).for_each(|filed| filed.story = new.story);
            }
            ledger.push(new);
        }
        ledger.sort_by_key(|filed| filed.article);
        let stories: Vec<bool> = ledger.iter().map(|filed| filed.story == ledger[0].story).collect();
        assert_eq!(stories, [true, true, true, true, false], "{order:?}");
    }
}

proptest! {
    #[test]
    fn nothing_breaks_on_any_text(title in ".{0,40}", one in ".{0,400}", other in "(\\PC|\\s){0,400}") {
        let (one, other) = (article("a", &title, &one), article("b", &title, &other));
        let verdict = judged(&one, &[filed(1, "B", &other)]);
        prop_assert_eq!(verdict, judged(&one, &[filed(1, "B", &other)]));
        let (there, back) = (relation(&one, &other).is_some(), relation(&other, &one).is_some());
        prop_assert_eq!(there, back, "near is near in both directions");
        prop_assert!(print_of(&one).samples.len() <= 24);
    }
}
