//! One entry out of its element, whatever dialect it is written in.

use crate::address;
use crate::calendar;
use crate::markup;
use crate::model::{Assume, Enclosure, Entry, PressTime, Url};

use super::node::Node;
use super::text;
use super::vocabulary::Ns;

/// Longest title kept, in characters.
const LONGEST_TITLE: usize = 2000;
/// Longest id kept, in bytes; longer ones keep their head and a hash of the whole.
const LONGEST_ID: usize = 4096;
/// Most values of one list field.
pub(super) const MOST_VALUES: usize = 200;

/// What the vocabularies of a feed proper are.
const CORE: &[Ns] = &[Ns::Rss, Ns::Atom];

/// What an entry inherits from its feed.
#[derive(Debug, Clone, Default)]
pub(super) struct Inherited {
    /// The feed's authors.
    pub(super) authors: Vec<String>,
    /// The feed's page.
    pub(super) link: Option<Url>,
    /// The document's own address.
    pub(super) document: Option<Url>,
}

impl Inherited {
    /// What references in an element are relative to. RSS does not say; its writers mean their site,
    /// which need not be where the feed lies. Atom follows RFC 3986: the document.
    pub(super) fn base<'n>(&'n self, node: &'n Node<'_>) -> Option<&'n Url> {
        let site = self.link.as_ref().filter(|_| node.ns != Ns::Atom);
        node.base.as_deref().or(site).or(self.document.as_ref())
    }
}

/// Reads an entry.
pub(super) fn read(node: &Node<'_>, inherited: &Inherited, assume: &Assume<'_>) -> Entry {
    let mut entry = Entry::of_page(None, assume.seen_at);
    entry.id = id(node);
    entry.title = title(node);
    entry.url = page(node, entry.id.as_deref(), inherited);
    (entry.summary, entry.content) = texts(node);
    (entry.published, entry.updated) = dates(node, assume);
    entry.authors = authors(node);
    if entry.authors.is_empty() {
        entry.authors =
            node.child(&[Ns::Atom], "source").map(authors).filter(|it| !it.is_empty()).unwrap_or_else(|| inherited.authors.clone());
    }
    entry.categories = categories(node);
    entry.enclosures = enclosures(node, inherited);
    entry.image = image(node, &entry.enclosures, inherited);
    entry.language = language(node);
    entry.credit = credit(node);
    entry
}

/// Whether there is anything in it that an article could come of.
pub(super) fn is_something(entry: &Entry) -> bool {
    entry.id.is_some() || entry.url.is_some() || entry.title.is_some() || entry.summary.is_some() || entry.content.is_some()
}

fn id(node: &Node<'_>) -> Option<String> {
    let given = node
        .elements()
        .filter(|child| CORE.contains(&child.ns) && matches!(child.name.as_ref(), "guid" | "id"))
        .map(|child| match child.elements().next() {
            Some(_) => text::html(child).unwrap_or_default().into(),
            None => child.text(),
        })
        .find(|text| !text.is_empty());
    let given = given.or_else(|| {
        let about = node.attributes().find(|(name, _)| *name == "rdf:about" || *name == "about").map(|(_, value)| value.trim());
        about.filter(|about| !about.is_empty()).map(Into::into)
    });
    let given = given.or_else(|| node.child(&[Ns::Dc, Ns::DcTerms], "identifier").map(Node::text).filter(|text| !text.is_empty()));
    given.map(|text| bounded_id(&text))
}

/// An id of bearable length that is still the same for the same id.
pub(super) fn bounded_id(id: &str) -> String {
    if id.len() <= LONGEST_ID {
        return id.to_owned();
    }
    let mut end = LONGEST_ID - 40;
    while !id.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…{:016x}", &id[..end], stable_hash(id.as_bytes()))
}

/// FNV-1a: the same on every machine and in every version.
pub(super) fn stable_hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}

fn title(node: &Node<'_>) -> Option<String> {
    let named = |ns: &[Ns]| node.elements().filter(|child| child.name == "title" && ns.contains(&child.ns)).find_map(text::plain);
    let title = named(CORE).or_else(|| named(&[Ns::Dc])).or_else(|| named(&[Ns::Media])).or_else(|| named(&[Ns::Itunes]));
    let title = title
        .or_else(|| node.child(&[Ns::Media], "group").and_then(|group| group.child(&[Ns::Media], "title")).and_then(text::plain));
    title.map(|title| bounded_title(&title))
}

