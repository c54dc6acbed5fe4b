//! Which article of a story is its origin: the credited agency's own, else the earliest.

use std::time::Duration;

use crate::model::{Member, Origin, Precision, PressTime, Timestamp};

/// Words of an outlet's name that tell no outlet from another.
const COMMON: [&str; 8] = ["news", "agency", "the", "press", "service", "information", "wire", "newswire"];

/// The origin among a story's articles. An agency that others credit and that is a source of ours wins; else the one whose
/// page says that it was published first, where a day without a time is as late as it could be; and where the pages do not
/// say, it stays where it is. The order of the members does not matter.
pub fn origin(members: &[Member]) -> Option<Origin> {
    let credited: Vec<&Member> =
        members.iter().filter(|member| members.iter().any(|other| credits(other, &member.agency))).collect();
    let among: Vec<&Member> = if credited.is_empty() { members.iter().collect() } else { credited };
    let first = among.iter().min_by_key(|member| (earliest(member), !member.is_origin, member.stored_at, member.article.is_none(), member.article))?;
    let standing = among.iter().find(|member| member.is_origin);
    let chosen = match standing {
        Some(standing) if !is_earlier(first, standing) => standing,
        _ => first,
    };
    Some(chosen.article.map_or(Origin::Own, Origin::Filed))
}

/// Whether an article of another desk names this agency as where its text is from.
fn credits(member: &Member, agency: &str) -> bool {
    member.credit.as_deref().is_some_and(|credit| !names(&member.agency, agency) && names(credit, agency))
}

/// Whether two names mean one outlet: the telling words of one are among those of the other.
fn names(one: &str, other: &str) -> bool {
    let (ones, others) = (telling(one), telling(other));
    let within = |these: &[String], those: &[String]| !these.is_empty() && these.iter().all(|word| those.contains(word));
    within(&ones, &others) || within(&others, &ones)
}

fn telling(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).filter(|word| !word.is_empty() && !COMMON.contains(&word.as_str())).collect()
}

/// The latest instant that a time may mean; what says none comes after all that do.
fn earliest(member: &Member) -> Timestamp {
    member.published.map_or(Timestamp::MAX, latest)
}

/// A day without a time could be any instant of it: only when all of it lies before is it earlier.
fn latest(time: PressTime) -> Timestamp {
    match time.precision {
        Precision::Day => time.at.checked_add(Duration::from_secs(24 * 3600)).unwrap_or(Timestamp::MAX),
        Precision::Minute | Precision::Instant => time.at,
    }
}

fn is_earlier(one: &Member, other: &Member) -> bool {
    match (one.published, other.published) {
        (Some(ones), Some(others)) if ones.precision == Precision::Day => latest(ones) <= others.at,
        (Some(ones), Some(others)) => ones.at < others.at,
        _ => false,
    }
}
