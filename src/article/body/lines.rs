//! The blocks taken, as the lines of a text; and the captions that stand among them.

use super::outline::{Block, Outline, Tag};
use crate::article::cleaning::{Kind, Line};

/// Elements looked up through from a block.
const NEAR: usize = 8;

/// The blocks taken, as lines; the cells of one row of a table are one line, unless the table only lays out prose.
pub(super) fn of(outline: &Outline, taken: &[bool]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut last = (None, None);
    for (block, _) in outline.blocks.iter().zip(taken).filter(|(_, taken)| **taken) {
        let around = |tag: Tag| outline.chain(block.owner).take(NEAR).find(|index| outline.elements[*index].tag == tag);
        let (row, cell) = (around(Tag::Tr), around(Tag::Td));
        let next_cell = row.is_some() && row == last.0 && cell != last.1;
        last = (row, cell);
        let line = Line { text: block.text.clone(), kind: kind(outline, block), link_share: block.link_share };
        match lines.last_mut() {
            Some(before) if next_cell && !before.is_prose() && !line.is_prose() => {
                before.text = format!("{} | {}", before.text, line.text);
            }
            _ => lines.push(line),
        }
    }
    lines
}

/// What a block is by the elements around it.
fn kind(outline: &Outline, block: &Block) -> Kind {
    let tag = |index: usize| outline.elements[index].tag;
    if outline.chain(block.owner).take(4).any(|index| tag(index).heading().is_some()) {
        return Kind::Heading;
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
