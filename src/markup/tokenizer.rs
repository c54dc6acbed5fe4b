//! A streaming tokenizer: the states of the HTML standard (§13.2.5) that decide where a tag begins
//! and ends, without a tree and without an allocation. Whatever the input, every byte belongs to
//! exactly one token and the cost is linear.

use std::borrow::Cow;

/// One piece of markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// Characters, entities not decoded.
    Text(&'a str),
    /// `<name …>`.
    Start(Tag<'a>),
    /// `</name>`; the name as written.
    End(&'a str),
    /// The inside of a raw text element (`script`, `style`, `textarea`, …), entities not decoded.
    Raw(&'a str),
    /// A comment, a doctype, a processing instruction or a CDATA mark: nothing to read.
    Comment(&'a str),
}

/// A start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag<'a> {
    /// The name as written.
    pub name: &'a str,
    /// What stands between the name and `>`.
    pub inside: &'a str,
    /// Number of attributes, duplicates counted.
    pub attributes: usize,
    /// Whether it ends in `/>`.
    pub self_closing: bool,
}

impl<'a> Tag<'a> {
    /// Whether this is the element `name` (lower case).
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The attributes in document order, duplicates included.
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes { text: self.inside, at: 0 }
    }

    /// The first attribute of that name (lower case), entities decoded.
    pub fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        self.attributes().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| super::decode_entities(value))
    }
}

/// Iterates over a tag's attributes as `(name, value)`, entities not decoded.
#[derive(Debug, Clone)]
pub struct Attributes<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let found = attribute(self.text, self.at)?;
        self.at = found.end;
        Some((&self.text[found.name.0..found.name.1], &self.text[found.value.0..found.value.1]))
    }
}

/// Where one attribute lies within the inside of a tag.
struct Span {
    name: (usize, usize),
    value: (usize, usize),
    end: usize,
}

/// The attribute at or after `at`; `text` holds no `>` outside of quotes.
fn attribute(text: &str, mut at: usize) -> Option<Span> {
    let bytes = text.as_bytes();
    while at < bytes.len() && (is_space(bytes[at]) || bytes[at] == b'/') {
        at += 1;
    }
    if at >= bytes.len() {
        return None;
    }
    let start = at;
    // A leading `=` is part of the name.
    at += 1;
    while at < bytes.len() && !is_space(bytes[at]) && !matches!(bytes[at], b'/' | b'=') {
        at += 1;
    }
    let name = (start, at);
    let mut look = at;
    while look < bytes.len() && is_space(bytes[look]) {
        look += 1;
    }
    if look >= bytes.len() || bytes[look] != b'=' {
        return Some(Span { name, value: (at, at), end: at });
    }
    look += 1;
    while look < bytes.len() && is_space(bytes[look]) {
        look += 1;
    }
    if look >= bytes.len() {
        return Some(Span { name, value: (look, look), end: look });
    }
    if matches!(bytes[look], b'"' | b'\'') {
        let quote = bytes[look];
        let from = look + 1;
        let to = bytes[from..].iter().position(|&byte| byte == quote).map_or(bytes.len(), |length| from + length);
        return Some(Span { name, value: (from, to), end: (to + 1).min(bytes.len()) });
    }
    let from = look;
    while look < bytes.len() && !is_space(bytes[look]) {
        look += 1;
    }
    Some(Span { name, value: (from, look), end: look })
}

/// Iterates over the tokens of a text, with the range each came from.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// The element whose raw text comes next.
    raw: Option<&'a str>,
    /// While false (inside `svg` and `math`), no element holds raw text.
    pub(super) html: bool,
}

