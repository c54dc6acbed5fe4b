//! The blocks taken, as the lines of a text; and the captions that stand among them.

use super::outline::{Block, Outline, Tag};
use super::words;
use crate::article::cleaning::{Kind, Line};

/// Effective length of what is still a caption.
const LONGEST_CAPTION: f32 = 500.0;

/// Effective length of what may be a subhead over a picture.
const LONGEST_HEADING: f32 = 150.0;

/// Elements looked up through from a block.
const NEAR: usize = 8;

/// Blocks before the first one taken in which a caption may still be the article's: that of the picture over the text.
const BEFORE: usize = 8;

/// The blocks taken, as lines, and the captions among them whether taken or not; the cells of one row of a table are
/// one line, unless the table only lays out prose.
pub(super) fn of(outline: &Outline, taken: &[bool]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut last = (None, None);
    let first_taken = taken.iter().position(|taken| *taken).unwrap_or(taken.len());
    let last_taken = taken.iter().rposition(|taken| *taken).unwrap_or(0);
    let span = first_taken.saturating_sub(BEFORE)..=last_taken;
    let told = told_by_pictures(outline, taken);
    for (index, block) in outline.blocks.iter().enumerate() {
        let is_caption = || span.contains(&index) && block.link_share < 0.5 && kind(outline, block) == Kind::Caption;
        if !taken[index] && !is_caption() {
            continue;
        }
        let kind = match kind(outline, block) {
            Kind::Caption if told && taken[index] => Kind::Text,
            Kind::Text if !told && is_beside_picture(outline, block) => Kind::Caption,
            Kind::Heading if !told && block.length > LONGEST_HEADING && is_beside_picture(outline, block) => Kind::Caption,
            kind => kind,
        };
        let around = |tag: Tag| outline.chain(block.owner).take(NEAR).find(|index| outline.elements[*index].tag == tag);
        let (row, cell) = (around(Tag::Tr), around(Tag::Td));
        let next_cell = row.is_some() && row == last.0 && cell != last.1;
        last = (row, cell);
        let line = Line { text: block.text.clone(), kind, link_share: block.link_share };
        match lines.last_mut() {
            Some(before) if next_cell && !before.is_prose() && !line.is_prose() => {
                before.text = format!("{} | {}", before.text, line.text);
            }
            _ => lines.push(line),
        }
    }
    lines
}

/// What stands under the pictures, whatever was taken.
pub(super) fn captions(outline: &Outline) -> Vec<String> {
    let captions = outline.blocks.iter().filter(|block| kind(outline, block) == Kind::Caption);
    captions.map(|block| block.text.clone()).collect()
}

/// Whether most of the text that was taken stands under pictures: those of a slide show are its text.
fn told_by_pictures(outline: &Outline, taken: &[bool]) -> bool {
    let (mut captions, mut rest) = (0.0, 0.0);
    for (block, _) in outline.blocks.iter().zip(taken).filter(|(_, taken)| **taken) {
        let is_caption = kind(outline, block) == Kind::Caption || is_beside_picture(outline, block);
        let sum = if is_caption { &mut captions } else { &mut rest };
        *sum += block.length;
    }
    captions > rest
}

/// Elements looked up through for a picture.
const BESIDE: usize = 3;

/// Whether a block follows a picture in a box that holds little else: a caption that does not call itself one.
fn is_beside_picture(outline: &Outline, block: &Block) -> bool {
    let beside = outline.chain(block.owner).take(BESIDE).find(|index| outline.elements[*index].sums.media > 0);
    block.media_before > 0
        && beside.is_some_and(|index| {
            let element = &outline.elements[index];
            let small = element.sums.blocks <= 2 && element.sums.length < LONGEST_CAPTION;
            // A paragraph may begin with a picture; in italics the whole of it is the picture's.
            let own = index == block.container && block.italic_share > 0.8;
            small && (own || matches!(element.tag, Tag::Div | Tag::Figure | Tag::Other))
        })
}

/// What a block is by the elements around it.
fn kind(outline: &Outline, block: &Block) -> Kind {
    let tag = |index: usize| outline.elements[index].tag;
    if outline.chain(block.owner).take(4).any(|index| tag(index).heading().is_some()) {
        return Kind::Heading;
    }
    // "image-caption", "wp-caption-text": what calls itself a caption is one, unless it holds a paragraph's worth.
    let caption = words::hash(b"caption");
    if block.length < LONGEST_CAPTION
        && outline.chain(block.owner).take(2).any(|index| outline.elements[index].words.contains(&caption))
    {
        return Kind::Caption;
    }
    for index in outline.chain(block.owner).take(NEAR) {
        match tag(index) {
            Tag::Figcaption => return Kind::Caption,
            Tag::Li => return Kind::Item,
            Tag::Blockquote => return Kind::Quote,
            Tag::Td => return Kind::Row,
            _ => {}
        }
    }
    Kind::Text
}
