//! One look at one channel: fetched, recognised, read. Records nothing.

use chrono::TimeDelta;
use diembao_feeds::schedule::{PollOutcome, Reach};
use diembao_feeds::{ParseContext, Parsed};
use diembao_fetch::{
    AddressPolicy, Body, CacheHints, FailureClass, FetchError, FetchSettings, Fetched, Fetcher, Limits, Pace, Purpose,
    Request, RobotsPolicy, Scope, Timeouts, Validators,
};
use diembao_news::{CanonicalUrl, Channel, Outlet};
use diembao_store::{ChannelState, Page, PollResult};
use sha2::{Digest, Sha256};

use crate::Pipeline;
use crate::archive::Record;
use crate::settings::{Collect, HostScope};

const USER_AGENT: &str = concat!("diembao/", env!("CARGO_PKG_VERSION"));
/// How many children of a sitemap index are read in one poll: the latest ones.
const MAX_CHILD_SITEMAPS: usize = 3;

/// How the home's settings ask for pages to be fetched.
#[must_use]
pub fn fetch_settings(collect: &Collect) -> FetchSettings {
    let defaults = FetchSettings::default();
    FetchSettings {
        user_agent: format!("{USER_AGENT} (+{})", collect.contact),
        addresses: if collect.allow_loopback { AddressPolicy::AllowLoopback } else { AddressPolicy::PublicOnly },
        timeouts: Timeouts {
            connect: collect.limits.connect_timeout,
            whole: collect.limits.total_timeout,
            ..defaults.timeouts
        },
        limits: Limits {
            feed_bytes: collect.limits.max_feed_bytes,
            page_bytes: collect.limits.max_page_bytes,
            ..defaults.limits
        },
        pace: Pace {
            interval: collect.pace.host_interval,
            concurrency: collect.pace.host_concurrency,
            scope: match collect.pace.scope {
                HostScope::Host => Scope::Host,
                HostScope::Domain => Scope::RegistrableDomain,
            },
            ..defaults.pace
        },
        robots: if collect.obey_robots { RobotsPolicy::Obey } else { RobotsPolicy::Ignore },
    }
}

/// A readable answer.
pub(crate) struct Answer {
    pub(crate) result: PollResult,
    pub(crate) validators: Validators,
    pub(crate) hints: CacheHints,
    pub(crate) parsed: Option<Parsed>,
    /// The server's clock less ours.
    pub(crate) skew: Option<TimeDelta>,
    /// Where it has moved for good.
    pub(crate) moved: Option<CanonicalUrl>,
    /// The body as it is archived; none when nothing new came.
    pub(crate) record: Option<Record>,
}

/// Why there is none.
pub(crate) struct Failure {
    pub(crate) outcome: PollOutcome,
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) retry_after: Option<TimeDelta>,
    /// What it says of the way to the host.
    pub(crate) reach: Reach,
}

/// What a look at one channel brought, without recording anything.
#[derive(Debug)]
pub struct ChannelCheck {
    /// What it answered, or why not: a short word and a sentence.
    pub answer: Result<Parsed, (String, String)>,
    /// Where the channel has moved for good: the address feeds.toml should name.
    pub moved: Option<CanonicalUrl>,
    /// The server's clock less ours.
    pub skew: Option<TimeDelta>,
}

/// Asks one channel now and records nothing.
pub async fn check_channel(p: &Pipeline, fetcher: &Fetcher, outlet: &Outlet, channel: &Channel) -> ChannelCheck {
    match (Look { p, fetcher, outlet, channel }).ask(None).await {
        Ok(Answer { parsed: Some(parsed), moved, skew, .. }) => ChannelCheck { answer: Ok(parsed), moved, skew },
        Ok(_) => {
            let why = "answered \"not modified\" to a first request".to_owned();
            ChannelCheck { answer: Err(("not-modified".to_owned(), why)), moved: None, skew: None }
        }
        Err(failure) => ChannelCheck { answer: Err((failure.kind, failure.message)), moved: None, skew: None },
    }
}

/// Who asks whom.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) p: &'a Pipeline,
    pub(crate) fetcher: &'a Fetcher,
    pub(crate) outlet: &'a Outlet,
    pub(crate) channel: &'a Channel,
}

