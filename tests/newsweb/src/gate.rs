//! A gate before answers: for barriers, and for stopping a reader while its request is in flight.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::log::TimedOut;
use crate::plan::Scope;
use crate::shared::{Gated, Shared};

/// Holds answers back until it is released or dropped; after that it is out of the way.
#[derive(Debug)]
pub struct Gate {
    shared: Arc<Shared>,
    number: u64,
    open: watch::Sender<bool>,
}

impl Gate {
    pub(crate) fn close(shared: &Arc<Shared>, scope: Scope) -> Self {
        let (open, seen) = watch::channel(false);
        let number = shared.change(|state| {
            state.gates_made += 1;
            let number = state.gates_made;
            state.gates.push(Gated { number, scope, open: seen, waiting: 0 });
            number
        });
        Gate { shared: Arc::clone(shared), number, open }
    }

    /// How many requests stand before it now; a client that went away no longer does.
    pub fn waiting(&self) -> usize {
        let state = self.shared.read();
        state.gates.iter().find(|gate| gate.number == self.number).map_or(0, |gate| gate.waiting)
    }

    /// Blocks until `count` requests or more stand before it.
    pub fn wait_for(&self, limit: Duration, count: usize) -> Result<(), TimedOut> {
        let came =
            self.shared.wait(limit, |state| state.gates.iter().any(|gate| gate.number == self.number && gate.waiting >= count));
        if came { Ok(()) } else { Err(TimedOut { last: self.shared.read().log.clone() }) }
    }

    /// As `wait_for`, on the caller's runtime.
    pub async fn wait_for_async(&self, limit: Duration, count: usize) -> Result<(), TimedOut> {
        let wish =
            |state: &crate::shared::State| state.gates.iter().any(|gate| gate.number == self.number && gate.waiting >= count);
        let came = self.shared.wait_async(limit, wish).await;
        if came { Ok(()) } else { Err(TimedOut { last: self.shared.read().log.clone() }) }
    }

    /// Lets all answers go at once.
    pub fn release(self) {
        drop(self);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.shared.change(|state| state.gates.retain(|gate| gate.number != self.number));
        self.open.send_replace(true);
    }
}
