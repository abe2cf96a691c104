//! `[desk]`: how the duty desk tells people.

use std::path::PathBuf;
use std::time::Duration;

use super::model::{DeskSettings, PasswordSource, WebhookSettings};
use super::table::Table;

pub(super) fn desk(t: &Table) -> DeskSettings {
    let webhooks: Vec<WebhookSettings> = t.tables("webhook").iter().map(webhook).collect();
    for (i, hook) in webhooks.iter().enumerate() {
        if webhooks[..i].iter().any(|other| other.name == hook.name) {
            t.report("webhook", format!("the name {:?} is used twice", hook.name));
        }
    }
    if t.string("url").is_some() {
        t.report("url", "has gone: links in alerts lead to console.public_url");
    }
    let desk = DeskSettings {
        link_key: PathBuf::from(t.string("link_key").unwrap_or_else(|| "link.key".into())),
        alarm_within: t.duration("alarm_within", Duration::from_secs(3 * 24 * 3600)),
        retry_after: t.duration("retry_after", Duration::from_secs(30)),
        max_attempts: u32::try_from(t.number("max_attempts", 60, 1..=1000)).unwrap_or(1000),
        webhooks,
    };
    t.finish();
    desk
}

fn webhook(t: &Table) -> WebhookSettings {
    let secret = match (t.string("secret_env"), t.string("secret_file")) {
        (Some(name), None) => PasswordSource::Env(name),
        (None, Some(file)) => PasswordSource::File(file.into()),
        (given, _) => {
            let message =
                if given.is_some() { "stands beside secret_file; keep one" } else { "or secret_file is needed" };
            t.report("secret_env", message);
            PasswordSource::None
        }
    };
    let hook = WebhookSettings { name: t.required("name"), url: t.required("url"), secret };
    t.finish();
    hook
}
