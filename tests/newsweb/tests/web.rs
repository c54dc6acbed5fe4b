//! The fake web over a raw connection: what a reader would see of it.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use newsweb::{
    Agency, Canonical, Charset, Clock, Declared, Deed, Fault, Faults, Format, Guid, Language, Layout, Links, Malformed, NewsWeb,
    Plan, Reprint, Response, Robots, Scope, Story, Summary, Validators, demo_plan,
};

/// Long enough for a loaded machine; never waited for when all is well.
const LIMIT: Duration = Duration::from_secs(20);

const START: i64 = 1_713_891_600;

/// A reader of one connection.
struct Reader(TcpStream);

/// What it read.
#[derive(Debug)]
struct Read {
    status: u16,
    head: String,
    body: Vec<u8>,
    /// Whether the body had the length its head promised.
    whole: bool,
}

impl Read {
    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("the body is UTF-8")
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, v)| v)
    }
}

impl Reader {
    fn to(url: &str) -> (Self, String) {
        let rest = url.strip_prefix("http://").expect("a URL of this web");
        let slash = rest.find('/').unwrap_or(rest.len());
        let stream = TcpStream::connect(&rest[..slash]).expect("the web listens");
        stream.set_read_timeout(Some(LIMIT)).expect("a limit");
        (Reader(stream), rest[slash..].to_owned())
    }

    fn ask(&mut self, target: &str, fields: &str) {
        let _ = write!(self.0, "GET {target} HTTP/1.1\r\nHost: here\r\n{fields}\r\n");
    }

    /// One answer by `Content-Length`; `None` when the connection ended before a head.
    fn read(&mut self) -> Option<Read> {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            match self.0.read(&mut byte) {
                Ok(1) => bytes.push(byte[0]),
                _ => return None,
            }
        }
        let head = String::from_utf8_lossy(&bytes).into_owned();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let mut read = Read { status, head, body: Vec::new(), whole: true };
        match read.header("content-length").map(|length| length.parse().expect("a number")) {
            Some(length) => {
                let mut body = vec![0; length];
                let mut filled = 0;
                // A read of nothing waits for something, so the last one is not tried.
                while filled < length {
                    match self.0.read(&mut body[filled..]) {
                        Ok(count @ 1..) => filled += count,
                        _ => break,
                    }
                }
                body.truncate(filled);
                (read.whole, read.body) = (filled == length, body);
            }
            None if status != 304 => _ = self.0.read_to_end(&mut read.body),
            None => {}
        }
        Some(read)
    }
}

fn get_with(url: &str, fields: &str) -> Option<Read> {
    let (mut reader, target) = Reader::to(url);
    reader.ask(&target, fields);
    reader.read()
}

fn get(url: &str) -> Read {
    get_with(url, "").expect("an answer")
}

fn one(change: impl FnOnce(&mut Agency)) -> NewsWeb {
    let mut agency = Agency::new("gazette");
    change(&mut agency);
    NewsWeb::start(Plan { clock: Clock::Stepped(START), ..Plan::of([agency]) }).expect("loopback")
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).expect("gzip");
    out
}

#[test]
fn every_agency_has_a_host_of_its_own() {
    let web = NewsWeb::start(Plan::mixed(6, 2, 1)).unwrap();
    let hosts: HashSet<String> = web.agencies().iter().map(|agency| web.host(agency)).collect();
    assert_eq!(hosts.len(), 6);
    assert!(web.agencies().iter().all(|agency| web.address(agency).ip().is_loopback()));
}

