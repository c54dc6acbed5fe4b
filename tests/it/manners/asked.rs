//! B19 to B31: what a server or a feed asks for is done: pauses, freshness, hours of rest.

use newsweb::{Fault, NewsWeb, Scope};
use wireroom::model::Timestamp;

use crate::operator::Desk;

use super::bureau::{Bureau, FIVE_MINUTES, http_date, is_about, later, rss, serve, web};

/// A planner so eager that what is waited for is the server's wish.
const EAGER: &str = "min_interval = \"1s\"\nmax_interval = \"10s\"\n";

const DAY: i64 = 86_400;

/// The seconds until the next request after one answer under this fault, on an eager schedule.
async fn pause_after(fault: Fault) -> i64 {
    let web = web();
    web.fault_times(1, Scope::Url(web.feed("gazette")), fault);
    let bureau = Bureau::with(&web, EAGER, "").await;
    let refused = bureau.next_poll().await;
    assert!(refused.is_failed());
    let gap = bureau.next_poll().await.at.duration_since(refused.at).as_secs();
    assert_eq!(web.requests_for(web.feed("gazette").as_str()).len(), 2);
    gap
}

fn refusal(status: u16, retry_after: &str) -> Fault {
    Fault::RetryAfter(status, retry_after.to_owned())
}

#[tokio::test]
async fn b19_a_429_with_seconds_is_waited_out() {
    let gap = pause_after(refusal(429, "120")).await;
    assert!((120..=130).contains(&gap), "{gap}");
}

/// The whole host is left alone, through a restart and whatever else is due there.
#[tokio::test]
async fn b19_nothing_is_asked_of_the_host_until_then() {
    let web = web();
    let feed = web.feed("gazette");
    let mut bureau = Bureau::with(&web, EAGER, "").await;
    bureau.next_poll().await;
    web.fault_times(1, Scope::Url(feed), refusal(429, "120"));
    let begun = bureau.next_poll().await.at;
    web.clear_log();
    for step in 0..11 {
        bureau.set(later(begun, step * 10));
        if step == 5 {
            bureau.restart().await;
        }
        bureau.poll_due().await;
        bureau.scrape_due(9).await;
    }
    assert!(web.log().is_empty(), "{:?}", web.log());
    bureau.set(later(begun, 121));
    bureau.poll_due().await;
    assert_eq!(web.log().len(), 1);
}

#[tokio::test]
async fn b20_a_429_with_a_date_is_waited_out() {
    let web = web();
    let bureau = Bureau::with(&web, EAGER, "").await;
    web.fault_times(1, Scope::Url(web.feed("gazette")), refusal(429, &http_date(later(bureau.now(), 120))));
    let refused = bureau.next_poll().await;
    assert_eq!(refused.class(), "rate_limited");
    let gap = bureau.next_poll().await.at.duration_since(refused.at).as_secs();
    assert!((119..=130).contains(&gap), "{gap}");
}

#[tokio::test]
async fn b21_a_429_without_a_time_is_answered_by_ever_longer_pauses() {
    let web = web();
    web.fault(Scope::Url(web.feed("gazette")), Fault::Status(429));
    let bureau = Bureau::of(&web).await;
    let gaps = bureau.gaps(12).await;
    assert!(gaps[0] >= 2 * 300, "twice the interval at least: {gaps:?}");
    assert!(gaps.windows(2).all(|two| two[1] >= two[0]), "{gaps:?}");
    assert!(is_about(gaps[11], DAY), "up to a day: {gaps:?}");
}

#[tokio::test]
async fn b22_a_503_with_seconds_is_waited_out() {
    let gap = pause_after(refusal(503, "60")).await;
    assert!((60..=70).contains(&gap), "{gap}");
}

#[tokio::test]
async fn b23_absurd_pauses_are_capped_and_nonsense_is_none() {
    let gap = pause_after(refusal(503, "317100")).await;
    assert!((DAY..=DAY * 21 / 20).contains(&gap), "{gap}");
    for nonsense in ["-1", "soon", "12.5.2030", "Tue, 99 Foo 2024 13:02:00 GMT"] {
        let gap = pause_after(refusal(503, nonsense)).await;
        assert!(gap <= 20, "{nonsense}: an ordinary back-off, not {gap} s");
    }
}

