//! Answers that are no page: what stopped a request, as a page for people or JSON for programs.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use diembao_pipeline::desk::DeskFailure;
use diembao_store::StoreError;
use serde::Serialize;
use serde_json::json;

use crate::access::Actor;
use crate::html;
use crate::pages::case_form;

/// What stopped a request.
#[derive(Debug)]
pub(crate) enum Stop {
    /// There is no such thing, or the user may not know that there is.
    NotFound,
    /// Nothing here answers that method.
    Method,
    /// The user may not.
    Forbidden,
    /// Nobody is signed in.
    SignIn,
    /// The form was not one of ours, or is too old.
    Form,
    /// What was sent cannot be used; in Vietnamese.
    Bad(String),
    /// Somebody else was faster; in Vietnamese.
    Conflict(String),
    /// Too much was sent.
    TooLarge,
    /// It took too long to arrive.
    TooSlow,
    /// Too many tries.
    TooMany,
    /// Too many requests, one after another.
    TooFast,
    /// Too many streams.
    Busy,
    /// A fault of ours; the reason is in the log.
    Failed,
}

pub(crate) type Answer = Result<Response, Stop>;

/// What a stop says, until it is known to whom.
#[derive(Debug, Clone, Serialize)]
struct Problem {
    status: u16,
    title: &'static str,
    detail: String,
}

impl Stop {
    fn problem(self) -> Problem {
        let (status, title, detail) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "Không tìm thấy", "Trang này không có, hoặc không dành cho bạn."),
            Self::Method => {
                (StatusCode::METHOD_NOT_ALLOWED, "Không dùng được", "Địa chỉ này không nhận yêu cầu kiểu đó.")
            }
            Self::Forbidden => {
                (StatusCode::FORBIDDEN, "Không có quyền", "Vai trò của bạn không có quyền làm việc này.")
            }
            Self::SignIn => (StatusCode::UNAUTHORIZED, "Chưa đăng nhập", "Hãy đăng nhập để tiếp tục."),
            Self::Form => (
                StatusCode::FORBIDDEN,
                "Biểu mẫu không còn hiệu lực",
                "Biểu mẫu đã cũ hoặc không gửi từ trang này. Hãy quay lại, tải lại trang rồi gửi lại.",
            ),
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "Nội dung quá lớn", "Nội dung gửi lên vượt quá giới hạn.")
            }
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "Quá thời gian", "Nội dung gửi lên đến quá chậm."),
            Self::TooMany => (
                StatusCode::TOO_MANY_REQUESTS,
                "Tạm khóa đăng nhập",
                "Đã thử sai quá nhiều lần. Hãy chờ mười lăm phút rồi thử lại.",
            ),
            Self::TooFast => {
                (StatusCode::TOO_MANY_REQUESTS, "Quá nhanh", "Quá nhiều yêu cầu liên tiếp. Hãy chờ vài giây.")
            }
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "Đang quá tải", "Hãy thử lại sau ít phút."),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Có lỗi",
                "Hệ thống gặp lỗi khi làm việc này. Lỗi đã được ghi lại; hãy thử lại hoặc báo quản trị viên.",
            ),
            Self::Bad(detail) => return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "Chưa thực hiện được", detail),
            Self::Conflict(detail) => return Problem::new(StatusCode::CONFLICT, "Đã có người thay đổi", detail),
        };
        Problem::new(status, title, detail.to_owned())
    }
}

impl Problem {
    fn new(status: StatusCode, title: &'static str, detail: String) -> Self {
        Self { status: status.as_u16(), title, detail }
    }
}

impl IntoResponse for Stop {
    /// The body follows in [`explain`], which knows who asked for what.
    fn into_response(self) -> Response {
        let wait = if matches!(self, Self::TooMany) { "900" } else { "5" };
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(wait));
        }
        response.extensions_mut().insert(problem);
        response
    }
}

impl From<anyhow::Error> for Stop {
    fn from(e: anyhow::Error) -> Self {
        match e.downcast::<StoreError>() {
            Ok(e) => e.into(),
            Err(e) => {
                tracing::error!("console: {e:#}");
                Self::Failed
            }
        }
    }
}

impl From<StoreError> for Stop {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::NoCase(_) => Self::NotFound,
            StoreError::Desk(e) => Self::Bad(case_form::words(&e)),
            StoreError::Busy { .. } => Self::Busy,
            e => {
                tracing::error!("console: {:#}", anyhow::Error::new(e));
                Self::Failed
            }
        }
    }
}

impl From<DeskFailure> for Stop {
    fn from(e: DeskFailure) -> Self {
        match e {
            DeskFailure::NoCase(_) | DeskFailure::NoStory(_) => Self::NotFound,
            DeskFailure::Conflict { expected, found, .. } => {
                Self::Conflict(format!("Phiên bản {expected} đã cũ; hiện tại là {found}. Hãy đọc lại vụ việc."))
            }
            DeskFailure::Refused(e) => Self::Bad(case_form::words(&e)),
            DeskFailure::Input(e) => {
                tracing::info!("console: {e}");
                Self::Bad("Nội dung ghi chưa dùng được; hãy xem lại các ô.".to_owned())
            }
            DeskFailure::Failed(e) => e.into(),
        }
    }
}

/// Gives stops their body: JSON under /api, a page elsewhere.
pub(crate) async fn explain(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let asked = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let is_get = request.method() == axum::http::Method::GET;
    let mut response = next.run(request).await;
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        // What the framework refuses by itself: a field that is missing or of another kind.
        None if response.status().is_client_error() && is_plain(&response) => {
            Stop::Bad("Biểu mẫu thiếu thông tin hoặc có ô ghi sai.".to_owned()).problem()
        }
        None => return response,
    };
    let actor = response.extensions_mut().remove::<Actor>();
    let status = StatusCode::from_u16(problem.status).unwrap_or(response.status());
    let mut explained = if path.starts_with("/api/") {
        let body =
            json!({"type": "about:blank", "status": problem.status, "title": problem.title, "detail": problem.detail});
        let mut json = (status, Json(body)).into_response();
        json.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            json.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        json
    } else if status == StatusCode::UNAUTHORIZED {
        let next = if is_get { asked } else { "/".to_owned() };
        let query: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        Redirect::to(&format!("/login?next={query}")).into_response()
    } else {
        (status, html::problem(actor.as_ref(), problem.title, &problem.detail)).into_response()
    };
    for (name, value) in response.headers() {
        if [header::RETRY_AFTER, header::SET_COOKIE, header::ALLOW].contains(name) {
            explained.headers_mut().append(name, value.clone());
        }
    }
    explained
}

fn is_plain(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|v| v.as_bytes().starts_with(b"text/plain"))
}
