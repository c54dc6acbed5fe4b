//! Which blocks are the article: each is weighed by itself, with what stands around it.

use super::evidence::Evidence;
use super::features::{self, Rows};
use super::model::Model;
use super::outline::Outline;
use super::words;

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
    // A page of few words may hold none that the model is sure of.
    let threshold = [model.threshold, 0.35, 0.2].into_iter().find(|threshold| length_of(outline, &likely, *threshold) >= SHORT);
    let threshold = threshold.unwrap_or(model.threshold);
    let mut taken: Vec<bool> = likely.iter().map(|likely| *likely >= threshold).collect();
    drop_comments(outline, rows.headline, &mut taken);
    drop_repeats(&rows.grams, &mut taken);
    drop_far_off(outline, &likely, &mut taken);
    Choice { likely, taken, rows }
}

/// Effective length below which a text is hardly an article.
const SHORT: f32 = 100.0;

/// Effective length of the blocks that are at least so likely.
fn length_of(outline: &Outline, likely: &[f32], threshold: f32) -> f32 {
    outline.blocks.iter().zip(likely).filter(|(_, likely)| **likely >= threshold).map(|(block, _)| block.length).sum()
}

/// What readers wrote under a short article may be most of the page, and is none of the article.
fn drop_comments(outline: &Outline, headline: Option<usize>, taken: &mut [bool]) {
    let Some(headline) = headline.map(|block| outline.blocks[block].owner) else { return };
    let of_readers = |owner: usize| {
        outline.chain(owner).any(|index| words::are_of_comments(&outline.elements[index].words) && !outline.holds(index, headline))
    };
    let comments: Vec<usize> = (0..taken.len()).filter(|index| taken[*index] && of_readers(outline.blocks[*index].owner)).collect();
    let rest: f32 = (0..taken.len()).filter(|index| taken[*index]).map(|index| outline.blocks[index].length).sum::<f32>()
        - comments.iter().map(|index| outline.blocks[*index].length).sum::<f32>();
    if rest >= SHORT {
        comments.iter().for_each(|index| taken[*index] = false);
    }
}

/// Share of a block's runs of words that must have been seen in the blocks taken before for it to be a repeat.
const REPEATED: f32 = 0.8;

/// A block that the blocks taken before have said already is a pull quote, a teaser, a second copy of the page.
fn drop_repeats(grams: &[Vec<u32>], taken: &mut [bool]) {
    let mut seen = words::Set::default();
    for (grams, taken) in grams.iter().zip(taken.iter_mut()) {
        if !*taken {
            continue;
        }
        let repeated = grams.iter().filter(|gram| seen.contains(gram)).count();
        if grams.len() >= 6 && repeated as f32 >= REPEATED * grams.len() as f32 {
            *taken = false;
        } else {
            seen.extend(grams);
        }
    }
}

/// Blocks without one that was taken, from which on what follows is another place of the page.
const FAR_OFF: usize = 30;
/// Share of the text below which such a place is left out, unless one of its blocks is as likely as `SURE`.
const SMALL: f32 = 0.2;
const SURE: f32 = 0.95;

/// A few lines far from the rest of the text are a notice, an advertisement, another story's summary.
fn drop_far_off(outline: &Outline, likely: &[f32], taken: &mut [bool]) {
    let mut places: Vec<Vec<usize>> = Vec::new();
    for index in (0..taken.len()).filter(|index| taken[*index]) {
        match places.last_mut() {
            Some(place) if place.last().is_none_or(|last| index - last <= FAR_OFF) => place.push(index),
            _ => places.push(vec![index]),
        }
    }
    let length = |place: &[usize]| place.iter().map(|index| outline.blocks[*index].length).sum::<f32>();
    let total: f32 = places.iter().map(|place| length(place)).sum();
    let longest = places.iter().map(|place| length(place)).fold(0.0, f32::max);
    for place in &places {
        let sure = place.iter().any(|index| likely[*index] >= SURE);
        if length(place) < longest && length(place) < SMALL * total && !sure {
            place.iter().for_each(|index| taken[*index] = false);
        }
    }
}
