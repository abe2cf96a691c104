//! The last stage: queued deliveries leave, each at most once as far as the server's answer is known.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use chrono::TimeDelta;
use diembao_mail::{Mailer, Message, Secret, SendOutcome, Smtp, Tls, Transport};
use diembao_news::{AudienceId, Delivery, DeliveryState, EditionId};
use diembao_store::RenderedPart;
use futures::StreamExt;

use crate::settings::{MailTransport, PasswordSource, SmtpSettings, SmtpTls};
use crate::{Home, Pipeline, RunReport, Stage};

const BATCH_DELIVERIES: usize = 100;
/// Messages handed to the server at a time.
const CONCURRENCY: usize = 4;

/// Sends every delivery that is due. What the server defers is left for the next call.
///
/// # Errors
/// When the store fails, or the mail settings cannot be used.
pub async fn deliver(p: &Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
    let mut run = p.progress.begin(Stage::Deliver, None);
    let mailer = mailer(&p.home)?;
    loop {
        let due = p.store.due_deliveries(p.clock.now(), BATCH_DELIVERIES).await?;
        if due.is_empty() {
            break;
        }
        run.report.n_in += due.len() as u64;
        let parts = parts(p, &due).await?;
        let mut sending = futures::stream::iter(&due).map(|d| one(p, &mailer, d, &parts)).buffer_unordered(CONCURRENCY);
        while let Some(state) = sending.next().await {
            let state = state?;
            run.report.count(state.as_str(), 1);
            run.report.n_out += u64::from(state == DeliveryState::Sent);
            run.advance(1);
        }
    }
    if let Some(edition) = &mut report.edition {
        edition.deliveries = states(&p.store.deliveries(&edition.id).await?);
    }
    report.stages.insert(Stage::Deliver, run.end());
    Ok(())
}

fn states(deliveries: &[Delivery]) -> BTreeMap<&'static str, u64> {
    let mut states = BTreeMap::new();
    for delivery in deliveries {
        *states.entry(delivery.state.as_str()).or_default() += 1;
    }
    states
}

type Parts = BTreeMap<(EditionId, AudienceId), RenderedPart>;

/// Each rendered part is read once a batch, not once a recipient.
async fn parts(p: &Pipeline, due: &[Delivery]) -> anyhow::Result<Parts> {
    let mut parts = Parts::new();
    for delivery in due {
        let key = (delivery.edition.clone(), delivery.audience.clone());
        if let std::collections::btree_map::Entry::Vacant(entry) = parts.entry(key) {
            let part = p.store.rendered(&delivery.edition, &delivery.audience).await?;
            entry.insert(part.with_context(|| {
                format!("edition {} has deliveries for {}, but no rendered part", delivery.edition, delivery.audience)
            })?);
        }
    }
    Ok(parts)
}

async fn one(p: &Pipeline, mailer: &Mailer, delivery: &Delivery, parts: &Parts) -> anyhow::Result<DeliveryState> {
    let part = parts
        .get(&(delivery.edition.clone(), delivery.audience.clone()))
        .context("every due delivery's part was read before")?;
    let settings = &p.home.settings.mail;
    let now = p.clock.now();
    if !p.store.mark_sending(delivery, now).await? {
        return Ok(delivery.state);
    }
    let outcome = mailer.send(&message(p, delivery, part)).await;
    let attempts = delivery.attempts + 1;
    let retry = TimeDelta::from_std(settings.retry_after).unwrap_or(TimeDelta::minutes(5));
    let later = now + retry * i32::try_from(attempts).unwrap_or(i32::MAX).min(12);
    let (state, reply, next_try) = match outcome {
        SendOutcome::Sent { reply } => (DeliveryState::Sent, reply, None),
        SendOutcome::Bounced { reply } => (DeliveryState::Bounced, reply, None),
        SendOutcome::Deferred { reply } | SendOutcome::InDoubt { reply } => {
            if attempts >= settings.max_attempts {
                (DeliveryState::Bounced, format!("given up after {attempts} tries: {reply}"), None)
            } else {
                (DeliveryState::Deferred, reply, Some(later))
            }
        }
    };
    p.store.record_reply(delivery, (state, &reply), next_try, now).await?;
    Ok(state)
}

fn message(p: &Pipeline, delivery: &Delivery, part: &RenderedPart) -> Message {
    Message {
        from: p.home.settings.mail.from.clone(),
        to: delivery.recipient.clone(),
        reply_to: None,
        list_unsubscribe: None,
        message_id: delivery.message_id.clone(),
        date: p.clock.now(),
        subject: part.subject.clone(),
        html: part.html.clone(),
        text: part.text.clone(),
        attachments: Vec::new(),
        list_id: Some(format!("{}.{}", delivery.audience, p.home.settings.mail.message_id_domain)),
    }
}

/// The mailer of a home.
///
/// # Errors
/// When the password is named but not there, or the settings cannot be used.
pub fn mailer(home: &Home) -> anyhow::Result<Mailer> {
    mailer_to(home, Path::new(""))
}

/// The mailer of the duty desk: the same server; where mails are files, a folder of their own.
pub(crate) fn alert_mailer(home: &Home) -> anyhow::Result<Mailer> {
    mailer_to(home, Path::new("alerts"))
}

fn mailer_to(home: &Home, folder: &Path) -> anyhow::Result<Mailer> {
    let transport = match &home.settings.mail.transport {
        MailTransport::Folder(dir) => Transport::Folder(home.root.join(dir).join(folder)),
        MailTransport::Smtp(smtp) => Transport::Smtp(Smtp {
            host: smtp.host.clone(),
            port: smtp.port,
            tls: match smtp.tls {
                SmtpTls::None => Tls::None,
                SmtpTls::StartTls => Tls::StartTls,
                SmtpTls::Implicit => Tls::Implicit,
            },
            credentials: credentials(smtp)?,
            timeout: smtp.timeout,
            ..Smtp::new(&smtp.host, smtp.port, Tls::StartTls)
        }),
    };
    Ok(Mailer::new(&transport)?)
}

fn credentials(smtp: &SmtpSettings) -> anyhow::Result<Option<(String, Secret)>> {
    let Some(username) = &smtp.username else {
        return Ok(None);
    };
    if smtp.password == PasswordSource::None {
        anyhow::bail!("mail.smtp.username is set: set password_env or password_file too");
    }
    Ok(Some((username.clone(), secret(&smtp.password, "mail.smtp password")?)))
}

/// A secret from where the settings say it is.
pub(crate) fn secret(source: &PasswordSource, key: &str) -> anyhow::Result<Secret> {
    let found = match source {
        PasswordSource::None => anyhow::bail!("{key}: name a variable or a file that holds the secret"),
        PasswordSource::Env(name) => {
            std::env::var(name).with_context(|| format!("{key}: the variable {name} is not set"))?
        }
        PasswordSource::File(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("{key}: {}", path.display()))?;
            text.lines().next().unwrap_or_default().to_owned()
        }
    };
    Ok(Secret::new(found))
}
