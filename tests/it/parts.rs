//! Articles in parts, and pages without a text whose AMP copy has it: joined through the real binary.

use newsweb::{Agency, NewsWeb, Plan, Response, Robots, Story};

use crate::boilerplate::Writer;
use crate::operator::Desk;

struct Ground {
    web: NewsWeb,
    desk: Desk,
    writer: Writer,
}

/// A page with these paragraphs and this further markup in its head and under its text.
fn page(title: &str, text: &[String], head: &str, under: &str) -> Response {
    let text: String = text.iter().map(|line| format!("<p>{line}</p>\n")).collect();
    Response::html(format!(
        "<!DOCTYPE html><html lang=en><head><title>{title}</title>{head}</head><body><header><a href=/>Home</a></header>\
         <main><article><h1>{title}</h1>\n{text}</article>{under}</main><footer>All about us</footer></body></html>"
    ))
}

impl Ground {
    fn new() -> Ground {
        Ground::with(Robots::Allow)
    }

    fn with(robots: Robots) -> Ground {
        let web = NewsWeb::start(Plan::of([Agency { items: 0, robots, ..Agency::new("gazette") }])).unwrap();
        let desk = Desk::of(&web);
        Ground { web, desk, writer: Writer::new(5) }
    }

    /// Publishes a story at this path; its pages are what the test puts there.
    fn publish(&self, path: &str) -> String {
        self.web.publish("gazette", Story { path: Some(path.to_owned()), ..Story::text("Harbour report", &["-"]) }).url
    }

    fn body(&self) -> Vec<String> {
        let body = self.desk.ledger().text("select body from articles").unwrap();
        body.split("\n\n").map(str::to_owned).collect()
    }

    fn asked(&self) -> Vec<String> {
        let pages = self.web.log().into_iter().map(|asked| asked.target);
        pages.filter(|path| path.starts_with("/news/")).collect()
    }
}

#[test]
fn numbered_pages_are_joined_in_order_and_repeats_are_kept_once() {
    for (path, second, third) in [
        ("/news/report", "/news/report?page=2", "/news/report?page=3"),
        ("/news/report.html", "/news/report-2.html", "/news/report-3.html"),
        ("/news/report/", "/news/report/2/", "/news/report/3/"),
        ("/news/report", "/news/report/page/2", "/news/report/page/3"),
    ] {
        let mut ground = Ground::new();
        ground.publish(path);
        let (one, two, three) = (ground.writer.text(5), ground.writer.text(4), ground.writer.text(4));
        let repeated: Vec<String> = std::iter::once(one[0].clone()).chain(two.clone()).collect();
        let set = |path: &str, response| ground.web.set_page("gazette", path, response);
        // The second page is named by its relation, the third only by its number.
        set(path, page("Harbour report", &one, &format!("<link rel=next href=\"{second}\">"), ""));
        set(
            second,
            page(
                "Harbour report",
                &repeated,
                "",
                &format!("<nav><a href=\"{path}\">1</a> <b>2</b> <a href=\"{third}\">3</a></nav>"),
            ),
        );
        set(third, page("Harbour report", &three, "", &format!("<nav><a href=\"{path}\" rel=next>1</a></nav>")));
        ground.desk.once();
        let all: Vec<String> = [one, two, three].concat();
        assert_eq!(ground.body(), all, "{path}");
        assert_eq!(ground.asked(), [path, second, third]);
        // The parts are kept: read again they give the same, and a take-down takes them all.
        let again = ground.desk.say(&["reprocess"]);
        assert!(again.contains("1 articles looked at: 0 changed, 1 say what they said"), "{again}");
        let gone = ground.desk.say(&["forget", &ground.web.url("gazette", path)]);
        assert!(gone.contains("3 raw responses"), "{gone}");
    }
}

#[test]
fn the_next_article_is_not_the_next_page() {
    let mut ground = Ground::new();
    ground.publish("/news/report");
    let text = ground.writer.text(6);
    let under = "<nav><a href=\"/news/other-report\" rel=next>Next</a> <a href=\"/news?page=2\">2</a> <a href=\"/news/report?comments=2\">2</a> \
                 <a href=\"http://elsewhere.example.org/news/report?page=2\">2</a></nav>";
    ground.web.set_page(
        "gazette",
        "/news/report",
        page("Harbour report", &text, "<link rel=next href=\"/news/other-report\">", under),
    );
    ground.desk.once();
    assert_eq!(ground.body(), text);
    assert_eq!(ground.asked(), ["/news/report"]);
}

