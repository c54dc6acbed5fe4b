//! A line as tokens: numbers, folded words, marks.

use super::names::HAN_WORDS;

/// One token of a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Whether white space stands before it.
    pub(super) spaced: bool,
}

/// The kinds of tokens.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// Digits of any script: value (saturated) and how many.
    Number(u64, u8),
    /// Letters, folded: lower case, no diacritics. Underscores count as letters (IANA names).
    Word(String),
    /// Any other character.
    Mark(char),
}

/// Splits a line into tokens, at most `limit` of them.
pub(super) fn tokens(text: &str, limit: usize) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(24);
    let mut spaced = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if out.len() >= limit {
            break;
        }
        if first.is_whitespace() {
            spaced = true;
            rest = &rest[first.len_utf8()..];
            continue;
        }
        if is_invisible(first) {
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (kind, length) = if digit(first).is_some() {
            number(rest)
        } else if is_han(first) {
            han(rest, first)
        } else if is_letter(first) {
            word(rest)
        } else {
            (Kind::Mark(plain_mark(first)), first.len_utf8())
        };
        out.push(Token { kind, spaced });
        spaced = false;
        rest = &rest[length..];
    }
    out
}

fn number(text: &str) -> (Kind, usize) {
    let (mut value, mut digits, mut length) = (0u64, 0u8, 0);
    for c in text.chars() {
        let Some(next) = digit(c) else { break };
        value = value.saturating_mul(10).saturating_add(u64::from(next));
        digits = digits.saturating_add(1);
        length += c.len_utf8();
    }
    (Kind::Number(value, digits), length)
}

fn han(text: &str, first: char) -> (Kind, usize) {
    let known = HAN_WORDS.iter().find(|known| text.starts_with(**known));
    let length = known.map_or(first.len_utf8(), |known| known.len());
    (Kind::Word(text[..length].to_owned()), length)
}

fn word(text: &str) -> (Kind, usize) {
    let mut length = 0;
    let mut chars = text.chars().peekable();
    let (mut cyrillic, mut thai) = (false, false);
    while let Some(c) = chars.next() {
        // The Ukrainian apostrophe belongs to its word, the French one ends a word.
        let inner = cyrillic && plain_mark(c) == '\'' && chars.peek().is_some_and(|next| is_letter(*next));
        // Thai months are shortened with full stops: "เม.ย."
        let stop = thai && c == '.' && chars.peek().is_some_and(|next| is_thai(*next));
        if is_han(c) || !(is_letter(c) || c == '_' || is_invisible(c) || inner || stop) {
            break;
        }
        cyrillic = matches!(c as u32, 0x0400..=0x052F);
        thai = is_thai(c);
        length += c.len_utf8();
    }
    (Kind::Word(folded(&text[..length])), length)
}

/// The value of a decimal digit of the scripts that write dates with their own digits.
fn digit(c: char) -> Option<u32> {
    if let Some(value) = c.to_digit(10) {
        return Some(value);
    }
    const ZEROS: [u32; 9] = [0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0x1040, 0x17E0, 0x0BE6, 0xFF10];
    let code = c as u32;
    if code < 0x0660 {
        return None;
    }
    ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)).map(|zero| code - zero)
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || is_joined(c)
}

/// Combining marks that belong to the word they stand in.
fn is_joined(c: char) -> bool {
    matches!(c as u32, 0x0300..=0x036F | 0x064B..=0x065F | 0x093C | 0x094D | 0x09BC | 0x09CD | 0x0BCD | 0x0E47..=0x0E4E)
}

fn is_thai(c: char) -> bool {
    matches!(c as u32, 0x0E01..=0x0E3A | 0x0E40..=0x0E4E)
}

fn is_han(c: char) -> bool {
    matches!(c as u32, 0x3400..=0x4DBF | 0x4E00..=0x9FFF)
}

/// Direction marks, joiners, soft hyphens: never shown, so never meant.
fn is_invisible(c: char) -> bool {
    matches!(c as u32, 0xAD | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x2069 | 0xFEFF | 0x061C)
}

/// The ASCII mark that a typographic one stands for.
fn plain_mark(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' | '\u{FF0D}' => '-',
        '：' | '\u{2236}' | '\u{FE55}' => ':',
        '／' | '\u{2044}' | '\u{2215}' => '/',
        '．' | '。' | '॰' => '.',
        '，' | '、' | '،' | '﹐' => ',',
        '（' => '(',
        '）' => ')',
        '＋' => '+',
        '［' | '【' => '[',
        '］' | '】' => ']',
        '’' | 'ʼ' | '‘' | '`' | '´' | '׳' => '\'',
        '•' | '●' | '∙' | '⋅' | '・' => '·',
        '│' | '｜' | '¦' | '‖' => '|',
        other => other,
    }
}

/// A word as the tables hold it: lower case, Latin and Greek letters without diacritics, Arabic
/// letter variants as one, joiners and combining marks dropped.
pub(super) fn folded(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        if c.is_ascii() {
            if c != '\'' {
                out.push(c.to_ascii_lowercase());
            }
            continue;
        }
        if plain_mark(c) == '\'' {
            continue;
        }
        for c in c.to_lowercase() {
            if !(is_invisible(c) || matches!(c as u32, 0x0300..=0x036F | 0x064B..=0x065F | 0x0640 | 0x093C | 0x09BC)) {
                out.push(base(c));
            }
        }
    }
    out
}

/// The letter without its diacritic.
fn base(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' | 'ấ'..='ặ' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ'..='ệ' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ỉ' | 'ị' => 'i',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' | 'ọ'..='ợ' => 'o',
        'ŕ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ụ'..='ự' => 'u',
        'ý' | 'ÿ' | 'ỳ'..='ỹ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'ώ' => 'ω',
        'ς' => 'σ',
        'й' => 'и',
        'ё' => 'е',
        'ї' => 'і',
        'ў' => 'у',
        'أ' | 'إ' | 'آ' => 'ا',
        'ة' => 'ه',
        'ى' | 'ی' => 'ي',
        'ک' => 'ك',
        // Indic letters that carry their dot in one code point.
        '\u{0958}' => '\u{0915}',
        '\u{0959}' => '\u{0916}',
        '\u{095A}' => '\u{0917}',
        '\u{095B}' => '\u{091C}',
        '\u{095C}' => '\u{0921}',
        '\u{095D}' => '\u{0922}',
        '\u{095E}' => '\u{092B}',
        '\u{095F}' => '\u{092F}',
        '\u{09DF}' => '\u{09AF}',
        other => other,
    }
}
