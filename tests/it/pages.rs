//! Which page is which article: what a canonical URL may claim, what one take-down bars, and what a later look may do.

use std::fmt::Write as _;
use std::time::Duration;

use newsweb::{Agency, NewsWeb, Plan, Response};
use wireroom::model::{ArticleId, StoryId};

use super::operator::{Desk, Ledger};
use super::store::{Ground, Page, at, source};

/// A web of agencies without stories of their own.
fn web(names: &[&str]) -> NewsWeb {
    NewsWeb::start(Plan::of(names.iter().map(|name| Agency { items: 0, ..Agency::new(name) }))).unwrap()
}

/// A page of an agency.
fn page(title: &str, canonical: Option<&str>, paragraphs: &[String]) -> Response {
    let canonical = canonical.map(|url| format!("<link rel=\"canonical\" href=\"{url}\">")).unwrap_or_default();
    let body: String = paragraphs.iter().map(|text| format!("<p>{text}</p>\n")).collect();
    Response::html(format!(
        "<!DOCTYPE html><html lang=\"en\"><head><title>{title}</title>{canonical}</head>\
         <body><main><article><h1>{title}</h1>\n<div itemprop=\"articleBody\">{body}</div></article></main></body></html>"
    ))
}

/// A feed that lists pages in this order, each with what it says of it.
fn list(web: &NewsWeb, agency: &str, items: &[(&str, &str)]) -> String {
    let mut feed =
        String::from("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>The feed</title><link/><description/>");
    for (title, url) in items {
        write!(feed, "<item><title>{title}</title><link>{url}</link><guid>{url}</guid></item>").unwrap();
    }
    feed.push_str("</channel></rss>");
    web.set_page(agency, "/feed.rss", Response::bytes("application/rss+xml", feed))
}

/// A text of some paragraphs about a place, alike to no text about another.
fn text(place: &str, paragraphs: usize) -> Vec<String> {
    let syllables = ["va", "lo", "ke", "ri", "mo", "tu", "sen", "dal", "pi", "gor", "ne", "sha"];
    let mut seed = place.bytes().fold(7_u64, |seed, byte| seed.wrapping_mul(0x0100_0193) ^ u64::from(byte)) | 1;
    let mut next = |bound: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % bound
    };
    (0..paragraphs)
        .map(|_| {
            let mut words: Vec<String> =
                (0..26).map(|_| (0..2 + next(3)).map(|_| syllables[next(12) as usize]).collect()).collect();
            words[4] = place.to_owned();
            words[9] = (100 + next(9000)).to_string();
            format!("The {} and the {}.", words[..13].join(" "), words[13..].join(" "))
        })
        .collect()
}

/// A desk that follows these agencies by the feeds that `list` writes.
fn desk(web: &NewsWeb, names: &[&str]) -> Desk {
    let mut desk = Desk::empty();
    desk.allow(&names.iter().map(|name| web.host(name)).collect::<Vec<_>>());
    for name in names {
        desk.source(name, &web.url(name, "/feed.rss"), "");
    }
    desk
}

fn of(ledger: &Ledger, column: &str, url: &str) -> Option<String> {
    ledger.text(&format!("select max({column}) from articles where url = '{url}'"))
}

// ---------------------------------------------------------------- what a canonical URL may claim

#[test]
fn a_gallery_that_names_a_story_does_not_stand_for_it() {
    let web = web(&["gazette"]);
    let (story, gallery) = (web.url("gazette", "/news/2026-storm-story"), web.url("gazette", "/gallery/2026-storm-pictures"));
    let own = text("Arvik", 6);
    web.set_page("gazette", "/news/2026-storm-story", page("Storm closes the harbour", None, &own));
    let captions = vec![
        "Fishing boats lie on the beach after the night, and children look for shells between broken masts and nets of the fleet."
            .to_owned(),
        "A gull rests on the harbour office, whose roof the storm has carried off into the neighbouring car park.".to_owned(),
    ];
    web.set_page("gazette", "/gallery/2026-storm-pictures", page("Pictures of the storm", Some(&story), &captions));
    list(&web, "gazette", &[("Pictures of the storm", &gallery), ("Storm closes the harbour", &story)]);
    let desk = desk(&web, &["gazette"]);
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(web.requests_for(&story).len(), 1, "what a gallery says of a story is no reading of it");
    assert!(of(&ledger, "body", &story).unwrap().contains(&own[5]));
    assert!(of(&ledger, "body", &gallery).unwrap().contains("gull"));
    assert_eq!(ledger.count("select count(*) from articles"), 2);
    assert_eq!(ledger.count("select count(distinct article_id) from entries where state = 'filed'"), 2);
}

