//! The language: what the page declares, held against what its text is written in.

use std::collections::HashMap;
use std::sync::OnceLock;

use whatlang::Lang;

use super::choice::Choice;
use super::{Candidate, Facts, Origin};

/// Letters below which a text does not tell its language.
const FEWEST_LETTERS: usize = 160;

/// Characters of a text that are looked at.
const LONGEST: usize = 3_000;

/// How sure the text must be to be believed against the page.
const SURE: f64 = 0.9;

/// Languages so near each other that a declaration is believed over the text.
const NEAR: [&[&str]; 7] = [
    &["nb", "no", "nn", "da", "sv"],
    &["hr", "sr", "bs", "sl", "cnr", "sh"],
    &["id", "ms", "jv"],
    &["es", "gl", "pt", "ca", "oc", "ast"],
    &["az", "tr", "tk"],
    &["cs", "sk"],
    &["zh", "yue"],
];

/// Languages that the trigrams do not know, by words that stand in every text of theirs and in none of the neighbours'.
const BY_WORDS: [(&str, &[&str]); 6] = [
    ("xh", &["ukuba", "kwaye", "kunye", "xa", "nto", "ngoku", "apho", "into", "okanye", "kwakhona", "nje", "ngaba", "oku"]),
    ("zu", &["ukuthi", "futhi", "uma", "ngoba", "lapho", "kanye", "manje", "noma", "ukuze", "lokhu", "yize"]),
    ("sw", &["na", "ya", "wa", "kwa", "katika", "hiyo", "ambayo", "kuwa", "hii", "huo", "wakati", "pia"]),
    ("so", &["ayaa", "iyo", "waxaa", "oo", "ka", "uu", "ku", "soo", "kale", "waxay"]),
    ("ha", &["da", "na", "ya", "ta", "wata", "wani", "kuma", "cikin", "domin", "sun"]),
    ("sq", &["dhe", "për", "një", "është", "nga", "që", "janë", "kjo", "ishte", "më"]),
];

/// Letters that only one language of the Cyrillic script has, for those the trigrams take for Russian.
const BY_LETTERS: [(&str, &[char]); 4] =
    [("kk", &['қ', 'ң', 'ғ', 'ұ']), ("tg", &['ҷ', 'ҳ', 'ӯ', 'ӣ']), ("ky", &['ң', 'ө', 'ү']), ("mn", &['ө', 'ү'])];

/// Holds the declared language against the text: the text adds a candidate, and wins where it is sure.
pub(in crate::article) fn settle(facts: &mut Facts, body: &[String]) {
    let read = of_text(body);
    let candidates = &mut facts.gathered.language;
    if let Some((code, _)) = read {
        candidates.push(Candidate { origin: Origin::Text, label: "", value: code.to_owned() });
    }
    let text_at = candidates.len().checked_sub(1).filter(|_| read.is_some());
    let (language, choice) = decide(candidates, read, text_at);
    facts.language = language;
    facts.choices.retain(|(field, _)| *field != "language");
    facts.choices.push(("language", choice));
}

