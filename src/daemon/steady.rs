//! Whether the wall clock goes as time does. It may be set while the lanes run: by hand, or by the first answer of a time
//! server after a start with a wrong clock.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::ingest::Context;
use crate::model::Timestamp;
use crate::store;

/// What the wall clock and time may differ by between two looks.
const SLACK: Duration = Duration::from_secs(60);

/// The last look at both clocks.
#[derive(Debug, Default)]
pub(super) struct Steady {
    // Held while the ledger is brought to the new time: no lane claims by times of the old one meanwhile.
    last: Mutex<Option<(Timestamp, Instant)>>,
}

impl Steady {
    /// Looks at both clocks; when they disagree, brings the ledger and the manners to the wall clock.
    pub(super) async fn look(&self, ctx: &Context) -> store::Result<()> {
        let mut last = self.last.lock().await;
        let (now, instant) = ((ctx.clock)(), Instant::now());
        if let Some((then, since)) = *last
            && let Ok(expected) = then.checked_add(instant.duration_since(since))
        {
            let jump = now.duration_since(expected);
            if jump.unsigned_abs() > SLACK {
                tracing::warn!(seconds = jump.as_secs(), "the clock was set, or the machine slept; what is planned follows it");
                ctx.fetcher.clock_was_set(jump.unsigned_abs(), now < expected);
                ctx.store.write(move |ledger| ledger.clock_was_set(expected, now)).await?;
            }
        }
        *last = Some((now, instant));
        Ok(())
    }
}
