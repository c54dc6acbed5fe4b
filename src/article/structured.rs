//! JSON-LD as it is found: with raw control characters, trailing commas, comment marks around it.

use serde_json::Value;

/// What one page's structured data may cost.
#[derive(Debug)]
pub(super) struct Budget {
    bytes: usize,
    objects: usize,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { bytes: 4 << 20, objects: 2_000 }
    }
}

/// Reads one script and adds its objects to `out`: arrays and `@graph`s flattened, articles within others (`mainEntity`) too.
pub(super) fn read(script: &str, out: &mut Vec<Value>, budget: &mut Budget) {
    let text = unwrap(script);
    if text.is_empty() || text.len() > budget.bytes {
        return;
    }
    budget.bytes -= text.len();
    for value in values(text) {
        flatten(value, out, budget, 0);
    }
}

/// Takes off comment and CDATA marks and a closing semicolon.
fn unwrap(script: &str) -> &str {
    const FRONT: [&str; 7] = ["<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA[", "\u{feff}"];
    const BACK: [&str; 8] = ["-->", "//]]>", "// ]]>", "/*]]>*/", "/* ]]> */", "]]>", ";", "//"];
    let mut text = script.trim();
    loop {
        let before = text.len();
        for mark in FRONT {
            text = text.strip_prefix(mark).unwrap_or(text).trim_start();
        }
        for mark in BACK {
            text = text.strip_suffix(mark).unwrap_or(text).trim_end();
        }
        if text.len() == before {
            return text;
        }
    }
}

/// The values of a script: one, or several in a row.
fn values(text: &str) -> Vec<Value> {
    let (values, clean) = stream(text);
    if clean {
        return values;
    }
    let mended = mend(text);
    let (again, clean) = stream(&mended);
    if clean || again.len() > values.len() {
        return again;
    }
    if text.contains("&quot;") {
        return stream(&mend(&crate::markup::decode_entities(text))).0;
    }
    values
}

/// The values that can be read, and whether that is all of them.
fn stream(text: &str) -> (Vec<Value>, bool) {
    let mut out = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>().take(64) {
        match value {
            Ok(value) => out.push(value),
            Err(_) => return (out, false),
        }
    }
    (out, true)
}

/// Mends what browsers' JSON would refuse and search engines read all the same: raw control characters and
/// bad escapes in strings, commas before a closing bracket, comments, a missing end.
fn mend(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut open: Vec<char> = Vec::new();
    let mut characters = text.chars().peekable();
    let mut within = false;
    while let Some(character) = characters.next() {
        if within {
            match character {
                '"' => {
                    within = false;
                    out.push('"');
                }
                '\\' => match characters.next() {
                    Some(escape @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u')) => {
                        out.push('\\');
                        out.push(escape);
                    }
                    Some(other) if !other.is_control() => out.push(other),
                    _ => {}
                },
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                control if control.is_control() => {}
                other => out.push(other),
            }
            continue;
        }
        match character {
            '"' => {
                within = true;
                out.push('"');
            }
            '/' if characters.peek() == Some(&'*') => {
                let mut last = ' ';
                for inside in characters.by_ref() {
                    if last == '*' && inside == '/' {
                        break;
                    }
                    last = inside;
                }
            }
            '{' | '[' => {
                open.push(if character == '{' { '}' } else { ']' });
                out.push(character);
            }
            '}' | ']' => {
                drop_comma(&mut out);
                if open.last() == Some(&character) {
                    open.pop();
                }
                out.push(character);
            }
            other => out.push(other),
        }
    }
    if within {
        out.push('"');
    }
    drop_comma(&mut out);
    out.extend(open.iter().rev());
    out
}

/// Takes a comma off the end.
fn drop_comma(out: &mut String) {
    let trimmed = out.trim_end();
    if let Some(without) = trimmed.strip_suffix(',') {
        out.truncate(without.len());
    }
}

/// Adds an object, or the objects within an array, a graph or a page's main entity.
fn flatten(value: Value, out: &mut Vec<Value>, budget: &mut Budget, depth: usize) {
    if depth > 8 || budget.objects == 0 {
        return;
    }
    match value {
        Value::Array(values) => values.into_iter().for_each(|value| flatten(value, out, budget, depth + 1)),
        Value::Object(mut object) => {
            let graph = object.remove("@graph");
            let within: Vec<Value> = ["mainEntity", "mainEntityOfPage"]
                .iter()
                .filter_map(|key| object.get(*key))
                .filter(|entity| entity.get("headline").is_some() || entity.get("articleBody").is_some())
                .cloned()
                .collect();
            if graph.is_none() || object.len() > 2 {
                budget.objects -= 1;
                out.push(Value::Object(object));
            }
            for value in graph.into_iter().chain(within) {
                flatten(value, out, budget, depth + 1);
            }
        }
        _ => {}
    }
}
