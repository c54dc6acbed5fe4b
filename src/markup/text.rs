//! Markup to plain text.

use super::{Tag, Token, Tokens, decode_entities};

/// Plain text of an HTML fragment (a title, a summary): tags dropped, entities decoded, white space collapsed.
///
/// ```
/// assert_eq!(wireroom::markup::plain("<p>Oil &amp; gas</p><p>up&nbsp;2%</p>"), "Oil & gas up 2%");
/// ```
pub fn plain(fragment: &str) -> String {
    blocks(fragment).join(" ")
}

/// The paragraphs of an HTML fragment: cut at block elements and at two line breaks in a row; none empty.
pub fn blocks(fragment: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut block = String::new();
    let (mut breaks, mut skipping) = (0, false);
    for token in Tokens::new(fragment) {
        match token {
            Token::Text(text) => {
                let text = decode_entities(text);
                if breaks > 0 && !text.trim().is_empty() {
                    breaks = 0;
                }
                block.push_str(&text);
            }
            Token::Raw(text) if !skipping => block.push_str(&decode_entities(text)),
            Token::Start(tag) => {
                skipping = is_silent(&tag);
                if tag.is("br") {
                    breaks += 1;
                    if breaks > 1 {
                        close(&mut block, &mut out);
                    }
                    block.push('\n');
                } else if is_block(tag.name) {
                    close(&mut block, &mut out);
                }
            }
            Token::End(name) if is_block(name) => close(&mut block, &mut out),
            Token::Raw(_) | Token::End(_) | Token::Comment(_) => {}
        }
    }
    close(&mut block, &mut out);
    out
}

/// Ends the block in hand.
fn close(block: &mut String, out: &mut Vec<String>) {
    let text = tidy(block);
    if !text.is_empty() {
        out.push(text);
    }
    block.clear();
}

/// Raw text elements that a reader never sees.
fn is_silent(tag: &Tag<'_>) -> bool {
    ["script", "style", "noscript", "iframe", "noembed", "noframes"].iter().any(|name| tag.is(name))
}

/// Elements that begin on a line of their own.
fn is_block(name: &str) -> bool {
    const BLOCKS: [&str; 44] = [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "section",
        "article",
        "header",
        "footer",
        "aside",
        "main",
        "nav",
        "figure",
        "figcaption",
        "table",
        "tr",
        "td",
        "th",
        "tbody",
        "thead",
        "tfoot",
        "caption",
        "dl",
        "dt",
        "dd",
        "pre",
        "hr",
        "form",
        "fieldset",
        "address",
        "body",
        "html",
        "details",
        "summary",
        "center",
        "option",
        "title",
    ];
    BLOCKS.iter().any(|block| name.eq_ignore_ascii_case(block))
}

/// One line of clean text: white space of every kind collapsed to single blanks and trimmed; control
/// characters, soft hyphens, zero-width and direction marks removed (joiners stay where a script needs them).
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    let mut rest = text;
    loop {
        // Most of a text is words in ASCII, which go over as they are.
        let plain = rest.bytes().position(|byte| !byte.is_ascii_graphic()).unwrap_or(rest.len());
        if plain > 0 {
            if std::mem::take(&mut blank) {
                out.push(' ');
            }
            out.push_str(&rest[..plain]);
        }
        let mut characters = rest[plain..].chars();
        let Some(character) = characters.next() else { return out };
        rest = characters.as_str();
        if character.is_whitespace() {
            blank = !out.is_empty();
            continue;
        }
        let keep = match character {
            ' '..='~' => true,
            // Between two letters of a joining script, or two pictures, the joiner is spelling.
            '\u{200c}' | '\u{200d}' => {
                !blank
                    && out.chars().next_back().is_some_and(|last| last > '\u{5ff}')
                    && rest.chars().next().is_some_and(|next| next > '\u{5ff}')
            }
            _ => !is_invisible(character),
        };
        if keep {
            if blank {
                out.push(' ');
                blank = false;
            }
            out.push(character);
        }
    }
}

/// Characters that print nothing and mean nothing in plain text.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{e0fff}')
        || u32::from(character) & 0xfffe == 0xfffe
}
