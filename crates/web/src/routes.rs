//! Every address of the console beside the right it needs: the one table.

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

use crate::access::guard;
use crate::answer::{Stop, explain};
use crate::api;
use crate::headers::protect;
use crate::pages::{
    account, audit, case, case_files, cases, claims, deliveries, edition, editions, handover, health, login, rules,
    search, sources, sso, story, taken, today, users,
};
use crate::rights::Right;
use crate::state::Console;
use crate::{live, metrics};

/// A page that takes longer is given up.
const PAGE_TIME: Duration = Duration::from_secs(20);

/// One address.
pub(crate) struct Route {
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests ask every address by its method"))]
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) needs: Right,
    to: fn() -> MethodRouter<Console>,
}

macro_rules! routes {
    ($($method:ident $path:literal $needs:ident => $to:expr,)*) => {
        /// Every address.
        pub(crate) const ROUTES: &[Route] = &[
            $(Route { method: Method::$method, path: $path, needs: Right::$needs, to: || routes!(@ $method $to) },)*
        ];
    };
    (@ GET $to:expr) => { get($to) };
    (@ POST $to:expr) => { post($to) };
}

routes! {
    GET "/healthz" Open => health::healthz,
    GET "/metrics" Open => metrics::metrics,
    GET "/static/console.css" Open => style,
    GET "/static/console.js" Open => script,
    GET "/favicon.ico" Open => icon,
    GET "/login" Open => login::form,
    POST "/login" Open => login::sign_in,
    GET "/login/oidc" Open => sso::leave,
    GET "/login/oidc/back" Open => sso::come_back,
    POST "/logout" SignedIn => login::sign_out,
    GET "/account" SignedIn => account::show,
    POST "/account/password" SignedIn => account::password,
    GET "/events" SignedIn => live::events,
    GET "/" ReadPress => today::show,
    GET "/cases" ReadCases => cases::list,
    GET "/cases/{case}" ReadCases => case::show,
    POST "/cases/{case}" WorkCases => case::change,
    GET "/cases/{case}/evidence" ReadCases => case_files::evidence,
    GET "/cases/{case}/drafts/{kind}" ReadCases => case_files::draft,
    GET "/handover" HandOver => handover::show,
    POST "/handover" HandOver => handover::sign,
    GET "/nhan/{word}" Open => taken::ask,
    POST "/nhan/{word}" Open => taken::take,
    GET "/claims" ReadPress => claims::show,
    GET "/stories" ReadPress => search::stories,
    GET "/stories/{story}" ReadPress => story::show,
    POST "/stories/{story}" OpenCases => story::open_case,
    GET "/search" ReadPress => search::show,
    GET "/sources" ReadPress => sources::show,
    GET "/rules" ReadPress => rules::show,
    POST "/rules" ReadPress => rules::try_text,
    GET "/editions" ReadPress => editions::list,
    GET "/editions/{day}" ReadPress => edition::show,
    GET "/editions/{day}/preview" ReadPress => edition::preview,
    POST "/editions/{day}" EditEditions => edition::change,
    POST "/editions/{day}/approve" SendEditions => edition::approve,
    POST "/editions/{day}/send" SendEditions => edition::send,
    GET "/deliveries" ReadPress => deliveries::show,
    GET "/users" Manage => users::list,
    POST "/users" Manage => users::add,
    POST "/users/{user}" Manage => users::change,
    GET "/audit" Manage => audit::show,
    GET "/api/openapi.json" Open => api::description,
    GET "/api/v1/me" SignedIn => api::me,
    GET "/api/v1/cases" ReadCases => api::cases::list,
    GET "/api/v1/cases/{case}" ReadCases => api::cases::one,
    POST "/api/v1/cases/{case}/events" WorkCases => api::cases::add,
    GET "/api/v1/search" ReadPress => api::press::find,
    GET "/api/v1/stories/{story}" ReadPress => api::press::story,
    GET "/api/v1/sources" ReadPress => api::press::sources,
    GET "/api/v1/editions" ReadPress => api::press::editions,
    GET "/api/v1/editions/{day}/deliveries" ReadPress => api::press::deliveries,
}

/// The whole console as one service.
pub(crate) fn app(console: &Console) -> Router {
    let mut app = Router::new();
    for route in ROUTES {
        let guarded = (route.to)().layer(from_fn_with_state((console.clone(), route.needs), guard));
        app = app.route(route.path, guarded);
    }
    let streams = NotForContentType::const_new("text/event-stream");
    app.fallback(async || Stop::NotFound)
        .method_not_allowed_fallback(async || Stop::Method)
        .layer(from_fn(in_time))
        .layer(from_fn(explain))
        .layer(from_fn_with_state(console.clone(), protect))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(streams)))
        .with_state(console.clone())
}

async fn in_time(request: axum::extract::Request, next: axum::middleware::Next) -> Response {
    match tokio::time::timeout(PAGE_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Stop::Busy.into_response(),
    }
}

const STYLE: &str = include_str!("../static/console.css");
const SCRIPT: &str = include_str!("../static/console.js");
const ICON: &str = include_str!("../static/icon.svg");

async fn style() -> Response {
    file("text/css; charset=utf-8", STYLE)
}

async fn script() -> Response {
    file("text/javascript; charset=utf-8", SCRIPT)
}

async fn icon() -> Response {
    file("image/svg+xml", ICON)
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=300")]
        .map(|(n, v)| (n, HeaderValue::from_static(v)));
    (StatusCode::OK, headers, text).into_response()
}
