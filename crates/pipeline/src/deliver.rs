//! The last stage: queued deliveries leave, each at most once as far as the server's answer is known.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use diembao_mail::{Attachment, Dkim, Mailer, Message, Secret, SendOutcome, Smtp, Tls, Transport};
use diembao_news::{AudienceId, Delivery, DeliveryState, EditionId, EditionKind};
use diembao_store::RenderedPart;
use futures::StreamExt;

use crate::leave::{row, unsent_bulletins};
use crate::paper::{attached, attachments, bulletin_files, edition_files};
use crate::settings::{MailSettings, MailTransport, PasswordSource, SmtpSettings, SmtpTls};
use crate::{Home, Pipeline, RunReport, Stage};

const BATCH_DELIVERIES: usize = 100;
/// So many failures in a row, and the server is down rather than the mail bad: the rest waits for the next call.
const MAX_FAILURES: usize = 8;

/// Sends every delivery that is due. What the server defers is left for the next call.
///
/// # Errors
/// When the store fails, or the mail settings cannot be used.
pub async fn deliver(p: &Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
    let mut run = p.progress.begin(Stage::Deliver, None);
    let mailer = mailer(&p.home)?;
    let settings = &p.home.settings.mail;
    let begun = tokio::time::Instant::now();
    let mut n_failed = 0;
    while n_failed < MAX_FAILURES {
        let due = p.store.due_deliveries(p.clock.now(), BATCH_DELIVERIES).await?;
        if due.is_empty() {
            break;
        }
        let parts = parts(p, &due).await?;
        let before = run.report.n_in;
        let paced = async |(i, delivery): (usize, &Delivery)| {
            let place = u32::try_from(before + i as u64).unwrap_or(u32::MAX);
            tokio::time::sleep_until(begun + settings.interval.saturating_mul(place)).await;
            one(p, &mailer, delivery, &parts).await
        };
        let mut sending =
            futures::stream::iter(due.iter().enumerate()).map(paced).buffer_unordered(settings.concurrency);
        while let Some(state) = sending.next().await {
            let state = state?;
            run.report.count(state.as_str(), 1);
            run.report.n_in += 1;
            run.report.n_out += u64::from(state == DeliveryState::Sent);
            run.advance(1);
            n_failed = if state == DeliveryState::Deferred { n_failed + 1 } else { 0 };
            if n_failed >= MAX_FAILURES {
                break;
            }
        }
    }
    mailer.close().await;
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

/// What an audience gets, and the files that go with it.
type Parts = BTreeMap<(EditionId, AudienceId), (RenderedPart, Vec<Attachment>)>;

/// Each rendered part is read once a batch, not once a recipient.
async fn parts(p: &Pipeline, due: &[Delivery]) -> anyhow::Result<Parts> {
    let mut parts = Parts::new();
    for delivery in due {
        let key = (delivery.edition.clone(), delivery.audience.clone());
        if let std::collections::btree_map::Entry::Vacant(entry) = parts.entry(key) {
            let part = p.store.rendered(&delivery.edition, &delivery.audience).await?;
            let part = part.with_context(|| {
                format!("edition {} has deliveries for {}, but no rendered part", delivery.edition, delivery.audience)
            })?;
            entry.insert((part, attachments(p, &delivery.edition, &delivery.audience).await?));
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
    let Attempt { state, reply, next_try } = attempt(settings, outcome, delivery.attempts + 1, now);
    p.store.record_reply(delivery, (state, &reply), next_try, now).await?;
    Ok(state)
}

/// What became of one try to send a mail.
pub(crate) struct Attempt {
    pub(crate) state: DeliveryState,
    /// What the server said.
    pub(crate) reply: String,
    /// When to try again.
    pub(crate) next_try: Option<DateTime<Utc>>,
}

/// Reads the server's answer to the try of a number: what is deferred too often is given up.
pub(crate) fn attempt(settings: &MailSettings, outcome: SendOutcome, attempts: u32, now: DateTime<Utc>) -> Attempt {
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
    Attempt { state, reply, next_try }
}

/// Sends an audience's cut to one address, marked as a test; the outbox does not know of it.
///
/// # Errors
/// When there is no such cut, or the mail settings cannot be used.
pub async fn test_send(p: &Pipeline, id: &EditionId, audience: &AudienceId, to: &str) -> anyhow::Result<SendOutcome> {
    let leaving = match (p.store.rendered(id, audience).await?, id.kind()) {
        (Some(part), _) => (part, attachments(p, id, audience).await?),
        (None, EditionKind::Bulletin) => {
            let mut parts = unsent_bulletins(p, id).await?;
            parts.retain(|(part, _)| part.audience == *audience);
            let files = bulletin_files(p, id, &parts).await?;
            (parts.pop().with_context(|| no_cut(id, audience))?.0, attached(files))
        }
        (None, _) => {
            let (_, mut parts) = crate::preview_edition(p, id).await?;
            parts.retain(|part| part.audience == *audience);
            let files = edition_files(p, id, &parts).await?;
            (parts.first().map(row).with_context(|| no_cut(id, audience))?, attached(files))
        }
    };
    let settings = &p.home.settings.mail;
    // Named after its moment: a second test is a second mail.
    let name = format!("{to} {}", p.clock.now().timestamp_micros());
    let delivery = Delivery {
        edition: id.clone(),
        audience: audience.clone(),
        recipient: to.to_owned(),
        message_id: diembao_mail::message_id(id, audience, &name, &settings.message_id_domain),
        state: DeliveryState::Queued,
        attempts: 0,
        last_reply: None,
    };
    let message = message(p, &delivery, &leaving);
    let message = Message { subject: format!("[Gửi thử] {}", message.subject), ..message };
    let mailer = mailer(&p.home)?;
    let outcome = mailer.send(&message).await;
    mailer.close().await;
    Ok(outcome)
}

fn no_cut(id: &EditionId, audience: &AudienceId) -> String {
    format!("edition {id} has no cut for {audience}; diembao.toml names the audiences and what they get")
}

fn message(p: &Pipeline, delivery: &Delivery, (part, files): &(RenderedPart, Vec<Attachment>)) -> Message {
    let settings = &p.home.settings.mail;
    Message {
        from: settings.from.clone(),
        to: delivery.recipient.clone(),
        reply_to: settings.reply_to.clone(),
        list_unsubscribe: settings.list_unsubscribe.clone(),
        message_id: delivery.message_id.clone(),
        date: p.clock.now(),
        subject: part.subject.clone(),
        html: part.html.clone(),
        text: part.text.clone(),
        attachments: files.clone(),
        list_id: Some(format!("{}.{}", delivery.audience, settings.message_id_domain)),
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
    let mailer = Mailer::new(&transport)?;
    let Some(dkim) = &home.settings.mail.dkim else {
        return Ok(mailer);
    };
    let path = home.root.join(&dkim.key_file);
    let key = std::fs::read(&path).with_context(|| format!("mail.dkim.key_file: {}", path.display()))?;
    Ok(mailer.signing(Dkim::new(&dkim.domain, &dkim.selector, &key)?))
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
