//! How the sources do: which outlets could be read — the proof beside every "không phát sinh" — and which broke.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_digest::Coverage;
use diembao_feeds::health::{
    Ailment, Answer, BASELINE, BROKEN_AT, ChannelFacts, Diagnosis, Grade, LAST_DAY, Notice, Yield, diagnose, notice,
    yield_of,
};
use diembao_news::{Channel, Outlet, OutletId};
use diembao_store::ChannelState;

use crate::{Pipeline, RunReport};

/// How one channel does.
#[derive(Debug, Clone)]
pub struct ChannelHealth {
    /// The channel.
    pub channel: Channel,
    /// What is remembered of it; none: never polled.
    pub state: Option<ChannelState>,
    /// How much it brings.
    pub items: Yield,
    /// How it does, in words.
    pub diagnosis: Diagnosis,
}

/// How one outlet does.
#[derive(Debug, Clone)]
pub struct SourceHealth {
    /// The outlet.
    pub outlet: Outlet,
    /// Its channels, in the order of feeds.toml; those that are not polled too.
    pub channels: Vec<ChannelHealth>,
}

impl SourceHealth {
    /// Whether any of its channels answered since a time.
    #[must_use]
    pub fn answered_since(&self, t: DateTime<Utc>) -> bool {
        self.polled().filter_map(|c| c.state.as_ref()?.last_success).any(|at| at >= t)
    }

    /// Whether any of its channels brought something new since a time.
    #[must_use]
    pub fn published_since(&self, t: DateTime<Utc>) -> bool {
        self.polled().filter_map(|c| c.state.as_ref()?.last_new_item).any(|at| at >= t)
    }

    /// The outlet does as well as the best of its channels.
    #[must_use]
    pub fn grade(&self) -> Grade {
        self.polled().map(|c| c.diagnosis.grade).min().unwrap_or(Grade::Off)
    }

    /// The channels that are polled.
    pub fn polled(&self) -> impl Iterator<Item = &ChannelHealth> {
        self.channels.iter().filter(|c| c.channel.enabled)
    }

    /// Whether it answers and yet brings nothing where its own past says it should.
    fn is_silent(&self, now: DateTime<Utc>) -> bool {
        let quiet = |c: &ChannelHealth| {
            c.diagnosis.findings.iter().any(|f| matches!(f.ailment, Ailment::Silent | Ailment::Empty))
        };
        self.polled().all(quiet) || !self.published_since(now - TimeDelta::days(7))
    }

    fn gravest(&self) -> Option<&diembao_feeds::health::Finding> {
        self.polled().filter_map(|c| c.diagnosis.findings.first()).min_by_key(|f| f.ailment)
    }
}

/// The health of every outlet with a channel that is polled.
///
/// # Errors
/// When the store fails.
pub async fn source_health(p: &Pipeline) -> anyhow::Result<Vec<SourceHealth>> {
    let all = p.home.outlets.iter().filter(|o| o.channels.iter().any(|c| c.enabled));
    health_of(p, all).await
}

async fn health_of(p: &Pipeline, outlets: impl Iterator<Item = &Outlet>) -> anyhow::Result<Vec<SourceHealth>> {
    let states = p.store.channel_states().await?;
    let mut states: HashMap<_, _> = states.into_iter().map(|s| (s.id.clone(), s)).collect();
    let now = p.clock.now();
    let counts = p.store.item_counts(now - BASELINE, now - LAST_DAY, now).await?;
    let mut health = Vec::new();
    for outlet in outlets {
        let mut channels = Vec::with_capacity(outlet.channels.len());
        for channel in &outlet.channels {
            let state = states.remove(&channel.id);
            let items = state.as_ref().map_or_else(Yield::default, |state| {
                let n = counts.get(&channel.id).copied().unwrap_or_default();
                yield_of((n.n_before, n.n_lately), state.conduct.first_poll.unwrap_or(now), now)
            });
            let diagnosis = diagnose(&facts(channel, state.as_ref(), items), now);
            channels.push(ChannelHealth { channel: channel.clone(), state, items, diagnosis });
        }
        health.push(SourceHealth { outlet: outlet.clone(), channels });
    }
    Ok(health)
}

