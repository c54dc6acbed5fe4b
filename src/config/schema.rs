//! Every key there is: what it takes, its default, its meaning, when it applies, and where it goes.

use std::time::Duration;

use crate::article::Rules;
use crate::dedup::{Reach, Selection};
use crate::fetch::{Keeping, SourceRequest};
use crate::model::Url;
use crate::schedule::Terms;

use super::Settings;
use super::check::{Kind, Read, Take, Value};
use super::mistake::Wrong;
use super::{language, quantity, secret, words};

/// What is known about a key. The documentation is checked against these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Key {
    /// With the tables around it: `fetch.timeout`, `source.extract.body`.
    pub path: &'static str,
    /// What it takes, in words.
    pub what: &'static str,
    /// Its default as TOML; empty for a key that must be given.
    pub default: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// When a change of it applies.
    pub applies: Applies,
}

/// When a changed key applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applies {
    /// At reload; jobs in hand keep what they started with.
    Reload,
    /// At the next start.
    Restart,
}

impl Applies {
    /// The word used in the documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Applies::Reload => "reload",
            Applies::Restart => "restart",
        }
    }
}

/// A key with its check and its field.
pub(super) struct Entry<T> {
    pub(super) key: Key,
    pub(super) kind: Kind,
    /// Puts a checked value, found at an offset, into its field.
    pub(super) put: fn(&mut T, Value, usize),
    /// Whether two have the same value.
    pub(super) same: fn(&T, &T) -> bool,
}

/// A source while its table is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) was: Option<String>,
    pub(super) agency: Option<String>,
    pub(super) enabled: bool,
    pub(super) feed: Option<FeedAt>,
    pub(super) feeds: Vec<FeedAt>,
    pub(super) sitemaps: Vec<FeedAt>,
    pub(super) home: Option<FeedAt>,
    pub(super) timezone: Option<String>,
    pub(super) language: Option<String>,
    pub(super) selection: Selection,
    pub(super) reach: Reach,
    pub(super) rules: Rules,
    pub(super) terms: Terms,
    pub(super) request: SourceRequest<Keeping>,
}

/// An address with its offset in the text.
#[derive(Debug, Clone)]
pub(super) struct FeedAt {
    pub(super) url: Url,
    pub(super) at: usize,
}

impl Take for FeedAt {
    fn take(value: Value, at: usize) -> Option<Self> {
        match value {
            Value::Url(url) => Some(FeedAt { url, at }),
            _ => None,
        }
    }
}

/// The patterns of further files; for the caller, who reads them.
pub(super) const INCLUDE: Entry<Vec<String>> = Entry {
    key: Key {
        path: "include",
        what: "an array of file patterns",
        default: "[]",
        doc: "Further files with sources, relative to this one; `*` may stand in the last part",
        applies: Applies::Reload,
    },
    kind: Kind::Words(|text| words::file_pattern(text).map(Value::Text)),
    put: |patterns, value, at| *patterns = Take::take(value, at).unwrap_or_default(),
    same: |one, other| one == other,
};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);
const TENTH: Duration = Duration::from_millis(100);

/// The operator's word for "no limit".
const FOREVER: &str = "forever";

/// One line a key of `Settings`.
macro_rules! setting {
    ($path:literal, $what:literal, $default:literal, $applies:ident, $kind:expr, $($field:ident).+, $doc:literal) => {
        Entry {
            key: Key { path: $path, what: $what, default: $default, doc: $doc, applies: Applies::$applies },
            kind: $kind,
            put: |settings: &mut Settings, value, at| {
                if let Some(taken) = Take::take(value, at) {
                    settings.$($field).+ = taken;
                }
            },
            same: |one, other| one.$($field).+ == other.$($field).+,
        }
    };
}

