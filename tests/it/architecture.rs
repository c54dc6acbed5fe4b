//! The floor plan (ARCHITECTURE.md) as data: which room may know which, who owns which package,
//! what a dry room never says. A door that is not in the table fails the build.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms, and the rooms each may know.
const DOORS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("calendar", &["model"]),
    ("charset", &["model"]),
    ("address", &["model"]),
    ("markup", &["model"]),
    ("schedule", &["model", "calendar", "charset", "address", "markup"]),
    ("feed", &["model", "calendar", "charset", "address", "markup"]),
    ("article", &["model", "calendar", "charset", "address", "markup"]),
    ("dedup", &["model", "calendar", "charset", "address", "markup"]),
    ("fetch", &["model", "address", "charset"]),
    ("store", &["model"]),
    ("observe", &["model"]),
    // `config` knows the settings types of the rooms; that it calls none of their functions is read in review,
    // except the checks of single words: of selectors, of zones, of header fields.
    ("config", &["model", "calendar", "address", "fetch", "schedule", "article", "dedup", "store", "daemon"]),
    ("ingest", &["model", "calendar", "charset", "address", "markup", "schedule", "fetch", "feed", "article", "dedup", "store"]),
    ("serve", &["model", "store", "observe"]),
    ("daemon", &["model", "config", "store", "ingest", "serve", "observe"]),
];

/// Rooms that compute: no I/O, no clock, no async.
const DRY: &[&str] = &["model", "calendar", "charset", "address", "markup", "config", "schedule", "feed", "article", "dedup"];

/// What a dry room never says.
const WET_WORDS: &[&str] = &[
    "async ",
    ".await",
    "tokio::",
    "std::fs",
    "std::env::",
    "std::net::Tcp",
    "std::net::Udp",
    "ToSocketAddrs",
    "std::thread",
    "::now()",
    "std::process",
    "std::io::std",
];

/// Outside packages, and the rooms that own them.
const OWNERS: &[(&str, &[&str])] = &[
    ("feed_rs", &["feed"]),
    ("scraper", &["article"]),
    ("whatlang", &["article"]),
    ("reqwest", &["fetch"]),
    ("rustls", &["fetch"]),
    ("webpki_root_certs", &["fetch"]),
    ("futures_util", &["fetch"]),
    ("brotli_decompressor", &["fetch"]),
    ("hickory_resolver", &["fetch"]),
    ("flate2", &["fetch", "feed", "cli"]),
    ("rusqlite", &["store"]),
    ("postgres", &["store"]),
    ("zstd", &["fetch", "store"]),
    ("rustix", &["store", "cli", "daemon"]),
    ("toml", &["config"]),
    ("strsim", &["config"]),
    // `model` names the types that cross the seams (`Timestamp`, `Url`) and re-exports them.
    ("jiff", &["calendar", "model"]),
    ("url", &["address", "model"]),
    ("psl", &["address"]),
    ("encoding_rs", &["charset"]),
    ("chardetng", &["charset"]),
    // Identity by hash: of entries and texts, of bodies, of bytes kept.
    ("blake3", &["dedup", "feed", "ingest", "store"]),
    // The operator's patterns; `config` compiles them into `dedup::Selection`.
    ("regex", &["dedup", "config"]),
    ("similar", &["cli"]),
    ("hyper", &["serve"]),
    ("hyper_util", &["serve"]),
    ("http_body_util", &["serve"]),
    // HMAC of what hubs deliver.
    ("ring", &["serve"]),
    ("sd_notify", &["daemon"]),
    ("tracing_subscriber", &["observe"]),
    ("clap", &["cli", "main"]),
    ("anyhow", &["cli", "main"]),
    ("newsweb", &["cli"]),
];

/// One source file: its room, its path for messages, its code without comments.
struct Source {
    room: String,
    path: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    assert!(files.len() > 30, "the walk found the source files");
    files
        .into_iter()
        .map(|path| {
            let relative = path.strip_prefix(&root).unwrap().to_path_buf();
            let room = relative.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
            let code = without_comments(&fs::read_to_string(&path).unwrap());
            Source { room, path: relative.display().to_string(), code }
        })
        .collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            files.push(path);
        }
    }
}

