//! The words that page makers put into class, id and role, and what they usually mean.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::OnceLock;

use scraper::node::Element;

/// Tables whose keys are hashes already, and need not be hashed again.
pub(super) type Table<V> = HashMap<u32, V, BuildHasherDefault<Spread>>;
/// The same without values.
pub(super) type Set = HashSet<u32, BuildHasherDefault<Spread>>;

/// Spreads a number over 64 bits. There are 2^32 keys at most, so that a page made to collide costs little.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}

/// Number of groups of words.
pub(super) const GROUPS: usize = 5;
/// Words for the text of an article.
pub(super) const POSITIVE: usize = 0;
/// Words for what surrounds it.
pub(super) const NEGATIVE: usize = 1;
/// The words of each group: of the text, of what surrounds it, of byline and date, of the standfirst, of boxes.
const TABLE: [&str; GROUPS] = [
    "article articlebody articletext body content entry story storybody text textbody post main paragraph paragraphs richtext prose \
     articlecontent maincontent copy bodytext artikel nachricht texte contenu cuerpo noticia corpo testo articolo",
    "comment comments footer footnote nav navigation navbar menu sidebar side related recommend recommended recommendations promo \
     promotion advert advertisement ad ads adslot banner sponsor sponsored share sharing social subscribe subscription newsletter signup \
     login register paywall cookie consent gdpr popup modal overlay widget breadcrumb breadcrumbs pagination pager rating poll survey \
     outbrain taboola disqus teaser teasers more trending popular mostread topics tags tag toolbar skip hidden print tools masthead \
     copyright legal disclaimer archive category categories carousel slider ticker",
    "byline author authors date time timestamp dateline published updated meta metadata publish posted credit source kicker section \
     category rubric eyebrow label autor auteur fecha datum data",
    "lead lede intro standfirst summary teaser description excerpt deck dek subtitle subheadline subhead abstract chapo vorspann \
     sottotitolo bajada entradilla ingress",
    "box infobox factbox inset aside pullquote quote embed card cards related caption figure image photo gallery video media player \
     callout note info readmore inline internal link links list promo newsletter map chart graphic infographic profile bio",
];

/// What an element says of itself.
pub(super) struct Named {
    pub(super) words: Vec<u32>,
    pub(super) hidden: bool,
    pub(super) is_article_body: bool,
}

/// Most words of one element that are looked at (utility classes come by the dozen).
const MOST_WORDS: usize = 40;

/// Reads what an element says of itself.
pub(super) fn of(element: &Element, name_counts: bool) -> Named {
    let mut named = Named { words: Vec::new(), hidden: false, is_article_body: false };
    if name_counts {
        split(element.name(), &mut named.words);
    }
    for (name, value) in element.attrs() {
        match name {
            "class" | "id" | "role" | "data-testid" | "data-component" => split(value, &mut named.words),
            "data-type" | "data-name" | "data-module" | "data-block" | "data-qa" | "data-test" | "data-test-id"
            | "data-element" | "data-widget" | "data-role" | "data-zone" | "data-section" | "data-placement" | "data-area"
            | "data-position" | "data-embed" | "data-ui" | "data-hook" | "data-key" | "aria-label" => {
                if value.len() <= 40 {
                    split(value, &mut named.words);
                }
                split(name, &mut named.words);
            }
            "itemprop" => {
                named.is_article_body |= value.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("articleBody"));
                split(value, &mut named.words);
            }
            "hidden" => named.hidden = true,
            "aria-hidden" => named.hidden |= value.eq_ignore_ascii_case("true"),
            "style" => {
                let style: String =
                    value.chars().filter(|character| !character.is_whitespace()).collect::<String>().to_ascii_lowercase();
                named.hidden |= style.contains("display:none") || style.contains("visibility:hidden");
            }
            _ => {}
        }
    }
    named.words.sort_unstable();
    named.words.dedup();
    named
}

