//! The request log: what was asked, what was answered, and how much of the answer left the house.

use std::fmt::{self, Write as _};

/// One request, from the moment its head was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// 0 for the first request of the web's life.
    pub number: u64,
    /// When its head was read, in milliseconds since the web started.
    pub at_ms: u64,
    /// When the answer had been written, or given up.
    pub done_at_ms: Option<u64>,
    /// The agency asked.
    pub agency: String,
    /// Which connection, counted over the whole web.
    pub connection: u64,
    /// The method.
    pub method: String,
    /// The target as sent: path and query.
    pub target: String,
    /// The target's path.
    pub path: String,
    /// The `Host` field.
    pub host: String,
    /// All header fields in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// How often this page had been asked for, this request included.
    pub attempt: u32,
    /// The status sent; 0 while the answer waits, and where none was sent.
    pub status: u16,
    /// Bytes of the body handed to the connection, as they travel (compressed).
    pub bytes_sent: u64,
    /// Whether the whole answer was handed to the connection as HTTP wants it.
    pub complete: bool,
    /// The faults it met, in words.
    pub faults: Vec<String>,
}

impl Logged {
    /// The first header field of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it carried a validator.
    pub fn conditional(&self) -> bool {
        self.header("if-none-match").or(self.header("if-modified-since")).is_some()
    }

    /// Whether the body arrived whole under 200, as far as the sender can know.
    pub fn delivered(&self) -> bool {
        self.status == 200 && self.complete
    }
}

/// The log as tab-separated lines under a line of names.
pub fn tsv(log: &[Logged]) -> String {
    let mut out =
        "number\tat_ms\tdone_at_ms\tagency\tconnection\tmethod\ttarget\tattempt\tstatus\tbytes\tcomplete\tconditional\tfaults\n"
            .to_owned();
    for row in log {
        let done = row.done_at_ms.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let _ = writeln!(
            out,
            "{}\t{}\t{done}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            row.number,
            row.at_ms,
            row.agency,
            row.connection,
            row.method,
            row.target.replace(['\t', '\n'], " "),
            row.attempt,
            row.status,
            row.bytes_sent,
            row.complete,
            row.conditional(),
            row.faults.join(", ")
        );
    }
    out
}

/// What was waited for did not come within the limit; shows the end of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedOut {
    /// The last requests before the limit.
    pub last: Vec<Logged>,
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not within the time given; the last requests were\n{}", tsv(&self.last))
    }
}

impl std::error::Error for TimedOut {}
