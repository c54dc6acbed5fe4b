//! An article's page: the text in the agency's layout, with the furniture every news site puts around it.

mod modern;
mod wire;

use std::fmt::Write as _;

use crate::date::Civil;
use crate::escape::xml;
use crate::plan::{Agency, Layout};
use crate::story::Article;
use crate::words::Words;

/// What a page is written from.
pub(crate) struct Page<'a> {
    pub(crate) agency: &'a Agency,
    /// `http://host:port`.
    pub(crate) base: &'a str,
    pub(crate) article: &'a Article,
    /// Other articles of the agency, for the lists beside and under the text.
    pub(crate) related: Vec<&'a Article>,
    pub(crate) canonical: Option<String>,
}

/// The page's bytes.
pub(crate) fn write(page: &Page<'_>) -> Vec<u8> {
    let html = match page.agency.layout {
        Layout::Classic => wire::classic(page),
        Layout::Table => wire::table(page),
        Layout::Modern => modern::modern(page),
        Layout::OpenGraph => modern::opengraph(page),
        Layout::Soup => modern::soup(page),
        Layout::Microdata => modern::microdata(page),
    };
    page.agency.charset.encode(&html)
}

/// The home page: links to the feeds and to the newest articles.
pub(crate) fn home(agency: &Agency, base: &str, newest: &[&Article]) -> Vec<u8> {
    use crate::plan::Format;
    let words = agency.language.words();
    let title = xml(&agency.title);
    let mut out =
        format!("<!DOCTYPE html>\n<html lang=\"{}\"><head>{}<title>{title}</title>\n", agency.language.tag(), meta_charset(agency));
    for format in [Format::Rss2, Format::Atom, Format::JsonFeed] {
        let (kind, path) = (format.media_type(), format.path());
        let _ = writeln!(out, "<link rel=\"alternate\" type=\"{kind}\" title=\"{title}\" href=\"{path}\">");
    }
    let _ = write!(
        out,
        "<link rel=\"canonical\" href=\"{base}/\"></head>\n<body><h1>{title}</h1><h2>{}</h2>\n<ul>\n",
        words.ui("news")
    );
    for article in newest {
        let _ = writeln!(out, "<li><a href=\"{}\">{}</a></li>", xml(&article.path), xml(&article.title));
    }
    out += "</ul></body></html>\n";
    agency.charset.encode(&out)
}

/// The declaration within the document, in the form of the layout's time.
fn meta_charset(agency: &Agency) -> String {
    match (agency.declared.in_document(agency.charset), agency.layout) {
        (None, _) => String::new(),
        (Some(label), Layout::Table) => {
            format!("<meta http-equiv=\"Content-Type\" content=\"text/html; charset={label}\">")
        }
        (Some(label), _) => format!("<meta charset=\"{label}\">"),
    }
}

impl Page<'_> {
    fn words(&self) -> &'static Words {
        self.agency.language.words()
    }

    fn ui(&self, name: &str) -> String {
        self.words().ui(name).replace("{Agency}", &xml(&self.agency.title))
    }

    fn url(&self) -> String {
        format!("{}{}", self.base, self.article.path)
    }

    fn image(&self) -> String {
        format!("{}/media/{}.jpg", self.base, self.article.id)
    }

    fn headline(&self) -> String {
        xml(&self.article.title)
    }

    fn authors(&self) -> String {
        xml(&self.article.authors.join(", "))
    }

    fn published(&self) -> Civil {
        Civil::new(self.article.published_at, self.agency.offset_minutes)
    }

    fn modified(&self) -> Civil {
        Civil::new(self.article.modified_at.unwrap_or(self.article.published_at), self.agency.offset_minutes)
    }

    /// `<!DOCTYPE …><html …><head>` with title and canonical link; `more` goes before `</head>`.
    fn head(&self, doctype: &str, more: &str) -> String {
        let (language, charset) = (self.article.language.tag(), meta_charset(self.agency));
        let (title, agency) = (self.headline(), xml(&self.agency.title));
        let canonical = self.canonical.as_ref();
        let canonical = canonical.map_or_else(String::new, |url| format!("<link rel=\"canonical\" href=\"{}\">\n", xml(url)));
        format!(
            "{doctype}\n<html lang=\"{language}\">\n<head>{charset}\n<title>{title} - {agency}</title>\n{canonical}{more}</head>\n"
        )
    }

    /// Every paragraph between `open` and `close`.
    fn paragraphs(&self, open: &str, close: &str) -> String {
        self.article.paragraphs.iter().fold(String::new(), |out, text| out + open + &xml(text) + close + "\n")
    }

    /// `(Source: …)`, where the text is another agency's.
    fn credit(&self, open: &str, close: &str) -> String {
        let source = self.words().ui("source");
        let credit = self.article.credit.as_ref();
        credit.map_or_else(String::new, |agency| format!("{open}({source}: {}){close}\n", xml(agency)))
    }

    /// The sections of the site as list items.
    fn navigation(&self) -> String {
        let home = format!("<li><a href=\"/\">{}</a></li>", self.words().ui("home"));
        let sections = self.words().list("sections").iter().enumerate();
        sections.fold(home, |out, (index, section)| out + &format!("<li><a href=\"/section/{index}\">{section}</a></li>")) + "\n"
    }

    /// Headlines of other articles as list items.
    fn headlines(&self) -> String {
        let others = self.related.iter();
        others.fold(String::new(), |out, article| {
            let stamp = Civil::new(article.published_at, self.agency.offset_minutes).words(self.words());
            out + &format!("<li><a href=\"{}\">{}</a> <span>{stamp}</span></li>\n", xml(&article.path), xml(&article.title))
        })
    }

    fn share(&self) -> String {
        let names = ["Facebook", "X", "Telegram", "WhatsApp", "LinkedIn"];
        let links = names.iter().map(|name| format!("<a href=\"/share/{}\" rel=\"nofollow\">{name}</a>", name.to_lowercase()));
        format!("<span>{}:</span> {}", self.ui("share"), links.collect::<Vec<_>>().join(" "))
    }

    fn tags(&self) -> String {
        let links = self.article.tags.iter().map(|tag| format!("<a href=\"/tag\">{}</a>", xml(tag)));
        format!("{}: {}", self.ui("tags"), links.collect::<Vec<_>>().join(" "))
    }

    fn footer(&self) -> String {
        let links = self.words().list("ui.about").iter().map(|name| format!("<a href=\"/about\">{name}</a>"));
        format!("{} <small>© {}</small>", links.collect::<Vec<_>>().join(" | "), self.ui("copyright"))
    }

    /// The OpenGraph properties; with `times`, the `article:` ones too.
    fn opengraph(&self, times: bool) -> String {
        let mut out = String::new();
        let mut property = |name: &str, value: &str| _ = writeln!(out, "<meta property=\"{name}\" content=\"{}\">", xml(value));
        property("og:type", "article");
        property("og:title", &self.article.title);
        property("og:description", &self.article.summary);
        property("og:url", &self.url());
        property("og:image", &self.image());
        property("og:site_name", &self.agency.title);
        if times {
            property("article:published_time", &self.published().iso());
            if self.article.modified_at.is_some() {
                property("article:modified_time", &self.modified().iso());
            }
            property("article:section", &self.article.section);
            for tag in &self.article.tags {
                property("article:tag", tag);
            }
        }
        out
    }
}
