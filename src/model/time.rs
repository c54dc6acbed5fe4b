//! Times as the press gives them: an instant, and how much of it was really said.

use jiff::Timestamp;

/// How finely a publication time was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Only the day was given; the instant is its midnight in the zone.
    Day,
    /// Hours and minutes were given.
    Minute,
    /// Seconds (or better) were given.
    Instant,
}

impl Precision {
    /// The word used in the ledger and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Precision::Day => "day",
            Precision::Minute => "minute",
            Precision::Instant => "instant",
        }
    }
}

/// Where the zone of an instant came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ZoneSource {
    /// The page or the feed said it.
    Page,
    /// The operator's `timezone` of the source.
    Source,
    /// Nobody said it: UTC was assumed.
    Assumed,
}

impl ZoneSource {
    /// The word used in the ledger and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            ZoneSource::Page => "page",
            ZoneSource::Source => "source",
            ZoneSource::Assumed => "assumed",
        }
    }
}

/// A publication instant with what is known about it. Always within the years 1000 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct PressTime {
    /// The instant, UTC.
    pub at: Timestamp,
    /// Minutes east of UTC, when the page gave an offset or a zone (`+04:00` is 240).
    pub offset_minutes: Option<i16>,
    /// How finely it was given.
    pub precision: Precision,
    /// Who gave the zone.
    pub zone_source: ZoneSource,
}

/// What to assume where a date does not say it.
#[derive(Debug, Clone, Copy)]
pub struct Assume<'a> {
    /// IANA name of the source's zone, for naive dates (checked by `config`).
    pub timezone: Option<&'a str>,
    /// BCP 47 language of the source, which decides between day-first and month-first.
    pub language: Option<&'a str>,
    /// The instant of first sight; completes dates without a year, bounds dates in the future.
    pub seen_at: Timestamp,
}
