//! Articles in parts: the links to the further pages of one article, the page that has them all, the AMP copy; and the join.
//!
//! `rel=next` is the next page of an article on some sites and the next article on others, so no link is followed for its
//! relation alone: the address has to be the article's own with the number of the part that is missing.

use std::collections::HashSet;

use scraper::{ElementRef, Node};

use super::Rules;
use super::body::{self, Body, Model, boilerplate};
use super::cleaning::Known;
use super::page::Page;
use crate::address;
use crate::markup;
use crate::model::{Document, Entry, Head, Note, Timestamp, Url, Validators};

/// Most pages of one article, further copies of it included.
const MOST: usize = 20;
/// The whole text on one page is believed when it has this many times the words of the first part.
const WHOLE: f64 = 1.15;

/// Parameters that number the parts of an article.
const NUMBERS: [&str; 14] = [
    "page",
    "p",
    "pg",
    "pagenum",
    "pageno",
    "page_no",
    "page_number",
    "paged",
    "part",
    "seite",
    "pagina",
    "página",
    "strona",
    "sayfa",
];
/// What a link to the whole article on one page says.
const WHOLE_ARTICLE: [&str; 22] = [
    "view as single page",
    "single page",
    "single page view",
    "view on one page",
    "read on one page",
    "show all pages",
    "view all pages",
    "all on one page",
    "print on one page",
    "auf einer seite",
    "auf einer seite lesen",
    "artikel auf einer seite lesen",
    "komplettansicht",
    "alles auf einer seite",
    "afficher sur une seule page",
    "lire sur une seule page",
    "ver en una sola página",
    "ver en una página",
    "leggi in una pagina",
    "ver em uma página",
    "pokaż na jednej stronie",
    "на одной странице",
];

/// Most links that are looked at: a page of nothing but numbers costs itself.
const MOST_LINKS: usize = 300;
/// Links this short are looked at whatever they say: `2/`, `../2`.
const NEAR: usize = 8;

/// A document that stands for a page that could not be had, so that it is not asked for again.
pub fn missing_page(url: Url, at: Timestamp) -> Document {
    let head = Head {
        fields: Vec::new(),
        status: 0,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: at,
    };
    Document { url, head, content_type: None, content_language: None, body: Vec::new(), complete: false }
}

/// Whether a document stands for a page that could not be had.
pub fn is_missing(document: &Document) -> bool {
    document.head.status == 0 && document.body.is_empty() && !document.complete
}

/// Whether what was fetched as a further page of the article at `first` is one: a server may lead on to another spelling of
/// its address, or to another part, but where it leads to another page that is another article, or a list of them.
pub fn is_further(first: &Url, page: &Document) -> bool {
    let landed = &page.head.final_url;
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    same(&page.url, landed)
        || path(&page.url) == path(landed) && parameters(&page.url) == parameters(landed)
        || part(first, landed).is_some()
        || is_under(first, landed)
}

/// The further pages that are wanted before the article can be read, as far as is known by now.
pub(super) fn wanted(first: &Page, pages: &[Document]) -> Vec<Url> {
    if pages.len() >= MOST {
        return Vec::new();
    }
    let asked = |url: &Url| pages.iter().any(|page| same(&page.url, url) || same(&page.head.final_url, url));
    let links = links(first, &first.url);
    if let Some(whole) = whole(first, &links) {
        if !asked(&whole) {
            return vec![whole];
        }
        if pages.iter().any(|page| same(&page.url, &whole) && !is_missing(page)) {
            return Vec::new();
        }
    }
    // A part that could not be had, or that led to another page, ends the row.
    let parts: Vec<&Document> = pages[1..].iter().filter(|page| part(&first.url, &page.url).is_some()).collect();
    if parts.iter().any(|page| is_missing(page) || !same(&page.url, &page.head.final_url)) {
        return Vec::new();
    }
    let number = parts.iter().filter_map(|page| part(&first.url, &page.url)).max().unwrap_or(1) + 1;
    let mut found = run(&first.url, &links, number);
    if found.is_empty()
        && let Some(last) = parts.last()
        && let Ok(page) = Page::read(last)
    {
        found = run(&first.url, &self::links(&page, &first.url), number);
    }
    found.retain(|url| !asked(url));
    found.truncate(MOST - pages.len());
    found
}

