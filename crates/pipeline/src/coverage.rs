//! Which outlets could be read: the proof beside every "không phát sinh".

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diembao_digest::Coverage;
use diembao_news::{ChannelId, Outlet};
use diembao_store::ChannelState;

use crate::Pipeline;

/// How one outlet does.
#[derive(Debug, Clone)]
pub struct SourceHealth {
    /// The outlet.
    pub outlet: Outlet,
    /// What is known of its channels that are polled, in the order of feeds.toml.
    pub channels: Vec<(ChannelId, Option<ChannelState>)>,
}

impl SourceHealth {
    /// Whether any of its channels answered since a time.
    #[must_use]
    pub fn answered_since(&self, t: DateTime<Utc>) -> bool {
        self.states().filter_map(|s| s.last_success).any(|at| at >= t)
    }

    /// Whether any of its channels brought something new since a time.
    #[must_use]
    pub fn published_since(&self, t: DateTime<Utc>) -> bool {
        self.states().filter_map(|s| s.last_new_item).any(|at| at >= t)
    }

    fn states(&self) -> impl Iterator<Item = &ChannelState> {
        self.channels.iter().filter_map(|(_, state)| state.as_ref())
    }
}

/// The health of every outlet with a channel that is polled.
///
/// # Errors
/// When the store fails.
pub async fn source_health(p: &Pipeline) -> anyhow::Result<Vec<SourceHealth>> {
    let mut states: HashMap<ChannelId, ChannelState> =
        p.store.channel_states().await?.into_iter().map(|s| (s.id.clone(), s)).collect();
    let health = p.home.outlets.iter().map(|outlet| SourceHealth {
        outlet: outlet.clone(),
        channels: outlet.channels.iter().filter(|c| c.enabled).map(|c| (c.id.clone(), states.remove(&c.id))).collect(),
    });
    Ok(health.filter(|h| !h.channels.is_empty()).collect())
}

/// Which outlets could be read since a time. Silent: answered, but brought nothing new for a week.
///
/// # Errors
/// When the store fails.
pub async fn coverage(p: &Pipeline, since: DateTime<Utc>) -> anyhow::Result<Coverage> {
    let health = source_health(p).await?;
    let week_ago = p.clock.now() - chrono::TimeDelta::days(7);
    let (read, unreachable): (Vec<_>, Vec<_>) = health.iter().partition(|h| h.answered_since(since));
    let silent = read.iter().filter(|h| !h.published_since(week_ago));
    Ok(Coverage {
        n_outlets: health.len(),
        n_read: read.len(),
        silent: silent.map(|h| h.outlet.name.clone()).collect(),
        unreachable: unreachable.iter().map(|h| h.outlet.name.clone()).collect(),
    })
}
