//! The nouns: plain data that crosses a seam between rooms, without behaviour beyond guarding an invariant.

mod ids;
mod time;
mod source;
mod http;
mod feed;
mod article;
mod learning;
mod verdict;
mod trouble;
mod rhythm;
mod job;
mod walk;
mod hub;
mod silence;

pub use article::{Article, Dateline, Extracted, Note, Provenance};
pub use feed::{Child, Diagnostic, Enclosure, Entry, Feed, Hints, Refused};
pub use http::{Document, Fetched, Head, HostState, Purpose, Request, Validators};
pub use hub::{
    Delivery, DeliveryId, HubClaim, HubCommit, HubOffer, HubOutcome, HubWish, Push, Pushed, Secret, Taken, Trust, Verification,
    VerificationMode,
};
pub use ids::{ArticleId, ClaimId, EntryId, EntryKey, FeedId, SourceId, StoryId};
pub use job::{
    Address, Committed, EntryClaim, EntryState, FeedClaim, Filing, KnownEntries, KnownEntry, LookAgain, NewEntry, Pace, Planned,
    PollCommit, PollOutcome, PollRead, RawResponse, Recheck, Scope, ScrapeCommit, ScrapeOutcome,
};
pub use learning::{
    Boilerplate, Drift, Edge, Facet, FieldChange, KeptPage, Learnt, LineEvidence, Looked, Reread, Rereading, SeenLine, Shape,
};
pub use rhythm::{Budget, Gap, Rhythm, Sight, Window};
pub use silence::{Heard, Silence};
pub use source::{FeedKind, FeedSpec, Source};
pub use time::{Assume, Precision, PressTime, ZoneSource};
pub use trouble::{Advice, CLASSES, Failure, Trouble, advice};
pub use verdict::{
    Candidate, Candidates, Change, ChangeNumber, Evidence, FiledArticle, Fingerprint, Member, Origin, Reconciliation, Relation,
    Standing, Verdict,
};
pub use walk::{Chain, KnownPage, Page, Pages, Place, Span, Walk, WalkId, WalkOrder, WalkReason};

/// An instant; the package behind it belongs to `calendar`.
pub use jiff::{SignedDuration, Timestamp};
/// A parsed absolute address; the package behind it belongs to `address`.
pub use url::Url;
