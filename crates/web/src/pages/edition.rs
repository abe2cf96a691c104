//! `/editions/{day}`: a draft to be edited and approved, or what has left.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use diembao_digest::{EditAction, Section};
use diembao_news::{AudienceId, EditionId, EditionState, Severity, StoryId};
use diembao_pipeline::{EditError, EditRecord, Editing, RunReport};
use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::answer::{Answer, Stop};
use crate::format::{self, machine, moment};
use crate::headers::EDITION_POLICY;
use crate::html::{self, Sheet};
use crate::pages::edition_form::{Typed, sections};
use crate::pages::shared::Choice;
use crate::pages::users::note;
use crate::pages::{Done, see};
use crate::rights::Right;
use crate::state::Console;

#[derive(Serialize)]
struct View {
    day: String,
    name: String,
    send_at: String,
    may_edit: bool,
    may_send: bool,
    audiences: Vec<Choice>,
    left: Option<String>,
    draft: Option<DraftView>,
    conflict: Option<ConflictView>,
}

#[derive(Serialize)]
struct DraftView {
    version: i64,
    to: String,
    approved: Option<String>,
    subject: String,
    sections: Vec<SectionRow>,
    dropped: Vec<(String, String)>,
    history: Vec<EditRow>,
}

#[derive(Serialize)]
struct SectionRow {
    number: &'static str,
    title: &'static str,
    groups: Vec<GroupRow>,
    note: Option<String>,
}

#[derive(Serialize)]
struct GroupRow {
    heading: Option<String>,
    items: Vec<ItemRow>,
}

#[derive(Serialize)]
struct ItemRow {
    story: String,
    headline: String,
    outlet: String,
    time: String,
    summary: String,
    assessment: String,
    severity: Option<(&'static str, &'static str)>,
    pinned: bool,
    sections: Vec<Choice>,
}

#[derive(Serialize)]
struct EditRow {
    at: String,
    machine: String,
    by: String,
    what: &'static str,
    value: String,
}

