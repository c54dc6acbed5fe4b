//! Dates as the press writes them, through `calendar::parse` and `calendar::find`.

use proptest::prelude::*;
use wireroom::calendar::{find, parse, to_iso, to_iso_in};
use wireroom::model::{Assume, Precision, PressTime, Timestamp, ZoneSource};

/// First sight of everything here, if nothing else is said.
const SEEN: &str = "2024-05-02T12:00:00Z";

fn assume<'a>(language: &'a str, timezone: &'a str) -> Assume<'a> {
    let some = |text: &'a str| if text.is_empty() { None } else { Some(text) };
    Assume { timezone: some(timezone), language: some(language), seen_at: SEEN.parse().expect("a constant instant") }
}

/// The instant in UTC, as fine as it was said, then what the page gave as offset, or who gave the zone.
fn shown(time: Option<PressTime>) -> String {
    let Some(time) = time else { return "none".into() };
    let at = time.at.to_string();
    let at = match time.precision {
        Precision::Instant => at.trim_end_matches('Z'),
        Precision::Minute => &at[..16],
        Precision::Day => &at[..if at[11..].starts_with("00:00") { 10 } else { 16 }],
    };
    let zone = match (time.zone_source, time.offset_minutes) {
        (ZoneSource::Page, Some(minutes)) => {
            format!("{}{:02}{:02}", if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60)
        }
        (ZoneSource::Source, None) => "source".into(),
        (ZoneSource::Assumed, None) => "assumed".into(),
        other => format!("{other:?}"),
    };
    format!("{at} {zone}")
}

