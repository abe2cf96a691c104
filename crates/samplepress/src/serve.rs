//! The press over HTTP: addresses to pages, conditional answers, compression, robots.txt.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use crate::channels::{Site, listing};
use crate::misbehave::{Ask, answer};
use crate::outlets::{Validators, section_name};
use crate::{Misbehaviour, Press, dates, pages};

/// How long open connections may finish after the shutdown.
const GRACE: Duration = Duration::from_secs(2);

struct Desk {
    press: Arc<Press>,
    /// Requests to misbehaving outlets so far.
    trouble: AtomicU64,
    closing: watch::Receiver<bool>,
    /// The press lives in its own time: its clock shows its "now" when it opens.
    opened: Instant,
}

/// Serves the press until `shutdown` completes.
///
/// An outlet is found under its path on any host (`http://127.0.0.1:PORT/tin-sang/…`)
/// and under its own host (`http://tin-sang.localhost:PORT/…`).
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    press: Arc<Press>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (close, closing) = watch::channel(false);
    let desk = Arc::new(Desk { press, trouble: AtomicU64::new(0), closing: closing.clone(), opened: Instant::now() });
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest);
    let app = Router::new().fallback(reply).layer(compression).with_state(desk);
    let signal = async move {
        shutdown.await;
        let _ = close.send(true);
    };
    let server = axum::serve(listener, app).with_graceful_shutdown(signal).into_future();
    let mut closed = closing;
    tokio::select! {
        result = server => result,
        () = async {
            let _ = closed.wait_for(|closed| *closed).await;
            tokio::time::sleep(GRACE).await;
        } => Ok(()),
    }
}

async fn reply(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let mut response = answer_of(&desk, &request);
    let now = desk.press.spec().now + desk.opened.elapsed();
    response.headers_mut().extend(HeaderValue::from_str(&dates::http(now)).ok().map(|v| (header::DATE, v)));
    response
}

fn answer_of(desk: &Arc<Desk>, request: &Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let host = request.headers().get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("127.0.0.1").to_owned();
    let target = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let own_host = host.split_once(".localhost").map(|(id, _)| id.to_owned());
    let (id, base, path) = match own_host {
        Some(id) => (id, format!("http://{host}"), target.trim_start_matches('/').to_owned()),
        None => {
            let (id, path) = target.trim_start_matches('/').split_once('/').unwrap_or((target.trim_matches('/'), ""));
            (id.to_owned(), format!("http://{host}/{id}"), path.to_owned())
        }
    };
    if id == "robots.txt" || path == "robots.txt" {
        return robots(&desk.press, (id != "robots.txt").then_some(id.as_str()));
    }
    let troubled = desk.press.spec().misbehave.iter().find(|kind| kind.outlet_id() == id);
    if let Some(kind) = troubled {
        return misbehave(desk, *kind, &base, &path);
    }
    match desk.press.outlet(&id) {
        Some((index, outlet)) => {
            let site = Site { press: &desk.press, index, outlet, base: &base };
            healthy(site, &path, request.headers())
        }
        None => not_found(),
    }
}

fn misbehave(desk: &Desk, kind: Misbehaviour, base: &str, path: &str) -> Response {
    let earlier = desk.trouble.fetch_add(1, Ordering::Relaxed);
    let now = desk.press.spec().now + desk.opened.elapsed();
    answer(Ask { press: &desk.press, kind, base, path, earlier, now, closing: desk.closing.clone() })
}

