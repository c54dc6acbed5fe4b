//! The door to the reader of pages: as many at once as there are cores, off the runtime's threads.

use std::sync::Arc;
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
    reader: Reader,
}

impl Extractor {
    /// `width` pages at once.
    pub fn new(width: usize, reader: Reader) -> Extractor {
        Extractor { permits: Arc::new(Semaphore::new(width.max(1))), reader }
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
        let reading = async move {
            let permit = permits.acquire_owned().await;
            tokio::task::spawn_blocking(move || {
                // The permit belongs to the thread: a reader that hangs keeps its place.
                let _permit = permit;
                let read = reader(&pages, &entry, &rules, &learnt);
                (pages, read)
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
