//! The model that weighs blocks: boosted trees over the features and a weight for each learnt class word.
//!
//! It is data (`model.txt`, written by `tools/train-body.py`), read once, and evaluated in plain
//! arithmetic: the same page gives the same choice everywhere.

use std::collections::HashMap;
use std::sync::OnceLock;

/// A model, ready to weigh.
#[derive(Debug)]
pub struct Model {
    /// From which likelihood on a block is taken.
    pub(super) threshold: f32,
    /// What the trees ask for, in order.
    features: Vec<String>,
    words: [HashMap<u32, f32>; 3],
    nodes: Vec<Node>,
    roots: Vec<u32>,
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

impl Model {
    /// The model that the program carries.
    pub fn own() -> &'static Model {
        static MODEL: OnceLock<Model> = OnceLock::new();
        MODEL.get_or_init(|| Model::read(include_str!("model.txt")))
    }

    /// Reads a model's text. A line that is not understood is left out: a test holds the file against its counts.
    pub fn read(text: &str) -> Model {
        let mut model =
            Model { threshold: 0.5, features: Vec::new(), words: Default::default(), nodes: Vec::new(), roots: Vec::new() };
        for line in text.lines() {
            if let Some(threshold) = line.strip_prefix("threshold ") {
                model.threshold = threshold.parse().unwrap_or(0.5);
            } else if let Some(names) = line.strip_prefix("features ") {
                model.features = names.split(' ').map(str::to_owned).collect();
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
        let mut sum = 0.0;
        for root in &self.roots {
            let mut at = *root as usize;
            while let Some(node) = self.nodes.get(at) {
                if node.feature == LEAF {
                    sum += node.value;
                    break;
                }
                let value = features.get(node.feature as usize).copied().unwrap_or(0.0);
                at = if value <= node.value { at + 1 } else { node.right as usize };
            }
        }
        1.0 / (1.0 + (-sum).exp())
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
