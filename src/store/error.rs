//! Why the ledger cannot do what it was asked, each with the remedy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::Failure;

/// Why the ledger cannot do what it was asked. Cheap to clone: a lost transaction answers many callers.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no file.
    #[error("there is no ledger at {}: `wireroom run` or `wireroom once` makes it, or mend store.url", path.display())]
    Missing {
        /// The ledger's file.
        path: PathBuf,
    },
    /// The file is there, but nothing was ever written into it.
    #[error("the ledger {} is still empty: wait for `wireroom run` or `wireroom once` to set it up", path.display())]
    Empty {
        /// The ledger's file.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not a database: move it away or mend store.url", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is another program's database.
    #[error("{} is a database of another program: mend store.url", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// It has tables of a wireroom that was never released.
    #[error(
        "the ledger {} was made by an unreleased wireroom with other tables: move it and the files beside it away, and a new one is made (nothing was changed)",
        path.display()
    )]
    Draft {
        /// The ledger's file.
        path: PathBuf,
    },
    /// A later wireroom wrote it.
    #[error(
        "the ledger {} has schema {found}, this wireroom knows up to {known}: install the newer wireroom again, or restore the backup taken before the upgrade (nothing was changed)",
        path.display()
    )]
    Newer {
        /// The ledger's file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The last schema known here.
        known: u32,
    },
    /// An earlier wireroom wrote it, and this role may not bring it up to date.
    #[error("the ledger {} has schema {found}, this wireroom needs {known}: restart the daemon, it brings the ledger up to date", path.display())]
    Older {
        /// The ledger's file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The schema needed.
        known: u32,
    },
    /// Its lanes are running in another process.
    #[error("the ledger {} is in use by {}: stop it first (the lock is {})", path.display(), holder(*pid), lock.display())]
    InUse {
        /// The ledger's file.
        path: PathBuf,
        /// The lock file.
        lock: PathBuf,
        /// The process that holds it, when it said so.
        pid: Option<u32>,
    },
    /// Another program holds a transaction on it.
    #[error("the ledger {} is locked by another program: end its transaction (a backup, an open sqlite3?) and try again", path.display())]
    Busy {
        /// The ledger's file.
        path: PathBuf,
    },
    /// It cannot be written.
    #[error("the ledger {} cannot be written: make the file and its directory writable for this user", path.display())]
    ReadOnly {
        /// The ledger's file.
        path: PathBuf,
    },
    /// It cannot be opened.
    #[error("the ledger {} cannot be opened: check the rights on the file and its directory", path.display())]
    Denied {
        /// The ledger's file.
        path: PathBuf,
    },
    /// The name is a symbolic link.
    #[error("{} is a symbolic link: name the file itself in store.url", path.display())]
    SymbolicLink {
        /// The name.
        path: PathBuf,
    },
    /// The pages of the file contradict each other.
    #[error("the ledger {} is damaged: stop the daemon and restore the last backup, or try `sqlite3 … .recover` on a copy", path.display())]
    Corrupt {
        /// The ledger's file.
        path: PathBuf,
    },
    /// The file was deleted or replaced while it was open.
    #[error("the ledger {} was deleted or replaced under us: put it back and start again", path.display())]
    Replaced {
        /// The ledger's file.
        path: PathBuf,
    },
    /// There is no room.
    #[error("no room for the ledger {}: free at least {} MiB on its disk", path.display(), super::files::LEAST_FREE >> 20)]
    DiskFull {
        /// The ledger's file.
        path: PathBuf,
    },
    /// The disk fails.
    #[error("the disk under the ledger {} fails: see the kernel's log, and start again on a sound disk", path.display())]
    DiskFails {
        /// The ledger's file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: Arc<rusqlite::Error>,
    },
    /// A file operation failed.
    #[error("{} cannot be used", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// A statement failed.
    #[error("the ledger refused a statement")]
    Statement(#[source] Arc<rusqlite::Error>),
    /// A stored value cannot be read back.
    #[error("the ledger holds a {what} that cannot be read: {value}")]
    Unreadable {
        /// What it should be.
        what: &'static str,
        /// What stands there.
        value: String,
    },
    /// The task asked for something that makes no sense.
    #[error("{0}")]
    Refused(&'static str),
    /// A read took longer than a snapshot may be held.
    #[error("the question took too long and was stopped: ask for less")]
    TooLong,
    /// The task panicked; what it wrote was undone.
    #[error("a task on the ledger panicked: {0}")]
    Panicked(String),
    /// The store's thread has ended.
    #[error("the store has stopped")]
    Gone,
}

impl Error {
    /// What it means for the next attempt.
    pub fn failure(&self) -> Failure {
        match self {
            Error::Busy { .. } | Error::DiskFull { .. } | Error::TooLong | Error::InUse { .. } | Error::Empty { .. } => {
                Failure::Transient
            }
            Error::Statement(_) | Error::Panicked(_) | Error::Unreadable { .. } | Error::Refused(_) => Failure::Persistent,
            _ => Failure::Final,
        }
    }

    /// A stable class for the operator.
    pub fn class(&self) -> &'static str {
        match self {
            Error::Missing { .. } => "no_ledger",
            Error::Empty { .. } => "empty_ledger",
            Error::NotADatabase { .. } => "not_a_database",
            Error::Foreign { .. } => "foreign_database",
            Error::Draft { .. } => "draft_schema",
            Error::Newer { .. } => "newer_schema",
            Error::Older { .. } => "older_schema",
            Error::InUse { .. } => "in_use",
            Error::Busy { .. } => "locked",
            Error::ReadOnly { .. } => "read_only",
            Error::Denied { .. } => "denied",
            Error::SymbolicLink { .. } => "symbolic_link",
            Error::Corrupt { .. } => "corrupt",
            Error::Replaced { .. } => "replaced",
            Error::DiskFull { .. } => "disk_full",
            Error::DiskFails { .. } => "disk_fails",
            Error::File { .. } => "file",
            Error::Statement(_) => "statement",
            Error::Unreadable { .. } => "unreadable",
            Error::Refused(_) => "refused",
            Error::TooLong => "too_long",
            Error::Panicked(_) => "panicked",
            Error::Gone => "gone",
        }
    }

    /// Whether the writing connection can no longer be trusted. After a failed fsync the page cache may lie, so nothing
    /// is tried again on it: the house is left and started anew.
    pub(super) fn is_fatal(&self) -> bool {
        matches!(
            self,
            Error::DiskFails { .. } | Error::Corrupt { .. } | Error::NotADatabase { .. } | Error::Replaced { .. } | Error::Gone
        )
    }

    /// An error of the operating system about a file.
    pub(super) fn file(path: &Path, source: std::io::Error) -> Error {
        let path = path.to_owned();
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::DiskFull { path },
            std::io::ErrorKind::ReadOnlyFilesystem => Error::ReadOnly { path },
            std::io::ErrorKind::PermissionDenied => Error::Denied { path },
            _ => Error::File { path, source: Arc::new(source) },
        }
    }

    /// The same error, said of a file, when SQLite's code means something for the whole ledger.
    pub(super) fn at(self, path: &Path) -> Error {
        use rusqlite::ErrorCode;
        let Error::Statement(source) = self else { return self };
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy { path },
            Some(ErrorCode::DiskFull) => Error::DiskFull { path },
            Some(ErrorCode::SystemIoFailure) => Error::DiskFails { path, source },
            Some(ErrorCode::DatabaseCorrupt) => Error::Corrupt { path },
            Some(ErrorCode::NotADatabase) => Error::NotADatabase { path },
            Some(ErrorCode::ReadOnly) => Error::ReadOnly { path },
            Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => Error::Denied { path },
            Some(ErrorCode::OperationInterrupted) => Error::TooLong,
            _ => Error::Statement(source),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(source: rusqlite::Error) -> Error {
        Error::Statement(Arc::new(source))
    }
}

impl From<serde_json::Error> for Error {
    fn from(source: serde_json::Error) -> Error {
        Error::Unreadable { what: "JSON value", value: source.to_string() }
    }
}

/// The process that holds the lock, in words.
fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}
