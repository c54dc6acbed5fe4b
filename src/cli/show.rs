//! `wireroom show ID`: one article.

use std::process::ExitCode;

use anyhow::bail;
use serde_json::json;
use wireroom::model::ArticleId;
use wireroom::store::{ArticleRow, Role};

use super::diff::{self, Changes};
use super::{World, configuration, print, wiring};

/// What `show` and `story` are asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The number of the article (or, for `story`, of the story)
    pub(crate) id: i64,
    #[command(flatten)]
    pub(crate) form: print::Form,
}

/// What `show` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Asked {
    #[command(flatten)]
    what: Arguments,
    /// Show what changed from revision to revision
    #[arg(long)]
    diff: bool,
}

/// Runs the verb.
pub(crate) fn run(world: &World, asked: &Asked) -> anyhow::Result<ExitCode> {
    let arguments = &asked.what;
    let settings = configuration::load(world)?;
    let store = wiring::open(&settings, Role::Reader)?;
    let id = ArticleId(arguments.id);
    let (article, revisions) = store.read_blocking(move |ledger| Ok((ledger.article(id)?, ledger.revisions(id)?)))?;
    let Some(article) = article else { bail!("there is no article {id}; `wireroom search` lists articles with their numbers") };
    if arguments.form.json {
        let mut answer = json!({ "article": article, "revisions": revisions });
        if asked.diff {
            answer["diff"] = serde_json::to_value(diff::of(&revisions))?;
        }
        print::json(&answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    if asked.diff {
        return say_changes(&article, &diff::of(&revisions));
    }
    say(&article)?;
    for revision in revisions.iter().filter(|_| revisions.len() > 1) {
        print::line(&format!("revision {} ({}) seen {}", revision.revision, revision.change, revision.seen_at))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The changes alone, for a person.
fn say_changes(article: &ArticleRow, changes: &[Changes]) -> anyhow::Result<ExitCode> {
    print::line(&print::tame_line(article.title.as_deref().unwrap_or("(no headline)")))?;
    if changes.is_empty() {
        print::line("it has one revision: nothing changed since it was filed")?;
    }
    for revision in changes {
        print::line(&format!("\nrevision {} ({}) seen {}", revision.revision, revision.change, revision.seen_at))?;
        for line in &revision.lines {
            let mark = match line.kind {
                "removed" => "-",
                "added" => "+",
                _ => "~",
            };
            print::line(&format!("{mark} {}", print::tame_line(&line.text)))?;
        }
        if revision.lines.is_empty() {
            print::line("  the text stayed as it was")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// For a person.
fn say(article: &ArticleRow) -> anyhow::Result<()> {
    let mut facts: Vec<(&str, String)> = vec![
        ("url", article.url.clone()),
        ("source", format!("{} ({})", article.source, article.agency)),
        ("authors", article.authors.join(", ")),
        ("tags", article.tags.join(", ")),
    ];
    let optional = [
        ("published", &article.published_at),
        ("offset", &article.published_offset),
        ("modified", &article.modified_at),
        ("withdrawn", &article.retracted_at),
        ("dateline", &article.dateline_place),
        ("section", &article.section),
        ("language", &article.language),
        ("credit", &article.credit),
        ("image", &article.image),
        ("marker", &article.marker),
        ("summary", &article.summary),
    ];
    facts.extend(optional.into_iter().map(|(name, value)| (name, value.clone().unwrap_or_default())));
    facts.push(("opt-outs", article.reservations.join(", ")));
    let flags = [("live blog", article.live), ("behind a paywall", article.free == Some(false))];
    facts.push(("page", flags.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect::<Vec<_>>().join(", ")));
    if let Some(of) = article.duplicate_of {
        facts
            .push(("copy of", format!("article {of} ({}), origin {}", article.relation.as_deref().unwrap_or("-"), article.origin)));
    }
    facts.push(("story", article.story_id.to_string()));
    print::line(&print::tame_line(article.title.as_deref().unwrap_or("(no headline)")))?;
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        print::line(&format!("{name:>10}: {}", print::tame_line(value)))?;
    }
    print::line(&format!("\n{}\n", print::tame(&article.body)))
}
