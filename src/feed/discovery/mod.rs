//! Where a site's feeds may be: what its page links to, what robots.txt names, what is usual. And which find is the best.

mod words;
mod rank;
mod choice;

pub use choice::{choose, follow};
pub use rank::{Find, Listing, Rank, Site, about_dates, kind_of, lists_the_same, rank, read};

use crate::address;
use crate::charset::{self, Markup};
use crate::markup::{self, Tag, Token, Tokens};
use crate::model::{Document, Feed, Url};

use super::{channel, entry, lookalike};
use words::{is_aside, is_feed_address, is_feed_type, is_of_others, speaks_of_feeds, speaks_of_news};

/// Most candidates of one kind that are kept.
const MOST: usize = 32;
/// Longest text of an anchor that is looked at.
const LONGEST_TEXT: usize = 200;
/// Bytes of a robots.txt that are read (RFC 9309 §2.5).
const MOST_ROBOTS: usize = 500 * 1024;

/// Where feeds usually are, by what publishing systems do.
const FEED_PATHS: [&str; 12] = [
    "feed",
    "rss",
    "rss.xml",
    "feed.xml",
    "atom.xml",
    "index.xml",
    "feeds/all.rss",
    "feed.json",
    "rss/index.xml",
    "feed/rss",
    "index.rdf",
    "rss.php",
];
/// Where sitemaps usually are.
const SITEMAP_PATHS: [&str; 4] = ["news-sitemap.xml", "sitemap-news.xml", "sitemap.xml", "sitemap_index.xml"];

/// How a candidate was found; the order is the order of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Found {
    /// The address that was asked for is one itself.
    Asked,
    /// `<link rel="alternate">`.
    Link,
    /// A `Sitemap:` line of robots.txt.
    Robots,
    /// An anchor that says so.
    Anchor,
    /// A sitemap that a sitemap index lists.
    Index,
    /// A usual place.
    Usual,
}

impl Found {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Found::Asked => "the address asked for",
            Found::Link => "the page declares it",
            Found::Robots => "robots.txt names it",
            Found::Anchor => "the page links to it",
            Found::Index => "the sitemap index lists it",
            Found::Usual => "a usual place",
        }
    }
}

/// Something worth asking for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is.
    pub url: Url,
    /// How it was found.
    pub found: Found,
    /// What the page calls it.
    pub title: Option<String>,
}

/// What a page, with its site's robots.txt, says of feeds; in each list the likeliest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovered {
    /// The site's own name, as the page gives it.
    pub site: Option<String>,
    /// BCP 47 language of the page.
    pub language: Option<String>,
    /// What the page declares.
    pub links: Vec<Candidate>,
    /// Anchors that speak of feeds; some lead to pages about feeds.
    pub anchors: Vec<Candidate>,
    /// Usual places of feeds: below the page's own section, then below the root.
    pub usual: Vec<Candidate>,
    /// Sitemaps that robots.txt names, those of news first.
    pub sitemaps: Vec<Candidate>,
    /// Usual places of sitemaps.
    pub usual_sitemaps: Vec<Candidate>,
    /// WebSub hubs.
    pub hubs: Vec<Url>,
    /// What the document is, when it is no page.
    pub not_a_page: Option<String>,
}

/// Reads a page for what leads to feeds. Never panics, whatever the bytes.
pub fn discover(page: &Document, robots: Option<&str>) -> Discovered {
    let decoded = charset::decode(&page.body, page.content_type.as_deref(), Markup::Html);
    let url = &page.head.final_url;
    let mut reader = Reader { base: url.clone(), ..Reader::new(url) };
    reader.read(&decoded.text);
    let Reader { mut found, names, .. } = reader;
    if !names.is_page {
        found.not_a_page = Some(lookalike::describe(&decoded.text));
    }
    found.site = names.site.or(names.application).or(names.title);
    found.language = names
        .language
        .or_else(|| page.content_language.as_deref().and_then(|tags| channel::language(tags.split(',').next().unwrap_or(tags))));
    // What comments on articles or leads to one author or tag stays behind what tells of the whole.
    found.links.sort_by_key(is_aside);
    found.anchors.sort_by_key(is_aside);
    found.usual = usual(url, &FEED_PATHS);
    // A sitemap that the page declares comes before those at usual places.
    usual(url, &SITEMAP_PATHS).into_iter().for_each(|it| add(&mut found.usual_sitemaps, it.url, it.found, None));
    found.sitemaps = robots.map(|robots| sitemaps(url, robots)).unwrap_or_default();
    found
}

