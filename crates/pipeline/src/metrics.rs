//! What the process has done, counted for Prometheus.
//!
//! Counters are advanced where things happen; what can be read off the store — queues, broken channels — is
//! read when it is asked for.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use diembao_fetch::{FetchError, Fetched};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::Pipeline;
use crate::health::is_broken;

/// The content type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds of an exchange: from a fast front page to the longest time-out.
const SECONDS: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

type ByOutcome = Family<[(&'static str, String); 1], Counter>;
type Seconds = Gauge<f64, AtomicU64>;

/// The process's counters. Clones count together.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    polls: ByOutcome,
    fetches: ByOutcome,
    bytes: Counter,
    latency: Histogram,
    items: ByOutcome,
    looks: ByOutcome,
    waiting: Gauge,
    oldest: Seconds,
    late: Seconds,
    channels: Gauge,
    broken: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("diembao");
        let (polls, fetches, items, looks) =
            (ByOutcome::default(), ByOutcome::default(), ByOutcome::default(), ByOutcome::default());
        let (bytes, latency) = (Counter::default(), Histogram::new(SECONDS));
        let (waiting, channels, broken) = (Gauge::default(), Gauge::default(), Gauge::default());
        let (oldest, late) = (Seconds::default(), Seconds::default());
        registry.register("polls", "Polls of channels, by outcome", polls.clone());
        registry.register("fetches", "Requests that ended, by outcome", fetches.clone());
        registry.register_with_unit("fetched", "Bodies as sent", Unit::Bytes, bytes.clone());
        registry.register_with_unit("fetch", "From request to last byte", Unit::Seconds, latency.clone());
        registry.register("items", "Items that ended, by outcome", items.clone());
        registry.register("looks", "Pages looked at again, by what was found", looks.clone());
        registry.register("items_waiting", "Items without an outcome", waiting.clone());
        registry.register_with_unit("items_oldest", "Age of the longest waiting", Unit::Seconds, oldest.clone());
        registry.register_with_unit("polls_late", "Delay of the latest due poll", Unit::Seconds, late.clone());
        registry.register("channels", "Channels that are polled", channels.clone());
        registry.register("channels_broken", "Of those, the ones that bring nothing", broken.clone());
        Self(Arc::new(Inner {
            registry,
            polls,
            fetches,
            bytes,
            latency,
            items,
            looks,
            waiting,
            oldest,
            late,
            channels,
            broken,
        }))
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Counts a poll; none: it went well.
    pub(crate) fn polled(&self, failure: Option<&str>) {
        count(&self.0.polls, failure.unwrap_or("good"));
    }

    /// Counts a fetch that brought something.
    pub(crate) fn fetched(&self, fetched: &Fetched) {
        count(&self.0.fetches, "good");
        self.0.bytes.inc_by(fetched.n_bytes_wire);
        self.0.latency.observe(fetched.elapsed.as_secs_f64());
    }

    /// Counts a fetch that brought nothing.
    pub(crate) fn not_fetched(&self, e: &FetchError) {
        count(&self.0.fetches, &e.kind());
    }

    /// Counts an item that ended, or was put off.
    pub(crate) fn item(&self, outcome: &str) {
        count(&self.0.items, outcome);
    }

    /// Counts a page that was looked at again.
    pub(crate) fn look(&self, found: &str) {
        count(&self.0.looks, found);
    }

    /// Everything, in the text form of `OpenMetrics`, which Prometheus reads.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn text(&self, p: &Pipeline) -> anyhow::Result<String> {
        let inner = &self.0;
        let now = p.clock.now();
        let states = p.store.channel_states().await?;
        let seconds = |since: Option<chrono::DateTime<chrono::Utc>>| {
            since.map_or(0.0, |t| (now - t).num_milliseconds().max(0) as f64 / 1000.0)
        };
        inner.waiting.set(p.store.unfinished_items().await?);
        let oldest = p.store.pending_items(now, 1).await?;
        inner.oldest.set(seconds(oldest.first().map(|item| item.first_seen)));
        let polled: std::collections::HashSet<_> =
            p.home.outlets.iter().flat_map(|o| &o.channels).filter(|c| c.enabled).map(|c| &c.id).collect();
        let states: Vec<_> = states.iter().filter(|s| polled.contains(&s.id)).collect();
        inner.late.set(seconds(states.iter().filter_map(|s| s.next_poll).min()));
        let n = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        inner.channels.set(n(polled.len()));
        inner.broken.set(n(states.iter().filter(|s| is_broken(s)).count()));
        let mut text = String::new();
        encode(&mut text, &inner.registry)?;
        Ok(text)
    }
}

fn count(family: &ByOutcome, outcome: &str) {
    family.get_or_create(&[("outcome", outcome.to_owned())]).inc();
}
