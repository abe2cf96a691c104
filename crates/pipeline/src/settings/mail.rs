//! `[mail]`: how editions leave.

use std::path::PathBuf;
use std::time::Duration;

use super::model::{DkimSettings, MailSettings, MailTransport, PasswordSource, SmtpSettings, SmtpTls};
use super::table::Table;

pub(super) fn mail(t: &Table) -> MailSettings {
    let smtp = t.table("smtp");
    let folder = PathBuf::from(t.string("folder").unwrap_or_else(|| "mail".into()));
    let kind = |s: &str| matches!(s, "folder" | "smtp").then(|| s.to_owned());
    let transport = match t.parsed("transport", "\"folder\" or \"smtp\"", kind).as_deref() {
        Some("smtp") => {
            if !smtp.is_present() {
                t.report("transport", "is \"smtp\", but there is no [mail.smtp] table");
            }
            MailTransport::Smtp(smtp_settings(&smtp))
        }
        _ => {
            if smtp.is_present() {
                smtp_settings(&smtp);
            }
            MailTransport::Folder(folder)
        }
    };
    let mail = MailSettings {
        transport,
        from: t.string("from").unwrap_or_else(|| "Điểm báo y tế <diembao@example.vn>".into()),
        message_id_domain: t.string("message_id_domain").unwrap_or_else(|| "diembao.example.vn".into()),
        max_attempts: u32::try_from(t.number("max_attempts", 30, 1..=1000)).unwrap_or(1000),
        retry_after: t.duration("retry_after", Duration::from_secs(300)),
        concurrency: usize::try_from(t.number("concurrency", 4, 1..=64)).unwrap_or(64),
        interval: t.duration("interval", Duration::ZERO),
        reply_to: t.string("reply_to"),
        list_unsubscribe: t.parsed(
            "list_unsubscribe",
            "an address beginning with \"mailto:\" or \"https://\"",
            unsubscribe,
        ),
        dkim: dkim(&t.table("dkim")),
    };
    t.finish();
    mail
}

fn smtp_settings(t: &Table) -> SmtpSettings {
    let host = t.required("host");
    let tls = t.parsed("tls", "\"starttls\", \"implicit\" or \"none\"", |s| match s {
        "starttls" => Some(SmtpTls::StartTls),
        "implicit" => Some(SmtpTls::Implicit),
        "none" => Some(SmtpTls::None),
        _ => None,
    });
    let tls = tls.unwrap_or(SmtpTls::StartTls);
    if tls == SmtpTls::None && !matches!(host.as_str(), "127.0.0.1" | "::1" | "localhost") {
        t.report("tls", "is \"none\", which is for loopback only");
    }
    let password = match (t.string("password_env"), t.string("password_file")) {
        (Some(_), Some(_)) => {
            t.report("password_file", "stands beside password_env; keep one");
            PasswordSource::None
        }
        (Some(name), None) => PasswordSource::Env(name),
        (None, Some(file)) => PasswordSource::File(file.into()),
        (None, None) => PasswordSource::None,
    };
    let default_port = if tls == SmtpTls::Implicit { 465 } else { 587 };
    let smtp = SmtpSettings {
        host,
        port: u16::try_from(t.number("port", default_port, 1..=65_535)).unwrap_or(587),
        tls,
        username: t.string("username"),
        password,
        timeout: t.duration("timeout", Duration::from_secs(60)),
    };
    t.finish();
    smtp
}

fn unsubscribe(s: &str) -> Option<String> {
    (s.starts_with("mailto:") || s.starts_with("https://")).then(|| s.to_owned())
}

fn dkim(t: &Table) -> Option<DkimSettings> {
    if !t.is_present() {
        return None;
    }
    let dkim = DkimSettings {
        domain: t.required("domain"),
        selector: t.required("selector"),
        key_file: t.required("key_file").into(),
    };
    t.finish();
    Some(dkim)
}
