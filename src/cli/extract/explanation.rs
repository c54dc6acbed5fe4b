//! Why a page reads as it does, for whoever writes `[source.extract]`: every candidate, and every block, with its reason.

use serde_json::{Value, json};
use wireroom::article::{Explanation, Ruling, Weighed};
use wireroom::model::Article;

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
    if !explanation.needs.is_empty() {
        print::line(&format!("the article goes on at {} further pages", explanation.needs.len()))?;
    }
    let taken = explanation.blocks.iter().filter(|block| block.taken).count();
    print::line(&format!("blocks: {taken} of {} taken", explanation.blocks.len()))?;
    let printed = printed(explanation.article.as_ref());
    for block in &explanation.blocks {
        let (mark, why) = verdict(block, &printed);
        print::line(&format!("  {mark} {:.2}  {}  ({why})", block.likely, shown(&block.text)))?;
    }
    for note in explanation.article.iter().flat_map(|article| &article.notes) {
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
    let printed = printed(explanation.article.as_ref());
    let blocks: Vec<Value> = explanation
        .blocks
        .iter()
        .map(|block| {
            let (_, why) = verdict(block, &printed);
            json!({ "text": block.text, "likely": block.likely, "taken": block.taken, "why": why })
        })
        .collect();
    json!({ "article": article, "needs": explanation.needs, "fields": explanation.fields, "blocks": blocks })
}

/// The body as it is printed, without white space, for finding blocks in it.
fn printed(article: Option<&Article>) -> String {
    article.map(|article| bare(&article.text())).unwrap_or_default()
}

/// What became of a block, with the mark that is printed before it.
fn verdict(block: &Weighed, printed: &str) -> (char, &'static str) {
    let head: String = bare(&block.text).chars().take(60).collect();
    let stands = !head.is_empty() && printed.contains(&head);
    match (block.taken, stands) {
        (true, true) => ('+', "taken"),
        (true, false) => ('~', "taken, then cut as headline, byline, promotion or the like"),
        (false, true) => ('+', "not taken, but the text stands in the body all the same"),
        (false, false) if block.likely >= LIKELY => ('-', "likely, but said before or written by readers"),
        (false, false) => ('-', "not likely enough"),
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
