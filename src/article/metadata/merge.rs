//! Who wins: one rule per field over every candidate of the page.

use crate::address;
use crate::calendar;
use crate::model::{Assume, Entry, Note, Precision, PressTime, Url, ZoneSource};

use super::headline;
use super::likeness::{fold, same, similarity, tidy};
use super::marks::Marks;
use super::{Candidate, Facts, Gathered, Named, Origin, STRAY, push};
use crate::article::Rules;
use crate::article::byline;
use crate::article::page::Page;

/// Seconds a page's clock may run ahead of ours before its date is called a future one.
const CLOCK_SLACK: i64 = 10 * 60;

/// The farthest offset from UTC in minutes that any place keeps.
const FARTHEST_OFFSET: i64 = 14 * 60;

const SECONDS_OF_A_DAY: i64 = 86_400;

/// Most keywords kept.
const MOST_TAGS: usize = 40;

/// Decides every field.
pub(super) fn decide(page: &Page, entry: &Entry, rules: &Rules, marks: &Marks, mut gathered: Gathered) -> Facts {
    add_entry(entry, &mut gathered);
    unmask_outlets(page, &mut gathered);
    let title = headline::decide(&gathered);
    let mut notes = Vec::new();
    let language = gathered.language.iter().find_map(|candidate| tag(&candidate.value)).or_else(|| rules.language.clone());
    let assume = Assume {
        timezone: rules.timezone.as_deref(),
        language: rules.language.as_deref().or(language.as_deref()),
        seen_at: entry.seen_at,
    };
    let published = published(page, entry, &gathered, &assume, &mut notes);
    let modified = modified(&gathered, published.as_ref(), entry, &assume);
    let section = section(page, marks, &gathered, title.as_deref());
    let authors = authors(&gathered);
    let outlets = if authors.is_empty() { outlets(&gathered) } else { Vec::new() };
    let image = image(page, &gathered);
    let canonical = addresses(&gathered.canonical, page).next();
    Facts {
        summary: summary(&gathered, title.as_deref()),
        tags: tags(&gathered, section.as_deref(), title.as_deref()),
        image,
        language: language.clone(),
        canonical,
        credit: credit(&gathered, entry),
        title,
        authors,
        outlets,
        published,
        modified,
        section,
        notes,
        gathered,
    }
}

/// A party that bears the site's own name is no person: its first word or its initials are the site's label.
/// (A last word may be: people have sites of their own.)
fn unmask_outlets(page: &Page, gathered: &mut Gathered) {
    let domain = address::registrable_domain(&page.url);
    let label = fold(domain.split('.').next().unwrap_or_default()).replace(' ', "");
    for party in gathered.authors.iter_mut().filter(|named| named.origin != Origin::Operator).flat_map(|named| &mut named.parties) {
        let folded = fold(&party.name);
        let initials: String = folded.split(' ').filter_map(|word| word.chars().next()).collect();
        let word = label.chars().count() >= 3 && folded.split(' ').next() == Some(label.as_str());
        if word || label.chars().count() >= 2 && initials == label {
            party.person = false;
        }
    }
}

/// The entry of the feed is the last witness of every field.
fn add_entry(entry: &Entry, gathered: &mut Gathered) {
    let origin = Origin::Entry;
    if let Some(title) = &entry.title {
        push(&mut gathered.title, origin, "entry", title);
    }
    if let Some(summary) = &entry.summary {
        push(&mut gathered.summary, origin, "entry", &crate::markup::plain(summary));
    }
    let mut parties = Vec::new();
    for author in &entry.authors {
        parties.extend(byline::parties(author, &gathered.organisations));
    }
    if !parties.is_empty() {
        gathered.authors.push(Named { origin, label: "entry", parties });
    }
    for category in &entry.categories {
        push(&mut gathered.tags, origin, "entry", category);
    }
    if let Some(image) = &entry.image {
        push(&mut gathered.image, origin, "entry", image.as_str());
    }
    if let Some(language) = &entry.language {
        push(&mut gathered.language, origin, "entry", language);
    }
    if let Some(credit) = &entry.credit {
        push(&mut gathered.credit, origin, "entry", credit);
    }
}

