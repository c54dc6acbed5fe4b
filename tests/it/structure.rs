//! What a page builds of more than paragraphs, as it reads in the body: subheads, lists, quotes, tables, captions, standfirst.

use wireroom::article::{self, Rules};
use wireroom::model::{Article, Boilerplate, Document, Entry, Extracted, Head, Timestamp, Url, Validators};

const FIRST: &str =
    "The harbour of Westhaven will be closed to large ships for two weeks in March, the port authority said on Monday.";
const SECOND: &str =
    "Divers found cracks in the northern breakwater after the storms of last month, and the repair cannot wait for summer.";
const THIRD: &str =
    "Ferries to the islands will leave from the old quay meanwhile, and fishing boats may use the southern entrance by day.";
const LAST: &str =
    "The council is to decide on the costs of the repair on Thursday, when the report of the engineers will be published.";

fn read(head: &str, main: &str) -> Article {
    let html = format!(
        "<!DOCTYPE html><html lang=en><head><title>Harbour closes for repair of its breakwater</title>{head}</head><body>\
         <header><nav><a href=/>Home</a> <a href=/sport>Sport</a></nav></header><main><article>\
         <h1>Harbour closes for repair of its breakwater</h1>{main}</article></main>\
         <footer><p>© 2026 Example Wire. All rights reserved.</p></footer></body></html>"
    );
    let url = Url::parse("https://news.example.org/2026/02/02/harbour.html").unwrap();
    let fetched_at: Timestamp = "2026-02-02T12:00:00Z".parse().unwrap();
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at,
        fields: Vec::new(),
    };
    let document =
        Document { url: url.clone(), head, content_type: None, content_language: None, body: html.into_bytes(), complete: true };
    let entry = Entry::of_page(Some(url), fetched_at);
    match article::extract(&[document], &entry, &Rules::default(), &Boilerplate::default()).unwrap() {
        Extracted::Article(article) => *article,
        Extracted::Needs(pages) => panic!("one page was given, {pages:?} are wanted"),
    }
}

fn check(main: &str, expected: &[&str]) {
    assert_eq!(read("", main).body, expected, "{main}");
}

#[test]
fn a_subhead_is_a_paragraph_of_its_own() {
    for head in ["<h2>Ferries leave from the old quay</h2>", "<h3><strong>Ferries leave from the old quay</strong></h3>"] {
        check(
            &format!("<p>{FIRST}</p><p>{SECOND}</p>{head}<p>{THIRD}</p><p>{LAST}</p>"),
            &[FIRST, SECOND, "Ferries leave from the old quay", THIRD, LAST],
        );
    }
}

#[test]
fn each_item_of_a_list_is_a_paragraph_of_its_own() {
    let items = [
        "Ferries to the islands leave from the old quay every two hours",
        "Fishing boats use the southern entrance between sunrise and sunset",
        "Pleasure craft stay in the inner basin until the works have ended",
    ];
    let list = |tag: &str, open: &str, close: &str| {
        let rows: String = items.iter().map(|item| format!("<li>{open}{item}{close}</li>\n")).collect();
        format!("<p>{FIRST}</p><p>{SECOND}</p><p>These rules hold from the first of March:</p><{tag}>{rows}</{tag}><p>{LAST}</p>")
    };
    for html in [list("ul", "", ""), list("ol", "", ""), list("ul", "<p>", "</p>")] {
        check(&html, &[FIRST, SECOND, "These rules hold from the first of March:", items[0], items[1], items[2], LAST]);
    }
}

#[test]
fn a_quote_stands_where_it_stood() {
    let said = "“Nobody has seen such waves here since the breakwater was built, and we were lucky that no ship was in the way,” the harbour master said.";
    for html in [format!("<blockquote>{said}</blockquote>"), format!("<blockquote><p>{said}</p></blockquote>")] {
        check(&format!("<p>{FIRST}</p><p>{SECOND}</p>{html}<p>{THIRD}</p><p>{LAST}</p>"), &[FIRST, SECOND, said, THIRD, LAST]);
    }
}

#[test]
fn a_row_of_a_table_is_a_line_and_its_header_is_kept() {
    let table = "<table><thead><tr><th>Route</th><th>Ships a day</th><th>From</th></tr></thead><tbody>\
                 <tr><td>Westhaven to Northholm</td><td>12</td><td>old quay</td></tr>\n\
                 <tr><td>Westhaven to Eastholm</td><td>8</td><td>southern entrance</td></tr></tbody></table>";
    check(
        &format!("<p>{FIRST}</p><p>{SECOND}</p>{table}<p>{THIRD}</p><p>{LAST}</p>"),
        &[
            FIRST,
            SECOND,
            "Route | Ships a day | From",
            "Westhaven to Northholm | 12 | old quay",
            "Westhaven to Eastholm | 8 | southern entrance",
            THIRD,
            LAST,
        ],
    );
}

#[test]
fn a_caption_is_a_field_of_its_own() {
    let figure =
        "<figure><img src=/quay.jpg alt=quay><figcaption>The old quay of Westhaven at low tide in January</figcaption></figure>";
    let article = read("", &format!("<p>{FIRST}</p><p>{SECOND}</p>{figure}<p>{THIRD}</p><p>{LAST}</p>"));
    assert_eq!(article.body, [FIRST, SECOND, THIRD, LAST]);
    assert_eq!(article.captions, ["The old quay of Westhaven at low tide in January"]);
}

#[test]
fn a_standfirst_is_the_summary_and_in_the_body_where_the_page_shows_it() {
    let standfirst = "Cracks in the northern breakwater close the harbour of Westhaven to large ships for two weeks in March";
    let head = format!("<meta name=description content=\"{standfirst}\">");
    let text = format!("<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p><p>{LAST}</p>");
    let shown = read(&head, &format!("<p class=standfirst>{standfirst}</p>{text}"));
    assert_eq!(
        (shown.summary.as_deref(), &shown.body[..]),
        (Some(standfirst), &[standfirst, FIRST, SECOND, THIRD, LAST].map(str::to_owned)[..])
    );
    let unseen = read(&head, &text);
    assert_eq!(
        (unseen.summary.as_deref(), &unseen.body[..]),
        (Some(standfirst), &[FIRST, SECOND, THIRD, LAST].map(str::to_owned)[..])
    );
}
