//! Printing: to standard output, for a person or a program; a closed pipe is a polite end.

use std::io::{ErrorKind, Write};

use serde::Serialize;

/// How an answer is printed.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Form {
    /// JSON, for a program
    #[arg(long)]
    pub(crate) json: bool,
}

/// Prints a line. A reader that went away (`| head`) is no failure of ours.
pub(crate) fn line(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        other => Ok(other?),
    }
}

/// Prints a value as one JSON document.
pub(crate) fn json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    line(&serde_json::to_string_pretty(value)?)
}

/// Prints a remark to standard error, where it does not mix with the answer.
pub(crate) fn aside(text: &str) {
    // Whoever closed standard error does not want to hear that it is closed.
    let _ = writeln!(std::io::stderr().lock(), "{}", tame(text));
}

/// Text of a stranger on its way to a terminal: control characters, which could be commands to it, are shown as `?`.
pub(crate) fn tame(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '?' } else { c }).collect()
}

/// The same for a field of one line: a line break becomes a blank, and what turns the direction of the
/// text around it becomes `?`, so that a title can neither forge a line nor reorder one.
pub(crate) fn tame_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let one = |c: char| match c {
        '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        c if c.is_control() || turns(c) => '?',
        c => c,
    };
    text.chars().map(one).collect()
}

/// Prints rows under a head, columns aligned; every cell is tamed.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> anyhow::Result<()> {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| tame_line(cell)).collect()).collect();
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).chain([head[column].chars().count()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let print = |row: &[String]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        line(cells.join("  ").trim_end())
    };
    print(&head.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
    rows.iter().try_for_each(|row| print(row))
}
