//! Languages as BCP 47 tags (RFC 5646), and what people write instead.

use super::mistake::{Wrong, nearest, shown};

/// The two-letter codes of ISO 639-1: shorter than their mistakes, since `ua` and `cz` look right.
const TWO_LETTERS: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz \
    ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv \
    ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn \
    no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te \
    tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Names of languages and codes of countries, with the code that was meant.
const MEANT: [(&str, &str); 42] = [
    ("ua", "uk"),
    ("cz", "cs"),
    ("jp", "ja"),
    ("cn", "zh"),
    ("gr", "el"),
    ("dk", "da"),
    ("kz", "kk"),
    ("rs", "sr"),
    ("by", "be"),
    ("ge", "ka"),
    ("ir", "fa"),
    ("il", "he"),
    ("iw", "he"),
    ("al", "sq"),
    ("vn", "vi"),
    ("us", "en"),
    ("gb", "en"),
    ("azerbaijani", "az"),
    ("english", "en"),
    ("russian", "ru"),
    ("turkish", "tr"),
    ("german", "de"),
    ("french", "fr"),
    ("spanish", "es"),
    ("italian", "it"),
    ("portuguese", "pt"),
    ("arabic", "ar"),
    ("persian", "fa"),
    ("farsi", "fa"),
    ("chinese", "zh"),
    ("japanese", "ja"),
    ("korean", "ko"),
    ("georgian", "ka"),
    ("armenian", "hy"),
    ("ukrainian", "uk"),
    ("kazakh", "kk"),
    ("uzbek", "uz"),
    ("hindi", "hi"),
    ("polish", "pl"),
    ("greek", "el"),
    ("hebrew", "he"),
    ("swedish", "sv"),
];

/// Reads a tag and gives it the usual letters: `en`, `zh-Hant`, `pt-BR`.
pub(super) fn language(text: &str) -> Result<String, Wrong> {
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or_default().to_ascii_lowercase();
    let known = match primary.len() {
        2 => TWO_LETTERS.split_ascii_whitespace().any(|code| code == primary),
        3 => primary.bytes().all(|b| b.is_ascii_lowercase()),
        _ => false,
    };
    let subtags: Vec<&str> = parts.collect();
    let well_formed = |part: &&str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    if known && text.len() <= 35 && subtags.iter().all(well_formed) {
        let subtags = subtags.into_iter().map(usual_case);
        return Ok(std::iter::once(primary).chain(subtags).collect::<Vec<_>>().join("-"));
    }
    let lower = text.to_lowercase();
    let respelt = text.replace('_', "-");
    let guess = match MEANT.iter().find(|(word, _)| *word == lower) {
        Some((_, code)) => Some((*code).to_owned()),
        None if respelt != text => language(&respelt).ok(),
        None if lower.len() > 3 => nearest(&lower, MEANT.iter().map(|(word, _)| *word))
            .and_then(|name| MEANT.iter().find(|(word, _)| *word == name))
            .map(|(_, code)| (*code).to_owned()),
        None => None,
    };
    Err(Wrong::new(format!("expected a language as a BCP 47 tag such as \"en\" or \"pt-BR\", found {}", shown(text)))
        .meaning(guess))
}

/// RFC 5646 §2.1.1: regions in capitals, scripts with one, the rest small.
fn usual_case(part: &str) -> String {
    let lower = part.to_ascii_lowercase();
    match part.len() {
        2 => part.to_ascii_uppercase(),
        4 if lower.starts_with(|c: char| c.is_ascii_alphabetic()) => lower[..1].to_ascii_uppercase() + &lower[1..],
        _ => lower,
    }
}