/// A title of bearable length.
pub(super) fn bounded_title(title: &str) -> String {
    title.char_indices().nth(LONGEST_TITLE).map_or_else(|| title.to_owned(), |(at, _)| title[..at].to_owned())
}

/// The address of the entry's page.
fn page(node: &Node<'_>, id: Option<&str>, inherited: &Inherited) -> Option<Url> {
    let resolve = |node: &Node<'_>, reference: &str| with_fragment(inherited.base(node), reference);
    let links = || node.elements().filter(|child| child.name == "link");
    // Where a feed gives several, readers take the last one.
    let written = || {
        let of = |link: &Node<'_>| {
            resolve(link, &link.text()).or_else(|| resolve(link, link.attribute("href").filter(|_| is_alternate(link))?))
        };
        links().filter(|link| link.ns == Ns::Rss).filter_map(of).last()
    };
    let alternates = |fits: fn(Option<&str>) -> bool| {
        let mut links = links().filter(|link| CORE.contains(&link.ns) && is_alternate(link) && fits(link.attribute("type")));
        links.find_map(|link| resolve(link, link.attribute("href")?))
    };
    let alternate = || {
        let html = alternates(|kind| kind.is_some_and(|kind| kind.contains("html")));
        html.or_else(|| alternates(|kind| kind.is_none())).or_else(|| alternates(|_| true))
    };
    let original = || {
        let link = node.elements().find(|child| child.ns == Ns::FeedBurner && child.name == "origlink")?;
        resolve(link, &link.text())
    };
    let guid = || {
        let guid = node.child(&[Ns::Rss], "guid")?;
        let permanent = !guid.attribute("ispermalink").is_some_and(|it| it.eq_ignore_ascii_case("false"));
        (permanent || guid.text().starts_with("http")).then(|| with_fragment(None, &guid.text()))?
    };
    let found = written().or_else(alternate).or_else(guid).or_else(original);
    found
        .or_else(|| node.attribute("href").filter(|_| node.ns == Ns::Rss).and_then(|href| resolve(node, href)))
        .or_else(|| id.and_then(|id| with_fragment(None, id)))
        .or_else(|| links().filter(|link| link.ns == Ns::Atom).find_map(|link| resolve(link, &link.text())))
}

/// The address with the place on the page that it names: entries of a live page differ by nothing else.
fn with_fragment(base: Option<&Url>, reference: &str) -> Option<Url> {
    let mut url = without_scheme(base, reference).or_else(|| address::resolve(base, reference))?;
    if let Some((_, fragment)) = reference.trim().split_once('#')
        && !fragment.is_empty()
    {
        url.set_fragment(Some(fragment));
    }
    Some(url)
}

/// `example.org/news/1` on a feed of example.org: an address whose scheme was forgotten.
fn without_scheme(base: Option<&Url>, reference: &str) -> Option<Url> {
    let base = base?;
    let host = reference.trim().split(['/', '?', '#']).next().filter(|host| host.contains('.'))?;
    let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_ascii_lowercase();
    (bare(host) == bare(base.host_str()?)).then(|| address::resolve(None, &format!("{}://{}", base.scheme(), reference.trim())))?
}

fn is_alternate(link: &Node<'_>) -> bool {
    link.attribute("rel").is_none_or(|rel| rel.eq_ignore_ascii_case("alternate") || rel.ends_with("/alternate"))
}

