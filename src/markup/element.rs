//! The names of elements that the stack of open ones treats apart, folded to numbers.

/// A name as a number: short ones packed, long ones hashed (and marked, so that they never meet); ASCII case folded.
pub(super) const fn fold(name: &[u8]) -> u64 {
    let mut at = 0;
    let mut number: u64 = if name.len() <= 8 { 0 } else { 0xcbf2_9ce4_8422_2325 };
    while at < name.len() {
        let byte = name[at].to_ascii_lowercase() as u64;
        number = if name.len() <= 8 { number << 8 | byte & 0x7f } else { (number ^ byte).wrapping_mul(0x0100_0000_01b3) };
        at += 1;
    }
    if name.len() <= 8 { number } else { number | 1 << 63 }
}

pub(super) const A: u64 = fold(b"a");
pub(super) const ADDRESS: u64 = fold(b"address");
pub(super) const ANNOTATION_XML: u64 = fold(b"annotation-xml");
pub(super) const BR: u64 = fold(b"br");
pub(super) const BUTTON: u64 = fold(b"button");
pub(super) const CAPTION: u64 = fold(b"caption");
pub(super) const COL: u64 = fold(b"col");
pub(super) const DD: u64 = fold(b"dd");
pub(super) const DESC: u64 = fold(b"desc");
pub(super) const DIV: u64 = fold(b"div");
pub(super) const DT: u64 = fold(b"dt");
pub(super) const FOREIGN_OBJECT: u64 = fold(b"foreignobject");
pub(super) const FORM: u64 = fold(b"form");
pub(super) const LI: u64 = fold(b"li");
pub(super) const MATH: u64 = fold(b"math");
pub(super) const MI: u64 = fold(b"mi");
pub(super) const MN: u64 = fold(b"mn");
pub(super) const MO: u64 = fold(b"mo");
pub(super) const MS: u64 = fold(b"ms");
pub(super) const MTEXT: u64 = fold(b"mtext");
pub(super) const NOBR: u64 = fold(b"nobr");
pub(super) const OL: u64 = fold(b"ol");
pub(super) const OPTGROUP: u64 = fold(b"optgroup");
pub(super) const OPTION: u64 = fold(b"option");
pub(super) const P: u64 = fold(b"p");
pub(super) const RB: u64 = fold(b"rb");
pub(super) const RP: u64 = fold(b"rp");
pub(super) const RT: u64 = fold(b"rt");
pub(super) const RTC: u64 = fold(b"rtc");
pub(super) const RUBY: u64 = fold(b"ruby");
pub(super) const SVG: u64 = fold(b"svg");
pub(super) const TABLE: u64 = fold(b"table");
pub(super) const TBODY: u64 = fold(b"tbody");
pub(super) const TD: u64 = fold(b"td");
pub(super) const TEMPLATE: u64 = fold(b"template");
pub(super) const TFOOT: u64 = fold(b"tfoot");
pub(super) const TH: u64 = fold(b"th");
pub(super) const THEAD: u64 = fold(b"thead");
pub(super) const TITLE: u64 = fold(b"title");
pub(super) const TR: u64 = fold(b"tr");
pub(super) const UL: u64 = fold(b"ul");

