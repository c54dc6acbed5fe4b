//! Moves: a feed that its server redirects for good is asked at the new address, once it has said so often enough.

use crate::model::{Address, Failure, Head, PollOutcome, Rhythm};

/// Counts what a poll says of the feed's address, and decides where it is asked from now on. `moved` is whether it is asked
/// somewhere else already than where it was named; `times` is how many polls in a row have to agree, and 0 means that a
/// feed never moves.
pub fn whereabouts(rhythm: &mut Rhythm, outcome: &PollOutcome, failures: u32, moved: bool, times: u32) -> Address {
    let head: &Head = match outcome {
        PollOutcome::Unchanged(head) => head,
        PollOutcome::Read(read) => &read.head,
        PollOutcome::Found(_) => return Address::Stays,
        PollOutcome::Failed(trouble) => {
            // A document that cannot be read where it moved to speaks against the move, an hour without network does not.
            let lasting = matches!(trouble.failure, Failure::Persistent | Failure::Final);
            if lasting {
                (rhythm.moves, rhythm.moved_to) = (0, None);
            }
            let lost = moved && (trouble.failure == Failure::Final || lasting && failures.saturating_add(1) >= times);
            return if lost { Address::Returns } else { Address::Stays };
        }
    };
    let Some(to) = &head.moved_to else {
        (rhythm.moves, rhythm.moved_to) = (0, None);
        return Address::Stays;
    };
    let again = rhythm.moved_to.as_deref() == Some(to.as_str());
    rhythm.moves = if again { rhythm.moves.saturating_add(1) } else { 1 };
    rhythm.moved_to = Some(to.as_str().to_owned());
    if times == 0 || rhythm.moves < times {
        return Address::Stays;
    }
    (rhythm.moves, rhythm.moved_to) = (0, None);
    Address::Moves(to.clone())
}
