//! The identity of a page by its URL, and the weaker one that a page shares with its AMP and mobile editions.

use crate::model::Url;

use super::Tracking;

/// The identity of the page a URL names, by the built-in tracking parameters; see [`key_with`].
pub fn key(url: &Url) -> String {
    key_with(&Tracking::default(), url)
}

/// The identity of the page a URL names: host without `www.`, no scheme, no default port, no fragment (but `#!`), no
/// default page, no session, no tracking parameters, parameters sorted, percent-encoding normalised (RFC 3986 §6.2).
pub fn key_with(tracking: &Tracking, url: &Url) -> String {
    let host = bare_host(url);
    let mut key = String::with_capacity(url.as_str().len());
    key.push_str(host);
    push_port(&mut key, url);
    push_path(&mut key, &segments(url));
    push_query(&mut key, parameters(tracking, url));
    if let Some(page) = url.fragment().filter(|fragment| names_a_page(fragment)) {
        key.push('#');
        key.push_str(page);
    }
    key
}

/// For the AMP or mobile edition of a page: the key that the page itself has by the customs of such editions
/// (`/amp`, `?amp=1`, `amp.` and `m.` hosts, `.amp.html`, caches of AMP pages, `/m/`). `None` for any other page.
///
/// It is evidence, not identity: sites differ in their customs, so that the texts have to agree too.
pub fn weak_key(url: &Url) -> Option<String> {
    weak_key_with(&Tracking::default(), url)
}

/// As [`weak_key`], with the operator's tracking parameters.
pub fn weak_key_with(tracking: &Tracking, url: &Url) -> Option<String> {
    let cached = match path_in_cache(url) {
        Some(path) => Some(original(path, url.query())?),
        None => None,
    };
    let url = cached.as_ref().unwrap_or(url);
    let mut folded = cached.is_some();

    let host = bare_host(url);
    let plain_host = without_edition(host);
    folded |= plain_host.is_some();

    let mut path = segments(url);
    folded |= fold_path(&mut path);

    let mut query = parameters(tracking, url);
    let before = query.len();
    query.retain(|parameter| !is_edition(parameter));
    folded |= query.len() < before;
    if !folded || path.is_empty() && query.is_empty() {
        return None;
    }
    let mut key = plain_host.unwrap_or_else(|| host.to_owned());
    push_port(&mut key, url);
    push_path(&mut key, &path);
    push_query(&mut key, query);
    Some(key)
}

/// Whether a fragment names a page of its own, as pages built in the browser have it: `#!/story/1`, `#/story/1`.
pub(super) fn names_a_page(fragment: &str) -> bool {
    fragment.len() > 2 && fragment.starts_with(['!', '/'])
}

fn bare_host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let mut bare = host;
    while let Some(rest) = bare.strip_prefix("www.").filter(|rest| rest.contains('.')) {
        bare = rest;
    }
    bare
}

fn push_port(key: &mut String, url: &Url) {
    if let Some(port) = url.port() {
        key.push(':');
        key.push_str(&port.to_string());
    }
}

fn push_path(key: &mut String, path: &[String]) {
    for segment in path {
        key.push('/');
        key.push_str(segment);
    }
}

fn push_query(key: &mut String, parameters: Vec<String>) {
    for (index, parameter) in parameters.iter().enumerate() {
        key.push(if index == 0 { '?' } else { '&' });
        key.push_str(parameter);
    }
}

/// The path's segments: escapes normalised, empty ones and default pages dropped, sessions cut off.
fn segments(url: &Url) -> Vec<String> {
    const DEFAULT_PAGES: [&str; 8] =
        ["index.html", "index.htm", "index.php", "index.shtml", "index.asp", "index.aspx", "default.aspx", "default.asp"];
    let mut path: Vec<String> = url
        .path()
        .split('/')
        .map(|segment| without_session(&normal(segment, b"/\\?#%;", false)).to_owned())
        .filter(|it| !it.is_empty())
        .collect();
    while path.last().is_some_and(|last| DEFAULT_PAGES.iter().any(|page| last.eq_ignore_ascii_case(page))) {
        path.pop();
    }
    path
}

/// A path segment without the session that servers write into it where cookies are refused (`;jsessionid=…`, `(S(…))`).
fn without_session(segment: &str) -> &str {
    if segment.starts_with("(S(") && segment.ends_with("))") {
        return "";
    }
    let Some((page, parameter)) = segment.split_once(';') else { return segment };
    let name = parameter.split('=').next().unwrap_or_default();
    if ["jsessionid", "phpsessid", "sid"].iter().any(|session| name.eq_ignore_ascii_case(session)) { page } else { segment }
}

