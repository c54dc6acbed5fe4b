//! One file of the configuration as a table, as much of it as can be read despite slips in its syntax.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::File;
use super::mistake::{Mistake, Place, Wrong, nearest};

/// Most slips that are mended before the rest of a file is left unread.
const MOST_MENDED: usize = 50;

/// What collects the mistakes of one file.
pub(super) struct Reader<'f> {
    file: &'f File,
    line_starts: Vec<usize>,
    /// Where a table begins, and its name.
    headers: Vec<(usize, String)>,
    /// Lines with a slip of syntax: what they mean is not judged.
    unreadable: BTreeSet<usize>,
    pub(super) mistakes: Vec<Mistake>,
}

impl<'f> Reader<'f> {
    /// The name of the file that is read.
    pub(super) fn file_name(&self) -> &str {
        &self.file.name
    }

    pub(super) fn new(file: &'f File) -> Reader<'f> {
        let line_starts = std::iter::once(0).chain(file.text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let headers = file.text.split('\n').scan(0, |at, line| {
            let start = *at;
            *at += line.len() + 1;
            Some((start, line.trim()))
        });
        let headers = headers
            .filter(|(_, line)| line.starts_with('['))
            .map(|(at, line)| (at, line.trim_matches(['[', ']', ' ']).to_owned()))
            .collect();
        Reader { file, line_starts, headers, unreadable: BTreeSet::new(), mistakes: Vec::new() }
    }

    /// The file's text, with what cannot be read blanked out, so that offsets stay true.
    pub(super) fn readable_text(&mut self) -> String {
        let mut text = self.file.text.clone();
        let mut slips: Vec<(usize, String)> = Vec::new();
        for _ in 0..MOST_MENDED {
            let (table, errors) = DeTable::parse_recoverable(&text);
            let found: Vec<Slip> = errors.iter().map(|error| Slip::of(error, text.len())).collect();
            let hole = found.iter().find_map(|slip| slip.hole(&text, table.get_ref()));
            let Some(hole) = hole else {
                slips.extend(found.into_iter().map(|slip| (slip.at, slip.message)));
                break;
            };
            // The slips within the hole are one mistake, the first; those outside come again.
            let inside = |slip: &&Slip| slip.at >= hole.range.start && slip.at <= hole.range.end;
            let first = found.iter().find(inside).map_or_else(String::new, |slip| slip.message.clone());
            slips.push((hole.at, if hole.message.is_empty() { first } else { hole.message }));
            text = blanked(&text, hole.range);
        }
        for (at, message) in slips {
            self.syntax_mistake(at, &message);
        }
        text
    }

    /// Whether every line could be read; if not, what seems missing may only be unreadable.
    pub(super) fn is_readable(&self) -> bool {
        self.unreadable.is_empty()
    }

    /// The line and column of an offset.
    pub(super) fn place(&self, at: usize) -> Place {
        let at = at.min(self.file.text.len());
        let line = self.line_starts.partition_point(|start| *start <= at);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column =
            self.file.text.get(start..at).map_or(at - start, |before| before.trim_start_matches('\u{feff}').chars().count()) + 1;
        Place { file: self.file.name.clone(), line, column }
    }

    /// Notes a mistake, unless its line could not be read in the first place.
    pub(super) fn complain(&mut self, at: usize, key: &str, wrong: Wrong) {
        let place = self.place(at);
        if !self.unreadable.contains(&place.line) {
            self.mistakes.push(Mistake { place, key: key.to_owned(), message: wrong.message, nearest: wrong.nearest });
        }
    }

    /// Notes a key that nobody knows.
    pub(super) fn unknown_key<'c>(&mut self, at: usize, path: &str, name: &str, known: impl Iterator<Item = &'c str> + Clone) {
        let guess = nearest(name, known);
        self.complain(at, path, Wrong::new("there is no such key").meaning(guess));
    }

    /// One mistake a line: what follows on it is mostly a consequence of the first.
    fn syntax_mistake(&mut self, at: usize, message: &str) {
        let place = self.place(at);
        if !self.unreadable.insert(place.line) {
            return;
        }
        let key = self.key_on_line(place.line);
        self.mistakes.push(Mistake { place, key, message: in_our_words(message), nearest: None });
    }

    /// The key on a line, when one stands there, with the table above it.
    fn key_on_line(&self, line: usize) -> String {
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let text = &self.file.text[line_of(&self.file.text, start)];
        let key = text.split('=').next().unwrap_or_default().trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '"');
        if !text.contains('=') || key.is_empty() || key.len() > 64 || !key.chars().all(plain) {
            return String::new();
        }
        let above = self.headers.partition_point(|(at, _)| *at < start);
        match self.headers[..above].last() {
            Some((_, table)) if table.len() <= 64 && table.chars().all(plain) => format!("{table}.{key}"),
            _ => key.to_owned(),
        }
    }
}

