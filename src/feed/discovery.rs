//! Where a site's feeds may be: what its page links to, what robots.txt names, what is usual. And which find is the best.

use std::collections::HashSet;

use crate::address;
use crate::charset::{self, Markup};
use crate::markup::{self, Tag, Token, Tokens};
use crate::model::{Document, Entry, Feed, FeedKind, Precision, Timestamp, Url, ZoneSource};

use super::{channel, entry, lookalike};

/// Most candidates of one kind that are kept.
const MOST: usize = 32;
/// Longest text of an anchor that is looked at.
const LONGEST_TEXT: usize = 200;
/// Bytes of a robots.txt that are read (RFC 9309 §2.5).
const MOST_ROBOTS: usize = 500 * 1024;
/// Two feeds of which at least so many of a hundred entries are the same are one in two formats.
const SAME_ENTRIES: usize = 80;

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

/// Where the sites of these addresses keep their robots.txt, each once.
pub fn robots_of<'a>(addresses: impl Iterator<Item = &'a Url>) -> Vec<Url> {
    let mut robots: Vec<Url> = addresses.filter_map(|url| address::resolve(Some(url), "/robots.txt")).collect();
    robots.sort();
    robots.dedup();
    robots
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

fn speaks_of_news(url: &Url) -> bool {
    words(url.path()).any(|word| word.starts_with("news") || word.ends_with("news") || word == "latest")
}

fn usual(page: &Url, paths: &[&str]) -> Vec<Candidate> {
    let mut found = Vec::new();
    let folder = &page.path()[..page.path().rfind('/').map_or(0, |at| at + 1)];
    // `/en` is a section as well as `/en/`, but `/en/index.html` is a page in it.
    let own = page.path().rsplit('/').next().unwrap_or_default();
    let section = if own.is_empty() || own.contains('.') { folder.to_owned() } else { format!("{folder}{own}/") };
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

/// Whether a `link rel=alternate` is meant for feed readers: other languages and print versions are alternates too.
fn is_feed_type(tag: &Tag<'_>, url: &Url) -> bool {
    let kind = tag.attribute("type").unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match kind {
        "application/rss+xml" | "application/atom+xml" | "application/rdf+xml" | "application/feed+json" => true,
        "application/rss" | "application/atom" | "text/rss+xml" | "text/rss" | "text/atom+xml" | "application/rdf" => true,
        "application/x.atom+xml" | "application/x-atom+xml" | "application/x-rss+xml" => true,
        // Types that are wrong or say nothing: the address or the title has to speak.
        "text/xml" | "application/xml" | "application/json" | "text/plain" | "" => {
            let title = tag.attribute("title").unwrap_or_default();
            kind.ends_with("xml") && tag.attribute("hreflang").is_none() || speaks_of_feeds(&title) || is_feed_address(url)
        }
        _ => false,
    }
}

/// Lower-case words of Latin letters and digits, and runs of other letters.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect::<Vec<_>>()
        .into_iter()
}

/// Whether a text says that there is a feed, in the languages of the press.
fn speaks_of_feeds(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "rss",
        "rss1",
        "rss2",
        "atom",
        "feed",
        "feeds",
        "rssfeed",
        "rssfeeds",
        "newsfeed",
        "webfeed",
        "rdf",
        "лента",
        "ленты",
        "стрічка",
        "besleme",
        "فید",
    ];
    const PARTS: [&str; 8] = ["フィード", "订阅", "訂閱", "خلاصات", "خوراک", "피드", "פיד", "ฟีด"];
    words(text).any(|word| WORDS.contains(&word.as_str())) || PARTS.iter().any(|part| text.contains(part))
}

/// Whether an address looks like a feed's.
fn is_feed_address(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    [".rss", ".rdf", ".atom"].iter().any(|ending| path.ends_with(ending))
        || words(&path).any(|word| matches!(word.as_str(), "rss" | "rss2" | "feed" | "feeds" | "atom" | "rssfeed" | "rssfeeds"))
        || url.query_pairs().any(|(name, value)| {
            matches!(name.as_ref(), "feed" | "rss" | "atom")
                || matches!(value.to_ascii_lowercase().as_str(), "rss" | "rss2" | "feed" | "atom")
        })
}

/// Buttons that add a feed to somebody's reader, and pictures.
fn is_of_others(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let readers = url.query_pairs().any(|(_, value)| value.starts_with("http://") || value.starts_with("https://"));
    readers || [".png", ".gif", ".jpg", ".svg", ".pdf", ".mp3"].iter().any(|ending| path.ends_with(ending))
}

fn is_aside(candidate: &Candidate) -> bool {
    is_of_comments(&candidate.url, candidate.title.as_deref()) || is_of_one_tag(&candidate.url)
}

/// Whether a feed brings readers' comments.
fn is_of_comments(url: &Url, title: Option<&str>) -> bool {
    const WORDS: [&str; 16] = [
        "comment",
        "comments",
        "kommentar",
        "kommentare",
        "commentaire",
        "commentaires",
        "comentario",
        "comentarios",
        "commenti",
        "comentarii",
        "reacties",
        "комментарии",
        "комментариев",
        "коментарі",
        "yorum",
        "yorumlar",
    ];
    let says = |text: &str| words(text).any(|word| WORDS.contains(&word.as_str()));
    says(url.path()) || url.query_pairs().any(|(_, value)| says(&value)) || title.is_some_and(says)
}

/// Whether a feed is about one tag, author or query.
fn is_of_one_tag(url: &Url) -> bool {
    const WORDS: [&str; 9] = ["tag", "tags", "author", "authors", "search", "label", "topic", "category", "user"];
    words(url.path()).any(|word| WORDS.contains(&word.as_str()))
        || url.query_pairs().any(|(name, _)| matches!(name.as_ref(), "tag" | "cat" | "author" | "s" | "q"))
}

