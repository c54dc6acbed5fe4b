//! What the page says elsewhere about its text: headline, descriptions, `articleBody`.

use std::collections::HashSet;

use super::words;
use crate::article::page::Page;

/// What the page says elsewhere, as words folded to numbers.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) titles: Vec<Vec<u32>>,
    pub(super) descriptions: Vec<Vec<u32>>,
    /// Runs of four words of `articleBody`.
    pub(super) body: HashSet<u32>,
}

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
        let words = words::of_text(text);
        if words.len() > 1 && !self.titles.contains(&words) && self.titles.len() < 6 {
            self.titles.push(words);
        }
    }

    fn description(&mut self, text: &str) {
        let words = words::of_text(text);
        if words.len() > 3 && !self.descriptions.contains(&words) && self.descriptions.len() < 6 {
            self.descriptions.push(words);
        }
    }

    /// The largest share of a text's words that stand in one title, and of the title's words that stand in the text.
    pub(super) fn title_overlap(&self, words: &[u32]) -> (f32, f32) {
        best_overlap(&self.titles, words)
    }

    pub(super) fn description_overlap(&self, words: &[u32]) -> (f32, f32) {
        best_overlap(&self.descriptions, words)
    }
}

fn best_overlap(lists: &[Vec<u32>], words: &[u32]) -> (f32, f32) {
    let mut best = (0.0_f32, 0.0_f32);
    if words.is_empty() || words.len() > 400 {
        return best;
    }
    for list in lists {
        let there = words.iter().filter(|word| list.contains(word)).count() as f32 / words.len() as f32;
        let back = list.iter().filter(|word| words.contains(word)).count() as f32 / list.len() as f32;
        if there + back > best.0 + best.1 {
            best = (there, back);
        }
    }
    best
}

/// Runs of four words, folded to numbers; a shorter text is one run.
pub(super) fn grams(words: &[u32]) -> impl Iterator<Item = u32> + '_ {
    let length = words.len().min(4);
    words
        .windows(length.max(1))
        .map(|run| run.iter().fold(0x9e37_79b9_u32, |number, word| (number.rotate_left(5) ^ word).wrapping_mul(0x0100_0193)))
}
