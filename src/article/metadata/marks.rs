//! One pass over the page: whatever may be a headline, a byline, a date, a section or a keyword is marked.

use scraper::{ElementRef, Node};

use super::element::{
    Attributes, LONGEST_TEXT, Word, Words, heading_text, is_block, is_chrome, item_name, item_text, leads_to_author, leads_to_tag,
    text_of,
};
use super::likeness::{fold, tidy};
use crate::article::date;
use crate::article::page::Page;

/// Characters from which on a line is prose.
const PROSE: usize = 180;

/// Lines, marks of one kind and nodes kept or visited: a page may be made to carry millions.
const MOST_LINES: usize = 4000;
const MOST_MARKS: usize = 400;

/// Most canonical links that are read: one is right, two that differ are told.
const MOST_CANONICAL: usize = 4;
const MOST_HEADINGS: usize = 120;
const MOST_NODES: usize = 400_000;

/// What headlines, bylines, dates and sections are called.
const HEADLINES: [Word; 7] =
    Word::all(["headline", "article-title", "article__title", "entry-title", "post-title", "article_title", "articletitle"]);
const BYLINES: [Word; 8] = Word::all(["author", "byline", "autor", "auteur", "redakt", "writer", "signature", "firma"]);
const NAMES: [Word; 9] = Word::all([
    "author-name",
    "author_name",
    "authorname",
    "author__name",
    "byline-name",
    "byline__name",
    "byline_name",
    "autor-name",
    "name-author",
]);
const DATES: [Word; 8] = Word::all(["date", "time", "publish", "pubdate", "stamp", "datum", "fecha", "updated"]);
const SECTIONS: [Word; 5] = Word::all(["section", "category", "rubric", "kicker", "channel"]);
const COMMENT: Word = Word::of("comment");
const BYLINE: Word = Word::of("byline");
const UPDATED: Word = Word::of("updated");
const MODIFIED: Word = Word::of("modified");
const PUBLISH: Word = Word::of("publish");
const ENTRY_DATE: Word = Word::of("entry-date");
const BREADCRUMB: Word = Word::of("breadcrumb");

/// A heading of the first or second level.
#[derive(Debug, Clone)]
pub(super) struct Heading {
    pub(super) text: String,
    pub(super) line: usize,
    pub(super) level: u8,
    pub(super) chrome: bool,
    /// Whether `itemprop=headline` or its class says that it is the article's.
    pub(super) named: bool,
}

/// A line of text between two block boundaries.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) chrome: bool,
    pub(super) prose: bool,
}

/// A text with what kind of element it stood in; higher strength is surer.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) text: String,
    pub(super) line: usize,
    pub(super) strength: u8,
    pub(super) chrome: bool,
    pub(super) label: &'static str,
}

/// What one pass over the page found.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) headings: Vec<Heading>,
    pub(super) lines: Vec<Line>,
    pub(super) bylines: Vec<Mark>,
    pub(super) dates: Vec<Mark>,
    pub(super) changes: Vec<Mark>,
    pub(super) tags: Vec<Mark>,
    pub(super) sections: Vec<Mark>,
    pub(super) crumbs: Vec<Mark>,
    /// Folded texts of links in the page's chrome: the names of the site's sections.
    pub(super) navigation: Vec<String>,
    pub(super) canonical: Vec<String>,
    pub(super) language: Option<String>,
    pub(super) title: Option<String>,
    pub(super) images: Vec<Mark>,
    /// Whether microdata call the page's article a live blog.
    pub(super) live: bool,
}

impl Marks {
    /// Whether some navigation link has exactly this text.
    pub(super) fn navigates_to(&self, text: &str) -> bool {
        let folded = fold(text);
        !folded.is_empty() && self.navigation.contains(&folded)
    }
}

/// Walks the page once and marks whatever may say something about the article.
pub(super) fn walk(page: &Page) -> Marks {
    let mut walker =
        Walker { marks: Marks::default(), line: String::new(), chrome: 0, article: 0, skipped: 0, hidden: 0, open: Vec::new() };
    let root = page.html.tree.root();
    let mut node = root;
    for _ in 0..MOST_NODES {
        walker.enter(node.value(), ElementRef::wrap(node));
        if let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        loop {
            walker.leave(node.value());
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            match node.parent() {
                Some(parent) if parent != root => node = parent,
                _ => return walker.finish(),
            }
        }
    }
    walker.finish()
}

