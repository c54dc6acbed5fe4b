//! Sitemaps, with the news in them.

use crate::address;
use crate::calendar;
use crate::model::{Assume, Child, Entry, Url};

use super::entry::{self, Inherited};
use super::node::Node;
use super::text;
use super::vocabulary::Ns;

/// Reads one `url` of a sitemap.
pub(super) fn read(node: &Node<'_>, inherited: &Inherited, assume: &Assume<'_>) -> Entry {
    let mut entry = Entry::of_page(location(node, inherited), assume.seen_at);
    entry.updated = field(node, "lastmod").and_then(|text| calendar::parse(&text, assume));
    if let Some(news) = node.elements().find(|child| child.name == "news") {
        let part = |name: &str| news.elements().find(|child| child.name == name);
        entry.title = part("title").and_then(text::plain).map(|title| entry::bounded_title(&title));
        entry.published = part("publication_date").and_then(|date| calendar::parse(&date.text(), assume));
        let words = part("keywords").map(|words| words.text().into_owned()).unwrap_or_default();
        let words = words.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty());
        entry.categories = words.take(entry::MOST_VALUES).collect();
        let publication = news.elements().find(|child| child.name == "publication");
        let language = publication.and_then(|it| it.elements().find(|child| child.name == "language"));
        entry.language = language.and_then(|it| super::channel::language(&it.text()));
    }
    let picture = node.elements().find(|child| child.name == "image" && child.ns == Ns::Image);
    entry.image =
        picture.and_then(|it| it.elements().find(|child| child.name == "loc")).and_then(|loc| address::resolve(None, &loc.text()));
    entry
}

/// Reads one `sitemap` of an index.
pub(super) fn child(node: &Node<'_>, inherited: &Inherited, assume: &Assume<'_>) -> Option<Child> {
    let modified = field(node, "lastmod").and_then(|text| calendar::parse(&text, assume));
    Some(Child { url: location(node, inherited)?, modified })
}

/// The address in `loc`.
pub(super) fn location(node: &Node<'_>, inherited: &Inherited) -> Option<Url> {
    let written = node.elements().find(|child| child.name == "loc");
    let written = written.or_else(|| node.elements().find(|child| child.name == "link"))?;
    address::resolve(inherited.base(node), written.attribute("href").unwrap_or(&written.text()))
}

fn field(node: &Node<'_>, name: &str) -> Option<String> {
    node.elements().find(|child| child.name == name).map(|child| child.text().into_owned())
}

/// A sitemap that is a list of addresses, one a line; `None` when it is not.
pub(super) fn from_lines(text: &str, assume: &Assume<'_>, most: usize) -> Option<Vec<Entry>> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next()?;
    if !first.starts_with("http") {
        return None;
    }
    std::iter::once(first)
        .chain(lines)
        .take(most)
        .map(|line| Some(Entry::of_page(Some(address::resolve(None, line)?), assume.seen_at)))
        .collect()
}