#[test]
fn every_format_lists_every_article_and_every_link_leads_to_its_page() {
    for format in Format::ALL {
        for layout in Layout::ALL {
            let web = one(|agency| (agency.format, agency.layout, agency.items) = (format, layout, 3));
            let feed = get(&web.feed("gazette"));
            assert_eq!(feed.status, 200);
            let truth = web.truth();
            assert_eq!(truth.len(), 3);
            for page in &truth {
                let listed = feed.text().replace("&amp;", "&");
                assert!(listed.contains(&page.url), "{format:?} {layout:?} lists {}", page.url);
                if let Some(guid) = &page.guid {
                    assert!(listed.contains(guid.as_str()), "{format:?} {layout:?}: {guid}");
                }
                let html = get(&page.url).text();
                for paragraph in &page.article.paragraphs {
                    let escaped = paragraph.replace('&', "&amp;").replace('"', "&quot;");
                    assert_eq!(html.matches(&escaped).count(), 1, "{layout:?}: {paragraph}");
                }
                assert!(html.contains("<title>") && html.contains("</html>"));
            }
        }
    }
}

#[test]
fn validators_are_honoured_until_there_is_news() {
    let web = one(|agency| agency.items = 2);
    let feed = web.feed("gazette");
    let first = get(&feed);
    let tag = format!("If-None-Match: {}\r\n", first.header("etag").unwrap());
    let date = format!("If-Modified-Since: {}\r\n", first.header("last-modified").unwrap());
    assert_eq!(get_with(&feed, &tag).unwrap().status, 304);
    assert_eq!(get_with(&feed, &date).unwrap().status, 304);
    web.publish("gazette", Story::new());
    // Within one second of the web's life: the date moves all the same.
    assert_eq!(get_with(&feed, &tag).unwrap().status, 200);
    assert_eq!(get_with(&feed, &date).unwrap().status, 200);
    // The tag goes before the date (RFC 9110 §13.2.2).
    let both = format!("If-None-Match: \"other\"\r\nIf-Modified-Since: {}\r\n", get(&feed).header("last-modified").unwrap());
    assert_eq!(get_with(&feed, &both).unwrap().status, 200);
    assert_eq!(web.count_status(304), 2);
    assert_eq!(web.log().iter().filter(|row| row.conditional()).count(), 5);
}

#[test]
fn validators_follow_the_plan() {
    for (validators, tag, date, again) in [
        (Validators::Tag, true, false, 304),
        (Validators::WeakTag, true, false, 304),
        (Validators::Date, false, true, 304),
        (Validators::Absent, false, false, 200),
        (Validators::Ignored, true, true, 200),
    ] {
        let web = one(|agency| agency.validators = validators);
        let first = get(&web.feed("gazette"));
        assert_eq!((first.header("etag").is_some(), first.header("last-modified").is_some()), (tag, date), "{validators:?}");
        let mut fields = String::new();
        for (condition, name) in [("If-None-Match", "etag"), ("If-Modified-Since", "last-modified")] {
            if let Some(value) = first.header(name) {
                fields += &format!("{condition}: {value}\r\n");
            }
        }
        assert_eq!(get_with(&web.feed("gazette"), &fields).unwrap().status, again, "{validators:?}");
    }
}

#[test]
fn a_connection_carries_many_requests() {
    let web = one(|_| {});
    let (mut reader, target) = Reader::to(&web.feed("gazette"));
    for _ in 0..3 {
        reader.ask(&target, "");
        assert_eq!(reader.read().unwrap().status, 200);
    }
    // Two at once are answered in order.
    reader.ask("/robots.txt", "");
    reader.ask("/nowhere", "");
    assert_eq!((reader.read().unwrap().status, reader.read().unwrap().status), (200, 404));
    assert_eq!(web.connections(), 1);
    reader.ask("/", "Connection: close\r\n");
    assert_eq!(reader.read().unwrap().header("connection"), Some("close"));
    assert!(reader.read().is_none());
    web.wait_for_answers(LIMIT, 6, Scope::Everything).unwrap();
    let log = web.log();
    assert!(log.iter().all(|row| row.complete && row.connection == 1 && row.host == "here"));
    assert_eq!(log.iter().map(|row| row.attempt).collect::<Vec<_>>(), [1, 2, 3, 1, 1, 1]);
}

