//! What the fuzz targets share: bytes as if they had been fetched, and the instant of the look.

use wireroom::model::{Assume, Document, Head, Timestamp, Url, Validators};

/// When everything was seen.
pub fn seen() -> Timestamp {
    Timestamp::from_second(1_714_651_200).expect("an instant")
}

/// What is assumed of dates.
pub fn assume() -> Assume<'static> {
    Assume { timezone: Some("Asia/Baku"), language: Some("en"), seen_at: seen() }
}

/// Bytes as if they had been fetched.
pub fn document(body: &[u8], content_type: Option<&str>) -> Document {
    let url = Url::parse("https://desk.example.org/feeds/all.xml").expect("an address");
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: seen(),
        fields: Vec::new(),
    };
    Document { url, head, content_type: content_type.map(Into::into), content_language: None, body: body.to_vec(), complete: true }
}

/// Reads a feed twice: the same must come of it, and nothing impossible.
pub fn read_feed(bytes: &[u8], kind: wireroom::model::FeedKind) {
    use wireroom::feed::{self, Reading};
    let document = document(bytes, None);
    let reading = Reading { kind, assume: assume() };
    let first = feed::parse(&document, &reading);
    let second = feed::parse(&document, &reading);
    match (first, second) {
        (Ok(first), Ok(second)) => {
            assert_eq!(first.entries, second.entries);
            assert!(first.entries.len() <= feed::MOST_ENTRIES);
            assert!(first.entries.iter().all(|entry| entry.id.as_ref().is_none_or(|id| id.len() <= 4096)));
        }
        (Err(first), Err(second)) => assert_eq!(first.to_string(), second.to_string()),
        _ => panic!("read and not read"),
    }
}
