//! Who wins: one rule per field over every candidate of the page.

use crate::address;
use crate::calendar;
use crate::model::{Assume, Entry, Note, Url};

use super::choice::Choice;
use super::likeness::same;
use super::marks::Marks;
use super::{Candidate, Facts, Gathered, Named, Origin, authors, headline, language, picture, push, section, times};
use crate::article::Rules;
use crate::article::byline;
use crate::article::page::Page;

/// Decides every field.
pub(super) fn decide(page: &Page, entry: &Entry, rules: &Rules, marks: &Marks, mut gathered: Gathered) -> Facts {
    add_entry(entry, &mut gathered);
    times::add_address(&page.url, &mut gathered);
    if let Some(language) = &rules.language {
        push(&mut gathered.language, Origin::Source, "language", language);
    }
    authors::unmask_outlets(page, &mut gathered);
    let (title, title_choice) = headline::decide(&gathered);
    let missed = gathered
        .missed
        .iter()
        .map(|field| Note { field: (*field).to_owned(), detail: format!("the source's {field} selector matches no element") });
    let mut notes: Vec<Note> = missed.collect();
    let declared = gathered.language.iter().find_map(|candidate| language::tag(&candidate.value));
    let assume = Assume {
        timezone: rules.timezone.as_deref(),
        language: rules.language.as_deref().or(declared.as_deref()),
        seen_at: entry.seen_at,
    };
    let (published, published_choice) = times::published(entry, &gathered, &assume, &mut notes);
    let (modified, modified_choice) = times::modified(&gathered, published.as_ref(), entry, &assume);
    let (section, section_choice) = section::decide(&page.url, marks, &mut gathered, title.as_deref());
    let (tags, tags_choice) = section::tags(&mut gathered, section.as_deref(), title.as_deref());
    authors::unmask_title(title.as_deref(), &mut gathered);
    let (authors, authors_choice) = authors::decide(&mut gathered);
    let (summary, summary_choice) = summary(&gathered, title.as_deref());
    let (image, image_choice) = picture::decide(page, &gathered);
    let (canonical, canonical_choice) = canonical(page, &gathered);
    let (credit, credit_choice) = credit(&mut gathered);
    let (free, free_choice) = flag(&gathered.free);
    let (live, live_choice) = flag(&gathered.live);
    Facts {
        title,
        summary,
        authors,
        published,
        modified,
        section,
        tags,
        image,
        language: declared,
        canonical,
        credit,
        free,
        live: live.unwrap_or(false),
        notes,
        gathered,
        choices: vec![
            ("title", title_choice),
            ("summary", summary_choice),
            ("authors", authors_choice),
            ("published", published_choice),
            ("modified", modified_choice),
            ("section", section_choice),
            ("tags", tags_choice),
            ("image", image_choice),
            ("canonical", canonical_choice),
            ("credit", credit_choice),
            ("free", free_choice),
            ("live", live_choice),
        ],
    }
}

/// The entry of the feed is the last witness of every field.
fn add_entry(entry: &Entry, gathered: &mut Gathered) {
    let origin = Origin::Entry;
    let add = |list: &mut Vec<Candidate>, value: Option<&str>| {
        value.into_iter().for_each(|value| push(list, origin, "entry", value));
    };
    add(&mut gathered.title, entry.title.as_deref());
    add(&mut gathered.summary, entry.summary.as_deref().map(crate::markup::plain).as_deref());
    add(&mut gathered.image, entry.image.as_ref().map(Url::as_str));
    add(&mut gathered.language, entry.language.as_deref());
    add(&mut gathered.credit, entry.credit.as_deref());
    add(&mut gathered.published, entry.published.as_ref().map(calendar::to_iso).as_deref());
    for category in &entry.categories {
        push(&mut gathered.tags, origin, "entry", category);
    }
    if let Some(updated) = &entry.updated {
        push(&mut gathered.modified, origin, "updated", &calendar::to_iso(updated));
    }
    let parties: Vec<_> = entry.authors.iter().flat_map(|author| byline::parties(author, &gathered.organisations)).collect();
    if !parties.is_empty() {
        gathered.named.push(Named { origin, label: "entry", parties });
    }
}

/// The first description that is neither the headline nor a mere fragment of it.
fn summary(gathered: &Gathered, title: Option<&str>) -> (Option<String>, Choice) {
    let mut choice = Choice::default();
    for (at, candidate) in gathered.summary.iter().enumerate() {
        if candidate.value.chars().count() <= 20 {
            choice.object(at, "too short for a standfirst");
        } else if title.is_some_and(|title| same(title, &candidate.value)) {
            choice.object(at, "the headline");
        } else {
            choice.winners.push(at);
            choice.rule = "the first that is no headline";
            return (Some(candidate.value.clone()), choice);
        }
    }
    (None, choice)
}

/// The credit the page declares, or the agency it names as author, or the entry's.
fn credit(gathered: &mut Gathered) -> (Option<String>, Choice) {
    if let Some((origin, label, agency)) = authors::agency(gathered) {
        let last = gathered.credit.iter().position(|candidate| candidate.origin == Origin::Entry).unwrap_or(gathered.credit.len());
        gathered.credit.insert(last, Candidate { origin, label, value: agency });
    }
    match gathered.credit.first() {
        Some(first) => (Some(first.value.clone()), Choice::of(0, "declared before named as author before the feed's")),
        None => (None, Choice::default()),
    }
}

/// `rel=canonical` where it can be this article's address: absolute, of the web, no front page unless we are on one.
fn canonical(page: &Page, gathered: &Gathered) -> (Option<Url>, Choice) {
    let mut choice = Choice::default();
    let named = || gathered.canonical.iter().filter(|candidate| candidate.label == "rel=canonical");
    let resolved = |candidate: &Candidate| address::resolve(Some(&page.base), &candidate.value);
    // Two that differ: one of them was put there by somebody else, and none says which.
    let several = named().any(|candidate| resolved(candidate) != named().next().and_then(resolved));
    for (at, candidate) in gathered.canonical.iter().enumerate() {
        let objection = match address::resolve(Some(&page.base), &candidate.value) {
            None => "no address of the web",
            Some(url) if url.host_str().is_none_or(|host| !host.contains('.')) => "no address of the web",
            Some(url) if url.path().trim_matches('/').is_empty() && url.query().is_none() && page.url.path().len() > 1 => {
                "the front page: a mistake of the site's template"
            }
            Some(_) if candidate.label != "rel=canonical" => "only rel=canonical names the address of record",
            Some(_) if several => "the page names several that differ",
            Some(url) => {
                choice.winners.push(at);
                choice.rule = "rel=canonical, and it may be this article's";
                return (Some(url), choice);
            }
        };
        choice.object(at, objection);
    }
    (None, choice)
}

/// A yes or no that the page gives.
fn flag(candidates: &[Candidate]) -> (Option<bool>, Choice) {
    match candidates.first() {
        Some(first) => (Some(first.value == "true"), Choice::of(0, "the page says so")),
        None => (None, Choice::default()),
    }
}
