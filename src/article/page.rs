//! The parsed page: decoded once, parsed once, its structured data read once.

use scraper::Html;
use serde_json::Value;

use crate::model::Url;

/// A page after the guard, the parse, and one reading of its scripts and meta elements.
pub(super) struct Page {
    /// Where it was found, after redirects.
    pub(super) url: Url,
    /// What relative references are relative to (`<base href>` or `url`).
    pub(super) base: Url,
    /// The DOM.
    pub(super) html: Html,
    /// Every JSON-LD object of the page, `@graph`s and arrays flattened, in document order.
    pub(super) json_ld: Vec<Value>,
    /// `(name or property or itemprop or http-equiv, lower case; content)` of every `<meta>`, in document order.
    pub(super) meta: Vec<(String, String)>,
    /// `Content-Language` of the answer.
    pub(super) content_language: Option<String>,
}
