//! The door: one thread that writes, few that read, and commits that wait together share one transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::files::Files;
use super::lock::Lock;
use super::sqlite::{SqliteLedger, SqliteReader};
use super::{Error, Ledger, Reader, Result, Settings};

/// Tasks that may wait for a thread; a caller waits when there are more.
const QUEUE: usize = 256;
/// Most tasks in one transaction.
const GROUP: usize = 64;
/// Longest time a transaction stays open for further tasks.
const GROUP_TIME: Duration = Duration::from_millis(20);
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
            Role::Lanes => (0..READERS).map(|_| SqliteReader::beside_writer(&files)).collect::<Result<Vec<_>>>()?,
            Role::Writer => vec![SqliteReader::beside_writer(&files)?],
            Role::Reader => vec![SqliteReader::open(&files)?],
        };

        let mut threads = Vec::new();
        let (reads, waiting) = mpsc::channel::<Box<dyn ReadTask>>(QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        for (index, reader) in readers.into_iter().enumerate() {
            let (waiting, path) = (Arc::clone(&waiting), files.ledger.clone());
            threads.push(spawn(format!("store-reader-{index}"), &files, move || serve_reads(reader, &waiting, &path))?);
        }
        let writes = match ledger {
            Some(ledger) => {
                let (writes, waiting) = mpsc::channel(QUEUE);
                let path = files.ledger.clone();
                // Last in the list and joined last: the connection that closes last removes the write-ahead log.
                threads.push(spawn("store-writer".to_owned(), &files, move || serve_writes(ledger, waiting, &path))?);
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
        self.reads()?.send(Box::new(job)).await.map_err(|_| Error::Gone)?;
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
        self.reads()?.blocking_send(Box::new(job)).map_err(|_| Error::Gone)?;
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
            Some(doors) => !doors.reads.is_closed() && !doors.writes.as_ref().is_some_and(mpsc::Sender::is_closed),
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
        doors.writes.clone().ok_or(Error::Refused("the ledger was opened for reading"))
    }

    fn reads(&self) -> Result<mpsc::Sender<Box<dyn ReadTask>>> {
        held(&self.inner.doors).as_ref().map(|doors| doors.reads.clone()).ok_or(Error::Gone)
    }
}

/// What the clones share.
struct Inner {
    path: PathBuf,
    doors: Mutex<Option<Doors>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    lock: Mutex<Option<Lock>>,
}

/// The ways to the threads; when they are gone, the threads end.
struct Doors {
    reads: mpsc::Sender<Box<dyn ReadTask>>,
    writes: Option<mpsc::Sender<Order>>,
}

impl Inner {
    fn close(&self) {
        // Readers first, so that the writer's connection is the last one.
        let writes = held(&self.doors).take().and_then(|doors| doors.writes);
        let mut threads: Vec<_> = held(&self.threads).drain(..).collect();
        let writer = writes.is_some().then(|| threads.pop()).flatten();
        for thread in threads {
            let _ = thread.join();
        }
        drop(writes);
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

/// A poisoned lock here guards plain values that are never half changed.
fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn spawn(name: String, files: &Files, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    thread::Builder::new().name(name).spawn(body).map_err(|error| Error::file(&files.ledger, error))
}

/// What the writing thread is asked.
enum Order {
    Task(Box<dyn WriteTask>),
    Beat(oneshot::Sender<Result<()>>),
}

/// How a task went, as far as its transaction is concerned.
enum Went {
    Well,
    Badly,
}

/// A task with its answer, free of their types.
trait WriteTask: Send {
    /// Runs it; the answer waits for the commit.
    fn run(&mut self, ledger: &mut dyn Ledger) -> Went;
    /// Answers: the task's own result, or what became of the transaction.
    fn answer(self: Box<Self>, fate: Result<()>, path: &std::path::Path);
}

struct WriteJob<T, F> {
    task: Option<F>,
    result: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T, F> WriteJob<T, F> {
    fn new(task: F) -> (WriteJob<T, F>, oneshot::Receiver<Result<T>>) {
        let (answer, receiver) = oneshot::channel();
        (WriteJob { task: Some(task), result: None, answer }, receiver)
    }
}

impl<T, F> WriteTask for WriteJob<T, F>
where
    T: Send,
    F: FnOnce(&mut dyn Ledger) -> Result<T> + Send,
{
    fn run(&mut self, ledger: &mut dyn Ledger) -> Went {
        let Some(task) = self.task.take() else { return Went::Badly };
        // The ledger's state after a panic is the savepoint's, which is rolled back: nothing half done can be seen.
        let result = catch_unwind(AssertUnwindSafe(|| task(ledger))).unwrap_or_else(|panic| Err(Error::Panicked(words(&*panic))));
        let went = if result.is_ok() { Went::Well } else { Went::Badly };
        self.result = Some(result);
        went
    }

    fn answer(self: Box<Self>, fate: Result<()>, path: &std::path::Path) {
        let result = match (self.result, fate) {
            (Some(Err(own)), _) => Err(own.at(path)),
            (_, Err(fate)) => Err(fate),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(Error::Gone),
        };
        // Nobody may be waiting any more; what was written stands all the same.
        let _ = self.answer.send(result);
    }
}

/// The writing thread: one transaction after the other, each with all the tasks that were waiting.
fn serve_writes(mut ledger: SqliteLedger, mut waiting: mpsc::Receiver<Order>, path: &std::path::Path) {
    while let Some(order) = waiting.blocking_recv() {
        match order {
            Order::Beat(answer) => {
                let _ = answer.send(ledger.check_identity());
            }
            Order::Task(first) => {
                if let Err(error) = serve_group(&mut ledger, first, &mut waiting, path)
                    && error.is_fatal()
                {
                    tracing::error!(ledger = %path.display(), error = %error, "the store stops: its file cannot be trusted");
                    break;
                }
            }
        }
    }
    // What still waits is dropped unanswered, and its callers read `Gone`.
    waiting.close();
    ledger.close();
}

/// One transaction. Callers are answered after its commit and not before: an answer means "on the disk".
fn serve_group(
    ledger: &mut SqliteLedger,
    first: Box<dyn WriteTask>,
    waiting: &mut mpsc::Receiver<Order>,
    path: &std::path::Path,
) -> Result<()> {
    let begun = Instant::now();
    let mut tasks = Vec::new();
    let mut beats = Vec::new();
    let mut fate = ledger.begin();
    let mut next = Some(first);
    while let Some(mut task) = next.take() {
        if fate.is_ok() {
            fate = run_in_savepoint(ledger, &mut *task);
        }
        tasks.push(task);
        while next.is_none() && fate.is_ok() && tasks.len() < GROUP && begun.elapsed() < GROUP_TIME {
            match waiting.try_recv() {
                Ok(Order::Task(task)) => next = Some(task),
                Ok(Order::Beat(answer)) => beats.push(answer),
                Err(_) => break,
            }
        }
    }
    if fate.is_ok() {
        fate = ledger.commit();
    }
    if fate.is_err() {
        ledger.roll_back();
    }
    let fate = fate.map_err(|error| error.at(path));
    for task in tasks {
        task.answer(fate.clone(), path);
    }
    for beat in beats {
        let _ = beat.send(ledger.check_identity());
    }
    fate
}

/// Runs one task so that its failure undoes it alone. `Err`: the whole transaction is lost, with this reason.
fn run_in_savepoint(ledger: &mut SqliteLedger, task: &mut dyn WriteTask) -> Result<()> {
    ledger.set_savepoint()?;
    match task.run(ledger) {
        Went::Well => ledger.release_savepoint(),
        // A full disk, a failing one or no memory can end the outer transaction inside a savepoint: then there is
        // nothing to go back to, and nobody's work of this group stands.
        Went::Badly if !ledger.in_transaction() => Err(ledger.last_trouble()),
        Went::Badly => ledger.roll_back_savepoint(),
    }
}

/// The words of a panic.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "no words".to_owned(),
    }
}

/// A question with its answer, free of their types.
trait ReadTask: Send {
    fn run(self: Box<Self>, reader: &mut SqliteReader, path: &std::path::Path);
}

struct ReadJob<T, F> {
    task: F,
    answer: oneshot::Sender<Result<T>>,
}

impl<T, F> ReadJob<T, F> {
    fn new(task: F) -> (ReadJob<T, F>, oneshot::Receiver<Result<T>>) {
        let (answer, receiver) = oneshot::channel();
        (ReadJob { task, answer }, receiver)
    }
}

impl<T, F> ReadTask for ReadJob<T, F>
where
    T: Send,
    F: FnOnce(&dyn Reader) -> Result<T> + Send,
{
    fn run(self: Box<Self>, reader: &mut SqliteReader, path: &std::path::Path) {
        let ReadJob { task, answer } = *self;
        let asked = reader.begin().and_then(|()| {
            catch_unwind(AssertUnwindSafe(|| task(reader))).unwrap_or_else(|panic| Err(Error::Panicked(words(&*panic))))
        });
        reader.end();
        let _ = answer.send(asked.map_err(|error| error.at(path)));
    }
}

/// A reading thread. The threads share one queue: whoever is free takes the next question.
fn serve_reads(mut reader: SqliteReader, waiting: &Mutex<mpsc::Receiver<Box<dyn ReadTask>>>, path: &std::path::Path) {
    loop {
        let next = held(waiting).blocking_recv();
        match next {
            Some(task) => task.run(&mut reader, path),
            None => break,
        }
    }
}
