//! The verbs as an operator types them: what they hit, what they say, and how they end.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use newsweb::{Agency, NewsWeb, Plan, Story};
use serde_json::Value;

use super::operator::{Desk, both};

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", both(output)))
}

/// A command that fails with 1 and says `part`.
#[track_caller]
fn refuses(desk: &Desk, arguments: &[&str], part: &str) {
    let run = desk.run(arguments);
    assert_eq!(run.status.code(), Some(1), "{arguments:?}: {}", both(&run));
    assert!(stderr(&run).contains(part), "{part:?} expected of {arguments:?}: {}", both(&run));
}

fn gazette(items: usize) -> NewsWeb {
    NewsWeb::start(Plan::of([Agency { items, ..Agency::new("gazette") }])).unwrap()
}

#[test]
fn unreadable_includes_are_mistakes_beside_all_others() {
    let desk = Desk::empty();
    fs::create_dir_all(desk.path("sources.d/folder.toml")).unwrap();
    fs::write(desk.path("sources.d/good.toml"), "[[source]]\nname = \"Bad Name\"\nfeed = \"https://a.example.org/\"\n").unwrap();
    fs::write(desk.path("file.d"), "no folder").unwrap();
    let includes = "include = [\"sources.d/*.toml\", \"missing.toml\", \"file.d/*.toml\", \"later.d/*.toml\"]\n";
    let main = includes.to_owned() + &desk.toml() + "\n[dedup]\nmin_words = 0\n";
    fs::write(desk.path("wireroom.toml"), main).unwrap();
    let run = desk.run(&["check"]);
    assert_eq!(run.status.code(), Some(78), "{}", both(&run));
    let told = stderr(&run);
    for part in [
        "dedup.min_words",
        "source[#1].name",
        "sources.d/folder.toml: cannot be read: ",
        "missing.toml: cannot be read: ",
        "file.d: the included folder cannot be read: ",
    ] {
        assert!(told.contains(part), "{part:?} expected in {told}");
    }
    assert_eq!(told.lines().count(), 5, "a folder that is not there holds no sources yet: {told}");

    let run = desk.run(&["check", "--json"]);
    assert_eq!(run.status.code(), Some(78));
    let said = json(&run);
    assert_eq!(said["ok"], false);
    assert_eq!(said["mistakes"].as_array().unwrap().len(), 5, "{said}");
}

#[test]
fn an_unreadable_folder_switches_no_source_off() {
    let web = gazette(1);
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    fs::create_dir(desk.path("sources.d")).unwrap();
    let source = format!("[[source]]\nname = \"gazette\"\nfeed = {:?}\n", web.feed("gazette"));
    fs::write(desk.path("sources.d/gazette.toml"), source).unwrap();
    fs::write(desk.path("wireroom.toml"), "include = [\"sources.d/*.toml\"]\n".to_owned() + &desk.toml()).unwrap();
    desk.say(&["once"]);
    let enabled = "select count(*) from sources where enabled = 1";
    assert_eq!(desk.ledger().count(enabled), 1);
    fs::rename(desk.path("sources.d"), desk.path("elsewhere")).unwrap();
    fs::write(desk.path("sources.d"), "").unwrap();
    let run = desk.run(&["once"]);
    assert_eq!(run.status.code(), Some(78), "{}", both(&run));
    assert_eq!(desk.ledger().count(enabled), 1, "nothing was switched off");
}

#[test]
fn retry_says_what_it_hit() {
    let web = gazette(3);
    let left_out = web.truth()[0].url.clone();
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    let path = left_out.splitn(4, '/').nth(3).unwrap();
    desk.source("gazette", &web.feed("gazette"), &format!("exclude = ['{path}$']"));
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 2);
    let entry_of = |article: i64| ledger.count(&format!("select id from entries where article_id = {article}"));
    let first = ledger.count("select min(id) from articles");
    let beyond = ledger.count("select max(id) from entries");
    assert_eq!(
        ledger.count(&format!("select count(*) from articles where id = {beyond}")),
        0,
        "an entry's number that is no article's"
    );
    let pending = |entry: i64| ledger.count(&format!("select count(*) from entries where id = {entry} and state = 'pending'"));

    assert!(desk.say(&["retry", &first.to_string()]).starts_with(&format!("article {first}: 1 entry to be tried again")));
    assert_eq!(pending(entry_of(first)), 1, "a bare number is an article's");
    assert!(desk.say(&["retry", &format!("article:{first}")]).starts_with(&format!("article {first}: ")));
    assert!(desk.say(&["retry", &format!("entry:{beyond}")]).starts_with(&format!("entry {beyond}: 1 entry")));
    assert!(desk.say(&["retry", &beyond.to_string()]).starts_with(&format!("entry {beyond}: 1 entry")));
    assert_eq!(pending(beyond), 1);
    let said = json(&desk.run(&["retry", "gazette", "--json"]));
    assert_eq!((&said["target"], &said["feeds"]), (&"source gazette".into(), &1.into()), "{said}");
    assert!(desk.say(&["retry", "gazette"]).starts_with("source gazette: 1 feed and 2 entries "), "what has no article yet");

    refuses(&desk, &["retry", "999999"], "there is no such entry");
    refuses(&desk, &["retry", "entry:999999"], "there is no such entry");
    refuses(&desk, &["retry", "article:999999"], "there is no article 999999");
    refuses(&desk, &["retry", "nobody"], "there is no source");
    refuses(&desk, &["retry", "https://nobody.example.org/x"], "there is no such page");

    // A source may be called by a number, and is what a number means first.
    desk.source("1", &web.feed_url("gazette", newsweb::Format::Atom), "");
    desk.once();
    assert!(desk.say(&["retry", "1"]).starts_with("source 1: 1 feed"));

    let off = desk.toml().replace("name = \"gazette\"", "name = \"gazette\"\nenabled = false");
    fs::write(desk.path("wireroom.toml"), off).unwrap();
    desk.say(&["once"]);
    refuses(&desk, &["retry", "gazette"], "source gazette: nothing to do: the source gazette is disabled");
}