#[test]
fn gzip_is_given_to_who_asks() {
    let web = one(|_| {});
    let plain = get(&web.feed("gazette"));
    let packed = get_with(&web.feed("gazette"), "Accept-Encoding: br, gzip;q=0.8\r\n").unwrap();
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < plain.body.len());
    assert_eq!(gunzip(&packed.body), plain.body);
    let refused = get_with(&web.feed("gazette"), "Accept-Encoding: gzip;q=0\r\n").unwrap();
    assert_eq!(refused.header("content-encoding"), None);
}

#[test]
fn what_is_no_get_is_refused_and_bad_heads_too() {
    let web = one(|_| {});
    let ask = |text: &str| {
        let mut reader = Reader::to(&web.base("gazette")).0;
        let _ = reader.0.write_all(text.as_bytes());
        reader.read().map(|read| read.status)
    };
    assert_eq!(ask("HEAD / HTTP/1.1\r\n\r\n"), Some(405));
    assert_eq!(ask("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"), Some(405));
    assert_eq!(ask("what is this\r\n\r\n"), Some(400));
    assert_eq!(ask(&format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(20_000))), Some(414));
    assert_eq!(ask(&format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(200))), Some(431));
    assert_eq!(ask(&format!("GET {}/robots.txt HTTP/1.0\r\n\r\n", web.base("gazette"))), Some(200));
}

#[test]
fn robots_follow_the_plan() {
    for (robots, status, line) in [
        (Robots::Allow, 200, "Sitemap: http://127."),
        (Robots::Delay(7), 200, "Crawl-delay: 7\n"),
        (Robots::Disallow("/politics/".into()), 200, "Disallow: /politics/\n"),
        (Robots::Text("User-agent: x\n".into()), 200, "User-agent: x\n"),
        (Robots::Status(404), 404, ""),
        (Robots::Status(500), 500, ""),
    ] {
        let web = one(|agency| agency.robots = robots.clone());
        let read = get(&web.url("gazette", "/robots.txt"));
        assert_eq!(read.status, status, "{robots:?}");
        assert!(read.text().contains(line), "{robots:?}");
    }
}

#[test]
fn faults_on_demand_spoil_what_they_are_meant_for_and_no_more() {
    let web = one(|agency| agency.items = 2);
    let [first, second] = [0, 1].map(|index| web.truth()[index].url.clone());
    web.fault_times(2, &first, Fault::RetryAfter(429, "120".into()));
    assert_eq!(get(&first).header("retry-after"), Some("120"));
    assert_eq!(get(&second).status, 200);
    assert_eq!(get(&format!("{first}?utm_source=rss")).status, 429);
    assert_eq!(get(&first).status, 200);

    web.fault(Scope::Articles("gazette".into()), Fault::Status(503));
    assert_eq!((get(&first).status, get(&second).status), (503, 503));
    assert_eq!((get(&web.feed("gazette")).status, get(&web.url("gazette", "/robots.txt")).status), (200, 200));
    web.heal(Scope::Articles("gazette".into()));
    assert_eq!(get(&first).status, 200);

    web.fault("/robots.txt", Fault::Redirect("/elsewhere".into()));
    let moved = get(&web.url("gazette", "/robots.txt"));
    assert_eq!((moved.status, moved.header("location")), (302, Some("/elsewhere")));
    web.fault(Scope::Everything, Fault::WrongCharset("koi8-r".into()));
    assert_eq!(get(&first).header("content-type"), Some("text/html; charset=koi8-r"));
    web.heal_all();
    assert_eq!(get(&first).header("content-type"), Some("text/html; charset=utf-8"));
    let faults: Vec<usize> = web.requests_for(&first).iter().map(|row| row.faults.len()).collect();
    assert_eq!(faults, [1, 1, 0, 1, 0, 1, 0]);
}

