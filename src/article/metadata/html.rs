//! The page's own markup: what of its marks speaks of the article, by where it stands.

use scraper::{ElementRef, Selector};

use super::element::{heading_text, text_of, value_of};
use super::likeness::{fold, likeness, same, units};
use super::marks::{Heading, Line, Mark, Marks};
use super::{Gathered, Named, Origin, STRAY, push};
use crate::article::Rules;
use crate::article::byline;
use crate::article::date;
use crate::article::page::Page;

/// Lines after the headline in which byline and date are expected, and lines before it.
const AFTER: usize = 30;
const BEFORE: usize = 10;

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
    for (field, selector) in
        [("title", &rules.title), ("authors", &rules.authors), ("published", &rules.published), ("section", &rules.section)]
    {
        if selector.is_some() && select(selector).is_empty() {
            gathered.missed.push(field);
        }
    }
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
        gathered.named.push(Named { origin, label: "selector", parties });
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
    stray_dates(marks, gathered);
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
    for canonical in marks.canonical.iter().rev() {
        let first = super::Candidate { origin: Origin::Meta, label: "rel=canonical", value: canonical.clone() };
        gathered.canonical.insert(0, first);
    }
    if marks.live {
        push(&mut gathered.live, Origin::Markup, "LiveBlogPosting", "true");
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
    let titles = gathered.title.iter().map(|candidate| candidate.value.as_str()).chain(marks.title.as_deref());
    let witnesses: Vec<(String, Vec<String>)> = titles.map(|title| (fold(title), units(title))).collect();
    // Without a witness a first-level heading outside the chrome is believed.
    let enough = if witnesses.is_empty() { 1.5 } else { 2.0 };
    let organisations: Vec<String> = gathered.organisations.iter().map(|name| fold(name)).collect();
    let score = |heading: &Heading| {
        let (folded, own) = (fold(&heading.text), units(&heading.text));
        let long = heading.text.split_whitespace().count() >= 4;
        // A witness that begins with the whole heading goes on with the site's name.
        let alike = |(witness, units): &(String, Vec<String>)| {
            if long && witness.starts_with(&folded) { 1.0 } else { likeness(units, &own) }
        };
        let likeness = witnesses.iter().map(alike).fold(0.0, f64::max);
        let site = organisations.contains(&folded);
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

/// Dates far from the headline and in its window title, for a page that gives none where it should.
fn stray_dates(marks: &Marks, gathered: &mut Gathered) {
    if !gathered.published.is_empty() {
        return;
    }
    for mark in marks.dates.iter().filter(|mark| !mark.chrome).take(12) {
        push(&mut gathered.published, Origin::Markup, STRAY, &mark.text);
    }
    for line in marks.lines.iter().filter(|line| !line.chrome && !line.prose && date::is_date_line(&line.text)).take(12) {
        push(&mut gathered.published, Origin::Line, STRAY, &line.text);
    }
    if let Some(title) = &marks.title {
        push(&mut gathered.published, Origin::Line, "title", title);
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
            gathered.named.push(Named { origin: Origin::Markup, label, parties });
        }
    }
    plain_bylines(marks, near, gathered);
    if !gathered.named.iter().flat_map(|named| &named.parties).any(|party| party.person) {
        signature(marks, gathered);
    }
}

/// The one line of the page that is a byline with its "By", wherever it stands: articles are signed at their end too.
/// Or the one line before the text that is nothing but several names.
fn signature(marks: &Marks, gathered: &mut Gathered) {
    let plain = |line: &&Line| !line.chrome && !line.prose && !byline::is_undecidable(&line.text);
    let mut lines: Vec<&str> =
        marks.lines.iter().filter(plain).map(|line| line.text.as_str()).filter(|line| byline::is_byline(line, &[])).collect();
    if lines.is_empty() {
        let head = marks.lines.iter().take_while(|line| line.chrome || !line.prose);
        lines = head.filter(plain).map(|line| line.text.as_str()).filter(|line| byline::is_list_of_names(line)).collect();
    }
    lines.sort_unstable();
    lines.dedup();
    let [line] = lines.as_slice() else { return };
    let parties = byline::parties(line, &gathered.organisations);
    if parties.iter().any(|party| party.person) {
        gathered.named.push(Named { origin: Origin::Line, label: "signature", parties });
    }
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
        gathered.named.push(Named { origin: Origin::Line, label: "line", parties });
    }
}