/// Whether a channel brings nothing, told from what is remembered of it alone.
pub(crate) fn is_broken(state: &ChannelState) -> bool {
    let answer = state.conduct.answer.as_deref().and_then(Answer::parse);
    state.failures >= BROKEN_AT || matches!(answer, Some(Answer::Html | Answer::Challenge))
}

fn facts(channel: &Channel, state: Option<&ChannelState>, items: Yield) -> ChannelFacts {
    let Some(state) = state else {
        return ChannelFacts { enabled: channel.enabled, ..ChannelFacts::default() };
    };
    ChannelFacts {
        enabled: channel.enabled,
        last_poll: state.last_poll,
        last_success: state.last_success,
        last_new_item: state.last_new_item,
        failures: state.failures,
        last_error: state.last_problem.clone(),
        answer: state.conduct.answer.as_deref().and_then(Answer::parse).unwrap_or_default(),
        n_empty: state.conduct.n_empty,
        items,
        n_extraction_misses: state.conduct.n_misses,
        skew: state.conduct.skew,
    }
}

/// Which outlets could be read since a time; of those, silent are the ones that bring nothing where their own
/// past says they should, or nothing for a week.
///
/// # Errors
/// When the store fails.
pub async fn coverage(p: &Pipeline, since: DateTime<Utc>) -> anyhow::Result<Coverage> {
    let health = source_health(p).await?;
    let now = p.clock.now();
    let (read, unreachable): (Vec<_>, Vec<_>) = health.iter().partition(|h| h.answered_since(since));
    let silent = read.iter().filter(|h| h.is_silent(now));
    Ok(Coverage {
        n_outlets: health.len(),
        n_read: read.len(),
        silent: silent.map(|h| h.outlet.name.clone()).collect(),
        unreachable: unreachable.iter().map(|h| h.outlet.name.clone()).collect(),
    })
}

/// Raises a notice for every outlet that became a blind spot, and clears it, saying so, when it can be read again.
///
/// # Errors
/// When the store fails.
pub(crate) async fn tell_health(
    p: &Pipeline,
    outlets: &BTreeSet<OutletId>,
    report: &mut RunReport,
) -> anyhow::Result<()> {
    let standing: HashSet<String> = p.store.notices().await?.into_iter().map(|n| n.name).collect();
    let now = p.clock.now();
    for health in health_of(p, p.home.outlets.iter().filter(|o| outlets.contains(&o.id))).await? {
        let name = format!("source/{}", health.outlet.id);
        let before = if standing.contains(&name) { Grade::Broken } else { Grade::Good };
        match notice(before, health.grade()) {
            Some(Notice::Broke) => {
                let told = broke(&health, now);
                if p.store.raise_notice(&name, &told, now).await? {
                    let what = health.gravest().map_or_else(String::new, |f| format!(": {}", f.what));
                    report.notices.push(format!("{} is a blind spot now{what}", health.outlet.id));
                }
            }
            Some(Notice::Mended) if p.store.clear_notice(&name, now).await? => {
                report.notices.push(format!("{} can be read again", health.outlet.id));
            }
            Some(Notice::Mended) | None => {}
        }
    }
    Ok(())
}

/// What people are told of a blind spot, in Vietnamese.
fn broke(health: &SourceHealth, now: DateTime<Utc>) -> String {
    let time = |t: DateTime<Utc>| t.with_timezone(&Ho_Chi_Minh).format("%H:%M %d/%m/%Y");
    let what = health.gravest().map_or("không đọc được", |f| f.ailment.label());
    let last = health.polled().filter_map(|c| c.state.as_ref()?.last_new_item).max();
    let last = last.map_or_else(|| "chưa có tin nào".to_owned(), |t| format!("tin gần nhất lúc {}", time(t)));
    format!("Không theo dõi được {} từ {}: {what} ({last}).", health.outlet.name, time(now))
}
