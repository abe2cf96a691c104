//! `/editions`: the editions so far, and today's.

use axum::extract::State;
use diembao_news::EditionState;
use serde::Serialize;

use crate::access::Actor;
use crate::answer::Answer;
use crate::format::{self, moment};
use crate::html::{self, Sheet};
use crate::state::Console;

const N_SHOWN: usize = 60;

#[derive(Serialize)]
struct View {
    today: String,
    has_today: bool,
    send_at: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    day: String,
    name: String,
    state: &'static str,
    chip: &'static str,
    from: String,
    to: String,
    frozen: String,
}

/// GET /editions
pub(crate) async fn list(State(console): State<Console>, actor: Actor) -> Answer {
    let now = console.p.clock.now();
    let today = diembao_pipeline::today(now).to_string();
    let editions = console.p.store.editions(N_SHOWN).await?;
    let rows: Vec<Row> = editions
        .into_iter()
        .map(|e| Row {
            name: format::edition(&e.id),
            day: e.id.to_string(),
            state: if e.state == EditionState::Frozen { "đã chốt" } else { "bản nháp" },
            chip: if e.state == EditionState::Frozen { "green" } else { "yellow" },
            from: moment(e.from, now),
            to: moment(e.to, now),
            frozen: e.frozen_at.filter(|_| e.state == EditionState::Frozen).map(|t| moment(t, now)).unwrap_or_default(),
        })
        .collect();
    let view = View {
        has_today: rows.iter().any(|r| r.day == today),
        send_at: console.p.home.settings.edition.send_at.format("%H:%M").to_string(),
        today,
        rows,
    };
    html::page(&actor, Sheet { template: "editions.html", title: "Điểm báo", place: "/editions", done: None }, view)
}
