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
    unreachable: Option<(String, Instant)>,
}

impl Gate {
    pub(crate) fn new(user_agent: &str) -> Self {
        Self {
            agent: product_token(user_agent).to_owned(),
            origins: Mutex::new(HashMap::new()),
        }
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
        let rules = self.rules(&mut *origin.lock().await, robots, fetch).await?;
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        if rules.allows(path) {
            Ok(rules.crawl_delay())
        } else {
            Err(FetchError::new(url.as_str(), Problem::Robots))
        }
    }

    async fn rules<F>(
        &self,
        origin: &mut Origin,
        robots: Url,
        fetch: impl FnOnce(Url) -> F,
    ) -> Result<Arc<RobotsRules>, FetchError>
    where
        F: Future<Output = Result<(StatusCode, Vec<u8>), FetchError>>,
    {
        let now = Instant::now();
        let fail = |reason: &str| {
            Err(FetchError::new(
                robots.as_str(),
                Problem::RobotsUnreachable(reason.to_owned()),
            ))
        };
        if let Some((rules, at)) = &origin.rules
            && now - *at < FRESH
        {
            return Ok(Arc::clone(rules));
        }
        if let Some((reason, at)) = &origin.unreachable
            && now - *at < RETRY
        {
            return match &origin.rules {
                Some((rules, at)) if now - *at < STALE => Ok(Arc::clone(rules)),
                _ => fail(reason),
            };
        }
        match self.read(fetch(robots.clone()).await) {
            Ok(rules) => {
                let rules = Arc::new(rules);
                *origin = Origin {
                    rules: Some((Arc::clone(&rules), Instant::now())),
                    unreachable: None,
                };
                Ok(rules)
            }
            Err(error) => match error {
                Unreachable::Final(error) => Err(error),
                Unreachable::Because(reason) => {
                    origin.unreachable = Some((reason.clone(), Instant::now()));
                    match &origin.rules {
                        Some((rules, at)) if now - *at < STALE => Ok(Arc::clone(rules)),
                        _ => fail(&reason),
                    }
                }
            },
        }
    }

    /// RFC 9309, 2.3.1: what each kind of answer means.
    fn read(&self, answer: Result<(StatusCode, Vec<u8>), FetchError>) -> Result<RobotsRules, Unreachable> {
        match answer {
            Ok((status, bytes)) if status.is_success() => Ok(RobotsRules::parse(&bytes, &self.agent)),
            // Too busy to answer is not the same as having none.
            Ok((status, _)) if status.as_u16() == 429 || status.is_server_error() => {
                Err(Unreachable::Because(format!("status {}", status.as_u16())))
            }
            Ok(_) => Ok(RobotsRules::allow_all()),
            Err(error) => match error.problem() {
                Problem::RedirectLoop | Problem::TooManyRedirects(_) | Problem::BadRedirect(_) => {
                    Ok(RobotsRules::allow_all())
                }
                // The page itself cannot be reached either: say so plainly.
                Problem::Dns(_)
                | Problem::Connect(_)
                | Problem::Tls(_)
                | Problem::PrivateAddress(..)
                | Problem::Address(_) => Err(Unreachable::Final(error)),
                _ => Err(Unreachable::Because(error.kind().into_owned())),
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

enum Unreachable {
    /// The failure speaks for itself and is not remembered.
    Final(FetchError),
    /// Remembered for a while.
    Because(String),
}
