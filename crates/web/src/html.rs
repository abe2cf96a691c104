//! Templates: one for each page, around each the same frame. They get strings that are ready to
//! be read; whatever came from the press or a form is escaped by the engine.

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse, Response};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::access::Actor;
use crate::answer::Stop;
use crate::rights::Right;

macro_rules! templates {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!("../templates/", $name)))),*] };
}

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    let files = templates![
        "frame.html",
        "macros.html",
        "problem.html",
        "login.html",
        "account.html",
        "today.html",
        "cases.html",
        "case.html",
        "case_actions.html",
        "handover.html",
        "taken.html",
        "claims.html",
        "editions.html",
        "edition.html",
        "stories.html",
        "story.html",
        "search.html",
        "hits.html",
        "facets.html",
        "sources.html",
        "rules.html",
        "deliveries.html",
        "users.html",
        "audit.html",
    ];
    for (name, source) in files {
        env.add_template(name, source).expect("the embedded template parses");
    }
    env
});

/// What leads to where, for whom; the letter is pressed after `g`.
const PLACES: [(&str, &str, &str, Right); 12] = [
    ("/", "Hôm nay", "h", Right::ReadPress),
    ("/cases", "Vụ việc", "v", Right::ReadCases),
    ("/handover", "Giao ca", "g", Right::HandOver),
    ("/claims", "Tin sai", "s", Right::ReadPress),
    ("/editions", "Điểm báo", "d", Right::ReadPress),
    ("/stories", "Câu chuyện", "c", Right::ReadPress),
    ("/search", "Tìm kiếm", "t", Right::ReadPress),
    ("/sources", "Nguồn tin", "n", Right::ReadPress),
    ("/rules", "Luật", "l", Right::ReadPress),
    ("/deliveries", "Gửi báo cáo", "b", Right::ReadPress),
    ("/users", "Người dùng", "u", Right::Manage),
    ("/audit", "Nhật ký", "a", Right::Manage),
];

/// A page: its template, its title, its place in the navigation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sheet<'a> {
    pub(crate) template: &'static str,
    pub(crate) title: &'a str,
    pub(crate) place: &'static str,
    /// What was just done, as its short name in the address.
    pub(crate) done: Option<&'a str>,
}

#[derive(Serialize)]
struct Frame<'a, V> {
    title: &'a str,
    who: Option<Who<'a>>,
    places: Vec<Place>,
    csrf: &'a str,
    done: Option<&'static str>,
    page: V,
}

#[derive(Serialize)]
struct Who<'a> {
    name: &'a str,
    display: &'a str,
    role: &'static str,
    seen: u64,
}

#[derive(Serialize)]
struct Place {
    path: &'static str,
    name: &'static str,
    key: &'static str,
    here: bool,
}

/// A page for somebody who is signed in.
pub(crate) fn page(actor: &Actor, sheet: Sheet<'_>, view: impl Serialize) -> Result<Response, Stop> {
    render(Some(actor), &actor.form_token, sheet, view)
}

/// A page for anybody, with the token of its form.
pub(crate) fn open_page(form_token: &str, sheet: Sheet<'_>, view: impl Serialize) -> Result<Response, Stop> {
    render(None, form_token, sheet, view)
}

/// What stopped a request, as a page.
pub(crate) fn problem(actor: Option<&Actor>, title: &str, detail: &str) -> Response {
    #[derive(Serialize)]
    struct Problem<'a> {
        detail: &'a str,
    }
    let sheet = Sheet { template: "problem.html", title, place: "", done: None };
    let form_token = actor.map_or("", |a| &a.form_token);
    render(actor, form_token, sheet, Problem { detail }).unwrap_or_else(|_| Html(detail.to_owned()).into_response())
}

fn render(actor: Option<&Actor>, form_token: &str, sheet: Sheet<'_>, view: impl Serialize) -> Result<Response, Stop> {
    let may = |right| actor.is_some_and(|a| a.has(right));
    let places = PLACES.iter().filter(|(.., right)| may(*right));
    let frame = Frame {
        title: sheet.title,
        who: actor.map(|a| {
            let (name, display, role) = (&a.user.name, &a.user.display, a.user.role.label());
            Who { name, display, role, seen: a.seen }
        }),
        places: places.map(|&(path, name, key, _)| Place { path, name, key, here: path == sheet.place }).collect(),
        csrf: form_token,
        done: sheet.done.and_then(done),
        page: view,
    };
    let html = TEMPLATES.get_template(sheet.template).and_then(|t| t.render(Serde(frame)));
    html.map(|html| Html(html).into_response()).map_err(|e| {
        tracing::error!("template {}: {e:#}", sheet.template);
        Stop::Failed
    })
}

/// What was just done, in words; the address holds only a short name, so it cannot bring words of its own.
fn done(name: &str) -> Option<&'static str> {
    Some(match name {
        "case" => "Đã ghi vào vụ việc.",
        "user" => "Đã cập nhật người dùng.",
        "password" => "Đã đổi mật khẩu.",
        "edition" => "Đã lưu bản tin.",
        "approved" => "Đã duyệt; bản tin đang được gửi.",
        "handover" => "Đã ký giao ca.",
        _ => return None,
    })
}
