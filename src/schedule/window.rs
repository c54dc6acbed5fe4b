//! What a feed lists, how fast that turns over, and what was published and gone again between two polls.

use super::lessons;
use crate::model::{Entry, Gap, PollOutcome, Precision, Rhythm, Sight, SignedDuration, Timestamp, Window};

/// Instants kept of a window: the newest ones.
const KEPT: usize = 16;
/// An entry dated farther ahead than this has no date.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);
/// A rate is over when nothing came for so many of its steps.
const SILENCE: f64 = 5.0;
/// Rates within this factor are one rate.
const ALIKE: f64 = 3.0;
/// Running numbers of neighbours lie no farther apart than this on the average, or they count something else too.
const DENSE: f64 = 3.0;
/// More windows than this are not thought to have passed between two polls: then the entries come in clumps.
const MOST_WINDOWS: f64 = 50.0;
/// A window that was filled faster than this and then stood still was filled at one blow, which says nothing of a rate.
const BLOW_S: f64 = 300.0;
/// What is remembered of arrivals fades by half in this time.
const HALF_LIFE_S: f64 = 3.0 * 86_400.0;
/// A first window is believed to tell of no more than this.
const LOOK_BACK_S: f64 = 14.0 * 86_400.0;
/// How fast a covered time that was short once may grow again, a poll.
const RELAX: f64 = 1.05;

/// One entry of a document, as far as this room looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    at: Option<Timestamp>,
    /// What may be its running number: the first number in its address, the last one in its id.
    numbers: [Option<u64>; 2],
}

/// A document's entries, in its order.
pub fn listed(entries: &[Entry], now: Timestamp) -> Vec<Listed> {
    let latest = now.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    entries
        .iter()
        .map(|entry| Listed {
            at: entry
                .published
                .or(entry.updated)
                .filter(|time| time.precision != Precision::Day && time.at <= latest)
                .map(|time| time.at),
            numbers: numbers(entry),
        })
        .collect()
}

/// What a complete document lists, and what is missing between it and the last one. `sights` says for each entry how the
/// ledger knew it.
///
/// A feed's newest entry is the last to leave its window: while one of the newest of the last document is still listed,
/// nothing was lost. One old entry that is kept at the top proves nothing; nor do new entries with old dates prove a loss,
/// for then the feed is sorted by something else, or its addresses changed.
pub fn take_stock(rhythm: &Rhythm, entries: &[Listed], sights: &[Sight], now: Timestamp) -> (Window, Option<Gap>) {
    let gap = rhythm.window.as_ref().and_then(|last| {
        let stock = Stock { rhythm, last, entries, sights, now };
        if last.newest.is_empty() || entries.iter().all(|entry| entry.at.is_none()) { stock.undated() } else { stock.dated() }
    });
    let window = window(entries, sights, rhythm.window.as_ref());
    (window, gap)
}

/// The rhythm after a poll. The interval is the planner's.
pub fn learn(rhythm: &Rhythm, outcome: &PollOutcome, now: Timestamp) -> Rhythm {
    let mut learnt = Rhythm { brought: 0, habits: lessons::taught(rhythm, outcome, now), ..rhythm.clone() };
    let PollOutcome::Read(read) = outcome else {
        if matches!(outcome, PollOutcome::Unchanged(_)) {
            learnt.polls += 1;
            pass(&mut learnt, rhythm.answered_at, now);
            learnt.covers_s = learnt.covers_s.map(|covers| covers * RELAX);
        }
        return learnt;
    };
    learnt.polls += 1;
    if read.validators.is_some() || read.body_hash.is_some() {
        learnt.hints = read.hints.clone();
    }
    let listed = read.fresh.len() + read.changed.len() + read.unchanged;
    learnt.leads = listed == 0 && (rhythm.leads || rhythm.brought > 0 || !read.pages.next.is_empty());
    pass(&mut learnt, rhythm.answered_at, now);
    let Some(window) = &read.window else { return learnt };
    let lost = read.gap.as_ref().map_or(0, |gap| gap.estimated);
    let came = f64::from(window.fresh + lost);
    match (rhythm.answered_at, window.oldest) {
        (Some(_), _) => learnt.arrived += came,
        (None, Some(oldest)) => {
            learnt.arrived += f64::from(window.dated.saturating_sub(1));
            learnt.over_s += seconds(oldest, now).clamp(0.0, LOOK_BACK_S);
        }
        (None, None) => {}
    }
    if let Some((run, run_s)) = pace(window) {
        let kept = if alike((run, run_s), (learnt.run, learnt.run_s)) { 0.8 } else { 0.0 };
        learnt.run = learnt.run * kept + run;
        learnt.run_s = learnt.run_s * kept + run_s;
    }
    learnt.covers_s = covers(rhythm, window, came, now).or(learnt.covers_s);
    // A document without entries says nothing of the window.
    if window.entries > 0 {
        learnt.window = Some(window.clone());
    }
    learnt
}

