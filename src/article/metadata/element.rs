//! One element of a page: the attributes that tell its kind, its text as a reader sees it, the kinds themselves.

use scraper::node::Element;
use scraper::{ElementRef, Node};

use super::likeness::tidy;

/// Characters of one text that are looked at.
pub(super) const LONGEST_TEXT: usize = 400;

/// Nodes visited for one text: an element may be made to hold a million empty ones.
const MOST_CHILDREN: usize = 3000;

/// The attributes that matter here, read in one go.
#[derive(Default)]
pub(super) struct Attributes<'a> {
    pub(super) class: &'a str,
    pub(super) id: &'a str,
    pub(super) itemprop: &'a str,
    pub(super) itemtype: &'a str,
    pub(super) rel: &'a str,
    pub(super) href: &'a str,
    pub(super) datetime: &'a str,
    pub(super) content: &'a str,
    pub(super) test_id: &'a str,
    pub(super) role: &'a str,
    pub(super) lang: &'a str,
    pub(super) src: &'a str,
    pub(super) hidden: bool,
    pub(super) pubdate: bool,
}

impl<'a> Attributes<'a> {
    pub(super) fn of(element: &'a Element) -> Attributes<'a> {
        let mut attributes = Attributes::default();
        for (name, value) in element.attrs() {
            match name {
                "class" => attributes.class = value,
                "id" => attributes.id = value,
                "itemprop" => attributes.itemprop = value,
                "itemtype" => attributes.itemtype = value,
                "rel" => attributes.rel = value,
                "href" => attributes.href = value,
                "datetime" => attributes.datetime = value,
                "content" => attributes.content = value,
                "data-testid" | "data-qa" | "data-component" => attributes.test_id = value,
                "role" => attributes.role = value,
                "lang" => attributes.lang = value,
                "src" => attributes.src = value,
                "hidden" => attributes.hidden = true,
                "pubdate" => attributes.pubdate = true,
                "style" => attributes.hidden |= value.contains("display:none") || value.contains("display: none"),
                "aria-hidden" => attributes.hidden |= value == "true",
                _ => {}
            }
        }
        attributes
    }

    /// Class, id and test id, for words that make a kind.
    pub(super) fn words(&self) -> Words {
        if self.class.is_empty() && self.id.is_empty() && self.test_id.is_empty() {
            return Words::default();
        }
        let mut text = String::with_capacity(self.class.len() + self.id.len() + self.test_id.len() + 3);
        for part in [self.class, self.id, self.test_id] {
            text.push_str(part.char_indices().nth(300).map_or(part, |(end, _)| &part[..end]));
            text.push(' ');
        }
        text.make_ascii_lowercase();
        Words { pairs: pairs(text.as_bytes()), text }
    }
}

/// What an element calls itself, in one lower-case text.
#[derive(Default)]
pub(super) struct Words {
    text: String,
    pairs: u128,
}

impl Words {
    /// Whether this word stands in it, be it within another.
    pub(super) fn contain(&self, word: &Word) -> bool {
        // Nearly every word that does not stand in a text has two letters in a row that do not either.
        self.pairs & word.pairs == word.pairs && self.text.contains(word.text)
    }

    /// Whether one of these words stands in it.
    pub(super) fn contain_any(&self, words: &[Word]) -> bool {
        words.iter().any(|word| self.contain(word))
    }
}

/// A word that is looked for.
#[derive(Clone, Copy)]
pub(super) struct Word {
    text: &'static str,
    pairs: u128,
}

impl Word {
    pub(super) const fn of(text: &'static str) -> Word {
        Word { text, pairs: pairs(text.as_bytes()) }
    }

