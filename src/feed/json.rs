//! JSON Feed, read leniently.

use serde_json::{Map, Value};

use crate::address;
use crate::calendar;
use crate::markup;
use crate::model::{Assume, Enclosure, Entry, Feed, Refused, Url};

use super::entry::{bounded_id, bounded_title, is_something, stable_hash};
use super::lenient;
use super::text::line;
use super::xml::{Mended, escaped};

/// Reads a JSON Feed; the error says what it is instead.
pub(super) fn read(text: &str, base: Option<&Url>, assume: &Assume<'_>, most: usize, mended: &mut Mended) -> Result<Feed, String> {
    let (value, strays, complete) = match serde_json::from_str::<Value>(text) {
        Ok(value) => (value, Vec::new(), true),
        Err(_) => {
            mended.note("json-mended");
            let found = lenient::read(text, mended).ok_or("JSON that cannot be read")?;
            (found.value, found.strays, found.complete)
        }
    };
    let root = match &value {
        Value::Object(root) => root,
        _ => return Err("JSON, but no JSON Feed".into()),
    };
    let mut items = if root.contains_key("items") { list(root, "items") } else { looks_like_items(root) };
    items.extend(strays.iter().filter(|stray| stray.is_object()));
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
        dialect: "json",
        ..Feed::default()
    };
    feed.hints.self_link = string(root, "feed_url").map(|link| absolute(base, &link));
    feed.hints.next_page = string(root, "next_url").map(|link| absolute(base, &link));
    let picture = string(root, "icon").or_else(|| string(root, "favicon"));
    feed.hints.image = picture.and_then(|it| address::resolve(base, &it)).map(String::from);
    feed.hints.hub = list(root, "hubs").into_iter().filter_map(Value::as_object).find_map(|hub| string(hub, "url"));
    // As in RSS, the site is meant, which need not be where the feed lies.
    let base = feed.link.as_deref().and_then(|link| address::resolve(None, link)).or_else(|| base.cloned());
    let last = items.len().saturating_sub(1);
    for (index, item) in items.into_iter().enumerate() {
        let read = item.as_object().map(|item| entry(item, base.as_ref(), &authors, assume)).filter(is_something);
        if feed.entries.len() >= most {
            let reason = format!("{} items beyond the first {most}", last + 1 - index);
            super::refuse(&mut feed, Refused { key: "more".into(), title: None, reason });
            break;
        }
        let is_cut =
            !complete && index == last && (item.get(lenient::CUT).is_some() || read.as_ref().is_none_or(|it| it.url.is_none()));
        let reason = match read {
            Some(entry) if !is_cut => {
                feed.entries.push(entry);
                continue;
            }
            _ if is_cut => "cut off by the end of the document",
            _ => "an item without id, address, title or text",
        };
        let written = item.to_string();
        feed.bytes_lost += written.len() as u64;
        let (id, title) = read.map_or((None, None), |entry| (entry.id, entry.title));
        let key = id.unwrap_or_else(|| format!("{:016x}", stable_hash(written.as_bytes())));
        super::refuse(&mut feed, Refused { key, title, reason: reason.into() });
    }
    Ok(feed)
}

/// The list that must be the items, whatever it is called.
fn looks_like_items(root: &Map<String, Value>) -> Vec<&Value> {
    let is_item = |value: &Value| ["id", "url", "content_html", "content_text"].iter().any(|name| value.get(name).is_some());
    let mut lists = root.iter().filter(|(name, _)| !matches!(name.as_str(), "author" | "authors" | "hubs"));
    let found = lists.find_map(|(_, value)| value.as_array().filter(|values| values.len() > 1 && values.iter().all(is_item)));
    found.map(|values| values.iter().collect()).unwrap_or_default()
}

/// The JSON Feed behind what a server put before it, a warning or a comment; `None` when there is none.
pub(super) fn behind_junk(text: &str) -> Option<&str> {
    let mut reach = text.len().min(64 * 1024);
    while !text.is_char_boundary(reach) {
        reach -= 1;
    }
    let head = &text[..reach];
    let named = head.find("jsonfeed.org/version")?;
    head[..named].rmatch_indices('{').map(|(at, _)| &text[at..]).find(|rest| rest[1..].trim_start().starts_with('"'))
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
