//! Why a page reads as it does, for whoever writes `[source.extract]`: every candidate, and every block, with its reason.

use serde_json::{Value, json};
use wireroom::article::{Dropped, Explanation, Ruling, Weighed};

use crate::cli::print;

/// Characters of a value or a block that are shown on a line.
const WIDTH: usize = 100;

/// How likely a block must be to be taken when nothing else speaks against it, for the words of the reason.
const LIKELY: f32 = 0.5;

/// Prints it for people.
pub(super) fn people(explanation: &Explanation, article: &Value) -> anyhow::Result<()> {
    let value = |field: &str| match &article[if field == "language" { "lang" } else { field }] {
        Value::Null => "—".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    };
    for ruling in &explanation.fields {
        field(ruling, &value(ruling.field))?;
    }
    let taken = explanation.blocks.iter().filter(|block| block.taken).count();
    print::line(&format!("blocks: {taken} of {} taken", explanation.blocks.len()))?;
    let printed = bare(&explanation.article.text());
    for block in &explanation.blocks {
        let (mark, why) = verdict(block, &printed, &explanation.dropped);
        print::line(&format!("  {mark} {:.2}  {}  ({why})", block.likely, shown(&block.text)))?;
    }
    for note in &explanation.article.notes {
        print::line(&format!("note: {}: {}", note.field, print::tame_line(&note.detail)))?;
    }
    Ok(())
}

/// One field with its candidates.
fn field(ruling: &Ruling, value: &str) -> anyhow::Result<()> {
    if ruling.candidates.is_empty() && value == "—" {
        return print::line(&format!("{}: — (nothing on the page)", ruling.field));
    }
    let rule = if ruling.rule.is_empty() { String::new() } else { format!("  ({})", ruling.rule) };
    print::line(&format!("{}: {}{rule}", ruling.field, shown(value)))?;
    let width = ruling.candidates.iter().map(|evidence| evidence.from.chars().count()).max().unwrap_or_default();
    for evidence in &ruling.candidates {
        let mark = if evidence.won { '+' } else { '-' };
        print::line(&format!("  {mark} {:width$}  {}  ({})", evidence.from, shown(&evidence.value), evidence.why))?;
    }
    Ok(())
}

/// The same for programs.
pub(super) fn program(explanation: &Explanation, article: &Value) -> Value {
    let printed = bare(&explanation.article.text());
    let blocks: Vec<Value> = explanation
        .blocks
        .iter()
        .map(|block| {
            let (_, why) = verdict(block, &printed, &explanation.dropped);
            json!({ "text": block.text, "likely": block.likely, "taken": block.taken, "why": why })
        })
        .collect();
    json!({ "article": article, "fields": explanation.fields, "blocks": blocks, "dropped": explanation.dropped })
}

/// What became of a block, with the mark that is printed before it.
fn verdict(block: &Weighed, printed: &str, dropped: &[Dropped]) -> (char, String) {
    let text = bare(&block.text);
    let head: String = text.chars().take(60).collect();
    let stands = !head.is_empty() && printed.contains(&head);
    let cut = || {
        let line = dropped.iter().find(|dropped| text.contains(&bare(&dropped.line)))?;
        Some(serde_json::to_value(line.reason).ok()?.as_str()?.replace('_', " "))
    };
    match (block.taken, stands) {
        (true, true) => ('+', "taken".to_owned()),
        (true, false) => ('~', format!("taken, then cut: {}", cut().unwrap_or_else(|| "no part of the text".to_owned()))),
        (false, true) => ('+', "not taken by its weight, but the text stands in the body".to_owned()),
        (false, false) if block.likely >= LIKELY => ('-', "likely, but said before or written by readers".to_owned()),
        (false, false) => ('-', "not likely enough".to_owned()),
    }
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn shown(text: &str) -> String {
    let line = print::tame_line(text);
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}
