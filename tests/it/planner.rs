//! The planner: what it learns, what it plans by that, and that nothing makes it impolite.

use std::time::Duration;

use proptest::prelude::*;
use wireroom::model::{
    Budget, Entry, EntryKey, Failure, Head, Hints, NewEntry, PollOutcome, PollRead, Precision, PressTime, Rhythm, Timestamp,
    Trouble, Url, Validators, Window, ZoneSource,
};
use wireroom::schedule::{Policy, Terms, explain, next_poll, remember};

use super::operator::Desk;
use newsweb::{NewsWeb, Plan};

/// A Monday, 0 h UTC.
const MONDAY: i64 = 1_779_667_200;
const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn head(fresh_for: Option<Duration>) -> Head {
    Head {
        status: 200,
        final_url: Url::parse("https://agency.example.org/feed").unwrap(),
        validators: Validators::default(),
        fresh_for,
        moved_to: None,
        fetched_at: at(MONDAY),
        fields: Default::default(),
    }
}

fn dated(second: i64, now: i64) -> NewEntry {
    let time = PressTime { at: at(second), offset_minutes: Some(0), precision: Precision::Instant, zone_source: ZoneSource::Page };
    let entry = Entry { published: Some(time), ..Entry::of_page(None, at(now)) };
    NewEntry { key: EntryKey(String::new()), also: Vec::new(), entry, url_key: None, host: None, digest: [0; 16], skipped: None }
}

/// A document with these new entries and twenty listed in all.
fn read(times: &[i64], now: i64) -> PollOutcome {
    let fresh: Vec<NewEntry> = times.iter().map(|second| dated(*second, now)).collect();
    let window = Window { entries: 20, fresh: fresh.len() as u32, ..Window::default() };
    PollOutcome::Read(Box::new(PollRead {
        unchanged: 20usize.saturating_sub(fresh.len()),
        validators: Some(Validators::default()),
        window: Some(window),
        ..PollRead::of_entries(head(None), fresh)
    }))
}

/// A feed of which everything is known that an hourly poll shows over some days.
fn watched(published: &[i64], days: i64) -> (Rhythm, i64) {
    let policy = Policy::default();
    let mut rhythm = Rhythm::default();
    let (mut last, mut now) = (MONDAY - 1, MONDAY);
    while now <= MONDAY + days * DAY {
        let fresh: Vec<i64> = published.iter().copied().filter(|second| (last + 1..=now).contains(second)).collect();
        let outcome = if fresh.is_empty() && rhythm.polls > 0 { PollOutcome::Unchanged(head(None)) } else { read(&fresh, now) };
        let next = next_poll(&policy, &rhythm, 0, &outcome, at(now), 0.5);
        rhythm = remember(&policy, &rhythm, &outcome, &next, at(now));
        last = now;
        now += HOUR;
    }
    (rhythm, last)
}

/// Seconds from `now` to the poll that is planned after one that brought nothing.
fn wait(policy: &Policy, rhythm: &Rhythm, now: i64) -> f64 {
    let next = next_poll(policy, rhythm, 0, &PollOutcome::Unchanged(head(None)), at(now), 0.0);
    next.at.duration_since(at(now)).as_secs_f64()
}

/// Three bulletins of five entries a day, at fixed times.
fn bulletins(days: i64) -> Vec<i64> {
    (0..days)
        .flat_map(|day| [6, 12, 18].map(|hour| MONDAY + day * DAY + hour * HOUR + 1800))
        .flat_map(|time| (0..5).map(move |i| time + i))
        .collect()
}

#[test]
fn polls_gather_where_news_was_before() {
    let (rhythm, last) = watched(&bulletins(21), 21);
    let policy = Policy::default();
    let midnight = last - last.rem_euclid(DAY);
    // Through one day, poll by poll.
    let (mut now, mut near, mut all) = (midnight, 0, 0);
    while now < midnight + DAY {
        now += wait(&policy, &rhythm, now) as i64 + 1;
        let hour = now.rem_euclid(DAY) as f64 / HOUR as f64;
        all += 1;
        near += i32::from([6.5, 12.5, 18.5].iter().any(|time| (hour - time).abs() <= 0.5));
    }
    assert!(near * 2 > all, "{near} of {all} polls within half an hour of the bulletins, which are an eighth of the day");
}

