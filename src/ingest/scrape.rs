//! One scrape of one article.

use crate::address;
use crate::dedup;
use crate::model::{
    Article, Candidate, ChangeNumber, Document, EntryClaim, Extracted, Failure, Fetched, Filing, Purpose, RawResponse, Request,
    ScrapeCommit, ScrapeOutcome, Trouble, Validators,
};
use crate::schedule;
use crate::store;

use super::{Context, recheck, trouble};

/// Most filed articles compared with a new one.
const CANDIDATES: usize = 32;

/// One scrape of one entry, from claim to what is to be committed.
pub async fn scrape(ctx: &Context, claim: &EntryClaim) -> store::Result<ScrapeCommit> {
    let known = claim.recheck.as_ref().map(|recheck| recheck.validators.clone());
    let request = Request { url: claim.url.clone(), validators: known.unwrap_or_default(), purpose: Purpose::Page };
    let (fetched, host) = ctx.fetcher.get(request, &claim.host).await;
    let (raw, validators, outcome) = match fetched {
        Ok(Fetched::Document(document)) => {
            let validators = document.head.validators.clone();
            let (raw, outcome) = read(ctx, claim, *document).await?;
            (raw, validators, outcome)
        }
        Ok(Fetched::NotModified(head)) => (None, head.validators, recheck::unchanged(ctx, claim)),
        Err(error) => (None, Validators::default(), failed(ctx, claim, trouble(error.failure(), error.class(), &error))),
    };
    let (outcome, recheck) = recheck::conclude(ctx, claim, outcome, validators);
    Ok(ScrapeCommit { outcome, host, scraped_at: (ctx.clock)(), raw, recheck })
}

/// Judges again what was overtaken by articles filed in the meantime. `settle` ends the rounds.
pub async fn rejudge(
    ctx: &Context,
    commit: &mut ScrapeCommit,
    newer: Vec<Candidate>,
    seen: ChangeNumber,
    settle: bool,
) -> store::Result<()> {
    let ScrapeOutcome::Filed(filing) = &mut commit.outcome else { return Ok(()) };
    let own = filing.fingerprint.clone();
    let mut candidates = ctx.store.read(move |ledger| ledger.candidates(&own, CANDIDATES)).await?.found;
    candidates.extend(newer);
    filing.verdict = dedup::judge(&ctx.rules.dedup, &filing.fingerprint, &candidates);
    filing.change = dedup::change(&candidates, &filing.article);
    filing.seen = seen;
    filing.settle = settle;
    Ok(())
}

/// What is committed for an entry whose scrape came to no commit of its own: a panic, or a commit the ledger refused.
pub fn broken_scrape(ctx: &Context, claim: &EntryClaim, class: &'static str, why: &str) -> ScrapeCommit {
    let trouble = Trouble { failure: Failure::Persistent, class, reason: format!("{class}: {why}") };
    let (outcome, recheck) = recheck::conclude(ctx, claim, failed(ctx, claim, trouble), Validators::default());
    ScrapeCommit { outcome, host: claim.host.clone(), scraped_at: (ctx.clock)(), raw: None, recheck }
}

/// From a page to an article and its verdict.
async fn read(ctx: &Context, claim: &EntryClaim, document: Document) -> store::Result<(Option<RawResponse>, ScrapeOutcome)> {
    if address::leads_up(&claim.url, &document.head.final_url) {
        return Ok((None, failed(ctx, claim, gone_home(&document))));
    }
    let rules = ctx.rules.desk(&claim.source_name).pages;
    let (document, extracted) = ctx.extractor.read(document, claim.entry.clone(), rules).await;
    let raw = document.map(kept);
    let outcome = match extracted {
        Ok(Extracted::Article(article)) => file(ctx, claim, *article).await?,
        // Pages in parts are joined by a later version of this step; until then the reader never asks.
        Ok(Extracted::Needs(_)) => failed(ctx, claim, in_parts()),
        Err(trouble) => failed(ctx, claim, trouble),
    };
    Ok((raw, outcome))
}

/// Judges an article by what the ledger holds.
async fn file(ctx: &Context, claim: &EntryClaim, article: Article) -> store::Result<ScrapeOutcome> {
    let fingerprint = dedup::fingerprint(&ctx.rules.dedup, &article, &claim.url);
    let own = fingerprint.clone();
    let candidates = ctx.store.read(move |ledger| ledger.candidates(&own, CANDIDATES)).await?;
    let verdict = dedup::judge(&ctx.rules.dedup, &fingerprint, &candidates.found);
    let change = dedup::change(&candidates.found, &article);
    Ok(ScrapeOutcome::Filed(Box::new(Filing { article, fingerprint, verdict, seen: candidates.seen, settle: false, change })))
}

/// What becomes of an entry whose page could not be had.
pub(super) fn failed(ctx: &Context, claim: &EntryClaim, trouble: Trouble) -> ScrapeOutcome {
    let next = schedule::next_scrape(&ctx.rules.schedule, claim.attempt, trouble.failure, (ctx.clock)(), (ctx.dice)());
    match next {
        Some(at) => ScrapeOutcome::Retry { trouble, at, counted: true },
        None => ScrapeOutcome::Failed(trouble),
    }
}

/// The page as it is kept.
fn kept(document: Document) -> RawResponse {
    RawResponse {
        final_url: document.head.final_url,
        status: document.head.status,
        content_type: document.content_type,
        fetched_at: document.head.fetched_at,
        body: document.body,
    }
}

fn gone_home(document: &Document) -> Trouble {
    let reason = format!("the page is gone: its address leads to {}", document.head.final_url);
    Trouble { failure: Failure::Persistent, class: "gone_home", reason }
}

fn in_parts() -> Trouble {
    Trouble {
        failure: Failure::Persistent,
        class: "parts",
        reason: "the article comes in parts, which cannot be joined yet".to_owned(),
    }
}
