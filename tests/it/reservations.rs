//! What publishers reserve is kept, and obeyed where the operator says so; what stands in a page's place is told from it.

use newsweb::{Agency, NewsWeb, Plan, Response};
use wireroom::article::{self, Rules};
use wireroom::feed::{self, Reading};
use wireroom::markup::{Wall, wall};
use wireroom::model::{Assume, Boilerplate, Document, Entry, Extracted, FeedKind, Head, Timestamp, Url, Validators};

use super::operator::Desk;

fn document(body: &str, fields: &[(&str, &str)]) -> Document {
    let url = Url::parse("https://gazette.example.org/a").unwrap();
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let fetched_at = Timestamp::from_second(1_750_000_000).unwrap();
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at,
        fields,
    };
    let content_type = Some("text/html; charset=utf-8".to_owned());
    Document { url, head, content_type, content_language: None, body: body.as_bytes().to_vec(), complete: true }
}

/// A page with a text and these tags in its head.
fn page(head: &str) -> String {
    let text: String =
        (0..12).map(|it| format!("<p>Sentence {it} of the harbour report says what the pilots saw on that day.</p>")).collect();
    format!("<html><head><title>The harbour</title>{head}</head><body><article><h1>The harbour</h1>{text}</article></body></html>")
}

fn extract(document: &Document, obey: &[&str]) -> Result<Vec<String>, &'static str> {
    let rules = Rules { obey: obey.iter().map(|word| (*word).to_owned()).collect(), ..Rules::default() };
    let entry = Entry::of_page(Some(document.url.clone()), document.head.fetched_at);
    match article::extract(std::slice::from_ref(document), &entry, &rules, &Boilerplate::default()) {
        Ok(Extracted::Article(article)) => Ok(article.reservations),
        Ok(Extracted::Needs(_)) => panic!("a page in one piece"),
        Err(error) => Err(error.class()),
    }
}

#[test]
fn signals_are_kept_as_words() {
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);
    let cases: [Case<'_>; 15] = [
        ("", &[], &[]),
        ("<meta name=robots content='index, follow, max-image-preview:large'>", &[], &[]),
        ("<meta name=robots content='noai, noimageai'>", &[], &["noai", "noimageai"]),
        ("<meta name=ROBOTS content='NOINDEX,nofollow'>", &[], &["noindex"]),
        ("<meta name=robots content=none>", &[], &["noindex"]),
        ("<meta name=robots content='max-snippet: 0, nocache'>", &[], &["nosnippet", "noarchive"]),
        ("<meta name=googlebot content=noindex>", &[], &[]),
        ("<meta name=wireroom content=noindex>", &[], &["noindex"]),
        (
            "<meta name=tdm-reservation content=1><meta name=tdm-policy content='https://p.example.org/tdm.json'>",
            &[],
            &["tdm", "tdm-policy: https://p.example.org/tdm.json"],
        ),
        ("<meta name=tdm-reservation content=0>", &[], &[]),
        ("", &[("x-robots-tag", "noai"), ("x-robots-tag", "noarchive, noai")], &["noai", "noarchive"]),
        ("", &[("x-robots-tag", "googlebot: noindex, nosnippet")], &[]),
        ("", &[("x-robots-tag", "otherbot: noindex, wireroom: noai")], &["noai"]),
        ("", &[("x-robots-tag", "unavailable_after: 25 Jun 2010 15:00:00 PST, noarchive")], &["noarchive"]),
        ("", &[("tdm-reservation", "1"), ("link", "<https://h.example.org/>; rel=hub")], &["tdm"]),
    ];
    for (head, fields, expected) in cases {
        assert_eq!(extract(&document(&page(head), fields), &[]).unwrap(), expected, "{head} {fields:?}");
    }
}

#[test]
fn an_obeyed_word_forbids_the_page_and_no_other_does() {
    let reserved = document(&page("<meta name=robots content=noai>"), &[]);
    assert_eq!(extract(&reserved, &["noai", "tdm"]), Err("reserved"));
    assert_eq!(extract(&reserved, &["tdm"]).unwrap(), ["noai"]);
    assert_eq!(extract(&document(&page(""), &[("tdm-reservation", "1")]), &["tdm"]), Err("reserved"));
}

