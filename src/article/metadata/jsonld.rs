//! JSON-LD: the one object that is about this page, its references resolved.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::address;
use crate::markup;

use super::likeness::{fold, similarity, tidy};
use super::{Gathered, Named, Origin, push};
use crate::article::byline::{self, Party};
use crate::article::page::Page;

/// How deep references and nested lists are followed.
const DEEPEST: usize = 6;

/// Objects looked at: a page of teasers may carry thousands.
const MOST_OBJECTS: usize = 400;

/// What schema.org calls the pages we read, best first.
const NEWS: [&str; 8] = [
    "NewsArticle",
    "ReportageNewsArticle",
    "AnalysisNewsArticle",
    "BackgroundNewsArticle",
    "OpinionNewsArticle",
    "ReviewNewsArticle",
    "AskPublicNewsArticle",
    "LiveBlogPosting",
];
const ARTICLES: [&str; 8] = [
    "Article",
    "BlogPosting",
    "AdvertiserContentArticle",
    "SatiricalArticle",
    "Report",
    "ScholarlyArticle",
    "TechArticle",
    "SocialMediaPosting",
];
const PAGES: [&str; 4] = ["WebPage", "ItemPage", "MediaObject", "CreativeWork"];

type Object = Map<String, Value>;

/// Objects by `@id`, for references.
type Index<'a> = HashMap<&'a str, &'a Object>;

/// Gathers what the object about this page says. `witnesses` are headlines seen elsewhere on the page.
pub(super) fn gather(page: &Page, witnesses: &[String], gathered: &mut Gathered) {
    let mut objects: Vec<&Object> = Vec::new();
    for value in &page.json_ld {
        collect(value, &mut objects, 0);
    }
    let mut index = Index::new();
    for object in &objects {
        if let Some(id) = object.get("@id").and_then(Value::as_str)
            && object.len() > 2
        {
            index.entry(id).or_insert(object);
        }
    }
    let own = address::key(&page.url);
    let mut ranked: Vec<(i32, &Object)> =
        objects.iter().filter_map(|object| rank(object, &own, page, witnesses).map(|rank| (rank, *object))).collect();
    ranked.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    for (_, object) in ranked.iter().take(4) {
        describe(object, &index, gathered);
    }
    for object in &objects {
        if is_a(object, &["BreadcrumbList"]) {
            breadcrumbs(object, gathered);
        }
        if is_a(object, &["NewsMediaOrganization", "WebSite"])
            && let Some(name) = text(object.get("name"))
        {
            gathered.organisations.push(name);
        }
    }
}

/// Every object that may describe a page, the nested `mainEntity`s and `@graph`s among them.
fn collect<'a>(value: &'a Value, objects: &mut Vec<&'a Object>, depth: usize) {
    if depth > DEEPEST || objects.len() >= MOST_OBJECTS {
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, objects, depth + 1)),
        Value::Object(object) => {
            objects.push(object);
            for key in [
                "@graph",
                "mainEntity",
                "mainEntityOfPage",
                "breadcrumb",
                "isPartOf",
                "author",
                "publisher",
                "subjectOf",
                "article",
            ] {
                if let Some(inner) = object.get(key)
                    && (inner.is_object() || inner.is_array())
                {
                    collect(inner, objects, depth + 1);
                }
            }
        }
        _ => {}
    }
}

/// How much an object speaks of this page; `None` when it is of another kind or of another page.
fn rank(object: &Object, own: &str, page: &Page, witnesses: &[String]) -> Option<i32> {
    let kind = if is_a(object, &NEWS) {
        30
    } else if is_a(object, &ARTICLES) {
        20
    } else if is_a(object, &PAGES) {
        5
    } else {
        return None;
    };
    let headline = text(object.get("headline")).or_else(|| text(object.get("name")));
    let named: Vec<String> = ["url", "@id", "mainEntityOfPage"]
        .iter()
        .filter_map(|key| object.get(*key))
        .filter_map(|value| {
            value.as_str().or_else(|| value.get("@id").and_then(Value::as_str)).or_else(|| value.get("url").and_then(Value::as_str))
        })
        .filter_map(|reference| address::resolve(Some(&page.base), reference))
        .map(|url| address::key(&url))
        .collect();
    let here = named.iter().any(|key| key == own);
    let likeness = headline
        .as_deref()
        .map(|headline| witnesses.iter().map(|witness| similarity(witness, headline)).fold(0.0, f64::max))
        .unwrap_or(0.0);
    let alike = if likeness >= 0.6 {
        30
    } else if likeness >= 0.3 {
        10
    } else {
        0
    };
    let silent = headline.is_none() || witnesses.is_empty();
    // A teaser of another article names another page and has another headline.
    if alike == 0 && !here && !silent {
        return None;
    }
    if kind == 5 && !here && alike == 0 && headline.is_some() {
        return None;
    }
    Some(kind + alike + if here { 15 } else { 0 })
}

