//! Lines that are no part of an article, in the languages of the press, as patterns of whole lines; the tables are data.
//!
//! A pattern is words in the order of the line, case, accents and punctuation aside: `a|b` is either (`sign_up` two words),
//! `word~` any word that begins so, `word?` one that may be absent, `@set` one of a set, `…` up to twelve words, `:` a colon or bar, which is skipped where none is asked for.
//! A section says where such a line may stand to be taken for what it looks like. A pattern with a gap is not believed of a
//! whole sentence, unless `!` stands before it: it speaks of the publisher or to the reader, as no sentence of an article does.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Reason;
use crate::article::metadata::likeness::{fold, is_unspaced};

/// The tables, one for each concern.
const TABLES: [(Reason, &str); 6] = [
    (Reason::Call, include_str!("calls.txt")),
    (Reason::Promo, include_str!("promos.txt")),
    (Reason::Paywall, include_str!("paywalls.txt")),
    (Reason::Consent, include_str!("consent.txt")),
    (Reason::PhotoCredit, include_str!("photo_credits.txt")),
    (Reason::Foot, include_str!("feet.txt")),
];

/// Words of a line that a gap stands for at most, and characters of the scripts without spaces.
const GAP: usize = 12;
const GAP_OF_CHARACTERS: usize = 24;

/// Longest line that is looked at, in words or characters of the scripts without spaces.
const LONGEST: usize = 64;

/// The same in bytes: a word may be made to have millions.
const LONGEST_LINE: usize = 20_000;

/// Where a line must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// Wherever it stands.
    Anywhere,
    /// Over or under the prose.
    Edges,
    /// Under the prose, its last two lines among it.
    Tail,
    /// Wherever it stands, when it is a link for a good part.
    Linked,
}

/// One of several runs of words.
#[derive(Debug, Clone)]
struct Atom {
    choices: Vec<Vec<Literal>>,
    optional: bool,
}

#[derive(Debug, Clone)]
struct Literal {
    text: String,
    prefix: bool,
}

#[derive(Debug, Clone)]
enum Step {
    Words(Atom),
    Gap(usize),
    Colon,
}

struct Pattern {
    steps: Vec<Step>,
    /// Whether some of the line may be anything.
    open: bool,
    /// Whether it is believed of a sentence as well.
    sure: bool,
    reason: Reason,
    place: Where,
    /// Whether it asks for a colon.
    labelled: bool,
    /// Whether the line must begin with the word by which the pattern is found.
    anchored: bool,
    /// Fewest and most words of a line, colons aside.
    fewest: usize,
    most: usize,
}

impl Pattern {
    fn of(steps: Vec<Step>, sure: bool, reason: Reason, place: Where) -> Pattern {
        let labelled = steps.iter().any(|step| matches!(step, Step::Colon));
        let first = |choice: &Vec<Literal>| choice.first().is_some_and(|word| !word.prefix || word.text.chars().count() >= LETTERS);
        let anchored = matches!(steps.first(), Some(Step::Words(atom)) if !atom.optional && atom.choices.iter().all(first));
        let (mut fewest, mut most) = (0, 0);
        for step in &steps {
            match step {
                Step::Gap(gap) => most += gap,
                Step::Colon => {}
                Step::Words(atom) => {
                    let words = |choice: &Vec<Literal>| choice.iter().filter(|word| word.text != COLON).count();
                    fewest += if atom.optional { 0 } else { atom.choices.iter().map(words).min().unwrap_or(0) };
                    most += atom.choices.iter().map(Vec::len).max().unwrap_or(0);
                }
            }
        }
        let open = steps.iter().any(|step| matches!(step, Step::Gap(_)));
        Pattern { steps, open, sure, reason, place, labelled, anchored, fewest, most }
    }
}

/// Letters of a word by which patterns are found.
const LETTERS: usize = 3;

/// What stands for a colon or bar among the words of a line.
const COLON: &str = ":";

/// Patterns by the first three letters of a word that the line must have.
#[derive(Default)]
struct Tables {
    patterns: Vec<Pattern>,
    by_letters: HashMap<String, Vec<usize>>,
}

