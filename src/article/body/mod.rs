//! The text of the page: blocks, the choice among them, and the cleaning of what was chosen.

mod outline;
pub(super) mod words;
pub(super) mod phrases;
mod evidence;
mod features;
mod rules;
mod model;
mod choose;
mod lines;
mod payload;
pub mod boilerplate;

pub(super) use features::ends_sentence;
pub use model::Model;
pub(super) use rules::parse as parse_selector;

use super::Rules;
use super::cleaning::{self, Cleaned, Known, Line};
use super::page::Page;
use crate::model::{Entry, Note};

/// The text, and what to say about how it was found.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// The text, cleaned.
    pub(super) text: Cleaned,
    /// What an operator should know.
    pub(super) notes: Vec<Note>,
}

/// Words below which the page is taken to keep its text elsewhere than in its elements.
const FEW_WORDS: usize = 80;

/// Reads the text off the page; where the page has none, off its scripts, its structured data or the feed.
pub(super) fn read(model: &Model, page: &Page, entry: &Entry, rules: &Rules, known: &Known<'_>) -> Body {
    let mut body = Body::default();
    let selectors = rules::Selectors::of(rules, &mut body.notes);
    let host = host_of(page);
    if let Some(outline) = selectors.cut(&page.html, host) {
        body.text = cleaning::clean(lines::of(&outline, &vec![true; outline.blocks.len()]), known, true);
        if !body.text.paragraphs.is_empty() {
            return body;
        }
        body.notes.push(Note { field: "body".to_owned(), detail: "the source's body selector matches no text".to_owned() });
    }
    let outline = outline::Outline::of(&page.html, host, &selectors.removed(&page.html));
    let evidence = evidence::Evidence::of(page);
    let choice = choose::choose(model, &outline, &evidence);
    body.text = cleaning::clean(lines::of(&outline, &choice.taken), known, false);
    let words = count(&body.text.paragraphs);
    if words < FEW_WORDS
        && let Some((paragraphs, from)) = payload::elsewhere(page, entry, &body.text.paragraphs)
    {
        body.text = cleaning::clean(paragraphs.into_iter().map(Line::of_text).collect(), known, false);
        let hold = if words == 0 { "none" } else { "little" };
        body.notes
            .push(Note { field: "body".to_owned(), detail: format!("the text is from {from}: the page's elements hold {hold}") });
    }
    body
}

/// The page's host, without the `www.` that links may leave out.
fn host_of(page: &Page) -> &str {
    let host = page.url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

/// Words of a text.
fn count(paragraphs: &[String]) -> usize {
    paragraphs.iter().map(|paragraph| words::of_text(paragraph).len()).sum()
}

/// What was measured of one block and what became of it, for whoever trains the model or asks why.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Weighed {
    /// Its text.
    pub text: String,
    /// How likely it is part of the article, 0 to 1.
    pub likely: f32,
    /// Whether it was taken.
    pub taken: bool,
    /// What moved `likely`, and how far (logarithm of the odds): the strongest first.
    pub reasons: Vec<(String, f32)>,
    /// What was measured, in the order of `names`.
    pub features: Vec<f32>,
    /// Words of class and id around it, with their height, hashed: `0:1f2e3d4c`.
    pub words: Vec<String>,
}

/// Reasons that are given of one block.
const REASONS: usize = 6;

/// Every block of the page, weighed, and the names of what was measured.
pub(super) fn weigh(page: &Page) -> (Vec<String>, Vec<Weighed>) {
    let outline = outline::Outline::of(&page.html, host_of(page), &Default::default());
    let choice = choose::choose(Model::own(), &outline, &evidence::Evidence::of(page));
    let weighed = (0..outline.blocks.len()).map(|index| Weighed {
        text: outline.blocks[index].text.clone(),
        likely: choice.likely[index],
        taken: choice.taken[index],
        reasons: Model::own().reasons(choice.rows.row(index)).into_iter().take(REASONS).collect(),
        features: choice.rows.row(index).to_vec(),
        words: features::named_words(&outline, outline.blocks[index].owner),
    });
    let weighed = weighed.collect();
    (choice.rows.names, weighed)
}