/// The first description that is neither the headline nor a mere fragment of it.
fn summary(gathered: &Gathered, title: Option<&str>) -> Option<String> {
    gathered
        .summary
        .iter()
        .map(|candidate| &candidate.value)
        .find(|summary| summary.chars().count() > 20 && !title.is_some_and(|title| same(title, summary)))
        .cloned()
}

/// Persons: the operator's word, then the place that names persons and is trusted most, completed where
/// another declared place names the same persons and more.
fn authors(gathered: &Gathered) -> Vec<String> {
    let persons = |named: &Named| distinct(named.parties.iter().filter(|party| party.person).map(|party| party.name.clone()));
    let lists: Vec<(&Named, Vec<String>)> =
        gathered.authors.iter().map(|named| (named, persons(named))).filter(|(_, names)| !names.is_empty()).collect();
    let Some((first, names)) = lists.first() else { return Vec::new() };
    if first.origin == Origin::Operator {
        return names.clone();
    }
    let fuller = |other: &&(&Named, Vec<String>)| {
        let (named, others) = other;
        let declared = named.origin == Origin::Meta || named.origin == Origin::Markup && named.label.contains("=author");
        declared
            && others.len() > names.len()
            && others.len() <= names.len() + 3
            && names.iter().all(|name| others.iter().any(|other| same(name, other)))
    };
    lists.iter().find(fuller).map_or(names, |(_, fuller)| fuller).clone()
}

/// Organisations named as author where it is most trusted, for pages that name no person.
fn outlets(gathered: &Gathered) -> Vec<String> {
    let organisations =
        |named: &Named| distinct(named.parties.iter().filter(|party| !party.person).map(|party| party.name.clone()));
    gathered
        .authors
        .iter()
        .filter(|named| named.origin != Origin::Line)
        .map(organisations)
        .find(|names| !names.is_empty())
        .unwrap_or_default()
}

/// The credit the page declares, or the only agency it names as author.
fn credit(gathered: &Gathered, entry: &Entry) -> Option<String> {
    let declared = gathered.credit.first().map(|candidate| candidate.value.clone());
    declared
        .or_else(|| {
            let agency = gathered
                .authors
                .iter()
                .flat_map(|named| &named.parties)
                .find(|party| !party.person && byline::is_agency(&party.name));
            agency.map(|party| party.name.clone())
        })
        .or_else(|| entry.credit.clone())
}

/// A candidate for a time, read.
struct Dated {
    time: PressTime,
    /// What the writer's clock showed, as seconds: what a naive and a zoned writing of one time share.
    wall: i64,
    origin: Origin,
}

/// The first readable date in order of trust; an offset or a clock that it lacks is taken from another
/// candidate that otherwise says the same.
fn published(page: &Page, entry: &Entry, gathered: &Gathered, assume: &Assume<'_>, notes: &mut Vec<Note>) -> Option<PressTime> {
    let stray = |candidate: &&Candidate| candidate.label == STRAY || candidate.label == "title";
    let mut dated: Vec<Dated> = gathered.published.iter().filter_map(|candidate| dated(candidate, assume)).collect();
    if gathered.published.iter().any(|candidate| stray(&candidate)) {
        let day = |one: &Dated| one.wall.div_euclid(SECONDS_OF_A_DAY);
        if !dated.windows(2).all(|pair| day(&pair[0]) == day(&pair[1])) {
            dated.clear();
        }
    } else if dated.is_empty() && !gathered.published.is_empty() {
        let value: String = gathered
            .published
            .iter()
            .map(|candidate| candidate.value.as_str())
            .next()
            .unwrap_or_default()
            .chars()
            .take(80)
            .collect();
        notes.push(Note { field: "published".into(), detail: format!("the page's date could not be read: {value}") });
    }
    if let Some(time) = entry.published {
        dated.push(Dated { time, wall: wall_of(&time), origin: Origin::Entry });
    }
    if dated.is_empty()
        && let Some(time) = day_of_address(&page.url, assume)
    {
        dated.push(Dated { time, wall: wall_of(&time), origin: Origin::Address });
    }
    let (first, others) = dated.split_first()?;
    let time = completed(first, others);
    Some(clamped(time, assume, notes))
}