#[track_caller]
fn check(language: &str, timezone: &str, table: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (text, expected) in table {
        let found = shown(parse(text, &assume(language, timezone)));
        if found != *expected {
            wrong.push(format!("{text:?}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

/// What a line of the table expects, or what was read, in one form: instant, offset that the text gave, precision, zone.
fn told(time: Option<PressTime>) -> String {
    let Some(time) = time else { return "none".into() };
    let offset = time.offset_minutes.map(|minutes| minutes.to_string()).unwrap_or_default();
    format!("{} {offset} {} {}", time.at, time.precision.as_str(), time.zone_source.as_str())
}

#[test]
fn every_line_of_the_table_is_read_exactly() {
    const TABLE: &str = include_str!("../fixtures/dates/dates.tsv");
    let (mut wrong, mut missing, mut invented, mut lines) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for line in TABLE.lines().filter(|line| !line.starts_with("# ")) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [text, timezone, language, expected, precision, zone_source, _] = cells[..] else {
            panic!("not seven cells: {line:?}");
        };
        lines += 1;
        let mut assume = assume(language, timezone);
        assume.seen_at = "2026-11-20T12:00:00Z".parse().expect("a constant instant");
        let expected = match expected.parse::<Timestamp>() {
            Ok(at) if expected.ends_with('Z') => format!("{at}  {precision} {zone_source}"),
            Ok(at) => {
                let (hours, minutes) = expected[expected.len() - 6..].split_once(':').expect("an offset");
                let hours: i32 = hours.parse().expect("hours");
                let minutes: i32 = minutes.parse().expect("minutes");
                let sign = if expected.as_bytes()[expected.len() - 6] == b'-' { -1 } else { 1 };
                format!("{at} {} {precision} {zone_source}", hours * 60 + sign * minutes)
            }
            Err(_) => "none".to_owned(),
        };
        let found = told(parse(text, &assume));
        if found != expected {
            let note = format!("{text:?} ({language}, {timezone}): {found}, not {expected}");
            match (found.as_str(), expected.as_str()) {
                ("none", _) => missing.push(note),
                (_, "none") => invented.push(note),
                _ => wrong.push(note),
            }
        }
    }
    assert!(lines >= 500, "{lines} lines");
    assert!(
        wrong.is_empty() && missing.is_empty() && invented.is_empty(),
        "of {lines} lines\n{} wrong:\n{}\n{} invented:\n{}\n{} missing:\n{}",
        wrong.len(),
        wrong.join("\n"),
        invented.len(),
        invented.join("\n"),
        missing.len(),
        missing.join("\n")
    );
}

#[test]
fn iso_8601_and_rfc_3339() {
    check(
        "",
        "",
        &[
            ("2024-04-23T21:00:00+04:00", "2024-04-23T17:00:00 +0400"),
            ("2024-04-23T21:00:00+0400", "2024-04-23T17:00:00 +0400"),
            ("2024-04-23T21:00:00+04", "2024-04-23T17:00:00 +0400"),
            ("2024-04-23T21:00:00 +04:00", "2024-04-23T17:00:00 +0400"),
            ("2024-04-23T17:00:00Z", "2024-04-23T17:00:00 +0000"),
            ("2024-04-23t17:00:00z", "2024-04-23T17:00:00 +0000"),
            ("2024-04-23T17:00:00.123Z", "2024-04-23T17:00:00.123 +0000"),
            ("2024-04-23T17:00:00,5Z", "2024-04-23T17:00:00.5 +0000"),
            ("2024-04-23T17:00:00.123456789012Z", "2024-04-23T17:00:00.123456789 +0000"),
            ("2024-04-23T17:00Z", "2024-04-23T17:00 +0000"),
            ("2024-04-23 17:00:00Z", "2024-04-23T17:00:00 +0000"),
            ("2024-04-23 17:00:00 UTC", "2024-04-23T17:00:00 +0000"),
            ("2024-04-23 17:00:00 +0000 UTC", "2024-04-23T17:00:00 +0000"),
            ("2024-04-23 17:00", "2024-04-23T17:00 assumed"),
            ("2024-04-23T17:00:00", "2024-04-23T17:00:00 assumed"),
            ("2024-04-23", "2024-04-23 assumed"),
            ("2024-04-23Z", "2024-04-23 +0000"),
            ("2024-04-23+04:00", "2024-04-22T20:00 +0400"),
            ("20240423T170000Z", "2024-04-23T17:00:00 +0000"),
            ("20240423T1700Z", "2024-04-23T17:00 +0000"),
            ("20240423T17Z", "2024-04-23T17:00 +0000"),
            ("20240423T170000+0400", "2024-04-23T13:00:00 +0400"),
            ("20240423", "2024-04-23 assumed"),
            ("20240423170005", "2024-04-23T17:00:05 assumed"),
            ("202404231700", "2024-04-23T17:00 assumed"),
            ("2024-W17-2", "2024-04-23 assumed"),
            ("2024W172", "2024-04-23 assumed"),
            ("2024-W17-2T17:00:00Z", "2024-04-23T17:00:00 +0000"),
            ("2024-114", "2024-04-23 assumed"),
            ("2024-114T17:00:00Z", "2024-04-23T17:00:00 +0000"),
            ("2024114T170000Z", "2024-04-23T17:00:00 +0000"),
            ("2024-04-23T24:00:00Z", "2024-04-24T00:00:00 +0000"),
            ("2024-04-23T9:05:00Z", "2024-04-23T09:05:00 +0000"),
            ("2024-4-3 9:5:7", "2024-04-03T09:05:07 assumed"),
            ("2024/04/23 17:00:00", "2024-04-23T17:00:00 assumed"),
            ("2020/1/10 14:33:00", "2020-01-10T14:33:00 assumed"),
            ("2024.04.23 17:00", "2024-04-23T17:00 assumed"),
            ("2023-06-30T23:59:60Z", "2023-06-30T23:59:59 +0000"),
            ("2023-06-08 23:56:58.0", "2023-06-08T23:56:58 assumed"),
            ("2024-04-23T21:00:00.000+04:00[Asia/Baku]", "2024-04-23T17:00:00 +0400"),
            ("2024-04-23T10:00:00-08:00", "2024-04-23T18:00:00 -0800"),
            ("2024-04-23T10:00:00−08:00", "2024-04-23T18:00:00 -0800"),
            ("2024-04-23T10:00:00-03:30", "2024-04-23T13:30:00 -0330"),
            ("2024-04-23T17:00:00+05:45", "2024-04-23T11:15:00 +0545"),
            ("(2024-04-23)", "2024-04-23 assumed"),
            ("1865-04-15", "1865-04-15 assumed"),
        ],
    );
}

#[test]
fn rfc_822_and_its_sins() {
    check(
        "",
        "",
        &[
            ("Tue, 23 Apr 2024 21:00:00 +0400", "2024-04-23T17:00:00 +0400"),
            ("Tue, 23 Apr 2024 17:00:00 GMT", "2024-04-23T17:00:00 +0000"),
            ("Tue, 23 Apr 2024 17:00 GMT", "2024-04-23T17:00 +0000"),
            ("Tue, 23 Apr 2024 17:00:00 UT", "2024-04-23T17:00:00 +0000"),
            ("Tue, 23 Apr 2024 17:00:00 Z", "2024-04-23T17:00:00 +0000"),
            ("23 Apr 2024 17:00:00 GMT", "2024-04-23T17:00:00 +0000"),
            ("23 Apr 24 17:00:00 GMT", "2024-04-23T17:00:00 +0000"),
            ("23 Apr 99 17:00:00 GMT", "1999-04-23T17:00:00 +0000"),
            ("23 Apr 103 17:00:00 GMT", "2003-04-23T17:00:00 +0000"),
            ("Tuesday, 23 April 2024 17:00:00 GMT", "2024-04-23T17:00:00 +0000"),
            ("Mon, 23 Apr 2024 17:00:00 GMT", "2024-04-23T17:00:00 +0000"),
            ("Tues, 23 Apr 2024 17:00:00 GMT", "2024-04-23T17:00:00 +0000"),
            ("Tue,23 Apr 2024 17:00:00 GMT", "2024-04-23T17:00:00 +0000"),
            ("Tue 23 Apr 2024 17:00:00 GMT", "2024-04-23T17:00:00 +0000"),
            ("TUE, 23 APR 2024 17:00:00 gmt", "2024-04-23T17:00:00 +0000"),
            ("Tue, 23 Apr, 2024 17:00:00 GMT", "2024-04-23T17:00:00 +0000"),
            ("Tue, Apr 23 2024 17:00:00 GMT", "2024-04-23T17:00:00 +0000"),
            ("Tue, April 23, 2024 17:00:00 GMT", "2024-04-23T17:00:00 +0000"),
            ("Tue, 3 Apr 2024 7:05:00 GMT", "2024-04-03T07:05:00 +0000"),
            ("Tue, 23 Apr 2024 17:00:5 GMT", "2024-04-23T17:00:05 +0000"),
            ("Tue, 23 Apr 2024 24:00:00 GMT", "2024-04-24T00:00:00 +0000"),
            ("Tue, 23 Apr 2024", "2024-04-23 assumed"),
            ("Tue, 23 Apr 2024 17:00:00", "2024-04-23T17:00:00 assumed"),
            ("Tue, 23 Apr 2024 21:00:00 +4:00", "2024-04-23T17:00:00 +0400"),
            ("Tue, 23 Apr 2024 21:00:00 +04:00", "2024-04-23T17:00:00 +0400"),
            ("Tue, 23 Apr 2024 21:00:00 GMT+4", "2024-04-23T17:00:00 +0400"),
            ("Tue, 23 Apr 2024 21:00:00 GMT+0400", "2024-04-23T17:00:00 +0400"),
            ("Tue, 23 Apr 2024 15:59:00 GMT-01:01", "2024-04-23T17:00:00 -0101"),
            ("Tue, 23 Apr 2024 13:00:00 EDT", "2024-04-23T17:00:00 -0400"),
            ("Tue, 23 Apr 2024 12:00:00 EST", "2024-04-23T17:00:00 -0500"),
            ("Tue, 23 Apr 2024 13:00:00 EST -0400", "2024-04-23T17:00:00 -0400"),
            ("Tue, 23 Apr 2024 13:00:00 ET", "2024-04-23T17:00:00 -0400"),
            ("Tue, 23 Jan 2024 12:00:00 ET", "2024-01-23T17:00:00 -0500"),
            ("Tue, 23 Apr 2024 09:00:00 PST", "2024-04-23T17:00:00 -0800"),
            ("Tue, 23 Apr 2024 10:00:00 PDT", "2024-04-23T17:00:00 -0700"),
            ("Tue, 23 Apr 2024 20:00:00 MSK", "2024-04-23T17:00:00 +0300"),
            ("Tue, 23 Apr 2024 18:00:00 CET", "2024-04-23T17:00:00 +0100"),
            ("Tue, 23 Apr 2024 19:00:00 CEST", "2024-04-23T17:00:00 +0200"),
            ("Tue, 23 Apr 2024 19:00:00 EET", "2024-04-23T17:00:00 +0200"),
            ("Tue, 23 Apr 2024 20:00:00 +0300 (MSK)", "2024-04-23T17:00:00 +0300"),
            ("Tue, 23 Apr 2024 19:00:00 MEST", "2024-04-23T17:00:00 +0200"),
            ("Tue, 23 Apr 2024 13:00:00 America/New_York", "2024-04-23T17:00:00 -0400"),
            ("Tue, 23 Jan 2024 12:00:00 America/New_York", "2024-01-23T17:00:00 -0500"),
            ("Tue, 23 Apr 2024 14:00:00 America/Argentina/Buenos_Aires", "2024-04-23T17:00:00 -0300"),
            ("Tue, 23 Apr 2024 20:00:00 Etc/GMT-3", "2024-04-23T17:00:00 +0300"),
            ("Tue, 23 Apr 2024 17:00:00 Etc/GMT", "2024-04-23T17:00:00 +0000"),
            ("Tue, 23-Apr-2024 17:00:00 GMT", "2024-04-23T17:00:00 +0000"),
            ("Tuesday, 23-Apr-24 17:00:00 GMT", "2024-04-23T17:00:00 +0000"),
            ("Tue Apr 23 17:00:00 2024", "2024-04-23T17:00:00 assumed"),
            ("Tue Apr  3 17:00:00 2024", "2024-04-03T17:00:00 assumed"),
            ("Fri Apr 28 19:20:36 CEST 2023", "2023-04-28T17:20:36 +0200"),
            ("Fri Apr 28 19:20:36 +0200 2023", "2023-04-28T17:20:36 +0200"),
            ("Fri Apr 28 19:20:36 2023 +0200", "2023-04-28T17:20:36 +0200"),
            ("Tue Apr 23 2024 20:00:00 GMT+0300 (Moscow Standard Time)", "2024-04-23T17:00:00 +0300"),
            ("Tue Mar 17 2020 21:48:00 GMT+0000 (Coordinated Universal Time)", "2020-03-17T21:48:00 +0000"),
            ("Sun Mar 01 10:00:00 2020", "2020-03-01T10:00:00 assumed"),
            ("Fri, 2006/09/15 08:19:53 EDT", "2006-09-15T12:19:53 -0400"),
            ("Tue, 23 Apr 2024 05:00:00 PM GMT", "2024-04-23T17:00:00 +0000"),
            ("Sept 3, 2023 10:00 AM", "2023-09-03T10:00 assumed"),
        ],
    );
}

#[test]
fn names_of_zones_that_mean_several_things() {
    check(
        "",
        "",
        &[
            ("Tue, 23 Apr 2024 22:30:00 IST", "2024-04-23T22:30:00 assumed"),
            ("Tue, 23 Apr 2024 18:00:00 BST", "2024-04-23T18:00:00 assumed"),
            ("Tue, 23 Apr 2024 12:00:00 CST", "2024-04-23T18:00:00 -0600"),
            ("Tue, 23 Apr 2024 12:00:00 XYZT", "none"),
        ],
    );
    check("en", "Asia/Kolkata", &[("Tue, 23 Apr 2024 22:30:00 IST", "2024-04-23T17:00:00 +0530")]);
    check("en-IN", "", &[("23 April 2024, 22:30 IST", "2024-04-23T17:00 +0530")]);
    check("he", "", &[("Tue, 23 Apr 2024 19:00:00 IST", "2024-04-23T17:00:00 +0200")]);
    check("en", "Europe/Dublin", &[("Tue, 23 Apr 2024 18:00:00 IST", "2024-04-23T17:00:00 +0100")]);
    check("en", "Europe/London", &[("Tue, 23 Apr 2024 18:00:00 BST", "2024-04-23T17:00:00 +0100")]);
    // A zone was said, and it is not the desk's own.
    check("en", "Asia/Tokyo", &[("Tue, 23 Apr 2024 22:30:00 IST", "2024-04-23T22:30:00 assumed")]);
    check("zh", "Asia/Shanghai", &[("Tue, 23 Apr 2024 12:00:00 CST", "2024-04-23T04:00:00 +0800")]);
    check("en", "Australia/Sydney", &[("Tue, 23 Apr 2024 12:00:00 EST", "2024-04-23T02:00:00 +1000")]);
}

#[test]
fn the_zone_of_the_source() {
    check(
        "en",
        "Asia/Baku",
        &[
            ("23 April 2024 21:00", "2024-04-23T17:00 source"),
            ("2024-04-23 21:00:00", "2024-04-23T17:00:00 source"),
            ("2024-04-23", "2024-04-22T20:00 source"),
            ("2024-04-23T21:00:00Z", "2024-04-23T21:00:00 +0000"),
        ],
    );
    check(
        "de",
        "Europe/Berlin",
        &[
            ("23.04.2024 21:00", "2024-04-23T19:00 source"),
            ("23.01.2024 21:00", "2024-01-23T20:00 source"),
            // The hour that summer time leaves out, and the one it brings twice.
            ("31.03.2024 02:30", "2024-03-31T01:30 source"),
            ("29.10.2023 02:30", "2023-10-29T00:30 source"),
        ],
    );
}

#[test]
fn what_stands_under_headlines() {
    check(
        "",
        "",
        &[
            ("23 April 2024 21:00 (UTC +04:00)", "2024-04-23T17:00 +0400"),
            ("April 23, 2024", "2024-04-23 assumed"),
            ("April 23, 2024 at 9:00 pm", "2024-04-23T21:00 assumed"),
            ("April 23, 2024 9:00 p.m. ET", "2024-04-24T01:00 -0400"),
            ("Apr. 23, 2024, 9 PM EDT", "2024-04-24T01:00 -0400"),
            ("12:30 a.m., April 23, 2024", "2024-04-23T00:30 assumed"),
            ("12:30 p.m., April 23, 2024", "2024-04-23T12:30 assumed"),
            ("April 23rd, 2024", "2024-04-23 assumed"),
            ("23rd of April 2024", "2024-04-23 assumed"),
            ("on April 23, 2024", "2024-04-23 assumed"),
            ("21:00, 23 April 2024", "2024-04-23T21:00 assumed"),
            ("21:00 GMT, 23 April 2024", "2024-04-23T21:00 +0000"),
            ("23 Apr 2024 | 21:00", "2024-04-23T21:00 assumed"),
            ("23 Apr 2024 - 21:00", "2024-04-23T21:00 assumed"),
            ("23 Apr 2024 • 21:00", "2024-04-23T21:00 assumed"),
            ("23-Apr-2024", "2024-04-23 assumed"),
            ("2024-Apr-23", "2024-04-23 assumed"),
            ("23.04.2024 21:00", "2024-04-23T21:00 assumed"),
            ("23.04.2024", "2024-04-23 assumed"),
            ("03.04.2024", "2024-04-03 assumed"),
            ("23/04/2024", "2024-04-23 assumed"),
            ("04/23/2024", "2024-04-23 assumed"),
            ("04/04/2024", "2024-04-04 assumed"),
            ("03/04/2024", "none"),
            ("03-04-2024", "none"),
            ("03/04/24", "none"),
            ("24/04/23", "none"),
            ("1713891600", "2024-04-23T17:00:00 +0000"),
            ("1713891600123", "2024-04-23T17:00:00.123 +0000"),
            ("1713891600.5", "2024-04-23T17:00:00 +0000"),
            ("23 April", "2024-04-23 assumed"),
            ("23 December", "2023-12-23 assumed"),
            ("23 April, 21:00", "2024-04-23T21:00 assumed"),
        ],
    );
    check(
        "en-US",
        "",
        &[
            ("03/04/2024", "2024-03-04 assumed"),
            ("03/04/24 9:00 PM", "2024-03-04T21:00 assumed"),
            // Dots say that the day comes first, the country that the month does.
            ("03.04.2024", "none"),
        ],
    );
    check("en-GB", "", &[("03/04/2024", "2024-04-03 assumed"), ("03/04/24", "2024-04-03 assumed")]);
    check("en", "", &[("03/04/2024", "none")]);
    check("en", "Asia/Baku", &[("03/04/2024 10:00", "2024-04-03T06:00 source")]);
    check("en", "America/Chicago", &[("03/04/2024 10:00", "2024-03-04T16:00 source")]);
    check("fr", "", &[("03/04/2024", "2024-04-03 assumed")]);
    check("ja", "", &[("03/04/2024", "none"), ("2024/04/03", "2024-04-03 assumed")]);
}

#[test]
fn months_of_many_languages() {
    check(
        "",
        "",
        &[
            ("23. April 2024, 21:00 Uhr", "2024-04-23T21:00 assumed"),
            ("Dienstag, 23. April 2024 um 21.30 Uhr", "2024-04-23T21:30 assumed"),
            ("Di., 5. März 2024", "2024-03-05 assumed"),
            ("5. Mrz. 2024", "2024-03-05 assumed"),
            ("1. Jänner 2024", "2024-01-01 assumed"),
            ("23. Dez. 2023 21 Uhr", "2023-12-23T21:00 assumed"),
            ("mardi 23 avril 2024 à 21h30", "2024-04-23T21:30 assumed"),
            ("1er février 2024", "2024-02-01 assumed"),
            ("mar. 5 mars 2024 21:00", "2024-03-05T21:00 assumed"),
            ("le 14 août 2023 à 9 h 05", "2023-08-14T09:05 assumed"),
            ("3 décembre 2023", "2023-12-03 assumed"),
            ("3 DECEMBRE 2023", "2023-12-03 assumed"),
            ("martes, 23 de abril de 2024 - 21:00 h", "2024-04-23T21:00 assumed"),
            ("mar, 23 abr 2024 21:00:00 +0200", "2024-04-23T19:00:00 +0200"),
            ("23 ENE 2024", "2024-01-23 assumed"),
            ("4 de ago. de 2023, 9:00 p. m.", "2023-08-04T21:00 assumed"),
            ("23 ottobre 2023 ore 21:00", "2023-10-23T21:00 assumed"),
            ("lun, 23 ott 2023 21:00:00 +0200", "2023-10-23T19:00:00 +0200"),
            ("3 giugno 2023", "2023-06-03 assumed"),
            ("terça-feira, 23 de abril de 2024 às 21h00", "2024-04-23T21:00 assumed"),
            ("2 out 2023", "2023-10-02 assumed"),
            ("23 de março de 2024", "2024-03-23 assumed"),
            ("23 kwietnia 2024 r., godz. 21:00", "2024-04-23T21:00 assumed"),
            ("3 października 2023", "2023-10-03 assumed"),
            ("23 апреля 2024, 21:00", "2024-04-23T21:00 assumed"),
            ("23 апреля 2024 года в 21:00", "2024-04-23T21:00 assumed"),
            ("Вт, 23 апр 2024 21:00:00 +0300", "2024-04-23T18:00:00 +0300"),
            ("23 мая 2023 г. 21:00 МСК", "2023-05-23T18:00 +0300"),
            ("21:00, 23 апреля 2024", "2024-04-23T21:00 assumed"),
            ("23 квітня 2024 р. 21:00", "2024-04-23T21:00 assumed"),
            ("п’ятниця, 3 листопада 2023", "2023-11-03 assumed"),
            ("7 лютого 2024", "2024-02-07 assumed"),
            ("23 aprel 2024, 21:00", "2024-04-23T21:00 assumed"),
            ("5 sentyabr 2023", "2023-09-05 assumed"),
            ("Çərşənbə axşamı, 23 aprel 2024", "2024-04-23 assumed"),
            ("12 iyun 2023 09:00", "2023-06-12T09:00 assumed"),
            ("23 Nisan 2024 Salı 21:00", "2024-04-23T21:00 assumed"),
            ("5 Ağustos 2023 - 21:00", "2023-08-05T21:00 assumed"),
            ("1 Şubat 2024", "2024-02-01 assumed"),
            ("10 KASIM 2023", "2023-11-10 assumed"),
            ("3 Aralık 2023", "2023-12-03 assumed"),
            ("الثلاثاء 23 أبريل 2024 - 21:00", "2024-04-23T21:00 assumed"),
            ("٢٣ أبريل ٢٠٢٤", "2024-04-23 assumed"),
            ("23 نيسان/أبريل 2024", "2024-04-23 assumed"),
            ("5 كانون الثاني 2024", "2024-01-05 assumed"),
            ("23 أبريل 2024 09:30 م", "2024-04-23T21:30 assumed"),
            ("23 अप्रैल 2024, 21:00", "2024-04-23T21:00 assumed"),
            ("२३ अप्रैल २०२४", "2024-04-23 assumed"),
            ("5 फ़रवरी 2024", "2024-02-05 assumed"),
            ("2024年4月23日 21:00", "2024-04-23T21:00 assumed"),
            ("2024年4月23日(火) 21時30分", "2024-04-23T21:30 assumed"),
            ("2024年04月23日 下午9:05", "2024-04-23T21:05 assumed"),
            ("2024年4月23日 星期二 21:00:15", "2024-04-23T21:00:15 assumed"),
            ("令和6年4月23日", "2024-04-23 assumed"),
            ("４月２３日 21:00", "2024-04-23T21:00 assumed"),
            ("2024. 4. 23. 오후 9:00", "2024-04-23T21:00 assumed"),
            ("2024년 4월 23일 화요일 오후 9시 30분", "2024-04-23T21:30 assumed"),
            ("2024.04.23 21:00", "2024-04-23T21:00 assumed"),
            ("2004-05-28 오후 11:23:17", "2004-05-28T23:23:17 assumed"),
            ("dinsdag 23 april 2024 21:00", "2024-04-23T21:00 assumed"),
            ("5 mrt. 2024 om 9.30 uur", "2024-03-05T09:30 assumed"),
            ("23 april 2024 kl 21.30", "2024-04-23T21:30 assumed"),
            ("5 maj 2023", "2023-05-05 assumed"),
            ("tirsdag 23. april 2024 kl. 21.30", "2024-04-23T21:30 assumed"),
            ("3. desember 2023", "2023-12-03 assumed"),
            ("23. huhtikuuta 2024 klo 21.30", "2024-04-23T21:30 assumed"),
            ("23.4.2024 21.30", "2024-04-23T21:30 assumed"),
            ("23. dubna 2024 21:00", "2024-04-23T21:00 assumed"),
            ("3. července 2023", "2023-07-03 assumed"),
            ("3. června 2023", "2023-06-03 assumed"),
            ("23 aprilie 2024, 21:00", "2024-04-23T21:00 assumed"),
            ("3 mai 2023", "2023-05-03 assumed"),
            ("2024. április 23., kedd 21:00", "2024-04-23T21:00 assumed"),
            ("2004-július-13T9:15-05:00", "2004-07-13T14:15 -0500"),
            ("2023. aug. 3.", "2023-08-03 assumed"),
            ("23 Απριλίου 2024, 21:00", "2024-04-23T21:00 assumed"),
            ("Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00 -0500"),
            ("23 ΜΑΡΤΙΟΥ 2024 9:30 μ.μ.", "2024-03-23T21:30 assumed"),
            ("23 април 2024 г.", "2024-04-23 assumed"),
            ("23. април 2024.", "2024-04-23 assumed"),
            ("2024 m. balandžio 23 d.", "2024-04-23 assumed"),
            ("2024. gada 23. aprīlis", "2024-04-23 assumed"),
            ("2024 жылғы 23 сәуір", "2024-04-23 assumed"),
            ("23 tháng 4, 2024", "2024-04-23 assumed"),
            ("23 Agustus 2023, 21:00 WIB", "2023-08-23T14:00 +0700"),
            ("23 באפריל 2024", "2024-04-23 assumed"),
            ("23 აპრილი 2024", "2024-04-23 assumed"),
            ("3 listopada 2023", "none"),
        ],
    );
    check("pl", "", &[("3 listopada 2023", "2023-11-03 assumed")]);
    check("hr", "", &[("3. listopada 2023.", "2023-10-03 assumed")]);
    check("uk", "", &[("3 листопада 2023", "2023-11-03 assumed")]);
    check("hu", "", &[("2024. április 23. du. 9:30", "2024-04-23T21:30 assumed")]);
}

/// Full names as they stand in a date, one row a language, January first.
const MONTHS: [(&str, &str); 30] = [
    ("en", "January February March April May June July August September October November December"),
    ("de", "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    ("fr", "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    ("es", "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    ("it", "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
    ("pt", "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
    ("pl", "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia"),
    ("ru", "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"),
    ("uk", "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня"),
    ("az", "yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr"),
    ("tr", "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık"),
    ("ar", "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر"),
    ("hi", "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर"),
    ("nl", "januari februari maart april mei juni juli augustus september oktober november december"),
    ("sv", "januari februari mars april maj juni juli augusti september oktober november december"),
    ("da", "januar februar marts april maj juni juli august september oktober november december"),
    ("nb", "januar februar mars april mai juni juli august september oktober november desember"),
    (
        "fi",
        "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
    ),
    ("cs", "ledna února března dubna května června července srpna září října listopadu prosince"),
    ("ro", "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie"),
    ("hu", "január február március április május június július augusztus szeptember október november december"),
    ("el", "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου Νοεμβρίου Δεκεμβρίου"),
    ("bg", "януари февруари март април май юни юли август септември октомври ноември декември"),
    ("ka", "იანვარი თებერვალი მარტი აპრილი მაისი ივნისი ივლისი აგვისტო სექტემბერი ოქტომბერი ნოემბერი დეკემბერი"),
    ("hr", "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca"),
    ("id", "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember"),
    ("fa", "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر"),
    ("he", "בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר"),
    ("kk", "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан"),
    ("lt", "sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio"),
];

#[test]
fn every_month_of_thirty_languages() {
    for (language, names) in MONTHS {
        let names: Vec<&str> = names.split(' ').collect();
        assert_eq!(names.len(), 12, "{language}");
        for (number, name) in (1..).zip(names) {
            let expected = format!("2023-{number:02}-14T09:05 source");
            for text in [
                format!("14 {name} 2023 09:05"),
                format!("14. {name} 2023, 09:05"),
                format!("{} 14 2023 09:05", name.to_uppercase()),
            ] {
                assert_eq!(shown(parse(&text, &assume(language, "UTC"))), expected, "{text}");
            }
            // Without the language, the same or nothing: never another month.
            let unknown = shown(parse(&format!("14 {name} 2023 09:05"), &assume("", "UTC")));
            assert!(unknown == expected || unknown == "none", "{name}: {unknown}");
        }
    }
}

#[test]
fn what_is_no_date() {
    check(
        "en-GB",
        "Europe/London",
        &[
            ("", "none"),
            ("yesterday", "none"),
            ("2 hours ago", "none"),
            ("just now", "none"),
            ("7m ago", "none"),
            ("7 m ago", "none"),
            ("2 d ago", "none"),
            ("5 out", "none"),
            ("19.1.23, 10:00-11:30 Uhr", "none"),
            ("Mo - Fr 9:00 - 18:00 Uhr", "none"),
            ("3 min | May", "none"),
            ("60 min.", "none"),
            ("12 sets", "none"),
            ("Tuesday", "none"),
            ("April", "none"),
            ("April 2024", "none"),
            ("2024", "none"),
            ("2024-04", "none"),
            ("21:00", "none"),
            ("12", "none"),
            ("123456", "none"),
            ("123456789", "none"),
            ("292277026596", "none"),
            ("99999999999999999999999", "none"),
            ("0000-00-00 00:00:00", "none"),
            ("0000-01-01T00:00:00Z", "none"),
            ("0001-01-01T00:00:00Z", "none"),
            ("-0001-11-30T00:00:00Z", "none"),
            ("9999-12-31T23:59:59Z", "none"),
            ("2025-06-01T00:00:00Z", "none"),
            ("2024-04-23T21:00:00+99:99", "none"),
            ("2024-04-23T21:00:00+15:00", "none"),
            ("2024-04-23T21:00:00+04:75", "none"),
            ("2024-04-23T25:00:00Z", "none"),
            ("2024-04-23T21:61:00Z", "none"),
            ("2024-13-01", "none"),
            ("2024-02-30", "none"),
            ("2023-02-29", "none"),
            ("31 February 2024", "none"),
            ("31 April 2024", "none"),
            ("32 April 2024", "none"),
            ("0 April 2024", "none"),
            ("13/13/2024", "none"),
            ("1.2.3", "none"),
            ("10.0.0.1", "none"),
            ("+994 12 404 25 19", "none"),
            ("ISBN 978-3-16-148410-0", "none"),
            ("Flight 23 April", "none"),
            ("23 April 2024 and more", "none"),
            ("Volume 23 April 2024 21:00", "none"),
            ("1403/02/04", "none"),
            ("۱۴۰۳/۰۲/۰۴", "none"),
            ("2567-04-23", "none"),
            ("May 12 people", "none"),
            ("24:30 23 April 2024", "none"),
            ("20249999", "none"),
            ("Apr 2024 23:00", "none"),
        ],
    );
}

#[test]
fn dates_within_lines() {
    let table = [
        ("Politics Materials 23 April 2024 21:00 (UTC +04:00)", "2024-04-23T17:00 +0400"),
        ("Updated: 12 May 2023, 10:05 GMT", "2023-05-12T10:05 +0000"),
        ("By A. Reporter | April 23, 2024 9:00 p.m. ET | 5 min read", "2024-04-24T01:00 -0400"),
        ("Published 23 April 2024, updated 24 April 2024 10:00", "2024-04-23 assumed"),
        ("Economy 12:30 | Materials 23 April 2024 21:00", "2024-04-23T21:00 assumed"),
        ("Опубликовано: 23 апреля 2024, 21:00", "2024-04-23T21:00 assumed"),
        ("Veröffentlicht am 23.04.2024 um 21:00 Uhr", "2024-04-23T21:00 assumed"),
        ("Stand: 23.04.2024, 21:00 Uhr", "2024-04-23T21:00 assumed"),
        ("基事 2024年4月23日 21:00 更新", "2024-04-23T21:00 assumed"),
        ("입력 2024.04.23 21:00 수정 2024.04.23 22:00", "2024-04-23T21:00 assumed"),
        ("Publié le 23 avril 2024 à 21h30 par la rédaction", "2024-04-23T21:30 assumed"),
        ("Posted 10:05 GMT 12 May 2023 in News", "2023-05-12T10:05 +0000"),
        ("Last modified 2024-04-23T21:00:00+04:00.", "2024-04-23T17:00:00 +0400"),
        ("Time: 2024-04-23 21:00", "2024-04-23T21:00 assumed"),
        ("23 April, 21:00", "2024-04-23T21:00 assumed"),
        ("Version 1.2.2024.7 released", "none"),
        ("host 10.12.20.24", "none"),
        ("In May 12 people were hurt", "none"),
        ("call 03-04-2024-55", "none"),
        ("The 2024 budget of 23 billion", "none"),
        ("room 23 april", "none"),
        ("score 21:00 to 19:30", "none"),
        ("1713891600", "none"),
        ("20240423", "none"),
        ("", "none"),
    ];
    let mut wrong = Vec::new();
    for (line, expected) in table {
        let found = shown(find(line, &assume("", "")));
        if found != expected {
            wrong.push(format!("{line:?}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn written_as_iso_8601() {
    let written = |text: &str, timezone: &str| {
        let time = parse(text, &assume("", timezone)).unwrap();
        (to_iso(&time), to_iso_in(&time, Some(timezone)))
    };
    let both = |text: &str| (text.to_owned(), text.to_owned());
    assert_eq!(written("2024-04-23 21:00:00 +0400", "UTC"), both("2024-04-23T21:00:00+04:00"));
    assert_eq!(written("2024-04-23 21:00:00 -03:30", "UTC"), both("2024-04-23T21:00:00-03:30"));
    assert_eq!(written("2024-04-23 21:00 GMT", "UTC"), both("2024-04-23T21:00:00+00:00"));
    assert_eq!(written("2024-04-23", "Asia/Baku"), both("2024-04-23"));
    assert_eq!(written("2024-04-23", "America/Los_Angeles"), both("2024-04-23"));
    assert_eq!(written("2024-04-23 21:00", "Asia/Baku").1, "2024-04-23T21:00:00");
}

#[test]
fn an_instant_after_the_first_sight_is_returned_as_it_stands() {
    let time = parse("2024-05-20T00:00:00Z", &assume("", "")).unwrap();
    assert_eq!(time.at, "2024-05-20T00:00:00Z".parse::<Timestamp>().unwrap());
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,120}") {
        let _ = parse(&text, &assume("", ""));
        let _ = find(&text, &assume("en-US", "Asia/Baku"));
    }

    #[test]
    fn anything_like_a_date_is_read_without_panic(
        parts in proptest::collection::vec("[0-9]{1,5}|[./:+ ,()-]|T|Z|W|Apr|Tue|GMT|am|年|月|日|오후|апреля|Europe/Berlin|h|Uhr|of", 0..16),
        language in "|en|en-US|de|ko|hu|fa",
    ) {
        let text = parts.concat();
        for time in [parse(&text, &assume(&language, "")), find(&text, &assume(&language, "Asia/Baku"))].into_iter().flatten() {
            // What was read can be written and read again as the same instant.
            let again = parse(&to_iso(&time), &assume("", "")).map(|it| it.at);
            if time.offset_minutes.is_some() && time.precision != Precision::Day {
                prop_assert_eq!(again, Some(time.at));
            }
        }
    }

    #[test]
    fn every_instant_comes_back(seconds in 0i64..1_700_000_000, minutes in -12i16 * 60..14 * 60) {
        let time = PressTime {
            at: Timestamp::from_second(seconds).unwrap(),
            offset_minutes: Some(minutes),
            precision: Precision::Instant,
            zone_source: ZoneSource::Page,
        };
        prop_assert_eq!(parse(&to_iso(&time), &assume("", "")), Some(time));
    }

    #[test]
    fn what_is_read_is_sober(
        parts in proptest::collection::vec(
            "[0-9]{1,4}|[0-9]{2}:[0-9]{2}|[./:+ ,()-]| |T|Z|Mar|Tuesday|CST|IST|MSK|am|午後|مارس|марта|اسفند|มี.ค.|[+-][0-9]{4}|令和|UTC|24:00",
            0..14,
        ),
        language in "|en|en-US|de|ko|fa|th|ar|zh",
        zone in "|Asia/Baku|America/New_York|Australia/Lord_Howe",
    ) {
        let text = parts.concat();
        let assume = assume(&language, &zone);
        for read in [parse, find] {
            let found = read(&text, &assume);
            prop_assert_eq!(found, read(&text, &assume), "one text, one meaning");
            let Some(time) = found else { continue };
            let said_zone = time.zone_source == ZoneSource::Page;
            prop_assert_eq!(said_zone, time.offset_minutes.is_some(), "an offset is kept exactly when the text gave it");
            prop_assert!(time.offset_minutes.is_none_or(|minutes| minutes.abs() <= 18 * 60), "{:?}", time);
            prop_assert!(time.zone_source != ZoneSource::Source || !zone.is_empty());
            let shown = to_iso_in(&time, Some(zone.as_str()).filter(|it| !it.is_empty()));
            match time.precision {
                Precision::Day => prop_assert_eq!(shown.len(), 10),
                Precision::Minute => prop_assert_eq!(&shown[16..19], ":00"),
                Precision::Instant => {}
            }
            prop_assert!(time.at <= assume.seen_at.checked_add(days(366)).unwrap(), "nothing from the far future");
        }
    }

    #[test]
    fn an_instant_written_as_rfc_2822_comes_back(seconds in -11_000_000_000i64..1_740_000_000, minutes in -18i16 * 4..=14 * 4) {
        let minutes = (minutes * 15).max(-12 * 60);
        let time = PressTime {
            at: Timestamp::from_second(seconds).unwrap(),
            offset_minutes: Some(minutes),
            precision: Precision::Instant,
            zone_source: ZoneSource::Page,
        };
        let iso = to_iso(&time);
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let month = months[iso[5..7].parse::<usize>().unwrap() - 1];
        let text = format!("{} {month} {} {} {}", &iso[8..10], &iso[..4], &iso[11..19], iso[19..].replace(':', ""));
        prop_assert_eq!(parse(&text, &assume("", "")), Some(time), "{}", text);
    }

    /// Known parts put together in the ways of feeds and pages mean what the parts mean, or nothing.
    #[test]
    fn known_parts_together_mean_what_they_mean(
        (year, month, day) in (1995i32..=2023, 1usize..=12, 1u32..=28),
        (hour, minute, second) in (0u32..24, 0u32..60, 0u32..60),
        (date, clock, zone, between) in (0usize..14, 0usize..7, 0usize..16, 0usize..7),
        time_first in proptest::bool::weighted(0.15),
    ) {
        const NAMES: [&str; 12] =
            ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
        let (name, short) = (NAMES[month - 1], &NAMES[month - 1][..3]);
        let date = match date {
            0 => format!("{year}-{month:02}-{day:02}"),
            1 => format!("{year}/{month}/{day}"),
            2 => format!("{year}.{month:02}.{day:02}"),
            3 => format!("{day} {short} {year}"),
            4 => format!("{day:02} {name} {year}"),
            5 => format!("{short} {day}, {year}"),
            6 => format!("{name} {day} {year}"),
            7 => format!("{day}-{short}-{year}"),
            8 => format!("{day:02}.{month:02}.{year}"),
            9 => format!("{day:02}/{month:02}/{year}"),
            10 => format!("{day:02} {short} {:02}", year % 100),
            11 => format!("{day}.{month}.{:02}", year % 100),
            12 => format!("{year}{month:02}{day:02}"),
            _ => format!("{year}-{short}-{day:02}"),
        };
        let (half, twelve) = (if hour < 12 { "AM" } else { "PM" }, if hour % 12 == 0 { 12 } else { hour % 12 });
        let (clock, shown) = match clock {
            0 => (format!("{hour:02}:{minute:02}"), 0),
            1 => (format!("{hour}:{minute:02}:{second:02}"), second),
            2 => (format!("{twelve}:{minute:02} {half}"), 0),
            3 => (format!("{twelve:02}:{minute:02}:{second:02}{half}"), second),
            4 => (format!("{hour}h{minute:02}"), 0),
            5 => (format!("{hour:02}.{minute:02}"), 0),
            _ => (format!("{hour:02}:{minute:02} Uhr"), 0),
        };
        const ZONES: [(&str, i32); 16] = [
            ("", 0), (" Z", 0), (" UTC", 0), (" GMT", 0), (" +0400", 240), ("+04:00", 240), (" -0500", -300), (" -05:00", -300), ("-05:00", -300),
            ("-0330", -210), (" EST", -300), (" CET", 60), (" GMT+3", 180), (" (UTC +04:00)", 240), (" UTC-5", -300), (" (EST)", -300),
        ];
        let (zone, offset) = ZONES[zone];
        let between = [" ", ", ", "T", " - ", " | ", " at ", " / "][between];
        let text = if time_first { format!("{clock}{zone}, {date}") } else { format!("{date}{between}{clock}{zone}") };
        let sign = if offset < 0 { '-' } else { '+' };
        let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
        let told = format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{shown:02}{sign}{hours:02}:{minutes:02}");
        let told: Timestamp = told.parse().expect("a plain form");
        if let Some(time) = parse(&text, &assume("en-GB", "")) {
            prop_assert_eq!(time.at, told, "{}", text);
        }
    }

    /// A wall clock of a desk is read back as written; in the hour that summer time leaves out it is moved on, and of the
    /// hour that comes twice it is the first.
    #[test]
    fn wall_clocks_of_a_desk_come_back(
        minute in 0i64..60 * 24 * 366 * 20,
        zone in "Europe/Berlin|America/New_York|America/Sao_Paulo|Asia/Baku|Asia/Tehran|Australia/Lord_Howe|Africa/Casablanca|Pacific/Apia|Asia/Kolkata",
    ) {
        // By UTC, so that gaps and overlaps are met as often as other minutes are.
        let wall = Timestamp::from_second(1_070_000_000 + minute * 60).unwrap().to_string();
        let (day, clock) = (&wall[..10], &wall[11..16]);
        let time = parse(&format!("{day} {clock}"), &assume("", &zone)).expect("a date");
        let back = to_iso_in(&time, Some(&zone));
        prop_assert!(back[..16] >= wall[..16], "{} became {}", wall, back);
        if back[..16] == wall[..16] {
            for earlier in [30, 60, 120] {
                let before = PressTime { at: time.at.checked_sub(minutes_long(earlier)).unwrap(), ..time };
                prop_assert_ne!(to_iso_in(&before, Some(&zone)), back.clone(), "the first of two");
            }
        }
    }
}

#[test]
fn the_end_of_a_short_date_is_no_date() {
    let found = |text: &str| shown(find(text, &assume("en-GB", "")));
    assert_eq!(found("Fri, 27 Jul 07, 22.16"), "2007-07-27T22:16 assumed");
    assert_eq!(found("Filed 14:47 -05:00 08-May-2023"), "2023-05-08T19:47 -0500");
}

fn days(days: i64) -> std::time::Duration {
    std::time::Duration::from_secs(days as u64 * 86_400)
}

fn minutes_long(minutes: u64) -> std::time::Duration {
    std::time::Duration::from_secs(minutes * 60)
}

#[test]
fn a_megabyte_that_is_no_date_costs_nothing() {
    let begun = tokio::time::Instant::now();
    for piece in
        ["1", "(", "12:", "2024-04-", "Mar ", "2024年", "America/", "+0400 ", " ", "\u{200e}", "Eastern ", "لل", "م.", "a.m. "]
    {
        let text = piece.repeat(1 << 20 >> piece.len().ilog2());
        for (language, zone) in [("", ""), ("en-US", "Asia/Baku"), ("fa", ""), ("ko", "Asia/Seoul")] {
            let assume = assume(language, zone);
            let _ = (parse(&text, &assume), find(&text, &assume));
            // As much of it as is read at all.
            let end = (0..=200).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            let _ = (parse(&text[..end], &assume), find(&text[..end], &assume));
        }
    }
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}
