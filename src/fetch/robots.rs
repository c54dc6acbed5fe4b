//! robots.txt as RFC 9309 reads it, with the leniencies that large crawlers have taught publishers to rely on.
//!
//! Pure: bytes in, rules out. Where the readings of the world differ, the politer one is taken: a
//! `Disallow` matches however either side is percent-encoded, an `Allow` only as it is written.

use std::time::Duration;

/// Bytes of a robots.txt that are read; RFC 9309 §2.5 asks for at least 500 KiB.
pub const MAX_BYTES: usize = 500 * 1024;
/// The longest pause between two requests that is read out of a robots.txt; what is kept of it is for the caller to say.
pub const MAX_DELAY: Duration = Duration::from_secs(3600);
/// Bytes of one line that are read.
const MAX_LINE: usize = 2083 * 8 - 1;
/// Bytes of a path that all of a file's wildcards may look through together: a hundred thousand of them on an ordinary
/// path. A file that wants more is out to cost something, and forbids.
const MAX_WORK: usize = 20_000_000;

/// What one robots.txt says to one product.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    /// The most specific first, `Allow` before `Disallow` among equals: the first match decides.
    rules: Vec<Rule>,
    delay: Option<Duration>,
}

impl Rules {
    /// Whether a path (with its query) may be asked for.
    pub fn allows(&self, path_and_query: &str) -> bool {
        let path = path_and_query.split('#').next().unwrap_or_default();
        if path == "/robots.txt" {
            return true;
        }
        let as_written = escape(path.as_bytes(), Escapes::Uppercased, false);
        let plain = escape(path.as_bytes(), Escapes::Decoded, true);
        let mut work = MAX_WORK;
        for rule in &self.rules {
            let path = if rule.allow { &as_written } else { &plain };
            match rule.matches(path, &mut work) {
                Some(false) => {}
                Some(true) => return rule.allow,
                None => return false,
            }
        }
        true
    }

    /// `Crawl-delay`, at most [`MAX_DELAY`]. No part of RFC 9309, but publishers mean it.
    pub fn crawl_delay(&self) -> Option<Duration> {
        self.delay
    }
}

/// One `Allow` or `Disallow` line.
#[derive(Debug, Clone, PartialEq)]
struct Rule {
    allow: bool,
    /// Octets of the pattern as written: the longer, the more specific (RFC 9309 §2.2.2).
    weight: usize,
    /// Octets that a path must have at least to match.
    literal: usize,
    pattern: String,
}

impl Rule {
    fn new(allow: bool, value: &[u8]) -> Rule {
        let pattern = escape(value, if allow { Escapes::Uppercased } else { Escapes::Decoded }, true);
        let literal = pattern.strip_suffix('$').unwrap_or(&pattern).bytes().filter(|byte| *byte != b'*').count();
        Rule { allow, weight: value.len(), literal, pattern }
    }

    /// Leftmost-first matching: each literal between two stars is sought once, so that the time is
    /// linear whatever the pattern. `None`: what is left of `work` is not enough to tell.
    fn matches(&self, path: &str, work: &mut usize) -> Option<bool> {
        if self.literal > path.len() {
            return Some(false);
        }
        let (body, to_the_end) = match self.pattern.strip_suffix('$') {
            Some(body) => (body, true),
            None => (self.pattern.as_str(), false),
        };
        let mut parts = body.split('*');
        let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return Some(false) };
        let Some(last) = parts.next_back() else { return Some(!to_the_end || rest.is_empty()) };
        *work = work.checked_sub(rest.len() + self.pattern.len())?;
        for part in parts.filter(|part| !part.is_empty()) {
            let Some(at) = rest.find(part) else { return Some(false) };
            rest = &rest[at + part.len()..];
        }
        Some(if to_the_end { rest.ends_with(last) } else { rest.contains(last) })
    }
}

/// Reads a robots.txt for one product token (RFC 9309 §2.2.1). Never fails: what is not
/// understood is passed over, and a file that says nothing allows everything.
pub fn parse(bytes: &[u8], product_token: &str) -> Rules {
    let mut groups = Groups::default();
    for line in lines(bytes) {
        let Some((key, value)) = key_and_value(line) else { continue };
        match Key::of(key) {
            Key::UserAgent => groups.agent(value, product_token),
            Key::Allow => groups.rule(true, value),
            Key::Disallow => groups.rule(false, value),
            Key::CrawlDelay => groups.delay(value),
            // A line that is no rule does not end a group: closing it here would let in a robot
            // that a later line of the same group forbids.
            Key::Other => {}
        }
    }
    groups.into_rules()
}

/// The groups of a file as far as they concern one product.
#[derive(Default)]
struct Groups {
    own: Rules,
    everyone: Rules,
    /// Whether a group names the product: then what is said to everyone does not count.
    named: bool,
    in_own: bool,
    in_everyone: bool,
    /// Whether a rule was seen since the last `User-agent`: the next one begins a new group.
    closed: bool,
}

