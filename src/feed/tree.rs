//! Small trees out of a broken document: one for each entry, one for each field of the feed.

use std::borrow::Cow;
use std::rc::Rc;

use crate::address;
use crate::model::Url;

use super::closing::{core_or_known, holds_text_only, is_field, is_root, is_void};
use super::node::{Child, Node};
use super::vocabulary::{self, Ns};
use super::xml::{self, Event, Mended, Tokenizer};

/// Elements nested deeper than this are passed over; their text is kept.
const DEEPEST: usize = 96;
/// Elements of one entry or field beyond this many are passed over likewise.
const MOST_ELEMENTS: usize = 20_000;

/// What a document is made of, in its order.
#[derive(Debug)]
pub(super) enum Piece<'d> {
    /// The document's own element was found.
    Root(Node<'d>),
    /// A container inside it began (`channel`).
    Container(Node<'d>),
    /// A field of the feed.
    Field(Node<'d>),
    /// An entry.
    Entry {
        node: Node<'d>,
        /// Its length in the document.
        bytes: usize,
        /// Whether its own end tag ended it.
        closed: bool,
    },
}

/// What an open element is to the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Container,
    Entry,
    Field,
    Inner,
}

struct Open<'d> {
    node: Node<'d>,
    raw: &'d str,
    role: Role,
    /// Where its start tag begins.
    from: usize,
    /// How many namespace bindings were in force before it.
    bindings: usize,
}

/// Reads pieces off a document.
pub(super) struct Pieces<'d> {
    tokens: Tokenizer<'d>,
    stack: Vec<Open<'d>>,
    ready: std::collections::VecDeque<Piece<'d>>,
    bindings: Vec<(&'d str, Option<Ns>, Cow<'d, str>)>,
    /// The vocabulary of the document's own names, and the namespace it gave them.
    home: Ns,
    home_uri: Cow<'d, str>,
    home_prefix: &'d str,
    rooted: bool,
    /// Whether the document's own element was closed.
    pub(super) complete: bool,
    /// Elements of the entry or field at hand.
    elements: usize,
    /// The document's own address.
    document: Option<&'d Url>,
}

