//! The headline: the page's own, without kicker and site name, in the spelling the page's witnesses agree on.

use super::likeness::{fold, same, similarity, tidy};
use super::{Candidate, Gathered, Origin};

/// Marks that stand between a headline and the site's name.
const SEPARATORS: [&str; 11] = [" | ", " - ", " – ", " — ", " :: ", " » ", " « ", " • ", " · ", " // ", " ‹ "];

/// The headline on the page, then the one it declares, then `<title>` less the site's name.
pub(super) fn decide(gathered: &Gathered) -> Option<String> {
    let of = |labels: &[&str]| gathered.title.iter().find(|candidate| labels.contains(&candidate.label));
    if let Some(title) = gathered.title.iter().find(|candidate| candidate.origin == Origin::Operator) {
        return Some(title.value.clone());
    }
    let shown = of(&["h1"]).map(|candidate| candidate.value.clone());
    let structured = of(&["headline"]);
    let declared = gathered.title.iter().find(|candidate| candidate.origin == Origin::Meta);
    let window = of(&["title"]);
    let bare = |candidate: &Candidate| without_site(&candidate.value, gathered);
    let (structured, declared, window) = (structured.map(bare), declared.map(bare), window.map(bare));
    let named = gathered.title.iter().find(|candidate| candidate.origin == Origin::JsonLd).map(bare);
    let entry = gathered.title.iter().find(|candidate| candidate.origin == Origin::Entry).map(bare);
    let Some(shown) = shown else {
        return structured.or(declared).or(named).or(entry).or(window);
    };
    let witnesses: Vec<&String> = [&structured, &declared, &entry, &window].into_iter().flatten().collect();
    if let Some(first_filed) = &structured
        && !same(first_filed, &shown)
    {
        // The address spells the declared headline, not the one of the moment.
        if spelt(&gathered.path, first_filed) >= 0.8 && spelt(&gathered.path, &shown) < 0.5 {
            return structured;
        }
    }
    // The same words: the witnesses' spelling has the colon that a line break stands for on the page.
    if let Some(witness) = witnesses.iter().find(|witness| same(witness, &shown)) {
        return Some(if punctuation(witness) > punctuation(&shown) { (*witness).clone() } else { shown });
    }
    if let (Some(structured), Some(declared)) = (&structured, &declared)
        && gathered.title.iter().any(|candidate| candidate.origin == Origin::JsonLd)
        && same(structured, declared)
    {
        // Both declare the headline without what stands before it on the page: a kicker in the same element.
        let kicker = before(&shown, structured);
        // Both declare it with what stands beside it: the topic belongs to it, a section's name does not.
        let topic = before(structured, &shown).filter(|topic| !gathered.section.iter().any(|section| same(&section.value, topic)));
        if kicker.is_some() || topic.is_some() {
            return Some(structured.clone());
        }
    }
    // A heading nobody else knows of is a live ticker's, a teaser's or a subtitle's.
    let supported = witnesses
        .iter()
        .any(|witness| similarity(witness, &shown) >= 0.5 || contains(witness, &shown) || contains(&shown, witness));
    if !supported
        && let Some(witness) =
            [&structured, &declared].into_iter().flatten().find(|one| witnesses.iter().filter(|other| same(one, other)).count() > 1)
    {
        return Some(witness.clone());
    }
    Some(shown)
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