impl<'a> Tokens<'a> {
    /// Starts at the beginning of `text`.
    pub fn new(text: &'a str) -> Tokens<'a> {
        Tokens { text, at: 0, raw: None, html: true }
    }

    /// The next token and where it lies.
    pub(super) fn step(&mut self) -> Option<(Token<'a>, std::ops::Range<usize>)> {
        if let Some(name) = self.raw.take() {
            let end = raw_end(&self.text[self.at..], name) + self.at;
            if end > self.at {
                let range = self.at..end;
                self.at = end;
                return Some((Token::Raw(&self.text[range.clone()]), range));
            }
        }
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let start = self.at;
        let token = if rest.starts_with('<') { self.markup(rest) } else { None };
        let token = token.unwrap_or_else(|| {
            // A `<` that opens nothing is text, as is everything up to the next `<`.
            let length = rest.chars().next().map_or(0, char::len_utf8);
            let end = rest[length..].find('<').map_or(rest.len(), |found| found + length);
            self.at = start + end;
            Token::Text(&rest[..end])
        });
        Some((token, start..self.at))
    }

    /// The token that opens with the `<` of `rest`, or `None` when it is a mere character.
    fn markup(&mut self, rest: &'a str) -> Option<Token<'a>> {
        let bytes = rest.as_bytes();
        match *bytes.get(1)? {
            b'!' => {
                let end = comment_end(rest);
                self.at += end;
                Some(Token::Comment(&rest[..end]))
            }
            b'?' => {
                let end = rest.find('>').map_or(rest.len(), |found| found + 1);
                self.at += end;
                Some(Token::Comment(&rest[..end]))
            }
            b'/' => match bytes.get(2) {
                Some(byte) if byte.is_ascii_alphabetic() => {
                    let name = tag_name(&rest[2..]);
                    let (inside, end, _) = tag_inside(rest, 2 + name.len());
                    self.at += end;
                    // A tag cut off by the end of the text is dropped by the standard.
                    Some(if inside.is_some() { Token::End(name) } else { Token::Comment(rest) })
                }
                Some(_) => {
                    let end = rest.find('>').map_or(rest.len(), |found| found + 1);
                    self.at += end;
                    Some(Token::Comment(&rest[..end]))
                }
                None => None,
            },
            byte if byte.is_ascii_alphabetic() => {
                let name = tag_name(&rest[1..]);
                let (inside, end, attributes) = tag_inside(rest, 1 + name.len());
                self.at += end;
                let Some(inside) = inside else { return Some(Token::Comment(rest)) };
                let self_closing = inside.ends_with('/');
                if self.html && is_raw(name) {
                    self.raw = Some(name);
                }
                Some(Token::Start(Tag { name, inside, attributes, self_closing }))
            }
            _ => None,
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.step().map(|(token, _)| token)
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

/// Elements whose content a browser with scripting reads as characters.
fn is_raw(name: &str) -> bool {
    const RAW: [&str; 10] =
        ["script", "style", "textarea", "title", "noscript", "iframe", "noembed", "noframes", "xmp", "plaintext"];
    RAW.iter().any(|raw| name.eq_ignore_ascii_case(raw))
}

/// The tag name at the start of `text`.
fn tag_name(text: &str) -> &str {
    let end = text.bytes().position(|byte| is_space(byte) || matches!(byte, b'/' | b'>')).unwrap_or(text.len());
    &text[..end]
}

/// From `at` (behind the name) to behind `>`: the inside (`None` when the text ends first), the end, the attributes seen.
fn tag_inside(rest: &str, at: usize) -> (Option<&str>, usize, usize) {
    let bytes = rest.as_bytes();
    let (mut here, mut attributes) = (at, 0);
    loop {
        while here < bytes.len() && (is_space(bytes[here]) || bytes[here] == b'/') {
            here += 1;
        }
        if here >= bytes.len() {
            return (None, rest.len(), attributes);
        }
        if bytes[here] == b'>' {
            return (Some(&rest[at..here]), here + 1, attributes);
        }
        attributes += 1;
        here += 1;
        while here < bytes.len() && !is_space(bytes[here]) && !matches!(bytes[here], b'/' | b'=' | b'>') {
            here += 1;
        }
        let mut look = here;
        while look < bytes.len() && is_space(bytes[look]) {
            look += 1;
        }
        if look >= bytes.len() || bytes[look] != b'=' {
            continue;
        }
        here = look + 1;
        while here < bytes.len() && is_space(bytes[here]) {
            here += 1;
        }
        match bytes.get(here) {
            None => return (None, rest.len(), attributes),
            Some(&quote @ (b'"' | b'\'')) => match rest[here + 1..].find(quote as char) {
                Some(length) => here += length + 2,
                None => return (None, rest.len(), attributes),
            },
            Some(_) => {
                while here < bytes.len() && !is_space(bytes[here]) && bytes[here] != b'>' {
                    here += 1;
                }
            }
        }
    }
}

/// Length of the comment, doctype or CDATA mark at the start of `rest`.
fn comment_end(rest: &str) -> usize {
    let Some(inside) = rest.strip_prefix("<!--") else {
        return rest.find('>').map_or(rest.len(), |found| found + 1);
    };
    // `<!-->` and `<!--->` are empty comments.
    for (mark, length) in [(">", 5), ("->", 6)] {
        if inside.starts_with(mark) {
            return length;
        }
    }
    let mut from = 0;
    while let Some(found) = inside[from..].find("--") {
        let after = from + found + 2;
        let tail = &inside.as_bytes()[after..];
        match tail.first() {
            Some(b'>') => return 4 + after + 1,
            Some(b'!') if tail.get(1) == Some(&b'>') => return 4 + after + 2,
            _ => from = after - 1,
        }
    }
    rest.len()
}

/// Length of the raw text at the start of `rest`, up to `</name` (or the end).
fn raw_end(rest: &str, name: &str) -> usize {
    if name.eq_ignore_ascii_case("plaintext") {
        return rest.len();
    }
    let mut from = 0;
    while let Some(found) = rest[from..].find("</") {
        let at = from + found;
        let tail = &rest.as_bytes()[at + 2..];
        let closes = tail.len() > name.len()
            && tail[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            && (is_space(tail[name.len()]) || matches!(tail[name.len()], b'/' | b'>'));
        if closes {
            return at;
        }
        from = at + 2;
    }
    rest.len()
}
