//! Attacks, each with what is tried and what must happen.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, header};
use chrono::TimeDelta;
use diembao_desk::Action;
use diembao_news::Severity;
use diembao_pipeline::desk::Act;
use diembao_pipeline::{Credentials, SignIn};
use diembao_store::{ApiToken, AuditFilter, Role};
use tokio::net::TcpListener;

use super::support::{Browser, Desk, PASSWORD};

/// Another site lets the victim's browser send a form: nothing is written.
#[tokio::test]
async fn a_form_from_elsewhere_does_nothing() {
    let desk = Desk::new().await;
    let id = desk.case("Vụ việc", Severity::Red).await;
    let path = format!("/cases/{id}");
    let version = desk.version(id).await;
    let fields = [("version", version.as_str()), ("do", "ack")];
    let mut victim = desk.signed_in(Role::Officer).await;
    let got = desk.send(&mut victim, &path, &fields).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN, "without a token");
    let mut other = desk.signed_in(Role::Officer).await;
    let stolen = desk.get(&mut other, &path).await.form_token();
    let got = desk.send(&mut victim, &path, &[fields[0], fields[1], ("csrf", &stolen)]).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN, "with another user's token");
    let own = desk.get(&mut victim, &path).await.form_token();
    let cross = victim
        .request("POST", &path)
        .header("sec-fetch-site", "cross-site")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("version={version}&do=ack&csrf={own}")))
        .unwrap();
    assert_eq!(desk.ask(cross).await.status, StatusCode::FORBIDDEN, "with the right token from another site");
    assert_eq!(desk.version(id).await, version, "nothing was written");
    let mut stranger = Browser::default();
    let got = desk.send(&mut stranger, "/login", &[("name", "a"), ("password", "b")]).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN, "nobody is signed in to the attacker's account");
}

/// Markup and script in what the press and people write is shown as text.
#[tokio::test]
async fn hostile_titles_and_notes_are_only_text() {
    let desk = Desk::new().await;
    let hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{ 1234*5679 }}{% raw %}";
    let id = desk.case(hostile, Severity::Red).await;
    for action in [Action::Acknowledge, Action::Transfer { unit: hostile.to_owned() }] {
        let act = Act { by: hostile.to_owned(), action, note: hostile.to_owned(), expected: None };
        diembao_pipeline::desk::act(&desk.console.p, id, act).await.unwrap();
    }
    let mut browser = desk.signed_in(Role::Admin).await;
    let query: String = url::form_urlencoded::byte_serialize(hostile.as_bytes()).collect();
    let story = desk.console.p.store.case(id).await.unwrap().unwrap().0.story;
    diembao_pipeline::index(&desk.console.p, &mut diembao_pipeline::RunReport::default()).await.unwrap();
    for path in [
        "/".to_owned(),
        "/cases".to_owned(),
        format!("/cases/{id}"),
        "/stories".to_owned(),
        format!("/stories/{story}"),
        "/search?q=script".to_owned(),
        format!("/search?q={query}&sort={query}&unit={query}&from={query}&to={query}&page={query}"),
        "/editions/2026-11-21".to_owned(),
        "/deliveries".to_owned(),
        format!("/sources?grade={query}"),
        "/claims".to_owned(),
        "/handover".to_owned(),
        format!("/audit?who={query}&what={query}"),
        format!("/cases?state={query}"),
        format!("/account?done={query}"),
    ] {
        let got = desk.get(&mut browser, &path).await;
        assert_eq!(got.status, StatusCode::OK, "{path}");
        assert!(!got.body.contains("<script>alert") && !got.body.contains("<img src=x"), "{path}\n{}", got.body);
        assert!(!got.body.contains("7007886"), "{path}: a template in a title was run");
        assert!(got.header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"), "{path}");
        assert!(!got.body.contains(" style=\"") && !got.body.contains("onclick"), "{path}: something is inline");
    }
}

