//! The first stage: due channels are polled, and their items recorded.

use std::collections::HashMap;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use diembao_feeds::schedule::{PollHints, PollHistory, PollOutcome, ScheduleSettings, charge, next_poll};
use diembao_feeds::{ParseContext, Parsed};
use diembao_fetch::{
    AddressPolicy, Body, CacheHints, FailureClass, FetchError, FetchSettings, Fetched, Fetcher, Limits, Pace, Purpose,
    Request, RobotsPolicy, Timeouts, Validators,
};
use diembao_news::{CanonicalUrl, Channel, ChannelId, Item, Outlet};
use diembao_store::{ChannelState, Poll, PollResult};
use futures::StreamExt;
use sha2::{Digest, Sha256};

use crate::settings::Collect;
use crate::{Pipeline, RunReport, SourceProblem, Stage};

const USER_AGENT: &str = concat!("diembao/", env!("CARGO_PKG_VERSION"));
/// How many children of a sitemap index are read in one poll: the latest ones.
const MAX_CHILD_SITEMAPS: usize = 3;
/// An outage is general when at least so many channels were polled and every one failed.
const OUTAGE_CHANNELS: usize = 5;

/// How the home's settings ask for pages to be fetched.
#[must_use]
pub fn fetch_settings(collect: &Collect) -> FetchSettings {
    let defaults = FetchSettings::default();
    FetchSettings {
        user_agent: format!("{USER_AGENT} (+{})", collect.contact),
        addresses: if collect.allow_loopback {
            AddressPolicy::AllowLoopback
        } else {
            AddressPolicy::PublicOnly
        },
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
            ..defaults.pace
        },
        robots: if collect.obey_robots {
            RobotsPolicy::Obey
        } else {
            RobotsPolicy::Ignore
        },
    }
}

/// A poll that is over.
struct Polled<'h> {
    outlet: &'h Outlet,
    channel: &'h Channel,
    state: Option<&'h ChannelState>,
    at: DateTime<Utc>,
    answer: Result<Answer, Failure>,
}

/// A readable answer.
struct Answer {
    result: PollResult,
    validators: Validators,
    hints: CacheHints,
    parsed: Option<Parsed>,
}

/// Why there is none.
struct Failure {
    outcome: PollOutcome,
    kind: String,
    message: String,
    retry_after: Option<TimeDelta>,
}

/// Polls every channel that is due and records its items.
///
/// # Errors
/// Only when the store fails; a channel that fails is part of the report.
pub async fn collect(p: &Pipeline, fetcher: &Fetcher, report: &mut RunReport) -> anyhow::Result<()> {
    let states: HashMap<ChannelId, ChannelState> = p
        .store
        .channel_states()
        .await?
        .into_iter()
        .map(|s| (s.id.clone(), s))
        .collect();
    let now = p.clock.now();
    let due: Vec<(&Outlet, &Channel)> = p
        .home
        .outlets
        .iter()
        .flat_map(|o| o.channels.iter().map(move |c| (o, c)))
        .filter(|(_, c)| c.enabled)
        .filter(|(_, c)| states.get(&c.id).and_then(|s| s.next_poll).is_none_or(|t| t <= now))
        .collect();
    let mut run = p.progress.begin(Stage::Collect, Some(due.len() as u64));
    run.report.n_in = due.len() as u64;

    let mut polls = futures::stream::iter(due)
        .map(|(outlet, channel)| poll(p, fetcher, outlet, channel, states.get(&channel.id)))
        .buffer_unordered(p.home.settings.collect.pace.concurrency);
    let mut failed = Vec::new();
    while let Some(polled) = polls.next().await {
        run.advance(1);
        report.channels.0 += 1;
        if polled.answer.is_ok() {
            report.channels.1 += 1;
            run.report.n_out += 1;
            let n_new = record(p, &polled, PollOutcome::Good).await?;
            run.report.count("new items", n_new);
            note_problems(&polled, report);
        } else {
            failed.push(polled);
        }
    }
    drop(polls);
    let outage = run.report.n_out == 0 && failed.len() >= OUTAGE_CHANNELS;
    if outage {
        report
            .notices
            .push("no source answered at all: taken for an outage here, and charged to no source".to_owned());
    }
    for polled in &failed {
        let Err(failure) = &polled.answer else { continue };
        let outcome = if outage { PollOutcome::Outage } else { failure.outcome };
        record(p, polled, outcome).await?;
        run.report.count("failed", 1);
        note_problems(polled, report);
    }
    report.stages.insert(Stage::Collect, run.end());
    Ok(())
}

