//! Bytes to text: byte order mark, header, declaration, detection.

mod declared;
mod wide;

use std::borrow::Cow;

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Text with the name of the encoding it was read by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text; undecodable bytes are U+FFFD.
    pub text: String,
    /// The encoding's WHATWG name, lower case.
    pub encoding: &'static str,
    /// What decided: `bom`, `pattern`, `valid-utf8`, `near-utf8`, `header`, `declaration`, `detected`.
    pub by: &'static str,
    /// Number of U+FFFD put in.
    pub replaced: usize,
    /// Bytes that mean nothing in the encoding: those behind the U+FFFD put in.
    pub lost: usize,
}

/// Which declaration inside the document counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    /// `<meta charset>` and `<meta http-equiv>`.
    Html,
    /// `<?xml encoding?>`.
    Xml,
}

/// Decodes a document. Order: BOM, UTF-16/32 zero patterns, valid UTF-8, `Content-Type` charset,
/// declaration in the document, detector; stray bytes in near-UTF-8 are read as windows-1252.
pub fn decode(bytes: &[u8], content_type: Option<&str>, markup: Markup) -> Decoded {
    if let Some(decoded) = by_mark(bytes).or_else(|| by_pattern(bytes)) {
        return decoded;
    }
    let header = content_type.and_then(declared::in_header);
    let declaration = declared::in_document(bytes, markup);
    // ISO-2022-JP is pure ASCII bytes; only a label can tell it from English.
    let escapes = bytes.contains(&0x1B);
    if escapes && let Some((encoding, by)) = labelled(header, declaration).find(|(it, _)| it.name() == "ISO-2022-JP") {
        return strictly(encoding, by, bytes).unwrap_or_else(|| loosely(encoding, by, bytes));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: text.to_owned(), encoding: "utf-8", by: "valid-utf8", replaced: 0, lost: 0 };
    }
    let census = Census::of(bytes);
    if census.is_near_utf8(labelled(header, declaration).any(|(encoding, _)| encoding != UTF_8)) {
        return near_utf8(bytes, "near-utf8");
    }
    let detected = detect(bytes);
    let mut choices: Vec<(&'static Encoding, &'static str)> =
        labelled(header, declaration).filter(|(it, _)| *it != UTF_8).collect();
    // A server-wide latin-1 label loses against a declaration that the bytes themselves support.
    if choices.len() == 2 && choices[0].0 != choices[1].0 && choices[1].0 == detected {
        choices.swap(0, 1);
    }
    choices.push((detected, "detected"));
    if let Some(decoded) = choices.iter().find_map(|(encoding, by)| strictly(encoding, by, bytes)) {
        return decoded;
    }
    // Nothing fits: take what loses least.
    let best = choices.into_iter().map(|(encoding, by)| loosely(encoding, by, bytes)).min_by_key(|decoded| decoded.replaced);
    match best {
        Some(decoded) if decoded.replaced <= census.stray => decoded,
        _ => near_utf8(bytes, "detected"),
    }
}

/// The labels in the order they are believed, without UTF-16 ones: those had no pattern to show.
fn labelled(
    header: Option<&'static Encoding>,
    declaration: Option<&'static Encoding>,
) -> impl Iterator<Item = (&'static Encoding, &'static str)> {
    let header = header.map(|encoding| (encoding, "header"));
    let declaration = declaration.map(|encoding| (encoding, "declaration"));
    header.into_iter().chain(declaration).filter(|(encoding, _)| *encoding != UTF_16LE && *encoding != UTF_16BE)
}

