//! `wireroom status`: what is well, what is not, since when, and what happens next.

use std::process::ExitCode;

use serde_json::json;
use wireroom::model::EntryState;
use wireroom::store::{EntryRow, FeedRow, Role, Status};

use super::{World, configuration, print, wiring};

/// Most failing feeds and given-up articles shown to a person.
const SHOWN: usize = 20;

/// Runs the verb.
pub(crate) fn run(world: &World, form: &print::Form) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let store = wiring::open(&settings, Role::Reader)?;
    let now = (world.clock)();
    let (status, failing, given_up, retrying) = store.read_blocking(move |ledger| {
        let failing: Vec<FeedRow> = ledger.feeds(None)?.into_iter().filter(|feed| feed.enabled && feed.failures > 0).collect();
        let given_up = ledger.entries(None, Some(EntryState::Failed), SHOWN)?;
        let retrying: Vec<EntryRow> = ledger
            .entries(None, Some(EntryState::Pending), 1000)?
            .into_iter()
            .filter(|entry| entry.reason.is_some())
            .take(SHOWN)
            .collect();
        Ok((ledger.status(now)?, failing, given_up, retrying))
    })?;
    if form.json {
        print::json(&json!({ "status": status, "failing_feeds": failing, "given_up": given_up, "retrying": retrying }))?;
    } else {
        say(&status, &failing, &given_up, &retrying)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// For a person.
fn say(status: &Status, failing: &[FeedRow], given_up: &[EntryRow], retrying: &[EntryRow]) -> anyhow::Result<()> {
    let or_never = |at: &Option<String>| at.clone().unwrap_or_else(|| "never".to_owned());
    print::line(&format!(
        "{} articles in {} stories; {} sources, {} feeds ({} failing, {} due)",
        status.articles, status.stories, status.sources, status.feeds, status.feeds_failing, status.feeds_due
    ))?;
    print::line(&format!(
        "entries: {} pending ({} due), {} in hand, {} failed, {} skipped, {} in all",
        status.pending, status.pending_due, status.in_hand, status.failed, status.skipped, status.entries
    ))?;
    print::line(&format!(
        "last poll {}, last article {}, next poll {}",
        or_never(&status.last_poll_at),
        or_never(&status.last_stored_at),
        or_never(&status.next_poll_at)
    ))?;
    print::line(&format!("ledger {} MiB, raw pages {} MiB", status.ledger_bytes >> 20, status.raw_bytes >> 20))?;
    if !failing.is_empty() {
        print::line("\nfailing feeds:")?;
        for feed in failing.iter().take(SHOWN) {
            print::line(&format!("  {} {}", feed.source, print::tame_line(&feed.url)))?;
            print::line(&format!(
                "    {} in a row, last success {}, next try {}: {}",
                feed.failures,
                or_never(&feed.last_success_at),
                or_never(&feed.next_poll_at),
                print::tame_line(feed.reason.as_deref().unwrap_or("no reason kept"))
            ))?;
        }
        if failing.len() > SHOWN {
            print::line(&format!("  and {} more: wireroom sources --json", failing.len() - SHOWN))?;
        }
    }
    entries("articles given up (wireroom retry entry:ID tries again):", given_up)?;
    entries("articles to be tried again:", retrying)
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
        print::line(&format!("    attempt {}{next}: {reason}", entry.attempts))?;
    }
    Ok(())
}