/// Ten feeds of one host; one of them is told to wait an hour. Which of the others are asked meanwhile?
async fn asked_meanwhile(scope: &str) -> usize {
    let web = web();
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    FIVE_MINUTES.clone_into(&mut desk.schedule);
    desk.fetch.push_str(&format!("retry_after_scope = {scope:?}\n"));
    let feeds: Vec<String> =
        (0..10).map(|number| web.set_page("gazette", &format!("/feed-{number}.xml"), rss("", &["News"]))).collect();
    desk.table(&format!("name = \"gazette\"\nfeeds = {feeds:?}"));
    let bureau = Bureau::at(desk).await;
    bureau.poll_due().await;
    web.fault_times(1, Scope::Url(feeds[3].clone()), refusal(429, "3600"));
    bureau.advance(320);
    while bureau.poll_due().await.iter().all(|polled| !polled.is_failed()) {
        bureau.advance(60);
    }
    web.clear_log();
    let begun = bureau.now();
    for step in 1..59 {
        bureau.set(later(begun, step * 60));
        bureau.poll_due().await;
    }
    assert_eq!(web.requests_for(feeds[3].as_str()).len(), 0, "the feed itself waits in any case");
    let mut paths: Vec<String> = web.log().into_iter().map(|row| row.path).collect();
    paths.sort();
    paths.dedup();
    bureau.set(later(begun, 3_700));
    bureau.poll_due().await;
    assert_eq!(web.requests_for(feeds[3].as_str()).len(), 1, "and comes back");
    paths.len()
}

#[tokio::test]
async fn b24_retry_after_keeps_away_from_the_host_or_from_the_feed_as_configured() {
    assert_eq!(asked_meanwhile("host").await, 0, "the other nine wait");
    assert_eq!(asked_meanwhile("feed").await, 9, "the other nine do not");
}

/// The seconds until the next poll after a good answer with these fields.
async fn wait_after(schedule: &str, fields: &[(&str, String)]) -> i64 {
    let web = web();
    let answer = fields
        .iter()
        .fold(rss("", &["News"]).with_header("ETag", "\"a\""), |answer, (name, value)| answer.with_header(name, value));
    serve(&web, answer);
    let bureau = Bureau::with(&web, schedule, "").await;
    let first = bureau.next_poll().await.at;
    let second = bureau.next_poll().await.at;
    assert!(is_conditional(&web), "still conditional");
    second.duration_since(first).as_secs()
}

fn is_conditional(web: &NewsWeb) -> bool {
    web.requests_for(web.feed("gazette").as_str()).last().is_some_and(|row| row.conditional())
}

fn field(name: &'static str, value: &str) -> (&'static str, String) {
    (name, value.to_owned())
}

#[tokio::test]
async fn b25_max_age_less_age_is_waited_out_up_to_a_cap() {
    let fields = [field("Cache-Control", "public, max-age=3600"), field("Age", "600")];
    let gap = wait_after(FIVE_MINUTES, &fields).await;
    assert!((3_000..=3_150).contains(&gap), "{gap}");
    let capped = wait_after(&format!("{FIVE_MINUTES}max_freshness = \"20m\"\n"), &fields).await;
    assert!((1_200..=1_260).contains(&capped), "{capped}");
}

#[tokio::test]
async fn b26_no_freshness_means_the_own_interval() {
    for value in ["max-age=0", "no-cache", "no-store", "no-cache, max-age=9000", "private, no-store, must-revalidate"] {
        assert!(is_about(wait_after(FIVE_MINUTES, &[field("Cache-Control", value)]).await, 300), "{value}");
    }
}

#[tokio::test]
async fn b27_expires_counts_without_cache_control_and_nonsense_does_not() {
    // The web writes its own `Date`, the machine's; the tests' clock starts there too.
    let ahead = |seconds| http_date(later(super::bureau::present(), seconds));
    let gap = wait_after(FIVE_MINUTES, &[("Expires", ahead(7_200))]).await;
    assert!((7_190..=7_560).contains(&gap), "{gap}");
    for value in ["0".to_owned(), "-1".to_owned(), ahead(-7_200), "never".to_owned()] {
        assert!(is_about(wait_after(FIVE_MINUTES, &[("Expires", value.clone())]).await, 300), "{value}");
    }
    assert!(is_about(wait_after(FIVE_MINUTES, &[("Expires", ahead(7_200)), field("Cache-Control", "max-age=60")]).await, 300));
}