/// What the first candidate lacks, from others that agree with it.
fn completed(first: &Dated, others: &[Dated]) -> PressTime {
    let mut best = first;
    if first.origin == Origin::Operator {
        return first.time;
    }
    // A midnight is how systems write a day.
    let vague = |dated: &Dated| dated.time.precision == Precision::Day || dated.wall.rem_euclid(SECONDS_OF_A_DAY) == 0;
    if vague(first) {
        let day = first.wall.div_euclid(SECONDS_OF_A_DAY);
        let finer =
            |other: &&Dated| other.origin != Origin::Entry && !vague(other) && other.wall.div_euclid(SECONDS_OF_A_DAY) == day;
        best = others.iter().find(finer).unwrap_or(first);
    }
    if best.time.zone_source == ZoneSource::Page {
        return localised(best, others);
    }
    let minute = best.wall.div_euclid(60);
    let zoned = |other: &&Dated| other.time.zone_source == ZoneSource::Page && other.wall.div_euclid(60) == minute;
    others.iter().find(zoned).unwrap_or(best).time
}

/// A time that a system wrote in UTC, with the offset that the page shows its readers: another candidate names the
/// same instant with its offset, or shows the clock of the place, whole half hours away.
fn localised(best: &Dated, others: &[Dated]) -> PressTime {
    let mut time = best.time;
    if time.offset_minutes != Some(0) || time.precision == Precision::Day {
        return time;
    }
    let minute = best.time.at.as_second().div_euclid(60);
    let offset = others.iter().filter(|other| other.time.precision != Precision::Day).find_map(|other| {
        let zoned = other.time.zone_source == ZoneSource::Page;
        let away = other.wall.div_euclid(60) - minute;
        let same = if zoned { other.time.at.as_second().div_euclid(60) == minute } else { true };
        (same && away != 0 && away % 30 == 0 && away.abs() <= FARTHEST_OFFSET).then_some(away)
    });
    if let Some(offset) = offset.and_then(|offset| i16::try_from(offset).ok()) {
        time.offset_minutes = Some(offset);
    }
    time
}

/// The reading of the clock where the page was written, as far as the page says where.
fn wall_of(time: &PressTime) -> i64 {
    time.at.as_second() + i64::from(time.offset_minutes.unwrap_or(0)) * 60
}

/// A time in the future is first sight's.
fn clamped(mut time: PressTime, assume: &Assume<'_>, notes: &mut Vec<Note>) -> PressTime {
    if time.at.as_second() > assume.seen_at.as_second() + CLOCK_SLACK {
        notes.push(Note {
            field: "published".into(),
            detail: format!("the page's date {} lies in the future; first sight taken", time.at),
        });
        time.at = assume.seen_at;
    }
    time
}

fn dated(candidate: &Candidate, assume: &Assume<'_>) -> Option<Dated> {
    let time = if candidate.origin == Origin::Line { calendar::find(&candidate.value, assume) } else { None };
    let time = time.or_else(|| calendar::parse(&candidate.value, assume)).or_else(|| calendar::find(&candidate.value, assume))?;
    let wall = match time.zone_source {
        // The source's zone moved the naive time: read it once more without one.
        ZoneSource::Source => {
            dated(candidate, &Assume { timezone: None, ..*assume }).map_or(time.at.as_second(), |naive| naive.wall)
        }
        _ => wall_of(&time),
    };
    Some(Dated { time, wall, origin: candidate.origin })
}

/// `/2024/04/23/` in the address is a day.
fn day_of_address(url: &Url, assume: &Assume<'_>) -> Option<PressTime> {
    let segments: Vec<&str> = url.path_segments()?.collect();
    let number = |segment: &&str, digits: usize| segment.len() == digits && segment.bytes().all(|b| b.is_ascii_digit());
    segments
        .windows(3)
        .find(|window| number(&window[0], 4) && window[0].starts_with("20") && number(&window[1], 2) && number(&window[2], 2))
        .and_then(|window| calendar::parse(&window.join("-"), assume))
}