fn decide(candidates: &[Candidate], read: Option<(&'static str, bool)>, text_at: Option<usize>) -> (Option<String>, Choice) {
    let tags: Vec<(usize, String)> = candidates
        .iter()
        .enumerate()
        .filter(|(_, candidate)| candidate.origin != Origin::Text)
        .filter_map(|(at, candidate)| tag(&candidate.value).map(|tag| (at, tag)))
        .collect();
    // Norwegian goes by the name of the language as well as of its writing.
    let primary = |tag: &str| match tag.split('-').next().unwrap_or_default() {
        "no" => "nb".to_owned(),
        primary => primary.to_owned(),
    };
    let declared = tags.first();
    if let (Some((code, sure)), Some(at)) = (read, text_at) {
        if let Some((winner, tag)) = tags.iter().find(|(_, tag)| primary(tag) == code) {
            let mut choice = Choice::of(*winner, "declared, and the text is written in it");
            tags.iter()
                .filter(|(_, other)| primary(other) != code)
                .for_each(|(other, _)| choice.object(*other, "the text is written in another language"));
            return (Some(tag.clone()), choice);
        }
        let credible = declared.is_none_or(|(_, tag)| sure && is_tellable(&primary(tag)) && !are_near(&primary(tag), code));
        if credible {
            let mut choice = Choice::of(at, "the text is plainly written in it");
            tags.iter().for_each(|(other, _)| choice.object(*other, "the text is written in another language"));
            return (Some(code.to_owned()), choice);
        }
    }
    match declared {
        Some((at, tag)) => {
            let mut choice = Choice::of(*at, "declared, and the text does not speak plainly against it");
            text_at.into_iter().for_each(|at| choice.object(at, "not sure enough against the declaration"));
            (Some(tag.clone()), choice)
        }
        None => (None, Choice::default()),
    }
}

/// Whether we could tell a text of that language if we saw one: others are believed as declared.
fn is_tellable(primary: &str) -> bool {
    BY_WORDS.iter().any(|(code, _)| *code == primary) || Lang::all().iter().any(|lang| code_of(*lang) == Some(primary))
}

fn are_near(one: &str, other: &str) -> bool {
    NEAR.iter().any(|group| group.contains(&one) && group.contains(&other))
}

/// The language a text is written in, ISO 639-1, and whether that is sure.
fn of_text(body: &[String]) -> Option<(&'static str, bool)> {
    let mut text = String::new();
    for paragraph in body {
        text.extend(paragraph.chars().take(LONGEST));
        text.push('\n');
        if text.len() >= LONGEST {
            break;
        }
    }
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    // A syllable or an ideogram of East Asia says as much as several letters.
    let weight = letters + 2 * text.chars().filter(|c| c.is_alphabetic() && *c > '\u{2e80}').count();
    if weight < FEWEST_LETTERS {
        return None;
    }
    if let Some(code) = by_letters(&text, letters).or_else(|| by_words(&text)) {
        return Some((code, true));
    }
    let info = whatlang::detect(&text)?;
    let code = code_of(info.lang())?;
    Some((code, info.is_reliable() && info.confidence() >= SURE))
}

fn by_letters(text: &str, letters: usize) -> Option<&'static str> {
    let cyrillic = text.chars().filter(|c| ('\u{0400}'..='\u{04ff}').contains(c)).count();
    if cyrillic * 2 < letters {
        return None;
    }
    let share = |own: &[char]| text.chars().filter(|c| own.contains(c)).count() as f64 / letters.max(1) as f64;
    BY_LETTERS.iter().find(|(_, own)| share(own) > 0.02).map(|(code, _)| *code)
}

