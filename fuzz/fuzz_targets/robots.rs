//! Bytes to the rules of a robots.txt, and paths held against them.
#![no_main]

use wireroom::fetch::robots;

libfuzzer_sys::fuzz_target!(|input: (&[u8], &str)| {
    let (bytes, path) = input;
    let rules = robots::parse(bytes, "wireroom");
    let _ = (rules.allows(path), rules.allows("/"), rules.crawl_delay());
});
