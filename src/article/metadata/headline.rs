//! The headline: the page's own, without kicker and site name, in the spelling the page's witnesses agree on.

use super::choice::Choice;
use super::likeness::{fold, same, similarity, tidy};
use super::{Candidate, Gathered, Origin};

/// Marks that stand between a headline and the site's name.
const SEPARATORS: [&str; 11] = [" | ", " - ", " – ", " — ", " :: ", " » ", " « ", " • ", " · ", " // ", " ‹ "];

/// Letters from which on a word tells what a text is about.
const TELLING: usize = 5;

/// A title that some place gives: its place among the candidates, and its text without the site's name.
#[derive(Clone)]
struct Given {
    at: usize,
    text: String,
}

/// The witnesses of the headline.
struct Witnesses {
    /// The heading on the page.
    shown: Option<Given>,
    /// `headline` of the structured data.
    structured: Option<Given>,
    /// The first of the `<meta>` elements.
    declared: Option<Given>,
    /// `og:title`, by which editors write for sharing.
    shared: Option<Given>,
    /// `twitter:title`.
    tweeted: Option<Given>,
    /// `<title>`, by which they write for search engines.
    window: Option<Given>,
    /// A name that structured data gives.
    named: Option<Given>,
    entry: Option<Given>,
}

impl Witnesses {
    fn of(gathered: &Gathered) -> Witnesses {
        let find = |fits: &dyn Fn(&Candidate) -> bool| {
            let at = gathered.title.iter().position(fits)?;
            Some(Given { at, text: without_site(&gathered.title[at].value, gathered) })
        };
        let shown = gathered.title.iter().position(|candidate| candidate.label == "h1");
        Witnesses {
            shown: shown.map(|at| Given { at, text: gathered.title[at].value.clone() }),
            structured: find(&|candidate| candidate.label == "headline"),
            declared: find(&|candidate| candidate.origin == Origin::Meta),
            shared: find(&|candidate| candidate.label == "og:title"),
            tweeted: find(&|candidate| candidate.label == "twitter:title"),
            window: find(&|candidate| candidate.label == "title" && candidate.origin == Origin::Markup),
            named: find(&|candidate| candidate.origin == Origin::JsonLd),
            entry: find(&|candidate| candidate.origin == Origin::Entry),
        }
    }
}

/// The headline on the page, then the one it declares, then `<title>` less the site's name.
pub(super) fn decide(gathered: &Gathered) -> (Option<String>, Choice) {
    if let Some(at) = gathered.title.iter().position(|candidate| candidate.origin == Origin::Operator) {
        return (Some(gathered.title[at].value.clone()), Choice::of(at, "the source's selector decides"));
    }
    let witnesses = Witnesses::of(gathered);
    let Witnesses { structured, declared, window, named, entry, .. } = &witnesses;
    let (given, rule) = match &witnesses.shown {
        Some(shown) => of_shown(shown, &witnesses, gathered),
        None => {
            let first = [structured, declared, named, entry, window].into_iter().flatten().next();
            let Some(first) = first else { return (None, Choice::default()) };
            (first.clone(), "the page shows none: the first declared, without the site's name")
        }
    };
    (Some(given.text), Choice::of(given.at, rule))
}

