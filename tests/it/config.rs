//! The operator's word: mistakes, values, includes, reload differences, the shipped file.

use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;

use wireroom::config::{self, File, Settings};
use wireroom::model::FeedKind;

const SHIPPED: &str = include_str!("../../config/wireroom.toml");
const DOCUMENTED: &str = include_str!("../../docs/configuration.md");

fn file(name: &str, text: &str) -> File {
    File { name: name.to_owned(), text: text.to_owned() }
}

/// The lines of the mistakes of a text.
fn mistakes(text: &str) -> Vec<String> {
    match config::parse(text) {
        Ok(_) => Vec::new(),
        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
    }
}

/// Each mistake of `text` begins with its expected beginning and, where given, contains the rest.
#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let found = mistakes(text);
    let told = found.join("\n");
    assert_eq!(found.len(), expected.len(), "in\n{text}\nfound\n{told}");
    for (line, (start, part)) in found.iter().zip(expected) {
        assert!(line.starts_with(&format!("wireroom.toml:{start}: ")), "{start} expected, found {line}");
        assert!(line.contains(part), "{part:?} expected in {line}");
    }
}

/// One key of `[fetch]` or another table, read alone.
fn fetch(key: &str, value: &str) -> Result<Settings, config::Error> {
    config::parse(&format!("[fetch]\n{key} = {value}\n"))
}

/// A source with one more line.
fn source(line: &str) -> String {
    format!("[[source]]\nname = \"one\"\nfeed = \"https://one.example.org/rss\"\n{line}\n")
}

#[test]
fn ten_mistakes_are_ten_lines() {
    let text = r#"[store]
url = "wireroom.db"
[fetch]
timout = "30s"
per_host_delay = "1 sec"
concurrency = "64"
max_body = "8mb"
[schedule]
min_interval = "5h"
polls_per_day = 0
[[source]]
name = "Trend EN"
feed = "en.trend.example.org/rss"
timezone = "Baku"
language = "ua"
include = ['(']
"#;
    check(
        text,
        &[
            ("2:7: store.url", "(did you mean \"sqlite:wireroom.db\"?)"),
            ("4:1: fetch.timout", "no such key (did you mean \"timeout\"?)"),
            ("5:18: fetch.per_host_delay", "(did you mean \"1s\"?)"),
            ("6:15: fetch.concurrency", "expected a whole number, found the string \"64\""),
            ("7:12: fetch.max_body", "(did you mean \"8MB\"?)"),
            ("9:16: schedule.min_interval", "must not be above schedule.max_interval (4h by default)"),
            ("10:17: schedule.polls_per_day", "from 1 to 1000000, found 0"),
            ("12:8: source[#1].name", "(did you mean \"trend-en\"?)"),
            ("13:8: source[#1].feed", "(did you mean \"https://en.trend.example.org/rss\"?)"),
            ("14:12: source[#1].timezone", "(did you mean \"Asia/Baku\"?)"),
            ("15:12: source[#1].language", "(did you mean \"uk\"?)"),
            ("16:12: source[#1].include", "unclosed group"),
        ],
    );
}

#[test]
fn an_error_says_what_it_is() {
    let error = config::parse("x = 1").unwrap_err();
    assert_eq!(error.class(), "configuration");
    assert_eq!(error.failure().as_str(), "final");
    assert_eq!(error.mistakes.len(), 1);
    assert_eq!(error.mistakes[0].key, "x");
    assert_eq!((error.mistakes[0].place.line, error.mistakes[0].place.column), (1, 1));
}

#[test]
fn slips_of_syntax_do_not_hide_the_rest() {
    check(
        "[fetch]\ntimeout = 30s\nconcurrency = 0\n",
        &[("2:11: fetch.timeout", "between quotes"), ("3:15: fetch.concurrency", "")],
    );
    check("[fetch]\nhello world\nconcurrency = 0\n", &[("2:7", "expected key = value"), ("3:15: fetch.concurrency", "")]);
    check(
        "[fetch]\nallow_private = [\"a.example.org\",\n  \"b.example.org\"\nconcurrency = 0\n",
        &[("2:17: fetch.allow_private", "not closed"), ("4:15: fetch.concurrency", "")],
    );
    check(
        "[fetch]\ncontact = \"\"\"x\nconcurrency = 0\n",
        &[("2:11: fetch.contact", "not closed"), ("3:15: fetch.concurrency", "")],
    );
    check("[fetch]\ntimeout = \"30s\"\ntimeout = \"31s\"\n", &[("3:1: fetch.timeout", "given twice")]);
    check(&source("include = [\"\\d+\"]"), &[("4:14: source.include", "single ones")]);
    check(
        &source("language = en\ntimezone = \"Nowhere/Else\""),
        &[("4:12: source.language", "quotes"), ("5:12: source[one].timezone", "")],
    );
    check("[fetch\ntimeout = \"5s\"\n[schedul]\n", &[("1:7", "name of the table is not closed"), ("3:2: schedul", "\"schedule\"")]);
    check("[store]\nurl = 'x\ngroup_readable = 1\n", &[("2:9: store.url", "not closed"), ("3:18: store.group_readable", "")]);
    check("[[source]]\nname = trend\n", &[("2:8: source.name", "between quotes")]);
}

