//! An element of a feed with what stands in it.

use std::borrow::Cow;
use std::rc::Rc;

use crate::model::Url;

use super::vocabulary::Ns;

/// An element with what stands in it.
#[derive(Debug, Clone)]
pub(super) struct Node<'d> {
    pub(super) ns: Ns,
    /// Local name, lower case.
    pub(super) name: Cow<'d, str>,
    /// Attributes: names as written, values decoded.
    pub(super) attributes: Vec<(&'d str, Cow<'d, str>)>,
    pub(super) children: Vec<Child<'d>>,
    /// What `xml:base` says that references in it are relative to.
    pub(super) base: Option<Rc<Url>>,
    /// `xml:lang` in force.
    pub(super) language: Option<Rc<str>>,
    /// Whether the end of the document cut a field of it that holds an address, a name or a date.
    pub(super) cut: bool,
}

/// What stands in an element.
#[derive(Debug, Clone)]
pub(super) enum Child<'d> {
    Text(Cow<'d, str>),
    /// Text out of a CDATA section.
    Literal(Cow<'d, str>),
    Node(Box<Node<'d>>),
}

impl<'d> Node<'d> {
    /// An attribute by its local name, without regard to case.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let local = |raw: &'d str| raw.rsplit_once(':').map_or(raw, |(_, local)| local);
        let exact = self.attributes.iter().find(|(raw, _)| raw.eq_ignore_ascii_case(name));
        let (_, value) = exact.or_else(|| self.attributes.iter().find(|(raw, _)| local(raw).eq_ignore_ascii_case(name)))?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// All attributes.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'d str, &str)> {
        self.attributes.iter().map(|(name, value)| (*name, value.as_ref()))
    }

    /// The elements in it.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Node<'d>> {
        self.children.iter().filter_map(|child| match child {
            Child::Node(node) => Some(node.as_ref()),
            _ => None,
        })
    }

    /// The first element of this name in one of these vocabularies.
    pub(super) fn child(&self, ns: &[Ns], name: &str) -> Option<&Node<'d>> {
        self.elements().find(|node| node.name == name && ns.contains(&node.ns))
    }

    /// All text in it, tags left out, white space at the ends cut.
    pub(super) fn text(&self) -> Cow<'_, str> {
        if let [Child::Text(text) | Child::Literal(text)] = self.children.as_slice() {
            return Cow::Borrowed(text.trim());
        }
        let mut out = String::new();
        self.collect(&mut out);
        Cow::Owned(out.trim().to_owned())
    }

    fn collect(&self, out: &mut String) {
        for child in &self.children {
            match child {
                Child::Text(text) | Child::Literal(text) => out.push_str(text),
                Child::Node(node) => node.collect(out),
            }
        }
    }
}
