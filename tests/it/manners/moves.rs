//! B32 to B36: redirects are followed, moves are believed after a while, and nothing is taken along that is not meant for
//! the new place.

use newsweb::{Agency, Fault, Format, NewsWeb, Plan, Response, Scope};

use crate::operator::Desk;

use super::bureau::{Bureau, FIVE_MINUTES, rss};

/// Three hosts: the feed stands at the third one.
fn three() -> NewsWeb {
    let agency = |name: &str| Agency { items: 0, gzip: false, ..Agency::new(name) };
    let web = NewsWeb::start(Plan::of([agency("old"), agency("between"), agency("new")])).unwrap();
    web.set_page("new", "/news.xml", rss("", &["Ferry back in service", "Market opens"]).with_header("ETag", "\"new\""));
    web
}

fn moved(web: &NewsWeb, from: &str, status: u16, to: &str) {
    web.set_page(from, Format::Rss2.path(), Response::status(status).with_header("Location", to));
}

/// Follows the old address alone.
async fn bureau(web: &NewsWeb, fetch: &str) -> Bureau {
    let mut desk = Desk::empty();
    desk.allow(&web.agencies().iter().map(|agency| web.host(agency)).collect::<Vec<_>>());
    FIVE_MINUTES.clone_into(&mut desk.schedule);
    desk.fetch.push_str("redirects_before_move_for = \"0s\"\n");
    desk.fetch.push_str(fetch);
    desk.source("gazette", &web.feed("old"), "");
    Bureau::at(desk).await
}

/// Follows feeds of one host as the desks of one source, with the time that a move takes as it is by default.
async fn desks(web: &NewsWeb, paths: &[&str]) -> Bureau {
    let mut desk = Desk::empty();
    desk.allow(&web.agencies().iter().map(|agency| web.host(agency)).collect::<Vec<_>>());
    desk.schedule = "min_interval = \"4h\"\nmax_interval = \"4h\"\nrechecks = []\n".to_owned();
    let feeds: Vec<String> = paths.iter().map(|path| web.url("old", path)).collect();
    desk.table(&format!("name = \"gazette\"\nfeeds = {feeds:?}\n"));
    Bureau::at(desk).await
}

/// Polls what is due, every two hours for so many days; the paths asked.
async fn days(bureau: &Bureau, web: &NewsWeb, days: usize) -> Vec<String> {
    web.clear_log();
    for _ in 0..days * 12 {
        bureau.advance(7200);
        bureau.poll_due().await;
    }
    web.log().into_iter().map(|row| row.path).collect()
}

#[tokio::test]
async fn b32_a_mistake_that_is_mended_soon_moves_nothing() {
    let web = three();
    let bureau = desks(&web, &["/a", "/b"]).await;
    web.set_page("old", "/all", rss("", &["Market opens"]));
    for path in ["/a", "/b"] {
        web.set_page("old", path, Response::status(301).with_header("Location", "/all"));
    }
    // By hand, again and again, and then for most of a day.
    for _ in 0..6 {
        bureau.poll_asked().await;
        bureau.advance(30);
    }
    for _ in 0..5 {
        bureau.advance(14_700);
        bureau.poll_due().await;
    }
    assert!(bureau.rows().await.iter().all(|row| row.lives_at.is_none() && row.enabled));
    for path in ["/a", "/b"] {
        web.set_page("old", path, rss("", &["Ferry back in service"]));
    }
    let asked = days(&bureau, &web, 2).await;
    for path in ["/a", "/b"] {
        assert!(asked.iter().filter(|asked| *asked == path).count() >= 8, "{asked:?}");
    }
    assert!(!asked.contains(&"/all".to_owned()));
}

