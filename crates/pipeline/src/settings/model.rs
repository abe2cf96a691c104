//! What diembao.toml says, as values.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveTime;
use diembao_digest::SubjectLanguage;
use diembao_news::{Audience, EditionKind};
use diembao_store::Role;

use crate::calendar::Calendar;

/// All settings of a home.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whose digest it is.
    pub agency: Agency,
    /// Where the truth is kept.
    pub store: StoreSettings,
    /// How the press is read.
    pub collect: Collect,
    /// When editions are made.
    pub edition: EditionSettings,
    /// When the second bulletin is made.
    pub bulletin: BulletinSettings,
    /// How they leave.
    pub mail: MailSettings,
    /// How the duty desk tells people.
    pub desk: DeskSettings,
    /// How the console answers.
    pub console: ConsoleSettings,
    /// Who gets them.
    pub audiences: Vec<AudienceSettings>,
}

/// Whose digest it is, as printed in its head.
#[derive(Debug, Clone)]
pub struct Agency {
    /// The authority: "Bộ Y tế".
    pub name: String,
    /// The unit that makes the digest.
    pub unit: String,
    /// Where papers are issued: "Hà Nội".
    pub place: String,
    /// The office of who signs papers; empty: a placeholder is printed.
    pub office: String,
    /// The name of who signs papers; empty: a placeholder is printed.
    pub signer: String,
    /// Lines of "Nơi nhận" beside the audience itself.
    pub recipients: Vec<String>,
}

/// Where the truth is kept.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// `sqlite:FILE` or `postgres://…`.
    pub url: String,
    /// How long a locked database is waited for.
    pub busy_timeout: Duration,
}

/// How the press is read.
#[derive(Debug, Clone)]
pub struct Collect {
    /// A way to reach whoever runs this, sent with every request.
    pub contact: String,
    /// Manners towards one host and over all.
    pub pace: CollectPace,
    /// What a request may take.
    pub limits: CollectLimits,
    /// robots.txt is obeyed.
    pub obey_robots: bool,
    /// Loopback addresses may be fetched: demo and tests only.
    pub allow_loopback: bool,
    /// How often channels are polled.
    pub interval: std::ops::RangeInclusive<Duration>,
    /// Older items are not fetched.
    pub max_age: Duration,
    /// Tries for one page.
    pub max_attempts: u32,
    /// How long the pages of articles are kept in the store.
    pub keep_pages: Duration,
    /// How long everything fetched is kept in the archive; zero: nothing is archived.
    pub keep_archive: Duration,
    /// How long a worker's claim on a channel or page outlives it.
    pub lease: Duration,
}

/// Manners.
#[derive(Debug, Clone)]
pub struct CollectPace {
    /// Start-to-start interval for one host.
    pub host_interval: Duration,
    /// Requests in flight for one host.
    pub host_concurrency: usize,
    /// Requests in flight over all hosts.
    pub concurrency: usize,
    /// What counts as one host.
    pub scope: HostScope,
}

/// What counts as one host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostScope {
    /// The host's name.
    Host,
    /// The registrable domain: `suckhoe.bao.vn` and `bao.vn` are one.
    Domain,
}

/// What a request may take.
#[derive(Debug, Clone)]
pub struct CollectLimits {
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Time for the whole request.
    pub total_timeout: Duration,
    /// Bytes of a feed, after decompression.
    pub max_feed_bytes: usize,
    /// Bytes of a page, after decompression.
    pub max_page_bytes: usize,
}

/// When editions are made.
#[derive(Debug, Clone)]
pub struct EditionSettings {
    /// Drafted at, `Asia/Ho_Chi_Minh`.
    pub draft_at: NaiveTime,
    /// Frozen and sent at, `Asia/Ho_Chi_Minh`.
    pub send_at: NaiveTime,
    /// What the first edition of a home covers.
    pub first_window: Duration,
    /// Whether an editor has to say yes.
    pub approval: Approval,
    /// Which days are working days, and what happens on the others.
    pub calendar: Calendar,
}

/// When the second bulletin, "Thông tin bất cập", is made.
#[derive(Debug, Clone)]
pub struct BulletinSettings {
    /// Sent at, `Asia/Ho_Chi_Minh`, every day; none: only by hand.
    pub send_at: Option<NaiveTime>,
    /// What happens when there is nothing in it.
    pub when_empty: WhenEmpty,
}

/// What becomes of a second bulletin with nothing in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenEmpty {
    /// It leaves and says "không phát sinh", with the proof.
    Send,
    /// It does not leave.
    Skip,
}

/// Whether an edition leaves without an editor's approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// At its time, approved or not; if not, it says so.
    Automatic,
    /// Never.
    Required,
    /// Not before this time of day.
    RequiredUntil(NaiveTime),
}

/// How editions leave.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// Where to.
    pub transport: MailTransport,
    /// The sender.
    pub from: String,
    /// The right side of Message-IDs.
    pub message_id_domain: String,
    /// Tries of one delivery.
    pub max_attempts: u32,
    /// Between two tries.
    pub retry_after: Duration,
    /// Messages handed to the server at a time.
    pub concurrency: usize,
    /// Between two messages; zero: as fast as the server takes them.
    pub interval: Duration,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<String>,
    /// Where readers ask not to get it any more: `mailto:` or `https:`.
    pub list_unsubscribe: Option<String>,
    /// How mails are signed.
    pub dkim: Option<DkimSettings>,
}

