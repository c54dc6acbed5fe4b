//! HTML as text, and the guard: what is within the limits passes untouched, what is not becomes harmless.

use std::borrow::Cow;

use proptest::prelude::*;
use scraper::{Html, Node};
use wireroom::markup::{self, Limits, Token, Tokens};

#[test]
fn plain_text_of_fragments() {
    for (fragment, text) in [
        ("", ""),
        ("Oil &amp; gas", "Oil & gas"),
        ("Oil &amp;amp; gas", "Oil &amp; gas"),
        ("AT&T, Q&A, R&D;", "AT&T, Q&A, R&D;"),
        ("&copy 2026 &lt;b&gt; &hellip;", "© 2026 <b> …"),
        ("?a=1&copy=2", "?a=1&copy=2"),
        ("&#8217;&#x2019;&#146;&#0;&#xFFFFFF;", "\u{2019}\u{2019}\u{2019}\u{fffd}\u{fffd}"),
        ("<p>One</p><p>two<br>three</p>", "One two three"),
        ("a<script>if (a<b) { '</p>' }</script>b", "ab"),
        ("x<!-- > <b> -->y<!-->z<!--->!", "xyz!"),
        ("1 < 2 and 3<4", "1 < 2 and 3<4"),
        ("<a title='a > b' href=x>link</a>", "link"),
        ("cut <a href=\"never closed", "cut"),
        ("soft\u{ad}hyphen zero\u{200b}width\u{feff} \u{a0}\u{2009}blank\u{0}\u{7}", "softhyphen zerowidth blank"),
        ("می\u{200c}خواهم a\u{200c}b", "می\u{200c}خواهم ab"),
        ("<TITLE>R&amp;D</TITLE>", "R&D"),
    ] {
        assert_eq!(markup::plain(fragment), text, "{fragment:?}");
    }
}

#[test]
fn paragraphs_of_fragments() {
    let html = "Lead<br><br>second<br>line<p>third <b>bold</b></p><ul><li>one<li>two</ul>tail<div> </div>";
    assert_eq!(markup::blocks(html), ["Lead", "second line", "third bold", "one", "two", "tail"]);
}

#[test]
fn attributes_as_browsers_read_them() {
    let Some(Token::Start(tag)) = Tokens::new("<a HREF = 'x y' b c=d/e \"f' g=\"1>2\" =h=i/>").next() else { panic!("no tag") };
    let attributes: Vec<_> = tag.attributes().collect();
    assert_eq!(attributes, [("HREF", "x y"), ("b", ""), ("c", "d/e"), ("\"f'", ""), ("g", "1>2"), ("=h", "i/")]);
    assert_eq!(tag.attributes, attributes.len());
    assert_eq!(tag.attribute("href").as_deref(), Some("x y"));
}

#[test]
fn an_ordinary_page_passes_untouched() {
    let page = "<!doctype html><html><head><title>a<b></title><script>'<div>'.repeat(9)</script></head><body>\
        <p>one<p>two<ul><li>a<li>b</ul><table><tr><td>x<td>y<tr><td>z</table><svg><title>t</title><path/></svg>"
        .to_owned()
        + &"<p><font color=red>old <a name=x>style</font>".repeat(60)
        + &"<div><p>text <b>bold</b> <br> more</p></div>".repeat(2000);
    let guarded = markup::guard(&page, &Limits::default());
    assert!(matches!(guarded.text, Cow::Borrowed(_)), "{:?}", guarded.cut);
}

/// Depth and number of nodes of the tree built of `html`.
fn shape(html: &str) -> (usize, usize) {
    let tree = Html::parse_document(html).tree;
    let depth = tree.nodes().filter(|node| node.value().is_element()).map(|node| node.ancestors().count()).max();
    (depth.unwrap_or(0), tree.nodes().count())
}

/// The text that a reader of the built tree would see.
fn text(html: &str) -> String {
    let parsed = Html::parse_document(html);
    parsed.tree.nodes().filter_map(|node| if let Node::Text(text) = node.value() { Some(&**text) } else { None }).collect()
}

