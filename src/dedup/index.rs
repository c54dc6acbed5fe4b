//! The candidate search in memory, by the same rules as the ledger's: a window, a bound on common samples, the best few.

use std::collections::HashMap;

/// The worth of a sample that one text has.
const WHOLE: u64 = 720_720;

/// Sampled shingles of the texts of a window.
#[derive(Debug, Default)]
pub struct Index {
    rows: HashMap<u32, Vec<u32>>,
    times: Vec<i64>,
}

impl Default for Search {
    fn default() -> Search {
        Search { window: 7 * 86_400, most_texts: 64, least_common: 2, limit: 8 }
    }
}

/// How candidates are chosen among the texts that share samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// Seconds that a text stays findable.
    pub window: i64,
    /// A sample of more live texts than this says nothing.
    pub most_texts: usize,
    /// Fewest common samples of a candidate (of texts that have as many).
    pub least_common: usize,
    /// Most candidates.
    pub limit: usize,
}

impl Index {
    /// Adds a text; texts are numbered in the order they come.
    pub fn add(&mut self, at: i64, samples: &[u32]) -> u32 {
        let id = self.times.len() as u32;
        self.times.push(at);
        for sample in samples {
            self.rows.entry(*sample).or_default().push(id);
        }
        id
    }

    /// The live texts that share most samples, the best first. A sample counts the more the fewer texts have it, so that
    /// what a desk puts under every text does not crowd out the text; of equals the later comes first.
    pub fn find(&mut self, search: &Search, at: i64, samples: &[u32]) -> Vec<u32> {
        let mut common: HashMap<u32, (usize, u64)> = HashMap::new();
        for sample in samples {
            let Some(texts) = self.rows.get_mut(sample) else { continue };
            texts.retain(|text| at - self.times[*text as usize] <= search.window);
            if texts.len() > search.most_texts {
                continue;
            }
            for text in texts.iter() {
                let seen = common.entry(*text).or_default();
                seen.0 += 1;
                seen.1 += WHOLE / texts.len() as u64;
            }
        }
        let least = search.least_common.min(samples.len());
        let mut found: Vec<(u64, u32)> =
            common.into_iter().filter(|(_, (count, _))| *count >= least).map(|(text, (_, worth))| (worth, text)).collect();
        found.sort_unstable_by(|one, other| other.cmp(one));
        found.truncate(search.limit);
        found.into_iter().map(|(_, text)| text).collect()
    }
}