impl Groups {
    fn agent(&mut self, value: &[u8], product_token: &str) {
        if self.closed {
            (self.in_own, self.in_everyone, self.closed) = (false, false, false);
        }
        if value.first() == Some(&b'*') && value.get(1).is_none_or(u8::is_ascii_whitespace) {
            self.in_everyone = true;
            return;
        }
        let length = value.iter().take_while(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_')).count();
        if length > 0 && value[..length].eq_ignore_ascii_case(product_token.as_bytes()) {
            self.in_own = true;
            self.named = true;
        }
    }

    fn rule(&mut self, allow: bool, value: &[u8]) {
        self.closed = true;
        if value.is_empty() {
            return;
        }
        let mut add = |rule: Rule| {
            if self.in_own {
                self.own.rules.push(rule.clone());
            }
            if self.in_everyone {
                self.everyone.rules.push(rule);
            }
        };
        add(Rule::new(allow, value));
        // Who allows a directory's index page means the directory.
        if let Some(slash) = value.iter().rposition(|byte| *byte == b'/')
            && allow
            && value[slash..].starts_with(b"/index.htm")
        {
            add(Rule::new(true, &[&value[..=slash], b"$"].concat()));
        }
    }

    fn delay(&mut self, value: &[u8]) {
        let seconds = std::str::from_utf8(value).ok().and_then(|text| text.parse::<f64>().ok()).filter(|seconds| *seconds > 0.0);
        let Some(seconds) = seconds else { return };
        let delay = Duration::from_secs_f64(seconds.min(MAX_DELAY.as_secs_f64()));
        if self.in_own {
            self.own.delay = self.own.delay.max(Some(delay));
        }
        if self.in_everyone {
            self.everyone.delay = self.everyone.delay.max(Some(delay));
        }
    }

    fn into_rules(self) -> Rules {
        let mut rules = if self.named { self.own } else { self.everyone };
        rules.rules.sort_by_key(|rule| (std::cmp::Reverse(rule.weight), !rule.allow));
        rules
    }
}

/// What a line is about.
enum Key {
    UserAgent,
    Allow,
    Disallow,
    CrawlDelay,
    Other,
}

impl Key {
    /// The keys with the misspellings that are common enough to be meant.
    fn of(key: &[u8]) -> Key {
        let is = |names: &[&str]| names.iter().any(|name| key.eq_ignore_ascii_case(name.as_bytes()));
        if is(&["user-agent", "useragent", "user agent"]) {
            Key::UserAgent
        } else if is(&["allow"]) {
            Key::Allow
        } else if is(&["disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"]) {
            Key::Disallow
        } else if is(&["crawl-delay", "crawldelay", "crawl delay"]) {
            Key::CrawlDelay
        } else {
            Key::Other
        }
    }
}

/// The lines of a file: without byte order mark, ended by LF, CR or both, each cut at its longest.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let cut = bytes.len() > MAX_BYTES;
    let bytes = &bytes[..bytes.len().min(MAX_BYTES)];
    // The line at the cut is not whole, and half an `Allow` allows too much.
    let bytes = match bytes.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
        Some(end) if cut => &bytes[..end],
        _ => bytes,
    };
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    bytes.split(|byte| matches!(byte, b'\n' | b'\r')).map(|line| &line[..line.len().min(MAX_LINE)])
}

/// `key: value` without comment; white space in the place of the colon is forgiven where there are two words.
fn key_and_value(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.split(|byte| *byte == b'#').next().unwrap_or_default().trim_ascii();
    if let Some(colon) = line.iter().position(|byte| *byte == b':') {
        return Some((line[..colon].trim_ascii(), line[colon + 1..].trim_ascii()));
    }
    let space = line.iter().position(u8::is_ascii_whitespace)?;
    let value = line[space..].trim_ascii();
    (!value.iter().any(u8::is_ascii_whitespace)).then(|| (&line[..space], value))
}

/// What becomes of the percent-encoded octets that are there.
#[derive(Clone, Copy, PartialEq)]
enum Escapes {
    /// Hex digits in upper case.
    Uppercased,
    /// Unreserved characters decoded as well (RFC 3986 §6.2.2.2).
    Decoded,
}

/// Brings a pattern or path into one form (RFC 9309 §2.2.2); what is not ASCII is percent-encoded if `encode`.
fn escape(bytes: &[u8], escapes: Escapes, encode: bool) -> String {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, octet(tail)) {
            (b'%', Some(octet)) => {
                rest = &tail[2..];
                if escapes == Escapes::Decoded && (octet.is_ascii_alphanumeric() || b"-._~".contains(&octet)) {
                    out.push(octet);
                } else {
                    out.extend_from_slice(format!("%{octet:02X}").as_bytes());
                }
            }
            (0x80.., _) if encode => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The octet that two hex digits stand for.
fn octet(digits: &[u8]) -> Option<u8> {
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    Some((value(digits.first()?)? * 16 + value(digits.get(1)?)?) as u8)
}
