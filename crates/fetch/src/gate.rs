//! Remembers the robots.txt of each origin, and fetches it once however many ask.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::StatusCode;
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;
use url::Url;

use crate::error::{FetchError, Problem};
use crate::robots::{RobotsRules, product_token};

/// How long a copy is used (RFC 9309, 2.4).
const FRESH: Duration = Duration::from_secs(24 * 3600);
/// How soon an unreachable one is asked for again.
const RETRY: Duration = Duration::from_secs(10 * 60);
/// How soon a host that cannot be reached at all is tried again.
const DEAD: Duration = Duration::from_secs(60);
/// How long an old copy still speaks for an origin whose robots.txt cannot be reached.
const STALE: Duration = Duration::from_secs(30 * 24 * 3600);
/// More origins are not remembered.
const MAX_ORIGINS: usize = 8192;

/// What robots.txt said, by origin.
pub(crate) struct Gate {
    agent: String,
    origins: Mutex<HashMap<String, Arc<AsyncMutex<Origin>>>>,
}

#[derive(Default)]
struct Origin {
    rules: Option<(Arc<RobotsRules>, Instant)>,
    /// Why it could not be read, and until when that is not tried again.
    unreachable: Option<(Problem, Instant)>,
}

impl Origin {
    fn stale(&self, now: Instant) -> Option<Arc<RobotsRules>> {
        let (rules, at) = self.rules.as_ref()?;
        (now - *at < STALE).then(|| Arc::clone(rules))
    }
}

impl Gate {
    pub(crate) fn new(user_agent: &str) -> Self {
        Self { agent: product_token(user_agent).to_owned(), origins: Mutex::new(HashMap::new()) }
    }

    /// Whether the address may be fetched; if so, the crawl delay to keep. `fetch` gets a robots.txt.
    pub(crate) async fn permit<F>(
        &self,
        url: &Url,
        fetch: impl FnOnce(Url) -> F,
    ) -> Result<Option<Duration>, FetchError>
    where
        F: Future<Output = Result<(StatusCode, Vec<u8>), FetchError>>,
    {
        let mut robots = url.clone();
        robots.set_path("/robots.txt");
        robots.set_query(None);
        robots.set_fragment(None);
        let origin = self.origin(robots.as_str());
        let rules = self.rules(&mut *origin.lock().await, robots, fetch).await;
        let rules = rules.map_err(|problem| FetchError::new(url.as_str(), problem))?;
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        if rules.allows(path) { Ok(rules.crawl_delay()) } else { Err(FetchError::new(url.as_str(), Problem::Robots)) }
    }

    async fn rules<F>(
        &self,
        origin: &mut Origin,
        robots: Url,
        fetch: impl FnOnce(Url) -> F,
    ) -> Result<Arc<RobotsRules>, Problem>
    where
        F: Future<Output = Result<(StatusCode, Vec<u8>), FetchError>>,
    {
        let now = Instant::now();
        if let Some((rules, at)) = &origin.rules
            && now - *at < FRESH
        {
            return Ok(Arc::clone(rules));
        }
        if let Some((problem, until)) = &origin.unreachable
            && now < *until
        {
            return origin.stale(now).ok_or_else(|| problem.clone());
        }
        match self.read(fetch(robots).await) {
            Ok(rules) => {
                let rules = Arc::new(rules);
                *origin = Origin { rules: Some((Arc::clone(&rules), Instant::now())), unreachable: None };
                Ok(rules)
            }
            Err((problem, retry)) => {
                origin.unreachable = Some((problem.clone(), Instant::now() + retry));
                origin.stale(now).ok_or(problem)
            }
        }
    }

    /// RFC 9309, 2.3.1: what each kind of answer means. A failure comes with the time it is remembered.
    fn read(&self, answer: Result<(StatusCode, Vec<u8>), FetchError>) -> Result<RobotsRules, (Problem, Duration)> {
        match answer {
            Ok((status, bytes)) if status.is_success() => Ok(RobotsRules::parse(&bytes, &self.agent)),
            // Too busy to answer is not the same as having none.
            Ok((status, _)) if status.as_u16() == 429 || status.is_server_error() => {
                Err((Problem::RobotsUnreachable(format!("status {}", status.as_u16())), RETRY))
            }
            Ok(_) => Ok(RobotsRules::allow_all()),
            Err(error) => match error.problem() {
                Problem::RedirectLoop | Problem::TooManyRedirects(_) | Problem::BadRedirect(_) => {
                    Ok(RobotsRules::allow_all())
                }
                // The page cannot be reached either, for the same reason: that is said plainly, and
                // remembered just long enough that many pages of a dead host do not each wait for it.
                problem @ (Problem::Dns(_)
                | Problem::Connect(_)
                | Problem::Tls(_)
                | Problem::Timeout { .. }
                | Problem::PrivateAddress(..)
                | Problem::Address(_)) => Err((problem.clone(), DEAD)),
                _ => Err((Problem::RobotsUnreachable(error.kind().into_owned()), RETRY)),
            },
        }
    }

    fn origin(&self, key: &str) -> Arc<AsyncMutex<Origin>> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(origin) = origins.get(key) {
            return Arc::clone(origin);
        }
        if origins.len() >= MAX_ORIGINS {
            origins.retain(|_, origin| Arc::strong_count(origin) > 1);
        }
        let origin = Arc::default();
        origins.insert(key.to_owned(), Arc::clone(&origin));
        origin
    }
}
