//! `wireroom extract`: one page, or many, as JSON; or why a page reads as it does.

mod explanation;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use wireroom::article::{self, Model, Rules};
use wireroom::calendar;
use wireroom::model::{Article, Boilerplate, Document, Entry, Extracted, Purpose, Timestamp, Url};

use super::{World, page, print};

/// What `extract` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A file, a URL, or - for standard input
    #[arg(required_unless_present = "batch")]
    input: Option<String>,
    /// The address the page was found at
    #[arg(long)]
    url: Option<Url>,
    /// Print JSON (an article is always printed so; an explanation only when asked)
    #[arg(long)]
    json: bool,
    /// Print why the page reads as it does: every candidate of every field, every block, and why it won or lost
    #[arg(long, conflicts_with_all = ["batch", "blocks"])]
    explain: bool,
    /// Try a selector of [source.extract], as FIELD=SELECTOR: body, remove (may be given again), title, authors, published, section
    #[arg(long, value_name = "FIELD=SELECTOR", conflicts_with = "blocks")]
    select: Vec<String>,
    /// Read many pages: one JSON object {id, url, html} a line, `html` a path relative to this file
    #[arg(long, value_name = "MANIFEST.jsonl", conflicts_with_all = ["input", "url"])]
    batch: Option<PathBuf>,
    /// Pages read at once (default: the number of cores)
    #[arg(long, requires = "batch")]
    jobs: Option<usize>,
    /// Print every block of the page with what was measured of it instead of the article
    #[arg(long)]
    blocks: bool,
    /// Choose the blocks by this model instead of the program's own
    #[arg(long, hide = true, value_name = "MODEL.txt")]
    model: Option<PathBuf>,
}

/// How pages are read.
struct Reading {
    model: Option<Model>,
    blocks: bool,
    rules: Rules,
    now: Timestamp,
}

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let model = match &arguments.model {
        Some(path) => Some(Model::read(&std::fs::read_to_string(path).with_context(|| path.display().to_string())?)),
        None => None,
    };
    let reading = Reading { model, blocks: arguments.blocks, rules: rules(&arguments.select)?, now: (world.clock)() };
    match (&arguments.batch, &arguments.input) {
        (Some(manifest), _) => batch(manifest, arguments, &reading),
        (None, Some(input)) => single(world, input, arguments, &reading),
        (None, None) => bail!("nothing to read: name a file, a URL or -"),
    }
}

