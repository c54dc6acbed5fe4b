//! `wireroom discover URL`: the feeds of a site, as a source to paste.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use wireroom::address;
use wireroom::config::{self, Proposal};
use wireroom::feed::discovery::Find;
use wireroom::fetch::Fetcher;
use wireroom::ingest::{self, Discovery};
use wireroom::model::{FeedKind, HostState, Url};

use super::{World, configuration, print, wiring};

/// What `discover` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A home page, a page of a section, or a feed
    url: String,
    #[command(flatten)]
    form: print::Form,
}

/// Most alternatives that are shown.
const MOST_SHOWN: usize = 12;

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let written = &arguments.url;
    let guessed = if written.contains("://") { written.clone() } else { format!("https://{written}") };
    let url = address::resolve(None, &guessed).with_context(|| format!("{written}: not an http address"))?;
    let settings = configuration::load_or_default(world)?;
    let clock = world.clock.clone();
    let host = HostState { host: address::host_key(&url), ..HostState::default() };
    let discovery = wiring::block_on(async {
        let fetcher = Fetcher::new(settings.fetch.clone(), clock.clone())?;
        match ingest::discover(&fetcher, &clock, &url, &host).await {
            Ok(discovery) => Ok(discovery),
            Err((trouble, _)) => bail!("{url}: {}", trouble.reason),
        }
    })?;
    let taken: Vec<&str> = settings.sources.iter().map(|desk| desk.source.name.as_str()).collect();
    let toml = proposal(&discovery).map(|proposal| config::write(&[proposal], &taken));
    match (&toml, arguments.form.json) {
        (_, true) => print::json(&as_json(&discovery, toml.as_deref()))?,
        (Some(toml), false) => print::line(toml.trim_end())?,
        (None, false) => say_vain(&discovery),
    }
    Ok(if toml.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The source, with everything else that was found as comments; `None` when nothing is any good.
fn proposal(discovery: &Discovery) -> Option<Proposal> {
    let chosen = discovery.chosen();
    let first = chosen.first()?;
    let of_kind = |sitemaps: bool| {
        let urls = chosen.iter().filter(move |find| (find.kind == FeedKind::Sitemap) == sitemaps);
        urls.map(|find| find.url.clone()).collect::<Vec<Url>>()
    };
    let mut proposal = Proposal {
        remarks: chosen.iter().map(|find| format!("{}: {}", find.url, find.rank.reasons.join(", "))).collect(),
        agency: discovery.agency.clone(),
        home: Some(discovery.site.clone()).filter(|site| *site != first.url),
        language: discovery.language.clone(),
        feeds: of_kind(false),
        sitemaps: of_kind(true),
        notes: first.dates.iter().cloned().collect(),
        ..Proposal::default()
    };
    let others = discovery.finds.iter().filter(|find| chosen.iter().all(|chosen| chosen.url != find.url));
    proposal.notes.extend(others.take(MOST_SHOWN).map(alternative));
    proposal.notes.extend(discovery.hubs.iter().map(|hub| format!("hub: {hub}")));
    Some(proposal)
}

/// A further find as a line that only needs its mark taken away.
fn alternative(find: &Find) -> String {
    let key = if find.kind == FeedKind::Sitemap { "sitemap" } else { "feed" };
    let title = find.title.as_deref().map(|title| format!("\"{title}\": ")).unwrap_or_default();
    let same = find.same_as.as_ref().map(|url| format!(", the same articles as {url}")).unwrap_or_default();
    format!("{key} = \"{}\" # {title}{}{same}", find.url, find.rank.reasons.join(", "))
}

/// Nothing to recommend: what was tried, and what was found and is no good.
fn say_vain(discovery: &Discovery) {
    print::aside(&format!("wireroom: {}", print::tame_line(&discovery.vain())));
    for find in discovery.finds.iter().take(MOST_SHOWN) {
        print::aside(&print::tame_line(&format!("not recommended: {}", alternative(find))));
    }
}

fn as_json(discovery: &Discovery, toml: Option<&str>) -> Value {
    let find = |find: &Find| {
        json!({
            "url": find.url.as_str(),
            "kind": find.kind.as_str(),
            "title": find.title,
            "entries": find.entries,
            "points": find.rank.points,
            "usable": find.rank.usable,
            "reasons": find.rank.reasons,
            "same_as": find.same_as.as_ref().map(|url| url.as_str()),
            "dates": find.dates,
        })
    };
    let chosen = discovery.chosen();
    let mut chosen = chosen.iter().map(|find| find.url.as_str());
    json!({
        "site": discovery.site.as_str(),
        "agency": discovery.agency,
        "language": discovery.language,
        "chosen": chosen.next(),
        "beside": chosen.collect::<Vec<_>>(),
        "finds": discovery.finds.iter().map(find).collect::<Vec<_>>(),
        "hubs": discovery.hubs.iter().map(|hub| hub.as_str()).collect::<Vec<_>>(),
        "tried": discovery.tried.iter().map(|(url, why)| json!({ "url": url.as_str(), "why": why })).collect::<Vec<_>>(),
        "toml": toml,
    })
}
