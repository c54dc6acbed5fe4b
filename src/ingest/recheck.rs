//! A later look at a page that is filed: for corrections, and for articles taken back.

use std::time::Duration;

use crate::dedup::{self, Absence};
use crate::model::{
    Article, ArticleId, Candidate, EntryClaim, Failure, Fingerprint, PressTime, Recheck, ScrapeOutcome, Timestamp, Trouble,
    Validators, Verdict,
};
use crate::schedule;

use super::Context;
use super::scrape::failed;

/// How long after a look that found no page, when no other look is due, the one comes that confirms it.
const CONFIRM: Duration = Duration::from_secs(6 * 3600);

/// What an answer of 304 means: nothing changed, where that was asked.
pub(super) fn unchanged(ctx: &Context, claim: &EntryClaim) -> ScrapeOutcome {
    match claim.recheck {
        Some(_) => ScrapeOutcome::Unchanged,
        None => {
            let reason = "the server answered 304 to an unconditional request".to_owned();
            failed(ctx, claim, Trouble { failure: Failure::Transient, class: "protocol", reason })
        }
    }
}

/// What is committed of a scrape, and when the page is looked at again. Where the page is filed already, no trouble
/// takes that back: the article is missing, or withdrawn, or the look brought nothing.
pub(super) fn conclude(
    ctx: &Context,
    claim: &EntryClaim,
    outcome: ScrapeOutcome,
    validators: Validators,
) -> (ScrapeOutcome, Option<Recheck>) {
    if let ScrapeOutcome::Filed(filing) = outcome {
        let again = plan(ctx, claim, Some(&filing.article), validators, 0);
        return (ScrapeOutcome::Filed(filing), again);
    }
    if claim.article.is_none() {
        return (outcome, None);
    }
    let known = claim.recheck.as_ref().map(|recheck| recheck.validators.clone()).unwrap_or_default();
    match outcome {
        // Nobody was asked yet: the look comes at its turn.
        ScrapeOutcome::Retry { trouble, at, .. } if matches!(trouble.failure, Failure::Waits(_)) && claim.recheck.is_some() => {
            (ScrapeOutcome::Missed { trouble, retracted: false }, Some(Recheck { at, validators: known, missed: claim.missed }))
        }
        ScrapeOutcome::Retry { ref trouble, .. } if matches!(trouble.failure, Failure::Waits(_)) && claim.recheck.is_none() => {
            (outcome, None)
        }
        // Asked for again, and nothing said of the article: the attempts decide.
        ScrapeOutcome::Retry { ref trouble, .. }
            if claim.recheck.is_none() && dedup::absence(trouble, claim.missed) == Absence::Unknown =>
        {
            (outcome, None)
        }
        ScrapeOutcome::Retry { trouble, .. } | ScrapeOutcome::Failed(trouble) => missed(ctx, claim, known, trouble),
        ScrapeOutcome::Unchanged => {
            let renewed = Validators {
                etag: validators.etag.or(known.etag),
                last_modified: validators.last_modified.or(known.last_modified),
            };
            (ScrapeOutcome::Unchanged, plan(ctx, claim, None, renewed, 0))
        }
        outcome => (outcome, None),
    }
}

/// What is committed when the page could not be had this time.
fn missed(ctx: &Context, claim: &EntryClaim, known: Validators, trouble: Trouble) -> (ScrapeOutcome, Option<Recheck>) {
    let absence = dedup::absence(&trouble, claim.missed);
    let again = match absence {
        Absence::Retracted => None,
        // A page that is missed is looked for once more, be it past the age for looks.
        Absence::Missing => {
            let at = after((ctx.clock)(), CONFIRM);
            let confirm = Recheck { at, validators: known.clone(), missed: claim.missed + 1 };
            plan(ctx, claim, None, known, claim.missed + 1).or(Some(confirm))
        }
        Absence::Unknown => plan(ctx, claim, None, known, claim.missed),
    };
    (ScrapeOutcome::Missed { trouble, retracted: absence == Absence::Retracted }, again)
}

/// Whether a page is missing, rather than out of reach or withdrawn.
pub(super) fn is_missing(trouble: &Trouble) -> bool {
    dedup::absence(trouble, 0) == Absence::Missing
}