    pub(super) const fn all<const N: usize>(texts: [&'static str; N]) -> [Word; N] {
        let mut words = [Word { text: "", pairs: 0 }; N];
        let mut at = 0;
        while at < N {
            words[at] = Word::of(texts[at]);
            at += 1;
        }
        words
    }
}

/// A bit for each pair of neighbours in a text, several pairs to a bit.
const fn pairs(text: &[u8]) -> u128 {
    let mut pairs = 0;
    let mut at = 1;
    while at < text.len() {
        pairs |= 1 << ((text[at - 1].wrapping_mul(37) ^ text[at]) & 127);
        at += 1;
    }
    pairs
}

/// The text of a heading without the kicker that stands in an element of its own.
pub(super) fn heading_text(element: ElementRef<'_>) -> String {
    // Microdata says which part of the heading is the headline.
    let inner = element.descendent_elements().skip(1).take(20).find(|inner| inner.value().attr("itemprop") == Some("headline"));
    let mut text = String::new();
    gather_text(inner.unwrap_or(element), &mut text, &|child| !is_kicker(child), 0, &mut { MOST_CHILDREN });
    // A separator that stood behind the kicker is left over.
    let text = joined(&text);
    let text = text.trim_start_matches([':', '-', '–', '—', '|', '/', '•', ' ']).trim();
    if text.is_empty() { text_of(element) } else { text.to_owned() }
}

/// What a kicker is called, and other parts of a heading that are none of the headline.
const KICKERS: [Word; 20] = Word::all([
    "kicker",
    "overline",
    "topline",
    "top-line",
    "roofline",
    "eyebrow",
    "supertitle",
    "super-title",
    "dachzeile",
    "spitzmarke",
    "pretitle",
    "pre-title",
    "subheadline",
    "sub-headline",
    "sr-only",
    "visually-hidden",
    "visuallyhidden",
    "screen-reader",
    "badge",
    "label",
]);

pub(super) fn is_kicker(element: &Element) -> bool {
    Attributes::of(element).words().contain_any(&KICKERS)
}

/// The text of an element, one space between words, cut where it grows long.
pub(super) fn text_of(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    gather_text(element, &mut text, &|_| true, 0, &mut { MOST_CHILDREN });
    joined(&text)
}

/// Stands for the edge of an element inside a text: a space, but not before a mark that belongs to the word.
const BOUNDARY: char = '\u{1}';

/// The text with its boundaries made spaces where a reader sees one.
pub(super) fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pending = false;
    for c in text.chars() {
        if c == BOUNDARY {
            pending = true;
            continue;
        }
        if pending && !matches!(c, ':' | ',' | '.' | ';' | '!' | '?' | ')' | '”' | '’') {
            out.push(' ');
        }
        pending = false;
        out.push(c);
    }
    tidy(&out)
}

pub(super) fn gather_text(
    element: ElementRef<'_>,
    text: &mut String,
    wanted: &dyn Fn(&Element) -> bool,
    depth: usize,
    budget: &mut usize,
) {
    for child in element.children() {
        *budget = budget.saturating_sub(1);
        if text.len() > 4 * LONGEST_TEXT || depth > 30 || *budget == 0 {
            return;
        }
        match child.value() {
            Node::Text(part) => text.push_str(part),
            Node::Element(value) => {
                let name = value.name();
                if matches!(name, "script" | "style" | "svg" | "noscript" | "template" | "button") || !wanted(value) {
                    text.push(BOUNDARY);
                    continue;
                }
                let apart = is_block(name) || matches!(name, "span" | "br" | "a" | "time" | "img");
                if apart {
                    text.push(BOUNDARY);
                }
                if let Some(inner) = ElementRef::wrap(child) {
                    gather_text(inner, text, wanted, depth + 1, budget);
                }
                if apart {
                    text.push(BOUNDARY);
                }
            }
            _ => {}
        }
    }
}

/// What an operator's selector points at: the attribute that carries the value, or the text.
pub(super) fn value_of(element: ElementRef<'_>, text: String) -> String {
    let attributes = Attributes::of(element.value());
    [attributes.datetime, attributes.content].into_iter().find(|value| !value.trim().is_empty()).map(str::to_owned).unwrap_or(text)
}

pub(super) fn item_text(attributes: &Attributes<'_>, element: ElementRef<'_>) -> String {
    if attributes.content.is_empty() { text_of(element) } else { attributes.content.to_owned() }
}

/// The `itemprop=name` inside an author's item.
pub(super) fn item_name(element: ElementRef<'_>) -> Option<String> {
    let own = Attributes::of(element.value());
    if !own.content.is_empty() {
        return Some(own.content.to_owned());
    }
    element.descendent_elements().take(60).find_map(|inner| {
        let attributes = Attributes::of(inner.value());
        (attributes.itemprop == "name").then(|| item_text(&attributes, inner))
    })
}

/// Folders of author pages.
const OF_AUTHORS: [&str; 26] = [
    "author",
    "authors",
    "autor",
    "autoren",
    "autores",
    "auteur",
    "auteurs",
    "autore",
    "autori",
    "profile",
    "people",
    "person",
    "staff",
    "by",
    "journalist",
    "journalists",
    "reporter",
    "contributor",
    "contributors",
    "columnist",
    "firmas",
    "redakteur",
    "yazar",
    "muellif",
    "signataires",
    "correspondents",
];

/// Folders of keyword pages.
const OF_TAGS: [&str; 25] = [
    "tag",
    "tags",
    "topic",
    "topics",
    "thema",
    "themen",
    "tema",
    "temas",
    "etiqueta",
    "etiquetas",
    "stichwort",
    "keyword",
    "keywords",
    "sujet",
    "sujets",
    "etiket",
    "konu",
    "mot-cle",
    "hashtag",
    "schlagwort",
    "about",
    "argomenti",
    "tagy",
    "stitek",
    "dossier",
];

/// Addresses of author pages, by the word the path has for them.
pub(super) fn leads_to_author(href: &str) -> bool {
    const NOTICE: &str = "/impressum/autor";
    is_within(href, &OF_AUTHORS) || href.as_bytes().windows(NOTICE.len()).any(|part| part.eq_ignore_ascii_case(NOTICE.as_bytes()))
}

/// Addresses of keyword pages.
pub(super) fn leads_to_tag(href: &str) -> bool {
    is_within(href, &OF_TAGS)
}

/// Whether an address leads into one of these folders.
fn is_within(href: &str, folders: &[&str]) -> bool {
    let mut parts = href.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        // What no slash follows is no folder.
        if parts.peek().is_some() && folders.iter().any(|folder| part.eq_ignore_ascii_case(folder)) {
            return true;
        }
    }
    false
}

