//! Stories: what an agency publishes, written by the generator where the caller leaves a blank.

use crate::date::Civil;
use crate::dice::Dice;
use crate::plan::{Agency, Language};
use crate::words::Teller;

/// What to publish; the generator fills in whatever is `None`.
#[derive(Debug, Clone, Default)]
pub struct Story {
    /// The headline.
    pub title: Option<String>,
    /// The text.
    pub paragraphs: Option<Vec<String>>,
    /// The standfirst; the beginning of the text when it is left out.
    pub summary: Option<String>,
    /// The persons of the byline.
    pub authors: Option<Vec<String>>,
    /// The section of the site.
    pub section: Option<String>,
    /// The path of the page, beginning with `/`.
    pub path: Option<String>,
    /// Unix seconds.
    pub published_at: Option<i64>,
    /// The text's language, when it is not the agency's.
    pub language: Option<Language>,
    /// Whether feeds leave it out.
    pub unlisted: bool,
}

impl Story {
    /// A story the generator writes from end to end.
    pub fn new() -> Self {
        Story::default()
    }

    /// A story with this text.
    pub fn text(title: &str, paragraphs: &[&str]) -> Self {
        let paragraphs = paragraphs.iter().map(|paragraph| (*paragraph).to_owned()).collect();
        Story { title: Some(title.to_owned()), paragraphs: Some(paragraphs), ..Story::default() }
    }
}

/// An article as it stands at its agency; `NewsWeb::edit` hands it out to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Its number at the agency.
    pub id: u64,
    /// The path of its page.
    pub path: String,
    /// The language of the text.
    pub language: Language,
    /// The headline.
    pub title: String,
    /// The standfirst.
    pub summary: String,
    /// The text, dateline included.
    pub paragraphs: Vec<String>,
    /// The persons of the byline.
    pub authors: Vec<String>,
    /// The section of the site.
    pub section: String,
    /// Keywords.
    pub tags: Vec<String>,
    /// Unix seconds.
    pub published_at: i64,
    /// Unix seconds of the last change.
    pub modified_at: Option<i64>,
    /// The words before the text, when the generator wrote some: place and day.
    pub dateline: Option<String>,
    /// The agency a reprint is credited to, as named under the text.
    pub credit: Option<String>,
    /// The URL of the origin of a reprint.
    pub copy_of: Option<String>,
    /// Whether feeds list it.
    pub listed: bool,
    /// Whether its page answers 410.
    pub withdrawn: bool,
    /// 1, and one more with every change.
    pub revision: u32,
}

const TOPICS: [&str; 8] = [
    "topic.politics",
    "topic.economy",
    "topic.energy",
    "topic.transport",
    "topic.society",
    "topic.science",
    "topic.sport",
    "topic.culture",
];

/// The numbers of pages begin here, as at an agency that has been at it for years.
const FIRST_ID: u64 = 380_000;

/// Writes article `number` of an agency.
pub(crate) fn write(agency: &Agency, number: u64, story: Story, seed: u64, now: i64) -> Article {
    let mut dice = Dice::new(seed, &["story", &agency.name], number);
    let language = story.language.unwrap_or(agency.language);
    let words = language.words();
    let topic = dice.below(TOPICS.len());
    let section = story.section.unwrap_or_else(|| words.list("sections")[topic].to_owned());
    let authors = story.authors.unwrap_or_else(|| bylines(language, &mut dice));
    let published_at = story.published_at.unwrap_or(now);

    let mut teller = Teller::new(words, &mut dice, TOPICS[topic]);
    let title = story.title.unwrap_or_else(|| teller.sentence("headline"));
    let tags = vec![teller.bound("Topic"), teller.bound("Place"), section.clone()];
    let (dateline, paragraphs) = match story.paragraphs {
        Some(paragraphs) => (None, paragraphs),
        None => tell(agency, language, published_at, &mut teller),
    };
    let id = FIRST_ID + number;
    let path = story.path.unwrap_or_else(|| page_path(agency, id, TOPICS[topic], &title));
    let summary = story.summary.unwrap_or_else(|| paragraphs.first().map_or_else(String::new, |lede| beginning(lede)));
    Article {
        id,
        path,
        language,
        title,
        summary,
        paragraphs,
        authors,
        section,
        tags,
        published_at,
        modified_at: None,
        dateline,
        credit: None,
        copy_of: None,
        listed: !story.unlisted,
        withdrawn: false,
        revision: 1,
    }
}