/// Puts down what one object says.
fn describe(object: &Object, index: &Index<'_>, gathered: &mut Gathered) {
    let origin = Origin::JsonLd;
    if let Some(headline) = text(object.get("headline")) {
        push(&mut gathered.title, origin, "headline", &headline);
    } else if let Some(name) = text(object.get("name")) {
        push(&mut gathered.title, origin, "name", &name);
    }
    for key in ["description", "abstract"] {
        if let Some(description) = text(object.get(key)) {
            push(&mut gathered.summary, origin, "description", &description);
        }
    }
    for key in ["publisher", "sourceOrganization", "copyrightHolder", "provider"] {
        for (name, _) in names(object.get(key), index, 0) {
            gathered.organisations.push(name);
        }
    }
    for key in ["author", "creator"] {
        let parties = parties(object.get(key), index, &gathered.organisations);
        if !parties.is_empty() {
            gathered.named.push(Named { origin, label: "author", parties });
            break;
        }
    }
    for (key, list) in [("datePublished", &mut gathered.published), ("dateModified", &mut gathered.modified)] {
        if let Some(date) = scalar(object.get(key)) {
            push(list, origin, if key == "datePublished" { "datePublished" } else { "dateModified" }, &date);
        }
    }
    for key in ["dateCreated", "uploadDate"] {
        if let Some(date) = scalar(object.get(key)) {
            push(&mut gathered.published, origin, "dateCreated", &date);
        }
    }
    for section in words(object.get("articleSection"), index, 0) {
        push(&mut gathered.section, origin, "articleSection", &section);
    }
    for (key, label) in [("keywords", "keywords"), ("about", "about"), ("genre", "genre")] {
        if key == "keywords" || gathered.tags.is_empty() && key == "about" {
            for word in words(object.get(key), index, 0) {
                push(&mut gathered.tags, origin, label, &word);
            }
        }
    }
    for key in ["image", "thumbnailUrl", "primaryImageOfPage"] {
        if let Some(image) = first_url(object.get(key), index, 0) {
            push(&mut gathered.image, origin, "image", &image);
        }
    }
    if let Some(language) = language(object.get("inLanguage")) {
        push(&mut gathered.language, origin, "inLanguage", &language);
    }
    if let Some(free) = access(object) {
        push(&mut gathered.free, origin, "isAccessibleForFree", if free { "true" } else { "false" });
    }
    if is_a(object, &["LiveBlogPosting"]) || object.contains_key("liveBlogUpdate") {
        push(&mut gathered.live, origin, "LiveBlogPosting", "true");
    } else if object.contains_key("coverageStartTime") {
        push(&mut gathered.live, origin, "coverageStartTime", "true");
    }
    if let Some(address) = first_url(object.get("mainEntityOfPage"), index, 0) {
        push(&mut gathered.canonical, origin, "mainEntityOfPage", &address);
    }
    if let Some(credit) = text(object.get("creditText")) {
        push(&mut gathered.credit, origin, "creditText", &credit);
    }
}

/// Whether all of it is free to read: the article's own word, or that of its parts.
fn access(object: &Object) -> Option<bool> {
    let said = |object: &Object| match object.get("isAccessibleForFree")? {
        Value::Bool(free) => Some(*free),
        // `"False"`, `"http://schema.org/False"`
        Value::String(word) => match word.rsplit(['/', '#']).next().unwrap_or(word).trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    };
    let parts: Vec<&Object> = match object.get("hasPart") {
        Some(Value::Object(part)) => vec![part],
        Some(Value::Array(parts)) => parts.iter().take(20).filter_map(Value::as_object).collect(),
        _ => Vec::new(),
    };
    said(object).or_else(|| parts.iter().any(|part| said(part) == Some(false)).then_some(false))
}

/// The sections on the way from the home page to this one: neither the home page nor the article itself.
fn breadcrumbs(list: &Object, gathered: &mut Gathered) {
    let Some(items) = list.get("itemListElement").and_then(Value::as_array) else { return };
    let mut names: Vec<(f64, String)> = items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| {
            let name = text(item.get("name")).or_else(|| text(item.get("item").and_then(|item| item.get("name"))))?;
            let position = item.get("position").and_then(|position| position.as_f64().or_else(|| position.as_str()?.parse().ok()));
            Some((position.unwrap_or(index as f64 + 1.0), name))
        })
        .collect();
    names.sort_by(|one, other| one.0.total_cmp(&other.0));
    for (_, name) in names {
        push(&mut gathered.section, Origin::JsonLd, "breadcrumb", &name);
    }
}

/// Who is named: persons by type or by their words, organisations by theirs.
fn parties(value: Option<&Value>, index: &Index<'_>, organisations: &[String]) -> Vec<Party> {
    let mut found: Vec<Party> = Vec::new();
    for (name, organisation) in names(value, index, 0) {
        for mut party in byline::parties(&name, organisations) {
            party.person &= !organisation;
            if !found.iter().any(|known| fold(&known.name) == fold(&party.name)) {
                found.push(party);
            }
        }
    }
    found
}

