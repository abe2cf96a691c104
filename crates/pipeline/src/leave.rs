//! The seventh stage: an edition is frozen, and its deliveries are queued in the same transaction.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_digest::{BulletinView, CorrectionView};
use diembao_news::{AudienceId, Delivery, DeliveryState, Edition, EditionId, EditionKind, EditionState, StoryId};
use diembao_store::{Freeze, Freezing, RenderedPart};

use crate::drafts::{Draft, find_draft};
use crate::edition::{Assembled, CutPart, assembled, corrections, cut, erratum, gathered, leaving_now};
use crate::paper::{keep_bulletins, keep_editions};
use crate::settings::{Approval, WhenEmpty};
use crate::{EditError, EditionOutcome, EditionReport, Pipeline, RunReport, Stage, correct};

/// Freezes an edition and queues its deliveries; one that is frozen stays as it is, one that needs an
/// editor's approval and has none waits.
///
/// # Errors
/// When the store fails.
pub async fn freeze_edition(p: &Pipeline, id: &EditionId, report: &mut RunReport) -> anyhow::Result<()> {
    let mut run = p.progress.begin(Stage::Edition, None);
    let (outcome, n_stories) = loop {
        match find_draft(p, id).await? {
            Some(draft) if draft.edition.state == EditionState::Frozen => break (EditionOutcome::AlreadyFrozen, None),
            draft if is_held(p, id, draft.as_ref()) => break (EditionOutcome::AwaitingApproval, None),
            draft => {
                let (edition, what, n_stories) = match id.kind() {
                    EditionKind::Bulletin => leaving_bulletin(p, id).await?,
                    EditionKind::Digest | EditionKind::Correction => leaving(p, id, draft).await?,
                };
                let frozen = p.store.freeze_edition(&edition, &what).await.context("the edition cannot be frozen")?;
                match frozen {
                    Freeze::Frozen => break (EditionOutcome::Frozen, n_stories),
                    // An editor was faster; what they did belongs into it.
                    Freeze::Changed | Freeze::AlreadyFrozen => {}
                }
            }
        }
    };
    run.report.n_in = n_stories.unwrap_or_default();
    run.report.n_out = u64::from(outcome == EditionOutcome::Frozen);
    let mut parts = p.store.rendered_parts(id).await?;
    // The first audience of the settings gets the day as a whole; the store orders parts by name.
    let first = p.home.settings.audiences.first().map(|a| &a.audience.id);
    parts.sort_by_key(|part| Some(&part.audience) != first);
    let subject = parts.into_iter().next().map(|part| part.subject).unwrap_or_default();
    report.edition = Some(EditionReport { id: id.clone(), outcome, n_stories, subject, deliveries: BTreeMap::new() });
    report.stages.insert(Stage::Edition, run.end());
    Ok(())
}

/// The second bulletin as it would leave now: each audience that gets it, and its rendering.
///
/// # Errors
/// When the store fails.
pub async fn preview_bulletin(p: &Pipeline, id: &EditionId) -> anyhow::Result<Vec<RenderedPart>> {
    Ok(unsent_bulletins(p, id).await?.into_iter().map(|(part, _)| part).collect())
}

/// The same with what it is made of.
pub(crate) async fn unsent_bulletins(
    p: &Pipeline,
    id: &EditionId,
) -> anyhow::Result<Vec<(RenderedPart, BulletinView)>> {
    bulletins(p, &leaving_now(p, id).await?).await
}

/// Writes down a correction of an edition that has left and mails it to all who got the edition, instead of
/// printing it in the next one. The id of the mail.
///
/// # Errors
/// As [`correct`].
pub async fn mail_correction(p: &Pipeline, id: &EditionId, text: &str, by: &str) -> Result<EditionId, EditError> {
    let number = correct(p, id, text, by).await?;
    let all = p.store.corrections().await?;
    let correction = all.iter().find(|c| c.id == number).context("the correction was just written")?;
    let now = p.clock.now();
    let day = now.with_timezone(&Ho_Chi_Minh).date_naive();
    let mail = EditionId::correction_of_day(day, u32::try_from(number).unwrap_or(u32::MAX));
    let rendered = diembao_digest::render_correction(&CorrectionView {
        day,
        agency: p.home.settings.agency.name.clone(),
        unit: p.home.settings.agency.unit.clone(),
        corrected: id.day(),
        text: erratum(correction),
    });
    let part = |audience: AudienceId| RenderedPart {
        audience,
        subject: rendered.subject.clone(),
        html: rendered.html.clone(),
        text: rendered.text.clone(),
    };
    let readers = p.store.deliveries(id).await?;
    let mut audiences: Vec<AudienceId> = readers.iter().map(|d| d.audience.clone()).collect();
    audiences.dedup();
    let what = Freezing {
        parts: audiences.into_iter().map(part).collect(),
        deliveries: readers.iter().map(|d| delivery(p, &mail, &d.audience, &d.recipient)).collect(),
        corrections: vec![number],
        version: 0,
    };
    let edition = Edition { id: mail.clone(), state: EditionState::Draft, from: now, to: now, frozen_at: Some(now) };
    p.store.freeze_edition(&edition, &what).await?;
    Ok(mail)
}

