//! Opening: what the file is, whether this wireroom may touch it, and its schema brought up to date.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::time::Instant;

use super::{Error, Files, Result, files, run};

/// `WIRE`: says in the file's header whose it is.
const APPLICATION_ID: i32 = 0x5749_5245;
/// The numbered migrations; a ledger's `user_version` is the number of the last one applied.
const MIGRATIONS: [&str; 1] = [include_str!("../schema/sqlite/0001_ledger.sql")];
/// How long a statement waits for another program's transaction.
const BUSY: Duration = Duration::from_secs(5);
/// How long a snapshot may be held: the write-ahead log grows as long as one is.
const SNAPSHOT: Duration = Duration::from_secs(5);
/// Statements kept prepared.
const STATEMENTS: usize = 128;

/// Opens the ledger for the lanes.
pub(super) fn make(files: &Files) -> Result<Connection> {
    let path = &files.ledger;
    files.check_room()?;
    if path.exists() {
        peek(path)?;
        files.check_writable()?;
    }
    files.make(path)?;
    let db = connect(path, "")?;
    migrate(&db, path)?;
    Ok(db)
}

/// Opens a ledger that must be there and up to date.
pub(super) fn existing(files: &Files) -> Result<Connection> {
    let path = &files.ledger;
    require_current(path)?;
    files.check_writable()?;
    files.check_room()?;
    connect(path, "")
}

/// Opens a ledger to look at it.
pub(super) fn read_only(files: &Files) -> Result<(Connection, Quiet)> {
    let path = &files.ledger;
    require_current(path)?;
    look(path)
}

/// Whether nobody was writing when a database was opened to look at it. If so it has to be opened anew for every look:
/// SQLite was promised that the file does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quiet(pub(super) bool);

/// Opens a ledger that this process is writing to look at it.
pub(super) fn beside_writer(files: &Files) -> Result<Connection> {
    look_live(&files.ledger)
}

/// Opens a database of ours for writing; `first` is said before anything else.
pub(super) fn connect(path: &Path, first: &str) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    (|| {
        let db = Connection::open_with_flags(path, flags)?;
        settle(&db)?;
        db.execute_batch(first)?;
        db.execute_batch(
            "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;",
        )?;
        // FULL: what was acknowledged survives a power cut. The limit gives a write-ahead log that once grew its space back.
        let mode: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        debug_assert_eq!(mode, "wal");
        db.execute_batch("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;")?;
        Ok(db)
    })()
    .map_err(|error: rusqlite::Error| Error::from(error).at(path))
}

/// Opens a database read-only, making no file beside it. Without a write-ahead log nobody is writing, and the file is read
/// as it stands; with one, the log and its index are there to be shared.
pub(super) fn look(path: &Path) -> Result<(Connection, Quiet)> {
    if files::log_of(path).exists() {
        return Ok((look_live(path)?, Quiet(false)));
    }
    let db = look_with(path, Connection::open_with_flags(immutable(path), LOOK | OpenFlags::SQLITE_OPEN_URI))?;
    Ok((db, Quiet(true)))
}

/// Opens a database read-only that a live connection is writing.
pub(super) fn look_live(path: &Path) -> Result<Connection> {
    look_with(path, Connection::open_with_flags(path, LOOK))
}

/// How a database is opened that is only looked at.
const LOOK: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX).union(OpenFlags::SQLITE_OPEN_NOFOLLOW);

fn look_with(path: &Path, opened: rusqlite::Result<Connection>) -> Result<Connection> {
    opened
        .and_then(|db| {
            settle(&db)?;
            db.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;")?;
            Ok(db)
        })
        .map_err(|error| Error::from(error).at(path))
}

