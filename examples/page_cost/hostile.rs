//! Pages made to cost: eight MiB each (the largest body that is fetched) of one thing too many.

/// Bytes of a page.
const SIZE: usize = 8 << 20;

/// Every attack.
pub(super) const NAMES: [&str; 74] = [
    "depth",
    "depth-spans",
    "lists",
    "definition-lists",
    "blockquotes",
    "tables-nested",
    "tables-open",
    "rows",
    "cells",
    "columns",
    "table-text",
    "attributes-one-tag",
    "attributes-256",
    "attributes-each",
    "attribute-huge",
    "classes",
    "class-huge",
    "ids",
    "paragraphs-empty",
    "paragraphs",
    "paragraphs-same",
    "sentences",
    "links",
    "links-far",
    "links-text",
    "breaks",
    "text",
    "word",
    "words",
    "letters-and-breaks",
    "chinese",
    "japanese",
    "thai",
    "arabic-bidi",
    "controls",
    "soft-hyphens",
    "combining",
    "entities",
    "entities-numeric",
    "entities-broken",
    "formatting",
    "fonts",
    "adoption",
    "anchors-open",
    "headings",
    "headings-two",
    "titles",
    "meta",
    "meta-dates",
    "meta-authors",
    "json-ld-deep",
    "json-ld-wide",
    "json-ld-graph",
    "json-ld-many",
    "json-ld-authors",
    "json-ld-body",
    "json-ld-broken",
    "script-state",
    "script-braces",
    "scripts",
    "styles",
    "comments",
    "comment-open",
    "times",
    "dates",
    "bylines",
    "crumbs",
    "tags",
    "templates",
    "selects",
    "svg",
    "math",
    "noscript",
    "misnested",
];

/// More of them, which are no repetition of one piece of ASCII.
pub(super) const ENCODED: [&str; 9] = [
    "utf16-odd",
    "utf16-no-mark",
    "mixed-encodings",
    "latin-1",
    "shift-jis-broken",
    "koi8-labelled-utf8",
    "stray-bytes",
    "zeros",
    "surrogates",
];

/// The page of this name, and its content type.
pub(super) fn page(name: &str) -> (Vec<u8>, Option<&'static str>) {
    if let Some(page) = encoded(name) {
        return page;
    }
    let (head, tail) = frame(name);
    let mut page = String::with_capacity(SIZE + 4096);
    page.push_str(head);
    for number in 0.. {
        if page.len() >= SIZE {
            break;
        }
        piece(name, number, &mut page);
    }
    page.push_str(tail);
    (page.into_bytes(), None)
}

/// What stands before and behind the pieces.
fn frame(name: &str) -> (&'static str, &'static str) {
    match name {
        "attributes-one-tag" => ("<p", ">Text of the page.</p>"),
        "attribute-huge" => ("<p>Text</p><div title=\"", "\">Text</div>"),
        "class-huge" => ("<p>Text</p><div class=\"", "\">Text</div>"),
        "json-ld-deep" => ("<script type=\"application/ld+json\">", "</script><p>Text"),
        "json-ld-wide" => ("<script type=\"application/ld+json\">[{}", "]</script><p>Text"),
        "json-ld-graph" => ("<script type=\"application/ld+json\">{\"@graph\":[{}", "]}</script><p>Text"),
        "json-ld-authors" => (
            "<script type=\"application/ld+json\">{\"@type\":\"NewsArticle\",\"headline\":\"Ship sinks\",\"author\":[\"A B\"",
            "]}</script><h1>Ship sinks</h1>",
        ),
        "json-ld-body" => (
            "<script type=\"application/ld+json\">{\"@type\":\"NewsArticle\",\"headline\":\"Ship sinks\",\"articleBody\":\"",
            "\"}</script><h1>Ship sinks</h1>",
        ),
        "json-ld-broken" => ("<script type=\"application/ld+json\">{\"@type\":\"NewsArticle\",", ""),
        "script-state" => ("<div id=root></div><script>window.__STATE__={\"a\":[{}", "]}</script>"),
        "script-braces" => ("<div id=root></div><script id=__NEXT_DATA__>", "</script>"),
        "table-text" => ("<table>", ""),
        "rows" | "cells" => ("<h1>Ship sinks</h1><table>", "</table>"),
        "columns" => ("<table><tr>", "</table>"),
        "text" | "word" | "words" | "letters-and-breaks" | "chinese" | "japanese" | "thai" | "arabic-bidi" | "controls"
        | "soft-hyphens" | "combining" | "entities" | "entities-numeric" | "entities-broken" => (
            "<html><head><meta charset=utf-8><title>Ship sinks</title></head><body><article><h1>Ship sinks</h1><p>",
            "</p></article>",
        ),
        "comment-open" => ("<p>Text<!--", ""),
        "styles" => ("<style>", "</style><p>Text"),
        "crumbs" => ("<div class=breadcrumb>", "</div>"),
        "selects" => ("<select>", "</select>"),
        "svg" => ("<svg>", "</svg><p>Text"),
        "math" => ("<math>", "</math><p>Text"),
        "titles" => ("<svg>", ""),
        "meta" | "meta-dates" | "meta-authors" => ("<html><head>", "</head><body><p>Text"),
        "noscript" => ("<noscript>", "</noscript><p>Text"),
        _ => ("<html><head><title>Ship sinks</title></head><body><h1>Ship sinks</h1>", ""),
    }
}

