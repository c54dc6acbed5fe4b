//! Is the entry known, is the text filed: triage and judge, data in, data out.

use proptest::prelude::*;
use wireroom::dedup::{Selection, Thresholds, Triage, collapsed, fingerprint, judge, keys, triage};
use wireroom::model::{
    Article, ArticleId, Candidate, Entry, EntryId, EntryKey, EntryState, FeedId, KnownEntries, KnownEntry, NewEntry, Precision,
    PressTime, Relation, SourceId, StoryId, Timestamp, Url, Verdict, ZoneSource,
};

const NOW: i64 = 1_780_000_000;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn time(second: i64) -> PressTime {
    PressTime {
        at: Timestamp::from_second(second).unwrap(),
        offset_minutes: Some(0),
        precision: Precision::Instant,
        zone_source: ZoneSource::Page,
    }
}

fn entry(id: Option<&str>, url: &str, title: &str) -> Entry {
    Entry { id: id.map(str::to_owned), title: Some(title.to_owned()), ..Entry::of_page(Url::parse(url).ok(), now()) }
}

/// Triage of a document of the one feed these tests know.
fn in_feed(entries: Vec<Entry>, known: &KnownEntries, selection: &Selection, now: Timestamp) -> Triage {
    triage(FeedId(1), entries, known, selection, now)
}

/// The ledger after these entries were committed.
fn known(committed: &[NewEntry]) -> KnownEntries {
    let as_known = |(row, new): (usize, &NewEntry)| {
        let known = KnownEntry {
            id: EntryId(row as i64 + 1),
            url_key: new.url_key.clone(),
            title: new.entry.title.clone(),
            digest: new.digest,
            feed: Some(FeedId(1)),
            published: new.entry.published.or(new.entry.updated).map(|time| time.at),
            scraped_at: None,
            idle: 0,
            filed: true,
            state: EntryState::Filed,
            aside: None,
        };
        (new.key.clone(), known)
    };
    KnownEntries { entries: committed.iter().enumerate().map(as_known).collect(), ..KnownEntries::default() }
}

#[test]
fn a_second_poll_of_the_same_feed_brings_nothing() {
    let entries = vec![
        entry(Some("1"), "http://a.example.org/1", "One"),
        entry(None, "http://a.example.org/2", "Two"),
        entry(Some("3"), "not a url", "Three"),
        entry(None, "not a url", "Four"),
    ];
    let first = in_feed(entries.clone(), &KnownEntries::default(), &Selection::default(), now());
    assert_eq!((first.fresh.len(), first.changed.len(), first.unchanged), (4, 0, 0));
    assert!(first.fresh[2].skipped.is_some() && first.fresh[3].skipped.is_some(), "no link, no page, yet a row");
    let second = in_feed(entries, &known(&first.fresh), &Selection::default(), now());
    assert_eq!((second.fresh.len(), second.changed.len(), second.unchanged), (0, 0, 4));
}

#[test]
fn a_new_headline_or_a_later_update_is_a_change() {
    let mut old = entry(Some("1"), "http://a.example.org/1", "Storm nears coast");
    old.published = Some(time(NOW - 600));
    let ledger = known(&in_feed(vec![old.clone()], &KnownEntries::default(), &Selection::default(), now()).fresh);
    let mut headline = old.clone();
    headline.title = Some("Storm hits coast".to_owned());
    let mut updated = old.clone();
    updated.updated = Some(time(NOW));
    let mut spaced = old.clone();
    spaced.title = Some(" Storm  nears\ncoast ".to_owned());
    let mut moved = old.clone();
    moved.url = Url::parse("http://a.example.org/1-storm-nears").ok();
    let other_feed = triage(FeedId(2), vec![headline.clone()], &ledger, &Selection::default(), now());
    assert_eq!((other_feed.changed.len(), other_feed.unchanged), (0, 1), "another feed may word it as it likes");
    for (entry, changed) in [(headline, 1), (updated, 1), (spaced, 0), (moved, 0), (old, 0)] {
        let said = format!("{entry:?}");
        let sorted = in_feed(vec![entry], &ledger, &Selection::default(), now());
        assert_eq!((sorted.fresh.len(), sorted.changed.len()), (0, changed), "{said}");
    }
}