#[test]
fn one_take_down_bars_one_page() {
    let web = web(&["gazette"]);
    // A section that is not known as one by its address, and that every page calls canonical.
    let section = web.url("gazette", "/en/all-the-news");
    let urls: Vec<String> = (1..=4).map(|it| web.url("gazette", &format!("/en/2026-story-{it}"))).collect();
    let notice =
        "This story is for subscribers: to go on reading, take out a subscription or log in with the address that you gave us.";
    let listed = |count: usize| -> Vec<(String, String)> {
        (0..count)
            .map(|it| {
                (
                    ["Harbour frozen", "Baker wins lottery", "Tram strike ends", "New mayor sworn in"][it].to_owned(),
                    urls[it].clone(),
                )
            })
            .collect()
    };
    for (it, place) in ["Arvik", "Belmora", "Castrel", "Dunholm"].iter().enumerate() {
        // The last two are barred by a wall that says the same on both.
        let body = if it < 2 { text(place, 5) } else { vec![notice.to_owned()] };
        let title = listed(4)[it].0.clone();
        web.set_page("gazette", &format!("/en/2026-story-{}", it + 1), page(&title, (it < 2).then_some(section.as_str()), &body));
    }
    let say = |count: usize| {
        let items = listed(count);
        let items: Vec<(&str, &str)> = items.iter().map(|(title, url)| (title.as_str(), url.as_str())).collect();
        list(&web, "gazette", &items);
    };
    let desk = desk(&web, &["gazette"]);
    say(1);
    desk.once();
    desk.say(&["forget", &urls[0]]);
    say(3);
    desk.once();
    let ledger = desk.ledger();
    assert!(of(&ledger, "body", &urls[0]).is_none());
    assert!(of(&ledger, "body", &urls[1]).is_some(), "one page is taken down, not all that name the section");
    let state = |url: &str| ledger.pairs(&format!("select state, coalesce(reason, '') from entries where url = '{url}'"));
    assert_eq!(state(&urls[0]), [("skipped".to_owned(), "taken down".to_owned())]);
    say(4);
    desk.once();
    desk.say(&["forget", &urls[2]]);
    let fifth = web.url("gazette", "/en/2026-story-5");
    web.set_page("gazette", "/en/2026-story-5", page("Another headline", None, &[notice.to_owned()]));
    list(&web, "gazette", &[("Another headline", &fifth)]);
    desk.once();
    assert!(of(&ledger, "body", &fifth).is_some(), "a notice that stands on many pages bars none of them");
}

// ---------------------------------------------------------------- what a later look may do

/// What a site shows to whom it takes for a robot.
fn wall(title: &str) -> Response {
    let notice =
        "Please enable JavaScript and cookies in your browser to go on to the page that you asked for, and then load it once more.";
    page(title, None, &[notice.to_owned()])
}

#[test]
fn a_wall_takes_nothing_from_an_article_when_its_page_is_asked_for_again() {
    let web = web(&["gazette"]);
    let url = web.url("gazette", "/news/2026-ferry");
    let own = text("Elsava", 6);
    let good = || page("Ferry line to close in spring", None, &own);
    web.set_page("gazette", "/news/2026-ferry", good());
    list(&web, "gazette", &[("Ferry line to close in spring", &url)]);
    let mut desk = desk(&web, &["gazette"]);
    desk.once();
    let ledger = desk.ledger();
    let sound = |what: &str| {
        assert_eq!(ledger.count("select count(*) from articles"), 1, "{what}");
        assert_eq!(ledger.count("select revision from articles"), 1, "{what}");
        assert!(of(&ledger, "body", &url).unwrap().contains(&own[5]), "{what}");
        assert_eq!(ledger.count("select count(*) from articles where retracted_at is not null"), 0, "{what}");
    };
    for title in ["Ferry line to close in spring", "Just a moment"] {
        web.set_page("gazette", "/news/2026-ferry", wall(title));
        desk.say(&["retry", &url]);
        desk.once();
        sound(title);
        assert_eq!(ledger.count("select count(*) from entries where state = 'pending'"), 1, "it is to be asked for again");
    }
    // With the last attempt the look is over, and the entry what it was.
    desk.schedule.push_str("scrape_attempts = 1\n");
    desk.say(&["retry", &url]);
    desk.once();
    sound("the last attempt");
    assert_eq!(ledger.count("select count(*) from entries where state = 'filed' and article_id is not null"), 1);
    // The page itself, corrected by a word, is a revision again.
    let mut corrected = own.clone();
    corrected[5].push_str(" The ferry is not the only one.");
    web.set_page("gazette", "/news/2026-ferry", page("Ferry line to close in spring", None, &corrected));
    desk.say(&["retry", &url]);
    desk.once();
    assert_eq!(ledger.count("select revision from articles"), 2);
    assert!(of(&ledger, "body", &url).unwrap().ends_with("not the only one."));
}

