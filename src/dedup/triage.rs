//! What a poll's entries are to the ledger: fresh, changed, or known.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::address;
use crate::model::{Entry, EntryId, EntryKey, FeedId, KnownEntries, KnownEntry, NewEntry, Sight, SignedDuration, Timestamp};

use super::{Selection, names};

/// How the reason of an entry begins that is older than wanted. The words are kept in the ledger and recognised there.
pub(super) const OLDER_THAN: &str = "older than max_age";

/// Pages read again in vain after which a further change of their entry has to wait.
const PATIENCE: u32 = 2;
/// The first such wait; doubled with every further page read in vain.
const REST: Duration = Duration::from_secs(3600);
/// The longest one.
const REST_MAX: Duration = Duration::from_secs(86_400);
/// Entries whose date of change moved at once, from which on the feed may be stamping them all.
const STAMPED: usize = 3;
/// Instants that lie so close together are the feed's, not the entries'.
const STAMPED_WITHIN: i64 = 60;

/// A poll's entries, sorted. Every entry handed in is counted in exactly one of the first three.
#[derive(Debug, Clone, Default)]
pub struct Triage {
    /// New to the source, in document order.
    pub fresh: Vec<NewEntry>,
    /// Known, and saying something new.
    pub changed: Vec<(EntryId, NewEntry)>,
    /// Known and unchanged, or said twice in one document.
    pub unchanged: usize,
    /// Names that known entries came under and that the ledger does not have for them yet.
    pub renamed: Vec<(EntryId, EntryKey)>,
    /// Known entries of another feed that lack what this one says of them: a sitemap knows the page, a feed its headline.
    pub completed: Vec<(EntryId, NewEntry)>,
    /// How each entry was known, in document order.
    pub sights: Vec<Sight>,
}

/// The keys by which the ledger may know these entries.
pub fn keys(entries: &[Entry]) -> Vec<EntryKey> {
    let mut keys: Vec<EntryKey> = entries.iter().flat_map(names::all).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Sorts the entries of one document. Loses none, and is idempotent: what it calls fresh is
/// unchanged once the ledger knows it.
///
/// An id names an entry, unless the same id comes with another address and another headline: then
/// a careless feed re-used it, and the address becomes part of the key. An id that nobody knows on
/// a page that is known is the same entry under another name; where the headline differs too, the
/// page changed. Only the feed that brought an entry can change it: two feeds of one source may
/// word the same entry differently.
pub fn triage(feed: FeedId, entries: Vec<Entry>, known: &KnownEntries, selection: &Selection, now: Timestamp) -> Triage {
    let news = entries.into_iter().map(|entry| admit(entry, known.first_poll, selection, now)).collect();
    let news = tell_apart(news, known);
    let found = find(&news, known);
    let stamped = is_stamped(&news, &found);
    // Where two names of one document lead to one entry, the one that says what is known speaks for both.
    let quiet: HashSet<EntryId> = news
        .iter()
        .zip(&found)
        .filter_map(|(new, found)| found.as_ref().filter(|found| found.known.digest == new.digest).map(|found| found.known.id))
        .collect();
    let sights = found.iter().map(|found| match found {
        None => Sight::New,
        Some(found) if found.known.feed.is_none_or(|own| own == feed) => Sight::Ours,
        Some(_) => Sight::Others,
    });
    let mut sorted = Triage { sights: sights.collect(), ..Triage::default() };
    let mut said: HashSet<EntryKey> = HashSet::new();
    let mut spoken: HashSet<EntryId> = HashSet::new();
    for (new, found) in news.into_iter().zip(found) {
        if !said.insert(new.key.clone()) {
            sorted.unchanged += 1;
            continue;
        }
        let Some(Found { known: old, renamed }) = found else {
            sorted.fresh.push(new);
            continue;
        };
        if renamed {
            sorted.renamed.push((old.id, new.key.clone()));
        }
        let moved = new.url_key.is_some() && !names::same_shape(old.url_key.as_deref(), new.url_key.as_deref());
        if moved && let Some(page) = names::page(&new.entry).filter(|page| !known.entries.contains_key(page)) {
            sorted.renamed.push((old.id, page));
        }
        let news = !quiet.contains(&old.id) && says_something_new(old, &new, stamped) && !is_tiring(old, now);
        // A page that was not read yet is looked for where it is now.
        let own = old.feed.is_none_or(|own| own == feed);
        if own && new.skipped.is_none() && (news || moved && !old.filed) && spoken.insert(old.id) {
            sorted.changed.push((old.id, new));
        } else {
            sorted.unchanged += 1;
            if !own && old.title.is_none() && new.entry.title.is_some() {
                sorted.completed.push((old.id, new));
            }
        }
    }
    sorted
}

/// What the ledger knows of an entry of the document.
struct Found<'a> {
    known: &'a KnownEntry,
    /// It came under a name that is new.
    renamed: bool,
}

