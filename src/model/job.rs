//! Claims and commits: what a job gets from the ledger and everything it wants written.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::{
    Article, ArticleId, Candidate, Change, ChangeNumber, ClaimId, Delivery, Diagnostic, Entry, EntryId, EntryKey, FeedId, FeedKind,
    FeedSpec, Fingerprint, Gap, Head, Hints, HostState, HubWish, Looked, Origin, Pages, Place, Push, Refused, Rhythm, SeenLine,
    SourceId, Span, Trouble, Trust, Validators, Verdict, Window,
};

/// Which jobs may be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those whose time has come.
    Due,
    /// Everything not yet tried since this instant, unless a server forbade it: one run by hand.
    Asked {
        /// When the run started.
        since: Timestamp,
    },
    /// Those of one source whose time has come: its backfill.
    Source(SourceId),
}

/// How fast one host may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Least distance from one request's start to the next one's.
    pub delay: Duration,
    /// Requests to one host at the same time.
    pub per_host: usize,
}

/// The right to poll one feed.
#[derive(Debug, Clone)]
pub struct FeedClaim {
    /// The claim.
    pub claim: ClaimId,
    /// The feed.
    pub feed: FeedId,
    /// Its source.
    pub source: SourceId,
    /// The source's name in the configuration.
    pub source_name: String,
    /// Where the feed is.
    pub url: Url,
    /// What it is.
    pub kind: FeedKind,
    /// Validators of the copy whose entries are all in the ledger.
    pub validators: Validators,
    /// Hash of that copy's bytes, so that an unchanged body sent with 200 costs nothing.
    pub body_hash: Option<[u8; 16]>,
    /// Failures in a row so far.
    pub failures: u32,
    /// How it has behaved.
    pub rhythm: Rhythm,
    /// Whether its last document had to be mended.
    pub mended: bool,
    /// Whether it was found on a home page, and not named by the operator.
    pub discovered: bool,
    /// Whether it is asked at `url` because it moved there, and is named elsewhere.
    pub moved: bool,
    /// Manners towards its host.
    pub host: HostState,
    /// Where it stands among its source's pages.
    pub place: Place,
    /// How its subscription at a hub stands, when there is one.
    pub push: Option<Push>,
    /// What its hub delivered, to be read in place of a request.
    pub delivered: Option<Delivery>,
}

/// The time of the next attempt and why then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// When; `Timestamp::MAX` for a found page that rests until something names it again.
    pub at: Timestamp,
    /// In words, for `status`.
    pub why: String,
    /// Whether the other side forbids coming sooner (Retry-After, skipHours): binds a poll asked for by hand too.
    pub forbidden_before: Option<Timestamp>,
    /// The planner's new interval, seconds.
    pub interval_s: u64,
}

/// Everything one poll wants written, or nothing of it.
#[derive(Debug, Clone)]
pub struct PollCommit {
    /// What happened.
    pub outcome: PollOutcome,
    /// The host's manners as they are now.
    pub host: HostState,
    /// When the answer was in.
    pub polled_at: Timestamp,
    /// The next poll.
    pub next: Planned,
    /// How the feed behaves, this poll included.
    pub rhythm: Rhythm,
    /// Manners of further hosts that the poll met.
    pub met: Vec<HostState>,
    /// When the home page is looked at again on which the feed was found, after a failure.
    pub look_again: Option<LookAgain>,
    /// Where it is asked from now on.
    pub address: Address,
    /// What becomes of the feed's subscription at a hub.
    pub hub: HubWish,
    /// How far its pushes are trusted after this poll; `None`: as before.
    pub trust: Option<Trust>,
}

/// Where a feed is asked from now on. Its row, its history and its name in the configuration stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Address {
    /// Where it was asked.
    #[default]
    Stays,
    /// At the address it moved to for good.
    Moves(Url),
    /// Where it is named, since where it moved to it is no more.
    Returns,
}

/// A home page is looked at again at once when all of its feeds of one kind have failed, and it was looked at long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookAgain {
    /// So many times in a row.
    pub failures: u32,
    /// Before this instant.
    pub before: Timestamp,
}

/// What a poll brought.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one exists for each poll in flight, and is moved a few times")]
pub enum PollOutcome {
    /// 304, or 200 with the very bytes we know.
    Unchanged(Head),
    /// A document that was read.
    Read(Box<PollRead>),
    /// The feeds discovered on a home page: these and no others are followed. `None`: they were looked for lately and answer.
    Found(Option<Vec<FeedSpec>>),
    /// Nothing usable.
    Failed(Trouble),
}