/// A language whose small words are at least one in nine of the text, five of them different.
fn by_words(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    // Of each language how many words were seen, and (by a bit each) which.
    let mut seen = [(0_usize, 0_u32); BY_WORDS.len()];
    for places in words.iter().filter_map(|word| small_words().get(word)) {
        for (language, own) in places {
            seen[*language].0 += 1;
            seen[*language].1 |= 1 << own;
        }
    }
    let mut best: Option<(usize, &'static str)> = None;
    for ((code, _), (hits, kinds)) in BY_WORDS.iter().zip(seen) {
        let kinds = kinds.count_ones();
        // Bantu languages write their small words onto the others: fewer of them stand alone.
        let (one_in, fewest) = if matches!(*code, "xh" | "zu") { (80, 1) } else { (9, 5) };
        if kinds >= fewest && hits * one_in >= words.len() && best.is_none_or(|(most, _)| hits > most) {
            best = Some((hits, code));
        }
    }
    best.map(|(_, code)| code)
}

/// Where each of those words stands in the table: of which languages it is, and which of theirs.
fn small_words() -> &'static HashMap<&'static str, Vec<(usize, usize)>> {
    static PLACES: OnceLock<HashMap<&'static str, Vec<(usize, usize)>>> = OnceLock::new();
    PLACES.get_or_init(|| {
        let mut places: HashMap<&'static str, Vec<(usize, usize)>> = HashMap::new();
        for (language, (_, words)) in BY_WORDS.iter().enumerate() {
            for (own, word) in words.iter().enumerate() {
                places.entry(word).or_default().push((language, own));
            }
        }
        places
    })
}

/// ISO 639-1 of what the trigrams name in ISO 639-3.
fn code_of(lang: Lang) -> Option<&'static str> {
    Some(match lang.code() {
        "epo" => "eo",
        "eng" => "en",
        "rus" => "ru",
        "cmn" => "zh",
        "spa" => "es",
        "por" => "pt",
        "ita" => "it",
        "ben" => "bn",
        "fra" => "fr",
        "deu" => "de",
        "ukr" => "uk",
        "kat" => "ka",
        "ara" => "ar",
        "hin" => "hi",
        "jpn" => "ja",
        "heb" => "he",
        "yid" => "yi",
        "pol" => "pl",
        "amh" => "am",
        "jav" => "jv",
        "kor" => "ko",
        "nob" => "nb",
        "dan" => "da",
        "swe" => "sv",
        "fin" => "fi",
        "tur" => "tr",
        "nld" => "nl",
        "hun" => "hu",
        "ces" => "cs",
        "ell" => "el",
        "bul" => "bg",
        "bel" => "be",
        "mar" => "mr",
        "kan" => "kn",
        "ron" => "ro",
        "slv" => "sl",
        "hrv" => "hr",
        "srp" => "sr",
        "mkd" => "mk",
        "lit" => "lt",
        "lav" => "lv",
        "est" => "et",
        "tam" => "ta",
        "vie" => "vi",
        "urd" => "ur",
        "tha" => "th",
        "guj" => "gu",
        "uzb" => "uz",
        "pan" => "pa",
        "aze" => "az",
        "ind" => "id",
        "tel" => "te",
        "pes" => "fa",
        "mal" => "ml",
        "ori" => "or",
        "mya" => "my",
        "nep" => "ne",
        "sin" => "si",
        "khm" => "km",
        "tuk" => "tk",
        "zul" => "zu",
        "sna" => "sn",
        "afr" => "af",
        "slk" => "sk",
        "cat" => "ca",
        "tgl" => "tl",
        "hye" => "hy",
        "cym" => "cy",
        // Latin and Akan are what short or mixed texts come out as.
        _ => return None,
    })
}

/// A language tag in the case of BCP 47: `en`, `pt-BR`, `zh-Hans`.
pub(super) fn tag(value: &str) -> Option<String> {
    let value = value.split([',', ';', ' ']).next()?.trim();
    let mut parts = value.split(['-', '_', '.']);
    let primary = parts.next()?.to_ascii_lowercase();
    if !(2..=3).contains(&primary.len()) || !primary.bytes().all(|b| b.is_ascii_lowercase()) {
        return named(value).map(str::to_owned);
    }
    let mut tag = primary;
    for part in parts {
        let letters = part.bytes().all(|b| b.is_ascii_alphabetic());
        match part.len() {
            2 if letters => tag.push_str(&format!("-{}", part.to_ascii_uppercase())),
            3 if part.bytes().all(|b| b.is_ascii_digit()) => tag.push_str(&format!("-{part}")),
            4 if letters => {
                let lower = part.to_ascii_lowercase();
                tag.push_str(&format!("-{}{}", lower[..1].to_ascii_uppercase(), &lower[1..]));
            }
            _ => break,
        }
    }
    Some(tag)
}

/// JSON-LD often writes the language's English name.
fn named(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "english" => "en",
        "german" | "deutsch" => "de",
        "french" | "français" => "fr",
        "spanish" | "español" => "es",
        "italian" | "italiano" => "it",
        "portuguese" | "português" => "pt",
        "polish" => "pl",
        "russian" => "ru",
        "ukrainian" => "uk",
        "azerbaijani" => "az",
        "turkish" => "tr",
        "arabic" => "ar",
        "hindi" => "hi",
        "japanese" => "ja",
        "korean" => "ko",
        "chinese" => "zh",
        _ => return None,
    })
}
