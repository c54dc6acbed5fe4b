//! `<meta>` elements: OpenGraph, Twitter, Dublin Core, and the names the trade's tools have made customary.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::markup;

use super::likeness::tidy;
use super::{Gathered, Named, Origin, push};
use crate::article::byline;
use crate::article::page::Page;

/// The fields a `<meta>` name may speak of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Title,
    Summary,
    Author,
    Published,
    Modified,
    Section,
    Tags,
    Image,
    Language,
    Site,
    /// Whether readers pay: `free`, `metered`, `locked`.
    Tier,
    /// What kind of page it is.
    Kind,
    /// The address sites give for sharing.
    Address,
}

/// Customary names, best first within a field.
const NAMES: [(&str, Field); 92] = [
    ("og:title", Field::Title),
    ("twitter:title", Field::Title),
    ("parsely-title", Field::Title),
    ("sailthru.title", Field::Title),
    ("citation_title", Field::Title),
    ("dc.title", Field::Title),
    ("dcterms.title", Field::Title),
    ("headline", Field::Title),
    ("title", Field::Title),
    ("og:description", Field::Summary),
    ("description", Field::Summary),
    ("twitter:description", Field::Summary),
    ("sailthru.description", Field::Summary),
    ("dc.description", Field::Summary),
    ("dcterms.description", Field::Summary),
    ("author", Field::Author),
    ("article:author", Field::Author),
    ("article:author_name", Field::Author),
    ("og:article:author", Field::Author),
    ("parsely-author", Field::Author),
    ("sailthru.author", Field::Author),
    ("citation_author", Field::Author),
    ("dc.creator", Field::Author),
    ("dcterms.creator", Field::Author),
    ("dc.contributor", Field::Author),
    ("byl", Field::Author),
    ("byline", Field::Author),
    ("authors", Field::Author),
    ("cxenseparse:author", Field::Author),
    ("mediator_author", Field::Author),
    ("twitter:data1", Field::Author),
    ("article:published_time", Field::Published),
    ("og:article:published_time", Field::Published),
    ("og:published_time", Field::Published),
    ("article:published", Field::Published),
    ("datepublished", Field::Published),
    ("parsely-pub-date", Field::Published),
    ("sailthru.date", Field::Published),
    ("pubdate", Field::Published),
    ("publishdate", Field::Published),
    ("publish-date", Field::Published),
    ("publish_date", Field::Published),
    ("published_time", Field::Published),
    ("publication_date", Field::Published),
    ("originalpublicationdate", Field::Published),
    ("cxenseparse:recs:publishtime", Field::Published),
    ("cxenseparse:publishtime", Field::Published),
    ("mediator_published_time", Field::Published),
    ("date.issued", Field::Published),
    ("dc.date.issued", Field::Published),
    ("dcterms.issued", Field::Published),
    ("dcterms.created", Field::Published),
    ("dc.date.created", Field::Published),
    ("dc.created", Field::Published),
    ("citation_publication_date", Field::Published),
    ("citation_date", Field::Published),
    ("datecreated", Field::Published),
    ("dc.date", Field::Published),
    ("dcterms.date", Field::Published),
    ("bt:pubdate", Field::Published),
    ("displaydate", Field::Published),
    ("date", Field::Published),
    ("article:modified_time", Field::Modified),
    ("og:updated_time", Field::Modified),
    ("article:modified", Field::Modified),
    ("datemodified", Field::Modified),
    ("lastmod", Field::Modified),
    ("last-modified", Field::Modified),
    ("dcterms.modified", Field::Modified),
    ("dc.date.modified", Field::Modified),
    ("revised", Field::Modified),
    ("article:section", Field::Section),
    ("og:article:section", Field::Section),
    ("parsely-section", Field::Section),
    ("cxenseparse:section", Field::Section),
    ("section", Field::Section),
    ("articlesection", Field::Section),
    ("category", Field::Section),
    ("subsection", Field::Section),
    ("article:tag", Field::Tags),
    ("og:article:tag", Field::Tags),
    ("news_keywords", Field::Tags),
    ("parsely-tags", Field::Tags),
    ("sailthru.tags", Field::Tags),
    ("keywords", Field::Tags),
    ("dc.subject", Field::Tags),
    ("og:image", Field::Image),
    ("og:image:secure_url", Field::Image),
    ("twitter:image", Field::Image),
    ("twitter:image:src", Field::Image),
    ("og:locale", Field::Language),
    ("og:site_name", Field::Site),
];

