//! Page → `Article`; the only room that knows `scraper`.

mod page;
mod structured;
mod metadata;
mod body;
mod cleaning;
mod byline;
mod date;
mod dateline;
mod credit;
mod from_feed;
mod drift;
mod parts;
mod reservations;
mod explain;

pub use body::boilerplate;
pub use body::{Model, Weighed};
pub use cleaning::{Dropped, Reason};
pub use drift::{drifts, shape};
pub use explain::{Evidence, Explanation, Ruling, explain};
pub use from_feed::{from_entry, is_from_feed};
pub use parts::{is_further as is_further_page, is_missing as is_missing_page, missing_page};

use crate::charset;
use crate::markup;
use crate::model::{Article, Boilerplate, Document, Entry, Extracted, Failure};

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
    /// Reservations of publishers that are obeyed: a page that has one of them is not read.
    pub obey: Vec<String>,
}

/// The reader's version, raised with every change of what it gives.
pub const VERSION: u32 = 2;

/// Why there is no article.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The document is no page.
    #[error("not an HTML page: {0}")]
    NotAPage(String),
    /// A challenge for browsers stands in the page's place.
    #[error("a challenge for browsers stands in the place of the page")]
    Challenge,
    /// A question for consent stands in the page's place.
    #[error("a question for consent stands in the place of the page")]
    Consent,
    /// The page is a shell that scripts would fill.
    #[error("the page has no text: scripts would fetch it")]
    ScriptOnly,
    /// The publisher reserves the use, and that is obeyed.
    #[error("the publisher reserves the use of the page ({0}), which is respected")]
    Reserved(String),
}

impl Error {
    /// What it means for the next attempt.
    pub fn failure(&self) -> Failure {
        match self {
            Error::Reserved(_) => Failure::Final,
            _ => Failure::Persistent,
        }
    }

    /// A stable class for the operator.
    pub fn class(&self) -> &'static str {
        match self {
            Error::NotAPage(_) => "not_a_page",
            Error::Challenge => "captcha",
            Error::Consent => "consent",
            Error::ScriptOnly => "script_only",
            Error::Reserved(_) => "reserved",
        }
    }
}

/// Whether `text` is a selector this room understands; the error says why not. For `config`.
pub fn check_selector(text: &str) -> Result<(), String> {
    body::parse_selector(text).map(|_| ())
}

/// The words by which publishers reserve the use of a page, as an article keeps them.
pub const RESERVATIONS: [&str; 6] = reservations::WORDS;

/// Reads the article off its page (or pages, in order). Never panics, whatever the bytes.
pub fn extract(pages: &[Document], entry: &Entry, rules: &Rules, learnt: &Boilerplate) -> Result<Extracted, Error> {
    read(Model::own(), pages, entry, rules, learnt, true).map(|(extracted, _)| extracted)
}

/// Whether something else stands in the place of a page of which this was read: an error that says what.
pub fn barred(page: &Document, article: &Article) -> Result<(), Error> {
    // A text of some length is one, whatever stands around it; and most pages are told by that alone.
    if article.body.iter().map(String::len).sum::<usize>() > BARRED {
        return Ok(());
    }
    let decoded = charset::decode(&page.body, page.content_type.as_deref(), charset::Markup::Html);
    match markup::wall(&decoded.text, &article.text()) {
        None => Ok(()),
        Some(markup::Wall::Challenge) => Err(Error::Challenge),
        Some(markup::Wall::Consent) => Err(Error::Consent),
        Some(markup::Wall::Script) => Err(Error::ScriptOnly),
    }
}

/// Bytes of a text from which on it is taken for one.
const BARRED: usize = 2000;

/// The same of the pages given, without asking for more, by another model than the program's own: how a new model is judged before it becomes that.
pub fn extract_by(
    model: &Model,
    pages: &[Document],
    entry: &Entry,
    rules: &Rules,
    learnt: &Boilerplate,
) -> Result<Extracted, Error> {
    read(model, pages, entry, rules, learnt, false).map(|(extracted, _)| extracted)
}

/// The lines that were chosen as text and then dropped from it, with the reason of each: what `--explain` shows.
pub fn dropped(
    model: &Model,
    pages: &[Document],
    entry: &Entry,
    rules: &Rules,
    learnt: &Boilerplate,
) -> Result<Vec<Dropped>, Error> {
    read(model, pages, entry, rules, learnt, false).map(|(_, dropped)| dropped)
}

