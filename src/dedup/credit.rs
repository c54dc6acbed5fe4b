//! Whose text it is: the outlet a copy credits, and the member of a story that the others are copies of.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::{ArticleId, Precision, PressTime, SignedDuration, Timestamp, ZoneSource};

use super::words;

/// Letters of a text's head and of its end in which a credit is looked for.
const HEAD: usize = 300;
const END: usize = 600;
/// Hours by which a time may be off whose zone was assumed.
const ZONES: i64 = 14;

/// An article of a story, as the choice of its origin sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The article.
    pub article: ArticleId,
    /// The agency its source is a desk of, as configured.
    pub agency: String,
    /// The outlet its text credits, as printed.
    pub credit: Option<String>,
    /// When its page says it was published.
    pub published: Option<PressTime>,
    /// When it was filed.
    pub filed_at: Timestamp,
}

/// The telling words of a name, read once however many bear it.
type Name = Rc<[u64]>;

/// The origin of a story: among the members of the agency that most others credit the earliest, else the earliest of all.
/// The order of the members does not matter. 0 where there are none.
///
/// A member counts as published when it must have been: a day without a time at that day's end, a time of an assumed zone 14
/// hours later. Members without a time count by their filing.
pub fn origin(members: &[Member]) -> usize {
    // Each name is read once and each credit counted once: a story of thousands costs no more than its members.
    let mut known: HashMap<&str, Name> = HashMap::new();
    let mut read = |name| Rc::clone(known.entry(name).or_insert_with(|| telling_words(name).into()));
    let names: Vec<(Name, Option<Name>)> =
        members.iter().map(|member| (read(&member.agency), member.credit.as_deref().map(&mut read))).collect();
    let mut by_others: HashMap<&[u64], usize> = HashMap::new();
    for (agency, credit) in &names {
        let other = credit.as_ref().filter(|credit| !credit.is_empty() && *credit != agency);
        other.into_iter().for_each(|credit| *by_others.entry(&**credit).or_default() += 1);
    }
    let credits = |index: usize| {
        let (agency, credit) = &names[index];
        // Who credits another outlet is no origin, whoever credits him.
        let copies = credit.as_ref().is_some_and(|credit| credit.is_empty() || credit != agency);
        if copies { 0 } else { by_others.get(&**agency).copied().unwrap_or_default() }
    };
    let best = members.iter().enumerate().min_by_key(|(index, member)| {
        (Reverse(credits(*index)), member.published.map_or(member.filed_at, certainly), member.filed_at, member.article)
    });
    best.map_or(0, |(index, _)| index)
}

/// When a text was published at the latest, by a time that may be but a day, or of a zone that nobody named.
fn certainly(time: PressTime) -> Timestamp {
    let day = if time.precision == Precision::Day { 24 } else { 0 };
    let zone = if time.zone_source == ZoneSource::Assumed { ZONES } else { 0 };
    time.at.checked_add(SignedDuration::from_hours(day + zone)).unwrap_or(time.at)
}

/// Whether two names mean one agency: the same words but for case, accents and what every agency is called.
pub fn same_agency(one: &str, other: &str) -> bool {
    let (one, other) = (telling_words(one), telling_words(other));
    !one.is_empty() && one == other
}

/// Words of a name that say which agency it is; all of them where none does.
fn telling_words(name: &str) -> Vec<u64> {
    static GENERIC: LazyLock<Vec<u64>> = LazyLock::new(|| {
        let generic = "news agency agencies newswire wire service information the az am ge ru com net org inc llc ltd \
            информационное агентство агентства информагентство агентлиги agentliyi xeber informasiya ajansi haber agentur \
            nachrichtenagentur agence agencia agenzia de di la وكالة الأنباء للأنباء انباء";
        let mut hashes: Vec<u64> = words::words(generic, usize::MAX).iter().map(|word| word.hash).collect();
        hashes.sort_unstable();
        hashes
    });
    let all: Vec<u64> = words::words(name, 12).iter().map(|word| word.hash).collect();
    let telling: Vec<u64> = all.iter().copied().filter(|hash| GENERIC.binary_search(hash).is_err()).collect();
    if telling.is_empty() { all } else { telling }
}