/// The headline of a page that shows one: that, unless its witnesses know better.
fn of_shown(shown: &Given, witnesses: &Witnesses, gathered: &Gathered) -> (Given, &'static str) {
    let Witnesses { structured, declared, window, entry, .. } = witnesses;
    let others: Vec<&Given> = [structured, declared, entry, window].into_iter().flatten().collect();
    if let Some(first_filed) = structured
        && !same(&first_filed.text, &shown.text)
        && spelt(&gathered.path, &first_filed.text) >= 0.8
        && spelt(&gathered.path, &shown.text) < 0.5
    {
        return (first_filed.clone(), "the address spells the declared headline, not the one of the moment");
    }
    if let Some(shared) = by_hand(shown, witnesses, gathered) {
        return (shared, "the editors' own: the page shows the one that is written for search engines");
    }
    if let Some(shared) = without_topic(shown, witnesses) {
        return (shared, "the headline without the topic before it");
    }
    // The same words: the witnesses' spelling has the colon that a line break stands for on the page.
    if let Some(witness) = others.iter().find(|witness| same(&witness.text, &shown.text)) {
        if punctuation(&witness.text) > punctuation(&shown.text) {
            return ((*witness).clone(), "the page's headline, in the spelling with the marks");
        }
        return (shown.clone(), "the page's headline, and others say the same");
    }
    if let Some(structured) = agreed_without_kicker(shown, witnesses, gathered) {
        return (structured, "declared twice, with or without what stands before it on the page");
    }
    // A heading nobody else knows of is a live ticker's, a teaser's or a subtitle's.
    let supported = others.iter().any(|witness| {
        similarity(&witness.text, &shown.text) >= 0.5
            || contains(&witness.text, &shown.text)
            || contains(&shown.text, &witness.text)
    });
    let twice = |one: &&Given| others.iter().filter(|other| same(&one.text, &other.text)).count() > 1;
    if !supported && let Some(witness) = [structured, declared].into_iter().flatten().find(twice) {
        return (witness.clone(), "nobody knows the heading on the page, and two agree on this");
    }
    (shown.clone(), "the page's headline")
}

/// `og:title` where only it differs: the heading, the window and whoever else speaks have the words for search engines.
fn by_hand(shown: &Given, witnesses: &Witnesses, gathered: &Gathered) -> Option<Given> {
    let shared = witnesses.shared.as_ref()?;
    let window = witnesses.window.as_ref()?;
    let agrees = |other: &Option<Given>| other.as_ref().is_none_or(|other| same(&other.text, &shown.text));
    let apart = !same(&shared.text, &shown.text) && !contains(&shared.text, &shown.text) && !contains(&shown.text, &shared.text);
    if !apart || !same(&window.text, &shown.text) || !agrees(&witnesses.tweeted) || shared.text.split_whitespace().count() < 4 {
        return None;
    }
    // A site may give all its pages one title: this one's speaks of the article.
    let words = fold(&shared.text);
    let about: Vec<String> = std::iter::once(&shown.text)
        .chain(gathered.summary.iter().take(4).map(|candidate| &candidate.value))
        .chain(std::iter::once(&gathered.path))
        .map(|text| fold(text))
        .collect();
    let telling = words.split(' ').filter(|word| word.chars().count() >= TELLING).any(|word| {
        about.iter().any(|text| text.split(' ').any(|other| other == word || other.chars().count() > 7 && other.starts_with(word)))
    });
    telling.then(|| shared.clone())
}

/// The declared headline where the shown one is "Topic: headline", or only the topic of what all declare.
fn without_topic(shown: &Given, witnesses: &Witnesses) -> Option<Given> {
    let (shared, window) = (witnesses.shared.as_ref()?, witnesses.window.as_ref()?);
    // On the page a line break may stand for the colon.
    let spellings = [Some(shown), witnesses.structured.as_ref(), witnesses.tweeted.as_ref(), Some(window)];
    let mut spellings = spellings.into_iter().flatten().filter(|one| same(&one.text, &shown.text));
    let topical = spellings.any(|one| one.text.split_once(": ").is_some_and(|(_, tail)| same(tail, &shared.text)));
    if topical && shared.text.split_whitespace().count() >= 3 {
        return Some(shared.clone());
    }
    let whole = shared.text.split_once(": ").is_some_and(|(topic, _)| same(topic, &shown.text));
    (whole && same(&shared.text, &window.text)).then(|| shared.clone())
}

/// Both declare the headline without what stands before it on the page, a kicker in the same element; or with what
/// stands beside it: the topic belongs to it, a section's name does not.
fn agreed_without_kicker(shown: &Given, witnesses: &Witnesses, gathered: &Gathered) -> Option<Given> {
    let (structured, declared) = (witnesses.structured.as_ref()?, witnesses.declared.as_ref()?);
    if !gathered.title.iter().any(|candidate| candidate.origin == Origin::JsonLd) || !same(&structured.text, &declared.text) {
        return None;
    }
    let kicker = before(&shown.text, &structured.text);
    let topic =
        before(&structured.text, &shown.text).filter(|topic| !gathered.section.iter().any(|section| same(&section.value, topic)));
    (kicker.is_some() || topic.is_some()).then(|| structured.clone())
}

