//! One binary of tests, in reading order: the floor plan, the dry rooms, the wet rooms, the daemon.

mod architecture;
mod address;
mod calendar;
mod charset;
mod markup;
mod config;
mod schedule;
mod dedup;
mod feed;
mod metadata;
mod dateline;
mod article;
mod fetch;
mod robots;
mod store;
mod operator;
mod daemon;
mod bad_input;
