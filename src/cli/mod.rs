//! The verbs of the command line: one file each, thin. Parse arguments, call a room, print.
#![expect(clippy::print_stdout, reason = "printing is what this room is for")]

pub(crate) mod extract;
pub(crate) mod feed;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use wireroom::model::Timestamp;

/// News agencies' output as clean data: every article, once, soon after it appears.
#[derive(Debug, Parser)]
#[command(name = "wireroom", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Read one article page, or many, and print JSON
    Extract(extract::Arguments),
    /// Read one feed or sitemap, or many, and print JSON
    Feed(feed::Arguments),
}

/// Does what the command line asks for.
pub(crate) fn run(arguments: Arguments, now: fn() -> Timestamp) -> anyhow::Result<ExitCode> {
    match arguments.verb {
        Verb::Extract(arguments) => extract::run(&arguments, now()),
        Verb::Feed(arguments) => feed::run(&arguments, now()),
    }
}
