//! JSON Feed, read leniently.

use serde_json::{Map, Value};

use crate::address;
use crate::calendar;
use crate::markup;
use crate::model::{Assume, Enclosure, Entry, Feed, Url};

use super::entry::{bounded_id, bounded_title, is_something, stable_hash};
use super::text::line;
use super::xml::{Mended, escaped};

/// Reads a JSON Feed; the error says what it is instead.
pub(super) fn read(text: &str, base: Option<&Url>, assume: &Assume<'_>, most: usize, mended: &mut Mended) -> Result<Feed, String> {
    let (value, complete) = match serde_json::from_str::<Value>(text) {
        Ok(value) => (value, true),
        Err(_) => {
            mended.note("json-mended");
            let mut reader = Lenient { bytes: text.as_bytes(), text, at: 0, complete: true, left: Lenient::MOST };
            let value = reader.value(0).ok_or("JSON that cannot be read")?;
            (value, reader.complete)
        }
    };
    let root = match &value {
        Value::Object(root) => root,
        _ => return Err("JSON, but no JSON Feed".into()),
    };
    let items = list(root, "items");
    let version = string(root, "version").unwrap_or_default();
    if !version.contains("jsonfeed") && !root.contains_key("items") {
        return Err("JSON, but no JSON Feed".into());
    }
    let authors = authors(root);
    let mut feed = Feed {
        title: title(root),
        link: string(root, "home_page_url").map(|link| absolute(base, &link)),
        subtitle: string(root, "description"),
        language: string(root, "language").and_then(|tag| super::channel::language(&tag)),
        complete,
        ..Feed::default()
    };
    feed.hints.self_link = string(root, "feed_url").map(|link| absolute(base, &link));
    feed.hints.next_page = string(root, "next_url").map(|link| absolute(base, &link));
    feed.hints.hub = list(root, "hubs").into_iter().filter_map(Value::as_object).find_map(|hub| string(hub, "url"));
    // As in RSS, the site is meant, which need not be where the feed lies.
    let base = feed.link.as_deref().and_then(|link| address::resolve(None, link)).or_else(|| base.cloned());
    let last = items.len().saturating_sub(1);
    for (index, item) in items.into_iter().enumerate() {
        let read = item.as_object().map(|item| entry(item, base.as_ref(), &authors, assume)).filter(is_something);
        let key = || format!("{:016x}", stable_hash(item.to_string().as_bytes()));
        match read {
            Some(entry) if !complete && index == last && entry.url.is_none() => {
                super::refuse(&mut feed, entry.id.unwrap_or_else(key), entry.title, "cut off by the end of the document".into());
            }
            Some(entry) if feed.entries.len() < most => feed.entries.push(entry),
            Some(_) => {
                super::refuse(&mut feed, "more".into(), None, format!("{} items beyond the first {most}", last + 1 - index));
                break;
            }
            None => super::refuse(&mut feed, key(), None, "an item without id, address, title or text".into()),
        }
    }
    Ok(feed)
}

fn entry(item: &Map<String, Value>, base: Option<&Url>, inherited: &[String], assume: &Assume<'_>) -> Entry {
    let mut entry = Entry::of_page(None, assume.seen_at);
    entry.id = string(item, "id").map(|id| bounded_id(&id));
    let address = |name: &str| string(item, name).and_then(|link| address::resolve(base, &link));
    entry.url = address("url").or_else(|| address("external_url"));
    entry.url = entry.url.or_else(|| entry.id.as_deref().and_then(|id| address::resolve(None, id)));
    entry.title = title(item);
    entry.summary = string(item, "summary").map(|text| escaped(&text).into_owned());
    entry.content = string(item, "content_html").or_else(|| string(item, "content_text").map(|text| escaped(&text).into_owned()));
    let date = |name: &str| string(item, name).and_then(|text| calendar::parse(&text, assume));
    entry.published = date("date_published");
    entry.updated = date("date_modified");
    entry.authors = authors(item);
    if entry.authors.is_empty() {
        entry.authors = inherited.to_vec();
    }
    entry.categories = match item.get("tags") {
        Some(Value::String(tags)) => tags.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect(),
        Some(Value::Array(tags)) => tags.iter().filter_map(text_of).take(200).collect(),
        _ => Vec::new(),
    };
    let attachments = list(item, "attachments");
    let attachments = attachments.into_iter().filter_map(Value::as_object);
    entry.enclosures = attachments
        .filter_map(|it| Some(Enclosure { url: absolute(base, &string(it, "url")?), media_type: string(it, "mime_type") }))
        .take(200)
        .collect();
    entry.image = address("image").or_else(|| address("banner_image"));
    entry.language = string(item, "language").and_then(|tag| super::channel::language(&tag));
    entry
}