/// What a line is taken for, when it stands where `stands` says; a line that quotes somebody only by a label ("Read also: …"),
/// and one that may be a sentence of the article only by a pattern that is sure.
pub(super) fn judge(text: &str, may_be_text: bool, stands: impl Fn(Where) -> bool) -> Option<Reason> {
    static READ: OnceLock<Tables> = OnceLock::new();
    let tables = READ.get_or_init(Tables::read);
    if text.len() > LONGEST_LINE {
        return None;
    }
    let words = words(text);
    if words.is_empty() || words.len() > LONGEST {
        return None;
    }
    let quotes = text.contains(['"', '“', '”', '„', '«', '»', '「', '『']);
    let reports = may_be_text && reports(text, &words);
    let names_only = names_behind_a_label(text);
    let believed =
        |pattern: &Pattern| !(may_be_text && pattern.open) || (pattern.labelled && names_only) || (pattern.sure && !reports);
    let colons = words.iter().filter(|word| *word == COLON).count();
    let count = words.len() - colons;
    // Where the first word stands: one colon before it is passed over.
    let begin = usize::from(words[0] == COLON);
    // A bit for each pattern.
    let mut tried = vec![0_u64; tables.patterns.len() / 64 + 1];
    for (at, word) in words.iter().enumerate() {
        for index in tables.by_letters.get(letters(word)).into_iter().flatten() {
            let pattern = &tables.patterns[*index];
            let fits = (pattern.fewest..=pattern.most).contains(&count) && (!pattern.anchored || at <= begin);
            let (cell, bit) = (&mut tried[index / 64], 1 << (index % 64));
            if !fits || *cell & bit != 0 {
                continue;
            }
            *cell |= bit;
            if (pattern.labelled || !quotes) && stands(pattern.place) && believed(pattern) && matches(&pattern.steps, &words) {
                return Some(pattern.reason);
            }
        }
    }
    None
}

/// Words by which a sentence says who said it: what has one is the article's. Those of scripts without spaces stand anywhere.
const REPORTS: &str = "said says say saying told tells warned wrote asked argued claimed announced according showed \
     sagte sagten sagt teilte teilten erklärte erklärten fragte laut hieß zufolge schrieb mitteilte \
     déclaré affirmé annoncé indiqué selon expliqué \
     dijo dijeron según afirmó aseguró anunció declaró explicó informó \
     disse dissero detto secondo dichiarato annunciato spiegato \
     disseram segundo afirmou declarou anunciou informou \
     powiedział powiedziała poinformował poinformowała poinformowało według podał podała \
     сказал сказала сказали заявил заявила заявили сообщил сообщила сообщили словам отметил отметила рассказал рассказала ответил \
     сказав сказала заявив заявила повідомив повідомила повідомили зазначив розповів відповів \
     dedi deyib bildirib bildirdi açıqlayıb söyledi açıkladı belirtti söylədi \
     قال قالت وقال وقالت أعلن أعلنت وأعلن أكد أكدت أوضح \
     कहा बताया बोले \
     말했다 밝혔다 전했다 설명했다 했다고 밝혔다고";
const REPORTS_UNSPACED: [&str; 12] =
    ["と発表", "と述べ", "と話し", "と語っ", "と説明", "という。", "表示，", "说，", "宣布", "称，", "透露", "指出"];

/// Whether somebody is said to have said it.
fn reports(text: &str, words: &[String]) -> bool {
    static READ: OnceLock<std::collections::HashSet<String>> = OnceLock::new();
    let known = READ.get_or_init(|| words_of_all(REPORTS));
    words.iter().any(|word| known.contains(word)) || REPORTS_UNSPACED.iter().any(|word| text.contains(word))
}

fn words_of_all(list: &str) -> std::collections::HashSet<String> {
    list.split_whitespace().flat_map(words).collect()
}

/// Words behind a label that may be a name in a script without capitals, and characters in one without spaces.
const NAME_WORDS: usize = 2;
const NAME_CHARACTERS: usize = 6;

/// Whether names and nothing else stand behind a label: "Foto: Anna Berg/dpa.", and not "Foto: die Polizei bestätigt es."
fn names_behind_a_label(text: &str) -> bool {
    let Some((_, behind)) = text.split_once([':', '：', '|']) else { return false };
    let count = words(behind).len();
    if behind.chars().any(is_wide) {
        return count <= NAME_CHARACTERS;
    }
    let mut parts = behind.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().any(char::is_alphabetic));
    count <= NAME_WORDS || parts.all(|word| word.chars().next().is_some_and(|c| c.is_uppercase() || c.is_numeric()))
}

impl Tables {
    fn read() -> Tables {
        let mut tables = Tables::default();
        let mut sets: HashMap<&str, &str> = HashMap::new();
        for (reason, table) in TABLES {
            let mut place = Where::Edges;
            for line in table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
                match line {
                    "[anywhere]" => place = Where::Anywhere,
                    "[edges]" => place = Where::Edges,
                    "[tail]" => place = Where::Tail,
                    "[linked]" => place = Where::Linked,
                    _ => match line.split_once(" = ").filter(|(name, _)| name.starts_with('@')) {
                        Some((name, choices)) => _ = sets.insert(name, choices),
                        None => {
                            let sure = line.starts_with("! ");
                            tables.add(Pattern::of(steps(line.trim_start_matches("! "), &sets), sure, reason, place));
                        }
                    },
                }
            }
        }
        tables
    }

    fn add(&mut self, pattern: Pattern) {
        let index = self.patterns.len();
        let needed = pattern.steps.iter().find_map(|step| match step {
            Step::Words(atom) if !atom.optional => Some(atom),
            _ => None,
        });
        for choice in needed.into_iter().flat_map(|atom| &atom.choices) {
            let Some(first) = choice.first() else { continue };
            let indexes = self.by_letters.entry(letters(&first.text).to_owned()).or_default();
            if indexes.last() != Some(&index) {
                indexes.push(index);
            }
        }
        self.patterns.push(pattern);
    }
}

