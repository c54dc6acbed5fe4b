//! Where a document leads: which of its entries are wanted, and which pages are read after it.

use crate::address;
use crate::dedup;
use crate::dedup::window::{self, Sifted, Terms};
use crate::model::{Diagnostic, Feed, FeedClaim, FeedKind, NewEntry, Pages, Timestamp, Url};
use crate::schedule;
use crate::store;

use super::Context;

/// One document of a source, seen from the claim on it.
pub(super) struct Walking<'a> {
    claim: &'a FeedClaim,
    terms: Terms<'a>,
    now: Timestamp,
    /// It was not cut short.
    whole: bool,
}

impl<'a> Walking<'a> {
    pub(super) fn of(
        claim: &'a FeedClaim,
        feed: &Feed,
        document_complete: bool,
        selection: &'a dedup::Selection,
        now: Timestamp,
    ) -> Walking<'a> {
        let days = schedule::walk::named_span(&claim.url);
        let terms = Terms::of(claim, feed.dialect, days, selection, now);
        Walking { claim, terms, now, whole: document_complete && feed.complete }
    }

    /// Takes out what is not wanted.
    pub(super) fn sift(&self, feed: &mut Feed) -> Sifted {
        let mut sifted = window::sift(std::mem::take(&mut feed.entries), &self.terms.wanted());
        feed.entries = std::mem::take(&mut sifted.entries);
        sifted
    }

    /// The operator's selection, as far as it holds here.
    pub(super) fn selection(&self) -> dedup::Selection {
        self.terms.selection()
    }

    /// Puts aside what has no date and is no news.
    pub(super) fn put_aside(&self, fresh: &mut [NewEntry]) {
        self.terms.put_aside(fresh);
    }

    /// The pages that are read next: the children of an index, and for a walk the page before this one.
    pub(super) async fn pages(&self, ctx: &Context, feed: &mut Feed, sifted: &Sifted, fresh: &[NewEntry]) -> store::Result<Pages> {
        let mut pages = match feed.children.is_empty() {
            true => Pages::default(),
            false => self.children(ctx, feed).await?,
        };
        if let Some(walk) = &self.claim.place.walk {
            let entries = sifted.kept + sifted.beyond;
            if let Some(chain) = schedule::walk::goes_on(walk, &self.claim.place, entries, sifted.oldest, fresh.len()) {
                pages.next.extend(self.older(feed).map(|url| schedule::walk::older(url, chain)));
            }
            pages.reached = sifted.oldest.zip(walk.window.from).is_some_and(|(oldest, from)| oldest <= from);
            let wanted = |new: &&NewEntry| new.skipped.is_none() && window::is_within(&walk.window, &new.entry);
            pages.within = fresh.iter().filter(wanted).map(|new| new.key.clone()).collect();
        }
        if self.terms.kind == FeedKind::Sitemap || !feed.children.is_empty() {
            pages.wanted_from = Some(self.terms.watermark());
        }
        pages.seen_all = self.terms.has_seen_all(self.whole, pages.left);
        pages.found = sifted.found;
        pages.beyond = sifted.beyond;
        Ok(pages)
    }

    async fn children(&self, ctx: &Context, feed: &mut Feed) -> store::Result<Pages> {
        let index = self.claim.feed;
        let known = ctx.store.read(move |ledger| ledger.pages(index)).await?;
        let since = Some(self.terms.watermark());
        let pages = schedule::walk::children(&feed.children, self.whole, &known, &self.claim.place, since, self.now);
        if self.claim.place.depth >= schedule::walk::DEEPEST {
            let detail = format!("an index of {} sitemaps, nested too deep to be followed", feed.children.len());
            feed.diagnostics.push(Diagnostic { step: "nested-index".into(), detail, count: 1 });
        }
        Ok(pages)
    }

    /// The page with the entries before these (RFC 5005 §3 and §4, JSON Feed `next_url`).
    fn older(&self, feed: &Feed) -> Option<Url> {
        let link = feed.hints.archive_page.as_deref().or(feed.hints.next_page.as_deref())?;
        address::resolve(Some(&self.claim.url), link).filter(|url| *url != self.claim.url)
    }
}
