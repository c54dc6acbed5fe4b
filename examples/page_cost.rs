//! What reading a page costs, on real pages and on pages made to cost.
//!
//!     cargo run --release --example page_cost -- corpus ../shared/corpora/extraction [--rounds N] [--answers FILE]
//!     cargo run --release --example page_cost -- hostile [NAME …]
//!
//! `corpus` reads every page of the manifests first and times the reader alone, in CPU time of the one
//! thread, the least of the rounds for each page; `--answers` writes what was read, to compare two builds byte for byte.
//! `hostile` builds each attack in a process of its own and prints CPU time and the peak of memory; it fails when
//! one takes more than a second or 200 MB.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on panics, and its figures are printed")]

#[path = "page_cost/hostile.rs"]
mod hostile;

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use wireroom::article::{self, Model, Rules};
use wireroom::model::{Boilerplate, Document, Entry, Extracted, Head, Timestamp, Url, Validators};

/// What a page may cost at most.
const SLOWEST: Duration = Duration::from_secs(1);
/// The same in kB.
const LARGEST: u64 = 200_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["corpus", folder, options @ ..] => corpus(Path::new(folder), options),
        ["hostile", names @ ..] => all_hostile(names),
        ["one", name] => one_hostile(name),
        _ => {
            println!("page_cost corpus FOLDER [--rounds N] [--answers FILE] | page_cost hostile [NAME …]");
            ExitCode::FAILURE
        }
    }
}

/// CPU time of this thread. The kernel brings the figure up to date when a thread offers to step back.
fn spent() -> Duration {
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split_ascii_whitespace().next().unwrap().parse().unwrap())
}

fn document(body: Vec<u8>, url: &str, content_type: Option<&str>) -> Document {
    let url = Url::parse(url).unwrap();
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: Timestamp::UNIX_EPOCH,
        fields: Vec::new(),
    };
    let content_type = content_type.map(str::to_owned);
    Document { url, head, content_type, content_language: None, body, complete: true }
}

fn extract(page: &Document) -> Result<Extracted, article::Error> {
    let entry = Entry::of_page(Some(page.url.clone()), Timestamp::UNIX_EPOCH);
    // The pages given, and no question for more.
    article::extract_by(Model::own(), std::slice::from_ref(page), &entry, &Rules::default(), &Boilerplate::default())
}

/// Every page of the manifests of a folder, with its id.
fn pages(folder: &Path) -> Vec<(String, Document)> {
    let mut manifests: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    manifests.sort();
    let mut pages = Vec::new();
    for folder in manifests {
        let Ok(manifest) = std::fs::read_to_string(folder.join("manifest.jsonl")) else { continue };
        for line in manifest.lines() {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            let Ok(bytes) = std::fs::read(folder.join(record["html"].as_str().unwrap())) else { continue };
            let mut body = Vec::new();
            if flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut body).is_err() {
                body = bytes;
            }
            let url = record["url"].as_str().filter(|url| Url::parse(url).is_ok()).unwrap_or("https://news.example.org/story");
            pages.push((record["id"].to_string(), document(body, url, None)));
        }
    }
    pages
}

fn corpus(folder: &Path, options: &[&str]) -> ExitCode {
    let option = |name: &str| options.iter().position(|word| *word == name).and_then(|at| options.get(at + 1));
    let rounds: usize = option("--rounds").map_or(1, |number| number.parse().unwrap()).max(1);
    let pages = pages(folder);
    if let Some(file) = option("--answers") {
        let mut out = std::io::BufWriter::new(std::fs::File::create(file).unwrap());
        for (id, page) in &pages {
            writeln!(out, "{id} {:?}", extract(page)).unwrap();
        }
    }
    let mut least = vec![Duration::MAX; pages.len()];
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        let mut whole = Duration::ZERO;
        for ((_, page), least) in pages.iter().zip(&mut least) {
            let before = spent();
            std::hint::black_box(&extract(page));
            let took = spent().saturating_sub(before);
            whole += took;
            *least = took.min(*least);
        }
        best = best.min(whole);
        println!("round: {:.1} pages a CPU second", pages.len() as f64 / whole.as_secs_f64());
    }
    let bytes: usize = pages.iter().map(|(_, page)| page.body.len()).sum();
    let whole: Duration = least.iter().sum();
    let mut order: Vec<usize> = (0..pages.len()).collect();
    order.sort_by_key(|index| least[*index]);
    let at = |share: f64| least[order[((pages.len() - 1) as f64 * share).round() as usize]];
    println!(
        "{} pages, {:.0} kB each: {:.1} pages a CPU second ({:.1} by the least of {rounds}); p50 {:.2?}, p90 {:.2?}, p99 {:.2?}, worst {:.2?}",
        pages.len(),
        bytes as f64 / 1e3 / pages.len() as f64,
        pages.len() as f64 / best.as_secs_f64(),
        pages.len() as f64 / whole.as_secs_f64(),
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0),
    );
    for index in order.iter().rev().take(5) {
        println!("  {:.2?}  {} kB  {}", least[*index], pages[*index].1.body.len() / 1000, pages[*index].0);
    }
    ExitCode::SUCCESS
}

/// Each attack in a process of its own, so that the peak is its own as well.
fn all_hostile(names: &[&str]) -> ExitCode {
    let own = std::env::current_exe().unwrap();
    let mut failed = false;
    for name in hostile::NAMES.iter().chain(&hostile::ENCODED).filter(|name| names.is_empty() || names.contains(name)) {
        let output = Command::new(&own).args(["one", name]).output().unwrap();
        print!("{}", String::from_utf8_lossy(&output.stdout));
        if !output.status.success() {
            failed = true;
            println!("{name:<22} TOO MUCH  {}", String::from_utf8_lossy(&output.stderr).trim());
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The peak of this process's memory, kB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

fn one_hostile(name: &str) -> ExitCode {
    let (body, content_type) = hostile::page(name);
    let size = body.len();
    let page = document(body, "https://news.example.org/2024/04/23/story.html", content_type);
    let resident = peak();
    let before = spent();
    let extracted = extract(&page);
    let took = spent().saturating_sub(before);
    let (peak, said) = (
        peak(),
        match &extracted {
            Ok(Extracted::Article(article)) => format!("{} kB of text", article.text().len() / 1000),
            Ok(Extracted::Needs(pages)) => format!("asks for {} pages", pages.len()),
            Err(error) => error.to_string(),
        },
    );
    println!(
        "{name:<22} {:>6} kB  {:>8.3} s  peak {:>7} kB  (before it {resident} kB)  {said}",
        size / 1000,
        took.as_secs_f64(),
        peak
    );
    if took > SLOWEST || peak > LARGEST { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