#[test]
fn one_feed_alone_spends_its_budget() {
    let (rhythm, last) = watched(&bulletins(21), 21);
    for polls_per_day in [12, 24, 96] {
        let policy = Policy { polls_per_day, ..Policy::default() };
        let (mut now, mut polls) = (last, 0);
        while now < last + 7 * DAY {
            now += wait(&policy, &rhythm, now) as i64 + 1;
            polls += 1;
        }
        let share = f64::from(polls) / 7.0 / f64::from(polls_per_day);
        assert!((0.85..1.15).contains(&share), "{polls} polls in a week for {polls_per_day} a day");
    }
}

#[test]
fn a_busy_feed_takes_polls_from_a_quiet_one_and_the_sum_stays() {
    let busy: Vec<i64> = (0..21 * DAY / 600).map(|step| MONDAY + step * 600).collect();
    let quiet: Vec<i64> = (0..21).map(|day| MONDAY + day * DAY + 7 * HOUR).collect();
    let (mut busy, last) = watched(&busy, 21);
    let (mut quiet, _) = watched(&quiet, 21);
    let mut budget = Budget::default();
    budget.exchange(&[], &busy.costs);
    budget.exchange(&[], &quiet.costs);
    (busy.budget, quiet.budget) = (budget.clone(), budget);
    let policy = Policy::default();
    let a_day = |rhythm: &Rhythm| explain(&policy, rhythm, at(last)).polls_per_day.unwrap();
    let (much, little) = (a_day(&busy), a_day(&quiet));
    assert!((much + little - 48.0).abs() < 1.0, "{much} + {little} polls a day for two feeds at 24");
    // Twelve times the square root of the news, less what the ceiling keeps for the quiet one.
    assert!(much > 3.0 * little, "{much} and {little}");
    assert!(little >= 5.9, "the ceiling holds: {little}");
}

#[test]
fn weight_floor_and_ceiling_of_a_source_are_its_own() {
    let (rhythm, last) = watched(&bulletins(21), 21);
    let mut budget = Budget::default();
    (0..10).for_each(|_| budget.exchange(&[], &rhythm.costs));
    let rhythm = Rhythm { budget, ..rhythm };
    let house = Policy::default();
    let on = |terms: Terms| wait(&house.on(&terms), &rhythm, last);
    let plain = on(Terms::default());
    assert!(on(Terms { weight: 9.0, ..Terms::default() }) < plain);
    assert!(on(Terms { min_interval: Some(Duration::from_secs(9 * 3600)), ..Terms::default() }) >= 9.0 * 3600.0);
    assert!(
        on(Terms { max_interval: Some(Duration::from_secs(120)), ..Terms::default() }) <= 126.0,
        "a ceiling below the floor of the house"
    );
}

#[test]
fn a_new_feed_is_asked_every_half_hour_until_it_is_known() {
    let policy = Policy::default();
    let outcome = read(&[], MONDAY);
    let next = next_poll(&policy, &Rhythm::default(), 0, &outcome, at(MONDAY), 0.0);
    assert_eq!(next.interval_s, 1800, "{next:?}");
    let rhythm = remember(&policy, &Rhythm::default(), &outcome, &next, at(MONDAY));
    assert!(rhythm.costs.is_empty(), "it takes no part in the budget");
    assert_eq!(next_poll(&policy, &rhythm, 0, &PollOutcome::Unchanged(head(None)), at(MONDAY + DAY), 0.0).interval_s, 1800);
    let (known, _) = watched(&[], 3);
    assert!(!known.costs.is_empty(), "two days of silence say enough");
}

