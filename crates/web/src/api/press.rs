//! The press for programs: search, stories, sources, editions and who has them.

use axum::extract::{Path, Query as UrlQuery, State};
use diembao_news::{EditionId, Severity, StoryId};
use diembao_search::Hit;
use serde_json::{Value, json};

use super::{answer, time};
use crate::answer::{Answer, Stop};
use crate::format::machine;
use crate::pages::search;
use crate::state::Console;

const N_EDITIONS: usize = 366;

/// GET /api/v1/search
pub(crate) async fn find(State(console): State<Console>, UrlQuery(pairs): UrlQuery<Vec<(String, String)>>) -> Answer {
    let query = search::query_of(pairs, console.p.clock.now());
    let found = search::find(&console, query).await?;
    let facets: serde_json::Map<String, Value> = found
        .facets
        .iter()
        .map(|(facet, counts)| {
            let counts: Vec<Value> = counts.iter().map(|(v, n)| json!({"value": v, "count": n})).collect();
            (facet.as_str().to_owned(), counts.into())
        })
        .collect();
    let hits: Vec<Value> = found.hits.iter().map(hit_json).collect();
    answer(&json!({"total": found.total, "hits": hits, "facets": facets, "notes": found.notes}))
}

fn hit_json(h: &Hit) -> Value {
    let highlights: Vec<[usize; 2]> = h.snippet.highlights.iter().map(|r| [r.start, r.end]).collect();
    json!({
        "id": h.id.to_string(),
        "url": h.url,
        "title": h.title,
        "outlet": h.outlet,
        "published": machine(h.published),
        "story": h.story.map(|s| s.to_string()),
        "topics": h.topics,
        "flags": h.flags,
        "severity": h.severity.map(Severity::as_str),
        "snippet": h.snippet.text,
        "highlights": highlights,
        "n_articles": h.n_articles,
        "n_outlets": h.n_outlets,
    })
}

/// GET /api/v1/stories/{story}
pub(crate) async fn story(State(console): State<Console>, Path(id): Path<String>) -> Answer {
    let id = StoryId::parse(&id).map_err(|_| Stop::NotFound)?;
    let story = console.p.store.story(id).await?.ok_or(Stop::NotFound)?;
    let articles: Vec<Value> = story
        .articles
        .iter()
        .map(|stored| {
            let a = &stored.article;
            json!({
                "id": a.id.to_string(),
                "outlet": a.outlet.as_str(),
                "url": a.url.as_ref().map(|u| u.as_str()),
                "title": a.text.title,
                "lead": a.text.lead,
                "body": a.text.body,
                "authors": a.authors,
                "published": machine(a.times.published),
            })
        })
        .collect();
    answer(&json!({"story": story.id.to_string(), "articles": articles}))
}

/// GET /api/v1/sources
pub(crate) async fn sources(State(console): State<Console>) -> Answer {
    let health = console.sources().await?;
    let sources: Vec<Value> = health
        .iter()
        .map(|h| {
            let channels: Vec<Value> = h
                .channels
                .iter()
                .map(|c| {
                    let s = c.state.as_ref();
                    json!({
                        "id": c.channel.id.as_str(),
                        "grade": c.diagnosis.grade.as_str(),
                        "last_poll": time(s.and_then(|s| s.last_poll)),
                        "last_success": time(s.and_then(|s| s.last_success)),
                        "last_new_item": time(s.and_then(|s| s.last_new_item)),
                        "failures": s.map_or(0.0, |s| s.failures),
                        "problem": s.and_then(|s| s.last_problem.clone()),
                    })
                })
                .collect();
            json!({"id": h.outlet.id.as_str(), "name": h.outlet.name, "tier": h.outlet.tier.as_str(), "channels": channels})
        })
        .collect();
    answer(&json!({"sources": sources}))
}

/// GET /api/v1/editions
pub(crate) async fn editions(State(console): State<Console>) -> Answer {
    let editions = console.p.store.editions(N_EDITIONS).await?;
    let editions: Vec<Value> = editions
        .iter()
        .map(|e| {
            json!({"id": e.id.as_str(), "state": e.state.as_str(), "from": machine(e.from), "to": machine(e.to),
                "frozen": time(e.frozen_at)})
        })
        .collect();
    answer(&json!({"editions": editions}))
}

/// GET /api/v1/editions/{day}/deliveries
pub(crate) async fn deliveries(State(console): State<Console>, Path(day): Path<String>) -> Answer {
    let id = EditionId::parse(&day).map_err(|_| Stop::NotFound)?;
    console.p.store.edition(&id).await?.ok_or(Stop::NotFound)?;
    let deliveries: Vec<Value> = console
        .p
        .store
        .deliveries(&id)
        .await?
        .iter()
        .map(|d| {
            json!({"recipient": d.recipient, "audience": d.audience.as_str(), "message_id": d.message_id,
                "state": d.state.as_str(), "attempts": d.attempts, "last_reply": d.last_reply})
        })
        .collect();
    answer(&json!({"deliveries": deliveries}))
}
