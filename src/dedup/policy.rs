//! What was decided about copies by people: whose texts are compared, what is kept of a copy, which stories are never one.

use crate::model::{self, ArticleId, Candidate, Candidates, Fingerprint, Origin, Relation, SourceId, StoryId, Verdict};

use super::credit::{self, Member};

/// What is kept of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// All of it.
    #[default]
    All,
    /// Everything but the body of a copy that says the same to the letter: the other's stands for it.
    First,
}

/// Which texts those of a source are compared with. It holds both ways, so that the order of arrival makes no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// All that are filed.
    #[default]
    All,
    /// Those of the same source.
    Own,
    /// None: neither are they copies, nor has any a copy.
    Off,
}

/// Takes away what a text of this reach is recognised by, as far as it is not to be.
pub fn reduce(fingerprint: &mut Fingerprint, reach: Reach) {
    if reach == Reach::Off {
        fingerprint.text = None;
        fingerprint.samples.clear();
        fingerprint.foreign_canonical = None;
    }
}

/// Takes away the candidates that are out of reach. The page's own article never is.
pub fn within(own: &Fingerprint, source: SourceId, reach: Reach, reach_of: impl Fn(&str) -> Reach, candidates: &mut Candidates) {
    let Candidates { found, desks, .. } = candidates;
    let theirs = |id: SourceId| desks.iter().find(|(desk, _)| *desk == id).map_or(Reach::All, |(_, name)| reach_of(name));
    found.retain(|candidate| {
        let same_page = candidate.keys.iter().chain(&candidate.named).any(|key| *key == own.url_key || own.also.contains(key));
        let in_reach = match (reach, theirs(candidate.source)) {
            (Reach::Off, _) | (_, Reach::Off) => false,
            (Reach::All, Reach::All) => true,
            (Reach::Own, _) | (_, Reach::Own) => candidate.source == source,
        };
        same_page || in_reach
    });
}

/// A verdict without the joins that were ruled out by hand.
pub fn respect(verdict: Verdict, found: &[Candidate], apart: &[(StoryId, StoryId)]) -> Verdict {
    let Verdict::Copy { of, joins, relation, evidence } = verdict else { return verdict };
    let mut stories: Vec<StoryId> =
        found.iter().filter(|candidate| candidate.article == of).map(|candidate| candidate.story).collect();
    let mut allowed = Vec::new();
    for story in joins {
        if stories.iter().any(|other| are_apart(apart, story, *other)) {
            continue;
        }
        stories.push(story);
        allowed.push(story);
    }
    Verdict::Copy { of, joins: allowed, relation, evidence }
}

/// The candidates that an article which is filed may be joined with: none of its own story, none of one parted from it.
pub fn joinable(story: StoryId, candidates: &mut Candidates) {
    let Candidates { found, apart, .. } = candidates;
    found.retain(|candidate| candidate.story != story && !are_apart(apart, story, candidate.story));
}

/// Whether a copy goes without a body of its own: only where the very text is kept already. What was cut, edited, updated or
/// corrected says something that stands nowhere else.
pub fn drops_body(keep: Keep, verdict: &Verdict, origin: Option<Origin>) -> bool {
    keep == Keep::First && matches!(verdict, Verdict::Copy { relation: Relation::Exact, .. }) && origin != Some(Origin::Own)
}

/// The origin among a story's articles, the one about to be filed among them; `None` where there are none.
pub fn origin_of(members: &[model::Member]) -> Option<Origin> {
    let plain: Vec<Member> = members
        .iter()
        .map(|member| Member {
            // What is not filed yet comes after all that is.
            article: member.article.unwrap_or(ArticleId(i64::MAX)),
            agency: member.agency.clone(),
            credit: member.credit.clone(),
            published: member.published,
            filed_at: member.stored_at,
        })
        .collect();
    members.get(credit::origin(&plain)).map(|chosen| chosen.article.map_or(Origin::Own, Origin::Filed))
}

fn are_apart(apart: &[(StoryId, StoryId)], one: StoryId, other: StoryId) -> bool {
    apart.contains(&(one, other)) || apart.contains(&(other, one))
}
