//! The hub that a feed names, in itself or in the head of its answer (WebSub §4).

use crate::address;
use crate::model::{Hints, HubOffer, Url};

/// Takes over what the head of an answer says: it speaks for the server, and goes before what the document says.
pub fn read_head(hints: &mut Hints, fields: &[(String, String)]) {
    let links: Vec<(String, String)> =
        fields.iter().filter(|(name, _)| name == "link").flat_map(|(_, value)| links(value)).collect();
    let first = |relation: &str| links.iter().find(|(rel, _)| rel == relation).map(|(_, target)| target.clone());
    if let Some(hub) = first("hub") {
        hints.hub = Some(hub);
        if let Some(topic) = first("self") {
            hints.self_link = Some(topic);
        }
    }
}

/// The hub and the feed's name there, where the feed names both.
pub fn offer(hints: &Hints, feed: &Url) -> Option<HubOffer> {
    let absolute = |link: &Option<String>| {
        let link = link.as_deref().map(str::trim).filter(|link| !link.is_empty() && link.len() <= LONGEST)?;
        address::resolve(Some(feed), link).filter(|url| matches!(url.scheme(), "http" | "https"))
    };
    Some(HubOffer { hub: absolute(&hints.hub)?, topic: absolute(&hints.self_link)? })
}

/// Longest address that is taken.
const LONGEST: usize = 2000;

/// The links of a field's value as `(relation, target)`, one for each relation (RFC 8288 §3).
fn links(value: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = value;
    while let Some(open) = rest.find('<') {
        let Some(close) = rest[open..].find('>') else { break };
        let target = rest[open + 1..open + close].trim();
        rest = &rest[open + close + 1..];
        let end = end_of_parameters(rest);
        for parameter in parameters(&rest[..end]) {
            if let Some((name, value)) = parameter.split_once('=')
                && name.trim().eq_ignore_ascii_case("rel")
            {
                let relations = value.trim().trim_matches('"').split_ascii_whitespace();
                found.extend(relations.map(|relation| (relation.to_ascii_lowercase(), target.to_owned())));
            }
        }
        rest = &rest[end..];
    }
    found
}

/// Where the parameters of a link end: at the comma before the next one, quotes aside.
fn end_of_parameters(text: &str) -> usize {
    let mut quoted = false;
    text.bytes()
        .position(|byte| {
            quoted ^= byte == b'"';
            byte == b',' && !quoted
        })
        .unwrap_or(text.len())
}

/// The parameters of a link, quotes kept together.
fn parameters(text: &str) -> Vec<&str> {
    let (mut parts, mut from, mut quoted) = (Vec::new(), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        quoted ^= byte == b'"';
        if byte == b';' && !quoted {
            parts.push(&text[from..at]);
            from = at + 1;
        }
    }
    parts.push(&text[from..]);
    parts
}
