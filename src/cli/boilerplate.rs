//! `wireroom sources --boilerplate NAME [--veto LINE|N]`: the lines that a source puts around its texts, and a word against one.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::json;
use wireroom::article::boilerplate;
use wireroom::ingest;
use wireroom::store::{BoilerplateRow, Role};

use super::{World, configuration, print, wiring};

/// Prints the lines of a source with their evidence.
pub(crate) fn show(world: &World, name: &str, form: &print::Form) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let store = wiring::open(&settings, Role::Reader)?;
    let asked = name.to_owned();
    let (id, rows) = store.read_blocking(move |ledger| Ok((ledger.source_id(&asked)?, ledger.boilerplate(&asked)?)))?;
    id.with_context(|| format!("the ledger knows no source {name:?}"))?;
    if form.json {
        print::json(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (known, counted): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.learnt_at.is_some() || row.vetoed_at.is_some());
    if known.is_empty() {
        print::line(&format!("{name}: no line is cut"))?;
    }
    known.iter().try_for_each(|row| one(row))?;
    if !counted.is_empty() {
        print::line("\nseen again, and not cut:")?;
        counted.iter().take(20).try_for_each(|row| one(row))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn one(row: &BoilerplateRow) -> anyhow::Result<()> {
    let state = match (&row.vetoed_at, &row.learnt_at) {
        (Some(at), _) => format!("kept by your word of {at}"),
        (None, Some(at)) => format!("cut since {at}"),
        (None, None) => "counted".to_owned(),
    };
    print::line(&format!("{:>6}  {}", row.id, print::tame_line(&row.line)))?;
    let examples: Vec<String> = row.examples.iter().map(ToString::to_string).collect();
    let many = if row.stories >= 12 { " or more" } else { "" };
    print::line(&format!(
        "        {}, {state}; in {} of {} texts, {} of them at an end; {}{many} stories, {} to {}; e.g. article {}",
        row.edge.as_str(),
        row.articles,
        row.texts,
        row.at_edge,
        row.stories,
        row.first_day,
        row.last_day,
        examples.join(", ")
    ))
}

/// Says that a line is no boilerplate: later texts keep it, and those it was cut from get it back.
pub(crate) fn veto(world: &World, name: &str, line: &str, form: &print::Form) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let store = wiring::open(&settings, Role::Writer)?;
    let asked = name.to_owned();
    let (id, rows) = store.read_blocking(move |ledger| Ok((ledger.source_id(&asked)?, ledger.boilerplate(&asked)?)))?;
    let id = id.with_context(|| format!("the ledger knows no source {name:?}"))?;
    let wanted = boilerplate::normal(line);
    let by_number = line.parse::<i64>().ok().and_then(|number| rows.iter().find(|row| row.id == number));
    let row = by_number.or_else(|| rows.iter().find(|row| boilerplate::normal(&row.line) == wanted));
    let Some(row) = row.cloned() else {
        bail!("{name} has no such line; `wireroom sources --boilerplate {name}` shows them with their numbers")
    };
    let now = (world.clock)();
    let number = row.id;
    store.write_blocking(move |ledger| ledger.veto(number, now))?;
    let restored = wiring::block_on(async {
        let ctx = wiring::context(world, &settings, &store, None)?;
        Ok(ingest::restore(&ctx, id, &row.line, row.edge).await?)
    });
    store.close();
    let restored = restored?;
    if form.json {
        print::json(&json!({ "source": name, "line": number, "restored": restored }))?;
    } else {
        print::line(&format!("{name}: the line stays from now on; {restored} articles got it back"))?;
    }
    Ok(ExitCode::SUCCESS)
}
