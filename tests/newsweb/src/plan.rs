//! What a web is made of: the agencies, their habits, and the weather between them and the reader.

use std::time::Duration;

/// The whole web. `Plan::default()` is one English agency in good weather.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The agencies; each has a host (address and port) of its own.
    pub agencies: Vec<Agency>,
    /// Faults by chance, the same ones in every run with this seed.
    pub faults: Faults,
    /// Texts, names and faults follow from it.
    pub seed: u64,
    /// What the web takes for the present.
    pub clock: Clock,
    /// Whether every agency has a loopback address of its own (127.0.0.2, 127.0.0.3, …) where the system allows it.
    /// Otherwise they differ by port alone.
    pub own_addresses: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Plan { agencies: vec![Agency::new("gazette")], faults: Faults::default(), seed: 7, clock: Clock::Real, own_addresses: true }
    }
}

impl Plan {
    /// A plan of these agencies.
    pub fn of(agencies: impl IntoIterator<Item = Agency>) -> Self {
        Plan { agencies: agencies.into_iter().collect(), ..Plan::default() }
    }

    /// `count` agencies of all languages, layouts and formats in turn, with `items` articles each.
    pub fn mixed(count: usize, items: usize, seed: u64) -> Self {
        let agencies = (0..count).map(|number| {
            let mut agency = Agency::new(&format!("agency-{number:03}"));
            agency.language = Language::ALL[number % 5];
            agency.layout = Layout::ALL[number % 6];
            agency.format = Format::ALL[(number / 2) % 6];
            agency.charset = agency.language.old_charset().filter(|_| number % 3 == 2).unwrap_or(Charset::Utf8);
            agency.offset_minutes = [240, 180, 0, -300, 480][number % 5];
            agency.items = items;
            agency.window = items.max(agency.window);
            agency
        });
        Plan { seed, ..Plan::of(agencies) }
    }
}

/// What the web takes for the present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock.
    Real,
    /// A clock that starts at these Unix seconds and goes on one minute with every thing published: dates, URLs
    /// and bytes are then the same in every run.
    Stepped(i64),
}

/// One agency: what it writes and how its site behaves.
#[derive(Debug, Clone)]
pub struct Agency {
    /// Its name in calls and logs, `[a-z0-9-]+`.
    pub name: String,
    /// Its name as readers know it.
    pub title: String,
    /// The language of its stories.
    pub language: Language,
    /// How its pages are built.
    pub layout: Layout,
    /// Its principal feed; all the other formats stand beside it.
    pub format: Format,
    /// Articles already there when the web starts.
    pub items: usize,
    /// How many of the newest its feeds list.
    pub window: usize,
    /// Its wall clock, in minutes east of UTC.
    pub offset_minutes: i32,
    /// How pages and feeds are encoded.
    pub charset: Charset,
    /// Where that encoding is declared.
    pub declared: Declared,
    /// What identifies an entry.
    pub guid: Guid,
    /// How feeds write links.
    pub links: Links,
    /// What feeds say of an article beside its title.
    pub summary: Summary,
    /// How feeds write dates.
    pub dates: Dates,
    /// What `rel=canonical` says.
    pub canonical: Canonical,
    /// What stands in `/robots.txt`.
    pub robots: Robots,
    /// How the feeds are broken, if they are.
    pub malformed: Option<Malformed>,
    /// Which validators answers carry.
    pub validators: Validators,
    /// Whether answers are compressed for who asks for it.
    pub gzip: bool,
    /// Whether stories open with place and day.
    pub datelines: bool,
    /// The agency whose stories it reprints at every second `tick`.
    pub copies_from: Option<String>,
    /// Whether it rewrites its latest story at every second `tick`.
    pub updates: bool,
    /// The host name its URLs carry instead of the address; the port stays. Needs a reader that resolves it.
    pub host_name: Option<String>,
    /// What its `Cache-Control` says on feeds, e.g. `max-age=300`.
    pub cache_control: Option<String>,
    /// How far back the articles reach that are there when the web starts; five days at most when left out.
    pub reaches_back: Option<Duration>,
    /// Whether all its articles stand in sitemaps under an index at `/sitemap_index.xml`.
    pub sitemaps: Option<Sitemaps>,
    /// Whether its feeds lead to older articles.
    pub archives: Option<Archives>,
}

