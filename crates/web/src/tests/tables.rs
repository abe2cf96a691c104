//! What must hold for every address, whoever adds the next one: forms need their token, API tokens
//! their scope, and no template trusts what it shows.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use chrono::TimeDelta;
use diembao_news::Severity;
use diembao_store::{ApiToken, Role};

use super::support::{Browser, Desk};
use crate::rights::{self, Right};
use crate::routes::ROUTES;

fn path_of(pattern: &str) -> String {
    let path = pattern.replace("{case}", "1").replace("{story}", "0000000000000001").replace("{day}", "2026-11-21");
    path.replace("{kind}", "report").replace("{user}", "khong-co")
}

/// Whatever changes something refuses a form that is not from here, in each shape another site can send.
#[tokio::test]
async fn every_form_needs_its_token() {
    let desk = Desk::new().await;
    let admin = desk.signed_in(Role::Admin).await;
    for route in ROUTES.iter().filter(|r| r.method != Method::GET) {
        for (kind, body) in [
            ("application/x-www-form-urlencoded", "do=ack&csrf="),
            (
                "application/x-www-form-urlencoded",
                "do=ack&csrf=0000000000000000000000000000000000000000000000000000000000000000",
            ),
            ("text/plain", "{\"do\":\"ack\",\"csrf\":\"x\"}"),
            ("application/json", "{\"do\":\"ack\"}"),
            (
                "multipart/form-data; boundary=a",
                "--a\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nx\r\n--a--",
            ),
        ] {
            let request = admin.request(route.method.as_str(), &path_of(route.path));
            let request = request.header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap();
            let got = desk.ask(request).await;
            assert_eq!(got.status, StatusCode::FORBIDDEN, "{} {} {kind}", route.method, route.path);
            assert!(got.body.contains("Biểu mẫu"), "{} {}", route.method, route.path);
        }
    }
}

/// Whatever stands in an address, the answer is a page or a refusal, and never a fault of ours.
#[tokio::test]
async fn odd_addresses_are_refused_or_answered() {
    let desk = Desk::new().await;
    desk.case("Nghi ngộ độc tại bếp ăn", Severity::Red).await;
    diembao_pipeline::index(&desk.console.p, &mut diembao_pipeline::RunReport::default()).await.unwrap();
    let admin = desk.signed_in(Role::Admin).await;
    let deep = format!("{}a{}", "(".repeat(3000), ")".repeat(3000));
    let long = "a* OR ".repeat(1000);
    let odd = [
        "",
        "0",
        "-1",
        "1",
        "99999999999999999999",
        "9223372036854775807",
        "2026-02-30",
        "0000-00-00",
        "9999-12-31",
        "-262143-01-01",
        "%00",
        "%ff%fe",
        "'",
        "\"",
        "\\",
        "[1 TO",
        "a~99999",
        "*",
        "NOT",
        "date:",
        "outlet:*",
        "ộ\u{301}\u{202e}",
        &deep,
        &long,
    ];
    let names = [
        "q", "sort", "unit", "from", "to", "after", "before", "state", "severity", "kind", "mine", "who", "what",
        "day", "audience", "grade", "done", "next", "seen", "page", "cursor", "topic", "outlet", "flag", "province",
    ];
    let encoded = |s: &str| url::form_urlencoded::byte_serialize(s.as_bytes()).collect::<String>();
    for route in ROUTES.iter().filter(|r| r.method == Method::GET && r.path != "/events") {
        let mut paths: Vec<String> = Vec::new();
        for value in odd {
            let value = if value.starts_with('%') { value.to_owned() } else { encoded(value) };
            let path = path_of(route.path);
            paths.push(format!("{path}?q={value}"));
            if value.len() < 100 {
                let all: Vec<String> = names.iter().map(|name| format!("{name}={value}")).collect();
                paths.push(format!("{path}?{}", all.join("&")));
            }
            let in_path = route.path.split('/').map(|part| if part.starts_with('{') { value.as_str() } else { part });
            paths.push(in_path.collect::<Vec<_>>().join("/"));
        }
        for path in paths {
            let got = desk.ask(admin.request("GET", &path).body(Body::empty()).unwrap()).await;
            desk.wait(TimeDelta::seconds(1));
            assert!(!got.status.is_server_error(), "{path:.200}: {} {:.300}", got.status, got.body);
        }
    }
}

