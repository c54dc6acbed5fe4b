//! Headlines: whether two of them speak of one thing, and what one says of its own text.

use super::words::{self, Kind, Word};
use crate::markup::{self, Follows};

/// Most words of a headline that are compared.
const MOST_WORDS: usize = 60;
/// Fewest half-words of a headline that can be said to be the same as another.
const TELLING: u32 = 6;

/// A headline ready to be compared.
pub(super) struct Headline {
    words: Vec<Word>,
    tickers: Vec<String>,
    pub(super) follows: Option<Follows>,
}

/// Sentences near the head of a text that say it was put right.
const SAYS_CORRECTED: &[&str] = &[
    "has been corrected",
    "was corrected to",
    "is a correction",
    "corrects earlier",
    "corrects previous",
    "corrects paragraph",
    "corrected version",
    "corrects the",
    "исправленная версия",
    "исправлена опечатка",
    "внесены исправления",
    "duzelis edilib",
    "duzelis olunub",
];

/// Fewest letters of a word that says what a headline is about; more where a word in so many letters is a small one.
const ABOUT: u8 = 4;
const ABOUT_CASELESS: u8 = 2;

/// How two headlines compare.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Headlines {
    /// Whether both texts have one.
    pub(super) known: bool,
    /// Share of the shorter one's words that stand in the other.
    pub(super) share: f64,
    /// Words of each that the other has not; of the one that has fewer such words.
    pub(super) differ: usize,
    /// Word for word the same, however short.
    pub(super) equal: bool,
    /// One of them says all that the other says.
    pub(super) same: bool,
    /// Each has a number that the other has not.
    pub(super) numbers_differ: bool,
    /// Companies named by their codes: some in common, or each only others.
    pub(super) shared_ticker: bool,
    pub(super) other_ticker: bool,
    /// One announces that it follows on an earlier text.
    pub(super) marked: bool,
}

impl Headline {
    /// Whether what a text is about is what the headline is about, as far as it says so.
    pub(super) fn speaks_of(&self, subjects: &[u64]) -> bool {
        let own = headline_subjects(self);
        let found = common(&own, subjects);
        own.is_empty() || found >= 3 || found * 3 >= own.len()
    }

    pub(super) fn new(title: Option<&str>, body: &str) -> Headline {
        let title = title.unwrap_or_default();
        let mark = markup::headline_mark(title).map(|mark| mark.follows);
        Headline {
            words: words::words(title, MOST_WORDS),
            tickers: tickers(title),
            follows: mark.or_else(|| says_corrected(body).then_some(Follows::Correction)),
        }
    }
}

/// What words are about: their stems without the small words, their numbers, and pairs of characters in scripts without spaces.
/// Ascending.
pub(super) fn subjects<'a>(words: impl Iterator<Item = &'a Word>) -> Vec<u64> {
    let mut subjects = Vec::new();
    let mut before: Option<&Word> = None;
    for word in words {
        if word.weight == 1 {
            let pair = before.filter(|before| before.weight == 1);
            subjects.extend(pair.map(|before| before.hash.wrapping_mul(word.power()).wrapping_add(word.hash)));
        } else if word.kind == Kind::Number || word.letters >= if word.caseless { ABOUT_CASELESS } else { ABOUT } {
            subjects.push(word.stem);
        }
        before = Some(word);
    }
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}

/// Compares two headlines.
pub(super) fn compare(one: &Headline, other: &Headline) -> Headlines {
    let (ones, others) = (hashes(&one.words, None), hashes(&other.words, None));
    let smaller = ones.len().min(others.len());
    let common = common(&ones, &others);
    let weight = |words: &[Word]| words.iter().map(|word| u32::from(word.weight)).sum::<u32>();
    let telling = weight(&one.words).min(weight(&other.words)) >= TELLING;
    let number = Some(Kind::Number);
    let (one_numbers, other_numbers) = (hashes(&one.words, number), hashes(&other.words, number));
    let common_numbers = self::common(&one_numbers, &other_numbers);
    let shared_ticker = one.tickers.iter().any(|ticker| other.tickers.contains(ticker));
    Headlines {
        known: smaller > 0,
        share: common as f64 / smaller.max(1) as f64,
        differ: smaller - common,
        equal: smaller > 0 && ones == others,
        same: telling && smaller == common,
        numbers_differ: one_numbers.len().min(other_numbers.len()) > common_numbers,
        shared_ticker,
        other_ticker: !shared_ticker && !one.tickers.is_empty() && !other.tickers.is_empty(),
        marked: one.follows.is_some() || other.follows.is_some(),
    }
}

fn headline_subjects(headline: &Headline) -> Vec<u64> {
    subjects(headline.words.iter())
}

fn hashes(words: &[Word], kind: Option<Kind>) -> Vec<u64> {
    let chosen = words.iter().filter(|word| kind.is_none_or(|kind| word.kind == kind));
    let mut hashes: Vec<u64> = chosen.map(|word| word.hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

fn common(ones: &[u64], others: &[u64]) -> usize {
    ones.iter().filter(|hash| others.binary_search(hash).is_ok()).count()
}

fn says_corrected(body: &str) -> bool {
    let head: String = body.chars().take(200).collect::<String>().to_lowercase();
    SAYS_CORRECTED.iter().any(|sentence| head.contains(sentence))
}

/// Codes of listed companies as headlines carry them: `<IBM>`, `(NYSE: IBM)`.
fn tickers(title: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = title;
    while let Some(start) = rest.find(['<', '(']) {
        let angle = rest[start..].starts_with('<');
        rest = &rest[start + 1..];
        let Some(end) = rest.find(if angle { '>' } else { ')' }) else { break };
        let code = if angle { Some(&rest[..end]) } else { rest[..end].split_once(':').map(|(_, code)| code) };
        if let Some(code) = code.map(str::trim).filter(|code| is_ticker(code)) {
            found.push(code.to_ascii_uppercase());
        }
        rest = &rest[end..];
    }
    found
}

fn is_ticker(code: &str) -> bool {
    (1..=8).contains(&code.len()) && code.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
}
