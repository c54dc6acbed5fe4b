//! Documents filed in a ledger made for the occasion: the real search, the real commits, and nothing of it stays.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, bail};
use wireroom::address;
use wireroom::dedup::{self, Thresholds};
use wireroom::model::{
    Address, ArticleId, Change, Committed, Entry, EntryClaim, EntryKey, FeedClaim, FeedKind, FeedSpec, Filing, Head, HubWish,
    Member, NewEntry, Pace, Planned, PollCommit, PollOutcome, PollRead, Scope, ScrapeCommit, ScrapeOutcome, Source, StoryId,
    Timestamp, Url, Validators, Verdict,
};
use wireroom::store::{Role, Settings, StoreHandle};

use super::dedup::Document;
use super::{World, folder};

/// Nobody is asked, so nobody is to be spared.
const NO_PACE: Pace = Pace { delay: Duration::ZERO, per_host: usize::MAX >> 8 };
/// Longer than any rehearsal, in the documents' own time.
const LEASE: Duration = Duration::from_secs(100 * 365 * 86_400);
/// Entries claimed at once.
const CLAIMED: usize = 1000;
/// Most filed articles compared with a new one, as the scrape lane has it.
const CANDIDATES: usize = 32;
/// Upkeep is cut into slices of this length.
const SLICE: Duration = Duration::from_secs(1);
const DAY: i64 = 86_400;

/// How a document stands when all are filed: its story, the article it is a copy of, how it relates.
pub(super) struct Stand {
    pub(super) article: ArticleId,
    pub(super) story: StoryId,
    pub(super) copy_of: Option<ArticleId>,
    pub(super) relation: Option<String>,
}

/// Files the documents, which are in the order of their arrival.
pub(super) fn rehearse(world: &World, thresholds: &Thresholds, documents: &[Document]) -> anyhow::Result<Vec<Stand>> {
    let folder = folder::fresh(world, "wireroom-dedup")?;
    let settings = Settings {
        path: folder.join("wireroom.db"),
        group_readable: false,
        keep_raw: Some(Duration::ZERO),
        window: Some(thresholds.window),
    };
    let stood = StoreHandle::open(&settings, Role::Lanes).map_err(anyhow::Error::from).and_then(|store| {
        let stood = stage(&store, thresholds, documents);
        store.close();
        stood
    });
    std::fs::remove_dir_all(&folder).with_context(|| format!("{}: cannot be removed", folder.display()))?;
    stood
}

fn stage(store: &StoreHandle, thresholds: &Thresholds, documents: &[Document]) -> anyhow::Result<Vec<Stand>> {
    let Some(first) = documents.first() else { return Ok(Vec::new()) };
    let mut claims = claims(store, documents, first.at)?;
    let mut filed = Vec::with_capacity(documents.len());
    let mut day = first.at.as_second().div_euclid(DAY);
    for (number, document) in documents.iter().enumerate() {
        let today = document.at.as_second().div_euclid(DAY);
        if std::mem::replace(&mut day, today) != today {
            let at = document.at;
            while store.write_blocking(move |ledger| ledger.maintain(at, SLICE))? {}
        }
        let claim = claims.remove(&number).with_context(|| format!("document {} came to no claim", document.id))?;
        filed.push(file(store, thresholds, document, claim)?);
    }
    filed.into_iter().map(|id| stand(store, id)).collect()
}

/// Every document as an entry of its source, claimed.
fn claims(store: &StoreHandle, documents: &[Document], now: Timestamp) -> anyhow::Result<HashMap<usize, EntryClaim>> {
    let mut agencies: Vec<&str> = documents.iter().map(|document| document.agency.as_str()).collect();
    agencies.sort_unstable();
    agencies.dedup();
    let sources = agencies.iter().enumerate().map(|(number, agency)| source(number, agency)).collect::<anyhow::Result<Vec<_>>>()?;
    store.write_blocking(move |ledger| ledger.sync_sources(&sources, now))?;
    let feeds = store.write_blocking(move |ledger| ledger.claim_feeds(now, usize::MAX >> 8, Scope::Due, &NO_PACE, LEASE))?;
    for feed in &feeds {
        let number: usize = feed.source_name.trim_start_matches("desk-").parse().context("a source of another name")?;
        let of_desk = documents.iter().enumerate().filter(|(_, document)| document.agency == agencies[number]);
        let fresh = of_desk.map(|(number, document)| entry(number, document, now)).collect::<anyhow::Result<Vec<_>>>()?;
        let commit = poll(feed, fresh, now);
        let feed = feed.clone();
        store.write_blocking(move |ledger| ledger.commit_poll(&feed, &commit))?;
    }
    let mut claims = HashMap::new();
    loop {
        let some = store.write_blocking(move |ledger| ledger.claim_entries(now, CLAIMED, Scope::Due, &NO_PACE, LEASE))?;
        if some.is_empty() {
            return Ok(claims);
        }
        for claim in some {
            let number = claim.entry.id.as_deref().and_then(|id| id.parse().ok()).context("an entry without its number")?;
            claims.insert(number, claim);
        }
    }
}

