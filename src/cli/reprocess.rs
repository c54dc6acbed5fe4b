//! `wireroom reprocess [--source NAME] [--dry-run]`: reads the pages kept again, with today's reader, rules and learnt lines.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use serde_json::json;
use tokio::time::Instant;
use wireroom::config::{self, Settings};
use wireroom::daemon;
use wireroom::ingest::{self, Again, Context};
use wireroom::model::{ArticleId, FieldChange, Reread, SourceId};
use wireroom::store::{Role, StoreHandle};

use super::{World, configuration, print, wiring};

/// Articles taken in one go; each is read by itself, so that no more than a page is in memory for each that is at work.
const BATCH: usize = 64;
/// Changes shown for each field.
const EXAMPLES: usize = 3;
/// How often progress is shown on a terminal, and where there is none.
const LOOK: Duration = Duration::from_millis(200);
const LINE: Duration = Duration::from_secs(10);
/// Cells of the bar.
const BAR: usize = 24;

/// What `reprocess` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the articles of this source
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Say what would change; write nothing
    #[arg(long)]
    dry_run: bool,
    /// Begin anew instead of going on where an interrupted run ended
    #[arg(long)]
    from_start: bool,
    #[command(flatten)]
    form: print::Form,
}

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let settings = configuration::load(world)?;
    let role = if arguments.dry_run { Role::Reader } else { Role::Writer };
    let store = wiring::open(&settings, role)?;
    let answer = wiring::block_on(reprocess(world, &settings, &store, arguments));
    store.close();
    answer
}

async fn reprocess(world: &World, settings: &Settings, store: &StoreHandle, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let ctx = wiring::context(world, settings, store, None)?;
    let source = match &arguments.source {
        Some(name) => Some(named(store, name).await?),
        None => None,
    };
    let bookmark = format!("reprocess {}", arguments.source.as_deref().unwrap_or("*"));
    let mut after = ArticleId(0);
    if !arguments.from_start && !arguments.dry_run {
        let name = bookmark.clone();
        let place = store.read(move |ledger| ledger.bookmarked(&name)).await?;
        after = ArticleId(place.and_then(|place| place.parse().ok()).unwrap_or(0));
    }
    let all = store.read(move |ledger| ledger.count_articles(source)).await?;
    let mut progress = Progress::of(all, arguments.form.json);
    if after.0 > 0 {
        progress.remark(&format!("going on after article {after}, where the last run ended (--from-start begins anew)"));
    }
    let mut summary = Summary::default();
    let interrupted = go(&ctx, source, after, &bookmark, arguments.dry_run, &mut summary, &mut progress).await?;
    progress.end();
    summary.print(arguments, interrupted)?;
    Ok(ExitCode::SUCCESS)
}

/// The source's number in the ledger, or the name that was probably meant.
async fn named(store: &StoreHandle, name: &str) -> anyhow::Result<SourceId> {
    let asked = name.to_owned();
    let (id, known) = store.read(move |ledger| Ok((ledger.source_id(&asked)?, ledger.sources()?))).await?;
    match (id, config::nearest(name, known.iter().map(|source| source.name.as_str()))) {
        (Some(id), _) => Ok(id),
        (None, Some(nearest)) => bail!("the ledger knows no source {name:?}; did you mean {nearest:?}?"),
        (None, None) => bail!("the ledger knows no source {name:?}"),
    }
}

/// Reads one article after the other until there are no more, or until it is told to stop.
async fn go(
    ctx: &Context,
    source: Option<SourceId>,
    after: ArticleId,
    bookmark: &str,
    dry: bool,
    summary: &mut Summary,
    progress: &mut Progress,
) -> anyhow::Result<bool> {
    let stop = daemon::asked_to_stop();
    tokio::pin!(stop);
    let mut after = after;
    loop {
        let ids = ctx.store.read(move |ledger| ledger.articles_after(source, after, BATCH)).await?;
        let Some(last) = ids.last().copied() else { break };
        let mut interrupted = false;
        for id in ids {
            let again = tokio::select! {
                biased;
                () = &mut stop => { interrupted = true; break }
                again = ingest::read_again(ctx, id, !dry) => again?,
            };
            summary.add(id, again);
            after = id;
            progress.show(summary);
        }
        if !dry {
            let (name, place) = (bookmark.to_owned(), after.to_string());
            ctx.store.write(move |ledger| ledger.bookmark(&name, Some(&place))).await?;
        }
        if interrupted {
            return Ok(true);
        }
        after = last;
    }
    if !dry {
        let name = bookmark.to_owned();
        ctx.store.write(move |ledger| ledger.bookmark(&name, None)).await?;
    }
    Ok(false)
}

/// What was done.
#[derive(Debug, Default)]
struct Summary {
    articles: u64,
    same: u64,
    changed: u64,
    /// Only the reader's version is another.
    version_alone: u64,
    no_page: u64,
    no_text: u64,
    /// The publisher reserves their use, and that is obeyed.
    reserved: u64,
    failed: u64,
    overtaken: u64,
    fields: BTreeMap<String, Field>,
    troubles: Vec<(ArticleId, String)>,
}