#[test]
fn columns_count_characters_and_lines_survive_windows() {
    check("[fetch]\r\n\"ключ\" = 1\r\n", &[("2:1: fetch.ключ", "no such key")]);
    check("include = [\"ü.toml\", \"**.toml\"]\n", &[("1:22: include", "expected a file")]);
    check("\u{feff}x = 1", &[("1:1: x", "")]);
}

#[test]
fn unknown_names_are_told_their_home() {
    check("contact = \"mailto:a@example.org\"\n", &[("1:1: contact", "(did you mean \"fetch.contact\"?)")]);
    check("[sources]\nname = \"x\"\n", &[("1:2: sources", "(did you mean \"source\"?)")]);
    check("[shedule]\n", &[("1:2: shedule", "(did you mean \"schedule\"?)")]);
    check("[fetch]\ndelay = \"1s\"\n", &[("2:1: fetch.delay", "(did you mean \"per_host_delay\"?)")]);
    check("[fetch]\nper-host-delay = \"1s\"\n", &[("2:1: fetch.per-host-delay", "(did you mean \"per_host_delay\"?)")]);
    check(&source("url = \"https://b.example.org\""), &[("4:1: source[one].url", "(did you mean \"feed\"?)")]);
    check("[store]\npath = \"x\"\n", &[("2:1: store.path", "(did you mean \"url\"?)")]);
    check("[fetch]\nqqqqqq = 1\n", &[("2:1: fetch.qqqqqq", "there is no such key")]);
    check(&source("[source.extract]\nbodi = \"p\""), &[("5:1: source[one].extract.bodi", "(did you mean \"body\"?)")]);
    check(&source("[source.extarct]\nbody = \"p\""), &[("4:9: source[one].extarct", "(did you mean \"extract\"?)")]);
}

#[test]
fn tables_of_the_wrong_shape() {
    check("fetch = 3\n", &[("1:9: fetch", "expected the table [fetch], found the number 3")]);
    check("source = \"x\"\n", &[("1:10: source", "expected tables under [[source]]")]);
    check("source = [1]\n", &[("1:11: source", "expected tables under [[source]]")]);
    check("[source]\nname = \"a\"\nfeed = \"https://a.example.org/\"\n", &[("1:1: source", "double brackets")]);
    check(&source("extract = 1"), &[("4:11: source[one].extract", "expected the table [source.extract]")]);
    check(&source("include = \"x\""), &[("4:11: source[one].include", "expected an array of regular expressions")]);
    check(&source("include = [1]"), &[("4:12: source[one].include", "found the number 1 in it")]);
    check(&source("enabled = \"true\""), &[("4:11: source[one].enabled", "expected true or false")]);
    check(&source("max_age = 7"), &[("4:11: source[one].max_age", "expected a duration or \"forever\"")]);
    check(
        "[fetch]\ntimeout = 15\n",
        &[("2:11: fetch.timeout", "expected a duration, found the number 15 (did you mean \"15s\"?)")],
    );
    check("[fetch]\ntimeout = 1.5\n", &[("2:11: fetch.timeout", "found the number 1.5")]);
    check("[fetch]\ntimeout = 2024-01-01\n", &[("2:11: fetch.timeout", "found a date")]);
}

#[test]
fn a_source_needs_a_name_and_something_to_poll() {
    check(
        "[[source]]\nagency = \"A\"\n",
        &[("1:1: source[#1].name", "has no name"), ("1:1: source[#1].feed", "has nothing to poll")],
    );
    check("[[source]]\nname = \"a\"\nfeed = \"\"\nfeeds = []\n", &[("1:1: source[a].feed", "nothing to poll")]);
    check("[[source]]\nname = \"a\"\nfeed = 3\n", &[("3:8: source[a].feed", "expected an address")]);
    check(
        "[[source]]\nname = \"a\"\nhome = \"a.example.org\"\n",
        &[("3:8: source[a].home", "did you mean \"https://a.example.org\"?")],
    );
}

#[test]
fn a_home_page_is_polled_only_where_nothing_else_is() {
    let feeds = |keys: &str| {
        let settings = config::parse(&format!("[[source]]\nname = \"a\"\n{keys}")).unwrap();
        let desk = settings.sources.into_iter().next().unwrap();
        assert_eq!(desk.home.unwrap().as_str(), "https://a.example.org/");
        desk.source.feeds.into_iter().map(|feed| (feed.url.to_string(), feed.kind)).collect::<Vec<_>>()
    };
    let home = "home = \"https://a.example.org/\"\n";
    assert_eq!(feeds(home), [("https://a.example.org/".to_owned(), FeedKind::Home)]);
    let feed = ("https://a.example.org/rss".to_owned(), FeedKind::Feed);
    assert_eq!(feeds(&format!("{home}feed = \"{}\"\n", feed.0)), [feed]);
    let sitemap = ("https://a.example.org/news.xml".to_owned(), FeedKind::Sitemap);
    assert_eq!(feeds(&format!("{home}sitemap = \"{}\"\n", sitemap.0)), [sitemap]);
    // A feed that is spelt wrongly does not turn the source into a discovery.
    check(&format!("[[source]]\nname = \"a\"\n{home}feed = \"x\"\n"), &[("4:8: source[a].feed", "expected an address")]);
}

