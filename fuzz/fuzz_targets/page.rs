//! Bytes to an article, through the guard and the tree: read, read in parts, explained, cleaned, its boilerplate cut.
#![no_main]

use wireroom::article::{self, Rules, boilerplate};
use wireroom::markup::{self, Limits};
use wireroom::model::{Boilerplate, Entry, Extracted};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let document = wireroom_fuzz::document(bytes, Some("text/html"));
    let entry = Entry::of_page(Some(document.url.clone()), wireroom_fuzz::seen());
    let (rules, none) = (Rules::default(), Boilerplate::default());
    let mut pages = vec![document];
    // Every page that is asked for is this one again.
    for _ in 0..3 {
        match article::extract(&pages, &entry, &rules, &none) {
            Ok(Extracted::Needs(wanted)) => {
                for url in wanted {
                    let mut page = wireroom_fuzz::document(bytes, Some("text/html"));
                    page.head.final_url = url.clone();
                    page.url = url;
                    pages.push(page);
                }
            }
            Ok(Extracted::Article(article)) => {
                assert!(article.body.iter().all(|line| !line.is_empty() && !line.chars().any(char::is_control)));
                let lines = boilerplate::lines(&article).into_iter().map(|line| line.line).collect();
                let learnt = Boilerplate { version: 1, lines };
                let _ = article::extract(&pages, &entry, &rules, &learnt);
                let _ = article::clean(article.body.clone(), &[article.title.as_deref().unwrap_or_default()]);
                let _ = article::barred(&pages[0], &article);
                break;
            }
            Err(_) => break,
        }
    }
    let _ = article::explain(&pages, &entry, &rules, &none);
    let text = String::from_utf8_lossy(bytes);
    let small = Limits { depth: 16, attributes: 4, nodes: 500, repeats: 50 };
    let guarded = markup::guard(&text, &small);
    let _ = markup::plain(&guarded.text);
});