/// The parameters that belong to the page, in their normal form, sorted. `a` and `a=` are one.
fn parameters(tracking: &Tracking, url: &Url) -> Vec<String> {
    let mut kept: Vec<String> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter_map(|parameter| {
            // Links escaped once too often: "?a=1&amp;b=2".
            let parameter = parameter.strip_prefix("amp;").unwrap_or(parameter);
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (name, value) = (normal(name, b"&=#%+;", true), normal(value, b"&#%+;", true));
            let said = !name.is_empty() || !value.is_empty();
            (said && !tracking.covers(&name, &value)).then(|| if value.is_empty() { name } else { format!("{name}={value}") })
        })
        .collect();
    kept.sort_unstable();
    kept
}

/// Percent-encoding in one form (RFC 3986 §6.2.2): printable ASCII stands for itself, but for the characters that would
/// mean something else there; everything else is escaped. In a form's query `+` is a blank.
fn normal(text: &str, reserved: &[u8], form: bool) -> String {
    let bytes = text.as_bytes();
    if bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(byte)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = |at: usize| bytes.get(at).and_then(|digit| (*digit as char).to_digit(16));
        let (byte, escaped) = match (byte, hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, true),
            _ => (byte, false),
        };
        at += if escaped { 3 } else { 1 };
        match byte {
            b'+' if form && !escaped => out.push_str("%20"),
            // As it stands: what a character means depends on whether it is escaped.
            _ if reserved.contains(&byte) && !escaped && byte != b'%' => out.push(byte as char),
            0x21..=0x7E if !reserved.contains(&byte) && !b"\"<>\\^`{|}".contains(&byte) => out.push(byte as char),
            // A stray percent sign is escaped too, so that it cannot join what follows.
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// What stands in the path behind the names of an AMP cache, if the host is one:
/// `a-example-org.cdn.ampproject.org/c/s/a.example.org/story`.
fn path_in_cache(url: &Url) -> Option<&str> {
    let host = url.host_str()?;
    let path = url.path().trim_start_matches('/');
    if host.ends_with(".cdn.ampproject.org") || host == "cdn.ampproject.org" || host.ends_with(".bing-amp.com") {
        return ["c/", "v/", "wp/"].iter().find_map(|kind| path.strip_prefix(kind));
    }
    let google = host.strip_prefix("www.").unwrap_or(host).starts_with("google.");
    google.then(|| path.strip_prefix("amp/"))?
}

/// The address of which a cache keeps a copy.
fn original(path: &str, query: Option<&str>) -> Option<Url> {
    let rest = path.strip_prefix("s/").unwrap_or(path);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Url::parse(&format!("https://{rest}{query}")).ok().filter(|url| url.host_str().is_some_and(|host| host.contains('.')))
}

/// A host without the label of its mobile or AMP edition, if it has one: `m.a.example`, `en.m.a.example`.
fn without_edition(host: &str) -> Option<String> {
    const EDITIONS: [&str; 5] = ["m", "mobile", "amp", "wap", "touch"];
    let domain = psl::domain_str(host)?;
    let labels: Vec<&str> = host.strip_suffix(domain)?.trim_end_matches('.').split('.').collect();
    let kept: Vec<&str> = labels.iter().copied().filter(|label| !EDITIONS.contains(label) && !label.is_empty()).collect();
    if kept.len() == labels.iter().filter(|label| !label.is_empty()).count() {
        return None;
    }
    Some(kept.into_iter().chain(std::iter::once(domain)).collect::<Vec<_>>().join("."))
}

/// Takes the marks of an edition out of a path; whether there were any.
fn fold_path(path: &mut Vec<String>) -> bool {
    let mut folded = false;
    if path.len() > 1 && path.last().is_some_and(|last| matches!(last.as_str(), "amp" | "amp.html")) {
        path.pop();
        folded = true;
    }
    if path.len() > 1 && path.first().is_some_and(|first| matches!(first.as_str(), "amp" | "m" | "mobile")) {
        path.remove(0);
        folded = true;
    }
    if let Some(last) = path.last_mut() {
        for (ending, plain) in [(".amp.html", ".html"), (".amp.htm", ".htm"), (".amp.php", ".php"), (".amp", "")] {
            if last.len() > ending.len() && last.ends_with(ending) {
                last.truncate(last.len() - ending.len());
                last.push_str(plain);
                folded = true;
                break;
            }
        }
    }
    folded
}

/// Whether a parameter asks for the AMP or mobile edition.
fn is_edition(parameter: &str) -> bool {
    let lower = parameter.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "amp"
            | "amp=1"
            | "amp=true"
            | "amp=yes"
            | "outputtype=amp"
            | "output=amp"
            | "view=amp"
            | "m=1"
            | "m=0"
            | "mobile=1"
            | "mobile=true"
    )
}
