//! The names by which an entry may be known: its id, its page, and what it looks like when both change at every poll.

use std::borrow::Cow;

use crate::address;
use crate::model::{Entry, EntryKey, Precision};

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
pub(super) fn all(entry: &Entry) -> impl Iterator<Item = EntryKey> {
    [Some(first(entry)), Some(second(entry)), page(entry), looks(entry)].into_iter().flatten()
}

/// The id where there is one, else the page, else the headline.
pub(super) fn first(entry: &Entry) -> EntryKey {
    let id = entry.id.as_deref().map(str::trim).filter(|id| !id.is_empty());
    match (id, page(entry)) {
        (Some(id), _) => EntryKey(short(id)),
        (None, Some(page)) => page,
        (None, None) => EntryKey(format!("title:{}", short(entry.title.as_deref().unwrap_or_default()))),
    }
}

/// The page, as a name.
pub(super) fn page(entry: &Entry) -> Option<EntryKey> {
    entry.url.as_ref().map(|url| EntryKey(short(&address::key(url))))
}

/// The id together with the page, or with the headline where there is none: for ids that are re-used.
pub(super) fn second(entry: &Entry) -> EntryKey {
    let what = entry.url.as_ref().map(address::key);
    let what = what.unwrap_or_else(|| format!("title:{}", entry.title.as_deref().unwrap_or_default()));
    EntryKey(short(&format!("{} @ {what}", first(entry))))
}

/// What an entry whose address carries a token looks like without it: the same headline, the same instant, the same address
/// but for the token. `None` where the address carries none, or where nothing but the headline could tell two entries apart.
pub(super) fn looks(entry: &Entry) -> Option<EntryKey> {
    let page = entry.url.as_ref().map(address::key)?;
    let shape = shape(&page);
    let title = entry.title.as_deref().map(words).filter(|title| !title.is_empty())?;
    if shape == page {
        return None;
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(shape.as_bytes());
    hasher.update(title.as_bytes());
    match (&entry.published, &entry.summary) {
        (Some(time), _) if time.precision != Precision::Day => hasher.update(&time.at.as_second().to_le_bytes()),
        (_, Some(summary)) if !summary.trim().is_empty() => hasher.update(words(summary).as_bytes()),
        _ => return None,
    };
    Some(EntryKey(format!("looks:{}", &hasher.finalize().to_hex()[..32])))
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

/// Whether a text looks drawn by lot: letters and digits without a word or a count in them.
fn is_token(text: &str) -> bool {
    if text.len() < TOKEN || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
        return false;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let turns = text.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    digits >= 2 && letters >= 2 && turns >= 3
}

/// A key within its bounds.
fn short(key: &str) -> String {
    if key.len() <= MAX_KEY { key.to_owned() } else { format!("hash:{}", blake3::hash(key.as_bytes()).to_hex()) }
}
