//! Which time zones there are, by their IANA names.

use jiff::tz::TimeZoneDatabase;

/// Whether `name` is a zone of the IANA database that is built in, in any case of letters.
pub fn is_known_zone(name: &str) -> bool {
    TimeZoneDatabase::bundled().get(name).is_ok()
}

/// The names of all zones, for "did you mean".
pub fn zone_names() -> Vec<String> {
    TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect()
}