#[test]
fn broken_connections_break_as_ordered_and_the_log_knows() {
    let web = one(|agency| agency.items = 1);
    let url = web.truth()[0].url.clone();
    let length = get(&url).body.len();
    let with = |fault: Fault| {
        web.fault_times(1, &url, fault);
        let read = get_with(&url, "Connection: close\r\n");
        web.wait_for(LIMIT, |log| log.iter().all(|row| row.done_at_ms.is_some())).unwrap();
        (read, web.log().pop().unwrap())
    };
    let (read, row) = with(Fault::Reset);
    assert!(read.is_none());
    assert_eq!((row.status, row.complete, row.bytes_sent), (0, false, 0));

    let (read, row) = with(Fault::CutBody(100));
    let read = read.unwrap();
    assert!(!read.whole && read.body.len() == 100);
    assert_eq!((row.status, row.delivered(), row.bytes_sent), (200, false, 100));

    let (read, row) = with(Fault::CutBody(usize::MAX));
    assert_eq!((read.unwrap().body.len(), row.complete), (length - 1, false));

    let (_, row) = with(Fault::ResetAfter(10));
    assert_eq!((row.complete, row.bytes_sent), (false, 10));

    let (read, row) = with(Fault::Chunked);
    let read = read.unwrap();
    assert_eq!(read.header("transfer-encoding"), Some("chunked"));
    assert_eq!((row.complete, row.bytes_sent), (true, length as u64));

    let (read, row) = with(Fault::CutChunked(100));
    assert!(read.unwrap().body.starts_with(b"64\r\n"));
    assert!(!row.complete);

    let (read, row) = with(Fault::NoLength);
    let read = read.unwrap();
    assert_eq!((read.header("content-length"), read.body.len(), row.complete), (None, length, true));

    let (read, _) = with(Fault::Garbage);
    assert!(read.is_none_or(|read| read.status == 0));

    let (read, row) = with(Fault::Drip(4_000, Duration::from_millis(1)));
    assert_eq!((read.unwrap().body.len(), row.complete), (length, true));

    let (read, _) = with(Fault::Empty);
    assert_eq!(read.unwrap().body.len(), 0);
    let (read, _) = with(Fault::Swell(50_000));
    assert_eq!(read.unwrap().body.len(), length + 50_000);
    let (read, _) = with(Fault::GzipBomb(3_000_000));
    let read = read.unwrap();
    assert!(read.body.len() < 10_000 && gunzip(&read.body).len() == 3_000_000);
    let (read, _) = with(Fault::HeaderFlood(100_000));
    assert!(read.unwrap().head.len() > 90_000);

    web.fault(&url, Fault::Silence);
    let (mut reader, target) = Reader::to(&url);
    reader.ask(&target, "");
    web.wait_for(LIMIT, |log| log.last().is_some_and(|row| row.done_at_ms.is_none())).unwrap();
    assert_eq!(web.in_flight(), 1);
    drop(web);
    assert!(reader.read().is_none());
}

#[test]
fn faults_by_chance_fall_alike_in_every_run_and_end() {
    let run = |seed| {
        let faults = Faults { p503: 0.3, p429: 0.1, preset: 0.1, pcut: 0.1, ..Faults::default() };
        let plan = Plan { faults, ..Plan::mixed(2, 10, seed) };
        let web = NewsWeb::start(plan).unwrap();
        let statuses: Vec<Vec<u16>> = web
            .truth()
            .iter()
            .map(|page| {
                (0..4).map(|_| get_with(&page.url, "").map_or(0, |read| if read.whole { read.status } else { 1 })).collect()
            })
            .collect();
        statuses
    };
    let first = run(3);
    assert_eq!(first, run(3));
    assert_ne!(first, run(4));
    let all: HashSet<u16> = first.iter().flatten().copied().collect();
    assert_eq!(all, HashSet::from([0, 1, 200, 429, 503]));
    // Two in a row at most: the third attempt is always good after them.
    assert!(first.iter().all(|page| page.windows(3).all(|three| three.contains(&200))));
}

