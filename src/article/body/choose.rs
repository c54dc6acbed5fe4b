//! Which blocks are the article: each is weighed by itself, with what stands around it.

use std::collections::HashSet;

use super::evidence::Evidence;
use super::features::{self, Rows};
use super::model::Model;
use super::outline::Outline;
use super::{evidence, words};

/// The page with a decision on each of its blocks.
pub(super) struct Choice {
    /// How likely each block is part of the article.
    pub(super) likely: Vec<f32>,
    /// Whether it is taken.
    pub(super) taken: Vec<bool>,
    pub(super) rows: Rows,
}

pub(super) fn choose(model: &Model, outline: &Outline, evidence: &Evidence) -> Choice {
    let rows = features::measure(outline, evidence, &|band, word| model.word(band, word));
    debug_assert!(model.fits(&rows.names), "the model was trained on other features");
    let likely: Vec<f32> = (0..outline.blocks.len()).map(|index| model.weigh(rows.row(index))).collect();
    let mut taken: Vec<bool> = likely.iter().map(|likely| *likely >= model.threshold).collect();
    drop_repeats(outline, &mut taken);
    Choice { likely, taken, rows }
}

/// Share of a block's runs of words that must have been seen in the blocks taken before for it to be a repeat.
const REPEATED: f32 = 0.8;

/// A block that the blocks taken before have said already is a pull quote, a teaser, a second copy of the page.
fn drop_repeats(outline: &Outline, taken: &mut [bool]) {
    let mut seen: HashSet<u32> = HashSet::new();
    for (block, taken) in outline.blocks.iter().zip(taken.iter_mut()) {
        if !*taken {
            continue;
        }
        let grams: Vec<u32> = evidence::grams(&words::of_text(&block.text)).collect();
        let repeated = grams.iter().filter(|gram| seen.contains(gram)).count();
        if grams.len() >= 6 && repeated as f32 >= REPEATED * grams.len() as f32 {
            *taken = false;
        } else {
            seen.extend(grams);
        }
    }
}
