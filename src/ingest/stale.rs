//! Sources that are silent against their own rhythm, found and told once.

use crate::model::{Silence, SourceId};
use crate::schedule;
use crate::store;

use super::Context;

/// Sources looked at in one go.
const SOURCES: usize = 200;

/// What began or ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// A source fell silent.
    Silent {
        /// Its name.
        source: String,
        /// The agency it is a desk of.
        agency: String,
        /// How silent it is.
        silence: Silence,
    },
    /// A source is heard again.
    Heard {
        /// Its name.
        source: String,
    },
}

/// Looks at some sources after this one: what turned, and where to go on; `None` there: all were looked at.
pub async fn listen(ctx: &Context, after: Option<SourceId>) -> store::Result<(Vec<Turn>, Option<SourceId>)> {
    let after = after.unwrap_or(SourceId(0));
    let (news, quiet) = (schedule::stale::NEWS, schedule::stale::FLOOR);
    let (heard, last) = ctx.store.read(move |ledger| ledger.heard(after, SOURCES, news, quiet)).await?;
    let mut turns = Vec::new();
    for source in heard {
        let silence = source.listened_until.and_then(|until| schedule::stale::silence(&source.news, until));
        let since = silence.map(|silence| silence.since);
        // A silence goes on until something comes, however the measure of it changes.
        let goes_on = source.stale_since.is_some() && source.news.iter().max().is_none_or(|last| Some(*last) <= source.stale_since);
        if goes_on || since.is_none() && source.stale_since.is_none() {
            continue;
        }
        let id = source.source;
        if !ctx.store.write(move |ledger| ledger.set_stale(id, since)).await? {
            continue;
        }
        turns.push(match silence {
            Some(silence) => Turn::Silent { source: source.name, agency: source.agency, silence },
            None => Turn::Heard { source: source.name },
        });
    }
    Ok((turns, last))
}
