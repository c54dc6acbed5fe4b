//! B37 to B39: what is gone is left, what fails is asked ever more rarely, and a shut door is not knocked at.

use newsweb::{Fault, Scope, Story};

use super::bureau::{Bureau, FIVE_MINUTES, is_about, web};

const DAY: i64 = 86_400;

#[tokio::test]
async fn b37_a_feed_that_is_gone_is_looked_at_once_a_month_and_one_not_found_every_day() {
    let web = web();
    let feed = Scope::Url(web.feed("gazette"));
    web.fault(feed.clone(), Fault::Status(410));
    let bureau = Bureau::of(&web).await;
    assert!(bureau.gaps(3).await.iter().all(|gap| is_about(*gap, 30 * DAY)));
    assert_eq!(web.requests_for(web.feed("gazette").as_str()).len(), 4);
    // It may come back.
    web.heal(feed.clone());
    bureau.next_poll().await;
    assert_eq!(bureau.rows().await[0].failures, 0);

    let rarely = Bureau::with(&web, &format!("{FIVE_MINUTES}gone_rest = \"60d\"\n"), "").await;
    web.fault(feed.clone(), Fault::Status(410));
    assert!(is_about(rarely.gaps(1).await[0], 60 * DAY));
    web.heal(feed.clone());

    web.fault(feed.clone(), Fault::Status(404));
    let bureau = Bureau::of(&web).await;
    let gaps = bureau.gaps(12).await;
    assert!(gaps.windows(2).all(|two| two[1] >= two[0]), "{gaps:?}");
    assert!(is_about(*gaps.last().unwrap(), DAY), "daily, and kept: {gaps:?}");
    web.heal(feed);
    bureau.next_poll().await;
    assert!(is_about(bureau.wait().await, 300));
}

#[tokio::test]
async fn b38_failures_back_off_the_first_success_resets_and_nothing_is_lost() {
    for fault in [Fault::Status(500), Fault::Silence, Fault::Reset] {
        let web = web();
        let feed = Scope::Url(web.feed("gazette"));
        let bureau = Bureau::with(&web, FIVE_MINUTES, "timeout = \"300ms\"\nconnect_timeout = \"300ms\"\n").await;
        bureau.next_poll().await;
        web.fault(feed.clone(), fault.clone());
        web.publish("gazette", Story::new());
        let gaps = bureau.gaps(12).await;
        assert!(gaps.iter().all(|gap| *gap >= 300), "never sooner than without: {fault:?} {gaps:?}");
        assert!(gaps.windows(2).all(|two| two[1] >= two[0]), "{fault:?} {gaps:?}");
        assert!(is_about(*gaps.last().unwrap(), DAY), "{fault:?} {gaps:?}");
        web.heal(feed);
        bureau.next_poll().await;
        assert!(is_about(bureau.wait().await, 300), "{fault:?}");
        assert_eq!(bureau.count("select count(*) from entries"), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn b39_a_feed_that_is_forbidden_rests_four_hours() {
    for status in [401, 403, 451] {
        let web = web();
        web.fault(Scope::Url(web.feed("gazette")), Fault::Status(status));
        let bureau = Bureau::of(&web).await;
        let gaps = bureau.gaps(9).await;
        assert!(gaps.iter().all(|gap| *gap >= 4 * 3600), "{status} {gaps:?}");
        assert!(is_about(*gaps.last().unwrap(), DAY), "{status} {gaps:?}");
        let other = Bureau::with(&web, &format!("{FIVE_MINUTES}forbidden_rest = \"12h\"\n"), "").await;
        assert!(is_about(other.gaps(1).await[0], 12 * 3600));
    }
}