#[test]
fn the_whole_article_on_one_page_is_taken_instead_of_its_parts() {
    let mut ground = Ground::new();
    ground.publish("/news/report");
    let text = ground.writer.text(9);
    let under = "<nav><a href=\"/news/report?page=2\">2</a> <a href=\"/news/report?view=all\">View as single page</a></nav>";
    ground.web.set_page("gazette", "/news/report", page("Harbour report", &text[..3], "", under));
    ground.web.set_page("gazette", "/news/report?view=all", page("Harbour report", &text, "", ""));
    ground.desk.once();
    assert_eq!(ground.body(), text);
    assert_eq!(ground.asked(), ["/news/report", "/news/report?view=all"]);

    // Where that page cannot be had, the parts are joined.
    let mut ground = Ground::new();
    ground.publish("/news/report");
    let text = ground.writer.text(9);
    ground.web.set_page("gazette", "/news/report", page("Harbour report", &text[..3], "", under));
    ground.web.set_page("gazette", "/news/report?view=all", Response::status(404));
    ground.web.set_page("gazette", "/news/report?page=2", page("Harbour report", &text[3..], "", ""));
    ground.desk.once();
    assert_eq!(ground.body(), text);
}

#[test]
fn loops_and_missing_parts_end_the_row_and_the_article_is_filed() {
    let mut ground = Ground::new();
    ground.publish("/news/report");
    let text = ground.writer.text(4);
    let next = |number: usize| format!("<link rel=next href=\"/news/report?page={number}\">");
    // Every page names the next one and says the same: the limit ends it.
    for number in 1..40 {
        let path = if number == 1 { "/news/report".to_owned() } else { format!("/news/report?page={number}") };
        ground.web.set_page("gazette", &path, page("Harbour report", &text, &next(number + 1), ""));
    }
    ground.desk.once();
    assert_eq!(ground.body(), text);
    assert_eq!(ground.asked().len(), 20, "twenty pages of one article, and no more");

    let mut ground = Ground::new();
    ground.publish("/news/report");
    let (one, two) = (ground.writer.text(4), ground.writer.text(4));
    ground.web.set_page(
        "gazette",
        "/news/report",
        page("Harbour report", &one, "", "<nav><a href=\"?page=2\">2</a><a href=\"?page=3\">3</a><a href=\"?page=4\">4</a></nav>"),
    );
    ground.web.set_page("gazette", "/news/report?page=2", page("Harbour report", &two, "", ""));
    ground.web.set_page("gazette", "/news/report?page=3", Response::status(404));
    ground.desk.once();
    assert_eq!(ground.body(), [one, two].concat());
    assert_eq!(ground.asked().len(), 3, "what follows a missing part is not asked for");
    assert!(ground.desk.ledger().text("select notes from articles").unwrap().contains("could not be had"));
}

#[test]
fn robots_are_obeyed_for_parts_and_the_amp_copy() {
    let mut ground = Ground::with(Robots::Text("User-agent: *\nDisallow: /*page=\nDisallow: /amp/\n".to_owned()));
    ground.publish("/news/report");
    let text = ground.writer.text(4);
    ground.web.set_page(
        "gazette",
        "/news/report",
        page("Harbour report", &text, "<link rel=next href=\"/news/report?page=2\">", ""),
    );
    ground.desk.once();
    assert_eq!(ground.body(), text);
    assert_eq!(ground.asked(), ["/news/report"]);
}

#[test]
fn a_page_without_a_text_gives_that_of_its_amp_copy() {
    let mut ground = Ground::new();
    let url = ground.publish("/news/report");
    let text = ground.writer.text(5);
    let shell = "<html lang=en><head><title>Harbour report</title><link rel=amphtml href=\"/news/report.amp\"></head><body><div id=root></div><script src=app.js></script></body></html>";
    ground.web.set_page("gazette", "/news/report", Response::html(shell));
    ground.web.set_page("gazette", "/news/report.amp", page("Harbour report", &text, "", ""));
    ground.desk.once();
    assert_eq!(ground.body(), text);
    assert_eq!(ground.desk.ledger().text("select url from articles"), Some(url), "the page is the article's address");
    assert!(ground.desk.ledger().text("select notes from articles").unwrap().contains("AMP"));

    // A page with a text needs no copy, and a copy of another site is none.
    let mut ground = Ground::new();
    ground.publish("/news/report");
    let text = ground.writer.text(5);
    ground.web.set_page(
        "gazette",
        "/news/report",
        page("Harbour report", &text, "<link rel=amphtml href=\"/news/report.amp\">", ""),
    );
    ground.desk.once();
    assert_eq!((ground.body(), ground.asked().len()), (text, 1));
    let ground = Ground::new();
    ground.publish("/news/report");
    ground.web.set_page(
        "gazette",
        "/news/report",
        Response::html(shell.replace("/news/report.amp", "https://elsewhere.example.net/news/report")),
    );
    ground.desk.write();
    let said = ground.desk.say(&["once"]);
    assert_eq!(ground.desk.ledger().count("select count(*) from articles"), 0, "{said}");
}

