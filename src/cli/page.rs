//! One document from a file, standard input, or the web: what `extract` and `feed` are given.

use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, bail};
use wireroom::address;
use wireroom::article::Rules;
use wireroom::fetch::Fetcher;
use wireroom::ingest::{self, Means, Pages};
use wireroom::model::{Boilerplate, Document, Entry, Fetched, Head, HostState, Purpose, Request, Timestamp, Url, Validators};

use super::{World, configuration, wiring};

/// Most bytes taken from a file or from standard input.
const MOST: u64 = 256 << 20;

/// Reads the document `input` names: `-`, a URL, or a file. `url` and `content_type` are what a file cannot say of itself.
pub(crate) fn read(
    world: &World,
    input: &str,
    url: Option<&str>,
    content_type: Option<&str>,
    purpose: Purpose,
) -> anyhow::Result<Document> {
    let given = match url {
        Some(text) => Some(address::resolve(None, text).with_context(|| format!("--url {text}: not an http address"))?),
        None => None,
    };
    if is_address(input) {
        let address = address::resolve(None, input).with_context(|| format!("{input}: not an http address"))?;
        return get(world, address, purpose);
    }
    let body = if input == "-" {
        let mut body = Vec::new();
        std::io::stdin().lock().take(MOST).read_to_end(&mut body).context("standard input cannot be read")?;
        body
    } else {
        match purpose {
            // The reader of feeds unpacks for itself, and reads what it can of a file that is cut.
            Purpose::Feed => raw(Path::new(input))?,
            _ => file(Path::new(input))?,
        }
    };
    Ok(document(body, given, content_type.map(str::to_owned), (world.clock)()))
}

/// Whether the web is meant.
pub(crate) fn is_address(input: &str) -> bool {
    input.starts_with("http://") || input.starts_with("https://")
}

/// A file's bytes as they lie.
fn raw(path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = std::fs::File::open(path).with_context(|| format!("{}: cannot be opened", path.display()))?;
    let mut body = Vec::new();
    file.take(MOST).read_to_end(&mut body).with_context(|| format!("{}: cannot be read", path.display()))?;
    Ok(body)
}

/// A file's bytes, unpacked when its name ends in `.gz`.
pub(crate) fn file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = std::fs::File::open(path).with_context(|| format!("{}: cannot be opened", path.display()))?;
    let mut body = Vec::new();
    let read = if path.extension().is_some_and(|extension| extension == "gz") {
        flate2::read::MultiGzDecoder::new(file).take(MOST).read_to_end(&mut body)
    } else {
        file.take(MOST).read_to_end(&mut body)
    };
    read.with_context(|| format!("{}: cannot be read", path.display()))?;
    Ok(body)
}

/// Bytes as if they had been fetched.
pub(crate) fn document(body: Vec<u8>, url: Option<Url>, content_type: Option<String>, fetched_at: Timestamp) -> Document {
    // Without an address relative links stay unresolved: nothing joins to this one.
    let url = url.unwrap_or_else(|| Url::parse("about:blank").expect("a constant address parses"));
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at,
        fields: Vec::new(),
    };
    Document { url, head, content_type, content_language: None, body, complete: true }
}

/// Fetches with the operator's manners where there is a configuration, else with the defaults.
fn get(world: &World, url: Url, purpose: Purpose) -> anyhow::Result<Document> {
    let limits = configuration::load_or_default(world)?.fetch;
    let clock = world.clock.clone();
    wiring::block_on(async move { Ok(ask(&Fetcher::new(limits, clock)?, &url, purpose).await?.0) })
}

/// The pages of one article on the web: those that the daemon would fetch, at the same pace, and none of them where the reader
/// wants none.
pub(crate) fn whole(world: &World, input: &str, rules: &Rules) -> anyhow::Result<Vec<Document>> {
    let url = address::resolve(None, input).with_context(|| format!("{input}: not an http address"))?;
    let limits = configuration::load_or_default(world)?.fetch;
    let clock = world.clock.clone();
    wiring::block_on(async move {
        let fetcher = Fetcher::new(limits, clock.clone())?;
        let (first, host) = ask(&fetcher, &url, Purpose::Page).await?;
        let entry = Entry::of_page(Some(first.url.clone()), first.head.fetched_at);
        let means = Means { fetcher, extractor: &wiring::extractor(), clock: &clock };
        let Pages { pages, read, .. } = ingest::read_whole(&means, &entry, first, host, rules, &Boilerplate::default()).await;
        match read {
            Err(trouble) if pages.is_empty() => bail!("{url}: {}", trouble.reason),
            _ => Ok(pages),
        }
    })
}

/// Asks once, and hands back what was learnt of the host.
async fn ask(fetcher: &Fetcher, url: &Url, purpose: Purpose) -> anyhow::Result<(Document, HostState)> {
    let host = HostState { host: address::host_key(url), ..HostState::default() };
    let request = Request { url: url.clone(), validators: Validators::default(), purpose };
    let (answer, host) = match purpose {
        Purpose::Page => fetcher.get(request, &host).await,
        // It may turn out to be a sitemap.
        Purpose::Feed | Purpose::Probe => {
            let (answer, host, _) = fetcher.get_large(request, &host).await;
            (answer, host)
        }
    };
    match answer {
        Ok(Fetched::Document(document)) => Ok((*document, host)),
        Ok(Fetched::NotModified(_)) => bail!("{url}: the server answered 304 to an unconditional request"),
        Err(error) => Err(anyhow::Error::msg(error.to_string())).with_context(|| url.to_string()),
    }
}
