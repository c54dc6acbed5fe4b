//! Redirects, followed by ourselves: so many, to the web only, never in a circle, never from https to http.

use reqwest::header::{HeaderValue, LOCATION};
use reqwest::{Response, StatusCode};

use crate::address;
use crate::model::Url;

use super::Error;
use super::guard::shown;

/// The way from what was asked for to what answers.
#[derive(Debug)]
pub(super) struct Trail {
    /// Every address asked, the first one first.
    hops: Vec<Url>,
    limit: usize,
    permanent: bool,
}

impl Trail {
    pub(super) fn new(start: Url, limit: usize) -> Trail {
        Trail { hops: vec![start], limit, permanent: true }
    }

    /// Where the request stands.
    pub(super) fn here(&self) -> &Url {
        self.hops.last().expect("a trail begins with its start")
    }

    /// Every address asked, the first one first.
    pub(super) fn hops(&self) -> &[Url] {
        &self.hops
    }

    /// Who led here, if anybody did.
    pub(super) fn before(&self) -> Option<&Url> {
        self.hops.len().checked_sub(2).and_then(|at| self.hops.get(at))
    }

    /// What was asked for.
    pub(super) fn start(&self) -> &Url {
        self.hops.first().expect("a trail begins with its start")
    }

    /// Whether this is the address that was asked for.
    pub(super) fn is_start(&self) -> bool {
        self.hops.len() == 1
    }

    /// Whether what stands here stands for what was asked for: no step on the way, or only permanent ones.
    pub(super) fn is_lasting(&self) -> bool {
        self.permanent
    }

    /// Whether this is what was asked for, if only by another scheme, and for good.
    pub(super) fn is_same_document(&self) -> bool {
        let (start, here) = (self.start(), self.here());
        let is_upgrade =
            address::host_key(start) == address::host_key(here) && (start.path(), start.query()) == (here.path(), here.query());
        self.is_start() || self.permanent && is_upgrade
    }

    /// The new address, if there is one and every step to it was permanent (RFC 9110 §15.4.2,
    /// §15.4.9). What a stranger says never turns a public address into a private one for good.
    pub(super) fn moved_to(&self, is_private: impl Fn(&Url) -> bool) -> Option<&Url> {
        let here = self.here();
        (!self.is_start() && self.permanent && (is_private(self.start()) || !is_private(here))).then_some(here)
    }

    /// Takes the step that a redirect asks for; false if the answer is no redirect.
    pub(super) fn follow(&mut self, response: &Response) -> Result<bool, Error> {
        let location = response.headers().get(LOCATION).map(HeaderValue::as_bytes);
        self.step(response.status(), location.unwrap_or_default())
    }

    fn step(&mut self, status: StatusCode, location: &[u8]) -> Result<bool, Error> {
        if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return Ok(false);
        }
        let target = self.target(&String::from_utf8_lossy(location))?;
        if self.hops.contains(&target) {
            return Err(Error::RedirectLoop { url: shown(&target) });
        }
        if self.hops.len() > self.limit {
            return Err(Error::TooManyRedirects { url: shown(self.start()), limit: self.limit });
        }
        self.permanent &= matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
        self.hops.push(target);
        Ok(true)
    }

    fn target(&self, location: &str) -> Result<Url, Error> {
        let here = self.here();
        match address::resolve(Some(here), location) {
            Some(target) if here.scheme() == "http" || target.scheme() == "https" => Ok(target),
            // What was refused is shown only as far as it is an address.
            refused => {
                let target = refused.or_else(|| here.join(location).ok());
                let target = target.map_or_else(|| "no address".to_owned(), |target| shown(&target));
                Err(Error::BadRedirect { url: shown(here), target })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No certificate is trusted on loopback, so that this step is shown here.
    #[test]
    fn https_never_leads_to_http() {
        let start = || Trail::new("https://example.org/a".parse().unwrap(), 5);
        for location in ["http://example.org/a", "HTTP://example.org/b", "http://other.example/"] {
            let error = start().step(StatusCode::FOUND, location.as_bytes()).unwrap_err();
            assert_eq!(error.class(), "bad_redirect", "{location}");
        }
        for location in ["https://other.example/", "//other.example/", "/b"] {
            assert!(start().step(StatusCode::FOUND, location.as_bytes()).unwrap(), "{location}");
        }
        let mut upgraded = Trail::new("http://example.org/a".parse().unwrap(), 5);
        assert!(upgraded.step(StatusCode::MOVED_PERMANENTLY, b"https://example.org/a").unwrap());
        assert_eq!(upgraded.moved_to(|_| false).map(Url::as_str), Some("https://example.org/a"));
    }

    /// Nor can a change of scheme.
    #[test]
    fn another_scheme_is_the_same_document_and_another_path_or_host_is_not() {
        let cases = [
            (StatusCode::MOVED_PERMANENTLY, "https://example.org/a?b=c", true),
            (StatusCode::PERMANENT_REDIRECT, "https://example.org/a?b=c", true),
            (StatusCode::FOUND, "https://example.org/a?b=c", false),
            (StatusCode::MOVED_PERMANENTLY, "https://example.org/a?b=d", false),
            (StatusCode::MOVED_PERMANENTLY, "https://example.org/other?b=c", false),
            (StatusCode::MOVED_PERMANENTLY, "https://www.example.org/a?b=c", false),
        ];
        for (status, location, expected) in cases {
            let mut trail = Trail::new("http://example.org/a?b=c".parse().unwrap(), 5);
            assert!(trail.is_same_document() && trail.is_lasting());
            assert!(trail.step(status, location.as_bytes()).unwrap());
            assert_eq!(trail.is_same_document(), expected, "{status} {location}");
            assert_eq!(trail.is_lasting(), status != StatusCode::FOUND, "{status} {location}");
        }
    }

    /// A public host cannot stand on loopback either.
    #[test]
    fn a_public_feed_never_moves_to_a_private_address() {
        let mut trail = Trail::new("http://example.org/a".parse().unwrap(), 5);
        assert!(trail.step(StatusCode::MOVED_PERMANENTLY, b"http://lan.example/a").unwrap());
        let is_lan = |url: &Url| url.host_str() == Some("lan.example");
        assert_eq!(trail.moved_to(is_lan), None);
        assert!(trail.moved_to(|_| true).is_some() && trail.moved_to(|_| false).is_some());
    }
}
