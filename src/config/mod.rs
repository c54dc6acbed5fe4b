//! TOML text → `Settings`, every mistake named at once.

mod changes;
mod check;
mod language;
mod mistake;
mod proposal;
mod quantity;
mod read;
mod schema;
mod secret;
mod text;
mod words;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::article::Rules;
use crate::daemon::Lanes;
use crate::dedup::{Keep, Reach, Selection, Thresholds};
use crate::fetch::{Keeping, Limits, Manners, SourceRequest};
use crate::model::{Source, Url};
use crate::schedule::{Policy, Terms};
use crate::store;

pub use changes::{Changes, diff};
pub use mistake::{Error, Mistake, Place, nearest};
pub use proposal::{Proposal, write};
pub use schema::{Applies, Key, keys};

/// Everything the operator decided, checked: no field of it needs checking again.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `[store]` and `[retention]`.
    pub store: store::Settings,
    /// `[fetch]`.
    pub fetch: Limits,
    /// `fetch.obey_reservations`: words of `article::check_reservation`.
    pub obey_reservations: Vec<String>,
    /// `[schedule]`.
    pub schedule: Policy,
    /// `[dedup]`.
    pub dedup: Thresholds,
    /// `dedup.keep`.
    pub keep: Keep,
    /// `[daemon]`, and the widths derived from `fetch.concurrency`.
    pub lanes: Lanes,
    /// `[serve] listen`: the loopback address where health is served; `None`: nowhere.
    pub serve: Option<SocketAddr>,
    /// `websub.callback`: where hubs reach the listener; `None`: no feed is subscribed.
    pub websub: Option<Url>,
    /// `hooks.stale`: a program and its arguments; empty: none.
    pub stale_hook: Vec<String>,
    /// `[[source]]`, in order.
    pub sources: Vec<Desk>,
}

/// A source with the rules for its entries and pages.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The source.
    pub source: Source,
    /// `include`, `exclude`, `max_age`.
    pub selection: Selection,
    /// `dedup`: which texts its texts are compared with.
    pub reach: Reach,
    /// `[source.extract]`, with the source's zone and language.
    pub rules: Rules,
    /// `weight`, `min_interval`, `max_interval`.
    pub terms: Terms,
    /// `[source.request]`: what its requests carry, and where the values are kept.
    pub request: SourceRequest<Keeping>,
    /// The file it stands in.
    pub file: String,
    /// `home`: the site's address. Where nothing else is named to poll, it stands among the feeds too.
    pub home: Option<Url>,
}

/// One file of the configuration, as the caller read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// How mistakes in it are named, e.g. its path.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

/// How a text without a name is called in mistakes.
const UNNAMED: &str = "wireroom.toml";

/// Reads one text; its `include` is checked, and otherwise left to [`includes`] and [`parse_files`].
pub fn parse(text: &str) -> Result<Settings, Error> {
    parse_files(&File { name: UNNAMED.to_owned(), text: text.to_owned() }, &[], "")
}

/// Reads the main file with the files it includes, in the given order. A relative path of the
/// ledger counts from `base_dir`, the folder of the main file.
pub fn parse_files(main: &File, included: &[File], base_dir: &str) -> Result<Settings, Error> {
    let mut book = read::Book::new();
    book.read(main, true);
    for file in included {
        book.read(file, false);
    }
    book.finish(base_dir);
    let mut mistakes = book.mistakes;
    if mistakes.is_empty() {
        return Ok(book.settings);
    }
    let order = |name: &str| included.iter().position(|file| file.name == name).map_or(0, |index| index + 1);
    mistakes.sort_by_key(|mistake| (order(&mistake.place.file), mistake.place.line, mistake.place.column));
    Err(Error { mistakes })
}

/// The file patterns of a text's `include`, for the caller who reads those files: relative ones
/// count from the folder of the main file, `*` stands in the last part only (see [`matches()`]).
/// Other mistakes of the text do not matter here: `parse_files` names them all, these included.
pub fn includes(text: &str) -> Result<Vec<String>, Error> {
    let file = File { name: UNNAMED.to_owned(), text: text.to_owned() };
    read::include_patterns(&file).map_err(|mistakes| Error { mistakes })
}