/// Patterns at the head of a text; the last group is the outlet. A class of letters stands in them once and not "up to thirty
/// times": each time is a thousand states, in the memory of every thread that searches. Where a length must be bounded, the
/// class says what the name may not hold.
const AT_HEAD: &[&str] = &[
    // "(MENAFN- Trend News Agency)", "(PORTAL – Agency) BAKU, …"
    r"^\W{0,3}\(\s*\p{Lu}[^\s()–—-]{1,20}\s*[-–—]\s*([^()\n]{2,60}?)\s*\)",
    // "NEW YORK, Feb 27 (Xinhua) —", "BAKU, April 23 /Trend/ -"
    r"^\W{0,3}\p{Lu}[^()\n]{1,60}[(/]\s*([^()/\n\d]{2,40}?)\s*[)/]\s*[-–—:]",
    // "(Reuters) - …"
    r"^\W{0,3}\(\s*([^()\n\d]{2,40}?)\s*\)\s*[-–—:]",
    // "МОСКВА, 23 апр - РИА Новости. …"
    r"^\p{Lu}[\p{Lu} -]+, [0-9]{1,2} \p{L}+\.? [-–—/] ?(\p{Lu}[^\n0-9.,:;()/–—-]{1,30}?)[./] ",
    // "【新华社北京4月23日电】", "(신화=연합뉴스)"
    r"^\W{0,3}(\p{Han}{2,6}(?:社|网|報|报))\p{Han}{0,6}\d{1,2}月\d{1,2}日",
    r"^\W{0,3}\([^()=\n]{1,12}=([^()=\n]{2,20})\)",
];

/// Patterns near the head or the end of a text.
const ANYWHERE: &[&str] = &[
    r"(?im)^\W{0,3}(?:source|quelle|fuente|fonte|источник|джерело|mənbə|menbe|kaynak|المصدر|来源|來源|出典|출처)\s?[:：]\s*([^\n]{2,60}?)[.。\s]*$",
    r"©\s*(?:\d{4}[, ]*)?(\p{L}[^\n.©|,]{1,50})",
    // "(c)" may count a list, and "copyright" be what the text is about: a year makes them a notice.
    r"(?:\([cC]\)|Copyright)\s*(?:©|\([cC]\))?\s*\d{4}(?:\s*[-–]\s*\d{4})?[, ]*(\p{L}[^\n.©|,]{1,50})",
    r"(?:сообщает|передает|передаёт|сообщило|пишет)\s+(?:агентство\s+)?[«“„]?(\p{Lu}[^\n0-9,:;()/«»“”„]{1,30}?)(?:[»”.,]| со ссылкой)",
    r"(\p{Lu}\p{L}+(?: \p{Lu}\p{L}+){0,2}) reports(?: citing|[.,]|$)",
];

/// What `\W` stands for in them: no letter of the scripts that the press is written in, by a dozen ranges instead of hundreds.
const NO_LETTER: &str = r"[^0-9A-Za-z_\u{C0}-\u{1FFF}\u{2C00}-\u{2DFF}\u{3040}-\u{D7FF}\u{F900}-\u{FDFF}]";

/// The outlet that a text credits, by what desks write before and after a text that is not theirs.
pub fn credit(body: &str) -> Option<String> {
    static HEADS: LazyLock<Vec<Regex>> = LazyLock::new(|| compiled(AT_HEAD));
    static OTHERS: LazyLock<Vec<Regex>> = LazyLock::new(|| compiled(ANYWHERE));
    let head = &body[..boundary(body, HEAD)];
    let end = &body[boundary(body, body.len().saturating_sub(END))..];
    let find = |patterns: &[Regex], text: &str| {
        patterns.iter().find_map(|pattern| Some(pattern.captures(text)?.get(1)?.as_str().trim().to_owned()))
    };
    find(&HEADS, head).or_else(|| find(&OTHERS, head)).or_else(|| find(&OTHERS, end)).filter(|name| is_name(name))
}

fn compiled(patterns: &[&str]) -> Vec<Regex> {
    patterns.iter().filter_map(|pattern| Regex::new(&pattern.replace(r"\W", NO_LETTER)).ok()).collect()
}

/// A name has letters and few words.
fn is_name(name: &str) -> bool {
    name.chars().any(char::is_alphabetic) && name.split_whitespace().count() <= 6
}

/// The last character boundary at or before a place.
fn boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
