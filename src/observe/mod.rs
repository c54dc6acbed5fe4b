//! What the daemon says of itself: log set-up, and the counters of its work.

mod log;
mod tally;

pub use log::{Error, start};
pub use tally::{Count, Tally};
