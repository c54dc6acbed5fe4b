//! Text as XML, HTML and JSON want it.

/// Text between tags or in a double-quoted attribute.
pub(crate) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(letter),
        }
    }
    out
}

/// A JSON string with its quotation marks.
pub(crate) fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\0'..='\x1F' => out.push_str(&format!("\\u{:04x}", letter as u32)),
            // A `</script>` in a string would end the element around JSON-LD.
            '<' => out.push_str("\\u003c"),
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// As `json`, in ASCII: for scripts on pages whose encoding cannot say everything.
pub(crate) fn json_ascii(text: &str) -> String {
    let mut out = String::new();
    for letter in json(text).chars() {
        if letter.is_ascii() {
            out.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}