#[test]
fn a_gate_holds_answers_until_it_is_released() {
    let web = one(|agency| agency.items = 2);
    let urls: Vec<String> = web.truth().into_iter().map(|page| page.url).collect();
    let gate = web.hold(Scope::Articles("gazette".into()));
    let mut readers: Vec<Reader> = urls
        .iter()
        .map(|url| {
            let (mut reader, target) = Reader::to(url);
            reader.ask(&target, "");
            reader
        })
        .collect();
    gate.wait_for(LIMIT, 2).unwrap();
    assert_eq!((gate.waiting(), web.in_flight(), web.log().len()), (2, 2, 2));
    assert!(web.log().iter().all(|row| row.status == 0));
    // What is outside the gate's scope goes on.
    assert_eq!(get(&web.feed("gazette")).status, 200);
    // Who goes away no longer waits, and the log says that nothing was sent.
    drop(readers.pop());
    web.wait_for(LIMIT, |log| log.iter().any(|row| row.done_at_ms.is_some() && row.status == 0)).unwrap();
    assert_eq!(gate.waiting(), 1);
    gate.release();
    assert_eq!(readers[0].read().unwrap().status, 200);
    assert_eq!(get(&urls[1]).status, 200);
}

#[test]
fn a_wait_that_is_in_vain_shows_the_log() {
    let web = one(|_| {});
    get(&web.feed("gazette"));
    let error = web.wait_for(Duration::from_millis(1), |log| log.len() > 5).unwrap_err();
    assert!(error.to_string().contains("/rss.xml"), "{error}");
}

#[test]
fn waiting_does_not_block_a_runtime() {
    let web = Arc::new(one(|_| {}));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let feed = web.feed("gazette");
        let waiting = web.wait_for_async(LIMIT, |log| !log.is_empty());
        let asking = tokio::task::spawn_blocking(move || get(&feed).status);
        let (waited, asked) = tokio::join!(waiting, asking);
        assert_eq!((waited, asked.unwrap()), (Ok(()), 200));
    });
}

#[test]
fn an_article_lives_its_life() {
    let web = one(|agency| (agency.items, agency.format) = (1, Format::Atom));
    let story = web.publish("gazette", Story::text("Ferry back in service", &["The ferry made 12 trips.", "It will make more."]));
    assert_eq!(get(&web.feed("gazette")).text().matches("<entry>").count(), 2);
    assert!(get(&story.url).text().contains("<p>The ferry made 12 trips.</p>"));
    let before = get(&story.url).header("last-modified").unwrap().to_owned();

    web.correct(&story.url);
    let truth = web.truth_of(&story.url);
    assert_eq!(truth.article.paragraphs[0], "The ferry made 92 trips.");
    assert_eq!((truth.article.revision, truth.article.paragraphs.len()), (2, 3));
    assert_ne!(get(&story.url).header("last-modified").unwrap(), before);

    web.update(&story.url);
    let truth = web.truth_of(&story.url).article;
    assert_eq!((truth.title.as_str(), truth.paragraphs.len()), ("Updated: Ferry back in service", 4));
    assert!(get(&web.feed("gazette")).text().contains("Updated: Ferry back in service"));

    web.edit(&story.url, |article| article.title = "Ferry stays".into());
    web.withdraw(&story.url);
    assert_eq!(get(&story.url).status, 410);
    assert_eq!(get(&web.feed("gazette")).text().matches("<entry>").count(), 1);
    let deeds: Vec<Deed> = web.events().into_iter().map(|event| event.deed).collect();
    assert_eq!(deeds, [Deed::Published, Deed::Corrected, Deed::Updated, Deed::Edited, Deed::Withdrawn]);
}

#[test]
fn a_feed_shows_its_window_newest_first() {
    let web = one(|agency| (agency.items, agency.window) = (30, 5));
    let newest = web.publish("gazette", Story::new()).url;
    let hidden = web.publish("gazette", Story { unlisted: true, ..Story::new() }).url;
    let feed = get(&web.feed("gazette")).text();
    assert_eq!(feed.matches("<item>").count(), 5);
    let first = feed.split("<item>").nth(1).unwrap();
    assert!(first.contains(&newest) && !feed.contains(&hidden));
    assert_eq!(get(&hidden).status, 200);
}