/// A byte order mark decides, except that bytes which contradict a UTF-8 mark are mended.
fn by_mark(bytes: &[u8]) -> Option<Decoded> {
    if let Some(decoded) = wide::utf32_by_mark(bytes) {
        return Some(decoded);
    }
    let (encoding, length) = Encoding::for_bom(bytes)?;
    let rest = &bytes[length..];
    if encoding == UTF_8 {
        // Some writers put two marks.
        let rest = rest.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(rest);
        return Some(match std::str::from_utf8(rest) {
            Ok(text) => Decoded { text: text.to_owned(), encoding: "utf-8", by: "bom", replaced: 0, lost: 0 },
            Err(_) => near_utf8(rest, "bom"),
        });
    }
    // A UTF-16 mark before eight-bit text is a lie told by converters.
    let zeros = rest.iter().take(256).filter(|byte| **byte == 0).count();
    if zeros == 0 && rest.iter().take(256).filter(|byte| byte.is_ascii_graphic()).count() * 2 > rest.len().min(256) {
        return None;
    }
    Some(loosely(encoding, "bom", rest))
}

/// UTF-16 and UTF-32 without a mark show by where their zero bytes stand.
fn by_pattern(bytes: &[u8]) -> Option<Decoded> {
    let head = &bytes[..bytes.len().min(256) & !3];
    if head.len() < 4 || !head.contains(&0) {
        return None;
    }
    if let Some(decoded) = wide::utf32_by_pattern(bytes, head) {
        return Some(decoded);
    }
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    // Markup is ASCII, so that even a Chinese document shows a good share of zeros.
    let encoding = if odd * 3 >= half && even * 8 <= odd {
        UTF_16LE
    } else if even * 3 >= half && odd * 8 <= even {
        UTF_16BE
    } else {
        return None;
    };
    Some(loosely(encoding, "pattern", bytes))
}

/// How much of a document that is no valid UTF-8 is UTF-8 nevertheless.
struct Census {
    /// Characters of more than one byte.
    sequences: usize,
    /// Bytes that belong to no character.
    stray: usize,
}

impl Census {
    fn of(bytes: &[u8]) -> Census {
        let mut census = Census { sequences: 0, stray: 0 };
        for chunk in bytes.utf8_chunks() {
            census.sequences += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
            census.stray += chunk.invalid().len();
        }
        if census.stray > 0 {
            // Surrogates written as UTF-8 are three strays each, yet nothing but UTF-8 explains them.
            let surrogates = bytes.windows(3).filter(|it| it[0] == 0xED && it[1] >= 0xA0 && (0x80..=0xBF).contains(&it[2])).count();
            census.stray = census.stray.saturating_sub(3 * surrogates);
            census.sequences += surrogates;
        }
        census
    }

    /// Legacy text forms UTF-8 sequences only by accident; a label of another encoding asks for more of them.
    fn is_near_utf8(&self, labelled_otherwise: bool) -> bool {
        let weight = if labelled_otherwise { 8 } else { 2 };
        self.sequences >= 2 && self.sequences >= self.stray.saturating_mul(weight)
    }
}

/// UTF-8 in which stray bytes are read as windows-1252, surrogate pairs as the character they mean,
/// and a sequence cut off by the end of the document as U+FFFD.
fn near_utf8(bytes: &[u8], by: &'static str) -> Decoded {
    let mut text = String::with_capacity(bytes.len() + 16);
    let (mut replaced, mut lost) = (0, 0);
    let mut high: Option<u32> = None;
    let mut rest = bytes;
    while !rest.is_empty() {
        let (valid, bad, next) = match std::str::from_utf8(rest) {
            Ok(valid) => (valid, &rest[..0], &rest[rest.len()..]),
            Err(error) => {
                let at = error.valid_up_to();
                let length = error.error_len().unwrap_or(rest.len() - at);
                let valid = std::str::from_utf8(&rest[..at]).unwrap_or_default();
                (valid, &rest[at..at + length], &rest[at + length..])
            }
        };
        if !valid.is_empty() {
            high = None;
            text.push_str(valid);
        }
        if bad.first() == Some(&0xED) && next.len() >= 2 && (0xA0..=0xBF).contains(&next[0]) && (0x80..=0xBF).contains(&next[1]) {
            let unit = 0xD000 | (u32::from(next[0] & 0x3F) << 6) | u32::from(next[1] & 0x3F);
            rest = &next[2..];
            match high.take() {
                Some(lead) if unit >= 0xDC00 => {
                    text.pop();
                    replaced -= 1;
                    lost -= 3;
                    text.push(char::from_u32(0x1_0000 + ((lead - 0xD800) << 10) + (unit - 0xDC00)).unwrap_or('\u{FFFD}'));
                }
                _ => {
                    text.push('\u{FFFD}');
                    replaced += 1;
                    lost += 3;
                    high = (unit < 0xDC00).then_some(unit);
                }
            }
            continue;
        }
        if !bad.is_empty()
            && next.is_empty()
            && bad[0] >= 0xC2
            && !valid.is_empty()
            && bad.len() < 4
            && Census::of(bytes).sequences > 0
        {
            text.push('\u{FFFD}');
            replaced += 1;
            lost += bad.len();
        } else {
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(bad).0);
        }
        rest = next;
    }
    Decoded { text, encoding: "utf-8", by, replaced, lost }
}

