//! The order of stages.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::EditionId;

use crate::desk::{self, update_desk};
use crate::{
    Intake, Pipeline, RunReport, Share, Stage, classify, collect, deliver, fetch_pages, freeze_edition, group, index,
    revisit,
};

/// How far back the desk looks for stories that have moved.
pub(crate) const DESK_REACH: TimeDelta = TimeDelta::days(7);

/// The whole morning: collect, extract, classify, group, index, desk, edition, delivery.
///
/// # Errors
/// When the store or the index fails; sources that fail are part of the report.
pub async fn run(p: &Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
    gather(p, &Intake::open(p, Share::Home).await?, report).await?;
    absorb(p, report).await?;
    send_edition(p, &today(p.clock.now()), report).await
}

/// The first half: channels and pages, into the store.
///
/// # Errors
/// When the store fails.
pub async fn gather(p: &Pipeline, intake: &Intake, report: &mut RunReport) -> anyhow::Result<()> {
    collect(p, intake, report).await?;
    fetch_pages(p, intake, report).await?;
    revisit(p, intake, report).await?;
    intake.tidy(p).await
}

/// Collects and files what is new; no edition.
///
/// # Errors
/// As [`run`].
pub async fn collect_and_file(p: &Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
    gather(p, &Intake::open(p, Share::Home).await?, report).await?;
    absorb(p, report).await
}

/// What follows when articles are in the store, however they came there.
///
/// # Errors
/// When the store or the index fails.
pub async fn absorb(p: &Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
    file(p, DESK_REACH, report).await?;
    // Who has to know a grave case knows it before anything else is done.
    match tell(p).await {
        Ok(sent) => report.stages.entry(Stage::Desk).or_default().count("alerts sent", sent.sent),
        Err(e) => report.notices.push(format!("alerts could not be sent: {e:#}")),
    }
    catalogue(p, report).await
}

/// The part of [`absorb`] that ends with the desk, which looks back so far.
pub(crate) async fn file(p: &Pipeline, reach: TimeDelta, report: &mut RunReport) -> anyhow::Result<()> {
    let _filing = p.wake.filing.lock().await;
    classify(p, report).await?;
    group(p, report).await?;
    update_desk(p, p.clock.now() - reach, report).await
}

async fn tell(p: &Pipeline) -> anyhow::Result<desk::AlertReport> {
    desk::warn_of_clocks(p).await?;
    desk::send_alerts(p, &desk::Teller::new(&p.home)?).await
}

/// The part of [`absorb`] that makes what was filed searchable.
pub(crate) async fn catalogue(p: &Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
    // The digest does not need the index: a broken one is told, and must not keep it from leaving.
    if let Err(e) = index(p, report).await {
        report.notices.push(format!("the search index could not be brought up to date: {e:#}"));
        report.index_failed = true;
    }
    Ok(())
}

/// Freezes the edition of a day, unless it is frozen, and sends what of it is not sent.
///
/// # Errors
/// When the store fails, or the mail settings cannot be used.
pub async fn send_edition(p: &Pipeline, id: &EditionId, report: &mut RunReport) -> anyhow::Result<()> {
    freeze_edition(p, id, report).await?;
    deliver(p, report).await
}

/// The edition of the day it is in Hà Nội.
#[must_use]
pub fn today(now: DateTime<Utc>) -> EditionId {
    EditionId::of_day(now.with_timezone(&Ho_Chi_Minh).date_naive())
}