/// The AMP copy of a page that has no text.
pub(super) fn amp(first: &Page, pages: &[Document]) -> Option<Url> {
    let link = links(first, &first.url).into_iter().find(|link| link.rel.split_ascii_whitespace().any(|rel| rel == "amphtml"))?;
    let known = address::same_site(&first.url, &link.url) || is_amp_cache(&first.url, &link.url);
    let asked = pages.len() >= MOST || pages.iter().any(|page| same(&page.url, &link.url));
    (known && !asked && !same(&first.url, &link.url)).then_some(link.url)
}

/// The text of all pages: the parts in order, or the whole page, or the AMP copy of a page without a text. What is repeated
/// is kept once.
pub(super) fn join(
    model: &Model,
    first: &Page,
    text: Body,
    pages: &[Document],
    entry: &Entry,
    rules: &Rules,
    known: &Known<'_>,
) -> Body {
    let mut text = text;
    let count = |text: &Body| text.text.paragraphs.iter().map(|line| line.split_whitespace().count()).sum::<usize>();
    let read = |document: &Document| {
        let page = Page::read(document).ok()?;
        Some(body::read(model, &page, entry, rules, known))
    };
    let had = || pages.iter().skip(1).filter(|page| !is_missing(page) && is_further(&first.url, page));
    if text.text.paragraphs.is_empty() {
        if let Some(copy) = had().find_map(|page| read(page).filter(|copy| !copy.text.paragraphs.is_empty())) {
            text.text.paragraphs = copy.text.paragraphs;
            text.notes.push(note("the text is from the page's AMP copy: the page itself has none".to_owned()));
        }
        return text;
    }
    let named = whole(first, &links(first, &first.url));
    let has_all = |page: &&Document| named.as_ref().is_some_and(|url| same(url, &page.url)) || is_under(&first.url, &page.url);
    for page in had().filter(|page| part(&first.url, &page.url).is_none()).filter(has_all) {
        if let Some(whole) = read(page)
            && count(&whole) as f64 > WHOLE * count(&text) as f64
        {
            text.text.paragraphs = whole.text.paragraphs;
            text.notes.push(note("the text is from the page that has all parts".to_owned()));
            return text;
        }
    }
    let mut seen: HashSet<String> = text.text.paragraphs.iter().map(|line| boilerplate::normal(line)).collect();
    for page in had().filter(|page| part(&first.url, &page.url).is_some()) {
        let Some(next) = read(page) else { continue };
        text.text.paragraphs.extend(next.text.paragraphs.into_iter().filter(|line| seen.insert(boilerplate::normal(line))));
    }
    let missed = pages.iter().skip(1).filter(|page| is_missing(page)).count();
    if missed > 0 {
        text.notes.push(note(format!("{missed} further pages of the article could not be had")));
    }
    text
}

fn note(detail: String) -> Note {
    Note { field: "body".to_owned(), detail }
}

/// A link of a page.
struct Link {
    url: Url,
    /// Its relation, lower case.
    rel: String,
    /// What it says, lower case; a few words at most.
    text: String,
}

/// The links that may lead to a part of the article, the whole of it, or its AMP copy.
fn links(page: &Page, first: &Url) -> Vec<Link> {
    let mut links = Vec::new();
    // A part stands under the article's own name; only what may is looked at closely.
    let name_of_page = stem(first).rsplit('/').next().unwrap_or_default().to_owned();
    let near = |href: &str| href.len() <= NEAR || href.starts_with('?') || href.contains(&name_of_page);
    for node in page.html.tree.nodes() {
        if links.len() >= MOST_LINKS {
            break;
        }
        let Node::Element(element) = node.value() else { continue };
        let name = element.name();
        if name != "a" && name != "link" {
            continue;
        }
        let rel = element.attr("rel").unwrap_or_default().to_ascii_lowercase();
        let related = rel.split_ascii_whitespace().any(|rel| matches!(rel, "next" | "amphtml"));
        let Some(href) = element.attr("href").filter(|href| !href.starts_with('#')) else { continue };
        let text = match (name, ElementRef::wrap(node)) {
            ("a", Some(anchor)) if near(href.trim()) => said(anchor),
            _ => String::new(),
        };
        if !related && !text.chars().all(|c| c.is_ascii_digit()) && !WHOLE_ARTICLE.contains(&text.as_str()) {
            continue;
        }
        // A link that says nothing and has no relation leads nowhere that we go.
        if text.is_empty() && !related {
            continue;
        }
        if let Some(url) = address::resolve(Some(&page.base), href) {
            links.push(Link { url, rel, text });
        }
    }
    links
}

