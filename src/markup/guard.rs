//! The guard before any DOM: what would cost a tree builder quadratic time or endless memory is cut off first.
//!
//! html5ever has no limit of its own: it is quadratic in depth and in attributes, and one unclosed
//! formatting element is built again in every block that follows. The guard plays the tree
//! builder's stack of open elements (HTML standard §13.2.6) on the token stream, in linear time, erring
//! towards too deep. A page within the limits passes untouched and uncopied; of any other page the
//! excess is flattened: tags too many are dropped, their text stays.

use std::borrow::Cow;

use super::nesting::{Nesting, Seen};
use super::{Tag, Token, Tokens};

/// What a page may ask of a tree builder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Elements within each other (browsers stop at 512).
    pub depth: usize,
    /// Attributes of one tag.
    pub attributes: usize,
    /// Elements, texts and comments together.
    pub nodes: usize,
    /// Elements that formatting left open would make the builder repeat.
    pub repeats: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { depth: 512, attributes: 256, nodes: 200_000, repeats: 20_000 }
    }
}

/// What had to be cut off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cut {
    /// Tags dropped because they lay too deep.
    pub too_deep: usize,
    /// Tags that lost attributes.
    pub attributes: usize,
    /// Whether formatting (`b`, `i`, `font`, …) was dropped.
    pub formatting: bool,
    /// Whether the text ends before the page did.
    pub truncated: bool,
}

/// A text that is safe to build a tree of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarded<'a> {
    /// The text, borrowed when nothing was cut.
    pub text: Cow<'a, str>,
    /// What was cut.
    pub cut: Cut,
}

/// Returns `html` unchanged when it is within the limits, else without the excess. Linear in `html`.
pub fn guard<'a>(html: &'a str, limits: &Limits) -> Guarded<'a> {
    let mut look = Pass { limits, nesting: Nesting::new(limits.depth), attributes: 0, framesets: 0, cut: Cut::default() };
    look.run(html, None);
    if look.nesting.repeats() > limits.repeats {
        look.cut.formatting = true;
    }
    if look.cut == Cut::default() {
        return Guarded { text: Cow::Borrowed(html), cut: look.cut };
    }
    let cut = Cut { formatting: look.cut.formatting, ..Cut::default() };
    let mut write = Pass { limits, nesting: Nesting::new(limits.depth), attributes: 0, framesets: 0, cut };
    let mut text = String::with_capacity(html.len());
    write.run(html, Some(&mut text));
    Guarded { text: Cow::Owned(text), cut: write.cut }
}

/// Attributes of all tags together, beyond which every tag may keep a few only: the check for doubles is quadratic in a tag.
const ALL_ATTRIBUTES: usize = 400_000;

/// What a tag keeps then.
const FEW_ATTRIBUTES: usize = 16;

/// Longest tag name; longer ones are noise, and the tree builder keeps every name for ever.
const LONGEST_NAME: usize = 128;

/// Framesets of one document.
const MOST_FRAMESETS: usize = 8;

/// One way through the text: to see whether something must be cut, or to cut it.
struct Pass<'l> {
    limits: &'l Limits,
    nesting: Nesting,
    attributes: usize,
    framesets: usize,
    cut: Cut,
}

impl Pass<'_> {
    /// Counts what would be cut; with `out`, writes what is left.
    fn run(&mut self, html: &str, mut out: Option<&mut String>) {
        let mut tokens = Tokens::new(html);
        let mut before = Seen::Kept;
        while let Some((token, range)) = tokens.step() {
            // Raw text without its element would be read as markup.
            let seen = if matches!(token, Token::Raw(_)) && before != Seen::Kept { Seen::Dropped } else { self.see(&token) };
            before = seen;
            tokens.html = self.nesting.reads_html() && self.framesets == 0;
            if let Some(text) = &mut out {
                match (seen, token) {
                    (_, Token::Comment(_)) => {}
                    (Seen::Kept, Token::Start(tag)) if tag.attributes > self.allowed() => shorten(&tag, self.allowed(), text),
                    (Seen::Kept, _) => text.push_str(&html[range.clone()]),
                    // What stood on both sides of a dropped block stays two paragraphs.
                    (Seen::DroppedBlock, _) => text.push_str("<br><br>"),
                    (Seen::Dropped, _) => text.push(' '),
                }
            }
            if self.nesting.nodes() > self.limits.nodes {
                self.cut.truncated = range.end < html.len();
                return;
            }
        }
    }

    /// What becomes of one token.
    fn see(&mut self, token: &Token<'_>) -> Seen {
        match token {
            Token::Text(_) | Token::Raw(_) => self.nesting.text(),
            Token::Comment(_) => self.nesting.comment(),
            Token::Start(tag) if tag.name.len() > LONGEST_NAME || self.is_further_frameset(tag) => {
                self.cut.too_deep += 1;
                Seen::Dropped
            }
            Token::Start(tag) => {
                if self.cut.formatting && Nesting::is_formatting(tag.name) && !tag.is("a") {
                    return Seen::Dropped;
                }
                let seen = self.nesting.start(tag);
                if seen == Seen::Kept {
                    self.attributes += tag.attributes;
                    self.cut.attributes += usize::from(tag.attributes > self.allowed());
                } else {
                    self.cut.too_deep += 1;
                }
                seen
            }
            Token::End(name) => self.nesting.end(name),
        }
    }

    /// Framesets nest by rules of their own; nobody reads more than a few.
    fn is_further_frameset(&mut self, tag: &Tag<'_>) -> bool {
        self.framesets += usize::from(tag.is("frameset"));
        tag.is("frameset") && self.framesets > MOST_FRAMESETS
    }

    /// Attributes a tag may have now.
    fn allowed(&self) -> usize {
        if self.attributes > ALL_ATTRIBUTES { FEW_ATTRIBUTES.min(self.limits.attributes) } else { self.limits.attributes }
    }
}

/// Writes a tag with its first attributes only.
fn shorten(tag: &Tag<'_>, allowed: usize, out: &mut String) {
    out.push('<');
    out.push_str(tag.name);
    for (name, value) in tag.attributes().take(allowed) {
        let quote = if value.contains('"') { '\'' } else { '"' };
        out.push(' ');
        out.push_str(name);
        out.push('=');
        out.push(quote);
        out.push_str(value);
        out.push(quote);
    }
    out.push_str(if tag.self_closing { "/>" } else { ">" });
}