fn healthy(site: Site<'_>, path: &str, headers: &HeaderMap) -> Response {
    let bare = path.split('?').next().unwrap_or(path);
    if let Some(listing) = listing(site, bare) {
        let mut response = validated(site, listing.newest, listing.content_type, listing.body, headers);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
        return response;
    }
    let html = "text/html; charset=utf-8";
    if bare.is_empty() {
        return validated(site, None, html, pages::home(site), headers);
    }
    if let Some(section) = bare.strip_suffix('/').filter(|s| section_name(s).is_some()) {
        let articles: Vec<_> = site.press.hand_of(site.index).filter(|a| a.section == section).cloned().collect();
        return validated(site, None, html, pages::section(site, &articles), headers);
    }
    if bare.starts_with("anh/") {
        return ([(header::CONTENT_TYPE, "image/gif")], Body::from(DOT)).into_response();
    }
    match site.press.find(site.index, path) {
        Some(article) if bare.ends_with("/amp") => match pages::amp(site, &article) {
            Some(page) => validated(site, Some(article.published), html, page, headers),
            None => not_found(),
        },
        Some(article) if bare.starts_with("in/") || same_page(site, &article.path, path) => {
            validated(site, Some(article.published), html, pages::article(site, &article), headers)
        }
        Some(article) => Redirect::permanent(&site.url(&article)).into_response(),
        None => not_found(),
    }
}

/// Whether the request names the article by its present address; an old slug is redirected.
fn same_page(site: Site<'_>, wanted: &str, path: &str) -> bool {
    let wanted = wanted.get(site.outlet.id.len() + 2..).unwrap_or_default();
    let n = wanted.split('?').next().map_or(0, str::len);
    path.get(..n) == wanted.get(..n)
}

fn validated(
    site: Site<'_>,
    changed: Option<chrono::DateTime<chrono::Utc>>,
    content_type: &'static str,
    body: String,
    asked: &HeaderMap,
) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    let gives = site.outlet.validators;
    if matches!(gives, Validators::Both | Validators::ETag) {
        let sum = Sha256::digest(body.as_bytes());
        let tag: String = sum.iter().take(8).map(|b| format!("{b:02x}")).collect();
        headers.extend(HeaderValue::from_str(&format!("W/\"{tag}\"")).ok().map(|v| (header::ETAG, v)));
    }
    if let (Validators::Both | Validators::LastModified, Some(changed)) = (gives, changed) {
        headers.extend(HeaderValue::from_str(&dates::http(changed)).ok().map(|v| (header::LAST_MODIFIED, v)));
    }
    if unchanged(&headers, asked) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, body).into_response()
}

/// RFC 9110 section 13.2.2: If-None-Match decides; If-Modified-Since only without it.
fn unchanged(given: &HeaderMap, asked: &HeaderMap) -> bool {
    let weak = |v: &str| v.trim().trim_start_matches("W/").to_owned();
    if let Some(tags) = asked.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()) {
        let tag = given.get(header::ETAG).and_then(|v| v.to_str().ok()).map(weak);
        return tag.is_some_and(|tag| tags.split(',').any(|t| t.trim() == "*" || weak(t) == tag));
    }
    let date = |headers: &HeaderMap, name| -> Option<chrono::DateTime<chrono::FixedOffset>> {
        chrono::DateTime::parse_from_rfc2822(headers.get(name)?.to_str().ok()?).ok()
    };
    match (date(given, header::LAST_MODIFIED), date(asked, header::IF_MODIFIED_SINCE)) {
        (Some(changed), Some(since)) => changed <= since,
        _ => false,
    }
}

/// Searching and printing are not for robots.
fn robots(press: &Press, only: Option<&str>) -> Response {
    let mut text = String::from("User-agent: *\n");
    let roots: Vec<String> = match only {
        Some(_) => vec![String::new()],
        None => press.outlet_ids().map(|id| format!("/{id}")).collect(),
    };
    for root in roots {
        text.push_str(&format!("Disallow: {root}/tim-kiem\nDisallow: {root}/in/\n"));
    }
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

fn not_found() -> Response {
    let page = "<!DOCTYPE html><html lang=\"vi\"><head><title>Không tìm thấy trang</title></head><body><h1>404</h1>\
                <p>Trang bạn tìm không còn hoặc đã được chuyển.</p></body></html>";
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// A transparent dot.
const DOT: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";
