//! The daemon's day: collect whenever channels are due, send at the time of diembao.toml.

use std::time::Duration;

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::EditionState;

use crate::run::{absorb, gather, today};
use crate::{EditionOutcome, Pipeline, RunReport, deliver, send_edition};

/// Between two looks at what is due.
const TICK: Duration = Duration::from_secs(20);

/// Works until it is told to stop. Reading the press and everything after it go on side by side,
/// so that no slow source keeps an edition from leaving. A failure is logged and tried again at
/// the next look.
pub async fn serve(p: &Pipeline, stop: tokio::sync::watch::Receiver<()>) {
    tokio::join!(
        every_tick(stop.clone(), async || log("reading the press", gather(p, &mut RunReport::default()).await)),
        every_tick(stop, async || {
            let mut report = RunReport::default();
            log("filing", absorb(p, &mut report).await);
            log("sending", send_if_due(p, &mut report).await);
            for notice in &report.notices {
                tracing::warn!("{notice}");
            }
        }),
    );
}

async fn every_tick(mut stop: tokio::sync::watch::Receiver<()>, mut work: impl AsyncFnMut()) {
    let mut ticks = tokio::time::interval(TICK);
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

/// Sends today's edition once its time has come, however late; otherwise what earlier ones left.
async fn send_if_due(p: &Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
    let now = p.clock.now();
    let id = today(now);
    let frozen = p.store.edition(&id).await?.is_some_and(|e| e.state == EditionState::Frozen);
    if !frozen && is_due(now, p.home.settings.edition.send_at) {
        send_edition(p, &id, report).await?;
        if report.edition.as_ref().is_some_and(|e| e.outcome == EditionOutcome::Frozen) {
            tracing::info!(edition = %id, "edition sent");
        }
        return Ok(());
    }
    deliver(p, report).await
}

fn is_due(now: DateTime<Utc>, send_at: NaiveTime) -> bool {
    now.with_timezone(&Ho_Chi_Minh).time() >= send_at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edition_is_due_from_its_hour_in_hanoi() {
        let seven = NaiveTime::from_hms_opt(7, 0, 0).unwrap();
        for (now, due) in [
            ("2026-11-21T06:59:59+07:00", false),
            ("2026-11-21T07:00:00+07:00", true),
            ("2026-11-21T23:00:00+07:00", true),
            ("2026-11-21T00:30:00Z", true),
            ("2026-11-20T23:30:00Z", false),
        ] {
            let now: DateTime<Utc> = DateTime::parse_from_rfc3339(now).unwrap().into();
            assert_eq!(is_due(now, seven), due, "{now}");
        }
    }
}
