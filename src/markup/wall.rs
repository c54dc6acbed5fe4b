//! What stands in the place of a page: a challenge for browsers, a question for consent, a shell for scripts.
//!
//! Told by marks that such pages have wherever they stand, never by the host, and only where there is hardly a text: an
//! article may speak of captchas, and carry one under its comments.

use super::{Tag, Token, Tokens, blocks};

/// What stands in a page's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wall {
    /// A challenge that only a browser with a person passes.
    Challenge,
    /// A question for consent.
    Consent,
    /// A shell that scripts would fill.
    Script,
}

/// Most words of a page that asks for something and is no text itself.
const ASKS: usize = 200;
/// Most words of one that only shows a widget.
const BARE: usize = 30;
/// Most words of a shell, menu and footer included.
const SHELL: usize = 60;
/// Bytes of a page that are looked at: a wall is short, scripts aside.
const LOOKED_AT: usize = 512 * 1024;
/// Bytes of one script in which marks are looked for.
const SCRIPT: usize = 4096;

/// What a challenge says of itself.
const CHALLENGES: [&str; 34] = [
    "just a moment",
    "attention required",
    "checking your browser",
    "checking if the site connection is secure",
    "verify you are human",
    "verify that you are human",
    "verifying you are human",
    "confirm you are human",
    "prove you are human",
    "are you a robot",
    "are you human",
    "not a robot",
    "unusual traffic",
    "pardon our interruption",
    "enable javascript and cookies to continue",
    "complete the captcha",
    "solve the captcha",
    "complete the security check",
    "bot protection",
    "ddos protection",
    "вы не робот",
    "я не робот",
    "проверка браузера",
    "robot olmadığınızı",
    "robot deyilsiniz",
    "pas un robot",
    "êtes humain",
    "eres un robot",
    "soy un robot",
    "kein roboter",
    "sono un robot",
    "ロボットではありません",
    "人机验证",
    "로봇이 아닙니다",
];

/// Names of the widgets and scripts of challenges, as they stand in attributes and scripts.
const WIDGETS: [&str; 14] = [
    "g-recaptcha",
    "h-captcha",
    "hcaptcha",
    "cf-turnstile",
    "cf-challenge",
    "challenge-form",
    "challenge-platform",
    "cf_chl",
    "px-captcha",
    "_incapsula_",
    "datadome",
    "aws-waf",
    "sec-cpt",
    "smart-captcha",
];

/// What a question for consent says.
const CONSENTS: [&str; 26] = [
    "accept all",
    "reject all",
    "accept cookies",
    "manage options",
    "manage preferences",
    "manage choices",
    "cookie settings",
    "we value your privacy",
    "your privacy",
    "uses cookies",
    "use cookies",
    "before you continue",
    "give consent",
    "alle akzeptieren",
    "alle ablehnen",
    "zustimmen und weiter",
    "datenschutzeinstellungen",
    "tout accepter",
    "tout refuser",
    "votre vie privée",
    "aceptar todo",
    "rechazar todo",
    "accetta tutto",
    "принять все",
    "alles accepteren",
    "hepsini kabul et",
];

/// What stands in the place of a page, if something does. `text` is what was read of it as its text, if anything was.
pub fn wall(page: &str, text: &str) -> Option<Wall> {
    let page = head(page, LOOKED_AT);
    if words(text) > ASKS {
        return None;
    }
    let said = blocks(page).join("\n").to_lowercase();
    let count = words(&said);
    let marks = Marks::of(page);
    let challenges = CHALLENGES.iter().any(|phrase| said.contains(phrase) || marks.hidden.contains(phrase));
    if count <= ASKS && (challenges && (marks.widget || count <= SHELL) || marks.widget && count <= BARE) {
        return Some(Wall::Challenge);
    }
    let asks = |text: &str, least: usize| CONSENTS.iter().filter(|phrase| text.contains(*phrase)).take(least).count() == least;
    // Of what was read as the text, nothing more than the question itself may be left.
    let only_asks = text.is_empty() || words(text) <= SHELL && asks(&text.to_lowercase(), 1);
    if only_asks && count <= 2 * ASKS && asks(&said, 2) {
        return Some(Wall::Consent);
    }
    (text.is_empty() && marks.scripts && count <= SHELL).then_some(Wall::Script)
}

/// What the tags of a page show.
#[derive(Default)]
struct Marks {
    widget: bool,
    scripts: bool,
    /// What only a browser without scripts would show, lower case.
    hidden: String,
}

impl Marks {
    fn of(page: &str) -> Marks {
        let mut marks = Marks::default();
        let mut last: Option<Tag<'_>> = None;
        for token in Tokens::new(page) {
            match token {
                Token::Start(tag) => {
                    marks.scripts |= tag.is("script");
                    let telling = ["id", "class", "src", "action", "name"];
                    let mut attributes = tag.attributes().filter(|(name, _)| telling.contains(&name.to_ascii_lowercase().as_str()));
                    marks.widget = marks.widget || attributes.any(|(_, value)| is_widget(head(value, SCRIPT)));
                    last = Some(tag);
                }
                Token::Raw(raw) if last.is_some_and(|tag| tag.is("noscript")) => {
                    marks.hidden.push_str(&head(raw, SCRIPT).to_lowercase());
                }
                Token::Raw(raw) if last.is_some_and(|tag| tag.is("script")) => {
                    marks.widget = marks.widget || is_widget(head(raw, SCRIPT))
                }
                _ => {}
            }
        }
        marks
    }
}

fn is_widget(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    WIDGETS.iter().any(|mark| value.contains(mark))
}

/// Words, or what they would be in a script that writes none apart.
fn words(text: &str) -> usize {
    text.split_whitespace().map(|word| 1 + word.chars().filter(|c| *c >= '\u{2e80}').count() / 2).sum()
}

/// At most so many bytes of a text.
fn head(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes.min(text.len()))]
}
