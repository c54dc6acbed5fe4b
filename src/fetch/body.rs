//! Bodies within bounds: so many bytes, so fast, and whole.

use std::io::{self, Read};
use std::time::Duration;

use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;
use tokio::time::Instant;

use crate::model::Url;

use super::Error;
use super::guard::shown;
use super::large::{Hold, LARGEST, Places, SMALL};

/// The codings that are offered. All are decoded here and none by the client: a body of several gzip members is read to
/// its end, a deflate without its envelope is understood, and the size of what was sent is known beside that of what came of it.
pub(super) const OFFERED: &str = "gzip, br, zstd, deflate";

/// The fewest bytes a body must bring in each window of time.
const LEAST_PROGRESS: usize = 512;

/// What a body may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds<'a> {
    /// Bytes, before and after decoding.
    pub(super) bytes: u64,
    /// Whether the rest is cut off silently instead of being an error.
    pub(super) cut: bool,
    /// The time in which at least a little has to arrive.
    pub(super) window: Duration,
    /// Where a body gets a place that is larger than [`SMALL`].
    pub(super) places: &'a Places,
    /// Whether it may also be larger than `bytes`, up to [`LARGEST`].
    pub(super) may_be_large: bool,
}

impl Bounds<'_> {
    fn most(&self) -> u64 {
        if self.may_be_large { self.bytes.max(LARGEST) } else { self.bytes }
    }

    /// What a body of so many bytes needs.
    fn size(&self, length: u64) -> Size {
        match length {
            _ if length > self.bytes => Size::Large,
            ..=SMALL => Size::Small,
            _ => Size::Middling,
        }
    }

    /// Takes a place for a body that has turned out to be of a size; true when it had to. A larger place takes the place of
    /// a smaller one.
    async fn hold(&self, size: Size, url: &Url, held: &mut Held) -> Result<bool, Error> {
        if size <= held.size {
            return Ok(false);
        }
        let hold = match size {
            Size::Large => self.places.take_soon(url, self.window).await?,
            _ => self.places.take_middling(self.bytes, url, self.window).await?,
        };
        *held = Held { size, hold: Some(hold) };
        Ok(true)
    }
}

/// How much room a body takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Size {
    #[default]
    Small,
    /// More than small.
    Middling,
    /// More than the usual limit.
    Large,
}

/// The place that a body has.
#[derive(Default)]
struct Held {
    size: Size,
    hold: Option<Hold>,
}

/// Reads a body to its end, decoded from its transport; a file that is packed itself stays so. Nothing half is handed
/// out: a body that is cut, by the other side or by its own length, is an error. A large one comes with its hold.
pub(super) async fn read(response: Response, url: &Url, bounds: Bounds<'_>) -> Result<(Vec<u8>, Option<Hold>), Error> {
    let coding = Coding::of(&response, url)?;
    let mut held = Held::default();
    let body = receive(response, url, bounds, &mut held).await?;
    if body.is_empty() || coding == Coding::None {
        return Ok((body, held.hold));
    }
    let decoding = Decoding { url: url.clone(), limit: bounds.bytes, cut: bounds.cut };
    let packed_bytes = body.len();
    let decoded = decode(decoding, coding, body, bounds, &mut held).await;
    tell_growth(url, coding, packed_bytes, &decoded);
    Ok((decoded?, held.hold))
}

/// Decodes a body, first as one that is small and then as what it turns out to be: what it grows to has its place before it is
/// in memory.
async fn decode(decoding: Decoding, coding: Coding, body: Vec<u8>, bounds: Bounds<'_>, held: &mut Held) -> Result<Vec<u8>, Error> {
    if bounds.bytes > SMALL && !bounds.cut {
        match (Decoding { limit: SMALL, ..decoding.clone() }).decode(coding, &body) {
            Err(Error::TooLarge { .. }) => bounds.hold(Size::Middling, &decoding.url, held).await?,
            decoded => return decoded,
        };
    }
    match decoding.decode(coding, &body) {
        Err(Error::TooLarge { .. }) if bounds.most() > bounds.bytes => {}
        decoded => return decoded,
    }
    bounds.hold(Size::Large, &decoding.url, held).await?;
    let crashed = Error::Coding { url: shown(&decoding.url), reason: "the decoder crashed".to_owned() };
    let decoding = Decoding { limit: bounds.most(), ..decoding };
    // So much takes longer than a thread of the runtime should be busy.
    tokio::task::spawn_blocking(move || decoding.decode(coding, &body)).await.map_err(|_| crashed)?
}

