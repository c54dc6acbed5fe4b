//! An agency's feeds: the same news in six formats, whole or broken as the plan says.

use std::fmt::Write as _;

use crate::charset::BAD_BYTE;
use crate::date::Civil;
use crate::escape::{json, xml};
use crate::plan::{Agency, Charset, Dates, Format, Guid, Links, Malformed, Summary};
use crate::story::Article;

/// What a feed is written from.
pub(crate) struct Listing<'a> {
    pub(crate) agency: &'a Agency,
    /// `http://host:port`.
    pub(crate) base: &'a str,
    /// Newest first, no more than the window.
    pub(crate) articles: Vec<&'a Article>,
    /// Links to other documents, each by its relation and its path.
    pub(crate) links: Vec<(&'static str, String)>,
}

/// The feed's bytes.
pub(crate) fn write(listing: &Listing<'_>, format: Format) -> Vec<u8> {
    let text = match format {
        Format::Rss2 => rss2(listing),
        Format::Rss091 => rss091(listing),
        Format::Rdf => rdf(listing),
        Format::Atom => atom(listing),
        Format::JsonFeed => json_feed(listing),
        Format::NewsSitemap => sitemap(listing),
    };
    let text = match listing.agency.malformed {
        Some(Malformed::LeadingJunk) => format!("\n\n<b>Notice</b>: Undefined index: lang in feed.php on line 12\n{text}"),
        Some(Malformed::Truncated) => truncated(&text, format).to_owned(),
        _ => text,
    };
    charset(listing.agency, format).encode(&text)
}

/// The encoding of a feed: JSON is always UTF-8 (RFC 8259 §8.1).
pub(crate) fn charset(agency: &Agency, format: Format) -> Charset {
    if format == Format::JsonFeed { Charset::Utf8 } else { agency.charset }
}

/// What identifies an article's entry in the principal feed.
pub(crate) fn guid(agency: &Agency, base: &str, article: &Article) -> Option<String> {
    let permalink = || format!("{base}{}", article.path);
    match (agency.format, agency.guid) {
        (Format::Rss091 | Format::NewsSitemap, _) => None,
        (Format::Rdf, _) => Some(permalink()),
        (Format::Rss2, Guid::Absent) => None,
        (Format::Atom, Guid::Opaque) => Some(format!("tag:{}.example,2020:{}", agency.name, article.id)),
        (_, Guid::Opaque) => Some(format!("{}-{}", agency.name, article.id)),
        (_, Guid::Permalink | Guid::Absent) => Some(permalink()),
    }
}

