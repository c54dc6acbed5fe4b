//! `wireroom import FILE.opml`: a list of feeds as sources.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::json;
use wireroom::config::{self, Proposal, Settings};
use wireroom::feed::opml::{self, List, Subscription};
use wireroom::model::{FeedKind, Purpose};

use super::{World, configuration, page, print};

/// What `import` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// An OPML file, a URL, or - for standard input
    input: String,
    /// Write the sources to this file, e.g. sources.d/opml.toml, instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long, requires = "output")]
    force: bool,
    /// Print what the list holds as JSON, and write nothing
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

/// Most refused outlines that are named.
const MOST_NAMED: usize = 50;

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let document = page::read(world, &arguments.input, None, None, Purpose::Feed)?;
    let list = opml::parse(&document.body, document.content_type.as_deref())?;
    if arguments.json {
        print::json(&as_json(&list))?;
        return Ok(ExitCode::SUCCESS);
    }
    let settings = configuration::load_or_default(world)?;
    let (fresh, configured) = sift(&list.subscriptions, &settings);
    let taken: Vec<&str> =
        settings.sources.iter().flat_map(|desk| [Some(desk.source.name.as_str()), desk.source.was.as_deref()]).flatten().collect();
    let text = config::write(&fresh.iter().map(|subscription| proposal(subscription)).collect::<Vec<_>>(), &taken);
    if !fresh.is_empty() {
        // What does not pass here would stop the daemon's next start.
        config::parse(&text).map_err(|error| anyhow::anyhow!("the sources would not pass check: {error}"))?;
        match &arguments.output {
            Some(path) => write(path, &text, arguments.force)?,
            None => print::line(text.trim_end())?,
        }
    }
    say(&list, fresh.len(), configured, arguments.output.as_deref());
    Ok(if list.subscriptions.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Those that no source follows yet, and how many the others are.
fn sift<'l>(subscriptions: &'l [Subscription], settings: &Settings) -> (Vec<&'l Subscription>, usize) {
    let followed: HashSet<&str> =
        settings.sources.iter().flat_map(|desk| &desk.source.feeds).map(|feed| feed.url.as_str()).collect();
    let fresh: Vec<&Subscription> = subscriptions.iter().filter(|it| !followed.contains(it.url.as_str())).collect();
    let configured = subscriptions.len() - fresh.len();
    (fresh, configured)
}

fn proposal(subscription: &Subscription) -> Proposal {
    let remark = (!subscription.folders.is_empty()).then(|| subscription.folders.join(" / "));
    let mut proposal = Proposal {
        remarks: remark.into_iter().collect(),
        name: subscription.title.clone(),
        agency: subscription.title.clone(),
        home: subscription.home.clone(),
        language: subscription.language.clone(),
        ..Proposal::default()
    };
    match subscription.kind {
        FeedKind::Feed | FeedKind::Archive => proposal.feeds.push(subscription.url.clone()),
        FeedKind::Sitemap => proposal.sitemaps.push(subscription.url.clone()),
        FeedKind::Home => proposal.home = Some(subscription.url.clone()),
    }
    proposal
}

/// Writes a new file; an old one only when told so.
fn write(path: &Path, text: &str, force: bool) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let mut file = match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{} exists already; --force overwrites it", path.display())
        }
        opened => opened.with_context(|| format!("{}: cannot be written", path.display()))?,
    };
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(|| format!("{}: cannot be written", path.display()))
}

/// What became of the list, on standard error.
fn say(list: &List, fresh: usize, configured: usize, output: Option<&Path>) {
    for refused in list.refused.iter().take(MOST_NAMED) {
        let title = refused.title.as_deref().map(|title| format!(" ({title})")).unwrap_or_default();
        print::aside(&print::tame_line(&format!("left out: {}{title}: {}", refused.key, refused.reason)));
    }
    if let Some(more) = list.refused.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
        print::aside(&format!("left out: {more} more; --json lists them all"));
    }
    let place = output.map(|path| format!(" in {}", path.display())).unwrap_or_default();
    print::aside(&format!(
        "{fresh} sources{place}; {configured} in the configuration already, {} repeated in the list, {} left out",
        list.repeated,
        list.refused.len()
    ));
    if let Some(path) = output.filter(|_| fresh > 0) {
        print::aside(&format!("the configuration follows them when its `include` names {}", path.display()));
    }
}

fn as_json(list: &List) -> serde_json::Value {
    let subscription = |it: &Subscription| {
        json!({
            "title": it.title,
            "url": it.url.as_str(),
            "kind": it.kind.as_str(),
            "home": it.home.as_ref().map(|home| home.as_str()),
            "language": it.language,
            "folders": it.folders,
        })
    };
    json!({
        "title": list.title,
        "feeds": list.subscriptions.iter().map(subscription).collect::<Vec<_>>(),
        "refused": list.refused.iter().map(|it| json!({ "key": it.key, "title": it.title, "reason": it.reason })).collect::<Vec<_>>(),
        "repeated": list.repeated,
    })
}