#[test]
fn bombs_become_harmless_and_keep_their_text() {
    let attributes = (0..100_000).map(|number| format!(" a{number}=1")).collect::<String>();
    for (name, bomb) in [
        ("nested div", "<div>".repeat(100_000) + "end"),
        ("closed nested div", "<div>".repeat(50_000) + "end" + &"</div>".repeat(50_000) + "<p>after</p>end"),
        ("attributes", format!("<p{attributes}>end</p>")),
        ("attributes, many tags", format!("<i{}>", &attributes[..8_000]).repeat(500) + "end"),
        ("lists", "<ul><li>".repeat(20_000) + "end"),
        ("formatting", "<b><i><a><p>".repeat(8_000) + "end"),
        ("formatting, all different", (0..6_000).map(|number| format!("<p><font size={number}>")).collect::<String>() + "end"),
        ("tables", "<table><tr><td>".repeat(6_000) + "end"),
        ("crossed tables", "<div><table><tr><td></div>".repeat(6_000) + "end"),
        ("crossed spans", "<span><div></span>".repeat(12_000) + "end"),
        ("foreign", "<svg><desc><div>".repeat(8_000) + "end"),
        ("hidden in a title", "<svg><title>".repeat(10) + &"<div>".repeat(50_000) + "end"),
        ("ruby", "<ruby><rt><foo>".repeat(10_000) + "end"),
        ("templates", "<template><div>".repeat(10_000) + "end"),
    ] {
        let guarded = markup::guard(&bomb, &Limits::default());
        assert!(matches!(guarded.text, Cow::Owned(_)), "{name}");
        let (depth, nodes) = shape(&guarded.text);
        assert!(depth <= 1_100 && nodes <= 450_000, "{name}: depth {depth}, {nodes} nodes, {:?}", guarded.cut);
        assert!(text(&guarded.text).ends_with("end") || guarded.cut.truncated, "{name}: {:?}", guarded.cut);
    }
}

/// Markup as no editor writes it, made of the elements whose nesting has rules.
fn soup() -> impl Strategy<Value = String> {
    const NAMES: [&str; 44] = [
        "div",
        "p",
        "span",
        "b",
        "i",
        "a",
        "font",
        "ul",
        "li",
        "table",
        "tr",
        "td",
        "tbody",
        "caption",
        "svg",
        "math",
        "desc",
        "title",
        "foreignObject",
        "annotation-xml",
        "mi",
        "button",
        "form",
        "select",
        "option",
        "template",
        "object",
        "h1",
        "h2",
        "dl",
        "dd",
        "style",
        "textarea",
        "nobr",
        "body",
        "html",
        "head",
        "frameset",
        "section",
        "x-y",
        "br",
        "script",
        "ruby",
        "rt",
    ];
    let piece = (0..NAMES.len(), 0..8_u8).prop_map(|(index, kind)| match kind {
        0..=3 => format!("<{}>", NAMES[index]),
        4 | 5 => format!("</{}>", NAMES[index]),
        6 => format!("<{} x='1'>", NAMES[index]),
        _ => "text".to_owned(),
    });
    // A short piece over and over is what makes a bomb.
    (prop::collection::vec(piece, 1..14), 1..120_usize).prop_map(|(pieces, times)| pieces.concat().repeat(times))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_soup_the_tree_is_shallow(html in soup()) {
        let limits = Limits { depth: 24, attributes: 8, nodes: 2_000, repeats: 500 };
        let guarded = markup::guard(&html, &limits);
        let (depth, nodes) = shape(&guarded.text);
        prop_assert!(depth <= 2 * limits.depth + 10, "depth {depth} of {:?}", &html[..html.len().min(300)]);
        prop_assert!(nodes <= 4 * limits.nodes + 100, "{nodes} nodes of {:?}", &html[..html.len().min(300)]);
    }

    #[test]
    fn any_text_is_survived(html in any::<String>(), markup_like in "[<>/!\\-a-d='\" &#x0-9;]{0,80}") {
        for html in [&html, &markup_like] {
            let text = markup::plain(html);
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert!(!text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  "));
            let _ = markup::guard(html, &Limits { depth: 3, attributes: 1, nodes: 20, repeats: 3 });
            for token in Tokens::new(html) {
                if let Token::Start(tag) = token {
                    prop_assert_eq!(tag.attributes().count(), tag.attributes);
                }
            }
        }
    }
}