/// Changes of one field.
#[derive(Debug, Default)]
struct Field {
    count: u64,
    examples: Vec<(ArticleId, FieldChange)>,
}

impl Summary {
    fn add(&mut self, id: ArticleId, again: Again) {
        self.articles += 1;
        match again {
            Again::Read(Reread::Same) => self.same += 1,
            Again::Read(Reread::Changed(changes)) if changes.is_empty() => self.version_alone += 1,
            Again::Read(Reread::Changed(changes)) => {
                self.changed += 1;
                for change in changes {
                    let field = self.fields.entry(change.field.clone()).or_default();
                    field.count += 1;
                    if field.examples.len() < EXAMPLES {
                        field.examples.push((id, change));
                    }
                }
            }
            Again::Read(Reread::Overtaken) => self.overtaken += 1,
            Again::Read(Reread::Gone) | Again::NoPage => self.no_page += 1,
            Again::NoText => self.no_text += 1,
            Again::Failed(trouble) if trouble.class == "reserved" => self.reserved += 1,
            Again::Failed(trouble) => {
                self.failed += 1;
                if self.troubles.len() < EXAMPLES {
                    self.troubles.push((id, trouble.reason));
                }
            }
        }
    }

    fn print(&self, arguments: &Arguments, interrupted: bool) -> anyhow::Result<()> {
        if arguments.form.json {
            let fields: BTreeMap<&str, _> = self
                .fields
                .iter()
                .map(|(name, field)| {
                    let examples: Vec<_> = field
                        .examples
                        .iter()
                        .map(|(id, change)| json!({ "article": id, "before": change.before, "after": change.after }))
                        .collect();
                    (name.as_str(), json!({ "articles": field.count, "examples": examples }))
                })
                .collect();
            return print::json(&json!({
                "dry_run": arguments.dry_run, "interrupted": interrupted, "articles": self.articles, "changed": self.changed,
                "same": self.same + self.version_alone, "no_page": self.no_page, "no_text": self.no_text,
                "reserved": self.reserved, "failed": self.failed,
                "overtaken": self.overtaken, "fields": fields
            }));
        }
        let would = if arguments.dry_run { "would change" } else { "changed" };
        print::line(&format!(
            "{} articles looked at: {} {would}, {} say what they said; {} have no page kept",
            self.articles,
            self.changed,
            self.same + self.version_alone,
            self.no_page
        ))?;
        for (count, what) in [
            (self.no_text, "left alone: today's reader finds no text on the page, or less than the feed gave"),
            (self.reserved, "left alone: the publisher reserves the use of the page, which is respected"),
            (self.failed, "left alone: the page could not be read"),
            (self.overtaken, "left alone: changed meanwhile"),
        ] {
            if count > 0 {
                print::line(&format!("  {count} {what}"))?;
            }
        }
        for (id, reason) in &self.troubles {
            print::line(&format!("    article {id}: {}", print::tame_line(reason)))?;
        }
        for (name, field) in &self.fields {
            print::line(&format!("\n{name}: {} articles", field.count))?;
            for (id, change) in &field.examples {
                print::line(&format!("  article {id}"))?;
                print::line(&format!("    - {}", print::tame_line(&change.before)))?;
                print::line(&format!("    + {}", print::tame_line(&change.after)))?;
            }
        }
        if interrupted {
            let rest = if arguments.dry_run { "" } else { ": the same command goes on where this one ended" };
            print::line(&format!("\ninterrupted{rest}"))?;
        }
        Ok(())
    }
}

/// How far it is: a bar on a terminal, a line now and then elsewhere; on standard error, so that the answer stays clean.
struct Progress {
    all: u64,
    terminal: bool,
    silent: bool,
    begun: Instant,
    printed: Option<Instant>,
    bar: bool,
}

impl Progress {
    fn of(all: u64, json: bool) -> Progress {
        let terminal = std::io::stderr().is_terminal();
        Progress { all, terminal, silent: json && !terminal, begun: Instant::now(), printed: None, bar: false }
    }

    fn show(&mut self, summary: &Summary) {
        let pause = if self.terminal { LOOK } else { LINE };
        if self.silent || self.printed.unwrap_or(self.begun).elapsed() < pause {
            return;
        }
        self.printed = Some(Instant::now());
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        let counts = format!(
            "{} of {} articles, {} changed, {:.0} a second",
            summary.articles,
            self.all,
            summary.changed,
            summary.articles as f64 / seconds
        );
        if self.terminal {
            let filled = (BAR as u64 * summary.articles / self.all.max(1)).min(BAR as u64) as usize;
            let bar = "#".repeat(filled) + &"-".repeat(BAR - filled);
            // Whoever closed standard error does not want to see it.
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K[{bar}] {counts}");
            self.bar = true;
        } else {
            print::aside(&counts);
        }
    }

    fn remark(&mut self, text: &str) {
        if !self.silent {
            print::aside(text);
        }
    }

    fn end(&mut self) {
        if std::mem::take(&mut self.bar) {
            let _ = writeln!(std::io::stderr().lock());
        }
    }
}
