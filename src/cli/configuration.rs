//! The configuration's files: where they are looked for, and how included ones are read.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use wireroom::config::{self, File, Settings};

use super::World;
use super::exit::BadConfiguration;

/// Where the configuration is looked for after `--config` and `$WIREROOM_CONFIG`.
const PLACES: [&str; 3] = ["wireroom.toml", "config/wireroom.toml", "/etc/wireroom/wireroom.toml"];
/// Most files one `include` may bring in.
const MOST_FILES: usize = 10_000;

/// Finds and reads the configuration.
pub(crate) fn load(world: &World) -> anyhow::Result<Settings> {
    Ok(read(&find(world)?)?)
}

/// The operator's settings where there are any, else the defaults; a configuration that is wrong is never passed over.
pub(crate) fn load_or_default(world: &World) -> anyhow::Result<Settings> {
    match existing(world) {
        Some(path) => Ok(read(&path)?),
        None => Ok(Settings::default()),
    }
}

/// The configuration file that counts.
pub(crate) fn find(world: &World) -> Result<PathBuf, BadConfiguration> {
    existing(world).ok_or_else(|| {
        BadConfiguration::of(format!(
            "no configuration found: looked for --config, $WIREROOM_CONFIG and {}; start from config/wireroom.toml of the distribution",
            PLACES.join(", ")
        ))
    })
}

/// The file that was named, there or not, or the first one that is there.
fn existing(world: &World) -> Option<PathBuf> {
    let named = || std::env::var_os("WIREROOM_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    world.config.clone().or_else(named).or_else(|| PLACES.iter().map(PathBuf::from).find(|path| path.is_file()))
}

/// Reads a configuration and what it includes; the error is every mistake of what could be read, and
/// every file and folder that could not.
pub(crate) fn read(path: &Path) -> Result<Settings, BadConfiguration> {
    let main = file(path).map_err(BadConfiguration::of)?;
    let base = path.parent().filter(|base| !base.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut included = Vec::new();
    let mut unreadable = Vec::new();
    // An include that cannot be read as one is reported by `parse_files`, together with all other mistakes.
    for pattern in config::includes(&main.text).unwrap_or_default() {
        for path in matches(base, &pattern, &mut unreadable) {
            match file(&path) {
                Ok(file) => included.push(file),
                Err(mistake) => unreadable.push(mistake),
            }
        }
    }
    match config::parse_files(&main, &included, &base.to_string_lossy()) {
        Ok(settings) if unreadable.is_empty() => Ok(settings),
        Ok(_) => Err(BadConfiguration(unreadable)),
        Err(error) => {
            let mistakes = error.mistakes.iter().map(ToString::to_string);
            Err(BadConfiguration(mistakes.chain(unreadable).collect()))
        }
    }
}

/// Reads one file.
fn file(path: &Path) -> Result<File, String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(File { name: path.display().to_string(), text }),
        Err(error) => Err(format!("{}: cannot be read: {error}", path.display())),
    }
}

/// The files a pattern stands for, in the order of their names; `*` may stand in the last segment.
fn matches(base: &Path, pattern: &str, unreadable: &mut Vec<String>) -> Vec<PathBuf> {
    let path = base.join(pattern);
    if !pattern.contains('*') {
        return vec![path];
    }
    let folder = path.parent().unwrap_or(base);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let cannot = |error: &std::io::Error| format!("{}: the included folder cannot be read: {error}", folder.display());
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        // A folder that is not there yet holds no sources yet. One that is there and cannot be read holds
        // sources that a reload must not switch off.
        Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            unreadable.push(cannot(&error));
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) if config::matches(&name, &entry.file_name().to_string_lossy()) => found.push(entry.path()),
            Ok(_) => {}
            Err(error) => {
                unreadable.push(cannot(&error));
                break;
            }
        }
        if found.len() > MOST_FILES {
            unreadable.push(format!("include = [\"{pattern}\"]: more than {MOST_FILES} files"));
            return Vec::new();
        }
    }
    found.sort();
    found
}