/// Names in strings, objects, lists of lists and references, with whether the type says organisation.
fn names(value: Option<&Value>, index: &Index<'_>, depth: usize) -> Vec<(String, bool)> {
    let Some(value) = value else { return Vec::new() };
    if depth > DEEPEST {
        return Vec::new();
    }
    match value {
        Value::String(name) => text(Some(&Value::String(name.clone()))).map(|name| (name, false)).into_iter().collect(),
        Value::Array(items) => items.iter().take(60).flat_map(|item| names(Some(item), index, depth + 1)).collect(),
        Value::Object(object) => {
            let object = resolved(object, index);
            let organisation = object.get("@type").is_some_and(|kind| {
                kind_words(kind).any(|kind| kind.contains("Organi") || kind == "Corporation" || kind == "WebSite")
            });
            if let Some(name) = object.get("name") {
                return names(Some(name), index, depth + 1).into_iter().map(|(name, _)| (name, organisation)).collect();
            }
            let given = text(object.get("givenName"));
            let family = text(object.get("familyName"));
            match (given, family) {
                (Some(given), Some(family)) => vec![(format!("{given} {family}"), false)],
                _ => names(object.get("@list"), index, depth + 1),
            }
        }
        _ => Vec::new(),
    }
}

/// Keywords and sections: a text with commas, a list, objects with names.
fn words(value: Option<&Value>, index: &Index<'_>, depth: usize) -> Vec<String> {
    let Some(value) = value else { return Vec::new() };
    if depth > DEEPEST {
        return Vec::new();
    }
    match value {
        Value::String(_) => text(Some(value)).map(|words| super::opengraph::split_words(&words)).unwrap_or_default(),
        // In a list a comma belongs to the word, unless the list is one string of many.
        Value::Array(items) if items.len() > 1 && items.iter().all(Value::is_string) => {
            items.iter().take(100).filter_map(|item| text(Some(item))).collect()
        }
        Value::Array(items) => items.iter().take(100).flat_map(|item| words(Some(item), index, depth + 1)).collect(),
        Value::Object(object) => {
            let object = resolved(object, index);
            text(object.get("name")).or_else(|| text(object.get("@value"))).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The first address in a string, an object's `url` or `contentUrl`, a list or a reference.
fn first_url(value: Option<&Value>, index: &Index<'_>, depth: usize) -> Option<String> {
    if depth > DEEPEST {
        return None;
    }
    match value? {
        Value::String(address) => Some(address.trim().to_owned()).filter(|address| !address.is_empty()),
        Value::Array(items) => items.iter().take(20).find_map(|item| first_url(Some(item), index, depth + 1)),
        Value::Object(object) => {
            let object = resolved(object, index);
            ["url", "contentUrl", "@id"].iter().find_map(|key| first_url(object.get(*key), index, depth + 1))
        }
        _ => None,
    }
}

fn language(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(language) => Some(language.clone()),
        Value::Array(items) => items.first().and_then(|item| language(Some(item))),
        Value::Object(object) => text(object.get("alternateName")).or_else(|| text(object.get("name"))),
        _ => None,
    }
}

/// A reference (`{"@id": …}`) stands for the object of that id.
fn resolved<'a>(object: &'a Object, index: &Index<'a>) -> &'a Object {
    let reference = object.len() <= 2 && !object.contains_key("name") && !object.contains_key("url");
    let target = object.get("@id").and_then(Value::as_str).and_then(|id| index.get(id));
    match target {
        Some(target) if reference => target,
        _ => object,
    }
}

fn is_a(object: &Object, kinds: &[&str]) -> bool {
    object.get("@type").is_some_and(|kind| kind_words(kind).any(|kind| kinds.contains(&kind)))
}

/// The types of an object, without their vocabulary's address.
fn kind_words(kind: &Value) -> impl Iterator<Item = &str> {
    let listed = kind.as_array().map(Vec::as_slice).unwrap_or_default();
    kind.as_str()
        .into_iter()
        .chain(listed.iter().filter_map(Value::as_str))
        .map(|kind| kind.rsplit(['/', ':', '#']).next().unwrap_or(kind))
}

/// A text value as plain text; JSON-LD carries HTML entities and tags more often than not.
fn text(value: Option<&Value>) -> Option<String> {
    let value = match value? {
        Value::Object(object) => object.get("@value").or_else(|| object.get("name"))?,
        Value::Array(items) => items.first()?,
        value => value,
    };
    let raw = value.as_str()?;
    let plain = if raw.contains(['&', '<']) { tidy(&markup::plain(raw)) } else { tidy(raw) };
    (!plain.is_empty()).then_some(plain)
}

/// A date: a text or a number, or the first of a list.
fn scalar(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => scalar(items.first()),
        Value::Object(object) => scalar(object.get("@value")),
        _ => None,
    }
}
