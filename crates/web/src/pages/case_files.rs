//! `/cases/{case}/evidence` and `/cases/{case}/drafts/{kind}`: what leaves a case as a file.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use diembao_pipeline::DraftKind;
use diembao_pipeline::desk;
use diembao_pipeline::settings::FileFormat;
use serde::Serialize;

use crate::access::Actor;
use crate::answer::{Answer, Stop};
use crate::pages::case::find;
use crate::pages::users::note;
use crate::state::Console;

/// A paper that can be made of a case.
#[derive(Serialize)]
pub(crate) struct Paper {
    kind: &'static str,
    name: &'static str,
}

/// Every paper that can be made of a case.
pub(crate) fn papers() -> Vec<Paper> {
    DraftKind::ALL.into_iter().map(|k| Paper { kind: k.as_str(), name: k.file_name() }).collect()
}

/// GET /cases/{case}/evidence: the whole record of a case as one ZIP.
pub(crate) async fn evidence(State(console): State<Console>, actor: Actor, Path(id): Path<String>) -> Answer {
    let (case, _) = find(&console, &actor, &id).await?;
    let p = console.p.clone();
    let made = console.making.turn(async move {
        let pack = desk::evidence(&p, case.id).await?;
        Ok::<_, Stop>(tokio::task::spawn_blocking(|| pack.into_zip()).await.map_err(anyhow::Error::new)??)
    });
    let zip = made.await??;
    note(&console, &actor, "case.evidence", &id, "").await?;
    Ok(file(&format!("ho-so-vu-viec-{}.zip", case.id), "application/zip", zip))
}

/// GET /cases/{case}/drafts/{kind}: a paper to be completed by hand.
pub(crate) async fn draft(
    State(console): State<Console>,
    actor: Actor,
    Path((id, kind)): Path<(String, String)>,
) -> Answer {
    let kind = DraftKind::parse(&kind).ok_or(Stop::NotFound)?;
    let (case, _) = find(&console, &actor, &id).await?;
    let format = FileFormat::Docx;
    let p = console.p.clone();
    let made = console.making.turn(async move { diembao_pipeline::desk_draft(&p, case.id, kind, format).await });
    let bytes = made.await??.ok_or(Stop::NotFound)?;
    let plain = diembao_text::fold(kind.file_name()).replace(' ', "-");
    Ok(file(&format!("{plain}-vu-viec-{}.docx", case.id), format.media_type(), bytes))
}

fn file(name: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    let how = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CONTENT_DISPOSITION, how)], bytes)
        .into_response()
}
