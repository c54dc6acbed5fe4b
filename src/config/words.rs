//! Single values as an operator writes them: names, addresses, zones, languages, expressions.

use std::net::SocketAddr;
use std::path::PathBuf;

use regex::{Regex, RegexBuilder};

use crate::article;
use crate::calendar;
use crate::dedup::{Keep, Reach};
use crate::fetch::RetryScope;
use crate::model::Url;

use super::mistake::{Wrong, nearest, shown};

/// Longest address a feed can have.
const LONGEST_URL: usize = 4096;

/// Longest name of a source: it is a column in every listing.
const LONGEST_NAME: usize = 64;

/// Largest compiled expression: what an operator can mean, and no more memory than that.
const EXPRESSION_BYTES: usize = 1 << 20;

/// The contact of the shipped file, with which nobody can be reached.
pub(super) const PLACEHOLDER_CONTACT: &str = "mailto:you@example.org";

/// `sqlite:PATH`.
pub(super) fn ledger(text: &str) -> Result<PathBuf, Wrong> {
    const EXPECTED: &str = "expected sqlite:PATH, e.g. \"sqlite:/var/lib/wireroom/wireroom.db\"";
    if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        return Err(Wrong::new(format!("a PostgreSQL ledger is not built in yet; {EXPECTED}")));
    }
    let Some(path) = text.strip_prefix("sqlite:") else {
        let looks_like_path = text.contains('/') || text.ends_with(".db") || text.ends_with(".sqlite");
        let guess = (looks_like_path && !text.contains(':')).then(|| format!("sqlite:{text}"));
        return Err(Wrong::new(format!("{EXPECTED}, found {}", shown(text))).meaning(guess));
    };
    // `sqlite:///absolute` is the same path with an empty authority (RFC 8089 §2).
    let path = match path.strip_prefix("//") {
        Some(absolute) if absolute.starts_with('/') => absolute,
        Some(rest) => {
            let guess = Some(format!("sqlite:{rest}"));
            return Err(Wrong::new(format!("{EXPECTED}, found a host in {}", shown(text))).meaning(guess));
        }
        None => path,
    };
    let problem = if path.is_empty() || path.ends_with('/') {
        "names no file"
    } else if path.starts_with(":memory:") {
        "the ledger is the queue and must be a file"
    } else if path.starts_with('~') {
        "\"~\" is not expanded, write the whole path"
    } else if path.contains(['?', '#', '\0']) {
        "options after the path are not taken"
    } else {
        return Ok(PathBuf::from(path));
    };
    Err(Wrong::new(format!("{problem}; {EXPECTED}, found {}", shown(text))))
}

/// Where an agency can reach the operator; empty means nobody said.
pub(super) fn contact(text: &str) -> Result<String, Wrong> {
    // It goes into a header, within a comment of the user agent (RFC 9110 §5.6.5).
    let clean = text.chars().all(|c| c.is_ascii_graphic() && !"()\"\\<>".contains(c));
    let good = match text.strip_prefix("mailto:") {
        Some(mailbox) => is_mailbox(mailbox),
        None => text.is_empty() || http_url(text).is_ok(),
    };
    if clean && good && text.len() <= 256 {
        return Ok(text.to_owned());
    }
    let guess = (clean && is_mailbox(text)).then(|| format!("mailto:{text}"));
    Err(Wrong::new(format!("expected \"mailto:…\" or the \"https://…\" address of a page, found {}", shown(text))).meaning(guess))
}

fn is_mailbox(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// `host` or `host:port`, the port bound.
pub(super) fn private_host(text: &str) -> Result<String, Wrong> {
    let wrong = |guess: Option<String>| {
        let expected = "expected a host or host:port, e.g. \"intranet.example.org\" or \"127.0.0.1:8080\"";
        Err(Wrong::new(format!("{expected}, found {}", shown(text))).meaning(guess))
    };
    if let Ok(url) = http_url(text) {
        let host = url.host_str().unwrap_or_default();
        return wrong(Some(url.port().map_or(host.to_owned(), |port| format!("{host}:{port}"))));
    }
    if text.parse::<std::net::Ipv6Addr>().is_ok() {
        return wrong(Some(format!("[{text}]")));
    }
    let plain = !text.is_empty() && !text.contains(['/', '@', '?', '#', '\\', '*']) && !text.chars().any(char::is_whitespace);
    let port_good = match text.rsplit_once(':') {
        Some((_, port)) if !port.ends_with(']') => port.parse::<u16>().is_ok_and(|port| port > 0),
        _ => true,
    };
    // The host is spelt as addresses spell it, so that it can be compared with theirs.
    match Url::parse(&format!("http://{text}/")) {
        Ok(url) if plain && port_good => {
            let host = url.host_str().unwrap_or_default().to_owned();
            // Port 80 disappears in an address, and is meant nevertheless.
            let port = text.rsplit_once(':').map(|(_, port)| port).filter(|port| port.parse::<u16>().is_ok());
            Ok(port.map_or(host.clone(), |port| format!("{host}:{}", port.trim_start_matches('0'))))
        }
        _ => wrong(None),
    }
}

/// Where the listener stands; empty means that there is none.
pub(super) fn listen(text: &str) -> Result<Option<SocketAddr>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    let port = text.rsplit_once(':').map_or(text, |(_, port)| port);
    let guess = port.parse::<u16>().ok().map(|port| format!("127.0.0.1:{port}"));
    match text.parse::<SocketAddr>() {
        Ok(address) if address.ip().to_canonical().is_loopback() => Ok(Some(address)),
        Ok(_) => {
            let problem = "expected a loopback address such as \"127.0.0.1:9090\" or \"[::1]:9090\"";
            Err(Wrong::new(format!("{problem}, since only this machine is answered, found {}", shown(text))).meaning(guess))
        }
        Err(_) => {
            let expected = "expected address:port, e.g. \"127.0.0.1:9090\" or \"[::1]:9090\"";
            Err(Wrong::new(format!("{expected}, found {}", shown(text))).meaning(guess))
        }
    }
}

