//! Whose turn it is: one request after another to each host, no faster than agreed, first come
//! first served. Hosts that nobody waits for are forgotten when there are many.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use url::Url;

use crate::settings::{Pace, Scope};

/// When so many hosts are remembered, the idle ones are forgotten.
const SWEEP_AT: usize = 1024;
/// No host is left alone for longer, whatever it asks.
const MAX_HOLD: Duration = Duration::from_secs(24 * 3600);

/// Hosts shared with other processes.
pub trait SharedHosts: Send + Sync {
    /// Takes the next turn at a host; returns when a request may be sent after [`SharedTurn::wait`], or how much longer
    /// the host wants to be left alone.
    fn take(&self, ask: HostAsk) -> BoxFuture<'static, Result<SharedTurn, Duration>>;
    /// A host wants to be left alone for a while.
    fn hold(&self, host: String, time: Duration);
}

/// What is asked of hosts that are shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostAsk {
    /// The host, or the domain where that is paced as one.
    pub host: String,
    /// From the start of one request to the start of the next.
    pub interval: Duration,
    /// How many requests all processes together may have open there.
    pub n_open: usize,
}

/// A turn that other processes know of.
pub struct SharedTurn {
    /// How long until it begins.
    pub wait: Duration,
    /// Tells the others that the request is over.
    pub end: Box<dyn FnOnce() + Send>,
}

/// Gives out turns by host.
pub(crate) struct Limiter {
    pace: Pace,
    shared: Option<Arc<dyn SharedHosts>>,
    hosts: Mutex<Hosts>,
}

struct Hosts {
    by_key: HashMap<String, Arc<Host>>,
    sweep_at: usize,
}

struct Host {
    open: Arc<Semaphore>,
    next_start: Mutex<Instant>,
    /// Until when the host wants to be left alone.
    held_until: Mutex<Option<Instant>>,
}

/// The right to have one request open; ends when dropped.
pub(crate) struct Turn {
    _permit: Option<OwnedSemaphorePermit>,
    end: Option<Box<dyn FnOnce() + Send>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end();
        }
    }
}

impl Limiter {
    pub(crate) fn new(pace: Pace, shared: Option<Arc<dyn SharedHosts>>) -> Self {
        Self { pace, shared, hosts: Mutex::new(Hosts { by_key: HashMap::new(), sweep_at: SWEEP_AT }) }
    }

    /// Waits until a request to the URL's host may start. `crawl_delay` is what its robots.txt asks for.
    ///
    /// # Errors
    /// When the host has told another process to leave it alone: for how much longer.
    pub(crate) async fn turn(&self, url: &Url, crawl_delay: Option<Duration>) -> Result<Turn, Duration> {
        let name = key(url, self.pace.scope);
        let host = self.host(&name);
        let mut turn = Turn { _permit: Arc::clone(&host.open).acquire_owned().await.ok(), end: None };
        let interval = self.pace.interval.max(crawl_delay.unwrap_or_default().min(self.pace.max_crawl_delay));
        tokio::time::sleep_until(reserve(&host, interval)).await;
        if let Some(shared) = &self.shared {
            let ask = HostAsk { host: name, interval, n_open: self.pace.concurrency.max(1) };
            let SharedTurn { wait, end } = shared.take(ask).await?;
            turn.end = Some(end);
            tokio::time::sleep(wait).await;
        }
        Ok(turn)
    }

    /// Leaves the URL's host alone for a while.
    pub(crate) fn hold(&self, url: &Url, time: Duration) {
        let (name, time) = (key(url, self.pace.scope), time.min(MAX_HOLD));
        *lock(&self.host(&name).held_until) = Some(Instant::now() + time);
        if let Some(shared) = &self.shared {
            shared.hold(name, time);
        }
    }

    /// Another process was told to leave the URL's host alone: so does this one.
    pub(crate) fn heed(&self, url: &Url, time: Duration) {
        *lock(&self.host(&key(url, self.pace.scope)).held_until) = Some(Instant::now() + time.min(MAX_HOLD));
    }

    /// How much longer the URL's host is left alone.
    pub(crate) fn held(&self, url: &Url) -> Option<Duration> {
        let host = lock(&self.hosts).by_key.get(&key(url, self.pace.scope)).cloned()?;
        let until = (*lock(&host.held_until))?;
        Some(until.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
    }

    /// How long a request to the URL's host would wait if it were asked for now, at the least.
    pub(crate) fn wait(&self, url: &Url) -> Duration {
        let hosts = lock(&self.hosts);
        let Some(host) = hosts.by_key.get(&key(url, self.pace.scope)) else {
            return Duration::ZERO;
        };
        lock(&host.next_start).saturating_duration_since(Instant::now())
    }

    fn host(&self, key: &str) -> Arc<Host> {
        let mut hosts = lock(&self.hosts);
        if let Some(host) = hosts.by_key.get(key) {
            return Arc::clone(host);
        }
        if hosts.by_key.len() >= hosts.sweep_at {
            let now = Instant::now();
            hosts.by_key.retain(|_, host| {
                Arc::strong_count(host) > 1
                    || *lock(&host.next_start) > now
                    || lock(&host.held_until).is_some_and(|until| until > now)
                    || in_use(host, self.pace.concurrency)
            });
            // If many are in use, sweeping at every arrival would cost their number squared.
            hosts.sweep_at = (hosts.by_key.len() * 2).max(SWEEP_AT);
        }
        let host = Arc::new(Host {
            open: Arc::new(Semaphore::new(self.pace.concurrency.max(1))),
            next_start: Mutex::new(Instant::now()),
            held_until: Mutex::new(None),
        });
        hosts.by_key.insert(key.to_owned(), Arc::clone(&host));
        host
    }

    #[cfg(test)]
    fn n_hosts(&self) -> usize {
        lock(&self.hosts).by_key.len()
    }
}

fn reserve(host: &Host, interval: Duration) -> Instant {
    let mut next = lock(&host.next_start);
    let start = (*next).max(Instant::now());
    *next = start + interval;
    start
}

fn in_use(host: &Host, concurrency: usize) -> bool {
    host.open.available_permits() < concurrency.max(1)
}

/// A panic while holding one of these locks cannot leave them half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn key(url: &Url, scope: Scope) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    match (scope, url.host()) {
        (Scope::RegistrableDomain, Some(url::Host::Domain(_))) => psl::domain_str(host).unwrap_or(host).to_owned(),
        _ => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(s: &str) -> Url {
        Url::parse(s).unwrap()
    }

