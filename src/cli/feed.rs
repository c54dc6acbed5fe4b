//! `wireroom feed`: one feed or sitemap, or many, as JSON.

use std::io::{BufRead, BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde_json::{Value, json};
use wireroom::calendar;
use wireroom::feed::{self, Reading};
use wireroom::model::{Assume, Entry, Feed, FeedKind, PressTime, Purpose, Url};

use super::{World, page, print};

/// What `feed` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A file, a URL, or - for standard input
    #[arg(required_unless_present = "batch")]
    input: Option<String>,
    /// The address the document came from: links in it are relative to it
    #[arg(long)]
    url: Option<Url>,
    /// The Content-Type it came with
    #[arg(long, value_name = "T")]
    content_type: Option<String>,
    /// IANA zone of dates without one
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// BCP 47 language of the source
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// Print JSON (the only form there is, accepted for symmetry)
    #[arg(long)]
    json: bool,
    /// Say on standard error what had to be mended
    #[arg(long)]
    explain: bool,
    /// Read the documents that a JSON Lines file lists, one JSON line each
    #[arg(long, value_name = "RECORDS", conflicts_with_all = ["input", "url", "content_type"])]
    batch: Option<PathBuf>,
}

/// Stands for the address of a document that has none (RFC 6761 §6.4), so that relative links can be
/// told from absolute ones and are printed as they were written.
const NOWHERE: &str = "http://nowhere.invalid/-/";