/// How much of a title the address spells, 0 to 1.
fn spelt(path: &str, title: &str) -> f64 {
    let transcribed: String = title
        .chars()
        .map(|c| match c {
            'ä' | 'Ä' => "ae".to_owned(),
            'ö' | 'Ö' => "oe".to_owned(),
            'ü' | 'Ü' => "ue".to_owned(),
            c => c.to_string(),
        })
        .collect();
    path.split('/')
        .filter(|segment| segment.matches(['-', '_']).count() >= 3)
        .map(|segment| similarity(segment, title).max(similarity(segment, &transcribed)))
        .fold(0.0, f64::max)
}

/// What `whole` has before `tail`, folded, when it ends in it.
fn before(whole: &str, tail: &str) -> Option<String> {
    let (whole, tail) = (fold(whole), fold(tail));
    let head = whole.strip_suffix(&tail)?;
    (!tail.is_empty() && head.ends_with(' ') && head.split_whitespace().count() <= 6).then(|| head.trim().to_owned())
}

fn contains(whole: &str, part: &str) -> bool {
    let part = fold(part);
    part.split(' ').count() >= 3 && fold(whole).contains(&part)
}

fn punctuation(text: &str) -> usize {
    text.chars().filter(|c| matches!(c, ':' | '/' | '|' | '–' | '—' | '?' | '!')).count()
}

/// A title without the site's name at its end or head: the part behind a separator that is the site's
/// name, or that another headline of the page does without.
pub(super) fn without_site(title: &str, gathered: &Gathered) -> String {
    let others: Vec<&str> = gathered
        .title
        .iter()
        .map(|candidate| candidate.value.as_str())
        .filter(|other| *other != title && other.chars().count() > 8)
        .collect();
    let is_site = |part: &str| {
        gathered.organisations.iter().any(|name| same(name, part) || similarity(name, part) >= 0.8) || site_word(part, gathered)
    };
    let mut title = tidy(title);
    for _ in 0..3 {
        if others.iter().any(|other| same(other, &title)) && !cut_last(&title).is_some_and(|(_, tail)| is_site(tail)) {
            break;
        }
        if let Some((head, tail)) = cut_last(&title) {
            let shared = others.iter().any(|other| same(other, head));
            if is_site(tail) || shared {
                title = head.to_owned();
                continue;
            }
        }
        if let Some((head, tail)) = cut_first(&title)
            && (is_site(head) || others.iter().any(|other| same(other, tail)) && head.split_whitespace().count() <= 4)
        {
            title = tail.to_owned();
            continue;
        }
        break;
    }
    title
}

/// Whether a part of a title is the site's name as far as its address tells: `Talk Android` of `talkandroid.com`.
fn site_word(part: &str, gathered: &Gathered) -> bool {
    let letters: String = fold(part).chars().filter(|c| c.is_alphanumeric()).collect();
    letters.len() >= 3
        && gathered.host.split('.').any(|label| {
            label.replace('-', "") == letters
                || letters.strip_suffix("com") == Some(label)
                || gathered.host.replace(['.', '-'], "").ends_with(&letters)
        })
}

fn cut_last(title: &str) -> Option<(&str, &str)> {
    let (at, length) = SEPARATORS
        .iter()
        .filter_map(|separator| title.rfind(separator).map(|at| (at, separator.len())))
        .max_by_key(|(at, _)| *at)?;
    let (head, tail) = (title[..at].trim(), title[at + length..].trim());
    (!head.is_empty() && !tail.is_empty()).then_some((head, tail))
}

fn cut_first(title: &str) -> Option<(&str, &str)> {
    let (at, length) = SEPARATORS
        .iter()
        .filter_map(|separator| title.find(separator).map(|at| (at, separator.len())))
        .min_by_key(|(at, _)| *at)?;
    let (head, tail) = (title[..at].trim(), title[at + length..].trim());
    (!head.is_empty() && !tail.is_empty()).then_some((head, tail))
}