#[test]
fn a_reprint_carries_the_text_and_a_credit() {
    let mut mirror = Agency::new("mirror");
    (mirror.layout, mirror.canonical, mirror.items) = (Layout::Soup, Canonical::Origin, 0);
    let web = NewsWeb::start(Plan::of([Agency::new("wire"), mirror])).unwrap();
    let origin = web.truth().remove(0);
    let copy = web.truth_of(&web.reprint("mirror", &origin.url, Reprint::Whole).url);
    assert_eq!((&copy.article.title, &copy.article.paragraphs), (&origin.article.title, &origin.article.paragraphs));
    assert_eq!((copy.article.copy_of.as_ref(), copy.article.credit.as_deref()), (Some(&origin.url), Some("Wire News Agency")));
    let html = get(&copy.url).text();
    assert!(html.contains("(Source: Wire News Agency)"));
    assert!(html.contains(&format!("<link rel=\"canonical\" href=\"{}\">", origin.url)));

    let silent = web.truth_of(&web.reprint("mirror", &origin.url, Reprint::Uncredited).url);
    assert_eq!((silent.article.copy_of.as_ref(), silent.article.credit.as_deref()), (Some(&origin.url), None));
    assert!(!get(&silent.url).text().contains("Source:"));

    let short = web.truth_of(&web.reprint("mirror", &origin.url, Reprint::Truncated(2)).url).article;
    assert_eq!(short.paragraphs, origin.article.paragraphs[..2]);
    let edited = web.truth_of(&web.reprint("mirror", &origin.url, Reprint::Edited).url).article;
    assert_ne!(edited.title, origin.article.title);
    let kept = edited.paragraphs.iter().filter(|text| origin.article.paragraphs.contains(text)).count();
    assert_eq!((edited.paragraphs.len(), kept), (origin.article.paragraphs.len(), origin.article.paragraphs.len() - 1));
}

#[test]
fn links_guids_and_canonicals_follow_the_plan() {
    let web = one(|agency| {
        (agency.layout, agency.items) = (Layout::Table, 2);
        (agency.links, agency.guid, agency.canonical) = (Links::Tracked, Guid::Opaque, Canonical::Home);
    });
    let [first, second] = [0, 1].map(|index| web.truth()[index].clone());
    let feed = get(&web.feed("gazette")).text();
    let tracked = format!("{}&utm_source=rss&utm_medium=feed&utm_campaign=all", first.url);
    assert!(first.url.contains("?id=") && feed.contains(&tracked.replace('&', "&amp;")));
    assert!(feed.contains(&format!("<guid isPermaLink=\"false\">gazette-{}</guid>", first.article.id)));
    // The query selects the page, the tracking parameters do not.
    assert_eq!(get(&tracked).body, get(&first.url).body);
    assert_ne!(get(&first.url).body, get(&second.url).body);
    assert!(get(&first.url).text().contains(&format!("<link rel=\"canonical\" href=\"{}/\">", web.base("gazette"))));
    web.change_agency("gazette", |agency| {
        (agency.links, agency.guid, agency.canonical) =
            (Links::Relative, Guid::Absent, Canonical::Foreign("http://example.org".into()));
    });
    let feed = get(&web.feed("gazette")).text();
    assert!(feed.contains(&format!("<link>{}</link>", first.article.path)) && !feed.contains("<guid"));
    assert!(get(&first.url).text().contains("href=\"http://example.org/news.php?id="));
}

#[test]
fn every_malformation_is_in_the_bytes() {
    for malformed in Malformed::ALL {
        for format in [Format::Rss2, Format::Atom, Format::JsonFeed, Format::Rdf, Format::Rss091, Format::NewsSitemap] {
            let web = one(|agency| (agency.format, agency.items) = (format, 4));
            let read = || String::from_utf8_lossy(&get(&web.feed("gazette")).body).into_owned();
            let whole = read();
            web.change_agency("gazette", |agency| agency.malformed = Some(malformed));
            let broken = read();
            let told = matches!(malformed, Malformed::UndeclaredEntity | Malformed::ControlCharacter | Malformed::BadBytes);
            // These three have no like in JSON.
            assert_eq!(whole == broken, told && format == Format::JsonFeed, "{malformed:?} {format:?}");
            match malformed {
                Malformed::Truncated => assert!(whole.starts_with(&broken), "{format:?}"),
                Malformed::LeadingJunk => assert!(broken.ends_with(&whole), "{format:?}"),
                _ => {}
            }
        }
    }
}

