//! Is the entry known, is the text filed, which story.
//!
//! Three gates, each cheaper than the next: the same entry (its key within the source), the same
//! page (its URL key), the same text (its fingerprint).

mod names;
mod identity;
mod triage;
pub mod window;
mod words;
mod sample;
mod index;
mod align;
mod headline;
mod compare;
mod rules;
mod judge;
mod revision;
mod credit;
mod policy;

pub use credit::{Member, credit, origin, same_agency};
pub use index::{Index, Search};
pub use judge::judge;
pub use policy::{Keep, Reach, drops_body, joinable, origin_of, reduce, respect, within};
pub use revision::{Absence, absence, change, collapsed, revised};
pub use rules::Rule;
pub use triage::{Triage, keys, triage};

use std::time::Duration;

use crate::address;
use crate::model::{Article, Fingerprint, Url};

/// The version of the fingerprint. It rises when the same text is hashed or sampled in another way: the ledger's index of
/// near-copies is bound to it.
pub const VERSION: u32 = 1;

/// Which entries of a source are scraped. `exclude` wins over `include`.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// When not empty, one must match URL or title.
    pub include: Vec<regex::Regex>,
    /// None may match URL or title.
    pub exclude: Vec<regex::Regex>,
    /// Entries of a source's first poll that are older than this are not scraped.
    pub max_age: Option<Duration>,
    /// What of an address is not the page's identity; the whole house has one.
    pub tracking: address::Tracking,
}

/// Where the judge draws its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds {
    /// Fewest words of a text that can identify a story.
    pub min_words: u32,
    /// How long a text can be found by near-copies of it.
    pub window: Duration,
    /// Least share of the shorter text that stands in the other one, where nothing else speaks for a copy.
    pub containment: f64,
    /// Rules that are not asked: for measuring what each is worth.
    pub without: Vec<Rule>,
    /// What of an address is not the page's identity.
    pub tracking: address::Tracking,
}

impl Default for Thresholds {
    fn default() -> Thresholds {
        Thresholds {
            min_words: 12,
            window: Duration::from_secs(7 * 86_400),
            containment: 0.65,
            without: Vec::new(),
            tracking: address::Tracking::default(),
        }
    }
}

/// What identifies an article. `asked` is the address the entry named, before redirects.
///
/// A canonical URL is believed only on the page's own site and when it names neither the home page
/// nor a section; on another site it is evidence of a copy, never identity.
pub fn fingerprint(thresholds: &Thresholds, article: &Article, asked: &Url) -> Fingerprint {
    let url_key = address::key_with(&thresholds.tracking, &article.url);
    let mut also = Vec::new();
    let mut foreign_canonical = None;
    let asked_key = address::key_with(&thresholds.tracking, asked);
    // A redirect that ends on the home page or a section names no page of its own.
    if asked_key != url_key {
        also.push(asked_key);
    }
    if let Some(canonical) = &article.canonical
        && !address::is_root_or_section(canonical)
    {
        let key = address::key_with(&thresholds.tracking, canonical);
        if !address::same_site(canonical, &article.url) {
            foreign_canonical = Some(key);
        } else if key != url_key && !also.contains(&key) {
            also.push(key);
        }
    }
    let body = article.text();
    let features = sample::features(&body);
    Fingerprint {
        url_key,
        also,
        foreign_canonical,
        weak: address::weak_key_with(&thresholds.tracking, &article.url),
        text: (features.words >= thresholds.min_words).then_some(features.hash),
        words: features.words,
        samples: if features.words >= thresholds.min_words { features.samples } else { Vec::new() },
        title: article.title.clone(),
        credit: article.credit.clone().or_else(|| credit(&body)),
        body,
    }
}
