//! Later looks at filed pages, through the real daemon: corrections and withdrawals become revisions.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use newsweb::{Agency, NewsWeb, Plan, Response, Story};
use wireroom::dedup::{self, Absence};
use wireroom::model::{Article, Change, Failure, Trouble, Url};
use wireroom::schedule::{Policy, next_recheck};

use crate::operator::Desk;

/// A daemon's desk that polls each feed once and looks at pages again after these ages.
fn desk(web: &NewsWeb, rechecks: &str) -> Desk {
    let mut desk = Desk::of(web);
    desk.schedule = format!("min_interval = \"1h\"\nmax_interval = \"2h\"\nrechecks = {rechecks}\n");
    desk.daemon = "idle = \"200ms\"\n".to_owned();
    desk
}

/// The path of an address.
fn path(url: &str) -> &str {
    &url[url.match_indices('/').nth(2).unwrap().0..]
}

#[test]
fn a_corrected_page_becomes_a_corrected_revision_without_the_feed_saying_so() {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, ..Agency::new("gazette") }])).unwrap();
    let own = web.publish("gazette", Story::new());
    let still = web.publish("gazette", Story::new());
    let desk = desk(&web, r#"["2s", "4s", "30d"]"#);
    let daemon = desk.start();
    daemon.wait_for_line("wireroom is running");
    let ledger = desk.ledger();
    ledger.wait_for("select count(*) from articles", 2);
    let before = ledger.text("select body from articles order by url limit 1").unwrap();
    web.correct(&own.url);
    ledger.wait_for("select count(*) from revisions where change = 'corrected'", 1);
    web.wait_for_answers(Duration::from_secs(60), 3, &still.url).unwrap();
    assert_eq!(ledger.count("select count(*) from articles"), 2);
    assert_eq!(ledger.count(&format!("select revision from articles where url = '{}'", own.url)), 2);
    let looks = web.requests_for(&still.url);
    assert_eq!(
        looks.iter().map(|look| look.status).collect::<Vec<_>>(),
        [200, 304, 304],
        "an unchanged page costs its server little"
    );
    assert_eq!(ledger.count("select count(*) from entries where state <> 'filed'"), 0);
    assert!(daemon.stop().success());

    let id = ledger.count("select article_id from revisions where change = 'corrected'");
    let diff = desk.say(&["show", &id.to_string(), "--diff"]);
    assert!(diff.contains("(corrected)") && diff.contains("[-") && diff.contains("{+"), "{diff}");
    let json: serde_json::Value = serde_json::from_str(&desk.say(&["show", &id.to_string(), "--diff", "--json"])).unwrap();
    assert_eq!(json["diff"][0]["change"], "corrected");
    assert_ne!(before, "");
    // A run by hand is about what is new: it looks at nothing that is filed.
    let asked = web.log().len();
    desk.once();
    assert_eq!(web.requests_for(&still.url).len(), 3, "{asked}");
}

#[test]
fn a_withdrawn_page_is_retracted_and_its_text_stays() {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, ..Agency::new("gazette") }])).unwrap();
    let taken_back = web.publish("gazette", Story::new());
    let missing = web.publish("gazette", Story::new());
    let ailing = web.publish("gazette", Story::new());
    let desk = desk(&web, r#"["2s", "4s", "6s", "30d"]"#);
    let daemon = desk.start();
    daemon.wait_for_line("wireroom is running");
    let ledger = desk.ledger();
    ledger.wait_for("select count(*) from articles where length(body) > 100", 3);
    web.withdraw(&taken_back.url);
    web.set_page("gazette", path(&missing.url), Response::status(404));
    web.set_page("gazette", path(&ailing.url), Response::status(503));
    ledger.wait_for("select count(*) from revisions where change = 'retracted'", 2);
    web.wait_for_answers(Duration::from_secs(60), 4, &ailing.url).unwrap();
    let retracted = "select count(*) from articles where retracted_at is not null and length(body) > 100";
    assert_eq!(ledger.count(retracted), 2);
    assert_eq!(ledger.count(&format!("{retracted} and url = '{}'", ailing.url)), 0, "a server in trouble takes nothing back");
    assert_eq!(ledger.count("select count(*) from entries where state = 'filed'"), 3);
    assert_eq!(web.requests_for(&taken_back.url).len(), 2, "what is gone is not asked for again");
    assert_eq!(web.requests_for(&missing.url).len(), 3, "one 404 may be a bad hour, two are an answer");
    assert!(daemon.stop().success());
}

