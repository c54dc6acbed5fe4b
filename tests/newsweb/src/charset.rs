//! Text → bytes in the encodings agencies still use; what an encoding cannot say becomes a character reference.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::plan::{Charset, Declared};

/// Stands in generated text where a byte that no encoding of ours knows shall be sent.
pub(crate) const BAD_BYTE: char = '\u{F8FF}';

impl Charset {
    /// Its label.
    pub fn label(self) -> &'static str {
        match self {
            Charset::Utf8 => "utf-8",
            Charset::Latin1 => "iso-8859-1",
            Charset::Windows1251 => "windows-1251",
            Charset::Windows1254 => "windows-1254",
            Charset::Koi8R => "koi8-r",
            Charset::Gb2312 => "gb2312",
            Charset::Utf16 => "utf-16",
        }
    }

    /// `text` in this encoding.
    pub fn encode(self, text: &str) -> Vec<u8> {
        if self == Charset::Utf16 {
            return std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        }
        if self == Charset::Utf8 && !text.contains(BAD_BYTE) {
            return text.as_bytes().to_vec();
        }
        let mut bytes = Vec::with_capacity(text.len());
        for letter in text.chars() {
            match (letter, self) {
                (BAD_BYTE, _) => bytes.push(0xFF),
                (_, Charset::Utf8) => bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
                ('\0'..='\x7F', _) => bytes.push(letter as u8),
                (_, Charset::Gb2312) => match chinese().get(&letter) {
                    Some(pair) => bytes.extend_from_slice(pair),
                    None => reference(letter, &mut bytes),
                },
                _ => match self.single(letter) {
                    Some(byte) => bytes.push(byte),
                    None => reference(letter, &mut bytes),
                },
            }
        }
        bytes
    }

    /// The byte of a letter beyond ASCII in the encodings of one byte a letter.
    fn single(self, letter: char) -> Option<u8> {
        let code = letter as u32;
        let latin = || u8::try_from(code).ok().filter(|byte| *byte >= 0xA0);
        match self {
            Charset::Latin1 => latin(),
            Charset::Windows1254 => match letter {
                'Ğ' => Some(0xD0),
                'İ' => Some(0xDD),
                'Ş' => Some(0xDE),
                'ğ' => Some(0xF0),
                'ı' => Some(0xFD),
                'ş' => Some(0xFE),
                'Ð' | 'Ý' | 'Þ' | 'ð' | 'ý' | 'þ' => None,
                _ => latin().or_else(|| windows_punctuation(letter)),
            },
            Charset::Windows1251 => match letter {
                'А'..='я' => u8::try_from(code - 0x410 + 0xC0).ok(),
                'Ё' => Some(0xA8),
                'ё' => Some(0xB8),
                '№' => Some(0xB9),
                '\u{A0}' | '§' | '©' | '«' | '®' | '°' | '±' | '»' => latin(),
                _ => windows_punctuation(letter),
            },
            Charset::Koi8R => match letter {
                'ё' => Some(0xA3),
                'Ё' => Some(0xB3),
                '©' => Some(0xBF),
                '\u{A0}' => Some(0x9A),
                _ => {
                    let order = "юабцдефгхийклмнопярстужвьызшэщчъ";
                    let at = |wanted: char| order.chars().position(|known| known == wanted);
                    let small = at(letter).map(|index| 0xC0 + index as u8);
                    small.or_else(|| letter.to_lowercase().next().and_then(at).map(|index| 0xE0 + index as u8))
                }
            },
            Charset::Utf8 | Charset::Gb2312 | Charset::Utf16 => None,
        }
    }
}

impl Declared {
    /// The `charset` parameter of `Content-Type`.
    pub(crate) fn in_header(self, charset: Charset) -> Option<&'static str> {
        match self {
            Declared::Everywhere | Declared::Header => Some(charset.label()),
            Declared::HeaderLies => Some("iso-8859-1"),
            Declared::Document | Declared::Nowhere => None,
        }
    }

    /// The label within the document.
    pub(crate) fn in_document(self, charset: Charset) -> Option<&'static str> {
        match self {
            Declared::Everywhere | Declared::Document | Declared::HeaderLies => Some(charset.label()),
            Declared::Header | Declared::Nowhere => None,
        }
    }
}

fn windows_punctuation(letter: char) -> Option<u8> {
    Some(match letter {
        '…' => 0x85,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        '—' => 0x97,
        _ => return None,
    })
}

fn reference(letter: char, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(format!("&#{};", letter as u32).as_bytes());
}

/// GB 2312 of the characters the generator uses, as a table in `words/`.
fn chinese() -> &'static HashMap<char, [u8; 2]> {
    static TABLE: OnceLock<HashMap<char, [u8; 2]>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let rows = include_str!("../words/gb2312.txt").lines();
        rows.filter_map(|row| {
            let (letter, hex) = row.split_once(' ')?;
            Some((letter.chars().next()?, u16::from_str_radix(hex, 16).ok()?.to_be_bytes()))
        })
        .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_the_bytes_of_their_encoding() {
        assert_eq!(Charset::Windows1251.encode("Баку — Ё"), [0xC1, 0xE0, 0xEA, 0xF3, b' ', 0x97, b' ', 0xA8]);
        assert_eq!(Charset::Koi8R.encode("Баку"), [0xE2, 0xC1, 0xCB, 0xD5]);
        assert_eq!(Charset::Windows1254.encode("Işığ"), [b'I', 0xFE, 0xFD, 0xF0]);
        assert_eq!(Charset::Gb2312.encode("中"), [0xD6, 0xD0]);
        assert_eq!(Charset::Latin1.encode("ə"), b"&#601;");
        assert_eq!(Charset::Utf16.encode("A"), [0xFF, 0xFE, b'A', 0]);
    }

    #[test]
    fn gb2312_knows_every_character_of_the_chinese_words() {
        let missing: String =
            include_str!("../words/zh.txt").chars().filter(|c| !c.is_ascii() && !chinese().contains_key(c)).collect();
        assert_eq!(missing, "");
    }
}
