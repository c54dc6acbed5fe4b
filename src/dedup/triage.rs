//! What a poll's entries are to the ledger: fresh, changed, or known.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::address;
use crate::address::Tracking;
use crate::model::{
    Entry, EntryId, EntryKey, EntryState, FeedId, KnownEntries, KnownEntry, NewEntry, Sight, SignedDuration, Timestamp,
};

use super::{Selection, names, window};

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
pub fn keys(entries: &[Entry], tracking: &Tracking) -> Vec<EntryKey> {
    let mut keys: Vec<EntryKey> = entries.iter().flat_map(|entry| names::all(tracking, entry)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Sorts the entries of one document. Loses none, and is idempotent: what it calls fresh is
/// unchanged once the ledger knows it.
///
/// An id names an entry, unless the same id comes with another address and another headline or day:
/// then a careless feed re-used it, and the address becomes part of the key. An id that nobody knows
/// on a page that is known is the same entry under another name; where the headline differs too, the
/// page changed. Where nothing tells whether an article moved or another took its id, the page is
/// read: its text decides. Only the feed that brought an entry can change it: two feeds of one source
/// may word the same entry differently. What one of them set aside another may bring all the same.
pub fn triage(feed: FeedId, entries: Vec<Entry>, known: &KnownEntries, selection: &Selection, now: Timestamp) -> Triage {
    let news = entries.into_iter().map(|entry| admit(entry, known.first_poll, selection, now)).collect();
    let news = tell_apart(news, feed, known, &selection.tracking);
    let found = find(&news, known, &selection.tracking);
    let stamped = is_stamped(&news, &found);
    // Where two names of one document lead to one entry, the one that says what is known speaks for both.
    let quiet: HashSet<EntryId> = news
        .iter()
        .zip(&found)
        .filter_map(|(new, found)| found.as_ref().filter(|found| found.known.digest == new.digest).map(|found| found.known.id))
        .collect();
    let sights = found.iter().map(|found| match found {
        None => Sight::New,
        Some(found) if is_own(found.known, feed) => Sight::Ours,
        Some(_) => Sight::Others,
    });
    let mut sorted = Triage { sights: sights.collect(), ..Triage::default() };
    let mut said: HashSet<EntryKey> = HashSet::new();
    let mut spoken: HashSet<EntryId> = HashSet::new();
    for (mut new, found) in news.into_iter().zip(found) {
        if !said.insert(new.key.clone()) {
            sorted.unchanged += 1;
            continue;
        }
        let Some(Found { known: old, named }) = found else {
            sorted.fresh.push(new);
            continue;
        };
        if named == Named::ByPage {
            sorted.renamed.push((old.id, new.key.clone()));
        }
        let moved = new.url_key.is_some() && !names::same_shape(old.url_key.as_deref(), new.url_key.as_deref());
        if moved && let Some(page) = names::page(&selection.tracking, &new.entry).filter(|page| !known.entries.contains_key(page)) {
            sorted.renamed.push((old.id, page));
        }
        let own = is_own(old, feed);
        let news = !quiet.contains(&old.id) && says_something_new(old, &new, stamped) && !is_tiring(old, now);
        // A page that was not read yet is looked for where it is now.
        let changed = new.skipped.is_none() && (news || moved && !old.filed);
        let doubted = named == Named::ByKey
            && new.skipped.is_none()
            && identity(old, &new, known, &selection.tracking) == Identity::Doubtful
            && !is_tiring(old, now);
        let after_all = is_wanted_after_all(old, &new, own, known.lists_news, selection, now);
        if (own && (changed || doubted) || after_all) && spoken.insert(old.id) {
            if after_all {
                new.skipped = None;
                new.entry.title = new.entry.title.take().or_else(|| old.title.clone());
            }
            sorted.changed.push((old.id, new));
            continue;
        }
        sorted.unchanged += 1;
        if !own && old.title.is_none() && new.entry.title.is_some() {
            // The headline may be what the operator does not want.
            new.skipped = excluded(&new.entry, None, selection).filter(|_| old.state == EntryState::Pending);
            sorted.completed.push((old.id, new));
        }
    }
    sorted
}

fn is_own(known: &KnownEntry, feed: FeedId) -> bool {
    known.feed.is_none_or(|own| own == feed)
}

/// What the ledger knows of an entry of the document.
struct Found<'a> {
    known: &'a KnownEntry,
    /// By what it was known.
    named: Named,
}

/// By what an entry of the document is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    ByKey,
    /// It came under a name that is new.
    ByPage,
    /// An address that changes at every poll is not kept.
    ByLooks,
}

