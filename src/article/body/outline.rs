//! The page cut into blocks: runs of text between block-level borders, on a flat copy of the tree.

use std::collections::HashSet;

use scraper::{ElementRef, Html, Node};

use super::words;
use crate::markup;

/// An element's name, as far as this room tells names apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Tag {
    /// Not one of the others, block-level.
    Other,
    /// Not one of the others, inline.
    Inline,
    A,
    Article,
    Aside,
    Blockquote,
    Body,
    Bold,
    Button,
    Dd,
    Div,
    Dl,
    Dt,
    Figcaption,
    Figure,
    Footer,
    Form,
    H1,
    H2,
    H3,
    H4,
    H5,
    H6,
    Header,
    Italic,
    Li,
    Main,
    Nav,
    Ol,
    P,
    Pre,
    Section,
    Span,
    Table,
    Td,
    Time,
    Tr,
    Ul,
}

impl Tag {
    /// How many there are.
    pub(super) const COUNT: usize = Tag::Ul as usize + 1;

    /// 1 to 6 for headings.
    pub(super) fn heading(self) -> Option<u8> {
        (Tag::H1 as u8..=Tag::H6 as u8).contains(&(self as u8)).then(|| self as u8 - Tag::H1 as u8 + 1)
    }

    pub(super) fn is_inline(self) -> bool {
        matches!(self, Tag::Inline | Tag::A | Tag::Bold | Tag::Italic | Tag::Span | Tag::Time)
    }
}

/// An element with what lies within it.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) tag: Tag,
    /// The root is its own parent.
    pub(super) parent: usize,
    pub(super) depth: usize,
    /// Words of class, id and the like, folded to numbers.
    pub(super) words: Vec<u32>,
    /// How many of its words are of each group (`words::GROUPS`).
    pub(super) groups: [u8; words::GROUPS],
    pub(super) hidden: bool,
    pub(super) is_article_body: bool,
    /// Sum over the blocks within.
    pub(super) sums: Sums,
    pub(super) score: f32,
}

/// What the blocks within an element add up to.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sums {
    /// Effective length, of which in links, of which in good blocks.
    pub(super) length: f32,
    pub(super) links: f32,
    pub(super) good: f32,
    pub(super) blocks: u32,
    pub(super) good_blocks: u32,
    /// Pictures, films and frames.
    pub(super) media: u32,
}

impl Sums {
    pub(super) fn link_density(&self) -> f32 {
        if self.length > 0.0 { self.links / self.length } else { 0.0 }
    }
}

/// A run of text between two borders.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) text: String,
    /// The innermost element that holds all of it.
    pub(super) owner: usize,
    /// The innermost block-level element that holds it.
    pub(super) container: usize,
    /// Effective length: characters, those of scripts without spaces counted more.
    pub(super) length: f32,
    /// Share of it in links, in bold face.
    pub(super) link_share: f32,
    pub(super) bold_share: f32,
    pub(super) italic_share: f32,
    pub(super) links: Links,
    /// Pictures, films and frames since the block before.
    pub(super) media_before: u32,
    /// Length times the share outside of links, when it reads like a paragraph; else 0.
    pub(super) good: f32,
}

/// The links of a block, by where they lead.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Links {
    pub(super) all: u32,
    /// To nowhere else: `#…`, `javascript:`, `mailto:`.
    pub(super) here: u32,
    /// To lists: tags, topics, authors.
    pub(super) lists: u32,
    /// To another host.
    pub(super) out: u32,
}

impl Links {
    fn add(&mut self, other: Links) {
        self.all += other.all;
        self.here += other.here;
        self.lists += other.lists;
        self.out += other.out;
    }
}

/// The page as blocks in elements.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) elements: Vec<Element>,
    pub(super) blocks: Vec<Block>,
}

/// Longest text of one block that is looked at whole; a longer one is data.
const LONGEST_BLOCK: usize = 60_000;

/// Blocks of one page; behind them nobody reads.
const MOST_BLOCKS: usize = 12_000;

impl Outline {
    /// Cuts the page found at `host`, but for the elements in `removed`.
    pub(super) fn of(html: &Html, host: &str, removed: &Removed) -> Outline {
        Outline::within(&[html.root_element()], host, removed)
    }

