//! Page → `Article`; the only room that knows `scraper`.

mod page;

use crate::model::{Boilerplate, Document, Entry, Extracted, Failure};

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
    let _ = text;
    Ok(())
}

/// Reads the article off its page (or pages, in order). Never panics, whatever the bytes.
pub fn extract(pages: &[Document], entry: &Entry, rules: &Rules, learnt: &Boilerplate) -> Result<Extracted, Error> {
    let _ = (pages, entry, rules, learnt);
    Err(Error::NotAPage("no reader yet".into()))
}
