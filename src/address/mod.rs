//! Addresses: which URL a reference means, which page a URL names, which site it belongs to.
//!
//! A key is an identity, not an address: it is never fetched. Two URLs with one key are the same
//! page; when in doubt two keys are given, since a page fetched twice costs less than one lost.

mod tracking;

use crate::model::Url;

/// Longest address accepted; longer ones are not addresses but payloads.
pub const MAX_LENGTH: usize = 4096;

/// Resolves a reference as found in a feed or page. Only `http` and `https` come back, without
/// credentials and without fragment; anything else (`javascript:`, `data:`, garbage) is `None`.
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
    url.set_fragment(None);
    // Both fail only for URLs that cannot have credentials, which http ones can.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Some(url)
}

/// The identity of the page a URL names: host without `www.`, no scheme, no default port, no
/// fragment, no tracking parameters, parameters sorted, percent-encoding normalised (RFC 3986 §6.2).
pub fn key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let host = host.strip_prefix("www.").unwrap_or(host);
    let mut key = String::with_capacity(url.as_str().len());
    key.push_str(host);
    if let Some(port) = url.port() {
        key.push(':');
        key.push_str(&port.to_string());
    }
    key.push_str(&path_key(url.path()));
    let mut parameters: Vec<&str> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .filter(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            !tracking::is_tracking(name, value, host)
        })
        .collect();
    parameters.sort_unstable();
    for (index, parameter) in parameters.iter().enumerate() {
        key.push(if index == 0 { '?' } else { '&' });
        key.push_str(&normalise_escapes(parameter));
    }
    key
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
/// or one short segment without digit or hyphen, and nothing in the query.
pub fn is_root_or_section(url: &Url) -> bool {
    if tracking_free_query(url) {
        return false;
    }
    let mut segments = url.path().split('/').filter(|segment| !segment.is_empty());
    let Some(first) = segments.next() else { return true };
    if segments.next().is_some() {
        return false;
    }
    let first = first.to_ascii_lowercase();
    if matches!(first.as_str(), "index.html" | "index.htm" | "index.php" | "default.aspx" | "index.asp") {
        return true;
    }
    first.len() <= 24 && !first.contains(|c: char| c.is_ascii_digit() || c == '-' || c == '_' || c == '.')
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

/// The path's identity: escapes normalised, doubled and trailing slashes dropped, default pages and names of sessions dropped.
fn path_key(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for segment in path.split('/').map(tracking::without_session).filter(|segment| !segment.is_empty()) {
        out.push('/');
        out.push_str(&normalise_escapes(segment));
    }
    for page in ["/index.html", "/index.htm", "/index.php", "/default.aspx"] {
        if out.ends_with(page) {
            out.truncate(out.len() - page.len());
            break;
        }
    }
    out
}

/// Upper-case hex digits; unreserved characters decoded (RFC 3986 §6.2.2).
fn normalise_escapes(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let offset = text.len() - rest.len() + at;
        let code = bytes
            .get(offset + 1..offset + 3)
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(code) if code.is_ascii_alphanumeric() || b"-._~".contains(&code) => {
                out.push(code as char);
                rest = &rest[at + 3..];
            }
            Some(code) => {
                out.push_str(&format!("%{code:02X}"));
                rest = &rest[at + 3..];
            }
            None => {
                // A stray sign is escaped, so that it cannot join what follows.
                out.push_str("%25");
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}