/// The few words of a link; empty when it says more.
fn said(anchor: ElementRef<'_>) -> String {
    let mut text = String::new();
    for piece in anchor.text() {
        text.push_str(piece);
        if text.len() > 120 {
            return String::new();
        }
    }
    let text = markup::tidy(&text).to_lowercase();
    if text.chars().count() > 40 { String::new() } else { text }
}

/// The page that has all of the article.
fn whole(first: &Page, links: &[Link]) -> Option<Url> {
    let under = |url: &Url| {
        let (own, other) = (stem(&first.url), url.path().trim_end_matches('/').to_owned());
        address::host_key(url) == address::host_key(&first.url) && other.starts_with(&own) && !own.is_empty()
    };
    let link = links.iter().find(|link| WHOLE_ARTICLE.contains(&link.text.as_str()) && under(&link.url))?;
    (!same(&link.url, &first.url)).then(|| link.url.clone())
}

/// The parts from this number on, without a gap.
fn run(first: &Url, links: &[Link], from: u32) -> Vec<Url> {
    let mut found = Vec::new();
    for number in from..=MOST as u32 {
        let Some(link) = links.iter().find(|link| part(first, &link.url) == Some(number)) else { break };
        found.push(link.url.clone());
    }
    found
}

/// The number of the part that `url` is of the article at `first`; `None` when it is none.
fn part(first: &Url, url: &Url) -> Option<u32> {
    if address::host_key(first) != address::host_key(url) || first.scheme() != url.scheme() {
        return None;
    }
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| (2..=MOST as u32).contains(number));
    if parameters(first) != parameters(url) {
        return None;
    }
    let by_query = url.query_pairs().find(|(name, _)| NUMBERS.contains(&name.to_lowercase().as_str()));
    let (own, other) = (first.path().trim_end_matches('/'), url.path().trim_end_matches('/'));
    if let Some((_, value)) = by_query {
        // An id in a parameter of that name is the article's: then it is the same on both.
        let own_number = first.query_pairs().find(|(name, _)| NUMBERS.contains(&name.to_lowercase().as_str()));
        let numbered = own_number.is_none_or(|(_, value)| value == "1" || value == "0");
        return number(&value).filter(|_| own == other && numbered);
    }
    if own.is_empty() {
        return None;
    }
    let (stem, extension) = split(own);
    let rest = other.strip_prefix(stem)?;
    let rest = match extension {
        "" => rest,
        extension => rest.strip_suffix(extension).or_else(|| rest.strip_prefix(extension))?,
    };
    let rest = rest.strip_prefix(['/', '-', '_', ',', '.'])?;
    let named = NUMBERS.iter().filter_map(|name| rest.strip_prefix(name)).chain([rest]);
    named.map(|rest| rest.trim_start_matches(['/', '-', '_', '='])).find_map(number)
}

/// The parameters of an address that number no part.
fn parameters(url: &Url) -> Vec<(String, String)> {
    let pairs = url.query_pairs().filter(|(name, _)| !NUMBERS.contains(&name.to_lowercase().as_str()));
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// Whether an address is the article's own, or stands under it.
fn is_under(first: &Url, url: &Url) -> bool {
    let own = stem(first);
    let rest = url.path().trim_end_matches('/').strip_prefix(own.as_str());
    !own.is_empty()
        && address::host_key(first) == address::host_key(url)
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
        // An article that is told by a parameter has it on each of its pages.
        && parameters(first).iter().all(|own| parameters(url).contains(own))
}

/// A path in front of its extension, and the extension with its dot.
fn split(path: &str) -> (&str, &str) {
    let name = path.rfind('/').map_or(0, |at| at + 1);
    match path[name..].rfind('.') {
        Some(dot) if path.len() - name - dot <= 6 && dot > 0 => path.split_at(name + dot),
        _ => (path, ""),
    }
}

fn stem(url: &Url) -> String {
    split(url.path().trim_end_matches('/')).0.to_owned()
}

/// Whether two addresses are one, fragments aside.
fn same(one: &Url, other: &Url) -> bool {
    let without = |url: &Url| {
        let mut url = url.clone();
        url.set_fragment(None);
        url
    };
    without(one) == without(other)
}

/// Whether an address is the site's in the AMP cache: `news-example-org.cdn.ampproject.org/c/s/news.example.org/…`.
fn is_amp_cache(page: &Url, amp: &Url) -> bool {
    let (Some(own), Some(host)) = (page.host_str(), amp.host_str()) else { return false };
    let named = own.replace('-', "--").replace('.', "-");
    host.strip_suffix(".cdn.ampproject.org") == Some(named.as_str())
        && amp.path().split('/').any(|segment| segment.eq_ignore_ascii_case(own))
}
