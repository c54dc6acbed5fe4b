//! Zones as the press names them: offsets, abbreviations, IANA names.

use jiff::tz::TimeZone;

/// A zone that a text gave.
#[derive(Debug, Clone)]
pub(super) enum Zone {
    /// Minutes east of UTC.
    Fixed(i16),
    /// A region with its rules for summer time.
    Region(TimeZone),
    /// An abbreviation with several meanings, to be settled by who writes.
    Several(&'static str),
    /// A name that says nothing: the time is not the desk's own, and nobody knows whose.
    Unknown,
}

/// Abbreviations with one meaning in the press, in minutes east of UTC.
const FIXED: &[(&str, i16)] = &[
    ("z", 0),
    ("ut", 0),
    ("utc", 0),
    ("tu", 0),
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
    ("msd", 240),
    ("azt", 240),
    ("azst", 300),
    ("get", 240),
    ("uzt", 300),
    ("tmt", 300),
    ("tjt", 300),
    ("kgt", 360),
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
    ("aft", 270),
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
    ("cst", 480, &["Asia/Shanghai", "Asia/Chongqing", "Asia/Harbin", "Asia/Urumqi", "Asia/Macau", "Asia/Taipei", "zh"]),
    ("cst", -300, &["America/Havana", "es-CU"]),
    ("cst", 570, &["Australia/Adelaide", "Australia/Darwin"]),
    ("cst", -360, &[]),
    ("bdt", 360, &["Asia/Dhaka", "bn-BD", "bn"]),
    ("bdt", 480, &["Asia/Brunei", "ms-BN"]),
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

/// Words for a zone as its clocks went: with summer time, as American desks write them, or where the law moved the zone.
const REGIONS: &[(&str, &str)] = &[
    ("et", "America/New_York"),
    ("ct", "America/Chicago"),
    ("mt", "America/Denver"),
    ("pt", "America/Los_Angeles"),
    ("akt", "America/Anchorage"),
    ("almt", "Asia/Almaty"),
    ("magt", "Asia/Magadan"),
    ("vlat", "Asia/Vladivostok"),
    ("yakt", "Asia/Yakutsk"),
    ("irkt", "Asia/Irkutsk"),
    ("krat", "Asia/Krasnoyarsk"),
    ("omst", "Asia/Omsk"),
    ("yekt", "Asia/Yekaterinburg"),
    ("samt", "Europe/Samara"),
    ("trt", "Europe/Istanbul"),
    ("мск", "Europe/Moscow"),
    ("msk", "Europe/Moscow"),
];

/// Zones whose names are written out, folded.
const LONG: &[(&str, &str)] = &[
    ("eastern time", "America/New_York"),
    ("central time", "America/Chicago"),
    ("mountain time", "America/Denver"),
    ("pacific time", "America/Los_Angeles"),
    ("moscow time", "Europe/Moscow"),
    ("московское время", "Europe/Moscow"),
    ("московского времени", "Europe/Moscow"),
    ("по московскому времени", "Europe/Moscow"),
    ("по мск", "Europe/Moscow"),
    ("по москве", "Europe/Moscow"),
    ("baku time", "Asia/Baku"),
    ("baki vaxti", "Asia/Baku"),
    ("по бакинскому времени", "Asia/Baku"),
    ("kyiv time", "Europe/Kyiv"),
    ("за київським часом", "Europe/Kyiv"),
    ("beijing time", "Asia/Shanghai"),
    ("london time", "Europe/London"),
    ("eastern standard time", "-300"),
    ("eastern daylight time", "-240"),
    ("central standard time", "-360"),
    ("central daylight time", "-300"),
    ("mountain standard time", "-420"),
    ("mountain daylight time", "-360"),
    ("pacific standard time", "-480"),
    ("pacific daylight time", "-420"),
    ("greenwich mean time", "0"),
    ("coordinated universal time", "0"),
    ("universal time", "0"),
    ("british summer time", "60"),
    ("irish standard time", "60"),
    ("western european time", "0"),
    ("western european summer time", "60"),
    ("central european time", "60"),
    ("central european standard time", "60"),
    ("central european summer time", "120"),
    ("eastern european time", "120"),
    ("eastern european standard time", "120"),
    ("eastern european summer time", "180"),
    ("moscow standard time", "180"),
    ("azerbaijan standard time", "240"),
    ("gulf standard time", "240"),
    ("pakistan standard time", "300"),
    ("india standard time", "330"),
    ("indian standard time", "330"),
    ("indochina time", "420"),
    ("china standard time", "480"),
    ("singapore standard time", "480"),
    ("hong kong time", "480"),
    ("japan standard time", "540"),
    ("korean standard time", "540"),
    ("australian eastern standard time", "600"),
    ("australian eastern daylight time", "660"),
    ("israel standard time", "120"),
    ("israel daylight time", "180"),
    ("south africa standard time", "120"),
    ("east africa time", "180"),
    ("central africa time", "120"),
    ("west africa standard time", "60"),
];

/// Whether a folded word is the first of a zone that is written out.
pub(super) fn begins_long_name(word: &str) -> bool {
    LONG.iter().any(|(name, _)| name.strip_prefix(word).is_some_and(|rest| rest.starts_with(' ')))
}

/// The zone whose name is written out.
pub(super) fn long_named(name: &str) -> Option<Zone> {
    let (_, meaning) = LONG.iter().find(|(long, _)| *long == name)?;
    meaning.parse().map_or_else(|_| region_of(meaning), |minutes| Some(Zone::Fixed(minutes)))
}

/// The zone a folded abbreviation means; `None` when it is none.
pub(super) fn named(word: &str) -> Option<Zone> {
    if let Some((_, minutes)) = FIXED.iter().find(|(name, _)| *name == word) {
        return Some(Zone::Fixed(*minutes));
    }
    if let Some((_, region)) = REGIONS.iter().find(|(name, _)| *name == word) {
        return region_of(region);
    }
    SEVERAL.iter().find(|(name, ..)| *name == word).map(|(name, ..)| Zone::Several(name))
}

/// What an abbreviation with several meanings means to this desk, in minutes east of UTC: `offset` is what the desk's own
/// clock shows at that hour. RFC 822 settles its own zones where the desk does not; the others stay unsettled.
pub(super) fn settled(name: &str, timezone: Option<&str>, offset: Option<i16>, language: Option<&str>) -> Option<i16> {
    let meanings = || SEVERAL.iter().filter(|(known, ..)| *known == name);
    let by_place =
        meanings().find(|(.., settles)| timezone.is_some_and(|zone| settles.iter().any(|it| it.eq_ignore_ascii_case(zone))));
    let standard = meanings().any(|(.., settles)| settles.is_empty());
    by_place
        .or_else(|| meanings().find(|(_, minutes, settles)| offset == Some(*minutes) && (settles.is_empty() || !standard)))
        .or_else(|| meanings().find(|(.., settles)| language.is_some_and(|tag| settles.iter().any(|it| speaks(tag, it)))))
        .or_else(|| meanings().find(|(.., settles)| settles.is_empty()))
        .map(|(_, minutes, _)| *minutes)
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
