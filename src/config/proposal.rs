//! Sources as text to paste: what discovery found and lists of feeds brought, in an operator's spelling.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::address;
use crate::model::Url;

use super::{language, words};

/// Longest name that is made up.
const LONGEST_NAME: usize = 48;

/// A source that is proposed. What its text would not let through `check` is left out or remarked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposal {
    /// Lines of comment above it.
    pub remarks: Vec<String>,
    /// What it should be called, in any spelling; without one, or when nothing of it can stay, its host gives the name.
    pub name: Option<String>,
    /// The agency's name.
    pub agency: Option<String>,
    /// Feeds.
    pub feeds: Vec<Url>,
    /// News sitemaps.
    pub sitemaps: Vec<Url>,
    /// The home page: with feeds or sitemaps only the site's address, alone a page to discover feeds on.
    pub home: Option<Url>,
    /// IANA zone of dates without one.
    pub timezone: Option<String>,
    /// BCP 47 language.
    pub language: Option<String>,
    /// Further lines of comment, below its keys.
    pub notes: Vec<String>,
}

/// Writes proposals as `[[source]]` tables, their names unlike each other and unlike those taken.
pub fn write(proposals: &[Proposal], taken: &[&str]) -> String {
    let mut names = Names(taken.iter().map(|name| ((*name).to_owned(), 1)).collect());
    let mut out = String::new();
    for proposal in proposals {
        if !out.is_empty() {
            out.push('\n');
        }
        table(&mut out, proposal, names.unlike_all(&wished(proposal)));
    }
    out
}

fn table(out: &mut String, proposal: &Proposal, name: String) {
    proposal.remarks.iter().for_each(|remark| comment(out, remark));
    out.push_str("[[source]]\n");
    pair(out, "name", &text(&name));
    if let Some(agency) = proposal.agency.as_deref().map(label).filter(|agency| !agency.is_empty() && *agency != name) {
        pair(out, "agency", &text(&agency));
    }
    let usable = |urls: &[Url]| -> Vec<String> {
        urls.iter().filter(|url| words::http_url(url.as_str()).is_ok()).map(|url| text(url.as_str())).collect()
    };
    match usable(&proposal.feeds).as_slice() {
        [] => {}
        [one] => pair(out, "feed", one),
        several => pair(out, "feeds", &format!("[{}]", several.join(", "))),
    }
    match usable(&proposal.sitemaps).as_slice() {
        [] => {}
        [one] => pair(out, "sitemap", one),
        several => pair(out, "sitemap", &format!("[{}]", several.join(", "))),
    }
    if let Some(home) = proposal.home.as_ref().filter(|home| words::http_url(home.as_str()).is_ok()) {
        pair(out, "home", &text(home.as_str()));
    }
    if let Some(zone) = proposal.timezone.as_deref() {
        match words::zone(zone) {
            Ok(zone) => pair(out, "timezone", &text(&zone)),
            Err(_) => comment(out, &format!("not a time zone: {zone}")),
        }
    }
    if let Some(tag) = proposal.language.as_deref() {
        match language::language(tag) {
            Ok(tag) => pair(out, "language", &text(&tag)),
            Err(_) => comment(out, &format!("not a language: {tag}")),
        }
    }
    proposal.notes.iter().for_each(|note| comment(out, note));
}

fn pair(out: &mut String, key: &str, value: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{key} = {value}");
}

fn comment(out: &mut String, text: &str) {
    let line: String = text
        .chars()
        .map(|c| {
            if c.is_control() {
                ' '
            } else if turns(c) {
                '?'
            } else {
                c
            }
        })
        .collect();
    let _ = writeln!(out, "# {}", line.trim_end());
}

/// A basic string (TOML 1.0): what is no plain character is escaped.
fn text(value: &str) -> String {
    let mut out = String::from("\"");
    for character in value.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            character if character.is_control() || turns(character) => {
                let _ = write!(out, "\\u{:04X}", u32::from(character));
            }
            character => out.push(character),
        }
    }
    out.push('"');
    out
}

/// What turns the direction of the text around it.
fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A name for people as the key takes it: one line, at most 256 bytes.
fn label(given: &str) -> String {
    let tidy = given.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut label: String = tidy.chars().filter(|c| !c.is_control()).collect();
    while label.len() > 256 {
        label.pop();
    }
    label.trim().to_owned()
}

/// The name a proposal asks for, in the spelling of names.
fn wished(proposal: &Proposal) -> String {
    let given = proposal.name.as_deref().map(slug).filter(|name| name.chars().filter(char::is_ascii_lowercase).count() > 1);
    let address = proposal.feeds.first().or(proposal.sitemaps.first()).or(proposal.home.as_ref());
    given.or_else(|| address.map(site_name)).filter(|name| !name.is_empty()).unwrap_or_else(|| "source".to_owned())
}

/// The name of a site: its own label first, what stands before it behind (`en.trend.example` is `trend-en`).
fn site_name(url: &Url) -> String {
    let domain = address::registrable_domain(url);
    let host = url.host_str().unwrap_or_default();
    let (Some(own), Some(before)) = (domain.split_once('.').map(|(own, _)| own), host.strip_suffix(&domain)) else {
        return slug(&domain);
    };
    if url.domain().is_none() {
        return slug(&domain);
    }
    let before = before.split('.').filter(|label| !matches!(*label, "" | "www" | "rss" | "feed" | "feeds" | "m"));
    slug(&std::iter::once(own).chain(before).collect::<Vec<_>>().join("-"))
}

fn slug(given: &str) -> String {
    let mut out = String::new();
    for character in given.to_lowercase().chars() {
        match character {
            'a'..='z' | '0'..='9' if out.len() < LONGEST_NAME => out.push(character),
            '\'' | '\u{2019}' => {}
            _ if !out.is_empty() && !out.ends_with('-') => out.push('-'),
            _ => {}
        }
    }
    out.trim_matches('-').to_owned()
}

/// The names given so far, with the number the next namesake is tried with.
struct Names(HashMap<String, usize>);

impl Names {
    fn unlike_all(&mut self, wish: &str) -> String {
        let Some(number) = self.0.get(wish).copied() else {
            self.0.insert(wish.to_owned(), 1);
            return wish.to_owned();
        };
        let mut number = number;
        loop {
            number += 1;
            let name = format!("{wish}-{number}");
            if !self.0.contains_key(&name) {
                self.0.insert(wish.to_owned(), number);
                self.0.insert(name.clone(), 1);
                return name;
            }
        }
    }
}