/// Summary and content.
fn texts(node: &Node<'_>) -> (Option<String>, Option<String>) {
    let first =
        |ns: &[Ns], name: &str| node.elements().filter(|child| child.name == name && ns.contains(&child.ns)).find_map(text::html);
    let content = first(&[Ns::Content], "encoded")
        .or_else(|| first(CORE, "content"))
        .or_else(|| first(&[Ns::Xhtml], "body"))
        .or_else(|| first(&[Ns::Xhtml], "div"))
        .or_else(|| first(CORE, "body"))
        .or_else(|| first(CORE, "fullitem"))
        // Where both are written, the summary is the longer of the two.
        .or_else(|| first(&[Ns::Rss], "description").and_then(|_| first(&[Ns::Rss], "summary")));
    let group = node.child(&[Ns::Media], "group");
    let summary = first(CORE, "description")
        .or_else(|| first(CORE, "summary"))
        .or_else(|| first(&[Ns::Dc, Ns::DcTerms], "description"))
        .or_else(|| first(&[Ns::DcTerms], "abstract"))
        .or_else(|| first(CORE, "abstract"))
        .or_else(|| first(&[Ns::Itunes, Ns::GooglePlay], "summary"))
        .or_else(|| first(&[Ns::Itunes], "subtitle"))
        .or_else(|| first(&[Ns::Media], "description"))
        .or_else(|| group.and_then(|group| group.child(&[Ns::Media], "description")).and_then(text::html));
    (summary, content)
}

/// Publication and change.
fn dates(node: &Node<'_>, assume: &Assume<'_>) -> (Option<PressTime>, Option<PressTime>) {
    let first = |ns: &[Ns], names: &[&str]| {
        let mut named = node.elements().filter(|child| ns.contains(&child.ns) && names.contains(&child.name.as_ref()));
        named.find_map(|child| calendar::parse(&child.text(), assume))
    };
    let published = first(CORE, &["pubdate", "published", "issued"])
        .or_else(|| first(&[Ns::DcTerms], &["issued", "available", "created", "date"]));
    let updated = first(CORE, &["updated", "modified"]).or_else(|| first(&[Ns::DcTerms], &["modified"]));
    let dated = first(&[Ns::Dc], &["date"]);
    let updated = updated.or_else(|| node.attribute("lastmod").and_then(|text| calendar::parse(text, assume)));
    let created = || first(CORE, &["created", "date", "lastbuilddate"]);
    (published.or(dated).or_else(created), updated.or(dated))
}

