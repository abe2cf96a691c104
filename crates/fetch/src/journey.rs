//! One fetch on its way through redirects, and the answer at each stop.

use std::collections::HashSet;
use std::time::Duration;

use diembao_news::CanonicalUrl;
use reqwest::StatusCode;
use reqwest::header::{self, HeaderMap};
use url::Url;

use crate::error::{FetchError, Problem};
use crate::fetcher::{Body, Fetched, timeout};
use crate::hints::{self, CacheHints, Validators};
use crate::settings::Limits;

/// Where a fetch is, where it has been, and what it has used up.
pub(crate) struct Journey {
    pub(crate) url: Url,
    pub(crate) seen: HashSet<Url>,
    pub(crate) permanent: bool,
    pub(crate) elapsed: Duration,
    pub(crate) whole: Duration,
}

impl Journey {
    pub(crate) fn new(url: Url, whole: Duration) -> Self {
        let seen = HashSet::from([url.clone()]);
        Self { url, seen, permanent: true, elapsed: Duration::ZERO, whole }
    }

    pub(crate) fn fail(&self, problem: Problem) -> FetchError {
        FetchError::new(self.url.as_str(), problem)
    }

    /// The host wants to be left alone for so much longer.
    pub(crate) fn held_off(&self, left: Duration) -> FetchError {
        self.fail(Problem::HeldOff(left.as_secs() + 1)).with_retry_after(Some(left))
    }

    pub(crate) fn follow(&mut self, next: Url, status: StatusCode, limits: &Limits) -> Result<(), FetchError> {
        if self.seen.contains(&next) {
            return Err(self.fail(Problem::RedirectLoop));
        }
        if self.seen.len() > limits.max_redirects {
            return Err(self.fail(Problem::TooManyRedirects(limits.max_redirects)));
        }
        if self.elapsed >= self.whole {
            return Err(self.fail(timeout("the whole fetch", self.whole)));
        }
        self.permanent &= matches!(status.as_u16(), 301 | 308);
        self.seen.insert(next.clone());
        self.url = next;
        Ok(())
    }
}

/// What a server said.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    pub(crate) n_wire: u64,
}

impl Answer {
    /// How long a host that is too busy wants to be left alone.
    pub(crate) fn pause(&self) -> Option<Duration> {
        let busy = matches!(self.status.as_u16(), 429 | 503);
        if busy { CacheHints::read(&self.headers).retry_after.filter(|pause| !pause.is_zero()) } else { None }
    }

    /// Where a redirect leads; none when this is the end.
    pub(crate) fn next(&self, from: &Url) -> Result<Option<Url>, Problem> {
        if !matches!(self.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return Ok(None);
        }
        let Some(location) = self.headers.get(header::LOCATION) else {
            return Ok(None);
        };
        // Servers send raw UTF-8 here, against the letter of RFC 9110.
        let location = String::from_utf8_lossy(location.as_bytes()).into_owned();
        let bad = || Problem::BadRedirect(location.chars().take(200).collect());
        let mut next = from.join(location.trim()).map_err(|_| bad())?;
        next.set_fragment(None);
        // The one place that knows which addresses may be fetched at all.
        CanonicalUrl::parse(next.as_str()).map_err(|_| bad())?;
        Ok(Some(next))
    }

    pub(crate) fn finish(self, journey: &Journey, sent: &Validators) -> Result<Fetched, FetchError> {
        let hints = CacheHints::read(&self.headers);
        let fail = |problem| Err(journey.fail(problem).with_retry_after(hints.retry_after));
        let status = self.status.as_u16();
        let not_modified = status == 304 && *sent != Validators::default();
        if !self.status.is_success() && !not_modified {
            let challenge = crate::challenge(status, &self.headers, &self.bytes);
            return fail(challenge.map_or(Problem::Status(status), Problem::Challenge));
        }
        if let Some(name) = crate::challenge(status, &self.headers, &self.bytes) {
            return fail(Problem::Challenge(name));
        }
        let url =
            CanonicalUrl::parse(journey.url.as_str()).map_err(|e| journey.fail(Problem::Address(e.to_string())))?;
        let mut validators = Validators::read(&self.headers);
        if not_modified {
            validators = Validators {
                etag: validators.etag.or_else(|| sent.etag.clone()),
                last_modified: validators.last_modified.or_else(|| sent.last_modified.clone()),
            };
        }
        Ok(Fetched {
            moved: (journey.permanent && journey.seen.len() > 1).then(|| url.clone()),
            url,
            status,
            body: if not_modified { Body::NotModified } else { Body::Bytes(self.bytes) },
            content_type: self
                .headers
                .get(header::CONTENT_TYPE)
                .map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned()),
            validators,
            hints,
            server_date: hints::clock(&self.headers),
            elapsed: journey.elapsed,
            n_bytes_wire: self.n_wire,
        })
    }
}
