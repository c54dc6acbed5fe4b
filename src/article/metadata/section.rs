//! The section and the keywords.

use super::choice::Choice;
use super::likeness::{fold, same, similarity, tidy};
use super::marks::Marks;
use super::{Candidate, Gathered, Origin};
use crate::model::Url;

/// Most keywords kept.
const MOST_TAGS: usize = 40;

/// What a breadcrumb or a menu calls the front page.
const FRONT_PAGES: [&str; 24] = [
    "home",
    "homepage",
    "startseite",
    "start",
    "accueil",
    "inicio",
    "portada",
    "home page",
    "glavnaya",
    "главная",
    "головна",
    "ana sayfa",
    "anasayfa",
    "ana səhifə",
    "news home",
    "front page",
    "titelseite",
    "pagina iniziale",
    "strona glowna",
    "الرئيسية",
    "होम",
    "ホーム",
    "홈",
    "首页",
];

/// Who is asked for the section, in order: declared, then what stands at the headline, then the breadcrumb, then the address.
const ORDER: [(Origin, &str, &str); 9] = [
    (Origin::Operator, "", "the source's selector decides"),
    (Origin::JsonLd, "articleSection", "declared for machines"),
    (Origin::Meta, "", "declared for machines"),
    (Origin::Line, "", "stands on the date line, and the navigation names it"),
    (Origin::Markup, "category", "marked as the article's category"),
    (Origin::JsonLd, "breadcrumb", "the way from the front page"),
    (Origin::Markup, "breadcrumb", "the way from the front page"),
    (Origin::Markup, "", "stands at the headline"),
    (Origin::Address, "", "the address has it, and the navigation names it"),
];

/// The section.
pub(super) fn decide(url: &Url, marks: &Marks, gathered: &mut Gathered, title: Option<&str>) -> (Option<String>, Choice) {
    if let Some(section) = of_address(url, marks) {
        gathered.section.push(Candidate { origin: Origin::Address, label: "path", value: section });
    }
    let mut choice = Choice::default();
    let objections: Vec<Option<&'static str>> =
        gathered.section.iter().map(|candidate| objection(&candidate.value, gathered, title)).collect();
    for (at, objection) in objections.iter().enumerate() {
        if let Some(objection) = objection {
            choice.object(at, objection);
        }
    }
    for (origin, label, rule) in ORDER {
        let fits = |candidate: &Candidate| candidate.origin == origin && (label.is_empty() || candidate.label == label);
        let found = (0..objections.len()).find(|at| objections[*at].is_none() && fits(&gathered.section[*at]));
        if let Some(at) = found {
            choice.winners.push(at);
            choice.rule = rule;
            return (Some(gathered.section[at].value.clone()), choice);
        }
    }
    (None, choice)
}

/// Why a text is no section's name.
fn objection(value: &str, gathered: &Gathered, title: Option<&str>) -> Option<&'static str> {
    let folded = fold(value);
    if !(2..=60).contains(&value.chars().count()) || value.starts_with("http") || value.contains('/') {
        return Some("no name of a section");
    }
    if value.chars().all(|c| c.is_ascii_digit() || c.is_whitespace()) {
        return Some("no name of a section");
    }
    if FRONT_PAGES.contains(&folded.as_str()) || FRONT_PAGES.contains(&value) {
        return Some("the front page");
    }
    if gathered.organisations.iter().any(|name| fold(name) == folded) {
        return Some("the site's own name");
    }
    title.is_some_and(|title| similarity(title, value) >= 0.6).then_some("the headline")
}

fn of_address(url: &Url, marks: &Marks) -> Option<String> {
    let segments: Vec<&str> = url.path_segments()?.filter(|segment| !segment.is_empty()).collect();
    let (_, sections) = segments.split_last()?;
    sections.iter().take(3).map(|segment| segment.replace(['-', '_'], " ")).filter(|segment| segment.chars().count() > 2).find_map(
        |segment| {
            marks.navigates_to(&segment).then(|| {
                let mut letters = segment.chars();
                letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
            })
        },
    )
}

/// Keywords, each once, without internal codes; further sections are keywords too.
pub(super) fn tags(gathered: &mut Gathered, section: Option<&str>, title: Option<&str>) -> (Vec<String>, Choice) {
    let extra: Vec<Candidate> = gathered
        .section
        .iter()
        .filter(|candidate| matches!(candidate.label, "category" | "articleSection"))
        .filter(|candidate| Some(candidate.value.as_str()) != section)
        .cloned()
        .collect();
    gathered.tags.extend(extra);
    let page = gathered.tags.iter().any(|candidate| candidate.origin != Origin::Entry);
    let mut choice = Choice { rule: "all that the page names, each once", ..Choice::default() };
    let mut tags: Vec<String> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for (at, candidate) in gathered.tags.iter().enumerate() {
        let folded = fold(&candidate.value);
        let objection = if page && candidate.origin == Origin::Entry {
            "the page names its own"
        } else if !is_tag(&candidate.value) {
            "a code, not a word for readers"
        } else if title.is_some_and(|title| same(title, &candidate.value)) {
            "the headline"
        } else if folded.is_empty() || seen.contains(&folded) {
            "named before"
        } else if tags.len() >= MOST_TAGS {
            "one too many"
        } else {
            seen.push(folded);
            tags.push(tidy(&candidate.value));
            choice.winners.push(at);
            continue;
        };
        choice.object(at, objection);
    }
    (tags, choice)
}

/// A keyword a reader would understand: not a code, not a sentence.
fn is_tag(tag: &str) -> bool {
    let length = tag.chars().count();
    let digits = tag.bytes().filter(u8::is_ascii_digit).count();
    let code = tag.contains("://")
        || tag.starts_with(['{', '[', '<'])
        || !tag.contains(' ') && tag.contains([':', '='])
        || digits >= 6 && digits * 2 > length;
    let underscored = tag.contains('_') && !tag.contains(' ');
    (2..=100).contains(&length) && !code && !underscored && tag.chars().any(char::is_alphabetic)
}
