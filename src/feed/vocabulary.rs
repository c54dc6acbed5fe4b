//! The vocabularies feeds are written in, by namespace or by the prefix everybody uses.

/// A vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ns {
    /// RSS of any version, and CDF.
    Rss,
    /// Atom 1.0 and 0.3.
    Atom,
    /// Dublin Core elements.
    Dc,
    /// Dublin Core terms.
    DcTerms,
    /// RSS 1.0 content module.
    Content,
    /// Media RSS.
    Media,
    /// Podcasts as Apple wants them.
    Itunes,
    /// Podcasts as Google wants them.
    GooglePlay,
    /// RSS 1.0 syndication module.
    Syndication,
    /// RDF syntax.
    Rdf,
    /// XHTML.
    Xhtml,
    /// FeedBurner's original links.
    FeedBurner,
    /// Sitemaps.
    Sitemap,
    /// News in sitemaps.
    News,
    /// Images in sitemaps.
    Image,
    /// Feeds in pages and archives (RFC 5005).
    History,
    /// AtomPub.
    App,
    /// Anything else.
    Other,
}

/// The vocabulary a namespace name stands for. Case, scheme and trailing marks are forgiven.
pub(super) fn by_uri(uri: &str) -> Option<Ns> {
    let uri = uri.trim().to_ascii_lowercase();
    let uri = uri.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.");
    let uri = uri.trim_end_matches(['/', '#']);
    Some(match uri {
        "w3.org/2005/atom" | "purl.org/atom" => Ns::Atom,
        "purl.org/rss/1.0" | "purl.org/net/rss1.1" | "my.netscape.com/rdf/simple/0.9" | "channel.netscape.com/rdf/simple/0.9" => {
            Ns::Rss
        }
        "purl.org/rss/1.0/modules/content" | "purl.org/rss/modules/content" => Ns::Content,
        "purl.org/rss/1.0/modules/syndication" => Ns::Syndication,
        "search.yahoo.com/mrss" | "search.yahoo.com/mrss/rss" | "video.search.yahoo.com/mrss" | "tools.search.yahoo.com/mrss" => {
            Ns::Media
        }
        "itunes.com/dtds/podcast-1.0.dtd" | "itunes.com/dtds/podcast-1.0" => Ns::Itunes,
        "google.com/schemas/play-podcasts/1.0" | "google.com/schemas/play-podcasts/1.0/play-podcasts.xsd" => Ns::GooglePlay,
        "w3.org/1999/02/22-rdf-syntax-ns" => Ns::Rdf,
        "w3.org/1999/xhtml" | "w3.org/tr/rec-html40" | "w3.org/1999/html" => Ns::Xhtml,
        "rssnamespace.org/feedburner/ext/1.0" => Ns::FeedBurner,
        "purl.org/syndication/history/1.0" => Ns::History,
        "w3.org/2007/app" | "purl.org/atom/app" => Ns::App,
        _ if uri.starts_with("purl.org/atom/ns") => Ns::Atom,
        _ if uri.starts_with("purl.org/dc/elements") => Ns::Dc,
        _ if uri.starts_with("purl.org/dc/terms") => Ns::DcTerms,
        _ if uri.starts_with("backend.userland.com") || uri.starts_with("blogs.law.harvard.edu/tech/rss") => Ns::Rss,
        _ if uri.contains("schemas/sitemap-news/") => Ns::News,
        _ if uri.contains("schemas/sitemap-image/") => Ns::Image,
        _ if uri.contains("schemas/sitemap") => Ns::Sitemap,
        _ => return None,
    })
}

/// The vocabulary a prefix stands for where the document forgot to say.
pub(super) fn by_prefix(prefix: &str) -> Option<Ns> {
    Some(match prefix.to_ascii_lowercase().as_str() {
        "atom" | "atom10" | "atom03" | "a10" => Ns::Atom,
        "rss" => Ns::Rss,
        "dc" => Ns::Dc,
        "dcterms" | "dcq" => Ns::DcTerms,
        "content" => Ns::Content,
        "media" => Ns::Media,
        "itunes" => Ns::Itunes,
        "googleplay" => Ns::GooglePlay,
        "sy" | "syn" => Ns::Syndication,
        "rdf" => Ns::Rdf,
        "xhtml" | "html" => Ns::Xhtml,
        "feedburner" => Ns::FeedBurner,
        "news" => Ns::News,
        "image" => Ns::Image,
        "fh" => Ns::History,
        "app" => Ns::App,
        _ => return None,
    })
}
