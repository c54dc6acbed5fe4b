//! The illustration: declared and shown before only declared, never a logo or a placeholder.

use super::choice::Choice;
use super::{Gathered, Origin};
use crate::address;
use crate::article::page::Page;
use crate::model::Url;

/// Words in a file's name or folder that make a picture the site's and not the article's.
const STAND_INS: [&str; 14] = [
    "logo",
    "placeholder",
    "default-image",
    "default_image",
    "image-default",
    "defaultimage",
    "no-image",
    "noimage",
    "no_image",
    "fallback",
    "favicon",
    "apple-touch-icon",
    "spacer",
    "blank.gif",
];

/// The declared illustration that the article shows too, else the first declared; an `<img>` alone is the last resort.
pub(super) fn decide(page: &Page, gathered: &Gathered) -> (Option<Url>, Choice) {
    let candidates = &gathered.image;
    let mut choice = Choice::default();
    let mut usable: Vec<(usize, Url)> = Vec::new();
    for (at, candidate) in candidates.iter().enumerate() {
        match address::resolve(Some(&page.base), &candidate.value) {
            Some(_) if is_stand_in(&candidate.value) => choice.object(at, "a logo or a placeholder"),
            Some(url) => usable.push((at, url)),
            None => choice.object(at, "no address of a picture"),
        }
    }
    let is_shown = |at: usize| candidates[at].origin == Origin::Markup;
    let shown: Vec<String> = (0..candidates.len()).filter(|at| is_shown(*at)).map(|at| file(&candidates[at].value)).collect();
    let declared = || usable.iter().filter(|(at, _)| !is_shown(*at));
    let (found, rule) = match declared().find(|(at, _)| shown.contains(&file(&candidates[*at].value))) {
        Some(both) => (Some(both), "declared, and the article shows it"),
        None => match declared().next() {
            Some(first) => (Some(first), "the first declared"),
            None => (usable.first(), "nothing is declared: the first picture of the article"),
        },
    };
    if let Some((at, _)) = found {
        choice.winners.push(*at);
        choice.rule = rule;
    }
    (found.map(|(_, url)| url.clone()), choice)
}

fn is_stand_in(reference: &str) -> bool {
    let path = reference.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    let word = |word: &str| {
        name.find(word).is_some_and(|at| {
            let before = name[..at].chars().next_back();
            let after = name[at + word.len()..].chars().next();
            // "catalogo" is no logo.
            !before.is_some_and(char::is_alphabetic) && !after.is_some_and(char::is_alphabetic)
        })
    };
    STAND_INS.iter().any(|stand_in| word(stand_in))
}

/// The file's name of a picture without the size that a thumbnail carries in it.
fn file(reference: &str) -> String {
    let path = reference.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let mut parts = name.split(['-', '_', '.']).collect::<Vec<_>>();
    parts.retain(|part| {
        !part.split_once('x').is_some_and(|(width, height)| {
            !width.is_empty() && [width, height].iter().all(|side| side.bytes().all(|b| b.is_ascii_digit()))
        }) && !part.bytes().all(|b| b.is_ascii_digit() && part.len() <= 4)
    });
    parts.join("-")
}
