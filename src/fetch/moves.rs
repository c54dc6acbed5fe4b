//! Where the validators of a moved document come from, so that they are shown to that address and to no other.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::model::{Url, Validators};

/// Requests remembered; one forgotten costs one unconditional request of the new address.
const MOST: usize = 20_000;

/// For each request that was moved for good: the address that answered and the validators it gave.
#[derive(Debug, Default)]
pub(super) struct Moves {
    known: Mutex<HashMap<String, (Url, Validators)>>,
}

impl Moves {
    /// Remembers who gave these validators. An answer without any takes nothing back: the caller
    /// may still hold those of an earlier one.
    pub(super) fn note(&self, asked: &Url, answered: &Url, validators: &Validators) {
        if validators.is_empty() {
            return;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if asked == answered {
            known.remove(asked.as_str());
            return;
        }
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(asked.as_str().to_owned(), (answered.clone(), validators.clone()));
    }

    /// The address other than the one asked for that gave these validators, if that is remembered.
    pub(super) fn giver(&self, asked: &Url, validators: &Validators) -> Option<Url> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(asked.as_str()).filter(|(_, given)| given == validators).map(|(answered, _)| answered.clone())
    }
}
