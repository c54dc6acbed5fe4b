//! What two texts have in common, measured: how much of them, where, and what differs inside it.

use super::align::{self, Run};
use super::headline::{self, Headline, Headlines};
use super::words::{self, Kind, Word};

/// Most words of a text that are compared.
const MOST_WORDS: usize = 20_000;
/// Words of a text that are its lead.
const LEAD: usize = 30;
/// Words of the other text in which a lead is looked for: a copy may open with a notice.
const LEAD_WITHIN: usize = 120;
/// Words of a text that are its end.
const TAIL: usize = 20;
/// Most words between two shared stretches of one passage.
const BRIDGED: usize = 6;
/// Fewest shared words of a passage; fewer come about by chance.
const PASSAGE: usize = 6;
/// In scripts without capital letters one changed word in so many is taken for a name.
const NAMELESS_SWAPS: usize = 3;
/// The same where every word has capitals: desks that write so write by forms, and edit little.
const SHOUTED_SWAPS: usize = 2;
/// And one shared word in so many.
const NAMELESS_WORDS: usize = 8;
/// Words to either side of a number that differs, among which those that agree speak for it.
const NEAR: usize = 20;

/// A text ready to be compared.
pub(super) struct Text {
    words: Vec<Word>,
    pub(super) headline: Headline,
    /// Words of one text that weigh as one word: 2 where each character stands for itself.
    scale: usize,
    caseless: bool,
    /// Most of its words have capitals.
    shouted: bool,
}

impl Text {
    pub(super) fn new(title: Option<&str>, body: &str) -> Text {
        let (words, shouted) = words::words_and_case(body, MOST_WORDS);
        let unspaced = words.iter().filter(|word| word.weight == 1).count();
        let caseless = words.iter().filter(|word| word.caseless).count();
        let scale = if unspaced * 2 > words.len() { 2 } else { 1 };
        let caseless = caseless * 2 > words.len();
        Text { words, headline: Headline::new(title, body), scale, caseless, shouted }
    }

    /// Number of words; a character of a script without spaces counts as half a word.
    pub(super) fn length(&self) -> usize {
        self.words.len() / self.scale
    }

    fn is_equal(&self, other: &Text) -> bool {
        self.words.len() == other.words.len() && self.words.iter().zip(&other.words).all(|(one, other)| one.hash == other.hash)
    }
}

/// What two texts have in common. Counts of words are scaled: two characters of a script without spaces are one word.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Comparison {
    /// The same words in the same order.
    pub(super) equal: bool,
    /// Words of the shorter text.
    pub(super) shorter: usize,
    /// Length of the shorter text as a share of the longer one.
    pub(super) lengths: f64,
    /// Share of the shorter text that stands in passages of the other one.
    pub(super) contained: f64,
    /// The same without regard to passages: every word found in order.
    pub(super) in_order: f64,
    /// Share of the first words of either text that stands near the head of the other; the better one.
    pub(super) lead: f64,
    /// Share of the last words of both that stands in the other; the worse one.
    pub(super) tail: f64,
    /// Words of the longest stretch without a difference.
    pub(super) longest: usize,
    /// Numbers and names that agree inside shared passages.
    pub(super) agreeing: usize,
    /// Numbers and names that stand in each other's place inside shared passages.
    pub(super) conflicting: usize,
    /// Other words that stand in each other's place there.
    pub(super) swapped: usize,
    /// Of those that agree and differ, the numbers.
    pub(super) numbers_agree: usize,
    pub(super) numbers_differ: usize,
    /// Numbers that agree near those that differ.
    pub(super) numbers_agree_near: usize,
    /// How many of the two headlines speak of what both texts share. Not asked under one headline.
    pub(super) on_subject: usize,
    /// Distinct numbers of the text that has fewer.
    pub(super) numbers: usize,
    /// Share of them that the other text has.
    pub(super) numbers_found: f64,
    /// The headlines.
    pub(super) headlines: Headlines,
}

/// Lays two texts side by side.
pub(super) fn compare(one: &Text, other: &Text) -> Comparison {
    let scale = one.scale.max(other.scale);
    let runs = align::align(&one.words, &other.words);
    let smaller = one.words.len().min(other.words.len()).max(1);
    let mut result = Comparison {
        equal: one.is_equal(other),
        shorter: one.length().min(other.length()),
        lengths: smaller as f64 / one.words.len().max(other.words.len()).max(1) as f64,
        in_order: share(runs.iter().map(|run| run.one_words.min(run.other_words)).sum(), smaller),
        headlines: headline::compare(&one.headline, &other.headline),
        ..Comparison::default()
    };
    let mut slots = Slots::default();
    let mut shared = Vec::with_capacity(runs.len());
    for passage in passages(&runs, BRIDGED * scale) {
        if passage.iter().map(|run| run.one_words.min(run.other_words)).sum::<usize>() >= PASSAGE * scale {
            slots.read(one, other, passage, scale);
            shared.extend_from_slice(passage);
        }
    }
    let one_is_shorter = one.words.len() <= other.words.len();
    let of_shorter = |run: &Run| if one_is_shorter { run.one_words } else { run.other_words };
    result.contained = share(shared.iter().map(of_shorter).sum(), smaller);
    result.longest = shared.iter().map(|run| run.one_words).max().unwrap_or_default() / scale;
    result.agreeing = slots.numbers_agree + slots.names_agree;
    result.conflicting = slots.numbers_differ + slots.names_differ;
    result.swapped = slots.swapped;
    result.numbers_agree = slots.numbers_agree;
    result.numbers_differ = slots.numbers_differ;
    result.numbers_agree_near = slots.numbers_agree_near;
    result.on_subject = if result.headlines.same || !result.headlines.known {
        2
    } else {
        let subjects = headline::subjects(shared.iter().flat_map(|run| &one.words[run.one..run.one_end()]));
        usize::from(one.headline.speaks_of(&subjects)) + usize::from(other.headline.speaks_of(&subjects))
    };
    if one.caseless && other.caseless {
        result.agreeing += slots.words_agree / scale / NAMELESS_WORDS;
        result.conflicting += slots.swapped / NAMELESS_SWAPS;
    } else if one.shouted && other.shouted {
        result.agreeing += slots.words_agree / NAMELESS_WORDS;
        result.conflicting += slots.swapped.div_ceil(SHOUTED_SWAPS);
    }
    let (ones, others): (Vec<Place>, Vec<Place>) = shared.iter().map(|run| (Place::in_one(run), Place::in_other(run))).unzip();
    let lead = |places: &[Place], length| head(places, (LEAD * scale).min(length), LEAD_WITHIN * scale);
    result.lead = lead(&ones, one.words.len()).max(lead(&others, other.words.len()));
    let tail = (TAIL * scale).min(smaller);
    result.tail = end(&ones, one.words.len(), tail).min(end(&others, other.words.len(), tail));
    (result.numbers, result.numbers_found) = numbers(one, other);
    result
}