fn title(object: &Map<String, Value>) -> Option<String> {
    line(&markup::plain(&string(object, "title")?)).map(|title| bounded_title(&title))
}

fn authors(object: &Map<String, Value>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for author in list(object, "authors").into_iter().chain(list(object, "author")) {
        let name = match author {
            Value::Object(author) => string(author, "name").or_else(|| string(author, "url")),
            other => text_of(other),
        };
        if let Some(name) = name
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// The values of a list; a single value counts as a list of one.
fn list<'v>(object: &'v Map<String, Value>, name: &str) -> Vec<&'v Value> {
    match object.get(name) {
        Some(Value::Array(values)) => values.iter().collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(value) => vec![value],
    }
}

fn string(object: &Map<String, Value>, name: &str) -> Option<String> {
    text_of(object.get(name)?)
}

/// A string, or a number as one.
fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn absolute(base: Option<&Url>, link: &str) -> String {
    address::resolve(base, link).map_or_else(|| link.to_owned(), String::from)
}

/// A reader of JSON that forgives trailing commas, control characters in strings and an early end.
struct Lenient<'j> {
    bytes: &'j [u8],
    text: &'j str,
    at: usize,
    complete: bool,
    /// How many more values are read.
    left: usize,
}

impl Lenient<'_> {
    const DEEPEST: usize = 64;
    const MOST: usize = 1_000_000;

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.blank();
        if depth > Self::DEEPEST || self.left == 0 {
            return None;
        }
        self.left -= 1;
        match self.bytes.get(self.at)? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.string().map(Value::String),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut object = Map::new();
        self.at += 1;
        loop {
            self.blank();
            match self.bytes.get(self.at) {
                Some(b'}') => {
                    self.at += 1;
                    return Some(Value::Object(object));
                }
                Some(b',') => self.at += 1,
                Some(b'"') => {
                    let Some(name) = self.string() else { break };
                    self.blank();
                    if self.bytes.get(self.at) == Some(&b':') {
                        self.at += 1;
                    }
                    let Some(value) = self.value(depth + 1) else { break };
                    object.insert(name, value);
                }
                _ => break,
            }
        }
        // Cut off or broken here: what was read before stands.
        self.complete = false;
        self.skip_to_close();
        Some(Value::Object(object))
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        let mut values = Vec::new();
        self.at += 1;
        loop {
            self.blank();
            match self.bytes.get(self.at) {
                Some(b']') => {
                    self.at += 1;
                    return Some(Value::Array(values));
                }
                Some(b',') => self.at += 1,
                Some(_) => {
                    let before = self.at;
                    match self.value(depth + 1) {
                        Some(value) if self.at > before => values.push(value),
                        _ => break,
                    }
                }
                None => break,
            }
        }
        self.complete = false;
        Some(Value::Array(values))
    }

    /// After a fault inside an object, goes on behind its end, as far as that can be told.
    fn skip_to_close(&mut self) {
        let mut depth = 0usize;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    if self.string().is_none() {
                        return;
                    }
                    continue;
                }
                b'{' => depth += 1,
                b'}' if depth == 0 => {
                    self.at += 1;
                    return;
                }
                b'}' => depth -= 1,
                _ => {}
            }
            self.at += 1;
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

    fn blank(&mut self) {
        while self.bytes.get(self.at).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == 0) {
            self.at += 1;
        }
    }
}