/// Whether a file's name fits the last part of a pattern: `*` stands for any characters, but not
/// for a leading dot, so that editors' hidden copies stay out.
pub fn matches(pattern: &str, file_name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == file_name };
    let Some(mut left) = file_name.strip_prefix(head) else { return false };
    if head.is_empty() && file_name.starts_with('.') {
        return false;
    }
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(tail)
}

impl Settings {
    /// Whether nobody has said yet where an agency can reach the operator.
    pub fn placeholder_contact(&self) -> bool {
        self.fetch.contact.is_empty() || self.fetch.contact == words::PLACEHOLDER_CONTACT
    }

    /// What is no mistake and still worth a line: one sentence each.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.placeholder_contact() {
            warnings.push("fetch.contact is not set; run refuses to start until an agency can reach you".to_owned());
        }
        if self.sources.is_empty() {
            warnings.push("there is no source; add a [[source]] with a name and a feed".to_owned());
        } else if self.sources.iter().all(|desk| !desk.source.enabled) {
            warnings.push("no source is enabled; nothing will be polled".to_owned());
        }
        warnings
    }

    /// What the kernel's wall around this process keeps from working, one sentence each with the line that opens it.
    /// `name_servers` are those of the system.
    pub fn shut_out(&self, name_servers: &[IpAddr], is_shut_out: impl Fn(IpAddr) -> bool) -> Vec<String> {
        const DROP_IN: &str = "write into a drop-in (systemctl edit wireroom), under [Service]:";
        let mut told = Vec::new();
        for server in name_servers.iter().filter(|server| is_shut_out(**server)) {
            told.push(format!(
                "the unit's IPAddressDeny= keeps the name server {server} out, and without one no host is found; {DROP_IN} IPAddressAllow={server}"
            ));
        }
        if let Some(listen) = self.serve.filter(|listen| is_shut_out(listen.ip())) {
            told.push(format!(
                "the unit's IPAddressDeny= keeps everybody from serve.listen ({listen}); {DROP_IN} IPAddressAllow={}",
                listen.ip()
            ));
        }
        let excepted = self.fetch.allow_private.iter().filter_map(|entry| {
            let host = entry.parse().ok().or_else(|| entry.rsplit_once(':')?.0.trim_matches(['[', ']']).parse::<IpAddr>().ok());
            host.filter(|host| is_shut_out(*host))
        });
        for host in excepted {
            told.push(format!(
                "the unit's IPAddressDeny= keeps {host} of fetch.allow_private out; {DROP_IN} IPAddressAllow={host}"
            ));
        }
        told
    }

    /// Nothing decided; only the schema's defaults make it usable.
    fn blank() -> Settings {
        Settings {
            store: store::Settings { path: PathBuf::new(), group_readable: false, keep_raw: None, window: None },
            fetch: Limits {
                contact: String::new(),
                per_host_delay: Duration::ZERO,
                per_host_connections: 0,
                concurrency: 0,
                timeout: Duration::ZERO,
                connect_timeout: Duration::ZERO,
                max_body: 0,
                max_redirects: 0,
                allow_private: Vec::new(),
                manners: Manners::default(),
            },
            obey_reservations: Vec::new(),
            schedule: Policy {
                min_interval: Duration::ZERO,
                max_interval: Duration::ZERO,
                polls_per_day: 0,
                weight: 1.0,
                max_freshness: Duration::ZERO,
                forbidden_rest: Duration::ZERO,
                gone_rest: Duration::ZERO,
                scrape_attempts: 0,
                rechecks: Vec::new(),
            },
            dedup: Thresholds { min_words: 0, ..Thresholds::default() },
            keep: Keep::All,
            lanes: Lanes { polls: 0, scrapes: 0, idle: Duration::ZERO, grace: Duration::ZERO },
            serve: None,
            websub: None,
            stale_hook: Vec::new(),
            sources: Vec::new(),
        }
    }
}

/// The settings of an empty file.
impl Default for Settings {
    fn default() -> Settings {
        read::defaults()
    }
}
