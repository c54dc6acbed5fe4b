//! What all feeds together would take of the polls there are: one row, kept up with every poll.

use rusqlite::{Connection, OptionalExtension, params};

use super::Result;
use crate::model::Budget;

/// The sums as they stand.
pub(super) fn read(db: &Connection) -> Result<Budget> {
    let row: Option<(i64, Vec<u8>)> = db
        .prepare_cached("SELECT feeds, polls FROM budget WHERE one = 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((feeds, packed)) = row else { return Ok(Budget::default()) };
    let polls = packed.chunks_exact(8).filter_map(|bytes| Some(f64::from_le_bytes(bytes.try_into().ok()?))).collect();
    Ok(Budget { feeds: u64::try_from(feeds).unwrap_or(0), polls })
}

/// Puts a feed's present costs in the place of its former ones.
pub(super) fn exchange(db: &Connection, old: &[f32], new: &[f32]) -> Result<()> {
    if old.is_empty() && new.is_empty() {
        return Ok(());
    }
    let mut budget = read(db)?;
    budget.exchange(old, new);
    write(db, &budget)
}

/// Counts anew: what is polled and named, or was found on a page that is.
pub(super) fn recount(db: &Connection) -> Result<()> {
    let mut budget = Budget::default();
    let mut statement = db.prepare_cached("SELECT costs FROM feed WHERE active = 1 AND named = 1 AND costs IS NOT NULL")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        budget.exchange(&[], &unpack(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?));
    }
    write(db, &budget)
}

fn write(db: &Connection, budget: &Budget) -> Result<()> {
    let packed: Vec<u8> = budget.polls.iter().flat_map(|polls| polls.to_le_bytes()).collect();
    db.prepare_cached("INSERT OR REPLACE INTO budget (one, feeds, polls) VALUES (1, ?1, ?2)")?
        .execute(params![i64::try_from(budget.feeds).unwrap_or(i64::MAX), packed])?;
    Ok(())
}

/// Costs as they stand in a row; what is not such is none.
pub(super) fn unpack(packed: &[u8]) -> Vec<f32> {
    packed.chunks_exact(4).filter_map(|bytes| Some(f32::from_le_bytes(bytes.try_into().ok()?))).collect()
}

/// Costs as they are put into a row; none are null.
pub(super) fn pack(costs: &[f32]) -> Option<Vec<u8>> {
    (!costs.is_empty()).then(|| costs.iter().flat_map(|cost| cost.to_le_bytes()).collect())
}