/// An edition as it is mailed is shown in a frame that can run nothing, and its titles are text.
#[tokio::test]
async fn an_edition_is_shown_in_a_sandbox() {
    let desk = Desk::new().await;
    desk.case("Sản phụ tử vong <script>alert(1)</script> sau mổ lấy thai", Severity::Red).await;
    desk.wait(TimeDelta::minutes(10));
    let mut browser = desk.signed_in(Role::Viewer).await;
    let got = desk.get(&mut browser, "/editions/2026-11-21/preview").await;
    let policy: Vec<&str> = got.header("content-security-policy").split("; ").collect();
    assert!(policy.contains(&"sandbox") && policy.contains(&"default-src 'none'"), "{policy:?}");
    assert!(!policy.iter().any(|p| p.starts_with("script-src") || p.contains("allow-")), "{policy:?}");
    assert!(got.body.contains("&lt;script&gt;alert(1)") && !got.body.contains("<script"), "{}", got.body);
}

/// Links that lead out tell nobody where from, and give nobody a handle on the console.
#[tokio::test]
async fn links_to_the_press_are_held_at_arms_length() {
    let desk = Desk::new().await;
    let id = desk.case("Có đường dẫn", Severity::Red).await;
    let mut browser = desk.signed_in(Role::Viewer).await;
    let page = desk.get(&mut browser, &format!("/cases/{id}")).await.body;
    let links: Vec<&str> = page.split("<a ").filter(|a| a.contains("href=\"http")).collect();
    assert_eq!(links.len(), 1);
    assert!(links.iter().all(|a| a.contains("rel=\"noopener noreferrer nofollow\"")), "{links:?}");
}