fn bylines(language: Language, dice: &mut Dice) -> Vec<String> {
    let words = language.words();
    let mut names: Vec<String> = Vec::new();
    for _ in 0..[1, 1, 1, 2, 0][dice.below(5)] {
        let (first, last) = (*dice.pick(words.list("first")), *dice.pick(words.list("last")));
        let name = if language == Language::Chinese { format!("{last}{first}") } else { format!("{first} {last}") };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Six to fourteen paragraphs, the first with a dateline where the agency writes one.
fn tell(agency: &Agency, language: Language, published_at: i64, teller: &mut Teller<'_>) -> (Option<String>, Vec<String>) {
    let dateline = agency.datelines.then(|| dateline(agency, language, published_at, teller));
    let lead = teller.sentence("lead");
    let joint = if language == Language::Chinese { "" } else { " " };
    let frame = teller.sentence("frame");
    let mut paragraphs = vec![match &dateline {
        Some(dateline) => format!("{dateline}{joint}{lead}{joint}{frame}"),
        None => format!("{lead}{joint}{frame}"),
    }];
    let count = teller.between(6, 14);
    while paragraphs.len() < count {
        let sentences: Vec<String> = (0..teller.between(1, 3)).map(|_| teller.sentence("frame")).collect();
        paragraphs.push(sentences.join(joint));
    }
    (dateline, paragraphs)
}

/// `MARROWGATE, Arvonia, April 23.` and its sisters.
fn dateline(agency: &Agency, language: Language, published_at: i64, teller: &mut Teller<'_>) -> String {
    let civil = Civil::new(published_at, agency.offset_minutes);
    let month = language.words().list("months")[civil.month - 1];
    let (place, country) = (teller.bound("Place"), teller.bound("Country"));
    match language {
        Language::English => format!("{}, {country}, {month} {}.", place.to_uppercase(), civil.day),
        Language::Russian => format!("{}, {} {month}. /{}/.", place.to_uppercase(), civil.day, agency.title),
        Language::Azerbaijani => format!("{place}, {} {month}, {}.", civil.day, agency.title),
        Language::Turkish => format!("{place} ({}) -", agency.title),
        Language::Chinese => format!("本社{place}{month}{}日电", civil.day),
    }
}

/// Every layout has its own kind of address; none holds the day, so that a seed gives the same paths on any day.
fn page_path(agency: &Agency, id: u64, topic: &str, title: &str) -> String {
    use crate::plan::Layout;
    let section = topic.trim_start_matches("topic.");
    let slug = slug(title);
    match agency.layout {
        Layout::Classic => format!("/{}/{section}/{id}.html", agency.language.tag()),
        Layout::Modern => format!("/{section}/{id}-{slug}"),
        Layout::OpenGraph => format!("/news/{id}/{slug}/"),
        Layout::Table => format!("/news.php?id={id}"),
        Layout::Soup => format!("/a/{id}"),
        Layout::Microdata => format!("/{section}/{slug}-{id}.html"),
    }
}

fn slug(title: &str) -> String {
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| word.len() > 2).take(6);
    let slug = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if slug.is_empty() { "story".to_owned() } else { slug }
}

/// The first hundred and sixty letters or so, up to the end of a word.
fn beginning(paragraph: &str) -> String {
    let Some((end, _)) = paragraph.char_indices().nth(160) else { return paragraph.to_owned() };
    let end = paragraph[..end].rfind(' ').unwrap_or(end);
    format!("{}…", &paragraph[..end])
}

/// How a reprint treats the text of another agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reprint {
    /// Word for word, with a credit line.
    Whole,
    /// Word for word, without a word of credit.
    Uncredited,
    /// The first so many paragraphs.
    Truncated(usize),
    /// Its own headline, one paragraph left out and one of its own put before the last.
    Edited,
}

