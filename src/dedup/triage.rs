//! What a poll's entries are to the ledger: fresh, changed, or known.

use std::collections::HashMap;
use std::time::Duration;

use crate::address;
use crate::model::{Entry, EntryId, EntryKey, FeedId, KnownEntries, KnownEntry, NewEntry, Timestamp};

use super::Selection;

/// Longest id kept as it is; longer ones are hashed.
const MAX_KEY: usize = 512;

/// A poll's entries, sorted. Every entry handed in is counted in exactly one of the three.
#[derive(Debug, Clone, Default)]
pub struct Triage {
    /// New to the source, in document order.
    pub fresh: Vec<NewEntry>,
    /// Known, and saying something new.
    pub changed: Vec<(EntryId, NewEntry)>,
    /// Known and unchanged, or said twice in one document.
    pub unchanged: usize,
}

/// The keys by which the ledger may know these entries.
pub fn keys(entries: &[Entry]) -> Vec<EntryKey> {
    let mut keys: Vec<EntryKey> = entries.iter().flat_map(|entry| [first_key(entry), second_key(entry)]).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Sorts the entries of one document. Loses none, and is idempotent: what it calls fresh is
/// unchanged once the ledger knows it.
///
/// An id names an entry, unless the same id comes back with another address and another headline:
/// then a careless feed re-used it, and the address becomes part of the key. Only the feed that
/// brought an entry can change it: two feeds of one source may word the same entry differently.
pub fn triage(feed: FeedId, entries: Vec<Entry>, known: &KnownEntries, selection: &Selection, now: Timestamp) -> Triage {
    let mut sorted = Triage::default();
    let mut said: HashMap<EntryKey, KnownEntry> = HashMap::new();
    for entry in entries {
        let mut new = admit(entry, known.first_poll, selection, now);
        if let Some(other) = known.entries.get(&new.key).or_else(|| said.get(&new.key))
            && is_another(other, &new)
        {
            new.key = second_key(&new.entry);
        }
        if said.contains_key(&new.key) {
            sorted.unchanged += 1;
            continue;
        }
        said.insert(new.key.clone(), known_as(&new));
        match known.entries.get(&new.key) {
            None => sorted.fresh.push(new),
            Some(old) if old.feed == feed && old.digest != new.digest && new.skipped.is_none() => {
                sorted.changed.push((old.id, new))
            }
            Some(_) => sorted.unchanged += 1,
        }
    }
    sorted
}

/// Gives an entry its keys, and the reason for which it is not scraped, if there is one.
fn admit(entry: Entry, first_poll: bool, selection: &Selection, now: Timestamp) -> NewEntry {
    let skipped = reason_to_skip(&entry, first_poll, selection, now);
    NewEntry {
        key: first_key(&entry),
        url_key: entry.url.as_ref().map(|url| address::key_with(&selection.tracking, url)),
        host: entry.url.as_ref().map(address::host_key),
        digest: digest(&entry),
        skipped,
        entry,
    }
}

/// Why an entry is not scraped, in the operator's words.
fn reason_to_skip(entry: &Entry, first_poll: bool, selection: &Selection, now: Timestamp) -> Option<String> {
    let Some(url) = &entry.url else {
        return Some("the entry has no usable link".to_owned());
    };
    let title = entry.title.as_deref().unwrap_or_default();
    let matches = |pattern: &regex::Regex| pattern.is_match(url.as_str()) || pattern.is_match(title);
    if let Some(pattern) = selection.exclude.iter().find(|pattern| matches(pattern)) {
        return Some(format!("excluded by {:?}", pattern.as_str()));
    }
    if !selection.include.is_empty() && !selection.include.iter().any(matches) {
        return Some("matches no pattern of include".to_owned());
    }
    if let Some(max_age) = selection.max_age
        && first_poll
        && let Some(time) = entry.published.or(entry.updated)
        && now.duration_since(time.at) > as_signed(max_age)
    {
        return Some(format!("older than max_age ({} d) when the source was new", max_age.as_secs() / 86_400));
    }
    None
}

/// A duration as timestamps subtract to.
fn as_signed(duration: Duration) -> crate::model::SignedDuration {
    crate::model::SignedDuration::from_secs(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}

/// The id where there is one, else the page, else the headline.
fn first_key(entry: &Entry) -> EntryKey {
    let id = entry.id.as_deref().map(str::trim).filter(|id| !id.is_empty());
    EntryKey(match (id, &entry.url) {
        (Some(id), _) if id.len() <= MAX_KEY => id.to_owned(),
        (Some(id), _) => format!("hash:{}", blake3::hash(id.as_bytes()).to_hex()),
        (None, Some(url)) => short(&address::key(url)),
        (None, None) => format!("title:{}", short(entry.title.as_deref().unwrap_or_default())),
    })
}

/// The id together with the page, for ids that are re-used.
fn second_key(entry: &Entry) -> EntryKey {
    let page = entry.url.as_ref().map(address::key).unwrap_or_default();
    EntryKey(short(&format!("{} @ {page}", first_key(entry))))
}

/// A key within its bounds.
fn short(key: &str) -> String {
    if key.len() <= MAX_KEY { key.to_owned() } else { format!("hash:{}", blake3::hash(key.as_bytes()).to_hex()) }
}

/// What an entry says, in short: its headline, and when it says it was changed.
fn digest(entry: &Entry) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    for word in entry.title.as_deref().unwrap_or_default().split_whitespace() {
        hasher.update(word.as_bytes());
        hasher.update(b" ");
    }
    if let Some(updated) = entry.updated
        && entry.published.is_none_or(|published| published.at != updated.at)
    {
        hasher.update(&updated.at.as_second().to_le_bytes());
    }
    let mut digest = [0; 16];
    digest.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    digest
}

/// Whether a known entry under the same id is another one: both the page and the headline differ.
fn is_another(known: &KnownEntry, new: &NewEntry) -> bool {
    known.url_key != new.url_key && known.title != new.entry.title
}

/// A new entry as the ledger will know it.
fn known_as(new: &NewEntry) -> KnownEntry {
    KnownEntry { id: EntryId(0), url_key: new.url_key.clone(), title: new.entry.title.clone(), digest: new.digest, feed: FeedId(0) }
}
