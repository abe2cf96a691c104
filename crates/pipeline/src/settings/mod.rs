//! diembao.toml: the settings of a home. Every mistake is reported with file, line and key.

mod console;
mod desk;
mod edition;
mod mail;
mod model;
mod table;

use std::time::Duration;

use diembao_digest::SubjectLanguage;
use diembao_news::{Audience, AudienceId, EditionKind, Problem};

pub use self::model::{
    Agency, Approval, AudienceSettings, BulletinSettings, Collect, CollectLimits, CollectPace, ConsoleSettings,
    CutForm, DeskSettings, DkimSettings, EditionSettings, FileFormat, HostScope, MailSettings, MailTransport,
    OidcSettings, PasswordSource, Settings, SmtpSettings, SmtpTls, StoreSettings, WebhookSettings, WhenEmpty,
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
            edition: edition::edition(&root.table("edition")),
            bulletin: edition::bulletin(&root.table("bulletin")),
            mail: mail::mail(&root.table("mail")),
            desk: desk::desk(&root.table("desk")),
            console: console::read(&root.table("console")),
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
        place: t.string("place").unwrap_or_else(|| "Hà Nội".into()),
        office: t.string("office").unwrap_or_default(),
        signer: t.string("signer").unwrap_or_default(),
        recipients: t.strings("recipients"),
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
    let max = t.duration("max_interval", Duration::from_secs(3600));
    if min > max {
        t.report("min_interval", "is longer than max_interval");
    }
    let collect = Collect {
        contact: t.string("contact").unwrap_or_else(|| "https://example.vn/diembao".into()),
        pace: CollectPace {
            host_interval: t.duration("host_interval", Duration::from_secs(2)),
            host_concurrency: count("host_concurrency", 2),
            concurrency: count("concurrency", 32),
            scope: t.parsed("host_scope", "\"host\" or \"domain\"", host_scope).unwrap_or(HostScope::Host),
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
        keep_archive: t.duration("keep_archive", day * 365),
        lease: t.duration("lease", Duration::from_secs(60)).max(Duration::from_millis(300)),
    };
    t.finish();
    collect
}

fn host_scope(s: &str) -> Option<HostScope> {
    match s {
        "host" => Some(HostScope::Host),
        "domain" => Some(HostScope::Domain),
        _ => None,
    }
}

fn formats(t: &Table) -> Vec<FileFormat> {
    let mut formats = Vec::new();
    for name in t.strings("formats") {
        match FileFormat::parse(&name) {
            Some(format) if !formats.contains(&format) => formats.push(format),
            Some(_) => t.report("formats", format!("{name:?} stands twice")),
            None => t.report("formats", format!("{name:?} is not \"pdf\" or \"docx\"")),
        }
    }
    formats
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
    let subject = t.parsed("subject", "\"vi\" or \"en\"", |s| match s {
        "vi" => Some(SubjectLanguage::Vietnamese),
        "en" => Some(SubjectLanguage::English),
        _ => None,
    });
    let audience = Audience { id, name: t.required("name"), recipients, topics: t.strings("topics") };
    let settings = AudienceSettings {
        audience,
        form: form.unwrap_or(CutForm::Full),
        provinces: provinces(t),
        gets: gets(t),
        subject: subject.unwrap_or_default(),
        purpose: t.string("purpose").unwrap_or_default(),
        formats: formats(t),
    };
    t.finish();
    settings
}

fn provinces(t: &Table) -> Vec<String> {
    let mut known = Vec::new();
    for name in t.strings("provinces") {
        match diembao_digest::province(&name) {
            Some(province) => known.push(province.to_owned()),
            None => t.report("provinces", format!("{name:?} is no province")),
        }
    }
    known
}

fn gets(t: &Table) -> Vec<EditionKind> {
    let mut kinds = Vec::new();
    for name in t.strings("gets") {
        match name.as_str() {
            "digest" => kinds.push(EditionKind::Digest),
            "bulletin" => kinds.push(EditionKind::Bulletin),
            _ => t.report("gets", format!("{name:?} is not \"digest\" or \"bulletin\"")),
        }
    }
    if kinds.is_empty() { vec![EditionKind::Digest] } else { kinds }
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
