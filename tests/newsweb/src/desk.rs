//! One agency at work: its articles, what stands at which address, and what a request for it would get.

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::date::http_date;
use crate::dice::Dice;
use crate::feed::{self, Listing};
use crate::page::{self, Page};
use crate::plan::{Agency, Canonical, Format, Robots, Validators};
use crate::response::{Response, etag};
use crate::story::{self, Article, Story, Truth};

/// The archive an agency starts with reaches back no further than this, however many articles it has.
const ARCHIVE_SECONDS: i64 = 5 * 86_400;

/// How many headlines stand beside a text.
const RELATED: usize = 6;

/// One agency at work.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) agency: Agency,
    pub(crate) address: SocketAddr,
    /// `http://host:port`.
    pub(crate) base: String,
    pub(crate) articles: Vec<Article>,
    /// Which article stands at which path (with the query that selects it).
    pages: HashMap<String, usize>,
    /// Answers set by hand, in place of whatever stood there.
    pub(crate) by_hand: HashMap<String, Response>,
    /// `Last-Modified` of the feeds: grows with every change by a second at least, for it knows no less.
    pub(crate) changed_at: i64,
    seed: u64,
}

impl Desk {
    pub(crate) fn open(agency: Agency, address: SocketAddr, seed: u64, now: i64) -> Self {
        let host = agency.host_name.clone().unwrap_or_else(|| address.ip().to_string());
        let base = format!("http://{host}:{}", address.port());
        let (articles, pages, by_hand) = (Vec::new(), HashMap::new(), HashMap::new());
        let mut desk = Desk { agency, address, base, articles, pages, by_hand, changed_at: 0, seed };
        let items = desk.agency.items as i64;
        let mut dice = Dice::new(seed, &["archive", &desk.agency.name], 0);
        let step = match desk.agency.reaches_back {
            Some(back) => back.as_secs() as i64 / items.max(1),
            None => (ARCHIVE_SECONDS / items.max(1)).min(25 * 60),
        };
        for back in (1..=items).rev() {
            let at = now - back * step - dice.below(step.max(2) as usize / 2) as i64;
            desk.publish(Story::new(), at);
        }
        desk
    }

    /// Publishes a story and returns its place among the articles.
    pub(crate) fn publish(&mut self, story: Story, now: i64) -> usize {
        let article = story::write(&self.agency, self.articles.len() as u64 + 1, story, self.seed, now);
        self.add(article, now)
    }

    pub(crate) fn reprint(&mut self, origin: &story::Origin<'_>, how: story::Reprint, now: i64) -> usize {
        let article = story::reprint(&self.agency, self.articles.len() as u64 + 1, origin, how, self.seed, now);
        self.add(article, now)
    }

    fn add(&mut self, article: Article, now: i64) -> usize {
        let index = self.articles.len();
        self.pages.insert(article.path.clone(), index);
        self.articles.push(article);
        self.changed_at = now.max(self.changed_at + 1);
        index
    }

    /// Changes an article; its page and its entry change with it.
    pub(crate) fn edit(&mut self, index: usize, now: i64, change: impl FnOnce(&mut Article)) {
        let article = &mut self.articles[index];
        let path = article.path.clone();
        change(article);
        article.modified_at = Some(now.max(article.modified_at.unwrap_or(article.published_at) + 1));
        article.revision += 1;
        if article.path != path {
            self.pages.insert(article.path.clone(), index);
        }
        self.changed_at = now.max(self.changed_at + 1);
    }

    pub(crate) fn article(&self, index: usize) -> &Article {
        &self.articles[index]
    }

    pub(crate) fn url(&self, index: usize) -> String {
        format!("{}{}", self.base, self.articles[index].path)
    }

    /// The article behind a target: its query counts, but for parameters that only say where the reader came from.
    pub(crate) fn find(&self, target: &str) -> Option<usize> {
        let key = page_key(target);
        self.pages.get(&key).or_else(|| self.pages.get(path_of(&key))).copied()
    }

    /// The newest article that is still there, for updates and reprints.
    pub(crate) fn newest(&self) -> Option<usize> {
        (0..self.articles.len()).rev().find(|index| self.articles[*index].listed && !self.articles[*index].withdrawn)
    }

    /// The newest own story: a reprint is not reprinted.
    pub(crate) fn newest_own(&self) -> Option<usize> {
        (0..self.articles.len()).rev().find(|index| {
            let article = &self.articles[*index];
            article.listed && !article.withdrawn && article.copy_of.is_none()
        })
    }