#[tokio::test]
async fn b28_a_year_of_freshness_is_not_believed() {
    let fields = [field("Cache-Control", "max-age=31536000, immutable")];
    let gap = wait_after(FIVE_MINUTES, &fields).await;
    assert!((DAY..=DAY * 21 / 20).contains(&gap), "a day by default: {gap}");
    let ceiling = wait_after(&format!("{FIVE_MINUTES}max_freshness = \"5m\"\n"), &fields).await;
    assert!(is_about(ceiling, 300), "the ceiling of polls, for who wants that");
}

/// The seconds from one poll of a document with this head to the next one.
async fn wait_by(head: &str) -> i64 {
    let web = web();
    serve(&web, rss(head, &["News"]));
    let bureau = Bureau::of(&web).await;
    bureau.gaps(1).await[0]
}

#[tokio::test]
async fn b29_a_ttl_is_kept_and_one_below_the_floor_is_the_floor() {
    assert!(is_about(wait_by("<ttl>120</ttl>").await, 120 * 60));
    assert!(is_about(wait_by("<ttl>1</ttl>").await, 300));
    assert!(is_about(wait_by("<ttl>soon</ttl>").await, 300));
}

/// Polls every five minutes through two days; the hours, GMT, and the weekdays (Monday 0) they fell into.
async fn times_of(head: &str) -> Vec<Timestamp> {
    let web = web();
    serve(&web, rss(head, &["News"]));
    let bureau = Bureau::with(&web, "min_interval = \"10m\"\nmax_interval = \"10m\"\n", "").await;
    let first = bureau.next_poll().await.at;
    let mut times = Vec::new();
    loop {
        let at = bureau.next_poll().await.at;
        if at.duration_since(first).as_secs() > 8 * DAY || times.len() > 1_200 {
            return times;
        }
        times.push(at);
    }
}

#[tokio::test]
async fn b30_skipped_hours_and_days_are_kept_and_the_first_poll_comes_right_after() {
    let hour = |at: &Timestamp| at.as_second().rem_euclid(DAY) / 3600;
    let day = |at: &Timestamp| (at.as_second().div_euclid(DAY) + 3).rem_euclid(7);
    // 24 is a common way to write 0. The first poll may fall anywhere: it is what tells of the hours.
    let times = times_of(
        "<skipHours><hour>24</hour><hour>1</hour><hour>2</hour><hour>13</hour></skipHours><skipDays><day>Sunday</day></skipDays>",
    )
    .await;
    assert!(times.len() > 500, "{} polls in eight days", times.len());
    assert!(times.iter().all(|at| ![0, 1, 2, 13].contains(&hour(at))), "a skipped hour");
    assert!(times.iter().all(|at| day(at) != 6), "a skipped day");
    let mut returns = 0;
    for two in times.windows(2).filter(|two| two[1].duration_since(two[0]).as_secs() > 700) {
        assert_eq!(two[1].as_second() % 3600, 0, "directly after: {}", two[1]);
        returns += 1;
    }
    assert!(returns >= 12, "two pauses a day: {returns}");
}

#[tokio::test]
async fn b31_an_update_period_is_kept_and_nonsense_is_not() {
    let period = |period: &str, frequency: &str| {
        format!("<sy:updatePeriod>{period}</sy:updatePeriod><sy:updateFrequency>{frequency}</sy:updateFrequency>")
    };
    assert!(is_about(wait_by(&period("hourly", "2")).await, 30 * 60));
    assert!(is_about(wait_by(&period("hourly", "60")).await, 300), "the floor");
    for (word, frequency) in [("hourly", "0"), ("hourly", "often"), ("now and then", "2"), ("", "")] {
        let wait = wait_by(&period(word, frequency)).await;
        assert!(is_about(wait, 300) || is_about(wait, 3600), "{word} {frequency}: {wait}");
    }
}

/// Who is asked too often for pages is asked for nothing else either, whatever is configured for feeds.
#[tokio::test]
async fn b24_a_page_always_speaks_for_its_host() {
    let web = web();
    let bureau = Bureau::with(&web, EAGER, "retry_after_scope = \"feed\"\n").await;
    bureau.next_poll().await;
    web.fault_times(1, Scope::Articles("gazette".to_owned()), refusal(429, "120"));
    bureau.scrape_due(9).await;
    assert_eq!(web.requests_for(Scope::Articles("gazette".to_owned())).len(), 1, "the other page waits");
    web.clear_log();
    for _ in 0..11 {
        bureau.advance(10);
        bureau.poll_due().await;
        bureau.scrape_due(9).await;
    }
    assert!(web.log().is_empty(), "{:?}", web.log());
}
