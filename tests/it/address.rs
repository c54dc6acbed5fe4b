//! Addresses: what resolves, what is the same page, what is the same site.

use proptest::prelude::*;
use wireroom::address::{self, host_key, is_root_or_section, key, registrable_domain, resolve, same_site};
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
fn one_page_has_one_key() {
    for (one, other) in [
        ("http://www.agency.example.org/a", "https://agency.example.org/a"),
        ("https://agency.example.org/a?utm_source=rss&utm_medium=feed", "https://agency.example.org/a"),
        ("https://agency.example.org/a?id=7&fbclid=x", "https://agency.example.org/a?id=7"),
        ("https://agency.example.org/a?b=2&a=1", "https://agency.example.org/a?a=1&b=2"),
        ("https://agency.example.org/a/", "https://agency.example.org/a"),
        ("https://AGENCY.example.org:443/a", "https://agency.example.org/a"),
        ("https://agency.example.org/%7euser/%c3%a4", "https://agency.example.org/~user/%C3%A4"),
        ("https://agency.example.org/a/index.html", "https://agency.example.org/a"),
        ("https://agency.example.org/a?ref=rss", "https://agency.example.org/a"),
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
        ("https://agency.example.org/a?page=2", "https://agency.example.org/a"),
    ] {
        assert_ne!(key(&url(one)), key(&url(other)), "{one} and {other}");
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
    ] {
        assert!(is_root_or_section(&url(home)), "{home}");
    }
    for page in
        ["https://a.example.org/politics/3891234.html", "https://a.example.org/?p=12", "https://a.example.org/long-headline-of-it"]
    {
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

proptest! {
    #[test]
    fn keys_are_stable_under_their_own_rules(path in "(/[a-zA-Z0-9%._~-]{0,8}){0,4}", query in "([a-z]{1,4}=[a-z0-9%]{0,4}&?){0,3}") {
        if let Some(page) = resolve(None, &format!("https://agency.example.org{path}?{query}")) {
            let once = key(&page);
            if let Some(again) = resolve(None, &format!("https://{once}")) {
                prop_assert_eq!(key(&again), once);
            }
        }
    }

    #[test]
    fn nothing_makes_it_panic(text in ".{0,80}") {
        if let Some(page) = resolve(None, &text) {
            let _ = (key(&page), host_key(&page), registrable_domain(&page), is_root_or_section(&page));
        }
    }
}