/// Lets time pass for what fades.
fn pass(learnt: &mut Rhythm, since: Option<Timestamp>, now: Timestamp) {
    learnt.answered_at = Some(now);
    let Some(since) = since else { return };
    let elapsed = seconds(since, now).max(0.0);
    let kept = 0.5_f64.powf(elapsed / HALF_LIFE_S);
    learnt.arrived *= kept;
    learnt.over_s = learnt.over_s * kept + elapsed;
}

/// The time that the window covers, by its dates and by what came since the last poll; never much longer than lately.
fn covers(rhythm: &Rhythm, window: &Window, came: f64, now: Timestamp) -> Option<f64> {
    let by_dates = pace(window).and_then(|(run, span)| {
        let silent = window.newest.first().is_some_and(|newest| is_silent(rate(run, span), *newest, now));
        (!silent || span >= BLOW_S).then_some(span * f64::from(window.entries) / (run + 1.0))
    });
    let elapsed = rhythm.answered_at.map(|since| seconds(since, now)).filter(|elapsed| *elapsed > 0.0);
    let by_arrivals = elapsed.filter(|_| came > 0.0).map(|elapsed| elapsed * f64::from(window.entries) / came);
    let lately = rhythm.covers_s.map(|covers| covers * RELAX);
    [by_dates, by_arrivals, lately].into_iter().flatten().reduce(f64::min)
}

/// One document beside what is remembered of the last one.
struct Stock<'a> {
    rhythm: &'a Rhythm,
    last: &'a Window,
    entries: &'a [Listed],
    sights: &'a [Sight],
    now: Timestamp,
}