#[test]
fn verbs_answer_programs_in_json() {
    let web = gazette(2);
    let desk = Desk::of(&web);
    desk.write();
    let check = json(&desk.run(&["check", "--json"]));
    assert_eq!(check, serde_json::json!({ "ok": true, "sources": 1, "feeds": 1, "warnings": [] }));
    let once = json(&desk.run(&["once", "--json"]));
    assert_eq!((&once["polled"], &once["articles"], &once["pending"]), (&1.into(), &2.into(), &0.into()), "{once}");
    let id = desk.ledger().count("select min(id) from articles").to_string();
    let gone = json(&desk.run(&["forget", &id, "--json"]));
    assert_eq!(gone["articles"], 1, "{gone}");
    let feed = json(&desk.run(&["feed", &web.feed("gazette"), "--json"]));
    assert_eq!(feed["entries"].as_array().unwrap().len(), 2);
}

#[test]
fn a_dry_run_of_a_followed_feed_says_what_it_assumes() {
    let web = gazette(1);
    let desk = Desk::of(&web);
    desk.write();
    assert!(!desk.say(&["poll", "gazette"]).contains("assuming"), "a feed without history is one");
    desk.once();
    let planned = desk.ledger().text("select next_poll_at from feeds").unwrap();
    let said = desk.say(&["poll", "gazette"]);
    assert!(said.contains("assuming a feed without history"), "{said}");
    assert!(said.contains(&format!("planned in the ledger: {planned}")), "{said}");
    assert!(said.contains("1 known"), "the window is shown, not \"nothing new\": {said}");
}

#[test]
fn a_wrong_configuration_is_not_passed_over() {
    let web = gazette(1);
    let desk = Desk::of(&web);
    fs::write(desk.path("wireroom.toml"), desk.toml().replace("[fetch]\n", "[fetch]\ntimeout = \"soon\"\n")).unwrap();
    for arguments in [["extract", &web.truth()[0].url], ["feed", &web.feed("gazette")]] {
        let run = desk.run(&arguments);
        assert_eq!(run.status.code(), Some(78), "{}", both(&run));
        assert!(stderr(&run).contains("fetch.timeout"), "{}", both(&run));
    }
    assert!(web.log().is_empty(), "nobody was asked under limits nobody chose");

    // Without any configuration the defaults hold, which allow no private address.
    let nowhere = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wireroom"));
    let run = command.args(["feed", &web.feed("gazette")]).env_clear().current_dir(nowhere.path()).output().unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", both(&run));
    assert!(!stderr(&run).contains("configuration"), "{}", both(&run));
}

#[test]
fn temporary_folders_are_their_maker_s_alone() {
    let mut desk = Desk::empty();
    let folder = desk.path("tmp");
    fs::create_dir(&folder).unwrap();
    desk.environment("TMPDIR", folder.to_str().unwrap());
    desk.write();
    let folders = || fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    desk.say(&["demo", "--for", "1ms"]);
    desk.say(&["demo", "--for", "1ms"]);
    let made = folders();
    assert_eq!(made.len(), 2, "two runs, two folders: {made:?}");
    assert!(made.iter().all(|path| mode(path) == 0o700), "{made:?}");

    let web = gazette(1);
    desk.allow(&[web.host("gazette")]);
    desk.source("gazette", &web.feed("gazette"), "");
    desk.write();
    let gate = web.hold(newsweb::Scope::Everything);
    let run = desk.command(&["poll", "gazette"]).stdout(std::process::Stdio::null()).spawn().unwrap();
    gate.wait_for(super::operator::LIMIT, 1).unwrap();
    let during: Vec<_> = folders().into_iter().filter(|path| !made.contains(path)).collect();
    assert_eq!(during.len(), 1, "{during:?}");
    assert_eq!(mode(&during[0]), 0o700);
    gate.release();
    assert!(run.wait_with_output().unwrap().status.success());
    assert_eq!(folders().len(), 2, "the dry run's folder is gone");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn no_stranger_steers_the_terminal() {
    let web = gazette(0);
    let desk = Desk::of(&web);
    web.publish(
        "gazette",
        Story::text(
            "Zeppelin \u{202e}dednal",
            &["A zeppelin landed in the harbour on Monday, the port authority said, and left again."],
        ),
    );
    desk.once();
    let said = desk.run(&["search", "zeppelin"]);
    assert!(stdout(&said).contains("Zeppelin ?dednal"), "{}", both(&said));
    let id = desk.ledger().count("select min(id) from articles").to_string();
    for arguments in [vec!["search", "zeppelin"], vec!["show", &id], vec!["story", &id], vec!["poll", "gazette"]] {
        let said = desk.say(&arguments);
        assert!(!said.contains('\u{202e}'), "{arguments:?}: {said}");
    }
    let json = desk.say(&["search", "zeppelin", "--json"]);
    assert!(json.contains("dednal") && !json.contains("?dednal"), "a program gets what stands there: {json}");

    let run = Command::new(env!("CARGO_BIN_EXE_wireroom")).args(["check", "--config", "a\u{1b}]0;x\u{7}.toml"]).output().unwrap();
    assert!(stderr(&run).contains("a?]0;x?.toml"), "{}", both(&run));
}