impl<'d> Pieces<'d> {
    pub(super) fn new(text: &'d str, document: Option<&'d Url>) -> Pieces<'d> {
        Pieces {
            tokens: Tokenizer::new(text),
            stack: Vec::new(),
            ready: std::collections::VecDeque::new(),
            bindings: Vec::new(),
            home: Ns::Rss,
            home_uri: Cow::Borrowed(""),
            home_prefix: "",
            rooted: false,
            complete: false,
            elements: 0,
            document,
        }
    }

    /// Whether the document's own names are RSS ones.
    pub(super) fn speaks_rss(&self) -> bool {
        vocabulary::by_uri(&self.home_uri) == Some(Ns::Rss)
    }

    /// What had to be forgiven.
    pub(super) fn mended(&mut self) -> &mut Mended {
        &mut self.tokens.mended
    }

    /// The next piece.
    pub(super) fn next(&mut self) -> Option<Piece<'d>> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(piece);
            }
            let Some(event) = self.tokens.next(self.stack.last().map(|open| open.raw)) else {
                if self.stack.is_empty() {
                    return None;
                }
                self.tokens.mended.note_once("truncated");
                self.cut_off();
                self.close_down_to(0, false);
                continue;
            };
            match event {
                Event::Text(raw) => self.text(raw),
                Event::Literal(raw) => self.literal(raw),
                Event::Start { name, attributes, empty } => self.start(name, attributes, empty),
                Event::End { name } => self.end(name),
            }
        }
    }

    /// Marks the entry of which the end of the document cut a field: half an address is a wrong address.
    fn cut_off(&mut self) {
        if self.stack.last().is_some_and(|open| open.role == Role::Inner && holds_text_only(&open.node))
            && let Some(entry) = self.stack.iter_mut().rfind(|open| open.role == Role::Entry)
        {
            entry.node.cut = true;
        }
    }

    fn text(&mut self, raw: &'d str) {
        let Some(open) = self.stack.last_mut().filter(|open| open.role != Role::Container) else { return self.pass_over(raw) };
        if open.role == Role::Entry && raw.trim_ascii().is_empty() {
            return;
        }
        let text = xml::decode(raw, &self.tokens.declared, &mut self.tokens.mended);
        match open.node.children.last_mut() {
            // Stray brackets and passed-over tags would else leave millions of crumbs.
            Some(Child::Text(before)) => before.to_mut().push_str(&text),
            _ => open.node.children.push(Child::Text(text)),
        }
    }

    /// Text where none belongs: between entries, before the document's own element, behind its end.
    fn pass_over(&mut self, raw: &str) {
        if raw.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{FEFF}' | '\0')).is_empty() {
            return;
        }
        let step = match (self.rooted, self.complete) {
            (false, _) => "junk-before-root",
            (true, true) => "junk-behind-end",
            (true, false) => "stray-text",
        };
        self.tokens.mended.note(step);
        self.tokens.mended.lose(raw.len());
    }

    fn literal(&mut self, raw: &'d str) {
        let Some(open) = self.stack.last_mut().filter(|open| open.role != Role::Container) else { return self.pass_over(raw) };
        let text = if raw.bytes().any(|byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) {
            self.tokens.mended.note("control-character");
            let clean = raw.replace(|c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r'), "");
            self.tokens.mended.lose(raw.len() - clean.len());
            Cow::Owned(clean)
        } else {
            Cow::Borrowed(raw)
        };
        open.node.children.push(Child::Literal(text));
    }

    fn start(&mut self, raw: &'d str, attributes: &'d str, empty: bool) {
        let before = self.bindings.len();
        let mut given: Vec<(&'d str, Cow<'d, str>)> = Vec::new();
        for (name, value) in xml::attributes(attributes) {
            let value = xml::decode(value, &self.tokens.declared, &mut self.tokens.mended);
            let prefix = if name == "xmlns" { Some("") } else { name.strip_prefix("xmlns:") };
            if let Some(prefix) = prefix {
                self.bindings.push((prefix, vocabulary::by_uri(&value), value.clone()));
                if self.bindings.len() > 4096 {
                    self.bindings.truncate(2048);
                }
            }
            if !given.iter().any(|(known, _)| *known == name) && given.len() < 64 {
                given.push((name, value));
            }
        }
        let (prefix, local) = raw.split_once(':').unwrap_or(("", raw));
        let name = lower(local);
        if !self.rooted {
            self.root(prefix, &name);
            if !self.rooted {
                self.leave("junk-before-root");
            }
        }
        let ns = self.resolve(prefix);
        let role = self.role(ns, &name);
        if role == Role::Container && self.rooted && self.complete {
            self.leave("junk-behind-end");
        }
        if role == Role::Inner && (self.stack.len() >= DEEPEST || self.elements >= MOST_ELEMENTS) {
            self.leave("too-much-markup");
            self.bindings.truncate(before);
            return;
        }
        let parent = self.stack.last().map(|open| &open.node);
        let mut base = parent.and_then(|node| node.base.clone());
        let mut language = parent.and_then(|node| node.language.clone());
        for (name, value) in &given {
            match *name {
                "xml:base" => {
                    if let Some(url) = address::resolve(base.as_deref().or(self.document), value) {
                        base = Some(Rc::new(url));
                    }
                }
                "xml:lang" => language = Some(Rc::from(value.trim())).filter(|it: &Rc<str>| !it.is_empty()),
                _ => {}
            }
        }
        let node = Node { ns, name, attributes: given, children: Vec::new(), base, language, cut: false };
        self.elements = if role == Role::Inner { self.elements + 1 } else { 0 };
        match role {
            Role::Container if self.stack.is_empty() => self.ready.push_back(Piece::Root(bare(&node))),
            Role::Container => self.ready.push_back(Piece::Container(bare(&node))),
            _ => {}
        }
        self.stack.push(Open { node, raw, role, from: self.tokens.from, bindings: before });
        if empty {
            self.pop(true);
        } else if role == Role::Inner && self.stack.last().is_some_and(|open| is_void(&open.node)) {
            self.tokens.mended.note("unclosed-element");
            self.pop(true);
        }
    }

    /// Passes over the tag at hand.
    fn leave(&mut self, step: &'static str) {
        self.tokens.mended.note(step);
        self.tokens.mended.lose(self.tokens.at - self.tokens.from);
    }

    /// Settles what the document's own names mean.
    fn root(&mut self, prefix: &'d str, name: &str) {
        if !is_root(name) {
            return;
        }
        self.rooted = true;
        self.home_prefix = prefix;
        let bound = self.bindings.iter().rev().find(|(known, ..)| *known == prefix);
        self.home_uri = bound.map_or(Cow::Borrowed(""), |(_, _, uri)| uri.clone());
        self.home = match name {
            "feed" | "entry" => Ns::Atom,
            "urlset" | "sitemapindex" | "url" | "sitemap" => Ns::Sitemap,
            _ => Ns::Rss,
        };
        if name == "rdf" {
            // The root's namespace is RDF's; its items are named by the default one.
            let default = self.bindings.iter().rev().find(|(known, ..)| known.is_empty());
            self.home_uri = default.map_or(Cow::Borrowed(""), |(_, _, uri)| uri.clone());
        }
        self.stack.clear();
    }

    fn resolve(&self, prefix: &str) -> Ns {
        match self.bindings.iter().rev().find(|(known, ..)| *known == prefix) {
            Some((_, _, uri)) if *uri == self.home_uri => self.home,
            Some((_, Some(ns), _)) => *ns,
            Some((_, None, _)) => vocabulary::by_prefix(prefix).unwrap_or(Ns::Other),
            None if prefix.is_empty() || prefix == self.home_prefix && prefix != "rdf" => self.home,
            None => vocabulary::by_prefix(prefix).unwrap_or(Ns::Other),
        }
    }

    /// What an element that starts here is to the feed; closes what it cannot stand in.
    fn role(&mut self, ns: Ns, name: &str) -> Role {
        let core = matches!(ns, Ns::Rss | Ns::Atom | Ns::Sitemap) || ns == self.home;
        let Some(top) = self.stack.last() else {
            return if self.rooted && self.is_entry(name) { Role::Entry } else { Role::Container };
        };
        if top.role == Role::Container && !self.rooted {
            return Role::Container;
        }
        let is_entry = core && self.is_entry(name);
        if top.role == Role::Container {
            return match name {
                _ if is_entry => Role::Entry,
                "channel" | "rss" | "feed" | "rdf" | "items" if core || ns == Ns::Rdf => Role::Container,
                _ => Role::Field,
            };
        }
        if is_entry && !self.quotes_xml() {
            // An entry never stands in an entry, nor in a field of the feed.
            let floor = self.stack.iter().rposition(|open| open.role == Role::Container).map_or(0, |at| at + 1);
            self.tokens.mended.note("unclosed-element");
            self.close_down_to(floor, false);
            return Role::Entry;
        }
        // A field that holds text only never holds another field.
        if self.stack.len() > 1 && holds_text_only(&top.node) && is_field(ns, name) && core_or_known(ns) {
            self.tokens.mended.note("unclosed-element");
            let depth = self.stack.len() - 1;
            self.close_down_to(depth, false);
            return match self.stack.last().map(|open| open.role) {
                Some(Role::Container) | None => Role::Field,
                _ => Role::Inner,
            };
        }
        Role::Inner
    }

    fn is_entry(&self, name: &str) -> bool {
        match name {
            "item" | "entry" => true,
            "url" | "sitemap" => self.home == Ns::Sitemap,
            _ => false,
        }
    }

    /// Whether the open elements quote another document, so that its entries are not ours.
    fn quotes_xml(&self) -> bool {
        self.stack.iter().any(|open| {
            let kind = open.node.attribute("type").unwrap_or_default();
            open.role != Role::Container
                && open.node.name == "content"
                && (kind.contains("xml") || kind.is_empty() && open.node.ns == Ns::Atom)
        })
    }

    fn end(&mut self, raw: &'d str) {
        let floor = self.stack.iter().rposition(|open| open.role == Role::Container).map_or(0, |at| at + 1);
        let matches = |open: &Open<'_>| open.raw.eq_ignore_ascii_case(raw);
        // An end tag closes what is open up to the entry; beyond it, only the entry's containers.
        let within = self.stack[floor..].iter().rposition(matches).map(|at| floor + at);
        let found = within.or_else(|| self.stack[..floor].iter().rposition(matches));
        let Some(at) = found else {
            if !matches!(raw, "br" | "hr" | "img" | "wbr" | "items") {
                self.leave("stray-end-tag");
            }
            return;
        };
        if at + 1 < self.stack.len() {
            self.tokens.mended.note("unclosed-element");
        }
        self.close_down_to(at + 1, false);
        self.pop(true);
    }

    /// Closes open elements until so many are left.
    fn close_down_to(&mut self, depth: usize, closed: bool) {
        while self.stack.len() > depth {
            self.pop(closed);
        }
    }

    fn pop(&mut self, closed: bool) {
        let Some(open) = self.stack.pop() else { return };
        let Open { node, role, from, bindings, .. } = open;
        self.bindings.truncate(bindings);
        // What ends without its own end tag ends before the tag at hand.
        let bytes = (if closed { self.tokens.at } else { self.tokens.from }).saturating_sub(from);
        match role {
            Role::Container => self.complete |= closed && self.stack.is_empty() && self.rooted,
            Role::Field => {
                if self.complete {
                    self.tokens.mended.lose(bytes);
                }
                self.ready.push_back(Piece::Field(node));
            }
            Role::Entry => self.ready.push_back(Piece::Entry { node, bytes, closed }),
            Role::Inner => {
                if let Some(parent) = self.stack.last_mut() {
                    parent.node.children.push(Child::Node(Box::new(node)));
                }
            }
        }
        if role == Role::Entry && self.stack.is_empty() {
            self.complete |= closed;
        }
    }
}

/// The element without what stands in it.
fn bare<'d>(node: &Node<'d>) -> Node<'d> {
    Node { children: Vec::new(), ..node.clone() }
}

fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) { Cow::Owned(name.to_ascii_lowercase()) } else { Cow::Borrowed(name) }
}