/// Runs the verb.
pub(crate) fn run(world: &World, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let now = (world.clock)();
    if let Some(zone) = arguments.timezone.as_deref().filter(|zone| !calendar::is_known_zone(zone)) {
        anyhow::bail!("no zone is called {zone:?}; IANA names look like Asia/Baku");
    }
    let assume = Assume { timezone: arguments.timezone.as_deref(), language: arguments.language.as_deref(), seen_at: now };
    if let Some(records) = &arguments.batch {
        return batch(records, &assume);
    }
    let url = arguments.url.as_ref().map_or(NOWHERE, Url::as_str);
    let input = arguments.input.as_deref().unwrap_or("-");
    let document = page::read(world, input, Some(url), arguments.content_type.as_deref(), Purpose::Feed)?;
    match feed::parse(&document, &Reading { kind: FeedKind::Feed, assume }) {
        Ok(feed) => {
            let address = Some(&document.url).filter(|_| arguments.url.is_some());
            if arguments.explain {
                explain(&feed, document.body.len());
            }
            let mut out = std::io::stdout().lock();
            serde_json::to_writer_pretty(&mut out, &shown(&feed, address, &assume))?;
            writeln!(out)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            print::aside(&format!("wireroom: {error}"));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// One line of JSON for each line of the records.
fn batch(records: &Path, assume: &Assume<'_>) -> anyhow::Result<ExitCode> {
    let file = std::fs::File::open(records).with_context(|| format!("cannot read {}", records.display()))?;
    let folder = records.parent().unwrap_or(Path::new("."));
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::BufReader::new(file).lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        serde_json::to_writer(&mut out, &answer(&line, folder, assume))?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// What one record says; a failure is an answer too.
fn answer(line: &str, folder: &Path, assume: &Assume<'_>) -> Value {
    let record: Value = match serde_json::from_str(line) {
        Ok(record) => record,
        Err(error) => return json!({"id": null, "ok": false, "error": format!("not a record: {error}")}),
    };
    let id = record["id"].clone();
    // A record that breaks the reader must not cost the others their answer.
    let read = catch_unwind(AssertUnwindSafe(|| read_record(&record, folder, assume)));
    match read.unwrap_or_else(|_| Err(anyhow::anyhow!("the reader crashed"))) {
        Ok(mut shown) => {
            let mut whole = json!({"id": id, "ok": true});
            if let (Some(whole), Some(shown)) = (whole.as_object_mut(), shown.as_object_mut()) {
                whole.append(shown);
            }
            whole
        }
        Err(error) => json!({"id": id, "ok": false, "error": format!("{error:#}")}),
    }
}

fn read_record(record: &Value, folder: &Path, assume: &Assume<'_>) -> anyhow::Result<Value> {
    let name = record["file"].as_str().context("a record without file")?;
    let body = std::fs::read(folder.join(name)).with_context(|| format!("cannot read {name}"))?;
    let header = |wanted: &str| {
        let headers = record["headers"].as_object()?;
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).and_then(|(_, value)| value.as_str())
    };
    let content_type = record["content_type"].as_str().or_else(|| header("content-type"));
    let location = record["base_url"].as_str().or_else(|| header("content-location"));
    let url = location.and_then(|url| Url::parse(url).ok());
    let mut document =
        page::document(body, url.clone().or_else(|| Url::parse(NOWHERE).ok()), content_type.map(ToOwned::to_owned), assume.seen_at);
    document.content_language = header("content-language").map(ToOwned::to_owned);
    let kind = if record["kind"] == "sitemap" { FeedKind::Sitemap } else { FeedKind::Feed };
    Ok(shown(&feed::parse(&document, &Reading { kind, assume: *assume })?, url.as_ref(), assume))
}

/// A feed as JSON. As readers do, its own address stands for a page it does not name, and the page for a title.
fn shown(feed: &Feed, address: Option<&Url>, assume: &Assume<'_>) -> Value {
    let entries: Vec<Value> = feed.entries.iter().map(|entry| shown_entry(entry, assume)).collect();
    let refused: Vec<Value> =
        feed.refused.iter().map(|it| json!({"key": it.key, "title": it.title, "reason": it.reason})).collect();
    let changed = |time: Option<PressTime>| time.map(|time| calendar::to_iso_in(&time, assume.timezone));
    let children: Vec<Value> =
        feed.children.iter().map(|it| json!({"url": as_written(it.url.as_str()), "modified": changed(it.modified)})).collect();
    let link = feed.link.as_deref().or(feed.hints.self_link.as_deref()).or(address.map(Url::as_str)).map(as_written);
    json!({
        "feed_title": feed.title.as_deref().or(link),
        "feed_link": link,
        "feed_subtitle": feed.subtitle,
        "language": feed.language,
        "complete": feed.complete,
        "entries": entries,
        "children": children,
        "refused": refused,
        "hints": feed.hints,
        "diagnostics": feed.diagnostics,
        "bytes_lost": feed.bytes_lost,
        "encoding": feed.encoding,
        "dialect": feed.dialect,
    })
}

fn shown_entry(entry: &Entry, assume: &Assume<'_>) -> Value {
    let date = |time: Option<PressTime>| time.map(|time| calendar::to_iso_in(&time, assume.timezone));
    json!({
        "id": entry.id,
        "title": entry.title,
        "link": entry.url.as_ref().map(|url| as_written(url.as_str())),
        "published": date(entry.published),
        "updated": date(entry.updated),
        "summary": entry.summary,
        "content": entry.content,
        "authors": entry.authors,
        "categories": entry.categories,
        "enclosures": entry.enclosures.iter().map(|it| as_written(&it.url)).collect::<Vec<_>>(),
        "image": entry.image.as_ref().map(|url| as_written(url.as_str())),
        "language": entry.language,
        "credit": entry.credit,
    })
}

/// An address; without the made-up part where the document's own address is not known.
fn as_written(url: &str) -> &str {
    match url.strip_prefix(NOWHERE) {
        Some(relative) => relative,
        None => url.strip_prefix(&NOWHERE[..NOWHERE.len() - 3]).map_or(url, |_| &url[NOWHERE.len() - 3..]),
    }
}

/// Says on standard error what was made of a document of so many bytes, and how.
fn explain(feed: &Feed, bytes: usize) {
    let by = match feed.decoded_by {
        "bom" => "its byte order mark",
        "pattern" => "where its zero bytes stand",
        "valid-utf8" => "its bytes: they are valid",
        "near-utf8" => "its bytes: all but a few are valid",
        "header" => "the Content-Type it came with",
        "declaration" => "what it declares",
        "detected" => "a guess from its bytes",
        other => other,
    };
    let lost = 100.0 * feed.bytes_lost as f64 / bytes.max(1) as f64;
    let counts = [(feed.entries.len(), "entries"), (feed.refused.len(), "refused"), (feed.children.len(), "sitemaps")];
    let counts: Vec<String> = counts.iter().map(|(count, what)| format!("{count} {what}")).collect();
    print::aside(&format!("encoding  {}, by {by}", feed.encoding));
    print::aside(&format!("kind      {}", feed.dialect));
    print::aside(&format!("read      {}", counts.join(", ")));
    print::aside(&format!("complete  {}", if feed.complete { "yes" } else { "no: it ends before it should" }));
    print::aside(&format!("lost      {} of {bytes} bytes ({lost:.1} %)", feed.bytes_lost));
    if feed.diagnostics.is_empty() {
        print::aside("mended    nothing had to be mended");
    } else {
        print::aside("mended");
    }
    let width = feed.diagnostics.iter().map(|it| it.step.len()).max().unwrap_or(0);
    for it in &feed.diagnostics {
        print::aside(&format!("  {:width$}  {:>6}  {}", it.step, it.count, print::tame_line(&it.detail)));
    }
    if !feed.refused.is_empty() {
        print::aside("refused");
    }
    for it in &feed.refused {
        let title = it.title.as_deref().map(|title| format!(" ({})", print::tame_line(title))).unwrap_or_default();
        print::aside(&format!("  {}{title}: {}", print::tame_line(&it.key), print::tame_line(&it.reason)));
    }
}