/// How many words are of each group.
pub(super) fn groups(words: &[u32]) -> [u8; GROUPS] {
    static GROUP_OF: OnceLock<Table<u8>> = OnceLock::new();
    let table = GROUP_OF.get_or_init(|| {
        let mut table = Table::default();
        for (group, words) in TABLE.iter().enumerate() {
            for word in words.split_ascii_whitespace() {
                *table.entry(hash(word.as_bytes())).or_insert(0) |= 1 << group;
            }
        }
        table
    });
    let mut counts = [0; GROUPS];
    for word in words {
        if let Some(bits) = table.get(word) {
            for (group, count) in counts.iter_mut().enumerate() {
                *count += bits >> group & 1;
            }
        }
    }
    counts
}

/// Whether a link's path is that of a list: of a tag, a topic, an author.
pub(super) fn leads_to_a_list(path: &str) -> bool {
    let mut found = false;
    each_word(path.get(..120).unwrap_or(path), |word| {
        found |= matches!(
            word,
            b"tag"
                | b"tags"
                | b"topic"
                | b"topics"
                | b"thema"
                | b"themen"
                | b"tema"
                | b"temas"
                | b"author"
                | b"authors"
                | b"autor"
                | b"autoren"
                | b"auteur"
                | b"autore"
                | b"person"
                | b"people"
                | b"profile"
                | b"profil"
                | b"category"
                | b"categories"
                | b"share"
                | b"sharer"
                | b"intent"
                | b"subscribe"
                | b"newsletter"
                | b"abo"
                | b"hashtag"
                | b"keyword"
                | b"schlagwort"
                | b"etiqueta"
                | b"search"
        );
    });
    found
}

/// Cuts `storyBody-main_text2` into `story body main text`, and keeps each as a number.
fn split(value: &str, words: &mut Vec<u32>) {
    each_word(value, |word| {
        if words.len() < MOST_WORDS {
            words.push(hash(word));
        }
    });
}

/// Calls `found` with each word, lower case, of two letters at least.
fn each_word(value: &str, mut found: impl FnMut(&[u8])) {
    let mut word = [0_u8; 24];
    let mut length = 0;
    let mut before = 0_u8;
    for byte in value.bytes().chain([b' ']) {
        let letter = byte.is_ascii_alphabetic();
        if length > 0 && (!letter || (byte.is_ascii_uppercase() && before.is_ascii_lowercase())) {
            if length > 1 {
                found(&word[..length]);
            }
            length = 0;
        }
        if letter && length < word.len() {
            word[length] = byte.to_ascii_lowercase();
            length += 1;
        }
        before = byte;
    }
}

/// FNV-1a, 32 bits.
pub(super) const fn hash(bytes: &[u8]) -> u32 {
    let mut number = 0x811c_9dc5_u32;
    let mut at = 0;
    while at < bytes.len() {
        number = (number ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    number
}

/// Whether the words say that readers write here.
pub(super) fn are_of_comments(words: &[u32]) -> bool {
    const WORDS: [u32; 8] = [
        hash(b"comment"),
        hash(b"comments"),
        hash(b"commentlist"),
        hash(b"disqus"),
        hash(b"kommentar"),
        hash(b"kommentare"),
        hash(b"comentarios"),
        hash(b"commentaires"),
    ];
    words.iter().any(|word| WORDS.contains(word))
}

/// Whether a character is of a script that writes without spaces.
pub(super) fn is_wide(character: char) -> bool {
    matches!(character,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}')
}

/// The words of a text, case folded, as numbers; in scripts without spaces each character is one.
pub(in crate::article) fn of_text(text: &str) -> Vec<u32> {
    let mut out = Vec::with_capacity(text.len() / 6 + 1);
    let mut number = 0x811c_9dc5_u32;
    let mut open = false;
    for character in text.chars() {
        let wide = character >= '\u{e00}' && is_wide(character) && !('\u{ac00}'..='\u{d7af}').contains(&character);
        if open && (wide || !character.is_alphanumeric()) {
            out.push(number);
            open = false;
        }
        if wide {
            out.push(hash(&u32::from(character).to_le_bytes()));
        } else if character.is_alphanumeric() {
            if !open {
                number = 0x811c_9dc5;
                open = true;
            }
            let folded = if character.is_ascii() {
                character.to_ascii_lowercase()
            } else {
                character.to_lowercase().next().unwrap_or(character)
            };
            number = (number ^ u32::from(folded)).wrapping_mul(0x0100_0193);
        }
    }
    if open {
        out.push(number);
    }
    out
}
