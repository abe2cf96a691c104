//! `/users`: who may come in, as what.

use axum::Form;
use axum::extract::{Path, Query, State};
use diembao_pipeline::PasswordError;
use diembao_store::{AuditEntry, Role, User};
use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::answer::{Answer, Stop};
use crate::format::moment;
use crate::html::{self, Sheet};
use crate::pages::account::words;
use crate::pages::shared::{Choice, choices};
use crate::pages::{Done, see};
use crate::state::Console;

#[derive(Serialize)]
struct View {
    users: Vec<Row>,
    roles: Vec<Choice>,
    min_password: usize,
}

#[derive(Serialize)]
struct Row {
    name: String,
    display: String,
    role: &'static str,
    roles: Vec<Choice>,
    unit: String,
    since: String,
    disabled: bool,
    is_me: bool,
}

/// GET /users
pub(crate) async fn list(State(console): State<Console>, actor: Actor, Query(done): Query<Done>) -> Answer {
    let now = console.p.clock.now();
    let users = console.p.store.users().await?;
    let rows = users.into_iter().map(|u| Row {
        is_me: u.name == actor.user.name,
        role: u.role.label(),
        roles: choices(Role::ALL, Some(u.role), |r| (r.as_str(), r.label())),
        unit: u.unit.unwrap_or_default(),
        since: moment(u.created_at, now),
        disabled: u.disabled_at.is_some(),
        name: u.name,
        display: u.display,
    });
    let view = View {
        users: rows.collect(),
        roles: choices(Role::ALL, None, |r| (r.as_str(), r.label())),
        min_password: diembao_pipeline::MIN_PASSWORD,
    };
    let sheet = Sheet { template: "users.html", title: "Người dùng", place: "/users", done: done.done.as_deref() };
    html::page(&actor, sheet, view)
}

/// A new user, as typed.
#[derive(Deserialize)]
pub(crate) struct Typed {
    name: String,
    display: String,
    role: String,
    #[serde(default)]
    unit: String,
    password: String,
}

/// POST /users
pub(crate) async fn add(State(console): State<Console>, actor: Actor, Form(typed): Form<Typed>) -> Answer {
    let name = typed.name.trim().to_owned();
    if !diembao_pipeline::is_login_name(&name) {
        return Err(Stop::Bad(
            "Tên đăng nhập gồm 2–40 ký tự a–z, 0–9, dấu chấm, gạch nối, gạch dưới và bắt đầu bằng chữ.".into(),
        ));
    }
    let (role, unit) = role_and_unit(&typed.role, &typed.unit)?;
    let display = typed.display.trim();
    if display.is_empty() || display.chars().count() > 80 {
        return Err(Stop::Bad("Hãy ghi họ tên, tối đa 80 ký tự.".into()));
    }
    let hash = hash(&console, &name, typed.password).await?;
    let user = User {
        name: name.clone(),
        display: display.to_owned(),
        role,
        unit,
        created_at: console.p.clock.now(),
        disabled_at: None,
    };
    if !console.p.store.add_user(&user, Some(&hash)).await? {
        return Err(Stop::Bad(format!("Tên đăng nhập {name} đã có người dùng.")));
    }
    note(&console, &actor, "user.add", &name, role.as_str()).await?;
    Ok(see("/users?done=user"))
}

async fn hash(console: &Console, name: &str, password: String) -> Result<String, Stop> {
    console.hashing.hash(name, password).await?.map_err(|e| match e.downcast::<PasswordError>() {
        Ok(e) => Stop::Bad(words(e).to_owned()),
        Err(e) => e.into(),
    })
}

fn role_and_unit(role: &str, unit: &str) -> Result<(Role, Option<String>), Stop> {
    let role = Role::parse(role).ok_or_else(|| Stop::Bad("Hãy chọn một vai trò.".into()))?;
    let unit = Some(unit.trim().to_owned()).filter(|u| !u.is_empty() && role == Role::Unit);
    if role == Role::Unit && unit.is_none() {
        return Err(Stop::Bad("Vai trò “Đơn vị” cần tên đơn vị, đúng như trong vụ việc được chuyển.".into()));
    }
    Ok((role, unit))
}

/// What becomes of a user.
#[derive(Deserialize)]
pub(crate) struct Change {
    #[serde(rename = "do")]
    what: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    password: String,
}

/// POST /users/{user}
pub(crate) async fn change(
    State(console): State<Console>,
    actor: Actor,
    Path(name): Path<String>,
    Form(change): Form<Change>,
) -> Answer {
    let store = &console.p.store;
    store.user(&name).await?.ok_or(Stop::NotFound)?;
    if name == actor.user.name {
        return Err(Stop::Bad("Không thể tự đổi quyền hoặc tự khóa chính mình; hãy nhờ quản trị viên khác.".into()));
    }
    let (action, detail) = match change.what.as_str() {
        "role" => {
            let (role, unit) = role_and_unit(&change.role, &change.unit)?;
            store.set_role(&name, role, unit.as_deref()).await?;
            ("user.role", role.as_str())
        }
        "password" => {
            let hash = hash(&console, &name, change.password).await?;
            store.set_password(&name, &hash).await?;
            ("user.password", "")
        }
        "disable" => {
            store.set_disabled(&name, Some(console.p.clock.now())).await?;
            ("user.disable", "")
        }
        "enable" => {
            store.set_disabled(&name, None).await?;
            ("user.enable", "")
        }
        _ => return Err(Stop::Bad("Không rõ phải làm gì.".into())),
    };
    note(&console, &actor, action, &name, detail).await?;
    Ok(see("/users?done=user"))
}

/// Writes down what somebody did.
pub(crate) async fn note(
    console: &Console,
    actor: &Actor,
    action: &str,
    target: &str,
    detail: &str,
) -> Result<(), Stop> {
    let entry = AuditEntry {
        id: 0,
        at: console.p.clock.now(),
        actor: actor.user.name.clone(),
        action: action.to_owned(),
        target: target.to_owned(),
        detail: detail.to_owned(),
        address: actor.address.clone(),
    };
    Ok(diembao_pipeline::audit(&console.p, entry).await?)
}
