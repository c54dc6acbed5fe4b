//! Whether two texts are one story: each rule can refuse, and says why.

use super::Thresholds;
use super::compare::Comparison;

/// A reason for which two texts are taken for two stories. Its worth is measured in
/// `docs/decisions/0004-telling-copies-apart.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The headlines name listed companies, and not one in common.
    Tickers,
    /// Numbers and names differ in the same surroundings: two instances of one template.
    Slots,
    /// Where numbers differ, most of them do; or the only ones do.
    Figures,
    /// Most numbers of either text are unknown to the other.
    Numbers,
    /// Each headline has a number that the other has not.
    HeadlineNumbers,
    /// Briefs are so much alike that their headlines decide.
    Brief,
    /// Too little of the shorter text stands in the other one.
    Containment,
    /// What they share is not what they lead with: boilerplate, a digest, a quotation.
    Lead,
    /// The headlines have nothing in common, and the texts not enough.
    Headline,
    /// What the texts share says nothing of what their headlines say: a wall, a note on the author.
    Subject,
}

impl Rule {
    /// All rules, in the order they are asked.
    pub const ALL: [Rule; 10] = [
        Rule::Tickers,
        Rule::Slots,
        Rule::Figures,
        Rule::Numbers,
        Rule::HeadlineNumbers,
        Rule::Brief,
        Rule::Containment,
        Rule::Lead,
        Rule::Headline,
        Rule::Subject,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::Tickers => "tickers",
            Rule::Slots => "slots",
            Rule::Figures => "figures",
            Rule::Numbers => "numbers",
            Rule::HeadlineNumbers => "headline-numbers",
            Rule::Brief => "brief",
            Rule::Containment => "containment",
            Rule::Lead => "lead",
            Rule::Headline => "headline",
            Rule::Subject => "subject",
        }
    }
}

/// Words under which a text is a brief.
const BRIEF: usize = 40;
/// Share of numbers and names that may differ: in general, of one company, under one headline, and where the headline says
/// that the text was updated or corrected.
const DIFFER: f64 = 0.1;
const DIFFER_ONE_COMPANY: f64 = 0.15;
const DIFFER_ONE_HEADLINE: f64 = 0.12;
const DIFFER_MARKED: f64 = 0.6;
/// The same where only one differs: in general, and under one headline.
const ONE_DIFFERS: f64 = 0.15;
const ONE_DIFFERS_ONE_HEADLINE: f64 = 0.25;
/// Fewest numbers that make a form.
const FORM: usize = 3;
/// Words under which a text is short enough that a number which stands alone in it is what it says.
const SHORT: usize = 80;
/// Words of a wall, at most: who shares more shares a text.
const WALL: f64 = 200.0;
/// Words of a note that stands under every text, at most.
const NOTE: f64 = 100.0;
/// Share of the shorter text that makes what is shared more than a note.
const MOSTLY_SHARED: f64 = 0.8;
/// Numbers and names a word of what is shared; a text that says something has more.
const SAYS_LITTLE: f64 = 0.08;
/// Least containment under a headline that says the text was updated or corrected.
const CONTAINED_MARKED: f64 = 0.5;
/// Least containment where headline and lead, or headline and the order of words, speak for a copy.
const CONTAINED_LIKELY: f64 = 0.3;

/// The first rule that refuses the two texts as one story.
pub(super) fn refusal(thresholds: &Thresholds, pair: &Comparison) -> Option<Rule> {
    Rule::ALL.into_iter().filter(|rule| !thresholds.without.contains(rule)).find(|rule| refuses(*rule, thresholds, pair))
}

