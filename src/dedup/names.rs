//! The names by which an entry may be known: its id, its page, and what it looks like when both change at every poll.

use std::borrow::Cow;

use crate::address;
use crate::address::Tracking;
use crate::model::{Entry, EntryKey, Precision, Timestamp};

/// Longest id kept as it is; longer ones are hashed.
const MAX_KEY: usize = 512;
/// Parameters that carry a visit or a moment rather than a page. Only what an entry looks like leaves them aside: a site may
/// well use such a name for its articles.
const PASSING: [&str; 17] = [
    "sid",
    "s",
    "session",
    "session_id",
    "sessionid",
    "sess",
    "token",
    "auth",
    "sig",
    "signature",
    "ts",
    "timestamp",
    "rnd",
    "rand",
    "nocache",
    "cb",
    "_",
];
/// Shortest text of letters and digits mixed that is taken for a token.
const TOKEN: usize = 8;

/// Every name under which the ledger may know an entry.
pub(super) fn all(tracking: &Tracking, entry: &Entry) -> impl Iterator<Item = EntryKey> {
    let id = id(entry).is_some().then(|| second(tracking, entry));
    // The ledger keeps a page's key in full, however long it is.
    let long = entry.url.as_ref().map(|url| address::key_with(tracking, url)).filter(|page| page.len() > MAX_KEY).map(EntryKey);
    let names =
        [Some(first(tracking, entry)), id, page(tracking, entry), plain_page(tracking, entry), long, looks(tracking, entry)];
    names.into_iter().flatten()
}

/// The id where there is one, else the page, else the headline.
pub(super) fn first(tracking: &Tracking, entry: &Entry) -> EntryKey {
    match (id(entry), page(tracking, entry)) {
        (Some(id), _) => EntryKey(short(id)),
        (None, Some(page)) => page,
        (None, None) => EntryKey(format!("title:{}", short(entry.title.as_deref().unwrap_or_default()))),
    }
}

fn id(entry: &Entry) -> Option<&str> {
    entry.id.as_deref().map(str::trim).filter(|id| !id.is_empty())
}

/// The page, as a name.
pub(super) fn page(tracking: &Tracking, entry: &Entry) -> Option<EntryKey> {
    entry.url.as_ref().map(|url| EntryKey(short(&address::key_with(tracking, url))))
}

/// The page as it was named before the operator added tracking parameters; `None` where that makes no difference.
pub(super) fn plain_page(tracking: &Tracking, entry: &Entry) -> Option<EntryKey> {
    let own = entry.url.as_ref().filter(|_| !tracking.added().is_empty())?;
    let plain = address::key(own);
    (plain != address::key_with(tracking, own)).then(|| EntryKey(short(&plain)))
}

/// The id together with the page, or with the headline where there is none: for ids that are re-used.
pub(super) fn second(tracking: &Tracking, entry: &Entry) -> EntryKey {
    let what = entry.url.as_ref().map(|url| address::key_with(tracking, url));
    let what = what.unwrap_or_else(|| format!("title:{}", entry.title.as_deref().unwrap_or_default()));
    EntryKey(short(&format!("{} @ {what}", first(tracking, entry))))
}

/// What an entry whose address carries a token looks like without it: the same headline, the same instant, the same address
/// but for the token. `None` where the address carries none, or where no instant could tell two entries apart: what looks
/// like a token may be an article's own number, and a daily column has the same headline and summary every day.
pub(super) fn looks(tracking: &Tracking, entry: &Entry) -> Option<EntryKey> {
    let page = entry.url.as_ref().map(|url| address::key_with(tracking, url))?;
    let shape = shape(&page);
    let title = entry.title.as_deref().map(words).filter(|title| !title.is_empty())?;
    if shape == page {
        return None;
    }
    let instant = instant(entry)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(shape.as_bytes());
    hasher.update(title.as_bytes());
    hasher.update(&instant.as_second().to_le_bytes());
    Some(EntryKey(format!("looks:{}", &hasher.finalize().to_hex()[..32])))
}

/// The instant of an entry where it is fine enough to tell entries apart: midnight is a day that was written as an instant.
pub(super) fn instant(entry: &Entry) -> Option<Timestamp> {
    let time = entry.published.or(entry.updated).filter(|time| time.precision != Precision::Day)?;
    let local = time.at.as_second() + i64::from(time.offset_minutes.unwrap_or_default()) * 60;
    (local.rem_euclid(86_400) != 0).then_some(time.at)
}

/// Whether two pages carry different days in their addresses.
pub(super) fn days_apart(one: &str, other: &str) -> bool {
    let day = |page: &str| {
        let parts: Vec<String> = numbers(page);
        parts
            .windows(3)
            .find_map(|parts| as_day(&parts[0], &parts[1], &parts[2]))
            .or_else(|| parts.iter().find_map(|part| packed(part)))
    };
    matches!((day(one), day(other)), (Some(one), Some(other)) if one != other)
}

/// Whether two pages are one but for a token in the address.
pub(super) fn same_shape(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other || shape(one) == shape(other),
        (None, None) => true,
        _ => false,
    }
}

/// A headline without regard to white space.
pub(super) fn words(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words
}

/// A page's key without what may change from visit to visit.
fn shape(page: &str) -> Cow<'_, str> {
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let passing = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        PASSING.contains(&name.to_ascii_lowercase().as_str()) || is_token(value)
    };
    let volatile = |segment: &str| segment.contains(';') || segment.starts_with("(S(") || is_token(segment);
    if !path.split('/').skip(1).any(volatile) && !query.split('&').any(passing) {
        return page.into();
    }
    let mut shape = String::with_capacity(page.len());
    for (index, segment) in path.split('/').enumerate() {
        let segment = segment.split(';').next().unwrap_or_default();
        match index {
            0 => shape.push_str(segment),
            _ if volatile(segment) => shape.push_str("/*"),
            _ => {
                shape.push('/');
                shape.push_str(segment);
            }
        }
    }
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty() && !passing(parameter)) {
        shape.push('&');
        shape.push_str(parameter);
    }
    shape.into()
}

/// Whether a text looks drawn by lot: letters and digits mixed, without a word, a count or a date in them. Hyphens part the
/// words of a headline; only in a UUID (RFC 9562) do they not.
fn is_token(text: &str) -> bool {
    let bytes = text.as_bytes();
    if is_uuid(bytes) {
        return true;
    }
    if bytes.len() < TOKEN || !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let turns = bytes.windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    digits >= 2 && bytes.len() - digits >= 2 && turns >= 3 && !numbers(text).iter().any(|number| packed(number).is_some())
}

fn is_uuid(text: &[u8]) -> bool {
    let hyphen = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    text.len() == 36 && text.iter().enumerate().all(|(at, byte)| if hyphen(at) { *byte == b'-' } else { byte.is_ascii_hexdigit() })
}

/// The runs of digits in a text.
fn numbers(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()).map(str::to_owned).collect()
}

/// A day written in one number: `20261125`.
fn packed(number: &str) -> Option<(u32, u32, u32)> {
    if number.len() != 8 {
        return None;
    }
    as_day(&number[..4], &number[4..6], &number[6..])
}

fn as_day(year: &str, month: &str, day: &str) -> Option<(u32, u32, u32)> {
    if year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    let date = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    ((1990..=2100).contains(&date.0) && (1..=12).contains(&date.1) && (1..=31).contains(&date.2)).then_some(date)
}

/// A key within its bounds.
fn short(key: &str) -> String {
    if key.len() <= MAX_KEY { key.to_owned() } else { format!("hash:{}", blake3::hash(key.as_bytes()).to_hex()) }
}
