//! One binary of tests, in reading order: the floor plan, the dry rooms, the wet rooms, the daemon.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on panics, and its figures are printed")]

mod architecture;
mod address;
mod calendar;
mod charset;
mod markup;
mod config;
mod schedule;
mod dedup;
mod copies;
mod feed;
mod opml;
mod discovery;
mod feed_reading;
mod feed_faults;
mod metadata;
mod fusion;
mod dateline;
mod article;
mod fetch;
mod robots;
mod store;
mod operator;
mod stories;
mod textless;
mod daemon;
mod sitemaps;
mod large;
mod backfill;
mod revisions;
mod pages;
mod bad_input;
mod verbs;
mod losses;
mod walks;
mod identity;
