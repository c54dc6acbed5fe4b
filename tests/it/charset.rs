//! Bytes to text, through `charset::decode`.

use proptest::prelude::*;
use wireroom::charset::{Markup, decode};

/// Decodes and compares text, encoding and what decided.
#[track_caller]
fn check(bytes: &[u8], content_type: Option<&str>, markup: Markup, expected: (&str, &str, &str)) {
    let decoded = decode(bytes, content_type, markup);
    assert_eq!((decoded.text.as_str(), decoded.encoding, decoded.by), expected);
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

fn utf32(text: &str, big: bool) -> Vec<u8> {
    text.chars().flat_map(|c| if big { (c as u32).to_be_bytes() } else { (c as u32).to_le_bytes() }).collect()
}

const FEED: &str = "<?xml version=\"1.0\"?><rss><title>Бакинский порт</title></rss>";

#[test]
fn marks_decide() {
    check(b"\xEF\xBB\xBFabc\xC3\xA9", Some("text/xml; charset=windows-1251"), Markup::Xml, ("abcé", "utf-8", "bom"));
    check(b"\xEF\xBB\xBF\xEF\xBB\xBFabc", None, Markup::Xml, ("abc", "utf-8", "bom"));
    for big in [false, true] {
        let name = if big { ("utf-16be", "utf-32be") } else { ("utf-16le", "utf-32le") };
        check(&utf16(&format!("\u{FEFF}{FEED}"), big), None, Markup::Xml, (FEED, name.0, "bom"));
        check(&utf32(&format!("\u{FEFF}{FEED}"), big), None, Markup::Xml, (FEED, name.1, "bom"));
    }
}

#[test]
fn zero_patterns_decide_without_a_mark() {
    for big in [false, true] {
        let name = if big { ("utf-16be", "utf-32be") } else { ("utf-16le", "utf-32le") };
        check(&utf16(FEED, big), None, Markup::Xml, (FEED, name.0, "pattern"));
        check(&utf32(FEED, big), None, Markup::Xml, (FEED, name.1, "pattern"));
        check(&utf16("{\"a\":1}", big), Some("application/json"), Markup::Xml, ("{\"a\":1}", name.0, "pattern"));
    }
}

#[test]
fn valid_utf8_wins_over_labels() {
    check(FEED.as_bytes(), Some("text/xml; charset=iso-8859-1"), Markup::Xml, (FEED, "utf-8", "valid-utf8"));
    check(
        "<?xml version='1.0' encoding='utf-16'?><a/>".as_bytes(),
        None,
        Markup::Xml,
        ("<?xml version='1.0' encoding='utf-16'?><a/>", "utf-8", "valid-utf8"),
    );
}

#[test]
fn a_mark_of_utf16_before_eight_bit_text_is_not_believed() {
    let mut bytes = b"\xFF\xFE".to_vec();
    bytes.extend_from_slice(b"<?xml version='1.0'?><rss><channel><title>plain</title></channel></rss>");
    assert!(decode(&bytes, None, Markup::Xml).text.contains("<title>plain</title>"));
}

#[test]
fn header_then_declaration() {
    check(b"\xCF\xEE\xF0\xF2", Some("text/xml; charset=windows-1251"), Markup::Xml, ("Порт", "windows-1251", "header"));
    check(b"\xCF\xEE\xF0\xF2", Some("text/html; Charset = \"CP1251\""), Markup::Html, ("Порт", "windows-1251", "header"));
    check(
        b"<?xml version=\"1.0\" encoding='koi8-r'?>\xF0\xCF\xD2\xD4",
        None,
        Markup::Xml,
        ("<?xml version=\"1.0\" encoding='koi8-r'?>Порт", "koi8-r", "declaration"),
    );
    check(
        b"<html><meta http-equiv=Content-Type content=\"text/html; charset=windows-1254\"><p>\xDEubat",
        None,
        Markup::Html,
        ("<html><meta http-equiv=Content-Type content=\"text/html; charset=windows-1254\"><p>Şubat", "windows-1254", "declaration"),
    );
    check(
        b"<meta name=x><META CHARSET=shift_jis>\x93\xFA\x96\x7B",
        None,
        Markup::Html,
        ("<meta name=x><META CHARSET=shift_jis>日本", "shift_jis", "declaration"),
    );
}

#[test]
fn escapes_are_read_as_iso_2022_jp_only_when_labelled() {
    let bytes = b"\x1B$B8&5f\x1B(B";
    check(bytes, Some("text/plain; charset=ISO-2022-JP"), Markup::Xml, ("研究", "iso-2022-jp", "header"));
    assert_eq!(decode(bytes, None, Markup::Xml).by, "valid-utf8");
}

#[test]
fn a_header_that_cannot_be_true_gives_way() {
    // 0x81 0x20 is nothing in Shift_JIS; the declaration fits.
    let bytes = b"<?xml version='1.0' encoding='windows-1251'?>\x81 \xCF\xEE\xF0\xF2";
    let decoded = decode(bytes, Some("text/xml; charset=shift_jis"), Markup::Xml);
    assert_eq!((decoded.encoding, decoded.by, decoded.replaced), ("windows-1251", "declaration", 0));
}

#[test]
fn stray_bytes_in_utf8_are_windows_1252() {
    let mut bytes = "Größe, façade, naïve, éé".as_bytes().to_vec();
    bytes.extend_from_slice(b" don\x92t");
    check(&bytes, None, Markup::Xml, ("Größe, façade, naïve, éé don’t", "utf-8", "near-utf8"));
    check(&bytes, Some("text/xml; charset=utf-8"), Markup::Xml, ("Größe, façade, naïve, éé don’t", "utf-8", "near-utf8"));
}

#[test]
fn surrogate_pairs_in_utf8_are_the_character_they_mean() {
    let mut bytes = "ééé ".as_bytes().to_vec();
    bytes.extend_from_slice(b"\xED\xA0\xBD\xED\xB8\x80 \xED\xA0\xBD.");
    bytes.extend_from_slice("ééééééééééé".as_bytes());
    let decoded = decode(&bytes, None, Markup::Xml);
    assert!(decoded.text.contains("😀 \u{FFFD}."), "{}", decoded.text);
}

#[test]
fn a_character_cut_by_the_end_is_not_turned_into_another() {
    let mut bytes = "Порт Баку, Порт Баку".as_bytes().to_vec();
    bytes.pop();
    let decoded = decode(&bytes, None, Markup::Xml);
    assert_eq!((decoded.text.as_str(), decoded.replaced), ("Порт Баку, Порт Бак\u{FFFD}", 1));
}

#[test]
fn legacy_text_that_claims_to_be_utf8_is_detected() {
    let text = "Бакинский международный морской торговый порт принял первый в этом году грузовой состав";
    let bytes = encode_1251(text);
    let decoded = decode(&bytes, Some("text/xml; charset=utf-8"), Markup::Xml);
    assert_eq!((decoded.text.as_str(), decoded.encoding, decoded.by), (text, "windows-1251", "detected"));
}

/// Russian letters in windows-1251, enough for these tests.
fn encode_1251(text: &str) -> Vec<u8> {
    let byte = |c: char| match c {
        'А'..='я' => (c as u32 - 'А' as u32 + 0xC0) as u8,
        c => c as u8,
    };
    text.chars().map(byte).collect()
}

#[test]
fn nothing_is_something() {
    check(b"", None, Markup::Html, ("", "utf-8", "valid-utf8"));
    check(b"\xEF\xBB\xBF", None, Markup::Html, ("", "utf-8", "bom"));
}

proptest! {
    #[test]
    fn any_bytes_decode(bytes in proptest::collection::vec(any::<u8>(), 0..400), label in "[ -~]{0,40}") {
        let first = decode(&bytes, Some(&label), Markup::Html);
        prop_assert_eq!(first, decode(&bytes, Some(&label), Markup::Html));
        let _ = decode(&bytes, None, Markup::Xml);
    }

    #[test]
    fn valid_text_comes_back(text in "[^\u{0}\u{1b}\u{feff}]{0,80}") {
        prop_assert_eq!(decode(text.as_bytes(), None, Markup::Xml).text, text);
    }

    #[test]
    fn near_utf8_loses_no_letter(text in "[а-яёəşğüö ]{20,60}", at in 0usize..20) {
        let at = text.char_indices().nth(at).map_or(0, |(at, _)| at);
        let mut bytes = text.as_bytes().to_vec();
        bytes.insert(at, 0x85);
        let sequences = text.chars().filter(|c| c.len_utf8() > 1).count();
        prop_assume!(sequences >= 2);
        let decoded = decode(&bytes, None, Markup::Xml);
        prop_assert_eq!(decoded.text.replacen('…', "", 1), text);
    }
}
