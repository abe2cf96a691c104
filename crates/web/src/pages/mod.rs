//! One module a page: reads what it shows, makes strings of it, renders its template.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod case;
pub(crate) mod case_files;
pub(crate) mod case_form;
pub(crate) mod cases;
pub(crate) mod claims;
pub(crate) mod deliveries;
pub(crate) mod edition;
pub(crate) mod edition_form;
pub(crate) mod editions;
pub(crate) mod handover;
pub(crate) mod health;
pub(crate) mod login;
pub(crate) mod order;
pub(crate) mod rules;
pub(crate) mod search;
pub(crate) mod shared;
pub(crate) mod sources;
pub(crate) mod sso;
pub(crate) mod story;
pub(crate) mod taken;
pub(crate) mod today;
pub(crate) mod users;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What was just done, from the address.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Done {
    done: Option<String>,
}

/// To a page of the console after a form was handled, so that reloading does not send it again.
pub(crate) fn see(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or_else(|_| HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}