#[test]
fn what_extract_prints_of_an_address_is_what_the_daemon_files() {
    let mut ground = Ground::new();
    let url = ground.publish("/news/report");
    let (one, two) = (ground.writer.text(5), ground.writer.text(4));
    let set = |path: &str, response| ground.web.set_page("gazette", path, response);
    set("/news/report", page("Harbour report", &one, "<link rel=next href=\"/news/report?page=2\">", ""));
    set("/news/report?page=2", page("Harbour report", &two, "", ""));
    ground.desk.write();
    let printed = |arguments: &[&str]| -> serde_json::Value { serde_json::from_str(&ground.desk.say(arguments)).unwrap() };
    assert_eq!(printed(&["extract", &url])["body"], [one.clone(), two.clone()].concat().join("\n\n"));
    assert_eq!(ground.asked(), ["/news/report", "/news/report?page=2"]);
    let explained = ground.desk.say(&["extract", &url, "--explain", "--json"]);
    assert!(explained.contains(&two[3]), "{explained}");

    // The AMP copy of a page without a text, and nothing that the host forbids.
    let shell = "<html lang=en><head><title>Harbour report</title><link rel=amphtml href=\"/news/report.amp\"></head><body><div id=root></div><script src=app.js></script></body></html>";
    set("/news/report", Response::html(shell));
    set("/news/report.amp", page("Harbour report", &two, "", ""));
    assert_eq!(printed(&["extract", &url])["body"], two.join("\n\n"));

    let mut ground = Ground::with(Robots::Text("User-agent: *\nDisallow: /*page=\n".to_owned()));
    let url = ground.publish("/news/report");
    let text = ground.writer.text(4);
    let next = "<link rel=next href=\"/news/report?page=2\">";
    ground.web.set_page("gazette", "/news/report", page("Harbour report", &text, next, ""));
    ground.desk.write();
    let printed: serde_json::Value = serde_json::from_str(&ground.desk.say(&["extract", &url])).unwrap();
    assert_eq!(printed["body"], text.join("\n\n"));
    assert_eq!(ground.asked(), ["/news/report"]);
}

#[test]
fn a_part_that_leads_to_another_article_is_none_of_this_one() {
    let mut ground = Ground::new();
    ground.publish("/news/report");
    let (own, foreign) = (ground.writer.text(4), ground.writer.text(9));
    let set = |path: &str, response| ground.web.set_page("gazette", path, response);
    set("/news/report", page("Harbour report", &own, "<link rel=next href=\"/news/report?page=2\">", ""));
    set("/news/report?page=2", Response::status(302).with_header("Location", "/news/other-report"));
    set("/news/other-report", page("Another report", &foreign, "", ""));
    ground.desk.once();
    assert_eq!(ground.body(), own);
    assert!(ground.desk.ledger().text("select notes from articles").unwrap().contains("could not be had"));
    ground.desk.say(&["reprocess"]);
    assert_eq!(ground.body(), own);
}

#[test]
fn a_further_page_may_be_spelled_otherwise_but_not_be_another() {
    let first = wireroom::model::Url::parse("https://news.example.org/2026/report.html").unwrap();
    let led = |first: &wireroom::model::Url, from: &str, to: &str| {
        let mut page = wireroom::article::missing_page(first.join(from).unwrap(), wireroom::model::Timestamp::UNIX_EPOCH);
        page.head.final_url = first.join(to).unwrap();
        wireroom::article::is_further_page(first, &page)
    };
    for (from, to, is) in [
        ("report-2.html", "report-2.html", true),
        ("report.html?page=2", "report.html?page=2&ref=x", true),
        ("report.html?page=2", "report/2/", true),
        ("report.html?page=2", "report.html", true),
        ("report-2.html", "report-three-killed.html", false),
        ("report.html?page=9", "/2026/", false),
        ("report.html?page=9", "/", false),
        ("/amp/2026/report.html", "/amp/2026/report.html/", true),
        ("/amp/2026/report.html", "/amp/", false),
    ] {
        assert_eq!(led(&first, from, to), is, "{from} -> {to}");
    }
    let numbered = wireroom::model::Url::parse("https://news.example.org/show?id=7").unwrap();
    assert!(!led(&numbered, "/show?id=7&page=2", "/show?id=8"), "another number is another article");
    assert!(led(&numbered, "/show?id=7&page=2", "/show?page=2&id=7"));
}
