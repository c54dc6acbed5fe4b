//! What `dedup` concludes about an article, and what it looks at.

use jiff::Timestamp;

use super::{ArticleId, PressTime, SourceId, StoryId};

/// What identifies an article's page and text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fingerprint {
    /// The key of the page's URL (`address::key`): the page's identity.
    pub url_key: String,
    /// Further keys that name the same page: the address asked for, a believed canonical.
    pub also: Vec<String>,
    /// The key of a canonical URL on another site: evidence of a copy, never identity.
    pub foreign_canonical: Option<String>,
    /// For an AMP or mobile edition: the key of the page itself by the customs of such editions. Evidence, to be confirmed
    /// by the text.
    pub weak: Option<String>,
    /// Hash of the normalised text; `None` when the text is too short to identify anything.
    pub text: Option<[u8; 16]>,
    /// Number of words of the text.
    pub words: u32,
    /// Sampled hashes of the text's shingles, ascending, at most 24: what the ledger's index holds of it while its window
    /// lasts, and by which near-copies are found. Empty where nothing can be found by them.
    pub samples: Vec<u32>,
    /// The headline: compared, and never stored with the fingerprint.
    pub title: Option<String>,
    /// The body as one text: compared, and never stored with the fingerprint.
    pub body: String,
    /// The outlet that the text or its page credits, as printed.
    pub credit: Option<String>,
}

/// A filed article that may be the same page or the same text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The article.
    pub article: ArticleId,
    /// Its story.
    pub story: StoryId,
    /// The source that ran it.
    pub source: SourceId,
    /// The agency that source is a desk of, as configured.
    pub agency: String,
    /// The outlet its text credits, when it credits one.
    pub credit: Option<String>,
    /// The key of its page.
    pub url_key: String,
    /// The keys of the addresses at which its page was read, `url_key` included.
    pub keys: Vec<String>,
    /// Keys that its page names as its canonical URL, where no page was read yet: evidence, to be confirmed by the text.
    pub named: Vec<String>,
    /// Hash of its normalised current text.
    pub text: Option<[u8; 16]>,
    /// Its current headline.
    pub title: Option<String>,
    /// Its current body.
    pub body: String,
    /// Publication instant, or first filing where the page gave none.
    pub published_at: Timestamp,
    /// Whether it is its story's origin.
    pub is_origin: bool,
}

/// A number of the ledger's change sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ChangeNumber(pub i64);

/// Candidates, with the last change that the search could see.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    /// The filed articles to be compared.
    pub found: Vec<Candidate>,
    /// The last change seen; a commit probes for newer ones.
    pub seen: ChangeNumber,
    /// Stories among theirs that were parted by hand and are never joined.
    pub apart: Vec<(StoryId, StoryId)>,
    /// The names of their sources in the configuration.
    pub desks: Vec<(SourceId, String)>,
}

/// An article of a story, as far as it matters for which one is the origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The article; `None`: the one about to be filed.
    pub article: Option<ArticleId>,
    /// The agency its source is a desk of, as configured.
    pub agency: String,
    /// The outlet its text credits, when it credits one.
    pub credit: Option<String>,
    /// When its page says that it was published.
    pub published: Option<PressTime>,
    /// When it was first filed.
    pub stored_at: Timestamp,
}

/// Which article of a story is its origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The one about to be filed.
    Own,
    /// One that is filed.
    Filed(ArticleId),
}

/// A filed article as it can be judged again: what its row still knows of what its page said.
#[derive(Debug, Clone)]
pub struct FiledArticle {
    /// The article.
    pub id: ArticleId,
    /// Its story.
    pub story: StoryId,
    /// Its source.
    pub source: SourceId,
    /// Its source's name in the configuration.
    pub source_name: String,
    /// The agency its source is a desk of.
    pub agency: String,
    /// Whether it is its story's origin.
    pub is_origin: bool,
    /// When it was first filed.
    pub stored_at: Timestamp,
    /// What it says now; of a copy without a body of its own, its origin's.
    pub article: super::Article,
}

/// Where a filed article stands in the story that it is filed in, when it is judged again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Standing {
    /// As it stood.
    #[default]
    Stays,
    /// It is a copy of its origin still, in another way.
    As(Relation, Evidence),
    /// It is none of that story any more: its page shows another text now.
    Parts,
}

/// A filed article judged again.
#[derive(Debug, Clone)]
pub struct Reconciliation {
    /// The article.
    pub article: ArticleId,
    /// How it stands to its own story.
    pub standing: Standing,
    /// What is said of it now.
    pub verdict: Verdict,
    /// The origin of the story that comes of it.
    pub origin: Option<ArticleId>,
}

/// How a copy relates to its origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// The same text.
    Exact,
    /// The same text by agreement, with a credit.
    Syndicated,
    /// The head of the text.
    Truncated,
    /// The text, edited.
    Edited,
    /// The text with news in it.
    Update,
    /// The text, corrected and said so.
    Corrected,
}

impl Relation {
    /// The word used in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Relation::Exact => "exact",
            Relation::Syndicated => "syndicated",
            Relation::Truncated => "truncated",
            Relation::Edited => "edited",
            Relation::Update => "update",
            Relation::Corrected => "corrected",
        }
    }
}

/// What became of a page's text between two revisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Change {
    /// It changed.
    #[default]
    Updated,
    /// It changed, and the page says that something was wrong.
    Corrected,
}

impl Change {
    /// The word used in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Change::Updated => "updated",
            Change::Corrected => "corrected",
        }
    }
}

/// Why two articles were joined: stored, so that every merge can be explained and undone.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// One sentence.
    pub why: String,
    /// Percent of the smaller text that stands in the other one (containment, Broder 1997).
    pub containment: u8,
    /// Numbers and names that agree in the same surroundings.
    pub agreeing: u32,
    /// Numbers and names that differ in the same surroundings.
    pub conflicting: u32,
    /// The article that this is about, where it is not the origin: the one whose text was laid beside this one's, or the one
    /// that made two stories one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<ArticleId>,
}

/// The conclusion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A new text on a new page.
    Original,
    /// A page that is filed already; its text may have changed.
    Revision {
        /// The article it is.
        of: ArticleId,
    },
    /// A text that is filed already, on another page.
    Copy {
        /// The article it copies.
        of: ArticleId,
        /// Stories that this document shows to be one.
        joins: Vec<StoryId>,
        /// How it relates.
        relation: Relation,
        /// Why.
        evidence: Evidence,
    },
}