fn source(number: usize, agency: &str) -> anyhow::Result<Source> {
    Ok(Source {
        name: format!("desk-{number}"),
        was: None,
        agency: agency.to_owned(),
        enabled: true,
        feeds: vec![FeedSpec { url: Url::parse(&format!("https://desk-{number}.invalid/feed"))?, kind: FeedKind::Feed }],
        timezone: None,
        language: None,
    })
}

/// The entry that stands for a document. Its address is made up: two documents of one page are to be judged, not fetched once.
fn entry(number: usize, document: &Document, now: Timestamp) -> anyhow::Result<NewEntry> {
    let url = Url::parse(&format!("https://desk.invalid/{number}"))?;
    Ok(NewEntry {
        key: EntryKey(number.to_string()),
        also: Vec::new(),
        url_key: Some(address::key(&url)),
        host: Some(address::host_key(&url)),
        entry: Entry { id: Some(number.to_string()), title: document.article.title.clone(), ..Entry::of_page(Some(url), now) },
        digest: [0; 16],
        skipped: None,
    })
}

fn poll(claim: &FeedClaim, fresh: Vec<NewEntry>, now: Timestamp) -> PollCommit {
    let head = Head {
        status: 200,
        final_url: claim.url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: now,
        fields: Vec::new(),
    };
    let read = PollRead::of_entries(head, fresh);
    PollCommit {
        outcome: PollOutcome::Read(Box::new(read)),
        host: claim.host.clone(),
        polled_at: now,
        next: Planned { at: Timestamp::MAX, why: "a rehearsal".to_owned(), forbidden_before: None, interval_s: 0 },
        rhythm: claim.rhythm.clone(),
        met: Vec::new(),
        look_again: None,
        address: Address::Stays,
        hub: HubWish::Keep,
        trust: None,
    }
}

/// Judges one document by what the ledger holds, and files it.
fn file(store: &StoreHandle, thresholds: &Thresholds, document: &Document, claim: EntryClaim) -> anyhow::Result<ArticleId> {
    let article = document.article.clone();
    let fingerprint = dedup::fingerprint(thresholds, &article, &article.url);
    let own = fingerprint.clone();
    let found = store.read_blocking(move |ledger| ledger.candidates(&own, CANDIDATES))?;
    let verdict = dedup::judge(thresholds, &fingerprint, &found.found);
    let origin = match &verdict {
        Verdict::Copy { of, joins, .. } => {
            let own = found.found.iter().filter(|candidate| candidate.article == *of).map(|candidate| candidate.story);
            let stories: Vec<StoryId> = own.chain(joins.iter().copied()).collect();
            let mut members = store.read_blocking(move |ledger| ledger.members(&stories))?;
            members.push(Member {
                article: None,
                agency: document.agency.clone(),
                credit: fingerprint.credit.clone(),
                published: article.published,
                stored_at: document.at,
            });
            dedup::origin_of(&members)
        }
        _ => None,
    };
    let filing = Filing {
        article,
        fingerprint,
        verdict,
        seen: found.seen,
        settle: true,
        origin,
        drop_body: false,
        change: Change::Updated,
        lines: Vec::new(),
    };
    let commit = ScrapeCommit {
        outcome: ScrapeOutcome::Filed(Box::new(filing)),
        host: claim.host.clone(),
        scraped_at: document.at,
        raw: None,
        recheck: None,
        looked: None,
        raw_more: Vec::new(),
    };
    match store.write_blocking(move |ledger| ledger.commit_scrape(&claim, &commit))? {
        Committed::Filed(Some(article)) => Ok(article),
        other => bail!("document {} was not filed: {other:?}", document.id),
    }
}

fn stand(store: &StoreHandle, id: ArticleId) -> anyhow::Result<Stand> {
    let row = store.read_blocking(move |ledger| ledger.article(id))?.with_context(|| format!("article {id} is gone"))?;
    Ok(Stand { article: id, story: row.story_id, copy_of: row.duplicate_of, relation: row.relation })
}