/// The change's time, when it lies after publication.
fn modified(gathered: &Gathered, published: Option<&PressTime>, entry: &Entry, assume: &Assume<'_>) -> Option<PressTime> {
    gathered.modified.iter().filter_map(|candidate| dated(candidate, assume)).map(|dated| dated.time).chain(entry.updated).find(
        |time| {
            published.is_none_or(|published| time.at >= published.at)
                && time.at.as_second() <= assume.seen_at.as_second() + CLOCK_SLACK
        },
    )
}

/// The section: declared, then the breadcrumb, then what stands beside the headline, then the address's
/// first part where the navigation knows it.
fn section(page: &Page, marks: &Marks, gathered: &Gathered, title: Option<&str>) -> Option<String> {
    let usable = |candidate: &&Candidate| is_section(&candidate.value, gathered, title);
    let by = |origin: Origin, labels: &[&str]| {
        gathered
            .section
            .iter()
            .filter(usable)
            .find(|candidate| candidate.origin == origin && (labels.is_empty() || labels.contains(&candidate.label)))
            .map(|candidate| candidate.value.clone())
    };
    by(Origin::Operator, &[])
        .or_else(|| by(Origin::JsonLd, &["articleSection"]))
        .or_else(|| by(Origin::Meta, &[]))
        .or_else(|| by(Origin::Line, &[]))
        .or_else(|| by(Origin::Markup, &["category"]))
        .or_else(|| by(Origin::JsonLd, &["breadcrumb"]))
        .or_else(|| by(Origin::Markup, &["breadcrumb"]))
        .or_else(|| by(Origin::Markup, &[]))
        .or_else(|| section_of_address(&page.url, marks))
}

fn is_section(value: &str, gathered: &Gathered, title: Option<&str>) -> bool {
    let folded = fold(value);
    let home = [
        "home",
        "homepage",
        "startseite",
        "start",
        "accueil",
        "inicio",
        "portada",
        "home page",
        "glavnaya",
        "главная",
        "ana sayfa",
        "anasayfa",
        "news home",
        "front page",
        "titelseite",
    ];
    (2..=60).contains(&value.chars().count())
        && !value.starts_with("http")
        && !value.contains('/')
        && !home.contains(&folded.as_str())
        && !gathered.organisations.iter().any(|name| fold(name) == folded)
        && !title.is_some_and(|title| similarity(title, value) >= 0.6)
        && !value.chars().all(|c| c.is_ascii_digit() || c.is_whitespace())
}

fn section_of_address(url: &Url, marks: &Marks) -> Option<String> {
    let segments: Vec<&str> = url.path_segments()?.filter(|segment| !segment.is_empty()).collect();
    let (_, sections) = segments.split_last()?;
    sections.iter().take(3).map(|segment| segment.replace(['-', '_'], " ")).filter(|segment| segment.chars().count() > 2).find_map(
        |segment| {
            marks.navigates_to(&segment).then(|| {
                let mut letters = segment.chars();
                letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
            })
        },
    )
}

/// Keywords, each once, without internal codes.
fn tags(gathered: &Gathered, section: Option<&str>, title: Option<&str>) -> Vec<String> {
    let page = gathered.tags.iter().any(|candidate| candidate.origin != Origin::Entry);
    let extra = gathered
        .section
        .iter()
        .filter(|candidate| matches!(candidate.label, "category" | "articleSection"))
        .filter(|candidate| Some(candidate.value.as_str()) != section);
    let given = gathered.tags.iter().filter(|candidate| !page || candidate.origin != Origin::Entry).chain(extra);
    let mut tags = distinct(
        given.map(|candidate| candidate.value.clone()).filter(|tag| is_tag(tag) && !title.is_some_and(|title| same(title, tag))),
    );
    tags.truncate(MOST_TAGS);
    tags
}

