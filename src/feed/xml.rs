//! XML as found: a tokenizer that never gives up, and says what it had to forgive.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::entities;

/// A piece of a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Event<'d> {
    /// A start tag; `attributes` is what stands behind the name.
    Start { name: &'d str, attributes: &'d str, empty: bool },
    /// An end tag.
    End { name: &'d str },
    /// Text between tags, its references not yet decoded.
    Text(&'d str),
    /// The inside of a CDATA section.
    Literal(&'d str),
}

/// What had to be forgiven, by a stable short name, with how often; and what was lost by it.
#[derive(Debug, Clone, Default)]
pub(super) struct Mended {
    steps: BTreeMap<&'static str, usize>,
    /// Bytes of the text that nothing could be made of.
    pub(super) lost: usize,
}

impl Mended {
    /// Notes one more.
    pub(super) fn note(&mut self, step: &'static str) {
        *self.steps.entry(step).or_default() += 1;
    }

    /// Notes what can happen but once.
    pub(super) fn note_once(&mut self, step: &'static str) {
        self.steps.insert(step, 1);
    }

    /// Counts bytes that were passed over.
    pub(super) fn lose(&mut self, bytes: usize) {
        self.lost += bytes;
    }

    /// Whether nothing had to be forgiven.
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Everything noted, in a stable order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.steps.iter().map(|(step, count)| (*step, *count))
    }
}

/// Entities that a document declares for itself, bounded in number and length, never expanded twice.
#[derive(Debug, Clone, Default)]
pub(super) struct Declared(Vec<(String, String)>);

impl Declared {
    const MOST: usize = 200;
    const LONGEST: usize = 1000;

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Reads `<!ENTITY name "value">` out of a document type declaration.
    fn harvest(&mut self, doctype: &str) {
        for part in doctype.split("<!ENTITY").skip(1) {
            let mut words = part.trim_start().splitn(2, char::is_whitespace);
            let (Some(name), Some(rest)) = (words.next(), words.next()) else { continue };
            let rest = rest.trim_start();
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
            let Some(end) = rest[1..].find(quote) else { continue };
            if name != "%" && self.0.len() < Self::MOST && end <= Self::LONGEST && self.get(name).is_none() {
                let value = decode(&rest[1..=end], &Declared::default(), &mut Mended::default()).into_owned();
                self.0.push((name.to_owned(), value));
            }
        }
    }
}

/// What is known about the next place of a mark.
#[derive(Debug, Clone, Copy)]
enum Ahead {
    Unknown,
    At(usize),
    Nowhere,
}

impl Ahead {
    /// The first place of the mark at or behind `from`.
    fn find(&mut self, text: &str, mark: &str, from: usize) -> Option<usize> {
        match *self {
            Ahead::Nowhere => return None,
            Ahead::At(at) if at >= from => return Some(at),
            _ => {}
        }
        let found = text[from..].find(mark).map(|at| from + at);
        *self = found.map_or(Ahead::Nowhere, Ahead::At);
        found
    }
}

/// Walks over a document.
pub(super) struct Tokenizer<'d> {
    text: &'d str,
    /// Where the last piece began, and where the next one does.
    pub(super) from: usize,
    pub(super) at: usize,
    /// Where the next `]]>` and `-->` stand, once looked for, so that no byte is searched twice.
    section_end: Ahead,
    comment_end: Ahead,
    /// Whether the document type was read already.
    typed: bool,
    /// What had to be forgiven so far.
    pub(super) mended: Mended,
    /// Entities declared so far.
    pub(super) declared: Declared,
}

impl<'d> Tokenizer<'d> {
    pub(super) fn new(text: &'d str) -> Tokenizer<'d> {
        Tokenizer {
            text,
            from: 0,
            at: 0,
            section_end: Ahead::Unknown,
            comment_end: Ahead::Unknown,
            typed: false,
            mended: Mended::default(),
            declared: Declared::default(),
        }
    }

    /// The next piece. `open` is the innermost open element, where an unclosed CDATA section ends.
    pub(super) fn next(&mut self, open: Option<&str>) -> Option<Event<'d>> {
        loop {
            let rest = &self.text[self.at..];
            self.from = self.at;
            if rest.is_empty() {
                return None;
            }
            if !rest.starts_with('<') {
                let length = rest.find('<').unwrap_or(rest.len());
                self.at += length;
                return Some(Event::Text(&rest[..length]));
            }
            match rest.as_bytes().get(1) {
                Some(b'!') if rest.starts_with("<![CDATA[") => return Some(self.literal(rest, open)),
                Some(b'!') => {
                    if let Some(event) = self.declaration(rest) {
                        return Some(event);
                    }
                }
                Some(b'?') => {
                    self.at += instruction_length(rest);
                }
                Some(b'/') => {
                    if let Some(event) = self.end_tag(rest) {
                        return Some(event);
                    }
                }
                Some(byte) if is_name_start(*byte) => return Some(self.start_tag(rest)),
                _ => return Some(self.bare_bracket(rest)),
            }
        }
    }

