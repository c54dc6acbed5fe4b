//! A text reduced to what identifies it: its words, whatever the punctuation, case and layout.

use std::collections::BTreeSet;

/// Words in a shingle.
const SHINGLE: usize = 3;
/// Most shingles kept: the smallest hashes, so that two texts keep the same ones (Broder 1997).
const KEPT: usize = 256;

/// What a text is recognised by.
pub(super) struct Features {
    /// Number of words; characters of scripts without spaces count as half a word.
    pub(super) words: u32,
    /// The smallest hashes of its word shingles, ascending.
    pub(super) shingles: Vec<u64>,
}

/// Reads the features of a text given as paragraphs.
pub(super) fn features<S: AsRef<str>>(paragraphs: &[S]) -> Features {
    let mut window: Vec<String> = Vec::new();
    let mut shingles = BTreeSet::new();
    let mut half_words = 0u32;
    for paragraph in paragraphs {
        for word in words(paragraph.as_ref()) {
            half_words += if is_unspaced(&word) { 1 } else { 2 };
            if window.len() == SHINGLE {
                window.remove(0);
            }
            window.push(word);
            if window.len() == SHINGLE {
                keep(&mut shingles, hash(&window.join(" ")));
            }
        }
    }
    if shingles.is_empty() && !window.is_empty() {
        keep(&mut shingles, hash(&window.join(" ")));
    }
    Features { words: half_words / 2, shingles: shingles.into_iter().collect() }
}

/// Share of the smaller sketch found in the other one: near 1 for a text and its copy or head,
/// near 0 for different texts (containment, Broder 1997).
pub(super) fn overlap(one: &[u64], other: &[u64]) -> f64 {
    // A full sketch says nothing of hashes above its largest one.
    let reach = |sketch: &[u64]| if sketch.len() < KEPT { u64::MAX } else { sketch.last().copied().unwrap_or_default() };
    let end = reach(one).min(reach(other));
    let one: BTreeSet<u64> = one.iter().copied().filter(|hash| *hash <= end).collect();
    let other: BTreeSet<u64> = other.iter().copied().filter(|hash| *hash <= end).collect();
    let smaller = one.len().min(other.len());
    if smaller == 0 { 0.0 } else { one.intersection(&other).count() as f64 / smaller as f64 }
}

/// Inserts a hash, keeping only the smallest ones.
fn keep(shingles: &mut BTreeSet<u64>, hash: u64) {
    shingles.insert(hash);
    if shingles.len() > KEPT {
        shingles.pop_last();
    }
}

/// A 64-bit hash that is the same on every machine and in every version.
fn hash(text: &str) -> u64 {
    let digest = blake3::hash(text.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest.as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}

/// The words of a text in lower case; each character of a script without spaces is a word.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(char::is_alphanumeric)?;
        rest = &rest[start..];
        let first = rest.chars().next()?;
        let end = if unspaced(first) {
            first.len_utf8()
        } else {
            rest.find(|c: char| !c.is_alphanumeric() || unspaced(c)).unwrap_or(rest.len())
        };
        let word = rest[..end].to_lowercase();
        rest = &rest[end..];
        Some(word)
    })
}

/// Whether a word stands for a character of a script without spaces.
fn is_unspaced(word: &str) -> bool {
    word.chars().next().is_some_and(unspaced)
}

/// Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana, Han.
fn unspaced(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}
