//! `wireroom status`: what is well, what is not, since when, and what happens next.

use std::process::ExitCode;

use serde_json::json;
use wireroom::article;
use wireroom::model::{self, EntryState};
use wireroom::store::{DriftRow, EntryRow, FeedRow, GapRow, HubRow, MendingRow, Role, SourceRow, Status};

use super::{World, backfill, configuration, print, wiring};

/// Most failing feeds and given-up articles shown to a person.
const SHOWN: usize = 20;

/// Runs the verb.
pub(crate) fn run(world: &World, form: &print::Form) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let store = wiring::open(&settings, Role::Reader)?;
    let now = (world.clock)();
    let (status, troubles, given_up, retrying, walks) = store.read_blocking(move |ledger| {
        let feeds: Vec<FeedRow> = ledger.feeds(None)?.into_iter().filter(|feed| feed.enabled).collect();
        let troubles = Troubles {
            failing: feeds.iter().filter(|feed| feed.failures > 0).cloned().collect(),
            waiting: feeds.iter().filter(|feed| feed.failures == 0 && feed.class.is_some()).cloned().collect(),
            mended: feeds.iter().filter(|feed| feed.mended_since.is_some()).cloned().collect(),
            mendings: ledger.mendings(None)?,
            moved: feeds.iter().filter(|feed| feed.lives_at.is_some()).cloned().collect(),
            gaps: ledger.gaps(None, SHOWN)?.into_iter().filter(|gap| gap.filled < gap.estimated).collect(),
            stale: ledger.sources()?.into_iter().filter(|source| source.enabled && source.stale_since.is_some()).collect(),
            hubs: ledger.hubs()?,
            drifts: ledger.drifts()?,
            outdated: ledger.count_outdated(article::VERSION)?,
        };
        let given_up = ledger.entries(None, Some(EntryState::Failed), SHOWN)?;
        let retrying: Vec<EntryRow> = ledger
            .entries(None, Some(EntryState::Pending), 1000)?
            .into_iter()
            .filter(|entry| entry.reason.is_some())
            .take(SHOWN)
            .collect();
        Ok((ledger.status(now)?, troubles, given_up, retrying, ledger.walks(None, true, SHOWN)?))
    })?;
    if form.json {
        let Troubles { failing, waiting, mended, mendings, gaps, stale, hubs, drifts, outdated, moved } = troubles;
        let classes = failing
            .iter()
            .map(|feed| &feed.class)
            .chain(hubs.iter().map(|hub| &hub.class))
            .chain(given_up.iter().chain(&retrying).map(|entry| &entry.class));
        let advice = advice_on(classes.flatten());
        print::json(&json!({
            "status": status, "advice": advice, "failing_feeds": failing, "waiting_feeds": waiting, "mended_feeds": mended, "mendings": mendings, "gaps": gaps, "stale": stale, "hubs": hubs,
            "given_up": given_up, "retrying": retrying, "walks": walks,
            "drifts": drifts, "articles_outdated": outdated, "moved_feeds": moved
        }))?;
    } else {
        say(&status, &troubles, &given_up, &retrying)?;
        walks.iter().try_for_each(|walk| print::line(&backfill::in_progress(walk)))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What the classes of troubles mean, and what helps, each once.
fn advice_on<'a>(classes: impl Iterator<Item = &'a String>) -> Vec<&'static model::Advice> {
    let mut advice: Vec<&model::Advice> = Vec::new();
    for row in classes.filter_map(|class| model::advice(class)) {
        if !advice.iter().any(|known| known.class == row.class) {
            advice.push(row);
        }
    }
    advice
}

/// What is not well with feeds.
struct Troubles {
    failing: Vec<FeedRow>,
    /// Feeds that are not failing, and wait for their host's turn.
    waiting: Vec<FeedRow>,
    /// Feeds whose last document had to be mended.
    mended: Vec<FeedRow>,
    mendings: Vec<MendingRow>,
    /// Gaps not filled.
    gaps: Vec<GapRow>,
    /// Sources that are silent.
    stale: Vec<SourceRow>,
    /// Subscriptions at hubs.
    hubs: Vec<HubRow>,
    /// Sources whose pages are not read as they were.
    drifts: Vec<DriftRow>,
    /// Articles read by an older reader, whose pages are kept.
    outdated: u64,
    /// Feeds that are asked elsewhere than where they are named.
    moved: Vec<FeedRow>,
}

