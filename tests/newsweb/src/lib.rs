//! The fake news web: made-up agencies with feeds and article pages on loopback, whole or broken as a test wants them.
//!
//! Nothing here knows the daemon that reads it. Texts come from a seeded generator, so the truth about every page is
//! known ([`NewsWeb::truth`]); every request is logged ([`NewsWeb::log`]).
//!
//! ```
//! use newsweb::{Agency, Fault, NewsWeb, Plan, Story};
//!
//! let web = NewsWeb::start(Plan::of([Agency::new("gazette")]))?;
//! let story = web.publish("gazette", Story::text("Ferry back in service", &["The ferry sails again.", "Twice a day."]));
//! web.fault_times(1, &story.url, Fault::Status(503));
//! assert!(web.feed("gazette").starts_with("http://127.0.0."));
//! assert!(web.log().is_empty());
//! # Ok::<(), std::io::Error>(())
//! ```

mod web;
mod plan;
mod story;
mod response;
mod log;
mod gate;
mod event;
mod demo;
mod server;
mod answer;
mod shared;
mod desk;
mod feed;
mod archive;
mod page;
mod words;
mod charset;
mod date;
mod escape;
mod dice;

pub use demo::demo_plan;
pub use event::{Deed, Event};
pub use gate::Gate;
pub use log::{Logged, TimedOut, tsv};
pub use plan::{
    Agency, Archives, Canonical, Charset, Clock, Dates, Declared, Fault, Faults, Format, Guid, Language, Layout, Links, Malformed,
    Plan, Robots, Scope, Sitemaps, Summary, Validators,
};
pub use response::Response;
pub use story::{Article, Reprint, Story, Truth};
pub use web::{NewsWeb, Published};
