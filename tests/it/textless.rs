//! Pages without a text: the feed's own text stands in where it is whole, and the rest is tried again and told.

use newsweb::{Agency, NewsWeb, Plan, Response};

use super::operator::Desk;

#[test]
fn a_page_without_text_gives_way_to_the_feeds_or_is_tried_again() {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, ..Agency::new("gazette") }])).unwrap();
    let bare = "<html><head><title>A page</title></head><body><div id=app></div><script>load()</script></body></html>";
    let full: String =
        (0..12).map(|it| format!("<p>Sentence {it} of the harbour report says what the pilots saw on that day.</p>")).collect();
    let pages: Vec<String> =
        ["/whole.html", "/teaser.html"].iter().map(|path| web.set_page("gazette", path, Response::html(bare))).collect();
    let gone = web.set_page("gazette", "/gone.html", Response::status(410));
    let barred = web.set_page("gazette", "/barred.html", Response::status(403));
    let item = |url: &str, content: &str| {
        format!("<item><title>On {url}</title><link>{url}</link><content:encoded><![CDATA[{content}]]></content:encoded></item>")
    };
    let feed = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>G</title>\
         <link>{0}</link><description/>{1}{2}{3}{4}</channel></rss>",
        pages[0],
        item(&pages[0], &full),
        item(&pages[1], "<p>Read more.</p>"),
        item(&gone, &full),
        item(&barred, &full)
    );
    web.set_page("gazette", "/feed.rss", Response::bytes("application/rss+xml", feed));
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.source("gazette", &web.url("gazette", "/feed.rss"), "");
    desk.once();
    let ledger = desk.ledger();
    let filed = |url: &str| ledger.text(&format!("select body || notes from articles where url = '{url}'"));
    let body = filed(&pages[0]).unwrap();
    assert!(body.starts_with("Sentence 0 of the harbour") && body.contains("the text is from the feed"), "{body}");
    let mut waiting = ledger.pairs("select url, reason from entries where state = 'pending' order by url");
    waiting.retain(|(url, _)| *url == pages[1]);
    assert_eq!(waiting, [(pages[1].clone(), "the page has no text: scripts would fetch it".to_owned())]);
    assert_eq!(ledger.count("select count(*) from articles"), 1, "a page that is barred is asked for again first");
    // With the last attempt the feed's text is better than none.
    desk.schedule.push_str("scrape_attempts = 1\n");
    desk.once();
    let body = filed(&barred).unwrap();
    assert!(body.contains("the text is from the feed: ") && body.contains("403"), "{body}");
    assert_eq!(ledger.count("select count(*) from articles"), 2);
    assert_eq!(
        ledger.count("select count(*) from entries where state = 'failed'"),
        2,
        "a teaser is no text, and what was taken back is not brought back"
    );
    // That a page still has no text takes back nothing that the feed said.
    for _ in 0..2 {
        desk.say(&["retry", &pages[0]]);
        desk.once();
    }
    assert_eq!(ledger.count("select count(*) from articles where retracted_at is not null"), 0);
    assert_eq!(ledger.count("select count(*) from entries where state = 'filed'"), 2);
    assert_eq!(
        ledger.count("select count(*) from entry where state = 'filed' and entry like '%Sentence%'"),
        0,
        "the feed's copy goes once the page is filed"
    );
}
