//! Page → `Article`; the only room that knows `scraper`.

mod page;
mod structured;
mod metadata;
mod body;
mod byline;
mod date;
mod dateline;
mod from_feed;
mod explain;

pub use body::{Model, Weighed};
pub use explain::{Evidence, Explanation, Ruling, explain};
pub use from_feed::{from_entry, is_from_feed};

use crate::model::{Article, Boilerplate, Document, Entry, Extracted, Failure};

/// The operator's word about one source's pages: CSS selectors (checked by `config`), and what to assume of dates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Where the text is.
    pub body: Option<String>,
    /// What to cut out of it.
    pub remove: Vec<String>,
    /// Where the headline is.
    pub title: Option<String>,
    /// Where the byline is.
    pub authors: Option<String>,
    /// Where the date is.
    pub published: Option<String>,
    /// Where the section is.
    pub section: Option<String>,
    /// IANA zone for dates without one.
    pub timezone: Option<String>,
    /// BCP 47 language of the source.
    pub language: Option<String>,
}

/// The reader's version, raised with every change of what it gives.
pub const VERSION: u32 = 1;

/// Why there is no article.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The document is no page.
    #[error("not an HTML page: {0}")]
    NotAPage(String),
}

impl Error {
    /// What it means for the next attempt.
    pub fn failure(&self) -> Failure {
        Failure::Persistent
    }

    /// A stable class for the operator.
    pub fn class(&self) -> &'static str {
        "not_a_page"
    }
}

/// Whether `text` is a selector this room understands; the error says why not. For `config`.
pub fn check_selector(text: &str) -> Result<(), String> {
    body::parse_selector(text).map(|_| ())
}

/// Reads the article off its page (or pages, in order). Never panics, whatever the bytes.
pub fn extract(pages: &[Document], entry: &Entry, rules: &Rules, learnt: &Boilerplate) -> Result<Extracted, Error> {
    extract_by(Model::own(), pages, entry, rules, learnt)
}

/// The same by another model than the program's own: how a new model is judged before it becomes that.
pub fn extract_by(
    model: &Model,
    pages: &[Document],
    entry: &Entry,
    rules: &Rules,
    learnt: &Boilerplate,
) -> Result<Extracted, Error> {
    let Some(first) = pages.first() else { return Err(Error::NotAPage("there is no document".to_owned())) };
    let page = page::Page::read(first)?;
    let mut facts = metadata::read(&page, entry, rules);
    let known = body::Known {
        titles: [facts.title.as_deref(), entry.title.as_deref()].into_iter().flatten().collect(),
        authors: &facts.authors,
        section: facts.section.as_deref(),
        learnt: &learnt.lines,
    };
    let text = body::read(model, &page, entry, rules, &known);
    metadata::settle_language(&mut facts, &text.paragraphs);
    let provenance = facts.provenance();
    let dateline = dateline::read(&text.paragraphs, facts.published.as_ref());
    let credit = facts.credit.or_else(|| dateline::agency(&text.paragraphs));
    let notes = page.notes.into_iter().chain(facts.notes).chain(text.notes).collect();
    Ok(Extracted::Article(Box::new(Article {
        url: page.url,
        canonical: facts.canonical,
        title: facts.title,
        summary: facts.summary,
        body: text.paragraphs,
        authors: facts.authors,
        published: facts.published,
        modified: facts.modified,
        dateline,
        section: facts.section,
        tags: facts.tags,
        image: facts.image,
        language: facts.language,
        credit,
        captions: Vec::new(),
        free: facts.free,
        live: facts.live,
        marker: None,
        cut: Vec::new(),
        provenance,
        reservations: Vec::new(),
        notes,
        extractor_version: VERSION,
    })))
}

/// Every block of a page with what was measured of it and what became of it, and the names of what was measured:
/// the reasons behind a body, and what the model is trained on.
pub fn weigh(page: &Document) -> Result<(Vec<String>, Vec<Weighed>), Error> {
    Ok(body::weigh(&page::Page::read(page)?))
}
