//! What an operator does by hand, for the end-to-end tests: writes a configuration, runs the real
//! binary, sends it signals, reads the ledger. Waiting is always for something, with a limit.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use newsweb::NewsWeb;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

/// Longest wait for anything a test expects.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A folder with a configuration and a ledger.
pub(crate) struct Desk {
    folder: TempDir,
    /// Keys of `[fetch]`, `[schedule]` and others that a test wants, as whole TOML lines by table.
    pub(crate) fetch: String,
    pub(crate) schedule: String,
    pub(crate) daemon: String,
    sources: String,
    environment: Vec<(String, String)>,
}

impl Desk {
    /// A desk that follows every agency of a web by its principal feed.
    pub(crate) fn of(web: &NewsWeb) -> Desk {
        let mut desk = Desk::empty();
        let hosts: Vec<String> = web.agencies().iter().map(|agency| web.host(agency)).collect();
        desk.allow(&hosts);
        for agency in web.agencies() {
            desk.source(&agency, &web.feed(&agency), "");
        }
        desk
    }

    /// A desk without sources.
    pub(crate) fn empty() -> Desk {
        Desk {
            folder: tempfile::tempdir().unwrap(),
            fetch: "per_host_delay = \"0s\"\nper_host_connections = 8\n".to_owned(),
            schedule: "min_interval = \"200ms\"\nmax_interval = \"300ms\"\n".to_owned(),
            daemon: String::new(),
            sources: String::new(),
            environment: Vec::new(),
        }
    }

    /// Lets these hosts be private ones.
    pub(crate) fn allow(&mut self, hosts: &[String]) {
        writeln!(self.fetch, "allow_private = {hosts:?}").unwrap();
    }

    /// Adds a source with further keys as TOML lines.
    pub(crate) fn source(&mut self, name: &str, feed: &str, keys: &str) {
        writeln!(self.sources, "[[source]]\nname = {name:?}\nfeed = {feed:?}\n{keys}").unwrap();
    }

    /// Adds a source that is followed by a sitemap alone.
    pub(crate) fn sitemap(&mut self, name: &str, sitemap: &str, keys: &str) {
        writeln!(self.sources, "[[source]]\nname = {name:?}\nsitemap = {sitemap:?}\n{keys}").unwrap();
    }

    /// Adds a source of these keys alone.
    pub(crate) fn table(&mut self, keys: &str) {
        writeln!(self.sources, "[[source]]\n{keys}").unwrap();
    }

    /// Takes all sources away; what they were.
    pub(crate) fn clear(&mut self) -> String {
        std::mem::take(&mut self.sources)
    }

