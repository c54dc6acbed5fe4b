//! Texts of a feed: what is plain, what is HTML, what is XHTML, what is base64.

use std::borrow::Cow;

use crate::markup;

use super::node::{Child, Node};
use super::vocabulary::Ns;
use super::xml::escaped;

/// What a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Html,
    Xhtml,
    Base64 {
        html: bool,
    },
    /// Bytes of a picture or the like, no text at all.
    Binary,
}

/// A text as HTML; `None` when there is none.
pub(super) fn html(node: &Node<'_>) -> Option<String> {
    let text = match kind(node) {
        Kind::Plain => escaped(&raw(node)).into_owned(),
        Kind::Html => raw(node).into_owned(),
        Kind::Xhtml => inner(node),
        Kind::Base64 { html } => {
            let text = from_base64(&node.text())?;
            if html { text } else { escaped(&text).into_owned() }
        }
        Kind::Binary => return None,
    };
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A text as plain text in one line; `None` when there is none.
pub(super) fn plain(node: &Node<'_>) -> Option<String> {
    if kind(node) == Kind::Plain {
        // Writers escape once too often more than they write of tags: references are read, tags stand.
        return line(&markup::plain(&raw(node).replace('<', "&lt;")));
    }
    let html = html(node)?;
    // What is nothing but markup is kept as it stands: it may speak of markup.
    line(&markup::plain(&html)).or_else(|| line(&html))
}

/// A text in one line; `None` when there is none.
pub(super) fn line(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

fn kind(node: &Node<'_>) -> Kind {
    let given = node.attribute("type").unwrap_or_default().to_ascii_lowercase();
    let mode = node.attribute("mode").unwrap_or_default().to_ascii_lowercase();
    if mode == "base64" {
        return Kind::Base64 { html: given.contains("html") || given.is_empty() };
    }
    let has_elements = node.elements().next().is_some();
    if node.ns != Ns::Atom && node.ns != Ns::Media {
        return if has_elements { Kind::Xhtml } else { Kind::Html };
    }
    let kind = match given.split(';').next().unwrap_or_default().trim() {
        "xhtml" | "application/xhtml+xml" => Kind::Xhtml,
        "html" | "text/html" => Kind::Html,
        "" | "text" | "plain" | "text/plain" => Kind::Plain,
        other if other.ends_with("+xml") || other.ends_with("/xml") => Kind::Xhtml,
        other if other.starts_with("text/") || !other.contains('/') => Kind::Html,
        _ if has_elements => Kind::Xhtml,
        _ => return Kind::Base64 { html: false },
    };
    match kind {
        // Atom 0.3 puts the markup's way into `mode`.
        Kind::Xhtml if mode == "escaped" => Kind::Html,
        Kind::Plain if mode == "escaped" && given.is_empty() => Kind::Html,
        Kind::Plain | Kind::Html if has_elements => Kind::Xhtml,
        // XHTML that was escaped nevertheless.
        Kind::Xhtml if !has_elements => Kind::Html,
        Kind::Base64 { .. } if given.starts_with("image/") => Kind::Binary,
        kind => kind,
    }
}

/// Text that stands directly in the element.
fn raw<'n>(node: &'n Node<'_>) -> Cow<'n, str> {
    if let [Child::Text(text) | Child::Literal(text)] = node.children.as_slice() {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    for child in &node.children {
        match child {
            Child::Text(text) | Child::Literal(text) => out.push_str(text),
            Child::Node(_) => out.push_str(&inner(node)),
        }
    }
    Cow::Owned(out)
}

/// The inside of an element as markup, without the `div` that Atom wraps around XHTML (RFC 4287 §3.1.1.3).
fn inner(node: &Node<'_>) -> String {
    let mut only = node.elements();
    if let (Some(div), None) = (only.next(), only.next())
        && div.name == "div"
        && node.children.iter().all(|child| matches!(child, Child::Node(_)) || is_blank(child))
    {
        return inner_of(div);
    }
    inner_of(node)
}

fn inner_of(node: &Node<'_>) -> String {
    let mut out = String::new();
    write_inner(node, &mut out);
    out
}

fn write_inner(node: &Node<'_>, out: &mut String) {
    for child in &node.children {
        match child {
            Child::Text(text) => out.push_str(&escaped(text)),
            Child::Literal(text) if node.ns == Ns::Xhtml => out.push_str(&escaped(text)),
            Child::Literal(text) => out.push_str(text),
            Child::Node(node) => {
                out.push('<');
                out.push_str(&node.name);
                for (name, value) in node.attributes() {
                    if !name.starts_with("xmlns") {
                        out.push(' ');
                        out.push_str(name);
                        out.push_str("=\"");
                        out.push_str(&escaped(value).replace('"', "&quot;"));
                        out.push('"');
                    }
                }
                if node.children.is_empty() && is_void(&node.name) {
                    out.push('>');
                    continue;
                }
                out.push('>');
                write_inner(node, out);
                out.push_str("</");
                out.push_str(&node.name);
                out.push('>');
            }
        }
    }
}

fn is_blank(child: &Child<'_>) -> bool {
    matches!(child, Child::Text(text) | Child::Literal(text) if text.trim().is_empty())
}

/// HTML elements that have no end tag.
fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area" | "base" | "br" | "col" | "embed" | "hr" | "img" | "input" | "link" | "meta" | "param" | "source" | "track" | "wbr"
    )
}

/// Text out of base64 (RFC 4648), white space forgiven; `None` when it is none or no text.
fn from_base64(text: &str) -> Option<String> {
    let (mut bits, mut held, mut bytes) = (0u32, 0u32, Vec::with_capacity(text.len() * 3 / 4));
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    String::from_utf8(bytes).ok()
}
