//! robots.txt: the published vectors, the readings we chose, and the cost of hostile files.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use wireroom::fetch::robots::{self, MAX_BYTES, parse};

/// What a file says to a robot about a path.
#[track_caller]
fn check(file: &str, path: &str, allowed: bool) {
    assert_eq!(parse(file.as_bytes(), "wireroom").allows(path), allowed, "{path} under\n{file}");
}

#[test]
fn published_vectors() {
    let corpus = "shared/corpora/robots/google_vectors.jsonl";
    // The corpora lie beside the checkout or further up.
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(1).map(|up| up.join(corpus)).find(|path| path.exists());
    let Some(text) = found.and_then(|path| std::fs::read_to_string(path).ok()) else {
        println!("SKIPPED: the robots vectors (../{corpus}) are not there");
        return;
    };
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let vector: serde_json::Value = serde_json::from_str(line).unwrap();
        let bytes = |field: &str| unhex(vector[field].as_str().unwrap());
        let (file, robot, url) = (bytes("r"), bytes("u"), bytes("url"));
        let (robot, url) = (String::from_utf8(robot).unwrap(), String::from_utf8(url).unwrap());
        count += 1;
        if parse(&file, &robot).allows(&path_of(&url)) != vector["exp"].as_bool().unwrap() {
            wrong.push(format!("{} line {}: {robot} {:.80}", vector["t"], vector["line"], url));
        }
    }
    println!("robots.txt: {} of {count} published vectors", count - wrong.len());
    assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 145, "only {count} vectors");
}

