//! What is wrong with a configuration: all of it, each mistake with its place and its remedy.

use std::fmt;

use crate::model::Failure;

/// Why a text is no configuration: every mistake that was found, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct Error {
    /// At least one.
    pub mistakes: Vec<Mistake>,
}

impl Error {
    /// What it means for the next attempt: nothing changes until somebody edits the file.
    pub fn failure(&self) -> Failure {
        Failure::Final
    }

    /// A stable class for the operator.
    pub fn class(&self) -> &'static str {
        "configuration"
    }
}

/// One line a mistake.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.mistakes.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            mistake.fmt(f)?;
        }
        Ok(())
    }
}

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where it stands.
    pub place: Place,
    /// The key, with the tables around it: `fetch.timeout`, `source[trend-en].feed`.
    pub key: String,
    /// What is wrong and what was expected.
    pub message: String,
    /// The nearest known name, or the value that was probably meant.
    pub nearest: Option<String>,
}

/// `file:line:column: key: message (did you mean "x"?)`
impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)?;
        match &self.nearest {
            Some(nearest) => write!(f, " (did you mean \"{nearest}\"?)"),
            None => Ok(()),
        }
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file's name, as the caller gave it.
    pub file: String,
    /// Counted from one.
    pub line: usize,
    /// Characters, counted from one.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A mistake that does not know its place and key yet.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) nearest: Option<String>,
}

impl Wrong {
    pub(super) fn new(message: impl Into<String>) -> Wrong {
        Wrong { message: message.into(), nearest: None }
    }

    /// With what was probably meant.
    pub(super) fn meaning(self, nearest: Option<String>) -> Wrong {
        Wrong { nearest, ..self }
    }
}

/// A stranger's text for a message: quoted, escaped, cut, on one line.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// Names that other programs give to our keys.
const ELSEWHERE: [(&str, &str); 12] = [
    ("url", "feed"),
    ("link", "feed"),
    ("rss", "feed"),
    ("urls", "feeds"),
    ("rss_feeds", "feeds"),
    ("tz", "timezone"),
    ("email", "contact"),
    ("user_agent", "contact"),
    ("path", "url"),
    ("file", "url"),
    ("interval", "min_interval"),
    ("enable", "enabled"),
];

/// The candidate that was probably meant: few slips of the pen away, or the word is a part of it.
pub fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str> + Clone) -> Option<String> {
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let word = plain(word);
    if word.is_empty() || word.chars().count() > 64 {
        return None;
    }
    let elsewhere = ELSEWHERE.iter().find(|(name, ours)| *name == word && candidates.clone().any(|candidate| candidate == *ours));
    if let Some((_, ours)) = elsewhere {
        return Some((*ours).to_owned());
    }
    let allowed = (word.chars().count() / 3).max(1);
    let by_distance = candidates
        .clone()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance);
    let by_part = || {
        let related =
            |candidate: &str| word.len().min(candidate.len()) >= 4 && (candidate.contains(&word) || word.contains(candidate));
        candidates.clone().find(|candidate| related(&plain(candidate)))
    };
    by_distance.map(|(_, candidate)| candidate).or_else(by_part).map(str::to_owned)
}
