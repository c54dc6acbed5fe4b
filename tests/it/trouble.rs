//! Failures in words an operator understands: every class has its sentence and its remedy, and `status` says them.

use std::fs;
use std::path::{Path, PathBuf};

use newsweb::{Agency, NewsWeb, Plan, Response};
use wireroom::model::{CLASSES, advice};

use super::operator::Desk;

fn source_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, files);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            files.push(path);
        }
    }
}

/// The words in quotes of a piece of code that could be classes.
fn quoted(code: &str) -> Vec<String> {
    let is_class = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    code.split('"').skip(1).step_by(2).filter(is_class).map(str::to_owned).collect()
}

/// The body of a function, from its `fn` to the brace that closes it.
fn body(code: &str) -> &str {
    let open = code.find('{').unwrap();
    let mut depth = 0;
    for (at, c) in code[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &code[..open + at];
        }
    }
    code
}

/// Every class that a `class()` of a room or a `Trouble` can have, read off the source.
fn classes() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    let mut found = Vec::new();
    for file in files {
        let code: String = fs::read_to_string(&file).unwrap().lines().filter(|line| !line.trim_start().starts_with("//")).fold(
            String::new(),
            |mut code, line| {
                code.push_str(line);
                code.push('\n');
                code
            },
        );
        let mut own: Vec<String> = Vec::new();
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        // A mistake in the configuration has a class and a sentence of its own.
        if name.starts_with("config") || name == "model/trouble.rs" {
            continue;
        }
        for sign in ["fn class(", "fn status_class("] {
            own.extend(code.match_indices(sign).flat_map(|(at, _)| quoted(body(&code[at..]))));
        }
        for sign in ["class: \"", "failed(\"", "class = '"] {
            let end = if sign.ends_with('"') { '"' } else { '\'' };
            own.extend(code.match_indices(sign).map(|(at, _)| code[at + sign.len()..].split(end).next().unwrap().to_owned()));
        }
        found.extend(own.into_iter().map(|class| (class, name.clone())));
    }
    found
}

#[test]
fn every_class_that_a_room_can_give_has_a_sentence_and_a_remedy() {
    let classes = classes();
    assert!(classes.len() > 60, "the source was read: {classes:?}");
    for known in ["dns", "not_a_feed", "crashed", "empty", "no_feed", "disk_full", "forbidden"] {
        assert!(classes.iter().any(|(class, _)| class == known), "{known} is read off the source");
    }
    let missing: Vec<_> = classes.iter().filter(|(class, _)| advice(class).is_none()).collect();
    assert!(missing.is_empty(), "without a row in model::CLASSES: {missing:?}");
    let unsaid: Vec<_> = wireroom::fetch::CLASSES.iter().filter(|class| advice(class).is_none()).collect();
    assert!(unsaid.is_empty(), "classes of requests without a row: {unsaid:?}");
    for (place, row) in CLASSES.iter().enumerate() {
        assert!(row.meaning.ends_with('.') && row.remedy.ends_with('.'), "{row:?} is no sentence");
        assert!(!CLASSES[..place].iter().any(|other| other.class == row.class), "{} stands there twice", row.class);
    }
}

#[test]
fn the_table_of_classes_stands_in_the_manual() {
    let manual = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md")).unwrap();
    let missing: Vec<String> = CLASSES
        .iter()
        .map(|row| format!("| `{}` | {} | {} |", row.class, row.meaning, row.remedy))
        .filter(|line| !manual.contains(line))
        .collect();
    assert!(missing.is_empty(), "docs/operating.md lacks:\n{}", missing.join("\n"));
}

#[test]
fn status_says_what_failed_since_when_how_often_and_what_to_do() {
    let web = NewsWeb::start(Plan::of([Agency { items: 1, ..Agency::new("gazette") }])).unwrap();
    web.set_page("gazette", "/login", Response::html("<html><body><p>Please log in.</p></body></html>"));
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.source("login", &web.url("gazette", "/login"), "");
    desk.source("private", "http://127.0.0.1:9/feed", "");
    desk.once();
    desk.once();
    let said = desk.say(&["status"]);
    let row = advice("not_a_feed").unwrap();
    for part in ["2 times in a row since 2", "last success never", "next try 2", "not a feed", row.meaning, row.remedy] {
        assert!(said.contains(part), "{part:?} expected in {said}");
    }
    assert!(said.contains(advice("blocked_address").unwrap().remedy), "{said}");
    let json: serde_json::Value = serde_json::from_str(&desk.say(&["status", "--json"])).unwrap();
    let since = json["failing_feeds"][0]["failing_since"].as_str().unwrap().to_owned();
    assert!(json["advice"].as_array().unwrap().iter().any(|row| row["class"] == "not_a_feed"), "{json}");
    desk.once();
    let ledger = desk.ledger();
    let still = ledger.text("select failing_since from feeds where source = 'login'").unwrap();
    assert_eq!(still, since, "the first failure of the row stays");
    assert_eq!(ledger.text("select class from feeds where source = 'login'").as_deref(), Some("not_a_feed"));
    let feed = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>G</title><link/><description/></channel></rss>";
    web.set_page("gazette", "/login", Response::bytes("application/rss+xml", feed));
    desk.once();
    assert_eq!(ledger.text("select coalesce(failing_since, class) from feeds where source = 'login'"), None, "it answers again");
}
