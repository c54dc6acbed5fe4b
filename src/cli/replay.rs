//! `wireroom dedup --replay`: what other settings would have made of what is filed. Nothing is written.

use std::collections::{BTreeMap, HashMap};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use wireroom::dedup::{Reach, Thresholds};
use wireroom::model::{ArticleId, FiledArticle, StoryId, Timestamp};
use wireroom::store::{Role, StoreHandle};

use super::dedup::{Document, Room};
use super::{World, configuration, print, wiring};

/// Articles read at once.
const PAGE: usize = 500;
/// Most changed stories that are printed one by one.
const SHOWN: usize = 20;

/// What a replay is asked.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Arguments {
    /// Judge again what is filed, with these settings, and print what would be another story; writes nothing
    #[arg(long, conflicts_with_all = ["batch", "without", "explain"])]
    replay: bool,
    /// How far back articles are judged again
    #[arg(long, value_name = "DURATION", default_value = "7d", requires = "replay", value_parser = duration)]
    since: Duration,
    /// A setting of `[dedup]` to try, as KEY=VALUE: min_words, containment, window
    #[arg(long, value_name = "KEY=VALUE", requires = "replay")]
    set: Vec<String>,
    /// JSON, for a program
    #[arg(long, requires = "replay")]
    json: bool,
}

/// Runs the replay.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let mut tried = settings.dedup.clone();
    arguments.set.iter().try_for_each(|set| apply(&mut tried, set))?;
    let store = wiring::open(&settings, Role::Reader)?;
    let since = (world.clock)().checked_sub(arguments.since).unwrap_or(Timestamp::MIN);
    let filed = read(&store, since)?;
    let rulings = store.read_blocking(|ledger| ledger.rulings())?;
    store.close();
    let reach =
        |name: &str| settings.sources.iter().find(|desk| desk.source.name == name).map(|desk| desk.reach).unwrap_or_default();
    let documents: Vec<Document> = filed.iter().map(|filed| document(filed, reach(&filed.source_name))).collect();
    let place = |id: ArticleId| filed.binary_search_by_key(&id, |article| article.id).ok();
    let hands: Vec<(usize, usize, bool)> =
        rulings.into_iter().filter_map(|(one, other, same)| Some((place(one)?, place(other)?, same))).collect();
    let mut room = Room::with(&hands);
    documents.iter().for_each(|document| room.file(&tried, document));
    let stories: Vec<StoryId> = room.stories();
    say(&filed, &stories, arguments)?;
    Ok(ExitCode::SUCCESS)
}

/// The articles first filed since then, in the order of filing.
fn read(store: &StoreHandle, since: Timestamp) -> anyhow::Result<Vec<FiledArticle>> {
    let mut all: Vec<FiledArticle> = Vec::new();
    loop {
        let after = all.last().map_or(ArticleId(0), |last| last.id);
        let page = store.read_blocking(move |ledger| ledger.filed(after, since, PAGE))?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

fn document(filed: &FiledArticle, reach: Reach) -> Document {
    Document {
        id: json!(filed.id),
        agency: filed.agency.clone(),
        article: filed.article.clone(),
        at: filed.stored_at,
        source: filed.source,
        source_name: filed.source_name.clone(),
        reach,
    }
}

/// A pair of articles by their places, the lower one first.
type Pairs = HashMap<(usize, usize), bool>;

/// The pairs that one story makes and the other way of judging does not; true: new, false: gone.
fn differences(before: &[StoryId], after: &[StoryId]) -> Pairs {
    let mut pairs = Pairs::new();
    for (stories, others, new) in [(after, before, true), (before, after, false)] {
        for members in groups(stories).values() {
            for (index, one) in members.iter().enumerate() {
                for other in members[index + 1..].iter().filter(|other| others[*one] != others[**other]) {
                    pairs.insert((*one, *other), new);
                }
            }
        }
    }
    pairs
}

fn groups(stories: &[StoryId]) -> BTreeMap<StoryId, Vec<usize>> {
    let mut groups: BTreeMap<StoryId, Vec<usize>> = BTreeMap::new();
    stories.iter().enumerate().for_each(|(place, story)| groups.entry(*story).or_default().push(place));
    groups
}

/// Prints the comparison.
fn say(filed: &[FiledArticle], after: &[StoryId], arguments: &Arguments) -> anyhow::Result<()> {
    let before: Vec<StoryId> = filed.iter().map(|article| article.story).collect();
    let pairs = differences(&before, after);
    let count = |new: bool| pairs.values().filter(|pair| **pair == new).count();
    let mut listed: Vec<(&(usize, usize), &bool)> = pairs.iter().collect();
    listed.sort_unstable();
    let title = |place: usize| filed[place].article.title.clone().unwrap_or_else(|| "(no headline)".to_owned());
    if arguments.json {
        let changes: Vec<Value> = listed
            .iter()
            .map(|((one, other), new)| json!({ "articles": [filed[*one].id, filed[*other].id], "joined": new }))
            .collect();
        return print::json(&json!({
            "articles": filed.len(),
            "stories_now": groups(&before).len(),
            "stories_then": groups(after).len(),
            "pairs_joined": count(true),
            "pairs_parted": count(false),
            "changes": changes,
        }));
    }
    print::line(&format!(
        "{} articles: {} stories as they stand, {} with these settings; {} pairs would be joined, {} parted",
        filed.len(),
        groups(&before).len(),
        groups(after).len(),
        count(true),
        count(false)
    ))?;
    for ((one, other), new) in listed.iter().take(SHOWN) {
        let word = if **new { "join" } else { "part" };
        print::line(&print::tame_line(&format!(
            "{word}  {} {:?}  {} {:?}",
            filed[*one].id,
            title(*one),
            filed[*other].id,
            title(*other)
        )))?;
    }
    if listed.len() > SHOWN {
        print::line(&format!("… and {} more (--json lists all)", listed.len() - SHOWN))?;
    }
    Ok(())
}

/// Tries one setting.
fn apply(thresholds: &mut Thresholds, set: &str) -> anyhow::Result<()> {
    let (key, value) = set.split_once('=').context("a setting to try is KEY=VALUE")?;
    match key.trim().trim_start_matches("dedup.") {
        "min_words" => thresholds.min_words = value.trim().parse().with_context(|| format!("{value:?} is no number of words"))?,
        "containment" => {
            let percent: u8 = value.trim().parse().with_context(|| format!("{value:?} is no percentage"))?;
            thresholds.containment = f64::from(percent.min(100)) / 100.0;
        }
        "window" => thresholds.window = duration(value.trim()).map_err(anyhow::Error::msg)?,
        other => bail!("{other:?} cannot be tried; there are min_words, containment and window"),
    }
    Ok(())
}

/// `90m`, `36h`, `7d`.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(format!("{text:?} is no duration; expected e.g. \"36h\" or \"7d\"")),
    };
    let number: u64 = number.parse().map_err(|_| format!("{text:?} is no duration"))?;
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}
