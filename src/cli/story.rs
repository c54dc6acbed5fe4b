//! `wireroom story ID`: one story, who ran it, when, and how much was changed.

use std::process::ExitCode;

use anyhow::bail;
use serde_json::{Value, json};
use wireroom::model::{SignedDuration, StoryId, Timestamp};
use wireroom::store::{ArticleRow, Role};

use super::{World, configuration, print, show, wiring};

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &show::Arguments) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let store = wiring::open(&settings, Role::Reader)?;
    let id = StoryId(arguments.id);
    let (story, articles) = store.read_blocking(move |ledger| Ok((ledger.story(id)?, ledger.story_articles(id)?)))?;
    let Some(story) = story else { bail!("there is no story {id}; `wireroom show ID` names an article's story") };
    let origin = articles.iter().find(|article| article.duplicate_of.is_none()).and_then(time);
    if arguments.form.json {
        let mut rows = Vec::with_capacity(articles.len());
        for article in &articles {
            let mut row = serde_json::to_value(article)?;
            row["delay_s"] = delay(origin, article).map_or(Value::Null, |delay| json!(delay.as_secs()));
            rows.push(row);
        }
        print::json(&json!({ "story": story, "articles": rows }))?;
        return Ok(ExitCode::SUCCESS);
    }
    print::line(&print::tame_line(story.title.as_deref().unwrap_or("(no headline)")))?;
    let from = articles.first().map(|article| article.origin.as_str()).unwrap_or_default();
    print::line(&print::tame_line(&format!("{} articles of {} sources; origin: {from}", story.articles, story.sources)))?;
    let rows: Vec<Vec<String>> = articles.iter().map(|article| row(origin, article)).collect();
    print::table(&["ARTICLE", "RELATION", "PUBLISHED", "AFTER", "SHARED", "AGREE", "DIFFER", "AGENCY", "URL"], &rows)?;
    for article in &articles {
        if let Some(evidence) = article.evidence.as_ref().filter(|evidence| !evidence.why.is_empty()) {
            let beside = evidence.via.map_or_else(String::new, |via| format!(" (beside article {via})"));
            print::line(&format!("{}: {}{beside}", article.id, print::tame_line(&evidence.why)))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn row(origin: Option<Timestamp>, article: &ArticleRow) -> Vec<String> {
    let figure = |of: fn(&wireroom::model::Evidence) -> String| article.evidence.as_ref().map_or_else(|| "-".to_owned(), of);
    vec![
        article.id.to_string(),
        article.relation.clone().unwrap_or_else(|| "origin".to_owned()),
        article.published_at.clone().unwrap_or_else(|| "-".to_owned()),
        delay(origin, article).filter(|_| article.duplicate_of.is_some()).map_or_else(|| "-".to_owned(), written),
        figure(|evidence| format!("{} %", evidence.containment)),
        figure(|evidence| evidence.agreeing.to_string()),
        figure(|evidence| evidence.conflicting.to_string()),
        article.agency.clone(),
        article.url.clone(),
    ]
}

/// When an article was published, or filed where its page does not say.
fn time(article: &ArticleRow) -> Option<Timestamp> {
    article.published_at.as_ref().unwrap_or(&article.stored_at).parse().ok()
}

/// How long after the origin it was run; negative where its page says that it was earlier.
fn delay(origin: Option<Timestamp>, article: &ArticleRow) -> Option<SignedDuration> {
    Some(time(article)?.duration_since(origin?))
}

/// `2h05m`, `3d04h`; with a sign where it is negative.
fn written(delay: SignedDuration) -> String {
    let minutes = delay.as_secs().unsigned_abs() / 60;
    let sign = if delay.is_negative() && minutes > 0 { "-" } else { "" };
    match minutes {
        0..60 => format!("{sign}{minutes}m"),
        60..1440 => format!("{sign}{}h{:02}m", minutes / 60, minutes % 60),
        _ => format!("{sign}{}d{:02}h", minutes / 1440, minutes / 60 % 24),
    }
}
