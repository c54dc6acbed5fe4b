//! Where the validators of a redirected request come from, so that they are shown to that host and to no other.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::model::{Url, Validators};

/// Requests remembered; one forgotten costs one unconditional request.
const MOST: usize = 20_000;

/// For each request that ended at another address than it began: that address and its validators.
#[derive(Debug, Default)]
pub(super) struct Moves {
    known: Mutex<HashMap<String, (Url, Validators)>>,
}

impl Moves {
    /// Remembers who answered.
    pub(super) fn note(&self, asked: &Url, answered: &Url, validators: &Validators) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if asked == answered || validators.is_empty() {
            known.remove(asked.as_str());
            return;
        }
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(asked.as_str().to_owned(), (answered.clone(), validators.clone()));
    }

    /// Whether these validators of a request were given by this address.
    pub(super) fn matches(&self, asked: &Url, here: &Url, validators: &Validators) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(asked.as_str()).is_some_and(|(answered, given)| answered == here && given == validators)
    }
}
