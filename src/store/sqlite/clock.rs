//! The wall clock was set while the lanes ran: times that were written by the old one are brought to the new one.

use rusqlite::{Connection, named_params};

use crate::model::Timestamp;

use super::Result;
use super::columns::At;
use super::hosts;

/// Brings the times ahead to a clock that says `now` and would have said `expected`.
///
/// Set back, everything planned would lie too far ahead by as much, and nothing would be asked until then: all of it moves.
/// Set forward, what is due is due, at each host's pace, as after a sleep; but a lease does not run out by that, nor does
/// the time in which a server wants to be left alone.
pub(super) fn was_set(db: &Connection, expected: Timestamp, now: Timestamp) -> Result<()> {
    let by = format!("{:+.3} seconds", now.duration_since(expected).as_secs_f64());
    let moved = |column: &str| format!("strftime('%Y-%m-%dT%H:%M:%f', {column}, :by) || '000Z'");
    let shifted =
        |column: &str| format!("{column} = CASE WHEN {column} > :from AND {column} < '9' THEN {} ELSE {column} END", moved(column));
    let is_back = now < expected;
    let tables: [(&str, &str, &[&str]); 3] = match is_back {
        true => [
            ("host", "id", &["next_fetch_at", "next_feed_at", "retry_until"]),
            ("feed", "host_id", &["next_poll_at", "forbidden_before", "lease_until"]),
            ("entry", "host_id", &["next_attempt_at", "recheck_at", "lease_until"]),
        ],
        false => [
            ("host", "id", &["retry_until"]),
            ("feed", "host_id", &["forbidden_before", "lease_until"]),
            ("entry", "host_id", &["lease_until"]),
        ],
    };
    // Of a clock set forward, what the old one had ahead; of one set back, what the new one has.
    let from = At::of(now.min(expected));
    // A time without robots.txt is as long as it was, in either direction: it is no time to come but one that has passed.
    db.execute(
        &format!(
            "UPDATE host SET robots_failing_since = {} WHERE robots_failing_since IS NOT NULL AND robots_failing_since <> ''",
            moved("robots_failing_since")
        ),
        named_params! { ":by": by },
    )?;
    let mut touched = Vec::new();
    for (table, host, columns) in tables {
        let set: Vec<String> = columns.iter().map(|column| shifted(column)).collect();
        let ahead: Vec<String> = columns.iter().map(|column| format!("{column} > :from AND {column} < '9'")).collect();
        let sql = format!("UPDATE {table} SET {} WHERE {} RETURNING {host}", set.join(", "), ahead.join(" OR "));
        let mut statement = db.prepare(&sql)?;
        for id in statement.query_map(named_params! { ":by": by, ":from": from }, |row| row.get::<_, Option<i64>>(0))? {
            touched.extend(id?);
        }
    }
    if !is_back {
        let mut statement =
            db.prepare("UPDATE feed SET next_poll_at = forbidden_before WHERE forbidden_before > next_poll_at RETURNING host_id")?;
        for id in statement.query_map([], |row| row.get::<_, i64>(0))? {
            touched.push(id?);
        }
    }
    hosts::settle_all(db, touched)
}