    pub(crate) fn truth(&self) -> impl Iterator<Item = Truth> + '_ {
        self.articles.iter().map(|article| Truth {
            url: format!("{}{}", self.base, article.path),
            agency: self.agency.name.clone(),
            guid: feed::guid(&self.agency, &self.base, article),
            article: article.clone(),
        })
    }

    /// What stands at `target`, before conditions, compression and faults.
    pub(crate) fn respond(&self, target: &str) -> Response {
        let path = path_of(target);
        if let Some(by_hand) = self.by_hand.get(target).or_else(|| self.by_hand.get(path)) {
            return by_hand.clone();
        }
        if let Some(index) = self.find(target) {
            return self.page(index);
        }
        if let Some(older) = self.older(target) {
            return older;
        }
        if let Some(format) = Format::ALL.into_iter().find(|format| format.path() == path) {
            return self.feed(&self.listing(), format);
        }
        match path {
            "/robots.txt" => self.robots(),
            "/" => self.home(),
            "/sitemap.xml" => self.sitemap_index(),
            _ => Response::status(404),
        }
    }

    fn page(&self, index: usize) -> Response {
        let article = &self.articles[index];
        if article.withdrawn {
            return Response::status(410);
        }
        let canonical = match &self.agency.canonical {
            Canonical::Own => Some(self.url(index)),
            Canonical::Home => Some(format!("{}/", self.base)),
            Canonical::Origin => Some(article.copy_of.clone().unwrap_or_else(|| self.url(index))),
            Canonical::Foreign(prefix) => Some(format!("{prefix}{}", article.path)),
            Canonical::Absent => None,
        };
        let related = self.related(index).map(|other| &self.articles[other]).collect();
        let body = page::write(&Page { agency: &self.agency, base: &self.base, article, related, canonical });
        self.html(body, article.modified_at.unwrap_or(article.published_at))
    }

    /// The same others whenever asked, so that a page changes with its article alone: from the archive the agency
    /// started with, or from before the article.
    fn related(&self, index: usize) -> impl Iterator<Item = usize> {
        let archive = if self.agency.items > 1 { self.agency.items } else { index };
        (1..=RELATED.min(archive.saturating_sub(1))).map(move |step| (index + step) % archive).filter(move |other| *other != index)
    }

    fn html(&self, body: Vec<u8>, changed_at: i64) -> Response {
        let charset = self.agency.declared.in_header(self.agency.charset);
        let kind = charset.map_or_else(|| "text/html".to_owned(), |label| format!("text/html; charset={label}"));
        self.validated(Response::bytes(&kind, body), changed_at)
    }

    pub(crate) fn listing(&self) -> Listing<'_> {
        let mut articles: Vec<&Article> = self.articles.iter().filter(|article| article.listed && !article.withdrawn).collect();
        articles.sort_by_key(|article| std::cmp::Reverse((article.published_at, article.id)));
        articles.truncate(self.agency.window);
        Listing { agency: &self.agency, base: &self.base, articles, links: self.links(1) }
    }

    pub(crate) fn feed(&self, listing: &Listing<'_>, format: Format) -> Response {
        let body = feed::write(listing, format);
        let charset = self.agency.declared.in_header(feed::charset(&self.agency, format));
        let kind = match charset {
            Some(label) if format != Format::JsonFeed => format!("{}; charset={label}", format.media_type()),
            _ => format.media_type().to_owned(),
        };
        let response = self.validated(Response::bytes(&kind, body), self.changed_at);
        match &self.agency.cache_control {
            Some(value) => response.with_header("Cache-Control", value),
            None => response,
        }
    }

    fn home(&self) -> Response {
        self.html(page::home(&self.agency, &self.base, &self.listing().articles), self.changed_at)
    }

    fn sitemap_index(&self) -> Response {
        let (base, path) = (&self.base, Format::NewsSitemap.path());
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n\
             <sitemap><loc>{base}{path}</loc></sitemap>\n</sitemapindex>\n"
        );
        self.validated(Response::bytes("application/xml", body), self.changed_at)
    }

    fn robots(&self) -> Response {
        let sitemap = format!("Sitemap: {}{}\n", self.base, Format::NewsSitemap.path());
        let text = match &self.agency.robots {
            Robots::Allow => format!("User-agent: *\nAllow: /\n\n{sitemap}"),
            Robots::Delay(seconds) => format!("User-agent: *\nCrawl-delay: {seconds}\nAllow: /\n\n{sitemap}"),
            Robots::Disallow(prefix) => format!("User-agent: *\nDisallow: {prefix}\n\n{sitemap}"),
            Robots::Text(text) => text.clone(),
            Robots::Status(status) => return Response::status(*status),
        };
        Response::bytes("text/plain; charset=utf-8", text)
    }

    pub(crate) fn validated(&self, response: Response, changed_at: i64) -> Response {
        let tag = etag(&response.body);
        match self.agency.validators {
            Validators::Both | Validators::Ignored => {
                response.with_header("ETag", &tag).with_header("Last-Modified", &http_date(changed_at))
            }
            Validators::Tag => response.with_header("ETag", &tag),
            Validators::WeakTag => response.with_header("ETag", &format!("W/{tag}")),
            Validators::Date => response.with_header("Last-Modified", &http_date(changed_at)),
            Validators::Absent => response,
        }
    }
}

/// The target without parameters that only say where the reader came from, and without a fragment.
pub(crate) fn page_key(target: &str) -> String {
    let target = target.split('#').next().unwrap_or_default();
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("utm_")).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

pub(crate) fn path_of(target: &str) -> &str {
    target.split(['?', '#']).next().unwrap_or_default()
}
