//! A home in a temporary folder, its console, and a browser without a script.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::{
    Article, ArticleId, ArticleText, ArticleTimes, CanonicalUrl, CaseId, FlagKind, OutletId, Severity, StoryId,
    TimeSource,
};
use diembao_pipeline::desk::{self, ByHand, FlagTarget};
use diembao_pipeline::{Clock, Home, Pipeline, Progress};
use diembao_store::{NewArticle, Role, User};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::routes;
use crate::state::Console;

/// When every test begins.
pub(super) const BEGIN: &str = "2026-11-21T06:30:00+07:00";
/// Everybody's password.
pub(super) const PASSWORD: &str = "bốn từ rời nhau";

pub(super) struct Desk {
    _dir: TempDir,
    pub(super) console: Console,
    app: Router,
    passed: Arc<AtomicI64>,
}

/// What came back.
pub(super) struct Got {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// A browser: keeps cookies.
#[derive(Clone, Default)]
pub(super) struct Browser {
    pub(super) cookies: Vec<(String, String)>,
    pub(super) address: Option<SocketAddr>,
}

impl Desk {
    pub(super) async fn new() -> Self {
        Self::with_settings("").await
    }

    /// With more lines in `[console]`.
    pub(super) async fn with_settings(lines: &str) -> Self {
        Self::with(lines, "").await
    }

    /// With more lines in `[console]`, and more tables.
    pub(super) async fn with(lines: &str, tables: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        diembao_pipeline::init(dir.path()).unwrap();
        Self::open(dir, (lines, tables)).await
    }

    /// With other sources.
    pub(super) async fn with_sources(feeds: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        diembao_pipeline::init(dir.path()).unwrap();
        std::fs::write(dir.path().join("feeds.toml"), feeds).unwrap();
        Self::open(dir, ("", "")).await
    }

