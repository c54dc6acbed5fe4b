//! Why an article reads as it does: every candidate of every field, and what became of every block of the page.

use serde::Serialize;

use super::{Rules, Weighed, body, extract, metadata, page};
use crate::model::{Article, Boilerplate, Document, Entry, Extracted, Url};

/// Everything that led to an article.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The article as `extract` gives it; `None` where further pages are needed first.
    pub article: Option<Article>,
    /// The further pages that are needed.
    pub needs: Vec<Url>,
    /// The fields with their candidates.
    pub fields: Vec<Ruling>,
    /// What was measured of each block.
    pub names: Vec<String>,
    /// The blocks of the page, in page order.
    pub blocks: Vec<Weighed>,
}

/// How one field was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ruling {
    /// The article's field.
    pub field: &'static str,
    /// The rule that decided, in words; empty where nothing was found.
    pub rule: &'static str,
    /// Who stood for the field, in order of trust.
    pub candidates: Vec<Evidence>,
}

/// One candidate of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Where it stood: `json-ld headline`, `meta og:title`, `h1`.
    pub from: String,
    /// What was given.
    pub value: String,
    /// Whether the field was taken from it.
    pub won: bool,
    /// Why it won or lost.
    pub why: &'static str,
}

/// Reads an article and says why it reads so: for `wireroom extract --explain`, and for whoever writes `[source.extract]`.
pub fn explain(pages: &[Document], entry: &Entry, rules: &Rules, learnt: &Boilerplate) -> Result<Explanation, super::Error> {
    let extracted = extract(pages, entry, rules, learnt)?;
    let Some(first) = pages.first() else { return Err(super::Error::NotAPage("there is no document".to_owned())) };
    let page = page::Page::read(first)?;
    let (article, needs) = match extracted {
        Extracted::Article(article) => (Some(*article), Vec::new()),
        Extracted::Needs(pages) => (None, pages),
    };
    let mut facts = metadata::read(&page, entry, rules);
    if let Some(article) = &article {
        metadata::settle_language(&mut facts, &article.body);
    }
    let (names, blocks) = body::weigh(&page);
    Ok(Explanation { article, needs, fields: facts.rulings(), names, blocks })
}
