//! The second reader: `feed-rs`, heard where our own reading of a broken document falls short.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feed_rs::model as given;
use feed_rs::parser::Builder;

use crate::address;
use crate::markup;
use crate::model::{Assume, Enclosure, Entry, Precision, PressTime, Timestamp, Url, ZoneSource};

use super::entry::{bounded_id, bounded_title};

/// Largest text it is asked about; it is consulted rarely and must stay cheap.
const LARGEST: usize = 4 * 1024 * 1024;

/// The entries as `feed-rs` reads them; none when it cannot.
pub(super) fn entries(text: &str, base: &Url, assume: &Assume<'_>) -> Vec<Entry> {
    if text.len() > LARGEST {
        return Vec::new();
    }
    // It invents ids from link and title where there are none; an empty one is our sign for that.
    let parser = Builder::new().base_uri(Some(base.as_str())).id_generator(|_, _, _| String::new()).build();
    // It re-decodes by the declaration, which no longer tells the truth about decoded text.
    let text = without_declaration(text);
    let Ok(Ok(feed)) = catch_unwind(AssertUnwindSafe(|| parser.parse(text.as_bytes()))) else { return Vec::new() };
    feed.entries.into_iter().map(|entry| translated(entry, base, assume)).collect()
}

fn without_declaration(text: &str) -> &str {
    let trimmed = text.trim_start();
    match trimmed.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
        Some((_, rest)) => rest,
        None => trimmed,
    }
}

fn translated(from: given::Entry, base: &Url, assume: &Assume<'_>) -> Entry {
    let mut entry = Entry::of_page(None, assume.seen_at);
    entry.id = Some(from.id).filter(|id| !id.is_empty()).map(|id| bounded_id(&id));
    let mut pages = from.links.iter().filter(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"));
    entry.url = pages.find_map(|link| address::resolve(Some(base), &link.href));
    entry.title = from.title.map(|title| bounded_title(&markup::plain(&title.content))).filter(|title| !title.is_empty());
    entry.summary = from.summary.map(|text| text.content).filter(|text| !text.is_empty());
    entry.content = from.content.and_then(|content| content.body).filter(|text| !text.is_empty());
    entry.published = from.published.and_then(|at| instant(at.timestamp()));
    entry.updated = from.updated.and_then(|at| instant(at.timestamp()));
    entry.authors = from.authors.into_iter().filter_map(|person| person.name).filter(|name| !name.is_empty()).collect();
    entry.categories = from.categories.into_iter().map(|category| category.label.unwrap_or(category.term)).collect();
    let attached = from.links.into_iter().filter(|link| link.rel.as_deref() == Some("enclosure"));
    entry.enclosures = attached.map(|link| Enclosure { url: link.href, media_type: link.media_type }).collect();
    entry.language = from.language;
    entry
}

fn instant(seconds: i64) -> Option<PressTime> {
    let at = Timestamp::from_second(seconds).ok()?;
    Some(PressTime { at, offset_minutes: None, precision: Precision::Instant, zone_source: ZoneSource::Assumed })
}
