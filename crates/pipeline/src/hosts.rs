//! Hosts that several processes ask: the fetcher's turns, kept in the store so that all of them together are as
//! gentle as one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diembao_fetch::{HostAsk, SharedHosts, SharedTurn};
use diembao_store::{HostRequest, HostTurn, Store, StoreError};
use futures::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::task::JoinError;

use crate::{Clock, Pipeline};

/// How soon a host is asked for again when as many requests are open there as may be.
const AGAIN: Duration = Duration::from_millis(200);
/// What a request may take beside its own time: a waiting connection, a slow store.
const MARGIN: Duration = Duration::from_secs(10);

pub(crate) struct Hosts {
    store: Store,
    clock: Clock,
    worker: Arc<str>,
    n_asked: AtomicU64,
    /// The longest a request may take.
    whole: Duration,
}

impl Hosts {
    pub(crate) fn of(p: &Pipeline, worker: &str) -> Self {
        let whole = p.home.settings.collect.limits.total_timeout;
        Self {
            store: p.store.clone(),
            clock: p.clock.clone(),
            worker: worker.into(),
            n_asked: AtomicU64::new(0),
            whole,
        }
    }
}

impl SharedHosts for Hosts {
    fn take(&self, ask: HostAsk) -> BoxFuture<'static, Result<SharedTurn, Duration>> {
        let ticket = format!("{}/{}", self.worker, self.n_asked.fetch_add(1, Ordering::Relaxed));
        let n_open = u32::try_from(ask.n_open).unwrap_or(u32::MAX);
        let lease = span(self.whole + MARGIN + ask.interval.saturating_mul(n_open));
        let (store, clock) = (self.store.clone(), self.clock.clone());
        Box::pin(async move {
            loop {
                // On a task of its own: a fetch that is not polled for a moment must not keep a connection.
                let (store_, ticket_, host, asked) = (store.clone(), ticket.clone(), ask.host.clone(), clock.clone());
                let (interval, n_open) = (span(ask.interval), ask.n_open);
                let taken = tokio::spawn(async move {
                    let (host, ticket, now) = (host.as_str(), ticket_.as_str(), asked.now());
                    store_.take_turn(&HostRequest { host, ticket, interval, n_open, now, lease }).await
                });
                let left = |until: DateTime<Utc>| (until - clock.now()).to_std().unwrap_or_default();
                let wait = match taken.await {
                    Ok(Ok(HostTurn::Start(at))) => left(at),
                    Ok(Ok(HostTurn::Held(until))) => return Err(left(until)),
                    Ok(Ok(HostTurn::Busy)) => {
                        tokio::time::sleep(AGAIN).await;
                        continue;
                    }
                    failed => {
                        told(failed.map(|taken| taken.map(|_| ())));
                        Duration::ZERO
                    }
                };
                let runtime = Handle::current();
                let end = Box::new(move || {
                    runtime.spawn(async move { told(Ok(store.end_turn(&ask.host, &ticket).await)) });
                });
                return Ok(SharedTurn { wait, end });
            }
        })
    }

    fn hold(&self, host: String, time: Duration) {
        let (store, now) = (self.store.clone(), self.clock.now());
        tokio::spawn(async move { told(Ok(store.hold_host(&host, now, now + span(time)).await)) });
    }
}

/// What the store cannot share is no reason not to read: this process keeps its own turns.
fn told(done: Result<Result<(), StoreError>, JoinError>) {
    if let Ok(Err(e)) = done {
        tracing::warn!("hosts are not shared: {e}");
    }
}

fn span(time: Duration) -> TimeDelta {
    TimeDelta::from_std(time).unwrap_or(TimeDelta::zero())
}
