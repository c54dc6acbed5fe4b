//! Stories: near-copies in the ledger, whichever comes first and however many at once; joined and parted by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use newsweb::{Agency, Layout, NewsWeb, Plan, Reprint, Scope, Story};
use proptest::prelude::*;
use wireroom::dedup::{self, Thresholds};
use wireroom::model::{
    ArticleId, Change, ChangeNumber, Committed, EntryClaim, Evidence, Filing, Fingerprint, Member, Origin, Reconciliation,
    ScrapeOutcome, Standing, StoryId, Verdict,
};
use wireroom::store::{Role, StoreHandle, Target};

use super::operator::{Desk, LIMIT};
use super::store::{Ground, NO_PACE, Page, at, copy_of, entry, filing, scraped, source};

const DAY: i64 = 86_400;

// ---------------------------------------------------------------- a desk in small

/// Texts of some paragraphs each, alike in nothing.
fn dispatch(number: u64) -> Vec<String> {
    let towns = ["Arvik", "Belmora", "Castrel", "Dunholm", "Elsava", "Farrow", "Gildern", "Hestia"];
    let syllables = ["va", "lo", "ke", "ri", "mo", "tu", "sen", "dal"];
    let mut seed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |bound: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % bound
    };
    let mut word = || (0..2 + next(3)).map(|_| syllables[next(8) as usize]).collect::<String>();
    (0..8)
        .map(|paragraph| {
            let mut words: Vec<String> = (0..22).map(|_| word()).collect();
            words[5] = towns[(number as usize * 3 + paragraph) % 8].to_owned();
            words[11] = (number * 37 + paragraph as u64 * 411).to_string();
            format!("{}.", words.join(" "))
        })
        .collect()
}

fn page(address: &str, body: Vec<String>) -> Page {
    let mut page = Page::new(address, "").titled(&format!("Report on {}", &body[0][4..24]));
    page.body = body;
    page
}

fn own(page: &Page) -> Fingerprint {
    let article = page.article();
    Fingerprint {
        url_key: page.url.trim_start_matches("https://").to_owned(),
        ..dedup::fingerprint(&Thresholds::default(), &article, &article.url)
    }
}

/// What ingest concludes of a page, in the order it does.
fn judged(store: &StoreHandle, claim: &EntryClaim, page: &Page, now: i64) -> Filing {
    let fingerprint = own(page);
    let asked = fingerprint.clone();
    let candidates = store.read_blocking(move |reader| reader.candidates(&asked, 32)).unwrap();
    let verdict = dedup::judge(&Thresholds::default(), &fingerprint, &candidates.found);
    let verdict = dedup::respect(verdict, &candidates.found, &candidates.apart);
    let mut origin = None;
    if let Verdict::Copy { of, joins, .. } = &verdict {
        let own = candidates.found.iter().filter(|candidate| candidate.article == *of).map(|candidate| candidate.story);
        let stories: Vec<StoryId> = own.chain(joins.iter().copied()).collect();
        let mut members = store.read_blocking(move |reader| reader.members(&stories)).unwrap();
        members.push(Member {
            article: None,
            agency: claim.agency.clone(),
            credit: fingerprint.credit.clone(),
            published: page.published,
            stored_at: at(now),
        });
        origin = dedup::origin_of(&members);
    }
    Filing {
        article: page.article(),
        fingerprint,
        verdict,
        seen: candidates.seen,
        settle: false,
        change: Change::Updated,
        origin,
        drop_body: false,
        lines: Vec::new(),
    }
}

/// A page appears, is scraped, judged for good and filed.
fn publish(ground: &Ground, now: i64, page: &Page) -> ArticleId {
    ground.bring(now, vec![entry(&page.url, now)]);
    let claims = ground.entries(now, 1, wireroom::model::Scope::Due, NO_PACE);
    let filing = judged(&ground.store, &claims[0], page, now);
    match ground.commit(&claims[0], &scraped(&claims[0], now, ScrapeOutcome::Filed(Box::new(filing)))) {
        Committed::Filed(Some(article)) => article,
        other => panic!("not filed: {other:?}"),
    }
}

fn alpha() -> Ground {
    Ground::with(&[source("alpha", &["https://alpha.example.org/feed"])])
}

fn url(name: impl std::fmt::Display) -> String {
    format!("https://alpha.example.org/{name}")
}

/// The sets of pages that are one story each.
fn partition(ground: &Ground, articles: &[(String, ArticleId)]) -> BTreeSet<BTreeSet<String>> {
    let mut stories: BTreeMap<StoryId, BTreeSet<String>> = BTreeMap::new();
    for (name, id) in articles {
        stories.entry(ground.article(*id).story_id).or_default().insert(name.clone());
    }
    stories.into_values().collect()
}

fn found(ground: &Ground, page: &Page) -> Vec<ArticleId> {
    let asked = Fingerprint { text: None, url_key: "nowhere".to_owned(), ..own(page) };
    ground.ask(move |reader| reader.candidates(&asked, 32)).found.into_iter().map(|candidate| candidate.article).collect()
}

// ---------------------------------------------------------------- the index

