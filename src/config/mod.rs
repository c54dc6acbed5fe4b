//! TOML text → `Settings`, every mistake named at once.

use crate::article::Rules;
use crate::daemon::Lanes;
use crate::dedup::{Selection, Thresholds};
use crate::fetch::Limits;
use crate::model::Source;
use crate::schedule::Policy;
use crate::store;

/// Everything the operator decided, checked: no field of it needs checking again.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `[store]` and `[retention]`.
    pub store: store::Settings,
    /// `[fetch]`.
    pub fetch: Limits,
    /// `[schedule]`.
    pub schedule: Policy,
    /// `[dedup]`.
    pub dedup: Thresholds,
    /// `[daemon]`, and the widths derived from `fetch.concurrency`.
    pub lanes: Lanes,
    /// `[[source]]`, in order.
    pub sources: Vec<Desk>,
}

/// A source with the rules for its entries and pages.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The source.
    pub source: Source,
    /// `include`, `exclude`, `max_age`.
    pub selection: Selection,
    /// `[source.extract]`, with the source's zone and language.
    pub rules: Rules,
}