/// A source's stable id.
pub(super) fn source_name(text: &str) -> Result<String, Wrong> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !text.is_empty() && text.len() <= LONGEST_NAME && text.chars().all(allowed) && !text.starts_with('-') {
        return Ok(text.to_owned());
    }
    let respelt: String = text.to_lowercase().chars().map(|c| if allowed(c) { c } else { '-' }).collect();
    let respelt = respelt.trim_matches('-');
    let guess = (!respelt.is_empty() && respelt.len() <= LONGEST_NAME).then(|| respelt.to_owned());
    let expected = "expected a name of the letters a-z, digits and hyphens, at most 64, not beginning with a hyphen";
    Err(Wrong::new(format!("{expected}, found {}", shown(text))).meaning(guess))
}

/// Text for people, on one line.
pub(super) fn label(text: &str) -> Result<String, Wrong> {
    if text.len() > 256 || text.chars().any(char::is_control) {
        return Err(Wrong::new(format!("expected one line of at most 256 bytes, found {}", shown(text))));
    }
    Ok(text.trim().to_owned())
}

/// The address of a feed.
pub(super) fn http_url(text: &str) -> Result<Url, Wrong> {
    let wrong = |problem: &str, guess: Option<String>| {
        let guess = guess.filter(|guess| http_url(guess).is_ok());
        Err(Wrong::new(format!("{problem}, found {}", shown(text))).meaning(guess))
    };
    let expected = "expected an address that begins with https:// or http://";
    if text.len() > LONGEST_URL || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return wrong("expected one address without blanks, of at most 4096 bytes", None);
    }
    let Ok(mut url) = Url::parse(text) else {
        let guess = (text.contains('.') && !text.contains("://")).then(|| format!("https://{}", text.trim_start_matches('/')));
        return wrong(expected, guess);
    };
    if !matches!(url.scheme(), "http" | "https") || !text.contains("://") {
        let guess = text.split_once("://").map(|(_, rest)| format!("https://{rest}"));
        return wrong(expected, guess);
    }
    if !url.has_host() {
        return wrong(expected, None);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Wrong::new("credentials in an address are not supported; they would stand in the ledger and in logs"));
    }
    // A fragment never reaches the server (RFC 9110 §7.1).
    url.set_fragment(None);
    Ok(url)
}

/// An IANA zone.
pub(super) fn zone(text: &str) -> Result<String, Wrong> {
    if calendar::is_known_zone(text) {
        return Ok(text.to_owned());
    }
    let zones = calendar::zone_names();
    let city = |zone: &str| zone.rsplit('/').next().unwrap_or_default().replace('_', " ").to_lowercase();
    let asked = text.replace('_', " ").to_lowercase();
    let asked_city = asked.rsplit('/').next().unwrap_or_default();
    let guess = zones
        .iter()
        .find(|zone| asked_city.len() > 2 && city(zone) == asked_city)
        .cloned()
        .or_else(|| nearest(text, zones.iter().map(String::as_str)));
    Err(Wrong::new(format!("expected an IANA time zone such as \"Asia/Baku\", found {}", shown(text))).meaning(guess))
}

/// An expression for `include` and `exclude`; the engine is linear in the text, whatever it says.
pub(super) fn expression(text: &str) -> Result<Regex, Wrong> {
    if text.is_empty() {
        return Err(Wrong::new("expected a regular expression, found an empty one, which matches everything"));
    }
    RegexBuilder::new(text).size_limit(EXPRESSION_BYTES).build().map_err(|error| {
        let told = error.to_string();
        let reason = told.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
        Wrong::new(format!("expected a regular expression, found {}: {reason}", shown(text)))
    })
}

