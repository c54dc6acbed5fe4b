//! The newer layouts: with JSON-LD, with OpenGraph alone, with microdata, and with nothing but `<div>`.

use super::Page;
use crate::escape::{json, json_ascii, xml};
use crate::plan::Charset;

pub(super) fn modern(page: &Page<'_>) -> String {
    let head = page.head("<!DOCTYPE html>", &(page.opengraph(false) + &json_ld(page)));
    let (headline, summary, agency) = (page.headline(), xml(&page.article.summary), xml(&page.agency.title));
    let (navigation, share, headlines, footer) = (page.navigation(), page.share(), page.headlines(), page.footer());
    let (authors, by, image, caption) = (page.authors(), page.ui("by"), page.image(), page.ui("caption"));
    let (iso, stamp) = (page.published().iso(), page.published().words(page.words()));
    let byline = if authors.is_empty() { String::new() } else { format!("<p class=\"byline\">{by} {authors}</p>\n") };
    let updated = match page.article.modified_at {
        Some(_) => format!("<p class=\"updated\">{}: {}</p>\n", page.ui("updated"), page.modified().words(page.words())),
        None => String::new(),
    };
    let text =
        with_boxes(page, &format!("<aside class=\"newsletter\"><p>{}</p><button>OK</button></aside>\n", page.ui("newsletter")));
    let credit = page.credit("<p class=\"source\">", "</p>");
    let (tags, related, cookies, comments) = (page.tags(), page.ui("related"), page.ui("cookies"), page.ui("comments"));
    format!(
        "{head}<body>
<div class=\"cookie-banner\" role=\"dialog\"><p>{cookies}</p><button>OK</button></div>
<header class=\"site-header\"><a href=\"/\">{agency}</a><nav><ul>{navigation}</ul></nav></header>
<main>
<article class=\"story\">
<header><h1>{headline}</h1><p class=\"standfirst\">{summary}</p>
{byline}<time datetime=\"{iso}\">{stamp}</time>
{updated}</header>
<div class=\"share\">{share}</div>
<figure><img src=\"{image}\" alt=\"\" width=\"1200\" height=\"675\"><figcaption>{caption}</figcaption></figure>
<div class=\"story-body\">
{text}{credit}</div>
<div class=\"tags\">{tags}</div>
</article>
<section class=\"related\"><h2>{related}</h2><ul>{headlines}</ul></section>
<section id=\"comments\"><p>{comments}</p></section>
</main>
<footer>{footer}</footer>
<script>window.dataLayer = window.dataLayer || [];</script>
</body></html>\n"
    )
}

/// The paragraphs with a box of the site after the second and a link to another article after the fourth.
fn with_boxes(page: &Page<'_>, promo: &str) -> String {
    let mut out = String::new();
    for (index, text) in page.article.paragraphs.iter().enumerate() {
        out += &format!("<p>{}</p>\n", xml(text));
        if index == 1 {
            out += promo;
        }
        if let (3, Some(other)) = (index, page.related.first()) {
            let (readmore, path, title) = (page.ui("readmore"), xml(&other.path), xml(&other.title));
            out += &format!("<div class=\"inline-related\"><span>{readmore}</span> <a href=\"{path}\">{title}</a></div>\n");
        }
    }
    out
}

