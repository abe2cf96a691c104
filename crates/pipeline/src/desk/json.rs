//! A case as programs read it: one shape for the command line's `--json` and the console's API.

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_desk::{Action, Case, CaseEvent, ClockLevel, ClockReading, DismissReason};
use diembao_news::CaseId;
use diembao_store::QueuedAlert;
use serde_json::{Value, json};

use super::CaseFile;

/// A case without what happened to it. Times are RFC 3339 in `Asia/Ho_Chi_Minh`, or null: not yet.
#[must_use]
pub fn case_json(c: &Case) -> Value {
    json!({
        "case": c.id.as_i64(),
        "story": c.story.to_string(),
        "kind": c.kind.as_str(),
        "severity": c.severity.as_str(),
        "state": c.state.as_str(),
        "title": c.title,
        "owner": c.owner,
        "unit": c.handling.unit,
        "proposed_unit": c.handling.proposed,
        "escalated_to": c.handling.escalated_to,
        "dismissed": c.handling.dismissed.map(DismissReason::as_str),
        "merged_into": c.handling.merged_into.map(CaseId::as_i64),
        "published": time(c.published),
        "detected": time(c.opened_at),
        "lost_minutes": c.lost_before_detection().num_minutes(),
        "occurred": c.times.occurred.map(time),
        "acknowledged": c.times.acknowledged.map(time),
        "assigned": c.times.assigned.map(time),
        "answered": c.times.answered.map(time),
        "closed": c.times.closed.map(time),
        "news": c.times.news.map(time),
        "n_articles": c.spread.n_articles,
        "n_outlets": c.spread.n_outlets,
        "version": c.version,
    })
}

/// A case with all that belongs to it.
#[must_use]
pub fn file_json(file: &CaseFile) -> Value {
    let mut whole = case_json(&file.case);
    whole["clocks"] = file.clocks.iter().map(clock_json).collect();
    whole["events"] = file.events.iter().map(event_json).collect();
    whole["article_ids"] = file.articles.iter().map(|a| Value::from(a.article.id.to_string())).collect();
    whole["alerts"] = file.alerts.iter().map(alert_json).collect();
    whole["allowed"] = file.allowed.clone().into();
    let proposal = file.proposal.as_ref().map(|r| {
        json!({"unit": r.unit, "with": r.with, "spokesperson": r.spokesperson, "contact": r.contact,
            "reasons": r.reasons})
    });
    whole["proposal"] = proposal.into();
    whole
}

/// One thing that happened to a case.
#[must_use]
pub fn event_json(e: &CaseEvent) -> Value {
    json!({"at": time(e.at), "actor": e.actor, "action": e.action.as_str(), "detail": detail(&e.action), "note": e.note})
}

/// A clock as it stands.
#[must_use]
pub fn clock_json(r: &ClockReading) -> Value {
    json!({
        "rule": r.rule,
        "name": r.name,
        "started": r.started.map(time),
        "due": r.due.map(time),
        "used": r.used,
        "level": level(r.level),
        "paused": r.paused,
        "lost_minutes": r.lost_before_detection.num_minutes(),
        "basis": r.basis,
        "status": r.status.as_str(),
        "wording": r.wording,
    })
}

/// A message to one receiver, sent or not yet.
#[must_use]
pub fn alert_json(q: &QueuedAlert) -> Value {
    json!({
        "id": q.alert.key(),
        "case": q.alert.case.as_i64(),
        "version": q.alert.version,
        "rung": q.alert.rung,
        "to": q.alert.to,
        "due": time(q.alert.due),
        "state": q.state.as_str(),
        "attempts": q.attempts,
        "changed": time(q.updated),
        "reply": q.last_reply,
    })
}

/// What an action says beyond its name; empty where the name says it all.
#[must_use]
pub fn detail(action: &Action) -> String {
    match action {
        Action::Open { severity, kind } => format!("{} {}", kind.as_str(), severity.as_str()),
        Action::Evidence { n_articles, n_outlets } => format!("{n_articles} articles, {n_outlets} outlets"),
        Action::Merge { case, n_articles, n_outlets } => {
            format!("case {case}: {n_articles} articles, {n_outlets} outlets")
        }
        Action::MergedInto { case } => format!("case {case}"),
        Action::Raise { severity } | Action::Lower { severity } => severity.as_str().to_owned(),
        Action::Route { unit, spokesperson } => match spokesperson {
            Some(person) => format!("{unit} ({person})"),
            None => unit.clone(),
        },
        Action::Quote { speaker, .. } => speaker.clone(),
        Action::Figures { dead, ill } => [("dead", dead), ("ill", ill)]
            .iter()
            .filter_map(|(what, n)| Some(format!("{} {what}", (*n).as_ref()?)))
            .collect::<Vec<_>>()
            .join(", "),
        Action::News { n_articles } => format!("{n_articles} articles"),
        Action::Escalate { to } | Action::Assign { to } => to.clone(),
        Action::Transfer { unit } => unit.clone(),
        Action::Dismiss { reason } => reason.as_str().to_owned(),
        Action::Occurred { at } => shown(*at),
        Action::SetDeadline { stage, due } => format!("{} {}", stage.as_str(), shown(*due)),
        _ => String::new(),
    }
}

fn level(level: ClockLevel) -> &'static str {
    match level {
        ClockLevel::NotStarted => "not-started",
        ClockLevel::Met => "met",
        ClockLevel::MetLate => "met-late",
        ClockLevel::Running => "running",
        ClockLevel::Half => "half",
        ClockLevel::Most => "most",
        ClockLevel::Due => "due",
    }
}

fn time(t: DateTime<Utc>) -> String {
    t.with_timezone(&Ho_Chi_Minh).to_rfc3339_opts(SecondsFormat::Secs, false)
}

fn shown(t: DateTime<Utc>) -> String {
    t.with_timezone(&Ho_Chi_Minh).format("%Y-%m-%d %H:%M").to_string()
}
