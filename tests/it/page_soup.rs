//! What holds of any page: soup of tags, structured data and strange characters; and the same page in many encodings.

use proptest::prelude::*;
use wireroom::article::{self, Rules};
use wireroom::model::{Article, Boilerplate, Document, Entry, Extracted, Head, Timestamp, Url, Validators};

fn document(body: Vec<u8>, content_type: Option<&str>) -> Document {
    let url = Url::parse("https://news.example.org/2026/11/20/story.html").expect("a URL");
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: seen_at(),
        fields: Vec::new(),
    };
    Document { url, head, content_type: content_type.map(str::to_owned), content_language: None, body, complete: true }
}

fn seen_at() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().expect("an instant")
}

/// The article of a page, if it is one; pages that are asked for are not had.
fn read(page: &Document, rules: &Rules) -> Option<Article> {
    let entry = Entry::of_page(Some(page.url.clone()), seen_at());
    let mut pages = vec![page.clone()];
    for _ in 0..24 {
        match article::extract(&pages, &entry, rules, &Boilerplate::default()).ok()? {
            Extracted::Article(article) => return Some(*article),
            Extracted::Needs(wanted) => {
                assert!(!wanted.is_empty());
                pages.extend(wanted.into_iter().map(|url| article::missing_page(url, seen_at())));
            }
        }
    }
    panic!("the reader asks for pages without end")
}

/// Every text of an article that is printed.
fn texts(article: &Article) -> Vec<&str> {
    let one = [&article.title, &article.summary, &article.section, &article.credit, &article.marker, &article.language];
    let many = [&article.body, &article.authors, &article.tags, &article.captions, &article.cut];
    one.into_iter().flatten().map(String::as_str).chain(many.into_iter().flatten().map(String::as_str)).collect()
}

/// Pieces of pages, whole and broken.
const PIECES: [&str; 48] = [
    "<p>",
    "</p>",
    "<div class=article>",
    "</div>",
    "<article>",
    "<h1>Ship sinks off the coast</h1>",
    "<h2>",
    "<b><i>",
    "</b>",
    "<a href=/tag/ships rel=tag>ships\u{1}</a>",
    "<a href=?page=2>2</a>",
    "<table><tr><td>1<td>2",
    "</table>",
    "<ul><li>one<li>two",
    "<template><p>x",
    "<svg><title>x</title>",
    "<math><mi>x",
    "<select><option>y",
    "</select>",
    "<script>",
    "</script>",
    "<style>p{}",
    "</style>",
    "<!--",
    "-->",
    "<![CDATA[",
    "<noscript>",
    "<title>Ship\u{202e} sinks\u{0}</title>",
    "<meta name=author content='Jane\u{7f} Roe'>",
    "<meta property=og:title content='&#1;Ship&#x85; sinks'>",
    "<meta property=article:tag content='a\u{9}b'>",
    "<time datetime=2026-11-20T10:00:00Z>",
    "<span class=byline>By Jane\u{0b}Roe</span>",
    "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"headline\":\"Ship\\u0000 sinks\",\"author\":{\"name\":\"J\\u0007 R\"}",
    "<script type='application/ld+json'>[{\"@graph\":[{\"@type\":\"Article\",\"articleBody\":\"Nobody\\nwas hurt.\"}]}]</script>",
    "<link rel=canonical href=http://[>",
    "<base href=javascript:x>",
    "<link rel=amphtml href=/amp>",
    "Nobody was hurt, but 200 ships had to wait outside the harbour, the port authority said on Tuesday. ",
    "\u{1b}[31m red ",
    "&#0;&#x1b;&#xd800;&nbsp;&zwj;&lrm;",
    "新华社北京十一月二十日电记者从有关部门获悉。",
    "قال مسؤول \u{200f}إن السفن انتظرت. ",
    "\u{feff}\u{200b}\u{ad}\u{2028}\u{85}",
    "<br><br>",
    "<iframe src=x>",
    "<body class=x><html lang=de>",
    "<frameset>",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Never a panic or an endless question, the same twice, nothing printed that is no text, no body longer than its page.
    #[test]
    fn soup_is_read(order in prop::collection::vec(0..PIECES.len(), 1..60), selected in any::<bool>()) {
        let page: String = order.iter().map(|index| PIECES[*index]).collect();
        let rules = Rules { body: selected.then(|| "article, .article".to_owned()), remove: vec!["b".to_owned()], ..Rules::default() };
        let document = document(page.clone().into_bytes(), Some("text/html; charset=utf-8"));
        let article = read(&document, &rules);
        prop_assert_eq!(&article, &read(&document, &rules));
        let entry = Entry::of_page(Some(document.url.clone()), seen_at());
        let _ = article::explain(std::slice::from_ref(&document), &entry, &rules, &Boilerplate::default());
        let Some(article) = article else { return Ok(()) };
        for text in texts(&article) {
            prop_assert!(!text.is_empty() && !text.chars().any(char::is_control), "{text:?}");
        }
        let length: usize = article.body.iter().map(|line| line.chars().count()).sum();
        prop_assert!(length <= page.chars().count(), "{length}");
    }
}

