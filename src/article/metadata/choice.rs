//! What became of a field's candidates: who won, by which rule, and why the others did not.

use super::authors::ORGANISATION;
use super::likeness::fold;
use super::{Candidate, Gathered, Origin};
use crate::article::explain::{Evidence, Ruling};
use crate::model::Provenance;

/// How one field was decided.
#[derive(Debug, Clone, Default)]
pub(super) struct Choice {
    /// The places of the winners in the field's list, the one that gave the value first.
    pub(super) winners: Vec<usize>,
    /// The rule that decided, in words.
    pub(super) rule: &'static str,
    /// What stood against candidates, by their place.
    pub(super) objections: Vec<(usize, &'static str)>,
}

impl Choice {
    /// One candidate won.
    pub(super) fn of(winner: usize, rule: &'static str) -> Choice {
        Choice { winners: vec![winner], rule, objections: Vec::new() }
    }

    /// Says what stands against a candidate.
    pub(super) fn object(&mut self, candidate: usize, objection: &'static str) {
        self.objections.push((candidate, objection));
    }
}

/// How every field was decided, in the order of the article's fields.
pub(in crate::article) type Choices = Vec<(&'static str, Choice)>;

/// The evidence that won each field, for the article.
pub(super) fn provenance(gathered: &Gathered, choices: &Choices) -> Vec<Provenance> {
    let winner = |(field, choice): &(&'static str, Choice)| {
        let candidate = gathered.field(field)?.get(*choice.winners.first()?)?;
        // Nobody is named: what signs is worth less than a person, to whoever watches a source's bylines.
        let signs = *field == "authors" && candidate.value.split("; ").all(|name| name.ends_with(ORGANISATION));
        let from = if signs { format!("{} {ORGANISATION}", place(candidate)) } else { place(candidate) };
        Some(Provenance { field: (*field).to_owned(), from })
    };
    choices.iter().filter_map(winner).collect()
}

/// Every candidate of every field with what became of it.
pub(super) fn rulings(gathered: &Gathered, choices: &Choices) -> Vec<Ruling> {
    let ruling = |(field, choice): &(&'static str, Choice)| {
        let candidates = gathered.field(field)?;
        let winner = choice.winners.first().and_then(|index| candidates.get(*index));
        let evidence = candidates.iter().enumerate().map(|(index, candidate)| Evidence {
            from: place(candidate),
            value: candidate.value.clone(),
            won: choice.winners.contains(&index),
            why: reason(index, candidate, choice, winner),
        });
        Some(Ruling { field, rule: choice.rule, candidates: evidence.collect() })
    };
    choices.iter().filter_map(ruling).collect()
}

fn reason(index: usize, candidate: &Candidate, choice: &Choice, winner: Option<&Candidate>) -> &'static str {
    if choice.winners.first() == Some(&index) {
        return "chosen";
    }
    if choice.winners.contains(&index) {
        return "chosen too";
    }
    if let Some((_, objection)) = choice.objections.iter().find(|(place, _)| *place == index) {
        return objection;
    }
    match winner {
        Some(winner) if fold(&winner.value) == fold(&candidate.value) => "says the same as the chosen one",
        Some(_) => "a place that is trusted more speaks",
        None => "not enough by itself",
    }
}

/// Where a candidate stood, in a word or two: `json-ld headline`, `meta og:title`, `h1`.
fn place(candidate: &Candidate) -> String {
    let origin = match candidate.origin {
        Origin::Operator => "operator's",
        Origin::JsonLd => "json-ld",
        Origin::Meta => "meta",
        Origin::Markup => "page",
        Origin::Line => "page text",
        Origin::Address => "address",
        Origin::Source => "source's",
        Origin::Text => "text",
        Origin::Entry => "feed entry",
    };
    match candidate.label {
        "" | "entry" => origin.to_owned(),
        label @ ("h1" | "title" | "time" | "img" | "html lang" | "rel=canonical" | "breadcrumb")
            if candidate.origin != Origin::JsonLd =>
        {
            label.to_owned()
        }
        label => format!("{origin} {label}"),
    }
}