#[test]
fn pages_are_written_in_the_charset_they_declare_or_not() {
    let page = |charset, declared, language| {
        let web = one(|agency| {
            (agency.charset, agency.declared, agency.language, agency.items) = (charset, declared, language, 1);
            agency.layout = Layout::OpenGraph;
        });
        let truth = web.truth().remove(0);
        let read = get(&truth.url);
        (read.header("content-type").unwrap().to_owned(), read.body, truth.article.paragraphs[1].clone())
    };
    let holds = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    for (language, charset) in [
        (Language::Russian, Charset::Windows1251),
        (Language::Russian, Charset::Koi8R),
        (Language::Turkish, Charset::Windows1254),
        (Language::Chinese, Charset::Gb2312),
        (Language::Azerbaijani, Charset::Utf16),
    ] {
        let (kind, bytes, paragraph) = page(charset, Declared::Everywhere, language);
        assert_eq!(kind, format!("text/html; charset={}", charset.label()));
        let encoded = charset.encode(&paragraph.replace('"', "&quot;"));
        // A byte order mark stands at the beginning of the document alone.
        let encoded = encoded.strip_prefix(&[0xFF, 0xFE]).unwrap_or(&encoded);
        assert!(holds(&bytes, encoded), "{charset:?}");
        assert!(std::str::from_utf8(&bytes).is_err(), "{charset:?}");
    }
    let (kind, bytes, _) = page(Charset::Windows1251, Declared::Document, Language::Russian);
    assert!(kind == "text/html" && holds(&bytes, b"<meta charset=\"windows-1251\">"));
    let (kind, bytes, _) = page(Charset::Windows1251, Declared::Nowhere, Language::Russian);
    assert!(kind == "text/html" && !holds(&bytes, b"charset"));
    let (kind, bytes, _) = page(Charset::Windows1251, Declared::HeaderLies, Language::Russian);
    assert!(kind == "text/html; charset=iso-8859-1" && holds(&bytes, b"<meta charset=\"windows-1251\">"));
}

#[test]
fn answers_by_hand_stand_in_place_of_what_was_there() {
    let web = one(|agency| agency.items = 1);
    let url = web.truth()[0].url.clone();
    let path = url.strip_prefix(&web.base("gazette")).unwrap();
    web.set_page("gazette", path, Response::bytes("application/pdf", b"%PDF-1.4".to_vec()));
    assert_eq!(get(&url).header("content-type"), Some("application/pdf"));
    web.unset_page("gazette", path);
    assert!(get(&url).text().contains("</html>"));
    let feed = web.set_feed_raw("gazette", Format::Rss2, "<rss/>");
    let read = get(&feed);
    assert_eq!(read.text(), "<rss/>");
    assert_eq!(get_with(&feed, &format!("If-None-Match: {}\r\n", read.header("etag").unwrap())).unwrap().status, 304);
    let moved = web.set_page("gazette", "/old", Response::status(301).with_header("Location", path));
    assert_eq!((get(&moved).status, get(&moved).header("location")), (301, Some(path)));
}

#[test]
fn the_same_seed_writes_the_same_web() {
    let write = |seed| {
        let plan = Plan { clock: Clock::Stepped(START), ..Plan::mixed(5, 4, seed) };
        let web = NewsWeb::start(plan).unwrap();
        (0..10).for_each(|_| _ = web.tick());
        web.truth().into_iter().map(|page| (page.agency, page.article)).collect::<Vec<_>>()
    };
    assert_eq!(write(5), write(5));
    assert_ne!(write(5), write(6));
}

