//! Why an article reads as it does: every candidate of every field, and what became of every block of the page.

use serde::Serialize;

use super::{Dropped, Error, Model, Rules, Weighed, body, metadata, page, read};
use crate::model::{Article, Boilerplate, Document, Entry, Extracted};

/// Everything that led to an article.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The article, read from the pages there are.
    pub article: Box<Article>,
    /// The fields with their candidates.
    pub fields: Vec<Ruling>,
    /// What was measured of each block.
    pub names: Vec<String>,
    /// The blocks of the first page, in page order, as the program weighs them without the source's selectors.
    pub blocks: Vec<Weighed>,
    /// The lines that were chosen and then cut.
    pub dropped: Vec<Dropped>,
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
pub fn explain(pages: &[Document], entry: &Entry, rules: &Rules, learnt: &Boilerplate) -> Result<Explanation, Error> {
    let (extracted, dropped) = read(Model::own(), pages, entry, rules, learnt, false)?;
    let (Extracted::Article(article), Some(first)) = (extracted, pages.first()) else {
        return Err(Error::NotAPage("there is no document".to_owned()));
    };
    let page = page::Page::read(first)?;
    let mut facts = metadata::read(&page, entry, rules);
    metadata::settle_language(&mut facts, &article.body);
    let (names, blocks) = body::weigh(&page);
    Ok(Explanation { article, fields: facts.rulings(), names, blocks, dropped })
}
