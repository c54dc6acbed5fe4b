//! `wireroom merge STORY STORY…`: stories that are one, although their texts did not show it.

use std::process::ExitCode;

use anyhow::bail;
use serde_json::json;
use wireroom::dedup;
use wireroom::model::{Origin, StoryId};
use wireroom::store::Role;

use super::{World, configuration, print, wiring};

/// What `merge` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The numbers of the stories; the first one stays
    #[arg(required = true, num_args = 2..)]
    stories: Vec<i64>,
    #[command(flatten)]
    form: print::Form,
}

/// Runs the verb. The daemon may run: the ledger is written in one short transaction.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let store = wiring::open(&settings, Role::Writer)?;
    let mut stories: Vec<StoryId> = Vec::new();
    for story in arguments.stories.iter().map(|id| StoryId(*id)) {
        if !stories.contains(&story) {
            stories.push(story);
        }
    }
    for story in stories.clone() {
        if store.read_blocking(move |ledger| ledger.story(story))?.is_none() {
            bail!("there is no story {story}; `wireroom show ID` names an article's story");
        }
    }
    let [into, _, ..] = stories[..] else { bail!("that is one story already") };
    let asked = stories.clone();
    let members = store.read_blocking(move |ledger| ledger.members(&asked))?;
    let Some(Origin::Filed(origin)) = dedup::origin_of(&members) else { bail!("these stories have no articles") };
    let now = (world.clock)();
    store.write_blocking(move |ledger| ledger.merge(&stories, origin, now))?;
    store.close();
    if arguments.form.json {
        print::json(&json!({ "story": into, "origin": origin, "articles": members.len() }))?;
    } else {
        print::line(&format!("story {into} holds {} articles now, the origin is article {origin}", members.len()))?;
    }
    Ok(ExitCode::SUCCESS)
}