#[test]
fn a_wall_takes_nothing_from_an_article_when_its_page_is_looked_at_again() {
    let web = web(&["gazette"]);
    let own = text("Farrow", 6);
    let url = web.set_page("gazette", "/news/2026-mill", page("Mill burns down", None, &own));
    list(&web, "gazette", &[("Mill burns down", &url)]);
    let mut desk = desk(&web, &["gazette"]);
    desk.schedule = "min_interval = \"1h\"\nmax_interval = \"2h\"\nrechecks = [\"2s\", \"4s\", \"6s\", \"30d\"]\n".to_owned();
    desk.daemon = "idle = \"200ms\"\n".to_owned();
    let daemon = desk.start();
    daemon.wait_for_line("wireroom is running");
    let ledger = desk.ledger();
    ledger.wait_for("select count(*) from articles", 1);
    web.set_page("gazette", "/news/2026-mill", wall("Just a moment"));
    web.wait_for_answers(Duration::from_secs(60), 3, &url).unwrap();
    let mut longer = own.clone();
    longer.push("Nobody was hurt, the owner said later.".to_owned());
    web.set_page("gazette", "/news/2026-mill", page("Mill burns down", None, &longer));
    ledger.wait_for("select revision from articles where revision > 1 union all select 0", 2);
    assert_eq!(ledger.count("select count(*) from articles"), 1);
    assert_eq!(ledger.count("select count(*) from revisions"), 2, "the wall is none of them");
    assert!(of(&ledger, "body", &url).unwrap().contains(&own[5]));
    assert!(daemon.stop().success());
}

#[test]
fn a_page_that_is_gone_when_the_feed_says_it_changed_is_retracted() {
    let web = web(&["gazette"]);
    let paths = ["/news/2026-gone", "/news/2026-missing", "/news/2026-ailing"];
    let titles = ["Court frees the baker", "Bridge named after a poet", "Snow halts the trams"];
    let places = ["Gildern", "Hestia", "Arvik"];
    let urls: Vec<String> =
        (0..3).map(|it| web.set_page("gazette", paths[it], page(titles[it], None, &text(places[it], 5)))).collect();
    let say = |suffix: &str| {
        let said: Vec<String> = titles.iter().map(|title| format!("{title}{suffix}")).collect();
        let items: Vec<(&str, &str)> = said.iter().map(String::as_str).zip(urls.iter().map(String::as_str)).collect();
        list(&web, "gazette", &items);
    };
    say("");
    let desk = desk(&web, &["gazette"]);
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 3);
    let looks = ledger.count("select count(*) from entry where recheck_at is not null");
    for (path, status) in paths.iter().zip([410, 404, 503]) {
        web.set_page("gazette", path, Response::status(status));
    }
    say(", once more");
    desk.once();
    let retracted = |url: &str| of(&ledger, "retracted_at", url).is_some();
    assert_eq!(urls.iter().map(|url| retracted(url)).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(ledger.count("select count(*) from entries where state = 'failed'"), 0, "what is filed is no failure");
    let due = |url: &str| ledger.count(&format!("select count(*) from entry where url = '{url}' and recheck_at is not null"));
    assert_eq!(looks, 3);
    assert_eq!((due(&urls[0]), due(&urls[1]), due(&urls[2])), (0, 1, 1), "trouble cancels no look that is due");
    for url in &urls {
        desk.run(&["retry", url]);
    }
    desk.once();
    assert_eq!(urls.iter().map(|url| retracted(url)).collect::<Vec<_>>(), [true, true, false], "missing twice is withdrawn");
    assert_eq!(ledger.count("select count(*) from articles where length(body) > 100"), 3, "and the texts stay");
}

