//! What an address or a name says of itself: that there is a feed, in the languages of the press; that it is of comments, or of one tag.

use crate::markup::Tag;
use crate::model::Url;

use super::Candidate;

/// Whether a `link rel=alternate` is meant for feed readers: other languages and print versions are alternates too.
pub(super) fn is_feed_type(tag: &Tag<'_>, url: &Url) -> bool {
    let kind = tag.attribute("type").unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match kind {
        "application/rss+xml" | "application/atom+xml" | "application/rdf+xml" | "application/feed+json" => true,
        "application/rss" | "application/atom" | "text/rss+xml" | "text/rss" | "text/atom+xml" | "application/rdf" => true,
        "application/x.atom+xml" | "application/x-atom+xml" | "application/x-rss+xml" => true,
        // Types that are wrong or say nothing: the address or the title has to speak.
        "text/xml" | "application/xml" | "application/json" | "text/plain" | "" => {
            let title = tag.attribute("title").unwrap_or_default();
            kind.ends_with("xml") && tag.attribute("hreflang").is_none() || speaks_of_feeds(&title) || is_feed_address(url)
        }
        _ => false,
    }
}

/// Lower-case words of Latin letters and digits, and runs of other letters.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect::<Vec<_>>()
        .into_iter()
}

/// Whether a text says that there is a feed, in the languages of the press.
pub(super) fn speaks_of_feeds(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "rss",
        "rss1",
        "rss2",
        "atom",
        "feed",
        "feeds",
        "rssfeed",
        "rssfeeds",
        "newsfeed",
        "webfeed",
        "rdf",
        "лента",
        "ленты",
        "стрічка",
        "besleme",
        "فید",
    ];
    const PARTS: [&str; 8] = ["フィード", "订阅", "訂閱", "خلاصات", "خوراک", "피드", "פיד", "ฟีด"];
    words(text).any(|word| WORDS.contains(&word.as_str())) || PARTS.iter().any(|part| text.contains(part))
}

/// Whether an address looks like a feed's.
pub(super) fn is_feed_address(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    [".rss", ".rdf", ".atom"].iter().any(|ending| path.ends_with(ending))
        || words(&path).any(|word| matches!(word.as_str(), "rss" | "rss2" | "feed" | "feeds" | "atom" | "rssfeed" | "rssfeeds"))
        || url.query_pairs().any(|(name, value)| {
            matches!(name.as_ref(), "feed" | "rss" | "atom")
                || matches!(value.to_ascii_lowercase().as_str(), "rss" | "rss2" | "feed" | "atom")
        })
}

/// Buttons that add a feed to somebody's reader, and pictures.
pub(super) fn is_of_others(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let readers = url.query_pairs().any(|(_, value)| value.starts_with("http://") || value.starts_with("https://"));
    readers || [".png", ".gif", ".jpg", ".svg", ".pdf", ".mp3"].iter().any(|ending| path.ends_with(ending))
}

pub(super) fn is_aside(candidate: &Candidate) -> bool {
    is_of_comments(&candidate.url, candidate.title.as_deref()) || is_of_one_tag(&candidate.url)
}

/// Whether a feed brings readers' comments.
pub(super) fn is_of_comments(url: &Url, title: Option<&str>) -> bool {
    const WORDS: [&str; 16] = [
        "comment",
        "comments",
        "kommentar",
        "kommentare",
        "commentaire",
        "commentaires",
        "comentario",
        "comentarios",
        "commenti",
        "comentarii",
        "reacties",
        "комментарии",
        "комментариев",
        "коментарі",
        "yorum",
        "yorumlar",
    ];
    let says = |text: &str| words(text).any(|word| WORDS.contains(&word.as_str()));
    says(url.path()) || url.query_pairs().any(|(_, value)| says(&value)) || title.is_some_and(says)
}

/// Whether a feed is about one tag, author or query.
pub(super) fn is_of_one_tag(url: &Url) -> bool {
    const WORDS: [&str; 9] = ["tag", "tags", "author", "authors", "search", "label", "topic", "category", "user"];
    words(url.path()).any(|word| WORDS.contains(&word.as_str()))
        || url.query_pairs().any(|(name, _)| matches!(name.as_ref(), "tag" | "cat" | "author" | "s" | "q"))
}

/// Whether an address says that news are there.
pub(super) fn speaks_of_news(url: &Url) -> bool {
    words(url.path()).any(|word| word.starts_with("news") || word.ends_with("news") || word == "latest")
}
