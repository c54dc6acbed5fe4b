//! `wireroom dedup`: which of many documents are one story.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde_json::{Value, json};
use wireroom::calendar;
use wireroom::dedup::{self, Index, Member, Reach, Rule, Search, Thresholds};
use wireroom::model::{
    Article, ArticleId, Assume, Candidate, Candidates, ChangeNumber, Fingerprint, PressTime, Relation, SourceId, StoryId,
    Timestamp, Url, Verdict,
};

use super::rehearsal::{self, Stand};
use super::{World, replay};

/// What `dedup` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Stream the documents that a JSON Lines file lists in the order they were published, one JSON line each
    #[arg(long, value_name = "DOCS", required_unless_present = "replay")]
    batch: Option<PathBuf>,
    #[command(flatten)]
    replay: replay::Arguments,
    /// Leave a rule of the judge out, to see what it is worth
    #[arg(long, value_name = "RULE", value_parser = rule)]
    without: Vec<Rule>,
    /// File in memory instead of a ledger made for the occasion: faster, the same rules
    #[arg(long, requires = "batch")]
    memory: bool,
    /// Say on standard error what the judging cost
    #[arg(long)]
    explain: bool,
}

fn rule(name: &str) -> Result<Rule, String> {
    let names = || Rule::ALL.map(Rule::as_str).join(", ");
    Rule::ALL.into_iter().find(|rule| rule.as_str() == name).ok_or_else(|| format!("the rules are {}", names()))
}

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Some(batch) = &arguments.batch else { return replay::run(world, &arguments.replay) };
    let thresholds = Thresholds { without: arguments.without.clone(), ..Thresholds::default() };
    let mut documents = read(batch, (world.clock)())?;
    // The order of arrival; documents of one instant in the order of the file.
    documents.sort_by_key(|document| document.at);
    if !arguments.memory {
        print(&documents, &rehearsal::rehearse(world, &thresholds, &documents)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut room = Room::default();
    for document in &documents {
        room.file(&thresholds, document);
    }
    room.print(&documents)?;
    if arguments.explain {
        super::print::aside(&format!("{} documents, {} pairs compared", documents.len(), room.compared));
    }
    Ok(ExitCode::SUCCESS)
}

/// The stories as they stand after the last document, in the order of arrival.
fn print(documents: &[Document], stands: &[Stand]) -> anyhow::Result<()> {
    // A page that came twice is one article, named by its first document.
    let mut names: HashMap<ArticleId, &Value> = HashMap::new();
    let mut origins: HashMap<StoryId, ArticleId> = HashMap::new();
    for (document, stand) in documents.iter().zip(stands) {
        names.entry(stand.article).or_insert(&document.id);
        origins.insert(stand.story, stand.copy_of.unwrap_or(stand.article));
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    for (document, stand) in documents.iter().zip(stands) {
        let origin = origins.get(&stand.story).and_then(|origin| names.get(origin));
        let copy_of = stand.copy_of.and_then(|origin| names.get(&origin));
        let line = json!({ "id": document.id, "cluster": origin, "duplicate_of": copy_of, "relation": stand.relation });
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

/// One line of the batch.
pub(super) struct Document {
    pub(super) id: Value,
    pub(super) agency: String,
    pub(super) article: Article,
    pub(super) at: Timestamp,
    pub(super) source: SourceId,
    pub(super) source_name: String,
    /// What its source's texts are compared with.
    pub(super) reach: Reach,
}

fn read(path: &Path, now: Timestamp) -> anyhow::Result<Vec<Document>> {
    let file = std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut documents = Vec::new();
    for (number, line) in std::io::BufReader::new(file).lines().enumerate() {
        let line = line?;
        if !line.trim().is_empty() {
            let record = serde_json::from_str(&line).with_context(|| format!("line {} is no record", number + 1))?;
            documents.push(document(&record, now).with_context(|| format!("line {}", number + 1))?);
        }
    }
    Ok(documents)
}

fn document(record: &Value, now: Timestamp) -> anyhow::Result<Document> {
    let text = |name: &str| record[name].as_str().map(str::to_owned);
    let url = text("url").context("a document without url")?;
    let url = Url::parse(&url).with_context(|| format!("{url:?} is no URL"))?;
    let assume = Assume { timezone: Some("UTC"), language: None, seen_at: now };
    let published: Option<PressTime> = text("published").and_then(|time| calendar::parse(&time, &assume));
    let at = published.map_or(now, |time| time.at);
    let body = text("body").unwrap_or_default();
    let paragraphs = body.split('\n').map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let article = Article {
        canonical: text("canonical_url").and_then(|url| Url::parse(&url).ok()),
        title: text("title"),
        body: paragraphs,
        published,
        credit: text("credit"),
        extractor_version: 0,
        ..Article::new(url)
    };
    let agency = text("agency").or_else(|| text("source")).unwrap_or_default();
    Ok(Document {
        id: record["id"].clone(),
        agency,
        article,
        at,
        source: SourceId(0),
        source_name: String::new(),
        reach: Reach::All,
    })
}

/// What is filed, as the ledger would hold it.
#[derive(Default)]
pub(super) struct Room {
    index: Index,
    by_text: HashMap<[u8; 16], Vec<usize>>,
    by_key: HashMap<String, usize>,
    /// The articles, in the order they were filed.
    filed: Vec<Filed>,
    stories: BTreeMap<StoryId, Vec<usize>>,
    desks: BTreeMap<SourceId, String>,
    /// What the texts of sources are compared with.
    reaches: HashMap<String, Reach>,
    /// What was said by hand of two documents, by the place of either: one story, or never.
    hands: HashMap<usize, Vec<(usize, bool)>>,
    compared: usize,
}

struct Filed {
    candidate: Candidate,
    fingerprint: Fingerprint,
    relation: Option<Relation>,
}

impl Room {
    /// A room in which these documents, by their places, are one story or never are.
    pub(super) fn with(hands: &[(usize, usize, bool)]) -> Room {
        let mut room = Room::default();
        for (one, other, same) in hands {
            room.hands.entry(*one).or_default().push((*other, *same));
            room.hands.entry(*other).or_default().push((*one, *same));
        }
        room
    }

    /// Judges a document by what is filed, and files it.
    pub(super) fn file(&mut self, thresholds: &Thresholds, document: &Document) {
        let mut own = dedup::fingerprint(thresholds, &document.article, &document.article.url);
        dedup::reduce(&mut own, document.reach);
        self.desks.insert(document.source, document.source_name.clone());
        self.reaches.insert(document.source_name.clone(), document.reach);
        let mut candidates = Candidates {
            found: self.candidates(thresholds, document.at, &own),
            seen: ChangeNumber(0),
            apart: Vec::new(),
            desks: self.desks.iter().map(|(source, name)| (*source, name.clone())).collect(),
        };
        let reach = |name: &str| self.reaches.get(name).copied().unwrap_or_default();
        dedup::within(&own, document.source, document.reach, reach, &mut candidates);
        let parted = self.parted(&[self.filed.len()]);
        let mut candidates = candidates.found;
        candidates.retain(|candidate| !parted.contains(&candidate.story));
        self.compared += candidates.len();
        let (relation, story) = match dedup::judge(thresholds, &own, &candidates) {
            Verdict::Original => (None, StoryId(self.filed.len() as i64)),
            Verdict::Revision { of } => (Some(Relation::Update), self.filed[of.0 as usize].candidate.story),
            Verdict::Copy { of, joins, relation, .. } => {
                let story = self.filed[of.0 as usize].candidate.story;
                joins.into_iter().for_each(|other| self.join(other, story));
                (Some(relation), story)
            }
        };
        self.add(document, own, relation, story);
        // What was joined by hand stays so, whatever the texts say.
        let place = self.filed.len() - 1;
        for (other, _) in self.hands.get(&place).cloned().unwrap_or_default().iter().filter(|(other, same)| *same && *other < place)
        {
            self.join(self.filed[*other].candidate.story, self.filed[place].candidate.story);
        }
    }

    /// The stories that these documents never belong to.
    fn parted(&self, places: &[usize]) -> Vec<StoryId> {
        let said = places.iter().filter_map(|place| self.hands.get(place)).flatten();
        said.filter(|(_, same)| !same).filter_map(|(other, _)| self.filed.get(*other)).map(|filed| filed.candidate.story).collect()
    }

    /// The articles that share the page, the text, or samples of it.
    fn candidates(&mut self, thresholds: &Thresholds, at: Timestamp, own: &Fingerprint) -> Vec<Candidate> {
        let search = Search { window: thresholds.window.as_secs() as i64, ..Search::default() };
        let keys = std::iter::once(&own.url_key).chain(&own.also).chain(&own.foreign_canonical);
        let mut ids: Vec<usize> = keys.filter_map(|key| self.by_key.get(key).copied()).collect();
        if let Some(same) = own.text.and_then(|text| self.by_text.get(&text)) {
            ids.extend(same.iter().rev().take(search.limit));
        }
        ids.extend(self.index.find(&search, at.as_second(), &own.samples).into_iter().map(|id| id as usize));
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().map(|id| self.filed[id].candidate.clone()).collect()
    }

    fn add(&mut self, document: &Document, own: Fingerprint, relation: Option<Relation>, story: StoryId) {
        let id = self.index.add(document.at.as_second(), &own.samples) as usize;
        if let Some(text) = own.text {
            self.by_text.entry(text).or_default().push(id);
        }
        let keys: Vec<String> = std::iter::once(own.url_key.clone()).chain(own.also.clone()).collect();
        keys.iter().for_each(|key| {
            self.by_key.insert(key.clone(), id);
        });
        let candidate = Candidate {
            article: ArticleId(id as i64),
            story,
            source: document.source,
            agency: document.agency.clone(),
            credit: own.credit.clone(),
            url_key: own.url_key.clone(),
            keys,
            named: Vec::new(),
            text: own.text,
            title: own.title.clone(),
            body: own.body.clone(),
            published_at: document.at,
            is_origin: relation.is_none(),
        };
        self.filed.push(Filed { candidate, fingerprint: own, relation });
        self.stories.entry(story).or_default().push(id);
    }

    fn join(&mut self, other: StoryId, into: StoryId) {
        if other == into || self.stories.get(&other).is_some_and(|places| self.parted(places).contains(&into)) {
            return;
        }
        for id in self.stories.remove(&other).unwrap_or_default() {
            let filed = &mut self.filed[id];
            filed.candidate.story = into;
            if filed.relation.is_none() {
                filed.relation = Some(Relation::Edited);
                filed.candidate.is_origin = false;
            }
            self.stories.entry(into).or_default().push(id);
        }
    }

    /// The stories as they stand after the last document, in the order of arrival.
    fn print(&self, documents: &[Document]) -> anyhow::Result<()> {
        let mut origins: HashMap<StoryId, usize> = HashMap::new();
        for (story, members) in &self.stories {
            let seen: Vec<Member> = members.iter().map(|id| self.member(*id, &documents[*id])).collect();
            origins.insert(*story, members[dedup::origin(&seen)]);
        }
        let mut out = BufWriter::new(std::io::stdout().lock());
        for (id, document) in documents.iter().enumerate() {
            let filed = &self.filed[id];
            let origin = origins.get(&filed.candidate.story).copied().unwrap_or(id);
            let copied = origin != id;
            let relation = copied.then(|| filed.relation.unwrap_or(Relation::Edited).as_str());
            let line = json!({
                "id": document.id,
                "cluster": documents[origin].id,
                "duplicate_of": copied.then(|| &documents[origin].id),
                "relation": relation,
                "credit": filed.fingerprint.credit,
            });
            serde_json::to_writer(&mut out, &line)?;
            out.write_all(b"\n")?;
        }
        out.flush()?;
        Ok(())
    }

    /// The story of each document, in the order of arrival.
    pub(super) fn stories(&self) -> Vec<StoryId> {
        self.filed.iter().map(|filed| filed.candidate.story).collect()
    }

    fn member(&self, id: usize, document: &Document) -> Member {
        Member {
            article: ArticleId(id as i64),
            agency: document.agency.clone(),
            credit: self.filed[id].fingerprint.credit.clone(),
            published: document.article.published,
            filed_at: document.at,
        }
    }
}
