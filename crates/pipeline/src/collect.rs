//! The first stage: due channels are claimed and polled, and their items recorded.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use diembao_feeds::Parsed;
use diembao_feeds::health::BROKEN_AT;
use diembao_feeds::schedule::{
    PollHints, PollHistory, PollOutcome, Reach, ScheduleSettings, charge, is_general_outage, next_poll,
};
use diembao_fetch::Validators;
use diembao_news::{Channel, ChannelId, Item, Outlet, OutletId};
use diembao_store::{ChannelState, Poll, PollResult};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tracing::Instrument;

use crate::health::tell_health;
use crate::intake::Intake;
use crate::poll::{Answer, Failure, Look};
use crate::{Pipeline, RunReport, SourceProblem, Stage, StageRun};

/// Between two looks at what other workers have not finished.
const PATIENCE: Duration = Duration::from_millis(500);
/// What the store calls the answer of a channel whose host was not reached.
const UNREACHED: &str = "unreached";

/// A poll that is over.
struct Polled<'h> {
    outlet: &'h Outlet,
    channel: &'h Channel,
    state: ChannelState,
    at: DateTime<Utc>,
    answer: Result<Answer, Failure>,
}

/// Polls every channel that is due and records its items.
///
/// # Errors
/// Only when the store fails; a channel that fails is part of the report.
pub async fn collect(p: &Pipeline, intake: &Intake, report: &mut RunReport) -> anyhow::Result<()> {
    let mut run = p.progress.begin(Stage::Collect, None);
    let result = intake.holding(p, round(p, intake, &mut run, report)).await;
    report.stages.insert(Stage::Collect, run.end());
    result
}

/// Polls what is due when it begins.
async fn round(p: &Pipeline, intake: &Intake, run: &mut StageRun<'_>, report: &mut RunReport) -> anyhow::Result<()> {
    let by_id: HashMap<&ChannelId, (&Outlet, &Channel)> =
        p.home.outlets.iter().flat_map(|o| o.channels.iter().map(move |c| (&c.id, (o, c)))).collect();
    let wanted: Vec<&ChannelId> = by_id.values().filter(|(_, c)| c.enabled).map(|(_, c)| &c.id).collect();
    p.store.set_polled(&wanted).await?;
    let (begun, n_open) = (p.clock.now(), p.home.settings.collect.pace.concurrency);
    let mut round = Round { p, intake, run, report, touched: BTreeSet::new(), failed: Vec::new() };
    let mut portion: VecDeque<ChannelState> = VecDeque::new();
    let mut polls = FuturesUnordered::new();
    let mut dry = false;
    // No poll that is open here may hold a connection of the store: it rests while the store is written.
    loop {
        while polls.len() < n_open {
            if portion.is_empty() && !dry {
                portion.extend(p.store.claim_channels(&intake.claim(p), begun, n_open).await?);
                dry = portion.is_empty();
            }
            let Some(state) = portion.pop_front() else { break };
            if let Some(&(outlet, channel)) = by_id.get(&state.id) {
                polls.push(poll(p, intake, (outlet, channel, state)));
            }
        }
        match polls.next().await {
            Some(polled) => round.take(polled).await?,
            None if intake.waits() && p.store.channels_elsewhere(&intake.claim(p), begun).await? => {
                tokio::time::sleep(PATIENCE).await;
                dry = false;
            }
            None => return round.end().await,
        }
    }
}

/// What has come of a round so far.
struct Round<'h, 'w, 'r> {
    p: &'h Pipeline,
    intake: &'h Intake,
    run: &'w mut StageRun<'r>,
    report: &'w mut RunReport,
    touched: BTreeSet<OutletId>,
    /// Failures wait for the end: only then is it known whose they are.
    failed: Vec<Polled<'h>>,
}

impl<'h> Round<'h, '_, '_> {
    async fn take(&mut self, mut polled: Polled<'h>) -> anyhow::Result<()> {
        self.run.advance(1);
        self.run.report.n_in += 1;
        self.report.channels.0 += 1;
        self.touched.insert(polled.outlet.id.clone());
        let Ok(answer) = &mut polled.answer else {
            self.failed.push(polled);
            return Ok(());
        };
        let archived: Vec<_> = answer.record.take().into_iter().collect();
        self.intake.keep(self.p, &archived, self.report);
        self.report.channels.1 += 1;
        self.run.report.n_out += 1;
        let n_new = record(self.p, &polled, PollOutcome::Good).await?;
        self.run.report.count("new items", n_new);
        self.run.report.count("opaque links", n_opaque(&polled));
        tell_recovery(&polled, self.report);
        note_problems(&polled, self.report);
        Ok(())
    }

    async fn end(self) -> anyhow::Result<()> {
        let Round { p, run, report, touched, failed, .. } = self;
        run.report.count("failed", failed.len() as u64);
        let outage = run.report.n_out == 0 && !failed.is_empty() && is_outage(p, &failed).await?;
        if outage {
            let told = "no source answered at all: taken for an outage here, and charged to no source";
            report.notices.push(told.to_owned());
        }
        for polled in &failed {
            let Err(failure) = &polled.answer else { continue };
            let outcome = if outage { PollOutcome::Outage } else { failure.outcome };
            record(p, polled, outcome).await?;
            note_problems(polled, report);
        }
        if outage { Ok(()) } else { tell_health(p, &touched, report).await }
    }
}