/// The `Sitemap:` lines of a robots.txt (<https://www.sitemaps.org/protocol.html#submit_robots>), those of news first.
pub fn sitemaps(site: &Url, robots: &str) -> Vec<Candidate> {
    let mut end = robots.len().min(MOST_ROBOTS);
    while !robots.is_char_boundary(end) {
        end -= 1;
    }
    let mut found = Vec::new();
    for line in robots[..end].trim_start_matches('\u{FEFF}').lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        if !key.trim().eq_ignore_ascii_case("sitemap") {
            continue;
        }
        if let Some(url) = address::resolve(Some(site), value.split('#').next().unwrap_or(value)) {
            add(&mut found, url, Found::Robots, None);
        }
    }
    found.sort_by_key(|candidate| !speaks_of_news(&candidate.url));
    found
}

/// The sitemaps of an index that are worth a look: those of news, the newest first.
pub fn news_of_index(index: &Feed) -> Vec<Candidate> {
    let mut children: Vec<_> = index.children.iter().filter(|child| speaks_of_news(&child.url)).collect();
    children.sort_by_key(|child| std::cmp::Reverse(child.modified.map(|time| time.at)));
    let mut found = Vec::new();
    children.into_iter().for_each(|child| add(&mut found, child.url.clone(), Found::Index, None));
    found
}

/// The path of the section that a page opens, with a slash at its end.
fn section_of(page: &Url) -> String {
    let folder = &page.path()[..page.path().rfind('/').map_or(0, |at| at + 1)];
    // `/en` is a section as well as `/en/`, but `/en/index.html` is a page in it.
    let own = page.path().rsplit('/').next().unwrap_or_default();
    if own.is_empty() || own.contains('.') { folder.to_owned() } else { format!("{folder}{own}/") }
}

fn usual(page: &Url, paths: &[&str]) -> Vec<Candidate> {
    let mut found = Vec::new();
    let section = section_of(page);
    let depth = section.split('/').filter(|segment| !segment.is_empty()).count();
    let sections = [Some(section).filter(|_| (1..=2).contains(&depth)), Some("/".to_owned())];
    for section in sections.into_iter().flatten() {
        for path in paths {
            if let Some(mut url) = address::resolve(Some(page), &format!("{section}{path}")) {
                url.set_query(None);
                add(&mut found, url, Found::Usual, None);
            }
        }
    }
    found
}

fn add(list: &mut Vec<Candidate>, url: Url, found: Found, title: Option<String>) {
    if list.len() < MOST && !list.iter().any(|known| known.url == url) {
        list.push(Candidate { url, found, title });
    }
}

/// What the head of a page says of the site.
#[derive(Debug, Default)]
struct Names {
    site: Option<String>,
    application: Option<String>,
    title: Option<String>,
    language: Option<String>,
    is_page: bool,
}

/// Walks over the tokens of a page.
struct Reader {
    base: Url,
    based: bool,
    found: Discovered,
    names: Names,
    /// The anchor that is open: where it leads, what its attributes say, its text so far.
    anchor: Option<(String, String, String)>,
    in_title: bool,
}

impl Reader {
    fn new(url: &Url) -> Reader {
        Reader {
            base: url.clone(),
            based: false,
            found: Discovered::default(),
            names: Names::default(),
            anchor: None,
            in_title: false,
        }
    }

