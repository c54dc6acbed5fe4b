//! Datelines of the scripts without spaces, and of Korean: `新华社北京4月23日电`, `【ロンドン共同】`, `(서울=연합뉴스)`.

use super::Opening;
use crate::article::metadata::likeness::is_unspaced;

/// Agencies whose name opens the line.
const WIRES: &[&str] = &[
    "新华社",
    "新華社",
    "中新社",
    "中新网",
    "中新網",
    "人民网",
    "央视网",
    "央广网",
    "光明网",
    "中国网",
    "中央社",
    "法新社",
    "中通社",
];

/// Agencies whose name ends the bracket.
const IN_BRACKETS: &[&str] = &[
    "共同",
    "共同通信",
    "時事",
    "ロイター",
    "ＡＦＰ",
    "AFP",
    "AFP時事",
    "AFP＝時事",
    "ＡＰ",
    "AP",
    "ＣＮＮ",
    "CNN",
    "朝鮮通信",
    "조선중앙통신",
    "聯合ニュース",
];

pub(super) fn read(text: &str) -> Option<Opening> {
    let first = text.chars().next()?;
    let close = match first {
        '(' | '（' => [')', '）'],
        '[' | '［' => [']', '］'],
        '【' | '〔' => ['】', '〕'],
        c if is_unspaced(c) => return wired(text),
        _ => return None,
    };
    let inner = &text[first.len_utf8()..];
    let inner = inner[..inner.find(close).filter(|end| *end <= 90)?].trim();
    if let Some((place, agency)) = inner.split_once(['=', '＝']) {
        let hangul = place.chars().any(|c| ('\u{ac00}'..='\u{d7a3}').contains(&c));
        if hangul {
            let agency = agency.split([' ', '=']).next().unwrap_or(agency);
            return Some(opening(Some(place.trim()), None, agency));
        }
    }
    if let Some(opening) = wired(inner) {
        return Some(opening);
    }
    let agency = IN_BRACKETS.iter().filter(|agency| inner.ends_with(**agency) && inner.len() > agency.len());
    let agency = agency.max_by_key(|agency| agency.len())?;
    if matches!(first, '(' | '（') && !inner.contains(['日', '일']) {
        return None;
    }
    let before = inner.strip_suffix(agency)?.trim_end_matches(['=', '＝', ' ', '　']);
    let date_at = before.find(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c));
    let (place, date) = before.split_at(date_at.unwrap_or(before.len()));
    let place = place.trim_matches(|c: char| c.is_whitespace() || "、,・＝=".contains(c));
    let date = date.trim().trim_end_matches('발');
    Some(opening((!place.is_empty()).then_some(place), (!date.is_empty()).then_some(date), agency))
}

/// `新华社北京4月23日电`: agency, place, date, and the word for "wire"; in `中央社記者王小明台北23日電` the reporter stands between.
fn wired(text: &str) -> Option<Opening> {
    let agency = WIRES.iter().find(|agency| text.starts_with(**agency))?;
    let mut rest = &text[agency.len()..];
    if let Some(named) = rest.strip_prefix("記者").or_else(|| rest.strip_prefix("记者")) {
        // A name of three characters is the rule.
        rest = &named[named.char_indices().nth(3)?.0..];
    }
    let digit = rest.find(|c: char| c.is_ascii_digit()).filter(|at| (3..=36).contains(at))?;
    let end = rest.find('日').filter(|end| *end > digit)? + '日'.len_utf8();
    let wire = ["电", "電", "專電", "专电", "综合", "綜合", "消息"].iter().any(|word| rest[end..].starts_with(word));
    wire.then(|| opening(Some(&rest[..digit]), Some(&rest[digit..end]), agency))
}

fn opening(place: Option<&str>, date: Option<&str>, agency: &str) -> Opening {
    Opening { place: place.map(str::to_owned), date: date.map(str::to_owned), agency: Some(agency.to_owned()) }
}
