//! A later look at a page that is filed: for corrections, and for articles taken back.

use crate::dedup::{self, Absence};
use crate::model::{Article, EntryClaim, Failure, PressTime, Recheck, ScrapeOutcome, Timestamp, Trouble, Validators};
use crate::schedule;

use super::Context;
use super::scrape::failed;

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
    match (outcome, &claim.recheck) {
        (ScrapeOutcome::Retry { trouble, .. } | ScrapeOutcome::Failed(trouble), Some(known)) => missed(ctx, claim, known, trouble),
        (ScrapeOutcome::Filed(filing), Some(known)) if filing.fingerprint.words == 0 => {
            let reason = "the page has no text any more".to_owned();
            missed(ctx, claim, known, Trouble { failure: Failure::Persistent, class: "empty", reason })
        }
        (ScrapeOutcome::Filed(filing), _) => {
            let again = plan(ctx, claim, Some(&filing.article), validators, 0);
            (ScrapeOutcome::Filed(filing), again)
        }
        (ScrapeOutcome::Unchanged, Some(known)) => {
            let renewed = Validators {
                etag: validators.etag.or_else(|| known.validators.etag.clone()),
                last_modified: validators.last_modified.or_else(|| known.validators.last_modified.clone()),
            };
            (ScrapeOutcome::Unchanged, plan(ctx, claim, None, renewed, 0))
        }
        (outcome, _) => (outcome, None),
    }
}

/// What is committed when the page could not be had this time.
fn missed(ctx: &Context, claim: &EntryClaim, known: &Recheck, trouble: Trouble) -> (ScrapeOutcome, Option<Recheck>) {
    let absence = dedup::absence(&trouble, known.missed);
    let again = match absence {
        Absence::Retracted => None,
        Absence::Missing => plan(ctx, claim, None, known.validators.clone(), known.missed + 1),
        Absence::Unknown => plan(ctx, claim, None, known.validators.clone(), known.missed),
    };
    (ScrapeOutcome::Missed { trouble, retracted: absence == Absence::Retracted }, again)
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
