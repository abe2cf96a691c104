//! The daemon's day: collect whenever channels are due, tell the desk's officers at once, draft and send at
//! the times of diembao.toml.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::{EditionId, EditionState};
use tokio::sync::{Mutex, Notify};

use crate::desk::{Teller, send_alerts, warn_of_clocks};
use crate::drafts::find_draft;
use crate::live_rules::LiveRules;
use crate::run::{DESK_REACH, catalogue, file, gather};
use crate::{
    EditError, EditionOutcome, Intake, Pipeline, RunReport, Share, alarm, deliver, deliver_saved, freeze_edition,
    hours, index,
};

/// Who acts when nobody does.
const PROGRAM: &str = "diembao";
/// Editions whose readers are looked after, the last ones.
const WATCHED: usize = 4;
/// Between two looks at what is due.
const TICK: Duration = Duration::from_secs(20);

/// Between two looks at the desk's outbox: other processes put alerts there too.
const DESK_TICK: Duration = Duration::from_secs(1);
/// How far back the desk looks for stories that have moved, once it has looked as far as it ever does:
/// what is told at once has just come in.
const NEAR: TimeDelta = TimeDelta::minutes(30);
/// Between two looks as far back as ever: an old article may have joined another story.
const FAR_EVERY: TimeDelta = TimeDelta::hours(1);

/// Works until it is told to stop. Reading the press, filing, telling the desk's officers and sending go
/// on side by side, so that no slow source, index or mail server keeps an alarm or an edition from leaving.
/// A failure is logged and tried again at the next look.
pub async fn serve(p: &Pipeline, stop: tokio::sync::watch::Receiver<()>) {
    serve_every(TICK, p, stop).await;
}

/// The same, looking at what is due this often.
pub(crate) async fn serve_every(tick: Duration, p: &Pipeline, stop: tokio::sync::watch::Receiver<()>) {
    // The home as it is with the rules as they are now.
    let current = Mutex::new(p.clone());
    let filed = Notify::new();
    let filing = Looks { tick, wake: Some(&p.wake.articles), stop: stop.clone() };
    let telling = Looks { tick: tick.min(DESK_TICK), wake: Some(&p.wake.alerts), stop: stop.clone() };
    let sending = Looks { tick, wake: Some(&filed), stop: stop.clone() };
    tokio::join!(
        read_the_press(tick, p, stop.clone()),
        index_as_it_comes(p, &current, stop),
        file_what_came(p, filing, &current, &filed),
        tell_officers(p, telling),
        every_look(sending, async || {
            let p = current.lock().await.clone();
            let mut report = RunReport::default();
            log("indexing", catalogue(&p, &mut report).await);
            log("sending", editions_if_due(&p, &mut report).await);
            log("sending what is new", deliver_saved(&p).await.map(drop));
            tell(&report);
        }),
    );
}

/// Files articles the moment they are stored, by the rules as they are now.
async fn file_what_came(p: &Pipeline, looks: Looks<'_>, current: &Mutex<Pipeline>, filed: &Notify) {
    let (mut filing, mut rules) = (p.clone(), LiveRules::of(p));
    let mut looked_far = DateTime::<Utc>::MIN_UTC;
    every_look(looks, async || {
        let mut report = RunReport::default();
        log("reading changed rules", rules.refresh(&mut filing, &mut report).await);
        current.lock().await.clone_from(&filing);
        let now = p.clock.now();
        let reach = if now - looked_far >= FAR_EVERY { DESK_REACH } else { NEAR };
        let done = file(&filing, reach, &mut report).await;
        if done.is_ok() && reach == DESK_REACH {
            looked_far = now;
        }
        log("filing", done);
        tell(&report);
        filed.notify_one();
    })
    .await;
}

/// Hands over what the desk has to tell, the moment it is queued or its time has come.
async fn tell_officers(p: &Pipeline, looks: Looks<'_>) {
    let mut teller = None;
    every_look(looks, async || {
        if teller.is_none() {
            teller = Teller::new(&p.home).inspect_err(|e| tracing::error!("alerts cannot be sent: {e:#}")).ok();
        }
        let Some(teller) = &teller else { return };
        log("looking at clocks", warn_of_clocks(p).await.map(|_| ()));
        log("sending alerts", send_alerts(p, teller).await.map(|_| ()));
    })
    .await;
}

async fn read_the_press(tick: Duration, p: &Pipeline, stop: tokio::sync::watch::Receiver<()>) {
    let mut opened = None;
    every_look(Looks { tick, wake: None, stop }, async || {
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

/// Makes articles searchable as soon as they are committed, with what the rules as they are now read in them.
pub(crate) async fn index_as_it_comes(
    p: &Pipeline,
    current: &Mutex<Pipeline>,
    mut stop: tokio::sync::watch::Receiver<()>,
) {
    loop {
        tokio::select! {
            () = p.indexing.told() => {}
            _ = stop.changed() => return,
        }
        let p = current.lock().await.clone();
        log("indexing", index(&p, &mut RunReport::default()).await);
    }
}

/// When a piece of work is looked at again: after a while, or when it is woken.
struct Looks<'a> {
    tick: Duration,
    wake: Option<&'a Notify>,
    stop: tokio::sync::watch::Receiver<()>,
}

async fn every_look(looks: Looks<'_>, mut work: impl AsyncFnMut()) {
    let Looks { tick, wake, mut stop } = looks;
    let mut ticks = tokio::time::interval(tick);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let woken = async || match wake {
        Some(wake) => wake.notified().await,
        None => std::future::pending().await,
    };
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = woken() => {}
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
    {
        // Not between an article's classification and its story: it would be in no edition.
        let _filing = p.wake.filing.lock().await;
        freeze_edition(p, id, report).await?;
    }
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
