//! One scrape of one article.

use crate::address;
use crate::article;
use crate::dedup;
use crate::model::{
    Article, ArticleId, Candidate, Change, ChangeNumber, Document, EntryClaim, Failure, Fetched, Filing, Fingerprint, HostState,
    Learnt, Looked, Member, Origin, Purpose, RawResponse, Request, ScrapeCommit, ScrapeOutcome, SeenLine, Shape, StoryId, Trouble,
    Validators, Verdict,
};
use crate::schedule;
use crate::store;

use super::parts::{self, Means, Pages};
use super::recheck::{self, Finding, Look};
use super::{Context, aside, trouble, unfetched};

/// Most filed articles compared with a new one.
pub(super) const CANDIDATES: usize = 32;

/// One scrape of one entry, from claim to what is to be committed.
pub async fn scrape(ctx: &Context, claim: &EntryClaim) -> store::Result<ScrapeCommit> {
    let known = claim.recheck.as_ref().map(|recheck| recheck.validators.clone());
    let request = Request { url: claim.url.clone(), validators: known.unwrap_or_default(), purpose: Purpose::Page };
    let (fetched, host, _hold) = ctx.fetcher_of(&claim.source_name).get_held(request, &claim.host).await;
    let (read, validators) = match fetched {
        Ok(Fetched::Document(document)) => {
            let validators = document.head.validators.clone();
            let read = read(ctx, claim, *document, host).await?;
            // A part that could not be had is asked for at the next look, whether or not the first page has changed.
            let validators = if read.whole { validators } else { Validators::default() };
            (read, validators)
        }
        Ok(Fetched::NotModified(head)) => (Read::nothing(recheck::unchanged(ctx, claim), host), head.validators),
        Err(error) => {
            let outcome = failed(ctx, claim, unfetched(&error));
            (Read::nothing(outcome, host), Validators::default())
        }
    };
    let Read { pages, outcome, looked, host, .. } = read;
    let outcome = or_from_feed(ctx, claim, outcome).await?;
    let (outcome, recheck) = recheck::conclude(ctx, claim, outcome, validators);
    let mut pages = pages.into_iter().map(kept);
    let (raw, raw_more) = (pages.next(), pages.collect());
    Ok(ScrapeCommit { outcome, host, scraped_at: (ctx.clock)(), raw, raw_more, recheck, looked })
}

/// The text that the feed carried, where its page has none or was given up. What was taken back is not brought back, and
/// what a page once said in full does not give way to it.
async fn or_from_feed(ctx: &Context, claim: &EntryClaim, outcome: ScrapeOutcome) -> store::Result<ScrapeOutcome> {
    let why = match &outcome {
        ScrapeOutcome::Failed(trouble) if trouble.class != "gone" => &trouble.reason,
        ScrapeOutcome::Retry { trouble, .. } if is_textless(trouble) => &trouble.reason,
        ScrapeOutcome::Retry { trouble, .. } if claim.article.is_some() && recheck::is_missing(trouble) => &trouble.reason,
        _ => return Ok(outcome),
    };
    let own = match claim.article {
        Some(id) => match ctx.store.read(move |ledger| ledger.filed_article(id)).await? {
            Some(filed) if article::is_from_feed(&filed.article) => true,
            _ => return Ok(outcome),
        },
        None => false,
    };
    match article::from_entry(&claim.entry, why) {
        Some(article) => file(ctx, claim, article).await,
        // The page had no text when the feed's was filed: that it has none now takes nothing back.
        None if own => Ok(ScrapeOutcome::Unchanged),
        None => Ok(outcome),
    }
}

/// Judges again what was overtaken by articles filed in the meantime. `settle` ends the rounds.
pub async fn rejudge(
    ctx: &Context,
    claim: &EntryClaim,
    commit: &mut ScrapeCommit,
    newer: Vec<Candidate>,
    settle: bool,
) -> store::Result<()> {
    let ScrapeOutcome::Filed(filing) = &mut commit.outcome else { return Ok(()) };
    let newer = newer.into_iter().map(|candidate| candidate.article).collect();
    let judged = judge(ctx, claim, &filing.article, &filing.fingerprint, newer).await?;
    if let Some(outcome) = judged.no_text {
        (commit.outcome, commit.recheck) = recheck::conclude(ctx, claim, outcome, Validators::default());
        return Ok(());
    }
    (filing.verdict, filing.seen, filing.change) = (judged.verdict, judged.seen, judged.change);
    (filing.origin, filing.drop_body) = (judged.origin, judged.drop_body);
    filing.settle = settle;
    Ok(())
}

/// What is committed for an entry whose scrape came to no commit of its own: a panic, or a commit the ledger refused.
pub fn broken_scrape(ctx: &Context, claim: &EntryClaim, class: &'static str, why: &str) -> ScrapeCommit {
    let trouble = Trouble { failure: Failure::Persistent, class, reason: format!("{class}: {why}") };
    let (outcome, recheck) = recheck::conclude(ctx, claim, failed(ctx, claim, trouble), Validators::default());
    ScrapeCommit {
        outcome,
        host: claim.host.clone(),
        scraped_at: (ctx.clock)(),
        raw: None,
        raw_more: Vec::new(),
        recheck,
        looked: None,
    }
}

