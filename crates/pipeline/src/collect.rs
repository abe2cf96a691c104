//! The first stage: due channels are polled, and their items recorded.

use std::collections::HashMap;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use diembao_feeds::Parsed;
use diembao_feeds::schedule::{PollHints, PollHistory, PollOutcome, ScheduleSettings, charge, next_poll};
use diembao_fetch::{Fetcher, Validators};
use diembao_news::{Channel, ChannelId, Item, Outlet};
use diembao_store::{ChannelState, Poll, PollResult};
use futures::StreamExt;

use crate::poll::{Answer, Failure, Look};
use crate::{Pipeline, RunReport, SourceProblem, Stage};

/// An outage is general when at least so many channels were polled and every one failed.
const OUTAGE_CHANNELS: usize = 5;

/// A poll that is over.
struct Polled<'h> {
    outlet: &'h Outlet,
    channel: &'h Channel,
    state: Option<&'h ChannelState>,
    at: DateTime<Utc>,
    answer: Result<Answer, Failure>,
}

/// Polls every channel that is due and records its items.
///
/// # Errors
/// Only when the store fails; a channel that fails is part of the report.
pub async fn collect(p: &Pipeline, fetcher: &Fetcher, report: &mut RunReport) -> anyhow::Result<()> {
    let states: HashMap<ChannelId, ChannelState> =
        p.store.channel_states().await?.into_iter().map(|s| (s.id.clone(), s)).collect();
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
        .map(|(outlet, channel)| poll(Look { p, fetcher, outlet, channel }, states.get(&channel.id)))
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
        report.notices.push("no source answered at all: taken for an outage here, and charged to no source".to_owned());
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

async fn poll<'h>(look: Look<'h>, state: Option<&'h ChannelState>) -> Polled<'h> {
    let answer = look.ask(state).await;
    let Look { p, outlet, channel, .. } = look;
    if let Err(failure) = &answer {
        tracing::info!(outlet = %outlet.id, channel = %channel.id, kind = failure.kind, "poll failed");
    }
    Polled { outlet, channel, state, at: p.clock.now(), answer }
}

/// Records one poll; how many items were new.
async fn record(p: &Pipeline, polled: &Polled<'_>, outcome: PollOutcome) -> anyhow::Result<u64> {
    let failures = polled.state.map_or(0.0, |s| s.failures);
    let recent = p.store.recent_item_times(&polled.channel.id, polled.at - TimeDelta::days(28)).await?;
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
            let result = PollResult::Failed { weight, problem: failure.message.clone() };
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
    let new = p.store.record_poll(&poll, &items).await.with_context(|| format!("channel {}", polled.channel.id))?;
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
        Err(failure) => PollHints { retry_after: failure.retry_after.map(|d| polled.at + d), ..PollHints::default() },
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
