//! `/claims`: health falsehoods beside their rebuttals, those nobody answered first.

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use diembao_desk::{ClaimRow, Gap, Reach};
use diembao_pipeline::desk;
use serde::Serialize;

use crate::access::Actor;
use crate::answer::Answer;
use crate::format::{distance, span};
use crate::html::{self, Sheet};
use crate::state::Console;

const DAYS: i64 = 30;
const N_SHOWN: usize = 100;

#[derive(Serialize)]
struct View {
    days: i64,
    n_unanswered: usize,
    claims: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    story: String,
    title: String,
    gap: &'static str,
    chip: &'static str,
    first: String,
    claim: String,
    rebuttal: String,
}

/// GET /claims
pub(crate) async fn show(State(console): State<Console>, actor: Actor) -> Answer {
    let now = console.p.clock.now();
    let board = desk::board(&console.p, now - TimeDelta::days(DAYS)).await?;
    let view = View {
        days: DAYS,
        n_unanswered: board.iter().filter(|c| c.gap == Gap::Unanswered).count(),
        claims: board.iter().take(N_SHOWN).map(|c| row(c, now)).collect(),
    };
    html::page(&actor, Sheet { template: "claims.html", title: "Tin sai", place: "/claims", done: None }, view)
}

fn row(c: &ClaimRow, now: DateTime<Utc>) -> Row {
    let spread = |r: &Reach| format!("{} bài · {} báo", r.n_articles, r.n_outlets);
    let rebuttal = match (c.claim.first, c.rebuttal.first) {
        (_, None) => "chưa có bài bác bỏ".to_owned(),
        (Some(claim), Some(answer)) if answer > claim => {
            format!("{}, sau {}", spread(&c.rebuttal), span(answer - claim))
        }
        _ => spread(&c.rebuttal),
    };
    Row {
        story: c.story.to_string(),
        title: c.title.clone(),
        gap: c.gap.label(),
        chip: match c.gap {
            Gap::Unanswered => "red",
            Gap::Partly => "orange",
            Gap::Rebutted => "yellow",
            Gap::Answered => "green",
        },
        first: c.claim.first.map(|t| distance(t, now)).unwrap_or_default(),
        claim: match c.claim.n_articles {
            0 => "báo chí chỉ đăng bài bác bỏ".to_owned(),
            _ => format!("lan truyền: {}", spread(&c.claim)),
        },
        rebuttal,
    }
}
