//! Which elements stand in which: what ends an element whose own end tag is missing.

use super::node::Node;
use super::vocabulary::Ns;

/// Elements that documents we read, or know to refuse, begin with.
pub(super) fn is_root(name: &str) -> bool {
    matches!(
        name,
        "rss"
            | "feed"
            | "rdf"
            | "channel"
            | "entry"
            | "item"
            | "urlset"
            | "sitemapindex"
            | "url"
            | "sitemap"
            | "service"
            | "categories"
            | "opml"
    )
}

/// HTML elements that have no end tag, as far as they cannot be anything else.
pub(super) fn is_void(node: &Node<'_>) -> bool {
    match node.name.as_ref() {
        "br" | "hr" | "wbr" => true,
        "img" => node.attribute("src").is_some(),
        _ => false,
    }
}

pub(super) fn core_or_known(ns: Ns) -> bool {
    !matches!(ns, Ns::Xhtml | Ns::Other)
}

/// Fields that hold text and nothing else.
pub(super) fn holds_text_only(node: &Node<'_>) -> bool {
    match node.ns {
        Ns::Rss => matches!(
            node.name.as_ref(),
            "title"
                | "link"
                | "guid"
                | "pubdate"
                | "comments"
                | "category"
                | "language"
                | "lastbuilddate"
                | "generator"
                | "docs"
                | "copyright"
                | "managingeditor"
                | "webmaster"
                | "ttl"
        ),
        Ns::Atom => matches!(
            node.name.as_ref(),
            "id" | "updated" | "published" | "issued" | "modified" | "created" | "name" | "email" | "uri" | "title" | "link"
        ),
        Ns::Dc | Ns::DcTerms => true,
        Ns::Sitemap => matches!(node.name.as_ref(), "loc" | "lastmod" | "changefreq" | "priority"),
        Ns::News | Ns::Itunes => {
            matches!(node.name.as_ref(), "title" | "author" | "subtitle" | "summary" | "keywords" | "publication_date")
        }
        _ => false,
    }
}

/// Names of fields that no HTML inside a text can have, in a feed's own vocabulary.
pub(super) fn is_field(ns: Ns, name: &str) -> bool {
    match ns {
        Ns::Rss | Ns::Atom => matches!(
            name,
            "title"
                | "link"
                | "guid"
                | "pubdate"
                | "description"
                | "id"
                | "updated"
                | "published"
                | "issued"
                | "modified"
                | "created"
                | "summary"
                | "content"
                | "author"
                | "category"
                | "comments"
                | "enclosure"
                | "language"
                | "lastbuilddate"
                | "generator"
                | "image"
                | "copyright"
                | "docs"
                | "ttl"
                | "managingeditor"
                | "webmaster"
                | "subtitle"
                | "tagline"
                | "rights"
                | "contributor"
        ),
        Ns::Sitemap => matches!(name, "loc" | "lastmod" | "changefreq" | "priority"),
        Ns::Xhtml | Ns::Other => false,
        _ => true,
    }
}
