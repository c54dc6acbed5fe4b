//! Articles that newer ones overtook to the last, judged again when it is quiet.

use crate::dedup;
use crate::model::{ArticleId, Origin, Reconciliation, Verdict};
use crate::store;

use super::scrape::{CANDIDATES, members};
use super::{Context, aside};

/// Articles judged again in one go.
const BATCH: usize = 32;

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
    let nothing = Reconciliation { article: id, verdict: Verdict::Original, origin: None };
    let Some(filed) = ctx.store.read(move |ledger| ledger.filed_article(id)).await? else { return Ok(nothing) };
    let reach = ctx.rules.reach(&filed.source_name);
    let mut fingerprint = dedup::fingerprint(&ctx.rules.dedup, &filed.article, &filed.article.url);
    dedup::reduce(&mut fingerprint, reach);
    let own = fingerprint.clone();
    let mut candidates = ctx.store.read(move |ledger| ledger.candidates(&own, CANDIDATES)).await?;
    dedup::within(&fingerprint, filed.source, reach, |name| ctx.rules.reach(name), &mut candidates);
    dedup::joinable(filed.story, &mut candidates);
    let verdict = aside(|| dedup::judge(&ctx.rules.dedup, &fingerprint, &candidates.found));
    let verdict = dedup::respect(verdict, &candidates.found, &candidates.apart);
    let origin = match members(ctx, &verdict, &candidates.found).await? {
        Some(mut all) => {
            let own = filed.story;
            all.extend(ctx.store.read(move |ledger| ledger.members(&[own])).await?);
            aside(|| dedup::origin_of(&all))
        }
        None => None,
    };
    let origin = match origin {
        Some(Origin::Filed(article)) => Some(article),
        _ => None,
    };
    Ok(Reconciliation { article: id, verdict, origin })
}
