//! The header fields that are sent and read.

use reqwest::header::{ACCEPT, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};

use crate::model::{Purpose, Validators};

/// Longest validator kept; longer ones are payload.
const MAX_VALIDATOR: usize = 4096;

/// The fields of a request, and whether it is conditional. A validator that could not have come
/// from a header field is not sent.
pub(super) fn request(purpose: Purpose, validators: &Validators) -> (HeaderMap, bool) {
    let mut fields = HeaderMap::new();
    fields.insert(ACCEPT, accept(purpose));
    let mut conditional = false;
    for (name, value) in [(IF_NONE_MATCH, &validators.etag), (IF_MODIFIED_SINCE, &validators.last_modified)] {
        if let Some(value) = value.as_deref().and_then(|bytes| HeaderValue::from_bytes(bytes).ok()) {
            fields.insert(name, value);
            conditional = true;
        }
    }
    (fields, conditional)
}

/// The validators of an answer, as opaque bytes.
pub(super) fn validators(fields: &HeaderMap) -> Validators {
    let bytes = |name: HeaderName| {
        let value = fields.get(name)?.as_bytes();
        (!value.is_empty() && value.len() <= MAX_VALIDATOR).then(|| value.to_vec())
    };
    Validators { etag: bytes(ETAG), last_modified: bytes(LAST_MODIFIED) }
}

/// A field's value as text; bytes that are none are replaced, and nothing longer than a line comes through.
pub(super) fn text(fields: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = fields.get(name)?.as_bytes();
    Some(String::from_utf8_lossy(&value[..value.len().min(256)]).into_owned())
}

/// All lines of a field as one (RFC 9110 §5.3).
pub(super) fn joined(fields: &HeaderMap, name: HeaderName) -> Option<Vec<u8>> {
    let lines: Vec<&[u8]> = fields.get_all(name).iter().map(HeaderValue::as_bytes).collect();
    (!lines.is_empty()).then(|| lines.join(&b','))
}

/// Fields that say what a publisher reserves.
const RESERVATIONS: [&str; 3] = ["x-robots-tag", "tdm-reservation", "tdm-policy"];
/// Most lines of each field that are kept, and most bytes of one: more is payload.
const MAX_LINES: usize = 32;
const MAX_LINE: usize = 2048;

/// The lines of an answer's head that speak of its document rather than of its transport: what its publisher reserves, then
/// its links. No number of the ones takes the others' place, and a reservation that is too long counts as far as it is read.
pub(super) fn of_document(fields: &HeaderMap) -> Vec<(String, String)> {
    let reserved = RESERVATIONS.iter().flat_map(|name| {
        let lines = fields.get_all(*name).iter().take(MAX_LINES);
        lines.map(move |value| (*name, &value.as_bytes()[..value.len().min(MAX_LINE)]))
    });
    // A link that is cut would be another link. Those that name a hub come before the many that only tell what to preload.
    let links = || fields.get_all("link").iter().map(HeaderValue::as_bytes).filter(|value| value.len() <= MAX_LINE);
    let (preloads, others): (Vec<&[u8]>, Vec<&[u8]>) = links().partition(|value| is_preload(value));
    let links = others.into_iter().chain(preloads).take(MAX_LINES).map(|value| ("link", value));
    reserved.chain(links).map(|(name, value)| (name.to_owned(), String::from_utf8_lossy(value).into_owned())).collect()
}

/// Whether a line of links only tells a browser what to load early.
fn is_preload(line: &[u8]) -> bool {
    let line = line.to_ascii_lowercase();
    let has = |part: &[u8]| line.windows(part.len()).any(|window| window == part);
    (has(b"preload") || has(b"preconnect") || has(b"prefetch")) && !has(b"hub") && !has(b"self")
}

/// The kinds of document a purpose is after; others are taken too.
fn accept(purpose: Purpose) -> HeaderValue {
    let kinds = match purpose {
        Purpose::Feed | Purpose::Probe => {
            "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
        }
        Purpose::Page => "text/html, application/xhtml+xml, */*;q=0.5",
    };
    HeaderValue::from_static(kinds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reservations_are_kept_behind_any_number_of_links() {
        let mut head = HeaderMap::new();
        for number in 0..100 {
            let link = format!("</style-{number}.css>; rel=preload; as=style");
            head.append("link", HeaderValue::from_str(&link).unwrap());
        }
        head.append("link", HeaderValue::from_static("<https://hub.example.org/>; rel=\"hub\""));
        head.append("tdm-reservation", HeaderValue::from_static("1"));
        head.append("x-robots-tag", HeaderValue::from_str(&format!("noai, {}", "x".repeat(3 * MAX_LINE))).unwrap());
        let kept = of_document(&head);
        let has = |name: &str, start: &str| kept.iter().any(|(field, value)| field == name && value.starts_with(start));
        assert!(has("tdm-reservation", "1") && has("x-robots-tag", "noai") && has("link", "<https://hub.example.org/>"));
        assert_eq!(kept.iter().filter(|(field, _)| field == "link").count(), MAX_LINES);
        assert!(kept.iter().all(|(_, value)| value.len() <= MAX_LINE));
    }
}