    /// Cuts these elements of a page.
    pub(super) fn within(roots: &[ElementRef<'_>], host: &str, removed: &Removed) -> Outline {
        let mut cutter = Cutter { removed: Some(removed), host, ..Cutter::default() };
        for root in roots {
            cutter.walk(*root);
            cutter.close();
        }
        let mut outline = Outline { elements: cutter.elements, blocks: cutter.blocks };
        outline.add_up();
        outline.score();
        outline
    }

    /// An element and its ancestors, from the inside out.
    pub(super) fn chain(&self, element: usize) -> impl Iterator<Item = usize> + '_ {
        let mut next = (!self.elements.is_empty()).then_some(element);
        std::iter::from_fn(move || {
            let here = next?;
            let parent = self.elements[here].parent;
            next = (parent != here).then_some(parent);
            Some(here)
        })
    }

    /// Whether `outer` holds `inner` (or is it).
    pub(super) fn holds(&self, outer: usize, inner: usize) -> bool {
        let mut here = inner;
        while self.elements[here].depth > self.elements[outer].depth {
            here = self.elements[here].parent;
        }
        here == outer
    }

    /// The innermost element that holds both, with the steps up from each.
    pub(super) fn meet(&self, mut one: usize, mut other: usize) -> (usize, usize, usize) {
        let (from_one, from_other) = (self.elements[one].depth, self.elements[other].depth);
        while one != other {
            if self.elements[one].depth >= self.elements[other].depth {
                one = self.elements[one].parent;
            } else {
                other = self.elements[other].parent;
            }
        }
        let depth = self.elements[one].depth;
        (one, from_one - depth, from_other - depth)
    }

    fn add_up(&mut self) {
        // Children stand behind their parents.
        for index in (1..self.elements.len()).rev() {
            let (parent, media) = (self.elements[index].parent, self.elements[index].sums.media);
            if parent != index {
                self.elements[parent].sums.media += media;
            }
        }
        for block in &self.blocks {
            let mut here = block.owner;
            loop {
                let sums = &mut self.elements[here].sums;
                sums.length += block.length;
                sums.links += block.length * block.link_share;
                sums.good += block.good;
                sums.blocks += 1;
                sums.good_blocks += u32::from(block.good > 0.0);
                let parent = self.elements[here].parent;
                if parent == here {
                    break;
                }
                here = parent;
            }
        }
    }

    /// Scores elements as readers' modes do: paragraphs vote for the elements around them, nearer ones more.
    fn score(&mut self) {
        for block in &self.blocks {
            if block.length < 25.0 || block.link_share >= 0.5 {
                continue;
            }
            let commas = block.text.chars().filter(|character| matches!(character, ',' | '，' | '、' | '،')).count() as f32;
            let vote = (1.0 + commas.min(20.0) + (block.length / 100.0).min(3.0)) * (1.0 - block.link_share);
            let mut here = block.container;
            // The paragraph itself is no candidate.
            if self.elements[here].tag == Tag::P || self.elements[here].tag.heading().is_some() {
                here = self.elements[here].parent;
            }
            for level in 0..5 {
                self.elements[here].score += vote / [1.0, 2.0, 6.0, 9.0, 12.0][level];
                let parent = self.elements[here].parent;
                if parent == here {
                    break;
                }
                here = parent;
            }
        }
        for element in &mut self.elements {
            let weight = match element.tag {
                Tag::Article | Tag::Main => 1.2,
                Tag::Aside | Tag::Footer | Tag::Nav | Tag::Form | Tag::Header => 0.5,
                _ => 1.0,
            };
            let named = match (element.groups[words::POSITIVE] > 0, element.groups[words::NEGATIVE] > 0) {
                (true, false) => 1.25,
                (false, true) => 0.4,
                _ => 1.0,
            };
            element.score *= weight * named * (1.0 - element.sums.link_density());
        }
    }
}

/// Elements that are not looked at, by `identity`.
pub(super) type Removed = HashSet<usize>;

/// What tells one node of a tree from the others.
pub(super) fn identity(node: &Node) -> usize {
    std::ptr::from_ref(node).addr()
}

/// Builds the outline in one walk.
#[derive(Default)]
struct Cutter<'r> {
    removed: Option<&'r Removed>,
    host: &'r str,
    elements: Vec<Element>,
    blocks: Vec<Block>,
    /// Elements on the path to where we are.
    path: Vec<usize>,
    link_depth: usize,
    bold_depth: usize,
    italic_depth: usize,
    /// The block in hand.
    text: String,
    owner: Option<usize>,
    in_links: usize,
    in_bold: usize,
    in_italic: usize,
    links: Links,
    /// The kind of the link that is open.
    open_link: Links,
    media: u32,
    /// Line breaks seen since the last text.
    breaks: u8,
}