/// The steps of a pattern as written.
fn steps(line: &str, sets: &HashMap<&str, &str>) -> Vec<Step> {
    let gap = if line.chars().any(is_wide) { GAP_OF_CHARACTERS } else { GAP };
    let step = |token: &str| match token {
        "…" | "…?" => Step::Gap(gap),
        ":" => Step::Colon,
        _ => {
            let (token, optional) = token.strip_suffix('?').map_or((token, false), |token| (token, true));
            let of_set = |choice: &str| if choice.starts_with('@') { sets.get(choice).copied() } else { None };
            let choices = token.split('|').flat_map(|choice| match of_set(choice) {
                Some(set) => set.split('|').map(literals).collect::<Vec<_>>(),
                None => vec![literals(choice)],
            });
            let choices = choices.filter(|choice| !choice.is_empty()).collect();
            Step::Words(Atom { choices, optional })
        }
    };
    // Colons are skipped wherever none is asked for.
    line.split_whitespace().filter(|token| *token != ":?").map(step).collect()
}

/// The words of one choice.
fn literals(choice: &str) -> Vec<Literal> {
    let mut out = Vec::new();
    for part in choice.split(['_', ' ']).filter(|part| !part.is_empty()) {
        let prefix = part.ends_with('~');
        let words = words(part.trim_end_matches('~'));
        let last = words.len().saturating_sub(1);
        out.extend(words.into_iter().enumerate().map(|(index, text)| Literal { text, prefix: prefix && index == last }));
    }
    out
}

/// Whether the steps cover the whole line.
fn matches(steps: &[Step], words: &[String]) -> bool {
    let is_colon = |word: &String| word == COLON;
    let Some((step, rest)) = steps.split_first() else { return words.iter().all(is_colon) };
    match step {
        Step::Gap(most) => {
            if rest.is_empty() {
                return words.len() <= *most;
            }
            (0..=(*most).min(words.len())).any(|skipped| matches(rest, &words[skipped..]))
        }
        Step::Colon => words.first().is_some_and(is_colon) && matches(rest, &words[1..]),
        Step::Words(atom) => {
            if atom.optional && matches(rest, words) {
                return true;
            }
            // A colon that the pattern does not ask for is punctuation like another.
            let words = if words.first().is_some_and(is_colon) { &words[1..] } else { words };
            atom.choices.iter().any(|choice| {
                words.len() >= choice.len()
                    && choice
                        .iter()
                        .zip(words)
                        .all(|(literal, word)| if literal.prefix { word.starts_with(&literal.text) } else { *word == literal.text })
                    && matches(rest, &words[choice.len()..])
            })
        }
    }
}

/// The first three letters of a word, by which patterns are found.
fn letters(word: &str) -> &str {
    word.char_indices().nth(LETTERS).map_or(word, |(end, _)| &word[..end])
}

/// The words of a line, folded; characters of the scripts without spaces one by one, and colons.
fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        let wide = is_wide(c);
        if wide || !belongs(c) {
            close(&mut word, &mut out);
        }
        if wide && c.is_alphanumeric() {
            out.push(c.to_string());
        } else if belongs(c) && !wide {
            word.push(c);
        } else if matches!(c, ':' | '：' | '|') {
            out.push(COLON.to_owned());
        } else if c == '©' {
            out.push("©".to_owned());
        }
        if out.len() > LONGEST {
            break;
        }
    }
    close(&mut word, &mut out);
    out
}

/// Whether a character is a word by itself.
fn is_wide(c: char) -> bool {
    is_unspaced(c) && !('\u{ac00}'..='\u{d7af}').contains(&c)
}

fn close(word: &mut String, out: &mut Vec<String>) {
    if word.is_empty() {
        return;
    }
    if word.is_ascii() {
        word.retain(|c| c != '\'');
        word.make_ascii_lowercase();
        if !word.is_empty() {
            out.push(std::mem::take(word));
        }
        return;
    }
    // The vowel signs of India are no accents.
    let folded = if word.chars().any(|c| ('\u{900}'..='\u{dff}').contains(&c)) { word.replace('\u{93c}', "") } else { fold(word) };
    let folded: String = folded.chars().filter_map(of_arabic).collect();
    if !folded.is_empty() {
        out.push(folded);
    }
    word.clear();
}

/// Letters, digits, and the marks within words of India.
fn belongs(c: char) -> bool {
    c.is_alphanumeric() || ('\u{900}'..='\u{dff}').contains(&c) && !matches!(c, '।' | '॥') || matches!(c, '\'' | '’' | '\u{200d}')
}

/// Arabic without vowel signs, its alif and ya in one form.
fn of_arabic(c: char) -> Option<char> {
    match c {
        '\u{64b}'..='\u{652}' | '\u{640}' | '\u{200d}' => None,
        'أ' | 'إ' | 'آ' => Some('ا'),
        'ى' => Some('ي'),
        c => Some(c),
    }
}