#[test]
fn a_near_copy_is_found_while_the_window_lasts_and_after_a_restart() {
    let ground = alpha();
    let text = dispatch(1);
    let first = publish(&ground, 1, &page(&url("first"), text.clone()));
    let head = page(&url("head"), text[..4].to_vec());
    assert_eq!(found(&ground, &head), [first], "half of a text finds the whole");
    assert_eq!(found(&ground, &page(&url("other"), dispatch(2))), [], "and another text does not");
    // Six days later it is still there, after eight it is not.
    for (now, expected) in [(6 * DAY, 1), (8 * DAY, 0)] {
        while ground.write(move |ledger| ledger.maintain(at(now), Duration::from_millis(50))) {}
        assert_eq!(found(&ground, &head).len(), expected, "after {} days", now / DAY);
        assert_eq!(ground.sql::<i64>("SELECT count(*) FROM sample"), expected as i64);
    }
    let again = publish(&ground, 8 * DAY, &page(&url("again"), text.clone()));
    assert_eq!(ground.article(again).duplicate_of, Some(first), "the very text is known for ever");
    assert_eq!(ground.article(again).relation.as_deref(), Some("exact"));
    assert_eq!(found(&ground, &head), [again], "and is findable by what it shares from now on");
    ground.store.close();
    let store = StoreHandle::open(&ground.settings(), Role::Lanes).unwrap();
    let asked = own(&head);
    let after = store.read_blocking(move |reader| reader.candidates(&asked, 32)).unwrap();
    assert_eq!(
        after.found.iter().map(|candidate| candidate.article).collect::<Vec<_>>(),
        [again],
        "memory is made again from the rows"
    );
    store.close();
}

#[test]
fn a_text_that_is_replaced_or_taken_down_is_found_no_more() {
    let ground = alpha();
    let (old, new) = (dispatch(3), dispatch(4));
    let id = publish(&ground, 1, &page(&url("a"), old.clone()));
    ground.write(|ledger| ledger.retry(&Target::Article(ArticleId(1)), at(2)));
    let claims = ground.entries(3, 1, wireroom::model::Scope::Due, NO_PACE);
    let revised = page(&url("a"), new.clone());
    let mut filing = judged(&ground.store, &claims[0], &revised, 3);
    filing.verdict = Verdict::Revision { of: id };
    ground.commit(&claims[0], &scraped(&claims[0], 3, ScrapeOutcome::Filed(Box::new(filing))));
    assert_eq!(found(&ground, &page(&url("x"), new[..4].to_vec())), [id]);
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM sample"), 1);
    ground.write(move |ledger| ledger.forget(&Target::Article(id), at(4)));
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM sample"), 0);
    assert_eq!(found(&ground, &page(&url("x"), new[..4].to_vec())), []);
}

#[test]
fn what_every_text_carries_finds_nothing() {
    let ground = alpha();
    let notice =
        "Reproduction of this dispatch in whole or in part needs the written consent of the desk that made it, in every case.";
    for number in 0..80 {
        let mut text = dispatch(100 + number)[..1].to_vec();
        text.push(notice.to_owned());
        publish(&ground, number as i64 + 1, &page(&url(number), text));
    }
    let mut text = dispatch(500)[..1].to_vec();
    text.push(notice.to_owned());
    assert_eq!(found(&ground, &page(&url("new"), text)), [], "a sample of more than 64 texts says nothing");
}

