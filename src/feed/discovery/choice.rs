//! Which of the finds are followed.

use crate::model::{FeedKind, FeedSpec, Url};

use super::Find;

/// A new find takes the place of a feed that is followed and answers only when it is better by so many points.
const BETTER_BY: i32 = 30;

/// What to follow of finds, the best first: the best feed, and beside it the best news sitemap that tells of the same page,
/// since it holds for days what a feed holds for hours. Where there is no feed, the best news sitemap.
pub fn choose(finds: &[Find]) -> Vec<&Find> {
    let feed = best(finds, FeedKind::Feed, |_| true);
    let sitemap = best(finds, FeedKind::Sitemap, |find| feed.is_none() || find.fits);
    feed.into_iter().chain(sitemap).collect()
}

/// What is followed from now on. `current` is what is followed and answers: it stays while it is about as good as what would
/// be chosen, and also when it was not asked this time. `tried` was asked in vain.
pub fn follow(finds: &[Find], tried: &[(Url, String)], current: &[FeedSpec]) -> Vec<FeedSpec> {
    let feed = of_kind(finds, tried, current, FeedKind::Feed, |_| true);
    let sitemap = of_kind(finds, tried, current, FeedKind::Sitemap, |find| feed.is_none() || find.fits);
    feed.iter().cloned().chain(sitemap).collect()
}

fn best(finds: &[Find], kind: FeedKind, is_wanted: impl Fn(&Find) -> bool) -> Option<&Find> {
    finds.iter().find(|find| find.kind == kind && find.rank.usable && is_wanted(find))
}

fn of_kind(
    finds: &[Find],
    tried: &[(Url, String)],
    current: &[FeedSpec],
    kind: FeedKind,
    is_wanted: impl Fn(&Find) -> bool,
) -> Option<FeedSpec> {
    let best = best(finds, kind, &is_wanted);
    let stays = |own: &FeedSpec| match finds.iter().find(|find| find.url == own.url) {
        None => !tried.iter().any(|(url, _)| *url == own.url),
        Some(find) => {
            let is_as_good = best.is_none_or(|best| find.rank.points + BETTER_BY >= best.rank.points);
            find.rank.usable && is_wanted(find) && is_as_good
        }
    };
    let own = current.iter().find(|own| own.kind == kind && stays(own)).cloned();
    own.or_else(|| best.map(|find| FeedSpec { url: find.url.clone(), kind }))
}
