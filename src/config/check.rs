//! One value of the text against what its key takes.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;
use toml::Spanned;
use toml::de::DeValue;

use crate::address::Tracking;
use crate::dedup::{Keep, Reach};
use crate::fetch::{Keeping, RetryScope};
use crate::model::Url;

use super::mistake::{Wrong, shown};
use super::secret;

/// What a key takes.
pub(super) enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number between two bounds, both allowed.
    Count(u64, u64),
    /// A number between two bounds, both allowed, which may have a fraction.
    Number(f64, f64),
    /// A string with a meaning.
    Word(Read),
    /// An array of such strings.
    Words(Read),
    /// One such string or an array of them.
    WordOrWords(Read),
    /// A string that is never shown, or where it is kept; checked as far as it stands here.
    Secret(Check),
    /// A table of header fields with such strings.
    Fields,
}

/// Checks a string that must not stand in the complaint: what is wrong with it, if anything.
pub(super) type Check = fn(&str) -> Option<&'static str>;

/// Reads one string.
pub(super) type Read = fn(&str) -> Result<Value, Wrong>;

/// A checked value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// The operator wrote "none".
    Nothing,
    Flag(bool),
    Count(u64),
    Number(f64),
    Text(String),
    Duration(Duration),
    Size(u64),
    Path(PathBuf),
    Url(Url),
    Listen(SocketAddr),
    Expression(Regex),
    Keep(Keep),
    Reach(Reach),
    RetryScope(RetryScope),
    Secret(Keeping),
    Fields(Vec<(String, Keeping)>),
    /// With the offsets of the elements.
    List(Vec<(Value, usize)>),
}

/// Checks `value`; the mistakes come with their offsets in the text.
pub(super) fn check(kind: &Kind, what: &str, value: &Spanned<DeValue<'_>>) -> Result<Value, Vec<(usize, Wrong)>> {
    let at = value.span().start;
    let one = |wrong: Wrong| vec![(at, wrong)];
    match (kind, value.get_ref()) {
        (Kind::Flag, DeValue::Boolean(flag)) => Ok(Value::Flag(*flag)),
        (Kind::Count(least, most), DeValue::Integer(number)) => {
            let read = u64::from_str_radix(number.as_str(), number.radix()).ok();
            let bounded = read.filter(|read| (least..=most).contains(&read));
            let wrong = || Wrong::new(format!("expected a whole number from {least} to {most}, found {}", number.as_str()));
            bounded.map(Value::Count).ok_or_else(|| one(wrong()))
        }
        (Kind::Number(least, most), DeValue::Integer(_) | DeValue::Float(_)) => {
            let written = match value.get_ref() {
                DeValue::Float(number) => number.as_str(),
                DeValue::Integer(number) => number.as_str(),
                _ => "",
            };
            let read = written.replace('_', "").parse().ok().filter(|read| (least..=most).contains(&read));
            let wrong = || Wrong::new(format!("expected a number from {least} to {most}, found {written}"));
            read.map(Value::Number).ok_or_else(|| one(wrong()))
        }
        (Kind::Word(read) | Kind::WordOrWords(read), DeValue::String(text)) => read(text).map_err(one),
        (Kind::Words(read) | Kind::WordOrWords(read), DeValue::Array(elements)) => list(*read, what, elements),
        (Kind::Word(read), DeValue::Integer(number)) => {
            let meant = number.to_string();
            let guess = read(&meant).map_or_else(|wrong| wrong.nearest, |_| Some(meant));
            Err(one(Wrong::new(format!("expected {what}, found the number {number}")).meaning(guess)))
        }
        (Kind::Secret(wrong), found) => secret::value(*wrong, what, found).map_err(one),
        (Kind::Fields, DeValue::Table(fields)) => secret::fields(fields),
        (Kind::Fields, _) => Err(one(Wrong::new(format!("expected {what}, found something else, which is not shown")))),
        (_, found) => Err(one(Wrong::new(format!("expected {what}, found {}", kind_of(found))))),
    }
}

fn list(read: Read, what: &str, elements: &[Spanned<DeValue<'_>>]) -> Result<Value, Vec<(usize, Wrong)>> {
    let mut values = Vec::new();
    let mut wrongs = Vec::new();
    for element in elements {
        let at = element.span().start;
        let checked = match element.get_ref() {
            DeValue::String(text) => read(text),
            other => Err(Wrong::new(format!("expected {what}, found {} in it", kind_of(other)))),
        };
        match checked {
            Ok(value) => values.push((value, at)),
            Err(wrong) => wrongs.push((at, wrong)),
        }
    }
    if wrongs.is_empty() { Ok(Value::List(values)) } else { Err(wrongs) }
}

/// A value's type in an operator's words, with the value where it is short.
pub(super) fn kind_of(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the string {}", shown(text)),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "an array".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// A field that takes checked values. `None`: the schema gave the key a kind that is not the field's.
pub(super) trait Take: Sized {
    fn take(value: Value, at: usize) -> Option<Self>;
}

/// A field of one kind of value.
macro_rules! take {
    ($($field:ty: $pattern:pat => $taken:expr;)+) => {
        $(impl Take for $field {
            fn take(value: Value, _: usize) -> Option<Self> {
                match value {
                    $pattern => Some($taken),
                    _ => None,
                }
            }
        })+
    };
}

take! {
    bool: Value::Flag(flag) => flag;
    u32: Value::Count(count) => u32::try_from(count).unwrap_or(u32::MAX);
    usize: Value::Count(count) => usize::try_from(count).unwrap_or(usize::MAX);
    u64: Value::Size(bytes) => bytes;
    Duration: Value::Duration(duration) => duration;
    PathBuf: Value::Path(path) => path;
    Url: Value::Url(url) => url;
    SocketAddr: Value::Listen(address) => address;
    Regex: Value::Expression(expression) => expression;
    String: Value::Text(text) => text;
    Keep: Value::Keep(keep) => keep;
    Reach: Value::Reach(reach) => reach;
    RetryScope: Value::RetryScope(scope) => scope;
    Keeping: Value::Secret(keeping) => keeping;
}

/// A percentage as a share, or a number as it stands.
impl Take for f64 {
    fn take(value: Value, _: usize) -> Option<Self> {
        match value {
            Value::Count(percent) => Some(percent as f64 / 100.0),
            Value::Number(number) => Some(number),
            _ => None,
        }
    }
}

impl<T: Take> Take for Option<T> {
    fn take(value: Value, at: usize) -> Option<Self> {
        match value {
            Value::Nothing => Some(None),
            value => T::take(value, at).map(Some),
        }
    }
}

impl Take for Tracking {
    fn take(value: Value, at: usize) -> Option<Self> {
        Vec::<String>::take(value, at).map(Tracking::with)
    }
}

impl Take for Vec<(String, Keeping)> {
    fn take(value: Value, _: usize) -> Option<Self> {
        match value {
            Value::Fields(fields) => Some(fields),
            _ => None,
        }
    }
}

/// An array, or one value that stands for an array of one.
impl<T: Take> Take for Vec<T> {
    fn take(value: Value, at: usize) -> Option<Self> {
        match value {
            Value::Nothing => Some(Vec::new()),
            Value::List(values) => values
                .into_iter()
                .filter(|(value, _)| !matches!(value, Value::Nothing))
                .map(|(value, at)| T::take(value, at))
                .collect(),
            value => T::take(value, at).map(|one| vec![one]),
        }
    }
}
