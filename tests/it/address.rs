//! Addresses: what resolves, what is the same page, what is the same site.

use proptest::prelude::*;
use wireroom::address::{
    self, Tracking, host_key, is_root_or_section, key, key_with, registrable_domain, resolve, same_site, weak_key,
};
use wireroom::model::Url;

fn url(text: &str) -> Url {
    resolve(None, text).unwrap_or_else(|| panic!("{text} resolves"))
}

#[test]
fn only_web_addresses_resolve() {
    let base = url("https://agency.example.org/news/index.html?a=1");
    for (reference, expected) in [
        ("/politics/1.html#top", "https://agency.example.org/politics/1.html"),
        ("2.html", "https://agency.example.org/news/2.html"),
        ("//cdn.example.org/x", "https://cdn.example.org/x"),
        (" \n/a b ", "https://agency.example.org/a%20b"),
        ("https://user:secret@agency.example.org/", "https://agency.example.org/"),
        ("http://2130706433/", "http://127.0.0.1/"),
    ] {
        assert_eq!(resolve(Some(&base), reference).map(String::from).as_deref(), Some(expected), "{reference:?}");
    }
    for reference in
        ["", "javascript:alert(1)", "data:text/html,x", "mailto:a@example.org", "file:///etc/passwd", "ftp://example.org/"]
    {
        assert_eq!(resolve(Some(&base), reference), None, "{reference:?}");
    }
    assert_eq!(resolve(None, "/relative"), None);
    assert_eq!(resolve(None, &format!("http://example.org/{}", "a".repeat(5000))), None, "a payload is no address");
}

#[test]
fn fragments_are_dropped_unless_they_name_a_page() {
    for (reference, expected) in [
        ("https://agency.example.org/a#top", "https://agency.example.org/a"),
        ("https://agency.example.org/a#!", "https://agency.example.org/a"),
        ("https://agency.example.org/#!/story/1", "https://agency.example.org/#!/story/1"),
        ("https://agency.example.org/#/story/1", "https://agency.example.org/#/story/1"),
    ] {
        assert_eq!(url(reference).as_str(), expected);
    }
    assert_ne!(key(&url("https://agency.example.org/#!/story/1")), key(&url("https://agency.example.org/#!/story/2")));
    assert!(!is_root_or_section(&url("https://agency.example.org/#!/story/1")));
}

#[test]
fn one_page_has_one_key() {
    for (one, other) in [
        ("http://www.agency.example.org/a", "https://agency.example.org/a"),
        ("https://agency.example.org/a?utm_source=rss&utm_medium=feed", "https://agency.example.org/a"),
        ("https://agency.example.org/a?id=7&fbclid=x", "https://agency.example.org/a?id=7"),
        ("https://agency.example.org/a?UTM_Source=x&utm%5Fmedium=y", "https://agency.example.org/a"),
        ("https://agency.example.org/a?WT.mc_id=x&CMP=share&itm_channel=7", "https://agency.example.org/a"),
        ("https://agency.example.org/a?b=2&a=1", "https://agency.example.org/a?a=1&b=2"),
        ("https://agency.example.org/a/", "https://agency.example.org/a"),
        ("https://agency.example.org//a///b", "https://agency.example.org/a/b"),
        ("https://AGENCY.example.org:443/a", "https://agency.example.org/a"),
        ("http://agency.example.org:80/a", "https://agency.example.org/a"),
        ("https://agency.example.org./a", "https://agency.example.org/a"),
        ("https://agency.example.org/%7euser/%c3%a4", "https://agency.example.org/~user/ä"),
        ("https://agency.example.org/o'clock", "https://agency.example.org/o%27clock"),
        ("https://agency.example.org/a/index.html", "https://agency.example.org/a"),
        ("https://agency.example.org/a/Default.aspx", "https://agency.example.org/a/"),
        ("https://agency.example.org/index.php?id=7", "https://agency.example.org/?id=7"),
        ("https://agency.example.org/a;jsessionid=1A2B3C?id=7", "https://agency.example.org/a?id=7"),
        ("https://agency.example.org/a?PHPSESSID=1a2b", "https://agency.example.org/a"),
        ("https://agency.example.org/a?ref=rss", "https://agency.example.org/a"),
        ("https://agency.example.org/a?ref=portal.example.net", "https://agency.example.org/a"),
        ("https://agency.example.org/a?partner=rss&emc=rss", "https://agency.example.org/a"),
        ("https://agency.example.org/a?id=7&amp;lang=en", "https://agency.example.org/a?id=7&lang=en"),
        ("https://agency.example.org/a?id=7&amp;utm_source=rss", "https://agency.example.org/a?id=7"),
        ("https://agency.example.org/a?print", "https://agency.example.org/a?print="),
        ("https://agency.example.org/a?q=new+bridge", "https://agency.example.org/a?q=new%20bridge"),
        ("https://agency.example.org/a?", "https://agency.example.org/a?&&"),
        ("https://agency.example.org/a#comments", "https://agency.example.org/a"),
    ] {
        assert_eq!(key(&url(one)), key(&url(other)), "{one} and {other}");
    }
}