/// Further names, of the language, the site, the kind of page.
const MORE: [(&str, Field); 14] = [
    ("content-language", Field::Language),
    ("language", Field::Language),
    ("dc.language", Field::Language),
    ("inlanguage", Field::Language),
    ("og:image:url", Field::Image),
    ("thumbnail", Field::Image),
    ("application-name", Field::Site),
    ("twitter:site_name", Field::Site),
    ("dc.publisher", Field::Site),
    ("publisher", Field::Site),
    ("article:content_tier", Field::Tier),
    ("og:article:content_tier", Field::Tier),
    ("og:type", Field::Kind),
    ("og:url", Field::Address),
];

/// Gathers what the `<meta>` elements say, in the order of trust of their names.
pub(super) fn gather(page: &Page, gathered: &mut Gathered) {
    let mut found: Vec<(usize, &'static str, Field, String)> = Vec::new();
    for (name, content) in &page.meta {
        let known = known().get(bare(name).as_str());
        if let Some((rank, label, field)) = known {
            let value = if content.contains('&') { tidy(&markup::plain(content)) } else { tidy(content) };
            // A placeholder the site's template left unfilled is no value.
            if !value.is_empty() && !value.contains("{{") && value != "null" && value != "undefined" {
                found.push((*rank, label, *field, value));
            }
        }
    }
    found.sort_by_key(|(rank, ..)| *rank);
    for (_, label, field, value) in found {
        put(gathered, label, field, &value);
    }
}

/// The names by their bare form, with their rank.
fn known() -> &'static HashMap<String, (usize, &'static str, Field)> {
    static KNOWN: OnceLock<HashMap<String, (usize, &'static str, Field)>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut known = HashMap::new();
        for (rank, (name, field)) in NAMES.iter().chain(&MORE).enumerate() {
            known.entry(bare(name)).or_insert((rank, *name, *field));
        }
        known
    })
}

/// A name as sites write it with one mark or another: `article:published_time`, `article:published:time`.
fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

fn put(gathered: &mut Gathered, label: &'static str, field: Field, value: &str) {
    let origin = Origin::Meta;
    match field {
        Field::Title => push(&mut gathered.title, origin, label, value),
        Field::Summary => push(&mut gathered.summary, origin, label, value),
        Field::Published => push(&mut gathered.published, origin, label, value),
        Field::Modified => push(&mut gathered.modified, origin, label, value),
        Field::Section => push(&mut gathered.section, origin, label, value),
        Field::Image => push(&mut gathered.image, origin, label, value),
        Field::Language => push(&mut gathered.language, origin, label, value),
        Field::Tier => {
            let free = match value.to_ascii_lowercase().as_str() {
                "free" => "true",
                "metered" | "locked" | "paid" | "premium" => "false",
                _ => return,
            };
            push(&mut gathered.free, origin, label, free);
        }
        Field::Kind => {
            if value.to_ascii_lowercase().replace(['-', '_', ' '], "").contains("liveblog") {
                push(&mut gathered.live, origin, label, "true");
            }
        }
        Field::Address => push(&mut gathered.canonical, origin, label, value),
        Field::Site => gathered.organisations.push(value.to_owned()),
        Field::Tags => {
            let words =
                if label.ends_with(":tag") && value.matches(',').count() < 2 { vec![value.to_owned()] } else { split_words(value) };
            for word in words {
                push(&mut gathered.tags, origin, label, &word);
            }
        }
        Field::Author => {
            if label == "twitter:data1" && !byline::looks_like_name(value) {
                return;
            }
            let parties = byline::parties(value, &gathered.organisations);
            if parties.is_empty() {
                return;
            }
            // Several elements of one name are one byline.
            match gathered.named.iter_mut().find(|named| named.origin == origin && named.label == label) {
                Some(named) => named.parties.extend(parties),
                None => gathered.named.push(Named { origin, label, parties }),
            }
        }
    }
}

/// A list of keywords in one text: at commas, or at semicolons or bars where there are no commas.
pub(super) fn split_words(text: &str) -> Vec<String> {
    let separators: &[char] = if text.contains(['|', ';']) { &['|', ';'] } else { &[',', '،', '、', '，'] };
    text.split(separators).map(tidy).filter(|word| !word.is_empty()).take(100).collect()
}
