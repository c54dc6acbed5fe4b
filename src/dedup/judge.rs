//! The verdict: a new text, a page filed already, or a text filed already on another page.

use std::cmp::Reverse;

use crate::model::{Candidate, Evidence, Fingerprint, Relation, Verdict};

use super::{Thresholds, text};

/// Texts on one address that share less than this have nothing to do with each other: the address was re-used.
const REUSED_BELOW: f64 = 0.05;
/// A canonical URL is believed to name a filed article only when the texts share at least this.
const CANONICAL_FROM: f64 = 0.3;
/// A canonical URL on another site makes a copy when the texts share at least this.
const FOREIGN_FROM: f64 = 0.5;

/// Judges an article by what is filed. The order of the candidates does not matter.
pub fn judge(thresholds: &Thresholds, own: &Fingerprint, candidates: &[Candidate]) -> Verdict {
    // The oldest article first: a fixed order makes the verdict independent of the search's.
    let mut candidates: Vec<&Candidate> = candidates.iter().collect();
    candidates.sort_by_key(|candidate| candidate.article);
    candidates.dedup_by_key(|candidate| candidate.article);
    same_page(thresholds, own, &candidates)
        .or_else(|| same_text(own, &candidates))
        .or_else(|| named_origin(own, &candidates))
        .unwrap_or(Verdict::Original)
}

/// A filed article on the same page, unless the address was re-used for another text.
fn same_page(thresholds: &Thresholds, own: &Fingerprint, candidates: &[&Candidate]) -> Option<Verdict> {
    let by_address = candidates.iter().filter(|candidate| candidate.keys.contains(&own.url_key));
    let by_other_key = candidates.iter().filter(|candidate| own.also.iter().any(|key| candidate.keys.contains(key)));
    let found = by_address
        .map(|candidate| (candidate, REUSED_BELOW))
        .chain(by_other_key.map(|candidate| (candidate, CANONICAL_FROM)))
        .find(|(candidate, least)| {
            let theirs = read(&candidate.body);
            // Texts too short to tell apart belong to the page they stand on.
            let telling = own.words >= thresholds.min_words && theirs.words >= thresholds.min_words;
            !telling || own.text == candidate.text || text::overlap(&read(&own.body).shingles, &theirs.shingles) >= *least
        })?;
    Some(Verdict::Revision { of: found.0.article })
}

/// Filed articles with the very text.
fn same_text(own: &Fingerprint, candidates: &[&Candidate]) -> Option<Verdict> {
    let hash = own.text?;
    let mut equal: Vec<&&Candidate> = candidates.iter().filter(|candidate| candidate.text == Some(hash)).collect();
    equal.sort_by_key(|candidate| (Reverse(candidate.is_origin), candidate.article));
    let first = equal.first()?;
    Some(Verdict::Copy {
        of: first.article,
        joins: joins(first, &equal),
        relation: Relation::Exact,
        evidence: Evidence { why: format!("the same {} words", own.words), containment: 100, ..Evidence::default() },
    })
}

/// The article that a canonical URL on another site names, when the text agrees.
fn named_origin(own: &Fingerprint, candidates: &[&Candidate]) -> Option<Verdict> {
    let named = own.foreign_canonical.as_ref()?;
    let origin = candidates.iter().find(|candidate| candidate.keys.contains(named))?;
    let share = text::overlap(&read(&own.body).shingles, &read(&origin.body).shingles);
    (share >= FOREIGN_FROM).then(|| Verdict::Copy {
        of: origin.article,
        joins: Vec::new(),
        relation: Relation::Syndicated,
        evidence: Evidence {
            why: format!("its canonical URL names the origin, and {:.0} % of the text agrees", share * 100.0),
            containment: (share * 100.0) as u8,
            ..Evidence::default()
        },
    })
}

/// The other stories that this text shows to be the first one's.
fn joins(first: &Candidate, equal: &[&&Candidate]) -> Vec<crate::model::StoryId> {
    let mut stories: Vec<_> = equal.iter().map(|candidate| candidate.story).filter(|story| *story != first.story).collect();
    stories.sort_unstable();
    stories.dedup();
    stories
}

/// The features of a text, computed again from its stored body rather than stored twice.
fn read(body: &str) -> text::Features {
    text::features(&body.split("\n\n").collect::<Vec<_>>())
}
