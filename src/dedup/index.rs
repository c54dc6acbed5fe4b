//! The candidate search in memory, by the same rules as the ledger's: a window, a bound on common samples, the best few.

use std::collections::HashMap;

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

    /// The live texts that share most samples: those with most first, the later of equals first.
    pub fn find(&mut self, search: &Search, at: i64, samples: &[u32]) -> Vec<(u32, usize)> {
        let mut common: HashMap<u32, usize> = HashMap::new();
        for sample in samples {
            let Some(texts) = self.rows.get_mut(sample) else { continue };
            texts.retain(|text| at - self.times[*text as usize] <= search.window);
            if texts.len() > search.most_texts {
                continue;
            }
            for text in texts.iter() {
                *common.entry(*text).or_default() += 1;
            }
        }
        let least = search.least_common.min(samples.len());
        let mut found: Vec<(u32, usize)> = common.into_iter().filter(|(_, count)| *count >= least).collect();
        found.sort_unstable_by(|one, other| other.1.cmp(&one.1).then(other.0.cmp(&one.0)));
        found.truncate(search.limit);
        found
    }
}
