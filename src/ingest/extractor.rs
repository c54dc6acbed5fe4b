//! The door to the reader of pages: as many at once as there are cores, off the runtime's threads.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time;

use crate::article;
use crate::model::{Boilerplate, Document, Entry, Extracted, Failure, Trouble};

use super::trouble;

/// Reads one page: `article::extract`, or what a test puts around it.
pub type Reader =
    Arc<dyn Fn(&[Document], &Entry, &article::Rules, &Boilerplate) -> Result<Extracted, article::Error> + Send + Sync>;

/// Longest wait for a page to be read, the wait for a free core included.
const LONGEST: Duration = Duration::from_secs(90);

/// Runs the reader on the blocking pool. Pages wait outside with their bytes, so the number of
/// pages in memory is bounded by the lane's width.
#[derive(Clone)]
pub struct Extractor {
    permits: Arc<Semaphore>,
    desks: Desks,
    reader: Reader,
}

impl Extractor {
    /// `width` pages at once.
    pub fn new(width: usize, reader: Reader) -> Extractor {
        let width = width.max(1);
        Extractor { permits: Arc::new(Semaphore::new(width)), desks: Desks::open(width), reader }
    }

    /// Reads the pages of one article and hands them back. A reader that panics is a final trouble of
    /// class `crashed`: the same bytes would make it panic again.
    pub(super) async fn read(
        &self,
        pages: Vec<Document>,
        entry: Entry,
        rules: article::Rules,
        learnt: Boilerplate,
    ) -> (Option<Vec<Document>>, Result<Extracted, Trouble>) {
        let reader = self.reader.clone();
        let permits = self.permits.clone();
        let desks = self.desks.clone();
        let reading = async move {
            let permit = permits.acquire_owned().await;
            tokio::task::spawn_blocking(move || {
                // The permit belongs to the thread: a reader that hangs keeps its place.
                let _permit = permit;
                desks.work(move || {
                    let read = reader(&pages, &entry, &rules, &learnt);
                    (pages, read)
                })
            })
            .await
        };
        let Ok(ended) = time::timeout(LONGEST, reading).await else {
            let reason = format!("the page could not be read within {} s", LONGEST.as_secs());
            return (None, Err(Trouble { failure: Failure::Persistent, class: "unreadable", reason }));
        };
        match ended {
            Ok((pages, Ok(extracted))) => (Some(pages), Ok(extracted)),
            Ok((pages, Err(error))) => (Some(pages), Err(trouble(error.failure(), error.class(), &error))),
            Err(error) => {
                let reason =
                    format!("crashed: the reader of the page {}", if error.is_panic() { "panicked" } else { "was stopped" });
                let failure = if error.is_panic() { Failure::Final } else { Failure::Transient };
                (None, Err(Trouble { failure, class: "crashed", reason }))
            }
        }
    }
}

type Work = Box<dyn FnOnce() + Send>;

/// A few threads that read all the pages. A page takes many times its size while it is read, and an allocator keeps for each
/// thread what that thread took once: read on whichever thread of the pool is free, pages would cost that for every one.
#[derive(Clone)]
struct Desks {
    work: mpsc::Sender<Work>,
}

impl Desks {
    /// As many threads; they end with the last clone.
    fn open(width: usize) -> Desks {
        let (work, waiting) = mpsc::channel::<Work>();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..width {
            let waiting = Arc::clone(&waiting);
            let sits = move || {
                loop {
                    // In a statement of its own, so that the next one can wait while this one works.
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(work) = next else { break };
                    work();
                }
            };
            if let Err(error) = std::thread::Builder::new().name("wireroom-pages".to_owned()).spawn(sits) {
                tracing::warn!(%error, "a thread for pages cannot start");
            }
        }
        Desks { work }
    }

    /// Works at one of the desks, and waits for it; a panic comes through. Where there is no desk, it works here.
    fn work<T: Send + 'static>(&self, task: impl FnOnce() -> T + Send + 'static) -> T {
        let (answer, answered) = mpsc::sync_channel::<Result<T, Box<dyn Any + Send>>>(1);
        let work: Work = Box::new(move || {
            let _ = answer.send(catch_unwind(AssertUnwindSafe(task)));
        });
        if let Err(mpsc::SendError(work)) = self.work.send(work) {
            work();
        }
        match answered.recv() {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => resume_unwind(Box::new("the work was never done")),
        }
    }
}
