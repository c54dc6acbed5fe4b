//! Gzip files: what was packed is read, within bounds, and a file cut short is read as far as it goes.

use std::io::Read;

use flate2::bufread::GzDecoder;

use super::Error;

/// A file that grows more than this, and beyond `SMALL`, is a bomb: the densest real sitemaps stay below a hundred.
const MOST_GROWTH: usize = 400;
/// Whatever the growth, so much is harmless.
const SMALL: usize = 4 * 1024 * 1024;

/// What was in a gzip file.
#[derive(Debug)]
pub(super) struct Unpacked {
    pub(super) bytes: Vec<u8>,
    /// Whether the file ended as it should.
    pub(super) whole: bool,
    /// Bytes of the file that could not be unpacked.
    pub(super) lost: usize,
}

/// Whether bytes begin as a gzip file does (RFC 1952 §2.3.1).
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1F, 0x8B, 0x08])
}

/// Unpacks every member (RFC 1952 §2.2); what follows the last one is padding.
pub(super) fn gunzip(packed: &[u8], limit: usize) -> Result<Unpacked, Error> {
    let most = limit.min(packed.len().saturating_mul(MOST_GROWTH).max(SMALL));
    let mut bytes = Vec::new();
    let mut rest = packed;
    while is_gzip(rest) {
        let mut member = GzDecoder::new(rest);
        let room = most - bytes.len();
        let read = member.by_ref().take(room as u64 + 1).read_to_end(&mut bytes);
        if bytes.len() > most {
            return Err(match most == limit {
                true => Error::TooLarge { bytes: bytes.len(), limit },
                false => Error::Unreadable(format!("gzip data that grows more than {MOST_GROWTH} times when unpacked")),
            });
        }
        match read {
            Ok(_) => rest = member.into_inner(),
            Err(error) if bytes.is_empty() => return Err(Error::Unreadable(format!("damaged gzip data ({error})"))),
            // What came out before the damage was checked by nobody, but markup shows for itself what it is worth.
            Err(_) => return Ok(Unpacked { bytes, whole: false, lost: member.into_inner().len() }),
        }
    }
    if is_gzip(&bytes) {
        return Err(Error::Unreadable("a gzip file inside a gzip file".into()));
    }
    Ok(Unpacked { bytes, whole: true, lost: 0 })
}