    fn pace(interval_ms: u64, concurrency: usize) -> Pace {
        Pace { interval: Duration::from_millis(interval_ms), concurrency, ..Pace::default() }
    }

    /// Starts `n` requests at once, each `lasting_ms`, and returns when each began, in ms.
    async fn starts(limiter: Arc<Limiter>, n: u64, lasting_ms: u64) -> Vec<u128> {
        let origin = Instant::now();
        let mut tasks = Vec::new();
        for _ in 0..n {
            let limiter = Arc::clone(&limiter);
            tasks.push(tokio::spawn(async move {
                let _turn = limiter.turn(&url("http://bao.vn/"), None).await.unwrap();
                let began = origin.elapsed().as_millis();
                tokio::time::sleep(Duration::from_millis(lasting_ms)).await;
                began
            }));
        }
        let mut began = Vec::new();
        for task in tasks {
            began.push(task.await.unwrap());
        }
        began
    }

    #[tokio::test(start_paused = true)]
    async fn requests_start_an_interval_apart_in_order() {
        let began = starts(Arc::new(Limiter::new(pace(2000, 2), None)), 5, 10).await;
        assert_eq!(began, [0, 2000, 4000, 6000, 8000]);
    }

    #[tokio::test(start_paused = true)]
    async fn slow_answers_hold_the_next_back() {
        let began = starts(Arc::new(Limiter::new(pace(1000, 2), None)), 5, 5000).await;
        assert_eq!(began, [0, 1000, 5000, 6000, 10_000]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_crawl_delay_is_honoured_up_to_a_cap() {
        let limiter = Limiter::new(Pace { max_crawl_delay: Duration::from_secs(30), ..pace(1000, 1) }, None);
        let origin = Instant::now();
        for (delay, expect) in [(10, 0), (600, 10), (0, 40), (0, 41)] {
            limiter.turn(&url("http://bao.vn/"), Some(Duration::from_secs(delay))).await.unwrap();
            assert_eq!(origin.elapsed().as_secs(), expect);
        }
        assert_eq!(limiter.wait(&url("http://bao.vn/x")), Duration::from_secs(1));
        assert_eq!(limiter.wait(&url("http://khac.vn/")), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_do_not_wait_for_each_other() {
        let limiter = Limiter::new(pace(60_000, 1), None);
        let origin = Instant::now();
        let mut turns = Vec::new();
        for i in 0..500 {
            turns.push(limiter.turn(&url(&format!("http://bao{i}.vn/")), None).await.unwrap());
        }
        assert_eq!(origin.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn many_hosts_do_not_fill_memory() {
        let limiter = Limiter::new(pace(1000, 1), None);
        for i in 0..20_000 {
            limiter.turn(&url(&format!("http://bao{i}.vn/")), None).await.unwrap();
            if i % 500 == 0 {
                tokio::time::advance(Duration::from_secs(2)).await;
            }
        }
        assert!(limiter.n_hosts() <= 2 * SWEEP_AT, "{}", limiter.n_hosts());
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_in_use_is_never_forgotten() {
        let limiter = Limiter::new(pace(1000, 1), None);
        let held = limiter.turn(&url("http://bao.vn/"), None).await.unwrap();
        tokio::time::advance(Duration::from_secs(5)).await;
        for i in 0..3000 {
            limiter.turn(&url(&format!("http://bao{i}.vn/")), None).await.unwrap();
        }
        let second = tokio::time::timeout(Duration::from_secs(60), limiter.turn(&url("http://bao.vn/"), None)).await;
        assert!(second.is_err(), "a second request was let in beside the first");
        drop(held);
    }

    #[test]
    fn the_scope_is_the_host_or_the_registrable_domain() {
        let check = |address: &str, host: &str, domain: &str| {
            assert_eq!(key(&url(address), Scope::Host), host);
            assert_eq!(key(&url(address), Scope::RegistrableDomain), domain);
        };
        check("http://suckhoe.bao.vn/x", "suckhoe.bao.vn", "bao.vn");
        check("http://www.bao.com.vn:8080/", "www.bao.com.vn", "bao.com.vn");
        check("http://soyte.hanoi.gov.vn/", "soyte.hanoi.gov.vn", "hanoi.gov.vn");
        check("http://127.0.0.2/", "127.0.0.2", "127.0.0.2");
        check("http://bao.vn./", "bao.vn", "bao.vn");
        check("http://a.localhost/", "a.localhost", "a.localhost");
    }
}