#[test]
fn two_pages_have_two_keys() {
    for (one, other) in [
        ("https://agency.example.org/a?id=7", "https://agency.example.org/a?id=8"),
        ("https://agency.example.org/a", "https://agency.example.org/b"),
        ("https://agency.example.org/a", "https://other.example.org/a"),
        ("https://agency.example.org:8080/a", "https://agency.example.org/a"),
        ("https://agency.example.org/A", "https://agency.example.org/a"),
        ("https://agency.example.org/a?source=bbc", "https://agency.example.org/a"),
        ("https://agency.example.org/a?source=1200", "https://agency.example.org/a?source=1201"),
        ("https://agency.example.org/a?source=rss", "https://agency.example.org/a"),
        ("https://agency.example.org/a?uid=1", "https://agency.example.org/a?uid=2"),
        ("https://agency.example.org/a?cid=1", "https://agency.example.org/a?cid=2"),
        ("https://agency.example.org/a?mod=news&id=1", "https://agency.example.org/a?mod=sport&id=1"),
        ("https://agency.example.org/a?campaign_id=1", "https://agency.example.org/a?campaign_id=2"),
        ("https://agency.example.org/a?ref=12", "https://agency.example.org/a?ref=13"),
        ("https://agency.example.org/a?ref=story.html", "https://agency.example.org/a"),
        ("https://agency.example.org/a?rss=12", "https://agency.example.org/a?rss=13"),
        ("https://agency.example.org/a?page=2", "https://agency.example.org/a"),
        ("https://agency.example.org/a?q=c%2B%2B", "https://agency.example.org/a?q=c++"),
        ("https://agency.example.org/a?q=1%262", "https://agency.example.org/a?q=1&2"),
        ("https://agency.example.org/a%2Fb", "https://agency.example.org/a/b"),
        ("https://agency.example.org/a+b", "https://agency.example.org/a%20b"),
        ("https://agency.example.org/100%25", "https://agency.example.org/100"),
        ("https://agency.example.org/p/story/amp/", "https://agency.example.org/p/story"),
        ("https://m.agency.example.org/p/story", "https://agency.example.org/p/story"),
        ("https://agency.example.org/index.html/a", "https://agency.example.org/a"),
    ] {
        assert_ne!(key(&url(one)), key(&url(other)), "{one} and {other}");
    }
}

#[test]
fn the_operator_adds_tracking_parameters() {
    let tracking = Tracking::with(["WKey".to_owned(), "from_list_*".to_owned()]);
    let plain = key(&url("https://agency.example.org/a?id=7"));
    for same in ["https://agency.example.org/a?id=7&wkey=x", "https://agency.example.org/a?FROM_LIST_top=1&id=7&utm_id=3"] {
        assert_eq!(key_with(&tracking, &url(same)), plain, "{same}");
        assert_ne!(key(&url(same)), plain, "{same} by the built-in ones alone");
    }
    for other in ["https://agency.example.org/a?id=7&wkey2=x", "https://agency.example.org/a?id=7&from_list=1"] {
        assert_ne!(key_with(&tracking, &url(other)), plain, "{other}");
    }
    assert_eq!(tracking.added(), ["from_list_*", "wkey"]);
}

