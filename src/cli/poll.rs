//! `wireroom poll SOURCE`: the dry run of one source. The same code as the daemon's, without the commit.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use serde_json::json;
use wireroom::address;
use wireroom::config::Settings;
use wireroom::ingest;
use wireroom::model::{ClaimId, FeedClaim, FeedId, HostState, PollCommit, PollOutcome, Rhythm, SourceId, Validators};
use wireroom::store::{self, Role, StoreHandle};

use super::{World, configuration, print, wiring};

/// What `poll` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The source's name in the configuration
    source: String,
    #[command(flatten)]
    form: print::Form,
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
    let (store, passing) = known_or_empty(&settings)?;
    let commits = wiring::block_on(async {
        let ctx = wiring::context(world, &settings, &store, None)?;
        let name = source.name.clone();
        let id = store.read(move |ledger| ledger.source_id(&name)).await?.unwrap_or(SourceId(0));
        let mut commits = Vec::new();
        for feed in &source.feeds {
            let claim = FeedClaim {
                claim: ClaimId::Feed { feed: FeedId(0), epoch: 0 },
                feed: FeedId(0),
                source: id,
                source_name: source.name.clone(),
                url: feed.url.clone(),
                kind: feed.kind,
                validators: Validators::default(),
                body_hash: None,
                failures: 0,
                rhythm: Rhythm::default(),
                host: HostState { host: address::host_key(&feed.url), ..HostState::default() },
            };
            let commit = ingest::poll(&ctx, &claim).await?;
            commits.push((feed.url.to_string(), commit));
        }
        Ok(commits)
    })?;
    store.close();
    drop(passing);
    let failed = commits.iter().any(|(_, commit)| matches!(commit.outcome, PollOutcome::Failed(_)));
    if arguments.form.json {
        print::json(&commits.iter().map(|(feed, commit)| as_json(feed, commit)).collect::<Vec<_>>())?;
    } else {
        commits.iter().try_for_each(|(feed, commit)| say(feed, commit))?;
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The ledger, or, where there is none yet, an empty one that passes with the second value.
fn known_or_empty(settings: &Settings) -> anyhow::Result<(StoreHandle, Option<Passing>)> {
    match StoreHandle::open(&settings.store, Role::Reader) {
        Ok(store) => Ok((store, None)),
        Err(error) if matches!(error.class(), "no_ledger" | "empty_ledger") => {
            let folder = std::env::temp_dir().join(format!("wireroom-poll-{}", std::process::id()));
            let settings = store::Settings { path: folder.join("empty.db"), ..settings.store.clone() };
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
fn as_json(feed: &str, commit: &PollCommit) -> serde_json::Value {
    let next = json!({ "at": commit.next.at.to_string(), "why": commit.next.why });
    match &commit.outcome {
        PollOutcome::Unchanged(_) => json!({ "feed": feed, "outcome": "unchanged", "next_poll": next }),
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
                "mended": read.diagnostics,
                "validators_kept": read.validators.is_some(),
                "next_poll": next,
            })
        }
    }
}

/// For a person.
fn say(feed: &str, commit: &PollCommit) -> anyhow::Result<()> {
    print::line(feed)?;
    match &commit.outcome {
        PollOutcome::Unchanged(_) => print::line("  nothing new")?,
        PollOutcome::Failed(trouble) => print::line(&format!("  failed ({}): {}", trouble.class, print::tame(&trouble.reason)))?,
        PollOutcome::Read(read) => {
            print::line(&format!(
                "  {:?}: {} fresh, {} changed, {} known, {} refused",
                read.title.as_deref().unwrap_or("without title"),
                read.fresh.len(),
                read.changed.len(),
                read.unchanged,
                read.refused.len()
            ))?;
            for new in &read.fresh {
                let title = print::tame(new.entry.title.as_deref().unwrap_or("(no title)"));
                let what = new.skipped.as_ref().map_or("scrape".to_owned(), |reason| format!("skip: {reason}"));
                print::line(&format!(
                    "  + {title}\n    {} [{what}]",
                    new.entry.url.as_ref().map_or("(no link)", |url| url.as_str())
                ))?;
            }
            for refused in &read.refused {
                print::line(&format!("  - {}: {}", print::tame(&refused.key), print::tame(&refused.reason)))?;
            }
            for step in &read.diagnostics {
                print::line(&format!("  mended ({}): {}", step.step, print::tame(&step.detail)))?;
            }
        }
    }
    print::line(&format!("  next poll {} ({})", commit.next.at, commit.next.why))
}