#[tokio::test]
async fn b32_desks_that_move_to_one_address_rest_and_come_back() {
    let web = three();
    let mut bureau = desks(&web, &["/a", "/b", "/c"]).await;
    web.set_page("old", "/all", rss("", &["Market opens"]));
    let paths = ["/a", "/b", "/c"];
    for path in paths {
        web.set_page("old", path, Response::status(301).with_header("Location", "/all"));
    }
    days(&bureau, &web, 2).await;
    let rows = bureau.rows().await;
    assert!(rows.iter().all(|row| row.enabled && row.lives_at.is_some()), "{rows:?}");
    assert_eq!(rows.iter().filter(|row| row.next_why.as_deref().unwrap_or_default().contains("another feed")).count(), 2);
    // They are looked at once a day, and stay so over a restart.
    bureau.restart().await;
    let asked = days(&bureau, &web, 3).await;
    for path in &paths[1..] {
        assert!((2..=4).contains(&asked.iter().filter(|asked| asked == path).count()), "{path}: {asked:?}");
    }
    // The redirect goes from one of them.
    web.set_page("old", "/b", rss("", &["Ferry back in service"]));
    let asked = days(&bureau, &web, 3).await;
    assert!(asked.iter().filter(|asked| *asked == "/b").count() > 8, "{asked:?}");
    // The one that the last one rests on fails: it is asked at once, and on.
    web.set_page("old", "/all", Response::status(500));
    web.set_page("old", "/c", rss("", &["Ferry back in service"]));
    let asked = days(&bureau, &web, 1).await;
    assert!(asked.iter().filter(|asked| *asked == "/c").count() >= 4, "{asked:?}");
    let rows = bureau.rows().await;
    assert!(rows.iter().filter(|row| row.lives_at.is_some()).count() <= 1, "{rows:?}");
}

#[tokio::test]
async fn b32_a_new_address_that_is_silent_for_a_day_is_left_for_the_old_one() {
    let web = three();
    moved(&web, "old", 301, &web.url("new", "/news.xml"));
    let bureau = bureau(&web, "").await;
    assert_eq!(ways(&bureau, &web, 4).await[3], "new");
    web.set_page("new", "/news.xml", Response::status(503));
    web.set_page("old", Format::Rss2.path(), rss("", &["Ferry back in service"]));
    let begun = bureau.now();
    let mut polls = 0;
    while bureau.rows().await[0].lives_at.is_some() {
        assert_eq!(ways(&bureau, &web, 1).await, ["new"]);
        polls += 1;
        assert!(polls < 30, "it is never given up");
    }
    let took = bureau.now().duration_since(begun).as_secs();
    assert!((86_000..3 * 86_400).contains(&took), "{took} s");
    assert_eq!(ways(&bureau, &web, 1).await, ["old"]);
}

#[tokio::test]
async fn b35_the_manners_of_a_host_that_a_redirect_led_to_outlive_the_process() {
    // A feed that leads elsewhere, and is refused there.
    let web = three();
    moved(&web, "old", 302, &web.url("new", "/news.xml"));
    web.set_page("new", "/news.xml", Response::status(429).with_header("Retry-After", "7200"));
    let mut bureau = bureau(&web, "").await;
    assert_eq!(bureau.next_poll().await.class(), "rate_limited");
    bureau.restart().await;
    web.clear_log();
    bureau.advance(3000);
    bureau.poll_asked().await;
    bureau.poll_due().await;
    assert!(web.log().iter().all(|row| row.agency != "new"), "{:?}", web.log());

    // A page that does.
    let web = three();
    let item = |number: u32| {
        let link = web.url("old", &format!("/go/{number}"));
        format!("<item><title>Story {number}</title><guid>{link}</guid><link>{link}</link></item>")
    };
    let feed = |items: &str| {
        let text = format!("<rss version=\"2.0\"><channel><title>Gazette</title>{items}</channel></rss>");
        web.set_page("old", Format::Rss2.path(), Response::bytes("application/rss+xml", text));
    };
    for number in 1..=2 {
        let to = web.url("new", &format!("/story/{number}"));
        web.set_page("old", &format!("/go/{number}"), Response::status(302).with_header("Location", &to));
        web.set_page("new", &format!("/story/{number}"), Response::status(429).with_header("Retry-After", "7200"));
    }
    web.set_page("new", "/robots.txt", Response::bytes("text/plain", "User-agent: *\nDisallow: /closed\n"));
    feed(&item(1));
    let mut bureau = self::bureau(&web, "").await;
    bureau.next_poll().await;
    assert_eq!(bureau.scrape_due(1).await.len(), 1);
    assert_eq!(web.log().iter().filter(|row| row.agency == "new").count(), 2, "robots.txt and the page");
    bureau.restart().await;
    feed(&format!("{}{}", item(1), item(2)));
    bureau.next_poll().await;
    web.clear_log();
    assert_eq!(bureau.scrape_due(1).await.len(), 1);
    assert!(web.log().iter().all(|row| row.agency == "old"), "{:?}", web.log());
    // When the time is over, its robots.txt is still known.
    bureau.restart().await;
    bureau.advance(7300);
    web.clear_log();
    bureau.scrape_due(1).await;
    let asked: Vec<String> = web.log().into_iter().filter(|row| row.agency == "new").map(|row| row.path).collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].starts_with("/story/"));
}