/// The text, if every byte of the document means something in the encoding.
fn strictly(encoding: &'static Encoding, by: &'static str, bytes: &[u8]) -> Option<Decoded> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    Some(Decoded { text: Cow::into_owned(text), encoding: lower_name(encoding), by, replaced: 0, lost: 0 })
}

/// The text with U+FFFD where bytes mean nothing in the encoding.
fn loosely(encoding: &'static Encoding, by: &'static str, bytes: &[u8]) -> Decoded {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2 + 16);
    let (mut rest, mut replaced, mut lost) = (bytes, 0, 0);
    loop {
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        rest = &rest[read..];
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::OutputFull => text.reserve(rest.len() + rest.len() / 2 + 16),
            DecoderResult::Malformed(bad, _) => {
                text.reserve(3);
                text.push('\u{FFFD}');
                replaced += 1;
                lost += usize::from(bad);
            }
        }
    }
    Decoded { text, encoding: lower_name(encoding), by, replaced, lost }
}

/// The detector's opinion; half a megabyte is more than it needs.
fn detect(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    // Markup is ASCII and tells nothing; begin where the first other byte stands.
    let start = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    let end = bytes.len().min(start + 512 * 1024);
    detector.feed(&bytes[start.saturating_sub(64)..end], true);
    detector.guess(None, chardetng::Utf8Detection::Deny)
}

/// The WHATWG name in lower case, without an allocation.
fn lower_name(encoding: &'static Encoding) -> &'static str {
    match encoding.name() {
        "UTF-8" => "utf-8",
        "UTF-16LE" => "utf-16le",
        "UTF-16BE" => "utf-16be",
        "IBM866" => "ibm866",
        "ISO-8859-2" => "iso-8859-2",
        "ISO-8859-3" => "iso-8859-3",
        "ISO-8859-4" => "iso-8859-4",
        "ISO-8859-5" => "iso-8859-5",
        "ISO-8859-6" => "iso-8859-6",
        "ISO-8859-7" => "iso-8859-7",
        "ISO-8859-8" => "iso-8859-8",
        "ISO-8859-8-I" => "iso-8859-8-i",
        "ISO-8859-10" => "iso-8859-10",
        "ISO-8859-13" => "iso-8859-13",
        "ISO-8859-14" => "iso-8859-14",
        "ISO-8859-15" => "iso-8859-15",
        "ISO-8859-16" => "iso-8859-16",
        "KOI8-R" => "koi8-r",
        "KOI8-U" => "koi8-u",
        "GBK" => "gbk",
        "Big5" => "big5",
        "EUC-JP" => "euc-jp",
        "ISO-2022-JP" => "iso-2022-jp",
        "Shift_JIS" => "shift_jis",
        "EUC-KR" => "euc-kr",
        other => other,
    }
}