/// For a person.
fn say(status: &Status, troubles: &Troubles, given_up: &[EntryRow], retrying: &[EntryRow]) -> anyhow::Result<()> {
    print::line(&format!(
        "{} articles in {} stories; {} sources ({} silent), {} feeds ({} failing, {} mended, {} due)",
        status.articles,
        status.stories,
        status.sources,
        status.sources_stale,
        status.feeds,
        status.feeds_failing,
        status.feeds_mended,
        status.feeds_due
    ))?;
    print::line(&format!(
        "entries: {} pending ({} due), {} in hand, {} failed, {} skipped, {} in all; {} lost between polls",
        status.pending, status.pending_due, status.in_hand, status.failed, status.skipped, status.entries, status.entries_lost
    ))?;
    print::line(&format!(
        "last poll {}, last article {}, next poll {}",
        or_never(&status.last_poll_at),
        or_never(&status.last_stored_at),
        or_never(&status.next_poll_at)
    ))?;
    print::line(&format!("ledger {} MiB, raw pages {} MiB", status.ledger_bytes >> 20, status.raw_bytes >> 20))?;
    stale(&troubles.stale)?;
    failing(&troubles.failing)?;
    waiting(&troubles.waiting)?;
    hubs(&troubles.hubs)?;
    mended(&troubles.mended, &troubles.mendings)?;
    gaps(&troubles.gaps)?;
    drifts(&troubles.drifts)?;
    outdated(troubles.outdated)?;
    moved(&troubles.moved)?;
    entries("articles given up (wireroom retry entry:ID tries again):", given_up)?;
    entries("articles to be tried again:", retrying)
}

/// Feeds whose last poll failed.
fn failing(feeds: &[FeedRow]) -> anyhow::Result<()> {
    if feeds.is_empty() {
        return Ok(());
    }
    print::line("\nfailing feeds:")?;
    for feed in feeds.iter().take(SHOWN) {
        print::line(&format!("  {} {}", feed.source, print::tame_line(&feed.url)))?;
        print::line(&format!(
            "    {} times in a row since {}, last success {}, next try {}: {}",
            feed.failures,
            or_never(&feed.failing_since),
            or_never(&feed.last_success_at),
            or_never(&feed.next_poll_at),
            print::tame_line(feed.reason.as_deref().unwrap_or("no reason kept"))
        ))?;
        explain(feed.class.as_deref())?;
    }
    more(feeds.len(), "wireroom sources --json")
}

/// Feeds that wait for their host's turn, which is nobody's failure.
fn waiting(feeds: &[FeedRow]) -> anyhow::Result<()> {
    if feeds.is_empty() {
        return Ok(());
    }
    print::line("\nfeeds that wait for their host's turn (no failures):")?;
    for feed in feeds.iter().take(SHOWN) {
        let why = feed.next_why.as_deref().unwrap_or_default();
        print::line(&format!(
            "  {} {}: next {}: {}",
            feed.source,
            print::tame_line(&feed.url),
            or_never(&feed.next_poll_at),
            print::tame_line(why)
        ))?;
    }
    more(feeds.len(), "wireroom sources --json")
}

/// Feeds that moved for good.
fn moved(feeds: &[FeedRow]) -> anyhow::Result<()> {
    if feeds.is_empty() {
        return Ok(());
    }
    print::line("\nfeeds that moved for good (they are asked at the new address; write it into the configuration):")?;
    for feed in feeds.iter().take(SHOWN) {
        let to = feed.lives_at.as_deref().unwrap_or_default();
        print::line(&format!("  {} {} -> {}", feed.source, print::tame_line(&feed.url), print::tame_line(to)))?;
        let why = feed.next_why.as_deref().unwrap_or_default();
        print::line(&format!("    asked next {}: {}", or_never(&feed.next_poll_at), print::tame_line(why)))?;
    }
    more(feeds.len(), "wireroom sources --json")
}

/// What a class of trouble means, and what helps.
fn explain(class: Option<&str>) -> anyhow::Result<()> {
    let Some(class) = class else { return Ok(()) };
    match model::advice(class) {
        Some(advice) => print::line(&format!("    {class}: {} {}", advice.meaning, advice.remedy)),
        None => print::line(&format!("    {}", print::tame_line(class))),
    }
}

/// Sources that bring nothing although they should.
fn stale(sources: &[SourceRow]) -> anyhow::Result<()> {
    if sources.is_empty() {
        return Ok(());
    }
    print::line("\nsilent sources (against their own rhythm, or because all of their feeds fail):")?;
    for source in sources.iter().take(SHOWN) {
        print::line(&format!("  {} since {}", source.name, or_never(&source.stale_since)))?;
    }
    more(sources.len(), "wireroom sources")
}