struct Walker {
    marks: Marks,
    line: String,
    chrome: usize,
    article: usize,
    skipped: usize,
    hidden: usize,
    /// What each open element counts as, so that leaving it needs no second look.
    open: Vec<Role>,
}

/// What an element does to what stands inside it.
#[derive(Clone, Copy, Default)]
struct Role {
    block: bool,
    chrome: bool,
    article: bool,
    skipped: bool,
    hidden: bool,
}

impl Walker {
    fn finish(mut self) -> Marks {
        self.flush();
        self.marks
    }

    fn enter(&mut self, node: &Node, element: Option<ElementRef<'_>>) {
        match node {
            Node::Text(text) if self.skipped == 0 && self.hidden == 0 && self.line.len() < 4 * LONGEST_TEXT => {
                self.line.push_str(text)
            }
            Node::Element(value) => {
                let attributes = Attributes::of(value);
                let name = value.name();
                let role = Role {
                    block: is_block(name),
                    chrome: is_chrome(name, &attributes),
                    article: matches!(name, "article" | "main"),
                    skipped: matches!(name, "script" | "style" | "noscript" | "template" | "svg" | "iframe" | "select" | "head"),
                    hidden: attributes.hidden && !matches!(name, "html" | "body"),
                };
                if role.block {
                    self.flush();
                }
                self.open.push(role);
                self.count(role, 1);
                if let Some(element) = element {
                    self.mark(name, &attributes, element);
                }
            }
            _ => {}
        }
    }

    fn leave(&mut self, node: &Node) {
        if matches!(node, Node::Element(_))
            && let Some(role) = self.open.pop()
        {
            if role.block {
                self.flush();
            }
            self.count(role, -1);
        }
    }

    /// Keeps count of what we are inside of.
    fn count(&mut self, role: Role, step: isize) {
        for (counts, count) in [
            (role.chrome, &mut self.chrome),
            (role.article, &mut self.article),
            (role.skipped, &mut self.skipped),
            (role.hidden, &mut self.hidden),
        ] {
            if counts {
                *count = count.saturating_add_signed(step);
            }
        }
    }

    fn flush(&mut self) {
        if !self.line.trim().is_empty() && self.marks.lines.len() < MOST_LINES {
            let mut text = tidy(&self.line);
            let prose = text.chars().nth(PROSE).is_some();
            if prose {
                text = text.chars().take(PROSE).collect();
            }
            if !text.is_empty() {
                self.marks.lines.push(Line { text, chrome: self.chrome > 0, prose });
            }
        }
        self.line.clear();
    }

    fn mark(&mut self, name: &str, attributes: &Attributes<'_>, element: ElementRef<'_>) {
        match name {
            "html" if !attributes.lang.is_empty() => self.marks.language = Some(attributes.lang.to_owned()),
            "title" if self.marks.title.is_none() && self.skipped > 0 => self.marks.title = Some(text_of(element)),
            "link" if self.marks.canonical.len() < MOST_CANONICAL && attributes.rel.eq_ignore_ascii_case("canonical") => {
                self.marks.canonical.push(attributes.href.to_owned());
            }
            "h1" | "h2" => self.heading(name, attributes, element),
            "a" if self.chrome > 0 && self.marks.navigation.len() < MOST_MARKS => {
                let text = fold(&text_of(element));
                if (2..40).contains(&text.len()) {
                    self.marks.navigation.push(text);
                }
            }
            _ => {}
        }
        if matches!(name, "html" | "head" | "body" | "script" | "style" | "meta" | "link") || self.skipped > 0 {
            return;
        }
        self.marks.live |= attributes.itemtype.ends_with("LiveBlogPosting");
        let words = attributes.words();
        self.byline(name, attributes, &words, element);
        self.date(name, attributes, &words, element);
        self.tag(name, attributes, &words, element);
        if name == "img"
            && self.article > 0
            && self.chrome == 0
            && !attributes.src.is_empty()
            && !attributes.src.starts_with("data:")
            && self.marks.images.len() < 5
        {
            self.put(|marks| &mut marks.images, attributes.src.to_owned(), 1, "img");
        }
    }

    fn heading(&mut self, name: &str, attributes: &Attributes<'_>, element: ElementRef<'_>) {
        if self.marks.headings.len() >= MOST_HEADINGS || self.skipped > 0 {
            return;
        }
        let text = heading_text(element);
        if text.is_empty() {
            return;
        }
        let words = attributes.words();
        let named = attributes.itemprop.contains("headline") || words.contain_any(&HEADLINES);
        let level = if name == "h1" { 1 } else { 2 };
        self.marks.headings.push(Heading { text, line: self.marks.lines.len(), level, chrome: self.chrome > 0, named });
    }