#[test]
fn a_reused_id_swallows_no_article() {
    let first = in_feed(
        vec![entry(Some("today"), "http://a.example.org/1", "Monday")],
        &KnownEntries::default(),
        &Selection::default(),
        now(),
    );
    let ledger = known(&first.fresh);
    let again = vec![entry(Some("today"), "http://a.example.org/2", "Tuesday")];
    let second = in_feed(again.clone(), &ledger, &Selection::default(), now());
    assert_eq!(second.fresh.len(), 1, "another page under the same id is another entry");
    let both: Vec<NewEntry> = first.fresh.into_iter().chain(second.fresh).collect();
    let third = in_feed(again, &known(&both), &Selection::default(), now());
    assert_eq!((third.fresh.len(), third.unchanged), (0, 1));
    let one_document = vec![
        entry(Some("x"), "http://a.example.org/5", "A"),
        entry(Some("x"), "http://a.example.org/6", "B"),
        entry(Some("x"), "http://a.example.org/5", "A"),
    ];
    let sorted = in_feed(one_document, &KnownEntries::default(), &Selection::default(), now());
    assert_eq!((sorted.fresh.len(), sorted.unchanged), (2, 1));
    assert_ne!(sorted.fresh[0].key, sorted.fresh[1].key);
}

#[test]
fn the_operators_selection_skips_with_a_reason() {
    let selection = Selection {
        include: vec![regex::Regex::new("/news/").unwrap()],
        exclude: vec![regex::Regex::new("(?i)horoscope").unwrap()],
        max_age: Some(std::time::Duration::from_secs(7 * 86_400)),
        ..Selection::default()
    };
    let mut old = entry(Some("4"), "http://a.example.org/news/4", "Old");
    old.published = Some(time(NOW - 8 * 86_400));
    let entries = vec![
        entry(Some("1"), "http://a.example.org/news/1", "Wanted"),
        entry(Some("2"), "http://a.example.org/sport/2", "No news"),
        entry(Some("3"), "http://a.example.org/news/3", "Your Horoscope"),
        old,
    ];
    let new_source = KnownEntries { first_poll: true, ..KnownEntries::default() };
    let skipped = |known: &KnownEntries| {
        let sorted = in_feed(entries.clone(), known, &selection, now());
        sorted.fresh.iter().map(|new| new.skipped.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(skipped(&new_source), [false, true, true, true]);
    assert_eq!(skipped(&KnownEntries::default()), [false, true, true, false], "after an outage nothing is too old");
}

const TEXT: &str = "BAKU, Azerbaijan, April 23. The ministry said on Tuesday that the new line will carry twelve trains a day from the port to the border. Officials added that tests had shown no fault.";

fn article(url: &str, canonical: Option<&str>, body: &str) -> Article {
    Article {
        canonical: canonical.map(|text| Url::parse(text).unwrap()),
        title: Some("New line".to_owned()),
        body: body.split("\n\n").map(str::to_owned).collect(),
        extractor_version: 1,
        ..Article::new(Url::parse(url).unwrap())
    }
}

/// The article as the ledger would offer it for comparison.
fn filed(id: i64, article: &Article) -> Candidate {
    let own = fingerprint(&Thresholds::default(), article, &article.url);
    let keys = std::iter::once(own.url_key.clone()).chain(own.also.clone()).collect();
    Candidate {
        article: ArticleId(id),
        story: StoryId(id * 10),
        url_key: own.url_key,
        keys,
        named: Vec::new(),
        text: own.text,
        title: article.title.clone(),
        body: article.text(),
        published_at: now(),
        is_origin: true,
        source: SourceId(id),
        agency: "Desk".to_owned(),
        credit: article.credit.clone(),
    }
}

fn verdict(new: &Article, filed: &[Candidate]) -> Verdict {
    judge(&Thresholds::default(), &fingerprint(&Thresholds::default(), new, &new.url), filed)
}

#[test]
fn the_same_page_is_a_revision_unless_its_address_was_reused() {
    let old = article("https://a.example.org/news/1?utm_source=rss", None, TEXT);
    let filed_old = [filed(1, &old)];
    let same = article("https://www.a.example.org/news/1", None, TEXT);
    assert_eq!(verdict(&same, &filed_old), Verdict::Revision { of: ArticleId(1) });
    let edited = article("https://a.example.org/news/1", None, &TEXT.replace("twelve", "fourteen"));
    assert_eq!(verdict(&edited, &filed_old), Verdict::Revision { of: ArticleId(1) });
    let other = "An orchestra from the north opened the festival with a programme of dances, and the audience in the old hall asked for three more pieces before it would let the players go home at last.";
    let reused = headed("Orchestra opens festival", article("https://a.example.org/news/1", None, other));
    assert_eq!(verdict(&reused, &filed_old), Verdict::Original, "a re-used address");
    assert_eq!(
        verdict(&article("https://a.example.org/news/1", None, other), &filed_old),
        Verdict::Revision { of: ArticleId(1) },
        "one address and one headline are one article, whatever the text"
    );
    assert_eq!(
        verdict(&article("https://a.example.org/news/1", None, "Removed."), &filed_old),
        Verdict::Revision { of: ArticleId(1) }
    );
}

fn headed(title: &str, article: Article) -> Article {
    Article { title: Some(title.to_owned()), ..article }
}

#[test]
fn a_short_page_is_not_the_page_it_calls_canonical() {
    let story = article("https://a.example.org/news/1", None, TEXT);
    let photo =
        article("https://a.example.org/photo/9", Some("https://a.example.org/news/1"), "Photo: the port at dawn, by staff.");
    assert_eq!(verdict(&photo, &[filed(1, &story)]), Verdict::Original, "a caption does not take the story's place");
    assert_eq!(verdict(&story, &[filed(1, &photo)]), Verdict::Original, "nor the story a caption's");
    let video = |number: u32, title: &str| {
        headed(
            title,
            article(
                &format!("https://a.example.org/en/clip/{number}"),
                Some("https://a.example.org/en/video/all"),
                "Watch the clip.",
            ),
        )
    };
    let first = video(1, "Storm over the harbour");
    assert_eq!(verdict(&video(2, "Market opens in the old town"), &[filed(1, &first)]), Verdict::Original);
    assert_eq!(
        verdict(&video(3, "Storm over the harbour"), &[filed(1, &first)]),
        Verdict::Revision { of: ArticleId(1) },
        "the same few words under the same headline"
    );
}

#[test]
fn a_fragment_does_not_overwrite_the_whole() {
    let whole = format!(
        "{TEXT} The first train leaves on Monday. Fares stay as they are, the ministry said, and the timetable of the old line is kept until the end of the year."
    );
    let page = article("https://a.example.org/news/1", None, &whole);
    let teaser: String = TEXT.split_inclusive(' ').take(24).collect();
    let amp = article("https://a.example.org/amp/news/1", Some("https://a.example.org/news/1"), &teaser);
    let verdict_of = verdict(&amp, &[filed(1, &page)]);
    assert!(!matches!(verdict_of, Verdict::Revision { .. }), "{verdict_of:?}");
    let named = Article { canonical: None, ..amp.clone() };
    assert!(!matches!(verdict(&named, &[filed(1, &page)]), Verdict::Revision { .. }), "nor by the customs of addresses");
    assert_eq!(verdict(&page, &[filed(1, &amp)]), Verdict::Revision { of: ArticleId(1) }, "the whole takes the fragment's place");
    let post = headed(
        "Minister boards first train",
        article(
            "https://a.example.org/live/7/post/3",
            Some("https://a.example.org/live/7"),
            "The minister boarded the first train at the port this morning and waved to the crowd on the quay.",
        ),
    );
    let live =
        headed("Live: the new line opens", article("https://a.example.org/live/7", None, &format!("{whole}\n\n{}", post.text())));
    assert!(!matches!(verdict(&post, &[filed(1, &live)]), Verdict::Revision { .. }), "one post is not the running page");
}

#[test]
fn a_wall_is_no_text_of_the_article() {
    let old = article("https://a.example.org/news/1", None, &format!("{TEXT} {}", TEXT.replace("twelve", "fourteen")));
    let own = |article: &Article| fingerprint(&Thresholds::default(), article, &article.url);
    let wall = article(
        "https://a.example.org/news/1",
        None,
        "Please enable JavaScript and cookies in your browser to continue. Your request could not be verified at this time.",
    );
    assert_eq!(verdict(&wall, &[filed(1, &old)]), Verdict::Revision { of: ArticleId(1) }, "the page keeps its article");
    assert!(collapsed(&filed(1, &old), &own(&wall)), "but the text is not the article's");
    assert!(collapsed(&filed(1, &old), &own(&article("https://a.example.org/news/1", None, "Sign in."))));
    let shorter = article("https://a.example.org/news/1", None, &TEXT.split_inclusive(' ').take(20).collect::<String>());
    assert!(!collapsed(&filed(1, &old), &own(&shorter)), "its own words, fewer");
    let brief = article("https://a.example.org/news/2", None, "The bridge is closed.");
    assert!(!collapsed(&filed(2, &brief), &own(&wall)), "a brief that grew");
}

#[test]
fn a_column_at_a_fixed_address_is_another_article_each_time() {
    let note = "The author has written on the life of the port for twenty years and lives above the fish market with two cats.";
    let monday = "Nobody asked for a second lighthouse, and yet the council wants one. Last winter three boats were lost within sight of the first, because its lamp was dark, not because there was too little of it. Mend the lamp, and the money for the rest may go to the school roof.";
    let tuesday = "Spring cleaning begins with what a family cannot throw away. In our house it was a piano without strings, in the neighbour's a sledge; both stood in the way for a generation. We carried them out together, and nobody has asked for them since.";
    let at = |title: &str, text: &str| headed(title, article("https://a.example.org/opinion", None, &format!("{text}\n\n{note}")));
    let (first, second) = (at("One lighthouse is enough", monday), at("What a piano weighs", tuesday));
    assert_eq!(verdict(&second, &[filed(1, &first)]), Verdict::Original);
    let grown = headed(
        "Council wants second lighthouse",
        article("https://a.example.org/opinion", None, &format!("{monday} The vote is on Friday.\n\n{note}")),
    );
    assert_eq!(verdict(&grown, &[filed(1, &first)]), Verdict::Revision { of: ArticleId(1) }, "a new headline over the same text");
    let rates = |day: &str, numbers: [&str; 4]| {
        let text = format!(
            "The central bank has set these rates for {day}: the dollar {}, the euro {}, the pound {} and the franc {} to the manat. They hold until the bank sets others.",
            numbers[0], numbers[1], numbers[2], numbers[3]
        );
        headed(&format!("Official rates for {day}"), article("https://a.example.org/rates", None, &text))
    };
    let (one, other) =
        (rates("June 3", ["1.7012", "1.8391", "2.1510", "1.7702"]), rates("June 4", ["1.7044", "1.8417", "2.1466", "1.7690"]));
    assert_eq!(verdict(&other, &[filed(1, &one)]), Verdict::Original, "another day's table");
    let quake = |killed: &str, hurt: &str| {
        let text = format!(
            "At least {killed} people were killed and {hurt} hurt when a quake of magnitude 6.1 struck the coast at 4.20 on June 3, the governor said. Some 900 houses fell in the old town, and 14 villages are cut off."
        );
        headed(&format!("Quake kills {killed} on coast"), article("https://a.example.org/news/8", None, &text))
    };
    assert_eq!(
        verdict(&quake("23", "61"), &[filed(1, &quake("15", "40"))]),
        Verdict::Revision { of: ArticleId(1) },
        "a toll that rises"
    );
}

#[test]
fn the_same_text_elsewhere_is_a_copy() {
    let origin = article("https://a.example.org/news/1", None, TEXT);
    let copy = article("https://b.example.net/world/77", None, &TEXT.replace('.', " . ").to_uppercase());
    let Verdict::Copy { of, relation, joins, .. } = verdict(&copy, &[filed(1, &origin)]) else { panic!("a copy") };
    assert_eq!((of, relation, joins.len()), (ArticleId(1), Relation::Exact, 0));
    let short = article("https://b.example.net/world/78", None, "More to follow.");
    assert_eq!(
        verdict(&short, &[filed(2, &article("https://a.example.org/2", None, "More to follow."))]),
        Verdict::Original,
        "too short to tell"
    );
}

#[test]
fn a_canonical_url_is_believed_only_where_it_can_be() {
    let origin = article("https://a.example.org/news/1", None, TEXT);
    let amp =
        article("https://a.example.org/amp/1", Some("https://a.example.org/news/1"), &TEXT.replace("no fault", "not one fault"));
    assert_eq!(verdict(&amp, &[filed(1, &origin)]), Verdict::Revision { of: ArticleId(1) }, "the same site, much the same text");
    let home = fingerprint(
        &Thresholds::default(),
        &article("https://a.example.org/news/9", Some("https://a.example.org/"), TEXT),
        &Url::parse("https://a.example.org/news/9").unwrap(),
    );
    assert!(home.also.is_empty() && home.foreign_canonical.is_none(), "a canonical that is the home page joins nothing");
    let elsewhere = article(
        "https://b.example.net/77",
        Some("https://a.example.org/news/1"),
        &format!("{TEXT} Our desk adds that fares stay the same."),
    );
    let Verdict::Copy { of, relation, .. } = verdict(&elsewhere, &[filed(1, &origin)]) else { panic!("a copy, never a revision") };
    assert_eq!((of, relation), (ArticleId(1), Relation::Syndicated));
    let liar = article(
        "https://b.example.net/78",
        Some("https://a.example.org/news/1"),
        "A wholly different text about gardens, roses and the weather of the coming week, in which nobody boards a train, nobody waits at a border, and all is well.",
    );
    assert_eq!(verdict(&liar, &[filed(1, &origin)]), Verdict::Original);
}

#[test]
fn a_text_that_stands_in_two_stories_joins_them() {
    let one = filed(1, &article("https://a.example.org/1", None, TEXT));
    let two = filed(2, &article("https://b.example.net/2", None, TEXT));
    let Verdict::Copy { of, joins, .. } = verdict(&article("https://c.example.com/3", None, TEXT), &[two.clone(), one.clone()])
    else {
        panic!("a copy")
    };
    assert_eq!((of, joins), (ArticleId(1), vec![StoryId(20)]));
}

fn some_entry() -> impl Strategy<Value = Entry> {
    (proptest::option::of("[ab]{0,2}"), proptest::option::of("[12]{1}"), "[xyz]{0,2}").prop_map(|(id, page, title)| Entry {
        id,
        title: Some(title),
        ..Entry::of_page(page.and_then(|page| Url::parse(&format!("http://a.example.org/{page}")).ok()), now())
    })
}

proptest! {
    #[test]
    fn triage_loses_no_entry_and_is_idempotent(entries in proptest::collection::vec(some_entry(), 0..12)) {
        let first = in_feed(entries.clone(), &KnownEntries::default(), &Selection::default(), now());
        prop_assert_eq!(first.fresh.len() + first.changed.len() + first.unchanged, entries.len());
        let mut rows: Vec<&EntryKey> = first.fresh.iter().map(|new| &new.key).collect();
        let asked = keys(&entries, &Default::default());
        prop_assert!(rows.iter().all(|key| asked.contains(key)), "the ledger is asked for every key that may be used");
        rows.sort_unstable();
        rows.dedup();
        prop_assert_eq!(rows.len(), first.fresh.len(), "keys are unique");
        for entry in &entries {
            prop_assert!(first.fresh.iter().any(|new| new.entry.url == entry.url || new.entry.title == entry.title), "no page is swallowed");
        }
        let second = in_feed(entries, &known(&first.fresh), &Selection::default(), now());
        prop_assert_eq!(second.fresh.len(), 0);
    }

    #[test]
    fn the_verdict_does_not_depend_on_the_order_of_candidates(picks in proptest::collection::vec(0usize..4, 0..6), seed in any::<u64>()) {
        let pages = [("https://a.example.org/1", TEXT), ("https://b.example.net/2", TEXT), ("https://a.example.org/3", "Short."), ("https://c.example.com/4", "Another text that is long enough to be told apart from the first one, with words about rivers, bridges, barges and the price of wheat in spring.")];
        let candidates: Vec<Candidate> = picks.iter().map(|&pick| filed(pick as i64 + 1, &article(pages[pick].0, None, pages[pick].1))).collect();
        let mut shuffled = candidates.clone();
        let length = shuffled.len().max(1);
        shuffled.rotate_left((seed as usize) % length);
        shuffled.reverse();
        let new = article("https://d.example.com/5", None, TEXT);
        prop_assert_eq!(verdict(&new, &candidates), verdict(&new, &shuffled));
    }
}

#[test]
fn short_texts_of_mixed_scripts_are_copies_of_each_other_or_not_at_all() {
    // Just long enough by one way to count words and just too short by another.
    let halves = [
        ["來с i=eh", "來с UUUU5UUUо4Ti=e:h", "來с i=eh"].join(" "),
        ["來с UUUU5UUUообщиp tTi=eh", "來собщиtTi=eh", "來с i=m", "來"].join(" "),
    ];
    let pages = ["one", "other"].map(|name| format!("https://a.example.org/news/{name}-1"));
    let mut articles = [article(&pages[0], None, &halves[0]), article(&pages[1], None, &halves[1])];
    articles.iter_mut().for_each(|article| article.title = Some("A elt4Ti=e:h".to_owned()));
    let [one, other] = &articles;
    let is_copy = |new, old| matches!(verdict(new, &[filed(1, old)]), Verdict::Copy { .. });
    assert_eq!(is_copy(one, other), is_copy(other, one));
}