/// What came of a page.
struct Read {
    /// The pages it was read from, in order; those that could not be had left out.
    pages: Vec<Document>,
    /// Whether these are all that were asked for.
    whole: bool,
    outcome: ScrapeOutcome,
    looked: Option<Looked>,
    host: HostState,
}

impl Read {
    /// Nothing was read.
    fn nothing(outcome: ScrapeOutcome, host: HostState) -> Read {
        Read { pages: Vec::new(), whole: true, outcome, looked: None, host }
    }
}

/// From a page to an article and its verdict.
async fn read(ctx: &Context, claim: &EntryClaim, document: Document, host: HostState) -> store::Result<Read> {
    if address::leads_up(&claim.url, &document.head.final_url) {
        return Ok(Read::nothing(failed(ctx, claim, gone_home(&document)), host));
    }
    let rules = ctx.rules.desk(&claim.source_name).pages;
    let source = claim.source;
    let learnt = ctx.store.read(move |ledger| ledger.learnt(source)).await?;
    let means = Means { fetcher: ctx.fetcher_of(&claim.source_name), extractor: &ctx.extractor, clock: &ctx.clock };
    let Pages { pages, whole, read, host } =
        parts::read_whole(&means, &claim.entry, document, host, &rules, &learnt.boilerplate).await;
    let barred = match (pages.first(), &read) {
        (Some(page), Ok(article)) => aside(|| article::barred(page, article)).err(),
        _ => None,
    };
    if let Some(error) = barred {
        let outcome = failed(ctx, claim, trouble(error.failure(), error.class(), &error));
        return Ok(Read { pages, whole, outcome, looked: None, host });
    }
    let looked = match &read {
        Ok(article) => Some(look(claim, article::shape(article, &rules), &learnt)),
        Err(_) => None,
    };
    let outcome = match read {
        // Nothing of it is kept; what was filed before was free then.
        Err(trouble) if trouble.class == "reserved" => return Ok(Read::nothing(respected(claim, trouble), host)),
        // Nothing to file: the text is not there yet, or a script writes it.
        Ok(article) if article.body.is_empty() => failed(ctx, claim, no_text()),
        Ok(article) => {
            let lines = lines(ctx, claim, &article).await?;
            let mut outcome = file(ctx, claim, article).await?;
            if let ScrapeOutcome::Filed(filing) = &mut outcome {
                filing.lines = lines;
            }
            outcome
        }
        Err(trouble) => failed(ctx, claim, trouble),
    };
    Ok(Read { pages, whole, outcome, looked, host })
}

/// The lines of a text that are counted, with those that are boilerplate from now on.
async fn lines(ctx: &Context, claim: &EntryClaim, article: &Article) -> store::Result<Vec<SeenLine>> {
    let lines = article::boilerplate::lines(article);
    let normals: Vec<String> = lines.iter().map(|line| line.normal.clone()).collect();
    let source = claim.source;
    let known = ctx.store.read(move |ledger| ledger.line_evidence(source, &normals)).await?;
    let lines = article::boilerplate::learn(lines, &known);
    for line in lines.iter().filter(|line| line.learnt) {
        let known = known.iter().find(|known| known.normal == line.normal);
        if let Some(known) = known.filter(|known| known.learnt_at.is_none()) {
            tracing::info!(source = claim.source_name, line = known.id, stories = known.stories, "boilerplate learnt");
        }
    }
    Ok(lines)
}

/// What a page says of its source's pages as a whole; a change is logged once.
fn look(claim: &EntryClaim, shape: Shape, learnt: &Learnt) -> Looked {
    let mut lately = learnt.lately.clone();
    lately.push(shape);
    let drifts = article::drifts(&learnt.before, &lately);
    for drift in drifts.iter().filter(|drift| !learnt.drifts.contains(&drift.facet)) {
        tracing::warn!(
            source = claim.source_name,
            facet = drift.facet.as_str(),
            was = drift.was,
            is = drift.is,
            pages = drift.pages,
            "the source's pages are not read as they were; its layout may have changed"
        );
    }
    Looked { shape, drifts }
}

/// Judges an article by what the ledger holds.
async fn file(ctx: &Context, claim: &EntryClaim, article: Article) -> store::Result<ScrapeOutcome> {
    if let Some(reason) = dedup::window::too_old_to_file(claim.asked_for, &article) {
        return Ok(ScrapeOutcome::Skipped(reason));
    }
    let mut fingerprint = dedup::fingerprint(&ctx.rules.dedup, &article, &claim.url);
    dedup::reduce(&mut fingerprint, ctx.rules.reach(&claim.source_name));
    let judged = judge(ctx, claim, &article, &fingerprint, Vec::new()).await?;
    if let Some(outcome) = judged.no_text {
        return Ok(outcome);
    }
    let Judged { verdict, seen, change, origin, drop_body, .. } = judged;
    Ok(ScrapeOutcome::Filed(Box::new(Filing {
        article,
        fingerprint,
        verdict,
        seen,
        settle: false,
        change,
        origin,
        drop_body,
        lines: Vec::new(),
    })))
}