    fn byline(&mut self, name: &str, attributes: &Attributes<'_>, words: &Words, element: ElementRef<'_>) {
        let rel_author = attributes.rel.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case("author"));
        let prop = attributes.itemprop;
        let link = name == "a" && leads_to_author(attributes.href);
        let (strength, label) = if prop == "author" || prop == "creator" {
            (6, "itemprop=author")
        } else if rel_author {
            (5, "rel=author")
        } else if link {
            (4, "author link")
        } else if !words.contain_any(&BYLINES) || words.contain(&COMMENT) {
            return;
        } else if words.contain_any(&NAMES) {
            (3, "class author-name")
        } else if words.contain(&BYLINE) {
            (2, "class byline")
        } else {
            (1, "class author")
        };
        let text = match strength {
            6 => item_name(element).unwrap_or_else(|| text_of(element)),
            _ => text_of(element),
        };
        if text.chars().count() <= LONGEST_TEXT {
            self.put(|marks| &mut marks.bylines, text, strength, label);
        }
    }

    fn date(&mut self, name: &str, attributes: &Attributes<'_>, words: &Words, element: ElementRef<'_>) {
        let prop = attributes.itemprop.to_ascii_lowercase();
        let time = name == "time";
        let classed = !time && words.contain_any(&DATES);
        if !time && !classed && !prop.starts_with("date") {
            return;
        }
        let text = text_of(element);
        let given = [attributes.datetime, attributes.content].into_iter().find(|value| !value.trim().is_empty());
        let value = given.map(str::to_owned).unwrap_or_else(|| text.clone());
        if value.is_empty() || value.chars().count() > 120 || given.is_none() && !date::is_date_line(&text) {
            return;
        }
        let changed = prop == "datemodified"
            || prop.is_empty() && (date::is_of_change(&text) || words.contain(&UPDATED) || words.contain(&MODIFIED));
        let published = prop == "datepublished" || attributes.pubdate || words.contain(&PUBLISH) || words.contain(&ENTRY_DATE);
        let strength = if prop.starts_with("date") {
            4
        } else if time && published {
            3
        } else if time {
            2
        } else {
            1
        };
        let label = if prop.starts_with("date") {
            "itemprop"
        } else if time {
            "time"
        } else {
            "class date"
        };
        if changed {
            self.put(|marks| &mut marks.changes, value, strength, label);
        } else {
            self.put(|marks| &mut marks.dates, value, strength, label);
        }
    }

    fn tag(&mut self, name: &str, attributes: &Attributes<'_>, words: &Words, element: ElementRef<'_>) {
        let rel = attributes.rel.to_ascii_lowercase();
        let prop = attributes.itemprop;
        if prop == "articleSection" || name == "a" && rel.contains("category") {
            self.put(|marks| &mut marks.sections, item_text(attributes, element), 4, "category");
        } else if name == "a" && rel.split(' ').any(|rel| rel == "tag") {
            self.put(|marks| &mut marks.tags, text_of(element), 4, "rel=tag");
        } else if prop == "keywords" {
            self.put(|marks| &mut marks.tags, item_text(attributes, element), 4, "itemprop=keywords");
        } else if name == "a" && self.chrome == 0 && leads_to_tag(attributes.href) {
            self.put(|marks| &mut marks.tags, text_of(element), 2, "tag link");
        }
        if (words.contain(&BREADCRUMB) || attributes.role == "breadcrumb") && name != "a" && name != "li" && name != "span" {
            for link in element.descendent_elements().take(400).filter(|element| element.value().name() == "a").take(8) {
                self.put(|marks| &mut marks.crumbs, text_of(link), 3, "breadcrumb");
            }
        } else if name == "a" && self.chrome == 0 && words.contain_any(&SECTIONS) {
            self.put(|marks| &mut marks.sections, text_of(element), 2, "class section");
        }
    }

    fn put(&mut self, list: impl Fn(&mut Marks) -> &mut Vec<Mark>, text: String, strength: u8, label: &'static str) {
        let line = self.marks.lines.len();
        let chrome = self.chrome > 0;
        let list = list(&mut self.marks);
        let text = tidy(&text);
        if !text.is_empty() && list.len() < MOST_MARKS {
            list.push(Mark { text, line, strength, chrome, label });
        }
    }
}