/// A keyword a reader would understand: not a code, not a sentence.
fn is_tag(tag: &str) -> bool {
    let length = tag.chars().count();
    let digits = tag.bytes().filter(u8::is_ascii_digit).count();
    let code = tag.contains("://")
        || tag.starts_with(['{', '[', '<'])
        || !tag.contains(' ') && tag.contains([':', '='])
        || digits >= 6 && digits * 2 > length;
    let underscored = tag.contains('_') && !tag.contains(' ');
    (2..=100).contains(&length) && !code && !underscored && tag.chars().any(char::is_alphabetic)
}

/// A language tag in the case of BCP 47: `en`, `pt-BR`, `zh-Hans`.
fn tag(value: &str) -> Option<String> {
    let value = value.split([',', ';', ' ']).next()?.trim();
    let mut parts = value.split(['-', '_', '.']);
    let primary = parts.next()?.to_ascii_lowercase();
    if !(2..=3).contains(&primary.len()) || !primary.bytes().all(|b| b.is_ascii_lowercase()) {
        return named_language(value).map(str::to_owned);
    }
    let mut tag = primary;
    for part in parts {
        let letters = part.bytes().all(|b| b.is_ascii_alphabetic());
        match part.len() {
            2 if letters => tag.push_str(&format!("-{}", part.to_ascii_uppercase())),
            3 if part.bytes().all(|b| b.is_ascii_digit()) => tag.push_str(&format!("-{part}")),
            4 if letters => {
                let lower = part.to_ascii_lowercase();
                tag.push_str(&format!("-{}{}", lower[..1].to_ascii_uppercase(), &lower[1..]));
            }
            _ => break,
        }
    }
    Some(tag)
}

/// JSON-LD often writes the language's English name.
fn named_language(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "english" => "en",
        "german" | "deutsch" => "de",
        "french" | "français" => "fr",
        "spanish" | "español" => "es",
        "italian" | "italiano" => "it",
        "portuguese" | "português" => "pt",
        "polish" => "pl",
        "russian" => "ru",
        "ukrainian" => "uk",
        "azerbaijani" => "az",
        "turkish" => "tr",
        "arabic" => "ar",
        "hindi" => "hi",
        "japanese" => "ja",
        "korean" => "ko",
        "chinese" => "zh",
        _ => return None,
    })
}

/// The addresses among candidates, absolute, in their order.
fn addresses<'a>(candidates: &'a [Candidate], page: &'a Page) -> impl Iterator<Item = Url> + 'a {
    candidates.iter().filter_map(|candidate| address::resolve(Some(&page.base), &candidate.value))
}

/// The declared illustration that the article shows too, else the first declared; an `<img>` alone is the last resort.
fn image(page: &Page, gathered: &Gathered) -> Option<Url> {
    let (shown, declared): (Vec<&Candidate>, Vec<&Candidate>) =
        gathered.image.iter().partition(|candidate| candidate.origin == Origin::Markup);
    let shown: Vec<String> = shown.iter().map(|candidate| picture(&candidate.value)).collect();
    let seen = declared.iter().find(|candidate| shown.contains(&picture(&candidate.value)));
    seen.into_iter()
        .chain(declared.iter())
        .copied()
        .chain(gathered.image.iter())
        .find_map(|candidate| address::resolve(Some(&page.base), &candidate.value))
}

/// The file's name of a picture without the size that a thumbnail carries in it.
fn picture(reference: &str) -> String {
    let path = reference.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let mut parts = name.split(['-', '_', '.']).collect::<Vec<_>>();
    parts.retain(|part| {
        !part.split_once('x').is_some_and(|(width, height)| {
            !width.is_empty() && [width, height].iter().all(|side| side.bytes().all(|b| b.is_ascii_digit()))
        }) && !part.bytes().all(|b| b.is_ascii_digit() && part.len() <= 4)
    });
    parts.join("-")
}

/// Each value once, the first writing kept.
fn distinct(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for value in values {
        let folded = fold(&value);
        if !folded.is_empty() && !seen.contains(&folded) {
            seen.push(folded);
            kept.push(tidy(&value));
        }
    }
    kept
}
