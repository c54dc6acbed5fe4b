//! The verdict: a new text, a page filed already, or a text filed already on another page.

use crate::address;
use crate::markup::Follows;
use crate::model::{Candidate, Evidence, Fingerprint, Relation, StoryId, Url, Verdict};

use super::compare::{self, Comparison, Text};
use super::{Thresholds, rules, same_agency};

/// Texts on one address that share less than this have nothing to do with each other: the address was re-used.
const REUSED_BELOW: f64 = 0.05;
/// The same under headlines that have nothing in common: a column keeps its address and its author's note.
const REUSED_BELOW_OTHER_HEADLINE: f64 = 0.4;
/// Headlines that share less than this have nothing in common.
const OTHER_HEADLINE: f64 = 0.2;
/// A canonical URL is believed to name a filed article only when the texts share at least this.
const CANONICAL_FROM: f64 = 0.3;
/// The same under another headline.
const CANONICAL_FROM_OTHER_HEADLINE: f64 = 0.6;
/// An AMP or mobile edition is believed to be of the page its address suggests only when the texts share at least this.
const EDITION_FROM: f64 = 0.6;
/// A page that is known by another's word takes the place of a text of which it has at least this share of the words: a
/// teaser, a gallery and one post of a running page are not the page.
const WHOLE_FROM: f64 = 0.8;
/// A canonical URL on another site makes a copy when the texts share at least this.
const FOREIGN_FROM: f64 = 0.5;
/// A text of less than this share of another's words is its head.
const TRUNCATED_BELOW: f64 = 0.8;
/// A text of more than this many times another's words has news in it.
const UPDATE_FROM: f64 = 1.12;

/// Judges an article by what is filed. The order of the candidates does not matter.
pub fn judge(thresholds: &Thresholds, own: &Fingerprint, candidates: &[Candidate]) -> Verdict {
    // The oldest article first: a fixed order makes the verdict independent of the search's.
    let mut candidates: Vec<&Candidate> = candidates.iter().collect();
    candidates.sort_by_key(|candidate| candidate.article);
    candidates.dedup_by_key(|candidate| candidate.article);
    if candidates.is_empty() {
        return Verdict::Original;
    }
    let text = Text::new(own.title.as_deref(), &own.body);
    let pairs: Vec<Pair> = candidates.iter().map(|candidate| Pair::new(thresholds, own, &text, candidate)).collect();
    same_page(thresholds, own, &text, &pairs).or_else(|| copy(thresholds, own, &text, &pairs)).unwrap_or(Verdict::Original)
}

/// The article beside one candidate.
struct Pair<'a> {
    candidate: &'a Candidate,
    /// The texts are equal letter for letter.
    equal: bool,
    /// Both texts are long enough to say anything.
    telling: bool,
    theirs: Text,
    comparison: Comparison,
}

