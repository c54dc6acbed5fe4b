//! The configuration's files: where they are looked for, and how included ones are read.

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
    let path = find(world)?;
    read(&path).map_err(|mistakes| BadConfiguration(mistakes).into())
}

/// The configuration file that counts.
pub(crate) fn find(world: &World) -> anyhow::Result<PathBuf> {
    if let Some(path) = &world.config {
        return Ok(path.clone());
    }
    if let Some(path) = std::env::var_os("WIREROOM_CONFIG").filter(|path| !path.is_empty()) {
        return Ok(path.into());
    }
    PLACES.iter().map(PathBuf::from).find(|path| path.is_file()).ok_or_else(|| {
        BadConfiguration(format!(
            "no configuration found: looked for --config, $WIREROOM_CONFIG and {}; start from config/wireroom.toml of the distribution",
            PLACES.join(", ")
        ))
        .into()
    })
}

/// Reads a configuration and what it includes; the error is every mistake, a line each.
pub(crate) fn read(path: &Path) -> Result<Settings, String> {
    let main = file(path)?;
    let base = path.parent().filter(|base| !base.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut included = Vec::new();
    // An include that cannot be read as one is reported by `parse_files`, together with all other mistakes.
    for pattern in config::includes(&main.text).unwrap_or_default() {
        for path in matches(base, &pattern)? {
            included.push(file(&path)?);
        }
    }
    config::parse_files(&main, &included, &base.to_string_lossy()).map_err(|error| error.to_string())
}

/// Reads one file.
fn file(path: &Path) -> Result<File, String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(File { name: path.display().to_string(), text }),
        Err(error) => Err(format!("{}: cannot be read: {error}", path.display())),
    }
}

/// The files a pattern stands for, in the order of their names; `*` may stand in the last segment.
fn matches(base: &Path, pattern: &str) -> Result<Vec<PathBuf>, String> {
    let path = base.join(pattern);
    if !pattern.contains('*') {
        return Ok(vec![path]);
    }
    let folder = path.parent().unwrap_or(base);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // A folder that is not there yet holds no sources yet.
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut found: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_some_and(|found| config::matches(&name, &found.to_string_lossy())))
        .take(MOST_FILES + 1)
        .collect();
    if found.len() > MOST_FILES {
        return Err(format!("include = [\"{pattern}\"]: more than {MOST_FILES} files"));
    }
    found.sort();
    Ok(found)
}