/// Subscriptions at hubs: those that work in one line, those that do not with their reason.
fn hubs(rows: &[HubRow]) -> anyhow::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let (active, others): (Vec<&HubRow>, Vec<&HubRow>) = rows.iter().partition(|row| row.state == "active");
    let (pushed, waiting) = (active.iter().filter(|row| row.pushes > 0).count(), rows.iter().map(|row| row.waiting).sum::<i64>());
    print::line(&format!("\nhubs: {} subscriptions, {pushed} of them with pushes; {waiting} deliveries wait", active.len()))?;
    for row in others.iter().take(SHOWN) {
        print::line(&format!("  {} {} at {}: {}", row.source, print::tame_line(&row.feed), print::tame_line(&row.hub), row.state))?;
        let reason = row.reason.as_deref().unwrap_or("not asked yet, or not answered yet");
        print::line(&format!(
            "    {} failures, asked next {}: {}",
            row.failures,
            or_never(&row.next_at),
            print::tame_line(reason)
        ))?;
        explain(row.class.as_deref())?;
    }
    more(others.len(), "wireroom status --json")
}

/// Feeds whose last document had to be mended: what, how often, and what could not be saved.
fn mended(feeds: &[FeedRow], mendings: &[MendingRow]) -> anyhow::Result<()> {
    if feeds.is_empty() {
        return Ok(());
    }
    print::line("\nfeeds that need mending (wireroom feed URL --explain shows where):")?;
    for feed in feeds.iter().take(SHOWN) {
        let own = mendings.iter().filter(|row| row.source == feed.source && row.feed == feed.url);
        let mut said: Vec<String> =
            own.map(|row| format!("{} {} times in {} polls", print::tame_line(&row.step), row.count, row.polls)).collect();
        if feed.entries_refused > 0 {
            said.push(format!("{} entries refused", feed.entries_refused));
        }
        if feed.bytes_lost > 0 {
            said.push(format!("{} bytes lost", feed.bytes_lost));
        }
        let since = feed.mended_since.as_deref().unwrap_or_default();
        print::line(&format!("  {} {} since {since}: {}", feed.source, print::tame_line(&feed.url), said.join(", ")))?;
    }
    more(feeds.len(), "wireroom status --json")
}

/// Stretches of time that a feed no longer listed when it was polled again.
fn gaps(rows: &[GapRow]) -> anyhow::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    print::line("\nentries lost between two polls (by the feed's turnover):")?;
    for gap in rows {
        print::line(&format!(
            "  {} {}: {} lost, {} found later, between {} and {}: {}",
            gap.source,
            print::tame_line(&gap.feed),
            gap.estimated,
            gap.filled,
            gap.from_at,
            gap.to_at,
            print::tame_line(&gap.reason)
        ))?;
    }
    Ok(())
}

/// Sources whose pages are not read as they were, against their own history.
fn drifts(rows: &[DriftRow]) -> anyhow::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    print::line("\nsources whose pages may have a new layout (wireroom extract URL --explain shows what is read):")?;
    for drift in rows {
        let what = match drift.facet.as_str() {
            "body" => format!("body of {:.0} characters, was {:.0}", drift.is_now, drift.was),
            "selectors" => shares("pages on which every selector matches", drift),
            facet => shares(&format!("pages with {facet}"), drift),
        };
        let example = drift.example.map(|id| format!(", e.g. article {id}")).unwrap_or_default();
        print::line(&format!("  {}: {what}; {} pages, noticed {}{example}", drift.source, drift.pages, drift.noticed_at))?;
    }
    Ok(())
}

/// Articles that today's reader may read better.
fn outdated(articles: u64) -> anyhow::Result<()> {
    if articles == 0 {
        return Ok(());
    }
    print::line(&format!(
        "\n{articles} articles were read by an older reader, and their pages are kept: wireroom reprocess reads them again \
         (--dry-run shows what would change)"
    ))
}

fn shares(what: &str, drift: &DriftRow) -> String {
    format!("{:.0} % {what}, was {:.0} %", 100.0 * drift.is_now, 100.0 * drift.was)
}

/// How many rows are not shown, and where they are.
fn more(rows: usize, elsewhere: &str) -> anyhow::Result<()> {
    if rows > SHOWN {
        print::line(&format!("  and {} more: {elsewhere}", rows - SHOWN))?;
    }
    Ok(())
}

fn or_never(at: &Option<String>) -> String {
    at.clone().unwrap_or_else(|| "never".to_owned())
}

/// A list of entries with their reasons.
fn entries(head: &str, rows: &[EntryRow]) -> anyhow::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    print::line(&format!("\n{head}"))?;
    for entry in rows {
        print::line(&format!(
            "  entry:{} of {}: {}",
            entry.id,
            entry.source,
            print::tame_line(entry.url.as_deref().unwrap_or("(no link)"))
        ))?;
        let next = entry.next_attempt_at.as_ref().map(|at| format!(", next {at}")).unwrap_or_default();
        let reason = print::tame_line(entry.reason.as_deref().unwrap_or("no reason kept"));
        let since = &entry.first_seen_at;
        print::line(&format!("    attempt {} since {since}{next}: {reason}", entry.attempts))?;
        explain(entry.class.as_deref())?;
    }
    Ok(())
}
