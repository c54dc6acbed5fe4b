//! One thread that writes, few that read, and commits that wait together share one transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::sqlite::{SqliteLedger, SqliteReader};
use super::{Error, Ledger, Reader, Result};

/// Tasks that may wait for a thread; a caller waits when there are more.
const QUEUE: usize = 256;
/// Most tasks in one transaction.
const GROUP: usize = 64;
/// Longest time a transaction stays open for further tasks.
const GROUP_TIME: Duration = Duration::from_millis(20);
/// How long it waits for further tasks when the last one had company: many jobs end at about the same time, and every
/// transaction costs a write of the same few pages, and a wait for the disk.
const COMPANY: Duration = Duration::from_millis(1);

/// The way to a thread (or to a few that share a queue), and the means to end it.
pub(super) struct Way<T> {
    sender: mpsc::Sender<T>,
    /// A place in the queue kept for the last word, however full it is.
    last: mpsc::OwnedPermit<T>,
    ending: Arc<AtomicBool>,
}

impl<T> Way<T> {
    /// A way, its other end, and the sign that it is to be ended.
    pub(super) fn open() -> Result<(Way<T>, mpsc::Receiver<T>, Arc<AtomicBool>)> {
        let (sender, receiver) = mpsc::channel(QUEUE + 1);
        let last = sender.clone().try_reserve_owned().map_err(|_| Error::Gone)?;
        let ending = Arc::new(AtomicBool::new(false));
        Ok((Way { sender, last, ending: Arc::clone(&ending) }, receiver, ending))
    }

    pub(super) fn sender(&self) -> mpsc::Sender<T> {
        self.sender.clone()
    }

    /// Whether there is a thread at the other end.
    pub(super) fn leads_somewhere(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Has the thread end once its queue is empty.
    pub(super) fn end(self, last_word: T) {
        self.ending.store(true, Ordering::Release);
        self.last.send(last_word);
    }
}

/// What the writing thread is asked.
pub(super) enum Order {
    Task(Box<dyn WriteTask>),
    Beat(oneshot::Sender<Result<()>>),
    /// Wakes the thread, so that it sees that it is to end.
    End,
}

/// How a task went, as far as its transaction is concerned.
pub(super) enum Went {
    Well,
    Badly,
}

/// A task with its answer, free of their types.
pub(super) trait WriteTask: Send {
    /// Runs it; the answer waits for the commit.
    fn run(&mut self, ledger: &mut dyn Ledger) -> Went;
    /// Answers: the task's own result, or what became of the transaction.
    fn answer(self: Box<Self>, fate: Result<()>, path: &Path);
}

pub(super) struct WriteJob<T, F> {
    task: Option<F>,
    result: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T, F> WriteJob<T, F> {
    pub(super) fn new(task: F) -> (WriteJob<T, F>, oneshot::Receiver<Result<T>>) {
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

    fn answer(self: Box<Self>, fate: Result<()>, path: &Path) {
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

/// What comes next; `None` when the thread is to end and its queue is empty. It does not wait for the senders to go: a
/// caller that waits for room in the queue may itself be what is waiting for the thread's end.
fn next<T>(waiting: &mut mpsc::Receiver<T>, ending: &AtomicBool) -> Option<T> {
    if ending.load(Ordering::Acquire) {
        waiting.close();
        return waiting.try_recv().ok();
    }
    waiting.blocking_recv()
}

/// The writing thread: one transaction after the other, each with all the tasks that were waiting.
pub(super) fn serve_writes(mut ledger: SqliteLedger, mut waiting: mpsc::Receiver<Order>, ending: &AtomicBool, path: &Path) {
    let mut had_company = false;
    while let Some(order) = next(&mut waiting, ending) {
        match order {
            Order::Beat(answer) => {
                let _ = answer.send(ledger.check_identity());
            }
            Order::Task(first) => {
                let patience = if had_company { COMPANY } else { Duration::ZERO };
                let (tasks, fate) = serve_group(&mut ledger, first, &mut waiting, patience, path);
                if let Err(error) = fate
                    && error.is_fatal()
                {
                    tracing::error!(ledger = %path.display(), error = %error, "the store stops: its file cannot be trusted");
                    break;
                }
                had_company = tasks > 1;
            }
            Order::End => {}
        }
    }
    // After a fatal error what still waits is dropped unanswered, and its callers read `Gone`.
    drop(waiting);
    ledger.close();
}

/// One transaction, and how many tasks it had. Callers are answered after its commit and not before: an answer means "on
/// the disk". It waits once, for `patience`, when nothing is left to do.
fn serve_group(
    ledger: &mut SqliteLedger,
    first: Box<dyn WriteTask>,
    waiting: &mut mpsc::Receiver<Order>,
    mut patience: Duration,
    path: &Path,
) -> (usize, Result<()>) {
    let begun = Instant::now();
    let mut tasks = Vec::new();
    let mut beats = Vec::new();
    let mut fate = ledger.begin();
    let mut following = Some(first);
    while let Some(mut task) = following.take() {
        if fate.is_ok() {
            fate = run_in_savepoint(ledger, &mut *task);
        }
        tasks.push(task);
        while following.is_none() && fate.is_ok() && tasks.len() < GROUP && begun.elapsed() < GROUP_TIME {
            match waiting.try_recv() {
                Ok(Order::Task(task)) => following = Some(task),
                Ok(Order::Beat(answer)) => beats.push(answer),
                Err(_) if !patience.is_zero() => std::thread::sleep(std::mem::take(&mut patience)),
                Ok(Order::End) | Err(_) => break,
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
    let count = tasks.len();
    for task in tasks {
        task.answer(fate.clone(), path);
    }
    for beat in beats {
        let _ = beat.send(ledger.check_identity());
    }
    (count, fate)
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
pub(super) trait ReadTask: Send {
    fn run(self: Box<Self>, reader: &mut SqliteReader, path: &Path);
}

pub(super) struct ReadJob<T, F> {
    task: F,
    answer: oneshot::Sender<Result<T>>,
}

impl<T, F> ReadJob<T, F> {
    pub(super) fn new(task: F) -> (ReadJob<T, F>, oneshot::Receiver<Result<T>>) {
        let (answer, receiver) = oneshot::channel();
        (ReadJob { task, answer }, receiver)
    }
}

impl<T, F> ReadTask for ReadJob<T, F>
where
    T: Send,
    F: FnOnce(&dyn Reader) -> Result<T> + Send,
{
    fn run(self: Box<Self>, reader: &mut SqliteReader, path: &Path) {
        let ReadJob { task, answer } = *self;
        let asked = reader.begin().and_then(|()| {
            catch_unwind(AssertUnwindSafe(|| task(reader))).unwrap_or_else(|panic| Err(Error::Panicked(words(&*panic))))
        });
        reader.end();
        let _ = answer.send(asked.map_err(|error| error.at(path)));
    }
}

/// What a reading thread is asked.
pub(super) enum Question {
    Task(Box<dyn ReadTask>),
    /// Wakes a thread, so that it sees that it is to end.
    End,
}

/// A reading thread. The threads share one queue: whoever is free takes the next question.
pub(super) fn serve_reads(mut reader: SqliteReader, waiting: &Mutex<mpsc::Receiver<Question>>, ending: &AtomicBool, path: &Path) {
    loop {
        // In a statement of its own, so that the queue is free for the other threads while the question is answered.
        let question = next(&mut held(waiting), ending);
        match question {
            Some(Question::Task(task)) => task.run(&mut reader, path),
            Some(Question::End) => {}
            None => break,
        }
    }
}

/// A poisoned lock here guards plain values that are never half changed.
pub(super) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