    /// A CDATA section. One that is never closed, or that would swallow whole entries, ends at the
    /// end tag of the element it stands in.
    fn literal(&mut self, rest: &'d str, open: Option<&str>) -> Event<'d> {
        let inside = &rest[9..];
        let close = self.section_end.find(self.text, "]]>", self.at + 9).map(|at| at - self.at - 9);
        let swallows = |end: usize| {
            inside[..end].find("<![CDATA[").is_some_and(|next| open.is_some_and(|open| end_tag_of(&inside[..next], open).is_some()))
        };
        match close {
            Some(end) if !swallows(end) => {
                self.at += 9 + end + 3;
                Event::Literal(&inside[..end])
            }
            _ => {
                self.mended.note("unclosed-cdata");
                let end = open.and_then(|open| end_tag_of(inside, open)).unwrap_or(inside.len());
                self.at += 9 + end;
                Event::Literal(inside[..end].trim_end_matches("]]").trim_end_matches("]]&gt;"))
            }
        }
    }

    /// Comments and document types are passed over; anything else that begins with `<!` too.
    fn declaration(&mut self, rest: &'d str) -> Option<Event<'d>> {
        if rest.starts_with("<!--") {
            let close = self.comment_end.find(self.text, "-->", self.at + 4);
            match close {
                // XML §2.5: a comment holds no other, so this one was never closed.
                Some(end) if !self.text[self.at + 4..end].contains("<!--") => self.at = end + 3,
                _ => {
                    self.mended.note("unclosed-comment");
                    let length = rest.find('>').map_or(rest.len(), |end| end + 1);
                    self.mended.lose(length);
                    self.at += length;
                }
            }
            return None;
        }
        let mut end = rest.find('>').unwrap_or(rest.len());
        if !self.typed && rest.get(..9).is_some_and(|head| head.eq_ignore_ascii_case("<!DOCTYPE")) {
            self.typed = true;
            if rest[..end].contains('[')
                && let Some(close) =
                    rest.find("]>").or_else(|| rest.find(']').filter(|at| rest[at + 1..].trim_start().starts_with('>')))
            {
                end = close + rest[close..].find('>').unwrap_or(0);
                self.declared.harvest(&rest[..end]);
            }
        }
        self.at += (end + 1).min(rest.len());
        None
    }

    fn end_tag(&mut self, rest: &'d str) -> Option<Event<'d>> {
        let inside = &rest[2..];
        let length = inside.find(|c: char| c == '>' || c == '<' || c.is_whitespace()).unwrap_or(inside.len());
        let name = &inside[..length];
        if name.is_empty() || !is_name_start(name.as_bytes()[0]) {
            self.mended.note("bare-bracket");
            self.at += 2;
            return Some(Event::Text("</"));
        }
        let behind = &inside[length..];
        let Some(close) = behind.find(['>', '<']) else {
            // Half an end tag may be the half of a longer name: it closes nothing.
            self.cut_tag(rest);
            return None;
        };
        let bracket = behind.as_bytes()[close] == b'>';
        self.at += 2 + length + close + usize::from(bracket);
        if !bracket {
            self.mended.note("unclosed-tag");
        }
        Some(Event::End { name })
    }

    fn start_tag(&mut self, rest: &'d str) -> Event<'d> {
        let bytes = rest.as_bytes();
        let mut at = 1;
        while at < bytes.len() && is_name(bytes[at]) {
            at += 1;
        }
        let name = &rest[1..at];
        let start = at;
        loop {
            match bytes.get(at) {
                Some(b'>') => {
                    self.at += at + 1;
                    let attributes = &rest[start..at];
                    let empty = attributes.ends_with('/');
                    let attributes = if empty { &attributes[..attributes.len() - 1] } else { attributes };
                    return Event::Start { name, attributes, empty };
                }
                Some(quote @ (b'"' | b'\'')) if rest[start..at].trim_end().ends_with('=') => at = self.value_end(rest, at, *quote),
                Some(b'<') | None => {
                    // The tag is never closed: with attributes it was meant as one, else the bracket is text.
                    if bytes.get(at).is_some() && rest[start..at].contains('=') {
                        self.mended.note("unclosed-tag");
                        self.at += at;
                        return Event::Start { name, attributes: &rest[start..at], empty: false };
                    }
                    if bytes.get(at).is_none() {
                        self.cut_tag(rest);
                        return Event::Text("");
                    }
                    return self.bare_bracket(rest);
                }
                Some(_) => at += 1,
            }
        }
    }

    /// Passes over a tag that the end of the document cut.
    fn cut_tag(&mut self, rest: &str) {
        self.mended.note_once("truncated");
        self.mended.lose(rest.len());
        self.at += rest.len();
    }

    /// The place behind a quoted value. A quote that is never closed ends where the tag does.
    fn value_end(&mut self, rest: &str, at: usize, quote: u8) -> usize {
        let inside = &rest[at + 1..];
        let close = inside.find(quote as char);
        let value = &inside[..close.unwrap_or(inside.len())];
        let bracket = value.find('>');
        let runs_over = match (bracket, value.find('<')) {
            (Some(end), Some(next)) => end < next,
            (Some(_), None) => close.is_none(),
            (None, _) => false,
        };
        match (close, bracket) {
            (_, Some(end)) if runs_over => {
                self.mended.note("unclosed-quote");
                at + 1 + end
            }
            (Some(close), _) => at + 1 + close + 1,
            (None, _) => rest.len(),
        }
    }

    /// A `<` that opens nothing is text.
    fn bare_bracket(&mut self, rest: &'d str) -> Event<'d> {
        self.mended.note("bare-bracket");
        let length = rest[1..].find('<').map_or(rest.len(), |next| next + 1);
        self.at += length;
        Event::Text(&rest[..length])
    }
}

/// The length of a processing instruction; one that forgot its question mark ends at the bracket.
fn instruction_length(text: &str) -> usize {
    let Some(bracket) = text.find('>') else { return text.len() };
    if text[..bracket].ends_with('?') {
        return bracket + 1;
    }
    let next = text[bracket..].find('<').map_or(text.len(), |at| bracket + at);
    text[bracket..next].find("?>").map_or(bracket + 1, |at| bracket + at + 2)
}

/// The first end tag of an element, by name.
fn end_tag_of(text: &str, name: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].find("</") {
        let behind = &text[from + at + 2..];
        if behind.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
            && behind[name.len()..].starts_with(|c: char| c == '>' || c.is_whitespace())
        {
            return Some(from + at);
        }
        from += at + 2;
    }
    None
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':') || byte >= 0x80
}

/// The attributes of a start tag, in order; values not decoded. Quotes may be missing.
pub(super) fn attributes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | '"' | '\'' | '='));
            if rest.is_empty() {
                return None;
            }
            let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
            let name = &rest[..end];
            let behind = rest[end..].trim_start();
            let Some(value) = behind.strip_prefix('=') else {
                rest = behind;
                continue;
            };
            let value = value.trim_start();
            let (value, next) = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
                _ => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
            };
            rest = next;
            return Some((name, value));
        }
    })
}