    fn read(&mut self, text: &str) {
        for token in Tokens::new(text) {
            match token {
                Token::Start(tag) => self.start(&tag),
                Token::Text(text) => self.text(text),
                Token::Raw(text) if self.in_title => {
                    self.in_title = false;
                    self.names.title = self.names.title.take().or_else(|| named(text));
                }
                Token::End(name) if name.eq_ignore_ascii_case("a") => self.close_anchor(),
                Token::Raw(_) | Token::End(_) | Token::Comment(_) => {}
            }
        }
        self.close_anchor();
    }

    fn start(&mut self, tag: &Tag<'_>) {
        self.in_title = tag.is("title");
        self.names.is_page |= ["html", "head", "body", "a", "div", "p", "link", "meta"].iter().any(|name| tag.is(name));
        if tag.is("html") {
            self.names.language = tag.attribute("lang").and_then(|tag| channel::language(&tag));
        } else if tag.is("base") && !self.based {
            if let Some(base) = tag.attribute("href").and_then(|href| address::resolve(Some(&self.base), &href)) {
                (self.base, self.based) = (base, true);
            }
        } else if tag.is("link") {
            self.link(tag);
        } else if tag.is("meta") {
            self.meta(tag);
        } else if tag.is("a") || tag.is("area") {
            self.close_anchor();
            if let Some(href) = tag.attribute("href") {
                let says = ["title", "aria-label", "class", "rel", "alt"].map(|name| tag.attribute(name).unwrap_or_default());
                self.anchor = Some((href.into_owned(), says.join(" "), String::new()));
            }
        } else if tag.is("img")
            && let Some((_, says, _)) = &mut self.anchor
            && let Some(alt) = tag.attribute("alt")
        {
            says.push(' ');
            says.extend(alt.chars().take(LONGEST_TEXT));
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, _, said)) = &mut self.anchor
            && said.len() < LONGEST_TEXT
        {
            said.extend(markup::decode_entities(text).chars().take(LONGEST_TEXT));
            said.push(' ');
        }
    }

    fn link(&mut self, tag: &Tag<'_>) {
        let Some(href) = tag.attribute("href") else { return };
        let Some(url) = address::resolve(Some(&self.base), &href) else { return };
        let relations = tag.attribute("rel").unwrap_or_default().to_ascii_lowercase();
        let has = |wanted: &str| relations.split_whitespace().any(|relation| relation == wanted);
        if has("hub") && self.found.hubs.len() < MOST && !self.found.hubs.contains(&url) {
            self.found.hubs.push(url);
        } else if has("sitemap") {
            add(&mut self.found.usual_sitemaps, url, Found::Link, None);
        } else if has("feed") || has("alternate") && !has("stylesheet") && is_feed_type(tag, &url) {
            let title = tag.attribute("title").and_then(|title| named(&title));
            add(&mut self.found.links, url, Found::Link, title);
        }
    }

    fn meta(&mut self, tag: &Tag<'_>) {
        let key = tag.attribute("property").or_else(|| tag.attribute("name")).unwrap_or_default().to_ascii_lowercase();
        let content = || tag.attribute("content");
        match key.as_str() {
            "og:site_name" => self.names.site = self.names.site.take().or_else(|| content().and_then(|text| named(&text))),
            "application-name" => {
                self.names.application = self.names.application.take().or_else(|| content().and_then(|text| named(&text)));
            }
            "og:locale" if self.names.language.is_none() => {
                self.names.language = content().and_then(|tag| channel::language(&tag));
            }
            _ => {}
        }
    }

    fn close_anchor(&mut self) {
        let Some((href, says, text)) = self.anchor.take() else { return };
        let Some(url) = address::resolve(Some(&self.base), &href) else { return };
        let said = format!("{text} {says}");
        if self.found.anchors.len() < MOST && (speaks_of_feeds(&said) || is_feed_address(&url)) && !is_of_others(&url) {
            add(&mut self.found.anchors, url, Found::Anchor, named(&text));
        }
    }
}

/// A name of one line, not too long.
fn named(text: &str) -> Option<String> {
    Some(entry::bounded_title(&markup::plain(text))).filter(|name| !name.is_empty())
}