/// Names of authors.
fn authors(node: &Node<'_>) -> Vec<String> {
    let mut names = Vec::new();
    let mut add = |name: Option<String>| {
        if let Some(name) = name
            && names.len() < MOST_VALUES
            && !names.contains(&name)
        {
            names.push(name);
        }
    };
    for child in node.elements() {
        match (child.ns, child.name.as_ref()) {
            (Ns::Rss | Ns::Atom, "author") => add(person(child)),
            (Ns::Dc, "creator" | "author") | (Ns::Itunes, "author") => add(person(child)),
            _ => {}
        }
    }
    if names.is_empty() {
        let further = |child: &&Node<'_>| matches!((child.ns, child.name.as_ref()), (Ns::Itunes | Ns::GooglePlay, "author"));
        for child in node.elements().filter(further) {
            let name = person(child);
            if let Some(name) = name
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
    }
    names
}

/// A person's name; the address only where there is no name.
pub(super) fn person(node: &Node<'_>) -> Option<String> {
    let part = |name: &str| node.elements().find(|child| child.name == name).and_then(text::plain);
    if let Some(name) = part("name") {
        return Some(bounded_title(&name));
    }
    if node.elements().next().is_some()
        && let Some(address) = part("email").or_else(|| part("uri").or_else(|| part("url")))
    {
        return Some(bounded_title(&address));
    }
    let text = text::plain(node)?;
    // RSS 2.0 writes "address (Name)", others write "Name <address>".
    let name = match (text.split_once('('), text.split_once('<')) {
        (Some((address, name)), _) if address.contains('@') => name.trim_end_matches(')').trim(),
        (_, Some((name, address))) if address.contains('@') => name.trim().trim_matches('"'),
        _ => text.as_str(),
    };
    let name = if name.is_empty() { text.as_str() } else { name };
    Some(bounded_title(name))
}

fn categories(node: &Node<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |value: &str| {
        let value = bounded_title(value.trim());
        if !value.is_empty() && found.len() < MOST_VALUES && !found.contains(&value) {
            found.push(value);
        }
    };
    // Media RSS puts keywords of what is attached beside it, or into its groups.
    let media = |node: &&Node<'_>| node.ns == Ns::Media && matches!(node.name.as_ref(), "group" | "content");
    let inner = || node.elements().filter(media).flat_map(Node::elements);
    let innermost = inner().filter(media).flat_map(Node::elements);
    for child in node.elements().chain(inner()).chain(innermost) {
        let value = match (child.ns, child.name.as_ref()) {
            (Ns::Rss | Ns::Atom, "category") => {
                let written = text::plain(child);
                written.or_else(|| child.attribute("label").or_else(|| child.attribute("term")).map(markup::plain))
            }
            (Ns::Dc | Ns::DcTerms, "subject") => text::plain(child),
            (Ns::Media, "category") => text::plain(child),
            (Ns::Itunes, "category") => child.attribute("text").map(markup::plain),
            (Ns::Rss, "tags") | (Ns::Itunes | Ns::Media, "keywords") => {
                let words = text::plain(child).unwrap_or_default();
                words.split(',').for_each(&mut add);
                None
            }
            _ => None,
        };
        if let Some(value) = value {
            add(&value);
        }
    }
    found
}

fn enclosures(node: &Node<'_>, inherited: &Inherited) -> Vec<Enclosure> {
    let mut found: Vec<Enclosure> = Vec::new();
    for child in node.elements() {
        let url = match (child.ns, child.name.as_ref()) {
            (Ns::Rss, "enclosure") => child.attribute("url").or_else(|| child.attribute("href")),
            (Ns::Atom, "link") | (Ns::Rss, "link")
                if child.attribute("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("enclosure")) =>
            {
                child.attribute("href")
            }
            _ => None,
        };
        if let Some(url) = url
            && found.len() < MOST_VALUES
        {
            let absolute = with_fragment(inherited.base(child), url).map_or_else(|| url.to_owned(), String::from);
            found.push(Enclosure { url: absolute, media_type: child.attribute("type").map(ToOwned::to_owned) });
        }
    }
    found
}

/// A picture that stands for the entry.
fn image(node: &Node<'_>, enclosures: &[Enclosure], inherited: &Inherited) -> Option<Url> {
    let resolve = |node: &Node<'_>, url: &str| address::resolve(inherited.base(node), url);
    let is_image = |child: &Node<'_>| {
        child.attribute("medium").is_some_and(|it| it == "image")
            || child.attribute("type").is_some_and(|it| it.starts_with("image/"))
    };
    let in_media = |parent: &Node<'_>| {
        let of = |name: &str, wanted: bool| {
            let mut media =
                parent.elements().filter(|child| child.ns == Ns::Media && child.name == name && (!wanted || is_image(child)));
            media.find_map(|child| resolve(child, child.attribute("url")?))
        };
        of("content", true).or_else(|| of("thumbnail", false))
    };
    in_media(node)
        .or_else(|| node.elements().filter(|child| child.ns == Ns::Media && child.name == "group").find_map(in_media))
        .or_else(|| {
            let mut content = node.elements().filter(|child| child.ns == Ns::Media && child.name == "content");
            content.find_map(in_media)
        })
        .or_else(|| node.child(&[Ns::Itunes], "image").and_then(|image| resolve(image, image.attribute("href")?)))
        .or_else(|| {
            let image = node.child(CORE, "image")?;
            let url = image.elements().find(|child| child.name == "url").map_or_else(|| image.text(), Node::text);
            resolve(image, &url)
        })
        .or_else(|| {
            let picture = enclosures.iter().find(|it| it.media_type.as_deref().is_some_and(|kind| kind.starts_with("image/")))?;
            address::resolve(None, &picture.url)
        })
}

fn language(node: &Node<'_>) -> Option<String> {
    let written = node.child(&[Ns::Dc], "language").map(Node::text).filter(|text| !text.is_empty());
    written.map(|text| text.into_owned()).or_else(|| node.language.as_deref().map(ToOwned::to_owned)).filter(|tag| tag.len() <= 35)
}

/// The outlet that an aggregator took the entry from.
fn credit(node: &Node<'_>) -> Option<String> {
    let source = node.child(CORE, "source")?;
    let title = source.elements().find(|child| child.name == "title").and_then(text::plain);
    title.or_else(|| source.elements().next().is_none().then(|| text::plain(source))?).map(|name| bounded_title(&name))
}
