//! diembao.toml: the settings of a home. Every mistake is reported with file, line and key.

mod desk;
mod model;
mod table;

use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveTime;
use diembao_news::{Audience, AudienceId, Problem};

pub use self::model::{
    Agency, Approval, AudienceSettings, Collect, CollectLimits, CollectPace, CutForm, DeskSettings, EditionSettings,
    MailSettings, MailTransport, PasswordSource, Settings, SmtpSettings, SmtpTls, StoreSettings, WebhookSettings,
};
pub use self::table::parse_duration;
use self::table::{Source, Table};

/// The defaults, as `init` writes them.
pub const DEFAULT_TEXT: &str = include_str!("../../../../diembao.toml");

/// Reads diembao.toml.
///
/// # Errors
/// Every mistake, in the order of lines.
pub fn parse(text: &str, file: &str) -> Result<Settings, Vec<Problem>> {
    let source = Source::new(file, text);
    let document = match toml::de::DeTable::parse(text) {
        Ok(document) => document,
        Err(e) => {
            source.report(e.span().map_or(0, |s| s.start), "(syntax)", e.message());
            return Err(source.into_problems());
        }
    };
    let settings = {
        let root = Table::root(&source, document.get_ref());
        let settings = Settings {
            agency: agency(&root.table("agency")),
            store: store(&root.table("store")),
            collect: collect(&root.table("collect")),
            edition: edition(&root.table("edition")),
            mail: mail(&root.table("mail")),
            desk: desk::desk(&root.table("desk")),
            audiences: root.tables("audience").iter().map(audience).collect(),
        };
        root.finish();
        check_audiences(&root, &settings.audiences);
        settings
    };
    let problems = source.into_problems();
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

fn agency(t: &Table) -> Agency {
    let agency = Agency {
        name: t.string("name").unwrap_or_else(|| "Bộ Y tế".into()),
        unit: t.string("unit").unwrap_or_else(|| "Bộ phận thường trực thông tin báo chí".into()),
    };
    t.finish();
    agency
}

fn store(t: &Table) -> StoreSettings {
    let is_store =
        |s: &str| ["sqlite:", "postgres://", "postgresql://"].iter().any(|p| s.starts_with(p)).then(|| s.to_owned());
    let store = StoreSettings {
        url: t
            .parsed("url", "\"sqlite:FILE\" or \"postgres://…\"", is_store)
            .unwrap_or_else(|| "sqlite:diembao.db".into()),
        busy_timeout: t.duration("busy_timeout", Duration::from_secs(10)),
    };
    t.finish();
    store
}

fn collect(t: &Table) -> Collect {
    let day = Duration::from_secs(24 * 3600);
    let size = |name, default| usize::try_from(t.number(name, default, 1024..=1 << 30)).unwrap_or(usize::MAX);
    let count = |name, default| usize::try_from(t.number(name, default, 1..=1024)).unwrap_or(1024);
    let min = t.duration("min_interval", Duration::from_secs(600));
    let max = t.duration("max_interval", Duration::from_secs(3 * 3600));
    if min > max {
        t.report("min_interval", "is longer than max_interval");
    }
    let collect = Collect {
        contact: t.string("contact").unwrap_or_else(|| "https://example.vn/diembao".into()),
        pace: CollectPace {
            host_interval: t.duration("host_interval", Duration::from_secs(2)),
            host_concurrency: count("host_concurrency", 2),
            concurrency: count("concurrency", 32),
        },
        limits: CollectLimits {
            connect_timeout: t.duration("connect_timeout", Duration::from_secs(10)),
            total_timeout: t.duration("total_timeout", Duration::from_secs(60)),
            max_feed_bytes: size("max_feed_bytes", 50 << 20),
            max_page_bytes: size("max_page_bytes", 10 << 20),
        },
        obey_robots: t.flag("obey_robots", true),
        allow_loopback: t.flag("allow_loopback", false),
        interval: min..=max,
        max_age: t.duration("max_age", day * 7),
        max_attempts: u32::try_from(t.number("max_attempts", 5, 1..=100)).unwrap_or(100),
        keep_pages: t.duration("keep_pages", day * 90),
    };
    t.finish();
    collect
}

fn edition(t: &Table) -> EditionSettings {
    let time = |name, default| {
        let parse = |s: &str| NaiveTime::parse_from_str(s, "%H:%M").ok();
        t.parsed(name, "a time of day such as \"07:00\"", parse)
            .unwrap_or_else(|| NaiveTime::from_hms_opt(default, 0, 0).expect("a full hour below 24 is a time"))
    };
    let edition = EditionSettings {
        draft_at: time("draft_at", 6),
        send_at: time("send_at", 7),
        first_window: t.duration("first_window", Duration::from_secs(24 * 3600)),
        approval: t
            .parsed("approval", "\"automatic\", \"required\" or \"until HH:MM\"", approval)
            .unwrap_or(Approval::Automatic),
    };
    if edition.draft_at > edition.send_at {
        t.report("draft_at", "is later than send_at");
    }
    t.finish();
    edition
}

fn approval(s: &str) -> Option<Approval> {
    match s {
        "automatic" => Some(Approval::Automatic),
        "required" => Some(Approval::Required),
        _ => NaiveTime::parse_from_str(s.strip_prefix("until ")?, "%H:%M").ok().map(Approval::RequiredUntil),
    }
}

fn mail(t: &Table) -> MailSettings {
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
        max_attempts: u32::try_from(t.number("max_attempts", 12, 1..=1000)).unwrap_or(1000),
        retry_after: t.duration("retry_after", Duration::from_secs(300)),
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

fn audience(t: &Table) -> AudienceSettings {
    let id = t.required("id");
    let id = AudienceId::parse(&id).unwrap_or_else(|e| {
        if !id.is_empty() {
            t.report("id", e.to_string());
        }
        AudienceId::parse("unnamed").expect("a slug")
    });
    let recipients = t.strings("recipients");
    for recipient in &recipients {
        let parts = recipient.split_once('@');
        if parts.is_none_or(|(l, d)| l.is_empty() || d.is_empty()) || recipient.contains(char::is_whitespace) {
            t.report("recipients", format!("{recipient:?} is not a mail address"));
        }
    }
    let form = t.parsed("form", "\"brief\" or \"full\"", |s| match s {
        "brief" => Some(CutForm::Brief),
        "full" => Some(CutForm::Full),
        _ => None,
    });
    let audience = Audience { id, name: t.required("name"), recipients, topics: t.strings("topics") };
    t.finish();
    AudienceSettings { audience, form: form.unwrap_or(CutForm::Full) }
}

fn check_audiences(root: &Table, audiences: &[AudienceSettings]) {
    for (i, a) in audiences.iter().enumerate() {
        if audiences[..i].iter().any(|b| b.audience.id == a.audience.id) {
            root.report("audience", format!("the id {:?} is used twice", a.audience.id.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_settings_are_the_defaults() {
        let shipped = parse(DEFAULT_TEXT, "diembao.toml").unwrap();
        let mut empty = parse("", "diembao.toml").unwrap();
        assert!(empty.audiences.is_empty());
        empty.audiences.clone_from(&shipped.audiences);
        assert_eq!(format!("{shipped:?}"), format!("{empty:?}"));
    }

    #[test]
    fn every_mistake_is_reported_with_its_line() {
        let text = "[collect]\nhost_intervall = \"2s\"\nconcurrency = 0\nmax_age = 7\n\n[mail]\ntransport = \"smtp\"\n\n\
                    [[audience]]\nid = \"A\"\nname = \"x\"\nrecipients = [\"nobody\"]\n";
        let problems: Vec<String> = parse(text, "d.toml").unwrap_err().iter().map(ToString::to_string).collect();
        let expected = [
            "d.toml:2: collect.host_intervall: unknown key; did you mean \"host_interval\"?",
            "d.toml:3: collect.concurrency: expected a number from 1 to 1024",
            "d.toml:4: collect.max_age: expected a duration such as \"90s\", \"15m\", \"24h\" or \"3d\"",
            "d.toml:6: mail.smtp.host: is missing",
            "d.toml:7: mail.transport: is \"smtp\", but there is no [mail.smtp] table",
            "d.toml:10: audience[0].id: \"A\" is not a valid audience id: expected 1 to 64 of a-z, 0-9 and inner hyphens",
            "d.toml:12: audience[0].recipients: \"nobody\" is not a mail address",
        ];
        assert_eq!(problems, expected);
    }

    #[test]
    fn broken_syntax_names_the_line() {
        let problems = parse("[agency]\nname = \n", "d.toml").unwrap_err();
        assert_eq!((problems.len(), problems[0].line), (1, 2));
    }
}