impl Listing<'_> {
    fn declaration(&self) -> String {
        match self.agency.declared.in_document(self.agency.charset) {
            Some(label) => format!("<?xml version=\"1.0\" encoding=\"{label}\"?>\n"),
            None => "<?xml version=\"1.0\"?>\n".to_owned(),
        }
    }

    fn link(&self, article: &Article) -> String {
        let path = &article.path;
        match self.agency.links {
            Links::Plain => format!("{}{path}", self.base),
            Links::Relative => path.clone(),
            Links::Tracked => {
                let joint = if path.contains('?') { '&' } else { '?' };
                format!("{}{path}{joint}utm_source=rss&utm_medium=feed&utm_campaign=all", self.base)
            }
        }
    }

    /// The title as XML text, broken where the plan wants it so.
    fn title(&self, index: usize) -> String {
        let title = xml(&self.articles[index].title);
        if index % 3 != 1 && self.articles.len() > 1 {
            return title;
        }
        match self.agency.malformed {
            Some(Malformed::BareAmpersand) => format!("{title} & Sons"),
            Some(Malformed::UndeclaredEntity) => format!("{title}&nbsp;&ndash; news"),
            Some(Malformed::ControlCharacter) => format!("{title}\u{8}"),
            Some(Malformed::BadBytes) => format!("{title} {BAD_BYTE}"),
            _ => title,
        }
    }

    /// An element that is opened in the last entry and never closed.
    fn unclosed(&self, index: usize) -> &'static str {
        let last = index + 1 == self.articles.len();
        if last && self.agency.malformed == Some(Malformed::UnclosedTag) { "<category>news\n" } else { "" }
    }

    fn date(&self, unix: i64, zoned: impl Fn(&Civil) -> String) -> Option<String> {
        let civil = Civil::new(unix, self.agency.offset_minutes);
        match self.agency.dates {
            Dates::Zoned => Some(zoned(&civil)),
            Dates::Local => Some(civil.iso_without_zone()),
            Dates::Absent => None,
        }
    }

    /// The summary as HTML, and whether it is the whole text.
    fn summary(&self, article: &Article) -> Option<String> {
        match self.agency.summary {
            Summary::Lede => Some(xml(&article.summary)),
            Summary::Markup => {
                let more = article.language.words().ui("readmore");
                let (base, link, lede) = (self.base, xml(&self.link(article)), xml(&article.summary));
                let image = format!("<img src=\"{base}/media/{}.jpg\" alt=\"\" width=\"120\">", article.id);
                Some(format!("<p>{image}{lede}</p><p><a href=\"{link}\">{more}</a></p>"))
            }
            Summary::Full => Some(article.paragraphs.iter().fold(String::new(), |out, text| out + "<p>" + &xml(text) + "</p>")),
            Summary::Absent => None,
        }
    }

    /// The instant of the newest change: feeds change through news alone, not with the clock.
    fn changed_at(&self) -> i64 {
        self.articles.iter().map(|article| article.modified_at.unwrap_or(article.published_at)).max().unwrap_or_default()
    }
}

fn element(name: &str, text: Option<String>) -> String {
    text.map_or_else(String::new, |text| format!("<{name}>{text}</{name}>\n"))
}