/// Path and query of a URL that may not be encoded, as the vectors have them.
fn path_of(url: &str) -> String {
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    rest.find(['/', '?']).map_or("/".to_owned(), |at| rest[at..].to_owned())
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn nothing_said_is_allowed() {
    check("", "/news/1", true);
    check("<!doctype html><title>Not found</title>", "/news/1", true);
    check("user-agent: wireroom\ndisallow:\n", "/news/1", true);
    check("disallow: /\n", "/news/1", true);
}

#[test]
fn own_group_wins_over_everyone() {
    let file = "user-agent: *\ndisallow: /\n\nuser-agent: wireroom\ndisallow: /print/\n";
    check(file, "/news/1", true);
    check(file, "/print/1", false);
}

#[test]
fn groups_of_one_product_are_one() {
    let file = "user-agent: wireroom\ndisallow: /a\nuser-agent: other\ndisallow: /b\nuser-agent: WireRoom/2.0\ndisallow: /c\n";
    check(file, "/a", false);
    check(file, "/b", true);
    check(file, "/c", false);
}

#[test]
fn unknown_lines_do_not_close_a_group() {
    check("user-agent: wireroom\nsitemap: https://example.org/s.xml\nuser-agent: other\ndisallow: /\n", "/x", false);
    check("user-agent: wireroom\ncrawl-delay: 3\nuser-agent: other\ndisallow: /\n", "/x", false);
}

#[test]
fn line_ends_and_byte_order_mark() {
    for end in ["\n", "\r", "\r\n"] {
        let file = ["\u{feff}user-agent: *", "disallow: /x", "allow: /x/y"].join(end);
        check(&file, "/x/1", false);
        check(&file, "/x/y/1", true);
    }
}

#[test]
fn longest_match_and_allow_on_a_tie() {
    check("user-agent: *\nallow: /p\ndisallow: /page\n", "/page", false);
    check("user-agent: *\ndisallow: /page\nallow: /page\n", "/page", true);
    check("user-agent: *\ndisallow: /*.html$\nallow: /news/\n", "/news/1.html", false);
    check("user-agent: *\ndisallow: /*.html$\nallow: /news/\n", "/news/1.html?print", true);
}

#[test]
fn encodings_meet_on_the_polite_side() {
    check("user-agent: *\ndisallow: /x%7Ey\n", "/x~y", false);
    check("user-agent: *\ndisallow: /x~y\n", "/x%7ey", false);
    check("user-agent: *\ndisallow: /ä\n", "/%c3%a4/1", false);
    check("user-agent: *\ndisallow: /\nallow: /%c3%a4\n", "/%C3%A4/1", true);
    check("user-agent: *\ndisallow: /a%2Fb\n", "/a/b", true);
    check("user-agent: *\ndisallow: /100%\n", "/100%", false);
}

#[test]
fn robots_txt_itself_may_always_be_asked_for() {
    check("user-agent: *\ndisallow: /\n", "/robots.txt", true);
}

#[test]
fn crawl_delay_is_the_longest_of_the_group_and_capped() {
    let delay = |text: &str| parse(text.as_bytes(), "wireroom").crawl_delay();
    assert_eq!(delay("user-agent: *\ncrawl-delay: 30\n"), Some(Duration::from_secs(30)));
    assert_eq!(delay("user-agent: *\ncrawl-delay: 0.5\nallow: /\n"), Some(Duration::from_millis(500)));
    assert_eq!(delay("user-agent: *\ncrawl-delay: 2\ncrawl-delay: 9\n"), Some(Duration::from_secs(9)));
    assert_eq!(delay("user-agent: *\ncrawl-delay: 86400\n"), Some(robots::MAX_DELAY));
    assert_eq!(delay("user-agent: *\ncrawl-delay: 30\nuser-agent: wireroom\ndisallow: /x\n"), None);
    for nonsense in ["-1", "0", "nan", "soon", "", "1e-400", "0x10"] {
        assert_eq!(delay(&format!("user-agent: *\ncrawl-delay: {nonsense}\n")), None, "{nonsense}");
    }
    assert_eq!(delay("user-agent: *\ncrawl-delay: inf\n"), Some(robots::MAX_DELAY));
}

#[test]
fn half_a_line_at_the_cut_is_not_read() {
    let mut file = b"user-agent: *\ndisallow: /\n".to_vec();
    file.extend(std::iter::repeat_n(b'#', MAX_BYTES - file.len() - 9));
    file.extend_from_slice(b"\nallow: /only/this\n");
    assert!(file.len() > MAX_BYTES);
    assert!(!parse(&file, "wireroom").allows("/elsewhere"));
    assert!(!parse(&file, "wireroom").allows("/only/this"));
}

/// Hostile files, read and asked about a long address. Optimised, each costs a tenth of what it may; the dev profile does
/// not optimise and has a bound of its own, which a quadratic reading would miss by far.
#[test]
fn hostile_files_cost_little() {
    let most = if cfg!(debug_assertions) { 1_500.0 } else { 50.0 };
    let path = format!("/{}", "a".repeat(8_000));
    let repeated = |line: &str| format!("user-agent: *\n{}", line.repeat(MAX_BYTES / line.len()));
    let files = [
        ("50,000 rules", format!("user-agent: *\n{}", (0..50_000).map(|rule| format!("disallow:{rule}\n")).collect::<String>())),
        ("rules of 10 kB of wildcards", repeated(&format!("disallow: /{}b\n", "*a".repeat(5_000)))),
        ("rules of 16 kB of stars", repeated(&format!("disallow: /{}b\n", "*".repeat(16_000)))),
        ("four wildcards, often", repeated("disallow: /*a*a*a*b$\n")),
        ("one letter that is not there", repeated("disallow:*b*c\n")),
        ("words that nearly match", repeated(&format!("disallow:*{}b*c\n", "a".repeat(35)))),
        ("long words that nearly match", repeated(&format!("disallow: *{}b\n", "a".repeat(2_000)))),
        ("escapes", repeated(&format!("disallow: /{}\n", "%41%c3".repeat(300)))),
        ("groups of our own", repeated("user-agent: wireroom\n")),
        ("index pages", repeated("allow: /a/index.html\n")),
        ("empty lines", "\n".repeat(MAX_BYTES)),
    ];
    for (name, file) in files {
        let begun = cpu_ms();
        let rounds = if cfg!(debug_assertions) { 1 } else { 10 };
        for _ in 0..rounds {
            std::hint::black_box(parse(file.as_bytes(), "wireroom").allows(&path));
        }
        let spent = (cpu_ms() - begun) as f64 / f64::from(rounds);
        println!("robots.txt: {name}: {} kB, {spent} ms of CPU to read and to ask once", file.len() / 1000);
        assert!(spent < most, "{spent} ms for {name}");
    }
}

/// What wildcards may cost has an end, and whoever wants more forbids; what real sites have does not come near it.
#[test]
fn wildcards_without_end_forbid_and_many_honest_ones_do_not() {
    let path = format!("/{}", "a".repeat(8_000));
    let lines = |line: &str, count: usize| format!("user-agent: *\n{}", line.repeat(count));
    check(&lines("disallow: /*b*c\n", 30_000), &path, false);
    check(&lines("disallow: /*b*c\n", 2_000), &path, true);
    check(&lines("disallow: /*?print=\n", 20_000), "/2024/05/17/ferry-back-in-service-after-storm.html", true);
}

/// CPU time of this process in milliseconds: wall time says nothing on a busy machine.
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    // utime and stime in clock ticks of 10 ms.
    (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) * 10
}

proptest! {
    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400), path in "\\PC{0,60}") {
        let _ = parse(&bytes, "wireroom").allows(&path);
    }

    #[test]
    fn never_panics_on_near_files(lines in proptest::collection::vec("(user-agent|allow|disallow|crawl-delay|x)[: ]{0,2}[/*$%a-c0-9ä#. -]{0,12}", 0..12), path in "/[/*$%a-cä?]{0,12}") {
        let _ = parse(lines.join("\n").as_bytes(), "wireroom").allows(&path);
    }

    /// Greedy matching agrees with the definition, written as slowly as it reads.
    #[test]
    fn matching_agrees_with_the_definition(pattern in "[/a-b*]{0,8}[$]?", path in "/[/a-b]{0,8}") {
        let file = format!("user-agent: *\ndisallow: /{pattern}\n");
        let expected = by_definition(format!("/{pattern}").as_bytes(), path.as_bytes());
        prop_assert_eq!(!parse(file.as_bytes(), "wireroom").allows(&path), expected, "/{} {}", pattern, path);
    }
}

fn by_definition(pattern: &[u8], path: &[u8]) -> bool {
    match pattern.split_first() {
        None => true,
        Some((b'$', [])) => path.is_empty(),
        Some((b'*', rest)) => (0..=path.len()).any(|at| by_definition(rest, &path[at..])),
        Some((byte, rest)) => path.first() == Some(byte) && by_definition(rest, &path[1..]),
    }
}
