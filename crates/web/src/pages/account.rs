//! `/account`: who one is, and a new password.

use axum::Form;
use axum::extract::{Query, State};
use diembao_pipeline::{Credentials, PasswordError, SignIn};
use serde::{Deserialize, Serialize};

use crate::access::{Actor, Through};
use crate::answer::{Answer, Stop};
use crate::cookies::{self, SESSION};
use crate::html::{self, Sheet};
use crate::pages::{Done, see};
use crate::state::Console;

#[derive(Serialize)]
struct View<'a> {
    name: &'a str,
    display: &'a str,
    role: &'static str,
    unit: Option<&'a str>,
    has_password: bool,
    min_password: usize,
    wrong: Option<&'static str>,
}

/// GET /account
pub(crate) async fn show(actor: Actor, Query(done): Query<Done>) -> Answer {
    account_page(&actor, done.done.as_deref(), None)
}

fn account_page(actor: &Actor, done: Option<&str>, wrong: Option<&'static str>) -> Answer {
    let sheet = Sheet { template: "account.html", title: "Tài khoản", place: "/account", done };
    let view = View {
        name: &actor.user.name,
        display: &actor.user.display,
        role: actor.user.role.label(),
        unit: actor.user.unit.as_deref(),
        has_password: matches!(actor.through, Through::Session(_)),
        min_password: diembao_pipeline::MIN_PASSWORD,
        wrong,
    };
    html::page(actor, sheet, view)
}

/// What was typed.
#[derive(Deserialize)]
pub(crate) struct Typed {
    old: String,
    new: String,
    again: String,
}

/// POST /account/password
pub(crate) async fn password(State(console): State<Console>, actor: Actor, Form(typed): Form<Typed>) -> Answer {
    if !matches!(actor.through, Through::Session(_)) {
        return Err(Stop::Forbidden);
    }
    if typed.new != typed.again {
        return account_page(&actor, None, Some("Hai lần nhập mật khẩu mới không giống nhau."));
    }
    let name = &actor.user.name;
    let who = Credentials { name: name.clone(), password: typed.old, address: actor.address.clone() };
    let p = console.p.clone();
    match console.hashing.turn(async move { diembao_pipeline::sign_in(&p, who).await }).await?? {
        SignIn::Refused => return account_page(&actor, None, Some("Mật khẩu hiện tại không đúng.")),
        SignIn::Locked => return Err(Stop::TooMany),
        SignIn::Welcome { .. } => {}
    }
    let hash = match console.hashing.hash(name, typed.new).await? {
        Ok(hash) => hash,
        Err(e) => return account_page(&actor, None, Some(words(e.downcast::<PasswordError>()?))),
    };
    // Every session ends with the old password; this browser gets a new one.
    console.p.store.set_password(&actor.user.name, &hash).await?;
    super::users::note(&console, &actor, "user.password", &actor.user.name, "").await?;
    let token = diembao_pipeline::open_session(&console.p, &actor.user, &actor.address).await?;
    let mut response = see("/account?done=password");
    response.headers_mut().append(axum::http::header::SET_COOKIE, cookies::set(console.transport, SESSION, &token));
    Ok(response)
}

/// Why a password is not taken, in Vietnamese.
pub(crate) fn words(e: PasswordError) -> &'static str {
    match e {
        PasswordError::Short => "Mật khẩu phải có ít nhất 12 ký tự.",
        PasswordError::Long => "Mật khẩu quá dài.",
        PasswordError::HoldsName => "Mật khẩu không được chứa tên đăng nhập.",
        PasswordError::Plain => "Mật khẩu có quá ít ký tự khác nhau.",
    }
}
