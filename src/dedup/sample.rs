//! The features of one text, read in one pass: its identity, its length, and the sample the ledger's index holds of it.

use super::words::{self, BASE, Listener, Word, is_unspaced};

/// Shingles of a text that the index holds: its size is rows times this, its reach the share of a text that still
/// finds the whole (a third of a text keeps eight).
pub(super) const SAMPLES: usize = 24;
/// Letters in a shingle, blanks not counted: joined and split words make no difference.
const SHINGLE: u32 = 16;
/// Most letters in a shingle.
const RING: usize = 32;

/// What a text is recognised by.
pub(super) struct Features {
    /// Hash of the letters in order.
    pub(super) hash: [u8; 16],
    /// Number of words; characters of scripts without spaces count as half a word.
    pub(super) words: u32,
    /// Hashes of the sampled shingles, ascending.
    pub(super) samples: Vec<u32>,
}

/// Reads the features of a text.
pub(super) fn features(text: &str) -> Features {
    let mut sampler = Sampler {
        letters: String::with_capacity(text.len()),
        half_words: 0,
        digit: false,
        window: [(0, 0); RING],
        first: 0,
        length: 0,
        weight: 0,
        rolling: 0,
        powers: powers(),
        least: Vec::with_capacity(SAMPLES + 1),
    };
    words::read(text, &mut sampler);
    if sampler.least.is_empty() && sampler.length > 0 {
        sampler.keep();
    }
    let mut hash = [0; 16];
    hash.copy_from_slice(&blake3::hash(sampler.letters.as_bytes()).as_bytes()[..16]);
    // The upper half chose the shingles and is low in all of them; the lower half is as good as random.
    let mut samples: Vec<u32> = sampler.least.iter().map(|hash| *hash as u32).collect();
    samples.sort_unstable();
    samples.dedup();
    Features { hash, words: sampler.half_words / 2, samples }
}

struct Sampler {
    letters: String,
    half_words: u32,
    /// Whether the last letter was a digit: two numbers are kept apart, two words are not.
    digit: bool,
    window: [(u64, u32); RING],
    first: usize,
    length: usize,
    weight: u32,
    rolling: u64,
    powers: [u64; RING + 1],
    /// The smallest hashes seen, ascending: two texts keep the same ones (Broder 1997).
    least: Vec<u64>,
}

impl Listener for Sampler {
    fn letter(&mut self, letter: char) {
        self.digit = letter.is_ascii_digit();
        self.letters.push(letter);
        let weight = if letter.is_ascii() {
            1
        } else if is_unspaced(letter) {
            3
        } else if matches!(letter, '\u{ac00}'..='\u{d7a3}') {
            2
        } else {
            1
        };
        self.push(u64::from(u32::from(letter)) + 1, weight);
        if self.weight >= SHINGLE {
            self.keep();
        }
    }

    fn word(&mut self, word: Word) {
        self.half_words += u32::from(word.weight);
        if self.digit {
            self.letters.push(' ');
        }
    }
}

impl Sampler {
    /// The window, one letter on: the shortest one that is heavy enough.
    fn push(&mut self, value: u64, weight: u32) {
        while self.length > 0 && self.weight - self.window[self.first].1 + weight >= SHINGLE {
            let (oldest, weight) = self.window[self.first];
            self.rolling = self.rolling.wrapping_sub(oldest.wrapping_mul(self.powers[self.length - 1]));
            self.weight -= weight;
            self.first = (self.first + 1) % RING;
            self.length -= 1;
        }
        self.window[(self.first + self.length) % RING] = (value, weight);
        self.rolling = self.rolling.wrapping_mul(BASE).wrapping_add(value);
        self.length += 1;
        self.weight += weight;
    }

    fn keep(&mut self) {
        let hash = mix(self.rolling);
        if self.least.len() == SAMPLES && self.least.last().is_some_and(|largest| hash >= *largest) {
            return;
        }
        if let Err(place) = self.least.binary_search(&hash) {
            self.least.insert(place, hash);
            self.least.truncate(SAMPLES);
        }
    }
}

fn powers() -> [u64; RING + 1] {
    let mut powers = [1u64; RING + 1];
    for exponent in 1..=RING {
        powers[exponent] = powers[exponent - 1].wrapping_mul(BASE);
    }
    powers
}

/// Every bit of the answer depends on every bit of the question (the finaliser of SplitMix64).
pub(super) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