/// Whether an edition has to wait for an editor.
fn is_held(p: &Pipeline, id: &EditionId, draft: Option<&Draft>) -> bool {
    let approved = draft.is_some_and(|d| d.approval.is_some());
    match p.home.settings.edition.approval {
        _ if approved || id.kind() != EditionKind::Digest => false,
        Approval::Automatic => false,
        Approval::Required => true,
        Approval::RequiredUntil(time) => p.clock.now().with_timezone(&Ho_Chi_Minh).time() < time,
    }
}

type Leaving = (Edition, Freezing, Option<u64>);

/// What is frozen: what an editor approved, as it was approved, else what is known now.
async fn leaving(p: &Pipeline, id: &EditionId, draft: Option<Draft>) -> anyhow::Result<Leaving> {
    let now = Some(p.clock.now());
    if let Some(draft) = draft
        && let Some((_, at)) = draft.approval
    {
        let corrections = corrections(p, at).await?.into_iter().map(|c| c.id).collect();
        let parts = p.store.rendered_parts(id).await?;
        let deliveries = deliveries(p, id, &parts);
        let what = Freezing { parts, deliveries, version: draft.version, corrections };
        return Ok((Edition { frozen_at: now, ..draft.edition }, what, None));
    }
    let edition = Edition { frozen_at: now, ..leaving_now(p, id).await? };
    let Assembled { parts, version, corrections, .. } = assembled(p, &edition, false).await?;
    keep_editions(p, id, &parts).await?;
    let n_stories = parts.first().map(|part| part.view.counts.stories as u64);
    let parts: Vec<RenderedPart> = parts.iter().map(row).collect();
    let deliveries = deliveries(p, id, &parts);
    Ok((edition, Freezing { parts, deliveries, version, corrections }, n_stories))
}

/// A second bulletin with nothing in it is kept, so that its window is closed, but by setting it is not mailed.
async fn leaving_bulletin(p: &Pipeline, id: &EditionId) -> anyhow::Result<Leaving> {
    let edition = Edition { frozen_at: Some(p.clock.now()), ..leaving_now(p, id).await? };
    let bulletins = bulletins(p, &edition).await?;
    keep_bulletins(p, id, &bulletins).await?;
    let is_mailed = |n_rows: usize| n_rows > 0 || p.home.settings.bulletin.when_empty == WhenEmpty::Send;
    let mailed: Vec<RenderedPart> =
        bulletins.iter().filter(|(_, view)| is_mailed(view.rows.len())).map(|(part, _)| part.clone()).collect();
    let stories: std::collections::BTreeSet<StoryId> =
        bulletins.iter().flat_map(|(_, view)| view.rows.iter().map(|row| row.item.story)).collect();
    let what = Freezing {
        deliveries: deliveries(p, id, &mailed),
        parts: bulletins.into_iter().map(|(part, _)| part).collect(),
        ..Freezing::default()
    };
    Ok((edition, what, Some(stories.len() as u64)))
}

/// The second bulletin for each audience that gets it, with its view.
async fn bulletins(p: &Pipeline, edition: &Edition) -> anyhow::Result<Vec<(RenderedPart, BulletinView)>> {
    let input = gathered(p, edition, false).await?.input;
    let audiences = p.home.settings.audiences.clone();
    let made = tokio::task::spawn_blocking(move || {
        let getting = audiences.iter().filter(|a| a.gets.contains(&EditionKind::Bulletin));
        let part = |a: &crate::settings::AudienceSettings| {
            let view = diembao_digest::bulletin(&input, &cut(a));
            let diembao_digest::Rendered { subject, html, text } = diembao_digest::render_bulletin(&view);
            (RenderedPart { audience: a.audience.id.clone(), subject, html, text }, view)
        };
        getting.map(part).collect()
    });
    Ok(made.await?)
}

pub(crate) fn row(part: &CutPart) -> RenderedPart {
    RenderedPart {
        audience: part.audience.clone(),
        subject: part.rendered.subject.clone(),
        html: part.rendered.html.clone(),
        text: part.rendered.text.clone(),
    }
}

/// One delivery for each recipient of the audiences that have a part.
fn deliveries(p: &Pipeline, id: &EditionId, parts: &[RenderedPart]) -> Vec<Delivery> {
    let getting = p.home.settings.audiences.iter().filter(|a| parts.iter().any(|part| part.audience == a.audience.id));
    getting
        .flat_map(|a| a.audience.recipients.iter().map(|recipient| delivery(p, id, &a.audience.id, recipient)))
        .collect()
}

fn delivery(p: &Pipeline, id: &EditionId, audience: &AudienceId, recipient: &str) -> Delivery {
    Delivery {
        edition: id.clone(),
        audience: audience.clone(),
        recipient: recipient.to_owned(),
        message_id: diembao_mail::message_id(id, audience, recipient, &p.home.settings.mail.message_id_domain),
        state: DeliveryState::Queued,
        attempts: 0,
        last_reply: None,
    }
}
