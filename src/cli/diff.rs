//! What changed between two revisions of an article, paragraph by paragraph and word by word.

use std::time::Duration;

use serde::Serialize;
use similar::{ChangeTag, DiffOp, TextDiff};
use wireroom::store::RevisionRow;

/// Longest search for the best answer; after it a coarser one is given.
const LONGEST: Duration = Duration::from_millis(500);

/// One revision against the one before.
#[derive(Debug, Serialize)]
pub(crate) struct Changes {
    /// The revision.
    pub(crate) revision: i64,
    /// What became of the text, in the ledger's word.
    pub(crate) change: String,
    /// When it was seen.
    pub(crate) seen_at: String,
    /// What differs; headline first.
    pub(crate) lines: Vec<Line>,
}

/// A paragraph (or the headline) that differs.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    /// `removed`, `added`, or `changed` with the words between `[-` and `-]` gone and those between `{+` and `+}` new.
    pub(crate) kind: &'static str,
    /// Its text.
    pub(crate) text: String,
}

/// Every revision against the one before it.
pub(crate) fn of(revisions: &[RevisionRow]) -> Vec<Changes> {
    let pair = |pair: &[RevisionRow]| {
        let [old, new] = pair else { return None };
        let (change, seen_at) = (new.change.clone(), new.seen_at.clone());
        Some(Changes { revision: new.revision, change, seen_at, lines: between(old, new) })
    };
    revisions.windows(2).filter_map(pair).collect()
}

fn between(old: &RevisionRow, new: &RevisionRow) -> Vec<Line> {
    let (old, new) = (paragraphs(old), paragraphs(new));
    let diff = TextDiff::configure().timeout(LONGEST).diff_slices(&old, &new);
    let mut lines = Vec::new();
    for op in diff.ops() {
        let (gone, come) = (&old[op.old_range()], &new[op.new_range()]);
        match op {
            DiffOp::Equal { .. } => {}
            DiffOp::Replace { .. } if gone.len() == come.len() => {
                lines.extend(gone.iter().zip(come).map(|(gone, come)| reworded(gone, come)));
            }
            _ => {
                lines.extend(gone.iter().map(|text| Line { kind: "removed", text: (*text).to_owned() }));
                lines.extend(come.iter().map(|text| Line { kind: "added", text: (*text).to_owned() }));
            }
        }
    }
    lines
}

fn paragraphs(revision: &RevisionRow) -> Vec<&str> {
    revision.title.as_deref().into_iter().chain(revision.body.split("\n\n")).collect()
}

/// A paragraph with the words marked that went and came, as `wdiff` does.
fn reworded(old: &str, new: &str) -> Line {
    let diff = TextDiff::configure().timeout(LONGEST).diff_unicode_words(old, new);
    let mut text = String::new();
    let mut open = ChangeTag::Equal;
    for change in diff.iter_all_changes() {
        if change.tag() != open {
            text.push_str(closing(open));
            text.push_str(opening(change.tag()));
            open = change.tag();
        }
        text.push_str(change.value());
    }
    text.push_str(closing(open));
    Line { kind: "changed", text }
}

fn opening(tag: ChangeTag) -> &'static str {
    match tag {
        ChangeTag::Equal => "",
        ChangeTag::Delete => "[-",
        ChangeTag::Insert => "{+",
    }
}

fn closing(tag: ChangeTag) -> &'static str {
    match tag {
        ChangeTag::Equal => "",
        ChangeTag::Delete => "-]",
        ChangeTag::Insert => "+}",
    }
}