/// Cleans a text that came without its page, such as the feed's: the lines that stay, and those that went with their reasons.
pub fn clean(lines: Vec<String>, titles: &[&str]) -> (Vec<String>, Vec<Dropped>) {
    let known = cleaning::Known { titles: titles.to_vec(), ..cleaning::Known::default() };
    let cleaned = cleaning::clean(lines.into_iter().map(cleaning::Line::of_text).collect(), &known, false);
    (cleaned.paragraphs, cleaned.dropped)
}

/// Reads what there is of an article, and the lines dropped from its text; with `ask` it may want more pages first.
fn read(
    model: &Model,
    pages: &[Document],
    entry: &Entry,
    rules: &Rules,
    learnt: &Boilerplate,
    ask: bool,
) -> Result<(Extracted, Vec<Dropped>), Error> {
    let Some(first) = pages.first() else { return Err(Error::NotAPage("there is no document".to_owned())) };
    let page = page::Page::read(first)?;
    let reservations = reservations::read(&page);
    if let Some(word) = reservations.iter().find(|word| rules.obey.contains(word)) {
        return Err(Error::Reserved(word.clone()));
    }
    let wanted = if ask { parts::wanted(&page, pages) } else { Vec::new() };
    if !wanted.is_empty() {
        return Ok((Extracted::Needs(wanted), Vec::new()));
    }
    let mut facts = metadata::read(&page, entry, rules);
    let known = cleaning::Known {
        titles: [facts.title.as_deref(), entry.title.as_deref(), facts.title.as_deref().and_then(markup::without_mark)]
            .into_iter()
            .flatten()
            .collect(),
        authors: &facts.authors,
        section: facts.section.as_deref(),
        summary: facts.summary.as_deref(),
    };
    let mut text = body::read(model, &page, entry, rules, &known);
    if ask
        && text.text.paragraphs.is_empty()
        && let Some(amp) = parts::amp(&page, pages)
    {
        return Ok((Extracted::Needs(vec![amp]), Vec::new()));
    }
    if pages.len() > 1 {
        text = parts::join(model, &page, text, pages, entry, rules, &known);
    }
    let body::Body { text, notes } = text;
    let (body, cut) = boilerplate::cut(text.paragraphs, learnt);
    metadata::settle_language(&mut facts, &body);
    let provenance = facts.provenance();
    let lede = dateline::from_lede(&body, [facts.summary.as_deref(), facts.title.as_deref()]);
    let dateline = dateline::read(lede, facts.published.as_ref());
    let credit = facts.credit.or_else(|| dateline::agency(lede)).or_else(|| {
        let dropped = text.dropped.iter().map(|dropped| dropped.line.as_str());
        credit::read(&body, dropped.chain(cut.iter().map(String::as_str)))
    });
    let marker = facts.title.as_deref().or(entry.title.as_deref()).and_then(markup::headline_mark);
    let notes = page.notes.into_iter().chain(facts.notes).chain(notes).collect();
    let article = Article {
        url: page.url,
        canonical: facts.canonical,
        title: facts.title,
        summary: facts.summary,
        body,
        authors: facts.authors,
        published: facts.published,
        modified: facts.modified,
        dateline,
        section: facts.section,
        tags: facts.tags,
        image: facts.image,
        language: facts.language,
        credit,
        captions: text.captions,
        free: facts.free,
        live: facts.live,
        marker: marker.map(|mark| mark.printed),
        cut,
        provenance,
        reservations,
        notes,
        extractor_version: VERSION,
    };
    let dropped =
        text.dropped.into_iter().chain(article.cut.iter().map(|line| Dropped { line: line.clone(), reason: Reason::Learnt }));
    let dropped = dropped.collect();
    Ok((Extracted::Article(Box::new(article)), dropped))
}

/// Every block of a page with what was measured of it and what became of it, and the names of what was measured:
/// the reasons behind a body, and what the model is trained on.
pub fn weigh(page: &Document) -> Result<(Vec<String>, Vec<Weighed>), Error> {
    Ok(body::weigh(&page::Page::read(page)?))
}
