//! Telling people: what is queued leaves by mail and webhook, each message once as far as the receiver's
//! answer is known; clocks that run out queue more.

use std::collections::HashMap;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use diembao_desk::{Alert, AlertCause, Case, alert_text, clock_alerts, clocks};
use diembao_mail::webhook::Webhook;
use diembao_mail::{Mailer, Message, SendOutcome};
use diembao_news::CaseId;
use diembao_store::{AlertState, Attached, QueuedAlert};
use futures::StreamExt;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::act::warning_of;
use super::{DeskFailure, ack_link};
use crate::deliver::{alert_mailer, secret};
use crate::{Home, Pipeline};

const BATCH: usize = 100;
/// Messages handed over at a time.
const CONCURRENCY: usize = 8;
/// A level that is reached to the millisecond is reached.
const GRACE: TimeDelta = TimeDelta::milliseconds(1);
/// The longest wait between two tries, in waits of the first.
const MAX_WAITS: u32 = 20;

/// The ways out: mail, and the webhooks by name. Connections are kept.
pub struct Teller {
    mailer: Mailer,
    webhooks: HashMap<String, Webhook>,
}

/// What became of alerts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AlertReport {
    /// Handed over.
    pub sent: u64,
    /// To be tried again.
    pub deferred: u64,
    /// Refused or given up.
    pub bounced: u64,
}

impl Teller {
    /// Makes the ways out of a home; connects to nothing yet.
    ///
    /// # Errors
    /// When a secret is named but not there, or a setting cannot be used.
    pub fn new(home: &Home) -> anyhow::Result<Self> {
        let mut webhooks = HashMap::new();
        for hook in &home.settings.desk.webhooks {
            let key = format!("desk.webhook {}", hook.name);
            let made = Webhook::new(&hook.url, secret(&hook.secret, &key)?).with_context(|| key)?;
            webhooks.insert(hook.name.clone(), made);
        }
        Ok(Self { mailer: alert_mailer(home)?, webhooks })
    }
}

impl std::fmt::Debug for Teller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Teller").field("webhooks", &self.webhooks.keys()).finish_non_exhaustive()
    }
}

/// The alerts that changed since a time, the last first; with a case, all of that case.
///
/// # Errors
/// When the store fails.
pub async fn alerts(
    p: &Pipeline,
    case: Option<CaseId>,
    since: DateTime<Utc>,
    n_max: usize,
) -> Result<Vec<QueuedAlert>, DeskFailure> {
    Ok(match case {
        Some(id) => p.store.alerts(id).await?,
        None => p.store.recent_alerts(since, n_max).await?,
    })
}

/// Hands over every alert that is due. What cannot be handed over is left for the next call.
///
/// # Errors
/// When the store fails.
pub async fn send_alerts(p: &Pipeline, teller: &Teller) -> anyhow::Result<AlertReport> {
    let mut report = AlertReport::default();
    loop {
        let due = p.store.due_alerts(p.clock.now(), BATCH).await?;
        if due.is_empty() {
            return Ok(report);
        }
        let ids: Vec<CaseId> = due.iter().map(|q| q.alert.case).collect();
        let cases = p.store.cases_by_id(&ids).await?;
        let told = due.iter().filter_map(|queued| Some((queued, cases.get(&queued.alert.case)?)));
        let mut sending = futures::stream::iter(told)
            .map(|(queued, case)| tell(p, teller, queued, case))
            .buffer_unordered(CONCURRENCY);
        while let Some(state) = sending.next().await {
            match state? {
                Some(AlertState::Sent) => report.sent += 1,
                Some(AlertState::Deferred) => report.deferred += 1,
                Some(AlertState::Bounced) => report.bounced += 1,
                _ => {}
            }
        }
    }
}

