//! The model that weighs blocks: boosted trees over the features and a weight for each learnt class word.
//!
//! It is data (`model.txt`, written by `tools/train-body.py`), read once, and evaluated in plain
//! arithmetic: the same page gives the same choice everywhere.

use std::sync::OnceLock;

use super::words::Table;

/// A model, ready to weigh.
#[derive(Debug)]
pub struct Model {
    /// From which likelihood on a block is taken.
    pub(super) threshold: f32,
    /// What the trees ask for, in order.
    features: Vec<String>,
    words: [Table<f32>; 3],
    nodes: Vec<Node>,
    roots: Vec<u32>,
    /// Where each party of trees begins among the roots: parties were trained apart, and vote together.
    parties: Vec<usize>,
}

/// A question, or (with `LEAF`) an answer.
#[derive(Debug, Clone, Copy)]
struct Node {
    feature: u16,
    /// Where to go on when the feature is greater; when it is not, the next node it is.
    right: u32,
    value: f32,
}

const LEAF: u16 = u16::MAX;

/// From this score on, either way, the first party is not contradicted, and the others are not asked.
const CERTAIN: f32 = 4.0;

impl Model {
    /// The model that the program carries.
    pub fn own() -> &'static Model {
        static MODEL: OnceLock<Model> = OnceLock::new();
        MODEL.get_or_init(|| Model::read(include_str!("model.txt")))
    }

    /// Reads a model's text. A line that is not understood is left out: a test holds the file against its counts.
    pub fn read(text: &str) -> Model {
        let mut model = Model {
            threshold: 0.5,
            features: Vec::new(),
            words: Default::default(),
            nodes: Vec::new(),
            roots: Vec::new(),
            parties: Vec::new(),
        };
        for line in text.lines() {
            if let Some(threshold) = line.strip_prefix("threshold ") {
                model.threshold = threshold.parse().unwrap_or(0.5);
            } else if let Some(names) = line.strip_prefix("features ") {
                model.features = names.split(' ').map(str::to_owned).collect();
            } else if line.starts_with("trees ") {
                model.parties.push(model.roots.len());
            } else if line.starts_with(|first: char| first == '=' || first.is_ascii_digit()) {
                model.line(line);
            }
        }
        model
    }

    /// A tree in pre-order (`12:0.5 =0.1 =-0.2`) or a word (`0:1f2e3d4c -0.31`).
    fn line(&mut self, line: &str) {
        if let Some((band, word, weight)) = word(line) {
            if let Some(words) = self.words.get_mut(band) {
                words.insert(word, weight);
            }
            return;
        }
        self.roots.push(self.nodes.len() as u32);
        // Questions whose right side is still to come.
        let mut open: Vec<usize> = Vec::new();
        for piece in line.split(' ') {
            let here = self.nodes.len();
            if let Some(value) = piece.strip_prefix('=') {
                self.nodes.push(Node { feature: LEAF, right: 0, value: value.parse().unwrap_or(0.0) });
                if let Some(question) = open.pop() {
                    self.nodes[question].right = here as u32 + 1;
                }
            } else {
                let (feature, value) = piece.split_once(':').unwrap_or(("0", "0"));
                self.nodes.push(Node { feature: feature.parse().unwrap_or(0), right: 0, value: value.parse().unwrap_or(0.0) });
                open.push(here);
            }
        }
    }

    /// Whether the model asks for these features, in this order.
    pub(super) fn fits(&self, names: &[String]) -> bool {
        names.is_empty() || self.features == names
    }

    /// The learnt weight of a class word at a height.
    pub(super) fn word(&self, band: u8, word: u32) -> f32 {
        self.words.get(band as usize).and_then(|words| words.get(&word)).copied().unwrap_or(0.0)
    }

    /// How likely a block with these features is part of the article.
    pub(super) fn weigh(&self, features: &[f32]) -> f32 {
        let sum = self.add_up(|root| self.answer(root, features, |_, _| {}));
        1.0 / (1.0 + (-sum).exp())
    }

    /// What moved the weight of a block, and how far: the features that were asked for, the strongest first.
    ///
    /// A question moves the weight by the difference between what the trees say on the whole before and after it.
    pub(super) fn reasons(&self, features: &[f32]) -> Vec<(String, f32)> {
        let means = self.means();
        let mut moved = vec![0.0_f32; self.features.len()];
        self.add_up(|root| {
            self.answer(root, features, |from, to| {
                if let Some(moved) = moved.get_mut(usize::from(self.nodes[from].feature)) {
                    *moved += means[to] - means[from];
                }
            })
        });
        let mut reasons: Vec<(String, f32)> =
            self.features.iter().cloned().zip(moved).filter(|(_, moved)| moved.abs() >= 0.05).collect();
        reasons.sort_by(|one, other| other.1.abs().total_cmp(&one.1.abs()).then_with(|| one.0.cmp(&other.0)));
        reasons
    }

    /// The sum over the parties; when the first is certain, it speaks for all.
    fn add_up(&self, mut answer: impl FnMut(usize) -> f32) -> f32 {
        let mut sum = 0.0;
        for (number, begin) in self.parties.iter().enumerate() {
            let end = self.parties.get(number + 1).copied().unwrap_or(self.roots.len());
            sum += self.roots[*begin..end].iter().map(|root| answer(*root as usize)).sum::<f32>();
            let for_all = sum * self.parties.len() as f32;
            if number == 0 && for_all.abs() >= CERTAIN {
                return for_all;
            }
        }
        sum
    }

    /// One tree's answer; `step` hears of every step from a question to the next node.
    fn answer(&self, root: usize, features: &[f32], mut step: impl FnMut(usize, usize)) -> f32 {
        let mut at = root;
        while let Some(node) = self.nodes.get(at) {
            if node.feature == LEAF {
                return node.value;
            }
            let value = features.get(node.feature as usize).copied().unwrap_or(0.0);
            let next = if value <= node.value { at + 1 } else { node.right as usize };
            step(at, next);
            at = next;
        }
        0.0
    }

    /// What the trees say on the whole at each node: the mean of the two sides of a question.
    fn means(&self) -> Vec<f32> {
        let mut means: Vec<f32> = self.nodes.iter().map(|node| node.value).collect();
        // Both sides of a question stand behind it.
        for at in (0..self.nodes.len()).rev().filter(|at| self.nodes[*at].feature != LEAF) {
            let right = means.get(self.nodes[at].right as usize).copied().unwrap_or(0.0);
            means[at] = (means.get(at + 1).copied().unwrap_or(0.0) + right) / 2.0;
        }
        means
    }
}

/// `0:1f2e3d4c -0.31`: a hash of eight hexadecimal digits is no threshold of a tree.
fn word(line: &str) -> Option<(usize, u32, f32)> {
    let (name, weight) = line.split_once(' ')?;
    let (band, hash) = name.split_once(':')?;
    if hash.len() != 8 || weight.contains(' ') {
        return None;
    }
    Some((band.parse().ok()?, u32::from_str_radix(hash, 16).ok()?, weight.parse().ok()?))
}
