//! wireroom, a news ingestion daemon. The rooms, in the order an article meets them.

// the nouns
pub mod model;

// dry rooms that know only the nouns
pub mod calendar;
pub mod charset;
pub mod address;
pub mod markup;

// the operator's word
pub mod config;

// the journey of one article
pub mod schedule;
pub mod fetch;
pub mod feed;
pub mod article;
pub mod dedup;
pub mod store;

// the order of the steps, and the loops around them
pub mod ingest;
pub mod daemon;
pub mod serve;
pub mod observe;