/// One story in an encoding, declared in each of the ways there are, or not at all.
#[test]
fn a_page_is_the_same_in_every_encoding() {
    let story = |charset: &str, text: &str| {
        let title = headline(text);
        format!(
            "<!doctype html><html><head>{charset}<title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p></article>"
        )
    };
    let russian = "Около двухсот судов ожидали у входа в порт, сообщило во вторник портовое управление. Никто не пострадал.";
    let german = "Rund zweihundert Schiffe mussten vor dem Hafen warten, größere auch länger, sagte die Behörde für Küstenschutz.";
    let single = |text: &str, table: &str| -> Vec<u8> {
        text.chars()
            .map(|c| match table.chars().position(|other| other == c) {
                Some(at) => (0x80 + at) as u8,
                None => u8::try_from(u32::from(c)).expect("a character of the encoding"),
            })
            .collect()
    };
    // The Cyrillic letters of windows-1251 and KOI8-R, by their place from 0x80 on.
    let letters = |from: usize, order: &str| "\u{0}".repeat(from - 0x80) + order;
    let windows = letters(0xC0, "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя");
    let koi = letters(0xC0, "юабцдефгхийклмнопярстужвьызшэщчъЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ");
    let utf16 = |text: &str, mark: bool, big: bool| -> Vec<u8> {
        let mark = mark.then_some('\u{feff}').into_iter().collect::<String>();
        (mark + text).encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let table: Vec<(&str, Vec<u8>, Option<&str>, &str)> = vec![
        ("utf-8, bare", story("", russian).into_bytes(), None, russian),
        ("utf-8, mark", format!("\u{feff}{}", story("", russian)).into_bytes(), Some("text/html; charset=koi8-r"), russian),
        ("utf-8, a wrong header", story("", german).into_bytes(), Some("text/html; charset=iso-8859-1"), german),
        ("utf-8, a wrong meta", story("<meta charset=windows-1251>", russian).into_bytes(), None, russian),
        ("utf-16 little, mark", utf16(&story("", russian), true, false), None, russian),
        ("utf-16 big, mark", utf16(&story("", russian), true, true), Some("text/html"), russian),
        ("utf-16 little, bare", utf16(&story("", german), false, false), None, german),
        ("utf-16 big, bare", utf16(&story("", german), false, true), None, german),
        ("windows-1251, header", single(&story("", russian), &windows), Some("text/html; charset=windows-1251"), russian),
        ("windows-1251, meta", single(&story("<meta charset=\"windows-1251\">", russian), &windows), None, russian),
        (
            "windows-1251, http-equiv",
            single(&story("<meta http-equiv=Content-Type content='text/html; charset=cp1251'>", russian), &windows),
            Some("text/html"),
            russian,
        ),
        ("windows-1251, detected", single(&story("", russian), &windows), None, russian),
        ("windows-1251, said to be utf-8", single(&story("", russian), &windows), Some("text/html; charset=utf-8"), russian),
        ("koi8-r, header", single(&story("", russian), &koi), Some("text/html; charset=KOI8-R"), russian),
        ("koi8-r, detected", single(&story("", russian), &koi), None, russian),
        ("latin-1, header", single(&story("", german), ""), Some("text/html; charset=latin1"), german),
        ("latin-1, meta", single(&story("<meta charset=iso-8859-1>", german), ""), None, german),
        ("latin-1, detected", single(&story("", german), ""), None, german),
    ];
    for (name, body, content_type, text) in table {
        let article = read(&document(body, content_type), &Rules::default()).expect(name);
        assert_eq!(article.title, Some(headline(text)), "{name}");
        assert_eq!(article.body, [text], "{name}");
    }
}

/// The first words of a text, as its headline.
fn headline(text: &str) -> String {
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}