async fn poll<'h>(
    p: &Pipeline,
    fetcher: &Fetcher,
    outlet: &'h Outlet,
    channel: &'h Channel,
    state: Option<&'h ChannelState>,
) -> Polled<'h> {
    let validators = Validators {
        etag: state.and_then(|s| s.etag.clone()),
        last_modified: state.and_then(|s| s.last_modified.clone()),
    };
    let answer = ask(p, fetcher, outlet, channel, state, &validators).await;
    if let Err(failure) = &answer {
        tracing::info!(outlet = %outlet.id, channel = %channel.id, kind = failure.kind, "poll failed");
    }
    Polled {
        outlet,
        channel,
        state,
        at: p.clock.now(),
        answer,
    }
}

async fn ask(
    p: &Pipeline,
    fetcher: &Fetcher,
    outlet: &Outlet,
    channel: &Channel,
    state: Option<&ChannelState>,
    validators: &Validators,
) -> Result<Answer, Failure> {
    let request = Request {
        url: &channel.url,
        validators,
        purpose: Purpose::Channel,
    };
    let fetched = fetcher.fetch(&request).await.map_err(|e| failure(&e))?;
    let Fetched {
        url,
        body,
        content_type,
        validators,
        hints,
        ..
    } = fetched;
    let Body::Bytes(bytes) = body else {
        return Ok(Answer {
            result: PollResult::Unchanged,
            validators,
            hints,
            parsed: None,
        });
    };
    let body_hash = hash(&bytes);
    if state.and_then(|s| s.body_hash.as_deref()) == Some(body_hash.as_str()) {
        return Ok(Answer {
            result: PollResult::Unchanged,
            validators,
            hints,
            parsed: None,
        });
    }
    let mut parsed = parse(p, outlet, channel, url, bytes, content_type).await;
    if matches!(parsed.kind, "html" | "unknown") {
        let message = parsed
            .problems
            .first()
            .cloned()
            .unwrap_or_else(|| "the answer is not a feed".to_owned());
        return Err(Failure {
            outcome: PollOutcome::Hard,
            kind: format!("{}-as-feed", parsed.kind),
            message: format!("{}: {message}", channel.url),
            retry_after: None,
        });
    }
    read_children(p, fetcher, outlet, channel, &mut parsed).await;
    Ok(Answer {
        result: PollResult::Changed { body_hash },
        validators,
        hints,
        parsed: Some(parsed),
    })
}

/// A sitemap index names its children; the latest are read at once.
async fn read_children(p: &Pipeline, fetcher: &Fetcher, outlet: &Outlet, channel: &Channel, parsed: &mut Parsed) {
    let children: Vec<String> = parsed.sitemaps.iter().take(MAX_CHILD_SITEMAPS).cloned().collect();
    for child in children {
        let Ok(url) = CanonicalUrl::parse(&child) else {
            parsed
                .problems
                .push(format!("the child sitemap {child:?} is not an address"));
            continue;
        };
        let none = Validators::default();
        match fetcher
            .fetch(&Request {
                url: &url,
                validators: &none,
                purpose: Purpose::Channel,
            })
            .await
        {
            Ok(Fetched {
                url,
                body: Body::Bytes(bytes),
                content_type,
                ..
            }) => {
                let read = parse(p, outlet, channel, url, bytes, content_type).await;
                parsed.items.extend(read.items);
                parsed.problems.extend(read.problems);
            }
            Ok(_) => {}
            Err(e) => parsed.problems.push(format!("a child sitemap cannot be read: {e}")),
        }
    }
}

