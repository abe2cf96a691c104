//! `/audit`: who did what, from where.

use axum::extract::{Query, State};
use diembao_store::AuditFilter;
use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::answer::Answer;
use crate::format::{machine, moment};
use crate::html::{self, Sheet};
use crate::state::Console;

const PER_PAGE: usize = 100;

/// Which part of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    who: String,
    what: String,
    before: Option<i64>,
}

#[derive(Serialize)]
struct View {
    who: String,
    what: String,
    rows: Vec<Row>,
    more: Option<String>,
}

#[derive(Serialize)]
struct Row {
    at: String,
    machine: String,
    actor: String,
    action: String,
    words: &'static str,
    target: String,
    detail: String,
    address: String,
}

/// GET /audit
pub(crate) async fn show(State(console): State<Console>, actor: Actor, Query(asked): Query<Asked>) -> Answer {
    let now = console.p.clock.now();
    let filter = AuditFilter {
        actor: asked.who.trim().to_owned(),
        action: asked.what.trim().to_owned(),
        before: asked.before,
        n_max: PER_PAGE,
    };
    let entries = console.p.store.audit(&filter).await?;
    let more = (entries.len() == PER_PAGE).then(|| entries.last().map(|e| e.id)).flatten();
    let rows = entries.into_iter().map(|e| Row {
        at: moment(e.at, now),
        machine: machine(e.at),
        words: words(&e.action),
        actor: e.actor,
        action: e.action,
        target: e.target,
        detail: e.detail,
        address: e.address,
    });
    let rows = rows.collect();
    let more = more.map(|before| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("who", &filter.actor).append_pair("what", &filter.action);
        query.append_pair("before", &before.to_string()).finish()
    });
    let view = View { who: filter.actor, what: filter.action, rows, more };
    html::page(&actor, Sheet { template: "audit.html", title: "Nhật ký", place: "/audit", done: None }, view)
}

fn words(action: &str) -> &'static str {
    match action {
        "login" => "đăng nhập",
        "login.refused" => "đăng nhập sai",
        "login.locked" => "bị tạm khóa đăng nhập",
        "user.add" => "thêm người dùng",
        "user.role" => "đổi vai trò",
        "user.password" => "đổi mật khẩu",
        "user.disable" => "khóa người dùng",
        "user.enable" => "mở khóa người dùng",
        "token.add" => "cấp khóa API",
        "token.revoke" => "thu hồi khóa API",
        "edition.edit" => "sửa bản tin",
        "edition.approve" => "duyệt bản tin",
        "handover.sign" => "ký giao ca",
        a if a.starts_with("case.") => "thay đổi vụ việc",
        _ => "",
    }
}