/// One of the pieces.
fn piece(name: &str, number: usize, out: &mut String) {
    use std::fmt::Write as _;
    let sentence = "Nobody was hurt, but ships had to wait outside the harbour on Tuesday, she said.";
    let plain = match name {
        "depth" => "<div>",
        "depth-spans" => "<span>a ",
        "lists" => "<ul><li>",
        "definition-lists" => "<dl><dd><dt>x",
        "blockquotes" => "<blockquote><p>Said.",
        "tables-nested" => "<table><tr><td>x",
        "tables-open" => "<table>x",
        "rows" => "<tr>",
        "cells" => "<tr><td>cell",
        "columns" => "<td>",
        "table-text" => "x<b>",
        "paragraphs-empty" => "<p>",
        "paragraphs-same" => {
            out.push_str("<p>");
            sentence
        }
        "sentences" => {
            out.push(' ');
            sentence
        }
        "links" => "<a href=x>x</a>",
        "breaks" => "<br>",
        "letters-and-breaks" => "a<br>",
        "text" => "text of the page ",
        "word" => "word",
        "chinese" => "新华社北京四月二十三日电记者从有关部门获悉",
        "japanese" => "東京で行われた会議は午後に終わりました",
        "thai" => "ภาษาไทยไม่มีช่องว่างระหว่างคำ",
        "arabic-bidi" => "\u{202e}قال\u{202c} \u{200f}\u{2067}مسؤول\u{2069} ",
        "controls" => "a\u{1}b\u{8}\u{7f}\u{85}\u{200b}",
        "soft-hyphens" => "\u{ad}\u{200d}\u{feff}",
        "combining" => "e\u{301}\u{302}\u{303}\u{304}",
        "entities" => "&amp;&lt;&hellip;",
        "entities-numeric" => "&#x41;&#0;&#1114112;&#xD800;",
        "entities-broken" => "&ampx&notit;&&CounterClockwiseContourIntegra",
        "formatting" => "<b><i><a><p>",
        "adoption" => "<a><b><div></a></b>",
        "anchors-open" => "<a href=/x><p>x",
        "headings" => "<h1>Ship sinks",
        "titles" => "<title>x</title>",
        "meta" => "<meta name=x content=y>",
        "json-ld-deep" => "{\"a\":[",
        "json-ld-wide" => ",{}",
        "json-ld-graph" => ",{\"@type\":\"NewsArticle\",\"headline\":\"Ship sinks\",\"author\":{\"@id\":\"#a\"}}",
        "json-ld-many" => "<script type=\"application/ld+json\">{\"@type\":\"NewsArticle\"}</script>",
        "json-ld-authors" => ",{\"@type\":\"Person\",\"name\":\"Jane Roe\"}",
        "json-ld-body" => {
            out.push_str("\\n");
            sentence
        }
        "json-ld-broken" => "\"a\":\"b\",'",
        "script-state" => ",{\"body\":\"<p>Nobody was hurt, but ships had to wait.</p>\"}",
        "script-braces" => "{\"a\":",
        "scripts" => "<script>var a={\"b\":1};</script>",
        "styles" => "p{color:red}",
        "comments" => "<!--x-->",
        "comment-open" => "--",
        "bylines" => "<span class=byline>By Jane Roe</span>",
        "crumbs" => "<div class=breadcrumb><a href=/x>World</a>",
        "templates" => "<template><p>x",
        "selects" => "<option>x<optgroup>",
        "svg" => "<g><title>x",
        "math" => "<mi><p>x",
        "noscript" => "<p>x<img src=y>",
        "misnested" => "<b><p></b><i></p></i><table><b></table>",
        _ => "",
    };
    if !plain.is_empty() {
        out.push_str(plain);
        return;
    }
    let _ = match name {
        "attributes-one-tag" => write!(out, " a{number}"),
        "attributes-256" => {
            out.push_str("<p");
            for number in 0..256 {
                let _ = write!(out, " a{number}");
            }
            write!(out, ">x")
        }
        "attributes-each" => write!(out, "<p a{number}=x b c>"),
        "attribute-huge" => write!(out, "value {number} "),
        "classes" => {
            out.push_str("<div class=\"");
            for word in 0..40 {
                let _ = write!(out, "word{word}-block ");
            }
            write!(out, "\">Nobody was hurt.</div>")
        }
        "class-huge" => write!(out, "name{number} "),
        "ids" => write!(out, "<p id=i{number}>x"),
        "paragraphs" => write!(out, "<p>Nobody was hurt, but {number} ships had to wait outside the harbour, she said."),
        "links-far" => write!(out, "<a href=https://h{number}.example.org/tag/x>Word {number}</a>"),
        "links-text" => write!(out, "<li><a href=/story/{number}>Nobody was hurt, but {number} ships had to wait</a>"),
        "words" => write!(out, "word{number} "),
        "fonts" => write!(out, "<p><font size={number}>x"),
        "headings-two" => write!(out, "<h2>Ship {number} sinks off the coast</h2><p>She said {number}."),
        "meta-dates" => write!(out, "<meta property=article:published_time content=2024-04-{:02}T10:00:00>", number % 30 + 1),
        "meta-authors" => write!(out, "<meta name=author content=\"Jane Roe {number} and John Doe\">"),
        "times" => write!(out, "<time datetime=2024-04-{:02}>x</time>", number % 30 + 1),
        "dates" => write!(out, "<p class=date>23 April 2024, {:02}:15", number % 24),
        "tags" => write!(out, "<a rel=tag href=/tag/{number}>Word {number}</a>"),
        _ => write!(out, "{name} is no attack"),
    };
}