#[test]
fn amp_and_mobile_editions_point_at_their_page() {
    let plain = Some("agency.example.org/p/story".to_owned());
    for edition in [
        "https://agency.example.org/p/story/amp/",
        "https://agency.example.org/p/story/amp.html",
        "https://agency.example.org/amp/p/story",
        "https://agency.example.org/p/story?amp",
        "https://agency.example.org/p/story?amp=1&utm_source=x",
        "https://agency.example.org/p/story?outputType=amp",
        "https://agency.example.org/p/story.amp",
        "https://amp.agency.example.org/p/story",
        "https://m.agency.example.org/p/story",
        "https://www.m.agency.example.org/p/story",
        "https://mobile.agency.example.org/p/story/?m=1",
        "https://agency.m.example.org/p/story",
        "https://agency.example.org/m/p/story",
        "https://agency-example-org.cdn.ampproject.org/c/s/agency.example.org/p/story/amp/",
        "https://agency-example-org.cdn.ampproject.org/v/s/agency.example.org/p/story?amp_js_v=a6&amp_gsa=1&usqp=mq3",
        "https://www.google.com/amp/s/agency.example.org/p/story",
    ] {
        assert_eq!(weak_key(&url(edition)), plain, "{edition}");
    }
    assert_eq!(weak_key(&url("https://a.example.org/story.amp.html")).as_deref(), Some("a.example.org/story.html"));
    assert_eq!(weak_key(&url("https://m.a.example.org/n.php?id=7&amp=1")).as_deref(), Some("a.example.org/n.php?id=7"));
    for page in [
        "https://agency.example.org/p/story",
        "https://agency.example.org/amp",
        "https://agency.example.org/m/",
        "https://m.example/",
        "https://amp.dev/p/story",
        "https://m.co.uk/p/story",
        "https://agency.example.org/p/story?amp=2019",
        "https://agency.example.org/p/champ",
        "https://agency.example.org/p/guitar-amp",
        "https://www.google.com/amp/s/",
        "https://x.cdn.ampproject.org/c/s/",
    ] {
        assert_eq!(weak_key(&url(page)), None, "{page}");
    }
}

#[test]
fn sites_are_told_apart_by_registrable_domain() {
    assert_eq!(registrable_domain(&url("https://en.news.example.co.uk/x")), "example.co.uk");
    assert_eq!(registrable_domain(&url("http://127.0.0.1:8080/x")), "127.0.0.1:8080");
    assert!(same_site(&url("https://en.agency.az/1"), &url("https://www.agency.az/2")));
    assert!(!same_site(&url("https://a.co.uk/1"), &url("https://b.co.uk/2")));
    assert_eq!(host_key(&url("https://Agency.example.org:8443/x")), "agency.example.org:8443");
}

#[test]
fn a_home_page_is_no_article() {
    for home in [
        "https://a.example.org/",
        "https://a.example.org/?utm_source=x",
        "https://a.example.org/index.html",
        "https://a.example.org/politics/",
        "https://a.example.org/en/",
        "https://a.example.org/en/news",
        "https://a.example.org/pt-br/economia/",
    ] {
        assert!(is_root_or_section(&url(home)), "{home}");
    }
    for page in [
        "https://a.example.org/politics/3891234.html",
        "https://a.example.org/?p=12",
        "https://a.example.org/long-headline-of-it",
        "https://a.example.org/en/politics/storm",
        "https://a.example.org/en/long-headline-of-it",
    ] {
        assert!(!is_root_or_section(&url(page)), "{page}");
    }
}

#[test]
fn an_answer_from_above_the_page_is_told_from_a_moved_page() {
    for (asked, answered) in [
        ("https://a.example.org/politics/1.html", "https://a.example.org/"),
        ("https://a.example.org/politics/1.html", "https://a.example.org/politics/"),
        ("https://a.example.org/news.php?id=7", "https://a.example.org/news.php"),
        ("https://a.example.org/politics/1.html", "https://www.other.example.com/?utm_source=gone"),
    ] {
        assert!(address::leads_up(&url(asked), &url(answered)), "{asked} to {answered}");
    }
    for (asked, answered) in [
        ("https://a.example.org/politics/1.html", "https://a.example.org/politics/1-storm.html"),
        ("http://a.example.org/1", "https://www.a.example.org/1/"),
        ("https://a.example.org/1?utm_source=rss", "https://a.example.org/1"),
        ("https://a.example.org/?p=12", "https://a.example.org/2026/11/storm/"),
        ("https://a.example.org/r/12", "https://b.example.net/storm"),
    ] {
        assert!(!address::leads_up(&url(asked), &url(answered)), "{asked} to {answered}");
    }
}