/// What a scrape of a filed page found.
pub(super) enum Finding {
    /// A text, to be filed as judged.
    Text,
    /// A few other words in place of the text of the article.
    Collapsed,
    /// Part of the article, on a page that it is known by besides its own.
    Fragment,
}

/// A look at the article that an entry is filed as.
pub(super) struct Look(Option<ArticleId>);

impl Look {
    /// The look that a claim stands for. A new address of its page is made known to the judge as the page's own: what changed
    /// is what we take for an address (a new tracking parameter), or where the page is.
    pub(super) fn at(claim: &EntryClaim, own: &Fingerprint, found: &mut [Candidate]) -> Look {
        let is_known = |candidate: &Candidate| Some(candidate.article) == claim.article;
        // The address was used anew and names another article since: what it shows now is that one's.
        if found.iter().any(|candidate| !is_known(candidate) && candidate.keys.contains(&own.url_key)) {
            return Look(None);
        }
        let Some(known) = found.iter_mut().find(|candidate| is_known(candidate)) else { return Look(None) };
        // The entry stands elsewhere now: whether that is the article, only the text can tell. A daily column may have one
        // id and one headline for ever.
        if !std::iter::once(&own.url_key).chain(&own.also).any(|key| known.keys.contains(key)) {
            return Look(None);
        }
        if !known.keys.contains(&own.url_key) {
            known.keys.push(own.url_key.clone());
            known.url_key.clone_from(&own.url_key);
        }
        Look(Some(known.article))
    }

    /// The verdict in the light of what the entry is filed as. The address of a known article was not re-used, unless the
    /// feed says so; and what is no text of the article does not take the place of its text.
    pub(super) fn conclude(
        &self,
        claim: &EntryClaim,
        article: &Article,
        own: &Fingerprint,
        verdict: Verdict,
        found: &[Candidate],
    ) -> (Verdict, Finding) {
        let revised = match verdict {
            Verdict::Revision { of } => Some(of),
            Verdict::Original | Verdict::Copy { .. } => None,
        };
        let subject = self.0.or(revised).and_then(|id| found.iter().find(|candidate| candidate.article == id));
        let Some(subject) = subject else { return (verdict, Finding::Text) };
        if dedup::collapsed(subject, own) {
            return (verdict, Finding::Collapsed);
        }
        if self.0.is_none() || revised == self.0 {
            return (verdict, Finding::Text);
        }
        if subject.url_key == own.url_key {
            let verdict = if is_announced(claim, article, subject) { verdict } else { Verdict::Revision { of: subject.article } };
            return (verdict, Finding::Text);
        }
        match verdict {
            Verdict::Copy { of, .. } if of == subject.article => (verdict, Finding::Fragment),
            verdict => (verdict, Finding::Text),
        }
    }
}

/// Whether the feed announced another article at this address: it gave the entry a new headline, and the page has that one.
fn is_announced(claim: &EntryClaim, article: &Article, known: &Candidate) -> bool {
    let plain = |title: &Option<String>| title.as_deref().map(|title| title.trim().to_lowercase()).unwrap_or_default();
    let (entry, now, before) = (plain(&claim.entry.title), plain(&article.title), plain(&known.title));
    let alike = |one: &str, other: &str| !one.is_empty() && !other.is_empty() && (one.contains(other) || other.contains(one));
    claim.recheck.is_none() && alike(&entry, &now) && !alike(&entry, &before)
}

/// This much later.
fn after(at: Timestamp, pause: Duration) -> Timestamp {
    at.checked_add(pause).unwrap_or(Timestamp::MAX)
}

/// When the page just read is looked at again.
fn plan(ctx: &Context, claim: &EntryClaim, article: Option<&Article>, validators: Validators, missed: u32) -> Option<Recheck> {
    let born = born(claim, article.and_then(|article| article.published));
    let at = schedule::next_recheck(&ctx.rules.schedule, born, (ctx.clock)(), (ctx.dice)())?;
    Some(Recheck { at, validators, missed })
}

/// When an article came into the world, as far as is known: never later than we first saw it.
fn born(claim: &EntryClaim, published: Option<PressTime>) -> Timestamp {
    let said = published.or(claim.entry.published).map(|time| time.at);
    said.map_or(claim.entry.seen_at, |said| said.min(claim.entry.seen_at))
}