fn rss2(listing: &Listing<'_>) -> String {
    let Listing { agency, base, .. } = listing;
    let mut out = listing.declaration();
    out.push_str("<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" ");
    out.push_str(
        "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n",
    );
    let _ = writeln!(out, "<title>{}</title><link>{base}/</link><description>{0}</description>", xml(&agency.title));
    let _ = writeln!(out, "<language>{}</language>", agency.language.tag());
    let _ = writeln!(out, "<atom:link href=\"{base}{}\" rel=\"self\" type=\"application/rss+xml\"/>", Format::Rss2.path());
    for (rel, path) in &listing.links {
        let _ = writeln!(out, "<atom:link href=\"{}\" rel=\"{rel}\"/>", xml(&format!("{base}{path}")));
    }
    out += &element("lastBuildDate", listing.date(listing.changed_at(), Civil::rfc822));
    for (index, article) in listing.articles.iter().enumerate() {
        out += "<item>\n";
        out += &element("title", Some(listing.title(index)));
        out += &element("link", Some(xml(&listing.link(article))));
        let permalink = format!("{base}{}", article.path);
        out += &match agency.guid {
            Guid::Permalink => format!("<guid isPermaLink=\"true\">{}</guid>\n", xml(&permalink)),
            Guid::Opaque => format!("<guid isPermaLink=\"false\">{}-{}</guid>\n", agency.name, article.id),
            Guid::Absent => String::new(),
        };
        let name = if agency.summary == Summary::Full { "content:encoded" } else { "description" };
        // A description is HTML within text, so it is escaped once more.
        let summary = listing.summary(article).map(|html| if agency.summary == Summary::Lede { html } else { xml(&html) });
        out += &element(name, summary);
        out += &element("pubDate", listing.date(article.published_at, Civil::rfc822));
        out += &element("dcterms:modified", article.modified_at.and_then(|at| listing.date(at, Civil::iso)));
        for author in &article.authors {
            out += &element("dc:creator", Some(xml(author)));
        }
        out += &element("category", Some(xml(&article.section)));
        out += listing.unclosed(index);
        out += "</item>\n";
    }
    out + "</channel>\n</rss>\n"
}

fn rss091(listing: &Listing<'_>) -> String {
    let Listing { agency, base, .. } = listing;
    let mut out = listing.declaration() + "<rss version=\"0.91\">\n<channel>\n";
    let _ = writeln!(out, "<title>{}</title><link>{base}/</link><description>{0}</description>", xml(&agency.title));
    let _ = writeln!(out, "<language>{}</language>", agency.language.tag());
    for (index, article) in listing.articles.iter().enumerate() {
        out += "<item>\n";
        out += &element("title", Some(listing.title(index)));
        out += &element("link", Some(xml(&listing.link(article))));
        out += &element("description", (agency.summary != Summary::Absent).then(|| xml(&article.summary)));
        out += listing.unclosed(index);
        out += "</item>\n";
    }
    out + "</channel>\n</rss>\n"
}

fn rdf(listing: &Listing<'_>) -> String {
    let Listing { agency, base, .. } = listing;
    let mut out = listing.declaration();
    out += "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://purl.org/rss/1.0/\" ";
    out += "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n";
    let _ = writeln!(out, "<channel rdf:about=\"{base}/\"><title>{}</title><link>{base}/</link>", xml(&agency.title));
    let _ = writeln!(out, "<description>{}</description>\n<items><rdf:Seq>", xml(&agency.title));
    for article in &listing.articles {
        let _ = writeln!(out, "<rdf:li rdf:resource=\"{}{}\"/>", base, xml(&article.path));
    }
    out += "</rdf:Seq></items>\n</channel>\n";
    for (index, article) in listing.articles.iter().enumerate() {
        let _ = writeln!(out, "<item rdf:about=\"{base}{}\">", xml(&article.path));
        out += &element("title", Some(listing.title(index)));
        out += &element("link", Some(xml(&listing.link(article))));
        out += &element("description", (agency.summary != Summary::Absent).then(|| xml(&article.summary)));
        out += &element("dc:date", listing.date(article.published_at, Civil::iso));
        out += &element("dc:creator", (!article.authors.is_empty()).then(|| xml(&article.authors.join(", "))));
        out += &element("dc:subject", Some(xml(&article.section)));
        out += listing.unclosed(index);
        out += "</item>\n";
    }
    out + "</rdf:RDF>\n"
}

fn atom(listing: &Listing<'_>) -> String {
    let Listing { agency, base, .. } = listing;
    let mut out = listing.declaration();
    let _ = writeln!(out, "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">", agency.language.tag());
    let _ = writeln!(out, "<title>{}</title><id>{base}/</id><link href=\"{base}/\"/>", xml(&agency.title));
    let _ = writeln!(out, "<link rel=\"self\" href=\"{base}{}\"/>", Format::Atom.path());
    for (rel, path) in &listing.links {
        let _ = writeln!(out, "<link rel=\"{rel}\" href=\"{}\"/>", xml(&format!("{base}{path}")));
    }
    out += &element("updated", listing.date(listing.changed_at(), Civil::iso));
    for (index, article) in listing.articles.iter().enumerate() {
        out += "<entry>\n";
        out += &element("title", Some(listing.title(index)));
        let _ = writeln!(out, "<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>", xml(&listing.link(article)));
        let id = match agency.guid {
            Guid::Opaque => format!("tag:{}.example,2020:{}", agency.name, article.id),
            Guid::Permalink | Guid::Absent => format!("{base}{}", article.path),
        };
        out += &element("id", Some(xml(&id)));
        out += &element("published", listing.date(article.published_at, Civil::iso));
        out += &element("updated", listing.date(article.modified_at.unwrap_or(article.published_at), Civil::iso));
        for author in &article.authors {
            let _ = writeln!(out, "<author><name>{}</name></author>", xml(author));
        }
        let _ = writeln!(out, "<category term=\"{}\"/>", xml(&article.section));
        if let Some(html) = listing.summary(article) {
            let _ = match agency.summary {
                Summary::Full => writeln!(out, "<content type=\"html\">{}</content>", xml(&html)),
                Summary::Markup => writeln!(out, "<summary type=\"html\">{}</summary>", xml(&html)),
                _ => writeln!(out, "<summary>{html}</summary>"),
            };
        }
        out += listing.unclosed(index);
        out += "</entry>\n";
    }
    out + "</feed>\n"
}

fn json_feed(listing: &Listing<'_>) -> String {
    let Listing { agency, base, .. } = listing;
    let mut items = Vec::new();
    for article in &listing.articles {
        let id = match agency.guid {
            Guid::Opaque => format!("{}-{}", agency.name, article.id),
            Guid::Permalink | Guid::Absent => format!("{base}{}", article.path),
        };
        let mut item =
            format!("{{\"id\":{},\"url\":{},\"title\":{}", json(&id), json(&listing.link(article)), json(&article.title));
        if let Some(date) = listing.date(article.published_at, Civil::iso) {
            let _ = write!(item, ",\"date_published\":{}", json(&date));
        }
        if let Some(date) = article.modified_at.and_then(|at| listing.date(at, Civil::iso)) {
            let _ = write!(item, ",\"date_modified\":{}", json(&date));
        }
        match (agency.summary, listing.summary(article)) {
            (Summary::Lede, _) => _ = write!(item, ",\"summary\":{},\"content_text\":\"\"", json(&article.summary)),
            (_, Some(html)) => _ = write!(item, ",\"content_html\":{}", json(&html)),
            (_, None) => item += ",\"content_text\":\"\"",
        }
        let authors: Vec<String> = article.authors.iter().map(|name| format!("{{\"name\":{}}}", json(name))).collect();
        let _ = write!(item, ",\"authors\":[{}],\"tags\":[{}]", authors.join(","), json(&article.section));
        items.push(item + "}");
    }
    let mut out = format!("{{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":{},", json(&agency.title));
    let _ = write!(out, "\"home_page_url\":\"{base}/\",\"feed_url\":\"{base}{}\",", Format::JsonFeed.path());
    let _ = write!(out, "\"language\":\"{}\",\"items\":[\n{}\n", agency.language.tag(), items.join(",\n"));
    out += match agency.malformed {
        Some(Malformed::UnclosedTag) => "\n",
        Some(Malformed::BareAmpersand) => ",]}\n",
        _ => "]}\n",
    };
    out
}

fn sitemap(listing: &Listing<'_>) -> String {
    let Listing { agency, base, .. } = listing;
    let mut out = listing.declaration();
    out += "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" ";
    out += "xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">\n";
    for (index, article) in listing.articles.iter().enumerate() {
        // The protocol wants absolute addresses here, so `Links` holds for feeds alone.
        let _ = writeln!(out, "<url>\n<loc>{base}{}</loc>", xml(&article.path));
        out += &element("lastmod", listing.date(article.modified_at.unwrap_or(article.published_at), Civil::iso));
        let (name, tag) = (xml(&agency.title), article.language.tag());
        out += "<news:news>\n<news:publication>";
        let _ = writeln!(out, "<news:name>{name}</news:name><news:language>{tag}</news:language></news:publication>");
        out += &element("news:publication_date", listing.date(article.published_at, Civil::iso));
        out += &element("news:title", Some(listing.title(index)));
        out += listing.unclosed(index);
        out += "</news:news>\n</url>\n";
    }
    out + "</urlset>\n"
}

/// The document up to the middle of its last entry.
fn truncated(text: &str, format: Format) -> &str {
    let opening = match format {
        Format::Rss2 | Format::Rss091 => "<item>",
        Format::Rdf => "<item ",
        Format::Atom => "<entry>",
        Format::JsonFeed => "{\"id\"",
        Format::NewsSitemap => "<url>",
    };
    let start = text.rfind(opening).unwrap_or(text.len() / 2);
    let mut end = start + (text.len() - start) / 3;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