#[test]
fn a_new_tracking_parameter_makes_no_copy_of_what_is_filed() {
    let web = web(&["gazette"]);
    let own = text("Belmora", 5);
    web.set_page("gazette", "/news/2026-tower", page("Tower leans again", None, &own));
    let url = web.url("gazette", "/news/2026-tower?spot=front");
    list(&web, "gazette", &[("Tower leans again", &url)]);
    let mut desk = desk(&web, &["gazette"]);
    desk.once();
    let ledger = desk.ledger();
    desk.schedule.push_str("[dedup]\ntracking_parameters = [\"spot\"]\n");
    for words in ["", " It will be held by ropes."] {
        let mut now = own.clone();
        now[4].push_str(words);
        web.set_page("gazette", "/news/2026-tower", page("Tower leans again", None, &now));
        desk.say(&["retry", "1"]);
        desk.once();
    }
    // A cut is a revision as well: the new address is the page's own.
    web.set_page("gazette", "/news/2026-tower", page("Tower leans again", None, &own[..3]));
    desk.say(&["retry", "1"]);
    desk.once();
    assert_eq!(ledger.count("select count(*) from articles"), 1);
    assert_eq!(ledger.count("select revision from articles"), 3);
}

#[test]
fn an_address_that_the_feed_gives_to_another_article_is_another_article() {
    let web = web(&["gazette"]);
    let url = web.set_page("gazette", "/editorial", page("On the price of bread", None, &text("Castrel", 5)));
    list(&web, "gazette", &[("On the price of bread", &url)]);
    let desk = desk(&web, &["gazette"]);
    desk.once();
    web.set_page("gazette", "/editorial", page("Schools need music", None, &text("Hestia", 5)));
    list(&web, "gazette", &[("Schools need music", &url)]);
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 2);
    assert_eq!(ledger.count("select count(*) from revisions"), 2);
    // Without its word, the next text of a page that we ask for is the next text of its article.
    web.set_page("gazette", "/editorial", page("Harbour dues to rise", None, &text("Dunholm", 5)));
    desk.say(&["retry", &url]);
    desk.once();
    assert_eq!(ledger.count("select count(*) from articles"), 2);
    assert_eq!(ledger.count("select count(*) from revisions"), 3);
}

// ---------------------------------------------------------------- what a revision means for the story

#[test]
fn a_flash_joins_the_story_that_its_full_text_is_of_and_leaves_it_when_it_tells_another() {
    let web = web(&["wire", "portal"]);
    let full = text("Arvik", 6);
    let flash = web.set_page(
        "portal",
        "/2026-flash",
        page("Arvik harbour closed", None, &["Arvik harbour is closed, more to follow soon.".to_owned()]),
    );
    let whole = web.set_page("wire", "/2026-whole", page("Storm closes Arvik harbour", None, &full));
    list(&web, "portal", &[("Arvik harbour closed", &flash)]);
    list(&web, "wire", &[("Storm closes Arvik harbour", &whole)]);
    let desk = desk(&web, &["wire", "portal"]);
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from stories"), 2);
    web.set_page("portal", "/2026-flash", page("Storm closes Arvik harbour", None, &full));
    desk.say(&["retry", &flash]);
    desk.once();
    assert_eq!(ledger.count("select count(*) from stories"), 1, "the full text is one that the other filed before");
    assert_eq!(ledger.count("select count(*) from articles"), 2);
    assert_eq!(ledger.count("select count(*) from articles where relation = 'exact'"), 1);
    // Written on, it is a copy still, and no exact one.
    let mut longer = full.clone();
    longer.extend(text("Elsava", 2));
    web.set_page("portal", "/2026-flash", page("Storm closes Arvik harbour", None, &longer));
    desk.say(&["retry", &flash]);
    desk.once();
    assert_eq!(ledger.count("select count(*) from stories"), 1);
    assert_eq!(ledger.count("select count(*) from articles where relation = 'exact'"), 0);
    // Another text: the story is not its any more.
    web.set_page("portal", "/2026-flash", page("Choir wins a prize", None, &text("Hestia", 6)));
    desk.say(&["retry", &flash]);
    desk.once();
    assert_eq!(ledger.count("select count(*) from stories"), 2);
    assert_eq!(ledger.count("select count(*) from articles where duplicate_of is not null"), 0);
    assert_eq!(ledger.count("select count(*) from stories where articles = 1"), 2);
}

#[test]
fn what_was_joined_by_hand_is_not_parted_by_a_revision() {
    let web = web(&["wire"]);
    let urls: Vec<String> = ["Arvik", "Belmora"]
        .iter()
        .map(|place| web.set_page("wire", &format!("/2026-{place}"), page(&format!("Fair in {place}"), None, &text(place, 5))))
        .collect();
    list(&web, "wire", &[("Fair in Arvik", &urls[0]), ("Fair in Belmora", &urls[1])]);
    let desk = desk(&web, &["wire"]);
    desk.once();
    desk.say(&["merge", "1", "2"]);
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from stories"), 1);
    web.set_page("wire", "/2026-Belmora", page("Fair in Belmora", None, &text("Castrel", 5)));
    desk.say(&["retry", &urls[1]]);
    desk.once();
    assert_eq!(ledger.count("select max(revision) from articles"), 2);
    assert_eq!(ledger.count("select count(*) from stories"), 1);
}