fn refuses(rule: Rule, thresholds: &Thresholds, pair: &Comparison) -> bool {
    let titles = &pair.headlines;
    // A mark is believed when the headlines are alike.
    let marked = titles.marked && titles.share >= 0.5;
    let share = if titles.known { titles.share } else { 0.5 };
    let equal_but_a_word = pair.conflicting == 0 && pair.swapped <= 1;
    match rule {
        Rule::Tickers => titles.other_ticker && !(pair.equal && pair.shorter >= BRIEF),
        Rule::Slots => slots(pair, marked),
        Rule::Figures => figures(pair, marked),
        Rule::Numbers => pair.numbers >= 3 && pair.numbers_found < 0.5 && !titles.same && !marked,
        Rule::HeadlineNumbers => titles.numbers_differ && !marked && !(pair.conflicting == 0 && pair.contained >= 0.85),
        Rule::Brief => {
            let allowed = titles.same
                || pair.equal && pair.agreeing > 0
                || marked && share >= 0.6
                || share >= 0.6 && equal_but_a_word && pair.contained >= 0.85
                || share >= 0.8 && titles.differ <= 1 && equal_but_a_word
                || !titles.known && pair.contained >= 0.95;
            pair.shorter < BRIEF && !allowed
        }
        Rule::Containment => {
            let likely = titles.same && pair.lead >= 0.5 || share >= 0.6 && pair.in_order >= 0.6 && pair.agreeing >= 2;
            let least = match (likely, marked) {
                (true, _) => CONTAINED_LIKELY,
                (false, true) => CONTAINED_MARKED,
                (false, false) => thresholds.containment,
            };
            pair.contained < least
        }
        Rule::Lead => pair.lead < 0.35 && share < 0.5 && !is_most_of(pair),
        Rule::Headline => {
            // Desks write their own headline over a lead they leave as it is.
            let most = pair.contained >= 0.8 || pair.agreeing >= 12 || pair.lead >= 0.9 && pair.lengths >= 0.5;
            titles.known && titles.share < 0.2 && (pair.lengths < 0.3 || !most)
        }
        Rule::Subject => !titles.same && !titles.equal && !titles.shared_ticker && !marked && is_beside_the_subject(pair),
    }
}

/// Whether more numbers and names differ than a copy can have.
fn slots(pair: &Comparison, marked: bool) -> bool {
    let titles = &pair.headlines;
    let share = pair.conflicting as f64 / (pair.conflicting + pair.agreeing).max(1) as f64;
    let (several, one) = if marked {
        (DIFFER_MARKED, 1.0)
    } else if titles.same {
        (DIFFER_ONE_HEADLINE, ONE_DIFFERS_ONE_HEADLINE)
    } else if titles.shared_ticker {
        (DIFFER_ONE_COMPANY, ONE_DIFFERS)
    } else {
        (DIFFER, ONE_DIFFERS)
    };
    match pair.conflicting {
        0 => false,
        1 => share > one,
        _ => share > several,
    }
}

/// Whether the numbers that differ are most of those in their place, so that the rest of the text cannot outweigh them: a
/// form filled in anew before the same notes.
fn figures(pair: &Comparison, marked: bool) -> bool {
    // An update may bring new numbers, where the headline names no other day or figure.
    let asked = !marked || pair.headlines.numbers_differ;
    let most = asked && pair.numbers_differ >= FORM && pair.numbers_differ > pair.numbers_agree_near;
    let only = pair.numbers_differ > 0 && pair.numbers_agree == 0 && pair.shorter < SHORT && !marked;
    most || only
}

/// Whether what the texts share is not what their headlines are about. Nearly all of both: a wall, which says little and may
/// have a headline of its own. A short part of it: a note that stands under every text.
fn is_beside_the_subject(pair: &Comparison) -> bool {
    let shared = pair.contained * pair.shorter as f64;
    let says_little = (pair.agreeing as f64) < SAYS_LITTLE * shared;
    if pair.contained >= MOSTLY_SHARED && pair.lengths >= MOSTLY_SHARED {
        pair.on_subject < 2 && says_little && shared < WALL
    } else {
        pair.on_subject == 0 && shared < NOTE
    }
}

/// Whether the shorter text stands nearly whole inside the other, is no small part of it, and is not what both end with.
fn is_most_of(pair: &Comparison) -> bool {
    pair.contained >= 0.8 && pair.lengths >= 0.35 && pair.longest >= 60 && pair.tail < 0.5
}
