//! An answer before it is sent: status, header fields, bytes.

use crate::dice::fnv;

/// An answer. `Content-Length`, `Date` and `Connection` are the server's to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Header fields.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// A short text under this status.
    pub fn status(status: u16) -> Self {
        let body = if matches!(status, 204 | 304) { String::new() } else { format!("{status} {}\n", reason(status)) };
        Response::bytes("text/plain; charset=utf-8", body).with_status(status)
    }

    /// 200 with an HTML page in UTF-8.
    pub fn html(body: impl Into<Vec<u8>>) -> Self {
        Response::bytes("text/html; charset=utf-8", body)
    }

    /// 200 with these bytes.
    pub fn bytes(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Response { status: 200, headers: vec![("Content-Type".to_owned(), content_type.to_owned())], body: body.into() }
    }

    /// The same under another status.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same with this header field, in place of one of the same name.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with a strong `ETag` made from the body, so that conditions are honoured.
    pub fn with_etag(self) -> Self {
        let tag = etag(&self.body);
        self.with_header("ETag", &tag)
    }

    /// The first header field of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A strong entity tag.
pub(crate) fn etag(body: &[u8]) -> String {
    format!("\"{:016x}\"", fnv(body))
}

/// The reason phrase.
pub(crate) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        410 => "Gone",
        414 => "URI Too Long",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}