impl Cutter<'_> {
    /// Walks the tree without recursion, so that no depth can exhaust the stack.
    fn walk(&mut self, root: ElementRef<'_>) {
        let root = *root;
        let mut next = Some((root, true));
        while let Some((node, entering)) = next {
            let enter_children = entering && self.enter(node.value());
            if enter_children && let Some(child) = node.first_child() {
                next = Some((child, true));
                continue;
            }
            if enter_children || !entering {
                self.leave(node.value());
            }
            if node.id() == root.id() || self.blocks.len() >= MOST_BLOCKS {
                break;
            }
            next = node.next_sibling().map(|sibling| (sibling, true)).or_else(|| node.parent().map(|parent| (parent, false)));
        }
    }

    /// Whether the children are to be walked as well.
    fn enter(&mut self, node: &Node) -> bool {
        match node {
            Node::Text(text) => {
                self.text(text);
                false
            }
            Node::Element(element) => {
                let name = element.name();
                if is_media(name) {
                    self.media += 1;
                    if let Some(here) = self.path.last() {
                        self.elements[*here].sums.media += 1;
                    }
                }
                if is_skipped(name) || self.removed.is_some_and(|removed| removed.contains(&identity(node))) {
                    return false;
                }
                if matches!(name, "br" | "hr") {
                    self.line_break(name == "hr");
                    return false;
                }
                let tag = tag_of(name);
                if !tag.is_inline() {
                    self.close();
                }
                let parent = self.path.last().copied().unwrap_or(0);
                let index = self.elements.len();
                let named = words::of(element, tag == Tag::Other);
                self.elements.push(Element {
                    tag,
                    parent,
                    depth: self.path.len(),
                    groups: words::groups(&named.words),
                    words: named.words,
                    hidden: named.hidden || self.path.last().is_some_and(|parent| self.elements[*parent].hidden),
                    is_article_body: named.is_article_body,
                    sums: Sums::default(),
                    score: 0.0,
                });
                self.path.push(index);
                self.link_depth += usize::from(tag == Tag::A);
                if tag == Tag::A {
                    self.open_link = self.link(element.attr("href").unwrap_or_default());
                    self.links.add(self.open_link);
                }
                self.italic_depth += usize::from(tag == Tag::Italic);
                self.bold_depth += usize::from(tag == Tag::Bold || tag.heading().is_some());
                true
            }
            Node::Document | Node::Fragment => true,
            _ => false,
        }
    }

    fn leave(&mut self, node: &Node) {
        let Node::Element(_) = node else { return };
        let Some(index) = self.path.last().copied() else { return };
        let tag = self.elements[index].tag;
        if !tag.is_inline() {
            self.close();
        }
        self.path.pop();
        self.link_depth -= usize::from(tag == Tag::A);
        self.italic_depth -= usize::from(tag == Tag::Italic);
        self.bold_depth -= usize::from(tag == Tag::Bold || tag.heading().is_some());
    }

    fn text(&mut self, text: &str) {
        let printed = text.chars().filter(|character| !character.is_whitespace()).count();
        if printed == 0 {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            return;
        }
        let Some(here) = self.path.last().copied() else { return };
        if self.text.len() > LONGEST_BLOCK {
            return;
        }
        self.breaks = 0;
        self.owner = Some(match self.owner {
            None => here,
            Some(owner) => self.meet(owner, here),
        });
        if self.link_depth > 0 {
            self.in_links += printed;
        }
        if self.bold_depth > 0 {
            self.in_bold += printed;
        }
        if self.italic_depth > 0 {
            self.in_italic += printed;
        }
        self.text.push_str(text);
    }

    /// Where a link leads.
    fn link(&self, href: &str) -> Links {
        let href = href.trim();
        let mut links = Links { all: 1, ..Links::default() };
        let web = href.split_once("://");
        if href.starts_with('#')
            || (web.is_none() && ["javascript:", "mailto:", "tel:"].iter().any(|scheme| href.starts_with(scheme)))
        {
            links.here = 1;
        } else {
            let rest = web.map_or(href, |(_, rest)| rest);
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            links.out = u32::from(web.is_some() && !host.ends_with(self.host) && !self.host.ends_with(host));
            links.lists = u32::from(words::leads_to_a_list(if web.is_some() { path } else { rest }));
        }
        links
    }

    fn meet(&self, mut one: usize, mut other: usize) -> usize {
        while one != other {
            if self.elements[one].depth >= self.elements[other].depth {
                one = self.elements[one].parent;
            } else {
                other = self.elements[other].parent;
            }
        }
        one
    }

    /// One break is white space, two in a row are a border.
    fn line_break(&mut self, rule: bool) {
        self.breaks = self.breaks.saturating_add(1);
        if rule || self.breaks > 1 {
            self.close();
        } else {
            self.text.push('\n');
        }
    }

    /// Ends the block in hand.
    fn close(&mut self) {
        if let Some(owner) = self.owner.take() {
            let text = markup::tidy(&self.text);
            let (mut characters, mut wide) = (0_usize, 0_usize);
            for character in text.chars() {
                characters += 1;
                wide += usize::from(words::is_wide(character));
            }
            let printed = self.text.chars().filter(|character| !character.is_whitespace()).count().max(1) as f32;
            if characters > 0 {
                let length = characters as f32 + 1.5 * wide as f32;
                let link_share = self.in_links as f32 / printed;
                let mut container = owner;
                while self.elements[container].tag.is_inline() && self.elements[container].parent != container {
                    container = self.elements[container].parent;
                }
                self.blocks.push(Block {
                    owner,
                    container,
                    length,
                    link_share,
                    bold_share: self.in_bold as f32 / printed,
                    italic_share: self.in_italic as f32 / printed,
                    media_before: std::mem::take(&mut self.media),
                    links: self.links,
                    good: if length >= 60.0 && link_share < 0.5 { length * (1.0 - link_share) } else { 0.0 },
                    text,
                });
            }
        }
        self.text.clear();
        self.in_links = 0;
        self.in_bold = 0;
        self.in_italic = 0;
        self.links = if self.link_depth > 0 { self.open_link } else { Links::default() };
        self.breaks = 0;
    }
}