/// What is in a body that is a gzip file of its own, if it is one.
pub(super) fn unpacked(body: Vec<u8>, url: &Url, bounds: Bounds<'_>) -> Result<Vec<u8>, Error> {
    match is_gzip(&body) {
        true => Decoding { url: url.clone(), limit: bounds.bytes, cut: bounds.cut }.gunzip(&body),
        false => Ok(body),
    }
}

async fn receive(mut response: Response, url: &Url, bounds: Bounds<'_>, held: &mut Held) -> Result<Vec<u8>, Error> {
    let most = bounds.most();
    let too_large = || Error::TooLarge { url: shown(url), limit: most };
    if !bounds.cut && response.content_length().is_some_and(|length| length > most) {
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
        let Some(chunk) = chunk else { return Ok(body) };
        let length = (body.len() + chunk.len()) as u64;
        if length > most {
            if bounds.cut {
                body.extend_from_slice(&chunk[..most as usize - body.len()]);
                return Ok(body);
            }
            return Err(too_large());
        }
        if bounds.hold(bounds.size(length), url, held).await? {
            progress.renew();
        }
        body.extend_from_slice(&chunk);
        progress.add(chunk.len());
    }
}

/// How a body was made smaller for its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    None,
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// Largest window of zstd, as a power of two: 8 MiB, which is all that the coding allows on the web (RFC 9659 §3).
const ZSTD_WINDOW: u32 = 23;
/// Bytes read at once by the decoder of brotli.
const BROTLI_CHUNK: usize = 16 * 1024;
/// A body that grows by more than this is a bomb, or as good as one.
const GREATEST_RATIO: usize = 100;
/// A smaller one may grow as it likes.
const NO_BOMB: usize = 256 * 1024;

impl Coding {
    /// One coding at most: an unknown one, or one on top of another, is refused before anything is read.
    fn of(response: &Response, url: &Url) -> Result<Coding, Error> {
        let mut coding = Coding::None;
        for value in response.headers().get_all(CONTENT_ENCODING) {
            let named = value.as_bytes().trim_ascii().to_ascii_lowercase();
            coding = match (coding, named.as_slice()) {
                (coding, b"" | b"identity" | b"none") => coding,
                (Coding::None, b"gzip" | b"x-gzip") => Coding::Gzip,
                (Coding::None, b"deflate") => Coding::Deflate,
                (Coding::None, b"br") => Coding::Brotli,
                (Coding::None, b"zstd") => Coding::Zstd,
                _ => {
                    let reason = format!("content-encoding {:?}", String::from_utf8_lossy(&named[..named.len().min(40)]));
                    return Err(Error::Coding { url: shown(url), reason });
                }
            };
        }
        Ok(coding)
    }
}

/// Whether bytes begin as a gzip file does (RFC 1952 §2.3.1).
fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b, 0x08])
}

/// A body that grows a hundredfold is worth a line.
fn tell_growth(url: &Url, coding: Coding, packed_bytes: usize, decoded: &Result<Vec<u8>, Error>) {
    let grown = match decoded {
        Ok(decoded) => decoded.len(),
        Err(Error::TooLarge { limit, .. }) => usize::try_from(*limit).unwrap_or(usize::MAX),
        Err(_) => 0,
    };
    if grown > NO_BOMB && grown / packed_bytes.max(1) > GREATEST_RATIO {
        tracing::warn!(url = shown(url), packed_bytes, body_bytes = grown, coding = ?coding, "a body grows more than a hundredfold");
    }
}

/// Decoding within bounds.
#[derive(Clone)]
struct Decoding {
    url: Url,
    limit: u64,
    cut: bool,
}