/// A document that was read, triaged.
#[derive(Debug, Clone)]
pub struct PollRead {
    /// The answer's head.
    pub head: Head,
    /// The feed's title.
    pub title: Option<String>,
    /// Entries new to the source, in document order.
    pub fresh: Vec<NewEntry>,
    /// Known entries that say something new: to be scraped again.
    pub changed: Vec<(EntryId, NewEntry)>,
    /// How many entries were known and unchanged.
    pub unchanged: usize,
    /// Elements recorded as refused.
    pub refused: Vec<Refused>,
    /// Validators to keep: only of a complete document all of whose entries are in this commit or the ledger.
    pub validators: Option<Validators>,
    /// Hash of the body, under the same condition.
    pub body_hash: Option<[u8; 16]>,
    /// What had to be mended.
    pub diagnostics: Vec<Diagnostic>,
    /// Bytes of the document that could not be made anything of.
    pub bytes_lost: u64,
    /// Known entries that came under a name the ledger does not have for them yet.
    pub renamed: Vec<(EntryId, EntryKey)>,
    /// Known entries of another feed that lack what this document says of them.
    pub completed: Vec<(EntryId, NewEntry)>,
    /// What the document listed, when it was complete.
    pub window: Option<Window>,
    /// What was published and gone again between the last poll and this one, when something was.
    pub gap: Option<Gap>,
    /// Hints for the planner.
    pub hints: Hints,
    /// The pages it leads to, and what it said of them.
    pub pages: Pages,
}

impl PollRead {
    /// A document that brought these entries and said nothing else.
    pub fn of_entries(head: Head, fresh: Vec<NewEntry>) -> PollRead {
        PollRead {
            head,
            title: None,
            fresh,
            changed: Vec::new(),
            completed: Vec::new(),
            unchanged: 0,
            refused: Vec::new(),
            validators: None,
            body_hash: None,
            diagnostics: Vec::new(),
            bytes_lost: 0,
            renamed: Vec::new(),
            window: None,
            gap: None,
            hints: Hints::default(),
            pages: Pages::default(),
        }
    }

    /// Whether the document had to be mended or left something unread.
    pub fn needed_mending(&self) -> bool {
        !self.diagnostics.is_empty() || !self.refused.is_empty() || self.bytes_lost > 0
    }
}

/// An entry about to get its row.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Its key within the source.
    pub key: EntryKey,
    /// Further names by which it may come again.
    pub also: Vec<EntryKey>,
    /// The entry.
    pub entry: Entry,
    /// The key of its page (`address::key`), when it has one.
    pub url_key: Option<String>,
    /// The host to be asked (`address::host_key`), when it has one.
    pub host: Option<String>,
    /// What it said, in short: a change of it makes the entry `changed`.
    pub digest: [u8; 16],
    /// Why it is not scraped, when it is not.
    pub skipped: Option<String>,
}

/// What the ledger knows of a source's entries.
#[derive(Debug, Clone, Default)]
pub struct KnownEntries {
    /// By key, be it the first one or a later name; only the keys asked for.
    pub entries: HashMap<EntryKey, KnownEntry>,
    /// By the key of their page, where a key asked for is one; the newest entry first.
    pub pages: HashMap<String, Vec<KnownEntry>>,
    /// Whether the feed was ever read before.
    pub first_poll: bool,
    /// Whether the document is a feed, which lists news, dated or not; a sitemap lists all there is.
    pub lists_news: bool,
}

/// One entry the ledger knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownEntry {
    /// Its row.
    pub id: EntryId,
    /// The key of its page.
    pub url_key: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// What it said, in short.
    pub digest: [u8; 16],
    /// The feed that said it, while that one is polled.
    pub feed: Option<FeedId>,
    /// When it was published, as it said when it last said something new.
    pub published: Option<Timestamp>,
    /// When its page was last asked for.
    pub scraped_at: Option<Timestamp>,
    /// How often its page was read again and had not changed.
    pub idle: u32,
    /// Whether its article is in the ledger.
    pub filed: bool,
    /// How it stands.
    pub state: EntryState,
    /// Why it was set aside, where that was for what one document said of it and another may say otherwise.
    pub aside: Option<String>,
}

/// The state of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryState {
    /// Waiting for its page.
    Pending,
    /// Its article is in the ledger.
    Filed,
    /// Given up; the reason says why.
    Failed,
    /// Not wanted; the reason says why.
    Skipped,
}

