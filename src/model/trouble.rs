//! Failures, in the four words that policy understands.

use std::time::Duration;

/// What a failure means for the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// Soon over: try again with back-off.
    Transient,
    /// The other side said when.
    Deferred(Duration),
    /// Nothing was asked for, since the host's turn is that far off: no failure and no attempt, only a later time.
    Waits(Duration),
    /// Will last a while: try again rarely.
    Persistent,
    /// Never try again.
    Final,
}

impl Failure {
    /// The word used in logs and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Failure::Transient => "transient",
            Failure::Deferred(_) => "deferred",
            Failure::Waits(_) => "waits",
            Failure::Persistent => "persistent",
            Failure::Final => "final",
        }
    }
}

/// A failure with its reason, as kept by the ledger and shown by `wireroom status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What it means for the next attempt.
    pub failure: Failure,
    /// A stable class, e.g. `dns`, `timeout`, `not_a_feed`, `robots`, `crashed`.
    pub class: &'static str,
    /// The chain of causes in one line.
    pub reason: String,
}

/// What a class of trouble means to an operator, and what helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Advice {
    /// The class.
    pub class: &'static str,
    /// What happened, in one sentence.
    pub meaning: &'static str,
    /// What to do, in one sentence.
    pub remedy: &'static str,
}

/// The advice on a class.
pub fn advice(class: &str) -> Option<&'static Advice> {
    CLASSES.iter().find(|advice| advice.class == class)
}

/// One row of the table.
const fn row(class: &'static str, meaning: &'static str, remedy: &'static str) -> Advice {
    Advice { class, meaning, remedy }
}