/// A slip of syntax.
struct Slip {
    at: usize,
    message: String,
}

/// A part of the text that is blanked out because the reader cannot get past it.
struct Hole {
    at: usize,
    /// Empty: the message of the first slip in the hole.
    message: String,
    range: Range<usize>,
}

impl Slip {
    fn of(error: &toml::de::Error, length: usize) -> Slip {
        Slip { at: error.span().map_or(length, |span| span.start), message: error.message().to_owned() }
    }

    /// The hole to be made, when this slip hides what follows it.
    fn hole(&self, text: &str, table: &DeTable<'_>) -> Option<Hole> {
        if self.message.starts_with("key with no value") {
            let range = line_of(text, self.at.saturating_sub(1));
            return has_text(text, &range).then_some(Hole { at: self.at, message: String::new(), range });
        }
        if self.message.starts_with("unclosed table") || self.message.starts_with("unclosed array of tables") {
            let line = line_of(text, self.at.saturating_sub(1));
            let range = line.start..next_line(text, line.end, |line| line.starts_with('['));
            let message = "the name of the table is not closed, expected `]`".to_owned();
            return has_text(text, &range).then_some(Hole { at: self.at, message, range });
        }
        let unclosed = self.message.starts_with("unclosed array")
            || self.message.starts_with("unclosed inline table")
            || self.message.starts_with("invalid multi-line");
        if !unclosed {
            return None;
        }
        let start = outermost(table, self.at)?;
        let end = next_statement(text, start);
        let what = match text.as_bytes().get(start) {
            Some(b'[') => "the array is not closed, expected `]`",
            Some(b'{') => "the inline table is not closed, expected `}`",
            _ => "the text is not closed, expected three quotes",
        };
        let range = line_of(text, start).start..end;
        has_text(text, &range).then(|| Hole { at: start, message: what.to_owned(), range })
    }
}

/// Where the outermost array, inline table or string begins that runs up to `at`.
fn outermost(table: &DeTable<'_>, at: usize) -> Option<usize> {
    let covers = |value: &Spanned<DeValue<'_>>| {
        let span = value.span();
        span.start < at && span.end >= at
    };
    let mut starts: Vec<usize> = Vec::new();
    let mut waiting: Vec<&Spanned<DeValue<'_>>> = table.iter().map(|(_, value)| value).collect();
    while let Some(value) = waiting.pop() {
        if covers(value) {
            starts.push(value.span().start);
            continue;
        }
        match value.get_ref() {
            DeValue::Table(inner) => waiting.extend(inner.iter().map(|(_, value)| value)),
            DeValue::Array(inner) => waiting.extend(inner.iter()),
            _ => {}
        }
    }
    starts.into_iter().min()
}

/// Where the next line begins, after the one of `start`, that looks like a key or a table.
fn next_statement(text: &str, start: usize) -> usize {
    next_line(text, line_of(text, start).end, |line| {
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let after = line.trim_start_matches(word);
        line.starts_with('[') || after.len() < line.len() && after.trim_start().starts_with('=')
    })
}

/// Where the first line from `at` on begins that is as wanted, its indentation aside.
fn next_line(text: &str, mut at: usize, wanted: impl Fn(&str) -> bool) -> usize {
    while at < text.len() {
        let line = line_of(text, at);
        if wanted(text[line.clone()].trim_start()) {
            return line.start;
        }
        at = line.end;
    }
    text.len()
}

/// The line around an offset, with its end.
fn line_of(text: &str, at: usize) -> Range<usize> {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length + 1);
    start..end
}

/// Whether something can still be blanked out there: what makes mending come to an end.
fn has_text(text: &str, range: &Range<usize>) -> bool {
    text.get(range.clone()).is_some_and(|part| !part.trim().is_empty())
}

/// The text with spaces in the place of a range; line breaks stay.
fn blanked(text: &str, range: Range<usize>) -> String {
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..range.start]);
    out.extend(text[range.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
    out.push_str(&text[range.end..]);
    out
}

/// The parser's message with the remedy an operator needs.
fn in_our_words(message: &str) -> String {
    let remedy = if message.starts_with("string values must be quoted") || message.starts_with("invalid boolean") {
        "text must stand between quotes"
    } else if message.starts_with("missing escaped value") {
        "a backslash has a meaning between double quotes; write expressions between single ones: '\\d+'"
    } else if message.ends_with(" string, expected `\"`") || message.ends_with(" string, expected `'`") {
        "the text is not closed, expected the quote it began with"
    } else if message == "duplicate key" {
        "given twice"
    } else if message.starts_with("key with no value") {
        "expected key = value"
    } else {
        message
    };
    remedy.to_owned()
}
