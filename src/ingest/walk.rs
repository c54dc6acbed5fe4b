//! Where a document leads: which of its entries are wanted, and which pages are read after it.

use crate::address;
use crate::dedup;
use crate::dedup::window::{self, Sifted, Wanted};
use crate::model::{Diagnostic, Feed, FeedClaim, FeedKind, NewEntry, Page, Pages, SignedDuration, Timestamp, Walk, WalkReason};
use crate::schedule;
use crate::store;

use super::Context;

/// One document of a source, seen from the claim on it.
pub(super) struct Walking<'a> {
    claim: &'a FeedClaim,
    selection: &'a dedup::Selection,
    now: Timestamp,
    /// Entries before this instant are not wanted, when the claim is on a sitemap or turns out to be.
    watermark: Timestamp,
}

impl<'a> Walking<'a> {
    pub(super) fn of(claim: &'a FeedClaim, selection: &'a dedup::Selection, now: Timestamp) -> Walking<'a> {
        let first = || before(now, selection.max_age);
        let watermark = claim.place.wanted_from.unwrap_or_else(first);
        Walking { claim, selection, now, watermark }
    }

    fn walk(&self) -> Option<&Walk> {
        self.claim.place.walk.as_ref()
    }

    /// Takes out what is not wanted. A feed's own window is short, and all of it goes to triage.
    pub(super) fn sift(&self, feed: &mut Feed) -> Sifted {
        let window = self.walk().map(|walk| walk.window);
        let since = match self.claim.kind {
            FeedKind::Feed | FeedKind::Home => Some(Timestamp::MIN),
            FeedKind::Sitemap => Some(self.watermark),
            FeedKind::Archive => None,
        };
        let mut sifted = window::sift(std::mem::take(&mut feed.entries), &Wanted { since, window });
        feed.entries = std::mem::take(&mut sifted.entries);
        sifted
    }

    /// The operator's selection; an age that a backfill reaches beyond does not bind it.
    pub(super) fn selection(&self) -> dedup::Selection {
        let reaches_back = match (self.walk(), self.selection.max_age) {
            (Some(Walk { reason: WalkReason::Backfill, window, .. }), Some(max_age)) => {
                let back = window.from.and_then(|from| self.now.duration_since(from).try_into().ok());
                back.map(|back| max_age.max(back))
            }
            (Some(_), None) => None,
            (_, max_age) => max_age,
        };
        // What a sitemap or an archive may bring was sifted already.
        let max_age = if self.claim.kind == FeedKind::Feed { reaches_back } else { None };
        dedup::Selection { max_age, ..self.selection.clone() }
    }

    /// Puts aside what a sitemap's first document lists without a date.
    pub(super) fn put_aside(&self, fresh: &mut [NewEntry]) {
        let looks_back = self.claim.rhythm.polls == 0 && self.claim.place.looks_back && self.selection.max_age.is_some();
        if self.claim.kind == FeedKind::Sitemap && looks_back && self.walk().is_none() {
            window::put_undated_aside(fresh);
        }
    }

    /// The pages that are read next: the children of an index, and for a walk the page before this one.
    pub(super) async fn pages(&self, ctx: &Context, feed: &mut Feed, sifted: &Sifted, fresh: &[NewEntry]) -> store::Result<Pages> {
        let mut pages = match feed.children.is_empty() {
            true => Pages::default(),
            false => self.children(ctx, feed).await?,
        };
        if let Some(walk) = self.walk() {
            if schedule::walk::goes_on(walk, &self.claim.place, sifted.kept + sifted.beyond, sifted.oldest, fresh.len()) {
                pages.next.extend(self.older(feed));
            }
            pages.dates.clone_from(&sifted.around);
            let wanted = |new: &&NewEntry| new.skipped.is_none() && window::is_within(&walk.window, &new.entry);
            pages.within = fresh.iter().filter(wanted).map(|new| new.key.clone()).collect();
        }
        if self.claim.kind == FeedKind::Sitemap || !feed.children.is_empty() {
            pages.wanted_from = Some(self.watermark);
        }
        pages.found = sifted.found;
        pages.beyond = sifted.beyond;
        Ok(pages)
    }

    async fn children(&self, ctx: &Context, feed: &mut Feed) -> store::Result<Pages> {
        let index = self.claim.feed;
        let known = ctx.store.read(move |ledger| ledger.pages(index)).await?;
        let pages = schedule::walk::children(&feed.children, &known, &self.claim.place, Some(self.watermark), self.now);
        if self.claim.place.depth >= schedule::walk::DEEPEST {
            let detail = format!("an index of {} sitemaps, nested too deep to be followed", feed.children.len());
            feed.diagnostics.push(Diagnostic { step: "nested-index".into(), detail, count: 1 });
        }
        Ok(pages)
    }

    /// The page with the entries before these (RFC 5005 §3 and §4, JSON Feed `next_url`).
    fn older(&self, feed: &Feed) -> Option<Page> {
        let link = feed.hints.archive_page.as_deref().or(feed.hints.next_page.as_deref())?;
        let url = address::resolve(Some(&self.claim.url), link).filter(|url| *url != self.claim.url)?;
        Some(Page { url, kind: FeedKind::Archive, listed: None, wake: false, follow: false, walk: true })
    }
}

/// `now` less an age; the beginning of time when there is no limit.
fn before(now: Timestamp, age: Option<std::time::Duration>) -> Timestamp {
    let age = age.and_then(|age| SignedDuration::try_from(age).ok());
    age.and_then(|age| now.checked_sub(age).ok()).unwrap_or(Timestamp::MIN)
}
