//! What a new configuration changes, for reload and its log line.

use std::fmt;

use super::schema::{Applies, SETTINGS};
use super::{Desk, Settings};

/// The differences of two configurations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// Names of sources that are new.
    pub sources_added: Vec<String>,
    /// Names of sources that are gone.
    pub sources_removed: Vec<String>,
    /// Names of sources, as they are called now, that changed in any way, renamed ones among them.
    pub sources_changed: Vec<String>,
    /// Keys that changed and apply at once.
    pub reloaded: Vec<&'static str>,
    /// Keys that changed and apply at the next start only.
    pub needs_restart: Vec<&'static str>,
}

impl Changes {
    /// Whether the two configurations are the same.
    pub fn is_empty(&self) -> bool {
        *self == Changes::default()
    }
}

/// What changes when `new` takes the place of `old`.
pub fn diff(old: &Settings, new: &Settings) -> Changes {
    let mut changes = Changes::default();
    for entry in SETTINGS.iter().filter(|entry| !(entry.same)(old, new)) {
        match entry.key.applies {
            Applies::Reload => changes.reloaded.push(entry.key.path),
            Applies::Restart => changes.needs_restart.push(entry.key.path),
        }
    }
    let mut followed = Vec::new();
    for desk in &new.sources {
        let name = desk.source.name.clone();
        match former(&old.sources, desk) {
            None => changes.sources_added.push(name),
            Some(before) => {
                followed.push(before.source.name.as_str());
                if !same_desk(before, desk) {
                    changes.sources_changed.push(name);
                }
            }
        }
    }
    let gone = old.sources.iter().map(|desk| desk.source.name.as_str()).filter(|name| !followed.contains(name));
    changes.sources_removed = gone.map(str::to_owned).collect();
    changes
}

/// The source that `desk` was: by its name, else by its former name.
fn former<'s>(old: &'s [Desk], desk: &Desk) -> Option<&'s Desk> {
    let named = |name: &str| old.iter().find(|before| before.source.name == name);
    named(&desk.source.name).or_else(|| desk.source.was.as_deref().and_then(named))
}

fn same_desk(one: &Desk, other: &Desk) -> bool {
    let texts = |expressions: &[regex::Regex]| expressions.iter().map(|e| e.as_str().to_owned()).collect::<Vec<_>>();
    one.source == other.source
        && one.home == other.home
        && one.rules == other.rules
        && one.request == other.request
        && one.reach == other.reach
        && one.terms == other.terms
        && one.selection.max_age == other.selection.max_age
        && texts(&one.selection.include) == texts(&other.selection.include)
        && texts(&one.selection.exclude) == texts(&other.selection.exclude)
}

/// One line, only what there is: `sources added: a, b; applied: fetch.timeout; needs a restart: store.url`.
impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |list: &[String]| list.join(", ");
        let parts = [
            ("sources added", names(&self.sources_added)),
            ("sources removed", names(&self.sources_removed)),
            ("sources changed", names(&self.sources_changed)),
            ("applied", self.reloaded.join(", ")),
            ("needs a restart", self.needs_restart.join(", ")),
        ];
        let told: Vec<String> =
            parts.into_iter().filter(|(_, list)| !list.is_empty()).map(|(what, list)| format!("{what}: {list}")).collect();
        if told.is_empty() { f.write_str("nothing changed") } else { f.write_str(&told.join("; ")) }
    }
}
