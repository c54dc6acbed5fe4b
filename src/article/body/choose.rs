//! Which blocks are the article: each is weighed by itself, with what stands around it.

use std::collections::HashSet;

use super::evidence::Evidence;
use super::features::{self, Rows};
use super::outline::{Outline, Tag};
use super::{evidence, words};

/// The page with a decision on each of its blocks.
pub(super) struct Choice {
    /// How likely each block is part of the article.
    pub(super) likely: Vec<f32>,
    /// Whether it is taken.
    pub(super) taken: Vec<bool>,
    pub(super) rows: Rows,
}

/// From which likelihood on a block is taken.
const THRESHOLD: f32 = 0.55;

pub(super) fn choose(outline: &Outline, evidence: &Evidence) -> Choice {
    let rows = features::measure(outline, evidence, &|_, _| 0.0);
    let likely = by_rules(outline);
    let mut taken: Vec<bool> = likely.iter().map(|likely| *likely >= THRESHOLD).collect();
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

/// A reader's-mode guess: the best-voted element, and in it what reads like text.
fn by_rules(outline: &Outline) -> Vec<f32> {
    let best =
        (0..outline.elements.len()).max_by(|one, other| outline.elements[*one].score.total_cmp(&outline.elements[*other].score));
    let Some(mut top) = best else { return vec![0.0; outline.blocks.len()] };
    // An element around it that holds far more text, and little else, holds the article in parts.
    for index in outline.chain(top).take(4) {
        let (outer, inner) = (&outline.elements[index], &outline.elements[top]);
        if outer.sums.good > 1.3 * inner.sums.good
            && outer.sums.link_density() < inner.sums.link_density() + 0.1
            && outer.score * 4.0 > inner.score
        {
            top = index;
        }
    }
    let accepts = |index: usize| {
        let block = &outline.blocks[index];
        if !outline.holds(top, block.owner) || block.link_share > 0.5 {
            return 0.0;
        }
        let boxed = outline.chain(block.owner).take_while(|index| *index != top).any(|index| {
            let element = &outline.elements[index];
            element.hidden
                || matches!(
                    element.tag,
                    Tag::Aside | Tag::Nav | Tag::Footer | Tag::Form | Tag::Button | Tag::Figure | Tag::Figcaption
                )
                || (element.groups[words::NEGATIVE] > 0 && element.groups[words::POSITIVE] == 0)
        });
        if boxed {
            return 0.1;
        }
        let prose = block.good > 0.0 || (features::ends_sentence(&block.text) && block.length > 20.0);
        let next = outline.blocks.get(index + 1).is_some_and(|next| next.good > 0.0);
        let heading = outline.elements[block.container].tag.heading().is_some_and(|level| level > 1);
        if prose || (heading && next) { 0.9 } else { 0.3 }
    };
    (0..outline.blocks.len()).map(accepts).collect()
}
