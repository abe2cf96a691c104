//! The daemon's day: collect whenever channels are due, draft and send at the times of diembao.toml.

use std::time::Duration;

use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::{EditionId, EditionState};

use crate::drafts::find_draft;
use crate::live_rules::LiveRules;
use crate::run::{absorb, gather};
use crate::{EditError, EditionOutcome, Intake, Pipeline, RunReport, Share, alarm, deliver, freeze_edition, hours};

/// Who acts when nobody does.
const PROGRAM: &str = "diembao";
/// Editions whose readers are looked after, the last ones.
const WATCHED: usize = 4;
/// Between two looks at what is due.
const TICK: Duration = Duration::from_secs(20);

/// Works until it is told to stop. Reading the press and everything after it go on side by side,
/// so that no slow source keeps an edition from leaving. A failure is logged and tried again at
/// the next look.
pub async fn serve(p: &Pipeline, stop: tokio::sync::watch::Receiver<()>) {
    serve_every(TICK, p, stop).await;
}

/// The same, looking at what is due this often.
pub(crate) async fn serve_every(tick: Duration, p: &Pipeline, stop: tokio::sync::watch::Receiver<()>) {
    let (mut filing, mut rules) = (p.clone(), LiveRules::of(p));
    tokio::join!(
        read_the_press(tick, p, stop.clone()),
        every_tick(tick, stop, async || {
            let mut report = RunReport::default();
            log("reading changed rules", rules.refresh(&mut filing, &mut report).await);
            log("filing", absorb(&filing, &mut report).await);
            log("sending", editions_if_due(&filing, &mut report).await);
            tell(&report);
        }),
    );
}

async fn read_the_press(tick: Duration, p: &Pipeline, stop: tokio::sync::watch::Receiver<()>) {
    let mut opened = None;
    every_tick(tick, stop, async || {
        if opened.is_none() {
            opened =
                Intake::open(p, Share::Home).await.inspect_err(|e| tracing::error!("reading the press: {e:#}")).ok();
        }
        let Some(intake) = &opened else { return };
        let mut report = RunReport::default();
        log("reading the press", gather(p, intake, &mut report).await);
        tell(&report);
    })
    .await;
}

fn tell(report: &RunReport) {
    for notice in &report.notices {
        tracing::warn!("{notice}");
    }
}

async fn every_tick(tick: Duration, mut stop: tokio::sync::watch::Receiver<()>, mut work: impl AsyncFnMut()) {
    let mut ticks = tokio::time::interval(tick);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
        // What is begun may be cut off at any point: the store makes it whole at the next start.
        tokio::select! {
            () = work() => {}
            _ = stop.changed() => return,
        }
    }
}

fn log(what: &str, result: anyhow::Result<()>) {
    if let Err(e) = result {
        tracing::error!("{what} failed: {e:#}");
    }
}

/// One look at the clock: makes today's draft and sends today's edition and bulletin once their time has
/// come, however late; then sends what earlier looks could not, and sounds an alarm if somebody waits too long.
///
/// # Errors
/// When the store fails, or the mail settings cannot be used.
pub async fn editions_if_due(p: &Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
    let local = p.clock.now().with_timezone(&Ho_Chi_Minh);
    let (day, time) = (local.date_naive(), local.time());
    let id = EditionId::of_day(day);
    if let Some(hours) = hours(&p.home.settings.edition, day) {
        let draft = find_draft(p, &id).await?;
        let is_frozen = draft.as_ref().is_some_and(|d| d.edition.state == EditionState::Frozen);
        if time >= hours.send_at && !is_frozen {
            leave(p, &id, report).await?;
        } else if time >= hours.draft_at && draft.is_none() {
            draft_by_itself(p, &id).await?;
        }
    }
    let bulletin = EditionId::bulletin_of_day(day);
    let is_due = p.home.settings.bulletin.send_at.is_some_and(|at| time >= at);
    if is_due && p.store.edition(&bulletin).await?.is_none() {
        leave(p, &bulletin, report).await?;
    }
    let delivered = deliver(p, report).await;
    for edition in p.store.editions(WATCHED).await? {
        alarm::watch(p, &edition).await?;
    }
    delivered
}

async fn leave(p: &Pipeline, id: &EditionId, report: &mut RunReport) -> anyhow::Result<()> {
    freeze_edition(p, id, report).await?;
    match report.edition.as_ref().map(|e| e.outcome) {
        Some(EditionOutcome::Frozen) => {
            tracing::info!(edition = %id, "edition frozen");
            alarm::quiet(p, id, &format!("edition/{id}/approval")).await
        }
        Some(EditionOutcome::AwaitingApproval) => {
            let text = format!("Bản tin {id} đã đến giờ phát hành nhưng chưa được duyệt.");
            alarm::sound(p, id, &format!("edition/{id}/approval"), &text).await
        }
        Some(EditionOutcome::AlreadyFrozen) | None => Ok(()),
    }
}

async fn draft_by_itself(p: &Pipeline, id: &EditionId) -> anyhow::Result<()> {
    match crate::draft(p, id, PROGRAM, Some(0)).await {
        // An editor was faster.
        Ok(_) | Err(EditError::Stale { .. } | EditError::NoDraft(_)) => Ok(()),
        Err(e) => Err(e.into()),
    }
}