/// The keys of the house, in the order of the shipped file.
#[rustfmt::skip]
pub(super) static SETTINGS: [Entry<Settings>; 38] = [
    setting!("store.url", "a ledger as \"sqlite:PATH\"", r#""sqlite:/var/lib/wireroom/wireroom.db""#, Restart,
        Kind::Word(|t| words::ledger(t).map(Value::Path)), store.path,
        "Where the ledger is; a relative path counts from the folder of the configuration file"),
    setting!("store.group_readable", "true or false", "true", Restart,
        Kind::Flag, store.group_readable,
        "Whether the group may read the ledger (0640/0750) or only its owner (0600/0700)"),
    setting!("retention.raw", "a duration or \"forever\"", r#""90d""#, Restart,
        Kind::Word(|t| limit(t, Duration::from_secs(3600), 36_500 * DAY)), store.keep_raw,
        "How long raw responses are kept, from which articles can be read again by a better reader"),
    setting!("fetch.contact", "an address as \"mailto:…\" or \"https://…\"", r#""mailto:you@example.org""#, Reload,
        Kind::Word(|t| words::contact(t).map(Value::Text)), fetch.contact,
        "Where an agency can reach you; part of the user agent, and `run` insists on it"),
    setting!("fetch.per_host_delay", "a duration", r#""1s""#, Reload,
        Kind::Word(|t| duration(t, Duration::ZERO, 3600 * SECOND)), fetch.per_host_delay,
        "Distance of requests to one host, from start to start; a longer `Crawl-delay` wins"),
    setting!("fetch.per_host_connections", "a whole number", "1", Reload,
        Kind::Count(1, 64), fetch.per_host_connections,
        "Requests to one host at the same time"),
    setting!("fetch.concurrency", "a whole number", "64", Restart,
        Kind::Count(1, 4096), fetch.concurrency,
        "Requests at the same time, all hosts together; a quarter of them may be polls"),
    setting!("fetch.timeout", "a duration", r#""30s""#, Reload,
        Kind::Word(|t| duration(t, TENTH, 600 * SECOND)), fetch.timeout,
        "Longest whole request, with redirects and body"),
    setting!("fetch.connect_timeout", "a duration", r#""10s""#, Reload,
        Kind::Word(|t| duration(t, TENTH, 600 * SECOND)), fetch.connect_timeout,
        "Longest wait for a connection; at most `timeout`"),
    setting!("fetch.max_body", "a size", r#""8MiB""#, Reload,
        Kind::Word(|t| quantity::size(t, 1 << 10, 1 << 30).map(Value::Size)), fetch.max_body,
        "Largest body of a page or feed, counted after decompression; a sitemap may have 52 MiB, one at a time"),
    setting!("fetch.max_redirects", "a whole number", "10", Reload,
        Kind::Count(0, 20), fetch.max_redirects,
        "Most redirects that are followed"),
    setting!("fetch.allow_private", "an array of hosts", "[]", Reload,
        Kind::Words(|t| words::private_host(t).map(Value::Text)), fetch.allow_private,
        "Hosts, as `host` or `host:port`, that may have a private or loopback address"),
    setting!("fetch.slow_down", "a whole number", "2", Reload,
        Kind::Count(0, 100), fetch.manners.slow_down,
        "How many times an answer's time passes until the next request to its host, at least; 0: slow hosts are not spared"),
    setting!("fetch.crawl_delay_max", "a duration", r#""2m""#, Reload,
        Kind::Word(|t| duration(t, Duration::ZERO, 3600 * SECOND)), fetch.manners.crawl_delay_max,
        "Longest distance of requests that a `Crawl-delay` or a host's slowness brings about"),
    setting!("fetch.retry_after_scope", "\"host\" or \"feed\"", r#""host""#, Reload,
        Kind::Word(|t| words::retry_scope(t).map(Value::RetryScope)), fetch.manners.retry_after_scope,
        "Whom a `Retry-After` given for one feed keeps away: every request to the host, or that feed alone"),
    setting!("fetch.redirects_before_move", "a whole number", "3", Reload,
        Kind::Count(0, 1000), fetch.manners.redirects_before_move,
        "Polls in a row that a permanent redirect must lead to one address before that is asked instead; 0: never"),
    setting!("fetch.redirects_before_move_for", "a duration", r#""1d""#, Reload,
        Kind::Word(|t| duration(t, Duration::ZERO, 365 * DAY)), fetch.manners.redirects_before_move_for,
        "How long a permanent redirect must lead to one address before that is asked instead: a mistake may be mended by then"),
    setting!("fetch.feeds_obey_robots", "true or false", "false", Reload,
        Kind::Flag, fetch.manners.feeds_obey_robots,
        "Whether robots.txt binds polls of feeds that you named; pages and what a page leads to always obey it"),
    setting!("fetch.robots_unreachable_after", "a duration", r#""30d""#, Reload,
        Kind::Word(|t| duration(t, 3600 * SECOND, 3660 * DAY)), fetch.manners.robots_unreachable_after,
        "How long a robots.txt may be out of reach, and everything forbidden, until it counts as absent"),
    setting!("fetch.obey_reservations", "an array of reservations", "[]", Reload,
        Kind::Words(|t| words::reservation(t).map(Value::Text)), obey_reservations,
        "Reservations of publishers that are respected: such a page is skipped; always kept as `reservations` of the article"),
    setting!("schedule.min_interval", "a duration", r#""5m""#, Reload,
        Kind::Word(|t| duration(t, TENTH, 7 * DAY)), schedule.min_interval,
        "No feed is polled more often than this"),
    setting!("schedule.max_interval", "a duration", r#""4h""#, Reload,
        Kind::Word(|t| duration(t, TENTH, 30 * DAY)), schedule.max_interval,
        "No healthy feed is polled more rarely than this, unless its server asks for it"),
    setting!("schedule.polls_per_day", "a whole number", "24", Reload,
        Kind::Count(1, 1_000_000), schedule.polls_per_day,
        "Mean budget of polls for a feed and day; they are spent where news appears"),
    setting!("schedule.max_freshness", "a duration", r#""1d""#, Reload,
        Kind::Word(|t| duration(t, Duration::ZERO, 30 * DAY)), schedule.max_freshness,
        "Longest that `max-age`, `Expires`, `ttl` or an update period keeps a feed from being polled"),
    setting!("schedule.forbidden_rest", "a duration", r#""4h""#, Reload,
        Kind::Word(|t| duration(t, TENTH, 30 * DAY)), schedule.forbidden_rest,
        "Least pause of a feed whose server forbids it (401, 403, 451)"),
    setting!("schedule.gone_rest", "a duration", r#""30d""#, Reload,
        Kind::Word(|t| duration(t, TENTH, 365 * DAY)), schedule.gone_rest,
        "Pause between two looks at a feed that is gone for good (410)"),
    setting!("schedule.scrape_attempts", "a whole number", "8", Reload,
        Kind::Count(1, 100), schedule.scrape_attempts,
        "Attempts at one article before it is given up"),
    setting!("schedule.rechecks", "an array of durations", r#"["1h", "6h", "1d"]"#, Reload,
        Kind::Words(|t| duration(t, TENTH, 365 * DAY)), schedule.rechecks,
        "Ages of an article at which the daemon looks at its page again, for corrections and withdrawals; `[]`: never"),
    setting!("dedup.min_words", "a whole number", "12", Reload,
        Kind::Count(1, 10_000), dedup.min_words,
        "Fewest words of a text by which copies are recognised"),
    setting!("dedup.tracking_parameters", "an array of parameter names", "[]", Reload,
        Kind::Words(|t| words::parameter(t).map(Value::Text)), dedup.tracking,
        "Query parameters that never select a page, besides the built-in ones; `name*` stands for all that begin so"),
    setting!("dedup.containment", "a whole number", "65", Reload,
        Kind::Count(30, 100), dedup.containment,
        "Percent of the shorter text that must stand in the other one, where nothing else speaks for a copy"),
    setting!("dedup.keep", "\"all\" or \"first\"", r#""all""#, Reload,
        Kind::Word(|t| words::keep(t).map(Value::Keep)), keep,
        "What is stored of a copy: all of it, or everything but the body of an exact copy, for which the other's stands"),
    setting!("dedup.window", "a duration or \"forever\"", r#""7d""#, Restart,
        Kind::Word(|t| limit(t, Duration::from_secs(3600), 3660 * DAY)), store.window,
        "How long a text is compared with later ones; equal texts and pages are recognised for ever"),
    setting!("daemon.grace", "a duration", r#""20s""#, Restart,
        Kind::Word(|t| duration(t, Duration::ZERO, 600 * SECOND)), lanes.grace,
        "Time that jobs in hand get at shutdown; keep it below systemd's TimeoutStopSec"),
    setting!("daemon.idle", "a duration", r#""30s""#, Restart,
        Kind::Word(|t| duration(t, TENTH, 3600 * SECOND)), lanes.idle,
        "Longest sleep of a lane that has nothing to do"),
    setting!("serve.listen", "an address as \"127.0.0.1:9090\"", r#""""#, Restart,
        Kind::Word(|t| words::listen(t).map(|listen| listen.map_or(Value::Nothing, Value::Listen))), serve,
        "Where `/livez` and `/readyz` are served, on a loopback address; empty: nowhere"),
    setting!("websub.callback", "an address", r#""""#, Restart,
        Kind::Word(|t| optional(t, |t| words::callback(t).map(Value::Url))), websub,
        "Where hubs reach `serve.listen` from the Internet, through a reverse proxy: feeds that name a hub are subscribed; empty: none is"),
    setting!("hooks.stale", "a command", r#""""#, Reload,
        Kind::Word(|t| optional(t, |t| {
            words::command(t).map(|words| Value::List(words.into_iter().map(|word| (Value::Text(word), 0)).collect()))
        })), stale_hook,
        "Run once when a source falls silent against its own rhythm, without a shell, with `WIREROOM_SOURCE` and others set"),
];