impl EntryState {
    /// The word used in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            EntryState::Pending => "pending",
            EntryState::Filed => "filed",
            EntryState::Failed => "failed",
            EntryState::Skipped => "skipped",
        }
    }
}

/// The right to scrape one entry.
#[derive(Debug, Clone)]
pub struct EntryClaim {
    /// The claim.
    pub claim: ClaimId,
    /// The entry's row.
    pub entry_id: EntryId,
    /// Its source.
    pub source: SourceId,
    /// The source's name in the configuration.
    pub source_name: String,
    /// The agency it is a desk of.
    pub agency: String,
    /// The page to fetch.
    pub url: Url,
    /// The entry as the feed gave it; its `content` only while that may stand for a page that cannot be had.
    pub entry: Entry,
    /// This attempt's number, 1 for the first.
    pub attempt: u32,
    /// Manners towards the page's host.
    pub host: HostState,
    /// The article that the entry is filed as, when it is: every scrape of it is a look at that article.
    pub article: Option<ArticleId>,
    /// Looks in a row that found no page.
    pub missed: u32,
    /// A planned look at a filed page; `None` when the entry is pending: the feed brought it, or a person asked for it.
    pub recheck: Option<Recheck>,
    /// The time that the backfill which brought it asked for.
    pub asked_for: Option<Span>,
}

/// A later look at a page that is filed: it may have been corrected, or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recheck {
    /// When.
    pub at: Timestamp,
    /// Validators of the page as it was last read, so that an unchanged one costs its server little.
    pub validators: Validators,
    /// Looks in a row that found no page.
    pub missed: u32,
}

/// Everything one scrape wants written.
#[derive(Debug, Clone)]
pub struct ScrapeCommit {
    /// What happened.
    pub outcome: ScrapeOutcome,
    /// The host's manners as they are now.
    pub host: HostState,
    /// When it happened.
    pub scraped_at: Timestamp,
    /// The page as fetched, to be kept, when it was.
    pub raw: Option<RawResponse>,
    /// Its further pages, where the article comes in parts.
    pub raw_more: Vec<RawResponse>,
    /// When a page that is filed is looked at again; `None`: no more.
    pub recheck: Option<Recheck>,
    /// How the page was read, when it was.
    pub looked: Option<Looked>,
}

/// What a scrape brought.
#[derive(Debug, Clone)]
pub enum ScrapeOutcome {
    /// An article, with what `dedup` says of it.
    Filed(Box<Filing>),
    /// Nothing yet: try again.
    Retry {
        /// Why.
        trouble: Trouble,
        /// When.
        at: Timestamp,
        /// Whether this attempt counts against the limit (a host that defers us takes none).
        counted: bool,
    },
    /// Given up.
    Failed(Trouble),
    /// Not wanted, or not allowed.
    Skipped(String),
    /// A page looked at again says what it said.
    Unchanged,
    /// A page looked at again could not be had; what is filed stays.
    Missed {
        /// Why.
        trouble: Trouble,
        /// Whether the agency took the article back.
        retracted: bool,
    },
}

/// An article ready to be filed.
#[derive(Debug, Clone)]
pub struct Filing {
    /// The article.
    pub article: Article,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The verdict.
    pub verdict: Verdict,
    /// The last change the verdict could see.
    pub seen: ChangeNumber,
    /// True after the last round of judging: commit even if newer candidates exist (they are reconciled later).
    pub settle: bool,
    /// For a copy: which article is its story's origin from now on (`dedup::origin`); `None` leaves it where it is.
    pub origin: Option<Origin>,
    /// For a copy that is not the origin: its origin's body stands for its own, which is not kept.
    pub drop_body: bool,
    /// What became of the text, should it be a revision.
    pub change: Change,
    /// Lines of the text that are counted for learning what is boilerplate.
    pub lines: Vec<SeenLine>,
}

/// A page as fetched, after content decoding.
#[derive(Debug, Clone)]
pub struct RawResponse {
    /// Where it came from, after redirects.
    pub final_url: Url,
    /// The status code.
    pub status: u16,
    /// The `Content-Type` field value.
    pub content_type: Option<String>,
    /// When.
    pub fetched_at: Timestamp,
    /// The bytes.
    pub body: Vec<u8>,
}

/// The ledger's answer to a commit.
#[derive(Debug, Clone)]
pub enum Committed {
    /// Written. The article, when there is one.
    Filed(Option<ArticleId>),
    /// Nothing written: these articles were filed since the verdict; judge again.
    Overtaken(Vec<Candidate>, ChangeNumber),
    /// Nothing written: the claim had lapsed and someone else holds it.
    Stale,
}
