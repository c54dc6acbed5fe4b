//! What had to be forgiven, in words an operator understands.

use crate::charset::Decoded;
use crate::model::{Diagnostic, Feed};

use super::xml::Mended;

/// Puts into words what had to be forgiven.
pub(super) fn diagnose(feed: &mut Feed, decoded: &Decoded, mended: &Mended) {
    let mut say = |step: &str, detail: String, count: u32| {
        feed.diagnostics.push(Diagnostic { step: step.into(), detail, count });
    };
    match decoded.by {
        "near-utf8" => say("encoding-repair", "stray bytes in UTF-8 were read as windows-1252".into(), 1),
        "detected" => say("encoding-detected", format!("the encoding was guessed: {}", decoded.encoding), 1),
        _ => {}
    }
    if decoded.replaced > 0 {
        let count = u32::try_from(decoded.replaced).unwrap_or(u32::MAX);
        say("undecodable", format!("{count} places could not be decoded as {}", decoded.encoding), count);
    }
    for (step, count) in mended.iter() {
        let what = match step {
            "bare-ampersand" => "an ampersand that begins no reference",
            "bare-bracket" => "a bracket that opens no tag",
            "control-character" => "a control character",
            "json-mended" => "JSON that is not well-formed",
            "junk-before-root" => "markup or text before the feed begins",
            "junk-behind-end" => "markup or text behind the end of the feed",
            "stray-text" => "text where no text belongs",
            "broken-json-member" => "a member of JSON that cannot be read",
            "second-reader" => "entries only the second reader found",
            "stray-end-tag" => "an end tag that closes nothing",
            "too-much-markup" => "an element nested too deep, or one of too many",
            "truncated" => "the document ends before it is complete",
            "unclosed-cdata" => "a CDATA section without an end",
            "unclosed-comment" => "a comment without an end",
            "unclosed-element" => "an element without an end tag",
            "unclosed-quote" => "an attribute without a closing quote",
            "unclosed-tag" => "a tag without a closing bracket",
            "undeclared-entity" => "an HTML entity that the document does not declare",
            other => other,
        };
        say(
            step,
            if count == 1 { what.into() } else { format!("{what}, {count} times") },
            u32::try_from(count).unwrap_or(u32::MAX),
        );
    }
}
