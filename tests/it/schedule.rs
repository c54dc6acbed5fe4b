//! When to ask again: properties and the order of wishes.

use std::time::Duration;

use proptest::prelude::*;
use wireroom::model::{Failure, Head, Hints, Pages, PollOutcome, PollRead, Rhythm, Timestamp, Trouble, Url, Validators};
use wireroom::schedule::{Policy, next_poll, next_scrape};

const NOW: i64 = 1_780_000_000;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn head(fresh_for: Option<Duration>) -> Head {
    let final_url = Url::parse("http://agency.example.org/feed").unwrap();
    Head {
        status: 200,
        final_url,
        validators: Validators::default(),
        fresh_for,
        moved_to: None,
        fetched_at: now(),
        fields: Vec::new(),
    }
}

fn read(hints: Hints, fresh_for: Option<Duration>) -> PollOutcome {
    PollOutcome::Read(Box::new(PollRead {
        head: head(fresh_for),
        title: None,
        fresh: Vec::new(),
        changed: Vec::new(),
        unchanged: 3,
        refused: Vec::new(),
        validators: None,
        body_hash: None,
        diagnostics: Vec::new(),
        bytes_lost: 0,
        renamed: Vec::new(),
        completed: Vec::new(),
        window: None,
        gap: None,
        hints,
        pages: Pages::default(),
    }))
}

fn failed(failure: Failure) -> PollOutcome {
    PollOutcome::Failed(Trouble { failure, class: "timeout", reason: "no answer".to_owned() })
}

/// Seconds from now to the planned poll.
fn wait(rhythm: &Rhythm, failures: u32, outcome: &PollOutcome) -> i64 {
    next_poll(&Policy::default(), rhythm, failures, outcome, now(), 0.0).at.as_second() - NOW
}

#[test]
fn wishes_of_server_and_feed_are_honoured_up_to_a_day() {
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let rhythm = Rhythm { interval_s: 600, polls: 5, ..Rhythm::default() };
    assert_eq!(wait(&rhythm, 0, &PollOutcome::Unchanged(head(Some(hours(6))))), 6 * 3600, "max-age beyond the ceiling");
    assert_eq!(wait(&rhythm, 0, &PollOutcome::Unchanged(head(Some(hours(24 * 365))))), 24 * 3600, "a year is a day");
    assert_eq!(wait(&rhythm, 0, &read(Hints { ttl: Some(hours(2)), ..Hints::default() }, None)), 2 * 3600, "ttl");
    assert_eq!(wait(&rhythm, 0, &read(Hints { update_period: Some(hours(3)), ..Hints::default() }, Some(hours(2)))), 3 * 3600);
    assert_eq!(
        wait(&rhythm, 0, &read(Hints { ttl: Some(Duration::from_secs(1)), ..Hints::default() }, None)),
        1818,
        "a small ttl is no wish"
    );
}

#[test]
fn skipped_hours_are_slept_through() {
    // 2026-05-28 20:26:40 GMT.
    let hints = Hints { skip_hours: vec![20, 21, 22, 23, 0], ..Hints::default() };
    let planned = next_poll(&Policy::default(), &Rhythm::default(), 0, &read(hints, None), now(), 0.0);
    let second = planned.at.as_second();
    assert_eq!((second % 86_400) / 3600, 1, "the first hour that is not skipped");
    assert_eq!(planned.forbidden_before, Some(planned.at), "a poll asked for by hand waits as well");
    let all = Hints { skip_hours: (0..24).collect(), ..Hints::default() };
    assert!(wait(&Rhythm::default(), 0, &read(all, None)) <= 4 * 3600, "a feed that skips everything says nothing");
    // 2026-05-28 is a Thursday, day 3.
    let thursday = Hints { skip_days: vec![3], ..Hints::default() };
    let planned = next_poll(&Policy::default(), &Rhythm::default(), 0, &read(thursday, None), now(), 0.0);
    assert_eq!(planned.at.as_second() % 86_400, 0, "the first hour of Friday");
}

#[test]
fn failures_wait_by_their_kind() {
    let rhythm = Rhythm { interval_s: 3600, polls: 5, ..Rhythm::default() };
    assert_eq!(wait(&rhythm, 0, &failed(Failure::Deferred(Duration::from_secs(900)))), 900);
    assert_eq!(wait(&rhythm, 0, &failed(Failure::Deferred(Duration::from_secs(317_100)))), 86_400, "capped at a day");
    assert_eq!(wait(&rhythm, 0, &failed(Failure::Deferred(Duration::from_secs(1)))), 300, "never under the floor");
    assert_eq!(wait(&rhythm, 3, &failed(Failure::Final)), 30 * 86_400, "gone: a look a month");
    assert!(wait(&rhythm, 0, &failed(Failure::Transient)) < 3600, "a hiccup costs little");
    assert_eq!(wait(&rhythm, 30, &failed(Failure::Persistent)), 86_400, "a 404 for a month is looked at daily");
    let planned = next_poll(&Policy::default(), &rhythm, 0, &failed(Failure::Deferred(Duration::from_secs(900))), now(), 0.5);
    assert_eq!(planned.forbidden_before, Some(Timestamp::from_second(NOW + 900).unwrap()));
    assert!(planned.at.as_second() > NOW + 900, "jitter lengthens");
}

