//! `/`: what must be done now.

use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use diembao_news::{DeliveryState, EditionState};
use serde::Serialize;

use crate::access::Actor;
use crate::answer::{Answer, Stop};
use crate::charts;
use crate::format::{self, long_day, moment};
use crate::html::{self, Sheet};
use crate::pages::Done;
use crate::pages::shared::{CaseRow, NewsRow, case_row, news_row};
use crate::rights;
use crate::state::Console;

const N_SHOWN: usize = 12;

#[derive(Serialize)]
struct View {
    day: String,
    waiting: Vec<CaseRow>,
    more_waiting: usize,
    pressing: Vec<CaseRow>,
    news: Vec<NewsRow>,
    more_news: usize,
    edition: EditionCard,
    sources: SourcesCard,
    trend: String,
}

#[derive(Serialize)]
struct EditionCard {
    id: String,
    name: String,
    frozen: bool,
    line: String,
    n_sent: usize,
    n_waiting: usize,
    n_refused: usize,
}

#[derive(Serialize)]
struct SourcesCard {
    n_read: usize,
    n_all: usize,
    unreachable: Vec<String>,
    silent: Vec<String>,
}

/// GET /
pub(crate) async fn show(State(console): State<Console>, actor: Actor, Query(done): Query<Done>) -> Answer {
    let now = console.p.clock.now();
    let board = console.board().await?;
    let seen = |case: &diembao_desk::Case| rights::sees(&actor.user, case);
    let waiting: Vec<_> = board.waiting.iter().filter(|c| seen(c)).collect();
    let clock =
        |case: &diembao_desk::Case| board.clocks.iter().find(|row| row.case.id == case.id).map(|row| &row.reading);
    // Of each case the most pressing clock only, and none that stands with its case above.
    let mut shown: std::collections::HashSet<_> = waiting.iter().take(N_SHOWN).map(|case| case.id).collect();
    let pressing = board.clocks.iter().filter(|row| seen(&row.case) && shown.insert(row.case.id));
    let news: Vec<_> = board.news.iter().filter(|(case, _)| seen(case)).collect();
    let view = View {
        more_news: news.len().saturating_sub(N_SHOWN),
        news: news.into_iter().take(N_SHOWN).map(|(case, said)| news_row(&actor, case, said, now)).collect(),
        day: long_day(now),
        more_waiting: waiting.len().saturating_sub(N_SHOWN),
        waiting: waiting.into_iter().take(N_SHOWN).map(|c| case_row(c, clock(c), now)).collect(),
        pressing: pressing.take(N_SHOWN).map(|row| case_row(&row.case, Some(&row.reading), now)).collect(),
        edition: edition(&console, now).await?,
        sources: sources(&console).await?,
        trend: trend(&console).await?,
    };
    let sheet = Sheet { template: "today.html", title: "Hôm nay", place: "/", done: done.done.as_deref() };
    html::page(&actor, sheet, view)
}

async fn edition(console: &Console, now: DateTime<Utc>) -> Result<EditionCard, Stop> {
    let id = diembao_pipeline::today(now);
    let frozen = console.p.store.edition(&id).await?.filter(|e| e.state == EditionState::Frozen);
    let deliveries = console.p.store.deliveries(&id).await?;
    let count = |wanted: &[DeliveryState]| deliveries.iter().filter(|d| wanted.contains(&d.state)).count();
    let send_at = console.p.home.settings.edition.send_at.format("%H:%M");
    let line = match frozen.as_ref().and_then(|e| e.frozen_at) {
        Some(at) => format!("Đã chốt lúc {}", moment(at, now)),
        None => format!("Bản nháp; tự gửi lúc {send_at}"),
    };
    Ok(EditionCard {
        name: format::edition(&id),
        id: id.to_string(),
        frozen: frozen.is_some(),
        line,
        n_sent: count(&[DeliveryState::Sent]),
        n_waiting: count(&[DeliveryState::Queued, DeliveryState::Sending, DeliveryState::Deferred]),
        n_refused: count(&[DeliveryState::Bounced]),
    })
}

async fn sources(console: &Console) -> Result<SourcesCard, Stop> {
    let coverage = console.coverage().await?;
    Ok(SourcesCard {
        n_read: coverage.n_read,
        n_all: coverage.n_outlets,
        unreachable: coverage.unreachable.clone(),
        silent: coverage.silent.clone(),
    })
}

async fn trend(console: &Console) -> Result<String, Stop> {
    let days = console.trend().await?;
    let bars: Vec<charts::Bar> = days
        .iter()
        .map(|d| charts::Bar { name: d.day.format("%d/%m").to_string(), n: d.n_health, n_marked: d.n_incidents })
        .collect();
    Ok(charts::bars("Tin y tế bảy ngày qua, phần đậm là sự cố", &bars))
}
