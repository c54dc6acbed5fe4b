//! An article from its entry alone: where the page cannot be had and the feed carries the whole text.

use crate::markup;
use crate::model::{Article, Entry, Note};

use super::VERSION;

/// Fewest letters of a text that stands for the page's: a teaser does not.
const SUBSTANTIAL: usize = 400;

/// How the note begins that says whose text it is.
const FROM_FEED: &str = "the text is from the feed";

/// Whether an article's text is the feed's, so that its page says nothing of it.
pub fn is_from_feed(article: &Article) -> bool {
    article.notes.iter().any(|note| note.field == "body" && note.detail.starts_with(FROM_FEED))
}

/// The article that an entry carries in full; `None` when it carries a teaser at best. The note says where the text is from,
/// and `why` the page's own is not there.
pub fn from_entry(entry: &Entry, why: &str) -> Option<Article> {
    let url = entry.url.clone()?;
    let titles: Vec<&str> = entry.title.as_deref().into_iter().collect();
    let (body, _) = super::clean(markup::blocks(entry.content.as_deref()?), &titles);
    if body.iter().map(|paragraph| paragraph.chars().count()).sum::<usize>() < SUBSTANTIAL {
        return None;
    }
    Some(Article {
        title: entry.title.clone(),
        summary: entry.summary.as_deref().map(markup::plain).filter(|summary| !summary.is_empty()),
        body,
        authors: entry.authors.clone(),
        published: entry.published,
        modified: entry.updated,
        tags: entry.categories.clone(),
        image: entry.image.clone(),
        language: entry.language.clone(),
        credit: entry.credit.clone(),
        notes: vec![Note { field: "body".to_owned(), detail: format!("{FROM_FEED}: {why}") }],
        extractor_version: VERSION,
        ..Article::new(url)
    })
}