#[test]
fn obeyed_means_skipped_with_the_reason_and_nothing_stored() {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, ..Agency::new("gazette") }])).unwrap();
    let open = web.set_page("gazette", "/open.html", Response::html(page("")));
    let tagged = web.set_page("gazette", "/tagged.html", Response::html(page("<meta name=robots content=noai>")));
    let mut headed = Response::html(page(""));
    headed.headers.push(("TDM-Reservation".to_owned(), "1".to_owned()));
    let headed = web.set_page("gazette", "/headed.html", headed);
    let item = |url: &str| {
        format!(
            "<item><title>On {url}</title><link>{url}</link><content:encoded><![CDATA[<p>The secret text of the feed.</p>]]></content:encoded></item>"
        )
    };
    let feed = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>G</title><link/><description/>{}{}{}</channel></rss>",
        item(&open),
        item(&tagged),
        item(&headed)
    );
    web.set_page("gazette", "/feed.rss", Response::bytes("application/rss+xml", feed));
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.source("gazette", &web.url("gazette", "/feed.rss"), "");
    desk.fetch.push_str("obey_reservations = [\"noai\", \"tdm\"]\n");
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 1);
    let skipped = ledger.pairs("select url, reason from entries where state = 'skipped' order by url");
    assert_eq!(skipped.len(), 2, "{skipped:?}");
    assert!(skipped[0].1.contains("tdm") && skipped[1].1.contains("noai"), "{skipped:?}");
    assert_eq!(ledger.count("select count(*) from entry where state = 'skipped' and entry like '%secret text%'"), 0);
    drop(ledger);

    // Kept and not obeyed is the default.
    let mut other = Desk::empty();
    other.allow(&[web.host("gazette")]);
    other.source("gazette", &web.url("gazette", "/feed.rss"), "");
    other.once();
    let ledger = other.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 3);
    let kept = ledger.text(&format!("select reservations from articles where url = '{headed}'"));
    assert_eq!(kept.as_deref(), Some("[\"tdm\"]"));
}

const CHALLENGE: &str = "<html><head><title>Just a moment...</title></head><body><h1>news.example.org</h1><p>Verify you are human by \
    completing the action below.</p><div class=cf-turnstile></div><script>window._cf_chl_opt={};</script></body></html>";
const CONSENT: &str = "<html><head><title>Before you continue</title></head><body><div id=sheet><h1>We value your privacy</h1><p>We and \
    our partners use cookies to store information on your device.</p><button>Accept all</button><button>Reject all</button></div></body></html>";
const SHELL: &str = "<html><head><title>The harbour</title><script src=/bundle.js></script></head><body><div id=root></div><noscript>You \
    need to enable JavaScript to run this app.</noscript></body></html>";

#[test]
fn what_stands_in_the_place_of_a_page_is_told_by_its_marks() {
    assert_eq!(wall(CHALLENGE, ""), Some(Wall::Challenge));
    assert_eq!(wall(CHALLENGE, "Verify you are human by completing the action below."), Some(Wall::Challenge));
    assert_eq!(
        wall("<title>Проверка браузера</title><p>Подтвердите, что вы не робот</p><div id=smart-captcha></div>", ""),
        Some(Wall::Challenge)
    );
    assert_eq!(
        wall("<p>Are you a robot?</p><form action=/check><div class='g-recaptcha'></div></form>", ""),
        Some(Wall::Challenge)
    );
    assert_eq!(wall(CONSENT, ""), Some(Wall::Consent));
    assert_eq!(wall(SHELL, ""), Some(Wall::Script));
    // An article that speaks of them, has one under its comments, or asks at its foot, is an article.
    let text = "Engineers asked the site whether it could verify you are human without a puzzle. ".repeat(30);
    let article = format!(
        "<article><p>{text}</p></article><div class=g-recaptcha></div><p>Accept all</p><p>Reject all</p><p>We use cookies</p>"
    );
    assert_eq!(wall(&article, &text), None);
    let brief = "The mayor of the harbour town resigned on Monday after the vote.";
    let page = format!("<p>{brief}</p><footer>We use cookies. <button>Accept all</button></footer><script src=/a.js></script>");
    assert_eq!(wall(&page, brief), None, "a brief is a text, whatever asks beside it");
    assert_eq!(wall("", ""), None);
    assert_eq!(wall("<p>Page not found</p>", ""), None, "no scripts, no shell");
}

#[test]
fn a_challenge_in_place_of_a_feed_is_no_wrong_address() {
    let assume = Assume { timezone: None, language: None, seen_at: Timestamp::UNIX_EPOCH };
    let reading = Reading { kind: FeedKind::Feed, assume };
    assert_eq!(feed::parse(&document(CHALLENGE, &[]), &reading).unwrap_err().class(), "captcha");
    assert_eq!(feed::parse(&document(CONSENT, &[]), &reading).unwrap_err().class(), "not_a_feed");
}