/// Reads one page and prints one object.
fn single(world: &World, input: &str, arguments: &Arguments, reading: &Reading) -> anyhow::Result<ExitCode> {
    let pages = match page::is_address(input) && !reading.blocks {
        true => page::whole(world, input, &reading.rules)?,
        false => vec![page::read(world, input, arguments.url.as_ref().map(Url::as_str), None, Purpose::Page)?],
    };
    if arguments.explain {
        let entry = Entry::of_page(pages.first().map(|page| page.url.clone()), reading.now);
        let explanation = article::explain(&pages, &entry, &reading.rules, &Boilerplate::default())?;
        let article = as_json(&explanation.article);
        if arguments.json {
            print::json(&explanation::program(&explanation, &article))?;
        } else {
            explanation::people(&explanation, &article)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    print::json(&answer(&pages, reading)?)?;
    Ok(ExitCode::SUCCESS)
}

/// The selectors given by hand, checked as those of the configuration are.
fn rules(given: &[String]) -> anyhow::Result<Rules> {
    let mut rules = Rules::default();
    for word in given {
        let (field, selector) = word.split_once('=').with_context(|| format!("`{word}` is not FIELD=SELECTOR"))?;
        if let Err(reason) = article::check_selector(selector) {
            bail!("`{selector}` is no selector: {reason}");
        }
        let selector = selector.to_owned();
        match field.trim() {
            "body" => rules.body = Some(selector),
            "remove" => rules.remove.push(selector),
            "title" => rules.title = Some(selector),
            "authors" => rules.authors = Some(selector),
            "published" => rules.published = Some(selector),
            "section" => rules.section = Some(selector),
            other => bail!("`{other}` takes no selector: body, remove, title, authors, published and section do"),
        }
    }
    Ok(rules)
}

/// What is printed of one page; a panic of the reader is an error like another.
fn answer(pages: &[Document], reading: &Reading) -> anyhow::Result<Value> {
    let read = || -> anyhow::Result<Value> {
        if reading.blocks {
            let first = pages.first().context("there is no page")?;
            let (names, blocks) = article::weigh(first)?;
            return Ok(json!({ "names": names, "blocks": blocks }));
        }
        let entry = Entry::of_page(pages.first().map(|page| page.url.clone()), reading.now);
        let model = reading.model.as_ref().unwrap_or_else(|| Model::own());
        match article::extract_by(model, pages, &entry, &reading.rules, &Boilerplate::default())? {
            Extracted::Article(article) => Ok(as_json(&article)),
            Extracted::Needs(pages) => Ok(json!({ "needs": pages })),
        }
    };
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(answer) => answer,
        Err(cause) => {
            let text = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
            bail!("the reader panicked: {}", text.unwrap_or("no message"))
        }
    }
}

/// The fields of CONTRACTS.md, "Batch formats".
fn as_json(article: &Article) -> Value {
    json!({
        "url": article.url,
        "canonical": article.canonical,
        "title": article.title,
        "summary": article.summary,
        "body": article.text(),
        "authors": article.authors,
        "published": article.published.as_ref().map(calendar::to_iso),
        "modified": article.modified.as_ref().map(calendar::to_iso),
        "section": article.section,
        "tags": article.tags,
        "lang": article.language,
        "image": article.image,
        "dateline": article.dateline,
        "credit": article.credit,
        "free": article.free,
        "live": article.live,
        "captions": article.captions,
        "marker": article.marker,
        "cut": article.cut,
        "provenance": article.provenance,
        "reservations": article.reservations,
        "notes": article.notes,
        "extractor_version": article.extractor_version,
    })
}

/// Reads every page of the manifest, several at once, and prints one line each in the manifest's order.
fn batch(manifest: &Path, arguments: &Arguments, reading: &Reading) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(manifest).with_context(|| manifest.display().to_string())?;
    let records: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let folder = manifest.parent().unwrap_or(Path::new("."));
    let jobs = arguments.jobs.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1).max(1);
    let next = AtomicUsize::new(0);
    // A page may be this far ahead of the one that is printed; a slow page holds the others up, memory stays bounded.
    let (send, receive) = mpsc::sync_channel::<(usize, String)>(jobs * 16);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let (send, next, records) = (send.clone(), &next, &records);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(record) = records.get(index) else { return };
                    if send.send((index, line(record, folder, reading))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        print_in_order(&receive)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Prints lines as they come, each in its turn.
fn print_in_order(lines: &mpsc::Receiver<(usize, String)>) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut waiting = std::collections::BTreeMap::new();
    let mut turn = 0;
    for (index, line) in lines {
        waiting.insert(index, line);
        while let Some(line) = waiting.remove(&turn) {
            writeln!(out, "{line}")?;
            turn += 1;
        }
    }
    out.flush()?;
    Ok(())
}

/// The line of one record: its article, or what went wrong with it.
fn line(record: &str, folder: &Path, reading: &Reading) -> String {
    let record: Value = serde_json::from_str(record).unwrap_or(Value::Null);
    let id = record.get("id").cloned().unwrap_or(Value::Null);
    match of_record(&record, folder, reading) {
        Ok(Value::Object(fields)) => {
            let mut line = serde_json::Map::new();
            line.insert("id".to_owned(), id);
            line.extend(fields);
            Value::Object(line).to_string()
        }
        Ok(other) => json!({ "id": id, "answer": other }).to_string(),
        Err(error) => json!({ "id": id, "error": format!("{error:#}") }).to_string(),
    }
}

fn of_record(record: &Value, folder: &Path, reading: &Reading) -> anyhow::Result<Value> {
    let text = |key: &str| record.get(key).and_then(Value::as_str);
    let html = text("html").context("the record names no html file")?;
    let url = text("url").and_then(|url| Url::parse(url).ok());
    let body = page::file(&folder.join(html))?;
    answer(&[page::document(body, url, None, reading.now)], reading)
}