async fn poll<'h>(
    p: &'h Pipeline,
    intake: &Intake,
    (outlet, channel, state): (&'h Outlet, &'h Channel, ChannelState),
) -> Polled<'h> {
    let span = tracing::info_span!("poll", outlet = %outlet.id, channel = %channel.id);
    let look = Look { p, fetcher: &intake.fetcher, outlet, channel };
    let answer = async {
        let answer = look.ask(Some(&state)).await;
        match &answer {
            Ok(answer) => {
                let n_items = answer.parsed.as_ref().map(|parsed| parsed.items.len());
                tracing::debug!(n_items, "polled");
            }
            Err(failure) => tracing::info!(kind = failure.kind, "poll failed: {}", failure.message),
        }
        answer
    };
    let answer = answer.instrument(span).await;
    p.metrics.polled(answer.as_ref().err().map(|failure| failure.kind.as_str()));
    Polled { outlet, channel, state, at: p.clock.now(), answer }
}

/// Whether these failures, and those before them since any channel last answered, are the network's.
async fn is_outage(p: &Pipeline, failed: &[Polled<'_>]) -> anyhow::Result<bool> {
    let hosts: HashMap<&ChannelId, &str> =
        p.home.outlets.iter().flat_map(|o| &o.channels).map(|c| (&c.id, c.url.host())).collect();
    let here: HashSet<&ChannelId> = failed.iter().map(|polled| &polled.channel.id).collect();
    let states = p.store.channel_states().await?;
    let last_good = states.iter().filter_map(|s| s.last_success).max();
    let before = states.iter().filter(|s| !here.contains(&s.id) && s.last_poll > last_good).filter_map(|s| {
        let unreached = s.conduct.answer.as_deref() == Some(UNREACHED);
        Some((*hosts.get(&s.id)?, if unreached { Reach::None } else { Reach::Other }))
    });
    let now = failed.iter().map(|polled| {
        (polled.channel.url.host(), polled.answer.as_ref().err().map_or(Reach::Good, |failure| failure.reach))
    });
    Ok(is_general_outage(now.chain(before)))
}

/// Records one poll; how many items were new.
async fn record(p: &Pipeline, polled: &Polled<'_>, outcome: PollOutcome) -> anyhow::Result<u64> {
    let items = match &polled.answer {
        Ok(Answer { parsed: Some(parsed), .. }) => items(polled.channel, parsed),
        _ => Vec::new(),
    };
    let mut recent = p.store.recent_item_times(&polled.channel.id, polled.at - TimeDelta::days(28)).await?;
    if recent.is_empty() {
        // The first answer already tells the channel's rhythm.
        recent.extend(items.iter().filter_map(|item| item.published));
    }
    let history = PollHistory {
        last_poll: Some(polled.at),
        last_outcome: Some(outcome),
        failures: charge(polled.state.failures, outcome),
        recent_items: recent,
    };
    let next = next_poll(&history, &hints(polled), &schedule(p), polled.at, &polled.channel.id);
    let poll = Poll { next_poll: next, ..what_came(polled, outcome) };
    let new = p.store.record_poll(&poll, &items).await.with_context(|| format!("channel {}", polled.channel.id))?;
    Ok(new.n_new as u64)
}

fn what_came(polled: &Polled<'_>, outcome: PollOutcome) -> Poll {
    let (result, validators, problem, answer) = match &polled.answer {
        Ok(answer) => {
            let parsed = answer.parsed.as_ref();
            let word = parsed.map(|parsed| if parsed.items.is_empty() { "empty" } else { "items" });
            let problem = parsed.and_then(|parsed| parsed.problems.first().cloned());
            (answer.result.clone(), answer.validators.clone(), problem, word)
        }
        Err(failure) => {
            let result = PollResult::Failed { weight: charge(0.0, outcome), problem: failure.message.clone() };
            let word = match failure.kind.as_str() {
                "html-as-feed" => Some("html"),
                "challenge" => Some("challenge"),
                _ => (failure.reach == Reach::None).then_some(UNREACHED),
            };
            (result, Validators::default(), Some(failure.message.clone()), word)
        }
    };
    Poll {
        channel: polled.channel.id.clone(),
        polled_at: polled.at,
        next_poll: polled.at,
        result,
        etag: validators.etag,
        last_modified: validators.last_modified,
        problem,
        answer,
        skew: polled.answer.as_ref().ok().and_then(|answer| answer.skew),
    }
}

fn hints(polled: &Polled<'_>) -> PollHints {
    let delta = |d: Duration| TimeDelta::from_std(d).ok();
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
    let delta = |d: Duration| TimeDelta::from_std(d).unwrap_or(TimeDelta::hours(24));
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

/// Links of aggregators that do not say which article they mean: they are counted and not followed.
fn n_opaque(polled: &Polled<'_>) -> u64 {
    let parsed = polled.answer.as_ref().ok().and_then(|answer| answer.parsed.as_ref());
    parsed.map_or(0, |parsed| parsed.items.iter().filter(|found| found.opaque).count() as u64)
}

fn tell_recovery(polled: &Polled<'_>, report: &mut RunReport) {
    if polled.state.failures < BROKEN_AT {
        return;
    }
    let since = polled.state.last_success.map_or_else(
        || "it had never worked".to_owned(),
        |t| format!("it had not since {}", t.with_timezone(&chrono_tz::Asia::Ho_Chi_Minh).format("%d/%m %H:%M")),
    );
    let told = format!("channel {} works again; {since}", polled.channel.id);
    tracing::info!("{told}");
    report.notices.push(told);
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
