//! Bodies within bounds: so many bytes, so fast, and whole.

use std::io::Read;
use std::time::Duration;

use flate2::bufread::GzDecoder;
use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;
use tokio::time::Instant;

use crate::model::Url;

use super::Error;
use super::guard::shown;

/// The fewest bytes a body must bring in each window of time.
const LEAST_PROGRESS: usize = 512;

/// What a body may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Bytes after decoding.
    pub(super) bytes: u64,
    /// Whether the rest is cut off silently instead of being an error.
    pub(super) cut: bool,
    /// The time in which at least a little has to arrive.
    pub(super) window: Duration,
}

/// Reads a body to its end, decoded. Nothing half is handed out: a body that is cut, by the other
/// side or by its own length, is an error.
pub(super) async fn read(mut response: Response, url: &Url, bounds: Bounds) -> Result<Vec<u8>, Error> {
    refuse_other_codings(&response, url)?;
    let too_large = || Error::TooLarge { url: shown(url), limit: bounds.bytes };
    if !bounds.cut && response.content_length().is_some_and(|length| length > bounds.bytes) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    let mut progress = Progress::new(bounds.window);
    loop {
        let chunk = match tokio::time::timeout_at(progress.due, response.chunk()).await {
            Ok(chunk) => chunk.map_err(|error| Error::in_body(&error, url))?,
            Err(_) if progress.is_enough() => continue,
            Err(_) => return Err(progress.stalled(url)),
        };
        let Some(chunk) = chunk else { break };
        if (body.len() + chunk.len()) as u64 > bounds.bytes {
            if bounds.cut {
                body.extend_from_slice(&chunk[..bounds.bytes as usize - body.len()]);
                return Ok(body);
            }
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
        progress.add(chunk.len());
    }
    if is_gzip(&body) { gunzip(&body, url, bounds) } else { Ok(body) }
}

/// Any coding still named was not decoded: an unknown one, or one on top of another.
fn refuse_other_codings(response: &Response, url: &Url) -> Result<(), Error> {
    for value in response.headers().get_all(CONTENT_ENCODING) {
        let named = value.as_bytes().trim_ascii();
        // A gzip of another spelling is known by its first bytes; the others are no codings at all.
        let harmless: [&[u8]; 5] = [b"", b"identity", b"none", b"gzip", b"x-gzip"];
        if !harmless.iter().any(|name| named.eq_ignore_ascii_case(name)) {
            let reason = format!("content-encoding {:?}", String::from_utf8_lossy(&named[..named.len().min(40)]));
            return Err(Error::Coding { url: shown(url), reason });
        }
    }
    Ok(())
}

/// Whether a body is a gzip file, as compressed sitemaps are.
fn is_gzip(body: &[u8]) -> bool {
    body.starts_with(&[0x1f, 0x8b, 0x08])
}

/// Unpacks a gzip file, which may have several members; what follows the last one is padding.
fn gunzip(packed: &[u8], url: &Url, bounds: Bounds) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    let mut rest = packed;
    while is_gzip(rest) {
        let room = bounds.bytes - body.len() as u64;
        let mut member = GzDecoder::new(rest);
        let read = (&mut member).take(room + 1).read_to_end(&mut body).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Error::Truncated { url: shown(url), reason: "the gzip file is cut".to_owned() },
            _ => Error::Coding { url: shown(url), reason: error.to_string() },
        })?;
        if read as u64 > room {
            if bounds.cut {
                body.truncate(bounds.bytes as usize);
                return Ok(body);
            }
            return Err(Error::TooLarge { url: shown(url), limit: bounds.bytes });
        }
        rest = member.into_inner();
    }
    if is_gzip(&body) {
        return Err(Error::Coding { url: shown(url), reason: "a gzip file inside a gzip file".to_owned() });
    }
    Ok(body)
}

/// Whether a body moves: a host that sends a byte now and then would hold a place for the whole time limit.
struct Progress {
    window: Duration,
    due: Instant,
    bytes: usize,
}

impl Progress {
    fn new(window: Duration) -> Progress {
        Progress { window, due: Instant::now() + window, bytes: 0 }
    }

    fn add(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Ends a window and begins the next if enough has come.
    fn is_enough(&mut self) -> bool {
        let enough = self.bytes >= LEAST_PROGRESS;
        (self.bytes, self.due) = (0, Instant::now() + self.window);
        enough
    }

    fn stalled(&self, url: &Url) -> Error {
        let host = url.host_str().unwrap_or_default().to_owned();
        Error::Stalled { host, bytes: LEAST_PROGRESS, window: self.window }
    }
}
