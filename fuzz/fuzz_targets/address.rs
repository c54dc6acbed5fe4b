//! Text to an address: resolving is stable, and a page has one key.
#![no_main]

use wireroom::address;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let base = wireroom_fuzz::document(b"", None).url;
    if let Some(url) = address::resolve(Some(&base), text) {
        assert_eq!(address::resolve(None, url.as_str()).as_ref().map(address::key), Some(address::key(&url)), "{text:?}");
        let _ = (address::host_key(&url), address::registrable_domain(&url), address::is_root_or_section(&url));
        assert!(address::same_site(&url, &url) || url.host_str().is_none(), "{url}");
    }
});
