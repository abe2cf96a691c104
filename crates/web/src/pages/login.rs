//! `/login`, `/logout`.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use diembao_pipeline::{Credentials, SignIn};
use serde::{Deserialize, Serialize};

use crate::access::{Actor, Address, Through};
use crate::answer::{Answer, Stop};
use crate::cookies::{self, FORM, SESSION};
use crate::html::{self, Sheet};
use crate::pages::see;
use crate::state::Console;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Where {
    #[serde(default)]
    pub(crate) next: String,
}

#[derive(Serialize)]
struct View<'a> {
    next: &'a str,
    name: &'a str,
    wrong: Option<&'static str>,
    /// Where the ministry's own system is, if one is set.
    sso: Option<String>,
    agency: &'a str,
    unit: &'a str,
}

/// GET /login
pub(crate) async fn form(State(console): State<Console>, actor: Option<Actor>, Query(asked): Query<Where>) -> Answer {
    if actor.is_some() {
        return Ok(see(inside(&asked.next)));
    }
    login_page(&console, &asked.next, "", None)
}

/// The login form, with what went wrong before.
pub(crate) fn login_page(console: &Console, next: &str, name: &str, wrong: Option<&'static str>) -> Answer {
    let (seed, _) = diembao_pipeline::new_token()?;
    let agency = &console.p.home.settings.agency;
    let query: String = url::form_urlencoded::byte_serialize(inside(next).as_bytes()).collect();
    let sso = console.provider.as_ref().map(|_| format!("/login/oidc?next={query}"));
    let view = View { next: inside(next), name, wrong, sso, agency: &agency.name, unit: &agency.unit };
    let sheet = Sheet { template: "login.html", title: "Đăng nhập", place: "", done: None };
    let mut response = html::open_page(&console.key.form_token(&seed), sheet, view)?;
    set_cookie(&mut response, cookies::set(console.transport, FORM, &seed));
    // A session that is over would be taken for the seed of this form.
    set_cookie(&mut response, cookies::set(console.transport, SESSION, ""));
    Ok(response)
}

/// What was typed.
#[derive(Deserialize)]
pub(crate) struct Typed {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// POST /login
pub(crate) async fn sign_in(State(console): State<Console>, address: Address, Form(typed): Form<Typed>) -> Answer {
    let who = Credentials { name: typed.name.clone(), password: typed.password, address: address.0 };
    let p = console.p.clone();
    match console.hashing.turn(async move { diembao_pipeline::sign_in(&p, who).await }).await?? {
        SignIn::Welcome { token, .. } => {
            let mut response = see(inside(&typed.next));
            set_cookie(&mut response, cookies::set(console.transport, SESSION, &token));
            set_cookie(&mut response, cookies::set(console.transport, FORM, ""));
            Ok(response)
        }
        SignIn::Refused => {
            let name: String = typed.name.chars().take(64).collect();
            let wrong = "Tên đăng nhập hoặc mật khẩu không đúng.";
            let mut response = login_page(&console, &typed.next, &name, Some(wrong))?;
            *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        SignIn::Locked => Err(Stop::TooMany),
    }
}

/// POST /logout
pub(crate) async fn sign_out(State(console): State<Console>, actor: Actor) -> Answer {
    if let Through::Session(token) = &actor.through {
        console.p.store.end_session(token).await?;
    }
    let mut response = see("/login");
    set_cookie(&mut response, cookies::set(console.transport, SESSION, ""));
    let clear = HeaderValue::from_static("\"cache\", \"storage\"");
    response.headers_mut().insert("clear-site-data", clear);
    Ok(response)
}

/// Adds a cookie to an answer.
pub(crate) fn set_cookie(response: &mut Response, cookie: HeaderValue) {
    let headers: &mut HeaderMap = response.headers_mut();
    headers.append(header::SET_COOKIE, cookie);
}

/// An address of this console; whatever leads elsewhere becomes its first page.
pub(crate) fn inside(next: &str) -> &str {
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if plain && next.starts_with('/') && !next.starts_with("//") && next.len() <= 512 { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn a_login_leads_nowhere_else() {
        for (next, expected) in [
            ("/cases?state=open", "/cases?state=open"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/a\r\nSet-Cookie: x=y", "/"),
            ("", "/"),
        ] {
            assert_eq!(inside(next), expected, "{next}");
        }
    }
}
