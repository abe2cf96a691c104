//! Letting requests through: who asks, whether they may, whether the form is one of ours.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, FromRequestParts, OptionalFromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use diembao_store::User;

use crate::answer::Stop;
use crate::cookies;
use crate::rights::{self, Right};
use crate::state::Console;

/// Bytes of a form at most.
const MAX_BODY: usize = 256 * 1024;
/// A form arrives within this.
const BODY_TIME: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 10 });
/// Between two notes that a session is used.
const NOTE_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) user: User,
    /// How they showed who they are.
    pub(crate) through: Through,
    /// From where.
    pub(crate) address: String,
    /// The token of their forms.
    pub(crate) form_token: String,
    /// How many changes there had been when they asked: an answer holds at least these.
    pub(crate) seen: u64,
}

/// How somebody showed who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Through {
    /// A session; its token's hash.
    Session(String),
    /// An API token; its scopes.
    Token(Vec<String>),
    /// A trusted proxy.
    Proxy,
}

impl Actor {
    /// Whether they have a right.
    pub(crate) fn has(&self, right: Right) -> bool {
        let in_scope = match &self.through {
            Through::Token(scopes) => scopes.iter().any(|s| s == rights::scope(right)),
            Through::Session(_) | Through::Proxy => true,
        };
        in_scope && rights::has(self.user.role, right)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Stop> {
        parts.extensions.get::<Self>().cloned().ok_or(Stop::SignIn)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Actor {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Stop> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// From where a request comes, put there by [`guard`].
#[derive(Debug, Clone)]
pub(crate) struct Address(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Stop> {
        parts.extensions.get::<Self>().cloned().ok_or(Stop::Failed)
    }
}

/// Lets a request through to an address that needs a right.
pub(crate) async fn guard(State((console, right)): State<(Console, Right)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let address = address(&console, &parts);
    parts.extensions.insert(Address(address.clone()));
    let actor = match identify(&console, &parts, &address).await {
        Ok(actor) => actor,
        Err(stop) => return stop.into_response(),
    };
    let checked = match in_pace(&console, actor.as_ref(), &address) {
        true => check(&console, right, actor.as_ref(), &parts, body).await,
        false => Err(Stop::TooFast),
    };
    let mut response = match checked {
        Ok(body) => {
            if let Some(actor) = actor.clone() {
                parts.extensions.insert(actor);
            }
            next.run(Request::from_parts(parts, body)).await
        }
        Err(stop) => stop.into_response(),
    };
    if let Some(actor) = actor {
        response.extensions_mut().insert(actor);
    }
    response
}

/// Whoever is signed in has a pace of their own; strangers share their address's.
fn in_pace(console: &Console, actor: Option<&Actor>, address: &str) -> bool {
    let who = match actor.map(|a| (&a.through, a)) {
        Some((Through::Session(token), _)) => format!("session/{token}"),
        Some((Through::Token(_) | Through::Proxy, a)) => format!("user/{}", a.user.name),
        None => format!("from/{address}"),
    };
    console.pace.take(&who, console.p.clock.now())
}

async fn check(
    console: &Console,
    right: Right,
    actor: Option<&Actor>,
    parts: &Parts,
    body: Body,
) -> Result<Body, Stop> {
    match actor {
        None if right != Right::Open => return Err(Stop::SignIn),
        Some(actor) if right != Right::Open && !actor.has(right) => return Err(Stop::Forbidden),
        _ => {}
    }
    if matches!(parts.method, Method::GET | Method::HEAD) {
        return Ok(Body::empty());
    }
    let bytes = read(&parts.headers, body).await?;
    if !actor.is_some_and(|a| matches!(a.through, Through::Token(_))) {
        is_ours(console, parts, &bytes).then_some(()).ok_or(Stop::Form)?;
    }
    Ok(Body::from(bytes))
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Stop> {
    let stated = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if stated.is_some_and(|n| n > MAX_BODY) {
        return Err(Stop::TooLarge);
    }
    match tokio::time::timeout(BODY_TIME, axum::body::to_bytes(body, MAX_BODY)).await {
        Ok(read) => read.map_err(|_| Stop::TooLarge),
        Err(_) => Err(Stop::TooSlow),
    }
}

/// A form is ours when the browser says that it comes from here and it holds the token that
/// belongs to the session, or to the login form's own cookie.
fn is_ours(console: &Console, parts: &Parts, body: &[u8]) -> bool {
    let header = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok());
    if header("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return false;
    }
    let Some(seed) = seed(console, parts) else {
        return false;
    };
    let from_form = || url::form_urlencoded::parse(body).find(|(k, _)| k == "csrf").map(|(_, v)| v.into_owned());
    let token = header("x-csrf-token").map(str::to_owned).or_else(from_form);
    token.is_some_and(|token| console.key.is_form_token(&seed, &token))
}

/// What the token of a request's forms is made from.
fn seed(console: &Console, parts: &Parts) -> Option<String> {
    let cookie = |name| cookies::read(&parts.headers, console.transport, name);
    match proxied(console, parts) {
        Some(name) => Some(format!("proxy/{name}")),
        None => cookie(cookies::SESSION).or_else(|| cookie(cookies::FORM)),
    }
}

async fn identify(console: &Console, parts: &Parts, address: &str) -> Result<Option<Actor>, Stop> {
    let seen = console.live.count();
    let bearer = parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
    let found = if let Some(token) = bearer {
        of_token(console, token).await?
    } else if let Some(name) = proxied(console, parts) {
        console.p.store.user(&name).await?.map(|user| (user, Through::Proxy))
    } else if let Some(token) = cookies::read(&parts.headers, console.transport, cookies::SESSION) {
        of_session(console, &token).await?
    } else {
        None
    };
    let known = found.filter(|(user, _)| user.disabled_at.is_none());
    Ok(known.map(|(user, through)| {
        let form_token = seed(console, parts).map(|seed| console.key.form_token(&seed)).unwrap_or_default();
        Actor { user, through, address: address.to_owned(), form_token, seen }
    }))
}

async fn of_token(console: &Console, token: &str) -> Result<Option<(User, Through)>, Stop> {
    let now = console.p.clock.now();
    let found = console.p.store.token(&diembao_pipeline::token_hash(token)).await?;
    let valid = found.filter(|(t, _)| t.revoked_at.is_none() && now < t.expires_at);
    Ok(valid.map(|(t, user)| (user, Through::Token(t.scopes))))
}

async fn of_session(console: &Console, token: &str) -> Result<Option<(User, Through)>, Stop> {
    let now = console.p.clock.now();
    let kept = diembao_pipeline::token_hash(token);
    let Some((session, user)) = console.p.store.session(&kept).await? else {
        return Ok(None);
    };
    let settings = &console.p.home.settings.console;
    let within = |since, limit| TimeDelta::from_std(limit).is_ok_and(|limit| now - since <= limit);
    if !within(session.seen_at, settings.idle) || !within(session.created_at, settings.longest) {
        console.p.store.end_session(&kept).await?;
        return Ok(None);
    }
    if now - session.seen_at >= NOTE_EVERY {
        console.p.store.touch_session(&kept, now).await?;
    }
    Ok(Some((user, Through::Session(kept))))
}

/// The user a trusted proxy names.
fn proxied(console: &Console, parts: &Parts) -> Option<String> {
    let settings = &console.p.home.settings.console;
    let header = settings.user_header.as_deref()?;
    if !settings.trusted_proxies.contains(&peer(parts)) {
        return None;
    }
    let name = parts.headers.get(header)?.to_str().ok()?.trim().to_lowercase();
    (!name.is_empty()).then_some(name)
}

fn peer(parts: &Parts) -> IpAddr {
    let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    info.map_or(Ipv4Addr::UNSPECIFIED.into(), |info| info.0.ip().to_canonical())
}

/// The client's address: the last one in X-Forwarded-For that is no trusted proxy, when a trusted
/// proxy asks; else the peer's.
fn address(console: &Console, parts: &Parts) -> String {
    let trusted = &console.p.home.settings.console.trusted_proxies;
    let peer = peer(parts);
    if !trusted.contains(&peer) {
        return peer.to_string();
    }
    let all = parts.headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok());
    let list: Vec<IpAddr> = all.flat_map(|v| v.split(',')).filter_map(|s| s.trim().parse().ok()).collect();
    list.into_iter().rev().find(|a| !trusted.contains(a)).unwrap_or(peer).to_string()
}