impl Stock<'_> {
    fn dated(&self) -> Option<Gap> {
        let newest = *self.last.newest.first()?;
        let dated = || self.entries.iter().zip(self.sights).filter_map(|(entry, sight)| entry.at.map(|at| (at, *sight)));
        // What this feed listed before and dates anew is listed still; a single one of many may be an entry kept at the top.
        let renewed = dated().filter(|(at, sight)| *sight == Sight::Ours && *at > newest).count();
        if renewed * 4 >= self.entries.len() {
            return None;
        }
        let latest_known = dated().filter(|(at, sight)| *sight != Sight::New && *at <= newest).map(|(at, _)| at).max();
        if latest_known.is_some_and(|known| !self.is_left_behind(known)) {
            return None;
        }
        // Dates know whole seconds only: an entry of the very second of the last one is a new one.
        let is_new = |at: Timestamp, sight: Sight| at > newest && sight != Sight::Ours || at == newest && sight == Sight::New;
        let mut new: Vec<Timestamp> = dated().filter(|(at, sight)| is_new(*at, *sight)).map(|(at, _)| at).collect();
        let first = *new.iter().min()?;
        if let Some(lost) = self.by_numbers() {
            return gap(newest, first, lost, "running numbers are missing between two polls");
        }
        let late = dated().filter(|(at, sight)| *sight == Sight::New && *at < newest).count();
        if late * 4 >= late + new.len() {
            return None;
        }
        new.sort_unstable();
        gap(newest, first, self.by_dates(newest, &new), "no entry of the last poll is listed any more")
    }

    /// Whether the newest entry that is still known is so much older than the last window's newest ones that it was kept
    /// aside while the window moved on.
    fn is_left_behind(&self, known: Timestamp) -> bool {
        let (all, gone) = (self.last.newest.len(), self.last.newest.iter().filter(|at| **at > known).count());
        gone == all || gone >= 3 && gone * 2 >= all
    }

    /// How many entries lie between the last window and the new ones, by the rate at which both were filled.
    fn by_dates(&self, newest: Timestamp, new: &[Timestamp]) -> f64 {
        let (first, last) = (new[0], new[new.len() - 1]);
        let answered = self.rhythm.answered_at.unwrap_or(newest);
        let (run, run_s) = ((new.len() - 1) as f64, seconds(first, last));
        // Dates of another time than ours cannot be laid beside the instants of our polls.
        let in_step = last >= answered;
        let (run, run_s) = match (self.rhythm.run, self.rhythm.run_s) {
            (kept, kept_s) if alike((run, run_s), (kept, kept_s)) => (run + kept, run_s + kept_s),
            (kept, kept_s) if run == 0.0 => (kept, kept_s),
            _ => (run, run_s),
        };
        let rate = rate(run, run_s);
        let lost = if !in_step || !is_silent(rate, last, self.now) {
            let from = if in_step && is_silent(rate, newest, answered) { answered } else { newest };
            rate * seconds(from, first) - 1.0
        } else {
            // They came at one blow and then none did: only all that was seen, the silence included, tells of a rate, and
            // what was lost was lost by the blow.
            let watched = self.last.oldest.map_or(0.0, |oldest| seconds(oldest, answered)) + seconds(first, self.now);
            let rate = f64::from(self.last.dated + new.len() as u32 - 1) / watched.max(1.0);
            let blow = new.len() as f64;
            (rate * seconds(answered, first) / blow).round() * blow
        };
        if lost > MOST_WINDOWS * self.entries.len() as f64 { self.by_arrivals(new.len()) } else { lost }
    }

    /// Without dates: by what came up to now in such a time.
    fn undated(&self) -> Option<Gap> {
        let known: Vec<usize> = (0..self.sights.len()).filter(|at| self.sights[*at] != Sight::New).collect();
        let new = self.sights.len() - known.len();
        let first_new = self.sights.iter().position(|sight| *sight == Sight::New)?;
        // In a feed that lists the newest first, what is known stands below what is new; above it, it is kept there.
        let kept_on_top = self.last.newest_first == Some(true) && new >= 4 && known.iter().all(|at| *at < first_new);
        if !known.is_empty() && !kept_on_top {
            return None;
        }
        let from = self.rhythm.answered_at?;
        let (lost, reason) = match self.by_numbers() {
            Some(lost) => (lost, "running numbers are missing between two polls"),
            None => (self.by_arrivals(new), "no entry of the last poll is listed any more"),
        };
        gap(from, self.now, lost, reason)
    }

    /// How many entries came since the last poll, by what came before, beyond those that are listed.
    fn by_arrivals(&self, new: usize) -> f64 {
        let Some(answered) = self.rhythm.answered_at.filter(|_| self.rhythm.over_s > 0.0) else { return 0.0 };
        self.rhythm.arrived / self.rhythm.over_s * seconds(answered, self.now) - new as f64
    }

    /// How many entries are missing in the feed's running numbers, where it has such.
    fn by_numbers(&self) -> Option<f64> {
        (0..2).find_map(|which| {
            let last = self.last.last_numbers[which]?;
            let new = || self.entries.iter().zip(self.sights).filter(|(_, sight)| **sight == Sight::New);
            let beyond: Vec<u64> = new().filter_map(|(entry, _)| entry.numbers[which].filter(|number| *number > last)).collect();
            if beyond.len() * 5 < new().count() * 4 {
                return None;
            }
            let (lowest, _, step) = run_of_numbers(beyond)?;
            Some((lowest - last) as f64 / step - 1.0)
        })
    }
}

/// A gap, when at least one entry is lost.
fn gap(from: Timestamp, to: Timestamp, lost: f64, reason: &str) -> Option<Gap> {
    let estimated = lost.round().clamp(0.0, 1e9) as u32;
    (estimated > 0).then(|| Gap { from, to, estimated, reason: reason.to_owned() })
}

