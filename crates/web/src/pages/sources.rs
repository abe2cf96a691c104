//! `/sources`: which outlets can be read, and what is wrong with the others.

use axum::extract::{Query, State};
use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::{ChannelId, ChannelKind, Tier};
use diembao_pipeline::SourceHealth;
use diembao_store::ChannelState;
use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::answer::Answer;
use crate::format::{distance, number};
use crate::html::{self, Sheet};
use crate::pages::shared::Choice;
use crate::state::Console;

/// Which sources.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    state: String,
}

#[derive(Serialize)]
struct View {
    n_all: usize,
    counts: Vec<Choice>,
    sources: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    name: String,
    tier: &'static str,
    chip: &'static str,
    state: &'static str,
    home: Option<String>,
    note: Option<String>,
    channels: Vec<ChannelRow>,
}

#[derive(Serialize)]
struct ChannelRow {
    id: String,
    kind: &'static str,
    success: String,
    item: String,
    n: String,
    problem: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    Unreachable,
    Silent,
    Unknown,
    Well,
}

impl Condition {
    const ALL: [Self; 4] = [Self::Unreachable, Self::Silent, Self::Unknown, Self::Well];

    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Unreachable => ("unreachable", "không đọc được", "red"),
            Self::Silent => ("silent", "im lặng", "yellow"),
            Self::Unknown => ("unknown", "chưa hỏi", ""),
            Self::Well => ("well", "đọc được", "green"),
        }
    }

    fn of(health: &SourceHealth, now: DateTime<Utc>) -> Self {
        if health.channels.iter().all(|(_, s)| s.as_ref().is_none_or(|s| s.last_poll.is_none())) {
            Self::Unknown
        } else if !health.answered_since(now - TimeDelta::hours(24)) {
            Self::Unreachable
        } else if !health.published_since(now - TimeDelta::days(7)) {
            Self::Silent
        } else {
            Self::Well
        }
    }
}

/// GET /sources
pub(crate) async fn show(State(console): State<Console>, actor: Actor, Query(asked): Query<Asked>) -> Answer {
    let now = console.p.clock.now();
    let health = diembao_pipeline::source_health(&console.p).await?;
    let mut all: Vec<(Condition, &SourceHealth)> = health.iter().map(|h| (Condition::of(h, now), h)).collect();
    let count = |s: Condition| all.iter().filter(|(state, _)| *state == s).count();
    let mut counts =
        vec![Choice { value: String::new(), name: format!("tất cả ({})", all.len()), on: asked.state.is_empty() }];
    counts.extend(Condition::ALL.map(|s| {
        let (value, name, _) = s.words();
        Choice { value: value.to_owned(), name: format!("{name} ({})", count(s)), on: asked.state == value }
    }));
    let n_all = all.len();
    all.retain(|(s, _)| asked.state.is_empty() || s.words().0 == asked.state);
    all.sort_by_key(|(s, h)| (Condition::ALL.iter().position(|x| x == s), h.outlet.name.clone()));
    let view = View { n_all, counts, sources: all.into_iter().map(|(s, h)| row(s, h, now)).collect() };
    html::page(&actor, Sheet { template: "sources.html", title: "Nguồn tin", place: "/sources", done: None }, view)
}

fn row(state: Condition, health: &SourceHealth, now: DateTime<Utc>) -> Row {
    let outlet = &health.outlet;
    let (_, words, chip) = state.words();
    let tier = match outlet.tier {
        Tier::Central => "báo trung ương",
        Tier::Health => "báo ngành y tế",
        Tier::Gov => "cơ quan nhà nước",
        Tier::Local => "báo địa phương",
    };
    let kind = |id: &ChannelId| outlet.channels.iter().find(|c| c.id == *id).map(|c| c.kind);
    Row {
        id: outlet.id.to_string(),
        name: outlet.name.clone(),
        tier,
        chip,
        state: words,
        home: outlet.home.as_ref().map(|u| u.as_str().to_owned()),
        note: outlet.note.clone(),
        channels: health.channels.iter().map(|(id, s)| channel(id.as_str(), kind(id), s.as_ref(), now)).collect(),
    }
}

fn channel(id: &str, kind: Option<ChannelKind>, state: Option<&ChannelState>, now: DateTime<Utc>) -> ChannelRow {
    let ago = |t: Option<DateTime<Utc>>| t.map_or_else(|| "chưa lần nào".to_owned(), |t| distance(t, now));
    ChannelRow {
        id: id.to_owned(),
        kind: match kind {
            Some(ChannelKind::Feed) => "nguồn cấp",
            Some(ChannelKind::Sitemap) => "sơ đồ trang",
            Some(ChannelKind::Section) => "trang mục",
            None => "",
        },
        success: ago(state.and_then(|s| s.last_success)),
        item: ago(state.and_then(|s| s.last_new_item)),
        n: number(state.map_or(0, |s| s.n_items_total.unsigned_abs())),
        problem: state.and_then(|s| s.last_problem.clone()).unwrap_or_default(),
    }
}