#[test]
fn a_backlog_teaches_hours_and_is_no_burst() {
    let policy = Policy::default();
    let now = MONDAY + 20 * DAY + 4 * HOUR;
    // One entry a day at noon, for twenty days.
    let times: Vec<i64> = (0..20).map(|day| MONDAY + day * DAY + 12 * HOUR).collect();
    let outcome = read(&times, now);
    let next = next_poll(&policy, &Rhythm::default(), 0, &outcome, at(now), 0.0);
    let rhythm = remember(&policy, &Rhythm::default(), &outcome, &next, at(now));
    let told = explain(&policy, &rhythm, at(now));
    let rate = told.entries_per_day.unwrap();
    assert!((0.7..1.4).contains(&rate), "{rate} entries a day");
    assert!(told.busiest.as_deref().is_some_and(|hour| hour.contains("12:00")), "{told:?}");
    assert!(told.sentence.contains("UTC") && told.sentence.contains("budget"), "{}", told.sentence);
}

#[test]
fn absurd_dates_teach_nothing_and_entries_without_dates_count_when_they_come() {
    let policy = Policy::default();
    let learn = |rhythm: &Rhythm, outcome: &PollOutcome, now: i64| {
        let next = next_poll(&policy, rhythm, 0, outcome, at(now), 0.0);
        remember(&policy, rhythm, outcome, &next, at(now))
    };
    let first = learn(&Rhythm::default(), &read(&[], MONDAY), MONDAY);
    // Two thousand entries of another age: an archive, not news.
    let archive: Vec<i64> = (0..2000).map(|index| 1_000_000_000 + index).collect();
    let now = MONDAY + 2 * DAY;
    let flooded = explain(&policy, &learn(&first, &read(&archive, now), now), at(now));
    assert!(flooded.entries_counted <= 10.5, "{flooded:?}");
    let dateless = PollOutcome::Read(Box::new(PollRead {
        unchanged: 10,
        window: Some(Window { entries: 16, fresh: 6, ..Window::default() }),
        ..PollRead::of_entries(
            head(None),
            (0..6).map(|_| NewEntry { entry: Entry::of_page(None, at(now)), ..dated(now, now) }).collect(),
        )
    }));
    let told = explain(&policy, &learn(&first, &dateless, now), at(now));
    assert!((5.0..=6.5).contains(&told.entries_counted), "{told:?}");
}

#[test]
fn a_burst_shortens_the_wait_and_fades() {
    let published: Vec<i64> = (0..21 * DAY / 7200).map(|step| MONDAY + step * 7200 + 60).collect();
    let (calm, last) = watched(&published, 21);
    let policy = Policy::default();
    let now = last + 1800;
    let breaking: Vec<i64> = (0..8).map(|index| now - 900 + index * 100).collect();
    let outcome = read(&breaking, now);
    let next = next_poll(&policy, &calm, 0, &outcome, at(now), 0.0);
    let excited = remember(&policy, &calm, &outcome, &next, at(now));
    assert!(wait(&policy, &excited, now + 60) * 1.5 < wait(&policy, &calm, now + 60), "news brings news");
    let later = now + 5 * HOUR;
    assert!(wait(&policy, &excited, later) * 1.5 > wait(&policy, &calm, later), "and not for ever");
}

