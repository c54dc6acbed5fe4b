//! Articles that newer ones overtook to the last, and those whose page changed, judged again when it is quiet.

use crate::dedup;
use crate::model::{ArticleId, Candidate, FiledArticle, Fingerprint, Origin, Reconciliation, Standing, Verdict};
use crate::store;

use super::scrape::{CANDIDATES, members};
use super::{Context, aside};

/// Articles judged again in one go.
const BATCH: usize = 32;
/// Articles of its own story that one is compared with: its origin and the first of the others.
const COMPANIONS: usize = 16;
/// An article is parted from its story where less than this share of the shorter text stands in the other one. It is far less
/// than what joins two stories, so that a page that is written on and on does not come and go.
const PARTED_BELOW: f64 = 0.3;

/// Judges again what was filed although newer articles had come, and writes what is concluded. How many there were.
pub async fn reconcile(ctx: &Context) -> store::Result<usize> {
    let waiting = ctx.store.read(|ledger| ledger.unreconciled(BATCH)).await?;
    for article in &waiting {
        let said = again(ctx, *article).await?;
        let now = (ctx.clock)();
        ctx.store.write(move |ledger| ledger.reconcile(&said, now)).await?;
    }
    Ok(waiting.len())
}

/// Judges a filed article by all that is filed now.
async fn again(ctx: &Context, id: ArticleId) -> store::Result<Reconciliation> {
    let nothing = Reconciliation { article: id, standing: Standing::Stays, verdict: Verdict::Original, origin: None };
    let Some(filed) = ctx.store.read(move |ledger| ledger.filed_article(id)).await? else { return Ok(nothing) };
    let reach = ctx.rules.reach(&filed.source_name);
    let mut fingerprint = dedup::fingerprint(&ctx.rules.dedup, &filed.article, &filed.article.url);
    dedup::reduce(&mut fingerprint, reach);
    let standing = standing(ctx, &filed, &fingerprint).await?;
    let own = fingerprint.clone();
    let mut candidates = ctx.store.read(move |ledger| ledger.candidates(&own, CANDIDATES)).await?;
    dedup::within(&fingerprint, filed.source, reach, |name| ctx.rules.reach(name), &mut candidates);
    dedup::joinable(filed.story, &mut candidates);
    let verdict = aside(|| dedup::judge(&ctx.rules.dedup, &fingerprint, &candidates.found));
    let verdict = dedup::respect(verdict, &candidates.found, &candidates.apart);
    let origin = match members(ctx, &verdict, &candidates.found).await? {
        Some(mut all) => {
            let own = filed.story;
            let companions = ctx.store.read(move |ledger| ledger.members(&[own])).await?;
            all.extend(companions.into_iter().filter(|one| standing != Standing::Parts || one.article == Some(id)));
            aside(|| dedup::origin_of(&all))
        }
        None => None,
    };
    let origin = match origin {
        Some(Origin::Filed(article)) => Some(article),
        _ => None,
    };
    Ok(Reconciliation { article: id, standing, verdict, origin })
}

/// Whether an article is still what its story is about, and how it relates to its origin now.
async fn standing(ctx: &Context, filed: &FiledArticle, own: &Fingerprint) -> store::Result<Standing> {
    let (id, story) = (filed.id, filed.story);
    // A text too short to tell, and one that is not to be compared, say nothing against the story.
    if own.text.is_none() {
        return Ok(Standing::Stays);
    }
    let members = ctx.store.read(move |ledger| ledger.members(&[story])).await?;
    let lenient = dedup::Thresholds {
        containment: PARTED_BELOW,
        without: dedup::Rule::ALL.into_iter().filter(|rule| *rule != dedup::Rule::Containment).collect(),
        ..ctx.rules.dedup.clone()
    };
    let (mut told, mut alike) = (false, false);
    for other in members.into_iter().filter_map(|member| member.article).filter(|other| *other != id).take(COMPANIONS) {
        let Some(other) = ctx.store.read(move |ledger| ledger.filed_article(other)).await? else { continue };
        let companion = candidate(ctx, other);
        if companion.is_origin
            && let Verdict::Copy { relation, evidence, .. } =
                aside(|| dedup::judge(&ctx.rules.dedup, own, std::slice::from_ref(&companion)))
        {
            return Ok(Standing::As(relation, evidence));
        }
        told |= companion.text.is_some();
        alike |= companion.text.is_none() || aside(|| dedup::judge(&lenient, own, &[companion])) != Verdict::Original;
    }
    Ok(if told && !alike { Standing::Parts } else { Standing::Stays })
}

/// A filed article as something to be compared with, by its text alone.
fn candidate(ctx: &Context, filed: FiledArticle) -> Candidate {
    let fingerprint = dedup::fingerprint(&ctx.rules.dedup, &filed.article, &filed.article.url);
    Candidate {
        article: filed.id,
        story: filed.story,
        source: filed.source,
        agency: filed.agency,
        credit: fingerprint.credit,
        url_key: fingerprint.url_key,
        keys: Vec::new(),
        named: Vec::new(),
        text: fingerprint.text,
        title: fingerprint.title,
        body: fingerprint.body,
        published_at: filed.stored_at,
        is_origin: filed.is_origin,
    }
}