/// Gives an entry its keys, and the reason for which it is not scraped, if there is one.
fn admit(entry: Entry, first_poll: bool, selection: &Selection, now: Timestamp) -> NewEntry {
    let skipped = reason_to_skip(&entry, first_poll, selection, now);
    NewEntry {
        key: names::first(&entry),
        also: names::looks(&entry).into_iter().collect(),
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
        return Some(format!("{OLDER_THAN} ({} d) when the source was new", max_age.as_secs() / 86_400));
    }
    None
}

/// A duration as timestamps subtract to.
fn as_signed(duration: Duration) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}

/// Gives entries of one id that are not one entry keys of their own.
fn tell_apart(mut news: Vec<NewEntry>, known: &KnownEntries) -> Vec<NewEntry> {
    let mut first_of: HashMap<EntryKey, usize> = HashMap::new();
    let mut contested: HashSet<EntryKey> = HashSet::new();
    for index in 0..news.len() {
        match first_of.get(&news[index].key) {
            None => _ = first_of.insert(news[index].key.clone(), index),
            Some(other) if differs_beside(&news[*other], &news[index]) => _ = contested.insert(news[index].key.clone()),
            Some(_) => {}
        }
    }
    for index in 0..news.len() {
        let new = &news[index];
        let another = match known.entries.get(&new.key) {
            // Beside each other, one id keeps the entry that had it before, or else the first one.
            Some(old) if contested.contains(&new.key) => !is_beside(old, new),
            Some(old) => is_another(old, new),
            None => first_of.get(&new.key).is_some_and(|first| differs_beside(&news[*first], new)),
        };
        if another {
            news[index].key = names::second(&news[index].entry);
        }
    }
    news
}

/// Whether two entries of one document that share an id are two entries: an id does not move within a document.
fn differs_beside(one: &NewEntry, other: &NewEntry) -> bool {
    let same_title = same_title(one.entry.title.as_deref(), other.entry.title.as_deref());
    match (&one.url_key, &other.url_key) {
        (None, None) => !same_title,
        (one, other) if one == other => false,
        (one, other) => !same_title || !names::same_shape(one.as_deref(), other.as_deref()),
    }
}

/// Whether an entry is the known one, when others of its id stand beside it.
fn is_beside(known: &KnownEntry, new: &NewEntry) -> bool {
    let same_title = same_title(known.title.as_deref(), new.entry.title.as_deref());
    match (&known.url_key, &new.url_key) {
        (None, None) => same_title,
        (one, other) => one == other || same_title && names::same_shape(one.as_deref(), other.as_deref()),
    }
}

/// Whether a known entry under the same id is another one: the page differs, and so does the headline or the day. A page
/// that moved keeps its headline and its date; an edited one keeps its address.
fn is_another(known: &KnownEntry, new: &NewEntry) -> bool {
    if names::same_shape(known.url_key.as_deref(), new.url_key.as_deref()) {
        return false;
    }
    let re_dated = match (known.published, published(&new.entry)) {
        (Some(one), Some(other)) => one.duration_since(other).abs() >= SignedDuration::from_secs(1),
        _ => false,
    };
    re_dated || !same_title(known.title.as_deref(), new.entry.title.as_deref())
}

fn same_title(one: Option<&str>, other: Option<&str>) -> bool {
    one == other || names::words(one.unwrap_or_default()) == names::words(other.unwrap_or_default())
}

