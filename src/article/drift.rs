//! Whether a source's pages are still read as they were: against its own history, never against a rule for all.
//!
//! What is compared is robust: shares by the binomial tail of the latest pages, lengths by how many of them fall below what nine
//! of ten pages reached. An alarm asks for both an improbable and a large change, and for more than the history itself ever
//! showed, since agencies have days without bylines and hours of briefs.

use crate::model::{Article, Drift, Facet, Provenance, Shape};

use super::Rules;

/// Fewest pages of history before anything is said.
const HISTORY: usize = 30;
/// How many of the latest pages are looked at, each number by itself.
const SPANS: [usize; 6] = [6, 9, 12, 15, 18, 20];
/// How the provenance of a field begins that the operator's selector gave.
const OPERATOR: &str = "operator";
/// How improbable the latest pages have to be, if nothing had changed.
const IMPROBABLE: f64 = 2e-6;
/// Bodies that are this much shorter, or longer, than they were have collapsed, or swallowed the page.
const MUCH: f64 = 2.0;

/// How a page was read.
pub fn shape(article: &Article, rules: &Rules) -> Shape {
    let missed = article.notes.iter().any(|note| note.detail.contains("selector matches no")) || misses(article, rules);
    let characters: usize = article.body.iter().map(|line| line.chars().count()).sum();
    let asked = [&rules.body, &rules.title, &rules.authors, &rules.published, &rules.section].into_iter().any(Option::is_some);
    // What signs where nobody is named is no byline: it stays when a layout loses the names.
    let signs = |provenance: &Provenance| provenance.field == "authors" && provenance.from.ends_with("(organisation)");
    Shape {
        characters: u32::try_from(characters).unwrap_or(u32::MAX),
        authors: !article.authors.is_empty() && !article.provenance.iter().any(signs),
        dated: article.published.is_some(),
        selectors: !asked || !missed,
    }
}

/// Whether a field that the operator has a selector for came from elsewhere.
fn misses(article: &Article, rules: &Rules) -> bool {
    let asked =
        [("title", &rules.title), ("authors", &rules.authors), ("published", &rules.published), ("section", &rules.section)];
    // A reader that keeps no provenance tells nothing.
    !article.provenance.is_empty()
        && asked.into_iter().filter(|(_, selector)| selector.is_some()).any(|(field, _)| {
            let by_operator = |won: &Provenance| won.field == field && won.from.starts_with(OPERATOR);
            !article.provenance.iter().any(by_operator)
        })
}

/// The facets in which the latest pages differ from those before. `before` ends where an alarm began, if there is one: what is
/// wrong does not become the custom; `lately` is what came after, the oldest first, or, without an alarm, empty.
pub fn drifts(before: &[Shape], lately: &[Shape]) -> Vec<Drift> {
    let all: Vec<Shape> = before.iter().chain(lately).copied().collect();
    let mut out = Vec::new();
    for facet in Facet::ALL {
        let found = SPANS.iter().find_map(|span| {
            let from = all.len().checked_sub(*span)?;
            let history = &all[..from.min(before.len())];
            if history.len() < HISTORY {
                return None;
            }
            drift(facet, history, &all[from..])
        });
        out.extend(found);
    }
    out
}

/// Whether one facet of these pages left its history.
fn drift(facet: Facet, history: &[Shape], lately: &[Shape]) -> Option<Drift> {
    match facet {
        Facet::Body => length(history, lately),
        Facet::Selectors => share(facet, history, lately, |shape| shape.selectors),
        Facet::Authors => share(facet, history, lately, |shape| shape.authors),
        Facet::Dates => share(facet, history, lately, |shape| shape.dated),
    }
}

/// A share that collapsed.
fn share(facet: Facet, history: &[Shape], lately: &[Shape], is: fn(&Shape) -> bool) -> Option<Drift> {
    let count = |shapes: &[Shape]| shapes.iter().filter(|shape| is(shape)).count();
    let was = count(history) as f64 / history.len() as f64;
    // As if a page without had been seen more than was: a short history is not certain.
    let cautious = count(history) as f64 / (history.len() + 2) as f64;
    let now = count(lately);
    if at_most(now, lately.len(), cautious) >= IMPROBABLE {
        return None;
    }
    let lowest = history.windows(lately.len()).map(count).min().unwrap_or(0);
    (2 * now < lowest.max(1)).then(|| Drift { facet, was, is: now as f64 / lately.len() as f64, pages: lately.len() as u32 })
}

/// Lengths that collapsed, or grew beyond measure.
fn length(history: &[Shape], lately: &[Shape]) -> Option<Drift> {
    let sorted = |shapes: &[Shape]| {
        let mut lengths: Vec<u32> = shapes.iter().map(|shape| shape.characters).collect();
        lengths.sort_unstable();
        lengths
    };
    let (then, now) = (sorted(history), sorted(lately));
    let (was, is) = (f64::from(then[then.len() / 2]), f64::from(now[now.len() / 2]));
    if is * MUCH >= was && is <= was * MUCH {
        return None;
    }
    let (low, high) = (then[then.len() / 10], then[then.len() * 9 / 10]);
    let under = now.iter().filter(|length| **length < low).count();
    let over = now.iter().filter(|length| **length > high).count();
    // Nine of ten pages were within, so that many outside are as improbable as so many hits of one in ten (one in eight, to be
    // cautious).
    let improbable = |outside: usize| at_most(now.len() - outside, now.len(), 0.875) < IMPROBABLE;
    let medians = history.windows(lately.len()).step_by((lately.len() / 3).max(1)).map(|window| {
        let window = sorted(window);
        f64::from(window[window.len() / 2])
    });
    let (least, most) = medians.fold((f64::MAX, 0.0_f64), |(least, most), median| (least.min(median), most.max(median)));
    let collapsed = is * MUCH < was && is < 0.8 * least && improbable(under);
    let swollen = is > was * MUCH && is > 1.25 * most && improbable(over);
    (collapsed || swollen).then_some(Drift { facet: Facet::Body, was, is, pages: lately.len() as u32 })
}

/// The probability of at most `hits` of `count`, each with probability `p`.
fn at_most(hits: usize, count: usize, p: f64) -> f64 {
    let p = p.clamp(0.0, 1.0);
    // Shares of one have a tail of nothing: no page without was ever seen, and one may come.
    let p = p.min(0.98);
    let mut term = (1.0 - p).powi(i32::try_from(count).unwrap_or(i32::MAX));
    let mut sum = term;
    for hit in 0..hits {
        term *= (count - hit) as f64 / (hit + 1) as f64 * p / (1.0 - p);
        sum += term;
    }
    sum
}