/// The agencies asked by each of so many polls, `old between new` when all were.
async fn ways(bureau: &Bureau, web: &NewsWeb, polls: usize) -> Vec<String> {
    let mut ways = Vec::new();
    for _ in 0..polls {
        web.clear_log();
        bureau.next_poll().await;
        ways.push(web.log().into_iter().map(|row| row.agency).collect::<Vec<_>>().join(" "));
    }
    ways
}

#[tokio::test]
async fn b32_after_three_polls_a_move_is_believed_and_the_old_address_is_asked_no_more() {
    for status in [301, 308] {
        let web = three();
        moved(&web, "old", status, &web.feed("between"));
        moved(&web, "between", 301, &web.url("new", "/news.xml"));
        let mut bureau = bureau(&web, "").await;
        let ways = ways(&bureau, &web, 6).await;
        assert_eq!(ways[..3], ["old between new"; 3], "{status}");
        assert_eq!(ways[3..], ["new"; 3], "{status}");
        let asked = web.log();
        assert_eq!(asked[0].header("if-none-match"), Some("\"new\""), "its own validator is sent to it");
        // The row is the one it was, under the name the operator gave it, with its history.
        let rows = bureau.rows().await;
        assert_eq!(rows.len(), 1);
        assert_eq!(
            (rows[0].url.as_str(), rows[0].lives_at.as_deref()),
            (web.feed("old").as_str(), Some(web.url("new", "/news.xml").as_str()))
        );
        assert_eq!(bureau.count("select count(*) from entries"), 2);
        // It outlives the process.
        bureau.restart().await;
        assert_eq!(self::ways(&bureau, &web, 2).await, ["new"; 2]);
    }
}

#[tokio::test]
async fn b32_a_move_has_to_be_the_same_one_each_time_and_the_number_is_a_key() {
    let web = three();
    web.set_page("between", "/rss.xml", rss("", &["Ferry back in service"]));
    moved(&web, "old", 301, &web.url("new", "/news.xml"));
    let bureau = bureau(&web, "redirects_before_move = 2\n").await;
    assert_eq!(ways(&bureau, &web, 1).await, ["old new"]);
    moved(&web, "old", 301, &web.feed("between"));
    assert_eq!(ways(&bureau, &web, 1).await, ["old between"]);
    moved(&web, "old", 301, &web.url("new", "/news.xml"));
    assert_eq!(ways(&bureau, &web, 3).await, ["old new", "old new", "new"]);
    let never = self::bureau(&web, "redirects_before_move = 0\n").await;
    assert_eq!(ways(&never, &web, 6).await, ["old new"; 6]);
}

