//! The page's own markup: headings, bylines, dates, tags and breadcrumbs as a reader sees them, in one pass.

use scraper::node::Element;
use scraper::{ElementRef, Node, Selector};

use super::likeness::{fold, same, similarity, tidy};
use super::{Gathered, Named, Origin, push};
use crate::article::Rules;
use crate::article::byline;
use crate::article::date;
use crate::article::page::Page;

/// Characters of one mark that are looked at.
const LONGEST_MARK: usize = 400;

/// Characters from which on a line is prose.
const PROSE: usize = 180;

/// Lines, marks of one kind and nodes kept or visited: a page may be made to carry millions.
const MOST_LINES: usize = 4000;
const MOST_MARKS: usize = 400;
const MOST_NODES: usize = 400_000;

/// Lines after the headline in which byline and date are expected, and lines before it.
const AFTER: usize = 30;
const BEFORE: usize = 10;

/// A heading of the first or second level.
#[derive(Debug, Clone)]
pub(super) struct Heading {
    pub(super) text: String,
    line: usize,
    level: u8,
    chrome: bool,
    /// Whether `itemprop=headline` or its class says that it is the article's.
    named: bool,
}

/// A line of text between two block boundaries.
#[derive(Debug, Clone)]
struct Line {
    text: String,
    chrome: bool,
    prose: bool,
}

/// A text with what kind of element it stood in; higher strength is surer.
#[derive(Debug, Clone)]
struct Mark {
    text: String,
    line: usize,
    strength: u8,
    chrome: bool,
    label: &'static str,
}

/// What one pass over the page found.
#[derive(Debug, Default)]
pub(super) struct Marks {
    headings: Vec<Heading>,
    lines: Vec<Line>,
    bylines: Vec<Mark>,
    dates: Vec<Mark>,
    changes: Vec<Mark>,
    tags: Vec<Mark>,
    sections: Vec<Mark>,
    crumbs: Vec<Mark>,
    /// Folded texts of links in the page's chrome: the names of the site's sections.
    pub(super) navigation: Vec<String>,
    canonical: Option<String>,
    language: Option<String>,
    title: Option<String>,
    images: Vec<Mark>,
}

impl Marks {
    /// Whether some navigation link has exactly this text.
    pub(super) fn navigates_to(&self, text: &str) -> bool {
        let folded = fold(text);
        !folded.is_empty() && self.navigation.contains(&folded)
    }
}

/// The attributes that matter here, read in one go.
#[derive(Default)]
struct Attributes<'a> {
    class: &'a str,
    id: &'a str,
    itemprop: &'a str,
    rel: &'a str,
    href: &'a str,
    datetime: &'a str,
    content: &'a str,
    test_id: &'a str,
    role: &'a str,
    lang: &'a str,
    src: &'a str,
    hidden: bool,
    pubdate: bool,
}

impl<'a> Attributes<'a> {
    fn of(element: &'a Element) -> Attributes<'a> {
        let mut attributes = Attributes::default();
        for (name, value) in element.attrs() {
            match name {
                "class" => attributes.class = value,
                "id" => attributes.id = value,
                "itemprop" => attributes.itemprop = value,
                "rel" => attributes.rel = value,
                "href" => attributes.href = value,
                "datetime" => attributes.datetime = value,
                "content" => attributes.content = value,
                "data-testid" | "data-qa" | "data-component" => attributes.test_id = value,
                "role" => attributes.role = value,
                "lang" => attributes.lang = value,
                "src" => attributes.src = value,
                "hidden" => attributes.hidden = true,
                "pubdate" => attributes.pubdate = true,
                "style" => attributes.hidden |= value.contains("display:none") || value.contains("display: none"),
                "aria-hidden" => attributes.hidden |= value == "true",
                _ => {}
            }
        }
        attributes
    }

    /// Class, id and test id in one lower-case text, for words that make a kind.
    fn words(&self) -> String {
        let mut words = String::with_capacity(self.class.len() + self.id.len() + self.test_id.len() + 2);
        for part in [self.class, self.id, self.test_id] {
            words.extend(part.chars().take(300).map(|c| c.to_ascii_lowercase()));
            words.push(' ');
        }
        words
    }
}

/// Walks the page once and marks whatever may say something about the article.
pub(super) fn walk(page: &Page) -> Marks {
    let mut walker = Walker { marks: Marks::default(), line: String::new(), chrome: 0, article: 0, skipped: 0, hidden: 0 };
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
}

impl Walker {
    fn finish(mut self) -> Marks {
        self.flush();
        self.marks
    }

