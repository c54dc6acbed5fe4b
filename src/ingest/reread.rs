//! Filed articles read again from the pages kept, by today's reader and with today's learnt lines.

use crate::article;
use crate::dedup;
use crate::model::{
    Article, ArticleId, Document, Edge, Extracted, Head, KeptPage, RawResponse, Reread, Rereading, SourceId, Timestamp, Trouble,
    Validators,
};
use crate::store;

use super::{Context, aside};

/// Articles looked at in one go when a line comes back.
const BATCH: usize = 64;

/// What came of one article.
#[derive(Debug, Clone)]
pub enum Again {
    /// What the ledger says of it.
    Read(Reread),
    /// Its page is not kept, or the text is the feed's.
    NoPage,
    /// Today's reader finds no text on the page; the article stays as it is.
    NoText,
    /// It could not be read.
    Failed(Trouble),
}

/// Reads one filed article again, and with `write` writes what changed: the current text in place, no revision.
pub async fn read_again(ctx: &Context, id: ArticleId, write: bool) -> store::Result<Again> {
    // Whoever changed the article meanwhile read its page: then that one is read.
    for _ in 0..3 {
        match once(ctx, id, write).await? {
            Again::Read(Reread::Overtaken) => {}
            again => return Ok(again),
        }
    }
    Ok(Again::Read(Reread::Overtaken))
}

async fn once(ctx: &Context, id: ArticleId, write: bool) -> store::Result<Again> {
    let Some(kept) = ctx.store.read(move |ledger| ledger.kept_page(id)).await? else { return Ok(Again::NoPage) };
    let KeptPage { seq, source, source_name, asked, entry, pages, .. } = kept;
    let learnt = ctx.store.read(move |ledger| ledger.learnt(source)).await?;
    let rules = ctx.rules.desk(&source_name).pages;
    let mut pages: Vec<Document> = pages.into_iter().map(document).collect();
    let (read, first) = loop {
        let (back, extracted) = ctx.extractor.read(pages, entry.clone(), rules.clone(), learnt.boilerplate.clone()).await;
        match (extracted, back) {
            (Ok(Extracted::Article(article)), back) => break (*article, back.and_then(|pages| pages.into_iter().next())),
            // What is not kept now is not asked for: the past is read from what there is of it.
            (Ok(Extracted::Needs(urls)), Some(mut back)) => {
                let at = seen(&back);
                back.extend(urls.into_iter().map(|url| article::missing_page(url, at)));
                pages = back;
            }
            (Ok(Extracted::Needs(_)), None) => return Ok(Again::NoPage),
            (Err(trouble), _) => return Ok(Again::Failed(trouble)),
        }
    };
    // What stands in the place of a page is no text, and a page that says less than the feed did gives nothing better.
    let barred = first.is_some_and(|page| aside(|| article::barred(&page, &read)).is_err());
    if read.body.is_empty() || barred || is_poorer(ctx, id, &read).await? {
        return Ok(Again::NoText);
    }
    let mut fingerprint = dedup::fingerprint(&ctx.rules.dedup, &read, &asked);
    dedup::reduce(&mut fingerprint, ctx.rules.reach(&source_name));
    let reading = Rereading { article: id, seq, read, fingerprint, text_alone: false };
    let now = (ctx.clock)();
    let reread = match write {
        true => ctx.store.write(move |ledger| ledger.reread(&reading, now)).await?,
        false => ctx.store.read(move |ledger| ledger.compare(&reading)).await?,
    };
    Ok(Again::Read(reread))
}

/// Whether the article's text is the feed's, and longer than what was read off its page.
async fn is_poorer(ctx: &Context, id: ArticleId, read: &Article) -> store::Result<bool> {
    let filed = ctx.store.read(move |ledger| ledger.filed_article(id)).await?;
    Ok(filed.is_some_and(|filed| article::is_from_feed(&filed.article) && filed.article.text().len() > read.text().len()))
}

/// Gives the articles of a source back a line that was cut from them and is boilerplate no more. How many there were.
pub async fn restore(ctx: &Context, source: SourceId, line: &str, edge: Edge) -> store::Result<usize> {
    let (mut after, mut restored) = (ArticleId(0), 0);
    loop {
        let ids = ctx.store.read(move |ledger| ledger.cut_articles(source, after, BATCH)).await?;
        let Some(last) = ids.last() else { return Ok(restored) };
        after = *last;
        for id in ids {
            // Whoever changed the article meanwhile did not bring the line back.
            for _ in 0..3 {
                match restore_one(ctx, id, line, edge).await? {
                    Some(Reread::Overtaken) => {}
                    reread => {
                        restored += usize::from(matches!(reread, Some(Reread::Changed(_))));
                        break;
                    }
                }
            }
        }
    }
}

/// Gives one article back a line; `None` where it was not cut from it.
async fn restore_one(ctx: &Context, id: ArticleId, line: &str, edge: Edge) -> store::Result<Option<Reread>> {
    let found = ctx.store.read(move |ledger| Ok((ledger.filed_article(id)?, ledger.article(id)?.map(|row| row.seq)))).await?;
    let (Some(filed), Some(seq)) = found else { return Ok(None) };
    let mut read = filed.article;
    if !article::boilerplate::restore(&mut read, line, edge) {
        return Ok(None);
    }
    let mut fingerprint = dedup::fingerprint(&ctx.rules.dedup, &read, &read.url);
    dedup::reduce(&mut fingerprint, ctx.rules.reach(&filed.source_name));
    let reading = Rereading { article: id, seq, read, fingerprint, text_alone: true };
    let now = (ctx.clock)();
    ctx.store.write(move |ledger| ledger.reread(&reading, now)).await.map(Some)
}

/// A kept page as it was when it was fetched.
fn document(kept: RawResponse) -> Document {
    Document {
        url: kept.final_url.clone(),
        head: Head {
            fields: Vec::new(),
            status: kept.status,
            final_url: kept.final_url,
            validators: Validators::default(),
            fresh_for: None,
            moved_to: None,
            fetched_at: kept.fetched_at,
        },
        content_type: kept.content_type,
        content_language: None,
        body: kept.body,
        complete: true,
    }
}

/// When the pages were fetched.
fn seen(pages: &[Document]) -> Timestamp {
    pages.first().map(|page| page.head.fetched_at).unwrap_or_default()
}
