//! What the publisher reserves: robots meta tags, `X-Robots-Tag`, and TDM reservations (W3C TDMRep), in the head of the
//! answer and in that of the page.

use super::page::Page;

/// What this program is called where a signal is for one robot only.
const OWN_NAME: &str = env!("CARGO_PKG_NAME");
/// The words that reserve something, as they are kept.
pub(super) const WORDS: [&str; 6] = ["noai", "noimageai", "noindex", "nosnippet", "noarchive", "tdm"];
/// Longest address of a policy that is kept.
const LONGEST: usize = 500;

/// The reservations of a page: the words that stand for everybody or for this program, each once, and the address of a TDM
/// policy as `tdm-policy: ADDRESS`.
pub(super) fn read(page: &Page) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in &page.fields {
        match name.as_str() {
            "x-robots-tag" => directed(value, &mut found),
            name => tdm(name, value, &mut found),
        }
    }
    for (name, value) in &page.meta {
        match name.as_str() {
            "robots" | OWN_NAME => value.split(',').for_each(|word| directive(word, &mut found)),
            name => tdm(name, value, &mut found),
        }
    }
    found
}

/// The value of an `X-Robots-Tag`: directives, those behind the name of a robot only for that one.
fn directed(value: &str, found: &mut Vec<String>) {
    let mut ours = true;
    for part in value.split(',') {
        let word = match part.split_once(':') {
            Some((name, rest)) if !takes_value(name.trim()) => {
                let name = name.trim();
                ours = name == "*" || name.eq_ignore_ascii_case("robots") || name.eq_ignore_ascii_case(OWN_NAME);
                rest
            }
            _ => part,
        };
        if ours {
            directive(word, found);
        }
    }
}

/// Directives that have a value of their own.
fn takes_value(name: &str) -> bool {
    ["max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"].iter().any(|own| name.eq_ignore_ascii_case(own))
}

fn directive(word: &str, found: &mut Vec<String>) {
    let word: String = word.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    let word = match word.as_str() {
        "none" => "noindex",
        "nocache" => "noarchive",
        "max-snippet:0" => "nosnippet",
        word => word,
    };
    if WORDS.contains(&word) && word != "tdm" {
        keep(word, found);
    }
}

fn tdm(name: &str, value: &str, found: &mut Vec<String>) {
    let value = value.trim();
    match name {
        "tdm-reservation" if value == "1" => keep("tdm", found),
        "tdm-policy" if !value.is_empty() && value.len() <= LONGEST && !value.contains(char::is_control) => {
            keep(&format!("tdm-policy: {value}"), found);
        }
        _ => {}
    }
}

fn keep(word: &str, found: &mut Vec<String>) {
    if !found.iter().any(|known| known == word) && found.len() < 16 {
        found.push(word.to_owned());
    }
}