#[test]
fn names_and_addresses_are_given_once() {
    let text = "[[source]]\nname = \"a\"\nfeed = \"https://a.example.org/rss\"\n\
                [[source]]\nname = \"a\"\nfeed = \"https://A.example.org:443/rss#top\"\n";
    check(
        text,
        &[
            ("5:8: source[a].name", "taken by the source at wireroom.toml:2:8"),
            ("6:8: source[a].feed", "given already at wireroom.toml:3:8"),
        ],
    );
    check(
        &source("feeds = [\"https://one.example.org/b\", \"https://one.example.org/b\"]"),
        &[("4:39: source[one].feed", "given already at wireroom.toml:4:10")],
    );
    check(&source("was = \"one\""), &[("4:7: source[one].was", "present one")]);
    let renamed = source("was = \"two\"") + "[[source]]\nname = \"two\"\nfeed = \"https://two.example.org/\"\n";
    check(&renamed, &[("4:7: source.was", "still the name of the source at wireroom.toml:6:8")]);
    let claimed = source("was = \"x\"") + "[[source]]\nname = \"two\"\nfeed = \"https://two.example.org/\"\nwas = \"x\"\n";
    check(&claimed, &[("8:7: source[two].was", "claimed by the source at wireroom.toml:4:7")]);
}

#[test]
fn values_agree_with_each_other() {
    check("[schedule]\nmax_interval = \"1m\"\n", &[("2:16: schedule.max_interval", "min_interval (5m by default)")]);
    check(
        "[fetch]\ntimeout = \"5s\"\nconnect_timeout = \"6s\"\n",
        &[("3:19: fetch.connect_timeout", "(6s) must not be above fetch.timeout (5s)")],
    );
    let lowered = fetch("timeout", "\"5s\"").unwrap();
    assert_eq!(lowered.fetch.connect_timeout, Duration::from_secs(5));
    check(
        "[fetch]\nconcurrency = 2\nper_host_connections = 3\n",
        &[("3:24: fetch.per_host_connections", "must not be above fetch.concurrency (2)")],
    );
}

#[test]
fn a_request_ends_within_the_lease() {
    assert!(fetch("timeout", "\"50s\"").is_ok(), "13 times 50s, 2m and 1s are 12m51s");
    check(
        "[fetch]\ntimeout = \"51s\"\n",
        &[("2:11: fetch.timeout", "max_redirects 10 one request may take 13m4s; expected at most 13m")],
    );
    check("[fetch]\nper_host_delay = \"1h\"\n", &[("2:18: fetch.per_host_delay", "1h8m30s")]);
    check("[fetch]\nmax_redirects = 20\n", &[("2:17: fetch.max_redirects", "max_redirects 20")]);
    check(
        "[fetch]\nmax_redirects = 20\ntimeout = \"1m\"\nconnect_timeout = \"2m\"\n",
        &[("3:11: fetch.timeout", "25m1s"), ("4:19: fetch.connect_timeout", "above")],
    );
    assert!(config::parse("[fetch]\nmax_redirects = 2\ntimeout = \"90s\"\n").is_ok());
}