#[test]
fn no_two_stories_are_near_each_other() {
    for language in Language::ALL {
        let web = one(|agency| (agency.language, agency.items, agency.datelines) = (language, 40, false));
        // Runs of five words, or of ten letters where there are no blanks.
        let runs: Vec<HashSet<Vec<String>>> = web
            .truth()
            .iter()
            .map(|page| {
                let text = page.article.paragraphs.join(" ");
                let (units, run): (Vec<String>, usize) = match language {
                    Language::Chinese => (text.chars().map(String::from).collect(), 10),
                    _ => (text.split_whitespace().map(str::to_owned).collect(), 5),
                };
                assert!((6..=14).contains(&page.article.paragraphs.len()));
                units.windows(run).map(<[String]>::to_vec).collect()
            })
            .collect();
        let mut nearest = 0.0_f64;
        for (index, one) in runs.iter().enumerate() {
            for other in &runs[..index] {
                let shared = one.intersection(other).count() as f64;
                nearest = nearest.max(shared / (one.len() + other.len()) as f64 * 2.0);
            }
        }
        assert!(nearest < 0.25, "{language:?}: two stories share {nearest:.2} of their runs");
        let titles: HashSet<String> = web.truth().into_iter().map(|page| page.article.title).collect();
        assert!(titles.len() > 35, "{language:?}: {} titles", titles.len());
    }
}

#[test]
fn feeds_say_of_an_article_what_the_plan_lets_them() {
    let web = one(|agency| (agency.items, agency.summary) = (1, Summary::Full));
    let paragraph = web.truth()[0].article.paragraphs.last().unwrap().replace('"', "&amp;quot;");
    assert!(get(&web.feed("gazette")).text().contains(&format!("&lt;p&gt;{paragraph}&lt;/p&gt;")));
    web.change_agency("gazette", |agency| agency.summary = Summary::Markup);
    assert!(get(&web.feed("gazette")).text().contains("&lt;img src=&quot;http://127."));
    web.change_agency("gazette", |agency| agency.summary = Summary::Absent);
    let item = get(&web.feed("gazette")).text();
    assert!(!item.split("<item>").nth(1).unwrap().contains("<description>"));
}

#[test]
fn the_demo_shows_a_copy_an_update_and_a_malformed_feed() {
    let web = NewsWeb::start(demo_plan()).unwrap();
    let deeds: Vec<(String, Deed)> = (0..10).map(|_| web.tick()).map(|event| (event.agency, event.deed)).collect();
    assert!(deeds.iter().any(|(agency, deed)| agency == "morning-mirror" && matches!(deed, Deed::Reprinted(_))));
    assert!(deeds.contains(&("severny-vestnik".into(), Deed::Updated)));
    assert!(get(&web.feed("harbour-telegraph")).text().contains(" & Sons"));
}

#[test]
fn it_ticks_by_itself_and_everything_ends_with_it() {
    let web = one(|_| {});
    let feed = web.feed("gazette");
    web.tick_every(Duration::from_millis(1));
    let (mut reader, target) = Reader::to(&feed);
    // Polls until the news is in the feed; the limit is the reader's own.
    while !get(&feed).text().contains("<item>") || web.events().len() < 3 {}
    web.stop_ticking();
    reader.ask(&target, "");
    assert_eq!(reader.read().unwrap().status, 200);
    drop(web);
    assert!(reader.read().is_none(), "open connections end");
    assert!(TcpStream::connect(feed.trim_start_matches("http://").trim_end_matches("/rss.xml")).is_err(), "nothing listens");
}

#[test]
fn the_log_can_be_kept() {
    let web = one(|_| {});
    get(&web.feed("gazette"));
    web.wait_for_answers(LIMIT, 1, Scope::Agency("gazette".into())).unwrap();
    let table = newsweb::tsv(&web.log());
    let row: Vec<&str> = table.lines().nth(1).unwrap().split('\t').collect();
    assert_eq!(row.len(), table.lines().next().unwrap().split('\t').count());
    assert_eq!((row[3], row[5], row[6], row[8], row[10]), ("gazette", "GET", "/rss.xml", "200", "true"));
    web.clear_log();
    get(&web.feed("gazette"));
    assert_eq!(web.log()[0].attempt, 2);
}
