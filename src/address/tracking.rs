//! Query parameters that say where a reader came from, not what stands on the page.

use std::sync::{Arc, OnceLock};

/// Which query parameters do not belong to a page's identity: the built-in ones (`tracking.txt`) and the operator's.
/// Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tracking {
    /// Lower case, sorted; `name*` is a prefix.
    own: Arc<[String]>,
}

impl Tracking {
    /// The built-in parameters and these: names, or prefixes that end with `*`, in any case of letters.
    pub fn with(parameters: impl IntoIterator<Item = String>) -> Tracking {
        let mut own: Vec<String> = parameters.into_iter().map(|name| name.to_ascii_lowercase()).collect();
        own.sort_unstable();
        own.dedup();
        Tracking { own: own.into() }
    }

    /// What the operator added.
    pub fn added(&self) -> &[String] {
        &self.own
    }

    /// Whether a parameter is tracking, by its decoded name and value.
    pub(super) fn covers(&self, name: &str, value: &str) -> bool {
        let lower;
        let name = if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            lower = name.to_ascii_lowercase();
            &lower
        } else {
            name
        };
        built_in().covers(name) || says_origin(name, value) || self.own.iter().any(|own| fits(own, name))
    }
}

/// Names that are tracking only with values of this kind: a site may use them for content too.
const WORDY: [&str; 9] = ["ref", "src", "from", "via", "partner", "emc", "medium", "share", "rss"];

/// Values that, under a wordy name, speak of where the reader came from.
const ORIGINS: [&str; 22] = [
    "rss",
    "rss1",
    "rss2",
    "feed",
    "feeds",
    "atom",
    "twitter",
    "facebook",
    "fb",
    "google",
    "googlenews",
    "newsletter",
    "email",
    "mail",
    "share",
    "social",
    "linkedin",
    "whatsapp",
    "telegram",
    "homepage",
    "rssfeed",
    "reddit",
];

/// `partner=rss`, `share=facebook`, `ref=news.example.org`, `rss=1`: never `ref=12`.
fn says_origin(name: &str, value: &str) -> bool {
    if !WORDY.contains(&name) {
        return false;
    }
    let value = value.to_ascii_lowercase();
    ORIGINS.contains(&value.as_str())
        || name == "ref" && is_host(&value)
        || name == "rss" && matches!(value.as_str(), "1" | "true" | "yes" | "")
}

/// Whether a value is the name of a host under a public suffix.
fn is_host(value: &str) -> bool {
    let written_so = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    written_so && psl::domain(value.as_bytes()).is_some_and(|domain| domain.suffix().is_known())
}

/// The built-in parameters, sorted.
struct BuiltIn {
    names: Vec<&'static str>,
    prefixes: Vec<&'static str>,
}

impl BuiltIn {
    fn covers(&self, name: &str) -> bool {
        self.names.binary_search(&name).is_ok() || self.prefixes.iter().any(|prefix| name.starts_with(prefix))
    }
}

fn built_in() -> &'static BuiltIn {
    static TABLE: OnceLock<BuiltIn> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lines = include_str!("tracking.txt").lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (prefixes, mut names): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.ends_with('*'));
        names.sort_unstable();
        BuiltIn { names, prefixes: prefixes.into_iter().map(|prefix| prefix.trim_end_matches('*')).collect() }
    })
}

fn fits(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |prefix| name.starts_with(prefix))
}