/// Code without line comments and doc comments. A `//` inside a string cuts the rest of that line, which hides no door.
fn without_comments(text: &str) -> String {
    text.lines()
        .map(|line| line.find("//").filter(|&at| !line[..at].ends_with(':')).map_or(line, |at| &line[..at]))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The words that follow `prefix` wherever it stands in the code.
fn words_after<'a>(code: &'a str, prefix: &str) -> Vec<&'a str> {
    code.match_indices(prefix)
        .map(|(at, _)| {
            let rest = &code[at + prefix.len()..];
            &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())]
        })
        .collect()
}

/// Whether `code` names the package `name` as a path: `name::`, not as the end of a longer word or of `crate::name::`.
fn names_package(code: &str, name: &str) -> bool {
    code.match_indices(&format!("{name}::")).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':' && c != '"')
    })
}

#[test]
fn law_1_every_door_is_in_the_table() {
    let mut wrong = Vec::new();
    for source in sources() {
        if matches!(source.room.as_str(), "main" | "cli" | "lib") {
            continue;
        }
        let Some((_, doors)) = DOORS.iter().find(|(room, _)| *room == source.room) else {
            wrong.push(format!("{}: no such room on the floor plan", source.path));
            continue;
        };
        for target in words_after(&source.code, "crate::") {
            if target != source.room && !doors.contains(&target) {
                wrong.push(format!("{}: {} must not know {target:?}", source.path, source.room));
            }
        }
        for form in ["use crate::{", "super::super"] {
            if source.code.contains(form) {
                wrong.push(format!("{}: `{form}` hides a door", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn law_2_every_package_has_its_owner() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (package, owners) in OWNERS {
            if names_package(&source.code, package) && !owners.contains(&source.room.as_str()) {
                wrong.push(format!("{}: {package} belongs to {}", source.path, owners.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn law_3_dry_rooms_touch_nothing() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| DRY.contains(&source.room.as_str())) {
        for word in WET_WORDS {
            if source.code.contains(word) {
                wrong.push(format!("{}: a dry room says {word:?}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn law_3_only_main_reads_the_clock() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|source| source.room != "main")
        .filter(|source| {
            // Monotonic waits of the runtime are no wall clock.
            let code = source.code.replace("time::Instant::now()", "").replace("monotonic_usec_now()", "");
            code.contains("Timestamp::now(") || code.contains("SystemTime::now(") || code.contains("Zoned::now(")
        })
        .map(|source| source.path.clone())
        .collect();
    assert!(wrong.is_empty(), "the clock is read in {}", wrong.join(", "));
}

#[test]
fn law_4_no_room_for_odds_and_ends() {
    for source in sources() {
        let stem = Path::new(&source.path).file_stem().unwrap().to_string_lossy().into_owned();
        for name in ["utils", "util", "helpers", "helper", "common", "misc", "manager"] {
            assert_ne!(stem, name, "{}: name the thing, or the room that is missing", source.path);
        }
    }
}

#[test]
fn law_5_tasks_are_spawned_where_they_are_watched() {
    for source in sources() {
        let spawns = names_package(&source.code, "tokio") && source.code.contains("tokio::spawn(");
        assert!(!spawns || matches!(source.room.as_str(), "daemon" | "serve"), "{}: spawns a task", source.path);
    }
}

#[test]
fn the_table_reads_real_doors() {
    // The laws above would hold of an empty tree: what they read must be there.
    let all = sources();
    let ingest = all.iter().filter(|source| source.room == "ingest").map(|source| source.code.as_str()).collect::<String>();
    assert!(words_after(&ingest, "crate::").contains(&"dedup"));
    assert!(names_package(&all.iter().map(|source| source.code.as_str()).collect::<String>(), "rusqlite"));
    assert!(!names_package("crate::url::x", "url") && names_package("use url::Url;", "url"));
}
