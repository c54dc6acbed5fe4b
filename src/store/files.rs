//! The ledger's files: where they are, with which rights they are made, and whether there is room for them.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{Error, Result, Settings};

/// Below this much free space the ledger is not opened for writing: SQLite maps its shared-memory file, and a mapped
/// page that the disk cannot hold ends the process with SIGBUS instead of an error.
pub(super) const LEAST_FREE: u64 = 4 << 20;

/// The files of one ledger.
#[derive(Debug, Clone)]
pub(super) struct Files {
    /// The ledger.
    pub(super) ledger: PathBuf,
    /// Raw responses, beside it.
    pub(super) raw: PathBuf,
    /// The lanes' lock.
    pub(super) lock: PathBuf,
    group_readable: bool,
}

impl Files {
    /// Finds the files of a ledger that should exist.
    pub(super) fn of(settings: &Settings) -> Result<Files> {
        let name = settings.path.file_name().ok_or_else(|| Error::Missing { path: settings.path.clone() })?;
        let directory = match settings.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        // Links on the way to the directory are the operator's (systemd's StateDirectory is one); the file itself must be none.
        let directory = fs::canonicalize(directory).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Error::Missing { path: settings.path.clone() },
            _ => Error::file(directory, error),
        })?;
        let ledger = directory.join(name);
        let stem = match ledger.extension() {
            Some(extension) if extension == "db" => ledger.with_extension(""),
            _ => ledger.clone(),
        };
        let files = Files {
            raw: with_suffix(&stem, ".raw.db"),
            lock: with_suffix(&ledger, ".lock"),
            ledger,
            group_readable: settings.group_readable,
        };
        for path in [&files.ledger, &files.raw, &files.lock] {
            if fs::symlink_metadata(path).is_ok_and(|about| about.file_type().is_symlink()) {
                return Err(Error::SymbolicLink { path: path.clone() });
            }
        }
        Ok(files)
    }

    /// Finds the files, making the directories that are missing.
    pub(super) fn prepared(settings: &Settings) -> Result<Files> {
        if let Some(directory) = settings.path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            make_directories(directory, if settings.group_readable { 0o750 } else { 0o700 })?;
        }
        Files::of(settings)
    }

    /// Makes an empty file with the ledger's rights, unless it is there. SQLite gives `-wal` and `-shm` the same rights.
    pub(super) fn make(&self, path: &Path) -> Result<()> {
        match fs::OpenOptions::new().write(true).create_new(true).mode(self.mode()).open(path) {
            Ok(file) => {
                // The rights are those of the settings, whatever the umask.
                file.set_permissions(fs::Permissions::from_mode(self.mode())).map_err(|error| Error::file(path, error))
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(Error::file(path, error)),
        }
    }

    /// Whether the disk has room to open the ledger for writing.
    pub(super) fn check_room(&self) -> Result<()> {
        let directory = self.ledger.parent().unwrap_or(Path::new("/"));
        let disk = rustix::fs::statvfs(directory).map_err(|error| Error::file(directory, error.into()))?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < LEAST_FREE {
            return Err(Error::DiskFull { path: self.ledger.clone() });
        }
        Ok(())
    }

    /// Whether this process could write the ledger and files beside it.
    pub(super) fn check_writable(&self) -> Result<()> {
        let directory = self.ledger.parent().unwrap_or(Path::new("/"));
        let access = rustix::fs::Access::WRITE_OK;
        let writable = |path: &Path| rustix::fs::access(path, access).is_ok();
        if writable(&self.ledger) && writable(directory) {
            return Ok(());
        }
        Err(Error::ReadOnly { path: self.ledger.clone() })
    }

    fn mode(&self) -> u32 {
        if self.group_readable { 0o640 } else { 0o600 }
    }
}

/// Which file a name meant when it was opened.
#[derive(Debug)]
pub(super) struct Identity {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Identity {
    pub(super) fn of(path: &Path) -> Result<Identity> {
        let about = fs::metadata(path).map_err(|error| Error::file(path, error))?;
        Ok(Identity { path: path.to_owned(), device: about.dev(), inode: about.ino() })
    }

    /// Whether it still means that one. If not, what is written goes to a file that nobody will find again.
    pub(super) fn check(&self) -> Result<()> {
        match fs::metadata(&self.path) {
            Ok(about) if about.dev() == self.device && about.ino() == self.inode => Ok(()),
            _ => Err(Error::Replaced { path: self.path.clone() }),
        }
    }
}

/// The file SQLite keeps its write-ahead log in.
pub(super) fn log_of(database: &Path) -> PathBuf {
    with_suffix(database, "-wal")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes the missing directories of a path; those that are there keep their rights.
fn make_directories(directory: &Path, mode: u32) -> Result<()> {
    if directory.as_os_str().is_empty() || directory.is_dir() {
        return Ok(());
    }
    if let Some(parent) = directory.parent() {
        make_directories(parent, mode)?;
    }
    match fs::DirBuilder::new().mode(mode).create(directory) {
        Ok(()) => fs::set_permissions(directory, fs::Permissions::from_mode(mode)).map_err(|error| Error::file(directory, error)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Error::file(directory, error)),
    }
}