#[test]
fn walls_have_classes_of_their_own_and_are_not_filed() {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, ..Agency::new("gazette") }])).unwrap();
    let pages: Vec<String> = [("/1.html", CHALLENGE), ("/2.html", CONSENT), ("/3.html", SHELL)]
        .into_iter()
        .map(|(path, body)| web.set_page("gazette", path, Response::html(body)))
        .collect();
    let items: String = pages.iter().map(|url| format!("<item><title>On {url}</title><link>{url}</link></item>")).collect();
    let feed = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>G</title><link/><description/>{items}</channel></rss>"
    );
    web.set_page("gazette", "/feed.rss", Response::bytes("application/rss+xml", feed));
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.source("gazette", &web.url("gazette", "/feed.rss"), "");
    desk.once();
    let ledger = desk.ledger();
    assert_eq!(ledger.count("select count(*) from articles"), 0);
    let classes: Vec<String> =
        ledger.pairs("select url, class from entries order by url").into_iter().map(|(_, class)| class).collect();
    assert_eq!(classes, ["captcha", "consent", "script_only"]);
}

/// A bot wall often comes with a refusal's status: it is told apart, and waited for as that status says.
#[test]
fn challenges_behind_a_refusal_are_told_apart() {
    let web = NewsWeb::start(Plan::of([Agency { items: 0, ..Agency::new("gazette") }])).unwrap();
    let refused = |body: &str, status| Response::html(body).with_status(status);
    let walls: [(&str, Response); 5] = [
        ("/1.html", refused(CHALLENGE, 403)),
        ("/3.html", refused(CHALLENGE, 503)),
        ("/4.html", refused("<title>403</title><h1>Forbidden</h1>", 403)),
        ("/5.html", refused(CHALLENGE, 404)),
        ("/6.html", Response::bytes("text/plain", CHALLENGE).with_status(403)),
    ];
    let pages: Vec<String> = walls.into_iter().map(|(path, answer)| web.set_page("gazette", path, answer)).collect();
    let items: String = pages.iter().map(|url| format!("<item><title>On {url}</title><link>{url}</link></item>")).collect();
    let feed = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>G</title><link/><description/>{items}</channel></rss>"
    );
    web.set_page("gazette", "/feed.rss", Response::bytes("application/rss+xml", feed));
    for (path, status) in [("/a.rss", 403), ("/b.rss", 503), ("/c.rss", 429)] {
        let long = format!("{CHALLENGE}{}", "<!-- padding -->".repeat(20_000));
        web.set_page("gazette", path, refused(if status == 503 { &long } else { CHALLENGE }, status));
    }
    let mut desk = Desk::empty();
    desk.allow(&[web.host("gazette")]);
    desk.fetch.push_str("retry_after_scope = \"feed\"\n");
    for path in ["feed", "a", "b", "c"] {
        desk.source(path, &web.url("gazette", &format!("/{path}.rss")), "");
    }
    desk.once();
    let ledger = desk.ledger();
    let feeds = ledger.pairs("select source, class from feeds where class is not null order by source");
    let told: Vec<(&str, &str)> = feeds.iter().map(|(source, class)| (source.as_str(), class.as_str())).collect();
    assert_eq!(told, [("a", "captcha"), ("b", "captcha"), ("c", "captcha")]);
    let reason = ledger.text("select reason from feeds where source = 'a'").unwrap();
    assert!(reason.contains("403") && reason.contains("challenge for browsers"), "{reason}");
    let rest = "select cast((julianday(next_poll_at) - julianday(last_poll_at)) * 24 as integer) from feeds where source = 'a'";
    assert_eq!(ledger.count(rest), 4, "as long as behind any other 403");
    // A page behind a 429 would keep every other one of its host away for a minute; the feeds show that.
    let classes = ledger.pairs("select url, class from entries where class is not null order by url");
    let class_of = |page: &str| classes.iter().find(|(url, _)| url.ends_with(page)).map(|(_, class)| class.as_str());
    for (page, class) in [
        ("/1.html", "captcha"),
        ("/3.html", "captcha"),
        ("/4.html", "forbidden"),
        ("/5.html", "not_found"),
        ("/6.html", "forbidden"),
    ] {
        assert_eq!(class_of(page), Some(class), "{page}: {classes:?}");
    }
}