/// What a document turned out to be: sitemaps have no title, no page and no ids.
pub fn kind_of(feed: &Feed) -> FeedKind {
    let map_like = feed.title.is_none() && feed.link.is_none() && feed.entries.iter().all(|entry| entry.id.is_none());
    if !feed.children.is_empty() || map_like { FeedKind::Sitemap } else { FeedKind::Feed }
}

/// How good a find is, and why, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank {
    /// The more, the better.
    pub points: i32,
    /// The reasons, those that weigh most first.
    pub reasons: Vec<String>,
    /// Whether it can be recommended at all: it has entries, they are no comments.
    pub usable: bool,
}

/// Judges a find that was read. `site` is the page it was found for, `answered` where the feed came from in the end.
pub fn rank(site: &Url, candidate: &Candidate, answered: &Url, feed: &Feed, kind: FeedKind, now: Timestamp) -> Rank {
    let entries = &feed.entries;
    let mut points: Vec<(i32, String)> = Vec::new();
    let mut say = |weight: i32, reason: String| points.push((weight, reason));
    let news = is_news(entries);
    match kind {
        FeedKind::Sitemap if news => say(40, "a news sitemap".to_owned()),
        FeedKind::Sitemap => say(0, "a sitemap without news in it".to_owned()),
        _ => say(100, "a feed".to_owned()),
    }
    say(10 - 2 * candidate.found as i32, candidate.found.as_str().to_owned());
    if !address::same_site(site, answered) {
        say(-20, format!("on another site, {}", address::host_key(answered)));
    }
    match entries.len() {
        0 => say(-200, "without entries".to_owned()),
        count => say(if count >= 10 { 10 } else { 0 }, format!("{count} entries")),
    }
    if !entries.is_empty() {
        of_dates(entries, now, &mut say);
    }
    let titled = entries.iter().filter(|entry| entry.title.is_some()).count();
    if titled < entries.len() {
        say(-20, format!("{} entries without a title", entries.len() - titled));
    }
    let unlinked = entries.iter().filter(|entry| entry.url.is_none()).count();
    if unlinked * 2 > entries.len() {
        say(-60, format!("{unlinked} entries without a page"));
    }
    let title = feed.title.as_deref().or(candidate.title.as_deref());
    let comments = is_of_comments(answered, title) || is_of_comments(&candidate.url, candidate.title.as_deref());
    if comments {
        say(-150, "readers' comments".to_owned());
    }
    if is_of_one_tag(answered) {
        say(-30, "one tag, author or section only".to_owned());
    }
    points.sort_by_key(|(weight, _)| std::cmp::Reverse(weight.abs()));
    let total = points.iter().map(|(weight, _)| weight).sum();
    let usable = !comments && unlinked * 2 <= entries.len() && !entries.is_empty() && (kind != FeedKind::Sitemap || news);
    Rank { points: total, reasons: points.into_iter().map(|(_, reason)| reason).collect(), usable }
}

/// Whether the entries of a sitemap are news: most carry a title and a date of publication.
fn is_news(entries: &[Entry]) -> bool {
    let news = entries.iter().filter(|entry| entry.title.is_some() && entry.published.is_some()).count();
    news > 0 && news * 2 >= entries.len()
}

fn of_dates(entries: &[Entry], now: Timestamp, say: &mut impl FnMut(i32, String)) {
    const DAY: i64 = 86_400;
    let times: Vec<_> = entries.iter().filter_map(|entry| entry.published.or(entry.updated)).collect();
    let Some(newest) = times.iter().map(|time| time.at).max() else {
        return say(-15, "entries without dates".to_owned());
    };
    let days = (now.as_second() - newest.as_second()).div_euclid(DAY);
    match days {
        ..=2 => say(20, "news of the last days".to_owned()),
        3..=14 => say(10, format!("newest entry {days} days old")),
        15..=90 => say(-10, format!("newest entry {days} days old")),
        _ => say(-60, format!("newest entry {days} days old")),
    }
    let full = times.iter().filter(|time| time.precision != Precision::Day && time.zone_source != ZoneSource::Assumed).count();
    if full < entries.len() {
        say(-5, format!("{} entries without a full date", entries.len() - full));
    }
}

/// Whether two feeds list the same articles, as one feed in two formats does.
pub fn lists_the_same(one: &Feed, other: &Feed) -> bool {
    let keys = |feed: &Feed| feed.entries.iter().filter_map(|entry| entry.url.as_ref().map(address::key)).collect::<HashSet<_>>();
    let (one, other) = (keys(one), keys(other));
    let fewer = one.len().min(other.len());
    fewer > 0 && one.intersection(&other).count() * 100 >= fewer * SAME_ENTRIES
}

/// What an operator should know of the dates: the offset they carry is no zone, and without one a zone has to be named.
pub fn about_dates(feed: &Feed) -> Option<String> {
    let times: Vec<_> = feed.entries.iter().filter_map(|entry| entry.published.or(entry.updated)).collect();
    if times.iter().any(|time| time.zone_source == ZoneSource::Assumed) {
        return Some("dates come without a zone: set timezone = \"Area/City\", or they are taken for UTC".to_owned());
    }
    let mut offsets: Vec<i16> = times.iter().filter_map(|time| time.offset_minutes).collect();
    offsets.sort_unstable();
    offsets.dedup();
    match offsets.as_slice() {
        [] | [0] => None,
        offsets => {
            let shown: Vec<String> = offsets.iter().take(4).map(|offset| shown_offset(*offset)).collect();
            Some(format!(
                "dates carry their offset ({}); a timezone is needed only for pages whose dates have none",
                shown.join(", ")
            ))
        }
    }
}

fn shown_offset(minutes: i16) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60)
}