async fn parse(
    p: &Pipeline,
    outlet: &Outlet,
    channel: &Channel,
    base: CanonicalUrl,
    bytes: Vec<u8>,
    content_type: Option<String>,
) -> Parsed {
    let (kind, rules, zone, now) = (channel.kind, channel.rules.clone(), zone_of(outlet), p.clock.now());
    let read = move || {
        let charset = content_type.as_deref().and_then(charset_of);
        let context = ParseContext {
            kind,
            base: &base,
            rules: &rules,
            zone,
            now,
            charset,
        };
        diembao_feeds::parse_channel(&context, &bytes)
    };
    match tokio::task::spawn_blocking(read).await {
        Ok(parsed) => parsed,
        Err(e) => Parsed {
            kind: "unknown",
            title: None,
            items: Vec::new(),
            sitemaps: Vec::new(),
            ttl: None,
            problems: vec![format!("reading it failed: {e}")],
        },
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

fn hash(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes)
        .iter()
        .take(16)
        .fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

fn failure(e: &FetchError) -> Failure {
    Failure {
        outcome: match e.class() {
            FailureClass::Hard => PollOutcome::Hard,
            FailureClass::Soft => PollOutcome::Soft,
            FailureClass::Temporary => PollOutcome::Temporary,
        },
        kind: e.kind().into_owned(),
        message: e.to_string(),
        retry_after: e.retry_after().and_then(|d| TimeDelta::from_std(d).ok()),
    }
}

/// Records one poll; how many items were new.
async fn record(p: &Pipeline, polled: &Polled<'_>, outcome: PollOutcome) -> anyhow::Result<u64> {
    let failures = polled.state.map_or(0.0, |s| s.failures);
    let recent = p
        .store
        .recent_item_times(&polled.channel.id, polled.at - TimeDelta::days(28))
        .await?;
    let history = PollHistory {
        last_poll: Some(polled.at),
        last_outcome: Some(outcome),
        failures: charge(failures, outcome),
        recent_items: recent,
    };
    let next = next_poll(&history, &hints(polled), &schedule(p), polled.at, &polled.channel.id);
    let (result, validators, items, problem) = match &polled.answer {
        Ok(answer) => {
            let parsed = answer.parsed.as_ref();
            let items = parsed.map(|parsed| items(polled.channel, parsed)).unwrap_or_default();
            let problem = parsed.and_then(|parsed| parsed.problems.first().cloned());
            (answer.result.clone(), answer.validators.clone(), items, problem)
        }
        Err(failure) => {
            let weight = charge(0.0, outcome);
            let result = PollResult::Failed {
                weight,
                problem: failure.message.clone(),
            };
            (result, Validators::default(), Vec::new(), Some(failure.message.clone()))
        }
    };
    let poll = Poll {
        channel: polled.channel.id.clone(),
        polled_at: polled.at,
        next_poll: next,
        result,
        etag: validators.etag,
        last_modified: validators.last_modified,
        problem,
    };
    let new = p
        .store
        .record_poll(&poll, &items)
        .await
        .with_context(|| format!("channel {}", polled.channel.id))?;
    Ok(new.n_new as u64)
}

fn hints(polled: &Polled<'_>) -> PollHints {
    let delta = |d: std::time::Duration| TimeDelta::from_std(d).ok();
    match &polled.answer {
        Ok(answer) => PollHints {
            ttl: answer.parsed.as_ref().and_then(|parsed| parsed.ttl),
            max_age: answer.hints.max_age.and_then(delta),
            expires: answer.hints.expires.and_then(delta).map(|d| polled.at + d),
            retry_after: answer.hints.retry_after.and_then(delta).map(|d| polled.at + d),
        },
        Err(failure) => PollHints {
            retry_after: failure.retry_after.map(|d| polled.at + d),
            ..PollHints::default()
        },
    }
}

fn schedule(p: &Pipeline) -> ScheduleSettings {
    let interval = &p.home.settings.collect.interval;
    let delta = |d: std::time::Duration| TimeDelta::from_std(d).unwrap_or(TimeDelta::hours(24));
    ScheduleSettings {
        min_interval: delta(*interval.start()),
        max_interval: delta(*interval.end()),
        ..ScheduleSettings::default()
    }
}

fn items(channel: &Channel, parsed: &Parsed) -> Vec<Item> {
    let fetchable = parsed.items.iter().filter(|found| !found.opaque);
    fetchable
        .filter_map(|found| {
            Some(Item {
                channel: channel.id.clone(),
                url: found.url.clone()?,
                title: found.title.clone(),
                summary: found.summary.clone(),
                published: found.published,
            })
        })
        .collect()
}

fn note_problems(polled: &Polled<'_>, report: &mut RunReport) {
    let channel = &polled.channel.id;
    match &polled.answer {
        Ok(answer) => {
            let problems = answer.parsed.iter().flat_map(|parsed| &parsed.problems);
            report.sources.extend(problems.map(|message| SourceProblem {
                channel: channel.clone(),
                kind: "content".to_owned(),
                message: format!("{}: {message}", polled.outlet.name),
            }));
        }
        Err(failure) => report.sources.push(SourceProblem {
            channel: channel.clone(),
            kind: failure.kind.clone(),
            message: failure.message.clone(),
        }),
    }
}

/// What a look at one channel brought, without recording anything.
#[derive(Debug)]
pub struct ChannelCheck {
    /// What it answered, or why not: a short word and a sentence.
    pub answer: Result<Parsed, (String, String)>,
}

/// Asks one channel now and records nothing.
pub async fn check_channel(p: &Pipeline, fetcher: &Fetcher, outlet: &Outlet, channel: &Channel) -> ChannelCheck {
    let answer = ask(p, fetcher, outlet, channel, None, &Validators::default()).await;
    let answer = match answer {
        Ok(Answer {
            parsed: Some(parsed), ..
        }) => Ok(parsed),
        Ok(_) => Err((
            "not-modified".to_owned(),
            "answered \"not modified\" to a first request".to_owned(),
        )),
        Err(failure) => Err((failure.kind, failure.message)),
    };
    ChannelCheck { answer }
}
