//! `wireroom retry SOURCE|ID|URL`: poll or scrape again now.

use std::process::ExitCode;

use anyhow::bail;
use serde_json::json;
use wireroom::address::{self, Tracking};
use wireroom::model::{ArticleId, EntryId};
use wireroom::store::{self, Reader, Role, StoreHandle, Target};

use super::{World, configuration, print, wiring};

/// How many of the latest entries are looked through for why one of them was not set going.
const LOOKED_THROUGH: usize = 200_000;

/// What `retry` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A source's name, the number of an article, `article:ID`, `entry:ID` (as `status` prints it), or a page's URL
    target: String,
    #[command(flatten)]
    form: print::Form,
}

/// What the words mean in this ledger.
struct Meant {
    target: Target,
    /// As it is printed.
    name: String,
    /// The feeds that will be polled.
    feeds: usize,
}

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let store = wiring::open(&settings, Role::Writer)?;
    let answer = retry(world, &store, arguments, &settings.dedup.tracking);
    store.close();
    answer
}

fn retry(world: &World, store: &StoreHandle, arguments: &Arguments, tracking: &Tracking) -> anyhow::Result<ExitCode> {
    let (words, now) = (arguments.target.clone(), (world.clock)());
    let own = tracking.clone();
    let Some(meant) = store.read_blocking(move |ledger| meant(ledger, &words, &own))? else {
        bail!("there is no source, article, entry or page {:?} in the ledger", arguments.target);
    };
    let Meant { target, name, feeds } = meant;
    let asked = target.clone();
    let set_going = store.write_blocking(move |ledger| ledger.retry(&asked, now))?;
    if set_going == 0 {
        let own = tracking.clone();
        let why = store.read_blocking(move |ledger| why_nothing(ledger, &target, &own))?;
        bail!("{name}: {why}");
    }
    // Counted a moment earlier: never more than what was set going.
    let feeds = feeds.min(set_going);
    let entries = set_going - feeds;
    if arguments.form.json {
        print::json(&json!({ "target": name, "feeds": feeds, "entries": entries }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let counts: Vec<String> = [(feeds, "feed", "feeds"), (entries, "entry", "entries")]
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
        .collect();
    print::line(&format!(
        "{}: {} to be tried again; the daemon takes them up at once, or run `wireroom once --due`",
        print::tame_line(&name),
        counts.join(" and ")
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// A source before a number, an article before an entry: `show`, `forget` and `search` number articles.
/// `None`: the ledger has nothing of that name.
fn meant(ledger: &dyn Reader, words: &str, tracking: &Tracking) -> store::Result<Option<Meant>> {
    let article = |id| Meant { target: Target::Article(ArticleId(id)), name: format!("article {id}"), feeds: 0 };
    let entry = |id| Meant { target: Target::Entry(EntryId(id)), name: format!("entry {id}"), feeds: 0 };
    if ledger.source_id(words)?.is_some() {
        let feeds = ledger.feeds(Some(words))?.iter().filter(|feed| feed.enabled).count();
        return Ok(Some(Meant { target: Target::Source(words.to_owned()), name: format!("source {words}"), feeds }));
    }
    if let Ok(id) = words.parse() {
        let filed = ledger.article(ArticleId(id))?.is_some();
        return Ok(Some(if filed { article(id) } else { entry(id) }));
    }
    if let Some(Ok(id)) = words.strip_prefix("entry:").map(str::parse) {
        return Ok(Some(entry(id)));
    }
    if let Some(Ok(id)) = words.strip_prefix("article:").map(str::parse) {
        return Ok(Some(article(id)));
    }
    Ok(address::resolve(None, words).map(|url| Meant {
        name: format!("page {url}"),
        target: Target::Page(address::key_with(tracking, &url)),
        feeds: 0,
    }))
}

/// Why a target set nothing going: it is not there, or there is nothing to do.
fn why_nothing(ledger: &dyn Reader, target: &Target, tracking: &Tracking) -> store::Result<String> {
    let entries = ledger.entries(None, None, LOOKED_THROUGH)?;
    let whole = entries.len() < LOOKED_THROUGH;
    let source = match target {
        Target::Source(name) => Some(name.clone()),
        Target::Article(id) => match ledger.article(*id)? {
            Some(article) => Some(article.source),
            None => return Ok(format!("there is no article {id}")),
        },
        Target::Entry(id) => entries.iter().find(|entry| entry.id == *id).map(|entry| entry.source.clone()),
        Target::Page(key) => {
            let key_of = |url: &str| address::resolve(None, url).map(|url| address::key_with(tracking, &url));
            let listed = |url: &Option<String>| url.as_deref().and_then(key_of).as_ref() == Some(key);
            let filed = match ledger.page(key)? {
                Some(id) => ledger.article(id)?.map(|article| article.source),
                None => None,
            };
            filed.or_else(|| entries.iter().find(|entry| listed(&entry.url)).map(|entry| entry.source.clone()))
        }
    };
    let Some(source) = source else {
        let what = match target {
            Target::Entry(_) => "entry",
            Target::Page(_) => "page",
            Target::Source(_) | Target::Article(_) => "thing",
        };
        let known = if whole { "" } else { " among the latest ones" };
        return Ok(format!("there is no such {what} in the ledger{known}"));
    };
    if ledger.sources()?.iter().any(|row| row.name == source && !row.enabled) {
        return Ok(format!("nothing to do: the source {} is disabled", print::tame_line(&source)));
    }
    Ok("nothing to do: it is in hand just now, was taken down, or names no page".to_owned())
}
