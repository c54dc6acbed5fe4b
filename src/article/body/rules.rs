//! The operator's selectors: where they say the text is, it is.

use scraper::{Html, Selector};

use super::outline::{Outline, Removed, identity};
use crate::article::Rules;
use crate::model::Note;

/// Selectors of one source, parsed.
pub(super) struct Selectors {
    body: Option<Selector>,
    remove: Vec<Selector>,
}

/// Longest selector that is accepted.
const LONGEST: usize = 1_000;

/// Parses a selector; the error says why it is none.
pub(in crate::article) fn parse(text: &str) -> Result<Selector, String> {
    if text.trim().is_empty() {
        return Err("the selector is empty".to_owned());
    }
    if text.len() > LONGEST {
        return Err(format!("the selector is longer than {LONGEST} characters"));
    }
    // `:has()` looks through the tree again at every element; within another it would do so without end.
    if text.matches(":has(").count() > 1 {
        return Err("only one `:has()` is allowed in a selector".to_owned());
    }
    Selector::parse(text).map_err(|error| error.to_string())
}

impl Selectors {
    /// Parses what `config` has checked; a selector that is none all the same is noted and left out.
    pub(super) fn of(rules: &Rules, notes: &mut Vec<Note>) -> Selectors {
        let mut read = |text: &String| {
            parse(text)
                .map_err(|error| notes.push(Note { field: "body".to_owned(), detail: format!("selector {text:?}: {error}") }))
                .ok()
        };
        Selectors { body: rules.body.as_ref().and_then(&mut read), remove: rules.remove.iter().filter_map(&mut read).collect() }
    }

    /// The elements to leave out.
    pub(super) fn removed(&self, html: &Html) -> Removed {
        self.remove.iter().flat_map(|selector| html.select(selector)).map(|element| identity((*element).value())).collect()
    }

    /// The text within the body selector, when there is one.
    pub(super) fn cut(&self, html: &Html, host: &str) -> Option<Outline> {
        let selector = self.body.as_ref()?;
        let mut matched = Removed::new();
        let mut roots = Vec::new();
        for element in html.select(selector) {
            // What lies within another match has been read with it.
            if !element.ancestors().any(|ancestor| matched.contains(&identity(ancestor.value()))) {
                roots.push(element);
            }
            matched.insert(identity((*element).value()));
        }
        Some(Outline::within(&roots, host, &self.removed(html)))
    }
}