/// Hands one alert over and records the answer; none: another process does.
async fn tell(p: &Pipeline, teller: &Teller, queued: &QueuedAlert, case: &Case) -> anyhow::Result<Option<AlertState>> {
    let now = p.clock.now();
    if !p.store.mark_alert_sending(queued, now).await? {
        return Ok(None);
    }
    let alert = &queued.alert;
    let outcome = match alert.to.strip_prefix("webhook:") {
        Some(name) => match teller.webhooks.get(name) {
            Some(hook) => hook.post(&alert.key(), &as_json(p, case, alert), now).await,
            None => SendOutcome::Bounced { reply: format!("diembao.toml has no webhook {name}") },
        },
        None => teller.mailer.send(&message(p, case, alert, now)).await,
    };
    let settings = &p.home.settings.desk;
    let attempts = queued.attempts + 1;
    let (state, reply, next_try) = match outcome {
        SendOutcome::Sent { reply } => (AlertState::Sent, reply, None),
        SendOutcome::Bounced { reply } => (AlertState::Bounced, reply, None),
        SendOutcome::Deferred { reply } | SendOutcome::InDoubt { reply } if attempts >= settings.max_attempts => {
            (AlertState::Bounced, format!("given up after {attempts} tries: {reply}"), None)
        }
        SendOutcome::Deferred { reply } | SendOutcome::InDoubt { reply } => {
            let wait = TimeDelta::from_std(settings.retry_after).unwrap_or(TimeDelta::seconds(30));
            let waits = i32::try_from(attempts.min(MAX_WAITS)).unwrap_or(1);
            (AlertState::Deferred, reply, Some(now + wait * waits))
        }
    };
    if state != AlertState::Sent {
        tracing::warn!(alert = alert.key(), reply, "an alert was not handed over");
    }
    p.store.record_alert_reply(alert, (state, &reply), next_try, p.clock.now()).await?;
    Ok(Some(state))
}

fn link(p: &Pipeline, case: &Case, alert: &Alert) -> Option<String> {
    let url = p.home.settings.console.reached_at()?;
    match ack_link(&p.home, case.id, &alert.to, p.clock.now()) {
        Ok(word) => Some(format!("{url}/nhan/{word}")),
        // An alert without a link is better than none.
        Err(e) => {
            tracing::error!("alerts carry no link: {e:#}");
            None
        }
    }
}

fn message(p: &Pipeline, case: &Case, alert: &Alert, now: DateTime<Utc>) -> Message {
    let (subject, text) = alert_text(case, alert, link(p, case, alert).as_deref());
    let mail = &p.home.settings.mail;
    let hash: String = Sha256::digest(alert.key().as_bytes()).iter().take(12).map(|b| format!("{b:02x}")).collect();
    Message {
        from: mail.from.clone(),
        to: alert.to.clone(),
        reply_to: None,
        list_unsubscribe: None,
        message_id: format!("<case-{}.{hash}@{}>", case.id, mail.message_id_domain),
        date: now,
        subject,
        html: String::new(),
        text,
        attachments: Vec::new(),
        list_id: Some(format!("truc.{}", mail.message_id_domain)),
    }
}

/// The message to a chat room or gateway: what a mail says, and its facts apart.
fn as_json(p: &Pipeline, case: &Case, alert: &Alert) -> String {
    let link = link(p, case, alert);
    let (subject, text) = alert_text(case, alert, link.as_deref());
    let (kind, mark) = match &alert.cause {
        AlertCause::Alarm => ("alarm", None),
        AlertCause::Clock { mark, .. } => ("clock", Some(mark)),
    };
    json!({
        "id": alert.key(),
        "kind": kind,
        "mark": mark,
        "case": case.id.as_i64(),
        "version": alert.version,
        "rung": alert.rung,
        "severity": case.severity.as_str(),
        "state": case.state.as_str(),
        "title": case.title,
        "published": case.published.to_rfc3339(),
        "detected": case.opened_at.to_rfc3339(),
        "n_articles": case.spread.n_articles,
        "n_outlets": case.spread.n_outlets,
        "proposed_unit": case.handling.proposed,
        "subject": subject,
        "text": text,
        "link": link,
    })
    .to_string()
}

/// Queues what is to be said of clocks that have reached 50, 80 or 100 % of their time; how many messages.
///
/// # Errors
/// When the store fails.
pub async fn warn_of_clocks(p: &Pipeline) -> anyhow::Result<u64> {
    let mut n = 0;
    loop {
        let now = p.clock.now();
        let cases = p.store.cases_to_warn(now, BATCH).await?;
        if cases.is_empty() {
            return Ok(n);
        }
        let ids: Vec<CaseId> = cases.iter().map(|c| c.id).collect();
        let events = p.store.case_events(&ids).await?;
        for case in &cases {
            let events = events.get(&case.id).map(Vec::as_slice).unwrap_or_default();
            let readings = clocks(case, events, &p.home.registry.clocks, now + GRACE);
            let with = Attached {
                alerts: clock_alerts(case, &readings, &p.home.registry, now),
                next_warning: warning_of(p, case, events, now),
                ..Attached::default()
            };
            n += p.store.queue_warnings(case, &with, now).await?;
        }
    }
}
