//! JSON as found: a reader that goes on behind a fault, at the next member or the next item.

use serde_json::{Map, Value};

use super::xml::Mended;

/// Marks an object of which the end of the document cut a member that is no long text.
pub(super) const CUT: &str = "\0cut";

/// What could be read.
pub(super) struct Found {
    pub(super) value: Value,
    /// Objects that stood where none belongs: items behind a list that was closed too early.
    pub(super) strays: Vec<Value>,
    /// Whether the document ended as it should.
    pub(super) complete: bool,
}

/// Reads a document; `None` when there is nothing like a value at its head.
pub(super) fn read(text: &str, mended: &mut Mended) -> Option<Found> {
    let mut reader = Reader { bytes: text.as_bytes(), text, at: 0, complete: true, left: Reader::MOST, strays: Vec::new(), mended };
    let value = reader.value(0)?;
    reader.behind_the_end();
    Some(Found { value, strays: reader.strays, complete: reader.complete })
}

struct Reader<'j, 'm> {
    bytes: &'j [u8],
    text: &'j str,
    at: usize,
    complete: bool,
    /// How many more values are read.
    left: usize,
    strays: Vec<Value>,
    mended: &'m mut Mended,
}

impl Reader<'_, '_> {
    const DEEPEST: usize = 64;
    /// How deep an item lies: in a list in the document's own object.
    const ITEM: usize = 2;
    const MOST: usize = 1_000_000;
    /// Longest name of a member that is believed to be one.
    const LONGEST_NAME: usize = 60;

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.blank();
        if depth > Self::DEEPEST || self.left == 0 {
            return None;
        }
        self.left -= 1;
        match self.bytes.get(self.at)? {
            b'{' => {
                self.at += 1;
                Some(Value::Object(self.members(depth)))
            }
            b'[' => Some(Value::Array(self.array(depth))),
            b'"' => self.string().map(Value::String),
            _ => self.word(),
        }
    }

    /// The members of an object up to its end, or to where it must have ended.
    fn members(&mut self, depth: usize) -> Map<String, Value> {
        let mut object = Map::new();
        loop {
            self.blank();
            let start = self.at;
            match self.bytes.get(start) {
                None => {
                    self.end_of_document();
                    return object;
                }
                Some(b'}') => {
                    self.at += 1;
                    return object;
                }
                Some(b',') => self.at += 1,
                Some(b'"') => {
                    if !self.member(depth, &mut object) && depth > Self::ITEM {
                        return self.leave_inner(object);
                    }
                }
                // The document's own object: its list of items ended too early.
                Some(b'{') if depth == 0 => {
                    self.mended.note("broken-json-member");
                    match self.value(1) {
                        Some(stray) => self.strays.push(stray),
                        None => self.resume(start + 1),
                    }
                }
                Some(b']') if depth == 0 => self.leave(1),
                // The next item begins, or the list ends: this object did too.
                Some(b'{' | b']') => {
                    self.mended.note("unclosed-element");
                    return object;
                }
                Some(_) => {
                    self.resume(start);
                    if depth > Self::ITEM {
                        return self.leave_inner(object);
                    }
                }
            }
        }
    }

    /// After a fault in an object within an item, what follows belongs to the item.
    fn leave_inner(&mut self, object: Map<String, Value>) -> Map<String, Value> {
        if self.bytes.get(self.at) == Some(&b'}') && self.bytes.get(self.behind_blanks(self.at + 1)) == Some(&b']') {
            self.at += 1;
        }
        object
    }

    /// Reads a member; false after a fault, when the next place to go on at was sought.
    fn member(&mut self, depth: usize, object: &mut Map<String, Value>) -> bool {
        let start = self.at;
        let name = self.string().filter(|name| name.len() <= Self::LONGEST_NAME);
        self.blank();
        if let Some(name) = name
            && self.bytes.get(self.at) == Some(&b':')
        {
            self.at += 1;
            match self.value(depth + 1) {
                Some(value) => {
                    object.insert(name, value);
                    return true;
                }
                None if !matches!(name.as_str(), "content_html" | "content_text" | "summary")
                    && self.nothing_follows(start + 1) =>
                {
                    object.insert(CUT.into(), Value::Bool(true));
                }
                None => {}
            }
        }
        self.resume(start + 1);
        false
    }

    fn array(&mut self, depth: usize) -> Vec<Value> {
        let mut values = Vec::new();
        self.at += 1;
        loop {
            self.blank();
            let start = self.at;
            match self.bytes.get(start) {
                None => {
                    self.end_of_document();
                    return values;
                }
                Some(b']') => {
                    self.at += 1;
                    return values;
                }
                Some(b',') => self.at += 1,
                // One brace too many between two items, or a list that was never closed.
                Some(b'}') if depth == 1 && self.begins_item(start + 1) => self.leave(1),
                Some(b'}') => {
                    self.mended.note("unclosed-element");
                    return values;
                }
                Some(b'"') => match self.string() {
                    // A name. In an item, the list it stands behind was never closed; in the list of items,
                    // the brace before it is missing.
                    Some(_) if self.is_colon() && depth > 1 => {
                        self.at = start;
                        self.mended.note("unclosed-element");
                        return values;
                    }
                    Some(_) if self.is_colon() => {
                        self.at = start;
                        self.mended.note("broken-json-member");
                        values.push(Value::Object(self.members(depth + 1)));
                    }
                    Some(text) if self.ends_value() => values.push(Value::String(text)),
                    // A quote too many or too few: what follows is read the wrong way round.
                    _ if depth > 1 => {
                        self.resume(start + 1);
                        return values;
                    }
                    _ => self.skip_to_item(start + 1),
                },
                Some(b'{' | b'[' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n') => match self.value(depth + 1) {
                    Some(value) => values.push(value),
                    None if self.at > start => {}
                    None => self.resume(start + 1),
                },
                Some(_) if depth > 1 => {
                    self.resume(start);
                    return values;
                }
                Some(_) => self.skip_to_item(start),
            }
            if self.left == 0 {
                self.end_of_document();
                return values;
            }
        }
    }

    /// Goes on at the next member or behind the object at hand, wherever that can be told.
    fn resume(&mut self, from: usize) {
        self.mended.note("broken-json-member");
        let next = (from..self.bytes.len()).find(|at| match self.bytes[*at] {
            b',' => self.begins_member(at + 1),
            b'}' => self.begins_item(at + 1) || self.bytes.get(self.behind_blanks(at + 1)) == Some(&b']'),
            _ => false,
        });
        let next = next.unwrap_or(self.bytes.len());
        self.mended.lose(next.saturating_sub(from));
        self.at = next;
    }

    /// Goes on at the next item of the list, or at its end.
    fn skip_to_item(&mut self, from: usize) {
        self.mended.note("broken-json-member");
        let next = (from..self.bytes.len()).find(|at| match self.bytes[*at] {
            b'{' => self.begins_member(at + 1),
            b']' => matches!(self.bytes.get(self.behind_blanks(at + 1)), None | Some(b'}' | b',')),
            _ => false,
        });
        let next = next.unwrap_or(self.bytes.len());
        self.mended.lose(next.saturating_sub(from));
        self.at = next;
    }

    /// Whether what follows ends the value before it.
    fn ends_value(&self) -> bool {
        matches!(self.bytes.get(self.behind_blanks(self.at)), None | Some(b',' | b']' | b'}'))
    }

    /// Whether a name and a colon stand here.
    fn begins_member(&self, at: usize) -> bool {
        let at = self.behind_blanks(at);
        if self.bytes.get(at) != Some(&b'"') {
            return false;
        }
        let name = &self.bytes[at + 1..self.bytes.len().min(at + 2 + Self::LONGEST_NAME)];
        let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
        length > 0 && name.get(length) == Some(&b'"') && self.bytes.get(self.behind_blanks(at + length + 2)) == Some(&b':')
    }

    /// Whether a comma and another object with members stand here.
    fn begins_item(&self, at: usize) -> bool {
        let at = self.behind_blanks(at);
        let next = self.behind_blanks(at + 1);
        self.bytes.get(at) == Some(&b',') && self.bytes.get(next) == Some(&b'{') && self.begins_member(next + 1)
    }

    fn is_colon(&self) -> bool {
        self.bytes.get(self.behind_blanks(self.at)) == Some(&b':')
    }

    /// Whether no quote stands behind this place but the one before a text without an end.
    fn nothing_follows(&self, from: usize) -> bool {
        !(from..self.bytes.len()).any(|at| match self.bytes[at] {
            b',' => self.begins_member(at + 1),
            b'}' => true,
            _ => false,
        })
    }

    /// What follows the document's own value: items, if it ended too early.
    fn behind_the_end(&mut self) {
        loop {
            self.blank();
            let Some(rest) = self.text.get(self.at..).filter(|rest| !rest.is_empty()) else { return };
            let brace = rest.match_indices('{').map(|(at, _)| self.at + at).find(|at| self.begins_member(at + 1));
            self.mended.note("junk-behind-end");
            let next = brace.unwrap_or(self.bytes.len());
            self.mended.lose(next - self.at);
            self.at = next;
            match self.value(1) {
                Some(stray) => self.strays.push(stray),
                None => {
                    self.mended.lose(self.bytes.len() - self.at);
                    return;
                }
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        let mut end = start + 1;
        loop {
            match self.bytes.get(end)? {
                b'\\' => end += 2,
                b'"' => break,
                _ => end += 1,
            }
        }
        self.at = end + 1;
        let raw = self.text.get(start + 1..end)?;
        let mut clean = String::with_capacity(raw.len() + 2);
        clean.push('"');
        for c in raw.chars() {
            match c {
                '\n' => clean.push_str("\\n"),
                '\t' => clean.push_str("\\t"),
                c if c < ' ' => {}
                c => clean.push(c),
            }
        }
        clean.push('"');
        Some(serde_json::from_str(&clean).unwrap_or_else(|_| raw.replace('\\', "")))
    }

    fn word(&mut self) -> Option<Value> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'))).unwrap_or(rest.len());
        if length == 0 {
            return None;
        }
        self.at += length;
        Some(serde_json::from_str(&rest[..length]).unwrap_or(Value::Null))
    }

    fn leave(&mut self, bytes: usize) {
        self.mended.note("broken-json-member");
        self.mended.lose(bytes);
        self.at += bytes;
    }

    fn end_of_document(&mut self) {
        if self.complete {
            self.mended.note_once("truncated");
        }
        self.complete = false;
    }

    fn blank(&mut self) {
        self.at = self.behind_blanks(self.at);
    }

    fn behind_blanks(&self, mut at: usize) -> usize {
        while self.bytes.get(at).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == 0) {
            at += 1;
        }
        at
    }
}