/// Gives an entry its keys, and the reason for which it is not scraped, if there is one.
fn admit(entry: Entry, first_poll: bool, selection: &Selection, now: Timestamp) -> NewEntry {
    let skipped = reason_to_skip(&entry, first_poll, selection, now);
    NewEntry {
        key: names::first(&selection.tracking, &entry),
        also: names::looks(&selection.tracking, &entry).into_iter().collect(),
        url_key: entry.url.as_ref().map(|url| address::key_with(&selection.tracking, url)),
        host: entry.url.as_ref().map(address::host_key),
        digest: digest(&entry),
        skipped,
        entry,
    }
}

/// Why an entry is not scraped, in the operator's words.
fn reason_to_skip(entry: &Entry, first_poll: bool, selection: &Selection, now: Timestamp) -> Option<String> {
    if let Some(reason) = unwanted(entry, None, selection) {
        return Some(reason);
    }
    let (max_age, time) = (selection.max_age.filter(|_| first_poll)?, entry.published.or(entry.updated)?);
    let old = now.duration_since(time.at) > as_signed(max_age);
    old.then(|| format!("{OLDER_THAN} ({} d) when the source was new", max_age.as_secs() / 86_400))
}

/// Why an entry is not wanted whatever its age: by its own headline, or by another one it is known under.
fn unwanted(entry: &Entry, also: Option<&str>, selection: &Selection) -> Option<String> {
    if entry.url.is_none() {
        return Some("the entry has no usable link".to_owned());
    }
    if let Some(reason) = excluded(entry, also, selection) {
        return Some(reason);
    }
    let included = selection.include.is_empty() || selection.include.iter().any(|pattern| matches(pattern, entry, also));
    (!included).then(|| "matches no pattern of include".to_owned())
}

fn excluded(entry: &Entry, also: Option<&str>, selection: &Selection) -> Option<String> {
    let pattern = selection.exclude.iter().find(|pattern| matches(pattern, entry, also))?;
    Some(format!("excluded by {:?}", pattern.as_str()))
}

fn matches(pattern: &regex::Regex, entry: &Entry, also: Option<&str>) -> bool {
    let url = entry.url.as_ref().map(|url| url.as_str());
    url.into_iter().chain([entry.title.as_deref().unwrap_or_default()]).chain(also).any(|text| pattern.is_match(text))
}

/// Whether an entry that was set aside is wanted by what this document says of it: a headline that the operator asked for,
/// a date where there was none, a whole element where one was cut. An age limit holds however often a feed was polled.
fn is_wanted_after_all(
    old: &KnownEntry,
    new: &NewEntry,
    own: bool,
    lists_news: bool,
    selection: &Selection,
    now: Timestamp,
) -> bool {
    let Some(reason) = &old.aside else { return false };
    let for_age = window::was_put_aside_for_age(reason);
    // Another feed's words count beside the ones that are known; a feed's own new words replace its old ones.
    let also = old.title.as_deref().filter(|_| !own || new.entry.title.is_none());
    if own && for_age || unwanted(&new.entry, also, selection).is_some() {
        return false;
    }
    match (published(&new.entry).or(old.published), selection.max_age) {
        (Some(date), Some(max_age)) => now.duration_since(date) <= as_signed(max_age),
        // What a sitemap brings was sifted by its dates before.
        (Some(_), None) => true,
        (None, _) => lists_news,
    }
}

