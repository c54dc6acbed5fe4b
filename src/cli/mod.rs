//! The verbs of the command line: one file each, thin. Parse arguments, call a room, print.

pub(crate) mod backfill;
pub(crate) mod boilerplate;
pub(crate) mod check;
pub(crate) mod configuration;
pub(crate) mod dedup;
pub(crate) mod demo;
pub(crate) mod discover;
pub(crate) mod exit;
pub(crate) mod export;
pub(crate) mod extract;
pub(crate) mod feed;
pub(crate) mod folder;
pub(crate) mod forget;
pub(crate) mod import;
pub(crate) mod merge;
pub(crate) mod once;
pub(crate) mod page;
pub(crate) mod poll;
pub(crate) mod print;
pub(crate) mod rehearsal;
pub(crate) mod replay;
pub(crate) mod reprocess;
pub(crate) mod retry;
pub(crate) mod rights;
pub(crate) mod run;
pub(crate) mod search;
pub(crate) mod secrets;
pub(crate) mod show;
mod diff;
pub(crate) mod sources;
pub(crate) mod status;
pub(crate) mod split;
pub(crate) mod story;
pub(crate) mod wiring;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use wireroom::ingest::{Clock, Dice};

/// News agencies' output as clean data: every article, once, soon after it appears.
#[derive(Debug, Parser)]
#[command(name = "wireroom", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// The configuration [default: $WIREROOM_CONFIG, ./wireroom.toml, ./config/wireroom.toml, /etc/wireroom/wireroom.toml]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the daemon until SIGTERM
    Run,
    /// Poll every source now, scrape what is pending, and leave
    Once(once::Arguments),
    /// Read the configuration and report every mistake at once
    Check(print::Form),
    /// Poll one source and print what would be committed; write nothing
    Poll(poll::Arguments),
    /// Read one article page, or many, and print JSON
    Extract(extract::Arguments),
    /// Read one feed or sitemap, or many, and print JSON
    Feed(feed::Arguments),
    /// Find the feeds of a site and print a source to paste
    Discover(discover::Arguments),
    /// Turn an OPML list of feeds into sources, as TOML
    Import(import::Arguments),
    /// Write the configured sources as OPML, for other readers of feeds
    Export(export::Arguments),
    /// Find which of many documents are one story
    Dedup(dedup::Arguments),
    /// How the daemon and its sources are doing
    Status(print::Form),
    /// The sources, with their feeds
    Sources(sources::Arguments),
    /// Search titles and bodies
    Search(search::Arguments),
    /// One article
    Show(show::Asked),
    /// One story: its origin and its copies
    Story(show::Arguments),
    /// Poll a source, or scrape an article, again now
    Retry(retry::Arguments),
    /// Walk a source's sitemaps and archives for what it published since a day
    Backfill(backfill::Arguments),
    /// Read the pages kept again, with today's reader and learnt lines
    Reprocess(reprocess::Arguments),
    /// Join stories by hand; later arrivals and re-reading respect it
    Merge(merge::Arguments),
    /// Part an article from its story by hand; they are never joined again unless by hand
    Split(split::Arguments),
    /// Take an article down and keep it from coming back
    Forget(forget::Arguments),
    /// The real daemon on made-up agencies; no network needed
    Demo(demo::Arguments),
}

impl Arguments {
    /// Whether only warnings should be logged: the demo and a backfill print their own story.
    pub(crate) fn quiet(&self) -> bool {
        matches!(self.verb, Verb::Demo(_) | Verb::Backfill(_) | Verb::Reprocess(_))
    }
}

/// What the verbs may ask of the world; only `main` knows how.
#[derive(Clone)]
pub(crate) struct World {
    /// The present.
    pub(crate) clock: Clock,
    /// Chance.
    pub(crate) dice: Dice,
    /// `--config`.
    pub(crate) config: Option<PathBuf>,
}

/// Does what the command line asks for.
pub(crate) fn run(arguments: Arguments, clock: Clock, dice: Dice) -> anyhow::Result<ExitCode> {
    let world = World { clock, dice, config: arguments.config };
    match arguments.verb {
        Verb::Run => run::run(&world),
        Verb::Once(arguments) => once::run(&world, &arguments),
        Verb::Check(form) => check::run(&world, &form),
        Verb::Poll(arguments) => poll::run(&world, &arguments),
        Verb::Extract(arguments) => extract::run(&world, &arguments),
        Verb::Feed(arguments) => feed::run(&world, &arguments),
        Verb::Discover(arguments) => discover::run(&world, &arguments),
        Verb::Import(arguments) => import::run(&world, &arguments),
        Verb::Export(arguments) => export::run(&world, &arguments),
        Verb::Dedup(arguments) => dedup::run(&world, &arguments),
        Verb::Status(form) => status::run(&world, &form),
        Verb::Sources(arguments) => sources::run(&world, &arguments),
        Verb::Search(arguments) => search::run(&world, &arguments),
        Verb::Show(arguments) => show::run(&world, &arguments),
        Verb::Story(arguments) => story::run(&world, &arguments),
        Verb::Retry(arguments) => retry::run(&world, &arguments),
        Verb::Backfill(arguments) => backfill::run(&world, &arguments),
        Verb::Reprocess(arguments) => reprocess::run(&world, &arguments),
        Verb::Merge(arguments) => merge::run(&world, &arguments),
        Verb::Split(arguments) => split::run(&world, &arguments),
        Verb::Forget(arguments) => forget::run(&world, &arguments),
        Verb::Demo(arguments) => demo::run(&world, &arguments),
    }
}