/// Where a shared stretch stands in one text, and where it begins in the other.
#[derive(Debug, Clone, Copy)]
struct Place {
    start: usize,
    end: usize,
    elsewhere: usize,
}

impl Place {
    fn in_one(run: &Run) -> Place {
        Place { start: run.one, end: run.one_end(), elsewhere: run.other }
    }

    fn in_other(run: &Run) -> Place {
        Place { start: run.other, end: run.other_end(), elsewhere: run.one }
    }
}

/// Share of the first words that is shared, within so many words of the other text's head.
fn head(places: &[Place], words: usize, within: usize) -> f64 {
    let near = places.iter().filter(|place| place.elsewhere < within);
    share(near.map(|place| place.end.min(words).saturating_sub(place.start)).sum(), words)
}

/// Share of the last words that is shared.
fn end(places: &[Place], length: usize, words: usize) -> f64 {
    share(places.iter().map(|place| place.end.saturating_sub(place.start.max(length - words))).sum(), words)
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// The distinct numbers of the text that has fewer, and the share of them that the other has.
fn numbers(one: &Text, other: &Text) -> (usize, f64) {
    let distinct = |text: &Text| {
        let mut hashes: Vec<u64> = text.words.iter().filter(|word| word.kind == Kind::Number).map(|word| word.hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    };
    let (ones, others) = (distinct(one), distinct(other));
    let fewer = ones.len().min(others.len());
    let found = ones.iter().filter(|hash| others.binary_search(hash).is_ok()).count();
    (fewer, if fewer == 0 { 1.0 } else { share(found, fewer) })
}

/// Stretches with little between them belong to one passage.
fn passages(runs: &[Run], bridged: usize) -> impl Iterator<Item = &[Run]> {
    runs.chunk_by(move |before, after| {
        let (one, other) = (after.one - before.one_end(), after.other - before.other_end());
        one.max(other) <= bridged
    })
}

/// What agrees and what differs inside shared passages. What only one text has is an edit, not a difference.
#[derive(Debug, Default)]
struct Slots {
    numbers_agree: usize,
    numbers_agree_near: usize,
    names_agree: usize,
    words_agree: usize,
    numbers_differ: usize,
    names_differ: usize,
    swapped: usize,
}

impl Slots {
    fn read(&mut self, one: &Text, other: &Text, passage: &[Run], scale: usize) {
        for run in passage {
            self.words_agree += run.one_words;
            for word in &one.words[run.one..run.one_end()] {
                self.numbers_agree += usize::from(word.kind == Kind::Number);
                self.names_agree += usize::from(word.kind == Kind::Name);
            }
        }
        // Words from the head of a run, and from its end, that lie near a number that differs.
        let mut near = vec![(0, 0); passage.len()];
        for (at, pair) in passage.windows(2).enumerate() {
            let ones = &one.words[pair[0].one_end()..pair[1].one];
            let others = &other.words[pair[0].other_end()..pair[1].other];
            let numbers = differing(ones, others, Kind::Number);
            let names = differing(ones, others, Kind::Name);
            self.numbers_differ += numbers;
            if numbers > 0 {
                near[at].1 = NEAR * scale;
                near[at + 1].0 = NEAR * scale;
            }
            self.names_differ += names;
            self.swapped += ones.len().min(others.len()).saturating_sub(numbers + names).div_ceil(scale);
        }
        for (run, (head, end)) in passage.iter().zip(near) {
            let words = &one.words[run.one..run.one_end()];
            let is_near = |at: usize| at < head || at + end >= words.len();
            let agree = words.iter().enumerate().filter(|(at, word)| word.kind == Kind::Number && is_near(*at));
            self.numbers_agree_near += agree.count();
        }
    }
}

/// How many words of one kind stand in the place of others.
fn differing(ones: &[Word], others: &[Word], kind: Kind) -> usize {
    let only = |these: &[Word], those: &[Word]| {
        these.iter().filter(|word| word.kind == kind && !those.iter().any(|other| other.hash == word.hash)).count()
    };
    only(ones, others).min(only(others, ones))
}