/// How mails are signed.
#[derive(Debug, Clone)]
pub struct DkimSettings {
    /// The domain that signs.
    pub domain: String,
    /// Under which name its public key stands in DNS.
    pub selector: String,
    /// The private key, PEM; a relative path is taken from the home.
    pub key_file: PathBuf,
}

/// Where mail goes.
#[derive(Debug, Clone)]
pub enum MailTransport {
    /// One .eml file a message, in a folder of the home.
    Folder(PathBuf),
    /// An SMTP server.
    Smtp(SmtpSettings),
}

/// An SMTP server.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// Who logs in.
    pub username: Option<String>,
    /// Where the password is.
    pub password: PasswordSource,
    /// Time for one message.
    pub timeout: Duration,
}

/// How an SMTP connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// Not at all: loopback only.
    None,
    /// By STARTTLS, required.
    StartTls,
    /// From the first byte.
    Implicit,
}

/// Where a password is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordSource {
    /// There is none.
    None,
    /// An environment variable.
    Env(String),
    /// A file; its first line.
    File(PathBuf),
}

/// An audience and the form of its cut.
#[derive(Debug, Clone)]
pub struct AudienceSettings {
    /// Who.
    pub audience: Audience,
    /// Which form.
    pub form: CutForm,
    /// Only stories that name one of these provinces (empty: all).
    pub provinces: Vec<String>,
    /// Which editions.
    pub gets: Vec<EditionKind>,
    /// The language of the subject line.
    pub subject: SubjectLanguage,
    /// What for, as papers print it: "để b/c".
    pub purpose: String,
    /// The files that go with its mails.
    pub formats: Vec<FileFormat>,
}

/// A file that goes with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// PDF, for reading and printing.
    Pdf,
    /// DOCX, for editing.
    Docx,
}

impl FileFormat {
    /// Reads the name used in settings and commands.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Pdf, Self::Docx].into_iter().find(|f| f.ending() == s)
    }

    /// The ending of its file names.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Docx => "docx",
        }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }
}

/// How much of an edition an audience gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutForm {
    /// The conclusions.
    Brief,
    /// Everything.
    Full,
}

/// How the duty desk tells people.
#[derive(Debug, Clone)]
pub struct DeskSettings {
    /// The file with the key that seals those links; made when it is not there.
    pub link_key: PathBuf,
    /// Stories whose last article is older sound no alarm: they were imported, not missed.
    pub alarm_within: Duration,
    /// Between two tries of an alert.
    pub retry_after: Duration,
    /// Tries of one alert.
    pub max_attempts: u32,
    /// Addresses for chat rooms and gateways.
    pub webhooks: Vec<WebhookSettings>,
}

/// An address that takes signed JSON messages.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// The name that ladders call it by.
    pub name: String,
    /// https, or http on loopback.
    pub url: String,
    /// What both sides know.
    pub secret: PasswordSource,
}

/// How the console answers.
#[derive(Debug, Clone)]
pub struct ConsoleSettings {
    /// Address and port.
    pub listen: SocketAddr,
    /// The address people type, without a slash at its end; with https, cookies are for TLS only.
    pub public_url: String,
    /// Holds the key that signs forms; made at the first start.
    pub key_file: PathBuf,
    /// Without a click for this long, a session ends.
    pub idle: Duration,
    /// Longer than this no session lasts.
    pub longest: Duration,
    /// Reverse proxies that are believed about who asks and from where.
    pub trusted_proxies: Vec<IpAddr>,
    /// The header in which a trusted proxy names the user it has checked.
    pub user_header: Option<String>,
    /// Signing in through the ministry's own system.
    pub oidc: Option<OidcSettings>,
}

/// An `OpenID` Connect provider that users sign in with.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    /// Its address, exactly as its tokens name it; https, or http on loopback.
    pub issuer: String,
    /// What it calls this console.
    pub client_id: String,
    /// What both sides know; without one the console is a public client.
    pub client_secret: PasswordSource,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that holds the login name.
    pub name_claim: String,
    /// The domain of login names that are addresses: `lan@byt.example.vn` is `lan`, others are refused.
    pub name_domain: Option<String>,
    /// The claim that holds groups or roles; none: roles are given here, and users are added here.
    pub role_claim: Option<String>,
    /// The claim that holds the unit of somebody whose role is unit.
    pub unit_claim: Option<String>,
    /// Which values of the role claim make which role, the roles in the order they are tried.
    pub roles: Vec<(Role, Vec<String>)>,
}

impl ConsoleSettings {
    /// Where others reach the console; none while its address is this machine itself.
    #[must_use]
    pub fn reached_at(&self) -> Option<&str> {
        let host = self.public_url.split_once("://").map_or("", |(_, rest)| rest);
        let is_here = ["127.", "localhost", "[::1]"].iter().any(|here| host.starts_with(here));
        (!is_here).then_some(self.public_url.as_str())
    }
}