#[test]
fn durations() {
    let idle = |text: &str| config::parse(&format!("[daemon]\nidle = {text:?}\n"));
    let good = [
        ("90s", 90_000),
        ("5m", 300_000),
        ("250ms", 250),
        ("0.5s", 500),
        ("2.5s", 2_500),
        ("1h", 3_600_000),
        ("59m59s999ms", 3_599_999),
        ("0.25m", 15_000),
        ("007s", 7_000),
    ];
    for (text, millis) in good {
        let settings = idle(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(settings.lanes.idle, Duration::from_millis(millis), "{text}");
    }
    assert_eq!(fetch("per_host_delay", "\"0s\"").unwrap().fetch.per_host_delay, Duration::ZERO);
    let days = config::parse("[retention]\nraw = \"1d12h\"").unwrap();
    assert_eq!(days.store.keep_raw, Some(Duration::from_secs(36 * 3600)));
    let bad = [
        ("", None),
        ("90", Some("90s")),
        ("5 m", Some("5m")),
        ("5M", Some("5m")),
        ("10 minutes", Some("10m")),
        ("1 hour 30 min", Some("1h30m")),
        ("30m1h", None),
        ("1s1s", None),
        ("-1s", None),
        ("1..5s", None),
        (".5s", None),
        ("5.s", None),
        ("s", None),
        ("1e3s", None),
        ("1µs", None),
        ("99999999999999999999s", None),
        ("18446744073709551615d", None),
        ("2h", None),
    ];
    for (text, nearest) in bad {
        let error = idle(text).expect_err(text);
        assert_eq!(error.mistakes.len(), 1, "{text}");
        assert_eq!(error.mistakes[0].nearest.as_deref(), nearest, "{text}");
    }
}

#[test]
fn sizes() {
    let good = [
        ("8MiB", 8 << 20),
        ("500KiB", 500 << 10),
        ("10MB", 10_000_000),
        ("1.5MiB", 3 << 19),
        ("4096B", 4096),
        ("2KB", 2000),
        ("1GiB", 1 << 30),
    ];
    for (text, bytes) in good {
        assert_eq!(fetch("max_body", &format!("{text:?}")).unwrap().fetch.max_body, bytes, "{text}");
    }
    let bad = [
        ("8388608", Some("8388608B")),
        ("8M", Some("8MiB")),
        ("8 MiB", Some("8MiB")),
        ("8mib", Some("8MiB")),
        ("8 Mi", Some("8MiB")),
        ("8MiB8KiB", None),
        ("", None),
        ("MiB", None),
        ("-1MiB", None),
        ("1B", None),
        ("2GiB", None),
        ("99999999999999999999999GiB", None),
    ];
    for (text, nearest) in bad {
        let error = fetch("max_body", &format!("{text:?}")).expect_err(text);
        assert_eq!(error.mistakes[0].nearest.as_deref(), nearest, "{text}");
    }
}

#[test]
fn ledgers() {
    let path = |url: &str, base: &str| {
        let text = format!("[store]\nurl = {url:?}\n");
        config::parse_files(&file("w.toml", &text), &[], base).map(|settings| settings.store.path)
    };
    assert_eq!(path("sqlite:/var/x.db", "/etc/wireroom").unwrap(), Path::new("/var/x.db"));
    assert_eq!(path("sqlite:///var/x.db", "/etc/wireroom").unwrap(), Path::new("/var/x.db"));
    assert_eq!(path("sqlite:x.db", "/etc/wireroom").unwrap(), Path::new("/etc/wireroom/x.db"));
    assert_eq!(path("sqlite:a/x.db", "").unwrap(), Path::new("a/x.db"));
    for (url, part) in [
        ("postgres://host/news", "not built in yet"),
        ("sqlite:", "names no file"),
        ("sqlite:/var/", "names no file"),
        ("sqlite::memory:", "must be a file"),
        ("sqlite:~/x.db", "not expanded"),
        ("sqlite:x.db?mode=ro", "options"),
        ("sqlite://x.db", "did you mean \"sqlite:x.db\""),
        ("mysql:x", "expected sqlite:PATH"),
    ] {
        let told = path(url, "").unwrap_err().to_string();
        assert!(told.contains(part), "{part:?} expected in {told}");
    }
}

#[test]
fn contacts() {
    for text in ["mailto:bench@example.org", "https://example.org/about", "http://example.org/", ""] {
        assert_eq!(fetch("contact", &format!("{text:?}")).unwrap().fetch.contact, text);
    }
    for (text, nearest) in [
        ("a@example.org", Some("mailto:a@example.org")),
        ("mailto:", None),
        ("mailto:a@", None),
        ("mailto:a@example.org\r\nX: y", None),
        ("mailto:a@example.org)", None),
        ("someone", None),
        ("mailto:é@example.org", None),
    ] {
        let error = fetch("contact", &format!("{text:?}").replace("\\'", "'")).expect_err(text);
        assert_eq!(error.mistakes[0].nearest.as_deref(), nearest, "{text}");
    }
    assert!(Settings::default().placeholder_contact());
    assert!(fetch("contact", "\"mailto:you@example.org\"").unwrap().placeholder_contact());
    assert!(fetch("contact", "\"\"").unwrap().placeholder_contact());
    assert!(!fetch("contact", "\"mailto:bench@example.org\"").unwrap().placeholder_contact());
}

#[test]
fn private_hosts() {
    for (text, read) in [
        ("intranet.example.org", "intranet.example.org"),
        ("Intranet.Example.org:8080", "intranet.example.org:8080"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:80", "127.0.0.1:80"),
        ("[::1]", "[::1]"),
        ("[::1]:8080", "[::1]:8080"),
        ("localhost:65535", "localhost:65535"),
    ] {
        assert_eq!(fetch("allow_private", &format!("[{text:?}]")).unwrap().fetch.allow_private, [read], "{text}");
    }
    for (text, nearest) in [
        ("http://intranet.example.org:8080/feed", Some("intranet.example.org:8080")),
        ("::1", Some("[::1]")),
        ("*.example.org", None),
        ("10.0.0.0/8", None),
        ("host:0", None),
        ("host:70000", None),
        ("host:", None),
        ("", None),
        ("a b", None),
    ] {
        let error = fetch("allow_private", &format!("[{text:?}]")).expect_err(text);
        assert_eq!(error.mistakes[0].nearest.as_deref(), nearest, "{text}");
    }
}

#[test]
fn tracking_parameters() {
    let tracking = |text: &str| config::parse(&format!("[dedup]\ntracking_parameters = [{text}]\n"));
    assert_eq!(tracking("\"WKey\", \"from_list_*\", \"a\"").unwrap().dedup.tracking.added(), ["a", "from_list_*", "wkey"]);
    assert!(tracking("").unwrap().dedup.tracking.added().is_empty());
    for (text, nearest) in [
        ("*", None),
        ("a*", None),
        ("id=7", Some("id")),
        ("?WKey=*", Some("wkey")),
        ("a b", None),
        ("two*stars*", None),
        ("", None),
    ] {
        let error = tracking(&format!("{text:?}")).expect_err(text);
        assert_eq!(error.mistakes[0].nearest.as_deref(), nearest, "{text}");
        assert_eq!(error.mistakes[0].key, "dedup.tracking_parameters");
    }
}

#[test]
fn listeners() {
    let listen = |text: &str| config::parse(&format!("[serve]\nlisten = {text:?}\n"));
    assert_eq!(listen("127.0.0.1:9090").unwrap().serve, Some(([127, 0, 0, 1], 9090).into()));
    assert_eq!(listen("").unwrap().serve, None);
    for text in ["localhost:9090", ":9090", "9090"] {
        assert_eq!(listen(text).unwrap_err().mistakes[0].nearest.as_deref(), Some("127.0.0.1:9090"), "{text}");
    }
    for text in ["127.8.8.8:9090", "[::1]:9090", "[::ffff:127.0.0.1]:9090"] {
        assert!(listen(text).unwrap().serve.is_some(), "{text}");
    }
    for text in ["0.0.0.0:9090", "[::]:9090", "192.0.2.7:9090", "[2001:db8::1]:9090"] {
        let error = listen(text).unwrap_err();
        assert!(error.to_string().starts_with("wireroom.toml:2:10: serve.listen: expected a loopback address"), "{error}");
        assert_eq!(error.mistakes[0].nearest.as_deref(), Some("127.0.0.1:9090"), "{text}");
    }
}

#[test]
fn a_source_in_full() {
    let text = r#"
[[source]]
name = "trend-en"
agency = "Trend News Agency"
feed = "https://en.trend.example.org/rss"
feeds = ["https://en.trend.example.org/b", "http://en.trend.example.org/c?x=1#f"]
sitemap = "https://en.trend.example.org/news.xml"
timezone = "Asia/Baku"
language = "EN-gb"
enabled = false
max_age = "forever"
include = ['/politics/\d+']
exclude = ['(?i)video']
was = "trend"
[source.extract]
body = "article p"
remove = [".share"]
"#;
    let settings = config::parse(text).unwrap();
    let desk = &settings.sources[0];
    assert_eq!(desk.source.name, "trend-en");
    assert_eq!(desk.source.was.as_deref(), Some("trend"));
    assert_eq!(desk.source.agency, "Trend News Agency");
    let feeds: Vec<_> = desk.source.feeds.iter().map(|feed| (feed.url.as_str(), feed.kind)).collect();
    assert_eq!(
        feeds,
        [
            ("https://en.trend.example.org/rss", FeedKind::Feed),
            ("https://en.trend.example.org/b", FeedKind::Feed),
            ("http://en.trend.example.org/c?x=1", FeedKind::Feed),
            ("https://en.trend.example.org/news.xml", FeedKind::Sitemap),
        ]
    );
    assert!(!desk.source.enabled);
    assert_eq!(desk.source.timezone.as_deref(), Some("Asia/Baku"));
    assert_eq!(desk.rules.timezone.as_deref(), Some("Asia/Baku"));
    assert_eq!(desk.source.language.as_deref(), Some("en-GB"));
    assert_eq!(desk.rules.language.as_deref(), Some("en-GB"));
    assert_eq!(desk.selection.max_age, None);
    assert!(desk.selection.include[0].is_match("https://en.trend.example.org/politics/17"));
    assert_eq!(desk.selection.exclude.len(), 1);
    assert_eq!(desk.rules.body.as_deref(), Some("article p"));
    assert_eq!(desk.rules.remove, [".share"]);
    assert_eq!(desk.rules.title, None);
}

/// The measuring harness writes such a file: quick, impolite, many sources on one host.
#[test]
fn an_impatient_configuration() {
    let mut text = "[store]\nurl = \"sqlite:/tmp/x/ledger.db\"\n\n[fetch]\nper_host_delay = \"0s\"\nper_host_connections = 8\n\
                    contact = \"mailto:bench@example.org\"\n\n[schedule]\nmin_interval = \"0.5s\"\nmax_interval = \"2s\"\n"
        .to_owned();
    for n in 0..200 {
        text += &format!("\n[[source]]\nname = \"s{n}\"\nfeed = \"http://127.0.0.1:8080/feed/{n}\"\n");
    }
    let settings = config::parse(&text).unwrap();
    assert_eq!(settings.sources.len(), 200);
    assert_eq!(settings.schedule.min_interval, Duration::from_millis(500));
    assert_eq!(settings.schedule.max_interval, Duration::from_secs(2));
    assert!(settings.warnings().is_empty());
}

#[test]
fn a_short_source_has_the_defaults() {
    let settings = config::parse(&source("sitemap = [\"https://one.example.org/s1\", \"https://one.example.org/s2\"]")).unwrap();
    let desk = &settings.sources[0];
    assert_eq!(desk.source.agency, "one");
    assert!(desk.source.enabled);
    assert_eq!(desk.source.feeds.len(), 3);
    assert_eq!((&desk.source.was, &desk.source.timezone, &desk.source.language), (&None, &None, &None));
    assert_eq!(desk.selection.max_age, Some(Duration::from_secs(7 * 86_400)));
    assert!(desk.selection.include.is_empty() && desk.selection.exclude.is_empty());
}

#[test]
fn values_of_a_source() {
    for (line, nearest) in [
        ("timezone = \"Asia/Bakuu\"", Some("Asia/Baku")),
        ("timezone = \"new york\"", Some("America/New_York")),
        ("timezone = \"+04:00\"", None),
        ("language = \"english\"", Some("en")),
        ("language = \"pt_BR\"", Some("pt-BR")),
        ("language = \"xx\"", None),
        ("language = \"en-\"", None),
        ("was = \"Old Name\"", Some("old-name")),
        ("max_age = \"for ever\"", Some("forever")),
        ("max_age = \"1 week\"", None),
        ("agency = \"two\\nlines\"", None),
        ("feeds = [\"feed://one.example.org/x\"]", Some("https://one.example.org/x")),
        ("feeds = [\"https://me:secret@one.example.org/\"]", None),
        ("feeds = [\"https:///\"]", None),
        ("feeds = [\"/rss\"]", None),
        ("feeds = [\"mailto:a@example.org\"]", None),
        ("feeds = [\"https://one.example.org/a b\"]", None),
        ("exclude = [\"\"]", None),
        ("exclude = ['x{1000}{1000}']", None),
    ] {
        let error = config::parse(&source(line)).expect_err(line);
        assert_eq!(error.mistakes.len(), 1, "{error}");
        assert_eq!(error.mistakes[0].nearest.as_deref(), nearest, "{line}: {error}");
        assert_eq!(error.mistakes[0].place.line, 4);
        assert!(!error.to_string().contains("secret"), "{error}");
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
    }
}

/// Which selectors are good is the reader's to say; the configuration passes it on, with the place.
#[test]
fn selectors_are_those_of_the_reader() {
    for selector in ["article p", "p[", "..", ":nonsense(", "a > > b"] {
        let verdict = wireroom::article::check_selector(selector);
        for line in [format!("extract.body = {selector:?}"), format!("extract.remove = [{selector:?}]")] {
            let found = mistakes(&source(&line));
            assert_eq!(found.len(), usize::from(verdict.is_err()), "{found:?}");
            assert!(found.iter().all(|told| told.contains(":4:") && told.contains("CSS selector")), "{found:?}");
        }
    }
}

#[test]
fn includes_are_read_by_the_caller() {
    let main = "include = [\"sources.d/*.toml\", \"more.toml\"]\n[fetch]\nconcurrency = \"many\"\n";
    assert_eq!(config::includes(main).unwrap(), ["sources.d/*.toml", "more.toml"]);
    assert_eq!(config::includes("").unwrap(), Vec::<String>::new());
    for text in
        ["include = \"x\"", "include = [\"*/x.toml\"]", "include = [\"sources.d/\"]", "include = [\"**\"]", "include = [\"\"]"]
    {
        assert_eq!(config::includes(text).expect_err(text).mistakes.len(), 1, "{text}");
        assert_eq!(mistakes(text).len(), 1, "{text}");
    }
    let included = [
        file("sources.d/a.toml", &source("")),
        file("sources.d/b.toml", &(source("") + "[fetch]\ntimeout = \"1s\"\n")),
        file("sources.d/c.toml", "include = [\"x\"]\n[[source]]\nname = \"c\"\nfeed = \"c\"\n"),
    ];
    let error = config::parse_files(&file("main.toml", main), &included, "").unwrap_err().to_string();
    let starts = [
        "main.toml:3:15: fetch.concurrency: expected a whole number",
        "sources.d/b.toml:2:8: source[one].name: the name is taken by the source at sources.d/a.toml:2:8",
        "sources.d/b.toml:3:8: source[one].feed: the address is given already at sources.d/a.toml:3:8",
        "sources.d/b.toml:5:2: fetch: only [[source]] can stand in an included file",
        "sources.d/c.toml:1:1: include: only [[source]]",
        "sources.d/c.toml:4:8: source[c].feed: expected an address",
    ];
    assert_eq!(error.lines().count(), starts.len(), "{error}");
    for (line, start) in error.lines().zip(starts) {
        assert!(line.starts_with(start), "{start} expected, found {line}");
    }
    let whole = config::parse_files(&file("main.toml", ""), &included[..1], "").unwrap();
    assert_eq!(whole.sources.len(), 1);
}

#[test]
fn file_patterns() {
    for (pattern, name, fits) in [
        ("*.toml", "a.toml", true),
        ("*.toml", ".a.toml", false),
        ("*.toml", "a.toml~", false),
        ("more.toml", "more.toml", true),
        ("more.toml", "moretoml", false),
        ("a*b*c", "abc", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "acb", false),
        ("a*a", "a", false),
        ("*", "x", true),
    ] {
        assert_eq!(config::matches(pattern, name), fits, "{pattern} on {name}");
    }
}

#[test]
fn differences_for_reload() {
    let old = config::parse(&(source("") + "[[source]]\nname = \"two\"\nfeed = \"https://two.example.org/\"\n")).unwrap();
    assert!(config::diff(&old, &old.clone()).is_empty());
    assert_eq!(config::diff(&old, &old).to_string(), "nothing changed");
    let text = r#"
[store]
url = "sqlite:x.db"
[fetch]
timeout = "31s"
concurrency = 8
[[source]]
name = "one"
feed = "https://one.example.org/rss"
exclude = ['x']
[[source]]
name = "second"
was = "two"
feed = "https://two.example.org/"
[[source]]
name = "three"
feed = "https://three.example.org/"
"#;
    let new = config::parse(text).unwrap();
    let changes = config::diff(&old, &new);
    assert_eq!(changes.sources_added, ["three"]);
    assert_eq!(changes.sources_changed, ["one", "second"]);
    assert!(changes.sources_removed.is_empty());
    assert_eq!(changes.reloaded, ["fetch.timeout"]);
    assert_eq!(changes.needs_restart, ["store.url", "fetch.concurrency"]);
    assert_eq!(
        changes.to_string(),
        "sources added: three; sources changed: one, second; applied: fetch.timeout; needs a restart: store.url, fetch.concurrency"
    );
    let back = config::diff(&new, &old);
    assert_eq!((back.sources_added, back.sources_removed), (vec!["two".to_owned()], vec!["second".to_owned(), "three".to_owned()]));
}

#[test]
fn the_lanes_share_the_concurrency() {
    for (concurrency, polls, scrapes) in [(64, 16, 48), (8, 2, 6), (2, 1, 1), (1, 1, 1)] {
        let settings = fetch("concurrency", &concurrency.to_string()).unwrap();
        assert_eq!((settings.lanes.polls, settings.lanes.scrapes), (polls, scrapes), "{concurrency}");
    }
}

#[test]
fn the_defaults_are_those_of_the_contract() {
    let settings = Settings::default();
    assert_eq!(settings.store.path, Path::new("/var/lib/wireroom/wireroom.db"));
    assert!(settings.store.group_readable);
    assert_eq!(settings.store.keep_raw, Some(Duration::from_secs(90 * 86_400)));
    assert_eq!(settings.fetch.contact, "mailto:you@example.org");
    assert_eq!(settings.fetch.per_host_delay, Duration::from_secs(1));
    assert_eq!(settings.fetch.per_host_connections, 1);
    assert_eq!(settings.fetch.concurrency, 64);
    assert_eq!(settings.fetch.timeout, Duration::from_secs(30));
    assert_eq!(settings.fetch.connect_timeout, Duration::from_secs(10));
    assert_eq!(settings.fetch.max_body, 8 << 20);
    assert_eq!(settings.fetch.max_redirects, 10);
    assert!(settings.fetch.allow_private.is_empty());
    assert_eq!(settings.schedule.min_interval, Duration::from_secs(300));
    assert_eq!(settings.schedule.max_interval, Duration::from_secs(4 * 3600));
    assert_eq!(settings.schedule.polls_per_day, 24);
    assert_eq!(settings.schedule.scrape_attempts, 8);
    assert_eq!(settings.schedule.rechecks, [1, 6, 24].map(|hours| Duration::from_secs(hours * 3600)));
    assert_eq!(settings.dedup.min_words, 12);
    assert_eq!(settings.lanes.grace, Duration::from_secs(20));
    assert_eq!(settings.lanes.idle, Duration::from_secs(30));
    assert_eq!(settings.serve, None);
}

/// `# key = value` and `# [table]` lines without their mark; prose stays a comment.
fn uncommented(text: &str) -> String {
    let is_data = |line: &str| {
        let word = line.split(' ').next().unwrap_or_default();
        let named = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        line.starts_with("[source") || line.starts_with("[[source") || named && line[word.len()..].starts_with(" = ")
    };
    let line = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if is_data(rest) => rest.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_file_is_the_defaults() {
    let shipped = config::parse(SHIPPED).unwrap_or_else(|error| panic!("{error}"));
    assert!(shipped.placeholder_contact());
    assert!(shipped.sources.is_empty());
    assert_eq!(shipped.warnings().len(), 2);
    assert!(config::diff(&Settings::default(), &shipped).is_empty());

    let whole = config::parse(&uncommented(SHIPPED)).unwrap_or_else(|error| panic!("{error}"));
    let changes = config::diff(&Settings::default(), &whole);
    assert!(changes.reloaded.is_empty() && changes.needs_restart.is_empty(), "{changes}");
    assert_eq!(whole.sources.len(), 17);
    assert_eq!(whole.sources[0].source.name, "trend-en");
    // The first source spells out every default that a short one leaves unsaid.
    let short = config::parse(
        "[[source]]\nname = \"trend-en\"\nagency = \"Trend News Agency\"\nfeed = \"https://en.trend.az/feeds/index.rss\"\n\
         timezone = \"Asia/Baku\"\nlanguage = \"en\"\n",
    )
    .unwrap();
    let first = Settings { sources: whole.sources[..1].to_vec(), ..Settings::default() };
    assert_eq!(config::diff(&first, &short).to_string(), "nothing changed");
}

#[test]
fn every_key_is_documented() {
    let shipped = uncommented(SHIPPED);
    for key in config::keys() {
        let default = if key.default.is_empty() { "(must be given)".to_owned() } else { format!("`{}`", key.default) };
        let row = format!("| `{}` | {} | {default} | {} | {} |", key.path, key.what, key.applies.as_str(), key.doc);
        assert!(DOCUMENTED.contains(&row), "docs/configuration.md lacks the row\n{row}");
        let (table, leaf) = key.path.rsplit_once('.').unwrap_or(("", key.path));
        let header = match table {
            "" => String::new(),
            "source" => "\n[[source]]\n".to_owned(),
            table => format!("\n[{table}]\n"),
        };
        let from = shipped.find(&header).unwrap_or_else(|| panic!("config/wireroom.toml lacks {header}")) + header.len();
        let part = &shipped[from..];
        let part = if table.is_empty() { part } else { &part[..part.find("\n[").unwrap_or(part.len())] };
        assert!(part.lines().any(|line| line.starts_with(&format!("{leaf} = "))), "config/wireroom.toml lacks {}", key.path);
    }
}

#[test]
fn what_the_documentation_shows_is_what_is_said() {
    let text = "\n\n\n\n[fetch]\ntimeout = \"30 sec\"\n\n\nmax_bdy = 1\n\n[[source]]\nname = \"trend-en\"\nfeed = \"https://one.example.org/\"\ntimezone = \"Baku\"\n";
    for line in mistakes(text) {
        assert!(DOCUMENTED.contains(&line), "docs/configuration.md does not show\n{line}");
    }
}

#[test]
fn warnings_are_no_mistakes() {
    let quiet = config::parse("[fetch]\ncontact = \"mailto:a@example.org\"\n").unwrap();
    assert_eq!(quiet.warnings().len(), 1);
    let text = "[fetch]\ncontact = \"mailto:a@example.org\"\n".to_owned() + &source("enabled = false");
    assert!(config::parse(&text).unwrap().warnings()[0].contains("no source is enabled"));
    let text = "[fetch]\ncontact = \"mailto:a@example.org\"\n".to_owned() + &source("");
    assert!(config::parse(&text).unwrap().warnings().is_empty());
}

#[test]
fn hostile_texts_end() {
    let deep = format!("a = {}", "[".repeat(100_000));
    let tables = format!("a = {}", "{a=".repeat(100_000));
    let dotted = "a.".repeat(100_000);
    let slips = "hello world\n".repeat(20_000);
    let unclosed = "a = [\n".repeat(20_000);
    for text in [deep, tables, dotted, slips, unclosed] {
        assert!(!mistakes(&text).is_empty());
        let _ = config::includes(&text);
    }
}

/// Pieces of a configuration and of its typical slips.
fn piece() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "[fetch]",
        "[[source]]",
        "[source]",
        "[source.extract]",
        "[",
        "]",
        "{",
        "}",
        "=",
        "\n",
        ",",
        ".",
        "\"",
        "'",
        "\"\"\"",
        "'''",
        "name = \"a\"",
        "feed = \"https://a.example.org/\"",
        "timeout",
        "\"30s\"",
        "30s",
        "include = [",
        "was = \"a\"",
        "\\",
        "#",
        "é",
        "\u{feff}",
        "\r\n",
        "1e9",
        "0x",
        "true",
        "tru",
        "2024-01-01",
        "source",
        "store.url = \"sqlite:x\"",
        "extract.body = 'p'",
        "\0",
    ];
    prop_oneof![proptest::sample::select(WORDS).prop_map(str::to_owned), "\\PC{0,8}"]
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = config::parse(&text);
        let _ = config::includes(&text);
    }

    #[test]
    fn no_configuration_panics(pieces in proptest::collection::vec(piece(), 0..40), glue in prop_oneof![Just(""), Just(" "), Just("\n")]) {
        let text = pieces.join(glue);
        if let Err(error) = config::parse(&text) {
            prop_assert!(!error.mistakes.is_empty());
            prop_assert_eq!(error.to_string().lines().count(), error.mistakes.len());
            let lines = text.split('\n').count();
            prop_assert!(error.mistakes.iter().all(|mistake| (1..=lines).contains(&mistake.place.line) && mistake.place.column >= 1));
        }
        let _ = config::includes(&text);
    }

    #[test]
    fn no_value_panics(value in any::<String>()) {
        let quoted = format!("{:?}", value).replace("\\'", "'").replace("\\0", "\\u0000").replace("\\u{", "\\u0000{");
        for key in config::keys() {
            let text = match key.path.split_once('.') {
                None => format!("{} = {quoted}\n{} = [{quoted}]", key.path, key.path),
                Some(("source", leaf)) => format!("[[source]]\n{leaf} = {quoted}\n[[source]]\n{leaf} = [{quoted}]\n"),
                Some((table, leaf)) => format!("[{table}]\n{leaf} = {quoted}\n"),
            };
            let _ = config::parse(&text);
        }
    }

    #[test]
    fn written_durations_are_read_back(millis in 100_u64..3_600_000) {
        let text = format!("{}m{}s{}ms", millis / 60_000, millis / 1000 % 60, millis % 1000);
        let settings = config::parse(&format!("[daemon]\nidle = \"{text}\"\n")).unwrap();
        prop_assert_eq!(settings.lanes.idle, Duration::from_millis(millis));
    }
}

#[test]
fn what_the_unit_shuts_out_is_told_with_the_line_that_opens_it() {
    let settings = config::parse("[fetch]\nallow_private = [\"10.0.0.7:8080\", \"[fd00::7]:80\", \"intranet.example.org\"]\n[serve]\nlisten = \"127.0.0.1:8484\"\n").unwrap();
    let servers = ["192.168.1.1", "9.9.9.9"].map(|server| server.parse().unwrap());
    let private = |address: std::net::IpAddr| address.to_string() != "9.9.9.9";
    let told = settings.shut_out(&servers, private);
    assert_eq!(told.len(), 4, "{told:?}");
    for (line, opens) in told.iter().zip(["192.168.1.1", "127.0.0.1", "10.0.0.7", "fd00::7"]) {
        assert!(line.ends_with(&format!("IPAddressAllow={opens}")), "{line}");
    }
    assert!(told[0].contains("name server"), "{told:?}");
    assert!(settings.shut_out(&servers, |_| false).is_empty());
}