/// A duration as timestamps subtract to.
fn as_signed(duration: Duration) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}

/// Gives entries of one id that are not one entry keys of their own.
fn tell_apart(mut news: Vec<NewEntry>, feed: FeedId, known: &KnownEntries, tracking: &Tracking) -> Vec<NewEntry> {
    let mut first_of: HashMap<EntryKey, usize> = HashMap::new();
    let mut contested: HashMap<EntryKey, Vec<usize>> = HashMap::new();
    for index in 0..news.len() {
        match first_of.get(&news[index].key) {
            None => _ = first_of.insert(news[index].key.clone(), index),
            Some(other) if differs_beside(&news[*other], &news[index]) => {
                contested.entry(news[index].key.clone()).or_default().push(index);
            }
            Some(_) => {}
        }
    }
    // Beside each other, one id keeps the entry that had it before: it stands where it stood, or looks as it looked.
    let heirs: HashMap<EntryKey, Option<usize>> = contested
        .into_iter()
        .filter_map(|(key, others)| {
            let old = known.entries.get(&key)?;
            let all: Vec<usize> = first_of.get(&key).copied().into_iter().chain(others).collect();
            let here = all.iter().copied().find(|index| old.url_key.is_some() && old.url_key == news[*index].url_key);
            let there = here.or_else(|| all.iter().copied().find(|index| is_there(old, &news[*index], known, tracking)));
            let mut alike = all.iter().copied().filter(|index| looks_alike(old, &news[*index]));
            let alone = alike.next().filter(|_| alike.next().is_none());
            Some((key, there.or(alone)))
        })
        .collect();
    for index in 0..news.len() {
        let new = &news[index];
        let another = match (known.entries.get(&new.key), heirs.get(&new.key)) {
            (Some(_), Some(None)) => true,
            (Some(_), Some(Some(heir))) => index != *heir && differs_beside(&news[*heir], new),
            (Some(old), None) => is_another(old, new, feed, known, tracking),
            (None, _) => first_of.get(&new.key).is_some_and(|first| differs_beside(&news[*first], new)),
        };
        if another {
            news[index].key = names::second(tracking, &news[index].entry);
        }
    }
    news
}

/// Whether two entries of one document that share an id are two entries: an id does not move within a document.
fn differs_beside(one: &NewEntry, other: &NewEntry) -> bool {
    match (&one.url_key, &other.url_key) {
        (None, None) => !same_title(one.entry.title.as_deref(), other.entry.title.as_deref()),
        (one, other) => one != other,
    }
}

/// Whether an entry stands where the known one stands, or once stood.
fn is_there(known: &KnownEntry, new: &NewEntry, entries: &KnownEntries, tracking: &Tracking) -> bool {
    if new.url_key.is_none() {
        return known.url_key.is_none() && same_title(known.title.as_deref(), new.entry.title.as_deref());
    }
    let named = names::page(tracking, &new.entry).and_then(|page| entries.entries.get(&page));
    known.url_key == new.url_key || named.is_some_and(|named| named.id == known.id)
}

/// Whether an entry is the known one but for a token in its address.
fn looks_alike(known: &KnownEntry, new: &NewEntry) -> bool {
    same_instant(known, new)
        && same_title(known.title.as_deref(), new.entry.title.as_deref())
        && names::same_shape(known.url_key.as_deref(), new.url_key.as_deref())
}

/// Whether both have one instant, fine enough to tell entries apart.
fn same_instant(known: &KnownEntry, new: &NewEntry) -> bool {
    let (Some(one), Some(other)) = (known.published, names::instant(&new.entry)) else { return false };
    one.as_second() == other.as_second()
}