/// One line a key of a source.
macro_rules! desk {
    ($path:literal, $what:literal, $default:literal, $kind:expr, $($field:ident).+, $doc:literal) => {
        Entry {
            key: Key { path: $path, what: $what, default: $default, doc: $doc, applies: Applies::Reload },
            kind: $kind,
            put: |draft: &mut Draft, value, at| {
                if let Some(taken) = Take::take(value, at) {
                    draft.$($field).+ = taken;
                }
            },
            // Sources are compared as a whole, once they are built.
            same: |_, _| true,
        }
    };
}

/// The keys of a source, in the order of the shipped file.
#[rustfmt::skip]
pub(super) static SOURCE: [Entry<Draft>; 30] = [
    desk!("source.name", "a name", "", Kind::Word(|t| words::source_name(t).map(Value::Text)), name,
        "Stable id, of a-z, 0-9 and hyphens"),
    desk!("source.agency", "a string", r#""""#, Kind::Word(|t| optional(t, |t| words::label(t).map(Value::Text))), agency,
        "The agency's name as shown to readers; empty: the source's name"),
    desk!("source.feed", "an address", r#""""#, Kind::Word(URL), feed,
        "The address of the feed: RSS, RDF, Atom or JSON Feed"),
    desk!("source.feeds", "an array of addresses", "[]", Kind::Words(URL), feeds,
        "Several feeds of one source; what stands in two of them is filed once"),
    desk!("source.sitemap", "an address or an array of addresses", r#""""#, Kind::WordOrWords(URL), sitemaps,
        "A sitemap, best one of news, or an index of sitemaps: what changed of it is read"),
    desk!("source.home", "an address", r#""""#, Kind::Word(URL), home,
        "The home page: given alone, feeds are discovered on it and looked for again every week; beside feeds, only the site's address"),
    desk!("source.timezone", "an IANA time zone", r#""""#, Kind::Word(|t| optional(t, |t| words::zone(t).map(Value::Text))), timezone,
        "Zone of dates that do not say theirs; empty: UTC is assumed, and marked as assumed"),
    desk!("source.language", "a language", r#""""#, Kind::Word(|t| optional(t, |t| language::language(t).map(Value::Text))), language,
        "Language of the source, which also decides between day-first and month-first dates"),
    desk!("source.enabled", "true or false", "true", Kind::Flag, enabled,
        "Whether it is polled and scraped; what was filed stays either way"),
    desk!("source.weight", "a number", "1.0", Kind::Number(0.01, 100.0), terms.weight,
        "How much an entry of it counts beside one of any other source, where polls are planned"),
    desk!("source.min_interval", "a duration", r#""""#, Kind::Word(|t| optional(t, |t| duration(t, TENTH, 7 * DAY))), terms.min_interval,
        "Its own `schedule.min_interval`; empty: that of the house"),
    desk!("source.max_interval", "a duration", r#""""#, Kind::Word(|t| optional(t, |t| duration(t, TENTH, 30 * DAY))), terms.max_interval,
        "Its own `schedule.max_interval`; empty: that of the house"),
    desk!("source.max_age", "a duration or \"forever\"", r#""7d""#, Kind::Word(|t| limit(t, SECOND, 36_500 * DAY)), selection.max_age,
        "Entries older than this are not scraped at the source's first poll; later ones always are"),
    desk!("source.include", "an array of regular expressions", "[]", Kind::Words(EXPRESSION), selection.include,
        "When not empty, only entries whose URL or title matches one are scraped"),
    desk!("source.exclude", "an array of regular expressions", "[]", Kind::Words(EXPRESSION), selection.exclude,
        "Entries whose URL or title matches one are not scraped; wins over `include`"),
    desk!("source.dedup", "\"all\", \"own\" or \"off\"", r#""all""#, Kind::Word(|t| words::reach(t).map(Value::Reach)), reach,
        "Which texts its texts are compared with: those of all sources, only its own, or none"),
    desk!("source.was", "a name", r#""""#, Kind::Word(|t| optional(t, |t| words::source_name(t).map(Value::Text))), was,
        "The former name of a renamed source: its history moves along"),
    desk!("source.extract.body", "a CSS selector", r#""""#, Kind::Word(SELECTOR), rules.body,
        "Where the text is"),
    desk!("source.extract.remove", "an array of CSS selectors", "[]", Kind::Words(SELECTOR), rules.remove,
        "What to cut out of the text"),
    desk!("source.extract.title", "a CSS selector", r#""""#, Kind::Word(SELECTOR), rules.title,
        "Where the headline is"),
    desk!("source.extract.authors", "a CSS selector", r#""""#, Kind::Word(SELECTOR), rules.authors,
        "Where the byline is"),
    desk!("source.extract.published", "a CSS selector", r#""""#, Kind::Word(SELECTOR), rules.published,
        "Where the date of publication is"),
    desk!("source.extract.section", "a CSS selector", r#""""#, Kind::Word(SELECTOR), rules.section,
        "Where the section is"),
    desk!("source.request.hosts", "an array of hosts", "[]", Kind::Words(|t| words::private_host(t).map(Value::Text)), request.hosts,
        "Further hosts, as `host` or `host:port`, that are the source's own: what follows is sent to them too"),
    desk!("source.request.headers", "a table of secrets", "{}", Kind::Fields, request.headers,
        "Header fields of requests to the source's own hosts"),
    desk!("source.request.cookies", "a secret", r#""""#, Kind::Secret(secret::field), request.cookies,
        "The `Cookie` field of those requests; no cookie that a server sets is ever kept"),
    desk!("source.request.user_agent", "a secret", r#""""#, Kind::Secret(secret::field), request.user_agent,
        "Their `User-Agent`, where an agency asks for a certain one; empty: ours"),
    desk!("source.request.username", "a secret", r#""""#, Kind::Secret(secret::user), request.username,
        "The name for basic authentication"),
    desk!("source.request.password", "a secret", r#""""#, Kind::Secret(secret::field), request.password,
        "The password for it"),
    desk!("source.request.proxy", "a secret", r#""""#, Kind::Secret(secret::proxy), request.proxy,
        "The proxy that all requests of the source go through: `http://`, `socks5://` or `socks5h://`"),
];