/// Quotes and comments in names, filters and paths reach the store as values only.
#[tokio::test]
async fn sql_in_fields_is_only_text() {
    let desk = Desk::new().await;
    desk.user("lan", Role::Admin).await;
    for name in ["lan' --", "' OR '1'='1", "lan'; DROP TABLE users; --", "lan\0"] {
        let got = desk.sign_in(&mut Browser::default(), name, "x' OR '1'='1").await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
    let mut admin = desk.signed_in(Role::Admin).await;
    let got = desk.get(&mut admin, "/audit?who='%20OR%201=1%20--").await;
    assert!(got.body.contains("Chưa có gì."), "the filter matches nobody");
    for path in ["/cases/1%20OR%201=1", "/cases/1';--"] {
        assert_eq!(desk.get(&mut admin, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(desk.console.p.store.users().await.unwrap().len(), 2, "the table is still there");
}

/// Line breaks in a value never become a header of their own.
#[tokio::test]
async fn header_injection_ends_at_the_first_page() {
    let desk = Desk::new().await;
    desk.user("lan", Role::Viewer).await;
    let fields = [("name", "lan"), ("password", PASSWORD), ("next", "/a\r\nSet-Cookie: diembao=evil")];
    let got = desk.post(&mut Browser::default(), ("/login", "/login"), &fields).await;
    assert_eq!(got.header("location"), "/");
    let got = desk.get(&mut Browser::default(), "/login?next=%0d%0aSet-Cookie:%20a=b").await;
    assert!(got.headers.get_all(header::SET_COOKIE).iter().all(|c| c.as_bytes().starts_with(b"diembao")));
    assert!(got.body.contains("name=\"next\" value=\"&#x2f;\""), "{}", got.body);
}

/// Dots in paths lead to no file: only named files are served, and they are in the program.
#[tokio::test]
async fn path_traversal_finds_nothing() {
    let desk = Desk::new().await;
    let mut admin = desk.signed_in(Role::Admin).await;
    for path in [
        "/static/../diembao.toml",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2fconsole.key",
        "/console.key",
        "/diembao.db",
        "//etc/passwd",
    ] {
        let got = desk.get(&mut admin, path).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// An attacker who knows the cookie before the login does not know it after it.
#[tokio::test]
async fn a_session_chosen_by_an_attacker_is_never_taken() {
    let desk = Desk::new().await;
    desk.user("lan", Role::Officer).await;
    let planted = ("diembao".to_owned(), "planted-by-the-attacker-000000000000000000000".to_owned());
    let mut victim = Browser { cookies: vec![planted.clone()], address: None };
    let got = desk.sign_in(&mut victim, "lan", PASSWORD).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER);
    let fresh = victim.cookie("diembao").unwrap();
    assert!(fresh.len() == 43 && fresh != planted.1);
    let first = fresh.to_owned();
    let mut attacker = Browser { cookies: vec![planted], address: None };
    assert_eq!(desk.get(&mut attacker, "/").await.status, StatusCode::SEE_OTHER);
    let mut again = Browser::default();
    desk.sign_in(&mut again, "lan", PASSWORD).await;
    assert_ne!(again.cookie("diembao").unwrap(), first, "each login has a session of its own");
}

/// Cookies cannot be read by a script, leave with no foreign form, and stay on TLS behind TLS.
#[tokio::test]
async fn cookies_and_headers_say_what_browsers_must_know() {
    let desk = Desk::with_settings("public_url = \"https://diembao.example.vn\"").await;
    let got = desk.get(&mut Browser::default(), "/login").await;
    for cookie in got.headers.get_all(header::SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.starts_with("__Host-diembao"), "{cookie}");
        for word in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(cookie.contains(word), "{cookie}");
        }
    }
    assert_eq!(got.header("strict-transport-security"), "max-age=31536000; includeSubDomains");
    assert_eq!(got.header("x-content-type-options"), "nosniff");
    assert_eq!(got.header("x-frame-options"), "DENY");
    assert_eq!(got.header("cache-control"), "no-store");
    let policy = got.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    let plain = Desk::new().await;
    assert_eq!(plain.get(&mut Browser::default(), "/login").await.header("strict-transport-security"), "");
}

/// Guessing passwords: after five the name is locked from there, known or not, with one answer.
#[tokio::test]
async fn guessing_is_stopped_and_tells_nobody_who_exists() {
    let desk = Desk::new().await;
    desk.user("lan", Role::Admin).await;
    let mut bodies = Vec::new();
    for name in ["lan", "khong-co-ai"] {
        for i in 0..5 {
            let got = desk.sign_in(&mut Browser::default(), name, "sai rồi").await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {i}");
            let token = got.form_token();
            bodies.push(got.body.replace(&format!("value=\"{name}\""), "").replace(&token, ""));
        }
        let got = desk.sign_in(&mut Browser::default(), name, PASSWORD).await;
        assert_eq!((got.status, got.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "900"), "{name}");
    }
    assert!(bodies.windows(2).all(|w| w[0] == w[1]), "the answers differ");
    let elsewhere: SocketAddr = "192.0.2.7:1".parse().unwrap();
    let mut owner = Browser { address: Some(elsewhere), ..Browser::default() };
    let got = desk.sign_in(&mut owner, "lan", PASSWORD).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "the owner is not locked out by somebody else's guesses");
    desk.wait(TimeDelta::minutes(16));
    let got = desk.sign_in(&mut Browser::default(), "lan", PASSWORD).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "the lock is over");
}

/// Many names from one address: the address is locked.
#[tokio::test]
async fn trying_many_names_locks_the_address() {
    let desk = Desk::new().await;
    for i in 0..30 {
        desk.sign_in(&mut Browser::default(), &format!("ten{i}"), "x").await;
    }
    desk.user("lan", Role::Viewer).await;
    let got = desk.sign_in(&mut Browser::default(), "lan", PASSWORD).await;
    assert_eq!(got.status, StatusCode::TOO_MANY_REQUESTS);
}

/// Sessions end by themselves: after half an hour without a click, after twelve hours in any case.
#[tokio::test]
async fn sessions_end() {
    let desk = Desk::new().await;
    let mut browser = desk.signed_in(Role::Officer).await;
    for _ in 0..24 {
        desk.wait(TimeDelta::minutes(29));
        assert_eq!(desk.get(&mut browser, "/account").await.status, StatusCode::OK);
    }
    desk.wait(TimeDelta::minutes(29));
    assert_eq!(desk.get(&mut browser, "/account").await.status, StatusCode::SEE_OTHER, "after twelve hours");
    let mut idle = desk.signed_in(Role::Officer).await;
    desk.wait(TimeDelta::minutes(31));
    assert_eq!(desk.get(&mut idle, "/account").await.status, StatusCode::SEE_OTHER, "after half an hour");
}

/// Who loses a role or is shut out loses the sessions and tokens of before, too.
#[tokio::test]
async fn rights_that_are_taken_are_gone_at_once() {
    let desk = Desk::new().await;
    desk.user("minh", Role::Admin).await;
    let mut minh = Browser::default();
    desk.sign_in(&mut minh, "minh", PASSWORD).await;
    let store = &desk.console.p.store;
    store.set_role("minh", Role::Viewer, None).await.unwrap();
    assert_eq!(desk.get(&mut minh, "/users").await.status, StatusCode::SEE_OTHER, "signed out");
    desk.sign_in(&mut minh, "minh", PASSWORD).await;
    assert_eq!(desk.get(&mut minh, "/users").await.status, StatusCode::FORBIDDEN);
}

/// An administrator's token of a narrow scope does no more than its scope; nobody raises themselves.
#[tokio::test]
async fn privileges_do_not_grow() {
    let desk = Desk::new().await;
    desk.user("lan", Role::Admin).await;
    let now = desk.console.p.clock.now();
    let (token, kept) = diembao_pipeline::new_token().unwrap();
    let row = ApiToken {
        token: kept,
        user: "lan".into(),
        label: "đọc".into(),
        scopes: vec!["read".into()],
        created_at: now,
        expires_at: now + TimeDelta::days(1),
        revoked_at: None,
    };
    desk.console.p.store.add_token(&row).await.unwrap();
    let bearer = |path: &str, token: &str| {
        let request = Browser::default().request("GET", path);
        request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::empty()).unwrap()
    };
    assert_eq!(desk.ask(bearer("/cases", &token)).await.status, StatusCode::OK);
    assert_eq!(desk.ask(bearer("/users", &token)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(desk.ask(bearer("/cases", &token[1..])).await.status, StatusCode::SEE_OTHER);
    desk.wait(TimeDelta::days(2));
    assert_eq!(desk.ask(bearer("/cases", &token)).await.status, StatusCode::SEE_OTHER, "it is over");
    let mut viewer = desk.signed_in(Role::Viewer).await;
    let fields = [("name", "minh"), ("display", "M"), ("role", "admin"), ("password", PASSWORD)];
    let got = desk.post(&mut viewer, ("/", "/users"), &fields).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
}

/// A unit that guesses numbers of cases learns not even that they exist.
#[tokio::test]
async fn other_units_cases_do_not_exist() {
    let desk = Desk::new().await;
    let id = desk.case("Vụ việc của đơn vị khác", Severity::Red).await;
    let mut unit = desk.signed_in(Role::Unit).await;
    for path in [format!("/cases/{id}"), "/cases/999".to_owned()] {
        assert_eq!(desk.get(&mut unit, &path).await.status, StatusCode::NOT_FOUND, "{path}");
        let got = desk.post(&mut unit, ("/", &path), &[("version", "1"), ("do", "note"), ("note", "x")]).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/", "/cases?state=all"] {
        assert!(!desk.get(&mut unit, path).await.body.contains("Vụ việc của đơn vị khác"), "{path}");
    }
}

/// A header that names a user counts from the trusted proxy only.
#[tokio::test]
async fn only_the_proxy_may_name_the_user() {
    let desk = Desk::with_settings("trusted_proxies = [\"10.0.0.1\"]\nuser_header = \"X-Remote-User\"").await;
    desk.user("lan", Role::Admin).await;
    let from = |address: &str| {
        let browser = Browser { address: Some(address.parse().unwrap()), ..Browser::default() };
        browser.request("GET", "/users").header("x-remote-user", "lan").body(Body::empty()).unwrap()
    };
    assert_eq!(desk.ask(from("10.0.0.1:5")).await.status, StatusCode::OK);
    assert_eq!(desk.ask(from("10.0.0.2:5")).await.status, StatusCode::SEE_OTHER);
}

/// Who does not exist takes as long to refuse as who does: the hash is computed for nobody, too.
#[tokio::test]
async fn refusing_takes_as_long_for_nobody() {
    let desk = Desk::new().await;
    let mut least = [Duration::MAX; 3];
    desk.user("bi-khoa", Role::Admin).await;
    desk.console.p.store.set_disabled("bi-khoa", Some(desk.console.p.clock.now())).await.unwrap();
    desk.user("lan", Role::Admin).await;
    for _ in 0..3 {
        for (least, name) in least.iter_mut().zip(["lan", "khong-co-ai", "bi-khoa"]) {
            let who = Credentials { name: name.into(), password: "sai rồi".into(), address: "192.0.2.1".into() };
            let began = std::time::Instant::now();
            assert_eq!(diembao_pipeline::sign_in(&desk.console.p, who).await.unwrap(), SignIn::Refused);
            *least = began.elapsed().min(*least);
        }
    }
    let most = least.iter().max().unwrap();
    assert!(least.iter().all(|t| *t * 2 > *most), "known, unknown, disabled: {least:?}");
}

/// A source that points into the network is written down as refused; nothing there is asked.
#[tokio::test]
async fn an_added_source_reaches_nothing_inside() {
    let inside = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = inside.local_addr().unwrap().port();
    let hosts = ["127.0.0.1", "localhost", "[::1]", "[::ffff:7f00:1]", "169.254.169.254", "10.0.0.1", "0x7f.1"];
    let sources: Vec<String> = hosts
        .iter()
        .enumerate()
        .map(|(i, host)| {
            format!(
                "[[outlet]]\nid = \"bao-{i}\"\nname = \"Báo {i}\"\nhome = \"https://bao{i}.example/\"\ntier = \"local\"\n\
                 [[outlet.channel]]\nname = \"tin\"\nkind = \"feed\"\nurl = \"http://{host}:{port}/rss{i}\"\n"
            )
        })
        .collect();
    let desk = Desk::with_sources(&sources.concat()).await;
    let p = &desk.console.p;
    let intake = diembao_pipeline::Intake::open(p, diembao_pipeline::Share::Home).await.unwrap();
    diembao_pipeline::collect(p, &intake, &mut diembao_pipeline::RunReport::default()).await.unwrap();
    let health = diembao_pipeline::source_health(p).await.unwrap();
    assert_eq!(health.len(), hosts.len());
    let touched = tokio::time::timeout(Duration::from_millis(200), inside.accept()).await;
    assert!(touched.is_err(), "somebody asked inside");
}

/// A header that names a user, and one that says from where, count from a listed proxy only; a form
/// behind the proxy needs its token all the same.
#[tokio::test]
async fn behind_a_proxy_nothing_is_believed_twice() {
    let desk = Desk::with_settings("trusted_proxies = [\"10.0.0.1\"]\nuser_header = \"X-Remote-User\"").await;
    desk.user("lan", Role::Admin).await;
    let from = |address: &str, method: &str, path: &str| {
        let browser = Browser { address: Some(address.parse().unwrap()), ..Browser::default() };
        browser.request(method, path).header("x-remote-user", "lan")
    };
    let page = desk.ask(from("10.0.0.1:5", "GET", "/users").body(Body::empty()).unwrap()).await;
    let fields = format!("name=minh&display=M&role=viewer&password={PASSWORD}");
    for (body, expected) in [
        (fields.clone(), StatusCode::FORBIDDEN),
        (format!("{fields}&csrf={}", page.form_token()), StatusCode::SEE_OTHER),
    ] {
        let request = from("10.0.0.1:5", "POST", "/users").header("x-forwarded-for", "203.0.113.9, 10.0.0.1");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        assert_eq!(desk.ask(request.body(Body::from(body)).unwrap()).await.status, expected);
    }
    let filter = AuditFilter { n_max: 9, ..AuditFilter::default() };
    let trail = desk.console.p.store.audit(&filter).await.unwrap();
    assert_eq!(trail[0].address, "203.0.113.9", "the client's address, as the proxy saw it");
    // Another machine says it is the proxy's client: guesses are counted against itself.
    let spoofed = from("192.0.2.66:1", "GET", "/login").header("x-forwarded-for", "203.0.113.9");
    assert_eq!(desk.ask(spoofed.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
    desk.console.p.store.set_disabled("lan", Some(desk.console.p.clock.now())).await.unwrap();
    let got = desk.ask(from("10.0.0.1:5", "GET", "/users").body(Body::empty()).unwrap()).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "who is shut out here is shut out behind the proxy too");
}
