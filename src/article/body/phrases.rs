//! Phrases that are no part of an article, in the languages of the press; the table is data (`phrases.txt`).

use std::sync::OnceLock;

use super::words;

/// How often each kind of phrase occurs in a text.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(in crate::article) struct Hits {
    /// Follow, subscribe, download.
    pub(in crate::article) verb: u8,
    /// Newsletter, app, the social networks.
    pub(in crate::article) channel: u8,
    /// Read more, related, share, comments.
    pub(in crate::article) promo: u8,
    /// Photo credits.
    pub(in crate::article) credit: u8,
    /// Cookies, rights reserved, subscribers only.
    pub(in crate::article) consent: u8,
    /// By, author, reporting by.
    pub(in crate::article) byline: u8,
    /// Published, updated, reading time.
    pub(in crate::article) posted: u8,
    /// Words that belong to none of these.
    pub(in crate::article) other: u8,
    /// Words altogether.
    pub(in crate::article) words: u8,
}

impl Hits {
    /// Whether the text asks to follow, to subscribe, to download: a verb and where to.
    pub(in crate::article) fn calls_to_action(&self) -> bool {
        self.verb > 0 && self.channel > 0
    }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Verb,
    Channel,
    Promo,
    Credit,
    Consent,
    Byline,
    Posted,
}

/// A phrase behind its first word.
struct Phrase {
    rest: Vec<u32>,
    kind: Kind,
}

/// Phrases by their first word.
type Table = words::Table<Vec<Phrase>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table::default();
        let mut kind = Kind::Promo;
        for line in include_str!("phrases.txt").lines() {
            let line = line.trim();
            match line {
                "[verb]" => kind = Kind::Verb,
                "[channel]" => kind = Kind::Channel,
                "[promo]" => kind = Kind::Promo,
                "[credit]" => kind = Kind::Credit,
                "[consent]" => kind = Kind::Consent,
                "[byline]" => kind = Kind::Byline,
                "[posted]" => kind = Kind::Posted,
                _ if line.is_empty() || line.starts_with('#') => {}
                _ => {
                    let words = words::of_text(line);
                    if let Some((first, rest)) = words.split_first() {
                        table.entry(*first).or_default().push(Phrase { rest: rest.to_vec(), kind });
                    }
                }
            }
        }
        // The longest phrase of a kind first.
        table.values_mut().for_each(|phrases| phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.rest.len())));
        table
    })
}

/// Words of a text that are looked at.
const LOOKED_AT: usize = 80;

/// What a text, given as words, holds of these phrases.
pub(in crate::article) fn of(words: &[u32]) -> Hits {
    let mut hits = Hits { words: words.len().min(255) as u8, ..Hits::default() };
    let words = &words[..words.len().min(LOOKED_AT)];
    // Words that some phrase covers.
    let mut covered = 0_usize;
    let table = table();
    for (at, word) in words.iter().enumerate() {
        let Some(phrases) = table.get(word) else {
            hits.other = hits.other.saturating_add(u8::from(at >= covered));
            continue;
        };
        let mut found = false;
        for phrase in phrases {
            if !words[at + 1..].starts_with(&phrase.rest) {
                continue;
            }
            let count = match phrase.kind {
                Kind::Verb => &mut hits.verb,
                Kind::Channel => &mut hits.channel,
                Kind::Promo => &mut hits.promo,
                Kind::Credit => &mut hits.credit,
                Kind::Consent => &mut hits.consent,
                Kind::Byline => &mut hits.byline,
                Kind::Posted => &mut hits.posted,
            };
            *count = count.saturating_add(1);
            found = true;
            covered = covered.max(at + 1 + phrase.rest.len());
        }
        if !found && at >= covered {
            hits.other = hits.other.saturating_add(1);
        }
    }
    hits
}

/// Whether a text holds a date or a time of day, whatever the language: a year and a smaller number, or `12:30`.
pub(in crate::article) fn has_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut year, mut small, mut clock) = (false, false, false);
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && bytes[at].is_ascii_digit() {
            at += 1;
        }
        match at - start {
            4 => year |= matches!(&bytes[start..start + 2], b"19" | b"20"),
            1 | 2 => {
                small = true;
                clock |= bytes.get(at) == Some(&b':') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
            }
            _ => {}
        }
    }
    clock || (year && small)
}