impl Decoding {
    fn decode(&self, coding: Coding, body: &[u8]) -> Result<Vec<u8>, Error> {
        match coding {
            Coding::None => Ok(body.to_vec()),
            Coding::Gzip => self.gunzip(body),
            Coding::Deflate => self.inflate(body),
            Coding::Brotli => self.unbrotli(body),
            Coding::Zstd => self.unzstd(body),
        }
    }

    /// Brotli (RFC 7932) has no mark to know it by, and ends by itself: what follows its end is padding.
    fn unbrotli(&self, packed: &[u8]) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        self.fill(&mut body, &mut brotli_decompressor::Decompressor::new(Whole(packed), BROTLI_CHUNK))?;
        Ok(body)
    }

    /// Zstandard (RFC 8878), within the window that the web allows.
    fn unzstd(&self, packed: &[u8]) -> Result<Vec<u8>, Error> {
        let mut decoder = zstd::stream::read::Decoder::with_buffer(packed).map_err(|error| self.refuse(&error.to_string()))?;
        decoder.window_log_max(ZSTD_WINDOW).map_err(|error| self.refuse(&error.to_string()))?;
        let mut body = Vec::new();
        self.fill(&mut body, &mut decoder)?;
        Ok(body)
    }

    /// Unpacks every member (RFC 1952 §2.2); what follows the last one is padding.
    fn gunzip(&self, packed: &[u8]) -> Result<Vec<u8>, Error> {
        if !is_gzip(packed) {
            return Err(self.refuse("no gzip, though it says so"));
        }
        let mut body = Vec::new();
        let mut rest = packed;
        while is_gzip(rest) {
            let mut member = GzDecoder::new(rest);
            if !self.fill(&mut body, &mut member)? {
                break;
            }
            rest = member.into_inner();
        }
        Ok(body)
    }

    /// Unpacks deflate, which half of the world sends in zlib's envelope (RFC 9110 §8.4.1.2) and the other half without.
    fn inflate(&self, packed: &[u8]) -> Result<Vec<u8>, Error> {
        let enveloped = packed.len() > 1 && packed[0] & 0x0f == 8 && u16::from_be_bytes([packed[0], packed[1]]).is_multiple_of(31);
        let mut body = Vec::new();
        if enveloped {
            self.fill(&mut body, &mut ZlibDecoder::new(packed))?;
        } else {
            self.fill(&mut body, &mut DeflateDecoder::new(packed))?;
        }
        Ok(body)
    }

    /// Reads a decoder to its end; false when the body was cut at its limit.
    fn fill(&self, body: &mut Vec<u8>, decoder: &mut impl Read) -> Result<bool, Error> {
        let room = self.limit - body.len() as u64;
        let read = decoder.take(room + 1).read_to_end(body).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                Error::Truncated { url: shown(&self.url), reason: "its compressed data is cut".to_owned() }
            }
            _ => self.refuse(&error.to_string()),
        })?;
        match (read as u64 > room, self.cut) {
            (false, _) => Ok(true),
            (true, true) => {
                body.truncate(self.limit as usize);
                Ok(false)
            }
            (true, false) => Err(Error::TooLarge { url: shown(&self.url), limit: self.limit }),
        }
    }

    fn refuse(&self, reason: &str) -> Error {
        Error::Coding { url: shown(&self.url), reason: reason.to_owned() }
    }
}

/// Bytes whose end is an error to whoever wants more of them: the decoder of brotli tells a cut stream from a broken one by it.
struct Whole<'a>(&'a [u8]);

impl Read for Whole<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        }
    }
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

    /// Begins a window anew: we kept the other side waiting.
    fn renew(&mut self) {
        (self.bytes, self.due) = (0, Instant::now() + self.window);
    }

    /// Ends a window and begins the next if enough has come.
    fn is_enough(&mut self) -> bool {
        let enough = self.bytes >= LEAST_PROGRESS;
        self.renew();
        enough
    }

    fn stalled(&self, url: &Url) -> Error {
        let host = url.host_str().unwrap_or_default().to_owned();
        Error::Stalled { host, bytes: LEAST_PROGRESS, window: self.window }
    }
}
