//! What stands on an article's page.

use jiff::Timestamp;
use url::Url;

use super::PressTime;

/// An article, read from its page (and from its entry where the page is silent).
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// Where the page was found, after redirects.
    pub url: Url,
    /// `rel=canonical` as the page gives it, absolute; whether it is believed is `dedup`'s to say.
    pub canonical: Option<Url>,
    /// The headline, without the site's name.
    pub title: Option<String>,
    /// Standfirst or description.
    pub summary: Option<String>,
    /// The text: paragraphs in reading order, no paragraph empty, none with a line break at an end.
    pub body: Vec<String>,
    /// Persons, as the byline names them; where nobody is named, the agency or desk that signs (`provenance` says so).
    pub authors: Vec<String>,
    /// When it was published.
    pub published: Option<PressTime>,
    /// When it was last changed.
    pub modified: Option<PressTime>,
    /// Place and date that open the text.
    pub dateline: Option<Dateline>,
    /// The section of the site.
    pub section: Option<String>,
    /// Keywords.
    pub tags: Vec<String>,
    /// The illustration that stands for the article.
    pub image: Option<Url>,
    /// BCP 47 language.
    pub language: Option<String>,
    /// The agency the text is credited to, when the page names one.
    pub credit: Option<String>,
    /// Texts below pictures, in page order; they are no part of the body.
    pub captions: Vec<String>,
    /// Whether the whole text can be read without payment, as the page says it (`isAccessibleForFree`).
    pub free: Option<bool>,
    /// Whether it is a live blog: a page that grows by the hour.
    pub live: bool,
    /// The mark of an update or a correction in the headline, as printed: `UPDATE 1-`.
    pub marker: Option<String>,
    /// Lines cut from the head or the tail of the text as learnt boilerplate of the source.
    pub cut: Vec<String>,
    /// Which evidence won each field.
    pub provenance: Vec<Provenance>,
    /// What the publisher reserves, by the head of the answer and of the page: `noai`, `noimageai`, `noindex`, `nosnippet`,
    /// `noarchive`, `tdm`, and the address of a policy as `tdm-policy: ADDRESS`.
    pub reservations: Vec<String>,
    /// Defects of the page that did not stop us.
    pub notes: Vec<Note>,
    /// The reader's version.
    pub extractor_version: u32,
}

impl Article {
    /// An article of which nothing is known but where its page is.
    pub fn new(url: Url) -> Article {
        Article {
            url,
            canonical: None,
            title: None,
            summary: None,
            body: Vec::new(),
            authors: Vec::new(),
            published: None,
            modified: None,
            dateline: None,
            section: None,
            tags: Vec::new(),
            image: None,
            language: None,
            credit: None,
            captions: Vec::new(),
            free: None,
            live: false,
            marker: None,
            cut: Vec::new(),
            provenance: Vec::new(),
            reservations: Vec::new(),
            notes: Vec::new(),
            extractor_version: 0,
        }
    }

    /// The body as one text: paragraphs separated by one empty line.
    pub fn text(&self) -> String {
        self.body.join("\n\n")
    }
}

/// The words before the text of a wire story that say where and when it was written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Dateline {
    /// The place as printed, e.g. `BAKU, Azerbaijan`.
    pub place: String,
    /// The day as ISO 8601 `YYYY-MM-DD`, the year completed from the publication time.
    pub date: Option<String>,
    /// The agency in brackets or slashes, when there is one.
    pub agency: Option<String>,
}

/// Which evidence a field was taken from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Provenance {
    /// The field.
    pub field: String,
    /// The evidence, in a word or two: `json-ld`, `h1`, `meta article:published_time`.
    pub from: String,
}

/// A defect of the page that cost a field, not the article.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Note {
    /// The field concerned.
    pub field: String,
    /// One sentence.
    pub detail: String,
}

/// What reading a page gave.
#[derive(Debug, Clone)]
pub enum Extracted {
    /// The article.
    Article(Box<Article>),
    /// Further pages of the same article are needed first.
    Needs(Vec<Url>),
}

/// When an article's time cannot be used as an order, its first sight is.
impl Article {
    /// The publication instant, or `seen_at` when the page gave none.
    pub fn published_or(&self, seen_at: Timestamp) -> Timestamp {
        self.published.map_or(seen_at, |time| time.at)
    }
}
