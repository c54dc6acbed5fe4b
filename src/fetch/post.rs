//! A form sent to a hub: the one request that is no GET, with the same guard, pace and limits.

use reqwest::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Client, StatusCode};

use crate::address;
use crate::model::{HostState, Url};

use super::guard::{self, shown};
use super::visit::{Budget, Visit};
use super::{Error, Fetcher};

/// Most redirects that keep the method (307, 308) and are followed.
const MOST_REDIRECTS: usize = 2;

impl Fetcher {
    /// Sends a form at the host's pace; any 2xx is a success, and its body is not read. robots.txt is not asked: a hub is
    /// an interface that a feed names for this, and not crawled.
    pub async fn post(&self, url: &Url, form: &[(&str, &str)], host: &HostState) -> (Result<(), Error>, HostState) {
        let mut visit = Visit::new(self, url, host);
        let answer = self.send_form(&mut visit, url, form).await;
        (answer, visit.state)
    }

    async fn send_form(&self, visit: &mut Visit<'_>, url: &Url, form: &[(&str, &str)]) -> Result<(), Error> {
        let inner = &self.inner;
        let mut budget = Budget::new(inner.limits.timeout);
        let mut here = url.clone();
        for _ in 0..=MOST_REDIRECTS {
            guard::check(&here, inner.clients.exceptions())?;
            visit.meet(&here).await;
            let _turn = visit.turn(&here).await?;
            visit.begin();
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            let post = |client: &Client| client.post(here.clone()).header(CONTENT_TYPE, kind).body(encoded(form));
            let response = visit.pass(&here, &mut budget, post).await?;
            let status = response.status();
            if status.is_success() {
                return Ok(());
            }
            if !matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT) {
                return Err(visit.refusal(&here, status, response.headers()));
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let next = address::resolve(Some(&here), location)
                .filter(|next| self.may_lead(&here, next) && (next.scheme() == "https" || here.scheme() == "http"));
            here = next.ok_or_else(|| Error::BadRedirect {
                url: shown(&here),
                target: location.chars().filter(|c| !c.is_control()).take(100).collect(),
            })?;
        }
        Err(Error::TooManyRedirects { url: shown(url), limit: MOST_REDIRECTS })
    }
}

/// A form as a body has it.
fn encoded(form: &[(&str, &str)]) -> String {
    let Ok(mut carrier) = Url::parse("form:?") else { return String::new() };
    carrier.query_pairs_mut().extend_pairs(form);
    carrier.query().unwrap_or_default().to_owned()
}