/// What holds for every connection.
fn settle(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(BUSY)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    // One plan a statement, whatever is bound to it: else each new value has its statement compiled anew (SQLITE_ENABLE_STAT4).
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// What a file's header says, without changing a byte of it.
struct About {
    application: i32,
    schema: u32,
    tables: i64,
    /// What `text_of_schema` was when it was made.
    text: Option<String>,
}

fn peek(path: &Path) -> Result<About> {
    let size = std::fs::metadata(path)
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::Missing { path: path.to_owned() },
            _ => Error::file(path, error),
        })?
        .len();
    if size == 0 && !files::log_of(path).exists() {
        return Ok(About { application: 0, schema: 0, tables: 0, text: None });
    }
    let (db, _) = look(path)?;
    let about = (|| {
        Ok(About {
            application: db.query_row("PRAGMA application_id", [], |row| row.get(0))?,
            schema: db.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))?.try_into().unwrap_or(u32::MAX),
            tables: db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?,
            text: db.query_row("SELECT value FROM memo WHERE name = 'schema'", [], |row| row.get(0)).ok(),
        })
    })()
    .map_err(|error: rusqlite::Error| Error::from(error).at(path))?;
    if about.application != APPLICATION_ID && (about.application != 0 || about.tables > 0) {
        return Err(Error::Foreign { path: path.to_owned() });
    }
    let known = known_schema();
    if about.schema > known {
        return Err(Error::Newer { path: path.to_owned(), found: about.schema, known });
    }
    if about.schema == known && about.text.as_deref() != Some(text_of_schema().as_str()) {
        return Err(Error::Draft { path: path.to_owned() });
    }
    Ok(about)
}

fn require_current(path: &Path) -> Result<()> {
    let found = peek(path)?.schema;
    let known = known_schema();
    match found {
        0 => Err(Error::Empty { path: path.to_owned() }),
        found if found < known => Err(Error::Older { path: path.to_owned(), found, known }),
        _ => Ok(()),
    }
}

/// The number of the last migration.
pub(super) fn known_schema() -> u32 {
    MIGRATIONS.len() as u32
}

/// A name for what the migrations say, comments and layout aside. Until a schema is released it may change under its number,
/// and a ledger made before such a change has to be told from one made after it.
fn text_of_schema() -> String {
    let mut hasher = blake3::Hasher::new();
    for line in MIGRATIONS.iter().flat_map(|migration| migration.lines()) {
        let statement = line.split("--").next().unwrap_or_default();
        for word in statement.split_whitespace() {
            hasher.update(word.as_bytes());
        }
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// Applies the migrations that are missing, each in a transaction with the number that says so.
fn migrate(db: &Connection, path: &Path) -> Result<()> {
    let migrated = (|| {
        let found: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        for (number, migration) in (1u32..).zip(MIGRATIONS).skip(found as usize) {
            run(db, "BEGIN IMMEDIATE")?;
            let applied = db
                .execute_batch(migration)
                .and_then(|()| {
                    db.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number};"))
                })
                .and_then(|()| {
                    db.execute("INSERT OR REPLACE INTO memo (name, value) VALUES ('schema', ?1)", [text_of_schema()]).map(|_| ())
                })
                .and_then(|()| run(db, "COMMIT"));
            if let Err(error) = applied {
                if !db.is_autocommit() {
                    run(db, "ROLLBACK")?;
                }
                return Err(error);
            }
        }
        Ok(())
    })();
    migrated.map_err(|error: rusqlite::Error| Error::from(error).at(path))
}

/// A file's name as a URI that promises SQLite that nobody changes it.
fn immutable(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(char::from(*byte)),
            // Writing into a String cannot fail.
            _ => drop(write!(uri, "%{byte:02x}")),
        }
    }
    uri + "?immutable=1"
}

/// When a reading connection has to give up.
#[derive(Debug, Clone)]
pub(super) struct Deadline {
    origin: Instant,
    /// Milliseconds after `origin`; the largest number is never.
    at: Arc<AtomicU64>,
}

impl Deadline {
    pub(super) fn new() -> Deadline {
        Deadline { origin: Instant::now(), at: Arc::new(AtomicU64::new(u64::MAX)) }
    }

    pub(super) fn set(&self) {
        self.at.store(self.passed() + SNAPSHOT.as_millis() as u64, Ordering::Relaxed);
    }

    pub(super) fn clear(&self) {
        self.at.store(u64::MAX, Ordering::Relaxed);
    }

    fn passed(&self) -> u64 {
        self.origin.elapsed().as_millis() as u64
    }

    /// Stops a connection's statements at the deadline, so that no question holds a snapshot for long.
    pub(super) fn guard(&self, db: &mut Connection) -> Result<()> {
        let watched = self.clone();
        Ok(db.progress_handler(20_000, Some(move || watched.passed() > watched.at.load(Ordering::Relaxed)))?)
    }
}