/// All keys, in the order of the shipped file.
pub fn keys() -> impl Iterator<Item = Key> {
    let settings = SETTINGS.iter().map(|entry| entry.key);
    let source = SOURCE.iter().map(|entry| entry.key);
    std::iter::once(INCLUDE.key).chain(settings).chain(source)
}

const URL: Read = |text| optional(text, |text| words::http_url(text).map(Value::Url));
const EXPRESSION: Read = |text| words::expression(text).map(Value::Expression);
const SELECTOR: Read = |text| optional(text, |text| words::selector(text).map(Value::Text));

fn duration(text: &str, least: Duration, most: Duration) -> Result<Value, Wrong> {
    quantity::duration(text, least, most).map(Value::Duration)
}

/// A duration, or for ever.
fn limit(text: &str, least: Duration, most: Duration) -> Result<Value, Wrong> {
    if text == FOREVER {
        return Ok(Value::Nothing);
    }
    duration(text, least, most).map_err(|wrong| {
        let guess = wrong.nearest.or_else(|| super::mistake::nearest(text, std::iter::once(FOREVER)));
        Wrong::new(format!("{}; \"{FOREVER}\" is allowed", wrong.message)).meaning(guess)
    })
}

/// An empty string stands for a key that is not given.
fn optional(text: &str, read: impl Fn(&str) -> Result<Value, Wrong>) -> Result<Value, Wrong> {
    if text.is_empty() { Ok(Value::Nothing) } else { read(text) }
}
