//! `wireroom poll SOURCE`: the dry run of one source. The same code as the daemon's, without the commit.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use serde_json::json;
use wireroom::address;
use wireroom::config::Settings;
use wireroom::ingest;
use wireroom::model::{ClaimId, FeedClaim, FeedId, HostState, Place, PollCommit, PollOutcome, Rhythm, SourceId, Validators};
use wireroom::store::{self, FeedRow, Role, StoreHandle};

use super::{World, configuration, folder, print, wiring};

/// What `poll` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The source's name in the configuration
    source: String,
    #[command(flatten)]
    form: print::Form,
}

/// What the next poll time of a dry run rests on.
const WITHOUT_HISTORY: &str = "a feed without history (rhythm and Retry-After of earlier polls are not heeded)";

/// One feed's dry run.
struct Poll {
    feed: String,
    /// What the ledger knows of the feed.
    known: Option<FeedRow>,
    commit: PollCommit,
}

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let Some(desk) = settings.sources.iter().find(|desk| desk.source.name == arguments.source) else {
        let names: Vec<&str> = settings.sources.iter().map(|desk| desk.source.name.as_str()).take(20).collect();
        bail!("there is no source {:?} in the configuration; it has: {}", arguments.source, names.join(", "));
    };
    let source = desk.source.clone();
    // Where the ledger exists, what it knows is not new; where it does not, everything is.
    let (store, passing) = known_or_empty(world, &settings)?;
    let polls = wiring::block_on(async {
        let ctx = wiring::context(world, &settings, &store, None)?;
        let name = source.name.clone();
        let (id, rows) = store.read(move |ledger| Ok((ledger.source_id(&name)?, ledger.feeds(Some(&name))?))).await?;
        let id = id.unwrap_or(SourceId(0));
        let mut polls = Vec::new();
        for feed in &source.feeds {
            let known = rows.iter().find(|row| row.url == feed.url.as_str()).cloned();
            let claim = FeedClaim {
                claim: ClaimId::Feed { feed: FeedId(0), epoch: 0 },
                feed: FeedId(0),
                source: id,
                source_name: source.name.clone(),
                url: feed.url.clone(),
                kind: feed.kind,
                // None, so that the whole window is shown and not "nothing new".
                validators: Validators::default(),
                body_hash: None,
                failures: known.as_ref().and_then(|row| u32::try_from(row.failures).ok()).unwrap_or(0),
                // The ledger tells neither rhythm nor host state to a reader; `say` says so.
                rhythm: Rhythm::default(),
                mended: false,
                discovered: false,
                moved: false,
                host: HostState { host: address::host_key(&feed.url), ..HostState::default() },
                place: Place { looks_back: true, ..Place::default() },
                push: None,
                delivered: None,
            };
            let commit = ingest::poll(&ctx, &claim).await?;
            polls.push(Poll { feed: feed.url.to_string(), known, commit });
        }
        Ok(polls)
    })?;
    store.close();
    drop(passing);
    let failed = polls.iter().any(|poll| matches!(poll.commit.outcome, PollOutcome::Failed(_)));
    if arguments.form.json {
        print::json(&polls.iter().map(as_json).collect::<Vec<_>>())?;
    } else {
        polls.iter().try_for_each(say)?;
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The ledger, or, where there is none yet, an empty one that passes with the second value.
fn known_or_empty(world: &World, settings: &Settings) -> anyhow::Result<(StoreHandle, Option<Passing>)> {
    match StoreHandle::open(&settings.store, Role::Reader) {
        Ok(store) => Ok((store, None)),
        Err(error) if matches!(error.class(), "no_ledger" | "empty_ledger") => {
            let folder = folder::fresh(world, "wireroom-poll")?;
            let settings = store::Settings { path: folder.join("empty.db"), group_readable: false, ..settings.store.clone() };
            let passing = Passing(folder);
            Ok((StoreHandle::open(&settings, Role::Lanes)?, Some(passing)))
        }
        Err(error) => Err(error.into()),
    }
}

/// A folder that goes when it is dropped.
struct Passing(PathBuf);

impl Drop for Passing {
    fn drop(&mut self) {
        // A temporary folder left behind is swept by the system.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// For a program.
fn as_json(poll: &Poll) -> serde_json::Value {
    let Poll { feed, known, commit } = poll;
    let planned = known.as_ref().and_then(|row| row.next_poll_at.as_deref());
    let assumes = known.as_ref().map(|_| WITHOUT_HISTORY);
    let next =
        json!({ "at": commit.next.at.to_string(), "why": commit.next.why, "planned_in_ledger": planned, "assumes": assumes });
    match &commit.outcome {
        PollOutcome::Unchanged(_) => json!({ "feed": feed, "outcome": "unchanged", "next_poll": next }),
        PollOutcome::Found(found) => {
            let feeds = found.iter().flatten().map(|feed| json!({ "url": feed.url.as_str(), "kind": feed.kind.as_str() }));
            json!({ "feed": feed, "outcome": "discovered", "feeds": feeds.collect::<Vec<_>>(), "next_poll": next })
        }
        PollOutcome::Failed(trouble) => {
            json!({ "feed": feed, "outcome": "failed", "class": trouble.class, "reason": trouble.reason, "next_poll": next })
        }
        PollOutcome::Read(read) => {
            let entry = |new: &wireroom::model::NewEntry| {
                json!({
                    "key": new.key.0,
                    "url": new.entry.url.as_ref().map(ToString::to_string),
                    "title": new.entry.title,
                    "published": new.entry.published.map(|time| time.at.to_string()),
                    "skipped": new.skipped,
                })
            };
            json!({
                "feed": feed,
                "outcome": "read",
                "title": read.title,
                "fresh": read.fresh.iter().map(entry).collect::<Vec<_>>(),
                "changed": read.changed.iter().map(|(_, new)| entry(new)).collect::<Vec<_>>(),
                "unchanged": read.unchanged,
                "refused": read.refused.iter().map(|refused| json!({ "key": refused.key, "reason": refused.reason })).collect::<Vec<_>>(),
                "older_than_wanted": read.pages.beyond,
                "leads_to": read.pages.next.iter().map(|page| page.url.to_string()).collect::<Vec<_>>(),
                "mended": read.diagnostics,
                "bytes_lost": read.bytes_lost,
                "gap": read.gap,
                "validators_kept": read.validators.is_some(),
                "next_poll": next,
            })
        }
    }
}

/// For a person.
fn say(poll: &Poll) -> anyhow::Result<()> {
    let Poll { feed, known, commit } = poll;
    print::line(&print::tame_line(feed))?;
    match &commit.outcome {
        PollOutcome::Unchanged(_) => print::line("  nothing new")?,
        PollOutcome::Found(None) => print::line("  its feeds were discovered lately, and answer")?,
        PollOutcome::Found(Some(feeds)) => {
            for found in feeds {
                print::line(&format!("  discovered the {} {}", found.kind.as_str(), print::tame_line(found.url.as_str())))?;
            }
        }
        PollOutcome::Failed(trouble) => {
            print::line(&format!("  failed ({}): {}", trouble.class, print::tame_line(&trouble.reason)))?
        }
        PollOutcome::Read(read) => {
            print::line(&format!(
                "  \"{}\": {} fresh, {} changed, {} known, {} refused",
                print::tame_line(read.title.as_deref().unwrap_or("without title")),
                read.fresh.len(),
                read.changed.len(),
                read.unchanged,
                read.refused.len()
            ))?;
            for new in &read.fresh {
                let title = print::tame_line(new.entry.title.as_deref().unwrap_or("(no title)"));
                let what = new.skipped.as_ref().map_or("scrape".to_owned(), |reason| format!("skip: {}", print::tame_line(reason)));
                print::line(&format!(
                    "  + {title}\n    {} [{what}]",
                    print::tame_line(new.entry.url.as_ref().map_or("(no link)", |url| url.as_str()))
                ))?;
            }
            for refused in &read.refused {
                print::line(&format!("  - {}: {}", print::tame_line(&refused.key), print::tame_line(&refused.reason)))?;
            }
            for page in &read.pages.next {
                print::line(&format!("  > {} [read next]", print::tame_line(page.url.as_str())))?;
            }
            if read.pages.left > 0 {
                print::line(&format!("  > and {} more with later polls", read.pages.left))?;
            }
            if read.pages.beyond > 0 {
                print::line(&format!("  {} entries are older than wanted and not kept", read.pages.beyond))?;
            }
            for step in &read.diagnostics {
                print::line(&format!("  mended ({}, {} times): {}", step.step, step.count, print::tame_line(&step.detail)))?;
            }
            if read.bytes_lost > 0 {
                print::line(&format!("  {} bytes could not be made anything of", read.bytes_lost))?;
            }
        }
    }
    print::line(&format!("  next poll {} ({})", commit.next.at, print::tame_line(&commit.next.why)))?;
    if let Some(row) = known {
        let planned = row.next_poll_at.as_deref().unwrap_or("none");
        print::line(&format!("    assuming {WITHOUT_HISTORY}; planned in the ledger: {planned}"))?;
    }
    Ok(())
}
