//! Two texts laid side by side in order: the stretches they share, and what stands between.

use super::sample::mix;
use super::words::{Kind, Word};

/// A stretch of one text found in the other, word for word. The lengths differ where a copy lost a blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) one: usize,
    pub(super) other: usize,
    pub(super) one_words: usize,
    pub(super) other_words: usize,
}

impl Run {
    pub(super) fn one_end(self) -> usize {
        self.one + self.one_words
    }

    pub(super) fn other_end(self) -> usize {
        self.other + self.other_words
    }
}

/// Gaps up to this many cells are aligned exactly; larger ones by the words that occur once in both.
const CELLS: usize = 4096;
/// How often a gap is divided again.
const DEPTH: u32 = 16;
/// Most words that were written as one.
const JOINED: usize = 3;

/// The common stretches of two texts, ascending in both.
pub(super) fn align(one: &[Word], other: &[Word]) -> Vec<Run> {
    let mut aligner = Aligner { one, other, runs: Vec::new(), table: Vec::new() };
    aligner.solve(Gap { one: (0, one.len()), other: (0, other.len()) }, DEPTH);
    aligner.runs
}

#[derive(Debug, Clone, Copy)]
struct Gap {
    one: (usize, usize),
    other: (usize, usize),
}

impl Gap {
    fn sides(self) -> (usize, usize) {
        (self.one.1 - self.one.0, self.other.1 - self.other.0)
    }
}

struct Aligner<'a> {
    one: &'a [Word],
    other: &'a [Word],
    runs: Vec<Run>,
    table: Vec<u16>,
}

impl Aligner<'_> {
    fn solve(&mut self, mut gap: Gap, depth: u32) {
        while let Some(step) = self.step(gap, false) {
            self.push(gap.one.0, gap.other.0, step);
            gap.one.0 += step.0;
            gap.other.0 += step.1;
        }
        let mut tail = Vec::new();
        while let Some(step) = self.step(gap, true) {
            gap.one.1 -= step.0;
            gap.other.1 -= step.1;
            tail.push((gap.one.1, gap.other.1, step));
        }
        let (ones, others) = gap.sides();
        if ones > 0 && others > 0 {
            if ones * others <= CELLS {
                self.exact(gap);
            } else if depth > 0 {
                self.by_anchors(gap, depth);
            }
        }
        for (one, other, step) in tail.into_iter().rev() {
            self.push(one, other, step);
        }
    }

    /// How many words of each text are equal at the head of a gap, or at its end.
    fn step(&self, gap: Gap, back: bool) -> Option<(usize, usize)> {
        let (ones, others) = gap.sides();
        if ones == 0 || others == 0 {
            return None;
        }
        let at = |words: usize, range: (usize, usize)| if back { range.1 - words } else { range.0 };
        if self.one[at(1, gap.one)].hash == self.other[at(1, gap.other)].hash {
            return Some((1, 1));
        }
        (2..=JOINED).find_map(|count| {
            let in_other = others >= count && joined(self.one[at(1, gap.one)], &self.other[at(count, gap.other)..][..count]);
            let in_one = ones >= count && joined(self.other[at(1, gap.other)], &self.one[at(count, gap.one)..][..count]);
            if in_other { Some((1, count)) } else { in_one.then_some((count, 1)) }
        })
    }

    fn push(&mut self, one: usize, other: usize, (ones, others): (usize, usize)) {
        if let Some(last) = self.runs.last_mut()
            && last.one_end() == one
            && last.other_end() == other
        {
            last.one_words += ones;
            last.other_words += others;
            return;
        }
        self.runs.push(Run { one, other, one_words: ones, other_words: others });
    }

    /// The longest common subsequence of a small gap.
    fn exact(&mut self, gap: Gap) {
        let (ones, others) = gap.sides();
        let width = others + 1;
        self.table.clear();
        self.table.resize((ones + 1) * width, 0);
        for one in (0..ones).rev() {
            for other in (0..others).rev() {
                let equal = self.one[gap.one.0 + one].hash == self.other[gap.other.0 + other].hash;
                self.table[one * width + other] = if equal {
                    self.table[(one + 1) * width + other + 1] + 1
                } else {
                    self.table[(one + 1) * width + other].max(self.table[one * width + other + 1])
                };
            }
        }
        let (mut one, mut other) = (0, 0);
        while one < ones && other < others {
            let rest = Gap { one: (gap.one.0 + one, gap.one.1), other: (gap.other.0 + other, gap.other.1) };
            let here = self.table[one * width + other];
            let step = match self.step(rest, false) {
                Some((1, 1)) => Some((1, 1)),
                // Words written as one, where that costs no better match.
                Some(step) if self.table[(one + step.0) * width + other + step.1] + 1 >= here => Some(step),
                _ => None,
            };
            if let Some(step) = step {
                self.push(rest.one.0, rest.other.0, step);
                one += step.0;
                other += step.1;
            } else if self.table[(one + 1) * width + other] >= self.table[one * width + other + 1] {
                one += 1;
            } else {
                other += 1;
            }
        }
    }

    /// Divides a large gap at the word sequences that occur once in both of its sides (patience diff).
    fn by_anchors(&mut self, gap: Gap, depth: u32) {
        let anchors = [4, 2, 1].into_iter().map(|words| self.anchors(gap, words)).find(|anchors| !anchors.is_empty());
        let Some(anchors) = anchors else { return };
        let (mut one, mut other) = (gap.one.0, gap.other.0);
        for (anchor_one, anchor_other) in anchors {
            if anchor_one < one || anchor_other < other {
                continue;
            }
            self.solve(Gap { one: (one, anchor_one), other: (other, anchor_other) }, depth - 1);
            (one, other) = (anchor_one, anchor_other);
            while let Some(step) = self.step(Gap { one: (one, gap.one.1), other: (other, gap.other.1) }, false) {
                self.push(one, other, step);
                one += step.0;
                other += step.1;
            }
        }
        self.solve(Gap { one: (one, gap.one.1), other: (other, gap.other.1) }, depth - 1);
    }

    /// The longest ascending chain of word sequences that are unique on both sides.
    fn anchors(&self, gap: Gap, words: usize) -> Vec<(usize, usize)> {
        let ones = unique(self.one, gap.one, words);
        let others = unique(self.other, gap.other, words);
        let mut pairs = Vec::new();
        let mut rest = others.iter().peekable();
        for (hash, one) in &ones {
            while rest.next_if(|(other, _)| other < hash).is_some() {}
            if let Some((_, other)) = rest.next_if(|(other, _)| other == hash) {
                pairs.push((*one, *other));
            }
        }
        pairs.sort_unstable();
        ascending(&pairs)
    }
}