/// A `NewsArticle` in a graph with the site and the breadcrumbs, as the common plug-ins write it.
fn json_ld(page: &Page<'_>) -> String {
    let string = |text: &str| if page.agency.charset == Charset::Utf8 { json(text) } else { json_ascii(text) };
    let article = page.article;
    let persons = article.authors.iter().map(|name| format!("{{\"@type\":\"Person\",\"name\":{}}}", string(name)));
    let authors = persons.collect::<Vec<_>>().join(",");
    let keywords = article.tags.iter().map(|tag| string(tag)).collect::<Vec<_>>().join(",");
    let (url, base, agency) = (string(&page.url()), page.base, string(&page.agency.title));
    let (published, modified) = (page.published().iso(), page.modified().iso());
    let (headline, summary, section) = (string(&article.title), string(&article.summary), string(&article.section));
    let (image, language) = (string(&page.image()), article.language.tag());
    format!(
        "<script type=\"application/ld+json\">{{\"@context\":\"https://schema.org\",\"@graph\":[
{{\"@type\":\"WebSite\",\"@id\":\"{base}/#website\",\"url\":\"{base}/\",\"name\":{agency}}},
{{\"@type\":\"NewsMediaOrganization\",\"@id\":\"{base}/#org\",\"name\":{agency}}},
{{\"@type\":\"BreadcrumbList\",\"itemListElement\":[{{\"@type\":\"ListItem\",\"position\":1,\"name\":{section}}}]}},
{{\"@type\":[\"NewsArticle\"],\"@id\":{url},\"mainEntityOfPage\":{url},\"headline\":{headline},\"description\":{summary},
\"datePublished\":\"{published}\",\"dateModified\":\"{modified}\",\"author\":[{authors}],\"articleSection\":{section},
\"keywords\":[{keywords}],\"inLanguage\":\"{language}\",\"image\":{{\"@type\":\"ImageObject\",\"url\":{image}}},
\"publisher\":{{\"@id\":\"{base}/#org\"}}}}]}}</script>\n"
    )
}

pub(super) fn opengraph(page: &Page<'_>) -> String {
    let author = page
        .article
        .authors
        .iter()
        .fold(String::new(), |out, name| out + &format!("<meta name=\"author\" content=\"{}\">\n", xml(name)));
    let head = page.head("<!DOCTYPE html>", &(page.opengraph(true) + &author));
    let (headline, agency, text) = (page.headline(), xml(&page.agency.title), page.paragraphs("<p>", "</p>"));
    let (navigation, share, headlines, footer) = (page.navigation(), page.share(), page.headlines(), page.footer());
    let (iso, stamp, related) = (page.published().iso(), page.published().words(page.words()), page.ui("related"));
    let credit = page.credit("<p><em>", "</em></p>");
    format!(
        "{head}<body>
<div id=\"top\"><a href=\"/\">{agency}</a><ul>{navigation}</ul></div>
<article>
<h1>{headline}</h1>
<time datetime=\"{iso}\">{stamp}</time>
{text}{credit}</article>
<div class=\"social\">{share}</div>
<aside><h3>{related}</h3><ul>{headlines}</ul></aside>
<div id=\"bottom\">{footer}</div>
</body></html>\n"
    )
}

pub(super) fn microdata(page: &Page<'_>) -> String {
    let head = page.head("<!DOCTYPE html>", "");
    let (headline, agency, section) = (page.headline(), xml(&page.agency.title), xml(&page.article.section));
    let (navigation, share, headlines, footer) = (page.navigation(), page.share(), page.headlines(), page.footer());
    let (iso, modified, stamp) = (page.published().iso(), page.modified().iso(), page.published().words(page.words()));
    let persons = page.article.authors.iter().fold(String::new(), |out, name| {
        let name = xml(name);
        out + &format!("<span itemprop=\"author\" itemscope itemtype=\"https://schema.org/Person\"><span itemprop=\"name\">{name}</span></span> ")
    });
    let (summary, image, text) = (xml(&page.article.summary), page.image(), page.paragraphs("<p>", "</p>"));
    let (credit, comments, popular) = (page.credit("<p>", "</p>"), page.ui("comments"), page.ui("popular"));
    format!(
        "{head}<body>
<div class=\"masthead\"><a href=\"/\">{agency}</a><ul class=\"menu\">{navigation}</ul></div>
<div class=\"col-main\" itemscope itemtype=\"https://schema.org/NewsArticle\">
<meta itemprop=\"description\" content=\"{summary}\"><meta itemprop=\"image\" content=\"{image}\">
<div class=\"kicker\" itemprop=\"articleSection\">{section}</div>
<h1 itemprop=\"headline\">{headline}</h1>
<div class=\"meta\">{persons}<time itemprop=\"datePublished\" datetime=\"{iso}\">{stamp}</time>
<meta itemprop=\"dateModified\" content=\"{modified}\"></div>
<div itemprop=\"articleBody\">
{text}</div>
{credit}<div class=\"share\">{share}</div>
<div class=\"comments\"><p>{comments}</p></div>
</div>
<div class=\"col-side\"><h3>{popular}</h3><ul>{headlines}</ul></div>
<div class=\"foot\">{footer}</div>
</body></html>\n"
    )
}

pub(super) fn soup(page: &Page<'_>) -> String {
    let head = page.head("<!DOCTYPE html>", &page.opengraph(false));
    let (headline, agency) = (page.headline(), xml(&page.agency.title));
    let (navigation, share, headlines, footer) = (page.navigation(), page.share(), page.headlines(), page.footer());
    let (stamp, authors) = (page.published().stamped(page.words()), page.authors());
    let text =
        page.paragraphs("<div class=\"x7k\"><span>", "</span></div>") + &page.credit("<div class=\"x7k\"><span>", "</span></div>");
    let (related, newsletter, comments) = (page.ui("related"), page.ui("newsletter"), page.ui("comments"));
    format!(
        "{head}<body>
<div class=\"a1\"><div class=\"a2\"><a href=\"/\">{agency}</a></div><div class=\"a3\"><ul>{navigation}</ul></div></div>
<div class=\"b1\"><div class=\"b2\">
<div class=\"c1\"><div class=\"c2\">{headline}</div><div class=\"c3\"><span>{authors}</span> <span>{stamp}</span></div></div>
<div class=\"c4\"><div class=\"c5\">
{text}</div></div>
<div class=\"c6\">{share}</div>
<div class=\"c7\"><div>{newsletter}</div></div>
<div class=\"c8\"><div>{comments}</div></div>
</div>
<div class=\"b3\"><div class=\"d1\">{related}</div><ul>{headlines}</ul></div></div>
<div class=\"e1\">{footer}</div>
<script>var _q=_q||[];(function(){{_q.push([\"page\"]);}})();</script>
</body></html>\n"
    )
}