    async fn open(dir: TempDir, (lines, tables): (&str, &str)) -> Self {
        let path = dir.path().join("diembao.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once("[console]\n").unwrap();
        let (old, after) = rest.split_once("\n# One table an audience").unwrap();
        let keys: Vec<&str> = lines.lines().filter_map(|l| l.split(' ').next()).collect();
        let old: String =
            old.lines().filter(|l| !keys.contains(&l.split(' ').next().unwrap())).map(|l| format!("{l}\n")).collect();
        std::fs::write(&path, format!("{before}[console]\n{lines}\n{old}\n# One table an audience{after}{tables}"))
            .unwrap();
        let passed = Arc::new(AtomicI64::new(0));
        let begin: DateTime<Utc> = DateTime::parse_from_rfc3339(BEGIN).unwrap().into();
        let clock = {
            let passed = Arc::clone(&passed);
            Clock::new(move || begin + TimeDelta::seconds(passed.load(Ordering::Relaxed)))
        };
        let home = Home::load(dir.path()).unwrap();
        let p = Pipeline::open(home, clock, Progress::default()).await.unwrap();
        let console = Console::open(p).unwrap();
        let app = routes::app(&console);
        Self { _dir: dir, console, app, passed }
    }

    /// Lets time pass.
    pub(super) fn wait(&self, d: TimeDelta) {
        self.passed.fetch_add(d.num_seconds(), Ordering::Relaxed);
    }

    /// A user; the same hash for all, because making one takes its time.
    pub(super) async fn user(&self, name: &str, role: Role) {
        static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        let hash = HASH.get_or_init(|| diembao_pipeline::hash_password("", PASSWORD).unwrap());
        let unit = (role == Role::Unit).then(|| "Cục An toàn thực phẩm".to_owned());
        let user = User {
            name: name.to_owned(),
            display: format!("Chị {name}"),
            role,
            unit,
            created_at: self.console.p.clock.now(),
            disabled_at: None,
        };
        assert!(self.console.p.store.add_user(&user, Some(hash)).await.unwrap());
    }

    /// A browser in which a new user of a role is signed in, without the form.
    pub(super) async fn signed_in(&self, role: Role) -> Browser {
        let name = format!("{}{}", role.as_str(), self.passed.fetch_add(1, Ordering::Relaxed));
        self.user(&name, role).await;
        let user = self.console.p.store.user(&name).await.unwrap().unwrap();
        let token = diembao_pipeline::open_session(&self.console.p, &user, "127.0.0.1").await.unwrap();
        Browser { cookies: vec![("diembao".to_owned(), token)], address: None }
    }

    /// An article of a story of its own, and its case.
    pub(super) async fn case(&self, title: &str, severity: Severity) -> CaseId {
        let now = self.console.p.clock.now();
        let n = self.passed.fetch_add(1, Ordering::Relaxed);
        let url = CanonicalUrl::parse(&format!("https://bao.example.vn/{n}.html")).unwrap();
        let article = Article {
            id: ArticleId::of_url(&url),
            outlet: OutletId::parse("bao-mau").unwrap(),
            reference: None,
            text: ArticleText { title: title.to_owned(), lead: format!("Sa-pô: {title}"), body: String::new() },
            url: Some(url),
            authors: Vec::new(),
            times: ArticleTimes {
                published: now - TimeDelta::hours(2),
                published_source: TimeSource::Page,
                modified: None,
                first_seen: now,
            },
            image: None,
            section: None,
            lang: "vi".to_owned(),
        };
        let id = article.id;
        let store = &self.console.p.store;
        store.add_articles(&[NewArticle { article, item: None, page: None, read: None }]).await.unwrap();
        store.save_stories(&[(id, StoryId::beginning_with(id))], now).await.unwrap();
        let by_hand = ByHand {
            target: FlagTarget::Article(id),
            kind: FlagKind::Incident,
            severity,
            by: "thử".to_owned(),
            note: String::new(),
        };
        desk::flag(&self.console.p, by_hand).await.unwrap().0
    }

    /// The number of a case's last event.
    pub(super) async fn version(&self, id: CaseId) -> String {
        self.console.p.store.case(id).await.unwrap().unwrap().0.version.to_string()
    }

    /// The answer with its body unread.
    pub(super) async fn response(&self, request: Request<Body>) -> Response {
        self.app.clone().oneshot(request).await.unwrap()
    }

    pub(super) async fn ask(&self, request: Request<Body>) -> Got {
        let response = self.response(request).await;
        let (parts, body) = response.into_parts();
        let is_stream =
            parts.headers.get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"text/event-stream"));
        let body = if is_stream {
            String::new()
        } else {
            String::from_utf8_lossy(&axum::body::to_bytes(body, 1 << 22).await.unwrap()).into_owned()
        };
        Got { status: parts.status, headers: parts.headers, body }
    }

    pub(super) async fn get(&self, browser: &mut Browser, path: &str) -> Got {
        let request = browser.request("GET", path).body(Body::empty()).unwrap();
        let got = self.ask(request).await;
        browser.keep(&got);
        got
    }

    /// Sends a form with the token of the page it stands on.
    pub(super) async fn post(&self, browser: &mut Browser, (page, path): (&str, &str), fields: &[(&str, &str)]) -> Got {
        let token = self.get(browser, page).await.form_token();
        let mut fields = fields.to_vec();
        fields.push(("csrf", &token));
        self.send(browser, path, &fields).await
    }

    /// Sends a form as it is.
    pub(super) async fn send(&self, browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Got {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = browser
            .request("POST", path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        let got = self.ask(request).await;
        browser.keep(&got);
        got
    }

    pub(super) async fn sign_in(&self, browser: &mut Browser, name: &str, password: &str) -> Got {
        self.post(browser, ("/login", "/login"), &[("name", name), ("password", password)]).await
    }
}

impl Browser {
    pub(super) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let peer = self.address.unwrap_or_else(|| "127.0.0.1:40000".parse().unwrap());
        let request = Request::builder().method(method).uri(path).extension(ConnectInfo(peer));
        if cookies.is_empty() { request } else { request.header(header::COOKIE, cookies.join("; ")) }
    }

    fn keep(&mut self, got: &Got) {
        for cookie in got.headers.get_all(header::SET_COOKIE) {
            let (pair, _) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(n, _)| n != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

impl Got {
    /// The token of the page's forms.
    pub(super) fn form_token(&self) -> String {
        let (_, rest) = self.body.split_once("name=\"csrf\" value=\"").expect("the page has a form");
        rest.split_once('"').unwrap().0.to_owned()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}
