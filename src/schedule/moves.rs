//! Moves: a feed that its server redirects for good is asked at the new address, once it has said so often enough.

use std::time::Duration;

use super::{DAY, later};
use crate::model::{Address, Failure, Head, PollOutcome, Rhythm, Timestamp};

/// How long a feed that moved may fail in whatever way until it is asked again where it was named.
const LOST: Duration = Duration::from_secs(DAY);

/// How often, and over how long, the polls of a feed have to agree on a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreement {
    /// So many polls in a row; 0: a feed never moves.
    pub times: u32,
    /// From the first of them to the last. Polls that come closer together than half an even share of it count as one: a
    /// person who asks three times within a minute has asked once.
    pub over: Duration,
}

/// Counts what a poll says of the feed's address, and decides where it is asked from now on. `moved` is whether it is asked
/// somewhere else already than where it was named.
pub fn whereabouts(
    rhythm: &mut Rhythm,
    outcome: &PollOutcome,
    failures: u32,
    moved: bool,
    agreement: Agreement,
    now: Timestamp,
) -> Address {
    let head: &Head = match outcome {
        PollOutcome::Unchanged(head) => head,
        PollOutcome::Read(read) => &read.head,
        PollOutcome::Found(_) => return Address::Stays,
        PollOutcome::Failed(trouble) => {
            if matches!(trouble.failure, Failure::Waits(_)) {
                return Address::Stays;
            }
            // A document that cannot be read where it moved to speaks against the move, an hour without network does not.
            let lasting = matches!(trouble.failure, Failure::Persistent | Failure::Final);
            if lasting {
                forget(rhythm);
            }
            let often = failures.saturating_add(1) >= agreement.times;
            // A name that lapsed is as silent as a network that is down: a day of any silence is enough to ask at home.
            let long = rhythm.answered_at.is_some_and(|at| later(at, LOST) <= now);
            let lost = moved && (trouble.failure == Failure::Final || often && (lasting || long));
            return if lost { Address::Returns } else { Address::Stays };
        }
    };
    let Some(to) = &head.moved_to else {
        forget(rhythm);
        return Address::Stays;
    };
    if rhythm.moved_to.as_deref() != Some(to.as_str()) {
        forget(rhythm);
        rhythm.moved_to = Some(to.as_str().to_owned());
    }
    let apart = agreement.over / agreement.times.max(1) / 2;
    if rhythm.moves_last.is_none_or(|last| later(last, apart) <= now) {
        rhythm.moves = rhythm.moves.saturating_add(1);
        rhythm.moves_last = Some(now);
    }
    let since = *rhythm.moves_since.get_or_insert(now);
    if agreement.times == 0 || rhythm.moves < agreement.times || later(since, agreement.over) > now {
        return Address::Stays;
    }
    forget(rhythm);
    Address::Moves(to.clone())
}

fn forget(rhythm: &mut Rhythm) {
    (rhythm.moves, rhythm.moved_to, rhythm.moves_since, rhythm.moves_last) = (0, None, None, None);
}