// ---------------------------------------------------------------- pages that change at every fetch

#[test]
fn a_page_that_swings_between_two_texts_stands_still_after_a_few_revisions() {
    let web = web(&["gazette"]);
    let (one, mut other) = (text("Gildern", 5), text("Gildern", 5));
    other[0] = "This paragraph is shown to every second reader, to find out which of them reads on for longer.".to_owned();
    let url = web.set_page("gazette", "/news/2026-test", page("Readers are tested", None, &one));
    list(&web, "gazette", &[("Readers are tested", &url)]);
    let desk = desk(&web, &["gazette"]);
    desk.once();
    for text in [&other, &one].into_iter().cycle().take(9) {
        web.set_page("gazette", "/news/2026-test", page("Readers are tested", None, text));
        desk.say(&["retry", &url]);
        desk.once();
    }
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from revisions"), 4, "each text twice");
}

#[test]
fn a_page_that_is_new_at_every_fetch_has_so_many_revisions_and_its_newest_text() {
    let web = web(&["gazette"]);
    let own = text("Hestia", 5);
    let at = |it: usize| {
        let mut now = own.clone();
        now.push(format!("Read also what the paper printed in its issue number {it} about the orchards of the valley."));
        page("Orchards bloom early", None, &now)
    };
    let url = web.set_page("gazette", "/news/2026-orchards", at(0));
    list(&web, "gazette", &[("Orchards bloom early", &url)]);
    let desk = desk(&web, &["gazette"]);
    desk.once();
    for it in 1..=16 {
        web.set_page("gazette", "/news/2026-orchards", at(it));
        desk.say(&["retry", &url]);
        desk.once();
    }
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from revisions"), 12);
    assert!(of(&ledger, "body", &url).unwrap().contains("issue number 16"), "what the page says now is what is told");
    assert_eq!(ledger.count("select max(seq) from revisions"), ledger.count("select max(seq) from revisions where revision = 12"));
}

// ---------------------------------------------------------------- the ledger alone

#[test]
fn a_look_planned_by_a_clock_that_ran_ahead_comes_back_into_reach() {
    let ground = Ground::with(&[source("alpha", &["https://alpha.example.org/feed"])]);
    ground.publish(1, &Page::new("https://alpha.example.org/1", "Text"), wireroom::model::Verdict::Original);
    let db = rusqlite::Connection::open(ground.path()).unwrap();
    db.execute_batch("UPDATE entry SET recheck_at = '2999-01-01T00:00:00.000000Z'").unwrap();
    ground.write(|ledger| ledger.recover(at(2)));
    let due: String = ground.sql("SELECT recheck_at FROM entry");
    assert!(due.as_str() < "2100", "{due}");
    assert!(ground.sql::<String>("SELECT scrape_due_at FROM host WHERE scrape_due_at IS NOT NULL").as_str() <= due.as_str());
    db.execute_batch("UPDATE entry SET recheck_at = NULL; UPDATE host SET scrape_due_at = NULL").unwrap();
}

#[test]
fn candidates_named_by_the_asker_come_with_what_was_ruled_and_whose_they_are() {
    let ground = Ground::with(&[source("alpha", &["https://alpha.example.org/feed"])]);
    let ids: Vec<ArticleId> = ["one", "two"]
        .iter()
        .map(|name| {
            ground.publish(1, &Page::new(&format!("https://alpha.example.org/{name}"), name), wireroom::model::Verdict::Original)
        })
        .collect();
    let stories: Vec<StoryId> = ids.iter().map(|id| ground.article(*id).story_id).collect();
    let (first, second) = (ids[0], ids[1]);
    ground.write({
        let stories = stories.clone();
        move |ledger| ledger.merge(&stories, first, at(2))
    });
    ground.write(move |ledger| ledger.split(second, None, at(3)));
    let own = wireroom::model::Fingerprint { url_key: "elsewhere.example.org/".to_owned(), ..Default::default() };
    let known = ids.clone();
    let candidates = ground.ask(move |reader| reader.candidates_and(&own, &known, 32));
    assert_eq!(candidates.found.iter().map(|candidate| candidate.article).collect::<Vec<_>>(), ids);
    assert_eq!(candidates.apart.len(), 1);
    assert_eq!(candidates.desks.len(), 1);
}