impl<'a> Pair<'a> {
    fn new(thresholds: &Thresholds, own: &Fingerprint, text: &Text, candidate: &'a Candidate) -> Pair<'a> {
        let theirs = Text::new(candidate.title.as_deref(), &candidate.body);
        let comparison = compare::compare(text, &theirs);
        let least = thresholds.min_words as usize;
        let telling = text.length() >= least && theirs.length() >= least;
        let equal = own.text.is_some() && own.text == candidate.text;
        Pair { candidate, equal, telling, theirs, comparison }
    }

    /// What makes it a copy: the text, or a canonical URL on another site and half of the text.
    fn is_copy(&self, thresholds: &Thresholds, own: &Fingerprint) -> bool {
        self.telling && (rules::refusal(thresholds, &self.comparison).is_none() || self.is_named(own))
    }

    /// The article stands on the candidate's own address.
    fn is_on_its_address(&self, own: &Fingerprint) -> bool {
        self.candidate.url_key == own.url_key && self.candidate.keys.contains(&own.url_key)
    }

    /// On one address: whether the text is the page's next one, and not another's that took the address over.
    fn is_next(&self) -> bool {
        let (pair, titles) = (&self.comparison, &self.comparison.headlines);
        let least = if titles.known && titles.share < OTHER_HEADLINE { REUSED_BELOW_OTHER_HEADLINE } else { REUSED_BELOW };
        // The table of another day: its date stands in the headline, and most of its numbers are new.
        let other_day = titles.numbers_differ && pair.numbers >= 3 && pair.numbers_found < 0.5;
        // Texts too short to tell apart belong to the page they stand on.
        !self.telling || self.equal || titles.equal || titles.same || titles.marked || pair.contained >= least && !other_day
    }

    /// Either page names the other as its own, or both name a third.
    fn is_named_alike(&self, own: &Fingerprint) -> bool {
        let theirs = |key: &String| self.candidate.keys.contains(key) || self.candidate.named.contains(key);
        std::iter::once(&own.url_key).chain(&own.also).any(theirs)
    }

    /// Whether the texts confirm what another page says of them. A site may name one page as canonical of all its galleries.
    fn is_confirmed(&self) -> bool {
        let (pair, titles) = (&self.comparison, &self.comparison.headlines);
        let one_headline = !titles.known || titles.same || titles.share >= 0.5;
        let least = if one_headline { CANONICAL_FROM } else { CANONICAL_FROM_OTHER_HEADLINE };
        let equal = pair.equal && titles.equal && self.theirs.length() > 0;
        equal || self.telling && pair.contained >= least
    }

    /// Whether the article is no fragment of the candidate.
    fn is_whole(&self, text: &Text) -> bool {
        text.length() as f64 >= self.theirs.length() as f64 * WHOLE_FROM
    }

    /// One is the AMP or mobile edition of the other, or both are of one page.
    fn is_edition(&self, thresholds: &Thresholds, own: &Fingerprint) -> bool {
        let url = Url::parse(&format!("https://{}", self.candidate.url_key)).ok();
        let theirs = url.and_then(|url| address::weak_key_with(&thresholds.tracking, &url));
        let own_page = own.weak.as_ref();
        own_page.is_some_and(|key| self.candidate.keys.contains(key) || theirs.as_ref() == Some(key))
            || theirs.is_some_and(|key| key == own.url_key)
    }

    /// A canonical URL on another site names the candidate, and the text agrees.
    fn is_named(&self, own: &Fingerprint) -> bool {
        let named = own.foreign_canonical.as_ref().is_some_and(|key| self.candidate.keys.contains(key));
        named && self.comparison.contained >= FOREIGN_FROM
    }
}

/// A filed article on the same page, unless the address was re-used for another text.
fn same_page(thresholds: &Thresholds, own: &Fingerprint, text: &Text, pairs: &[Pair<'_>]) -> Option<Verdict> {
    let by_address = pairs.iter().find(|pair| pair.is_on_its_address(own) && pair.is_next());
    let named = |pair: &&Pair<'_>| pair.is_named_alike(own) && !pair.is_on_its_address(own) && pair.is_confirmed();
    let edition = |pair: &&Pair<'_>| pair.telling && pair.comparison.contained >= EDITION_FROM && pair.is_edition(thresholds, own);
    let whole = || pairs.iter().filter(|pair| pair.is_whole(text));
    let found = by_address.or_else(|| whole().find(named)).or_else(|| whole().find(edition))?;
    Some(Verdict::Revision { of: found.candidate.article })
}

/// Filed articles that this one is a copy of. The first is of the story it joins.
fn copy(thresholds: &Thresholds, own: &Fingerprint, text: &Text, pairs: &[Pair<'_>]) -> Option<Verdict> {
    let copies: Vec<&Pair<'_>> = pairs.iter().filter(|pair| pair.is_copy(thresholds, own)).collect();
    // The equal one, else the one that shares most; the origin before its copies, the oldest before later ones.
    let worth = |pair: &Pair<'_>| {
        let shared = (pair.comparison.contained * pair.comparison.lengths * 50.0) as u32;
        (pair.equal, pair.is_named(own), shared, pair.candidate.is_origin)
    };
    let best = copies.iter().rev().max_by_key(|pair| worth(pair))?;
    let mut joins: Vec<StoryId> =
        copies.iter().map(|pair| pair.candidate.story).filter(|story| *story != best.candidate.story).collect();
    joins.sort_unstable();
    joins.dedup();
    let relation = relation(own, text, best);
    Some(Verdict::Copy { of: best.candidate.article, joins, relation, evidence: evidence(own, best) })
}

/// How the article relates to the candidate.
fn relation(own: &Fingerprint, text: &Text, pair: &Pair<'_>) -> Relation {
    let length = text.length() as f64 / pair.theirs.length().max(1) as f64;
    // A credit says whose text it is, unless a desk signs its own text with it.
    let theirs = pair.candidate.credit.as_deref().filter(|credit| !same_agency(credit, &pair.candidate.agency));
    let syndicated = pair.is_named(own) || own.credit.is_some() || theirs.is_some();
    if pair.equal {
        return Relation::Exact;
    }
    match text.headline.follows {
        Some(Follows::Correction) => return Relation::Corrected,
        Some(Follows::Update) if length > TRUNCATED_BELOW => return Relation::Update,
        _ => {}
    }
    if length < TRUNCATED_BELOW {
        Relation::Truncated
    } else if syndicated {
        Relation::Syndicated
    } else if length > UPDATE_FROM {
        Relation::Update
    } else {
        Relation::Edited
    }
}

/// Why it is a copy, in figures and in one sentence.
fn evidence(own: &Fingerprint, pair: &Pair<'_>) -> Evidence {
    let comparison = &pair.comparison;
    let percent = (comparison.contained * 100.0) as u8;
    let why = if pair.equal {
        format!("the same {} words", own.words)
    } else if pair.is_named(own) {
        format!("its canonical URL names the origin, and {percent} % of the text agrees")
    } else {
        let titles = if comparison.headlines.same { ", under one headline" } else { "" };
        format!(
            "{percent} % of the shorter text stands in the other one{titles}; {} numbers and names agree, {} differ",
            comparison.agreeing, comparison.conflicting
        )
    };
    let (agreeing, conflicting) = (comparison.agreeing as u32, comparison.conflicting as u32);
    Evidence { why, containment: percent, agreeing, conflicting, via: None }
}