pub(super) fn is_chrome(name: &str, attributes: &Attributes<'_>) -> bool {
    matches!(name, "nav" | "footer" | "aside")
        || matches!(attributes.role, "navigation" | "contentinfo" | "complementary" | "search")
        || !matches!(name, "html" | "body" | "main" | "article")
            && attributes.class.split_ascii_whitespace().take(12).chain([attributes.id]).any(is_chrome_word)
}

pub(super) fn is_chrome_word(word: &str) -> bool {
    if word.len() < 4 || word.len() > 40 || !matches!(word.as_bytes()[0] | 0x20, b's' | b'r' | b'f' | b'n' | b'c' | b'm' | b'p') {
        return false;
    }
    [
        "sidebar",
        "related",
        "footer",
        "navbar",
        "navigation",
        "comments",
        "recommend",
        "most-read",
        "mostread",
        "popular",
        "menu",
        "main-nav",
        "mega-menu",
    ]
    .iter()
    .any(|known| {
        word.get(..known.len()).is_some_and(|head| head.eq_ignore_ascii_case(known))
            && (word.len() == known.len() || word[known.len()..].starts_with(['-', '_']))
    })
}

pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "li"
            | "ul"
            | "ol"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "nav"
            | "aside"
            | "main"
            | "br"
            | "hr"
            | "td"
            | "th"
            | "tr"
            | "table"
            | "figure"
            | "figcaption"
            | "blockquote"
            | "pre"
            | "form"
            | "dl"
            | "dt"
            | "dd"
            | "address"
            | "body"
            | "fieldset"
    )
}