#[test]
fn looks_come_at_the_ages_asked_for_and_end() {
    let policy = Policy { rechecks: vec![Duration::from_secs(3600), Duration::from_secs(86_400)], ..Policy::default() };
    let born: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let after = |hours: i64| born + SignedDuration::from_hours(hours);
    assert_eq!(next_recheck(&policy, born, born, 0.0), Some(after(1)));
    assert_eq!(next_recheck(&policy, born, after(1), 0.0), Some(after(24)), "the look just had does not come again");
    assert_eq!(next_recheck(&policy, born, after(24), 0.0), None);
    assert_eq!(next_recheck(&policy, born, after(24 * 400), 0.5), None, "an old article of a new source is left alone");
    assert!(next_recheck(&policy, born, born, 0.9).unwrap() > after(1), "jitter only lengthens");
    assert_eq!(next_recheck(&Policy { rechecks: Vec::new(), ..policy }, born, born, 0.0), None);
    assert_eq!(next_recheck(&Policy::default(), Timestamp::MAX, Timestamp::MAX, 1.0), None);
}

fn article(title: &str, body: &[&str]) -> Article {
    Article {
        title: Some(title.to_owned()),
        body: body.iter().map(|line| (*line).to_owned()).collect(),
        extractor_version: 1,
        ..Article::new(Url::parse("https://gazette.example.org/1").unwrap())
    }
}

#[test]
fn a_correction_says_so_and_an_update_does_not() {
    let cases = [
        ("Port reopens", "The port reopened on Monday.", Change::Updated),
        ("UPDATE 1-Port reopens", "The port reopened on Monday, officials said.", Change::Updated),
        ("CORRECTED-Port reopens", "The port reopened on Monday.", Change::Corrected),
        ("Port reopens", "(Corrects day in paragraph 1) The port reopened on Tuesday.", Change::Corrected),
        ("Port reopens", "Correction: an earlier version of this article named the wrong port.", Change::Corrected),
        ("Hafen wieder offen", "Korrektur: In einer früheren Fassung stand ein falscher Tag.", Change::Corrected),
        ("ИСПРАВЛЕНО: порт открыт", "Порт открылся в понедельник.", Change::Corrected),
        ("Düzəliş: liman açıldı", "Liman bazar ertəsi açıldı.", Change::Corrected),
        ("【更正】港口重新开放", "港口星期一重新开放。", Change::Corrected),
        // Corrections of others are news, and no correction of the text.
        ("Ministry corrects figures", "The ministry corrected the figures of its report.", Change::Updated),
        ("Correction of prices goes on", "Corrected for inflation, prices fell.", Change::Updated),
        ("CORRECTED Port reopens", "The port reopened on Monday.", Change::Corrected),
        ("Market correction deepens", "The correction of the market went on.", Change::Updated),
    ];
    for (title, line, wanted) in cases {
        assert_eq!(dedup::change(&[], &article(title, &[line])), wanted, "{title} / {line}");
    }
}

#[test]
fn only_the_agency_takes_an_article_back() {
    let trouble = |class| Trouble { failure: Failure::Persistent, class, reason: String::new() };
    for (class, missed, wanted) in [
        ("gone", 0, Absence::Retracted),
        ("not_found", 0, Absence::Missing),
        ("not_found", 1, Absence::Retracted),
        ("empty", 0, Absence::Missing),
        ("empty", 1, Absence::Retracted),
        ("gone_home", 1, Absence::Retracted),
        ("server_error", 9, Absence::Unknown),
        ("timeout", 9, Absence::Unknown),
        ("robots", 9, Absence::Unknown),
        ("forbidden", 9, Absence::Unknown),
    ] {
        assert_eq!(dedup::absence(&trouble(class), missed), wanted, "{class} after {missed}");
    }
}
