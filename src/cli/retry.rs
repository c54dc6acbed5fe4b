//! `wireroom retry SOURCE|ID`: poll or scrape again now.

use std::process::ExitCode;

use anyhow::bail;
use wireroom::address;
use wireroom::model::{ArticleId, EntryId};
use wireroom::store::{Role, Target};

use super::{World, configuration, print, wiring};

/// What `retry` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A source's name, the number of an entry (as `status` prints it), `article:ID`, or a page's URL
    target: String,
}

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let target = target(&arguments.target);
    let store = wiring::open(&settings, Role::Writer)?;
    let now = (world.clock)();
    let set_going = store.write_blocking(move |ledger| ledger.retry(&target, now))?;
    store.close();
    if set_going == 0 {
        bail!("nothing to retry at {:?}: no such source, entry, article or page", arguments.target);
    }
    print::line(&format!("{set_going} to be tried again; the daemon takes them up at once, or run `wireroom once --due`"))?;
    Ok(ExitCode::SUCCESS)
}

/// What the words mean.
fn target(text: &str) -> Target {
    if let Ok(id) = text.parse() {
        return Target::Entry(EntryId(id));
    }
    if let Some(Ok(id)) = text.strip_prefix("article:").map(str::parse) {
        return Target::Article(ArticleId(id));
    }
    match address::resolve(None, text) {
        Some(url) => Target::Page(address::key(&url)),
        None => Target::Source(text.to_owned()),
    }
}
