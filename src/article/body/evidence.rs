//! What the page says elsewhere about its text: headline, descriptions, `articleBody`.

use super::words;
use crate::article::page::Page;

/// What the page says elsewhere, as words folded to numbers.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    titles: Lists,
    descriptions: Lists,
    /// Runs of four words of `articleBody`.
    pub(super) body: words::Set,
}

/// Texts as words, and in which of them each word stands how often.
#[derive(Debug, Default)]
struct Lists {
    lists: Vec<Vec<u32>>,
    counts: words::Table<[u8; MOST_LISTS]>,
}

/// Texts of one kind that are looked at.
const MOST_LISTS: usize = 6;

/// Longest `articleBody` that is looked at whole.
const LONGEST: usize = 200_000;

impl Evidence {
    pub(super) fn of(page: &Page) -> Evidence {
        let mut evidence = Evidence::default();
        for (name, content) in &page.meta {
            match name.as_str() {
                "og:title" | "twitter:title" | "title" | "headline" | "dc.title" => evidence.title(content),
                "description" | "og:description" | "twitter:description" => evidence.description(content),
                _ => {}
            }
        }
        if let Some(title) = &page.title {
            evidence.title(title);
        }
        for object in &page.json_ld {
            let text = |key: &str| object.get(key).and_then(|value| value.as_str());
            if let Some(headline) = text("headline") {
                evidence.title(headline);
            }
            if let Some(description) = text("description").filter(|_| text("headline").is_some()) {
                evidence.description(description);
            }
            if let Some(body) = text("articleBody") {
                let mut end = body.len().min(LONGEST);
                while !body.is_char_boundary(end) {
                    end -= 1;
                }
                evidence.body.extend(grams(&words::of_text(&crate::markup::plain(&body[..end]))));
            }
        }
        evidence
    }

    fn title(&mut self, text: &str) {
        self.titles.add(words::of_text(text), 2);
    }

    fn description(&mut self, text: &str) {
        self.descriptions.add(words::of_text(text), 4);
    }

    /// The largest share of a text's words that stand in one title, and of the title's words that stand in the text.
    pub(super) fn title_overlap(&self, words: &[u32]) -> (f32, f32) {
        self.titles.best_overlap(words)
    }

    pub(super) fn description_overlap(&self, words: &[u32]) -> (f32, f32) {
        self.descriptions.best_overlap(words)
    }
}

impl Lists {
    fn add(&mut self, words: Vec<u32>, fewest: usize) {
        let number = self.lists.len();
        if words.len() < fewest || number == MOST_LISTS || self.lists.contains(&words) {
            return;
        }
        for word in &words {
            let count = &mut self.counts.entry(*word).or_default()[number];
            *count = count.saturating_add(1);
        }
        self.lists.push(words);
    }

    fn best_overlap(&self, words: &[u32]) -> (f32, f32) {
        let mut best = (0.0_f32, 0.0_f32);
        if words.is_empty() || words.len() > 400 || self.lists.is_empty() {
            return best;
        }
        let (mut there, mut back) = ([0_u32; MOST_LISTS], [0_u32; MOST_LISTS]);
        let mut met: Vec<u32> = Vec::new();
        for word in words {
            let Some(counts) = self.counts.get(word) else { continue };
            let first = !met.contains(word);
            if first {
                met.push(*word);
            }
            for (number, count) in counts.iter().enumerate() {
                there[number] += u32::from(*count > 0);
                back[number] += if first { u32::from(*count) } else { 0 };
            }
        }
        for (number, list) in self.lists.iter().enumerate() {
            let (there, back) = (there[number] as f32 / words.len() as f32, back[number] as f32 / list.len() as f32);
            if there + back > best.0 + best.1 {
                best = (there, back);
            }
        }
        best
    }
}

/// Runs of four words, folded to numbers; a shorter text is one run.
pub(super) fn grams(words: &[u32]) -> impl Iterator<Item = u32> + '_ {
    let length = words.len().min(4);
    words
        .windows(length.max(1))
        .map(|run| run.iter().fold(0x9e37_79b9_u32, |number, word| (number.rotate_left(5) ^ word).wrapping_mul(0x0100_0193)))
}