#[test]
fn another_way_of_sampling_empties_the_index() {
    let ground = alpha();
    assert!(!ground.write(|ledger| ledger.bind_fingerprint(1)), "a new ledger has nothing to lose");
    let first = page(&url("a"), dispatch(5));
    let id = publish(&ground, 1, &first);
    assert!(!ground.write(|ledger| ledger.bind_fingerprint(1)));
    assert_eq!(found(&ground, &first), [id]);
    assert!(ground.write(|ledger| ledger.bind_fingerprint(2)));
    assert_eq!(found(&ground, &first), []);
    let later = publish(&ground, 2, &page(&url("b"), dispatch(6)));
    assert_eq!(found(&ground, &page(&url("c"), dispatch(6))), [later]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// The index in memory answers as a plain count over the rows would, whatever came and went.
    #[test]
    fn the_index_is_its_rows(texts in proptest::collection::vec((proptest::collection::btree_set(0u32..400, 0..24), 0i64..20), 1..200), probe in proptest::collection::btree_set(0u32..400, 2..24)) {
        let ground = alpha();
        // Hashes are spread over all numbers, as real ones are.
        let spread = |set: &BTreeSet<u32>| {
            let mut all: Vec<u32> = set.iter().map(|number| number.wrapping_mul(0x9e37_79b9)).collect();
            all.sort_unstable();
            all
        };
        let mut expected: Vec<(u64, ArticleId)> = Vec::new();
        let mut holders: BTreeMap<u32, usize> = BTreeMap::new();
        let mut filed = Vec::new();
        for (number, (samples, _)) in texts.iter().enumerate() {
            let page = page(&url(number), dispatch(number as u64));
            ground.bring(number as i64 + 1, vec![entry(&page.url, number as i64 + 1)]);
            let claims = ground.entries(number as i64 + 1, 1, wireroom::model::Scope::Due, NO_PACE);
            let mut commit = filing(&claims[0], number as i64 + 1, &page, Verdict::Original, ChangeNumber(i64::MAX));
            if let ScrapeOutcome::Filed(filing) = &mut commit.outcome {
                filing.fingerprint.samples = spread(samples);
            }
            let Committed::Filed(Some(id)) = ground.commit(&claims[0], &commit) else { panic!("not filed") };
            filed.push((id, samples.clone()));
            samples.iter().for_each(|sample| *holders.entry(*sample).or_default() += 1);
        }
        for (id, samples) in &filed {
            let common: Vec<u64> = samples.intersection(&probe).map(|sample| holders[sample] as u64).filter(|texts| *texts <= 64).collect();
            if common.len() >= 2.min(probe.len()) {
                // The rarer a sample, the more it counts.
                expected.push((common.iter().map(|texts| 720_720 / texts).sum(), *id));
            }
        }
        expected.sort_unstable_by(|one, other| other.cmp(one));
        expected.truncate(8);
        let asked = Fingerprint { url_key: "nowhere".to_owned(), samples: spread(&probe), ..Fingerprint::default() };
        let answer: Vec<ArticleId> = ground.ask(move |reader| reader.candidates(&asked, 32)).found.into_iter().map(|candidate| candidate.article).collect();
        prop_assert_eq!(answer, expected.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
    }
}

/// A clock that ran ahead once, or is put right, is no reason to keep every text that came after.
#[test]
fn a_text_filed_in_the_future_does_not_hold_up_the_window() {
    let ground = alpha();
    let ahead = page(&url("ahead"), dispatch(7));
    publish(&ground, 1, &ahead);
    let clock = format!("UPDATE sample SET filed_at = filed_at + {}", 400 * DAY);
    rusqlite::Connection::open(ground.path()).unwrap().execute_batch(&clock).unwrap();
    let texts: Vec<Page> = (0..3).map(|number| page(&url(number), dispatch(8 + number))).collect();
    for (now, text) in (2..).zip(&texts) {
        publish(&ground, now, text);
    }
    let upkeep = |now: i64| while ground.write(move |ledger| ledger.maintain(at(now), Duration::from_millis(50))) {};
    upkeep(8 * DAY);
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM sample"), 1, "what came after it has left");
    // At the next start its own window begins.
    ground.write(|ledger| ledger.recover(at(8 * DAY)));
    assert_eq!(found(&ground, &ahead).len(), 1);
    upkeep(16 * DAY);
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM sample"), 0);
    assert_eq!(found(&ground, &ahead), []);
}

/// A notice that stands in the place of many articles, each under its own headline, makes no story of them.
#[test]
fn a_text_under_very_many_headlines_joins_nothing() {
    let ground = alpha();
    let notice = dispatch(90);
    let headed = |number: u64| page(&url(number), notice.clone()).titled(&dispatch(200 + number)[0][..40]);
    let ids: Vec<ArticleId> = (0..40).map(|number| publish(&ground, number as i64 + 1, &headed(number))).collect();
    let articles = |id: ArticleId| {
        let story = ground.article(id).story_id;
        ground.ask(move |reader| reader.story(story)).unwrap().articles
    };
    assert!(articles(ids[0]) <= 17, "{} articles are one story", articles(ids[0]));
    assert!(ids[20..].iter().all(|id| articles(*id) == 1), "nor do later ones join it");
    // A text that all run under one headline is a story, however many run it.
    let ground = alpha();
    let release = dispatch(91);
    let ids: Vec<ArticleId> = (0..40).map(|number| publish(&ground, number + 1, &page(&url(number), release.clone()))).collect();
    assert!(ids[1..].iter().all(|id| ground.article(*id).duplicate_of == Some(ids[0])));
}

// ---------------------------------------------------------------- the order of arrival

/// Whole texts, heads, edited ones and unrelated ones, each story of five: whatever the order, the same sets.
#[test]
fn the_order_of_arrival_changes_the_origin_and_never_the_set() {
    let mut pages: Vec<(String, Vec<String>, i64)> = Vec::new();
    for story in 0..4u64 {
        let text = dispatch(1000 + story);
        let name = |kind: &str| format!("{story}-{kind}");
        pages.push((name("whole"), text.clone(), 0));
        pages.push((name("reprint"), text.clone(), 3600));
        let mut credited = text.clone();
        credited[0] = format!("(PORTAL- Alpha News Agency) {}", credited[0]);
        pages.push((name("credited"), credited, 7200));
        pages.push((name("head"), text[..5].to_vec(), 10_800));
        let mut edited = text.clone();
        edited.remove(4);
        pages.push((name("edited"), edited, 14_400));
    }
    let expected: BTreeSet<BTreeSet<String>> = (0..4)
        .map(|story| ["whole", "reprint", "credited", "head", "edited"].iter().map(|kind| format!("{story}-{kind}")).collect())
        .collect();
    for round in 0..6u64 {
        let mut order: Vec<usize> = (0..pages.len()).collect();
        let mut seed = round.wrapping_mul(0x2545_f491_4f6c_dd1d) | 1;
        for place in (1..order.len()).rev() {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            order.swap(place, (seed % (place as u64 + 1)) as usize);
        }
        if round == 0 {
            order.sort_unstable();
        }
        let ground = alpha();
        let mut filed = Vec::new();
        for (now, index) in order.iter().enumerate() {
            let (name, body, published) = &pages[*index];
            let page = page(&url(name), body.clone()).published(*published, wireroom::model::Precision::Instant);
            filed.push((name.clone(), publish(&ground, now as i64 + 1, &page)));
        }
        assert_eq!(partition(&ground, &filed), expected, "round {round}, order {order:?}");
        for (name, id) in filed.iter().filter(|(name, _)| name.ends_with("whole")) {
            assert_eq!(ground.article(*id).duplicate_of, None, "{name} was first, whenever it arrived (round {round})");
        }
    }
}

// ---------------------------------------------------------------- at one instant

#[test]
fn a_verdict_is_overtaken_by_a_near_copy_that_came_since() {
    let ground = alpha();
    let text = dispatch(20);
    let (first, second) = (page(&url("1"), text.clone()), page(&url("2"), text[..6].to_vec()));
    ground.bring(1, vec![entry(&first.url, 1), entry(&second.url, 1)]);
    let claims = ground.entries(1, 2, wireroom::model::Scope::Due, NO_PACE);
    let pages = [&first, &second];
    let filings: Vec<Filing> = claims.iter().zip(pages).map(|(claim, page)| judged(&ground.store, claim, page, 2)).collect();
    assert!(filings.iter().all(|filing| filing.verdict == Verdict::Original), "neither saw the other");
    let commit = |index: usize, filing: &Filing| {
        ground.commit(&claims[index], &scraped(&claims[index], 2, ScrapeOutcome::Filed(Box::new(filing.clone()))))
    };
    let Committed::Filed(Some(one)) = commit(0, &filings[0]) else { panic!("not filed") };
    let Committed::Overtaken(newer, _) = commit(1, &filings[1]) else { panic!("not overtaken") };
    assert_eq!(newer.iter().map(|candidate| candidate.article).collect::<Vec<_>>(), [one]);
    let again = judged(&ground.store, &claims[1], &second, 3);
    let Committed::Filed(Some(two)) = commit(1, &again) else { panic!("not filed") };
    assert_eq!(ground.article(two).duplicate_of, Some(one));
}

/// After the last round an article is filed as it was judged; then it is judged again, and the stories become one.
#[test]
fn what_was_settled_unseen_is_reconciled() {
    let ground = alpha();
    let text = dispatch(21);
    let (first, second) = (page(&url("1"), text.clone()), page(&url("2"), text[..6].to_vec()));
    ground.bring(1, vec![entry(&first.url, 1), entry(&second.url, 1)]);
    let claims = ground.entries(1, 2, wireroom::model::Scope::Due, NO_PACE);
    let mut filings: Vec<Filing> =
        claims.iter().zip([&first, &second]).map(|(claim, page)| judged(&ground.store, claim, page, 2)).collect();
    filings[1].settle = true;
    let ids: Vec<ArticleId> = claims
        .iter()
        .zip(filings)
        .map(|(claim, filing)| match ground.commit(claim, &scraped(claim, 2, ScrapeOutcome::Filed(Box::new(filing)))) {
            Committed::Filed(Some(id)) => id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_ne!(ground.article(ids[0]).story_id, ground.article(ids[1]).story_id);
    let waiting = ground.ask(|reader| reader.unreconciled(10));
    assert_eq!(waiting, [ids[1]], "the ledger knows what it owes");

    let filed = ground.ask({
        let id = ids[1];
        move |reader| reader.filed_article(id)
    });
    let filed = filed.unwrap();
    assert_eq!(filed.article.body, second.body);
    let fingerprint = dedup::fingerprint(&Thresholds::default(), &filed.article, &filed.article.url);
    let mut candidates = ground.ask(move |reader| reader.candidates(&fingerprint, 32));
    dedup::joinable(filed.story, &mut candidates);
    let verdict = dedup::judge(&Thresholds::default(), &own(&second), &candidates.found);
    assert!(matches!(verdict, Verdict::Copy { of, .. } if of == ids[0]), "{verdict:?}");
    let said = Reconciliation { article: ids[1], standing: Standing::Stays, verdict, origin: Some(ids[0]) };
    for _ in 0..2 {
        let said = said.clone();
        ground.write(move |ledger| ledger.reconcile(&said, at(3)));
        assert_eq!(ground.article(ids[1]).duplicate_of, Some(ids[0]));
        assert_eq!(ground.article(ids[1]).relation.as_deref(), Some("truncated"));
        assert!(ground.ask(|reader| reader.unreconciled(10)).is_empty());
    }
}

/// Near-copies, released at one instant from behind a gate, through the real binary.
#[test]
fn near_copies_released_at_one_instant_are_one_story_each() {
    let pairs = 100;
    let quiet = |name: &str| Agency { items: 0, window: 500, layout: Layout::Modern, ..Agency::new(name) };
    let names = [("origin-a", "mirror-a"), ("origin-b", "mirror-b")];
    let web = NewsWeb::start(Plan::of(names.iter().flat_map(|(origin, mirror)| [quiet(origin), quiet(mirror)]))).unwrap();
    let mut published = Vec::new();
    for number in 0..pairs {
        let (origin, mirror) = names[number % 2];
        let first = web.publish(origin, Story::new());
        // Both texts of a pair are near-copies for whoever has seen one of them: an edited one keeps the headline's words.
        let how = [Reprint::Whole, Reprint::Edited, Reprint::Truncated(4)][number / 2 % 3];
        let copy = web.reprint(mirror, &first.url, how).url;
        if how == Reprint::Edited {
            let mut headline = String::new();
            web.edit(&first.url, |article| headline.clone_from(&article.title));
            web.edit(&copy, |article| article.title = format!("{headline}, officials say"));
        }
        published.push((first.url.clone(), copy));
    }
    let mut desk = Desk::of(&web);
    desk.fetch.push_str("concurrency = 320\n");
    desk.fetch = desk.fetch.replace("per_host_connections = 8", "per_host_connections = 60");
    let gates: Vec<_> = web.agencies().into_iter().map(|agency| web.hold(Scope::Articles(agency))).collect();
    desk.write();
    let mut run = desk.command(&["once"]).spawn().unwrap();
    for gate in &gates {
        gate.wait_for(LIMIT, pairs / 2).unwrap();
    }
    for gate in gates {
        gate.release();
    }
    assert!(run.wait().unwrap().success());
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 2 * pairs as i64, "no article is lost to a merge");
    let apart: Vec<_> = published
        .iter()
        .filter(|(one, other)| {
            ledger.count(&format!("select count(distinct story_id) from articles where url in ('{one}', '{other}')")) != 1
        })
        .collect();
    assert_eq!(apart, Vec::<&(String, String)>::new(), "{} of {pairs} pairs are two stories", apart.len());
    assert_eq!(ledger.count("select count(*) from stories"), pairs as i64, "and no two pairs are one");
    assert_eq!(ledger.count("select count(*) from articles where relation is null"), pairs as i64);
    assert_eq!(ledger.count("select count(*) from unreconciled"), 0, "nothing is owed at the end of a run");
}

/// A text that holds those of two stories makes them one: what is said of each names the article that it is about.
#[test]
fn what_is_said_of_a_copy_names_the_article_it_is_about() {
    let ground = alpha();
    let hour = |hour: i64, page: Page| page.published(hour * 3600, wireroom::model::Precision::Instant);
    let (one, other) = (dispatch(80), dispatch(81));
    let a = publish(&ground, 1, &hour(1, page(&url("a"), one.clone())));
    let b = publish(&ground, 2, &hour(2, page(&url("b"), other.clone())));
    let again = publish(&ground, 3, &hour(3, page(&url("again"), other.clone())));
    let headless = publish(&ground, 4, &hour(4, page(&url("headless"), other[..7].to_vec())));
    assert_eq!(ground.article(headless).evidence.unwrap().via, None, "it was laid beside its origin");
    // The bridge, filed with what the judge says of it and of `a`.
    let both = hour(5, page(&url("c"), [one.clone(), other.clone()].concat()));
    ground.bring(5, vec![entry(&both.url, 5)]);
    let claims = ground.entries(5, 1, wireroom::model::Scope::Due, NO_PACE);
    let mut filing = judged(&ground.store, &claims[0], &both, 5);
    filing.origin = Some(Origin::Filed(a));
    filing.verdict = Verdict::Copy {
        of: a,
        joins: vec![ground.article(b).story_id],
        relation: wireroom::model::Relation::Update,
        evidence: Evidence { why: "all of the shorter text".to_owned(), containment: 99, ..Evidence::default() },
    };
    let Committed::Filed(Some(c)) = ground.commit(&claims[0], &scraped(&claims[0], 5, ScrapeOutcome::Filed(Box::new(filing))))
    else {
        panic!("not filed")
    };
    let said = |id: ArticleId| {
        let row = ground.article(id);
        let evidence = row.evidence.unwrap();
        (row.duplicate_of, row.relation.unwrap(), evidence.via, evidence.containment)
    };
    let of =
        |origin: ArticleId, relation: &str, via: Option<ArticleId>, percent: u8| (Some(origin), relation.to_owned(), via, percent);
    assert_eq!(said(c), of(a, "update", None, 99));
    assert_eq!(said(b), of(a, "edited", Some(c), 0), "nobody laid it beside the origin");
    assert_eq!(said(again), of(a, "edited", Some(b), 100), "the same as one that is not the origin");
    assert_eq!((said(headless).0, said(headless).2), (Some(a), Some(b)));
    // The origin moves: a copy of the story's first text that was published before it.
    let early = publish(&ground, 6, &hour(0, page(&url("early"), other.clone())));
    assert_eq!(ground.article(early).duplicate_of, None);
    assert_eq!(said(b), of(early, "exact", Some(c), 0));
    assert_eq!(said(again), of(early, "exact", Some(b), 100));
    assert_eq!(said(c), of(early, "update", Some(a), 99), "what is said of it is still about the former origin");
    let all = [a, b, c, again, headless].map(|id| ground.article(id).evidence.unwrap().via);
    assert!(all.iter().all(|via| *via != Some(early)));
    // One that equals a copy and not the origin relates to the origin as that copy does.
    let late = publish(&ground, 7, &hour(9, page(&url("late"), other[..7].to_vec())));
    assert_eq!(ground.article(late).relation, ground.article(headless).relation);
}

// ---------------------------------------------------------------- by hand

#[test]
fn what_was_joined_and_parted_by_hand_stays_so() {
    let ground = alpha();
    let (one, other) = (dispatch(30), dispatch(31));
    let a = publish(&ground, 1, &page(&url("a"), one.clone()));
    let b = publish(&ground, 2, &page(&url("b"), one.clone()));
    let c = publish(&ground, 3, &page(&url("c"), other.clone()));
    let story = |id: ArticleId| ground.article(id).story_id;
    assert_eq!((story(a) == story(b), story(a) == story(c)), (true, false));

    let stories = [story(a), story(c)];
    ground.write(move |ledger| ledger.merge(&stories, a, at(4)));
    assert_eq!(story(c), story(a));
    assert_eq!(ground.article(c).duplicate_of, Some(a));
    assert_eq!(ground.article(c).evidence.unwrap().why, "merged by hand");

    let before = ground.article(b).seq;
    ground.write(move |ledger| ledger.split(b, None, at(5))).unwrap();
    assert_ne!(story(b), story(a));
    assert!(ground.article(b).seq > before, "consumers hear of it");
    assert_eq!(ground.article(b).duplicate_of, None);

    // A later arrival that carries the text of both joins one of them, and does not join the two.
    let d = publish(&ground, 6, &page(&url("d"), one.clone()));
    assert_ne!(story(a), story(b), "the parting holds");
    assert!(story(d) == story(a) || story(d) == story(b));
    // Nor does judging again what is filed.
    let said = Reconciliation { article: b, standing: Standing::Stays, verdict: copy_of(a), origin: None };
    ground.write(move |ledger| ledger.reconcile(&said, at(7)));
    assert_ne!(story(a), story(b));

    // The last word by hand stands.
    let stories = [story(a), story(b)];
    ground.write(move |ledger| ledger.merge(&stories, a, at(8)));
    assert_eq!((story(a), story(d)), (story(b), story(b)));
    assert_eq!(ground.sql::<i64>("SELECT count(*) FROM ruling WHERE same = 0"), 0);
    ground.write(move |ledger| ledger.split(a, Some(b), at(9))).unwrap();
    assert_eq!(ground.article(b).duplicate_of, None, "the heir that was named");
    assert_eq!(ground.article(d).duplicate_of, Some(b));
    let alone = publish(&ground, 10, &page(&url("e"), dispatch(32)));
    assert_eq!(ground.write(move |ledger| ledger.split(alone, None, at(11))), None, "there is nothing to part it from");
    assert!(ground.store.write_blocking(|ledger| ledger.merge(&[StoryId(1), StoryId(999)], ArticleId(1), at(12))).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is published, joined, parted and taken down in whatever order: the ledger is sound afterwards.
    #[test]
    fn any_order_of_hands_leaves_sound_stories(steps in proptest::collection::vec((0u8..6, 0usize..12, 0usize..12), 5..40)) {
        let ground = alpha();
        let mut ids: Vec<ArticleId> = Vec::new();
        for (number, (what, one, other)) in steps.into_iter().enumerate() {
            let now = number as i64 + 1;
            let live: Vec<ArticleId> = ids.iter().copied().filter(|id| { let id = *id; ground.ask(move |reader| reader.article(id)).is_some() }).collect();
            let pick = |place: usize| live.get(place % live.len().max(1)).copied();
            match (what, pick(one), pick(other)) {
                (0, Some(a), Some(b)) => {
                    let stories = [ground.article(a).story_id, ground.article(b).story_id];
                    if stories[0] != stories[1] {
                        ground.write(move |ledger| ledger.merge(&stories, b, at(now)));
                    }
                }
                (1, Some(a), _) => drop(ground.write(move |ledger| ledger.split(a, None, at(now)))),
                (2, Some(a), _) => drop(ground.write(move |ledger| ledger.forget(&Target::Article(a), at(now)))),
                _ => {
                    let text = dispatch(40 + one as u64 % 4);
                    let body = if other % 3 == 0 { text[..5].to_vec() } else { text };
                    ground.bring(now, vec![entry(&url(number), now)]);
                    let claims = ground.entries(now, 1, wireroom::model::Scope::Due, NO_PACE);
                    let page = page(&url(number), body);
                    let mut filing = judged(&ground.store, &claims[0], &page, now);
                    filing.drop_body = other % 2 == 0 && matches!(filing.verdict, Verdict::Copy { .. }) && filing.origin != Some(Origin::Own);
                    if let Committed::Filed(Some(id)) = ground.commit(&claims[0], &scraped(&claims[0], now, ScrapeOutcome::Filed(Box::new(filing)))) {
                        ids.push(id);
                    }
                }
            }
        }
    }
}

// ---------------------------------------------------------------- policy

/// A page is filed under `keep = "first"`.
fn publish_first(ground: &Ground, now: i64, page: &Page) -> ArticleId {
    ground.bring(now, vec![entry(&page.url, now)]);
    let claims = ground.entries(now, 1, wireroom::model::Scope::Due, NO_PACE);
    let mut filing = judged(&ground.store, &claims[0], page, now);
    filing.drop_body = dedup::drops_body(dedup::Keep::First, &filing.verdict, filing.origin);
    match ground.commit(&claims[0], &scraped(&claims[0], now, ScrapeOutcome::Filed(Box::new(filing)))) {
        Committed::Filed(Some(article)) => article,
        other => panic!("not filed: {other:?}"),
    }
}

/// The page of an article says something else now.
fn revise(ground: &Ground, now: i64, of: ArticleId, page: &Page) {
    ground.write(move |ledger| ledger.retry(&Target::Article(of), at(now)));
    let claims = ground.entries(now, 1, wireroom::model::Scope::Due, NO_PACE);
    let mut filing = judged(&ground.store, &claims[0], page, now);
    filing.verdict = Verdict::Revision { of };
    filing.settle = true;
    ground.commit(&claims[0], &scraped(&claims[0], now, ScrapeOutcome::Filed(Box::new(filing))));
}

#[test]
fn a_copy_without_a_body_is_found_compared_and_gets_its_own_when_the_other_goes() {
    let ground = alpha();
    let text = dispatch(50);
    let a = publish_first(&ground, 1, &page(&url("a"), text.clone()));
    let copy = page(&url("b"), text.clone());
    let b = publish_first(&ground, 2, &copy);
    let row = ground.article(b);
    assert_eq!((row.body.as_str(), row.body_of, row.title.as_deref()), ("", Some(a), Some(copy.title.as_str())));
    assert_eq!(row.relation.as_deref(), Some("exact"));
    assert!(row.words > 50, "what it said is still known: {}", row.words);
    let asked = own(&page(&url("c"), text[..5].to_vec()));
    let candidates = ground.ask(move |reader| reader.candidates(&asked, 32)).found;
    assert!(candidates.iter().all(|candidate| candidate.body == text.join("\n\n")), "the other's body stands for it");
    assert_eq!(candidates.len(), 2);
    let before = row.seq;
    ground.write(move |ledger| ledger.forget(&Target::Article(a), at(3)));
    let row = ground.article(b);
    assert_eq!((row.duplicate_of, row.body_of), (None, None));
    assert_eq!(row.body, text.join("\n\n"), "its own text, which is the same to the letter");
    assert!(row.seq > before, "consumers hear of it");
}

/// What differs from the origin in a word says something that stands nowhere else.
#[test]
fn only_what_is_kept_to_the_letter_goes_without_a_body() {
    let ground = alpha();
    let text = dispatch(51);
    let a = publish_first(&ground, 1, &page(&url("a"), text.clone()));
    let mut longer = text.clone();
    longer.extend(dispatch(52)[..3].to_vec());
    let mut edited = text.clone();
    edited.remove(4);
    let others = [("head", text[..6].to_vec()), ("longer", longer), ("edited", edited)];
    for (now, (name, body)) in (2..).zip(others) {
        let id = publish_first(&ground, now, &page(&url(name), body.clone()));
        let row = ground.article(id);
        assert_eq!(row.duplicate_of, Some(a), "{name}");
        assert_eq!((row.body, row.body_of), (body.join("\n\n"), None), "{name}");
    }
    // One that equals a copy, and not the origin, hangs on the copy.
    let head = publish_first(&ground, 9, &page(&url("again"), text[..6].to_vec()));
    let (row, first) = (ground.article(head), ArticleId(2));
    assert_eq!((row.duplicate_of, row.body_of, row.body.as_str()), (Some(a), Some(first), ""));
    // Nothing of another article is given to an heir.
    ground.write(move |ledger| ledger.forget(&Target::Article(a), at(10)));
    assert_eq!(ground.article(first).body, text[..6].join("\n\n"));
    // An heir whose text stands elsewhere gets it from there.
    ground.write(move |ledger| ledger.split(head, None, at(11)));
    let row = ground.article(head);
    assert_eq!((row.body, row.body_of), (text[..6].join("\n\n"), None));
}

#[test]
fn a_copys_body_outlives_what_becomes_of_the_page_it_stood_on() {
    let ground = alpha();
    let text = dispatch(53);
    let a = publish_first(&ground, 1, &page(&url("a"), text.clone()));
    let b = publish_first(&ground, 2, &page(&url("b"), text.clone()));
    let c = publish_first(&ground, 3, &page(&url("c"), text.clone()));
    assert_eq!((ground.article(b).body_of, ground.article(c).body_of), (Some(a), Some(a)));
    // A copy whose own page changes: what it said goes into its history.
    revise(&ground, 4, c, &page(&url("c"), dispatch(54)));
    assert_eq!(ground.article(c).body, dispatch(54).join("\n\n"));
    let former = "SELECT body FROM revision WHERE article_id = 3 AND revision = 1";
    assert_eq!(ground.sql::<String>(former), text.join("\n\n"));
    // The page whose body stands for the others'.
    revise(&ground, 5, a, &page(&url("a"), dispatch(55)));
    assert_eq!(ground.article(a).body, dispatch(55).join("\n\n"));
    let row = ground.article(b);
    assert_eq!((row.body, row.body_of), (text.join("\n\n"), None), "a copy never says what another page says now");
    // Moved by hand into a story of another text.
    let d = publish_first(&ground, 6, &page(&url("d"), dispatch(56)));
    let e = publish_first(&ground, 7, &page(&url("e"), text.clone()));
    assert_eq!(ground.article(e).body_of, Some(b));
    let stories = [ground.article(d).story_id, ground.article(e).story_id];
    ground.write(move |ledger| ledger.merge(&stories, d, at(8)));
    let row = ground.article(e);
    assert_eq!((row.duplicate_of, row.body_of), (Some(d), Some(b)), "the body is still that of the very text");
}

#[test]
fn a_replay_begins_at_the_first_article_of_its_time() {
    let ground = alpha();
    let days = [1, 2, 3, 7, 8, 8, 12];
    let ids: Vec<ArticleId> = (0..)
        .zip(days)
        .map(|(number, day)| publish(&ground, day * DAY + number, &page(&url(number), dispatch(300 + number as u64))))
        .collect();
    ground.write({
        let gone = ids[3];
        move |ledger| ledger.forget(&Target::Article(gone), at(13 * DAY))
    });
    let since = |day: i64, after: i64, limit: usize| {
        let filed = ground.ask(move |reader| reader.filed(ArticleId(after), at(day * DAY), limit));
        filed.into_iter().map(|filed| filed.id).collect::<Vec<_>>()
    };
    assert_eq!(since(-9, 0, 10), [&ids[..3], &ids[4..]].concat());
    assert_eq!(since(5, 0, 10), ids[4..]);
    assert_eq!(since(5, 0, 2), ids[4..6]);
    assert_eq!(since(5, ids[5].0, 10), ids[6..]);
    assert_eq!(since(12, 0, 10), ids[6..]);
    assert_eq!(since(13, 0, 10), []);
}

/// The origin among very many: a desk's notice under hundreds of texts must not stop the lane.
#[test]
fn the_origin_of_a_very_large_story_is_found_at_once() {
    let member = |number: i64| dedup::Member {
        article: ArticleId(number),
        agency: format!("Agency {}", number % 40),
        credit: (number % 3 == 0).then(|| "Agency 7 News".to_owned()),
        published: None,
        filed_at: at(number),
    };
    let members: Vec<dedup::Member> = (0..4000).map(member).collect();
    let begun = tokio::time::Instant::now();
    let origin = dedup::origin(&members);
    assert_eq!((members[origin].agency.as_str(), members[origin].article), ("Agency 7", ArticleId(7)));
    assert!(begun.elapsed() < Duration::from_secs(5), "sixteen million pairs of names: {:?}", begun.elapsed());
}

#[test]
fn a_renamed_agency_is_told_to_those_who_copy_from_it() {
    let agencies = [source("alpha", &["https://alpha.example.org/feed"]), source("beta", &[])];
    let ground = Ground::with(&agencies);
    let a = publish(&ground, 1, &page(&url("a"), dispatch(60)));
    // The copy is beta's: its row moves there, as if its feed had brought it.
    let b = publish(&ground, 2, &page(&url("b"), dispatch(60)));
    rusqlite::Connection::open(ground.path())
        .unwrap()
        .execute_batch("UPDATE article SET source_id = 2 WHERE id = 2; UPDATE story SET sources = 2;")
        .unwrap();
    let before = (ground.article(a).seq, ground.article(b).seq);
    assert_eq!(ground.article(b).origin, "alpha news");
    let mut renamed = agencies.clone();
    renamed[0].agency = "Alpha Press".to_owned();
    ground.sync(&renamed, 3);
    assert_eq!(ground.article(b).origin, "Alpha Press");
    assert!(ground.article(a).seq > before.0 && ground.article(b).seq > before.1, "both rows changed, both are told");
}

#[test]
fn the_verbs_join_and_part_beside_the_daemon_and_its_later_arrivals() {
    let web = NewsWeb::start(Plan::of(["wire", "portal", "mirror"].map(|name| Agency { items: 0, ..Agency::new(name) }))).unwrap();
    let first = web.publish("wire", Story::new());
    let copy = web.reprint("portal", &first.url, Reprint::Edited);
    let other = web.publish("wire", Story::new());
    let desk = Desk::of(&web);
    desk.write();
    let daemon = desk.start();
    daemon.wait_for_line("wireroom is running");
    let ledger = desk.ledger();
    ledger.wait_for("select count(*) from articles", 3);
    let of = |column: &str, url: &str| ledger.count(&format!("select {column} from articles where url = '{url}'"));
    assert_eq!(of("story_id", &first.url), of("story_id", &copy.url), "an edited reprint is found");

    let told = desk.say(&["story", &of("story_id", &first.url).to_string()]);
    assert!(told.contains("2 articles of 2 sources") && told.contains("%"), "{told}");
    let told: serde_json::Value =
        serde_json::from_str(&desk.say(&["story", &of("story_id", &first.url).to_string(), "--json"])).unwrap();
    assert!(
        told["articles"][1]["evidence"]["containment"].as_i64().unwrap() > 50 && told["articles"][1]["delay_s"].is_i64(),
        "{told}"
    );

    let split = of("id", &copy.url).to_string();
    assert!(desk.say(&["split", &split]).contains("is story"));
    assert_ne!(of("story_id", &first.url), of("story_id", &copy.url));
    assert_eq!(desk.run(&["split", &split]).status.code(), Some(1), "it is alone already");
    // A reprint of the same text: what was parted stays parted.
    let late = web.reprint("mirror", &first.url, Reprint::Whole);
    ledger.wait_for(&format!("select count(*) from articles where url = '{}'", late.url), 1);
    assert_ne!(of("story_id", &first.url), of("story_id", &copy.url));
    // And a page that is read again.
    desk.say(&["retry", &split]);
    let merged = desk.say(&["merge", &of("story_id", &first.url).to_string(), &of("story_id", &other.url).to_string()]);
    assert!(merged.contains("articles now"), "{merged}");
    assert_eq!(of("story_id", &first.url), of("story_id", &other.url));
    assert_ne!(of("story_id", &first.url), of("story_id", &copy.url));
    assert_eq!(desk.run(&["merge", "1", "999"]).status.code(), Some(1));
    drop(ledger);
    assert_eq!(daemon.stop().code(), Some(0));

    let seq = desk.ledger().count("select value from sequence");
    let tried = desk.say(&["dedup", "--replay", "--set", "containment=90"]);
    assert!(tried.contains("4 articles") && tried.contains("would be joined"), "{tried}");
    let tried: serde_json::Value = serde_json::from_str(&desk.say(&["dedup", "--replay", "--since", "1d", "--json"])).unwrap();
    assert_eq!(tried["articles"], 4, "{tried}");
    assert_eq!(tried["pairs_parted"], 0, "what was merged by hand is one story with any settings: {tried}");
    assert_eq!(tried["pairs_joined"], 0, "and what was parted by hand is not: {tried}");
    assert_eq!(desk.run(&["dedup", "--replay", "--set", "nosuch=1"]).status.code(), Some(1));
    assert_eq!(desk.ledger().count("select value from sequence"), seq, "a replay writes nothing");
}

#[test]
fn the_operator_says_whose_texts_are_compared_and_what_is_kept() {
    let names = ["wire", "portal", "rates"];
    let web = NewsWeb::start(Plan::of(names.map(|name| Agency { items: 0, ..Agency::new(name) }))).unwrap();
    let first = web.publish("wire", Story::new());
    let mut desk = Desk::empty();
    desk.allow(&names.map(|name| web.host(name)));
    desk.schedule.push_str("[dedup]\nkeep = \"first\"\n");
    desk.source("wire", &web.feed("wire"), "");
    desk.source("portal", &web.feed("portal"), "");
    desk.source("rates", &web.feed("rates"), "dedup = \"off\"");
    desk.once();
    let copy = web.reprint("portal", &first.url, Reprint::Whole);
    let beside = web.reprint("rates", &first.url, Reprint::Whole);
    desk.once();
    let ledger = desk.ledger();
    let text = |column: &str, url: &str| ledger.text(&format!("select {column} from articles where url = '{url}'"));
    let copies = format!("select count(*) from articles where url = '{}' and duplicate_of is not null", copy.url);
    assert_eq!(ledger.count(&copies), 1);
    assert_eq!(text("body", &copy.url).as_deref(), Some(""), "the copy goes without its body");
    assert_eq!(ledger.count("select count(*) from articles where body_of is not null"), 1);
    assert!(text("body", &first.url).is_some_and(|body| body.len() > 100));
    assert_eq!(
        ledger.count(&format!(
            "select count(*) from articles where url = '{}' and duplicate_of is null and length(body) > 100",
            beside.url
        )),
        1,
        "a source that is off has no copies and is none"
    );
    assert_eq!(ledger.count("select count(*) from stories"), 2);
    let tried: serde_json::Value = serde_json::from_str(&desk.say(&["dedup", "--replay", "--json"])).unwrap();
    assert_eq!((&tried["pairs_joined"], &tried["pairs_parted"]), (&0.into(), &0.into()), "nor in a replay: {tried}");
}
