//! Zones as the press names them: offsets, abbreviations, IANA names.

use jiff::tz::TimeZone;

/// A zone that a text gave.
#[derive(Debug, Clone)]
pub(super) enum Zone {
    /// Minutes east of UTC.
    Fixed(i16),
    /// A region with its rules for summer time.
    Region(TimeZone),
}

/// What a zone abbreviation means.
#[derive(Debug, Clone)]
pub(super) enum Named {
    /// The zone.
    Zone(Zone),
    /// It has several meanings and nothing settles which: as if it were not there.
    Ambiguous,
}

/// Abbreviations with one meaning in the press, in minutes east of UTC.
const FIXED: &[(&str, i16)] = &[
    ("z", 0),
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("zulu", 0),
    ("wet", 0),
    ("west", 60),
    ("cet", 60),
    ("cest", 120),
    ("met", 60),
    ("mest", 120),
    ("mez", 60),
    ("mesz", 120),
    ("eet", 120),
    ("eest", 180),
    ("msk", 180),
    ("мск", 180),
    ("msd", 240),
    ("trt", 180),
    ("azt", 240),
    ("azst", 300),
    ("get", 240),
    ("samt", 240),
    ("yekt", 300),
    ("omst", 360),
    ("krat", 420),
    ("irkt", 480),
    ("yakt", 540),
    ("vlat", 600),
    ("magt", 660),
    ("uzt", 300),
    ("tmt", 300),
    ("tjt", 300),
    ("kgt", 360),
    ("almt", 360),
    ("pkt", 300),
    ("npt", 345),
    ("mmt", 390),
    ("ict", 420),
    ("wib", 420),
    ("wita", 480),
    ("sgt", 480),
    ("hkt", 480),
    ("myt", 480),
    ("pht", 480),
    ("jst", 540),
    ("kst", 540),
    ("wit", 540),
    ("awst", 480),
    ("aest", 600),
    ("aedt", 660),
    ("acst", 570),
    ("acdt", 630),
    ("nzst", 720),
    ("nzdt", 780),
    ("sast", 120),
    ("cat", 120),
    ("eat", 180),
    ("wat", 60),
    ("irst", 210),
    ("irdt", 270),
    ("idt", 180),
    ("brt", -180),
    ("brst", -120),
    ("art", -180),
    ("uyt", -180),
    ("clt", -240),
    ("clst", -180),
    ("bot", -240),
    ("vet", -240),
    ("cot", -300),
    ("pet", -300),
    ("nst", -210),
    ("ndt", -150),
    ("edt", -240),
    ("cdt", -300),
    ("mdt", -360),
    ("pdt", -420),
    ("akst", -540),
    ("akdt", -480),
    ("hst", -600),
];

/// Abbreviations with several meanings: minutes, and the zones or languages that settle it.
/// A row without any is the meaning of RFC 822, which stands unless another row fits.
const SEVERAL: &[(&str, i16, &[&str])] = &[
    ("ist", 330, &["Asia/Kolkata", "Asia/Calcutta", "hi", "mr", "ta", "te", "bn-IN", "en-IN"]),
    ("ist", 120, &["Asia/Jerusalem", "Asia/Tel_Aviv", "he"]),
    ("ist", 60, &["Europe/Dublin", "ga", "en-IE"]),
    ("bst", 60, &["Europe/London", "Europe/Belfast", "en-GB", "cy"]),
    ("bst", 360, &["Asia/Dhaka", "bn-BD"]),
    ("ast", -240, &["America/Halifax", "America/Puerto_Rico", "America/Santo_Domingo", "Atlantic/Bermuda"]),
    ("ast", 180, &["Asia/Riyadh", "Asia/Baghdad", "Asia/Kuwait", "Asia/Qatar", "Asia/Bahrain", "Asia/Aden", "ar"]),
    ("gst", 240, &["Asia/Dubai", "Asia/Muscat", "ar"]),
    ("amt", 240, &["Asia/Yerevan", "hy"]),
    ("amt", -240, &["America/Manaus", "pt-BR"]),
    ("cst", 480, &["Asia/Shanghai", "Asia/Chongqing", "Asia/Taipei", "zh"]),
    ("cst", -360, &[]),
    (
        "est",
        600,
        &["Australia/Sydney", "Australia/Melbourne", "Australia/Brisbane", "Australia/Hobart", "Australia/Canberra", "en-AU"],
    ),
    ("est", -300, &[]),
    ("mst", -420, &[]),
    ("pst", 480, &["Asia/Manila", "fil", "tl", "en-PH"]),
    ("pst", -480, &[]),
    ("sst", 480, &["Asia/Singapore", "en-SG"]),
    ("sst", -660, &["Pacific/Pago_Pago"]),
    ("wst", 480, &["Australia/Perth"]),
    ("adt", -180, &["America/Halifax", "Atlantic/Bermuda"]),
];

/// Words for a zone with its summer time, as American desks write them.
const REGIONS: &[(&str, &str)] = &[
    ("et", "America/New_York"),
    ("ct", "America/Chicago"),
    ("mt", "America/Denver"),
    ("pt", "America/Los_Angeles"),
    ("akt", "America/Anchorage"),
];

/// The zone a folded abbreviation means to a desk with this zone and language; `None` when it is none.
pub(super) fn named(word: &str, timezone: Option<&str>, language: Option<&str>) -> Option<Named> {
    if let Some((_, minutes)) = FIXED.iter().find(|(name, _)| *name == word) {
        return Some(Named::Zone(Zone::Fixed(*minutes)));
    }
    if let Some((_, region)) = REGIONS.iter().find(|(name, _)| *name == word) {
        return region_of(region).map(Named::Zone);
    }
    let mut known = false;
    let mut plain = None;
    for (_, minutes, settles) in SEVERAL.iter().filter(|(name, ..)| *name == word) {
        known = true;
        if settles.is_empty() {
            plain = Some(*minutes);
        }
        let fits = |mark: &&str| {
            timezone.is_some_and(|zone| zone.eq_ignore_ascii_case(mark)) || language.is_some_and(|language| speaks(language, mark))
        };
        if settles.iter().any(fits) {
            return Some(Named::Zone(Zone::Fixed(*minutes)));
        }
    }
    known.then(|| plain.map_or(Named::Ambiguous, |minutes| Named::Zone(Zone::Fixed(minutes))))
}

/// The region an IANA name means.
pub(super) fn region_of(name: &str) -> Option<Zone> {
    TimeZone::get(name).ok().map(Zone::Region)
}

/// Whether a BCP 47 tag is the wanted one or a narrower one.
fn speaks(tag: &str, wanted: &str) -> bool {
    tag.eq_ignore_ascii_case(wanted)
        || (tag.len() > wanted.len()
            && tag.as_bytes()[wanted.len()] == b'-'
            && tag.is_char_boundary(wanted.len())
            && tag[..wanted.len()].eq_ignore_ascii_case(wanted))
}
