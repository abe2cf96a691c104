//! `/nhan/{word}`: the link in an alert. It shows what it is for and asks; a mail program that
//! opens it changes nothing.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::Response;
use diembao_pipeline::desk::{self, AckLink, Act};
use serde::Serialize;

use crate::access::Address;
use crate::answer::{Answer, Stop};
use crate::cookies::{self, FORM};
use crate::format::moment;
use crate::html::{self, Sheet};
use crate::state::Console;

#[derive(Serialize)]
struct View<'a> {
    word: &'a str,
    who: String,
    number: i64,
    title: String,
    severity: &'static str,
    severity_name: &'static str,
    state: &'static str,
    opened: String,
    taken: bool,
}

/// GET /nhan/{word}
pub(crate) async fn ask(State(console): State<Console>, Path(word): Path<String>) -> Answer {
    let link = read(&console, &word)?;
    taken_page(&console, &word, link, Step::Asked).await
}

/// POST /nhan/{word}
pub(crate) async fn take(State(console): State<Console>, address: Address, Path(word): Path<String>) -> Answer {
    let link = read(&console, &word)?;
    let heard = Act {
        by: link.who.clone(),
        action: diembao_desk::Action::Acknowledge,
        note: "Nhận qua đường dẫn trong cảnh báo".to_owned(),
        expected: None,
    };
    desk::acknowledge(&console.p, link.case, heard).await?;
    let entry = diembao_store::AuditEntry {
        id: 0,
        at: console.p.clock.now(),
        actor: link.who.clone(),
        action: "case.ack".to_owned(),
        target: link.case.to_string(),
        detail: "đường dẫn trong cảnh báo".to_owned(),
        address: address.0,
    };
    diembao_pipeline::audit(&console.p, entry).await?;
    console.changed(&[link.case]).await?;
    taken_page(&console, &word, link, Step::Taken).await
}

fn read(console: &Console, word: &str) -> Result<AckLink, Stop> {
    desk::read_ack_link(&console.p, word)?.ok_or(Stop::NotFound)
}

async fn taken_page(console: &Console, word: &str, link: AckLink, step: Step) -> Answer {
    let now = console.p.clock.now();
    let (case, _) = console.p.store.case(link.case).await?.ok_or(Stop::NotFound)?;
    let (seed, _) = diembao_pipeline::new_token()?;
    let view = View {
        word,
        who: link.who,
        number: case.id.as_i64(),
        title: case.title,
        severity: case.severity.as_str(),
        severity_name: case.severity.label(),
        state: case.state.label(),
        opened: moment(case.opened_at, now),
        taken: step == Step::Taken,
    };
    let sheet = Sheet { template: "taken.html", title: "Nhận vụ việc", place: "", done: None };
    let mut response: Response = html::open_page(&console.key.form_token(&seed), sheet, view)?;
    if step == Step::Asked {
        response.headers_mut().append(header::SET_COOKIE, cookies::set(console.transport, FORM, &seed));
    }
    Ok(response)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Asked,
    Taken,
}
