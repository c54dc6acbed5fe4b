//! Values that are sent and never shown.

use std::fmt;
use std::path::PathBuf;

/// A value that no log, message or listing gets to see: it has no `Display`, and its `Debug` says nothing of it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Takes a value into custody.
    pub fn new(value: impl Into<String>) -> Secret {
        Secret(value.into())
    }

    /// The value, for the one who sends it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Where the operator keeps a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeping {
    /// In the configuration itself.
    Here(Secret),
    /// In a credential that systemd hands to the unit (`LoadCredential=`), by its name.
    Credential(String),
    /// In a file that only its owner may read.
    File(PathBuf),
}
