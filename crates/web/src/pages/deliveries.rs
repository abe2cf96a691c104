//! `/deliveries`: who has which edition.

use axum::extract::{Query, State};
use diembao_news::{Delivery, DeliveryState, EditionId, EditionState};
use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::answer::{Answer, Stop};
use crate::format::{self, moment};
use crate::html::{self, Sheet};
use crate::pages::shared::Choice;
use crate::state::Console;

const N_EDITIONS: usize = 31;

/// Of which day.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    day: String,
}

#[derive(Serialize)]
struct View {
    days: Vec<Choice>,
    day: Option<String>,
    frozen: String,
    counts: Vec<(&'static str, usize, &'static str)>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    recipient: String,
    audience: String,
    state: &'static str,
    chip: &'static str,
    attempts: u32,
    reply: String,
    message_id: String,
}

/// GET /deliveries
pub(crate) async fn show(State(console): State<Console>, actor: Actor, Query(asked): Query<Asked>) -> Answer {
    let now = console.p.clock.now();
    let editions = console.p.store.editions(N_EDITIONS).await?;
    let frozen: Vec<_> = editions.into_iter().filter(|e| e.state == EditionState::Frozen).collect();
    let day = match asked.day.as_str() {
        "" => frozen.first().map(|e| e.id.clone()),
        day => Some(EditionId::parse(day).map_err(|_| Stop::NotFound)?),
    };
    let deliveries = match &day {
        Some(day) => console.p.store.deliveries(day).await?,
        None => Vec::new(),
    };
    let names = |id: &str| {
        let found = console.p.home.settings.audiences.iter().find(|a| a.audience.id.as_str() == id);
        found.map_or_else(|| id.to_owned(), |a| a.audience.name.clone())
    };
    let at = frozen.iter().find(|e| Some(&e.id) == day.as_ref()).and_then(|e| e.frozen_at);
    let view = View {
        days: frozen
            .iter()
            .map(|e| Choice { value: e.id.to_string(), name: format::edition(&e.id), on: Some(&e.id) == day.as_ref() })
            .collect(),
        day: day.map(|d| format::edition(&d)),
        frozen: at.map(|t| moment(t, now)).unwrap_or_default(),
        counts: counts(&deliveries),
        rows: deliveries.into_iter().map(|d| row(d, &names)).collect(),
    };
    html::page(
        &actor,
        Sheet { template: "deliveries.html", title: "Gửi báo cáo", place: "/deliveries", done: None },
        view,
    )
}

fn counts(deliveries: &[Delivery]) -> Vec<(&'static str, usize, &'static str)> {
    use DeliveryState::{Bounced, Deferred, Queued, Sending, Sent};
    let all = [Sent, Queued, Sending, Deferred, Bounced].into_iter().map(|state| {
        let (words, chip) = words(state);
        (words, deliveries.iter().filter(|d| d.state == state).count(), chip)
    });
    all.filter(|(_, n, _)| *n > 0).collect()
}

fn words(state: DeliveryState) -> (&'static str, &'static str) {
    match state {
        DeliveryState::Queued => ("chờ gửi", ""),
        DeliveryState::Sending => ("đang gửi", ""),
        DeliveryState::Sent => ("đã gửi", "green"),
        DeliveryState::Deferred => ("sẽ gửi lại", "yellow"),
        DeliveryState::Bounced => ("bị từ chối", "red"),
    }
}

fn row(d: Delivery, names: &impl Fn(&str) -> String) -> Row {
    let (state, chip) = words(d.state);
    Row {
        audience: names(d.audience.as_str()),
        recipient: d.recipient,
        state,
        chip,
        attempts: d.attempts,
        reply: d.last_reply.unwrap_or_default(),
        message_id: d.message_id,
    }
}
