//! What a document is that is no feed, in words an operator understands.

use crate::markup;

/// Says what a text looks like.
pub(super) fn describe(text: &str) -> String {
    let trimmed = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    if trimmed.is_empty() {
        return "an empty document".into();
    }
    let mut end = trimmed.len().min(64 * 1024);
    while !trimmed.is_char_boundary(end) {
        end -= 1;
    }
    let head = trimmed[..end].to_ascii_lowercase();
    if head.contains("<html") || head.starts_with("<!doctype html") || head.contains("<body") {
        return match page_title(&trimmed[..end], &head) {
            Some(title) => format!("an HTML page titled \"{title}\""),
            None => "an HTML page".into(),
        };
    }
    if trimmed.starts_with("%PDF-") {
        return "a PDF file".into();
    }
    if trimmed.starts_with('\u{1F}') {
        return "compressed data".into();
    }
    if head.chars().take(200).filter(|c| *c == '\u{FFFD}' || *c < ' ' && !c.is_whitespace()).count() > 8 {
        return "binary data".into();
    }
    if let Some(name) = root_name(trimmed) {
        return format!("XML that begins with <{name}>");
    }
    let words: String = trimmed.split_whitespace().take(8).collect::<Vec<_>>().join(" ").chars().take(60).collect();
    format!("text that begins with \"{words}\"")
}

fn page_title(text: &str, head: &str) -> Option<String> {
    let start = head.find("<title")?;
    let start = start + head[start..].find('>')? + 1;
    let end = start + head[start..].find("</title")?;
    let title: String =
        markup::plain(&text[start..end]).split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect();
    (!title.is_empty()).then_some(title)
}

fn root_name(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        let at = rest.find('<')?;
        rest = &rest[at + 1..];
        if rest.starts_with(|c: char| c.is_alphabetic()) {
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(rest.len());
            return Some(&rest[..end]).filter(|name| name.len() <= 60);
        }
    }
}