/// The sitemaps of an agency: `/sitemaps/part-1.xml` holds its first articles, and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sitemaps {
    /// Articles of one sitemap.
    pub part: usize,
    /// Whether the index says when each changed last.
    pub lastmod: bool,
    /// Whether every second one is a gzip file (`/sitemaps/part-2.xml.gz`).
    pub packed: bool,
    /// Whether they stand below two further indexes, the second of which names the first index again.
    pub nested: bool,
    /// Whether the index names the news sitemap as well.
    pub news: bool,
}

impl Default for Sitemaps {
    fn default() -> Self {
        Sitemaps { part: 20, lastmod: true, packed: false, nested: false, news: false }
    }
}

/// How feeds lead to older articles (RFC 5005), in RSS 2.0 and Atom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archives {
    /// `rel=prev-archive` to `/archive/N.xml`, each with so many articles; the oldest is number 1.
    Chain(usize),
    /// `rel=next` to `?page=2`, each page as long as the feed.
    Paged,
}

impl Agency {
    /// An English agency with a modern site, RSS 2.0 and ten articles; change what the test is about.
    pub fn new(name: &str) -> Self {
        let title = name.split('-').map(capital).collect::<Vec<_>>().join(" ");
        Agency {
            name: name.to_owned(),
            title: format!("{title} News Agency"),
            language: Language::English,
            layout: Layout::Modern,
            format: Format::Rss2,
            items: 10,
            window: 20,
            offset_minutes: 0,
            charset: Charset::Utf8,
            declared: Declared::Everywhere,
            guid: Guid::Permalink,
            links: Links::Plain,
            summary: Summary::Lede,
            dates: Dates::Zoned,
            canonical: Canonical::Own,
            robots: Robots::Allow,
            malformed: None,
            validators: Validators::Both,
            gzip: true,
            datelines: true,
            copies_from: None,
            updates: false,
            host_name: None,
            cache_control: None,
            reaches_back: None,
            sitemaps: None,
            archives: None,
        }
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The languages the generator writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Language {
    English,
    Russian,
    Azerbaijani,
    Turkish,
    Chinese,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 5] =
        [Language::English, Language::Russian, Language::Azerbaijani, Language::Turkish, Language::Chinese];

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Russian => "ru",
            Language::Azerbaijani => "az",
            Language::Turkish => "tr",
            Language::Chinese => "zh",
        }
    }

    /// The encoding an old site of this language would use.
    pub fn old_charset(self) -> Option<Charset> {
        match self {
            Language::English => Some(Charset::Latin1),
            Language::Russian => Some(Charset::Windows1251),
            Language::Turkish => Some(Charset::Windows1254),
            Language::Chinese => Some(Charset::Gb2312),
            Language::Azerbaijani => None,
        }
    }
}

/// How a page is built. Every layout has navigation, related headlines, share bars and a footer around the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layout {
    /// A wire agency's page: headline, byline and date line doubled, "Read more", promotional trailer, no JSON-LD.
    Classic,
    /// A current page: JSON-LD `NewsArticle` in a `@graph`, figures, newsletter box, cookie banner.
    Modern,
    /// OpenGraph properties and an `<article>` element, nothing more.
    OpenGraph,
    /// A page of the nineties: nested tables, `<font>`, paragraphs parted by `<br><br>`.
    Table,
    /// `<div>` for everything, class names that say nothing, paragraphs are `<div>` too.
    Soup,
    /// schema.org microdata (`itemprop`) in the text's own markup.
    Microdata,
}

impl Layout {
    /// All of them.
    pub const ALL: [Layout; 6] =
        [Layout::Classic, Layout::Modern, Layout::OpenGraph, Layout::Table, Layout::Soup, Layout::Microdata];
}