/// Text with its references decoded and without control characters, which XML does not know.
/// What is no reference stays as it stands.
pub(super) fn decode<'d>(raw: &'d str, declared: &Declared, mended: &mut Mended) -> Cow<'d, str> {
    if !raw.bytes().any(|byte| byte == b'&' || byte < 0x20 && !matches!(byte, b'\t' | b'\n')) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(|c: char| c == '&' || c < ' ' && !matches!(c, '\t' | '\n')) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if !rest.starts_with('&') {
            // XML §2.11: a carriage return is a line break.
            if rest.starts_with('\r') {
                if !rest.starts_with("\r\n") {
                    out.push('\n');
                }
            } else {
                mended.note("control-character");
                mended.lose(1);
            }
            rest = &rest[1..];
            continue;
        }
        match reference(rest, declared, mended) {
            Some((text, length)) => {
                out.push_str(&text);
                rest = &rest[length..];
            }
            None => {
                mended.note("bare-ampersand");
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// What a reference at the head of the text stands for, and its length.
fn reference<'r>(text: &str, declared: &'r Declared, mended: &mut Mended) -> Option<(Cow<'r, str>, usize)> {
    let mut end = text.len().min(40);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let length = text[1..end].find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '#' | '_' | '-' | '.' | ':')))? + 1;
    if text.as_bytes()[length] != b';' {
        return None;
    }
    let name = &text[1..length];
    let length = length + 1;
    if let Some(digits) = name.strip_prefix('#') {
        let code = match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => digits.parse().ok()?,
        };
        return match entities::numbered(code) {
            Some(c) if c >= ' ' || matches!(c, '\t' | '\n' | '\r') => Some((Cow::Owned(c.to_string()), length)),
            // A control character by number is dropped like one that stands there.
            _ => {
                mended.note("control-character");
                mended.lose(length);
                Some((Cow::Borrowed(""), length))
            }
        };
    }
    let known = match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => {
            if let Some(value) = declared.get(name) {
                return Some((Cow::Borrowed(value), length));
            }
            let c = entities::named(name)?;
            mended.note("undeclared-entity");
            return Some((Cow::Owned(c.to_string()), length));
        }
    };
    Some((Cow::Borrowed(known), length))
}

/// Escapes text so that it stands for itself in HTML.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}
