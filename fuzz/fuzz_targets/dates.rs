//! Text to a time: what is read with its zone can be written and read again.
#![no_main]

use wireroom::calendar;
use wireroom::model::{Precision, ZoneSource};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let assume = wireroom_fuzz::assume();
    // A zone that was assumed is not written down, so that only a time with its own can be read back without the text.
    if let Some(time) = calendar::parse(text, &assume).filter(|time| time.zone_source == ZoneSource::Page && time.precision != Precision::Day) {
        let written = calendar::to_iso(&time);
        let again = calendar::parse(&written, &assume).unwrap_or_else(|| panic!("{written:?} of {text:?} cannot be read"));
        assert_eq!(again.at, time.at, "{written:?} of {text:?}");
    }
    let _ = calendar::find(text, &assume);
});