/// Elements whose content is no text of the page.
fn is_skipped(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "noscript"
            | "template"
            | "svg"
            | "iframe"
            | "select"
            | "textarea"
            | "object"
            | "audio"
            | "video"
            | "head"
            | "canvas"
            | "datalist"
            | "embed"
            | "img"
            | "input"
            | "map"
            | "progress"
            | "meter"
    )
}

/// Elements that show something other than text.
fn is_media(name: &str) -> bool {
    matches!(name, "img" | "video" | "iframe" | "audio" | "object" | "embed" | "amp-img" | "amp-video")
}

fn tag_of(name: &str) -> Tag {
    match name {
        "a" => Tag::A,
        "article" => Tag::Article,
        "aside" => Tag::Aside,
        "blockquote" => Tag::Blockquote,
        "body" => Tag::Body,
        "b" | "strong" => Tag::Bold,
        "i" | "em" | "cite" => Tag::Italic,
        "button" => Tag::Button,
        "dd" => Tag::Dd,
        "div" => Tag::Div,
        "dl" => Tag::Dl,
        "dt" => Tag::Dt,
        "figcaption" => Tag::Figcaption,
        "figure" => Tag::Figure,
        "footer" => Tag::Footer,
        "form" => Tag::Form,
        "h1" => Tag::H1,
        "h2" => Tag::H2,
        "h3" => Tag::H3,
        "h4" => Tag::H4,
        "h5" => Tag::H5,
        "h6" => Tag::H6,
        "header" => Tag::Header,
        "li" => Tag::Li,
        "main" => Tag::Main,
        "nav" => Tag::Nav,
        "ol" => Tag::Ol,
        "p" => Tag::P,
        "pre" => Tag::Pre,
        "section" => Tag::Section,
        "span" => Tag::Span,
        "table" => Tag::Table,
        "td" | "th" => Tag::Td,
        "time" => Tag::Time,
        "tr" => Tag::Tr,
        "ul" => Tag::Ul,
        "abbr" | "acronym" | "bdi" | "bdo" | "big" | "code" | "data" | "del" | "dfn" | "font" | "ins" | "kbd" | "label"
        | "mark" | "nobr" | "q" | "rb" | "rp" | "rt" | "rtc" | "ruby" | "s" | "samp" | "small" | "strike" | "sub" | "sup"
        | "tt" | "u" | "var" | "wbr" | "picture" | "source" | "math" => Tag::Inline,
        _ => Tag::Other,
    }
}
