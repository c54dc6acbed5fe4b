//! Which page is which article: what a canonical URL may claim, what one take-down bars, and what a later look may do.

use std::fmt::Write as _;
use std::time::Duration;

use newsweb::{Agency, NewsWeb, Plan, Response};

use super::operator::{Desk, Ledger};

/// A web of agencies without stories of their own.
fn web(names: &[&str]) -> NewsWeb {
    NewsWeb::start(Plan::of(names.iter().map(|name| Agency { items: 0, ..Agency::new(*name) }))).unwrap()
}

/// A page of an agency.
fn page(title: &str, canonical: Option<&str>, paragraphs: &[String]) -> Response {
    let canonical = canonical.map(|url| format!("<link rel=\"canonical\" href=\"{url}\">")).unwrap_or_default();
    let body: String = paragraphs.iter().map(|text| format!("<p>{text}</p>\n")).collect();
    Response::html(format!(
        "<!DOCTYPE html><html lang=\"en\"><head><title>{title}</title>{canonical}</head>\
         <body><main><article><h1>{title}</h1>\n{body}</article></main></body></html>"
    ))
}

/// A feed that lists pages in this order, each with what it says of it.
fn list(web: &NewsWeb, agency: &str, items: &[(&str, &str)]) -> String {
    let mut feed = String::from("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>The feed</title><link/><description/>");
    for (title, url) in items {
        write!(feed, "<item><title>{title}</title><link>{url}</link><guid>{url}</guid></item>").unwrap();
    }
    feed.push_str("</channel></rss>");
    web.set_page(agency, "/feed.rss", Response::bytes("application/rss+xml", feed))
}

/// A text of some paragraphs about a place, alike to no text about another.
fn text(place: &str, paragraphs: usize) -> Vec<String> {
    let seed: usize = place.bytes().map(usize::from).sum();
    let words = ["quay", "pilot", "ledger", "barge", "council", "signal", "winter", "market", "bridge", "orchard", "kiln", "mayor"];
    let verbs = ["counted", "moved", "praised", "refused", "opened", "measured", "painted", "sold", "feared", "closed", "named"];
    (0..paragraphs)
        .map(|it| {
            let pick = |list: &[&str], step: usize| list[(seed * step + it * 7 + step * step) % list.len()].to_owned();
            let mut line = format!("In {place} the {} {} the {}", pick(&words, 1), pick(&verbs, 2), pick(&words, 3));
            for step in 4..9 {
                write!(line, " while a {} {} {place}s {}", pick(&words, step), pick(&verbs, step + 5), pick(&words, step + 9)).unwrap();
            }
            format!("{line}, said {} of {}.", seed * 3 + it, seed + it * 11)
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
        "Fishing boats lie on the beach after the night, and children look for shells between broken masts and nets of the fleet.".to_owned(),
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
    let notice = "This story is for subscribers: to go on reading, take out a subscription or log in with the address that you gave us.";
    let listed = |count: usize| -> Vec<(String, String)> {
        (0..count).map(|it| (format!("Headline {} of the day", ["north", "east", "south", "west"][it]), urls[it].clone())).collect()
    };
    for (it, place) in ["Arvik", "Belmora", "Castrel", "Dunholm"].iter().enumerate() {
        // The last two are barred by a wall that says the same on both.
        let body = if it < 2 { text(place, 5) } else { vec![notice.to_owned()] };
        let title = listed(4)[it].0.clone();
        web.set_page("gazette", &format!("/en/2026-story-{}", it + 1), page(&title, Some(&section), &body));
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