#[tokio::test]
async fn b32_the_operators_word_counts_more_than_the_servers() {
    let web = three();
    moved(&web, "old", 301, &web.url("new", "/news.xml"));
    let mut bureau = bureau(&web, "").await;
    ways(&bureau, &web, 4).await;
    // Who writes the new address into the configuration loses neither entries nor validators.
    let (old, new) = (web.feed("old"), web.url("new", "/news.xml"));
    let rename = |desk: &mut Desk, feed: &str| {
        desk.clear();
        desk.source("gazette", feed, "");
    };
    bureau.reload(|desk| rename(desk, &new)).await;
    let rows = bureau.rows().await;
    assert_eq!((rows.len(), rows[0].url.as_str(), rows[0].lives_at.as_deref()), (1, new.as_str(), None));
    assert_eq!(ways(&bureau, &web, 1).await, ["new"]);
    assert!(web.log()[0].conditional());
    assert_eq!(bureau.count("select count(*) from entries"), 2);
    // Who goes back to the old one is asked there.
    bureau.reload(|desk| rename(desk, &old)).await;
    assert_eq!(ways(&bureau, &web, 1).await, ["old new"]);
}

#[tokio::test]
async fn b32_a_new_address_that_is_no_feed_any_more_is_left_for_the_old_one() {
    let web = three();
    moved(&web, "old", 301, &web.url("new", "/news.xml"));
    let bureau = bureau(&web, "").await;
    ways(&bureau, &web, 4).await;
    web.set_page("new", "/news.xml", Response::html("<!doctype html><title>This domain is for sale</title>"));
    web.set_page("old", Format::Rss2.path(), rss("", &["Ferry back in service"]));
    assert_eq!(ways(&bureau, &web, 4).await, ["new", "new", "new", "old"]);
    assert_eq!(bureau.rows().await[0].lives_at, None);
}

#[tokio::test]
async fn b33_a_passing_redirect_is_followed_each_time() {
    for status in [302, 303, 307] {
        let web = three();
        moved(&web, "old", status, &web.url("new", "/news.xml"));
        let bureau = bureau(&web, "").await;
        assert_eq!(ways(&bureau, &web, 5).await, ["old new"; 5], "{status}");
        assert_eq!(bureau.rows().await[0].lives_at, None);
    }
    // Half of a way that lasts and half that passes is one that passes.
    let web = three();
    moved(&web, "old", 301, &web.feed("between"));
    moved(&web, "between", 302, &web.url("new", "/news.xml"));
    assert_eq!(ways(&bureau(&web, "").await, &web, 5).await, ["old between new"; 5]);
}

#[tokio::test]
async fn b34_loops_and_endless_chains_are_errors_that_cost_little() {
    let web = three();
    web.fault(Scope::Url(web.feed("old")), Fault::RedirectLoop);
    let bureau = bureau(&web, "").await;
    assert_eq!(bureau.next_poll().await.class(), "redirect_loop");
    assert_eq!(web.log().len(), 1, "one request shows it");
    let gaps = bureau.gaps(4).await;
    assert!(gaps.windows(2).all(|two| two[1] >= two[0]) && gaps[0] >= 600, "back-off: {gaps:?}");

    let web = three();
    for hop in 0..30 {
        let (path, next) = (format!("/hop-{hop}"), format!("/hop-{}", hop + 1));
        web.set_page("old", &path, Response::status(308).with_header("Location", &next));
    }
    moved(&web, "old", 308, "/hop-0");
    let bureau = self::bureau(&web, "").await;
    assert_eq!(bureau.next_poll().await.class(), "too_many_redirects");
    assert_eq!(web.log().len(), 11, "ten redirects are followed");
}

#[tokio::test]
async fn b35_another_host_gets_no_validators_of_the_old_one_and_keeps_its_own_pace() {
    let web = three();
    web.set_page("old", Format::Rss2.path(), rss("", &["Ferry back in service"]).with_header("ETag", "\"old\""));
    let bureau = bureau(&web, "").await;
    bureau.next_poll().await;
    for status in [302, 301] {
        moved(&web, "old", status, &web.url("new", "/news.xml"));
        web.clear_log();
        bureau.next_poll().await;
        let log = web.log();
        let to_new: Vec<_> = log.iter().filter(|row| row.agency == "new").collect();
        assert_eq!(to_new.len(), 1);
        for field in ["if-none-match", "if-modified-since", "authorization", "cookie", "referer"] {
            assert_eq!(to_new[0].header(field), None, "{field} after {status}");
        }
    }
}

