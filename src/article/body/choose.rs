//! Which blocks are the article: each is weighed by itself, with what stands around it.

use super::evidence::Evidence;
use super::features::{self, Rows};
use super::model::Model;
use super::outline::{Outline, Tag};
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
    keep_tables_whole(outline, &likely, threshold, &mut taken);
    drop_comments(outline, rows.headline, &mut taken);
    drop_repeats(outline, &rows.grams, &mut taken);
    drop_far_off(outline, &likely, &mut taken);
    Choice { likely, taken, rows }
}

/// Effective length below which a text is hardly an article.
const SHORT: f32 = 100.0;

/// Effective length of the blocks that are at least so likely.
fn length_of(outline: &Outline, likely: &[f32], threshold: f32) -> f32 {
    outline.blocks.iter().zip(likely).filter(|(_, likely)| **likely >= threshold).map(|(block, _)| block.length).sum()
}

/// Effective length of the cells of a table on average above which it only lays out prose.
const CELL: f32 = 60.0;
/// Cells from which on a table is one.
const CELLS: usize = 6;

/// How far below the threshold a table may be that has cells above it.
const DOUBT: f32 = 0.1;

/// The cells of a table that stands in the text go or stay as one: half of a row is worse than none.
fn keep_tables_whole(outline: &Outline, likely: &[f32], threshold: f32, taken: &mut [bool]) {
    let table_of = |block: usize| {
        let mut chain = outline.chain(outline.blocks[block].owner);
        chain.find(|index| outline.elements[*index].tag == Tag::Table)
    };
    let mut at = 0;
    while at < taken.len() {
        let table = table_of(at);
        let end = (at + 1..taken.len()).find(|index| table_of(*index) != table).unwrap_or(taken.len());
        let cells = at..end;
        let count = cells.len() as f32;
        let length: f32 = outline.blocks[cells.clone()].iter().map(|block| block.length).sum();
        if table.is_some() && cells.len() >= CELLS && length < CELL * count && taken[cells.clone()].contains(&true) {
            let stays = likely[cells.clone()].iter().sum::<f32>() >= (threshold - DOUBT) * count;
            taken[cells].fill(stays);
        }
        at = end;
    }
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

/// A block that the blocks taken before have said already is a pull quote, a teaser, a second copy of the page; not so one that
/// says the same of another name or number, as verdicts, fixtures and obituaries do.
fn drop_repeats(outline: &Outline, grams: &[Vec<u32>], taken: &mut [bool]) {
    // Runs of words, each with the block that said it first.
    let mut seen: words::Table<usize> = words::Table::default();
    for (index, grams) in grams.iter().enumerate() {
        if !taken[index] {
            continue;
        }
        let said: Vec<usize> = grams.iter().filter_map(|gram| seen.get(gram).copied()).collect();
        let repeated = grams.len() >= 6 && said.len() as f32 >= REPEATED * grams.len() as f32;
        if repeated && !says_more(outline, index, &said) {
            taken[index] = false;
        } else {
            for gram in grams {
                seen.entry(*gram).or_insert(index);
            }
        }
    }
}

/// Share of the length of what was said before below which a block only takes up a part of it.
const PART: f32 = 0.7;

/// Whether a block holds a name or a number that the blocks it repeats do not.
fn says_more(outline: &Outline, block: usize, said: &[usize]) -> bool {
    let mut earlier: Vec<usize> = said.to_vec();
    earlier.sort_unstable();
    let most = earlier.chunk_by(|one, other| one == other).map(<[usize]>::len).max().unwrap_or(0);
    earlier.dedup();
    // What many blocks have said is a second copy of the text in one piece.
    if 2 * most < said.len() {
        return false;
    }
    let longest = earlier.iter().map(|index| outline.blocks[*index].length).fold(0.0, f32::max);
    if outline.blocks[block].length < PART * longest {
        return false;
    }
    let known: words::Set = earlier.iter().flat_map(|index| words::of_text(&outline.blocks[*index].text)).collect();
    let is_new = |word: &&str| words::of_text(word).iter().any(|word| !known.contains(word));
    // The first word has a capital whatever it is; scripts without capitals tell no names.
    let names = outline.blocks[block].text.split_whitespace().skip(1);
    names.filter(|word| word.chars().any(|c| c.is_uppercase() || c.is_numeric())).any(|word| is_new(&word))
        || outline.blocks[block]
            .text
            .split_whitespace()
            .next()
            .filter(|word| word.chars().any(char::is_numeric))
            .is_some_and(|word| is_new(&word))
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