/// Pages in other encodings, or in none.
fn encoded(name: &str) -> Option<(Vec<u8>, Option<&'static str>)> {
    let text = "<p>Rund 200 Schiffe warteten vor dem Hafen, größere auch länger, sagte sie am Dienstag.";
    let repeat = |bytes: &[u8], head: &[u8]| {
        let mut page = head.to_vec();
        while page.len() < SIZE {
            page.extend_from_slice(bytes);
        }
        page
    };
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin: Vec<u8> = text.chars().map(|character| character as u32 as u8).collect();
    Some(match name {
        "utf16-odd" => {
            let mut page = repeat(&wide, b"\xff\xfe");
            page.push(b'x');
            (page, None)
        }
        "utf16-no-mark" => (repeat(&wide, b""), None),
        "mixed-encodings" => {
            let mut piece = text.as_bytes().to_vec();
            piece.extend_from_slice(&latin);
            (repeat(&piece, b"<meta charset=utf-8>"), None)
        }
        "latin-1" => (repeat(&latin, b"<html>"), None),
        "shift-jis-broken" => (repeat(b"\x93\x8c\x8b\x9e\xff<p>\x81", b"<html>"), Some("text/html; charset=shift_jis")),
        "koi8-labelled-utf8" => {
            (repeat(b"<p>\xf0\xd2\xc9\xd7\xc5\xd4, \xcd\xc9\xd2.", b"<html>"), Some("text/html; charset=utf-8"))
        }
        "stray-bytes" => (repeat(b"a\xff", b"<html><p>"), None),
        "zeros" => (repeat(b"<p>a\0b", b"<html>"), None),
        "surrogates" => (repeat(b"\xed\xa0\xbd\xed\xb8\x80", b"<html><p>"), None),
        _ => return None,
    })
}
