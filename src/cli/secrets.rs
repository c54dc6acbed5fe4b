//! Secrets of the configuration, read from where the operator keeps them.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use wireroom::config::{Desk, Settings};
use wireroom::fetch::{Keeping, Own, Secret, SourceRequest, Sources};

use super::exit::BadConfiguration;

/// Most bytes of a secret.
const MOST: u64 = 64 * 1024;

/// What is own to each source, with its secrets; every one that cannot be read is named.
pub(crate) fn sources(settings: &Settings) -> Result<Sources, BadConfiguration> {
    let mut mistakes = Vec::new();
    let mut sources = Sources::new();
    for desk in &settings.sources {
        match read(desk) {
            Ok(request) => {
                let feeds = desk.source.feeds.iter().map(|feed| feed.url.clone());
                let own = Own { addresses: feeds.chain(desk.home.clone()).collect(), request };
                sources.insert(desk.source.name.clone(), own);
            }
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if mistakes.is_empty() { Ok(sources) } else { Err(BadConfiguration(mistakes)) }
}

/// What is wrong with secrets as far as it can be told from here, and which can only be read within the unit.
pub(crate) fn check(settings: &Settings) -> Result<Vec<String>, BadConfiguration> {
    let (mut mistakes, mut warnings) = (Vec::new(), Vec::new());
    let in_unit = credentials().is_some();
    for desk in &settings.sources {
        let looked_at = desk.request.clone().try_map(|key, keeping| match keeping {
            Keeping::Credential(name) if !in_unit => {
                warnings.push(format!("{}: the credential {name:?} can be read within the unit only", place(desk, key)));
                Ok(())
            }
            keeping => reveal(desk, key, keeping).map(drop),
        });
        mistakes.extend(looked_at.err());
    }
    if mistakes.is_empty() { Ok(warnings) } else { Err(BadConfiguration(mistakes)) }
}

/// Files that everybody on this machine may read, with secrets in them.
pub(crate) fn open_to_all(settings: &Settings) -> Vec<String> {
    let mut found: Vec<(&str, String)> = Vec::new();
    for desk in settings.sources.iter().filter(|desk| is_open_to_all(Path::new(&desk.file))) {
        // A language or a user agent is none.
        let is_secret =
            |key: &str| !matches!(key, "user_agent" | "username") && !key.to_ascii_lowercase().starts_with("headers.accept");
        let _ = desk.request.clone().try_map(|key, keeping| {
            if matches!(keeping, Keeping::Here(_)) && is_secret(key) && !found.iter().any(|(file, _)| *file == desk.file) {
                found.push((&desk.file, place(desk, key)));
            }
            Ok::<_, ()>(())
        });
    }
    let told = |(file, place): (&str, String)| {
        format!(
            "{file}: everybody on this machine can read it, and {place} stands in it; chmod 0640 it and chgrp wireroom, or write {{ credential = \"NAME\" }} or {{ file = \"/PATH\" }} instead of the value"
        )
    };
    found.into_iter().map(told).collect()
}

/// Whether others may read a file, and enter every folder on the way to it.
fn is_open_to_all(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    let may = |path: &Path, right: u32| path.metadata().is_ok_and(|about| about.mode() & right != 0);
    may(&path, 0o004) && path.ancestors().skip(1).all(|folder| may(folder, 0o001))
}

fn read(desk: &Desk) -> Result<SourceRequest, String> {
    desk.request.clone().try_map(|key, keeping| reveal(desk, key, keeping))
}

fn reveal(desk: &Desk, key: &str, keeping: Keeping) -> Result<Secret, String> {
    let place = place(desk, key);
    match keeping {
        Keeping::Here(secret) => Ok(secret),
        // systemd owns the folder; where the unit has a user, that one is let in by a list of rights, which shows as the group's.
        Keeping::Credential(name) => match credentials() {
            Some(folder) => file(&folder.join(&name), 0o007).map_err(|why| format!("{place}: the credential {name:?} {why}")),
            None => Err(format!(
                "{place}: there is no credential {name:?}: the unit needs LoadCredential={name}:/PATH, and so does a run by hand (systemd-run -p)"
            )),
        },
        Keeping::File(path) => file(&path, 0o077).map_err(|why| format!("{place}: {} {why}", path.display())),
    }
}

fn place(desk: &Desk, key: &str) -> String {
    format!("source[{}].request.{key}", desk.source.name)
}

/// The folder of the unit's credentials.
fn credentials() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// What stands in a file that has none of these rights, without the line breaks at its end.
fn file(path: &Path, forbidden: u32) -> Result<Secret, String> {
    let cannot = |error: std::io::Error| match error.kind() {
        ErrorKind::InvalidData => "is no text".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    let file = File::open(path).map_err(cannot)?;
    let about = file.metadata().map_err(cannot)?;
    if !about.is_file() {
        return Err("is no file".to_owned());
    }
    if about.mode() & forbidden != 0 {
        return Err(format!("can be read by others (its mode is {:04o}); chmod 0600 it", about.mode() & 0o7777));
    }
    let mut text = String::new();
    file.take(MOST + 1).read_to_string(&mut text).map_err(cannot)?;
    match text.trim_end_matches(['\n', '\r']) {
        "" => Err("is empty".to_owned()),
        secret if secret.len() as u64 > MOST => Err(format!("is larger than {MOST} bytes")),
        secret => Ok(Secret::new(secret)),
    }
}