/// Every class of trouble that a feed, a page, a hub or the ledger can have. `docs/operating.md` prints it.
#[rustfmt::skip]
pub const CLASSES: &[Advice] = &[
    // On the way to the host.
    row("dns", "The host's name has no address.", "Check the spelling, and that this machine resolves names (in the unit: what the log said of IPAddressDeny= at the start); it is tried again."),
    row("refused", "Nobody listens at the host's port.", "Nothing if it passes; else check address and port."),
    row("unreachable", "The network does not lead to the host.", "Check this machine's network, routes and firewall; it is tried again."),
    row("proxy", "The configured proxy does not let the request pass.", "Check the proxy's address and credentials, and that it runs."),
    row("reset", "The host broke the connection off.", "Nothing if it passes; else the host may refuse us by that: ask the agency."),
    row("timeout", "The answer did not come, or not completely, within the limit.", "Nothing if it passes; else raise fetch.timeout."),
    row("tls_expired", "The host's certificate is no longer valid, or not yet.", "Tell the agency; check this machine's clock."),
    row("tls_name", "The host's certificate is for another name.", "Use the name that the certificate has, or tell the agency."),
    row("tls_untrusted", "The host's certificate comes from nobody this machine trusts.", "Tell the agency, or add its authority to the system's certificates."),
    row("tls", "No secure connection came about.", "Nothing if it passes; else the host offers only outdated TLS: tell the agency."),
    row("blocked_address", "The host leads to a private or special address, or to a port that is no web server's.", "If that is meant, add host:port to fetch.allow_private."),
    row("bad_address", "The address is no http or https address.", "Correct it in the configuration."),
    row("settings", "The requests cannot be made as configured.", "Run `wireroom check`."),
    // What the host answered.
    row("robots", "robots.txt forbids it.", "Nothing: it is respected; ask the agency."),
    row("robots_unreachable", "robots.txt cannot be had, which forbids everything for now.", "Nothing: it is asked for again."),
    row("rate_limited", "The host asked to be left alone for a while.", "Nothing: it is waited for; if it recurs, raise fetch.per_host_delay."),
    row("pace", "Our own pace towards the host: its next turn is further off than a request waits, or memory has no room for its large answer now.", "Nothing: it comes at its turn and is no failure; a slow host, or one that asks for it, is asked more slowly."),
    row("unauthorized", "The host asks for a login (401).", "Give the source its credentials, or ask the agency for them."),
    row("forbidden", "The host refuses us (403, 451).", "Open the address in a browser; ask the agency to let the user agent pass."),
    row("captcha", "In place of the document stands a challenge that only a browser with a person passes.", "Ask the agency to let the user agent pass, or for another feed; it is tried again, rarely."),
    row("consent", "In place of the page stands a question for consent.", "Nothing where the feed has the text; else ask the agency for a feed with full text."),
    row("script_only", "The page has no text of its own: a script would fetch it.", "Nothing where the feed has the text; else ask the agency for a feed with full text."),
    row("not_found", "There is nothing at the address (404).", "For a feed, correct the address (`wireroom discover SITE`); a page is given up after three tries."),
    row("gone", "What was there is gone for good (410).", "Remove the feed; it is looked at once a month."),
    row("server_error", "The host has trouble of its own (5xx).", "Nothing: it is tried again, ever more rarely."),
    row("bad_status", "The answer has a status that carries no document.", "Open the address; correct it, or tell the agency."),
    row("protocol", "The host broke off, or does not speak HTTP.", "Nothing if it passes; else check that the address is a web server's."),
    row("truncated", "The answer ended before its end.", "Nothing: it is asked for again."),
    row("bad_coding", "The answer cannot be decompressed.", "Nothing if it passes; else tell the agency."),
    row("too_large", "The document is larger than allowed.", "If that is meant, raise fetch.max_body."),
    row("redirect_loop", "The address redirects in a circle.", "Open it in a browser, and name the address it should lead to."),
    row("too_many_redirects", "The address redirects more often than allowed.", "Name the address it leads to, or raise fetch.max_redirects."),
    row("bad_redirect", "The address redirects to where is not followed: another scheme, or from https to http.", "Name the address it should lead to."),
    // What the document is.
    row("not_a_feed", "The address answers with something that is no feed.", "Open it; correct `feed`, or run `wireroom discover SITE`."),
    row("no_feed", "The home page leads to no feed that answers and has entries.", "Run `wireroom discover SITE`; name a `feed` or `sitemap`."),
    row("not_a_home", "The address in `home` is a feed itself.", "Write `feed` instead of `home`."),
    row("not_asked", "The server calls unchanged what it was never asked about before (304).", "Nothing if it passes; else tell the agency."),
    row("not_a_page", "The address of the article leads to something that is no page.", "Nothing; if it recurs, leave such addresses out with `exclude`."),
    row("unreadable", "The document cannot be read as text, or not in time.", "Open it; if it is fine there, report the address."),
    row("empty", "The page has no text.", "Nothing if it passes; else name where the text is with [source.extract] body."),
    row("collapsed", "A page that was filed shows a few other words now: a wall, a login, a notice.", "Nothing: the filed text stays, and the page is looked at again."),
    row("gone_home", "The page was removed: its address leads to the front page.", "Nothing: it is tried twice more."),
    row("parts", "The article comes in parts that cannot be joined.", "Open it; report the address."),
    row("reserved", "Its publisher reserves the use of it, and fetch.obey_reservations says to respect that.", "Nothing: it is left; or ask the agency."),
    // What a hub does.
    row("hub_refused", "The hub does not take the subscription.", "Nothing: the feed is polled; the hub is asked again after days."),
    row("hub_denied", "The hub serves us no longer.", "Nothing: the feed is polled; the hub is asked again after days."),
    row("hub_silent", "The hub took the request and never asked back.", "Check that websub.callback is reachable from the Internet and leads to serve.listen."),
    // In the house.
    row("crashed", "A defect of this program ended the job.", "Keep the address and report it; `wireroom retry` after an update."),
    row("not_committed", "What the job brought could not be written.", "Report it with the reason."),
    row("in_use", "Another process holds the ledger.", "Let it finish, or stop it."),
    row("locked", "The ledger was locked for too long.", "Nothing if it passes; else look for a process that holds it."),
    row("disk_full", "The disk is full.", "Free space: ingestion goes on by itself."),
    row("disk_fails", "The disk does not take what is written.", "Check the disk, and restore from a backup where needed."),
    row("file", "The ledger's file cannot be opened.", "Check its path and rights."),
    row("no_ledger", "There is no ledger yet.", "Start `wireroom run` or `once`, which make it."),
    row("empty_ledger", "The ledger's file is empty.", "Start `wireroom run` or `once`, which fill it."),
    row("not_a_database", "The ledger's file is no database.", "Correct store.url, or restore a backup."),
    row("foreign_database", "The ledger's file is another program's database.", "Correct store.url."),
    row("draft_schema", "The ledger was made by an unreleased version.", "Start with a new ledger."),
    row("newer_schema", "The ledger was made by a newer version.", "Install that version; nothing was changed."),
    row("older_schema", "The ledger has to be brought up to date.", "Start `wireroom run` or `once`, which do it."),
    row("read_only", "The ledger can only be read.", "Check the rights of its file and folder."),
    row("denied", "The ledger may not be opened by this user.", "Run as its owner, or join its group."),
    row("symbolic_link", "A file of the ledger is a symbolic link, which is not followed.", "Name the file itself in store.url."),
    row("corrupt", "The ledger is damaged.", "Stop, and restore a backup."),
    row("replaced", "The ledger's file was replaced while it was open.", "Restart."),
    row("statement", "The database refused a statement.", "Report it with the reason."),
    row("too_long", "A question to the ledger took too long.", "Ask for less; if it recurs, report it."),
    row("panicked", "A defect of this program ended a task of the ledger.", "Report it with the log."),
];