/// Article `number` of `agency`: the text of `origin`, under the reprinting agency's roof.
pub(crate) fn reprint(agency: &Agency, number: u64, origin: &Origin<'_>, how: Reprint, seed: u64, now: i64) -> Article {
    let story = Story { language: Some(origin.article.language), ..Story::default() };
    let mut copy = write(agency, number, story, seed, now);
    let own = copy.paragraphs.pop();
    copy.paragraphs.clone_from(&origin.article.paragraphs);
    copy.dateline.clone_from(&origin.article.dateline);
    copy.authors.clear();
    match how {
        Reprint::Whole | Reprint::Uncredited => copy.title.clone_from(&origin.article.title),
        Reprint::Truncated(count) => {
            copy.title.clone_from(&origin.article.title);
            copy.paragraphs.truncate(count.max(1));
        }
        Reprint::Edited => {
            let last = copy.paragraphs.len().saturating_sub(1);
            if last > 1 {
                copy.paragraphs.remove(last / 2);
            }
            let before_last = copy.paragraphs.len().saturating_sub(1);
            copy.paragraphs.splice(before_last..before_last, own);
        }
    }
    copy.summary = copy.paragraphs.first().map_or_else(String::new, |lede| beginning(lede));
    copy.section.clone_from(&origin.article.section);
    copy.tags.clone_from(&origin.article.tags);
    copy.path = page_path(agency, copy.id, "topic.world", &copy.title);
    copy.credit = (how != Reprint::Uncredited).then(|| origin.agency.to_owned());
    copy.copy_of = Some(origin.url.to_owned());
    copy
}

/// What is reprinted, and from whom.
pub(crate) struct Origin<'a> {
    pub(crate) article: &'a Article,
    pub(crate) agency: &'a str,
    pub(crate) url: &'a str,
}

/// The next development of a story: a new headline word, a paragraph of news behind the first, figures as they were.
pub(crate) fn update(article: &mut Article, seed: u64) {
    let mut dice = Dice::new(seed, &["update", &article.path], u64::from(article.revision));
    let words = article.language.words();
    let mut teller = Teller::new(words, &mut dice, TOPICS[0]);
    let news = teller.sentence("frame");
    article.title = format!("{}: {}", words.ui("updated"), article.title.trim_start_matches(&format!("{}: ", words.ui("updated"))));
    article.paragraphs.insert(1.min(article.paragraphs.len()), news);
}

/// A wrong figure put right: the first number of the text changes, and a last paragraph says so.
pub(crate) fn correct(article: &mut Article) {
    let digit = |letter: char| letter.is_ascii_digit();
    // The dateline's day is no figure of the story.
    let start = article.dateline.as_ref().map_or(0, String::len);
    for (index, paragraph) in article.paragraphs.iter_mut().enumerate() {
        let from = if index == 0 { start.min(paragraph.len()) } else { 0 };
        if let Some(at) = paragraph[from..].find(digit).map(|at| at + from) {
            let right = if paragraph[at..].starts_with('9') { "4" } else { "9" };
            paragraph.replace_range(at..=at, right);
            break;
        }
    }
    let note = article.language.words().ui("correction");
    if article.paragraphs.last().is_none_or(|last| last != note) {
        article.paragraphs.push(note.to_owned());
    }
}

/// What an extractor and a finder of duplicates are expected to find out about one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// The page.
    pub url: String,
    /// The agency's name.
    pub agency: String,
    /// The entry's id in the agency's principal feed, when it has one.
    pub guid: Option<String>,
    /// The article as it stands now: title, paragraphs, authors, section, times, dateline, credit, copy_of, revision.
    pub article: Article,
}
