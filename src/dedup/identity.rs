//! Whether two entries that share an id are one: a feed re-uses ids, articles move, and columns have one headline every day.

use std::collections::{HashMap, HashSet};

use crate::address;
use crate::model::{Entry, EntryId, EntryKey, EntryState, FeedId, KnownEntries, KnownEntry, NewEntry, Timestamp};

use super::names;

/// Gives entries of one id that are not one entry keys of their own.
pub(super) fn tell_apart(
    mut news: Vec<NewEntry>,
    feed: FeedId,
    known: &KnownEntries,
    tracking: &address::Tracking,
) -> Vec<NewEntry> {
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
    let standing = standing(&news, known);
    // Two ids that once were names of one entry do not both move with it.
    let mut moved: HashSet<EntryId> = HashSet::new();
    for index in 0..news.len() {
        let new = &news[index];
        let another = match (known.entries.get(&new.key), heirs.get(&new.key)) {
            (Some(_), Some(None)) => true,
            (Some(_), Some(Some(heir))) => index != *heir && differs_beside(&news[*heir], new),
            (Some(old), None) if old.url_key == new.url_key => false,
            // The known one stands in this document under another id, or this one is known as another.
            (Some(old), None) if standing.contains(&old.id) || is_elsewhere(old, new, known) => true,
            (Some(old), None) => is_another(old, new, feed, known, tracking) || !moved.insert(old.id),
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
fn is_there(known: &KnownEntry, new: &NewEntry, entries: &KnownEntries, tracking: &address::Tracking) -> bool {
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
pub(super) enum Identity {
    /// It is the same, perhaps elsewhere: a page that moved keeps its headline and its instant; an edited one its address.
    Same,
    /// Only the page can tell: it moved, or a column has the same id and headline every day.
    Doubtful,
    /// Another entry: the page differs, and so does the headline or the day.
    Another,
}

pub(super) fn identity(known: &KnownEntry, new: &NewEntry, entries: &KnownEntries, tracking: &address::Tracking) -> Identity {
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
fn is_another(known: &KnownEntry, new: &NewEntry, feed: FeedId, entries: &KnownEntries, tracking: &address::Tracking) -> bool {
    match identity(known, new, entries, tracking) {
        Identity::Same => false,
        Identity::Doubtful => !is_own(known, feed) || known.state != EntryState::Filed,
        Identity::Another => true,
    }
}

/// The known entries whose page, or whose looks, the document lists, under whatever id.
fn standing(news: &[NewEntry], known: &KnownEntries) -> HashSet<EntryId> {
    let on_page = news.iter().filter_map(|new| known.pages.get(new.url_key.as_ref()?)).flatten();
    let looking = news.iter().flat_map(|new| &new.also).filter_map(|looks| known.entries.get(looks));
    on_page.chain(looking).map(|known| known.id).collect()
}

/// Whether the ledger knows an entry as another one than that of its id: by its page or by its looks.
fn is_elsewhere(known: &KnownEntry, new: &NewEntry, entries: &KnownEntries) -> bool {
    let on_page = new.url_key.as_ref().and_then(|page| entries.pages.get(page));
    on_page.is_some_and(|rows| rows.iter().all(|row| row.id != known.id))
        || new.also.iter().filter_map(|looks| entries.entries.get(looks)).any(|row| row.id != known.id)
}

pub(super) fn same_title(one: Option<&str>, other: Option<&str>) -> bool {
    one == other || names::words(one.unwrap_or_default()) == names::words(other.unwrap_or_default())
}

pub(super) fn is_own(known: &KnownEntry, feed: FeedId) -> bool {
    known.feed.is_none_or(|own| own == feed)
}

pub(super) fn published(entry: &Entry) -> Option<Timestamp> {
    entry.published.or(entry.updated).map(|time| time.at)
}
