//! `wireroom split ARTICLE`: an article that is none of its story, although its text looks like it.

use std::process::ExitCode;

use anyhow::bail;
use serde_json::json;
use wireroom::dedup;
use wireroom::model::{ArticleId, Origin};
use wireroom::store::Role;

use super::{World, configuration, print, wiring};

/// What `split` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The number of the article
    article: i64,
    #[command(flatten)]
    form: print::Form,
}

/// Runs the verb. The daemon may run: the ledger is written in one short transaction.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let store = wiring::open(&settings, Role::Writer)?;
    let article = ArticleId(arguments.article);
    let found = store.read_blocking(move |ledger| match ledger.article(article)? {
        Some(row) => Ok(Some((row.story_id, ledger.members(&[row.story_id])?))),
        None => Ok(None),
    })?;
    let Some((former, mut others)) = found else { bail!("there is no article {article}") };
    others.retain(|member| member.article != Some(article));
    let heir = match dedup::origin_of(&others) {
        Some(Origin::Filed(heir)) => Some(heir),
        _ => None,
    };
    let now = (world.clock)();
    let own = store.write_blocking(move |ledger| ledger.split(article, heir, now))?;
    store.close();
    let Some(own) = own else { bail!("article {article} is the only one of story {former}") };
    if arguments.form.json {
        print::json(&json!({ "article": article, "story": own, "former": former }))?;
    } else {
        print::line(&format!("article {article} is story {own} now; story {former} keeps {} articles", others.len()))?;
    }
    Ok(ExitCode::SUCCESS)
}
