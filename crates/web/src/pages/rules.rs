//! `/rules`: what is looked for, and a text tried against it. Nothing is stored.

use axum::Form;
use axum::extract::State;
use diembao_news::{ArticleText, Classification};
use diembao_rules::RuleInfo;
use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::answer::Answer;
use crate::html::{self, Sheet};
use crate::pages::{shared, story};
use crate::state::Console;

#[derive(Serialize)]
struct View {
    version: String,
    topics: Vec<(String, String)>,
    rules: Vec<RuleRow>,
    typed: Typed,
    outcome: Option<Outcome>,
}

#[derive(Serialize)]
struct RuleRow {
    id: String,
    name: String,
    kind: &'static str,
    severity: &'static str,
    severity_name: &'static str,
    resembles: String,
    author: String,
    reason: String,
}

/// A text to try.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Typed {
    title: String,
    #[serde(default)]
    lead: String,
    #[serde(default)]
    body: String,
}

#[derive(Serialize)]
struct Outcome {
    health: bool,
    health_score: String,
    topics: Vec<Match>,
    flags: Vec<Match>,
}

#[derive(Serialize)]
struct Match {
    name: String,
    score: String,
    severity: Option<(&'static str, &'static str)>,
    found: String,
}

/// GET /rules
pub(crate) async fn show(State(console): State<Console>, actor: Actor) -> Answer {
    page(&console, &actor, Typed::default(), None)
}

/// POST /rules
pub(crate) async fn try_text(State(console): State<Console>, actor: Actor, Form(typed): Form<Typed>) -> Answer {
    let text = ArticleText {
        title: typed.title.trim().to_owned(),
        lead: typed.lead.trim().to_owned(),
        body: typed.body.replace('\r', ""),
    };
    let home = console.p.latest_home();
    let judge = move || home.rules.classify(&text, None);
    let judged = console.making.turn(async { tokio::task::spawn_blocking(judge).await }).await?;
    let outcome = outcome(&console, &judged.map_err(anyhow::Error::new)?);
    page(&console, &actor, typed, Some(outcome))
}

fn page(console: &Console, actor: &Actor, typed: Typed, outcome: Option<Outcome>) -> Answer {
    let home = console.p.latest_home();
    let rules = &home.rules;
    let mut rows: Vec<&RuleInfo> = rules.rules().collect();
    rows.sort_by(|a, b| (a.kind, b.gravest, &a.name).cmp(&(b.kind, a.gravest, &b.name)));
    let view = View {
        version: rules.version().to_owned(),
        topics: rules.topics().map(|t| (t.id.clone(), t.name.clone())).collect(),
        rules: rows.into_iter().map(rule_row).collect(),
        typed,
        outcome,
    };
    html::page(actor, Sheet { template: "rules.html", title: "Luật", place: "/rules", done: None }, view)
}

fn rule_row(r: &RuleInfo) -> RuleRow {
    RuleRow {
        id: r.id.clone(),
        name: r.name.clone(),
        kind: shared::kind(r.kind),
        severity: r.gravest.as_str(),
        severity_name: r.gravest.label(),
        resembles: r.resembles.clone(),
        author: r.author.clone(),
        reason: r.reason.clone(),
    }
}

fn outcome(console: &Console, judged: &Classification) -> Outcome {
    let score = |s: f32| format!("{s:.1}").replace('.', ",");
    let home = console.p.latest_home();
    let rules = &home.rules;
    Outcome {
        health: judged.health,
        health_score: score(judged.health_score),
        topics: judged
            .topics
            .iter()
            .map(|t| Match {
                name: story::topic_name(console, &t.id),
                score: score(t.score),
                severity: None,
                found: story::found(&t.evidence),
            })
            .collect(),
        flags: judged
            .flags
            .iter()
            .map(|f| Match {
                name: rules.rules().find(|r| r.id == f.rule).map_or_else(|| f.rule.clone(), |r| r.name.clone()),
                score: score(f.score),
                severity: Some((f.severity.as_str(), f.severity.label())),
                found: story::found(&f.evidence),
            })
            .collect(),
    }
}