/// Whether a word is these words without the blanks. Numbers are never put together.
fn joined(whole: Word, parts: &[Word]) -> bool {
    if whole.kind == Kind::Number && parts.iter().all(|part| part.kind == Kind::Number) {
        return false;
    }
    parts.iter().fold(0, |hash: u64, part| hash.wrapping_mul(part.power()).wrapping_add(part.hash)) == whole.hash
}

/// The sequences of so many words that occur once in a range, by hash.
fn unique(text: &[Word], (start, end): (usize, usize), words: usize) -> Vec<(u64, usize)> {
    if end - start < words {
        return Vec::new();
    }
    let hash = |at: usize| text[at..at + words].iter().fold(0u64, |hash, word| mix(hash ^ word.hash));
    let mut all: Vec<(u64, usize)> = (start..=end - words).map(|at| (hash(at), at)).collect();
    all.sort_unstable();
    let mut unique = Vec::with_capacity(all.len());
    let mut at = 0;
    while at < all.len() {
        let same = all[at..].iter().take_while(|(hash, _)| *hash == all[at].0).count();
        if same == 1 {
            unique.push(all[at]);
        }
        at += same;
    }
    unique
}

/// The longest chain of pairs that ascends on both sides (patience sorting); `pairs` ascends on the first.
fn ascending(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut piles: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, pair) in pairs.iter().enumerate() {
        let pile = piles.partition_point(|&top| pairs[top].1 < pair.1);
        before.push(pile.checked_sub(1).map(|left| piles[left]));
        if pile == piles.len() {
            piles.push(index);
        } else {
            piles[pile] = index;
        }
    }
    let mut chain = Vec::with_capacity(piles.len());
    let mut at = piles.last().copied();
    while let Some(index) = at {
        chain.push(pairs[index]);
        at = before[index];
    }
    chain.reverse();
    chain
}