    fn enter(&mut self, node: &Node, element: Option<ElementRef<'_>>) {
        match node {
            Node::Text(text) if self.skipped == 0 && self.hidden == 0 && self.line.len() < 4 * LONGEST_MARK => {
                self.line.push_str(text)
            }
            Node::Element(value) => {
                let attributes = Attributes::of(value);
                let name = value.name();
                if is_block(name) {
                    self.flush();
                }
                self.count(name, &attributes, value, 1);
                if let Some(element) = element {
                    self.mark(name, &attributes, element);
                }
            }
            _ => {}
        }
    }

    fn leave(&mut self, node: &Node) {
        if let Node::Element(value) = node {
            let name = value.name();
            if is_block(name) {
                self.flush();
            }
            self.count(name, &Attributes::of(value), value, -1);
        }
    }

    /// Keeps count of what we are inside of.
    fn count(&mut self, name: &str, attributes: &Attributes<'_>, _element: &Element, step: isize) {
        let add = |count: &mut usize| *count = count.saturating_add_signed(step);
        match name {
            "script" | "style" | "noscript" | "template" | "svg" | "iframe" | "select" | "head" => add(&mut self.skipped),
            "article" | "main" => add(&mut self.article),
            _ => {}
        }
        if is_chrome(name, attributes) {
            add(&mut self.chrome);
        }
        if attributes.hidden && name != "body" && name != "html" {
            add(&mut self.hidden);
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
            "link" if self.marks.canonical.is_none() && attributes.rel.eq_ignore_ascii_case("canonical") => {
                self.marks.canonical = Some(attributes.href.to_owned());
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
        if self.marks.headings.len() >= MOST_MARKS || self.skipped > 0 {
            return;
        }
        let text = heading_text(element);
        if text.is_empty() {
            return;
        }
        let words = attributes.words();
        let named = attributes.itemprop.contains("headline")
            || ["headline", "article-title", "article__title", "entry-title", "post-title", "article_title", "articletitle"]
                .iter()
                .any(|word| words.contains(word));
        let level = if name == "h1" { 1 } else { 2 };
        self.marks.headings.push(Heading { text, line: self.marks.lines.len(), level, chrome: self.chrome > 0, named });
    }

    fn byline(&mut self, name: &str, attributes: &Attributes<'_>, words: &str, element: ElementRef<'_>) {
        let rel_author = attributes.rel.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case("author"));
        let prop = attributes.itemprop;
        let link = name == "a" && leads_to_author(attributes.href);
        let (strength, label) = if prop == "author" || prop == "creator" {
            (6, "itemprop=author")
        } else if rel_author {
            (5, "rel=author")
        } else if link {
            (4, "author link")
        } else if words.contains("comment")
            || !["author", "byline", "autor", "auteur", "redakt", "writer", "signature", "firma"]
                .iter()
                .any(|word| words.contains(word))
        {
            return;
        } else if [
            "author-name",
            "author_name",
            "authorname",
            "author__name",
            "byline-name",
            "byline__name",
            "byline_name",
            "autor-name",
            "name-author",
        ]
        .iter()
        .any(|word| words.contains(word))
        {
            (3, "class author-name")
        } else if words.contains("byline") {
            (2, "class byline")
        } else {
            (1, "class author")
        };
        let text = match strength {
            6 => item_name(element).unwrap_or_else(|| text_of(element)),
            _ => text_of(element),
        };
        if text.chars().count() <= LONGEST_MARK {
            self.put(|marks| &mut marks.bylines, text, strength, label);
        }
    }

    fn date(&mut self, name: &str, attributes: &Attributes<'_>, words: &str, element: ElementRef<'_>) {
        let prop = attributes.itemprop.to_ascii_lowercase();
        let time = name == "time";
        let classed = !time
            && ["date", "time", "publish", "pubdate", "stamp", "datum", "fecha", "updated"].iter().any(|word| words.contains(word));
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
            || prop.is_empty() && (date::is_of_change(&text) || words.contains("updated") || words.contains("modified"));
        let published = prop == "datepublished" || attributes.pubdate || words.contains("publish") || words.contains("entry-date");
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

    fn tag(&mut self, name: &str, attributes: &Attributes<'_>, words: &str, element: ElementRef<'_>) {
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
        if (words.contains("breadcrumb") || attributes.role == "breadcrumb") && name != "a" && name != "li" && name != "span" {
            for link in element.descendent_elements().filter(|element| element.value().name() == "a").take(8) {
                self.put(|marks| &mut marks.crumbs, text_of(link), 3, "breadcrumb");
            }
        } else if name == "a"
            && self.chrome == 0
            && ["section", "category", "rubric", "kicker", "channel"].iter().any(|word| words.contains(word))
        {
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

/// What the operator's selectors find; they win outright, also over an empty page.
pub(super) fn operator(page: &Page, rules: &Rules, gathered: &mut Gathered) {
    let select = |selector: &Option<String>| -> Vec<ElementRef<'_>> {
        selector
            .as_deref()
            .and_then(|text| Selector::parse(text).ok())
            .map(|selector| page.html.select(&selector).take(20).collect())
            .unwrap_or_default()
    };
    let origin = Origin::Operator;
    for element in select(&rules.title) {
        push(&mut gathered.title, origin, "selector", &value_of(element, heading_text(element)));
    }
    for element in select(&rules.section) {
        push(&mut gathered.section, origin, "selector", &value_of(element, text_of(element)));
    }
    for element in select(&rules.published) {
        push(&mut gathered.published, origin, "selector", &value_of(element, text_of(element)));
    }
    let mut parties: Vec<byline::Party> = Vec::new();
    for element in select(&rules.authors) {
        parties.extend(byline::parties(&value_of(element, text_of(element)), &[]));
    }
    if !parties.is_empty() {
        gathered.authors.push(Named { origin, label: "selector", parties });
    }
}

/// Headlines seen on the page, by which JSON-LD about it is recognised.
pub(super) fn headline_witnesses(page: &Page, marks: &Marks) -> Vec<String> {
    let mut witnesses: Vec<String> =
        marks.headings.iter().filter(|heading| heading.level == 1).take(8).map(|heading| heading.text.clone()).collect();
    witnesses.extend(
        page.meta
            .iter()
            .filter(|(name, _)| matches!(name.as_str(), "og:title" | "twitter:title"))
            .map(|(_, content)| content.clone()),
    );
    witnesses.extend(marks.title.clone());
    witnesses.retain(|witness| !witness.trim().is_empty());
    witnesses
}

/// Gathers what the marks say.
pub(super) fn gather(page: &Page, marks: &Marks, gathered: &mut Gathered) {
    let heading = main_heading(marks, gathered);
    if let Some(heading) = heading {
        push(&mut gathered.title, Origin::Markup, "h1", &heading.text);
    }
    if let Some(title) = &marks.title {
        push(&mut gathered.title, Origin::Markup, "title", title);
    }
    let near = Near { line: heading.map(|heading| heading.line), last: marks.lines.len() };
    dates(marks, &near, gathered);
    bylines(marks, &near, gathered);
    for mark in &marks.crumbs {
        push(&mut gathered.section, Origin::Markup, mark.label, &mark.text);
    }
    for mark in marks.sections.iter().filter(|mark| mark.strength >= 4 || near.holds(mark.line)) {
        push(&mut gathered.section, Origin::Markup, mark.label, &mark.text);
    }
    for mark in marks.tags.iter().filter(|mark| mark.strength >= 4 || !mark.chrome) {
        push(&mut gathered.tags, Origin::Markup, mark.label, &mark.text);
    }
    if let Some(canonical) = &marks.canonical {
        push(&mut gathered.canonical, Origin::Meta, "rel=canonical", canonical);
    }
    if let Some(language) = &marks.language {
        gathered.language.insert(0, super::Candidate { origin: Origin::Markup, label: "html lang", value: language.clone() });
    }
    if let Some(language) = &page.content_language {
        push(&mut gathered.language, Origin::Meta, "Content-Language", language);
    }
    for mark in &marks.images {
        push(&mut gathered.image, Origin::Markup, mark.label, &mark.text);
    }
}

/// Where the headline stands, and what counts as near it.
struct Near {
    line: Option<usize>,
    last: usize,
}

impl Near {
    fn holds(&self, line: usize) -> bool {
        match self.line {
            Some(own) => line + BEFORE >= own && line <= own + AFTER,
            None => line <= self.last.min(60),
        }
    }
}

/// The heading that is the article's: the one that the other headlines of the page speak of.
fn main_heading<'a>(marks: &'a Marks, gathered: &Gathered) -> Option<&'a Heading> {
    let mut witnesses: Vec<&str> = gathered.title.iter().map(|candidate| candidate.value.as_str()).collect();
    witnesses.extend(marks.title.as_deref());
    // Without a witness a first-level heading outside the chrome is believed.
    let enough = if witnesses.is_empty() { 1.5 } else { 2.0 };
    let score = |heading: &Heading| {
        let likeness = witnesses.iter().map(|witness| similarity(witness, &heading.text)).fold(0.0, f64::max);
        let site = gathered.organisations.iter().any(|name| same(name, &heading.text));
        likeness * 4.0 + f64::from(u8::from(heading.level == 1)) * 1.5 + f64::from(u8::from(heading.named)) * 0.7
            - f64::from(u8::from(heading.chrome)) * 1.0
            - f64::from(u8::from(site)) * 3.0
    };
    let mut best: Option<(f64, &Heading)> = None;
    for heading in &marks.headings {
        let score = score(heading);
        // Of equals the first: later ones are teasers.
        if score >= enough && best.is_none_or(|(other, _)| score > other + 1e-9) {
            best = Some((score, heading));
        }
    }
    best.map(|(_, heading)| heading)
}

fn dates(marks: &Marks, near: &Near, gathered: &mut Gathered) {
    let origin = Origin::Markup;
    let mut dates: Vec<&Mark> =
        marks.dates.iter().filter(|mark| mark.strength >= 4 || near.holds(mark.line) && !mark.chrome).collect();
    dates.sort_by_key(|mark| std::cmp::Reverse((near.holds(mark.line), mark.strength)));
    for mark in dates.into_iter().take(8) {
        push(&mut gathered.published, origin, mark.label, &mark.text);
    }
    for mark in marks.changes.iter().filter(|mark| mark.strength >= 4 || near.holds(mark.line)).take(4) {
        push(&mut gathered.modified, origin, mark.label, &mark.text);
    }
    for (index, line) in marks.lines.iter().enumerate() {
        if line.prose || line.chrome || !near.holds(index) || !date::is_date_line(&line.text) {
            continue;
        }
        let changed = date::is_of_change(&line.text);
        push(if changed { &mut gathered.modified } else { &mut gathered.published }, Origin::Line, "date line", &line.text);
        if let Some(words) = date::words_before(&line.text)
            && let Some(section) = agreeing(&words, marks)
        {
            push(&mut gathered.section, Origin::Line, "date line", &section);
        }
    }
}

/// The longest run of words at the head that the page's navigation names too: "Politics" of "Politics Materials".
fn agreeing(words: &str, marks: &Marks) -> Option<String> {
    let words: Vec<&str> = words.split_whitespace().collect();
    (1..=words.len().min(5)).rev().map(|count| words[..count].join(" ")).find(|head| marks.navigates_to(head))
}

fn bylines(marks: &Marks, near: &Near, gathered: &mut Gathered) {
    let mut strengths: Vec<u8> = marks.bylines.iter().map(|mark| mark.strength).collect();
    strengths.sort_unstable();
    strengths.dedup();
    for strength in strengths.into_iter().rev() {
        let stands = |mark: &&Mark| mark.strength == strength && !mark.chrome && near.holds(mark.line);
        let close = marks.bylines.iter().any(|mark| stands(&mark));
        // Microdata is meant for machines wherever it stands.
        let of_strength = marks
            .bylines
            .iter()
            .filter(|mark| stands(mark) || !close && strength >= 6 && mark.strength == strength && !mark.chrome);
        let mut parties: Vec<byline::Party> = Vec::new();
        let mut label = "";
        for mark in of_strength.take(20) {
            label = mark.label;
            for party in byline::parties(&mark.text, &gathered.organisations) {
                let plain = strength <= 2 && byline::is_undecidable(&party.name);
                let credible = strength >= 5 || byline::looks_like_name(&party.name) && !plain || !party.person;
                if credible && !parties.iter().any(|known| same(&known.name, &party.name)) {
                    parties.push(party);
                }
            }
        }
        if !parties.is_empty() {
            gathered.authors.push(Named { origin: Origin::Markup, label, parties });
        }
    }
    plain_bylines(marks, near, gathered);
}

/// Names on plain lines: "By A. Name" near the headline, or a bare name repeated, or a bare name right
/// beside the date line.
fn plain_bylines(marks: &Marks, near: &Near, gathered: &mut Gathered) {
    let Some(headline) = near.line else { return };
    let lines: Vec<(usize, &Line)> = marks
        .lines
        .iter()
        .enumerate()
        .skip(headline.saturating_sub(4))
        .take(20)
        .take_while(|(index, line)| *index <= headline + 1 || !line.prose)
        .collect();
    let mut parties: Vec<byline::Party> = Vec::new();
    let dated = |index: usize| lines.get(index).is_some_and(|(_, line)| date::is_date_line(&line.text));
    for (position, (_, line)) in lines.iter().enumerate() {
        if line.chrome || line.prose {
            continue;
        }
        let led = byline::is_byline(&line.text, &[]) && !byline::is_undecidable(&line.text);
        let bare = byline::looks_like_name(&line.text)
            && !byline::is_undecidable(&line.text)
            && !marks.navigates_to(&line.text)
            && !gathered.section.iter().chain(&gathered.tags).any(|candidate| same(&candidate.value, &line.text))
            && !gathered.organisations.iter().any(|name| same(name, &line.text));
        let repeated = bare && lines.get(position + 1).is_some_and(|(_, next)| same(&next.text, &line.text));
        let beside = bare && (dated(position + 1) || position > 0 && dated(position - 1));
        // "Anna Berg | 23.04.2024": a name before a mark and the date.
        let before =
            Some(&line.text).filter(|text| date::is_date_line(text)).and_then(|text| date::words_before(text)).filter(|words| {
                let behind = line.text.strip_prefix(words.as_str()).map(str::trim_start);
                behind.is_some_and(|behind| behind.starts_with(['|', ',', '•', '·', '/']))
                    && byline::looks_like_name(words)
                    && !byline::is_undecidable(words)
                    && !marks.navigates_to(words)
            });
        if led || repeated || beside || before.is_some() {
            for party in byline::parties(before.as_ref().unwrap_or(&line.text), &gathered.organisations) {
                if !parties.iter().any(|known| same(&known.name, &party.name)) {
                    parties.push(party);
                }
            }
        }
    }
    if !parties.is_empty() {
        gathered.authors.push(Named { origin: Origin::Line, label: "line", parties });
    }
}

/// The text of a heading without the kicker that stands in an element of its own.
fn heading_text(element: ElementRef<'_>) -> String {
    // Microdata says which part of the heading is the headline.
    let inner = element.descendent_elements().skip(1).take(20).find(|inner| inner.value().attr("itemprop") == Some("headline"));
    let mut text = String::new();
    gather_text(inner.unwrap_or(element), &mut text, &|child| !is_kicker(child), 0);
    // A separator that stood behind the kicker is left over.
    let text = joined(&text);
    let text = text.trim_start_matches([':', '-', '–', '—', '|', '/', '•', ' ']).trim();
    if text.is_empty() { text_of(element) } else { text.to_owned() }
}

fn is_kicker(element: &Element) -> bool {
    let attributes = Attributes::of(element);
    let words = attributes.words();
    [
        "kicker",
        "overline",
        "topline",
        "top-line",
        "roofline",
        "eyebrow",
        "supertitle",
        "super-title",
        "dachzeile",
        "spitzmarke",
        "pretitle",
        "pre-title",
        "subheadline",
        "sub-headline",
        "sr-only",
        "visually-hidden",
        "visuallyhidden",
        "screen-reader",
        "badge",
        "label",
    ]
    .iter()
    .any(|word| words.contains(word))
}

/// The text of an element, one space between words, cut where it grows long.
fn text_of(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    gather_text(element, &mut text, &|_| true, 0);
    joined(&text)
}

/// Stands for the edge of an element inside a text: a space, but not before a mark that belongs to the word.
const BOUNDARY: char = '\u{1}';

/// The text with its boundaries made spaces where a reader sees one.
fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pending = false;
    for c in text.chars() {
        if c == BOUNDARY {
            pending = true;
            continue;
        }
        if pending && !matches!(c, ':' | ',' | '.' | ';' | '!' | '?' | ')' | '”' | '’') {
            out.push(' ');
        }
        pending = false;
        out.push(c);
    }
    tidy(&out)
}

fn gather_text(element: ElementRef<'_>, text: &mut String, wanted: &dyn Fn(&Element) -> bool, depth: usize) {
    for child in element.children() {
        if text.len() > 4 * LONGEST_MARK || depth > 30 {
            return;
        }
        match child.value() {
            Node::Text(part) => text.push_str(part),
            Node::Element(value) => {
                let name = value.name();
                if matches!(name, "script" | "style" | "svg" | "noscript" | "template" | "button") || !wanted(value) {
                    text.push(BOUNDARY);
                    continue;
                }
                let apart = is_block(name) || matches!(name, "span" | "br" | "a" | "time" | "img");
                if apart {
                    text.push(BOUNDARY);
                }
                if let Some(inner) = ElementRef::wrap(child) {
                    gather_text(inner, text, wanted, depth + 1);
                }
                if apart {
                    text.push(BOUNDARY);
                }
            }
            _ => {}
        }
    }
}

/// What an operator's selector points at: the attribute that carries the value, or the text.
fn value_of(element: ElementRef<'_>, text: String) -> String {
    let attributes = Attributes::of(element.value());
    [attributes.datetime, attributes.content].into_iter().find(|value| !value.trim().is_empty()).map(str::to_owned).unwrap_or(text)
}

fn item_text(attributes: &Attributes<'_>, element: ElementRef<'_>) -> String {
    if attributes.content.is_empty() { text_of(element) } else { attributes.content.to_owned() }
}

/// The `itemprop=name` inside an author's item.
fn item_name(element: ElementRef<'_>) -> Option<String> {
    let own = Attributes::of(element.value());
    if !own.content.is_empty() {
        return Some(own.content.to_owned());
    }
    element.descendent_elements().take(60).find_map(|inner| {
        let attributes = Attributes::of(inner.value());
        (attributes.itemprop == "name").then(|| item_text(&attributes, inner))
    })
}

/// Addresses of author pages, by the word the path has for them.
fn leads_to_author(href: &str) -> bool {
    let href = href.to_ascii_lowercase();
    [
        "/author/",
        "/authors/",
        "/autor/",
        "/autoren/",
        "/autores/",
        "/auteur/",
        "/auteurs/",
        "/autore/",
        "/autori/",
        "/profile/",
        "/people/",
        "/person/",
        "/staff/",
        "/by/",
        "/journalist/",
        "/journalists/",
        "/reporter/",
        "/contributor/",
        "/contributors/",
        "/columnist/",
        "/firmas/",
        "/redakteur/",
        "/yazar/",
        "/muellif/",
        "/impressum/autor",
        "/signataires/",
        "/correspondents/",
    ]
    .iter()
    .any(|word| href.contains(word))
}

/// Addresses of keyword pages.
fn leads_to_tag(href: &str) -> bool {
    let href = href.to_ascii_lowercase();
    [
        "/tag/",
        "/tags/",
        "/topic/",
        "/topics/",
        "/thema/",
        "/themen/",
        "/tema/",
        "/temas/",
        "/etiqueta/",
        "/etiquetas/",
        "/stichwort/",
        "/keyword/",
        "/keywords/",
        "/sujet/",
        "/sujets/",
        "/etiket/",
        "/konu/",
        "/mot-cle/",
        "/hashtag/",
        "/schlagwort/",
        "/about/",
        "/argomenti/",
        "/tagy/",
        "/stitek/",
        "/dossier/",
    ]
    .iter()
    .any(|word| href.contains(word))
}

fn is_chrome(name: &str, attributes: &Attributes<'_>) -> bool {
    matches!(name, "nav" | "footer" | "aside")
        || matches!(attributes.role, "navigation" | "contentinfo" | "complementary" | "search")
        || !matches!(name, "html" | "body" | "main" | "article")
            && attributes.class.split_ascii_whitespace().take(12).chain([attributes.id]).any(is_chrome_word)
}

fn is_chrome_word(word: &str) -> bool {
    if word.len() < 3 || word.len() > 40 {
        return false;
    }
    let word = word.to_ascii_lowercase();
    [
        "sidebar",
        "related",
        "footer",
        "navbar",
        "navigation",
        "comments",
        "recommend",
        "most-read",
        "mostread",
        "popular",
        "menu",
        "main-nav",
        "mega-menu",
    ]
    .iter()
    .any(|known| word == *known || word.strip_prefix(known).is_some_and(|rest| rest.starts_with(['-', '_'])))
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "li"
            | "ul"
            | "ol"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "nav"
            | "aside"
            | "main"
            | "br"
            | "hr"
            | "td"
            | "th"
            | "tr"
            | "table"
            | "figure"
            | "figcaption"
            | "blockquote"
            | "pre"
            | "form"
            | "dl"
            | "dt"
            | "dd"
            | "address"
            | "body"
            | "fieldset"
    )
}
