//! The lanes' lock: one process at a time runs them on a ledger, and the one refused learns who.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};

use super::files::Files;
use super::{Error, Result};

/// The lock, held as long as this lives. The kernel lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock, or says which process holds it.
    pub(super) fn take(files: &Files) -> Result<Lock> {
        let path = &files.lock;
        files.make(path)?;
        let mut file = fs::OpenOptions::new().read(true).write(true).open(path).map_err(|error| Error::file(path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // Without its number the refusal still stands: the holder may be about to write it.
                let _ = file.read_to_string(&mut text);
                return Err(Error::InUse { path: files.ledger.clone(), lock: path.clone(), pid: text.trim().parse().ok() });
            }
            Err(TryLockError::Error(error)) => return Err(Error::file(path, error)),
        }
        let pid = std::process::id();
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{pid}"))
            .map_err(|error| Error::file(path, error))?;
        Ok(Lock { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The file stays (removing it would let two processes lock two files of one name), but names no one.
        let _ = self.file.set_len(0);
    }
}