#[test]
fn an_article_is_tried_until_its_attempts_are_spent() {
    let policy = Policy::default();
    let wait = |attempts, failure| next_scrape(&policy, attempts, failure, now(), 0.0).map(|at| at.as_second() - NOW);
    assert_eq!(wait(1, Failure::Final), None);
    assert_eq!(wait(1, Failure::Transient), Some(120));
    assert_eq!(wait(2, Failure::Transient), Some(240));
    assert_eq!(wait(policy.scrape_attempts - 1, Failure::Transient), Some(7680));
    assert_eq!(wait(policy.scrape_attempts, Failure::Transient), None);
    assert_eq!(wait(1, Failure::Deferred(Duration::from_secs(45))), Some(45));
    assert_eq!(wait(3, Failure::Persistent), None, "a page that is not there is not asked for eight times");
}

fn any_failure() -> impl Strategy<Value = Failure> {
    prop_oneof![
        Just(Failure::Transient),
        Just(Failure::Persistent),
        Just(Failure::Final),
        (0u64..10_000_000).prop_map(|seconds| Failure::Deferred(Duration::from_secs(seconds)))
    ]
}

proptest! {
    #[test]
    fn no_poll_is_planned_under_the_floor(interval in 0u64..10_000_000, polls in 0u64..5, failures in 0u32..100, failure in any_failure(),
                                          fresh in proptest::option::of(0u64..100_000_000), dice in 0.0f64..1.0) {
        let policy = Policy::default();
        let rhythm = Rhythm { interval_s: interval, polls, ..Rhythm::default() };
        let fresh = fresh.map(Duration::from_secs);
        for outcome in [failed(failure), PollOutcome::Unchanged(head(fresh)), read(Hints::default(), fresh)] {
            let planned = next_poll(&policy, &rhythm, failures, &outcome, now(), dice);
            let wait = planned.at.as_second() - NOW;
            prop_assert!(wait >= 300, "{wait} s after {outcome:?}");
            prop_assert!(wait <= 32 * 86_400);
            if let Some(forbidden) = planned.forbidden_before {
                prop_assert!(planned.at >= forbidden);
            }
        }
    }

    #[test]
    fn patience_grows_with_failures(failures in 0u32..40, dice in 0.0f64..1.0) {
        let rhythm = Rhythm { interval_s: 900, polls: 3, ..Rhythm::default() };
        for failure in [Failure::Transient, Failure::Persistent] {
            let at = |failures| next_poll(&Policy::default(), &rhythm, failures, &failed(failure), now(), dice).at;
            prop_assert!(at(failures + 1) >= at(failures));
        }
    }

    #[test]
    fn no_attempt_is_planned_in_the_past(attempts in 1u32..20, failure in any_failure(), dice in 0.0f64..1.0) {
        if let Some(at) = next_scrape(&Policy::default(), attempts, failure, now(), dice) {
            prop_assert!(at > now());
            prop_assert!(at.as_second() - NOW <= 26 * 3600);
        }
    }
}

/// Our own pace is told as ours: the feed comes at its turn, neither doubled nor under the floor, and no attempt is spent.
#[test]
fn our_own_pace_is_told_as_ours_and_costs_nothing() {
    let turn = Duration::from_secs(45);
    let of = |class: &'static str, failure: Failure, failures: u32| {
        let outcome = PollOutcome::Failed(Trouble { failure, class, reason: class.to_owned() });
        next_poll(&Policy::default(), &Rhythm::default(), failures, &outcome, now(), 0.5)
    };
    for failures in [0, 7] {
        let planned = of("pace", Failure::Waits(turn), failures);
        assert_eq!(planned.at, now() + turn);
        assert!(planned.why.contains("our own pace") && !planned.why.contains("server"), "{}", planned.why);
        // A feed that was kept away by what another feed of the host was told.
        let planned = of("rate_limited", Failure::Waits(turn), failures);
        assert_eq!(planned.at, now() + turn);
        assert!(planned.why.contains("the host asked to be left alone"), "{}", planned.why);
    }
    assert!(of("robots_unreachable", Failure::Deferred(turn), 0).why.contains("robots.txt"));
    assert!(of("rate_limited", Failure::Deferred(turn), 0).why.contains("the server asked"));
    for attempts in [1, 50, 5_000] {
        assert_eq!(next_scrape(&Policy::default(), attempts, Failure::Waits(turn), now(), 0.5), Some(now() + turn));
    }
}