/// Two sources lead to one host: it is asked at its pace, and the pause it asks for binds both.
#[tokio::test]
async fn b35_the_new_hosts_wishes_bind_whoever_is_led_there() {
    let web = three();
    web.publish("new", newsweb::Story::new());
    for from in ["old", "between"] {
        moved(&web, from, 302, &web.url("new", "/news.xml"));
    }
    let mut desk = Desk::empty();
    desk.allow(&web.agencies().iter().map(|agency| web.host(agency)).collect::<Vec<_>>());
    FIVE_MINUTES.clone_into(&mut desk.schedule);
    desk.fetch = desk.fetch.replace("per_host_delay = \"0s\"", "per_host_delay = \"300ms\"");
    desk.source("one", &web.feed("old"), "");
    desk.source("two", &web.feed("between"), "");
    let bureau = Bureau::at(desk).await;
    bureau.poll_due().await;
    let starts: Vec<u64> = web.log().iter().filter(|row| row.agency == "new").map(|row| row.at_ms).collect();
    assert_eq!(starts.len(), 2);
    assert!(starts[1] - starts[0] >= 250, "{starts:?}");
    web.fault_times(1, Scope::Url(web.url("new", "/news.xml")), Fault::RetryAfter(429, "3600".to_owned()));
    bureau.advance(320);
    bureau.poll_due().await;
    let asked = web.log().iter().filter(|row| row.agency == "new").count();
    assert_eq!(asked, 3, "the second source is led to a host that wants to be left alone, and is not let through");
}

#[tokio::test]
async fn b36_redirects_inside_are_refused() {
    // The web itself stands on an address of this machine and is excepted by name; nothing else is.
    for (to, class) in [
        ("file:///etc/passwd", "bad_redirect"),
        ("http://127.0.0.1:1/", "blocked_address"),
        ("http://127.0.0.1:9/feed", "blocked_address"),
        ("http://169.254.169.254/latest/meta-data/", "blocked_address"),
        ("http://[::1]/", "blocked_address"),
        ("http://10.0.0.1/", "blocked_address"),
        ("http://localhost/feed", "blocked_address"),
        ("http://0x7f000001/", "blocked_address"),
        ("gopher://example.org/", "bad_redirect"),
    ] {
        let web = three();
        moved(&web, "old", 301, to);
        let bureau = bureau(&web, "").await;
        let polled = bureau.next_poll().await;
        assert_eq!(polled.class(), class, "{to}");
        assert_eq!(bureau.rows().await[0].lives_at, None);
    }
}

/// The operator hears of a move: in the log once, and in `status` until the configuration says so too.
#[test]
fn b32_a_move_is_told() {
    let web = three();
    let new = web.url("new", "/news.xml");
    moved(&web, "old", 301, &new);
    let mut desk = Desk::empty();
    desk.allow(&web.agencies().iter().map(|agency| web.host(agency)).collect::<Vec<_>>());
    desk.fetch.push_str("redirects_before_move_for = \"0s\"\n");
    // Both stand on loopback here: the new host is excepted from the guard, and has to be named for the source too.
    desk.source("gazette", &web.feed("old"), &format!("[source.request]\nhosts = [{:?}]\n", web.host("new")));
    let daemon = desk.start();
    daemon.wait_for_line("the feed moved for good");
    desk.ledger().wait_for("select count(*) from feeds where lives_at is not null", 1);
    let said = desk.say(&["status"]);
    assert!(said.contains(&format!("gazette {} -> {new}", web.feed("old"))), "{said}");
    assert_eq!(daemon.stop().code(), Some(0));
    let log = std::fs::read_to_string(desk.path("daemon.log")).unwrap();
    assert_eq!(log.matches("the feed moved for good").count(), 1);
}
