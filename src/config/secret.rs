//! Values that no complaint repeats: strings that are never shown, or where they are kept.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::fetch;
use crate::fetch::{Keeping, Secret};
use crate::model::Url;

use super::check::{Check, Value};
use super::mistake::{Wrong, nearest, shown};

/// The two ways to keep a value elsewhere.
const PLACES: [&str; 2] = ["credential", "file"];

/// One value: the string itself, `{ credential = "NAME" }` or `{ file = "/PATH" }`. An empty string is no value.
pub(super) fn value(wrong: Check, what: &str, found: &DeValue<'_>) -> Result<Value, Wrong> {
    match found {
        DeValue::String(text) if text.is_empty() => Ok(Value::Nothing),
        _ => keeping(wrong, what, found).map(Value::Secret),
    }
}

/// A table of header fields.
pub(super) fn fields(table: &DeTable<'_>) -> Result<Value, Vec<(usize, Wrong)>> {
    let (mut read, mut wrongs) = (Vec::new(), Vec::new());
    for (name, value) in table.iter() {
        let name_of = name.get_ref().as_ref();
        if !fetch::is_free_field(name_of) {
            let wrong =
                format!("{} is no header field that can be set; for cookies and the user agent there are keys", shown(name_of));
            wrongs.push((name.span().start, Wrong::new(wrong)));
            continue;
        }
        match keeping(field, "a string, { credential = \"NAME\" } or { file = \"/PATH\" }", value.get_ref()) {
            Ok(keeping) => read.push((name_of.to_owned(), keeping)),
            Err(wrong) => wrongs.push((value.span().start, wrong)),
        }
    }
    if wrongs.is_empty() { Ok(Value::Fields(read)) } else { Err(wrongs) }
}

/// What is wrong with the value of a header field.
pub(super) fn field(text: &str) -> Option<&'static str> {
    let printable = text.bytes().all(|byte| byte == b'\t' || (0x20..0x7f).contains(&byte) || byte >= 0x80);
    (!printable || text.len() > 8192).then_some("one line of printable characters, at most 8192 bytes")
}

/// What is wrong with the name for basic authentication.
pub(super) fn user(text: &str) -> Option<&'static str> {
    (field(text).is_some() || text.contains(':')).then_some("a name without a colon")
}

/// What is wrong with the address of a proxy.
pub(super) fn proxy(text: &str) -> Option<&'static str> {
    let url = Url::parse(text).ok().filter(|url| url.host_str().is_some_and(|host| !host.is_empty()));
    let known = url.is_some_and(|url| matches!(url.scheme(), "http" | "socks5" | "socks5h") && matches!(url.path(), "" | "/"));
    (!known).then_some("a proxy as http://HOST:PORT, socks5://HOST:PORT or socks5h://HOST:PORT")
}

fn keeping(wrong: Check, what: &str, found: &DeValue<'_>) -> Result<Keeping, Wrong> {
    match found {
        DeValue::String(text) => match wrong(text) {
            Some(expected) => Err(Wrong::new(format!("expected {expected}; what was found is not shown"))),
            None => Ok(Keeping::Here(Secret::new(text.as_ref()))),
        },
        DeValue::Table(table) => kept_elsewhere(table),
        _ => Err(Wrong::new(format!("expected {what}, found something else, which is not shown"))),
    }
}

fn kept_elsewhere(table: &DeTable<'_>) -> Result<Keeping, Wrong> {
    let expected = "expected { credential = \"NAME\" } or { file = \"/PATH\" }";
    let mut entries = table.iter();
    let (Some((key, place)), None) = (entries.next(), entries.next()) else {
        return Err(Wrong::new(format!("{expected}, with one of the two")));
    };
    match (key.get_ref().as_ref(), text(place)) {
        ("credential", Some(name)) if is_credential(name) => Ok(Keeping::Credential(name.to_owned())),
        ("credential", _) => Err(Wrong::new("expected the name of a credential, as the unit's LoadCredential= gives it")),
        ("file", Some(path)) if path.starts_with('/') && !path.contains('\0') => Ok(Keeping::File(path.into())),
        ("file", _) => Err(Wrong::new("expected the whole path of a file that only its owner may read")),
        (other, _) => Err(Wrong::new(expected).meaning(nearest(other, PLACES.into_iter()))),
    }
}

/// The names that systemd takes for credentials: those of files.
fn is_credential(name: &str) -> bool {
    let named = |c: char| c.is_ascii_graphic() && c != '/' && c != ':';
    !name.is_empty() && name.len() <= 255 && name.chars().all(named) && !matches!(name, "." | "..")
}

fn text<'v>(value: &'v Spanned<DeValue<'_>>) -> Option<&'v str> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.as_ref()),
        _ => None,
    }
}