/// A CSS selector.
pub(super) fn selector(text: &str) -> Result<String, Wrong> {
    article::check_selector(text).map(|()| text.to_owned()).map_err(|reason| {
        let reason = reason.lines().collect::<Vec<_>>().join(" ");
        Wrong::new(format!("expected a CSS selector, found {}: {reason}", shown(text)))
    })
}

/// A word by which publishers reserve the use of a page.
pub(super) fn reservation(text: &str) -> Result<String, Wrong> {
    let choices = article::RESERVATIONS.map(|word| (word, word));
    choice(text, &choices).map(str::to_owned)
}

/// Where hubs reach the listener from the Internet: an address under which callbacks get a path of their own.
pub(super) fn callback(text: &str) -> Result<Url, Wrong> {
    let url = http_url(text)?;
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        let wrong = format!("expected an address without query, fragment and credentials, found {}", shown(text));
        return Err(Wrong::new(wrong));
    }
    Ok(url)
}

/// A command with its arguments, cut at blanks; quotes keep blanks together. No shell reads it.
pub(super) fn command(text: &str) -> Result<Vec<String>, Wrong> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let mut word = String::new();
        loop {
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            if let Some(quote) = quote {
                let inside = &rest[1..];
                let Some(end) = inside.find(quote) else {
                    return Err(Wrong::new(format!("the quote {quote} is not closed in {}", shown(text))));
                };
                word.push_str(&inside[..end]);
                rest = &inside[end + 1..];
            } else {
                let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).unwrap_or(rest.len());
                word.push_str(&rest[..end]);
                rest = &rest[end..];
            }
            if rest.is_empty() || rest.starts_with(char::is_whitespace) {
                break;
            }
        }
        words.push(word);
        rest = rest.trim_start();
    }
    match words.first() {
        Some(program) if !program.is_empty() && !words.iter().any(|word| word.contains('\0')) => Ok(words),
        _ => Err(Wrong::new(format!("expected a command with its arguments, found {}", shown(text)))),
    }
}

/// The name of a query parameter, or the beginning of several.
pub(super) fn parameter(text: &str) -> Result<String, Wrong> {
    let name = text.strip_suffix('*').unwrap_or(text);
    let written_so = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~:[]".contains(&byte));
    if written_so && !name.is_empty() && (name.len() >= 3 || name.len() == text.len()) {
        return Ok(text.to_ascii_lowercase());
    }
    let expected =
        "expected the name of a query parameter, or how at least three letters of it begin, e.g. \"from_list\" or \"wkey_*\"";
    let guess = name.split('=').next().unwrap_or_default().trim_start_matches(['?', '&']);
    let guess = (name.contains('=') && !guess.is_empty() && !guess.contains('*')).then(|| guess.to_ascii_lowercase());
    Err(Wrong::new(format!("{expected}, found {}", shown(text))).meaning(guess))
}

/// A pattern of files: one `*` or several, in the last segment only.
pub(super) fn file_pattern(text: &str) -> Result<String, Wrong> {
    let (folder, name) = text.rsplit_once('/').unwrap_or(("", text));
    if name.is_empty() || folder.contains('*') || name.contains("**") || text.contains('\0') {
        let expected = "expected a file, or a pattern with * in its last part, e.g. \"sources.d/*.toml\"";
        return Err(Wrong::new(format!("{expected}, found {}", shown(text))));
    }
    Ok(text.to_owned())
}

/// What is kept of a copy.
pub(super) fn keep(text: &str) -> Result<Keep, Wrong> {
    choice(text, &[("all", Keep::All), ("first", Keep::First)])
}

/// Which texts a source's are compared with.
pub(super) fn reach(text: &str) -> Result<Reach, Wrong> {
    choice(text, &[("all", Reach::All), ("own", Reach::Own), ("off", Reach::Off)])
}

/// Whom a `Retry-After` keeps away.
pub(super) fn retry_scope(text: &str) -> Result<RetryScope, Wrong> {
    choice(text, &[("host", RetryScope::Host), ("feed", RetryScope::Feed)])
}

/// One of a few words.
fn choice<T: Copy>(text: &str, choices: &[(&'static str, T)]) -> Result<T, Wrong> {
    choices.iter().find(|(word, _)| *word == text).map(|(_, meant)| *meant).ok_or_else(|| {
        let words = choices.iter().map(|(word, _)| *word);
        let listed: Vec<String> = words.clone().map(|word| format!("\"{word}\"")).collect();
        Wrong::new(format!("expected {}, found {}", listed.join(" or "), shown(text))).meaning(nearest(text, words))
    })
}