/// An administrator's token does what its scope says, address by address.
#[tokio::test]
async fn every_address_asks_a_token_for_its_scope() {
    let desk = Desk::new().await;
    desk.user("may", Role::Admin).await;
    let now = desk.console.p.clock.now();
    for scope in ["read", "cases", "editions", "manage"] {
        let (token, kept) = diembao_pipeline::new_token().unwrap();
        let row = ApiToken {
            token: kept,
            user: "may".into(),
            label: scope.into(),
            scopes: vec![scope.into()],
            created_at: now,
            expires_at: now + TimeDelta::days(1),
            revoked_at: None,
        };
        desk.console.p.store.add_token(&row).await.unwrap();
        // A password is changed in a session only, whatever the scope.
        let guarded = ROUTES.iter().filter(|r| r.needs != Right::Open && r.path != "/account/password");
        for route in guarded {
            let request = Browser::default().request(route.method.as_str(), &path_of(route.path));
            let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
            let got = desk.ask(request.body(Body::empty()).unwrap()).await;
            let stopped = got.status == StatusCode::FORBIDDEN && got.body.contains("không có quyền");
            let may = rights::scope(route.needs) == scope;
            assert_eq!(stopped, !may, "{scope}: {} {}: {}", route.method, route.path, got.status);
            assert!(!got.status.is_server_error(), "{scope}: {} {}: {}", route.method, route.path, got.status);
        }
        desk.wait(TimeDelta::seconds(10));
    }
}

/// What no scope covers, a revoked token and a disabled user's token do not open.
#[tokio::test]
async fn a_token_that_was_taken_back_opens_nothing() {
    let desk = Desk::new().await;
    desk.user("may", Role::Officer).await;
    let now = desk.console.p.clock.now();
    let (token, kept) = diembao_pipeline::new_token().unwrap();
    let row = ApiToken {
        token: kept,
        user: "may".into(),
        label: "thử".into(),
        scopes: vec!["read".into()],
        created_at: now,
        expires_at: now + TimeDelta::days(1),
        revoked_at: None,
    };
    let store = &desk.console.p.store;
    store.add_token(&row).await.unwrap();
    let ask = async || {
        let request = Browser::default().request("GET", "/api/v1/me");
        desk.ask(request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::empty()).unwrap())
            .await
            .status
    };
    assert_eq!(ask().await, StatusCode::OK);
    store.set_disabled("may", Some(now)).await.unwrap();
    assert_eq!(ask().await, StatusCode::UNAUTHORIZED, "its user was shut out");
    store.set_disabled("may", None).await.unwrap();
    assert_eq!(ask().await, StatusCode::OK);
    store.revoke_tokens("may", "thử", now).await.unwrap();
    assert_eq!(ask().await, StatusCode::UNAUTHORIZED, "it was taken back");
}

/// Templates escape; the one exception is the chart, which is made of numbers and dates.
#[test]
fn templates_trust_nothing() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    let mut trusted = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for line in text.lines() {
            for word in ["<script>", "style=\"", "onclick", "onload", "javascript:", "autoescape"] {
                assert!(!line.contains(word), "{}: {word}", path.display());
            }
            if line.contains("| safe") || line.contains("|safe") {
                trusted.push(line.trim().to_owned());
            }
            if line.contains("href=\"{{ url }}\"") {
                assert!(line.contains("noopener noreferrer nofollow"), "{}: {line}", path.display());
            }
            if line.contains("target=\"_blank\"") {
                assert!(line.contains("noopener"), "{}: {line}", path.display());
            }
        }
    }
    assert_eq!(trusted, ["{{ page.trend | safe }}"]);
}