    /// Sets a variable for every run.
    pub(crate) fn environment(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn ledger_path(&self) -> PathBuf {
        self.path("ledger.db")
    }

    /// The configuration as it stands.
    pub(crate) fn toml(&self) -> String {
        format!(
            "[store]\nurl = \"sqlite:ledger.db\"\n[fetch]\ncontact = \"mailto:desk@example.net\"\n{}\n[schedule]\n{}\n[daemon]\n{}\n{}",
            self.fetch, self.schedule, self.daemon, self.sources
        )
    }

    /// Writes the configuration; returns where it stands.
    pub(crate) fn write(&self) -> PathBuf {
        let path = self.path("wireroom.toml");
        fs::write(&path, self.toml()).unwrap();
        path
    }

    /// A command on the configuration as last written.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wireroom"));
        command.args(arguments).arg("--config").arg(self.path("wireroom.toml")).current_dir(self.folder.path());
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.folder.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must succeed; what it printed.
    pub(crate) fn say(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", both(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// `wireroom once`, from a freshly written configuration.
    pub(crate) fn once(&self) -> String {
        self.write();
        self.say(&["once"])
    }

    /// Starts the daemon; its log goes to a file.
    pub(crate) fn start(&self) -> Daemon {
        self.write();
        let log = self.path("daemon.log");
        let file = File::options().create(true).append(true).open(&log).unwrap();
        let seen = fs::metadata(&log).unwrap().len();
        let child = self.command(&["run"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(file).spawn().unwrap();
        Daemon { child, log, seen }
    }

    /// The ledger, read beside whoever writes it.
    pub(crate) fn ledger(&self) -> Ledger {
        Ledger(Connection::open_with_flags(self.ledger_path(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap())
    }
}

/// A running daemon; killed when a test forgets it.
pub(crate) struct Daemon {
    child: Child,
    log: PathBuf,
    /// How much of the log was written by earlier daemons.
    seen: u64,
}

impl Daemon {
    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&text[usize::try_from(self.seen).unwrap().min(text.len())..]).into_owned()
    }

    /// Waits for a line of the log.
    pub(crate) fn wait_for_line(&self, part: &str) {
        wait_until(|| self.log().contains(part), || format!("no line with {part:?} in:\n{}", self.log()));
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> ExitStatus {
        let mut ended = None;
        wait_until(
            || {
                ended = self.child.try_wait().unwrap();
                ended.is_some()
            },
            || "the daemon does not end".to_owned(),
        );
        ended.unwrap()
    }

    /// SIGTERM, and its end.
    pub(crate) fn stop(self) -> ExitStatus {
        self.signal("TERM");
        self.wait()
    }

    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The public views.
pub(crate) struct Ledger(Connection);

impl Ledger {
    /// One number.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.0.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// One text, if it is not null.
    pub(crate) fn text(&self, sql: &str) -> Option<String> {
        self.0.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Rows of two columns.
    pub(crate) fn pairs(&self, sql: &str) -> Vec<(String, String)> {
        let mut statement = self.0.prepare(sql).unwrap();
        let text = |row: &rusqlite::Row<'_>, index| row.get::<_, Option<String>>(index).map(Option::unwrap_or_default);
        statement.query_map([], |row| Ok((text(row, 0)?, text(row, 1)?))).unwrap().map(Result::unwrap).collect()
    }

    /// Waits until a count is reached.
    pub(crate) fn wait_for(&self, sql: &str, wanted: i64) {
        wait_until(|| self.count(sql) >= wanted, || format!("{sql} is {}, not {wanted}", self.count(sql)));
    }

    /// The promise, held against what the web served: every listed article's entry is one row, every
    /// filed row points at an article, every page has one article, and what failed has its cause in the log.
    pub(crate) fn keeps_the_promise(&self, web: &NewsWeb) {
        // Checked with fresh eyes: FTS5's own check trusts what a connection remembers of an index that others wrote since.
        let fresh = Ledger(Connection::open_with_flags(self.0.path().unwrap(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap());
        assert_eq!(fresh.text("pragma integrity_check").as_deref(), Some("ok"));
        assert_eq!(self.pairs("select 'x', f.source from entries f left join articles a on a.id = f.article_id where f.state = 'filed' and a.id is null"), []);
        assert_eq!(
            self.pairs("select url, count(*) from articles group by url having count(*) > 1"),
            [],
            "a page with two articles"
        );
        assert_eq!(self.pairs("select source, entry_key from entries group by source, entry_key having count(*) > 1"), []);
        let log = web.log();
        for truth in web.truth().iter().filter(|truth| truth.article.listed && !truth.article.withdrawn) {
            let feed = web.feed(&truth.agency);
            let feed_path = feed.splitn(4, '/').nth(3).unwrap();
            let delivered = log
                .iter()
                .any(|asked| asked.agency == truth.agency && asked.path.trim_start_matches('/') == feed_path && asked.delivered());
            let rows =
                self.count(&format!("select count(*) from entries where url = '{}' or url like '{}?%'", truth.url, truth.url));
            assert!(rows == 1 || (rows == 0 && !delivered), "{} has {rows} rows", truth.url);
        }
        for (url, reason) in self.pairs("select url, reason from entries where state in ('failed', 'skipped')") {
            let path = url.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
            let cause = log
                .iter()
                .any(|asked| asked.path.trim_start_matches('/') == path && (asked.status != 200 || !asked.faults.is_empty()));
            assert!(cause, "{url} was given up ({reason}) without a cause in the request log");
        }
    }
}

/// Polls a condition until the limit.
pub(crate) fn wait_until(mut condition: impl FnMut() -> bool, complaint: impl Fn() -> String) {
    let step = Duration::from_millis(10);
    for _ in 0..LIMIT.as_millis() / step.as_millis() {
        if condition() {
            return;
        }
        std::thread::sleep(step);
    }
    panic!("{}", complaint());
}

/// Both outputs of a command, for a message.
pub(crate) fn both(output: &Output) -> String {
    format!("{}\n{}{}", output.status, String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A fixture of this repository.
pub(crate) fn fixture(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