#[derive(Serialize)]
struct ConflictView {
    version: i64,
    since: Vec<EditRow>,
    typed: Vec<(&'static str, String)>,
}

/// GET /editions/{day}
pub(crate) async fn show(
    State(console): State<Console>,
    actor: Actor,
    Path(day): Path<String>,
    Query(done): Query<Done>,
) -> Answer {
    page(&console, &actor, &parse(&day)?, (done.done.as_deref(), None)).await
}

fn parse(day: &str) -> Result<EditionId, Stop> {
    EditionId::parse(day).map_err(|_| Stop::NotFound)
}

async fn page(
    console: &Console,
    actor: &Actor,
    id: &EditionId,
    (done, conflict): (Option<&str>, Option<ConflictView>),
) -> Answer {
    let now = console.p.clock.now();
    let known = console.p.store.edition(id).await?;
    let left = known.as_ref().filter(|e| e.state == EditionState::Frozen).and_then(|e| e.frozen_at);
    let editing = match diembao_pipeline::editing(&console.p, id).await {
        Ok(editing) => Some(editing),
        Err(EditError::NoDraft(_)) => None,
        Err(e) => return Err(stop(e)),
    };
    if known.is_none() && *id != diembao_pipeline::today(now) {
        return Err(Stop::NotFound);
    }
    let audiences = console.p.home.settings.audiences.iter().map(|a| Choice {
        value: a.audience.id.to_string(),
        name: a.audience.name.clone(),
        on: false,
    });
    let view = View {
        day: id.to_string(),
        name: format::edition(id),
        send_at: console.p.home.settings.edition.send_at.format("%H:%M").to_string(),
        may_edit: left.is_none() && actor.has(Right::EditEditions),
        may_send: left.is_none() && actor.has(Right::SendEditions),
        audiences: audiences.collect(),
        left: left.map(|t| moment(t, now)),
        draft: editing.map(|e| draft_view(console, e)),
        conflict,
    };
    let title = format::edition(id);
    html::page(actor, Sheet { template: "edition.html", title: &title, place: "/editions", done }, view)
}

fn draft_view(console: &Console, e: Editing) -> DraftView {
    let now = console.p.clock.now();
    DraftView {
        version: e.draft.version,
        to: moment(e.draft.edition.to, now),
        approved: e.draft.approval.map(|(by, at)| format!("{by} duyệt lúc {}", moment(at, now))),
        subject: e.view.subject,
        sections: e.view.sections.into_iter().map(section_row).collect(),
        dropped: e.dropped.into_iter().map(|(story, title)| (story.to_string(), title)).collect(),
        history: e.history.iter().rev().map(|r| edit_row(console, r)).collect(),
    }
}

fn section_row(s: diembao_digest::SectionView) -> SectionRow {
    let section = s.section;
    let item = |i: diembao_digest::ItemView| ItemRow {
        story: i.story.to_string(),
        headline: i.headline,
        outlet: i.outlet,
        time: i.time,
        summary: i.summary,
        assessment: i.assessment.unwrap_or_default(),
        severity: i.severity.map(|s: Severity| (s.as_str(), s.label())),
        pinned: i.score.pin > 0.0,
        sections: sections(section),
    };
    SectionRow {
        number: section.number(),
        title: section.title(),
        note: s.empty_note,
        groups: s
            .groups
            .into_iter()
            .map(|g| GroupRow { heading: g.heading, items: g.items.into_iter().map(item).collect() })
            .collect(),
    }
}

fn edit_row(console: &Console, r: &EditRecord) -> EditRow {
    let what = match &r.action {
        EditAction::Draft => "lập bản nháp",
        EditAction::Drop(_) => "bỏ một tin",
        EditAction::Restore(_) => "lấy lại một tin",
        EditAction::Pin(_) => "ghim một tin",
        EditAction::Unpin(_) => "bỏ ghim một tin",
        EditAction::Place(..) => "đổi thứ tự",
        EditAction::Move(..) => "chuyển mục",
        EditAction::Headline(..) => "sửa tiêu đề",
        EditAction::Summary(..) => "sửa tóm tắt",
        EditAction::Assess(..) => "ghi nhận định",
        EditAction::Merge(..) => "gộp câu chuyện",
        EditAction::Split(..) => "tách bài",
        EditAction::Approve => "duyệt",
        EditAction::Withdraw => "thu hồi duyệt",
    };
    let value = match &r.action {
        EditAction::Move(_, section) => section.map(Section::title).unwrap_or_default().to_owned(),
        EditAction::Merge(..) | EditAction::Split(..) => String::new(),
        action => action.value().unwrap_or_default(),
    };
    EditRow { at: moment(r.at, console.p.clock.now()), machine: machine(r.at), by: r.by.clone(), what, value }
}

/// POST /editions/{day}
pub(crate) async fn change(
    State(console): State<Console>,
    actor: Actor,
    Path(day): Path<String>,
    Form(typed): Form<Typed>,
) -> Answer {
    let id = parse(&day)?;
    let by = actor.user.display.clone();
    let changed = if typed.what == "draft" {
        diembao_pipeline::draft(&console.p, &id, &by, typed.version).await.map(|_| ())
    } else {
        apply(&console, &id, &typed, &by).await
    };
    match changed {
        Ok(()) => {
            note(&console, &actor, "edition.edit", &day, &typed.what).await?;
            console.live.tell();
            let at = typed.story.as_deref().map(|s| format!("#s{s}")).unwrap_or_default();
            Ok(see(&format!("/editions/{id}?done=edition{at}")))
        }
        Err(e) => refused(&console, &actor, &id, (e, typed.fields())).await,
    }
}

async fn apply(console: &Console, id: &EditionId, typed: &Typed, by: &str) -> Result<(), EditError> {
    let editing = diembao_pipeline::editing(&console.p, id).await?;
    let mut base = typed.version;
    for action in typed.actions(&editing)? {
        let draft = diembao_pipeline::edit(&console.p, id, action, by, base).await?;
        base = Some(draft.version);
    }
    Ok(())
}

/// Nothing was lost: what others did stands beside what was typed.
async fn refused(
    console: &Console,
    actor: &Actor,
    id: &EditionId,
    (e, typed): (EditError, Vec<(&'static str, String)>),
) -> Answer {
    let EditError::Stale { found, since } = e else {
        return Err(stop(e));
    };
    let since = since.iter().map(|r| edit_row(console, r)).collect();
    let conflict = ConflictView { version: found, since, typed };
    let mut response = page(console, actor, id, (None, Some(conflict))).await?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}

fn stop(e: EditError) -> Stop {
    match e {
        EditError::NoDraft(_) => Stop::Bad("Bản tin đã gửi hoặc chưa có bản nháp.".into()),
        EditError::NoStory(_) => Stop::NotFound,
        EditError::Unusable(_) => Stop::Bad("Thay đổi này không dùng được.".into()),
        EditError::TooLong { n, max } => Stop::Bad(format!("Nội dung dài {n} ký tự; tối đa là {max}.")),
        EditError::Stale { .. } => Stop::Conflict("Đã có người sửa bản nháp này.".into()),
        EditError::Failed(e) => e.into(),
    }
}

/// What is decided about a whole draft.
#[derive(Deserialize)]
pub(crate) struct Decision {
    version: i64,
    #[serde(rename = "do")]
    what: String,
}

/// POST /editions/{day}/approve
pub(crate) async fn approve(
    State(console): State<Console>,
    actor: Actor,
    Path(day): Path<String>,
    Form(decision): Form<Decision>,
) -> Answer {
    let id = parse(&day)?;
    let action = match decision.what.as_str() {
        "approve" => EditAction::Approve,
        "withdraw" => EditAction::Withdraw,
        _ => return Err(Stop::Bad("Không rõ phải làm gì.".into())),
    };
    let name = format!("edition.{}", action.name());
    match diembao_pipeline::edit(&console.p, &id, action, &actor.user.display, Some(decision.version)).await {
        Ok(_) => {
            note(&console, &actor, &name, &day, "").await?;
            console.live.tell();
            Ok(see(&format!("/editions/{id}?done=approved")))
        }
        Err(e) => refused(&console, &actor, &id, (e, Vec::new())).await,
    }
}

/// POST /editions/{day}/send: an approved draft leaves now, not at its hour.
pub(crate) async fn send(State(console): State<Console>, actor: Actor, Path(day): Path<String>) -> Answer {
    let id = parse(&day)?;
    let draft = diembao_pipeline::find_draft(&console.p, &id).await?.ok_or(Stop::NotFound)?;
    if draft.edition.state == EditionState::Frozen {
        return Err(Stop::Bad("Bản tin này đã gửi.".into()));
    }
    if draft.approval.is_none() {
        return Err(Stop::Bad("Hãy duyệt bản tin trước khi gửi.".into()));
    }
    note(&console, &actor, "edition.send", &day, "").await?;
    let sending = console.clone();
    let runtime = tokio::runtime::Handle::current();
    // The mail servers may take their time; the page of deliveries shows how far it is.
    tokio::task::spawn_blocking(move || {
        let sent = runtime.block_on(diembao_pipeline::send_edition(&sending.p, &id, &mut RunReport::default()));
        if let Err(e) = sent {
            tracing::error!("sending the edition failed: {e:#}");
        }
        sending.live.tell();
    });
    Ok(see("/deliveries"))
}

/// Whose cut.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Whose {
    audience: String,
}

/// GET /editions/{day}/preview: the mail as it is, for a frame of the page only.
pub(crate) async fn preview(
    State(console): State<Console>,
    _: Actor,
    Path(day): Path<String>,
    Query(whose): Query<Whose>,
) -> Answer {
    let id = parse(&day)?;
    let first = console.p.home.settings.audiences.first().map(|a| a.audience.id.clone());
    let audience = AudienceId::parse(&whose.audience).ok().or(first).ok_or(Stop::NotFound)?;
    let frozen = console.p.store.edition(&id).await?.is_some_and(|e| e.state == EditionState::Frozen);
    let html = if frozen {
        console.p.store.rendered(&id, &audience).await?.map(|part| part.html)
    } else {
        let p = console.p.clone();
        let made = console.making.turn(async move { diembao_pipeline::preview_edition(&p, &id).await });
        let (_, parts) = made.await??;
        parts.into_iter().find(|part| part.audience == audience).map(|part| part.rendered.html)
    };
    let mut response: Response = Html(html.ok_or(Stop::NotFound)?).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(EDITION_POLICY));
    Ok(response)
}

/// The story a form names.
pub(crate) fn story(s: Option<&str>) -> Option<StoryId> {
    StoryId::parse(s?).ok()
}
