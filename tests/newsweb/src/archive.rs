//! What leads to older articles: sitemaps under an index, archives and further pages of a feed.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};

use crate::date::Civil;
use crate::desk::{Desk, path_of};
use crate::escape::xml;
use crate::feed::Listing;
use crate::plan::{Archives, Format, Sitemaps};
use crate::response::Response;
use crate::story::Article;

const XML: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
const SITEMAP: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

impl Desk {
    /// What stands at an address of older articles, if it is one.
    pub(crate) fn older(&self, target: &str) -> Option<Response> {
        self.sitemap(path_of(target)).or_else(|| self.archive(target))
    }

    /// The links of a feed's page, the first one being the feed itself.
    pub(crate) fn links(&self, page: usize) -> Vec<(&'static str, String)> {
        let path = self.agency.format.path();
        match self.agency.archives {
            Some(Archives::Chain(part)) => {
                let last = self.listed().len().div_ceil(part.max(1));
                if last == 0 { Vec::new() } else { vec![("prev-archive", format!("/archive/{last}.xml"))] }
            }
            Some(Archives::Paged) if self.listed().len() > page * self.agency.window => {
                vec![("next", format!("{path}?page={}", page + 1))]
            }
            Some(Archives::Paged) | None => Vec::new(),
        }
    }

    /// Every article that is listed, the oldest first.
    fn listed(&self) -> Vec<&Article> {
        let mut listed: Vec<&Article> = self.articles.iter().filter(|article| article.listed && !article.withdrawn).collect();
        listed.sort_by_key(|article| (article.published_at, article.id));
        listed
    }

    fn archive(&self, target: &str) -> Option<Response> {
        let (listed, format) = (self.listed(), self.agency.format);
        let (articles, links) = match self.agency.archives? {
            Archives::Chain(part) => {
                let number: usize = path_of(target).strip_prefix("/archive/")?.strip_suffix(".xml")?.parse().ok()?;
                let first = number.checked_sub(1)? * part;
                let articles = listed.get(first..(first + part).min(listed.len()))?.to_vec();
                (articles, if number > 1 { vec![("prev-archive", format!("/archive/{}.xml", number - 1))] } else { Vec::new() })
            }
            Archives::Paged => {
                let page: usize = target.strip_prefix(format.path())?.strip_prefix("?page=")?.parse().ok()?;
                let end = listed.len().saturating_sub(page.checked_sub(1)? * self.agency.window);
                (listed[end.saturating_sub(self.agency.window)..end].to_vec(), self.links(page))
            }
        };
        let articles = articles.into_iter().rev().collect();
        Some(self.feed(&Listing { agency: &self.agency, base: &self.base, articles, links }, format))
    }

    fn sitemap(&self, path: &str) -> Option<Response> {
        let sitemaps = self.agency.sitemaps?;
        let listed = self.listed();
        let parts: Vec<&[&Article]> = listed.chunks(sitemaps.part.max(1)).collect();
        let half = parts.len() / 2;
        let children = |from: usize, to: usize| -> Vec<(String, Option<i64>)> {
            (from..to).map(|index| (part_path(sitemaps, index + 1), sitemaps.lastmod.then(|| changed_at(parts[index])))).collect()
        };
        let news = || sitemaps.news.then(|| (Format::NewsSitemap.path().to_owned(), sitemaps.lastmod.then_some(self.changed_at)));
        let body = match path {
            "/sitemap_index.xml" if sitemaps.nested => {
                let below = ["/sitemaps/older.xml", "/sitemaps/newer.xml"].map(|path| (path.to_owned(), None));
                self.index(below.into_iter().chain(news()))
            }
            "/sitemap_index.xml" => self.index(children(0, parts.len()).into_iter().chain(news())),
            "/sitemaps/older.xml" if sitemaps.nested => self.index(children(0, half)),
            "/sitemaps/newer.xml" if sitemaps.nested => {
                self.index(children(half, parts.len()).into_iter().chain([("/sitemap_index.xml".to_owned(), None)]))
            }
            _ => {
                let index = (1..=parts.len()).find(|number| part_path(sitemaps, *number) == path)?;
                self.urls(parts[index - 1])
            }
        };
        let response = if path.ends_with(".gz") {
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(body.as_bytes()).expect("a vector takes every byte");
            Response::bytes("application/gzip", packed.finish().expect("a vector takes every byte"))
        } else {
            Response::bytes("application/xml", body)
        };
        Some(self.validated(response, self.changed_at))
    }

    fn index(&self, children: impl IntoIterator<Item = (String, Option<i64>)>) -> String {
        let mut out = format!("{XML}<sitemapindex xmlns=\"{SITEMAP}\">\n");
        for (path, changed_at) in children {
            let lastmod = changed_at.map(|at| format!("<lastmod>{}</lastmod>", Civil::new(at, self.agency.offset_minutes).iso()));
            let _ = writeln!(out, "<sitemap><loc>{}{path}</loc>{}</sitemap>", self.base, lastmod.unwrap_or_default());
        }
        out + "</sitemapindex>\n"
    }

    fn urls(&self, articles: &[&Article]) -> String {
        let mut out = format!("{XML}<urlset xmlns=\"{SITEMAP}\">\n");
        for article in articles {
            let at = article.modified_at.unwrap_or(article.published_at);
            let lastmod = Civil::new(at, self.agency.offset_minutes).iso();
            let _ = writeln!(out, "<url><loc>{}{}</loc><lastmod>{lastmod}</lastmod></url>", self.base, xml(&article.path));
        }
        out + "</urlset>\n"
    }
}

fn part_path(sitemaps: Sitemaps, number: usize) -> String {
    let packed = if sitemaps.packed && number.is_multiple_of(2) { ".gz" } else { "" };
    format!("/sitemaps/part-{number}.xml{packed}")
}

fn changed_at(articles: &[&Article]) -> i64 {
    articles.iter().map(|article| article.modified_at.unwrap_or(article.published_at)).max().unwrap_or_default()
}