/// Declares a question about names as a list of them.
macro_rules! names {
    ($(#[$doc:meta])* $question:ident: $($name:literal)*) => {
        $(#[$doc])*
        pub(super) fn $question(name: u64) -> bool {
            const NAMES: &[u64] = &[$(fold($name.as_bytes())),*];
            NAMES.contains(&name)
        }
    };
}

names! {
    /// Elements that have no content.
    is_void: "br" "img" "meta" "link" "input" "hr" "area" "base" "col" "embed" "param" "source" "track" "wbr" "frame" "keygen" "basefont" "bgsound" "image"
}
names! {
    /// Further elements before which formatting that was left open is opened again.
    is_phrasing: "applet" "button" "marquee" "object" "select" "xmp" "svg" "math"
        "area" "br" "embed" "img" "image" "input" "keygen" "wbr"
}
names! {
    /// The frame of a document, which is opened once whatever is written.
    is_frame: "html" "head" "body" "frameset"
}
names! {
    /// What stands in a head, wherever it is written.
    is_of_head: "base" "basefont" "bgsound" "link" "meta" "noframes" "script" "style" "template" "title"
}
names! {
    is_heading: "h1" "h2" "h3" "h4" "h5" "h6"
}
names! {
    /// Parts of a table.
    is_table_part: "td" "tr" "th" "tbody" "thead" "tfoot" "caption" "colgroup"
}
names! {
    /// Elements that most end tags do not reach out of.
    is_scope: "td" "th" "tr" "table" "tbody" "thead" "tfoot" "caption" "colgroup" "template" "object" "marquee" "applet" "select"
}
names! {
    /// Elements at whose start the list of formatting elements begins anew.
    is_marker: "td" "th" "caption" "object" "marquee" "applet" "template"
}
names! {
    /// The standard's special elements that are no scope.
    is_special: "div" "p" "li" "ul" "ol" "section" "article" "aside" "header" "footer" "nav" "main" "h1" "h2" "h3" "h4" "h5" "h6"
        "blockquote" "figure" "figcaption" "form" "fieldset" "dl" "dd" "dt" "pre" "address" "center" "details" "summary" "button" "dir"
        "hgroup" "iframe" "listing" "menu" "noembed" "noframes" "noscript" "plaintext" "script" "search" "style" "textarea" "title" "xmp"
}
names! {
    /// Special elements whose end tags look for them through others; those of the rest stop at the first one.
    is_block_end: "address" "article" "aside" "blockquote" "button" "center" "dd" "details" "dialog" "dir" "div" "dl" "dt" "fieldset"
        "figcaption" "figure" "footer" "form" "h1" "h2" "h3" "h4" "h5" "h6" "header" "hgroup" "li" "listing" "main" "menu" "nav" "ol"
        "p" "pre" "search" "section" "summary" "ul"
}
names! {
    /// Elements before which an open paragraph ends. A table is none of them: in quirks mode it stays inside.
    is_paragraph_end: "div" "p" "li" "ul" "ol" "section" "article" "aside" "header" "footer" "nav" "main" "h1" "h2" "h3" "h4" "h5" "h6"
        "blockquote" "figure" "figcaption" "form" "fieldset" "dl" "dd" "dt" "pre" "address" "center" "details" "summary" "dir"
        "hgroup" "listing" "menu" "plaintext" "search" "xmp"
}
names! {
    /// HTML elements that end `svg` and `math`.
    is_breakout: "b" "big" "blockquote" "body" "br" "center" "code" "dd" "div" "dl" "dt" "em" "embed" "h1" "h2" "h3" "h4" "h5" "h6" "head"
        "hr" "i" "img" "li" "listing" "menu" "meta" "nobr" "ol" "p" "pre" "ruby" "s" "small" "span" "strong" "strike" "sub" "sup" "table"
        "tt" "u" "ul" "var"
}

/// Number of formatting elements there are.
pub(super) const FORMATS: usize = 14;

/// The formatting elements.
pub(super) const FORMAT_NAMES: [u64; FORMATS] = [
    A,
    fold(b"b"),
    fold(b"big"),
    fold(b"code"),
    fold(b"em"),
    fold(b"font"),
    fold(b"i"),
    fold(b"nobr"),
    fold(b"s"),
    fold(b"small"),
    fold(b"strike"),
    fold(b"strong"),
    fold(b"tt"),
    fold(b"u"),
];

/// The number of a formatting element.
pub(super) fn format_of(name: u64) -> Option<usize> {
    FORMAT_NAMES.iter().position(|format| *format == name)
}
