//! What the page says about its article: every reader brings candidates, `merge` decides who wins, field by field.

pub(super) mod likeness;
pub(super) mod vocabulary;
mod jsonld;
mod opengraph;
mod element;
mod marks;
mod html;
mod choice;
mod headline;
mod authors;
mod times;
mod section;
mod picture;
mod language;
mod merge;

pub(super) use language::settle as settle_language;

use crate::model::{Entry, Note, PressTime, Provenance, Url};

use super::Rules;
use super::byline::Party;
use super::explain::Ruling;
use super::page::Page;

use choice::Choices;

/// What is known of the article besides its text.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// The headline, without the site's name and without a kicker.
    pub(super) title: Option<String>,
    /// Standfirst or description.
    pub(super) summary: Option<String>,
    /// Persons, each once; where no person is named, the desk or agency that signs.
    pub(super) authors: Vec<String>,
    /// When it was published.
    pub(super) published: Option<PressTime>,
    /// When it was last changed.
    pub(super) modified: Option<PressTime>,
    /// The section of the site.
    pub(super) section: Option<String>,
    /// Keywords, each once.
    pub(super) tags: Vec<String>,
    /// The illustration, absolute.
    pub(super) image: Option<Url>,
    /// BCP 47: as the page declares it, until `settle_language` has held it against the text.
    pub(super) language: Option<String>,
    /// `rel=canonical`, absolute, where it may be this article's.
    pub(super) canonical: Option<Url>,
    /// The agency the page credits.
    pub(super) credit: Option<String>,
    /// Defects that cost a field.
    pub(super) notes: Vec<Note>,
    /// Whether the whole text can be read without payment, as the page says it.
    pub(super) free: Option<bool>,
    /// Whether the page is a live blog.
    pub(super) live: bool,
    /// Every candidate seen, for whoever asks why.
    gathered: Gathered,
    /// How every field was decided.
    choices: Choices,
}

impl Facts {
    /// Which evidence won each field.
    pub(super) fn provenance(&self) -> Vec<Provenance> {
        choice::provenance(&self.gathered, &self.choices)
    }

    /// Every candidate of every field with what became of it.
    pub(super) fn rulings(&self) -> Vec<Ruling> {
        choice::rulings(&self.gathered, &self.choices)
    }
}

/// Where a candidate stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The operator's selector.
    Operator,
    /// JSON-LD about this page.
    JsonLd,
    /// A `<meta>` or `<link>` element.
    Meta,
    /// Microdata, `rel`, classes and `<time>`.
    Markup,
    /// A plain line of the page.
    Line,
    /// The page's address.
    Address,
    /// The configuration of the source.
    Source,
    /// The article's text.
    Text,
    /// The entry of the feed.
    Entry,
}

/// One value somebody gave for one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Where it stood.
    pub(super) origin: Origin,
    /// The name it had there: `headline`, `og:title`, `h1`.
    pub(super) label: &'static str,
    /// What was given.
    pub(super) value: String,
}

/// The parties one place of the page names as authors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// Where they stood.
    pub(super) origin: Origin,
    /// The name of that place.
    pub(super) label: &'static str,
    /// Who is named.
    pub(super) parties: Vec<Party>,
}

/// Every candidate of a page, each list in order of trust.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathered {
    pub(super) title: Vec<Candidate>,
    pub(super) summary: Vec<Candidate>,
    pub(super) named: Vec<Named>,
    /// What `named` says, written out by `authors::decide`.
    pub(super) authors: Vec<Candidate>,
    pub(super) published: Vec<Candidate>,
    pub(super) modified: Vec<Candidate>,
    pub(super) section: Vec<Candidate>,
    pub(super) tags: Vec<Candidate>,
    pub(super) image: Vec<Candidate>,
    pub(super) language: Vec<Candidate>,
    pub(super) canonical: Vec<Candidate>,
    pub(super) credit: Vec<Candidate>,
    pub(super) free: Vec<Candidate>,
    pub(super) live: Vec<Candidate>,
    pub(super) organisations: Vec<String>,
    /// The fields whose selectors of the operator match nothing.
    pub(super) missed: Vec<&'static str>,
    /// The page's host, for recognising the site's name in a title.
    pub(super) host: String,
    /// The page's path, which often spells the headline it was first filed under.
    pub(super) path: String,
}

impl Gathered {
    /// The candidates of a field of the article.
    fn field(&self, name: &str) -> Option<&[Candidate]> {
        Some(match name {
            "title" => &self.title,
            "summary" => &self.summary,
            "authors" => &self.authors,
            "published" => &self.published,
            "modified" => &self.modified,
            "section" => &self.section,
            "tags" => &self.tags,
            "image" => &self.image,
            "language" => &self.language,
            "canonical" => &self.canonical,
            "credit" => &self.credit,
            "free" => &self.free,
            "live" => &self.live,
            _ => return None,
        })
    }
}

/// The label of dates that stand far from the headline: believed only when all of them name one day.
const STRAY: &str = "stray date";

/// Adds a candidate unless its value is empty.
fn push(list: &mut Vec<Candidate>, origin: Origin, label: &'static str, value: &str) {
    let value = likeness::tidy(value);
    if !value.is_empty() {
        list.push(Candidate { origin, label, value });
    }
}

/// Reads the facts of an article off its page, and off its entry where the page is silent.
pub(super) fn read(page: &Page, entry: &Entry, rules: &Rules) -> Facts {
    let mut gathered = Gathered {
        host: page.url.host_str().unwrap_or_default().to_owned(),
        path: page.url.path().to_owned(),
        ..Gathered::default()
    };
    let marks = marks::walk(page);
    html::operator(page, rules, &mut gathered);
    let witnesses = html::headline_witnesses(page, &marks);
    jsonld::gather(page, &witnesses, &mut gathered);
    opengraph::gather(page, &mut gathered);
    html::gather(page, &marks, &mut gathered);
    merge::decide(page, entry, rules, &marks, gathered)
}