/// Run by `tests/quality.sh`: prints the table, and writes the figures that have floors to `WIREROOM_FIGURES`.
#[test]
#[ignore = "reads the corpora beside the checkout, named by WIREROOM_SHARED"]
fn the_pairs_of_the_corpus() {
    let shared = std::path::PathBuf::from(std::env::var("WIREROOM_SHARED").expect("the folder of the corpora"));
    let pairs: Vec<serde_json::Value> =
        serde_json::from_slice(&std::fs::read(shared.join("corpora/dedup/urls.json")).unwrap()).unwrap();
    // By group: pairs of one page, found by the key, found with the weak key too; of two pages, joined by either.
    let mut table = std::collections::BTreeMap::<&str, [[usize; 3]; 2]>::new();
    for pair in &pairs {
        let page = |side: &str| resolve(None, pair[side].as_str().unwrap());
        let (one, other) = (page("a"), page("b"));
        let joined = |by: fn(&Url) -> String| one.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| by(one) == by(other));
        let (strong, weak) = (joined(key), joined(|url| weak_key(url).unwrap_or_else(|| key(url))));
        let same = pair["same"].as_bool().unwrap();
        let group = pair["src"].as_str().unwrap();
        let group = if group.starts_with("news") { "news" } else { group };
        for name in [group, "all"] {
            let row = &mut table.entry(name).or_default()[usize::from(!same)];
            row[0] += 1;
            row[1] += usize::from(strong);
            row[2] += usize::from(strong || weak);
        }
        if same != (strong || weak) {
            let word = if same { "apart" } else { "JOINED" };
            println!("  {word}: {} | {}", pair["a"].as_str().unwrap(), pair["b"].as_str().unwrap());
        }
    }
    println!("addresses: group, pairs of one page found by key, with the weak key, of all; pairs of two pages joined");
    for (group, [same, different]) in &table {
        println!("  {group:8} {:3} {:3} / {:3}    {} {} / {}", same[1], same[2], same[0], different[1], different[2], different[0]);
    }
    let [news, _] = table["news"];
    let [all, different] = table["all"];
    let figures = serde_json::json!({
        "addresses.news": news[2] as f64 / news[0] as f64,
        "addresses.key": all[1] as f64 / all[0] as f64,
        "addresses.same": all[2] as f64 / all[0] as f64,
        "addresses.apart": 1.0 - different[2] as f64 / different[0] as f64,
    });
    if let Ok(path) = std::env::var("WIREROOM_FIGURES") {
        std::fs::write(path, figures.to_string()).unwrap();
    }
    assert_eq!(different[2], 0, "pairs of two pages are joined");
}

/// Parameters that are content wherever they stand.
const CONTENT: &str = "id|p|story|source|uid|cid|page|q|kw";

proptest! {
    #[test]
    fn the_key_of_a_keys_page_is_the_key(
        host in "(www\\.)?(www\\.)?(m\\.)?[a-c]\\.example\\.org(:8080)?",
        path in "(/(index\\.html|[a-zA-Z0-9%._~;=+!$&'()*,:@-]{0,8}|%[0-9A-Fa-f]{2}|ä|;jsessionid=1)){0,4}",
        query in "((id|utm_x|amp;a|ref|b)?=?([a-z0-9%+;=/?]|%2[0-9A-F]){0,4}&?){0,3}",
        fragment in "|#top|#!/s/[a-z%?#]{1,4}|#/x",
    ) {
        if let Some(page) = resolve(None, &format!("https://{host}{path}?{query}{fragment}")) {
            for once in [Some(key(&page)), weak_key(&page)].into_iter().flatten() {
                if let Some(again) = resolve(None, &format!("https://{once}")) {
                    prop_assert_eq!(key(&again), once);
                }
            }
        }
    }

    #[test]
    fn what_selects_a_page_tells_keys_apart(
        name in CONTENT,
        path in "(/[a-z0-9-]{1,8}){0,3}",
        values in ("[A-Za-z0-9_.~-]{1,8}", "[A-Za-z0-9_.~-]{1,8}"),
        noise in "|&utm_source=x|&fbclid=1|&b=2",
    ) {
        let page = |value: &str| key(&url(&format!("https://a.example.org{path}?{name}={value}{noise}")));
        prop_assert_eq!(values.0 == values.1, page(&values.0) == page(&values.1));
    }

    #[test]
    fn paths_and_hosts_tell_keys_apart(
        one in ("[a-d]\\.example\\.(org|net)", "(/[a-zA-Z0-9_~+,:@-]{1,6}){1,3}"),
        other in ("[a-d]\\.example\\.(org|net)", "(/[a-zA-Z0-9_~+,:@-]{1,6}){1,3}"),
    ) {
        let page = |(host, path): &(String, String)| key(&url(&format!("https://{host}{path}")));
        prop_assert_eq!(one == other, page(&one) == page(&other));
    }

    #[test]
    fn nothing_makes_it_panic(text in ".{0,80}", tail in "(%[0-9a-zé]{0,2}|[;=&?#!/+]|amp|ä){0,12}") {
        for text in [text.clone(), format!("https://m.example.org/{text}{tail}"), format!("https://a.cdn.ampproject.org/c/s/{tail}")] {
            if let Some(page) = resolve(None, &text) {
                let _ = (key(&page), weak_key(&page), host_key(&page), registrable_domain(&page), is_root_or_section(&page));
            }
        }
    }
}
