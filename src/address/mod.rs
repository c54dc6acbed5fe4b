//! Addresses: which URL a reference means, which page a URL names, which site it belongs to.
//!
//! A key is an identity, not an address: it is never fetched. Two URLs with one key are the same
//! page; when in doubt two keys are given, since a page fetched twice costs less than one lost.

mod key;
mod tracking;

use crate::model::Url;

pub use key::{key, key_with, weak_key, weak_key_with};
pub use tracking::Tracking;

/// Longest address accepted; longer ones are not addresses but payloads.
pub const MAX_LENGTH: usize = 4096;

/// Resolves a reference as found in a feed or page. Only `http` and `https` come back, without
/// credentials and without fragment (but for one that names a page, `#!/story/1`); anything else (`javascript:`, `data:`, garbage) is `None`.
pub fn resolve(base: Option<&Url>, reference: &str) -> Option<Url> {
    let reference = reference.trim();
    if reference.is_empty() || reference.len() > MAX_LENGTH {
        return None;
    }
    let mut url = match base {
        Some(base) => base.join(reference).ok()?,
        None => Url::parse(reference).ok()?,
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() || url.as_str().len() > MAX_LENGTH {
        return None;
    }
    if !url.fragment().is_some_and(key::names_a_page) {
        url.set_fragment(None);
    }
    // Both fail only for URLs that cannot have credentials, which http ones can.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Some(url)
}

/// The host to be polite to: `host` or `host:port`, lower case.
pub fn host_key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// The registrable domain (public suffix and one label, <https://publicsuffix.org>), or the literal
/// host where there is none (IP addresses, `localhost`).
pub fn registrable_domain(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    match url.host() {
        Some(url::Host::Domain(_)) => psl::domain_str(host).unwrap_or(host).to_owned(),
        _ => host_key(url),
    }
}

/// Whether two URLs belong to one site.
pub fn same_site(one: &Url, other: &Url) -> bool {
    registrable_domain(one) == registrable_domain(other)
}

/// Whether the path is the home page or looks like a section rather than an article: no segment,
/// or one short segment without digit or hyphen, and nothing in the query. A language before it makes no difference.
pub fn is_root_or_section(url: &Url) -> bool {
    if tracking_free_query(url) || url.fragment().is_some_and(key::names_a_page) {
        return false;
    }
    let mut segments = url.path().split('/').filter(|segment| !segment.is_empty());
    let Some(mut first) = segments.next() else { return true };
    if is_language(first) {
        first = segments.next().unwrap_or(first);
    }
    if segments.next().is_some() {
        return false;
    }
    let first = first.to_ascii_lowercase();
    if matches!(first.as_str(), "index.html" | "index.htm" | "index.php" | "default.aspx" | "index.asp") {
        return true;
    }
    first.len() <= 24 && !first.contains(|c: char| c.is_ascii_digit() || c == '-' || c == '_' || c == '.')
}

/// Whether a segment is the tag of a language, as in `/en/` or `/pt-br/`.
fn is_language(segment: &str) -> bool {
    let letters = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    segment.split_once(['-', '_']).map_or(letters(segment), |(language, region)| letters(language) && letters(region))
}

/// Whether an answer came from a page above the one asked for: the home page, or a folder on the way to it. Sites send
/// readers of removed articles there.
pub fn leads_up(asked: &Url, answered: &Url) -> bool {
    let segments = |url: &Url| url.path().split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (asked_path, answered_path) = (segments(asked), segments(answered));
    key(asked) != key(answered)
        && !tracking_free_query(answered)
        && (asked_path.len() > answered_path.len() || tracking_free_query(asked))
        && asked_path.starts_with(&answered_path)
        && (answered_path.is_empty() || same_site(asked, answered))
}

/// Whether the URL keeps a query once tracking parameters are gone.
fn tracking_free_query(url: &Url) -> bool {
    key(url).contains('?')
}
