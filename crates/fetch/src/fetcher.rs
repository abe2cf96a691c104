//! The fetcher: waits for its turn, asks, follows, reads, and says what came.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diembao_news::CanonicalUrl;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Client, Response, StatusCode};
use tokio::time::Instant;
use url::Url;

use crate::body::{self, Cap};
use crate::client::{client, problem_of};
use crate::dns;
use crate::error::{FetchError, Problem};
use crate::gate::Gate;
use crate::hints::{CacheHints, Validators};
use crate::journey::{Answer, Journey};
use crate::limiter::{Limiter, SharedHosts};
use crate::settings::{FetchSettings, Limits, RobotsPolicy};

/// What an answer that is not wanted is read for: a challenge.
const ERROR_BODY: usize = 64 << 10;

/// Fetches over HTTP, politely and safely. Clones share connections, turns and what is known of robots.txt.
#[derive(Clone)]
pub struct Fetcher {
    inner: Arc<Inner>,
}

struct Inner {
    settings: FetchSettings,
    client: Client,
    limiter: Limiter,
    gate: Gate,
}

/// What a request is for; it decides how much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A feed, sitemap or section page.
    Channel,
    /// An article's page.
    Page,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The address.
    pub url: &'a CanonicalUrl,
    /// What the server said of the copy already held; empty for none.
    pub validators: &'a Validators,
    /// What it is for.
    pub purpose: Purpose,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Where it came from in the end, after redirects.
    pub url: CanonicalUrl,
    /// Set when every redirect on the way was permanent (301, 308): the address to ask in future.
    pub moved: Option<CanonicalUrl>,
    /// The HTTP status.
    pub status: u16,
    /// The bytes, or that the copy held is still right.
    pub body: Body,
    /// The `Content-Type`, as sent.
    pub content_type: Option<String>,
    /// What makes the next request conditional.
    pub validators: Validators,
    /// When to ask again.
    pub hints: CacheHints,
    /// The server's own clock.
    pub server_date: Option<DateTime<Utc>>,
    /// From the first request to the last byte, waiting for turns not counted.
    pub elapsed: Duration,
    /// Bytes of the body as sent, before unpacking.
    pub n_bytes_wire: u64,
}

/// A body, or none needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// 304: the copy held is still right.
    NotModified,
    /// The body, unpacked.
    Bytes(Vec<u8>),
}

impl Fetcher {
    /// Makes a fetcher.
    ///
    /// # Errors
    /// When the user agent is not a header value or encryption cannot be set up.
    pub fn new(settings: &FetchSettings) -> Result<Self, FetchError> {
        Self::build(settings, None)
    }

    /// Makes a fetcher that shares the hosts with other processes.
    ///
    /// # Errors
    /// As [`Fetcher::new`].
    pub fn sharing(settings: &FetchSettings, hosts: Arc<dyn SharedHosts>) -> Result<Self, FetchError> {
        Self::build(settings, Some(hosts))
    }

    fn build(settings: &FetchSettings, hosts: Option<Arc<dyn SharedHosts>>) -> Result<Self, FetchError> {
        let client = client(settings).map_err(|problem| FetchError::new("", problem))?;
        Ok(Self {
            inner: Arc::new(Inner {
                settings: settings.clone(),
                client,
                limiter: Limiter::new(settings.pace, hosts),
                gate: Gate::new(&settings.user_agent),
            }),
        })
    }

    /// Fetches: waits for the host's turn, obeys robots.txt, follows redirects with every hop checked.
    ///
    /// # Errors
    /// When nothing usable came: see [`FetchError::kind`] and [`FetchError::class`].
    pub async fn fetch(&self, request: &Request<'_>) -> Result<Fetched, FetchError> {
        let cap = self.cap(request.purpose);
        let fail = |problem| FetchError::new(request.url.as_str(), problem);
        let url = Url::parse(request.url.as_str()).map_err(|e| fail(Problem::Address(e.to_string())))?;
        let mut journey = Journey::new(url, self.inner.settings.timeouts.whole);
        loop {
            if let Some(left) = self.inner.limiter.held(&journey.url) {
                return Err(journey.held_off(left));
            }
            let delay = self.permit(&journey.url).await?;
            let answer = self.ask(&mut journey, Ask { validators: request.validators, cap, delay }).await?;
            match answer.next(&journey.url).map_err(|p| journey.fail(p))? {
                Some(next) => journey.follow(next, answer.status, &self.inner.settings.limits)?,
                None => return answer.finish(&journey, request.validators),
            }
        }
    }

    /// How long a fetch of this address would wait for its host's turn, at the least: what is worth
    /// asking before others are kept waiting behind it.
    #[must_use]
    pub fn wait(&self, url: &CanonicalUrl) -> Duration {
        Url::parse(url.as_str()).map_or(Duration::ZERO, |url| self.inner.limiter.wait(&url))
    }

