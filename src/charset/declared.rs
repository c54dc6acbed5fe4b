//! Labels: what the header and the document itself say of their encoding.

use encoding_rs::Encoding;

use super::Markup;

/// How far into a document a declaration is looked for.
const XML_REACH: usize = 1024;
/// Pages put styles and scripts before their `<meta>`.
const HTML_REACH: usize = 8 * 1024;

/// The charset parameter of a `Content-Type` value.
pub(super) fn in_header(content_type: &str) -> Option<&'static Encoding> {
    let at = find(content_type.as_bytes(), b"charset")?;
    label(content_type.as_bytes().get(at + 7..)?)
}

/// What the document declares in its first bytes.
pub(super) fn in_document(bytes: &[u8], markup: Markup) -> Option<&'static Encoding> {
    let xml = || {
        let head = &bytes[..bytes.len().min(XML_REACH)];
        let start = find(head, b"<?xml")?;
        let head = &head[start..];
        let head = &head[..find(head, b"?>").unwrap_or(head.len())];
        label(&head[find(head, b"encoding")? + 8..])
    };
    let html = || {
        let mut head = &bytes[..bytes.len().min(HTML_REACH)];
        while let Some(start) = find(head, b"<meta") {
            head = &head[start + 5..];
            let tag = &head[..head.iter().position(|byte| *byte == b'>').unwrap_or(head.len())];
            if let Some(at) = find(tag, b"charset")
                && let Some(encoding) = label(&tag[at + 7..])
            {
                return Some(encoding);
            }
        }
        None
    };
    match markup {
        Markup::Xml => xml(),
        Markup::Html => html().or_else(xml),
    }
}

/// Reads `= "label"` with or without quotes and blanks.
fn label(bytes: &[u8]) -> Option<&'static Encoding> {
    let rest = bytes.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = match rest.first() {
        Some(b'"' | b'\'') => &rest[1..],
        _ => rest,
    };
    let end = rest.iter().position(|byte| b"\"';, \t\r\n?>/".contains(byte)).unwrap_or(rest.len());
    named(&rest[..end.min(40)])
}

/// The WHATWG labels, and misspellings of them that feeds carry.
fn named(label: &[u8]) -> Option<&'static Encoding> {
    if let Some(encoding) = Encoding::for_label_no_replacement(label) {
        return Some(encoding);
    }
    let squeezed: Vec<u8> = label.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
    let known: &[u8] = match squeezed.as_slice() {
        b"utf8" | b"utf8mb4" | b"utf8mb3" | b"unicode" => b"utf-8",
        b"windows1250" | b"win1250" => b"windows-1250",
        b"windows1251" | b"win1251" | b"cp1251" => b"windows-1251",
        b"windows1252" | b"win1252" | b"latin1" | b"iso88591" | b"cp819" => b"windows-1252",
        b"windows1253" | b"win1253" => b"windows-1253",
        b"windows1254" | b"win1254" => b"windows-1254",
        b"windows1255" | b"win1255" => b"windows-1255",
        b"windows1256" | b"win1256" => b"windows-1256",
        b"windows1257" | b"win1257" => b"windows-1257",
        b"iso885915" | b"latin9" => b"iso-8859-15",
        b"koi8r" => b"koi8-r",
        b"koi8u" => b"koi8-u",
        b"cp936" | b"gb2312" | b"gb18030" => b"gb18030",
        b"cp932" | b"sjis" | b"mskanji" => b"shift_jis",
        b"cp949" | b"uhc" | b"euckr" => b"euc-kr",
        b"eucjp" | b"ujis" => b"euc-jp",
        b"cp950" | b"big5hkscs" => b"big5",
        b"cp866" => b"ibm866",
        _ => return None,
    };
    Encoding::for_label_no_replacement(known)
}

/// First place of an ASCII word, in any case.
fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle))
}
