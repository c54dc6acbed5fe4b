//! The witness: a reader by rules, as a reader's mode has them, whose answer the model weighs as one measurement among others.
//!
//! It looks for the container with the most prose, joins the containers beside it that look alike, and leaves out
//! what is named, placed or linked like something else. It is often wrong, but in other ways than single measurements are.

use std::ops::Range;

use super::features::Text;
use super::outline::{Outline, Tag};
use super::words;

/// What the rules keep of a page.
#[derive(Debug, Default)]
pub(super) struct Witness {
    pub(super) kept: Vec<bool>,
    /// Effective length of what is kept.
    pub(super) length: f32,
    pub(super) first: Option<usize>,
    pub(super) last: Option<usize>,
    /// Effective length of what is kept right within each element.
    pub(super) beside: Vec<f32>,
    grams: words::Set,
    /// In how many of the kept blocks each word stands.
    topics: words::Table<u32>,
    blocks: f32,
}

/// Share of the kept blocks from which on a word says nothing of the topic.
const COMMON: f32 = 0.2;

impl Witness {
    pub(super) fn of(outline: &Outline, texts: &[Text]) -> Witness {
        let main = main_container(outline);
        let mut witness = Witness { kept: vec![false; outline.blocks.len()], ..Witness::default() };
        let out = named_otherwise(outline, main);
        let prose = |index: usize| {
            let (block, text) = (&outline.blocks[index], &texts[index]);
            block.link_share < 0.5 && (block.length >= 140.0 || block.length >= 50.0 && text.ends_sentence)
        };
        let within = |index: usize| {
            let owner = outline.blocks[index].owner;
            !out[owner] && outline.holds(main, owner)
        };
        let mut waiting: Vec<usize> = Vec::new();
        for index in 0..outline.blocks.len() {
            if !within(index) {
                continue;
            }
            if prose(index) {
                // Short lines between paragraphs (subheads, items of a list) belong to them; a dozen of them do not.
                if witness.last.is_some() && waiting.len() <= 8 || waiting.len() == 1 {
                    waiting.iter().for_each(|index| witness.kept[*index] = true);
                }
                waiting.clear();
                witness.kept[index] = true;
                witness.first = witness.first.or(Some(index));
                witness.last = Some(index);
            } else if outline.blocks[index].link_share < 0.7 && texts[index].phrases.promo == 0 && !texts[index].words.is_empty() {
                waiting.push(index);
            }
        }
        witness.add_up(outline, texts);
        witness
    }

    fn add_up(&mut self, outline: &Outline, texts: &[Text]) {
        self.beside = vec![0.0; outline.elements.len()];
        let mut own: Vec<u32> = Vec::new();
        for index in (0..self.kept.len()).filter(|index| self.kept[*index]) {
            let block = &outline.blocks[index];
            self.length += block.length;
            self.beside[outline.elements[block.container].parent] += block.length;
            self.grams.extend(&texts[index].grams);
            self.blocks += 1.0;
            own.clear();
            own.extend(&texts[index].words);
            own.sort_unstable();
            own.dedup();
            own.iter().for_each(|word| *self.topics.entry(*word).or_insert(0) += 1);
        }
    }

    /// Share of a block's runs of words that the witness has.
    pub(super) fn within(&self, grams: &[u32]) -> f32 {
        grams.iter().filter(|gram| self.grams.contains(gram)).count() as f32 / grams.len().max(1) as f32
    }

    /// Share of these blocks that the witness has.
    pub(super) fn kept_among(&self, range: Range<usize>) -> f32 {
        let range = range.start.min(self.kept.len())..range.end.min(self.kept.len());
        let count = range.len().max(1) as f32;
        self.kept[range].iter().filter(|kept| **kept).count() as f32 / count
    }

    /// Shares of a block's words that other blocks of the text have too: of all of them, and of those that few blocks have.
    pub(super) fn topic(&self, words: &[u32], kept: bool) -> (f32, f32) {
        let own = u32::from(kept);
        let (mut shared, mut rare, mut rare_shared) = (0, 0, 0);
        for word in words {
            let count = self.topics.get(word).copied().unwrap_or(0).saturating_sub(own);
            shared += u32::from(count > 0);
            if count as f32 <= (COMMON * self.blocks).max(1.0) {
                rare += 1;
                rare_shared += u32::from(count > 0);
            }
        }
        (shared as f32 / words.len().max(1) as f32, rare_shared as f32 / rare.max(1) as f32)
    }
}

/// The element with the highest score, or the one around it when its neighbours hold much more of the same.
fn main_container(outline: &Outline) -> usize {
    let best = (0..outline.elements.len()).fold((0, f32::MIN), |best, index| {
        let score = outline.elements[index].score;
        if score > best.1 { (index, score) } else { best }
    });
    let mut main = best.0;
    for _ in 0..3 {
        let Some(element) = outline.elements.get(main) else { break };
        let Some(around) = outline.elements.get(element.parent) else { break };
        let gains = around.sums.good > 1.25 * element.sums.good && around.score > 0.4 * best.1;
        if element.tag == Tag::Article || element.is_article_body || !gains || around.sums.link_density() > 0.35 {
            break;
        }
        main = element.parent;
    }
    main
}

/// Elements within the main one that are named, or placed, like something else than text.
fn named_otherwise(outline: &Outline, main: usize) -> Vec<bool> {
    let mut out: Vec<bool> = Vec::with_capacity(outline.elements.len());
    for (index, element) in outline.elements.iter().enumerate() {
        let above = index != element.parent && out.get(element.parent).copied().unwrap_or(false);
        let placed = matches!(
            element.tag,
            Tag::Aside | Tag::Nav | Tag::Footer | Tag::Form | Tag::Figure | Tag::Figcaption | Tag::Button | Tag::Table
        );
        let named = element.groups[words::NEGATIVE] > 0 && element.groups[words::POSITIVE] == 0;
        let linked = element.sums.length > 0.0 && element.sums.link_density() > 0.6 && !element.tag.is_inline();
        // An element that holds the main one, or half of its text, is not set apart by its name.
        let large = element.sums.good > 0.5 * outline.elements[main].sums.good;
        out.push(above && index != main || (placed || named || linked || element.hidden) && !large && index != main);
    }
    out
}