/// What is written in a feed's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Format {
    Rss2,
    Rss091,
    Rdf,
    Atom,
    JsonFeed,
    NewsSitemap,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 6] = [Format::Rss2, Format::Rss091, Format::Rdf, Format::Atom, Format::JsonFeed, Format::NewsSitemap];

    /// Where it stands at every agency.
    pub fn path(self) -> &'static str {
        match self {
            Format::Rss2 => "/rss.xml",
            Format::Rss091 => "/rss091.xml",
            Format::Rdf => "/feed.rdf",
            Format::Atom => "/atom.xml",
            Format::JsonFeed => "/feed.json",
            Format::NewsSitemap => "/news-sitemap.xml",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Rss2 | Format::Rss091 => "application/rss+xml",
            Format::Rdf => "application/rdf+xml",
            Format::Atom => "application/atom+xml",
            Format::JsonFeed => "application/feed+json",
            Format::NewsSitemap => "application/xml",
        }
    }
}

/// How text becomes bytes. What an encoding cannot say is written as a numeric character reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Charset {
    Utf8,
    Latin1,
    Windows1251,
    Windows1254,
    Koi8R,
    Gb2312,
    /// Little-endian, with a byte order mark.
    Utf16,
}

/// Where the encoding is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// In `Content-Type` and in the document.
    Everywhere,
    /// In `Content-Type` alone.
    Header,
    /// In `<meta>` or the XML declaration alone.
    Document,
    /// Nowhere.
    Nowhere,
    /// `Content-Type` says ISO-8859-1, the document says the truth.
    HeaderLies,
}

/// What identifies an entry of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guid {
    /// The page's URL.
    Permalink,
    /// A number that is no URL (`isPermaLink="false"`, `tag:` in Atom).
    Opaque,
    /// Nothing where the format lets it be absent.
    Absent,
}

/// How feeds write links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// The page's URL.
    Plain,
    /// The page's URL with `utm_…` parameters behind it.
    Tracked,
    /// The path alone, to be resolved against the feed.
    Relative,
}

/// What feeds say of an article beside its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Summary {
    /// The beginning of the first paragraph.
    Lede,
    /// The same as HTML with an image before it and a "Read more" behind.
    Markup,
    /// The whole text as HTML.
    Full,
    /// Nothing.
    Absent,
}

/// How feeds write dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dates {
    /// As the format asks, with an offset.
    Zoned,
    /// `2024-04-23T21:00:00`: the agency's wall clock without a zone.
    Local,
    /// None at all.
    Absent,
}

/// What `rel=canonical` says on an article's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Canonical {
    /// The page's own URL, without parameters.
    Own,
    /// The home page, on every page.
    Home,
    /// A reprint points to its origin, at the other agency; other pages to themselves.
    Origin,
    /// This prefix and the path of the page.
    Foreign(String),
    /// There is no such link.
    Absent,
}

/// What stands in `/robots.txt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Robots {
    /// Everything is allowed, and the sitemap is named.
    Allow,
    /// Everything is allowed at this many seconds a request.
    Delay(u32),
    /// Paths with this prefix are forbidden to everyone.
    Disallow(String),
    /// This text.
    Text(String),
    /// This status, e.g. 404 (nothing is forbidden) or 500 (everything is).
    Status(u16),
}

/// How a feed is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Malformed {
    /// `& Sons` in some titles.
    BareAmpersand,
    /// `&nbsp;` and `&ndash;` in some titles, without a declaration.
    UndeclaredEntity,
    /// The last entry opens an element that is never closed.
    UnclosedTag,
    /// The document stops in the middle of its last entry, under a matching `Content-Length`.
    Truncated,
    /// Blank lines and a notice of the site's script before the XML declaration.
    LeadingJunk,
    /// U+0008 in some titles.
    ControlCharacter,
    /// The byte 0xFF in some titles.
    BadBytes,
}

