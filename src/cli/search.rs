//! `wireroom search QUERY`: titles and bodies, best match first.

use std::process::ExitCode;

use wireroom::store::Role;

use super::{World, configuration, print, wiring};

/// What `search` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Words to look for; all of them must occur
    #[arg(required = true)]
    query: Vec<String>,
    /// Most results
    #[arg(long, default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    form: print::Form,
}

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let store = wiring::open(&settings, Role::Reader)?;
    let (query, limit) = (arguments.query.join(" "), arguments.limit.clamp(1, 1000));
    let hits = store.read_blocking(move |ledger| ledger.search(&query, limit))?;
    if arguments.form.json {
        print::json(&hits)?;
    } else {
        for hit in &hits {
            let title = print::tame_line(hit.title.as_deref().unwrap_or("(no headline)"));
            print::line(&format!("{:>7}  {}  {}  {title}", hit.id.0, hit.published_at.as_deref().unwrap_or("-"), hit.source))?;
            print::line(&format!("         {}\n         {}", print::tame_line(&hit.url), print::tame_line(&hit.snippet)))?;
        }
        if hits.is_empty() {
            print::aside("nothing found");
        }
    }
    Ok(if hits.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