/// What is concluded of an article, and up to which change.
struct Judged {
    verdict: Verdict,
    seen: ChangeNumber,
    change: Change,
    origin: Option<Origin>,
    drop_body: bool,
    /// What becomes of the entry when the page has no text of its article now.
    no_text: Option<ScrapeOutcome>,
}

/// Judges an article by what the ledger holds, and by these that it is about to hold.
async fn judge(
    ctx: &Context,
    claim: &EntryClaim,
    article: &Article,
    fingerprint: &Fingerprint,
    newer: Vec<ArticleId>,
) -> store::Result<Judged> {
    let own = fingerprint.clone();
    let known: Vec<ArticleId> = newer.into_iter().chain(claim.article).collect();
    let mut candidates = ctx.store.read(move |ledger| ledger.candidates_and(&own, &known, CANDIDATES)).await?;
    let look = Look::at(claim, fingerprint, &mut candidates.found);
    let reach = ctx.rules.reach(&claim.source_name);
    dedup::within(fingerprint, claim.source, reach, |name| ctx.rules.reach(name), &mut candidates);
    let verdict = aside(|| dedup::judge(&ctx.rules.dedup, fingerprint, &candidates.found));
    let verdict = dedup::respect(verdict, &candidates.found, &candidates.apart);
    let (verdict, finding) = look.conclude(claim, article, fingerprint, verdict, &candidates.found);
    let no_text = match finding {
        Finding::Text => None,
        Finding::Collapsed => Some(failed(ctx, claim, collapsed())),
        Finding::Fragment => Some(ScrapeOutcome::Unchanged),
    };
    let change = dedup::change(dedup::revised(&verdict, &candidates.found), article);
    let mut members = members(ctx, &verdict, &candidates.found).await?;
    let origin = match members.as_mut() {
        Some(members) => {
            members.push(Member {
                article: None,
                agency: claim.agency.clone(),
                credit: fingerprint.credit.clone(),
                published: article.published,
                stored_at: (ctx.clock)(),
            });
            aside(|| dedup::origin_of(members))
        }
        None => None,
    };
    let drop_body = dedup::drops_body(ctx.rules.keep, &verdict, origin);
    Ok(Judged { verdict, seen: candidates.seen, change, origin, drop_body, no_text })
}

/// The articles of the stories that a verdict makes one; `None` when it makes none.
pub(super) async fn members(ctx: &Context, verdict: &Verdict, found: &[Candidate]) -> store::Result<Option<Vec<Member>>> {
    let Verdict::Copy { of, joins, .. } = verdict else { return Ok(None) };
    let own = found.iter().filter(|candidate| candidate.article == *of).map(|candidate| candidate.story);
    let mut stories: Vec<StoryId> = own.chain(joins.iter().copied()).collect();
    stories.sort_unstable();
    stories.dedup();
    ctx.store.read(move |ledger| ledger.members(&stories)).await.map(Some)
}

/// What becomes of an entry whose page could not be had.
pub(super) fn failed(ctx: &Context, claim: &EntryClaim, trouble: Trouble) -> ScrapeOutcome {
    let next = schedule::next_scrape(&ctx.rules.schedule, claim.attempt, trouble.failure, (ctx.clock)(), (ctx.dice)());
    match next {
        // What was not asked for yet took no attempt.
        Some(at) => ScrapeOutcome::Retry { counted: !matches!(trouble.failure, Failure::Waits(_)), trouble, at },
        None => ScrapeOutcome::Failed(trouble),
    }
}

/// What becomes of an entry whose publisher reserves the use of its page.
fn respected(claim: &EntryClaim, trouble: Trouble) -> ScrapeOutcome {
    match claim.article {
        Some(_) => ScrapeOutcome::Unchanged,
        None => ScrapeOutcome::Skipped(trouble.reason),
    }
}

/// Whether a page answered and has no text of its own.
fn is_textless(trouble: &Trouble) -> bool {
    match trouble.class {
        // One that comes with a 429 or 503 is over soon.
        "captcha" => trouble.failure == Failure::Persistent,
        class => matches!(class, "empty" | "consent" | "script_only"),
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

fn no_text() -> Trouble {
    let reason = "the page has no text".to_owned();
    Trouble { failure: Failure::Persistent, class: "empty", reason }
}

fn collapsed() -> Trouble {
    let reason = "the page shows a few other words in place of its text".to_owned();
    Trouble { failure: Failure::Persistent, class: "collapsed", reason }
}

fn gone_home(document: &Document) -> Trouble {
    let reason = format!("the page is gone: its address leads to {}", document.head.final_url);
    Trouble { failure: Failure::Persistent, class: "gone_home", reason }
}
