//! How nouns stand in columns: times as text of one width, lists as JSON, addresses as they are written.

use std::time::Duration;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::model::{Timestamp, Url};

use super::{Error, Result};

/// An instant as it stands in a column.
pub(in crate::store) fn stamp(at: Timestamp) -> String {
    let seconds = at.as_second().clamp(FIRST_SECOND, LAST_SECOND);
    let at = if seconds == at.as_second() { at } else { Timestamp::from_second(seconds).unwrap_or(at) };
    format!("{at:.6}")
}

/// 1000-01-01T00:00:00Z.
const FIRST_SECOND: i64 = -30_610_224_000;
/// The last second a `Timestamp` can hold, in the year 9999.
const LAST_SECOND: i64 = 253_402_207_200;

/// A bound or read instant; an empty text is no instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct At(pub(super) Option<Timestamp>);

impl At {
    /// An instant to bind.
    pub(super) fn of(at: Timestamp) -> At {
        At(Some(at))
    }
}

impl ToSql for At {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Some(at) => ToSqlOutput::from(stamp(at)),
            None => ToSqlOutput::from(String::new()),
        })
    }
}

impl FromSql for At {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<At> {
        match value {
            ValueRef::Null => Ok(At(None)),
            ValueRef::Text([]) => Ok(At(None)),
            _ => value.as_str()?.parse().map(|at| At(Some(at))).map_err(FromSqlError::other),
        }
    }
}

/// The instant after a wait; the end of time when there is none.
pub(super) fn after(at: Timestamp, wait: Duration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// A wait in the whole microseconds that columns hold.
pub(super) fn micros(wait: Duration) -> i64 {
    i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)
}

/// A wait read back.
pub(super) fn from_micros(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

/// An address read back.
pub(super) fn address(text: &str) -> Result<Url> {
    Url::parse(text).map_err(|_| Error::Unreadable { what: "address", value: text.to_owned() })
}

/// A hash read back; a blob of another length is none.
pub(super) fn hash(bytes: Option<Vec<u8>>) -> Option<[u8; 16]> {
    bytes.and_then(|bytes| bytes.try_into().ok())
}

/// A list as JSON.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => "[]".to_owned(),
        _ => serde_json::to_string(items).unwrap_or_else(|_| "[]".to_owned()),
    }
}

/// A list read back.
pub(super) fn from_list(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

/// `+04:00` of 240 minutes.
pub(super) fn offset(minutes: i16) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A text as SQLite and its readers can hold it: U+0000 would end it for some of them.
pub(super) fn clean(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "").into() } else { text.into() }
}