impl Look<'_> {
    /// Asks the channel and reads its answer; what is remembered of it makes the request conditional.
    pub(crate) async fn ask(self, state: Option<&ChannelState>) -> Result<Answer, Failure> {
        let validators = Validators {
            etag: state.and_then(|s| s.etag.clone()),
            last_modified: state.and_then(|s| s.last_modified.clone()),
        };
        let request = Request { url: &self.channel.url, validators: &validators, purpose: Purpose::Channel };
        let fetched = self.fetcher.fetch(&request).await.map_err(|e| {
            self.p.metrics.not_fetched(&e);
            failure(&e)
        })?;
        self.p.metrics.fetched(&fetched);
        let at = self.p.clock.now();
        let skew = fetched.server_date.map(|theirs| theirs - at);
        let Fetched { url, moved, status, body, content_type, validators, hints, .. } = fetched;
        let unchanged = |validators, moved| {
            let (result, parsed, record) = (PollResult::Unchanged, None, None);
            Answer { result, validators, hints, parsed, skew, moved, record }
        };
        let Body::Bytes(body) = body else { return Ok(unchanged(validators, moved)) };
        let body_hash = hash(&body);
        if state.and_then(|s| s.body_hash.as_deref()) == Some(body_hash.as_str()) {
            return Ok(unchanged(validators, moved));
        }
        let page = Page { url: url.as_str().to_owned(), fetched_at: at, status, content_type, body };
        let (mut parsed, record) = self.parse(url, page).await;
        if matches!(parsed.kind, "html" | "unknown") {
            return Err(self.not_a_channel(&parsed));
        }
        self.read_children(&mut parsed).await;
        let (result, parsed) = (PollResult::Changed { body_hash }, Some(parsed));
        Ok(Answer { result, validators, hints, parsed, skew, moved, record })
    }

    fn not_a_channel(self, parsed: &Parsed) -> Failure {
        let message = parsed.problems.first().map_or("the answer is not a feed", String::as_str);
        Failure {
            outcome: PollOutcome::Hard,
            kind: format!("{}-as-feed", parsed.kind),
            message: format!("{}: {message}", self.channel.url),
            retry_after: None,
            reach: Reach::Other,
        }
    }

    /// A sitemap index names its children; the latest are read at once.
    async fn read_children(self, parsed: &mut Parsed) {
        if parsed.sitemaps.is_empty() {
            return;
        }
        // An index holds no items of its own.
        parsed.problems.clear();
        for child in parsed.sitemaps.iter().take(MAX_CHILD_SITEMAPS) {
            let Ok(url) = CanonicalUrl::parse(child) else {
                parsed.problems.push(format!("the child sitemap {child:?} is not an address"));
                continue;
            };
            let none = Validators::default();
            let request = Request { url: &url, validators: &none, purpose: Purpose::Channel };
            match self.fetcher.fetch(&request).await {
                Ok(Fetched { url, status, body: Body::Bytes(body), content_type, .. }) => {
                    let fetched_at = self.p.clock.now();
                    let page = Page { url: url.as_str().to_owned(), fetched_at, status, content_type, body };
                    let (read, _) = self.parse(url, page).await;
                    // A child without items is a day without news, not a problem.
                    if read.kind != "sitemap" || !read.items.is_empty() {
                        parsed.problems.extend(read.problems);
                    }
                    parsed.items.extend(read.items);
                }
                Ok(_) => {}
                Err(e) => parsed.problems.push(format!("a child sitemap cannot be read: {e}")),
            }
        }
    }

    /// Reads what came, and packs it for the archive.
    async fn parse(self, base: CanonicalUrl, page: Page) -> (Parsed, Option<Record>) {
        let (kind, rules) = (self.channel.kind, self.channel.rules.clone());
        let (zone, now) = (zone_of(self.outlet), self.p.clock.now());
        let read = move || {
            let charset = page.content_type.as_deref().and_then(charset_of);
            let context = ParseContext { kind, base: &base, rules: &rules, zone, now, charset };
            (diembao_feeds::parse_channel(&context, &page.body), Some(Record::of(&page)))
        };
        tokio::task::spawn_blocking(read).await.unwrap_or_else(|e| {
            let (title, items, sitemaps, ttl) = (None, Vec::new(), Vec::new(), None);
            let problems = vec![format!("reading it failed: {e}")];
            (Parsed { kind: "unknown", title, items, sitemaps, ttl, problems }, None)
        })
    }
}

fn charset_of(content_type: &str) -> Option<&str> {
    let (_, rest) = content_type.split_once("charset=")?;
    Some(rest.split(';').next().unwrap_or(rest).trim().trim_matches('"'))
}

/// The zone of an outlet's dates; feeds.toml was checked when it was read.
pub(crate) fn zone_of(outlet: &Outlet) -> chrono_tz::Tz {
    outlet.time_zone.parse().unwrap_or(chrono_tz::Asia::Ho_Chi_Minh)
}

pub(crate) fn hash(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().take(16).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn failure(e: &FetchError) -> Failure {
    let kind = e.kind();
    Failure {
        outcome: match e.class() {
            // It was not asked, because it wants to be left alone: that is no failure of its own.
            _ if kind == "held-off" => PollOutcome::Outage,
            FailureClass::Hard => PollOutcome::Hard,
            FailureClass::Soft => PollOutcome::Soft,
            FailureClass::Temporary => PollOutcome::Temporary,
        },
        kind: kind.clone().into_owned(),
        message: e.to_string(),
        retry_after: e.retry_after().and_then(|d| TimeDelta::from_std(d).ok()),
        reach: match &*kind {
            "dns" | "connect" | "timeout" | "interrupted" | "tls" => Reach::None,
            _ => Reach::Other,
        },
    }
}
