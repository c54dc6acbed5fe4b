//! Who wrote it: persons over organisations, the most trusted place first, completed where another names the same and more.

use super::choice::Choice;
use super::likeness::{fold, same, tidy};
use super::{Candidate, Gathered, Named, Origin};
use crate::address;
use crate::article::byline::{self, Party};
use crate::article::page::Page;

/// What stands behind the name of an organisation where authors are written out.
pub(in crate::article) const ORGANISATION: &str = "(organisation)";

/// Names more than the trusted place has that another may add: a list that is longer by more is the desk's.
const MOST_ADDED: usize = 3;

/// A party that bears the site's own name is no person: its first word or its initials are the site's label.
/// (A last word may be: people have sites of their own.) Nor is one that structured data call an organisation.
pub(super) fn unmask_outlets(page: &Page, gathered: &mut Gathered) {
    let domain = address::registrable_domain(&page.url);
    let typed: Vec<String> = gathered
        .named
        .iter()
        .filter(|named| named.origin == Origin::JsonLd)
        .flat_map(|named| &named.parties)
        .filter(|party| !party.person)
        .map(|party| fold(&party.name))
        .collect();
    let label = fold(domain.split('.').next().unwrap_or_default()).replace(' ', "");
    for party in gathered.named.iter_mut().filter(|named| named.origin != Origin::Operator).flat_map(|named| &mut named.parties) {
        let folded = fold(&party.name);
        let initials: String = folded.split(' ').filter_map(|word| word.chars().next()).collect();
        let word = label.chars().count() >= 3 && folded.split(' ').next() == Some(label.as_str());
        if word || typed.contains(&folded) || label.chars().count() >= 2 && initials == label {
            party.person = false;
        }
    }
}

/// A line that says what the headline says names nobody, however short the headline is.
pub(super) fn unmask_title(title: Option<&str>, gathered: &mut Gathered) {
    let Some(title) = title else { return };
    for named in gathered.named.iter_mut().filter(|named| named.origin == Origin::Line) {
        named.parties.retain(|party| !same(&party.name, title));
    }
}

/// Persons; where nobody is named, the organisation that signs.
pub(super) fn decide(gathered: &mut Gathered) -> (Vec<String>, Choice) {
    gathered.authors = gathered.named.iter().map(written_out).collect();
    let lists: Vec<(usize, Vec<String>)> = gathered
        .named
        .iter()
        .enumerate()
        .map(|(at, named)| (at, distinct(named.parties.iter().filter(|party| party.person))))
        .filter(|(_, names)| !names.is_empty())
        .collect();
    let selected = gathered.named.iter().position(|named| named.origin == Origin::Operator);
    let (names, mut choice) = match (selected, lists.first()) {
        (Some(at), _) => {
            let persons = lists.iter().find(|(place, _)| *place == at).map(|(_, names)| names.clone());
            let names = persons.unwrap_or_else(|| distinct(gathered.named[at].parties.iter()));
            (names, Choice::of(at, "the source's selector decides"))
        }
        (None, Some((at, names))) => match lists.iter().find(|(other, others)| is_fuller(&gathered.named[*other], names, others)) {
            Some((other, others)) => {
                let rule = "the most trusted place is completed by one that names the same persons and more";
                (others.clone(), Choice { winners: vec![*other, *at], rule, objections: Vec::new() })
            }
            None => (names.clone(), Choice::of(*at, "the most trusted place that names persons")),
        },
        (None, None) => outlets(gathered),
    };
    for (at, named) in gathered.named.iter().enumerate() {
        if !choice.winners.contains(&at) && !named.parties.iter().any(|party| party.person) {
            choice.object(at, "names no person");
        }
    }
    (names, choice)
}

/// Whether a declared place names the same persons and some more.
fn is_fuller(named: &Named, names: &[String], others: &[String]) -> bool {
    let declared = named.origin == Origin::Meta || named.origin == Origin::Markup && named.label.contains("=author");
    declared
        && others.len() > names.len()
        && others.len() <= names.len() + MOST_ADDED
        && names.iter().all(|name| others.iter().any(|other| same(name, other)))
}

/// The organisation that signs: an agency or a desk before the outlet itself, which signs everything.
fn outlets(gathered: &Gathered) -> (Vec<String>, Choice) {
    let own = |name: &str| {
        let letters = fold(name).replace(' ', "");
        gathered.organisations.iter().any(|known| same(known, name))
            || gathered.host.split('.').any(|label| label.chars().count() > 3 && letters.starts_with(&label.replace('-', "")))
    };
    let mut lists: Vec<(usize, Vec<String>)> = Vec::new();
    for (at, named) in gathered.named.iter().enumerate().filter(|(_, named)| named.origin != Origin::Line) {
        // A class that says "author" may hold any short text: only agencies are believed there.
        let declared = named.origin != Origin::Markup || named.label.contains("=author");
        let names = distinct(named.parties.iter().filter(|party| !party.person && (declared || byline::is_agency(&party.name))));
        if !names.is_empty() {
            lists.push((at, names));
        }
    }
    let foreign = lists.iter().find(|(_, names)| !names.iter().any(|name| own(name)));
    match foreign.or(lists.first()) {
        Some((at, names)) => (names.clone(), Choice::of(*at, "nobody is named: the organisation that signs")),
        None => (Vec::new(), Choice::default()),
    }
}

/// One place's parties in one text.
fn written_out(named: &Named) -> Candidate {
    let names: Vec<String> = named
        .parties
        .iter()
        .map(|party| if party.person { party.name.clone() } else { format!("{} {ORGANISATION}", party.name) })
        .collect();
    Candidate { origin: named.origin, label: named.label, value: names.join("; ") }
}

/// Each name once, the first writing kept.
fn distinct<'a>(parties: impl Iterator<Item = &'a Party>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for party in parties {
        if !kept.iter().any(|known| same(known, &party.name)) {
            kept.push(tidy(&party.name));
        }
    }
    kept
}

/// The agency that some place names as author.
pub(super) fn agency(gathered: &Gathered) -> Option<(Origin, &'static str, String)> {
    gathered.named.iter().find_map(|named| {
        let party = named.parties.iter().find(|party| !party.person && byline::is_agency(&party.name))?;
        Some((named.origin, named.label, party.name.clone()))
    })
}