    fn cap(&self, purpose: Purpose) -> Cap {
        Cap::Refuse(match purpose {
            Purpose::Channel => self.inner.settings.limits.feed_bytes,
            Purpose::Page => self.inner.settings.limits.page_bytes,
        })
    }

    /// Asks robots.txt; returns the crawl delay it wishes for.
    async fn permit(&self, url: &Url) -> Result<Option<Duration>, FetchError> {
        if self.inner.settings.robots == RobotsPolicy::Ignore {
            return Ok(None);
        }
        self.inner.gate.permit(url, |robots| self.fetch_robots(robots)).await
    }

    /// Fetches a robots.txt: redirects followed, a long one cut.
    async fn fetch_robots(&self, url: Url) -> Result<(StatusCode, Vec<u8>), FetchError> {
        let limits = &self.inner.settings.limits;
        let mut journey = Journey::new(url, self.inner.settings.timeouts.whole);
        let none = Validators::default();
        loop {
            let ask = Ask { validators: &none, cap: Cap::Cut(limits.robots_bytes), delay: None };
            let answer = self.ask(&mut journey, ask).await?;
            match answer.next(&journey.url).map_err(|p| journey.fail(p))? {
                Some(next) => journey.follow(next, answer.status, limits)?,
                None => return Ok((answer.status, answer.bytes)),
            }
        }
    }

    /// One request and its answer.
    async fn ask(&self, journey: &mut Journey, ask: Ask<'_>) -> Result<Answer, FetchError> {
        dns::check_literal(&journey.url, self.inner.settings.addresses).map_err(|p| journey.fail(p))?;
        let turn = match self.inner.limiter.turn(&journey.url, ask.delay).await {
            Ok(turn) => turn,
            Err(left) => {
                self.inner.limiter.heed(&journey.url, left);
                return Err(journey.held_off(left));
            }
        };
        let start = Instant::now();
        let result = self.exchange(journey, &ask).await;
        let elapsed = start.elapsed();
        journey.elapsed += elapsed;
        drop(turn);
        if let Ok(answer) = &result
            && let Some(pause) = answer.pause()
        {
            self.inner.limiter.hold(&journey.url, pause);
        }
        match &result {
            Ok(answer) => tracing::debug!(
                url = %journey.url, status = answer.status.as_u16(), n_bytes_wire = answer.n_wire, ?elapsed, "answered"
            ),
            Err(problem) => tracing::debug!(url = %journey.url, %problem, ?elapsed, "not answered"),
        }
        result.map_err(|p| journey.fail(p))
    }

    async fn exchange(&self, journey: &Journey, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let times = &self.inner.settings.timeouts;
        let left = times.whole.saturating_sub(journey.elapsed);
        let request = self.inner.client.get(journey.url.clone()).headers(conditions(ask.validators));
        let start = Instant::now();
        let response = within(times.headers.min(left), "headers", request.send())
            .await?
            .map_err(|e| problem_of(&e, times.connect))?;
        check_headers(response.headers(), &self.inner.settings.limits)?;
        let left = left.saturating_sub(start.elapsed());
        within(times.body.min(left), "the body", read(response, ask.cap)).await?
    }
}

struct Ask<'a> {
    validators: &'a Validators,
    cap: Cap,
    delay: Option<Duration>,
}

async fn read(response: Response, cap: Cap) -> Result<Answer, Problem> {
    let status = response.status();
    let headers = response.headers().clone();
    let cap = if status.is_success() { cap } else { Cap::Cut(ERROR_BODY) };
    let body = if status.is_redirection() { body::Unpacked::default() } else { body::read(response, cap).await? };
    Ok(Answer { status, headers, bytes: body.bytes, n_wire: body.n_wire })
}

async fn within<T>(limit: Duration, step: &'static str, work: impl Future<Output = T>) -> Result<T, Problem> {
    tokio::time::timeout(limit, work).await.map_err(|_| timeout(step, limit))
}

pub(crate) fn timeout(step: &'static str, limit: Duration) -> Problem {
    Problem::Timeout { step, limit_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX) }
}

fn conditions(validators: &Validators) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let pairs = [(header::IF_NONE_MATCH, &validators.etag), (header::IF_MODIFIED_SINCE, &validators.last_modified)];
    for (name, value) in pairs {
        if let Some(value) = value.as_deref().and_then(|v| HeaderValue::from_str(v).ok()) {
            headers.insert(name, value);
        }
    }
    headers
}

fn check_headers(headers: &HeaderMap, limits: &Limits) -> Result<(), Problem> {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if headers.len() > limits.max_headers {
        return Err(Problem::Headers(format!("{} of them, {} is the limit", headers.len(), limits.max_headers)));
    }
    if bytes > limits.header_bytes {
        return Err(Problem::Headers(format!("{bytes} bytes, {} is the limit", limits.header_bytes)));
    }
    Ok(())
}
