//! `/cases/{case}`: one case, everything that happened to it, and what can be done.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use diembao_desk::{Action, Case, CaseEvent, DismissReason, PROGRAM, allowed_actions};
use diembao_news::CaseId;
use diembao_pipeline::desk::{self, CaseFile, DeskFailure};
use diembao_store::{AlertState, QueuedAlert};
use serde::Serialize;

use crate::access::Actor;
use crate::answer::{Answer, Stop};
use crate::format::{machine, moment, span};
use crate::html::{self, Sheet};
use crate::pages::shared::{
    self, CaseRow, Choice, ClockRow, NewsRow, SEVERITIES, case_row, choices, clock_row, news_row,
};
use crate::pages::users::note;
use crate::pages::{Done, see};
use crate::rights;
use crate::state::Console;

use super::case_files::{Paper, papers};
use super::case_form::{Typed, Wider, possible};

#[derive(Serialize)]
struct View {
    case: CaseRow,
    times: Vec<Moment>,
    lost: String,
    clocks: Vec<ClockRow>,
    events: Vec<EventRow>,
    articles: Vec<ArticleRow>,
    proposal: Option<ProposalView>,
    alerts: Vec<AlertRow>,
    may: Vec<&'static str>,
    reasons: Vec<Choice>,
    lower: Vec<Choice>,
    raise: Vec<Choice>,
    merged: Option<i64>,
    papers: Vec<Paper>,
    /// Who may be named: the proposed unit, who is on duty.
    names: Vec<String>,
    conflict: Option<ConflictView>,
    news: Option<NewsRow>,
}

/// Who should answer, by the registry.
#[derive(Serialize)]
struct ProposalView {
    unit: String,
    with: Option<String>,
    speaker: Option<String>,
    contact: Option<String>,
    reasons: Vec<String>,
}

#[derive(Serialize)]
struct AlertRow {
    to: String,
    state: &'static str,
    chip: &'static str,
    due: String,
    rung: usize,
}

#[derive(Serialize)]
struct Moment {
    name: &'static str,
    at: String,
    machine: String,
}

#[derive(Serialize)]
struct EventRow {
    at: String,
    machine: String,
    actor: String,
    by_program: bool,
    action: &'static str,
    detail: String,
    note: String,
}

#[derive(Serialize)]
struct ArticleRow {
    title: String,
    outlet: String,
    at: String,
    machine: String,
    url: Option<String>,
    lead: String,
}

/// What one officer wanted and what another did meanwhile.
#[derive(Serialize)]
struct ConflictView {
    typed: Vec<(String, String)>,
    wanted: &'static str,
    since: Vec<EventRow>,
    still_possible: bool,
}

/// GET /cases/{case}
pub(crate) async fn show(
    State(console): State<Console>,
    actor: Actor,
    Path(id): Path<String>,
    Query(done): Query<Done>,
) -> Answer {
    let (case, _) = find(&console, &actor, &id).await?;
    case_page(&console, &actor, case.id, (done.done.as_deref(), None)).await
}

/// The case, if there is one that this user may see; else there is none.
pub(crate) async fn find(console: &Console, actor: &Actor, id: &str) -> Result<(Case, Vec<CaseEvent>), Stop> {
    let id: CaseId = id.parse::<i64>().ok().and_then(|n| CaseId::new(n).ok()).ok_or(Stop::NotFound)?;
    let found = console.p.store.case(id).await?;
    found.filter(|(case, _)| rights::sees(&actor.user, case)).ok_or(Stop::NotFound)
}