/// What the ledger knows of each entry: by its key, else by its page, else by its looks.
fn find<'a>(news: &[NewEntry], known: &'a KnownEntries) -> Vec<Option<Found<'a>>> {
    let mut found: Vec<Option<Found<'a>>> =
        news.iter().map(|new| known.entries.get(&new.key).map(|known| Found { known, renamed: false })).collect();
    // An entry that stands in the document under its own name is not this one under another.
    let mut taken: HashSet<EntryId> = found.iter().flatten().map(|found| found.known.id).collect();
    let mut on_page: HashMap<&str, HashSet<&EntryKey>> = HashMap::new();
    let mut looking: HashMap<&EntryKey, HashSet<&EntryKey>> = HashMap::new();
    for (new, _) in news.iter().zip(&found).filter(|(_, found)| found.is_none()) {
        if let Some(page) = &new.url_key {
            on_page.entry(page).or_default().insert(&new.key);
        }
        new.also.iter().for_each(|looks| _ = looking.entry(looks).or_default().insert(&new.key));
    }
    for (new, place) in news.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
        let (Some(page), Some(name)) = (&new.url_key, names::page(&new.entry)) else { continue };
        let named = known.entries.get(&name).into_iter();
        let mut here = known.pages.get(page).into_iter().flatten().chain(named).filter(|known| !taken.contains(&known.id));
        let alone = on_page.get(page.as_str()).is_some_and(|names| names.len() == 1);
        let same = here.clone().find(|known| same_title(known.title.as_deref(), new.entry.title.as_deref()));
        // Where several unknown ids share a page, nothing says which of them is the one that was known.
        if let Some(known) = same.or_else(|| here.next().filter(|_| alone)) {
            taken.insert(known.id);
            *place = Some(Found { known, renamed: true });
        }
    }
    for (new, place) in news.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
        let Some(looks) = new.also.iter().find(|looks| looking.get(looks).is_some_and(|names| names.len() == 1)) else { continue };
        // Looks are name enough: an address that changes at every poll is not kept.
        if let Some(known) = known.entries.get(looks).filter(|known| !taken.contains(&known.id)) {
            taken.insert(known.id);
            *place = Some(Found { known, renamed: false });
        }
    }
    found
}

/// Whether a known entry says something new: another headline, or a later date of change that is its own.
fn says_something_new(old: &KnownEntry, new: &NewEntry, stamped: bool) -> bool {
    old.digest[..8] != new.digest[..8] || (!stamped && old.digest[8..] != new.digest[8..])
}

/// Whether an entry's page was read again in vain so often that it has to wait. What it says stays unheard, not lost: it
/// is asked again at every poll.
fn is_tiring(old: &KnownEntry, now: Timestamp) -> bool {
    let Some(scraped_at) = old.scraped_at.filter(|_| old.idle >= PATIENCE) else { return false };
    let rest = REST.saturating_mul(1 << (old.idle - PATIENCE).min(8)).min(REST_MAX);
    now.duration_since(scraped_at) < as_signed(rest)
}

/// Whether a document dates all its entries anew, so that the dates say nothing of the entries.
fn is_stamped(news: &[NewEntry], found: &[Option<Found<'_>>]) -> bool {
    let known: Vec<(&NewEntry, &KnownEntry)> =
        news.iter().zip(found).filter_map(|(new, found)| found.as_ref().map(|found| (new, found.known))).collect();
    let moved: Vec<i64> = known
        .iter()
        .filter(|(new, old)| old.digest[..8] == new.digest[..8] && old.digest[8..] != new.digest[8..])
        .filter_map(|(new, _)| new.entry.updated.map(|updated| updated.at.as_second()))
        .collect();
    let (Some(first), Some(last)) = (moved.iter().min(), moved.iter().max()) else { return false };
    let close = last - first <= STAMPED_WITHIN;
    moved.len() >= STAMPED && (moved.len() * 2 > known.len() && close || moved.len() * 5 > known.len() * 4 && moved.len() >= 5)
}

/// What an entry says, in short: its headline, and when it says it was changed.
fn digest(entry: &Entry) -> [u8; 16] {
    let mut digest = [0; 16];
    let title = names::words(entry.title.as_deref().unwrap_or_default());
    digest[..8].copy_from_slice(&blake3::hash(title.as_bytes()).as_bytes()[..8]);
    if let Some(updated) = entry.updated
        && entry.published.is_none_or(|published| published.at != updated.at)
    {
        digest[8..].copy_from_slice(&updated.at.as_second().to_le_bytes());
    }
    digest
}

fn published(entry: &Entry) -> Option<Timestamp> {
    entry.published.or(entry.updated).map(|time| time.at)
}
