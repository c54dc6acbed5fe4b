//! The generator's words: one grammar a language, kept as text in `words/`, expanded with dice.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::dice::Dice;
use crate::plan::Language;

/// How deep one expansion may go; beyond, a symbol becomes nothing (a grammar of ours reaches about six).
const MAX_DEPTH: usize = 12;

/// One language's symbols and their alternatives.
#[derive(Debug)]
pub(crate) struct Words {
    language: Language,
    symbols: HashMap<&'static str, Vec<&'static str>>,
}

impl Language {
    /// The words of this language, read once.
    pub(crate) fn words(self) -> &'static Words {
        static ALL: [OnceLock<Words>; 5] = [const { OnceLock::new() }; 5];
        let (slot, text) = match self {
            Language::English => (0, include_str!("../words/en.txt")),
            Language::Russian => (1, include_str!("../words/ru.txt")),
            Language::Azerbaijani => (2, include_str!("../words/az.txt")),
            Language::Turkish => (3, include_str!("../words/tr.txt")),
            Language::Chinese => (4, include_str!("../words/zh.txt")),
        };
        ALL[slot].get_or_init(|| Words::read(self, text))
    }
}

impl Words {
    fn read(language: Language, text: &'static str) -> Self {
        let mut symbols: HashMap<&str, Vec<&str>> = HashMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((symbol, alternatives)) = line.split_once(':') {
                symbols.entry(symbol).or_default().extend(alternatives.split(" | ").map(str::trim));
            }
        }
        Words { language, symbols }
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// All alternatives of a symbol, in the file's order.
    pub(crate) fn list(&self, symbol: &str) -> &[&'static str] {
        self.symbols.get(symbol).map_or(&[], Vec::as_slice)
    }

    /// A word of the page's furniture, e.g. `readmore`.
    pub(crate) fn ui(&self, name: &str) -> &'static str {
        self.list(&format!("ui.{name}")).first().copied().unwrap_or_default()
    }
}

/// The teller of one story: what it has said once about its `{Place}` it says again.
pub(crate) struct Teller<'a> {
    words: &'a Words,
    dice: &'a mut Dice,
    bound: HashMap<String, String>,
}

impl<'a> Teller<'a> {
    pub(crate) fn new(words: &'a Words, dice: &'a mut Dice, topics: &str) -> Self {
        let mut teller = Teller { words, dice, bound: HashMap::new() };
        let (first, last) = (teller.draw("first"), teller.draw("last"));
        let person = if words.language == Language::Chinese { format!("{last}{first}") } else { format!("{first} {last}") };
        teller.bind("Person", person);
        teller.bind("Surname", last);
        let topic = teller.draw(topics);
        teller.bind("Topic", topic);
        teller
    }

    pub(crate) fn bind(&mut self, symbol: &str, text: String) {
        self.bound.insert(symbol.to_owned(), text);
    }

    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        self.dice.between(low, high)
    }

    /// What the story has settled on for `symbol`.
    pub(crate) fn bound(&mut self, symbol: &str) -> String {
        self.value(symbol, 0)
    }

    /// One alternative of `symbol`, written out.
    pub(crate) fn draw(&mut self, symbol: &str) -> String {
        self.value(symbol, 0)
    }

    /// One alternative of `symbol` as a sentence: every sentence in it begins with a capital letter.
    pub(crate) fn sentence(&mut self, symbol: &str) -> String {
        let text = self.draw(symbol);
        let mut start = true;
        let mut out = String::with_capacity(text.len());
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            if start && letter.is_alphanumeric() {
                out.push_str(&upper(letter, self.words.language));
                start = false;
                continue;
            }
            // A full stop ends a sentence before a blank or a quotation mark; inside a number it does not.
            start |= matches!(letter, '.' | '!' | '?') && letters.peek().is_none_or(|next| *next == ' ');
            out.push(letter);
        }
        out
    }

    fn value(&mut self, symbol: &str, depth: usize) -> String {
        if let Some(number) = self.number(symbol) {
            return number;
        }
        if let Some(text) = self.bound.get(symbol) {
            return text.clone();
        }
        let lower = symbol.to_lowercase();
        let alternatives = self.words.list(&lower);
        if alternatives.is_empty() || depth > MAX_DEPTH {
            return String::new();
        }
        let template = *self.dice.pick(alternatives);
        let text = self.expand(template, depth + 1);
        if symbol != lower {
            self.bound.insert(symbol.to_owned(), text.clone());
        }
        text
    }

    fn expand(&mut self, template: &str, depth: usize) -> String {
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (symbol, tail) = after.split_once('}').unwrap_or((after, ""));
            out.push_str(before);
            out.push_str(&self.value(symbol, depth));
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    fn number(&mut self, symbol: &str) -> Option<String> {
        Some(match symbol {
            "n" => self.dice.between(3, 97).to_string(),
            "big" => {
                let number = self.dice.between(1_100, 98_900);
                let between = match self.words.language {
                    Language::English => ",",
                    Language::Russian | Language::Azerbaijani => " ",
                    Language::Turkish => ".",
                    Language::Chinese => "",
                };
                format!("{}{between}{:03}", number / 1000, number % 1000)
            }
            "pct" => {
                let point = if matches!(self.words.language, Language::English | Language::Chinese) { '.' } else { ',' };
                format!("{}{point}{}", self.dice.between(1, 94), self.dice.between(1, 9))
            }
            "year" => self.dice.between(1996, 2023).to_string(),
            _ => return None,
        })
    }
}

/// The capital of a letter; a Turkish or Azerbaijani `i` keeps its dot.
fn upper(letter: char, language: Language) -> String {
    match (letter, language) {
        ('i', Language::Turkish | Language::Azerbaijani) => "İ".to_owned(),
        _ => letter.to_uppercase().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_a_grammar_uses_is_defined() {
        for language in Language::ALL {
            let words = language.words();
            assert_eq!(words.list("months").len(), 12, "{language:?}");
            assert_eq!(words.list("sections").len(), 8, "{language:?}");
            for alternative in words.symbols.values().flatten() {
                for symbol in alternative.split('{').skip(1).filter_map(|part| part.split('}').next()) {
                    let known = matches!(symbol, "n" | "big" | "pct" | "year" | "Person" | "Surname" | "Topic" | "Agency");
                    assert!(known || !words.list(&symbol.to_lowercase()).is_empty(), "{language:?}: {symbol} in {alternative}");
                }
            }
        }
    }
}
