//! When an edition is not where it should be, people are told by the second channel: mail itself may be
//! what fails.

use chrono::TimeDelta;
use diembao_mail::SendOutcome;
use diembao_mail::webhook::Webhook;
use diembao_news::{DeliveryState, Edition, EditionId, EditionState};
use serde_json::json;

use crate::Pipeline;
use crate::deliver::secret;

/// So long after it was frozen everybody should have an edition.
const PATIENCE: TimeDelta = TimeDelta::minutes(15);
/// Recipients named in an alarm.
const MAX_NAMED: usize = 10;

/// Looks at an edition that has left: an alarm stands while somebody has not got it.
///
/// # Errors
/// When the store fails.
pub(crate) async fn watch(p: &Pipeline, edition: &Edition) -> anyhow::Result<()> {
    let Some(frozen_at) = edition.frozen_at.filter(|_| edition.state == EditionState::Frozen) else {
        return Ok(());
    };
    let name = format!("edition/{}/undelivered", edition.id);
    let deliveries = p.store.deliveries(&edition.id).await?;
    let missing: Vec<_> = deliveries.iter().filter(|d| d.state != DeliveryState::Sent).collect();
    if missing.is_empty() {
        return quiet(p, &edition.id, &name).await;
    }
    if p.clock.now() - frozen_at < PATIENCE {
        return Ok(());
    }
    let named: Vec<&str> = missing.iter().take(MAX_NAMED).map(|d| d.recipient.as_str()).collect();
    let more = if missing.len() > named.len() { " …" } else { "" };
    let reason = missing.iter().find_map(|d| d.last_reply.as_deref()).unwrap_or("chưa có phản hồi của máy chủ thư");
    let text = format!(
        "Bản tin {}: {}/{} người nhận chưa có ({}{more}). Máy chủ thư: {reason}",
        edition.id,
        missing.len(),
        deliveries.len(),
        named.join(", "),
    );
    sound(p, &edition.id, &name, &text).await
}

/// Raises a notice and posts it to every webhook of the desk, once.
///
/// # Errors
/// When the store fails; a webhook that does not answer is tried again at the next look.
pub(crate) async fn sound(p: &Pipeline, id: &EditionId, name: &str, text: &str) -> anyhow::Result<()> {
    let now = p.clock.now();
    p.store.raise_notice(name, text, now).await?;
    if p.home.settings.desk.webhooks.is_empty() || is_standing(p, &told(name)).await? {
        return Ok(());
    }
    if post(p, id, name, text).await {
        p.store.raise_notice(&told(name), "told by webhook", now).await?;
    }
    Ok(())
}

/// Clears a notice; whoever was told of it is told that it is over.
pub(crate) async fn quiet(p: &Pipeline, id: &EditionId, name: &str) -> anyhow::Result<()> {
    let now = p.clock.now();
    if !p.store.clear_notice(name, now).await? {
        return Ok(());
    }
    if p.store.clear_notice(&told(name), now).await? {
        post(p, id, name, &format!("Bản tin {id}: đã xử lý xong cảnh báo trước.")).await;
    }
    Ok(())
}

fn told(name: &str) -> String {
    format!("{name}/told")
}

async fn is_standing(p: &Pipeline, name: &str) -> anyhow::Result<bool> {
    Ok(p.store.notices().await?.iter().any(|n| n.name == name))
}

/// Whether any webhook took it.
async fn post(p: &Pipeline, id: &EditionId, name: &str, text: &str) -> bool {
    let now = p.clock.now();
    let message = json!({"kind": "edition", "edition": id.as_str(), "alarm": name, "text": text}).to_string();
    let mut taken = false;
    for hook in &p.home.settings.desk.webhooks {
        let made = secret(&hook.secret, &hook.name).map(|secret| Webhook::new(&hook.url, secret));
        let outcome = match made {
            Ok(Ok(webhook)) => webhook.post(&format!("{name}/{}", now.timestamp()), &message, now).await,
            Ok(Err(e)) => SendOutcome::Bounced { reply: e.to_string() },
            Err(e) => SendOutcome::Bounced { reply: format!("{e:#}") },
        };
        taken |= matches!(outcome, SendOutcome::Sent { .. });
        if !matches!(outcome, SendOutcome::Sent { .. }) {
            tracing::warn!(webhook = hook.name, "alarm not taken: {}", outcome.reply());
        }
    }
    taken
}
