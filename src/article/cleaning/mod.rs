//! The cleaning of the text that was chosen: what is no sentence of the article goes, with its reason; the text stays as published.

mod rules;
mod patterns;

use std::collections::HashSet;

use super::body::{ends_sentence, words};
use rules::Weighed;

/// What is known of the article already, and need not stand in its text again.
#[derive(Default)]
pub(super) struct Known<'a> {
    /// Headlines, as given in several places.
    pub(super) titles: Vec<&'a str>,
    /// Persons of the byline.
    pub(super) authors: &'a [String],
    /// The section.
    pub(super) section: Option<&'a str>,
    /// The standfirst.
    pub(super) summary: Option<&'a str>,
}

/// What a line of the text is by the elements around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    /// A paragraph.
    #[default]
    Text,
    /// A subhead.
    Heading,
    /// An item of a list.
    Item,
    /// A quotation set apart.
    Quote,
    /// A row of a table, its cells separated by bars.
    Row,
    /// What stands under a picture.
    Caption,
}

/// One line of the text, before cleaning.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) kind: Kind,
    /// How much of it is links, 0 to 1.
    pub(super) link_share: f32,
}

impl Line {
    pub(super) fn of_text(text: String) -> Line {
        Line { text, ..Line::default() }
    }

    /// Whether it reads like a paragraph of an article.
    pub(super) fn is_prose(&self) -> bool {
        self.link_share < 0.5 && ends_sentence(&self.text) && words::of_text(&self.text).len() >= rules::FEW_WORDS
    }
}

/// Why a line is no part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The headline again.
    Headline,
    /// Who wrote it.
    Byline,
    /// When it was published or changed.
    DateLine,
    /// The section, standing over the text.
    Kicker,
    /// Learnt to be boilerplate of the source.
    Learnt,
    /// A call to follow, subscribe, download.
    Call,
    /// "Read more", related articles, share.
    Promo,
    /// "For subscribers only", "sign in to continue".
    Paywall,
    /// Cookies, and what stands where something of another house would be shown.
    Consent,
    /// Who took the picture.
    PhotoCredit,
    /// A link and nothing else, between two paragraphs.
    LinkOnly,
    /// Rights, tags, comments, links under the text.
    Foot,
    /// The author's name under the text.
    Signature,
    /// Persons, dates, reading time over the text.
    Head,
    /// A standfirst cut from the text itself.
    Teaser,
    /// Said before.
    Repeated,
    /// What stands under a picture, kept as a caption.
    Caption,
    /// A subhead that heads nothing.
    Subhead,
    /// Nothing but marks.
    Empty,
    /// What a page's template leaves: `{* captcha *}`.
    Template,
}

/// A line that was chosen and is no part of the text.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Dropped {
    /// The line as printed.
    pub line: String,
    /// Why it went.
    pub reason: Reason,
}

/// The text, and what was taken from it.
#[derive(Debug, Default)]
pub(super) struct Cleaned {
    /// Paragraphs in reading order.
    pub(super) paragraphs: Vec<String>,
    /// What stands under the pictures among them.
    pub(super) captions: Vec<String>,
    /// The lines that went.
    pub(super) dropped: Vec<Dropped>,
}

/// Drops what is no text of the article. With `trusted` (the operator's selectors) only what is known for certain goes.
pub(super) fn clean(lines: Vec<Line>, known: &Known<'_>, trusted: bool) -> Cleaned {
    // Where captions are most of what there is, as in a slide show, they are the text.
    let length = |caption: bool| -> usize {
        lines.iter().filter(|line| (line.kind == Kind::Caption) == caption).map(|line| line.text.len()).sum()
    };
    let is_slide_show = length(true) > length(false);
    let kind = |kind: Kind| if is_slide_show && kind == Kind::Caption { Kind::Text } else { kind };
    let lines: Vec<Weighed> = lines.into_iter().map(|line| Weighed::of(Line { kind: kind(line.kind), ..line })).collect();
    let reasons = rules::judge(&lines, known, trusted);
    let mut cleaned = Cleaned::default();
    let mut seen: HashSet<Vec<u32>> = HashSet::new();
    // Whether the line before is short, as lines of verse are.
    let mut is_verse = false;
    let mut last_heading = false;
    let mut headings = 0;
    for (line, reason) in lines.into_iter().zip(reasons) {
        // A short line may be said twice, and a line of verse; a paragraph not.
        let short = line.words.len() < rules::FEW_WORDS;
        let repeated = line.words.len() > 5 && !seen.insert(line.words.clone()) && !(short && is_verse);
        is_verse = short && line.line.kind == Kind::Text && line.line.link_share == 0.0;
        match reason.or(repeated.then_some(Reason::Repeated)) {
            Some(Reason::Caption) => cleaned.captions.push(line.line.text),
            Some(reason) => cleaned.dropped.push(Dropped { line: line.line.text, reason }),
            None => {
                last_heading = line.line.kind == Kind::Heading;
                headings = if last_heading { headings + 1 } else { 0 };
                cleaned.paragraphs.push(line.line.text);
            }
        }
    }
    // A subhead that heads nothing; several in a row are a list.
    if last_heading && headings == 1 && cleaned.paragraphs.len() > 1 {
        let line = cleaned.paragraphs.pop().unwrap_or_default();
        cleaned.dropped.push(Dropped { line, reason: Reason::Subhead });
    }
    cleaned
}
