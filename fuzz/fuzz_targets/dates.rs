//! Text to a time: what is read can be written and read again.
#![no_main]

use wireroom::calendar;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let assume = wireroom_fuzz::assume();
    if let Some(time) = calendar::parse(text, &assume) {
        let written = calendar::to_iso_in(&time, assume.timezone);
        let again = calendar::parse(&written, &assume).unwrap_or_else(|| panic!("{written:?} of {text:?} cannot be read"));
        assert_eq!(again.at, time.at, "{written:?} of {text:?}");
    }
    let _ = calendar::find(text, &assume);
});