/// What is remembered of a document.
fn window(entries: &[Listed], sights: &[Sight], last: Option<&Window>) -> Window {
    let mut times: Vec<Timestamp> = entries.iter().filter_map(|entry| entry.at).collect();
    times.sort_unstable_by(|one, other| other.cmp(one));
    let run = without_stragglers(&times);
    let fresh = sights.iter().filter(|sight| **sight == Sight::New).count();
    let last_number = |which: usize| {
        let numbers: Vec<u64> = entries.iter().filter_map(|entry| entry.numbers[which]).collect();
        let numbered = !entries.is_empty() && numbers.len() * 5 >= entries.len() * 4;
        run_of_numbers(numbers).filter(|_| numbered).map(|(_, highest, _)| highest)
    };
    Window {
        entries: u32::try_from(entries.len()).unwrap_or(u32::MAX),
        fresh: u32::try_from(fresh).unwrap_or(u32::MAX),
        newest: times.iter().copied().take(KEPT).collect(),
        oldest: run.last().copied(),
        dated: u32::try_from(run.len()).unwrap_or(u32::MAX),
        last_numbers: [last_number(0), last_number(1)],
        newest_first: newest_first(sights).or_else(|| last.and_then(|last| last.newest_first)),
    }
}

/// Whether new entries stand above the known ones, where a document shows it.
fn newest_first(sights: &[Sight]) -> Option<bool> {
    let (first, last) = (*sights.first()?, *sights.last()?);
    match (first == Sight::New, last == Sight::New) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// Instants from the newest on, without a few old ones that lie far off: entries kept for long.
pub(super) fn without_stragglers(times: &[Timestamp]) -> &[Timestamp] {
    let mut run = times;
    for _ in 0..(times.len() / 5).max(1) {
        let [rest @ .., before, last] = run else { break };
        let others = rest.len() as f64;
        if others < 2.0 || seconds(*last, *before) <= 10.0 * (seconds(*before, rest[0]) / others).max(60.0) {
            break;
        }
        run = &run[..run.len() - 1];
    }
    run
}

/// Lowest, highest and mean step of running numbers; `None` when they do not run.
fn run_of_numbers(mut numbers: Vec<u64>) -> Option<(u64, u64, f64)> {
    numbers.sort_unstable();
    numbers.dedup();
    // A few that are far off are entries kept for long.
    for _ in 0..(numbers.len() / 5) {
        let [first, second, .., last] = numbers[..] else { break };
        if (second - first) as f64 <= DENSE * 10.0 * ((last - second) as f64 / numbers.len() as f64).max(1.0) {
            break;
        }
        numbers.remove(0);
    }
    let (lowest, highest) = (*numbers.first()?, *numbers.last()?);
    let steps = (numbers.len() - 1) as f64;
    let step = if steps > 0.0 { (highest - lowest) as f64 / steps } else { return None };
    (step <= DENSE && steps >= 2.0).then_some((lowest, highest, step))
}

/// The first run of digits in an entry's address, and the last one in its id, or else in its address.
fn numbers(entry: &Entry) -> [Option<u64>; 2] {
    let runs = |text: &str, last: bool| {
        let mut runs = text.split(|letter: char| !letter.is_ascii_digit()).filter(|run| !run.is_empty());
        if last { runs.next_back() } else { runs.next() }.and_then(|run| run.parse().ok())
    };
    let address = entry.url.as_ref().map(|url| format!("{}?{}", url.path(), url.query().unwrap_or_default()));
    let address = address.as_deref();
    [address.and_then(|address| runs(address, false)), entry.id.as_deref().or(address).and_then(|text| runs(text, true))]
}

/// Steps and seconds of a window's run of dates.
fn pace(window: &Window) -> Option<(f64, f64)> {
    let (newest, oldest) = (window.newest.first()?, window.oldest?);
    (window.dated > 1).then(|| (f64::from(window.dated - 1), seconds(oldest, *newest)))
}

/// Steps a second. Dates know whole seconds only.
fn rate(run: f64, run_s: f64) -> f64 {
    run / run_s.max(0.5)
}

/// Whether a rate had ended by an instant, if its last date is this one.
fn is_silent(rate: f64, last: Timestamp, now: Timestamp) -> bool {
    rate * (seconds(last, now) - 1.0) > SILENCE
}

/// Whether two runs may be of one rate, their dates being whole seconds.
fn alike((run, run_s): (f64, f64), (other, other_s): (f64, f64)) -> bool {
    let least = |run: f64, run_s: f64| run / (run_s + 1.0);
    let most = |run: f64, run_s: f64| run / (run_s - 1.0).max(0.1);
    run > 0.0
        && other > 0.0
        && least(run, run_s) <= most(other, other_s) * ALIKE
        && least(other, other_s) <= most(run, run_s) * ALIKE
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}
