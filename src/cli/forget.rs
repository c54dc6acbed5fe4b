//! `wireroom forget ID|URL`: take an article down, and keep it from coming back.

use std::process::ExitCode;

use anyhow::bail;
use wireroom::address;
use wireroom::model::ArticleId;
use wireroom::store::{Role, Target};

use super::{World, configuration, print, wiring};

/// What `forget` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The number of an article, or a page's URL
    target: String,
    #[command(flatten)]
    form: print::Form,
}

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let target = match (arguments.target.parse(), address::resolve(None, &arguments.target)) {
        (Ok(id), _) => Target::Article(ArticleId(id)),
        (_, Some(url)) => Target::Page(address::key_with(&settings.dedup.tracking, &url)),
        _ => bail!("{:?} is neither the number of an article nor a URL", arguments.target),
    };
    let by_number = matches!(target, Target::Article(_));
    let store = wiring::open(&settings, Role::Writer)?;
    let now = (world.clock)();
    let gone = store.write_blocking(move |ledger| ledger.forget(&target, now))?;
    store.close();
    if by_number && gone.articles == 0 {
        bail!("there is no article {}", arguments.target);
    }
    if arguments.form.json {
        print::json(&gone)?;
        return Ok(ExitCode::SUCCESS);
    }
    print::line(&format!(
        "taken down: {} articles with their revisions and {} raw responses; {} entries will not be scraped again; {} addresses are barred",
        gone.articles, gone.raw_responses, gone.entries, gone.pages
    ))?;
    Ok(ExitCode::SUCCESS)
}
