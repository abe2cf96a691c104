//! Every address × every role, twice: from the table itself, and against a list written by hand,
//! so that a right is never widened by one careless line.

use axum::http::{Method, StatusCode};
use diembao_store::Role;

use super::support::{Browser, Desk, Got};
use crate::rights;
use crate::routes::ROUTES;

/// Who gets in where: viewer, editor, officer, unit, admin; `o` is open to anybody.
const BY_HAND: &str = "
GET /healthz                  o
GET /metrics                  o
GET /static/console.css       o
GET /static/console.js        o
GET /favicon.ico              o
GET /login                    o
POST /login                   o
GET /login/oidc               o
GET /login/oidc/back          o
POST /logout                  veoua
GET /account                  veoua
POST /account/password        veoua
GET /events                   veoua
GET /                         veoua
GET /cases                    veoua
GET /cases/{case}             veoua
POST /cases/{case}            .. oua
GET /cases/{case}/evidence    veoua
GET /cases/{case}/drafts/{kind} veoua
GET /handover                 ..o.a
POST /handover                ..o.a
GET /nhan/{word}              o
POST /nhan/{word}             o
GET /claims                   veoua
GET /stories                  veoua
GET /stories/{story}          veoua
POST /stories/{story}         ..o.a
GET /search                   veoua
GET /sources                  veoua
GET /rules                    veoua
POST /rules                   veoua
GET /editions                 veoua
GET /editions/{day}           veoua
GET /editions/{day}/preview   veoua
POST /editions/{day}          .e..a
POST /editions/{day}/approve  .e..a
POST /editions/{day}/send     .e..a
GET /deliveries               veoua
GET /users                    ....a
POST /users                   ....a
POST /users/{user}            ....a
GET /audit                    ....a
GET /api/openapi.json         o
GET /api/v1/me                veoua
GET /api/v1/cases             veoua
GET /api/v1/cases/{case}      veoua
POST /api/v1/cases/{case}/events ..oua
GET /api/v1/search            veoua
GET /api/v1/stories/{story}   veoua
GET /api/v1/sources           veoua
GET /api/v1/editions          veoua
GET /api/v1/editions/{day}/deliveries veoua
";

fn path_of(pattern: &str) -> String {
    pattern
        .replace("{case}", "1")
        .replace("{story}", "0000000000000001")
        .replace("{day}", "2026-11-21")
        .replace("{kind}", "report")
        .replace("{user}", "nobody-of-that-name")
}

async fn ask(desk: &Desk, browser: &mut Browser, method: &Method, path: &str) -> Got {
    if *method == Method::GET {
        return desk.get(browser, path).await;
    }
    let page = if browser.cookies.is_empty() { "/login" } else { "/account" };
    desk.post(browser, (page, path), &[]).await
}

/// Stopped at the door: to the login form, or refused.
fn is_stopped(got: &Got) -> bool {
    (got.status == StatusCode::SEE_OTHER && got.header("location").starts_with("/login?next="))
        || got.status == StatusCode::UNAUTHORIZED
        || (got.status == StatusCode::FORBIDDEN && got.body.contains("không có quyền"))
}

#[tokio::test]
async fn each_role_gets_in_where_the_table_says_and_nowhere_else() {
    let desk = Desk::new().await;
    let mut n_checked = 0;
    for route in ROUTES {
        let path = path_of(route.path);
        let got = ask(&desk, &mut Browser::default(), &route.method, &path).await;
        assert_eq!(is_stopped(&got), route.needs != rights::Right::Open, "nobody: {} {path}", route.method);
        for role in Role::ALL {
            let mut browser = desk.signed_in(role).await;
            let got = ask(&desk, &mut browser, &route.method, &path).await;
            let may = rights::has(role, route.needs);
            assert_eq!(is_stopped(&got), !may, "{role:?}: {} {path}: {}", route.method, got.status);
            assert!(!got.status.is_server_error(), "{role:?}: {} {path}: {}", route.method, got.status);
            n_checked += 1;
        }
    }
    assert_eq!(n_checked, ROUTES.len() * Role::ALL.len());
}

#[test]
fn the_table_is_the_one_that_was_agreed() {
    let role_letters =
        [(Role::Viewer, 'v'), (Role::Editor, 'e'), (Role::Officer, 'o'), (Role::Unit, 'u'), (Role::Admin, 'a')];
    let written: Vec<String> = BY_HAND
        .lines()
        .filter(|l| !l.is_empty())
        .map(|line| {
            let mut words = line.split_whitespace();
            let (method, path) = (words.next().unwrap(), words.next().unwrap());
            let who: String = words.collect::<String>().replace('.', "");
            format!("{method} {path} {who}")
        })
        .collect();
    let found: Vec<String> = ROUTES
        .iter()
        .map(|r| {
            let who: String = if r.needs == rights::Right::Open {
                "o".to_owned()
            } else {
                role_letters.iter().filter(|(role, _)| rights::has(*role, r.needs)).map(|(_, c)| *c).collect()
            };
            format!("{} {} {who}", r.method, r.path)
        })
        .collect();
    assert_eq!(found, written);
}
