//! `wireroom story ID`: one story, its origin and its copies.

use std::process::ExitCode;

use anyhow::bail;
use serde_json::json;
use wireroom::model::StoryId;
use wireroom::store::Role;

use super::{World, configuration, print, show, wiring};

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &show::Arguments) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let store = wiring::open(&settings, Role::Reader)?;
    let id = StoryId(arguments.id);
    let (story, articles) = store.read_blocking(move |ledger| Ok((ledger.story(id)?, ledger.story_articles(id)?)))?;
    let Some(story) = story else { bail!("there is no story {id}; `wireroom show ID` names an article's story") };
    if arguments.form.json {
        print::json(&json!({ "story": story, "articles": articles }))?;
        return Ok(ExitCode::SUCCESS);
    }
    print::line(&print::tame_line(story.title.as_deref().unwrap_or("(no headline)")))?;
    let rows: Vec<Vec<String>> = articles
        .iter()
        .map(|article| {
            let relation = article.relation.clone().unwrap_or_else(|| "origin".to_owned());
            let published = article.published_at.clone().unwrap_or_else(|| "-".to_owned());
            vec![article.id.to_string(), relation, published, article.agency.clone(), article.url.clone()]
        })
        .collect();
    print::table(&["ARTICLE", "RELATION", "PUBLISHED", "AGENCY", "URL"], &rows)?;
    Ok(ExitCode::SUCCESS)
}
