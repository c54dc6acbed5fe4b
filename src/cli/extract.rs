//! `wireroom extract`: one page, or many, as JSON.

use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use wireroom::article::{self, Model, Rules};
use wireroom::calendar;
use wireroom::model::{Article, Boilerplate, Document, Entry, Extracted, Head, Timestamp, Url, Validators};

/// What `extract` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A file, a URL, or - for standard input
    #[arg(required_unless_present = "batch")]
    input: Option<String>,
    /// The address the page was found at
    #[arg(long)]
    url: Option<Url>,
    /// Print JSON (the only form there is, accepted for symmetry)
    #[arg(long)]
    json: bool,
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
    #[arg(long, hide = true)]
    model: Option<PathBuf>,
}

/// How pages are read.
struct Reading {
    model: Option<Model>,
    blocks: bool,
    now: Timestamp,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments, now: Timestamp) -> anyhow::Result<ExitCode> {
    let model = match &arguments.model {
        Some(path) => Some(Model::read(&std::fs::read_to_string(path).with_context(|| path.display().to_string())?)),
        None => None,
    };
    let reading = Reading { model, blocks: arguments.blocks, now };
    match (&arguments.batch, &arguments.input) {
        (Some(manifest), _) => batch(manifest, arguments, &reading),
        (None, Some(input)) => single(input, arguments, &reading),
        (None, None) => bail!("nothing to read: name a file, a URL or -"),
    }
}

/// Reads one page and prints one object.
fn single(input: &str, arguments: &Arguments, reading: &Reading) -> anyhow::Result<ExitCode> {
    let document = match Url::parse(input) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => fetched(&url)?,
        _ => {
            let (body, place) = read_input(input)?;
            document(body, arguments.url.clone().unwrap_or(place), reading.now)
        }
    };
    let answer = answer(&document, reading)?;
    println!("{}", serde_json::to_string_pretty(&answer)?);
    Ok(ExitCode::SUCCESS)
}

/// Asks a host for the page.
fn fetched(url: &Url) -> anyhow::Result<Document> {
    bail!("{url}: fetching is not wired in yet; save the page and give --url")
}

/// The bytes of a file or of standard input, and an address that stands for it.
fn read_input(input: &str) -> anyhow::Result<(Vec<u8>, Url)> {
    let nowhere = || Url::parse("http://localhost/").context("an address that cannot be wrong");
    if input == "-" {
        let mut body = Vec::new();
        std::io::stdin().lock().read_to_end(&mut body).context("standard input")?;
        return Ok((body, nowhere()?));
    }
    let body = read_file(Path::new(input))?;
    Ok((body, nowhere()?))
}

/// A file's bytes, unpacked when its name ends in `.gz`.
fn read_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    if path.extension().is_none_or(|extension| extension != "gz") {
        return Ok(bytes);
    }
    let mut body = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut body).with_context(|| path.display().to_string())?;
    Ok(body)
}

/// A page that came from no host.
fn document(body: Vec<u8>, url: Url, now: Timestamp) -> Document {
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: now,
    };
    Document { url, head, content_type: None, content_language: None, body, complete: true }
}

/// What is printed of one page; a panic of the reader is an error like another.
fn answer(document: &Document, reading: &Reading) -> anyhow::Result<Value> {
    let read = || -> anyhow::Result<Value> {
        if reading.blocks {
            let (names, blocks) = article::weigh(document)?;
            return Ok(json!({ "names": names, "blocks": blocks }));
        }
        let entry = Entry::of_page(Some(document.url.clone()), reading.now);
        let model = reading.model.as_ref().unwrap_or_else(|| Model::own());
        let pages = std::slice::from_ref(document);
        match article::extract_by(model, pages, &entry, &Rules::default(), &Boilerplate::default())? {
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
    let url = Url::parse(text("url").unwrap_or("http://localhost/")).or_else(|_| Url::parse("http://localhost/"))?;
    let body = read_file(&folder.join(html))?;
    answer(&document(body, url, reading.now), reading)
}
