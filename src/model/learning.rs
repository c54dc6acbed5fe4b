//! What is learnt of a source from its own pages: lines that are no news, and how its pages usually look.

use super::{Article, ArticleId, Entry, Fingerprint, RawResponse, SourceId, Timestamp, Url};

/// Lines learnt to be boilerplate of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Boilerplate {
    /// The state of learning these lines stand for.
    pub version: u32,
    /// Lines cut from the head or the tail of a body.
    pub lines: Vec<String>,
}

/// An end of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Edge {
    /// The first lines.
    Head,
    /// The last lines.
    Tail,
}

impl Edge {
    /// The word used in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Edge::Head => "head",
            Edge::Tail => "tail",
        }
    }
}

/// A line of a text that may be boilerplate, as one article shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenLine {
    /// The end of the text it stands at; `None`: in the midst of it.
    pub edge: Option<Edge>,
    /// The line as it stands.
    pub line: String,
    /// The same without what may differ from page to page (case, blanks, kinds of quotation marks); numbers stay.
    pub normal: String,
    /// Whether it is boilerplate from now on.
    pub learnt: bool,
}

/// What is known of a line of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineEvidence {
    /// Its row.
    pub id: i64,
    /// The end of the texts it stands at.
    pub edge: Edge,
    /// The line as it was first seen.
    pub line: String,
    /// The same, normalised.
    pub normal: String,
    /// Articles that show it, wherever in their text.
    pub articles: u32,
    /// Of those, articles that show it at an end.
    pub at_edge: u32,
    /// Texts of the source since it was first seen, that one included.
    pub texts: u32,
    /// Different stories it was seen in; counting ends when there are plenty.
    pub stories: u32,
    /// Different days (UTC) of these stories.
    pub days: u32,
    /// Since when it is boilerplate.
    pub learnt_at: Option<Timestamp>,
    /// Since when it is none, by the operator's word.
    pub vetoed_at: Option<Timestamp>,
}

/// How one page was read, as far as it tells whether its layout changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shape {
    /// Characters of the body.
    pub characters: u32,
    /// Whether it named an author.
    pub authors: bool,
    /// Whether it named a date.
    pub dated: bool,
    /// Whether every selector of the source's rules matched; true where there are none.
    pub selectors: bool,
}

/// What of a source's pages is not as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Facet {
    /// The operator's selectors no longer match.
    Selectors,
    /// Bodies are much shorter or longer than they were.
    Body,
    /// Authors are missing.
    Authors,
    /// Dates are missing.
    Dates,
}

impl Facet {
    /// All of them.
    pub const ALL: [Facet; 4] = [Facet::Selectors, Facet::Body, Facet::Authors, Facet::Dates];

    /// The word used in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Facet::Selectors => "selectors",
            Facet::Body => "body",
            Facet::Authors => "authors",
            Facet::Dates => "dates",
        }
    }
}

/// A facet of a source's pages that left its own history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    /// Which.
    pub facet: Facet,
    /// How it was: the median length, or the share of pages.
    pub was: f64,
    /// How it is.
    pub is: f64,
    /// Of how many pages that is said.
    pub pages: u32,
}

/// A page's shape, and what is concluded of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// The page's.
    pub shape: Shape,
    /// Every facet that is not as it was, with this page.
    pub drifts: Vec<Drift>,
}

/// What a scrape has to know of its source.
#[derive(Debug, Clone, Default)]
pub struct Learnt {
    /// Lines to be cut.
    pub boilerplate: Boilerplate,
    /// The pages before any alarm, the oldest first.
    pub before: Vec<Shape>,
    /// The pages since, or the latest ones, the oldest first.
    pub lately: Vec<Shape>,
    /// Facets that are known to have drifted.
    pub drifts: Vec<Facet>,
}

/// The pages that an article was read from, as they are kept, and what is needed to read them again.
#[derive(Debug, Clone)]
pub struct KeptPage {
    /// The article.
    pub article: ArticleId,
    /// Its number when it was looked at.
    pub seq: i64,
    /// Its source.
    pub source: SourceId,
    /// The source's name.
    pub source_name: String,
    /// The address that was asked for.
    pub asked: Url,
    /// The entry that led to it.
    pub entry: Entry,
    /// The pages, in order.
    pub pages: Vec<RawResponse>,
}

/// An article read again from the pages kept.
#[derive(Debug, Clone)]
pub struct Rereading {
    /// The article.
    pub article: ArticleId,
    /// Its number when it was looked at: what has changed since is left alone.
    pub seq: i64,
    /// What was read.
    pub read: Article,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Whether nothing but its text, and what is cut of it, is to be written.
    pub text_alone: bool,
}

/// What became of an article that was read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reread {
    /// It says what it said.
    Same,
    /// These fields changed; none where only the reader's version did.
    Changed(Vec<FieldChange>),
    /// It was changed meanwhile.
    Overtaken,
    /// It is not there any more.
    Gone,
}

/// A field before and after, as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldChange {
    /// The field, by its column.
    pub field: String,
    /// What it was; of a body, the first paragraph that is gone.
    pub before: String,
    /// What it is; of a body, the first paragraph that is new.
    pub after: String,
}