/// How an entry is to the known one of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Identity {
    /// It is the same, perhaps elsewhere: a page that moved keeps its headline and its instant; an edited one its address.
    Same,
    /// Only the page can tell: it moved, or a column has the same id and headline every day.
    Doubtful,
    /// Another entry: the page differs, and so does the headline or the day.
    Another,
}

fn identity(known: &KnownEntry, new: &NewEntry, entries: &KnownEntries, tracking: &Tracking) -> Identity {
    let re_dated =
        matches!((known.published, published(&new.entry)), (Some(one), Some(other)) if one.as_second() != other.as_second());
    let same_title = same_title(known.title.as_deref(), new.entry.title.as_deref());
    let (Some(one), Some(other)) = (&known.url_key, &new.url_key) else {
        let same = known.url_key == new.url_key || same_title && !re_dated;
        return if same { Identity::Same } else { Identity::Another };
    };
    if one == other {
        return Identity::Same;
    }
    if !same_title || names::days_apart(one, other) {
        return Identity::Another;
    }
    if is_there(known, new, entries, tracking) {
        return if re_dated { Identity::Doubtful } else { Identity::Same };
    }
    if same_instant(known, new) {
        Identity::Same
    } else if re_dated && !names::same_shape(Some(one), Some(other)) {
        Identity::Another
    } else {
        Identity::Doubtful
    }
}

/// Whether a known entry under the same id is another one. In doubt it is, unless the feed's own entry was read, so that
/// reading it where it is now loses nothing.
fn is_another(known: &KnownEntry, new: &NewEntry, feed: FeedId, entries: &KnownEntries, tracking: &Tracking) -> bool {
    if known.url_key == new.url_key {
        return false;
    }
    let elsewhere = new.url_key.as_ref().and_then(|page| entries.pages.get(page));
    if elsewhere.is_some_and(|rows| rows.iter().all(|row| row.id != known.id)) {
        return true;
    }
    match identity(known, new, entries, tracking) {
        Identity::Same => false,
        Identity::Doubtful => !is_own(known, feed) || known.state != EntryState::Filed,
        Identity::Another => true,
    }
}

fn same_title(one: Option<&str>, other: Option<&str>) -> bool {
    one == other || names::words(one.unwrap_or_default()) == names::words(other.unwrap_or_default())
}

/// What the ledger knows of each entry: by its key, else by its page, else by its looks.
fn find<'a>(news: &[NewEntry], known: &'a KnownEntries, tracking: &Tracking) -> Vec<Option<Found<'a>>> {
    let mut found: Vec<Option<Found<'a>>> =
        news.iter().map(|new| known.entries.get(&new.key).map(|known| Found { known, named: Named::ByKey })).collect();
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
        let Some(page) = &new.url_key else { continue };
        let names = [names::page(tracking, &new.entry), names::plain_page(tracking, &new.entry)];
        let named = names.iter().flatten().filter_map(|name| known.entries.get(name));
        let mut here = known.pages.get(page).into_iter().flatten().chain(named).filter(|known| !taken.contains(&known.id));
        let alone = on_page.get(page.as_str()).is_some_and(|names| names.len() == 1);
        let same = here.clone().find(|known| same_title(known.title.as_deref(), new.entry.title.as_deref()));
        // Where several unknown ids share a page, nothing says which of them is the one that was known.
        if let Some(known) = same.or_else(|| here.next().filter(|_| alone)) {
            taken.insert(known.id);
            *place = Some(Found { known, named: Named::ByPage });
        }
    }
    for (new, place) in news.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
        let Some(looks) = new.also.iter().find(|looks| looking.get(looks).is_some_and(|names| names.len() == 1)) else { continue };
        if let Some(known) = known.entries.get(looks).filter(|known| !taken.contains(&known.id)) {
            taken.insert(known.id);
            *place = Some(Found { known, named: Named::ByLooks });
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