/// POST /cases/{case}
pub(crate) async fn change(
    State(console): State<Console>,
    actor: Actor,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Answer {
    let (case, _) = find(&console, &actor, &id).await?;
    let wider = typed.wider()?;
    let action = match &wider {
        Some(wider) => wider.kind(),
        None => typed.action()?,
    };
    if !rights::may(&actor.user, &case, &action) {
        return Err(Stop::Forbidden);
    }
    let changed = match &wider {
        Some(wider) => widely(&console, &actor, (&case, &typed), wider).await?,
        None => desk::act(&console.p, case.id, typed.act(action.clone(), &actor)).await.map(|_| case.id),
    };
    match changed {
        Ok(shown) => {
            note(&console, &actor, &format!("case.{}", action.as_str()), &id, "").await?;
            console.changed(&[case.id, shown]).await?;
            // Who has looked goes on with the list.
            let next = if action == Action::Seen { "/".to_owned() } else { format!("/cases/{shown}") };
            Ok(see(&format!("{next}?done=case")))
        }
        Err(DeskFailure::Conflict { since, .. }) => conflict(&console, &actor, (&id, &typed, &action), &since).await,
        Err(e) => Err(e.into()),
    }
}

/// Does what takes more than one event; the case to show afterwards.
async fn widely(
    console: &Console,
    actor: &Actor,
    (case, typed): (&Case, &Typed),
    wider: &Wider,
) -> Result<Result<CaseId, DeskFailure>, Stop> {
    let by = actor.user.display.as_str();
    Ok(match wider {
        Wider::Merge { into } => {
            let (master, _) = find(console, actor, &into.to_string()).await?;
            if typed.version != case.version {
                return Err(Stop::Conflict("Vụ việc đã thay đổi từ lúc bạn mở trang. Hãy đọc lại.".to_owned()));
            }
            if master.id == case.id || master.handling.merged_into.is_some() {
                return Err(Stop::Bad(format!("Không nhập được vào vụ việc số {into}.")));
            }
            desk::merge(&console.p, case.id, master.id, (by, typed.note.trim())).await.map(|master| master.id)
        }
        Wider::Directive(text) => {
            let now = console.p.clock.now();
            if diembao_desk::deadlines_in(text, now).is_empty() {
                let words =
                    "Không thấy thời hạn trong đoạn văn. Hãy chép nguyên câu, ví dụ “trước 12 giờ ngày 15/4/2026”.";
                return Err(Stop::Bad(words.to_owned()));
            }
            let set = desk::set_deadlines(&console.p, case.id, text, (by, Some(typed.version))).await;
            set.map(|_| case.id)
        }
    })
}

/// Nothing was written; what happened meanwhile stands beside what was typed, to be sent again.
async fn conflict(
    console: &Console,
    actor: &Actor,
    (id, typed, action): (&str, &Typed, &Action),
    since: &[CaseEvent],
) -> Answer {
    let now = console.p.clock.now();
    let (case, _) = find(console, actor, id).await?;
    let view = ConflictView {
        typed: typed.fields(),
        wanted: action.label(),
        since: since.iter().map(|e| event_row(e, now)).collect(),
        still_possible: allowed_actions(&case).contains(&action.as_str()),
    };
    let mut response = case_page(console, actor, case.id, (None, Some(view))).await?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}

async fn case_page(
    console: &Console,
    actor: &Actor,
    id: CaseId,
    (done, conflict): (Option<&str>, Option<ConflictView>),
) -> Result<Response, Stop> {
    let now = console.p.clock.now();
    let file = desk::show(&console.p, id).await?;
    let case = &file.case;
    let others =
        |up: bool| SEVERITIES.into_iter().filter(move |s| if up { *s > case.severity } else { *s < case.severity });
    let severities = |up| choices(others(up), None, |s| (s.as_str(), s.label()));
    let view = View {
        case: case_row(case, file.clocks.first(), now),
        news: desk::news_of(case, &file.events).map(|said| news_row(actor, case, said, now)),
        times: times(case, now),
        lost: span(case.lost_before_detection()),
        clocks: file.clocks.iter().map(|c| clock_row(c, now)).collect(),
        events: file.events.iter().rev().map(|e| event_row(e, now)).collect(),
        articles: articles(console, &file, now),
        proposal: file.proposal.as_ref().map(|p| ProposalView {
            unit: p.unit.clone(),
            with: p.with.clone(),
            speaker: p.spokesperson.clone(),
            contact: p.contact.clone(),
            reasons: p.reasons.clone(),
        }),
        alerts: file.alerts.iter().map(|a| alert_row(a, now)).collect(),
        may: possible(actor, case, &file.allowed),
        reasons: choices(DismissReason::ALL, None, |r| (r.as_str(), r.label())),
        lower: severities(false),
        raise: severities(true),
        merged: case.handling.merged_into.map(|c| c.as_i64()),
        papers: papers(),
        names: names(console, &file),
        conflict,
    };
    let title = format!("Vụ việc {id}");
    html::page(actor, Sheet { template: "case.html", title: &title, place: "/cases", done }, view)
}

fn names(console: &Console, file: &CaseFile) -> Vec<String> {
    let proposed = file.proposal.iter().flat_map(|p| std::iter::once(&p.unit).chain(&p.with)).cloned();
    proposed.chain(console.p.home.registry.officers.iter().map(|o| o.name.clone())).collect()
}

fn times(case: &Case, now: DateTime<Utc>) -> Vec<Moment> {
    let t = &case.times;
    let all = [
        ("xảy ra (ước lượng)", t.occurred),
        ("báo đăng", Some(case.published)),
        ("phát hiện", Some(case.opened_at)),
        ("tiếp nhận", t.acknowledged),
        ("giao xử lý", t.assigned),
        ("phát ngôn", t.answered),
        ("kết thúc", t.closed),
    ];
    all.into_iter()
        .filter_map(|(name, at)| at.map(|at| Moment { name, at: moment(at, now), machine: machine(at) }))
        .collect()
}

fn event_row(e: &CaseEvent, now: DateTime<Utc>) -> EventRow {
    EventRow {
        at: moment(e.at, now),
        machine: machine(e.at),
        by_program: e.actor == PROGRAM,
        actor: e.actor.clone(),
        action: e.action.label(),
        detail: detail(&e.action, now),
        note: e.note.clone(),
    }
}

fn detail(action: &Action, now: DateTime<Utc>) -> String {
    match action {
        Action::Open { severity, kind } => format!("{}, mức {}", shared::kind(*kind), severity.label()),
        Action::Evidence { n_articles, n_outlets } => format!("{n_articles} bài, {n_outlets} báo"),
        Action::Raise { severity } | Action::Lower { severity } => severity.label().to_owned(),
        Action::Transfer { unit } => unit.clone(),
        Action::Escalate { to } | Action::Assign { to } => to.clone(),
        Action::Dismiss { reason } => reason.label().to_owned(),
        Action::Occurred { at } => moment(*at, now),
        Action::Route { unit, spokesperson } => match spokesperson {
            Some(speaker) => format!("{unit}; người phát ngôn: {speaker}"),
            None => unit.clone(),
        },
        Action::Quote { speaker, .. } => speaker.clone(),
        Action::Figures { dead, ill } => {
            let part = |n: &Option<u32>, what| n.map(|n| format!("{n} {what}"));
            [part(dead, "người chết"), part(ill, "người mắc, bị thương")]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", ")
        }
        Action::News { n_articles } => format!("{n_articles} bài"),
        Action::MergedInto { case } | Action::Merge { case, .. } => format!("vụ việc {case}"),
        Action::SetDeadline { stage, due } => format!("{}: {}", stage.label(), moment(*due, now)),
        _ => String::new(),
    }
}

fn articles(console: &Console, file: &CaseFile, now: DateTime<Utc>) -> Vec<ArticleRow> {
    let names = shared::outlet_names(console);
    let rows = file.articles.iter().map(|a| {
        let article = &a.article;
        ArticleRow {
            title: article.text.title.clone(),
            outlet: shared::outlet_name(&names, article.outlet.as_str()),
            at: moment(article.times.published, now),
            machine: machine(article.times.published),
            url: article.url.as_ref().map(|u| u.as_str().to_owned()),
            lead: article.text.lead.clone(),
        }
    });
    rows.collect()
}

fn alert_row(a: &QueuedAlert, now: DateTime<Utc>) -> AlertRow {
    let (state, chip) = match a.state {
        AlertState::Queued => ("chờ gửi", ""),
        AlertState::Sending => ("đang gửi", ""),
        AlertState::Sent => ("đã gửi", "green"),
        AlertState::Deferred => ("sẽ gửi lại", "yellow"),
        AlertState::Bounced => ("không gửi được", "red"),
        AlertState::Withdrawn => ("đã thôi", ""),
    };
    AlertRow { to: a.alert.to.clone(), state, chip, due: moment(a.alert.due, now), rung: a.alert.rung + 1 }
}
