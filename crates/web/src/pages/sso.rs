//! `/login/oidc`: signing in through the ministry's own system.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use diembao_pipeline::SignIn;
use serde::Deserialize;

use crate::access::Address;
use crate::answer::{Answer, Stop};
use crate::cookies::{self, FORM, SESSION, SIGN_ON};
use crate::oidc::Attempt;
use crate::pages::login::{Where, inside, login_page, set_cookie};
use crate::pages::see;
use crate::state::Console;

/// GET /login/oidc
pub(crate) async fn leave(State(console): State<Console>, Query(asked): Query<Where>) -> Answer {
    let provider = console.provider.as_ref().ok_or(Stop::NotFound)?;
    let now = console.p.clock.now();
    let attempt = Attempt::begin(&console.key, now)?;
    match provider.address(&attempt, inside(&asked.next), now).await {
        Ok(address) => {
            let mut response = see(&address);
            set_cookie(&mut response, cookies::set(console.transport, SIGN_ON, attempt.cookie()));
            Ok(response)
        }
        Err(e) => {
            tracing::warn!("single sign-on: {e:#}");
            sorry(&console, StatusCode::BAD_GATEWAY, "Hệ thống đăng nhập chung không trả lời. Hãy thử lại sau.")
        }
    }
}

/// What the provider sends people back with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Back {
    code: String,
    state: String,
    iss: Option<String>,
    error: Option<String>,
}

/// GET /login/oidc/back
pub(crate) async fn come_back(
    State(console): State<Console>,
    Address(address): Address,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Answer {
    let provider = console.provider.as_ref().ok_or(Stop::NotFound)?;
    let now = console.p.clock.now();
    let cookie = cookies::read(&headers, console.transport, SIGN_ON);
    let attempt = cookie.and_then(|cookie| Attempt::of(&console.key, cookie, now));
    let Some((attempt, next)) = attempt.and_then(|a| a.next(&back.state).map(|next| (a, next))) else {
        return sorry(&console, StatusCode::FORBIDDEN, "Lần đăng nhập này đã hết hạn. Hãy đăng nhập lại.");
    };
    if back.iss.is_some_and(|iss| iss != provider.issuer()) {
        return sorry(&console, StatusCode::FORBIDDEN, "Trả lời không đến từ hệ thống đăng nhập chung.");
    }
    if let Some(error) = back.error {
        tracing::info!("single sign-on: refused there: {:?}", error.chars().take(80).collect::<String>());
        return sorry(&console, StatusCode::FORBIDDEN, "Hệ thống đăng nhập chung đã từ chối.");
    }
    let claimed = match provider.redeem(&attempt, &back.code, now).await {
        Ok(claimed) => claimed,
        Err(e) => {
            tracing::warn!("single sign-on: {e:#}");
            return sorry(&console, StatusCode::FORBIDDEN, "Hệ thống đăng nhập chung không xác nhận được bạn.");
        }
    };
    match diembao_pipeline::sign_in_claimed(&console.p, &claimed, &address).await? {
        SignIn::Welcome { token, .. } => {
            let mut response = see(inside(&next));
            set_cookie(&mut response, cookies::set(console.transport, SESSION, &token));
            for name in [FORM, SIGN_ON] {
                set_cookie(&mut response, cookies::set(console.transport, name, ""));
            }
            Ok(response)
        }
        SignIn::Refused | SignIn::Locked => {
            sorry(&console, StatusCode::FORBIDDEN, "Tài khoản này chưa được cấp quyền. Hãy liên hệ quản trị viên.")
        }
    }
}

/// The login form with what went wrong; the cookie of the sign-in has served.
fn sorry(console: &Console, status: StatusCode, words: &'static str) -> Answer {
    let mut response = login_page(console, "/", "", Some(words))?;
    *response.status_mut() = status;
    set_cookie(&mut response, cookies::set(console.transport, SIGN_ON, ""));
    Ok(response)
}