#[test]
fn failures_keep_out_of_the_hours_that_the_feed_forbids() {
    // Monday, 3 h; hours 3 to 6 are skipped.
    let hints = Hints { skip_hours: vec![3, 4, 5, 6], ..Hints::default() };
    let rhythm = Rhythm { hints, polls: 5, ..Rhythm::default() };
    let failure = Failure::Deferred(Duration::from_secs(120));
    let outcome = PollOutcome::Failed(Trouble { failure, class: "busy", reason: "503".to_owned() });
    let next = next_poll(&Policy::default(), &rhythm, 0, &outcome, at(MONDAY + 3 * HOUR), 0.0);
    assert_eq!(next.at, at(MONDAY + 7 * HOUR));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// What stands in the ledger may be anything.
    #[test]
    fn garbage_is_planned_by_as_if_it_were_nothing(
        habits in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..600),
            proptest::collection::vec(any::<u8>(), 487).prop_map(|mut bytes| { bytes[0] = 1; bytes }),
        ],
        costs in proptest::collection::vec(any::<f32>(), 0..20),
        sums in proptest::collection::vec(any::<f64>(), 0..20),
        feeds in any::<u64>(),
        entries in any::<u32>(),
        covers in any::<f64>(),
        interval in any::<u64>(),
        fresh in proptest::option::of(0u64..200_000),
        dice in 0.0f64..1.0,
    ) {
        let policy = Policy::default();
        let rhythm = Rhythm {
            habits, costs, polls: 7, interval_s: interval, covers_s: Some(covers), answered_at: Some(at(MONDAY - HOUR)),
            budget: Budget { feeds, polls: sums }, window: Some(Window { entries, ..Window::default() }), ..Rhythm::default()
        };
        let fresh = fresh.map(Duration::from_secs);
        let next = next_poll(&policy, &rhythm, 0, &PollOutcome::Unchanged(head(fresh)), at(MONDAY), dice);
        let wait = next.at.duration_since(at(MONDAY)).as_secs();
        let asked = fresh.map_or(0, |fresh| fresh.as_secs().min(86_400)) as i64;
        prop_assert!(wait >= 300 && wait >= asked, "{next:?}");
        prop_assert!(wait <= (4 * HOUR).max(asked) * 105 / 100 + 1, "{next:?}");
        let learnt = remember(&policy, &rhythm, &PollOutcome::Unchanged(head(fresh)), &next, at(MONDAY));
        prop_assert!(learnt.costs.iter().all(|cost| cost.is_finite() && (0.0..=288.1).contains(cost)), "{:?}", learnt.costs);
        prop_assert!(!explain(&policy, &learnt, at(MONDAY)).sentence.is_empty());
    }

    /// The later it is, the later is the next poll, floor and ceiling kept.
    #[test]
    fn plans_move_on_with_time(steps in proptest::collection::vec(1i64..4000, 1..8), every in 600i64..40_000) {
        let published: Vec<i64> = (0..10 * DAY / every).map(|step| MONDAY + step * every).collect();
        let (rhythm, last) = watched(&published, 10);
        let (mut now, mut before) = (last, f64::NEG_INFINITY);
        for step in steps {
            now += step;
            let wait = wait(&Policy::default(), &rhythm, now);
            prop_assert!((300.0..=4.0 * HOUR as f64 + 181.0).contains(&wait));
            // What is known fades as time passes without news, which lengthens waits; profiles shift by less than this.
            prop_assert!(now as f64 + wait > before - 60.0, "at {now} {wait} s, before that {before}");
            before = now as f64 + wait;
        }
    }

    /// What is put into the sums comes out of them again.
    #[test]
    fn sums_of_costs_forget_nothing(costs in proptest::collection::vec(proptest::collection::vec(0.0f32..288.0, 16), 1..12)) {
        let mut budget = Budget::default();
        for one in &costs {
            budget.exchange(&[], one);
        }
        prop_assert_eq!(budget.feeds, costs.len() as u64);
        for one in costs.iter().skip(1) {
            budget.exchange(one, &[]);
        }
        prop_assert_eq!(budget.feeds, 1);
        for (sum, cost) in budget.polls.iter().zip(&costs[0]) {
            prop_assert!((sum - f64::from(*cost)).abs() < 1e-6);
        }
    }
}

#[test]
fn an_operator_is_told_what_a_plan_rests_on() {
    let web = NewsWeb::start(Plan::of([newsweb::Agency::new("gazette")])).unwrap();
    let desk = Desk::of(&web);
    desk.once();
    let told = desk.say(&["sources", "--plan", "gazette"]);
    assert!(told.contains("next poll 20") && told.contains("budget"), "{told}");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&desk.say(&["sources", "--plan", "gazette", "--json"])).unwrap();
    assert_eq!(rows.len(), 1);
    assert!(rows[0]["sentence"].as_str().is_some_and(|sentence| !sentence.is_empty()));
    assert_eq!(rows[0]["budget_per_feed"], 24);
}
