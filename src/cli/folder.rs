//! A folder of one's own in the shared temporary directory: nobody else can guess, prepare or enter it.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use anyhow::Context as _;

use super::World;

/// Makes `<temporary directory>/<name>-<chance>` with mode 0700. What is there already, be it a link, is an error.
pub(crate) fn fresh(world: &World, name: &str) -> anyhow::Result<PathBuf> {
    let chance = ((world.dice)() * (1_u64 << 53) as f64) as u64;
    let folder = std::env::temp_dir().join(format!("{name}-{chance:014x}"));
    DirBuilder::new().mode(0o700).create(&folder).with_context(|| format!("{}: cannot be created", folder.display()))?;
    Ok(folder)
}