impl Malformed {
    /// All of them.
    pub const ALL: [Malformed; 7] = [
        Malformed::BareAmpersand,
        Malformed::UndeclaredEntity,
        Malformed::UnclosedTag,
        Malformed::Truncated,
        Malformed::LeadingJunk,
        Malformed::ControlCharacter,
        Malformed::BadBytes,
    ];
}

/// Which validators answers carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validators {
    /// `ETag` and `Last-Modified`.
    Both,
    /// A strong `ETag`.
    Tag,
    /// A weak `ETag` (`W/"…"`).
    WeakTag,
    /// `Last-Modified`.
    Date,
    /// None.
    Absent,
    /// Both are sent, conditions are not honoured.
    Ignored,
}

/// Faults by chance: each answer throws dice that depend on the seed, the agency, the path and how often it was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    /// Chance of 503.
    pub p503: f64,
    /// Chance of 429 with `Retry-After: retry_after`.
    pub p429: f64,
    /// Seconds a 429 asks for.
    pub retry_after: u32,
    /// Chance of a connection reset before a byte is sent.
    pub preset: f64,
    /// Chance of a body that ends before its `Content-Length`.
    pub pcut: f64,
    /// Every answer waits for a time between these two.
    pub latency: (Duration, Duration),
    /// After so many faults in a row the same URL answers.
    pub most_in_a_row: u32,
    /// Whether `/robots.txt` has no faults (its 5xx forbids the whole host).
    pub spare_robots: bool,
}

impl Default for Faults {
    fn default() -> Self {
        Faults {
            p503: 0.0,
            p429: 0.0,
            retry_after: 1,
            preset: 0.0,
            pcut: 0.0,
            latency: (Duration::ZERO, Duration::ZERO),
            most_in_a_row: 2,
            spare_robots: false,
        }
    }
}

/// A fault on demand: how answers to certain requests go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This status and a short body.
    Status(u16),
    /// This status with this `Retry-After` (seconds or a date).
    RetryAfter(u16, String),
    /// The connection is reset before a byte is sent.
    Reset,
    /// The head and so many bytes of the body are sent, then the connection is reset.
    ResetAfter(usize),
    /// So many bytes of the body are sent under the full `Content-Length`, then the connection is closed.
    CutBody(usize),
    /// As `CutBody`, in chunks: the last one never comes.
    CutChunked(usize),
    /// The body is sent in chunks, whole.
    Chunked,
    /// No `Content-Length`: the body ends with the connection.
    NoLength,
    /// The head comes after this time.
    Slow(Duration),
    /// The body comes so many bytes at a time with this time between.
    Drip(usize, Duration),
    /// `Content-Type` names this charset, whatever the bytes are.
    WrongCharset(String),
    /// `Content-Type` is this.
    ContentType(String),
    /// 302 to this address (absolute or relative).
    Redirect(String),
    /// This redirect status to this address.
    RedirectWith(u16, String),
    /// 302 to the same address, for ever.
    RedirectLoop,
    /// 200 with an empty body.
    Empty,
    /// The body is followed by so many bytes of blanks.
    Swell(usize),
    /// The body is so many zero bytes under `Content-Encoding: gzip`.
    GzipBomb(usize),
    /// The body is called gzip and is not.
    BadGzip,
    /// So many bytes of header fields before the body.
    HeaderFlood(usize),
    /// Bytes that are no HTTP, then the connection is closed.
    Garbage,
    /// The request is read and never answered.
    Silence,
}

/// Which requests a fault or a gate is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Requests for this URL; without a query of its own, with any query.
    Url(String),
    /// Requests to this agency.
    Agency(String),
    /// Requests to this agency for its articles, not for feeds, robots.txt or the home page.
    Articles(String),
    /// All requests.
    Everything,
}

impl From<&str> for Scope {
    fn from(url: &str) -> Self {
        Scope::Url(url.to_owned())
    }
}

impl From<&String> for Scope {
    fn from(url: &String) -> Self {
        Scope::Url(url.clone())
    }
}

impl From<String> for Scope {
    fn from(url: String) -> Self {
        Scope::Url(url)
    }
}
