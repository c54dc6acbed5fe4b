//! The door to the ledger: opened for a role, used from anywhere, closed once.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use tokio::sync::{mpsc, oneshot};

use super::files::Files;
use super::lock::Lock;
use super::sqlite::{SqliteLedger, SqliteReader};
use super::threads::{self, Order, Question, ReadJob, Way, WriteJob, held};
use super::{Error, Ledger, Reader, Result, Settings};

/// Reading threads of a ledger whose lanes run.
const READERS: usize = 2;

/// What the ledger is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// To run the lanes: makes the ledger if there is none, brings its schema up to date, holds the lock.
    Lanes,
    /// To write a little beside running lanes: short transactions, no lock, nothing is made.
    Writer,
    /// To look: never makes a file, and needs no right to.
    Reader,
}

/// The only door to the ledger. Clones share it; the last one to go closes it.
#[derive(Clone)]
pub struct StoreHandle {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for StoreHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreHandle").field("ledger", &self.inner.path).field("alive", &self.alive()).finish()
    }
}

impl StoreHandle {
    /// Opens the ledger. Blocks while it does.
    pub fn open(settings: &Settings, role: Role) -> Result<StoreHandle> {
        let files = match role {
            Role::Lanes => Files::prepared(settings)?,
            Role::Writer | Role::Reader => Files::of(settings)?,
        };
        let lock = match role {
            Role::Lanes => Some(Lock::take(&files)?),
            Role::Writer | Role::Reader => None,
        };
        let ledger = match role {
            Role::Lanes => Some(SqliteLedger::make(&files, settings)?),
            Role::Writer => Some(SqliteLedger::open(&files, settings)?),
            Role::Reader => None,
        };
        let readers = match role {
            Role::Lanes => SqliteReader::for_lanes(&files, READERS)?,
            Role::Writer => vec![SqliteReader::beside_writer(&files)?],
            Role::Reader => vec![SqliteReader::open(&files)?],
        };

        let mut threads = Vec::new();
        let (reads, waiting, ending) = Way::open()?;
        let waiting = Arc::new(Mutex::new(waiting));
        for (index, reader) in readers.into_iter().enumerate() {
            let (waiting, ending, path) = (Arc::clone(&waiting), Arc::clone(&ending), files.ledger.clone());
            threads.push(spawn(format!("store-reader-{index}"), &files, move || {
                threads::serve_reads(reader, &waiting, &ending, &path)
            })?);
        }
        let writes = match ledger {
            Some(ledger) => {
                let (writes, waiting, ending) = Way::open()?;
                let path = files.ledger.clone();
                // The last one in the list: it is ended last.
                threads.push(spawn("store-writer".to_owned(), &files, move || {
                    threads::serve_writes(ledger, waiting, &ending, &path)
                })?);
                Some(writes)
            }
            None => None,
        };
        let doors = Doors { reads, writes };
        let inner =
            Inner { path: files.ledger, doors: Mutex::new(Some(doors)), threads: Mutex::new(threads), lock: Mutex::new(lock) };
        Ok(StoreHandle { inner: Arc::new(inner) })
    }

    /// Runs a task on the writing thread and waits until what it wrote is on the disk. An `Err` of the task undoes it.
    pub async fn write<T, F>(&self, task: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Ledger) -> Result<T> + Send + 'static,
    {
        let (job, answer) = WriteJob::new(task);
        self.writes()?.send(Order::Task(Box::new(job))).await.map_err(|_| Error::Gone)?;
        answer.await.map_err(|_| Error::Gone)?
    }

    /// Runs a task on a reading thread, on one snapshot.
    pub async fn read<T, F>(&self, task: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Reader) -> Result<T> + Send + 'static,
    {
        let (job, answer) = ReadJob::new(task);
        self.reads()?.send(Question::Task(Box::new(job))).await.map_err(|_| Error::Gone)?;
        answer.await.map_err(|_| Error::Gone)?
    }

    /// [`StoreHandle::write`] for callers outside a runtime.
    pub fn write_blocking<T, F>(&self, task: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Ledger) -> Result<T> + Send + 'static,
    {
        let (job, answer) = WriteJob::new(task);
        self.writes()?.blocking_send(Order::Task(Box::new(job))).map_err(|_| Error::Gone)?;
        answer.blocking_recv().map_err(|_| Error::Gone)?
    }

    /// [`StoreHandle::read`] for callers outside a runtime.
    pub fn read_blocking<T, F>(&self, task: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Reader) -> Result<T> + Send + 'static,
    {
        let (job, answer) = ReadJob::new(task);
        self.reads()?.blocking_send(Question::Task(Box::new(job))).map_err(|_| Error::Gone)?;
        answer.blocking_recv().map_err(|_| Error::Gone)?
    }

    /// Answers when the threads do: for the watchdog, which sets the limit. An error is a reason to leave the house: the
    /// threads have ended, or the ledger's file is not the one we write any more.
    pub async fn beat(&self) -> Result<()> {
        if let Ok(writes) = self.writes() {
            let (answer, beat) = oneshot::channel();
            writes.send(Order::Beat(answer)).await.map_err(|_| Error::Gone)?;
            beat.await.map_err(|_| Error::Gone)??;
        }
        self.read(|_| Ok(())).await
    }

    /// Whether the threads are there. False: the store has ended, and so must the process.
    pub fn alive(&self) -> bool {
        match &*held(&self.inner.doors) {
            Some(doors) => doors.reads.leads_somewhere() && doors.writes.as_ref().is_none_or(Way::leads_somewhere),
            None => false,
        }
    }

    /// Ends the threads after what is waiting, closes the files and lets go of the lock. Blocks while it does; further
    /// calls through any clone answer [`Error::Gone`]. Dropping the last clone does the same.
    pub fn close(&self) {
        self.inner.close();
    }

    fn writes(&self) -> Result<mpsc::Sender<Order>> {
        let doors = held(&self.inner.doors);
        let doors = doors.as_ref().ok_or(Error::Gone)?;
        doors.writes.as_ref().map(Way::sender).ok_or(Error::Refused("the ledger was opened for reading"))
    }

    fn reads(&self) -> Result<mpsc::Sender<Question>> {
        held(&self.inner.doors).as_ref().map(|doors| doors.reads.sender()).ok_or(Error::Gone)
    }
}

/// What the clones share.
struct Inner {
    path: PathBuf,
    doors: Mutex<Option<Doors>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    lock: Mutex<Option<Lock>>,
}

/// The ways to the threads.
struct Doors {
    reads: Way<Question>,
    writes: Option<Way<Order>>,
}

impl Inner {
    fn close(&self) {
        let Some(Doors { reads, writes }) = held(&self.doors).take() else { return };
        let mut threads: Vec<_> = held(&self.threads).drain(..).collect();
        let writer = writes.is_some().then(|| threads.pop()).flatten();
        // Readers first: the writer's connection is to be the last one, since only that folds the log into the ledger.
        reads.end(Question::End);
        for thread in threads {
            let _ = thread.join();
        }
        if let Some(writes) = writes {
            writes.end(Order::End);
        }
        if let Some(writer) = writer {
            let _ = writer.join();
        }
        *held(&self.lock) = None;
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

fn spawn(name: String, files: &Files, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    thread::Builder::new().name(name).spawn(body).map_err(|error| Error::file(&files.ledger, error))
}
